//! Ten thousand random operations through the services, several at once, against the sandbox's own book.

use domain::{
    Currency, PaymentId,
    problem::money as problem,
    time::{DAY, HOUR, MINUTE, SECOND},
    views::checkout::{CheckoutStage, PayForm},
};
use futures::future::join_all;
use services::{ServiceError, checkout};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use test_support::{TestDb, TestMerchant, TestServices, TestSession, db::block_on};

/// Outcomes of every kind, the good ones more often.
const CARDS: [&str; 24] = [
    "4242424242424242",
    "4242424242424242",
    "5555555555554444",
    "378282246310005",
    "4000002760000016",
    "4000000000000002",
    "4000000000009995",
    "4000000000000119",
    "4000002760003184",
    "4000008260003178",
    "4000000000007726",
    "4000000000005126",
    "4000009900000012",
    "4000009900000020",
    "4000009900000046",
    "4000009900000053",
    "4000009900000061",
    "4000009900000079",
    "4000009900000087",
    "4000009900000095",
    "4000009900000103",
    "4000009900000111",
    "4000009900000129",
    "4000009900000137",
];

/// A small generator (SplitMix64, Steele and others 2014): a run is told by its seed.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % n
    }

    fn pick<'a, T>(&mut self, of: &'a [T]) -> Option<&'a T> {
        let n = u64::try_from(of.len()).unwrap();
        (n > 0).then(|| &of[usize::try_from(self.below(n)).unwrap()])
    }
}

/// What was promised to whoever asked: payments said to be paid, refunds said to be made.
#[derive(Default)]
struct Promised {
    sessions: Vec<(TestSession, PayForm)>,
    paid: Vec<TestSession>,
    /// Sessions that only authorise, by their tokens, and those of them that were said to be authorised.
    manual: BTreeSet<String>,
    held: Vec<TestSession>,
    challenges: Vec<String>,
    refunds: Vec<String>,
}

