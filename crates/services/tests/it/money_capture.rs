//! Authorise first, capture later: once, all or part, or released; never doubled, never both, and told when in doubt.

use domain::{
    Cancellation, Currency, Locale, MerchantRole, Mode, Money, OperationId, PaymentId, authorization,
    problem::{codes, money},
    states::{OperationKind, PaymentStatus},
    time::{DAY, HOUR, MINUTE, SECOND},
    views::{
        checkout::{CheckoutStage, LinkForm},
        payment::{CaptureForm, PaymentFilter},
    },
};
use futures::future::join_all;
use gateways::ChargeState;
use services::{ServiceError, Settings, checkout, dashboard, links, payments};
use std::time::Duration;
use test_support::{
    TestMerchant, TestServices,
    builders::assert_status,
    for_each_engine,
    gateway::{ReleaseScript, Script, succeeded},
};

const EUR: Currency = Currency::EUR;
const GOOD: &str = "4242424242424242";

fn code(result: &Result<OperationId, ServiceError>) -> &str {
    match result {
        Ok(_) => "ok",
        Err(ServiceError::Problem(problem)) => &problem.code,
        Err(error) => panic!("{error}"),
    }
}

fn patient(gateway_timeout: Duration) -> Settings {
    Settings { gateway_timeout, ..TestServices::settings() }
}

/// State, authorised, captured.
async fn stands(t: &TestServices, m: &TestMerchant, p: &PaymentId) -> (String, i64, i64) {
    let row = t.payment(m, p).await;
    (row.status, row.authorized, row.captured)
}

fn is(status: PaymentStatus, authorized: i64, captured: i64) -> (String, i64, i64) {
    (status.as_str().to_owned(), authorized, captured)
}

async fn counted(t: &TestServices, of: &str) -> i64 {
    t.number(&format!("select cast(count(*) as bigint) from {of}")).await
}

async fn events(t: &TestServices, kind: &str) -> i64 {
    counted(t, &format!("events where kind = '{kind}'")).await
}

async fn mails(t: &TestServices, template: &str) -> i64 {
    counted(t, &format!("mails where template = '{template}'")).await
}

/// An operation is asked about once more.
async fn ask_again(t: &TestServices, kind: &str) {
    t.sql(&format!("update operations set next_check_at = 0 where kind = '{kind}'")).await;
    t.run_due().await;
}

for_each_engine!(paying_holds_and_capturing_takes_a_part_once, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    t.connection(&m, "sandbox").await;
    let s = t.manual_session(&m, 1_000, "EUR").await;
    let view = checkout::view(&t, &s.token).await.unwrap();
    assert_eq!(view.capture_method.as_str(), "manual");
    let CheckoutStage::Paid { receipt_token } = t.pay(&s, GOOD).await else { panic!("authorised") };
    let p: PaymentId = t.payment_of(&s).await.id.parse().unwrap();
    assert_eq!(stands(&t, &m, &p).await, is(PaymentStatus::RequiresCapture, 1_000, 0));
    assert_eq!(t.texts("select kind || ' ' || status from operations").await, ["authorize succeeded"]);
    assert_eq!(t.texts("select status from attempts").await, ["authorized"]);
    assert_eq!(t.texts("select status from checkout_sessions").await, ["complete"]);
    // No money moved: no journal, no volume, and a letter that says so.
    assert_eq!((counted(&t, "journals").await, counted(&t, "stat_deltas").await), (0, 0));
    assert_eq!((mails(&t, "authorized").await, mails(&t, "receipt").await), (1, 0));
    assert_eq!(events(&t, "payment.authorized").await, 1);
    let receipt = checkout::receipt(&t, &receipt_token).await.unwrap();
    assert_eq!((receipt.status, receipt.paid_at), (PaymentStatus::RequiresCapture, None));
    assert_eq!((receipt.authorized.minor, receipt.captured.minor), (1_000, 0));
    assert!(dashboard::view(&t, &m.actor).await.unwrap().blocks.iter().all(|block| block.volume.minor == 0));
    let refused = payments::refund(&t, &m.actor, &p, t.refund_form("1")).await;
    assert!(matches!(refused, Err(ServiceError::Problem(p)) if p.code == money::NOT_REFUNDABLE));
    t.assert_sound().await;

    t.clock.advance(DAY);
    t.capture(&m, &p, 600, EUR).await.unwrap();
    assert_eq!(stands(&t, &m, &p).await, is(PaymentStatus::Succeeded, 1_000, 600));
    assert_eq!(t.number("select fee from payments").await, 47);
    assert_eq!(t.texts("select kind from journals").await, ["payment"]);
    assert_eq!(t.number("select captured from sandbox_charges").await, 600);
    assert_eq!((mails(&t, "receipt").await, events(&t, "payment.succeeded").await), (1, 1));
    assert_eq!(t.texts("select action from audit_entries").await, ["payment.capture"]);
    for again in [t.capture(&m, &p, 400, EUR).await, t.capture(&m, &p, 600, EUR).await] {
        assert_eq!(code(&again), money::NOT_CAPTURABLE);
    }
    assert_eq!(code(&t.void(&m, &p).await), money::NOT_VOIDABLE);
    let page = payments::detail(&t, &m.actor, &p).await.unwrap();
    let held = page.authorization.unwrap();
    assert_eq!((held.authorized.minor, held.released.minor, page.captured.minor), (1_000, 400, 600));
    assert!(!held.may_capture && !held.may_void && page.may_refund && page.refundable.minor == 600);
    let told: Vec<&str> = page.timeline.iter().map(|item| item.kind.as_str()).collect();
    for kind in ["attempt.authorized", "capture.created", "attempt.succeeded", "authorization.rest"] {
        assert!(told.contains(&kind), "{kind}: {told:?}");
    }
    let volume = dashboard::view(&t, &m.actor).await.unwrap().blocks[0].volume;
    assert_eq!(volume.minor, 600);
    t.assert_sound().await;

    // Only what was captured goes back.
    let too_much = t.refund(&m, &p, 601, EUR).await;
    assert!(matches!(too_much, Err(ServiceError::Problem(p)) if p.code == money::REFUND_TOO_MUCH));
    t.refund(&m, &p, 600, EUR).await.unwrap();
    let filter = PaymentFilter { status: Some("refunded".to_owned()), ..PaymentFilter::default() };
    assert_eq!(payments::list(&t, &m.actor, filter).await.unwrap().items.len(), 1);
    t.run_due().await;
    t.assert_sound().await;
});

