//! Pages that say where a payment stands.

use super::away::{away_notice, tell_me};
use super::parts::{merchant, notice};
use super::pay::Typed;
use crate::components::icon::icon;
use crate::hosted::form::{FormCx, error_summary};
use crate::hosted::{HostedPage, page};
use crate::i18n::{Key, k, t, tf};
use crate::request::RequestInfo;
use domain::views::checkout::{CheckoutStage, CheckoutView};
use domain::{CaptureMethod, Problem};
use leptos::prelude::*;

/// How a stage is told: class, icon, title, text, whether the page refreshes itself.
struct Telling(&'static str, &'static str, Key, Key, bool);

/// The page for every stage but paying and paid. `typed` and `problem` are of the form that asks for a mail, at `path`.
#[must_use]
pub fn status_page(
    info: &RequestInfo,
    path: &str,
    view: &CheckoutView,
    typed: &Typed,
    problem: Option<&Problem>,
) -> String {
    let Telling(class, symbol, title, body, refreshes) = match &view.stage {
        CheckoutStage::Pending { unknown: true, .. } => {
            Telling("status-warning", "clock", k::CHECKOUT_UNKNOWN_TITLE, k::CHECKOUT_UNKNOWN_BODY, true)
        }
        CheckoutStage::Pending { settles_later: true, .. } if view.capture_method == CaptureMethod::Manual => {
            Telling("status-info", "clock", k::CHECKOUT_DECIDING_TITLE, k::CHECKOUT_DECIDING_BODY, true)
        }
        CheckoutStage::Pending { settles_later: true, .. } => {
            Telling("status-info", "clock", k::CHECKOUT_SETTLING_TITLE, k::CHECKOUT_SETTLING_BODY, true)
        }
        CheckoutStage::Expired => {
            Telling("status-warning", "clock", k::CHECKOUT_EXPIRED_TITLE, k::CHECKOUT_EXPIRED_BODY, false)
        }
        CheckoutStage::Canceled => {
            Telling("status-warning", "x-circle", k::CHECKOUT_CANCELED_TITLE, k::CHECKOUT_CANCELED_BODY, false)
        }
        CheckoutStage::Unavailable => Telling(
            "status-warning",
            "alert-triangle",
            k::CHECKOUT_UNAVAILABLE_TITLE,
            k::CHECKOUT_UNAVAILABLE_BODY,
            false,
        ),
        CheckoutStage::Pending { .. }
        | CheckoutStage::Pay { .. }
        | CheckoutStage::Action { .. }
        | CheckoutStage::Paid { .. } => {
            Telling("status-info", "clock", k::CHECKOUT_PENDING_TITLE, k::CHECKOUT_PENDING_BODY, true)
        }
    };
    let locale = info.locale;
    let name = view.branding.name.clone();
    let back = view.cancel_url.clone().filter(|_| !refreshes).map(|url| {
        let text = tf(locale, k::CHECKOUT_BACK_TO, &[("merchant", &name)]);
        view! { <a class="btn" href=url>{text}</a> }
    });
    let again = refreshes.then(|| view! { <a class="btn" href="">{t(locale, k::CHECKOUT_REFRESH)}</a> });
    let ring = if refreshes { "status-icon is-waiting" } else { "status-icon" };
    let content = move || {
        let cx = FormCx::hosted(problem.cloned());
        view! {
            {notice(info, view.mode)}
            <main class=format!("status-page {class}") id="main">
                {merchant(&view.branding)}
                <div class=ring>{icon(symbol)}</div>
                <h1>{t(locale, title)}</h1>
                <p role="status">{tf(locale, body, &[("merchant", &name)])}</p>
                {error_summary(&cx)}
                {away_notice(info, view)}
                {tell_me(info, path, view, typed, &cx)}
                <div class="cluster">{again}{back}</div>
            </main>
        }
    };
    let head = HostedPage {
        has_notice: true,
        error: problem.is_some(),
        brand_color: view.branding.color.as_deref(),
        site_name: Some(&view.branding.name),
        refresh: refreshes.then_some(3),
        script: refreshes.then_some("checkout.js"),
        ..HostedPage::new(t(locale, title), info)
    };
    page(head, content)
}

/// The page for a token that opens nothing.
#[must_use]
pub fn not_found(info: &RequestInfo) -> String {
    plain(info, k::CHECKOUT_NOT_FOUND_TITLE, k::CHECKOUT_NOT_FOUND_BODY)
}

/// A page of a title and a sentence of the catalogue.
pub(super) fn plain(info: &RequestInfo, title: Key, body: Key) -> String {
    plain_with(info, t(info.locale, title), t(info.locale, body))
}

/// A page of a title and a sentence.
pub(super) fn plain_with(info: &RequestInfo, title: &str, body: &str) -> String {
    page(HostedPage::new(title, info), || {
        view! {
            <main class="status-page status-warning" id="main">
                <div class="status-icon">{icon("question")}</div>
                <h1>{title.to_owned()}</h1>
                <p>{body.to_owned()}</p>
            </main>
        }
    })
}
