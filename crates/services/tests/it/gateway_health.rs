//! How connections fare: counted where calls are made, written down together, read by windows; and windows of maintenance.

use domain::{
    ConnectionId, Currency, MerchantRole, Mode, Timestamp,
    decline::DeclineCode,
    problem::{codes, money},
    time::{DAY, HOUR, MINUTE, SECOND},
    views::{
        checkout::CheckoutStage,
        health::{HealthView, HealthWindow, MaintenanceForm, Took},
    },
};
use services::{breaker::Policy, connections, dashboard, health};
use std::time::Duration;
use test_support::{
    TestDb, TestMerchant, TestServices, for_each_engine,
    gateway::{Script, declined},
};

use super::gateway_connections::told;

const GOOD: &str = "4242424242424242";

async fn pay(t: &TestServices, m: &TestMerchant, scripts: impl IntoIterator<Item = Script>) {
    for script in scripts {
        t.gateway.script([script]);
        let s = t.session(m, 700, "EUR").await;
        t.pay(&s, GOOD).await;
    }
}

async fn view(t: &TestServices, m: &TestMerchant, id: &ConnectionId) -> HealthView {
    health::flush(t).await.unwrap();
    health::view(t, &m.actor, id).await.unwrap()
}

fn ends(window: &HealthWindow) -> [i64; 6] {
    let w = window;
    [w.calls, w.answered, w.technical, w.configuration, w.not_sent, w.no_answer]
}

async fn alerts(t: &TestServices, m: &TestMerchant) -> Vec<(String, String)> {
    let home = dashboard::view(t, &m.actor).await.unwrap().attention;
    home.into_iter().filter(|a| a.kind.starts_with("gateway_")).map(|a| (a.kind, a.path)).collect()
}

for_each_engine!(calls_are_counted_by_their_ends_and_by_windows, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    let id = t.connection(&m, "fake").await;
    let other = t.connection(&m, "fake").await;
    assert_eq!(health::flush(&t).await.unwrap(), 0, "an idle server writes nothing");
    let none = view(&t, &m, &id).await;
    assert_eq!(none.windows.iter().map(|w| w.minutes).collect::<Vec<_>>(), [5, 60, 1440]);
    assert!(none.windows.iter().all(|w| w.success_permille.is_none() && w.p50.is_none() && w.p95.is_none()));
    pay(&t, &m, [Script::Succeed, declined(DeclineCode::InsufficientFunds), Script::Lose]).await;
    let paid = t.paid(&m, 900, "EUR").await;
    t.refund(&m, &paid, 100, Currency::EUR).await.unwrap();
    // Each of these is turned round to the other connection, which takes it.
    pay(&t, &m, [declined(DeclineCode::ProcessingError), declined(DeclineCode::GatewayMisconfigured), Script::NotSent])
        .await;
    let now = view(&t, &m, &id).await;
    for window in &now.windows {
        assert_eq!(ends(window), [8, 4, 1, 1, 1, 1]);
        assert_eq!(window.success_permille, Some(500));
        assert!(matches!((window.p50, window.p95), (Some(Took::Within(_)), Some(_))));
    }
    assert_eq!(ends(&view(&t, &m, &other).await.windows[0]), [3, 3, 0, 0, 0, 0]);
    // A second server adds to the same minute.
    for end in [health::End::Answered, health::End::NoAnswer] {
        t.health().record(m.scope(), id.as_str(), t.now(), end, Duration::from_secs(40));
    }
    let more = view(&t, &m, &id).await;
    assert_eq!(ends(&more.windows[0]), [10, 5, 1, 1, 1, 2]);
    assert_eq!(more.windows[0].p95, Some(Took::Beyond(10_000)));
    // Questions of the reconciler are no calls of customers.
    t.later(4 * MINUTE).await;
    assert_eq!(view(&t, &m, &id).await.windows[0].calls, 10);
    t.clock.advance(MINUTE);
    let later = view(&t, &m, &id).await;
    assert_eq!(later.windows.iter().map(|w| w.calls).collect::<Vec<_>>(), [0, 10, 10]);
    t.clock.advance(HOUR);
    assert_eq!(view(&t, &m, &id).await.windows.iter().map(|w| w.calls).collect::<Vec<_>>(), [0, 0, 10]);
    t.clock.advance(DAY);
    assert_eq!(view(&t, &m, &id).await.windows[2].calls, 0);
    assert_eq!(health::delete_old(&t).await.unwrap(), 2);
    assert_eq!(t.number("select cast(count(*) as bigint) from gateway_minutes").await, 0);
});

