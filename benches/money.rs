//! What the money paths cost, beside baselines of the same run: `make bench`.
//!
//! Money goes through the services or the server's router in this process, so that neither side pays for sockets; pages are asked
//! for over connections of 127.0.0.1 that stay open, on both sides. The database is on disk with full durability. Ratios are what
//! counts: absolute times belong to the machine.
#![allow(clippy::unwrap_used, clippy::float_arithmetic, missing_docs)]

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::routing::{get, post};
use domain::views::checkout::{CardFields, CheckoutStage, PayForm, SessionForm, SessionItemForm};
use domain::views::payment::RefundForm;
use domain::{ConnectionId, MerchantId, MerchantRole, Mode, PaymentId, Scope, UserId};
use futures::stream::{self, StreamExt};
use http::{Request, StatusCode};
use paydeck::config::{Config, Options};
use paydeck::state::AppState;
use services::seal::Sealer;
use services::{MerchantActor, Origin, Services, Settings, SystemClock, SystemEntropy};
use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};
use store::{Db, DbOptions, Engine, StoreError, raw};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Mutex;
use tower::ServiceExt;

/// Customers at once.
const AT_ONCE: usize = 64;

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("bench.db");
        run("SQLite", &format!("sqlite://{}", file.display())).await;
        match std::env::var("PAYDECK_TEST_POSTGRES_URL") {
            Ok(server) => run("PostgreSQL", &fresh_database(&server).await).await,
            Err(_) => println!("\nPostgreSQL: not measured, PAYDECK_TEST_POSTGRES_URL is not set"),
        }
    });
}

/// Makes an empty database on a server of the tests, with durable commits whatever the server's default is.
async fn fresh_database(server: &str) -> String {
    let name = "paydeck_bench";
    raw::execute(server, &format!("drop database if exists {name}")).await.unwrap();
    raw::execute(server, &format!("create database {name}")).await.unwrap();
    // The socket's folder may stand behind the name: `postgres://user@localhost/postgres?host=/tmp/…`.
    let (path, query) =
        server.split_once('?').map_or((server, String::new()), |(path, query)| (path, format!("?{query}")));
    let (head, _) = path.rsplit_once('/').unwrap();
    format!("{head}/{name}{query}")
}

/// What was measured.
struct Measured {
    rate: f64,
    cpu_ms: f64,
    p50: Duration,
    p99: Duration,
}

/// Does something `total` times, `at_once` at a time.
#[allow(clippy::disallowed_methods)] // a benchmark measures real time
async fn measure<F, Fut>(total: usize, at_once: usize, f: F) -> Measured
where
    F: Fn(usize) -> Fut,
    Fut: Future<Output = ()> + Send + 'static,
{
    let cpu_before = cpu_millis();
    let start = Instant::now();
    let mut times: Vec<Duration> = stream::iter(0..total)
        .map(|i| {
            let work = f(i);
            tokio::spawn(async move {
                let begun = Instant::now();
                work.await;
                begun.elapsed()
            })
        })
        .buffer_unordered(at_once)
        .map(Result::unwrap)
        .collect()
        .await;
    let took = start.elapsed();
    let cpu = cpu_millis() - cpu_before;
    times.sort();
    Measured {
        rate: total as f64 / took.as_secs_f64(),
        cpu_ms: cpu / total as f64,
        p50: times[total / 2],
        p99: times[total * 99 / 100],
    }
}

/// CPU milliseconds used by this process and by PostgreSQL's processes (ticks of 10 ms).
fn cpu_millis() -> f64 {
    let ticks = |stat: &str| -> u64 {
        let after = stat.rsplit_once(") ").map_or("", |(_, rest)| rest);
        after.split(' ').skip(11).take(2).filter_map(|n| n.parse::<u64>().ok()).sum()
    };
    let own = std::process::id().to_string();
    let mut sum = 0;
    for entry in std::fs::read_dir("/proc").unwrap().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let Ok(stat) = std::fs::read_to_string(entry.path().join("stat")) else { continue };
        if name == own || stat.contains("(postgres)") {
            sum += ticks(&stat);
        }
    }
    sum as f64 * 10.0
}

