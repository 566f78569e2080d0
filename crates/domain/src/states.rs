//! States and the edges between them: the one table of what may become what.

use crate::access::named;
use serde::{Deserialize, Serialize};
use std::str::FromStr;

macro_rules! states {
    ($(#[$doc:meta])* $type:ident { $($(#[$vdoc:meta])* $variant:ident = $name:literal -> [$($next:ident),*]),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum $type { $($(#[$vdoc])* $variant),* }
        named!($type { $($variant = $name),* });
        impl $type {
            /// Whether this state may become `next`. Staying is no edge.
            #[must_use]
            pub const fn may_become(self, next: Self) -> bool {
                match self { $(Self::$variant => { let _ = next; false $(|| matches!(next, Self::$next))* }),* }
            }
            /// Whether nothing follows.
            #[must_use]
            pub const fn is_final(self) -> bool {
                match self { $(Self::$variant => { const NEXT: &[&str] = &[$(stringify!($next)),*]; NEXT.is_empty() }),* }
            }
        }
    };
}

states! {
    /// A payment (intent).
    PaymentStatus {
        /// Nothing has been tried, or the last try was declined.
        RequiresPaymentMethod = "requires_payment_method" -> [RequiresAction, Processing, Unknown, RequiresCapture, Succeeded, Canceled],
        /// The customer has to do something, for instance a 3-D Secure challenge.
        RequiresAction = "requires_action" -> [RequiresPaymentMethod, Processing, Unknown, RequiresCapture, Succeeded, Canceled],
        /// The gateway took it; the funds settle later.
        Processing = "processing" -> [RequiresPaymentMethod, Unknown, RequiresCapture, Succeeded, Canceled],
        /// A gateway may have charged; we are finding out.
        Unknown = "unknown" -> [RequiresPaymentMethod, RequiresAction, Processing, RequiresCapture, Succeeded, Canceled],
        /// Authorised, not captured.
        RequiresCapture = "requires_capture" -> [Unknown, Succeeded, Canceled],
        /// Captured.
        Succeeded = "succeeded" -> [],
        /// Ended without money; a late success is still booked.
        Canceled = "canceled" -> [Succeeded],
    }
}

states! {
    /// An attempt to pay through one gateway.
    AttemptStatus {
        /// Committed; nothing was sent.
        Created = "created" -> [Processing, RequiresAction, Authorized, Succeeded, Failed, Unknown, Canceled],
        /// The gateway has it; the outcome comes later.
        Processing = "processing" -> [RequiresAction, Authorized, Succeeded, Failed, Unknown, Canceled],
        /// The customer has to do something.
        RequiresAction = "requires_action" -> [Processing, Authorized, Succeeded, Failed, Unknown, Canceled],
        /// May have been charged.
        Unknown = "unknown" -> [Processing, RequiresAction, Authorized, Succeeded, Failed, Canceled],
        /// Authorised, not captured.
        Authorized = "authorized" -> [Succeeded, Failed, Unknown, Canceled],
        /// Charged.
        Succeeded = "succeeded" -> [],
        /// Definitely not charged; a late success is still booked.
        Failed = "failed" -> [Succeeded],
        /// Given up before a charge; a late success is still booked.
        Canceled = "canceled" -> [Succeeded],
    }
}

impl AttemptStatus {
    /// Whether this attempt may still charge: at most one such attempt per payment, by a partial unique index.
    #[must_use]
    pub const fn is_live(self) -> bool {
        matches!(
            self,
            Self::Created
                | Self::Processing
                | Self::RequiresAction
                | Self::Unknown
                | Self::Authorized
                | Self::Succeeded
        )
    }
}

states! {
    /// One call to a gateway.
    OperationStatus {
        /// The row is committed; nothing was sent.
        Created = "created" -> [Sent, Failed],
        /// The request is on its way.
        Sent = "sent" -> [Processing, RequiresAction, Succeeded, Failed, Unknown],
        /// The gateway works on it.
        Processing = "processing" -> [RequiresAction, Succeeded, Failed, Unknown],
        /// The customer has to do something.
        RequiresAction = "requires_action" -> [Processing, Succeeded, Failed, Unknown],
        /// Timeout, reset, 5xx or an unreadable reply: it may have happened.
        Unknown = "unknown" -> [Processing, RequiresAction, Succeeded, Failed],
        /// It happened.
        Succeeded = "succeeded" -> [Failed],
        /// It did not happen.
        Failed = "failed" -> [Succeeded],
    }
}

/// What an operation asks of the gateway.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OperationKind {
    /// Authorise and capture in one.
    Sale,
    /// Authorise only.
    Authorize,
    /// Capture an authorisation.
    Capture,
    /// Release an authorisation.
    Void,
    /// Give money back.
    Refund,
}
named!(OperationKind { Sale = "sale", Authorize = "authorize", Capture = "capture", Void = "void", Refund = "refund" });

states! {
    /// A refund.
    RefundStatus {
        /// Reserved; the gateway has not answered for good.
        Pending = "pending" -> [Succeeded, Failed, Unknown],
        /// May have happened.
        Unknown = "unknown" -> [Pending, Succeeded, Failed],
        /// Done; a gateway may still report later that it failed.
        Succeeded = "succeeded" -> [Failed],
        /// Did not happen, or was returned; the reservation is released and the journal reversed. A gateway may still report
        /// later that the money went out after all.
        Failed = "failed" -> [Succeeded],
    }
}

