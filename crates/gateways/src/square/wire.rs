//! What of Square's answers is read. Whatever is not read here plays no part; personal data (names, the whole card) is
//! left where it is, but for a payer's address, which Square is told again with the customer whose card it keeps.

use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// A list that may be `null`.
fn list<'de, D: Deserializer<'de>, T: Deserialize<'de>>(from: D) -> Result<Vec<T>, D::Error> {
    Ok(Option::deserialize(from)?.unwrap_or_default())
}

/// An amount.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct WireMoney {
    pub(super) amount: i64,
    pub(super) currency: String,
}

/// A payment (<https://developer.squareup.com/reference/square/objects/Payment>).
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Payment {
    pub(super) id: String,
    pub(super) status: String,
    pub(super) amount_money: Option<WireMoney>,
    pub(super) total_money: Option<WireMoney>,
    pub(super) approved_money: Option<WireMoney>,
    pub(super) created_at: Option<String>,
    pub(super) delayed_until: Option<String>,
    pub(super) delay_action: Option<String>,
    pub(super) reference_id: Option<String>,
    pub(super) note: Option<String>,
    /// What was sent, or what the payer typed on Square's page: the address of a customer who is made for this payment.
    pub(super) buyer_email_address: Option<String>,
    pub(super) version_token: Option<String>,
    #[serde(default, deserialize_with = "list")]
    pub(super) capabilities: Vec<String>,
    #[serde(default, deserialize_with = "list")]
    pub(super) processing_fee: Vec<Fee>,
    pub(super) card_details: Option<CardDetails>,
}

/// What Square keeps.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Fee {
    pub(super) amount_money: Option<WireMoney>,
}

/// How a card was charged.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct CardDetails {
    pub(super) card: Option<Card>,
    #[serde(default, deserialize_with = "list")]
    pub(super) errors: Vec<Fault>,
}

/// A card, of which no more than this may be kept (<https://developer.squareup.com/reference/square/objects/Card>). Cards of
/// payments have no name; those that Square keeps have all of the last four.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Card {
    pub(super) card_brand: Option<String>,
    pub(super) last_4: Option<String>,
    pub(super) exp_month: Option<i64>,
    pub(super) exp_year: Option<i64>,
    pub(super) id: Option<String>,
    pub(super) customer_id: Option<String>,
    pub(super) reference_id: Option<String>,
    pub(super) enabled: Option<bool>,
}

/// A customer (<https://developer.squareup.com/reference/square/objects/Customer>).
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Customer {
    pub(super) id: String,
    pub(super) reference_id: Option<String>,
}

/// A dispute (<https://developer.squareup.com/reference/square/objects/Dispute>).
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Dispute {
    pub(super) id: Option<String>,
    /// Its name in older versions of the API.
    pub(super) dispute_id: Option<String>,
    pub(super) amount_money: Option<WireMoney>,
    pub(super) reason: Option<String>,
    pub(super) state: Option<String>,
    pub(super) due_at: Option<String>,
    pub(super) created_at: Option<String>,
    pub(super) disputed_payment: Option<Disputed>,
}

/// What is disputed.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Disputed {
    pub(super) payment_id: Option<String>,
}

/// A refund (<https://developer.squareup.com/reference/square/objects/PaymentRefund>).
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Refund {
    pub(super) id: String,
    pub(super) status: Option<String>,
    pub(super) amount_money: WireMoney,
    pub(super) payment_id: Option<String>,
    pub(super) reason: Option<String>,
    pub(super) created_at: Option<String>,
}

/// An order (<https://developer.squareup.com/reference/square/objects/Order>).
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Order {
    pub(super) state: Option<String>,
    pub(super) version: Option<i64>,
    pub(super) total_money: Option<WireMoney>,
    #[serde(default, deserialize_with = "list")]
    pub(super) tenders: Vec<Tender>,
}

/// One payment of an order.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Tender {
    pub(super) id: Option<String>,
    pub(super) payment_id: Option<String>,
}

/// A payment link (<https://developer.squareup.com/reference/square/objects/PaymentLink>).
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Link {
    pub(super) id: String,
    pub(super) order_id: Option<String>,
    pub(super) url: Option<String>,
    pub(super) created_at: Option<String>,
}

/// A location (<https://developer.squareup.com/reference/square/objects/Location>).
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Location {
    pub(super) id: String,
    pub(super) status: Option<String>,
    #[serde(default, deserialize_with = "list")]
    pub(super) capabilities: Vec<String>,
}

/// One of the errors of an answer (<https://developer.squareup.com/reference/square/objects/Error>).
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Fault {
    #[serde(default)]
    pub(super) category: String,
    #[serde(default)]
    pub(super) code: String,
    pub(super) detail: Option<String>,
    pub(super) field: Option<String>,
}

/// A whole answer: what of it is there depends on the call.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Body {
    #[serde(deserialize_with = "list")]
    pub(super) errors: Vec<Fault>,
    pub(super) payment: Option<Payment>,
    pub(super) refund: Option<Refund>,
    pub(super) order: Option<Order>,
    pub(super) payment_link: Option<Link>,
    pub(super) related_resources: Related,
    pub(super) location: Option<Location>,
    pub(super) customer: Option<Customer>,
    #[serde(deserialize_with = "list")]
    pub(super) customers: Vec<Customer>,
    pub(super) card: Option<Card>,
    #[serde(deserialize_with = "list")]
    pub(super) cards: Vec<Card>,
    pub(super) dispute: Option<Dispute>,
    /// Payments of a list, read one by one: a foreign one that can't be read spoils no page.
    #[serde(deserialize_with = "list")]
    pub(super) payments: Vec<Value>,
    /// The same of refunds.
    #[serde(deserialize_with = "list")]
    pub(super) refunds: Vec<Value>,
    pub(super) cursor: Option<String>,
}

/// What belongs to a payment link.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Related {
    #[serde(deserialize_with = "list")]
    pub(super) orders: Vec<Order>,
}
