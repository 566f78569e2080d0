//! Matching entries with what is waited for.

use super::*;
use domain::validate::date::Date;
use gateways::bank_transfer::matching::{CLEAR_LEAD, Fact, MAX_CANDIDATES, PartKind, QUEUE_FROM};
use gateways::bank_transfer::{Expected, Match, Reference, Verdict, match_entries, read};
use proptest::prelude::*;

const TOLD: Date = (2026, 11, 15);
const BOOKED: Date = (2026, 11, 22);
const LAST: Date = (2026, 11, 29);

fn reference(seed: u8) -> Reference {
    Reference::from_random([seed, 0x57, 0x9b, seed ^ 0xdf, 0x24, 0x68, seed.wrapping_mul(7)])
}

fn expected(id: &str, minor: i64, seed: u8) -> Expected {
    Expected {
        id: id.into(),
        amount: money(minor, "EUR"),
        reference: reference(seed),
        payer_name: None,
        payer_email: None,
        created_on: TOLD,
        expires_on: LAST,
        paid: false,
    }
}

fn entry(minor: i64, remittance: &str) -> StatementEntry {
    StatementEntry {
        fingerprint: format!("{minor}-{remittance}"),
        line: 1,
        bank_ref: None,
        booked_on: BOOKED,
        direction: Direction::Credit,
        amount: money(minor, "EUR"),
        reversal: false,
        payer_name: None,
        payer_account: None,
        remittance: remittance.into(),
        structured_reference: None,
        end_to_end_id: None,
    }
}

fn one(entry: StatementEntry, expected: &[Expected]) -> Match {
    match_entries(&[entry], expected).remove(0)
}

fn certain(id: &str) -> Verdict {
    Verdict::Certain { id: id.into() }
}

fn doubtful(ids: &[&str]) -> Verdict {
    Verdict::Doubtful { ids: ids.iter().map(|id| (*id).into()).collect() }
}

fn kinds(found: &Match) -> Vec<PartKind> {
    found.candidates[0].parts.iter().map(|p| p.kind).collect()
}

/// One swapped pair.
fn mangled(reference: Reference) -> String {
    let mut bytes = reference.plain().into_bytes();
    let at = (1..12).find(|at| bytes[at - 1] != bytes[*at]).unwrap();
    bytes.swap(at - 1, at);
    String::from_utf8(bytes).unwrap()
}

#[test]
fn the_exact_reference_and_the_amount_are_certain() {
    let waited = [expected("a", 4_990, 1), expected("b", 4_990, 2)];
    let found = one(entry(4_990, &format!("order {}", reference(2).grouped().to_lowercase())), &waited);
    assert_eq!(found.verdict, certain("b"));
    assert_eq!(kinds(&found), [PartKind::ReferenceExact, PartKind::AmountEqual, PartKind::InTime]);
    assert_eq!((found.candidates[0].score, found.candidates[1].score), (90, 30));
    let sum: u8 = found.candidates[0].parts.iter().map(|p| p.points).sum();
    assert_eq!(sum, found.candidates[0].score);
    // As a creditor reference that stands apart.
    let structured =
        StatementEntry { structured_reference: Some(reference(1).creditor_reference()), ..entry(4_990, "") };
    assert_eq!(one(structured, &waited).verdict, certain("a"));
    let end_to_end = StatementEntry { end_to_end_id: Some(reference(1).plain()), ..entry(4_990, "") };
    assert_eq!(one(end_to_end, &waited).verdict, certain("a"));
}

#[test]
fn more_is_certain_and_less_is_not() {
    let waited = [expected("a", 4_990, 1)];
    let text = reference(1).plain();
    let over = one(entry(5_000, &text), &waited);
    assert_eq!(over.verdict, certain("a"));
    assert_eq!(over.candidates[0].facts, [Fact::Overpaid { by: money(10, "EUR") }]);
    let under = one(entry(4_989, &text), &waited);
    assert_eq!(under.verdict, doubtful(&["a"]));
    assert_eq!(under.candidates[0].facts, [Fact::Underpaid { by: money(1, "EUR") }]);
}

