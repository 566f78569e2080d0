//! Which column of a table holds what: a proposal beside the first rows.

use super::statements::name_of;
use crate::api::bank::ReadStatement;
use crate::components::form::{ActionForm, Choice, Field, FormCx, currency_choices, hidden, submit};
use crate::components::icon;
use crate::i18n::{Key, code_text, k, t, tf, use_locale};
use crate::pages::scope_fields;
use crate::wire::Act;
use domain::Scope;
use domain::views::bank::{BankStatement, Columns, MappingForm};
use leptos::prelude::*;

pub(super) fn form(scope: &Scope, file: &BankStatement, columns: Columns, read: Act<ReadStatement>) -> AnyView {
    let locale = use_locale();
    let cx = FormCx::of(read);
    let unsure: Vec<String> = columns.unsure.iter().map(|part| code_text(locale, "bank.unsure.", part)).collect();
    let unsure = (!unsure.is_empty()).then(|| {
        let parts = unsure.join(", ");
        view! {
            <div class="banner banner-warning">
                {icon("alert-triangle")} <div><p>{tf(locale, k::BANK_COLUMNS_UNSURE, &[("parts", &parts)])}</p></div>
            </div>
        }
    });
    let inside = view! {
        <div class="form">
            {cx.summary()}
            {scope_fields(scope)}
            {hidden("id", file.id.as_str())}
            {fields(&cx, &columns)}
            <div class="form-actions">{submit(read.pending(), "btn-primary", t(locale, k::BANK_COLUMNS_READ))}</div>
        </div>
    }
    .into_any();
    view! {
        <section class="card">
            <header class="card-head"><h2><bdi>{name_of(file)}</bdi></h2></header>
            <div class="card-body stack">
                <h3>{t(locale, k::BANK_COLUMNS_TITLE)}</h3>
                <p class="muted">{t(locale, k::BANK_COLUMNS_NOTE)}</p>
                {unsure}
                {preview(&columns)}
                <ActionForm action=read>{inside}</ActionForm>
            </div>
        </section>
    }
    .into_any()
}

/// The first rows under their headings, with the columns' numbers.
fn preview(columns: &Columns) -> AnyView {
    let locale = use_locale();
    let heads: Vec<_> = headings(columns)
        .into_iter()
        .enumerate()
        .map(|(n, heading)| view! { <th scope="col"><bdi dir="ltr">{n}</bdi> " " <bdi>{heading}</bdi></th> })
        .collect();
    let rows: Vec<_> = columns
        .sample
        .iter()
        .map(|row| {
            let cells: Vec<_> = row.iter().map(|cell| view! { <td><bdi>{cell.clone()}</bdi></td> }).collect();
            view! { <tr>{cells}</tr> }
        })
        .collect();
    view! {
        <div class="table-wrap" role="region" aria-label=t(locale, k::BANK_COLUMNS_PREVIEW) tabindex="0">
            <table class="table"><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>
        </div>
    }
    .into_any()
}

/// A heading for every column, as many as the widest row has.
fn headings(columns: &Columns) -> Vec<String> {
    let width = columns.sample.iter().map(Vec::len).max().unwrap_or(0).max(columns.headings.len());
    (0..width).map(|n| columns.headings.get(n).cloned().unwrap_or_default()).collect()
}

/// The columns to choose from; none where it may be absent.
fn choices(columns: &Columns, required: bool) -> Vec<Choice> {
    let locale = use_locale();
    let none = (!required).then(|| Choice::new("", t(locale, k::BANK_COLUMN_NONE)));
    let named = headings(columns).into_iter().enumerate().map(|(n, heading)| {
        let word = if heading.trim().is_empty() {
            tf(locale, k::BANK_COLUMN_NTH, &[("n", &n)])
        } else {
            format!("{n} · {heading}")
        };
        Choice::new(n.to_string(), word)
    });
    none.into_iter().chain(named).collect()
}

fn fields(cx: &FormCx, columns: &Columns) -> AnyView {
    let locale = use_locale();
    let form: &MappingForm = &columns.form;
    let column = |name: &'static str, label: Key, value: &str, required: bool| {
        let field = Field::new(name, t(locale, label)).value(value);
        let field = if required { field } else { field.optional() };
        field.select(cx, choices(columns, required))
    };
    let word = |name: &'static str, label: Key, value: &str, prefix: &'static str, codes: &[&str]| {
        let choices = codes.iter().map(|code| Choice::new(*code, code_text(locale, prefix, code))).collect();
        Field::new(name, t(locale, label)).value(value).select(cx, choices)
    };
    let orders = ["year_month_day", "day_month_year", "month_day_year"];
    let calendars = ["gregorian", "buddhist", "persian"];
    let typed = |name: &'static str, label: Key, value: &str| {
        Field::new(name, t(locale, label)).value(value).optional().view(cx)
    };
    view! {
        {Field::new("header_rows", t(locale, k::BANK_FIELD_HEADER_ROWS)).value(&form.header_rows).numeric().view(cx)}
        {column("date", k::BANK_FIELD_DATE, &form.date, true)}
        {word("date_order", k::BANK_FIELD_DATE_ORDER, &form.date_order, "bank.order.", &orders)}
        {word("calendar", k::BANK_FIELD_CALENDAR, &form.calendar, "bank.calendar.", &calendars)}
        {column("amount", k::BANK_FIELD_AMOUNT, &form.amount, true)}
        {column("debit", k::BANK_FIELD_DEBIT, &form.debit, false)}
        {column("mark", k::BANK_FIELD_MARK, &form.mark, false)}
        {typed("mark_credit", k::BANK_FIELD_MARK_CREDIT, &form.mark_credit)}
        {typed("mark_debit", k::BANK_FIELD_MARK_DEBIT, &form.mark_debit)}
        {word("decimal", k::BANK_FIELD_DECIMAL, &form.decimal, "bank.decimal.", &["point", "comma"])}
        {column("currency_column", k::BANK_FIELD_CURRENCY_COLUMN, &form.currency_column, false)}
        {Field::new("currency", t(locale, k::BANK_FIELD_CURRENCY))
            .value(&form.currency)
            .select(cx, currency_choices(&form.currency))}
        {Field::new("reference", t(locale, k::BANK_FIELD_REFERENCE))
            .value(&form.reference)
            .help(t(locale, k::BANK_FIELD_REFERENCE_HELP))
            .ltr()
            .view(cx)}
        {column("payer", k::BANK_FIELD_PAYER, &form.payer, false)}
        {column("payer_account", k::BANK_FIELD_PAYER_ACCOUNT, &form.payer_account, false)}
        {column("bank_ref", k::BANK_FIELD_BANK_REF, &form.bank_ref, false)}
        {column("end_to_end_id", k::BANK_FIELD_END_TO_END_ID, &form.end_to_end_id, false)}
    }
    .into_any()
}
