//! Moments.

use crate::i18n::{ago, date, time_of_day, use_locale, when};
use domain::Timestamp;
use leptos::prelude::*;

/// Now: the server's clock while it renders, the browser's in the browser.
#[must_use]
pub fn now() -> Timestamp {
    #[cfg(feature = "ssr")]
    return use_context::<services::Services>().map(|svc| svc.now()).unwrap_or_default();
    #[cfg(not(feature = "ssr"))]
    #[allow(clippy::cast_possible_truncation)] // whole milliseconds
    return Timestamp(web_sys::js_sys::Date::now() as i64);
}

/// A moment, as time gone by for a day and as a date before; the whole moment with its zone on hover.
pub fn moment(at: Timestamp) -> AnyView {
    let locale = use_locale();
    view! { <time datetime=at.rfc3339() title=when(locale, at)>{ago(locale, at, now())}</time> }.into_any()
}

/// A moment in full.
pub fn moment_full(at: Timestamp) -> AnyView {
    view! { <time datetime=at.rfc3339()>{when(use_locale(), at)}</time> }.into_any()
}

/// A moment of a timeline: the date and the time of day, the zone on hover.
pub fn moment_short(at: Timestamp) -> AnyView {
    let locale = use_locale();
    let text = format!("{} {}", date(locale, at), time_of_day(locale, at));
    view! { <time class="event-time" datetime=at.rfc3339() title=when(locale, at)>{text}</time> }.into_any()
}
