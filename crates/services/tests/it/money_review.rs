//! Outcomes that a person decides, and money that comes late or twice.

use domain::{
    Currency, MerchantRole, Money, OperationId, PaymentId,
    decline::DeclineCode,
    problem::{codes, money},
    states::PaymentStatus,
    time::{DAY, HOUR, MINUTE, SECOND},
    views::{checkout::CheckoutStage, page::PageQuery, review::DecisionForm, review::ReviewEntry},
};
use futures::future::join_all;
use gateways::{ChargeState, FindsOut, RefundState};
use services::{ServiceError, dashboard, jobs, payments, reconcile, review};
use test_support::{
    TestServices,
    builders::{TestMerchant, TestSession, assert_status},
    for_each_engine,
    gateway::{RefundScript, ReleaseScript, Script, declined, succeeded},
};

const GOOD: &str = "4242424242424242";
const UNKNOWN: CheckoutStage = CheckoutStage::Pending { unknown: true, settles_later: false };

fn eur(minor: i64) -> Money {
    Money::new(minor, Currency::EUR)
}

fn happened(name: &str) -> DecisionForm {
    DecisionForm { decision: "happened".to_owned(), gateway_ref: name.to_owned() }
}

fn not_happened() -> DecisionForm {
    DecisionForm { decision: "not_happened".to_owned(), ..DecisionForm::default() }
}

fn is_problem<T>(answer: &Result<T, ServiceError>, code: &str) -> bool {
    matches!(answer, Err(ServiceError::Problem(problem)) if problem.code == code)
}

async fn queue(t: &TestServices, m: &TestMerchant) -> Vec<ReviewEntry> {
    review::list(t, &m.actor, &PageQuery::default()).await.unwrap().items
}

/// A session whose charge has an unknown outcome, with a gateway that does not answer.
async fn in_doubt(t: &TestServices, m: &TestMerchant, script: Script) -> TestSession {
    t.gateway.set_deaf(true);
    t.gateway.script([script]);
    let s = t.session(m, 700, "EUR").await;
    assert_eq!(t.pay(&s, GOOD).await, UNKNOWN);
    s
}

/// The only operation that waits for a person.
async fn waiting(t: &TestServices, m: &TestMerchant) -> OperationId {
    let mut entries = queue(t, m).await;
    assert_eq!(entries.len(), 1, "{entries:?}");
    entries.remove(0).operation
}

async fn timeline(t: &TestServices, m: &TestMerchant, s: &TestSession) -> Vec<(String, Option<String>)> {
    let id = t.payment_of(s).await.id.parse().unwrap();
    let detail = payments::detail(t, &m.actor, &id).await.unwrap();
    detail.timeline.into_iter().map(|item| (item.kind, item.actor)).collect()
}

async fn notes(t: &TestServices, m: &TestMerchant, s: &TestSession) -> Vec<String> {
    let id = t.payment_of(s).await.id.parse().unwrap();
    payments::detail(t, &m.actor, &id).await.unwrap().notes.into_iter().map(|note| note.kind).collect()
}

async fn attention(t: &TestServices, m: &TestMerchant) -> Vec<String> {
    dashboard::view(t, &m.actor).await.unwrap().attention.into_iter().map(|a| a.kind).collect()
}

async fn count(t: &TestServices, table: &str, condition: &str) -> i64 {
    t.number(&format!("select cast(count(*) as bigint) from {table} where {condition}")).await
}

/// Asks about everything now.
async fn ask_all(t: &TestServices) {
    t.gateway.set_deaf(false);
    t.sql("update operations set next_check_at = 0").await;
    t.run_due().await;
}

for_each_engine!(unknown_blocks_retry_failover_and_refund, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    t.connection(&m, "fake").await;
    t.connection(&m, "fake").await;
    let s = in_doubt(&t, &m, Script::ChargeThenLose).await;
    assert_eq!(t.gateway.calls(), 1, "no failover");
    assert_eq!(t.pay(&s, GOOD).await, UNKNOWN);
    assert_eq!(t.gateway.calls(), 1, "no retry");
    let id = t.payment_of(&s).await.id.parse().unwrap();
    assert!(is_problem(&payments::refund(&t, &m.actor, &id, t.refund_form("1")).await, money::NOT_REFUNDABLE));
    assert_eq!(notes(&t, &m, &s).await, ["asking"]);
    t.assert_sound().await;
});

