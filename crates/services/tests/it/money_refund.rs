//! Refunds: never more than was captured, once per form, and taken back when the bank returns them.

use domain::{
    Currency, MerchantRole, Mode, PaymentId, ProblemKind,
    problem::{codes, money},
    time::{DAY, HOUR, MINUTE},
};
use futures::future::join_all;
use gateways::RefundState;
use services::{ServiceError, payments};
use test_support::{TestMerchant, TestServices, for_each_engine, gateway::RefundScript};

const EUR: Currency = Currency::EUR;

fn code(result: &Result<domain::RefundId, ServiceError>) -> &str {
    match result {
        Ok(_) => "ok",
        Err(ServiceError::Problem(problem)) => &problem.code,
        Err(error) => panic!("{error}"),
    }
}

async fn amounts(t: &TestServices, m: &TestMerchant, p: &PaymentId) -> (i64, i64, i64) {
    let row = t.payment(m, p).await;
    (row.captured, row.refunded, row.refund_reserved)
}

for_each_engine!(part_and_rest_are_refunded_and_no_more, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    t.connection(&m, "sandbox").await;
    let p = t.paid(&m, 10_000, "EUR").await;
    t.refund(&m, &p, 2_550, EUR).await.unwrap();
    assert_eq!(amounts(&t, &m, &p).await, (10_000, 2_550, 0));
    let mut full = t.refund_form("");
    full.kind = "full".to_owned();
    full.remaining = 10_000;
    assert_eq!(code(&payments::refund(&t, &m.actor, &p, full.clone()).await), money::REFUND_REMAINING_CHANGED);
    full.remaining = 7_450;
    payments::refund(&t, &m.actor, &p, full).await.unwrap();
    assert_eq!(amounts(&t, &m, &p).await, (10_000, 10_000, 0));
    let too_much = t.refund(&m, &p, 1, EUR).await;
    assert_eq!(code(&too_much), money::REFUND_TOO_MUCH);
    assert!(matches!(too_much, Err(ServiceError::Problem(p)) if p.kind == ProblemKind::Conflict));
    assert_eq!(t.texts("select kind from events where kind like 'refund.%' order by kind").await.len(), 4);
    assert_eq!(t.texts("select action from audit_entries").await, ["refund.create", "refund.create"]);
    assert_eq!(t.texts("select template from mails where template = 'refund'").await.len(), 2);
    t.run_due().await;
    t.assert_sound().await;
});

for_each_engine!(a_hundred_racing_refunds_of_30_on_100_are_three, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    t.connection(&m, "fake").await;
    for _ in 0..3 {
        let p = t.paid(&m, 100, "EUR").await;
        let made = join_all((0..100).map(|_| t.refund(&m, &p, 30, EUR))).await;
        assert_eq!(made.iter().filter(|r| r.is_ok()).count(), 3);
        assert!(made.iter().all(|r| matches!(code(r), "ok" | money::REFUND_TOO_MUCH)));
        assert_eq!(amounts(&t, &m, &p).await, (100, 90, 0));
    }
    t.assert_sound().await;
});

for_each_engine!(many_refunds_of_one_merchant_at_once_all_stand, |db| async {
    // They meet at the merchant's audit chain.
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    t.connection(&m, "fake").await;
    let mut payments = Vec::new();
    for _ in 0..120 {
        payments.push(t.paid(&m, 100, "EUR").await);
    }
    for made in join_all(payments.iter().map(|p| t.refund(&m, p, 40, EUR))).await {
        assert_eq!(code(&made), "ok");
    }
    assert_eq!(t.texts("select action from audit_entries").await.len(), 120);
    assert_eq!(t.number("select cast(sum(refunded) as bigint) from payments").await, 120 * 40);
    t.assert_sound().await;
});

for_each_engine!(a_form_refunds_once_and_hears_the_same, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    t.connection(&m, "fake").await;
    let p = t.paid(&m, 100, "EUR").await;
    let form = t.refund_form("0.10");
    let made = join_all((0..20).map(|_| payments::refund(&t, &m.actor, &p, form.clone()))).await;
    let first = made[0].as_ref().unwrap();
    assert!(made.iter().all(|r| r.as_ref().unwrap() == first));
    assert_eq!(amounts(&t, &m, &p).await, (100, 10, 0));
    let mut other = form.clone();
    other.amount = "0.20".to_owned();
    assert_eq!(code(&payments::refund(&t, &m.actor, &p, other).await), codes::IDEMPOTENCY_MISMATCH);
    // The key is the merchant's own: another one may use it.
    let n = t.merchant().await;
    t.connection(&n, "fake").await;
    let q = t.paid(&n, 100, "EUR").await;
    payments::refund(&t, &n.actor, &q, form).await.unwrap();
    t.later(4 * DAY).await;
    assert_eq!(t.number("select cast(count(*) as bigint) from idempotency_keys").await, 0);
    t.assert_sound().await;
});

