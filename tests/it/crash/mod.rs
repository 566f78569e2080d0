//! The real binary, killed by SIGKILL at random moments while customers pay and merchants refund, and started again. The gateway
//! runs in this process, so that its log is ground truth outside the one that dies; so is the log of what was acknowledged.
//!
//! `make test` kills 40 times over both databases, `make crash` 500 times. A run is told by its seed: PAYDECK_CRASH_SEED repeats
//! what the gateway did and when was killed, though not how far the server got until then.

mod compare;
mod driver;
pub(crate) mod server;

use compare::compare;
use domain::{
    Scope,
    time::{DAY, HOUR},
};
use driver::{Customer, Driver, Shop};
use server::{Binary, free_port};
use services::{Clock, MerchantActor, Origin, Settings, SystemClock, accounts};
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;
use test_support::{ScriptedGateway, TestDb, TestMerchant, TestServices, db::block_on, scripted::Fault};

/// Kills on each engine in `make test`. PAYDECK_CRASH_KILLS sets another number.
const KILLS: u64 = 20;
/// Checkout sessions that there are for each kill.
const SESSIONS: u64 = 16;
/// How much later, by the server's clock, each start is: calls of the last one are due to be asked about.
const STEP: i64 = 100_000;
/// How much later the last start is, in milliseconds: whatever was postponed, the longest time included, is asked about.
const SEVERAL_QUESTIONS: i64 = 8 * HOUR;
/// The longest that a server lives, in milliseconds.
const LIFE: u64 = 400;
/// For everything that could hang.
const PATIENCE: Duration = Duration::from_secs(60);

