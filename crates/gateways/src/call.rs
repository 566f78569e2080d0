//! What is asked of a gateway.

use crate::Credentials;
use domain::{Locale, Money, Timestamp};
use secrecy::SecretString;
use std::fmt;

/// What every call carries.
#[derive(Debug, Clone)]
pub struct Call {
    /// The connection's id. The sandbox keeps its books by it.
    pub account: String,
    /// The connection's credentials, opened.
    pub credentials: Credentials,
    /// Our key for this operation: sent again, it never charges or refunds twice.
    pub idempotency_key: String,
    /// Now.
    pub now: Timestamp,
    /// Whether real money may move.
    pub livemode: bool,
}

/// A payment to take.
#[derive(Debug, Clone)]
pub struct ChargeRequest {
    /// How much.
    pub amount: Money,
    /// Capture at once, or authorise only.
    pub capture: bool,
    /// With what.
    pub method: MethodInput,
    /// What the payer may read on the statement or receipt.
    pub description: Option<String>,
    /// Where the gateway's or bank's page sends the customer back: an address of ours.
    pub return_url: String,
    /// Our name for the payment that people may read at the gateway.
    pub reference: String,
    /// The customer's address, for a gateway's own page.
    pub email: Option<String>,
    /// The customer's language, for a gateway's own page.
    pub locale: Locale,
    /// What [`Prepares::prepare`](crate::Prepares::prepare) named, where the gateway prepares.
    pub prepared: Option<String>,
    /// Keep the method at the gateway, to be charged again: the customer has agreed to it. Only where the gateway
    /// [`Saves`](crate::Saves); what it kept comes in [`ChargeReply::saved`](crate::ChargeReply::saved).
    pub keep: Option<Keep>,
    /// Who asks for this payment.
    pub initiator: Initiator,
}

/// Whose method is to be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keep {
    /// Our name for the customer (`cus_…`).
    pub customer: String,
    /// The gateway's name for the customer, when a method of theirs was kept through this connection before.
    pub gateway_customer: Option<String>,
}

/// Who asks for a payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Initiator {
    /// The customer, who is here: their bank may ask them to prove who they are.
    Customer,
    /// The merchant, with a [saved method](MethodInput::Saved) and in the customer's absence: where the bank wants the customer, the
    /// answer is [`AuthenticationRequired`](domain::decline::DeclineCode::AuthenticationRequired) and nothing waits.
    Merchant,
}

/// A method to keep without charging it.
#[derive(Debug, Clone)]
pub struct SetUpRequest {
    /// Which.
    pub method: MethodInput,
    /// Whose.
    pub keep: Keep,
    /// The customer's address, for the gateway's records of them and its own page.
    pub email: Option<String>,
    /// Where the gateway's or bank's page sends the customer back: an address of ours.
    pub return_url: String,
    /// The customer's language, for a gateway's own page.
    pub locale: Locale,
}

/// What a payment page shows fields for.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    /// A method of the provider's.
    pub method: &'a str,
    /// How much is to be paid.
    pub amount: Money,
    /// Capture at once, or authorise only.
    pub capture: bool,
    /// Whether real money may move.
    pub livemode: bool,
}

/// With what the customer pays. Card details exist for the sandbox's test numbers alone.
#[derive(Clone)]
pub enum MethodInput {
    /// Typed card fields.
    Card {
        /// Digits only.
        number: SecretString,
        /// 1 to 12.
        exp_month: u8,
        /// Four digits.
        exp_year: u16,
        /// Security code, digits only.
        cvc: SecretString,
    },
    /// A name that this gateway gave to a method: a token of its fields, an order, `pm_card_visa`.
    Token(String),
    /// A method that this gateway keeps.
    Saved(SavedMethod),
    /// Nothing yet: the customer gives it on the gateway's own page, to which the answer leads them.
    Page,
}

/// A method that a gateway keeps. Whoever has these names and the connection's credentials can charge it.
#[derive(Clone, PartialEq, Eq)]
pub struct SavedMethod {
    /// The gateway's name for it.
    pub token: String,
    /// The gateway's name for the customer whose it is, where the gateway keeps methods by customer.
    pub customer: Option<String>,
}

impl fmt::Debug for SavedMethod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SavedMethod(***)")
    }
}

impl fmt::Debug for MethodInput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Card { .. } => "Card(***)",
            Self::Token(_) => "Token(***)",
            Self::Saved(_) => "Saved(***)",
            Self::Page => "Page",
        })
    }
}

/// Money to give back.
#[derive(Debug, Clone)]
pub struct RefundRequest {
    /// The gateway's name for the charge.
    pub charge_ref: String,
    /// How much.
    pub amount: Money,
    /// `duplicate`, `fraudulent`, `requested_by_customer` or `other`.
    pub reason: String,
}

/// A span of time to list, by the gateway's own clock: from `from` up to but not including `to`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// First moment.
    pub from: Timestamp,
    /// End, not included.
    pub to: Timestamp,
}
