//! `paydeck worker`

use super::{CliError, open_migrated, serve, services};
use crate::config::Config;
use crate::jobs::Worker;
use crate::state::AppState;
use std::process::ExitCode;
use store::Engine;

pub(super) async fn run(config: Config) -> Result<ExitCode, CliError> {
    let key = config.master_key()?;
    let db = open_migrated(&config).await?;
    // A server works on its SQLite file by itself; a second process beside it would only wait.
    let _lock = if db.engine() == Engine::Sqlite { Some(serve::lock(&db, &config)?) } else { None };
    let state = AppState::new(services(db, &config, &key), config);
    let worker = Worker::new(&state).map_err(CliError::Message)?;
    tracing::info!("working");
    let (stop, stopped) = tokio::sync::watch::channel(false);
    let running = tokio::spawn(worker.run(stopped));
    serve::signal().await;
    stop.send_replace(true);
    if let Err(error) = running.await {
        return Err(CliError::Message(format!("the worker died: {error}")));
    }
    state.services.db().close().await?;
    Ok(ExitCode::SUCCESS)
}
