//! Mails that Paydeck wrote: without a mail server the operator reads them here.

use crate::api::admin::{AdminMail, AdminMails, AdminRetryMail};
use crate::components::badge::{DANGER, INFO, OPEN, SUCCESS, Tone};
use crate::components::form::{ActionForm, hidden, submit};
use crate::components::list::{address, pager};
use crate::components::page::crumbs;
use crate::components::success::successes;
use crate::components::{FormCx, PageHead, action_problem, badge, empty, load, load_page, moment, set_title};
use crate::i18n::{code_text, k, t, use_locale};
use crate::wire::{Act, Loaded};
use domain::views::Page;
use domain::views::admin::{MailRow, MailView};
use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};

const PATH: &str = "/admin/mail";

/// Mails, newest first.
#[component]
pub fn MailsPage() -> impl IntoView {
    let query = use_query_map();
    let place = Memo::new(move |_| query.with(|q| (q.get("after"), q.get("before"))));
    let rows = Loaded::new(move || {
        let (after, before) = place.get();
        AdminMails { after, before }
    });
    view! {
        <PageHead title=k::ADMIN_MAIL note=k::ADMIN_MAIL_NOTE/>
        {load(rows, table)}
    }
    .into_any()
}

fn table(page: Page<MailRow>) -> AnyView {
    let locale = use_locale();
    if page.items.is_empty() {
        return empty("mail", t(locale, k::ADMIN_MAIL_EMPTY), t(locale, k::ADMIN_MAIL_EMPTY_TEXT), ().into_any());
    }
    let previous = page.previous.as_deref().map(|cursor| address(PATH, &[("before", cursor)]));
    let next = page.next.as_deref().map(|cursor| address(PATH, &[("after", cursor)]));
    let rows: Vec<AnyView> = page.items.into_iter().map(row).collect();
    view! {
        <div class="table-wrap" role="region" aria-label=t(locale, k::ADMIN_MAIL) tabindex="0">
            <table class="table">
                <thead><tr>
                    <th scope="col">{t(locale, k::ADMIN_COL_RECIPIENT)}</th>
                    <th scope="col">{t(locale, k::ADMIN_COL_SUBJECT)}</th>
                    <th scope="col">{t(locale, k::ADMIN_COL_STATUS)}</th>
                    <th scope="col">{t(locale, k::ADMIN_COL_WRITTEN)}</th>
                </tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
        {pager(previous, next)}
    }
    .into_any()
}

fn row(row: MailRow) -> AnyView {
    let subject = row.subject.clone().unwrap_or_else(|| row.template.clone());
    view! {
        <tr>
            <td><a class="row-link" href=format!("{PATH}/{}", row.id)><bdi dir="ltr">{row.recipient.clone()}</bdi></a></td>
            <td><bdi>{subject}</bdi></td>
            <td>{status(&row)}</td>
            <td class="nowrap">{moment(row.created_at)}</td>
        </tr>
    }
    .into_any()
}

fn status(row: &MailRow) -> AnyView {
    badge(tone(&row.status), code_text(use_locale(), "status.mail.", &row.status))
}

fn tone(status: &str) -> Tone {
    match status {
        "sent" => SUCCESS,
        "failed" => DANGER,
        "kept" => OPEN,
        _ => INFO,
    }
}

/// A mail, as it was sent.
#[component]
pub fn MailPage() -> impl IntoView {
    let params = use_params_map();
    let retry = Act::<AdminRetryMail>::new();
    let mail = Loaded::new(move || AdminMail { id: params.with(|p| p.get("id").unwrap_or_default()) });
    let mail = mail.after([successes(retry)]);
    let problem = FormCx::of(retry).problem();
    view! {
        {move || action_problem(problem.get())}
        {load_page(k::ADMIN_MAIL, mail, move |mail| opened(mail, retry))}
    }
    .into_any()
}

/// The button that puts a mail which was given up back into the queue.
fn retry_button(row: &MailRow, retry: Act<AdminRetryMail>) -> Option<AnyView> {
    (row.status == "failed").then(|| {
        let inside = view! {
            {hidden("id", row.id.as_str())}
            {submit(retry.pending(), "btn-primary", t(use_locale(), k::ADMIN_MAIL_RETRY))}
        }
        .into_any();
        view! { <ActionForm action=retry>{inside}</ActionForm> }.into_any()
    })
}

fn opened(mail: MailView, retry: Act<AdminRetryMail>) -> AnyView {
    let locale = use_locale();
    let subject = mail.row.subject.clone().unwrap_or_else(|| mail.row.template.clone());
    let body = match mail.body_text {
        Some(text) => view! { <div class="card card-pad prose">{linked(&text)}</div> }.into_any(),
        None => view! { <p class="muted">{t(locale, k::ADMIN_MAIL_NOT_RENDERED)}</p> }.into_any(),
    };
    let error = mail.row.error.clone().map(|error| {
        view! { <div><dt>{t(locale, k::ADMIN_MAIL_ERROR)}</dt><dd><bdi dir="ltr">{error}</bdi></dd></div> }
    });
    view! {
        {set_title(subject.clone())}
        <header class="page-head">
            {crumbs(PATH.to_owned(), k::ADMIN_MAIL, view! { <bdi>{subject.clone()}</bdi> }.into_any())}
            <div class="page-head-row"><h1><bdi>{subject}</bdi></h1></div>
        </header>
        <div class="stack">
            <dl class="kv">
                <div><dt>{t(locale, k::ADMIN_COL_RECIPIENT)}</dt><dd><bdi dir="ltr">{mail.row.recipient.clone()}</bdi></dd></div>
                <div><dt>{t(locale, k::ADMIN_COL_STATUS)}</dt><dd>{status(&mail.row)}</dd></div>
                <div><dt>{t(locale, k::ADMIN_COL_WRITTEN)}</dt><dd>{moment(mail.row.created_at)}</dd></div>
                {error}
            </dl>
            {retry_button(&mail.row, retry)}
            {body}
        </div>
    }
    .into_any()
}

/// The text with its lines kept and its addresses as links.
fn linked(text: &str) -> AnyView {
    let lines: Vec<AnyView> = text
        .lines()
        .map(|line| {
            let words: Vec<AnyView> = line.split_inclusive(' ').map(word).collect();
            view! { <p>{words}</p> }.into_any()
        })
        .collect();
    lines.into_any()
}

fn word(word: &str) -> AnyView {
    let address = word.trim();
    if address.starts_with("https://") || address.starts_with("http://") {
        view! { <a href=address.to_owned() rel="external" dir="ltr">{word.to_owned()}</a> }.into_any()
    } else {
        word.to_owned().into_any()
    }
}
