//! Lists of payments and refunds, and a payment's page.

use domain::{
    Currency, MerchantRole, Mode, Money, PaymentId, Problem, ProblemKind, Timestamp,
    states::{PaymentStatus, RefundStatus},
    time::{DAY, HOUR, MINUTE},
    views::payment::{PaymentDetail, PaymentFilter, RefundFilter, RefundForm},
};
use services::{ServiceError, merchants, payments, refunds};
use test_support::{TestMerchant, TestServices, for_each_engine};

/// A payment's row to be: what a filter may ask for. Text is SQL.
#[derive(Clone)]
struct Row {
    status: &'static str,
    currency: &'static str,
    amount: i64,
    refunded: i64,
    email: &'static str,
    reference: &'static str,
    last4: &'static str,
    method: &'static str,
    decline: &'static str,
    at: i64,
}

const ROW: Row = Row {
    status: "succeeded",
    currency: "EUR",
    amount: 1_000,
    refunded: 0,
    email: "null",
    reference: "null",
    last4: "null",
    method: "'card'",
    decline: "null",
    at: 0,
};

async fn insert(t: &TestServices, m: &TestMerchant, row: &Row) -> PaymentId {
    let id: PaymentId = t.svc.new_id();
    let (scope, at) = (m.scope(), row.at);
    let (owner, live) = (&scope.merchant, scope.mode.is_live());
    let captured = if row.status == "succeeded" { row.amount } else { 0 };
    let Row { status, currency, amount, refunded, email, reference, last4, method, decline, .. } = row;
    t.sql(&format!(
        "insert into payments (merchant_id, livemode, id, status, currency, amount, captured, refunded, customer_email, reference,
           card_last4, method, decline_code, receipt_token, created_at, updated_at)
         values ('{owner}', {live}, '{id}', '{status}', '{currency}', {amount}, {captured}, {refunded}, {email}, {reference},
           {last4}, {method}, {decline}, '{id}', {at}, {at})"
    ))
    .await;
    id
}

async fn found(t: &TestServices, m: &TestMerchant, filter: PaymentFilter) -> Vec<PaymentId> {
    let page = payments::list(t, &m.actor, filter).await.unwrap();
    page.items.into_iter().map(|row| row.id).collect()
}

fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

fn problem<T>(result: Result<T, ServiceError>) -> Problem {
    match result {
        Err(ServiceError::Problem(problem)) => problem,
        Err(error) => panic!("{error}"),
        Ok(_) => panic!("no problem"),
    }
}

for_each_engine!(each_filter_finds_its_payments, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    let plain = insert(&t, &m, &Row { at: 1, ..ROW }).await;
    let part = insert(&t, &m, &Row { at: 2, refunded: 400, email: "'Ann@Example.com'", ..ROW }).await;
    let all = insert(&t, &m, &Row { at: 3, refunded: 1_000, email: "'bob@example.com'", ..ROW }).await;
    let declined = Row { status: "requires_payment_method", decline: "'insufficient_funds'", at: 4, ..ROW };
    let failed = insert(&t, &m, &Row { last4: "'0002'", ..declined }).await;
    let begun = insert(&t, &m, &Row { status: "requires_payment_method", method: "'bank'", at: 5, ..ROW }).await;
    let yen = insert(&t, &m, &Row { currency: "JPY", amount: 500, reference: "'order 7'", at: 6, ..ROW }).await;

    let none = PaymentFilter::default();
    let status = |name: &str| PaymentFilter { status: some(name), ..none.clone() };
    let cases = [
        (none.clone(), vec![&yen, &begun, &failed, &all, &part, &plain]),
        (status("succeeded"), vec![&yen, &all, &part, &plain]),
        (status("requires_payment_method"), vec![&begun, &failed]),
        (status("refunded"), vec![&all]),
        (status("partially_refunded"), vec![&part]),
        (status("failed"), vec![&failed]),
        (status("canceled"), vec![]),
        (PaymentFilter { currency: some("jpy"), ..none.clone() }, vec![&yen]),
        (PaymentFilter { currency: some("JPY"), min: some("500"), max: some("500"), ..none.clone() }, vec![&yen]),
        (PaymentFilter { min: some("10.00"), ..none.clone() }, vec![&begun, &failed, &all, &part, &plain]),
        (PaymentFilter { max: some("9,99"), ..none.clone() }, vec![&yen]),
        (PaymentFilter { method: some("bank"), ..none.clone() }, vec![&begun]),
        (PaymentFilter { last4: some("۰۰۰۲"), ..none.clone() }, vec![&failed]),
        (PaymentFilter { email: some("Ann@Example.com"), ..none.clone() }, vec![&part]),
        (PaymentFilter { email: some("ann@example.com"), ..none.clone() }, vec![&part]),
        (PaymentFilter { email: some("ANN@EXAMPLE.COM"), ..none.clone() }, vec![&part]),
        (PaymentFilter { email: some(" BOB@example.com "), ..none.clone() }, vec![&all]),
        (PaymentFilter { email: some("bob@example.com"), status: some("refunded"), ..none.clone() }, vec![&all]),
        (PaymentFilter { email: some("bob@example.com"), status: some("failed"), ..none.clone() }, vec![]),
        (PaymentFilter { reference: some("order 7"), status: some(""), ..none.clone() }, vec![&yen]),
    ];
    for (filter, expected) in cases {
        let expected: Vec<PaymentId> = expected.into_iter().cloned().collect();
        assert_eq!(found(&t, &m, filter.clone()).await, expected, "{filter:?}");
    }
    let odd = problem(payments::list(&t, &m.actor, PaymentFilter { last4: some("12"), ..status("paid") }).await);
    assert_eq!(odd.kind, ProblemKind::Invalid);
    assert_eq!(odd.fields.iter().map(|f| f.field.as_str()).collect::<Vec<_>>(), ["status", "last4"]);
});

