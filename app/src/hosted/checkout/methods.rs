//! The choice of method, and how each is given: typed here, in the gateway's own fields, or on the gateway's page.

use super::pay::Typed;
use crate::components::icon::icon;
use crate::hosted::form::{Field, FormCx, hidden};
use crate::i18n::{code_text, k, t, tf};
use crate::request::RequestInfo;
use domain::CaptureMethod;
use domain::views::checkout::{CheckoutView, OfferedMethod, PayFields, SavedMethod, ScriptFields};
use leptos::prelude::*;

/// The methods with their fields; with only one, nothing is asked. Without scripts the fields of a method that is not chosen are
/// hidden by the style sheet alone.
pub fn options(info: &RequestInfo, view: &CheckoutView, typed: &Typed, cx: &FormCx) -> AnyView {
    let locale = info.locale;
    if let ([only], []) = (view.methods.as_slice(), view.saved.as_slice()) {
        return view! {
            {hidden("method", only.method.clone())}
            {fields(info, view, only, typed, cx)}
        }
        .into_any();
    }
    let known = |name: &str| {
        view.saved.iter().any(|saved| saved.id.as_str() == name) || view.methods.iter().any(|m| m.method == name)
    };
    let first = view.saved.first().map(|saved| saved.id.to_string());
    let first = first.or_else(|| view.methods.first().map(|offered| offered.method.clone())).unwrap_or_default();
    let chosen = if known(&typed.method) { typed.method.clone() } else { first };
    let kept: Vec<_> = view
        .saved
        .iter()
        .map(|saved| {
            let checked = saved.id.as_str() == chosen;
            view! {
                <div class="pay-option">
                    <label class="pay-method">
                        <input class="radio" type="radio" name="method" value=saved.id.to_string() data-saved="" checked=checked/>
                        {icon("card")}<span>{saved_words(info, saved)}</span>
                    </label>
                </div>
            }
        })
        .collect();
    let choices: Vec<_> = view
        .methods
        .iter()
        .map(|offered| {
            let checked = offered.method == chosen;
            let fixed = (!offered.can_save).then_some("");
            let word = code_text(locale, "gateway.method.", &offered.method);
            view! {
                <div class="pay-option">
                    <label class="pay-method">
                        <input class="radio" type="radio" name="method" value=offered.method.clone() data-unsaved=fixed checked=checked/>
                        {icon("card")}<span>{word}</span>
                    </label>
                    <div class="pay-details">{fields(info, view, offered, typed, cx)}</div>
                </div>
            }
        })
        .collect();
    view! { <fieldset class="pay-methods"><legend class="field-label">{t(locale, k::CHECKOUT_PAY_WITH)}</legend>{kept}{choices}</fieldset> }
        .into_any()
}

/// A saved method in words: `Visa ending in 4242, until 12/2034`.
pub fn saved_words(info: &RequestInfo, saved: &SavedMethod) -> String {
    let locale = info.locale;
    let Some(last4) = &saved.last4 else { return code_text(locale, "gateway.method.", &saved.method) };
    let brand = crate::components::money::brand_name(saved.brand.as_deref().unwrap_or_default());
    match (saved.exp_month, saved.exp_year) {
        (Some(month), Some(year)) => {
            let until = format!("\u{2066}{month:02}/{year}\u{2069}");
            tf(locale, k::CHECKOUT_SAVED_CARD, &[("brand", &brand), ("last4", last4), ("until", &until)])
        }
        _ => tf(locale, k::RECEIPT_CARD_ENDING, &[("brand", &brand), ("last4", last4)]),
    }
}

/// The box by which a customer agrees to have the method kept; hidden by the style sheet while a method is chosen that can't be, or is.
pub fn save_box(info: &RequestInfo, view: &CheckoutView, typed: &Typed) -> Option<AnyView> {
    if !view.methods.iter().any(|offered| offered.can_save) {
        return None;
    }
    let words = consent(info, &view.branding.name);
    Some(
        view! {
            <label class="pay-save check">
                <input class="checkbox" type="checkbox" name="save" value="1" checked=typed.save/>
                <span class="small">{words}</span>
            </label>
        }
        .into_any(),
    )
}

/// What a customer agrees to who has a method kept: the page shows these words, and they are stored.
#[must_use]
pub fn consent(info: &RequestInfo, merchant: &str) -> String {
    tf(info.locale, k::CHECKOUT_SAVE, &[("merchant", &merchant)])
}

