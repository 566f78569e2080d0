//! Services with a clock that stands, chance that repeats, the sandbox, and a gateway that follows a script.

use crate::{FakeGateway, MockClock, SeededEntropy, TestDb};
use ::services::{
    Entropy, Services, Settings, bank_transfers::TransferLedger, breaker::Policy, check, jobs, sandbox_book::StoreBook,
    seal::Sealer,
};
use gateways::{
    Gateway, Registry,
    bank_transfer::BankTransfer,
    sandbox::{Delays, Sandbox},
};
use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;
use store::{StoreError, raw};

/// What seals credentials in tests: a key that the binary takes too, which refuses one of equal bytes.
pub const MASTER_KEY: [u8; 32] = *b"the tests' key; it seals nothing";

/// Services for tests. Derefs to [`Services`]; builders are in [`crate::builders`].
///
/// ```ignore
/// for_each_engine!(a_card_is_charged, |db| async {
///     let t = TestServices::new(&db);
///     let m = t.merchant().await;                       // approved, with an owner, in test mode
///     t.connection(&m, "sandbox").await;                // or "fake": see `t.gateway.script(…)`
///     let s = t.session(&m, 12_50, "EUR").await;
///     let stage = t.pay(&s, "4242424242424242").await;
///     t.assert_sound().await;                           // `paydeck check` finds nothing
/// });
/// ```
#[derive(Clone)]
pub struct TestServices {
    /// The services.
    pub svc: Services,
    /// Their clock.
    pub clock: Arc<MockClock>,
    /// The gateway `fake`.
    pub gateway: Arc<FakeGateway>,
    /// The database's address.
    pub url: String,
}

impl Deref for TestServices {
    type Target = Services;

    fn deref(&self) -> &Services {
        &self.svc
    }
}

impl TestServices {
    /// Services on a database of the test's own.
    #[must_use]
    pub fn new(db: &TestDb) -> Self {
        Self::with(db, Self::settings())
    }

    /// The settings of tests.
    #[must_use]
    pub fn settings() -> Settings {
        Settings {
            public_url: "http://paydeck.test".to_owned(),
            cheap_hashing: true,
            gateway_timeout: Duration::from_secs(20),
            ..Settings::default()
        }
    }

    /// The same with other settings.
    #[must_use]
    pub fn with(db: &TestDb, settings: Settings) -> Self {
        Self::with_gateways(db, settings, Vec::new())
    }

    /// The same with more gateways.
    #[must_use]
    pub fn with_gateways(db: &TestDb, settings: Settings, more: Vec<Arc<dyn Gateway>>) -> Self {
        Self::of(db, settings, Arc::default(), Arc::default(), 7, more)
    }

    /// Services on another database, with the clock and the gateway of these: what a restored backup meets.
    #[must_use]
    pub fn beside(&self, db: &TestDb) -> Self {
        Self::of(db, self.svc.settings().clone(), self.clock.clone(), self.gateway.clone(), 11, Vec::new())
    }

    fn of(
        db: &TestDb,
        settings: Settings,
        clock: Arc<MockClock>,
        gateway: Arc<FakeGateway>,
        seed: u64,
        more: Vec<Arc<dyn Gateway>>,
    ) -> Self {
        let entropy: Arc<dyn Entropy> = Arc::new(SeededEntropy::new(seed));
        let book = Arc::new(StoreBook::new((**db).clone(), Arc::clone(&entropy)));
        let sandbox: Arc<dyn Gateway> = Arc::new(Sandbox::new(book).with_delays(Delays::NONE));
        let transfers = TransferLedger::new((**db).clone(), Arc::clone(&entropy));
        let transfers = BankTransfer::new(Arc::new(transfers));
        let mut gateways: Vec<Arc<dyn Gateway>> = vec![sandbox, gateway.clone(), Arc::new(transfers)];
        gateways.extend(more);
        let registry = Registry::new(gateways);
        let sealer = Sealer::new(1, &MASTER_KEY);
        let svc = Services::new((**db).clone(), clock.clone(), entropy, sealer, registry, settings);
        // Tests make gateways fail as they like; those of the breaker set a policy of their own.
        svc.breakers().set_policy(Policy { failures: u32::MAX, ..Policy::default() });
        Self { svc, clock, gateway, url: db.url().to_owned() }
    }

    /// Runs what is due until nothing is.
    ///
    /// # Panics
    /// When it fails.
    pub async fn run_due(&self) {
        for _ in 0..1_000 {
            if jobs::run_due(&self.svc, "test", 100).await.expect("due work is done") == 0 {
                return;
            }
        }
        panic!("due work never ends");
    }

    /// Moves the clock and runs what is due then.
    ///
    /// # Panics
    /// When it fails.
    pub async fn later(&self, millis: i64) {
        self.clock.advance(millis);
        self.run_due().await;
    }

    /// Fails when `paydeck check` finds anything.
    ///
    /// # Panics
    /// Then.
    pub async fn assert_sound(&self) {
        let broken = check::run(self.svc.db()).await.expect("the check runs");
        assert!(broken.is_empty(), "{broken:#?}");
    }

    /// Runs SQL under all rules of the schema.
    ///
    /// # Panics
    /// When it fails.
    pub async fn sql(&self, sql: &str) {
        let done = self.svc.db().write(sql, |tx, sql| Box::pin(async move { raw::run(tx, sql).await })).await;
        done.map_err(|error: StoreError| format!("{error}: {sql}")).expect("SQL runs");
    }

    /// Runs SQL with foreign keys and triggers off, to damage rows on purpose.
    ///
    /// # Panics
    /// When it fails.
    pub async fn damage(&self, sql: &str) {
        raw::execute(&self.url, sql).await.map_err(|error| format!("{error}: {sql}")).expect("SQL runs");
    }

    /// The single number that a query answers; cast it to `bigint`.
    ///
    /// # Panics
    /// When it fails.
    pub async fn number(&self, sql: &str) -> i64 {
        raw::number(&self.url, sql).await.map_err(|error| format!("{error}: {sql}")).expect("SQL runs")
    }

    /// The single column of texts that a query answers.
    ///
    /// # Panics
    /// When it fails.
    pub async fn texts(&self, sql: &str) -> Vec<String> {
        raw::texts(&self.url, sql).await.map_err(|error| format!("{error}: {sql}")).expect("SQL runs")
    }
}
