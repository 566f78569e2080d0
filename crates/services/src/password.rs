//! Hashing of passwords with argon2id, off the async threads at most a few at once and behind a bounded queue.

use crate::{ServiceError, Services};
use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use rayon::{ThreadPool, ThreadPoolBuilder};
use std::sync::LazyLock;

/// Memory in KiB and passes: OWASP's figures for argon2id (Password Storage Cheat Sheet), with one lane.
const STRONG: (u32, u32) = (19_456, 2);
/// For tests only.
const CHEAP: (u32, u32) = (64, 1);

/// How much less of a contended processor a thread that hashes gets than all others (`nice(2)`).
#[cfg(unix)]
const NICENESS: i32 = 5;

/// The threads that hash, half as many as there are cores. They give way to everything else: a flood of logins takes what checkout
/// leaves of the processors.
static HASHERS: LazyLock<Result<ThreadPool, String>> = LazyLock::new(|| {
    ThreadPoolBuilder::new()
        .num_threads(at_once())
        .thread_name(|n| format!("hashing-{n}"))
        .start_handler(|_| {
            #[cfg(unix)]
            if let Err(error) = rustix::process::nice(NICENESS) {
                tracing::warn!(%error, "threads that hash passwords can't give way to others");
            }
        })
        .panic_handler(|_| tracing::error!("hashing a password panicked"))
        .build()
        .map_err(|error| error.to_string())
});

/// Passwords that are hashed at once: argon2id takes memory and a core each.
pub(crate) fn at_once() -> usize {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    (cores / 2).clamp(1, 4)
}

fn cost(svc: &Services) -> (u32, u32) {
    if svc.settings().cheap_hashing { CHEAP } else { STRONG }
}

fn hasher((memory, passes): (u32, u32)) -> Result<Argon2<'static>, ServiceError> {
    let params = Params::new(memory, passes, 1, None).map_err(|e| ServiceError::Fault(format!("argon2: {e}")))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn prefix((memory, passes): (u32, u32)) -> String {
    format!("$argon2id$v=19$m={memory},t={passes},p=1$")
}

/// Runs an expensive computation behind the queue, on a thread of its own kind.
async fn queued<T, F>(svc: &Services, work: F) -> Result<T, ServiceError>
where
    T: Send + 'static,
    F: FnOnce() -> Result<T, ServiceError> + Send + 'static,
{
    let fault = |e: &dyn std::fmt::Display| ServiceError::Fault(format!("password hashing: {e}"));
    let turn = svc.hashing().enter().await.map_err(domain::Problem::from)?;
    let threads = HASHERS.as_ref().map_err(|e| fault(e))?;
    let (tell, told) = tokio::sync::oneshot::channel();
    threads.spawn(move || {
        let done = work();
        // The turn goes along: whoever hangs up does not make room while their hash is still being computed.
        drop(turn);
        // Whoever hung up needs no answer.
        let _ = tell.send(done);
    });
    told.await.map_err(|e| fault(&e))?
}

/// Hashes a password to a PHC string.
pub(crate) async fn hash(svc: &Services, password: &str) -> Result<String, ServiceError> {
    let mut salt = [0u8; 16];
    svc.entropy().fill(&mut salt);
    let (cost, password) = (cost(svc), password.to_owned());
    queued(svc, move || {
        let hashed: PasswordHash = hasher(cost)?
            .hash_password_with_salt(password.as_bytes(), &salt)
            .map_err(|e| ServiceError::Fault(format!("argon2: {e}")))?;
        Ok(hashed.to_string())
    })
    .await
}

/// Whether a password fits a hash. Without a hash, one that nothing fits is computed all the same, so that an unknown address
/// takes as long as a known one.
pub(crate) async fn verify(svc: &Services, password: &str, hash: Option<&str>) -> Result<bool, ServiceError> {
    let cost = cost(svc);
    let known = hash.is_some();
    let (password, hash) = (password.to_owned(), hash.map_or_else(|| nobodys(cost), str::to_owned));
    queued(svc, move || {
        let parsed = PasswordHash::new(&hash).map_err(|e| ServiceError::Fault(format!("stored hash: {e}")))?;
        Ok(hasher(cost)?.verify_password(password.as_bytes(), &parsed).is_ok() && known)
    })
    .await
}

/// A well-formed hash of nothing.
fn nobodys(cost: (u32, u32)) -> String {
    format!("{}{}${}", prefix(cost), "A".repeat(22), "A".repeat(43))
}

/// Whether a hash was made with other parameters than today's.
pub(crate) fn is_outdated(svc: &Services, hash: &str) -> bool {
    !hash.starts_with(&prefix(cost(svc)))
}
