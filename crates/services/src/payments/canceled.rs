//! What is told when a payment is canceled because its session has ended: by the merchant, or by time.

use crate::{Services, events::Event};
use domain::{Scope, Timestamp, states::PaymentStatus};
use serde_json::json;
use store::{Batch, StoreError, Tx, session_ends::CanceledPayment};

/// Writes the event inside the unit that canceled the payment.
pub(crate) async fn tell(
    svc: &Services,
    tx: &mut Tx,
    scope: &Scope,
    payment: &CanceledPayment,
    at: Timestamp,
) -> Result<(), StoreError> {
    let data = json!({
        "id": payment.id,
        "object": "payment",
        "status": PaymentStatus::Canceled.as_str(),
        "amount": payment.amount,
        "currency": payment.currency,
        "captured": 0,
        "fee": 0,
        "description": payment.description,
        "decline_code": payment.decline_code,
        "session": payment.session_id,
        "attempt": null,
    });
    let mut batch = Batch::new();
    Event::new(svc, scope, "payment.canceled", &payment.id, at, &data).put(&mut batch, scope);
    batch.run(tx).await.map(drop)
}
