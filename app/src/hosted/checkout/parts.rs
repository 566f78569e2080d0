//! What the customer's pages share.

use crate::components::icon::icon;
use crate::i18n::{k, t, tf};
use crate::request::RequestInfo;
use domain::{
    Currency, Locale, Mode, Money, Timestamp,
    views::checkout::{Branding, LineItem},
};
use leptos::prelude::*;

/// An amount, left to right in every language.
pub fn money(amount: Money) -> impl IntoView + use<> {
    view! { <bdi class="money" dir="ltr">{amount.display()}</bdi> }
}

/// The merchant's mark and name.
pub fn merchant(branding: &Branding) -> impl IntoView + use<> {
    let initial: String = branding.name.chars().next().map(|c| c.to_uppercase().collect()).unwrap_or_default();
    let mark = match &branding.logo_url {
        Some(url) => view! { <img class="merchant-mark" alt="" src=url.clone() width="40" height="40"/> }.into_any(),
        None => view! { <span class="merchant-mark" aria-hidden="true">{initial}</span> }.into_any(),
    };
    view! { <div class="merchant">{mark}<span class="merchant-name"><bdi>{branding.name.clone()}</bdi></span></div> }
}

/// Says loudly that no money moves, when that is so.
pub fn notice(info: &RequestInfo, mode: Mode) -> Option<AnyView> {
    match (mode, info.sandbox_live) {
        (Mode::Test, _) => Some(loud(t(info.locale, k::CHECKOUT_TEST_MODE))),
        (Mode::Live, true) => Some(live_notice(info.locale)),
        (Mode::Live, false) => None,
    }
}

/// Says that the sandbox takes live payments on this server.
pub fn live_notice(locale: Locale) -> AnyView {
    loud(t(locale, k::CHECKOUT_SANDBOX_LIVE_NOTICE))
}

fn loud(text: &'static str) -> AnyView {
    view! { <aside class="test-notice">{icon("sandbox")}<span><b>{text}</b></span></aside> }.into_any()
}

/// A moment in words, to the minute.
pub fn utc(at: Timestamp) -> String {
    let (_, _, _, hour, minute, _) = at.utc_parts();
    format!("\u{2066}{} {hour:02}:{minute:02} UTC\u{2069}", at.date())
}

/// What is bought.
pub fn lines(locale: Locale, items: &[LineItem], currency: Currency) -> impl IntoView + use<> {
    let rows: Vec<_> = items
        .iter()
        .map(|item| {
            let unit = Money::new(item.unit_amount, currency);
            let total = unit.times(item.quantity).unwrap_or(unit);
            let each = (item.quantity > 1).then(|| {
                let price = unit.display();
                let text =
                    tf(locale, k::CHECKOUT_QUANTITY_EACH, &[("quantity", &item.quantity), ("price", &price)]);
                view! { <small>{text}</small> }
            });
            view! { <li class="line-item"><span class="line-name"><bdi>{item.name.clone()}</bdi>{each}</span>{money(total)}</li> }
        })
        .collect();
    view! { <ul class="line-items">{rows}</ul> }
}

/// The merchant's contact, as one text.
pub fn contact(branding: &Branding) -> Option<String> {
    branding.support_email.clone().or_else(|| branding.support_url.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assets::Assets;
    use crate::hosted::fragment;
    use std::sync::Arc;

    #[test]
    fn a_live_page_says_when_the_sandbox_acts_as_gateway_and_only_then() {
        let mut info = RequestInfo::anonymous(Locale::En, Arc::new(Assets::empty()));
        let shown = |info: &RequestInfo, mode| fragment(info, || notice(info, mode));
        assert!(!shown(&info, Mode::Live).contains("test-notice"));
        assert!(shown(&info, Mode::Test).contains(t(Locale::En, k::CHECKOUT_TEST_MODE)));
        info.sandbox_live = true;
        assert!(shown(&info, Mode::Live).contains(t(Locale::En, k::CHECKOUT_SANDBOX_LIVE_NOTICE)));
    }
}