for_each_engine!(days_are_cut_where_the_merchant_lives, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    let day = |from: &str, to: &str| PaymentFilter { from: some(from), to: some(to), ..PaymentFilter::default() };
    let midnight = |date: &str| Timestamp::parse_date(date).unwrap().0;

    // Berlin, 29 March 2026: the day begins at 23:00 UTC the day before and has 23 hours.
    let begins = midnight("2026-03-28") + 23 * HOUR;
    let at = |at: i64| Row { at, ..ROW };
    let _eve = insert(&t, &m, &at(begins - 1)).await;
    let first = insert(&t, &m, &at(begins)).await;
    let last = insert(&t, &m, &at(begins + 23 * HOUR - 1)).await;
    let next = insert(&t, &m, &at(begins + 23 * HOUR)).await;
    assert_eq!(found(&t, &m, day("2026-03-29", "2026-03-29")).await, [last.clone(), first.clone()]);
    assert_eq!(found(&t, &m, day("2026-03-30", "")).await, std::slice::from_ref(&next));
    assert_eq!(found(&t, &m, day("2026-03-29", "2026-03-30")).await.len(), 3);
    assert_eq!(found(&t, &m, day("", "2026-03-28")).await.len(), 1);
    assert_eq!(found(&t, &m, day("", "9999-12-31")).await.len(), 4);

    // Pages show each on the day that it is found under.
    let zone = merchants::zone(&t, &m.actor.user_id, &m.scope().merchant).await.unwrap();
    assert_eq!(zone.name(), "Europe/Berlin");
    let shown = |at: i64| zone.clock(Timestamp(at)).rfc3339();
    assert_eq!((shown(begins - 1_000), shown(begins)), ("2026-03-28T23:59:59Z".into(), "2026-03-29T00:00:00Z".into()));
    assert_eq!((shown(begins + 2 * HOUR - 1_000), shown(begins + 2 * HOUR)), {
        ("2026-03-29T01:59:59Z".into(), "2026-03-29T03:00:00Z".into())
    });
    assert_eq!(shown(begins + 23 * HOUR), "2026-03-30T00:00:00Z");
    let stranger = t.user().await;
    let refused = problem(merchants::zone(&t, &stranger, &m.scope().merchant).await);
    assert_eq!(refused.kind, ProblemKind::NotFound);

    // Tehran is three and a half hours ahead, all year.
    t.sql(&format!("update merchants set timezone = 'Asia/Tehran' where id = '{}'", m.scope().merchant)).await;
    let begins = midnight("2026-04-09") + 20 * HOUR + 30 * MINUTE;
    let before = insert(&t, &m, &at(begins - 1)).await;
    let after = insert(&t, &m, &at(begins)).await;
    assert_eq!(found(&t, &m, day("2026-04-09", "2026-04-09")).await, [before]);
    assert_eq!(found(&t, &m, day("2026-04-10", "2026-04-10")).await, std::slice::from_ref(&after));
    let live = m.in_mode(Mode::Live);
    assert!(found(&t, &live, day("2026-04-10", "2026-04-10")).await.is_empty());
});

