//! Outcomes that nobody could find out: the evidence, and beside it the buttons.

use super::{page_href, scope_fields, use_scope};
use crate::api::review::{AskReview, DecideReview, ListReviews};
use crate::components::dialog::{Dialog, cancel_button};
use crate::components::form::{ActionForm, hidden, submit_with};
use crate::components::list::{address, pager};
use crate::components::money::card as card_of;
use crate::components::success::anew;
use crate::components::time::moment_full;
use crate::components::toast::use_toasts;
use crate::components::{Field, FormCx, Loaded, PageHead, action_problem, amount, empty, id, load, moment};
use crate::i18n::{Key, code_text, k, t, tf, tn, use_locale};
use crate::wire::Act;
use domain::states::OperationKind;
use domain::views::Page;
use domain::views::page::PageQuery;
use domain::views::review::{Answer, ReviewEntry};
use domain::{OperationId, Scope};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

/// What the buttons do.
#[derive(Clone, Copy)]
struct Acts {
    decide: Act<DecideReview>,
    ask: Act<AskReview>,
    /// The entry that the dialog is about, and whether it happened.
    chosen: RwSignal<Option<(ReviewEntry, bool)>>,
    /// Counts openings: each has fresh fields.
    turn: RwSignal<usize>,
    open: RwSignal<bool>,
}

/// What waits for a person in this mode.
#[component]
pub fn Review() -> impl IntoView {
    let scope = use_scope();
    let query = use_query_map();
    let place = Memo::new(move |_| query.with(|q| (q.get("after"), q.get("before"))));
    let asked = scope.clone();
    let data: Loaded<Page<ReviewEntry>> = Loaded::new(move || {
        let (after, before) = place.get();
        ListReviews { scope: asked.clone(), query: PageQuery { after, before, limit: None } }
    });
    let acts = Acts {
        decide: Act::new(),
        ask: Act::new(),
        chosen: RwSignal::new(None),
        turn: RwSignal::new(0),
        open: RwSignal::new(false),
    };
    let (locale, toasts) = (use_locale(), use_toasts());
    Effect::new(move |_| {
        if acts.decide.core().succeeded() {
            acts.open.set(false);
            toasts.show(t(locale, k::REVIEW_DECIDED));
            data.refetch();
        }
    });
    Effect::new(move |_| {
        if let Some(known) = acts.ask.output() {
            toasts.show(t(locale, if known { k::REVIEW_KNOWN } else { k::REVIEW_STILL_UNKNOWN }));
            data.refetch();
        }
    });
    let problem = FormCx::of(acts.ask).problem();
    let path = page_href(&scope, "payments/review");
    let dialog = dialog(&scope, acts);
    view! {
        <PageHead title=k::REVIEW_TITLE note=k::REVIEW_NOTE/>
        {move || action_problem(problem.get())}
        {load(data, move |page| content(&scope, &path, page, acts))}
        {dialog}
    }
    .into_any()
}

fn content(scope: &Scope, path: &str, page: Page<ReviewEntry>, acts: Acts) -> AnyView {
    let locale = use_locale();
    if page.items.is_empty() && page.previous.is_none() {
        let action = view! { <a class="btn" href=page_href(scope, "payments")>{t(locale, k::REFUNDS_TO_PAYMENTS)}</a> };
        return empty("check-circle", t(locale, k::REVIEW_NONE), t(locale, k::REVIEW_NONE_TEXT), action.into_any());
    }
    let turn = |name: &str, cursor: Option<String>| cursor.map(|cursor| address(path, &[(name, &cursor)]));
    let (previous, next) = (turn("before", page.previous), turn("after", page.next));
    let cards: Vec<_> = page.items.into_iter().map(|entry| card(scope, entry, acts)).collect();
    view! { <div class="stack">{cards}</div> {pager(previous, next)} }.into_any()
}

fn card(scope: &Scope, entry: ReviewEntry, acts: Acts) -> AnyView {
    let locale = use_locale();
    let kind = code_text(locale, "review.kind.", entry.kind.as_str());
    let label = format!("{kind}, {}", entry.amount.display());
    let may = entry.may_decide;
    let foot = if may {
        view! { <footer class="card-foot cluster">{buttons(scope, &entry, acts)}</footer> }.into_any()
    } else {
        view! { <footer class="card-foot"><p class="muted small">{t(locale, k::REVIEW_NO_RIGHT)}</p></footer> }
            .into_any()
    };
    view! {
        <section class="card" aria-label=label>
            <header class="card-head"><h2 class="row">{kind} " " {amount(entry.amount)}</h2></header>
            <div class="card-body stack">
                {facts(scope, &entry)}
                <div class="banner banner-info">{crate::components::icon("info")} <div><p>{look_up(&entry)}</p></div></div>
                {answers(&entry.answers)}
            </div>
            {foot}
        </section>
    }
    .into_any()
}

