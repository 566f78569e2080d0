//! Checkout sessions, payment links and what the customer sees.

use crate::{
    Cancellation, CaptureMethod, ConnectionId, LinkId, Locale, Mode, Money, PaymentId, PaymentMethodId, SessionId,
    Timestamp,
    states::{PaymentStatus, SessionStatus},
};
use serde::{Deserialize, Serialize};

/// A line of what is bought.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineItem {
    /// What.
    pub name: String,
    /// How many, 1 or more.
    pub quantity: i64,
    /// Price of one, minor units of the session's currency.
    pub unit_amount: i64,
}

/// A payment link as the portal shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentLink {
    /// Its id.
    pub id: LinkId,
    /// The address to share.
    pub url: String,
    /// Title.
    pub title: String,
    /// Description.
    pub description: Option<String>,
    /// Currency code.
    pub currency: String,
    /// Fixed price of one; none when the customer chooses.
    pub amount: Option<Money>,
    /// Least that a customer may choose.
    pub min_amount: Option<Money>,
    /// Most that a customer may choose.
    pub max_amount: Option<Money>,
    /// Most pieces for one customer.
    pub max_quantity: i64,
    /// Stock limit.
    pub stock: Option<i64>,
    /// Pieces sold or held by payments under way.
    pub sold: i64,
    /// Whether it can be used.
    pub active: bool,
    /// Where the customer goes after paying.
    pub success_url: Option<String>,
    /// When money is taken.
    pub capture_method: CaptureMethod,
    /// Made.
    pub created_at: Timestamp,
    /// The row's version.
    pub version: i64,
}

/// What is typed to make or edit a link. Amounts as typed, in `currency`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct LinkForm {
    /// Title.
    pub title: String,
    /// Description.
    pub description: String,
    /// Currency code.
    pub currency: String,
    /// `fixed` or `customer`.
    pub pricing: String,
    /// Fixed amount.
    pub amount: String,
    /// Bounds when the customer chooses; may be empty.
    pub min_amount: String,
    /// Bounds when the customer chooses; may be empty.
    pub max_amount: String,
    /// Most pieces for one customer; empty means 1.
    pub max_quantity: String,
    /// Stock; empty means unlimited.
    pub stock: String,
    /// Where to go after paying; may be empty.
    pub success_url: String,
    /// A [`CaptureMethod`] by name; empty means automatic.
    pub capture_method: String,
    /// The version that the form was made from; 0 for a new one.
    pub version: i64,
}

/// What is typed to make a checkout session.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SessionForm {
    /// Currency code.
    pub currency: String,
    /// Lines: name, quantity, price of one, as typed.
    pub items: Vec<SessionItemForm>,
    /// The customer's address; may be empty.
    pub customer_email: String,
    /// The merchant's own reference; may be empty.
    pub client_reference: String,
    /// Where to go after paying; its origin must be on the allow-list; may be empty.
    pub success_url: String,
    /// Where to go back; may be empty.
    pub cancel_url: String,
    /// Hours until it ends, 1 to 720; empty means 24.
    pub expires_in_hours: String,
    /// A [`CaptureMethod`] by name; empty means automatic.
    pub capture_method: String,
    /// Pairs of key and value.
    pub metadata: Vec<(String, String)>,
    /// The form's own key: posted twice it makes one session. Empty: each post makes one.
    pub form_key: String,
}

/// A line of [`SessionForm`], as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SessionItemForm {
    /// What.
    pub name: String,
    /// How many.
    pub quantity: String,
    /// Price of one.
    pub unit_amount: String,
}

/// A checkout session as the portal shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckoutSession {
    /// Its id.
    pub id: SessionId,
    /// The customer's page.
    pub url: String,
    /// State.
    pub status: SessionStatus,
    /// Total.
    pub amount: Money,
    /// Lines.
    pub items: Vec<LineItem>,
    /// The customer's address, if known.
    pub customer_email: Option<String>,
    /// The merchant's own reference.
    pub client_reference: Option<String>,
    /// The payment, once somebody tried.
    pub payment_id: Option<PaymentId>,
    /// The link it came from.
    pub link_id: Option<LinkId>,
    /// When money is taken.
    pub capture_method: CaptureMethod,
    /// Made.
    pub created_at: Timestamp,
    /// Ends.
    pub expires_at: Timestamp,
}

