//! Look over everything, see what is missing with links to it, submit.

use super::labels::label;
use super::{Wizard, documents, messages, step_name, step_path};
use crate::components::icon::icon;
use crate::hosted::countries;
use crate::hosted::form::{FormCx, error_summary, hidden};
use crate::i18n::{code_text, field_text, k, number, t, tf, tn, use_locale};
use domain::states::ApplicationStatus;
use domain::views::application::{Owner, Step};
use leptos::prelude::*;

pub(super) fn page(cx: &FormCx, wizard: &Wizard) -> AnyView {
    let locale = use_locale();
    let answering = matches!(wizard.view.status, ApplicationStatus::MoreInformation | ApplicationStatus::Denied);
    // With an answer to write the problem belongs to that form.
    let summary = (!answering).then(|| error_summary(cx));
    view! {
        <p class="muted">{t(locale, k::ONBOARDING_REVIEW_INTRO)}</p>
        {summary}
        {messages::list(wizard)}
        {messages::answer(cx, wizard)}
        {missing(wizard)}
        {answers(wizard)}
        {submit(wizard)}
    }
    .into_any()
}

/// What is missing, each with a link to its field.
fn missing(wizard: &Wizard) -> AnyView {
    let locale = use_locale();
    let gaps: Vec<_> = wizard
        .view
        .steps
        .iter()
        .flat_map(|state| state.missing.iter().map(move |problem| (state.step, problem)))
        .map(|(step, problem)| {
            let anchor = problem.field.replace('.', "-");
            let href = format!("{}#{anchor}", step_path(&wizard.view.merchant_id, step));
            let reason = field_text(locale, problem);
            let line = tf(
                locale,
                k::ONBOARDING_MISSING_LINE,
                &[("field", &label(locale, &problem.field)), ("reason", &reason)],
            );
            view! { <li><a href=href>{line}</a></li> }
        })
        .collect();
    if gaps.is_empty() {
        return view! {
            <div class="banner banner-success">
                {icon("check-circle")}
                <div><b>{t(locale, k::ONBOARDING_READY_TITLE)}</b><p>{t(locale, k::ONBOARDING_READY_BODY)}</p></div>
            </div>
        }
        .into_any();
    }
    let count = i64::try_from(gaps.len()).unwrap_or(i64::MAX);
    view! {
        <div class="banner banner-warning">
            {icon("alert-triangle")}
            <div><b>{tn(locale, k::ONBOARDING_MISSING_TITLE, count, &[])}</b><ul>{gaps}</ul></div>
        </div>
    }
    .into_any()
}

fn submit(wizard: &Wizard) -> AnyView {
    let locale = use_locale();
    if !wizard.view.can_submit {
        return ().into_any();
    }
    view! {
        <form class="form" method="post" action="/onboarding/submit">
            {hidden("m", wizard.view.merchant_id.to_string())}
            <div class="form-actions">
                <button type="submit" class="btn btn-primary btn-lg">{t(locale, k::ONBOARDING_SUBMIT)}</button>
            </div>
        </form>
    }
    .into_any()
}

