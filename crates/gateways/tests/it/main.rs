//! The gateways' tests, in one binary.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod bank_transfer;
mod book;
mod cards;
mod charges;
mod paypal;
mod refunds;
mod square;
mod stripe;

use domain::{Currency, Money, Timestamp};
use gateways::sandbox::{Delays, Sandbox};
use gateways::{Call, ChargeRequest, Credentials, MethodInput};
use std::sync::Arc;

/// 2026-11-22.
pub const NOW: Timestamp = Timestamp(1_795_305_600_000);

pub fn sandbox() -> (Sandbox, Arc<book::MemoryBook>) {
    let book = Arc::new(book::MemoryBook::default());
    (Sandbox::new(book.clone()).with_delays(Delays::NONE), book)
}

pub fn call(key: &str) -> Call {
    Call {
        account: "gwc_1".into(),
        credentials: Credentials::default(),
        idempotency_key: key.into(),
        now: NOW,
        livemode: false,
    }
}

pub fn later(key: &str, millis: i64) -> Call {
    Call { now: NOW.plus(millis), ..call(key) }
}

pub fn eur(minor: i64) -> Money {
    Money::new(minor, Currency::EUR)
}

/// What a page asks fields for.
pub fn wanted(method: &str, amount: Money) -> gateways::Wanted<'_> {
    gateways::Wanted { method, amount, capture: true, livemode: false }
}

/// The charge of refunds that are asked about.
pub const CHARGE: &str = "ch_1";

pub fn with(method: MethodInput, amount: Money) -> ChargeRequest {
    ChargeRequest {
        amount,
        capture: true,
        method,
        description: None,
        return_url: "https://pay.example/c/x".into(),
        reference: "pi_1".into(),
        email: None,
        locale: domain::Locale::En,
        prepared: None,
        keep: None,
        initiator: gateways::Initiator::Customer,
    }
}

pub fn token(name: &str) -> MethodInput {
    MethodInput::Token(format!("pm_card_{name}"))
}

pub fn card(number: &str) -> MethodInput {
    let cvc = if number.starts_with("37") { "1234" } else { "123" };
    MethodInput::Card { number: number.into(), exp_month: 12, exp_year: 2034, cvc: cvc.into() }
}
