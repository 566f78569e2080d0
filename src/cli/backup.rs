//! `paydeck backup`: a copy of a SQLite database beside the server that uses it.

use super::{CliError, in_words, open};
use crate::config::Config;
use services::{Clock, SystemClock};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use store::{Db, DbOptions, Engine, StoreError, backup, settings};

/// The setting in a copy that tells when it was begun.
pub(super) const TAKEN_AT: &str = "backup.taken_at";

#[derive(Debug, clap::Args)]
pub(super) struct Backup {
    /// Where to write the copy; there must be no such file yet
    file: PathBuf,
}

pub(super) async fn run(config: &Config, args: Backup) -> Result<ExitCode, CliError> {
    let db = open(config, false).await?;
    if db.engine() == Engine::Postgres {
        return Err(CliError::Message(
            "PostgreSQL is backed up by its own tools, while everything goes on:\n\n    \
             pg_dump --format=custom --file=paydeck.dump \"$PAYDECK_DATABASE_URL\"\n\n\
             After pg_restore, run `paydeck restore --in-place` before the first server starts."
                .to_owned(),
        ));
    }
    if args.file.exists() {
        return Err(CliError::Message(format!("{} exists: choose another name", args.file.display())));
    }
    let part = beside(&args.file, ".part");
    remove(&part);
    backup::create_private(&part)?;
    let made = copy(&db, &part).await;
    let broken = match made {
        Ok(broken) => broken,
        Err(error) => {
            remove(&part);
            return Err(error);
        }
    };
    backup::put(&part, &args.file)?;
    remove(&part);
    println!(
        "{} holds a copy. Keep the master key apart from it: one is of no use without the other.",
        args.file.display()
    );
    if broken.is_empty() {
        return Ok(ExitCode::SUCCESS);
    }
    for violation in &broken {
        eprintln!("{violation}");
    }
    eprintln!("paydeck: the copy is whole, but what it holds breaks {} invariants: run `paydeck check`", broken.len());
    Ok(ExitCode::FAILURE)
}

/// Copies, says in the copy when it was begun, and reads it through.
async fn copy(db: &Db, part: &Path) -> Result<Vec<String>, CliError> {
    // Before the copy: whatever happens from now on may be missing in it.
    let taken_at = SystemClock.now();
    db.copy_into(part).await?;
    let faults = backup::faults(part).await?;
    if !faults.is_empty() {
        return Err(CliError::Message(format!("the copy is damaged:\n{}", faults.join("\n"))));
    }
    let copy = connect(part).await?;
    let value = taken_at.millis().to_string();
    let noted: Result<(), StoreError> = copy
        .write(&value, |tx, value| {
            Box::pin(async move { settings::set(tx, TAKEN_AT, value, domain::Timestamp(0)).await })
        })
        .await;
    noted?;
    let broken =
        if copy.is_migrated().await? { services::check::run(&copy).await.map_err(in_words)? } else { Vec::new() };
    copy.close().await?;
    Ok(broken.into_iter().map(|found| format!("{}: {}", found.invariant, found.detail)).collect())
}

/// Opens a SQLite file that is there.
pub(super) async fn connect(file: &Path) -> Result<Db, CliError> {
    let url = format!("sqlite:{}", file.display());
    Ok(Db::connect(&url, DbOptions { create: false, ..DbOptions::default() }).await?)
}

/// A name beside a file.
pub(super) fn beside(file: &Path, end: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(end);
    PathBuf::from(name)
}

/// Removes a file and what SQLite keeps beside it, as far as they are there.
pub(super) fn remove(file: &Path) {
    for file in backup::companions(file).iter().map(PathBuf::as_path).chain([file]) {
        let _ = std::fs::remove_file(file);
    }
}
