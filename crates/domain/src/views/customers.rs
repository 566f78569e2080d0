//! Customers and what is kept for them, as the portal shows them.

use super::checkout::SavedMethod;
use crate::{CustomerId, Timestamp};
use serde::{Deserialize, Serialize};

/// A customer in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomerRow {
    /// Their id.
    pub id: CustomerId,
    /// Their address.
    pub email: String,
    /// Methods that gateways keep for them.
    pub methods: i64,
    /// When the first was kept.
    pub created_at: Timestamp,
}

/// A customer's page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Customer {
    /// The customer.
    pub row: CustomerRow,
    /// What is kept for them, the latest first.
    pub methods: Vec<KeptMethod>,
}

/// A method that is kept, with what the merchant has to know of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptMethod {
    /// What people see of it.
    pub method: SavedMethod,
    /// Connections whose gateways know it.
    pub connections: Vec<String>,
    /// What the customer agreed to, in the words that they saw.
    pub consent: String,
    /// When they did.
    pub consented_at: Timestamp,
    /// When it was charged last.
    pub last_used_at: Option<Timestamp>,
}

/// What a member types to charge a saved method.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ChargeForm {
    /// The saved method's id.
    pub method: String,
    /// Currency code.
    pub currency: String,
    /// How much, as typed, in that currency.
    pub amount: String,
    /// What for; stands on the receipt.
    pub description: String,
    /// The form's own key: posted twice it charges once.
    pub form_key: String,
}
