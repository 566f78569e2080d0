//! Random tokens of mailed links: stored as SHA-256, taken once, ending.

use domain::time::{DAY, HOUR};
use sha2::{Digest, Sha256};

/// What a token is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Verify an address.
    Verify,
    /// Set a new password.
    Reset,
    /// Make the first admin.
    FirstAdmin,
}

impl Purpose {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Verify => "verify",
            Self::Reset => "reset",
            Self::FirstAdmin => "first_admin",
        }
    }

    /// Milliseconds that it lasts.
    pub(crate) const fn lasts(self) -> i64 {
        match self {
            Self::Verify => 7 * DAY,
            Self::Reset => HOUR,
            Self::FirstAdmin => DAY,
        }
    }
}

/// Milliseconds that an invitation lasts.
pub(crate) const INVITATION_LASTS: i64 = 7 * DAY;

/// What is stored of a token.
pub(crate) fn hash(token: &str) -> String {
    hex::encode(Sha256::digest(token.as_bytes()))
}
