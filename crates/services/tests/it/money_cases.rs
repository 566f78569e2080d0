//! Random commands against the services and a small model in memory that says what has to be true after each. A case that fails
//! is shrunk to the fewest commands that still fail. (`money_model` goes on longer, several at once, and compares totals.)

use domain::{
    Currency, Money,
    decline::DeclineCode,
    time::{HOUR, MINUTE},
};
use gateways::{ChargeState, RefundState, scripted, signature};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};
use services::{
    Origin, Settings, checkout,
    fault::{Act, Point},
    payments, webhooks,
};
use std::future::Future;
use std::time::Duration;
use test_support::{
    TestDb, TestMerchant, TestServices, TestSession,
    gateway::{RefundScript, Script, declined, succeeded},
};

/// Cases of `make test`: 2,000 over both engines. PAYDECK_MODEL_CASES sets another number, for each.
const CASES: [u32; 2] = [1_400, 600];
/// Checkouts of one case.
const SESSIONS: usize = 2;
/// Each session asks for so much.
const AMOUNT: i64 = 1_000;
/// How long a command that waits waits: longer than the longest pause of the reconciler, so that everything open is asked about.
const WAIT: i64 = 7 * HOUR;

/// What the gateway does with a charge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Answer {
    Good,
    Declined,
    Later,
    ChargedAndLost,
    Lost,
    NotSent,
    OtherAmount,
}

/// What the gateway does with a refund.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Back {
    Good,
    Failed,
    Later,
    GivenAndLost,
    Lost,
    NotSent,
}

/// Where the process dies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Crash {
    Never,
    BeforeSending,
    BeforeWriting,
    BeforeTelling,
}

/// One command, about one of the sessions.
#[derive(Debug, Clone, Copy)]
enum Command {
    Pay {
        of: usize,
        answer: Answer,
        crash: Crash,
    },
    /// The last form once more.
    Again {
        of: usize,
    },
    Refund {
        of: usize,
        amount: i64,
        back: Back,
        crash: Crash,
    },
    /// Funds at the gateway settle, for better or worse; what was not as asked is put right there.
    Settle {
        of: usize,
        good: bool,
    },
    /// An event of the gateway about the charge and about every refund, twice each.
    Hear {
        of: usize,
    },
    Wait,
}

fn commands() -> impl Strategy<Value = Vec<Command>> {
    let of = 0..SESSIONS;
    let crash = prop_oneof![
        6 => Just(Crash::Never),
        1 => Just(Crash::BeforeSending),
        1 => Just(Crash::BeforeWriting),
        1 => Just(Crash::BeforeTelling),
    ];
    let answer = prop_oneof![
        4 => Just(Answer::Good),
        1 => Just(Answer::Declined),
        1 => Just(Answer::Later),
        2 => Just(Answer::ChargedAndLost),
        1 => Just(Answer::Lost),
        1 => Just(Answer::NotSent),
        1 => Just(Answer::OtherAmount),
    ];
    let back = prop_oneof![
        4 => Just(Back::Good),
        1 => Just(Back::Failed),
        1 => Just(Back::Later),
        1 => Just(Back::GivenAndLost),
        1 => Just(Back::Lost),
        1 => Just(Back::NotSent),
    ];
    let command = prop_oneof![
        4 => (of.clone(), answer, crash.clone()).prop_map(|(of, answer, crash)| Command::Pay { of, answer, crash }),
        1 => of.clone().prop_map(|of| Command::Again { of }),
        4 => (of.clone(), 1..=AMOUNT, back, crash)
            .prop_map(|(of, amount, back, crash)| Command::Refund { of, amount, back, crash }),
        1 => (of.clone(), any::<bool>()).prop_map(|(of, good)| Command::Settle { of, good }),
        1 => of.prop_map(|of| Command::Hear { of }),
        2 => Just(Command::Wait),
    ];
    proptest::collection::vec(command, 1..12)
}

/// What is true at the gateway about something that may move money.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Truth {
    Nothing,
    Moved,
    OnItsWay,
    Refused,
    /// Moved, and not what was asked for.
    Wrong,
}

/// What we know about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Known {
    /// Written down, and nothing was heard.
    Sent,
    Unknown,
    OnItsWay,
    Good,
    Bad,
}

/// One call that may move money.
#[derive(Debug, Clone, Copy)]
struct Moving {
    amount: i64,
    truth: Truth,
    known: Known,
}

