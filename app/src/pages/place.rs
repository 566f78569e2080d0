//! Where a page is: the merchant and the mode of its path.

use crate::components::{Loaded, form::hidden};
use domain::views::account::Viewer;
use domain::{Permission, Scope};
use leptos::prelude::*;
use leptos_router::params::ParamsMap;

/// The merchant and mode of the path, when it has them.
pub(super) fn scope_of(params: &ParamsMap) -> Option<Scope> {
    let merchant = params.get("acct")?.parse().ok()?;
    let mode = params.get("mode")?.parse().ok()?;
    Some(Scope { merchant, mode })
}

/// The merchant and mode that this page is about. They never change while a document lives: their switches load it anew.
///
/// # Panics
/// Outside of [`super::MerchantFrame`], which provides it.
#[must_use]
pub fn use_scope() -> Scope {
    expect_context()
}

/// Who looks.
///
/// # Panics
/// Outside of [`super::MerchantFrame`], which provides it.
#[must_use]
pub fn use_viewer() -> Loaded<Viewer> {
    expect_context()
}

/// Whether the person who looks has a right at this merchant. For what is shown; services decide.
#[must_use]
pub fn may(viewer: &Viewer, scope: &Scope, permission: Permission) -> bool {
    viewer.merchants.iter().any(|m| m.merchant_id == scope.merchant && m.role.may(permission))
}

/// The address of a page below the merchant and mode.
#[must_use]
pub fn page_href(scope: &Scope, page: &str) -> String {
    format!("/m/{}/{}/{page}", scope.merchant, scope.mode.as_str())
}

/// The hidden fields that tell a server function's form where it acts.
pub fn scope_fields(scope: &Scope) -> AnyView {
    view! {
        {hidden("scope[merchant]", scope.merchant.as_str())}
        {hidden("scope[mode]", scope.mode.as_str())}
    }
    .into_any()
}
