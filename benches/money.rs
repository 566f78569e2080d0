//! What the money paths cost, beside baselines of the same run: `make bench`.
//!
//! Money goes through the services or the server's router in this process, so that neither side pays for sockets; pages are asked
//! for over connections of 127.0.0.1 that stay open, on both sides. The database is on disk with full durability. Ratios are what
//! counts: absolute times belong to the machine.
#![allow(clippy::unwrap_used, clippy::float_arithmetic, missing_docs)]

mod harness {
    pub mod cpu;
    pub mod engines;
    pub mod measured;
    pub mod shop;
    pub mod size;
    pub mod table;
    pub mod work;
}

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::routing::{get, post};
use domain::PaymentId;
use domain::views::payment::RefundForm;
use futures::stream::{self, StreamExt};
use harness::measured::Measured;
use harness::shop::{AT_ONCE, Shop};
use harness::table::Table;
use harness::work::measure;
use harness::{cpu, engines, size};
use http::{Request, StatusCode};
use services::{Origin, Services};
use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};
use store::{Db, DbOptions, StoreError, raw};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Mutex;
use tower::ServiceExt;

fn main() {
    engines::each(run);
}

async fn run(engine: &str, url: &str) {
    let db = Db::connect(url, DbOptions::default()).await.unwrap();
    db.migrate().await.unwrap();
    let table = Table::begin(engine, "ms", 1_000.0);
    let commits = commits(url).await;
    table.line("raw durable commits, one at a time", &commits, None);
    let pgbench = pgbench(url);
    if let Some(pgbench) = &pgbench {
        table.line("pgbench -N, 8 at once", pgbench, None);
    }
    let insert = bare_insert(&db).await;
    table.line("bare axum + one durable insert, 64 at once", &insert, None);
    let page = static_page().await;
    table.line("bare axum, static page of 16 KB", &page, None);

    let registry = paydeck::registry(&db, &paydeck::config::ApiBases::default()).unwrap();
    let shop = Shop::open(db, registry, &["sandbox"]).await;
    warm_up(&shop).await;
    let (sessions, tokens) = shop.make_sessions(size::of(4_000)).await;
    table.line("make a checkout session, 64 at once", &sessions, Some(("bare insert", &insert)));
    let shown = ask(shop.app.clone(), size::of(4_000), |i| format!("/c/{}", tokens[i % tokens.len()])).await;
    table.line("checkout page", &shown, Some(("static page", &page)));
    let (alone, rest) = tokens.split_at(tokens.len() / 8);
    let paid_alone = pay(&shop, alone, 1).await;
    table.line("pay, one at a time", &paid_alone, Some(("raw commits", &commits)));
    let (eight, rest) = rest.split_at(tokens.len() / 8);
    let paid_eight = pay(&shop, eight, 8).await;
    let many = pgbench.as_ref().map_or(("raw commits", &commits), |m| ("pgbench -N", m));
    table.line("pay, 8 at once", &paid_eight, Some(many));
    let (by_service, by_form) = rest.split_at(rest.len() / 2);
    let paid = pay(&shop, by_service, AT_ONCE).await;
    table.line("pay, 64 at once", &paid, Some(many));
    let (_, more) = shop.make_sessions(size::of(2_000)).await;
    let beside = beside_logins(&shop.svc, pay(&shop, &more, AT_ONCE)).await;
    table.line("pay, 64 at once, beside 50 failed logins a second", &beside, Some(("pay", &paid)));
    let posted = measure(by_form.len(), AT_ONCE, |i| shop.post(&by_form[i])).await;
    table.line("pay by the page's form, 64 at once", &posted, Some(("raw commits", &commits)));
    let refunded = refund(&shop, size::of(1_000)).await;
    table.line("refund, 64 at once", &refunded, Some(("pay", &paid)));
    let broken = services::check::run(shop.svc.db()).await.unwrap();
    assert!(broken.is_empty(), "{broken:#?}");
}

/// Commits of one row each on a connection of its own.
#[allow(clippy::disallowed_methods)] // a benchmark measures real time
async fn commits(url: &str) -> Measured {
    let count = size::of(2_000);
    let (cpu, start) = (cpu::millis(), Instant::now());
    raw::commits(url, i64::try_from(count).unwrap()).await.unwrap();
    let took = start.elapsed();
    Measured::of(vec![took / u32::try_from(count).unwrap(); count], took, cpu::millis() - cpu)
}

/// PostgreSQL's own benchmark of small transactions on the same server, for five seconds; none on SQLite.
fn pgbench(url: &str) -> Option<Measured> {
    let run = |args: &[&str]| {
        let done = std::process::Command::new("pgbench").args(args).arg(url).output().unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        String::from_utf8(done.stdout).unwrap()
    };
    url.starts_with("postgres").then(|| {
        run(&["--initialize", "--scale=10", "--quiet"]);
        let cpu = cpu::millis();
        let told = run(&["--skip-some-updates", "--client=8", "--jobs=2", "--time=5"]);
        let number = |before: &str| -> f64 {
            let rest = told.split_once(before).unwrap().1;
            rest.trim_start().split(|c: char| !c.is_ascii_digit() && c != '.').next().unwrap().parse().unwrap()
        };
        let done = number("number of transactions actually processed:");
        let average = Duration::from_secs_f64(number("latency average =") / 1_000.0);
        Measured { rate: number("tps ="), cpu_ms: (cpu::millis() - cpu) / done, p50: average, p99: average }
    })
}

