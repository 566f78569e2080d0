//! A thousand payments over two gateways, of which the first is killed, hangs, is slow or answers nonsense. What the gateways wrote down
//! themselves is the truth that Paydeck's books are held against.

use domain::{
    states::PaymentStatus,
    time::{HOUR, MINUTE},
    views::checkout::CheckoutStage,
};
use services::{Origin, ServiceError, Settings, checkout};
use std::{collections::BTreeMap, sync::Arc, time::Duration};
use test_support::{
    ScriptedGateway, TestMerchant, TestServices, TestSession,
    builders::assert_status,
    for_each_engine,
    scripted::Fault::{self, *},
};
use tokio::task::JoinSet;

const GOOD: &str = "4242424242424242";
/// Customers at once.
const BURST: usize = 25;
/// How often each trouble comes: with ten troubles, a thousand payments.
const BURSTS: usize = 4;
/// What the first gateway does to every charge of a burst; beside these it is killed amid a burst, or away before it.
const FAULTS: [Fault; 8] = [Reset, ActThenReset, Hang, ActThenHang, Slow, Garble, ActThenGarble, ActThen500];

/// Customers who click.
type Clicks = JoinSet<Result<CheckoutStage, ServiceError>>;

/// A merchant with two gateways, each of which keeps a log of its own.
struct Shop {
    t: TestServices,
    m: TestMerchant,
    first: ScriptedGateway,
    second: ScriptedGateway,
    sessions: Vec<TestSession>,
}

impl Shop {
    /// Customers with a session of their own each click, all at once.
    async fn click(&mut self, customers: usize) -> Clicks {
        let mut clicks = JoinSet::new();
        for _ in 0..customers {
            let s = self.t.session(&self.m, 700, "EUR").await;
            clicks.spawn(click(&self.t, &s));
            self.sessions.push(s);
        }
        clicks
    }

    /// Waits until the first gateway has heard so many calls, or nobody is left who could call.
    async fn heard(&self, calls: usize, clicks: &mut Clicks) {
        while self.first.calls() < calls && !clicks.is_empty() {
            if let Some(done) = clicks.try_join_next() {
                done.unwrap().unwrap();
            }
            tokio::task::yield_now().await;
        }
    }

    /// A burst that the first gateway meets with one fault.
    async fn faulty(&mut self, fault: Fault) {
        let before = self.first.calls();
        self.first.plan(move |_, _| fault);
        let mut clicks = self.click(BURST).await;
        if fault == Slow {
            self.heard(before + BURST, &mut clicks).await;
            self.first.let_through();
        }
        answered(clicks).await;
    }

    /// A burst amid which the first gateway is killed: some were charged by then and some not, and the others find nobody there.
    async fn killed(&mut self) {
        let before = self.first.calls();
        let mut turn = 0;
        self.first.plan(move |_, _| {
            turn += 1;
            if turn % 2 == 0 { Slow } else { Hang }
        });
        let mut early = self.click(BURST / 2).await;
        self.heard(before + BURST / 2, &mut early).await;
        self.first.kill().await;
        let late = self.click(BURST - BURST / 2).await;
        answered(early).await;
        answered(late).await;
    }

    /// Everybody of the last burst clicks once more, while nobody knows yet what became of the first click.
    async fn click_again(&self) {
        let mut clicks = JoinSet::new();
        self.sessions.iter().rev().take(BURST).for_each(|s| drop(clicks.spawn(click(&self.t, s))));
        answered(clicks).await;
    }

    /// How often each session was charged, by the gateways' own logs.
    fn charged(&self) -> BTreeMap<String, usize> {
        let mut charged = BTreeMap::new();
        for (key, charge) in self.first.charges().into_iter().chain(self.second.charges()) {
            assert_eq!(charge.asked, 1, "{key} was sent again");
            *charged.entry(charge.return_url).or_default() += usize::from(charge.moved());
        }
        charged
    }

    /// Holds every payment against the gateways' logs; how many are paid.
    async fn truth(&self) -> usize {
        self.first.settled().await;
        self.second.settled().await;
        let charged = self.charged();
        let mut paid = 0;
        for s in &self.sessions {
            let times = charged.get(&format!("http://paydeck.test/c/{}/return", s.token)).copied().unwrap_or(0);
            assert!(times <= 1, "{} was charged {times} times", s.token);
            let true_state = [PaymentStatus::RequiresPaymentMethod, PaymentStatus::Succeeded][times];
            assert_status(&self.t.payment_of(s).await, true_state);
            paid += times;
        }
        for gateway in [&self.first, &self.second] {
            assert!(gateway.wrongs().is_empty(), "{:?}", gateway.wrongs());
        }
        self.t.assert_sound().await;
        paid
    }
}

/// One click on "Pay", with a form of its own.
fn click(
    t: &TestServices,
    s: &TestSession,
) -> impl Future<Output = Result<CheckoutStage, ServiceError>> + Send + 'static {
    let (svc, token, form) = (t.svc.clone(), s.token.clone(), t.pay_form(GOOD));
    async move { checkout::pay(&svc, &token, form, &Origin::default()).await }
}

/// Every customer gets a page, whatever it says.
async fn answered(mut clicks: Clicks) {
    while let Some(done) = clicks.join_next().await {
        done.unwrap().unwrap();
    }
}

for_each_engine!(of_a_thousand_payments_over_a_gateway_in_trouble_none_is_charged_twice_and_all_end_true, |db| async {
    let (first, second) = (ScriptedGateway::start().await, ScriptedGateway::start().await);
    let settings = Settings { gateway_timeout: Duration::from_millis(500), ..TestServices::settings() };
    let connector = Arc::new(first.connector());
    let t = TestServices::with_gateways(&db, settings, vec![connector.clone()]);
    let m = t.merchant().await;
    // Of one provider, for a typed card is sent to no other's.
    t.connection(&m, "scripted").await;
    connector.send_elsewhere(t.connection(&m, "scripted").await.as_str(), second.address());
    let mut shop = Shop { t, m, first, second, sessions: Vec::new() };

    for _ in 0..BURSTS {
        let before = shop.second.charges().len();
        shop.killed().await;
        shop.click_again().await;
        let failed_over = before + BURST - BURST / 2;
        assert_eq!(shop.second.charges().len(), failed_over, "who found nobody was sent to the second gateway");
        // The reconciler asks a gateway that is dead.
        shop.t.later(2 * MINUTE).await;
        answered(shop.click(BURST).await).await;
        assert_eq!(shop.second.charges().len(), failed_over + BURST);
        shop.first.revive();
        for fault in FAULTS {
            shop.faulty(fault).await;
            shop.click_again().await;
        }
    }
    assert_eq!(shop.sessions.len(), 1_000);
    let unknown = shop.t.number("select count(*) from payments where status = 'unknown'").await;
    assert!(unknown > 0, "what may have been charged is not guessed");

    shop.t.later(HOUR).await;
    let paid = shop.truth().await;
    assert!(paid < 1_000, "some were certainly not charged");
    // Who was not charged can pay, and who was is not charged again.
    shop.first.plan(|_, _| Fault::None);
    for s in &shop.sessions {
        let stage = click(&shop.t, s).await.unwrap();
        assert!(matches!(stage, CheckoutStage::Paid { .. }), "{stage:?}");
    }
    assert_eq!(shop.truth().await, 1_000);
});
