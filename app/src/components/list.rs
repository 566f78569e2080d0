//! Lists: addresses with filters, chips, the pager.

use crate::i18n::{k, t, tf, use_locale};
use leptos::prelude::*;

/// A path with a query of the pairs that have a value.
#[must_use]
pub fn address(path: &str, pairs: &[(&str, &str)]) -> String {
    let mut out = String::from(path);
    let mut separator = '?';
    for (name, value) in pairs.iter().filter(|(_, value)| !value.is_empty()) {
        out.push(separator);
        out.push_str(name);
        out.push('=');
        encode(&mut out, value);
        separator = '&';
    }
    out
}

/// Percent-encodes all but what is unreserved in a query (RFC 3986, 2.3).
fn encode(out: &mut String, value: &str) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            out.push(char::from(byte));
        } else {
            out.push('%');
            out.push(char::from(HEX[usize::from(byte >> 4)]));
            out.push(char::from(HEX[usize::from(byte & 15)]));
        }
    }
}

/// The footer of a list: newer and older rows. Shown when there is either.
pub fn pager(previous: Option<String>, next: Option<String>) -> AnyView {
    if previous.is_none() && next.is_none() {
        return ().into_any();
    }
    let locale = use_locale();
    let turn = |href: Option<String>, rel: &'static str, inside: AnyView| match href {
        Some(href) => view! { <a class="btn btn-sm" href=href rel=rel>{inside}</a> }.into_any(),
        None => view! { <a class="btn btn-sm" role="link" aria-disabled="true">{inside}</a> }.into_any(),
    };
    let newer = view! { {super::icon("chevron-start")} {t(locale, k::PAGER_PREVIOUS)} }.into_any();
    let older = view! { {t(locale, k::PAGER_NEXT)} {super::icon("chevron-end")} }.into_any();
    view! {
        <nav class="pager" aria-label=t(locale, k::PAGER_LABEL)>
            <span class="push"></span>
            {turn(previous, "prev", newer)}
            {turn(next, "next", older)}
        </nav>
    }
    .into_any()
}

/// A filter that is on; its link leads to the list without it.
pub fn chip(name: &str, value: String, without: String) -> AnyView {
    let label = tf(use_locale(), k::FILTER_REMOVE, &[("filter", &name), ("value", &value)]);
    view! {
        <a class="chip chip-on" href=without aria-label=label>
            {name.to_owned()} " " <b><bdi>{value}</bdi></b> {super::icon::icon_of("close", "icon-sm")}
        </a>
    }
    .into_any()
}

/// The link that takes all filters away.
pub fn clear_all(path: String) -> AnyView {
    view! { <a class="btn btn-link btn-sm" href=path>{t(use_locale(), k::FILTER_CLEAR)}</a> }.into_any()
}

/// A GET form whose address has only the fields that were filled in: it goes there without loading the document anew.
pub fn filter_form(path: String, fields: &'static [&'static str], inside: AnyView) -> AnyView {
    let navigate = leptos_router::hooks::use_navigate();
    let action = path.clone();
    let go = move |event: leptos::ev::SubmitEvent| {
        let Ok(data) = leptos::form::form_data_from_event(&event) else { return };
        event.prevent_default();
        let values: Vec<(&str, String)> = fields
            .iter()
            .map(|name| (*name, data.get(name).as_string().unwrap_or_default().trim().to_owned()))
            .collect();
        let pairs: Vec<(&str, &str)> = values.iter().map(|(name, value)| (*name, value.as_str())).collect();
        navigate(&address(&path, &pairs), leptos_router::NavigateOptions::default());
    };
    view! { <form method="get" action=action class="menu-panel menu-form" on:submit=go>{inside}</form> }.into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_hold_what_was_typed_and_nothing_empty() {
        assert_eq!(address("/p", &[("a", ""), ("b", "x y&z"), ("c", "ß")]), "/p?b=x%20y%26z&c=%C3%9F");
        assert_eq!(address("/p", &[("a", "")]), "/p");
    }
}
