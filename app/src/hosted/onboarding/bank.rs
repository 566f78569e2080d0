//! Step "bank": where payouts go.

use super::{Wizard, country_choices, step_form};
use crate::hosted::form::{Choice, Field, FormCx};
use crate::i18n::{k, t, use_locale};
use leptos::prelude::*;

pub(super) fn form(cx: &FormCx, wizard: &Wizard) -> AnyView {
    let locale = use_locale();
    let a = &wizard.answers;
    let field = |name: &str, label| Field::new(name, t(locale, label));
    let kinds = vec![
        Choice::new("iban", t(locale, k::ONBOARDING_ACCOUNT_KIND_IBAN))
            .help(t(locale, k::ONBOARDING_ACCOUNT_KIND_IBAN_HELP)),
        Choice::new("local", t(locale, k::ONBOARDING_ACCOUNT_KIND_LOCAL))
            .help(t(locale, k::ONBOARDING_ACCOUNT_KIND_LOCAL_HELP)),
    ];
    let fields = view! {
        {field("account_holder", k::ONBOARDING_ACCOUNT_HOLDER).value(&a.account_holder).view(cx)}
        {field("account_kind", k::ONBOARDING_ACCOUNT_KIND).value(&a.account_kind).radios(cx, kinds)}
        {field("iban", k::ONBOARDING_IBAN).value(&a.iban).help(t(locale, k::ONBOARDING_IBAN_HELP)).ltr().view(cx)}
        {field("bank_country", k::ONBOARDING_BANK_COUNTRY).value(&a.bank_country).select(cx, country_choices())}
        <div class="field-row">
            {field("bank_code", k::ONBOARDING_BANK_CODE).value(&a.bank_code).help(t(locale, k::ONBOARDING_BANK_CODE_HELP)).ltr().view(cx)}
            {field("account_number", k::ONBOARDING_ACCOUNT_NUMBER).value(&a.account_number)
                .help(t(locale, k::ONBOARDING_ACCOUNT_NUMBER_HELP)).ltr().view(cx)}
        </div>
    };
    step_form(cx, wizard, k::ONBOARDING_BANK_INTRO, fields.into_any())
}
