//! Methods that gateways keep: agreed to, offered again to the same browser alone, charged through whoever knows them, and taken away.

use domain::{
    CustomerId, MerchantRole,
    problem::{codes, money},
    states::PaymentStatus,
    time::{DAY, HOUR, MINUTE},
    views::{
        checkout::{CheckoutStage, PayForm, SavedMethod},
        customers::{ChargeForm, Customer},
        page::PageQuery,
    },
};
use gateways::Initiator;
use services::{Origin, ServiceError, checkout, customers, saved};
use test_support::{
    TestServices,
    builders::{TestMerchant, TestSession, assert_status},
    for_each_engine,
    gateway::{Script, declined},
};

const GOOD: &str = "4242424242424242";
const CHALLENGE: &str = "4000002760003184";
const WORDS: &str = "Field Books may charge this card for later payments.";
const BROWSER: &str = "the token of one browser";

/// The form of a customer who agrees.
fn agreeing(t: &TestServices, number: &str) -> PayForm {
    PayForm { consent: Some(WORDS.to_owned()), device: BROWSER.to_owned(), ..t.pay_form(number) }
}

/// The form of a customer who chooses what was kept.
fn with(t: &TestServices, method: &SavedMethod, device: &str) -> PayForm {
    PayForm {
        method: method.id.to_string(),
        device: device.to_owned(),
        card: Default::default(),
        email: String::new(),
        ..t.pay_form("")
    }
}

async fn offered(t: &TestServices, s: &TestSession, device: &str) -> Vec<SavedMethod> {
    checkout::view_from(&t.svc, &s.token, checkout::Visitor { device, country: "" }).await.unwrap().saved
}

async fn keep(t: &TestServices, m: &TestMerchant) -> SavedMethod {
    let s = t.session(m, 1_000, "EUR").await;
    let stage = t.try_pay(&s, agreeing(t, GOOD)).await.unwrap();
    assert!(matches!(stage, CheckoutStage::Paid { .. }), "{stage:?}");
    let next = t.session(m, 500, "EUR").await;
    offered(t, &next, BROWSER).await.remove(0)
}

async fn receipt_of(t: &TestServices, s: &TestSession) -> String {
    match checkout::view(&t.svc, &s.token).await.unwrap().stage {
        CheckoutStage::Paid { receipt_token } => receipt_token,
        stage => panic!("{stage:?}"),
    }
}

async fn the_customer(t: &TestServices, m: &TestMerchant) -> Customer {
    let page = customers::list(&t.svc, &m.actor, &PageQuery::default(), "").await.unwrap();
    let [row] = page.items.as_slice() else { panic!("{:?}", page.items) };
    customers::get(&t.svc, &m.actor, &row.id).await.unwrap()
}

fn wrong(error: ServiceError) -> Vec<(String, String)> {
    match error {
        ServiceError::Problem(problem) => problem.fields.iter().map(|f| (f.field.clone(), f.code.clone())).collect(),
        other => panic!("{other}"),
    }
}

for_each_engine!(what_is_kept_is_offered_to_the_same_browser_alone, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    t.connection(&m, "sandbox").await;
    let method = keep(&t, &m).await;
    assert_eq!((method.brand.as_deref(), method.last4.as_deref()), (Some("visa"), Some("4242")));
    assert!(method.exp_month.is_some() && method.exp_year.is_some());

    let s = t.session(&m, 700, "EUR").await;
    assert!(offered(&t, &s, "").await.is_empty() && offered(&t, &s, "another browser").await.is_empty());
    // Nor can another browser charge it, whatever it posts.
    let refused = t.try_pay(&s, with(&t, &method, "another browser")).await.unwrap_err();
    assert!(wrong(refused).contains(&("method".to_owned(), codes::BAD_CHOICE.to_owned())));
    assert_eq!(t.number("select cast(count(*) as bigint) from sandbox_charges").await, 1);

    assert_eq!(offered(&t, &s, BROWSER).await, std::slice::from_ref(&method));
    let stage = t.try_pay(&s, with(&t, &method, BROWSER)).await.unwrap();
    assert!(matches!(stage, CheckoutStage::Paid { .. }), "{stage:?}");
    let p = t.payment_of(&s).await;
    assert_status(&p, PaymentStatus::Succeeded);
    assert_eq!((p.captured, p.customer_email.as_deref()), (700, Some("customer@example.com")));
    let methods =
        t.texts("select method || ' ' || card_last4 || ' ' || initiator from attempts order by created_at").await;
    assert_eq!(methods, ["card 4242 customer", "card 4242 customer"]);

    let customer = the_customer(&t, &m).await;
    assert_eq!((customer.row.email.as_str(), customer.row.methods), ("customer@example.com", 1));
    let [kept] = customer.methods.as_slice() else { panic!("{customer:?}") };
    assert_eq!((kept.consent.as_str(), kept.connections.len()), (WORDS, 1));
    assert!(kept.last_used_at.is_some());
    // What the gateway calls it stands nowhere in clear; nor does the browser's token.
    for column in ["consent", "device", "status"] {
        let text = t.texts(&format!("select {column} from payment_methods")).await.join(" ");
        assert!(!text.contains("pm_card") && !text.contains(BROWSER), "{text}");
    }
    assert_eq!(t.number("select cast(count(*) as bigint) from payment_method_tokens where token is not null").await, 1);
    assert_eq!(t.texts("select kind from events where kind like 'payment_method%'").await, ["payment_method.attached"]);
    t.assert_sound().await;
});

