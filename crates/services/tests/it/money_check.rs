//! `paydeck check` names what is broken: for each invariant a row damaged on purpose.

use crate::bank_transfer::{Bank, pays};
use crate::gateway_refunds::{charge_of, deliver};
use domain::{
    Currency, Locale, Mode, decline::DeclineCode, dispute::DisputeStatus, time::MINUTE, views::checkout::LinkForm,
};
use gateways::{DisputeReply, RefundState};
use serde_json::json;
use services::{bank_transfers, check, links};
use std::collections::BTreeSet;
use test_support::{
    TestServices,
    builders::TestMerchant,
    for_each_engine,
    gateway::{RefundScript, declined, dispute, succeeded},
};

const GOOD: &str = "4242424242424242";

struct Ids {
    payment: String,
    other_payment: String,
    refund: String,
    link: String,
    /// Payments that are held, captured in part and released.
    held: String,
    part: String,
    released: String,
    sqlite: bool,
}

/// A database with something of everything, sound.
async fn everything(t: &TestServices) -> Ids {
    let m = t.merchant().await;
    t.connection(&m, "sandbox").await;
    let payment = t.paid(&m, 1_000, "EUR").await;
    t.refund(&m, &payment, 300, Currency::EUR).await.unwrap();
    let s = t.session(&m, 2_000, "KWD").await;
    t.pay(&s, "4000000000000002").await;
    t.pay(&s, GOOD).await;
    let other_payment = t.payment_of(&s).await.id;
    let form = LinkForm {
        title: "A book".to_owned(),
        currency: "EUR".to_owned(),
        pricing: "fixed".to_owned(),
        amount: "12.50".to_owned(),
        max_quantity: "3".to_owned(),
        ..LinkForm::default()
    };
    let link = links::create(t, &m.actor, &form).await.unwrap();
    let token = t.texts("select token from payment_links").await.remove(0);
    links::open_session(t, &token, "", "2", Locale::En).await.unwrap();

    let held = t.authorized(&m, 400, "EUR").await;
    let part = t.authorized(&m, 1_000, "EUR").await;
    t.capture(&m, &part, 600, Currency::EUR).await.unwrap();
    let released = t.authorized(&m, 500, "EUR").await;
    t.void(&m, &released).await.unwrap();

    let n = t.merchant().await.in_mode(Mode::Live);
    t.connection(&n, "fake").await;
    let pending = t.paid(&n, 500, "JPY").await;
    t.gateway.script_refunds([RefundScript::Reply(RefundState::Pending)]);
    t.refund(&n, &pending, 100, Currency::JPY).await.unwrap();
    // A payment that is paid twice.
    t.gateway.script([declined(DeclineCode::GenericDecline)]);
    let s = t.session(&n, 700, "EUR").await;
    t.pay(&s, GOOD).await;
    t.pay(&s, GOOD).await;
    t.gateway.settle_all(&succeeded(domain::Money::new(700, Currency::EUR)));
    t.sql("update operations set next_check_at = 0 where status = 'failed'").await;
    t.run_due().await;
    // A payment of which a dispute has taken a part.
    let connection = t.texts("select id from connections where provider = 'fake'").await.remove(0);
    let charge = charge_of(t, pending.as_str()).await;
    let yen = |minor| domain::Money::new(minor, Currency::JPY);
    let taken = (Some(yen(300)), Some(yen(15)));
    let told = dispute("dp_1", &charge, yen(300), DisputeStatus::UnderReview);
    t.gateway.set_dispute(DisputeReply { taken: taken.0, fee: taken.1, ..told });
    deliver(t, &connection, "evt_dispute", &json!({ "dispute": { "id": "dp_1" } })).await;
    t.run_due().await;
    // An event of its gateway that was looked at.
    t.sql(
        "insert into gateway_events (merchant_id, livemode, connection_id, event_id, kind, about, status, received_at, finished_at)
         select merchant_id, livemode, id, 'evt_1', 'charge.succeeded', 'charge', 'done', 1, 2
         from connections where provider = 'fake'",
    )
    .await;
    statements(t, &m).await;
    let refund = t.texts("select id from refunds where status = 'succeeded' and counts").await.remove(0);
    t.assert_sound().await;
    let sqlite = t.url.starts_with("sqlite");
    Ids {
        payment: payment.to_string(),
        other_payment,
        refund,
        link: link.to_string(),
        held: held.to_string(),
        part: part.to_string(),
        released: released.to_string(),
        sqlite,
    }
}

/// A statement with a stranger's entry, which is forgotten, and with too much for a transfer.
async fn statements(t: &TestServices, m: &TestMerchant) {
    let b = Bank::of(t, m).await;
    let (_, told) = b.order(4_800).await;
    b.bring(&[("50.00", "EUR", "A Customer", &told.reference)]).await;
    let entry = b.doubtful().await.remove(0);
    b.decide(&entry.id, pays(&entry, "50.00")).await.unwrap();
    b.bring(&[("9.99", "EUR", "A Stranger", "salary")]).await;
    t.sql("update bank_entries set created_at = 0 where status = 'ignored'").await;
    bank_transfers::tidy(t).await.unwrap();
}

