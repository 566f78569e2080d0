//! Paying: one charge whatever happens, and the truth about it.

use domain::{
    AttemptId, ConnectionId, Mode, PaymentId,
    decline::DeclineCode,
    problem::{codes, money},
    states::PaymentStatus,
    time::{DAY, HOUR, MINUTE},
    views::checkout::CheckoutStage,
};
use futures::future::join_all;
use services::{ServiceError, Settings, checkout};
use store::{
    Batch, StoreError,
    attempts::{self, NewAttempt},
    payments,
};
use test_support::{
    TestDb, TestServices, TestSession,
    builders::assert_status,
    for_each_engine,
    gateway::{Script, declined},
};

const GOOD: &str = "4242424242424242";

fn is_paid(stage: &CheckoutStage) -> bool {
    matches!(stage, CheckoutStage::Paid { .. })
}

async fn charges_in_book(t: &TestServices) -> i64 {
    t.number("select cast(count(*) as bigint) from sandbox_charges where captured > 0").await
}

for_each_engine!(a_good_card_pays_and_everything_is_written_once, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    t.connection(&m, "sandbox").await;
    let s = t.session(&m, 10_000, "EUR").await;
    let stage = t.pay(&s, GOOD).await;
    assert!(is_paid(&stage), "{stage:?}");
    let p = t.payment_of(&s).await;
    assert_status(&p, PaymentStatus::Succeeded);
    assert_eq!((p.captured, p.fee, p.attempts), (10_000, 320, 1));
    assert_eq!(p.customer_email.as_deref(), Some("customer@example.com"));
    let mut tx = t.db().read().await.unwrap();
    let entries = store::ledger::of_payment(&mut tx, m.scope(), &p.id).await.unwrap();
    let lines: Vec<(&str, i64)> = entries.iter().map(|e| (e.account.as_str(), e.amount)).collect();
    assert_eq!(lines, [("gateway_receivable", 9_680), ("fees", 320), ("sales", -10_000)]);
    drop(tx);
    assert_eq!(t.texts("select kind from events").await, ["payment.succeeded"]);
    assert_eq!(t.texts("select template from mails").await.len(), 1);
    t.assert_sound().await;
    // Nothing of the card but brand, last four, expiry and country is anywhere in the payment's rows.
    let stored = everything_stored(&t, &db).await;
    assert!(stored.contains("customer@example.com") && !stored.contains(GOOD));
    // A second look changes nothing.
    t.later(DAY).await;
    assert!(is_paid(&t.pay(&s, GOOD).await));
    assert_eq!(charges_in_book(&t).await, 1);
    t.assert_sound().await;
});

for_each_engine!(each_decline_says_why_and_leaves_the_session_open, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    t.connection(&m, "sandbox").await;
    let s = t.session(&m, 2_000, "EUR").await;
    for (number, code) in [
        ("4000000000000002", DeclineCode::GenericDecline),
        ("4000000000009995", DeclineCode::InsufficientFunds),
        ("4000000000009987", DeclineCode::LostCard),
        ("4000000000000119", DeclineCode::ProcessingError),
        ("4000009900000046", DeclineCode::GatewayUnavailable),
    ] {
        let stage = t.pay(&s, number).await;
        assert_eq!(stage, CheckoutStage::Pay { last_decline: Some(code.as_str().to_owned()), switched: false });
        let p = t.payment_of(&s).await;
        assert_status(&p, PaymentStatus::RequiresPaymentMethod);
        assert_eq!(p.decline_code.as_deref(), Some(code.as_str()));
    }
    assert!(is_paid(&t.pay(&s, GOOD).await));
    assert_eq!(t.payment_of(&s).await.attempts, 6);
    assert_eq!(t.texts("select kind from events where kind = 'payment.failed'").await.len(), 5);
    t.run_due().await;
    t.assert_sound().await;
});

