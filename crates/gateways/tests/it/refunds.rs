//! Refunds: now, later, never.

use crate::{call, eur, later, sandbox, token, with};
use domain::{Currency, Money};
use gateways::sandbox::{REFUND_SETTLES_AFTER, Sandbox};
use gateways::{Call, ChargeRequest, Gateway, GatewayFailure, RefundRequest, RefundState};

async fn charged(sandbox: &Sandbox, name: &str, amount: i64) -> String {
    let reply = sandbox.charges().charge(&call(&format!("c-{name}")), &with(token(name), eur(amount))).await.unwrap();
    reply.gateway_ref.unwrap()
}

fn back(charge: &str, amount: Money) -> RefundRequest {
    RefundRequest { charge_ref: charge.into(), amount, reason: "requested_by_customer".into() }
}

#[tokio::test]
async fn parts_never_exceed_the_whole() {
    let (sandbox, book) = sandbox();
    let refunds = sandbox.refunds().unwrap();
    let id = charged(&sandbox, "visa", 100).await;
    for (key, amount, expected) in [
        ("a", 60, RefundState::Succeeded),
        ("b", 41, RefundState::Failed { code: "amount_too_large" }),
        ("c", 40, RefundState::Succeeded),
        ("d", 1, RefundState::Failed { code: "amount_too_large" }),
        // Again under their keys: the same answers, and nothing more is given back.
        ("a", 60, RefundState::Succeeded),
        ("c", 40, RefundState::Succeeded),
    ] {
        let reply = refunds.refund(&call(key), &back(&id, eur(amount))).await.unwrap();
        assert_eq!((reply.state, reply.amount), (expected, eur(amount)), "{key}");
    }
    assert_eq!(book.only().refunded, 100);
    let failure = refunds.refund(&call("a"), &back(&id, eur(50))).await.unwrap_err();
    assert!(matches!(failure, GatewayFailure::Unknown { .. }));
}

#[tokio::test]
async fn what_was_not_charged_is_not_refunded() {
    let (sandbox, _) = sandbox();
    let refunds = sandbox.refunds().unwrap();
    let declined = charged(&sandbox, "visa_chargeDeclined", 100).await;
    let challenged = charged(&sandbox, "authenticationRequired", 100).await;
    let good = charged(&sandbox, "visa", 100).await;
    let request = ChargeRequest { capture: false, ..with(token("visa"), eur(100)) };
    let authorized = sandbox.charges().charge(&call("auth"), &request).await.unwrap().gateway_ref.unwrap();
    let refused = charged(&sandbox, "paydeck_refundRefused", 100).await;
    for (id, amount) in [
        (declined.as_str(), eur(1)),
        (&challenged, eur(1)),
        (&authorized, eur(1)),
        (&refused, eur(1)),
        (&good, eur(0)),
        (&good, eur(-5)),
        (&good, Money::new(1, Currency::USD)),
        ("sbx_ch_none", eur(1)),
    ] {
        let reply = refunds.refund(&call("r"), &back(id, amount)).await.unwrap();
        assert_eq!(reply.state, RefundState::Failed { code: "charge_not_refundable" }, "{id} {amount:?}");
        assert_eq!(reply.gateway_ref, None);
    }
    let other = Call { account: "gwc_2".into(), ..call("r") };
    let reply = refunds.refund(&other, &back(&good, eur(1))).await.unwrap();
    assert!(matches!(reply.state, RefundState::Failed { .. }));
}

#[tokio::test]
async fn some_refunds_take_time_and_some_come_back() {
    for (name, first, then, refunded) in [
        ("pendingRefund", RefundState::Pending, RefundState::Succeeded, 70),
        ("refundFail", RefundState::Succeeded, RefundState::Failed { code: "bank_returned" }, 0),
    ] {
        let (sandbox, book) = sandbox();
        let id = charged(&sandbox, name, 100).await;
        let reply = sandbox.refunds().unwrap().refund(&call("r"), &back(&id, eur(70))).await.unwrap();
        assert_eq!(reply.state, first, "{name}");
        assert_eq!(book.only().refunded, 70);
        let lookup = sandbox.lookup().unwrap();
        let at = |millis| later("x", millis);
        let early = lookup.find_refund(&at(REFUND_SETTLES_AFTER - 1), "r", crate::CHARGE, None).await.unwrap().unwrap();
        assert_eq!(early.state, first);
        let due = lookup.find_refund(&at(REFUND_SETTLES_AFTER), "r", crate::CHARGE, None).await.unwrap().unwrap();
        assert_eq!(due.state, then, "{name}");
        let again = lookup
            .find_refund(&at(REFUND_SETTLES_AFTER), "?", crate::CHARGE, due.gateway_ref.as_deref())
            .await
            .unwrap();
        assert_eq!(again.unwrap().state, then);
        assert_eq!(book.only().refunded, refunded);
    }
}

#[tokio::test]
async fn a_refund_whose_answer_is_lost_is_found() {
    let (sandbox, book) = sandbox();
    let id = charged(&sandbox, "paydeck_refundTimeout", 100).await;
    let failure = sandbox.refunds().unwrap().refund(&call("r"), &back(&id, eur(70))).await.unwrap_err();
    assert!(matches!(failure, GatewayFailure::Unknown { .. }));
    assert_eq!(book.only().refunded, 70);
    let lookup = sandbox.lookup().unwrap();
    assert_eq!(
        lookup.find_refund(&call("x"), "r", crate::CHARGE, None).await.unwrap().unwrap().state,
        RefundState::Succeeded
    );
    assert_eq!(lookup.find_refund(&call("x"), "never sent", crate::CHARGE, None).await.unwrap(), None);
    let other = Call { account: "gwc_2".into(), ..call("x") };
    assert_eq!(lookup.find_refund(&other, "r", crate::CHARGE, None).await.unwrap(), None);
}
