//! The merchant's side of the application for live mode.

mod answer;
pub(crate) mod common;
mod documents;
mod save_step;
mod submit;
mod view;

pub use answer::answer;
pub use documents::{document, remove_document, upload};
pub use save_step::save_step;
pub use submit::submit;
pub use view::view;
