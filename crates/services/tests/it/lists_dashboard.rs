//! The home page: its numbers equal a recount, and it says what is to be done.

use domain::{
    Mode, Timestamp,
    time::{DAY, HOUR, MINUTE},
    views::dashboard::Dashboard,
};
use services::{dashboard, jobs};
use std::collections::BTreeMap;
use test_support::{TestMerchant, TestServices, for_each_engine};

async fn view(t: &TestServices, m: &TestMerchant) -> Dashboard {
    dashboard::view(t, &m.actor).await.unwrap()
}

fn kinds(view: &Dashboard) -> Vec<&str> {
    view.attention.iter().map(|item| item.kind.as_str()).collect()
}

fn undone(view: &Dashboard) -> Vec<&str> {
    let steps = view.setup.iter().flatten();
    steps.filter(|step| !step.done).map(|step| step.key.as_str()).collect()
}

/// An hour's statistics: currency, hour, and six numbers in the order of the columns.
type Hour = (&'static str, i64, [i64; 6]);

/// Pseudo-random hours around the 60 days before `now`; some hours occur in both tables and several times.
fn hours(now: Timestamp) -> Vec<Hour> {
    let mut seed = 12_345_u64;
    let mut next = |below: u64| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        i64::try_from((seed >> 33) % below).unwrap()
    };
    let this = now.0.div_euclid(HOUR);
    let currencies = ["EUR", "JPY", "KWD", "USD"];
    (0..600)
        .map(|_| {
            let currency = currencies[usize::try_from(next(4)).unwrap()];
            let hour = this - next(63 * 24);
            (currency, hour, [next(9), next(4), next(100_000), next(3), next(9_000) - 500, next(300)])
        })
        .collect()
}

async fn insert(t: &TestServices, m: &TestMerchant, hours: &[Hour]) {
    let (owner, live) = (&m.scope().merchant, m.scope().mode.is_live());
    let mut sql = String::new();
    for (n, (currency, hour, [a, b, c, d, e, f])) in hours.iter().enumerate() {
        sql += &format!(
            "insert into stat_deltas (id, merchant_id, livemode, currency, hour, succeeded, failed, volume, refunds, refund_volume,
               fees) values ('{owner}{live}{n}', '{owner}', {live}, '{currency}', {hour}, {a}, {b}, {c}, {d}, {e}, {f});"
        );
    }
    t.sql(&sql).await;
}

/// The numbers by the plainest way: each hour's middle is asked for its date, by an offset that does not change.
fn recount(hours: &[Hour], now: Timestamp, offset: i64) -> BTreeMap<(String, String), [i64; 6]> {
    let today = Timestamp(now.0 + offset).utc_day();
    let mut days = BTreeMap::new();
    for (currency, hour, numbers) in hours {
        let middle = Timestamp(hour * HOUR + 30 * MINUTE + offset);
        if middle.utc_day() <= today && middle.utc_day() > today - 60 {
            let sums: &mut [i64; 6] = days.entry(((*currency).to_owned(), middle.date())).or_default();
            sums.iter_mut().zip(numbers).for_each(|(sum, n)| *sum += n);
        }
    }
    days
}

fn compare(view: &Dashboard, hours: &[Hour], now: Timestamp, offset: i64) {
    let days = recount(hours, now, offset);
    let first = Timestamp(now.0 + offset - 29 * DAY).date();
    let total = |currency: &str, lately: bool, n: usize| -> i64 {
        let of = days.iter().filter(|((code, date), _)| code == currency && (*date >= first) == lately);
        of.map(|(_, sums)| sums[n]).sum()
    };
    assert_eq!(view.blocks.len(), 4);
    assert_eq!(view.blocks[0].currency, "EUR");
    for block in &view.blocks {
        let of = |n| total(&block.currency, true, n);
        assert_eq!((block.succeeded, block.failed, block.volume.minor), (of(0), of(1), of(2)), "{}", block.currency);
        assert_eq!((block.refund_count, block.refunds.minor, block.fees.minor), (of(3), of(4), of(5)));
        assert_eq!(block.volume_before.minor, total(&block.currency, false, 2));
        assert_eq!((block.days.len(), &block.days[0].date), (30, &first));
        for day in &block.days {
            let sums = days.get(&(block.currency.clone(), day.date.clone())).copied().unwrap_or_default();
            assert_eq!([day.succeeded, day.failed, day.volume, day.refunds], [sums[0], sums[1], sums[2], sums[4]]);
        }
        let all = block.succeeded + block.failed;
        let permille = block.success_permille.unwrap();
        assert!((permille * all - block.succeeded * 1_000).abs() * 2 <= all);
    }
}

