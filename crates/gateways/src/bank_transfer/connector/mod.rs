//! Bank transfers as a gateway: it calls nobody. A charge opens an entry in a book of our own ([`TransferBook`]), which says later
//! whether the merchant's statements had the money.
//!
//! - A charge is [`ChargeState::Processing`](crate::ChargeState::Processing) until the book says that it was paid; nobody takes a fee
//!   from it that we hear of.
//! - What waits longer than [`GIVEN_UP_AFTER`] is given up. Money that comes later goes the way of late money.
//! - Nothing is given back through it: a merchant pays a transfer back at their own bank.

mod account;
mod book;

pub use account::account;
pub use book::{Transfer, TransferBook, TransferBy, TransferOpening, TransferState};

use super::reference::Reference;
use super::{BankAccount, TransferInstructions};
use crate::reply::CardFacts;
use crate::{
    Abandons, Call, Captures, Challenges, ChargeReply, ChargeRequest, ChargeState, Charges, CheckCode, ConnectionCheck,
    Credentials, Disputes, Events, FindsOut, Gateway, GatewayFailure, Listing, Lookup, MethodInput, Prepares,
    RefundReply, Refunds, Saves, Wanted, currencies::Counting, sandbox::BookError,
};
use async_trait::async_trait;
use domain::{
    Currency, FieldProblem, Money, Timestamp,
    decline::DeclineCode,
    problem::codes,
    time::DAY,
    validate::{Wrong, date::Date},
    views::{
        checkout::PayFields,
        gateway::{CredentialField, Provider},
    },
};
use std::sync::Arc;

/// The provider's key.
pub const KEY: &str = "bank_transfer";

/// The method's key.
pub const METHOD: &str = "bank_transfer";

/// How long a customer is given to transfer, in milliseconds.
pub const DUE_AFTER: i64 = 14 * DAY;

/// How long a transfer without any money is waited for: banks take days, and statements are brought later still.
pub const GIVEN_UP_AFTER: i64 = 30 * DAY;

/// How often a reference is drawn anew when another transfer of the merchant's has it, which hardly ever happens.
const DRAWS: usize = 4;

/// The account's holder.
const HOLDER: &str = "holder";

/// The connector.
#[derive(Clone)]
pub struct BankTransfer {
    book: Arc<dyn TransferBook>,
}

impl BankTransfer {
    /// A connector with a book.
    #[must_use]
    pub fn new(book: Arc<dyn TransferBook>) -> Self {
        Self { book }
    }
}

impl std::fmt::Debug for BankTransfer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("BankTransfer")
    }
}

impl Gateway for BankTransfer {
    fn key(&self) -> &'static str {
        KEY
    }

    fn describe(&self) -> Provider {
        let field = |name: &str| CredentialField { name: name.to_owned(), secret: false, required: name == HOLDER };
        Provider {
            key: KEY.to_owned(),
            methods: vec![METHOD.to_owned()],
            fields: std::iter::once(HOLDER).chain(account::FIELDS).map(field).collect(),
            capabilities: vec!["statements".to_owned()],
        }
    }

    fn counts(&self, currency: Currency) -> Option<Counting> {
        Some(Counting::iso(currency))
    }

    fn charges(&self) -> &dyn Charges {
        self
    }

    fn prepares(&self) -> Option<&dyn Prepares> {
        None
    }

    fn abandons(&self) -> Option<&dyn Abandons> {
        Some(self)
    }

    fn captures(&self) -> Option<&dyn Captures> {
        None
    }

    /// None: a transfer is paid back at the merchant's bank, which nobody here can ask.
    fn refunds(&self) -> Option<&dyn Refunds> {
        None
    }

    fn finds_out(&self) -> FindsOut {
        FindsOut::ById
    }

    fn lookup(&self) -> Option<&dyn Lookup> {
        Some(self)
    }

    fn listing(&self) -> Option<&dyn Listing> {
        None
    }

    fn events(&self) -> Option<&dyn Events> {
        None
    }

    fn saves(&self) -> Option<&dyn Saves> {
        None
    }

    fn disputes(&self) -> Option<&dyn Disputes> {
        None
    }

    fn check(&self) -> &dyn ConnectionCheck {
        self
    }

    fn challenges(&self) -> Option<&dyn Challenges> {
        None
    }
}

/// What a book that can't be read or written means for a call.
fn failed(error: BookError) -> GatewayFailure {
    match error {
        BookError::NothingDone(reason) => GatewayFailure::not_sent(reason),
        BookError::Doubtful(reason) => GatewayFailure::unknown(reason),
    }
}

fn bare(state: ChargeState) -> ChargeReply {
    ChargeReply { gateway_ref: None, state, card: None, saved: None, raw_code: None, raw_message: None }
}

