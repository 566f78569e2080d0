//! Log in.

use super::{Typed, alternative, banner, card, login_email};
use crate::hosted::form::{FormCx, error_summary, hidden, password_field, submit_button};
use crate::i18n::{k, t};
use crate::request::RequestInfo;
use domain::{Problem, problem::accounts};
use leptos::prelude::*;

/// Why the page is shown, when it is not by choice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notice {
    /// Somebody asked for a page behind the login.
    Next,
    /// Somebody logged out.
    LoggedOut,
}

/// The page's state.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LoginView {
    /// What was typed.
    pub typed: Typed,
    /// Where to go after: a path of ours.
    pub next: Option<String>,
    /// Why the page is shown.
    pub notice: Option<Notice>,
    /// What is wrong.
    pub problem: Option<Problem>,
}

/// The page.
#[must_use]
pub fn login(info: &RequestInfo, view: LoginView) -> String {
    let locale = info.locale;
    let path = with_next("/login", view.next.as_deref());
    let signup = with_next("/signup", view.next.as_deref());
    let error = view.problem.is_some();
    let unverified = view.problem.as_ref().is_some_and(|p| p.code == accounts::EMAIL_UNVERIFIED);
    let body = move || {
        let cx = FormCx::hosted(view.problem);
        let notice = view.notice.filter(|_| !error).map(|notice| match notice {
            Notice::Next => banner("banner banner-info", "info", t(locale, k::AUTH_LOGIN_NEXT).to_owned()),
            Notice::LoggedOut => {
                banner("banner banner-success", "check-circle", t(locale, k::AUTH_LOGIN_LOGGED_OUT).to_owned())
            }
        });
        let label = t(locale, k::AUTH_PASSWORD);
        view! {
            {notice}
            <form class="form" method="post" action="/login" novalidate>
                {error_summary(&cx)}
                {unverified.then(|| view! { <p class="muted">{t(locale, k::AUTH_LOGIN_UNVERIFIED_HELP)}</p> })}
                {login_email(&cx, &view.typed.email)}
                {password_field(&cx, "password", label, None, "current-password")}
                {view.next.map(|next| hidden("next", next))}
                {submit_button(t(locale, k::AUTH_LOGIN_SUBMIT))}
            </form>
            <p><a href="/reset">{t(locale, k::AUTH_LOGIN_FORGOT)}</a></p>
        }
        .into_any()
    };
    card(info, t(locale, k::AUTH_LOGIN_TITLE), error, &path, body, || {
        alternative(t(locale, k::AUTH_LOGIN_NEW), signup, t(locale, k::AUTH_LOGIN_NEW_LINK))
    })
}

/// A path with the page to go to after.
pub(super) fn with_next(path: &str, next: Option<&str>) -> String {
    match next {
        Some(next) => format!("{path}?next={}", percent(next)),
        None => path.to_owned(),
    }
}

/// Percent-encodes what has a meaning in a query.
fn percent(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}
