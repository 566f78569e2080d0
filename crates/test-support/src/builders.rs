//! Merchants, people, connections, sessions and payments in a call each. Rows are written as they are, beside the commands
//! that normally make them, so that a test of one command does not hang on another.

use crate::TestServices;
use ::services::{MerchantActor, Origin, ServiceError, checkout, payments};
use domain::{
    ConnectionId, Currency, MerchantId, MerchantRole, Mode, Money, OperationId, PaymentId, RefundId, Scope, SessionId,
    Timestamp, UserId,
    states::PaymentStatus,
    time::DAY,
    views::checkout::{CardFields, CheckoutStage, PayForm},
    views::payment::{CaptureForm, RefundForm},
};
use store::payments::PaymentRow;

/// A merchant with an owner.
#[derive(Debug, Clone)]
pub struct TestMerchant {
    /// The owner at work, in test mode unless it was changed.
    pub actor: MerchantActor,
}

impl TestMerchant {
    /// The merchant and the mode.
    #[must_use]
    pub fn scope(&self) -> &Scope {
        &self.actor.scope
    }

    /// The same merchant and owner in another mode.
    #[must_use]
    pub fn in_mode(&self, mode: Mode) -> Self {
        let mut other = self.clone();
        other.actor.scope.mode = mode;
        other
    }

    /// The same merchant, with the person in another role.
    #[must_use]
    pub fn as_role(&self, role: MerchantRole) -> Self {
        let mut other = self.clone();
        other.actor.role = role;
        other
    }
}

/// A checkout session.
#[derive(Debug, Clone)]
pub struct TestSession {
    /// Its id.
    pub id: SessionId,
    /// What opens it.
    pub token: String,
    /// Whose.
    pub scope: Scope,
}

/// Fields of a card, valid long enough.
#[must_use]
pub fn card(number: &str) -> CardFields {
    let code = if number.starts_with("37") || number.starts_with("34") { "1234" } else { "123" };
    CardFields { card_number: number.to_owned(), card_expiry: "12/34".to_owned(), card_code: code.to_owned() }
}

impl TestServices {
    /// An approved merchant with an owner, in test mode.
    ///
    /// # Panics
    /// When it can't be made.
    pub async fn merchant(&self) -> TestMerchant {
        let (merchant, user): (MerchantId, UserId) = (self.svc.new_id(), self.user().await);
        let now = self.svc.now().0;
        self.sql(&format!(
            "insert into merchants (id, name, status, timezone, default_currency, created_at)
             values ('{merchant}', 'Blue Bottle Books', 'active', 'Europe/Berlin', 'EUR', {now});
             insert into members (merchant_id, user_id, role, created_at) values ('{merchant}', '{user}', 'owner', {now});"
        ))
        .await;
        let scope = Scope { merchant, mode: Mode::Test };
        let actor = MerchantActor { user_id: user, role: MerchantRole::Owner, scope, origin: Origin::default() };
        TestMerchant { actor }
    }

    /// A person with a verified address.
    ///
    /// # Panics
    /// When it can't be made.
    pub async fn user(&self) -> UserId {
        let user: UserId = self.svc.new_id();
        let now = self.svc.now().0;
        self.sql(&format!(
            "insert into users (id, name, email, email_key, password_hash, email_verified_at, locale, created_at)
             values ('{user}', 'Ada Example', '{user}@example.com', '{user}@example.com', 'none', {now}, 'en', {now});"
        ))
        .await;
        user
    }

