//! Customers who pay on the hosted page and a merchant who refunds, over HTTP. Every reply that is heard is logged before anything
//! else happens; whoever hears none asks again, with the same form.

use super::server::Binary;
use domain::Scope;
use futures::future::join_all;
use gateways::scripted::wire::{self, Lost, Message};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard};
use tokio::task::JoinHandle;

pub(super) const EMAIL: &str = "ann@shop.example";
pub(super) const PASSWORD: &str = "plum-otter-93-quay";
/// People at once.
const CUSTOMERS: usize = 6;
/// Refunds at once.
const CLERKS: usize = 2;

/// Whose shop it is, and where its database is read to find out a payment's id.
pub(super) struct Shop {
    pub(super) scope: Scope,
    pub(super) url: String,
}

/// Somebody at a checkout, with the form in their browser.
#[derive(Debug, Clone)]
pub(super) struct Customer {
    pub(super) token: String,
    pub(super) form_key: String,
}

/// A refund that is being asked for.
#[derive(Debug, Clone)]
struct Claim {
    payment: String,
    amount: i64,
    form_key: String,
}

/// What was acknowledged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Ack {
    /// "Paid", with the receipt.
    Paid { token: String, receipt: String },
    /// "Refunded", with the refund's id.
    Refunded { payment: String, amount: i64, refund: String, form_key: String },
}

struct Inner {
    address: String,
    shop: Shop,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    cookie: String,
    waiting: VecDeque<Customer>,
    claims: VecDeque<Claim>,
    acks: Vec<Ack>,
    stopped: bool,
    made: u64,
}

#[derive(Clone)]
pub(super) struct Driver(Arc<Inner>);

impl Driver {
    pub(super) fn new(binary: &Binary, shop: Shop, waiting: VecDeque<Customer>) -> Self {
        let state = State { waiting, ..State::default() };
        Self(Arc::new(Inner { address: binary.address.clone(), shop, state: Mutex::new(state) }))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap()
    }

    pub(super) fn acknowledged(&self) -> Vec<Ack> {
        self.state().acks.clone()
    }

    async fn post(&self, path: &str, form: &[(&str, &str)]) -> Result<Message, Lost> {
        let body = serde_urlencoded::to_string(form).unwrap();
        let cookie = self.state().cookie.clone();
        let headers = [
            ("content-type", "application/x-www-form-urlencoded"),
            ("sec-fetch-site", "same-origin"),
            ("accept", "application/json"),
            ("cookie", cookie.as_str()),
        ];
        wire::send(&self.0.address, &format!("POST {path}"), &headers, body.as_bytes()).await
    }

    /// One session for the whole run: it survives every kill.
    pub(super) async fn log_in_once(&self) {
        if self.state().cookie.is_empty() {
            let answer = self.post("/login", &[("email", EMAIL), ("password", PASSWORD)]).await.unwrap();
            assert_eq!(answer.status(), 303, "{}", answer.text());
            // The session's, beside those that keep language and theme.
            let mut set = answer.headers.iter().filter(|(name, _)| name == "set-cookie").map(|(_, value)| value);
            let session = set.find(|value| value.starts_with("paydeck=")).unwrap();
            self.state().cookie = session.split(';').next().unwrap().to_owned();
        }
    }

    /// Everybody begins.
    pub(super) fn start(&self) -> Vec<JoinHandle<()>> {
        self.state().stopped = false;
        let customers = (0..CUSTOMERS).map(|_| {
            let driver = self.clone();
            tokio::spawn(async move { while driver.pay_once().await {} })
        });
        let clerks = (0..CLERKS).map(|_| {
            let driver = self.clone();
            tokio::spawn(async move { while driver.refund_once().await {} })
        });
        customers.chain(clerks).collect()
    }

    /// The server is gone: whoever waits for it hears that.
    pub(super) async fn stop(&self, busy: Vec<JoinHandle<()>>) {
        self.state().stopped = true;
        for task in busy {
            tokio::time::timeout(super::PATIENCE, task).await.expect("nobody waits for a dead server").unwrap();
        }
    }

    /// Whoever heard no answer asks again until there is one.
    pub(super) async fn finish(&self) {
        self.state().stopped = false;
        while self.left() != (0, 0) {
            let customers = (0..CUSTOMERS).map(|_| async { while self.left().0 > 0 && self.pay_once().await {} });
            let clerks = (0..CLERKS).map(|_| async { while self.left().1 > 0 && self.refund_once().await {} });
            futures::join!(join_all(customers), join_all(clerks));
        }
    }

