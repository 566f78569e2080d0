//! A dialog that asks once more before something that is hard to undo.

use super::dialog::{Dialog, cancel_button};
use crate::i18n::{k, t, use_locale};
use leptos::prelude::*;

/// What is asked.
pub struct Question {
    /// Id of the dialog's heading.
    pub id: &'static str,
    /// The heading: what will be done.
    pub title: String,
    /// What that means.
    pub text: String,
    /// The button that does it.
    pub label: String,
}

/// Asks, and runs `yes` on the button. The dialog stays until `open` is set back.
pub fn confirm(
    question: Question,
    open: RwSignal<bool>,
    pending: Signal<bool>,
    yes: impl Fn() + Send + 'static,
) -> AnyView {
    let busy = t(use_locale(), k::FORM_SENDING);
    let label = question.label;
    view! {
        <Dialog open=open id=question.id title=question.title size="dialog-sm">
            <div class="dialog-body"><p>{question.text}</p></div>
            <footer class="dialog-foot">
                {cancel_button(open)}
                <button
                    type="button"
                    class="btn btn-danger"
                    aria-busy=move || pending.get().then_some("true")
                    disabled=move || pending.get()
                    on:click=move |_| yes()
                >
                    {move || if pending.get() { busy.to_owned() } else { label.clone() }}
                </button>
            </footer>
        </Dialog>
    }
    .into_any()
}
