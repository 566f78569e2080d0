//! Which saved methods a checkout offers, and what charging one goes by.

use super::open;
use crate::{
    ServiceError, Services,
    routing::{self, Seen},
};
use domain::{Timestamp, views::checkout::SavedMethod};
use gateways::{CardFacts, MethodInput};
use store::{
    payment_methods::{self, MethodRow, NameRow},
    payments::{Route, parse},
};

/// Most methods of a browser that a page offers.
const MOST: i64 = 10;

/// A saved method that may be charged, with the names that its connections have for it.
pub(crate) struct Found {
    pub(crate) row: MethodRow,
    names: Vec<NameRow>,
}

impl Found {
    /// What its rules are chosen by.
    pub(crate) fn facts(&self) -> Option<CardFacts> {
        let (brand, last4) = (self.row.card_brand.clone()?, self.row.card_last4.clone()?);
        Some(CardFacts {
            brand,
            last4,
            exp_month: self.row.card_exp_month.and_then(|month| month.try_into().ok()),
            exp_year: self.row.card_exp_year.and_then(|year| year.try_into().ok()),
            country: self.row.card_country.clone(),
        })
    }

    /// Whether a connection has a name for it.
    pub(crate) fn is_known_to(&self, route: &Route) -> bool {
        self.names.iter().any(|name| name.connection_id == route.connection_id.as_str())
    }

    /// It, as a connection's gateway calls it; none where it does not know it.
    ///
    /// # Errors
    /// A fault: it can't be opened.
    pub(crate) fn given(&self, svc: &Services, route: &Route) -> Result<Option<MethodInput>, ServiceError> {
        let name = self.names.iter().find(|name| name.connection_id == route.connection_id.as_str());
        name.map(|name| open(svc, name).map(MethodInput::Saved)).transpose()
    }
}

/// As people see it.
pub(crate) fn view(row: &MethodRow) -> Result<SavedMethod, ServiceError> {
    Ok(SavedMethod {
        id: parse(&row.id)?,
        method: row.method.clone(),
        brand: row.card_brand.clone(),
        last4: row.card_last4.clone(),
        exp_month: row.card_exp_month,
        exp_year: row.card_exp_year,
    })
}

/// An active method by id.
///
/// # Errors
/// The database's.
pub(crate) async fn find(svc: &Services, seen: &Seen, id: &str) -> Result<Option<Found>, ServiceError> {
    let scope = &seen.found.scope;
    let mut tx = svc.db().read().await?;
    let Some(row) = payment_methods::get(&mut tx, scope, id).await?.filter(|row| row.status == "active") else {
        return Ok(None);
    };
    let names = payment_methods::names(&mut tx, scope, &row.id).await?;
    Ok(Some(Found { row, names }))
}

/// Methods that were kept from a browser and can pay a checkout now, the latest first.
///
/// # Errors
/// The database's.
pub(crate) async fn of_browser(
    svc: &Services,
    seen: &Seen,
    device: &str,
    now: Timestamp,
) -> Result<Vec<SavedMethod>, ServiceError> {
    let scope = &seen.found.scope;
    let mut tx = svc.db().read().await?;
    let mut offered = Vec::new();
    for row in payment_methods::of_device(&mut tx, scope, device, MOST).await? {
        // The merchant asks this person: what others keep is not theirs.
        if seen.found.customer_email.as_deref().is_some_and(|email| email != row.email) {
            continue;
        }
        let names = payment_methods::names(&mut tx, scope, &row.id).await?;
        let found = Found { row, names };
        let chosen = routing::choose(svc, seen, Some(&found.row.method), found.facts().as_ref(), now);
        if chosen.routes.iter().any(|route| found.is_known_to(route)) {
            offered.push(view(&found.row)?);
        }
    }
    Ok(offered)
}
