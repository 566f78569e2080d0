//! Idempotency, captures, lookups, listings and faults of the book.

use crate::{NOW, call, card, eur, later, sandbox, token, with};
use domain::{Currency, Money, money::MAX_AMOUNT};
use gateways::sandbox::{AUTHORIZATION_LASTS, BookError, ChargeStatus, SETTLES_AFTER, SHORT_HOLD_LASTS};
use gateways::{
    Call, ChargeRequest, ChargeState, CheckCode, Credentials, FindsOut, Gateway, GatewayFailure, Registry, Window,
};
use std::sync::Arc;

fn succeeded(minor: i64, fee: i64) -> ChargeState {
    ChargeState::Succeeded { captured: eur(minor), fee: Some(eur(fee)) }
}

#[tokio::test]
async fn one_key_charges_once() {
    let (sandbox, book) = sandbox();
    let charges = sandbox.charges();
    let request = with(card("4242424242424242"), eur(1_000));
    let first = charges.charge(&call("k"), &request).await.unwrap();
    for _ in 0..3 {
        assert_eq!(charges.charge(&later("k", 5_000), &request).await.unwrap(), first);
    }
    book.only();
    for other in [
        with(card("4242424242424242"), eur(1_001)),
        with(card("4242424242424242"), Money::new(1_000, Currency::USD)),
        with(card("5555555555554444"), eur(1_000)),
        ChargeRequest { capture: false, ..with(card("4242424242424242"), eur(1_000)) },
    ] {
        let failure = charges.charge(&call("k"), &other).await.unwrap_err();
        assert!(matches!(failure, GatewayFailure::Unknown { .. }));
    }
    let elsewhere = Call { account: "gwc_2".into(), ..call("k") };
    assert!(charges.charge(&elsewhere, &request).await.is_err());
    assert_eq!(book.only().captured, 1_000);
    charges.charge(&call("k2"), &request).await.unwrap();
    assert_eq!(book.charges.lock().unwrap().len(), 2);
}

#[tokio::test]
async fn a_key_whose_answer_was_lost_says_where_it_stands() {
    let (sandbox, book) = sandbox();
    let request = with(token("paydeck_timeout"), eur(1_000));
    assert!(sandbox.charges().charge(&call("k"), &request).await.is_err());
    assert_eq!(sandbox.charges().charge(&call("k"), &request).await.unwrap().state, succeeded(1_000, 59));
    book.only();
}

#[tokio::test]
async fn amounts_out_of_range_are_not_sent() {
    let (sandbox, book) = sandbox();
    for minor in [0, -1, MAX_AMOUNT + 1, i64::MAX, i64::MIN] {
        let failure = sandbox.charges().charge(&call("k"), &with(token("visa"), eur(minor))).await.unwrap_err();
        assert!(matches!(failure, GatewayFailure::NotSent { .. }), "{minor}");
    }
    assert!(book.charges.lock().unwrap().is_empty());
    sandbox.charges().charge(&call("k"), &with(token("visa"), eur(MAX_AMOUNT))).await.unwrap();
}

#[tokio::test]
async fn authorisations_are_captured_in_part_or_released() {
    let (sandbox, book) = sandbox();
    let captures = sandbox.captures().unwrap();
    let request = ChargeRequest { capture: false, ..with(token("visa"), eur(1_000)) };
    let reply = sandbox.charges().charge(&call("k"), &request).await.unwrap();
    let held = ChargeState::Authorized { capture_before: Some(NOW.plus(AUTHORIZATION_LASTS)) };
    assert_eq!((reply.state, book.only().captured), (held, 0));
    let id = reply.gateway_ref.unwrap();
    for wrong in [eur(0), eur(1_001), Money::new(10, Currency::USD)] {
        assert!(captures.capture(&call("c"), &id, wrong).await.is_err());
    }
    let captured = captures.capture(&call("c"), &id, eur(600)).await.unwrap();
    assert_eq!(captured.state, succeeded(600, 47));
    // Again, and too late to release.
    assert_eq!(captures.capture(&call("c"), &id, eur(600)).await.unwrap().state, captured.state);
    assert_eq!(captures.void(&call("v"), &id).await.unwrap().state, captured.state);
    assert_eq!(book.only().captured, 600);

    let reply = sandbox.charges().charge(&call("k2"), &request).await.unwrap();
    let id = reply.gateway_ref.unwrap();
    assert_eq!(captures.void(&call("v"), &id).await.unwrap().state, ChargeState::Canceled);
    assert_eq!(captures.capture(&call("c"), &id, eur(600)).await.unwrap().state, ChargeState::Canceled);
    assert!(captures.void(&call("v"), "sbx_ch_none").await.is_err());

    // A challenge can be given up, so that another card may be tried.
    let reply = sandbox.charges().charge(&call("k3"), &with(token("authenticationRequired"), eur(5))).await.unwrap();
    let voided = captures.void(&call("v"), &reply.gateway_ref.unwrap()).await.unwrap();
    assert_eq!(voided.state, ChargeState::Canceled);
}