for_each_engine!(nothing_is_kept_without_consent_or_without_money, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    t.connection(&m, "sandbox").await;
    let s = t.session(&m, 1_000, "EUR").await;
    // A browser that is known, a customer who did not agree.
    t.try_pay(&s, PayForm { device: BROWSER.to_owned(), ..t.pay_form(GOOD) }).await.unwrap();
    assert_eq!(t.number("select cast(count(*) as bigint) from payment_methods").await, 0);
    assert_eq!(t.number("select cast(count(*) as bigint) from customers").await, 0);
    let declined = t.session(&m, 1_000, "EUR").await;
    t.try_pay(&declined, agreeing(&t, "4000000000000002")).await.unwrap();
    assert_eq!(t.texts("select status from payment_methods").await, ["failed"]);
    assert!(offered(&t, &declined, BROWSER).await.is_empty());
    // The same customer, another card, in the same session.
    t.try_pay(&declined, agreeing(&t, GOOD)).await.unwrap();
    assert_eq!(t.texts("select status from payment_methods order by created_at, id").await, ["failed", "active"]);
    assert_eq!(t.number("select cast(count(*) as bigint) from payment_method_tokens").await, 1);
    t.assert_sound().await;
});

for_each_engine!(a_lost_answer_loses_no_method, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    t.connection(&m, "fake").await;
    t.gateway.script([Script::ChargeThenLose]);
    let s = t.session(&m, 1_000, "EUR").await;
    let stage = t.try_pay(&s, agreeing(&t, GOOD)).await.unwrap();
    assert!(matches!(stage, CheckoutStage::Pending { unknown: true, .. }), "{stage:?}");
    assert_eq!(t.texts("select status from payment_methods").await, ["pending"]);
    t.later(MINUTE).await;
    assert_status(&t.payment_of(&s).await, PaymentStatus::Succeeded);
    assert_eq!(t.texts("select status from payment_methods").await, ["active"]);
    let next = t.session(&m, 500, "EUR").await;
    let [method] = offered(&t, &next, BROWSER).await.try_into().unwrap();
    assert_eq!((method.brand.as_deref(), method.last4.as_deref()), (Some("visa"), Some("4242")));
    t.assert_sound().await;
});

