//! Times without a gateway: maintenance by the operator's word, alerts, and customers who wait for its end.

use domain::{
    ConnectionId, StaffRole,
    problem::codes,
    time::{DAY, HOUR, MINUTE},
    views::{
        admin::WindowForm,
        checkout::{AwayMethod, CheckoutStage, CheckoutView},
        dashboard::Maintained,
        gateway::ConnectionForm,
    },
};
use gateways::{Gateway, http::Http, paypal::PayPal, square::Square};
use services::{ServiceError, admin, breaker::Policy, checkout, connections, dashboard, health, maintenance};
use std::sync::Arc;
use test_support::{
    TestDb, TestMerchant, TestServices, TestSession, for_each_engine,
    gateway::{self, Script, declined},
};

use super::accounts_support::staff;
use super::gateway_connections::told;
use domain::decline::DeclineCode;

const GOOD: &str = "4242424242424242";

fn window(provider: &str, from: &str, until: &str) -> WindowForm {
    WindowForm { provider: provider.to_owned(), from: from.to_owned(), until: until.to_owned() }
}

/// Where a payment goes now.
async fn goes_to(t: &TestServices, m: &TestMerchant) -> Vec<String> {
    let s = t.session(m, 100, "EUR").await;
    assert!(matches!(t.pay(&s, GOOD).await, CheckoutStage::Paid { .. }));
    t.texts(&format!("select connection_id from attempts where payment_id = '{}'", t.payment_of(&s).await.id)).await
}

async fn seen(t: &TestServices, s: &TestSession) -> CheckoutView {
    checkout::view(t, &s.token).await.unwrap()
}

/// Rounds of the worker until nothing more is due now.
async fn mails(t: &TestServices, template: &str) -> Vec<String> {
    t.run_due().await;
    t.texts(&format!("select recipient from mails where template = '{template}' order by recipient")).await
}

