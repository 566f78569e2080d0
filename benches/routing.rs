//! What routing costs, beside baselines of the same run: `make bench`.
//!
//! Fifty rules and four gateways; the last rule is the one that fits, so that every condition is looked at. The decision itself is measured
//! alone, beside the same decision without rules. The whole choice is private to the services: it is measured through the checkout page's
//! reading, the nearest public door, beside the same reading for a merchant without rules. Ratios are what counts.
#![allow(clippy::unwrap_used, clippy::float_arithmetic, missing_docs)]

mod harness {
    pub mod cpu;
    pub mod engines;
    pub mod measured;
    pub mod size;
    pub mod table;
}

use domain::routing::{
    Action, Candidate, Condition, ConditionForm, Counted, Facts, History, Outcomes, RoutingForm, Rule, RuleForm,
    RuleSet, Share, TargetForm, decide,
};
use domain::{ConnectionId, Currency, Money};
use harness::measured::Measured;
use harness::table::Table;
use harness::{cpu, engines, size};
use std::collections::BTreeMap;
use std::hint::black_box;
use std::time::{Duration, Instant};
use test_support::builders::TestMerchant;
use test_support::{TestDb, TestServices};

const RULES: usize = 50;
const GATEWAYS: u64 = 4;
const DECISIONS: usize = 200_000;
const PAGES: usize = 4_000;

fn main() {
    decisions();
    engines::each(pages);
}

fn table(title: &str) -> Table {
    Table::begin(title, "µs", 1_000_000.0)
}

/// Things that were done one after the other. The time around them does not count.
fn one_by_one(times: Vec<Duration>, cpu_before: f64) -> Measured {
    let took = times.iter().sum();
    Measured::of(times, took, cpu::millis() - cpu_before)
}

/// Decides for payments that differ in their draw.
#[allow(clippy::disallowed_methods)] // a benchmark measures real time
fn deciding(rules: &RuleSet, history: &History) -> Measured {
    let candidates: Vec<Candidate> = (0..GATEWAYS).map(|n| Candidate { id: id(n), skip: None }).collect();
    let mut facts = Facts {
        amount: Money::new(5_000, Currency::EUR),
        country: Some("AT".to_owned()),
        method: Some("card".to_owned()),
        brand: Some("visa".to_owned()),
        issuer_country: Some("AT".to_owned()),
        returning: Some(false),
        metadata: BTreeMap::from([("shop".to_owned(), "north".to_owned())]),
        draw: 0,
    };
    let (cpu, mut times) = (cpu::millis(), Vec::with_capacity(DECISIONS));
    for n in 0..size::of(DECISIONS) {
        facts.draw = u32::try_from(n % 10_000).unwrap();
        let begun = Instant::now();
        black_box(decide(black_box(rules), black_box(&facts), &candidates, history));
        times.push(begun.elapsed());
    }
    one_by_one(times, cpu)
}

fn decisions() {
    let order: Vec<ConnectionId> = (0..GATEWAYS).map(id).collect();
    let share = |connection: &ConnectionId| Share { connection: connection.clone(), percent: 25 };
    let actions = [
        ("one after the other", Action::Priority { connections: order.clone() }),
        ("a split", Action::Split { shares: order.iter().map(share).collect() }),
        ("by success rate", Action::Learn { connections: order.clone(), explore_percent: 5 }),
    ];
    let outcomes = Outcomes { successes: 900, failures: 100 };
    let history = History::new((0..GATEWAYS).flat_map(|n| {
        ["visa", "amex"].map(|brand| Counted {
            connection: id(n),
            currency: Currency::EUR,
            method: "card".to_owned(),
            brand: Some(brand.to_owned()),
            issuer_country: Some("AT".to_owned()),
            outcomes,
        })
    }));
    let table = table("The decision");
    let bare = deciding(&RuleSet::default(), &history);
    table.line("no rules", &bare, None);
    for (name, then) in actions {
        let measured = deciding(&rules(then), &history);
        table.line(&format!("{RULES} rules, the last fits: {name}"), &measured, Some(("no rules", &bare)));
    }
}

fn id(n: u64) -> ConnectionId {
    ConnectionId::from_parts(n, [0; 10])
}

/// Rules of several conditions, of which the last one alone does not hold; and one that fits.
fn rules(then: Action) -> RuleSet {
    let rule = |n: usize, then: Action| Rule {
        name: format!("Rule {n}"),
        when: vec![
            Condition::Currency { any: vec![Currency::USD, Currency::EUR] },
            Condition::Method { any: vec!["card".to_owned()] },
            Condition::Metadata {
                key: "shop".to_owned(),
                any: vec![if n == RULES { "north" } else { "south" }.to_owned()],
            },
        ],
        then,
        fallback: true,
        retry_soft: false,
    };
    RuleSet { rules: (1..=RULES).map(|n| rule(n, then.clone())).collect() }
}

/// A merchant with four gateways.
async fn shop(t: &TestServices) -> (TestMerchant, Vec<ConnectionId>) {
    let m = t.merchant().await;
    let mut connections = Vec::new();
    for _ in 0..GATEWAYS {
        connections.push(t.connection(&m, "fake").await);
    }
    (m, connections)
}

/// The same rules as they are typed, with what the last one does.
fn typed(action: &str, connections: &[ConnectionId]) -> RoutingForm {
    let when = |field: &str, value: &str| ConditionForm {
        field: field.to_owned(),
        value: value.to_owned(),
        ..ConditionForm::default()
    };
    let target = |id: &ConnectionId| TargetForm { connection: id.to_string(), percent: "25".to_owned() };
    let rule = |n: usize| RuleForm {
        name: format!("Rule {n}"),
        when: vec![
            when("currency", "USD, EUR"),
            when("method", "card"),
            ConditionForm { key: "shop".to_owned(), ..when("metadata", "south") },
        ][..if n == RULES { 2 } else { 3 }]
            .to_vec(),
        action: if n == RULES { action } else { "priority" }.to_owned(),
        targets: connections.iter().map(target).collect(),
        fallback: true,
        ..RuleForm::default()
    };
    RoutingForm { version: 0, note: String::new(), rules: (1..=RULES).map(rule).collect() }
}

#[allow(clippy::disallowed_methods)] // a benchmark measures real time
async fn reading(t: &TestServices, tokens: &[String]) -> Measured {
    let (cpu, mut times) = (cpu::millis(), Vec::with_capacity(PAGES));
    for n in 0..size::of(PAGES) {
        let begun = Instant::now();
        black_box(services::checkout::view(&t.svc, &tokens[n % tokens.len()]).await.unwrap());
        times.push(begun.elapsed());
    }
    one_by_one(times, cpu)
}

async fn pages(engine: &str, url: &str) {
    let t = TestServices::new(&TestDb::at(url).await);
    let table = table(&format!("The checkout page's reading, {engine}"));
    let mut bare = None;
    for action in ["", "priority", "split", "learn"] {
        let (m, connections) = shop(&t).await;
        if !action.is_empty() {
            services::routing::save(&t.svc, &m.actor, &typed(action, &connections)).await.unwrap();
        }
        let mut tokens = Vec::new();
        for _ in 0..100 {
            tokens.push(t.session(&m, 5_000, "EUR").await.token);
        }
        reading(&t, &tokens[..10]).await;
        let measured = reading(&t, &tokens).await;
        match &bare {
            None => {
                table.line("no rules", &measured, None);
                bare = Some(measured);
            }
            Some(bare) => {
                table.line(&format!("{RULES} rules, the last fits: {action}"), &measured, Some(("no rules", bare)));
            }
        }
    }
}
