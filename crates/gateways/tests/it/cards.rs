//! Every card's documented outcome, and the numbers that are refused.

use crate::{NOW, call, card, eur, later, sandbox, token, with};
use domain::decline::DeclineCode::{self, *};
use domain::problem::{codes, money};
use gateways::sandbox::{CHALLENGE_LASTS, SETTLES_AFTER, cards, cards::Plan};
use gateways::{ChargeState, Gateway, GatewayFailure, MethodInput};

/// What the published list says of a number; of the others, that they succeed.
fn declines(number: &str) -> Option<DeclineCode> {
    Some(match number {
        "4000000000000002" | "4000000000000341" | "4000008400001280" => GenericDecline,
        "4000000000009995" => InsufficientFunds,
        "4000000000009987" => LostCard,
        "4000000000009979" => StolenCard,
        "4000000000000069" => ExpiredCard,
        "4000000000000127" | "4000000000000101" => IncorrectCvc,
        "4000000000000119" => ProcessingError,
        "4242424242424241" => IncorrectNumber,
        "4000000000006975" => CardVelocityExceeded,
        "4100000000000019" | "4000000000004954" => Fraudulent,
        _ => return None,
    })
}

/// The numbers that lead to the bank's page, with what follows a passed challenge.
const CHALLENGED: &[(&str, Option<DeclineCode>)] = &[
    ("4000002500003155", None),
    ("4000002760003184", None),
    ("4000003800000446", None),
    ("4000000000003220", None),
    ("4000008400000027", None),
    ("4000008260003178", Some(InsufficientFunds)),
    ("4000008400001629", Some(GenericDecline)),
];

#[tokio::test]
async fn every_published_number_does_what_is_published() {
    let mut seen = 0;
    for test_card in cards::all().filter(|c| !c.name.starts_with("paydeck_")) {
        let number = test_card.number;
        let (sandbox, book) = sandbox();
        let facts = sandbox.charges().accept(&card(number), NOW).unwrap().unwrap();
        assert_eq!((facts.brand.as_str(), facts.last4.as_str()), (test_card.brand, &number[number.len() - 4..]));
        assert_eq!((facts.exp_month, facts.exp_year), (Some(12), Some(2034)));
        let reply = sandbox.charges().charge(&call("k"), &with(card(number), eur(10_000))).await.unwrap();
        let row = book.only();
        assert_eq!(reply.gateway_ref.as_deref(), Some(row.id.as_str()));
        assert_eq!(reply.card.as_ref(), Some(&facts));
        match (declines(number), CHALLENGED.iter().find(|(n, _)| *n == number)) {
            (Some(code), _) => {
                assert_eq!(reply.state, ChargeState::Declined(code), "{number}");
                assert_eq!((row.captured, row.fee), (0, 0));
            }
            (None, Some(_)) => {
                let url = format!("/challenge/{}", row.challenge_token.as_deref().unwrap());
                assert_eq!(reply.state, ChargeState::RequiresAction { url }, "{number}");
                assert_eq!(row.captured, 0);
            }
            (None, None) => {
                assert_eq!(
                    reply.state,
                    ChargeState::Succeeded { captured: eur(10_000), fee: Some(eur(320)) },
                    "{number}"
                );
                assert_eq!((row.captured, row.fee), (10_000, 320));
            }
        }
        // The name does what the number does.
        let by_name = sandbox.charges().charge(&call("n"), &with(token(test_card.name), eur(10_000))).await.unwrap();
        assert_eq!(std::mem::discriminant(&by_name.state), std::mem::discriminant(&reply.state), "{number}");
        seen += 1;
    }
    assert!(seen > 110, "{seen}");
}