for_each_engine!(the_operator_plans_maintenance_of_a_provider, |db| async {
    let t = TestServices::new(&db);
    let other_server = t.beside(&db);
    let m = t.merchant().await;
    let (fake, sandbox) = (t.connection(&m, gateway::KEY).await, t.connection(&m, "sandbox").await);
    let admin = staff(&t, "a@op.example", StaffRole::Admin).await;
    let reviewer = staff(&t, "r@op.example", StaffRole::Reviewer).await;
    // It is ten in the morning, UTC.
    let plan = async |form: WindowForm| admin::plan_maintenance(&t, &admin, &form).await;
    let refuse = async |form| told(plan(form).await.unwrap_err());
    assert_eq!(
        refuse(window("", "", "")).await,
        [
            format!("provider={}", codes::REQUIRED),
            format!("from={}", codes::REQUIRED),
            format!("until={}", codes::REQUIRED),
        ]
    );
    let wrong = refuse(window("nobody", "2026-01-05T11:00", "2026-01-05T11:00")).await;
    assert_eq!(wrong, [format!("provider={}", codes::BAD_CHOICE), "until=end_before_start".to_owned()]);
    let right = || window(gateway::KEY, "2026-01-05T10:30", "2026-01-05T12:00");
    assert!(admin::plan_maintenance(&t, &reviewer, &right()).await.is_err());
    assert_eq!(t.number("select cast(count(*) as bigint) from provider_windows").await, 0);
    let id = plan(right()).await.unwrap();
    let (from, until) = (t.now().plus(30 * MINUTE), t.now().plus(2 * HOUR));
    // The merchant sees it; payments go on until it begins.
    let card = connections::view(&t, &m.actor).await.unwrap().connections.remove(0);
    assert_eq!((card.operator_maintenance, card.maintenance), (Some((from, until)), None));
    let view = health::view(&t, &m.actor, &fake).await.unwrap();
    assert_eq!(view.operator_maintenance, Some((from, until)));
    assert_eq!(goes_to(&t, &m).await, [fake.as_str()]);
    t.clock.advance(30 * MINUTE);
    assert_eq!(goes_to(&t, &m).await, [sandbox.as_str()]);
    // Another server learns of it when it reads again.
    assert_eq!(goes_to(&other_server, &m).await, [fake.as_str()]);
    maintenance::refresh(&other_server).await.unwrap();
    assert_eq!(goes_to(&other_server, &m).await, [sandbox.as_str()]);
    let overview = admin::gateways(&t, &reviewer).await.unwrap();
    assert!(!overview.may_act && admin::gateways(&t, &admin).await.unwrap().may_act);
    assert_eq!(overview.windows.iter().map(|w| (&w.id, w.from, w.until)).collect::<Vec<_>>(), [(&id, from, until)]);
    // It ends early: the day of the chart keeps the time that it took.
    t.clock.advance(10 * MINUTE);
    assert!(admin::end_maintenance(&t, &reviewer, &id).await.is_err());
    admin::end_maintenance(&t, &admin, &id).await.unwrap();
    assert!(admin::end_maintenance(&t, &admin, &id).await.is_err(), "it is over");
    assert_eq!(goes_to(&t, &m).await, [fake.as_str()]);
    let days = dashboard::view(&t, &m.actor).await.unwrap().blocks.remove(0).days;
    let marked: Vec<_> = days.iter().map(|day| day.maintenance.len()).collect();
    assert_eq!((marked.iter().sum::<usize>(), marked.last()), (1, Some(&1)));
    assert_eq!(days.last().unwrap().maintenance, [Maintained::Provider(gateway::KEY.to_owned())]);
    // What is taken away before it begins was never.
    let later = plan(window(gateway::KEY, "2026-01-05T14:00", "2026-01-05T15:00")).await.unwrap();
    admin::end_maintenance(&t, &admin, &later).await.unwrap();
    assert_eq!(t.number("select cast(count(*) as bigint) from provider_windows").await, 1);
    let audited = t.texts("select action from audit_entries where chain = 'operator' order by seq").await;
    let windows = ["maintenance.plan", "maintenance.end", "maintenance.plan", "maintenance.end"];
    assert_eq!(
        audited.iter().filter(|a| a.starts_with("maintenance.")).collect::<Vec<_>>(),
        windows.iter().collect::<Vec<_>>()
    );
    t.assert_sound().await;
});

for_each_engine!(charts_mark_days_of_maintenance_as_it_was, |db| async {
    let t = TestServices::new(&db);
    let (m, stranger) = (t.merchant().await, t.merchant().await);
    let id = t.connection(&m, gateway::KEY).await;
    t.connection(&stranger, "sandbox").await;
    t.paid(&m, 900, "EUR").await;
    t.paid(&stranger, 900, "EUR").await;
    t.run_due().await;
    let marks = async |m: &TestMerchant| -> Vec<(String, Vec<Maintained>)> {
        let days = dashboard::view(&t, &m.actor).await.unwrap().blocks.remove(0).days;
        days.into_iter().filter(|day| !day.maintenance.is_empty()).map(|day| (day.date, day.maintenance)).collect()
    };
    assert!(marks(&m).await.is_empty());
    connections::maintain_now(&t, &m.actor, &id).await.unwrap();
    t.clock.advance(MINUTE);
    let name = connections::view(&t, &m.actor).await.unwrap().connections.remove(0).name;
    let today = ("2026-01-05".to_owned(), vec![Maintained::Connection(name.clone())]);
    assert_eq!(marks(&m).await, std::slice::from_ref(&today));
    // It goes on tomorrow instead: what was today stays, what was planned and did not happen is not told.
    t.clock.advance(DAY);
    connections::maintain_now(&t, &m.actor, &id).await.unwrap();
    t.clock.advance(MINUTE);
    connections::end_maintenance(&t, &m.actor, &id).await.unwrap();
    let tomorrow = ("2026-01-06".to_owned(), vec![Maintained::Connection(name)]);
    assert_eq!(marks(&m).await, [today, tomorrow]);
    let admin = staff(&t, "a@op.example", StaffRole::Admin).await;
    let ahead = window(gateway::KEY, "2026-01-06T12:00", "2026-01-06T12:30");
    admin::plan_maintenance(&t, &admin, &ahead).await.unwrap();
    assert_eq!(marks(&m).await.len(), 2, "what lies ahead is no part of the past");
    t.clock.advance(DAY);
    assert_eq!(marks(&m).await[1].1.len(), 2);
    assert!(marks(&stranger).await.is_empty(), "they have nothing with that provider");
});