async fn bare_insert(db: &Db) -> Measured {
    async fn insert(State(db): State<Db>, key: String) -> StatusCode {
        let done: Result<(), StoreError> =
            db.write(key.as_str(), |tx, key| Box::pin(async move { raw::insert_one(tx, key).await })).await;
        done.map_or(StatusCode::INTERNAL_SERVER_ERROR, |()| StatusCode::CREATED)
    }
    let app = Router::new().route("/", post(insert)).with_state(db.clone());
    measure(size::of(10_000), AT_ONCE, |i| {
        let app = app.clone();
        async move {
            let request = Request::post("/").body(Body::from(format!("bench-{i}"))).unwrap();
            assert_eq!(app.oneshot(request).await.unwrap().status(), StatusCode::CREATED);
        }
    })
    .await
}

async fn static_page() -> Measured {
    static PAGE: [u8; 16 * 1024] = [b'x'; 16 * 1024];
    let app: Router = Router::new().route("/", get(|| async { PAGE.as_slice() }));
    ask(app, size::of(40_000), |_| "/".to_owned()).await
}

/// Serves `app` on a port of this machine and asks for pages over [`AT_ONCE`] connections that stay open.
async fn ask(app: Router, total: usize, path: impl Fn(usize) -> String) -> Measured {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = tokio::spawn(async move {
        axum::serve(listener, app.into_make_service_with_connect_info::<SocketAddr>()).await.unwrap();
    });
    let clients: Vec<Arc<Mutex<Client>>> =
        stream::iter(0..AT_ONCE).then(|_| async { Arc::new(Mutex::new(Client::open(address).await)) }).collect().await;
    let measured = measure(total, AT_ONCE, |i| {
        let (client, path) = (Arc::clone(&clients[i % AT_ONCE]), path(i));
        async move { client.lock().await.get(&path).await }
    })
    .await;
    server.abort();
    measured
}

/// A connection that stays open. It reads no more of HTTP than where an answer ends.
struct Client(BufReader<TcpStream>);

impl Client {
    async fn open(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        Self(BufReader::new(stream))
    }

    async fn get(&mut self, path: &str) {
        let request = format!("GET {path} HTTP/1.1\r\nhost: localhost:3000\r\n\r\n");
        self.0.get_mut().write_all(request.as_bytes()).await.unwrap();
        let (mut line, mut length) = (String::new(), 0);
        self.0.read_line(&mut line).await.unwrap();
        assert!(line.starts_with("HTTP/1.1 200"), "{line}");
        while line != "\r\n" {
            line.clear();
            self.0.read_line(&mut line).await.unwrap();
            if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length: ") {
                length = value.trim().parse().unwrap();
            }
        }
        assert_ne!(length, 0, "an answer of unknown length");
        let mut body = vec![0; length];
        self.0.read_exact(&mut body).await.unwrap();
    }
}

/// A few payments and refunds, so that statistics know what rows look like.
async fn warm_up(shop: &Shop) {
    let (_, tokens) = shop.make_sessions(200).await;
    pay(shop, &tokens, 8).await;
    refund(shop, 100).await;
    shop.analyze().await;
}

async fn pay(shop: &Shop, tokens: &[String], at_once: usize) -> Measured {
    measure(tokens.len(), at_once, |i| shop.pay(&tokens[i])).await
}

/// Does something while somebody tries passwords, fifty a second.
async fn beside_logins<T>(svc: &Services, work: impl Future<Output = T>) -> T {
    let svc = svc.clone();
    let logins = tokio::spawn(async move {
        let mut tick = tokio::time::interval(Duration::from_millis(20));
        for n in 0_u64.. {
            tick.tick().await;
            let (svc, address) = (svc.clone(), format!("nobody-{n}@example.com"));
            tokio::spawn(async move {
                let done = services::accounts::log_in(&svc, &address, "a wrong password", &Origin::default()).await;
                assert!(done.is_err());
            });
        }
    });
    let done = work.await;
    logins.abort();
    done
}

async fn refund(shop: &Shop, total: usize) -> Measured {
    let ids = raw_payments(&shop.svc, total).await;
    measure(ids.len(), AT_ONCE, |i| {
        let (svc, actor, id) = (shop.svc.clone(), shop.actor.clone(), ids[i].clone());
        async move {
            let form = RefundForm {
                form_key: svc.new_token(),
                kind: "partial".to_owned(),
                amount: "1.00".to_owned(),
                reason: "requested_by_customer".to_owned(),
                ..RefundForm::default()
            };
            services::payments::refund(&svc, &actor, &id, form).await.unwrap();
        }
    })
    .await
}

/// Payments that can be refunded.
async fn raw_payments(svc: &Services, most: usize) -> Vec<PaymentId> {
    let mut tx = svc.db().read().await.unwrap();
    let sql = format!("select id from payments where status = 'succeeded' limit {most}");
    raw::read_texts(&mut tx, &sql).await.unwrap().into_iter().map(|id| id.parse().unwrap()).collect()
}
