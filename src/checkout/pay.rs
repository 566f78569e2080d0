//! `/c/{token}`: what is bought, and paying it.

use super::{refuse, see_other};
use crate::forms::Posted;
use crate::middleware::headers::script_policy;
use crate::middleware::request::{cookie, cookies};
use crate::state::AppState;
use app::hosted::checkout::{Typed, consent, go_on_page, pay_page, status_page, transfer_page, waiting_page};
use app::request::RequestInfo;
use axum::{
    Extension,
    extract::{Path, Query, State, rejection::QueryRejection},
    http::{
        HeaderMap, StatusCode,
        header::{ACCEPT_LANGUAGE, CONTENT_SECURITY_POLICY, SET_COOKIE},
    },
    response::{Html, IntoResponse, Response},
};
use domain::{
    Problem, ProblemKind,
    validate::country::of_languages,
    views::checkout::{CardFields, CheckoutStage, CheckoutView, PayFields, PayForm},
};
use serde::Deserialize;
use services::{
    ServiceError,
    checkout::{self, Visitor},
};

/// What an address may say of the customer.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    /// The country that they chose.
    country: String,
    /// Whether they have just asked for a mail.
    told: bool,
}

/// The country to go by: the one that was chosen, or else the browser's.
pub(super) fn country<'a>(chosen: &'a str, headers: &HeaderMap) -> &'a str {
    if !chosen.is_empty() {
        return chosen;
    }
    let languages = headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    languages.and_then(of_languages).unwrap_or_default()
}

/// Shows where the checkout stands.
pub async fn show(
    State(state): State<AppState>,
    Extension(info): Extension<RequestInfo>,
    Path(token): Path<String>,
    query: Result<Query<Asked>, QueryRejection>,
    headers: HeaderMap,
) -> Response {
    let Asked { country: chosen, told } = query.map(|Query(asked)| asked).unwrap_or_default();
    let visitor = Visitor { device: browser(&headers), country: country(&chosen, &headers) };
    match checkout::view_from(&state.services, &token, visitor).await {
        Ok(view) => answer(&state, &info, &token, &view, &Typed { told, ..Typed::default() }, None),
        Err(error) => refuse(&state, &info, error),
    }
}

/// Pays. A second POST of the same form finds the first one's outcome.
pub async fn submit(
    State(state): State<AppState>,
    Extension(info): Extension<RequestInfo>,
    Path(token): Path<String>,
    headers: HeaderMap,
    form: Posted,
) -> Response {
    let save = form.get("save") == "1";
    let browser_field =
        Some(form.get("browser")).filter(|typed| typed.len() >= 32 && checkout::is_form_key(typed)).unwrap_or_default();
    let mut form = pay_form(&form);
    browser(&headers).clone_into(&mut form.device);
    let (email, name, method) = (form.email.clone(), form.name.clone(), form.method.clone());
    let typed = Typed { email, name, method, save, browser: browser_field, ..Typed::default() };
    let mut mark = None;
    if save {
        match checkout::view(&state.services, &token).await {
            Ok(view) => form.consent = Some(consent(&info, &view.branding.name)),
            Err(error) => return refuse(&state, &info, error),
        }
        if form.device.is_empty() {
            form.device =
                Some(typed.browser.clone()).filter(|b| !b.is_empty()).unwrap_or_else(|| state.services.new_token());
            mark = cookies::set(cookies::BROWSER, &form.device, state.config.is_https());
        }
    }
    let (device, chosen) = (form.device.clone(), form.country.clone());
    let marked = |mut response: Response| {
        if let Some(mark) = mark {
            response.headers_mut().append(SET_COOKIE, mark);
        }
        response
    };
    let problem = match checkout::pay(&state.services, &token, form, &info.origin).await {
        Ok(CheckoutStage::Pay { .. }) => None,
        Ok(CheckoutStage::Action { url, .. }) => return marked(see_other(&onward(&token, &url))),
        Ok(CheckoutStage::Paid { receipt_token }) => return marked(see_other(&format!("/r/{receipt_token}"))),
        Ok(_) => return marked(see_other(&format!("/c/{token}"))),
        Err(ServiceError::Problem(problem)) if keeps_the_form(&problem) => Some(problem),
        Err(error) => return refuse(&state, &info, error),
    };
    let visitor = Visitor { device: &device, country: country(&chosen, &headers) };
    match checkout::view_from(&state.services, &token, visitor).await {
        Ok(view) => marked(answer(&state, &info, &token, &view, &typed, Some(problem.as_ref()))),
        Err(error) => refuse(&state, &info, error),
    }
}

/// The token by which a browser is known again that had a method kept.
pub(super) fn browser(headers: &HeaderMap) -> &str {
    cookie(headers, cookies::BROWSER).unwrap_or_default()
}