for_each_engine!(a_form_captures_once_and_says_what_is_wrong, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    t.connection(&m, "fake").await;
    let p = t.authorized(&m, 1_000, "EUR").await;
    let capture = async |form: CaptureForm| payments::capture(&t, &m.actor, &p, form).await;
    let fields = async |form: CaptureForm| match capture(form).await {
        Err(ServiceError::Problem(problem)) => {
            problem.fields.into_iter().map(|field| format!("{}={}", field.field, field.code)).collect::<Vec<_>>()
        }
        other => panic!("{other:?}"),
    };
    let form = || t.capture_form(1, EUR);
    assert_eq!(fields(CaptureForm { kind: String::new(), ..form() }).await, ["kind=required"]);
    assert_eq!(fields(CaptureForm { kind: "most".to_owned(), ..form() }).await, ["kind=bad_choice"]);
    for amount in ["", "0", "-1", "abc", "\u{202e}1", "1.005"] {
        assert_eq!(fields(CaptureForm { amount: amount.to_owned(), ..form() }).await.len(), 1, "{amount}");
    }
    assert_eq!(fields(t.capture_form(1_001, EUR)).await, ["amount=capture_too_much"]);
    assert_eq!(fields(CaptureForm { form_key: "x".to_owned(), ..form() }).await, ["form_key=required"]);
    let full = CaptureForm { kind: "full".to_owned(), authorized: 1_000, ..form() };
    assert_eq!(code(&capture(CaptureForm { authorized: 999, ..full.clone() }).await), codes::STALE);
    assert_eq!((counted(&t, "operations where kind = 'capture'").await, t.gateway.releases()), (0, 0));

    let made = join_all((0..20).map(|_| capture(full.clone()))).await;
    let first = made[0].as_ref().unwrap();
    assert!(made.iter().all(|one| one.as_ref().unwrap() == first));
    assert_eq!(t.gateway.releases(), 1);
    let other = CaptureForm { kind: "partial".to_owned(), amount: "5".to_owned(), ..full };
    assert_eq!(code(&capture(other).await), codes::IDEMPOTENCY_MISMATCH);
    assert_eq!(stands(&t, &m, &p).await, is(PaymentStatus::Succeeded, 1_000, 1_000));

    // A release under one key is one release.
    let q = t.authorized(&m, 500, "EUR").await;
    let key = t.new_token();
    let made = join_all((0..20).map(|_| payments::void(&t, &m.actor, &q, &key))).await;
    assert!(made.iter().all(|one| one.as_ref().unwrap() == made[0].as_ref().unwrap()));
    assert_eq!(t.gateway.releases(), 2);
    assert_eq!(code(&payments::void(&t, &m.actor, &q, "x").await), codes::FORM_INVALID);
    // A payment that was charged at once holds nothing.
    let sale = t.paid(&m, 100, "EUR").await;
    assert_eq!(code(&t.capture(&m, &sale, 10, EUR).await), money::NOT_CAPTURABLE);
    assert_eq!(code(&t.void(&m, &sale).await), money::NOT_VOIDABLE);
    t.assert_sound().await;
});

