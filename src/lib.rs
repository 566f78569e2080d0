//! The server: pages, forms, the portal, and the worker that runs beside them.
#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod admission;
pub mod auth;
pub mod bank_transfers;
pub mod checkout;
pub mod cli;
pub mod config;
pub mod csp_report;
pub mod demo;
pub mod errors;
pub mod files;
pub mod forms;
pub mod health;
pub mod jobs;
pub mod limits;
pub mod metrics;
pub mod middleware;
pub mod onboarding;
pub mod portal;
pub mod redirects;
pub mod routes;
pub mod session;
pub mod settings;
pub mod site;
pub mod state;
pub mod webhooks;

use crate::middleware::{guard, headers, identify, request, same_origin};
use crate::state::AppState;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;
use config::ApiBases;
use gateways::Registry;
use gateways::bank_transfer::BankTransfer;
use gateways::http::Http;
use gateways::paypal::PayPal;
use gateways::sandbox::Sandbox;
use gateways::square::Square;
use gateways::stripe::Stripe;
use services::SystemEntropy;
use services::bank_transfers::TransferLedger;
use services::sandbox_book::StoreBook;
use std::sync::Arc;
use store::Db;

/// A form with a text of a hundred thousand characters is still read, so that the answer is a sentence beside the field and
/// nothing typed is lost. Uploads have limits of their own.
const LARGEST_FORM: usize = 2 * 1024 * 1024;

/// The gateways of this installation.
///
/// # Errors
/// What the TLS library refuses at the start.
pub fn registry(db: &Db, bases: &ApiBases) -> Result<Registry, String> {
    let book = StoreBook::new(db.clone(), Arc::new(SystemEntropy));
    let http = Http::new()?;
    let stripe = bases.stripe.clone().unwrap_or_else(|| gateways::stripe::BASE.to_owned());
    let mut all: Vec<Arc<dyn gateways::Gateway>> = vec![
        Arc::new(Sandbox::new(Arc::new(book))),
        Arc::new(Stripe::new(http.clone(), stripe)),
        Arc::new(PayPal::new(http.clone(), bases.paypal.clone())),
        Arc::new(Square::new(http, bases.square.clone())),
        Arc::new(BankTransfer::new(Arc::new(TransferLedger::new(db.clone(), Arc::new(SystemEntropy))))),
    ];
    all.extend(gateways::for_tests());
    Ok(Registry::new(all))
}

/// The whole server as one service; tests call it without a socket.
pub fn build_router(state: AppState) -> Router {
    let pages = Router::new()
        .merge(auth::routes())
        .merge(onboarding::routes())
        .merge(files::routes())
        .merge(redirects::routes())
        .merge(checkout::routes())
        .merge(settings::routes())
        .merge(bank_transfers::routes())
        .merge(portal::routes(&state))
        .layer(from_fn_with_state(state.clone(), identify::identify))
        .layer(session::layer(&state.services, &state.config))
        .layer(from_fn_with_state(state.clone(), same_origin::check))
        .layer(from_fn_with_state(state.clone(), admission::admit));
    let all = Router::new().merge(pages).merge(health::routes()).merge(csp_report::routes()).merge(webhooks::routes());
    site::fallback(all, &state.config.site_dir)
        .layer(DefaultBodyLimit::max(LARGEST_FORM))
        .layer(from_fn_with_state(state.clone(), guard::guard))
        .layer(from_fn_with_state(state.clone(), headers::security))
        .layer(from_fn_with_state(state.clone(), request::begin))
        .with_state(state)
}
