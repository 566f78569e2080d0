//! The decision, as a function of rules, what is known of a payment, and what can take it.

use super::{Action, Condition, ConditionField, History, Learned, Rule, RuleSet, Share, learn};
use crate::{ConnectionId, Money, access::named};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::str::FromStr;

/// What is known of a payment when its route is chosen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// How much.
    pub amount: Money,
    /// Where the customer is, two capital letters; none while nobody has asked them.
    pub country: Option<String>,
    /// How it is paid; none while the customer has not chosen.
    pub method: Option<String>,
    /// The card's brand, where it is known before the gateway is asked.
    pub brand: Option<String>,
    /// Where the card was issued, two capital letters.
    pub issuer_country: Option<String>,
    /// Whether the customer has paid before; none while nobody knows who they are.
    pub returning: Option<bool>,
    /// The payment's metadata.
    pub metadata: BTreeMap<String, String>,
    /// Where this payment falls in a split: 0 up to and not including 10,000. The same payment always falls alike.
    pub draw: u32,
}

/// A connection that might take a payment, in the merchant's own order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// The connection.
    pub id: ConnectionId,
    /// Why it can't take this one.
    pub skip: Option<Skip>,
}

/// Why a connection was passed over; the sentence is `routing.skip.<name>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Skip {
    /// The merchant paused it.
    Paused,
    /// It was archived, or there is none of this name any more.
    Gone,
    /// It does not answer, so that calls to it are paused.
    NotAnswering,
    /// A maintenance window.
    Maintenance,
    /// It does not take this currency.
    Currency,
    /// It does not take this method.
    Method,
    /// It can't hold an amount and capture it later.
    CaptureLater,
    /// It may not be used in this mode.
    Mode,
    /// It was asked for this payment, and could not take it.
    FailedBefore,
}
named!(Skip {
    Paused = "paused",
    Gone = "gone",
    NotAnswering = "not_answering",
    Maintenance = "maintenance",
    Currency = "currency",
    Method = "method",
    CaptureLater = "capture_later",
    Mode = "mode",
    FailedBefore = "failed_before"
});

/// A connection that was passed over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Skipped {
    /// The connection.
    pub connection: ConnectionId,
    /// Why.
    pub why: Skip,
}

/// What a rule came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleTrace {
    /// Its name.
    pub name: String,
    /// The first condition that did not hold, and whether it was because nothing is known about it.
    pub failed: Option<(ConditionField, bool)>,
}

/// Which connections are asked, and why.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// The rule that decided, by its place from 0; none: the default order.
    pub rule: Option<usize>,
    /// Whether it refuses the payment.
    pub blocked: bool,
    /// Whether a soft decline is tried at the next one.
    pub retry_soft: bool,
    /// The connections, the first choice first.
    pub order: Vec<ConnectionId>,
    /// Those that would have been asked, had they been able to.
    pub skipped: Vec<Skipped>,
    /// Every rule that was looked at, the one that decided last.
    pub rules: Vec<RuleTrace>,
    /// How its connections were compared, when the rule chose by success rate.
    pub learned: Option<Learned>,
}

/// Why an attempt went to its connection; kept with the attempt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// The version of the rules; 0 when the merchant had none.
    pub version: i64,
    /// The name of the rule that decided; none: the default order.
    pub rule: Option<String>,
    /// Whether it was a split.
    #[serde(default)]
    pub split: bool,
    /// Which turn of the click it was, from 1.
    pub turn: usize,
    /// Which were passed over.
    #[serde(default)]
    pub skipped: Vec<Skipped>,
    /// Where the customer said that they are, where a rule asks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// How its connections were compared, when the rule chose by success rate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub learned: Option<Learned>,
}

