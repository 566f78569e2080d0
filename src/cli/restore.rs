//! `paydeck restore`: puts a copy in place, and starts it by asking every gateway what happened since.

use super::backup::{TAKEN_AT, beside, connect, remove};
use super::{CliError, in_words, key_or_passing, open, services};
use crate::config::Config;
use domain::Timestamp;
use services::{Clock, SystemClock, restore};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use store::{Db, Engine, ServingLock, StoreError, backup, restores, settings};

#[derive(Debug, clap::Args)]
pub(super) struct Restore {
    /// The copy that `paydeck backup` made
    #[arg(required_unless_present_any = ["in_place", "status", "go_on"])]
    file: Option<PathBuf>,
    /// Take the place of a database that is there; it is kept beside under another name
    #[arg(long, requires = "file")]
    overwrite: bool,
    /// The database was put back by other tools (pg_restore): only mark it, so that gateways are asked first
    #[arg(long, conflicts_with_all = ["file", "status", "go_on"])]
    in_place: bool,
    /// The day from which on history is missing [default: what the copy says, else its last event]
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = day)]
    since: Option<Timestamp>,
    /// Show which gateways are still being asked
    #[arg(long, conflicts_with_all = ["file", "in_place", "go_on"])]
    status: bool,
    /// Go on without the history of this connection, or of `all` that are left
    #[arg(long, value_name = "CONNECTION", conflicts_with = "file")]
    go_on: Option<String>,
}

fn day(text: &str) -> Result<Timestamp, String> {
    Timestamp::parse_date(text).ok_or_else(|| "write a date like 2026-11-22".to_owned())
}

pub(super) async fn run(config: &Config, args: Restore) -> Result<ExitCode, CliError> {
    if args.status {
        return status(config).await;
    }
    if let Some(connection) = &args.go_on {
        return go_on(config, connection).await;
    }
    match &args.file {
        None => in_place(config, args.since).await,
        Some(file) => {
            let Some(target) = config.sqlite_file() else {
                return Err(CliError::Message(
                    "PostgreSQL is put back by its own tools:\n\n    \
                     pg_restore --clean --if-exists --dbname=\"$PAYDECK_DATABASE_URL\" paydeck.dump\n\n\
                     Then run `paydeck restore --in-place` before the first server starts."
                        .to_owned(),
                ));
            };
            from_file(config, file, &target, &args).await
        }
    }
}

async fn from_file(config: &Config, file: &Path, target: &Path, args: &Restore) -> Result<ExitCode, CliError> {
    if let Some(folder) = target.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder).map_err(CliError::system(format!("making {}", folder.display())))?;
    }
    let _lock = ServingLock::of_file(target).map_err(|error| match error {
        StoreError::Locked => CliError::Locked(target.display().to_string()),
        other => CliError::Store(other),
    })?;
    if target.exists() && !args.overwrite {
        return Err(CliError::Message(format!(
            "{} exists. `--overwrite` takes its place and keeps it beside under another name.",
            target.display()
        )));
    }
    let part = beside(target, ".restoring");
    remove(&part);
    backup::create_private(&part)?;
    std::fs::copy(file, &part).map_err(CliError::system(format!("copying {}", file.display())))?;
    let prepared = prepare(config, &part, args.since).await;
    if let Err(error) = prepared {
        remove(&part);
        return Err(error);
    }
    if target.exists() {
        let old = beside(target, &format!(".before-{}", SystemClock.now().millis()));
        for (from, to) in backup::companions(target).into_iter().zip(backup::companions(&old)) {
            if from.exists() {
                std::fs::rename(&from, &to).map_err(CliError::system(format!("keeping {}", from.display())))?;
            }
        }
        std::fs::rename(target, &old).map_err(CliError::system(format!("keeping {}", target.display())))?;
        println!("The database that was there is now {}", old.display());
    }
    backup::put(&part, target)?;
    remove(&part);
    Ok(ExitCode::SUCCESS)
}

/// Checks the copy, brings its schema up to date and marks it.
async fn prepare(config: &Config, part: &Path, since: Option<Timestamp>) -> Result<(), CliError> {
    let faults = backup::faults(part).await?;
    if !faults.is_empty() {
        return Err(CliError::Message(format!("the copy is damaged:\n{}", faults.join("\n"))));
    }
    let db = connect(part).await?;
    mark(config, &db, since).await?;
    db.close().await?;
    Ok(())
}

async fn mark(config: &Config, db: &Db, since: Option<Timestamp>) -> Result<(), CliError> {
    db.migrate().await?;
    for violation in services::check::run(db).await.map_err(in_words)? {
        eprintln!("{}: {}", violation.invariant, violation.detail);
    }
    let since = match since {
        Some(since) => since,
        None => {
            let mut tx = db.read().await?;
            let said = settings::get(&mut tx, TAKEN_AT).await?.and_then(|text| text.parse().ok()).map(Timestamp);
            match said {
                Some(since) => since,
                None => restores::last_known(&mut tx).await?,
            }
        }
    };
    let svc = services(db.clone(), config, &key_or_passing(config)?)?;
    restore::begin(&svc, since).await.map_err(in_words)?;
    println!(
        "Restored as of {}. The next `paydeck serve` or `paydeck worker` first asks every gateway what happened since; mail and \
         jobs wait until then. `paydeck restore --status` tells how far it is.",
        since.rfc3339()
    );
    Ok(())
}

async fn in_place(config: &Config, since: Option<Timestamp>) -> Result<ExitCode, CliError> {
    let db = open(config, false).await?;
    let _lock = super::serve::lock(&db, config)?;
    mark(config, &db, since).await?;
    db.close().await?;
    Ok(ExitCode::SUCCESS)
}

async fn status(config: &Config) -> Result<ExitCode, CliError> {
    let db = super::open_migrated(config).await?;
    let svc = services(db, config, &key_or_passing(config)?)?;
    let lines = restore::lines(&svc).await.map_err(in_words)?;
    if lines.is_empty() {
        println!("No restore is open: mail and jobs go on.");
    }
    for line in lines {
        let mode = if line.livemode { "live" } else { "test" };
        let error = line.error.as_deref().map(|error| format!(": {error}")).unwrap_or_default();
        println!(
            "{} {mode} {} {} until {}, found {} charges and {} refunds{error}",
            line.merchant_id,
            line.connection_id,
            line.status,
            Timestamp(line.listed_until).rfc3339(),
            line.charges,
            line.refunds
        );
    }
    svc.db().close().await?;
    Ok(ExitCode::SUCCESS)
}

async fn go_on(config: &Config, connection: &str) -> Result<ExitCode, CliError> {
    let db = super::open_migrated(config).await?;
    if db.engine() == Engine::Sqlite {
        tracing::debug!("waits its turn beside a server");
    }
    let svc = services(db, config, &key_or_passing(config)?)?;
    let count = restore::go_on(&svc, connection).await.map_err(in_words)?;
    println!("Going on without the history of {count} connections.");
    svc.db().close().await?;
    Ok(if count > 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
