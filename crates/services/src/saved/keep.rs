//! Keeping a method with the payment that it makes.

use super::{detach, open, seal};
use crate::{ServiceError, Services, events::Event, gateway_call};
use domain::{CustomerId, JobId, PaymentMethodId, Scope, Timestamp};
use gateways::{CardFacts, ChargeReply, Keep};
use serde_json::json;
use store::{
    Batch, StoreError, Tx, customers,
    operations::Work,
    payment_methods::{self, Facts, NewMethod},
    payments::Route,
};

/// What is written with an attempt that keeps its method.
pub(crate) struct Keeping {
    id: PaymentMethodId,
    customer: CustomerId,
    /// Made with it, with this address; whether the merchant gave that.
    new_customer: Option<(String, bool)>,
    consent: String,
    device: String,
    gateway_customer: Option<String>,
}

impl Keeping {
    /// The method's id.
    pub(crate) fn id(&self) -> &str {
        self.id.as_str()
    }

    /// What the gateway is asked.
    pub(crate) fn request(&self) -> Keep {
        Keep { customer: self.customer.to_string(), gateway_customer: self.gateway_customer.clone() }
    }

    /// Writes down what the customer agrees to, with the attempt.
    pub(crate) fn put(&self, batch: &mut Batch, scope: &Scope, method: &str, attempt: &str, at: Timestamp) {
        if let Some((email, vouched)) = &self.new_customer {
            customers::insert(batch, scope, &self.customer, email, *vouched, at);
        }
        let new = NewMethod {
            id: &self.id,
            customer: &self.customer,
            method,
            consent: &self.consent,
            device: &self.device,
            attempt,
            at,
        };
        payment_methods::keep(batch, scope, new);
    }
}

/// What keeping a method by a connection begins with. None: its gateway keeps none.
///
/// # Errors
/// The database's.
pub(crate) async fn begin(
    svc: &Services,
    scope: &Scope,
    route: &Route,
    (email, vouched): (&str, bool),
    consent: &str,
    device: &str,
) -> Result<Option<Keeping>, ServiceError> {
    if gateway_call::gateway(svc, &route.provider)?.saves().is_none() {
        return Ok(None);
    }
    let mut tx = svc.db().read().await?;
    // An address that somebody types proves nobody: whoever typed it before from another browser is another customer.
    let known = match customers::of_device(&mut tx, scope, email, device).await? {
        None if vouched => customers::vouched(&mut tx, scope, email).await?,
        known => known,
    };
    let named = match &known {
        Some(known) => {
            payment_methods::name_of_customer(&mut tx, scope, &known.id, route.connection_id.as_str()).await?
        }
        None => None,
    };
    drop(tx);
    let gateway_customer = named.map(|row| open(svc, &row)).transpose()?.and_then(|saved| saved.customer);
    let (customer, new_customer) = match known {
        Some(known) => (store::payments::parse(&known.id)?, None),
        None => (svc.new_id(), Some((email.to_owned(), vouched))),
    };
    Ok(Some(Keeping {
        id: svc.new_id(),
        customer,
        new_customer,
        consent: consent.to_owned(),
        device: device.to_owned(),
        gateway_customer,
    }))
}

/// What a gateway has kept, ready to be written: a unit may run twice and draws nothing.
pub(crate) struct Kept {
    id: String,
    token: Vec<u8>,
    facts: Option<CardFacts>,
    job: JobId,
    event: Event,
    at: Timestamp,
}

impl Kept {
    /// What an answer about a charge says of it. None: nothing.
    ///
    /// # Errors
    /// A fault: it can't be sealed.
    pub(crate) fn of(svc: &Services, work: &Work, reply: &ChargeReply) -> Result<Option<Self>, ServiceError> {
        let (Some(id), true, Some(saved)) = (&work.payment_method_id, work.keeps, &reply.saved) else {
            return Ok(None);
        };
        let (scope, at) = (work.scope()?, svc.now());
        let data = json!({ "id": id, "object": "payment_method", "payment": work.payment_id, "type": work.method });
        Ok(Some(Self {
            id: id.clone(),
            token: seal(svc, &work.attempt_id, saved)?,
            facts: reply.card.clone(),
            job: svc.new_id(),
            event: Event::new(svc, &scope, "payment_method.attached", id, at, &data),
            at,
        }))
    }

    /// Writes it. A method that the customer has kept from this browser before, by all that can be seen of it, stays one: this
    /// connection's name is added to it, or forgotten again where it has one.
    pub(crate) async fn write(&self, tx: &mut Tx, scope: &Scope, work: &Work) -> Result<(), StoreError> {
        if !payment_methods::claim(tx, scope, &self.id).await? {
            return Ok(());
        }
        let Some(row) = payment_methods::get(tx, scope, &self.id).await? else { return Ok(()) };
        let attempt = work.attempt_id.as_str();
        let known = payment_methods::card(tx, scope, attempt).await?.unwrap_or_default();
        let facts = self.facts.as_ref().map_or_else(Facts::default, told);
        // The gateway knows its card best; what was typed here knows the rest.
        let facts = Facts {
            card_brand: facts.card_brand.or(known.card_brand),
            card_last4: facts.card_last4.or(known.card_last4),
            card_exp_month: facts.card_exp_month.or(known.card_exp_month),
            card_exp_year: facts.card_exp_year.or(known.card_exp_year),
            card_country: facts.card_country.or(known.card_country),
        };
        match payment_methods::same(tx, scope, &row, &facts).await? {
            Some(same) => {
                payment_methods::merge(tx, scope, &self.id, &same.id).await?;
                if !payment_methods::name(tx, scope, &same.id, attempt, &self.token, self.at).await? {
                    payment_methods::name(tx, scope, &self.id, attempt, &self.token, self.at).await?;
                    detach::enqueue(tx, scope, &self.job, &self.id, self.at).await?;
                }
            }
            None => {
                payment_methods::activate(tx, scope, &self.id, &facts).await?;
                payment_methods::name(tx, scope, &self.id, attempt, &self.token, self.at).await?;
                let mut batch = Batch::new();
                self.event.put(&mut batch, scope);
                batch.run(tx).await?;
            }
        }
        Ok(())
    }
}

fn told(card: &CardFacts) -> Facts {
    Facts {
        card_brand: Some(card.brand.clone()),
        card_last4: Some(card.last4.clone()),
        card_exp_month: card.exp_month.map(i64::from),
        card_exp_year: card.exp_year.map(i64::from),
        card_country: card.country.clone(),
    }
}

/// Keeps what an answer says that changes nothing else: some gateways tell it after the payment is done.
///
/// # Errors
/// The database's.
pub(crate) async fn note(svc: &Services, work: &Work, reply: &ChargeReply) -> Result<(), ServiceError> {
    let Some(kept) = Kept::of(svc, work, reply)? else { return Ok(()) };
    let scope = work.scope()?;
    svc.db()
        .write(&(&scope, work, &kept), |tx, &(scope, work, kept)| {
            Box::pin(async move { kept.write(tx, scope, work).await })
        })
        .await
        .map_err(|error: StoreError| error.into())
}