for_each_engine!(pages_lead_forth_and_back_over_equal_times, |db| async {
    let t = TestServices::new(&db);
    let (m, other) = (t.merchant().await, t.merchant().await);
    for n in 0..23 {
        insert(&t, &m, &Row { at: n / 5, ..ROW }).await;
    }
    insert(&t, &m.in_mode(Mode::Live), &ROW).await;
    insert(&t, &other, &ROW).await;
    let query = |after: Option<String>, before: Option<String>| PaymentFilter {
        after,
        before,
        limit: Some(4),
        ..PaymentFilter::default()
    };
    let mut page = payments::list(&t, &m.actor, query(None, None)).await.unwrap();
    assert!(page.previous.is_none());
    let (mut forth, mut pages) = (page.items.clone(), vec![page.items.clone()]);
    while let Some(next) = page.next {
        page = payments::list(&t, &m.actor, query(Some(next), None)).await.unwrap();
        forth.extend(page.items.clone());
        pages.push(page.items.clone());
    }
    assert_eq!((forth.len(), pages.len()), (23, 6));
    assert!(forth.windows(2).all(|two| (two[0].created_at, &two[0].id) > (two[1].created_at, &two[1].id)));
    while let Some(previous) = page.previous {
        pages.pop();
        page = payments::list(&t, &m.actor, query(None, Some(previous))).await.unwrap();
        assert_eq!(Some(&page.items), pages.last());
    }
    assert_eq!(pages.len(), 1);
});

async fn detail(t: &TestServices, m: &TestMerchant, id: &PaymentId) -> PaymentDetail {
    payments::detail(t, &m.actor, id).await.unwrap()
}

fn kinds(detail: &PaymentDetail) -> Vec<&str> {
    detail.timeline.iter().map(|item| item.kind.as_str()).collect()
}

for_each_engine!(a_page_tells_the_whole_story, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    t.connection(&m, "sandbox").await;
    let session = t.session(&m, 10_000, "EUR").await;
    t.pay(&session, "4000000000009995").await;
    let id: PaymentId = t.payment_of(&session).await.id.parse().unwrap();

    let declined = detail(&t, &m, &id).await;
    assert_eq!(declined.row.status, PaymentStatus::RequiresPaymentMethod);
    assert_eq!((declined.may_refund, declined.no_refund_because.as_deref()), (false, Some("not_captured")));
    assert_eq!(kinds(&declined), ["attempt.failed", "attempt.created", "payment.created"]);
    assert!(declined.timeline[0].params.contains(&("code".to_owned(), "insufficient_funds".to_owned())));

    t.clock.advance(MINUTE);
    t.pay(&session, "4242424242424242").await;
    t.clock.advance(MINUTE);
    t.refund(&m, &id, 2_550, Currency::EUR).await.unwrap();
    let page = detail(&t, &m, &id).await;
    let eur = |minor| Money::new(minor, Currency::EUR);
    assert_eq!((page.captured, page.row.refunded, page.refundable), (eur(10_000), eur(2_550), eur(7_450)));
    assert_eq!(page.net.minor, 10_000 - page.fee.minor - 2_550);
    assert!(page.fee.minor > 0 && page.may_refund && page.no_refund_because.is_none());
    assert_eq!((page.attempts.len(), page.refunds.len()), (2, 1));
    assert_eq!(page.attempts[1].connection_name, "sandbox");
    assert_eq!(page.refunds[0].created_by.as_deref(), Some("Ada Example"));
    assert_eq!(page.ledger.iter().map(|line| line.amount.minor).sum::<i64>(), 0);
    assert!(page.receipt_path.starts_with("/r/") && page.session_id == Some(session.id.clone()));
    let told = kinds(&page);
    assert_eq!(told.last(), Some(&"payment.created"));
    for kind in [
        "attempt.succeeded",
        "journal.payment",
        "refund.created",
        "refund.succeeded",
        "journal.refund",
        "mail.receipt.queued",
        "mail.refund.queued",
    ] {
        assert!(told.contains(&kind), "{kind}: {told:?}");
    }
    assert!(page.timeline.windows(2).all(|two| two[0].at >= two[1].at));
    let made = page.timeline.iter().find(|item| item.kind == "refund.created").unwrap();
    assert_eq!(made.actor.as_deref(), Some("Ada Example"));

    let full = RefundForm { kind: "full".into(), remaining: 7_450, ..t.refund_form("") };
    payments::refund(&t, &m.actor, &id, full).await.unwrap();
    let page = detail(&t, &m, &id).await;
    assert_eq!((page.refundable.minor, page.no_refund_because.as_deref()), (0, Some("nothing_left")));
});

