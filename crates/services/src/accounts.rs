//! Accounts of people: sign-up, verification, login, passwords, preferences, the operator's first admin and staff.

mod sign_up;
mod verify_email;
mod log_in;
mod request_reset;
mod reset_password;
mod change_password;
mod viewer;
mod preferences;
mod first_admin;
pub(crate) mod links;
mod create_staff;
mod sweep;

pub use sign_up::sign_up;
pub use verify_email::{verify_email, resend_verification};
pub use log_in::log_in;
pub use request_reset::request_reset;
pub use reset_password::{reset_password, reset_token_is_valid};
pub use change_password::change_password;
pub use viewer::viewer;
pub use preferences::{set_locale, set_name, set_last};
pub use first_admin::{first_admin_token, create_first_admin, first_admin_token_is_valid};
pub use create_staff::create_staff;
pub use sweep::delete_expired_tokens;

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
