//! The commands of the binary. What they print is for the operator, in English.

mod admin;
mod backup;
mod check;
mod migrate;
mod password;
mod restore;
mod run;
mod serve;
mod worker;

use crate::config::{Config, ConfigError, MasterKey, Options, master_key};
use clap::{Parser, Subcommand};
use services::seal::Sealer;
use services::{Entropy, ServiceError, Services, Settings, SystemEntropy, clock};
use std::io::IsTerminal;
use std::process::ExitCode;
use std::sync::Arc;
use store::{Db, DbOptions, StoreError};
use tracing_subscriber::EnvFilter;

/// Paydeck: a self-hosted merchant payments portal
#[derive(Debug, Parser)]
#[command(version, about)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    options: Options,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the portal and the checkout, with a worker inside
    Serve(serve::Serve),
    /// Run jobs and send mail, without serving pages
    Worker,
    /// Bring the database's schema up to date
    Migrate,
    /// Read a database and print every broken invariant; ends with 1 if there is one
    Check,
    /// Copy a SQLite database while it is served
    Backup(backup::Backup),
    /// Put a copy in place; gateways are asked first what happened since
    Restore(restore::Restore),
    /// Manage the operator's staff
    Admin {
        #[command(subcommand)]
        command: admin::Admin,
    },
    /// Print every route of the server
    #[command(hide = true)]
    Routes,
}

/// Why a command ended.
#[derive(Debug, thiserror::Error)]
pub enum CliError {
    /// A setting.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The database.
    #[error("the database: {0}")]
    Store(StoreError),
    /// Another process has the file.
    #[error(
        "another Paydeck process serves this SQLite file: {0}\n\
         One process at a time may. Stop the other one, or move to PostgreSQL, which several servers share."
    )]
    Locked(String),
    /// A service's refusal.
    #[error("{0}")]
    Service(#[from] ServiceError),
    /// The system.
    #[error("{what}: {why}")]
    System {
        /// What was tried.
        what: String,
        /// What the system says.
        why: std::io::Error,
    },
    /// Something else, in words.
    #[error("{0}")]
    Message(String),
}

impl From<StoreError> for CliError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl CliError {
    pub(crate) fn system(what: impl Into<String>) -> impl FnOnce(std::io::Error) -> Self {
        move |why| Self::System { what: what.into(), why }
    }
}

/// Runs a command; the exit code says how it went.
#[must_use]
pub fn run(cli: Cli) -> ExitCode {
    log();
    no_core_dumps();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&CliError::system("starting the runtime")(error)),
    };
    let outcome = runtime.block_on(async {
        let config = cli.options.resolve()?;
        match cli.command {
            Command::Serve(args) => serve::run(config, args).await,
            Command::Worker => worker::run(config).await,
            Command::Migrate => migrate::run(&config).await,
            Command::Check => check::run(&config).await,
            Command::Backup(args) => backup::run(&config, args).await,
            Command::Restore(args) => restore::run(&config, args).await,
            Command::Admin { command } => admin::run(&config, command).await,
            Command::Routes => {
                crate::routes::all().iter().for_each(|(method, path)| println!("{method} {path}"));
                Ok(ExitCode::SUCCESS)
            }
        }
    });
    outcome.unwrap_or_else(|error| fail(&error))
}

fn fail(error: &CliError) -> ExitCode {
    eprintln!("paydeck: {error}");
    ExitCode::FAILURE
}

/// What this process has opened (master key, credentials) must not lie in a file because it crashed.
fn no_core_dumps() {
    use rustix::process::{Resource, Rlimit, setrlimit};
    if let Err(error) = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) }) {
        tracing::warn!(%error, "core dumps could not be turned off");
    }
}

/// Logs to standard error, JSON lines when `PAYDECK_LOG_FORMAT=json`; `RUST_LOG` chooses what.
fn log() {
    let filter = EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| EnvFilter::new("info,sqlx=warn,tower_sessions=error,tower_sessions_core=error"));
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_target(false);
    let builder = builder.with_ansi(std::io::stderr().is_terminal());
    if std::env::var("PAYDECK_LOG_FORMAT").is_ok_and(|format| format == "json") {
        builder.json().init();
    } else {
        builder.init();
    }
}

/// Opens the database. `create` makes SQLite's folder and file where they are missing.
async fn open(config: &Config, create: bool) -> Result<Db, CliError> {
    if create
        && let Some(folder) = config.sqlite_file().and_then(|file| file.parent().map(std::path::Path::to_path_buf))
        && !folder.as_os_str().is_empty()
    {
        std::fs::create_dir_all(&folder).map_err(CliError::system(format!("making {}", folder.display())))?;
    }
    Ok(Db::connect(config.database_url.expose(), DbOptions { create, ..DbOptions::default() }).await?)
}

/// Opens a database that must be there and up to date.
async fn open_migrated(config: &Config) -> Result<Db, CliError> {
    let db = open(config, false).await?;
    if db.is_migrated().await? {
        Ok(db)
    } else {
        Err(CliError::Message("the schema is not up to date: run `paydeck migrate`".to_owned()))
    }
}

/// The services on a database.
fn services(db: Db, config: &Config, key: &MasterKey) -> Result<Services, CliError> {
    let settings =
        Settings { public_url: config.public_url.clone(), sandbox_live: config.sandbox_live, ..Settings::default() };
    let registry = crate::registry(&db, &config.api_bases).map_err(CliError::Message)?;
    Ok(Services::new(db, clock::of_machine(), Arc::new(SystemEntropy), Sealer::new(1, key), registry, settings))
}

/// For commands that seal and open nothing: the key if there is one, else one that is forgotten with the process.
fn key_or_passing(config: &Config) -> Result<MasterKey, CliError> {
    match config.master_key() {
        Err(ConfigError::NoMasterKey) => {
            let demo = config.data_dir().join(serve::DEMO_KEY);
            if demo.exists() {
                return Ok(master_key::for_demo(&demo, &SystemEntropy)?);
            }
            let mut key = MasterKey::default();
            SystemEntropy.fill(&mut key);
            Ok(key)
        }
        other => Ok(other?),
    }
}

/// A refusal in the words of the English catalogue.
fn in_words(error: ServiceError) -> CliError {
    let problem = error.into_problem();
    let mut lines = vec![crate::errors::sentence(domain::Locale::En, &problem.code, &problem.params)];
    for field in &problem.fields {
        let sentence = crate::errors::sentence(domain::Locale::En, &field.code, &field.params);
        lines.push(format!("  {}: {sentence}", field.field));
    }
    CliError::Message(lines.join("\n"))
}
