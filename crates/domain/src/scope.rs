//! Test and live are two worlds.

use crate::MerchantId;
use serde::{Deserialize, Serialize};
use std::str::FromStr;

/// Test or live; `livemode` in the database and the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// No money moves.
    Test,
    /// Real money.
    Live,
}

impl Mode {
    /// `test` or `live`, as in paths.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Test => "test",
            Self::Live => "live",
        }
    }

    /// Whether this is live mode.
    #[must_use]
    pub const fn is_live(self) -> bool {
        matches!(self, Self::Live)
    }

    /// The mode of a `livemode` flag.
    #[must_use]
    pub const fn from_live(live: bool) -> Self {
        if live { Self::Live } else { Self::Test }
    }
}

impl FromStr for Mode {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        match text {
            "test" => Ok(Self::Test),
            "live" => Ok(Self::Live),
            _ => Err(()),
        }
    }
}

/// Whose rows and which world: every query about a merchant's things takes one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Scope {
    /// The merchant.
    pub merchant: MerchantId,
    /// Test or live.
    pub mode: Mode,
}
