//! What routing knows of a payment.

use domain::{Money, routing::Facts};
use gateways::CardFacts;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// Where a session falls in a split, 0 up to and not including 10,000: page, payment and replay fall alike.
pub(super) fn draw(session: &str) -> u32 {
    let hash = Sha256::digest(session.as_bytes());
    let [a, b, c, d, ..] = *hash.as_slice() else { return 0 };
    u32::from_be_bytes([a, b, c, d]) % 10_000
}

/// What is known of a payment. `metadata` is a JSON object of texts.
pub(super) fn of(
    session: &str,
    amount: Money,
    metadata: &str,
    country: Option<&str>,
    method: Option<&str>,
    card: Option<&CardFacts>,
    returning: Option<bool>,
) -> Facts {
    let pairs: BTreeMap<String, String> = serde_json::from_str(metadata).unwrap_or_default();
    Facts {
        amount,
        country: country.map(str::to_owned),
        method: method.map(str::to_owned),
        brand: card.map(|card| card.brand.clone()),
        issuer_country: card.and_then(|card| card.country.clone()),
        returning,
        metadata: pairs,
        draw: draw(session),
    }
}
