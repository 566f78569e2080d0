//! The list of gateway connections.

use super::card::{capability_fact, currencies_fact, event_facts, links, maintenance_badge};
use crate::api::gateways::{ActOnConnection, ConnectionAct, LoadGateways, TestConnection};
use crate::components::badge::connection_badge;
use crate::components::confirm::{Question, confirm};
use crate::components::form::FormCx;
use crate::components::icon::icon_of;
use crate::components::time::moment_alone;
use crate::components::{Loaded, PageHead, action_problem, empty, icon, load};
use crate::i18n::{Key, code_text, k, t, tf, use_locale};
use crate::pages::{page_href, use_scope};
use crate::wire::Act;
use domain::states::ConnectionStatus;
use domain::views::gateway::{Connection, GatewaysView, ProviderCurrencies};
use domain::{ConnectionId, Scope};
use leptos::prelude::*;

/// What the buttons of the list do.
#[derive(Clone, Copy)]
struct Acts {
    test: Act<TestConnection>,
    /// The connection that is being tested.
    tested: RwSignal<Option<ConnectionId>>,
    act: Act<ActOnConnection>,
    /// The connection that the archive dialog asks about.
    archive: RwSignal<Option<(ConnectionId, String)>>,
    open: RwSignal<bool>,
}

/// The connections of this merchant and mode.
#[component]
pub fn Gateways() -> impl IntoView {
    let scope = use_scope();
    let asked = scope.clone();
    let data: Loaded<GatewaysView> = Loaded::new(move || LoadGateways { scope: asked.clone() });
    let acts = Acts {
        test: Act::new(),
        tested: RwSignal::new(None),
        act: Act::new(),
        archive: RwSignal::new(None),
        open: RwSignal::new(false),
    };
    Effect::new(move |_| {
        let done = acts.act.core().succeeded();
        let tested = acts.test.core().succeeded();
        if done || tested {
            acts.open.set(false);
            data.refetch();
        }
    });
    let problems = [FormCx::of(acts.act).problem(), FormCx::of(acts.test).problem()];
    let dialog_scope = scope.clone();
    let add = add_button(&scope, data);
    view! {
        <PageHead title=k::GATEWAYS_TITLE note=k::GATEWAYS_NOTE>{add}</PageHead>
        {problems.map(|problem| move || action_problem(problem.get())).into_iter().collect::<Vec<_>>()}
        {load(data, move |view| content(&scope, view, acts))}
        {archive_dialog(dialog_scope, acts)}
    }
}

fn add_button(scope: &Scope, data: Loaded<GatewaysView>) -> AnyView {
    let href = page_href(scope, "gateways/new");
    crate::components::quiet(data, move |view| {
        let href = href.clone();
        (view.may_manage && !view.providers.is_empty())
            .then(
                || view! { <a class="btn btn-primary" href=href>{icon("plus")} {t(use_locale(), k::GATEWAYS_ADD)}</a> },
            )
            .into_any()
    })
}

fn content(scope: &Scope, view: GatewaysView, acts: Acts) -> AnyView {
    let locale = use_locale();
    let may = view.may_manage;
    if view.connections.is_empty() {
        let can_add = may && !view.providers.is_empty();
        let action = can_add.then(|| {
            view! { <a class="btn btn-primary" href=page_href(scope, "gateways/new")>{t(locale, k::GATEWAYS_ADD)}</a> }
        });
        let text = match (view.providers.is_empty(), may) {
            (true, _) => k::GATEWAYS_NO_PROVIDER_TEXT,
            (false, true) => k::GATEWAYS_NONE_TEXT,
            (false, false) => k::GATEWAYS_NONE_ASK_TEXT,
        };
        return empty("gateway", t(locale, k::GATEWAYS_NONE), t(locale, text), action.into_any());
    }
    let providers = view.providers;
    let cards: Vec<_> = view
        .connections
        .into_iter()
        .map(|c| {
            let capabilities = providers.iter().find(|p| p.key == c.provider).map(|p| p.capabilities.as_slice());
            let counted = view.currencies.iter().find(|of| of.provider == c.provider);
            card(scope, c, capabilities.unwrap_or_default(), counted, may, acts)
        })
        .collect();
    view! { <div class="stack">{cards}</div> }.into_any()
}

fn card(
    scope: &Scope,
    connection: Connection,
    capabilities: &[String],
    counted: Option<&ProviderCurrencies>,
    may: bool,
    acts: Acts,
) -> AnyView {
    let locale = use_locale();
    let methods: Vec<_> = connection.methods.iter().map(|m| code_text(locale, "gateway.method.", m)).collect();
    let provider = code_text(locale, "gateway.provider.", &connection.provider);
    let fact = |label: Key, value: AnyView| view! { <div><dt>{t(locale, label)}</dt><dd>{value}</dd></div> };
    let usable = connection.status != ConnectionStatus::Archived;
    let buttons = (may && usable).then(|| buttons(scope, &connection, acts));
    view! {
        <section class="card" aria-label=connection.name.clone()>
            <header class="card-head">
                <h2 class="row"><bdi>{connection.name.clone()}</bdi> {connection_badge(connection.status)}</h2>
                {maintenance_badge(&connection)}
            </header>
            <div class="card-body">
                <dl class="kv">
                    {fact(k::GATEWAYS_PROVIDER, provider.into_any())}
                    {fact(k::GATEWAYS_METHODS, methods.join(", ").into_any())}
                    {currencies_fact(&connection, counted)}
                    {fact(k::GATEWAYS_PRIORITY, connection.priority.to_string().into_any())}
                    {fact(k::GATEWAYS_LAST_TEST, last_test(&connection))}
                    {calls_paused(&connection).map(|paused| fact(k::GATEWAYS_CALLS, paused))}
                    {event_facts(&connection)}
                    {capability_fact(capabilities)}
                </dl>
            </div>
            <footer class="card-foot cluster">{buttons} {links(scope, &connection)}</footer>
        </section>
    }
    .into_any()
}