for_each_engine!(a_release_charges_nobody_and_ends_it, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    t.connection(&m, "sandbox").await;
    let s = t.manual_session(&m, 1_000, "EUR").await;
    let CheckoutStage::Paid { receipt_token } = t.pay(&s, GOOD).await else { panic!("authorised") };
    let p: PaymentId = t.payment_of(&s).await.id.parse().unwrap();
    t.void(&m, &p).await.unwrap();
    assert_eq!(stands(&t, &m, &p).await, is(PaymentStatus::Canceled, 1_000, 0));
    assert_eq!(t.texts("select status from sandbox_charges").await, ["voided"]);
    assert_eq!((counted(&t, "journals").await, counted(&t, "stat_deltas").await), (0, 0));
    assert_eq!((events(&t, "payment.canceled").await, mails(&t, "authorization_released").await), (1, 1));
    assert_eq!(mails(&t, "authorization_expired").await, 0);
    assert_eq!(t.texts("select action from audit_entries").await, ["payment.void"]);
    assert_eq!(code(&t.capture(&m, &p, 1, EUR).await), money::NOT_CAPTURABLE);
    assert_eq!(code(&t.void(&m, &p).await), money::NOT_VOIDABLE);
    let held = payments::detail(&t, &m.actor, &p).await.unwrap().authorization.unwrap();
    assert_eq!((held.released.minor, held.cancellation), (1_000, Some(Cancellation::Void)));
    // The customer is told, and is not asked for another card.
    assert_eq!(t.pay(&s, GOOD).await, CheckoutStage::Canceled);
    assert_eq!(checkout::view(&t, &s.token).await.unwrap().stage, CheckoutStage::Canceled);
    let receipt = checkout::receipt(&t, &receipt_token).await.unwrap();
    assert_eq!((receipt.status, receipt.cancellation), (PaymentStatus::Canceled, Some(Cancellation::Void)));
    t.later(30 * DAY).await;
    t.assert_sound().await;
});

/// A payment's state and what is captured of it.
type Stands = (PaymentStatus, i64);

/// What a capture of 600 does, what is known at once, and what the reconciler finds.
fn capture_faults() -> Vec<(ReleaseScript, Stands, Stands)> {
    use PaymentStatus::{Canceled, RequiresCapture, Succeeded, Unknown};
    vec![
        (ReleaseScript::Do, (Succeeded, 600), (Succeeded, 600)),
        (ReleaseScript::DoThenLose, (Unknown, 0), (Succeeded, 600)),
        (ReleaseScript::DoThenHang, (Unknown, 0), (Succeeded, 600)),
        (ReleaseScript::Lose, (Unknown, 0), (RequiresCapture, 0)),
        (ReleaseScript::NotSent, (RequiresCapture, 0), (RequiresCapture, 0)),
        (ReleaseScript::Refuse, (RequiresCapture, 0), (RequiresCapture, 0)),
        (ReleaseScript::Work, (RequiresCapture, 0), (RequiresCapture, 0)),
        // Another amount than was asked is booked by nobody.
        (ReleaseScript::Capture(601), (Unknown, 0), (Unknown, 0)),
        (ReleaseScript::Capture(1_001), (Unknown, 0), (Unknown, 0)),
        (ReleaseScript::Release, (Canceled, 0), (Canceled, 0)),
    ]
}

