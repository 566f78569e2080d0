//! Who tries too often is asked to wait, in words.

use crate::support::{PASSWORD, TestApp};
use domain::time::MINUTE;

#[tokio::test]
async fn passwords_of_an_account_are_not_tried_without_end() {
    let app = TestApp::new().await;
    app.member("ann@shop.example").await;
    let form = [("email", "ann@shop.example"), ("password", "wrong wrong wrong")];
    let mut last = 0;
    for n in 0..30 {
        // From everywhere: the account's own limit counts.
        let mut eve = app.browser();
        eve.ip = format!("198.51.100.{n}");
        let page = eve.post("/login", &form).await;
        last = page.status.as_u16();
        if last == 429 {
            assert!(n >= 9, "too soon: {n}");
            assert!(page.header("retry-after").parse::<u32>().unwrap() >= 1);
            page.has("Too many tries").has("value=\"ann@shop.example\"");
            break;
        }
        assert_eq!(last, 422);
    }
    assert_eq!(last, 429);
    // The right password doesn't get through either, and others are not affected.
    app.browser().post("/login", &[("email", "Ann@Shop.example "), ("password", PASSWORD)]).await.expect(429);
    app.browser().post("/login", &[("email", "bob@shop.example"), ("password", PASSWORD)]).await.expect(422);
    app.t.clock.advance(2 * MINUTE);
    app.browser().post("/login", &[("email", "ann@shop.example"), ("password", PASSWORD)]).await.expect(303);
}

#[tokio::test]
async fn an_address_can_not_try_every_account() {
    let app = TestApp::new().await;
    let mut eve = app.browser();
    let mut statuses = Vec::new();
    for n in 0..80 {
        let email = format!("user{n}@shop.example");
        statuses
            .push(eve.post("/login", &[("email", &email), ("password", "wrong wrong wrong")]).await.status.as_u16());
    }
    assert_eq!(statuses[0], 422);
    assert_eq!(statuses[79], 429);
    let mut other = app.browser();
    other.ip = "203.0.113.5".to_owned();
    other.post("/login", &[("email", "x@shop.example"), ("password", "wrong wrong wrong")]).await.expect(422);
}

#[tokio::test]
async fn sign_ups_and_resets_of_an_address_are_limited() {
    let app = TestApp::new().await;
    let sign_up = [("name", "Ann"), ("email", "ann@shop.example"), ("password", PASSWORD), ("business_name", "Blue")];
    for (path, form) in [("/signup", &sign_up[..]), ("/reset", &[("email", "ann@shop.example")][..])] {
        let mut statuses = Vec::new();
        for _ in 0..8 {
            statuses.push(app.browser().post(path, form).await.status.as_u16());
        }
        assert_eq!((statuses[0], statuses[7]), (303, 429), "{path}");
    }
}

#[tokio::test]
async fn ones_own_password_is_not_tried_without_end() {
    let app = TestApp::new().await;
    let path = app::server::change_password_path();
    let mut ann = app.member("ann@shop.example").await;
    let mut bob = app.member("bob@shop.example").await;
    for browser in [&mut ann, &mut bob] {
        browser.headers.insert("accept", "application/json".parse().unwrap());
    }
    let next = "nine small boats at noon";
    let wrong = [("current", "wrong wrong wrong"), ("new", next)];
    let right = [("current", PASSWORD), ("new", next)];
    for n in 0..10 {
        // From everywhere: the account's own limit counts.
        ann.ip = format!("198.51.100.{n}");
        ann.post(path, &wrong).await.expect(422).has("wrong_password");
    }
    let page = ann.post(path, &wrong).await.expect(429);
    assert!(page.header("retry-after").parse::<u32>().unwrap() >= 1);
    let problem: domain::Problem = serde_json::from_str(&page.body).unwrap();
    assert_eq!((problem.code.as_str(), problem.kind), ("rate_limited", domain::ProblemKind::RateLimited));
    assert!(problem.retry_after.is_some_and(|seconds| seconds >= 1) && problem.request_id.is_some());
    // The right one doesn't get through either, and others are not affected.
    ann.post(path, &right).await.expect(429);
    bob.post(path, &right).await.expect(200);
    app.t.clock.advance(2 * MINUTE);
    ann.post(path, &right).await.expect(200);
}

#[tokio::test]
async fn an_address_can_not_try_the_passwords_of_many_sessions() {
    let app = TestApp::new().await;
    let path = app::server::change_password_path();
    let mut statuses = Vec::new();
    for n in 0..8 {
        let mut browser = app.member(&format!("user{n}@shop.example")).await;
        browser.headers.insert("accept", "application/json".parse().unwrap());
        browser.ip = "203.0.113.9".to_owned();
        for _ in 0..9 {
            let page = browser.post(path, &[("current", "wrong wrong wrong"), ("new", "short")]).await;
            statuses.push(page.status.as_u16());
        }
    }
    assert_eq!((statuses[0], statuses[71]), (422, 429));
}
