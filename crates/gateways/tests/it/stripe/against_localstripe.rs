//! The connector against localstripe, a fake of Stripe's API that others wrote: what two sides that never met agree on.
//!
//! `tools/with-localstripe.sh` installs it and names it in `PAYDECK_LOCALSTRIPE_PYTHON`; each test starts one of its own, with an empty
//! book. It knows an older API than ours (see `tools/serve-localstripe.py` and, for methods that are kept, `serve_localstripe_saves.py`
//! beside this) and no ConfirmationTokens, Checkout Sessions, idempotency keys,
//! accounts, lists by time, searches, disputes, redirects to banks, or refusals of a refund that is too large: those are tested against the documented
//! answers alone. Instead of a token, charges take Stripe's names of test cards.

use super::{Fake, INTENT, WEBHOOK_SECRET, call, keep, of_saved, of_token};
use crate::eur;
use domain::{Timestamp, decline::DeclineCode, time::SECOND};
use gateways::http::Http;
use gateways::stripe::Stripe;
use gateways::{
    About, Call, ChargeReply, ChargeRequest, ChargeState, Gateway, GatewayFailure, Incoming, Initiator, Keep,
    MethodInput, RefundRequest, RefundState, SavedMethod, SetUpReply, SetUpRequest, SetUpState,
};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};

/// The fake, which ends with this.
struct Local {
    process: Child,
    address: String,
    stripe: Stripe,
}

impl Local {
    fn start() -> Self {
        let python = std::env::var("PAYDECK_LOCALSTRIPE_PYTHON").unwrap_or_else(|_| {
            panic!("localstripe is missing: run the tests by tools/with-localstripe.sh, which installs it")
        });
        let mut process = Command::new(&python)
            .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/stripe/serve_localstripe_saves.py"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{python} can't be started: {error}"));
        let mut address = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut address).unwrap();
        let address = address.trim().to_owned();
        assert!(address.starts_with("http://127.0.0.1:"), "localstripe says {address:?}");
        let stripe = Stripe::new(Http::new().unwrap(), address.as_str());
        Self { process, address, stripe }
    }

    /// Makes a charge, and charges it.
    async fn charge(&self, key: &str, request: &ChargeRequest) -> (String, Result<ChargeReply, GatewayFailure>) {
        let name = self.prepare(key, request).await;
        let request = ChargeRequest { prepared: Some(name.clone()), ..request.clone() };
        (name, self.stripe.charges().charge(&call(key), &request).await)
    }

    async fn prepare(&self, key: &str, request: &ChargeRequest) -> String {
        self.stripe.prepares().unwrap().prepare(&call(key), request).await.unwrap().unwrap().unwrap()
    }

    async fn find(&self, name: &str) -> Option<ChargeReply> {
        self.stripe.lookup().unwrap().find_charge(&call("op_9"), "op_1", Some(name)).await.unwrap()
    }
}