for_each_engine!(the_same_card_is_one_method_that_two_gateways_know, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    let first = t.connection(&m, "fake").await;
    let method = keep(&t, &m).await;
    let second = t.connection(&m, "fake").await;
    // The first does not answer: the customer types the card, and the second keeps it.
    t.gateway.set_habit(first.as_str(), Some(Script::NotSent));
    let s = t.session(&m, 900, "EUR").await;
    t.try_pay(&s, agreeing(&t, GOOD)).await.unwrap();
    assert_status(&t.payment_of(&s).await, PaymentStatus::Succeeded);
    let mut states = t.texts("select status from payment_methods").await;
    states.sort();
    assert_eq!(states, ["active", "failed", "merged"]);
    let customer = the_customer(&t, &m).await;
    assert_eq!((customer.methods.len(), customer.methods[0].connections.len()), (1, 2));
    assert_eq!(customer.methods[0].method.id, method.id);

    // Within one click, each gateway by its own name.
    let s = t.session(&m, 800, "EUR").await;
    let stage = t.try_pay(&s, with(&t, &method, BROWSER)).await.unwrap();
    assert!(matches!(stage, CheckoutStage::Paid { .. }), "{stage:?}");
    let name = |id: &str| format!("fpm_{id}");
    let asked = t.gateway.saved_charges();
    assert_eq!(
        asked,
        [
            (first.to_string(), name(first.as_str()), Initiator::Customer),
            (second.to_string(), name(second.as_str()), Initiator::Customer)
        ]
    );
    assert_eq!(t.payment_of(&s).await.captured, 800);

    // Kept once more through the second: nothing new is known, and that gateway forgets what it made anew.
    let s = t.session(&m, 600, "EUR").await;
    t.try_pay(&s, agreeing(&t, GOOD)).await.unwrap();
    t.run_due().await;
    assert_eq!(the_customer(&t, &m).await.methods.len(), 1);
    assert_eq!(t.gateway.forgotten(), [(second.to_string(), name(second.as_str()))]);
    t.assert_sound().await;
});

for_each_engine!(the_merchant_charges_what_is_kept_once, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    t.connection(&m, "sandbox").await;
    let method = keep(&t, &m).await;
    let customer: CustomerId = the_customer(&t, &m).await.row.id;
    let form = ChargeForm {
        method: method.id.to_string(),
        currency: "EUR".to_owned(),
        amount: "12.50".to_owned(),
        description: "May".to_owned(),
        form_key: t.svc.new_token(),
    };
    let viewer = customers::charge(&t.svc, &m.as_role(MerchantRole::Viewer).actor, &customer, &form).await;
    assert!(viewer.is_err());
    let wrong_fields =
        ChargeForm { amount: "1.234".to_owned(), description: String::new(), method: String::new(), ..form.clone() };
    let mut problems = wrong(customers::charge(&t.svc, &m.actor, &customer, &wrong_fields).await.unwrap_err());
    problems.sort();
    let expected =
        [("amount", codes::TOO_MANY_DECIMALS), ("description", codes::REQUIRED), ("method", codes::REQUIRED)];
    assert_eq!(problems, expected.map(|(field, code)| (field.to_owned(), code.to_owned())));
    // Without a key that is ours nothing is begun: no session is left over.
    for form_key in ["", "with/slash"] {
        let keyless = ChargeForm { form_key: form_key.to_owned(), ..form.clone() };
        let problems = wrong(customers::charge(&t.svc, &m.actor, &customer, &keyless).await.unwrap_err());
        assert_eq!(problems, [("form_key".to_owned(), codes::REQUIRED.to_owned())]);
    }
    assert_eq!(t.number("select cast(count(*) as bigint) from checkout_sessions").await, 2);

    let done = customers::charge(&t.svc, &m.actor, &customer, &form).await.unwrap();
    assert!(matches!(done.stage, CheckoutStage::Paid { .. }), "{done:?}");
    let again = customers::charge(&t.svc, &m.actor, &customer, &form).await.unwrap();
    assert_eq!(again.payment, done.payment);
    let p = t.payment(&m, &done.payment).await;
    assert_eq!((p.captured, p.customer_email.as_deref(), p.attempts), (1_250, Some("customer@example.com"), 1));
    assert_eq!(t.texts("select initiator from attempts order by created_at").await, ["customer", "merchant"]);
    let who = t.texts("select created_by from operations where created_by is not null").await;
    assert_eq!(who, [m.actor.user_id.to_string()]);
    assert_eq!(t.texts("select action from audit_entries where action = 'customer.charge'").await.len(), 1);
    assert_eq!(t.number("select cast(sum(captured) as bigint) from sandbox_charges").await, 1_000 + 1_250);

    // With nobody to send it to nothing is begun, and the member is told.
    t.sql("update connections set status = 'paused'").await;
    let next = ChargeForm { form_key: t.svc.new_token(), ..form };
    let refused = wrong(customers::charge(&t.svc, &m.actor, &customer, &next).await.unwrap_err());
    assert_eq!(refused, [("method".to_owned(), money::SAVED_METHOD_UNUSABLE.to_owned())]);
    assert_eq!(t.number("select cast(count(*) as bigint) from payments").await, 2);
    t.assert_sound().await;
});

