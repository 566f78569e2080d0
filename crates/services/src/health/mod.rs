//! How connections fare, by our own calls to them: counted in memory where calls are made, written down every few seconds in
//! minutes that all servers add to, and read by windows. Questions of the reconciler are not counted: they say nothing about
//! customers.

mod record;
mod view;

pub use record::{Answered, End, Recorder, delete_old, flush};
pub use view::view;

pub(crate) use view::failing;