for_each_engine!(a_person_decides_after_a_day_that_it_happened, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    t.connection(&m, "fake").await;
    let s = in_doubt(&t, &m, Script::Lose).await;
    let id: OperationId = t.texts("select id from operations").await.remove(0).parse().unwrap();
    t.later(23 * HOUR).await;
    assert!(queue(&t, &m).await.is_empty());
    let early = review::decide(&t, &m.actor, &id, &not_happened()).await;
    assert!(is_problem(&early, codes::NOT_FOUND), "{early:?}");
    t.later(2 * HOUR).await;
    let entry = queue(&t, &m).await.remove(0);
    assert_eq!((entry.operation.clone(), entry.amount, entry.may_decide), (id.clone(), eur(700), true));
    assert_eq!((entry.our_key.as_str(), entry.finds_out.as_str()), (id.as_str(), "by_id"));
    assert_eq!(entry.customer_email.as_deref(), Some("customer@example.com"));
    assert_eq!(entry.answers.last().map(|a| (a.source.as_str(), a.outcome.as_str())), Some(("call", "unknown")));
    assert_eq!(entry.answers[0].outcome, "no_answer");
    assert!(entry.asked >= 1 && entry.next_ask.is_some());
    assert!(attention(&t, &m).await.contains(&"to_review".to_owned()));
    assert_eq!(notes(&t, &m, &s).await, ["review"]);
    t.assert_sound().await;

    let support = m.as_role(MerchantRole::Support);
    assert!(is_problem(&review::decide(&t, &support.actor, &id, &not_happened()).await, codes::FORBIDDEN));
    assert!(!queue(&t, &support).await[0].may_decide);
    let other = t.merchant().await;
    assert!(is_problem(&review::decide(&t, &other.actor, &id, &not_happened()).await, codes::NOT_FOUND));
    assert!(is_problem(&review::decide(&t, &m.actor, &id, &happened(" ")).await, codes::FORM_INVALID));
    assert_status(&t.payment_of(&s).await, PaymentStatus::Unknown);

    review::decide(&t, &m.actor, &id, &happened("fch_seen")).await.unwrap();
    let p = t.payment_of(&s).await;
    assert_status(&p, PaymentStatus::Succeeded);
    assert_eq!((p.captured, p.fee), (700, 0));
    assert!(queue(&t, &m).await.is_empty());
    assert!(is_problem(&review::decide(&t, &m.actor, &id, &not_happened()).await, money::REVIEW_SETTLED));
    assert_eq!(t.texts("select gateway_ref from attempts").await, ["fch_seen"]);
    assert_eq!(count(&t, "events", "kind = 'operation.decided'").await, 1);
    assert_eq!(count(&t, "audit_entries", "action = 'operation.decide' and actor_kind = 'user'").await, 1);
    assert_eq!(count(&t, "mails", "template = 'receipt'").await, 1);
    let told = timeline(&t, &m, &s).await;
    assert!(told.contains(&("decided.charge.happened".to_owned(), Some("Ada Example".to_owned()))), "{told:?}");
    t.assert_sound().await;
});

for_each_engine!(a_late_success_after_a_persons_no_is_booked_and_told, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    t.connection(&m, "fake").await;
    let s = in_doubt(&t, &m, Script::ChargeThenLose).await;
    t.later(DAY).await;
    let id = waiting(&t, &m).await;
    review::decide(&t, &m.actor, &id, &not_happened()).await.unwrap();
    assert_status(&t.payment_of(&s).await, PaymentStatus::RequiresPaymentMethod);
    t.assert_sound().await;
    // The gateway is still asked for a while.
    t.gateway.set_deaf(false);
    t.later(2 * HOUR).await;
    assert_status(&t.payment_of(&s).await, PaymentStatus::Succeeded);
    assert_eq!(count(&t, "events", "kind = 'payment.late_success'").await, 1);
    assert_eq!(count(&t, "mails", "template = 'late_success'").await, 1);
    assert_eq!(count(&t, "operations", "contradicted_at is not null").await, 1);
    assert!(attention(&t, &m).await.contains(&"late_payments".to_owned()));
    assert_eq!(notes(&t, &m, &s).await, ["contradicted", "late_accepted"]);
    let told = timeline(&t, &m, &s).await;
    assert!(told.iter().any(|(kind, _)| kind == "attempt.late_success"), "{told:?}");
    assert!(told.iter().any(|(kind, _)| kind == "decided.contradicted"), "{told:?}");
    t.later(30 * DAY).await;
    assert_eq!(count(&t, "journals", "true").await, 1);
    t.assert_sound().await;
});

