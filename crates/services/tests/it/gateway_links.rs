//! Payment links, and sessions that customers open from them.

use crate::gateway_connections::told;
use domain::{
    LinkId, Locale, MerchantRole, Mode, ProblemKind, SessionId,
    problem::{codes, money},
    time::{DAY, HOUR},
    views::checkout::{CheckoutStage, LinkForm},
    views::page::PageQuery,
};
use futures::future::join_all;
use services::{checkout, links, payments, sessions};
use test_support::{TestMerchant, TestServices, TestSession, for_each_engine};

fn form() -> LinkForm {
    LinkForm {
        title: "Green tea".into(),
        currency: "EUR".into(),
        pricing: "fixed".into(),
        amount: "4.50".into(),
        max_quantity: "3".into(),
        ..LinkForm::default()
    }
}

async fn token_of(t: &TestServices, m: &TestMerchant, id: &LinkId) -> String {
    let url = links::get(t, &m.actor, id).await.unwrap().url;
    url.strip_prefix("http://paydeck.test/pay/").unwrap().to_owned()
}

async fn made(t: &TestServices, m: &TestMerchant, form: LinkForm) -> (LinkId, String) {
    let id = links::create(t, &m.actor, &form).await.unwrap();
    let token = token_of(t, m, &id).await;
    (id, token)
}

async fn sold(t: &TestServices, m: &TestMerchant, id: &LinkId) -> i64 {
    links::get(t, &m.actor, id).await.unwrap().sold
}

/// The session behind a token, as the builders know it.
async fn session_of(t: &TestServices, m: &TestMerchant, token: &str) -> TestSession {
    let id: SessionId = checkout::view(t, token).await.unwrap().session_id;
    TestSession { id, token: token.to_owned(), scope: m.scope().clone() }
}

for_each_engine!(twenty_buyers_of_five_pieces, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    t.connection(&m, "sandbox").await;
    let (id, token) = made(&t, &m, LinkForm { stock: "5".into(), ..form() }).await;
    let buyers = (0..20).map(|_| links::open_session(&t, &token, "", "", Locale::En));
    let (mut opened, mut refused) = (Vec::new(), 0);
    for result in join_all(buyers).await {
        match result {
            Ok(token) => opened.push(token),
            Err(error) => {
                assert_eq!(told(error), [money::SOLD_OUT]);
                refused += 1;
            }
        }
    }
    assert_eq!((opened.len(), refused, sold(&t, &m, &id).await), (5, 15, 5));
    assert_eq!(t.number("select cast(count(*) as bigint) from checkout_sessions").await, 5);
    let page = links::page(&t, &token).await.unwrap();
    assert_eq!((page.available, page.left), (false, Some(0)));
    // One is paid, one is ended by the merchant, the others run out of time.
    let paid = session_of(&t, &m, &opened[0]).await;
    assert!(matches!(t.pay(&paid, "4242424242424242").await, CheckoutStage::Paid { .. }));
    let ended = session_of(&t, &m, &opened[1]).await;
    sessions::expire(&t, &m.actor, &ended.id).await.unwrap();
    assert_eq!(sold(&t, &m, &id).await, 4);
    assert_eq!(told(sessions::expire(&t, &m.actor, &ended.id).await.unwrap_err()), [money::SESSION_STATE]);
    assert_eq!(told(sessions::expire(&t, &m.actor, &paid.id).await.unwrap_err()), [money::SESSION_STATE]);
    t.later(2 * HOUR).await;
    assert_eq!(sold(&t, &m, &id).await, 1);
    assert_eq!(checkout::view(&t, &opened[1]).await.unwrap().stage, CheckoutStage::Canceled);
    assert_eq!(checkout::view(&t, &opened[2]).await.unwrap().stage, CheckoutStage::Expired);
    assert!(links::page(&t, &token).await.unwrap().available);
    t.assert_sound().await;
});

