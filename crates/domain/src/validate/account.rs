//! Forms about people.

use super::{Problems, Wrong, email::Email, password, text};
use crate::FieldProblem;

/// Longest name of a person.
pub const MAX_NAME: usize = 120;
/// Longest name of a business.
pub const MAX_BUSINESS: usize = 120;

/// A name of a person.
///
/// # Errors
/// What [`text::required`] refuses.
pub fn person_name(typed: &str) -> Result<String, Wrong> {
    text::required(typed, MAX_NAME)
}

/// A sign-up that may go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckedSignUp {
    /// The person's name.
    pub name: String,
    /// Their address.
    pub email: Email,
    /// The business's name.
    pub business_name: String,
}

/// Checks the sign-up form: fields `name`, `email`, `password`, `business_name`.
///
/// # Errors
/// The fields that can't be accepted.
pub fn sign_up(
    name: &str,
    email: &str,
    password: &str,
    business_name: &str,
) -> Result<CheckedSignUp, Vec<FieldProblem>> {
    let mut problems = Problems::new();
    let kept = problems.take("name", person_name(name));
    let address = problems.take("email", super::email::required(email));
    problems.take("password", password::check(password, &[name, email, business_name]));
    let business = problems.take("business_name", text::required(business_name, MAX_BUSINESS));
    match (kept, address, business) {
        (Some(name), Some(email), Some(business_name)) if problems.is_empty() => {
            Ok(CheckedSignUp { name, email, business_name })
        }
        _ => Err(problems.into_vec()),
    }
}

/// Checks a form that makes an account without a business: fields `name`, `email`, `password`.
///
/// # Errors
/// The fields that can't be accepted.
pub fn new_account(name: &str, email: &str, password: &str) -> Result<(String, Email), Vec<FieldProblem>> {
    let mut problems = Problems::new();
    let kept = problems.take("name", person_name(name));
    let address = problems.take("email", super::email::required(email));
    problems.take("password", password::check(password, &[name, email]));
    match (kept, address) {
        (Some(name), Some(email)) if problems.is_empty() => Ok((name, email)),
        _ => Err(problems.into_vec()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn problems_come_in_the_forms_order() {
        let fields: Vec<String> =
            sign_up("", "x", "short", "\u{202e}").unwrap_err().into_iter().map(|p| p.field).collect();
        assert_eq!(fields, ["name", "email", "password", "business_name"]);
        assert!(sign_up("Ann Berg", "ann@shop.example", "plum-otter-93-quay", "Blue Shop").is_ok());
    }

    proptest! {
        #[test]
        fn never_panics(a in "\\PC{0,30}", b in "\\PC{0,30}", c in "\\PC{0,30}") {
            let _ = (sign_up(&a, &b, &c, &a), new_account(&b, &c, &a));
        }
    }
}
