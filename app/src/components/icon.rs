//! Icons of the sprite.

use leptos::prelude::*;
use std::sync::Arc;

/// Address of the sprite; a context.
#[derive(Debug, Clone)]
pub struct Sprite(pub Arc<str>);

/// Icons that mean a direction: they are mirrored where text runs from right to left.
const DIRECTED: [&str; 11] = [
    "chevron-start",
    "chevron-end",
    "arrow-start",
    "arrow-end",
    "external",
    "logout",
    "login",
    "undo",
    "refund",
    "send",
    "menu",
];

/// An icon of 16 px. The word stands beside it or in the `aria-label` around it.
pub fn icon(name: &'static str) -> AnyView {
    icon_of(name, "")
}

/// An icon of another size: `icon-sm`, `icon-md` or `icon-lg`.
pub fn icon_of(name: &'static str, size: &'static str) -> AnyView {
    let sprite = use_context::<Sprite>().map_or_else(|| Arc::from("/icons.svg"), |s| s.0);
    let dir = if DIRECTED.contains(&name) { "icon-dir" } else { "" };
    let class = ["icon", size, dir].into_iter().filter(|c| !c.is_empty()).collect::<Vec<_>>().join(" ");
    view! { <svg class=class aria-hidden="true" inner_html=format!("<use href=\"{sprite}#{name}\"></use>")></svg> }
        .into_any()
}
