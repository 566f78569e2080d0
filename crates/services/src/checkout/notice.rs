//! A customer who can't pay now asks to be told when they can.

use super::view::{Visitor, view_from};
use crate::{
    ServiceError, Services,
    accounts::links::absolute,
    mail::{self, MailDraft, Template},
    rows,
};
use domain::{
    Currency, FieldProblem, Locale, MailId, Money, Timestamp,
    time::MINUTE,
    validate::email,
    views::checkout::{CheckoutStage, CheckoutView},
};
use store::{
    StoreError,
    back_notices::{self, NewNotice, NoticeRow},
    gateway_minutes,
    payments::{self, parse},
};

/// How often the page is looked at for whoever waits.
const PAUSE: i64 = MINUTE;

/// What a customer asks for who can't pay now, as typed.
#[derive(Debug, Clone, Copy)]
pub struct TellMe<'a> {
    /// Where to write.
    pub email: &'a str,
    /// The method that they wait for; none of those that are away means any.
    pub method: &'a str,
    /// Their language, where the session has none.
    pub locale: Locale,
    /// As the page knows them.
    pub visitor: Visitor<'a>,
}

/// Notes that a customer waits for a method of theirs, or for any; false when nothing was noted: there is nothing to wait for any more, or
/// too many wait already.
///
/// # Errors
/// Not found; field `notice_email`; the database's.
pub async fn tell_me(svc: &Services, token: &str, asked: TellMe<'_>) -> Result<bool, ServiceError> {
    let now = svc.now();
    let seen = view_from(svc, token, asked.visitor).await?;
    let address = email::required(asked.email)
        .map_err(|wrong| ServiceError::fields(vec![FieldProblem::new("notice_email", wrong.code)]))?;
    let locale = seen.locale.unwrap_or(asked.locale);
    let away = seen.away.iter().find(|away| away.method == asked.method);
    let method = away.map_or("", |away| away.method.as_str());
    if seen.away.is_empty() || !waits(&seen, method) {
        return Ok(false);
    }
    let Some(found) = payments::for_checkout(&mut svc.db().read().await?, token).await? else {
        return Err(ServiceError::not_found());
    };
    let new = NewNotice {
        session: found.session_id.as_str(),
        email: &address.address,
        method,
        locale: locale.tag(),
        country: seen.country.as_deref().unwrap_or_default(),
        silent: away.map_or_else(|| seen.away.iter().all(|a| a.until.is_none()), |away| away.until.is_none()),
        look_at: now.plus(PAUSE),
    };
    let noted: Result<bool, StoreError> = svc
        .db()
        .write(&(&found.scope, new, now), |tx, &(scope, new, now)| {
            Box::pin(async move { back_notices::add(tx, scope, &new, now).await })
        })
        .await;
    Ok(noted?)
}

/// Whether a customer still waits: the method, or every one, is away.
fn waits(view: &CheckoutView, method: &str) -> bool {
    match view.stage {
        CheckoutStage::Pay { .. } | CheckoutStage::Unavailable => {}
        _ => return false,
    }
    let offered = |name: &str| view.methods.iter().any(|offered| offered.method == name);
    let away = |name: &str| view.away.iter().any(|away| away.method == name);
    if method.is_empty() { view.methods.iter().all(|m| away(&m.method)) } else { away(method) || !offered(method) }
}

/// Looks at the pages of those who wait, and writes to whoever can pay now; of how many something was done. A page that can't be looked at
/// holds up nobody else's.
///
/// # Errors
/// The database's.
pub(crate) async fn tell_back(svc: &Services, limit: i64) -> Result<usize, ServiceError> {
    let due = back_notices::due(&mut svc.db().read().await?, svc.now(), limit).await?;
    let count = due.len();
    for row in due {
        if let Err(error) = look(svc, &row).await {
            let _ = error.into_problem();
            decide(svc, &row, Verdict::Waits).await?;
        }
    }
    Ok(count)
}

/// What becomes of somebody who waits.
#[derive(Debug, Clone)]
enum Verdict {
    /// They wait on.
    Waits,
    /// They can pay, and are written to.
    Back(MailId, Box<MailDraft>),
    /// They have paid, or their page is over.
    Over,
}

async fn look(svc: &Services, row: &NoticeRow) -> Result<(), ServiceError> {
    let seen = view_from(svc, &row.token, Visitor { country: &row.country, ..Visitor::default() }).await?;
    let verdict = if !matches!(seen.stage, CheckoutStage::Pay { .. } | CheckoutStage::Unavailable) {
        Verdict::Over
    } else if waits(&seen, &row.method) || (row.silent && !was_answered(svc, row, &seen).await?) {
        Verdict::Waits
    } else {
        let (id, draft) = letter(svc, row)?;
        Verdict::Back(id, Box::new(draft))
    };
    decide(svc, row, verdict).await
}

/// Whether a connection that would take it has answered somebody since the customer began to wait: that its pause is over says nothing.
async fn was_answered(svc: &Services, row: &NoticeRow, seen: &CheckoutView) -> Result<bool, ServiceError> {
    let scope = row.scope()?;
    let mut tx = svc.db().read().await?;
    let theirs = seen.methods.iter().filter(|offered| row.method.is_empty() || offered.method == row.method);
    for offered in theirs {
        let since = gateway_minutes::minute_of(Timestamp(row.created_at));
        if gateway_minutes::since(&mut tx, &scope, &offered.connection, since).await?.ends.answered > 0 {
            return Ok(true);
        }
    }
    Ok(false)
}

async fn decide(svc: &Services, row: &NoticeRow, verdict: Verdict) -> Result<(), ServiceError> {
    let at = svc.now();
    let done: Result<(), StoreError> = svc
        .db()
        .write(&(row, verdict, at), |tx, (row, verdict, at)| {
            Box::pin(async move {
                match verdict {
                    Verdict::Waits => back_notices::later(tx, row, at.plus(PAUSE)).await,
                    Verdict::Over => back_notices::delete(tx, row).await.map(drop),
                    // Only whoever takes it away writes.
                    Verdict::Back(id, draft) => match back_notices::delete(tx, row).await? {
                        true => mail::enqueue(tx, id, *at, draft).await,
                        false => Ok(()),
                    },
                }
            })
        })
        .await;
    Ok(done?)
}

fn letter(svc: &Services, row: &NoticeRow) -> Result<(MailId, MailDraft), ServiceError> {
    let currency: Currency = parse(&row.currency)?;
    let draft = MailDraft::new(Template::PayAgain, &row.email, rows::locale(&row.locale))
        .about(&row.scope()?.merchant)
        .on(&row.session_id)
        .with("merchant", &row.merchant_name)
        .with("amount", Money::new(row.amount, currency).display())
        .with("link", absolute(svc, &format!("/c/{}", row.token)));
    Ok((svc.new_id(), draft))
}
