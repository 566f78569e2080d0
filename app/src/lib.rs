//! The portal: a Leptos app that is rendered on the server and brought to life in the browser, the hosted pages that are
//! rendered on the server alone, and the catalogue of every text.
//!
//! In the browser (`hydrate`) it depends on `domain` only; on the server (`ssr`) its server functions call `services`.
#![cfg_attr(test, allow(clippy::unwrap_used))]
#![recursion_limit = "256"]

pub mod api;
#[cfg(feature = "hydrate")]
mod browser;
pub mod components;
pub mod i18n;
pub mod lazy;
pub mod look;
#[cfg(feature = "ssr")]
pub mod mail;
pub mod pages;
pub mod routes;
pub mod wire;

#[cfg(feature = "ssr")]
pub mod assets;
#[cfg(feature = "ssr")]
pub mod hosted;
#[cfg(feature = "ssr")]
pub mod request;
#[cfg(feature = "ssr")]
pub mod server;
#[cfg(feature = "ssr")]
mod shell;

#[cfg(feature = "ssr")]
pub use assets::Assets;
#[cfg(feature = "ssr")]
pub use request::RequestInfo;
#[cfg(feature = "ssr")]
pub use shell::shell;

/// Takes over the page that the server rendered; done when the page answers to clicks and keys.
#[cfg(feature = "hydrate")]
#[wasm_bindgen::prelude::wasm_bindgen]
pub async fn hydrate() {
    std::panic::set_hook(Box::new(|info| {
        console_error_panic_hook::hook(info);
        say_that_it_stopped();
    }));
    let Some(body) = leptos::prelude::document().body() else { return };
    leptos::mount::hydrate_from_async(body, routes::App).await.forget();
}

/// The app has stopped, most often because a part of it could not be fetched: the page says so, and its forms send nothing.
#[cfg(feature = "hydrate")]
fn say_that_it_stopped() {
    let document = leptos::prelude::document();
    if let Some(root) = document.document_element() {
        let _ = root.remove_attribute("data-live");
        let _ = root.set_attribute("data-failed", "1");
    }
    if let Some(words) = document.get_element_by_id("boot-failed") {
        let _ = words.remove_attribute("hidden");
    }
}
