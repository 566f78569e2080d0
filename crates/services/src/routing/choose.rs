//! The route of a checkout, from one reading of the database and what this process has seen of the gateways.

use super::{
    facts, history, rules,
    takes::{Asked, cannot, under_maintenance, unfit},
};
use crate::{ServiceError, Services, gateway_call};
use domain::{
    CaptureMethod, ConnectionId, Timestamp,
    decline::DeclineClass,
    routing::{Candidate, ConditionField, Decision, History, Reason, RuleSet, Skip, decide},
    states::ConnectionStatus,
    validate::country,
    views::checkout::{AwayMethod, PayFields},
};
use gateways::{CardFacts, Wanted};
use std::sync::Arc;
use store::{
    attempts,
    payments::{ForCheckout, Route},
    routing,
};

/// A checkout with everything that its route is chosen by.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    /// Session, payment, connections.
    pub(crate) found: ForCheckout,
    rules: Arc<RuleSet>,
    /// How payments ended lately, for rules that choose by it.
    history: Arc<History>,
    /// Whether the customer has paid before; none while nobody knows who they are, or no rule asks.
    returning: Option<bool>,
    /// Where the customer says that they are; none while nobody knows, or no rule asks.
    country: Option<&'static str>,
    /// Connections that could not take this payment when they were asked.
    failed: Vec<ConnectionId>,
}

/// The connections that a payment goes to, the first choice first, and why.
#[derive(Debug)]
pub(crate) struct Chosen<'a> {
    pub(crate) decision: Decision,
    pub(crate) routes: Vec<&'a Route>,
    /// Nobody is left but connections that don't answer.
    ailing: bool,
    version: i64,
    rule: Option<String>,
    split: bool,
    country: Option<&'static str>,
}

impl Chosen<'_> {
    /// What is kept with the attempt of a turn, counted from 1.
    pub(crate) fn reason(&self, turn: usize) -> Reason {
        Reason {
            version: self.version,
            rule: self.rule.clone(),
            split: self.split,
            turn,
            skipped: self.decision.skipped.clone(),
            country: self.country.map(str::to_owned),
            learned: self.decision.learned.clone(),
        }
    }
}

/// Reads what else the route is chosen by.
///
/// # Errors
/// The database's.
pub(crate) async fn seen(svc: &Services, found: ForCheckout) -> Result<Seen, ServiceError> {
    let rules = rules::of(svc, &found.scope, found.routing_version).await?;
    let history = history::of(svc, &found.scope, &rules).await?;
    let failed = match &found.payment {
        Some(payment) => {
            let rows = attempts::failed(&mut svc.db().read().await?, &found.scope, &payment.id).await?;
            let soft = DeclineClass::Soft.as_str();
            rows.into_iter().filter(|(_, class)| class != soft).filter_map(|(id, _)| id.parse().ok()).collect()
        }
        None => Vec::new(),
    };
    let mut seen = Seen { found, rules, history, returning: None, country: None, failed };
    let known = seen.found.customer_email.clone();
    seen.know_customer(svc, known.as_deref()).await?;
    Ok(seen)
}

impl Seen {
    /// Whether some connection could not take this payment, so that another one's fields are shown.
    pub(crate) fn switched(&self) -> bool {
        let failed = |route: &Route| self.failed.contains(&route.connection_id);
        self.found.routes.iter().any(failed) && !self.found.routes.iter().all(failed)
    }

    /// The customer's address is known: so is whether they have paid before, if a rule asks.
    ///
    /// # Errors
    /// The database's.
    pub(crate) async fn know_customer(&mut self, svc: &Services, email: Option<&str>) -> Result<(), ServiceError> {
        if let Some(email) = email.filter(|_| self.rules.asks(ConditionField::Customer)) {
            self.returning = Some(routing::paid_before(&mut svc.db().read().await?, &self.found.scope, email).await?);
        }
        Ok(())
    }

    /// Whether the customer is asked for their country: a rule looks at it, and somebody might take the payment.
    pub(crate) fn asks_country(&self) -> bool {
        let active = |route: &Route| route.status == ConnectionStatus::Active.as_str();
        self.rules.asks(ConditionField::Country) && self.found.routes.iter().any(active)
    }

    /// The customer's country is known, if a rule asks. What is no country is not.
    pub(crate) fn know_country(&mut self, typed: &str) {
        self.country = country::find(typed.trim()).filter(|_| self.asks_country());
    }

    /// The country that is gone by.
    pub(crate) const fn country(&self) -> Option<&'static str> {
        self.country
    }
}

