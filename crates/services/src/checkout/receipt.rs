//! A payment's receipt.

use super::branding;
use crate::{ServiceError, Services, saved, sessions::items};
use domain::{
    Currency, Mode, Money, Timestamp,
    states::PaymentStatus,
    views::checkout::{LineItem, ReceiptView},
};
use store::{payment_methods, payments::parse, sessions};

/// What `/r/{token}` shows.
///
/// # Errors
/// Not found, which it is as well while nothing was paid.
pub async fn receipt(svc: &Services, token: &str) -> Result<ReceiptView, ServiceError> {
    let mut tx = svc.db().read().await?;
    let found = sessions::receipt(&mut tx, token).await?;
    let row = found.ok_or_else(ServiceError::not_found)?;
    let kept = payment_methods::of_receipt(&mut tx, token).await?;
    drop(tx);
    let status: PaymentStatus = parse(&row.status)?;
    // What was authorised once has a page, whatever became of it.
    if status != PaymentStatus::Succeeded && row.authorized == 0 {
        return Err(ServiceError::not_found());
    }
    let currency: Currency = parse(&row.currency)?;
    let items = match &row.line_items {
        Some(json) => items(json)?,
        None => {
            let name = row.description.clone().unwrap_or_else(|| row.seller.merchant_name.clone());
            vec![LineItem { name, quantity: 1, unit_amount: row.amount }]
        }
    };
    Ok(ReceiptView {
        mode: Mode::from_live(row.livemode),
        branding: branding(&row.seller, &row.merchant_id),
        payment_id: parse(&row.id)?,
        status,
        items,
        amount: Money::new(row.amount, currency),
        captured: Money::new(row.captured, currency),
        authorized: Money::new(row.authorized, currency),
        cancellation: row.cancellation.as_deref().map(parse).transpose()?,
        refunded: Money::new(row.refunded, currency),
        card_brand: row.card_brand,
        card_last4: row.card_last4,
        customer_email: row.customer_email,
        saved: kept.map(|kept| saved::view(&kept.row)).transpose()?,
        paid_at: row.captured_at.map(Timestamp),
        success_url: row.success_url,
    })
}
