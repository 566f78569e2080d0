//! The list of routes, for the test that every one of them is visited.

/// Method and pattern of every page and form. Server functions are left out: pages call them.
#[must_use]
pub fn all() -> Vec<(&'static str, String)> {
    let mut all: Vec<(&str, String)> = FORMS.iter().map(|(method, path)| (*method, (*path).to_owned())).collect();
    all.extend(app::server::paths().into_iter().map(|path| ("GET", path)));
    all.extend(crate::redirects::short_paths().into_iter().map(|path| ("GET", path)));
    all.sort_by(|a, b| (&a.1, a.0).cmp(&(&b.1, b.0)));
    all.dedup();
    all
}

/// What axum answers beside the portal. `tests/it/routes.rs` finds what is missing here.
pub const FORMS: &[(&str, &str)] = &[
    ("GET", "/"),
    ("GET", "/healthz"),
    ("GET", "/readyz"),
    ("GET", "/signup"),
    ("POST", "/signup"),
    ("GET", "/check-mail"),
    ("GET", "/login"),
    ("POST", "/login"),
    ("POST", "/logout"),
    ("GET", "/verify"),
    ("POST", "/verify"),
    ("GET", "/reset"),
    ("POST", "/reset"),
    ("GET", "/reset/{token}"),
    ("POST", "/reset/{token}"),
    ("GET", "/invitations/{token}"),
    ("POST", "/invitations/{token}"),
    ("GET", "/first-admin/{token}"),
    ("POST", "/first-admin/{token}"),
    ("POST", "/preferences"),
    ("GET", "/onboarding"),
    ("POST", "/onboarding/business"),
    ("POST", "/onboarding/activity"),
    ("POST", "/onboarding/owners"),
    ("POST", "/onboarding/bank"),
    ("POST", "/onboarding/documents/upload"),
    ("POST", "/onboarding/documents/remove"),
    ("POST", "/onboarding/answer"),
    ("POST", "/onboarding/submit"),
    ("POST", "/bank-transfers/statements"),
    ("POST", "/settings/logo"),
    ("GET", "/files/{merchant}/{file}"),
    ("GET", "/logo/{merchant}/{version}"),
    ("GET", "/c/{token}"),
    ("POST", "/c/{token}"),
    ("GET", "/c/{token}/return"),
    ("GET", "/pay/{link}"),
    ("POST", "/pay/{link}"),
    ("GET", "/challenge/{token}"),
    ("POST", "/challenge/{token}"),
    ("GET", "/r/{token}"),
    ("POST", "/r/{token}/forget"),
];