for_each_engine!(a_customer_is_found_by_the_whole_address, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    t.connection(&m, "sandbox").await;
    keep(&t, &m).await;
    let find = async |address: &str| customers::list(&t.svc, &m.actor, &PageQuery::default(), address).await;
    assert_eq!(find(" customer@example.com ").await.unwrap().items, [the_customer(&t, &m).await.row]);
    assert!(find("other@example.com").await.unwrap().items.is_empty());
    let told = wrong(find("customer").await.unwrap_err());
    assert_eq!(told, [("email".to_owned(), codes::BAD_EMAIL.to_owned())]);
});

for_each_engine!(a_bank_that_wants_the_customer_gets_them_for_the_same_payment, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    t.connection(&m, "fake").await;
    let method = keep(&t, &m).await;
    let customer = the_customer(&t, &m).await.row.id;
    t.gateway.script([declined(domain::decline::DeclineCode::AuthenticationRequired)]);
    let form = ChargeForm {
        method: method.id.to_string(),
        currency: "EUR".to_owned(),
        amount: "30".to_owned(),
        description: "June".to_owned(),
        form_key: t.svc.new_token(),
    };
    let done = customers::charge(&t.svc, &m.actor, &customer, &form).await.unwrap();
    let CheckoutStage::Pay { last_decline: Some(code), .. } = &done.stage else { panic!("{done:?}") };
    assert_eq!(code, "authentication_required");
    // The session is the customer's: they pay this payment, and no other.
    let [token] = t.texts("select token from checkout_sessions where description = 'June'").await.try_into().unwrap();
    let s = TestSession {
        id: t.texts("select id from checkout_sessions where description = 'June'").await[0].parse().unwrap(),
        token,
        scope: m.scope().clone(),
    };
    t.try_pay(&s, with(&t, &method, BROWSER)).await.unwrap();
    let p = t.payment(&m, &done.payment).await;
    assert_eq!((p.status.as_str(), p.captured, p.attempts), ("succeeded", 3_000, 2));
    t.assert_sound().await;
});

for_each_engine!(a_kept_card_that_asks_for_its_owner_is_declined_in_their_absence, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    t.connection(&m, "sandbox").await;
    let s = t.session(&m, 1_000, "EUR").await;
    let stage = t.try_pay(&s, agreeing(&t, CHALLENGE)).await.unwrap();
    let CheckoutStage::Action { url, .. } = stage else { panic!("{stage:?}") };
    assert_eq!(t.texts("select status from payment_methods").await, ["pending"]);
    checkout::answer_challenge(&t.svc, url.trim_start_matches("/challenge/"), true).await.unwrap();
    checkout::returned(&t.svc, &s.token).await.unwrap();
    let customer = the_customer(&t, &m).await;
    let form = ChargeForm {
        method: customer.methods[0].method.id.to_string(),
        currency: "EUR".to_owned(),
        amount: "5".to_owned(),
        description: "July".to_owned(),
        form_key: t.svc.new_token(),
    };
    let done = customers::charge(&t.svc, &m.actor, &customer.row.id, &form).await.unwrap();
    assert!(
        matches!(done.stage, CheckoutStage::Pay { last_decline: Some(ref code), .. } if code == "authentication_required")
    );
    assert_eq!(t.payment(&m, &done.payment).await.captured, 0);
    t.assert_sound().await;
});

