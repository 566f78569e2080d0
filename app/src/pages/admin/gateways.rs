//! The gateways of the whole installation: how they answer, whose failed, and maintenance that the operator plans.

use crate::api::admin::{AdminEndMaintenance, AdminGateways, AdminPlanMaintenance};
use crate::components::badge::{INFO, OPEN, SUCCESS, WARNING, badge};
use crate::components::form::{ActionForm, hidden, submit};
use crate::components::success::{Notice, successes};
use crate::components::time::now;
use crate::components::{Choice, Field, FormCx, PageHead, action_problem, load, moment};
use crate::i18n::{Key, code_text, k, number, permille, t, tf, use_locale};
use crate::wire::{Act, Loaded};
use domain::Timestamp;
use domain::views::admin::{ConnectionAlert, GatewaysOverview, PlannedWindow, ProviderHealth};
use leptos::prelude::*;

/// What the buttons do.
#[derive(Clone, Copy)]
struct Acts {
    plan: Act<AdminPlanMaintenance>,
    end: Act<AdminEndMaintenance>,
}

/// Every provider.
#[component]
pub fn GatewaysPage() -> impl IntoView {
    let locale = use_locale();
    let acts = Acts { plan: Act::new(), end: Act::new() };
    let data: Loaded<GatewaysOverview> =
        Loaded::new(|| AdminGateways {}).after([successes(acts.plan), successes(acts.end)]);
    let notice = Notice::new(None);
    notice.after(acts.plan, t(locale, k::MAINTENANCE_SAVED));
    notice.after(acts.end, t(locale, k::MAINTENANCE_REMOVED));
    let problem = FormCx::of(acts.end).problem();
    view! {
        <PageHead title=k::OUTAGES_TITLE note=k::OUTAGES_NOTE/>
        {notice.view()}
        {move || action_problem(problem.get())}
        {load(data, move |view| content(view, acts))}
    }
    .into_any()
}

fn content(view: GatewaysOverview, acts: Acts) -> AnyView {
    let form = view.may_act.then(|| form(&view.known, acts.plan));
    let windows = windows(view.windows, view.may_act, acts);
    view! {
        <div class="stack gap-6">
            {card(k::OUTAGES_HEALTH, health(view.providers))}
            {card(k::OUTAGES_ALERTS, alerts(view.alerts))}
            {card(k::OUTAGES_WINDOWS, view! { <p class="muted">{t(use_locale(), k::OUTAGES_WINDOWS_NOTE)}</p> {windows} {form} }.into_any())}
        </div>
    }
    .into_any()
}

fn card(title: Key, inside: AnyView) -> AnyView {
    let title = t(use_locale(), title);
    view! {
        <section class="card">
            <header class="card-head"><h2>{title}</h2></header>
            <div class="card-body stack">{inside}</div>
        </section>
    }
    .into_any()
}

fn table(title: Key, heads: Vec<(Key, bool)>, rows: Vec<AnyView>) -> AnyView {
    let locale = use_locale();
    let heads: Vec<_> = heads
        .into_iter()
        .map(|(key, num)| view! { <th scope="col" class=num.then_some("num")>{t(locale, key)}</th> })
        .collect();
    view! {
        <div class="table-wrap" role="region" aria-label=t(locale, title) tabindex="0">
            <table class="table"><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>
        </div>
    }
    .into_any()
}

fn provider(key: &str, livemode: bool) -> AnyView {
    let locale = use_locale();
    let mode = t(locale, if livemode { k::JOBS_LIVE } else { k::JOBS_TEST });
    view! { {code_text(locale, "gateway.provider.", key)} <span class="sub">{mode}</span> }.into_any()
}

fn health(providers: Vec<ProviderHealth>) -> AnyView {
    let locale = use_locale();
    if providers.is_empty() {
        return view! { <p>{t(locale, k::OUTAGES_HEALTH_NONE)}</p> }.into_any();
    }
    let cell = |(calls, answered): (i64, Option<i64>)| {
        let rate = answered.map_or_else(|| t(locale, k::DASHBOARD_NO_RATE).to_owned(), |rate| permille(locale, rate));
        let calls = tf(locale, k::OUTAGES_CALLS, &[("calls", &number(locale, calls))]);
        view! { <td class="num">{rate}<span class="sub">{calls}</span></td> }.into_any()
    };
    let row = |health: ProviderHealth| {
        let cells: Vec<_> = health.windows.into_iter().map(cell).collect();
        view! { <tr><th scope="row">{provider(&health.provider, health.livemode)}</th>{cells}</tr> }.into_any()
    };
    let heads = vec![
        (k::GATEWAYS_PROVIDER, false),
        (k::HEALTH_WINDOW_MINUTES, true),
        (k::HEALTH_WINDOW_HOUR, true),
        (k::HEALTH_WINDOW_DAY, true),
    ];
    table(k::OUTAGES_HEALTH, heads, providers.into_iter().map(row).collect())
}

