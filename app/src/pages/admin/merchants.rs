//! Merchants.

use crate::api::admin::AdminMerchants;
use crate::components::badge::merchant_badge;
use crate::components::list::{address, clear_all, filter_form, pager};
use crate::components::{Choice, Field, FormCx, PageHead, badge, empty, error_block, icon, load_or, moment};
use crate::i18n::{code_text, k, t, use_locale};
use crate::pages::admin::review::application_tone;
use crate::wire::Loaded;
use domain::states::MerchantStatus;
use domain::views::Page;
use domain::views::admin::MerchantRow;
use domain::{Problem, ProblemKind};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

const PATH: &str = "/admin/merchants";

/// All merchants, newest first.
#[component]
pub fn MerchantsPage() -> impl IntoView {
    let query = use_query_map();
    let filter = Memo::new(move |_| query.with(|q| (q.get("q"), q.get("status"), q.get("after"))));
    let rows = Loaded::new(move || {
        let (q, status, after) = filter.get();
        AdminMerchants { q, status, after }
    });
    view! {
        <PageHead title=k::ADMIN_MERCHANTS/>
        {load_or(
            rows,
            move |page| {
                let filter = filter.get_untracked();
                view! { {toolbar(&filter.0, &filter.1, None)} {table(page, &filter)} }.into_any()
            },
            move |error| match &error.0 {
                problem if problem.kind == ProblemKind::Invalid && !problem.fields.is_empty() => {
                    let (q, status, _) = filter.get_untracked();
                    toolbar(&q, &status, Some(problem.clone()))
                }
                _ => error_block(error),
            },
        )}
    }
    .into_any()
}

fn toolbar(q: &Option<String>, status: &Option<String>, problem: Option<Problem>) -> AnyView {
    let locale = use_locale();
    let open = problem.is_some();
    let cx = FormCx::hosted(problem).with_ids("filter-");
    let mut states = vec![Choice::new("", t(locale, k::ADMIN_ANY_STATUS))];
    states.extend(
        MerchantStatus::ALL.iter().map(|s| Choice::new(s.as_str(), code_text(locale, "status.merchant.", s.as_str()))),
    );
    let inside = view! {
        {cx.summary()}
        {Field::new("q", t(locale, k::ADMIN_FILTER_Q)).kind("search").value(q.clone().unwrap_or_default()).view(&cx)}
        {Field::new("status", t(locale, k::ADMIN_FILTER_STATUS)).value(status.clone().unwrap_or_default()).select(&cx, states)}
        <button class="btn btn-primary btn-sm btn-block">{t(locale, k::FILTER_APPLY)}</button>
    };
    let filtered = q.is_some() || status.is_some();
    view! {
        <div class="toolbar">
            <details class="menu" open=open>
                <summary class=if filtered { "chip chip-on" } else { "chip" }>{icon("filter")} {t(locale, k::FILTER_ADD)}</summary>
                {filter_form(PATH.to_owned(), &["q", "status"], inside.into_any())}
            </details>
            {filtered.then(|| clear_all(PATH.to_owned()))}
        </div>
    }
    .into_any()
}

fn table(page: Page<MerchantRow>, filter: &(Option<String>, Option<String>, Option<String>)) -> AnyView {
    let locale = use_locale();
    if page.items.is_empty() {
        return empty(
            "building",
            t(locale, k::ADMIN_MERCHANTS_EMPTY),
            t(locale, k::ADMIN_NO_MATCH_TEXT),
            clear_all(PATH.to_owned()),
        );
    }
    let of = |value: &Option<String>| value.clone().unwrap_or_default();
    let next = page
        .next
        .as_deref()
        .map(|cursor| address(PATH, &[("q", &of(&filter.0)), ("status", &of(&filter.1)), ("after", cursor)]));
    let rows: Vec<AnyView> = page.items.into_iter().map(row).collect();
    view! {
        <div class="table-wrap" role="region" aria-label=t(locale, k::ADMIN_MERCHANTS) tabindex="0">
            <table class="table">
                <thead><tr>
                    <th scope="col">{t(locale, k::ADMIN_COL_MERCHANT)}</th>
                    <th scope="col">{t(locale, k::ADMIN_COL_STATUS)}</th>
                    <th scope="col" class="mid">{t(locale, k::ADMIN_COL_APPLICATION)}</th>
                    <th scope="col" class="mid">{t(locale, k::ADMIN_COL_COUNTRY)}</th>
                    <th scope="col">{t(locale, k::ADMIN_COL_SINCE)}</th>
                </tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
        {pager(None, next)}
    }
    .into_any()
}

fn row(row: MerchantRow) -> AnyView {
    let locale = use_locale();
    let application =
        row.application.map(|s| badge(application_tone(s), code_text(locale, "status.application.", s.as_str())));
    view! {
        <tr>
            <td>
                <a class="row-link" href=format!("/admin/applications/{}", row.id)><bdi>{row.name}</bdi></a>
                <span class="sub"><bdi class="mono" dir="ltr">{row.id.to_string()}</bdi></span>
            </td>
            <td>{merchant_badge(row.status)}</td>
            <td class="mid">{application}</td>
            <td class="mid">{row.country}</td>
            <td class="nowrap">{moment(row.created_at)}</td>
        </tr>
    }
    .into_any()
}
