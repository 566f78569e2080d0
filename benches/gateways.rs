//! What Paydeck adds to a gateway's own time, how soon a click is sent on from a gateway that is away, and what a gateway in trouble does to
//! the others: `make bench`.
//!
//! Gateways are servers of this process that are asked over HTTP with the client of the real ones. Each says how long it took over a
//! call, so that this can be taken off. The database is on disk with full durability. Ratios are to baselines of the same run.
#![allow(clippy::unwrap_used, clippy::float_arithmetic, missing_docs)]

mod harness {
    pub mod connector;
    pub mod cpu;
    pub mod engines;
    pub mod measured;
    pub mod shop;
    pub mod size;
    pub mod stub;
    pub mod work;
}

use domain::views::checkout::CheckoutStage;
use domain::{Currency, Locale, Money};
use gateways::{Call, ChargeRequest, Charges, Credentials, Initiator, MethodInput, Registry};
use harness::connector::{Connector, KEY};
use harness::measured::Measured;
use harness::shop::{Shop, click, merchant, state};
use harness::stub::{Mood, Stub};
use harness::work::measure_both;
use harness::{engines, size};
use paydeck::jobs::Worker;
use services::breaker::Policy;
use std::future::Future;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use store::{Db, DbOptions, StoreError, raw};
use tokio::sync::watch;
use tokio::task::JoinSet;

/// Nobody listens there, so that connections are refused.
const AWAY: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 1);
/// Payments one at a time, and [`MANY`] at once.
const ALONE: usize = 300;
const TOGETHER: usize = 1_200;
const MANY: usize = 8;
/// Between two clicks of another merchant's customers.
const BETWEEN_CLICKS: Duration = Duration::from_millis(25);

/// What Paydeck may add to a gateway's time, in milliseconds.
const ADDED: [f64; 2] = [2.0, 10.0];
/// When a click is paid at the latest whose first gateway refused the connection, in milliseconds.
const FAILED_OVER: f64 = 3_000.0;
/// What the p99 of the others may grow to while one is in trouble.
const BESIDE: f64 = 1.2;

fn main() {
    engines::each(run);
}

/// A server with a merchant at a gateway that is well.
struct Bench {
    shop: Shop,
    well: Stub,
    direct: Connector,
    troubled: Stub,
}

async fn run(engine: &str, url: &str) {
    let db = Db::connect(url, DbOptions::default()).await.unwrap();
    db.migrate().await.unwrap();
    let (well, troubled) = (Stub::start().await, Stub::start().await);
    let direct = Connector::new(well.address);
    let registry = Registry::new(vec![Arc::new(direct.clone())]);
    let bench = Bench { shop: Shop::open(db, registry, &[KEY]).await, well, direct, troubled };
    bench.pay(&bench.shop, size::of(200), MANY).await;
    bench.shop.analyze().await;
    bench.added(engine).await;
    bench.failover(engine).await;
    bench.beside_trouble(engine).await;
    let broken = services::check::run(bench.shop.svc.db()).await.unwrap();
    assert!(broken.is_empty(), "{broken:#?}");
}

impl Bench {
    /// Another merchant of the same server, with gateways at these addresses. They are of one provider, for a typed card is sent to no
    /// other's.
    async fn another(&self, addresses: &[SocketAddr]) -> Shop {
        let (svc, app) = (self.shop.svc.clone(), self.shop.app.clone());
        let (actor, connections) = merchant(&svc, &vec![KEY; addresses.len()]).await;
        connections.iter().zip(addresses).for_each(|(id, address)| self.direct.send_elsewhere(id, *address));
        Shop { svc, actor, app }
    }

    /// Payments of a merchant, who pays in the end at the gateway that is well: with its time, and without it.
    async fn pay(&self, shop: &Shop, total: usize, at_once: usize) -> (Measured, Measured) {
        let (_, tokens) = shop.make_sessions(total).await;
        measure_both(total, at_once, |i| self.less(tokens[i].clone(), shop.pay(&tokens[i]))).await
    }

