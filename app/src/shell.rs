//! The HTML document around a page, and the script that brings it to life.

use crate::components::time::use_zone;
use crate::i18n::{k, t};
use crate::request::RequestInfo;
use crate::routes::App;
use leptos::prelude::*;
use leptos_meta::MetaTags;
use leptos_router::location::RequestUrl;

/// The document. `App` is the first thing in the body, where hydration looks for it.
pub fn shell(info: &RequestInfo) -> impl IntoView + use<> {
    let (locale, assets, nonce) = (info.locale, &info.assets, info.nonce.clone());
    let (js, wasm) = (assets.url("app.js"), assets.url("app.wasm"));
    let script = hydration_script(&js, &wasm);
    let path = use_context::<RequestUrl>().map(|url| url.as_ref().to_owned()).unwrap_or_default();
    let (class, mode) = body_of(&path);
    // What the page's group needs beside the rest is loaded at the same time, not after it.
    let parts: Vec<_> = assets
        .parts(crate::lazy::group_of(path_of(&path)).unwrap_or_default())
        .map(|url| view! { <link rel="preload" href=url r#as="fetch" r#type="application/wasm" crossorigin="anonymous"/> })
        .collect();
    view! {
        <!DOCTYPE html>
        <html
            lang=locale.tag()
            dir=locale.dir()
            data-theme=info.theme.map(crate::look::Theme::as_str)
            data-density=info.density.map(crate::look::Density::as_str)
            data-icons=assets.icons()
            data-zone=zone_attribute()
        >
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <meta name="color-scheme" content="light dark"/>
                <meta name="robots" content="noindex"/>
                <link rel="icon" href="/favicon.svg" type="image/svg+xml"/>
                <link rel="stylesheet" href=assets.url("portal.css")/>
                <link rel="modulepreload" href=js nonce=nonce.clone()/>
                <link rel="preload" href=wasm r#as="fetch" r#type="application/wasm" crossorigin="anonymous"/>
                {parts}
                <MetaTags/>
            </head>
            <body class=class data-mode=mode>
                <App/>
                <div class="toasts">
                    <noscript><div class="toast toast-danger"><p>{t(locale, k::BOOT_NO_SCRIPT)}</p></div></noscript>
                    <div class="toast toast-danger" id="boot-failed" role="alert" hidden><p>{t(locale, k::BOOT_FAILED)}</p></div>
                    <div class="toast" id="boot-wait" role="status" hidden><p>{t(locale, k::BOOT_WAIT)}</p></div>
                </div>
                <script type="module" nonce=nonce inner_html=script></script>
            </body>
        </html>
    }
}

/// Loads the WebAssembly and says so when it does not load. Until it runs, a form that needs it does not send, so that nothing
/// typed is lost; `data-live` on the document tells tests (and styles) that it runs.
fn hydration_script(js: &str, wasm: &str) -> String {
    // JSON strings are JavaScript strings; the addresses are ours and hold no "</".
    let (js, wasm) = (serde_json::json!(js), serde_json::json!(wasm));
    format!(
        r#"const root = document.documentElement;
const show = (id) => {{ document.getElementById(id).hidden = false; }};
const hide = (id) => {{ document.getElementById(id).hidden = true; }};
document.addEventListener("submit", (event) => {{
  if ("live" in root.dataset || !new URL(event.target.action).pathname.startsWith("/api/")) return;
  event.preventDefault();
  show(root.dataset.failed ? "boot-failed" : "boot-wait");
}}, true);
try {{
  const app = await import({js});
  await app.default({{ module_or_path: {wasm} }});
  await app.hydrate();
  root.dataset.live = "";
  hide("boot-wait");
}} catch (error) {{
  root.dataset.failed = "1";
  hide("boot-wait");
  show("boot-failed");
  console.warn(error);
}}"#
    )
}

/// The path of an address as the router has it.
fn path_of(url: &str) -> &str {
    url.strip_prefix("http://leptos.dev").unwrap_or(url).split(['?', '#']).next().unwrap_or("")
}

/// The time zone for the browser, which has no database of zones. UTC needs no table.
fn zone_attribute() -> Option<String> {
    let zone = use_zone();
    if zone.is_utc() { None } else { serde_json::to_string(&*zone).ok() }
}

/// The body's class, and its mode when the path has one: a test page is marked as such from edge to edge.
fn body_of(url: &str) -> (&'static str, Option<&'static str>) {
    let mut parts = path_of(url).split('/').skip(1);
    match parts.next() {
        Some("admin") => ("portal admin", None),
        Some("m") => match parts.nth(1) {
            Some("test") => ("portal", Some("test")),
            Some("live") => ("portal", Some("live")),
            _ => ("portal", None),
        },
        _ => ("portal", None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_body_tells_the_mode() {
        assert_eq!(body_of("/m/acct_1/test/payments?x=1"), ("portal", Some("test")));
        assert_eq!(body_of("http://leptos.dev/m/acct_1/live"), ("portal", Some("live")));
        assert_eq!(body_of("/admin/mail"), ("portal admin", None));
        assert_eq!(body_of("/elsewhere"), ("portal", None));
    }
}
