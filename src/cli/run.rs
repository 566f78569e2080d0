//! What `serve` and `worker` share: starting on a database that may be away, and stopping without cutting anything off.

use super::{CliError, in_words};
use crate::jobs::Worker;
use crate::metrics::{self, Metrics};
use crate::state::AppState;
use services::jobs;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use store::Engine;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// How long requests, charges and jobs under way may take after the signal to stop. Leases and the database need some more;
/// all of it is over within 30 seconds.
const DRAIN: Duration = Duration::from_secs(18);
/// How long connections without a request in them are kept open of it.
const DRAIN_REQUESTS: Duration = Duration::from_secs(12);
/// How long giving back and closing may take each.
const CLOSING: Duration = Duration::from_secs(4);
/// How often what was counted of calls to gateways is written down.
const COUNTS: Duration = Duration::from_secs(10);
/// How long to wait before a database that is away is asked again at the start.
const AGAIN: Duration = Duration::from_secs(1);

/// Tells everybody when to stop, at the first signal; the second one ends the process at once.
pub(super) fn stop_on_signal() -> watch::Receiver<bool> {
    let (stop, stopped) = watch::channel(false);
    tokio::spawn(async move {
        signal().await;
        tracing::info!("stopping; what is under way is finished. Another signal stops at once");
        stop.send_replace(true);
        signal().await;
        eprintln!("paydeck: stopped at once");
        std::process::exit(130);
    });
    stopped
}

/// Waits for Ctrl-C or SIGTERM.
async fn signal() {
    let interrupt = async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    #[cfg(unix)]
    let terminate = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut stream) => drop(stream.recv().await),
            Err(_) => std::future::pending().await,
        }
    };
    #[cfg(not(unix))]
    let terminate = std::future::pending::<()>();
    tokio::select! {
        () = interrupt => {}
        () = terminate => {}
    }
}

/// Brings the schema up to date, if that is wanted, and frees what dead processes held. A database that is away is waited for.
pub(super) async fn recover(state: &AppState, migrate: bool) -> Result<(), CliError> {
    let db = state.services.db();
    loop {
        let done = async {
            if migrate {
                db.migrate().await?;
            }
            db.is_migrated().await
        };
        match done.await {
            Ok(true) => break,
            Ok(false) => {
                return Err(CliError::Message("the schema is not up to date: run `paydeck migrate`".to_owned()));
            }
            Err(error) if error.is_away() => {
                tracing::warn!(%error, "the database does not answer; trying again");
                tokio::time::sleep(AGAIN).await;
            }
            Err(error) => return Err(error.into()),
        }
    }
    // On SQLite this process has the lock: whoever held a lease or waited for a gateway's answer is gone.
    let alone = db.engine() == Engine::Sqlite;
    let freed = jobs::recover(&state.services, alone).await.map_err(in_words)?;
    // Before anybody pays: a gateway under maintenance gets nothing.
    services::maintenance::refresh(&state.services).await.map_err(in_words)?;
    if freed > 0 {
        tracing::info!(freed, "took over what a process that ended had left");
    }
    Ok(())
}

/// Serves measurements on an address of their own, when one is set.
pub(super) async fn measure(state: &mut AppState) -> Result<(), CliError> {
    let Some(listen) = state.config.metrics_listen.clone() else { return Ok(()) };
    let metrics = Arc::new(Metrics::default());
    state.services.observe_with(metrics.clone());
    state.metrics = Some(metrics);
    let listener = TcpListener::bind(&listen).await.map_err(CliError::system(format!("listening on {listen}")))?;
    let app = metrics::router(state.clone());
    tokio::spawn(async move {
        if let Err(error) = axum::serve(listener, app).await {
            tracing::error!(%error, "measurements are no longer shown");
        }
    });
    Ok(())
}

/// Every few seconds, in every process that calls gateways: reads what maintenance is planned, and writes down how calls ended. The last counts are written when
/// the process has finished its work.
pub(super) fn keep_counts(state: &AppState, mut stopped: watch::Receiver<bool>) {
    let svc = state.services.clone();
    tokio::spawn(async move {
        while tokio::time::timeout(COUNTS, stopped.wait_for(|stop| *stop)).await.is_err() {
            if let Err(error) = services::maintenance::refresh(&svc).await {
                tracing::warn!(%error, "planned maintenance could not be read; it is tried again");
            }
            if let Err(error) = services::health::flush(&svc).await {
                tracing::warn!(%error, "how calls ended could not be written down; it is tried again");
            }
        }
    });
}

/// What runs until the process stops.
pub(super) struct Running {
    pub(super) serving: Option<JoinHandle<std::io::Result<()>>>,
    pub(super) working: Option<(String, JoinHandle<()>)>,
}

impl Running {
    /// Starts a worker.
    pub(super) fn work(&mut self, worker: Worker, stopped: watch::Receiver<bool>) {
        self.working = Some((worker.owner().to_owned(), tokio::spawn(worker.run(stopped))));
    }

    /// Finishes what is under way, within bounds, gives back what is not finished, and closes the database.
    pub(super) async fn finish(self, state: &AppState) -> Result<(), CliError> {
        state.set_ready(false);
        let Self { serving, working } = self;
        let (owner, mut working) = working.unzip();
        let requests = async {
            let Some(serving) = serving else { return Ok(()) };
            match tokio::time::timeout(DRAIN_REQUESTS, serving).await {
                Ok(Ok(outcome)) => outcome.map_err(CliError::system("serving")),
                Ok(Err(error)) => Err(CliError::Message(format!("the server died: {error}"))),
                Err(_) => {
                    tracing::warn!("some connections were cut off");
                    Ok(())
                }
            }
        };
        let jobs = async {
            match &mut working {
                Some(working) => working.await,
                None => Ok(()),
            }
        };
        // A charge goes on when its customer has hung up, and when their connection was cut off.
        let all = async { tokio::join!(async { (requests.await, state.services.flights().landed().await) }, jobs) };
        let outcome = match tokio::time::timeout(DRAIN, all).await {
            Ok(((served, ()), worked)) => {
                served.and(worked.map_err(|error| CliError::Message(format!("the worker died: {error}"))))
            }
            Err(_) => {
                tracing::warn!("some work was cut off: it is taken up again at the next start");
                Ok(())
            }
        };
        if let Some(owner) = owner {
            match tokio::time::timeout(CLOSING, jobs::hand_back(&state.services, &owner)).await {
                Ok(Ok(0)) => {}
                Ok(Ok(count)) => tracing::info!(count, "handed leases back"),
                _ => tracing::warn!("leases could not be handed back: they run out by themselves"),
            }
        }
        if !matches!(tokio::time::timeout(CLOSING, services::health::flush(&state.services)).await, Ok(Ok(_))) {
            tracing::warn!("how the last calls to gateways ended could not be written down");
        }
        match tokio::time::timeout(CLOSING, state.services.db().close()).await {
            Ok(closed) => closed?,
            Err(_) => tracing::warn!("the database could not be closed in time; what was acknowledged is safe"),
        }
        outcome
    }
}

/// The address that clients have.
pub(super) type Peer = SocketAddr;