for_each_engine!(numbers_equal_a_recount_in_every_zone_folded_or_not, |db| async {
    let t = TestServices::new(&db);
    let (m, other) = (t.merchant().await, t.merchant().await);
    let now = t.now();
    let hours = hours(now);
    insert(&t, &m, &hours).await;
    insert(&t, &m.in_mode(Mode::Live), &hours[..9]).await;
    insert(&t, &other, &hours[..5]).await;
    // Zones without summer time in December and January, where the test's 60 days lie: fixed offsets.
    let zones = [
        ("UTC", 0),
        ("Europe/Berlin", HOUR),
        ("America/Los_Angeles", -8 * HOUR),
        ("Pacific/Kiritimati", 14 * HOUR),
        ("Asia/Tehran", 3 * HOUR + 30 * MINUTE),
        ("Asia/Kathmandu", 5 * HOUR + 45 * MINUTE),
    ];
    for _folded in [0, 400, 10_000] {
        for (zone, offset) in zones {
            t.sql(&format!("update merchants set timezone = '{zone}' where id = '{}'", m.scope().merchant)).await;
            let view = view(&t, &m).await;
            assert_eq!(view.timezone, zone);
            compare(&view, &hours, now, offset);
        }
        jobs::fold_stats(&t, 400).await.unwrap();
    }
});

for_each_engine!(a_new_merchant_is_led_to_the_first_payment, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    let owner = m.scope().merchant.clone();
    t.sql(&format!("update merchants set status = 'onboarding' where id = '{owner}'")).await;
    let empty = view(&t, &m).await;
    assert!(empty.blocks.is_empty() && empty.recent.is_empty() && empty.attention.is_empty());
    assert_eq!(undone(&empty), ["connect_gateway", "make_link", "first_payment", "apply"]);
    assert_eq!(empty.setup.as_ref().unwrap()[4].path, format!("/onboarding?m={owner}"));

    t.connection(&m, "sandbox").await;
    assert_eq!(undone(&view(&t, &m).await), ["make_link", "first_payment", "apply"]);
    t.paid(&m, 1_000, "USD").await;
    let paid = view(&t, &m).await;
    assert_eq!(undone(&paid), ["apply"]);
    assert_eq!((paid.blocks.len(), paid.blocks[0].volume.minor, paid.recent.len()), (1, 1_000, 1));
    assert_eq!(paid.blocks[0].days[29].volume, 1_000);

    t.sql(&format!("update merchants set status = 'active' where id = '{owner}'")).await;
    assert!(view(&t, &m).await.setup.is_none());
    // Live is a world of its own.
    let live = view(&t, &m.in_mode(Mode::Live)).await;
    assert!(live.blocks.is_empty() && live.recent.is_empty());
    assert_eq!(undone(&live), ["connect_gateway", "make_link", "first_payment"]);
    // Long after the last payment the merchant's own currency stands at nothing.
    t.clock.advance(90 * DAY);
    let later = view(&t, &m).await;
    assert_eq!((later.blocks.len(), later.blocks[0].currency.as_str()), (1, "EUR"));
    assert_eq!(later.blocks[0].success_permille, None);
});

for_each_engine!(what_needs_a_person_is_named, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    let owner = m.scope().merchant.clone();
    let now = t.now().0;
    t.connection(&m, "sandbox").await;
    let first = t.paid(&m, 1_000, "EUR").await;
    assert!(kinds(&view(&t, &m).await).is_empty());

    let second = t.paid(&m, 1_000, "EUR").await;
    t.sql("update connections set status = 'paused'").await;
    assert_eq!(kinds(&view(&t, &m).await), ["no_gateway"]);
    let old = now - 31 * DAY;
    t.sql(&format!(
        "update payments set status = 'unknown' where id = '{second}';
         insert into refunds (merchant_id, livemode, id, payment_id, attempt_id, status, amount, currency, reason, created_at, updated_at)
         select merchant_id, livemode, 're_' || status, payment_id, id, 'failed', 1, 'EUR', 'other', {old}, {now} from attempts
         where payment_id = '{first}';
         insert into refunds (merchant_id, livemode, id, payment_id, attempt_id, status, amount, currency, reason, created_at, updated_at)
         select merchant_id, livemode, 're_old', payment_id, id, 'failed', 1, 'EUR', 'other', {old}, {old} from attempts
         where payment_id = '{first}';
         insert into applications (merchant_id, id, status, created_at, updated_at)
         values ('{owner}', 'appl_1', 'more_information', {now}, {now});
         update merchants set status = 'suspended' where id = '{owner}';
         update users set email_verified_at = null;"
    ))
    .await;
    let busy = view(&t, &m).await;
    let expected =
        ["suspended", "unknown_payments", "failed_refunds", "application_question", "no_gateway", "email_unverified"];
    assert_eq!(kinds(&busy), expected);
    assert_eq!(busy.attention[2].count, 1);
    assert_eq!(busy.attention[1].path, "payments?status=unknown");

    t.sql(&format!("update merchants set status = 'onboarding' where id = '{owner}'; delete from applications")).await;
    let live = view(&t, &m.in_mode(Mode::Live)).await;
    assert_eq!(kinds(&live), ["live_not_approved", "email_unverified"]);
});
