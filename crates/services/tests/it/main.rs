//! Use cases on both databases.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod accounts;
mod accounts_applications;
mod accounts_support;
mod accounts_team;
mod gateway_checkout;
mod gateway_connections;
mod gateway_links;
mod lists;
mod lists_dashboard;
mod money_check;
mod money_doubt;
mod money_jobs;
mod money_model;
mod money_pay;
mod money_refund;
mod money_review;
