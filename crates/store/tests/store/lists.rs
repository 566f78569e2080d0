//! Lists of payments and refunds: each row once in both directions, and by the index that fits.

use domain::{
    Currency, MerchantId, Mode, PaymentId, RefundId, Scope, Timestamp,
    states::{PaymentStatus, RefundStatus},
    views::{Cursor, payment::PaymentRow},
};
use proptest::{prelude::*, strategy::ValueTree, test_runner::TestRunner};
use sqlx::{AssertSqlSafe, Row};
use std::fmt::Write;
use store::{
    Db, StoreError, Tx, on,
    payment_lists::{self, PaymentQuery, Place, StatusIs},
};
use test_support::{TestDb, for_each_engine};

fn scope(n: u8, mode: Mode) -> Scope {
    Scope { merchant: MerchantId::from_parts(u64::from(n), [n; 10]), mode }
}

async fn run(db: &Db, sql: String) {
    let done: Result<(), StoreError> = db
        .write(&sql, |tx, sql| {
            Box::pin(async move {
                on!(tx, |c| sqlx::raw_sql(AssertSqlSafe(sql.clone())).execute(c).await.map(drop))?;
                Ok(())
            })
        })
        .await;
    done.unwrap();
}

async fn merchant(db: &Db, scope: &Scope) {
    let id = &scope.merchant;
    let sql = format!(
        "insert into merchants (id, name, status, timezone, default_currency, created_at) \
         values ('{id}', 'Books', 'active', 'UTC', 'EUR', 0)"
    );
    run(db, sql).await;
}

/// A payment to be: its time, and a number of which state and address follow.
#[derive(Debug, Clone)]
struct Made {
    at: i64,
    random: u64,
}

fn id_of(made: &Made) -> PaymentId {
    let mut random = [0; 10];
    random[..8].copy_from_slice(&made.random.to_be_bytes());
    PaymentId::from_parts(0, random)
}

fn status_of(made: &Made) -> PaymentStatus {
    let all = PaymentStatus::ALL;
    all[usize::try_from(made.random).unwrap_or(usize::MAX) % all.len()]
}

async fn insert(db: &Db, scope: &Scope, rows: &[Made]) {
    if rows.is_empty() {
        return;
    }
    let mut sql = String::from(
        "insert into payments (merchant_id, livemode, id, status, currency, amount, customer_email, receipt_token, \
         created_at, updated_at) values ",
    );
    for (n, made) in rows.iter().enumerate() {
        let (owner, live, id, status, at) =
            (&scope.merchant, scope.mode.is_live(), id_of(made), status_of(made).as_str(), made.at);
        let comma = if n == 0 { "" } else { ", " };
        let email = made.random % 3;
        write!(
            sql,
            "{comma}('{owner}', {live}, '{id}', '{status}', 'EUR', 100, 'c{email}@example.com', '{owner}{live}{id}', {at}, {at})"
        )
        .unwrap();
    }
    run(db, sql).await;
}

fn rows() -> impl Strategy<Value = Vec<Made>> {
    // Few moments, so that many rows share one.
    prop::collection::vec((0i64..4, any::<u64>()), 0..40).prop_map(|pairs| {
        let mut rows: Vec<Made> = pairs.into_iter().map(|(at, random)| Made { at, random }).collect();
        rows.sort_by_key(|made| made.random);
        rows.dedup_by_key(|made| made.random);
        rows
    })
}

fn cursor(row: &PaymentRow) -> Cursor {
    Cursor { at: row.created_at, id: row.id.to_string() }
}

async fn walk(tx: &mut Tx, scope: &Scope, query: &PaymentQuery, start: Place, size: i64) -> Vec<PaymentId> {
    let (mut place, mut seen) = (start, Vec::new());
    loop {
        let query = PaymentQuery { place: place.clone(), ..query.clone() };
        let page = payment_lists::payments(tx, scope, &query, size).await.unwrap();
        let Some(last) = page.last() else { return seen };
        place = match place {
            Place::Before(_) => Place::Before(cursor(last)),
            _ => Place::After(cursor(last)),
        };
        seen.extend(page.into_iter().map(|row| row.id));
    }
}

/// What a list has to show, by the definition.
fn expected(rows: &[Made], query: &PaymentQuery) -> Vec<PaymentId> {
    let mut found: Vec<&Made> = rows
        .iter()
        .filter(|made| query.from.is_none_or(|from| made.at >= from.0))
        .filter(|made| query.until.is_none_or(|until| made.at < until.0))
        .filter(|made| {
            let own = format!("c{}@example.com", made.random % 3);
            query.email.as_ref().is_none_or(|email| email.eq_ignore_ascii_case(&own))
        })
        .filter(|made| query.status.is_none_or(|status| status == StatusIs::State(status_of(made))))
        .collect();
    found.sort_by_key(|made| std::cmp::Reverse((made.at, id_of(made).to_string())));
    found.into_iter().map(id_of).collect()
}