/// The merchant as a customer sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Branding {
    /// Name.
    pub name: String,
    /// What stands on the statement.
    pub statement_name: String,
    /// Logo's address on this server.
    pub logo_url: Option<String>,
    /// `#rrggbb`, already checked to be one.
    pub color: Option<String>,
    /// Where customers ask.
    pub support_email: Option<String>,
    /// The same, a page.
    pub support_url: Option<String>,
}

/// How a customer gives a payment method.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum PayFields {
    /// Typed on our page: the sandbox's test numbers.
    Typed,
    /// On the gateway's own page, to which our page leads.
    Page,
    /// Not at all: the customer is told where to transfer the money to.
    Transfer,
    /// In fields that the gateway's script puts on our page; without scripts, on the gateway's own page.
    Script(ScriptFields),
}

/// A gateway's own fields on our page. Everything in it is public: it stands in the page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScriptFields {
    /// The gateway's script.
    pub script: String,
    /// Origins of scripts, for the page's policy.
    pub scripts: Vec<String>,
    /// Origins of frames.
    pub frames: Vec<String>,
    /// Origins that the script talks to.
    pub connects: Vec<String>,
    /// Origins of the script's own style sheets, fonts and pictures.
    pub looks: Vec<String>,
    /// What the script is started with, by name, as it stands in the page: `publishable_key` …
    pub settings: Vec<(String, String)>,
    /// Whether the gateway has a page of its own for this too.
    pub has_page: bool,
}

/// A payment method that checkout offers, through the connection that would take it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfferedMethod {
    /// `card`.
    pub method: String,
    /// `sandbox`.
    pub provider: String,
    /// The connection that its fields belong to.
    pub connection: ConnectionId,
    /// How the customer gives it.
    pub fields: PayFields,
    /// Whether the gateway can keep it for later payments.
    pub can_save: bool,
}

/// A method that a gateway keeps, as people see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedMethod {
    /// Its id.
    pub id: PaymentMethodId,
    /// `card` …
    pub method: String,
    /// Brand of the card.
    pub brand: Option<String>,
    /// Last four digits.
    pub last4: Option<String>,
    /// Month of expiry, 1 to 12.
    pub exp_month: Option<i64>,
    /// Year of expiry.
    pub exp_year: Option<i64>,
}

/// What `/c/{token}` shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckoutView {
    /// The session.
    pub session_id: SessionId,
    /// Its mode.
    pub mode: Mode,
    /// Who sells.
    pub branding: Branding,
    /// What is bought.
    pub items: Vec<LineItem>,
    /// Description under the title.
    pub description: Option<String>,
    /// Total.
    pub amount: Money,
    /// The customer's address, when the merchant gave it (then it is fixed).
    pub customer_email: Option<String>,
    /// The language that the merchant asked for.
    pub locale: Option<Locale>,
    /// When money is taken: manual means that paying only holds it on the card.
    pub capture_method: CaptureMethod,
    /// Whether the customer is asked for their country, because a rule of the merchant's looks at it.
    pub asks_country: bool,
    /// The country that the page goes by, two capital letters.
    pub country: Option<String>,
    /// Methods, in the order of preference; empty when nothing can take this payment now.
    pub methods: Vec<OfferedMethod>,
    /// Methods that were kept from this browser and can pay this now.
    pub saved: Vec<SavedMethod>,
    /// Methods that nobody answers for now.
    #[serde(default)]
    pub away: Vec<AwayMethod>,
    /// Where it stands.
    pub stage: CheckoutStage,
    /// What the customer is told while a bank transfer is waited for.
    pub transfer: Option<TransferTold>,
    /// Where to go back to the shop.
    pub cancel_url: Option<String>,
    /// Where to go after paying.
    pub success_url: Option<String>,
    /// Ends.
    pub expires_at: Timestamp,
}

/// What a customer is told who pays by bank transfer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TransferTold {
    /// The account's holder.
    pub holder: String,
    /// The account's data by name: `iban`, `bic`, `account_number`, `bank_code`, `bank_name`, `country`, `promptpay`; the word of each is
    /// `checkout.transfer.<name>`.
    pub account: Vec<(String, String)>,
    /// What is left to pay.
    pub amount: Money,
    /// What has come already.
    pub received: Money,
    /// The reference to copy, in groups.
    pub reference: String,
    /// When the money should have come.
    pub due_at: Timestamp,
    /// The kind of the code (`epc`, `promptpay`, `viet_qr`), and what it says; none where the account has no code, or a part has come.
    pub qr: Option<(String, String)>,
}

/// A method that the merchant takes, and can't now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AwayMethod {
    /// Its name.
    pub method: String,
    /// When its gateways' maintenance ends. None: they don't answer, and the method is offered all the same.
    pub until: Option<Timestamp>,
}

