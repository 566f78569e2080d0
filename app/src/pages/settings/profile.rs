//! One's own name and language.

use super::nav::{PROFILE, head, section};
use crate::api::settings::SaveName;
use crate::components::badge::{SUCCESS, WARNING};
use crate::components::form::ActionForm;
use crate::components::form::{hidden, submit};
use crate::components::success::{Notice, on_success};
use crate::components::{Choice, Field, FormCx, badge, load};
use crate::i18n::{k, t, use_locale};
use crate::pages::use_viewer;
use crate::wire::Act;
use domain::Locale;
use domain::views::account::Viewer;
use leptos::prelude::*;
use leptos_router::hooks::use_location;

/// The profile.
#[component]
pub fn ProfilePage() -> impl IntoView {
    let viewer = use_viewer();
    let action = Act::<SaveName>::new();
    let notice = Notice::new(None);
    notice.after(action, t(use_locale(), k::SETTINGS_SAVED));
    on_success(action, move || viewer.refetch());
    view! {
        {head(PROFILE)}
        {notice.view()}
        {load(viewer, move |viewer| {
            view! {
                <div class="stack">
                    {section(k::SETTINGS_YOUR_NAME, k::SETTINGS_YOUR_NAME_NOTE, name(&viewer, action))}
                    {section(k::SETTINGS_YOUR_EMAIL, k::SETTINGS_YOUR_EMAIL_NOTE, email(&viewer))}
                    {section(k::LANGUAGE, k::SETTINGS_LANGUAGE_NOTE, language())}
                </div>
            }
            .into_any()
        })}
    }
    .into_any()
}

fn name(viewer: &Viewer, action: Act<SaveName>) -> AnyView {
    let locale = use_locale();
    let cx = FormCx::of(action).with_prefix("");
    let field = Field::new("name", t(locale, k::SETTINGS_COL_NAME)).value(viewer.name.clone()).autocomplete("name");
    view! {
        <ActionForm action=action class="form">
            {cx.summary()}
            {field.view(&cx)}
            <div class="form-actions">{submit(action.pending(), "btn-primary", t(locale, k::FORM_SAVE))}</div>
        </ActionForm>
    }
    .into_any()
}

fn email(viewer: &Viewer) -> AnyView {
    let locale = use_locale();
    let (tone, word) = if viewer.email_verified {
        (SUCCESS, k::SETTINGS_EMAIL_VERIFIED)
    } else {
        (WARNING, k::SETTINGS_EMAIL_UNVERIFIED)
    };
    view! { <p class="cluster"><bdi dir="ltr">{viewer.email.clone()}</bdi> {badge(tone, t(locale, word))}</p> }
        .into_any()
}

/// A plain form: the whole document comes back in the other language.
fn language() -> AnyView {
    let locale = use_locale();
    let path = use_location().pathname;
    let cx = FormCx::hosted(None);
    let choices = Locale::ALL.into_iter().map(|l| Choice::new(l.tag(), l.own_name())).collect();
    view! {
        <form class="form" method="post" action="/preferences">
            {hidden("next", path.get_untracked())}
            {Field::new("locale", t(locale, k::LANGUAGE)).value(locale.tag()).select(&cx, choices)}
            <div class="form-actions"><button type="submit" class="btn">{t(locale, k::SETTINGS_LANGUAGE_SET)}</button></div>
        </form>
    }
    .into_any()
}
