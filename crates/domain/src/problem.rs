//! What can go wrong, in a form that every door can show.
//!
//! A problem carries codes, never prose: `app`'s catalogue has a sentence for each code under `problem.<code>`.

use serde::{Deserialize, Serialize};

/// The kind of a problem, from which doors take their status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProblemKind {
    /// Something typed is not acceptable (422).
    Invalid,
    /// Nobody is logged in (401).
    Unauthenticated,
    /// This person may not do this (403).
    Forbidden,
    /// There is no such thing, or it is not this person's (404).
    NotFound,
    /// The thing is in a state that does not allow this (409).
    Conflict,
    /// Too many tries (429).
    RateLimited,
    /// Busy or a part is down; trying again later is right (503).
    Unavailable,
    /// A fault of ours (500).
    Internal,
}

impl ProblemKind {
    /// The HTTP status.
    #[must_use]
    pub const fn status(self) -> u16 {
        match self {
            Self::Invalid => 422,
            Self::Unauthenticated => 401,
            Self::Forbidden => 403,
            Self::NotFound => 404,
            Self::Conflict => 409,
            Self::RateLimited => 429,
            Self::Unavailable => 503,
            Self::Internal => 500,
        }
    }
}

/// What is wrong with one field of a form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldProblem {
    /// The field's `name`.
    pub field: String,
    /// The code; the sentence is `problem.<code>` in the catalogue.
    pub code: String,
    /// Values for the sentence, for instance `("max", "120")`.
    #[serde(default)]
    pub params: Vec<(String, String)>,
}

impl FieldProblem {
    /// A problem of a field without values.
    #[must_use]
    pub fn new(field: impl Into<String>, code: &'static str) -> Self {
        Self { field: field.into(), code: code.to_owned(), params: Vec::new() }
    }

    /// Adds a value for the sentence.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        self.params.push((name.to_owned(), value.to_string()));
        self
    }
}

/// A failed command: what a service returns and every door shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// The kind.
    pub kind: ProblemKind,
    /// The code; the sentence is `problem.<code>` in the catalogue.
    pub code: String,
    /// Values for the sentence.
    #[serde(default)]
    pub params: Vec<(String, String)>,
    /// What is wrong with which field, in the order of the form.
    #[serde(default)]
    pub fields: Vec<FieldProblem>,
    /// The request's id, for support; doors fill it in.
    #[serde(default)]
    pub request_id: Option<String>,
    /// Seconds after which trying again is worth it, for [`ProblemKind::RateLimited`] and [`ProblemKind::Unavailable`].
    #[serde(default)]
    pub retry_after: Option<u32>,
}

impl Problem {
    /// A problem of a kind with a code.
    #[must_use]
    pub fn new(kind: ProblemKind, code: &'static str) -> Self {
        Self {
            kind,
            code: code.to_owned(),
            params: Vec::new(),
            fields: Vec::new(),
            request_id: None,
            retry_after: None,
        }
    }

    /// Fields that can't be accepted. The general sentence is `problem.form_invalid`.
    #[must_use]
    pub fn fields(fields: Vec<FieldProblem>) -> Self {
        Self { fields, ..Self::new(ProblemKind::Invalid, codes::FORM_INVALID) }
    }

    /// Adds a value for the sentence.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        self.params.push((name.to_owned(), value.to_string()));
        self
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.code)?;
        for field in &self.fields {
            write!(f, " {}={}", field.field, field.code)?;
        }
        Ok(())
    }
}

impl std::error::Error for Problem {}

/// Declares problem codes of one area: constants and the list that the catalogue test reads.
macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $code:literal;)*) => {
        $($(#[$doc])* pub const $name: &str = $code;)*
        /// Every code of this area.
        pub const ALL: &[&str] = &[$($code),*];
    };
}

/// Codes that every area shares. Each has a sentence `problem.<code>` in the catalogue.
pub mod codes {
    codes! {
        /// One or more fields need attention.
        FORM_INVALID = "form_invalid";
        /// A field must be filled in.
        REQUIRED = "required";
        /// Too long; `max` characters.
        TOO_LONG = "too_long";
        /// Too short; `min` characters.
        TOO_SHORT = "too_short";
        /// Contains characters that can't be shown safely (control characters, direction overrides).
        BAD_CHARACTERS = "bad_characters";
        /// Not an e-mail address.
        BAD_EMAIL = "bad_email";
        /// Not a web address that begins with https://.
        BAD_URL = "bad_url";
        /// Not a phone number.
        BAD_PHONE = "bad_phone";
        /// Not one of the choices.
        BAD_CHOICE = "bad_choice";
        /// Not a date.
        BAD_DATE = "bad_date";
        /// Not a whole number.
        BAD_NUMBER = "bad_number";
        /// Outside `min` to `max`.
        OUT_OF_RANGE = "out_of_range";
        /// Not an amount of money.
        BAD_AMOUNT = "bad_amount";
        /// More decimals than the currency has.
        TOO_MANY_DECIMALS = "too_many_decimals";
        /// Not a currency.
        BAD_CURRENCY = "bad_currency";
        /// Not found, or not yours.
        NOT_FOUND = "not_found";
        /// You may not do this.
        FORBIDDEN = "forbidden";
        /// Log in first.
        UNAUTHENTICATED = "unauthenticated";
        /// Somebody else changed it meanwhile.
        STALE = "stale";
        /// Too many tries; try again later.
        RATE_LIMITED = "rate_limited";
        /// Busy; try again.
        BUSY = "busy";
        /// A fault of ours.
        INTERNAL = "internal";
        /// The same key was used with another content.
        IDEMPOTENCY_MISMATCH = "idempotency_mismatch";
        /// The same request is being worked on.
        IDEMPOTENCY_IN_PROGRESS = "idempotency_in_progress";
        /// The page's request did not come from this site.
        CROSS_SITE = "cross_site";
    }
}

/// Codes about accounts, teams, applications and files. Owned by those areas; sentences in `app/locales/*/problem_accounts.json`.
pub mod accounts {
    codes! {
        /// The e-mail address or the password is wrong.
        BAD_LOGIN = "bad_login";
    }
}

/// Codes about gateways, checkout, payments and refunds; sentences in `app/locales/*/problem_money.json`.
pub mod money {
    codes! {
        /// More than what remains to be refunded.
        REFUND_TOO_MUCH = "refund_too_much";
    }
}

/// Every code that a person can meet.
pub fn all_codes() -> impl Iterator<Item = &'static str> {
    codes::ALL.iter().chain(accounts::ALL).chain(money::ALL).copied()
}
