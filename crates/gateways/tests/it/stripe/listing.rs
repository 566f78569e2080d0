//! Lists of a time window.

use super::{Fake, INTENT, INTENTS, REFUND, REFUNDS, call, intent, list, refund};
use crate::{NOW, eur};
use domain::{Timestamp, time::HOUR};
use gateways::{ChargeState, Gateway, GatewayFailure, Window};
use serde_json::json;

fn hour() -> Window {
    Window { from: NOW, to: NOW.plus(HOUR) }
}

#[tokio::test]
async fn charges_oldest_first() {
    let fake = Fake::new().await;
    let newer = intent(&json!({ "id": "pi_newer", "created": 1_795_305_700, "metadata": { "paydeck_key": "op_2" } }));
    // The account serves others too, in ways that we may not even be able to read.
    let foreign = intent(&json!({ "id": "pi_foreign", "metadata": { "paydeck_key": null } }));
    let unconfirmed = intent(&json!({ "id": "pi_none", "status": "requires_payment_method", "latest_charge": null }));
    let on_open_page = intent(&json!({
        "id": "pi_page", "status": "requires_payment_method", "latest_charge": null,
        "last_payment_error": { "code": "card_declined" }, "metadata": { "paydeck_page": "1" },
    }));
    let strange = intent(&json!({ "id": "pi_strange", "currency": "zzz", "metadata": { "paydeck_key": null } }));
    let found = [newer, foreign, strange, unconfirmed, on_open_page, intent(&json!({}))];
    fake.answers("GET", INTENTS, 200, &list(&found, false)).await;
    let page = fake.stripe.listing().unwrap().list_charges(&call("op_9"), hour(), None).await.unwrap();
    let seen: Vec<_> = page
        .charges
        .iter()
        .map(|charge| (charge.reply.gateway_ref.as_deref().unwrap(), charge.our_key.as_deref(), charge.created_at.0))
        .collect();
    assert_eq!(seen, [(INTENT, Some("op_1"), 1_795_305_600_000), ("pi_newer", Some("op_2"), 1_795_305_700_000),]);
    assert_eq!(page.charges[0].amount, eur(1_099));
    assert_eq!(page.charges[0].reply.state, ChargeState::Succeeded { captured: eur(1_099), fee: Some(eur(62)) });
    assert_eq!(page.next, None);
    let asked = fake.asked().await;
    assert_eq!(
        asked[0].query,
        super::pairs(&[
            ("created[gte]", "1795305600"),
            ("created[lt]", "1795309200"),
            ("expand[]", "data.latest_charge.balance_transaction"),
            ("limit", "100"),
        ])
    );
}

#[tokio::test]
async fn a_long_window_is_read_hour_by_hour() {
    let fake = Fake::new().await;
    fake.answers("GET", INTENTS, 200, &list(&[], false)).await;
    let window = Window { from: Timestamp(NOW.0 + 500), to: NOW.plus(2 * HOUR + 1) };
    let (mut after, mut rounds) = (None, 0);
    loop {
        let page = fake.stripe.listing().unwrap().list_charges(&call("op_9"), window, after.as_deref()).await.unwrap();
        rounds += 1;
        match page.next {
            Some(next) => after = Some(next),
            None => break,
        }
    }
    assert_eq!(rounds, 2);
    let asked = fake.asked().await;
    let bounds: Vec<_> =
        asked.iter().map(|asked| (&asked.query["created[gte]"], &asked.query["created[lt]"])).collect();
    // Whole seconds: what was made within a second counts as made at its beginning, and each second is asked for once.
    assert_eq!(bounds[0].1, bounds[1].0);
    assert_eq!((bounds[0].0.as_str(), bounds[1].1.as_str()), ("1795305601", "1795312801"));
}

#[tokio::test]
async fn what_is_ours_and_can_not_be_read_stops_the_list() {
    for changes in [json!({ "currency": "zzz" }), json!({ "created": null }), json!({ "status": "brand_new" })] {
        let fake = Fake::new().await;
        fake.answers("GET", INTENTS, 200, &list(&[intent(&changes)], false)).await;
        let found = fake.stripe.listing().unwrap().list_charges(&call("op_9"), hour(), None).await;
        assert!(matches!(found, Err(GatewayFailure::Unknown { .. })), "{changes}");
    }
}

#[tokio::test]
async fn refunds_oldest_first() {
    let fake = Fake::new().await;
    let of_ours = json!({ "id": INTENT, "metadata": { "paydeck_key": "op_1" } });
    let of_another = json!({ "id": "pi_foreign", "metadata": {} });
    let by_hand = |id: &str, charge: &serde_json::Value| {
        let mut found = refund(&json!({ "id": id, "created": 1_795_305_800, "metadata": { "paydeck_key": null } }));
        found["payment_intent"] = charge.clone();
        found
    };
    let found = [
        by_hand("re_hand", &of_ours),
        by_hand("re_foreign", &of_another),
        by_hand("re_bare", &json!(null)),
        refund(&json!({})),
    ];
    fake.answers("GET", REFUNDS, 200, &list(&found, false)).await;
    let page = fake.stripe.listing().unwrap().list_refunds(&call("op_9"), hour(), None).await.unwrap().unwrap();
    let seen: Vec<_> = page
        .refunds
        .iter()
        .map(|refund| {
            (refund.reply.gateway_ref.as_deref().unwrap(), refund.our_key.as_deref(), refund.charge_ref.as_str())
        })
        .collect();
    assert_eq!(seen, [(REFUND, Some("op_2"), INTENT), ("re_hand", None, INTENT)]);
    assert_eq!(page.refunds[0].reply.amount, eur(500));
    assert_eq!(page.refunds[0].created_at, Timestamp(1_795_305_700_000));
    assert_eq!(page.next, None);
    assert_eq!(fake.asked().await[0].query.get("expand[]").map(String::as_str), Some("data.payment_intent"));
}
