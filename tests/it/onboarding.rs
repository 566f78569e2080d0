//! The application: drafts at every step, documents, review, submission.

use crate::auth::actor;
use crate::support::{Browser, TestApp};

pub const BUSINESS: [(&str, &str); 10] = [
    ("legal_name", "Blue Shop AB"),
    ("trading_name", "Blue Shop"),
    ("legal_form", "company"),
    ("company_number", "556703-7485"),
    ("tax_number", "SE556703748501"),
    ("address_line", "Storgatan 1"),
    ("city", "Stockholm"),
    ("postal_code", "111 22"),
    ("country", "SE"),
    ("phone", "+46 8 123 456 78"),
];
pub const ACTIVITY: [(&str, &str); 6] = [
    ("website", "https://blueshop.example"),
    ("category", "clothing"),
    ("description", "Blue clothes for people who like blue."),
    ("monthly_volume", "25000"),
    ("volume_currency", "SEK"),
    ("average_payment", "499"),
];
pub const OWNERS: [(&str, &str); 5] = [
    ("owners.0.name", "Ann Berg"),
    ("owners.0.birth_date", "1980-02-29"),
    ("owners.0.country", "SE"),
    ("owners.0.share", "100"),
    ("owners.0.role", "CEO"),
];
pub const BANK: [(&str, &str); 3] =
    [("account_holder", "Blue Shop AB"), ("account_kind", "iban"), ("iban", "SE45 5000 0000 0583 9825 7466")];
pub const PDF: &[u8] = b"%PDF-1.4\n%%EOF\n";

/// The version that a page's form carries.
pub async fn version(browser: &mut Browser, step: &str) -> String {
    let page = browser.get(&format!("/onboarding?step={step}")).await.expect(200);
    let rest = page.body.split_once("name=\"version\" value=\"").expect("a version").1;
    rest.split_once('"').unwrap().0.to_owned()
}

/// Posts a step's fields with its version.
pub async fn post_step(
    browser: &mut Browser,
    step: &str,
    fields: &[(&str, &str)],
    pressed: &str,
) -> crate::support::Page {
    let version = version(browser, step).await;
    let mut form = fields.to_vec();
    form.push(("version", &version));
    form.push(("do", pressed));
    browser.post(&format!("/onboarding/{step}"), &form).await
}

/// Fills in the steps that are fields.
pub async fn fill(browser: &mut Browser, merchant: &str) {
    let to = |step: &str| format!("/onboarding?m={merchant}&step={step}");
    post_step(browser, "business", &BUSINESS, "next").await.expect_redirect(&to("activity"));
    post_step(browser, "activity", &ACTIVITY, "next").await.expect_redirect(&to("owners"));
    post_step(browser, "owners", &OWNERS, "next").await.expect_redirect(&to("bank"));
    post_step(browser, "bank", &BANK, "next").await.expect_redirect(&to("documents"));
}

#[tokio::test]
async fn an_application_goes_from_empty_to_approved() {
    let app = TestApp::new().await;
    let mut ann = app.member("ann@shop.example").await;
    let merchant = actor(&app).await.scope.merchant.to_string();
    ann.get("/onboarding").await.expect(200).has("Legal name").has("aria-current=\"step\"");
    ann.get("/onboarding?step=review").await.expect(200).has("are still missing").has("step=bank#account_holder");
    ann.post("/onboarding/submit", &[("m", &merchant)]).await.expect(422);
    fill(&mut ann, &merchant).await;
    for purpose in ["registration", "bank", "identity"] {
        let texts = [("m", merchant.as_str()), ("purpose", purpose)];
        let to = format!("/onboarding?m={merchant}&step=documents&done=stored");
        ann.upload("/onboarding/documents/upload", &texts, "paper.pdf", PDF).await.expect_redirect(&to);
    }
    ann.get("/onboarding?step=review").await.has("Everything is there").has("SE45 5000 0000 0583 9825 7466");
    ann.post("/onboarding/submit", &[("m", &merchant)]).await.expect(303);
    ann.get("/onboarding")
        .await
        .expect(200)
        .has("We have your application")
        .has("Test payments")
        .has_not("Save and continue");
    let late = [("m", merchant.as_str()), ("version", "1"), ("legal_name", "X")];
    ann.post("/onboarding/business", &late).await.expect(422);
}

#[tokio::test]
async fn an_incomplete_step_is_kept_and_says_what_is_missing() {
    let app = TestApp::new().await;
    let mut ann = app.member("ann@shop.example").await;
    let page = post_step(&mut ann, "business", &BUSINESS[..2], "next").await.expect(422);
    page.has("Saved as a draft").has("id=\"city-error\"").has("value=\"Blue Shop AB\"");
    ann.get("/onboarding?step=business").await.has("value=\"Blue Shop AB\"").has_not("error-summary");
    post_step(&mut ann, "bank", &BANK[..1], "draft").await.expect(303);
    ann.get("/onboarding?step=bank&done=saved").await.has("Saved as a draft").has("value=\"Blue Shop AB\"");
    // The other step's answers stand.
    ann.get("/onboarding?step=business").await.has("value=\"Blue Shop AB\"");
}

