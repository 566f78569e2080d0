//! Step "business": names, numbers, address.

use super::{Wizard, country_choices, named_choices, step_form};
use crate::hosted::form::{Field, FormCx};
use crate::i18n::{k, t, use_locale};
use domain::validate::LEGAL_FORMS;
use leptos::prelude::*;

/// The fields in the order of the form.
pub(super) const ORDER: [&str; 12] = [
    "legal_form",
    "legal_name",
    "trading_name",
    "country",
    "company_number",
    "tax_number",
    "address_line",
    "address_line2",
    "postal_code",
    "city",
    "region",
    "phone",
];

pub(super) fn form(cx: &FormCx, wizard: &Wizard) -> AnyView {
    let locale = use_locale();
    let a = &wizard.answers;
    let field = |name: &str, label| Field::new(name, t(locale, label));
    let fields = view! {
        {field("legal_form", k::ONBOARDING_LEGAL_FORM).value(&a.legal_form).select(cx, named_choices("legal_form.", LEGAL_FORMS))}
        {field("legal_name", k::ONBOARDING_LEGAL_NAME).value(&a.legal_name).help(t(locale, k::ONBOARDING_LEGAL_NAME_HELP))
            .autocomplete("organization").view(cx)}
        {field("trading_name", k::ONBOARDING_TRADING_NAME).value(&a.trading_name).help(t(locale, k::ONBOARDING_TRADING_NAME_HELP)).view(cx)}
        {field("country", k::ONBOARDING_COUNTRY).value(&a.country).autocomplete("country").select(cx, country_choices())}
        {field("company_number", k::ONBOARDING_COMPANY_NUMBER).value(&a.company_number)
            .help(t(locale, k::ONBOARDING_COMPANY_NUMBER_HELP)).ltr().view(cx)}
        {field("tax_number", k::ONBOARDING_TAX_NUMBER).value(&a.tax_number).ltr().view(cx)}
        {field("address_line", k::ONBOARDING_ADDRESS_LINE).value(&a.address_line).autocomplete("address-line1").view(cx)}
        {field("address_line2", k::ONBOARDING_ADDRESS_LINE2).value(&a.address_line2).autocomplete("address-line2").optional().view(cx)}
        <div class="field-row">
            {field("postal_code", k::ONBOARDING_POSTAL_CODE).value(&a.postal_code).autocomplete("postal-code").ltr().view(cx)}
            {field("city", k::ONBOARDING_CITY).value(&a.city).autocomplete("address-level2").view(cx)}
        </div>
        {field("region", k::ONBOARDING_REGION).value(&a.region).autocomplete("address-level1").optional().view(cx)}
        {field("phone", k::ONBOARDING_PHONE).value(&a.phone).help(t(locale, k::ONBOARDING_PHONE_HELP)).kind("tel").autocomplete("tel").view(cx)}
    };
    step_form(cx, wizard, k::ONBOARDING_BUSINESS_INTRO, fields.into_any())
}