impl Drop for Local {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn captured(minor: i64) -> ChargeState {
    ChargeState::Succeeded { captured: eur(minor), fee: Some(eur(0)) }
}

#[tokio::test]
async fn a_card_is_charged() {
    let local = Local::start();
    let (name, reply) = local.charge("op_1", &of_token("pm_card_visa")).await;
    let reply = reply.unwrap();
    assert_eq!((reply.gateway_ref.as_deref(), &reply.state), (Some(name.as_str()), &captured(1_099)));
    assert_eq!(local.find(&name).await, Some(reply.clone()));
    assert_eq!(local.stripe.charges().resume(&call("op_1"), &name).await, Ok(reply));
    // In one go, without a prepared name.
    let reply = local.stripe.charges().charge(&call("op_2"), &of_token("pm_card_visa")).await.unwrap();
    assert_eq!(reply.state, captured(1_099));
    assert_ne!(reply.gateway_ref, Some(name));
}

#[tokio::test]
async fn a_card_is_declined() {
    let local = Local::start();
    let (name, reply) = local.charge("op_1", &of_token("pm_card_chargeCustomerFail")).await;
    let reply = reply.unwrap();
    assert_eq!(reply.gateway_ref.as_deref(), Some(name.as_str()));
    assert_eq!(reply.state, ChargeState::Declined(DeclineCode::GenericDecline));
    assert_eq!(reply.raw_code.as_deref(), Some("card_declined"));
    assert_eq!(local.find(&name).await.unwrap().state, reply.state);
}

#[tokio::test]
async fn what_is_only_prepared_charges_nothing() {
    let local = Local::start();
    let request = of_token("pm_card_visa");
    let name = local.prepare("op_1", &request).await;
    assert_eq!(local.find(&name).await, None);
    let reply = local.stripe.abandons().unwrap().abandon(&call("op_1"), &name).await.unwrap();
    assert_eq!(reply.state, ChargeState::Canceled);
    let late = ChargeRequest { prepared: Some(name.clone()), ..request };
    assert!(local.stripe.charges().charge(&call("op_1"), &late).await.is_err());
    assert_eq!(local.find(&name).await.unwrap().state, ChargeState::Canceled);
}

#[tokio::test]
async fn a_part_of_a_hold_is_captured() {
    let local = Local::start();
    let (name, reply) = local.charge("op_1", &ChargeRequest { capture: false, ..of_token("pm_card_visa") }).await;
    assert_eq!(reply.unwrap().state, ChargeState::Authorized { capture_before: None });
    let captures = local.stripe.captures().unwrap();
    let reply = captures.capture(&call("op_2"), &name, eur(700)).await.unwrap();
    assert_eq!(reply.state, captured(700));
    assert_eq!(local.find(&name).await.unwrap().state, captured(700));
    // Once is all: what is left is released.
    let again = captures.capture(&call("op_3"), &name, eur(100)).await.unwrap();
    assert!(matches!(again.state, ChargeState::Declined(_)), "{again:?}");
    assert_eq!(local.find(&name).await.unwrap().state, captured(700));
}

#[tokio::test]
async fn a_hold_is_released() {
    let local = Local::start();
    let (name, reply) = local.charge("op_1", &ChargeRequest { capture: false, ..of_token("pm_card_visa") }).await;
    assert!(matches!(reply.unwrap().state, ChargeState::Authorized { .. }));
    // Who gives up waiting does not let go of what is held: who releases it does.
    let reply = local.stripe.abandons().unwrap().abandon(&call("op_1"), &name).await.unwrap();
    assert!(matches!(reply.state, ChargeState::Authorized { .. }));
    let reply = local.stripe.captures().unwrap().void(&call("op_2"), &name).await.unwrap();
    assert_eq!(reply.state, ChargeState::Canceled);
    assert_eq!(local.find(&name).await.unwrap().state, ChargeState::Canceled);
}

#[tokio::test]
async fn money_is_given_back() {
    let local = Local::start();
    let (name, reply) = local.charge("op_1", &of_token("pm_card_visa")).await;
    assert_eq!(reply.unwrap().state, captured(1_099));
    let refunds = local.stripe.refunds().unwrap();
    let part = RefundRequest { charge_ref: name.clone(), amount: eur(300), reason: "requested_by_customer".into() };
    let first = refunds.refund(&call("op_2"), &part).await.unwrap();
    assert_eq!((first.amount, &first.state), (eur(300), &RefundState::Succeeded));
    // This fake knows no idempotency keys: the same key gives nothing back twice all the same.
    assert_eq!(refunds.refund(&call("op_2"), &part).await.unwrap(), first);
    let rest = RefundRequest { amount: eur(799), reason: "other".into(), ..part };
    let second = refunds.refund(&call("op_3"), &rest).await.unwrap();
    assert_eq!((second.amount, &second.state), (eur(799), &RefundState::Succeeded));
    assert_ne!(first.gateway_ref, second.gateway_ref);
    let lookup = local.stripe.lookup().unwrap();
    assert_eq!(
        lookup.find_refund(&call("op_9"), "op_2", crate::CHARGE, first.gateway_ref.as_deref()).await,
        Ok(Some(first))
    );
    // What was not paid is not given back.
    let (declined, _) = local.charge("op_4", &of_token("pm_card_chargeCustomerFail")).await;
    let of_nothing = RefundRequest { charge_ref: declined, ..rest };
    let reply = refunds.refund(&call("op_5"), &of_nothing).await.unwrap();
    assert!(matches!(reply.state, RefundState::Failed { .. }), "{reply:?}");
}

#[tokio::test]
async fn a_wrong_key_and_a_wrong_name() {
    let local = Local::start();
    let mut wrong = call("op_1");
    wrong.credentials.set("secret_key", "nonsense");
    let request = ChargeRequest { prepared: Some(INTENT.into()), ..of_token("pm_card_visa") };
    let reply = local.stripe.charges().charge(&wrong, &request).await.unwrap();
    assert_eq!(reply.state, ChargeState::Declined(DeclineCode::GatewayMisconfigured));
    let failure = local.stripe.charges().charge(&call("op_1"), &request).await.unwrap_err();
    assert!(matches!(failure, GatewayFailure::NotSent { .. }), "{failure}");
    let found = local.stripe.lookup().unwrap().find_charge(&call("op_9"), "op_1", Some(INTENT)).await;
    assert!(matches!(found, Err(GatewayFailure::Unknown { .. })), "{found:?}");
}

impl Local {
    /// A charge that keeps its card.
    async fn keeps(&self, key: &str, keep: Keep) -> (String, SavedMethod) {
        let request = ChargeRequest { keep: Some(keep), ..of_token("pm_card_visa") };
        let (name, reply) = self.charge(key, &request).await;
        let reply = reply.unwrap();
        assert_eq!(reply.state, captured(1_099));
        assert_eq!(self.find(&name).await, Some(reply.clone()));
        (name, reply.saved.unwrap())
    }