for_each_engine!(what_is_taken_away_is_charged_by_nobody_and_forgotten_by_its_gateway, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    let connection = t.connection(&m, "fake").await;
    let s = t.session(&m, 1_000, "EUR").await;
    t.try_pay(&s, agreeing(&t, GOOD)).await.unwrap();
    let receipt = receipt_of(&t, &s).await;
    let method = checkout::receipt(&t.svc, &receipt).await.unwrap().saved.unwrap();
    let customer = the_customer(&t, &m).await.row.id;

    t.gateway.set_keeps_all(true);
    saved::detach_by_receipt(&t.svc, &receipt, &Origin::default()).await.unwrap();
    assert!(matches!(
        saved::detach_by_receipt(&t.svc, &receipt, &Origin::default()).await,
        Err(ServiceError::Problem(problem)) if problem.code == codes::NOT_FOUND
    ));
    assert_eq!(checkout::receipt(&t.svc, &receipt).await.unwrap().saved, None);
    let next = t.session(&m, 500, "EUR").await;
    assert!(offered(&t, &next, BROWSER).await.is_empty());
    assert!(t.try_pay(&next, with(&t, &method, BROWSER)).await.is_err());
    let form = ChargeForm {
        method: method.id.to_string(),
        currency: "EUR".to_owned(),
        amount: "5".to_owned(),
        description: "August".to_owned(),
        form_key: t.svc.new_token(),
    };
    let refused = wrong(customers::charge(&t.svc, &m.actor, &customer, &form).await.unwrap_err());
    assert_eq!(refused, [("method".to_owned(), money::SAVED_METHOD_UNUSABLE.to_owned())]);
    assert!(t.gateway.saved_charges().is_empty());
    // The gateway is told until it has heard.
    t.later(HOUR).await;
    assert_eq!(t.texts("select status from payment_methods").await, ["detaching"]);
    t.gateway.set_keeps_all(false);
    t.later(HOUR).await;
    assert_eq!(t.gateway.forgotten(), [(connection.to_string(), format!("fpm_{connection}"))]);
    assert_eq!(t.texts("select status from payment_methods").await, ["detached"]);
    assert_eq!(t.number("select cast(count(*) as bigint) from payment_method_tokens where token is not null").await, 0);
    t.later(DAY).await;
    assert_eq!(t.gateway.forgotten().len(), 1);

    // By the merchant, for another.
    let other = keep(&t, &m).await;
    let viewer = saved::detach_by_member(&t.svc, &m.as_role(MerchantRole::Viewer).actor, &other.id).await;
    assert!(viewer.is_err());
    saved::detach_by_member(&t.svc, &m.actor, &other.id).await.unwrap();
    assert!(the_customer(&t, &m).await.methods.is_empty());
    let actions = t.texts("select action from audit_entries where action like 'payment_method%'").await;
    assert_eq!(actions.len(), 2);
    t.assert_sound().await;
});

for_each_engine!(a_method_that_its_gateway_has_lost_is_offered_no_more, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    t.connection(&m, "fake").await;
    let method = keep(&t, &m).await;
    let s = t.session(&m, 700, "EUR").await;
    t.gateway.script([declined(domain::decline::DeclineCode::SavedMethodGone)]);
    let stage = t.try_pay(&s, with(&t, &method, BROWSER)).await.unwrap();
    assert!(matches!(stage, CheckoutStage::Pay { last_decline: Some(ref code), .. } if code == "saved_method_gone"));
    assert!(offered(&t, &s, BROWSER).await.is_empty());
    assert_eq!(t.texts("select status from payment_methods").await, ["detached"]);
    // The same payment, by a card that is typed.
    t.pay(&s, GOOD).await;
    assert_status(&t.payment_of(&s).await, PaymentStatus::Succeeded);
    t.assert_sound().await;
});

for_each_engine!(who_types_anothers_address_is_another_customer, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    t.connection(&m, "fake").await;
    let first = keep(&t, &m).await;
    let s = t.session(&m, 900, "EUR").await;
    let elsewhere = PayForm { device: "the token of another browser".to_owned(), ..agreeing(&t, GOOD) };
    t.try_pay(&s, elsewhere).await.unwrap();
    let page = customers::list(&t.svc, &m.actor, &PageQuery::default(), "customer@example.com").await.unwrap();
    assert_eq!(page.items.iter().map(|row| row.methods).collect::<Vec<_>>(), [1, 1]);
    let next = t.session(&m, 500, "EUR").await;
    assert_eq!(offered(&t, &next, BROWSER).await, [first]);
    // Whoever agreed and did not pay is in no list.
    let unpaid = t.session(&m, 500, "EUR").await;
    let third = PayForm { device: "a third".to_owned(), ..agreeing(&t, GOOD) };
    t.gateway.script([declined(domain::decline::DeclineCode::StolenCard)]);
    t.try_pay(&unpaid, third).await.unwrap();
    assert_eq!(customers::list(&t.svc, &m.actor, &PageQuery::default(), "").await.unwrap().items.len(), 2);
    t.assert_sound().await;
});