for_each_engine!(a_capture_is_known_by_its_outcome, |db| async {
    let t = TestServices::with(&db, patient(Duration::from_millis(60)));
    let m = t.merchant().await;
    t.connection(&m, "fake").await;
    for (script, before, after) in capture_faults() {
        let p = t.authorized(&m, 1_000, "EUR").await;
        t.gateway.script_releases([script.clone()]);
        t.capture(&m, &p, 600, EUR).await.unwrap();
        assert_eq!(stands(&t, &m, &p).await, is(before.0, 1_000, before.1), "{script:?}");
        t.assert_sound().await;
        let page = payments::detail(&t, &m.actor, &p).await.unwrap();
        let held = page.authorization.unwrap();
        if before.0 == PaymentStatus::Unknown || matches!(script, ReleaseScript::Work) {
            // Doubt blocks another capture, a release and a refund.
            assert_eq!(held.under_way, Some(OperationKind::Capture), "{script:?}");
            assert!(!held.may_capture && !held.may_void && !page.may_refund);
            assert_eq!(code(&t.capture(&m, &p, 600, EUR).await), money::CAPTURE_UNDER_WAY, "{script:?}");
            assert_eq!(code(&t.void(&m, &p).await), money::CAPTURE_UNDER_WAY, "{script:?}");
            let refund = payments::refund(&t, &m.actor, &p, t.refund_form("1")).await;
            assert!(matches!(refund, Err(ServiceError::Problem(p)) if p.code == money::NOT_REFUNDABLE));
        }
        t.later(HOUR).await;
        assert_eq!(stands(&t, &m, &p).await, is(after.0, 1_000, after.1), "{script:?}");
        t.assert_sound().await;
        if after.0 == PaymentStatus::RequiresCapture && !matches!(script, ReleaseScript::Work) {
            assert!(events(&t, "payment.capture_failed").await > 0, "{script:?}");
            t.capture(&m, &p, 700, EUR).await.unwrap();
            assert_eq!(stands(&t, &m, &p).await, is(PaymentStatus::Succeeded, 1_000, 700), "{script:?}");
        }
        t.assert_sound().await;
    }
});

/// The same of a release.
fn void_faults() -> Vec<(ReleaseScript, PaymentStatus, (PaymentStatus, i64))> {
    use PaymentStatus::{Canceled, RequiresCapture, Succeeded, Unknown};
    vec![
        (ReleaseScript::Do, Canceled, (Canceled, 0)),
        (ReleaseScript::DoThenLose, Unknown, (Canceled, 0)),
        (ReleaseScript::DoThenHang, Unknown, (Canceled, 0)),
        (ReleaseScript::Lose, Unknown, (RequiresCapture, 0)),
        (ReleaseScript::NotSent, RequiresCapture, (RequiresCapture, 0)),
        (ReleaseScript::Work, RequiresCapture, (RequiresCapture, 0)),
        // Somebody captured it at the gateway: the money is booked, and told of as late.
        (ReleaseScript::Capture(300), Succeeded, (Succeeded, 300)),
    ]
}

for_each_engine!(a_release_is_known_by_its_outcome, |db| async {
    let t = TestServices::with(&db, patient(Duration::from_millis(60)));
    let m = t.merchant().await;
    t.connection(&m, "fake").await;
    for (script, before, after) in void_faults() {
        let p = t.authorized(&m, 1_000, "EUR").await;
        t.gateway.script_releases([script.clone()]);
        t.void(&m, &p).await.unwrap();
        assert_eq!(t.payment(&m, &p).await.status, before.as_str(), "{script:?}");
        t.assert_sound().await;
        if before == PaymentStatus::Unknown {
            assert_eq!(code(&t.capture(&m, &p, 600, EUR).await), money::CAPTURE_UNDER_WAY, "{script:?}");
            assert_eq!(code(&t.void(&m, &p).await), money::CAPTURE_UNDER_WAY, "{script:?}");
        }
        t.later(HOUR).await;
        assert_eq!(stands(&t, &m, &p).await, is(after.0, 1_000, after.1), "{script:?}");
        t.assert_sound().await;
    }
    assert_eq!(events(&t, "payment.late_success").await, 1);
    assert!(events(&t, "payment.void_failed").await > 0);
});

for_each_engine!(of_all_who_try_at_once_one_wins, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    t.connection(&m, "fake").await;
    for round in 0..12 {
        let p = t.authorized(&m, 1_000, "EUR").await;
        let sent = t.gateway.releases();
        let tries = (0..24).map(|n| {
            let (t, m, p) = (&t, &m, &p);
            async move {
                // Only captures in some rounds, captures and releases in the others.
                if round % 3 > 0 && n % 2 == 0 { t.void(m, p).await } else { t.capture(m, p, 500 + n, EUR).await }
            }
        });
        let made = join_all(tries).await;
        assert_eq!(made.iter().filter(|one| one.is_ok()).count(), 1, "{made:?}");
        let known = [money::NOT_CAPTURABLE, money::NOT_VOIDABLE, money::CAPTURE_UNDER_WAY, "ok"];
        assert!(made.iter().all(|one| known.contains(&code(one))), "{made:?}");
        assert_eq!(t.gateway.releases() - sent, 1);
        let (status, authorized, captured) = stands(&t, &m, &p).await;
        let at = made.iter().position(Result::is_ok).unwrap();
        let wanted = if round % 3 > 0 && at % 2 == 0 {
            (0, "canceled")
        } else {
            (500 + i64::try_from(at).unwrap(), "succeeded")
        };
        assert_eq!((captured, status.as_str(), authorized), (wanted.0, wanted.1, 1_000));
    }
    t.run_due().await;
    t.assert_sound().await;
});

