//! Listing by Transaction Search: <https://developer.paypal.com/docs/api/transaction-search/v1/>.
//!
//! It needs a right that the merchant gives the app ("Transaction Search"), shows a transaction three hours late at the most, and at
//! most 31 days at once. It tells a transaction's id, the custom text and the event code
//! (<https://developer.paypal.com/docs/transaction-search/transaction-event-codes/>); what is captured, the fee and the order are
//! then read from the capture or the authorisation itself, and what is kept of the payer from the order. PayPal documents no order of
//! the list: each page is sorted here.

use super::order::{Order, authorization_state, capture_state, reply, text};
use super::refunds::refunded;
use super::{PayPal, is_id, money, time};
use crate::{
    Call, ChargeState, GatewayFailure, ListPage, ListedCharge, ListedRefund, Listing, RefundListPage, RefundReply,
    Window,
};
use async_trait::async_trait;
use domain::{
    Timestamp,
    time::{DAY, HOUR},
};
use serde_json::Value;

/// Transactions come into the list up to three hours late.
const SETTLES: i64 = 3 * HOUR;
/// The longest span that one question may have.
const SPAN: i64 = 31 * DAY;
/// Transactions a page; each is then read by itself.
const PAGE: u64 = 50;
/// Transactions a page where few are read by themselves: the most that PayPal gives.
const LARGE_PAGE: u64 = 500;
/// Pages that are searched for one refund.
const PAGES: u64 = 20;
/// "Payment refund, initiated by merchant".
const REFUND: &str = "T1107";

/// A place in the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Place {
    /// Where the span of at most 31 days begins.
    from: Timestamp,
    /// Its page, from 1.
    page: u64,
}

impl Place {
    fn read(after: Option<&str>, window: Window) -> Option<Self> {
        let Some(text) = after else { return Some(Self { from: window.from, page: 1 }) };
        let (from, page) = text.split_once('~')?;
        Some(Self { from: Timestamp(from.parse().ok()?), page: page.parse().ok()? })
    }

    /// The next place of the window after a page of a span with so many.
    fn next(self, pages: u64, window: Window) -> Option<String> {
        if self.page < pages {
            return Some(format!("{}~{}", self.from.0, self.page + 1));
        }
        let end = self.from.plus(SPAN);
        (end < window.to).then(|| format!("{}~1", end.0))
    }
}

/// What Transaction Search tells of a transaction.
struct Transaction {
    id: String,
    code: String,
    key: Option<String>,
    /// The transaction that it belongs to, for a refund its capture.
    belongs_to: Option<String>,
    at: Timestamp,
}

impl Transaction {
    fn read(detail: &Value) -> Option<Self> {
        let info = detail.get("transaction_info")?;
        let name = |field: &str| text(info, field).map(str::to_owned);
        Some(Self {
            id: name("/transaction_id").filter(|id| is_id(id))?,
            code: name("/transaction_event_code")?,
            key: name("/custom_field"),
            belongs_to: name("/paypal_reference_id").filter(|id| is_id(id)),
            at: time::read(text(info, "/transaction_initiation_date")?)?,
        })
    }
}

#[async_trait]
impl Listing for PayPal {
    async fn list_charges(&self, call: &Call, window: Window, after: Option<&str>) -> Result<ListPage, GatewayFailure> {
        let place =
            Place::read(after, window).ok_or_else(|| GatewayFailure::unknown("not a place in PayPal's list"))?;
        let (transactions, pages) = self.transactions(call, window, place, PAGE, None).await?;
        let mut charges = Vec::new();
        // Whatever Paydeck has charged carries a key.
        for transaction in transactions.iter().filter(|transaction| transaction.key.is_some()) {
            let listed = match transaction.code.get(..3) {
                Some("T00") => self.listed_capture(call, transaction).await?,
                Some("T13") => self.listed_authorization(call, transaction).await?,
                _ => None,
            };
            charges.extend(listed);
        }
        charges.sort_by(|a, b| (a.created_at, &a.our_key).cmp(&(b.created_at, &b.our_key)));
        Ok(ListPage { charges, next: place.next(pages, window) })
    }

