//! The maintenance window of a connection.

use crate::api::gateways::{MaintainNow, MaintenanceAct, SaveMaintenance};
use crate::components::badge::{INFO, OPEN, badge};
use crate::components::form::{ActionForm, Field, FormCx, hidden, submit};
use crate::components::success::on_success;
use crate::components::time::{now, use_zone};
use crate::components::toast::use_toasts;
use crate::components::{Loaded, action_problem};
use crate::i18n::{code_text, k, t, tf, use_locale, when_in};
use crate::pages::scope_fields;
use crate::wire::Act;
use domain::views::health::HealthView;
use domain::{Scope, Timestamp};
use leptos::prelude::*;

/// What can be done about a window.
#[derive(Clone, Copy)]
pub struct MaintenanceActs {
    save: Act<SaveMaintenance>,
    now: Act<MaintainNow>,
    /// Whether the last of `now` took the window away.
    ended: RwSignal<bool>,
}

impl MaintenanceActs {
    /// Nothing done yet; afterwards the page loads again.
    pub fn new(data: Loaded<HealthView>) -> Self {
        let acts = Self { save: Act::new(), now: Act::new(), ended: RwSignal::new(false) };
        let (locale, toasts) = (use_locale(), use_toasts());
        on_success(acts.save, move || {
            toasts.show(t(locale, k::MAINTENANCE_SAVED));
            data.refetch();
        });
        on_success(acts.now, move || {
            let ended = acts.ended.get_untracked();
            toasts.show(t(locale, if ended { k::MAINTENANCE_REMOVED } else { k::MAINTENANCE_SAVED }));
            data.refetch();
        });
        acts
    }
}

/// The window, and the form that sets one.
pub fn maintenance(scope: &Scope, view: &HealthView, acts: MaintenanceActs) -> AnyView {
    let locale = use_locale();
    let problem = FormCx::of(acts.now).problem();
    let form = view.may_manage.then(|| form(scope, view, acts));
    view! {
        <section class="card" aria-labelledby="maintenance-title">
            <header class="card-head"><h2 id="maintenance-title">{t(locale, k::MAINTENANCE_TITLE)}</h2></header>
            <div class="card-body stack">
                <p class="muted">{t(locale, k::MAINTENANCE_NOTE)}</p>
                {move || action_problem(problem.get())}
                {window(view)}
                {operators(view)}
                {form}
            </div>
        </section>
    }
    .into_any()
}

fn window(view: &HealthView) -> AnyView {
    let locale = use_locale();
    let Some((from, until)) = view.maintenance else {
        return view! { <p>{t(locale, k::MAINTENANCE_NONE)}</p> }.into_any();
    };
    let state = if from <= now() {
        badge(INFO, t(locale, k::MAINTENANCE_RUNNING))
    } else {
        badge(OPEN, t(locale, k::MAINTENANCE_PLANNED))
    };
    view! { <p class="cluster">{state} {span(from, until)}</p> }.into_any()
}

/// What the operator has planned for the provider.
fn operators(view: &HealthView) -> Option<AnyView> {
    let (locale, (from, until)) = (use_locale(), view.operator_maintenance?);
    let provider = code_text(locale, "gateway.provider.", &view.provider);
    let text = tf(locale, k::OUTAGES_BY_OPERATOR, &[("provider", &provider), ("span", &span(from, until))]);
    Some(view! { <p class="banner banner-info" role="status">{text}</p> }.into_any())
}

fn span(from: Timestamp, until: Timestamp) -> String {
    let (locale, zone) = (use_locale(), use_zone());
    let (from, until) = (when_in(locale, &zone, from), when_in(locale, &zone, until));
    tf(locale, k::MAINTENANCE_SPAN, &[("from", &from), ("until", &until)])
}

/// A moment on the merchant's clocks, as a field takes it.
fn typed(at: Timestamp) -> String {
    let text = use_zone().clock(at).rfc3339();
    text.get(..16).unwrap_or_default().to_owned()
}

fn form(scope: &Scope, view: &HealthView, acts: MaintenanceActs) -> AnyView {
    let locale = use_locale();
    let cx = FormCx::of(acts.save);
    let value = |of: fn((Timestamp, Timestamp)) -> Timestamp| view.maintenance.map(of).map(typed).unwrap_or_default();
    let clocks = tf(locale, k::MAINTENANCE_CLOCKS, &[("zone", &view.timezone.replace('_', " "))]);
    let field = |name: &'static str, label, value: String| {
        Field::new(name, t(locale, label)).kind("datetime-local").value(value).help(clocks.clone()).view(&cx)
    };
    let fields = view! {
        {field("from", k::MAINTENANCE_FROM, value(|(from, _)| from))}
        {field("until", k::MAINTENANCE_UNTIL, value(|(_, until)| until))}
    };
    let pending = acts.now.pending();
    let button = |act: MaintenanceAct, label| {
        let (scope, id) = (scope.clone(), view.connection.clone());
        let press = move |_| {
            acts.ended.set(act == MaintenanceAct::End);
            acts.now.dispatch(MaintainNow { scope: scope.clone(), id: id.clone(), act });
        };
        view! {
            <button type="button" class="btn" disabled=move || pending.get() on:click=press>{t(locale, label)}</button>
        }
    };
    let remove = view.maintenance.is_some().then(|| button(MaintenanceAct::End, k::MAINTENANCE_REMOVE));
    let inside = view! {
        <div class="form">
            {cx.summary()}
            {scope_fields(scope)}
            {hidden("id", view.connection.as_str())}
            {fields}
            <div class="form-actions">
                {submit(acts.save.pending(), "btn-primary", t(locale, k::MAINTENANCE_SAVE))}
                {button(MaintenanceAct::Hour, k::MAINTENANCE_NOW)}
                {remove}
            </div>
        </div>
    };
    let inside = inside.into_any();
    view! { <ActionForm action=acts.save>{inside}</ActionForm> }.into_any()
}
