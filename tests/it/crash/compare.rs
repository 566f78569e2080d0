//! What was acknowledged, what stands in the database, and what the gateway knows: three logs that have to agree.

use super::driver::Ack;
use std::collections::{BTreeMap, BTreeSet};
use test_support::{ScriptedGateway, TestServices};

/// Columns of one line.
fn cells(line: &str) -> Vec<&str> {
    line.split('|').collect()
}

const CHARGES: &str = "
    select o.idempotency_key || '|' || a.status || '|' || cast(o.amount as text) || '|' || s.token || '|' || p.receipt_token
      || '|' || cast((select count(*) from journals j where j.merchant_id = a.merchant_id and j.livemode = a.livemode
                      and j.source_id = a.id) as text)
    from operations o
    join attempts a on a.merchant_id = o.merchant_id and a.livemode = o.livemode and a.id = o.attempt_id
    join payments p on p.merchant_id = o.merchant_id and p.livemode = o.livemode and p.id = o.payment_id
    join checkout_sessions s on s.merchant_id = p.merchant_id and s.livemode = p.livemode and s.id = p.session_id
    where o.kind in ('sale', 'authorize')";

const REFUNDS: &str = "
    select o.idempotency_key || '|' || r.status || '|' || cast(r.amount as text) || '|' || r.id || '|' || r.payment_id
      || '|' || cast((select count(*) from journals j where j.merchant_id = r.merchant_id and j.livemode = r.livemode
                      and j.refund_id = r.id) as text)
    from operations o
    join refunds r on r.merchant_id = o.merchant_id and r.livemode = o.livemode and r.id = o.refund_id";

/// Compares, and says in words how much there was.
pub(super) async fn compare(t: &TestServices, gateway: &ScriptedGateway, acks: Vec<Ack>, seed: u64) -> String {
    assert_eq!(gateway.wrongs(), Vec::<String>::new(), "seed {seed}");
    let paid = charges(t, gateway, seed).await;
    let refunds = refunds(t, gateway, seed).await;
    let (mut told_paid, mut told_refunded) = (0, BTreeMap::new());
    for ack in acks {
        match ack {
            Ack::Paid { token, receipt } => {
                assert_eq!(paid.get(&token), Some(&receipt), "acknowledged as paid, seed {seed}");
                told_paid += 1;
            }
            Ack::Refunded { payment, amount, refund, form_key } => {
                let known = refunds.get(&refund);
                assert_eq!(known, Some(&(payment, amount)), "acknowledged as refunded, seed {seed}");
                let before = told_refunded.insert(form_key.clone(), refund.clone());
                assert!(before.is_none_or(|id| id == refund), "form {form_key} has two refunds, seed {seed}");
            }
        }
    }
    let given: BTreeSet<&String> = told_refunded.values().collect();
    assert_eq!(given.len(), told_refunded.len(), "two forms, one refund, seed {seed}");
    assert!(told_paid > 0 && !paid.is_empty(), "nobody paid, seed {seed}");
    format!(
        "{} payments paid ({told_paid} acknowledged), {} refunds ({} acknowledged), {} calls at the gateway",
        paid.len(),
        refunds.len(),
        told_refunded.len(),
        gateway.calls(),
    )
}

/// Every charge is booked once, no session is charged twice; receipts of what is paid, by session.
async fn charges(t: &TestServices, gateway: &ScriptedGateway, seed: u64) -> BTreeMap<String, String> {
    let lines = t.texts(CHARGES).await;
    let ours: BTreeMap<&str, Vec<&str>> = lines.iter().map(|line| (cells(line)[0], cells(line))).collect();
    let theirs = gateway.charges();
    let mut paid = BTreeMap::new();
    for (key, charge) in theirs.iter().filter(|(_, charge)| charge.moved()) {
        let known = ours.get(key.as_str()).unwrap_or_else(|| panic!("nobody knows the charge {key}, seed {seed}"));
        let [_, status, amount, token, receipt, journals] = known[..] else { panic!("{known:?}") };
        assert_eq!((status, journals), ("succeeded", "1"), "charge {key} is booked once, seed {seed}");
        assert_eq!(amount, charge.amount.to_string(), "charge {key}, seed {seed}");
        assert!(charge.return_url.contains(token), "charge {key} is of another session, seed {seed}");
        let before = paid.insert(token.to_owned(), receipt.to_owned());
        assert_eq!(before, None, "session {token} is charged twice, seed {seed}");
    }
    for (key, known) in &ours {
        let moved = theirs.get(*key).is_some_and(|charge| charge.moved());
        assert_eq!(known[1] == "succeeded", moved, "charge {key}: {known:?}, seed {seed}");
    }
    paid
}

/// The same for refunds; payment and amount, by refund.
async fn refunds(t: &TestServices, gateway: &ScriptedGateway, seed: u64) -> BTreeMap<String, (String, i64)> {
    let lines = t.texts(REFUNDS).await;
    let ours: BTreeMap<&str, Vec<&str>> = lines.iter().map(|line| (cells(line)[0], cells(line))).collect();
    let theirs = gateway.refunds();
    for (key, refund) in theirs.iter().filter(|(_, refund)| refund.moved()) {
        let known = ours.get(key.as_str()).unwrap_or_else(|| panic!("nobody knows the refund {key}, seed {seed}"));
        assert_eq!((known[1], known[5]), ("succeeded", "1"), "refund {key} is booked once, seed {seed}");
        assert_eq!(known[2], refund.amount.to_string(), "refund {key}, seed {seed}");
    }
    let mut all = BTreeMap::new();
    for (key, known) in &ours {
        let moved = theirs.get(*key).is_some_and(|refund| refund.moved());
        assert_eq!(known[1] == "succeeded", moved, "refund {key}: {known:?}, seed {seed}");
        all.insert(known[3].to_owned(), (known[4].to_owned(), known[2].parse().unwrap()));
    }
    all
}
