//! What customers and the merchant's team are written when a charge moves.

use super::{outcome::Plan, settle::locale_of};
use crate::{
    ServiceError, Services,
    mail::{MailDraft, Template},
    rows,
};
use domain::{Cancellation, MailId, Mode, Money, Scope, Timestamp, states::AttemptStatus};
use store::{captures::ToldRow, operations::Work, payments::parse};

/// The mails of a settlement; `told` is who hears on the merchant's side.
///
/// # Errors
/// A fault: a stored row can't be read.
pub(super) fn of(
    svc: &Services,
    work: &Work,
    plan: &Plan,
    email: Option<&str>,
    told: &[ToldRow],
) -> Result<Vec<(MailId, MailDraft)>, ServiceError> {
    let currency = parse(&work.currency)?;
    let held = Money::new(work.attempt_amount, currency);
    let mut letters = Vec::new();
    if !plan.moves_attempt || plan.surplus {
        return Ok(letters);
    }
    if plan.attempt == AttemptStatus::Succeeded {
        letters.extend(customer(svc, work, Template::Receipt, email, Money::new(plan.captured, currency))?);
    } else if plan.held.is_some() {
        letters.extend(customer(svc, work, Template::Authorized, email, held)?);
    } else if let Some(cancellation) = plan.cancellation {
        letters.extend(customer(svc, work, Template::AuthorizationReleased, email, held)?);
        if cancellation != Cancellation::Void {
            let facts = Facts {
                scope: &work.scope()?,
                payment: &work.payment_id,
                amount: held,
                customer: work.customer_email.as_deref(),
                ends: None,
            };
            letters.extend(team(svc, Template::AuthorizationExpired, &facts, &work.merchant_name, told)?);
        }
    }
    Ok(letters)
}

/// To the address that the customer gave.
///
/// # Errors
/// A fault: a stored row can't be read.
pub(crate) fn customer(
    svc: &Services,
    work: &Work,
    template: Template,
    email: Option<&str>,
    amount: Money,
) -> Result<Option<(MailId, MailDraft)>, ServiceError> {
    let Some(to) = email.or(work.customer_email.as_deref()) else { return Ok(None) };
    let draft = MailDraft {
        template,
        recipient: to.to_owned(),
        locale: locale_of(work),
        params: vec![
            ("merchant".to_owned(), work.merchant_name.clone()),
            ("amount".to_owned(), amount.display()),
            ("description".to_owned(), work.description.clone().unwrap_or_default()),
            ("card_brand".to_owned(), work.card_brand.clone().unwrap_or_default()),
            ("card_last4".to_owned(), work.card_last4.clone().unwrap_or_default()),
            ("payment".to_owned(), work.payment_id.clone()),
            ("test".to_owned(), (!work.livemode).to_string()),
            ("link".to_owned(), format!("{}/r/{}", svc.settings().public_url, work.receipt_token)),
        ],
        merchant: Some(parse(&work.merchant_id)?),
        object: Some(work.payment_id.clone()),
    };
    Ok(Some((svc.new_id(), draft)))
}

/// What the merchant's team reads about an authorisation, or about a dispute.
pub(crate) struct Facts<'a> {
    /// Whose, and which world.
    pub(crate) scope: &'a Scope,
    /// The payment.
    pub(crate) payment: &'a str,
    /// What is held, or disputed.
    pub(crate) amount: Money,
    /// The customer's address.
    pub(crate) customer: Option<&'a str>,
    /// When it ends, or the time for an answer does.
    pub(crate) ends: Option<Timestamp>,
}

/// One mail for each of the merchant's owners and admins.
///
/// # Errors
/// A fault: a stored row can't be read.
pub(crate) fn team(
    svc: &Services,
    template: Template,
    facts: &Facts<'_>,
    business: &str,
    told: &[ToldRow],
) -> Result<Vec<(MailId, MailDraft)>, ServiceError> {
    let mode = if facts.scope.mode == Mode::Live { "live" } else { "test" };
    let link = format!("{}/m/{}/{mode}/payments/{}", svc.settings().public_url, facts.scope.merchant, facts.payment);
    let ends = facts.ends.map(|at| {
        let (_, _, _, hour, minute, _) = at.utc_parts();
        format!("{} {hour:02}:{minute:02} UTC", at.date())
    });
    let mail = |person: &ToldRow| {
        let draft = MailDraft::new(template, person.email.clone(), rows::locale(&person.locale))
            .with("name", person.name.as_str())
            .with("business", business)
            .with("amount", facts.amount.display())
            .with("customer", facts.customer.unwrap_or("–"))
            .with("ends", ends.clone().unwrap_or_default())
            .with("link", link.as_str())
            .about(&facts.scope.merchant)
            .on(facts.payment);
        (svc.new_id(), draft)
    };
    Ok(told.iter().map(mail).collect())
}