fn authorized(card: &str) -> ChargeRequest {
    ChargeRequest { capture: false, ..with(token(card), eur(1_000)) }
}

#[tokio::test]
async fn an_authorisation_ends_by_itself_and_is_not_captured_after_that() {
    for (name, lasts) in [("visa", AUTHORIZATION_LASTS), ("paydeck_shortHold", SHORT_HOLD_LASTS)] {
        let (sandbox, book) = sandbox();
        let id = sandbox.charges().charge(&call("k"), &authorized(name)).await.unwrap().gateway_ref.unwrap();
        let lookup = sandbox.lookup().unwrap();
        let early = lookup.find_charge(&later("x", lasts - 1), "k", None).await.unwrap().unwrap();
        assert_eq!(early.state, ChargeState::Authorized { capture_before: Some(NOW.plus(lasts)) }, "{name}");
        let late = sandbox.captures().unwrap().capture(&later("c", lasts), &id, eur(1_000)).await.unwrap();
        assert_eq!((late.state, book.only().captured), (ChargeState::Canceled, 0), "{name}");
        assert_eq!(book.only().status, ChargeStatus::Voided);
    }
    // Confirmed at the bank, or settled late: it stands from then on.
    for (name, wait) in [("paydeck_settlesLater", SETTLES_AFTER), ("authenticationRequired", 60_000)] {
        let (sandbox, book) = sandbox();
        sandbox.charges().charge(&call("k"), &authorized(name)).await.unwrap();
        if let Some(token) = book.only().challenge_token {
            sandbox.challenges().unwrap().answer(&token, true, NOW.plus(wait)).await.unwrap();
        }
        let found = sandbox.lookup().unwrap().find_charge(&later("x", wait), "k", None).await.unwrap().unwrap();
        let ends = NOW.plus(wait + AUTHORIZATION_LASTS);
        assert_eq!(found.state, ChargeState::Authorized { capture_before: Some(ends) }, "{name}");
    }
}

#[tokio::test]
async fn faults_of_captures_and_releases_are_as_documented() {
    let (sandbox_, book) = sandbox();
    let id = sandbox_.charges().charge(&call("k"), &authorized("paydeck_captureTimeout")).await.unwrap().gateway_ref;
    let captures = sandbox_.captures().unwrap();
    let failure = captures.capture(&call("c"), &id.unwrap(), eur(400)).await.unwrap_err();
    assert!(matches!(failure, GatewayFailure::Unknown { .. }));
    assert_eq!((book.only().captured, book.only().status), (400, ChargeStatus::Succeeded));

    let (sandbox_, book) = sandbox();
    let id = sandbox_.charges().charge(&call("k"), &authorized("paydeck_captureRefused")).await.unwrap().gateway_ref;
    let captures = sandbox_.captures().unwrap();
    let reply = captures.capture(&call("c"), id.as_ref().unwrap(), eur(400)).await.unwrap();
    assert!(matches!(reply.state, ChargeState::Declined(_)));
    assert_eq!((book.only().captured, book.only().status), (0, ChargeStatus::Authorized));
    assert_eq!(captures.void(&call("v"), &id.unwrap()).await.unwrap().state, ChargeState::Canceled);

    let (sandbox_, book) = sandbox();
    let id = sandbox_.charges().charge(&call("k"), &authorized("paydeck_voidTimeout")).await.unwrap().gateway_ref;
    let failure = sandbox_.captures().unwrap().void(&call("v"), &id.unwrap()).await.unwrap_err();
    assert!(matches!(failure, GatewayFailure::Unknown { .. }));
    assert_eq!(book.only().status, ChargeStatus::Voided);
}

