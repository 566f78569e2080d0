//! The page where a customer pays.

use super::away::{away_notice, tell_me};
use super::methods::{options, save_box};
use super::parts::{contact, lines, merchant, money, notice, utc};
use crate::components::icon::icon;
use crate::hosted::form::{Choice, Field, FormCx, error_summary, hidden};
use crate::hosted::{HostedPage, countries, page};
use crate::i18n::{code_text, k, t, tf};
use crate::request::RequestInfo;
use domain::{
    CaptureMethod, Problem,
    views::checkout::{CheckoutStage, CheckoutView, PayFields},
};
use leptos::prelude::*;

/// What the customer typed and keeps after a refusal. A card's fields are never filled in again.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Typed {
    /// Address for the receipt.
    pub email: String,
    /// Name of the payer.
    pub name: String,
    /// Method.
    pub method: String,
    /// Whether it is to be kept.
    pub save: bool,
    /// By what the browser is known again if it is: in the form, so that one that is posted twice makes one of them.
    pub browser: String,
    /// Where to write when what is away is back.
    pub notice_email: String,
    /// What is waited for.
    pub notice_method: String,
    /// Whether that was asked for.
    pub told: bool,
}

/// The page at `path`. `form_key` makes a second POST of the same form harmless.
#[must_use]
pub fn pay_page(
    info: &RequestInfo,
    path: &str,
    view: &CheckoutView,
    typed: &Typed,
    problem: Option<&Problem>,
    form_key: &str,
) -> String {
    let locale = info.locale;
    let name = &view.branding.name;
    let title = tf(locale, k::CHECKOUT_TITLE, &[("merchant", name)]);
    let (declined, switched) = match &view.stage {
        CheckoutStage::Pay { last_decline, switched } => {
            (last_decline.as_deref().filter(|_| problem.is_none()), *switched)
        }
        _ => (None, false),
    };
    let head = HostedPage {
        has_notice: true,
        error: problem.is_some() || declined.is_some(),
        brand_color: view.branding.color.as_deref(),
        site_name: Some("Paydeck"),
        script: Some("checkout.js"),
        before: view
            .methods
            .iter()
            .any(|offered| matches!(offered.fields, PayFields::Script(_)))
            .then_some("gateway-fields.js"),
        ..HostedPage::new(&title, info)
    };
    page(head, || {
        let cx = FormCx::hosted(problem.cloned());
        view! {
            {notice(info, view.mode)}
            <main class="checkout" id="main">
                {summary(info, view)}
                <section class="checkout-pay">
                    {match (switched, declined) {
                        (true, _) => Some(switched_notice(info).into_any()),
                        (false, Some(code)) => Some(decline(info, code).into_any()),
                        (false, None) => None,
                    }}
                    {error_summary(&cx)}
                    {away_notice(info, view)}
                    {country(info, path, view, &cx)}
                    {form(info, path, view, typed, &cx, form_key)}
                    {tell_me(info, path, view, typed, &cx)}
                    {back(info, view)}
                </section>
            </main>
            {foot(info, view)}
        }
    })
}

/// What is bought, from whom, for how much.
fn summary(info: &RequestInfo, view: &CheckoutView) -> impl IntoView + use<> {
    let locale = info.locale;
    let description = view.description.clone().map(|text| view! { <p class="muted"><bdi>{text}</bdi></p> });
    view! {
        <section class="checkout-summary" aria-label=t(locale, k::CHECKOUT_SUMMARY)>
            {merchant(&view.branding)}
            <h1 class="checkout-title">
                {tf(locale, k::CHECKOUT_TITLE, &[("merchant", &view.branding.name)])}
                <span class="checkout-amount">{money(view.amount)}</span>
            </h1>
            {description}
            {lines(locale, &view.items, view.amount.currency)}
            <dl class="totals"><div class="total"><dt>{t(locale, k::CHECKOUT_TOTAL)}</dt><dd>{money(view.amount)}</dd></div></dl>
        </section>
    }
}

/// Another gateway's fields are shown than before, and why.
fn switched_notice(info: &RequestInfo) -> impl IntoView + use<> {
    view! {
        <div class="error-summary" role="alert" tabindex="-1" id="switched" autofocus>
            <p>{t(info.locale, k::CHECKOUT_SWITCHED)}</p>
        </div>
    }
}

/// Why the last card was refused, and that another may be tried here.
fn decline(info: &RequestInfo, code: &str) -> impl IntoView + use<> {
    let locale = info.locale;
    let reason = code_text(locale, "decline.customer.", code);
    view! {
        <div class="error-summary" role="alert" tabindex="-1" id="declined" autofocus>
            <h2>{t(locale, k::CHECKOUT_DECLINED)}</h2>
            <p>{tf(locale, k::CHECKOUT_DECLINED_OTHER, &[("reason", &reason)])}</p>
        </div>
    }
}

