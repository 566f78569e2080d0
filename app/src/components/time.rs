//! Moments, in the time zone of the merchant whose pages these are; UTC on the operator's.

use crate::i18n::{ago, date, k, t, time_of_day, use_locale, when, when_in};
use domain::{Timestamp, ZoneTable};
use leptos::prelude::*;
use std::sync::Arc;

/// The zone that this document shows times in. A merchant's pages are one document, so it changes by the settings alone.
#[derive(Debug, Clone, Copy)]
pub struct PageZone(RwSignal<Arc<ZoneTable>>);

impl PageZone {
    /// Provides a zone to everything below.
    pub fn provide(zone: ZoneTable) {
        provide_context(Self(RwSignal::new(Arc::new(zone))));
    }

    /// Shows times in another zone from now on: what is rendered already stays.
    pub fn set(zone: ZoneTable) {
        if let Some(Self(here)) = use_context() {
            here.set(Arc::new(zone));
        }
    }
}

/// The zone that times are shown in.
#[must_use]
pub fn use_zone() -> Arc<ZoneTable> {
    use_context::<PageZone>().map(|PageZone(zone)| zone.get_untracked()).unwrap_or_default()
}

/// Now: the server's clock while it renders, the browser's in the browser.
#[must_use]
pub fn now() -> Timestamp {
    #[cfg(feature = "ssr")]
    return use_context::<services::Services>().map(|svc| svc.now()).unwrap_or_default();
    #[cfg(not(feature = "ssr"))]
    #[allow(clippy::cast_possible_truncation)] // whole milliseconds
    return Timestamp(web_sys::js_sys::Date::now() as i64);
}

/// A moment of a row, as time gone by for a day and as a date before. The whole moment with its zone, and in UTC, on hover, and
/// when the row's link has the focus.
pub fn moment(at: Timestamp) -> AnyView {
    let (locale, zone) = (use_locale(), use_zone());
    time("moment", at, ago(locale, &zone, at, now()), both(&zone, at), false)
}

/// The same for a moment that stands by itself: it takes the focus, to show the whole moment.
pub fn moment_alone(at: Timestamp) -> AnyView {
    let (locale, zone) = (use_locale(), use_zone());
    time("moment", at, ago(locale, &zone, at, now()), both(&zone, at), true)
}

/// A moment in full; in UTC on hover and focus.
pub fn moment_full(at: Timestamp) -> AnyView {
    let (locale, zone) = (use_locale(), use_zone());
    let utc = if zone.is_utc() { String::new() } else { when(locale, at) };
    let more = !utc.is_empty();
    time("moment", at, when_in(locale, &zone, at), utc, more)
}

/// A moment of a timeline: the date and the time of day; the zone, and UTC, on hover and focus.
pub fn moment_short(at: Timestamp) -> AnyView {
    let (locale, zone) = (use_locale(), use_zone());
    let clock = zone.clock(at);
    let text = format!("{} {}", date(locale, clock), time_of_day(locale, clock));
    time("moment event-time", at, text, both(&zone, at), true)
}

/// The day of a moment; the whole moment on hover.
pub fn moment_day(at: Timestamp) -> AnyView {
    let (locale, zone) = (use_locale(), use_zone());
    time("moment", at, date(locale, zone.clock(at)), both(&zone, at), false)
}

/// The whole moment in the zone and in UTC.
fn both(zone: &ZoneTable, at: Timestamp) -> String {
    let locale = use_locale();
    let utc = when(locale, at);
    if zone.is_utc() { utc } else { format!("{} · {utc}", when_in(locale, zone, at)) }
}

fn time(class: &'static str, at: Timestamp, text: String, more: String, alone: bool) -> AnyView {
    let title = (!more.is_empty()).then_some(more);
    view! { <time class=class datetime=at.rfc3339() title=title tabindex=alone.then_some("0")>{text}</time> }.into_any()
}

/// The sentence that names the zone of the times on a page.
pub fn zone_note() -> AnyView {
    let locale = use_locale();
    let zone = use_context::<PageZone>();
    let name = move || zone.map_or_else(|| ZoneTable::utc().label(), |PageZone(zone)| zone.with(|zone| zone.label()));
    let (before, after) = t(locale, k::TIME_ZONE_NOTE).split_once("{zone}").unwrap_or_default();
    view! { <p class="muted small">{before} <bdi dir="ltr">{name}</bdi> {after}</p> }.into_any()
}
