//! Sealing of what must not be readable in the database: credentials, documents, answers, secrets shown once.
//!
//! XChaCha20-Poly1305 with a random 24-byte nonce; the place (table, row, column) is associated data, so that a sealed value
//! can't be moved to another place. Layout: one byte key id, 24 bytes nonce, ciphertext with tag.

use crate::Entropy;
use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};

/// Seals and opens values with the operator's master key.
#[derive(Clone)]
pub struct Sealer {
    key_id: u8,
    cipher: XChaCha20Poly1305,
}

/// A sealed value could not be opened: wrong key, another place, or damaged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a sealed value could not be opened")]
pub struct SealError;

const NONCE: usize = 24;

impl Sealer {
    /// A sealer for a 256-bit key; `key_id` is written beside each value, for rotation.
    #[must_use]
    pub fn new(key_id: u8, key: &[u8; 32]) -> Self {
        Self { key_id, cipher: XChaCha20Poly1305::new(key.into()) }
    }

    /// Seals bytes for a place, for instance `connections/gwc_…/credentials`.
    ///
    /// # Errors
    /// [`SealError`] for values beyond the cipher's bounds (hundreds of gigabytes).
    pub fn seal(&self, entropy: &dyn Entropy, place: &str, plain: &[u8]) -> Result<Vec<u8>, SealError> {
        let mut nonce = [0u8; NONCE];
        entropy.fill(&mut nonce);
        let payload = Payload { msg: plain, aad: place.as_bytes() };
        let sealed = self.cipher.encrypt(&XNonce::from(nonce), payload).map_err(|_| SealError)?;
        let mut out = Vec::with_capacity(1 + NONCE + sealed.len());
        out.push(self.key_id);
        out.extend_from_slice(&nonce);
        out.extend_from_slice(&sealed);
        Ok(out)
    }

    /// Opens what was sealed for the same place.
    ///
    /// # Errors
    /// [`SealError`].
    pub fn open(&self, place: &str, sealed: &[u8]) -> Result<Vec<u8>, SealError> {
        let (head, body) = sealed.split_at_checked(1 + NONCE).ok_or(SealError)?;
        let nonce: [u8; NONCE] = head[1..].try_into().map_err(|_| SealError)?;
        if head[0] != self.key_id {
            return Err(SealError);
        }
        self.cipher.decrypt(&XNonce::from(nonce), Payload { msg: body, aad: place.as_bytes() }).map_err(|_| SealError)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SystemEntropy;

    #[test]
    fn opens_only_in_its_place_and_whole() {
        let sealer = Sealer::new(1, &[7; 32]);
        let sealed = sealer.seal(&SystemEntropy, "a/b/c", b"secret").unwrap();
        assert_eq!(sealer.open("a/b/c", &sealed).unwrap(), b"secret");
        assert_eq!(sealer.open("a/b/d", &sealed), Err(SealError));
        assert_eq!(Sealer::new(1, &[8; 32]).open("a/b/c", &sealed), Err(SealError));
        for i in 0..sealed.len() {
            let mut damaged = sealed.clone();
            damaged[i] ^= 1;
            assert_eq!(sealer.open("a/b/c", &damaged), Err(SealError));
            assert_eq!(sealer.open("a/b/c", &sealed[..i]), Err(SealError));
        }
    }
}
