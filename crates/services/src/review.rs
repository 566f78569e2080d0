//! Outcomes that nobody could find out: a person sees the evidence and decides, or has the gateway asked once more.

mod ask;
mod decide;
pub(crate) mod decision;
mod list;

pub use ask::ask_again;
pub use decide::decide;
pub use list::list;