#[test]
fn never_certain_without_the_exact_reference() {
    let mut waited = expected("a", 4_990, 1);
    waited.payer_name = Some("Jörg Müller".into());
    let named = |text: &str| StatementEntry { payer_name: Some("MUELLER JOERG".into()), ..entry(4_990, text) };
    let without = one(named("thank you"), &[waited.clone()]);
    assert_eq!(without.verdict, doubtful(&["a"]));
    assert_eq!(kinds(&without), [PartKind::AmountEqual, PartKind::PayerName, PartKind::InTime]);
    let near = one(named(&mangled(reference(1))), &[waited.clone()]);
    assert_eq!((near.verdict.clone(), near.candidates[0].score), (doubtful(&["a"]), 75));
    assert_eq!(kinds(&near)[0], PartKind::ReferenceNear);
    waited.payer_name = None;
    waited.payer_email = Some("joerg.mueller@shop.example".into());
    assert!(kinds(&one(named(""), &[waited])).contains(&PartKind::PayerName));
}

#[test]
fn another_currency_is_never_certain() {
    let waited = [Expected { amount: money(4_990, "SEK"), ..expected("a", 4_990, 1) }];
    let found = one(entry(4_990, &reference(1).plain()), &waited);
    assert_eq!(
        (found.verdict.clone(), found.candidates[0].facts.as_slice()),
        (doubtful(&["a"]), [Fact::OtherCurrency].as_slice())
    );
    // Not even a candidate when nothing but the number is the same.
    assert_eq!(one(entry(4_990, ""), &waited).verdict, Verdict::None);
}

#[test]
fn two_that_are_close_are_doubtful() {
    let waited = [expected("a", 4_990, 1), expected("b", 4_990, 2)];
    let both = format!("{} and {}", reference(1), reference(2));
    assert_eq!(one(entry(9_980, &both), &waited).verdict, doubtful(&["a", "b"]));
    assert_eq!(one(entry(4_990, ""), &waited).verdict, doubtful(&["a", "b"]));
    // The exact one of too much against a near one of the right amount.
    let waited = [expected("a", 1_000, 1), expected("b", 4_990, 2)];
    let found = one(entry(4_990, &format!("{} / {}", reference(1), mangled(reference(2)))), &waited);
    assert!(found.candidates[0].score - found.candidates[1].score < CLEAR_LEAD);
    assert_eq!(found.verdict, doubtful(&["a", "b"]));
    // One reference that was given twice.
    let twice = [expected("a", 4_990, 1), expected("b", 4_990, 1)];
    assert_eq!(one(entry(4_990, &reference(1).plain()), &twice).verdict, doubtful(&["a", "b"]));
}

#[test]
fn what_is_paid_twice_is_doubtful_the_second_time() {
    let waited = [expected("a", 4_990, 1)];
    let text = reference(1).plain();
    let later = StatementEntry { booked_on: (2026, 11, 23), fingerprint: "0".into(), ..entry(4_990, &text) };
    let earlier = StatementEntry { fingerprint: "1".into(), ..entry(4_990, &text) };
    let found = match_entries(&[later, earlier], &waited);
    assert_eq!((&found[1].verdict, &found[0].verdict), (&certain("a"), &doubtful(&["a"])));
    assert_eq!(found[0].candidates[0].facts, [Fact::AlreadyPaid]);
    let paid = [Expected { paid: true, ..expected("a", 4_990, 1) }];
    assert_eq!(one(entry(4_990, &text), &paid).verdict, doubtful(&["a"]));
    // Its amount alone leads nowhere any more.
    assert_eq!(one(entry(4_990, ""), &paid).verdict, Verdict::None);
}

#[test]
fn time_matters() {
    let waited = [expected("a", 4_990, 1)];
    let on = |booked_on: Date, text: &str| one(StatementEntry { booked_on, ..entry(4_990, text) }, &waited);
    let text = reference(1).plain();
    let late = on((2026, 11, 30), &text);
    assert_eq!((late.verdict.clone(), late.candidates[0].facts.as_slice()), (certain("a"), [Fact::Late].as_slice()));
    // The day before, where the bank's day is not ours yet.
    assert_eq!(on((2026, 11, 14), &text).verdict, certain("a"));
    let early = on((2026, 11, 13), &text);
    assert_eq!(
        (early.verdict.clone(), early.candidates[0].facts.as_slice()),
        (doubtful(&["a"]), [Fact::Early].as_slice())
    );
    assert_eq!(on((2026, 11, 30), "").verdict, Verdict::None);
    assert_eq!((on(LAST, "").verdict, on(LAST, "").candidates[0].score), (doubtful(&["a"]), QUEUE_FROM));
}

