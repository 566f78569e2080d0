//! The queue of applications.

use crate::api::admin::AdminQueue;
use crate::components::list::{address, chip, clear_all, filter_form, pager};
use crate::components::{Choice, Field, FormCx, PageHead, badge, empty, error_block, icon, load_or, moment};
use crate::i18n::{code_text, k, t, use_locale};
use crate::pages::admin::review::application_tone;
use crate::wire::Loaded;
use domain::states::ApplicationStatus;
use domain::views::Page;
use domain::views::admin::{QueueFilter, QueueRow};
use domain::{Problem, ProblemKind};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

const PATH: &str = "/admin/applications";
const FIELDS: &[&str] = &["status", "assigned", "country", "q"];

/// Applications that wait, oldest first.
#[component]
pub fn QueuePage() -> impl IntoView {
    let query = use_query_map();
    let filter = Memo::new(move |_| {
        query.with(|q| QueueFilter {
            status: q.get("status"),
            assigned: q.get("assigned"),
            country: q.get("country"),
            q: q.get("q"),
            after: q.get("after"),
        })
    });
    let rows = Loaded::new(move || AdminQueue { filter: filter.get() });
    view! {
        <PageHead title=k::ADMIN_APPLICATIONS note=k::ADMIN_QUEUE_NOTE/>
        {load_or(
            rows,
            move |page| {
                let filter = filter.get_untracked();
                view! { {toolbar(&filter, None)} {table(page, &filter)} }.into_any()
            },
            // What was typed stays in the form, with what is wrong beside it.
            move |error| match &error.0 {
                problem if problem.kind == ProblemKind::Invalid && !problem.fields.is_empty() => {
                    toolbar(&filter.get_untracked(), Some(problem.clone()))
                }
                _ => error_block(error),
            },
        )}
    }
    .into_any()
}

