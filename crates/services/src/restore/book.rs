//! Books what a gateway did and we have lost: as if it had been asked for, and through the same settlement as everything else.

use crate::{
    ServiceError, Services,
    checkout::settle::{Finding, settle},
    events::Event,
    payments::{
        found_refund::{self, Booked, Why},
        settle_refund::{RefundFinding, settle_refund},
    },
    reconcile::schedule,
};
use domain::{
    AttemptId, OperationId, PaymentId, Scope, Timestamp,
    states::{AttemptStatus, OperationKind},
};
use gateways::{ChargeState, ListedCharge, ListedRefund, RefundState};
use serde_json::json;
use store::{
    Batch, StoreError, Tx,
    charges::Charge,
    operations::{self, NewOperation, Work},
    restores::{self, Found},
};

/// Where something was found.
pub(super) struct Place<'a> {
    pub(super) svc: &'a Services,
    pub(super) scope: &'a Scope,
    pub(super) connection: &'a str,
    pub(super) provider: &'a str,
    pub(super) method: &'a str,
    pub(super) restore: &'a str,
}

impl Place<'_> {
    /// Our key for it; where the gateway does not give it back, one that is the same at every listing.
    fn key(&self, our_key: Option<&str>, gateway_ref: Option<&str>) -> String {
        found_refund::key(self.connection, our_key, gateway_ref)
    }

    /// The operation under a key, when it is one of this merchant's.
    async fn known(&self, key: &str) -> Result<Option<Work>, ServiceError> {
        found_refund::known(self.svc, self.scope, key).await
    }

    async fn by_ref(&self, gateway_ref: Option<&str>) -> Result<Option<Charge>, ServiceError> {
        let Some(gateway_ref) = gateway_ref else { return Ok(None) };
        let mut tx = self.svc.db().read().await?;
        Ok(restores::by_ref(&mut tx, self.scope, self.connection, gateway_ref).await?)
    }
}

/// Books a charge that is not known, and settles one that is; whether it was found.
pub(super) async fn charge(place: &Place<'_>, listed: &ListedCharge) -> Result<bool, ServiceError> {
    let key = place.key(listed.our_key.as_deref(), listed.reply.gateway_ref.as_deref());
    let finding = Finding::Reply(listed.reply.clone());
    if let Some(work) = place.known(&key).await? {
        settle(place.svc, work, &finding, None).await?;
        return Ok(false);
    }
    // What took no money and will take none is no loss.
    if matches!(listed.reply.state, ChargeState::Declined(_) | ChargeState::Canceled) {
        return Ok(false);
    }
    if listed.our_key.is_none() && place.by_ref(listed.reply.gateway_ref.as_deref()).await?.is_some() {
        return Ok(false);
    }
    let found = FoundCharge::new(place, listed, &key);
    let made: Result<(), StoreError> = place
        .svc
        .db()
        .write(&(place.scope, &found), |tx, &(scope, found)| Box::pin(async move { found.write(tx, scope).await }))
        .await;
    match made {
        // Another worker has found it meanwhile.
        Err(StoreError::Conflict { .. }) => return Ok(false),
        made => made?,
    }
    let work = place.known(&key).await?.ok_or_else(|| ServiceError::Fault(format!("{key} is gone")))?;
    settle(place.svc, work, &finding, None).await?;
    Ok(true)
}

/// Everything that a unit writes, made before it: a unit may run twice and draws nothing.
struct FoundCharge {
    payment: PaymentId,
    attempt: AttemptId,
    operation: OperationId,
    key: String,
    kind: OperationKind,
    amount: i64,
    currency: String,
    metadata: String,
    receipt_token: String,
    gateway_ref: Option<String>,
    card: Option<(String, String)>,
    connection: String,
    provider: String,
    method: String,
    event: Event,
    made_at: Timestamp,
    at: Timestamp,
}