#[test]
fn money_that_goes_out_pays_nothing() {
    let waited = [expected("a", 4_990, 1)];
    let text = reference(1).plain();
    let with = |direction, reversal| one(StatementEntry { direction, reversal, ..entry(4_990, &text) }, &waited);
    assert_eq!(with(Direction::Debit, false).verdict, Verdict::None);
    assert_eq!(with(Direction::Credit, true).verdict, Verdict::None);
    let taken_back = with(Direction::Debit, true);
    assert_eq!(taken_back.verdict, doubtful(&["a"]));
    assert_eq!(taken_back.candidates[0].facts, [Fact::TakenBack]);
}

#[test]
fn the_queue_is_short() {
    let waited: Vec<Expected> = (0..40).map(|n| expected(&format!("{n:02}"), 4_990, n)).collect();
    let found = one(entry(4_990, ""), &waited);
    assert_eq!(found.candidates.len(), MAX_CANDIDATES);
    assert!(matches!(found.verdict, Verdict::Doubtful { ids } if ids.len() == MAX_CANDIDATES && ids[0] == "00"));
    // The likeliest of many is among them, wherever it stands.
    let mut named = waited.clone();
    named[37].payer_name = Some("Ann Berg".into());
    let by_ann = StatementEntry { payer_name: Some("BERG ANN".into()), ..entry(4_990, "") };
    let found = one(by_ann, &named);
    assert_eq!((found.candidates[0].id.as_str(), found.candidates[1].id.as_str()), ("37", "00"));
    assert_eq!(one(entry(1, "nothing"), &waited).verdict, Verdict::None);
    assert_eq!(match_entries(&[], &waited), []);
}

#[test]
fn a_whole_file_against_what_is_waited_for() {
    let import = read(include_bytes!("fixtures/german_v02.xml"), None).unwrap();
    let waited =
        |id: &str, minor, reference: &str| Expected { reference: reference.parse().unwrap(), ..expected(id, minor, 0) };
    let all =
        [waited("a", 4_990, "E7UALHHMRUSH"), waited("b", 3_000, "L3PE9ECRWQ6L"), waited("c", 7_000, "BMQQ6YN7YS6M")];
    let verdicts: Vec<Verdict> =
        match_entries(&import.statements[0].entries, &all).into_iter().map(|m| m.verdict).collect();
    assert_eq!(verdicts, [certain("a"), certain("b"), doubtful(&["c"]), Verdict::None]);
}

fn any_expected() -> impl Strategy<Value = Vec<Expected>> {
    prop::collection::vec((0u8..6, 0i64..4, any::<bool>()), 0..8).prop_map(|all| {
        all.into_iter()
            .enumerate()
            .map(|(n, (seed, amount, paid))| Expected { paid, ..expected(&n.to_string(), 1_000 + amount, seed) })
            .collect()
    })
}

fn any_entries() -> impl Strategy<Value = Vec<StatementEntry>> {
    prop::collection::vec((0u8..6, 0i64..4, 0u8..3), 0..6).prop_map(|all| {
        all.into_iter()
            .enumerate()
            .map(|(n, (seed, amount, how))| {
                let text = match how {
                    0 => String::new(),
                    1 => reference(seed).grouped(),
                    _ => mangled(reference(seed)),
                };
                StatementEntry { fingerprint: n.to_string(), ..entry(1_000 + amount, &text) }
            })
            .collect()
    })
}

proptest! {
    #[test]
    fn no_order_changes_a_verdict(expected in any_expected(), entries in any_entries(), turn in 0usize..8) {
        let as_given = match_entries(&entries, &expected);
        let mut other = expected.clone();
        other.rotate_left(turn.min(expected.len()));
        prop_assert_eq!(&match_entries(&entries, &other), &as_given);
        other.reverse();
        prop_assert_eq!(&match_entries(&entries, &other), &as_given);
        let backwards: Vec<StatementEntry> = entries.iter().rev().cloned().collect();
        let mut found = match_entries(&backwards, &expected);
        found.reverse();
        prop_assert_eq!(found, as_given);
    }

    #[test]
    fn certain_is_certain(expected in any_expected(), entries in any_entries()) {
        let mut paid = std::collections::HashSet::new();
        for (entry, found) in entries.iter().zip(match_entries(&entries, &expected)) {
            prop_assert!(found.candidates.iter().all(|c| c.score <= 100 && c.score >= QUEUE_FROM));
            if let Verdict::Certain { id } = &found.verdict {
                let one = expected.iter().find(|e| e.id == *id).unwrap();
                prop_assert!(entry.remittance.contains(&one.reference.grouped()));
                prop_assert!(entry.amount.minor >= one.amount.minor && !one.paid);
                prop_assert!(paid.insert(id.clone()), "paid twice");
            }
        }
    }
}
