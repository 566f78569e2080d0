//! tower-sessions' store on our own tables, through `services::login_sessions`.

use async_trait::async_trait;
use domain::{UserId, time::DAY};
use serde_json::Value;
use services::login_sessions::{self, SavedSession};
use services::{ServiceError, Services};
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use tower_sessions::session::{Id, Record};
use tower_sessions::session_store::{Error, Result};
use tower_sessions::{SessionStore, cookie::time::OffsetDateTime};

/// How long a session lasts after its last renewal.
pub const LIFETIME: i64 = 14 * DAY;

/// Keys of a session's data.
pub mod keys {
    /// Who is logged in.
    pub const USER: &str = "user";
    /// The address that logged in.
    pub const IP: &str = "ip";
    /// The browser that logged in.
    pub const AGENT: &str = "agent";
    /// When the session was renewed last, in milliseconds.
    pub const RENEWED: &str = "renewed";
    /// The session's public name; put in by [`super::Store`] when it loads, never stored.
    pub const HANDLE: &str = "handle";
}

/// Sessions in the database; the id in the cookie is hashed before it leaves this file.
#[derive(Debug, Clone)]
pub struct Store {
    services: Services,
}

impl Store {
    /// A store on the services' database.
    #[must_use]
    pub const fn new(services: Services) -> Self {
        Self { services }
    }

    fn saved(&self, record: &Record) -> Result<SavedSession> {
        let text = |key: &str| record.data.get(key).and_then(Value::as_str).map(str::to_owned);
        let stored: HashMap<&String, &Value> = record.data.iter().filter(|(key, _)| *key != keys::HANDLE).collect();
        Ok(SavedSession {
            id_hash: hash(&record.id),
            user_id: text(keys::USER).and_then(|id| id.parse::<UserId>().ok()),
            data: serde_json::to_string(&stored).map_err(|error| Error::Encode(error.to_string()))?,
            ip: text(keys::IP),
            user_agent: text(keys::AGENT),
            // By our own clock, so that tests can move it; the record's date comes from the machine's.
            expires_at: self.services.now().plus(LIFETIME),
        })
    }
}

/// What stands in the database for a cookie: an id has 128 random bits, so a plain hash can't be searched back.
#[must_use]
pub fn hash(id: &Id) -> String {
    hex::encode(Sha256::digest(id.to_string().as_bytes()))
}

fn failed(error: ServiceError) -> Error {
    Error::Backend(error.into_problem().code)
}

#[async_trait]
impl SessionStore for Store {
    async fn create(&self, record: &mut Record) -> Result<()> {
        while !login_sessions::create(&self.services, &self.saved(record)?).await.map_err(failed)? {
            record.id = Id::default();
        }
        Ok(())
    }

    async fn save(&self, record: &Record) -> Result<()> {
        // False means that it was revoked meanwhile: it stays so, and the next request finds nothing.
        login_sessions::save(&self.services, &self.saved(record)?).await.map(drop).map_err(failed)
    }

    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        let Some(stored) = login_sessions::load(&self.services, &hash(id)).await.map_err(failed)? else {
            return Ok(None);
        };
        let mut data: HashMap<String, Value> =
            serde_json::from_str(&stored.data).map_err(|error| Error::Decode(error.to_string()))?;
        data.insert(keys::HANDLE.to_owned(), Value::String(stored.handle));
        let expiry_date = OffsetDateTime::from_unix_timestamp(stored.expires_at.millis() / 1_000)
            .map_err(|error| Error::Decode(error.to_string()))?;
        Ok(Some(Record { id: *id, data, expiry_date }))
    }

    async fn delete(&self, id: &Id) -> Result<()> {
        login_sessions::delete(&self.services, &hash(id)).await.map_err(failed)
    }
}