    async fn list_refunds(
        &self,
        call: &Call,
        window: Window,
        after: Option<&str>,
    ) -> Result<Option<RefundListPage>, GatewayFailure> {
        let place =
            Place::read(after, window).ok_or_else(|| GatewayFailure::unknown("not a place in PayPal's list"))?;
        let (transactions, pages) = self.transactions(call, window, place, PAGE, Some(REFUND)).await?;
        let mut refunds = Vec::new();
        for transaction in transactions {
            let path = format!("/v2/payments/refunds/{}", transaction.id);
            let (Some(refund), Some(capture_id)) = (self.find(call, &path).await?, transaction.belongs_to) else {
                continue;
            };
            let order_id = self.order_of_capture(call, &capture_id).await?;
            refunds.push(ListedRefund {
                our_key: text(&refund, "/custom_id").map(str::to_owned),
                charge_ref: order_id.unwrap_or(capture_id),
                created_at: transaction.at,
                reply: refunded(&refund, None)?,
            });
        }
        refunds.sort_by_key(|refund| refund.created_at);
        Ok(Some(RefundListPage { refunds, next: place.next(pages, window) }))
    }

    fn settles_after(&self) -> i64 {
        SETTLES
    }
}

impl PayPal {
    /// A page of transactions, with how many pages the span has.
    async fn transactions(
        &self,
        call: &Call,
        window: Window,
        place: Place,
        page_size: u64,
        code: Option<&str>,
    ) -> Result<(Vec<Transaction>, u64), GatewayFailure> {
        // PayPal counts in seconds, and its end is part of the span.
        let end = place.from.plus(SPAN).min(window.to).plus(-1);
        if end < place.from {
            return Ok((Vec::new(), 0));
        }
        let (page, page_size) = (place.page.to_string(), page_size.to_string());
        let (start, end) = (place.from.rfc3339(), end.rfc3339());
        let mut query = vec![
            ("start_date", start.as_str()),
            ("end_date", &end),
            ("fields", "transaction_info"),
            // Authorisations move no balance.
            ("balance_affecting_records_only", "N"),
            ("page_size", &page_size),
            ("page", &page),
        ];
        query.extend(code.map(|code| ("transaction_type", code)));
        let query = serde_urlencoded::to_string(query).map_err(|error| GatewayFailure::not_sent(error.to_string()))?;
        let body = self.find(call, &format!("/v1/reporting/transactions?{query}")).await?;
        let unreadable = || GatewayFailure::unknown("PayPal's list can't be read");
        let body = body.ok_or_else(unreadable)?;
        let pages = body.get("total_pages").and_then(Value::as_u64).ok_or_else(unreadable)?;
        let details = match body.get("transaction_details") {
            Some(details) => details.as_array().ok_or_else(unreadable)?.as_slice(),
            None if pages == 0 => &[],
            None => return Err(unreadable()),
        };
        let read: Option<Vec<_>> = details.iter().map(Transaction::read).collect();
        Ok((read.ok_or_else(unreadable)?, pages))
    }

    async fn listed_capture(&self, call: &Call, of: &Transaction) -> Result<Option<ListedCharge>, GatewayFailure> {
        let path = format!("/v2/payments/captures/{}", of.id);
        // Payments that were taken in other ways are no captures.
        let Some(capture) = self.find(call, &path).await? else { return Ok(None) };
        self.listed(call, of, &capture, capture_state(&capture)?).await.map(Some)
    }

    async fn listed_authorization(
        &self,
        call: &Call,
        of: &Transaction,
    ) -> Result<Option<ListedCharge>, GatewayFailure> {
        let path = format!("/v2/payments/authorizations/{}", of.id);
        let Some(authorization) = self.find(call, &path).await? else { return Ok(None) };
        // Its captures are in the list by themselves.
        if matches!(text(&authorization, "/status"), Some("CAPTURED" | "PARTIALLY_CAPTURED")) {
            return Ok(None);
        }
        self.listed(call, of, &authorization, authorization_state(&authorization)?).await.map(Some)
    }

