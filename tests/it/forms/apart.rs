//! Forms that answer in a way of their own: login, links of mails, buttons, preferences; and addresses that nobody was given.

use super::html::Document;
use super::world::World;
use super::{CONTROL, IMAGE, MARKUP, OVERRIDE};
use crate::support::PASSWORD;
use test_support::for_each_engine;

for_each_engine!(login_tells_no_more_than_that_it_does_not_fit, |db| async {
    let mut world = World::on(db).await;
    let before = world.rows(false).await;
    let long = "x".repeat(100_000);
    let emails = ["nonsense", OVERRIDE, CONTROL, MARKUP, IMAGE, long.as_str(), "nobody@shop.example"];
    for email in emails {
        let mut browser = world.app.browser();
        browser.ip = world.address();
        let page = browser.post("/login", &[("email", email), ("password", PASSWORD)]).await.expect(422);
        assert!(!page.body.contains("<script>alert") && !page.body.contains(PASSWORD), "{email}");
        let forms = Document::of(&page.body).forms();
        assert_eq!(forms[0].named("email")[0].value, email);
        page.has("class=\"error-summary\"").has("is wrong");
    }
    for password in ["wrong", CONTROL, OVERRIDE, long.as_str()] {
        let mut browser = world.app.browser();
        browser.ip = world.address();
        let form = [("email", "sam@op.example"), ("password", password)];
        browser.post("/login", &form).await.expect(422).has("class=\"error-summary\"").has("value=\"sam@op.example\"");
    }
    // What is missing stands beside its field.
    for (email, password, ids) in
        [("", "x", &["email"][..]), ("ann@shop.example", "", &["password"]), ("", "", &["email", "password"])]
    {
        let mut browser = world.app.browser();
        browser.ip = world.address();
        let page = browser.post("/login", &[("email", email), ("password", password)]).await.expect(422);
        for id in ids {
            assert!(Document::of(&page.body).text_of(&format!("{id}-error")).is_some_and(|text| !text.is_empty()));
        }
    }
    world.assert_untouched(&before, false, "after all").await;
});

for_each_engine!(links_and_buttons_that_nobody_was_given_do_nothing, |db| async {
    let mut world = World::on(db).await;
    let before = world.rows(false).await;
    for token in ["", "nonsense", MARKUP, CONTROL, OVERRIDE, &"x".repeat(100_000)] {
        let mut browser = world.app.browser();
        browser.ip = world.address();
        browser.post("/verify", &[("token", token)]).await.expect(410).has_not("<script>alert");
    }
    for answer in ["", "nonsense", MARKUP, CONTROL] {
        let page = world.app.browser().post(&world.challenge, &[("answer", answer)]).await.expect(422);
        page.has("class=\"error-summary\"").has("value=\"approve\"").has_not("<script>alert");
    }
    let paths =
        ["/c", "/c/x", "/r", "/pay", "/challenge", "/reset", "/invitations", "/first-admin", "/logo/x", "/files/x"];
    for path in paths {
        for token in ["%00", "a%00b", "%E2%80%AE", "%3Cscript%3Ealert(1)%3C%2Fscript%3E", "%FF", &"x".repeat(5_000)] {
            let path = format!("{path}/{token}");
            let page = world.browser_at("/m/").get(&path).await;
            assert!(page.status.is_client_error(), "{path}: {}", page.status);
            assert!(page.body.contains("<h1") && !page.body.contains("<script>alert"), "{path}: {}", page.body);
            let mut browser = world.app.browser();
            browser.ip = world.address();
            let page = browser.post(&path, &[("name", "x"), ("password", "x")]).await;
            assert!(page.status.is_client_error(), "POST {path}: {}", page.status);
        }
    }
    let m = &world.merchant;
    for path in [
        format!("/m/{m}/test/payments/%00"),
        format!("/m/{m}/test/gateways/%00"),
        format!("/m/{m}/test/payment-links/%3Cscript%3E"),
        format!("/m/{m}/test/checkout-sessions/a%00b"),
        "/m/%00/test/payments".to_owned(),
        format!("/m/{m}/%00/payments"),
        "/admin/applications/%00".to_owned(),
        "/admin/mail/%00".to_owned(),
        "/onboarding?m=%00&step=%00".to_owned(),
    ] {
        let page = world.browser_at(&path).get(&path).await;
        assert!(page.status.is_client_error(), "{path}: {}", page.status);
    }
    world.assert_untouched(&before, false, "after all").await;
});

for_each_engine!(preferences_that_are_none_change_nothing, |db| async {
    let world = World::on(db).await;
    let before = world.rows(false).await;
    let mut owner = world.browser_at("/m/");
    for name in ["locale", "theme", "density", "next"] {
        for typed in ["xx", MARKUP, OVERRIDE, CONTROL, "https://evil.example/", &"x".repeat(100_000)] {
            let page = owner.post("/preferences", &[(name, typed)]).await.expect_redirect("/");
            assert!(
                page.headers.get_all("set-cookie").iter().all(|c| !c.to_str().unwrap().contains("paydeck_")),
                "{name}"
            );
        }
    }
    world.assert_untouched(&before, false, "after all").await;
    let next = owner.post("/logout", &[("next", "https://evil.example/")]).await.expect(303);
    assert_eq!(next.header("location"), "/login?out=1");
});

for_each_engine!(bodies_that_are_no_form_are_refused_in_words, |db| async {
    let world = World::on(db).await;
    let before = world.rows(false).await;
    for path in
        ["/signup", "/login", "/onboarding/business", "/preferences", &world.pay, &world.checkout, &world.challenge]
    {
        let mut browser = world.browser_at("/m/");
        for (kind, body) in [
            ("application/json", "{\"email\":1}"),
            ("application/x-www-form-urlencoded", "%"),
            ("application/x-www-form-urlencoded", "%FF=%FF&=&&&==="),
            ("application/x-www-form-urlencoded", "email=a&email=b&amount=1&amount=2&answer=approve&answer=refuse"),
        ] {
            let request = axum::http::Request::post(path)
                .header("accept", "text/html")
                .header("sec-fetch-site", "same-origin")
                .header("content-type", kind);
            let page = browser.send(request, axum::body::Body::from(body)).await;
            assert!(page.status.as_u16() < 500, "{path} {body}: {}", page.status);
            let answered = page.status.is_redirection() || page.body.contains("<h1");
            assert!(answered, "{path} {body}: {} {}", page.status, page.body);
        }
    }
    let changed = world.rows(false).await;
    let new: Vec<&String> = changed.iter().filter(|row| !before.contains(row)).collect();
    // The one that begins well: the customer pressed "approve", whatever came after it.
    assert!(new.iter().all(|row| row.starts_with("sandbox_charges ")), "{new:#?}");
});
