//! Events that gateways send. Receiving verifies the raw bytes and keeps a hint, once; a worker looks at it later, asks the
//! gateway, and settles through the same functions as everything else. What an event says happened is never believed.

mod process;
mod receive;

pub use process::{delete_old, process};
pub use receive::{Received, receive};
