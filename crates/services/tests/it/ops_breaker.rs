//! A gateway that does not answer is left alone, and slows nobody but itself.

use domain::{
    Currency,
    problem::money,
    states::PaymentStatus,
    time::{MINUTE, SECOND},
    views::checkout::CheckoutStage,
};
use futures::future::join_all;
use services::{ServiceError, breaker::Policy, connections, dashboard, gate::Bounds};
use std::time::Duration;
use test_support::{TestDb, TestServices, builders::assert_status, for_each_engine, gateway::Script};

const GOOD: &str = "4242424242424242";

fn with(db: &TestDb, policy: Policy) -> TestServices {
    let t = TestServices::new(db);
    t.breakers().set_policy(policy);
    t
}

fn policy() -> Policy {
    Policy { failures: 3, ..Policy::default() }
}

fn is_paused<T: std::fmt::Debug>(answer: Result<T, ServiceError>) -> bool {
    matches!(answer, Err(ServiceError::Problem(problem)) if problem.code == money::GATEWAY_PAUSED)
}

for_each_engine!(an_open_breaker_refuses_before_anything_is_written, |db| async {
    let t = with(&db, policy());
    let m = t.merchant().await;
    t.connection(&m, "fake").await;
    let paid = t.paid(&m, 900, "EUR").await;
    t.gateway.script([Script::Lose, Script::NotSent, Script::Lose]);
    for _ in 0..3 {
        let s = t.session(&m, 700, "EUR").await;
        t.pay(&s, GOOD).await;
    }
    let s = t.session(&m, 700, "EUR").await;
    let calls = t.gateway.calls();
    let form = t.pay_form(GOOD);
    assert!(is_paused(t.try_pay(&s, form.clone()).await));
    assert!(is_paused(t.refund(&m, &paid, 100, Currency::EUR).await));
    assert_eq!(t.gateway.calls(), calls);
    let of_session = format!("select id from payments where session_id = '{}'", s.id);
    assert!(t.texts(&of_session).await.is_empty(), "nothing was written");
    assert!(t.texts("select id from refunds").await.is_empty());
    // It is shown where somebody looks.
    let view = connections::view(&t, &m.actor).await.unwrap();
    assert_eq!(view.connections[0].calls_paused_since, Some(t.now()));
    assert_eq!(view.connections[0].calls_paused_why.as_deref(), Some("no_answer"));
    let home = dashboard::view(&t, &m.actor).await.unwrap();
    assert!(home.attention.iter().any(|a| a.kind == "gateway_paused"));
    // The reconciler asks all the same.
    t.later(10 * SECOND).await;
    assert!(is_paused(t.try_pay(&s, form.clone()).await));
    t.later(10 * SECOND).await;
    // The pause is over: the first call is the probe, and its answer closes the breaker. The same form is good for it.
    assert!(matches!(t.try_pay(&s, form).await.unwrap(), CheckoutStage::Paid { .. }));
    t.refund(&m, &paid, 100, Currency::EUR).await.unwrap();
    assert!(connections::view(&t, &m.actor).await.unwrap().connections[0].calls_paused_since.is_none());
    t.later(10 * MINUTE).await;
    t.assert_sound().await;
});

for_each_engine!(questions_go_on_while_calls_are_paused, |db| async {
    let t = with(&db, policy());
    let m = t.merchant().await;
    t.connection(&m, "fake").await;
    t.gateway.script([Script::ChargeThenLose, Script::ChargeThenLose, Script::ChargeThenLose]);
    let mut sessions = Vec::new();
    for _ in 0..3 {
        let s = t.session(&m, 700, "EUR").await;
        t.pay(&s, GOOD).await;
        sessions.push(s);
    }
    assert_eq!(t.breakers().paused(m.scope()).len(), 1);
    t.clock.advance(-1);
    t.sql("update operations set next_check_at = 0").await;
    t.run_due().await;
    for s in &sessions {
        assert_status(&t.payment_of(s).await, PaymentStatus::Succeeded);
    }
    assert_eq!(t.breakers().paused(m.scope()).len(), 1, "and say nothing about charges");
});

for_each_engine!(a_gateway_that_hangs_takes_its_own_share_only, |db| async {
    let share = Bounds { at_once: 2, waiting: 1, patience: Duration::from_millis(20) };
    let t = with(&db, Policy { failures: 100, calls: share, ..Policy::default() });
    let (slow, quick) = (t.merchant().await, t.merchant().await);
    t.connection(&slow, "fake").await;
    t.connection(&quick, "sandbox").await;
    t.gateway.script([Script::ChargeThenHang, Script::ChargeThenHang]);
    let mut hanging = Vec::new();
    for _ in 0..2 {
        let (svc, s, form) = (t.svc.clone(), t.session(&slow, 700, "EUR").await, t.pay_form(GOOD));
        hanging.push(tokio::spawn(async move {
            services::checkout::pay(&svc, &s.token, form, &services::Origin::default()).await
        }));
    }
    while t.gateway.charges().len() < 2 {
        tokio::task::yield_now().await;
    }
    let sessions = join_all((0..10).map(|_| t.session(&slow, 700, "EUR"))).await;
    let refused = join_all(sessions.iter().map(|s| t.try_pay(s, t.pay_form(GOOD)))).await;
    assert!(refused.into_iter().all(is_paused));
    t.paid(&quick, 700, "EUR").await;
    assert_eq!(t.breakers().totals(), (0, 2, 0));
    hanging.iter().for_each(tokio::task::JoinHandle::abort);
});
