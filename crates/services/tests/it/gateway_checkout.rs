//! Checkout sessions, the customer's page, the challenge and the receipt.

use crate::gateway_connections::told;
use domain::{
    Mode, SessionId,
    problem::codes,
    states::{PaymentStatus, SessionStatus},
    time::DAY,
    views::checkout::{CheckoutStage, SessionForm, SessionItemForm},
    views::page::PageQuery,
};
use services::{Settings, checkout, sessions};
use test_support::{TestServices, TestSession, for_each_engine};

fn form() -> SessionForm {
    let line = |name: &str, quantity: &str, unit: &str| SessionItemForm {
        name: name.into(),
        quantity: quantity.into(),
        unit_amount: unit.into(),
    };
    SessionForm {
        currency: "EUR".into(),
        items: vec![line("Tea", "2", "4.50"), line("<i>Cake</i>", "1", "3")],
        customer_email: "ann@example.com".into(),
        client_reference: "order 7".into(),
        metadata: vec![("table".into(), "4".into())],
        ..SessionForm::default()
    }
}

fn token(url: &str) -> &str {
    url.rsplit('/').next().unwrap()
}

for_each_engine!(a_session_is_made_shown_and_paid, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    let made = sessions::create(&t, &m.actor, &form()).await.unwrap();
    assert_eq!((made.amount.minor, made.status, made.expires_at), (1_200, SessionStatus::Open, t.now().plus(DAY)));
    assert_eq!(sessions::get(&t, &m.actor, &made.id).await.unwrap(), made);
    let page = async || checkout::view(&t, token(&made.url)).await.unwrap();
    let view = page().await;
    assert_eq!((view.stage.clone(), view.methods.len()), (CheckoutStage::Unavailable, 0));
    t.connection(&m, "sandbox").await;
    let view = page().await;
    assert_eq!(view.stage, CheckoutStage::Pay { last_decline: None, switched: false });
    assert_eq!((view.methods[0].method.as_str(), view.methods[0].provider.as_str()), ("card", "sandbox"));
    assert_eq!(
        (view.branding.name.as_str(), view.branding.statement_name.as_str()),
        ("Blue Bottle Books", "Blue Bottle Books")
    );
    assert_eq!((view.customer_email.as_deref(), view.mode), (Some("ann@example.com"), Mode::Test));
    assert_eq!((view.items.len(), view.description), (2, None));
    let session = TestSession { id: made.id.clone(), token: token(&made.url).into(), scope: m.scope().clone() };
    t.pay(&session, "4000000000009995").await;
    assert_eq!(
        page().await.stage,
        CheckoutStage::Pay { last_decline: Some("insufficient_funds".into()), switched: false }
    );
    let CheckoutStage::Paid { receipt_token } = t.pay(&session, "4242424242424242").await else { panic!("paid") };
    assert_eq!(page().await.stage, CheckoutStage::Paid { receipt_token: receipt_token.clone() });
    let receipt = checkout::receipt(&t, &receipt_token).await.unwrap();
    assert_eq!((receipt.status, receipt.amount.minor, receipt.refunded.minor), (PaymentStatus::Succeeded, 1_200, 0));
    assert_eq!((receipt.card_brand.as_deref(), receipt.card_last4.as_deref()), (Some("visa"), Some("4242")));
    assert_eq!((receipt.items.len(), receipt.paid_at), (2, Some(t.now())));
    let listed = sessions::list(&t, &m.actor, &PageQuery::default()).await.unwrap();
    assert_eq!((listed.items.len(), listed.items[0].status), (1, SessionStatus::Complete));
    assert_eq!(listed.items[0].payment_id.as_ref(), Some(&receipt.payment_id));
    let payment = t.payment_of(&session).await;
    assert_eq!(payment.description.as_deref(), Some("Tea, <i>Cake</i>"));
});

for_each_engine!(the_page_says_why_nothing_can_be_paid, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    t.connection(&m, "sandbox").await;
    let s = t.session(&m, 500, "EUR").await;
    let stage = async || checkout::view(&t, &s.token).await.unwrap().stage;
    let pay = CheckoutStage::Pay { last_decline: None, switched: false };
    assert_eq!(stage().await, pay);
    for (change, expected, back) in [
        (
            "update connections set status = 'paused'",
            CheckoutStage::Unavailable,
            "update connections set status = 'active'",
        ),
        (
            "update connections set currencies = '[\"USD\"]'",
            CheckoutStage::Unavailable,
            "update connections set currencies = '[]'",
        ),
        (
            "update merchants set status = 'closed'",
            CheckoutStage::Unavailable,
            "update merchants set status = 'suspended'",
        ),
        (
            "update checkout_sessions set status = 'canceled'",
            CheckoutStage::Canceled,
            "update checkout_sessions set status = 'open'",
        ),
        (
            "update checkout_sessions set status = 'expired'",
            CheckoutStage::Expired,
            "update checkout_sessions set status = 'open'",
        ),
    ] {
        t.sql(change).await;
        assert_eq!(stage().await, expected, "{change}");
        t.sql(back).await;
        assert_eq!(stage().await, pay, "{back}");
    }
    t.clock.advance(DAY - 1);
    assert_eq!(stage().await, pay);
    t.clock.advance(1);
    assert_eq!(stage().await, CheckoutStage::Expired);
    assert_eq!(told(checkout::view(&t, "nosuch").await.unwrap_err()), [codes::NOT_FOUND]);
});