#[tokio::test]
async fn captures_and_releases_at_once_leave_one() {
    let (sandbox, book) = sandbox();
    let id = sandbox.charges().charge(&call("k"), &authorized("visa")).await.unwrap().gateway_ref.unwrap();
    let captures = sandbox.captures().unwrap();
    let (call_a, call_b, call_v) = (call("a"), call("b"), call("v"));
    let (a, b, v) = tokio::join!(
        captures.capture(&call_a, &id, eur(300)),
        captures.capture(&call_b, &id, eur(400)),
        captures.void(&call_v, &id)
    );
    // Whoever was first, all three hear the same.
    let states = [a.unwrap().state, b.unwrap().state, v.unwrap().state];
    assert!(states.iter().all(|state| *state == states[0]), "{states:?}");
    assert!([0, 300, 400].contains(&book.only().captured));
}

#[tokio::test]
async fn accounts_do_not_see_each_other() {
    let (sandbox, _) = sandbox();
    let reply = sandbox.charges().charge(&call("k"), &with(token("visa"), eur(10))).await.unwrap();
    let id = reply.gateway_ref.unwrap();
    let other = Call { account: "gwc_2".into(), ..call("x") };
    let lookup = sandbox.lookup().unwrap();
    assert_eq!(lookup.find_charge(&other, "k", Some(&id)).await.unwrap(), None);
    assert!(lookup.find_charge(&call("x"), "lost key", Some(&id)).await.unwrap().is_some());
    assert!(sandbox.charges().resume(&other, &id).await.is_err());
    assert!(sandbox.captures().unwrap().void(&other, &id).await.is_err());
}

#[tokio::test]
async fn windows_are_listed_page_by_page() {
    let (sandbox, book) = sandbox();
    for n in 0..250_i64 {
        sandbox.charges().charge(&later(&format!("k{n}"), n / 2), &with(token("visa"), eur(n + 1))).await.unwrap();
    }
    let window = Window { from: NOW, to: NOW.plus(125) };
    let listing = sandbox.listing().unwrap();
    let (mut found, mut after, mut pages) = (Vec::new(), None, 0);
    loop {
        let page = listing.list_charges(&call("x"), window, after.as_deref()).await.unwrap();
        found.extend(page.charges.into_iter().map(|c| (c.our_key.unwrap(), c.amount.minor)));
        pages += 1;
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!((found.len(), pages), (250, 3));
    found.sort();
    found.dedup();
    assert_eq!(found.len(), 250);
    let narrow = Window { from: NOW, to: NOW.plus(1) };
    assert_eq!(listing.list_charges(&call("x"), narrow, None).await.unwrap().charges.len(), 2);
    assert_eq!(book.charges.lock().unwrap().len(), 250);
}

#[tokio::test]
async fn a_book_that_fails_is_not_sent_or_unknown() {
    let (sandbox, book) = sandbox();
    let request = with(token("visa"), eur(10));
    *book.fails.lock().unwrap() = Some(BookError::NothingDone("busy".into()));
    let failure = sandbox.charges().charge(&call("k"), &request).await.unwrap_err();
    assert!(matches!(failure, GatewayFailure::NotSent { .. }));
    *book.fails.lock().unwrap() = Some(BookError::Doubtful("gone".into()));
    let failure = sandbox.charges().charge(&call("k"), &request).await.unwrap_err();
    assert!(matches!(failure, GatewayFailure::Unknown { .. }));
    assert!(sandbox.lookup().unwrap().find_charge(&call("x"), "k", None).await.is_err());
}

#[tokio::test]
async fn what_the_sandbox_says_of_itself() {
    let (sandbox, _) = sandbox();
    let registry = Registry::new(vec![Arc::new(sandbox.clone())]);
    let gateway = registry.get("sandbox").unwrap();
    assert!(registry.get("stripe").is_none());
    let described = gateway.describe();
    assert_eq!((described.key.as_str(), described.methods.as_slice()), ("sandbox", &["card".to_owned()][..]));
    assert_eq!(gateway.finds_out(), FindsOut::ById);
    assert_eq!(gateway.check().check(&call("x")).await, CheckCode::Ok);
    for code in CheckCode::ALL {
        let mut credentials = Credentials::default();
        credentials.set("label", code.as_str());
        assert!(gateway.check().problems(&credentials, false).is_empty());
        assert_eq!(gateway.check().check(&Call { credentials, ..call("x") }).await, code);
    }
    let mut long = Credentials::default();
    long.set("label", "x".repeat(81));
    assert_eq!(gateway.check().problems(&long, false).len(), 1);
    assert_eq!(ChargeStatus::parse("succeeded"), Some(ChargeStatus::Succeeded));
    assert_eq!(ChargeStatus::parse("?"), None);
}