for_each_engine!(what_forbids_a_refund_is_named, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    t.connection(&m, "sandbox").await;
    let id = t.paid(&m, 1_000, "EUR").await;
    let because = async |m: &TestMerchant| detail(&t, m, &id).await.no_refund_because;
    assert_eq!(because(&m.as_role(MerchantRole::Viewer)).await.as_deref(), Some("no_permission"));
    assert_eq!(because(&m.as_role(MerchantRole::Support)).await, None);
    t.sql("update attempts set provider = 'elsewhere'").await;
    assert_eq!(because(&m).await.as_deref(), Some("gateway_cannot"));
    t.sql("update payments set refund_reserved = 1000").await;
    assert_eq!(because(&m).await.as_deref(), Some("refund_pending"));
    t.sql("update payments set status = 'unknown'").await;
    assert_eq!(because(&m).await.as_deref(), Some("unknown_outcome"));
});

for_each_engine!(nobody_sees_anothers_payments_and_worlds_do_not_mix, |db| async {
    let t = TestServices::new(&db);
    let (m, other) = (t.merchant().await, t.merchant().await);
    t.connection(&m, "sandbox").await;
    let id = t.paid(&m, 1_000, "EUR").await;
    t.refund(&m, &id, 100, Currency::EUR).await.unwrap();
    assert_eq!(found(&t, &m, PaymentFilter::default()).await, std::slice::from_ref(&id));
    let mine = refunds::list(&t, &m.actor, RefundFilter::default()).await.unwrap();
    assert_eq!(mine.items.len(), 1);
    for stranger in [other.clone(), other.in_mode(Mode::Live), m.in_mode(Mode::Live)] {
        assert!(found(&t, &stranger, PaymentFilter::default()).await.is_empty());
        assert!(refunds::list(&t, &stranger.actor, RefundFilter::default()).await.unwrap().items.is_empty());
        assert_eq!(problem(payments::detail(&t, &stranger.actor, &id).await).kind, ProblemKind::NotFound);
    }
});

for_each_engine!(refunds_are_listed_by_state, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    t.connection(&m, "sandbox").await;
    let session = t.session(&m, 10_000, "EUR").await;
    // Its refunds succeed and fail later.
    t.pay(&session, "4000000000005126").await;
    let id: PaymentId = t.payment_of(&session).await.id.parse().unwrap();
    t.refund(&m, &id, 100, Currency::EUR).await.unwrap();
    t.later(DAY).await;
    let other = t.paid(&m, 1_000, "EUR").await;
    t.refund(&m, &other, 200, Currency::EUR).await.unwrap();
    let list = async |status: &str| {
        let filter = RefundFilter { status: some(status), ..RefundFilter::default() };
        refunds::list(&t, &m.actor, filter).await.unwrap().items
    };
    let all = list("").await;
    assert_eq!(all.iter().map(|refund| refund.amount.minor).collect::<Vec<_>>(), [200, 100]);
    let failed = list("failed").await;
    assert_eq!((failed.len(), failed[0].status), (1, RefundStatus::Failed));
    assert!(failed[0].failure_code.is_some());
    assert_eq!(list("succeeded").await.len(), 1);
    assert_eq!(list("pending").await.len(), 0);
    let odd = RefundFilter { status: some("lost"), ..RefundFilter::default() };
    assert_eq!(problem(refunds::list(&t, &m.actor, odd).await).fields[0].field, "status");

    let page = detail(&t, &m, &id).await;
    let told = kinds(&page);
    let place = |kind: &str| told.iter().position(|told| *told == kind).unwrap_or_else(|| panic!("{kind}: {told:?}"));
    assert!(place("refund.failed") < place("refund.succeeded"));
    assert!(place("refund.succeeded") < place("refund.created"));
    assert!(told.contains(&"journal.refund_reversal"));
    assert_eq!((page.refundable.minor, page.may_refund), (10_000, true));
});
