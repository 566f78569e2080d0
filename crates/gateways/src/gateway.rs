//! What a provider can do: one small trait per capability.

use crate::{
    Call, Challenge, ChargeReply, ChargeRequest, CheckCode, Credentials, DisputeReply, Events, GatewayFailure,
    ListPage, MethodInput, RefundListPage, RefundReply, RefundRequest, SavedMethod, SetUpReply, SetUpRequest, Wanted,
    Window, currencies::Counting, reply::CardFacts,
};
use async_trait::async_trait;
use domain::{
    Currency, FieldProblem, Money, Timestamp,
    views::{checkout::PayFields, gateway::Provider},
};

/// A provider. Says for every capability whether it has it.
pub trait Gateway: Send + Sync {
    /// Its name in the database: `sandbox`, `stripe` …
    fn key(&self) -> &'static str;
    /// What the portal shows about it: methods, credential fields, capabilities.
    fn describe(&self) -> Provider;
    /// How it counts a currency; none when it takes no payments in it.
    fn counts(&self, currency: Currency) -> Option<Counting>;
    /// Taking payments.
    fn charges(&self) -> &dyn Charges;
    /// Making a charge without taking anything, so that its name is known before it may charge.
    fn prepares(&self) -> Option<&dyn Prepares>;
    /// Giving up a charge that waits for the customer, before another is begun.
    fn abandons(&self) -> Option<&dyn Abandons>;
    /// Capturing and voiding authorisations.
    fn captures(&self) -> Option<&dyn Captures>;
    /// Giving money back.
    fn refunds(&self) -> Option<&dyn Refunds>;
    /// How an unknown outcome is found out.
    fn finds_out(&self) -> FindsOut;
    /// Asking what became of a charge or a refund; present unless [`FindsOut::Never`].
    fn lookup(&self) -> Option<&dyn Lookup>;
    /// Listing charges of a time window.
    fn listing(&self) -> Option<&dyn Listing>;
    /// Reading the events that it sends (webhooks).
    fn events(&self) -> Option<&dyn Events>;
    /// Keeping methods, to charge them again.
    fn saves(&self) -> Option<&dyn Saves>;
    /// Telling about disputes.
    fn disputes(&self) -> Option<&dyn Disputes>;
    /// Testing a connection.
    fn check(&self) -> &dyn ConnectionCheck;
    /// A challenge page of the gateway's that this server plays; real gateways have pages of their own.
    fn challenges(&self) -> Option<&dyn Challenges>;
}

/// How long a list grows after its window has ended, in milliseconds, where a provider says nothing else.
pub const LISTING_SETTLES: i64 = domain::time::HOUR;

/// How a provider finds out what became of a call without an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FindsOut {
    /// By its own id or by our key: ask [`Lookup`]; `Ok(None)` is certain.
    ById,
    /// Only by listing a time window: [`Listing`] is read, or where there is none [`Lookup`] asked; what is not there certainly
    /// is not once the window has settled ([`Listing::settles_after`]).
    ByListing,
    /// By cancelling our key: [`Lookup`] cancels it and tells what it found; `Ok(None)` means that it can't charge any more.
    /// Where it is given the gateway's own name, it asks by that and cancels nothing.
    ByCancellingKey,
    /// Not at all: a person decides.
    Never,
}

