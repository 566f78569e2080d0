//! Short messages that something was done. They tell, and never ask.

use super::{icon, icon::icon_of};
use crate::i18n::{k, t, use_locale};
use leptos::prelude::*;
use std::time::Duration;

/// How long a message stays.
const STAYS: Duration = Duration::from_secs(8);

/// The messages that are shown; a context of the frame.
#[derive(Debug, Clone, Copy)]
pub struct Toasts(RwSignal<Vec<(u32, String)>>);

impl Toasts {
    /// Makes the context.
    pub fn provide() -> Self {
        let toasts = Self(RwSignal::new(Vec::new()));
        provide_context(toasts);
        toasts
    }

    /// Shows a message.
    pub fn show(self, text: impl Into<String>) {
        let text = text.into();
        let id = self.0.with_untracked(|all| all.iter().map(|(id, _)| *id).max().unwrap_or(0)).wrapping_add(1);
        self.0.update(|all| all.push((id, text)));
        set_timeout(move || self.dismiss(id), STAYS);
    }

    fn dismiss(self, id: u32) {
        self.0.update(|all| all.retain(|(known, _)| *known != id));
    }

    /// Where they are shown.
    pub fn view(self) -> AnyView {
        let locale = use_locale();
        let one = move |(id, text): (u32, String)| {
            view! {
                <div class="toast toast-success">
                    {icon("check-circle")} <p>{text}</p>
                    <button
                        type="button"
                        class="btn btn-ghost btn-icon btn-sm"
                        aria-label=t(locale, k::TOAST_DISMISS)
                        on:click=move |_| self.dismiss(id)
                    >
                        {icon_of("close", "icon-sm")}
                    </button>
                </div>
            }
        };
        view! { <div class="toasts" role="status" aria-live="polite">{move || self.0.get().into_iter().map(one).collect::<Vec<_>>()}</div> }
            .into_any()
    }
}

/// The frame's messages.
#[must_use]
pub fn use_toasts() -> Toasts {
    use_context().unwrap_or_else(Toasts::provide)
}
