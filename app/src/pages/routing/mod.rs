//! Routing: the merchant's rules, a payment played through them, last month by them, and how they came to be.

mod conditions;
mod controls;
mod draft;
mod editor;
mod replay;
mod simulator;
mod targets;
mod versions;

use crate::api::routing::{LoadRouting, RevertRouting, SaveRouting};
use crate::components::form::FormCx;
use crate::components::toast::use_toasts;
use crate::components::{Loaded, PageHead, action_problem, load};
use crate::i18n::{k, t, tf, use_locale};
use crate::pages::use_scope;
use crate::wire::Act;
use domain::views::routing::RoutingView;
use domain::{ConnectionId, Scope};
use draft::Draft;
use leptos::prelude::*;

/// The routing page.
#[component]
pub fn Routing() -> impl IntoView {
    let scope = use_scope();
    let asked = scope.clone();
    let data: Loaded<RoutingView> = Loaded::new(move || LoadRouting { scope: asked.clone() });
    let (save, revert) = (Act::<SaveRouting>::new(), Act::<RevertRouting>::new());
    let (toasts, locale) = (use_toasts(), use_locale());
    let saved = move |version: Option<i64>| {
        if let Some(version) = version {
            toasts.show(tf(locale, k::ROUTING_SAVED, &[("version", &version)]));
            data.refetch();
        }
    };
    Effect::new(move |_| saved(save.output()));
    Effect::new(move |_| saved(revert.output()));
    let problem = FormCx::of(revert).problem();
    view! {
        <PageHead title=k::ROUTING_TITLE note=k::ROUTING_NOTE/>
        {move || action_problem(problem.get())}
        {load(data, move |view| content(&scope, &view, save, revert))}
    }
}

fn content(scope: &Scope, view: &RoutingView, save: Act<SaveRouting>, revert: Act<RevertRouting>) -> AnyView {
    let draft = Draft::new(view.form.clone(), view.connections.clone(), view.may_manage);
    view! {
        <div class="stack gap-6">
            {editor::editor(scope, view, draft, save)}
            {simulator::simulator(scope, draft)}
            {replay::replay(scope, draft)}
            {versions::versions(scope, view, revert)}
        </div>
    }
    .into_any()
}

/// A connection's name, as the merchant knows it.
fn name_of(draft: Draft, id: &ConnectionId) -> AnyView {
    let name = draft.connections.with_value(|all| all.iter().find(|c| c.id == *id).map(|c| c.name.clone()));
    match name {
        Some(name) => view! { <bdi>{name}</bdi> }.into_any(),
        None => view! { <span class="muted">{t(use_locale(), k::ROUTING_ARCHIVED)}</span> }.into_any(),
    }
}