for_each_engine!(a_session_that_the_merchant_ends_takes_its_unpaid_payment_with_it, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    t.connection(&m, "sandbox").await;
    let (declined, untouched) = (t.session(&m, 700, "EUR").await, t.session(&m, 800, "EUR").await);
    t.pay(&declined, "4000000000000002").await;
    t.clock.advance(HOUR);
    sessions::expire(&t, &m.actor, &declined.id).await.unwrap();
    sessions::expire(&t, &m.actor, &untouched.id).await.unwrap();
    assert_eq!(t.texts("select status from checkout_sessions").await, ["canceled", "canceled"]);
    assert_eq!(t.texts("select status from payments").await, ["canceled"]);
    // Its story and the outbox tell of it, once.
    let payment = t.payment_of(&declined).await;
    let detail = payments::detail(&t, &m.actor, &payment.id.parse().unwrap()).await.unwrap();
    assert_eq!((detail.timeline[0].kind.as_str(), detail.timeline[0].at), ("payment.canceled", t.now()));
    let written = t.texts("select payload from events where kind = 'payment.canceled'").await;
    assert_eq!(written.len(), 1);
    let event: serde_json::Value = serde_json::from_str(&written[0]).unwrap();
    let object = &event["data"]["object"];
    assert_eq!((&object["id"], &object["status"]), (&payment.id.as_str().into(), &"canceled".into()));
    assert_eq!((&object["amount"], &object["decline_code"]), (&700.into(), &"generic_decline".into()));
    assert_eq!(object["session"], declined.id.as_str());
    // A refusal tells nothing.
    assert_eq!(told(sessions::expire(&t, &m.actor, &declined.id).await.unwrap_err()), [money::SESSION_STATE]);
    assert_eq!(t.number("select cast(count(*) as bigint) from events where kind = 'payment.canceled'").await, 1);
    assert_eq!(t.pay(&declined, "4242424242424242").await, CheckoutStage::Canceled);
    t.assert_sound().await;
});

for_each_engine!(customers_choose_within_bounds, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    t.connection(&m, "sandbox").await;
    let chosen = LinkForm { pricing: "customer".into(), min_amount: "2".into(), max_amount: "10".into(), ..form() };
    let (_, token) = made(&t, &m, chosen).await;
    let open = async |amount: &str, quantity: &str| links::open_session(&t, &token, amount, quantity, Locale::Fa).await;
    for (amount, quantity, expected) in [
        ("", "1", "amount=required"),
        ("1.99", "1", "amount=out_of_range"),
        ("10.01", "1", "amount=out_of_range"),
        ("<b>5</b>", "1", "amount=bad_amount"),
        ("\u{202e}5", "1", "amount=bad_amount"),
        ("5.001", "1", "amount=too_many_decimals"),
        ("5", "0", "quantity=out_of_range"),
        ("5", "4", "quantity=out_of_range"),
        ("5", "x", "quantity=bad_number"),
    ] {
        assert_eq!(told(open(amount, quantity).await.unwrap_err()), [expected], "{amount} {quantity}");
    }
    assert_eq!(t.number("select cast(count(*) as bigint) from checkout_sessions").await, 0);
    let view = checkout::view(&t, &open("۵", "2").await.unwrap()).await.unwrap();
    assert_eq!((view.amount.minor, view.locale, view.items[0].quantity), (1_000, Some(Locale::Fa), 2));
    assert_eq!(view.cancel_url.as_deref(), Some(format!("http://paydeck.test/pay/{token}").as_str()));
    assert_eq!(view.expires_at, t.now().plus(DAY));
    // A fixed price is not the customer's to choose.
    let (_, fixed) = made(&t, &m, form()).await;
    let session = links::open_session(&t, &fixed, "0.01", "", Locale::En).await.unwrap();
    assert_eq!(checkout::view(&t, &session).await.unwrap().amount.minor, 450);
});

