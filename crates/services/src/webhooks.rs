//! Events that gateways send. Receiving verifies the raw bytes and keeps a hint, once; a worker looks at it later, asks the
//! gateway, and settles through the same functions as everything else. What an event says happened is never believed.

mod inbox;
mod look;
mod process;
mod receive;
mod refund;

pub use inbox::{detail, inbox, replay};
pub use process::{delete_old, process};
pub use receive::{Received, receive};

/// Where a delivery's content lies, for the sealer.
fn payload_place(event: bool, id: &str) -> String {
    let table = if event { "gateway_events" } else { "gateway_deliveries" };
    format!("{table}/{id}/payload")
}