/// Decides. `candidates` are the merchant's connections in their own order, whether they can take it or not; `history` is asked by rules
/// that choose by success rate alone.
#[must_use]
pub fn decide(rules: &RuleSet, facts: &Facts, candidates: &[Candidate], history: &History) -> Decision {
    let mut decision = Decision::default();
    for (place, rule) in rules.rules.iter().enumerate() {
        let failed = rule.when.iter().find_map(|condition| match holds(condition, facts) {
            Some(true) => None,
            other => Some((condition.field(), other.is_none())),
        });
        decision.rules.push(RuleTrace { name: rule.name.clone(), failed });
        if failed.is_none() {
            decision.rule = Some(place);
            follow(rule, facts, candidates, history, &mut decision);
            return decision;
        }
    }
    for candidate in candidates {
        take(candidate.id.clone(), candidates, &mut decision);
    }
    decision
}

fn follow(rule: &Rule, facts: &Facts, candidates: &[Candidate], history: &History, decision: &mut Decision) {
    decision.retry_soft = rule.retry_soft;
    match &rule.then {
        Action::Block => {
            decision.blocked = true;
            return;
        }
        Action::Priority { connections } => {
            for id in connections {
                take(id.clone(), candidates, decision);
            }
        }
        Action::Split { shares } => {
            for share in split(shares, facts.draw) {
                take(share.connection.clone(), candidates, decision);
            }
        }
        Action::Learn { connections, explore_percent } => {
            for id in connections {
                take(id.clone(), candidates, decision);
            }
            // Nobody was taken before a rule: these are the ones that it names and that can.
            let learned = learn::rank(&decision.order, *explore_percent, facts, history);
            decision.order = learned.scores.iter().map(|score| score.connection.clone()).collect();
            decision.learned = Some(learned);
        }
    }
    if rule.fallback {
        for candidate in candidates {
            take(candidate.id.clone(), candidates, decision);
        }
    }
}

/// The share that a draw falls into, then the others by size.
fn split(shares: &[Share], draw: u32) -> Vec<&Share> {
    let mut ordered: Vec<&Share> = shares.iter().collect();
    ordered.sort_by_key(|share| std::cmp::Reverse(share.percent));
    let mut bound = 0;
    let chosen = shares.iter().position(|share| {
        bound += share.percent.saturating_mul(100);
        draw < bound
    });
    if let Some(chosen) = chosen.and_then(|place| shares.get(place)) {
        ordered.retain(|share| share.connection != chosen.connection);
        ordered.insert(0, chosen);
    }
    ordered
}

/// Puts a connection into the order, or among those passed over; each once.
fn take(id: ConnectionId, candidates: &[Candidate], decision: &mut Decision) {
    if decision.order.contains(&id) || decision.skipped.iter().any(|skipped| skipped.connection == id) {
        return;
    }
    match candidates.iter().find(|candidate| candidate.id == id).map_or(Some(Skip::Gone), |found| found.skip) {
        None => decision.order.push(id),
        Some(why) => decision.skipped.push(Skipped { connection: id, why }),
    }
}