impl Moving {
    /// The gateway is asked; what it does not know after so long it will never have.
    fn asked(&mut self, certain: bool) {
        self.known = match (self.truth, self.known) {
            (_, Known::Good | Known::Bad) => self.known,
            (Truth::Moved, _) => Known::Good,
            (Truth::Refused, _) => Known::Bad,
            (Truth::OnItsWay, _) => Known::OnItsWay,
            (Truth::Wrong, _) => Known::Unknown,
            (Truth::Nothing, known) => {
                if certain {
                    Known::Bad
                } else {
                    known
                }
            }
        };
    }

    fn is_open(&self) -> bool {
        !matches!(self.known, Known::Good | Known::Bad)
    }
}

/// What has to be true about one session.
#[derive(Debug, Clone, Default)]
struct Model {
    charge: Option<Moving>,
    refunds: Vec<Moving>,
    age: i64,
    expired: bool,
}

impl Model {
    fn status(&self) -> Option<&'static str> {
        let charge = self.charge?;
        Some(match charge.known {
            Known::Good => "succeeded",
            Known::Unknown => "unknown",
            Known::OnItsWay => "processing",
            Known::Sent => "requires_payment_method",
            Known::Bad if self.expired => "canceled",
            Known::Bad => "requires_payment_method",
        })
    }

    fn may_pay(&self) -> bool {
        !self.expired && self.charge.is_none_or(|charge| charge.known == Known::Bad)
    }

    fn sum(&self, of: impl Fn(&Moving) -> bool) -> i64 {
        self.refunds.iter().filter(|refund| of(refund)).map(|refund| refund.amount).sum()
    }

    /// Captured, refunded, reserved.
    fn money(&self) -> (i64, i64, i64) {
        let paid = self.charge.is_some_and(|charge| charge.known == Known::Good);
        (if paid { AMOUNT } else { 0 }, self.sum(|r| r.known == Known::Good), self.sum(Moving::is_open))
    }

    fn may_refund(&self, amount: i64) -> bool {
        let (captured, refunded, reserved) = self.money();
        captured - refunded - reserved >= amount
    }

    fn wait(&mut self) {
        self.age += WAIT;
        self.charge.iter_mut().chain(&mut self.refunds).for_each(|moving| moving.asked(true));
        if self.age > 24 * HOUR + MINUTE && self.charge.is_none_or(|charge| charge.known == Known::Bad) {
            self.expired = true;
        }
    }
}

/// Where a call stands after it was made, and died where it died.
fn moving(amount: i64, truth: Truth, heard: Known, crash: Crash) -> Moving {
    let (truth, known) = match crash {
        Crash::BeforeSending => (Truth::Nothing, Known::Sent),
        Crash::BeforeWriting => (truth, Known::Sent),
        Crash::Never | Crash::BeforeTelling => (truth, heard),
    };
    Moving { amount, truth, known }
}

fn charge_of(answer: Answer, crash: Crash) -> (Script, Moving) {
    let (script, truth, known) = match answer {
        Answer::Good => (Script::Succeed, Truth::Moved, Known::Good),
        Answer::Declined => (declined(DeclineCode::GenericDecline), Truth::Refused, Known::Bad),
        Answer::Later => (Script::Reply(ChargeState::Processing), Truth::OnItsWay, Known::OnItsWay),
        Answer::ChargedAndLost => (Script::ChargeThenLose, Truth::Moved, Known::Unknown),
        Answer::Lost => (Script::Lose, Truth::Nothing, Known::Unknown),
        Answer::NotSent => (Script::NotSent, Truth::Nothing, Known::Bad),
        Answer::OtherAmount => (Script::WrongAmount(AMOUNT + 1), Truth::Wrong, Known::Unknown),
    };
    (script, moving(AMOUNT, truth, known, crash))
}

fn refund_of(back: Back, amount: i64, crash: Crash) -> (RefundScript, Moving) {
    let (script, truth, known) = match back {
        Back::Good => (RefundScript::Reply(RefundState::Succeeded), Truth::Moved, Known::Good),
        Back::Failed => (RefundScript::Reply(RefundState::Failed { code: "other" }), Truth::Refused, Known::Bad),
        Back::Later => (RefundScript::Reply(RefundState::Pending), Truth::OnItsWay, Known::OnItsWay),
        Back::GivenAndLost => (RefundScript::RefundThenLose, Truth::Moved, Known::Unknown),
        Back::Lost => (RefundScript::Lose, Truth::Nothing, Known::Unknown),
        Back::NotSent => (RefundScript::NotSent, Truth::Nothing, Known::Bad),
    };
    (script, moving(amount, truth, known, crash))
}

/// A case under way.
struct Case<'a> {
    t: &'a TestServices,
    m: TestMerchant,
    connection: String,
    sessions: Vec<(TestSession, Option<domain::views::checkout::PayForm>, Model)>,
    events: usize,
}

