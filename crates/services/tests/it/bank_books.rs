//! What is kept of banks' statements, and how: sealed, and no longer than it is about somebody's payment.

use crate::bank_transfer::{Bank, nothing, pays};
use domain::{Currency, Money, states::PaymentStatus, time::DAY};
use gateways::bank_transfer::{StatementEntry, statement::Direction};
use services::bank_transfers;
use test_support::for_each_engine;

for_each_engine!(what_entries_say_lies_sealed_in_its_row, |db| async {
    let b = Bank::on(&db).await;
    b.order(4_800).await;
    b.bring(&[("48.00", "EUR", "Ada Lovelace", "one"), ("48.00", "EUR", "Grace Hopper", "two")]).await;
    assert_eq!(b.t.number("select count(*) from bank_entries where entry = '' and sealed is not null").await, 2);
    let names: Vec<_> = b.doubtful().await.into_iter().filter_map(|entry| entry.payer_name).collect();
    assert_eq!(names.len(), 2);
    assert!(names.contains(&"Ada Lovelace".to_owned()) && names.contains(&"Grace Hopper".to_owned()), "{names:?}");
    // One row's words can't be put into another's.
    b.t.sql("update bank_entries set sealed = (select sealed from bank_entries where id = (select max(id) from bank_entries))").await;
    let page = bank_transfers::doubtful(&b.t.svc, &b.m.actor, &Default::default()).await;
    assert!(page.is_err(), "{page:?}");
});

for_each_engine!(entries_from_before_are_read_and_sealed_once, |db| async {
    let b = Bank::on(&db).await;
    let (s, _) = b.order(4_800).await;
    b.bring(&[("48.00", "EUR", "A Customer", "for the book")]).await;
    let older = StatementEntry {
        fingerprint: "0123456789abcdef0123456789abcdef".to_owned(),
        line: 1,
        bank_ref: None,
        booked_on: (2026, 5, 4),
        direction: Direction::Credit,
        amount: Money::new(4_800, Currency::EUR),
        reversal: false,
        payer_name: Some("An Older Customer".to_owned()),
        payer_account: None,
        remittance: "for the book".to_owned(),
        structured_reference: None,
        end_to_end_id: None,
    };
    let json = serde_json::to_string(&older).unwrap();
    b.t.sql(&format!("update bank_entries set sealed = null, entry = '{json}'")).await;
    let seen = |name: Option<String>| assert_eq!(name.as_deref(), Some("An Older Customer"));
    seen(b.doubtful().await.remove(0).payer_name);
    assert_eq!(bank_transfers::tidy(&b.t.svc).await.unwrap(), 1);
    assert_eq!(b.t.texts("select entry from bank_entries").await, [""]);
    assert_eq!(bank_transfers::tidy(&b.t.svc).await.unwrap(), 0);
    let entry = b.doubtful().await.remove(0);
    seen(entry.payer_name.clone());
    b.decide(&entry.id, pays(&entry, "")).await.unwrap();
    b.assert_is(&s, PaymentStatus::Succeeded).await;
    b.t.assert_sound().await;
});

for_each_engine!(strangers_are_forgotten_and_never_taken_twice, |db| async {
    let b = Bank::on(&db).await;
    let (paid, told) = b.order(4_800).await;
    b.order(1_250).await;
    let stranger = ("9.99", "EUR", "A Stranger", "salary of May");
    let rows = [stranger, ("48.00", "EUR", "A Customer", &told.reference), ("12.50", "EUR", "Somebody", "a book")];
    let seen = b.bring(&rows).await;
    assert_eq!((seen.matched, seen.doubtful, seen.ignored), (1, 1, 1));
    let doubtful = b.doubtful().await.remove(0);
    b.decide(&doubtful.id, nothing()).await.unwrap();
    b.t.clock.advance(90 * DAY);
    assert_eq!(bank_transfers::tidy(&b.t.svc).await.unwrap(), 0);
    b.t.clock.advance(DAY);
    assert_eq!(bank_transfers::tidy(&b.t.svc).await.unwrap(), 1);
    assert_eq!(bank_transfers::tidy(&b.t.svc).await.unwrap(), 0);
    let kept = "select status from bank_entries where sealed is not null order by status";
    assert_eq!(b.t.texts(kept).await, ["ignored", "matched"]);
    let forgotten = "select status from bank_entries where sealed is null and decided_by is null and entry = ''";
    assert_eq!(b.t.texts(forgotten).await, ["ignored"]);
    // An older file brought again: what was forgotten is still known.
    b.t.clock.advance(-91 * DAY);
    let again = b.bring(&rows).await;
    assert_eq!((again.entries, again.known), (3, 3));
    b.assert_is(&paid, PaymentStatus::Succeeded).await;
    b.t.assert_sound().await;
});
