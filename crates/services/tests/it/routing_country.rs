//! Rules about the customer's country: it is asked for only where a rule looks at it, and the payment goes by what was said.

use domain::{
    ConnectionId,
    problem::{codes, money},
    routing::{ConditionField, ConditionForm, Reason, RoutingForm, RuleForm, TargetForm},
    views::{
        checkout::{CheckoutStage, PayFields, PayForm, ScriptFields},
        routing::SimulationForm,
    },
};
use services::{ServiceError, checkout, payments, routing};
use test_support::{
    TestServices,
    builders::{TestMerchant, TestSession},
    for_each_engine,
};

const GOOD: &str = "4242424242424242";

/// A rule about countries; without any, about every payment. Without connections it refuses.
fn rule(countries: &str, to: &[&ConnectionId]) -> RuleForm {
    let condition = ConditionForm {
        field: ConditionField::Country.as_str().to_owned(),
        value: countries.to_owned(),
        ..ConditionForm::default()
    };
    let target = |id: &&ConnectionId| TargetForm { connection: id.to_string(), percent: String::new() };
    RuleForm {
        name: format!("To {countries}"),
        when: if countries.is_empty() { Vec::new() } else { vec![condition] },
        action: if to.is_empty() { "block" } else { "priority" }.to_owned(),
        targets: to.iter().map(target).collect(),
        ..RuleForm::default()
    }
}

async fn set(t: &TestServices, m: &TestMerchant, rules: Vec<RuleForm>) -> RoutingForm {
    let version = routing::view(&t.svc, &m.actor).await.unwrap().form.version;
    let form = RoutingForm { version, note: String::new(), rules };
    routing::save(&t.svc, &m.actor, &form).await.unwrap();
    form
}

fn from(t: &TestServices, country: &str) -> PayForm {
    PayForm { country: country.to_owned(), ..t.pay_form(GOOD) }
}

async fn first(t: &TestServices, m: &TestMerchant, s: &TestSession) -> (ConnectionId, Reason) {
    let id = t.payment_of(s).await.id.parse().unwrap();
    let attempt = payments::detail(&t.svc, &m.actor, &id).await.unwrap().attempts.remove(0);
    (attempt.connection_id, attempt.routing.unwrap())
}

fn wrong(error: ServiceError) -> (String, String) {
    let ServiceError::Problem(problem) = error else { panic!("{error:?}") };
    (problem.fields[0].field.clone(), problem.fields[0].code.clone())
}

fn visiting(country: &str) -> checkout::Visitor<'_> {
    checkout::Visitor { country, ..checkout::Visitor::default() }
}

for_each_engine!(a_payment_goes_by_the_country_that_its_customer_chose, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    let (a, b) = (t.connection(&m, "fake").await, t.connection(&m, "fake").await);
    // Nobody is asked before a rule looks at it, and what is posted all the same is kept nowhere.
    let s = t.session(&m, 100, "EUR").await;
    let view = checkout::view_from(&t.svc, &s.token, visiting("AT")).await.unwrap();
    assert_eq!((view.asks_country, view.country), (false, None));
    t.try_pay(&s, from(&t, "AT")).await.unwrap();
    assert_eq!(first(&t, &m, &s).await.1.country, None);

    let draft = set(&t, &m, vec![rule("AT, CH", &[&b]), rule("", &[&a])]).await;
    let s = t.session(&m, 100, "EUR").await;
    for (country, known, shown) in
        [("", None, &a), ("Narnia", None, &a), ("DE", Some("DE"), &a), ("at", Some("AT"), &b)]
    {
        let view = checkout::view_from(&t.svc, &s.token, visiting(country)).await.unwrap();
        assert_eq!((view.asks_country, view.country.as_deref()), (true, known), "{country}");
        assert_eq!(view.methods[0].connection, *shown, "{country}");
    }
    let before = t.number("select count(*) from attempts").await;
    let refused = wrong(t.try_pay(&s, from(&t, "")).await.unwrap_err());
    assert_eq!(refused, ("country".to_owned(), codes::REQUIRED.to_owned()));
    assert_eq!(t.number("select count(*) from attempts").await, before);
    assert!(matches!(t.try_pay(&s, from(&t, "AT")).await.unwrap(), CheckoutStage::Paid { .. }));
    let (to, reason) = first(&t, &m, &s).await;
    assert_eq!((to, reason.rule.as_deref(), reason.country.as_deref()), (b.clone(), Some("To AT, CH"), Some("AT")));

    // The simulator knows it, and the last month where it was asked.
    let payment = |country: &str| SimulationForm {
        currency: "EUR".to_owned(),
        amount: "1".to_owned(),
        country: country.to_owned(),
        ..SimulationForm::default()
    };
    let decision = routing::simulate(&t.svc, &m.actor, &draft, &payment("ch")).await.unwrap().decision;
    assert_eq!(decision.order, std::slice::from_ref(&b));
    let decision = routing::simulate(&t.svc, &m.actor, &draft, &payment("")).await.unwrap().decision;
    assert_eq!(decision.rules[0].failed, Some((ConditionField::Country, true)));
    let refused = routing::simulate(&t.svc, &m.actor, &draft, &payment("Narnia")).await.unwrap_err();
    assert_eq!(wrong(refused).0, "country");
    let replay = routing::replay(&t.svc, &m.actor, &draft).await.unwrap();
    let would = |id: &ConnectionId| replay.lines.iter().find(|line| line.connection == *id).unwrap().would_be;
    assert_eq!((replay.payments, replay.moved, would(&a), would(&b)), (2, 0, 1, 1));
    t.assert_sound().await;
});

