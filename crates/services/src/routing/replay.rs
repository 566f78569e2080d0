//! What last month would have looked like: stored payments routed again by rules that may be only a draft.

use super::{
    facts, history,
    save::known,
    takes::{Asked, cannot},
};
use crate::{MerchantActor, ServiceError, Services};
use domain::{
    ConnectionId, Currency, Mode, Money, Permission,
    routing::{self, Candidate, ConditionField, Decision, History, Reason, RoutingForm, RuleSet},
    states::{AttemptStatus, ConnectionStatus},
    time::DAY,
    views::routing::{Replay, ReplayLine},
};
use gateways::CardFacts;
use rust_decimal::Decimal;
use std::collections::BTreeMap;
use store::{
    connections::{self, ConnectionRow},
    payments::parse,
    routing::ReplayedRow,
};

/// How far back it looks.
const MONTH: i64 = 30 * DAY;
/// Payments that are looked at.
const MOST: i64 = 20_000;
/// A whole, in basis points.
const WHOLE: i64 = 10_000;

/// What one connection did with one currency.
#[derive(Debug, Default)]
struct Tally {
    was: i64,
    would_be: i64,
    volume: i64,
    decided: i64,
    approved: i64,
    captured: i64,
    fees: i64,
}

/// Routes the last thirty days' payments again. Connections count as able to take whatever they are set up for today; approval and
/// fees are what each connection had in the same days with the payments that went to it first. Rules that choose by success rate go by
/// the rates of now.
///
/// # Errors
/// Forbidden; fields of the rules that can't be accepted; the database's.
pub async fn replay(svc: &Services, actor: &MerchantActor, rules: &RoutingForm) -> Result<Replay, ServiceError> {
    actor.require(Permission::ViewGateways)?;
    let (rules, _) = routing::check(rules, &known(svc, actor).await?).map_err(ServiceError::fields)?;
    let (rows, connections) = {
        let mut tx = svc.db().snapshot().await?;
        let since = svc.now().plus(-MONTH);
        (
            store::routing::replayed(&mut tx, &actor.scope, since, MOST + 1).await?,
            connections::list(&mut tx, &actor.scope).await?,
        )
    };
    let history = history::of(svc, &actor.scope, &rules).await?;
    let more = i64::try_from(rows.len()).unwrap_or(i64::MAX) > MOST;
    let kept = usize::try_from(MOST).unwrap_or(usize::MAX);
    let mut replay =
        Replay { payments: 0, more, blocked: 0, unroutable: 0, moved: 0, learns: rules.learns(), lines: Vec::new() };
    let mut tallies: BTreeMap<(String, String), Tally> = BTreeMap::new();
    for row in rows.iter().take(kept) {
        replay.payments += 1;
        happened(tallies.entry((row.connection_id.clone(), row.currency.clone())).or_default(), row);
        let decision = again(svc, actor.scope.mode, (&rules, &history), row, &connections)?;
        match decision.order.first() {
            Some(first) => {
                replay.moved += i64::from(first.as_str() != row.connection_id);
                let tally = tallies.entry((first.to_string(), row.currency.clone())).or_default();
                tally.would_be += 1;
                tally.volume = tally.volume.saturating_add(row.amount);
            }
            None if decision.blocked => replay.blocked += 1,
            None => replay.unroutable += 1,
        }
    }
    for ((connection, currency), tally) in tallies {
        replay.lines.push(line(parse(&connection)?, parse(&currency)?, &tally));
    }
    Ok(replay)
}

/// What truly became of a payment's first attempt.
fn happened(tally: &mut Tally, row: &ReplayedRow) {
    tally.was += 1;
    let approved = row.status == AttemptStatus::Succeeded.as_str() || row.status == AttemptStatus::Authorized.as_str();
    tally.decided += i64::from(approved || row.status == AttemptStatus::Failed.as_str());
    tally.approved += i64::from(approved);
    tally.captured = tally.captured.saturating_add(row.captured);
    tally.fees = tally.fees.saturating_add(row.fee);
}

fn again(
    svc: &Services,
    mode: Mode,
    (rules, history): (&RuleSet, &History),
    row: &ReplayedRow,
    connections: &[ConnectionRow],
) -> Result<Decision, ServiceError> {
    let currency: Currency = parse(&row.currency)?;
    let card = row.card_brand.as_ref().map(|brand| CardFacts {
        brand: brand.clone(),
        last4: String::new(),
        exp_month: None,
        exp_year: None,
        country: row.card_country.clone(),
    });
    let session = row.session_id.as_deref().unwrap_or_default();
    let amount = Money::new(row.amount, currency);
    // Asked for on the page, and kept with the reason of the first attempt.
    let reason = row.routing.as_deref().filter(|_| rules.asks(ConditionField::Country));
    let country = reason.and_then(|json| serde_json::from_str::<Reason>(json).ok()).and_then(|reason| reason.country);
    let facts = facts::of(session, amount, &row.metadata, country.as_deref(), Some(&row.method), card.as_ref(), None);
    let asked = Asked { mode, capture: parse(&row.capture_method)?, currency, method: Some(&row.method) };
    let candidates: Vec<Candidate> = connections
        .iter()
        .filter(|known| known.status != ConnectionStatus::Archived.as_str())
        .filter_map(|known| {
            let skip = cannot(svc, &known.into(), &asked, svc.now());
            Some(Candidate { id: known.id.parse().ok()?, skip })
        })
        .collect();
    Ok(routing::decide(rules, &facts, &candidates, history))
}

fn line(connection: ConnectionId, currency: Currency, tally: &Tally) -> ReplayLine {
    let approval = (tally.decided > 0).then(|| tally.approved * WHOLE / tally.decided);
    ReplayLine {
        connection,
        was: tally.was,
        would_be: tally.would_be,
        volume: Money::new(tally.volume, currency),
        approval,
        fees: approval.and_then(|approval| fees(tally, approval, currency)),
    }
}

/// The volume that would be approved, times what the connection kept of each unit that it captured.
fn fees(tally: &Tally, approval: i64, currency: Currency) -> Option<Money> {
    if tally.captured <= 0 {
        return None;
    }
    let approved = Decimal::from(tally.volume) * Decimal::from(approval) / Decimal::from(WHOLE);
    let rate = Decimal::from(tally.fees) / Decimal::from(tally.captured);
    let minor = (approved * rate).round();
    i64::try_from(minor).ok().map(|minor| Money::new(minor, currency))
}