/// Where a transfer stands, as a gateway says it.
fn reply(transfer: &Transfer) -> ChargeReply {
    let state = match transfer.state {
        TransferState::Waiting => ChargeState::Processing,
        TransferState::Paid => {
            ChargeState::Succeeded { captured: transfer.amount, fee: Some(Money::zero(transfer.amount.currency)) }
        }
        TransferState::GivenUp => ChargeState::Canceled,
    };
    ChargeReply { gateway_ref: Some(transfer.reference.clone()), ..bare(state) }
}

/// The day of a moment.
fn day(at: Timestamp) -> Date {
    let (year, month, day, ..) = at.utc_parts();
    (year, month, day)
}

/// The instructions for a charge.
fn instructions(call: &Call, amount: Money, reference: Reference) -> Result<TransferInstructions, Wrong> {
    let holder = call.credentials.get(HOLDER).unwrap_or_default();
    let account = account(&call.credentials).map_err(|_| Wrong::new(codes::REQUIRED))?;
    TransferInstructions::new(holder, account, amount, reference, day(call.now.plus(DUE_AFTER)))
}

#[async_trait]
impl Charges for BankTransfer {
    fn fields(&self, _wanted: &Wanted<'_>, _credentials: &Credentials) -> PayFields {
        PayFields::Transfer
    }

    fn accept(&self, _method: &MethodInput, _now: Timestamp) -> Result<Option<CardFacts>, Vec<FieldProblem>> {
        Ok(None)
    }

    async fn charge(&self, call: &Call, request: &ChargeRequest) -> Result<ChargeReply, GatewayFailure> {
        if !request.capture {
            return Ok(bare(ChargeState::Declined(DeclineCode::CardNotSupported)));
        }
        let thai = matches!(account(&call.credentials), Ok(BankAccount::PromptPay { .. }));
        if thai && request.amount.currency.code() != "THB" {
            return Ok(bare(ChargeState::Declined(DeclineCode::CurrencyNotSupported)));
        }
        for _ in 0..DRAWS {
            let reference = Reference::from_random(self.book.random());
            let instructions = instructions(call, request.amount, reference)
                .map_err(|wrong| GatewayFailure::not_sent(format!("the connection's account: {}", wrong.code)))?;
            let opening = TransferOpening {
                account: &call.account,
                key: &call.idempotency_key,
                instructions: &instructions,
                due_at: call.now.plus(DUE_AFTER),
                at: call.now,
            };
            if let Some(transfer) = self.book.open(opening).await.map_err(failed)? {
                return Ok(reply(&transfer));
            }
        }
        Err(GatewayFailure::not_sent("no reference is free"))
    }

    async fn resume(&self, call: &Call, gateway_ref: &str) -> Result<ChargeReply, GatewayFailure> {
        let found = self.find_charge(call, "", Some(gateway_ref)).await?;
        found.ok_or_else(|| GatewayFailure::unknown("no such transfer"))
    }
}

#[async_trait]
impl Abandons for BankTransfer {
    async fn abandon(&self, call: &Call, gateway_ref: &str) -> Result<ChargeReply, GatewayFailure> {
        let found = self.book.give_up(&call.account, gateway_ref, call.now).await.map_err(failed)?;
        found.as_ref().map(reply).ok_or_else(|| GatewayFailure::unknown("no such transfer"))
    }
}

#[async_trait]
impl Lookup for BankTransfer {
    async fn find_charge(
        &self,
        call: &Call,
        our_key: &str,
        gateway_ref: Option<&str>,
    ) -> Result<Option<ChargeReply>, GatewayFailure> {
        let by = gateway_ref.map_or(TransferBy::Key(our_key), TransferBy::Reference);
        let Some(mut found) = self.book.find(&call.account, by).await.map_err(failed)? else { return Ok(None) };
        let over = call.now >= found.created_at.plus(GIVEN_UP_AFTER);
        if found.state == TransferState::Waiting && over {
            let ended = self.book.give_up(&call.account, &found.reference, call.now).await.map_err(failed)?;
            found = ended.unwrap_or(found);
        }
        Ok(Some(reply(&found)))
    }

    /// None was ever sent.
    async fn find_refund(
        &self,
        _call: &Call,
        _our_key: &str,
        _charge_ref: &str,
        _gateway_ref: Option<&str>,
    ) -> Result<Option<RefundReply>, GatewayFailure> {
        Ok(None)
    }
}

#[async_trait]
impl ConnectionCheck for BankTransfer {
    fn problems(&self, credentials: &Credentials, _livemode: bool) -> Vec<FieldProblem> {
        let mut problems = Vec::new();
        if let Err(wrong) =
            domain::validate::text::required(credentials.get(HOLDER).unwrap_or_default(), account::MAX_HOLDER)
        {
            problems.push(wrong.at(HOLDER));
        }
        if let Err(problem) = account(credentials) {
            problems.push(problem);
        }
        problems
    }

    /// There is nobody to ask: what can be wrong is wrong by its form.
    async fn check(&self, call: &Call) -> CheckCode {
        if self.problems(&call.credentials, call.livemode).is_empty() {
            CheckCode::Ok
        } else {
            CheckCode::WrongCredentials
        }
    }
}
