//! Disputes: what the gateway says is taken stands in the books, whatever the order and number of its events, and never leaves
//! twice by a refund from here.

use crate::gateway_refunds::{charge_of, deliver, look};
use domain::{
    Currency, Money, PaymentId, Timestamp,
    dispute::DisputeStatus,
    problem::money,
    time::{DAY, HOUR, MINUTE},
    views::payment::RefundForm,
};
use futures::future::join_all;
use gateways::{DisputeReply, RefundState};
use serde_json::{Value, json};
use services::{ServiceError, dashboard, payments, webhooks, webhooks::Received};
use test_support::{TestMerchant, TestServices, for_each_engine, gateway::dispute};

const EUR: Currency = Currency::EUR;

const fn eur(minor: i64) -> Money {
    Money::new(minor, EUR)
}

fn about(name: &str) -> Value {
    json!({ "dispute": { "id": name } })
}

/// A dispute over 700 that says what it took and costs.
fn told(name: &str, charge: &str, status: DisputeStatus, taken: i64, fee: i64) -> DisputeReply {
    DisputeReply { taken: Some(eur(taken)), fee: Some(eur(fee)), ..dispute(name, charge, eur(700), status) }
}

/// What stands in the dispute, on its payment and in the books: status, taken, fee, disputed, booked as disputes and as their fees.
async fn standing(t: &TestServices, m: &TestMerchant, p: &PaymentId) -> (String, [i64; 5]) {
    let status = t.texts(&format!("select status from disputes where payment_id = '{p}'")).await.remove(0);
    let of = |what: &str| format!("select cast({what} as bigint) from disputes where payment_id = '{p}'");
    let booked = |account: &str| {
        format!(
            "select cast(coalesce(sum(e.amount), 0) as bigint) from entries e join journals j on j.id = e.journal_id
             where j.payment_id = '{p}' and e.account = '{account}'"
        )
    };
    let sums = [
        t.number(&of("taken")).await,
        t.number(&of("fee")).await,
        t.payment(m, p).await.disputed,
        t.number(&booked("disputes")).await,
        t.number(&booked("dispute_fees")).await,
    ];
    (status, sums)
}

async fn notes(t: &TestServices) -> Vec<String> {
    t.texts("select status || ' ' || coalesce(note, '-') from gateway_events order by event_id").await
}

fn code<T>(result: &Result<T, ServiceError>) -> &str {
    match result {
        Ok(_) => "ok",
        Err(ServiceError::Problem(problem)) => &problem.code,
        Err(error) => panic!("{error}"),
    }
}

for_each_engine!(the_events_of_a_dispute_in_every_order_end_in_one_truth, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    let connection = t.connection(&m, "fake").await;
    for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        for (end, taken, fee) in
            [(DisputeStatus::Won, 0, 0), (DisputeStatus::Lost, 700, 15), (DisputeStatus::Closed, 0, 15)]
        {
            let p = t.paid(&m, 1_000, "EUR").await;
            let (charge, name) = (charge_of(&t, p.as_str()).await, format!("dp_{p}"));
            let life = [
                told(&name, &charge, DisputeStatus::NeedsResponse, 700, 15),
                told(&name, &charge, DisputeStatus::UnderReview, 700, 15),
                told(&name, &charge, end, taken, fee),
            ];
            for (step, event) in order.iter().enumerate() {
                t.gateway.set_dispute(life[step].clone());
                let id = format!("{p}-{event}");
                assert_eq!(deliver(&t, connection.as_str(), &id, &about(&name)).await, Received::New);
                assert_eq!(deliver(&t, connection.as_str(), &id, &about(&name)).await, Received::Repeat);
                look(&t).await;
            }
            let (status, sums) = standing(&t, &m, &p).await;
            assert_eq!((status.as_str(), sums), (end.as_str(), [taken, fee, taken, taken, fee]), "{order:?}");
        }
    }
    assert_eq!(t.texts("select distinct status from gateway_events").await, ["done"]);
    assert_eq!(t.number("select cast(count(*) as bigint) from disputes").await, 18);
    t.assert_sound().await;
});