fn alerts(alerts: Vec<ConnectionAlert>) -> AnyView {
    let locale = use_locale();
    if alerts.is_empty() {
        return view! { <p>{t(locale, k::OUTAGES_ALERTS_NONE)}</p> }.into_any();
    }
    let row = |alert: ConnectionAlert| {
        let (id, name) = alert.merchant;
        let state = match alert.ended_at {
            None => badge(WARNING, t(locale, k::OUTAGES_FAILING)),
            Some(_) => badge(SUCCESS, t(locale, k::OUTAGES_OVER)),
        };
        let (calls, answered) = (number(locale, alert.calls.0), number(locale, alert.calls.1));
        let text = tf(locale, k::OUTAGES_ANSWERED, &[("answered", &answered), ("calls", &calls)]);
        view! {
            <tr>
                <td><a class="link" href=format!("/admin/merchants?q={id}")><bdi>{name}</bdi></a><span class="sub"><bdi>{alert.connection}</bdi></span></td>
                <td>{provider(&alert.provider, alert.livemode)}</td>
                <td>{state}<span class="sub">{text}</span></td>
                <td class="nowrap">{moment(alert.began_at)}</td>
                <td class="nowrap">{alert.ended_at.map(moment)}</td>
            </tr>
        }
        .into_any()
    };
    let heads = vec![
        (k::ADMIN_COL_MERCHANT, false),
        (k::GATEWAYS_PROVIDER, false),
        (k::ADMIN_COL_STATUS, false),
        (k::OUTAGES_COLUMN_BEGAN, false),
        (k::OUTAGES_COLUMN_ENDED, false),
    ];
    table(k::OUTAGES_ALERTS, heads, alerts.into_iter().map(row).collect())
}

fn windows(windows: Vec<PlannedWindow>, may: bool, acts: Acts) -> AnyView {
    let locale = use_locale();
    if windows.is_empty() {
        return view! { <p>{t(locale, k::MAINTENANCE_NONE)}</p> }.into_any();
    }
    let row = |window: PlannedWindow| {
        let running = window.from <= now();
        let state = if running {
            badge(INFO, t(locale, k::MAINTENANCE_RUNNING))
        } else {
            badge(OPEN, t(locale, k::MAINTENANCE_PLANNED))
        };
        let end = may.then(|| {
            let label = t(locale, if running { k::OUTAGES_END } else { k::MAINTENANCE_REMOVE });
            view! {
                <ActionForm action=acts.end>
                    {hidden("id", window.id.as_str())}
                    <button class="btn btn-sm" disabled=move || acts.end.pending().get()>{label}</button>
                </ActionForm>
            }
        });
        view! {
            <tr>
                <td>{code_text(locale, "gateway.provider.", &window.provider)}</td>
                <td>{state}</td>
                <td class="nowrap">{utc(window.from)}</td>
                <td class="nowrap">{utc(window.until)}</td>
                <td class="act">{end}</td>
            </tr>
        }
        .into_any()
    };
    let heads = vec![
        (k::GATEWAYS_PROVIDER, false),
        (k::ADMIN_COL_STATUS, false),
        (k::MAINTENANCE_FROM, false),
        (k::MAINTENANCE_UNTIL, false),
        (k::ADMIN_COL_ACTIONS, false),
    ];
    table(k::OUTAGES_WINDOWS, heads, windows.into_iter().map(row).collect())
}

/// A moment as the form takes it: the operator's merchants live in many zones.
fn utc(at: Timestamp) -> AnyView {
    let (_, _, _, hour, minute, _) = at.utc_parts();
    view! { <bdi dir="ltr">{format!("{} {hour:02}:{minute:02} UTC", at.date())}</bdi> }.into_any()
}

fn form(known: &[String], plan: Act<AdminPlanMaintenance>) -> AnyView {
    let locale = use_locale();
    let cx = FormCx::of(plan);
    let mut providers = vec![Choice::new("", t(locale, k::OUTAGES_CHOOSE))];
    providers.extend(known.iter().map(|key| Choice::new(key.as_str(), code_text(locale, "gateway.provider.", key))));
    let field = |name: &'static str, label| {
        Field::new(name, t(locale, label)).kind("datetime-local").help(t(locale, k::OUTAGES_CLOCKS)).view(&cx)
    };
    let inside = view! {
        <div class="form">
            {cx.summary()}
            {Field::new("provider", t(locale, k::GATEWAYS_PROVIDER)).select(&cx, providers)}
            {field("from", k::MAINTENANCE_FROM)}
            {field("until", k::MAINTENANCE_UNTIL)}
            <div class="form-actions">{submit(plan.pending(), "btn-primary", t(locale, k::OUTAGES_PLAN))}</div>
        </div>
    };
    let inside = inside.into_any();
    view! { <h3>{t(locale, k::OUTAGES_PLAN)}</h3> <ActionForm action=plan>{inside}</ActionForm> }.into_any()
}