for_each_engine!(a_failing_connection_is_told_of_once, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    let id = t.connection(&m, gateway::KEY).await;
    staff(&t, "a@op.example", StaffRole::Admin).await;
    staff(&t, "r@op.example", StaffRole::Reviewer).await;
    let fail = async |count: usize| {
        for _ in 0..count {
            t.gateway.script([declined(DeclineCode::ProcessingError)]);
            let s = t.session(&m, 700, "EUR").await;
            t.pay(&s, GOOD).await;
        }
        health::flush(&t).await.unwrap();
    };
    let alerts = "select cast(count(*) as bigint) from connection_alerts";
    fail(9).await;
    assert_eq!(t.number(alerts).await, 0, "nine calls are too few to judge by");
    fail(1).await;
    fail(3).await;
    assert_eq!(t.number(alerts).await, 1);
    let owners = mails(&t, "gateway_failing").await;
    assert_eq!(owners.len(), 1);
    assert!(mails(&t, "gateway_failing_operator").await.is_empty(), "what a test fails is no news for the operator");
    assert_eq!(t.texts("select object_id from mails where template = 'gateway_failing'").await, [id.as_str()]);
    let admin = staff(&t, "b@op.example", StaffRole::Admin).await;
    let alert = admin::gateways(&t, &admin).await.unwrap().alerts.remove(0);
    assert_eq!((alert.ended_at, alert.calls, alert.livemode), (None, (10, 0), false));
    // A pause of calls is no sign of health, and a call that fails in it says that it goes on.
    t.clock.advance(16 * MINUTE);
    t.run_due().await;
    assert_eq!(admin::gateways(&t, &admin).await.unwrap().alerts[0].ended_at, None);
    fail(1).await;
    t.paid(&m, 900, "EUR").await;
    health::flush(&t).await.unwrap();
    t.clock.advance(14 * MINUTE);
    t.paid(&m, 900, "EUR").await;
    health::flush(&t).await.unwrap();
    t.run_due().await;
    assert_eq!(admin::gateways(&t, &admin).await.unwrap().alerts[0].ended_at, None);
    t.clock.advance(2 * MINUTE);
    t.run_due().await;
    assert_eq!(admin::gateways(&t, &admin).await.unwrap().alerts[0].ended_at, Some(t.now()));
    // Soon after it is written down again and not mailed again; later it is.
    fail(12).await;
    assert_eq!((t.number(alerts).await, mails(&t, "gateway_failing").await.len()), (2, 1));
    t.paid(&m, 900, "EUR").await;
    t.clock.advance(MINUTE);
    t.paid(&m, 900, "EUR").await;
    health::flush(&t).await.unwrap();
    t.clock.advance(7 * HOUR);
    t.run_due().await;
    fail(10).await;
    assert_eq!((t.number(alerts).await, mails(&t, "gateway_failing").await.len()), (3, 2));
    let health = admin::gateways(&t, &admin).await.unwrap().providers;
    let lately: Vec<_> = health.iter().filter(|p| p.provider == gateway::KEY).map(|p| p.windows[0]).collect();
    assert_eq!(lately, [(10, Some(0))]);
    t.clock.advance(500 * DAY);
    t.run_due().await;
    assert_eq!(health::delete_old_alerts(&t).await.unwrap(), 3);
});

