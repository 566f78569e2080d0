//! Files that were brought, and bringing one.

use super::{place, turns};
use crate::api::bank::ListStatements;
use crate::components::badge::{SUCCESS, WARNING, badge};
use crate::components::form::hidden;
use crate::components::icon::icon_of;
use crate::components::list::pager;
use crate::components::{Loaded, empty, icon, load, moment};
use crate::i18n::{code_text, field_text, k, t, use_locale};
use crate::pages::page_href;
use domain::views::Page;
use domain::views::bank::{BankStatement, TransferConnection};
use domain::{FieldProblem, Scope};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

pub(super) fn list(scope: &Scope) -> AnyView {
    let (place, asked, shown) = (place(), scope.clone(), scope.clone());
    let data: Loaded<Page<BankStatement>> =
        Loaded::new(move || ListStatements { scope: asked.clone(), query: place.get() });
    load(data, move |page| content(&shown, page))
}

fn content(scope: &Scope, page: Page<BankStatement>) -> AnyView {
    let locale = use_locale();
    if page.items.is_empty() && page.previous.is_none() {
        let (title, text) = (t(locale, k::BANK_STATEMENTS_NONE), t(locale, k::BANK_STATEMENTS_NONE_TEXT));
        return empty("document", title, text, ().into_any());
    }
    let (previous, next) = turns(scope, "statements", page.previous, page.next);
    let rows: Vec<_> = page.items.into_iter().map(|file| line(scope, file)).collect();
    view! {
        <div class="table-wrap" role="region" aria-label=t(locale, k::BANK_VIEW_STATEMENTS) tabindex="0">
            <table class="table">
                <thead><tr>
                    <th scope="col">{t(locale, k::BANK_COLUMN_FILE)}</th>
                    <th scope="col">{t(locale, k::BANK_COLUMN_STATUS)}</th>
                    <th scope="col" class="num">{t(locale, k::BANK_COLUMN_ENTRIES)}</th>
                    <th scope="col" class="num mid">{t(locale, k::BANK_COLUMN_MATCHED)}</th>
                    <th scope="col" class="num mid">{t(locale, k::BANK_COLUMN_DOUBTFUL)}</th>
                    <th scope="col" class="lo">{t(locale, k::BANK_COLUMN_CONNECTION)}</th>
                    <th scope="col">{t(locale, k::BANK_COLUMN_BROUGHT)}</th>
                </tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
        {pager(previous, next)}
    }
    .into_any()
}

/// A file's name, or that it has none.
pub(super) fn name_of(file: &BankStatement) -> String {
    if file.name.is_empty() { t(use_locale(), k::BANK_UNNAMED).to_owned() } else { file.name.clone() }
}

/// Whether a file was read.
pub(super) fn state(file: &BankStatement) -> AnyView {
    let locale = use_locale();
    if file.read {
        badge(SUCCESS, t(locale, k::BANK_STATE_READ))
    } else {
        badge(WARNING, t(locale, k::BANK_STATE_MAPPING))
    }
}

fn line(scope: &Scope, file: BankStatement) -> AnyView {
    let locale = use_locale();
    let href = page_href(scope, &format!("bank-transfers/{}", file.id));
    view! {
        <tr>
            <td>
                <a class="row-link" href=href><bdi>{name_of(&file)}</bdi></a>
                <span class="sub">{code_text(locale, "bank.format.", &file.format)}</span>
            </td>
            <td>{state(&file)}</td>
            <td class="num">{file.entries}</td>
            <td class="num mid">{file.matched}</td>
            <td class="num mid">{file.doubtful}</td>
            <td class="lo"><bdi>{file.connection_name.clone()}</bdi></td>
            <td class="nowrap">{moment(file.created_at)}</td>
        </tr>
    }
    .into_any()
}

/// A plain form: files are no matter for server functions. What was wrong with the last one stands in the address.
pub(super) fn upload(scope: &Scope, connections: &[TransferConnection]) -> AnyView {
    let locale = use_locale();
    let wrong = use_query_map().with_untracked(|q| q.get("problem")).filter(|code| is_code(code));
    let error = wrong.clone().map(|code| {
        let problem = FieldProblem { field: "file".to_owned(), code, params: Vec::new() };
        view! {
            <p class="field-error" id="statement-error">{icon_of("x-circle", "icon-sm")} " " {field_text(locale, &problem)}</p>
        }
    });
    let invalid = wrong.is_some().then_some("true");
    let described = if wrong.is_some() { "statement-error statement-help" } else { "statement-help" };
    let choices: Vec<_> = connections
        .iter()
        .map(|connection| view! { <option value=connection.id.to_string()>{connection.name.clone()}</option> })
        .collect();
    view! {
        <section class="card">
            <header class="card-head"><h2>{t(locale, k::BANK_UPLOAD_TITLE)}</h2></header>
            <div class="card-body">
                <form class="form" method="post" action="/bank-transfers/statements" enctype="multipart/form-data">
                    {hidden("merchant", scope.merchant.as_str())}
                    {hidden("mode", scope.mode.as_str())}
                    <div class="field">
                        <label class="field-label" for="connection">{t(locale, k::BANK_UPLOAD_CONNECTION)}</label>
                        <select class="select" id="connection" name="connection">{choices}</select>
                    </div>
                    <div class="field">
                        <div class="upload">
                            {icon("upload")}
                            <label for="statement"><b>{t(locale, k::BANK_UPLOAD_FILE)}</b></label>
                            <span class="muted" id="statement-help">{t(locale, k::BANK_UPLOAD_HELP)}</span>
                            <input
                                type="file"
                                id="statement"
                                name="file"
                                aria-describedby=described
                                aria-invalid=invalid
                            />
                        </div>
                        {error}
                    </div>
                    <div class="form-actions">
                        <button type="submit" class="btn btn-primary">{t(locale, k::BANK_UPLOAD)}</button>
                    </div>
                </form>
            </div>
        </section>
    }
    .into_any()
}

/// A code of the catalogue and nothing else: it comes with the address.
fn is_code(text: &str) -> bool {
    !text.is_empty()
        && text.len() < 60
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
}
