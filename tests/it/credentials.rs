//! What opens a merchant's account at a gateway stands nowhere in clear: not in the database, its journal and its backup, not in
//! logs; the process leaves no core dump; and what was sealed for one row opens in no other.

use crate::crash::server::{Binary, free_port};
use domain::views::gateway::ConnectionForm;
use gateways::{http::Http, scripted::wire, stripe::Stripe};
use serde_json::json;
use services::connections;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use test_support::{TestDb, TestServices, cluster::Cluster, db::block_on, for_each_engine};
use wiremock::{Mock, MockServer, ResponseTemplate, matchers::any};

const SECRET: &str = "sk_test_51CanaryThatNobodyMayRead0123456789";
const SIGNING: &str = "whsec_CanaryOfEventsThatNobodyMayRead0123";

fn stripe(name: &str, secret: &str) -> ConnectionForm {
    let credentials =
        [("publishable_key", "pk_test_51Public0123456789"), ("secret_key", secret), ("webhook_secret", SIGNING)];
    ConnectionForm {
        provider: "stripe".into(),
        name: name.into(),
        methods: vec!["card".into()],
        credentials: credentials.map(|(field, value)| (field.to_owned(), value.to_owned())).to_vec(),
        ..ConnectionForm::default()
    }
}

fn holds(bytes: &[u8]) -> bool {
    [SECRET, SIGNING].iter().any(|canary| bytes.windows(canary.len()).any(|window| window == canary.as_bytes()))
}

/// Every file below a folder that holds one of them.
fn holders(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for path in std::fs::read_dir(folder).unwrap().flatten().map(|entry| entry.path()) {
        if path.is_dir() {
            found.extend(holders(&path));
        } else if std::fs::read(&path).is_ok_and(|bytes| holds(&bytes)) {
            found.push(path);
        }
    }
    found
}

/// Connects Stripe, has the real program charge and read an event with it, and looks everywhere.
async fn prove(db: &TestDb, files: &Path) {
    let gateway = MockServer::start().await;
    let refusal = json!({ "error": { "type": "invalid_request_error", "message": "Invalid API Key provided" } });
    Mock::given(any()).respond_with(ResponseTemplate::new(401).set_body_json(refusal)).mount(&gateway).await;
    let connector = Stripe::new(Http::new().unwrap(), gateway.uri());
    let t = TestServices::with_gateways(db, TestServices::settings(), vec![Arc::new(connector)]);
    let m = t.merchant().await;
    let connection = connections::add(&t, &m.actor, &stripe("Stripe", SECRET)).await.unwrap();
    let s = t.session(&m, 1_000, "EUR").await;
    // The program goes by the real clock.
    t.sql("update checkout_sessions set expires_at = 9999999999999").await;

    let binary = Binary::new(db.url(), free_port(), "127.0.0.1:1")
        .with("PAYDECK_STRIPE_API_BASE", &gateway.uri())
        .with("RUST_LOG", "trace");
    let mut server = binary.start(0).await;
    let origin = format!("http://{}", binary.address);
    let post = [("origin", origin.as_str()), ("content-type", "application/x-www-form-urlencoded")];
    let form = format!(
        "form_key=canary-form-key&method=card&email=a%40example.com&connection={connection}&gateway_token=ctoken_1Canary"
    );
    let path = format!("POST /c/{}", s.token);
    let answer = wire::send(&binary.address, &path, &post, form.as_bytes()).await.unwrap();
    assert!(matches!(answer.status(), 303 | 422), "the gateway refuses the key: nothing is paid");
    // The secret was opened and used: this look would be worth nothing otherwise.
    let asked = gateway.received_requests().await.unwrap();
    let used = |value: &wiremock::http::HeaderValue| value.to_str().is_ok_and(|value| value.contains(SECRET));
    assert!(asked.iter().any(|request| request.headers.get("authorization").is_some_and(used)));
    let event = format!("POST /webhooks/stripe/{connection}");
    let answer = wire::send(&binary.address, &event, &[("stripe-signature", "t=1,v1=00")], b"{}").await.unwrap();
    assert!(answer.status() >= 400);
    let limits = std::fs::read_to_string(format!("/proc/{}/limits", server.id())).unwrap();
    let core: Vec<&str> =
        limits.lines().find(|line| line.starts_with("Max core file size")).unwrap().split_whitespace().collect();
    assert_eq!(core[4..6], ["0", "0"], "a core dump holds what was opened");

    assert_eq!(holders(files), Vec::<PathBuf>::new(), "while it runs, its journal too");
    server.tell_to_stop().await;
    server.ended().await;
    assert_eq!(holders(files), Vec::<PathBuf>::new());
    let log = binary.said();
    assert!(log.contains("/c/") || log.len() > 1_000, "it has logged");
    assert!(!holds(log.as_bytes()), "the log");
    if db.path().is_some() {
        let copy = db.backup().await;
        assert_eq!(holders(copy.path().unwrap().parent().unwrap()), Vec::<PathBuf>::new(), "the backup");
    }
}

// What is sealed for one row is, for any other, as if it were wrong, and the gateway is not even asked.
for_each_engine!(what_was_sealed_for_one_row_opens_in_no_other, |db| async {
    let nobody = Stripe::new(Http::new().unwrap(), "http://127.0.0.1:1");
    let t = TestServices::with_gateways(&db, TestServices::settings(), vec![Arc::new(nobody)]);
    let m = t.merchant().await;
    let first = connections::add(&t, &m.actor, &stripe("Stripe", SECRET)).await.unwrap();
    let other = connections::add(&t, &m.actor, &stripe("Another", "sk_test_51AnotherAccount0123456789")).await.unwrap();
    // Nobody answers there; with credentials that open, that is what is said.
    assert_eq!(connections::test(&t, &m.actor, &other).await.unwrap(), "unreachable");
    let sealed = format!("select c.credentials from connections c where c.id = '{first}'");
    t.damage(&format!("update connections set credentials = ({sealed}) where id = '{other}'")).await;
    assert_eq!(connections::test(&t, &m.actor, &other).await.unwrap(), "wrong_credentials");
    let events = services::webhooks::receive(&t, "stripe", other.as_str(), &[], b"{}").await;
    assert!(events.is_err(), "{events:?}");
    t.damage(&format!("update connections set status = 'paused' where id = '{first}'")).await;
    let s = t.session(&m, 500, "EUR").await;
    let page = services::checkout::view(&t, &s.token).await.map(|view| view.methods.len());
    assert!(!matches!(page, Ok(1..)), "{page:?}");
});

#[test]
fn credentials_are_nowhere_in_clear_on_sqlite() {
    block_on(async {
        let db = TestDb::sqlite().await;
        let folder = db.path().unwrap().parent().unwrap().to_owned();
        prove(&db, &folder).await;
    });
}

#[test]
fn credentials_are_nowhere_in_clear_on_postgres() {
    block_on(async {
        let cluster = Cluster::start();
        let home = cluster.url().split("host=").nth(1).unwrap().split('&').next().unwrap().to_owned();
        prove(&TestDb::at(cluster.url()).await, &Path::new(&home).join("data")).await;
    });
}
