//! Credentials of a connection, in memory only.

use secrecy::{ExposeSecret, SecretString};
use std::collections::BTreeMap;
use std::fmt;

/// A connection's credentials by field name; prints as stars. At rest they are a sealed JSON object of texts.
#[derive(Clone, Default)]
pub struct Credentials(BTreeMap<String, SecretString>);

/// Stored credentials that are no JSON object of texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("credentials are not a JSON object of texts")]
pub struct CredentialsError;

impl Credentials {
    /// Reads a JSON object of texts.
    ///
    /// # Errors
    /// [`CredentialsError`].
    pub fn from_json(json: &[u8]) -> Result<Self, CredentialsError> {
        let fields: BTreeMap<String, String> = serde_json::from_slice(json).map_err(|_| CredentialsError)?;
        Ok(Self(fields.into_iter().map(|(name, value)| (name, value.into())).collect()))
    }

    /// As JSON, to be sealed at once.
    #[must_use]
    pub fn to_json(&self) -> Vec<u8> {
        let fields: serde_json::Map<String, serde_json::Value> =
            self.0.iter().map(|(name, value)| (name.clone(), value.expose_secret().into())).collect();
        serde_json::Value::Object(fields).to_string().into_bytes()
    }

    /// A field, to be sent to its gateway and nowhere else.
    #[must_use]
    pub fn get(&self, field: &str) -> Option<&str> {
        self.0.get(field).map(ExposeSecret::expose_secret)
    }

    /// Sets a field.
    pub fn set(&mut self, field: impl Into<String>, value: impl Into<SecretString>) {
        self.0.insert(field.into(), value.into());
    }

    /// Forgets a field.
    pub fn remove(&mut self, field: &str) {
        self.0.remove(field);
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Credentials(*** {} fields)", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_read_back_and_print_as_stars() {
        let mut credentials = Credentials::default();
        credentials.set("secret_key", "sk_test_\"quoted\"");
        let back = Credentials::from_json(&credentials.to_json()).unwrap();
        assert_eq!(back.get("secret_key"), Some("sk_test_\"quoted\""));
        assert!(!format!("{back:?}").contains("sk_test"));
        assert!(Credentials::from_json(b"[1]").is_err());
    }
}
