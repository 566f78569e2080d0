//! The connector against localstripe, a fake of Stripe's API that others wrote: what two sides that never met agree on.
//!
//! `tools/with-localstripe.sh` installs it and names it in `PAYDECK_LOCALSTRIPE_PYTHON`; each test starts one of its own, with an empty
//! book. It knows an older API than ours (see `tools/serve-localstripe.py`) and no ConfirmationTokens, Checkout Sessions, idempotency keys,
//! accounts, lists by time, redirects to banks, or refusals of a refund that is too large: those are tested against the documented
//! answers alone. Instead of a token, charges take Stripe's names of test cards.

use super::{Fake, INTENT, WEBHOOK_SECRET, call, of_token};
use crate::eur;
use domain::{Timestamp, decline::DeclineCode, time::SECOND};
use gateways::http::Http;
use gateways::stripe::Stripe;
use gateways::{
    About, Call, ChargeReply, ChargeRequest, ChargeState, Gateway, GatewayFailure, Incoming, RefundRequest, RefundState,
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
            .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/../../tools/serve-localstripe.py"))
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
