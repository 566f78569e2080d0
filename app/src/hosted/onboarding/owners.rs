//! Step "owners": rows that are added and removed without script.

use super::{Wizard, country_choices, step_form};
use crate::components::icon::icon;
use crate::hosted::form::{Choice, Field, FormCx};
use crate::i18n::{k, number, t, tf, use_locale};
use domain::validate::application::MAX_OWNERS;
use domain::views::application::Owner;
use leptos::prelude::*;

pub(super) fn form(cx: &FormCx, wizard: &Wizard) -> AnyView {
    let locale = use_locale();
    let owners = &wizard.answers.owners;
    // A fresh start shows one empty row.
    let shown = if owners.is_empty() { vec![Owner::default()] } else { owners.clone() };
    let may_remove = shown.len() > 1;
    let countries = country_choices();
    let rows: Vec<_> = shown.iter().enumerate().map(|(i, owner)| row(cx, i, owner, &countries, may_remove)).collect();
    let add = (shown.len() < MAX_OWNERS).then(|| {
        view! {
            <div>
                <button type="submit" class="btn" name="do" value="add_owner">{icon("plus")} " " {t(locale, k::ONBOARDING_OWNER_ADD)}</button>
            </div>
        }
    });
    let rows = view! { {rows} {add} }.into_any();
    let fields = cx.part("owners", t(locale, k::ONBOARDING_STEP_OWNERS), rows);
    step_form(cx, wizard, k::ONBOARDING_OWNERS_INTRO, fields)
}

fn row(cx: &FormCx, i: usize, owner: &Owner, countries: &[Choice], may_remove: bool) -> AnyView {
    let locale = use_locale();
    let shown = number(locale, i64::try_from(i + 1).unwrap_or(i64::MAX));
    let field = |name: &str, label| Field::new(format!("owners.{i}.{name}"), t(locale, label));
    let remove = may_remove.then(|| {
        let label = tf(locale, k::ONBOARDING_OWNER_REMOVE, &[("number", &shown)]);
        view! {
            <div>
                <button type="submit" class="btn btn-danger-quiet btn-sm" name="do" value=format!("remove_owner.{i}")>
                    {icon("trash")} " " {label}
                </button>
            </div>
        }
    });
    view! {
        <fieldset class="card card-pad stack">
            <legend class="field-label">{tf(locale, k::ONBOARDING_OWNER_N, &[("number", &shown)])}</legend>
            {field("name", k::ONBOARDING_OWNER_NAME).value(&owner.name).view(cx)}
            {field("birth_date", k::ONBOARDING_OWNER_BIRTH_DATE).value(&owner.birth_date)
                .help(t(locale, k::ONBOARDING_OWNER_BIRTH_DATE_HELP)).ltr().inputmode("numeric").view(cx)}
            {field("country", k::ONBOARDING_OWNER_COUNTRY).value(&owner.country).select(cx, countries.to_vec())}
            <div class="field-row">
                {field("share", k::ONBOARDING_OWNER_SHARE).value(&owner.share).numeric().view(cx)}
                {field("role", k::ONBOARDING_OWNER_ROLE).value(&owner.role).view(cx)}
            </div>
            {remove}
        </fieldset>
    }
    .into_any()
}
