//! What is acceptable in a field, for forms, the API and the browser alike.
//!
//! Each function takes text as typed and gives what to keep, or the code of what is wrong. Whole forms give a list of
//! [`FieldProblem`](crate::FieldProblem)s in the form's order. Nothing here panics, whatever the text.

pub mod account;
pub mod application;
pub mod bank;
pub mod brand;
pub mod country;
pub mod date;
pub mod email;
pub mod file;
pub mod iban;
pub mod number;
pub mod password;
pub mod phone;
pub mod settings;
pub mod tax;
pub mod text;
pub mod timezone;
pub mod url;

mod common_passwords;

use crate::FieldProblem;

/// Businesses that an application may name; the catalogue has `category.<name>`.
pub const CATEGORIES: &[&str] = &[
    "accommodation",
    "art_and_crafts",
    "beauty_and_wellness",
    "books_and_media",
    "charity",
    "clothing",
    "construction",
    "consulting",
    "digital_goods",
    "education",
    "electronics",
    "events_and_tickets",
    "fitness_and_sports",
    "food_and_drink",
    "furniture_and_home",
    "games",
    "garden",
    "groceries",
    "health",
    "jewellery",
    "legal_and_accounting",
    "marketing",
    "membership",
    "pets",
    "photography",
    "real_estate",
    "restaurants",
    "software",
    "telecom",
    "toys",
    "transport",
    "travel",
    "vehicles",
    "other",
];

/// Legal forms that an application may name; the catalogue has `legal_form.<name>`.
pub const LEGAL_FORMS: &[&str] = &["sole_trader", "company", "partnership", "nonprofit"];

/// Purposes of documents; the catalogue has `document.<name>`.
pub const DOCUMENT_PURPOSES: &[&str] = &["registration", "ownership", "bank", "identity", "other"];

/// Points of the reviewer's checklist; the catalogue has `check.<name>`.
pub const CHECKLIST: &[&str] = &["identity", "registration", "address", "bank", "website", "category", "sanctions"];

/// What is wrong with a text: a code and values for its sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrong {
    /// The code.
    pub code: &'static str,
    /// Values for the sentence.
    pub params: Vec<(String, String)>,
}

impl Wrong {
    /// A code without values.
    #[must_use]
    pub const fn new(code: &'static str) -> Self {
        Self { code, params: Vec::new() }
    }

    /// Adds a value.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        self.params.push((name.to_owned(), value.to_string()));
        self
    }

    /// As a field's problem.
    #[must_use]
    pub fn at(self, field: impl Into<String>) -> FieldProblem {
        FieldProblem { field: field.into(), code: self.code.to_owned(), params: self.params }
    }
}

/// Gathers the problems of a form in its order.
#[derive(Debug, Default)]
pub struct Problems(Vec<FieldProblem>);

impl Problems {
    /// None so far.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Keeps the value, or notes what is wrong and gives nothing.
    pub fn take<T>(&mut self, field: impl Into<String>, checked: Result<T, Wrong>) -> Option<T> {
        match checked {
            Ok(value) => Some(value),
            Err(wrong) => {
                self.0.push(wrong.at(field));
                None
            }
        }
    }

    /// Notes a problem.
    pub fn add(&mut self, field: impl Into<String>, code: &'static str) {
        self.0.push(FieldProblem::new(field, code));
    }

    /// Whether nothing is wrong.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The problems.
    #[must_use]
    pub fn into_vec(self) -> Vec<FieldProblem> {
        self.0
    }
}
