//! What menus and the drawer do that HTML alone does not.

use crate::components::form::focus_soon;
use leptos::prelude::*;
use leptos_router::hooks::use_location;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, Node};

const OPEN_MENUS: &str = "details.menu[open]";

/// Menus close on a click elsewhere, on a choice and on Esc; after going to another page the drawer closes and the focus moves
/// to the content. Nothing of this runs on the server.
pub fn behave() {
    let location = use_location();
    Effect::new(move |before: Option<String>| {
        let path = location.pathname.get();
        if before.is_some_and(|before| before != path) {
            hide_drawer();
            close_menus(|_| true);
            focus_soon("main".to_owned());
        }
        path
    });
    Effect::new(|_| {
        window_event_listener(leptos::ev::click, |event| {
            let target = event.target().and_then(|t| t.dyn_into::<Element>().ok());
            let chosen = target.as_ref().is_some_and(|t| matches!(t.closest(".menu-panel a"), Ok(Some(_))));
            // A time stands above its row's link, so that it can be hovered; a click on it opens the row all the same.
            if let Some(Ok(Some(row))) =
                target.as_ref().filter(|t| t.matches("tr .moment").unwrap_or(false)).map(|t| t.closest("tr"))
                && let Ok(Some(link)) = row.query_selector(".row-link")
            {
                // Not at once: that click comes to this very listener, which can't be called while it runs.
                let link = link.unchecked_into::<HtmlElement>();
                request_animation_frame(move || link.click());
            }
            let node: Option<&Node> = target.as_ref().map(AsRef::as_ref);
            close_menus(|menu| chosen || !menu.contains(node));
        });
        window_event_listener(leptos::ev::keydown, |event| {
            if event.key() == "Escape" {
                close_menus(|menu| {
                    let inside = document().active_element().is_some_and(|a| menu.contains(Some(&a)));
                    if let (true, Ok(Some(summary))) = (inside, menu.query_selector("summary")) {
                        let _ = summary.unchecked_into::<HtmlElement>().focus();
                    }
                    true
                });
            }
        });
    });
}

fn close_menus(which: impl Fn(&Element) -> bool) {
    let Ok(open) = document().query_selector_all(OPEN_MENUS) else { return };
    for at in 0..open.length() {
        if let Some(menu) = open.item(at).and_then(|node| node.dyn_into::<Element>().ok())
            && which(&menu)
        {
            let _ = menu.remove_attribute("open");
        }
    }
}

fn hide_drawer() {
    let drawer = document().get_element_by_id("nav").and_then(|nav| nav.dyn_into::<HtmlElement>().ok());
    // It refuses when it is not open; then there is nothing to hide.
    let _ = drawer.map(|nav| nav.hide_popover());
}
