//! Somebody who is logged in and belongs to no team.

use super::card;
use crate::hosted::form::submit_button;
use crate::i18n::{k, t};
use crate::request::RequestInfo;
use leptos::prelude::*;

/// The page.
#[must_use]
pub fn nowhere(info: &RequestInfo) -> String {
    let locale = info.locale;
    let body = move || {
        view! {
            <p>{t(locale, k::AUTH_NOWHERE_BODY)}</p>
            <form class="form" method="post" action="/logout">{submit_button(t(locale, k::AUTH_LOG_OUT))}</form>
        }
        .into_any()
    };
    card(info, t(locale, k::AUTH_NOWHERE_TITLE), false, "/dashboard", body, super::nothing)
}
