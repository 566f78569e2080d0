//! Once under a key: the first reply stands, byte for byte; another request is refused; of two at once one works.

use domain::{
    Currency, ProblemKind,
    decline::DeclineCode,
    problem::codes,
    views::checkout::{CheckoutStage, SessionForm, SessionItemForm},
};
use futures::future::join_all;
use services::{
    ServiceError,
    idempotency::{self, Claim, Key},
    payments, sessions,
};
use std::collections::BTreeSet;
use test_support::{
    TestServices, for_each_engine,
    gateway::{Script, declined},
};

const GOOD: &str = "4242424242424242";

/// Keys of one test; with 20 requests each it runs in seconds.
const KEYS: usize = 100;
const AT_ONCE: usize = 20;

fn has_code<T>(answer: &Result<T, ServiceError>, code: &str) -> bool {
    matches!(answer, Err(ServiceError::Problem(p)) if p.code == code && p.kind == ProblemKind::Conflict)
}

for_each_engine!(a_key_charges_once_and_everybody_hears_the_same, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    t.connection(&m, "fake").await;
    for n in 0..KEYS {
        let (s, form) = (t.session(&m, 700, "EUR").await, t.pay_form(GOOD));
        // Every tenth is declined first: a no is a reply too.
        if n % 10 == 0 {
            t.gateway.script([declined(DeclineCode::InsufficientFunds)]);
        }
        let replies = join_all((0..AT_ONCE).map(|_| t.try_pay(&s, form.clone()))).await;
        let first = format!("{:?}", replies[0].as_ref().unwrap());
        for reply in &replies {
            assert_eq!(format!("{:?}", reply.as_ref().unwrap()), first);
        }
        assert_eq!(format!("{:?}", t.try_pay(&s, form).await.unwrap()), first, "and later");
    }
    assert_eq!((t.gateway.calls(), t.gateway.charges().len()), (KEYS, KEYS));
    assert_eq!(t.number("select cast(count(*) as bigint) from attempts").await, i64::try_from(KEYS).unwrap());
    t.run_due().await;
    t.assert_sound().await;
});

for_each_engine!(a_key_refunds_once_and_everybody_hears_the_same, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    t.connection(&m, "fake").await;
    let payment = t.paid(&m, 100_000, "EUR").await;
    for _ in 0..KEYS {
        let form = t.refund_form("1.00");
        let replies = join_all((0..AT_ONCE).map(|_| payments::refund(&t, &m.actor, &payment, form.clone()))).await;
        let ids: BTreeSet<String> = replies.into_iter().map(|reply| reply.unwrap().to_string()).collect();
        assert_eq!(ids.len(), 1, "{ids:?}");
    }
    assert_eq!(t.gateway.refunds().len(), KEYS);
    assert_eq!(t.payment(&m, &payment).await.refunded, 100 * i64::try_from(KEYS).unwrap());
    t.run_due().await;
    t.assert_sound().await;
});

for_each_engine!(another_request_under_the_same_key_is_refused, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    t.connection(&m, "fake").await;
    t.gateway.script([declined(DeclineCode::InsufficientFunds)]);
    let (s, form) = (t.session(&m, 700, "EUR").await, t.pay_form(GOOD));
    let first = t.try_pay(&s, form.clone()).await.unwrap();
    let mut other = form.clone();
    other.email = "somebody.else@example.com".to_owned();
    assert!(has_code(&t.try_pay(&s, other).await, codes::IDEMPOTENCY_MISMATCH));
    assert_eq!(t.try_pay(&s, form).await.unwrap(), first);
    assert_eq!(t.gateway.calls(), 1);

    let payment = t.paid(&m, 1_000, "EUR").await;
    let form = t.refund_form("1.00");
    let refund = payments::refund(&t, &m.actor, &payment, form.clone()).await.unwrap();
    let mut other = form.clone();
    other.amount = "2.00".to_owned();
    assert!(has_code(&payments::refund(&t, &m.actor, &payment, other).await, codes::IDEMPOTENCY_MISMATCH));
    assert_eq!(payments::refund(&t, &m.actor, &payment, form).await.unwrap(), refund);
    assert_eq!(t.gateway.refunds().len(), 1);
    // The same key of another merchant is another key.
    let n = t.merchant().await;
    t.connection(&n, "fake").await;
    let theirs = t.paid(&n, 1_000, "EUR").await;
    t.refund(&n, &theirs, 100, Currency::EUR).await.unwrap();
    assert_eq!(t.gateway.refunds().len(), 2);
});

