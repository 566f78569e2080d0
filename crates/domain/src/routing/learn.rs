//! Choosing by success rate: how the payments of the last days ended decides who is asked first, and a bounded part of all payments
//! goes elsewhere, so that what is learnt stays true.
//!
//! Whoever is compared is compared over the same kind of payments: the narrowest that each of them has had enough of. The best rate
//! goes first. Of every hundred payments `explore_percent` go first to the one of the others that may be best by what little is known
//! (the upper bound of its rate); which payments these are follows from their draw, so that a checkout does not change its mind.

use super::Facts;
use crate::{ConnectionId, Currency, access::named};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};
use std::str::FromStr;

/// Payments of one kind that a connection must have had before its rate counts.
pub const MIN_SAMPLE: u32 = 30;
/// Percent of payments that are used to look elsewhere, unless the rule says otherwise.
pub const EXPLORE_DEFAULT: u32 = 5;
/// The most that a rule may use for it.
pub const EXPLORE_MAX: u32 = 20;
/// A whole, in basis points.
const WHOLE: u64 = 10_000;

/// What payments that are counted together have in common, the narrowest kind first; the sentence is `routing.segment.<name>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Segment {
    /// Currency, method, brand, and the country where the card was issued.
    Issuer,
    /// Currency, method and brand.
    Brand,
    /// Currency and method.
    Method,
    /// Currency.
    Currency,
    /// Nothing: all payments.
    All,
}
named!(Segment { Issuer = "issuer", Brand = "brand", Method = "method", Currency = "currency", All = "all" });

/// How payments ended that went to a connection.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcomes {
    /// Approved.
    pub successes: u32,
    /// Refused for a reason that another gateway might have turned round.
    pub failures: u32,
}

impl Outcomes {
    /// Both together.
    #[must_use]
    pub const fn count(self) -> u32 {
        self.successes.saturating_add(self.failures)
    }

    /// The part that was approved, in basis points; none when there was nothing.
    #[must_use]
    pub fn rate(self) -> Option<u32> {
        let count = u64::from(self.count());
        (count > 0).then(|| u32::try_from(u64::from(self.successes) * WHOLE / count).unwrap_or(u32::MAX))
    }

    /// The best that the true rate may well be, in basis points: the upper end of Wilson's interval, two standard deviations wide to
    /// each side. Nothing known: everything may be.
    #[must_use]
    pub fn upper(self) -> u64 {
        let (good, bad) = (u64::from(self.successes), u64::from(self.failures));
        let spread = (WHOLE * WHOLE).saturating_mul(good.saturating_mul(bad) / (good + bad).max(1) + 1).isqrt();
        ((good + 2) * WHOLE + 2 * spread) / (good + bad + 4)
    }
}

/// Payments of one kind at one connection, as they are read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counted {
    /// The connection.
    pub connection: ConnectionId,
    /// Their currency.
    pub currency: Currency,
    /// Their method.
    pub method: String,
    /// The brand of their card, where it is known.
    pub brand: Option<String>,
    /// Where it was issued, where that is known.
    pub issuer_country: Option<String>,
    /// How they ended.
    pub outcomes: Outcomes,
}

/// What is told apart; absent parts are not.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
struct Kind {
    currency: Option<Currency>,
    method: Option<String>,
    brand: Option<String>,
    issuer_country: Option<String>,
}

impl Segment {
    /// The part of a kind that this segment looks at; none where the kind does not tell.
    fn of(self, kind: &Kind) -> Option<Kind> {
        let (currency, method) = (kind.currency, &kind.method);
        match self {
            Self::All => Some(Kind::default()),
            Self::Currency => currency.map(|_| Kind { currency, ..Kind::default() }),
            Self::Method => method.as_ref().map(|_| Kind { currency, method: method.clone(), ..Kind::default() }),
            Self::Brand => kind.brand.as_ref().map(|_| Kind { issuer_country: None, ..kind.clone() }),
            Self::Issuer => kind.brand.as_ref().and(kind.issuer_country.as_ref()).map(|_| kind.clone()),
        }
    }
}

/// How payments of the last days ended, by connection and kind.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct History(HashMap<ConnectionId, HashMap<Kind, Outcomes>>);

impl History {
    /// Adds up what was read, for every segment.
    #[must_use]
    pub fn new(counted: impl IntoIterator<Item = Counted>) -> Self {
        let mut all = Self::default();
        for Counted { connection, currency, method, brand, issuer_country, outcomes } in counted {
            let kind = Kind { currency: Some(currency), method: Some(method), brand, issuer_country };
            let kinds = all.0.entry(connection).or_default();
            for part in Segment::ALL.iter().filter_map(|segment| segment.of(&kind)) {
                let sum = kinds.entry(part).or_default();
                sum.successes = sum.successes.saturating_add(outcomes.successes);
                sum.failures = sum.failures.saturating_add(outcomes.failures);
            }
        }
        all
    }

    fn at(&self, connection: &ConnectionId, kind: &Kind) -> Outcomes {
        self.0.get(connection).and_then(|kinds| kinds.get(kind)).copied().unwrap_or_default()
    }
}

