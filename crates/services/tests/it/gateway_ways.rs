//! The ways in which a method is given: on the gateway's page, in the gateway's fields, prepared before it is confirmed; and fees
//! that are told later.

use domain::{
    Currency, Money,
    problem::money,
    routing::{RoutingForm, RuleForm, TargetForm},
    states::PaymentStatus,
    time::{HOUR, MINUTE},
    views::checkout::{CheckoutStage, PayFields, PayForm, ScriptFields},
};
use gateways::{ChargeState, GatewayFailure};
use services::{
    ServiceError, checkout,
    fault::{Act, Point},
    payments, routing,
};
use test_support::{
    TestServices,
    builders::{TestMerchant, TestSession, assert_status},
    for_each_engine,
    gateway::{Script, succeeded},
};

const AWAY: &str = "https://pay.gateway.example/p/1";

fn script_fields() -> PayFields {
    PayFields::Script(ScriptFields {
        script: "https://js.gateway.example/v1.js".to_owned(),
        scripts: vec!["https://js.gateway.example".to_owned()],
        frames: vec!["https://js.gateway.example".to_owned()],
        connects: Vec::new(),
        looks: Vec::new(),
        settings: vec![("publishable_key".to_owned(), "pk_1".to_owned())],
        has_page: true,
    })
}

fn eur(minor: i64) -> Money {
    Money::new(minor, Currency::EUR)
}

/// A form without anything of a card in it.
fn form(t: &TestServices) -> PayForm {
    PayForm { card: Default::default(), ..t.pay_form("") }
}

async fn stage_of(t: &TestServices, s: &TestSession) -> CheckoutStage {
    checkout::view(&t.svc, &s.token).await.unwrap().stage
}

/// A session whose customer was sent to the gateway's page.
pub(crate) async fn sent_away(t: &TestServices, m: &TestMerchant) -> TestSession {
    t.gateway.set_fields(PayFields::Page);
    t.gateway.script([Script::Reply(ChargeState::RequiresAction { url: AWAY.to_owned() })]);
    let s = t.session(m, 700, "EUR").await;
    let stage = t.try_pay(&s, form(t)).await.unwrap();
    assert_eq!(stage, CheckoutStage::Action { url: AWAY.to_owned(), provider: "fake".to_owned() });
    s
}

for_each_engine!(who_pays_on_the_gateways_page_has_paid_when_they_are_back, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    t.connection(&m, "fake").await;
    let s = sent_away(&t, &m).await;
    // Back without having paid: it still waits there.
    assert!(matches!(checkout::returned(&t.svc, &s.token).await.unwrap(), CheckoutStage::Action { .. }));
    t.gateway.settle_all(&succeeded(eur(700)));
    assert!(matches!(checkout::returned(&t.svc, &s.token).await.unwrap(), CheckoutStage::Paid { .. }));
    assert_eq!(t.gateway.resumed(), 2);
    t.assert_sound().await;
});

for_each_engine!(what_waits_elsewhere_is_given_up_before_another_begins, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    t.connection(&m, "fake").await;
    let s = sent_away(&t, &m).await;
    let again = checkout::start_over(&t.svc, &s.token).await.unwrap();
    assert!(matches!(again, CheckoutStage::Pay { .. }), "{again:?}");
    assert_eq!(t.gateway.abandoned().len(), 1);
    // The tab at the gateway comes back late: nothing is gone on with.
    assert!(matches!(checkout::returned(&t.svc, &s.token).await.unwrap(), CheckoutStage::Pay { .. }));
    assert_eq!(t.gateway.resumed(), 0);
    assert!(matches!(t.try_pay(&s, form(&t)).await.unwrap(), CheckoutStage::Paid { .. }));
    // Nothing waits any more, so nothing is given up.
    assert!(matches!(checkout::start_over(&t.svc, &s.token).await.unwrap(), CheckoutStage::Paid { .. }));
    assert_eq!(t.gateway.abandoned().len(), 1);
    t.assert_sound().await;
});