/// Whether a condition holds; none when nothing is known about it.
fn holds(condition: &Condition, facts: &Facts) -> Option<bool> {
    let one_of = |any: &[String], known: &Option<String>| known.as_ref().map(|known| any.contains(known));
    match condition {
        Condition::Currency { any } => Some(any.contains(&facts.amount.currency)),
        Condition::AmountAtLeast { amount } => {
            Some(amount.currency == facts.amount.currency && facts.amount.minor >= amount.minor)
        }
        Condition::AmountBelow { amount } => {
            Some(amount.currency == facts.amount.currency && facts.amount.minor < amount.minor)
        }
        Condition::Country { any } => one_of(any, &facts.country),
        Condition::Method { any } => one_of(any, &facts.method),
        Condition::Brand { any } => one_of(any, &facts.brand),
        Condition::IssuerCountry { any } => one_of(any, &facts.issuer_country),
        Condition::Customer { returning } => facts.returning.map(|known| known == *returning),
        Condition::Metadata { key, any } => Some(facts.metadata.get(key).is_some_and(|value| any.contains(value))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Currency;
    use proptest::prelude::*;

    fn id(n: u64) -> ConnectionId {
        ConnectionId::from_parts(n, [0; 10])
    }

    fn facts(minor: i64) -> Facts {
        Facts {
            amount: Money::new(minor, Currency::EUR),
            country: None,
            method: Some("card".into()),
            brand: None,
            issuer_country: None,
            returning: None,
            metadata: BTreeMap::from([("shop".into(), "north".into())]),
            draw: 0,
        }
    }

    fn open(ids: &[u64]) -> Vec<Candidate> {
        ids.iter().map(|n| Candidate { id: id(*n), skip: None }).collect()
    }

    fn rule(when: Vec<Condition>, then: Action) -> Rule {
        Rule { name: "r".into(), when, then, fallback: false, retry_soft: false }
    }

    fn to(ids: &[u64]) -> Action {
        Action::Priority { connections: ids.iter().map(|n| id(*n)).collect() }
    }

    #[test]
    fn without_rules_it_is_the_merchants_own_order() {
        let mut candidates = open(&[1, 2, 3]);
        candidates[1].skip = Some(Skip::Paused);
        let decision = decide(&RuleSet::default(), &facts(100), &candidates, &History::default());
        assert_eq!(decision.order, [id(1), id(3)]);
        assert_eq!(decision.skipped, [Skipped { connection: id(2), why: Skip::Paused }]);
        assert_eq!((decision.rule, decision.blocked), (None, false));
    }

    #[test]
    fn the_first_rule_that_fits_decides() {
        let large = Condition::AmountAtLeast { amount: Money::new(10_000, Currency::EUR) };
        let rules = RuleSet { rules: vec![rule(vec![large], to(&[2])), rule(vec![], to(&[3, 1]))] };
        let decision = decide(&rules, &facts(10_000), &open(&[1, 2, 3]), &History::default());
        assert_eq!((decision.rule, decision.order), (Some(0), vec![id(2)]));
        let decision = decide(&rules, &facts(9_999), &open(&[1, 2, 3]), &History::default());
        assert_eq!((decision.rule, decision.order), (Some(1), vec![id(3), id(1)]));
        assert_eq!(decision.rules[0].failed, Some((ConditionField::AmountAtLeast, false)));
    }

    #[test]
    fn what_is_not_known_does_not_hold_and_says_so() {
        let visa = Condition::Brand { any: vec!["visa".into()] };
        let rules = RuleSet { rules: vec![rule(vec![visa], to(&[2]))] };
        let decision = decide(&rules, &facts(1), &open(&[1, 2]), &History::default());
        assert_eq!((decision.rule, decision.rules[0].failed), (None, Some((ConditionField::Brand, true))));
        let known = Facts { brand: Some("visa".into()), ..facts(1) };
        assert_eq!(decide(&rules, &known, &open(&[1, 2]), &History::default()).order, [id(2)]);
    }

    #[test]
    fn each_condition_looks_at_its_own_fact() {
        let yes = Facts {
            brand: Some("visa".into()),
            issuer_country: Some("SE".into()),
            country: Some("AT".into()),
            returning: Some(true),
            ..facts(500)
        };
        let texts = |values: &[&str]| values.iter().map(|v| (*v).to_owned()).collect::<Vec<_>>();
        let eur = |minor| Money::new(minor, Currency::EUR);
        let pairs = [
            (Condition::Currency { any: vec![Currency::EUR] }, Condition::Currency { any: vec![Currency::JPY] }),
            (Condition::AmountAtLeast { amount: eur(500) }, Condition::AmountAtLeast { amount: eur(501) }),
            (Condition::AmountBelow { amount: eur(501) }, Condition::AmountBelow { amount: eur(500) }),
            (Condition::Country { any: texts(&["DE", "AT"]) }, Condition::Country { any: texts(&["DE"]) }),
            (Condition::Method { any: texts(&["card"]) }, Condition::Method { any: texts(&["paypal"]) }),
            (Condition::Brand { any: texts(&["amex", "visa"]) }, Condition::Brand { any: texts(&["amex"]) }),
            (Condition::IssuerCountry { any: texts(&["SE"]) }, Condition::IssuerCountry { any: texts(&["NO"]) }),
            (Condition::Customer { returning: true }, Condition::Customer { returning: false }),
            (
                Condition::Metadata { key: "shop".into(), any: texts(&["north"]) },
                Condition::Metadata { key: "shop".into(), any: texts(&["south"]) },
            ),
        ];
        for (holding, failing) in pairs {
            assert_eq!(holds(&holding, &yes), Some(true), "{holding:?}");
            assert_eq!(holds(&failing, &yes), Some(false), "{failing:?}");
        }
        // An amount in another currency is neither above nor below.
        let yen = Facts { amount: Money::new(500, Currency::JPY), ..yes };
        assert_eq!(holds(&Condition::AmountAtLeast { amount: eur(1) }, &yen), Some(false));
        assert_eq!(holds(&Condition::AmountBelow { amount: eur(1_000) }, &yen), Some(false));
    }

    #[test]
    fn a_block_asks_nobody() {
        let rules = RuleSet { rules: vec![Rule { fallback: true, ..rule(vec![], Action::Block) }] };
        let decision = decide(&rules, &facts(1), &open(&[1]), &History::default());
        assert!(decision.blocked && decision.order.is_empty());
    }

    #[test]
    fn a_connection_that_is_gone_is_passed_over_and_the_rest_follows_if_the_rule_says_so() {
        let rules = RuleSet { rules: vec![Rule { fallback: true, ..rule(vec![], to(&[9, 2])) }] };
        let decision = decide(&rules, &facts(1), &open(&[1, 2]), &History::default());
        assert_eq!(decision.order, [id(2), id(1)]);
        assert_eq!(decision.skipped, [Skipped { connection: id(9), why: Skip::Gone }]);
    }

    #[test]
    fn a_split_falls_by_its_shares() {
        let shares = [(1, 70), (2, 20), (3, 10)].map(|(n, percent)| Share { connection: id(n), percent });
        let rules = RuleSet { rules: vec![rule(vec![], Action::Split { shares: shares.to_vec() })] };
        let mut firsts = BTreeMap::new();
        for draw in 0..10_000 {
            let decision = decide(&rules, &Facts { draw, ..facts(1) }, &open(&[1, 2, 3]), &History::default());
            assert_eq!(decision.order.len(), 3);
            *firsts.entry(decision.order[0].clone()).or_insert(0) += 1;
        }
        assert_eq!(firsts, BTreeMap::from([(id(1), 7_000), (id(2), 2_000), (id(3), 1_000)]));
        let last = decide(&rules, &Facts { draw: 9_999, ..facts(1) }, &open(&[1, 2, 3]), &History::default());
        assert_eq!(last.order, [id(3), id(1), id(2)]);
    }

    proptest! {
        /// Whatever the rules, nobody who can't take a payment is asked, and nobody twice.
        #[test]
        fn only_who_can_is_asked_and_once(
            named in proptest::collection::vec(0u64..6, 0..8),
            closed in proptest::collection::vec(any::<bool>(), 5),
            fallback: bool,
            draw in 0u32..10_000,
            kind in 0u8..3,
        ) {
            let candidates: Vec<Candidate> = closed.iter().enumerate()
                .map(|(n, closed)| Candidate { id: id(n as u64), skip: closed.then_some(Skip::Paused) })
                .collect();
            let then = match kind {
                0 => Action::Split { shares: named.iter().map(|n| Share { connection: id(*n), percent: 12 }).collect() },
                1 => Action::Learn { connections: named.iter().map(|n| id(*n)).collect(), explore_percent: 20 },
                _ => to(&named),
            };
            let rules = RuleSet { rules: vec![Rule { fallback, ..rule(vec![], then) }] };
            let decision = decide(&rules, &Facts { draw, ..facts(1) }, &candidates, &History::default());
            let mut seen = decision.order.clone();
            seen.sort();
            seen.dedup();
            prop_assert_eq!(seen.len(), decision.order.len());
            for asked in &decision.order {
                prop_assert!(candidates.iter().any(|c| c.id == *asked && c.skip.is_none()));
            }
            if fallback {
                prop_assert_eq!(decision.order.len(), candidates.iter().filter(|c| c.skip.is_none()).count());
            }
        }
    }
}
