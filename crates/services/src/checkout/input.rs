//! What a customer posts to pay, checked: the method, how it is given, and the connections that it may go to.

use super::pay::is_form_key;
use crate::{
    MerchantActor, ServiceError, Services, gateway_call, idempotency,
    routing::{self, Chosen, Seen},
    saved,
};
use domain::{
    FieldProblem, PaymentMethodId, Timestamp,
    problem::{codes, money},
    routing::{MAX_TURNS, Reason},
    validate::{Wrong, email, text},
    views::checkout::{PayFields, PayForm},
};
use gateways::{CardFacts, MethodInput};
use store::{payment_methods::MethodRow, payments::Route};

/// Longest name of a payer; it is checked and not kept.
const NAME_MAX: usize = 120;
/// Longest name that a gateway's fields give to what was typed into them.
const TOKEN_MAX: usize = 500;

/// What a form asks for, checked. Of the card only `facts` is ever kept.
pub(super) struct Input {
    pub(super) form_key: String,
    pub(super) form_hash: String,
    pub(super) method: String,
    pub(super) email: Option<String>,
    /// The customer agrees to have it kept: in these words, from this browser.
    pub(super) keep: Option<(String, String)>,
    /// The member of the merchant's team who asks for it; none when the customer does.
    pub(super) member: Option<MerchantActor>,
    /// The saved method that it is.
    pub(super) saved: Option<String>,
    pub(super) facts: Option<CardFacts>,
    /// Connections that it may be sent to, one after the other.
    pub(super) turns: Vec<Turn>,
    /// Why these.
    pub(super) reason: Reason,
    /// Whether a soft decline is tried at the next one.
    pub(super) retry_soft: bool,
}

/// A connection that a payment may be sent to, with the method as its gateway gets it.
pub(super) struct Turn {
    pub(super) route: Route,
    pub(super) given: MethodInput,
}

/// The hash of what a form says. The card is in none.
pub(super) fn hash_of(form: &PayForm) -> String {
    let keep = if form.consent.is_some() { "keep" } else { "" };
    idempotency::hash(&[form.method.trim(), form.email.trim(), form.name.trim(), keep])
}

/// How the method is given, and who can take it so.
struct Given {
    method: String,
    saved: Option<MethodRow>,
    facts: Option<CardFacts>,
    turns: Vec<Turn>,
    reason: Reason,
    retry_soft: bool,
}

impl Given {
    /// The same method for each of these.
    fn one(
        form: &PayForm,
        input: &MethodInput,
        routes: impl Iterator<Item = Route>,
        (reason, retry_soft): (Reason, bool),
    ) -> Self {
        let turns = routes.take(MAX_TURNS).map(|route| Turn { route, given: input.clone() }).collect();
        Self { method: form.method.clone(), saved: None, facts: None, turns, reason, retry_soft }
    }
}

/// Checks a form.
///
/// # Errors
/// What is wrong with which field; the database's.
pub(super) async fn check(
    svc: &Services,
    seen: &mut Seen,
    form: &PayForm,
    member: Option<&MerchantActor>,
    now: Timestamp,
) -> Result<Input, ServiceError> {
    let mut problems: Vec<FieldProblem> = Vec::new();
    let saved = saved_method(svc, seen, form, member.is_some()).await?;
    let email = match (&saved, &seen.found.customer_email) {
        (Some(saved), _) => Some(saved.row.email.clone()),
        (None, Some(given)) => Some(given.clone()),
        (None, None) => email::required(&form.email)
            .map(|email| email.address)
            .map_err(|wrong| problems.push(wrong.at("email")))
            .ok(),
    };
    seen.know_customer(svc, email.as_deref()).await?;
    seen.know_country(&form.country);
    // In the customer's absence nobody can say: what is not known fits no rule.
    if member.is_none() && seen.asks_country() && seen.country().is_none() {
        problems.push(Wrong::new(codes::REQUIRED).at("country"));
    }
    if let Err(wrong) = text::optional(&form.name, NAME_MAX) {
        problems.push(wrong.at("name"));
    }
    let given = match saved {
        Some(saved) => by_saved(svc, seen, saved, now, &mut problems)?,
        None => given(svc, seen, form, now, &mut problems)?,
    };
    if !is_form_key(&form.form_key) {
        problems.push(Wrong::new(codes::REQUIRED).at("form_key"));
    }
    let Some(given) = given.filter(|_| problems.is_empty()) else {
        return Err(ServiceError::fields(problems));
    };
    Ok(Input {
        form_key: form.form_key.clone(),
        form_hash: hash_of(form),
        keep: match (&form.consent, &given.saved) {
            (Some(consent), None) => {
                saved::device_of(&seen.found.scope, &form.device).map(|device| (consent.clone(), device))
            }
            _ => None,
        },
        member: member.cloned(),
        saved: given.saved.map(|row| row.id),
        method: given.method,
        email,
        facts: given.facts,
        turns: given.turns,
        reason: given.reason,
        retry_soft: given.retry_soft,
    })
}