for_each_engine!(steps_of_length_give_estimates, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    let id = t.connection(&m, "fake").await;
    for (count, millis) in [(60, 50), (30, 51), (6, 900), (4, 10_001)] {
        for _ in 0..count {
            let took = Duration::from_millis(millis);
            t.health().record(m.scope(), id.as_str(), t.now(), health::End::Answered, took);
        }
        // Of another minute each.
        t.clock.advance(MINUTE);
    }
    let hour = view(&t, &m, &id).await.windows.remove(1);
    assert_eq!((hour.calls, hour.p50, hour.p95), (100, Some(Took::Within(50)), Some(Took::Within(1_200))));
});

for_each_engine!(what_could_not_be_written_is_written_later, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    let id = t.connection(&m, "fake").await;
    pay(&t, &m, [Script::Succeed]).await;
    t.sql("alter table gateway_minutes rename to elsewhere").await;
    assert!(health::flush(&t).await.is_err());
    t.sql("alter table elsewhere rename to gateway_minutes").await;
    pay(&t, &m, [Script::Succeed]).await;
    assert_eq!(view(&t, &m, &id).await.windows[0].calls, 2);
});

for_each_engine!(the_home_page_tells_of_a_gateway_that_mostly_fails, |db| async {
    let t = TestServices::new(&db);
    let (m, other) = (t.merchant().await, t.merchant().await);
    let id = t.connection(&m, "fake").await;
    t.connection(&other, "fake").await;
    pay(&t, &m, (0..4).map(|_| Script::Succeed)).await;
    pay(&t, &m, (0..5).map(|_| Script::Lose)).await;
    health::flush(&t).await.unwrap();
    assert!(alerts(&t, &m).await.is_empty(), "nine calls are too few to judge by");
    pay(&t, &m, [Script::Succeed]).await;
    health::flush(&t).await.unwrap();
    assert!(alerts(&t, &m).await.is_empty(), "half of them is not less than half");
    pay(&t, &m, [Script::Lose]).await;
    health::flush(&t).await.unwrap();
    assert_eq!(alerts(&t, &m).await, [("gateway_failing".to_owned(), format!("gateways/{id}/health"))]);
    assert!(alerts(&t, &m.in_mode(Mode::Live)).await.is_empty() && alerts(&t, &other).await.is_empty());
    t.clock.advance(5 * MINUTE);
    assert!(alerts(&t, &m).await.is_empty(), "it is over");
});

fn breaking(db: &TestDb) -> TestServices {
    let t = TestServices::new(db);
    t.breakers().set_policy(Policy { failures: 10, ..Policy::default() });
    t
}

for_each_engine!(an_open_breaker_is_told_of_once_and_shown, |db| async {
    let t = breaking(&db);
    let m = t.merchant().await;
    let id = t.connection(&m, "fake").await;
    pay(&t, &m, (0..10).map(|_| Script::Lose)).await;
    let seen = view(&t, &m, &id).await;
    let paused = seen.paused.unwrap();
    assert_eq!((paused.since, paused.why.as_str()), (t.now(), "no_answer"));
    assert_eq!(paused.until, t.now().plus(15 * SECOND));
    assert_eq!(alerts(&t, &m).await, [("gateway_paused".to_owned(), format!("gateways/{id}/health"))]);
});

