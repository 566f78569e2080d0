//! Doubt: answers that were lost, came late, or said something else; and money that comes when nobody waits for it any more.

use domain::{
    decline::DeclineCode,
    problem::money,
    states::PaymentStatus,
    time::{DAY, HOUR, MINUTE, SECOND},
    views::checkout::CheckoutStage,
};
use gateways::ChargeState;
use services::{ServiceError, Settings, checkout, payments};
use std::time::Duration;
use test_support::{
    TestServices,
    builders::assert_status,
    for_each_engine,
    gateway::{Script, declined, succeeded},
};

const GOOD: &str = "4242424242424242";

fn is_paid(stage: &CheckoutStage) -> bool {
    matches!(stage, CheckoutStage::Paid { .. })
}

fn patient(gateway_timeout: Duration) -> Settings {
    Settings { gateway_timeout, ..TestServices::settings() }
}

for_each_engine!(funds_that_settle_later_are_booked_when_they_do, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    t.connection(&m, "sandbox").await;
    for (number, paid) in [("4000009900000061", true), ("4000009900000079", false)] {
        let s = t.session(&m, 700, "EUR").await;
        assert_eq!(t.pay(&s, number).await, CheckoutStage::Pending { unknown: false, settles_later: true });
        assert!(matches!(t.pay(&s, GOOD).await, CheckoutStage::Pending { .. }));
        t.later(15 * SECOND).await;
        assert_status(&t.payment_of(&s).await, PaymentStatus::Processing);
        t.later(HOUR).await;
        let status = if paid { PaymentStatus::Succeeded } else { PaymentStatus::RequiresPaymentMethod };
        assert_status(&t.payment_of(&s).await, status);
        t.assert_sound().await;
    }
});

for_each_engine!(a_charge_whose_answer_was_lost_is_found_and_booked, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    t.connection(&m, "sandbox").await;
    // Timeout after charging, an unreadable answer, and a request that never arrived.
    for (number, paid) in [("4000009900000012", true), ("4000009900000020", true), ("4000009900000053", false)] {
        let s = t.session(&m, 700, "EUR").await;
        let unknown = CheckoutStage::Pending { unknown: true, settles_later: false };
        assert_eq!(t.pay(&s, number).await, unknown);
        assert_eq!(t.pay(&s, GOOD).await, unknown, "unknown blocks another try");
        t.assert_sound().await;
        t.later(10 * MINUTE).await;
        t.later(10 * MINUTE).await;
        let status = if paid { PaymentStatus::Succeeded } else { PaymentStatus::RequiresPaymentMethod };
        assert_status(&t.payment_of(&s).await, status);
        t.assert_sound().await;
    }
});

for_each_engine!(a_gateway_that_never_answers_is_given_up_and_asked_later, |db| async {
    let t = TestServices::with(&db, patient(Duration::from_millis(50)));
    let m = t.merchant().await;
    t.connection(&m, "fake").await;
    t.gateway.script([Script::ChargeThenHang]);
    let s = t.session(&m, 700, "EUR").await;
    assert_eq!(t.pay(&s, GOOD).await, CheckoutStage::Pending { unknown: true, settles_later: false });
    t.gateway.set_deaf(true);
    t.later(HOUR).await;
    assert_status(&t.payment_of(&s).await, PaymentStatus::Unknown);
    t.gateway.set_deaf(false);
    t.later(DAY).await;
    assert_status(&t.payment_of(&s).await, PaymentStatus::Succeeded);
    t.assert_sound().await;
});

