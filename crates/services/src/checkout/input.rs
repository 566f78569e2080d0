//! What a customer posts to pay, checked: the method, how it is given, and the connections that it may go to.

use super::pay::is_form_key;
use crate::{
    ServiceError, Services, gateway_call, idempotency,
    routing::{self, Chosen, Seen},
};
use domain::{
    FieldProblem, Timestamp,
    problem::{codes, money},
    routing::{MAX_TURNS, Reason},
    validate::{Wrong, email, text},
    views::checkout::{PayFields, PayForm},
};
use gateways::{CardFacts, MethodInput};
use store::payments::Route;

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
    /// The method as the gateway gets it.
    pub(super) given: MethodInput,
    pub(super) facts: Option<CardFacts>,
    /// Connections that it may be sent to, one after the other.
    pub(super) routes: Vec<Route>,
    /// Why these.
    pub(super) reason: Reason,
    /// Whether a soft decline is tried at the next one.
    pub(super) retry_soft: bool,
}

/// The hash of what a form says. The card is in none.
pub(super) fn hash_of(form: &PayForm) -> String {
    idempotency::hash(&[form.method.trim(), form.email.trim(), form.name.trim()])
}

/// How the method is given, and who can take it so.
struct Given {
    input: MethodInput,
    facts: Option<CardFacts>,
    routes: Vec<Route>,
    reason: Reason,
    retry_soft: bool,
}

/// Checks a form.
///
/// # Errors
/// What is wrong with which field; the database's.
pub(super) async fn check(
    svc: &Services,
    seen: &mut Seen,
    form: &PayForm,
    now: Timestamp,
) -> Result<Input, ServiceError> {
    let mut problems: Vec<FieldProblem> = Vec::new();
    let email = match &seen.found.customer_email {
        Some(given) => Some(given.clone()),
        None => email::required(&form.email)
            .map(|email| email.address)
            .map_err(|wrong| problems.push(wrong.at("email")))
            .ok(),
    };
    seen.know_customer(svc, email.as_deref()).await?;
    seen.know_country(&form.country);
    if seen.asks_country() && seen.country().is_none() {
        problems.push(Wrong::new(codes::REQUIRED).at("country"));
    }
    if let Err(wrong) = text::optional(&form.name, NAME_MAX) {
        problems.push(wrong.at("name"));
    }
    let given = given(svc, seen, form, now, &mut problems)?;
    if !is_form_key(&form.form_key) {
        problems.push(Wrong::new(codes::REQUIRED).at("form_key"));
    }
    let Some(given) = given.filter(|_| problems.is_empty()) else {
        return Err(ServiceError::fields(problems));
    };
    Ok(Input {
        form_key: form.form_key.clone(),
        form_hash: hash_of(form),
        method: form.method.clone(),
        email,
        given: given.input,
        facts: given.facts,
        routes: given.routes,
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
    let routes = turns(chosen.routes.iter().filter(|route| route.provider == first.provider));
    if routes.is_empty() {
        problems.push(Wrong::new(money::PAYMENT_BLOCKED).at("method"));
        return Ok(None);
    }
    let (reason, retry_soft) = (chosen.reason(1), chosen.decision.retry_soft);
    Ok(Some(Given { input: card, facts, routes, reason, retry_soft }))
}

/// On the gateway's own page: nothing is given yet, so that any gateway with a page may be tried.
fn on_page(svc: &Services, seen: &Seen, form: &PayForm, chosen: &Chosen<'_>) -> Result<Given, ServiceError> {
    let mut with_page = Vec::new();
    for route in &chosen.routes {
        match routing::fields_of(svc, &seen.found, route, &form.method)? {
            PayFields::Page => with_page.push(*route),
            PayFields::Script(fields) if fields.has_page => with_page.push(*route),
            PayFields::Typed | PayFields::Transfer | PayFields::Script(_) => {}
        }
    }
    let (reason, retry_soft) = (chosen.reason(1), chosen.decision.retry_soft);
    Ok(Given { input: MethodInput::Page, facts: None, routes: turns(with_page.iter()), reason, retry_soft })
}

/// By bank transfer: nothing is given, and any connection that takes transfers may be tried.
fn by_transfer(svc: &Services, seen: &Seen, form: &PayForm, chosen: &Chosen<'_>) -> Result<Given, ServiceError> {
    let mut takers = Vec::new();
    for route in &chosen.routes {
        if routing::fields_of(svc, &seen.found, route, &form.method)? == PayFields::Transfer {
            takers.push(*route);
        }
    }
    let (reason, retry_soft) = (chosen.reason(1), chosen.decision.retry_soft);
    Ok(Given { input: MethodInput::Page, facts: None, routes: turns(takers.iter()), reason, retry_soft })
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
    Some(Given { input, facts: None, routes: vec![route.clone()], reason: chosen.reason(1), retry_soft: false })
}

fn turns<'a>(routes: impl Iterator<Item = &'a &'a Route>) -> Vec<Route> {
    routes.take(MAX_TURNS).map(|route| (*route).clone()).collect()
}
