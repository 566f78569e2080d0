//! The sandbox's challenge page: this server plays the customer's bank. Real gateways have pages of their own.

use crate::{ServiceError, Services};
use domain::{Mode, views::checkout::ChallengeView};
use gateways::{Challenge, GatewayFailure};
use store::sessions::{self, ChallengeRow};

/// What `/challenge/{token}` shows.
///
/// # Errors
/// Not found; the database's.
pub async fn challenge(svc: &Services, token: &str) -> Result<ChallengeView, ServiceError> {
    let now = svc.now();
    for gateway in svc.gateways().all() {
        let Some(challenges) = gateway.challenges() else { continue };
        if let Some(found) = challenges.challenge(token, now).await.map_err(unanswered)? {
            let session = session_of(svc, &found).await?;
            let (card_brand, card_last4) = found.card.map(|card| (card.brand, card.last4)).unzip();
            return Ok(ChallengeView {
                mode: Mode::from_live(session.livemode),
                merchant_name: session.merchant_name,
                amount: found.amount,
                card_brand,
                card_last4,
                open: found.open,
                session_token: session.token,
            });
        }
    }
    Err(ServiceError::not_found())
}

/// The customer's answer at their bank: it was them, or it was not. The first answer stands. Gives the token of the session to
/// go back to; what the answer came to, the session's page asks the gateway.
///
/// # Errors
/// Not found; the database's.
pub async fn answer_challenge(svc: &Services, token: &str, pass: bool) -> Result<String, ServiceError> {
    let now = svc.now();
    for gateway in svc.gateways().all() {
        let Some(challenges) = gateway.challenges() else { continue };
        if let Some(found) = challenges.challenge(token, now).await.map_err(unanswered)? {
            // Whose it is first: an answer that leads nowhere would be lost.
            let session = session_of(svc, &found).await?;
            challenges.answer(token, pass, now).await.map_err(unanswered)?;
            return Ok(session.token);
        }
    }
    Err(ServiceError::not_found())
}

async fn session_of(svc: &Services, challenge: &Challenge) -> Result<ChallengeRow, ServiceError> {
    let found = sessions::by_operation(&mut svc.db().read().await?, &challenge.our_key).await?;
    found.ok_or_else(ServiceError::not_found)
}

/// The bank's page is down: nothing was answered.
fn unanswered(failure: GatewayFailure) -> ServiceError {
    tracing::warn!(%failure, "the challenge page can't reach its book");
    ServiceError::Store(store::StoreError::Busy)
}