    /// An active connection for cards in all currencies; the first one made is the first choice.
    ///
    /// # Panics
    /// When it can't be made.
    pub async fn connection(&self, merchant: &TestMerchant, provider: &str) -> ConnectionId {
        let id: ConnectionId = self.svc.new_id();
        let (scope, now) = (merchant.scope(), self.svc.now().0);
        let (owner, live) = (&scope.merchant, scope.mode.is_live());
        self.sql(&format!(
            "insert into connections (merchant_id, livemode, id, provider, name, status, methods, currencies, priority,
                                      created_at, updated_at)
             select '{owner}', {live}, '{id}', '{provider}', '{provider}', 'active', '[\"card\"]', '[]', count(*), {now}, {now}
             from connections where merchant_id = '{owner}' and livemode = {live};"
        ))
        .await;
        id
    }

    /// An open session of one line, for a day.
    ///
    /// # Panics
    /// When it can't be made.
    pub async fn session(&self, merchant: &TestMerchant, minor: i64, currency: &str) -> TestSession {
        let (id, token): (SessionId, String) = (self.svc.new_id(), self.svc.new_token());
        let (scope, now) = (merchant.scope().clone(), self.svc.now());
        let (owner, live, ends) = (&scope.merchant, scope.mode.is_live(), now.plus(DAY).0);
        let now = now.0;
        self.sql(&format!(
            "insert into checkout_sessions (merchant_id, livemode, id, token, status, currency, amount, line_items,
                                            description, expires_at, created_at)
             values ('{owner}', {live}, '{id}', '{token}', 'open', '{currency}', {minor},
                     '[{{\"name\":\"A book\",\"quantity\":1,\"unit_amount\":{minor}}}]', 'A book', {ends}, {now});"
        ))
        .await;
        TestSession { id, token, scope }
    }

    /// An open session whose amount is only authorised when it is paid.
    ///
    /// # Panics
    /// When it can't be made.
    pub async fn manual_session(&self, merchant: &TestMerchant, minor: i64, currency: &str) -> TestSession {
        let session = self.session(merchant, minor, currency).await;
        self.sql(&format!("update checkout_sessions set capture_method = 'manual' where id = '{}'", session.id)).await;
        session
    }

    /// A payment through the merchant's first connection, authorised.
    ///
    /// # Panics
    /// When it is not.
    pub async fn authorized(&self, merchant: &TestMerchant, minor: i64, currency: &str) -> PaymentId {
        self.authorized_by(merchant, minor, currency, "4242424242424242").await
    }

    /// The same with another card.
    ///
    /// # Panics
    /// When it is not authorised.
    pub async fn authorized_by(&self, merchant: &TestMerchant, minor: i64, currency: &str, number: &str) -> PaymentId {
        let session = self.manual_session(merchant, minor, currency).await;
        let stage = self.pay(&session, number).await;
        assert!(matches!(stage, CheckoutStage::Paid { .. }), "{stage:?}");
        let payment = self.payment_of(&session).await;
        assert_status(&payment, PaymentStatus::RequiresCapture);
        payment.id.parse().expect("a payment's id")
    }

    /// A form to capture part of a payment; each call's form has a key of its own.
    #[must_use]
    pub fn capture_form(&self, minor: i64, currency: Currency) -> CaptureForm {
        CaptureForm {
            form_key: self.svc.new_token(),
            kind: "partial".to_owned(),
            amount: Money::new(minor, currency).plain(),
            authorized: 0,
        }
    }

    /// Captures part of a payment.
    ///
    /// # Errors
    /// What the command refuses with.
    pub async fn capture(
        &self,
        merchant: &TestMerchant,
        payment: &PaymentId,
        minor: i64,
        currency: Currency,
    ) -> Result<OperationId, ServiceError> {
        payments::capture(&self.svc, &merchant.actor, payment, self.capture_form(minor, currency)).await
    }

    /// Releases a payment's authorisation.
    ///
    /// # Errors
    /// What the command refuses with.
    pub async fn void(&self, merchant: &TestMerchant, payment: &PaymentId) -> Result<OperationId, ServiceError> {
        payments::void(&self.svc, &merchant.actor, payment, &self.svc.new_token()).await
    }

    /// A form to pay with a card; each call's form has a key of its own.
    #[must_use]
    pub fn pay_form(&self, number: &str) -> PayForm {
        PayForm {
            form_key: self.svc.new_token(),
            method: "card".to_owned(),
            email: "customer@example.com".to_owned(),
            name: "A Customer".to_owned(),
            card: card(number),
            ..PayForm::default()
        }
    }

    /// Pays with a card.
    ///
    /// # Panics
    /// When checkout refuses.
    pub async fn pay(&self, session: &TestSession, number: &str) -> CheckoutStage {
        self.try_pay(session, self.pay_form(number)).await.expect("checkout answers")
    }

    /// Posts a form.
    ///
    /// # Errors
    /// What checkout refuses with.
    pub async fn try_pay(&self, session: &TestSession, form: PayForm) -> Result<CheckoutStage, ServiceError> {
        checkout::pay(&self.svc, &session.token, form, &Origin::default()).await
    }

    /// A payment through the merchant's first connection, paid.
    ///
    /// # Panics
    /// When it is not.
    pub async fn paid(&self, merchant: &TestMerchant, minor: i64, currency: &str) -> PaymentId {
        let session = self.session(merchant, minor, currency).await;
        let stage = self.pay(&session, "4242424242424242").await;
        assert!(matches!(stage, CheckoutStage::Paid { .. }), "{stage:?}");
        self.payment_of(&session).await.id.parse().expect("a payment's id")
    }

    /// The payment of a session.
    ///
    /// # Panics
    /// When there is none.
    pub async fn payment_of(&self, session: &TestSession) -> PaymentRow {
        let mut tx = self.svc.db().read().await.expect("a reader");
        let found = store::payments::for_checkout(&mut tx, &session.token).await.expect("checkout reads");
        let payment = found.and_then(|found| found.payment).expect("a payment");
        self.payment_in(&mut tx, &session.scope, &payment.id).await
    }

    /// A payment.
    ///
    /// # Panics
    /// When there is none.
    pub async fn payment(&self, merchant: &TestMerchant, id: &PaymentId) -> PaymentRow {
        let mut tx = self.svc.db().read().await.expect("a reader");
        self.payment_in(&mut tx, merchant.scope(), id).await
    }

    async fn payment_in(&self, tx: &mut store::Tx, scope: &Scope, id: &PaymentId) -> PaymentRow {
        store::payments::get(tx, scope, id).await.expect("payments read").expect("the payment")
    }

    /// A form to refund part of a payment, the amount as typed; each call's form has a key of its own.
    #[must_use]
    pub fn refund_form(&self, amount: &str) -> RefundForm {
        RefundForm {
            form_key: self.svc.new_token(),
            kind: "partial".to_owned(),
            amount: amount.to_owned(),
            reason: "requested_by_customer".to_owned(),
            note: String::new(),
            remaining: 0,
        }
    }

    /// Refunds part of a payment.
    ///
    /// # Errors
    /// What the command refuses with.
    pub async fn refund(
        &self,
        merchant: &TestMerchant,
        payment: &PaymentId,
        minor: i64,
        currency: Currency,
    ) -> Result<RefundId, ServiceError> {
        let form = self.refund_form(&Money::new(minor, currency).plain());
        payments::refund(&self.svc, &merchant.actor, payment, form).await
    }

    /// The states of a payment's refunds, oldest first.
    ///
    /// # Panics
    /// When they can't be read.
    pub async fn refund_states(&self, merchant: &TestMerchant, payment: &PaymentId) -> Vec<String> {
        let mut tx = self.svc.db().read().await.expect("a reader");
        let rows = store::refunds::of_payment(&mut tx, merchant.scope(), payment.as_str()).await.expect("refunds read");
        rows.into_iter().map(|row| row.status).collect()
    }

    /// Now.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.svc.now()
    }
}

/// Whether a payment is in a state.
///
/// # Panics
/// When it is not.
pub fn assert_status(row: &PaymentRow, status: PaymentStatus) {
    assert_eq!(row.status, status.as_str(), "{row:?}");
}