for_each_engine!(a_capture_and_the_end_of_its_time_race_for_one_outcome, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    t.connection(&m, "fake").await;
    let mut outcomes = Vec::new();
    for round in 0..8 {
        let p = t.authorized(&m, 1_000, "EUR").await;
        t.later(authorization::LASTS - SECOND).await;
        t.clock.advance(SECOND);
        let sent = t.gateway.releases();
        let workers = async {
            // Who is first differs from round to round.
            for _ in 0..round {
                tokio::task::yield_now().await;
            }
            join_all((0..3).map(|_| payments::run_authorizations(&t, 10))).await
        };
        let (captured, ran) = tokio::join!(t.capture(&m, &p, 1_000, EUR), workers);
        assert!(ran.iter().all(Result::is_ok));
        let status = t.payment(&m, &p).await.status;
        assert_eq!(captured.is_ok(), status == "succeeded", "{captured:?} {status}");
        assert!(captured.is_ok() || status == "canceled", "{status}");
        assert_eq!(t.gateway.releases() - sent, 1);
        outcomes.push(status);
        t.later(HOUR).await;
        t.assert_sound().await;
    }
    assert_eq!(
        counted(&t, "journals").await,
        i64::try_from(outcomes.iter().filter(|s| *s == "succeeded").count()).unwrap()
    );
});

for_each_engine!(money_of_a_released_authorisation_is_booked_late, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    t.connection(&m, "fake").await;
    // Found by asking about the release, or about the authorisation itself.
    for (asked, late) in [("void", 1), ("authorize", 2)] {
        let p = t.authorized(&m, 1_000, "EUR").await;
        t.void(&m, &p).await.unwrap();
        assert_eq!(stands(&t, &m, &p).await, is(PaymentStatus::Canceled, 1_000, 0));
        t.gateway.settle_all(&succeeded(Money::new(800, EUR)));
        ask_again(&t, asked).await;
        assert_eq!(stands(&t, &m, &p).await, is(PaymentStatus::Succeeded, 1_000, 800));
        assert_eq!(events(&t, "payment.late_success").await, late);
        t.assert_sound().await;
        t.refund(&m, &p, 800, EUR).await.unwrap();
    }
    // A capture that had been given up as not made was made after all, while another is in doubt.
    let p = t.authorized(&m, 1_000, "EUR").await;
    t.gateway.script_releases([ReleaseScript::NotSent, ReleaseScript::Lose]);
    t.capture(&m, &p, 800, EUR).await.unwrap();
    t.capture(&m, &p, 900, EUR).await.unwrap();
    t.gateway.settle_all(&succeeded(Money::new(800, EUR)));
    t.sql("update operations set next_check_at = 0 where kind = 'capture' and status = 'failed'").await;
    t.run_due().await;
    assert_eq!(stands(&t, &m, &p).await, is(PaymentStatus::Succeeded, 1_000, 800));
    t.later(HOUR).await;
    t.assert_sound().await;
    let open = "operations where kind = 'capture' and status not in ('succeeded', 'failed')";
    assert_eq!(counted(&t, open).await, 0);
});

