//! What the browser reads from the document that the server rendered.

use crate::components::icon::Sprite;
use crate::components::time::PageZone;
use crate::look::Look;
use domain::Locale;
use leptos::prelude::*;

/// Provides the contexts that the server provides while it renders: language, look, sprite.
pub fn provide() {
    let root = document().document_element();
    let read = |name: &str| root.as_ref().and_then(|root| root.get_attribute(name)).unwrap_or_default();
    provide_context(read("lang").parse::<Locale>().unwrap_or_default());
    provide_context(Look { theme: read("data-theme").parse().ok(), density: read("data-density").parse().ok() });
    provide_context(Sprite(read("data-icons").into()));
    PageZone::provide(serde_json::from_str(&read("data-zone")).unwrap_or_default());
}
