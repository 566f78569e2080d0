//! Amounts and ids: they read from left to right in every language.

use super::copy_button;
use domain::Money;
use leptos::prelude::*;

/// An amount with its currency.
pub fn amount(money: Money) -> AnyView {
    view! {
        <bdi class="money" dir="ltr">
            {money.grouped()} " " <span class="money-code">{money.currency.code().to_owned()}</span>
        </bdi>
    }
    .into_any()
}

/// An id as text.
pub fn id(text: impl ToString) -> AnyView {
    view! { <bdi class="mono" dir="ltr">{text.to_string()}</bdi> }.into_any()
}

/// An id with a button that copies it.
pub fn id_with_copy(text: impl ToString) -> AnyView {
    let text = text.to_string();
    view! { <span class="row"><bdi class="mono truncate" dir="ltr">{text.clone()}</bdi> {copy_button(text)}</span> }
        .into_any()
}

/// A card: `Visa •••• 4242`.
pub fn card(brand: Option<&str>, last4: Option<&str>) -> AnyView {
    let (Some(last4), brand) = (last4, brand.unwrap_or("")) else { return ().into_any() };
    let text = format!("{} •••• {last4}", brand_name(brand));
    view! { <span class="pan">{super::icon("card")} <bdi dir="ltr">{text.trim().to_owned()}</bdi></span> }.into_any()
}

/// The name of a card's brand as people write it: `american_express` becomes `American express`.
#[must_use]
pub fn brand_name(brand: &str) -> String {
    let mut name = brand.replace('_', " ");
    if let Some(first) = name.get_mut(0..1) {
        first.make_ascii_uppercase();
    }
    name
}
