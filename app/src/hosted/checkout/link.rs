//! The page of a payment link.

use super::parts::{merchant, money, notice};
use super::status::plain_with;
use crate::hosted::form::{Field, FormCx, error_summary};
use crate::hosted::{HostedPage, page};
use crate::i18n::{k, t, tf, tn};
use crate::request::RequestInfo;
use domain::{
    Problem,
    views::checkout::{LinkPageView, PaymentLink},
};
use leptos::prelude::*;

/// What the customer chose, as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Chosen {
    /// Amount, where the customer chooses it.
    pub amount: String,
    /// How many.
    pub quantity: String,
}

/// The page at `path`: what the link sells, with the choice of amount and quantity where there is one.
#[must_use]
pub fn link_page(
    info: &RequestInfo,
    path: &str,
    view: &LinkPageView,
    chosen: &Chosen,
    problem: Option<&Problem>,
) -> String {
    let action = path.to_owned();
    let locale = info.locale;
    let name = &view.branding.name;
    if !view.available {
        let (title, body) = if view.left == Some(0) {
            (k::LINK_SOLD_OUT_TITLE, k::LINK_SOLD_OUT_BODY)
        } else if !view.link.active {
            (k::LINK_INACTIVE_TITLE, k::LINK_INACTIVE_BODY)
        } else {
            (k::CHECKOUT_UNAVAILABLE_TITLE, k::CHECKOUT_UNAVAILABLE_BODY)
        };
        return plain_with(info, t(locale, title), &tf(locale, body, &[("merchant", name)]));
    }
    let title = tf(locale, k::LINK_TITLE, &[("title", &view.link.title), ("merchant", name)]);
    let head = HostedPage {
        has_notice: true,
        error: problem.is_some(),
        brand_color: view.branding.color.as_deref(),
        site_name: Some("Paydeck"),
        script: Some("checkout.js"),
        ..HostedPage::new(&title, info)
    };
    page(head, || {
        let cx = FormCx::hosted(problem.cloned());
        let link = &view.link;
        let description = link.description.clone().map(|text| view! { <p class="muted"><bdi>{text}</bdi></p> });
        let left = view.left.map(|left| view! { <p class="muted small">{tn(locale, k::LINK_LEFT, left, &[])}</p> });
        let price = link.amount.map(|amount| view! { <p class="checkout-amount">{money(amount)}</p> });
        view! {
            {notice(info, view.mode)}
            <main class="checkout" id="main">
                <section class="checkout-summary">
                    {merchant(&view.branding)}
                    <h1><bdi>{link.title.clone()}</bdi></h1>
                    {price}
                    {description}
                    {left}
                </section>
                <section class="checkout-pay">
                    {error_summary(&cx)}
                    <form class="pay-form" method="post" action=action novalidate>
                        {amount(info, link, chosen, &cx)}
                        {quantity(info, link, chosen, &cx)}
                        <button class="pay-button" type="submit">{t(locale, k::LINK_CONTINUE)}</button>
                    </form>
                </section>
            </main>
            {crate::hosted::footer(info, "")}
        }
    })
}

/// The amount's field, where the customer chooses it, with its bounds below.
fn amount(info: &RequestInfo, link: &PaymentLink, chosen: &Chosen, cx: &FormCx) -> Option<AnyView> {
    if link.amount.is_some() {
        return None;
    }
    let locale = info.locale;
    let field = Field::new("amount", t(locale, k::LINK_AMOUNT))
        .value(&chosen.amount)
        .affix(&link.currency)
        .decimal()
        .autocomplete("transaction-amount");
    let help = match (link.min_amount, link.max_amount) {
        (Some(min), Some(max)) => {
            tf(locale, k::LINK_AMOUNT_HELP_BETWEEN, &[("min", &min.display()), ("max", &max.display())])
        }
        (Some(min), None) => tf(locale, k::LINK_AMOUNT_HELP_MIN, &[("min", &min.display())]),
        (None, Some(max)) => tf(locale, k::LINK_AMOUNT_HELP_MAX, &[("max", &max.display())]),
        (None, None) => return Some(field.view(cx)),
    };
    Some(field.help(help).view(cx))
}

/// How many, where more than one can be had.
fn quantity(info: &RequestInfo, link: &PaymentLink, chosen: &Chosen, cx: &FormCx) -> AnyView {
    if link.max_quantity <= 1 {
        return view! { <input type="hidden" name="quantity" value="1"/> }.into_any();
    }
    let value = if chosen.quantity.is_empty() { "1" } else { chosen.quantity.as_str() };
    Field::new("quantity", t(info.locale, k::LINK_QUANTITY)).value(value).numeric().autocomplete("off").view(cx)
}
