//! The door for gateways' events.

use crate::support::{Page, TestApp};
use axum::body::Body;
use axum::http::Request;
use domain::time::MINUTE;
use gateways::{scripted, signature};
use test_support::gateway::Script;

async fn send(app: &TestApp, path: &str, signature: Option<&str>, body: &[u8]) -> Page {
    let mut request = Request::post(path).header("content-type", "application/json");
    if let Some(signature) = signature {
        request = request.header(scripted::SIGNATURE, signature);
    }
    app.browser().send(request, Body::from(body.to_vec())).await
}

#[tokio::test]
async fn an_event_is_proved_kept_once_and_looked_at_later() {
    let app = TestApp::new().await;
    let t = &app.t;
    let m = t.merchant().await;
    let connection = t.connection(&m, "fake").await;
    t.gateway.script([Script::ChargeThenLose]);
    let s = t.session(&m, 700, "EUR").await;
    t.pay(&s, "4242424242424242").await;
    let key = t.texts("select idempotency_key from operations").await.remove(0);
    let path = format!("/webhooks/fake/{connection}");
    let body = format!("{{\"id\":\"evt_1\",\"type\":\"charge.succeeded\",\"charge\":{{\"key\":\"{key}\"}}}}");
    let good = signature::sign(scripted::SECRET, t.now(), body.as_bytes());

    for bad in [None, Some("t=1,v1=00"), Some("nonsense")] {
        send(&app, &path, bad, body.as_bytes()).await.expect(400);
    }
    send(&app, &path, Some(&good), b"{\"id\":\"evt_2\"}").await.expect(400);
    send(&app, &format!("/webhooks/sandbox/{connection}"), Some(&good), body.as_bytes()).await.expect(404);
    send(&app, "/webhooks/fake/conn_nobody", Some(&good), body.as_bytes()).await.expect(404);
    let large = vec![b' '; 300 * 1024];
    send(&app, &path, Some(&good), &large).await.expect(413);
    assert_eq!(app.count("gateway_events").await, 0);

    for _ in 0..3 {
        let page = send(&app, &path, Some(&good), body.as_bytes()).await.expect(200);
        assert!(page.header("set-cookie").is_empty());
    }
    assert_eq!(app.count("gateway_events").await, 1);
    assert_eq!(t.payment_of(&s).await.status, "unknown", "nothing is done before the gateway is answered");
    t.run_due().await;
    assert_eq!(t.payment_of(&s).await.status, "succeeded");

    t.clock.advance(6 * MINUTE);
    send(&app, &path, Some(&good), body.as_bytes()).await.expect(400);
    t.assert_sound().await;
}
