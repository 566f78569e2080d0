//! A thousand payments over two gateways of which one loses answers, is lost before it charges, refuses and can't be reached: none is
//! charged twice, none on both, and every one ends as it is.

use domain::{
    decline::DeclineCode,
    time::{HOUR, MINUTE},
    views::checkout::CheckoutStage,
};
use futures::{StreamExt, stream};
use gateways::ChargeState;
use std::collections::BTreeMap;
use test_support::{
    TestServices, for_each_engine,
    gateway::{Script, declined, succeeded},
};

const PAYMENTS: u64 = 1_000;
const GOOD: &str = "4242424242424242";

/// What the next call does, from a sequence that repeats.
fn fault(n: u64) -> Script {
    // SplitMix64's last step: neighbours have nothing in common.
    let mut z = n.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    match (z ^ (z >> 27)) % 10 {
        0 => Script::ChargeThenLose,
        1 => Script::Lose,
        2 => Script::NotSent,
        3 => declined(DeclineCode::ProcessingError),
        4 => declined(DeclineCode::StolenCard),
        5 => Script::Reply(ChargeState::Processing),
        _ => Script::Succeed,
    }
}

for_each_engine!(a_thousand_payments_over_two_gateways_end_as_they_are, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    t.connection(&m, "fake").await;
    t.connection(&m, "fake").await;
    t.gateway.script((0..PAYMENTS).map(fault));
    let (t, m) = (&t, &m);
    let stages: Vec<CheckoutStage> = stream::iter(0..PAYMENTS)
        .map(|_| async move {
            let s = t.session(m, 1_000, "EUR").await;
            t.pay(&s, GOOD).await
        })
        .buffer_unordered(8)
        .collect()
        .await;
    // Whatever is open is found out; what settles later has settled.
    for (key, charge) in t.gateway.charges() {
        if charge.state == ChargeState::Processing {
            t.gateway.set_charge(&key, &succeeded(charge.amount));
        }
    }
    for _ in 0..4 {
        t.later(MINUTE).await;
    }
    t.later(HOUR).await;
    t.later(HOUR).await;

    let rows = t
        .texts(
            "select p.id || ' ' || p.status || ' ' || o.idempotency_key || ' ' || a.connection_id
             from operations o
             join attempts a on a.id = o.attempt_id
             join payments p on p.id = o.payment_id",
        )
        .await;
    let charges = t.gateway.charges();
    let mut payments: BTreeMap<String, (String, usize, usize)> = BTreeMap::new();
    for row in &rows {
        let [id, status, key, _connection] = row.split(' ').collect::<Vec<_>>().try_into().unwrap();
        let entry = payments.entry(id.to_owned()).or_insert_with(|| (status.to_owned(), 0, 0));
        let taken = charges.get(key).is_some_and(|charge| matches!(charge.state, ChargeState::Succeeded { .. }));
        entry.1 += usize::from(taken);
        entry.2 += 1;
    }
    assert_eq!(payments.len(), stages.len());
    for (id, (status, taken, _)) in &payments {
        match status.as_str() {
            "succeeded" => assert_eq!(*taken, 1, "{id}"),
            "requires_payment_method" => assert_eq!(*taken, 0, "{id}"),
            other => panic!("{id} ends as {other}, with {taken} charges"),
        }
    }
    // Some went to the other gateway within the click, some were declined for good, and some were found out later.
    let turned = payments.values().filter(|(status, _, attempts)| status == "succeeded" && *attempts == 2).count();
    let declined = payments.values().filter(|(status, ..)| status == "requires_payment_method").count();
    let doubtful = stages.iter().filter(|stage| matches!(stage, CheckoutStage::Pending { unknown: true, .. })).count();
    assert!(turned > 50 && declined > 50 && doubtful > 50, "{turned} {declined} {doubtful}");
    assert_eq!(
        t.number("select cast(sum(captured) as bigint) from payments").await,
        1_000
            * i64::try_from(charges.values().filter(|c| matches!(c.state, ChargeState::Succeeded { .. })).count())
                .unwrap()
    );
    t.assert_sound().await;
});