for_each_engine!(a_second_request_is_told_while_the_first_hangs, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    t.connection(&m, "fake").await;
    t.gateway.script([Script::ChargeThenHang]);
    let (s, form) = (t.session(&m, 700, "EUR").await, t.pay_form(GOOD));
    let (svc, token, posted) = (t.svc.clone(), s.token.clone(), form.clone());
    let hanging =
        tokio::spawn(async move { services::checkout::pay(&svc, &token, posted, &services::Origin::default()).await });
    while t.gateway.charges().is_empty() {
        tokio::task::yield_now().await;
    }
    // Another form is told at once.
    let other = t.pay(&s, GOOD).await;
    assert_eq!(other, CheckoutStage::Pending { unknown: false, settles_later: false });
    assert_eq!(t.gateway.calls(), 1);
    hanging.abort();
});

for_each_engine!(a_claimed_key_without_a_reply_is_in_progress, |db| async {
    let t = TestServices::new(&db);
    let key = Key { owner: "acct_x/test", endpoint: "test", key: "a-key-of-mine" };
    let now = t.now();
    let claim = async |hash: &'static str, reply: Option<&'static [u8]>| {
        t.db()
            .write(&(key, hash, reply), |tx, &(key, hash, reply)| {
                Box::pin(async move { idempotency::claim(tx, key, hash, reply, now).await })
            })
            .await
    };
    assert_eq!(claim("h", None).await.unwrap(), Claim::Ours);
    assert!(has_code(&claim("h", None).await, codes::IDEMPOTENCY_IN_PROGRESS));
    assert!(has_code(&claim("other", None).await, codes::IDEMPOTENCY_MISMATCH));
    let replied: Result<bool, store::StoreError> = t
        .db()
        .write(&key, |tx, &key| Box::pin(async move { store::idempotency::reply(tx, key, b"{\"a\":1}").await }))
        .await;
    assert!(replied.unwrap());
    assert_eq!(claim("h", None).await.unwrap(), Claim::Replay(b"{\"a\":1}".to_vec()));
    assert!(has_code(&claim("other", None).await, codes::IDEMPOTENCY_MISMATCH));
    // 72 hours later it may be used anew.
    t.later(idempotency::KEPT).await;
    assert_eq!(claim("other", None).await.unwrap(), Claim::Ours);
});

for_each_engine!(a_reply_that_shows_a_secret_is_stored_sealed, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    let item = SessionItemForm { name: "Tea".to_owned(), quantity: "1".to_owned(), unit_amount: "5".to_owned() };
    let form = SessionForm {
        currency: "EUR".to_owned(),
        items: vec![item],
        form_key: t.new_token(),
        ..SessionForm::default()
    };
    let made = join_all((0..AT_ONCE).map(|_| sessions::create(&t, &m.actor, &form))).await;
    let made: Vec<Vec<u8>> = made.into_iter().map(|one| serde_json::to_vec(&one.unwrap()).unwrap()).collect();
    assert!(made.iter().all(|reply| *reply == made[0]), "byte for byte");
    assert_eq!(t.number("select cast(count(*) as bigint) from checkout_sessions").await, 1);
    let token = t.texts("select token from checkout_sessions").await.remove(0);
    assert!(String::from_utf8_lossy(&made[0]).contains(&token));
    let hex = if t.url.starts_with("sqlite") { "hex(reply)" } else { "upper(encode(reply, 'hex'))" };
    let stored = t.texts(&format!("select {hex} from idempotency_keys")).await;
    let plain: String = token.bytes().map(|byte| format!("{byte:02X}")).collect();
    assert!(stored.len() == 1 && !stored[0].contains(&plain), "the token can't be read");
    let other = SessionForm { currency: "USD".to_owned(), ..form.clone() };
    assert!(has_code(&sessions::create(&t, &m.actor, &other).await, codes::IDEMPOTENCY_MISMATCH));
    // Without a key each post makes one.
    let free = SessionForm { form_key: String::new(), ..form };
    sessions::create(&t, &m.actor, &free).await.unwrap();
    sessions::create(&t, &m.actor, &free).await.unwrap();
    assert_eq!(t.number("select cast(count(*) as bigint) from checkout_sessions").await, 3);
});
