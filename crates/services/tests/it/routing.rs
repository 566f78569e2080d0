//! Routing: who is asked first and why, who is asked after it and when nobody may be, and how rules are kept.

use domain::{
    ConnectionId, MerchantRole, Mode, ProblemKind,
    decline::DeclineCode,
    problem::{codes, money},
    routing::{ConditionField, ConditionForm, Reason, RoutingForm, RuleForm, Skip, TargetForm},
    views::{
        checkout::{CheckoutStage, PayForm},
        routing::SimulationForm,
    },
};
use gateways::ChargeState;
use services::{ServiceError, checkout, connections, payments, routing};
use std::collections::BTreeSet;
use test_support::{
    TestServices,
    builders::{TestMerchant, TestSession},
    for_each_engine,
    gateway::Script,
};

const GOOD: &str = "4242424242424242";

fn condition(field: ConditionField, key: &str, value: &str) -> ConditionForm {
    ConditionForm { field: field.as_str().to_owned(), key: key.to_owned(), value: value.to_owned() }
}

fn rule(name: &str, when: Vec<ConditionForm>, to: &[&ConnectionId]) -> RuleForm {
    let target = |id: &&ConnectionId| TargetForm { connection: id.to_string(), percent: String::new() };
    RuleForm {
        name: name.to_owned(),
        when,
        action: "priority".to_owned(),
        targets: to.iter().map(target).collect(),
        ..RuleForm::default()
    }
}

fn split(name: &str, shares: &[(&ConnectionId, u32)]) -> RuleForm {
    let target =
        |(id, percent): &(&ConnectionId, u32)| TargetForm { connection: id.to_string(), percent: percent.to_string() };
    RuleForm { action: "split".to_owned(), targets: shares.iter().map(target).collect(), ..rule(name, vec![], &[]) }
}

/// Saves rules over whatever holds.
async fn set(t: &TestServices, m: &TestMerchant, rules: Vec<RuleForm>) {
    let version = routing::view(&t.svc, &m.actor).await.unwrap().form.version;
    let form = RoutingForm { version, note: "a test".to_owned(), rules };
    assert_eq!(routing::save(&t.svc, &m.actor, &form).await.unwrap(), version + 1);
}

/// Connections that a session's payment was sent to, in order, with why.
async fn sent(t: &TestServices, m: &TestMerchant, s: &TestSession) -> Vec<(ConnectionId, Reason)> {
    let id = t.payment_of(s).await.id.parse().unwrap();
    let detail = payments::detail(&t.svc, &m.actor, &id).await.unwrap();
    detail.attempts.into_iter().map(|attempt| (attempt.connection_id, attempt.routing.unwrap())).collect()
}

async fn where_to(t: &TestServices, m: &TestMerchant, s: &TestSession) -> Vec<ConnectionId> {
    sent(t, m, s).await.into_iter().map(|(id, _)| id).collect()
}

fn problem(error: ServiceError) -> domain::Problem {
    match error {
        ServiceError::Problem(problem) => problem,
        other => panic!("{other:?}"),
    }
}

for_each_engine!(the_first_rule_that_fits_decides_and_the_payment_says_so, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    let (a, b, c) = (t.connection(&m, "fake").await, t.connection(&m, "fake").await, t.connection(&m, "fake").await);
    connections::pause(&t.svc, &m.actor, &a).await.unwrap();
    let large = condition(ConditionField::AmountAtLeast, "EUR", "50");
    set(
        &t,
        &m,
        vec![
            rule("Large", vec![large], &[&a, &c]),
            rule("Yen", vec![condition(ConditionField::Currency, "", "JPY")], &[&b]),
        ],
    )
    .await;

    let s = t.session(&m, 5_000, "EUR").await;
    t.pay(&s, GOOD).await;
    let attempts = sent(&t, &m, &s).await;
    let [(to, reason)] = attempts.as_slice() else { panic!("{attempts:?}") };
    assert_eq!((to, reason.version, reason.rule.as_deref(), reason.turn), (&c, 1, Some("Large"), 1));
    assert_eq!(reason.skipped.iter().map(|s| (&s.connection, s.why)).collect::<Vec<_>>(), [(&a, Skip::Paused)]);
    let detail = payments::detail(&t.svc, &m.actor, &t.payment_of(&s).await.id.parse().unwrap()).await.unwrap();
    assert_eq!(detail.connection_names, [(a.clone(), "fake".to_owned())]);

    // No rule fits: the merchant's own order, of those that can.
    let s = t.session(&m, 4_999, "EUR").await;
    t.pay(&s, GOOD).await;
    let attempts = sent(&t, &m, &s).await;
    assert_eq!((&attempts[0].0, attempts[0].1.rule.as_deref()), (&b, None));
    t.assert_sound().await;
});