/// Invariant, damage, repair.
fn damages(ids: &Ids) -> Vec<(&'static str, String, String)> {
    let Ids { payment: p, other_payment: q, refund: r, link, held, part, released, .. } = ids;
    let booked = |kind: &str, account: &str, sign: char| {
        format!(
            "update entries set amount = amount {sign} 1 where account = '{account}' and journal_id in
             (select id from journals where payment_id = '{p}' and kind = '{kind}')"
        )
    };
    let set = |table: &str, what: &str, of: &str| format!("update {table} set {what} where {of}");
    let of_p = format!("payment_id = '{p}'");
    let id_p = format!("id = '{p}'");
    let both = |name: &'static str, table: &str, damage: &str, repair: &str, of: &str| {
        (name, set(table, damage, of), set(table, repair, of))
    };
    let charge = format!("idempotency_key in (select idempotency_key from operations where {of_p} and kind = 'sale')");
    let session = format!("id in (select session_id from payments where {id_p})");
    vec![
        ("journal_balanced", booked("payment", "fees", '+'), booked("payment", "fees", '-')),
        (
            "journal_has_two_entries",
            format!(
                "insert into journals (merchant_id, livemode, id, kind, payment_id, source_id, at)
                 select merchant_id, livemode, 'txn_x', 'fx', id, 'nothing', 0 from payments where {id_p}"
            ),
            "delete from journals where id = 'txn_x'".to_owned(),
        ),
        both("captured_is_attempts", "attempts", "captured = captured - 1", "captured = captured + 1", &of_p),
        both("captured_within_authorized", "payments", "authorized = 500", "authorized = 1000", &format!("id = '{part}'")),
        both("captured_is_captures", "operations", "amount = 601", "amount = 600", &format!("payment_id = '{part}' and kind = 'capture'")),
        both("one_release", "operations", "kind = 'void'", "kind = 'authorize'", &format!("payment_id = '{part}' and kind in ('authorize', 'void')")),
        both("authorization_ends", "payments", "capture_check_at = null", "capture_check_at = capture_before", &format!("id = '{held}'")),
        both("cancellation_is_told", "payments", "cancellation = null", "cancellation = 'void'", &format!("id = '{released}'")),
        both("operation_agrees_with_release", "operations", "kind = 'capture'", "kind = 'void'", &format!("payment_id = '{released}' and kind in ('capture', 'void')")),
        ("captured_is_ledger", booked("payment", "sales", '+'), booked("payment", "sales", '-')),
        both("fee_is_ledger", "payments", "fee = fee + 1", "fee = fee - 1", &id_p),
        both("refunded_is_refunds", "refunds", "amount = amount + 1", "amount = amount - 1", &format!("id = '{r}'")),
        ("refunded_is_ledger", booked("refund", "refunds", '+'), booked("refund", "refunds", '-')),
        both("reserved_is_open_refunds", "payments", "refund_reserved = 1", "refund_reserved = 0", &id_p),
        both("refunds_within_captured", "payments", "refunded = 1001", "refunded = 300", &id_p),
        both("refunds_and_disputes_within_captured", "payments", "exceeded_at = 5", "exceeded_at = null", &id_p),
        both("disputed_is_disputes", "payments", "disputed = 1", "disputed = 0", &id_p),
        both("dispute_is_ledger", "disputes", "fee = fee + 1", "fee = fee - 1", "fee > 0"),
        both("open_dispute_is_due", "disputes", "next_check_at = null", "next_check_at = 1", "fee > 0"),
        both("dispute_has_event", "events", "kind = 'x'", "kind = 'dispute.created'", "kind in ('x', 'dispute.created')"),
        both("one_live_attempt", "attempts", "status = 'processing'", "status = 'failed'", &format!("payment_id = '{q}' and seq = 1")),
        both("payment_agrees_with_attempts", "payments", "status = 'processing'", "status = 'succeeded'", &id_p),
        both("operation_agrees_with_attempt", "operations", "status = 'failed'", "status = 'succeeded'", &format!("{of_p} and kind = 'sale'")),
        both("operation_agrees_with_refund", "operations", "status = 'failed'", "status = 'succeeded'", &format!("refund_id = '{r}'")),
        both("open_operation_is_due", "operations", "next_check_at = null", "next_check_at = 1", "status = 'processing'"),
        both("gateway_event_is_due", "gateway_events", "status = 'queued'", "status = 'done'", "event_id = 'evt_1'"),
        both("session_complete_iff_paid", "checkout_sessions", "status = 'open'", "status = 'complete'", &session),
        both("session_agrees_with_payment", "checkout_sessions", "amount = amount + 1", "amount = amount - 1", &session),
        both("one_currency", "refunds", "currency = 'USD'", "currency = 'EUR'", &format!("id = '{r}'")),
        both("success_has_event", "events", "object_id = 'x'", &format!("object_id = '{p}'"), &format!("object_id in ('{p}', 'x')")),
        both("refund_has_event", "events", "object_id = 'x'", &format!("object_id = '{r}'"), &format!("object_id in ('{r}', 'x')")),
        both("surplus_is_ledger", "attempts", "captured = captured - 1", "captured = captured + 1", "surplus"),
        both("uncounted_refund_is_ledger", "refunds", "amount = amount + 1", "amount = amount - 1", "not counts"),
        both("late_money_has_refund", "refunds", "origin = 'merchant'", "origin = 'surplus'", "not counts"),
        both("surplus_within_attempt", "refunds", "amount = amount + 1", "amount = amount - 1", "not counts"),
        both("review_is_unknown", "operations", "review_at = 5", "review_at = null", &of_p),
        both("decision_is_signed", "operations", "decision = 'happened'", "decision = null", &of_p),
        both("statistics_are_payments", "stat_hours", "volume = volume + 1", "volume = volume - 1", "currency = 'KWD'"),
        both("transfer_surplus_is_ledger", "bank_transfers", "received = received + 1", "received = received - 1", "received > amount"),
        both("entry_has_words", "bank_entries", "status = 'doubtful'", "status = 'ignored'", "sealed is null"),
        both("link_stock", "payment_links", "sold = sold + 1", "sold = sold - 1", &format!("id = '{link}'")),
        (
            "sandbox_charge_is_ours",
            "insert into sandbox_charges (id, account, idempotency_key, amount, currency, captured, status, scenario, created_at)
             values ('sbx_ch_x', 'gwc_x', 'x', 5, 'EUR', 5, 'succeeded', 'visa', 0)"
                .to_owned(),
            "delete from sandbox_charges where id = 'sbx_ch_x'".to_owned(),
        ),
        both("sandbox_charge_is_booked", "sandbox_charges", "captured = captured - 1", "captured = captured + 1", &charge),
        both("sandbox_refund_is_ours", "sandbox_refunds", "idempotency_key = 'x' || idempotency_key", "idempotency_key = substr(idempotency_key, 2)", "amount = 300"),
        both("sandbox_refund_is_booked", "sandbox_refunds", "status = 'pending'", "status = 'succeeded'", "amount = 300"),
        both("sandbox_refunded_adds_up", "sandbox_charges", "refunded = refunded + 1", "refunded = refunded - 1", &charge),
        both("no_crossing", "attempts", "livemode = not livemode", "livemode = not livemode", &of_p),
        both("no_orphan", "operations", "attempt_id = 'x' || attempt_id", "attempt_id = substr(attempt_id, 2)", &of_p),
        both("audit_chain", "audit_entries", "action = 'x' || action", "action = substr(action, 2)", "seq = 1"),
    ]
}

