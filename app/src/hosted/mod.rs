//! Pages that are plain documents: rendered on the server to a string, without WebAssembly, working without script.

pub mod auth;
pub mod checkout;
pub mod countries;
pub mod errors;
pub mod form;
pub mod onboarding;

use crate::components::icon::{Sprite, icon};
use crate::i18n::{k, t, tf};
use crate::request::RequestInfo;
use domain::Locale;
use leptos::prelude::*;

/// What a hosted document is, around its body.
#[derive(Debug, Clone, Copy)]
pub struct HostedPage<'a> {
    /// The page's own title, without "Error:" and without a name behind it.
    pub title: &'a str,
    /// The request: language, theme, nonce, assets.
    pub info: &'a RequestInfo,
    /// Whether something that was posted is wrong: the title then begins with "Error:".
    pub error: bool,
    /// A merchant's colour, `#rrggbb`, for checkout; anything else is ignored.
    pub brand_color: Option<&'a str>,
    /// Name behind the page's title; none means Paydeck.
    pub site_name: Option<&'a str>,
    /// Class of the body beside `hosted`.
    pub class: &'a str,
    /// Script of the manifest that improves the page, for instance `checkout.js`. It has to work without.
    pub script: Option<&'a str>,
    /// Another one, which runs before it.
    pub before: Option<&'a str>,
    /// Seconds after which the page asks for news of what is under way: `checkout.js` does so without a person noticing; without
    /// scripts the whole page loads again.
    pub refresh: Option<u32>,
    /// Where the page leads on to at once, with and without scripts: an address of a gateway.
    pub forward: Option<&'a str>,
    /// Whether the page itself says in which mode it is and what that means.
    pub has_notice: bool,
}

impl<'a> HostedPage<'a> {
    /// A page with a title.
    #[must_use]
    pub const fn new(title: &'a str, info: &'a RequestInfo) -> Self {
        Self {
            title,
            info,
            error: false,
            brand_color: None,
            site_name: None,
            class: "",
            script: None,
            before: None,
            refresh: None,
            forward: None,
            has_notice: false,
        }
    }
}

/// Renders a whole document. `body` runs with the language and the sprite as contexts, so that components find them; it makes
/// `<main id="main">` and what stands around it.
pub fn page<V: IntoView + 'static>(page: HostedPage<'_>, body: impl FnOnce() -> V) -> String {
    let info = page.info;
    let owner = Owner::new();
    let html = owner.with(|| {
        provide_context(info.locale);
        provide_context(info.look());
        provide_context(Sprite(info.assets.icons().into()));
        // Every page of a server whose sandbox takes live payments says so.
        let notice = (info.sandbox_live && !page.has_notice).then(|| checkout::live_notice(info.locale).to_html());
        let mut html = notice.unwrap_or_default();
        html.push_str(&body().to_html());
        html
    });
    owner.cleanup();
    document(&page, &html)
}

/// Renders a piece of HTML with the contexts of a page, for instance for a test.
pub fn fragment<V: IntoView + 'static>(info: &RequestInfo, body: impl FnOnce() -> V) -> String {
    let owner = Owner::new();
    let html = owner.with(|| {
        provide_context(info.locale);
        provide_context(Sprite(info.assets.icons().into()));
        body().to_html()
    });
    owner.cleanup();
    html
}

