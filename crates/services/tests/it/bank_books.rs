//! What is kept of banks' statements, and how: sealed, and no longer than it is about somebody's payment; what was set aside; and what came
//! too much, in the ledger.

use crate::bank_transfer::{Bank, code, nothing, pays};
use domain::{
    BankEntryId, Currency, MerchantRole, Money, OperationId, PaymentId,
    problem::codes,
    states::PaymentStatus,
    time::{DAY, MINUTE},
    views::page::PageQuery,
};
use gateways::bank_transfer::{StatementEntry, statement::Direction};
use services::{
    bank_transfers,
    fault::{Act, Point},
    payments,
};
use test_support::{builders::TestSession, for_each_engine};

const fn eur(minor: i64) -> Money {
    Money::new(minor, Currency::EUR)
}

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
        amount: eur(4_800),
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

/// A transfer of 48.00 that came to 50.00 by a person's word; its id, and the payment's.
async fn overpaid(b: &Bank) -> (TestSession, OperationId, PaymentId) {
    let (s, told) = b.order(4_800).await;
    b.bring(&[("50.00", "EUR", "A Customer", &told.reference)]).await;
    let entry = b.doubtful().await.remove(0);
    b.decide(&entry.id, pays(&entry, "50.00")).await.unwrap();
    let transfer = entry.candidates[0].transfer.clone();
    let payment = b.t.payment_of(&s).await.id.parse().unwrap();
    (s, transfer, payment)
}

/// What the books owe to customers.
async fn owed(b: &Bank) -> i64 {
    b.t.number("select cast(coalesce(-sum(amount), 0) as bigint) from entries where account = 'customer_credit'").await
}

for_each_engine!(what_came_too_much_is_owed_until_it_was_paid_back, |db| async {
    let b = Bank::on(&db).await;
    let (s, transfer, payment) = overpaid(&b).await;
    let (svc, actor) = (&b.t.svc, &b.m.actor);
    b.assert_is(&s, PaymentStatus::Succeeded).await;
    assert_eq!((b.t.payment_of(&s).await.captured, owed(&b).await), (4_800, 200));
    let receivable = "select cast(sum(amount) as bigint) from entries where account = 'gateway_receivable'";
    assert_eq!(b.t.number(receivable).await, 5_000);
    let shown = async || payments::detail(svc, actor, &payment).await.unwrap().surpluses.remove(0);
    let surplus = shown().await;
    assert_eq!((surplus.amount, surplus.returned_at, surplus.may_mark), (eur(200), None, true));
    assert_eq!(surplus.transfer, transfer);
    b.t.assert_sound().await;

    // Only whoever may refund says so, and only of the amount that is owed.
    let developer = b.m.as_role(MerchantRole::Developer);
    let refused = bank_transfers::mark_returned(svc, &developer.actor, &transfer, 200).await.unwrap_err();
    assert_eq!(code(refused), codes::FORBIDDEN);
    let other = b.t.merchant().await;
    let refused = bank_transfers::mark_returned(svc, &other.actor, &transfer, 200).await.unwrap_err();
    assert_eq!(code(refused), codes::NOT_FOUND);
    for minor in [0, 199, 4_800, -200] {
        let refused = bank_transfers::mark_returned(svc, actor, &transfer, minor).await.unwrap_err();
        assert_eq!(code(refused), codes::STALE, "{minor}");
    }
    assert_eq!(owed(&b).await, 200);

    let say = || bank_transfers::mark_returned(svc, actor, &transfer, 200);
    let (one, two) = tokio::join!(say(), say());
    one.unwrap();
    two.unwrap();
    say().await.unwrap();
    assert_eq!((owed(&b).await, b.t.number(receivable).await), (0, 4_800));
    let surplus = shown().await;
    assert_eq!((surplus.returned_at, surplus.may_mark), (Some(b.t.now()), false));
    assert!(surplus.returned_by.is_some());
    assert!(bank_transfers::head(svc, actor).await.unwrap().overpaid.is_empty());
    let kinds = b.t.texts("select kind from journals order by kind").await;
    assert_eq!(kinds, ["payment", "transfer_surplus", "transfer_surplus_return"]);
    let said = "select cast(count(*) as bigint) from audit_entries where action = 'bank_transfer.mark_returned'";
    assert_eq!(b.t.number(said).await, 1);
    b.t.assert_sound().await;
});

// The money is taken, and the process dies before the payment has followed.
for_each_engine!(what_came_too_much_is_booked_whether_or_not_the_payment_has_followed, |db| async {
    let b = Bank::on(&db).await;
    let (s, told) = b.order(4_800).await;
    b.bring(&[("50.00", "EUR", "A Customer", &told.reference)]).await;
    let entry = b.doubtful().await.remove(0);
    b.t.svc.faults().arm(Point::ChargeHeard, Act::Fail);
    assert!(b.decide(&entry.id, pays(&entry, "50.00")).await.is_err());
    b.assert_is(&s, PaymentStatus::Processing).await;
    assert_eq!(b.t.texts("select kind from journals").await, ["transfer_surplus"]);
    b.t.assert_sound().await;
    // It may be paid back before, too.
    bank_transfers::mark_returned(&b.t.svc, &b.m.actor, &entry.candidates[0].transfer, 200).await.unwrap();
    b.t.later(MINUTE).await;
    b.assert_is(&s, PaymentStatus::Succeeded).await;
    assert_eq!((b.t.payment_of(&s).await.captured, owed(&b).await), (4_800, 0));
    b.t.assert_sound().await;
});

for_each_engine!(parts_that_come_to_too_much_owe_what_is_beyond_the_amount, |db| async {
    let b = Bank::on(&db).await;
    let (s, told) = b.order(4_800).await;
    b.bring(&[("30.00", "EUR", "A Customer", &told.reference)]).await;
    assert_eq!(owed(&b).await, 0);
    b.bring(&[("20.50", "EUR", "A Customer", &told.reference)]).await;
    let entry = b.doubtful().await.remove(0);
    b.decide(&entry.id, pays(&entry, "20.50")).await.unwrap();
    b.assert_is(&s, PaymentStatus::Succeeded).await;
    assert_eq!(owed(&b).await, 250);
    // What is paid exactly owes nothing.
    let (exact, told) = b.order(1_250).await;
    b.bring(&[("12.50", "EUR", "A Customer", &told.reference)]).await;
    b.assert_is(&exact, PaymentStatus::Succeeded).await;
    assert_eq!(owed(&b).await, 250);
    b.t.assert_sound().await;
});