fn queries() -> Vec<PaymentQuery> {
    let status = Some(StatusIs::State(PaymentStatus::Succeeded));
    let email = |text: &str| Some(text.to_owned());
    vec![
        PaymentQuery::default(),
        PaymentQuery { from: Some(Timestamp(1)), until: Some(Timestamp(3)), ..PaymentQuery::default() },
        PaymentQuery { status, ..PaymentQuery::default() },
        PaymentQuery { status, email: email("c1@example.com"), from: Some(Timestamp(2)), ..PaymentQuery::default() },
        PaymentQuery { email: email("C2@Example.COM"), ..PaymentQuery::default() },
        PaymentQuery { status, currency: Some(Currency::EUR), max: Some(100), ..PaymentQuery::default() },
        PaymentQuery { min: Some(100), max: Some(100), email: email("c1@example.com"), ..PaymentQuery::default() },
    ]
}

for_each_engine!(pages_show_each_row_once_forwards_and_backwards, |db| async {
    let mut runner = TestRunner::deterministic();
    for n in 1u8..=12 {
        let (test, live) = (scope(n, Mode::Test), scope(n, Mode::Live));
        merchant(&db, &test).await;
        let rows = rows().new_tree(&mut runner).unwrap().current();
        insert(&db, &test, &rows).await;
        insert(&db, &live, &[Made { at: 2, random: 7 }]).await;
        let size = i64::from(n % 5) + 1;
        let mut tx = db.read().await.unwrap();
        for query in queries() {
            let expected = expected(&rows, &query);
            assert_eq!(walk(&mut tx, &test, &query, Place::First, size).await, expected, "{query:?} {rows:?}");
            let end = Place::Before(Cursor { at: Timestamp(-1), id: "pi".to_owned() });
            let mut back = walk(&mut tx, &test, &query, end, size).await;
            back.reverse();
            assert_eq!(back, expected, "backwards: {query:?} {rows:?}");
        }
        assert_eq!(walk(&mut tx, &live, &PaymentQuery::default(), Place::First, 5).await.len(), 1);
    }
});

for_each_engine!(a_cursor_before_the_first_day_or_after_the_last_changes_nothing, |db| async {
    let test = scope(1, Mode::Test);
    merchant(&db, &test).await;
    let rows: Vec<Made> = (0u32..6).map(|n| Made { at: i64::from(n), random: u64::from(n) }).collect();
    insert(&db, &test, &rows).await;
    let query = PaymentQuery { from: Some(Timestamp(2)), until: Some(Timestamp(4)), ..PaymentQuery::default() };
    let at = |at| Cursor { at: Timestamp(at), id: "pi_z".to_owned() };
    let mut tx = db.read().await.unwrap();
    for place in [Place::After(at(9)), Place::Before(at(0))] {
        assert_eq!(walk(&mut tx, &test, &query, place, 10).await.len(), 2);
    }
    for place in [Place::After(at(1)), Place::Before(at(4))] {
        assert_eq!(walk(&mut tx, &test, &query, place, 10).await.len(), 0);
    }
});

fn sqlite(body: impl AsyncFn(&TestDb)) {
    test_support::db::block_on(async {
        let db = TestDb::sqlite().await;
        body(&db).await;
    });
}

async fn plan(db: &Db, sql: String) -> String {
    let mut tx = db.read().await.unwrap();
    let Tx::Sqlite(unit) = &mut tx else { panic!("SQLite") };
    let rows = sqlx::query(AssertSqlSafe(format!("explain query plan {sql}"))).fetch_all(&mut **unit).await.unwrap();
    rows.iter().map(|row| row.get::<String, _>("detail")).collect::<Vec<_>>().join("\n")
}

