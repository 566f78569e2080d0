//! An application, for its reviewer: the answers at the start side, who decides and what was said at the end side.

use super::answers::answers;
use super::decide::{Decisions, buttons};
use crate::api::admin::{AdminAssign, AdminCheck, AdminNote, AdminReview};
use crate::components::badge::{DANGER, INFO, OPEN, SUCCESS, Tone, WARNING, merchant_badge};
use crate::components::form::ActionForm;
use crate::components::form::submit;
use crate::components::page::crumbs;
use crate::components::success::successes;
use crate::components::{Field, FormCx, badge, icon, load_page, moment, set_title};
use crate::i18n::{code_text, k, t, tf, use_locale};
use crate::wire::Act;
use crate::wire::Loaded;
use domain::states::ApplicationStatus;
use domain::views::admin::{CheckItem, ReviewView};
use domain::views::application::Message;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

/// The look of an application's state.
pub const fn application_tone(status: ApplicationStatus) -> Tone {
    match status {
        ApplicationStatus::Draft => OPEN,
        ApplicationStatus::Submitted | ApplicationStatus::InReview => INFO,
        ApplicationStatus::MoreInformation => WARNING,
        ApplicationStatus::Approved => SUCCESS,
        ApplicationStatus::Denied => DANGER,
    }
}

/// What the reviewer can do here.
#[derive(Clone, Copy)]
struct Actions {
    decisions: Decisions,
    assign: Act<AdminAssign>,
    note: Act<AdminNote>,
    check: Act<AdminCheck>,
}

/// The page.
#[component]
pub fn ReviewPage() -> impl IntoView {
    let params = use_params_map();
    let decisions = Decisions { decide: Act::new(), suspend: Act::new(), reinstate: Act::new() };
    let actions = Actions { decisions, assign: Act::new(), note: Act::new(), check: Act::new() };
    // A refused form changes nothing, so that what was typed stays.
    let done = [
        successes(decisions.decide),
        successes(decisions.suspend),
        successes(decisions.reinstate),
        successes(actions.assign),
        successes(actions.note),
        successes(actions.check),
    ];
    let review = Loaded::new(move || AdminReview { merchant: params.with(|p| p.get("merchant").unwrap_or_default()) })
        .after(done);
    load_page(k::ADMIN_APPLICATIONS, review, move |view| page(&view, actions))
}

fn page(view: &ReviewView, actions: Actions) -> AnyView {
    let locale = use_locale();
    let name = view.application.merchant_name.clone();
    let status = view.application.status;
    let submitted = view.application.submitted_at.map(|at| {
        view! { <p class="headline-sub">{t(locale, k::ADMIN_COL_SUBMITTED)} " " {moment(at)}</p> }
    });
    let reason = view.status_reason.clone().map(|reason| {
        view! { <p class="banner banner-danger">{icon("alert-triangle")}<span><bdi>{reason}</bdi></span></p> }
    });
    view! {
        {set_title(name.clone())}
        <header class="page-head">
            {crumbs("/admin/applications".to_owned(), k::ADMIN_APPLICATIONS, view! { <bdi>{name.clone()}</bdi> }.into_any())}
            <div class="page-head-row">
                <h1><bdi>{name}</bdi></h1>
                {badge(application_tone(status), code_text(locale, "status.application.", status.as_str()))}
                {merchant_badge(view.merchant_status)}
                <div class="page-actions">{buttons(view, actions.decisions)}</div>
            </div>
            {submitted}
        </header>
        {reason}
        {missing(view)}
        <div class="split">
            <div class="stack">{answers(&view.application)}</div>
            <aside class="stack">
                {assignment(view, actions.assign)}
                {checklist(view, actions.check)}
                {people(view)}
                {notes(view, actions.note)}
            </aside>
        </div>
    }
    .into_any()
}

/// What is not filled in yet, for drafts.
fn missing(view: &ReviewView) -> AnyView {
    let count = view.application.steps.iter().map(|s| s.missing.len()).sum::<usize>();
    if count == 0 {
        return ().into_any();
    }
    let locale = use_locale();
    view! { <p class="banner banner-info">{icon("info")}<span>{tf(locale, k::ADMIN_INCOMPLETE, &[("count", &count)])}</span></p> }.into_any()
}

/// Whether the application is with the reviewers.
pub(super) const fn waits(view: &ReviewView) -> bool {
    matches!(view.application.status, ApplicationStatus::Submitted | ApplicationStatus::InReview)
}

fn assignment(view: &ReviewView, action: Act<AdminAssign>) -> AnyView {
    let locale = use_locale();
    let taken = view.assigned_to.is_some();
    let who = view.assigned_to.as_ref().map_or_else(|| t(locale, k::ADMIN_NOBODY).to_owned(), |(_, name)| name.clone());
    let label = if taken { k::ADMIN_GIVE_BACK } else { k::ADMIN_TAKE };
    let merchant = view.application.merchant_id.to_string();
    let form = (view.may_decide && waits(view)).then(|| {
        view! {
            <ActionForm action=action>
                {FormCx::of(action).with_ids("assign").summary()}
                <input type="hidden" name="merchant" value=merchant/>
                <input type="hidden" name="take" value=(!taken).to_string()/>
                {submit(action.pending(), "btn-sm", t(locale, label))}
            </ActionForm>
        }
    });
    view! {
        <section class="card card-pad">
            <div class="row between"><div><h2 class="small">{t(locale, k::ADMIN_COL_ASSIGNED)}</h2><p><bdi>{who}</bdi></p></div>{form}</div>
        </section>
    }
    .into_any()
}

