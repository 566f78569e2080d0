//! What a merchant answered, as facts.

use crate::i18n::{Key, code_text, k, t, use_locale};
use domain::views::application::{Answers, ApplicationView};
use leptos::prelude::*;

/// The answers in groups, and the documents.
pub fn answers(view: &ApplicationView) -> AnyView {
    let a = &view.answers;
    let locale = use_locale();
    let form = code_text(locale, "legal_form.", &a.legal_form);
    let category = code_text(locale, "category.", &a.category);
    let volume = format!("{} {}", a.monthly_volume, a.volume_currency);
    view! {
        {group(k::ADMIN_GROUP_BUSINESS, vec![
            (k::ADMIN_A_LEGAL_NAME, a.legal_name.clone()),
            (k::ADMIN_A_TRADING_NAME, a.trading_name.clone()),
            (k::ADMIN_A_LEGAL_FORM, form),
            (k::ADMIN_A_COMPANY_NUMBER, a.company_number.clone()),
            (k::ADMIN_A_TAX_NUMBER, a.tax_number.clone()),
            (k::ADMIN_A_ADDRESS, address(a)),
            (k::ADMIN_A_PHONE, a.phone.clone()),
        ])}
        {group(k::ADMIN_GROUP_ACTIVITY, vec![
            (k::ADMIN_A_WEBSITE, a.website.clone()),
            (k::ADMIN_A_CATEGORY, category),
            (k::ADMIN_A_DESCRIPTION, a.description.clone()),
            (k::ADMIN_A_VOLUME, volume),
            (k::ADMIN_A_AVERAGE, a.average_payment.clone()),
        ])}
        {owners(a)}
        {group(k::ADMIN_GROUP_BANK, bank(a))}
        {documents(view)}
    }
    .into_any()
}

fn address(a: &Answers) -> String {
    let parts = [&a.address_line, &a.address_line2, &a.postal_code, &a.city, &a.region, &a.country];
    parts.into_iter().filter(|p| !p.is_empty()).cloned().collect::<Vec<_>>().join(", ")
}

fn bank(a: &Answers) -> Vec<(Key, String)> {
    let mut facts = vec![(k::ADMIN_A_HOLDER, a.account_holder.clone())];
    if a.account_kind == "local" {
        facts.push((k::ADMIN_A_ACCOUNT_NUMBER, a.account_number.clone()));
        facts.push((k::ADMIN_A_BANK_CODE, a.bank_code.clone()));
        facts.push((k::ADMIN_A_BANK_COUNTRY, a.bank_country.clone()));
    } else {
        facts.push((k::ADMIN_A_IBAN, a.iban.clone()));
    }
    facts
}

fn group(title: Key, facts: Vec<(Key, String)>) -> AnyView {
    let locale = use_locale();
    let rows: Vec<AnyView> = facts
        .into_iter()
        .map(|(name, value)| {
            let value = if value.trim().is_empty() { "–".to_owned() } else { value };
            view! { <div><dt>{t(locale, name)}</dt><dd><bdi>{value}</bdi></dd></div> }.into_any()
        })
        .collect();
    view! {
        <section class="card">
            <header class="card-head"><h2>{t(locale, title)}</h2></header>
            <div class="card-body"><dl class="kv">{rows}</dl></div>
        </section>
    }
    .into_any()
}

fn owners(a: &Answers) -> AnyView {
    let locale = use_locale();
    let rows: Vec<AnyView> = a
        .owners
        .iter()
        .map(|owner| {
            let facts = [owner.role.as_str(), owner.birth_date.as_str(), owner.country.as_str()];
            let line = facts.into_iter().filter(|f| !f.is_empty()).collect::<Vec<_>>().join(" · ");
            let share = if owner.share.is_empty() { String::new() } else { format!("{} %", owner.share) };
            view! { <div><dt><bdi>{owner.name.clone()}</bdi></dt><dd><bdi>{line}</bdi> " " <bdi dir="ltr">{share}</bdi></dd></div> }.into_any()
        })
        .collect();
    let body = if rows.is_empty() {
        view! { <p class="muted">{t(locale, k::NONE)}</p> }.into_any()
    } else {
        view! { <dl class="kv">{rows}</dl> }.into_any()
    };
    view! {
        <section class="card">
            <header class="card-head"><h2>{t(locale, k::ADMIN_GROUP_OWNERS)}</h2></header>
            <div class="card-body">{body}</div>
        </section>
    }
    .into_any()
}

fn documents(view: &ApplicationView) -> AnyView {
    let locale = use_locale();
    let rows: Vec<AnyView> = view
        .documents
        .iter()
        .map(|d| {
            let href = format!("/files/{}/{}", view.merchant_id, d.id);
            let size = format!("{} kB", (d.size + 999) / 1000);
            view! {
                <li class="file">
                    {crate::components::icon("document")}
                    <a class="file-name" href=href rel="external"><bdi>{d.name.clone()}</bdi></a>
                    <span class="muted small">{code_text(locale, "document.", &d.purpose)} " · " <bdi dir="ltr">{size}</bdi></span>
                </li>
            }
            .into_any()
        })
        .collect();
    let body = if rows.is_empty() {
        view! { <p class="muted">{t(locale, k::NONE)}</p> }.into_any()
    } else {
        view! { <ul class="files">{rows}</ul> }.into_any()
    };
    view! {
        <section class="card">
            <header class="card-head"><h2>{t(locale, k::ADMIN_GROUP_DOCUMENTS)}</h2></header>
            <div class="card-body">{body}</div>
        </section>
    }
    .into_any()
}
