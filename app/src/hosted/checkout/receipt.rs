//! The receipt.

use super::methods::saved_words;
use super::parts::{contact, lines, merchant, money, notice};
use crate::components::icon::icon;
use crate::hosted::{HostedPage, page};
use crate::i18n::{Key, k, t, tf};
use crate::request::RequestInfo;
use domain::states::PaymentStatus;
use domain::views::checkout::ReceiptView;
use leptos::prelude::*;

/// The receipt at `path`, with what was given back since.
#[must_use]
pub fn receipt_page(info: &RequestInfo, path: &str, receipt: &ReceiptView) -> String {
    let locale = info.locale;
    let name = receipt.branding.name.clone();
    let title = tf(locale, k::RECEIPT_TITLE, &[("merchant", &name)]);
    let Telling { heading, body, class, symbol, mailed } = telling(receipt);
    let mailed = receipt.customer_email.as_ref().zip(mailed).map(|(email, key)| {
        view! { <p class="muted">{tf(locale, key, &[("email", email)])}</p> }
    });
    let content = || {
        view! {
            {notice(info, receipt.mode)}
            <main class="receipt" id="main">
                <header class="receipt-head">
                    {merchant(&receipt.branding)}
                    <div class=class>{icon(symbol)}</div>
                    <h1>{t(locale, heading)}</h1>
                    <p class="receipt-amount">{money(if receipt.paid_at.is_some() { receipt.captured } else { receipt.amount })}</p>
                    <p>{tf(locale, body, &[("merchant", &name)])}</p>
                    {mailed}
                </header>
                {facts(info, receipt)}
                {lines(locale, &receipt.items, receipt.amount.currency)}
                {totals(info, receipt)}
                {kept(info, path, receipt)}
                {foot(info, receipt)}
            </main>
        }
    };
    let head = HostedPage {
        has_notice: true,
        brand_color: receipt.branding.color.as_deref(),
        script: Some("checkout.js"),
        ..HostedPage::new(&title, info)
    };
    page(head, content)
}

/// How a payment is told.
struct Telling {
    heading: Key,
    body: Key,
    class: &'static str,
    symbol: &'static str,
    /// What was sent to the customer.
    mailed: Option<Key>,
}

fn telling(receipt: &ReceiptView) -> Telling {
    let refunded = receipt.refunded.minor > 0;
    let whole = refunded && receipt.refunded.minor >= receipt.captured.minor;
    let (warning, plain) = ("status-icon status-warning", "status-icon");
    let (heading, body, class, symbol, mailed) = match receipt.status {
        PaymentStatus::RequiresCapture => (
            k::RECEIPT_AUTHORIZED_TITLE,
            k::RECEIPT_AUTHORIZED_BODY,
            "status-icon status-success",
            "check",
            Some(k::RECEIPT_AUTHORIZED_MAILED),
        ),
        PaymentStatus::Canceled => (k::RECEIPT_RELEASED_TITLE, k::RECEIPT_RELEASED_BODY, plain, "undo", None),
        PaymentStatus::Unknown => (k::RECEIPT_CHECKING_TITLE, k::RECEIPT_CHECKING_BODY, warning, "clock", None),
        _ if receipt.paid_at.is_none() => (k::RECEIPT_NOT_PAID_TITLE, k::RECEIPT_NOT_PAID_BODY, warning, "clock", None),
        _ if refunded => {
            let heading = if whole { k::RECEIPT_REFUNDED_FULL } else { k::RECEIPT_REFUNDED_PART };
            (heading, k::RECEIPT_PAID_BODY, plain, "undo", Some(k::RECEIPT_MAILED))
        }
        _ => {
            let class = "status-icon status-success";
            (k::RECEIPT_PAID_TITLE, k::RECEIPT_PAID_BODY, class, "check", Some(k::RECEIPT_MAILED))
        }
    };
    Telling { heading, body, class, symbol, mailed }
}