for_each_engine!(a_window_of_maintenance_is_set_shown_and_taken_away, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    let (id, other) = (t.connection(&m, "fake").await, t.connection(&m, "fake").await);
    let owner = &m.scope().merchant;
    t.sql(&format!("update merchants set timezone = 'Asia/Tehran' where id = '{owner}'")).await;
    // It is half past one in the afternoon in Tehran.
    let set = async |from: &str, until: &str| {
        let form = MaintenanceForm { from: from.to_owned(), until: until.to_owned() };
        connections::maintain(&t, &m.actor, &id, &form).await
    };
    let refuse = async |from: &str, until: &str| told(set(from, until).await.unwrap_err());
    assert_eq!(refuse("", "").await, ["from=required", "until=required"]);
    assert_eq!(refuse("soon", "2026-01-05").await, ["from=bad_moment", "until=bad_moment"]);
    assert_eq!(refuse("2026-01-05T12:00", "2026-01-05T13:30").await, [format!("until={}", money::END_IN_THE_PAST)]);
    assert_eq!(refuse("2026-01-06T12:00", "2026-01-06T12:00").await, [format!("until={}", money::END_BEFORE_START)]);
    assert_eq!(refuse("2026-01-06T12:00", "2026-02-05T12:01").await, [format!("until={}", money::WINDOW_TOO_LONG)]);
    assert!(view(&t, &m, &id).await.maintenance.is_none());
    set("2026-01-05T14:00", "2026-01-05 15:00").await.unwrap();
    let window = Some((t.now().plus(30 * MINUTE), t.now().plus(90 * MINUTE)));
    let seen = view(&t, &m, &id).await;
    assert_eq!((seen.maintenance, seen.timezone.as_str(), seen.may_manage), (window, "Asia/Tehran", true));
    let card = async || connections::view(&t, &m.actor).await.unwrap().connections.remove(0).maintenance;
    assert_eq!(card().await, window);
    let goes_to = async || {
        let s = t.session(&m, 100, "EUR").await;
        assert!(matches!(t.pay(&s, GOOD).await, CheckoutStage::Paid { .. }));
        t.texts(&format!("select connection_id from attempts where payment_id = '{}'", t.payment_of(&s).await.id)).await
    };
    assert_eq!(goes_to().await, [id.as_str()]);
    t.clock.advance(30 * MINUTE);
    assert_eq!(goes_to().await, [other.as_str()]);
    t.clock.advance(HOUR);
    assert_eq!((goes_to().await, card().await), (vec![id.to_string()], None), "it is over by itself");
    connections::maintain_now(&t, &m.actor, &id).await.unwrap();
    assert_eq!(card().await, Some((t.now(), t.now().plus(HOUR))));
    assert_eq!(goes_to().await, [other.as_str()]);
    connections::end_maintenance(&t, &m.actor, &id).await.unwrap();
    assert_eq!((goes_to().await, card().await), (vec![id.to_string()], None));
    let audited = t.texts("select detail from audit_details").await.concat();
    assert_eq!(t.texts("select object_id from audit_entries where action = 'gateway.maintenance'").await.len(), 3);
    assert!(audited.contains(&Timestamp(t.now().0).rfc3339()) && audited.contains("2026-01-05T10:30:00Z"));
});

for_each_engine!(only_who_manages_gateways_sets_a_window_and_never_elsewhere, |db| async {
    let t = TestServices::new(&db);
    let (m, stranger) = (t.merchant().await, t.merchant().await);
    let id = t.connection(&m, "fake").await;
    for role in [MerchantRole::Viewer, MerchantRole::Support] {
        let actor = m.as_role(role).actor;
        assert_eq!(told(connections::maintain_now(&t, &actor, &id).await.unwrap_err()), [codes::FORBIDDEN]);
    }
    let support = m.as_role(MerchantRole::Support).actor;
    assert_eq!(told(health::view(&t, &support, &id).await.unwrap_err()), [codes::FORBIDDEN]);
    assert!(!health::view(&t, &m.as_role(MerchantRole::Viewer).actor, &id).await.unwrap().may_manage);
    for actor in [&stranger.actor, &m.in_mode(Mode::Live).actor] {
        assert_eq!(told(health::view(&t, actor, &id).await.unwrap_err()), [codes::NOT_FOUND]);
        assert_eq!(told(connections::maintain_now(&t, actor, &id).await.unwrap_err()), [codes::NOT_FOUND]);
        assert_eq!(told(connections::end_maintenance(&t, actor, &id).await.unwrap_err()), [codes::NOT_FOUND]);
    }
    connections::archive(&t, &m.actor, &id).await.unwrap();
    assert_eq!(told(connections::maintain_now(&t, &m.actor, &id).await.unwrap_err()), [money::CONNECTION_STATE]);
});
