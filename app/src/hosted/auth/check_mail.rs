//! "Look into your mail", the same whether or not there is an account.

use super::{alternative, card};
use crate::i18n::{k, t};
use crate::request::RequestInfo;
use leptos::prelude::*;

/// What the mail is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sent {
    /// A sign-up.
    SignUp,
    /// A forgotten password.
    Reset,
}

/// The page. `kept`: there is no mail server, so the operator reads the mail.
#[must_use]
pub fn check_mail(info: &RequestInfo, sent: Sent, kept: bool) -> String {
    let locale = info.locale;
    let (text, path) = match sent {
        Sent::SignUp => (k::AUTH_CHECK_MAIL_SIGNUP, "/check-mail?for=signup"),
        Sent::Reset => (k::AUTH_CHECK_MAIL_RESET, "/check-mail?for=reset"),
    };
    let body = move || {
        view! {
            <p>{t(locale, text)}</p>
            {kept.then(|| super::banner("banner banner-info", "info", t(locale, k::AUTH_CHECK_MAIL_KEPT).to_owned()))}
            <p class="muted">{t(locale, k::AUTH_CHECK_MAIL_WAIT)}</p>
        }
        .into_any()
    };
    card(info, t(locale, k::AUTH_CHECK_MAIL_TITLE), false, path, body, || {
        alternative("", "/login".to_owned(), t(locale, k::AUTH_CHECK_MAIL_BACK))
    })
}
