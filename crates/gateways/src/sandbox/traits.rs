//! The sandbox as a [`Gateway`].

use super::act::{bad, card_of, paid, reading};
use super::book::{BookCharge, ChargeBy, ChargeStatus};
use super::cards::{self, Plan};
use super::{KEY, Sandbox, reply};
use crate::card::{CODE, EXPIRY, NUMBER};
use crate::currencies::Counting;
use crate::{
    Abandons, Call, Captures, CardFacts, Challenge, Challenges, ChargeReply, ChargeRequest, Charges, CheckCode,
    ConnectionCheck, Credentials, Disputes, Events, FindsOut, Gateway, GatewayFailure, ListPage, ListedCharge,
    ListedRefund, Listing, Lookup, MethodInput, Prepares, RefundListPage, RefundReply, RefundRequest, Refunds, Saves,
    Wanted, Window,
};
use async_trait::async_trait;
use domain::{
    Currency, FieldProblem, Money, Timestamp,
    decline::DeclineCode,
    problem::{codes, money},
    views::{
        checkout::PayFields,
        gateway::{CredentialField, Provider},
    },
};
use secrecy::ExposeSecret;

/// The optional note of whoever connects it. When it is the name of a [`CheckCode`], testing the connection answers so.
const LABEL: &str = "label";
/// Its greatest length in characters.
const LABEL_MAX: usize = 80;
/// Charges a page of a listing.
const LIST_PAGE: i64 = 100;
/// Years ahead of which an expiry is taken for a slip.
const EXPIRY_YEARS: i64 = 50;

impl Gateway for Sandbox {
    fn key(&self) -> &'static str {
        KEY
    }

    fn describe(&self) -> Provider {
        let capabilities = ["refund", "partial_refund", "authorize", "capture", "void", "list", "challenge", "save"];
        Provider {
            key: KEY.to_owned(),
            methods: vec!["card".to_owned()],
            fields: vec![CredentialField { name: LABEL.to_owned(), secret: false, required: false }],
            capabilities: capabilities.map(str::to_owned).to_vec(),
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
        None
    }

    fn captures(&self) -> Option<&dyn Captures> {
        Some(self)
    }

    fn refunds(&self) -> Option<&dyn Refunds> {
        Some(self)
    }

    fn finds_out(&self) -> FindsOut {
        FindsOut::ById
    }

    fn lookup(&self) -> Option<&dyn Lookup> {
        Some(self)
    }

    fn listing(&self) -> Option<&dyn Listing> {
        Some(self)
    }

    /// None: it lies in this very database, and its book is asked when something is due.
    fn events(&self) -> Option<&dyn Events> {
        None
    }

    fn saves(&self) -> Option<&dyn Saves> {
        Some(self)
    }

    fn disputes(&self) -> Option<&dyn Disputes> {
        None
    }

    fn check(&self) -> &dyn ConnectionCheck {
        self
    }

    fn challenges(&self) -> Option<&dyn Challenges> {
        Some(self)
    }
}

#[async_trait]
impl Charges for Sandbox {
    fn fields(&self, _wanted: &Wanted<'_>, _credentials: &Credentials) -> PayFields {
        PayFields::Typed
    }

    fn accept(&self, method: &MethodInput, now: Timestamp) -> Result<Option<CardFacts>, Vec<FieldProblem>> {
        let Some((card, expiry)) = card_of(method) else {
            return Err(vec![FieldProblem::new(NUMBER, money::SANDBOX_TEST_CARDS_ONLY)]);
        };
        let mut problems = Vec::new();
        if let MethodInput::Card { exp_month, exp_year, cvc, .. } = method {
            let (year, month, ..) = now.utc_parts();
            let ends = (i64::from(*exp_year), *exp_month);
            if ends < (year, month) {
                problems.push(FieldProblem::new(EXPIRY, money::CARD_EXPIRY_PAST));
            } else if ends.0 > year + EXPIRY_YEARS || !(1..=12).contains(exp_month) {
                problems.push(FieldProblem::new(EXPIRY, money::BAD_CARD_EXPIRY));
            }
            let code = cvc.expose_secret();
            if code.len() != card.code_length() || !code.bytes().all(|b| b.is_ascii_digit()) {
                problems.push(FieldProblem::new(CODE, money::BAD_CARD_CODE));
            }
        }
        if problems.is_empty() { Ok(reply::facts(card.name, expiry)) } else { Err(problems) }
    }

    async fn charge(&self, call: &Call, request: &ChargeRequest) -> Result<ChargeReply, GatewayFailure> {
        self.do_charge(call, request).await
    }

    async fn resume(&self, call: &Call, gateway_ref: &str) -> Result<ChargeReply, GatewayFailure> {
        let found = self.own_charge(call, ChargeBy::Id(gateway_ref)).await?;
        let row = found.ok_or_else(|| GatewayFailure::unknown("no such charge"))?;
        reply::charge(&self.settled(row, call.now).await?, None)
    }
}

#[async_trait]
impl Captures for Sandbox {
    async fn capture(&self, call: &Call, gateway_ref: &str, amount: Money) -> Result<ChargeReply, GatewayFailure> {
        self.do_capture(call, gateway_ref, amount).await
    }

    async fn void(&self, call: &Call, gateway_ref: &str) -> Result<ChargeReply, GatewayFailure> {
        self.do_void(call, gateway_ref).await
    }
}

#[async_trait]
impl Refunds for Sandbox {
    async fn refund(&self, call: &Call, request: &RefundRequest) -> Result<RefundReply, GatewayFailure> {
        self.do_refund(call, request).await
    }
}