/// How the method is given. None: there are problems.
fn given(
    svc: &Services,
    seen: &Seen,
    form: &PayForm,
    now: Timestamp,
    problems: &mut Vec<FieldProblem>,
) -> Result<Option<Given>, ServiceError> {
    let chosen = routing::choose(svc, seen, Some(&form.method), None, now);
    let Some(first) = chosen.routes.first().copied() else {
        let code = match form.method.trim() {
            _ if chosen.decision.blocked => money::PAYMENT_BLOCKED,
            "" => codes::REQUIRED,
            _ => codes::BAD_CHOICE,
        };
        problems.push(Wrong::new(code).at("method"));
        return Ok(None);
    };
    // The fields that were filled in belong to one connection, whoever would be the first choice by now.
    let filled = chosen.routes.iter().copied().find(|route| route.connection_id.as_str() == form.connection);
    let fields = routing::fields_of(svc, &seen.found, filled.unwrap_or(first), &form.method)?;
    match fields {
        PayFields::Typed => typed(svc, seen, form, first, now, problems),
        PayFields::Page => on_page(svc, seen, form, &chosen).map(Some),
        PayFields::Transfer => by_transfer(svc, seen, form, &chosen).map(Some),
        PayFields::Script(fields) if form.via == "page" && fields.has_page => {
            on_page(svc, seen, form, &chosen).map(Some)
        }
        PayFields::Script(_) => Ok(in_script_fields(form, &chosen, filled, problems)),
    }
}

/// Typed on our page, at the sandbox: what is known of the card counts for the route. Card details belong to one gateway: another
/// connection of the same provider may be tried with them, no other.
fn typed(
    svc: &Services,
    seen: &Seen,
    form: &PayForm,
    first: &Route,
    now: Timestamp,
    problems: &mut Vec<FieldProblem>,
) -> Result<Option<Given>, ServiceError> {
    let card = match gateways::card::from_fields(&form.card) {
        Ok(card) => card,
        Err(wrong) => {
            problems.extend(wrong);
            return Ok(None);
        }
    };
    let facts = match gateway_call::gateway(svc, &first.provider)?.charges().accept(&card, now) {
        Ok(facts) => facts,
        Err(wrong) => {
            problems.extend(wrong);
            return Ok(None);
        }
    };
    let chosen = routing::choose(svc, seen, Some(&form.method), facts.as_ref(), now);
    let same = chosen.routes.iter().filter(|route| route.provider == first.provider).map(|route| (*route).clone());
    let why = (chosen.reason(1), chosen.decision.retry_soft);
    let given = Given { facts, ..Given::one(form, &card, same, why) };
    if given.turns.is_empty() {
        problems.push(Wrong::new(money::PAYMENT_BLOCKED).at("method"));
        return Ok(None);
    }
    Ok(Some(given))
}

