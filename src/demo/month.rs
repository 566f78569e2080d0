//! A month of test payments: mostly good, some declined, some refunded, one under way.

use super::clock::DemoClock;
use domain::time::{DAY, HOUR, MINUTE};
use domain::views::checkout::{CardFields, PayForm, SessionForm, SessionItemForm};
use domain::views::payment::{PaymentFilter, RefundForm};
use domain::{Timestamp, states::PaymentStatus};
use services::{MerchantActor, Origin, ServiceError, Services};

/// How far back the demo begins.
pub(super) const LENGTH: i64 = 31 * DAY;

/// What was sold, for how much, in which currency.
const GOODS: [(&str, &str, &str); 6] = [
    ("Field guide to alpine flowers", "34.00", "EUR"),
    ("Notebook, dotted", "12.50", "EUR"),
    ("Print: Silver birch", "48.00", "EUR"),
    ("Gift card", "60.00", "EUR"),
    ("Field guide to mosses", "29.00", "USD"),
    ("Pocket lens", "18.90", "EUR"),
];

/// The sandbox's published test numbers; most customers have money.
const CARDS: [&str; 16] = [
    "4242424242424242",
    "5555555555554444",
    "4242424242424242",
    "4000056655665556",
    "4000000000009995",
    "5200828282828210",
    "4242424242424242",
    "5555555555554444",
    "4242424242424242",
    "2223003122003222",
    "4242424242424242",
    "4000056655665556",
    "4242424242424242",
    "5105105105105100",
    "4000000000000002",
    "4242424242424242",
];

const BUYERS: [&str; 7] = ["ada", "bruno", "chiara", "deniz", "elif", "farid", "greta"];

/// Lives through the month until `end`.
pub(super) async fn live_through(
    svc: &Services,
    clock: &DemoClock,
    actor: &MerchantActor,
    end: Timestamp,
) -> Result<(), ServiceError> {
    let start = svc.now().plus(HOUR);
    for day in 0..30_i64 {
        // One to three a day, at hours that differ: plain arithmetic, the same in every demo.
        for n in 0..=(day * 7 % 3) {
            let at = start.plus(day * DAY + (n * 5 + day * 3 % 7) * HOUR + (day * 13 + n * 7) % 60 * MINUTE);
            if at < end.plus(-HOUR) {
                clock.set(at);
                sell(svc, actor, usize::try_from(day * 3 + n).unwrap_or(0)).await?;
            }
        }
        if day % 6 == 4 {
            give_back(svc, actor, day % 4 == 0).await?;
        }
    }
    clock.set(end);
    while services::jobs::run_due(svc, "demo", 100).await? > 0 {}
    Ok(())
}

/// One customer at the checkout.
async fn sell(svc: &Services, actor: &MerchantActor, n: usize) -> Result<(), ServiceError> {
    let (name, price, currency) = GOODS[n % GOODS.len()];
    let buyer = BUYERS[n % BUYERS.len()];
    let form = SessionForm {
        currency: currency.to_owned(),
        items: vec![SessionItemForm {
            name: name.to_owned(),
            quantity: (1 + n % 2).to_string(),
            unit_amount: price.to_owned(),
        }],
        customer_email: format!("{buyer}@example.com"),
        client_reference: format!("order-{}", 1_000 + n),
        ..SessionForm::default()
    };
    let session = services::sessions::create(svc, actor, &form).await?;
    let token = session.url.rsplit('/').next().unwrap_or_default().to_owned();
    let pay = PayForm {
        form_key: svc.new_token(),
        method: "card".to_owned(),
        email: format!("{buyer}@example.com"),
        name: buyer.to_owned(),
        card: CardFields {
            card_number: CARDS[n * 5 % CARDS.len()].to_owned(),
            card_expiry: "12/34".to_owned(),
            card_code: "123".to_owned(),
        },
        ..PayForm::default()
    };
    services::checkout::pay(svc, &token, pay, &Origin::default()).await.map(drop)
}

/// Refunds the last good payment, in full or its first euros.
async fn give_back(svc: &Services, actor: &MerchantActor, in_full: bool) -> Result<(), ServiceError> {
    let filter =
        PaymentFilter { status: Some(PaymentStatus::Succeeded.as_str().to_owned()), ..PaymentFilter::default() };
    let page = services::payments::list(svc, actor, filter).await?;
    let Some(payment) = page.items.iter().find(|row| row.refunded.minor == 0) else { return Ok(()) };
    let form = RefundForm {
        form_key: svc.new_token(),
        kind: if in_full { "full" } else { "partial" }.to_owned(),
        amount: if in_full { String::new() } else { "5.00".to_owned() },
        reason: "requested_by_customer".to_owned(),
        remaining: payment.amount.minor,
        ..RefundForm::default()
    };
    services::payments::refund(svc, actor, &payment.id, form).await.map(drop)
}