for_each_engine!(live_connections_that_fail_are_told_to_the_operator_too, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    let id = t.connection(&m, gateway::KEY).await;
    staff(&t, "a@op.example", StaffRole::Admin).await;
    let closed = staff(&t, "closed@op.example", StaffRole::Admin).await;
    t.sql(&format!("update users set disabled_at = 1 where id = '{}'", closed.user_id)).await;
    let other = t.merchant().await;
    let theirs = t.connection(&other, gateway::KEY).await;
    t.damage("update connections set livemode = true").await;
    let fail = async |m: &TestMerchant, id: &ConnectionId| {
        for _ in 0..10 {
            let (live, took) = (m.in_mode(domain::Mode::Live), std::time::Duration::from_secs(30));
            t.health().record(live.scope(), id.as_str(), t.now(), health::End::NoAnswer, took);
        }
        health::flush(&t).await.unwrap();
    };
    fail(&m, &id).await;
    assert_eq!(mails(&t, "gateway_failing_operator").await, ["a@op.example"]);
    assert_eq!(mails(&t, "gateway_failing").await.len(), 1);
    // A provider that fails for everybody is told of once; each team hears of its own.
    fail(&other, &theirs).await;
    assert_eq!(mails(&t, "gateway_failing_operator").await.len(), 1);
    assert_eq!(mails(&t, "gateway_failing").await.len(), 2);
    assert_eq!(t.number("select cast(count(*) as bigint) from connection_alerts").await, 2);
});

/// Somebody who waits for a card.
fn waiting(email: &str, locale: domain::Locale) -> checkout::TellMe<'_> {
    checkout::TellMe { email, method: "card", locale, visitor: checkout::Visitor::default() }
}

async fn maintained(t: &TestServices, m: &TestMerchant, id: &ConnectionId) {
    connections::maintain_now(t, &m.actor, id).await.unwrap();
}

for_each_engine!(checkout_says_what_is_away_and_writes_when_it_is_back, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    let id = t.connection(&m, gateway::KEY).await;
    let s = t.session(&m, 700, "EUR").await;
    let ask = async |email: &str| checkout::tell_me(&t, &s.token, waiting(email, domain::Locale::Fa)).await;
    assert!(seen(&t, &s).await.away.is_empty());
    assert!(!ask("early@customers.example").await.unwrap());
    assert_eq!(t.number("select cast(count(*) as bigint) from back_notices").await, 0, "there is nothing to wait for");
    maintained(&t, &m, &id).await;
    let view = seen(&t, &s).await;
    assert_eq!(view.stage, CheckoutStage::Unavailable);
    assert_eq!(view.away, [AwayMethod { method: "card".to_owned(), until: Some(t.now().plus(HOUR)) }]);
    for wrong in ["", "nonsense", "a@b@c"] {
        assert_eq!(told(ask(wrong).await.unwrap_err()).len(), 1);
    }
    for _ in 0..2 {
        assert!(ask("ada@customers.example").await.unwrap());
    }
    for n in 0..9 {
        let noted = ask(&format!("many{n}@customers.example")).await.unwrap();
        assert_eq!(noted, n < 4, "nobody is told that it is noted when it is not");
    }
    assert_eq!(t.number("select cast(count(*) as bigint) from back_notices").await, 5, "nobody mails the whole world");
    // It is looked at, and nobody is written to while it is away.
    t.clock.advance(30 * MINUTE);
    assert!(mails(&t, "pay_again").await.is_empty());
    t.clock.advance(31 * MINUTE);
    assert_eq!(mails(&t, "pay_again").await.len(), 5);
    assert_eq!(t.number("select cast(count(*) as bigint) from back_notices").await, 0, "no address is kept");
    t.clock.advance(2 * MINUTE);
    assert_eq!(mails(&t, "pay_again").await.len(), 5, "each is written to once");
    let about =
        t.texts("select params from mails where template = 'pay_again' and recipient like 'ada%'").await.concat();
    assert!(about.contains(&format!("/c/{}", s.token)) && about.contains("7.00 EUR"), "{about}");
    assert_eq!(
        t.texts("select locale from mails where template = 'pay_again' and recipient like 'ada%'").await,
        ["fa"]
    );
    t.assert_sound().await;
});