    /// Charges what is kept, in a charge of its own.
    async fn charge_saved(&self, key: &str, saved: &SavedMethod, initiator: Initiator) -> ChargeReply {
        let request =
            ChargeRequest { method: MethodInput::Saved(saved.clone()), prepared: None, ..of_saved(initiator) };
        self.charge(key, &request).await.1.unwrap()
    }

    async fn set_up(&self, key: &str, token: &str) -> SetUpReply {
        let request = SetUpRequest {
            method: MethodInput::Token(token.into()),
            keep: keep(),
            email: Some("ana@example.com".into()),
            return_url: "https://pay.example/m/x".into(),
            locale: domain::Locale::En,
        };
        self.stripe.saves().unwrap().set_up(&call(key), &request).await.unwrap()
    }

    /// A card whose bank wants to see the customer, kept for a new customer.
    async fn watched_card(&self) -> SavedMethod {
        let post = async |path: &str, form: &[(&str, &str)]| {
            let http = Http::new().unwrap();
            let request = http
                .request("POST".parse().unwrap(), &format!("{}{path}", self.address))
                .header("content-type", "application/x-www-form-urlencoded")
                .bearer_auth(super::SECRET)
                .body(serde_urlencoded::to_string(form).unwrap());
            let made = http.send(request).await.unwrap().json().unwrap();
            made["id"].as_str().unwrap_or_else(|| panic!("{made}")).to_owned()
        };
        let number = [("type", "card"), ("card[number]", "4000002760003184"), ("card[cvc]", "123")];
        let expires = [("card[exp_month]", "12"), ("card[exp_year]", "2034")];
        let token = post("/v1/payment_methods", &[&number[..], &expires].concat()).await;
        let customer = post("/v1/customers", &[]).await;
        post(&format!("/v1/payment_methods/{token}/attach"), &[("customer", &customer)]).await;
        SavedMethod { token, customer: Some(customer) }
    }
}

#[tokio::test]
async fn a_card_is_kept_and_charged_again() {
    let local = Local::start();
    let (_, saved) = local.keeps("op_1", keep()).await;
    assert_ne!(saved.token, "pm_card_visa");
    for (key, initiator) in [("op_2", Initiator::Customer), ("op_3", Initiator::Merchant)] {
        let reply = local.charge_saved(key, &saved, initiator).await;
        assert_eq!((reply.state, reply.saved), (captured(1_099), None), "{key}");
    }
    // The next card goes to the same customer.
    let customer = saved.customer.clone();
    let (_, second) = local.keeps("op_4", Keep { gateway_customer: customer.clone(), ..keep() }).await;
    assert_eq!(second.customer, customer);
    assert_ne!(second.token, saved.token);
}

#[tokio::test]
async fn a_card_is_kept_without_a_charge() {
    let local = Local::start();
    let reply = local.set_up("op_1", "pm_card_visa").await;
    let SetUpState::Saved(saved) = reply.state.clone() else { panic!("{reply:?}") };
    assert_eq!(reply.card.as_ref().map(|card| card.last4.as_str()), Some("4242"));
    let name = reply.gateway_ref.clone().unwrap();
    assert_eq!(local.stripe.saves().unwrap().finish_set_up(&call("op_1"), &name).await, Ok(reply));
    assert_eq!(local.charge_saved("op_2", &saved, Initiator::Merchant).await.state, captured(1_099));
    let no = local.set_up("op_3", "pm_card_visa_chargeDeclined").await;
    assert_eq!(no.state, SetUpState::Declined(DeclineCode::GenericDecline));
}

#[tokio::test]
async fn what_is_forgotten_is_charged_no_more() {
    let local = Local::start();
    let (name, saved) = local.keeps("op_1", keep()).await;
    let saves = local.stripe.saves().unwrap();
    assert_eq!(saves.forget(&call("op_2"), &saved).await, Ok(()));
    // As often as one likes, and what was never known.
    assert_eq!(saves.forget(&call("op_3"), &saved).await, Ok(()));
    let unknown = SavedMethod { token: "pm_0".into(), ..saved.clone() };
    assert_eq!(saves.forget(&call("op_4"), &unknown).await, Ok(()));
    for (key, saved, initiator) in [
        ("op_5", &saved, Initiator::Customer),
        ("op_6", &saved, Initiator::Merchant),
        ("op_7", &unknown, Initiator::Merchant),
    ] {
        let reply = local.charge_saved(key, saved, initiator).await;
        assert_eq!(reply.state, ChargeState::Declined(DeclineCode::SavedMethodGone), "{key}");
    }
    assert_eq!(local.find(&name).await.unwrap().state, captured(1_099));
}

#[tokio::test]
async fn a_bank_that_wants_an_absent_customer_is_a_no() {
    let local = Local::start();
    let saved = local.watched_card().await;
    let reply = local.charge_saved("op_1", &saved, Initiator::Merchant).await;
    let no = ChargeState::Declined(DeclineCode::AuthenticationRequired);
    assert_eq!(reply.state, no);
    // It was canceled, and says later why.
    let name = reply.gateway_ref.unwrap();
    assert_eq!(local.find(&name).await.unwrap().state, no);
    let late =
        ChargeRequest { method: MethodInput::Saved(saved), prepared: Some(name), ..of_saved(Initiator::Customer) };
    assert!(local.stripe.charges().charge(&call("op_1"), &late).await.is_err());
}

/// One request, as it comes: its head and its body.
fn receive(listener: &TcpListener) -> (String, Vec<u8>) {
    let (stream, _) = listener.accept().unwrap();
    let mut reader = BufReader::new(&stream);
    let (mut head, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        if line.trim().is_empty() {
            break;
        }
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
        head.push_str(&line);
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    (&stream).write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").unwrap();
    (head, body)
}

#[tokio::test]
async fn what_it_signs_is_believed() {
    let local = Local::start();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let target = format!("http://{}/", listener.local_addr().unwrap());
    let http = Http::new().unwrap();
    let form = [("url", target.as_str()), ("secret", WEBHOOK_SECRET), ("events[]", "payment_intent.succeeded")];
    let register = http
        .request("POST".parse().unwrap(), &format!("{}/_config/webhooks/1", local.address))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(serde_urlencoded::to_string(form).unwrap());
    assert!(http.send(register).await.unwrap().is_success());
    let (name, _) = local.charge("op_1", &of_token("pm_card_visa")).await;

    let (head, body) = tokio::task::spawn_blocking(move || receive(&listener)).await.unwrap();
    let header = head.lines().find_map(|line| line.strip_prefix("Stripe-Signature: ")).unwrap().trim();
    let seconds: i64 = header.split_once("t=").unwrap().1.split(',').next().unwrap().parse().unwrap();
    let headers = [("stripe-signature".to_owned(), header.to_owned())];
    let incoming = Incoming { headers: &headers, body: &body, url: &target };
    let call = Call { now: Timestamp(seconds * SECOND), ..call("op_9") };
    let hint = Fake::new().await.stripe;
    let hint = hint.events().unwrap().read(&call, &incoming).await.unwrap();
    assert_eq!(hint.kind, "payment_intent.succeeded");
    assert_eq!(hint.about, About::Charge { our_key: Some("op_1".into()), gateway_ref: Some(name) });
}
