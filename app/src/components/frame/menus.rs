//! Which merchant, and who is logged in: their menus. Choices are plain forms and links, so that they work at once.

use crate::components::{badge::merchant_badge, icon};
use crate::i18n::{Key, k, t, tf, use_locale};
use crate::look::{Density, Look, Theme};
use domain::views::account::Viewer;
use domain::{Locale, MerchantId};
use leptos::prelude::*;
use leptos_router::hooks::use_location;

/// The first letter of a name, for its round mark.
fn initial(name: &str) -> String {
    name.chars().find(|c| c.is_alphanumeric()).map(|c| c.to_uppercase().to_string()).unwrap_or_default()
}

/// Which merchant this is, and the others that the person belongs to.
pub fn merchant_menu(viewer: &Viewer, current: &MerchantId, mode: &str) -> AnyView {
    let locale = use_locale();
    let name = viewer.merchants.iter().find(|m| m.merchant_id == *current).map(|m| m.name.clone()).unwrap_or_default();
    let items: Vec<_> = viewer
        .merchants
        .iter()
        .map(|m| {
            let here = (m.merchant_id == *current).then_some("true");
            let href = format!("/m/{}/{mode}/dashboard", m.merchant_id);
            view! {
                <a class="menu-item" href=href rel="external" aria-current=here>
                    <span class="avatar" aria-hidden="true">{initial(&m.name)}</span>
                    <span class="truncate">{m.name.clone()}</span>
                    <span class="push"></span>
                    {merchant_badge(m.status)}
                </a>
            }
        })
        .collect();
    let label = tf(locale, k::NAV_MERCHANT, &[("name", &name)]);
    view! {
        <details class="menu merchant-switch">
            <summary class="nav-link" aria-label=label>
                <span class="avatar" aria-hidden="true">{initial(&name)}</span>
                <span class="nav-label">{name}</span>
                <span class="nav-caret">{icon("chevron-down")}</span>
            </summary>
            <div class="menu-panel">{items}</div>
        </details>
    }
    .into_any()
}

/// Who is logged in: language, theme, density, the way out. `links` stand before these.
pub fn profile_menu(viewer: &Viewer, links: AnyView) -> AnyView {
    let locale = use_locale();
    let label = tf(locale, k::NAV_PROFILE, &[("name", &viewer.name)]);
    view! {
        <details class="menu menu-end">
            <summary class="btn btn-ghost btn-icon" aria-label=label>
                <span class="avatar" aria-hidden="true">{initial(&viewer.name)}</span>
            </summary>
            <div class="menu-panel">
                <p class="menu-title"><bdi>{viewer.name.clone()}</bdi> <br/> <bdi dir="ltr">{viewer.email.clone()}</bdi></p>
                {links}
                {preferences()}
                <hr class="rule"/>
                <form method="post" action="/logout">
                    <button class="menu-item" type="submit">{icon("logout")} {t(locale, k::NAV_LOGOUT)}</button>
                </form>
            </div>
        </details>
    }
    .into_any()
}

/// Language, theme, density: a POST each, answered by the same page again.
fn preferences() -> AnyView {
    let locale = use_locale();
    let look: Look = use_context().unwrap_or_default();
    let languages = Locale::ALL.map(|l| choice("locale", l.tag(), "globe", l.own_name(), l == locale, Some(l.tag())));
    let theme = |theme: Option<Theme>, icon: &'static str, label: Key| {
        choice("theme", theme.map_or("auto", Theme::as_str), icon, t(locale, label), look.theme == theme, None)
    };
    let themes = [
        theme(None, "monitor", k::THEME_AUTO),
        theme(Some(Theme::Light), "sun", k::THEME_LIGHT),
        theme(Some(Theme::Dark), "moon", k::THEME_DARK),
    ];
    let compact = look.density == Some(Density::Compact);
    let densities = [
        choice("density", "comfortable", "menu", t(locale, k::DENSITY_COMFORTABLE), !compact, None),
        choice("density", "compact", "columns", t(locale, k::DENSITY_COMPACT), compact, None),
    ];
    let location = use_location();
    let next = move || format!("{}{}", location.pathname.get(), query_of(&location.search.get()));
    view! {
        <form method="post" action="/preferences">
            <input type="hidden" name="next" value=next/>
            {group(k::LANGUAGE, languages.into_iter().collect())}
            {group(k::THEME_TITLE, themes.into_iter().collect())}
            {group(k::DENSITY_TITLE, densities.into_iter().collect())}
        </form>
    }
    .into_any()
}

fn query_of(search: &str) -> String {
    let search = search.trim_start_matches('?');
    if search.is_empty() { String::new() } else { format!("?{search}") }
}

fn group(title: Key, items: Vec<AnyView>) -> AnyView {
    let title = t(use_locale(), title);
    view! {
        <div role="group" aria-label=title>
            <hr class="rule"/>
            <p class="menu-title" aria-hidden="true">{title}</p>
            {items}
        </div>
    }
    .into_any()
}

fn choice(
    name: &'static str,
    value: &'static str,
    icon_name: &'static str,
    label: &'static str,
    chosen: bool,
    lang: Option<&'static str>,
) -> AnyView {
    view! {
        <button class="menu-item" type="submit" name=name value=value aria-pressed=if chosen { "true" } else { "false" } lang=lang>
            {icon(icon_name)} {label}
            <span class="push"></span>
            {chosen.then(|| icon("check"))}
        </button>
    }
    .into_any()
}