/// One operation.
enum Step {
    Pay { minor: i64, currency: &'static str, card: &'static str, manual: bool },
    Again { session: TestSession, form: Box<PayForm> },
    Retry { session: TestSession, card: &'static str },
    Answer { token: String, pass: bool },
    Refund { session: TestSession, minor: i64 },
    Capture { session: TestSession, percent: i64 },
    Void { session: TestSession },
}

fn draw(dice: &mut Dice, promised: &Promised) -> Step {
    let card = dice.pick(&CARDS).copied().unwrap();
    let minor = i64::try_from(1 + dice.below(50_000)).unwrap();
    match dice.below(100) {
        50..65 => {
            if let Some((session, form)) = dice.pick(&promised.sessions).cloned() {
                return Step::Again { session, form: Box::new(form) };
            }
        }
        65..75 => {
            if let Some((session, _)) = dice.pick(&promised.sessions).cloned() {
                return Step::Retry { session, card };
            }
        }
        75..80 => {
            if let Some(token) = dice.pick(&promised.challenges).cloned() {
                return Step::Answer { token, pass: dice.below(3) > 0 };
            }
        }
        80..86 => {
            let percent = i64::try_from(1 + dice.below(110)).unwrap();
            if let Some(session) = dice.pick(&promised.held).cloned() {
                return Step::Capture { session, percent };
            }
        }
        86..89 => {
            if let Some(session) = dice.pick(&promised.held).cloned() {
                return Step::Void { session };
            }
        }
        89..100 => {
            if let Some(session) = dice.pick(&promised.paid).cloned() {
                return Step::Refund { session, minor: 1 + minor / 3 };
            }
        }
        _ => {}
    }
    let currency = dice.pick(&["EUR", "JPY", "KWD"]).copied().unwrap();
    Step::Pay { minor, currency, card, manual: dice.below(3) == 0 }
}

async fn act(t: &TestServices, m: &TestMerchant, promised: &Mutex<Promised>, step: Step) {
    let (session, stage) = match step {
        Step::Pay { minor, currency, card, manual } => {
            let session = if manual {
                let session = t.manual_session(m, minor, currency).await;
                promised.lock().unwrap().manual.insert(session.token.clone());
                session
            } else {
                t.session(m, minor, currency).await
            };
            let form = t.pay_form(card);
            promised.lock().unwrap().sessions.push((session.clone(), form.clone()));
            let stage = t.try_pay(&session, form).await;
            (session, stage)
        }
        Step::Again { session, form } => {
            let stage = t.try_pay(&session, *form).await;
            (session, stage)
        }
        Step::Retry { session, card } => {
            let stage = t.try_pay(&session, t.pay_form(card)).await;
            (session, stage)
        }
        Step::Answer { token, pass } => {
            let back = checkout::answer_challenge(t, &token, pass).await.unwrap();
            let sessions = promised.lock().unwrap().sessions.clone();
            let (session, _) = sessions.into_iter().find(|(s, _)| s.token == back).unwrap();
            let stage = checkout::returned(t, &back).await;
            (session, stage)
        }
        Step::Capture { session, percent } => {
            let payment = t.payment_of(&session).await;
            let id: PaymentId = payment.id.parse().unwrap();
            let minor = (payment.amount * percent / 100).max(1);
            match t.capture(m, &id, minor, payment.currency).await {
                Ok(_) if t.payment_of(&session).await.status == "succeeded" => {
                    promised.lock().unwrap().paid.push(session);
                }
                Ok(_) => {}
                Err(ServiceError::Problem(problem)) => {
                    let known = [problem::CAPTURE_TOO_MUCH, problem::NOT_CAPTURABLE, problem::CAPTURE_UNDER_WAY];
                    assert!(known.contains(&problem.code.as_str()), "{problem}");
                }
                Err(error) => panic!("{error}"),
            }
            return;
        }
        Step::Void { session } => {
            let id: PaymentId = t.payment_of(&session).await.id.parse().unwrap();
            match t.void(m, &id).await {
                Ok(_) => {}
                Err(ServiceError::Problem(problem)) => {
                    let known = [problem::NOT_VOIDABLE, problem::CAPTURE_UNDER_WAY];
                    assert!(known.contains(&problem.code.as_str()), "{problem}");
                }
                Err(error) => panic!("{error}"),
            }
            return;
        }
        Step::Refund { session, minor } => {
            let payment = t.payment_of(&session).await;
            let id: PaymentId = payment.id.parse().unwrap();
            match t.refund(m, &id, minor, payment.currency).await {
                Ok(refund) => promised.lock().unwrap().refunds.push(refund.to_string()),
                Err(ServiceError::Problem(problem)) => {
                    assert_eq!(problem.code, domain::problem::money::REFUND_TOO_MUCH)
                }
                Err(error) => panic!("{error}"),
            }
            return;
        }
    };
    match stage.unwrap() {
        CheckoutStage::Paid { .. } => {
            let mut promised = promised.lock().unwrap();
            if promised.manual.contains(&session.token) {
                promised.held.push(session);
            } else {
                promised.paid.push(session);
            }
        }
        CheckoutStage::Action { url, .. } => {
            promised.lock().unwrap().challenges.push(url.trim_start_matches("/challenge/").to_owned());
        }
        _ => {}
    }
}

async fn run(db: &TestDb, operations: usize, at_once: usize, seed: u64) {
    let t = TestServices::new(db);
    let m = t.merchant().await;
    t.connection(&m, "sandbox").await;
    t.connection(&m, "sandbox").await;
    let mut dice = Dice(seed);
    let promised = Mutex::new(Promised::default());
    let mut done = 0;
    while done < operations {
        let steps: Vec<Step> = (0..at_once).map(|_| draw(&mut dice, &promised.lock().unwrap())).collect();
        done += steps.len();
        join_all(steps.into_iter().map(|step| act(&t, &m, &promised, step))).await;
        match dice.below(12) {
            0 => t.clock.advance(MINUTE),
            1 => t.clock.advance(HOUR),
            2 => t.later(20 * SECOND).await,
            3 => t.later(3 * MINUTE).await,
            4 if dice.below(40) == 0 => t.later(DAY).await,
            _ => {}
        }
        if dice.below(200) == 0 {
            t.assert_sound().await;
        }
    }
    for _ in 0..12 {
        t.later(3 * HOUR).await;
    }
    t.later(10 * DAY).await;
    t.later(10 * DAY).await;
    t.assert_sound().await;
    compare(&t, &promised.into_inner().unwrap()).await;
}

/// Our totals per currency against the book's, and every promise against what became of it.
async fn compare(t: &TestServices, promised: &Promised) {
    let open = "select cast(count(*) as bigint) from payments where status in ('unknown', 'processing', 'requires_action', 'requires_capture')";
    assert_eq!(t.number(open).await, 0);
    let mut totals = BTreeMap::new();
    for currency in [Currency::EUR, Currency::JPY, Currency::KWD] {
        let code = currency.code();
        for (ours, book) in [("captured", "captured"), ("fee", "fee"), ("refunded", "refunded")] {
            let sum = |what: &str, of: &str| {
                format!("select cast(coalesce(sum({what}), 0) as bigint) from {of} where currency = '{code}'")
            };
            let (ours, book) = (t.number(&sum(ours, "payments")).await, t.number(&sum(book, "sandbox_charges")).await);
            assert_eq!(ours, book, "{code}");
            totals.insert((code.to_owned(), book), ours);
        }
    }
    assert!(totals.values().any(|total| *total > 0));
    for session in &promised.paid {
        assert_eq!(t.payment_of(session).await.status, "succeeded", "promised to be paid: {}", session.id);
    }
    // What was said to be authorised was captured, or it ended; never was the customer asked again.
    for session in &promised.held {
        let payment = t.payment_of(session).await;
        assert!(matches!(payment.status.as_str(), "succeeded" | "canceled"), "{payment:?}");
        assert!(payment.authorized == payment.amount && payment.captured <= payment.authorized, "{payment:?}");
    }
    let refunds = t.texts("select id from refunds order by id").await;
    let mut promised: Vec<String> = promised.refunds.clone();
    promised.sort_unstable();
    assert_eq!(refunds, promised, "refunds that were promised, and those that are");
}

#[test]
fn ten_thousand_operations_agree_with_the_book_on_sqlite() {
    block_on(async {
        let db = TestDb::sqlite().await;
        run(&db, 10_000, 16, 1).await;
    });
}

#[test]
fn operations_one_by_one_agree_with_the_book_on_sqlite() {
    block_on(async {
        let db = TestDb::sqlite().await;
        run(&db, 600, 1, 2).await;
    });
}

#[test]
fn two_thousand_operations_agree_with_the_book_on_postgres() {
    block_on(async {
        let db = TestDb::postgres().await;
        run(&db, 2_000, 8, 3).await;
    });
}
