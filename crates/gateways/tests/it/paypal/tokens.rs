//! Access tokens: fetched once, kept apart, renewed in time.

use super::*;
use base64::{Engine, engine::general_purpose::STANDARD};
use domain::time::{MINUTE, SECOND};
use gateways::GatewayFailure;

async fn asked(played: &Played, call: &Call) -> Result<(), GatewayFailure> {
    played.paypal.lookup().unwrap().find_charge(call, "k", Some(ORDER)).await.map(|_| ())
}

/// The tokens that were sent with questions, in their order.
async fn sent(played: &Played) -> Vec<String> {
    let seen = played.seen("GET", ORDER_PATH).await;
    seen.iter().map(|request| header(request, "authorization").to_owned()).collect()
}

#[tokio::test]
async fn one_token_serves_many_calls() {
    let played = Played::start().await;
    played.answer("GET", ORDER_PATH, 200, &order_captured()).await;
    for _ in 0..3 {
        asked(&played, &call("k")).await.unwrap();
    }
    let [request] = &played.seen("POST", TOKEN_PATH).await[..] else { panic!("one token") };
    let basic = STANDARD.encode("AbCdEf-client:EFGH-secret");
    assert_eq!(header(request, "authorization"), format!("Basic {basic}"));
    assert_eq!(header(request, "content-type"), "application/x-www-form-urlencoded");
    assert_eq!(request.body, b"grant_type=client_credentials");
}

#[tokio::test]
async fn callers_at_once_fetch_one_token() {
    let played = Played::start().await;
    played.answer("GET", ORDER_PATH, 200, &order_captured()).await;
    let (a, b, c) = (call("a"), call("b"), call("c"));
    let (a, b, c) = tokio::join!(asked(&played, &a), asked(&played, &b), asked(&played, &c));
    a.and(b).and(c).unwrap();
    assert_eq!(played.seen("POST", TOKEN_PATH).await.len(), 1);
}

#[tokio::test]
async fn a_token_is_renewed_before_it_ends() {
    let played = Played::without_token().await;
    played.answer_once("POST", TOKEN_PATH, 200, &token("first", 3_600)).await;
    played.answer("POST", TOKEN_PATH, 200, &token("second", 3_600)).await;
    played.answer("GET", ORDER_PATH, 200, &order_captured()).await;
    let last = 3_600 * SECOND - 5 * MINUTE;
    for at in [0, last - 1, last] {
        asked(&played, &Call { now: NOW.plus(at), ..call("k") }).await.unwrap();
    }
    assert_eq!(sent(&played).await, ["Bearer first", "Bearer first", "Bearer second"]);
}

#[tokio::test]
async fn connections_credentials_and_modes_have_their_own() {
    let played = Played::start().await;
    played.answer("GET", ORDER_PATH, 200, &order_captured()).await;
    let mut other_secret = call("k");
    other_secret.credentials.set("client_secret", "another");
    let mut shifted = call("k");
    shifted.credentials.set("client_id", "AbCdEf-clientE");
    shifted.credentials.set("client_secret", "FGH-secret");
    let other_account = Call { account: "gwc_other".into(), ..call("k") };
    let live = Call { livemode: true, ..call("k") };
    for call in [&call("k"), &other_secret, &shifted, &other_account, &live, &call("k"), &other_secret] {
        asked(&played, call).await.unwrap();
    }
    assert_eq!(played.seen("POST", TOKEN_PATH).await.len(), 5);
}

#[tokio::test]
async fn a_token_that_is_refused_is_renewed_once() {
    let played = Played::without_token().await;
    played.answer_once("POST", TOKEN_PATH, 200, &token("first", 32_400)).await;
    played.answer("POST", TOKEN_PATH, 200, &token("second", 32_400)).await;
    let expired = json!({ "error": "invalid_token", "error_description": "Token signature verification failed" });
    played.answer_once("GET", ORDER_PATH, 401, &expired).await;
    played.answer("GET", ORDER_PATH, 200, &order_captured()).await;
    asked(&played, &call("k")).await.unwrap();
    assert_eq!(sent(&played).await, ["Bearer first", "Bearer second"]);

    // A token that is refused again and again is no reason to go on.
    let played = Played::start().await;
    played.answer("GET", ORDER_PATH, 401, &expired).await;
    asked(&played, &call("k")).await.unwrap_err();
    assert_eq!((sent(&played).await.len(), played.seen("POST", TOKEN_PATH).await.len()), (2, 2));
}

#[tokio::test]
async fn without_a_token_nothing_was_charged() {
    for (status, answer) in [
        (500, json!({})),
        (429, json!({})),
        (302, json!({})),
        (200, json!({ "access_token": "", "expires_in": 10 })),
        (200, json!({ "access_token": "x" })),
        (200, json!({ "access_token": "x", "expires_in": -1 })),
        (200, json!({ "access_token": "x", "expires_in": i64::MAX })),
        (200, json!("x")),
    ] {
        let played = Played::without_token().await;
        played.answer("POST", TOKEN_PATH, status, &answer).await;
        let failure = played.paypal.charges().charge(&call("k"), &page()).await.unwrap_err();
        assert!(matches!(failure, GatewayFailure::NotSent { .. }), "{status} {answer}");
        assert!(played.calls().await.is_empty());
    }
}
