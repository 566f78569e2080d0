//! How well an entry fits a transfer that is waited for, in points that explain themselves. Whole numbers throughout.

use super::{Expected, Strength};
use crate::bank_transfer::statement::StatementEntry;
use domain::validate::date::Date;
use domain::{Money, Timestamp};
use serde::{Deserialize, Serialize};
use std::cmp::Ordering;

/// What a part of a score is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PartKind {
    /// The reference, without a mistake: 60.
    ReferenceExact,
    /// The reference with one wrong or two swapped characters: 35.
    ReferenceNear,
    /// The amount: 25.
    AmountEqual,
    /// More than the amount: 10.
    AmountOver,
    /// Less than the amount: 5.
    AmountUnder,
    /// The payer's name, by how many of its words are alike: up to 10.
    PayerName,
    /// Booked between the day on which the customer was told and the last day: 5.
    InTime,
}

/// A part of a score.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// What it is for.
    pub kind: PartKind,
    /// Its points.
    pub points: u8,
}

/// What a person should know about a candidate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Fact {
    /// Less than the amount.
    Underpaid {
        /// What is missing.
        by: Money,
    },
    /// More than the amount.
    Overpaid {
        /// What is too much.
        by: Money,
    },
    /// In another currency, so that the amounts can't be compared.
    OtherCurrency,
    /// Paid already, by an earlier entry.
    AlreadyPaid,
    /// Booked after the last day.
    Late,
    /// Booked before the customer was told.
    Early,
    /// Not a payment: the bank took an earlier one back.
    TakenBack,
}

/// A transfer that an entry may belong to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Candidate {
    /// The transfer's id.
    pub id: String,
    /// From 0 to 100: the sum of the parts.
    pub score: u8,
    /// Why.
    pub parts: Vec<Part>,
    /// What is out of the ordinary.
    pub facts: Vec<Fact>,
}

impl Candidate {
    /// Whether the candidate is paid by the entry, as far as it alone can tell.
    pub(super) fn pays(&self) -> bool {
        self.parts.iter().any(|part| part.kind == PartKind::ReferenceExact)
            && self.facts.iter().all(|fact| matches!(fact, Fact::Overpaid { .. } | Fact::Late))
    }
}

/// What is known beside the entry and the transfer themselves.
#[derive(Clone, Copy)]
pub(super) struct Evidence {
    pub(super) strength: Option<Strength>,
    /// How alike the names are, from 0 to 10.
    pub(super) alike: u8,
    pub(super) taken_back: bool,
    pub(super) paid: bool,
}

/// Points for what was booked in time.
const IN_TIME: u8 = 5;

/// Days by which a bank may book before the customer was told by our clock: the date is that of the bank's time zone.
const ZONES: i64 = 1;

/// Scores a candidate.
pub(super) fn candidate(entry: &StatementEntry, expected: &Expected, evidence: Evidence) -> Candidate {
    let mut parts = Vec::new();
    let mut facts = Vec::new();
    let mut add = |kind, points| parts.push(Part { kind, points });
    match evidence.strength {
        Some(Strength::Exact) => add(PartKind::ReferenceExact, 60),
        Some(Strength::Near) => add(PartKind::ReferenceNear, 35),
        None => {}
    }
    match entry.amount.minus(expected.amount) {
        Err(_) => facts.push(Fact::OtherCurrency),
        Ok(difference) => match difference.minor.cmp(&0) {
            Ordering::Equal => add(PartKind::AmountEqual, 25),
            Ordering::Greater => {
                add(PartKind::AmountOver, 10);
                facts.push(Fact::Overpaid { by: difference });
            }
            Ordering::Less => {
                add(PartKind::AmountUnder, 5);
                let by = Money::new(difference.minor.saturating_neg(), difference.currency);
                facts.push(Fact::Underpaid { by });
            }
        },
    }
    if evidence.alike > 0 {
        add(PartKind::PayerName, evidence.alike);
    }
    match time(entry.booked_on, expected) {
        Ordering::Equal => add(PartKind::InTime, IN_TIME),
        Ordering::Greater => facts.push(Fact::Late),
        Ordering::Less => facts.push(Fact::Early),
    }
    if evidence.paid {
        facts.push(Fact::AlreadyPaid);
    }
    if evidence.taken_back {
        facts.push(Fact::TakenBack);
    }
    let score = parts.iter().fold(0u8, |sum, part| sum.saturating_add(part.points)).min(100);
    Candidate { id: expected.id.clone(), score, parts, facts }
}

/// The points beside those for reference and amount, which put candidates of the same amount in order.
pub(super) fn without_reference(alike: u8, entry: &StatementEntry, expected: &Expected) -> u8 {
    alike + if time(entry.booked_on, expected) == Ordering::Equal { IN_TIME } else { 0 }
}

/// Whether an entry was booked before, within or after the time for it.
fn time(booked_on: Date, expected: &Expected) -> Ordering {
    if booked_on > expected.expires_on {
        return Ordering::Greater;
    }
    if days(booked_on).saturating_add(ZONES) < days(expected.created_on) { Ordering::Less } else { Ordering::Equal }
}

/// Days since the epoch; dates before it, which no entry has, are all the same.
fn days((year, month, day): Date) -> i64 {
    Timestamp::from_date(year, month, day).map_or(i64::MIN, Timestamp::utc_day)
}
