//! The head of a page, its title, and the frame around what it loads.

use super::{error_block, error_page, skeleton};
use crate::api::ApiError;
use crate::i18n::{Key, k, t, tf, use_locale};
use crate::wire::{Answer, Loaded, read};
use leptos::prelude::*;
use leptos_meta::Title;
use serde::de::DeserializeOwned;
use std::sync::Arc;

/// Sets the document's title: "Payments · Paydeck".
pub fn set_title(text: impl Into<String>) -> AnyView {
    let title = tf(use_locale(), k::PAGE_TITLE, &[("page", &text.into())]);
    view! { <Title text=title/> }.into_any()
}

/// The head of a page: way back, title, quiet sentence and actions. Sets the document's title too.
#[component]
pub fn PageHead(
    /// The heading.
    title: Key,
    /// A quiet sentence below.
    #[prop(optional)]
    note: Option<Key>,
    /// The page above this one: its address and its name.
    #[prop(optional)]
    parent: Option<(String, Key)>,
    /// Links and buttons at the end side.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let locale = use_locale();
    view! {
        {set_title(t(locale, title))}
        <header class="page-head">
            {parent.map(|(href, name)| crumbs(href, name, t(locale, title).into_any()))}
            <div class="page-head-row">
                <h1>{t(locale, title)}</h1>
                {children.map(|children| view! { <div class="page-actions">{children()}</div> })}
            </div>
            {note.map(|note| view! { <p class="muted">{t(locale, note)}</p> })}
        </header>
    }
    .into_any()
}

/// The way back to the page above.
pub fn crumbs(href: String, name: Key, here: AnyView) -> AnyView {
    let locale = use_locale();
    view! {
        <nav class="crumbs" aria-label=t(locale, k::CRUMBS)>
            <a href=href>{t(locale, name)}</a>
            {super::icon::icon_of("chevron-end", "icon-sm")}
            <span aria-current="page">{here}</span>
        </nav>
    }
    .into_any()
}

type Make = Arc<dyn Fn(Answer) -> AnyView + Send + Sync>;

/// Shows what was loaded, a skeleton before, and what went wrong instead. While it loads again, the old content stays.
pub fn load<T, F>(from: Loaded<T>, view: F) -> AnyView
where
    T: DeserializeOwned,
    F: Fn(T) -> AnyView + Send + Sync + 'static,
{
    load_or(from, view, error_block)
}

/// The same with another view of what went wrong.
pub fn load_or<T, F, E>(from: Loaded<T>, view: F, failed: E) -> AnyView
where
    T: DeserializeOwned,
    F: Fn(T) -> AnyView + Send + Sync + 'static,
    E: Fn(&ApiError) -> AnyView + Send + Sync + 'static,
{
    shown(from.text(), Arc::new(move |answer| match answer.and_then(|text| read(&text)) {
        Ok(data) => view(data),
        Err(error) => failed(&error),
    }))
}

/// The same for a page whose head is part of what is loaded: what went wrong has the page's heading then.
pub fn load_page<T, F>(title: Key, from: Loaded<T>, view: F) -> AnyView
where
    T: DeserializeOwned,
    F: Fn(T) -> AnyView + Send + Sync + 'static,
{
    view! { {set_title(t(use_locale(), title))} {load_or(from, view, error_page)} }.into_any()
}

/// Shows a small part that depends on what was loaded; nothing before, and nothing when it could not be.
pub fn quiet<T, F>(from: Loaded<T>, view: F) -> AnyView
where
    T: DeserializeOwned,
    F: Fn(T) -> AnyView + Send + Sync + 'static,
{
    let make: Make = Arc::new(move |answer| match answer.and_then(|text| read(&text)) {
        Ok(data) => view(data),
        Err(_) => ().into_any(),
    });
    later(from.text(), make, || ().into_any())
}

fn shown(text: Resource<Answer>, make: Make) -> AnyView {
    later(text, make, skeleton)
}

fn later(text: Resource<Answer>, make: Make, before: fn() -> AnyView) -> AnyView {
    view! {
        <Transition fallback=before>
            {move || {
                let make = make.clone();
                Suspend::new(async move { make(text.await) })
            }}
        </Transition>
    }
    .into_any()
}