#[test]
fn lists_walk_an_index_and_sort_nothing() {
    sqlite(async |db| {
        let scope = scope(1, Mode::Test);
        let after = Place::After(Cursor { at: Timestamp(5), id: "pi_1".to_owned() });
        let before = Place::Before(Cursor { at: Timestamp(5), id: "pi_1".to_owned() });
        let (from, until) = (Some(Timestamp(1)), Some(Timestamp(9)));
        let text = |text: &str| Some(text.to_owned());
        let none = PaymentQuery::default();
        let status = Some(StatusIs::State(PaymentStatus::Succeeded));
        // What each filter walks by itself, from the rarest to the most common.
        let filters = [
            ("payments_by_reference", PaymentQuery { reference: text("order 7"), ..none.clone() }),
            ("payments_by_email", PaymentQuery { email: text("A@example.com"), ..none.clone() }),
            ("payments_by_last4", PaymentQuery { last4: text("4242"), ..none.clone() }),
            ("payments_by_amount", PaymentQuery { min: Some(500), max: Some(500), ..none.clone() }),
            ("payments_by_status", PaymentQuery { status: Some(StatusIs::Failed), ..none.clone() }),
            ("payments_by_currency", PaymentQuery { currency: Some(Currency::EUR), ..none.clone() }),
            ("payments_by_status", PaymentQuery { status: Some(StatusIs::Refunded), ..none.clone() }),
            ("payments_by_creation", PaymentQuery { min: Some(1), max: Some(9), ..none.clone() }),
            ("payments_by_creation", PaymentQuery { method: text("card"), ..none.clone() }),
            ("payments_by_creation", none.clone()),
        ];
        let mut cases: Vec<(&str, PaymentQuery)> = filters.to_vec();
        // Each with all that are more common beside it: the rarest leads.
        for (at, (index, rare)) in filters.iter().enumerate() {
            let beside = filters[at + 1..].iter().fold(rare.clone(), |all, (_, one)| PaymentQuery {
                email: all.email.or(one.email.clone()),
                last4: all.last4.or(one.last4.clone()),
                min: all.min.or(one.min),
                max: all.max.or(one.max),
                status: all.status.or(one.status),
                currency: all.currency.or(one.currency),
                method: all.method.or(one.method.clone()),
                ..all
            });
            cases.push((index, beside));
        }
        cases.push((
            "payments_by_currency",
            PaymentQuery { status, currency: Some(Currency::EUR), min: Some(1), ..none },
        ));
        for place in [Place::First, after, before] {
            let days = [(None, None), (from, until)];
            let all = cases.iter().flat_map(|case| days.map(|days| (case, days)));
            for ((index, query), (from, until)) in all {
                let query = PaymentQuery { from, until, place: place.clone(), ..query.clone() };
                let plan = plan(db, payment_lists::payments_text(&scope, &query)).await;
                assert!(plan.contains(&format!("USING INDEX {index} ")), "not {index}: {query:?}\n{plan}");
                assert!(!plan.contains("TEMP B-TREE") && !plan.contains("SCAN"), "{query:?}\n{plan}");
                let walks = query.place != Place::First || query.from.is_some();
                assert!(!walks || plan.contains("created_at"), "entered at its beginning: {query:?}\n{plan}");
            }
            for (index, status) in [("refunds_by_creation", None), ("refunds_by_status", Some(RefundStatus::Failed))] {
                let plan = plan(db, payment_lists::refunds_text(&scope, status, &place)).await;
                assert!(plan.contains(&format!("USING INDEX {index} ")), "{place:?}\n{plan}");
                assert!(!plan.contains("TEMP B-TREE") && !plan.contains("SCAN"), "{place:?}\n{plan}");
            }
        }
    });
}

#[test]
fn the_home_page_a_payments_page_and_what_gateways_name_walk_no_table() {
    sqlite(async |db| {
        for (module, name, sql) in store::all_statements() {
            if !matches!(module, "charges" | "dashboard" | "disputes" | "payment_lists" | "payment_lists::detail") {
                continue;
            }
            let plan = plan(db, sql.to_owned()).await;
            let scans = plan.lines().filter(|line| line.starts_with("SCAN"));
            // What a part of the statement itself made may be walked through.
            let made = [
                "SCAN used",
                "SCAN p1",
                "SCAN p2",
                "SCAN p3",
                "SCAN d1",
                "SCAN r1",
                "SCAN r2",
                "SCAN o1",
                "SCAN o2",
                "SCAN g1",
                "SCAN t1",
                "SCAN t2",
                "SCAN (",
                "SCAN CONSTANT",
            ];
            let tables: Vec<_> = scans.filter(|line| !made.iter().any(|made| line.starts_with(made))).collect();
            assert!(tables.is_empty(), "{module}::{name}: {tables:?}\n{plan}");
            assert!(name != "HOURS" || plan.contains("currency=? AND hour>? AND hour<?"), "{plan}");
        }
    });
}