#[tokio::test]
async fn challenges_end_as_they_are_answered() {
    for (number, after) in CHALLENGED {
        for pass in [true, false] {
            let (sandbox, book) = sandbox();
            sandbox.charges().charge(&call("k"), &with(card(number), eur(500))).await.unwrap();
            let token = book.only().challenge_token.unwrap();
            assert!(token.len() >= 32);
            let pages = sandbox.challenges().unwrap();
            let page = pages.challenge(&token, NOW).await.unwrap().unwrap();
            assert_eq!((page.our_key.as_str(), page.amount, page.open), ("k", eur(500), true));
            assert!(!pages.answer(&token, pass, NOW).await.unwrap().unwrap().open);
            // The first answer stands.
            pages.answer(&token, !pass, NOW).await.unwrap().unwrap();
            let expected = match (pass, after) {
                (false, _) => ChargeState::Declined(AuthenticationFailed),
                (true, Some(code)) => ChargeState::Declined(*code),
                (true, None) => ChargeState::Succeeded { captured: eur(500), fee: Some(eur(45)) },
            };
            let id = book.only().id;
            assert_eq!(sandbox.charges().resume(&call("k"), &id).await.unwrap().state, expected, "{number}");
            let found = sandbox.lookup().unwrap().find_charge(&call("x"), "k", None).await.unwrap().unwrap();
            assert_eq!(found.state, expected);
        }
    }
}

#[tokio::test]
async fn a_challenge_that_nobody_answers_is_abandoned() {
    let (sandbox, book) = sandbox();
    sandbox.charges().charge(&call("k"), &with(token("authenticationRequired"), eur(500))).await.unwrap();
    let token = book.only().challenge_token.unwrap();
    let lookup = sandbox.lookup().unwrap();
    let at = |millis| later("x", millis);
    let before = lookup.find_charge(&at(CHALLENGE_LASTS - 1), "k", None).await.unwrap().unwrap();
    assert!(matches!(before.state, ChargeState::RequiresAction { .. }));
    let after = lookup.find_charge(&at(CHALLENGE_LASTS), "k", None).await.unwrap().unwrap();
    assert_eq!(after.state, ChargeState::Declined(AuthenticationAbandoned));
    let pages = sandbox.challenges().unwrap();
    assert!(!pages.answer(&token, true, NOW.plus(CHALLENGE_LASTS)).await.unwrap().unwrap().open);
    assert_eq!(book.only().captured, 0);
    assert!(pages.challenge("no such token", NOW).await.unwrap().is_none());
}

#[tokio::test]
async fn our_own_faults_are_as_documented() {
    let plan = |plan: Plan| cards::all().find(|c| c.plan == plan).unwrap().number;
    let unknown = |failure: &GatewayFailure| matches!(failure, GatewayFailure::Unknown { .. });
    let succeeded = ChargeState::Succeeded { captured: eur(500), fee: Some(eur(45)) };

    for hidden in [Plan::TimesOut, Plan::Garbage] {
        let (sandbox, book) = sandbox();
        let failure = sandbox.charges().charge(&call("k"), &with(card(plan(hidden)), eur(500))).await.unwrap_err();
        assert!(unknown(&failure), "{hidden:?}");
        assert_eq!(book.only().captured, 500, "{hidden:?}");
        let found = sandbox.lookup().unwrap().find_charge(&call("x"), "k", None).await.unwrap().unwrap();
        assert_eq!(found.state, succeeded);
    }

    let (sandbox_, book) = sandbox();
    let slow = sandbox_.charges().charge(&call("k"), &with(card(plan(Plan::Slow)), eur(500))).await.unwrap();
    assert_eq!((slow.state, book.only().captured), (succeeded.clone(), 500));

    for (lost, is_unknown) in [(Plan::NotSent, false), (Plan::LostBeforeCharge, true)] {
        let (sandbox, book) = sandbox();
        let failure = sandbox.charges().charge(&call("k"), &with(card(plan(lost)), eur(500))).await.unwrap_err();
        assert_eq!(unknown(&failure), is_unknown, "{lost:?}");
        assert!(book.charges.lock().unwrap().is_empty());
        assert_eq!(sandbox.lookup().unwrap().find_charge(&call("x"), "k", None).await.unwrap(), None);
    }

    for (late, ends) in [(Plan::SettlesLater, succeeded), (Plan::FailsLater, ChargeState::Declined(InsufficientFunds))]
    {
        let (sandbox, book) = sandbox();
        let reply = sandbox.charges().charge(&call("k"), &with(card(plan(late)), eur(500))).await.unwrap();
        assert_eq!((reply.state, book.only().captured), (ChargeState::Processing, 0));
        let lookup = sandbox.lookup().unwrap();
        let early = lookup.find_charge(&later("x", SETTLES_AFTER - 1), "k", None).await.unwrap().unwrap();
        assert_eq!(early.state, ChargeState::Processing);
        let due = lookup.find_charge(&later("x", SETTLES_AFTER), "k", None).await.unwrap().unwrap();
        assert_eq!(due.state, ends);
        // The book has moved, whatever the next caller's clock says.
        assert_eq!(lookup.find_charge(&call("x"), "k", None).await.unwrap().unwrap().state, ends);
    }
}

