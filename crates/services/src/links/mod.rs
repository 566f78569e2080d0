//! Payment links: made and changed in the portal, opened by customers.

mod change;
mod create;
mod form;
mod list;
mod open_session;
mod page;

pub use change::{set_active, update};
pub use create::create;
pub use list::{get, list};
pub use open_session::open_session;
pub use page::page;

pub(crate) use form::{capture_method, or_whole};

use crate::{ServiceError, Services};
use domain::{Currency, Money, Timestamp, views::checkout::PaymentLink};
use store::{links::LinkRow, payments::parse};

/// The customer's address of a link.
fn url(svc: &Services, token: &str) -> String {
    format!("{}/pay/{token}", svc.settings().public_url)
}

/// A row as the portal and the link's page show it.
fn link(svc: &Services, row: LinkRow) -> Result<PaymentLink, ServiceError> {
    let currency: Currency = parse(&row.currency)?;
    let money = |minor: Option<i64>| minor.map(|minor| Money::new(minor, currency));
    Ok(PaymentLink {
        id: parse(&row.id)?,
        url: url(svc, &row.token),
        title: row.title,
        description: row.description,
        currency: row.currency,
        amount: money(row.amount),
        min_amount: money(row.min_amount),
        max_amount: money(row.max_amount),
        max_quantity: row.max_quantity,
        stock: row.stock,
        sold: row.sold,
        active: row.active,
        success_url: row.success_url,
        capture_method: parse(&row.capture_method)?,
        created_at: Timestamp(row.created_at),
        version: row.version,
    })
}