for_each_engine!(the_merchant_is_warned_once_and_then_it_ends, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    let (admin, viewer) = (t.user().await, t.user().await);
    for (user, role) in [(&admin, "admin"), (&viewer, "viewer")] {
        let merchant = &m.scope().merchant;
        t.sql(&format!(
            "insert into members (merchant_id, user_id, role, created_at) values ('{merchant}', '{user}', '{role}', 1)"
        ))
        .await;
    }
    t.connection(&m, "sandbox").await;
    let p = t.authorized(&m, 1_000, "EUR").await;
    let attention = async || {
        let view = dashboard::view(&t, &m.actor).await.unwrap();
        view.attention.iter().filter(|item| item.kind == "ending_authorizations").map(|item| item.count).sum::<i64>()
    };
    t.later(6 * DAY - SECOND).await;
    assert_eq!((mails(&t, "authorization_ends").await, attention().await), (0, 0));
    assert!(!payments::detail(&t, &m.actor, &p).await.unwrap().authorization.unwrap().ends_soon);
    t.clock.advance(SECOND);
    join_all((0..4).map(|_| payments::run_authorizations(&t, 10))).await.into_iter().for_each(|n| assert!(n.is_ok()));
    t.later(HOUR).await;
    // The owner and the admin, once each.
    assert_eq!((mails(&t, "authorization_ends").await, events(&t, "payment.authorization_ending").await), (2, 1));
    assert_eq!(attention().await, 1);
    assert!(payments::detail(&t, &m.actor, &p).await.unwrap().authorization.unwrap().ends_soon);
    assert_eq!(t.payment(&m, &p).await.status, "requires_capture");
    t.assert_sound().await;

    t.later(DAY).await;
    assert_eq!(stands(&t, &m, &p).await, is(PaymentStatus::Canceled, 1_000, 0));
    assert_eq!(t.texts("select cancellation from payments").await, ["expired"]);
    assert_eq!(t.texts("select status from sandbox_charges").await, ["voided"]);
    assert_eq!((events(&t, "payment.canceled").await, mails(&t, "authorization_released").await), (1, 1));
    assert_eq!((mails(&t, "authorization_expired").await, attention().await), (2, 0));
    let page = payments::detail(&t, &m.actor, &p).await.unwrap();
    assert!(page.timeline.iter().any(|item| item.kind == "authorization.expired"));
    assert!(page.timeline.iter().any(|item| item.kind == "authorization.warned"));
    t.later(30 * DAY).await;
    assert_eq!((mails(&t, "authorization_ends").await, mails(&t, "authorization_expired").await), (2, 2));
    t.assert_sound().await;
});

for_each_engine!(the_gateway_is_asked_before_an_authorisation_is_ended, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    t.connection(&m, "fake").await;
    // The gateway says how long it holds; it is warned of at once when that is less than a day.
    t.gateway.set_capture_before(Some(t.now().plus(2 * HOUR)));
    let captured = t.authorized(&m, 1_000, "EUR").await;
    t.run_due().await;
    assert_eq!(mails(&t, "authorization_ends").await, 1);
    // It was captured at the gateway meanwhile.
    t.gateway.settle_all(&succeeded(Money::new(1_000, EUR)));
    let asked = t.gateway.lookups();
    t.later(2 * HOUR).await;
    assert_eq!(stands(&t, &m, &captured).await, is(PaymentStatus::Succeeded, 1_000, 1_000));
    assert_eq!((t.gateway.releases(), t.gateway.lookups() - asked), (0, 1));
    assert_eq!(events(&t, "payment.late_success").await, 1);
    t.assert_sound().await;

    // No answer: it is unknown until there is one, and then it is tried again.
    t.gateway.set_capture_before(Some(t.now().plus(2 * HOUR)));
    let lost = t.authorized(&m, 700, "EUR").await;
    t.gateway.set_deaf(true);
    t.gateway.script_releases([ReleaseScript::Lose]);
    t.later(2 * HOUR).await;
    assert_eq!(t.payment(&m, &lost).await.status, "unknown");
    assert_eq!(code(&t.capture(&m, &lost, 700, EUR).await), money::CAPTURE_UNDER_WAY);
    t.assert_sound().await;
    t.gateway.set_deaf(false);
    t.later(HOUR).await;
    t.later(HOUR).await;
    assert_eq!(stands(&t, &m, &lost).await, is(PaymentStatus::Canceled, 700, 0));
    t.assert_sound().await;

    // A capture under way is not ended beside it.
    t.gateway.set_capture_before(Some(t.now().plus(2 * HOUR)));
    let working = t.authorized(&m, 500, "EUR").await;
    t.gateway.script_releases([ReleaseScript::Work]);
    t.capture(&m, &working, 500, EUR).await.unwrap();
    t.gateway.set_deaf(true);
    t.later(3 * HOUR).await;
    assert_eq!(t.payment(&m, &working).await.status, "requires_capture");
    t.gateway.set_deaf(false);
    t.gateway.settle_all(&succeeded(Money::new(500, EUR)));
    t.later(7 * HOUR).await;
    assert_eq!(stands(&t, &m, &working).await, is(PaymentStatus::Succeeded, 500, 500));
});