for_each_engine!(many_workers_over_one_dispute_book_it_once, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    let connection = t.connection(&m, "fake").await;
    let p = t.paid(&m, 1_000, "EUR").await;
    let charge = charge_of(&t, p.as_str()).await;
    for n in 0..24 {
        deliver(&t, connection.as_str(), &format!("evt_{n}"), &about("dp_1")).await;
    }
    t.gateway.set_dispute(told("dp_1", &charge, DisputeStatus::NeedsResponse, 700, 15));
    let turn = async {
        // What it says changes under their hands.
        for n in 0..40i64 {
            t.gateway.set_dispute(told("dp_1", &charge, DisputeStatus::UnderReview, 100 * (n % 8), n % 3));
            tokio::task::yield_now().await;
        }
        t.gateway.set_dispute(told("dp_1", &charge, DisputeStatus::Lost, 650, 20));
    };
    let workers = join_all((0..4).map(|_| webhooks::process(&t.svc, 6)));
    let ((), done) = futures::join!(turn, workers);
    assert!(done.iter().all(Result::is_ok), "{done:?}");
    deliver(&t, connection.as_str(), "evt_last", &about("dp_1")).await;
    look(&t).await;
    assert_eq!(standing(&t, &m, &p).await, ("lost".to_owned(), [650, 20, 650, 650, 20]));
    assert_eq!(t.number("select cast(count(*) as bigint) from events where kind = 'dispute.created'").await, 1);
    t.assert_sound().await;
});

for_each_engine!(whatever_it_says_one_after_the_other_the_books_follow, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    let connection = t.connection(&m, "fake").await;
    let mut random = 7u64;
    let mut next = |below: i64| {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        i64::try_from(random >> 33).unwrap() % below
    };
    for round in 0..6 {
        let p = t.paid(&m, 1_000, "EUR").await;
        let (charge, name) = (charge_of(&t, p.as_str()).await, format!("dp_{round}"));
        let (mut taken, mut fee) = (0, 0);
        for step in 0..8 {
            let status = DisputeStatus::ALL[usize::try_from(next(6)).unwrap()];
            let mut reply = dispute(&name, &charge, eur(700), status);
            reply.taken = (next(3) > 0).then(|| eur(100 * next(9)));
            reply.fee = (next(2) > 0).then(|| eur(next(30)));
            taken = match (reply.taken, status) {
                (Some(told), _) => told.minor,
                (None, DisputeStatus::Lost) => 700,
                (None, DisputeStatus::Won | DisputeStatus::Closed) => 0,
                (None, _) => taken,
            };
            fee = reply.fee.map_or(fee, |fee| fee.minor);
            t.gateway.set_dispute(reply);
            deliver(&t, connection.as_str(), &format!("evt_{round}_{step}"), &about(&name)).await;
            look(&t).await;
            assert_eq!(standing(&t, &m, &p).await, (status.as_str().to_owned(), [taken, fee, taken, taken, fee]));
        }
    }
    t.assert_sound().await;
});

for_each_engine!(what_a_dispute_took_is_not_refunded_from_here, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    let connection = t.connection(&m, "fake").await;
    let p = t.paid(&m, 1_000, "EUR").await;
    let charge = charge_of(&t, p.as_str()).await;
    t.gateway.set_dispute(told("dp_1", &charge, DisputeStatus::NeedsResponse, 600, 15));
    deliver(&t, connection.as_str(), "evt_1", &about("dp_1")).await;
    look(&t).await;
    assert_eq!(code(&t.refund(&m, &p, 401, EUR).await), money::REFUND_DISPUTED);
    assert_eq!(code(&t.refund(&m, &p, 1_001, EUR).await), money::REFUND_TOO_MUCH);
    let full = RefundForm { kind: "full".to_owned(), remaining: 1_000, ..t.refund_form("") };
    assert_eq!(code(&payments::refund(&t, &m.actor, &p, full).await), money::REFUND_DISPUTED);
    let page = payments::detail(&t, &m.actor, &p).await.unwrap();
    assert_eq!((page.refundable, page.may_refund), (eur(400), true));
    assert_eq!(page.net, eur(1_000 - 1 - 600 - 15));
    // Of many at once no more than the rest goes through.
    let made = join_all((0..10).map(|_| t.refund(&m, &p, 100, EUR))).await;
    assert_eq!(made.iter().filter(|made| made.is_ok()).count(), 4);
    let page = payments::detail(&t, &m.actor, &p).await.unwrap();
    assert_eq!((page.may_refund, page.no_refund_because.as_deref()), (false, Some("dispute")));
    t.assert_sound().await;
    // Won: the money is there again.
    t.gateway.set_dispute(told("dp_1", &charge, DisputeStatus::Won, 0, 15));
    deliver(&t, connection.as_str(), "evt_2", &about("dp_1")).await;
    look(&t).await;
    t.refund(&m, &p, 600, EUR).await.unwrap();
    assert_eq!(standing(&t, &m, &p).await, ("won".to_owned(), [0, 15, 0, 0, 15]));
    t.assert_sound().await;
});