states! {
    /// A merchant's application for live mode.
    ApplicationStatus {
        /// Being filled in.
        Draft = "draft" -> [Submitted],
        /// Waiting for a reviewer.
        Submitted = "submitted" -> [InReview, Approved, MoreInformation, Denied],
        /// A reviewer took it.
        InReview = "in_review" -> [Submitted, Approved, MoreInformation, Denied],
        /// The merchant has to answer.
        MoreInformation = "more_information" -> [Submitted],
        /// Live mode works.
        Approved = "approved" -> [],
        /// Refused with a reason; the merchant may answer and submit again.
        Denied = "denied" -> [Submitted],
    }
}

impl ApplicationStatus {
    /// Whether the merchant may change it.
    #[must_use]
    pub const fn is_editable(self) -> bool {
        matches!(self, Self::Draft | Self::MoreInformation | Self::Denied)
    }
}

states! {
    /// What a merchant's account may do.
    MerchantStatus {
        /// Test mode only: not approved yet.
        Onboarding = "onboarding" -> [Active, Suspended, Closed],
        /// Live and test.
        Active = "active" -> [Suspended, Closed],
        /// The operator stopped live charging; refunds still work.
        Suspended = "suspended" -> [Active, Onboarding, Closed],
        /// Ended; read only.
        Closed = "closed" -> [],
    }
}

/// What works for a merchant, in one place for pages and predicates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Abilities {
    /// Charge in test mode.
    pub test_charges: bool,
    /// Charge in live mode.
    pub live_charges: bool,
    /// Refund live payments.
    pub live_refunds: bool,
    /// Receive payouts.
    pub payouts: bool,
    /// Use live API keys.
    pub live_api: bool,
}

impl MerchantStatus {
    /// What works in this state.
    #[must_use]
    pub const fn abilities(self) -> Abilities {
        match self {
            Self::Onboarding => Abilities {
                test_charges: true,
                live_charges: false,
                live_refunds: false,
                payouts: false,
                live_api: false,
            },
            Self::Active => {
                Abilities { test_charges: true, live_charges: true, live_refunds: true, payouts: true, live_api: true }
            }
            Self::Suspended => Abilities {
                test_charges: true,
                live_charges: false,
                live_refunds: true,
                payouts: false,
                live_api: false,
            },
            Self::Closed => Abilities {
                test_charges: false,
                live_charges: false,
                live_refunds: true,
                payouts: false,
                live_api: false,
            },
        }
    }
}

states! {
    /// A checkout session.
    SessionStatus {
        /// The customer may pay.
        Open = "open" -> [Complete, Expired, Canceled],
        /// Paid, or on its way for good.
        Complete = "complete" -> [],
        /// Its time ran out; a late success is still booked.
        Expired = "expired" -> [Complete],
        /// The merchant ended it.
        Canceled = "canceled" -> [Complete],
    }
}

states! {
    /// A gateway connection.
    ConnectionStatus {
        /// Takes payments.
        Active = "active" -> [Paused, Archived],
        /// Takes no new payments; refunds and webhooks go on.
        Paused = "paused" -> [Active, Archived],
        /// Out of sight; refunds and webhooks of old payments go on.
        Archived = "archived" -> [],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_back_and_nothing_becomes_itself() {
        for s in PaymentStatus::ALL {
            assert_eq!(s.as_str().parse(), Ok(*s));
            assert!(!s.may_become(*s));
        }
        for s in AttemptStatus::ALL {
            assert_eq!(s.as_str().parse(), Ok(*s));
            assert!(!s.may_become(*s));
        }
    }

    #[test]
    fn money_that_arrives_late_is_never_refused() {
        for s in AttemptStatus::ALL.iter().filter(|s| **s != AttemptStatus::Succeeded) {
            assert!(s.may_become(AttemptStatus::Succeeded), "{s:?}");
        }
        for s in PaymentStatus::ALL.iter().filter(|s| **s != PaymentStatus::Succeeded) {
            assert!(s.may_become(PaymentStatus::Succeeded), "{s:?}");
        }
    }

    #[test]
    fn money_never_leaves_a_succeeded_payment_by_a_status() {
        assert!(PaymentStatus::Succeeded.is_final() && AttemptStatus::Succeeded.is_final());
    }

    #[test]
    fn an_authorisation_is_captured_released_or_in_doubt() {
        use AttemptStatus as A;
        use PaymentStatus as P;
        let next = |from: A| A::ALL.iter().copied().filter(|to| from.may_become(*to)).collect::<Vec<_>>();
        assert_eq!(next(A::Authorized), [A::Unknown, A::Succeeded, A::Failed, A::Canceled]);
        assert!(A::Unknown.may_become(A::Authorized) && A::Authorized.is_live());
        let next = |from: P| P::ALL.iter().copied().filter(|to| from.may_become(*to)).collect::<Vec<_>>();
        // A bank may take its time to authorise.
        assert!(P::Processing.may_become(P::RequiresCapture) && A::Processing.may_become(A::Authorized));
        // Never back to the customer: what was authorised once is not asked for again.
        assert_eq!(next(P::RequiresCapture), [P::Unknown, P::Succeeded, P::Canceled]);
        assert!(P::Unknown.may_become(P::RequiresCapture) && P::Canceled.may_become(P::Succeeded));
        assert!(!P::Canceled.may_become(P::RequiresCapture) && !P::Succeeded.may_become(P::RequiresCapture));
    }

    #[test]
    fn only_active_merchants_charge_live() {
        let live: Vec<_> = MerchantStatus::ALL.iter().filter(|s| s.abilities().live_charges).collect();
        assert_eq!(live, [&MerchantStatus::Active]);
    }
}