fn line(what: &str, m: &Measured, beside: Option<(&str, &Measured)>) {
    let ratio = beside.map_or(String::new(), |(name, base)| format!("{:.2} of {name}", m.rate / base.rate));
    println!("| {what} | {:.0} | {:.2} | {:.1} | {:.1} | {ratio} |", m.rate, m.cpu_ms, ms(m.p50), ms(m.p99));
}

fn ms(d: Duration) -> f64 {
    d.as_secs_f64() * 1_000.0
}

async fn run(engine: &str, url: &str) {
    let db = Db::connect(url, DbOptions::default()).await.unwrap();
    db.migrate().await.unwrap();
    println!(
        "\n## {engine}\n\n| What | per second | CPU ms | p50 ms | p99 ms | ratio |\n|---|---:|---:|---:|---:|---|"
    );
    let commits = {
        let url = url.to_owned();
        let cpu = cpu_millis();
        #[allow(clippy::disallowed_methods)] // a benchmark measures real time
        let start = Instant::now();
        raw::commits(&url, 2_000).await.unwrap();
        let took = start.elapsed();
        let each = took / 2_000;
        Measured { rate: 2_000.0 / took.as_secs_f64(), cpu_ms: (cpu_millis() - cpu) / 2_000.0, p50: each, p99: each }
    };
    line("raw durable commits, one at a time", &commits, None);
    let pgbench = pgbench(url);
    if let Some(pgbench) = &pgbench {
        line("pgbench -N, 8 at once", pgbench, None);
    }
    let insert = bare_insert(&db).await;
    line("bare axum + one durable insert, 64 at once", &insert, None);
    let page = static_page().await;
    line("bare axum, static page of 16 KB", &page, None);

    let shop = Shop::open(db).await;
    shop.warm_up().await;
    let (sessions, tokens) = shop.make_sessions(4_000).await;
    line("make a checkout session, 64 at once", &sessions, Some(("bare insert", &insert)));
    let shown = shop.show(&tokens, 4_000).await;
    line("checkout page", &shown, Some(("static page", &page)));
    let (alone, rest) = tokens.split_at(500);
    let paid_alone = shop.pay(alone, 1).await;
    line("pay, one at a time", &paid_alone, Some(("raw commits", &commits)));
    let (eight, rest) = rest.split_at(500);
    let paid_eight = shop.pay(eight, 8).await;
    line(
        "pay, 8 at once",
        &paid_eight,
        Some(pgbench.as_ref().map_or(("raw commits", &commits), |m| ("pgbench -N", m))),
    );
    let (by_service, by_form) = rest.split_at(rest.len() / 2);
    let paid = shop.pay(by_service, AT_ONCE).await;
    line("pay, 64 at once", &paid, Some(pgbench.as_ref().map_or(("raw commits", &commits), |m| ("pgbench -N", m))));
    let (_, more) = shop.make_sessions(2_000).await;
    let beside = shop.beside_logins(shop.pay(&more, AT_ONCE)).await;
    line("pay, 64 at once, beside 50 failed logins a second", &beside, Some(("pay", &paid)));
    let posted = shop.post(by_form).await;
    line("pay by the page's form, 64 at once", &posted, Some(("raw commits", &commits)));
    let refunded = shop.refund(1_000).await;
    line("refund, 64 at once", &refunded, Some(("pay", &paid)));
    let broken = services::check::run(shop.svc.db()).await.unwrap();
    assert!(broken.is_empty(), "{broken:#?}");
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
        let cpu = cpu_millis();
        let told = run(&["--skip-some-updates", "--client=8", "--jobs=2", "--time=5"]);
        let number = |before: &str| -> f64 {
            let rest = told.split_once(before).unwrap().1;
            rest.trim_start().split(|c: char| !c.is_ascii_digit() && c != '.').next().unwrap().parse().unwrap()
        };
        let done = number("number of transactions actually processed:");
        let average = Duration::from_secs_f64(number("latency average =") / 1_000.0);
        Measured { rate: number("tps ="), cpu_ms: (cpu_millis() - cpu) / done, p50: average, p99: average }
    })
}