/// What the gateway answered last, in words.
fn last_test(connection: &Connection) -> AnyView {
    let locale = use_locale();
    let (Some(at), Some(code)) = (connection.last_test_at, connection.last_test_code.as_deref()) else {
        return t(locale, k::GATEWAYS_NEVER_TESTED).into_any();
    };
    let (class, name) =
        if code == "ok" { ("badge badge-success", "check-circle") } else { ("badge badge-danger", "x-circle") };
    let word = t(locale, if code == "ok" { k::GATEWAYS_TEST_OK } else { k::GATEWAYS_TEST_FAILED });
    view! {
        <span class=class>{icon_of(name, "icon-sm")} {word}</span>
        " "
        {moment_alone(at)}
        <span class="sub">{code_text(locale, "gateway.test.", code)}</span>
    }
    .into_any()
}

/// Since when and why calls are refused, while they are.
fn calls_paused(connection: &Connection) -> Option<AnyView> {
    let locale = use_locale();
    let (since, why) = (connection.calls_paused_since?, connection.calls_paused_why.as_deref()?);
    let paused = view! {
        <span class="badge badge-warning">{icon_of("clock", "icon-sm")} {t(locale, k::GATEWAYS_CALLS_PAUSED)}</span>
        " "
        {moment_alone(since)}
        <span class="sub">{code_text(locale, "gateways.paused.", why)}</span>
    };
    Some(paused.into_any())
}

fn buttons(scope: &Scope, connection: &Connection, acts: Acts) -> AnyView {
    let locale = use_locale();
    let (id, scope) = (connection.id.clone(), scope.clone());
    let edit = page_href(&scope, &format!("gateways/{id}"));
    let (label, act) = match connection.status {
        ConnectionStatus::Paused => (k::GATEWAYS_RESUME, ConnectionAct::Resume),
        _ => (k::GATEWAYS_PAUSE, ConnectionAct::Pause),
    };
    let testing = {
        let id = id.clone();
        move || acts.test.pending().get() && acts.tested.with(|tested| tested.as_ref() == Some(&id))
    };
    let test = {
        let (scope, id) = (scope.clone(), id.clone());
        move |_| {
            acts.tested.set(Some(id.clone()));
            acts.test.dispatch(TestConnection { scope: scope.clone(), id: id.clone() });
        }
    };
    let toggle = {
        let (scope, id) = (scope.clone(), id.clone());
        move |_| acts.act.dispatch(ActOnConnection { scope: scope.clone(), id: id.clone(), act })
    };
    let name = connection.name.clone();
    let archive = move |_| {
        acts.archive.set(Some((id.clone(), name.clone())));
        acts.open.set(true);
    };
    let (busy, idle) = (t(locale, k::GATEWAYS_TESTING), t(locale, k::GATEWAYS_TEST));
    let (busy_now, disabled) = (testing.clone(), testing.clone());
    view! {
        <button
            type="button"
            class="btn btn-sm"
            aria-busy=move || busy_now().then_some("true")
            disabled=disabled
            on:click=test
        >
            {move || if testing() { busy } else { idle }}
        </button>
        <a class="btn btn-sm" href=edit>{t(locale, k::GATEWAYS_EDIT)}</a>
        <button type="button" class="btn btn-sm" disabled=move || acts.act.pending().get() on:click=toggle>
            {t(locale, label)}
        </button>
        <button type="button" class="btn btn-sm btn-danger-quiet" on:click=archive>{t(locale, k::GATEWAYS_ARCHIVE)}</button>
    }
    .into_any()
}

fn archive_dialog(scope: Scope, acts: Acts) -> AnyView {
    let locale = use_locale();
    // Made anew for each connection, so that the dialog names it.
    (move || {
        let (id, name) = acts.archive.get()?;
        let question = Question {
            id: "archive-title",
            title: tf(locale, k::GATEWAYS_ARCHIVE_TITLE, &[("name", &name)]),
            text: t(locale, k::GATEWAYS_ARCHIVE_TEXT).to_owned(),
            label: t(locale, k::GATEWAYS_ARCHIVE).to_owned(),
        };
        let scope = scope.clone();
        Some(confirm(question, acts.open, acts.act.pending(), move || {
            acts.act.dispatch(ActOnConnection { scope: scope.clone(), id: id.clone(), act: ConnectionAct::Archive });
        }))
    })
    .into_any()
}
