//! No form, and no field of one, without a row in a table.

use super::html::{Document, Form};
use super::world::World;
use super::{Case, Row, Takes, filters, tables};
use std::collections::BTreeSet;
use test_support::for_each_engine;

/// What every page of the portal has, and pages that show no form.
const NOT_PAGES: [&str; 4] = ["/healthz", "/readyz", "/files/{merchant}/{file}", "/logo/{merchant}/{version}"];

/// Server functions that are called with what a page knows, not with what was typed.
const WITHOUT_FORM: &[&str] = &[
    "/api/gateways/view",
    "/api/gateways/act",
    "/api/gateways/test",
    "/api/bank/head",
    "/api/bank/waiting",
    "/api/bank/statement",
    "/api/bank/doubtful",
    "/api/bank/aside",
    "/api/bank/bring-back",
    "/api/bank/mark-returned",
    "/api/gateways/events/",
    "/api/gateways/health",
    "/api/gateways/maintenance/now",
    "/api/routing/",
    "/api/payment-links/list",
    "/api/payment-links/get",
    "/api/payment-links/set-active",
    "/api/checkout-sessions/list",
    "/api/checkout-sessions/get",
    "/api/checkout-sessions/currency",
    "/api/checkout-sessions/expire",
    "/api/customers/list",
    "/api/customers/get",
    "/api/customers/detach",
    "/api/payments/list",
    "/api/payments/detail",
    "/api/payments/void",
    "/api/refunds/list",
    "/api/review/list",
    "/api/review/ask",
    "/api/portal/",
    "/api/dashboard",
    "/api/settings/load_",
    "/api/settings/audit_log",
    "/api/settings/my_sessions",
    "/api/admin/admin_viewer",
    "/api/admin/load_admin_home",
    "/api/admin/admin_gateways",
    "/api/admin/admin_end_maintenance",
    "/api/admin/admin_queue",
    "/api/admin/admin_review",
    "/api/admin/admin_merchants",
    "/api/admin/admin_staff",
    "/api/admin/admin_mail",
    "/api/admin/admin_jobs",
    "/api/admin/admin_retry_job",
    "/api/admin/admin_retry_kind",
];

fn cases(world: &World) -> Vec<Case> {
    let mut all = tables::visitors(world);
    all.extend(tables::application(world));
    all.extend(tables::customers(world));
    all.extend(tables::portal(world));
    all.extend(tables::operator(world));
    all.extend(tables::apart(world));
    all
}

/// The address of a page of a route.
fn address(world: &World, route: &str) -> String {
    let m = world.merchant.to_string();
    let known = [
        ("/m/{acct}/{mode}/payments/{id}", &world.payment),
        ("/m/{acct}/{mode}/customers/{id}", &world.customer),
        ("/m/{acct}/{mode}/gateways/{id}", &world.connection),
        ("/m/{acct}/{mode}/bank-transfers/{id}", &world.statement),
        ("/m/{acct}/{mode}/gateways/{id}/health", &world.connection),
        ("/m/{acct}/{mode}/gateways/{id}/events", &world.connection),
        ("/m/{acct}/{mode}/payment-links/{id}", &world.link),
        ("/m/{acct}/{mode}/checkout-sessions/{id}", &world.session),
        ("/admin/mail/{id}", &world.mail),
    ];
    if let Some((_, id)) = known.iter().find(|(known, _)| *known == route) {
        return route.replace("{acct}", &m).replace("{mode}", "test").replace("{id}", id);
    }
    let whole = match route {
        "/verify" => "/verify?token=abc".to_owned(),
        "/reset/{token}" => world.reset.clone(),
        "/invitations/{token}" => world.invitation.clone(),
        "/first-admin/{token}" => world.first_admin.clone(),
        "/pay/{link}" => world.pay.clone(),
        "/c/{token}" => world.checkout.clone(),
        "/c/{token}/go" => format!("{}/go", world.checkout),
        "/c/{token}/return" => format!("{}/return", world.checkout),
        "/challenge/{token}" => world.challenge.clone(),
        "/r/{token}" => world.receipt.clone(),
        "/admin/applications/{merchant}" => format!("/admin/applications/{}", world.waiting[0]),
        other => other.replace("{acct}", &m).replace("{mode}", "test"),
    };
    assert!(!whole.contains('{'), "a page of {route} is not known: forms on it would go untested");
    whole
}

/// Every page: one for each route, and those that a route shows in several ways.
fn pages(world: &World, cases: &[Case]) -> BTreeSet<String> {
    let routes = paydeck::routes::all();
    let mut pages: BTreeSet<String> = routes
        .iter()
        .filter(|(method, route)| *method == "GET" && !NOT_PAGES.contains(&route.as_str()))
        .map(|(_, route)| address(world, route))
        .collect();
    pages.extend(cases.iter().map(|case| case.page.clone()));
    pages.insert(format!("/admin/applications/{}", world.waiting[1]));
    pages
}

