//! Files: what they are by their content, and names that are safe to show and to offer for download.

use super::{Wrong, text};
use crate::problem::accounts;

/// Largest document.
pub const MAX_DOCUMENT: usize = 10 * 1024 * 1024;
/// Most documents of an application.
pub const MAX_DOCUMENTS: usize = 20;
/// Largest logo.
pub const MAX_LOGO: usize = 512 * 1024;

/// The kind of a document by its first bytes.
#[must_use]
pub fn sniff_document(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [b'%', b'P', b'D', b'F', b'-', ..] => Some("application/pdf"),
        _ => sniff_image(bytes).filter(|kind| *kind != "image/webp"),
    }
}

/// The kind of a picture by its first bytes. SVG is none: it can carry scripts.
#[must_use]
pub fn sniff_image(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, ..] => Some("image/png"),
        [0xff, 0xd8, 0xff, ..] => Some("image/jpeg"),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some("image/webp"),
        _ => None,
    }
}

/// The kind of a document that may be stored.
///
/// # Errors
/// [`accounts::FILE_EMPTY`], [`accounts::FILE_TOO_LARGE`], [`accounts::FILE_TYPE`].
pub fn document(bytes: &[u8]) -> Result<&'static str, Wrong> {
    bounded(bytes, MAX_DOCUMENT, "10 MB")?;
    sniff_document(bytes).ok_or_else(|| Wrong::new(accounts::FILE_TYPE))
}

/// The kind of a logo that may be stored.
///
/// # Errors
/// As [`document`].
pub fn logo(bytes: &[u8]) -> Result<&'static str, Wrong> {
    bounded(bytes, MAX_LOGO, "512 KB")?;
    sniff_image(bytes).ok_or_else(|| Wrong::new(accounts::FILE_TYPE))
}

fn bounded(bytes: &[u8], max: usize, shown: &'static str) -> Result<(), Wrong> {
    match bytes.len() {
        0 => Err(Wrong::new(accounts::FILE_EMPTY)),
        n if n > max => Err(Wrong::new(accounts::FILE_TOO_LARGE).with("max", shown)),
        _ => Ok(()),
    }
}

/// A file's name without folders and without characters that fool a reader or a file system, at most 100 characters, with
/// the ending of what the content is.
#[must_use]
pub fn clean_name(given: &str, content_type: &str) -> String {
    let ending = match content_type {
        "application/pdf" => ".pdf",
        "image/png" => ".png",
        "image/jpeg" => ".jpg",
        "image/webp" => ".webp",
        _ => "",
    };
    let base = given.rsplit(['/', '\\']).next().unwrap_or("");
    let stem = base.rsplit_once('.').map_or(base, |(stem, _)| stem);
    let kept: String = stem
        .chars()
        .filter(|c| !text::is_unsafe(*c) && !matches!(c, '<' | '>' | ':' | '"' | '|' | '?' | '*' | ';' | '%'))
        .take(90)
        .collect();
    let kept = kept.trim().trim_matches('.').trim();
    if kept.is_empty() { format!("file{ending}") } else { format!("{kept}{ending}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn content_decides_not_the_name() {
        assert_eq!(document(b"%PDF-1.7 x"), Ok("application/pdf"));
        assert_eq!(document(b"\x89PNG\r\n\x1a\n..."), Ok("image/png"));
        assert_eq!(document(b"\xff\xd8\xff\xe0"), Ok("image/jpeg"));
        assert_eq!(logo(b"RIFF\0\0\0\0WEBPVP8 "), Ok("image/webp"));
        for bad in [&b"<svg onload=alert(1)>"[..], b"MZ", b"GIF89a", b" %PDF-1.7", b"RIFF\0\0\0\0WEBP"] {
            assert_eq!(document(bad).unwrap_err().code, accounts::FILE_TYPE);
        }
        assert_eq!(document(b"").unwrap_err().code, accounts::FILE_EMPTY);
        assert_eq!(document(&vec![0; MAX_DOCUMENT + 1]).unwrap_err().code, accounts::FILE_TOO_LARGE);
    }

    #[test]
    fn names_are_cleaned() {
        assert_eq!(clean_name("../../etc/passwd", "image/png"), "passwd.png");
        assert_eq!(clean_name("C:\\x\\Certificate.PDF.exe", "application/pdf"), "Certificate.PDF.pdf");
        assert_eq!(clean_name("a\u{202e}gnp.exe", "application/pdf"), "agnp.pdf");
        assert_eq!(clean_name("...", "application/pdf"), "file.pdf");
        assert_eq!(clean_name("گواهی ثبت.pdf", "application/pdf"), "گواهی ثبت.pdf");
        assert_eq!(clean_name("a\"; filename=\"b.html", "image/png"), "a filename=b.png");
    }

    proptest! {
        #[test]
        fn never_panics(bytes in prop::collection::vec(any::<u8>(), 0..40), name in "\\PC{0,200}") {
            let _ = (document(&bytes), logo(&bytes));
            let name = clean_name(&name, "image/png");
            prop_assert!(name.chars().count() <= 100 && !name.contains(['/', '\\', '"']));
        }
    }
}
