//! Jobs that were laid aside after they had failed too often.

use crate::api::admin::{AdminDiscardJob, AdminJobs, AdminRetryJob, AdminRetryKind};
use crate::components::dialog::{Dialog, cancel_button};
use crate::components::form::{ActionForm, hidden, submit};
use crate::components::list::{address, pager};
use crate::components::success::{Notice, anew};
use crate::components::{Field, FormCx, PageHead, action_problem, empty, id, load, moment};
use crate::i18n::{code_text, k, t, tf, tn, use_locale};
use crate::wire::{Act, Loaded};
use domain::JobId;
use domain::views::admin::{JobFilter, JobRow, JobsView};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

const PATH: &str = "/admin/jobs";

/// What the buttons do.
#[derive(Clone, Copy)]
struct Acts {
    retry: Act<AdminRetryJob>,
    retry_kind: Act<AdminRetryKind>,
    discard: Act<AdminDiscardJob>,
    /// The job that the dialog is about.
    chosen: RwSignal<Option<JobId>>,
    /// Counts openings: each has fresh fields.
    turn: RwSignal<usize>,
    open: RwSignal<bool>,
}

/// Jobs that wait for the operator, or were given up.
#[component]
pub fn JobsPage() -> impl IntoView {
    let locale = use_locale();
    let query = use_query_map();
    let filter = Memo::new(move |_| {
        query.with(|q| JobFilter { status: q.get("status"), after: q.get("after"), before: q.get("before") })
    });
    let data: Loaded<JobsView> = Loaded::new(move || AdminJobs { filter: filter.get() });
    let acts = Acts {
        retry: Act::new(),
        retry_kind: Act::new(),
        discard: Act::new(),
        chosen: RwSignal::new(None),
        turn: RwSignal::new(0),
        open: RwSignal::new(false),
    };
    let notice = Notice::new(None);
    notice.after(acts.retry, t(locale, k::JOBS_RETRIED));
    notice.after(acts.retry_kind, t(locale, k::JOBS_RETRIED));
    notice.after(acts.discard, t(locale, k::JOBS_DISCARDED));
    Effect::new(move |_| {
        let retried = acts.retry.core().succeeded();
        let all = acts.retry_kind.core().succeeded();
        let discarded = acts.discard.core().succeeded();
        if retried || all || discarded {
            acts.open.set(false);
            data.refetch();
        }
    });
    let problems = [FormCx::of(acts.retry).problem(), FormCx::of(acts.retry_kind).problem()];
    view! {
        <PageHead title=k::JOBS_TITLE note=k::JOBS_NOTE/>
        {move || tabs(filter.get().status.as_deref() == Some("discarded"))}
        {notice.view()}
        {problems.map(|problem| move || action_problem(problem.get())).into_iter().collect::<Vec<_>>()}
        {load(data, move |view| content(view, filter.get_untracked().status.as_deref() == Some("discarded"), acts))}
        {dialog(acts)}
    }
    .into_any()
}

fn tabs(discarded: bool) -> AnyView {
    let locale = use_locale();
    let tab = |status: &str, name, current: bool| {
        let current = current.then_some("page");
        view! { <a class="tab" href=address(PATH, &[("status", status)]) aria-current=current>{t(locale, name)}</a> }
    };
    view! {
        <nav class="tabs" aria-label=t(locale, k::JOBS_VIEWS)>
            {tab("", k::JOBS_DEAD, !discarded)}
            {tab("discarded", k::JOBS_GIVEN_UP, discarded)}
        </nav>
    }
    .into_any()
}

fn content(view: JobsView, discarded: bool, acts: Acts) -> AnyView {
    let locale = use_locale();
    let may = view.may_act;
    if view.page.items.is_empty() && view.page.previous.is_none() {
        let text = if discarded { k::JOBS_NONE_DISCARDED_TEXT } else { k::JOBS_NONE_TEXT };
        return empty("check-circle", t(locale, k::JOBS_NONE), t(locale, text), ().into_any());
    }
    let status = if discarded { "discarded" } else { "" };
    let turn = |name: &str, cursor: Option<String>| cursor.map(|c| address(PATH, &[("status", status), (name, &c)]));
    let (previous, next) = (turn("before", view.page.previous), turn("after", view.page.next));
    let kinds = (may && !discarded).then(|| kinds(view.kinds, acts));
    let rows: Vec<_> = view.page.items.into_iter().map(|job| row(job, may, acts)).collect();
    view! {
        {kinds}
        <div class="table-wrap" role="region" aria-label=t(locale, k::JOBS_TITLE) tabindex="0">
            <table class="table">
                <thead><tr>
                    <th scope="col">{t(locale, k::JOBS_COLUMN_KIND)}</th>
                    <th scope="col">{t(locale, k::JOBS_COLUMN_OBJECT)}</th>
                    <th scope="col">{t(locale, k::JOBS_COLUMN_ERROR)}</th>
                    <th scope="col" class="num">{t(locale, k::JOBS_COLUMN_TRIES)}</th>
                    <th scope="col">{t(locale, k::JOBS_COLUMN_WHEN)}</th>
                    <th class="act"><span class="visually-hidden">{t(locale, k::ADMIN_COL_ACTIONS)}</span></th>
                </tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
        {pager(previous, next)}
    }
    .into_any()
}

