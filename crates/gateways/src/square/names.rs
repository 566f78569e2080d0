//! Names: our key as Square takes it and gives it back, and the name of a payment link.
//!
//! A payment's note ends with `paydeck:<key>`, or with `paydeck-hold:<key>` when it was made to be captured later: Square's
//! status `APPROVED` alone does not tell an authorisation from a payment that is about to complete by itself. A refund's
//! reason ends in the same way.
//!
//! Where the card is to be kept, the key is followed by our customer's name: `paydeck:<key>+<customer>`. So every later answer
//! about the payment knows that its card was to be kept, and whose it is. Square's own name for the customer is not in it:
//! it may be learnt between two attempts, and what is sent under one key has to stay the same. The card that Square keeps
//! carries our key as its `reference_id`.

use crate::{Call, ChargeRequest, MethodInput};
use sha2::{Digest, Sha256};

/// The longest idempotency key of payments and refunds, in characters.
const KEY_MAX: usize = 45;
/// The longest `reference_id`.
const REFERENCE_MAX: usize = 40;
/// The longest name of a customer of ours: the longest `reference_id` of a customer.
const CUSTOMER_MAX: usize = 100;
/// The longest text of ours before the key in a note or a reason (a reason has 192 characters).
const TEXT_MAX: usize = 100;
/// The longest addition to a card statement.
const STATEMENT_MAX: usize = 20;
/// Stands before the key in a note or a reason.
const MARK: &str = "paydeck:";
/// The same for an authorisation.
const HOLD: &str = "paydeck-hold:";
/// Stands before a link's name.
const LINK: &str = "plink:";

/// The call's idempotency key with a suffix for its part of the operation. What is too long for Square becomes a digest of
/// itself, which is the same each time.
pub(super) fn key(our_key: &str, suffix: &str) -> String {
    let whole = format!("{our_key}{suffix}");
    if whole.is_ascii() && whole.len() <= KEY_MAX {
        return whole;
    }
    digest(&[&whole])
}

/// A key that is the same for the same texts.
pub(super) fn digest(texts: &[&str]) -> String {
    let digest = Sha256::digest(texts.join("\n").as_bytes());
    format!("pd-{}", hex::encode(&digest[..20]))
}

/// Our key as `reference_id`; none when it is too long for one.
pub(super) fn reference(our_key: &str) -> Option<&str> {
    Some(our_key).filter(|key| key.chars().count() <= REFERENCE_MAX)
}

/// The note of a payment.
pub(super) fn note(call: &Call, request: &ChargeRequest) -> String {
    let mark = if request.capture { MARK } else { HOLD };
    let text = format!("{} {mark}{}", cut(&request.reference, TEXT_MAX), call.idempotency_key);
    match request.keep.as_ref().map(|keep| &keep.customer) {
        // A card that Square keeps already is not kept once more.
        Some(_) if matches!(request.method, MethodInput::Saved(_)) => text,
        Some(customer) if is_id(&call.idempotency_key) && is_customer(customer) => format!("{text}+{customer}"),
        _ => text,
    }
}

/// The reason of a refund.
pub(super) fn reason(call: &Call, reason: &str) -> String {
    format!("{} {MARK}{}", cut(reason, TEXT_MAX), call.idempotency_key)
}

/// What a note or a reason says of its maker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mark {
    /// Our key.
    pub(super) key: String,
    /// Whether it was made to be captured later.
    pub(super) hold: bool,
    /// Our name for the customer whose card is to be kept.
    pub(super) keeps_for: Option<String>,
}

/// Reads a note or a reason; none when it is not ours.
pub(super) fn mark(text: Option<&str>) -> Option<Mark> {
    let last = text?.split_whitespace().next_back()?;
    let (key, hold) = last
        .strip_prefix(HOLD)
        .map(|key| (key, true))
        .or_else(|| last.strip_prefix(MARK).map(|key| (key, false)))
        .filter(|(key, _)| !key.is_empty())?;
    let kept = key.split_once('+').filter(|(key, customer)| is_id(key) && is_customer(customer));
    let (key, keeps_for) = kept.map_or((key, None), |(key, customer)| (key, Some(customer.to_owned())));
    Some(Mark { key: key.to_owned(), hold, keeps_for })
}

/// Whether a name of a customer of ours can be told to Square.
pub(super) fn is_customer(name: &str) -> bool {
    is_id(name) && name.len() <= CUSTOMER_MAX
}

/// Whether a text has the form of the names of cards that Square keeps: `ccof:…`.
pub(super) fn is_card(text: &str) -> bool {
    is_id(text.strip_prefix("ccof:").unwrap_or(text))
}

/// What of a description can stand on a card statement: plain letters, digits and spaces. None when nothing is left.
pub(super) fn statement(description: Option<&str>) -> Option<String> {
    let plain: String = description?.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { ' ' }).collect();
    let words: Vec<&str> = plain.split_whitespace().collect();
    let text = cut(&words.join(" "), STATEMENT_MAX).trim_end().to_owned();
    Some(text).filter(|text| !text.is_empty())
}

/// The name of a payment link and the order that it is paid by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct LinkName {
    /// The link's id.
    pub(super) link: String,
    /// Its order's id.
    pub(super) order: String,
}