/// What a connection is judged by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Score {
    /// The connection.
    pub connection: ConnectionId,
    /// How such payments ended there.
    pub outcomes: Outcomes,
}

impl Score {
    /// Whether it has had enough of them to be judged.
    #[must_use]
    pub const fn is_enough(&self) -> bool {
        self.outcomes.count() >= MIN_SAMPLE
    }
}

/// How connections were compared for a payment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Learned {
    /// The kind of payments that was counted.
    pub segment: Segment,
    /// The connections, the first choice first.
    pub scores: Vec<Score>,
    /// The first one, when it goes first to learn about it and not for its rate.
    pub explored: Option<ConnectionId>,
}

/// Orders connections that can take a payment. `open` is in the merchant's order, which decides where nothing else does.
pub(super) fn rank(open: &[ConnectionId], explore_percent: u32, facts: &Facts, history: &History) -> Learned {
    let kind = Kind {
        currency: Some(facts.amount.currency),
        method: facts.method.clone(),
        brand: facts.brand.clone(),
        issuer_country: facts.issuer_country.clone(),
    };
    let (segment, mut scores) = compared(open, &kind, history);
    // Stable: equal ones, and those with too little to judge by, stay in the merchant's order.
    scores.sort_by_key(|score| std::cmp::Reverse(score.outcomes.rate().filter(|_| score.is_enough())));
    let explores = facts.draw < explore_percent.min(EXPLORE_MAX) * 100;
    let others = scores.iter().enumerate().skip(1);
    // Of equal bounds the first one wins.
    let hopeful = others.max_by_key(|(place, score)| (score.outcomes.upper(), std::cmp::Reverse(*place)));
    let chosen = hopeful.map(|(place, _)| place).filter(|_| explores);
    let mut explored = None;
    if let Some(place) = chosen {
        let score = scores.remove(place);
        explored = Some(score.connection.clone());
        scores.insert(0, score);
    }
    Learned { segment, scores, explored }
}

