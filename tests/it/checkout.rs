//! The customer's pages, beside what the forms' tables say of them.

use crate::support::{Page, TestApp};
use domain::Locale;

/// The value that the page put into a hidden field.
fn hidden<'a>(page: &'a Page, name: &str) -> &'a str {
    let tag = page.body.split('<').find(|tag| tag.contains(&format!("name=\"{name}\""))).expect("the field is there");
    tag.split("value=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("it has a value")
}

/// The cookie by which a browser is known again.
fn mark(page: &Page) -> String {
    let cookie = page.header("set-cookie");
    assert!(cookie.starts_with("paydeck_browser=") || cookie.starts_with("__Host-paydeck_browser="), "{cookie}");
    cookie.split(';').next().unwrap().to_owned()
}

#[tokio::test]
async fn a_form_that_is_posted_twice_makes_one_browser_that_has_a_card_kept() {
    let app = TestApp::new().await;
    let m = app.t.merchant().await;
    app.t.connection(&m, "sandbox").await;
    let s = app.t.session(&m, 500, "EUR").await;
    let path = format!("/c/{}", s.token);
    let page = app.browser().get(&path).await.expect(200);
    let form = [
        ("form_key", hidden(&page, "form_key")),
        ("browser", hidden(&page, "browser")),
        ("method", "card"),
        ("email", "ada@customers.example"),
        ("name", "Ada"),
        ("card_number", "4242424242424242"),
        ("card_expiry", "12/34"),
        ("card_code", "123"),
        ("save", "1"),
    ];
    // The second goes out before the first one's cookie is there.
    let first = app.browser().post(&path, &form).await.expect(303);
    let second = app.browser().post(&path, &form).await.expect(303);
    assert_eq!(mark(&first), mark(&second));
    assert_eq!(app.count("payment_methods").await, 1);
    // Another form is another browser's, and what nobody could have drawn is not taken for one.
    let other = app.t.session(&m, 500, "EUR").await;
    let path = format!("/c/{}", other.token);
    let page = app.browser().get(&path).await.expect(200);
    assert_ne!(hidden(&page, "browser"), form[1].1);
    let mut short = form;
    (short[0].1, short[1].1) = (hidden(&page, "form_key"), "short");
    let third = app.browser().post(&path, &short).await.expect(303);
    assert!(!mark(&third).contains("short") && mark(&third) != mark(&first));
}

#[tokio::test]
async fn whoever_waits_for_a_method_is_answered_by_their_own_page() {
    let app = TestApp::new().await;
    let m = app.t.merchant().await;
    let id = app.t.connection(&m, "sandbox").await;
    let s = app.t.session(&m, 500, "EUR").await;
    services::connections::maintain_now(&app.t, &m.actor, &id).await.unwrap();
    let path = format!("/c/{}", s.token);
    let tell_me = format!("{path}/tell-me");
    app.browser().get(&path).await.expect(200).has("notice_email").has_not("card_number");
    let wrong = [("notice_email", "no<b>body"), ("notice_method", "card")];
    app.browser().post(&tell_me, &wrong).await.expect(422).has("no&lt;b&gt;body").has_not("card_number");
    let right = [("notice_email", "ada@customers.example"), ("notice_method", "card")];
    let mut ada = app.browser();
    ada.post(&tell_me, &right).await.expect_redirect(&format!("{path}?told=true"));
    ada.get(&format!("{path}?told=true")).await.expect(200).has_not("notice_email");
    assert_eq!(app.t.texts("select locale from back_notices").await, [Locale::En.tag()]);
    app.browser().post("/c/nothing/tell-me", &right).await.expect(404);
    // Nobody has mails sent from here without end.
    let mut last = 0;
    for _ in 0..60 {
        last = app.browser().post(&tell_me, &right).await.status.as_u16();
        if last == 429 {
            break;
        }
    }
    assert_eq!(last, 429);
}