for_each_engine!(the_page_shows_the_connection_that_is_then_asked, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    let (a, b) = (t.connection(&m, "fake").await, t.connection(&m, "fake").await);
    set(&t, &m, vec![split("Half", &[(&a, 50), (&b, 50)])]).await;
    let mut firsts = BTreeSet::new();
    for _ in 0..24 {
        let s = t.session(&m, 100, "EUR").await;
        let view = checkout::view(&t.svc, &s.token).await.unwrap();
        t.pay(&s, GOOD).await;
        let attempts = sent(&t, &m, &s).await;
        assert_eq!(attempts[0].0, view.methods[0].connection);
        assert!(attempts[0].1.split);
        firsts.insert(attempts[0].0.clone());
    }
    assert_eq!(firsts.len(), 2, "a split in halves uses both");
    t.assert_sound().await;
});

for_each_engine!(a_rule_can_refuse_a_payment, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    t.connection(&m, "sandbox").await;
    let block = |when| RuleForm { action: "block".to_owned(), ..rule("No", vec![when], &[]) };
    set(
        &t,
        &m,
        vec![
            block(condition(ConditionField::AmountAtLeast, "EUR", "100")),
            block(condition(ConditionField::Brand, "", "amex")),
        ],
    )
    .await;
    let s = t.session(&m, 10_000, "EUR").await;
    assert_eq!(checkout::view(&t.svc, &s.token).await.unwrap().stage, CheckoutStage::Unavailable);
    assert_eq!(t.pay(&s, GOOD).await, CheckoutStage::Unavailable);
    // What only the typed card tells is found out when it is typed.
    let s = t.session(&m, 100, "EUR").await;
    let refused = problem(t.try_pay(&s, t.pay_form("378282246310005")).await.unwrap_err());
    assert_eq!((refused.fields[0].field.as_str(), refused.fields[0].code.as_str()), ("method", money::PAYMENT_BLOCKED));
    assert_eq!(t.number("select count(*) from attempts").await, 0);
    assert!(matches!(t.pay(&s, GOOD).await, CheckoutStage::Paid { .. }));
    t.assert_sound().await;
});

for_each_engine!(rules_look_at_the_card_the_metadata_and_who_pays, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    let (a, b, c, d) = (
        t.connection(&m, "sandbox").await,
        t.connection(&m, "sandbox").await,
        t.connection(&m, "sandbox").await,
        t.connection(&m, "sandbox").await,
    );
    set(
        &t,
        &m,
        vec![
            rule("Amex", vec![condition(ConditionField::Brand, "", "amex")], &[&b]),
            rule("North", vec![condition(ConditionField::Metadata, "shop", "north")], &[&c]),
            rule("Again", vec![condition(ConditionField::Customer, "", "returning")], &[&d]),
        ],
    )
    .await;
    let paid_at = async |number: &str, metadata: &str| {
        let s = t.session(&m, 100, "EUR").await;
        t.sql(&format!("update checkout_sessions set metadata = '{metadata}' where id = '{}'", s.id)).await;
        t.pay(&s, number).await;
        where_to(&t, &m, &s).await
    };
    assert_eq!(paid_at("378282246310005", "{}").await, std::slice::from_ref(&b));
    assert_eq!(paid_at(GOOD, "{\"shop\":\"north\"}").await, std::slice::from_ref(&c));
    // By now this customer has paid.
    assert_eq!(paid_at(GOOD, "{}").await, std::slice::from_ref(&d));
    let s = t.session(&m, 100, "EUR").await;
    let newcomer = PayForm { email: "first@example.com".to_owned(), ..t.pay_form(GOOD) };
    t.try_pay(&s, newcomer).await.unwrap();
    assert_eq!(where_to(&t, &m, &s).await, [a]);
    t.assert_sound().await;
});

