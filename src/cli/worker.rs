//! `paydeck worker`

use super::run::{self, Running};
use super::{CliError, open, serve, services};
use crate::config::Config;
use crate::jobs::Worker;
use crate::state::AppState;
use std::process::ExitCode;

pub(super) async fn run(config: Config) -> Result<ExitCode, CliError> {
    let key = config.master_key()?;
    let db = open(&config, false).await?;
    // A server works on its SQLite file by itself; a second process beside it would only wait.
    let _lock = serve::lock(&db, &config)?;
    let mut state = AppState::new(services(db, &config, &key)?, config);
    let worker = Worker::new(&state).map_err(CliError::Message)?;
    run::measure(&mut state).await?;
    let mut stopped = run::stop_on_signal();
    let mut running = Running { serving: None, working: None };
    tokio::select! {
        started = run::recover(&state, false) => started?,
        _ = stopped.wait_for(|stop| *stop) => {}
    }
    tracing::info!("working");
    run::keep_counts(&state, stopped.clone());
    running.work(worker, stopped.clone());
    let _ = stopped.wait_for(|stop| *stop).await;
    running.finish(&state).await?;
    Ok(ExitCode::SUCCESS)
}