for_each_engine!(a_country_that_nobody_takes_leaves_the_choice_open, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    let a = t.connection(&m, "fake").await;
    set(&t, &m, vec![rule("DE", &[&a]), rule("", &[])]).await;
    let s = t.session(&m, 100, "EUR").await;
    let view = checkout::view_from(&t.svc, &s.token, visiting("AT")).await.unwrap();
    assert!(matches!(view.stage, CheckoutStage::Pay { .. }) && view.methods.is_empty() && view.asks_country);
    let refused = wrong(t.try_pay(&s, from(&t, "AT")).await.unwrap_err());
    assert_eq!(refused, ("method".to_owned(), money::PAYMENT_BLOCKED.to_owned()));
    assert_eq!(t.number("select count(*) from attempts").await, 0);
    assert!(matches!(t.try_pay(&s, from(&t, "DE")).await.unwrap(), CheckoutStage::Paid { .. }));
    // With nobody to take it from anywhere there is nothing to choose.
    let s = t.session(&m, 100, "EUR").await;
    services::connections::pause(&t.svc, &m.actor, &a).await.unwrap();
    assert_eq!(checkout::view_from(&t.svc, &s.token, visiting("DE")).await.unwrap().stage, CheckoutStage::Unavailable);
    t.assert_sound().await;
});

// What a gateway's own fields gave is for that gateway: another country shows the fields of another one and sends nothing.
for_each_engine!(fields_of_one_gateway_are_not_sent_to_another_countrys, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    let (a, b) = (t.connection(&m, "fake").await, t.connection(&m, "fake").await);
    let origin = || vec!["https://js.gateway.example".to_owned()];
    t.gateway.set_fields(PayFields::Script(ScriptFields {
        script: "https://js.gateway.example/v1.js".to_owned(),
        scripts: origin(),
        frames: origin(),
        connects: Vec::new(),
        looks: Vec::new(),
        settings: Vec::new(),
        has_page: false,
    }));
    set(&t, &m, vec![rule("AT", &[&b]), rule("", &[&a])]).await;
    let s = t.session(&m, 100, "EUR").await;
    let form = |connection: &ConnectionId, country: &str| PayForm {
        card: Default::default(),
        connection: connection.to_string(),
        gateway_token: "tok_1".to_owned(),
        ..from(&t, country)
    };
    let refused = wrong(t.try_pay(&s, form(&a, "AT")).await.unwrap_err());
    assert_eq!(refused, ("gateway_fields".to_owned(), money::GATEWAY_FIELDS_EMPTY.to_owned()));
    assert!(t.gateway.tokens().is_empty());
    assert!(matches!(t.try_pay(&s, form(&b, "AT")).await.unwrap(), CheckoutStage::Paid { .. }));
    assert_eq!(t.gateway.tokens(), [(b.to_string(), "tok_1".to_owned())]);
    t.assert_sound().await;
});
