//! Which payment an entry of a statement belongs to.
//!
//! A score from 0 to 100 puts candidates in order, and its parts say why. The verdict is stricter than the score: without the
//! exact reference nothing is ever certain, however well the rest fits.

mod names;
mod score;

pub use score::{Candidate, Fact, Part, PartKind};

use super::reference::{Found, Reference, Strength, find};
use super::statement::{Direction, StatementEntry};
use domain::validate::date::Date;
use domain::{Currency, Money};
use names::Names;
use score::{Evidence, candidate, without_reference};
use serde::{Deserialize, Serialize};
use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap, HashSet};

/// The least score that is worth a person's look. The amount at the right time reaches it; the amount alone does not.
pub const QUEUE_FROM: u8 = 30;

/// How far the best candidate must be before the next one to be certain.
pub const CLEAR_LEAD: u8 = 20;

/// The most candidates that one entry is shown with.
pub const MAX_CANDIDATES: usize = 10;

/// A transfer that is waited for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Expected {
    /// Its id; no two have the same.
    pub id: String,
    /// What is to be paid.
    pub amount: Money,
    /// The reference that the customer was given.
    pub reference: Reference,
    /// The customer's name, if they told it.
    pub payer_name: Option<String>,
    /// The customer's e-mail address, if they told it: names often stand in it.
    pub payer_email: Option<String>,
    /// The day on which the customer was told.
    pub created_on: Date,
    /// The last day on which a transfer is in time.
    pub expires_on: Date,
    /// Whether it was paid already, by an entry of an earlier import.
    pub paid: bool,
}

/// What an entry is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Verdict {
    /// It pays this one: its exact reference, its currency, not less than its amount, and no other comes near. Whether it pays
    /// more or late stands in the candidate's facts.
    Certain {
        /// The transfer that is paid.
        id: String,
    },
    /// A person decides, among these, the likeliest first.
    Doubtful {
        /// The candidates' ids.
        ids: Vec<String>,
    },
    /// Nothing that is waited for.
    None,
}

/// An entry's verdict, with what it rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Match {
    /// The entry.
    pub fingerprint: String,
    /// What it is.
    pub verdict: Verdict,
    /// The candidates from [`QUEUE_FROM`] on, the likeliest first.
    pub candidates: Vec<Candidate>,
}

/// Matches entries with what is waited for. One answer for each entry, in the entries' order.
///
/// Two entries that pay the same transfer: the one that was booked first does, and the other is doubtful
/// ([`Fact::AlreadyPaid`]). Neither order changes any verdict: entries of one day are taken by fingerprint.
#[must_use]
pub fn match_entries(entries: &[StatementEntry], expected: &[Expected]) -> Vec<Match> {
    let index = Index::new(expected);
    let mut order: Vec<usize> = (0..entries.len()).collect();
    order.sort_by_key(|at| entries.get(*at).map(|e| (e.booked_on, e.fingerprint.as_str())));
    let mut paid: HashSet<String> = expected.iter().filter(|e| e.paid).map(|e| e.id.clone()).collect();
    let mut matches: BTreeMap<usize, Match> = BTreeMap::new();
    for at in order {
        if let Some(entry) = entries.get(at) {
            let found = index.matched(entry, &paid);
            if let Verdict::Certain { id } = &found.verdict {
                paid.insert(id.clone());
            }
            matches.insert(at, found);
        }
    }
    matches.into_values().collect()
}

/// What is waited for, by reference and by amount: an entry has nothing to do with what shares neither.
struct Index<'a> {
    expected: &'a [Expected],
    names: Vec<Names>,
    by_reference: HashMap<Reference, Vec<usize>>,
    by_amount: HashMap<(i64, Currency), Vec<usize>>,
}

impl<'a> Index<'a> {
    fn new(expected: &'a [Expected]) -> Self {
        let names = expected.iter().map(Names::of_customer).collect();
        let mut index = Self { expected, names, by_reference: HashMap::new(), by_amount: HashMap::new() };
        for (at, one) in expected.iter().enumerate() {
            index.by_reference.entry(one.reference).or_default().push(at);
            index.by_amount.entry((one.amount.minor, one.amount.currency)).or_default().push(at);
        }
        index
    }