for_each_engine!(what_is_refunded_and_disputed_is_booked_and_told, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    let connection = t.connection(&m, "fake").await;
    let (p, q) = (t.paid(&m, 700, "EUR").await, t.paid(&m, 700, "EUR").await);
    let (of_p, of_q) = (charge_of(&t, p.as_str()).await, charge_of(&t, q.as_str()).await);
    // Refunded here, then taken; and taken, then refunded in the gateway's dashboard: the same.
    t.refund(&m, &p, 700, EUR).await.unwrap();
    t.gateway.set_dispute(told("dp_p", &of_p, DisputeStatus::NeedsResponse, 700, 15));
    t.gateway.set_dispute(told("dp_q", &of_q, DisputeStatus::NeedsResponse, 700, 15));
    deliver(&t, connection.as_str(), "evt_1", &about("dp_p")).await;
    deliver(&t, connection.as_str(), "evt_2", &about("dp_q")).await;
    look(&t).await;
    t.gateway.refund_there("re_q", &of_q, eur(700), &RefundState::Succeeded);
    deliver(&t, connection.as_str(), "evt_3", &json!({ "refund": { "id": "re_q", "charge": of_q } })).await;
    look(&t).await;
    assert_eq!(notes(&t).await, ["done -"; 3]);
    for payment in [&p, &q] {
        let row = t.payment(&m, payment).await;
        assert_eq!((row.refunded, row.refund_reserved, row.disputed), (700, 0, 700));
        let page = payments::detail(&t, &m.actor, payment).await.unwrap();
        let note = page.notes.iter().find(|note| note.kind == "refunded_and_disputed").unwrap();
        assert_eq!((note.amount, page.refundable), (eur(700), eur(0)));
        assert_eq!(page.net, eur(-700 - 1 - 15));
    }
    let home = dashboard::view(&t, &m.actor).await.unwrap();
    assert!(home.attention.iter().any(|item| item.kind == "refunded_and_disputed" && item.count == 2));
    t.assert_sound().await;
    // Reinstated by the bank, and a refund that its bank returned: nothing is too much any more.
    t.gateway.set_dispute(told("dp_p", &of_p, DisputeStatus::Won, 0, 15));
    deliver(&t, connection.as_str(), "evt_4", &about("dp_p")).await;
    t.gateway.set_refund("there/re_q", &RefundState::Failed { code: "bank_returned" });
    deliver(&t, connection.as_str(), "evt_5", &json!({ "refund": { "id": "re_q", "charge": of_q } })).await;
    look(&t).await;
    assert_eq!(t.number("select cast(count(*) as bigint) from payments where exceeded_at is not null").await, 0);
    t.assert_sound().await;
});

for_each_engine!(a_dispute_that_fits_nothing_of_ours_changes_nothing, |db| async {
    let t = TestServices::new(&db);
    let (m, n) = (t.merchant().await, t.merchant().await);
    let (mine, theirs) = (t.connection(&m, "fake").await, t.connection(&n, "fake").await);
    let p = t.paid(&m, 1_000, "EUR").await;
    let other = t.connection(&m, "fake").await;
    let charge = charge_of(&t, p.as_str()).await;
    let lost = DisputeStatus::Lost;
    t.gateway.set_dispute(told("dp_fits", &charge, lost, 700, 15));
    t.gateway.set_dispute(told("dp_nobody", "ch_of_nobody", lost, 700, 15));
    t.gateway.set_dispute(dispute("dp_usd", &charge, Money::new(700, Currency::USD), lost));
    let taken = Some(Money::new(700, Currency::USD));
    t.gateway.set_dispute(DisputeReply { taken, ..dispute("dp_taken", &charge, eur(700), lost) });
    let events = [
        ("evt_1", &theirs, "dp_fits", "ignored mismatch"),
        ("evt_2", &other, "dp_fits", "ignored other_connection"),
        ("evt_3", &mine, "dp_nobody", "ignored -"),
        ("evt_4", &mine, "dp_usd", "done mismatch"),
        ("evt_5", &mine, "dp_taken", "done mismatch"),
        ("evt_6", &mine, "dp_unheard_of", "queued -"),
    ];
    for (id, connection, name, _) in &events {
        deliver(&t, connection.as_str(), id, &about(name)).await;
    }
    look(&t).await;
    assert_eq!(notes(&t).await, events.map(|(_, _, _, end)| end.to_owned()));
    assert_eq!(t.number("select cast(count(*) as bigint) from disputes").await, 0);
    assert_eq!(t.payment(&m, &p).await.disputed, 0);
    t.assert_sound().await;
});

