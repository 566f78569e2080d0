//! Which settings there are, and the way between them.

use crate::components::{PageHead, icon, quiet};
use crate::i18n::{Key, k, t, use_locale};
use crate::pages::{may, page_href, use_viewer};
use domain::views::account::Viewer;
use domain::{Permission, Scope};
use leptos::prelude::*;

/// A page of the settings.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entry {
    /// The last part of its path.
    pub path: &'static str,
    /// Its icon.
    pub icon: &'static str,
    /// Its name.
    pub title: Key,
    /// What it is for.
    pub note: Key,
    /// The right that it takes to look.
    pub right: Option<Permission>,
}

pub(super) const BUSINESS: Entry = Entry {
    path: "business",
    icon: "building",
    title: k::SETTINGS_BUSINESS,
    note: k::SETTINGS_BUSINESS_NOTE,
    right: None,
};
pub(super) const BRANDING: Entry =
    Entry { path: "branding", icon: "star", title: k::SETTINGS_BRANDING, note: k::SETTINGS_BRANDING_NOTE, right: None };
pub(super) const TEAM: Entry =
    Entry { path: "team", icon: "team", title: k::SETTINGS_TEAM, note: k::SETTINGS_TEAM_NOTE, right: None };
pub(super) const ACTIVITY: Entry = Entry {
    path: "activity",
    icon: "note",
    title: k::SETTINGS_ACTIVITY,
    note: k::SETTINGS_ACTIVITY_NOTE,
    right: Some(Permission::ViewAudit),
};
pub(super) const PROFILE: Entry =
    Entry { path: "profile", icon: "user", title: k::SETTINGS_PROFILE, note: k::SETTINGS_PROFILE_NOTE, right: None };
pub(super) const PASSWORD: Entry =
    Entry { path: "password", icon: "key", title: k::SETTINGS_PASSWORD, note: k::SETTINGS_PASSWORD_NOTE, right: None };
pub(super) const SESSIONS: Entry = Entry {
    path: "sessions",
    icon: "monitor",
    title: k::SETTINGS_SESSIONS,
    note: k::SETTINGS_SESSIONS_NOTE,
    right: None,
};

/// Of the business.
pub(super) const OF_BUSINESS: [Entry; 4] = [BUSINESS, BRANDING, TEAM, ACTIVITY];
/// Of the person.
pub(super) const OF_PERSON: [Entry; 3] = [PROFILE, PASSWORD, SESSIONS];

impl Entry {
    /// Its address: below the merchant and mode, or in the operator's frame.
    pub(super) fn href(&self, scope: Option<&Scope>) -> String {
        match scope {
            Some(scope) => page_href(scope, &["settings/", self.path].concat()),
            None => ["/admin/account/", self.path].concat(),
        }
    }

    pub(super) fn is_shown_to(&self, viewer: &Viewer, scope: &Scope) -> bool {
        self.right.is_none_or(|right| may(viewer, scope, right))
    }
}

/// The head of a page: its title, the way back, and the other pages.
pub(super) fn head(here: Entry) -> AnyView {
    let scope = use_context::<Scope>();
    let title = match &scope {
        Some(scope) => {
            let parent = (page_href(scope, "settings"), k::SETTINGS_TITLE);
            view! { <PageHead title=here.title note=here.note parent=parent/> }.into_any()
        }
        None => view! { <PageHead title=here.title note=here.note/> }.into_any(),
    };
    view! { {title} {quiet(use_viewer(), move |viewer| tabs(here, &viewer, scope.as_ref()))} }.into_any()
}

fn tabs(here: Entry, viewer: &Viewer, scope: Option<&Scope>) -> AnyView {
    let locale = use_locale();
    let business = scope.into_iter().flat_map(|scope| OF_BUSINESS.into_iter().filter(|e| e.is_shown_to(viewer, scope)));
    let links: Vec<_> = business
        .chain(OF_PERSON)
        .map(|entry| {
            let current = (entry.path == here.path).then_some("page");
            view! { <a class="tab" href=entry.href(scope) aria-current=current>{t(locale, entry.title)}</a> }
        })
        .collect();
    view! { <nav class="tabs" aria-label=t(locale, k::SETTINGS_PAGES)>{links}</nav> }.into_any()
}

/// A part of a page: its heading and sentence beside its content.
pub(super) fn section(title: Key, note: Key, content: AnyView) -> AnyView {
    let locale = use_locale();
    view! {
        <section class="form-section">
            <div class="form-section-head">
                <h2>{t(locale, title)}</h2>
                <p class="muted">{t(locale, note)}</p>
            </div>
            <div class="stack gap-5">{content}</div>
        </section>
    }
    .into_any()
}

/// Links to the personal pages, for the menu of whoever is logged in.
pub fn personal_links(scope: Option<&Scope>) -> AnyView {
    let locale = use_locale();
    OF_PERSON
        .map(|entry| view! { <a class="menu-item" href=entry.href(scope)>{icon(entry.icon)} {t(locale, entry.title)}</a> })
        .into_iter()
        .collect_view()
        .into_any()
}
