//! The customer's page: the fastest of the product, from one statement.

use super::{branding, may_charge, stage};
use crate::{
    ServiceError, Services, bank_transfers, gateway_call,
    routing::{self, Offer, Seen},
    saved,
    sessions::{items, summary},
};
use domain::{
    Currency, Mode, Money, Scope, Timestamp,
    views::checkout::{CheckoutStage, CheckoutView, OfferedMethod},
};
use store::{
    payments::{CheckoutPayment, ForCheckout, Route, parse},
    sessions::{self, CheckoutRow},
};

/// What `/c/{token}` shows.
///
/// # Errors
/// Not found; the database's.
pub async fn view(svc: &Services, token: &str) -> Result<CheckoutView, ServiceError> {
    view_from(svc, token, Visitor::default()).await
}

/// What a page is shown by, beside its address.
#[derive(Debug, Clone, Copy, Default)]
pub struct Visitor<'a> {
    /// The token of the browser's own: methods that were kept from it are offered too.
    pub device: &'a str,
    /// The customer's country by its two letters; it counts where a rule of the merchant's asks.
    pub country: &'a str,
}

/// The same for a visitor of whom something is known.
///
/// # Errors
/// Not found; the database's.
pub async fn view_from(svc: &Services, token: &str, visitor: Visitor<'_>) -> Result<CheckoutView, ServiceError> {
    let rows = sessions::checkout(&mut svc.db().read().await?, token).await?;
    let Some(row) = rows.first() else { return Err(ServiceError::not_found()) };
    let mut seen = routing::seen(svc, for_checkout(row, &rows)?).await?;
    seen.know_country(visitor.country);
    let stage = stage::stage(svc, &seen, svc.now());
    let (mut methods, mut kept, mut away) = (Vec::new(), Vec::new(), Vec::new());
    if matches!(stage, CheckoutStage::Pay { .. } | CheckoutStage::Unavailable)
        && may_charge(&seen.found.merchant_status, seen.found.scope.mode)
    {
        let offers = routing::offers(svc, &seen, svc.now());
        away = routing::away(svc, &seen, &offers, svc.now());
        methods = offered(svc, &seen, offers)?;
    }
    if matches!(stage, CheckoutStage::Pay { .. })
        && let Some(device) = saved::device_of(&seen.found.scope, visitor.device)
    {
        kept = saved::of_browser(svc, &seen, &device, svc.now()).await?;
    }
    let found = &seen.found;
    let transfer = match (&stage, &found.payment) {
        (CheckoutStage::Pending { settles_later: true, .. }, Some(payment))
            if payment.live_provider.as_deref() == Some(gateways::bank_transfer::KEY) =>
        {
            bank_transfers::told(svc, &found.scope, payment.id.as_str()).await?
        }
        _ => None,
    };
    let (mode, items) = (found.scope.mode, items(&row.line_items)?);
    Ok(CheckoutView {
        session_id: found.session_id.clone(),
        mode,
        branding: branding(&row.seller, &row.merchant_id),
        // The lines say it already, unless the session has words of its own.
        description: row.description.clone().filter(|text| *text != summary(&items)),
        items,
        amount: found.amount,
        customer_email: row.customer_email.clone(),
        locale: row.locale.as_deref().and_then(|tag| tag.parse().ok()),
        capture_method: found.capture_method,
        asks_country: seen.asks_country(),
        country: seen.country().map(str::to_owned),
        methods,
        saved: kept,
        away,
        stage,
        transfer,
        cancel_url: row.cancel_url.clone(),
        success_url: row.success_url.clone(),
        expires_at: found.expires_at,
    })
}

/// What paying decides by, of the page's rows: page and payment go by one rule.
fn for_checkout(row: &CheckoutRow, rows: &[CheckoutRow]) -> Result<ForCheckout, ServiceError> {
    let currency: Currency = parse(&row.currency)?;
    Ok(ForCheckout {
        scope: Scope { merchant: parse(&row.merchant_id)?, mode: Mode::from_live(row.livemode) },
        session_id: parse(&row.id)?,
        session_status: row.status.clone(),
        amount: Money::new(row.amount, currency),
        description: row.description.clone(),
        customer_email: row.customer_email.clone(),
        locale: row.locale.clone(),
        link_id: None,
        quantity: 1,
        session_names_payment: row.payment_id.is_some(),
        expires_at: Timestamp(row.expires_at),
        capture_method: parse(&row.capture_method)?,
        merchant_name: row.seller.merchant_name.clone(),
        merchant_status: row.seller.merchant_status.clone(),
        payment: payment(row)?,
        routes: rows.iter().filter_map(|row| route(row).transpose()).collect::<Result<_, _>>()?,
        metadata: row.metadata.clone(),
        routing_version: row.routing_version,
    })
}

fn payment(row: &CheckoutRow) -> Result<Option<CheckoutPayment>, ServiceError> {
    let (Some(id), Some(status), Some(token)) = (&row.payment_id, &row.payment_status, &row.receipt_token) else {
        return Ok(None);
    };
    Ok(Some(CheckoutPayment {
        id: parse(id)?,
        status: parse(status)?,
        receipt_token: token.clone(),
        decline_code: row.decline_code.clone(),
        live_attempt: row.attempt_status.clone(),
        action_url: row.action_url.clone(),
        live_provider: row.attempt_provider.clone(),
    }))
}

fn route(row: &CheckoutRow) -> Result<Option<Route>, ServiceError> {
    let (Some(id), Some(provider)) = (&row.connection_id, &row.provider) else { return Ok(None) };
    Ok(Some(Route {
        connection_id: parse(id)?,
        provider: provider.clone(),
        methods: row.methods.clone().unwrap_or_default(),
        currencies: row.currencies.clone().unwrap_or_default(),
        credentials: row.credentials.clone(),
        status: row.connection_status.clone().unwrap_or_default(),
        maintenance_from: row.maintenance_from,
        maintenance_until: row.maintenance_until,
    }))
}

/// Each method once, through the connection that the merchant's rules choose for it.
fn offered(svc: &Services, seen: &Seen, offers: Vec<Offer<'_>>) -> Result<Vec<OfferedMethod>, ServiceError> {
    offers
        .into_iter()
        .map(|Offer { method, route, .. }| {
            Ok(OfferedMethod {
                fields: routing::fields_of(svc, &seen.found, route, &method)?,
                can_save: gateway_call::gateway(svc, &route.provider)?.saves().is_some(),
                method,
                provider: route.provider.clone(),
                connection: route.connection_id.clone(),
            })
        })
        .collect()
}