    /// Work that says how long the gateway took over a charge of this name.
    fn less<F>(&self, name: String, work: F) -> impl Future<Output = Duration> + Send + 'static + use<F>
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let well = self.well.clone();
        async move {
            work.await;
            well.took(&name)
        }
    }

    /// The gateway called without Paydeck, and one row committed.
    fn bare(&self, name: String) -> impl Future<Output = ()> + Send + 'static + use<> {
        let (direct, db, now) = (self.direct.clone(), self.shop.svc.db().clone(), self.shop.svc.now());
        let call = Call {
            account: "bench".to_owned(),
            credentials: Credentials::default(),
            idempotency_key: name.clone(),
            now,
            livemode: false,
        };
        let request = ChargeRequest {
            amount: Money::new(1_250, Currency::EUR),
            capture: true,
            method: MethodInput::Token("bench".to_owned()),
            description: None,
            return_url: format!("http://localhost:3000/c/{name}/return"),
            reference: name.clone(),
            email: None,
            locale: Locale::default(),
            prepared: None,
            keep: None,
            initiator: Initiator::Customer,
        };
        async move {
            direct.charge(&call, &request).await.unwrap();
            let done: Result<(), StoreError> =
                db.write(name.as_str(), |tx, name| Box::pin(async move { raw::insert_one(tx, name).await })).await;
            done.unwrap();
        }
    }

    /// What is added to the gateway's own time.
    async fn added(&self, engine: &str) {
        head(&format!("Added to the gateway's own time, {engine}"));
        for (at_once, total) in [(1, size::of(ALONE)), (MANY, size::of(TOGETHER))] {
            let bare = |i| {
                let name = format!("bare-{at_once}-{i}");
                let work = self.bare(name.clone());
                self.less(name, work)
            };
            let (_, bare) = measure_both(total, at_once, bare).await;
            line(&format!("the bare call and one durable insert, {at_once} at once"), &bare, None, "");
            let base = Some(("bare", &bare));
            let (_, paid) = self.pay(&self.shop, total, at_once).await;
            line(&format!("pay, {at_once} at once"), &paid, base, &within(&paid));
            let (_, tokens) = self.shop.make_sessions(total).await;
            let (_, posted) =
                measure_both(total, at_once, |i| self.less(tokens[i].clone(), self.shop.post(&tokens[i]))).await;
            line(&format!("pay by the page's form, {at_once} at once"), &posted, base, &within(&posted));
        }
    }

    /// From the click to the page that says "paid", where the first gateway is away.
    async fn failover(&self, engine: &str) {
        head(&format!("From click to paid, {engine}"));
        let shop = self.another(&[AWAY, self.well.address]).await;
        let breakers = self.shop.svc.breakers();
        for (at_once, total) in [(1, size::of(ALONE)), (MANY, size::of(TOGETHER))] {
            let (normal, _) = self.pay(&self.shop, total, at_once).await;
            line(&format!("the first gateway answers, {at_once} at once"), &normal, None, "");
            // The breaker would soon spare the question.
            breakers.set_policy(Policy { failures: u32::MAX, ..Policy::default() });
            let (refused, _) = self.pay(&shop, total, at_once).await;
            let in_time = judged("p99", ms(refused.p99), FAILED_OVER);
            let what = format!("the first refuses the connection, {at_once} at once");
            line(&what, &refused, Some(("normal", &normal)), &in_time);
            breakers.set_policy(Policy::default());
        }
        let (spared, _) = self.pay(&shop, size::of(ALONE), MANY).await;
        line(&format!("its breaker is open, {MANY} at once"), &spared, None, "");
    }

    /// Payments at the gateway that is well while another merchant's is in trouble, beside the same while that one is well too. A worker
    /// runs beside them, as in service.
    async fn beside_trouble(&self, engine: &str) {
        head(&format!("{MANY} at once, beside 40 clicks a second at another gateway, {engine}"));
        let (stop, stopped) = watch::channel(false);
        let worker = tokio::spawn(Worker::new(&state(&self.shop.svc)).unwrap().run(stopped));
        for (mood, what) in [(Mood::Hanging, "hangs"), (Mood::Slow, "is slow"), (Mood::Nonsense, "answers nonsense")] {
            let normal = self.beside(Mood::Well).await;
            normal.line("is well", None, "");
            let troubled = self.beside(mood).await;
            let grown = judged("p99 ratio", ms(troubled.whole.p99) / ms(normal.whole.p99), BESIDE);
            troubled.line(what, Some(&normal), &grown);
        }
        stop.send_replace(true);
        worker.await.unwrap();
    }

    /// Payments while another merchant's customers click, whose gateway is in a mood.
    async fn beside(&self, mood: Mood) -> Beside {
        let total = size::of(TOGETHER);
        // Of its own each time: what its breaker has seen is of this mood alone.
        let other = self.another(&[self.troubled.address]).await;
        self.troubled.set(mood);
        let (stop, stopped) = watch::channel(false);
        let clicks = tokio::spawn(clicks(other, stopped));
        // By then the trouble is as large as it gets.
        self.pay(&self.shop, total / 4, MANY).await;
        let (whole, added) = self.pay(&self.shop, total, MANY).await;
        stop.send_replace(true);
        self.troubled.set(Mood::Well);
        Beside { whole, added, clicks: clicks.await.unwrap() }
    }
}

