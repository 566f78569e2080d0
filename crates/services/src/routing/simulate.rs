//! Plays one payment through rules that may be only a draft.

use super::{
    history,
    save::known,
    takes::{Asked, cannot},
};
use crate::{MerchantActor, ServiceError, Services};
use domain::{
    CaptureMethod, FieldProblem, Permission,
    routing::{self, Candidate, Facts, RoutingForm, Skip},
    states::ConnectionStatus,
    validate::{country, number, text},
    views::routing::{Simulation, SimulationForm},
};
use std::collections::BTreeMap;
use store::connections;

/// Longest text of the form.
const TEXT_MAX: usize = 80;

/// Says which rules are tried for such a payment now, and who would be asked in which order. Nothing is stored or sent.
///
/// # Errors
/// Forbidden; fields of the payment, or of the rules (see [`routing::check`]), that can't be accepted.
pub async fn simulate(
    svc: &Services,
    actor: &MerchantActor,
    rules: &RoutingForm,
    payment: &SimulationForm,
) -> Result<Simulation, ServiceError> {
    actor.require(Permission::ViewGateways)?;
    let (rules, _) = routing::check(rules, &known(svc, actor).await?).map_err(ServiceError::fields)?;
    let facts = facts(payment).map_err(ServiceError::fields)?;
    let rows = connections::list(&mut svc.db().read().await?, &actor.scope).await?;
    let history = history::of(svc, &actor.scope, &rules).await?;
    let paused = svc.breakers().paused(&actor.scope);
    let now = svc.now();
    let asked = Asked {
        mode: actor.scope.mode,
        capture: if payment.capture_later { CaptureMethod::Manual } else { CaptureMethod::Automatic },
        currency: facts.amount.currency,
        method: facts.method.as_deref(),
    };
    let candidates: Vec<Candidate> = rows
        .iter()
        .filter(|row| row.status != ConnectionStatus::Archived.as_str())
        .filter_map(|row| {
            let down = paused.iter().any(|pause| pause.connection == row.id && pause.until > now);
            let skip = cannot(svc, &row.into(), &asked, now).or_else(|| down.then_some(Skip::NotAnswering));
            Some(Candidate { id: row.id.parse().ok()?, skip })
        })
        .collect();
    Ok(Simulation { decision: routing::decide(&rules, &facts, &candidates, &history) })
}

fn facts(form: &SimulationForm) -> Result<Facts, Vec<FieldProblem>> {
    let mut problems = Vec::new();
    let currency = number::currency(&form.currency).map_err(|wrong| problems.push(wrong.at("currency"))).ok();
    let amount = currency.and_then(|currency| {
        number::amount(&form.amount, currency).map_err(|wrong| problems.push(wrong.at("amount"))).ok()
    });
    let mut short = |typed: &str, field: &str| {
        text::optional(typed, TEXT_MAX).map_err(|wrong| problems.push(wrong.at(field))).ok().flatten()
    };
    let method = short(&form.method, "method").unwrap_or_else(|| "card".to_owned());
    let brand = short(&form.brand, "brand").map(|brand| brand.to_ascii_lowercase());
    let key = short(&form.metadata_key, "metadata_key");
    let value = short(&form.metadata_value, "metadata_value").unwrap_or_default();
    let mut country = |typed: &str, field: &str| {
        let typed = Some(typed).filter(|typed| !typed.trim().is_empty())?;
        country::required(typed).map(str::to_owned).map_err(|wrong| problems.push(wrong.at(field))).ok()
    };
    let issuer_country = country(&form.issuer_country, "issuer_country");
    let country = country(&form.country, "country");
    let returning = match form.customer.as_str() {
        "returning" => Some(true),
        "new" => Some(false),
        _ => None,
    };
    match amount {
        Some(amount) if problems.is_empty() => Ok(Facts {
            amount,
            country,
            method: Some(method),
            brand,
            issuer_country,
            returning,
            metadata: key.map(|key| BTreeMap::from([(key, value)])).unwrap_or_default(),
            draw: 0,
        }),
        _ => Err(problems),
    }
}
