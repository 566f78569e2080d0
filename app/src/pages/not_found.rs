//! No such page.

use crate::api::ApiError;
use crate::components::{error_page, set_title};
use crate::i18n::{k, t, use_locale};
use domain::{ProblemKind, problem::codes};
use leptos::prelude::*;

/// No such page: status 404, and a way on.
#[component]
pub fn NotFound() -> impl IntoView {
    let error = ApiError::on_page(ProblemKind::NotFound, codes::NOT_FOUND);
    view! {
        {set_title(t(use_locale(), k::ERROR_NOT_FOUND))}
        {error_page(&error)}
    }
}
