//! Too much at once, and a database that is gone: who can't be served is told so soon, in words, and it passes by itself.
#![allow(clippy::disallowed_methods, reason = "they measure how long something takes")]

use crate::support::{PASSWORD, TestApp};
use axum::body::Body;
use axum::http::Request;
use http_body_util::BodyExt;
use paydeck::admission::Admission;
use paydeck::metrics::{self, Metrics};
use services::gate::Bounds;
use std::sync::Arc;
use std::time::{Duration, Instant};
use test_support::{TestDb, cluster::Cluster};
use tower::ServiceExt;

const NONE: Bounds = Bounds { at_once: 0, waiting: 1, patience: Duration::from_millis(10) };
const SOME: Bounds = Bounds { at_once: 10, waiting: 10, patience: Duration::from_secs(5) };

/// What a database that is gone may take until it is said.
const SOON: Duration = Duration::from_secs(6);

#[tokio::test]
async fn each_class_has_a_queue_of_its_own_and_says_in_words_when_it_is_full() {
    let mut app = TestApp::new().await;
    for (bounds, full) in
        [((NONE, SOME, SOME), "/c/nothing"), ((SOME, NONE, SOME), "/login"), ((SOME, SOME, NONE), "/signup")]
    {
        let (checkout, login, portal) = bounds;
        app.state.admission = Arc::new(Admission::new(checkout, login, portal));
        app.router = paydeck::build_router(app.state.clone());
        let login = [("email", "ann@shop.example"), ("password", "wrong wrong wrong")];
        for (path, expected) in [("/c/nothing", 404), ("/login", 422), ("/signup", 200)] {
            let mut browser = app.browser();
            let page = match path {
                "/login" => browser.post(path, &login).await,
                path => browser.get(path).await,
            };
            if path == full {
                let page = page.expect(503).has("We are busy");
                assert!(page.header("retry-after").parse::<u32>().unwrap() >= 1);
                let mut persian = app.browser();
                persian.cookies.insert("paydeck_lang".to_owned(), "fa".to_owned());
                if path != "/login" {
                    persian.get(path).await.expect(503).has("dir=\"rtl\"").has_not("We are busy");
                }
            } else {
                page.expect(expected);
            }
        }
        // Signs of life are never refused.
        app.browser().get("/healthz").await.expect(200);
        app.browser().get("/readyz").await.expect(200);
    }
}

#[tokio::test]
async fn a_server_that_is_not_ready_says_so_and_lives() {
    let app = TestApp::new().await;
    app.state.set_ready(false);
    app.browser().get("/readyz").await.expect(503);
    app.browser().get("/healthz").await.expect(200);
    let page = app.browser().get("/login").await.expect(503);
    assert!(!page.header("retry-after").is_empty());
    app.state.set_ready(true);
    app.browser().get("/readyz").await.expect(200);
    app.browser().get("/login").await.expect(200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_postgresql_that_is_gone_is_said_within_six_seconds_and_comes_back() {
    let mut cluster = Cluster::start();
    let app = TestApp::on(TestDb::at(cluster.url()).await, &[]);
    let mut ann = app.member("ann@shop.example").await;
    cluster.stop();
    let login = [("email", "ann@shop.example"), ("password", PASSWORD)];
    for round in 0..2 {
        for path in ["/c/nothing", "/login", "/onboarding", "/readyz"] {
            let started = Instant::now();
            let status = match path {
                "/login" => app.browser().post(path, &login).await.status,
                path => ann.get(path).await.status,
            };
            assert_eq!(status, 503, "{path} in round {round}");
            assert!(started.elapsed() < SOON, "{path} took {:?}", started.elapsed());
        }
    }
    app.browser().get("/healthz").await.expect(200);
    cluster.start_again();
    app.browser().get("/readyz").await.expect(200);
    app.browser().get("/c/nothing").await.expect(404);
    app.browser().post("/login", &login).await.expect(303);
}

#[tokio::test]
async fn measurements_name_routes_and_no_merchant() {
    let mut app = TestApp::new().await;
    let counted = Arc::new(Metrics::default());
    app.state.services.observe_with(counted.clone());
    app.state.metrics = Some(counted);
    app.router = paydeck::build_router(app.state.clone());
    let m = app.t.merchant().await;
    app.t.connection(&m, "sandbox").await;
    let s = app.t.session(&m, 700, "EUR").await;
    app.browser().get(&format!("/c/{}", s.token)).await.expect(200);
    app.t.pay(&s, "4242424242424242").await;
    app.browser().get("/metrics").await.expect(404);
    let request = Request::get("/metrics").body(Body::empty()).unwrap();
    let response = metrics::router(app.state.clone()).oneshot(request).await.unwrap();
    assert_eq!(response.status(), 200);
    let text = String::from_utf8(response.into_body().collect().await.unwrap().to_bytes().to_vec()).unwrap();
    for line in [
        "paydeck_http_requests_total{method=\"GET\",route=\"/c/{token}\",status=\"200\"} 1",
        "paydeck_http_request_seconds_bucket{route=\"/c/{token}\"",
        "paydeck_charges_settled_total{status=\"succeeded\"} 1",
        "paydeck_gateway_calls_total{provider=\"sandbox\",call=\"charge\",outcome=\"ok\"} 1",
        "paydeck_queue_waiting{queue=\"checkout\"} 0",
        "paydeck_jobs_dead 0",
        "paydeck_db_units_total ",
    ] {
        assert!(text.contains(line), "{line} is missing in {text}");
    }
    for secret in [s.token.as_str(), m.scope().merchant.as_str(), "acct_", "customer@example.com"] {
        assert!(!text.contains(secret), "{secret} stands in {text}");
    }
}
