//! The merchant's side of the application for live mode.

pub(crate) mod common;
mod view;
mod save_step;
mod documents;
mod answer;
mod submit;

pub use view::view;
pub use save_step::save_step;
pub use documents::{upload, remove_document, document};
pub use answer::answer;
pub use submit::submit;
