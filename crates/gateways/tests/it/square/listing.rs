//! Lists of a window.

use super::*;
use gateways::{ChargeState, Gateway, RefundState, Window};

fn made(mut value: Value, what: &str, at: &str) -> Value {
    value[what]["created_at"] = at.into();
    value[what].clone()
}

#[tokio::test]
async fn payments_are_listed_page_by_page_and_cut_to_the_window() {
    let server = MockServer::start().await;
    let first = json!({
        "payments": [
            made(payment("k0"), "payment", "2026-11-21T23:59:59.999Z"),
            made(payment("k1"), "payment", "2026-11-22T00:00:00.000Z"),
            made(hold_in("k2", "APPROVED"), "payment", "2026-11-22T00:00:01.000Z"),
        ],
        "cursor": "next+/=",
    });
    answers_once(&server, "GET", "/v2/payments", 200, &first).await;
    let mut till = payment("x");
    till["payment"]["note"] = "two coffees".into();
    till["payment"]["reference_id"] = Value::Null;
    let second = json!({
        "payments": [
            made(till, "payment", "2026-11-22T00:00:02.000Z"),
            made(payment("k3"), "payment", "2026-11-22T00:00:05.000Z"),
        ],
    });
    answers(&server, "GET", "/v2/payments", 200, &second).await;
    let window = Window { from: NOW, to: NOW.plus(5_000) };
    let square = connector(&server);
    let listing = square.listing().unwrap();
    let page = listing.list_charges(&call("x"), window, None).await.unwrap();
    let keys: Vec<_> = page.charges.iter().map(|charge| charge.our_key.clone().unwrap()).collect();
    assert_eq!((keys, page.next.as_deref()), (vec!["k1".to_owned(), "k2".to_owned()], Some("next+/=")));
    assert_eq!((page.charges[0].amount, page.charges[0].created_at), (usd(1_000), NOW));
    assert!(matches!(page.charges[1].reply.state, ChargeState::Authorized { .. }));
    let page = listing.list_charges(&call("x"), window, page.next.as_deref()).await.unwrap();
    assert_eq!((page.charges.len(), page.charges[0].our_key.as_deref(), page.next), (1, None, None));
    let requests = server.received_requests().await.unwrap();
    let query = |n: usize| requests[n].url.query_pairs().into_owned().collect::<Vec<(String, String)>>();
    assert_eq!(query(0)[0], ("begin_time".to_owned(), "2026-11-22T00:00:00.000Z".to_owned()));
    assert_eq!(query(0)[1], ("end_time".to_owned(), "2026-11-22T00:00:05.000Z".to_owned()));
    assert_eq!(query(1).last(), Some(&("cursor".to_owned(), "next+/=".to_owned())));
}

#[tokio::test]
async fn refunds_are_listed_with_their_payments() {
    let server = MockServer::start().await;
    let mut foreign = refund("x");
    foreign["refund"]["reason"] = "broken cup".into();
    let answer = json!({ "refunds": [refund("k")["refund"], foreign["refund"]] });
    answers(&server, "GET", "/v2/refunds", 200, &answer).await;
    let window = Window { from: NOW, to: NOW.plus(60_000) };
    let square = connector(&server);
    let page = square.listing().unwrap().list_refunds(&call("x"), window, None).await.unwrap().unwrap();
    let keys: Vec<_> = page.refunds.iter().map(|refund| refund.our_key.as_deref()).collect();
    assert_eq!((keys, page.next), (vec![Some("k"), None], None));
    let first = &page.refunds[0];
    assert_eq!((first.charge_ref.as_str(), first.created_at), (PAYMENT, NOW.plus(19_116)));
    assert_eq!((&first.reply.state, first.reply.amount), (&RefundState::Pending, usd(400)));
}

#[tokio::test]
async fn foreign_oddities_are_left_out_and_ours_are_not() {
    let window = Window { from: NOW, to: NOW.plus(60_000) };
    let mut odd = payment("k");
    odd["payment"]["status"] = "NEW_STATE".into();
    let mut foreign = odd.clone();
    foreign["payment"]["note"] = Value::Null;
    let server = MockServer::start().await;
    let answer = json!({ "payments": [foreign["payment"], { "id": 1 }, payment("k")["payment"]] });
    answers(&server, "GET", "/v2/payments", 200, &answer).await;
    let page = connector(&server).listing().unwrap().list_charges(&call("x"), window, None).await.unwrap();
    assert_eq!(page.charges.len(), 1);
    let server = MockServer::start().await;
    answers(&server, "GET", "/v2/payments", 200, &json!({ "payments": [odd["payment"]] })).await;
    unknown(connector(&server).listing().unwrap().list_charges(&call("x"), window, None).await);
}

#[tokio::test]
async fn a_list_that_is_not_told_is_no_empty_list() {
    let window = Window { from: NOW, to: NOW.plus(60_000) };
    for (status, answer) in [
        (500, json!({})),
        (401, error("AUTHENTICATION_ERROR", "UNAUTHORIZED", None)),
        (404, error("INVALID_REQUEST_ERROR", "NOT_FOUND", None)),
        (429, json!({})),
        (200, json!("none")),
    ] {
        let server = MockServer::start().await;
        answers(&server, "GET", "/v2/payments", status, &answer).await;
        answers(&server, "GET", "/v2/refunds", status, &answer).await;
        let square = connector(&server);
        let listing = square.listing().unwrap();
        assert!(listing.list_charges(&call("x"), window, None).await.is_err(), "{status}");
        assert!(listing.list_refunds(&call("x"), window, None).await.is_err(), "{status}");
    }
}
