//! Races at the services' own door: refunds against each other, tabs and replays against each other, workers against each
//! other and against the customer. Whoever wins, money moves once.

use domain::{
    Currency, PaymentId, RefundId,
    problem::money,
    states::PaymentStatus,
    time::{DAY, HOUR, MINUTE},
    views::checkout::CheckoutStage,
};
use futures::future::join_all;
use services::{ServiceError, checkout, jobs, payments};
use test_support::{
    TestMerchant, TestServices,
    builders::assert_status,
    for_each_engine,
    gateway::{RefundScript, Script},
};

const GOOD: &str = "4242424242424242";
const EUR: Currency = Currency::EUR;

/// Refunds that race in one round.
const RACERS: usize = 100;
/// Rounds that `make test` runs on each engine: 200 in all. PAYDECK_RACE_ROUNDS sets another number, for each.
const ROUNDS: usize = 100;
/// How often a form is posted that the database turns away.
const POSTS: usize = 100;
/// Forms that are posted twenty times at once by `make test` on each engine: 1,000 in all. PAYDECK_RACE_KEYS sets another number.
const KEYS: usize = 500;

fn from_environment(name: &str, otherwise: usize) -> usize {
    std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(otherwise)
}

fn is_paid(stage: &CheckoutStage) -> bool {
    matches!(stage, CheckoutStage::Paid { .. })
}

/// One refund of 30. Who is turned away because a hundred others hold every connection posts the same form again, as a browser
/// does.
async fn definite(t: &TestServices, m: &TestMerchant, p: &PaymentId) -> Result<RefundId, ServiceError> {
    let form = t.refund_form("0.30");
    let mut turned_away = None;
    for _ in 0..POSTS {
        match payments::refund(t, &m.actor, p, form.clone()).await {
            Err(ServiceError::Store(error)) => turned_away = Some(error),
            answer => return answer,
        }
    }
    panic!("the database turned a refund away {POSTS} times, last with {turned_away:?}");
}

for_each_engine!(of_a_hundred_refunds_of_30_on_100_three_succeed_in_every_round, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    t.connection(&m, "fake").await;
    for round in 0..from_environment("PAYDECK_RACE_ROUNDS", ROUNDS) {
        let p = t.paid(&m, 100, "EUR").await;
        let before = t.gateway.refunds().len();
        let made = join_all((0..RACERS).map(|_| definite(&t, &m, &p))).await;
        assert_eq!(made.iter().filter(|refund| refund.is_ok()).count(), 3, "round {round}");
        for refused in made.iter().filter_map(|refund| refund.as_ref().err()) {
            assert!(matches!(refused, ServiceError::Problem(p) if p.code == money::REFUND_TOO_MUCH), "{refused}");
        }
        assert_eq!(t.gateway.refunds().len(), before + 3, "round {round}: the gateway heard of no other");
        let row = t.payment(&m, &p).await;
        assert_eq!((row.captured, row.refunded, row.refund_reserved), (100, 90, 0), "round {round}");
        if round % 25 == 0 {
            t.assert_sound().await;
        }
    }
    t.assert_sound().await;
});

for_each_engine!(refunds_whose_answers_are_lost_race_no_better, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    t.connection(&m, "fake").await;
    for _ in 0..5 {
        let p = t.paid(&m, 100, "EUR").await;
        let before = t.gateway.refunds().len();
        t.gateway.script_refunds([RefundScript::RefundThenLose, RefundScript::Lose, RefundScript::RefundThenLose]);
        join_all((0..RACERS).map(|_| t.refund(&m, &p, 30, EUR))).await;
        // What may have happened holds its reservation: nobody else gets it.
        let row = t.payment(&m, &p).await;
        assert_eq!((row.refunded, row.refund_reserved), (0, 90));
        t.later(HOUR).await;
        let row = t.payment(&m, &p).await;
        assert_eq!((row.refunded, row.refund_reserved), (60, 0));
        assert_eq!(t.gateway.refunds().len(), before + 2);
        t.assert_sound().await;
    }
});