    fn matched(&self, entry: &StatementEntry, paid: &HashSet<String>) -> Match {
        let mut candidates = self.candidates(entry, paid);
        candidates.retain(|c| c.score >= QUEUE_FROM);
        candidates.sort_by(|a, b| b.score.cmp(&a.score).then_with(|| a.id.cmp(&b.id)));
        let verdict = verdict(&candidates);
        candidates.truncate(MAX_CANDIDATES);
        Match { fingerprint: entry.fingerprint.clone(), verdict, candidates }
    }

    fn candidates(&self, entry: &StatementEntry, paid: &HashSet<String>) -> Vec<Candidate> {
        // Money that goes out pays nothing. It matters only when it takes back what came in.
        let taken_back = entry.direction == Direction::Debit && entry.reversal;
        let came_in = entry.direction == Direction::Credit && !entry.reversal;
        if !came_in && !taken_back {
            return Vec::new();
        }
        let mut strengths: BTreeMap<usize, Option<Strength>> = BTreeMap::new();
        for Found { reference, strength } in find(&searched(entry)) {
            for at in self.by_reference.get(&reference).into_iter().flatten() {
                strengths.insert(*at, Some(strength));
            }
        }
        let payer = Names::of_payer(entry);
        if came_in {
            for at in self.likeliest(entry, &payer, paid) {
                strengths.entry(at).or_insert(None);
            }
        }
        let candidates = strengths.into_iter().filter_map(|(at, strength)| {
            let expected = self.expected.get(at)?;
            let alike = self.names.get(at)?.alike(&payer);
            let evidence = Evidence { strength, alike, taken_back, paid: paid.contains(&expected.id) };
            Some(candidate(entry, expected, evidence))
        });
        candidates.collect()
    }

    /// Of what costs the same, the likeliest without a reference: of a shop's many at one price, no more than can be shown are
    /// looked at further. What is paid needs no money: only its own reference leads to it.
    fn likeliest(&self, entry: &StatementEntry, payer: &Names, paid: &HashSet<String>) -> Vec<usize> {
        let same = self.by_amount.get(&(entry.amount.minor, entry.amount.currency));
        let mut ranked: Vec<(Reverse<u8>, &str, usize)> = same
            .into_iter()
            .flatten()
            .filter_map(|at| Some((*at, self.expected.get(*at)?, self.names.get(*at)?)))
            .filter(|(_, expected, _)| !paid.contains(&expected.id))
            .map(|(at, expected, names)| {
                (Reverse(without_reference(names.alike(payer), entry, expected)), expected.id.as_str(), at)
            })
            .collect();
        if ranked.len() > MAX_CANDIDATES {
            ranked.select_nth_unstable(MAX_CANDIDATES);
            ranked.truncate(MAX_CANDIDATES);
        }
        ranked.into_iter().map(|(.., at)| at).collect()
    }
}

/// Where a reference may stand.
fn searched(entry: &StatementEntry) -> String {
    // Two characters that no reference has, so that none is made of two fields' ends: `find` reads on over spaces and signs.
    const BETWEEN: &str = " 00 ";
    let fields = [Some(&entry.remittance), entry.structured_reference.as_ref(), entry.end_to_end_id.as_ref()];
    fields.into_iter().flatten().map(String::as_str).collect::<Vec<_>>().join(BETWEEN)
}

fn verdict(candidates: &[Candidate]) -> Verdict {
    let Some((best, others)) = candidates.split_first() else { return Verdict::None };
    let alone = others.first().is_none_or(|next| best.score.saturating_sub(next.score) >= CLEAR_LEAD);
    if alone && best.pays() {
        return Verdict::Certain { id: best.id.clone() };
    }
    Verdict::Doubtful { ids: candidates.iter().take(MAX_CANDIDATES).map(|c| c.id.clone()).collect() }
}