/// What was posted, as typed.
fn pay_form(form: &Posted) -> PayForm {
    PayForm {
        form_key: form.get("form_key"),
        method: form.get("method"),
        email: form.get("email"),
        name: form.get("name"),
        country: form.get("country"),
        connection: form.get("connection"),
        gateway_token: form.get("gateway_token"),
        via: form.get("via"),
        consent: None,
        device: String::new(),
        card: CardFields {
            card_number: form.get("card_number"),
            card_expiry: form.get("card_expiry"),
            card_code: form.get("card_code"),
        },
    }
}

/// Back from the bank's page: asks the gateway, then shows where it stands.
pub async fn returned(
    State(state): State<AppState>,
    Extension(info): Extension<RequestInfo>,
    Path(token): Path<String>,
) -> Response {
    match checkout::returned(&state.services, &token).await {
        Ok(CheckoutStage::Paid { receipt_token }) => see_other(&format!("/r/{receipt_token}")),
        Ok(_) => see_other(&format!("/c/{token}")),
        Err(error) => refuse(&state, &info, error),
    }
}

/// Leads on to the gateway's page.
pub async fn go_on(
    State(state): State<AppState>,
    Extension(info): Extension<RequestInfo>,
    Path(token): Path<String>,
) -> Response {
    match checkout::view(&state.services, &token).await {
        Ok(view) => match &view.stage {
            CheckoutStage::Action { url, provider } if !is_ours(url) => {
                Html(go_on_page(&info, &view, url, provider)).into_response()
            }
            _ => see_other(&format!("/c/{token}")),
        },
        Err(error) => refuse(&state, &info, error),
    }
}

/// Gives up what waits at the gateway, so that the customer can pay another way.
pub async fn start_over(
    State(state): State<AppState>,
    Extension(info): Extension<RequestInfo>,
    Path(token): Path<String>,
) -> Response {
    match checkout::start_over(&state.services, &token).await {
        Ok(CheckoutStage::Paid { receipt_token }) => see_other(&format!("/r/{receipt_token}")),
        Ok(_) => see_other(&format!("/c/{token}")),
        Err(error) => refuse(&state, &info, error),
    }
}

/// Whether an address is a page of this server.
fn is_ours(url: &str) -> bool {
    url.starts_with('/') && !url.starts_with("//")
}

/// Where a customer goes on: to a page of ours at once, to a gateway's by way of one of ours.
fn onward(token: &str, url: &str) -> String {
    if is_ours(url) { url.to_owned() } else { format!("/c/{token}/go") }
}

/// A refusal that leaves the customer at the form, with what they typed.
fn keeps_the_form(problem: &Problem) -> bool {
    matches!(
        problem.kind,
        ProblemKind::Invalid | ProblemKind::Conflict | ProblemKind::RateLimited | ProblemKind::Unavailable
    )
}

/// The page for a stage. `refused` is set after a POST that did not pay: with the problem of what was typed, or with none when the
/// card was declined, which the view itself tells.
pub(super) fn answer(
    state: &AppState,
    info: &RequestInfo,
    token: &str,
    view: &CheckoutView,
    typed: &Typed,
    refused: Option<Option<&Problem>>,
) -> Response {
    match &view.stage {
        CheckoutStage::Pay { .. } => {
            let form_key = state.services.new_token();
            let fresh = || Typed { browser: state.services.new_token(), ..typed.clone() };
            let typed = if typed.browser.is_empty() { &fresh() } else { typed };
            let status = if refused.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
            let page = pay_page(info, &format!("/c/{token}"), view, typed, refused.flatten(), &form_key);
            let mut response = (status, Html(page)).into_response();
            let scripts = view.methods.iter().find_map(|offered| match &offered.fields {
                PayFields::Script(fields) => Some(fields),
                PayFields::Typed | PayFields::Page | PayFields::Transfer => None,
            });
            if let Some(policy) = scripts.and_then(|fields| script_policy(&info.nonce, fields).parse().ok()) {
                response.headers_mut().insert(CONTENT_SECURITY_POLICY, policy);
            }
            response
        }
        CheckoutStage::Action { url, .. } if is_ours(url) => see_other(url),
        CheckoutStage::Action { url, provider } => {
            Html(waiting_page(info, view, url, provider, &format!("/c/{token}/again"))).into_response()
        }
        CheckoutStage::Paid { receipt_token } => see_other(&format!("/r/{receipt_token}")),
        _ if view.transfer.is_some() => Html(transfer_page(info, view, &format!("/c/{token}/again"))).into_response(),
        _ => {
            let status = if refused.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
            let page = status_page(info, &format!("/c/{token}"), view, typed, refused.flatten());
            (status, Html(page)).into_response()
        }
    }
}
