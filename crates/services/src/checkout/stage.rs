//! Where a checkout stands, from one reading of the database.

use crate::Services;
use domain::{
    CaptureMethod, Timestamp,
    states::{PaymentStatus, SessionStatus},
    views::checkout::CheckoutStage,
};
use store::payments::{CheckoutPayment, ForCheckout, Route};

/// Where it stands.
pub(crate) fn stage(svc: &Services, found: &ForCheckout, now: Timestamp) -> CheckoutStage {
    if let Some(stage) = found.payment.as_ref().and_then(under_way) {
        return stage;
    }
    match found.session_status.parse() {
        Ok(SessionStatus::Canceled) => CheckoutStage::Canceled,
        // What was held for it was released again.
        Ok(SessionStatus::Complete) => CheckoutStage::Canceled,
        Ok(SessionStatus::Open) if found.expires_at > now => {
            if super::may_charge(&found.merchant_status, found.scope.mode) && routes(svc, found, None).next().is_some()
            {
                let last_decline = found.payment.as_ref().and_then(|payment| payment.decline_code.clone());
                CheckoutStage::Pay { last_decline }
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
            Some(url) => Some(CheckoutStage::Action { url: url.clone() }),
            None => pending(true, false),
        },
        // An attempt is with the gateway this moment.
        PaymentStatus::RequiresPaymentMethod if payment.live_attempt.is_some() => pending(false, false),
        PaymentStatus::RequiresPaymentMethod | PaymentStatus::Canceled => None,
    }
}

/// The connections that can take this payment now, the first choice first; with a method, those that take it.
pub(crate) fn routes<'a>(
    svc: &'a Services,
    found: &'a ForCheckout,
    method: Option<&'a str>,
) -> impl Iterator<Item = &'a Route> {
    found.routes.iter().filter(move |route| {
        let methods: Vec<String> = serde_json::from_str(&route.methods).unwrap_or_default();
        let currencies: Vec<String> = serde_json::from_str(&route.currencies).unwrap_or_default();
        let in_mode =
            !found.scope.mode.is_live() || route.provider != gateways::sandbox::KEY || svc.settings().sandbox_live;
        in_mode
            && svc
                .gateways()
                .get(&route.provider)
                .is_some_and(|gateway| found.capture_method == CaptureMethod::Automatic || gateway.captures().is_some())
            && method.map_or(!methods.is_empty(), |method| methods.iter().any(|m| m == method))
            && (currencies.is_empty() || currencies.iter().any(|c| c == found.amount.currency.code()))
    })
}
