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
        /// The address is not verified yet; a new mail is on its way.
        EMAIL_UNVERIFIED = "email_unverified";
        /// An account with this address exists.
        EMAIL_TAKEN = "email_taken";
        /// The link of a mail ended, was used, or never was.
        LINK_ENDED = "link_ended";
        /// The current password is wrong.
        WRONG_PASSWORD = "wrong_password";
        /// A password that many people use, or a pattern that is tried first.
        PASSWORD_COMMON = "password_common";
        /// A password made of the person's own name, address or business.
        PASSWORD_PERSONAL = "password_personal";
        /// There is an admin already.
        FIRST_ADMIN_EXISTS = "first_admin_exists";
        /// The person is a member already.
        ALREADY_MEMBER = "already_member";
        /// The last owner can't leave or become something else.
        LAST_OWNER = "last_owner";
        /// Only owners make, change and remove owners.
        OWNERS_ONLY = "owners_only";
        /// The invitation was sent to another address than that of the person who is logged in.
        INVITATION_OTHER_ADDRESS = "invitation_other_address";
        /// The account exists: log in to accept.
        INVITATION_LOG_IN = "invitation_log_in";
        /// The operator's staff can't be members of a merchant's team.
        STAFF_IS_SEPARATE = "staff_is_separate";
        /// Nobody can do this to their own account.
        NOT_YOURSELF = "not_yourself";
        /// Not a country.
        BAD_COUNTRY = "bad_country";
        /// No country with this code has IBANs.
        IBAN_COUNTRY = "iban_country";
        /// An IBAN of this country has `length` characters.
        IBAN_LENGTH = "iban_length";
        /// The IBAN's check digits don't fit: a typing mistake.
        BAD_IBAN = "bad_iban";
        /// Not an account number of this country.
        BAD_ACCOUNT_NUMBER = "bad_account_number";
        /// Not a bank code (routing number, sort code, clearing number) of this country.
        BAD_BANK_CODE = "bad_bank_code";
        /// Not a tax or VAT number of this country.
        BAD_TAX_NUMBER = "bad_tax_number";
        /// Not a register number.
        BAD_COMPANY_NUMBER = "bad_company_number";
        /// Not a postal code.
        BAD_POSTAL_CODE = "bad_postal_code";
        /// Owners are at least 18 years old.
        TOO_YOUNG = "too_young";
        /// A date that lies too far back or ahead.
        DATE_UNLIKELY = "date_unlikely";
        /// Shares add up to more than 100 percent.
        SHARES_OVER = "shares_over";
        /// At least one owner.
        OWNER_REQUIRED = "owner_required";
        /// More owners than `max`.
        TOO_MANY_OWNERS = "too_many_owners";
        /// Not a colour like #1a2b3c.
        BAD_COLOR = "bad_color";
        /// Not an origin like https://shop.example.
        BAD_ORIGIN = "bad_origin";
        /// Not a time zone.
        BAD_TIMEZONE = "bad_timezone";
        /// Letters, digits and a few signs, 5 to 22.
        BAD_STATEMENT_NAME = "bad_statement_name";
        /// More origins than `max`.
        TOO_MANY_ORIGINS = "too_many_origins";
        /// This document is missing.
        DOCUMENT_REQUIRED = "document_required";
        /// The file is empty.
        FILE_EMPTY = "file_empty";
        /// The file is larger than `max` (with its unit).
        FILE_TOO_LARGE = "file_too_large";
        /// The content is not one of the accepted kinds, whatever the name says.
        FILE_TYPE = "file_type";
        /// More files than `max`.
        TOO_MANY_FILES = "too_many_files";
        /// The application can't be changed now: it is being reviewed or was approved.
        NOT_EDITABLE = "not_editable";
        /// Something is still missing in the application.
        INCOMPLETE = "incomplete";
        /// The application's state does not allow this.
        NOT_DECIDABLE = "not_decidable";
        /// The merchant is suspended: reinstate it first.
        MERCHANT_SUSPENDED = "merchant_suspended";
        /// The merchant's state does not allow this.
        MERCHANT_STATE = "merchant_state";
    }
}