fn fields(info: &RequestInfo, view: &CheckoutView, offered: &OfferedMethod, typed: &Typed, cx: &FormCx) -> AnyView {
    match &offered.fields {
        PayFields::Typed => test_card(info, typed, cx).into_any(),
        PayFields::Page => {
            let provider = code_text(info.locale, "gateway.provider.", &offered.provider);
            view! { <p class="small muted">{tf(info.locale, k::CHECKOUT_ON_PAGE, &[("provider", &provider)])}</p> }
                .into_any()
        }
        PayFields::Transfer => {
            view! { <p class="small muted">{t(info.locale, k::CHECKOUT_BY_TRANSFER)}</p> }.into_any()
        }
        PayFields::Script(script) => script_fields(info, view, offered, script, cx),
    }
}

/// The sandbox's card fields. They say that they take test numbers only, and browsers don't fill them in.
fn test_card(info: &RequestInfo, typed: &Typed, cx: &FormCx) -> impl IntoView + use<> {
    let locale = info.locale;
    view! {
        <p class="small muted" id="sandbox-notice">{t(locale, k::CHECKOUT_SANDBOX_NOTICE)}</p>
        <div class="card-fields" role="group" aria-label=t(locale, k::CHECKOUT_CARD) aria-describedby="sandbox-notice">
            {Field::new("card_number", t(locale, k::CHECKOUT_CARD_NUMBER)).numeric().autocomplete("off").view(cx)}
            {Field::new("card_expiry", t(locale, k::CHECKOUT_CARD_EXPIRY)).help(t(locale, k::CHECKOUT_CARD_EXPIRY_HELP)).numeric().autocomplete("off").view(cx)}
            {Field::new("card_code", t(locale, k::CHECKOUT_CARD_CODE)).help(t(locale, k::CHECKOUT_CARD_CODE_HELP)).numeric().autocomplete("off").view(cx)}
            {Field::new("name", t(locale, k::CHECKOUT_NAME)).value(&typed.name).autocomplete("cc-name").view(cx)}
        </div>
    }
}

/// The place that the gateway's script fills (`gateway-fields.js` starts it). Without scripts, and when it does not load, the way
/// over the gateway's own page is offered.
fn script_fields(
    info: &RequestInfo,
    view: &CheckoutView,
    offered: &OfferedMethod,
    script: &ScriptFields,
    cx: &FormCx,
) -> AnyView {
    let locale = info.locale;
    let provider = code_text(locale, "gateway.provider.", &offered.provider);
    let named = |key| tf(locale, key, &[("provider", &provider)]);
    let settings: serde_json::Map<String, serde_json::Value> =
        script.settings.iter().map(|(name, value)| (name.clone(), value.clone().into())).collect();
    let capture = if view.capture_method == CaptureMethod::Manual { "manual" } else { "automatic" };
    cx.name_field("gateway_fields", t(locale, k::CHECKOUT_DETAILS));
    let error = cx.error("gateway_fields").map(|text| view! { <p class="field-error">{icon("x-circle")}" "{text}</p> });
    let on_page = named(k::CHECKOUT_PAY_ON_PAGE);
    let without = format!(
        "<button class=\"btn\" type=\"submit\" name=\"via\" value=\"page\">{}</button>",
        crate::hosted::escape(&on_page)
    );
    let fallback = if script.has_page {
        view! {
            <div data-gateway-fallback="" hidden>
                <p class="small">{named(k::CHECKOUT_FIELDS_FAILED)}</p>
                <button class="btn" type="submit" name="via" value="page">{on_page}</button>
            </div>
            <noscript inner_html=without></noscript>
        }
        .into_any()
    } else {
        let sentence = named(k::CHECKOUT_FIELDS_NEED_SCRIPT);
        view! {
            <p class="small" data-gateway-fallback="" hidden>{sentence.clone()}</p>
            <noscript><p class="small">{sentence}</p></noscript>
        }
        .into_any()
    };
    view! {
        {hidden("connection", offered.connection.to_string())}
        {hidden("gateway_token", "")}
        <div
            class="gateway-fields"
            id=cx.id("gateway_fields")
            role="group"
            tabindex="-1"
            aria-label=t(locale, k::CHECKOUT_DETAILS)
            data-gateway=offered.provider.clone()
            data-script=script.script.clone()
            data-settings=serde_json::Value::Object(settings).to_string()
            data-decimal=view.amount.plain()
            data-currency=view.amount.currency.code().to_owned()
            data-capture=capture
            data-locale=locale.tag()
        >
            <p class="small muted" data-gateway-status="" role="status" hidden>{named(k::CHECKOUT_FIELDS_LOADING)}</p>
            <div data-gateway-mount=""></div>
        </div>
        {error}
        {fallback}
    }
    .into_any()
}
