//! Payment links: the list, and the form that makes or edits one.

mod form;
mod list;

pub use form::{EditLink, NewLink};
pub use list::Links;

use crate::components::badge::{PAUSED, SUCCESS, badge};
use crate::i18n::{k, t, use_locale};
use leptos::prelude::*;

/// Whether a link can be used.
fn state(active: bool) -> AnyView {
    let locale = use_locale();
    if active {
        badge(SUCCESS, t(locale, k::STATUS_LINK_ACTIVE))
    } else {
        badge(PAUSED, t(locale, k::STATUS_LINK_INACTIVE))
    }
}
