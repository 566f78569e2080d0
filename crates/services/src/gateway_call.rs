//! One call to a gateway: credentials opened, time bounded, and whatever is doubtful called unknown.

use crate::{
    ServiceError, Services,
    breaker::Admission,
    health::{Answered, End},
};
use domain::{Problem, ProblemKind, Scope, problem::money};
use gateways::{Call, Credentials, Gateway, GatewayFailure};
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;
use store::{StoreError, operations::Work};

/// Where a connection's credentials lie, for the sealer.
pub(crate) fn credentials_place(connection: &str) -> String {
    format!("connections/{connection}/credentials")
}

/// The gateway of a provider.
///
/// # Errors
/// A fault: a stored connection names a provider that this program does not have.
pub(crate) fn gateway(svc: &Services, provider: &str) -> Result<Arc<dyn Gateway>, ServiceError> {
    svc.gateways().get(provider).ok_or_else(|| ServiceError::Fault(format!("no provider {provider}")))
}

/// What a call to a connection carries.
///
/// # Errors
/// [`GatewayFailure::NotSent`] when the credentials can't be opened: without them nothing can be sent.
pub(crate) fn call(
    svc: &Services,
    scope: &Scope,
    connection: &str,
    sealed: Option<&[u8]>,
    key: &str,
) -> Result<Call, GatewayFailure> {
    let credentials = match sealed {
        None => Credentials::default(),
        Some(sealed) => {
            let plain = svc
                .sealer()
                .open(&credentials_place(connection), sealed)
                .map_err(|error| GatewayFailure::not_sent(error.to_string()))?;
            Credentials::from_json(&plain).map_err(|error| GatewayFailure::not_sent(error.to_string()))?
        }
    };
    Ok(Call {
        account: connection.to_owned(),
        credentials,
        idempotency_key: key.to_owned(),
        now: svc.now(),
        livemode: scope.mode.is_live(),
    })
}

/// The longest that a question may take: it is asked again anyway, and others wait behind it.
const LOOKUP_TIMEOUT: Duration = Duration::from_secs(10);

/// Asks the connection's breaker for the right to call. It comes before the first row that says "sent".
///
/// # Errors
/// [`money::GATEWAY_PAUSED`].
pub(crate) async fn admit(svc: &Services, scope: &Scope, connection: &str) -> Result<Admission, ServiceError> {
    svc.breakers().admit(scope, connection, svc.now()).await.map_err(|_| {
        let problem = Problem::new(ProblemKind::Unavailable, money::GATEWAY_PAUSED);
        Problem { retry_after: Some(15), ..problem }.into()
    })
}

/// Which call is made.
pub(crate) struct Sent<'a> {
    scope: Scope,
    connection: &'a str,
    provider: &'a str,
    /// `charge`, `prepare`, `resume`, `refund`, `capture`, `void`.
    kind: &'static str,
}

impl<'a> Sent<'a> {
    /// A call of an operation.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`].
    pub(crate) fn of(work: &'a Work, kind: &'static str) -> Result<Self, StoreError> {
        Ok(Self { scope: work.scope()?, connection: &work.connection_id, provider: &work.provider, kind })
    }
}

/// Makes a call and tells the breaker, and whoever looks at the connection's health, what came of it.
pub(crate) async fn sent<T: Answered>(
    svc: &Services,
    admission: Option<Admission>,
    what: Sent<'_>,
    call: impl Future<Output = Result<T, GatewayFailure>>,
) -> Result<T, GatewayFailure> {
    let (answer, took) = timed(svc, (what.provider, what.kind), svc.settings().gateway_timeout, call).await;
    let now = svc.now();
    svc.health().record(&what.scope, what.connection, now, End::of(&answer), took);
    if let Some(admission) = admission {
        admission.report(&answer, now);
    }
    answer
}

/// Asks what became of a call, when it is this connection's turn.
pub(crate) async fn lookup<T>(
    svc: &Services,
    scope: &Scope,
    connection: &str,
    provider: &str,
    call: impl Future<Output = Result<T, GatewayFailure>>,
) -> Result<T, GatewayFailure> {
    let turn = svc.breakers().lookup(scope, connection).await;
    let _turn = turn.map_err(|_| GatewayFailure::not_sent("too many questions wait for this gateway"))?;
    let limit = svc.settings().gateway_timeout.min(LOOKUP_TIMEOUT);
    timed(svc, (provider, "lookup"), limit, call).await.0
}

/// Bounds a call by a time limit. A call that is cut off may have done its work.
async fn cut_off<T>(
    limit: Duration,
    call: impl Future<Output = Result<T, GatewayFailure>>,
) -> Result<T, GatewayFailure> {
    match tokio::time::timeout(limit, call).await {
        Ok(answer) => answer,
        Err(_) => Err(GatewayFailure::unknown("no answer in time")),
    }
}

/// Bounds a call, tells the observer how long it took, and says so.
#[expect(clippy::disallowed_methods, reason = "measures how long a call takes")]
async fn timed<T>(
    svc: &Services,
    (provider, kind): (&str, &'static str),
    limit: Duration,
    call: impl Future<Output = Result<T, GatewayFailure>>,
) -> (Result<T, GatewayFailure>, Duration) {
    let started = std::time::Instant::now();
    let answer = cut_off(limit, call).await;
    let outcome = match &answer {
        Ok(_) => "ok",
        Err(GatewayFailure::NotSent { .. }) => "not_sent",
        Err(GatewayFailure::Unknown { .. }) => "unknown",
    };
    let took = started.elapsed();
    svc.observer().gateway_call(provider, kind, outcome, took);
    (answer, took)
}