/// Codes about gateways, checkout, payments and refunds; sentences in `app/locales/*/problem_money.json`.
pub mod money {
    codes! {
        /// More than what remains to be refunded.
        REFUND_TOO_MUCH = "refund_too_much";
        /// So much would be left to refund, were the rest not disputed: `left` is what can be refunded, `disputed` what was taken.
        REFUND_DISPUTED = "refund_disputed";
        /// What remains has changed since the form was opened.
        REFUND_REMAINING_CHANGED = "refund_remaining_changed";
        /// The payment has no money to give back, or its outcome is unknown.
        NOT_REFUNDABLE = "not_refundable";
        /// The saved method can't pay this: no connection that is ready knows it.
        SAVED_METHOD_UNUSABLE = "saved_method_unusable";
        /// More than what was authorised; `authorized` is that.
        CAPTURE_TOO_MUCH = "capture_too_much";
        /// The payment has no authorisation that can be captured now.
        NOT_CAPTURABLE = "not_capturable";
        /// The payment has no authorisation that can be released now.
        NOT_VOIDABLE = "not_voidable";
        /// Another capture or release of this payment is under way, or its outcome is unknown.
        CAPTURE_UNDER_WAY = "capture_under_way";
        /// The outcome is known by now: nothing is left to decide.
        REVIEW_SETTLED = "review_settled";
        /// The entry was decided already, or can't pay this: it went out, has another currency, or the transfer is paid.
        ENTRY_NOT_PAYABLE = "entry_not_payable";
        /// The amount was not typed as it stands in the statement.
        AMOUNT_NOT_REPEATED = "amount_not_repeated";
        /// The gateway was asked just now.
        REVIEW_ASKED = "review_asked";
        /// The job or mail does not wait for the operator any more.
        NOT_ASIDE = "not_aside";
        /// The sandbox takes its published test numbers only.
        SANDBOX_TEST_CARDS_ONLY = "sandbox_test_cards_only";
        /// Not a card number.
        BAD_CARD_NUMBER = "bad_card_number";
        /// Not a month and year.
        BAD_CARD_EXPIRY = "bad_card_expiry";
        /// The card has expired.
        CARD_EXPIRY_PAST = "card_expiry_past";
        /// Not a security code of three or four digits.
        BAD_CARD_CODE = "bad_card_code";
        /// The address's origin is not on the merchant's list.
        RETURN_ORIGIN_NOT_ALLOWED = "return_origin_not_allowed";
        /// The gateway can't be connected in this mode.
        PROVIDER_NOT_IN_MODE = "provider_not_in_mode";
        /// Not a key of the kind that is asked for.
        BAD_KEY = "bad_key";
        /// A key of the other mode.
        KEY_OF_OTHER_MODE = "key_of_other_mode";
        /// The connection's state does not allow this.
        CONNECTION_STATE = "connection_state";
        /// Not a date with a time of day.
        BAD_MOMENT = "bad_moment";
        /// The end does not come after the start.
        END_BEFORE_START = "end_before_start";
        /// The end is over already.
        END_IN_THE_PAST = "end_in_the_past";
        /// Longer than `days` days.
        WINDOW_TOO_LONG = "window_too_long";
        /// The gateway takes no payments in `currency`.
        CURRENCY_NOT_TAKEN = "currency_not_taken";
        /// Too many connections; `max` of them.
        TOO_MANY_CONNECTIONS = "too_many_connections";
        /// The least amount is above the greatest.
        MIN_ABOVE_MAX = "min_above_max";
        /// Stock below what is sold already; `sold` pieces.
        STOCK_BELOW_SOLD = "stock_below_sold";
        /// The link can't be used any more.
        LINK_INACTIVE = "link_inactive";
        /// Fewer pieces are left; `left` pieces.
        SOLD_OUT = "sold_out";
        /// The session's state does not allow this.
        SESSION_STATE = "session_state";
        /// Too many lines; `max` lines.
        TOO_MANY_LINES = "too_many_lines";
        /// The same key twice.
        DUPLICATE_KEY = "duplicate_key";
        /// More rules than `max`.
        TOO_MANY_RULES = "too_many_rules";
        /// More conditions than `max`.
        TOO_MANY_CONDITIONS = "too_many_conditions";
        /// Shares of a split are 100 percent together.
        SHARES_NOT_WHOLE = "shares_not_whole";
        /// A rule of the merchant's refuses this payment.
        PAYMENT_BLOCKED = "payment_blocked";
        /// The gateway's own fields were left empty, or belong to a connection that is not asked any more.
        GATEWAY_FIELDS_EMPTY = "gateway_fields_empty";
        /// Nothing can be charged now.
        CHECKOUT_UNAVAILABLE = "checkout_unavailable";
        /// Calls to the gateway are paused, because it does not answer or has too many already.
        GATEWAY_PAUSED = "gateway_paused";
    }
}

/// Every code that a person can meet.
pub fn all_codes() -> impl Iterator<Item = &'static str> {
    codes::ALL.iter().chain(accounts::ALL).chain(money::ALL).copied()
}