for_each_engine!(a_late_failure_after_a_persons_yes_leaves_the_books_right, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    t.connection(&m, "fake").await;
    let s = in_doubt(&t, &m, Script::Lose).await;
    t.later(DAY).await;
    let id = waiting(&t, &m).await;
    review::decide(&t, &m.actor, &id, &happened("misread")).await.unwrap();
    ask_all(&t).await;
    let p = t.payment_of(&s).await;
    assert_eq!((p.status.as_str(), p.captured, p.refunded, p.refund_reserved), ("succeeded", 700, 700, 0));
    assert_eq!(t.texts("select origin from refunds").await, ["late_failure"]);
    assert!(t.gateway.refunds().is_empty(), "nothing was sent");
    let left = "select cast(coalesce(sum(amount), 0) as bigint) from entries where account = 'gateway_receivable'";
    assert_eq!(t.number(left).await, 0);
    assert_eq!(count(&t, "events", "kind = 'payment.late_failure'").await, 1);
    assert_eq!(count(&t, "mails", "template = 'decision_contradicted'").await, 1);
    assert_eq!(notes(&t, &m, &s).await, ["contradicted"]);
    assert!(attention(&t, &m).await.contains(&"contradicted".to_owned()));
    ask_all(&t).await;
    t.later(30 * DAY).await;
    assert_eq!(count(&t, "refunds", "true").await, 1);
    t.assert_sound().await;
});

for_each_engine!(a_decision_and_an_answer_at_once_book_the_money_once, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    t.connection(&m, "fake").await;
    for round in 0..12_i64 {
        let s = in_doubt(&t, &m, Script::ChargeThenLose).await;
        t.later(DAY).await;
        let id = waiting(&t, &m).await;
        t.gateway.set_deaf(false);
        t.sql(&format!("update operations set next_check_at = 0 where id = '{id}'")).await;
        let form = if round % 2 == 0 { happened("fch_seen") } else { not_happened() };
        let (decided, asked) =
            futures::join!(review::decide(&t, &m.actor, &id, &form), jobs::run_due(&t, "worker", 100));
        asked.unwrap();
        assert!(decided.is_ok() || is_problem(&decided, money::REVIEW_SETTLED), "{decided:?}");
        ask_all(&t).await;
        assert_status(&t.payment_of(&s).await, PaymentStatus::Succeeded);
        assert_eq!(count(&t, "journals", "true").await, round + 1);
        t.assert_sound().await;
    }
});

for_each_engine!(asking_again_asks_at_once, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    t.connection(&m, "fake").await;
    let s = in_doubt(&t, &m, Script::ChargeThenLose).await;
    t.later(DAY).await;
    t.clock.advance(MINUTE);
    let id = waiting(&t, &m).await;
    assert!(!review::ask_again(&t, &m.actor, &id).await.unwrap());
    assert!(is_problem(&review::ask_again(&t, &m.actor, &id).await, money::REVIEW_ASKED), "a button is no hammer");
    t.clock.advance(20 * SECOND);
    t.gateway.set_deaf(false);
    assert!(review::ask_again(&t, &m.actor, &id).await.unwrap());
    assert_status(&t.payment_of(&s).await, PaymentStatus::Succeeded);
    assert!(is_problem(&review::ask_again(&t, &m.actor, &id).await, money::REVIEW_SETTLED));
    t.assert_sound().await;
});

for_each_engine!(what_can_never_be_asked_comes_before_a_person_at_once, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    t.connection(&m, "fake").await;
    t.gateway.set_finds_out(FindsOut::Never);
    let s = in_doubt(&t, &m, Script::Lose).await;
    t.later(MINUTE).await;
    let entry = queue(&t, &m).await.remove(0);
    assert_eq!((entry.finds_out.as_str(), entry.next_ask), ("never", None));
    t.assert_sound().await;
    t.later(30 * DAY).await;
    assert_status(&t.payment_of(&s).await, PaymentStatus::Unknown);
    review::decide(&t, &m.actor, &entry.operation, &not_happened()).await.unwrap();
    assert!(matches!(t.pay(&t.session(&m, 700, "EUR").await, GOOD).await, CheckoutStage::Paid { .. }));
    t.assert_sound().await;
});

