//! Public identifiers: prefixed text, `<prefix>_<26 characters>`.
//!
//! The 26 characters are a 48-bit millisecond time and 80 random bits in Crockford's base 32, lower case (the layout of
//! ULID), so that ids sort by the time at which they were made and neighbours lie together in an index. An id is never a
//! secret: whatever opens a door is a random token of its own.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// Text that is not an identifier of the expected kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a valid {expected} identifier")]
pub struct IdError {
    /// The prefix that was expected, without its underscore.
    pub expected: &'static str,
}

/// Writes 128 bits as 26 characters of Crockford's base 32.
#[must_use]
pub fn encode(millis: u64, random: [u8; 10]) -> String {
    let mut wide = [0u8; 16];
    wide[6..].copy_from_slice(&random);
    let bits = (u128::from(millis & 0xffff_ffff_ffff) << 80) | u128::from_be_bytes(wide);
    (0..26)
        .rev()
        .map(|digit| {
            let index = (bits >> (digit * 5)) & 31;
            char::from(ALPHABET[usize::try_from(index).unwrap_or(0)])
        })
        .collect()
}

fn is_body(text: &str) -> bool {
    text.len() == 26 && text.bytes().all(|b| ALPHABET.contains(&b))
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal;)*) => { $(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// The prefix, without its underscore.
            pub const PREFIX: &'static str = $prefix;

            /// Makes an id from a time (milliseconds since the Unix epoch) and 80 random bits.
            #[must_use]
            pub fn from_parts(millis: u64, random: [u8; 10]) -> Self {
                Self(format!("{}_{}", $prefix, encode(millis, random)))
            }

            /// The id as text.
            #[must_use]
            pub fn as_str(&self) -> &str { &self.0 }
        }

        impl FromStr for $name {
            type Err = IdError;
            fn from_str(text: &str) -> Result<Self, IdError> {
                match text.strip_prefix(concat!($prefix, "_")) {
                    Some(body) if is_body(body) => Ok(Self(text.to_owned())),
                    _ => Err(IdError { expected: $prefix }),
                }
            }
        }
        impl TryFrom<String> for $name {
            type Error = IdError;
            fn try_from(text: String) -> Result<Self, IdError> { text.parse() }
        }
        impl From<$name> for String { fn from(id: $name) -> String { id.0 } }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { f.write_str(&self.0) }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { f.write_str(&self.0) }
        }
        impl AsRef<str> for $name { fn as_ref(&self) -> &str { &self.0 } }
        impl NewId for $name {
            fn new_id(millis: u64, random: [u8; 10]) -> Self { Self::from_parts(millis, random) }
        }
    )* };
}

/// What every id type can do; lets services make one from their clock and entropy.
pub trait NewId {
    /// Makes an id from a time (milliseconds since the Unix epoch) and 80 random bits.
    fn new_id(millis: u64, random: [u8; 10]) -> Self;
}

ids! {
    /// A merchant.
    MerchantId = "acct";
    /// A person who logs in: a merchant's user or the operator's staff.
    UserId = "usr";
    /// A merchant's application for live mode.
    ApplicationId = "appl";
    /// A message or note on an application.
    MessageId = "msg";
    /// An invitation to join a merchant's team.
    InvitationId = "inv";
    /// A stored file.
    FileId = "file";
    /// A gateway connection.
    ConnectionId = "gwc";
    /// A checkout session.
    SessionId = "cs";
    /// A payment link.
    LinkId = "plink";
    /// A payment (intent).
    PaymentId = "pi";
    /// An attempt to pay a payment through one gateway; Stripe's vocabulary calls it a charge.
    AttemptId = "ch";
    /// One call to a gateway: authorize, capture, void or refund.
    OperationId = "op";
    /// A refund.
    RefundId = "re";
    /// A dispute.
    DisputeId = "dp";
    /// A journal of the ledger.
    JournalId = "txn";
    /// An event.
    EventId = "evt";
    /// A delivery of a gateway: an event of its own, a repeat, or one that was refused.
    DeliveryId = "gev";
    /// A job of the outbox.
    JobId = "job";
    /// A mail.
    MailId = "mail";
    /// A bank's statement that a merchant brought.
    StatementId = "bst";
    /// A booking of a bank's statement.
    BankEntryId = "bse";
    /// A customer.
    CustomerId = "cus";
    /// A payment method that gateways keep.
    PaymentMethodId = "pm";
    /// Maintenance that the operator plans for a provider.
    WindowId = "mwn";
    /// A time in which most calls to a connection failed.
    AlertId = "alr";
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn ids_read_back_and_sort_by_time(a in 0u64..1 << 48, b in 0u64..1 << 48, r in any::<[u8; 10]>(), s in any::<[u8; 10]>()) {
            let (x, y) = (PaymentId::from_parts(a, r), PaymentId::from_parts(b, s));
            prop_assert_eq!(x.as_str().parse::<PaymentId>().unwrap(), x.clone());
            if a != b {
                prop_assert_eq!(a < b, x < y);
            }
        }

        #[test]
        fn ids_of_another_kind_are_refused(a in 0u64..1 << 48, r in any::<[u8; 10]>()) {
            prop_assert!(RefundId::from_parts(a, r).as_str().parse::<PaymentId>().is_err());
        }
    }

    #[test]
    fn odd_text_is_refused() {
        for text in [
            "",
            "pi_",
            "pi",
            "pi_0000000000000000000000000",
            "pi_0000000000000000000000000U",
            "PI_00000000000000000000000000",
        ] {
            assert!(text.parse::<PaymentId>().is_err(), "{text}");
        }
    }
}
