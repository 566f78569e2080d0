//! How a gateway is asked, by what its connector declares, and when its silence is an answer.

use super::{is_release, schedule};
use crate::{Services, gateway_call};
use domain::{
    Money, Timestamp,
    states::{OperationKind, OperationStatus},
    time::{DAY, MINUTE},
};
use gateways::{Call, ChargeReply, FindsOut, Gateway, GatewayFailure, Listing, RefundReply, Window};
use store::operations::Work;

/// How far a gateway's clock may be from ours.
const SKEW: i64 = 5 * MINUTE;
/// How long before an authorisation was known it may have been made: its outcome may have been in doubt.
const REVIEWED: i64 = DAY;
/// Pages of a listing that are read: a window of minutes has no more.
const PAGES: usize = 200;

/// Whether a gateway can be asked about a charge, or a refund.
pub(crate) fn can_ask(gateway: &dyn Gateway, refund: bool) -> bool {
    match gateway.finds_out() {
        FindsOut::Never => false,
        FindsOut::ByListing => gateway.lookup().is_some() || (!refund && gateway.listing().is_some()),
        FindsOut::ById | FindsOut::ByCancellingKey => gateway.lookup().is_some(),
    }
}

/// Whether asking now would do harm: a key must not be cancelled under a customer who is at their bank's page.
pub(crate) fn must_wait(gateway: &dyn Gateway, work: &Work) -> bool {
    gateway.finds_out() == FindsOut::ByCancellingKey
        && work.charge_ref.is_none()
        && work.gateway_ref.is_none()
        && (work.status == OperationStatus::RequiresAction.as_str()
            || work.status == OperationStatus::Processing.as_str())
}

/// The time in which the gateway has made the charge, if it has made it. What is captured or released was made when it was
/// authorised, which may have been found out only later.
fn window(work: &Work) -> Window {
    let (first, last) = match work.authorized_at {
        Some(known) if is_release(work) => (Timestamp(known).plus(-REVIEWED), Timestamp(known)),
        _ => (Timestamp(work.created_at), Timestamp(work.created_at).plus(schedule::FIRST_CHECK)),
    };
    Window { from: first.plus(-SKEW), to: last.plus(SKEW) }
}

/// Whether what the gateway does not have now will never come.
pub(crate) fn is_certain(gateway: &dyn Gateway, work: &Work, now: Timestamp) -> bool {
    let sent_long_ago = now >= Timestamp(work.created_at).plus(schedule::FIRST_CHECK);
    match gateway.finds_out() {
        // A call that is still on its way may arrive after its key was cancelled.
        FindsOut::ByCancellingKey | FindsOut::ById => sent_long_ago,
        FindsOut::ByListing => {
            let settles = gateway.listing().map_or(gateways::LISTING_SETTLES, Listing::settles_after);
            sent_long_ago && now >= window(work).to.plus(settles)
        }
        FindsOut::Never => false,
    }
}

/// Asks where a charge stands. `Ok(None)`: the gateway has nothing; [`is_certain`] says what that is worth.
pub(crate) async fn find_charge(
    svc: &Services,
    gateway: &dyn Gateway,
    call: &Call,
    work: &Work,
    charge_ref: Option<&str>,
) -> Result<Option<ChargeReply>, GatewayFailure> {
    match (gateway.finds_out(), gateway.listing(), gateway.lookup()) {
        (FindsOut::ByListing, Some(listing), lookup) if !(is_release(work) && lookup.is_some()) => {
            list(svc, listing, call, work, charge_ref).await
        }
        (_, _, Some(lookup)) => in_turn(svc, work, lookup.find_charge(call, &work.idempotency_key, charge_ref)).await,
        _ => Err(GatewayFailure::unknown("the gateway can't be asked")),
    }
}

/// Asks where a refund stands.
pub(crate) async fn find_refund(
    svc: &Services,
    gateway: &dyn Gateway,
    call: &Call,
    work: &Work,
    refund_ref: Option<&str>,
) -> Result<Option<RefundReply>, GatewayFailure> {
    let Some(lookup) = gateway.lookup() else { return Err(GatewayFailure::unknown("the gateway can't be asked")) };
    let charge_ref = work.charge_ref.as_deref().unwrap_or_default();
    in_turn(svc, work, lookup.find_refund(call, &work.idempotency_key, charge_ref, refund_ref)).await
}

/// Asks when it is the connection's turn.
async fn in_turn<T>(
    svc: &Services,
    work: &Work,
    question: impl Future<Output = Result<T, GatewayFailure>>,
) -> Result<T, GatewayFailure> {
    let scope = work.scope().map_err(|error| GatewayFailure::not_sent(error.to_string()))?;
    gateway_call::lookup(svc, &scope, &work.connection_id, &work.provider, question).await
}

/// Reads the window's charges for ours. A charge of the same amount that names no key may be ours: then nothing is certain.
async fn list(
    svc: &Services,
    listing: &dyn Listing,
    call: &Call,
    work: &Work,
    charge_ref: Option<&str>,
) -> Result<Option<ChargeReply>, GatewayFailure> {
    let currency = work.currency.parse().map_err(|_| GatewayFailure::unknown("a currency that can't be read"))?;
    let asked = Money::new(work.amount, currency);
    let (mut after, mut like) = (None::<String>, None);
    for _ in 0..PAGES {
        let page = in_turn(svc, work, listing.list_charges(call, window(work), after.as_deref())).await?;
        for charge in page.charges {
            let named = charge_ref.is_some() && charge.reply.gateway_ref.as_deref() == charge_ref;
            if named || charge.our_key.as_deref() == Some(work.idempotency_key.as_str()) {
                return Ok(Some(charge.reply));
            }
            if charge.our_key.is_none() && charge.amount == asked {
                like = Some(charge.reply.gateway_ref.unwrap_or_default());
            }
        }
        match page.next {
            Some(next) => after = Some(next),
            None => {
                return match like {
                    Some(name) => Err(GatewayFailure::unknown(format!("{name} has the amount and names no key"))),
                    None => Ok(None),
                };
            }
        }
    }
    Err(GatewayFailure::unknown("the list does not end"))
}

/// What an answer that changes nothing says, for whoever decides later.
pub(crate) fn heard(work: &Work, reply: &ChargeReply) -> (&'static str, String) {
    let doubt = work.status == OperationStatus::Unknown.as_str() && work.kind != OperationKind::Refund.as_str();
    match &reply.state {
        gateways::ChargeState::Succeeded { captured, .. } if doubt => {
            ("other_amount", format!("captured {}", captured.display()))
        }
        state => ("unknown", format!("{state:?}").chars().take(200).collect()),
    }
}