for_each_engine!(an_open_dispute_is_asked_about_every_day, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    let connection = t.connection(&m, "fake").await;
    let p = t.paid(&m, 1_000, "EUR").await;
    let charge = charge_of(&t, p.as_str()).await;
    t.gateway.set_dispute(told("dp_1", &charge, DisputeStatus::Inquiry, 0, 0));
    deliver(&t, connection.as_str(), "evt_1", &about("dp_1")).await;
    t.later(8 * DAY).await;
    // Its events are lost; once the gateway can't be asked either.
    t.gateway.set_dispute(told("dp_1", &charge, DisputeStatus::NeedsResponse, 700, 15));
    let asked = t.gateway.lookups();
    t.later(12 * HOUR).await;
    assert_eq!((t.gateway.lookups(), standing(&t, &m, &p).await.0), (asked, "inquiry".to_owned()));
    t.gateway.set_deaf(true);
    t.later(12 * HOUR + MINUTE).await;
    t.gateway.set_deaf(false);
    assert_eq!(standing(&t, &m, &p).await.0, "inquiry");
    t.later(HOUR + MINUTE).await;
    assert_eq!(standing(&t, &m, &p).await, ("needs_response".to_owned(), [700, 15, 700, 700, 15]));
    t.gateway.set_dispute(told("dp_1", &charge, DisputeStatus::Lost, 700, 15));
    t.later(DAY + MINUTE).await;
    assert_eq!(standing(&t, &m, &p).await.0, "lost");
    // What is over is left alone, but for an event.
    let asked = t.gateway.lookups();
    t.later(3 * DAY).await;
    assert_eq!(t.gateway.lookups(), asked);
    t.gateway.set_dispute(told("dp_1", &charge, DisputeStatus::NeedsResponse, 700, 15));
    deliver(&t, connection.as_str(), "evt_2", &about("dp_1")).await;
    look(&t).await;
    assert_eq!(standing(&t, &m, &p).await.0, "needs_response");
    t.assert_sound().await;
});

for_each_engine!(the_merchant_is_told_with_the_time_for_an_answer, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    let connection = t.connection(&m, "fake").await;
    let p = t.paid(&m, 1_000, "EUR").await;
    let charge = charge_of(&t, p.as_str()).await;
    let until = t.now().plus(7 * DAY);
    let respond_by = Some(until);
    t.gateway.set_dispute(DisputeReply { respond_by, ..told("dp_1", &charge, DisputeStatus::NeedsResponse, 700, 15) });
    for id in ["evt_1", "evt_2"] {
        deliver(&t, connection.as_str(), id, &about("dp_1")).await;
        look(&t).await;
    }
    let mails = "select template from mails where template like 'dispute%' order by created_at";
    assert_eq!(t.texts(mails).await, ["dispute_opened"]);
    assert_eq!(
        t.texts("select coalesce(changed || changed_from || changed_to, '-') from gateway_events order by event_id")
            .await,
        ["disputenoneneeds_response", "-"]
    );
    let home = dashboard::view(&t, &m.actor).await.unwrap();
    let alert = home.attention.iter().find(|item| item.kind == "disputes").unwrap();
    assert_eq!((alert.count, alert.until, alert.path.as_str()), (1, Some(until), format!("payments/{p}").as_str()));
    let page = payments::detail(&t, &m.actor, &p).await.unwrap();
    let shown = &page.disputes[0];
    assert_eq!((shown.amount, shown.taken, shown.fee, shown.respond_by), (eur(700), eur(700), eur(15), respond_by));
    assert_eq!((shown.opened_at, shown.raw_code.as_deref()), (Timestamp(0), Some("10.4")));
    assert!(page.timeline.iter().any(|item| item.kind == "dispute.opened"));
    // Answered: nobody is waited for. Then the bank asks once more.
    t.gateway.set_dispute(told("dp_1", &charge, DisputeStatus::UnderReview, 700, 15));
    deliver(&t, connection.as_str(), "evt_3", &about("dp_1")).await;
    look(&t).await;
    let home = dashboard::view(&t, &m.actor).await.unwrap();
    assert!(home.attention.iter().all(|item| item.kind != "disputes"));
    t.clock.advance(MINUTE);
    t.gateway.set_dispute(DisputeReply { respond_by, ..told("dp_1", &charge, DisputeStatus::NeedsResponse, 700, 15) });
    deliver(&t, connection.as_str(), "evt_4", &about("dp_1")).await;
    look(&t).await;
    assert_eq!(t.texts(mails).await, ["dispute_opened", "dispute_opened"]);
    t.assert_sound().await;
});
