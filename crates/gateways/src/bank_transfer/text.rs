//! Text as banks write it: its encodings, what of it can be shown, and its letters without case and marks.

use domain::validate::text::{ascii_digits, is_unsafe};
use serde::{Deserialize, Serialize};

/// How a file's bytes are read as letters. A byte order mark of UTF-8 or UTF-16 goes before what is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Encoding {
    /// UTF-8.
    Utf8,
    /// Windows-1252, of which Latin-1 is a part.
    Windows1252,
    /// Windows-1250, for Polish and its neighbours.
    Windows1250,
    /// Windows-874, of which TIS-620 is a part, for Thai.
    Windows874,
}

/// The upper half's first 32 places of Windows-1252; the others are those of Unicode.
/// <https://encoding.spec.whatwg.org/index-windows-1252.txt>
const WINDOWS_1252: &str = "€\u{fffd}‚ƒ„…†‡ˆ‰Š‹Œ\u{fffd}Ž\u{fffd}\u{fffd}‘’“”•–—˜™š›œ\u{fffd}žŸ";

/// The upper half of Windows-1250. <https://encoding.spec.whatwg.org/index-windows-1250.txt>
const WINDOWS_1250: &str = "€\u{fffd}‚\u{fffd}„…†‡\u{fffd}‰Š‹ŚŤŽŹ\u{fffd}‘’“”•–—\u{fffd}™š›śťžź\
\u{a0}ˇ˘Ł¤Ą¦§¨©Ş«¬\u{ad}®Ż°±˛ł´µ¶·¸ąş»Ľ˝ľżŔÁÂĂÄĹĆÇČÉĘËĚÍÎĎĐŃŇÓÔŐÖ×ŘŮÚŰÜÝŢßŕáâăäĺćçčéęëěíîďđńňóôőö÷řůúűüýţ˙";