/// Where a checkout stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "stage")]
pub enum CheckoutStage {
    /// The customer may pay. `last_decline` is the code of the last no (`decline.customer.<code>`).
    Pay {
        /// Code of the last decline in this session.
        last_decline: Option<String>,
        /// Whether another gateway's fields are shown than those that could not take it.
        #[serde(default)]
        switched: bool,
    },
    /// The customer has to go on elsewhere: to a page of this server, or to one of the gateway's or their bank's.
    Action {
        /// A path on this server, or an https address.
        url: String,
        /// The provider that sent them there.
        provider: String,
    },
    /// Under way: the page refreshes itself. `unknown` says that we are checking with the gateway.
    Pending {
        /// Whether the outcome is unknown rather than settling.
        unknown: bool,
        /// Whether funds settle later, so that the customer need not wait.
        settles_later: bool,
    },
    /// Paid; the receipt is at `/r/{receipt_token}`.
    Paid {
        /// Token of the receipt.
        receipt_token: String,
    },
    /// Its time ran out.
    Expired,
    /// The merchant ended it.
    Canceled,
    /// Nothing can be charged now (merchant suspended, no gateway): said without blame.
    Unavailable,
}

/// Card fields as typed at the sandbox. Never stored, logged or shown again.
#[derive(Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct CardFields {
    /// Number.
    pub card_number: String,
    /// `MM/YY` or `MM / YYYY`.
    pub card_expiry: String,
    /// Security code.
    pub card_code: String,
}

impl std::fmt::Debug for CardFields {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("CardFields(***)")
    }
}

/// What the customer posts to pay.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct PayForm {
    /// The form's own key: a second POST of it charges nothing more.
    pub form_key: String,
    /// A method by name, or the id of a saved one.
    pub method: String,
    /// Whether the customer agrees to have the method kept, in these words: those that the page shows.
    #[serde(skip)]
    pub consent: Option<String>,
    /// The token of the customer's browser, by which it is known again.
    #[serde(skip)]
    pub device: String,
    /// Address for the receipt.
    pub email: String,
    /// Name of the payer.
    pub name: String,
    /// Country, where the page asks for it.
    pub country: String,
    /// The connection whose fields were filled in; empty where the fields are ours.
    pub connection: String,
    /// What the gateway's fields gave for what was typed into them.
    pub gateway_token: String,
    /// `page` when the customer wants to pay on the gateway's own page.
    pub via: String,
    /// Card fields, for the sandbox.
    #[serde(flatten)]
    pub card: CardFields,
}

/// What a payment link's page shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkPageView {
    /// Mode.
    pub mode: Mode,
    /// Who sells.
    pub branding: Branding,
    /// The link.
    pub link: PaymentLink,
    /// Whether it can be bought now.
    pub available: bool,
    /// Pieces left, when there is a limit.
    pub left: Option<i64>,
}

/// What the receipt shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReceiptView {
    /// Mode.
    pub mode: Mode,
    /// Who sold.
    pub branding: Branding,
    /// The payment.
    pub payment_id: PaymentId,
    /// State.
    pub status: PaymentStatus,
    /// What was bought.
    pub items: Vec<LineItem>,
    /// Total.
    pub amount: Money,
    /// Charged so far.
    pub captured: Money,
    /// What was held on the card; nothing when it was charged at once.
    pub authorized: Money,
    /// Why what was held ended without a charge.
    pub cancellation: Option<Cancellation>,
    /// Given back so far.
    pub refunded: Money,
    /// Brand of the card.
    pub card_brand: Option<String>,
    /// Last four digits.
    pub card_last4: Option<String>,
    /// The customer's address.
    pub customer_email: Option<String>,
    /// The method that was kept with this payment and still is.
    pub saved: Option<SavedMethod>,
    /// When it was paid.
    pub paid_at: Option<Timestamp>,
    /// Where to go on.
    pub success_url: Option<String>,
}

/// What the sandbox's challenge page shows: the part of the customer's bank, played by this server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChallengeView {
    /// Mode.
    pub mode: Mode,
    /// Who sells.
    pub merchant_name: String,
    /// How much is to be confirmed.
    pub amount: Money,
    /// Brand of the card.
    pub card_brand: Option<String>,
    /// Last four digits.
    pub card_last4: Option<String>,
    /// Whether it still waits for an answer.
    pub open: bool,
    /// Token of the checkout session to go back to: `/c/{session_token}`.
    pub session_token: String,
}