for_each_engine!(whoever_has_paid_or_comes_too_late_is_not_written_to, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    let id = t.connection(&m, gateway::KEY).await;
    let (paid, over) = (t.session(&m, 700, "EUR").await, t.session(&m, 700, "EUR").await);
    maintained(&t, &m, &id).await;
    for s in [&paid, &over] {
        checkout::tell_me(&t, &s.token, waiting("ada@customers.example", domain::Locale::En)).await.unwrap();
    }
    connections::end_maintenance(&t, &m.actor, &id).await.unwrap();
    assert!(matches!(t.pay(&paid, GOOD).await, CheckoutStage::Paid { .. }));
    t.clock.advance(40 * DAY);
    assert!(!mails(&t, "receipt").await.is_empty());
    assert!(mails(&t, "pay_again").await.is_empty());
    assert_eq!(t.number("select cast(count(*) as bigint) from back_notices").await, 0);
});

fn breaking(db: &TestDb) -> TestServices {
    let t = TestServices::new(db);
    t.breakers().set_policy(Policy { failures: 3, ..Policy::default() });
    t
}

for_each_engine!(a_gateway_that_does_not_answer_is_said_to_and_offered_when_nobody_else_is, |db| async {
    let t = breaking(&db);
    let m = t.merchant().await;
    t.connection(&m, gateway::KEY).await;
    for _ in 0..3 {
        t.gateway.script([Script::NotSent]);
        let s = t.session(&m, 700, "EUR").await;
        t.pay(&s, GOOD).await;
    }
    let s = t.session(&m, 700, "EUR").await;
    let view = seen(&t, &s).await;
    assert!(matches!(view.stage, CheckoutStage::Pay { .. }) && view.methods.len() == 1);
    assert_eq!(view.away, [AwayMethod { method: "card".to_owned(), until: None }]);
    checkout::tell_me(&t, &s.token, waiting("ada@customers.example", domain::Locale::En)).await.unwrap();
    assert_eq!(t.number("select cast(count(*) as bigint) from back_notices").await, 1);
    t.clock.advance(2 * MINUTE);
    assert!(mails(&t, "pay_again").await.is_empty(), "that the pause is over says nothing of the gateway");
    // Somebody tries, and is answered.
    t.paid(&m, 900, "EUR").await;
    health::flush(&t).await.unwrap();
    t.clock.advance(MINUTE);
    assert_eq!(mails(&t, "pay_again").await, ["ada@customers.example"]);
    // Another connection takes the method: it is not away.
    t.connection(&m, "sandbox").await;
    assert!(seen(&t, &s).await.away.is_empty());
});

for_each_engine!(the_currencies_that_a_gateway_takes_are_shown_and_others_refused, |db| async {
    let http = || Http::new().unwrap();
    let more: Vec<Arc<dyn Gateway>> = vec![Arc::new(Square::new(http(), None)), Arc::new(PayPal::new(http(), None))];
    let t = TestServices::with_gateways(&db, TestServices::settings(), more);
    let m = t.merchant().await;
    let form = |currencies: &str| ConnectionForm {
        provider: "square".to_owned(),
        name: "Till".to_owned(),
        methods: vec!["card".to_owned()],
        currencies: currencies.to_owned(),
        ..ConnectionForm::default()
    };
    let refused: Result<_, ServiceError> = connections::add(&t, &m.actor, &form("EUR, SEK")).await;
    let refused = told(refused.unwrap_err());
    assert!(refused.contains(&"currencies=currency_not_taken".to_owned()), "{refused:?}");
    let of = connections::view(&t, &m.actor).await.unwrap().currencies;
    let square = of.iter().find(|of| of.provider == "square").unwrap();
    assert_eq!(square.taken.as_ref().unwrap().join(" "), "AUD CAD EUR GBP JPY USD");
    let paypal = of.iter().find(|of| of.provider == "paypal").unwrap();
    assert_eq!(paypal.steps.iter().map(|s| s.display()).collect::<Vec<_>>(), ["1.00 HUF", "1.00 TWD"]);
    let sandbox = of.iter().find(|of| of.provider == "sandbox").unwrap();
    assert!(sandbox.taken.is_none() && sandbox.steps.is_empty());
});