for_each_engine!(a_fault_goes_to_the_next_gateway_and_a_hard_no_never, |db| async {
    use DeclineCode as Code;
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    let ids = [0, 1, 2, 3].map(|_| ());
    let mut all = Vec::new();
    for () in ids {
        all.push(t.connection(&m, "fake").await);
    }
    let no = |code| Script::Reply(ChargeState::Declined(code));
    // What the first gateway does, whether a rule lets soft declines go on, and how many are asked.
    let cases = [
        (Script::NotSent, false, 2),
        (no(Code::ProcessingError), false, 2),
        (no(Code::GatewayMisconfigured), false, 2),
        (no(Code::DoNotHonor), false, 1),
        (no(Code::DoNotHonor), true, 2),
        (no(Code::StolenCard), true, 1),
        (no(Code::AuthenticationRequired), true, 1),
        (Script::Lose, true, 1),
        (Script::ChargeThenLose, true, 1),
    ];
    for (script, retry_soft, asked) in cases {
        let known: Vec<&ConnectionId> = all.iter().collect();
        set(&t, &m, vec![RuleForm { retry_soft, ..rule("All", vec![], &known) }]).await;
        let s = t.session(&m, 100, "EUR").await;
        t.gateway.script([script.clone()]);
        let before = t.gateway.charges().len();
        t.pay(&s, GOOD).await;
        let sent = sent(&t, &m, &s).await;
        assert_eq!(sent.iter().map(|(id, _)| id.clone()).collect::<Vec<_>>(), all[..asked], "{script:?} {retry_soft}");
        assert_eq!(sent.iter().map(|(_, reason)| reason.turn).collect::<Vec<_>>(), (1..=asked).collect::<Vec<_>>());
        let moved = t.gateway.charges().values().filter(|c| matches!(c.state, ChargeState::Succeeded { .. })).count();
        let taken = usize::from(asked == 2 || matches!(script, Script::ChargeThenLose));
        let declines = usize::from(matches!(script, Script::Reply(_)));
        assert_eq!(t.gateway.charges().len() - before, taken + declines, "{script:?}");
        assert!(moved >= taken);
        t.gateway.clear_scripts();
    }
    t.assert_sound().await;
});

for_each_engine!(a_click_asks_three_gateways_at_most, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    for _ in 0..5 {
        let id = t.connection(&m, "fake").await;
        t.gateway.set_habit(id.as_str(), Some(Script::NotSent));
    }
    let s = t.session(&m, 100, "EUR").await;
    let stage = t.pay(&s, GOOD).await;
    assert_eq!(stage, CheckoutStage::Pay { last_decline: Some("gateway_unavailable".to_owned()), switched: true });
    assert_eq!(sent(&t, &m, &s).await.len(), 3);
    // The next click goes to those that were not asked yet.
    t.pay(&s, GOOD).await;
    let asked: BTreeSet<ConnectionId> = where_to(&t, &m, &s).await.into_iter().collect();
    assert_eq!(asked.len(), 5);
    assert!(t.gateway.charges().is_empty());
    t.assert_sound().await;
});

for_each_engine!(a_connection_that_failed_is_passed_over_until_nobody_else_is_left, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    let (a, b) = (t.connection(&m, "fake").await, t.connection(&m, "fake").await);
    t.gateway.set_habit(a.as_str(), Some(Script::NotSent));
    t.gateway.set_habit(b.as_str(), Some(Script::Reply(ChargeState::Declined(DeclineCode::DoNotHonor))));
    let s = t.session(&m, 100, "EUR").await;
    t.pay(&s, GOOD).await;
    t.pay(&s, GOOD).await;
    let attempts = sent(&t, &m, &s).await;
    assert_eq!(attempts.iter().map(|(id, _)| id).collect::<Vec<_>>(), [&a, &b, &b]);
    assert_eq!(attempts[2].1.skipped[0].why, Skip::FailedBefore);
    // The other one is paused: the first is asked again rather than nobody.
    connections::pause(&t.svc, &m.actor, &b).await.unwrap();
    t.gateway.set_habit(a.as_str(), None);
    assert!(matches!(t.pay(&s, GOOD).await, CheckoutStage::Paid { .. }));
    t.assert_sound().await;
});

for_each_engine!(a_connection_in_maintenance_is_passed_over, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    let (a, b) = (t.connection(&m, "fake").await, t.connection(&m, "fake").await);
    let now = t.now().0;
    t.sql(&format!(
        "update connections set maintenance_from = {now}, maintenance_until = {} where id = '{a}'",
        now + 1_000
    ))
    .await;
    let s = t.session(&m, 100, "EUR").await;
    t.pay(&s, GOOD).await;
    let attempts = sent(&t, &m, &s).await;
    assert_eq!((&attempts[0].0, attempts[0].1.skipped[0].why), (&b, Skip::Maintenance));
    t.later(1_000).await;
    let s = t.session(&m, 100, "EUR").await;
    t.pay(&s, GOOD).await;
    assert_eq!(where_to(&t, &m, &s).await, [a]);
});