/// Taking payments.
#[async_trait]
pub trait Charges: Send + Sync {
    /// How the customer gives a method of [`Provider::methods`] on our page. What it tells the browser is public.
    fn fields(&self, wanted: &Wanted<'_>, credentials: &Credentials) -> PayFields;

    /// Whether the method can be sent at all: before anything is stored. Says what may be kept of the card. Fields are named
    /// as in `domain::views::checkout::{CardFields, PayForm}`.
    ///
    /// # Errors
    /// What is wrong with which field.
    fn accept(&self, method: &MethodInput, now: Timestamp) -> Result<Option<CardFacts>, Vec<FieldProblem>>;

    /// Charges, or authorises when `request.capture` is false. Under the same key and with the same request, the answer is
    /// where that charge stands now; with another request it is [`GatewayFailure::Unknown`], for the key has been used.
    ///
    /// # Errors
    /// [`GatewayFailure`]. A decline is no failure.
    async fn charge(&self, call: &Call, request: &ChargeRequest) -> Result<ChargeReply, GatewayFailure>;

    /// Goes on after the customer has come back from [`ChargeState::RequiresAction`](crate::ChargeState::RequiresAction):
    /// some gateways need a confirming call, at others it is the same as asking. Never charges twice.
    ///
    /// # Errors
    /// [`GatewayFailure`].
    async fn resume(&self, call: &Call, gateway_ref: &str) -> Result<ChargeReply, GatewayFailure>;
}

/// Making a charge without taking anything. The name that it gets is stored before [`Charges::charge`] confirms it, with the name
/// in [`ChargeRequest::prepared`]: whatever happens to the confirmation, the gateway can be asked by it.
#[async_trait]
pub trait Prepares: Send + Sync {
    /// Makes it. None: this request needs no preparation ([`Charges::charge`] itself makes something that takes nothing yet).
    ///
    /// # Errors
    /// [`GatewayFailure`]; nothing was charged whichever it is. `Ok(Err(reply))` is a definite no.
    async fn prepare(
        &self,
        call: &Call,
        request: &ChargeRequest,
    ) -> Result<Result<Option<String>, ChargeReply>, GatewayFailure>;
}

/// Giving up a charge that waits for the customer ([`ChargeState::RequiresAction`](crate::ChargeState::RequiresAction)).
#[async_trait]
pub trait Abandons: Send + Sync {
    /// Makes sure that it can't be paid any more. [`ChargeState::Canceled`](crate::ChargeState::Canceled) says that this is
    /// certain; anything else is where it stands.
    ///
    /// # Errors
    /// [`GatewayFailure`]: it may still be paid.
    async fn abandon(&self, call: &Call, gateway_ref: &str) -> Result<ChargeReply, GatewayFailure>;
}

/// Capturing and voiding authorisations.
#[async_trait]
pub trait Captures: Send + Sync {
    /// Captures all or part of an authorisation; what is not captured is released.
    ///
    /// # Errors
    /// [`GatewayFailure`]. A no is [`ChargeState::Declined`](crate::ChargeState::Declined).
    async fn capture(&self, call: &Call, gateway_ref: &str, amount: Money) -> Result<ChargeReply, GatewayFailure>;

    /// Releases an authorisation; the answer is [`ChargeState::Canceled`](crate::ChargeState::Canceled), or where the charge
    /// stands when it can't be released any more.
    ///
    /// # Errors
    /// [`GatewayFailure`].
    async fn void(&self, call: &Call, gateway_ref: &str) -> Result<ChargeReply, GatewayFailure>;
}

/// Giving money back.
#[async_trait]
pub trait Refunds: Send + Sync {
    /// Gives back all or part of a captured charge.
    ///
    /// # Errors
    /// [`GatewayFailure`]. A no is [`RefundState::Failed`](crate::RefundState::Failed).
    async fn refund(&self, call: &Call, request: &RefundRequest) -> Result<RefundReply, GatewayFailure>;
}

/// Asking what became of a charge or a refund. `call.idempotency_key` plays no part. Asking may finish what a charge was to keep; it
/// never charges.
#[async_trait]
pub trait Lookup: Send + Sync {
    /// Where the charge under our key (or with the gateway's own name, if we know it) stands. `Ok(None)`: the gateway
    /// certainly has nothing.
    ///
    /// # Errors
    /// [`GatewayFailure`]: no answer, ask again later.
    async fn find_charge(
        &self,
        call: &Call,
        our_key: &str,
        gateway_ref: Option<&str>,
    ) -> Result<Option<ChargeReply>, GatewayFailure>;