fn facts(info: &RequestInfo, receipt: &ReceiptView) -> impl IntoView + use<> {
    let locale = info.locale;
    let paid = receipt.paid_at.map(|at| {
        let text = format!("{} UTC", at.rfc3339().replace(['T', 'Z'], " ").trim_end());
        view! {
            <div><dt>{t(locale, k::RECEIPT_DATE)}</dt><dd><time datetime=at.rfc3339()><bdi dir="ltr">{text}</bdi></time></dd></div>
        }
    });
    let card = receipt.card_last4.as_ref().map(|last4| {
        let brand = crate::components::money::brand_name(receipt.card_brand.as_deref().unwrap_or_default());
        let text = tf(locale, k::RECEIPT_CARD_ENDING, &[("brand", &brand), ("last4", last4)]);
        view! { <div><dt>{t(locale, k::RECEIPT_METHOD)}</dt><dd>{text}</dd></div> }
    });
    view! {
        <dl class="kv">
            {paid}
            {card}
            <div><dt>{t(locale, k::RECEIPT_NUMBER)}</dt><dd><bdi class="mono" dir="ltr">{receipt.payment_id.to_string()}</bdi></dd></div>
        </dl>
    }
}

fn totals(info: &RequestInfo, receipt: &ReceiptView) -> impl IntoView + use<> {
    let locale = info.locale;
    let back = (receipt.refunded.minor > 0).then(|| {
        let left = receipt.captured.minus(receipt.refunded).unwrap_or(receipt.captured);
        view! {
            <div><dt>{t(locale, k::RECEIPT_REFUNDED)}</dt><dd>{money(receipt.refunded)}</dd></div>
            <div class="total"><dt>{t(locale, k::RECEIPT_REMAINING)}</dt><dd>{money(left)}</dd></div>
        }
    });
    // Of what was held, less may have been charged.
    let less = receipt.authorized.minor > 0 && receipt.paid_at.is_some() && receipt.captured != receipt.authorized;
    let split = less.then(|| {
        let rest = receipt.authorized.minus(receipt.captured).unwrap_or(receipt.authorized);
        view! {
            <div><dt>{t(locale, k::RECEIPT_AUTHORIZED)}</dt><dd>{money(receipt.authorized)}</dd></div>
            <div><dt>{t(locale, k::RECEIPT_RELEASED)}</dt><dd>{money(rest)}</dd></div>
            <div class="total"><dt>{t(locale, k::RECEIPT_CHARGED)}</dt><dd>{money(receipt.captured)}</dd></div>
        }
    });
    view! {
        <dl class="totals">
            <div class="total"><dt>{t(locale, k::RECEIPT_TOTAL)}</dt><dd>{money(receipt.amount)}</dd></div>
            {split}
            {back}
        </dl>
    }
}

/// What is kept for later payments, and its end.
fn kept(info: &RequestInfo, path: &str, receipt: &ReceiptView) -> Option<impl IntoView + use<>> {
    let locale = info.locale;
    let words = saved_words(info, receipt.saved.as_ref()?);
    let action = format!("{path}/forget");
    Some(view! {
        <section class="receipt-kept no-print" aria-labelledby="kept">
            <div>
                <h2 id="kept">{t(locale, k::RECEIPT_KEPT)}</h2>
                <p class="small">{words}</p>
                <p class="small muted">{tf(locale, k::RECEIPT_KEPT_BODY, &[("merchant", &receipt.branding.name)])}</p>
            </div>
            <form method="post" action=action><button class="btn" type="submit">{t(locale, k::RECEIPT_FORGET)}</button></form>
        </section>
    })
}

fn foot(info: &RequestInfo, receipt: &ReceiptView) -> impl IntoView + use<> {
    let locale = info.locale;
    let go_on = receipt.success_url.clone().map(|url| {
        let text = tf(locale, k::RECEIPT_CONTINUE, &[("merchant", &receipt.branding.name)]);
        view! { <a class="btn btn-primary no-print" href=url>{text}</a> }
    });
    let ask = contact(&receipt.branding)
        .map(|contact| view! { <p class="muted small">{tf(locale, k::RECEIPT_CONTACT, &[("contact", &contact)])}</p> });
    view! {
        <footer class="receipt-foot">
            {go_on}
            <button type="button" class="btn btn-ghost no-print" data-print="" hidden>{icon("printer")}{t(locale, k::RECEIPT_PRINT)}</button>
        </footer>
        {ask}
    }
}
