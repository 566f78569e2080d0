//! Charges a saved method in its customer's absence.
//!
//! It makes a checkout session for the customer and pays it at once. What is known of a payment, of attempts and of outcomes is known
//! of this one too; and where the bank wants the customer, the session's page is where they pay the very same payment.

use crate::{
    MerchantActor, ServiceError, Services,
    checkout::{self, pay::is_form_key},
    sessions,
};
use domain::{
    CustomerId, FieldProblem, PaymentId, PaymentMethodId, Permission,
    problem::{codes, money},
    validate::text,
    views::{
        checkout::{CheckoutStage, PayForm, SessionForm, SessionItemForm},
        customers::ChargeForm,
    },
};
use store::{payment_methods, payments};

/// Longest description: that of a session's line.
const DESCRIPTION_MAX: usize = 120;

/// What became of it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Charged {
    /// The payment.
    pub payment: PaymentId,
    /// Where it stands.
    pub stage: CheckoutStage,
}

/// Charges. The same form posted twice charges once.
///
/// # Errors
/// Forbidden; what is wrong with which field, the method among them when nothing can charge it now; the database's.
pub async fn charge(
    svc: &Services,
    actor: &MerchantActor,
    customer: &CustomerId,
    form: &ChargeForm,
) -> Result<Charged, ServiceError> {
    actor.require(Permission::ManageCustomers)?;
    let scope = &actor.scope;
    let mut problems = Vec::new();
    let description =
        text::required(&form.description, DESCRIPTION_MAX).map_err(|wrong| problems.push(wrong.at("description"))).ok();
    let method: Option<PaymentMethodId> = form.method.parse().ok();
    let kept = match &method {
        Some(id) => payment_methods::get(&mut svc.db().read().await?, scope, id.as_str()).await?,
        None => None,
    };
    let kept = kept.filter(|kept| kept.customer_id == customer.as_str() && kept.status == "active");
    if kept.is_none() {
        let code = if form.method.is_empty() { codes::REQUIRED } else { money::SAVED_METHOD_UNUSABLE };
        problems.push(FieldProblem::new("method", code));
    }
    // A session is made only with a key that its payment can have too.
    if !is_form_key(&form.form_key) {
        problems.push(FieldProblem::new("form_key", codes::REQUIRED));
    }
    let session = SessionForm {
        currency: form.currency.clone(),
        items: vec![SessionItemForm {
            name: description.clone().unwrap_or_else(|| "-".to_owned()),
            quantity: "1".to_owned(),
            unit_amount: form.amount.clone(),
        }],
        customer_email: kept.as_ref().map(|kept| kept.email.clone()).unwrap_or_default(),
        form_key: form.form_key.clone(),
        ..SessionForm::default()
    };
    problems.extend(sessions::problems(&session).into_iter().map(renamed));
    if !problems.is_empty() {
        return Err(ServiceError::fields(problems));
    }
    let made = sessions::create(svc, actor, &session).await?;
    let token = made.url.rsplit('/').next().unwrap_or_default().to_owned();
    let pay = PayForm { form_key: form.form_key.clone(), method: form.method.clone(), ..PayForm::default() };
    let stage = checkout::pay_by_member(svc, &token, pay, actor).await?;
    // Without a payment nothing was begun: the account, or all of its connections, can't charge now.
    let unusable = || ServiceError::fields(vec![FieldProblem::new("method", money::SAVED_METHOD_UNUSABLE)]);
    let payment = payment_of(svc, &token).await?.ok_or_else(unusable)?;
    Ok(Charged { payment, stage })
}

/// A problem of the session's line, by the name of the field that it comes from here.
fn renamed(problem: FieldProblem) -> FieldProblem {
    let field = match problem.field.as_str() {
        "items.0.unit_amount" | "items" => "amount",
        "items.0.name" => "description",
        other => other,
    };
    FieldProblem { field: field.to_owned(), ..problem }
}

async fn payment_of(svc: &Services, token: &str) -> Result<Option<PaymentId>, ServiceError> {
    let found = payments::for_checkout(&mut svc.db().read().await?, token).await?;
    Ok(found.and_then(|found| found.payment).map(|payment| payment.id))
}
