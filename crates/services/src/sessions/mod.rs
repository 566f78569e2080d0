//! Checkout sessions in the portal: make, list, end.

mod create;
mod expire;
mod form;
mod list;

pub use create::create;
pub use expire::expire;
pub use list::{get, list};

use crate::{ServiceError, Services};
use domain::{
    Currency, FieldProblem, Money, Scope, Timestamp,
    money::MAX_AMOUNT,
    problem::money,
    validate::{Wrong, url},
    views::checkout::{CheckoutSession, LineItem, SessionForm},
};
use store::{
    connections::texts,
    payments::parse,
    sessions::{self, SessionRow},
};

/// What is wrong with a form that sends nobody anywhere.
pub(crate) fn problems(form: &SessionForm) -> Vec<FieldProblem> {
    form::check(form, &[]).err().unwrap_or_default()
}

/// A row as the portal shows it.
fn session(svc: &Services, row: SessionRow) -> Result<CheckoutSession, ServiceError> {
    let currency: Currency = parse(&row.currency)?;
    Ok(CheckoutSession {
        id: parse(&row.id)?,
        url: format!("{}/c/{}", svc.settings().public_url, row.token),
        status: parse(&row.status)?,
        amount: Money::new(row.amount, currency),
        items: items(&row.line_items)?,
        customer_email: row.customer_email,
        client_reference: row.client_reference,
        payment_id: row.payment_id.as_deref().map(parse).transpose()?,
        link_id: row.link_id.as_deref().map(parse).transpose()?,
        capture_method: parse(&row.capture_method)?,
        created_at: Timestamp(row.created_at),
        expires_at: Timestamp(row.expires_at),
    })
}

/// Stored line items.
pub(crate) fn items(json: &str) -> Result<Vec<LineItem>, ServiceError> {
    serde_json::from_str(json).map_err(|error| ServiceError::Fault(format!("line items: {error}")))
}

/// Longest description made of lines, in characters.
const MAX_SUMMARY: usize = 200;

/// What is bought in one line, for lists of payments and for the gateway: the names of the lines.
pub(crate) fn summary(items: &[LineItem]) -> String {
    let names: Vec<&str> = items.iter().map(|item| item.name.as_str()).collect();
    let all = names.join(", ");
    match all.char_indices().nth(MAX_SUMMARY) {
        Some((end, _)) => format!("{}…", &all[..end]),
        None => all,
    }
}

/// What lines come to, if it is an amount that one payment may have.
pub(crate) fn total(items: &[LineItem]) -> Option<i64> {
    let sum =
        items.iter().try_fold(0_i64, |sum, item| sum.checked_add(item.quantity.checked_mul(item.unit_amount)?))?;
    (1..=MAX_AMOUNT).contains(&sum).then_some(sum)
}

/// The merchant's list of origins; it is not read when no address is typed.
pub(crate) async fn allowed_origins(
    svc: &Services,
    scope: &Scope,
    typed: &[&str],
) -> Result<Vec<String>, ServiceError> {
    if typed.iter().all(|address| address.trim().is_empty()) {
        return Ok(Vec::new());
    }
    let stored = sessions::return_origins(&mut svc.db().read().await?, scope).await?;
    Ok(texts(&stored.ok_or_else(ServiceError::not_found)?)?)
}

/// An address to which customers are sent back: https (http on the developer's own machine), at an origin of the merchant's
/// list. May be empty.
pub(crate) fn return_url(typed: &str, origins: &[String]) -> Result<Option<String>, Wrong> {
    use domain::problem::codes;
    let typed = typed.trim();
    if typed.is_empty() {
        return Ok(None);
    }
    if typed.chars().count() > url::MAX {
        return Err(Wrong::new(codes::TOO_LONG).with("max", url::MAX));
    }
    let origin = url::origin_of(typed).ok_or_else(|| Wrong::new(codes::BAD_URL))?;
    if origins.contains(&origin) {
        Ok(Some(typed.to_owned()))
    } else {
        Err(Wrong::new(money::RETURN_ORIGIN_NOT_ALLOWED).with("origin", origin))
    }
}
