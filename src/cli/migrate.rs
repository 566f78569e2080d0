//! `paydeck migrate`

use super::{CliError, open};
use crate::config::Config;
use std::process::ExitCode;

pub(super) async fn run(config: &Config) -> Result<ExitCode, CliError> {
    let db = open(config, true).await?;
    db.migrate().await?;
    println!("The schema is up to date.");
    db.close().await?;
    Ok(ExitCode::SUCCESS)
}