for_each_engine!(a_list_is_certain_when_its_window_has_settled, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    t.connection(&m, "fake").await;
    t.gateway.set_finds_out(FindsOut::ByListing);
    // Others in the same window, and a charge that comes into the list half an hour late.
    t.gateway.set_listing(0, true);
    t.paid(&m, 700, "EUR").await;
    t.gateway.set_listing(30 * MINUTE, true);
    let (late, none) = {
        let (s, n) = (t.session(&m, 700, "EUR").await, t.session(&m, 700, "EUR").await);
        t.gateway.script([Script::ChargeThenLose, Script::Lose]);
        assert_eq!((t.pay(&s, GOOD).await, t.pay(&n, GOOD).await), (UNKNOWN, UNKNOWN));
        (s, n)
    };
    for _ in 0..4 {
        t.later(5 * MINUTE).await;
        assert_status(&t.payment_of(&late).await, PaymentStatus::Unknown);
        assert_status(&t.payment_of(&none).await, PaymentStatus::Unknown);
    }
    t.later(20 * MINUTE).await;
    t.later(20 * MINUTE).await;
    assert_status(&t.payment_of(&late).await, PaymentStatus::Succeeded);
    assert_status(&t.payment_of(&none).await, PaymentStatus::Unknown);
    t.later(2 * HOUR).await;
    t.later(6 * HOUR).await;
    assert_status(&t.payment_of(&none).await, PaymentStatus::RequiresPaymentMethod);
    assert!(t.gateway.listed() > 4);
    t.assert_sound().await;
});

for_each_engine!(a_list_without_keys_decides_nothing_about_like_amounts, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    t.connection(&m, "fake").await;
    t.gateway.set_finds_out(FindsOut::ByListing);
    t.gateway.set_listing(0, false);
    t.gateway.script([Script::ChargeThenLose]);
    let s = t.session(&m, 700, "EUR").await;
    t.pay(&s, GOOD).await;
    t.gateway.script([Script::Lose]);
    let other = t.session(&m, 900, "EUR").await;
    t.pay(&other, GOOD).await;
    for _ in 0..5 {
        t.later(6 * HOUR).await;
    }
    // Of the other amount the list has nothing; of this one it has a charge that may be ours.
    assert_eq!(t.texts("select status from attempts where amount = 900").await, ["failed"]);
    let entry = queue(&t, &m).await.remove(0);
    assert_eq!((entry.amount, entry.finds_out.as_str()), (eur(700), "by_listing"));
    assert!(entry.answers[0].detail.as_deref().unwrap_or_default().contains("fch_"), "{:?}", entry.answers[0]);
    t.assert_sound().await;
});

for_each_engine!(cancelling_the_key_is_certain_and_never_under_a_customers_hands, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    t.connection(&m, "fake").await;
    t.gateway.set_finds_out(FindsOut::ByCancellingKey);
    t.gateway.script([Script::Lose]);
    let s = t.session(&m, 700, "EUR").await;
    assert_eq!(t.pay(&s, GOOD).await, UNKNOWN);
    // The call itself may still arrive, and charge under a key that was cancelled too early.
    t.later(15 * SECOND).await;
    assert_status(&t.payment_of(&s).await, PaymentStatus::Unknown);
    t.later(2 * MINUTE).await;
    assert_status(&t.payment_of(&s).await, PaymentStatus::RequiresPaymentMethod);
    assert_eq!(t.gateway.cancelled().len(), 1);
    // A customer at their bank's page: asked by the charge's name, nothing is cancelled.
    t.gateway.script([Script::Reply(ChargeState::RequiresAction { url: "/there".to_owned() })]);
    let s = t.session(&m, 700, "EUR").await;
    t.pay(&s, GOOD).await;
    t.later(HOUR).await;
    assert_eq!(t.gateway.cancelled().len(), 1);
    t.assert_sound().await;
});