for_each_engine!(rules_are_versions_that_come_back_and_of_two_who_save_one_wins, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    let (a, b) = (t.connection(&m, "fake").await, t.connection(&m, "fake").await);
    set(&t, &m, vec![rule("One", vec![], &[&b])]).await;
    set(&t, &m, vec![rule("Two", vec![], &[&a]), rule("More", vec![], &[&b])]).await;
    let stale = RoutingForm { version: 1, note: String::new(), rules: vec![] };
    let refused = problem(routing::save(&t.svc, &m.actor, &stale).await.unwrap_err());
    assert_eq!((refused.kind, refused.code.as_str()), (ProblemKind::Conflict, codes::STALE));
    assert_eq!(routing::revert(&t.svc, &m.actor, 2, 1).await.unwrap(), 3);
    let view = routing::view(&t.svc, &m.actor).await.unwrap();
    assert_eq!(view.form.rules[0].name, "One");
    let history: Vec<_> = view.versions.iter().map(|v| (v.version, v.rules, v.reverted_to, v.by.clone())).collect();
    let ada = || Some("Ada Example".to_owned());
    assert_eq!(history, [(3, 1, Some(1), ada()), (2, 2, None, ada()), (1, 1, None, ada())]);
    let s = t.session(&m, 100, "EUR").await;
    t.pay(&s, GOOD).await;
    let attempts = sent(&t, &m, &s).await;
    assert_eq!((&attempts[0].0, attempts[0].1.version), (&b, 3));
    assert_eq!(t.number("select count(*) from audit_entries where action = 'routing.save'").await, 3);
    let gone = problem(routing::revert(&t.svc, &m.actor, 3, 9).await.unwrap_err());
    assert_eq!(gone.kind, ProblemKind::NotFound);
    t.assert_sound().await;
});

for_each_engine!(only_who_may_changes_rules_and_only_for_their_own_connections, |db| async {
    let t = TestServices::new(&db);
    let (m, other) = (t.merchant().await, t.merchant().await);
    let (own, foreign) = (t.connection(&m, "fake").await, t.connection(&other, "fake").await);
    let live = m.in_mode(Mode::Live);
    let form =
        |id: &ConnectionId| RoutingForm { version: 0, note: String::new(), rules: vec![rule("R", vec![], &[id])] };
    let refused = problem(routing::save(&t.svc, &m.actor, &form(&foreign)).await.unwrap_err());
    assert_eq!(refused.fields[0].field, "rules.0.targets.0.connection");
    // A connection of test mode is none of live mode.
    assert!(routing::save(&t.svc, &live.actor, &form(&own)).await.is_err());
    for role in [MerchantRole::Viewer, MerchantRole::Support] {
        let refused = problem(routing::save(&t.svc, &m.as_role(role).actor, &form(&own)).await.unwrap_err());
        assert_eq!(refused.kind, ProblemKind::Forbidden, "{role:?}");
    }
    let developer = live.as_role(MerchantRole::Developer);
    let empty = RoutingForm::default();
    assert_eq!(
        problem(routing::save(&t.svc, &developer.actor, &empty).await.unwrap_err()).kind,
        ProblemKind::Forbidden
    );
    assert_eq!(t.number("select count(*) from routing_versions").await, 0);
});

for_each_engine!(the_simulator_says_what_then_happens, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    let (a, b) = (t.connection(&m, "sandbox").await, t.connection(&m, "sandbox").await);
    let rules = vec![
        rule("Large", vec![condition(ConditionField::AmountAtLeast, "EUR", "100")], &[&b]),
        RuleForm { fallback: true, ..rule("Visa", vec![condition(ConditionField::Brand, "", "visa")], &[&b]) },
    ];
    let draft = RoutingForm { version: 0, note: String::new(), rules: rules.clone() };
    let payment = |amount: &str, brand: &str| SimulationForm {
        currency: "EUR".to_owned(),
        amount: amount.to_owned(),
        brand: brand.to_owned(),
        ..SimulationForm::default()
    };
    let simulated =
        async |payment: SimulationForm| routing::simulate(&t.svc, &m.actor, &draft, &payment).await.unwrap().decision;
    let unknown = simulated(payment("10", "")).await;
    assert_eq!((unknown.rule, unknown.order), (None, vec![a.clone(), b.clone()]));
    assert_eq!(unknown.rules[0].failed, Some((ConditionField::AmountAtLeast, false)));
    assert_eq!(unknown.rules[1].failed, Some((ConditionField::Brand, true)));
    let visa = simulated(payment("10", "visa")).await;
    assert_eq!((visa.rule, visa.order.clone()), (Some(1), vec![b, a]));
    set(&t, &m, rules).await;
    let s = t.session(&m, 1_000, "EUR").await;
    t.pay(&s, GOOD).await;
    assert_eq!(where_to(&t, &m, &s).await, visa.order[..1]);
    let wrong = SimulationForm { amount: "x".to_owned(), ..payment("", "") };
    let refused = problem(routing::simulate(&t.svc, &m.actor, &draft, &wrong).await.unwrap_err());
    assert_eq!(refused.fields[0].field, "amount");
});

