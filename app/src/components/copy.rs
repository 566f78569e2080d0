//! A button that copies an id or an address.

use crate::i18n::{k, t, use_locale};
use leptos::prelude::*;

/// The small button beside an id.
pub fn copy_button(text: String) -> AnyView {
    let (done, press) = copier(text.clone());
    let locale = use_locale();
    let label = move || if done.get() { t(locale, k::COPY_DONE) } else { t(locale, k::COPY_ID) };
    view! {
        <button
            type="button"
            class=move || if done.get() { "copy is-done" } else { "copy" }
            data-copy=text
            aria-label=label
            title=label
            on:click=move |_| press()
        >
            {super::icon::icon_of("copy", "icon-sm")}
        </button>
    }
    .into_any()
}

/// A button with a word, for addresses that are there to be shared.
pub fn copy_button_wide(text: String) -> AnyView {
    let (done, press) = copier(text.clone());
    let locale = use_locale();
    view! {
        <button type="button" class="btn btn-sm" data-copy=text on:click=move |_| press()>
            {super::icon("copy")}
            <span aria-live="polite">
                {move || if done.get() { t(locale, k::COPY_DONE) } else { t(locale, k::COPY_ADDRESS) }}
            </span>
        </button>
    }
    .into_any()
}

/// Whether it was just copied, and what copies it.
fn copier(text: String) -> (RwSignal<bool>, impl Fn() + Clone + 'static) {
    let done = RwSignal::new(false);
    let press = move || {
        // The browser answers later, or never when the page may not use the clipboard; then the text can still be selected.
        let _ = window().navigator().clipboard().write_text(&text);
        done.set(true);
        set_timeout(move || _ = done.try_set(false), std::time::Duration::from_millis(1_500));
    };
    (done, press)
}