/// Chooses. A gateway that does not answer, or could not take this payment a moment ago, is asked only when nobody else is left.
pub(crate) fn choose<'a>(
    svc: &Services,
    seen: &'a Seen,
    method: Option<&str>,
    card: Option<&CardFacts>,
    now: Timestamp,
) -> Chosen<'a> {
    let found = &seen.found;
    let known =
        facts::of(found.session_id.as_str(), found.amount, &found.metadata, seen.country, method, card, seen.returning);
    let down: Vec<String> = svc
        .breakers()
        .paused(&found.scope)
        .into_iter()
        .filter(|pause| pause.until > now)
        .map(|pause| pause.connection)
        .collect();
    let asked =
        Asked { mode: found.scope.mode, capture: found.capture_method, currency: found.amount.currency, method };
    let candidates = |careful: bool| -> Vec<Candidate> {
        let of = |route: &Route| {
            let skip = cannot(svc, &route.into(), &asked, now).or_else(|| {
                let id = &route.connection_id;
                match careful {
                    true if down.iter().any(|down| down == id.as_str()) => Some(Skip::NotAnswering),
                    true if seen.failed.contains(id) => Some(Skip::FailedBefore),
                    _ => None,
                }
            });
            Candidate { id: route.connection_id.clone(), skip }
        };
        found.routes.iter().map(of).collect()
    };
    let mut decision = decide(&seen.rules, &known, &candidates(true), &seen.history);
    let mut ailing = false;
    if decision.order.is_empty() && !decision.blocked {
        ailing = decision.skipped.iter().any(|skipped| skipped.why == Skip::NotAnswering);
        decision = decide(&seen.rules, &known, &candidates(false), &seen.history);
    }
    let routes: Vec<&Route> =
        decision.order.iter().filter_map(|id| found.routes.iter().find(|route| route.connection_id == *id)).collect();
    let rule = decision.rule.and_then(|place| seen.rules.rules.get(place));
    let split = rule.is_some_and(|rule| matches!(rule.then, domain::routing::Action::Split { .. }));
    Chosen {
        ailing: ailing && !routes.is_empty(),
        routes,
        version: found.routing_version.unwrap_or(0),
        rule: rule.map(|rule| rule.name.clone()),
        split,
        country: seen.country,
        decision,
    }
}

/// A method that can be offered now.
pub(crate) struct Offer<'a> {
    pub(crate) method: String,
    /// The connection that would take it.
    pub(crate) route: &'a Route,
    /// Whether it does not answer, and nobody else takes the method.
    ailing: bool,
}

/// The methods that can be offered now, in the order of the connections.
pub(crate) fn offers<'a>(svc: &Services, seen: &'a Seen, now: Timestamp) -> Vec<Offer<'a>> {
    let mut offers: Vec<Offer<'_>> = Vec::new();
    for method in methods(&seen.found.routes) {
        let chosen = choose(svc, seen, Some(&method), None, now);
        if let Some(route) = chosen.routes.first() {
            offers.push(Offer { method, route, ailing: chosen.ailing });
        }
    }
    offers
}

/// The methods of some connections, each once, in their order.
fn methods(routes: &[Route]) -> Vec<String> {
    let mut methods: Vec<String> = Vec::new();
    for method in routes.iter().flat_map(methods_of) {
        if !methods.contains(&method) {
            methods.push(method);
        }
    }
    methods
}

fn methods_of(route: &Route) -> Vec<String> {
    serde_json::from_str(&route.methods).unwrap_or_default()
}

/// The methods that the merchant takes and that are away now: everybody who takes one is under maintenance, or does not answer.
pub(crate) fn away(svc: &Services, seen: &Seen, offers: &[Offer<'_>], now: Timestamp) -> Vec<AwayMethod> {
    let found = &seen.found;
    let mode = found.scope.mode;
    let mut away = Vec::new();
    for method in methods(&found.routes) {
        if let Some(offer) = offers.iter().find(|offer| offer.method == method) {
            if offer.ailing {
                away.push(AwayMethod { method, until: None });
            }
            continue;
        }
        // What the rules would not ask in any case does not bring it back.
        let decision = choose(svc, seen, Some(&method), None, now).decision;
        let asked =
            Asked { mode, capture: found.capture_method, currency: found.amount.currency, method: Some(&method) };
        let rests = |route: &Route| {
            let skipped = decision.skipped.iter().find(|skipped| skipped.connection == route.connection_id)?;
            let taker = route.into();
            let fits = skipped.why == Skip::Maintenance && unfit(svc, &taker, &asked).is_none();
            fits.then(|| under_maintenance(svc, &taker, now)).flatten()
        };
        let until = found.routes.iter().filter_map(rests).min();
        if until.is_some() && !decision.blocked {
            away.push(AwayMethod { method, until });
        }
    }
    away
}

/// How the customer gives a method to a connection.
///
/// # Errors
/// A fault: the provider is unknown or its credentials can't be opened.
pub(crate) fn fields_of(
    svc: &Services,
    found: &ForCheckout,
    route: &Route,
    method: &str,
) -> Result<PayFields, ServiceError> {
    let gateway = gateway_call::gateway(svc, &route.provider)?;
    let call =
        gateway_call::call(svc, &found.scope, route.connection_id.as_str(), route.credentials.as_deref(), "fields")
            .map_err(|failure| ServiceError::Fault(failure.to_string()))?;
    let wanted = Wanted {
        method,
        amount: found.amount,
        capture: found.capture_method == CaptureMethod::Automatic,
        livemode: call.livemode,
    };
    Ok(gateway.charges().fields(&wanted, &call.credentials))
}