async fn bare_insert(db: &Db) -> Measured {
    async fn insert(State(db): State<Db>, key: String) -> StatusCode {
        let done: Result<(), StoreError> =
            db.write(key.as_str(), |tx, key| Box::pin(async move { raw::insert_one(tx, key).await })).await;
        done.map_or(StatusCode::INTERNAL_SERVER_ERROR, |()| StatusCode::CREATED)
    }
    let app = Router::new().route("/", post(insert)).with_state(db.clone());
    measure(10_000, AT_ONCE, |i| {
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
    ask(app, 40_000, |_| "/".to_owned()).await
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

/// A merchant with the sandbox.
struct Shop {
    svc: Services,
    actor: MerchantActor,
    app: Router,
}

impl Shop {
    async fn open(db: Db) -> Self {
        let settings = Settings::default();
        let registry = paydeck::registry(&db, &paydeck::config::ApiBases::default()).unwrap();
        let sealer = Sealer::new(1, &[7; 32]);
        let svc = Services::new(db, Arc::new(SystemClock), Arc::new(SystemEntropy), sealer, registry, settings);
        let (merchant, user, connection): (MerchantId, UserId, ConnectionId) =
            (svc.new_id(), svc.new_id(), svc.new_id());
        let now = svc.now().0;
        let sql = format!(
            "insert into users (id, name, email, email_key, password_hash, email_verified_at, locale, created_at)
             values ('{user}', 'Bench', 'bench@example.com', 'bench@example.com', 'none', {now}, 'en', {now});
             insert into merchants (id, name, status, timezone, default_currency, created_at)
             values ('{merchant}', 'Bench', 'active', 'UTC', 'EUR', {now});
             insert into members (merchant_id, user_id, role, created_at) values ('{merchant}', '{user}', 'owner', {now});
             insert into connections (merchant_id, livemode, id, provider, name, status, methods, currencies, priority, created_at, updated_at)
             values ('{merchant}', false, '{connection}', 'sandbox', 'Sandbox', 'active', '[\"card\"]', '[]', 0, {now}, {now});"
        );
        let done: Result<(), StoreError> =
            svc.db().write(sql.as_str(), |tx, sql| Box::pin(async move { raw::run(tx, sql).await })).await;
        done.unwrap();
        let scope = Scope { merchant, mode: Mode::Test };
        let actor = MerchantActor { user_id: user, role: MerchantRole::Owner, scope, origin: Origin::default() };
        let app = paydeck::build_router(AppState::new(svc.clone(), config()));
        Self { svc, actor, app }
    }

    /// A few payments and refunds, and then what PostgreSQL's autovacuum does in the first minute of a database: without statistics it takes
    /// any index that begins with the merchant for as good as the primary key, and walks all of the one merchant's rows. SQLite
    /// plans without statistics, here as in service.
    async fn warm_up(&self) {
        let (_, tokens) = self.make_sessions(200).await;
        self.pay(&tokens, 8).await;
        self.refund(100).await;
        if self.svc.db().engine() == Engine::Postgres {
            let done: Result<(), StoreError> =
                self.svc.db().write(&(), |tx, ()| Box::pin(async move { raw::run(tx, "analyze").await })).await;
            done.unwrap();
        }
    }

    async fn make_sessions(&self, total: usize) -> (Measured, Vec<String>) {
        let (made, taken) = tokio::sync::mpsc::unbounded_channel();
        let measured = measure(total, AT_ONCE, |i| {
            let (svc, actor, made) = (self.svc.clone(), self.actor.clone(), made.clone());
            async move {
                let item = SessionItemForm {
                    name: format!("Book {i}"),
                    quantity: "1".to_owned(),
                    unit_amount: "12.50".to_owned(),
                };
                let form = SessionForm { currency: "EUR".to_owned(), items: vec![item], ..SessionForm::default() };
                let session = services::sessions::create(&svc, &actor, &form).await.unwrap();
                made.send(session.url.rsplit('/').next().unwrap().to_owned()).unwrap();
            }
        })
        .await;
        drop(made);
        let tokens = tokio_list(taken).await;
        (measured, tokens)
    }

    async fn show(&self, tokens: &[String], total: usize) -> Measured {
        ask(self.app.clone(), total, |i| format!("/c/{}", tokens[i % tokens.len()])).await
    }

    async fn pay(&self, tokens: &[String], at_once: usize) -> Measured {
        measure(tokens.len(), at_once, |i| {
            let (svc, token) = (self.svc.clone(), tokens[i].clone());
            async move {
                let card = CardFields {
                    card_number: "4242424242424242".to_owned(),
                    card_expiry: "12/40".to_owned(),
                    card_code: "123".to_owned(),
                };
                let form = PayForm {
                    form_key: svc.new_token(),
                    method: "card".to_owned(),
                    email: "c@example.com".to_owned(),
                    name: "C".to_owned(),
                    card,
                    ..PayForm::default()
                };
                let stage = services::checkout::pay(&svc, &token, form, &Origin::default()).await.unwrap();
                assert!(matches!(stage, CheckoutStage::Paid { .. }), "{stage:?}");
            }
        })
        .await
    }

    /// Does something while somebody tries passwords, fifty a second.
    async fn beside_logins<T>(&self, work: impl Future<Output = T>) -> T {
        let svc = self.svc.clone();
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

    async fn post(&self, tokens: &[String]) -> Measured {
        measure(tokens.len(), AT_ONCE, |i| {
            let (app, token, key) = (self.app.clone(), tokens[i].clone(), self.svc.new_token());
            async move {
                let body = format!(
                    "form_key={key}&method=card&email=c%40example.com&name=C&card_number=4242424242424242&card_expiry=12%2F40&card_code=123"
                );
                let request = Request::post(format!("/c/{token}"))
                    .header("content-type", "application/x-www-form-urlencoded")
                    .header("sec-fetch-site", "same-origin");
                let answer = app.oneshot(addressed(request, Body::from(body))).await.unwrap();
                assert_eq!(answer.status(), StatusCode::SEE_OTHER);
            }
        })
        .await
    }

    async fn refund(&self, total: usize) -> Measured {
        let ids = raw_payments(&self.svc, total).await;
        measure(ids.len(), AT_ONCE, |i| {
            let (svc, actor, id) = (self.svc.clone(), self.actor.clone(), ids[i].clone());
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
}

/// Settings as `paydeck serve` reads them; the database is given otherwise.
fn config() -> Config {
    #[derive(clap::Parser)]
    struct Cli {
        #[command(flatten)]
        options: Options,
    }
    let cli: Cli = clap::Parser::parse_from(["bench"]);
    cli.options.resolve().unwrap()
}

/// A request with a client's address, as the listener would give it.
fn addressed(request: http::request::Builder, body: Body) -> Request<Body> {
    let client = axum::extract::ConnectInfo(std::net::SocketAddr::from(([127, 0, 0, 1], 40_000)));
    let mut request = request.header("host", "localhost:3000").body(body).unwrap();
    request.extensions_mut().insert(client);
    request
}

async fn tokio_list(mut from: tokio::sync::mpsc::UnboundedReceiver<String>) -> Vec<String> {
    let mut all = Vec::new();
    while let Some(one) = from.recv().await {
        all.push(one);
    }
    all
}

async fn raw_payments(svc: &Services, most: usize) -> Vec<PaymentId> {
    let mut tx = svc.db().read().await.unwrap();
    let sql = format!("select id from payments where status = 'succeeded' limit {most}");
    raw::read_texts(&mut tx, &sql).await.unwrap().into_iter().map(|id| id.parse().unwrap()).collect()
}
