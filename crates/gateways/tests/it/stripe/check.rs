//! Credentials and the test of a connection.

use super::{CUSTOMERS, Fake, INTENTS, REFUNDS, SESSIONS, SETUPS, call, credentials, error, list};
use domain::FieldProblem;
use gateways::http::Http;
use gateways::stripe::Stripe;
use gateways::{CheckCode, Credentials, Gateway};
use serde_json::{Value, json};

const ACCOUNT: &str = "/v1/account";
/// What a restricted key has to be allowed to read.
const ASKED: [&str; 6] = [INTENTS, SESSIONS, REFUNDS, CUSTOMERS, SETUPS, "/v1/disputes"];

fn with(fields: &[(&str, &str)]) -> Credentials {
    let mut credentials = credentials();
    for &(name, value) in fields {
        credentials.set(name, value.to_owned());
    }
    credentials
}

#[tokio::test]
async fn keys_by_their_form() {
    let fake = Fake::new().await;
    let problems = |credentials: &Credentials, live| -> Vec<(String, String)> {
        let found: Vec<FieldProblem> = fake.stripe.check().problems(credentials, live);
        found.into_iter().map(|problem| (problem.field, problem.code)).collect()
    };
    let expect = |fields: &[(&str, &str)], live, expected: &[(&str, &str)]| {
        let expected: Vec<_> = expected.iter().map(|&(field, code)| (field.to_owned(), code.to_owned())).collect();
        assert_eq!(problems(&with(fields), live), expected, "{fields:?}");
    };
    let live = [("publishable_key", "pk_live_1"), ("secret_key", "rk_live_1")];
    expect(&[], false, &[]);
    expect(&[("secret_key", "rk_test_1")], false, &[]);
    expect(&[("webhook_secret", "")], false, &[]);
    expect(&live, true, &[]);
    let other_mode = [("publishable_key", "key_of_other_mode"), ("secret_key", "key_of_other_mode")];
    expect(&[], true, &other_mode);
    expect(&live, false, &other_mode);
    // The two are easily mistaken for one another: the secret one must not stand in a page.
    expect(&[("publishable_key", "sk_test_1")], false, &[("publishable_key", "bad_key")]);
    expect(&[("secret_key", "pk_test_1")], false, &[("secret_key", "bad_key")]);
    expect(&[("secret_key", "sk_test_1\n")], false, &[("secret_key", "bad_characters")]);
    expect(&[("secret_key", &format!("sk_test_{}", "a".repeat(300)))], false, &[("secret_key", "too_long")]);
    expect(&[("webhook_secret", "we_1")], false, &[("webhook_secret", "bad_key")]);
    let empty = problems(&Credentials::default(), false);
    let required = |name: &str| (name.to_owned(), "required".to_owned());
    assert_eq!(empty, [required("publishable_key"), required("secret_key")]);
}

async fn answering(status: u16, account: &Value) -> Fake {
    let fake = Fake::new().await;
    fake.answers("GET", ACCOUNT, status, account).await;
    for at in ASKED {
        fake.answers("GET", at, 200, &list(&[], false)).await;
    }
    fake
}

#[tokio::test]
async fn a_connection_is_tested() {
    let account = json!({ "id": "acct_1", "object": "account", "charges_enabled": true });
    let refused = error("invalid_request_error", None, None);
    for (status, body, code) in [
        (200, account, CheckCode::Ok),
        // A restricted key need not read the account.
        (403, refused.clone(), CheckCode::Ok),
        // An account that was not activated makes test charges.
        (200, json!({ "id": "acct_1", "charges_enabled": false }), CheckCode::Ok),
        (401, refused.clone(), CheckCode::WrongCredentials),
        (400, refused, CheckCode::Unreadable),
        (500, json!({}), CheckCode::Unreachable),
        (429, json!({}), CheckCode::Unreachable),
    ] {
        let fake = answering(status, &body).await;
        assert_eq!(fake.stripe.check().check(&call("op_9")).await, code, "{status} {body}");
    }
    let fake = Fake::new().await;
    fake.answers_raw("GET", ACCOUNT, 200, "<html>").await;
    assert_eq!(fake.stripe.check().check(&call("op_9")).await, CheckCode::Unreadable);
    let address = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let stripe = Stripe::new(Http::new().unwrap(), format!("http://{address}/"));
    assert_eq!(stripe.check().check(&call("op_9")).await, CheckCode::Unreachable);
}

#[tokio::test]
async fn an_account_that_can_not_charge() {
    let fake = answering(200, &json!({ "id": "acct_1", "charges_enabled": false })).await;
    let mut live = call("op_9");
    live.livemode = true;
    live.credentials = with(&[("publishable_key", "pk_live_1"), ("secret_key", "rk_live_1")]);
    assert_eq!(fake.stripe.check().check(&live).await, CheckCode::AccountRestricted);
}

#[tokio::test]
async fn each_right_is_asked_for() {
    for missing in ASKED {
        let fake = Fake::new().await;
        fake.answers("GET", ACCOUNT, 200, &json!({ "charges_enabled": true })).await;
        for at in ASKED {
            let status = if at == missing { 403 } else { 200 };
            let body = if at == missing { error("invalid_request_error", None, None) } else { list(&[], false) };
            fake.answers("GET", at, status, &body).await;
        }
        assert_eq!(fake.stripe.check().check(&call("op_9")).await, CheckCode::MissingPermission, "{missing}");
    }
}

#[tokio::test]
async fn keys_of_the_other_mode_are_not_sent() {
    let fake = Fake::new().await;
    let mut call = call("op_9");
    call.livemode = true;
    assert_eq!(fake.stripe.check().check(&call).await, CheckCode::WrongMode);
    call.credentials = with(&[("secret_key", "sk_live_1")]);
    assert_eq!(fake.stripe.check().check(&call).await, CheckCode::WrongCredentials);
    assert_eq!(fake.asked().await, []);
}

#[tokio::test]
async fn what_it_says_of_itself() {
    let fake = Fake::new().await;
    let provider = fake.stripe.describe();
    assert_eq!(provider.key, "stripe");
    assert_eq!(provider.methods, ["card"]);
    let fields: Vec<_> =
        provider.fields.iter().map(|field| (field.name.as_str(), field.secret, field.required)).collect();
    assert_eq!(fields, [("publishable_key", false, true), ("secret_key", true, true), ("webhook_secret", true, false)]);
    let can = |what: &str| provider.capabilities.iter().any(|known| known == what);
    assert_eq!(can("capture") && can("void") && can("authorize"), fake.stripe.captures().is_some());
    assert_eq!(can("refund") && can("partial_refund"), fake.stripe.refunds().is_some());
    assert_eq!(can("list"), fake.stripe.listing().is_some());
    assert_eq!(can("events"), fake.stripe.events().is_some());
    assert_eq!(can("save"), fake.stripe.saves().is_some());
    assert_eq!(can("disputes"), fake.stripe.disputes().is_some());
    assert!(can("save") && can("disputes"));
    assert_eq!(can("challenge"), fake.stripe.challenges().is_some());
}
