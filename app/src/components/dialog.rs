//! Dialogs: the browser's own element, so that Esc closes it, the page behind is inert, and the focus returns.

use crate::i18n::{k, t, use_locale};
use leptos::html;
use leptos::prelude::*;

/// A dialog that `open` opens and that sets it back when it is closed. Its children are `.dialog-body` and `.dialog-foot`.
#[component]
pub fn Dialog(
    /// Whether it is open.
    open: RwSignal<bool>,
    /// Id of the heading, by which the dialog is named.
    id: &'static str,
    /// The heading.
    title: String,
    /// `dialog-sm`, `dialog-lg` or nothing.
    #[prop(optional)]
    size: &'static str,
    /// The content.
    children: Children,
) -> impl IntoView {
    let element = NodeRef::<html::Dialog>::new();
    Effect::new(move |_| {
        let Some(dialog) = element.get() else { return };
        if open.get() && !dialog.open() {
            let _ = dialog.show_modal();
        } else if !open.get() && dialog.open() {
            dialog.close();
        }
    });
    let class = ["dialog ", size].concat().trim_end().to_owned();
    view! {
        <dialog class=class aria-labelledby=id node_ref=element on:close=move |_| open.set(false)>
            <header class="dialog-head">
                <h2 id=id>{title}</h2>
                {close_button(open)}
            </header>
            {children()}
        </dialog>
    }
    .into_any()
}

fn close_button(open: RwSignal<bool>) -> AnyView {
    let label = t(use_locale(), k::DIALOG_CLOSE);
    view! {
        <button type="button" class="btn btn-ghost btn-icon btn-sm" aria-label=label on:click=move |_| open.set(false)>
            {super::icon("close")}
        </button>
    }
    .into_any()
}

/// The button that closes a dialog without doing anything.
pub fn cancel_button(open: RwSignal<bool>) -> AnyView {
    view! {
        <button type="button" class="btn" on:click=move |_| open.set(false)>{t(use_locale(), k::DIALOG_CANCEL)}</button>
    }
    .into_any()
}
