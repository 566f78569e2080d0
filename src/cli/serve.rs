//! `paydeck serve`

use super::run::{self, Peer, Running};
use super::{CliError, in_words, open, services};
use crate::config::{Config, MasterKey, master_key};
use crate::jobs::Worker;
use crate::state::AppState;
use services::SystemEntropy;
use std::process::ExitCode;
use store::{Db, ServingLock, StoreError};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// The demo's key, in its data folder.
pub(super) const DEMO_KEY: &str = "master.key";

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
    let key = match given {
        Some(key) => key,
        None => demo_key(&config)?,
    };
    let mut state = AppState::new(services(db, &config, &key)?, config);
    state.developer |= args.demo;
    state.set_ready(false);
    warn_about_site(&state.config);
    let worker = if args.no_worker { None } else { Some(Worker::new(&state).map_err(CliError::Message)?) };
    let listener = TcpListener::bind(&state.config.listen)
        .await
        .map_err(CliError::system(format!("listening on {}", state.config.listen)))?;
    run::measure(&mut state).await?;
    let mut stopped = run::stop_on_signal();
    // It answers from now on; until it is ready it says so.
    let mut running = Running { serving: Some(serve(&state, listener, stopped.clone())), working: None };
    tokio::select! {
        started = start(&state, args.demo) => started?,
        _ = stopped.wait_for(|stop| *stop) => {}
    }
    run::keep_counts(&state, stopped.clone());
    if let Some(worker) = worker
        && !*stopped.borrow()
    {
        running.work(worker, stopped.clone());
    }
    // Only the signal ends this: the sender lives as long as the process.
    let _ = stopped.wait_for(|stop| *stop).await;
    running.finish(&state).await?;
    Ok(ExitCode::SUCCESS)
}

/// Until the server is ready.
async fn start(state: &AppState, demo: bool) -> Result<(), CliError> {
    run::recover(state, true).await?;
    state.set_ready(true);
    greet(state, demo).await
}

fn serve(
    state: &AppState,
    listener: TcpListener,
    mut stopped: watch::Receiver<bool>,
) -> JoinHandle<std::io::Result<()>> {
    let app = crate::build_router(state.clone()).into_make_service_with_connect_info::<Peer>();
    let server = axum::serve(listener, app).with_graceful_shutdown(async move {
        let _ = stopped.wait_for(|stop| *stop).await;
    });
    tokio::spawn(server.into_future())
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