impl FoundCharge {
    fn new(place: &Place<'_>, listed: &ListedCharge, key: &str) -> Self {
        let svc = place.svc;
        let (payment, at): (PaymentId, _) = (svc.new_id(), svc.now());
        // What was captured counts; what was asked for and by whom is lost.
        let amount = match &listed.reply.state {
            ChargeState::Succeeded { captured, .. } => *captured,
            _ => listed.amount,
        };
        let kind = match listed.reply.state {
            ChargeState::Authorized { .. } => OperationKind::Authorize,
            _ => OperationKind::Sale,
        };
        let data = json!({
            "id": payment.as_str(),
            "object": "payment",
            "amount": amount.minor,
            "currency": amount.currency.code(),
            "gateway_ref": listed.reply.gateway_ref,
            "connection": place.connection,
        });
        Self {
            operation: svc.new_id(),
            attempt: svc.new_id(),
            key: key.to_owned(),
            kind,
            amount: amount.minor,
            currency: amount.currency.code().to_owned(),
            metadata: json!({ "found_after_restore": place.restore }).to_string(),
            receipt_token: svc.new_token(),
            gateway_ref: listed.reply.gateway_ref.clone(),
            card: listed.reply.card.as_ref().map(|card| (card.brand.clone(), card.last4.clone())),
            connection: place.connection.to_owned(),
            provider: place.provider.to_owned(),
            method: place.method.to_owned(),
            event: Event::new(svc, place.scope, "payment.found_after_restore", payment.as_str(), at, &data),
            made_at: listed.created_at,
            payment,
            at,
        }
    }

    async fn write(&self, tx: &mut Tx, scope: &Scope) -> Result<(), StoreError> {
        let found = Found {
            payment: &self.payment,
            attempt: &self.attempt,
            connection: &self.connection,
            provider: &self.provider,
            method: &self.method,
            amount: self.amount,
            currency: &self.currency,
            metadata: &self.metadata,
            receipt_token: &self.receipt_token,
            gateway_ref: self.gateway_ref.as_deref(),
            card: self.card.as_ref().map(|(brand, last4)| (brand.as_str(), last4.as_str())),
            made_at: self.made_at,
            at: self.at,
        };
        restores::insert_found(tx, scope, &found).await?;
        let operation = NewOperation {
            id: &self.operation,
            payment: self.payment.as_str(),
            attempt: &self.attempt,
            refund: None,
            kind: self.kind,
            key: &self.key,
            amount: self.amount,
            currency: &self.currency,
            created_by: None,
            next_check_at: self.at.plus(schedule::FIRST_CHECK),
            at: self.made_at,
        };
        let mut batch = Batch::new();
        operations::insert(&mut batch, scope, &operation);
        self.event.put(&mut batch, scope);
        batch.run(tx).await.map(drop)
    }
}

/// What came of a listed refund.
pub(super) enum Refunded {
    /// It was known, or gave nothing back.
    Known,
    /// It was found, and is booked.
    Booked,
    /// It contradicts what we have: a person looks.
    Refused(String),
}

/// Books a refund that is not known, and settles one that is.
pub(super) async fn refund(place: &Place<'_>, listed: &ListedRefund) -> Result<Refunded, ServiceError> {
    let svc = place.svc;
    let key = place.key(listed.our_key.as_deref(), listed.reply.gateway_ref.as_deref());
    let finding = RefundFinding::Reply(listed.reply.clone());
    if let Some(work) = place.known(&key).await? {
        settle_refund(svc, work, &finding).await?;
        return Ok(Refunded::Known);
    }
    if matches!(listed.reply.state, RefundState::Failed { .. }) {
        return Ok(Refunded::Known);
    }
    let Some(charge) = place.by_ref(Some(&listed.charge_ref)).await? else {
        return Ok(Refunded::Refused(format!("a refund of the unknown charge {}", listed.charge_ref)));
    };
    if charge.status != AttemptStatus::Succeeded.as_str() || charge.currency != listed.reply.amount.currency.code() {
        return Ok(Refunded::Refused(format!("a refund of charge {}, which is {}", listed.charge_ref, charge.status)));
    }
    let found = found_refund::Found {
        scope: place.scope,
        connection: place.connection,
        charge: &charge,
        key: &key,
        reply: &listed.reply,
        made_at: listed.created_at,
        why: Why::Lost(place.restore),
    };
    Ok(match found_refund::book(svc, &found).await? {
        Booked::Now => Refunded::Booked,
        Booked::Known | Booked::MayBeOurs => Refunded::Known,
        Booked::TooMuch | Booked::Waits => {
            Refunded::Refused(format!("more was refunded of {} than was captured", charge.payment_id))
        }
    })
}
