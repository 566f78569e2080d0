//! The pages of one connection, as links above each of them.

use crate::i18n::{Key, k, t, use_locale};
use crate::pages::page_href;
use domain::Scope;
use leptos::prelude::*;

/// A page of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConnectionPage {
    /// Its form.
    Settings,
    /// How calls to it end, and its maintenance.
    Health,
    /// What it sends by itself.
    Events,
}

impl ConnectionPage {
    const ALL: [(Self, &'static str, Key); 3] = [
        (Self::Settings, "", k::GATEWAYS_TAB_SETTINGS),
        (Self::Health, "/health", k::GATEWAYS_TAB_HEALTH),
        (Self::Events, "/events", k::GATEWAYS_TAB_EVENTS),
    ];

    /// Its path below the merchant and mode.
    pub fn path(self, connection: &str) -> String {
        let end = Self::ALL.iter().find(|(page, ..)| *page == self).map_or("", |(_, end, _)| end);
        format!("gateways/{connection}{end}")
    }
}

/// Links to the pages of a connection.
pub fn tabs(scope: &Scope, connection: &str, here: ConnectionPage) -> AnyView {
    let locale = use_locale();
    let links: Vec<_> = ConnectionPage::ALL
        .into_iter()
        .map(|(page, _, name)| {
            let current = (page == here).then_some("page");
            view! { <a class="tab" href=page_href(scope, &page.path(connection)) aria-current=current>{t(locale, name)}</a> }
        })
        .collect();
    view! { <nav class="tabs" aria-label=t(locale, k::GATEWAYS_PAGES)>{links}</nav> }.into_any()
}
