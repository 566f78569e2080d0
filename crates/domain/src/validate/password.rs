//! Passwords: long, not common, not one's own name. No rules about kinds of characters (NIST SP 800-63B, 5.1.1.2).

use super::common_passwords::{LIST, RUNS, WORDS, is_known};
use super::{Wrong, text};
use crate::problem::{accounts, codes};

/// Least characters.
pub const MIN: usize = 12;
/// Most characters.
pub const MAX: usize = 256;

/// Whether a password may be chosen. `personal` is what the person is known by: name, address, business.
///
/// # Errors
/// [`codes::REQUIRED`], [`codes::TOO_SHORT`], [`codes::TOO_LONG`], [`accounts::PASSWORD_COMMON`],
/// [`accounts::PASSWORD_PERSONAL`].
pub fn check(password: &str, personal: &[&str]) -> Result<(), Wrong> {
    let length = password.chars().count();
    match length {
        0 => Err(Wrong::new(codes::REQUIRED)),
        n if n < MIN => Err(Wrong::new(codes::TOO_SHORT).with("min", MIN)),
        n if n > MAX => Err(Wrong::new(codes::TOO_LONG).with("max", MAX)),
        _ if is_common(password) => Err(Wrong::new(accounts::PASSWORD_COMMON)),
        _ if is_personal(password, personal) => Err(Wrong::new(accounts::PASSWORD_PERSONAL)),
        _ => Ok(()),
    }
}

/// Whether a password is on the list of breached ones, a word of that list with digits and signs around it, or made by a pattern
/// that guessers try first: one unit repeated, few different characters, runs of the keyboard or the alphabet, common words with
/// the usual digits, signs and substitutions.
#[must_use]
pub fn is_common(password: &str) -> bool {
    let lower = text::ascii_digits(&password.to_lowercase());
    let lower = lower.trim();
    LIST.contains(&lower)
        || few_characters(lower)
        || repeats(lower)
        || made_of_runs(lower)
        || made_of_words(lower)
        || made_of_words(&unleet(lower))
        || is_breached(lower)
}

/// Most digits and signs around a listed password that make no other password of it.
const ORNAMENTS: usize = 10;

/// Whether it is a listed password, in the usual substitutions too, or one with digits and signs before and after it.
fn is_breached(text: &str) -> bool {
    if is_known(text) {
        return true;
    }
    // A sign that stands for a letter is no ornament: both readings are tried.
    let inside = text.trim_matches(|c: char| !c.is_alphabetic());
    let plain = unleet(text);
    let ornaments = |word: &str| text.chars().count().saturating_sub(word.chars().count());
    let is_word = |word: &str| word.chars().count() >= 4 && ornaments(word) <= ORNAMENTS && is_known(word);
    if is_word(inside) || is_word(&plain) || is_word(&unleet(inside)) {
        return true;
    }
    // Digits may be part of the listed one: "abc123456" of "abc123456!!!".
    let ends = text.char_indices().map(|(at, c)| at + c.len_utf8());
    ends.filter(|end| text.get(*end..).is_some_and(|rest| !rest.is_empty() && rest.chars().all(|c| !c.is_alphabetic())))
        .filter_map(|end| text.get(..end))
        .any(|start| {
            start.chars().count() * 2 >= text.chars().count() && ornaments(start) <= ORNAMENTS && is_known(start)
        })
}

fn few_characters(text: &str) -> bool {
    let mut seen: Vec<char> = text.chars().collect();
    seen.sort_unstable();
    seen.dedup();
    seen.len() < 5
}

/// One unit of at most six characters, over and over (the last time maybe cut short).
fn repeats(text: &str) -> bool {
    let chars: Vec<char> = text.chars().collect();
    (1..=6.min(chars.len() / 2)).any(|unit| chars.iter().zip(chars.iter().skip(unit)).all(|(a, b)| a == b))
        || chars.len().is_multiple_of(2) && {
            let (first, second) = chars.split_at(chars.len() / 2);
            first == second
        }
}

/// Whether most of it is a run of the keyboard, the alphabet or the digits, forwards or backwards: all but four characters.
fn made_of_runs(text: &str) -> bool {
    let chars: Vec<char> = text.chars().collect();
    let (mut at, mut outside) = (0, 0);
    while at < chars.len() {
        match longest_run(chars.get(at..).unwrap_or(&[])) {
            0 => {
                outside += 1;
                at += 1;
            }
            run => at += run,
        }
    }
    outside <= 4
}

/// Length of the longest run of four or more at the beginning.
fn longest_run(chars: &[char]) -> usize {
    let mut best = 0;
    for run in RUNS {
        let forwards: Vec<char> = run.chars().collect();
        let backwards: Vec<char> = run.chars().rev().collect();
        for line in [forwards, backwards] {
            for start in 0..line.len() {
                let shared = line.iter().skip(start).zip(chars).take_while(|(a, b)| a == b).count();
                best = best.max(shared);
            }
        }
    }
    if best >= 4 { best } else { 0 }
}

