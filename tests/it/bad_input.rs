//! Every field of every form, tried with what nobody should type: a message beside the field, the value kept and escaped,
//! nothing stored half.

use crate::onboarding::{ACTIVITY, BANK, BUSINESS, OWNERS, post_step, version};
use crate::support::{Browser, PASSWORD, Page, TestApp};

const LONG: usize = 5_000;
/// A right-to-left override, which can show a text as another.
const OVERRIDE: &str = "abc\u{202e}moc.live";
const CONTROL: &str = "abc\u{0}def";
const MARKUP: &str = "\"><script>alert(1)</script>";

/// Fields of a form with what is fine in each.
type Form<'a> = Vec<(&'a str, String)>;

fn form<'a>(fields: &[(&'a str, &str)]) -> Form<'a> {
    fields.iter().map(|(name, value)| (*name, (*value).to_owned())).collect()
}

fn with<'a>(fields: &Form<'a>, field: &str, value: &str) -> Form<'a> {
    fields.iter().map(|(name, good)| (*name, if *name == field { value.to_owned() } else { good.clone() })).collect()
}

async fn post(browser: &mut Browser, path: &str, fields: &Form<'_>) -> Page {
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    browser.post(path, &fields).await
}

/// As HTML shows it in an attribute.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// Counts of what a form of these could write.
async fn counts(app: &TestApp) -> Vec<i64> {
    let mut all = Vec::new();
    for table in
        ["users", "merchants", "members", "mails", "mail_tokens", "login_sessions", "applications", "audit_entries"]
    {
        all.push(app.count(table).await);
    }
    all
}

/// Bad values of a plain text field.
fn bad_texts() -> [String; 4] {
    [String::new(), "x".repeat(LONG), OVERRIDE.to_owned(), CONTROL.to_owned()]
}

/// What becomes of what was typed.
#[derive(Clone, Copy, PartialEq)]
enum Typed {
    /// It stands in the field again.
    Kept,
    /// Never: passwords.
    Gone,
    /// A chooser can't show what is no choice of it.
    Chosen,
}

/// Whether a field is a chooser.
fn of(field: &str) -> Typed {
    let choosers = ["legal_form", "country", "category", "volume_currency", "account_kind"];
    if choosers.iter().any(|c| field.ends_with(c)) { Typed::Chosen } else { Typed::Kept }
}

#[track_caller]
fn is_refused(page: &Page, field: &str, typed: &str, then: Typed) {
    let short: String = typed.chars().take(30).collect();
    assert_eq!(page.status.as_u16(), 422, "{field} = {short:?}: {}", page.body);
    assert!(page.body.contains("error-summary"), "{field} = {short:?}");
    let id = field.replace('.', "-");
    assert!(page.body.contains(&format!("id=\"{id}-error\"")), "{field} = {short:?}: no message in {}", page.body);
    assert!(page.body.contains(&format!("href=\"#{id}\"")), "{field} = {short:?}: no link in {}", page.body);
    assert!(!page.body.contains("<script>alert"), "{field}: markup came through");
    if then == Typed::Kept && !typed.is_empty() && !typed.contains(['\0', '\r']) {
        assert!(page.body.contains(&escaped(typed)), "{field} = {short:?} was lost: {}", page.body);
    }
    if then == Typed::Gone && !typed.is_empty() {
        assert!(!page.body.contains(&escaped(typed)), "a password was filled in again");
    }
}

#[tokio::test]
async fn sign_up() {
    let app = TestApp::new().await;
    let good =
        form(&[("name", "Ann"), ("email", "ann@shop.example"), ("password", PASSWORD), ("business_name", "Blue")]);
    let before = counts(&app).await;
    let emails = [
        "",
        "nonsense",
        "a@b",
        "ann@shop.example, eve@x.example",
        "ann@shop.example\r\nBcc: x@y.example",
        OVERRIDE,
        MARKUP,
    ];
    for email in emails.into_iter().map(str::to_owned).chain(["x".repeat(LONG)]) {
        let page = post(&mut app.browser(), "/signup", &with(&good, "email", &email)).await;
        is_refused(&page, "email", &email, Typed::Kept);
        // The other fields keep what was typed.
        assert!(page.body.contains("value=\"Blue\"") && page.body.contains("value=\"Ann\""));
    }
    for field in ["name", "business_name"] {
        app.t.clock.advance(3_600_000);
        for typed in bad_texts() {
            let page = post(&mut app.browser(), "/signup", &with(&good, field, &typed)).await;
            is_refused(&page, field, &typed, Typed::Kept);
        }
    }
    app.t.clock.advance(3_600_000);
    for password in ["", "short", "passwordpassword", &"x".repeat(LONG)] {
        let page = post(&mut app.browser(), "/signup", &with(&good, "password", password)).await;
        is_refused(&page, "password", password, Typed::Gone);
    }
    assert_eq!(counts(&app).await, before, "nothing is stored half");
    // Markup is text like any other: kept, and escaped wherever it is shown.
    app.t.clock.advance(3_600_000);
    post(&mut app.browser(), "/signup", &with(&good, "name", MARKUP)).await.expect(303);
}

