//! What follows when a server action succeeded. A refused one must change nothing on the page: what was typed stays.

use super::form::focus_soon;
use super::icon;
use crate::api::ApiError;
use crate::wire::Act;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

/// Counts an action's successes. As the source of a resource it loads the page's data again after each, and after no failure.
#[must_use]
pub fn successes<S>(action: Act<S>) -> Memo<usize>
where
    S: ServerFn<Error = ApiError>,
{
    let value = action.value();
    Memo::new(move |before: Option<&usize>| {
        let before = before.copied().unwrap_or(0);
        value.with(|v| if matches!(v, Some(Ok(_))) { before + 1 } else { before })
    })
}

/// Does something after each success of an action.
pub fn on_success<S>(action: Act<S>, then: impl Fn() + 'static)
where
    S: ServerFn<Error = ApiError>,
{
    let value = action.value();
    Effect::new(move |_| {
        if value.with(|v| matches!(v, Some(Ok(_)))) {
            untrack(&then);
        }
    });
}

/// A part of the page that is made anew, with fresh fields, whenever a count changes. A closure alone would keep the elements,
/// and with them what was typed.
pub fn anew<F>(count: Signal<usize>, make: F) -> AnyView
where
    F: Fn() -> AnyView + Clone + Send + Sync + 'static,
{
    view! { <For each=move || [count.get()] key=|n| *n children=move |_| make()/> }.into_any()
}

/// The page's sentence that something was done. It takes the focus, because the form that had it may have been made anew.
#[derive(Debug, Clone, Copy)]
pub struct Notice(RwSignal<Option<&'static str>>);

impl Notice {
    /// Id of the banner.
    const ID: &'static str = "notice";

    /// A notice that says nothing yet, or what a plain form led to.
    #[must_use]
    pub fn new(first: Option<&'static str>) -> Self {
        let text = RwSignal::new(first);
        Effect::new(move |_| {
            if text.with(Option::is_some) {
                focus_soon(Self::ID.to_owned());
            }
        });
        Self(text)
    }

    /// Says a sentence when an action has succeeded, and takes it back when the next is under way.
    pub fn after<S>(self, action: Act<S>, text: &'static str)
    where
        S: ServerFn<Error = ApiError>,
    {
        let pending = action.pending();
        Effect::new(move |_| {
            if pending.get() {
                self.0.set(None);
            }
        });
        on_success(action, move || self.0.set(Some(text)));
    }

    /// The banner.
    pub fn view(self) -> AnyView {
        (move || {
            self.0.get().map(|text| {
                view! {
                    <p class="banner banner-success" role="status" id=Self::ID tabindex="-1">
                        {icon("check-circle")} <span>{text}</span>
                    </p>
                }
            })
        })
        .into_any()
    }
}