for_each_engine!(a_refund_in_doubt_is_decided_too, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    t.connection(&m, "fake").await;
    let payment = t.paid(&m, 1_000, "EUR").await;
    t.gateway.script_refunds([RefundScript::RefundThenLose]);
    t.gateway.set_deaf(true);
    t.refund(&m, &payment, 600, Currency::EUR).await.unwrap();
    assert_eq!(t.refund_states(&m, &payment).await, ["unknown"]);
    assert!(t.refund(&m, &payment, 600, Currency::EUR).await.is_err(), "what is in doubt is not free");
    t.later(DAY).await;
    let entry = queue(&t, &m).await.remove(0);
    assert_eq!((entry.kind.as_str(), entry.amount, entry.refund.is_some()), ("refund", eur(600), true));
    review::decide(&t, &m.actor, &entry.operation, &not_happened()).await.unwrap();
    assert_eq!(t.payment(&m, &payment).await.refund_reserved, 0);
    t.assert_sound().await;
    // The merchant refunds again, and then the gateway says that the first one went out too: more than the money that is left.
    t.refund(&m, &payment, 600, Currency::EUR).await.unwrap();
    ask_all(&t).await;
    let p = t.payment(&m, &payment).await;
    assert_eq!((p.captured, p.refunded, p.refund_reserved), (1_000, 600, 0));
    assert_eq!(t.refund_states(&m, &payment).await, ["succeeded", "succeeded"]);
    assert_eq!(count(&t, "refunds", "not counts").await, 1);
    let owed = "select cast(sum(amount) as bigint) from entries where account = 'customer_credit'";
    assert_eq!(t.number(owed).await, 600, "the customer has it");
    assert_eq!(count(&t, "mails", "template = 'decision_contradicted'").await, 1);
    t.assert_sound().await;
});

for_each_engine!(a_refund_that_a_person_took_for_done_is_taken_back, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    t.connection(&m, "fake").await;
    let payment = t.paid(&m, 1_000, "EUR").await;
    t.gateway.script_refunds([RefundScript::Lose]);
    t.gateway.set_deaf(true);
    t.refund(&m, &payment, 600, Currency::EUR).await.unwrap();
    t.later(DAY).await;
    let id = waiting(&t, &m).await;
    review::decide(&t, &m.actor, &id, &happened("fre_seen")).await.unwrap();
    assert_eq!(t.payment(&m, &payment).await.refunded, 600);
    t.assert_sound().await;
    ask_all(&t).await;
    assert_eq!(t.payment(&m, &payment).await.refunded, 0);
    assert_eq!(t.refund_states(&m, &payment).await, ["failed"]);
    assert_eq!(count(&t, "mails", "template = 'decision_contradicted'").await, 1);
    t.assert_sound().await;
});

/// A payment that is paid twice; the second money is known to nobody yet.
async fn paid_twice(t: &TestServices, m: &TestMerchant) -> TestSession {
    t.gateway.script([declined(DeclineCode::GenericDecline)]);
    let s = t.session(m, 700, "EUR").await;
    t.pay(&s, GOOD).await;
    assert!(matches!(t.pay(&s, GOOD).await, CheckoutStage::Paid { .. }));
    t.gateway.settle_all(&succeeded(eur(700)));
    t.sql("update operations set next_check_at = 0 where status = 'failed'").await;
    s
}

for_each_engine!(money_paid_twice_is_given_back_once_whoever_works, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    t.connection(&m, "fake").await;
    let s = paid_twice(&t, &m).await;
    for _ in 0..4 {
        let workers = ["a", "b", "c", "d"].map(|owner| jobs::run_due(&t, owner, 10));
        join_all(workers).await.into_iter().for_each(|done| assert!(done.is_ok()));
    }
    t.run_due().await;
    assert_eq!(t.gateway.refunds().len(), 1);
    let p = t.payment_of(&s).await;
    assert_eq!((p.captured, p.refunded, p.refund_reserved), (700, 0, 0), "the payment itself stands");
    assert_eq!(t.texts("select kind from journals order by kind").await, ["payment", "surplus", "surplus_refund"]);
    let owed = "select cast(sum(amount) as bigint) from entries where account = 'customer_credit'";
    assert_eq!(t.number(owed).await, 0);
    assert_eq!(count(&t, "events", "kind = 'payment.surplus'").await, 1);
    assert_eq!(count(&t, "mails", "template = 'paid_twice'").await, 1);
    assert_eq!(notes(&t, &m, &s).await, ["surplus_refunded"]);
    assert!(attention(&t, &m).await.contains(&"paid_twice".to_owned()));
    t.assert_sound().await;
});