    /// How many customers and how many refunds have no answer yet.
    fn left(&self) -> (usize, usize) {
        let state = self.state();
        (state.waiting.len(), state.claims.len())
    }

    /// The next customer posts their form. False: it is time to stop.
    pub(super) async fn pay_once(&self) -> bool {
        let customer = {
            let mut state = self.state();
            if state.stopped {
                return false;
            }
            state.waiting.pop_front()
        };
        let Some(customer) = customer else { return self.pause().await };
        let form = [
            ("form_key", customer.form_key.as_str()),
            ("method", "card"),
            ("email", "customer@example.com"),
            ("name", "A Customer"),
            ("card_number", "4242424242424242"),
            ("card_expiry", "12/40"),
            ("card_code", "123"),
        ];
        let answer = self.post(&format!("/c/{}", customer.token), &form).await;
        match answer {
            Ok(answer) => self.answered(customer, &answer).await,
            Err(_) => {
                // The form is still there: it goes to the end of the queue, with its key.
                self.state().waiting.push_back(customer);
                return self.pause().await;
            }
        }
        true
    }

    async fn answered(&self, customer: Customer, answer: &Message) {
        let to = answer.header("location").unwrap_or_default().to_owned();
        match (answer.status(), to.strip_prefix("/r/")) {
            (303, Some(receipt)) => {
                let ack = Ack::Paid { token: customer.token.clone(), receipt: receipt.to_owned() };
                self.state().acks.push(ack);
                self.want_back(&customer).await;
            }
            // Declined: another try is another form.
            (422, _) => {
                let mut state = self.state();
                state.made += 1;
                let form_key = format!("another-form-{}", state.made);
                state.waiting.push_back(Customer { form_key, ..customer });
            }
            // On its way, or too busy.
            (303 | 429 | 503, _) => self.state().waiting.push_back(customer),
            (status, _) => panic!("{status}: {}", answer.text()),
        }
    }

    /// Two refunds of the payment, more than half of it each: one at most can succeed.
    async fn want_back(&self, customer: &Customer) {
        let sql = format!(
            "select p.id || ' ' || cast(p.captured as text) from payments p join checkout_sessions s
             on s.merchant_id = p.merchant_id and s.livemode = p.livemode and s.id = p.session_id
             where s.token = '{}'",
            customer.token
        );
        let Ok(found) = store::raw::texts(&self.0.shop.url, &sql).await else { return };
        let Some((payment, captured)) = found.first().and_then(|line| line.split_once(' ')) else { return };
        let amount = captured.parse::<i64>().unwrap() * 2 / 3;
        let mut state = self.state();
        for _ in 0..2 {
            state.made += 1;
            let form_key = format!("refund-form-{}", state.made);
            state.claims.push_back(Claim { payment: payment.to_owned(), amount, form_key });
        }
    }

    /// The next refund is asked for. False: it is time to stop.
    async fn refund_once(&self) -> bool {
        let claim = {
            let mut state = self.state();
            if state.stopped {
                return false;
            }
            state.claims.pop_front()
        };
        let Some(claim) = claim else { return self.pause().await };
        let amount = format!("{}.{:02}", claim.amount / 100, claim.amount % 100);
        let form = [
            ("scope[merchant]", self.0.shop.scope.merchant.as_str()),
            ("scope[mode]", "test"),
            ("id", claim.payment.as_str()),
            ("form[form_key]", claim.form_key.as_str()),
            ("form[kind]", "partial"),
            ("form[amount]", amount.as_str()),
            ("form[reason]", "other"),
            ("form[note]", ""),
            ("form[remaining]", "0"),
        ];
        match self.post("/api/payments/refund", &form).await {
            Ok(answer) if answer.status() == 200 => {
                let refund: String = serde_json::from_slice(&answer.body).unwrap();
                let Claim { payment, amount, form_key } = claim;
                self.state().acks.push(Ack::Refunded { payment, amount, refund, form_key });
            }
            // Too much: the other one has it.
            Ok(answer) if answer.status() == 409 => {}
            Ok(answer) if matches!(answer.status(), 429 | 503) => self.state().claims.push_back(claim),
            Ok(answer) => panic!("{}: {}", answer.status(), answer.text()),
            Err(_) => {
                self.state().claims.push_back(claim);
                return self.pause().await;
            }
        }
        true
    }

    /// Lets the others go on.
    async fn pause(&self) -> bool {
        let mut tick = tokio::time::interval(std::time::Duration::from_millis(5));
        tick.tick().await;
        tick.tick().await;
        !self.state().stopped
    }
}
