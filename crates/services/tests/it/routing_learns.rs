//! Rules that choose by success rate: what they count, whom they ask, how they look elsewhere, and what the payment says of it.

use domain::{
    ConnectionId, Mode,
    decline::DeclineCode,
    routing::{ConditionForm, MIN_SAMPLE, Reason, RoutingForm, RuleForm, Segment, Skip, TargetForm},
    time::{DAY, MINUTE},
    views::routing::SimulationForm,
};
use gateways::ChargeState;
use services::{checkout, connections, payments, routing};
use test_support::{
    TestServices,
    builders::{TestMerchant, TestSession},
    for_each_engine,
    gateway::Script,
};

const GOOD: &str = "4242424242424242";

fn rule(action: &str, to: &[&ConnectionId], explore: &str) -> RuleForm {
    let target = |id: &&ConnectionId| TargetForm { connection: id.to_string(), percent: String::new() };
    RuleForm {
        name: "Rates".to_owned(),
        when: Vec::<ConditionForm>::new(),
        action: action.to_owned(),
        targets: to.iter().map(target).collect(),
        explore: explore.to_owned(),
        ..RuleForm::default()
    }
}

/// Saves a rule over whatever holds.
async fn set(t: &TestServices, m: &TestMerchant, rule: RuleForm) {
    let version = routing::view(&t.svc, &m.actor).await.unwrap().form.version;
    let form = RoutingForm { version, note: String::new(), rules: vec![rule] };
    routing::save(&t.svc, &m.actor, &form).await.unwrap();
}

/// Pays once; where it was sent first, and why.
async fn pay(t: &TestServices, m: &TestMerchant) -> (ConnectionId, Reason) {
    let s = t.session(m, 100, "EUR").await;
    t.pay(&s, GOOD).await;
    first(t, m, &s).await
}

async fn first(t: &TestServices, m: &TestMerchant, s: &TestSession) -> (ConnectionId, Reason) {
    let id = t.payment_of(s).await.id.parse().unwrap();
    let detail = payments::detail(&t.svc, &m.actor, &id).await.unwrap();
    let attempt = detail.attempts.into_iter().next().unwrap();
    (attempt.connection_id, attempt.routing.unwrap())
}

/// Sends so many payments to a connection, which all end alike.
async fn had(t: &TestServices, m: &TestMerchant, to: &ConnectionId, count: u32, end: Option<DeclineCode>) {
    set(t, m, rule("priority", &[to], "")).await;
    t.gateway.set_habit(to.as_str(), end.map(|code| Script::Reply(ChargeState::Declined(code))));
    for _ in 0..count {
        assert_eq!(pay(t, m).await.0, *to);
    }
    t.gateway.set_habit(to.as_str(), None);
}

async fn simulated(t: &TestServices, m: &TestMerchant, rule: RuleForm) -> domain::routing::Decision {
    let rules = RoutingForm { version: 0, note: String::new(), rules: vec![rule] };
    let payment = SimulationForm { currency: "EUR".to_owned(), amount: "1.00".to_owned(), ..SimulationForm::default() };
    routing::simulate(&t.svc, &m.actor, &rules, &payment).await.unwrap().decision
}

