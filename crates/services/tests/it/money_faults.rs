//! Gateways that misbehave, over a real connection: whatever is cut short, garbled, refused or slow ends in one true state, and
//! no money moves twice.

use domain::{
    Currency,
    states::PaymentStatus,
    time::{HOUR, MINUTE},
    views::checkout::CheckoutStage,
};
use services::Settings;
use std::{collections::BTreeSet, sync::Arc, time::Duration};
use test_support::{
    ScriptedGateway, TestDb, TestServices,
    builders::assert_status,
    for_each_engine,
    scripted::Fault::{self, *},
};

const GOOD: &str = "4242424242424242";

fn services(db: &TestDb, gateway: &ScriptedGateway, gateway_timeout: Duration) -> TestServices {
    let settings = Settings { gateway_timeout, ..TestServices::settings() };
    TestServices::with_gateways(db, settings, vec![Arc::new(gateway.connector())])
}

/// Faults after which the money has moved, faults after which it certainly has not, and those after which nobody knows at first.
const FAULTS: [(Fault, bool, bool); 12] = [
    (None, true, false),
    (Decline, false, false),
    (ActThenHang, true, true),
    (ActThenReset, true, true),
    (ActThenTruncate, true, true),
    (ActThenGarble, true, true),
    (ActThen500, true, true),
    (Reset, false, true),
    (Hang, false, true),
    (Garble, false, true),
    (Status500, false, true),
    (Status429, false, false),
];

for_each_engine!(a_charge_ends_in_the_state_that_its_gateway_has, |db| async {
    let gateway = ScriptedGateway::start().await;
    let t = services(&db, &gateway, Duration::from_millis(300));
    let m = t.merchant().await;
    t.connection(&m, "scripted").await;
    for (fault, moved, doubtful) in FAULTS {
        let s = t.session(&m, 700, "EUR").await;
        gateway.faults([fault]);
        let charged = gateway.charges().values().filter(|c| c.moved()).count();
        let stage = t.pay(&s, GOOD).await;
        let expected = match (doubtful, moved) {
            (true, _) => PaymentStatus::Unknown,
            (false, true) => PaymentStatus::Succeeded,
            (false, false) => PaymentStatus::RequiresPaymentMethod,
        };
        assert_status(&t.payment_of(&s).await, expected);
        if doubtful {
            let unknown = CheckoutStage::Pending { unknown: true, settles_later: false };
            assert_eq!((stage, t.pay(&s, GOOD).await), (unknown.clone(), unknown), "{fault:?} blocks another try");
        }
        t.later(2 * MINUTE).await;
        let status = if moved { PaymentStatus::Succeeded } else { PaymentStatus::RequiresPaymentMethod };
        assert_status(&t.payment_of(&s).await, status);
        t.pay(&s, GOOD).await;
        assert_status(&t.payment_of(&s).await, PaymentStatus::Succeeded);
        assert_eq!(gateway.charges().values().filter(|c| c.moved()).count(), charged + 1, "{fault:?} charged once");
        t.assert_sound().await;
    }
    assert!(gateway.wrongs().is_empty(), "{:?}", gateway.wrongs());
});

for_each_engine!(a_refund_ends_in_the_state_that_its_gateway_has, |db| async {
    let gateway = ScriptedGateway::start().await;
    let t = services(&db, &gateway, Duration::from_millis(300));
    let m = t.merchant().await;
    t.connection(&m, "scripted").await;
    for (fault, moved, doubtful) in FAULTS {
        let p = t.paid(&m, 100, "EUR").await;
        gateway.faults([fault]);
        t.refund(&m, &p, 60, Currency::EUR).await.unwrap();
        let row = t.payment(&m, &p).await;
        let expected = match (doubtful, moved) {
            (true, _) => (0, 60),
            (false, true) => (60, 0),
            (false, false) => (0, 0),
        };
        assert_eq!((row.refunded, row.refund_reserved), expected, "{fault:?}");
        if doubtful {
            assert!(t.refund(&m, &p, 60, Currency::EUR).await.is_err(), "{fault:?} holds its reservation");
        }
        t.later(2 * MINUTE).await;
        let row = t.payment(&m, &p).await;
        assert_eq!((row.refunded, row.refund_reserved), (if moved { 60 } else { 0 }, 0), "{fault:?}");
        t.assert_sound().await;
    }
    assert!(gateway.wrongs().is_empty(), "{:?}", gateway.wrongs());
});

for_each_engine!(a_slow_answer_is_waited_for_and_holds_up_nobody_else, |db| async {
    let gateway = ScriptedGateway::start().await;
    let t = services(&db, &gateway, Duration::from_secs(60));
    let m = t.merchant().await;
    t.connection(&m, "scripted").await;
    gateway.faults([Slow]);
    let slow = t.session(&m, 700, "EUR").await;
    let (svc, token, form) = (t.svc.clone(), slow.token.clone(), t.pay_form(GOOD));
    let waiting = tokio::spawn(async move {
        services::checkout::pay(&svc, &token, form, &services::Origin::default()).await.unwrap()
    });
    while gateway.calls() == 0 {
        tokio::task::yield_now().await;
    }
    // Its own session waits; everybody else's goes on.
    assert_eq!(t.pay(&slow, GOOD).await, CheckoutStage::Pending { unknown: false, settles_later: false });
    let other = t.session(&m, 700, "EUR").await;
    assert!(matches!(t.pay(&other, GOOD).await, CheckoutStage::Paid { .. }));
    gateway.let_through();
    assert!(matches!(waiting.await.unwrap(), CheckoutStage::Paid { .. }));
    assert_eq!(gateway.charges().len(), 2);
    t.assert_sound().await;
});

for_each_engine!(a_gateway_that_is_away_has_charged_nothing, |db| async {
    let gateway = ScriptedGateway::start().await;
    let nobody = gateways::scripted::Scripted::new("127.0.0.1:1");
    let settings = Settings { gateway_timeout: Duration::from_secs(5), ..TestServices::settings() };
    let t = TestServices::with_gateways(&db, settings, vec![Arc::new(nobody)]);
    let m = t.merchant().await;
    t.connection(&m, "scripted").await;
    let s = t.session(&m, 700, "EUR").await;
    assert!(matches!(t.pay(&s, GOOD).await, CheckoutStage::Pay { last_decline: Some(_), .. }));
    assert_eq!(gateway.calls(), 0);
    t.assert_sound().await;
});

for_each_engine!(funds_that_settle_later_are_known_when_they_have, |db| async {
    let gateway = ScriptedGateway::start().await;
    let t = services(&db, &gateway, Duration::from_secs(5));
    let m = t.merchant().await;
    t.connection(&m, "scripted").await;
    let mut states = BTreeSet::new();
    for end in ["succeeded", "declined"] {
        let s = t.session(&m, 700, "EUR").await;
        gateway.faults([Later]);
        assert_eq!(t.pay(&s, GOOD).await, CheckoutStage::Pending { unknown: false, settles_later: true });
        gateway.settle(end);
        t.later(HOUR).await;
        states.insert(t.payment_of(&s).await.status);
        t.assert_sound().await;
    }
    assert_eq!(states.into_iter().collect::<Vec<_>>(), ["requires_payment_method", "succeeded"]);
});
