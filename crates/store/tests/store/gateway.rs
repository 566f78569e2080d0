//! Connections, links, sessions and the sandbox's book, on both engines.

use domain::{
    ConnectionId, Currency, LinkId, MerchantId, Mode, Scope, SessionId, Timestamp, states::ConnectionStatus,
    views::Cursor,
};
use store::connections::{self, ConnectionEdit, NewConnection};
use store::links::{self, LinkContent};
use store::sandbox::{self, ChargeMove, ChargeRow, RefundRow};
use store::sessions::{self, NewSession};
use store::{Db, StoreError, raw};
use test_support::{TestDb, for_each_engine};

const NOW: Timestamp = Timestamp(1_795_305_600_000);

fn merchant(n: u8) -> MerchantId {
    MerchantId::from_parts(1, [n; 10])
}

fn scope(n: u8, mode: Mode) -> Scope {
    Scope { merchant: merchant(n), mode }
}

fn session_id(n: u8) -> SessionId {
    SessionId::from_parts(1, [n; 10])
}

/// A merchant of test mode, active.
async fn merchants(db: &TestDb) -> Scope {
    for n in [1, 2] {
        let sql = format!(
            "insert into merchants (id, name, status, timezone, default_currency, return_origins, created_at) \
             values ('{}', 'Shop', 'active', 'UTC', 'EUR', '[\"https://shop.example\"]', 1)",
            merchant(n)
        );
        raw::execute(db.url(), &sql).await.unwrap();
    }
    scope(1, Mode::Test)
}

async fn add(db: &Db, scope: &Scope, n: u8, priority: i64, methods: &str, currencies: &str) -> ConnectionId {
    let id = ConnectionId::from_parts(1, [n; 10]);
    let new = NewConnection {
        id: &id,
        provider: "sandbox",
        name: "One",
        methods,
        currencies,
        credentials: (n == 1).then_some(b"sealed"),
        priority,
        at: NOW,
    };
    db.write(&(scope, &new), |tx, &(scope, new)| Box::pin(async move { connections::insert(tx, scope, new).await }))
        .await
        .unwrap();
    id
}