for_each_engine!(one_form_posted_twenty_times_charges_once, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    t.connection(&m, "sandbox").await;
    for _ in 0..5 {
        let s = t.session(&m, 700, "EUR").await;
        let form = t.pay_form(GOOD);
        let before = charges_in_book(&t).await;
        let stages = join_all((0..20).map(|_| t.try_pay(&s, form.clone()))).await;
        assert!(stages.iter().any(|stage| is_paid(stage.as_ref().unwrap())), "{stages:?}");
        assert!(stages.iter().all(|stage| !matches!(stage, Ok(CheckoutStage::Pay { .. }))), "{stages:?}");
        assert!(is_paid(&t.try_pay(&s, form).await.unwrap()));
        assert_eq!(charges_in_book(&t).await, before + 1);
        assert_eq!(t.payment_of(&s).await.attempts, 1);
    }
    t.assert_sound().await;
});

for_each_engine!(two_tabs_charge_once, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    t.connection(&m, "fake").await;
    for _ in 0..5 {
        let s = t.session(&m, 700, "EUR").await;
        let before = t.gateway.calls();
        let forms: Vec<_> = (0..8).map(|_| t.pay_form(GOOD)).collect();
        join_all(forms.into_iter().map(|form| t.try_pay(&s, form)))
            .await
            .into_iter()
            .for_each(|stage| drop(stage.unwrap()));
        assert_eq!(t.gateway.calls(), before + 1);
        assert_status(&t.payment_of(&s).await, PaymentStatus::Succeeded);
    }
    t.assert_sound().await;
});

for_each_engine!(a_replayed_form_hears_its_own_decline, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    t.connection(&m, "sandbox").await;
    let s = t.session(&m, 700, "EUR").await;
    let form = t.pay_form("4000000000009987");
    let first = t.try_pay(&s, form.clone()).await.unwrap();
    assert_eq!(t.try_pay(&s, form).await.unwrap(), first);
    assert_eq!(t.payment_of(&s).await.attempts, 1);
});

for_each_engine!(what_changed_between_the_page_and_its_post_stops_the_charge, |db| async {
    let t = TestServices::with(&db, Settings { sandbox_live: true, ..TestServices::settings() });
    let m = t.merchant().await.in_mode(Mode::Live);
    let c = t.connection(&m, "fake").await;
    let owner = m.scope().merchant.clone();
    let s = t.session(&m, 700, "EUR").await;

    t.sql(&format!("update merchants set status = 'suspended' where id = '{owner}'")).await;
    assert_eq!(t.pay(&s, GOOD).await, CheckoutStage::Unavailable);
    t.sql(&format!("update merchants set status = 'active' where id = '{owner}'")).await;
    t.sql(&format!("update connections set status = 'paused' where id = '{c}'")).await;
    assert_eq!(t.pay(&s, GOOD).await, CheckoutStage::Unavailable);
    t.sql(&format!("update connections set status = 'active' where id = '{c}'")).await;
    t.sql(&format!("update checkout_sessions set status = 'canceled' where id = '{}'", s.id)).await;
    assert_eq!(t.pay(&s, GOOD).await, CheckoutStage::Canceled);
    t.sql(&format!("update checkout_sessions set status = 'open' where id = '{}'", s.id)).await;
    t.clock.advance(DAY);
    assert_eq!(t.pay(&s, GOOD).await, CheckoutStage::Expired);
    assert_eq!(t.gateway.calls(), 0);
    assert_eq!(t.number("select cast(count(*) as bigint) from payments").await, 0);
});

for_each_engine!(the_insert_decides_and_not_the_reading_before_it, |db| async {
    // The same predicates, asked of the insert itself: nothing has read anything before.
    let t = TestServices::new(&db);
    let m = t.merchant().await.in_mode(Mode::Live);
    let c = t.connection(&m, "fake").await;
    let owner = m.scope().merchant.clone();
    // A session that nobody has tried to pay, and one whose payment has had a declined attempt.
    let (fresh, tried) = (t.session(&m, 700, "EUR").await, t.session(&m, 700, "EUR").await);
    t.gateway.script([declined(DeclineCode::InsufficientFunds)]);
    t.pay(&tried, GOOD).await;
    let sessions = format!("where id in ('{}', '{}')", fresh.id, tried.id);
    for (damage, repair) in [
        (
            format!("update merchants set status = 'suspended' where id = '{owner}'"),
            format!("update merchants set status = 'active' where id = '{owner}'"),
        ),
        (
            format!("update merchants set status = 'onboarding' where id = '{owner}'"),
            format!("update merchants set status = 'active' where id = '{owner}'"),
        ),
        (
            format!("update connections set status = 'archived' where id = '{c}'"),
            format!("update connections set status = 'active' where id = '{c}'"),
        ),
        (
            format!("update checkout_sessions set status = 'expired' {sessions}"),
            format!("update checkout_sessions set status = 'open' {sessions}"),
        ),
        (
            format!("update checkout_sessions set expires_at = {} {sessions}", t.now().0),
            format!("update checkout_sessions set expires_at = {} {sessions}", t.now().0 + 1),
        ),
    ] {
        t.sql(&damage).await;
        assert!(!inserts_first(&t, &fresh, &c).await, "{damage}");
        assert!(!inserts_another(&t, &tried, &c).await, "{damage}");
        t.sql(&repair).await;
    }
    assert_eq!(t.number("select cast(count(*) as bigint) from payments").await, 1, "a payment without its attempt");
    assert!(inserts_first(&t, &fresh, &c).await);
    assert!(!inserts_first(&t, &fresh, &c).await, "a second payment");
    assert!(!inserts_another(&t, &fresh, &c).await, "a second live attempt");
    assert!(inserts_another(&t, &tried, &c).await);
    assert!(!inserts_another(&t, &tried, &c).await, "a second live attempt");
});

