//! `paydeck admin create`

use super::{CliError, in_words, key_or_passing, open_migrated, password, services};
use crate::config::Config;
use clap::Subcommand;
use domain::StaffRole;
use std::process::ExitCode;

#[derive(Debug, Subcommand)]
pub(super) enum Admin {
    /// Make an account for one of the operator's staff
    Create {
        /// The address to log in with
        #[arg(long)]
        email: String,
        /// The person's name
        #[arg(long)]
        name: String,
        /// What they may do: admin, reviewer or auditor
        #[arg(long, default_value = "admin", value_parser = role)]
        role: StaffRole,
        /// Read the password from standard input instead of asking for it
        #[arg(long)]
        password_stdin: bool,
    },
}

fn role(text: &str) -> Result<StaffRole, String> {
    text.parse().map_err(|()| "write admin, reviewer or auditor".to_owned())
}

pub(super) async fn run(config: &Config, command: Admin) -> Result<ExitCode, CliError> {
    let Admin::Create { email, name, role, password_stdin } = command;
    let secret = if password_stdin { password::from_stdin()? } else { password::ask()? };
    let db = open_migrated(config).await?;
    let svc = services(db, config, &key_or_passing(config)?)?;
    let made = services::accounts::create_staff(&svc, None, &name, &email, role, Some(secret)).await;
    let user = made.map_err(in_words)?;
    println!("Made {user}. Log in at {}/login", config.public_url);
    svc.db().close().await?;
    Ok(ExitCode::SUCCESS)
}