for_each_engine!(a_server_that_dies_while_it_captures_leaves_nothing_open, |db| async {
    let t = TestServices::with(&db, patient(Duration::from_secs(600)));
    let m = t.merchant().await;
    t.connection(&m, "fake").await;
    let p = t.authorized(&m, 1_000, "EUR").await;
    t.gateway.script_releases([ReleaseScript::DoThenHang]);
    // The call never comes back in this test: as if the process had gone.
    let (svc, actor, payment, form) = (t.svc.clone(), m.actor.clone(), p.clone(), t.capture_form(600, EUR));
    let hanging = tokio::spawn(async move { payments::capture(&svc, &actor, &payment, form).await });
    while t.gateway.releases() == 0 {
        tokio::task::yield_now().await;
    }
    assert_eq!(t.payment(&m, &p).await.status, "requires_capture");
    assert_eq!(code(&t.void(&m, &p).await), money::CAPTURE_UNDER_WAY);
    t.assert_sound().await;
    t.later(10 * MINUTE).await;
    assert_eq!(stands(&t, &m, &p).await, is(PaymentStatus::Succeeded, 1_000, 600));
    assert_eq!(t.gateway.releases(), 1);
    t.assert_sound().await;
    hanging.abort();
});

for_each_engine!(challenges_and_funds_that_come_later_end_as_authorisations, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    t.connection(&m, "sandbox").await;
    let s = t.manual_session(&m, 700, "EUR").await;
    let CheckoutStage::Action { url, .. } = t.pay(&s, "4000002760003184").await else { panic!("a challenge") };
    let token = url.trim_start_matches("/challenge/");
    let back = checkout::answer_challenge(&t, token, true).await.unwrap();
    assert!(matches!(checkout::returned(&t, &back).await.unwrap(), CheckoutStage::Paid { .. }));
    assert_status(&t.payment_of(&s).await, PaymentStatus::RequiresCapture);
    t.assert_sound().await;
    for (number, held) in [("4000009900000061", true), ("4000009900000079", false)] {
        let s = t.manual_session(&m, 700, "EUR").await;
        assert_eq!(t.pay(&s, number).await, CheckoutStage::Pending { unknown: false, settles_later: true });
        t.later(HOUR).await;
        let status = if held { PaymentStatus::RequiresCapture } else { PaymentStatus::RequiresPaymentMethod };
        assert_status(&t.payment_of(&s).await, status);
        t.assert_sound().await;
    }
    // Answers about the authorisation that were lost or can't be read are found.
    for number in ["4000009900000012", "4000009900000020"] {
        let s = t.manual_session(&m, 700, "EUR").await;
        assert_eq!(t.pay(&s, number).await, CheckoutStage::Pending { unknown: true, settles_later: false });
        t.later(10 * MINUTE).await;
        t.later(10 * MINUTE).await;
        assert_status(&t.payment_of(&s).await, PaymentStatus::RequiresCapture);
    }
    // A declined one may be tried again.
    let s = t.manual_session(&m, 700, "EUR").await;
    assert!(matches!(t.pay(&s, "4000000000000002").await, CheckoutStage::Pay { .. }));
    assert!(matches!(t.pay(&s, GOOD).await, CheckoutStage::Paid { .. }));
    t.assert_sound().await;
    // Faults of the sandbox's own.
    let lost = t.authorized_by(&m, 700, "EUR", "4000009900000103").await;
    t.capture(&m, &lost, 300, EUR).await.unwrap();
    assert_eq!(t.payment(&m, &lost).await.status, "unknown");
    let refused = t.authorized_by(&m, 700, "EUR", "4000009900000111").await;
    t.capture(&m, &refused, 300, EUR).await.unwrap();
    assert_eq!(t.payment(&m, &refused).await.status, "requires_capture");
    let voided = t.authorized_by(&m, 700, "EUR", "4000009900000129").await;
    t.void(&m, &voided).await.unwrap();
    t.assert_sound().await;
    t.later(10 * MINUTE).await;
    assert_eq!(stands(&t, &m, &lost).await, is(PaymentStatus::Succeeded, 700, 300));
    assert_eq!(stands(&t, &m, &voided).await, is(PaymentStatus::Canceled, 700, 0));
    t.assert_sound().await;
});

