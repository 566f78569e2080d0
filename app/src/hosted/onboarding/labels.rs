//! The names of fields, for lists of what is missing and for the review.

use crate::i18n::{Key, code_text, k, number, t, tf};
use domain::Locale;

/// The name of a field as the form shows it: "IBAN", "Owner 2: Date of birth", "Documents: Bank statement or letter".
pub(super) fn label(locale: Locale, field: &str) -> String {
    if let Some(rest) = field.strip_prefix("owners.")
        && let Some((index, name)) = rest.split_once('.')
    {
        let at = index.parse::<i64>().unwrap_or(0) + 1;
        let owner = tf(locale, k::ONBOARDING_OWNER_N, &[("number", &number(locale, at))]);
        return owner_key(name).map_or_else(|| owner.clone(), |key| format!("{owner}: {}", t(locale, key)));
    }
    if let Some(purpose) = field.strip_prefix("documents.") {
        return code_text(locale, "document.", purpose);
    }
    key(field).map_or_else(|| field.to_owned(), |key| t(locale, key).to_owned())
}

fn owner_key(name: &str) -> Option<Key> {
    Some(match name {
        "name" => k::ONBOARDING_OWNER_NAME,
        "birth_date" => k::ONBOARDING_OWNER_BIRTH_DATE,
        "country" => k::ONBOARDING_OWNER_COUNTRY,
        "share" => k::ONBOARDING_OWNER_SHARE,
        "role" => k::ONBOARDING_OWNER_ROLE,
        _ => return None,
    })
}

fn key(field: &str) -> Option<Key> {
    Some(match field {
        "legal_name" => k::ONBOARDING_LEGAL_NAME,
        "trading_name" => k::ONBOARDING_TRADING_NAME,
        "legal_form" => k::ONBOARDING_LEGAL_FORM,
        "company_number" => k::ONBOARDING_COMPANY_NUMBER,
        "tax_number" => k::ONBOARDING_TAX_NUMBER,
        "address_line" => k::ONBOARDING_ADDRESS_LINE,
        "address_line2" => k::ONBOARDING_ADDRESS_LINE2,
        "city" => k::ONBOARDING_CITY,
        "region" => k::ONBOARDING_REGION,
        "postal_code" => k::ONBOARDING_POSTAL_CODE,
        "country" => k::ONBOARDING_COUNTRY,
        "phone" => k::ONBOARDING_PHONE,
        "website" => k::ONBOARDING_WEBSITE,
        "category" => k::ONBOARDING_CATEGORY,
        "description" => k::ONBOARDING_DESCRIPTION,
        "monthly_volume" => k::ONBOARDING_MONTHLY_VOLUME,
        "volume_currency" => k::ONBOARDING_VOLUME_CURRENCY,
        "average_payment" => k::ONBOARDING_AVERAGE_PAYMENT,
        "owners" => k::ONBOARDING_STEP_OWNERS,
        "account_holder" => k::ONBOARDING_ACCOUNT_HOLDER,
        "account_kind" => k::ONBOARDING_ACCOUNT_KIND,
        "iban" => k::ONBOARDING_IBAN,
        "account_number" => k::ONBOARDING_ACCOUNT_NUMBER,
        "bank_code" => k::ONBOARDING_BANK_CODE,
        "bank_country" => k::ONBOARDING_BANK_COUNTRY,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_of_owners_and_documents_have_names() {
        assert_eq!(label(Locale::En, "owners.1.birth_date"), "Owner 2: Date of birth");
        assert_eq!(label(Locale::En, "documents.bank"), "Bank statement or letter");
        assert_eq!(label(Locale::Fa, "city"), "شهر");
        assert_eq!(label(Locale::En, "unheard_of"), "unheard_of");
    }
}
