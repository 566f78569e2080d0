//! Forms of hosted pages. The fields are those of the portal ([`crate::components::form`]) with plain names; a posted form that
//! has problems is rendered again with the values as typed, status 422 and `HostedPage { error: true, .. }`.
//!
//! ```ignore
//! let cx = FormCx::hosted(problem);                       // inside the closure given to hosted::page
//! view! {
//!     <form class="form" method="post">
//!         {error_summary(&cx)}
//!         {email_field(&cx, "email", t(l, k::LOGIN_EMAIL), &typed.email)}
//!         {Field::new("name", t(l, k::SIGNUP_NAME)).value(&typed.name).autocomplete("name").view(&cx)}
//!         {submit_button(t(l, k::LOGIN_SUBMIT))}
//!     </form>
//! }
//! ```

pub use crate::components::form::{Choice, Field, FormCx, currency_choices, hidden};
use leptos::prelude::*;

/// What is wrong, with links to the fields; takes the focus.
pub fn error_summary(cx: &FormCx) -> AnyView {
    cx.summary()
}

/// One line of text.
pub fn text_field(cx: &FormCx, name: &str, label: &str, value: &str) -> AnyView {
    Field::new(name, label).value(value).view(cx)
}

/// An e-mail address.
pub fn email_field(cx: &FormCx, name: &str, label: &str, value: &str) -> AnyView {
    Field::new(name, label).value(value).kind("email").inputmode("email").autocomplete("email").view(cx)
}

/// A password: `token` is `current-password` or `new-password`. It is never filled in again.
pub fn password_field(cx: &FormCx, name: &str, label: &str, help: Option<&str>, token: &'static str) -> AnyView {
    let field = Field::new(name, label).kind("password").autocomplete(token);
    match help {
        Some(help) => field.help(help).view(cx),
        None => field.view(cx),
    }
}

/// Several lines of text.
pub fn area_field(cx: &FormCx, name: &str, label: &str, value: &str, rows: u32) -> AnyView {
    Field::new(name, label).value(value).area(cx, rows)
}

/// A choice of several.
pub fn select_field(cx: &FormCx, name: &str, label: &str, value: &str, choices: Vec<Choice>) -> AnyView {
    Field::new(name, label).value(value).select(cx, choices)
}

/// The button that sends the form, as wide as the form.
pub fn submit_button(label: impl Into<String>) -> AnyView {
    view! { <button type="submit" class="btn btn-primary btn-lg btn-block">{label.into()}</button> }.into_any()
}