for_each_engine!(what_was_paid_meanwhile_is_paid, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    t.connection(&m, "fake").await;
    let s = sent_away(&t, &m).await;
    t.gateway.settle_all(&succeeded(eur(700)));
    assert!(matches!(checkout::start_over(&t.svc, &s.token).await.unwrap(), CheckoutStage::Paid { .. }));
    // A gateway that does not answer leaves it where it was: it may still be paid there.
    let s = sent_away(&t, &m).await;
    t.gateway.set_deaf(true);
    assert!(matches!(checkout::start_over(&t.svc, &s.token).await.unwrap(), CheckoutStage::Action { .. }));
    t.gateway.set_deaf(false);
    assert!(matches!(checkout::start_over(&t.svc, &s.token).await.unwrap(), CheckoutStage::Pay { .. }));
    t.assert_sound().await;
});

for_each_engine!(nobody_gives_up_what_somebody_goes_on_with, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    t.connection(&m, "fake").await;
    let s = sent_away(&t, &m).await;
    // Another tab is going on with it this moment.
    let until = t.now().plus(MINUTE).0;
    t.sql(&format!("update operations set held_until = {until}")).await;
    assert!(matches!(checkout::start_over(&t.svc, &s.token).await.unwrap(), CheckoutStage::Action { .. }));
    assert!(matches!(checkout::returned(&t.svc, &s.token).await.unwrap(), CheckoutStage::Action { .. }));
    assert_eq!((t.gateway.abandoned().len(), t.gateway.resumed()), (0, 0));
    // It stopped half-way: after a while others may.
    t.clock.advance(MINUTE);
    assert!(matches!(checkout::start_over(&t.svc, &s.token).await.unwrap(), CheckoutStage::Pay { .. }));
    assert_eq!(t.gateway.abandoned().len(), 1);
    t.assert_sound().await;
});

for_each_engine!(what_a_gateways_fields_gave_goes_to_that_connection_alone, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    let (a, b) = (t.connection(&m, "fake").await, t.connection(&m, "fake").await);
    t.gateway.set_fields(script_fields());
    let s = t.session(&m, 700, "EUR").await;
    let offered = checkout::view(&t.svc, &s.token).await.unwrap().methods;
    assert_eq!((&offered[0].connection, &offered[0].fields), (&a, &script_fields()));
    // Meanwhile a rule prefers another connection: what was typed into the first one's fields still goes to the first.
    let target = TargetForm { connection: b.to_string(), percent: String::new() };
    let rule = RuleForm {
        name: "B".to_owned(),
        action: "priority".to_owned(),
        targets: vec![target],
        fallback: true,
        ..RuleForm::default()
    };
    let rules = RoutingForm { version: 0, note: String::new(), rules: vec![rule] };
    routing::save(&t.svc, &m.actor, &rules).await.unwrap();
    let typed = |token: &str, connection: &str| PayForm {
        gateway_token: token.to_owned(),
        connection: connection.to_owned(),
        ..form(&t)
    };
    for (token, connection) in [("", a.as_str()), ("tok_1", ""), ("tok_1", "gwc_00000000000000000000000000")] {
        let refused = t.try_pay(&s, typed(token, connection)).await.unwrap_err();
        let ServiceError::Problem(problem) = refused else { panic!("{refused:?}") };
        assert_eq!(problem.fields[0].code, money::GATEWAY_FIELDS_EMPTY, "{token} {connection}");
    }
    assert!(t.gateway.tokens().is_empty());
    // It can't be reached: nobody else is given the token, and another one's fields are shown.
    t.gateway.script([Script::NotSent]);
    let stage = t.try_pay(&s, typed("tok_1", a.as_str())).await.unwrap();
    assert!(matches!(stage, CheckoutStage::Pay { switched: true, .. }), "{stage:?}");
    assert_eq!(checkout::view(&t.svc, &s.token).await.unwrap().methods[0].connection, b);
    assert!(matches!(t.try_pay(&s, typed("tok_2", b.as_str())).await.unwrap(), CheckoutStage::Paid { .. }));
    let tokens: Vec<_> = t.gateway.tokens();
    assert_eq!(tokens, [(a.to_string(), "tok_1".to_owned()), (b.to_string(), "tok_2".to_owned())]);
    t.assert_sound().await;
});