for_each_engine!(a_refund_by_rule_that_never_left_is_sent_again, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    t.connection(&m, "fake").await;
    let s = paid_twice(&t, &m).await;
    t.gateway.script_refunds([RefundScript::NotSent, RefundScript::Lose]);
    t.run_due().await;
    assert_eq!(count(&t, "refunds", "status = 'failed'").await, 1);
    assert_eq!(count(&t, "jobs", "kind = 'refund_by_rule'").await, 1);
    t.assert_sound().await;
    // The second one is in doubt, is found never to have come, and a third one is begun.
    for _ in 0..6 {
        t.later(20 * MINUTE).await;
    }
    assert_eq!(t.gateway.refunds().len(), 1);
    assert_eq!(count(&t, "refunds", "status = 'succeeded'").await, 1);
    assert_eq!(count(&t, "jobs", "true").await, 0);
    assert_eq!(notes(&t, &m, &s).await, ["surplus_refunded"]);
    t.assert_sound().await;
});

for_each_engine!(late_money_is_given_back_where_the_rule_says_so, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    t.connection(&m, "fake").await;
    t.sql("update merchants set late_success = 'refund'").await;
    t.gateway.script([declined(DeclineCode::GenericDecline)]);
    let s = t.session(&m, 700, "EUR").await;
    t.pay(&s, GOOD).await;
    t.later(3 * DAY).await;
    assert_status(&t.payment_of(&s).await, PaymentStatus::Canceled);
    t.gateway.settle_all(&succeeded(eur(700)));
    ask_all(&t).await;
    let p = t.payment_of(&s).await;
    assert_eq!((p.status.as_str(), p.captured, p.refunded, p.refund_reserved), ("succeeded", 700, 700, 0));
    assert_eq!(t.texts("select origin from refunds").await, ["late_success"]);
    assert_eq!(count(&t, "mails", "template = 'late_success_refunded'").await, 1);
    assert_eq!(notes(&t, &m, &s).await, ["late_refunded"]);
    t.assert_sound().await;
    // A payment that is paid in time is none of the rule's business.
    t.paid(&m, 700, "EUR").await;
    t.later(DAY).await;
    assert_eq!(count(&t, "refunds", "true").await, 1);
});

for_each_engine!(late_money_waits_while_another_attempt_may_charge, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    t.connection(&m, "fake").await;
    t.gateway.script([declined(DeclineCode::GenericDecline), Script::Reply(ChargeState::Processing)]);
    let s = t.session(&m, 700, "EUR").await;
    t.pay(&s, GOOD).await;
    let first = t.texts("select id from operations").await.remove(0);
    t.pay(&s, GOOD).await;
    t.gateway.note_success(&first, eur(700));
    t.sql("update operations set next_check_at = 0 where status = 'failed'").await;
    t.run_due().await;
    assert_status(&t.payment_of(&s).await, PaymentStatus::Processing);
    assert_eq!(count(&t, "operations", "status = 'failed' and next_check_at is not null").await, 1, "not forgotten");
    // The other one ends without money: the first one's pays.
    t.gateway.settle_all(&ChargeState::Declined(DeclineCode::GenericDecline));
    t.gateway.note_success(&first, eur(700));
    for _ in 0..4 {
        t.later(10 * MINUTE).await;
    }
    assert_status(&t.payment_of(&s).await, PaymentStatus::Succeeded);
    assert_eq!(t.payment_of(&s).await.captured, 700);
    t.assert_sound().await;
});

/// An authorisation of ten euros whose capture (of six) or release has an unknown outcome for a day.
async fn release_in_doubt(t: &TestServices, m: &TestMerchant, capture: bool, script: ReleaseScript) -> PaymentId {
    let p = t.authorized(m, 1_000, "EUR").await;
    t.gateway.set_deaf(true);
    t.gateway.script_releases([script]);
    if capture {
        t.capture(m, &p, 600, Currency::EUR).await.unwrap();
    } else {
        t.void(m, &p).await.unwrap();
    }
    assert_status(&t.payment(m, &p).await, PaymentStatus::Unknown);
    t.later(DAY).await;
    p
}

/// What a person says of a capture or a release: no name is asked for.
fn said(happened: bool) -> DecisionForm {
    let decision = if happened { "happened" } else { "not_happened" };
    DecisionForm { decision: decision.to_owned(), ..DecisionForm::default() }
}