/// A small generator (SplitMix64, Steele and others 2014).
pub(super) fn mix(seed: u64) -> u64 {
    let mut z = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

fn from_environment(name: &str) -> Option<u64> {
    std::env::var(name).ok().and_then(|value| value.parse().ok())
}

/// What goes wrong with a call: told by the seed and the number of the call.
fn fault(seed: u64, call: u64, what: &str) -> Fault {
    match mix(seed ^ mix(call)) % 100 {
        0..8 => Fault::Decline,
        8..14 => Fault::ActThenHang,
        14..22 => Fault::ActThenReset,
        22..28 => Fault::ActThenTruncate,
        28..32 => Fault::ActThenGarble,
        32..38 => Fault::ActThen500,
        38..43 => Fault::Reset,
        43..48 => Fault::Status500,
        48..51 => Fault::Status429,
        51..56 if what == "charges" => Fault::Later,
        _ => Fault::None,
    }
}

/// A merchant whose owner can log in, with a connection to the scripted gateway.
async fn merchant(t: &TestServices) -> TestMerchant {
    let form = accounts::SignUp {
        name: "Ann Berg".to_owned(),
        email: driver::EMAIL.to_owned(),
        password: driver::PASSWORD.to_owned(),
        business_name: "Blue Shop".to_owned(),
        locale: domain::Locale::En,
    };
    accounts::sign_up(t, &form, &Origin::default()).await.unwrap();
    let params = t.texts("select params from mails where template = 'verify_email'").await.remove(0);
    let params: serde_json::Value = serde_json::from_str(&params).unwrap();
    let token = params["link"].as_str().unwrap().split_once("token=").unwrap().1.to_owned();
    let user = accounts::verify_email(t, &token, &Origin::default()).await.unwrap();
    let merchant = accounts::viewer(t, &user).await.unwrap().merchants.remove(0).merchant_id;
    let scope = Scope { merchant, mode: domain::Mode::Test };
    let actor: MerchantActor = services::access::enter(t, &user, &scope, Origin::default()).await.unwrap();
    let m = TestMerchant { actor };
    t.connection(&m, "scripted").await;
    m
}

async fn customers(t: &TestServices, m: &TestMerchant, seed: u64, count: u64) -> VecDeque<Customer> {
    let mut all = VecDeque::new();
    for n in 0..count {
        let amount = i64::try_from(100 + mix(seed ^ n) % 5_000).unwrap();
        let session = t.session(m, amount, "EUR").await;
        all.push_back(Customer { token: session.token, form_key: t.new_token() });
    }
    all
}

/// Services of the test's own beside the binary's, and a merchant.
async fn shop(db: &TestDb, gateway: &ScriptedGateway) -> (TestServices, TestMerchant) {
    let settings = Settings { gateway_timeout: Duration::from_secs(5), ..TestServices::settings() };
    let t = TestServices::with_gateways(db, settings, vec![Arc::new(gateway.connector())]);
    t.clock.set(SystemClock.now());
    let m = merchant(&t).await;
    (t, m)
}

async fn run(engine: &str, db: &TestDb) {
    let kills = from_environment("PAYDECK_CRASH_KILLS").unwrap_or(KILLS);
    let seed = from_environment("PAYDECK_CRASH_SEED").unwrap_or_else(|| u64::try_from(SystemClock.now().0).unwrap());
    println!("crash: {engine}: seed {seed}");
    let gateway = ScriptedGateway::start().await;
    let (t, m) = shop(db, &gateway).await;
    let waiting = customers(&t, &m, seed, kills * SESSIONS).await;
    // Nobody's time is over before everybody was served, however far the clock is set.
    t.sql(&format!("update checkout_sessions set expires_at = expires_at + {}", 90 * DAY)).await;

    let binary = Binary::new(db.url(), free_port(), gateway.address());
    let driver = Driver::new(&binary, Shop { scope: m.scope().clone(), url: db.url().to_owned() }, waiting);
    let mut calls = 0;
    gateway.plan(move |what, _| {
        calls += 1;
        fault(seed, calls, what)
    });
    for kill in 0..kills {
        let mut server = binary.start(i64::try_from(kill).unwrap() * STEP).await;
        driver.log_in_once().await;
        let busy = driver.start();
        // Somewhere in the middle of it.
        let life = Duration::from_millis(5 + mix(seed ^ mix(kill)) % LIFE);
        drop(tokio::time::timeout(life, std::future::pending::<()>()).await);
        server.kill().await;
        driver.stop(busy).await;
        // What the dead server sent is with the gateway before the next one asks.
        tokio::time::timeout(PATIENCE, gateway.settled()).await.expect("the gateway is done");
    }

    // No more faults: whoever never heard an answer asks once more, and the worker finds out the rest.
    gateway.plan(|_, _| Fault::None);
    gateway.settle("succeeded");
    let ahead = i64::try_from(kills).unwrap() * STEP + SEVERAL_QUESTIONS;
    let mut server = binary.start(ahead).await;
    let long = PATIENCE * u32::try_from(1 + kills / KILLS).unwrap();
    tokio::time::timeout(long, driver.finish()).await.expect("everybody gets an answer");
    let open = "select cast(count(*) as bigint) from operations
                where status in ('created', 'sent', 'processing', 'requires_action', 'unknown')";
    let mut tick = tokio::time::interval(Duration::from_millis(50));
    let reconciled = async {
        while t.number(open).await > 0 {
            tick.tick().await;
        }
    };
    tokio::time::timeout(long, reconciled).await.expect("the worker finds everything out");
    server.kill().await;

    let (code, said) = binary.check().await;
    assert!(code, "paydeck check (seed {seed}): {said}");
    let summary = compare(&t, &gateway, driver.acknowledged(), seed).await;
    println!("crash: {engine}: {kills} kills, {summary}, seed {seed}");
}

/// A server is told to stop while a charge is with a slow gateway.
async fn stop(db: &TestDb) {
    let gateway = ScriptedGateway::start().await;
    let (t, m) = shop(db, &gateway).await;
    let customer = customers(&t, &m, 1, 1).await.remove(0).unwrap();
    let binary = Binary::new(db.url(), free_port(), gateway.address());
    let driver =
        Driver::new(&binary, Shop { scope: m.scope().clone(), url: db.url().to_owned() }, VecDeque::from([customer]));
    let mut server = binary.start(0).await;
    gateway.faults([Fault::Slow]);
    let paying = tokio::spawn({
        let driver = driver.clone();
        async move { driver.pay_once().await }
    });
    let mut tick = tokio::time::interval(Duration::from_millis(10));
    let under_way = async {
        while gateway.calls() == 0 {
            tick.tick().await;
        }
    };
    tokio::time::timeout(PATIENCE, under_way).await.expect("the gateway is asked");
    server.tell_to_stop().await;
    binary.refuses().await;
    let answered = async {
        while !paying.is_finished() {
            gateway.let_through();
            tick.tick().await;
        }
    };
    tokio::time::timeout(PATIENCE, answered).await.expect("the customer hears");
    assert!(paying.await.unwrap());
    // At most thirty seconds from the signal to the end; here nothing is left to wait for.
    let ended = tokio::time::timeout(Duration::from_secs(30), server.ended()).await.expect("it ends");
    assert!(ended.success(), "{ended}");
    assert_eq!(driver.acknowledged().len(), 1, "paid, and told so");
    let open = "select cast(count(*) as bigint) from operations where status not in ('succeeded', 'failed')";
    assert_eq!((t.number(open).await, gateway.calls()), (0, 1));
    let (sound, said) = binary.check().await;
    assert!(sound, "{said}");
}

#[test]
fn a_charge_under_way_is_finished_before_the_server_stops_on_sqlite() {
    block_on(async { stop(&TestDb::sqlite().await).await });
}

#[test]
fn a_charge_under_way_is_finished_before_the_server_stops_on_postgres() {
    block_on(async { stop(&TestDb::postgres().await).await });
}

#[test]
fn nothing_acknowledged_is_lost_or_doubled_on_sqlite() {
    block_on(async {
        let db = TestDb::sqlite().await;
        run("sqlite", &db).await;
    });
}

#[test]
fn nothing_acknowledged_is_lost_or_doubled_on_postgres() {
    block_on(async {
        let db = TestDb::postgres().await;
        run("postgres", &db).await;
    });
}