for_each_engine!(links_change_and_stop, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    t.connection(&m, "sandbox").await;
    let (id, token) = made(&t, &m, LinkForm { stock: "5".into(), ..form() }).await;
    let session = links::open_session(&t, &token, "", "3", Locale::En).await.unwrap();
    let version = links::get(&t, &m.actor, &id).await.unwrap().version;
    let less = LinkForm { stock: "2".into(), version, ..form() };
    assert_eq!(told(links::update(&t, &m.actor, &id, &less).await.unwrap_err()), ["stock=stock_below_sold"]);
    let dearer = LinkForm { amount: "9".into(), stock: "3".into(), version, ..form() };
    links::update(&t, &m.actor, &id, &dearer).await.unwrap();
    assert_eq!(told(links::update(&t, &m.actor, &id, &dearer).await.unwrap_err()), [codes::STALE]);
    // What was opened keeps what it said.
    assert_eq!(checkout::view(&t, &session).await.unwrap().amount.minor, 1_350);
    links::set_active(&t, &m.actor, &id, false).await.unwrap();
    links::set_active(&t, &m.actor, &id, false).await.unwrap();
    assert_eq!(told(links::open_session(&t, &token, "", "", Locale::En).await.unwrap_err()), [money::LINK_INACTIVE]);
    assert!(!links::page(&t, &token).await.unwrap().available);
    links::set_active(&t, &m.actor, &id, true).await.unwrap();
    let viewer = m.as_role(MerchantRole::Viewer).actor;
    let (other, live) = (t.merchant().await, m.in_mode(Mode::Live));
    assert!(links::get(&t, &viewer, &id).await.is_ok());
    let forbidden = links::set_active(&t, &viewer, &id, false).await.unwrap_err().into_problem();
    assert_eq!(forbidden.kind, ProblemKind::Forbidden);
    for stranger in [&other.actor, &live.actor] {
        assert_eq!(told(links::get(&t, stranger, &id).await.unwrap_err()), [codes::NOT_FOUND]);
        assert_eq!(told(links::set_active(&t, stranger, &id, false).await.unwrap_err()), [codes::NOT_FOUND]);
        assert!(links::list(&t, stranger, &PageQuery::default()).await.unwrap().items.is_empty());
    }
    assert_eq!(told(links::page(&t, "nosuch").await.unwrap_err()), [codes::NOT_FOUND]);
    let actions = t.texts("select action from audit_entries order by seq").await;
    assert_eq!(actions, ["link.create", "link.edit", "link.deactivate", "link.activate"]);
});

for_each_engine!(a_suspended_or_closed_merchant_sells_nothing, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    let (_, token) = made(&t, &m, form()).await;
    assert!(!links::page(&t, &token).await.unwrap().available, "no gateway");
    t.connection(&m, "sandbox").await;
    assert!(links::page(&t, &token).await.unwrap().available);
    t.sql("update merchants set status = 'closed'").await;
    assert!(!links::page(&t, &token).await.unwrap().available);
    let refused = links::open_session(&t, &token, "", "", Locale::En).await.unwrap_err();
    assert_eq!(told(refused), [money::CHECKOUT_UNAVAILABLE]);
});

for_each_engine!(links_are_listed_page_by_page, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    for n in 0..7 {
        links::create(&t, &m.actor, &LinkForm { title: format!("Tea {n}"), ..form() }).await.unwrap();
        t.clock.advance(1);
    }
    let page = async |after, before| {
        let query = PageQuery { after, before, limit: Some(3) };
        links::list(&t, &m.actor, &query).await.unwrap()
    };
    let titles = |page: &domain::views::Page<domain::views::checkout::PaymentLink>| -> Vec<String> {
        page.items.iter().map(|link| link.title.clone()).collect()
    };
    let first = page(None, None).await;
    assert_eq!(titles(&first), ["Tea 6", "Tea 5", "Tea 4"]);
    let second = page(first.next.clone(), None).await;
    assert_eq!(titles(&second), ["Tea 3", "Tea 2", "Tea 1"]);
    assert_eq!(titles(&page(second.next.clone(), None).await), ["Tea 0"]);
    assert_eq!(titles(&page(None, second.previous).await), titles(&first));
    let bad = PageQuery { after: Some("x".into()), ..PageQuery::default() };
    assert_eq!(told(links::list(&t, &m.actor, &bad).await.unwrap_err()), ["after=bad_choice"]);
});
