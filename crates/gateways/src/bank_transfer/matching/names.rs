//! Whether two names may be the same person's: word by word, without case, marks, titles and order.

use super::Expected;
use crate::bank_transfer::statement::StatementEntry;
use crate::bank_transfer::text::fold;

/// The points of two names that are alike throughout.
const MOST: u8 = 10;

/// Words that are no part of a name.
const TITLES: &[&str] = &[
    "mr", "mrs", "ms", "miss", "dr", "prof", "herr", "frau", "pan", "pani", "monsieur", "madame", "mme", "und", "and",
    "och", "oder", "or", "et", "von", "van", "de", "der", "gmbh", "ltd", "ab", "sp", "zoo", "co",
];

/// The most words of a name that are compared.
const MAX_WORDS: usize = 12;

/// The words of the names under which a customer may pay, taken apart once for all entries.
pub(super) struct Names(Vec<Vec<String>>);

impl Names {
    /// The customer's name, and the one in their address.
    pub(super) fn of_customer(expected: &Expected) -> Self {
        let local = expected.payer_email.as_deref().and_then(|email| email.split('@').next());
        Self([expected.payer_name.as_deref(), local].into_iter().flatten().map(words).collect())
    }

    /// The payer's name on a statement.
    pub(super) fn of_payer(entry: &StatementEntry) -> Self {
        Self(entry.payer_name.as_deref().map(words).into_iter().collect())
    }

    /// From 0 to 10: how alike the likeliest two names are.
    pub(super) fn alike(&self, other: &Self) -> u8 {
        self.0.iter().flat_map(|a| other.0.iter().map(|b| points(a, b))).max().unwrap_or(0)
    }
}

/// The words of a name; `ae`, `oe` and `ue` as the letters that some banks write for them.
fn words(name: &str) -> Vec<String> {
    fold(name)
        .split(|c: char| !c.is_alphanumeric() && !is_mark(c))
        .filter(|word| !word.is_empty() && !TITLES.contains(word))
        .take(MAX_WORDS)
        .map(|word| word.replace("ae", "a").replace("oe", "o").replace("ue", "u"))
        .collect()
}

/// Thai vowels and tones stand as marks over letters.
const fn is_mark(c: char) -> bool {
    matches!(c, '\u{e31}' | '\u{e34}'..='\u{e3a}' | '\u{e47}'..='\u{e4e}')
}

/// The share of words that both names have, among all words of the two.
fn points(a: &[String], b: &[String]) -> u8 {
    // In halves: an initial counts half of a word.
    let mut halves = 0usize;
    let mut left: Vec<&String> = b.iter().collect();
    for word in a {
        let best = left.iter().enumerate().map(|(at, other)| (likeness(word, other), at)).max_by_key(|(l, _)| *l);
        if let Some((likeness, at)) = best.filter(|(likeness, _)| *likeness > 0) {
            halves += likeness;
            left.remove(at);
        }
    }
    let all = a.len() + b.len();
    // Half of one word in common is chance.
    if all == 0 || halves < 2 {
        return 0;
    }
    u8::try_from(usize::from(MOST) * halves / all).unwrap_or(MOST).min(MOST)
}

/// 2 for the same word or one with one letter wrong, 1 for an initial, 0 for another word.
fn likeness(a: &str, b: &str) -> usize {
    let (short, long) = if a.chars().count() <= b.chars().count() { (a, b) } else { (b, a) };
    let length = short.chars().count();
    if a == b || (length >= 5 && one_apart(short, long)) {
        2
    } else {
        usize::from(length == 1 && long.starts_with(short))
    }
}

/// Whether one letter more, less or another makes one word of the other.
fn one_apart(short: &str, long: &str) -> bool {
    let (s, l): (Vec<char>, Vec<char>) = (short.chars().collect(), long.chars().collect());
    let same_start = s.iter().zip(&l).take_while(|(a, b)| a == b).count();
    let same_end = s.iter().rev().zip(l.iter().rev()).take_while(|(a, b)| a == b).count();
    l.len() <= s.len() + 1 && same_start + same_end + 1 >= l.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(a: &str, b: &str) -> u8 {
        points(&words(a), &words(b))
    }

    #[test]
    fn names_are_compared_word_by_word() {
        assert_eq!(of("MUELLER, JÖRG", "Jorg Müller"), 10);
        assert_eq!(of("Herr Dr. Łukasz Żak", "lukasz zak"), 10);
        assert_eq!(of("Ann Berg", "Ann Bergh"), 5);
        assert_eq!(of("Anna Lindberg", "Anna Lindbergh"), 10);
        assert_eq!(of("J. Andersson", "Johan Andersson"), 7);
        assert_eq!(of("J", "Johan Andersson"), 0);
        assert_eq!(of("Erika und Max Mustermann", "Max Mustermann"), 8);
        assert_eq!(of("Nguyễn Văn A", "NGUYEN VAN A"), 10);
        assert_eq!(of("สมชาย ใจดี", "สมชาย ใจดี"), 10);
        assert_eq!(of("علي رضايي", "علی رضایی"), 10);
        assert_eq!(of("Ann Berg", "Tom Hill"), 0);
        assert_eq!((of("", ""), of("Ann", "")), (0, 0));
    }
}
