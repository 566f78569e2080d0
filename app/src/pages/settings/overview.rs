//! All settings at a glance.

use super::nav::{Entry, OF_BUSINESS, OF_PERSON};
use crate::components::{PageHead, icon, load};
use crate::i18n::{Key, k, t, use_locale};
use crate::pages::{use_scope, use_viewer};
use domain::Scope;
use leptos::prelude::*;

/// Links to every page of the settings.
#[component]
pub fn SettingsPage() -> impl IntoView {
    let scope = use_scope();
    view! {
        <PageHead title=k::SETTINGS_TITLE note=k::SETTINGS_NOTE/>
        {load(use_viewer(), move |viewer| {
            let business = OF_BUSINESS.into_iter().filter(|e| e.is_shown_to(&viewer, &scope)).collect();
            view! {
                <div class="stack gap-6">
                    {group(k::SETTINGS_OF_BUSINESS, business, &scope)}
                    {group(k::SETTINGS_OF_PERSON, OF_PERSON.to_vec(), &scope)}
                </div>
            }
            .into_any()
        })}
    }
    .into_any()
}

fn group(title: Key, entries: Vec<Entry>, scope: &Scope) -> AnyView {
    let locale = use_locale();
    let cards: Vec<_> = entries
        .into_iter()
        .map(|entry| {
            view! {
                <a class="card card-pad card-link" href=entry.href(Some(scope))>
                    <span class="row top">
                        {icon(entry.icon)}
                        <span><b>{t(locale, entry.title)}</b> <span class="sub">{t(locale, entry.note)}</span></span>
                    </span>
                </a>
            }
        })
        .collect();
    view! { <section class="stack gap-3"><h2>{t(locale, title)}</h2><div class="grid">{cards}</div></section> }
        .into_any()
}
