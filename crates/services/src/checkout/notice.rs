//! A customer who can't pay now asks to be told when they can.

use super::view::view;
use crate::{
    ServiceError, Services,
    accounts::links::absolute,
    mail::{self, MailDraft, Template},
    rows,
};
use domain::{
    Currency, FieldProblem, Locale, MailId, Money,
    time::MINUTE,
    validate::email,
    views::checkout::{CheckoutStage, CheckoutView},
};
use store::{
    StoreError,
    back_notices::{self, NewNotice, NoticeRow},
    payments::{self, parse},
};

/// How often the page is looked at for whoever waits.
const PAUSE: i64 = MINUTE;

/// Notes that a customer waits for a method of theirs, or for any (an empty name). Where it is there already, nothing is noted.
///
/// # Errors
/// Not found; field `notice_email`; the database's.
pub async fn tell_me(
    svc: &Services,
    token: &str,
    typed: &str,
    method: &str,
    locale: Locale,
) -> Result<(), ServiceError> {
    let now = svc.now();
    let seen = view(svc, token).await?;
    let address = email::required(typed)
        .map_err(|wrong| ServiceError::fields(vec![FieldProblem::new("notice_email", wrong.code)]))?;
    let locale = seen.locale.unwrap_or(locale);
    let method = if seen.away.iter().any(|away| away.method == method) { method } else { "" };
    if seen.away.is_empty() || !waits(&seen, method) {
        return Ok(());
    }
    let Some(found) = payments::for_checkout(&mut svc.db().read().await?, token).await? else {
        return Err(ServiceError::not_found());
    };
    let new = NewNotice {
        session: found.session_id.as_str(),
        email: &address.address,
        method,
        locale: locale.tag(),
        look_at: now.plus(PAUSE),
    };
    let done: Result<(), StoreError> = svc
        .db()
        .write(&(&found.scope, new, now), |tx, &(scope, new, now)| {
            Box::pin(async move { back_notices::add(tx, scope, &new, now).await })
        })
        .await;
    Ok(done?)
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

/// Looks at the pages of those who wait, and writes to whoever can pay now; of how many something was done.
///
/// # Errors
/// The database's.
pub(crate) async fn tell_back(svc: &Services, limit: i64) -> Result<usize, ServiceError> {
    let due = back_notices::due(&mut svc.db().read().await?, svc.now(), limit).await?;
    let count = due.len();
    for row in due {
        look(svc, &row).await?;
    }
    Ok(count)
}

async fn look(svc: &Services, row: &NoticeRow) -> Result<(), ServiceError> {
    let seen = view(svc, &row.token).await?;
    let open = matches!(seen.stage, CheckoutStage::Pay { .. } | CheckoutStage::Unavailable);
    let still = open && waits(&seen, &row.method);
    // Whoever has paid, or whose page is over, has nothing to come back to.
    let letter = (open && !still).then(|| letter(svc, row)).transpose()?;
    let at = svc.now();
    let done: Result<(), StoreError> = svc
        .db()
        .write(&(row, still, letter, at), |tx, (row, still, letter, at)| {
            Box::pin(async move {
                if *still {
                    return back_notices::later(tx, row, at.plus(PAUSE)).await;
                }
                match letter {
                    Some((id, draft)) if back_notices::delete(tx, row).await? => {
                        mail::enqueue(tx, id, *at, draft).await
                    }
                    Some(_) => Ok(()),
                    None => back_notices::delete(tx, row).await.map(drop),
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
