//! A link of a mail that does not work any more, and what to do instead.

use super::card;
use crate::i18n::{Key, k, t};
use crate::request::RequestInfo;
use leptos::prelude::*;

/// Which link it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndedLink {
    /// To confirm an address.
    Verify,
    /// To set a new password.
    Reset,
    /// To join a team.
    Invitation,
    /// To make the first admin.
    FirstAdmin,
}

/// The page.
#[must_use]
pub fn link_ended(info: &RequestInfo, link: EndedLink) -> String {
    let locale = info.locale;
    let (text, href, action): (Key, &str, Key) = match link {
        EndedLink::Verify => (k::AUTH_LINK_ENDED_VERIFY, "/login", k::AUTH_LOGIN_TITLE),
        EndedLink::Reset => (k::AUTH_LINK_ENDED_RESET, "/reset", k::AUTH_LINK_ENDED_RESET_ACTION),
        EndedLink::Invitation => (k::AUTH_LINK_ENDED_INVITATION, "/login", k::AUTH_LOGIN_TITLE),
        EndedLink::FirstAdmin => (k::AUTH_LINK_ENDED_FIRST_ADMIN, "/login", k::AUTH_LOGIN_TITLE),
    };
    let body = move || {
        view! {
            <p>{t(locale, text)}</p>
            <a class="btn btn-primary btn-lg btn-block" href=href>{t(locale, action)}</a>
        }
        .into_any()
    };
    card(info, t(locale, k::AUTH_LINK_ENDED_TITLE), false, "/login", body, super::nothing)
}