/// Makes an attempt together with its payment.
async fn inserts_first(t: &TestServices, s: &TestSession, connection: &ConnectionId) -> bool {
    let (payment, attempt): (PaymentId, AttemptId) = (t.new_id(), t.new_id());
    let (token, key, at) = (t.new_token(), t.new_token(), t.now());
    let (method, form_key, form_hash) = ("card", key.as_str(), "");
    let new = NewAttempt {
        id: &attempt,
        session: &s.id,
        connection,
        method,
        card: None,
        form_key,
        form_hash,
        routing: None,
        payment_method: None,
        keeps: false,
        initiator: "customer",
        at,
    };
    let input = (&s.scope, &payment, &token, &new);
    let done = t.db().write(&input, |tx, &(scope, payment, token, new)| {
        let mut batch = Batch::new();
        payments::insert(&mut batch, scope, payment, new.session, None, token, new.at);
        attempts::insert_first(&mut batch, scope, payment, new);
        Box::pin(async move {
            match batch.run(tx).await? {
                None => Ok(true),
                // For the unit to be rolled back, as the service does.
                Some(_) => Err(StoreError::Aborted),
            }
        })
    });
    match done.await {
        Ok(made) => made,
        Err(StoreError::Aborted | StoreError::Conflict { .. }) => false,
        Err(error) => panic!("{error}"),
    }
}

/// Makes another attempt of a payment that is there.
async fn inserts_another(t: &TestServices, s: &TestSession, connection: &ConnectionId) -> bool {
    let attempt: AttemptId = t.new_id();
    let (key, at) = (t.new_token(), t.now());
    let (method, form_key, form_hash) = ("card", key.as_str(), "");
    let new = NewAttempt {
        id: &attempt,
        session: &s.id,
        connection,
        method,
        card: None,
        form_key,
        form_hash,
        routing: None,
        payment_method: None,
        keeps: false,
        initiator: "customer",
        at,
    };
    let input = (&s.scope, &new);
    let done = t.db().write(&input, |tx, &(scope, new)| Box::pin(attempts::insert(tx, scope, new)));
    done.await.unwrap().is_some()
}

/// All that the database holds, as text.
async fn everything_stored(t: &TestServices, db: &TestDb) -> String {
    let Some(file) = db.path() else {
        let mut all = String::new();
        for table in t.texts("select tablename::text from pg_tables where schemaname = 'public'").await {
            all.extend(t.texts(&format!("select t::text from {table} t")).await);
        }
        return all;
    };
    let log = file.with_extension("db-wal");
    let bytes = [std::fs::read(file).unwrap(), std::fs::read(log).unwrap_or_default()].concat();
    String::from_utf8_lossy(&bytes).into_owned()
}

for_each_engine!(the_sandbox_takes_no_live_payment_unless_the_operator_says_so, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await.in_mode(Mode::Live);
    t.connection(&m, "sandbox").await;
    let s = t.session(&m, 700, "EUR").await;
    assert_eq!(t.pay(&s, GOOD).await, CheckoutStage::Unavailable);
});

