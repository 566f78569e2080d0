//! A backup that is days old charges and notifies nobody twice, and what gateways did since appears once.

use domain::{
    Currency, Timestamp,
    states::PaymentStatus,
    time::{DAY, HOUR, MINUTE},
    views::checkout::CheckoutStage,
};
use gateways::ChargeState;
use services::{mail, restore};
use std::collections::BTreeSet;
use test_support::{TestDb, TestMerchant, TestServices, builders::assert_status, for_each_engine, gateway::Script};

const GOOD: &str = "4242424242424242";

/// Sends what is due and gives the addresses' mails: template and object's payment.
async fn send(t: &TestServices, sent: &mut Vec<String>) {
    loop {
        let due = mail::due(t, 100).await.unwrap();
        if due.is_empty() {
            return;
        }
        for one in due {
            let value =
                |name: &str| one.params.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
            sent.push(format!("{} {:?} {:?}", one.template, value("payment"), value("amount")));
            let rendered = mail::Rendered { subject: "s".to_owned(), text: "t".to_owned(), html: "h".to_owned() };
            mail::delivered(t, &one.id, &rendered, true).await.unwrap();
        }
    }
}

fn once(sent: &[String]) {
    let all: BTreeSet<&String> = sent.iter().collect();
    assert_eq!(all.len(), sent.len(), "a mail left twice: {sent:?}");
}

async fn restored(t: &TestServices, backup: &TestDb, since: Timestamp) -> TestServices {
    let again = t.beside(backup);
    restore::begin(&again, since).await.unwrap();
    again
}

/// What the gateway gave, by its own log.
fn truth(t: &TestServices) -> (i64, i64) {
    let (charges, refunds) = (t.gateway.charges(), t.gateway.refunds());
    let charged = charges.values().map(|charge| match charge.state {
        ChargeState::Succeeded { captured, .. } => captured.minor,
        _ => 0,
    });
    (charged.sum(), refunds.values().map(|refund| refund.amount.minor).sum())
}

async fn booked(t: &TestServices, m: &TestMerchant) -> (i64, i64) {
    let of = m.scope().merchant.as_str();
    let sum = |column: &str| {
        format!("select coalesce(cast(sum({column}) as bigint), 0) from payments where merchant_id = '{of}'")
    };
    (t.number(&sum("captured")).await, t.number(&sum("refunded")).await)
}

for_each_engine!(a_backup_that_is_three_days_old_does_nothing_twice, |db| async {
    let t = TestServices::new(&db);
    t.gateway.set_lists(true);
    let m = t.merchant().await;
    t.connection(&m, "fake").await;
    let mut sent = Vec::new();
    // Before the backup: a payment whose mail has left, one whose mail has not, and one whose outcome is open.
    let old = t.paid(&m, 1_000, "EUR").await;
    send(&t, &mut sent).await;
    let unsent = t.paid(&m, 1_100, "EUR").await;
    t.gateway.script([Script::ChargeThenLose]);
    let open = t.session(&m, 1_200, "EUR").await;
    t.pay(&open, GOOD).await;
    let backup = db.backup().await;
    let since = t.now();
    // Afterwards everything goes on: mails leave, the outcome is found, more is paid and refunded.
    t.later(HOUR).await;
    let later: Vec<_> = [(2_000, 7), (2_100, 20), (2_200, 30)].into();
    let mut paid = Vec::new();
    for (minor, hours) in later {
        t.later(hours * HOUR).await;
        paid.push(t.paid(&m, minor, "EUR").await);
    }
    t.refund(&m, &old, 300, Currency::EUR).await.unwrap();
    t.refund(&m, &paid[0], 500, Currency::EUR).await.unwrap();
    t.refund(&m, &paid[0], 600, Currency::EUR).await.unwrap();
    t.later(DAY).await;
    send(&t, &mut sent).await;
    t.assert_sound().await;
    assert_eq!(booked(&t, &m).await, truth(&t));
    let (calls, refunds) = (t.gateway.calls(), t.gateway.refunds().len());

    let r = restored(&t, &backup, since).await;
    // Nothing leaves before the gateways were asked; customers may pay all the while.
    assert!(mail::due(&r, 100).await.unwrap().is_empty());
    assert_eq!(restore::lines(&r).await.unwrap().len(), 1);
    let during = r.session(&m, 3_000, "EUR").await;
    assert!(matches!(r.pay(&during, GOOD).await, CheckoutStage::Paid { .. }));
    assert!(mail::due(&r, 100).await.unwrap().is_empty(), "new mail waits too");
    r.run_due().await;
    assert!(restore::lines(&r).await.unwrap().is_empty(), "it is over");
    assert_eq!(booked(&r, &m).await, truth(&r));
    assert_status(&r.payment_of(&open).await, PaymentStatus::Succeeded);
    assert_eq!(r.payment(&m, &old).await.refunded, 300);
    let marked = "select cast(count(*) as bigint) from payments where metadata like '%found_after_restore%'";
    assert_eq!(r.number(marked).await, 3);
    assert_eq!((r.gateway.calls(), r.gateway.refunds().len()), (calls + 1, refunds), "nothing was sent again");
    send(&r, &mut sent).await;
    once(&sent);
    assert!(sent.iter().any(|one| one.contains(unsent.as_str())));
    let during = r.payment_of(&during).await.id;
    assert!(sent.iter().any(|one| one.contains(&during)), "what is new is told: {sent:?}");
    r.assert_sound().await;
    // Days later it is still so.
    r.later(8 * DAY).await;
    send(&r, &mut sent).await;
    once(&sent);
    assert_eq!(booked(&r, &m).await, truth(&r));
    r.assert_sound().await;
    // What was found can be refunded like any other.
    let found = r.texts("select id from payments where metadata like '%found_after_restore%' and refunded = 0").await;
    r.refund(&m, &found[0].parse().unwrap(), 100, Currency::EUR).await.unwrap();
    r.assert_sound().await;
});