/// What was sent, to whom, when, and under which names it can be found.
fn facts(scope: &Scope, entry: &ReviewEntry) -> AnyView {
    let locale = use_locale();
    let fact = |label: Key, value: AnyView| view! { <div><dt>{t(locale, label)}</dt><dd>{value}</dd></div> };
    let some = |label: Key, value: &Option<String>| value.clone().map(|value| fact(label, id(value)));
    let payer = entry
        .customer_email
        .clone()
        .map(|email| fact(k::REVIEW_PAYER, view! { <bdi dir="ltr">{email}</bdi> }.into_any()));
    let means = entry
        .card_last4
        .is_some()
        .then(|| fact(k::REVIEW_CARD, card_of(entry.card_brand.as_deref(), entry.card_last4.as_deref()).into_any()));
    let next = entry.next_ask.map_or_else(|| t(locale, k::REVIEW_NEVER_AGAIN).into_any(), moment_full);
    let gateway = code_text(locale, "gateway.provider.", &entry.provider);
    let href = page_href(scope, &format!("payments/{}", entry.payment));
    view! {
        <dl class="kv">
            {fact(k::REVIEW_PAYMENT, view! { <a class="link" href=href><bdi dir="ltr">{entry.payment.to_string()}</bdi></a> }.into_any())}
            {payer}
            {means}
            {fact(k::REVIEW_GATEWAY, view! { <bdi>{entry.connection_name.clone()}</bdi> " · " {gateway} }.into_any())}
            {fact(k::REVIEW_SENT, moment_full(entry.sent_at))}
            {fact(k::REVIEW_KEY, id(entry.our_key.clone()))}
            {some(k::REVIEW_REF, &entry.gateway_ref)}
            {some(k::REVIEW_CHARGE_REF, &entry.charge_ref)}
            {fact(k::REVIEW_ASKED, tn(locale, k::REVIEW_TIMES, entry.asked, &[]).into_any())}
            {fact(k::REVIEW_NEXT, next)}
            {fact(k::REVIEW_HOW, code_text(locale, "review.asks.", &entry.finds_out).into_any())}
        </dl>
    }
    .into_any()
}

/// What to look for in the gateway's own dashboard.
fn look_up(entry: &ReviewEntry) -> String {
    let locale = use_locale();
    let amount = entry.amount.display();
    let key = match entry.kind {
        OperationKind::Sale => k::REVIEW_LOOK_UP,
        OperationKind::Authorize => k::REVIEW_LOOK_UP_AUTHORIZE,
        OperationKind::Capture => k::REVIEW_LOOK_UP_CAPTURE,
        OperationKind::Void => k::REVIEW_LOOK_UP_VOID,
        OperationKind::Refund => k::REVIEW_LOOK_UP_REFUND,
    };
    tf(locale, key, &[("amount", &amount), ("gateway", &code_text(locale, "gateway.provider.", &entry.provider))])
}

