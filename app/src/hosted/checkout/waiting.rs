//! The customer pays on a page of the gateway's: the way there, and what is shown when they are back without having paid.

use super::parts::{merchant, notice};
use crate::components::icon::icon;
use crate::hosted::{HostedPage, page};
use crate::i18n::{code_text, k, t, tf};
use crate::request::RequestInfo;
use domain::views::checkout::CheckoutView;
use leptos::prelude::*;

/// Leads on to the gateway's page at `url`. A redirect as the answer to a form would be stopped by the page's own policy, so this page
/// stands between, for a moment.
#[must_use]
pub fn go_on_page(info: &RequestInfo, view: &CheckoutView, url: &str, provider: &str) -> String {
    render(info, view, url, provider, None)
}

/// The payment waits at the gateway: go on there, or give it up and pay another way.
#[must_use]
pub fn waiting_page(info: &RequestInfo, view: &CheckoutView, url: &str, provider: &str, again: &str) -> String {
    render(info, view, url, provider, Some(again))
}

fn render(info: &RequestInfo, view: &CheckoutView, url: &str, provider: &str, again: Option<&str>) -> String {
    let locale = info.locale;
    let provider = code_text(locale, "gateway.provider.", provider);
    let title = tf(locale, k::CHECKOUT_WAITING_TITLE, &[("provider", &provider)]);
    let go_on = tf(locale, k::CHECKOUT_GO_ON, &[("provider", &provider)]);
    let over = again.map(|path| {
        view! {
            <form method="post" action=path.to_owned()>
                <button class="btn btn-link" type="submit">{t(locale, k::CHECKOUT_START_OVER)}</button>
            </form>
            <p class="small muted">{t(locale, k::CHECKOUT_START_OVER_NOTE)}</p>
        }
    });
    let head = HostedPage {
        has_notice: true,
        brand_color: view.branding.color.as_deref(),
        site_name: Some(&view.branding.name),
        forward: again.is_none().then_some(url),
        ..HostedPage::new(&title, info)
    };
    page(head, || {
        view! {
            {notice(info, view.mode)}
            <main class="status-page status-info" id="main">
                {merchant(&view.branding)}
                <div class="status-icon">{icon("external")}</div>
                <h1>{title.clone()}</h1>
                <p>{t(locale, k::CHECKOUT_WAITING_TEXT)}</p>
                <a class="btn btn-primary" href=url.to_owned() rel="noreferrer">{go_on}</a>
                {over}
            </main>
        }
    })
}