/// Reads bytes as text. What an encoding lacks becomes U+FFFD; only UTF-8 and UTF-16 refuse.
#[must_use]
pub fn decode(bytes: &[u8], encoding: Encoding) -> Option<String> {
    match bytes {
        [0xef, 0xbb, 0xbf, rest @ ..] => return std::str::from_utf8(rest).ok().map(str::to_owned),
        [0xff, 0xfe, rest @ ..] => return utf16(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => return utf16(rest, u16::from_be_bytes),
        _ => {}
    }
    match encoding {
        Encoding::Utf8 => std::str::from_utf8(bytes).ok().map(str::to_owned),
        Encoding::Windows1252 => {
            let table: Vec<char> = WINDOWS_1252.chars().collect();
            Some(single(bytes, |byte| table.get(usize::from(byte - 0x80)).copied().unwrap_or_else(|| char::from(byte))))
        }
        Encoding::Windows1250 => {
            let table: Vec<char> = WINDOWS_1250.chars().collect();
            Some(single(bytes, |byte| table.get(usize::from(byte - 0x80)).copied().unwrap_or('\u{fffd}')))
        }
        Encoding::Windows874 => Some(single(bytes, thai)),
    }
}

/// UTF-8 when the bytes are, else Windows-1252, for formats that don't tell.
#[must_use]
pub fn decode_unknown(bytes: &[u8]) -> Option<String> {
    decode(bytes, Encoding::Utf8).or_else(|| decode(bytes, Encoding::Windows1252))
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Option<String> {
    let (pairs, rest) = bytes.as_chunks::<2>();
    let text = char::decode_utf16(pairs.iter().map(|pair| unit(*pair))).collect::<Result<String, _>>().ok()?;
    rest.is_empty().then_some(text)
}

fn single(bytes: &[u8], high: impl Fn(u8) -> char) -> String {
    bytes.iter().map(|byte| if byte.is_ascii() { char::from(*byte) } else { high(*byte) }).collect()
}

/// The upper half of Windows-874: Thai lies in Unicode in the same order.
/// <https://encoding.spec.whatwg.org/index-windows-874.txt>
fn thai(byte: u8) -> char {
    match byte {
        0x80 => '€',
        0x85 => '…',
        0x91 => '‘',
        0x92 => '’',
        0x93 => '“',
        0x94 => '”',
        0x95 => '•',
        0x96 => '–',
        0x97 => '—',
        0xa0 => '\u{a0}',
        0xa1..=0xda | 0xdf..=0xfb => char::from_u32(0x0e01 + u32::from(byte - 0xa1)).unwrap_or('\u{fffd}'),
        _ => '\u{fffd}',
    }
}

/// The most characters that are kept of one text of a statement.
const MAX_TEXT: usize = 2_000;

/// Text that can be kept and shown: without controls and direction overrides, one space between words.
#[must_use]
pub fn tidy(text: &str) -> String {
    let mut out = String::new();
    let (mut count, mut space) = (0, false);
    for c in text.chars() {
        if count >= MAX_TEXT {
            break;
        }
        if c.is_whitespace() || is_unsafe(c) {
            space = count > 0;
            continue;
        }
        if std::mem::take(&mut space) {
            out.push(' ');
            count += 1;
        }
        out.push(c);
        count += 1;
    }
    out
}

/// As [`tidy`]; nothing when no character is left.
#[must_use]
pub fn some_tidy(text: &str) -> Option<String> {
    Some(tidy(text)).filter(|text| !text.is_empty())
}

/// Digits of Persian, Arabic and Thai as ASCII ones.
#[must_use]
pub fn digits(text: &str) -> String {
    ascii_digits(text)
        .chars()
        .map(|c| match c {
            '๐'..='๙' => char::from_digit(u32::from(c) - u32::from('๐'), 10).unwrap_or(c),
            _ => c,
        })
        .collect()
}

/// Latin letters with marks, by the plain letters that stand for them.
const PLAIN: &[(&str, &str)] = &[
    ("àáâãäåāăąǎảạấầẩẫậắằẳẵặ", "a"),
    ("æ", "ae"),
    ("çćĉċč", "c"),
    ("ďđð", "d"),
    ("èéêëēĕėęěẻẽẹếềểễệ", "e"),
    ("ĝğġģ", "g"),
    ("ĥħ", "h"),
    ("ìíîïĩīĭįıỉị", "i"),
    ("ĵ", "j"),
    ("ķ", "k"),
    ("ĺļľŀł", "l"),
    ("ñńņňŋ", "n"),
    ("òóôõöøōŏőơỏọốồổỗộớờởỡợ", "o"),
    ("œ", "oe"),
    ("ŕŗř", "r"),
    ("śŝşšș", "s"),
    ("ß", "ss"),
    ("ţťŧț", "t"),
    ("þ", "th"),
    ("ùúûüũūŭůűųưủụứừửữự", "u"),
    ("ŵ", "w"),
    ("ýÿŷỳỷỹỵ", "y"),
    ("źżž", "z"),
    // The two Arabic letters that are typed for the Persian ones.
    ("ي", "ی"),
    ("ك", "ک"),
];

/// Small letters without marks: `Müller` and `MÜLLER` are `muller`, `Łódź` is `lodz`.
#[must_use]
pub fn fold(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars().flat_map(char::to_lowercase) {
        if c.is_ascii() {
            out.push(c);
        } else if !matches!(c, '\u{300}'..='\u{36f}' | '\u{200c}' | '\u{200d}') {
            match PLAIN.iter().find(|(marked, _)| marked.contains(c)) {
                Some((_, plain)) => out.push_str(plain),
                None => out.push(c),
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn encodings_read_what_banks_write() {
        assert_eq!(decode(b"M\xfcller \x80", Encoding::Windows1252).unwrap(), "Müller €");
        assert_eq!(decode(b"\xa3\xf3d\x9f", Encoding::Windows1250).unwrap(), "Łódź");
        assert_eq!(decode(b"\xc7\xd1\xb9\xb7\xd5\xe8", Encoding::Windows874).unwrap(), "วันที่");
        assert_eq!(decode(b"\xff\xfeA\0B\0", Encoding::Utf8).unwrap(), "AB");
        assert_eq!(decode(b"\xef\xbb\xbfDatum", Encoding::Windows1252).unwrap(), "Datum");
        assert_eq!(decode(b"M\xfcller", Encoding::Utf8), None);
        assert_eq!(decode(b"\xff\xfeA", Encoding::Utf8), None);
        assert_eq!(WINDOWS_1250.chars().count(), 128);
        assert_eq!(WINDOWS_1252.chars().count(), 32);
    }

    #[test]
    fn marks_and_case_are_taken_off() {
        assert_eq!(fold("MÜLLER Straße Łódź Nguyễn Ågren"), "muller strasse lodz nguyen agren");
        assert_eq!(fold("Mu\u{308}ller"), "muller");
        assert_eq!(tidy("  A\u{202e}\r\n  B\t"), "A B");
        assert_eq!(digits("๑๒۳٤5"), "12345");
    }

    proptest! {
        #[test]
        fn nothing_unsafe_is_kept(text in any::<String>()) {
            let kept = tidy(&text);
            prop_assert!(!kept.chars().any(is_unsafe));
            prop_assert_eq!(tidy(&kept), kept);
            let _ = (fold(&text), digits(&text));
        }

        #[test]
        fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            for encoding in [Encoding::Utf8, Encoding::Windows1252, Encoding::Windows1250, Encoding::Windows874] {
                let _ = decode(&bytes, encoding);
            }
        }
    }
}
