//! What capturing and releasing have in common: written down first, then sent with no transaction held, then settled.

use crate::{
    ServiceError, Services,
    breaker::Admission,
    checkout::settle::{Finding, settle},
    gateway_call,
};
use domain::{
    Money, OperationId, PaymentId, ProblemKind, Scope, problem::money, states::OperationKind, states::PaymentStatus,
};
use gateways::Captures;
use store::{
    Tx, captures,
    operations::{self, Work},
    payments::{self, PaymentRow, parse},
};

/// Sends a capture or a release that was written down, and settles whatever comes back.
///
/// # Errors
/// The database's. After an error nothing is lost: the reconciler finds out.
pub(super) async fn send(
    svc: &Services,
    scope: &Scope,
    operation: &OperationId,
    admission: Option<Admission>,
) -> Result<(), ServiceError> {
    let work = work_of(svc, scope, operation).await?;
    let finding = ask_for(svc, &work, admission).await?;
    settle(svc, work, &finding, None).await.map(drop)
}

/// Asks the breaker of the connection that holds a payment's authorisation. None: nothing is held, and nothing will be sent.
///
/// # Errors
/// [`money::GATEWAY_PAUSED`]; the database's.
pub(super) async fn admit(
    svc: &Services,
    scope: &Scope,
    payment: &PaymentId,
) -> Result<Option<Admission>, ServiceError> {
    let connection = captures::holder(&mut svc.db().read().await?, scope, payment.as_str()).await?;
    match connection {
        Some(connection) => gateway_call::admit(svc, scope, &connection).await.map(Some),
        None => Ok(None),
    }
}

/// An operation that was just written.
pub(super) async fn work_of(svc: &Services, scope: &Scope, operation: &OperationId) -> Result<Work, ServiceError> {
    let mut tx = svc.db().read().await?;
    let work = operations::work(&mut tx, scope, operation.as_str()).await?;
    work.ok_or_else(|| ServiceError::Fault(format!("operation {operation} is gone")))
}

/// Makes the call.
pub(super) async fn ask_for(
    svc: &Services,
    work: &Work,
    admission: Option<Admission>,
) -> Result<Finding, ServiceError> {
    let gateway = gateway_call::gateway(svc, &work.provider)?;
    let Some(captures) = gateway.captures() else {
        return Ok(Finding::Nothing("the gateway neither captures nor releases".to_owned()));
    };
    let Some(charge) = work.charge_ref.as_deref() else {
        return Ok(Finding::Nothing("the gateway gave the authorisation no name".to_owned()));
    };
    let call = gateway_call::call(
        svc,
        &work.scope()?,
        &work.connection_id,
        work.credentials.as_deref(),
        &work.idempotency_key,
    );
    let kind = parse::<OperationKind>(&work.kind)?.as_str();
    Ok(Finding::from(match call {
        Ok(call) => {
            let sent = gateway_call::Sent::of(work, kind)?;
            gateway_call::sent(svc, admission, sent, asked(captures, &call, work, charge)?).await
        }
        Err(failure) => Err(failure),
    }))
}

type Answer<'a> =
    std::pin::Pin<Box<dyn Future<Output = Result<gateways::ChargeReply, gateways::GatewayFailure>> + Send + 'a>>;

fn asked<'a>(
    captures: &'a dyn Captures,
    call: &'a gateways::Call,
    work: &Work,
    charge: &'a str,
) -> Result<Answer<'a>, ServiceError> {
    if parse::<OperationKind>(&work.kind)? == OperationKind::Capture {
        Ok(captures.capture(call, charge, Money::new(work.amount, parse(&work.currency)?)))
    } else {
        Ok(captures.void(call, charge))
    }
}

/// Why nothing could be begun: read after the fact, for the answer alone. `code` is said of a payment that holds nothing.
pub(super) async fn refused(
    tx: &mut Tx,
    scope: &Scope,
    payment: &PaymentId,
    code: &'static str,
) -> Result<ServiceError, ServiceError> {
    let Some(row) = payments::get(tx, scope, payment).await? else { return Ok(ServiceError::not_found()) };
    let open = captures::of_payment(tx, scope, payment).await?.iter().any(|row| row.under_way().is_some());
    let code = if open || doubtful(&row) { money::CAPTURE_UNDER_WAY } else { code };
    Ok(ServiceError::new(ProblemKind::Conflict, code))
}

/// Whether what became of the authorisation is not known.
fn doubtful(row: &PaymentRow) -> bool {
    row.status == PaymentStatus::Unknown.as_str()
}