for_each_engine!(who_was_good_lately_is_asked_first_and_the_payment_says_why, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    let (a, b) = (t.connection(&m, "fake").await, t.connection(&m, "fake").await);
    had(&t, &m, &a, MIN_SAMPLE, Some(DeclineCode::DoNotHonor)).await;
    had(&t, &m, &b, MIN_SAMPLE, None).await;
    // What no gateway could have turned round is held against nobody.
    had(&t, &m, &b, 5, Some(DeclineCode::StolenCard)).await;

    let learn = rule("learn", &[&a, &b], "0");
    set(&t, &m, learn.clone()).await;
    let (to, reason) = pay(&t, &m).await;
    let learned = reason.learned.unwrap();
    assert_eq!((&to, reason.rule.as_deref(), reason.split, learned.explored), (&b, Some("Rates"), false, None));
    let counts: Vec<_> =
        learned.scores.iter().map(|s| (&s.connection, s.outcomes.successes, s.outcomes.failures)).collect();
    assert_eq!(counts, [(&b, MIN_SAMPLE, 0), (&a, 0, MIN_SAMPLE)]);
    assert_ne!(learned.segment, Segment::All);

    // The simulator says the same, and the page shows the fields of whom is then asked.
    assert_eq!(simulated(&t, &m, learn.clone()).await.order, [b.clone(), a.clone()]);
    let s = t.session(&m, 100, "EUR").await;
    assert_eq!(checkout::view(&t.svc, &s.token).await.unwrap().methods[0].connection, b);
    // Of what can't take it nothing is compared.
    connections::pause(&t.svc, &m.actor, &b).await.unwrap();
    let decision = simulated(&t, &m, learn.clone()).await;
    assert_eq!((decision.order, decision.skipped[0].why), (vec![a.clone()], Skip::Paused));
    // Last month by this rule goes by the rates of now, and says so.
    let rules = RoutingForm { version: 0, note: String::new(), rules: vec![learn] };
    let replay = routing::replay(&t.svc, &m.actor, &rules).await.unwrap();
    assert!(replay.learns && replay.unroutable == 0);
    t.assert_sound().await;
});

for_each_engine!(a_reading_holds_for_a_minute_and_counts_a_week, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    let (a, b) = (t.connection(&m, "fake").await, t.connection(&m, "fake").await);
    had(&t, &m, &b, MIN_SAMPLE - 1, None).await;
    let learn = rule("learn", &[&a, &b], "0");
    set(&t, &m, learn.clone()).await;
    // Too little is known of both: the rule's own order.
    assert_eq!(pay(&t, &m).await.0, a);
    had(&t, &m, &b, 1, None).await;
    set(&t, &m, learn).await;
    assert_eq!(pay(&t, &m).await.0, a, "read a moment ago");
    t.later(MINUTE).await;
    let (to, reason) = pay(&t, &m).await;
    assert_eq!((to, reason.learned.unwrap().scores[0].outcomes.successes), (b, MIN_SAMPLE));
    t.later(8 * DAY).await;
    let (to, reason) = pay(&t, &m).await;
    assert_eq!(to, a);
    assert!(reason.learned.unwrap().scores.iter().all(|score| score.outcomes.count() == 0));
    t.assert_sound().await;
});

for_each_engine!(a_bounded_part_looks_elsewhere_and_one_checkout_stays_where_it_is, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    let (a, b) = (t.connection(&m, "fake").await, t.connection(&m, "fake").await);
    had(&t, &m, &a, MIN_SAMPLE, None).await;
    set(&t, &m, rule("learn", &[&a, &b], "20")).await;
    let mut explored = 0;
    for _ in 0..60 {
        let s = t.session(&m, 100, "EUR").await;
        let shown = checkout::view(&t.svc, &s.token).await.unwrap().methods[0].connection.clone();
        t.pay(&s, GOOD).await;
        let (to, reason) = first(&t, &m, &s).await;
        assert_eq!(to, shown);
        let looked = reason.learned.unwrap().explored;
        assert_eq!(looked, (to == b).then(|| b.clone()));
        explored += usize::from(looked.is_some());
    }
    assert!((1..30).contains(&explored), "{explored} of 60");
    t.assert_sound().await;
});

for_each_engine!(nobody_learns_from_others_or_from_the_other_mode, |db| async {
    let t = TestServices::new(&db);
    let (m, other) = (t.merchant().await, t.merchant().await);
    let theirs = t.connection(&other, "fake").await;
    had(&t, &other, &theirs, MIN_SAMPLE, None).await;
    let own = t.connection(&m, "fake").await;
    let learn = rule("learn", &[&own], "");
    let decision = simulated(&t, &m, learn).await;
    assert_eq!(decision.learned.unwrap().scores[0].outcomes.count(), 0);
    let live = other.in_mode(Mode::Live);
    let there = t.connection(&live, "fake").await;
    let decision = simulated(&t, &live, rule("learn", &[&there], "")).await;
    assert_eq!(decision.learned.unwrap().scores[0].outcomes.count(), 0);
});
