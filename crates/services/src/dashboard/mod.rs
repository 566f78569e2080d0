//! The home page: numbers, what needs a person, the way to the first payment.

mod attention;
mod blocks;
mod setup;

use crate::{MerchantActor, ServiceError, Services, health, maintenance, zone::Zone};
use domain::{Permission, authorization, time::DAY, views::dashboard::Dashboard};
use store::{
    dashboard::{self, HourRow},
    payment_lists::{self, PaymentQuery},
};

/// Days of a chart; the numbers before are of as many days.
pub const DAYS: usize = 30;
/// How many of the latest payments are shown.
const RECENT: i64 = 8;
/// How long late money is told of.
const LATE_FOR: i64 = 7 * DAY;
/// A refund that is older than this does not fail any more.
const REFUND_FAILS_WITHIN: i64 = 180 * DAY;

/// The home page of a merchant's mode.
///
/// # Errors
/// Forbidden; not found; the database's.
pub async fn view(svc: &Services, actor: &MerchantActor) -> Result<Dashboard, ServiceError> {
    actor.require(Permission::ViewPayments)?;
    let (scope, now) = (&actor.scope, svc.now());
    let (made_since, failed_since) = (now.plus(-REFUND_FAILS_WITHIN), now.plus(-30 * DAY));
    let mut tx = svc.db().read().await?;
    let ending = now.plus(authorization::WARNED_BEFORE);
    let late = (now, now.plus(-LATE_FOR));
    let facts = dashboard::facts(&mut tx, scope, &actor.user_id, made_since, failed_since, ending, late).await?;
    let facts = facts.ok_or_else(ServiceError::not_found)?;
    let days = blocks::Days::before(&Zone::named(&facts.timezone), now)?;
    let (from, to) = days.hours();
    let hours: Vec<HourRow> = dashboard::hours(&mut tx, scope, from, to).await?;
    let maintained = maintenance::of_stretches(&mut tx, scope, days.shown(), now).await?;
    let failing = health::failing(&mut tx, scope, now).await?;
    let recent = payment_lists::payments(&mut tx, scope, &PaymentQuery::default(), RECENT).await?;
    drop(tx);
    let own = store::payments::parse(&facts.default_currency)?;
    Ok(Dashboard {
        blocks: blocks::of(&days, &hours, &maintained, own, !recent.is_empty())?,
        attention: attention::of(&facts, scope, &svc.breakers().paused(scope), &failing),
        setup: setup::of(&facts, scope),
        recent,
        timezone: facts.timezone,
    })
}