for_each_engine!(a_gateway_that_can_not_list_waits_for_a_person, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    let connection = t.connection(&m, "fake").await;
    t.connection(&m, "sandbox").await;
    t.paid(&m, 1_000, "EUR").await;
    let backup = db.backup().await;
    let r = restored(&t, &backup, t.now()).await;
    r.later(MINUTE).await;
    let lines = restore::lines(&r).await.unwrap();
    let of = |status: &str| lines.iter().filter(|line| line.status == status).count();
    assert_eq!((of("done"), of("waiting")), (1, 1), "{lines:?}");
    r.paid(&m, 1_500, "EUR").await;
    r.later(DAY).await;
    assert!(mail::due(&r, 10).await.unwrap().is_empty(), "held up until a person goes on");
    assert_eq!(restore::go_on(&r, "gwc_nothing").await.unwrap(), 0);
    assert_eq!(restore::go_on(&r, connection.as_str()).await.unwrap(), 1);
    assert!(restore::lines(&r).await.unwrap().is_empty());
    assert_eq!(mail::due(&r, 10).await.unwrap().len(), 1, "only what is new");
    r.assert_sound().await;
});

for_each_engine!(a_gateway_that_is_away_is_asked_again, |db| async {
    let t = TestServices::new(&db);
    t.gateway.set_lists(true);
    let m = t.merchant().await;
    t.connection(&m, "fake").await;
    let backup = db.backup().await;
    let since = t.now();
    t.later(MINUTE).await;
    t.paid(&m, 1_000, "EUR").await;
    let r = restored(&t, &backup, since).await;
    t.gateway.set_deaf(true);
    r.later(MINUTE).await;
    assert_eq!(booked(&r, &m).await, (0, 0));
    let lines = restore::lines(&r).await.unwrap();
    assert!(lines[0].status == "charges" && lines[0].error.is_some(), "{lines:?}");
    t.gateway.set_deaf(false);
    r.later(10 * MINUTE).await;
    assert_eq!(booked(&r, &m).await, (1_000, 0));
    assert!(restore::lines(&r).await.unwrap().is_empty());
    r.assert_sound().await;
});

for_each_engine!(two_workers_book_what_is_found_once, |db| async {
    let t = TestServices::new(&db);
    t.gateway.set_lists(true);
    let m = t.merchant().await;
    t.connection(&m, "fake").await;
    let backup = db.backup().await;
    let since = t.now();
    for _ in 0..12 {
        t.later(3 * HOUR).await;
        let p = t.paid(&m, 1_000, "EUR").await;
        t.refund(&m, &p, 100, Currency::EUR).await.unwrap();
    }
    let r = restored(&t, &backup, since).await;
    for _ in 0..10 {
        // Each believes that the other is gone.
        r.sql("update restore_connections set next_try_at = 0 where status in ('charges', 'refunds')").await;
        let (one, two) = tokio::join!(restore::run(&r, 10), restore::run(&r, 10));
        one.unwrap();
        two.unwrap();
    }
    r.run_due().await;
    assert_eq!(booked(&r, &m).await, truth(&r));
    assert_eq!(booked(&r, &m).await, (12_000, 1_200));
    r.assert_sound().await;
});
