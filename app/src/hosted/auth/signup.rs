//! Sign up.

use super::{Typed, alternative, card, name_field, new_password_field};
use crate::hosted::form::{Field, FormCx, email_field, error_summary, submit_button};
use crate::i18n::{k, t};
use crate::request::RequestInfo;
use domain::Problem;
use leptos::prelude::*;

/// The page, empty or with what was typed and what is wrong with it.
#[must_use]
pub fn signup(info: &RequestInfo, typed: Typed, problem: Option<Problem>) -> String {
    let locale = info.locale;
    let error = problem.is_some();
    let body = move || {
        let cx = FormCx::hosted(problem);
        let business = Field::new("business_name", t(locale, k::AUTH_BUSINESS_NAME))
            .value(&typed.business_name)
            .help(t(locale, k::AUTH_BUSINESS_NAME_HELP))
            .autocomplete("organization");
        view! {
            <p class="muted">{t(locale, k::AUTH_SIGNUP_INTRO)}</p>
            <form class="form" method="post" action="/signup" novalidate>
                {error_summary(&cx)}
                {name_field(&cx, &typed.name)}
                {email_field(&cx, "email", t(locale, k::AUTH_EMAIL), &typed.email)}
                {new_password_field(&cx, k::AUTH_PASSWORD)}
                {business.view(&cx)}
                {submit_button(t(locale, k::AUTH_SIGNUP_SUBMIT))}
            </form>
        }
        .into_any()
    };
    card(info, t(locale, k::AUTH_SIGNUP_TITLE), error, "/signup", body, || {
        alternative(t(locale, k::AUTH_SIGNUP_HAVE), "/login".to_owned(), t(locale, k::AUTH_SIGNUP_HAVE_LINK))
    })
}
