//! Answers that do not come, and answers that say nothing: what each operation makes of them.

use super::*;
use gateways::{GatewayFailure, RefundRequest};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// What an operation made of it.
#[derive(Debug, PartialEq, Eq)]
enum Told {
    NotSent,
    Unknown,
    Answer,
}

fn told<T>(answer: Result<T, GatewayFailure>) -> Told {
    match answer {
        Ok(_) => Told::Answer,
        Err(GatewayFailure::NotSent { .. }) => Told::NotSent,
        Err(GatewayFailure::Unknown { .. }) => Told::Unknown,
    }
}

const CHARGE: &str = "charge";
const MOVING: [&str; 5] = ["resume", "charge_saved", "capture", "void", "refund"];
const ASKING: [&str; 3] = ["find_charge", "find_refund", "find_dispute"];

async fn told_by(paypal: &PayPal, operation: &str) -> Told {
    let call = call("op_1");
    match operation {
        CHARGE => told(paypal.charges().charge(&call, &page()).await),
        "charge_saved" => {
            let method = MethodInput::Saved(saved());
            let request = ChargeRequest { prepared: Some(ORDER.into()), ..with(method, eur(1_000)) };
            told(paypal.charges().charge(&super::call("op_charge_1"), &request).await)
        }
        "resume" => told(paypal.charges().resume(&call, ORDER).await),
        "capture" => told(paypal.captures().unwrap().capture(&call, ORDER, eur(1_000)).await),
        "void" => told(paypal.captures().unwrap().void(&call, ORDER).await),
        "refund" => {
            let request = RefundRequest { charge_ref: ORDER.into(), amount: eur(400), reason: "other".into() };
            told(paypal.refunds().unwrap().refund(&call, &request).await)
        }
        "find_dispute" => told(paypal.disputes().unwrap().find_dispute(&call, "PP-D-27803").await),
        "find_charge" => told(paypal.lookup().unwrap().find_charge(&call, "k", Some(ORDER)).await),
        _ => told(paypal.lookup().unwrap().find_refund(&call, "k", crate::CHARGE, Some("1JU08902781691411")).await),
    }
}

/// What is read before the call that moves money.
async fn reads(played: &Played, operation: &str) {
    let order = match operation {
        "resume" => fixture("order_approved"),
        "charge_saved" => fixture("order_prepared"),
        "refund" => order_captured(),
        _ => order_authorized(),
    };
    if MOVING.contains(&operation) {
        played.answer("GET", ORDER_PATH, 200, &order).await;
    }
}

#[tokio::test]
async fn doubtful_answers() {
    let html = || ResponseTemplate::new(200).set_body_string("<html>");
    for (response, moving) in [
        (
            ResponseTemplate::new(500).set_body_json(error("INTERNAL_SERVER_ERROR", "INTERNAL_SERVICE_ERROR")),
            Told::Unknown,
        ),
        (ResponseTemplate::new(502).set_body_string("Bad Gateway"), Told::Unknown),
        (ResponseTemplate::new(503), Told::Unknown),
        (ResponseTemplate::new(302).insert_header("location", "https://example.com/"), Told::Unknown),
        (ResponseTemplate::new(408), Told::Unknown),
        (
            ResponseTemplate::new(409).set_body_json(error("RESOURCE_CONFLICT", "PREVIOUS_REQUEST_IN_PROGRESS")),
            Told::Unknown,
        ),
        (ResponseTemplate::new(404).set_body_string("not here"), Told::Unknown),
        (html(), Told::Unknown),
        (ResponseTemplate::new(200).set_body_string("{\"id\":\"5O190127"), Told::Unknown),
        (ResponseTemplate::new(429).set_body_json(error("RATE_LIMIT_REACHED", "")), Told::NotSent),
    ] {
        for operation in MOVING {
            let played = Played::start().await;
            reads(&played, operation).await;
            Mock::given(wiremock::matchers::any()).respond_with(response.clone()).mount(&played.server).await;
            assert_eq!(told_by(&played.paypal, operation).await, moving, "{operation} {response:?}");
            assert_eq!(played.calls().await.len(), 2, "{operation}: asked once, moved once");
        }
        // An order that was not heard of can't be captured by anybody.
        let played = Played::start().await;
        Mock::given(wiremock::matchers::any()).respond_with(response.clone()).mount(&played.server).await;
        assert_eq!(told_by(&played.paypal, CHARGE).await, Told::NotSent, "{response:?}");
        for operation in ASKING {
            assert_eq!(told_by(&played.paypal, operation).await, Told::Unknown, "{operation} {response:?}");
        }
    }
}

