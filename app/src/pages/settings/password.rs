//! One's own password.

use super::nav::{PASSWORD, head};
use crate::api::settings::ChangePassword;
use crate::components::form::ActionForm;
use crate::components::form::submit;
use crate::components::success::{Notice, anew, successes};
use crate::components::{Field, FormCx, quiet};
use crate::i18n::{k, t, use_locale};
use crate::pages::use_viewer;
use crate::wire::Act;
use leptos::prelude::*;

/// Changes the password.
#[component]
pub fn PasswordPage() -> impl IntoView {
    let action = Act::<ChangePassword>::new();
    let notice = Notice::new(None);
    notice.after(action, t(use_locale(), k::SETTINGS_PASSWORD_CHANGED));
    let changed = successes(action);
    view! {
        {head(PASSWORD)}
        {notice.view()}
        // Made anew after each change, so that no password stays in the page.
        {anew(changed.into(), move || form(action))}
    }
    .into_any()
}

fn form(action: Act<ChangePassword>) -> AnyView {
    let locale = use_locale();
    let cx = FormCx::of(action).with_prefix("");
    // Tells password managers whose password this is; it is not posted.
    let whose = quiet(use_viewer(), |viewer| {
        view! { <input type="text" autocomplete="username" value=viewer.email readonly hidden/> }.into_any()
    });
    view! {
        <section class="card card-pad">
            <ActionForm action=action class="form">
                {cx.summary()}
                {whose}
                {Field::new("current", t(locale, k::SETTINGS_PASSWORD_CURRENT))
                    .kind("password")
                    .autocomplete("current-password")
                    .view(&cx)}
                {Field::new("new", t(locale, k::SETTINGS_PASSWORD_NEW))
                    .kind("password")
                    .help(t(locale, k::SETTINGS_PASSWORD_HELP))
                    .autocomplete("new-password")
                    .view(&cx)}
                <div class="form-actions">{submit(action.pending(), "btn-primary", t(locale, k::SETTINGS_PASSWORD_CHANGE))}</div>
            </ActionForm>
        </section>
    }
    .into_any()
}
