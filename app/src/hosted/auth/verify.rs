//! Confirm an address. A click, not the opening of the link, uses the token: mail servers open links to look at them.

use super::card;
use crate::hosted::form::{FormCx, error_summary, hidden, submit_button};
use crate::i18n::{k, t};
use crate::request::RequestInfo;
use domain::Problem;
use leptos::prelude::*;

/// The page with its one button; `token` as the mail's link has it.
#[must_use]
pub fn verify(info: &RequestInfo, token: String, path: &str, problem: Option<Problem>) -> String {
    let locale = info.locale;
    let error = problem.is_some();
    let body = move || {
        let cx = FormCx::hosted(problem);
        view! {
            <p class="muted">{t(locale, k::AUTH_VERIFY_INTRO)}</p>
            <form class="form" method="post" action="/verify">
                {error_summary(&cx)}
                {hidden("token", token)}
                {submit_button(t(locale, k::AUTH_VERIFY_SUBMIT))}
            </form>
        }
        .into_any()
    };
    card(info, t(locale, k::AUTH_VERIFY_TITLE), error, path, body, super::nothing)
}