for_each_engine!(without_scripts_the_gateways_page_is_taken, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    t.connection(&m, "fake").await;
    t.gateway.set_fields(script_fields());
    t.gateway.script([Script::Reply(ChargeState::RequiresAction { url: AWAY.to_owned() })]);
    let s = t.session(&m, 700, "EUR").await;
    let on_page = PayForm { via: "page".to_owned(), ..form(&t) };
    assert!(matches!(t.try_pay(&s, on_page).await.unwrap(), CheckoutStage::Action { .. }));
    assert!(t.gateway.tokens().is_empty());
});

for_each_engine!(what_is_prepared_is_named_before_it_may_charge, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    t.connection(&m, "fake").await;
    t.gateway.set_prepares(None);
    // Killed between the name and the confirmation: the name is known, and nothing was taken.
    let s = t.session(&m, 700, "EUR").await;
    t.svc.faults().arm(Point::ChargePrepared, Act::Fail);
    assert!(t.try_pay(&s, t.pay_form("4242424242424242")).await.is_err());
    assert_eq!(t.gateway.prepared().len(), 1);
    let name = t.texts("select gateway_ref from attempts").await;
    assert_eq!(name, [format!("fch_{}", t.gateway.prepared()[0])]);
    assert!(t.gateway.charges().is_empty());
    t.later(HOUR).await;
    assert_status(&t.payment_of(&s).await, PaymentStatus::RequiresPaymentMethod);
    assert!(matches!(t.pay(&s, "4242424242424242").await, CheckoutStage::Paid { .. }));
    // The confirmation's answer is lost: it is asked for by the name.
    let s = t.session(&m, 700, "EUR").await;
    t.gateway.script([Script::ChargeThenLose]);
    t.pay(&s, "4242424242424242").await;
    assert_status(&t.payment_of(&s).await, PaymentStatus::Unknown);
    t.later(HOUR).await;
    assert_status(&t.payment_of(&s).await, PaymentStatus::Succeeded);
    t.assert_sound().await;
});

for_each_engine!(what_can_not_be_prepared_was_not_charged, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    t.connection(&m, "fake").await;
    t.gateway.set_prepares(Some(GatewayFailure::unknown("no answer in time")));
    let s = t.session(&m, 700, "EUR").await;
    let stage = t.pay(&s, "4242424242424242").await;
    let expected = CheckoutStage::Pay { last_decline: Some("gateway_unavailable".to_owned()), switched: false };
    assert_eq!((stage, t.gateway.calls()), (expected.clone(), 0));
    assert_eq!(stage_of(&t, &s).await, expected);
    t.assert_sound().await;
});

for_each_engine!(a_fee_that_is_told_later_is_booked_once, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    t.connection(&m, "fake").await;
    let untold = ChargeState::Succeeded { captured: eur(700), fee: None };
    t.gateway.script([Script::Reply(untold.clone())]);
    let s = t.session(&m, 700, "EUR").await;
    assert!(matches!(t.pay(&s, "4242424242424242").await, CheckoutStage::Paid { .. }));
    let id = t.payment_of(&s).await.id.parse().unwrap();
    let detail = payments::detail(&t.svc, &m.actor, &id).await.unwrap();
    assert!(detail.attempts[0].fee_pending && detail.fee.minor == 0);
    t.later(2 * MINUTE).await;
    assert!(payments::detail(&t.svc, &m.actor, &id).await.unwrap().attempts[0].fee_pending);
    // Another amount is not explained by a fee.
    t.gateway.settle_all(&ChargeState::Succeeded { captured: eur(600), fee: Some(eur(9)) });
    t.later(10 * MINUTE).await;
    assert_eq!(t.payment_of(&s).await.fee, 0);
    t.gateway.settle_all(&ChargeState::Succeeded { captured: eur(700), fee: Some(eur(23)) });
    t.later(HOUR).await;
    let detail = payments::detail(&t.svc, &m.actor, &id).await.unwrap();
    assert_eq!((detail.fee.minor, detail.net.minor, detail.attempts[0].fee_pending), (23, 677, false));
    t.later(24 * HOUR).await;
    assert_eq!(t.payment_of(&s).await.fee, 23);
    assert_eq!(t.number("select count(*) from journals where kind = 'fee'").await, 1);
    assert_eq!(t.number("select count(*) from events where kind = 'payment.fee_updated'").await, 1);
    t.assert_sound().await;
});