/// Whether all its letters are common words one after the other, with few digits and signs besides.
fn made_of_words(text: &str) -> bool {
    let letters: Vec<char> = text.chars().filter(|c| c.is_alphabetic()).collect();
    let others = text.chars().count() - letters.len();
    if letters.len() < 3 || others > 10 {
        return false;
    }
    let joined: String = letters.into_iter().collect();
    // reach[i]: the first i bytes are words.
    let mut reach = vec![false; joined.len() + 1];
    if let Some(first) = reach.first_mut() {
        *first = true;
    }
    for start in 0..joined.len() {
        if !reach.get(start).copied().unwrap_or(false) {
            continue;
        }
        let rest = joined.get(start..).unwrap_or("");
        for word in WORDS.iter().filter(|word| rest.starts_with(**word)) {
            if let Some(end) = reach.get_mut(start + word.len()) {
                *end = true;
            }
        }
    }
    reach.last().copied().unwrap_or(false)
}

/// Undoes the usual substitutions inside the text; digits and signs at its ends are ornament and go.
fn unleet(text: &str) -> String {
    text.trim_matches(|c: char| !c.is_alphabetic() && !matches!(c, '@' | '$'))
        .chars()
        .map(|c| match c {
            '0' => 'o',
            '1' | '!' => 'i',
            '3' => 'e',
            '4' | '@' => 'a',
            '5' | '$' => 's',
            '7' => 't',
            '8' => 'b',
            _ => c,
        })
        .collect()
}

/// Whether little is left of a password without what the person is known by.
fn is_personal(password: &str, personal: &[&str]) -> bool {
    let fold = |t: &str| t.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect::<String>();
    let mut parts: Vec<String> = personal
        .iter()
        .flat_map(|p| p.split(|c: char| c.is_whitespace() || matches!(c, '@' | '.' | '-' | '_' | '+')).chain([*p]))
        .map(fold)
        .filter(|p| p.chars().count() >= 4)
        .collect();
    parts.sort_unstable_by_key(|p| std::cmp::Reverse(p.len()));
    parts.dedup();
    let whole = fold(password);
    let rest = parts.iter().fold(whole.clone(), |rest, part| rest.replace(part.as_str(), ""));
    rest.len() < whole.len() && rest.chars().count() < 8
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn common_ones_and_patterns_are_refused() {
        for bad in [
            "password1234",
            "Passw0rd2024!",
            "P@$$w0rd12345",
            "123456789012",
            "qwertyuiop123",
            "1q2w3e4r5t6y",
            "aaaaaaaaaaaa",
            "abcabcabcabc",
            "letmeinletmein",
            "iloveyou12345",
            "Welcome123456",
            "Summer2024!!!",
            "adminadmin123",
            "passwordpassword",
            "zaq12wsxcde3",
            "qwerty123456",
            "abcdefghijkl",
            "0987654321qwe",
            "monkeydragon1",
            "۱۲۳۴۵۶۷۸۹۰۱۲",
            "changeme1234",
            "trustno1trustno1",
            "football2023!",
        ] {
            assert_eq!(check(bad, &[]).unwrap_err().code, accounts::PASSWORD_COMMON, "{bad}");
        }
        for good in [
            "correct horse battery staple",
            "plum-otter-93-quay",
            "x7Kq-mm29-Trwp",
            "kvällens sista tåg 17",
            "گربه روی دیوار نشست",
            "tRX9vBn2LqPz",
            "demo-7Hq2-Kx9w-Lm4t",
        ] {
            assert_eq!(check(good, &["Ann Berg", "ann@shop.example", "Blue Shop"]), Ok(()), "{good}");
        }
    }

    #[test]
    fn breached_ones_and_their_extensions_are_refused() {
        for bad in [
            // Listed as they are.
            "mailcreated5240",
            "Sojdlg123aljg",
            "PolniyPizdec0211",
            "sonyericsson",
            "websolutions",
            "contortionist",
            "chickenwing101",
            // A listed word, made long.
            "tokiohotel2011",
            "Megane!!!2024",
            "1987-illmatic",
            "c0ntort10n1st",
            "$trawberr1es!",
            "Fletcher#1985",
            "websolutions!",
            "mailcreated5240!1",
        ] {
            assert_eq!(check(bad, &[]).unwrap_err().code, accounts::PASSWORD_COMMON, "{bad}");
        }
        for good in [
            "fletcher under the pear tree",
            "seven quiet kettles by the harbour",
            "megane, 3 otters",
            "illmatic-wireless-kettle",
            "70 63 91 08 24 57 tern",
        ] {
            assert_eq!(check(good, &[]), Ok(()), "{good}");
        }
    }

    #[test]
    fn ones_own_name_is_refused() {
        let known = ["Annika Berglund", "annika@blueshop.example", "Blue Shop AB"];
        for bad in ["AnnikaBerglund", "annika.berglund", "BlueShop-2024!", "annika@blueshop", "berglund123456"] {
            assert_eq!(check(bad, &known).unwrap_err().code, accounts::PASSWORD_PERSONAL, "{bad}");
        }
        assert_eq!(check("annika likes 9 grey otters", &known), Ok(()));
    }

    #[test]
    fn length_counts_characters() {
        assert_eq!(check("short", &[]).unwrap_err(), Wrong::new(codes::TOO_SHORT).with("min", MIN));
        assert_eq!(check(&"xy z".repeat(65), &[]).unwrap_err(), Wrong::new(codes::TOO_LONG).with("max", MAX));
    }

    proptest! {
        #[test]
        fn never_panics(text in "\\PC{0,60}", name in "\\PC{0,20}") { let _ = check(&text, &[&name]); }

        #[test]
        fn random_passwords_are_fine(text in "[a-km-z2-9]{16,30}") {
            // Chance may draw a pattern; it may not do so often.
            prop_assume!(!repeats(&text));
            prop_assert!(!is_common(&text));
        }
    }
}