#[tokio::test]
async fn owners_are_added_and_removed_without_script() {
    let app = TestApp::new().await;
    let mut ann = app.member("ann@shop.example").await;
    ann.get("/onboarding?step=owners").await.has("owners.0.name").has_not("owners.1.name").has_not("Remove owner");
    post_step(&mut ann, "owners", &OWNERS, "add_owner").await.expect(303);
    ann.get("/onboarding?step=owners").await.has("owners.1.name").has("value=\"Ann Berg\"").has("Remove owner 1");
    let mut two = OWNERS.to_vec();
    two.extend([("owners.1.name", "Bo Ek"), ("owners.1.share", "0")]);
    post_step(&mut ann, "owners", &two, "remove_owner.0").await.expect(303);
    ann.get("/onboarding?step=owners").await.has("value=\"Bo Ek\"").has_not("Ann Berg").has_not("owners.1.name");
    let many: Vec<(String, &str)> = (0..60).map(|i| (format!("owners.{i}.name"), "X")).collect();
    let many: Vec<(&str, &str)> = many.iter().map(|(name, value)| (name.as_str(), *value)).collect();
    post_step(&mut ann, "owners", &many, "draft").await.expect(422);
    ann.get("/onboarding?step=owners").await.has("value=\"Bo Ek\"");
}

#[tokio::test]
async fn two_people_do_not_overwrite_each_other() {
    let app = TestApp::new().await;
    let mut ann = app.member("ann@shop.example").await;
    let seen = version(&mut ann, "business").await;
    post_step(&mut ann, "business", &[("legal_name", "First")], "draft").await.expect(303);
    let form = [("legal_name", "Second"), ("version", seen.as_str()), ("do", "next")];
    ann.post("/onboarding/business", &form).await.expect(422).has("value=\"Second\"");
    ann.get("/onboarding?step=business").await.has("value=\"First\"");
}

#[tokio::test]
async fn documents_of_a_wrong_kind_or_size_are_refused_in_words() {
    let app = TestApp::new().await;
    let mut ann = app.member("ann@shop.example").await;
    let texts = [("purpose", "bank")];
    let path = "/onboarding/documents/upload";
    let large = vec![b'%'; 10 * 1024 * 1024 + 1];
    for (name, bytes) in [("page.html", &b"<script>alert(1)</script>"[..]), ("empty.pdf", b""), ("large.pdf", &large)] {
        let page = ann.upload(path, &texts, name, bytes).await.expect(422);
        page.has("id=\"file-error\"").has("value=\"bank\" selected").has_not("<script>alert");
    }
    ann.upload(path, &[("purpose", "nonsense")], "a.pdf", PDF).await.expect(422).has("id=\"purpose-error\"");
    assert_eq!((app.count("files").await, app.count("file_chunks").await), (0, 0));
    ann.upload(path, &texts, "a.pdf", PDF).await.expect(303);
    let id = app.t.texts("select id from files").await.pop().unwrap();
    ann.get("/onboarding?step=documents").await.has("a.pdf").has(&id);
    ann.post("/onboarding/documents/remove", &[("id", &id)]).await.expect(303);
    ann.get("/onboarding?step=documents").await.has_not(&id);
    assert_eq!(app.count("file_chunks").await, 0);
}

#[tokio::test]
async fn nobody_sees_the_application_of_others() {
    let app = TestApp::new().await;
    app.member("ann@shop.example").await;
    let merchant = actor(&app).await.scope.merchant.to_string();
    let mut eve = app.member("eve@other.example").await;
    eve.get(&format!("/onboarding?m={merchant}")).await.expect(404);
    eve.post("/onboarding/business", &[("m", &merchant), ("version", "1"), ("legal_name", "Eve")]).await.expect(404);
    eve.post("/onboarding/submit", &[("m", &merchant)]).await.expect(404);
    eve.get("/onboarding?m=acct_nonsense").await.expect(404);
}

#[tokio::test]
async fn reviewers_ask_and_the_merchant_answers() {
    let app = TestApp::new().await;
    let mut ann = app.member("ann@shop.example").await;
    let merchant = actor(&app).await.scope.merchant;
    let m = merchant.to_string();
    fill(&mut ann, &m).await;
    for purpose in ["registration", "bank", "identity"] {
        ann.upload("/onboarding/documents/upload", &[("m", &m), ("purpose", purpose)], "paper.pdf", PDF)
            .await
            .expect(303);
    }
    ann.post("/onboarding/answer", &[("text", "Too early")]).await.expect(422);
    ann.post("/onboarding/submit", &[]).await.expect(303);
    let svc = &app.t.svc;
    let password = Some(crate::support::PASSWORD.to_owned());
    let staff =
        services::accounts::create_staff(svc, None, "Sam", "sam@op.example", domain::StaffRole::Reviewer, password);
    let staff = services::access::enter_staff(svc, &staff.await.unwrap(), services::Origin::default()).await.unwrap();
    let version = services::admin::review(svc, &staff, &merchant).await.unwrap().application.version;
    services::admin::ask(svc, &staff, &merchant, version, "Which <b>shop</b> is yours?").await.unwrap();
    let page = ann.get("/onboarding").await.expect(200);
    page.has("The operator needs to know more")
        .has("Which &lt;b&gt;shop&lt;/b&gt; is yours?")
        .has("action=\"/onboarding/answer\"");
    ann.post("/onboarding/answer", &[("text", "")]).await.expect(422).has("id=\"text-error\"");
    ann.post("/onboarding/answer", &[("text", "The blue one.")]).await.expect(303);
    ann.get("/onboarding?step=review&done=answered").await.has("Your answer is stored").has("The blue one.");
    ann.post("/onboarding/submit", &[("m", &m)]).await.expect(303);
    let version = services::admin::review(svc, &staff, &merchant).await.unwrap().application.version;
    services::admin::approve(svc, &staff, &merchant, version).await.unwrap();
    ann.get("/onboarding").await.has("You are approved").has(&format!("/m/{merchant}/live/gateways"));
}
