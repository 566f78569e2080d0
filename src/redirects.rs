//! Short addresses that lead to the merchant and mode used last.

use crate::errors::respond_to;
use crate::forms::{html, see_other};
use crate::state::AppState;
use app::RequestInfo;
use axum::extract::{OriginalUri, State};
use axum::response::Response;
use axum::routing::get;
use axum::{Extension, Router};
use domain::views::account::Viewer;
use domain::{MerchantId, Mode};

/// Pages of the portal that have a short address, when they exist.
const SHORT: [&str; 14] = [
    "dashboard",
    "payments",
    "refunds",
    "disputes",
    "payment-links",
    "customers",
    "products",
    "subscriptions",
    "invoices",
    "analytics",
    "balance",
    "gateways",
    "routing",
    "settings",
];

/// What lies below a merchant's mode, as the portal's patterns have it: `payments`, `payments/{id}`.
fn below(path: &str) -> Option<&str> {
    path.strip_prefix("/m/")?.splitn(3, '/').nth(2)
}

/// The short addresses of pages that exist, and a merchant's mode alone.
#[must_use]
pub fn short_paths() -> Vec<String> {
    let pages = app::server::paths();
    let exists = |page: &&str| pages.iter().filter_map(|path| below(path)).any(|b| b.split('/').next() == Some(*page));
    let mut all: Vec<String> = SHORT.iter().filter(|page| exists(page)).map(|page| format!("/{page}")).collect();
    // `/m/{acct}/{mode}` with the portal's own names, unless the portal has a page there.
    let home = pages.iter().find_map(|path| path.strip_suffix("/dashboard")).map(str::to_owned);
    all.extend(home.filter(|home| !pages.contains(home)));
    all
}

/// `/` and the short addresses.
pub fn routes() -> Router<AppState> {
    short_paths().iter().fold(Router::new().route("/", get(home)), |router, path| {
        let handler = if path.starts_with("/m/") { get(mode_home) } else { get(short) };
        router.route(path, handler)
    })
}

/// `/`: the login, the operator's pages, or the dashboard.
async fn home(state: State<AppState>, info: Extension<RequestInfo>) -> Response {
    lead(state, info, "dashboard", "").await
}

/// `/payments?status=…` and so on.
async fn short(state: State<AppState>, info: Extension<RequestInfo>, OriginalUri(uri): OriginalUri) -> Response {
    let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
    let page = uri.path().trim_matches('/');
    // A group of pages leads to its first.
    let pages = app::server::paths();
    let first = pages.iter().filter_map(|path| below(path)).find(|b| *b == page || b.starts_with(&format!("{page}/")));
    lead(state, info, first.unwrap_or(page), &query).await
}

/// `/m/{acct}/{mode}` alone.
async fn mode_home(OriginalUri(uri): OriginalUri) -> Response {
    see_other(&format!("{}/dashboard", uri.path().trim_end_matches('/')))
}

async fn lead(
    State(state): State<AppState>,
    Extension(info): Extension<RequestInfo>,
    page: &str,
    query: &str,
) -> Response {
    let Some(user) = &info.user else {
        let next = if page == "dashboard" { String::new() } else { format!("?next=/{page}") };
        return see_other(&format!("/login{next}"));
    };
    match services::accounts::viewer(&state.services, user).await {
        Ok(viewer) if viewer.staff_role.is_some() => see_other("/admin"),
        Ok(viewer) => match last(&viewer) {
            Some((merchant, mode)) => see_other(&format!("/m/{merchant}/{}/{page}{query}", mode.as_str())),
            None => html(app::hosted::auth::nowhere(&info)),
        },
        Err(error) => respond_to(&state, &info, error.into_problem()),
    }
}

/// The merchant and mode used last, while the person still belongs there; else the first one in test mode.
#[must_use]
pub fn last(viewer: &Viewer) -> Option<(MerchantId, Mode)> {
    let belongs = |id: &MerchantId| viewer.merchants.iter().any(|m| m.merchant_id == *id);
    let used = viewer.last.clone().filter(|(id, _)| belongs(id));
    used.or_else(|| viewer.merchants.first().map(|m| (m.merchant_id.clone(), Mode::Test)))
}
