//! The worker: due jobs, mail, and tidying up, until it is told to stop.

mod mail;

use crate::limits::Limits;
use crate::state::AppState;
use mail::Mailer;
use services::{ServiceError, Services};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// How long to wait when nothing was due.
const IDLE: Duration = Duration::from_millis(500);
/// How long to wait after a fault, so that a database that is away is not asked without pause.
const TROUBLE: Duration = Duration::from_secs(5);
/// Idle rounds between two tidyings: about ten minutes.
const TIDY_ROUNDS: u32 = 1_200;
/// Jobs and mails taken at once.
const BATCH: i64 = 50;

/// What works in the background.
pub struct Worker {
    services: Services,
    limits: Arc<Limits>,
    mailer: Mailer,
    owner: String,
}

impl std::fmt::Debug for Worker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Worker").field("owner", &self.owner).finish_non_exhaustive()
    }
}

impl Worker {
    /// A worker with a name of its own, by which it holds leases.
    ///
    /// # Errors
    /// In words, when the mail server's address can't be used.
    pub fn new(state: &AppState) -> Result<Self, String> {
        let mut random = [0; 10];
        state.services.entropy().fill(&mut random);
        Ok(Self {
            services: state.services.clone(),
            limits: state.limits.clone(),
            mailer: Mailer::new(&state.config)?,
            owner: format!("worker_{}", domain::ids::encode(0, random)),
        })
    }

    /// Works until `stop` says true; what is under way is finished.
    pub async fn run(self, mut stop: watch::Receiver<bool>) {
        let mut idle_rounds = 0;
        while !*stop.borrow() {
            let pause = match self.round().await {
                Ok(0) => {
                    idle_rounds += 1;
                    if idle_rounds % TIDY_ROUNDS == 1 {
                        self.tidy().await;
                    }
                    IDLE
                }
                Ok(_) => continue,
                Err(error) => {
                    // Logged with what it is.
                    let _ = error.into_problem();
                    TROUBLE
                }
            };
            let _ = tokio::time::timeout(pause, stop.wait_for(|stop| *stop)).await;
        }
    }

    /// Does what is due once; how much it was. Tests call it instead of waiting.
    ///
    /// # Errors
    /// What the services answer.
    pub async fn round(&self) -> Result<usize, ServiceError> {
        let jobs = services::jobs::run_due(&self.services, &self.owner, BATCH).await?;
        let mails = self.mailer.send_due(&self.services, BATCH).await?;
        Ok(jobs + mails)
    }

    async fn tidy(&self) {
        self.limits.tidy();
        for (what, done) in [
            ("login sessions", services::login_sessions::delete_expired(&self.services).await),
            ("gateways' events", services::webhooks::delete_old(&self.services).await),
            ("mailed links", services::accounts::delete_expired_tokens(&self.services).await),
        ] {
            match done {
                Ok(0) => {}
                Ok(count) => tracing::debug!(count, what, "deleted what had ended"),
                Err(error) => tracing::warn!(%error, what, "could not be tidied"),
            }
        }
    }
}
