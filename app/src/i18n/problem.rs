//! Problems in words.

use super::{Key, fill, k, lookup, t};
use domain::{FieldProblem, Locale, Problem};
use std::fmt::Display;

/// The sentence of a problem.
#[must_use]
pub fn problem_text(locale: Locale, problem: &Problem) -> String {
    sentence(locale, &problem.code, &problem.params)
}

/// The sentence of one field's problem.
#[must_use]
pub fn field_text(locale: Locale, problem: &FieldProblem) -> String {
    sentence(locale, &problem.code, &problem.params)
}

fn sentence(locale: Locale, code: &str, params: &[(String, String)]) -> String {
    let key: Key = lookup(&["problem.", code].concat()).unwrap_or(k::PROBLEM_INTERNAL);
    let args: Vec<(&str, &dyn Display)> =
        params.iter().map(|(name, value)| (name.as_str(), value as &dyn Display)).collect();
    fill(t(locale, key), &args)
}