for_each_engine!(a_challenge_is_settled_by_asking_the_gateway, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    t.connection(&m, "sandbox").await;
    for (number, pass, paid) in
        [("4000002760003184", true, true), ("4000002760003184", false, false), ("4000008260003178", true, false)]
    {
        let s = t.session(&m, 700, "EUR").await;
        let CheckoutStage::Action { url, .. } = t.pay(&s, number).await else { panic!("a challenge") };
        // Coming back without an answer changes nothing.
        assert!(matches!(checkout::returned(&t, &s.token).await.unwrap(), CheckoutStage::Action { .. }));
        // Neither does paying again meanwhile.
        assert!(matches!(t.pay(&s, GOOD).await, CheckoutStage::Action { .. }));
        let token = url.strip_prefix("/challenge/").unwrap();
        assert_eq!(checkout::answer_challenge(&t, token, pass).await.unwrap(), s.token);
        let stage = checkout::returned(&t, &s.token).await.unwrap();
        assert_eq!(is_paid(&stage), paid, "{stage:?}");
        if !paid {
            assert!(is_paid(&t.pay(&s, GOOD).await));
        }
        assert!(is_paid(&checkout::returned(&t, &s.token).await.unwrap()));
        t.assert_sound().await;
    }
});

for_each_engine!(an_abandoned_challenge_frees_the_session, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    t.connection(&m, "sandbox").await;
    let s = t.session(&m, 700, "EUR").await;
    assert!(matches!(t.pay(&s, "4000002760003184").await, CheckoutStage::Action { .. }));
    t.later(30 * MINUTE).await;
    assert_status(&t.payment_of(&s).await, PaymentStatus::RequiresAction);
    for _ in 0..10 {
        t.later(HOUR).await;
    }
    assert_status(&t.payment_of(&s).await, PaymentStatus::RequiresPaymentMethod);
    assert!(is_paid(&t.pay(&s, GOOD).await));
    t.assert_sound().await;
});

for_each_engine!(a_technical_no_is_turned_round_once_by_another_connection, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    let (first, second) = (t.connection(&m, "fake").await, t.connection(&m, "fake").await);
    t.gateway.script([Script::NotSent]);
    let s = t.session(&m, 700, "EUR").await;
    assert!(is_paid(&t.pay(&s, GOOD).await));
    assert_eq!(
        t.texts("select connection_id from attempts order by seq").await,
        [first.to_string(), second.to_string()]
    );
    assert_eq!(t.gateway.calls(), 2);
    // A no that is the card's own fault goes nowhere else, and a doubtful answer least of all.
    for (script, status) in [
        (declined(DeclineCode::StolenCard), PaymentStatus::RequiresPaymentMethod),
        (declined(DeclineCode::InsufficientFunds), PaymentStatus::RequiresPaymentMethod),
        (Script::Lose, PaymentStatus::Unknown),
    ] {
        let calls = t.gateway.calls();
        t.gateway.script([script]);
        let s = t.session(&m, 700, "EUR").await;
        t.pay(&s, GOOD).await;
        assert_eq!(t.gateway.calls(), calls + 1);
        assert_status(&t.payment_of(&s).await, status);
    }
    t.assert_sound().await;
});

for_each_engine!(what_is_typed_wrong_is_named_and_nothing_is_stored, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    t.connection(&m, "sandbox").await;
    let s = t.session(&m, 700, "EUR").await;
    let mut form = t.pay_form("4111111111111111");
    form.email = "nobody".to_owned();
    form.form_key = "x".to_owned();
    let Err(ServiceError::Problem(problem)) = t.try_pay(&s, form).await else { panic!("a problem") };
    let fields: Vec<(&str, &str)> = problem.fields.iter().map(|f| (f.field.as_str(), f.code.as_str())).collect();
    assert_eq!(
        fields,
        [("email", codes::BAD_EMAIL), ("card_number", money::SANDBOX_TEST_CARDS_ONLY), ("form_key", codes::REQUIRED)]
    );
    assert!(matches!(
        t.try_pay(&TestSession { token: "nonsense".to_owned(), ..s }, t.pay_form(GOOD)).await,
        Err(ServiceError::Problem(problem)) if problem.code == codes::NOT_FOUND
    ));
    assert_eq!(t.number("select cast(count(*) as bigint) from payments").await, 0);
});