/// Where the customer is, when a rule of the merchant's asks: what can be offered may depend on it. A form of its own, so that changing it
/// asks for this page again and pays nothing; it comes first, before anything is typed.
fn country(info: &RequestInfo, path: &str, view: &CheckoutView, cx: &FormCx) -> Option<AnyView> {
    if !view.asks_country {
        return None;
    }
    let locale = info.locale;
    let known = view.country.as_deref().unwrap_or_default();
    let mut choices = vec![Choice::new("", t(locale, k::CHECKOUT_COUNTRY_CHOOSE))];
    choices.extend(countries::sorted(locale).into_iter().map(|(code, name)| Choice::new(code, name)));
    let action = path.to_owned();
    let nobody = view.methods.is_empty().then(|| {
        let text = tf(locale, k::CHECKOUT_COUNTRY_NOBODY, &[("merchant", &view.branding.name)]);
        view! { <p role="alert">{text}</p> }
    });
    let select = Field::new("country", t(locale, k::CHECKOUT_COUNTRY)).value(known).autocomplete("country");
    Some(
        view! {
            <form class="stack gap-3" method="get" action=action data-country="">
                {select.select(cx, choices)}
                <div><button class="btn btn-sm" type="submit">{t(locale, k::CHECKOUT_COUNTRY_CHANGE)}</button></div>
                {nobody}
            </form>
        }
        .into_any(),
    )
}

fn form(info: &RequestInfo, path: &str, view: &CheckoutView, typed: &Typed, cx: &FormCx, form_key: &str) -> AnyView {
    // Nothing can be given from this country: there is only the country to change.
    if view.methods.is_empty() {
        return ().into_any();
    }
    let locale = info.locale;
    let known = view.asks_country.then(|| hidden("country", view.country.clone().unwrap_or_default()));
    let email = match &view.customer_email {
        // The merchant gave it: it is shown, and not asked for again.
        Some(email) => view! {
            <p class="small"><span class="muted">{t(locale, k::CHECKOUT_EMAIL)}</span>" "<bdi dir="ltr">{email.clone()}</bdi></p>
        }
        .into_any(),
        None => view! {
            <div class="pay-email">{Field::new("email", t(locale, k::CHECKOUT_EMAIL))
            .value(&typed.email)
            .help(t(locale, k::CHECKOUT_EMAIL_HELP))
            .kind("email")
            .inputmode("email")
            .autocomplete("email")
            .view(cx)}</div>
        }
        .into_any(),
    };
    let amount = view.amount.display();
    // Named: without an address a form is sent to where the page is, with the field in it to which the summary led, and the
    // browser then goes there and not to the new summary.
    let action = path.to_owned();
    let manual = view.capture_method == CaptureMethod::Manual;
    let only = if view.saved.is_empty() { view.methods.as_slice() } else { &[] };
    let label = match (only, manual) {
        ([only], _) if only.fields == PayFields::Page => {
            let provider = code_text(locale, "gateway.provider.", &only.provider);
            let values: &[(&str, &dyn std::fmt::Display)] = &[("provider", &provider), ("amount", &amount)];
            tf(locale, k::CHECKOUT_CONTINUE_TO, values)
        }
        ([only], _) if only.fields == PayFields::Transfer => t(locale, k::CHECKOUT_TRANSFER_CONTINUE).to_owned(),
        (_, true) => tf(locale, k::CHECKOUT_AUTHORIZE, &[("amount", &amount)]),
        (_, false) => tf(locale, k::CHECKOUT_PAY, &[("amount", &amount)]),
    };
    let held = manual.then(|| {
        let values: &[(&str, &dyn std::fmt::Display)] = &[("amount", &amount), ("merchant", &view.branding.name)];
        view! { <p class="small">{tf(locale, k::CHECKOUT_HOLD_NOTE, values)}</p> }
    });
    view! {
        <form class="pay-form" method="post" action=action data-pay="" data-paying=t(locale, k::CHECKOUT_PAYING) data-lost=t(locale, k::CHECKOUT_LOST_CONNECTION) novalidate>
            {hidden("form_key", form_key)}
            {known}
            {email}
            {options(info, view, typed, cx)}
            {save_box(info, view, typed)}
            {hidden("browser", typed.browser.clone())}
            {ending(info, view)}
            {held}
            <button class="pay-button" type="submit">{icon("lock")}" "{label}</button>
            <p class="visually-hidden" role="status" data-pay-status=""></p>
            <p class="trust">{icon("shield")}" "{tf(locale, k::CHECKOUT_STATEMENT, &[("name", &view.branding.statement_name)])}" "{t(locale, k::CHECKOUT_CHALLENGE_HINT)}</p>
        </form>
    }
    .into_any()
}

/// A warning before the page ends; without script it stands there in the last day.
fn ending(info: &RequestInfo, view: &CheckoutView) -> impl IntoView + use<> {
    let locale = info.locale;
    let at = utc(view.expires_at);
    let text = tf(locale, k::CHECKOUT_EXPIRES_SOON, &[("time", &at), ("merchant", &view.branding.name)]);
    view! { <p class="small" role="status" data-ends=view.expires_at.millis().to_string() hidden>{text}</p> }
}

fn back(info: &RequestInfo, view: &CheckoutView) -> Option<impl IntoView + use<>> {
    let text = tf(info.locale, k::CHECKOUT_BACK_TO, &[("merchant", &view.branding.name)]);
    view.cancel_url.clone().map(|url| view! { <a class="btn btn-link" href=url>{text}</a> })
}

fn foot(info: &RequestInfo, view: &CheckoutView) -> impl IntoView + use<> {
    let locale = info.locale;
    let ask = contact(&view.branding)
        .map(|contact| tf(locale, k::CHECKOUT_QUESTIONS, &[("merchant", &view.branding.name), ("contact", &contact)]));
    view! {
        {ask.map(|text| view! { <p class="center muted small">{text}</p> })}
        {crate::hosted::footer(info, "")}
    }
}