/// Constraints that stand in the way of damage.
fn unguard(ids: &Ids) -> String {
    let mut sql = "drop index attempts_one_live; drop index operations_one_release;".to_owned();
    if ids.sqlite {
        for table in ["journals", "entries", "audit"] {
            sql.push_str(&format!("drop trigger {table}_no_update; drop trigger {table}_no_delete;"));
        }
    } else {
        sql.push_str(
            "do $$ declare r record; begin
               for r in select conname from pg_constraint where conrelid = 'payments'::regclass and contype = 'c' loop
                 execute 'alter table payments drop constraint ' || r.conname;
               end loop;
             end $$;",
        );
    }
    sql
}

for_each_engine!(every_invariant_names_a_row_that_was_damaged, |db| async {
    let t = TestServices::new(&db);
    let ids = everything(&t).await;
    t.damage(&unguard(&ids)).await;
    let mut named = BTreeSet::new();
    for (invariant, damage, repair) in damages(&ids) {
        t.damage(&damage).await;
        let broken = check::run(t.db()).await.unwrap();
        assert!(broken.iter().any(|b| b.invariant == invariant), "{invariant} is not named: {broken:?}");
        named.insert(invariant);
        t.damage(&repair).await;
        let left = check::run(t.db()).await.unwrap();
        assert!(left.is_empty(), "after the repair of {invariant}: {left:?}");
    }
    let all: BTreeSet<&str> = check::invariants().into_iter().collect();
    assert_eq!(named, all, "an invariant without its damage");
});

for_each_engine!(a_charge_that_nobody_booked_is_named_until_it_is, |db| async {
    // What a crash before the second unit leaves, once it had been taken for a failure.
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    t.connection(&m, "sandbox").await;
    let s = t.session(&m, 900, "EUR").await;
    t.pay(&s, "4000000000000002").await;
    t.damage("update sandbox_charges set status = 'succeeded', captured = amount, decline_code = null, fee = 56").await;
    let broken = check::run(t.db()).await.unwrap();
    assert_eq!(broken.iter().map(|b| b.invariant).collect::<Vec<_>>(), ["sandbox_charge_is_booked"]);
    t.sql("update operations set next_check_at = 0").await;
    t.later(MINUTE).await;
    t.assert_sound().await;
});
