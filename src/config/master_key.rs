//! The key that seals credentials, documents and answers. It lives outside the database.

use super::{ConfigError, Secret};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use services::Entropy;
use std::path::Path;

/// A master key: 256 bits.
pub type MasterKey = [u8; 32];

/// Reads 64 hexadecimal digits, or 32 bytes of base64 in any of its usual forms.
///
/// # Errors
/// [`ConfigError::BadMasterKey`], which does not repeat the text.
pub fn parse(secret: &Secret) -> Result<MasterKey, ConfigError> {
    let text = secret.expose().trim();
    let bytes = if text.len() == 64 {
        hex::decode(text).ok()
    } else {
        [STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD].iter().find_map(|engine| engine.decode(text).ok())
    };
    let key: MasterKey = bytes.and_then(|b| b.try_into().ok()).ok_or(ConfigError::BadMasterKey)?;
    // A key of one repeated byte is a placeholder that somebody forgot to replace.
    if key.iter().all(|b| *b == key[0]) { Err(ConfigError::BadMasterKey) } else { Ok(key) }
}

/// The demo's key: read from its file, or made and written there with mode 600.
///
/// # Errors
/// When the file can't be read or written, or holds something else.
pub fn for_demo(path: &Path, entropy: &dyn Entropy) -> Result<MasterKey, ConfigError> {
    if path.exists() {
        return parse(&super::secret::from_file(path).map_err(|e| ConfigError::file(path, &e))?);
    }
    let mut key: MasterKey = [0; 32];
    entropy.fill(&mut key);
    super::write_private(path, &format!("{}\n", hex::encode(key))).map_err(|e| ConfigError::file(path, &e))?;
    Ok(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hex_and_base64_are_read_and_all_else_is_refused() {
        let key: MasterKey = std::array::from_fn(|i| u8::try_from(i).unwrap());
        for text in [hex::encode(key), hex::encode_upper(key), STANDARD.encode(key), URL_SAFE_NO_PAD.encode(key)] {
            assert_eq!(parse(&Secret::new(text)).unwrap(), key);
        }
        for text in ["", "short", &"0".repeat(64), &"zz".repeat(32), &STANDARD.encode([1; 31])] {
            assert!(parse(&Secret::new(text)).is_err(), "{text}");
        }
    }

    #[test]
    fn the_demo_keeps_its_key_in_a_private_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("master.key");
        let first = for_demo(&path, &services::SystemEntropy).unwrap();
        assert_eq!(for_demo(&path, &services::SystemEntropy).unwrap(), first);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
    }
}