/// Everything that was answered, by steps.
pub(super) fn answers(wizard: &Wizard) -> AnyView {
    let locale = use_locale();
    let a = &wizard.view.answers;
    let country = |code: &str| if code.is_empty() { String::new() } else { countries::name(locale, code) };
    let code =
        |prefix: &str, value: &str| if value.is_empty() { String::new() } else { code_text(locale, prefix, value) };
    let business = vec![
        ("legal_form", code("legal_form.", &a.legal_form), false),
        ("legal_name", a.legal_name.clone(), false),
        ("trading_name", a.trading_name.clone(), false),
        ("country", country(&a.country), false),
        ("company_number", a.company_number.clone(), true),
        ("tax_number", a.tax_number.clone(), true),
        ("address_line", a.address_line.clone(), false),
        ("address_line2", a.address_line2.clone(), false),
        ("postal_code", a.postal_code.clone(), true),
        ("city", a.city.clone(), false),
        ("region", a.region.clone(), false),
        ("phone", a.phone.clone(), true),
    ];
    let activity = vec![
        ("website", a.website.clone(), true),
        ("category", code("category.", &a.category), false),
        ("description", a.description.clone(), false),
        ("volume_currency", a.volume_currency.clone(), true),
        ("monthly_volume", a.monthly_volume.clone(), true),
        ("average_payment", a.average_payment.clone(), true),
    ];
    let mut bank = vec![
        ("account_holder", a.account_holder.clone(), false),
        ("account_kind", account_kind(&a.account_kind).to_owned(), false),
    ];
    if a.account_kind == "local" {
        bank.push(("bank_country", country(&a.bank_country), false));
        bank.push(("bank_code", a.bank_code.clone(), true));
        bank.push(("account_number", a.account_number.clone(), true));
    } else {
        bank.push(("iban", a.iban.clone(), true));
    }
    let owners: Vec<_> = a.owners.iter().enumerate().map(|(i, owner)| one_owner(i, owner)).collect();
    view! {
        {group(wizard, Step::Business, facts(&business))}
        {group(wizard, Step::Activity, facts(&activity))}
        {group(wizard, Step::Owners, view! { <div class="stack">{owners}</div> }.into_any())}
        {group(wizard, Step::Bank, facts(&bank))}
        {group(wizard, Step::Documents, documents::list(wizard, false))}
    }
    .into_any()
}

fn account_kind(kind: &str) -> &'static str {
    let locale = use_locale();
    match kind {
        "iban" => t(locale, k::ONBOARDING_ACCOUNT_KIND_IBAN),
        "local" => t(locale, k::ONBOARDING_ACCOUNT_KIND_LOCAL),
        _ => "",
    }
}

fn one_owner(i: usize, owner: &Owner) -> AnyView {
    let locale = use_locale();
    let shown = number(locale, i64::try_from(i + 1).unwrap_or(i64::MAX));
    let country = if owner.country.is_empty() { String::new() } else { countries::name(locale, &owner.country) };
    let rows = [
        ("owners.0.name", owner.name.clone(), false),
        ("owners.0.birth_date", owner.birth_date.clone(), true),
        ("owners.0.country", country, false),
        ("owners.0.share", owner.share.clone(), true),
        ("owners.0.role", owner.role.clone(), false),
    ];
    let rows: Vec<_> = rows
        .into_iter()
        .map(|(field, value, ltr)| {
            let name = label(locale, field);
            let name = name.split_once(": ").map_or_else(|| name.clone(), |(_, name)| name.to_owned());
            fact(name, value, ltr)
        })
        .collect();
    view! {
        <div>
            <h3>{tf(locale, k::ONBOARDING_OWNER_N, &[("number", &shown)])}</h3>
            <dl class="kv">{rows}</dl>
        </div>
    }
    .into_any()
}

fn facts(rows: &[(&str, String, bool)]) -> AnyView {
    let locale = use_locale();
    let rows: Vec<_> = rows.iter().map(|(field, value, ltr)| fact(label(locale, field), value.clone(), *ltr)).collect();
    view! { <dl class="kv">{rows}</dl> }.into_any()
}

fn fact(name: String, value: String, ltr: bool) -> AnyView {
    let value = if value.trim().is_empty() {
        view! { <span class="muted">{t(use_locale(), k::ONBOARDING_EMPTY_ANSWER)}</span> }.into_any()
    } else if ltr {
        view! { <bdi dir="ltr">{value}</bdi> }.into_any()
    } else {
        view! { <bdi>{value}</bdi> }.into_any()
    };
    view! { <div><dt>{name}</dt><dd>{value}</dd></div> }.into_any()
}

fn group(wizard: &Wizard, step: Step, content: AnyView) -> AnyView {
    let locale = use_locale();
    let change = wizard.view.status.is_editable().then(|| {
        let href = step_path(&wizard.view.merchant_id, step);
        view! {
            <a class="link" href=href>
                {t(locale, k::ONBOARDING_CHANGE)} <span class="visually-hidden">" " {t(locale, step_name(step))}</span>
            </a>
        }
    });
    view! {
        <section class="card" id=format!("step-{}", step.as_str())>
            <header class="card-head"><h2>{t(locale, step_name(step))}</h2>{change}</header>
            <div class="card-body">{content}</div>
        </section>
    }
    .into_any()
}
