//! Use cases on both databases.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod money_pay;
mod money_refund;
