//! The one place where a gateway's word about a dispute becomes state: dispute, payment, ledger, event and mail, in one unit, by
//! compare-and-set.

use super::EVERY;
use crate::{
    ServiceError, Services,
    checkout::letters::{self, Facts},
    events::Event,
    mail::{self, MailDraft, Template},
};
use domain::{DisputeId, JournalId, MailId, Money, Scope, Timestamp, ledger::Journal};
use gateways::DisputeReply;
use serde_json::json;
use store::{
    Batch, StoreError, Tx, captures,
    charges::Charge,
    disputes::{self, DisputeChange, DisputeRow, NewDispute},
    ledger::{self, About},
    merchants,
    payments::{self, parse},
};

/// Everything that a unit writes, made before it: a unit may run twice and draws nothing.
pub(super) struct Plan {
    scope: Scope,
    id: DisputeId,
    charge: Charge,
    connection: String,
    gateway_ref: String,
    reply: DisputeReply,
    /// The version that it is moved from; none when it is new.
    from: Option<i64>,
    /// Whether the gateway says anything new.
    news: bool,
    taken: i64,
    fee: i64,
    /// What more is taken than before.
    more: i64,
    next_check_at: Option<Timestamp>,
    journals: Vec<(JournalId, Journal)>,
    event: Event,
    mails: Vec<(MailId, MailDraft)>,
    at: Timestamp,
}

impl Plan {
    /// What the gateway's word changes.
    pub(super) async fn of(
        svc: &Services,
        scope: &Scope,
        connection: &str,
        gateway_ref: &str,
        charge: Charge,
        reply: &DisputeReply,
        known: Option<DisputeRow>,
    ) -> Result<Self, ServiceError> {
        let (at, currency) = (svc.now(), reply.amount.currency);
        let fault = |error: domain::ledger::LedgerError| ServiceError::Fault(error.to_string());
        let (before, paid) = known.as_ref().map_or((0, 0), |known| (known.taken, known.fee));
        let taken = reply.status.taken(reply.taken, reply.amount, before);
        // A fee in another currency is one that it has not said.
        let told = reply.fee.filter(|fee| fee.currency == currency && fee.minor >= 0);
        let fee = told.map_or(paid, |fee| fee.minor);
        let id: DisputeId = match &known {
            Some(known) => parse(&known.id)?,
            None => svc.new_id(),
        };
        let moved = [
            Journal::dispute(Money::new(taken - before, currency)).map_err(fault)?,
            Journal::dispute_fee(Money::new(fee - paid, currency)).map_err(fault)?,
        ];
        let journals = moved.into_iter().flatten().map(|journal| (svc.new_id(), journal)).collect();
        let kind = if known.is_none() { "dispute.created" } else { "dispute.updated" };
        let data = json!({
            "id": id.as_str(),
            "object": "dispute",
            "payment": charge.payment_id,
            "amount": reply.amount.minor,
            "currency": currency.code(),
            "taken": taken,
            "fee": fee,
            "reason": reply.reason.as_str(),
            "status": reply.status.as_str(),
            "respond_by": reply.respond_by.map(|at| at.0),
            "gateway_ref": gateway_ref,
        });
        let mut plan = Self {
            event: Event::new(svc, scope, kind, id.as_str(), at, &data),
            scope: scope.clone(),
            id,
            charge,
            connection: connection.to_owned(),
            gateway_ref: gateway_ref.to_owned(),
            reply: reply.clone(),
            from: known.as_ref().map(|known| known.version),
            news: true,
            taken,
            fee,
            more: taken - before,
            next_check_at: (!reply.status.is_over()).then(|| at.plus(EVERY)),
            journals,
            mails: Vec::new(),
            at,
        };
        plan.news = known.as_ref().is_none_or(|known| !known.is_as(&plan.change()));
        let asks = reply.status.asks() && known.as_ref().is_none_or(|known| known.status != reply.status.as_str());
        if known.is_none() || asks {
            plan.mails = plan.tell(svc).await?;
        }
        Ok(plan)
    }

    /// Owners and admins hear of it when it is new, and whenever an answer is asked for anew.
    async fn tell(&self, svc: &Services) -> Result<Vec<(MailId, MailDraft)>, ServiceError> {
        let (scope, payment) = (&self.scope, self.charge.payment_id.as_str());
        let mut tx = svc.db().read().await?;
        let told = captures::told(&mut tx, scope).await?;
        let business = merchants::get(&mut tx, &scope.merchant).await?.map(|row| row.name).unwrap_or_default();
        let customer = payments::get(&mut tx, scope, &parse(payment)?).await?.and_then(|row| row.customer_email);
        drop(tx);
        let ends = self.reply.respond_by.filter(|_| self.reply.status.asks());
        let template = if ends.is_some() { Template::DisputeOpened } else { Template::DisputeNoted };
        let facts = Facts { scope, payment, amount: self.reply.amount, customer: customer.as_deref(), ends };
        letters::team(svc, template, &facts, &business, &told)
    }

    fn change(&self) -> DisputeChange<'_> {
        DisputeChange {
            amount: self.reply.amount,
            taken: self.taken,
            fee: self.fee,
            reason: self.reply.reason,
            status: self.reply.status,
            respond_by: self.reply.respond_by,
            raw_code: self.reply.raw_code.as_deref(),
            next_check_at: self.next_check_at,
            at: self.at,
        }
    }
}

/// Writes it. [`StoreError::Busy`]: somebody else has moved it since the gateway was asked.
pub(super) async fn write(tx: &mut Tx, plan: &Plan) -> Result<(), StoreError> {
    let (scope, id, at) = (&plan.scope, plan.id.as_str(), plan.at);
    if let (Some(version), false) = (plan.from, plan.news) {
        return disputes::postpone(tx, scope, id, version, plan.next_check_at).await;
    }
    let mut batch = Batch::new();
    let payment = plan.charge.payment_id.as_str();
    match plan.from {
        Some(version) => disputes::settle(&mut batch, scope, id, version, &plan.change()),
        None => {
            let new = NewDispute {
                id: &plan.id,
                payment,
                attempt: &plan.charge.id,
                connection: &plan.connection,
                gateway_ref: &plan.gateway_ref,
                opened_at: plan.reply.opened_at,
            };
            disputes::insert(&mut batch, scope, &new, &plan.change());
        }
    }
    // What was paid beside another payment is no part of what was captured.
    if plan.more != 0 && !plan.charge.surplus {
        payments::move_disputed(&mut batch, scope, payment, plan.more, at);
    }
    let source = format!("{id}/{}", plan.from.unwrap_or(0) + 1);
    for (journal_id, journal) in &plan.journals {
        let about = About { id: journal_id, payment, refund: None, source: &source, at };
        ledger::book(&mut batch, scope, &about, journal);
    }
    plan.event.put(&mut batch, scope);
    for (mail_id, draft) in &plan.mails {
        mail::put(&mut batch, mail_id, at, draft);
    }
    match batch.run(tx).await? {
        None => Ok(()),
        Some("payment") => Err(StoreError::Corrupt(format!("dispute {id}: the payment does not hold what it took"))),
        Some(_) => Err(StoreError::Busy),
    }
}