for_each_engine!(connections_are_kept_apart_and_ordered, |db| async {
    let test = merchants(&db).await;
    let id = add(&db, &test, 1, 20, r#"["card"]"#, "[]").await;
    let first = add(&db, &test, 2, 10, r#"["card","swish"]"#, r#"["EUR","SEK"]"#).await;
    add(&db, &scope(1, Mode::Live), 3, 1, r#"["card"]"#, "[]").await;
    add(&db, &scope(2, Mode::Test), 4, 1, r#"["card"]"#, "[]").await;
    let mut tx = db.read().await.unwrap();
    let listed = connections::list(&mut tx, &test).await.unwrap();
    assert_eq!(listed.iter().map(|c| c.id.as_str()).collect::<Vec<_>>(), [first.as_str(), id.as_str()]);
    assert_eq!(listed.iter().map(|c| c.has_credentials).collect::<Vec<_>>(), [false, true]);
    assert_eq!(connections::count(&mut tx, &test).await.unwrap(), 2);
    let active = connections::active(&mut tx, &test).await.unwrap();
    assert_eq!(active.iter().map(|c| c.id.as_str()).collect::<Vec<_>>(), [first.as_str(), id.as_str()]);
    assert_eq!(active[1].credentials.as_deref(), Some(&b"sealed"[..]));
    let takes =
        |currency| active.iter().map(|c| connections::takes(&c.currencies, currency).unwrap()).collect::<Vec<_>>();
    assert_eq!((takes(Currency::EUR), takes(Currency::USD)), (vec![true, true], vec![false, true]));
    assert_eq!(connections::texts(&active[0].methods).unwrap(), ["card", "swish"]);
    let other = scope(2, Mode::Test);
    assert!(connections::get(&mut tx, &other, &id).await.unwrap().is_none());
    assert!(connections::for_call(&mut tx, &other, &id).await.unwrap().is_none());
});

for_each_engine!(connections_change_by_compare_and_set, |db| async {
    let test = merchants(&db).await;
    let id = add(&db, &test, 1, 20, r#"["card"]"#, "[]").await;
    let edit = |version, credentials| ConnectionEdit {
        name: "Two",
        methods: r#"["card"]"#,
        currencies: r#"["EUR"]"#,
        priority: 5,
        credentials,
        at: NOW,
        version,
    };
    let try_edit = async |edit: ConnectionEdit<'_>| {
        db.write(&(&test, &id, &edit), |tx, &(scope, id, edit)| {
            Box::pin(async move { connections::edit(tx, scope, id, edit).await })
        })
        .await
        .unwrap()
    };
    assert!(try_edit(edit(1, None)).await);
    assert!(!try_edit(edit(1, None)).await, "a stale version");
    let read = async || connections::get(&mut db.read().await.unwrap(), &test, &id).await.unwrap().unwrap();
    let row = read().await;
    assert_eq!((row.name.as_str(), row.priority, row.version, row.has_credentials), ("Two", 5, 2, true));
    assert!(try_edit(edit(2, Some(None))).await);
    assert!(!read().await.has_credentials);
    let go = async |from, to| {
        db.write(&(&test, &id, from, to), |tx, &(scope, id, from, to)| {
            Box::pin(async move { connections::set_status(tx, scope, id, from, to, NOW).await })
        })
        .await
        .unwrap()
    };
    assert!(go(ConnectionStatus::Active, ConnectionStatus::Paused).await);
    assert!(!go(ConnectionStatus::Active, ConnectionStatus::Archived).await);
    assert!(connections::active(&mut db.read().await.unwrap(), &test).await.unwrap().is_empty());
    assert!(go(ConnectionStatus::Paused, ConnectionStatus::Archived).await);
    assert!(!try_edit(edit(5, None)).await, "archived");
    let tested = db
        .write(&(&test, &id), |tx, &(scope, id)| {
            Box::pin(async move { connections::tested(tx, scope, id, NOW, "ok").await })
        })
        .await;
    assert!(tested.unwrap());
    let row = read().await;
    assert_eq!((row.last_test_at, row.last_test_code.as_deref()), (Some(NOW.0), Some("ok")));
    assert!(connections::for_call(&mut db.read().await.unwrap(), &test, &id).await.unwrap().is_some());
});

fn content(stock: Option<i64>) -> LinkContent {
    LinkContent {
        title: "Tea".into(),
        description: None,
        currency: "EUR".into(),
        amount: Some(450),
        min_amount: None,
        max_amount: None,
        max_quantity: 3,
        stock,
        success_url: None,
        capture_method: domain::CaptureMethod::Automatic,
    }
}

async fn link(db: &TestDb, scope: &Scope, n: u8, stock: Option<i64>, at: Timestamp) -> LinkId {
    let id = LinkId::from_parts(1, [n; 10]);
    let user = "usr_00000000000000000000000000";
    let sql = format!(
        "insert into users (id, name, email, email_key, password_hash, locale, created_at) \
         values ('{user}', 'Ann', 'a@b.se', 'a@b.se', 'x', 'en', 1) on conflict do nothing"
    );
    raw::execute(db.url(), &sql).await.unwrap();
    let (token, content) = (format!("token-{n}"), content(stock));
    db.write(&(scope, &id, &token, &content), |tx, &(scope, id, token, content)| {
        Box::pin(async move { links::insert(tx, scope, id, token, content, user, at).await })
    })
    .await
    .unwrap();
    id
}

async fn take(db: &Db, scope: &Scope, id: &LinkId, pieces: i64) -> bool {
    db.write(&(scope, id), |tx, &(scope, id)| {
        Box::pin(async move { links::take_stock(tx, scope, id.as_str(), pieces).await })
    })
    .await
    .unwrap()
}

for_each_engine!(stock_is_never_oversold, |db| async {
    let test = merchants(&db).await;
    let id = link(&db, &test, 1, Some(5), NOW).await;
    let takers = (0..20).map(|_| take(&db, &test, &id, 1));
    let taken = futures::future::join_all(takers).await.into_iter().filter(|taken| *taken).count();
    assert_eq!(taken, 5);
    let sold = async || links::get(&mut db.read().await.unwrap(), &test, &id).await.unwrap().unwrap().sold;
    assert_eq!(sold().await, 5);
    let back = async |pieces| {
        db.write(&(&test, &id), |tx, &(scope, id)| {
            Box::pin(async move { links::give_stock_back(tx, scope, id.as_str(), pieces).await })
        })
        .await
        .unwrap()
    };
    assert!(back(2).await && !back(4).await);
    assert_eq!(sold().await, 3);
    assert!(!take(&db, &test, &id, 3).await && take(&db, &test, &id, 2).await);
    let update = async |stock, version| {
        let content = content(stock);
        db.write(&(&test, &id, &content), |tx, &(scope, id, content)| {
            Box::pin(async move { links::update(tx, scope, id, content, NOW, version).await })
        })
        .await
        .unwrap()
    };
    assert!(!update(Some(4), 1).await, "more is sold");
    assert!(update(Some(6), 1).await && !update(None, 1).await && update(None, 2).await);
    assert!(take(&db, &test, &id, 1_000).await, "unlimited");
    let active = async |on| {
        db.write(&(&test, &id), |tx, &(scope, id)| {
            Box::pin(async move { links::set_active(tx, scope, id, on, NOW).await })
        })
        .await
        .unwrap()
    };
    assert!(active(false).await && !active(false).await);
    assert!(!take(&db, &test, &id, 1).await, "switched off");
    assert!(!take(&db, &scope(2, Mode::Test), &id, 1).await && !take(&db, &scope(1, Mode::Live), &id, 1).await);
});

for_each_engine!(links_are_listed_by_key, |db| async {
    let test = merchants(&db).await;
    for n in 1..=6 {
        link(&db, &test, n, None, NOW.plus(i64::from(n / 2))).await;
    }
    let mut tx = db.read().await.unwrap();
    let start = Cursor { at: Timestamp(i64::MAX), id: String::new() };
    let all = links::older(&mut tx, &test, &start, 100).await.unwrap();
    assert_eq!(all.len(), 6);
    assert!(all.windows(2).all(|w| (w[0].created_at, &w[0].id) > (w[1].created_at, &w[1].id)));
    let third = Cursor { at: Timestamp(all[2].created_at), id: all[2].id.clone() };
    assert_eq!(links::older(&mut tx, &test, &third, 2).await.unwrap(), all[3..5]);
    let mut newer = links::newer(&mut tx, &test, &third, 100).await.unwrap();
    newer.reverse();
    assert_eq!(newer, all[..2]);
    assert!(links::older(&mut tx, &scope(1, Mode::Live), &start, 10).await.unwrap().is_empty());
    let page = links::page(&mut tx, "token-1").await.unwrap().unwrap();
    assert_eq!((page.seller.merchant_name.as_str(), page.livemode, page.link.title.as_str()), ("Shop", false, "Tea"));
    assert!(links::page(&mut tx, "token-9").await.unwrap().is_none());
});

fn new_session(n: u8, link: Option<&LinkId>, quantity: i64) -> NewSession {
    NewSession {
        id: session_id(n),
        token: format!("cs-{n}"),
        currency: "EUR".into(),
        amount: 900,
        line_items: r#"[{"name":"Tea","quantity":2,"unit_amount":450}]"#.into(),
        description: None,
        customer_email: Some("ann@example.com".into()),
        client_reference: None,
        metadata: "{}".into(),
        success_url: None,
        cancel_url: None,
        locale: Some("fa"),
        link_id: link.map(ToString::to_string),
        quantity,
        expires_at: NOW.plus(1_000),
        created_at: NOW,
        capture_method: domain::CaptureMethod::Manual,
    }
}

async fn insert_session(db: &Db, scope: &Scope, new: &NewSession) -> Result<(), StoreError> {
    db.write(&(scope, new), |tx, &(scope, new)| Box::pin(async move { sessions::insert(tx, scope, new).await })).await
}

async fn cancel(db: &Db, scope: &Scope, id: &SessionId) -> bool {
    let done: Result<_, StoreError> = db
        .write(&(scope, id), |tx, &(scope, id)| Box::pin(async move { sessions::cancel(tx, scope, id, NOW).await }))
        .await;
    done.unwrap() != sessions::Canceled::Refused
}

for_each_engine!(sessions_end_and_give_their_stock_back, |db| async {
    let test = merchants(&db).await;
    let id = link(&db, &test, 1, Some(5), NOW).await;
    assert!(take(&db, &test, &id, 2).await);
    insert_session(&db, &test, &new_session(1, Some(&id), 2)).await.unwrap();
    let again = insert_session(&db, &test, &new_session(1, None, 1)).await;
    assert!(matches!(again, Err(StoreError::Conflict { .. })));
    let foreign = insert_session(&db, &scope(2, Mode::Test), &new_session(2, Some(&id), 1)).await;
    assert!(matches!(foreign, Err(StoreError::ForeignKey)), "another merchant's link");
    assert!(!cancel(&db, &scope(2, Mode::Test), &session_id(1)).await);
    assert!(cancel(&db, &test, &session_id(1)).await && !cancel(&db, &test, &session_id(1)).await);
    let mut tx = db.read().await.unwrap();
    assert_eq!(links::get(&mut tx, &test, &id).await.unwrap().unwrap().sold, 0);
    assert_eq!(sessions::get(&mut tx, &test, &session_id(1)).await.unwrap().unwrap().status, "canceled");
    assert_eq!(sessions::return_origins(&mut tx, &test).await.unwrap().unwrap(), r#"["https://shop.example"]"#);
});

/// A payment of a session, with an attempt in a state.
async fn pay(db: &TestDb, scope: &Scope, session: u8, payment: &str, attempt: &str, connection: &ConnectionId) {
    let (m, n) = (&scope.merchant, session);
    let sql = format!(
        "insert into payments (merchant_id, livemode, id, session_id, status, currency, amount, receipt_token, created_at, \
         updated_at) values ('{m}', false, 'pi_{n}', '{}', '{payment}', 'EUR', 900, 'rt-{n}', 1, 1); \
         insert into attempts (merchant_id, livemode, id, payment_id, seq, connection_id, provider, status, amount, currency, \
         method, action_url, form_key, created_at, updated_at) values ('{m}', false, 'ch_{n}', 'pi_{n}', 1, '{connection}', \
         'sandbox', '{attempt}', 900, 'EUR', 'card', '/challenge/x', 'k', 1, 1)",
        session_id(session)
    );
    raw::execute(db.url(), &sql).await.unwrap();
}

for_each_engine!(a_session_whose_payment_may_come_to_money_does_not_end, |db| async {
    let test = merchants(&db).await;
    let connection = add(&db, &test, 1, 1, r#"["card"]"#, "[]").await;
    let cases = [
        ("requires_payment_method", "failed", true),
        ("requires_payment_method", "created", false),
        ("requires_action", "requires_action", false),
        ("processing", "processing", false),
        ("unknown", "unknown", false),
        ("succeeded", "succeeded", false),
    ];
    for (n, (payment, attempt, ends)) in (1..).zip(cases) {
        insert_session(&db, &test, &new_session(n, None, 1)).await.unwrap();
        pay(&db, &test, n, payment, attempt, &connection).await;
        assert_eq!(cancel(&db, &test, &session_id(n)).await, ends, "{payment} {attempt}");
    }
    let row = sessions::get(&mut db.read().await.unwrap(), &test, &session_id(1)).await.unwrap().unwrap();
    assert_eq!((row.status.as_str(), row.payment_id.as_deref()), ("canceled", Some("pi_1")));
    assert_eq!(raw::texts(db.url(), "select status from payments where id = 'pi_1'").await.unwrap(), ["canceled"]);
});

for_each_engine!(the_customers_page_is_one_statement, |db| async {
    let test = merchants(&db).await;
    insert_session(&db, &test, &new_session(1, None, 1)).await.unwrap();
    let read = async || sessions::checkout(&mut db.read().await.unwrap(), "cs-1").await.unwrap();
    let bare = read().await;
    assert_eq!((bare.len(), bare[0].connection_id.as_deref(), bare[0].payment_id.as_deref()), (1, None, None));
    assert_eq!((bare[0].locale.as_deref(), bare[0].seller.merchant_status.as_str()), (Some("fa"), "active"));
    let second = add(&db, &test, 1, 20, r#"["card"]"#, "[]").await;
    let first = add(&db, &test, 2, 10, r#"["card"]"#, "[]").await;
    add(&db, &scope(1, Mode::Live), 3, 1, r#"["card"]"#, "[]").await;
    pay(&db, &test, 1, "requires_action", "requires_action", &first).await;
    let rows = read().await;
    let order: Vec<_> = rows.iter().map(|r| r.connection_id.as_deref().unwrap()).collect();
    assert_eq!(order, [first.as_str(), second.as_str()]);
    assert!(rows.iter().all(|r| r.action_url.as_deref() == Some("/challenge/x")));
    assert_eq!(rows[0].payment_status.as_deref(), Some("requires_action"));
    // A finished attempt is not the one that shows.
    raw::execute(db.url(), "update attempts set status = 'failed'").await.unwrap();
    assert_eq!(read().await[0].action_url, None);
    assert!(sessions::checkout(&mut db.read().await.unwrap(), "no").await.unwrap().is_empty());
    let receipt = sessions::receipt(&mut db.read().await.unwrap(), "rt-1").await.unwrap().unwrap();
    assert_eq!((receipt.amount, receipt.line_items.is_some()), (900, true));
});

for_each_engine!(sessions_are_listed_by_key, |db| async {
    let test = merchants(&db).await;
    for n in 1..=5 {
        insert_session(&db, &test, &new_session(n, None, 1)).await.unwrap();
    }
    let mut tx = db.read().await.unwrap();
    let start = Cursor { at: Timestamp(i64::MAX), id: String::new() };
    let all = sessions::older(&mut tx, &test, &start, 100).await.unwrap();
    assert_eq!(all.len(), 5);
    let third = Cursor { at: Timestamp(all[2].created_at), id: all[2].id.clone() };
    assert_eq!(sessions::older(&mut tx, &test, &third, 10).await.unwrap(), all[3..]);
    assert_eq!(sessions::newer(&mut tx, &test, &third, 1).await.unwrap(), all[1..2]);
});

fn charge(id: &str, key: &str) -> ChargeRow {
    ChargeRow {
        id: id.into(),
        account: "gwc_1".into(),
        idempotency_key: key.into(),
        amount: 100,
        currency: "EUR".into(),
        capture: true,
        captured: 100,
        refunded: 0,
        fee: 33,
        status: "succeeded".into(),
        decline_code: None,
        scenario: "visa".into(),
        challenge_token: Some(format!("t-{id}")),
        settles_at: None,
        created_at: NOW.0,
    }
}

for_each_engine!(the_book_takes_a_key_once_and_never_gives_back_too_much, |db| async {
    let insert = async |row: ChargeRow| {
        db.write(&row, |tx, row| Box::pin(async move { sandbox::insert_charge(tx, row).await })).await
    };
    assert!(insert(charge("a", "k1")).await.unwrap());
    assert!(!insert(charge("b", "k1")).await.unwrap());
    assert!(insert(ChargeRow { captured: 101, ..charge("c", "k2") }).await.is_err());
    let refunds = (0..20).map(|n| {
        let row = RefundRow {
            id: format!("r{n}"),
            charge_id: "a".into(),
            idempotency_key: format!("rk{n}"),
            amount: 30,
            currency: "EUR".into(),
            status: "succeeded".into(),
            settles_at: None,
            fails_at: Some(5),
            created_at: NOW.0,
        };
        let db = &db;
        async move {
            db.write(&row, |tx, row| {
                Box::pin(async move {
                    Ok::<_, StoreError>(
                        sandbox::reserve(tx, &row.charge_id, row.amount).await?
                            && sandbox::insert_refund(tx, row).await?,
                    )
                })
            })
            .await
            .unwrap()
        }
    });
    let made = futures::future::join_all(refunds).await.into_iter().filter(|made| *made).count();
    assert_eq!(made, 3);
    let mut tx = db.read().await.unwrap();
    let row = sandbox::charge_by_key(&mut tx, "k1").await.unwrap().unwrap();
    assert_eq!((row.id.as_str(), row.refunded, row.capture), ("a", 90, true));
    assert_eq!(sandbox::charge_by_challenge(&mut tx, "t-a").await.unwrap().unwrap().id, "a");
    assert!(sandbox::charge_by_id(&mut tx, "b").await.unwrap().is_none());
    let listed = sandbox::charges(&mut tx, "gwc_1", NOW.0, NOW.0 + 1, None, 10).await.unwrap();
    assert_eq!(listed.len(), 1);
    assert!(sandbox::charges(&mut tx, "gwc_1", NOW.0, NOW.0 + 1, Some((NOW.0, "a")), 10).await.unwrap().is_empty());
    drop(tx);
    let failed =
        ChargeMove { status: "failed", captured: 0, fee: 0, decline_code: Some("lost_card"), settles_at: None };
    let moved = async |from: &str| {
        db.write(&(from, &failed), |tx, &(from, to)| {
            Box::pin(async move { sandbox::move_charge(tx, "a", from, to).await })
        })
        .await
    };
    assert!(!moved("processing").await.unwrap());
    assert!(moved("succeeded").await.is_err(), "refunded beyond captured");
});
