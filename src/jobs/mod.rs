//! The worker: due jobs, mail, and tidying up, until it is told to stop.

mod mail;

use crate::limits::Limits;
use crate::state::AppState;
use mail::Mailer;
use services::{ServiceError, Services, jobs::Sort};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// How long to wait when nothing was due.
const IDLE: Duration = Duration::from_millis(500);
/// How long to wait after a fault, so that a database that is away is not asked without pause.
const TROUBLE: Duration = Duration::from_secs(5);
/// Between two tidyings.
const TIDY: Duration = Duration::from_secs(600);
/// Things of one sort taken at once.
const BATCH: i64 = 50;
/// Mails taken at once: all of them are tried before the claim on them runs out.
const MAILS: i64 = 8;

/// What a worker does, each in rounds of its own.
#[derive(Debug, Clone, Copy)]
enum Round {
    Due(Sort),
    Mail,
}

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

    /// The name by which it holds leases.
    #[must_use]
    pub fn owner(&self) -> &str {
        &self.owner
    }

    /// Works until `stop` says true; what is under way is finished. Each sort of work goes its own round, so that a slow mail
    /// server or gateway holds up nothing but its own.
    pub async fn run(self, stop: watch::Receiver<bool>) {
        let due = Sort::ALL.map(|sort| self.rounds(Round::Due(sort), stop.clone()));
        let mail = self.rounds(Round::Mail, stop.clone());
        tokio::join!(futures::future::join_all(due), mail, self.tidy_now_and_then(stop));
    }

    async fn rounds(&self, round: Round, mut stop: watch::Receiver<bool>) {
        while !*stop.borrow() {
            let pause = match self.turn(round).await {
                Ok(0) => IDLE,
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

    async fn turn(&self, round: Round) -> Result<usize, ServiceError> {
        match round {
            Round::Due(sort) => services::jobs::turn(&self.services, sort, &self.owner, BATCH).await,
            Round::Mail => self.mailer.send_due(&self.services, MAILS).await,
        }
    }

    /// Does what is due once; how much it was. Tests call it instead of waiting.
    ///
    /// # Errors
    /// What the services answer.
    pub async fn round(&self) -> Result<usize, ServiceError> {
        let mut done = 0;
        for sort in Sort::ALL {
            done += self.turn(Round::Due(sort)).await?;
        }
        Ok(done + self.turn(Round::Mail).await?)
    }

    async fn tidy_now_and_then(&self, mut stop: watch::Receiver<bool>) {
        while !*stop.borrow() {
            self.tidy().await;
            let _ = tokio::time::timeout(TIDY, stop.wait_for(|stop| *stop)).await;
        }
    }

    async fn tidy(&self) {
        self.limits.tidy();
        for (what, done) in [
            ("login sessions", services::login_sessions::delete_expired(&self.services).await),
            ("gateways' events", services::webhooks::delete_old(&self.services).await),
            ("alerts of connections", services::health::delete_old_alerts(&self.services).await),
            ("bank entries", services::bank_transfers::tidy(&self.services).await),
            ("counts of calls", services::health::delete_old(&self.services).await),
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
