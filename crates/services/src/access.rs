//! Who may enter a merchant or the operator's pages.

mod enter;

pub use enter::{enter, enter_staff};