for_each_engine!(a_thousand_forms_posted_twenty_times_at_once_charge_once_each, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    t.connection(&m, "fake").await;
    let keys = from_environment("PAYDECK_RACE_KEYS", KEYS);
    for _ in 0..keys {
        let s = t.session(&m, 700, "EUR").await;
        let form = t.pay_form(GOOD);
        let stages = join_all((0..20).map(|_| t.try_pay(&s, form.clone()))).await;
        let receipt = CheckoutStage::Paid { receipt_token: t.payment_of(&s).await.receipt_token };
        assert!(stages.iter().all(|stage| *stage.as_ref().unwrap() == receipt), "identical replies: {stages:?}");
    }
    assert_eq!((t.gateway.calls(), t.gateway.charges().len()), (keys, keys));
    t.assert_sound().await;
});

for_each_engine!(two_tabs_and_a_replay_with_every_kind_of_answer_charge_once, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    t.connection(&m, "fake").await;
    for script in [Script::Succeed, Script::ChargeThenLose, Script::NotSent, Script::Lose] {
        for _ in 0..5 {
            let s = t.session(&m, 700, "EUR").await;
            t.gateway.script([script.clone()]);
            let (one, two) = (t.pay_form(GOOD), t.pay_form(GOOD));
            let clicks = [&one, &two, &one, &two, &one, &two];
            join_all(clicks.map(|form| t.try_pay(&s, form.clone()))).await.into_iter().for_each(|s| drop(s.unwrap()));
            t.later(2 * MINUTE).await;
            // What was certainly not charged may be tried once more; what may have been is settled by now.
            t.try_pay(&s, t.pay_form(GOOD)).await.unwrap();
            assert_status(&t.payment_of(&s).await, PaymentStatus::Succeeded);
            let id = t.payment_of(&s).await.id;
            let of_session = t.texts(&format!("select id from operations where payment_id = '{id}'")).await;
            let charged = t.gateway.charges().into_iter().filter(|(key, _)| of_session.contains(key)).count();
            assert_eq!(charged, 1, "{script:?}");
        }
    }
    t.assert_sound().await;
});

for_each_engine!(two_workers_and_the_customer_settle_one_charge_once, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    t.connection(&m, "fake").await;
    for _ in 0..10 {
        let mut sessions = Vec::new();
        for _ in 0..8 {
            let s = t.session(&m, 700, "EUR").await;
            t.gateway.script([Script::ChargeThenLose]);
            t.pay(&s, GOOD).await;
            sessions.push(s);
        }
        t.clock.advance(2 * MINUTE);
        let workers = join_all(["one", "two", "three"].map(|owner| jobs::run_due(&t, owner, 5)));
        let customers = join_all(sessions.iter().map(|s| checkout::returned(&t, &s.token)));
        let (workers, customers) = futures::join!(workers, customers);
        assert!(workers.iter().all(Result::is_ok), "{workers:?}");
        customers.into_iter().for_each(|stage| assert!(is_paid(&stage.unwrap())));
        t.run_due().await;
        t.assert_sound().await;
    }
    assert_eq!(t.number("select cast(count(*) as bigint) from journals").await, 80);
    assert_eq!(t.number("select cast(count(*) as bigint) from mails").await, 80);
    assert_eq!(t.gateway.calls(), 80);
});

for_each_engine!(a_refund_races_the_worker_that_settles_another, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    t.connection(&m, "fake").await;
    for _ in 0..10 {
        let p: PaymentId = t.paid(&m, 100, "EUR").await;
        t.gateway.script_refunds([RefundScript::Lose]);
        t.refund(&m, &p, 60, EUR).await.unwrap();
        t.clock.advance(DAY);
        let forms: Vec<_> = (0..6).map(|_| t.refund_form("0.50")).collect();
        let refunds = join_all(forms.into_iter().map(|form| payments::refund(&t, &m.actor, &p, form)));
        let workers = join_all(["one", "two"].map(|owner| jobs::run_due(&t, owner, 5)));
        let (made, workers) = futures::join!(refunds, workers);
        assert!(workers.iter().all(Result::is_ok), "{workers:?}");
        let made = i64::try_from(made.iter().filter(|refund| refund.is_ok()).count()).unwrap();
        t.run_due().await;
        let row = t.payment(&m, &p).await;
        assert_eq!((row.refunded, row.refund_reserved), (50 * made, 0), "the lost one gave its reservation back");
        assert!(made <= 2);
        t.assert_sound().await;
    }
});
