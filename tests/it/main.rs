//! HTTP tests: the whole server without a socket.
#![allow(clippy::unwrap_used, reason = "a test that can't be set up fails")]

mod auth;
mod catalogue;
mod checkout;
mod crash;
mod credentials;
mod files;
mod forms;
mod headers;
mod limits;
mod onboarding;
mod overload;
mod portal;
mod process;
mod sessions;
mod site;
mod support;
mod webhooks;