#[async_trait]
impl Lookup for Sandbox {
    async fn find_charge(
        &self,
        call: &Call,
        our_key: &str,
        gateway_ref: Option<&str>,
    ) -> Result<Option<ChargeReply>, GatewayFailure> {
        let mut found = self.own_charge(call, ChargeBy::Key(our_key)).await?;
        if let (None, Some(id)) = (&found, gateway_ref) {
            found = self.own_charge(call, ChargeBy::Id(id)).await?;
        }
        match found {
            Some(row) => reply::charge(&self.settled(row, call.now).await?, None).map(Some),
            None => Ok(None),
        }
    }

    async fn find_refund(
        &self,
        call: &Call,
        our_key: &str,
        _charge_ref: &str,
        gateway_ref: Option<&str>,
    ) -> Result<Option<RefundReply>, GatewayFailure> {
        let mut found = self.book.refund(None, Some(our_key)).await.map_err(reading)?;
        if let (None, Some(id)) = (&found, gateway_ref) {
            found = self.book.refund(Some(id), None).await.map_err(reading)?;
        }
        let Some(row) = found else { return Ok(None) };
        if self.own_charge(call, ChargeBy::Id(&row.charge_id)).await?.is_none() {
            return Ok(None);
        }
        Ok(Some(reply::refund(&self.refund_settled(row, call.now).await?)))
    }
}

#[async_trait]
impl Listing for Sandbox {
    async fn list_charges(&self, call: &Call, window: Window, after: Option<&str>) -> Result<ListPage, GatewayFailure> {
        let place =
            after.and_then(|text| text.split_once('~')).and_then(|(at, id)| Some((Timestamp(at.parse().ok()?), id)));
        let rows = self
            .book
            .charges_between(&call.account, window.from, window.to, place, LIST_PAGE)
            .await
            .map_err(reading)?;
        let full = i64::try_from(rows.len()).unwrap_or(i64::MAX) >= LIST_PAGE;
        let next = rows.last().filter(|_| full).map(|row| format!("{}~{}", row.created_at.0, row.id));
        let mut charges = Vec::with_capacity(rows.len());
        for row in rows {
            let row = self.settled(row, call.now).await?;
            charges.push(ListedCharge {
                our_key: Some(row.idempotency_key.clone()),
                amount: row.amount,
                created_at: row.created_at,
                reply: reply::charge(&row, None)?,
            });
        }
        Ok(ListPage { charges, next })
    }

    async fn list_refunds(
        &self,
        call: &Call,
        window: Window,
        after: Option<&str>,
    ) -> Result<Option<RefundListPage>, GatewayFailure> {
        let place =
            after.and_then(|text| text.split_once('~')).and_then(|(at, id)| Some((Timestamp(at.parse().ok()?), id)));
        let rows = self
            .book
            .refunds_between(&call.account, window.from, window.to, place, LIST_PAGE)
            .await
            .map_err(reading)?;
        let full = i64::try_from(rows.len()).unwrap_or(i64::MAX) >= LIST_PAGE;
        let next = rows.last().filter(|_| full).map(|row| format!("{}~{}", row.created_at.0, row.id));
        let mut refunds = Vec::with_capacity(rows.len());
        for row in rows {
            let row = self.refund_settled(row, call.now).await?;
            refunds.push(ListedRefund {
                our_key: Some(row.idempotency_key.clone()),
                charge_ref: row.charge_id.clone(),
                created_at: row.created_at,
                reply: reply::refund(&row),
            });
        }
        Ok(Some(RefundListPage { refunds, next }))
    }
}

#[async_trait]
impl ConnectionCheck for Sandbox {
    fn problems(&self, credentials: &Credentials, _livemode: bool) -> Vec<FieldProblem> {
        let label = credentials.get(LABEL).unwrap_or("");
        if label.chars().count() > LABEL_MAX {
            return vec![FieldProblem::new(LABEL, codes::TOO_LONG).with("max", LABEL_MAX)];
        }
        Vec::new()
    }

    async fn check(&self, call: &Call) -> CheckCode {
        let label = call.credentials.get(LABEL).unwrap_or("");
        CheckCode::ALL.into_iter().find(|code| code.as_str() == label).unwrap_or(CheckCode::Ok)
    }
}

#[async_trait]
impl Challenges for Sandbox {
    async fn challenge(&self, token: &str, now: Timestamp) -> Result<Option<Challenge>, GatewayFailure> {
        match self.book.charge(ChargeBy::Challenge(token)).await.map_err(reading)? {
            Some(row) => Ok(Some(challenge_of(&self.settled(row, now).await?))),
            None => Ok(None),
        }
    }

    async fn answer(&self, token: &str, pass: bool, now: Timestamp) -> Result<Option<Challenge>, GatewayFailure> {
        let Some(row) = self.book.charge(ChargeBy::Challenge(token)).await.map_err(reading)? else {
            return Ok(None);
        };
        let row = self.settled(row, now).await?;
        if row.status != ChargeStatus::RequiresAction {
            return Ok(Some(challenge_of(&row)));
        }
        let change = match cards::by_name(&row.scenario).map(|card| card.plan) {
            _ if !pass => bad(DeclineCode::AuthenticationFailed),
            Some(Plan::ChallengeThenDeclines(code)) => bad(code),
            _ => paid(&row, now)?,
        };
        Ok(Some(challenge_of(&self.change(row, &change).await?)))
    }
}

fn challenge_of(row: &BookCharge) -> Challenge {
    Challenge {
        our_key: row.idempotency_key.clone(),
        gateway_ref: row.id.clone(),
        amount: row.amount,
        card: reply::facts(&row.scenario, None),
        open: row.status == ChargeStatus::RequiresAction,
    }
}
