//! A forgotten password: ask for the mail, then set a new one.

use super::{alternative, card, new_password_field};
use crate::hosted::form::{FormCx, email_field, error_summary, submit_button};
use crate::i18n::{k, t};
use crate::request::RequestInfo;
use domain::Problem;
use leptos::prelude::*;

/// Asks for the address.
#[must_use]
pub fn ask_reset(info: &RequestInfo, email: String, problem: Option<Problem>) -> String {
    let locale = info.locale;
    let error = problem.is_some();
    let body = move || {
        let cx = FormCx::hosted(problem);
        view! {
            <p class="muted">{t(locale, k::AUTH_RESET_INTRO)}</p>
            <form class="form" method="post" action="/reset" novalidate>
                {error_summary(&cx)}
                {email_field(&cx, "email", t(locale, k::AUTH_EMAIL), &email)}
                {submit_button(t(locale, k::AUTH_RESET_SUBMIT))}
            </form>
        }
        .into_any()
    };
    card(info, t(locale, k::AUTH_RESET_TITLE), error, "/reset", body, || {
        alternative(t(locale, k::AUTH_RESET_REMEMBERED), "/login".to_owned(), t(locale, k::AUTH_LOGIN_TITLE))
    })
}

/// Asks for the new password; the form goes back to the link's own address.
#[must_use]
pub fn new_password(info: &RequestInfo, path: &str, problem: Option<Problem>) -> String {
    let locale = info.locale;
    let error = problem.is_some();
    let action = path.to_owned();
    let body = move || {
        let cx = FormCx::hosted(problem);
        view! {
            <p class="muted">{t(locale, k::AUTH_RESET_NEW_INTRO)}</p>
            <form class="form" method="post" action=action novalidate>
                {error_summary(&cx)}
                {new_password_field(&cx, k::AUTH_NEW_PASSWORD)}
                {submit_button(t(locale, k::AUTH_RESET_NEW_SUBMIT))}
            </form>
        }
        .into_any()
    };
    card(info, t(locale, k::AUTH_RESET_TITLE), error, path, body, super::nothing)
}
