//! Pages of those who are not logged in yet: plain forms that work without script. Passwords are never filled in again.

mod check_mail;
mod first_admin;
mod invitation;
mod link_ended;
mod login;
mod nowhere;
mod reset;
mod signup;
mod verify;

pub use check_mail::{Sent, check_mail};
pub use first_admin::first_admin;
pub use invitation::{InvitationView, Visitor, invitation};
pub use link_ended::{EndedLink, link_ended};
pub use login::{LoginView, Notice, login};
pub use nowhere::nowhere;
pub use reset::{ask_reset, new_password};
pub use signup::signup;
pub use verify::verify;

use super::form::{Field, FormCx, password_field};
use super::{HostedPage, brand, footer, page};
use crate::components::icon::icon;
use crate::i18n::{k, t};
use crate::request::RequestInfo;
use leptos::prelude::*;

/// What was typed, without the password.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Typed {
    /// The person's name.
    pub name: String,
    /// Their address.
    pub email: String,
    /// The business's name.
    pub business_name: String,
}

/// The document of one card in the middle. `path` is the page's own address; `body` makes the card's content, `below` a line
/// under it.
fn card(
    info: &RequestInfo,
    title: &str,
    error: bool,
    path: &str,
    body: impl FnOnce() -> AnyView,
    below: impl FnOnce() -> AnyView,
) -> String {
    let heading = title.to_owned();
    let for_footer = info.clone();
    page(HostedPage { error, ..HostedPage::new(title, info) }, || {
        view! {
            <main class="auth" id="main">
                {brand()}
                <div class="auth-card">
                    <h1>{heading}</h1>
                    {body()}
                </div>
                {below()}
            </main>
            {footer(&for_footer, path)}
        }
    })
}

/// Nothing below the card.
fn nothing() -> AnyView {
    ().into_any()
}

/// A line with a link below the card.
fn alternative(text: &'static str, href: String, link: &'static str) -> AnyView {
    view! { <p class="auth-alt">{text} " " <a href=href>{link}</a></p> }.into_any()
}

/// A message at the head of a card.
fn banner(class: &'static str, mark: &'static str, text: String) -> AnyView {
    view! { <div class=class role="status">{icon(mark)}<p>{text}</p></div> }.into_any()
}

/// The person's name.
fn name_field(cx: &FormCx, value: &str) -> AnyView {
    Field::new("name", t(crate::i18n::use_locale(), k::AUTH_NAME)).value(value).autocomplete("name").view(cx)
}

/// An address to log in with.
fn login_email(cx: &FormCx, value: &str) -> AnyView {
    let label = t(crate::i18n::use_locale(), k::AUTH_EMAIL);
    Field::new("email", label).value(value).kind("email").inputmode("email").autocomplete("username").view(cx)
}

/// A new password with what makes a good one.
fn new_password_field(cx: &FormCx, label: crate::i18n::Key) -> AnyView {
    let locale = crate::i18n::use_locale();
    password_field(cx, "password", t(locale, label), Some(t(locale, k::AUTH_PASSWORD_HELP)), "new-password")
}
