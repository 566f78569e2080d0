//! How sessions end: paid, or out of time; with the stock that they hold.

use crate::{Batch, StoreError, Tx, dialect, payments::scope_of};
use domain::{Scope, Timestamp, states::SessionStatus};
use sqlx::FromRow;

statements! {
    SESSION = "
        update checkout_sessions
        set status = $5, payment_id = $6, completed_at = $7, version = version + 1
        where merchant_id = $1 and livemode = $2 and id = $3 and status = $4";
    CANCEL_OF_SESSION = "
        update payments set status = 'canceled', updated_at = $4, version = version + 1
        where merchant_id = $1 and livemode = $2 and session_id = $3 and status = 'requires_payment_method'
        returning id, session_id, currency, amount, description, decline_code";
    RELEASE_STOCK = "
        update payment_links set sold = sold - $4
        where merchant_id = $1 and livemode = $2 and id = $3 and sold >= $4";
    /// A late success takes its pieces again even when they are gone: money counts, and the stock says how many were sold.
    RETAKE_STOCK = "
        update payment_links
        set stock = case when stock < sold + $4 then sold + $4 else stock end, sold = sold + $4
        where merchant_id = $1 and livemode = $2 and id = $3";
}

/// Moves a payment's session and lets it name its payment.
pub fn move_session(
    batch: &mut Batch,
    scope: &Scope,
    session: &str,
    from: &str,
    to: SessionStatus,
    payment: &str,
    completed_at: Option<Timestamp>,
) {
    batch
        .one("session", SESSION)
        .bind(scope.merchant.as_str())
        .bind(scope.mode.is_live())
        .bind(session)
        .bind(from)
        .bind(to.as_str())
        .bind(payment)
        .bind(completed_at.map(|at| at.0));
}

/// Gives pieces of a link's stock back, or takes them for a late success.
pub fn move_stock(batch: &mut Batch, scope: &Scope, link: &str, pieces: i64, back: bool) {
    batch
        .one("stock", if back { RELEASE_STOCK } else { RETAKE_STOCK })
        .bind(scope.merchant.as_str())
        .bind(scope.mode.is_live())
        .bind(link)
        .bind(pieces);
}

#[derive(FromRow)]
struct ExpiredSession {
    merchant_id: String,
    livemode: bool,
    id: String,
    link_id: Option<String>,
    quantity: i64,
}

/// A payment that nobody pays any more, because its session has ended.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
#[allow(missing_docs, reason = "named as the columns are")]
pub struct CanceledPayment {
    pub id: String,
    pub session_id: Option<String>,
    pub currency: String,
    pub amount: i64,
    pub description: Option<String>,
    pub decline_code: Option<String>,
}

/// Cancels the unpaid payment of a session that has ended, if it has one.
///
/// # Errors
/// The database's.
pub async fn cancel_payment(
    tx: &mut Tx,
    scope: &Scope,
    session: &str,
    at: Timestamp,
) -> Result<Option<CanceledPayment>, StoreError> {
    Ok(on!(tx, |c| sqlx::query_as(CANCEL_OF_SESSION)
        .bind(scope.merchant.as_str())
        .bind(scope.mode.is_live())
        .bind(session)
        .bind(at.0)
        .fetch_optional(c)
        .await)?)
}

/// What [`expire_sessions`] did.
#[derive(Debug, Clone, Default)]
pub struct Expired {
    /// How many sessions ended.
    pub sessions: usize,
    /// The payments that were canceled with them.
    pub payments: Vec<(Scope, CanceledPayment)>,
}

/// Ends sessions whose time was over at `before` and on which nothing is under way, cancels their unpaid payments and
/// gives their stock back.
///
/// # Errors
/// The database's.
pub async fn expire_sessions(
    tx: &mut Tx,
    before: Timestamp,
    now: Timestamp,
    limit: i64,
) -> Result<Expired, StoreError> {
    let sql = dialect::EXPIRE_SESSIONS.text(tx);
    let mut ended: Vec<ExpiredSession> =
        on!(tx, |c| sqlx::query_as(sql).bind(before.0).bind(limit).fetch_all(c).await)?;
    // In one order, so that two workers never wait for each other's links.
    ended.sort_by(|a, b| (&a.link_id, &a.id).cmp(&(&b.link_id, &b.id)));
    let mut expired = Expired { sessions: ended.len(), payments: Vec::new() };
    for session in &ended {
        let scope = scope_of(&session.merchant_id, session.livemode)?;
        let canceled = cancel_payment(tx, &scope, &session.id, now).await?;
        if let Some(link) = &session.link_id {
            let mut batch = Batch::new();
            move_stock(&mut batch, &scope, link, session.quantity, true);
            if batch.run(tx).await?.is_some() {
                return Err(StoreError::Corrupt(format!("{link} holds less than {} pieces", session.quantity)));
            }
        }
        expired.payments.extend(canceled.map(|payment| (scope, payment)));
    }
    Ok(expired)
}
