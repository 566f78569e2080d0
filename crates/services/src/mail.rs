//! Mail: written with the change that it tells of, rendered and sent by the worker in the root.

use crate::{ServiceError, Services, restore, rows};
use domain::{
    Locale, MailId, MerchantId, Timestamp,
    time::{DAY, HOUR, MINUTE},
};
use serde_json::{Map, Value};
use store::mails::{self, ClaimedMail, Finished, NewMail};
use store::{Batch, StoreError, Tx, restores};

/// A mail to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailDraft {
    /// Which text.
    pub template: Template,
    /// To whom.
    pub recipient: String,
    /// In which language.
    pub locale: Locale,
    /// Values for the text. Links are absolute.
    pub params: Vec<(String, String)>,
    /// The merchant that it concerns.
    pub merchant: Option<MerchantId>,
    /// The object that it is about, for timelines.
    pub object: Option<String>,
}

/// The mails that Paydeck sends, with the values that each gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Template {
    /// `name`, `link`.
    VerifyEmail,
    /// `name`, `link` (login), `reset_link`.
    AlreadyRegistered,
    /// `name`, `link`.
    ResetPassword,
    /// `name`, `link` (to ask for a reset, if it was not them).
    PasswordChanged,
    /// `inviter`, `business`, `role`, `link`.
    Invitation,
    /// `name`, `business`, `link`.
    ApplicationSubmitted,
    /// `name`, `business`, `link`.
    ApplicationApproved,
    /// `name`, `business`, `reason`, `link`.
    ApplicationMoreInformation,
    /// `name`, `business`, `reason`, `link`.
    ApplicationDenied,
    /// `name`, `business`, `reason`, `link`.
    MerchantSuspended,
    /// `name`, `business`, `link`.
    MerchantReinstated,
    /// A customer's receipt; values by checkout.
    Receipt,
    /// A customer's refund; values by refunds.
    Refund,
    /// A customer's amount is held and not charged yet; values as those of the receipt.
    Authorized,
    /// A customer's bank transfer is waited for; values as those of the receipt, and `holder`, `account`, `reference`, `due`.
    TransferInstructions,
    /// What was held is released and was not charged; values as those of the receipt.
    AuthorizationReleased,
    /// To the team: `name`, `business`, `amount`, `customer`, `ends`, `link`.
    AuthorizationEnds,
    /// To the team: `name`, `business`, `amount`, `customer`, `link`.
    AuthorizationExpired,
    /// To owners and admins: `name`, `business`, `amount`, `payment`, `link`. Money came late and was accepted.
    LateSuccess,
    /// The same values. Money came late and is given back by rule.
    LateSuccessRefunded,
    /// The same values. A payment was paid twice, and the second money is given back.
    PaidTwice,
    /// The same values. The gateway says otherwise than what was decided or recorded.
    DecisionContradicted,
    /// To the team: `name`, `business`, `amount`, `customer`, `ends`, `link`. A payment is disputed, and an answer is asked for.
    DisputeOpened,
    /// The same values without `ends`. A payment is disputed, and no time for an answer is told.
    DisputeNoted,
    /// To owners and admins: `name`, `business`, `gateway`, `calls`, `answered`, `link`. Most calls to a connection fail.
    GatewayFailing,
    /// To the operator's admins: the same values.
    GatewayFailingOperator,
    /// A customer who waited can pay: `merchant`, `amount`, `link`.
    PayAgain,
}

/// A mail that the worker shall render and send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueMail {
    /// Its id.
    pub id: MailId,
    /// To whom.
    pub recipient: String,
    /// The template's name.
    pub template: String,
    /// In which language.
    pub locale: Locale,
    /// Values for the text.
    pub params: Vec<(String, String)>,
    /// How often it was tried, this time included.
    pub attempts: i64,
    /// When it was written.
    pub created_at: Timestamp,
}

/// What became of a mail, as rendered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// Subject.
    pub subject: String,
    /// The text part.
    pub text: String,
    /// The HTML part.
    pub html: String,
}

impl Template {
    /// The name in the database and in the catalogue.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::VerifyEmail => "verify_email",
            Self::AlreadyRegistered => "already_registered",
            Self::ResetPassword => "reset_password",
            Self::PasswordChanged => "password_changed",
            Self::Invitation => "invitation",
            Self::ApplicationSubmitted => "application_submitted",
            Self::ApplicationApproved => "application_approved",
            Self::ApplicationMoreInformation => "application_more_information",
            Self::ApplicationDenied => "application_denied",
            Self::MerchantSuspended => "merchant_suspended",
            Self::MerchantReinstated => "merchant_reinstated",
            Self::Receipt => "receipt",
            Self::Refund => "refund",
            Self::Authorized => "authorized",
            Self::TransferInstructions => "transfer_instructions",
            Self::AuthorizationReleased => "authorization_released",
            Self::AuthorizationEnds => "authorization_ends",
            Self::AuthorizationExpired => "authorization_expired",
            Self::LateSuccess => "late_success",
            Self::LateSuccessRefunded => "late_success_refunded",
            Self::PaidTwice => "paid_twice",
            Self::DecisionContradicted => "decision_contradicted",
            Self::DisputeOpened => "dispute_opened",
            Self::DisputeNoted => "dispute_noted",
            Self::GatewayFailing => "gateway_failing",
            Self::GatewayFailingOperator => "gateway_failing_operator",
            Self::PayAgain => "pay_again",
        }
    }
}

impl MailDraft {
    /// A mail without values.
    #[must_use]
    pub fn new(template: Template, recipient: impl Into<String>, locale: Locale) -> Self {
        Self { template, recipient: recipient.into(), locale, params: Vec::new(), merchant: None, object: None }
    }

