//! What is kept of banks' statements, and how: sealed, and no longer than it is about somebody's payment; and what was set aside.

use crate::bank_transfer::{Bank, code, nothing, pays};
use domain::{
    BankEntryId, Currency, MerchantRole, Money, problem::codes, states::PaymentStatus, time::DAY,
    views::page::PageQuery,
};
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

for_each_engine!(what_was_set_aside_is_brought_back_and_decided_again, |db| async {
    let b = Bank::on(&db).await;
    let (s, _) = b.order(4_800).await;
    b.bring(&[("48.00", "EUR", "A Customer", "for the book"), ("9.99", "EUR", "A Stranger", "salary")]).await;
    let (svc, actor) = (&b.t.svc, &b.m.actor);
    let aside = async || bank_transfers::aside(svc, actor, &PageQuery::default()).await.unwrap().items;
    assert!(aside().await.is_empty(), "what nobody decided is not set aside by anybody");
    let entry = b.doubtful().await.remove(0);
    // It waits: there is nothing to bring back.
    bank_transfers::bring_back(svc, actor, &entry.id).await.unwrap();
    b.decide(&entry.id, nothing()).await.unwrap();
    assert!(b.doubtful().await.is_empty());
    let seen = aside().await.remove(0);
    assert_eq!((&seen.entry.id, seen.at, seen.entry.payer_name.as_deref()), (&entry.id, b.t.now(), Some("A Customer")));
    assert!(seen.entry.may_decide && seen.entry.candidates.is_empty());
    let viewer = b.m.as_role(MerchantRole::Viewer);
    let refused = bank_transfers::bring_back(svc, &viewer.actor, &entry.id).await.unwrap_err();
    assert_eq!(code(refused), codes::FORBIDDEN);
    let other = b.t.merchant().await;
    let refused = bank_transfers::bring_back(svc, &other.actor, &entry.id).await.unwrap_err();
    assert_eq!(code(refused), codes::NOT_FOUND);
    // What the matching found to be nothing was set aside by nobody.
    let stranger: BankEntryId =
        b.t.texts("select id from bank_entries where decided_by is null").await.remove(0).parse().unwrap();
    assert_eq!(code(bank_transfers::bring_back(svc, actor, &stranger).await.unwrap_err()), codes::STALE);

    bank_transfers::bring_back(svc, actor, &entry.id).await.unwrap();
    bank_transfers::bring_back(svc, actor, &entry.id).await.unwrap();
    assert!(aside().await.is_empty());
    let back = b.doubtful().await.remove(0);
    assert_eq!((&back.id, back.candidates.len()), (&entry.id, 1));
    b.decide(&back.id, pays(&back, "")).await.unwrap();
    b.assert_is(&s, PaymentStatus::Succeeded).await;
    assert_eq!(code(bank_transfers::bring_back(svc, actor, &entry.id).await.unwrap_err()), codes::STALE);
    let audit = b.t.texts("select action from audit_entries where action like 'bank_entry%' order by seq").await;
    assert_eq!(audit, ["bank_entry.decide", "bank_entry.bring_back", "bank_entry.decide"]);
    b.t.assert_sound().await;
});
