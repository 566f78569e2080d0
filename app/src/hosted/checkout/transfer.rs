//! The customer pays by bank transfer: where to, how much, with which reference, and a code for their bank's app. It needs no script.

use super::parts::{merchant, money, notice};
use crate::components::icon::icon;
use crate::hosted::{HostedPage, page};
use crate::i18n::{Key, code_text, k, t, tf};
use crate::request::RequestInfo;
use domain::views::checkout::{CheckoutView, TransferTold};
use leptos::prelude::*;
use qrcode::{Color, EcLevel, QrCode};

/// Modules of white around a code, as readers want them.
const QUIET: usize = 4;

/// The instructions, while the money is waited for. `again` is where the customer gives this up, to pay another way.
#[must_use]
pub fn transfer_page(info: &RequestInfo, view: &CheckoutView, again: &str) -> String {
    let Some(told) = &view.transfer else { return super::status_page(info, "", view, &super::Typed::default(), None) };
    let locale = info.locale;
    let title = tf(locale, k::CHECKOUT_TRANSFER_TITLE, &[("merchant", &view.branding.name)]);
    let waits = tf(locale, k::CHECKOUT_TRANSFER_WAITS, &[("merchant", &view.branding.name)]);
    // What has come in part can't be given up: it would have to be given back first.
    let over = (told.received.minor == 0).then(|| {
        view! {
            <form method="post" action=again.to_owned()>
                <button class="btn btn-link" type="submit">{t(locale, k::CHECKOUT_START_OVER)}</button>
            </form>
            <p class="small muted">{t(locale, k::CHECKOUT_TRANSFER_OVER_NOTE)}</p>
        }
    });
    let head = HostedPage {
        has_notice: true,
        brand_color: view.branding.color.as_deref(),
        site_name: Some(&view.branding.name),
        ..HostedPage::new(&title, info)
    };
    page(head, || {
        view! {
            {notice(info, view.mode)}
            <main class="status-page status-info" id="main">
                {merchant(&view.branding)}
                <div class="status-icon">{icon("bank")}</div>
                <h1>{title.clone()}</h1>
                <p role="status">{waits}</p>
                {facts(info, told)}
                {code(info, told)}
                <p class="small">{t(locale, k::CHECKOUT_TRANSFER_REFERENCE_NOTE)}</p>
                <div class="cluster"><a class="btn" href="">{t(locale, k::CHECKOUT_REFRESH)}</a></div>
                {over}
            </main>
        }
    })
}

/// Account, amount, reference and day.
fn facts(info: &RequestInfo, told: &TransferTold) -> AnyView {
    let locale = info.locale;
    let fact = |name: String, value: AnyView| view! { <div><dt>{name}</dt><dd>{value}</dd></div> };
    let word = |key: Key| t(locale, key).to_owned();
    let account: Vec<_> = told
        .account
        .iter()
        .map(|(name, value)| {
            let value = view! { <bdi class="mono" dir="ltr">{value.clone()}</bdi> }.into_any();
            fact(code_text(locale, "checkout.transfer.", name), value)
        })
        .collect();
    let received =
        (told.received.minor > 0).then(|| fact(word(k::CHECKOUT_TRANSFER_RECEIVED), money(told.received).into_any()));
    let due = told.due_at.date();
    // A field that is only read is marked whole by one press, with scripts and without.
    let reference = view! {
        <input
            class="input mono"
            dir="ltr"
            readonly
            value=told.reference.clone()
            aria-label=t(locale, k::CHECKOUT_TRANSFER_REFERENCE)
        />
    };
    view! {
        <dl class="kv kv-stack">
            {fact(word(k::CHECKOUT_TRANSFER_HOLDER), view! { <bdi>{told.holder.clone()}</bdi> }.into_any())}
            {account}
            {fact(word(k::CHECKOUT_TRANSFER_AMOUNT), money(told.amount).into_any())}
            {received}
            {fact(word(k::CHECKOUT_TRANSFER_REFERENCE), reference.into_any())}
            {fact(word(k::CHECKOUT_TRANSFER_DUE), view! { <bdi dir="ltr"><time datetime=due.clone()>{due.clone()}</time></bdi> }.into_any())}
        </dl>
    }
    .into_any()
}

/// The code, drawn black on white in every look: that is what readers know.
fn code(info: &RequestInfo, told: &TransferTold) -> AnyView {
    let Some((kind, text)) = &told.qr else { return ().into_any() };
    let Some((size, path)) = drawn(text) else { return ().into_any() };
    let label = code_text(info.locale, "checkout.qr.", kind);
    view! {
        <figure>
            <svg
                width="240"
                height="240"
                viewBox=format!("0 0 {size} {size}")
                shape-rendering="crispEdges"
                role="img"
                aria-label=label.clone()
            >
                <rect width=size.to_string() height=size.to_string() fill="#ffffff"></rect>
                <path d=path fill="#000000"></path>
            </svg>
            <figcaption class="small muted">{label}</figcaption>
        </figure>
    }
    .into_any()
}

/// A code's width with its margin, and its dark modules as one path of runs.
fn drawn(text: &str) -> Option<(usize, String)> {
    let code = QrCode::with_error_correction_level(text, EcLevel::M).ok()?;
    let width = code.width();
    let mut path = String::new();
    for (row, colors) in code.to_colors().chunks(width).enumerate() {
        let mut column = 0;
        for run in colors.chunk_by(|a, b| a == b) {
            if run.first() == Some(&Color::Dark) {
                let (x, y, long) = (column + QUIET, row + QUIET, run.len());
                path.push_str(&format!("M{x} {y}h{long}v1h-{long}z"));
            }
            column += run.len();
        }
    }
    Some((width + 2 * QUIET, path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_drawn_in_runs() {
        let (size, path) = drawn("BCD\n002\n1\nSCT").unwrap();
        assert_eq!(size, 21 + 2 * QUIET);
        // The upper edge of the first finder pattern.
        assert!(path.starts_with("M4 4h7v1h-7z"));
        assert!(drawn(&"x".repeat(5_000)).is_none());
    }
}
