//! `paydeck check`: reads beside a server and changes nothing.

use super::{CliError, in_words, open_migrated};
use crate::config::Config;
use std::process::ExitCode;

pub(super) async fn run(config: &Config) -> Result<ExitCode, CliError> {
    let db = open_migrated(config).await?;
    let violations = services::check::run(&db).await.map_err(in_words)?;
    for violation in &violations {
        println!("{}: {}", violation.invariant, violation.detail);
    }
    if violations.is_empty() {
        println!("Every invariant holds.");
        return Ok(ExitCode::SUCCESS);
    }
    eprintln!("paydeck: {} broken", violations.len());
    Ok(ExitCode::FAILURE)
}
