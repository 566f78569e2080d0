//! Portal pages as the server renders them, before any script runs.

use crate::support::{Browser, TestApp};

/// A member's browser, and the merchant's id.
async fn member(app: &TestApp) -> (Browser, String) {
    let browser = app.member("ann@shop.example").await;
    (browser, app.t.texts("select id from merchants").await.remove(0))
}

#[tokio::test]
async fn the_title_tells_of_a_filter_that_cannot_be_read() {
    let app = TestApp::new().await;
    let (mut ann, acct) = member(&app).await;
    let path = format!("/m/{acct}/test/payments");
    ann.get(&path).await.expect(200).has("<title>Payments · Paydeck</title>");
    ann.get(&format!("{path}?min=cheap")).await.has("<title>Error: Payments · Paydeck</title>").has("value=\"cheap\"");
    ann.get(&format!("{path}?min=cheap&lang=fa")).await.has("<title>خطا: پرداخت‌ها | Paydeck</title>");
}

#[tokio::test]
async fn the_menu_leads_to_the_personal_settings() {
    let app = TestApp::new().await;
    let (mut ann, acct) = member(&app).await;
    let mut page = ann.get(&format!("/m/{acct}/test/dashboard")).await.expect(200);
    for name in ["profile", "password", "sessions"] {
        page = page.has(&format!("href=\"/m/{acct}/test/settings/{name}\" class=\"menu-item\""));
    }
}

#[tokio::test]
async fn times_are_on_the_merchants_clocks_and_name_the_zone() {
    let app = TestApp::new().await;
    let (mut ann, acct) = member(&app).await;
    let path = format!("/m/{acct}/test/payments");
    // UTC: no table, and said once.
    ann.get(&path).await.expect(200).has_not("data-zone").has("<bdi dir=\"ltr\">UTC");
    // Kathmandu: five hours and three quarters ahead, always.
    app.t.sql("update merchants set timezone = 'Asia/Kathmandu'").await;
    let at = domain::Timestamp::parse_date("2026-03-01").unwrap().0 + 20 * domain::time::HOUR;
    let id: domain::PaymentId = app.t.new_id();
    app.t
        .sql(&format!(
            "insert into payments (merchant_id, livemode, id, status, currency, amount, receipt_token, created_at, updated_at)
             values ('{acct}', false, '{id}', 'requires_payment_method', 'EUR', 100, 'r', {at}, {at})"
        ))
        .await;
    let page = ann.get(&path).await.expect(200).has("data-zone=").has("<bdi dir=\"ltr\">Asia/Kathmandu");
    page.has("2 Mar 2026, 01:45 Asia/Kathmandu · 1 Mar 2026, 20:00 UTC").has("datetime=\"2026-03-01T20:00:00Z\"");
    // Nobody else learns the zone.
    let mut eve = app.member("eve@shop.example").await;
    eve.get(&path).await.has_not("Kathmandu");
}

#[tokio::test]
async fn lines_are_read_in_their_order_whatever_their_numbers() {
    let app = TestApp::new().await;
    let (mut ann, acct) = member(&app).await;
    ann.headers.insert("accept", "application/json".parse().unwrap());
    let path = app::server::api_paths().into_iter().find(|path| path.contains("sessions/create")).unwrap();
    let line = |number: u8, price: &'static str| {
        let name = move |field: &str| format!("form[items][{number}][{field}]");
        [(name("name"), "Thing"), (name("quantity"), "2"), (name("unit_amount"), price)]
    };
    let mut form = vec![("scope[merchant]".to_owned(), acct.as_str()), ("scope[mode]".to_owned(), "test")];
    form.push(("form[currency]".to_owned(), "EUR"));
    // The first was taken away, and others between.
    form.extend(line(2, "3"));
    form.extend(line(7, "much"));
    form.extend(line(11, "5"));
    let mut typed: Vec<(&str, &str)> = form.iter().map(|(name, value)| (name.as_str(), *value)).collect();
    let refused = ann.post(&path, &typed).await.expect(422);
    let problem: domain::Problem = serde_json::from_str(&refused.body).unwrap();
    let fields: Vec<_> = problem.fields.iter().map(|field| field.field.as_str()).collect();
    assert_eq!(fields, ["items.1.unit_amount"]);
    typed.retain(|(name, _)| !name.contains("[7]"));
    ann.post(&path, &typed).await.expect(200);
    assert_eq!(app.t.number("select amount from checkout_sessions").await, 1_600);
}
