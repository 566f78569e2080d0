//! A merchant whose customers pay, at the services' own door and at the server's.

use super::{measured::Measured, work::measure};
use axum::Router;
use axum::body::Body;
use domain::views::checkout::{CardFields, CheckoutStage, PayForm, SessionForm, SessionItemForm};
use domain::{ConnectionId, MerchantId, MerchantRole, Mode, Scope, UserId};
use gateways::Registry;
use http::{Request, StatusCode};
use paydeck::config::Options;
use paydeck::state::AppState;
use services::seal::Sealer;
use services::{MerchantActor, Origin, Services, Settings, SystemClock, SystemEntropy};
use std::future::Future;
use std::sync::Arc;
use store::{Db, Engine, StoreError, raw};
use tower::ServiceExt;

/// Customers at once, where nothing else is said.
pub const AT_ONCE: usize = 64;

/// A merchant with gateways.
pub struct Shop {
    pub svc: Services,
    pub actor: MerchantActor,
    pub app: Router,
}

impl Shop {
    /// The first merchant of a new server, with an active connection to each of these providers, in their order.
    pub async fn open(db: Db, registry: Registry, providers: &[&str]) -> Self {
        let sealer = Sealer::new(1, &[7; 32]);
        let (clock, entropy) = (Arc::new(SystemClock), Arc::new(SystemEntropy));
        let svc = Services::new(db, clock, entropy, sealer, registry, Settings::default());
        let app = paydeck::build_router(state(&svc));
        Self { actor: merchant(&svc, providers).await.0, svc, app }
    }

    /// What PostgreSQL's autovacuum does in the first minute of a database: without statistics it takes any index that begins with the
    /// merchant for as good as the primary key, and walks all of the one merchant's rows. SQLite plans without statistics, here as in
    /// service.
    pub async fn analyze(&self) {
        if self.svc.db().engine() == Engine::Postgres {
            sql(&self.svc, "analyze").await;
        }
    }

    /// Makes sessions; their tokens.
    pub async fn make_sessions(&self, total: usize) -> (Measured, Vec<String>) {
        let (made, mut taken) = tokio::sync::mpsc::unbounded_channel();
        let measured = measure(total, AT_ONCE, |_| {
            let (session, made) = (self.make_session(), made.clone());
            async move { made.send(session.await).unwrap() }
        })
        .await;
        drop(made);
        let mut tokens = Vec::new();
        while let Some(token) = taken.recv().await {
            tokens.push(token);
        }
        (measured, tokens)
    }

    /// Makes a session; its token.
    pub fn make_session(&self) -> impl Future<Output = String> + Send + 'static + use<> {
        let (svc, actor) = (self.svc.clone(), self.actor.clone());
        async move {
            let item = SessionItemForm {
                name: "A book".to_owned(),
                quantity: "1".to_owned(),
                unit_amount: "12.50".to_owned(),
            };
            let form = SessionForm { currency: "EUR".to_owned(), items: vec![item], ..SessionForm::default() };
            let session = services::sessions::create(&svc, &actor, &form).await.unwrap();
            session.url.rsplit('/').next().unwrap().to_owned()
        }
    }

    /// Pays a session by the command.
    pub fn pay(&self, token: &str) -> impl Future<Output = ()> + Send + 'static + use<> {
        let (svc, token) = (self.svc.clone(), token.to_owned());
        async move {
            let stage = click(&svc, &token).await.unwrap();
            assert!(matches!(stage, CheckoutStage::Paid { .. }), "{stage:?}");
        }
    }

    /// Pays a session by the page's form.
    pub fn post(&self, token: &str) -> impl Future<Output = ()> + Send + 'static + use<> {
        let (app, path, key) = (self.app.clone(), format!("/c/{token}"), self.svc.new_token());
        async move {
            let body = format!(
                "form_key={key}&method=card&email=c%40example.com&name=C&card_number=4242424242424242&card_expiry=12%2F40&card_code=123"
            );
            let request = Request::post(path)
                .header("content-type", "application/x-www-form-urlencoded")
                .header("sec-fetch-site", "same-origin");
            let answer = app.oneshot(addressed(request, Body::from(body))).await.unwrap();
            assert_eq!(answer.status(), StatusCode::SEE_OTHER);
        }
    }
}

/// Clicks on "Pay", whatever comes of it.
pub async fn click(svc: &Services, token: &str) -> Result<CheckoutStage, services::ServiceError> {
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
    services::checkout::pay(svc, token, form, &Origin::default()).await
}

/// A merchant with an active connection to each of these providers, in their order: its owner, and the connections.
pub async fn merchant(svc: &Services, providers: &[&str]) -> (MerchantActor, Vec<ConnectionId>) {
    let (merchant, user): (MerchantId, UserId) = (svc.new_id(), svc.new_id());
    let now = svc.now().0;
    let mut rows = format!(
        "insert into users (id, name, email, email_key, password_hash, email_verified_at, locale, created_at)
         values ('{user}', 'Bench', '{user}@example.com', '{user}@example.com', 'none', {now}, 'en', {now});
         insert into merchants (id, name, status, timezone, default_currency, created_at)
         values ('{merchant}', 'Bench', 'active', 'UTC', 'EUR', {now});
         insert into members (merchant_id, user_id, role, created_at) values ('{merchant}', '{user}', 'owner', {now});"
    );
    let mut connections = Vec::new();
    for (priority, provider) in providers.iter().enumerate() {
        let connection: ConnectionId = svc.new_id();
        rows.push_str(&format!(
            "insert into connections (merchant_id, livemode, id, provider, name, status, methods, currencies, priority, created_at, updated_at)
             values ('{merchant}', false, '{connection}', '{provider}', '{provider}', 'active', '[\"card\"]', '[]', {priority}, {now}, {now});"
        ));
        connections.push(connection);
    }
    sql(svc, &rows).await;
    let scope = Scope { merchant, mode: Mode::Test };
    (MerchantActor { user_id: user, role: MerchantRole::Owner, scope, origin: Origin::default() }, connections)
}

async fn sql(svc: &Services, sql: &str) {
    let done: Result<(), StoreError> =
        svc.db().write(sql, |tx, sql| Box::pin(async move { raw::run(tx, sql).await })).await;
    done.unwrap();
}

/// A server's state, with settings as `paydeck serve` reads them; the database is given otherwise.
pub fn state(svc: &Services) -> AppState {
    #[derive(clap::Parser)]
    struct Cli {
        #[command(flatten)]
        options: Options,
    }
    let cli: Cli = clap::Parser::parse_from(["bench"]);
    AppState::new(svc.clone(), cli.options.resolve().unwrap())
}

/// A request with a client's address, as the listener would give it.
fn addressed(request: http::request::Builder, body: Body) -> Request<Body> {
    let client = axum::extract::ConnectInfo(std::net::SocketAddr::from(([127, 0, 0, 1], 40_000)));
    let mut request = request.header("host", "localhost:3000").body(body).unwrap();
    request.extensions_mut().insert(client);
    request
}