impl Case<'_> {
    /// Runs a command to its end, or to where its process dies.
    async fn until_it_dies<T: Send + 'static>(&self, work: impl Future<Output = T> + Send + 'static) {
        let t = self.t;
        // Before the task runs: it may get to its end, wherever that is, before this goes on.
        let armed = t.faults().left() > 0;
        let task = tokio::spawn(work);
        let died = async {
            while t.faults().left() > 0 {
                tokio::task::yield_now().await;
            }
        };
        if !armed {
            drop(task.await);
            return;
        }
        let stop = task.abort_handle();
        died.await;
        stop.abort();
        drop(task.await);
    }

    fn arm(&self, crash: Crash, points: [Point; 3]) {
        match crash {
            Crash::Never => {}
            Crash::BeforeSending => self.t.faults().arm(points[0], Act::Stop),
            Crash::BeforeWriting => self.t.faults().arm(points[1], Act::Stop),
            Crash::BeforeTelling => self.t.faults().arm(points[2], Act::Stop),
        }
    }

    async fn pay(&mut self, of: usize, answer: Answer, crash: Crash) {
        let form = self.t.pay_form("4242424242424242");
        let (session, last, model) = &mut self.sessions[of];
        let (svc, token) = (self.t.svc.clone(), session.token.clone());
        if !model.may_pay() {
            checkout::pay(&svc, &token, form, &Origin::default()).await.unwrap();
            return;
        }
        *last = Some(form.clone());
        let (script, charge) = charge_of(answer, crash);
        model.charge = Some(charge);
        if crash != Crash::BeforeSending {
            self.t.gateway.script([script]);
        }
        self.arm(crash, [Point::ChargeWritten, Point::ChargeHeard, Point::ChargeSettled]);
        self.until_it_dies(async move { checkout::pay(&svc, &token, form, &Origin::default()).await }).await;
    }

    async fn refund(&mut self, of: usize, amount: i64, back: Back, crash: Crash) -> Result<(), TestCaseError> {
        let (session, _, model) = &mut self.sessions[of];
        if model.charge.is_none() {
            return Ok(());
        }
        let id = self.t.payment_of(session).await.id.parse().unwrap();
        let form = self.t.refund_form(&Money::new(amount, Currency::EUR).plain());
        let (svc, actor) = (self.t.svc.clone(), self.m.actor.clone());
        if !model.may_refund(amount) {
            let refused = payments::refund(&svc, &actor, &id, form).await;
            prop_assert!(refused.is_err(), "{} of {:?}", amount, model);
            return Ok(());
        }
        let (script, refund) = refund_of(back, amount, crash);
        model.refunds.push(refund);
        if crash != Crash::BeforeSending {
            self.t.gateway.script_refunds([script]);
        }
        self.arm(crash, [Point::RefundWritten, Point::RefundHeard, Point::RefundSettled]);
        self.until_it_dies(async move { payments::refund(&svc, &actor, &id, form).await }).await;
        Ok(())
    }

    /// Our keys of a session's calls of a kind, in the order in which they were made.
    async fn keys(&self, of: usize, kind: &str) -> Vec<String> {
        let (merchant, session) = (&self.m.scope().merchant, &self.sessions[of].0.id);
        let sql = format!(
            "select o.idempotency_key from operations o join payments p on p.merchant_id = o.merchant_id
               and p.livemode = o.livemode and p.id = o.payment_id
             where p.merchant_id = '{merchant}' and p.session_id = '{session}' and o.kind = '{kind}'
             order by o.created_at, o.id"
        );
        self.t.texts(&sql).await
    }

    async fn settle(&mut self, of: usize, good: bool) {
        let truth = if good { Truth::Moved } else { Truth::Refused };
        let (charges, refunds) = (self.keys(of, "sale").await, self.keys(of, "refund").await);
        let model = &mut self.sessions[of].2;
        if let (Some(charge), Some(key)) = (&mut model.charge, charges.last())
            && matches!(charge.truth, Truth::OnItsWay | Truth::Wrong)
        {
            charge.truth = truth;
            let no = ChargeState::Declined(DeclineCode::GenericDecline);
            let state = if good { succeeded(Money::new(AMOUNT, Currency::EUR)) } else { no };
            self.t.gateway.set_charge(key, &state);
        }
        let ids = self.t.gateway.refunds();
        for (refund, key) in model.refunds.iter_mut().zip(&refunds).filter(|(r, _)| r.truth == Truth::OnItsWay) {
            refund.truth = truth;
            assert!(ids.contains_key(key));
            let no = RefundState::Failed { code: "other" };
            self.t.gateway.set_refund(key, &if good { RefundState::Succeeded } else { no });
        }
    }

    async fn hear(&mut self, of: usize) {
        let (charges, refunds) = (self.keys(of, "sale").await, self.keys(of, "refund").await);
        for (kind, key) in
            charges.last().map(|k| ("charge", k)).into_iter().chain(refunds.iter().map(|k| ("refund", k)))
        {
            self.events += 1;
            let body = serde_json::json!({ "id": format!("evt_{}", self.events), "type": kind, kind: { "key": key } });
            let body = body.to_string().into_bytes();
            let header = signature::sign(scripted::SECRET, self.t.now(), &body);
            let headers = vec![(scripted::SIGNATURE.to_owned(), header)];
            for _ in 0..2 {
                webhooks::receive(self.t, "fake", &self.connection, &headers, &body).await.unwrap();
            }
        }
        webhooks::process(self.t, 100).await.unwrap();
        let model = &mut self.sessions[of].2;
        model.charge.iter_mut().chain(&mut model.refunds).for_each(|moving| moving.asked(false));
    }

    async fn wait(&mut self) {
        self.t.later(WAIT).await;
        self.sessions.iter_mut().for_each(|(_, _, model)| model.wait());
    }

    async fn act(&mut self, command: Command) -> Result<(), TestCaseError> {
        // So that rows are told apart by their times.
        self.t.clock.advance(1);
        match command {
            Command::Pay { of, answer, crash } => self.pay(of, answer, crash).await,
            Command::Again { of } => {
                let (session, last, _) = &self.sessions[of];
                if let Some(form) = last {
                    self.t.try_pay(session, form.clone()).await.unwrap();
                }
            }
            Command::Refund { of, amount, back, crash } => self.refund(of, amount, back, crash).await?,
            Command::Settle { of, good } => self.settle(of, good).await,
            Command::Hear { of } => self.hear(of).await,
            Command::Wait => self.wait().await,
        }
        Ok(())
    }

    async fn compare(&self, after: &str) -> Result<(), TestCaseError> {
        for (n, (session, _, model)) in self.sessions.iter().enumerate() {
            let Some(status) = model.status() else { continue };
            let row = self.t.payment_of(session).await;
            prop_assert_eq!(&row.status, status, "session {} after {}: {:?}", n, after, model);
            let money = (row.captured, row.refunded, row.refund_reserved);
            prop_assert_eq!(money, model.money(), "session {} after {}: {:?}", n, after, model);
        }
        Ok(())
    }
}