/// Payments beside clicks at another gateway.
struct Beside {
    whole: Measured,
    added: Measured,
    /// Those that paid, that were left without an answer, and that were refused.
    clicks: [usize; 3],
}

impl Beside {
    fn line(&self, it: &str, normal: Option<&Self>, target: &str) {
        let [paid, open, refused] = self.clicks;
        let there = format!("there {paid} paid, {open} had no answer, {refused} were refused");
        line(&format!("it {it} ({there})"), &self.whole, normal.map(|normal| ("normal", &normal.whole)), target);
        line(&format!("it {it}: what is added"), &self.added, normal.map(|normal| ("normal", &normal.added)), "");
    }
}

/// Customers who click at a steady pace whatever becomes of it, until they are told to stop: how many paid, were left without an
/// answer, and were refused.
async fn clicks(shop: Shop, stopped: watch::Receiver<bool>) -> [usize; 3] {
    let mut clicks = JoinSet::new();
    let mut pace = tokio::time::interval(BETWEEN_CLICKS);
    while !*stopped.borrow() {
        pace.tick().await;
        let (svc, session) = (shop.svc.clone(), shop.make_session());
        clicks.spawn(async move { click(&svc, &session.await).await });
    }
    let mut ends = [0; 3];
    for end in clicks.join_all().await {
        ends[match end {
            Ok(CheckoutStage::Paid { .. }) => 0,
            Ok(_) => 1,
            Err(_) => 2,
        }] += 1;
    }
    ends
}

fn head(title: &str) {
    println!("\n## {title}\n");
    println!("| What | per second | CPU ms | p50 ms | p99 ms | p50 ratio | p99 ratio | target |");
    println!("|---|---:|---:|---:|---:|---|---|---|");
}

fn line(what: &str, m: &Measured, beside: Option<(&str, &Measured)>, target: &str) {
    let ratio = |of: fn(&Measured) -> Duration| {
        beside.map_or(String::new(), |(name, base)| format!("{:.2} of {name}", ms(of(m)) / ms(of(base))))
    };
    let ratios = format!("{} | {}", ratio(|m| m.p50), ratio(|m| m.p99));
    let [p50, p99] = [m.p50, m.p99].map(ms);
    println!("| {what} | {:.0} | {:.2} | {p50:.1} | {p99:.1} | {ratios} | {target} |", m.rate, m.cpu_ms);
}

/// Whether what is added is no more than it may be.
fn within(m: &Measured) -> String {
    format!("{}; {}", judged("p50", ms(m.p50), ADDED[0]), judged("p99", ms(m.p99), ADDED[1]))
}

fn judged(what: &str, is: f64, may_be: f64) -> String {
    format!("{what} {may_be}: {}", if is <= may_be { "met" } else { "**missed**" })
}

fn ms(d: Duration) -> f64 {
    d.as_secs_f64() * 1_000.0
}