for_each_engine!(captures_and_releases_in_doubt_are_decided_too, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    t.connection(&m, "fake").await;
    for (capture, happened, status, captured) in [
        (true, true, "succeeded", 600),
        (true, false, "requires_capture", 0),
        (false, true, "canceled", 0),
        (false, false, "requires_capture", 0),
    ] {
        let script = if happened { ReleaseScript::DoThenLose } else { ReleaseScript::Lose };
        let p = release_in_doubt(&t, &m, capture, script).await;
        let id = waiting(&t, &m).await;
        review::decide(&t, &m.actor, &id, &said(happened)).await.unwrap();
        let stands = || async {
            let p = t.payment(&m, &p).await;
            (p.status, p.captured)
        };
        assert_eq!(stands().await, (status.to_owned(), captured), "{capture} {happened}");
        t.assert_sound().await;
        // The gateway says the same.
        ask_all(&t).await;
        assert_eq!(stands().await, (status.to_owned(), captured), "{capture} {happened}");
        t.assert_sound().await;
    }
    assert_eq!(count(&t, "operations", "contradicted_at is not null").await, 0);
    assert_eq!(count(&t, "refunds", "true").await, 0);
});

for_each_engine!(a_capture_that_a_person_took_for_done_leaves_the_books, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    t.connection(&m, "fake").await;
    let p = release_in_doubt(&t, &m, true, ReleaseScript::Lose).await;
    let id = waiting(&t, &m).await;
    review::decide(&t, &m.actor, &id, &said(true)).await.unwrap();
    ask_all(&t).await;
    let p = t.payment(&m, &p).await;
    assert_eq!((p.status.as_str(), p.captured, p.refunded), ("succeeded", 600, 600));
    assert_eq!(t.texts("select origin from refunds").await, ["late_failure"]);
    assert_eq!(count(&t, "mails", "template = 'decision_contradicted'").await, 1);
    t.assert_sound().await;
});

for_each_engine!(a_capture_that_a_person_took_for_undone_is_kept_whatever_the_rule, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    t.connection(&m, "fake").await;
    t.sql("update merchants set late_success = 'refund'").await;
    let p = release_in_doubt(&t, &m, true, ReleaseScript::DoThenLose).await;
    let id = waiting(&t, &m).await;
    review::decide(&t, &m.actor, &id, &said(false)).await.unwrap();
    assert_status(&t.payment(&m, &p).await, PaymentStatus::RequiresCapture);
    ask_all(&t).await;
    let p = t.payment(&m, &p).await;
    assert_eq!((p.status.as_str(), p.captured, p.refunded, p.refund_reserved), ("succeeded", 600, 0, 0));
    assert_eq!(count(&t, "operations", "contradicted_at is not null").await, 1);
    assert_eq!(count(&t, "events", "kind = 'payment.late_success'").await, 1);
    assert_eq!(count(&t, "mails", "template = 'decision_contradicted'").await, 1);
    assert_eq!(count(&t, "jobs", "true").await, 0, "the merchant asked for it");
    t.assert_sound().await;
});

for_each_engine!(a_release_that_a_person_took_for_done_is_told, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    t.connection(&m, "fake").await;
    let p = release_in_doubt(&t, &m, false, ReleaseScript::Lose).await;
    let id = waiting(&t, &m).await;
    review::decide(&t, &m.actor, &id, &said(true)).await.unwrap();
    assert_status(&t.payment(&m, &p).await, PaymentStatus::Canceled);
    ask_all(&t).await;
    assert_status(&t.payment(&m, &p).await, PaymentStatus::Canceled);
    assert_eq!(count(&t, "operations", "contradicted_at is not null").await, 1);
    assert_eq!(count(&t, "mails", "template = 'decision_contradicted'").await, 1);
    t.assert_sound().await;
});