// The simulator and the page of rules give the reasons that the checkout gives.
for_each_engine!(what_cannot_take_a_payment_is_passed_over_everywhere, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    let (paused, plain, bank) =
        (t.connection(&m, "fake").await, t.connection(&m, "sandbox").await, t.connection(&m, "bank_transfer").await);
    connections::pause(&t.svc, &m.actor, &paused).await.unwrap();
    let now = t.now().0;
    t.sql(&format!(
        "update connections set maintenance_from = {now}, maintenance_until = {} where id = '{bank}'",
        now + 1_000
    ))
    .await;
    let view = routing::view(&t.svc, &m.actor).await.unwrap();
    let closed: Vec<_> = view.connections.iter().map(|connection| connection.closed).collect();
    assert_eq!(closed, [Some(Skip::Paused), None, Some(Skip::Maintenance)]);
    let payment = SimulationForm { currency: "EUR".to_owned(), amount: "1".to_owned(), ..SimulationForm::default() };
    let simulated = async |m: &TestMerchant, payment: SimulationForm| {
        routing::simulate(&t.svc, &m.actor, &RoutingForm::default(), &payment).await.unwrap().decision
    };
    let decision = simulated(&m, payment.clone()).await;
    assert_eq!(decision.order, std::slice::from_ref(&plain));
    let s = t.session(&m, 100, "EUR").await;
    t.pay(&s, GOOD).await;
    assert_eq!(sent(&t, &m, &s).await[0].1.skipped, decision.skipped);
    // Held and captured later, which a gateway may not be able to do; and the sandbox in live mode.
    t.later(1_000).await;
    let later = simulated(&m, SimulationForm { capture_later: true, ..payment.clone() }).await;
    assert!(later.skipped.iter().any(|skipped| skipped.connection == bank && skipped.why == Skip::CaptureLater));
    let live = m.in_mode(Mode::Live);
    let there = t.connection(&live, "sandbox").await;
    let decision = simulated(&live, payment).await;
    assert_eq!(decision.skipped.iter().map(|s| (&s.connection, s.why)).collect::<Vec<_>>(), [(&there, Skip::Mode)]);
});

for_each_engine!(last_month_is_routed_again, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    let (a, b) = (t.connection(&m, "fake").await, t.connection(&m, "fake").await);
    for minor in [1_000, 2_000, 30_000] {
        let s = t.session(&m, minor, "EUR").await;
        t.pay(&s, GOOD).await;
    }
    t.gateway.script([Script::Reply(ChargeState::Declined(DeclineCode::StolenCard))]);
    let s = t.session(&m, 4_000, "EUR").await;
    t.pay(&s, GOOD).await;
    let block = RuleForm {
        action: "block".to_owned(),
        ..rule("Huge", vec![condition(ConditionField::AmountAtLeast, "EUR", "300")], &[])
    };
    let draft = RoutingForm {
        version: 0,
        note: String::new(),
        rules: vec![block, rule("Some", vec![condition(ConditionField::AmountAtLeast, "EUR", "20")], &[&b])],
    };
    let replay = routing::replay(&t.svc, &m.actor, &draft).await.unwrap();
    assert_eq!((replay.payments, replay.blocked, replay.moved, replay.unroutable, replay.more), (4, 1, 2, 0, false));
    let line = |id: &ConnectionId| replay.lines.iter().find(|line| line.connection == *id).cloned().unwrap();
    let (old, new) = (line(&a), line(&b));
    assert_eq!((old.was, old.would_be, old.volume.minor, old.approval), (4, 1, 1_000, Some(7_500)));
    assert_eq!((new.was, new.would_be, new.volume.minor, new.approval, new.fees), (0, 2, 6_000, None, None));
    // One minor unit of each of three payments, 33,000 together: of 750 approved it rounds to nothing.
    assert_eq!(old.fees.unwrap().minor, 0);
    connections::pause(&t.svc, &m.actor, &b).await.unwrap();
    assert_eq!(routing::replay(&t.svc, &m.actor, &draft).await.unwrap().unroutable, 2);
});