#[tokio::test]
async fn login_reset_and_preferences() {
    let app = TestApp::new().await;
    app.member("ann@shop.example").await;
    let before = counts(&app).await;
    for email in ["", "nonsense", OVERRIDE, MARKUP, &"x".repeat(LONG)] {
        app.t.clock.advance(3_600_000);
        let page = post(&mut app.browser(), "/login", &form(&[("email", email), ("password", PASSWORD)])).await;
        assert_eq!(page.status.as_u16(), 422, "{email}");
        assert!(page.body.contains("error-summary") && page.body.contains(&escaped(email)));
        assert!(!page.body.contains("<script>alert") && !page.body.contains(PASSWORD));
        let page = post(&mut app.browser(), "/reset", &form(&[("email", email)])).await;
        is_refused(&page, "email", email, Typed::Kept);
    }
    for password in ["", &"x".repeat(LONG), CONTROL] {
        app.t.clock.advance(3_600_000);
        post(&mut app.browser(), "/login", &form(&[("email", "ann@shop.example"), ("password", password)]))
            .await
            .expect(422);
    }
    for (field, value) in [("locale", "xx"), ("theme", MARKUP), ("density", OVERRIDE), ("next", MARKUP)] {
        let page = post(&mut app.browser(), "/preferences", &form(&[(field, value)])).await.expect_redirect("/");
        assert!(page.headers.get("set-cookie").is_none(), "{field}");
    }
    assert_eq!(counts(&app).await, before);
}

#[tokio::test]
async fn first_admin() {
    let app = TestApp::new().await;
    let token = services::accounts::first_admin_token(&app.t.svc).await.unwrap().unwrap();
    let path = format!("/first-admin/{token}");
    let good = form(&[("name", "Sam"), ("email", "sam@op.example"), ("password", PASSWORD)]);
    let before = counts(&app).await;
    for typed in bad_texts() {
        app.t.clock.advance(60_000);
        is_refused(&post(&mut app.browser(), &path, &with(&good, "name", &typed)).await, "name", &typed, Typed::Kept);
    }
    for email in ["", "nonsense", OVERRIDE, MARKUP] {
        app.t.clock.advance(60_000);
        is_refused(&post(&mut app.browser(), &path, &with(&good, "email", email)).await, "email", email, Typed::Kept);
    }
    for password in ["", "short"] {
        app.t.clock.advance(60_000);
        is_refused(
            &post(&mut app.browser(), &path, &with(&good, "password", password)).await,
            "password",
            password,
            Typed::Gone,
        );
    }
    assert_eq!(counts(&app).await, before);
}

/// Fields of a step: its name, what is fine, and what is typed wrongly into each field beside the general table.
const STEPS: [(&str, &[(&str, &str)]); 4] =
    [("business", &BUSINESS), ("activity", &ACTIVITY), ("owners", &OWNERS), ("bank", &BANK)];

#[tokio::test]
async fn onboarding_refuses_what_no_draft_can_keep() {
    let app = TestApp::new().await;
    let mut ann = app.member("ann@shop.example").await;
    for (step, fields) in STEPS {
        let good = form(fields);
        for (field, _) in fields {
            let typed = "x".repeat(domain::validate::application::MAX_DRAFT_FIELD + 1);
            let before = version(&mut ann, step).await;
            let bad = with(&good, field, &typed);
            let bad: Vec<(&str, &str)> = bad.iter().map(|(name, value)| (*name, value.as_str())).collect();
            let page = post_step(&mut ann, step, &bad, "draft").await;
            is_refused(&page, field, &typed, of(field));
            assert_eq!(version(&mut ann, step).await, before, "{field}: nothing is stored half");
        }
    }
}

#[tokio::test]
async fn onboarding_keeps_a_draft_and_names_every_wrong_field() {
    let app = TestApp::new().await;
    let mut ann = app.member("ann@shop.example").await;
    let optional = ["company_number"];
    let wrong = [
        ("legal_form", "nonsense"),
        ("company_number", "?"),
        ("tax_number", "?"),
        ("postal_code", "?"),
        ("country", "XX"),
        ("phone", "call me"),
        ("website", "javascript:alert(1)"),
        ("category", "nonsense"),
        ("description", "short"),
        ("monthly_volume", "much"),
        ("average_payment", "-1"),
        ("volume_currency", "XXQ"),
        ("owners.0.birth_date", "1980-02-30"),
        ("owners.0.country", "XX"),
        ("owners.0.share", "101"),
        ("account_kind", "cash"),
        ("iban", "SE45 5000 0000 0583 9825 7467"),
    ];
    for (step, fields) in STEPS {
        let good = form(fields);
        for (field, _) in fields {
            let own = wrong.iter().filter(|(name, _)| name == field).map(|(_, typed)| *typed);
            let general = ["", OVERRIDE].into_iter().filter(|typed| !typed.is_empty() || !optional.contains(field));
            for typed in own.chain(general) {
                let bad = with(&good, field, typed);
                let bad: Vec<(&str, &str)> = bad.iter().map(|(name, value)| (*name, value.as_str())).collect();
                let page = post_step(&mut ann, step, &bad, "next").await;
                is_refused(&page, field, typed, of(field));
            }
        }
    }
    // Markup in a name is a name.
    let marked = with(&form(&BUSINESS), "legal_name", MARKUP);
    let marked: Vec<(&str, &str)> = marked.iter().map(|(name, value)| (*name, value.as_str())).collect();
    post_step(&mut ann, "business", &marked, "next").await.expect(303);
    for step in ["business", "review"] {
        ann.get(&format!("/onboarding?step={step}")).await.expect(200).has("&lt;script&gt;").has_not("<script>alert");
    }
}
