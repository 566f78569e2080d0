//! The components, each under the name of its function. The server shows this page to developers only.

use crate::components::badge::{ARCHIVED, DANGER, ENDED, INFO, OPEN, PAUSED, REFUNDED, SUCCESS, TEST, WARNING, badge};
use crate::components::chart::{Day, day_bars};
use crate::components::confirm::{Question, confirm};
use crate::components::copy::copy_button_wide;
use crate::components::list::{chip, clear_all, pager};
use crate::components::money::{card, id_with_copy};
use crate::components::toast::Toasts;
use crate::components::{
    Choice, Field, FormCx, PageHead, action_problem, amount, empty, error_block, icon, moment, skeleton,
};
use crate::i18n::{code_text, k, t, use_locale};
use domain::{Currency, FieldProblem, Money, Problem, ProblemKind, Timestamp, problem::codes, time};
use leptos::prelude::*;

/// Every component, live.
#[component]
pub fn ComponentsPage() -> impl IntoView {
    let toasts = Toasts::provide();
    view! {
        <main class="main" id="main">
            <PageHead title=k::DEV_TITLE note=k::DEV_NOTE/>
            {section("badge", badges())}
            {section("money, id, card, copy", money())}
            {section("btn", buttons(toasts))}
            {section("Field, FormCx", form())}
            {section("confirm, Dialog", dialog())}
            {section("chip, pager", list())}
            {section("day_bars", chart())}
            {section("empty, error_block, action_problem", messages())}
            {section("skeleton", skeleton())}
        </main>
        {toasts.view()}
    }
    .into_any()
}

fn section(name: &'static str, content: AnyView) -> AnyView {
    view! {
        <section class="card" aria-label=name>
            <header class="card-head"><h2><code dir="ltr">{name}</code></h2></header>
            <div class="card-body stack">{content}</div>
        </section>
    }
    .into_any()
}

fn badges() -> AnyView {
    let locale = use_locale();
    let all = [
        (SUCCESS, k::STATUS_PAYMENT_SUCCEEDED),
        (INFO, k::STATUS_PAYMENT_PROCESSING),
        (WARNING, k::STATUS_PAYMENT_UNKNOWN),
        (DANGER, k::STATUS_PAYMENT_FAILED),
        (REFUNDED, k::STATUS_PAYMENT_REFUNDED),
        (OPEN, k::STATUS_SESSION_OPEN),
        (ENDED, k::STATUS_PAYMENT_CANCELED),
        (PAUSED, k::STATUS_CONNECTION_PAUSED),
        (ARCHIVED, k::STATUS_CONNECTION_ARCHIVED),
        (TEST, k::MODE_TEST),
    ];
    view! { <div class="cluster">{all.map(|(tone, word)| badge(tone, t(locale, word))).into_iter().collect::<Vec<_>>()}</div> }
        .into_any()
}

fn money() -> AnyView {
    let id = "pi_01kayqz8m4e9v1x7t3r5w2n6bc";
    view! {
        <div class="cluster">
            {amount(Money::new(123_456, Currency::EUR))} {amount(Money::new(1_500, Currency::JPY))}
            {amount(Money::new(-1_005, Currency::KWD))} {card(Some("visa"), Some("4242"))}
            {moment(Timestamp(1_795_305_600_000))} {id_with_copy(id)} {copy_button_wide(id.to_owned())}
        </div>
    }
    .into_any()
}

fn buttons(toasts: Toasts) -> AnyView {
    let locale = use_locale();
    let saved = t(locale, k::LINKS_SAVED);
    view! {
        <div class="cluster">
            <button type="button" class="btn btn-primary" on:click=move |_| toasts.show(saved)>{t(locale, k::FORM_SAVE)}</button>
            <button type="button" class="btn">{icon("plus")} {t(locale, k::LINKS_CREATE)}</button>
            <button type="button" class="btn btn-ghost">{t(locale, k::FORM_CANCEL)}</button>
            <button type="button" class="btn btn-danger">{t(locale, k::REFUND_OPEN)}</button>
            <button type="button" class="btn btn-danger-quiet btn-sm">{t(locale, k::GATEWAYS_ARCHIVE)}</button>
            <button type="button" class="btn" aria-busy="true" disabled>{t(locale, k::FORM_SENDING)}</button>
            <button type="button" class="btn btn-icon" aria-label=t(locale, k::NAV_OPEN)>{icon("more")}</button>
        </div>
    }
    .into_any()
}

