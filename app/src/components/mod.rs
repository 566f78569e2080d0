//! What pages are made of. `docs/DESIGN-SYSTEM.md` has the classes, `/dev/components` shows them.

pub mod badge;
pub mod chart;
pub mod confirm;
pub mod copy;
pub mod dialog;
pub mod feedback;
pub mod form;
pub mod frame;
pub mod icon;
pub mod list;
pub mod money;
pub mod page;
pub mod routing;
pub mod success;
pub mod time;
pub mod toast;

pub use crate::wire::{Act, Loaded};
pub use badge::badge;
pub use copy::copy_button;
pub use feedback::{action_problem, empty, error_block, error_page, skeleton};
pub use form::{Choice, Field, FormCx};
pub use icon::icon;
pub use money::{amount, id};
pub use page::{PageHead, WrongForms, load, load_or, load_page, quiet, set_title};
pub use time::moment;