/// A button for all of a kind, where there is more than one.
fn kinds(kinds: Vec<(String, i64)>, acts: Acts) -> AnyView {
    let locale = use_locale();
    let buttons: Vec<_> = kinds
        .into_iter()
        .filter(|(_, count)| *count > 1)
        .map(|(kind, count)| {
            let label = tn(locale, k::JOBS_RETRY_KIND, count, &[("kind", &code_text(locale, "jobs.kind.", &kind))]);
            let press = move |_| acts.retry_kind.dispatch(AdminRetryKind { kind: kind.clone() });
            view! {
                <button type="button" class="btn btn-sm" disabled=move || acts.retry_kind.pending().get() on:click=press>{label}</button>
            }
        })
        .collect();
    view! { <div class="cluster">{buttons}</div> }.into_any()
}

fn row(job: JobRow, may: bool, acts: Acts) -> AnyView {
    let locale = use_locale();
    let merchant = job.merchant.map(|(merchant, name)| {
        let href = format!("/admin/merchants?q={merchant}");
        view! { <span class="sub"><a class="link" href=href><bdi>{name}</bdi></a></span> }
    });
    let live = job.livemode.map(|live| {
        view! { <span class="sub">{t(locale, if live { k::JOBS_LIVE } else { k::JOBS_TEST })}</span> }
    });
    let reason = job.discard_reason.clone().map(|reason| {
        view! { <span class="sub"><bdi>{tf(locale, k::JOBS_REASON, &[("reason", &reason)])}</bdi></span> }
    });
    let discarded = job.discard_reason.is_some();
    let object = job.object.map(id);
    let (retried, chosen) = (job.id.clone(), job.id);
    let retry = move |_| acts.retry.dispatch(AdminRetryJob { id: retried.clone() });
    let discard = move |_| {
        acts.discard.value().set(None);
        acts.chosen.set(Some(chosen.clone()));
        acts.turn.update(|n| *n += 1);
        acts.open.set(true);
    };
    let buttons = may.then(|| {
        let give_up = (!discarded).then(|| {
            view! { <button type="button" class="btn btn-sm btn-danger-quiet" on:click=discard>{t(locale, k::JOBS_DISCARD)}</button> }
        });
        view! {
            <div class="row">
                <button type="button" class="btn btn-sm" disabled=move || acts.retry.pending().get() on:click=retry>{t(locale, k::JOBS_RETRY)}</button>
                {give_up}
            </div>
        }
    });
    view! {
        <tr>
            <td>{code_text(locale, "jobs.kind.", &job.kind)} {live}</td>
            <td>{object} {merchant}</td>
            <td><bdi dir="ltr">{job.error}</bdi> {reason}</td>
            <td class="num">{job.tries}</td>
            <td class="nowrap">{moment(job.failed_at)}</td>
            <td class="act">{buttons}</td>
        </tr>
    }
    .into_any()
}

fn dialog(acts: Acts) -> AnyView {
    let locale = use_locale();
    let cx = FormCx::of(acts.discard).with_prefix("").with_ids("discard-").while_open(acts.open);
    let fields = move || {
        let fields = acts.chosen.get_untracked().map(|job| {
            view! {
                {hidden("id", job.as_str())}
                {Field::new("reason", t(locale, k::JOBS_DISCARD_REASON)).area(&cx, 2)}
            }
        });
        fields.into_any()
    };
    view! {
        <Dialog open=acts.open id="discard-title" title=t(locale, k::JOBS_DISCARD_TITLE).to_owned()>
            <ActionForm action=acts.discard>
                <div class="dialog-body">
                    {cx.summary()}
                    <p>{t(locale, k::JOBS_DISCARD_TEXT)}</p>
                    {anew(acts.turn.into(), fields)}
                </div>
                <footer class="dialog-foot">
                    {cancel_button(acts.open)}
                    {submit(acts.discard.pending(), "btn-danger", t(locale, k::JOBS_DISCARD))}
                </footer>
            </ActionForm>
        </Dialog>
    }
    .into_any()
}