impl std::fmt::Display for LinkName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{LINK}{}:{}", self.link, self.order)
    }
}

/// What a gateway's name of ours names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Named<'a> {
    /// A payment (or a refund) by its id.
    Id(&'a str),
    /// A payment link, `plink:<link>:<order>`.
    Link(LinkName),
}

/// Reads a gateway's name; none when Square can't have given it, so that it never gets into an address.
pub(super) fn named(gateway_ref: &str) -> Option<Named<'_>> {
    match gateway_ref.strip_prefix(LINK) {
        Some(rest) => {
            let (link, order) = rest.split_once(':')?;
            let both = is_id(link) && is_id(order);
            both.then(|| Named::Link(LinkName { link: link.to_owned(), order: order.to_owned() }))
        }
        None => is_id(gateway_ref).then_some(Named::Id(gateway_ref)),
    }
}

/// Whether a text has the form of Square's ids.
pub(super) fn is_id(text: &str) -> bool {
    (1..=192).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
}

/// The first characters of a text.
pub(super) fn cut(text: &str, most: usize) -> String {
    text.chars().take(most).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_fit_and_stay_apart() {
        assert_eq!(key("op_01jd", ""), "op_01jd");
        assert_eq!(key("op_01jd", "-update"), "op_01jd-update");
        let long = "k".repeat(45);
        assert_eq!(key(&long, ""), long);
        let (a, b) = (key(&long, "-update"), key(&long, "-cancel"));
        assert!(a.len() <= KEY_MAX && b.len() <= KEY_MAX && a != b);
        assert_eq!(a, key(&long, "-update"));
        assert!(key("schlüssel", "").is_ascii());
        assert_eq!(reference(&"k".repeat(40)), Some("k".repeat(40).as_str()));
        assert_eq!(reference(&"k".repeat(41)), None);
    }

    #[test]
    fn marks_read_back() {
        let of = |text: &str| mark(Some(text)).map(|mark| (mark.key, mark.hold));
        assert_eq!(of("pi_1 paydeck:op_1"), Some(("op_1".to_owned(), false)));
        assert_eq!(of("pi_1 paydeck-hold:op_1"), Some(("op_1".to_owned(), true)));
        for text in ["", "paydeck:", "two coffees", "paydeck:op_1 and more", "xpaydeck:op_1"] {
            assert_eq!(of(text), None, "{text}");
        }
        assert_eq!(mark(None), None);
    }

    #[test]
    fn marks_say_whose_card_is_to_be_kept() {
        let of = |text: &str| mark(Some(text)).map(|mark| (mark.key, mark.hold, mark.keeps_for));
        assert_eq!(of("pi_1 paydeck:op_1"), Some(("op_1".to_owned(), false, None)));
        assert_eq!(of("pi_1 paydeck:op_1+cus_1"), Some(("op_1".to_owned(), false, Some("cus_1".to_owned()))));
        assert_eq!(of("pi_1 paydeck-hold:op_1+cus_1"), Some(("op_1".to_owned(), true, Some("cus_1".to_owned()))));
        // What does not have that form is a key like any other.
        let long = format!("op_1+{}", "c".repeat(CUSTOMER_MAX + 1));
        for key in ["op_1+", "+cus_1", "op_1+cus_1+", "op_1+cus_1+a", "op_1+cus/1", &long] {
            assert_eq!(of(&format!("pi_1 paydeck:{key}")), Some((key.to_owned(), false, None)));
        }
    }

    #[test]
    fn cards_have_names_that_can_stand_in_an_address() {
        for text in ["ccof:uIbfJXhXETSP197M3GB", "ccof:CA4SEHsQ-_x", "icard-1"] {
            assert!(is_card(text), "{text}");
        }
        for text in ["", "ccof:", "ccof:a/b", "cnon:a", "a?b", "ccof:ccof:a", "../x"] {
            assert!(!is_card(text), "{text}");
        }
        assert_eq!(digest(&["a", "b"]), digest(&["a", "b"]));
        assert!(digest(&["a", "b"]) != digest(&["ab"]) && digest(&["a"]).len() <= KEY_MAX);
    }

    #[test]
    fn links_read_back_and_odd_names_do_not() {
        let name = LinkName { link: "PKVT6XGJ".to_owned(), order: "o4b7saqp4".to_owned() };
        assert_eq!(named(&name.to_string()), Some(Named::Link(name)));
        assert_eq!(named("R2B3Z8WMVt3EAmzYWLZvz7Y69EbZY"), Some(Named::Id("R2B3Z8WMVt3EAmzYWLZvz7Y69EbZY")));
        for text in
            ["", "a/b", "../v2", "a b", "a?b", "plink:", "plink:a", "plink:a:", "plink:a:b:c", "plink:a:b/c", "ä"]
        {
            assert_eq!(named(text), None, "{text}");
        }
    }

    #[test]
    fn statements_are_plain_and_short() {
        assert_eq!(statement(Some("Two coffees, to go & a long walk")).as_deref(), Some("Two coffees to go a"));
        assert_eq!(statement(Some("چای")), None);
        assert_eq!(statement(None), None);
    }
}