for_each_engine!(a_gateway_that_takes_the_money_at_once_is_believed, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    t.connection(&m, "fake").await;
    let s = t.manual_session(&m, 700, "EUR").await;
    t.gateway.script([Script::Reply(succeeded(Money::new(700, EUR)))]);
    assert!(matches!(t.pay(&s, GOOD).await, CheckoutStage::Paid { .. }));
    let p: PaymentId = t.payment_of(&s).await.id.parse().unwrap();
    assert_eq!(stands(&t, &m, &p).await, is(PaymentStatus::Succeeded, 0, 700));
    // The other way round: asked to charge, it only holds.
    let s = t.session(&m, 700, "EUR").await;
    t.gateway.script([Script::Reply(ChargeState::Authorized { capture_before: None })]);
    assert!(matches!(t.pay(&s, GOOD).await, CheckoutStage::Paid { .. }));
    let p: PaymentId = t.payment_of(&s).await.id.parse().unwrap();
    assert_eq!(stands(&t, &m, &p).await, is(PaymentStatus::RequiresCapture, 700, 0));
    t.assert_sound().await;
    // The gateway lets go of it by itself; asked about, it says so.
    t.gateway.settle_all(&ChargeState::Canceled);
    ask_again(&t, "sale").await;
    assert_eq!(stands(&t, &m, &p).await, is(PaymentStatus::Canceled, 700, 0));
    assert!(t.texts("select cancellation from payments where cancellation is not null").await == ["gateway"]);
    t.assert_sound().await;
});

for_each_engine!(who_may_and_in_which_world, |db| async {
    let t = TestServices::new(&db);
    let (m, other) = (t.merchant().await, t.merchant().await);
    t.connection(&m, "fake").await;
    let p = t.authorized(&m, 100, "EUR").await;
    for role in [MerchantRole::Viewer, MerchantRole::Developer] {
        assert_eq!(code(&t.capture(&m.as_role(role), &p, 10, EUR).await), codes::FORBIDDEN);
        assert_eq!(code(&t.void(&m.as_role(role), &p).await), codes::FORBIDDEN);
        let held = payments::detail(&t, &m.as_role(role).actor, &p).await.unwrap().authorization.unwrap();
        assert!(!held.may_capture && !held.may_void);
        assert_eq!(held.no_capture_because.as_deref(), Some("no_permission"));
    }
    for stranger in [&other, &m.in_mode(Mode::Live), &other.in_mode(Mode::Live)] {
        assert_eq!(code(&t.capture(stranger, &p, 10, EUR).await), codes::NOT_FOUND);
        assert_eq!(code(&t.void(stranger, &p).await), codes::NOT_FOUND);
    }
    assert_eq!(t.gateway.releases(), 0);
    t.capture(&m.as_role(MerchantRole::Support), &p, 10, EUR).await.unwrap();

    // A suspended merchant takes no live money, and can still let go of it.
    let live = m.in_mode(Mode::Live);
    t.connection(&live, "fake").await;
    let q = t.authorized(&live, 100, "EUR").await;
    t.sql("update merchants set status = 'suspended'").await;
    assert_eq!(code(&t.capture(&live, &q, 10, EUR).await), money::NOT_CAPTURABLE);
    let held = payments::detail(&t, &live.actor, &q).await.unwrap().authorization.unwrap();
    assert_eq!((held.may_capture, held.may_void), (false, true));
    t.void(&live, &q).await.unwrap();
    t.assert_sound().await;
});

for_each_engine!(a_link_hands_its_method_to_its_sessions, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    t.connection(&m, "sandbox").await;
    let form = LinkForm {
        title: "A print".to_owned(),
        currency: "EUR".to_owned(),
        pricing: "fixed".to_owned(),
        amount: "12.50".to_owned(),
        capture_method: "manual".to_owned(),
        ..LinkForm::default()
    };
    let id = links::create(&t, &m.actor, &form).await.unwrap();
    assert_eq!(links::get(&t, &m.actor, &id).await.unwrap().capture_method.as_str(), "manual");
    let token = t.texts("select token from payment_links").await.remove(0);
    let session = links::open_session(&t, &token, "", "1", Locale::En).await.unwrap();
    assert_eq!(checkout::view(&t, &session).await.unwrap().capture_method.as_str(), "manual");
    let version = links::get(&t, &m.actor, &id).await.unwrap().version;
    links::update(&t, &m.actor, &id, &LinkForm { capture_method: String::new(), version, ..form }).await.unwrap();
    let session = links::open_session(&t, &token, "", "1", Locale::En).await.unwrap();
    assert_eq!(checkout::view(&t, &session).await.unwrap().capture_method.as_str(), "automatic");
});