fn form() -> AnyView {
    let locale = use_locale();
    let problem = Problem::fields(vec![FieldProblem::new("dev_amount", codes::BAD_AMOUNT)]);
    let cx = FormCx::hosted(Some(problem)).with_ids("dev-");
    let choices = || {
        vec![
            Choice::new("a", t(locale, k::LINKS_FIXED)).help(t(locale, k::LINKS_FIXED_HELP)),
            Choice::new("b", t(locale, k::LINKS_CUSTOMER)),
        ]
    };
    view! {
        <div class="form">
            {Field::new("dev_title", t(locale, k::LINKS_FIELD_TITLE)).help(t(locale, k::LINKS_FIELD_TITLE_HELP)).optional().view(&cx)}
            {Field::new("dev_amount", t(locale, k::LINKS_FIELD_AMOUNT)).decimal().affix("EUR").value("12,3,4").view(&cx)}
            {Field::new("dev_kind", t(locale, k::LINKS_FIELD_PRICING)).value("a").radios(&cx, choices())}
            {Field::new("dev_select", t(locale, k::REFUND_REASON)).value("b").select(&cx, choices())}
            {Field::new("dev_checks", t(locale, k::GATEWAYS_METHODS)).checks(&cx, choices(), &["a".to_owned()])}
            {Field::new("dev_note", t(locale, k::REFUND_NOTE)).area(&cx, 2)}
        </div>
    }
    .into_any()
}

fn dialog() -> AnyView {
    let locale = use_locale();
    let open = RwSignal::new(false);
    let question = Question {
        id: "dev-question",
        title: t(locale, k::SESSIONS_EXPIRE_TITLE).to_owned(),
        text: t(locale, k::SESSIONS_EXPIRE_TEXT).to_owned(),
        label: t(locale, k::SESSIONS_EXPIRE).to_owned(),
    };
    view! {
        <div><button type="button" class="btn" on:click=move |_| open.set(true)>{t(locale, k::LINKS_OPEN)}</button></div>
        {confirm(question, open, Signal::stored(false), move || open.set(false))}
    }
    .into_any()
}

fn list() -> AnyView {
    let locale = use_locale();
    let here = "/dev/components".to_owned();
    view! {
        <div class="toolbar">{chip(t(locale, k::PAYMENTS_FILTER_LAST4), "4242".to_owned(), here.clone())} {clear_all(here.clone())}</div>
        {pager(None, Some(here))}
    }
    .into_any()
}

fn chart() -> AnyView {
    let first = Timestamp(1_795_305_600_000);
    let days = (0..30i64)
        .map(|day| Day {
            date: first.plus(day * time::DAY).date(),
            amount: Money::new((day * 7_919) % 43_000, Currency::EUR),
            maintenance: (day == 12).then(|| code_text(use_locale(), "gateway.provider.", "sandbox")),
        })
        .collect();
    day_bars(t(use_locale(), k::CHART_AMOUNT).to_owned(), days)
}

fn messages() -> AnyView {
    let locale = use_locale();
    let problem =
        Problem { request_id: Some("req_example".to_owned()), ..Problem::new(ProblemKind::Internal, codes::INTERNAL) };
    let action = view! { <a class="btn" href="/dev/components">{t(locale, k::LINKS_CREATE)}</a> };
    view! {
        {empty("link", t(locale, k::LINKS_NONE), t(locale, k::LINKS_NONE_TEXT), action.into_any())}
        // Made without `ApiError::from`, which would give this page the problem's status.
        {error_block(&crate::api::ApiError(problem.clone()))}
        {action_problem(Some(problem))}
    }
    .into_any()
}