for_each_engine!(every_field_of_every_form_has_a_row, |db| async {
    let mut world = World::before_the_first_admin(db).await;
    let first = world.first_admin.clone();
    let first_admin = world.browser_at(&first).get(&first).await.expect(200);
    world.has_an_operator().await;
    // Somebody to reinstate, and a document to remove.
    world.suspend(&world.waiting[1]).await;
    let texts = [("purpose", "bank")];
    let mut owner = world.browser_at("/m/");
    owner.upload("/onboarding/documents/upload", &texts, "a.pdf", crate::onboarding::PDF).await.expect(303);
    let cases = cases(&world);
    let (mut unknown, mut seen) = (Vec::new(), BTreeSet::new());
    // Who is logged in as somebody else is offered to log out first.
    let other = world.browser_at("/m/").get(&world.invitation).await.expect(200);
    for form in Document::of(&other.body).forms() {
        look(&world, &cases, "the invitation of somebody else", &form, &mut unknown, &mut seen);
    }
    for path in pages(&world, &cases) {
        let page = world.browser_at(&path).get(&path).await;
        if page.status.as_u16() == 303 {
            continue;
        }
        let page = if path == first { &first_admin } else { &page.expect(200) };
        for form in Document::of(&page.body).forms() {
            look(&world, &cases, &path, &form, &mut unknown, &mut seen);
        }
    }
    assert!(unknown.is_empty(), "fields without a row in tests/it/forms/tables.rs: {unknown:#?}");
    for case in &cases {
        let unseen = |row: &&Row| !row.later && !seen.contains(&(case.what, case.posted(row)));
        let gone: Vec<&str> = case.rows.iter().filter(unseen).map(|row| row.name).collect();
        assert!(gone.is_empty(), "{}: rows of fields that no page has: {gone:?}", case.what);
    }
});

/// Notes what a form has and no row speaks of, and which rows it fits.
fn look(
    world: &World,
    cases: &[Case],
    path: &str,
    form: &Form,
    unknown: &mut Vec<String>,
    seen: &mut BTreeSet<(&'static str, String)>,
) {
    if form.method == "get" {
        let known = filters::known(world, &form.action);
        unknown.extend(
            form.controls.iter().filter(|c| !known.contains(&c.name.as_str())).map(|c| format!("{path}: {}", c.name)),
        );
        return;
    }
    let fits = |case: &&Case| {
        let same = if case.action.is_empty() { form.action.is_empty() && case.page == path } else { true };
        same && case.is_of(form) || (case.holding.is_some() && form.action.starts_with(&case.action))
    };
    let fitting: Vec<&Case> = cases.iter().filter(fits).collect();
    for control in &form.controls {
        let mut spoken_of = false;
        for case in &fitting {
            if let Some(row) = case.rows.iter().find(|row| case.posted(row) == control.name) {
                spoken_of = true;
                seen.insert((case.what, case.posted(row)));
                let free = row.takes != Takes::Ignored && matches!(control.kind.as_str(), "text" | "textarea");
                assert!(!free || row.name.is_empty() || !row.later, "{path}: {} is there from the start", row.name);
            }
        }
        if !spoken_of {
            unknown.push(format!("{path}: {} of {:?}", control.name, form.action));
        }
    }
    if fitting.is_empty() {
        unknown.push(format!("{path}: the form {:?}", form.action));
    }
}

for_each_engine!(every_server_function_is_a_form_of_a_table_or_takes_nothing_typed, |db| async {
    let world = World::on(db).await;
    let cases = cases(&world);
    let known = |path: &String| {
        WITHOUT_FORM.iter().any(|known| path.starts_with(known))
            || cases.iter().any(|case| case.action.len() > 5 && path.starts_with(&case.action))
    };
    let unknown: Vec<String> = app::server::api_paths().into_iter().filter(|path| !known(path)).collect();
    assert!(unknown.is_empty(), "{unknown:#?}");
    // And every form that is posted to a page of its own.
    let posts = paydeck::routes::all().into_iter().filter(|(method, _)| *method == "POST").map(|(_, path)| path);
    let plain = |path: &str| path.split("/{").next().unwrap_or_default().to_owned();
    let known = |path: &String| {
        let begin = plain(path);
        cases
            .iter()
            .any(|case| case.action.starts_with(&begin) || case.action.is_empty() && case.page.starts_with(&begin))
    };
    let unknown: Vec<String> = posts.filter(|path| !known(path)).collect();
    assert!(unknown.is_empty(), "{unknown:#?}");
});
