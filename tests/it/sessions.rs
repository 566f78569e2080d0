//! Sessions: none for visitors, a new id at login, revoked ones are over, ids are hashed at rest.

use crate::auth::actor;
use crate::support::{PASSWORD, TestApp};
use domain::time::DAY;

#[tokio::test]
async fn visitors_get_no_cookie_and_write_nothing() {
    let app = TestApp::new().await;
    let mut eve = app.browser();
    for path in ["/login", "/signup", "/reset", "/", "/payments", "/no/such/page", "/healthz"] {
        eve.get(path).await;
    }
    eve.post("/login", &[("email", "eve@x.example"), ("password", "wrong wrong wrong")]).await.expect(422);
    assert!(eve.cookies.is_empty(), "{:?}", eve.cookies);
    assert_eq!(app.count("login_sessions").await, 0);
}

#[tokio::test]
async fn login_renews_the_id_and_the_database_knows_only_its_hash() {
    let app = TestApp::new().await;
    let mut ann = app.member("ann@shop.example").await;
    let first = ann.cookies["paydeck"].clone();
    let stored = app.t.texts("select id_hash from login_sessions").await;
    assert_eq!(stored.len(), 1);
    assert!(!stored[0].contains(&first) && stored[0].len() == 64);
    // Somebody who plants an id gains nothing: the login gives another.
    let mut victim = app.browser();
    victim.cookies.insert("paydeck".to_owned(), first.clone());
    victim.post("/login", &[("email", "ann@shop.example"), ("password", PASSWORD)]).await.expect(303);
    assert_ne!(victim.cookies["paydeck"], first);
    ann.get("/onboarding").await.expect_redirect("/login?next=/onboarding");
    victim.get("/onboarding").await.expect(200);
    let mut planted = app.browser();
    planted.cookies.insert("paydeck".to_owned(), "AAAAAAAAAAAAAAAAAAAAAA".to_owned());
    planted.post("/login", &[("email", "ann@shop.example"), ("password", PASSWORD)]).await.expect(303);
    assert_ne!(planted.cookies["paydeck"], "AAAAAAAAAAAAAAAAAAAAAA");
}

#[tokio::test]
async fn the_cookie_is_bound_to_the_host_over_https() {
    let app = TestApp::with(&["--public-url", "https://pay.example.com"]).await;
    let token = services::accounts::first_admin_token(&app.t.svc).await.unwrap().unwrap();
    let form = [("name", "Sam"), ("email", "sam@op.example"), ("password", PASSWORD)];
    let page = app.browser().post(&format!("/first-admin/{token}"), &form).await.expect(303);
    let cookies: Vec<_> = page.headers.get_all("set-cookie").iter().map(|c| c.to_str().unwrap().to_owned()).collect();
    let session = cookies.iter().find(|c| c.starts_with("__Host-paydeck=")).unwrap();
    for part in ["HttpOnly", "SameSite=Lax", "Secure", "Path=/", "Max-Age=1209600"] {
        assert!(session.contains(part), "{session}");
    }
    assert!(!session.contains("Domain"));
}

#[tokio::test]
async fn a_revoked_session_is_over_at_once() {
    let app = TestApp::new().await;
    let mut ann = app.member("ann@shop.example").await;
    let mut phone = app.browser();
    phone.headers.insert("user-agent", "Phone".parse().unwrap());
    phone.post("/login", &[("email", "ann@shop.example"), ("password", PASSWORD)]).await.expect(303);
    let user = actor(&app).await.user_id;
    let list = services::login_sessions::list(&app.t.svc, &user, None).await.unwrap();
    assert_eq!(list.len(), 2);
    let of_phone = list.iter().find(|s| s.user_agent.as_deref() == Some("Phone")).unwrap();
    assert_eq!(of_phone.ip.as_deref(), Some("192.0.2.7"));
    services::login_sessions::revoke(&app.t.svc, &user, &of_phone.handle, &services::Origin::default()).await.unwrap();
    phone.get("/onboarding").await.expect(303);
    phone.get("/").await.expect_redirect("/login");
    ann.get("/onboarding").await.expect(200);
}

#[tokio::test]
async fn sessions_slide_for_fourteen_days() {
    let app = TestApp::new().await;
    let mut ann = app.member("ann@shop.example").await;
    for _ in 0..4 {
        app.t.clock.advance(10 * DAY);
        ann.get("/onboarding").await.expect(200);
    }
    app.t.clock.advance(15 * DAY);
    ann.get("/onboarding").await.expect(303);
}
