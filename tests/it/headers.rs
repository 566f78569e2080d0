//! Headers, the same-origin rule, error pages.

use crate::support::{TestApp, URL};
use axum::body::Body;
use axum::http::{Request, header};

#[tokio::test]
async fn every_page_has_a_strict_policy_with_a_fresh_nonce() {
    let app = TestApp::new().await;
    let first = app.browser().get("/login").await.expect(200);
    let policy = first.header("content-security-policy").to_owned();
    let nonce = policy.split_once("'nonce-").unwrap().1.split_once('\'').unwrap().0.to_owned();
    assert!(nonce.len() >= 22, "{nonce}");
    assert_eq!(
        policy,
        format!(
            "default-src 'none'; script-src 'nonce-{nonce}' 'strict-dynamic'; style-src 'self' 'nonce-{nonce}'; \
             img-src 'self' data:; font-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none'; \
             form-action 'self'; frame-ancestors 'none'; report-uri /csp-report"
        )
    );
    for (name, value) in [
        ("referrer-policy", "same-origin"),
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cache-control", "no-store"),
    ] {
        assert_eq!(first.header(name), value);
    }
    assert!(first.header("permissions-policy").contains("camera=()"));
    assert!(first.header("request-id").starts_with("req_"));
    let second = app.browser().get("/login").await;
    assert_ne!(first.header("request-id"), second.header("request-id"));
    assert!(!second.header("content-security-policy").contains(&nonce));
    assert!(!first.body.contains(" style="));
}

#[tokio::test]
async fn the_portal_may_compile_and_nothing_else_may() {
    let app = TestApp::new().await;
    let mut ann = app.member("ann@shop.example").await;
    let home = ann.get("/").await;
    let page = ann.get(home.header("location")).await;
    assert!(
        page.header("content-security-policy").contains("'strict-dynamic' 'wasm-unsafe-eval'"),
        "{:?}",
        page.headers
    );
    let other = ann.get("/onboarding").await.expect(200);
    assert!(!other.header("content-security-policy").contains("wasm"));
}

#[tokio::test]
async fn https_brings_its_own_headers() {
    let app = TestApp::with(&["--public-url", "https://pay.example.com"]).await;
    let page = app.browser().get("/login").await.expect(200);
    assert_eq!(page.header("strict-transport-security"), "max-age=31536000");
}

#[tokio::test]
async fn writes_of_other_sites_are_refused() {
    let app = TestApp::new().await;
    let post = |headers: &[(&str, &str)]| {
        let mut request = Request::post("/reset")
            .header(header::ACCEPT, "text/html")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request
    };
    let body = || Body::from("email=ann%40shop.example");
    for headers in [
        &[][..],
        &[("sec-fetch-site", "cross-site")],
        &[("sec-fetch-site", "same-site"), ("origin", URL)],
        &[("origin", "https://evil.example")],
        &[("origin", "null")],
    ] {
        let page = app.browser().send(post(headers), body()).await.expect(403);
        assert!(page.body.contains("This did not come from our own page"), "{}", page.body);
        assert!(page.body.contains("req_"), "the request's number");
    }
    for headers in [&[("sec-fetch-site", "same-origin")][..], &[("origin", URL)]] {
        app.browser().send(post(headers), body()).await.expect_redirect("/check-mail?for=reset");
    }
}

#[tokio::test]
async fn errors_have_words_and_a_number() {
    let app = TestApp::new().await;
    let page = app.browser().get("/no/such/page").await.expect(404).has("There is no such page");
    assert!(page.body.contains(page.header("request-id")));
    app.browser().post("/no/such/page", &[]).await.expect(404);
    app.browser().get("/logout").await.expect(405).has("can&#39;t be used like that");
    let json = Request::post("/signup")
        .header("sec-fetch-site", "same-origin")
        .header(header::CONTENT_TYPE, "application/json");
    app.browser().send(json.header(header::ACCEPT, "text/html"), Body::from("{}")).await.expect(400);
    let large = vec![b'a'; 3 * 1024 * 1024];
    let form = Request::post("/signup").header("sec-fetch-site", "same-origin").header(header::ACCEPT, "text/html");
    let form = form.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    app.browser().send(form, Body::from(large)).await.expect(413).has("too large");
}

#[tokio::test]
async fn languages_are_chosen_by_cookie_link_and_browser() {
    let app = TestApp::new().await;
    let mut ann = app.browser();
    ann.get("/login").await.has("lang=\"en\" dir=\"ltr\"");
    ann.headers.insert("accept-language", "fa-IR,en;q=0.5".parse().unwrap());
    ann.get("/login").await.has("lang=\"fa\" dir=\"rtl\"").has("ورود");
    ann.get("/login?lang=en").await.has("lang=\"en\"");
    ann.get("/login").await.has("lang=\"en\"");
    ann.post("/preferences", &[("locale", "fa"), ("theme", "dark"), ("next", "/login")])
        .await
        .expect_redirect("/login");
    ann.get("/login").await.has("lang=\"fa\"").has("data-theme=\"dark\"");
    ann.post("/preferences", &[("theme", "auto"), ("locale", "xx"), ("next", "//evil.example")])
        .await
        .expect_redirect("/");
    ann.get("/login").await.has("lang=\"fa\"").has_not("data-theme");
}

#[tokio::test]
async fn reports_are_counted_and_bounded() {
    let app = TestApp::new().await;
    let report = r#"{"csp-report":{"effective-directive":"script-src-elem","blocked-uri":"inline"}}"#;
    let send = || Request::post("/csp-report").header(header::CONTENT_TYPE, "application/csp-report");
    app.browser().send(send(), Body::from(report)).await.expect(204);
    app.browser().send(send(), Body::from("nonsense")).await.expect(204);
    app.browser().send(send(), Body::from(vec![b'x'; 20_000])).await.expect(413);
    assert_eq!(app.state.csp_reports.load(std::sync::atomic::Ordering::Relaxed), 2);
}
