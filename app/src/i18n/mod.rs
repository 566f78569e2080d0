//! The catalogue: every text that a person reads.
//!
//! `build.rs` makes a constant for each key of `app/locales/en/*.json` ("payments.title" is [`k::PAYMENTS_TITLE`]) and fails
//! the build when a language lacks one. A text that no code names is not linked into the WebAssembly.

mod format;
mod problem;
#[cfg(test)]
mod tests;

pub use format::{ago, date, date_of_day, digits, number, permille, time_of_day, when, when_in};
pub use problem::{field_text, problem_text};

use domain::Locale;
use std::fmt::{Display, Write};

include!(concat!(env!("OUT_DIR"), "/catalogue.rs"));

/// A text in every language, in the order of [`Locale::ALL`]. Plural forms are kept in one text, separated by [`FORM`].
#[derive(Debug)]
struct Texts([&'static str; Locale::ALL.len()]);

/// A text of the catalogue.
#[derive(Debug, Clone, Copy)]
pub struct Key(&'static Texts);

/// Values for the placeholders of a text, by name.
pub type Args<'a> = &'a [(&'a str, &'a dyn Display)];

const FORM: char = '\u{1f}';

/// A text. Of a text with plural forms, the form for many.
#[must_use]
pub fn t(locale: Locale, key: Key) -> &'static str {
    let text = raw(locale, key);
    text.rsplit_once(FORM).map_or(text, |(_, other)| other)
}

/// A text with its placeholders filled.
#[must_use]
pub fn tf(locale: Locale, key: Key, args: Args<'_>) -> String {
    fill(t(locale, key), args)
}

/// The plural form for a count, with its placeholders filled; `{count}` is the count itself, in the language's digits.
#[must_use]
pub fn tn(locale: Locale, key: Key, count: i64, args: Args<'_>) -> String {
    let text = raw(locale, key);
    let shown = number(locale, count);
    let form = match text.split_once(FORM) {
        Some((one, other)) => {
            if is_one(locale, count) {
                one
            } else {
                other
            }
        }
        None => text,
    };
    let mut all: Vec<(&str, &dyn Display)> = vec![("count", &shown)];
    all.extend_from_slice(args);
    fill(form, &all)
}

/// The key of a name that is made of a code, for instance `problem.required`. Only names that begin with a prefix of
/// `app/locales/dynamic.json` can be looked up; the browser carries no others.
#[must_use]
pub fn lookup(name: &str) -> Option<Key> {
    NAMES.binary_search_by(|(known, _)| (*known).cmp(name)).ok().and_then(|at| NAMES.get(at)).map(|(_, key)| *key)
}

/// The text of a code: `code_text(locale, "status.payment.", "succeeded")`. A code that the catalogue does not know is shown
/// as it is, so that a newer server's code never empties a page.
#[must_use]
pub fn code_text(locale: Locale, prefix: &str, code: &str) -> String {
    lookup(&[prefix, code].concat()).map_or_else(|| code.to_owned(), |key| t(locale, key).to_owned())
}

/// The language of this page.
#[must_use]
pub fn use_locale() -> Locale {
    leptos::prelude::use_context().unwrap_or_default()
}

/// Cardinal categories of CLDR: English has `one` for 1 alone, Persian for 0 and 1.
const fn is_one(locale: Locale, count: i64) -> bool {
    match locale {
        Locale::En => count == 1,
        Locale::Fa => count == 0 || count == 1,
    }
}

fn raw(locale: Locale, key: Key) -> &'static str {
    key.0.0.get(locale as usize).copied().unwrap_or("")
}

fn fill(text: &str, args: Args<'_>) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let Some((name, behind)) = after.split_once('}') else { break };
        match args.iter().find(|(known, _)| *known == name) {
            // Writing into a String can't fail.
            Some((_, value)) => _ = write!(out, "{value}"),
            None => out.push('…'),
        }
        rest = behind;
    }
    out.push_str(rest);
    out
}
