//! The inbox of a connection: what its gateway sent.

use super::delivery::{changed, chosen, status_badge, verdict_badge};
use super::tabs::{ConnectionPage, tabs};
use crate::api::gateways::{LoadInbox, ReplayEvent};
use crate::components::form::FormCx;
use crate::components::list::{address, clear_all, pager};
use crate::components::toast::use_toasts;
use crate::components::{Loaded, PageHead, action_problem, empty, load, moment};
use crate::i18n::{code_text, k, t, tn, use_locale};
use crate::pages::{page_href, use_scope};
use crate::wire::Act;
use domain::Scope;
use domain::views::inbox::{Delivery, InboxFilter, InboxView};
use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};

/// What came to a connection, newest first.
#[component]
pub fn GatewayEvents() -> impl IntoView {
    let scope = use_scope();
    let id = use_params_map().with_untracked(|p| p.get("id").unwrap_or_default());
    let query = use_query_map();
    let asked = Memo::new(move |_| {
        query.with(|q| {
            let get = |name: &str| q.get(name).filter(|v| !v.is_empty());
            let filter = InboxFilter { status: get("status"), after: get("after"), before: get("before"), limit: None };
            (filter, get("event"))
        })
    });
    let (of, connection) = (scope.clone(), id.clone());
    let data: Loaded<InboxView> = Loaded::new(move || {
        let (filter, event) = asked.get();
        LoadInbox { scope: of.clone(), id: connection.clone(), filter, event }
    });
    let replay = Act::<ReplayEvent>::new();
    let (locale, toasts) = (use_locale(), use_toasts());
    Effect::new(move |_| {
        if replay.core().succeeded() {
            toasts.show(t(locale, k::INBOX_REPLAYED));
            data.refetch();
        }
    });
    let problem = FormCx::of(replay).problem();
    let parent = (page_href(&scope, "gateways"), k::GATEWAYS_TITLE);
    let above = tabs(&scope, &id, ConnectionPage::Events);
    let path = page_href(&scope, &ConnectionPage::Events.path(&id));
    view! {
        <PageHead title=k::INBOX_TITLE note=k::INBOX_NOTE parent=parent/>
        {above}
        {move || action_problem(problem.get())}
        {load(data, move |view| content(&scope, &path, &asked.get_untracked().0, view, replay))}
    }
    .into_any()
}

fn content(scope: &Scope, path: &str, filter: &InboxFilter, view: InboxView, replay: Act<ReplayEvent>) -> AnyView {
    let locale = use_locale();
    let status = filter.status.as_deref().unwrap_or("");
    let provider = code_text(locale, "gateway.provider.", &view.provider);
    let above = view! {
        <p class="muted"><bdi>{view.name.clone()}</bdi> " · " {provider}</p>
        {views(path, status)}
    };
    let back = address(path, &[("status", status)]);
    let open = view.chosen.map(|detail| chosen(scope, &view.connection, *detail, back, replay));
    let page = view.page;
    let list = if page.items.is_empty() && page.next.is_none() && page.previous.is_none() {
        nothing(scope, path, status, view.sends_events)
    } else {
        let turn =
            |name: &str, cursor: Option<String>| cursor.map(|c| address(path, &[("status", status), (name, &c)]));
        let (previous, next) = (turn("before", page.previous), turn("after", page.next));
        let rows: Vec<_> = page.items.into_iter().map(|delivery| row(scope, path, status, delivery)).collect();
        view! { {table(rows.into_any())} {pager(previous, next)} }.into_any()
    };
    view! { {above} {open} {list} }.into_any()
}

/// What is shown, as links.
fn views(path: &str, chosen: &str) -> AnyView {
    let locale = use_locale();
    let links: Vec<_> = std::iter::once("")
        .chain(InboxFilter::SHOWN)
        .map(|shown| {
            let name = match shown {
                "" => t(locale, k::INBOX_SHOWN_ALL).to_owned(),
                shown => code_text(locale, "inbox.shown.", shown),
            };
            let current = (shown == chosen).then_some("page");
            view! { <a class="tab" href=address(path, &[("status", shown)]) aria-current=current>{name}</a> }
        })
        .collect();
    view! { <nav class="tabs" aria-label=t(locale, k::INBOX_VIEWS)>{links}</nav> }.into_any()
}

/// Nothing came at all, or nothing of this kind.
fn nothing(scope: &Scope, path: &str, status: &str, sends: bool) -> AnyView {
    let locale = use_locale();
    if !status.is_empty() {
        let (title, text) = (t(locale, k::INBOX_NO_MATCH), t(locale, k::INBOX_NO_MATCH_TEXT));
        return empty("search", title, text, clear_all(path.to_owned()));
    }
    let (title, text) =
        if sends { (k::INBOX_NONE, k::INBOX_NONE_TEXT) } else { (k::INBOX_NONE_SENT, k::INBOX_NONE_SENT_TEXT) };
    let action = view! { <a class="btn" href=page_href(scope, "gateways")>{t(locale, k::INBOX_TO_GATEWAYS)}</a> };
    empty("inbox", t(locale, title), t(locale, text), action.into_any())
}

fn table(rows: AnyView) -> AnyView {
    let locale = use_locale();
    view! {
        <div class="table-wrap" role="region" aria-label=t(locale, k::INBOX_TITLE) tabindex="0">
            <table class="table">
                <thead>
                    <tr>
                        <th scope="col">{t(locale, k::INBOX_COLUMN_WHEN)}</th>
                        <th scope="col">{t(locale, k::INBOX_COLUMN_VERDICT)}</th>
                        <th scope="col">{t(locale, k::INBOX_COLUMN_KIND)}</th>
                        <th scope="col" class="mid">{t(locale, k::INBOX_COLUMN_ABOUT)}</th>
                        <th scope="col">{t(locale, k::INBOX_COLUMN_STATUS)}</th>
                        <th scope="col" class="mid">{t(locale, k::INBOX_COLUMN_CHANGED)}</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}

fn row(scope: &Scope, path: &str, status: &str, delivery: Delivery) -> AnyView {
    let locale = use_locale();
    let href = address(path, &[("status", status), ("event", &delivery.key)]);
    let kind = match delivery.kind.clone() {
        Some(kind) => view! { <bdi class="mono" dir="ltr">{kind}</bdi> }.into_any(),
        None => t(locale, k::INBOX_NO_KIND).into_any(),
    };
    let about = delivery.about.as_deref().map(|about| code_text(locale, "inbox.about.", about));
    let payment = delivery.payment.clone().map(|payment| {
        let href = page_href(scope, &format!("payments/{payment}"));
        view! { <a class="link sub" href=href><bdi dir="ltr">{payment.to_string()}</bdi></a> }
    });
    let tries = (delivery.tries > 1)
        .then(|| view! { <span class="sub">{tn(locale, k::INBOX_TRIES, delivery.tries, &[])}</span> });
    let error = delivery
        .last_error
        .as_deref()
        .map(|error| view! { <span class="sub">{code_text(locale, "inbox.error.", error)}</span> });
    let note = delivery
        .note
        .as_deref()
        .map(|note| view! { <span class="sub">{code_text(locale, "inbox.note.", note)}</span> });
    view! {
        <tr>
            <td class="nowrap"><a class="link" href=href>{moment(delivery.received_at)}</a></td>
            <td>{verdict_badge(&delivery.verdict)}</td>
            <td>{kind}</td>
            <td class="mid">{about} {payment}</td>
            <td>{status_badge(&delivery)} {tries} {error} {note}</td>
            <td class="mid">{changed(&delivery)}</td>
        </tr>
    }
    .into_any()
}
