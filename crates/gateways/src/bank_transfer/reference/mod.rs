//! The reference that a customer copies into a transfer: twelve characters in three groups of four, `K7M2 9PQR XW34`.
//!
//! The alphabet has no 0 and O and no 1 and I, which people take for each other, and so has 32 characters. Ten of the twelve are
//! chance, two are check characters of a Reed-Solomon code over GF(32) (I. S. Reed and G. Solomon, "Polynomial Codes over Certain
//! Finite Fields", 1960), of distance three: any one or two wrong characters are noticed, and one wrong character among eleven
//! right ones still tells which reference was meant.

mod field;
mod find;
pub mod rf;

pub use find::{Found, Strength, find};

use field::{ALPHABET, symbol, syndromes};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// Characters of a reference.
pub const LENGTH: usize = 12;

/// Characters that are chance.
const DATA: usize = LENGTH - 2;

/// Bytes of chance that a reference needs: 50 bits of them are used.
pub const RANDOM_BYTES: usize = 7;

/// A payment reference with the right check characters, in capitals without spaces.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Reference([u8; LENGTH]);

/// Text that is not a reference, or one with a mistake.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a payment reference")]
pub struct ReferenceError;

impl Reference {
    /// Makes a reference of random bytes.
    #[must_use]
    pub fn from_random(bytes: [u8; RANDOM_BYTES]) -> Self {
        let bits = bytes.iter().fold(0u64, |bits, byte| (bits << 8) | u64::from(*byte));
        let mut symbols = [0u8; LENGTH];
        for (at, place) in symbols.iter_mut().take(DATA).enumerate() {
            *place = u8::try_from((bits >> (at * 5)) & 31).unwrap_or(0);
        }
        Self(field::with_check(symbols))
    }

    /// The twelve characters.
    #[must_use]
    pub fn plain(&self) -> String {
        self.0.iter().map(|s| char::from(ALPHABET[usize::from(*s)])).collect()
    }

    /// In groups of four, for people.
    #[must_use]
    pub fn grouped(&self) -> String {
        domain::validate::iban::grouped(&self.plain())
    }

    /// As a creditor reference of ISO 11649, for SEPA: `RF`, two check digits and the twelve characters.
    #[must_use]
    pub fn creditor_reference(&self) -> String {
        rf::with_check(&self.plain())
    }

    /// The reference in a creditor reference of ours.
    #[must_use]
    pub fn from_creditor_reference(text: &str) -> Option<Self> {
        rf::check(text)?.get(4..)?.parse().ok()
    }
}

impl FromStr for Reference {
    type Err = ReferenceError;

    /// Reads a reference as people type it: in any case, with spaces and hyphens anywhere. Its check characters must fit.
    fn from_str(text: &str) -> Result<Self, ReferenceError> {
        let mut symbols = [0u8; LENGTH];
        let mut count = 0;
        for byte in text.bytes().filter(|b| !b.is_ascii_whitespace() && *b != b'-') {
            *symbols.get_mut(count).ok_or(ReferenceError)? = symbol(byte).ok_or(ReferenceError)?;
            count += 1;
        }
        if count == LENGTH && syndromes(&symbols) == (0, 0) { Ok(Self(symbols)) } else { Err(ReferenceError) }
    }
}

impl TryFrom<String> for Reference {
    type Error = ReferenceError;
    fn try_from(text: String) -> Result<Self, ReferenceError> {
        text.parse()
    }
}

impl From<Reference> for String {
    fn from(reference: Reference) -> Self {
        reference.plain()
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.grouped())
    }
}