#[test]
fn other_numbers_are_refused_before_anything_is_stored() {
    let (sandbox, _) = sandbox();
    for number in ["4111111111111111", "5425233430109903", "4242424242424259", "4000000000000000", "0000000000000000"] {
        let problems = sandbox.charges().accept(&card(number), NOW).unwrap_err();
        assert_eq!(problems.len(), 1);
        assert_eq!(
            (problems[0].field.as_str(), problems[0].code.as_str()),
            ("card_number", money::SANDBOX_TEST_CARDS_ONLY)
        );
        assert!(problems[0].params.is_empty(), "the number is in no problem");
    }
    for name in ["", "visa", "pm_card_", "pm_card_nosuch", "tok_visa"] {
        assert!(sandbox.charges().accept(&MethodInput::Token(name.into()), NOW).is_err(), "{name}");
    }
}

#[test]
fn expiry_and_code_are_checked() {
    let (sandbox, _) = sandbox();
    let typed = |number: &str, exp_month, exp_year, cvc: &str| MethodInput::Card {
        number: number.into(),
        exp_month,
        exp_year,
        cvc: cvc.into(),
    };
    let visa = "4242424242424242";
    let codes_of = |method: &MethodInput| -> Vec<String> {
        sandbox.charges().accept(method, NOW).err().into_iter().flatten().map(|p| p.code).collect()
    };
    // A card is good to the end of its month.
    assert!(codes_of(&typed(visa, 11, 2026, "123")).is_empty());
    assert_eq!(codes_of(&typed(visa, 10, 2026, "123")), [money::CARD_EXPIRY_PAST]);
    assert_eq!(codes_of(&typed(visa, 12, 2025, "123")), [money::CARD_EXPIRY_PAST]);
    assert_eq!(codes_of(&typed(visa, 1, 2077, "123")), [money::BAD_CARD_EXPIRY]);
    assert_eq!(codes_of(&typed(visa, 13, 2030, "123")), [money::BAD_CARD_EXPIRY]);
    for cvc in ["1234", "12", "", "12a", "١٢٣"] {
        assert_eq!(codes_of(&typed(visa, 1, 2030, cvc)), [money::BAD_CARD_CODE], "{cvc}");
    }
    assert_eq!(codes_of(&typed("378282246310005", 1, 2030, "123")), [money::BAD_CARD_CODE]);
    assert!(codes_of(&typed("378282246310005", 1, 2030, "1234")).is_empty());
    assert_eq!(codes_of(&typed(visa, 1, 2020, "1")), [money::CARD_EXPIRY_PAST, money::BAD_CARD_CODE]);
    assert!(!codes::ALL.contains(&money::BAD_CARD_CODE));
}

#[tokio::test]
async fn no_number_and_no_code_is_kept_or_printed() {
    let (sandbox, book) = sandbox();
    let method =
        MethodInput::Card { number: "4242424242424242".into(), exp_month: 12, exp_year: 2034, cvc: "987".into() };
    let request = with(method, eur(500));
    let reply = sandbox.charges().charge(&call("k"), &request).await.unwrap();
    for printed in [format!("{request:?}"), format!("{reply:?}"), format!("{:?}", book.only()), format!("{sandbox:?}")]
    {
        assert!(!printed.contains("42424242") && !printed.contains("987"), "{printed}");
    }
}
