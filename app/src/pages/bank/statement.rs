//! A file: what reading it gave, or which of its columns holds what.

use super::columns;
use super::statements::{name_of, state};
use crate::api::bank::{LoadStatement, ReadStatement};
use crate::components::success::on_success;
use crate::components::toast::use_toasts;
use crate::components::{Loaded, PageHead, load, moment};
use crate::i18n::{Key, code_text, field_text, k, t, tf, use_locale};
use crate::pages::{page_href, use_scope};
use crate::wire::Act;
use domain::views::bank::{BankStatement, StatementProblem, StatementView};
use domain::{FieldProblem, Scope};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

/// The page of a file.
#[component]
pub fn Statement() -> impl IntoView {
    let scope = use_scope();
    let id = use_params_map().with_untracked(|p| p.get("id").unwrap_or_default());
    let (asked, asked_id) = (scope.clone(), id.clone());
    let data: Loaded<StatementView> = Loaded::new(move || LoadStatement { scope: asked.clone(), id: asked_id.clone() });
    let read = Act::<ReadStatement>::new();
    let (toasts, locale) = (use_toasts(), use_locale());
    on_success(read, move || {
        toasts.show(t(locale, k::BANK_STATE_READ));
        data.refetch();
    });
    let parent = (page_href(&scope, "bank-transfers?view=statements"), k::BANK_TITLE);
    view! {
        <PageHead title=k::BANK_VIEW_STATEMENTS parent=parent/>
        {load(data, move |view| content(&scope, view, read))}
    }
}

fn content(scope: &Scope, view: StatementView, read: Act<ReadStatement>) -> AnyView {
    match view.columns {
        Some(columns) if view.may_manage => columns::form(scope, &view.statement, columns, read),
        _ => result(scope, &view.statement),
    }
}

fn result(scope: &Scope, file: &BankStatement) -> AnyView {
    let locale = use_locale();
    let fact = |label: Key, value: AnyView| view! { <div><dt>{t(locale, label)}</dt><dd>{value}</dd></div> };
    let number = |label: Key, n: i64| fact(label, view! { <bdi dir="ltr">{n}</bdi> }.into_any());
    let decide = (file.doubtful > 0).then(|| {
        let href = page_href(scope, "bank-transfers?view=doubtful");
        view! { <footer class="card-foot"><a class="btn" href=href>{t(locale, k::BANK_TO_DOUBTFUL)}</a></footer> }
    });
    view! {
        <section class="card">
            <header class="card-head"><h2 class="row"><bdi>{name_of(file)}</bdi> {state(file)}</h2></header>
            <div class="card-body">
                <dl class="kv">
                    {fact(k::BANK_COLUMN_FORMAT, code_text(locale, "bank.format.", &file.format).into_any())}
                    {fact(k::BANK_COLUMN_CONNECTION, view! { <bdi>{file.connection_name.clone()}</bdi> }.into_any())}
                    {fact(k::BANK_COLUMN_BROUGHT, moment(file.created_at))}
                    {number(k::BANK_COLUMN_ENTRIES, file.entries)}
                    {number(k::BANK_COLUMN_MATCHED, file.matched)}
                    {number(k::BANK_COLUMN_DOUBTFUL, file.doubtful)}
                    {number(k::BANK_COLUMN_IGNORED, file.ignored)}
                    {number(k::BANK_COLUMN_KNOWN, file.known)}
                    {number(k::BANK_COLUMN_PENDING, file.pending)}
                    {number(k::BANK_COLUMN_PROBLEMS, file.problem_count)}
                </dl>
            </div>
            {decide}
        </section>
        {problems(file)}
    }
    .into_any()
}

/// What could not be taken, by line.
fn problems(file: &BankStatement) -> AnyView {
    let locale = use_locale();
    if file.problems.is_empty() {
        return ().into_any();
    }
    let rows: Vec<_> = file.problems.iter().map(line).collect();
    let shown = i64::try_from(file.problems.len()).unwrap_or(i64::MAX);
    let more = (file.problem_count > shown).then(|| {
        view! { <p class="muted">{tf(locale, k::BANK_PROBLEMS_MORE, &[("count", &file.problem_count)])}</p> }
    });
    view! {
        <section class="card">
            <header class="card-head"><h2>{t(locale, k::BANK_PROBLEMS_TITLE)}</h2></header>
            <div class="card-body stack">
                {more}
                <div class="table-wrap" role="region" aria-label=t(locale, k::BANK_PROBLEMS_TITLE) tabindex="0">
                    <table class="table">
                        <thead><tr>
                            <th scope="col" class="num">{t(locale, k::BANK_PROBLEM_LINE)}</th>
                            <th scope="col">{t(locale, k::BANK_PROBLEM_WHAT)}</th>
                            <th scope="col" class="mid">{t(locale, k::BANK_PROBLEM_FIELD)}</th>
                        </tr></thead>
                        <tbody>{rows}</tbody>
                    </table>
                </div>
            </div>
        </section>
    }
    .into_any()
}

fn line(problem: &StatementProblem) -> AnyView {
    let said = FieldProblem { field: String::new(), code: problem.code.clone(), params: Vec::new() };
    view! {
        <tr>
            <td class="num">{problem.line}</td>
            <td>{field_text(use_locale(), &said)}</td>
            <td class="mid"><bdi dir="ltr">{problem.field.clone()}</bdi></td>
        </tr>
    }
    .into_any()
}