/// On the gateway's own page: nothing is given yet, so that any gateway with a page may be tried.
fn on_page(svc: &Services, seen: &Seen, form: &PayForm, chosen: &Chosen<'_>) -> Result<Given, ServiceError> {
    let mut with_page = Vec::new();
    for route in &chosen.routes {
        match routing::fields_of(svc, &seen.found, route, &form.method)? {
            PayFields::Page => with_page.push((*route).clone()),
            PayFields::Script(fields) if fields.has_page => with_page.push((*route).clone()),
            PayFields::Typed | PayFields::Transfer | PayFields::Script(_) => {}
        }
    }
    let why = (chosen.reason(1), chosen.decision.retry_soft);
    Ok(Given::one(form, &MethodInput::Page, with_page.into_iter(), why))
}

/// By bank transfer: nothing is given, and any connection that takes transfers may be tried.
fn by_transfer(svc: &Services, seen: &Seen, form: &PayForm, chosen: &Chosen<'_>) -> Result<Given, ServiceError> {
    let mut takers = Vec::new();
    for route in &chosen.routes {
        if routing::fields_of(svc, &seen.found, route, &form.method)? == PayFields::Transfer {
            takers.push((*route).clone());
        }
    }
    let why = (chosen.reason(1), chosen.decision.retry_soft);
    Ok(Given::one(form, &MethodInput::Page, takers.into_iter(), why))
}

/// In fields of the gateway's own on our page: what they gave means nothing to any other.
fn in_script_fields(
    form: &PayForm,
    chosen: &Chosen<'_>,
    filled: Option<&Route>,
    problems: &mut Vec<FieldProblem>,
) -> Option<Given> {
    let token = form.gateway_token.trim();
    let Some(route) = filled.filter(|_| !token.is_empty() && token.len() <= TOKEN_MAX) else {
        problems.push(Wrong::new(money::GATEWAY_FIELDS_EMPTY).at("gateway_fields"));
        return None;
    };
    let input = MethodInput::Token(token.to_owned());
    Some(Given::one(form, &input, std::iter::once(route.clone()), (chosen.reason(1), false)))
}

/// The saved method that a form names. A browser may name those that were kept from it, a member of the merchant's team any of the
/// customer's.
async fn saved_method(
    svc: &Services,
    seen: &Seen,
    form: &PayForm,
    by_member: bool,
) -> Result<Option<saved::Found>, ServiceError> {
    if form.method.parse::<PaymentMethodId>().is_err() {
        return Ok(None);
    }
    let device = saved::device_of(&seen.found.scope, &form.device);
    let may = |found: &saved::Found| by_member || device.as_deref() == Some(found.row.device.as_str());
    let of_another =
        |found: &saved::Found| seen.found.customer_email.as_ref().is_some_and(|email| *email != found.row.email);
    Ok(saved::find(svc, seen, &form.method).await?.filter(|found| may(found) && !of_another(found)))
}

/// With a saved method: any connection whose gateway knows it may be tried, in the order that the rules say.
fn by_saved(
    svc: &Services,
    seen: &Seen,
    saved: saved::Found,
    now: Timestamp,
    problems: &mut Vec<FieldProblem>,
) -> Result<Option<Given>, ServiceError> {
    let facts = saved.facts();
    let chosen = routing::choose(svc, seen, Some(&saved.row.method), facts.as_ref(), now);
    let mut turns = Vec::new();
    for route in chosen.routes.iter().copied() {
        if let Some(given) = saved.given(svc, route)?.filter(|_| turns.len() < MAX_TURNS) {
            turns.push(Turn { route: route.clone(), given });
        }
    }
    if turns.is_empty() {
        let code = if chosen.decision.blocked { money::PAYMENT_BLOCKED } else { money::SAVED_METHOD_UNUSABLE };
        problems.push(Wrong::new(code).at("method"));
        return Ok(None);
    }
    let (reason, retry_soft) = (chosen.reason(1), chosen.decision.retry_soft);
    Ok(Some(Given { method: saved.row.method.clone(), saved: Some(saved.row), facts, turns, reason, retry_soft }))
}