fn document(page: &HostedPage<'_>, body: &str) -> String {
    let info = page.info;
    let (locale, assets) = (info.locale, &info.assets);
    let named = match page.site_name {
        Some(name) => format!("{} · {name}", page.title),
        None => tf(locale, k::PAGE_TITLE, &[("page", &page.title)]),
    };
    let title = if page.error { tf(locale, k::PAGE_ERROR_TITLE, &[("page", &named)]) } else { named };
    let theme = info.theme.map(|t| format!(" data-theme=\"{}\"", t.as_str())).unwrap_or_default();
    let nonce = escape(&info.nonce);
    let brand = page
        .brand_color
        .and_then(brand_pair)
        .map(|(color, ink)| format!("<style nonce=\"{nonce}\">:root{{--brand:{color};--brand-ink:{ink}}}</style>"))
        .unwrap_or_default();
    let refresh = page
        .refresh
        .map(|s| format!("<noscript><meta http-equiv=\"refresh\" content=\"{s}\"></noscript>"))
        .unwrap_or_default();
    let forward = page
        .forward
        .map(|url| format!("<meta http-equiv=\"refresh\" content=\"0;url={}\">", escape(url)))
        .unwrap_or_default();
    let asks = page.refresh.map(|s| format!(" data-refresh=\"{s}\"")).unwrap_or_default();
    let script: String = [page.before, page.script]
        .into_iter()
        .flatten()
        .filter(|name| assets.has(name))
        .map(|name| format!("<script src=\"{}\" nonce=\"{nonce}\" defer></script>", escape(&assets.url(name))))
        .collect();
    format!(
        "<!DOCTYPE html><html lang=\"{lang}\" dir=\"{dir}\"{theme}><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <meta name=\"color-scheme\" content=\"light dark\"><meta name=\"robots\" content=\"noindex\">{refresh}{forward}\
         <title>{title}</title><link rel=\"icon\" href=\"/favicon.svg\" type=\"image/svg+xml\">\
         <link rel=\"stylesheet\" href=\"{css}\">{brand}{script}</head>\
         <body class=\"{class}\"{asks}><a class=\"skip-link\" href=\"#main\">{skip}</a>{body}</body></html>",
        lang = locale.tag(),
        dir = locale.dir(),
        title = escape(&title),
        css = escape(&assets.url("hosted.css")),
        class = escape(["hosted ", page.class].concat().trim_end()),
        skip = escape(t(locale, k::SKIP_TO_CONTENT)),
    )
}

/// A merchant's colour and the ink on it, black or white, whichever has more contrast: one always has 4.5:1 or more, because
/// black's and white's contrast with a colour multiply to 21.
#[must_use]
pub fn brand_pair(color: &str) -> Option<(String, &'static str)> {
    let hex = color.strip_prefix('#').filter(|hex| hex.len() == 6 && hex.bytes().all(|b| b.is_ascii_hexdigit()))?;
    let part = |at: usize| u8::from_str_radix(hex.get(at..at + 2)?, 16).ok();
    let light = luminance(part(0)?, part(2)?, part(4)?);
    // Where both contrasts are equal: sqrt(1.05 * 0.05) - 0.05.
    Some((format!("#{}", hex.to_ascii_lowercase()), if light > 0.179_13 { "#000" } else { "#fff" }))
}

/// Relative luminance (WCAG 2.2) of an sRGB colour.
#[allow(clippy::float_arithmetic)] // light, not money
fn luminance(r: u8, g: u8, b: u8) -> f64 {
    let linear = |c: u8| {
        let c = f64::from(c) / 255.0;
        if c <= 0.040_45 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b)
}

/// Escapes text for HTML, in content and in quoted attributes.
#[must_use]
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

/// The name and mark of Paydeck, as a link home.
pub fn brand() -> AnyView {
    let sprite = use_context::<Sprite>().map_or_else(|| "/icons.svg".into(), |s| s.0);
    let mark = format!("<use href=\"{sprite}#paydeck\"></use>");
    view! {
        <a class="brand" href="/">
            <svg class="brand-mark" aria-hidden="true" inner_html=mark></svg>
            <span class="brand-name">"Paydeck"</span>
        </a>
    }
    .into_any()
}

/// The foot of hosted pages with the choice of language; `path` is the page's own path and query.
pub fn footer(info: &RequestInfo, path: &str) -> AnyView {
    let links: Vec<_> = Locale::ALL
        .into_iter()
        .map(|l| {
            let current = (l == info.locale).then_some("true");
            let separator = if path.contains('?') { '&' } else { '?' };
            let href = format!("{path}{separator}lang={}", l.tag());
            view! { <a href=href lang=l.tag() hreflang=l.tag() aria-current=current>{l.own_name()}</a> }
        })
        .collect();
    view! {
        <footer class="hosted-foot">
            <nav class="cluster" aria-label=t(info.locale, k::LANGUAGE)>{icon("globe")} {links}</nav>
        </footer>
    }
    .into_any()
}

#[cfg(test)]
mod tests;
