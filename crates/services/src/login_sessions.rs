//! Login sessions, for the door's session store and the page "my sessions". Ids arrive hashed.

mod manage;
mod persist;

pub use manage::{list, revoke, revoke_others};
pub use persist::{create, delete, delete_expired, load, save};

use domain::{Timestamp, UserId};

/// What the door's session store writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedSession {
    /// SHA-256 of the cookie's id, in hexadecimal.
    pub id_hash: String,
    /// Who is logged in; nobody before the login.
    pub user_id: Option<UserId>,
    /// The door's own data, opaque here.
    pub data: String,
    /// Address of the client.
    pub ip: Option<String>,
    /// The browser's own description.
    pub user_agent: Option<String>,
    /// When it ends.
    pub expires_at: Timestamp,
}

/// What the door's session store reads back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredSession {
    /// A name for the session that may be shown.
    pub handle: String,
    /// Who is logged in.
    pub user_id: Option<UserId>,
    /// The door's own data.
    pub data: String,
    /// When it ends.
    pub expires_at: Timestamp,
}