/// The narrowest kind of payments that each connection has had enough of; who has not had enough of any payments is left out of that.
fn compared(open: &[ConnectionId], kind: &Kind, history: &History) -> (Segment, Vec<Score>) {
    let scores_of = |part: &Kind| -> Vec<Score> {
        let score = |id: &ConnectionId| Score { connection: id.clone(), outcomes: history.at(id, part) };
        open.iter().map(score).collect()
    };
    let all = scores_of(&Kind::default());
    let judged: BTreeMap<&ConnectionId, bool> =
        all.iter().map(|score| (&score.connection, score.is_enough())).collect();
    for segment in [Segment::Issuer, Segment::Brand, Segment::Method, Segment::Currency] {
        let Some(part) = segment.of(kind) else { continue };
        let scores = scores_of(&part);
        let known = |score: &Score| score.is_enough() || judged.get(&score.connection) == Some(&false);
        if scores.iter().any(Score::is_enough) && scores.iter().all(known) {
            return (segment, scores);
        }
    }
    (Segment::All, all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Money;
    use proptest::prelude::*;

    fn id(n: u64) -> ConnectionId {
        ConnectionId::from_parts(n, [0; 10])
    }

    fn facts(draw: u32, brand: Option<&str>, issuer: Option<&str>) -> Facts {
        Facts {
            amount: Money::new(100, Currency::EUR),
            country: None,
            method: Some("card".into()),
            brand: brand.map(str::to_owned),
            issuer_country: issuer.map(str::to_owned),
            returning: None,
            metadata: BTreeMap::new(),
            draw,
        }
    }

    fn counted(n: u64, brand: Option<&str>, issuer: Option<&str>, (successes, failures): (u32, u32)) -> Counted {
        Counted {
            connection: id(n),
            currency: Currency::EUR,
            method: "card".into(),
            brand: brand.map(str::to_owned),
            issuer_country: issuer.map(str::to_owned),
            outcomes: Outcomes { successes, failures },
        }
    }

    fn order(learned: &Learned) -> Vec<ConnectionId> {
        learned.scores.iter().map(|score| score.connection.clone()).collect()
    }

    /// A draw that explores nowhere.
    const STAYS: u32 = 9_999;

    #[test]
    fn the_best_rate_goes_first_and_nobody_without_a_sample() {
        let open = [id(1), id(2), id(3)];
        let history = History::new([
            counted(1, None, None, (60, 40)),
            counted(2, None, None, (80, 20)),
            counted(3, None, None, (29, 0)),
        ]);
        let learned = rank(&open, 5, &facts(STAYS, None, None), &history);
        assert_eq!((order(&learned), learned.explored), (vec![id(2), id(1), id(3)], None));
        assert_eq!(learned.scores[0].outcomes.rate(), Some(8_000));
        // Nothing known at all: the merchant's order.
        let learned = rank(&open, 0, &facts(0, None, None), &History::default());
        assert_eq!((order(&learned), learned.segment), (open.to_vec(), Segment::All));
    }

    #[test]
    fn like_is_compared_with_like() {
        // Over everything the first is better; with Visa cards, of which both had enough, the second.
        let history = History::new([
            counted(1, Some("visa"), Some("SE"), (40, 60)),
            counted(1, Some("amex"), None, (900, 10)),
            counted(2, Some("visa"), Some("NO"), (70, 30)),
            counted(2, Some("amex"), None, (10, 90)),
        ]);
        let open = [id(1), id(2)];
        let visa = rank(&open, 0, &facts(0, Some("visa"), Some("SE")), &history);
        assert_eq!((visa.segment, order(&visa)), (Segment::Brand, vec![id(2), id(1)]));
        let unknown = rank(&open, 0, &facts(0, None, None), &history);
        assert_eq!((unknown.segment, order(&unknown)), (Segment::Method, open.to_vec()));
        // One who has had nothing yet does not widen what the others are compared by.
        let third = rank(&[id(1), id(2), id(3)], 0, &facts(0, Some("visa"), None), &history);
        assert_eq!((third.segment, order(&third)), (Segment::Brand, vec![id(2), id(1), id(3)]));
        let dollars = Facts { amount: Money::new(1, Currency::USD), ..facts(0, None, None) };
        assert_eq!(rank(&open, 0, &dollars, &history).segment, Segment::All);
    }

    #[test]
    fn looking_elsewhere_goes_to_the_least_known_and_is_bounded() {
        let history = History::new([counted(1, None, None, (95, 5)), counted(2, None, None, (60, 40))]);
        let open = [id(1), id(2), id(3)];
        let explored = |percent: u32| {
            let each = (0..10_000).map(|draw| rank(&open, percent, &facts(draw, None, None), &history));
            each.filter(|learned| learned.explored == Some(id(3)) && learned.scores[0].connection == id(3)).count()
        };
        assert_eq!((explored(0), explored(5), explored(20)), (0, 500, 2_000));
        assert_eq!(explored(100), 2_000, "no rule goes beyond the bound");
        let alone = rank(&open[..1], 20, &facts(0, None, None), &history);
        assert_eq!((order(&alone), alone.explored), (vec![id(1)], None));
    }

    #[test]
    fn the_upper_bound_narrows() {
        let upper = |successes, failures| Outcomes { successes, failures }.upper();
        assert_eq!(upper(0, 0), 10_000);
        assert!(upper(5, 5) > upper(50, 50) && upper(50, 50) > upper(5_000, 5_000) && upper(5_000, 5_000) > 5_000);
        assert!(upper(u32::MAX, u32::MAX) >= 5_000);
    }

    /// What a rule would earn if gateways were as good as these, payment after payment, with a window over all of them.
    #[test]
    fn a_gateway_that_gets_better_is_found() {
        let open = [id(1), id(2)];
        let mut seen = [Outcomes { successes: 70, failures: 30 }, Outcomes::default()];
        let mut firsts = [0_u32; 2];
        for n in 0_u32..4_000 {
            let history = History::new(
                (0..2).map(|at| counted(at as u64 + 1, None, None, (seen[at].successes, seen[at].failures))),
            );
            let learned = rank(&open, 5, &facts(n.wrapping_mul(7_919) % 10_000, None, None), &history);
            let at = usize::from(learned.scores[0].connection == id(2));
            firsts[at] += 1;
            // The first approves seven of ten, the second nine.
            if n % 10 < [7, 9][at] { seen[at].successes += 1 } else { seen[at].failures += 1 }
        }
        assert!(firsts[1] > 3 * firsts[0], "{firsts:?}");
    }

    proptest! {
        /// Whatever was counted: everybody is in the order once, the same payment gets the same order, a rate that counts is never
        /// behind a lower one unless the first is being explored, and that happens only below the bound.
        #[test]
        fn orders_are_whole_and_stable(
            rows in proptest::collection::vec((0u64..5, 0u32..200, 0u32..200, 0usize..3, 0usize..3), 0..20),
            named in 1u64..6, percent in 0u32..30, draw in 0u32..10_000, brand in 0usize..3,
        ) {
            let names = [None, Some("visa"), Some("amex")];
            let countries = [None, Some("SE"), Some("NO")];
            let history = History::new(rows.iter().map(|(n, good, bad, brand, country)| {
                counted(*n, names[*brand], countries[*country], (*good, *bad))
            }));
            let open: Vec<ConnectionId> = (0..named).map(id).collect();
            let facts = facts(draw, names[brand], Some("SE"));
            let learned = rank(&open, percent, &facts, &history);
            prop_assert_eq!(&learned, &rank(&open, percent, &facts, &history));
            let mut all = order(&learned);
            all.sort();
            prop_assert_eq!(all, open);
            prop_assert!(learned.explored.is_none() || draw < percent.min(EXPLORE_MAX) * 100);
            let rest = learned.scores.iter().skip(usize::from(learned.explored.is_some()));
            let rates: Vec<_> = rest.map(|score| score.outcomes.rate().filter(|_| score.is_enough())).collect();
            prop_assert!(rates.is_sorted_by(|a, b| a >= b));
        }
    }
}
