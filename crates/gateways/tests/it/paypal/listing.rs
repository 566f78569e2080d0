//! Lists by Transaction Search.

use super::*;
use domain::Timestamp;
use domain::time::{DAY, HOUR};
use gateways::{ChargeState, GatewayFailure, RefundState, Window};

const LIST: &str = "/v1/reporting/transactions";
const CAPTURE: &str = "/v2/payments/captures/3C679366HH908993F";
const AUTHORIZATION: &str = "/v2/payments/authorizations/0VF52814937998046";

fn window() -> Window {
    Window { from: NOW.plus(-DAY), to: NOW.plus(DAY) }
}

fn midnight(minutes: i64) -> Timestamp {
    NOW.plus(minutes * 60_000)
}

#[tokio::test]
async fn what_carries_a_key_is_listed_as_it_stands() {
    let played = Played::start().await;
    played.answer("GET", LIST, 200, &fixture("transactions")).await;
    played.answer("GET", CAPTURE, 200, &fixture("capture")).await;
    let authorization = changed(fixture("authorization"), "/custom_id", "op_charge_2".into());
    played.answer("GET", AUTHORIZATION, 200, &authorization).await;
    played.answer("GET", ORDER_PATH, 200, &kept(order_captured())).await;
    let listing = played.paypal.listing().unwrap();
    let page = listing.list_charges(&call("x"), window(), None).await.unwrap();
    assert_eq!((page.charges.len(), page.next), (2, None));
    let (held, paid) = (&page.charges[0], &page.charges[1]);
    assert_eq!((held.our_key.as_deref(), held.created_at), (Some("op_charge_2"), midnight(4)));
    assert!(matches!(held.reply.state, ChargeState::Authorized { capture_before: Some(_) }));
    assert_eq!((paid.our_key.as_deref(), paid.created_at), (Some("op_charge_1"), midnight(5)));
    assert_eq!(paid.reply.state, ChargeState::Succeeded { captured: eur(1_000), fee: Some(eur(69)) });
    for charge in &page.charges {
        assert_eq!((charge.amount, charge.reply.gateway_ref.as_deref()), (eur(1_000), Some(ORDER)));
        assert_eq!(charge.reply.saved, Some(saved()));
    }
    let asked: Vec<_> = played.seen("GET", LIST).await[0].url.query_pairs().into_owned().collect();
    let expected = [
        ("start_date", "2026-11-21T00:00:00Z"),
        ("end_date", "2026-11-22T23:59:59Z"),
        ("fields", "transaction_info"),
        ("balance_affecting_records_only", "N"),
        ("page_size", "50"),
        ("page", "1"),
    ];
    assert_eq!(asked, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
    assert_eq!(listing.settles_after(), 3 * HOUR);
}

#[tokio::test]
async fn a_captured_authorisation_is_listed_by_its_capture() {
    let played = Played::start().await;
    played.answer("GET", LIST, 200, &fixture("transactions")).await;
    let captured = changed(fixture("authorization"), "/status", "CAPTURED".into());
    played.answer("GET", AUTHORIZATION, 200, &captured).await;
    // And a payment of another kind is no capture.
    played.answer("GET", CAPTURE, 404, &error("RESOURCE_NOT_FOUND", "INVALID_RESOURCE_ID")).await;
    let page = played.paypal.listing().unwrap().list_charges(&call("x"), window(), None).await.unwrap();
    assert_eq!(page.charges, []);
}

#[tokio::test]
async fn a_charge_is_not_listed_before_its_order_tells_what_is_kept() {
    for (status, answer, listed) in [
        (404, error("RESOURCE_NOT_FOUND", "INVALID_RESOURCE_ID"), true),
        (500, json!({}), false),
        (403, error("NOT_AUTHORIZED", "PERMISSION_DENIED"), false),
    ] {
        let played = Played::start().await;
        let first = fixture("transactions")["transaction_details"][0].clone();
        let list = json!({ "transaction_details": [first], "total_pages": 1 });
        played.answer("GET", LIST, 200, &list).await;
        played.answer("GET", CAPTURE, 200, &fixture("capture")).await;
        played.answer("GET", ORDER_PATH, status, &answer).await;
        let page = played.paypal.listing().unwrap().list_charges(&call("x"), window(), None).await;
        assert_eq!(page.map(|page| page.charges[0].reply.saved.clone()).ok(), listed.then_some(None), "{status}");
    }
}

#[tokio::test]
async fn pages_and_spans_follow_each_other() {
    let played = Played::start().await;
    let empty = json!({ "transaction_details": [], "total_items": 60, "total_pages": 2 });
    played.answer("GET", LIST, 200, &empty).await;
    let long = Window { from: NOW, to: NOW.plus(40 * DAY) };
    let (mut after, mut asked) = (None, Vec::new());
    loop {
        let page = played.paypal.listing().unwrap().list_charges(&call("x"), long, after.as_deref()).await.unwrap();
        asked.push(after);
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(asked.len(), 4);
    let spans: Vec<_> = played
        .seen("GET", LIST)
        .await
        .iter()
        .map(|request| {
            let of = |name: &str| request.url.query_pairs().find(|(n, _)| n == name).unwrap().1.into_owned();
            (of("start_date"), of("end_date"), of("page"))
        })
        .collect();
    let (one, two, three) = ("2026-11-22T00:00:00Z", "2026-12-22T23:59:59Z", "2026-12-23T00:00:00Z");
    let four = "2026-12-31T23:59:59Z";
    let expected = [(one, two, "1"), (one, two, "2"), (three, four, "1"), (three, four, "2")];
    assert_eq!(spans, expected.map(|(a, b, c)| (a.to_owned(), b.to_owned(), c.to_owned())));
}

#[tokio::test]
async fn refunds_are_listed_with_the_order_they_belong_to() {
    let played = Played::start().await;
    played.answer("GET", LIST, 200, &fixture("refund_transactions")).await;
    played.answer("GET", "/v2/payments/refunds/1JU08902781691411", 200, &fixture("refund")).await;
    played.answer("GET", CAPTURE, 200, &fixture("capture")).await;
    let page = played.paypal.listing().unwrap().list_refunds(&call("x"), window(), None).await.unwrap().unwrap();
    let [refund] = &page.refunds[..] else { panic!("one refund") };
    assert_eq!((refund.our_key.as_deref(), refund.charge_ref.as_str()), (Some("op_refund_1"), ORDER));
    assert_eq!((refund.reply.state.clone(), refund.reply.amount), (RefundState::Succeeded, eur(400)));
    assert_eq!((refund.created_at, page.next), (midnight(60), None));
}

#[tokio::test]
async fn a_list_that_can_not_be_read_is_no_empty_list() {
    for (status, answer) in [
        (403, error("NOT_AUTHORIZED", "PERMISSION_DENIED")),
        (404, error("RESOURCE_NOT_FOUND", "INVALID_RESOURCE_ID")),
        (400, error("INVALID_REQUEST", "RESULTSET_TOO_LARGE")),
        (500, json!({})),
        (200, json!({})),
        (200, json!({ "total_pages": 1 })),
        (200, json!({ "total_pages": 1, "transaction_details": [{ "transaction_info": {} }] })),
    ] {
        let played = Played::start().await;
        played.answer("GET", LIST, status, &answer).await;
        let listing = played.paypal.listing().unwrap();
        let charges = listing.list_charges(&call("x"), window(), None).await;
        assert!(matches!(charges, Err(GatewayFailure::Unknown { .. })), "{status} {answer}");
        assert!(listing.list_refunds(&call("x"), window(), None).await.is_err(), "{status} {answer}");
    }
    let played = Played::start().await;
    assert!(played.paypal.listing().unwrap().list_charges(&call("x"), window(), Some("?")).await.is_err());
    let nothing = Window { from: NOW, to: NOW };
    let page = played.paypal.listing().unwrap().list_charges(&call("x"), nothing, None).await.unwrap();
    assert_eq!((page.charges.len(), page.next), (0, None));
}