    /// The same for a refund of the charge that the gateway calls `charge_ref`.
    ///
    /// # Errors
    /// As [`Lookup::find_charge`].
    async fn find_refund(
        &self,
        call: &Call,
        our_key: &str,
        charge_ref: &str,
        gateway_ref: Option<&str>,
    ) -> Result<Option<RefundReply>, GatewayFailure>;
}

/// Listing charges of a time window, for recovery after a restored backup.
#[async_trait]
pub trait Listing: Send + Sync {
    /// A page of charges made within the window, oldest first.
    ///
    /// # Errors
    /// [`GatewayFailure`].
    async fn list_charges(&self, call: &Call, window: Window, after: Option<&str>) -> Result<ListPage, GatewayFailure>;

    /// A page of refunds made within the window, oldest first. None: this gateway lists no refunds, so that a person has to look.
    ///
    /// # Errors
    /// [`GatewayFailure`].
    async fn list_refunds(
        &self,
        call: &Call,
        window: Window,
        after: Option<&str>,
    ) -> Result<Option<RefundListPage>, GatewayFailure>;

    /// How long after a window's end, in milliseconds, a charge made in it may still come into the list: before that, what is
    /// not listed may yet be.
    fn settles_after(&self) -> i64 {
        LISTING_SETTLES
    }
}

/// Keeping methods at the gateway, to charge them again with [`Charges::charge`] and
/// [`MethodInput::Saved`](crate::MethodInput::Saved). A gateway that has this also keeps methods of charges
/// ([`ChargeRequest::keep`](crate::ChargeRequest::keep)).
#[async_trait]
pub trait Saves: Send + Sync {
    /// Keeps a method without charging it. Under the same key, the answer is where that undertaking stands now.
    ///
    /// # Errors
    /// [`GatewayFailure`]. No money moves whichever it is.
    async fn set_up(&self, call: &Call, request: &SetUpRequest) -> Result<SetUpReply, GatewayFailure>;

    /// Goes on after the customer has come back from [`SetUpState::RequiresAction`](crate::SetUpState::RequiresAction), or asks
    /// where it stands. As often as one likes.
    ///
    /// # Errors
    /// [`GatewayFailure`].
    async fn finish_set_up(&self, call: &Call, gateway_ref: &str) -> Result<SetUpReply, GatewayFailure>;

    /// Has the gateway forget a method. What it does not know (any more) is forgotten.
    ///
    /// # Errors
    /// [`GatewayFailure`]: it may still keep it.
    async fn forget(&self, call: &Call, saved: &SavedMethod) -> Result<(), GatewayFailure>;
}

/// Telling about disputes: what customers' banks want back.
#[async_trait]
pub trait Disputes: Send + Sync {
    /// Where the dispute with the gateway's name stands. `Ok(None)`: it has none of this name.
    ///
    /// # Errors
    /// [`GatewayFailure`].
    async fn find_dispute(&self, call: &Call, gateway_ref: &str) -> Result<Option<DisputeReply>, GatewayFailure>;
}

/// Testing a connection.
#[async_trait]
pub trait ConnectionCheck: Send + Sync {
    /// What is wrong with credentials by their form alone; field names are those of
    /// [`Provider::fields`](domain::views::gateway::Provider). Missing required ones are included.
    fn problems(&self, credentials: &Credentials, livemode: bool) -> Vec<FieldProblem>;

    /// Asks the gateway. No answer is a finding too ([`CheckCode::Unreachable`]).
    async fn check(&self, call: &Call) -> CheckCode;
}

/// A challenge page that this server plays for the sandbox: the bank's page.
#[async_trait]
pub trait Challenges: Send + Sync {
    /// The challenge behind a token; none when there is no such token.
    ///
    /// # Errors
    /// [`GatewayFailure`].
    async fn challenge(&self, token: &str, now: Timestamp) -> Result<Option<Challenge>, GatewayFailure>;

    /// The customer's answer: proved to be themselves, or not. The first answer stands. None when there is no such token.
    ///
    /// # Errors
    /// [`GatewayFailure`].
    async fn answer(&self, token: &str, pass: bool, now: Timestamp) -> Result<Option<Challenge>, GatewayFailure>;
}