async fn case(t: &TestServices, commands: Vec<Command>) -> Result<(), TestCaseError> {
    t.faults().clear();
    t.gateway.clear_scripts();
    let m = t.merchant().await;
    let connection = t.connection(&m, "fake").await.to_string();
    let mut case = Case { t, m, connection, sessions: Vec::new(), events: 0 };
    for _ in 0..SESSIONS {
        let session = t.session(&case.m, AMOUNT, "EUR").await;
        case.sessions.push((session, None, Model::default()));
    }
    for command in commands {
        case.act(command).await?;
        case.compare(&format!("{command:?}")).await?;
    }
    // And they lived to the end of it.
    for of in 0..SESSIONS {
        case.settle(of, true).await;
    }
    case.wait().await;
    case.compare("the end").await
}

fn run(db: impl Future<Output = TestDb>, cases: u32) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let db = runtime.block_on(db);
    // Whoever died in the middle never answers the form that is posted again: nobody waits for that here.
    let settings = Settings { follow_for: Duration::ZERO, ..TestServices::settings() };
    let t = runtime.block_on(async { TestServices::with(&db, settings) });
    let cases = std::env::var("PAYDECK_MODEL_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(cases);
    let seed: u64 = std::env::var("PAYDECK_MODEL_SEED").ok().and_then(|n| n.parse().ok()).unwrap_or(1);
    let seed: Vec<u8> = seed.to_le_bytes().repeat(4);
    let config = Config { cases, failure_persistence: None, max_shrink_iters: 500, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &seed));
    let outcome = runner.run(&commands(), |commands| runtime.block_on(case(&t, commands)));
    if let Err(failure) = outcome {
        panic!("{failure}");
    }
    runtime.block_on(t.assert_sound());
    // Closed while its runtime is there.
    runtime.block_on(async { drop(db) });
}

#[test]
fn two_thousand_cases_agree_with_the_model_on_sqlite() {
    run(TestDb::sqlite(), CASES[0]);
}

#[test]
fn two_thousand_cases_agree_with_the_model_on_postgres() {
    run(TestDb::postgres(), CASES[1]);
}