#[test]
fn what_routing_counts_is_entered_by_index() {
    sqlite(async |db| {
        for (module, name, sql) in store::all_statements() {
            if module != "routing" || !matches!(name, "ENDED" | "REPLAYED" | "PAID_BEFORE") {
                continue;
            }
            let plan = plan(db, sql.to_owned()).await;
            // The latest payments, which a bounded part of the statement has found, may be walked through.
            let scans = plan.lines().filter(|line| line.starts_with("SCAN") && !line.starts_with("SCAN recent"));
            assert_eq!(scans.count(), 0, "{name}\n{plan}");
            let entered = if name == "PAID_BEFORE" { "payments_by_email" } else { "payments_by_creation" };
            assert!(plan.contains(entered), "{name}\n{plan}");
            assert!(name == "PAID_BEFORE" || plan.contains("created_at>?"), "{name}\n{plan}");
        }
    });
}

#[test]
fn what_is_asked_of_bank_transfers_walks_the_index_that_fits() {
    sqlite(async |db| {
        let mut seen = 0;
        for (module, name, sql) in store::all_statements() {
            let index = match (module, name) {
                ("bank_entries", "DOUBTFUL_OLDER" | "DOUBTFUL_NEWER") => "bank_entries_by_state",
                ("bank_entries", "ASIDE_OLDER" | "ASIDE_NEWER") => "bank_entries_aside",
                ("bank_entries", "CLEAR") => "bank_entries_clear",
                ("bank_entries", "FORGET") => "bank_entries_strange",
                ("bank_transfers", "OVERPAID") => "bank_transfers_owed",
                _ => continue,
            };
            let plan = plan(db, sql.to_owned()).await;
            assert!(plan.contains(&format!("USING INDEX {index}")), "{module}::{name}\n{plan}");
            assert!(!plan.contains("TEMP B-TREE"), "{module}::{name}\n{plan}");
            seen += 1;
        }
        assert_eq!(seen, 7);
    });
}

for_each_engine!(refunds_come_with_payer_and_author, |db| async {
    let (test, other) = (scope(1, Mode::Test), scope(2, Mode::Test));
    merchant(&db, &test).await;
    merchant(&db, &other).await;
    let made = Made { at: 1, random: 1 };
    insert(&db, &test, std::slice::from_ref(&made)).await;
    let (owner, payment) = (&test.merchant, id_of(&made));
    let id = |n: u8| RefundId::from_parts(u64::from(n), [n; 10]);
    run(
        &db,
        format!(
            "insert into users (id, name, email, email_key, password_hash, locale, created_at)
             values ('usr_1', 'Ada', 'a@b.co', 'a@b.co', 'x', 'en', 0);
             insert into connections (merchant_id, livemode, id, provider, name, status, methods, currencies, priority, created_at,
               updated_at) values ('{owner}', false, 'gwc_1', 'sandbox', 'S', 'active', '[]', '[]', 0, 0, 0);
             insert into attempts (merchant_id, livemode, id, payment_id, seq, connection_id, provider, status, amount, currency,
               method, form_key, created_at, updated_at)
             values ('{owner}', false, 'ch_1', '{payment}', 1, 'gwc_1', 'sandbox', 'succeeded', 100, 'EUR', 'card', 'k', 0, 0);
             insert into refunds (merchant_id, livemode, id, payment_id, attempt_id, status, amount, currency, reason, created_by,
               created_at, updated_at)
             values ('{owner}', false, '{}', '{payment}', 'ch_1', 'succeeded', 10, 'EUR', 'other', 'usr_1', 5, 5),
                    ('{owner}', false, '{}', '{payment}', 'ch_1', 'failed', 20, 'EUR', 'other', null, 5, 6);",
            id(1),
            id(2)
        ),
    )
    .await;
    let mut tx = db.read().await.unwrap();
    let all = payment_lists::refunds(&mut tx, &test, None, &Place::First, 9).await.unwrap();
    assert_eq!(all.iter().map(|refund| refund.id.clone()).collect::<Vec<_>>(), [id(2), id(1)]);
    assert_eq!((all[1].created_by.as_deref(), all[0].created_by.as_deref()), (Some("Ada"), None));
    assert_eq!(all[0].customer_email.as_deref(), Some("c1@example.com"));
    let failed = payment_lists::refunds(&mut tx, &test, Some(RefundStatus::Failed), &Place::First, 9).await.unwrap();
    assert_eq!(failed.len(), 1);
    let after = Place::After(Cursor { at: Timestamp(5), id: id(2).to_string() });
    assert_eq!(payment_lists::refunds(&mut tx, &test, None, &after, 9).await.unwrap()[0].id, id(1));
    assert!(payment_lists::refunds(&mut tx, &other, None, &Place::First, 9).await.unwrap().is_empty());
    let live = scope(1, Mode::Live);
    assert!(payment_lists::refunds(&mut tx, &live, None, &Place::First, 9).await.unwrap().is_empty());
});
