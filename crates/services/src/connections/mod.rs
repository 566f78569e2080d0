//! Gateway connections: add, edit, pause, resume, archive, test, and windows of maintenance.

mod add;
mod edit;
mod form;
mod maintenance;
mod status;
mod test;
mod view;

pub use add::add;
pub use edit::edit;
pub use maintenance::{end_maintenance, maintain, maintain_now};
pub use status::{archive, pause, resume};
pub use test::test;
pub use view::view;

pub(crate) use maintenance::window;
pub(crate) use view::{address, ahead, sends_events};

use crate::{
    MerchantActor, ServiceError, Services,
    gateway_call::{credentials_place as place, gateway},
};
use domain::{Mode, Permission};
use gateways::sandbox;

/// Connections that a merchant may have in one mode.
const MAX_CONNECTIONS: i64 = 100;

/// The right to change connections in a mode.
pub(crate) fn manage(mode: Mode) -> Permission {
    if mode.is_live() { Permission::ManageLiveGateways } else { Permission::ManageTestGateways }
}

/// Whether a provider may be used in a mode: the sandbox only in test mode, unless the operator lets it act as live gateway.
pub(crate) fn allowed(svc: &Services, provider: &str, mode: Mode) -> bool {
    provider != sandbox::KEY || !mode.is_live() || svc.settings().sandbox_live
}

/// Refuses who may not change connections in the actor's mode.
fn require_manage(actor: &MerchantActor) -> Result<(), ServiceError> {
    actor.require(manage(actor.scope.mode))
}
