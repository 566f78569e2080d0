//! HTTP tests: the whole server without a socket.

mod auth;
mod bad_input;
mod files;
mod headers;
mod limits;
mod onboarding;
mod sessions;
mod site;
mod support;
