//! The head of a page, its title, and the frame around what it loads.

use super::{error_block, error_page, skeleton};
use crate::api::ApiError;
use crate::i18n::{Key, k, t, tf, use_locale};
use crate::wire::{Answer, Loaded, read};
use domain::Problem;
use leptos::prelude::*;
use leptos_meta::Title;
use serde::de::DeserializeOwned;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Sets the document's title: "Payments · Paydeck", with "Error: " before it while a form of the page has errors.
pub fn set_title(text: impl Into<String>) -> AnyView {
    let locale = use_locale();
    let plain = tf(locale, k::PAGE_TITLE, &[("page", &text.into())]);
    let Some(wrong) = use_context::<WrongForms>() else { return view! { <Title text=plain/> }.into_any() };
    let title = move || if wrong.any() { tf(locale, k::PAGE_ERROR_TITLE, &[("page", &plain)]) } else { plain.clone() };
    view! { <Title text=title/> }.into_any()
}

/// How many forms of the page have errors: the document's title says so.
#[derive(Debug, Clone, Copy)]
pub struct WrongForms(RwSignal<usize>);

impl WrongForms {
    /// Begins to count, for everything below.
    pub fn provide() {
        provide_context(Self(RwSignal::new(0)));
    }

    fn any(self) -> bool {
        self.0.try_get().unwrap_or(0) > 0
    }

    /// Counts a form while it has a problem, until it leaves the page. Hosted pages have no such count: they are made anew.
    pub fn count(problem: Signal<Option<Problem>>) {
        let Some(Self(forms)) = use_context::<Self>() else { return };
        let counted = Arc::new(AtomicBool::new(false));
        let update = move |wrong: bool| {
            if counted.swap(wrong, Ordering::Relaxed) != wrong {
                // The page may be gone by now.
                forms.try_update(|n| *n = if wrong { *n + 1 } else { n.saturating_sub(1) });
            }
        };
        // At once, because no effect runs on the server: a list's filter may be wrong in the address.
        update(problem.with_untracked(Option::is_some));
        let again = update.clone();
        Effect::new(move |_| again(problem.with(Option::is_some)));
        on_cleanup(move || update(false));
    }
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
    shown(
        from.text(),
        Arc::new(move |answer| match answer.and_then(|text| read(&text)) {
            Ok(data) => view(data),
            Err(error) => failed(&error),
        }),
    )
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
