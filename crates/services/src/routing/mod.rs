//! Routing: which connection a payment goes to, the merchant's rules about it, and playing them through.

mod choose;
mod facts;
mod history;
mod replay;
mod rules;
mod save;
mod simulate;
mod takes;
mod view;

pub use history::HistoryCache;
pub use replay::replay;
pub use rules::Cache;
pub use save::{revert, save};
pub use simulate::simulate;
pub use view::view;

pub(crate) use choose::{Chosen, Offer, Seen, away, choose, fields_of, offers, seen};