    /// What the list says of a charge. What is kept of its payer stands in the order alone.
    async fn listed(
        &self,
        call: &Call,
        of: &Transaction,
        payment: &Value,
        (state, raw_code): (ChargeState, Option<String>),
    ) -> Result<ListedCharge, GatewayFailure> {
        let amount = payment.get("amount").and_then(money::read);
        let amount =
            amount.ok_or_else(|| GatewayFailure::unknown("PayPal's payment has no amount that can be read"))?;
        let mut reply = reply("", state, (raw_code, None));
        reply.gateway_ref = order_id(payment).map(str::to_owned);
        if let Some(id) = &reply.gateway_ref {
            let order = self.find(call, &format!("/v2/checkout/orders/{id}")).await?.map(Order);
            reply.saved = order.as_ref().and_then(Order::saved);
        }
        let our_key = text(payment, "/custom_id").map(str::to_owned).or_else(|| of.key.clone());
        Ok(ListedCharge { our_key, amount, created_at: of.at, reply })
    }

    /// The order that a capture belongs to.
    pub(super) async fn order_of_capture(&self, call: &Call, id: &str) -> Result<Option<String>, GatewayFailure> {
        let capture = self.find(call, &format!("/v2/payments/captures/{id}")).await?;
        Ok(capture.as_ref().and_then(order_id).map(str::to_owned))
    }

    /// A refund of the last 31 days that carries our key. None: the list does not show it.
    pub(super) async fn find_refund_by_key(
        &self,
        call: &Call,
        our_key: &str,
    ) -> Result<Option<RefundReply>, GatewayFailure> {
        let window = Window { from: call.now.plus(-SPAN), to: call.now };
        for page in 1..=PAGES {
            let place = Place { from: window.from, page };
            let (transactions, pages) = self.transactions(call, window, place, LARGE_PAGE, Some(REFUND)).await?;
            for transaction in transactions.iter().filter(|known| known.key.as_deref() == Some(our_key)) {
                let path = format!("/v2/payments/refunds/{}", transaction.id);
                let refund = self.find(call, &path).await?;
                if let Some(refund) = refund.filter(|refund| text(refund, "/custom_id") == Some(our_key)) {
                    return refunded(&refund, None).map(Some);
                }
            }
            if page >= pages {
                break;
            }
        }
        Ok(None)
    }
}

/// The order that a capture, an authorisation or a refund says it belongs to.
pub(super) fn order_id(payment: &Value) -> Option<&str> {
    let named = text(payment, "/supplementary_data/related_ids/order_id");
    named.or_else(|| up(payment, "/v2/checkout/orders/")).filter(|id| is_id(id))
}

/// The last part of the link to what it belongs to, when that is of this kind.
pub(super) fn up<'a>(payment: &'a Value, kind: &str) -> Option<&'a str> {
    let links = payment.get("links")?.as_array()?;
    let mut ups = links.iter().filter(|link| text(link, "/rel") == Some("up")).filter_map(|link| text(link, "/href"));
    ups.find_map(|href| href.split_once(kind)).map(|(_, id)| id).filter(|id| is_id(id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_window_is_read_in_spans() {
        let window = Window { from: Timestamp(0), to: Timestamp(SPAN + DAY) };
        let first = Place::read(None, window).unwrap();
        assert_eq!(first, Place { from: window.from, page: 1 });
        let second = first.next(2, window).unwrap();
        let second = Place::read(Some(&second), window).unwrap();
        assert_eq!(second, Place { from: window.from, page: 2 });
        let third = Place::read(second.next(2, window).as_deref(), window).unwrap();
        assert_eq!(third, Place { from: Timestamp(SPAN), page: 1 });
        assert_eq!(third.next(1, window), None);
        assert_eq!(third.next(0, window), None);
        for broken in ["", "1", "x~1", "1~x", "1~-1"] {
            assert_eq!(Place::read(Some(broken), window), None, "{broken}");
        }
    }
}