for_each_engine!(an_authorisation_that_never_was_ends_without_money, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    t.connection(&m, "fake").await;
    t.gateway.set_deaf(true);
    t.gateway.script([Script::Lose]);
    let s = t.manual_session(&m, 700, "EUR").await;
    assert_eq!(t.pay(&s, GOOD).await, UNKNOWN);
    t.later(DAY).await;
    let id = waiting(&t, &m).await;
    assert!(is_problem(&review::decide(&t, &m.actor, &id, &said(true)).await, codes::FORM_INVALID), "it has a name");
    review::decide(&t, &m.actor, &id, &happened("misread")).await.unwrap();
    assert_status(&t.payment_of(&s).await, PaymentStatus::RequiresCapture);
    t.assert_sound().await;
    ask_all(&t).await;
    let p = t.payment_of(&s).await;
    assert_eq!((p.status.as_str(), p.captured), ("canceled", 0));
    assert_eq!(count(&t, "operations", "contradicted_at is not null").await, 1);
    assert_eq!(count(&t, "mails", "template = 'decision_contradicted'").await, 1);
    t.assert_sound().await;
});

for_each_engine!(a_gateway_that_changes_its_mind_about_a_refund_is_booked_each_time, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    t.connection(&m, "fake").await;
    let payment = t.paid(&m, 1_000, "EUR").await;
    t.refund(&m, &payment, 600, Currency::EUR).await.unwrap();
    let failed = RefundState::Failed { code: "card_closed" };
    for round in 1..=3 {
        for (state, refunded) in [(&failed, 0), (&RefundState::Succeeded, 600)] {
            t.gateway.settle_all_refunds(state);
            ask_all(&t).await;
            assert_eq!(t.payment(&m, &payment).await.refunded, refunded, "round {round}");
            t.assert_sound().await;
        }
    }
    assert_eq!(t.refund_states(&m, &payment).await, ["succeeded"]);
    assert_eq!(count(&t, "journals", "refund_id is not null").await, 7, "once, and there and back three times");
});

for_each_engine!(a_rule_waits_for_a_refund_that_may_yet_fail, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    t.connection(&m, "fake").await;
    t.sql("update merchants set late_success = 'refund'").await;
    t.gateway.script([declined(DeclineCode::GenericDecline)]);
    let s = t.session(&m, 700, "EUR").await;
    t.pay(&s, GOOD).await;
    t.later(3 * DAY).await;
    t.gateway.settle_all(&succeeded(eur(700)));
    t.sql("update operations set next_check_at = 0").await;
    reconcile::run(&t, 10).await.unwrap();
    // Before the rule's job is done, the merchant refunds everything, and nothing of that arrives at the gateway.
    let payment: PaymentId = t.payment_of(&s).await.id.parse().unwrap();
    t.gateway.script_refunds([RefundScript::Lose]);
    t.gateway.set_deaf(true);
    t.refund(&m, &payment, 700, Currency::EUR).await.unwrap();
    t.run_due().await;
    assert_eq!(t.refund_states(&m, &payment).await, ["unknown"]);
    assert_eq!(count(&t, "jobs", "kind = 'refund_by_rule' and status = 'ready'").await, 1);
    t.assert_sound().await;
    t.gateway.set_deaf(false);
    for _ in 0..6 {
        t.later(20 * MINUTE).await;
    }
    assert_eq!(t.refund_states(&m, &payment).await, ["failed", "succeeded"]);
    assert_eq!((t.payment(&m, &payment).await.refunded, count(&t, "jobs", "true").await), (700, 0));
    t.assert_sound().await;
});

for_each_engine!(a_refund_by_rule_that_arrived_after_all_is_told_beside_the_one_that_took_its_place, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    t.connection(&m, "fake").await;
    paid_twice(&t, &m).await;
    t.gateway.script_refunds([RefundScript::NotSent]);
    t.run_due().await;
    let first = t.texts("select idempotency_key from operations where kind = 'refund'").await.remove(0);
    for _ in 0..3 {
        t.later(20 * MINUTE).await;
    }
    assert_eq!(count(&t, "refunds", "status = 'succeeded'").await, 1);
    // The gateway had said that it knew nothing of the first one.
    t.gateway.note_refund(&first, eur(700));
    ask_all(&t).await;
    assert_eq!(
        t.texts("select origin || ' ' || status from refunds order by created_at, id").await,
        ["repeated succeeded", "surplus succeeded"]
    );
    let owed = "select cast(sum(amount) as bigint) from entries where account = 'customer_credit'";
    assert_eq!(t.number(owed).await, 700, "the customer has it twice");
    assert_eq!(count(&t, "mails", "template = 'decision_contradicted'").await, 1);
    t.assert_sound().await;
});
