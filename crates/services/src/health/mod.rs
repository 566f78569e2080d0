//! How connections fare, by our own calls to them: counted in memory where calls are made, written down every few seconds in
//! minutes that all servers add to, and read by windows. Questions of the reconciler are not counted: they say nothing about
//! customers.

mod alerts;
mod record;
mod view;

pub use alerts::delete_old_alerts;
pub use record::{Answered, End, Recorder, delete_old, flush};
pub use view::view;

pub(crate) use alerts::end_alerts;
pub(crate) use view::{WINDOWS, failing, permille};
