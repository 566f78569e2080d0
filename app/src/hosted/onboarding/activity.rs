//! Step "activity": website, category, what is sold, volume.

use super::{Wizard, named_choices, step_form};
use crate::hosted::form::{Choice, Field, FormCx, currency_choices};
use crate::i18n::{k, t, use_locale};
use domain::validate::CATEGORIES;
use leptos::prelude::*;

pub(super) fn form(cx: &FormCx, wizard: &Wizard) -> AnyView {
    let locale = use_locale();
    let a = &wizard.answers;
    let field = |name: &str, label| Field::new(name, t(locale, label));
    let mut currencies = currency_choices(&a.volume_currency);
    currencies.insert(0, Choice::new("", t(locale, k::ONBOARDING_CHOOSE)));
    let fields = view! {
        {field("website", k::ONBOARDING_WEBSITE).value(&a.website).help(t(locale, k::ONBOARDING_WEBSITE_HELP))
            .kind("url").inputmode("url").autocomplete("url").view(cx)}
        {field("category", k::ONBOARDING_CATEGORY).value(&a.category).select(cx, named_choices("category.", CATEGORIES))}
        {field("description", k::ONBOARDING_DESCRIPTION).value(&a.description).help(t(locale, k::ONBOARDING_DESCRIPTION_HELP)).area(cx, 5)}
        {field("volume_currency", k::ONBOARDING_VOLUME_CURRENCY).value(&a.volume_currency).select(cx, currencies)}
        <div class="field-row">
            {field("monthly_volume", k::ONBOARDING_MONTHLY_VOLUME).value(&a.monthly_volume)
                .help(t(locale, k::ONBOARDING_MONTHLY_VOLUME_HELP)).decimal().view(cx)}
            {field("average_payment", k::ONBOARDING_AVERAGE_PAYMENT).value(&a.average_payment).decimal().view(cx)}
        </div>
    };
    step_form(cx, wizard, k::ONBOARDING_ACTIVITY_INTRO, fields.into_any())
}
