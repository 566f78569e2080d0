//! `paydeck serve`

use super::{CliError, in_words, open, services};
use crate::config::{Config, MasterKey, master_key};
use crate::jobs::Worker;
use crate::state::AppState;
use services::SystemEntropy;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::time::Duration;
use store::{Db, ServingLock, StoreError};
use tokio::net::TcpListener;
use tokio::sync::watch;

/// The demo's key, in its data folder.
pub(super) const DEMO_KEY: &str = "master.key";

/// How long open requests may take after the signal to stop.
const DRAIN: Duration = Duration::from_secs(10);

#[derive(Debug, clap::Args)]
pub(super) struct Serve {
    /// Make demo accounts with random passwords and a key in the data folder
    #[arg(long)]
    demo: bool,
    /// Leave jobs and mail to `paydeck worker`
    #[arg(long)]
    no_worker: bool,
}

pub(super) async fn run(config: Config, args: Serve) -> Result<ExitCode, CliError> {
    // What can't be used is said before anything is touched.
    let given = if args.demo && config.master_key.is_none() { None } else { Some(config.master_key()?) };
    let db = open(&config, true).await?;
    let _lock = lock(&db, &config)?;
    db.migrate().await?;
    let key = match given {
        Some(key) => key,
        None => demo_key(&config)?,
    };
    let mut state = AppState::new(services(db, &config, &key), config);
    state.developer |= args.demo;
    warn_about_site(&state.config);
    let listener = TcpListener::bind(&state.config.listen)
        .await
        .map_err(CliError::system(format!("listening on {}", state.config.listen)))?;
    greet(&state, args.demo).await?;
    let worker = if args.no_worker { None } else { Some(Worker::new(&state).map_err(CliError::Message)?) };
    serve(state, listener, worker).await
}

/// Takes the right to serve the database.
pub(super) fn lock(db: &Db, config: &Config) -> Result<ServingLock, CliError> {
    db.lock_for_serving().map_err(|error| match error {
        StoreError::Locked => {
            let file = config.sqlite_file().unwrap_or_default();
            CliError::Locked(file.display().to_string())
        }
        other => CliError::Store(other),
    })
}

fn demo_key(config: &Config) -> Result<MasterKey, CliError> {
    let folder = config.data_dir();
    std::fs::create_dir_all(&folder).map_err(CliError::system(format!("making {}", folder.display())))?;
    Ok(master_key::for_demo(&folder.join(DEMO_KEY), &SystemEntropy)?)
}

/// Without the built files pages have no style and no script: say so at once, not in a browser's console.
fn warn_about_site(config: &Config) {
    if !config.site_dir.join("manifest.json").exists() {
        tracing::warn!(folder = %config.site_dir.display(), "no built site here: run `make site`, or set PAYDECK_SITE_DIR");
    }
}

/// Prints where to go: the demo's accounts, or the link for the first admin.
async fn greet(state: &AppState, demo: bool) -> Result<(), CliError> {
    let url = &state.config.public_url;
    println!("Paydeck serves {url}");
    if demo {
        let accounts = crate::demo::accounts(state).await?;
        println!("\n{accounts}");
    } else if let Some(token) = services::accounts::first_admin_token(&state.services).await.map_err(in_words)? {
        println!(
            "\nNobody runs this installation yet. This link makes the first admin, once:\n\n    {url}/first-admin/{token}\n"
        );
    }
    Ok(())
}

async fn serve(state: AppState, listener: TcpListener, worker: Option<Worker>) -> Result<ExitCode, CliError> {
    let (stop, stopped) = watch::channel(false);
    let working = worker.map(|worker| tokio::spawn(worker.run(stopped.clone())));
    let app = crate::build_router(state.clone()).into_make_service_with_connect_info::<SocketAddr>();
    let mut draining = stopped.clone();
    let server = axum::serve(listener, app).with_graceful_shutdown(async move {
        let _ = draining.wait_for(|stop| *stop).await;
    });
    let serving = tokio::spawn(server.into_future());
    signal().await;
    tracing::info!("stopping");
    stop.send_replace(true);
    // Browsers hold connections open; after the time they are cut.
    match tokio::time::timeout(DRAIN, serving).await {
        Ok(Ok(outcome)) => outcome.map_err(CliError::system("serving"))?,
        Ok(Err(error)) => return Err(CliError::Message(format!("the server died: {error}"))),
        Err(_) => tracing::warn!("some requests were cut off"),
    }
    if let Some(working) = working
        && let Ok(Err(error)) = tokio::time::timeout(DRAIN, working).await
    {
        return Err(CliError::Message(format!("the worker died: {error}")));
    }
    state.services.db().close().await?;
    Ok(ExitCode::SUCCESS)
}

/// Waits for Ctrl-C or SIGTERM.
pub(super) async fn signal() {
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
