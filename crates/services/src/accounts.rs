//! Accounts of people: sign-up, verification, login, passwords, preferences, the operator's first admin and staff.

mod change_password;
mod create_staff;
mod first_admin;
pub(crate) mod links;
mod log_in;
mod preferences;
mod request_reset;
mod reset_password;
mod sign_up;
mod sweep;
mod verify_email;
mod viewer;

pub use change_password::change_password;
pub use create_staff::create_staff;
pub use first_admin::{create_first_admin, first_admin_token, first_admin_token_is_valid};
pub use log_in::log_in;
pub use preferences::{set_last, set_locale, set_name};
pub use request_reset::request_reset;
pub use reset_password::{reset_password, reset_token_is_valid};
pub use sign_up::sign_up;
pub use sweep::delete_expired_tokens;
pub use verify_email::{resend_verification, verify_email};
pub use viewer::viewer;

use domain::Locale;

/// The sign-up form, as typed. Fields in problems are named alike.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SignUp {
    /// The person's name.
    pub name: String,
    /// Their address.
    pub email: String,
    /// Their password.
    pub password: String,
    /// The business's name.
    pub business_name: String,
    /// The language of the page, and so of the mails.
    pub locale: Locale,
}

/// A form that makes an account without a business, as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NewAccount {
    /// The person's name.
    pub name: String,
    /// Their address (for an invitation: ignored, the invited address counts).
    pub email: String,
    /// Their password.
    pub password: String,
    /// The language of the page.
    pub locale: Locale,
}