fn answers(answers: &[Answer]) -> AnyView {
    let locale = use_locale();
    if answers.is_empty() {
        return view! { <p class="muted">{t(locale, k::REVIEW_NO_ANSWERS)}</p> }.into_any();
    }
    let rows: Vec<_> = answers
        .iter()
        .map(|answer| {
            let detail = answer.detail.clone().map(|text| view! { <bdi dir="ltr">{text}</bdi> });
            view! {
                <tr>
                    <td class="nowrap">{moment(answer.at)}</td>
                    <td>{code_text(locale, "review.source.", &answer.source)}</td>
                    <td>{code_text(locale, "review.outcome.", &answer.outcome)} <span class="sub">{detail}</span></td>
                </tr>
            }
        })
        .collect();
    view! {
        <div class="table-wrap" role="region" aria-label=t(locale, k::REVIEW_ANSWERS) tabindex="0">
            <table class="table">
                <thead><tr>
                    <th scope="col">{t(locale, k::REVIEW_COLUMN_WHEN)}</th>
                    <th scope="col">{t(locale, k::REVIEW_COLUMN_SOURCE)}</th>
                    <th scope="col">{t(locale, k::REVIEW_COLUMN_ANSWER)}</th>
                </tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}

fn buttons(scope: &Scope, entry: &ReviewEntry, acts: Acts) -> AnyView {
    let locale = use_locale();
    let choose = |happened: bool| {
        let entry = entry.clone();
        move |_| {
            acts.decide.value().set(None);
            acts.chosen.set(Some((entry.clone(), happened)));
            acts.turn.update(|n| *n += 1);
            acts.open.set(true);
        }
    };
    let (scope, operation): (Scope, OperationId) = (scope.clone(), entry.operation.clone());
    let ask = (entry.finds_out != "never").then(|| {
        let press = move |_| acts.ask.dispatch(AskReview { scope: scope.clone(), id: operation.clone() });
        view! {
            <button type="button" class="btn btn-sm" disabled=move || acts.ask.pending().get() on:click=press>
                {t(locale, k::REVIEW_ASK)}
            </button>
        }
    });
    view! {
        <button type="button" class="btn btn-sm btn-primary" on:click=choose(true)>{t(locale, k::REVIEW_HAPPENED)}</button>
        <button type="button" class="btn btn-sm" on:click=choose(false)>{t(locale, k::REVIEW_NOT_HAPPENED)}</button>
        {ask}
    }
    .into_any()
}

/// The form that decides; what it restates is made anew for each choice.
fn dialog(scope: &Scope, acts: Acts) -> AnyView {
    let (locale, scope) = (use_locale(), scope.clone());
    let cx = FormCx::of(acts.decide).with_ids("review-").while_open(acts.open);
    let fields = move || {
        let chosen = acts.chosen.get_untracked();
        chosen.map(|(entry, happened)| question(&entry, happened, &cx)).into_any()
    };
    let label = move || {
        let happened = acts.chosen.with(|chosen| chosen.as_ref().is_some_and(|(_, happened)| *happened));
        t(locale, if happened { k::REVIEW_HAPPENED } else { k::REVIEW_NOT_HAPPENED }).to_owned()
    };
    view! {
        <Dialog open=acts.open id="review-title" title=t(locale, k::REVIEW_TITLE).to_owned()>
            <ActionForm action=acts.decide>
                <div class="dialog-body">
                    {cx.summary()}
                    {scope_fields(&scope)}
                    {anew(acts.turn.into(), fields)}
                    <p class="muted small">{t(locale, k::REVIEW_WATCHED)}</p>
                </div>
                <footer class="dialog-foot">
                    {cancel_button(acts.open)}
                    {submit_with(acts.decide.pending(), "btn-danger", Signal::derive(label))}
                </footer>
            </ActionForm>
        </Dialog>
    }
    .into_any()
}

/// What is decided, and what follows from it.
const fn asked(kind: OperationKind, happened: bool) -> (Key, Key) {
    match (kind, happened) {
        (OperationKind::Sale, true) => (k::REVIEW_YES_TITLE, k::REVIEW_YES_TEXT),
        (OperationKind::Sale, false) => (k::REVIEW_NO_TITLE, k::REVIEW_NO_TEXT),
        (OperationKind::Authorize, true) => (k::REVIEW_AUTHORIZE_YES_TITLE, k::REVIEW_AUTHORIZE_YES_TEXT),
        (OperationKind::Authorize, false) => (k::REVIEW_AUTHORIZE_NO_TITLE, k::REVIEW_AUTHORIZE_NO_TEXT),
        (OperationKind::Capture, true) => (k::REVIEW_CAPTURE_YES_TITLE, k::REVIEW_CAPTURE_YES_TEXT),
        (OperationKind::Capture, false) => (k::REVIEW_CAPTURE_NO_TITLE, k::REVIEW_CAPTURE_NO_TEXT),
        (OperationKind::Void, true) => (k::REVIEW_VOID_YES_TITLE, k::REVIEW_VOID_YES_TEXT),
        (OperationKind::Void, false) => (k::REVIEW_VOID_NO_TITLE, k::REVIEW_VOID_NO_TEXT),
        (OperationKind::Refund, true) => (k::REVIEW_REFUND_YES_TITLE, k::REVIEW_REFUND_YES_TEXT),
        (OperationKind::Refund, false) => (k::REVIEW_REFUND_NO_TITLE, k::REVIEW_REFUND_NO_TEXT),
    }
}

/// Restates what is decided, and what follows from it.
fn question(entry: &ReviewEntry, happened: bool, cx: &FormCx) -> AnyView {
    let locale = use_locale();
    let amount = entry.amount.display();
    let decision = if happened { "happened" } else { "not_happened" };
    let (title, text) = asked(entry.kind, happened);
    // Captures and releases go by the name of what they capture or release.
    let named = !matches!(entry.kind, OperationKind::Capture | OperationKind::Void);
    let name = (happened && named).then(|| {
        Field::new("gateway_ref", t(locale, k::REVIEW_REF_FIELD))
            .help(t(locale, k::REVIEW_REF_HELP))
            .ltr()
            .autocomplete("off")
            .view(cx)
    });
    view! {
        <p><b>{tf(locale, title, &[("amount", &amount)])}</b></p>
        <p>{tf(locale, text, &[("amount", &amount)])}</p>
        {hidden("id", entry.operation.as_str())}
        {hidden("form[decision]", decision)}
        {name}
    }
    .into_any()
}
