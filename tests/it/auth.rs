//! Sign-up, login, mails' links: what they do, and that they tell nobody who has an account.

use crate::support::{PASSWORD, TestApp};

#[tokio::test]
async fn somebody_signs_up_confirms_and_is_at_home() {
    let app = TestApp::new().await;
    let mut ann = app.member("ann@shop.example").await;
    let home = ann.get("/").await;
    assert!(home.header("location").starts_with("/m/acct_"), "{:?}", home.headers);
    assert!(home.header("location").ends_with("/test/dashboard"));
    ann.get("/login").await.expect_redirect("/");
    ann.get("/signup").await.expect_redirect("/");
    ann.post("/logout", &[]).await.expect_redirect("/login?out=1");
    assert!(!ann.cookies.contains_key("paydeck"));
    ann.get("/login?out=1").await.has("You are logged out");
    ann.get("/").await.expect_redirect("/login");
    ann.get("/onboarding?step=bank").await.expect_redirect("/login?next=/onboarding%3Fstep%3Dbank");
    let form = [("email", "ANN@shop.example"), ("password", PASSWORD), ("next", "/onboarding?step=bank")];
    ann.post("/login", &form).await.expect_redirect("/onboarding?step=bank");
}

#[tokio::test]
async fn sign_up_answers_alike_for_known_and_unknown_addresses() {
    let app = TestApp::new().await;
    app.member("ann@shop.example").await;
    let form = |email| [("name", "Eve"), ("email", email), ("password", PASSWORD), ("business_name", "Eve's")];
    let known =
        app.browser().post("/signup", &form("ann@shop.example")).await.expect_redirect("/check-mail?for=signup");
    let unknown =
        app.browser().post("/signup", &form("eve@shop.example")).await.expect_redirect("/check-mail?for=signup");
    assert_eq!(known.body, unknown.body);
    app.browser().get("/check-mail?for=signup").await.expect(200).has("Look into your mail").has("no mail server");
}

#[tokio::test]
async fn login_answers_alike_for_known_and_unknown_addresses() {
    let app = TestApp::new().await;
    app.member("ann@shop.example").await;
    let answer = async |email: &str, password: &str| {
        let page = app.browser().post("/login", &[("email", email), ("password", password)]).await.expect(422);
        let nonce = page
            .header("content-security-policy")
            .split_once("'nonce-")
            .unwrap()
            .1
            .split_once('\'')
            .unwrap()
            .0
            .to_owned();
        page.body.replace(email, "…").replace(page.header("request-id"), "…").replace(&nonce, "…")
    };
    let wrong = answer("ann@shop.example", "not the password").await;
    assert_eq!(wrong, answer("bob@shop.example", "not the password").await);
    assert!(wrong.contains("error-summary"));
    assert!(!wrong.contains("not the password"), "passwords are never filled in again");
}

#[tokio::test]
async fn an_unconfirmed_address_gets_another_mail_and_no_session() {
    let app = TestApp::new().await;
    let mut ann = app.browser();
    let form = [("name", "Ann"), ("email", "ann@shop.example"), ("password", PASSWORD), ("business_name", "Blue")];
    ann.post("/signup", &form).await.expect(303);
    app.t.clock.advance(1);
    ann.post("/login", &[("email", "ann@shop.example"), ("password", PASSWORD)])
        .await
        .expect(422)
        .has("confirms your address");
    assert!(ann.cookies.is_empty());
    let link = app.mailed("verify_email").await;
    let token = link.split_once("token=").unwrap().1;
    // Looking at the link uses nothing: mail servers open links too.
    ann.get(&link).await.expect(200);
    ann.get(&link).await.expect(200);
    ann.post("/verify", &[("token", token)]).await.expect_redirect("/");
    app.browser().post("/verify", &[("token", token)]).await.expect(410).has("no longer works");
    app.browser().post("/verify", &[("token", "made-up")]).await.expect(410);
    app.browser().get("/verify").await.expect(410);
    app.browser().get("/verify?token=%3Cscript%3E").await.expect(410).has_not("<script>");
}

