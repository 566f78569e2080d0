//! Signatures of events: HMAC-SHA256 (RFC 2104) over time and body, compared in constant time.
//!
//! The form is the one that payment providers share: a header `t=<seconds>,v1=<hex>`, signed over `<seconds>.<body>`. Several
//! `v1` may stand in it while a secret is being changed; one that fits is enough.

use crate::EventRefused;
use domain::{Timestamp, time::MINUTE};
use sha2::{Digest, Sha256};

/// How far the time in a signature may be from ours.
pub const TOLERANCE: i64 = 5 * MINUTE;

/// The block of SHA-256 in bytes.
const BLOCK: usize = 64;

/// HMAC-SHA256 of parts, one after the other.
#[must_use]
pub fn hmac_sha256(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    let mut block = [0u8; BLOCK];
    if key.len() > BLOCK {
        block[..32].copy_from_slice(&Sha256::digest(key));
    } else {
        block[..key.len()].copy_from_slice(key);
    }
    let mut inner = Sha256::new_with_prefix(block.map(|byte| byte ^ 0x36));
    for part in parts {
        inner.update(part);
    }
    let mut outer = Sha256::new_with_prefix(block.map(|byte| byte ^ 0x5c));
    outer.update(inner.finalize());
    outer.finalize().into()
}

/// The header that signs a body at a time.
#[must_use]
pub fn sign(secret: &str, at: Timestamp, body: &[u8]) -> String {
    let seconds = at.0.div_euclid(1_000).to_string();
    format!("t={seconds},v1={}", hex(&hmac_sha256(secret.as_bytes(), &[seconds.as_bytes(), b".", body])))
}

/// Whether a header signs these bytes, and now.
///
/// # Errors
/// [`EventRefused::Signature`], [`EventRefused::Time`].
pub fn verify(secret: &str, header: Option<&str>, body: &[u8], now: Timestamp) -> Result<(), EventRefused> {
    let header = header.ok_or(EventRefused::Signature)?;
    let fields = || header.split(',').filter_map(|part| part.trim().split_once('='));
    let (_, seconds) = fields().find(|(name, _)| *name == "t").ok_or(EventRefused::Signature)?;
    let expected = hex(&hmac_sha256(secret.as_bytes(), &[seconds.as_bytes(), b".", body]));
    // Each candidate is compared to its end: how long it takes tells nothing about what would have fitted.
    let fits =
        fields().filter(|(name, _)| *name == "v1").fold(false, |fits, (_, given)| fits | equal(given, &expected));
    if secret.is_empty() || !fits {
        return Err(EventRefused::Signature);
    }
    // Read after the signature was proved, so that a stranger learns nothing from the answer.
    let at = seconds.parse::<i64>().ok().and_then(|s| s.checked_mul(1_000)).ok_or(EventRefused::Time)?;
    if now.0.saturating_sub(at).saturating_abs() > TOLERANCE { Err(EventRefused::Time) } else { Ok(()) }
}

/// Equal, in a time that depends on the lengths alone.
pub(crate) fn equal(given: &str, expected: &str) -> bool {
    let differences = given.bytes().zip(expected.bytes()).fold(0u8, |all, (a, b)| all | (a ^ b));
    given.len() == expected.len() && std::hint::black_box(differences) == 0
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_vectors_of_rfc_4231() {
        let of = |key: &[u8], data: &[u8]| hex(&hmac_sha256(key, &[data]));
        assert_eq!(of(&[0x0b; 20], b"Hi There"), "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
        assert_eq!(
            of(b"Jefe", b"what do ya want for nothing?"),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
        assert_eq!(
            of(&[0xaa; 131], b"Test Using Larger Than Block-Size Key - Hash Key First"),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
        );
    }

    #[test]
    fn only_what_was_signed_now_is_believed() {
        let (now, body) = (Timestamp(1_767_607_200_000), b"{\"id\":\"evt_1\"}".as_slice());
        let header = sign("whsec_1", now, body);
        assert_eq!(verify("whsec_1", Some(&header), body, now), Ok(()));
        let two = format!("{header},v1=00");
        assert_eq!(verify("whsec_1", Some(&two), body, now), Ok(()));
        assert_eq!(verify("whsec_2", Some(&header), body, now), Err(EventRefused::Signature));
        assert_eq!(verify("whsec_1", Some(&header), b"{\"id\":\"evt_2\"}", now), Err(EventRefused::Signature));
        assert_eq!(verify("whsec_1", None, body, now), Err(EventRefused::Signature));
        assert_eq!(verify("", Some(&sign("", now, body)), body, now), Err(EventRefused::Signature));
        for broken in ["", "t=", "v1=", "t=1", "t=x,v1=y", &header[..header.len() - 1]] {
            assert_eq!(verify("whsec_1", Some(broken), body, now), Err(EventRefused::Signature), "{broken}");
        }
        for (shift, fits) in [(TOLERANCE, true), (TOLERANCE + 1_000, false), (-TOLERANCE - 1_000, false)] {
            assert_eq!(verify("whsec_1", Some(&header), body, now.plus(shift)).is_ok(), fits, "{shift}");
        }
        // The time is signed too: it can't be moved on.
        let later = now.plus(TOLERANCE + 1_000);
        let moved = header.replacen(&(now.0 / 1_000).to_string(), &(later.0 / 1_000).to_string(), 1);
        assert_eq!(verify("whsec_1", Some(&moved), body, later), Err(EventRefused::Signature));
    }
}
