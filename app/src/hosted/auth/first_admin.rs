//! The first admin, by the link that the server printed.

use super::{Typed, card, name_field, new_password_field};
use crate::hosted::form::{FormCx, email_field, error_summary, submit_button};
use crate::i18n::{k, t};
use crate::request::RequestInfo;
use domain::Problem;
use leptos::prelude::*;

/// The page; the form goes back to the link's own address.
#[must_use]
pub fn first_admin(info: &RequestInfo, path: &str, typed: Typed, problem: Option<Problem>) -> String {
    let locale = info.locale;
    let error = problem.is_some();
    let action = path.to_owned();
    let body = move || {
        let cx = FormCx::hosted(problem);
        view! {
            <p class="muted">{t(locale, k::AUTH_FIRST_ADMIN_INTRO)}</p>
            <form class="form" method="post" action=action novalidate>
                {error_summary(&cx)}
                {name_field(&cx, &typed.name)}
                {email_field(&cx, "email", t(locale, k::AUTH_EMAIL), &typed.email)}
                {new_password_field(&cx, k::AUTH_PASSWORD)}
                {submit_button(t(locale, k::AUTH_FIRST_ADMIN_SUBMIT))}
            </form>
        }
        .into_any()
    };
    card(info, t(locale, k::AUTH_FIRST_ADMIN_TITLE), error, path, body, super::nothing)
}