for_each_engine!(only_whoever_may_refunds_and_only_in_their_own_world, |db| async {
    let t = TestServices::new(&db);
    let (m, other) = (t.merchant().await, t.merchant().await);
    t.connection(&m, "fake").await;
    let p = t.paid(&m, 100, "EUR").await;
    for role in [MerchantRole::Viewer, MerchantRole::Developer] {
        assert_eq!(code(&t.refund(&m.as_role(role), &p, 10, EUR).await), codes::FORBIDDEN);
    }
    assert_eq!(code(&t.refund(&other, &p, 10, EUR).await), codes::NOT_FOUND);
    assert_eq!(code(&t.refund(&m.in_mode(Mode::Live), &p, 10, EUR).await), codes::NOT_FOUND);
    t.refund(&m.as_role(MerchantRole::Support), &p, 10, EUR).await.unwrap();
});

for_each_engine!(a_refund_that_the_bank_returns_is_reversed, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    t.connection(&m, "sandbox").await;
    let s = t.session(&m, 1_000, "EUR").await;
    t.pay(&s, "4000000000005126").await;
    let p: PaymentId = t.payment_of(&s).await.id.parse().unwrap();
    t.refund(&m, &p, 400, EUR).await.unwrap();
    assert_eq!(amounts(&t, &m, &p).await, (1_000, 400, 0));
    t.later(10 * MINUTE).await;
    assert_eq!(amounts(&t, &m, &p).await, (1_000, 0, 0));
    assert_eq!(t.refund_states(&m, &p).await, ["failed"]);
    assert_eq!(t.texts("select kind from journals order by kind").await, ["payment", "refund", "refund_reversal"]);
    assert_eq!(t.texts("select kind from events where kind = 'refund.failed'").await.len(), 1);
    t.refund(&m, &p, 1_000, EUR).await.unwrap();
    t.later(DAY).await;
    t.later(8 * DAY).await;
    t.assert_sound().await;
});

for_each_engine!(a_refund_is_known_by_its_outcome, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    t.connection(&m, "fake").await;
    for (script, before, after) in [
        (RefundScript::Reply(RefundState::Pending), (0, 30), (0, 30)),
        (RefundScript::Reply(RefundState::Failed { code: "other" }), (0, 0), (0, 0)),
        (RefundScript::NotSent, (0, 0), (0, 0)),
        (RefundScript::Lose, (0, 30), (0, 0)),
        (RefundScript::RefundThenLose, (0, 30), (30, 0)),
    ] {
        let p = t.paid(&m, 100, "EUR").await;
        t.gateway.script_refunds([script.clone()]);
        t.refund(&m, &p, 30, EUR).await.unwrap();
        assert_eq!(amounts(&t, &m, &p).await, (100, before.0, before.1), "{script:?}");
        t.assert_sound().await;
        // What is open keeps its reservation.
        if before.1 > 0 {
            assert_eq!(code(&t.refund(&m, &p, 71, EUR).await), money::REFUND_TOO_MUCH);
        }
        t.later(HOUR).await;
        assert_eq!(amounts(&t, &m, &p).await, (100, after.0, after.1), "{script:?}");
        t.assert_sound().await;
    }
    t.gateway.settle_all_refunds(&RefundState::Succeeded);
    t.later(DAY).await;
    t.assert_sound().await;
});

for_each_engine!(what_is_typed_wrong_is_named, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    t.connection(&m, "fake").await;
    let p = t.paid(&m, 500, "JPY").await;
    let mut form = t.refund_form("1.5");
    form.reason = "because".to_owned();
    form.note = "x".repeat(501);
    let Err(ServiceError::Problem(problem)) = payments::refund(&t, &m.actor, &p, form).await else {
        panic!("a problem")
    };
    let fields: Vec<(&str, &str)> = problem.fields.iter().map(|f| (f.field.as_str(), f.code.as_str())).collect();
    assert_eq!(
        fields,
        [("amount", codes::TOO_MANY_DECIMALS), ("reason", codes::BAD_CHOICE), ("note", codes::TOO_LONG)]
    );
    for amount in ["", "0", "-1", "abc", "\u{202e}1"] {
        let refused = payments::refund(&t, &m.actor, &p, t.refund_form(amount)).await;
        assert_eq!(code(&refused), codes::FORM_INVALID, "{amount}");
    }
    assert_eq!(t.number("select cast(count(*) as bigint) from refunds").await, 0);
});