for_each_engine!(a_server_that_dies_between_its_two_units_leaves_nothing_open, |db| async {
    let t = TestServices::with(&db, patient(Duration::from_secs(600)));
    let m = t.merchant().await;
    t.connection(&m, "fake").await;
    t.gateway.script([Script::ChargeThenHang]);
    let s = t.session(&m, 700, "EUR").await;
    // The call never comes back in this test: as if the process had gone.
    let (svc, token, form) = (t.svc.clone(), s.token.clone(), t.pay_form(GOOD));
    let hanging = tokio::spawn(async move { checkout::pay(&svc, &token, form, &services::Origin::default()).await });
    while t.gateway.charges().is_empty() {
        tokio::task::yield_now().await;
    }
    assert_eq!(t.pay(&s, GOOD).await, CheckoutStage::Pending { unknown: false, settles_later: false });
    t.assert_sound().await;
    t.later(10 * MINUTE).await;
    assert_status(&t.payment_of(&s).await, PaymentStatus::Succeeded);
    assert_eq!(t.gateway.calls(), 1);
    t.assert_sound().await;
    hanging.abort();
});

for_each_engine!(another_amount_than_was_asked_is_booked_by_nobody, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    t.connection(&m, "fake").await;
    t.gateway.script([Script::WrongAmount(701)]);
    let s = t.session(&m, 700, "EUR").await;
    assert_eq!(t.pay(&s, GOOD).await, CheckoutStage::Pending { unknown: true, settles_later: false });
    t.later(DAY).await;
    assert_status(&t.payment_of(&s).await, PaymentStatus::Unknown);
    t.assert_sound().await;
});

for_each_engine!(money_that_comes_after_a_recorded_no_is_booked_late, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    t.connection(&m, "fake").await;
    t.gateway.script([declined(DeclineCode::GenericDecline)]);
    let s = t.session(&m, 700, "EUR").await;
    t.pay(&s, GOOD).await;
    t.later(3 * DAY).await;
    assert_eq!(t.texts("select status from checkout_sessions").await, ["expired"]);
    assert_status(&t.payment_of(&s).await, PaymentStatus::Canceled);
    t.gateway.settle_all(&succeeded(domain::Money::new(700, domain::Currency::EUR)));
    t.sql("update operations set next_check_at = 0").await;
    t.run_due().await;
    assert_status(&t.payment_of(&s).await, PaymentStatus::Succeeded);
    assert_eq!(t.texts("select status from checkout_sessions").await, ["complete"]);
    assert_eq!(t.texts("select kind from events where kind = 'payment.late_success'").await.len(), 1);
    t.assert_sound().await;
});

for_each_engine!(money_beside_money_is_owed_to_the_customer, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    t.connection(&m, "fake").await;
    t.gateway.script([declined(DeclineCode::GenericDecline)]);
    let s = t.session(&m, 700, "EUR").await;
    t.pay(&s, GOOD).await;
    assert!(is_paid(&t.pay(&s, GOOD).await));
    t.gateway.settle_all(&succeeded(domain::Money::new(700, domain::Currency::EUR)));
    t.sql("update operations set next_check_at = 0 where status = 'failed'").await;
    t.run_due().await;
    let p = t.payment_of(&s).await;
    assert_eq!((p.captured, p.fee), (700, 1));
    assert_eq!(t.texts("select kind from journals order by kind").await, ["payment", "surplus", "surplus_refund"]);
    // The customer's page knows the attempt that paid and not the one beside it: a row for the connection, and not two.
    let rows = store::sessions::checkout(&mut t.db().read().await.unwrap(), &s.token).await.unwrap();
    assert_eq!(rows.len(), 1);
    assert_eq!(t.number("select cast(count(*) as bigint) from attempts where status = 'succeeded'").await, 2);
    assert!(is_paid(&checkout::view(&t, &s.token).await.unwrap().stage));
    t.assert_sound().await;
});

for_each_engine!(a_charge_still_unsettled_blocks_refunds, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    t.connection(&m, "fake").await;
    t.gateway.script([Script::Reply(ChargeState::Processing)]);
    let s = t.session(&m, 700, "EUR").await;
    t.pay(&s, GOOD).await;
    let id = t.payment_of(&s).await.id.parse().unwrap();
    let refused = payments::refund(&t, &m.actor, &id, t.refund_form("1")).await;
    assert!(matches!(refused, Err(ServiceError::Problem(p)) if p.code == money::NOT_REFUNDABLE));
});