fn pairs(filter: &QueueFilter) -> [(&'static str, String); 4] {
    let of = |value: &Option<String>| value.clone().unwrap_or_default();
    [
        ("status", of(&filter.status)),
        ("assigned", of(&filter.assigned)),
        ("country", of(&filter.country)),
        ("q", of(&filter.q)),
    ]
}

fn href(filter: &QueueFilter, without: &str, after: Option<&str>) -> String {
    let pairs = pairs(filter);
    let mut kept: Vec<(&str, &str)> =
        pairs.iter().filter(|(name, _)| *name != without).map(|(name, value)| (*name, value.as_str())).collect();
    kept.push(("after", after.unwrap_or("")));
    address(PATH, &kept)
}

fn toolbar(filter: &QueueFilter, problem: Option<Problem>) -> AnyView {
    let locale = use_locale();
    let open = problem.is_some();
    let set: Vec<(&str, String)> = pairs(filter).into_iter().filter(|(_, value)| !value.is_empty()).collect();
    let chips: Vec<AnyView> = set
        .iter()
        .map(|(name, value)| {
            let label = code_text(locale, "admin.filter_by.", name);
            let shown = match *name {
                "status" => code_text(locale, "status.application.", value),
                "assigned" => code_text(locale, "admin.assigned.", value),
                _ => value.clone(),
            };
            chip(&label, shown, href(filter, name, None))
        })
        .collect();
    let clear = (!set.is_empty()).then(|| clear_all(PATH.to_owned()));
    view! {
        <div class="toolbar">
            <details class="menu" open=open>
                <summary class="chip">{icon("filter")} {t(locale, k::FILTER_ADD)}</summary>
                {filter_form(PATH.to_owned(), FIELDS, fields(filter, problem))}
            </details>
            {chips}
            {clear}
        </div>
    }
    .into_any()
}

fn fields(filter: &QueueFilter, problem: Option<Problem>) -> AnyView {
    let locale = use_locale();
    let cx = FormCx::hosted(problem).with_ids("filter-");
    let mut states = vec![Choice::new("", t(locale, k::ADMIN_FILTER_WAITING))];
    states.extend(
        ApplicationStatus::ALL
            .iter()
            .map(|s| Choice::new(s.as_str(), code_text(locale, "status.application.", s.as_str()))),
    );
    let who = vec![
        Choice::new("", t(locale, k::ADMIN_ASSIGNED_ANYBODY)),
        Choice::new("me", code_text(locale, "admin.assigned.", "me")),
        Choice::new("nobody", code_text(locale, "admin.assigned.", "nobody")),
    ];
    let of = |value: &Option<String>| value.clone().unwrap_or_default();
    view! {
        {cx.summary()}
        {Field::new("q", t(locale, k::ADMIN_FILTER_Q)).kind("search").value(of(&filter.q)).view(&cx)}
        {Field::new("status", t(locale, k::ADMIN_FILTER_STATUS)).value(of(&filter.status)).select(&cx, states)}
        {Field::new("assigned", t(locale, k::ADMIN_FILTER_ASSIGNED)).value(of(&filter.assigned)).select(&cx, who)}
        {Field::new("country", t(locale, k::ADMIN_FILTER_COUNTRY)).value(of(&filter.country)).maxlength(2).ltr().view(&cx)}
        <button class="btn btn-primary btn-sm btn-block">{t(locale, k::FILTER_APPLY)}</button>
    }
    .into_any()
}

fn table(page: Page<QueueRow>, filter: &QueueFilter) -> AnyView {
    let locale = use_locale();
    if page.items.is_empty() {
        let filtered = pairs(filter).iter().any(|(_, value)| !value.is_empty());
        return if filtered {
            empty(
                "search",
                t(locale, k::ADMIN_QUEUE_NO_MATCH),
                t(locale, k::ADMIN_NO_MATCH_TEXT),
                clear_all(PATH.to_owned()),
            )
        } else {
            empty("inbox", t(locale, k::ADMIN_QUEUE_EMPTY), t(locale, k::ADMIN_QUEUE_EMPTY_TEXT), ().into_any())
        };
    }
    let next = page.next.as_deref().map(|cursor| href(filter, "", Some(cursor)));
    let rows: Vec<AnyView> = page.items.into_iter().map(row).collect();
    view! {
        <div class="table-wrap" role="region" aria-label=t(locale, k::ADMIN_APPLICATIONS) tabindex="0">
            <table class="table">
                <thead><tr>
                    <th scope="col">{t(locale, k::ADMIN_COL_MERCHANT)}</th>
                    <th scope="col">{t(locale, k::ADMIN_COL_STATUS)}</th>
                    <th scope="col" class="mid">{t(locale, k::ADMIN_COL_COUNTRY)}</th>
                    <th scope="col" class="lo">{t(locale, k::ADMIN_COL_CATEGORY)}</th>
                    <th scope="col" class="mid">{t(locale, k::ADMIN_COL_ASSIGNED)}</th>
                    <th scope="col">{t(locale, k::ADMIN_COL_SUBMITTED)}</th>
                </tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
        {pager(None, next)}
    }
    .into_any()
}

fn row(row: QueueRow) -> AnyView {
    let locale = use_locale();
    let status = badge(application_tone(row.status), code_text(locale, "status.application.", row.status.as_str()));
    let category = row.category.map(|c| code_text(locale, "category.", &c));
    view! {
        <tr>
            <td>
                <a class="row-link" href=format!("{PATH}/{}", row.merchant_id)><bdi>{row.merchant_name}</bdi></a>
                <span class="sub"><bdi>{row.legal_name}</bdi></span>
            </td>
            <td>{status}</td>
            <td class="mid">{row.country}</td>
            <td class="lo">{category}</td>
            <td class="mid"><bdi>{row.assigned_to}</bdi></td>
            <td class="nowrap">{row.submitted_at.map(moment)}</td>
        </tr>
    }
    .into_any()
}