#[tokio::test]
async fn credentials_that_are_refused() {
    let refused = json!({ "error": "invalid_client", "error_description": "Client Authentication failed" });
    let played = Played::without_token().await;
    played.answer("POST", TOKEN_PATH, 401, &refused).await;
    let reply = played.paypal.charges().charge(&call("k"), &page()).await.unwrap();
    let declined = gateways::ChargeState::Declined(domain::decline::DeclineCode::GatewayMisconfigured);
    assert_eq!((reply.state, reply.raw_code.as_deref()), (declined, Some("invalid_client")));
    // An order that is there may have been paid before: that the credentials are refused now says nothing about it.
    for (operation, told) in [
        ("resume", Told::NotSent),
        ("charge_saved", Told::Answer),
        ("capture", Told::Answer),
        ("void", Told::NotSent),
        ("refund", Told::Answer),
        ("find_charge", Told::Unknown),
        ("find_refund", Told::Unknown),
        ("find_dispute", Told::Unknown),
    ] {
        assert_eq!(told_by(&played.paypal, operation).await, told, "{operation}");
    }
    assert!(played.calls().await.is_empty());
}

#[tokio::test]
async fn nobody_listens() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let paypal = at(&base);
    for operation in [CHARGE].into_iter().chain(MOVING) {
        assert_eq!(told_by(&paypal, operation).await, Told::NotSent, "{operation}");
    }
    // Whoever asks has learnt nothing.
    for operation in ASKING {
        assert_eq!(told_by(&paypal, operation).await, Told::Unknown, "{operation}");
    }
}

/// A server that gives tokens and answers reading calls, and breaks off the call that moves money after `sent`.
async fn breaks_off(read: Value, sent: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut bytes = vec![0; 64 * 1024];
            let mut length = 0;
            // The bodies here are small and come with their heads or right after them.
            while !whole(&bytes[..length]) {
                match stream.read(&mut bytes[length..]).await {
                    Ok(more) if more > 0 => length += more,
                    _ => break,
                }
            }
            let head = String::from_utf8_lossy(&bytes[..length]).into_owned();
            let json = match head.split_once(' ') {
                _ if head.starts_with("POST /v1/oauth2/token") => token("A21AA", 32_400).to_string(),
                Some(("GET", _)) => read.to_string(),
                _ => {
                    let _ = stream.write_all(sent.as_bytes()).await;
                    continue;
                }
            };
            let length = json.len();
            let answer = format!("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{json}");
            let _ = stream.write_all(answer.as_bytes()).await;
        }
    });
    base
}

fn whole(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes).to_lowercase();
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let length = head.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok());
    body.len() >= length.unwrap_or(0)
}

#[tokio::test]
async fn connections_that_break_off() {
    for sent in ["", "HTTP/1.1 201 Created\r\ncontent-length: 1000\r\n\r\n{\"id\":"] {
        for (operation, read) in [
            ("resume", fixture("order_approved")),
            ("charge_saved", fixture("order_prepared")),
            ("capture", order_authorized()),
            ("void", order_authorized()),
            ("refund", order_captured()),
        ] {
            let paypal = at(&breaks_off(read, sent).await);
            assert_eq!(told_by(&paypal, operation).await, Told::Unknown, "{operation}");
        }
        let paypal = at(&breaks_off(Value::Null, sent).await);
        assert_eq!(told_by(&paypal, CHARGE).await, Told::NotSent);
    }
}

#[tokio::test]
async fn no_secret_and_no_person_is_in_a_failure() {
    for (status, answer) in [(500, fixture("order_approved")), (200, json!(["buyer@example.com"])), (404, json!("x"))] {
        let played = Played::start().await;
        Mock::given(wiremock::matchers::any())
            .respond_with(ResponseTemplate::new(status).set_body_json(&answer))
            .mount(&played.server)
            .await;
        let failure = played.paypal.charges().resume(&call("k"), ORDER).await.unwrap_err().to_string();
        for hidden in ["buyer", "EFGH-secret", "A21AA", "AbCdEf"] {
            assert!(!failure.contains(hidden), "{failure}");
        }
    }
    assert!(!format!("{:?}", call("k")).contains("EFGH"));
}
