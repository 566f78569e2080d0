//! Where a checkout stands, from one reading of the database.

use crate::{
    Services,
    routing::{Seen, offers},
};
use domain::{
    Timestamp,
    states::{PaymentStatus, SessionStatus},
    views::checkout::CheckoutStage,
};
use store::payments::CheckoutPayment;

/// Where it stands.
pub(crate) fn stage(svc: &Services, seen: &Seen, now: Timestamp) -> CheckoutStage {
    let found = &seen.found;
    if let Some(stage) = found.payment.as_ref().and_then(under_way) {
        return stage;
    }
    match found.session_status.parse() {
        Ok(SessionStatus::Canceled) => CheckoutStage::Canceled,
        // What was held for it was released again.
        Ok(SessionStatus::Complete) => CheckoutStage::Canceled,
        Ok(SessionStatus::Open) if found.expires_at > now => {
            // Nobody may take it from this country: the customer may have chosen another one than theirs.
            let may_choose = || seen.asks_country() || !offers(svc, seen, now).is_empty();
            if super::may_charge(&found.merchant_status, found.scope.mode) && may_choose() {
                let last_decline = found.payment.as_ref().and_then(|payment| payment.decline_code.clone());
                CheckoutStage::Pay { last_decline, switched: seen.switched() }
            } else {
                CheckoutStage::Unavailable
            }
        }
        _ => CheckoutStage::Expired,
    }
}

/// What a payment that is paid or on its way shows.
fn under_way(payment: &CheckoutPayment) -> Option<CheckoutStage> {
    let pending = |unknown, settles_later| Some(CheckoutStage::Pending { unknown, settles_later });
    match payment.status {
        PaymentStatus::Succeeded | PaymentStatus::RequiresCapture => {
            Some(CheckoutStage::Paid { receipt_token: payment.receipt_token.clone() })
        }
        PaymentStatus::Processing => pending(false, true),
        PaymentStatus::Unknown => pending(true, false),
        PaymentStatus::RequiresAction => match &payment.action_url {
            Some(url) => Some(CheckoutStage::Action {
                url: url.clone(),
                provider: payment.live_provider.clone().unwrap_or_default(),
            }),
            None => pending(true, false),
        },
        // An attempt is with the gateway this moment.
        PaymentStatus::RequiresPaymentMethod if payment.live_attempt.is_some() => pending(false, false),
        PaymentStatus::RequiresPaymentMethod | PaymentStatus::Canceled => None,
    }
}