for_each_engine!(live_mode_needs_approval_and_leave_for_the_sandbox, |db| async {
    let strict = TestServices::new(&db);
    let settings = Settings { sandbox_live: true, ..strict.settings().clone() };
    let loud = TestServices::with(&db, settings);
    let m = strict.merchant().await.in_mode(Mode::Live);
    strict.connection(&m, "sandbox").await;
    let s = strict.session(&m, 500, "EUR").await;
    assert_eq!(checkout::view(&strict, &s.token).await.unwrap().stage, CheckoutStage::Unavailable);
    let view = checkout::view(&loud, &s.token).await.unwrap();
    assert!(matches!(view.stage, CheckoutStage::Pay { .. }));
    for status in ["onboarding", "suspended", "closed"] {
        strict.sql(&format!("update merchants set status = '{status}'")).await;
        assert_eq!(checkout::view(&loud, &s.token).await.unwrap().stage, CheckoutStage::Unavailable, "{status}");
    }
});

for_each_engine!(the_banks_page_is_answered_once, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    t.connection(&m, "sandbox").await;
    for (number, pass, last_decline) in [
        ("4000002760003184", true, None),
        ("4000002760003184", false, Some("authentication_failed")),
        ("4000008260003178", true, Some("insufficient_funds")),
        ("4000008400001629", true, Some("generic_decline")),
    ] {
        let s = t.session(&m, 500, "EUR").await;
        let CheckoutStage::Action { url, .. } = t.pay(&s, number).await else { panic!("a challenge") };
        let challenge = url.strip_prefix("/challenge/").unwrap();
        let page = checkout::challenge(&t, challenge).await.unwrap();
        assert_eq!((page.amount.minor, page.open, page.session_token.as_str()), (500, true, s.token.as_str()));
        assert_eq!(
            (page.merchant_name.as_str(), page.card_last4.as_deref()),
            ("Blue Bottle Books", Some(&number[12..]))
        );
        assert!(matches!(checkout::view(&t, &s.token).await.unwrap().stage, CheckoutStage::Action { .. }));
        assert_eq!(checkout::answer_challenge(&t, challenge, pass).await.unwrap(), s.token);
        assert_eq!(checkout::answer_challenge(&t, challenge, !pass).await.unwrap(), s.token);
        assert!(!checkout::challenge(&t, challenge).await.unwrap().open);
        let stage = checkout::returned(&t, &s.token).await.unwrap();
        match last_decline {
            None => assert!(matches!(stage, CheckoutStage::Paid { .. }), "{stage:?}"),
            Some(code) => assert_eq!(stage, CheckoutStage::Pay { last_decline: Some(code.into()), switched: false }),
        }
        assert_eq!(checkout::view(&t, &s.token).await.unwrap().stage, stage);
        assert_eq!(told(checkout::challenge(&t, "nosuch").await.unwrap_err()), [codes::NOT_FOUND]);
        assert_eq!(told(checkout::answer_challenge(&t, "nosuch", true).await.unwrap_err()), [codes::NOT_FOUND]);
        t.assert_sound().await;
    }
});

for_each_engine!(a_receipt_is_for_what_was_paid, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    t.connection(&m, "sandbox").await;
    let s = t.session(&m, 500, "EUR").await;
    t.pay(&s, "4000000000000002").await;
    let token = t.payment_of(&s).await.receipt_token;
    assert_eq!(told(checkout::receipt(&t, &token).await.unwrap_err()), [codes::NOT_FOUND]);
    assert_eq!(told(checkout::receipt(&t, "nosuch").await.unwrap_err()), [codes::NOT_FOUND]);
});

for_each_engine!(return_addresses_are_the_merchants_own, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    let with = |url: &str| SessionForm { success_url: url.into(), cancel_url: url.into(), ..form() };
    let both = |code: &str| [format!("success_url={code}"), format!("cancel_url={code}")];
    let refused = async |url: &str| told(sessions::create(&t, &m.actor, &with(url)).await.unwrap_err());
    assert_eq!(refused("https://shop.example/thanks").await, both("return_origin_not_allowed"));
    t.sql("update merchants set return_origins = '[\"https://shop.example\",\"http://localhost:3001\"]'").await;
    for good in ["https://shop.example/thanks?x=1#y", "http://localhost:3001/"] {
        let made = sessions::create(&t, &m.actor, &with(good)).await.unwrap();
        assert_eq!(checkout::view(&t, token(&made.url)).await.unwrap().success_url.as_deref(), Some(good));
    }
    assert_eq!(refused("http://shop.example/").await, both("bad_url"));
    assert_eq!(refused("https://shop.example.evil.se/").await, both("return_origin_not_allowed"));
    assert_eq!(refused("javascript:alert(1)").await, both("bad_url"));
    assert_eq!(t.number("select cast(count(*) as bigint) from checkout_sessions").await, 2);
    let stranger = t.merchant().await;
    let id: SessionId = t.texts("select id from checkout_sessions").await[0].parse().unwrap();
    assert_eq!(told(sessions::get(&t, &stranger.actor, &id).await.unwrap_err()), [codes::NOT_FOUND]);
    assert_eq!(told(sessions::expire(&t, &stranger.actor, &id).await.unwrap_err()), [codes::NOT_FOUND]);
});