fn checklist(view: &ReviewView, action: Act<AdminCheck>) -> AnyView {
    let locale = use_locale();
    let merchant = view.application.merchant_id.to_string();
    let may = view.may_decide && waits(view);
    let items: Vec<AnyView> = view.checklist.iter().map(|item| point(item, &merchant, may, action)).collect();
    view! {
        <section class="card">
            <header class="card-head"><h2>{t(locale, k::ADMIN_CHECKLIST)}</h2></header>
            <div class="card-body">
                {FormCx::of(action).with_ids("check").summary()}
                <ol class="checklist">{items}</ol>
            </div>
        </section>
    }
    .into_any()
}

fn point(item: &CheckItem, merchant: &str, may: bool, action: Act<AdminCheck>) -> AnyView {
    let locale = use_locale();
    let done = item.done.is_some();
    let by =
        item.done.clone().map(|(name, at)| view! { <p class="muted small"><bdi>{name}</bdi> " · " {moment(at)}</p> });
    let mark = done.then(|| crate::components::icon::icon_of("check", "icon-sm"));
    let word = code_text(locale, "admin.check.", &item.item);
    let label = tf(locale, if done { k::ADMIN_UNTICK } else { k::ADMIN_TICK }, &[("item", &word)]);
    let (merchant, name) = (merchant.to_owned(), item.item.clone());
    let toggle = may.then(|| {
        view! {
            <ActionForm action=action>
                <input type="hidden" name="merchant" value=merchant/>
                <input type="hidden" name="item" value=name/>
                <input type="hidden" name="done" value=(!done).to_string()/>
                <button class="btn btn-sm" aria-label=label>{t(locale, if done { k::ADMIN_UNDO } else { k::ADMIN_DONE })}</button>
            </ActionForm>
        }
    });
    view! {
        <li class=if done { "task is-done" } else { "task" }>
            <span class="task-mark">{mark}</span>
            <div class="task-body"><b>{word}</b>{by}</div>
            {toggle}
        </li>
    }
    .into_any()
}

fn people(view: &ReviewView) -> AnyView {
    let locale = use_locale();
    let rows: Vec<AnyView> = view
        .people
        .iter()
        .map(|(name, email)| {
            view! { <div><dt><bdi>{name.clone()}</bdi></dt><dd><bdi dir="ltr">{email.clone()}</bdi></dd></div> }
                .into_any()
        })
        .collect();
    view! {
        <section class="card">
            <header class="card-head"><h2>{t(locale, k::ADMIN_PEOPLE)}</h2></header>
            <div class="card-body"><dl class="kv kv-stack">{rows}</dl></div>
        </section>
    }
    .into_any()
}

fn notes(view: &ReviewView, action: Act<AdminNote>) -> AnyView {
    let locale = use_locale();
    let cx = FormCx::of(action).with_prefix("").with_ids("note");
    let items: Vec<AnyView> = view.messages.iter().map(message).collect();
    let list = if items.is_empty() {
        view! { <p class="muted">{t(locale, k::ADMIN_NO_NOTES)}</p> }.into_any()
    } else {
        view! { <ul class="notes">{items}</ul> }.into_any()
    };
    let merchant = view.application.merchant_id.to_string();
    let form = view.may_decide.then(|| {
        view! {
            <ActionForm action=action class="form">
                {cx.summary()}
                <input type="hidden" name="merchant" value=merchant/>
                {Field::new("text", t(locale, k::ADMIN_NOTE)).help(t(locale, k::ADMIN_NOTE_HELP)).area(&cx, 3)}
                {submit(action.pending(), "", t(locale, k::ADMIN_NOTE_ADD))}
            </ActionForm>
        }
    });
    view! {
        <section class="card">
            <header class="card-head"><h2>{t(locale, k::ADMIN_NOTES)}</h2></header>
            <div class="card-body stack">{list}{form}</div>
        </section>
    }
    .into_any()
}

fn message(message: &Message) -> AnyView {
    let locale = use_locale();
    let author = message.author.clone().unwrap_or_default();
    let initial: String = author.chars().next().map(|c| c.to_uppercase().collect()).unwrap_or_default();
    let kind = code_text(locale, "admin.message.", &message.kind);
    view! {
        <li class="note">
            <span class="avatar" aria-hidden="true">{initial}</span>
            <div>
                <p><b><bdi>{author}</bdi></b> " " <span class="muted small">{kind} " · " {moment(message.at)}</span></p>
                <p><bdi>{message.body.clone()}</bdi></p>
            </div>
        </li>
    }
    .into_any()
}
