//! What choosing by success rate says of a connection, on the routing page and on a payment's.

use crate::i18n::{code_text, k, number, permille, t, tf};
use domain::routing::{Learned, MIN_SAMPLE};
use domain::{ConnectionId, Locale};

/// How payments like this one ended at a connection, and whether this one goes there to learn about it; none when it was not compared.
pub fn score_of(locale: Locale, learned: &Learned, id: &ConnectionId) -> Option<String> {
    let score = learned.scores.iter().find(|score| score.connection == *id)?;
    let count = number(locale, i64::from(score.outcomes.count()));
    let rate = score.outcomes.rate().map(|rate| permille(locale, i64::from(rate / 10)));
    let segment = code_text(locale, "routing.segment.", learned.segment.as_str());
    let mut text = match rate {
        Some(rate) => {
            let values: &[(&str, &dyn std::fmt::Display)] = &[("rate", &rate), ("count", &count), ("kind", &segment)];
            tf(locale, k::ROUTING_SCORE, values)
        }
        None => tf(locale, k::ROUTING_SCORE_NONE, &[("kind", &segment)]),
    };
    if learned.explored.as_ref() == Some(id) {
        text.push(' ');
        text.push_str(t(locale, k::ROUTING_EXPLORED));
    } else if !score.is_enough() {
        text.push(' ');
        text.push_str(&tf(locale, k::ROUTING_SCORE_FEW, &[("sample", &number(locale, i64::from(MIN_SAMPLE)))]));
    }
    Some(text)
}