#[tokio::test]
async fn a_forgotten_password_is_reset_once_and_ends_every_session() {
    let app = TestApp::new().await;
    let mut ann = app.member("ann@shop.example").await;
    let known =
        app.browser().post("/reset", &[("email", "ann@shop.example")]).await.expect_redirect("/check-mail?for=reset");
    let unknown =
        app.browser().post("/reset", &[("email", "bob@shop.example")]).await.expect_redirect("/check-mail?for=reset");
    assert_eq!(known.body, unknown.body);
    let link = app.mailed("reset_password").await;
    let mut other = app.browser();
    other.get(&link).await.expect(200).has("Set a new password");
    other.post(&link, &[("password", "short")]).await.expect(422).has("aria-invalid").has_not("value=\"short\"");
    other.post(&link, &[("password", "quince-ladder-77-fog")]).await.expect_redirect("/");
    app.browser().get(&link).await.expect(410);
    app.browser().post(&link, &[("password", "quince-ladder-77-fog")]).await.expect(410);
    ann.get("/").await.expect_redirect("/login");
    other.get("/onboarding").await.expect(200);
    app.browser().post("/login", &[("email", "ann@shop.example"), ("password", PASSWORD)]).await.expect(422);
}

#[tokio::test]
async fn the_first_admin_is_made_once_by_the_printed_link() {
    let app = TestApp::new().await;
    let token = services::accounts::first_admin_token(&app.t.svc).await.unwrap().unwrap();
    let link = format!("/first-admin/{token}");
    let mut sam = app.browser();
    sam.get("/first-admin/made-up").await.expect(410);
    sam.get(&link).await.expect(200).has("Make the first admin");
    let form = [("name", "Sam"), ("email", "sam@op.example"), ("password", PASSWORD)];
    sam.post(&link, &form[..2]).await.expect(422).has("value=\"sam@op.example\"").has("value=\"Sam\"");
    sam.post(&link, &form).await.expect_redirect("/admin");
    sam.get("/").await.expect_redirect("/admin");
    sam.get("/onboarding").await.expect_redirect("/admin");
    app.browser().get(&link).await.expect(410);
    app.browser().post(&link, &form).await.expect(410);
    assert_eq!(services::accounts::first_admin_token(&app.t.svc).await.unwrap(), None);
}

#[tokio::test]
async fn the_address_after_login_is_always_ours() {
    let app = TestApp::new().await;
    app.member("ann@shop.example").await;
    for next in ["https://evil.example", "//evil.example", "/\\evil.example", "/%0d%0aX:y\r\n", "javascript:alert(1)"] {
        let form = [("email", "ann@shop.example"), ("password", PASSWORD), ("next", next)];
        let page = app.browser().post("/login", &form).await.expect(303);
        assert!(page.header("location") == "/", "{next}: {}", page.header("location"));
        let encoded = serde_urlencoded::to_string([("next", next)]).unwrap();
        app.browser().get(&format!("/login?{encoded}")).await.expect(200).has_not("evil.example");
    }
}

#[tokio::test]
async fn an_invitation_is_accepted_by_the_invited_alone() {
    let app = TestApp::new().await;
    let mut ann = app.member("ann@shop.example").await;
    let actor = actor(&app).await;
    services::team::invite(&app.t.svc, &actor, "bo@shop.example", "developer").await.unwrap();
    let link = app.mailed("invitation").await;
    app.browser().get("/invitations/made-up").await.expect(410);
    ann.get(&link).await.expect(200).has("you are logged in as \u{2068}ann@shop.example\u{2069}");
    ann.post(&link, &[]).await.expect(403).has("you are logged in as \u{2068}ann@shop.example\u{2069}");
    let mut bo = app.browser();
    bo.get(&link).await.expect(200).has("Join \u{2068}Blue Shop\u{2069}").has("bo@shop.example");
    bo.post(&link, &[("name", "Bo"), ("password", "short")]).await.expect(422).has("value=\"Bo\"");
    let joined = bo.post(&link, &[("name", "Bo"), ("password", PASSWORD)]).await.expect(303);
    assert_eq!(joined.header("location"), format!("/m/{}/test/dashboard", actor.scope.merchant));
    app.browser().get(&link).await.expect(410);
}

/// The only merchant's owner.
pub async fn actor(app: &TestApp) -> services::MerchantActor {
    let merchant = app.t.texts("select id from merchants").await.pop().unwrap().parse().unwrap();
    let user = app.t.texts("select user_id from members where role = 'owner'").await.pop().unwrap().parse().unwrap();
    let scope = domain::Scope { merchant, mode: domain::Mode::Test };
    services::access::enter(&app.t.svc, &user, &scope, services::Origin::default()).await.unwrap()
}