    /// Adds a value for the text.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.params.push((name.to_owned(), value.into()));
        self
    }

    /// About a merchant.
    #[must_use]
    pub fn about(mut self, merchant: &MerchantId) -> Self {
        self.merchant = Some(merchant.clone());
        self
    }

    /// About an object, for its timeline.
    #[must_use]
    pub fn on(mut self, object: impl AsRef<str>) -> Self {
        self.object = Some(object.as_ref().to_owned());
        self
    }
}

/// Templates whose links open a door: once such a mail has left, its text is not kept.
const SECRET: &[&str] = &["verify_email", "reset_password", "invitation"];

/// Milliseconds for which a worker has a mail to itself.
const CLAIM: i64 = 5 * MINUTE;

/// Writes a mail inside the unit that it tells of.
///
/// # Errors
/// The database's.
pub async fn enqueue(tx: &mut Tx, id: &MailId, at: Timestamp, draft: &MailDraft) -> Result<(), StoreError> {
    let mut batch = Batch::new();
    put(&mut batch, id, at, draft);
    batch.run(tx).await.map(drop)
}

/// The same, together with other changes.
pub(crate) fn put(batch: &mut Batch, id: &MailId, at: Timestamp, draft: &MailDraft) {
    let params: Map<String, Value> =
        draft.params.iter().map(|(name, value)| (name.clone(), Value::from(value.as_str()))).collect();
    let params = Value::Object(params).to_string();
    let mail = NewMail {
        id,
        merchant_id: draft.merchant.as_ref().map(MerchantId::as_str),
        object_id: draft.object.as_deref(),
        recipient: &draft.recipient,
        template: draft.template.as_str(),
        locale: draft.locale.tag(),
        params: &params,
        created_at: at,
    };
    mails::insert(batch, &mail);
}

/// Whether an address was sent so many mails of a template within the hour that it gets no more: nobody's box is flooded by a
/// form that anybody can send.
pub(crate) async fn is_flooded(
    tx: &mut Tx,
    recipient: &str,
    template: Template,
    now: Timestamp,
) -> Result<bool, StoreError> {
    Ok(mails::recent(tx, recipient, template.as_str(), now.plus(-HOUR)).await? >= 5)
}

/// Mails to send now, claimed for five minutes, at most `limit`.
///
/// # Errors
/// The database's.
pub async fn due(svc: &Services, limit: i64) -> Result<Vec<DueMail>, ServiceError> {
    let input = (svc.now(), svc.now().plus(CLAIM), limit);
    let claimed = svc
        .db()
        .write(&input, |tx, (now, until, limit)| {
            Box::pin(async move {
                if restore::holds(tx).await? {
                    return Ok(Vec::new());
                }
                // What was told before a backup was restored is told once.
                if let Some(restored_at) = restores::latest(tx).await? {
                    restores::suppress_mails(tx, restored_at).await?;
                }
                mails::claim_due(tx, *now, *until, *limit).await
            })
        })
        .await?;
    claimed.into_iter().map(to_send).collect()
}

fn to_send(row: ClaimedMail) -> Result<DueMail, ServiceError> {
    let params: Map<String, Value> = serde_json::from_str(&row.params)
        .map_err(|e| StoreError::Corrupt(format!("values of mail {}: {e}", row.id)))?;
    Ok(DueMail {
        id: rows::read(&row.id)?,
        recipient: row.recipient,
        template: row.template,
        locale: rows::locale(&row.locale),
        params: params.into_iter().filter_map(|(name, value)| Some((name, value.as_str()?.to_owned()))).collect(),
        attempts: row.attempts,
        created_at: Timestamp(row.created_at),
    })
}

/// A mail has left (`sent`), or stays for the operator to read because there is no mail server (`kept`).
///
/// # Errors
/// The database's.
pub async fn delivered(svc: &Services, id: &MailId, rendered: &Rendered, sent: bool) -> Result<(), ServiceError> {
    let input = (id, rendered, sent, svc.now());
    svc.db()
        .write(&input, |tx, (id, rendered, sent, now)| {
            Box::pin(async move {
                let Some(row) = mails::get(tx, id).await? else { return Ok(()) };
                let keep = !(*sent && SECRET.contains(&row.template.as_str()));
                let done = Finished {
                    status: if *sent { "sent" } else { "kept" },
                    subject: &rendered.subject,
                    body_text: keep.then_some(rendered.text.as_str()),
                    body_html: keep.then_some(rendered.html.as_str()),
                    params: "{}",
                    at: *now,
                };
                mails::finish(tx, id, &done).await.map(drop)
            })
        })
        .await
        .map_err(|error: StoreError| error.into())
}

/// A mail could not be sent: it is tried again later, and given up after a day.
///
/// # Errors
/// The database's.
pub async fn failed(svc: &Services, id: &MailId, error: &str) -> Result<(), ServiceError> {
    let shown: String = error.chars().filter(|c| !c.is_control()).take(500).collect();
    // What failed together is not tried again together.
    let spread = crate::entropy::jitter(svc.entropy(), 1_000);
    let input = (id, shown, svc.now(), spread);
    svc.db()
        .write(&input, |tx, (id, error, now, spread)| {
            Box::pin(async move {
                let Some(row) = mails::get(tx, id).await? else { return Ok(()) };
                let wait = MINUTE.saturating_mul(1 << row.attempts.clamp(0, 6)).min(HOUR);
                let next = now.plus(wait / 1_000 * spread);
                // A day from when it was written, or put back into the queue by a person.
                let since = row.requeued_at.unwrap_or(row.created_at);
                let next = (next.millis() < since.saturating_add(DAY)).then_some(next);
                mails::fail(tx, id, error, next).await.map(drop)
            })
        })
        .await
        .map_err(|error: StoreError| error.into())
}
