//! Rules as they are typed, and back.

use super::{
    Action, Condition, ConditionField, EXPLORE_DEFAULT, EXPLORE_MAX, MAX_CONDITIONS, MAX_RULES, MAX_TARGETS,
    MAX_VALUES, Rule, RuleSet, Share,
};
use crate::{
    ConnectionId, FieldProblem,
    problem::{codes, money},
    validate::{Wrong, country, number, text},
};
use serde::{Deserialize, Serialize};

/// Longest name, key or value.
const TEXT_MAX: usize = 80;
/// Longest note of a version.
const NOTE_MAX: usize = 200;

/// The whole list as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RoutingForm {
    /// The version that it was made from; 0 when there is none.
    pub version: i64,
    /// Why it is changed, for the history; may be empty.
    pub note: String,
    /// The rules.
    pub rules: Vec<RuleForm>,
}

/// A rule as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RuleForm {
    /// Name.
    pub name: String,
    /// Conditions.
    pub when: Vec<ConditionForm>,
    /// `priority`, `split`, `learn` or `block`.
    pub action: String,
    /// Connections.
    pub targets: Vec<TargetForm>,
    /// Whether the other connections follow.
    pub fallback: bool,
    /// Whether soft declines are tried again elsewhere.
    pub retry_soft: bool,
    /// Percent of payments that look elsewhere, where it chooses by success rate; empty means 5.
    pub explore: String,
}

/// A condition as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ConditionForm {
    /// A [`ConditionField`] by name.
    pub field: String,
    /// The key, for metadata; the currency, for amounts.
    pub key: String,
    /// The values, separated by commas; the amount; `new` or `returning`.
    pub value: String,
}

/// A connection of a rule as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TargetForm {
    /// The connection.
    pub connection: String,
    /// Its share in percent, for a split.
    pub percent: String,
}

/// Checks what was typed. Fields of problems are `rules.<place>.name`, `rules.<place>.when.<place>.value` and so on.
///
/// # Errors
/// What is wrong with which field, in the form's order.
pub fn check(form: &RoutingForm, known: &[ConnectionId]) -> Result<(RuleSet, Option<String>), Vec<FieldProblem>> {
    let mut problems = Vec::new();
    if form.rules.len() > MAX_RULES {
        problems.push(Wrong::new(money::TOO_MANY_RULES).with("max", MAX_RULES).at("rules"));
        return Err(problems);
    }
    let note = kept(text::optional(&form.note, NOTE_MAX), "note", &mut problems).flatten();
    let mut rules = Vec::new();
    for (place, typed) in form.rules.iter().enumerate() {
        rules.extend(rule(typed, &format!("rules.{place}"), known, &mut problems));
    }
    if problems.is_empty() { Ok((RuleSet { rules }, note)) } else { Err(problems) }
}

fn kept<T>(checked: Result<T, Wrong>, field: impl Into<String>, problems: &mut Vec<FieldProblem>) -> Option<T> {
    checked.map_err(|wrong| problems.push(wrong.at(field))).ok()
}

fn rule(typed: &RuleForm, at: &str, known: &[ConnectionId], problems: &mut Vec<FieldProblem>) -> Option<Rule> {
    let name = kept(text::required(&typed.name, TEXT_MAX), format!("{at}.name"), problems);
    if typed.when.len() > MAX_CONDITIONS {
        problems.push(Wrong::new(money::TOO_MANY_CONDITIONS).with("max", MAX_CONDITIONS).at(format!("{at}.when")));
        return None;
    }
    let before = problems.len();
    let mut when = Vec::new();
    for (place, condition) in typed.when.iter().enumerate() {
        when.extend(checked_condition(condition, &format!("{at}.when.{place}"), problems));
    }
    let then = action(typed, at, known, problems)?;
    let whole = problems.len() == before;
    name.filter(|_| whole).map(|name| Rule { name, when, then, fallback: typed.fallback, retry_soft: typed.retry_soft })
}

fn checked_condition(typed: &ConditionForm, at: &str, problems: &mut Vec<FieldProblem>) -> Option<Condition> {
    let Ok(field) = typed.field.parse::<ConditionField>() else {
        problems.push(Wrong::new(codes::BAD_CHOICE).at(format!("{at}.field")));
        return None;
    };
    let value = format!("{at}.value");
    match field {
        ConditionField::Currency => {
            kept(each(&typed.value, number::currency), value, problems).map(|any| Condition::Currency { any })
        }
        ConditionField::AmountAtLeast | ConditionField::AmountBelow => {
            let currency = kept(number::currency(&typed.key), format!("{at}.key"), problems)?;
            let amount = kept(number::amount(&typed.value, currency), value, problems)?;
            Some(if field == ConditionField::AmountBelow {
                Condition::AmountBelow { amount }
            } else {
                Condition::AmountAtLeast { amount }
            })
        }
        ConditionField::Country => {
            kept(each(&typed.value, country_of), value, problems).map(|any| Condition::Country { any })
        }
        ConditionField::Method => {
            kept(each(&typed.value, name_of), value, problems).map(|any| Condition::Method { any })
        }
        ConditionField::Brand => kept(each(&typed.value, name_of), value, problems).map(|any| Condition::Brand { any }),
        ConditionField::IssuerCountry => {
            kept(each(&typed.value, country_of), value, problems).map(|any| Condition::IssuerCountry { any })
        }
        ConditionField::Customer => kept(text::choice(typed.value.trim(), &["new", "returning"]), value, problems)
            .map(|who| Condition::Customer { returning: who == "returning" }),
        ConditionField::Metadata => {
            let key = kept(text::required(&typed.key, TEXT_MAX), format!("{at}.key"), problems);
            let any = kept(each(&typed.value, |one| text::required(one, TEXT_MAX)), value, problems);
            key.zip(any).map(|(key, any)| Condition::Metadata { key, any })
        }
    }
}

/// Methods and brands are lower-case names of the catalogue's kind.
fn name_of(typed: &str) -> Result<String, Wrong> {
    let name = text::required(typed, TEXT_MAX)?.to_ascii_lowercase();
    let plain = name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
    if plain { Ok(name) } else { Err(Wrong::new(codes::BAD_CHOICE)) }
}

fn country_of(typed: &str) -> Result<String, Wrong> {
    country::required(typed).map(str::to_owned)
}

/// Values separated by commas (Persian ones too), each once, in the order typed; at least one.
fn each<T: PartialEq>(typed: &str, read: impl Fn(&str) -> Result<T, Wrong>) -> Result<Vec<T>, Wrong> {
    let mut values = Vec::new();
    for one in typed.split([',', '،', ';', '؛']).map(str::trim).filter(|one| !one.is_empty()) {
        let value = read(one)?;
        if !values.contains(&value) {
            values.push(value);
        }
    }
    match values.len() {
        0 => Err(Wrong::new(codes::REQUIRED)),
        count if count > MAX_VALUES => Err(Wrong::new(codes::OUT_OF_RANGE).with("min", 1).with("max", MAX_VALUES)),
        _ => Ok(values),
    }
}

fn action(typed: &RuleForm, at: &str, known: &[ConnectionId], problems: &mut Vec<FieldProblem>) -> Option<Action> {
    let kind =
        kept(text::choice(&typed.action, &["priority", "split", "learn", "block"]), format!("{at}.action"), problems)?;
    if kind == "block" {
        return Some(Action::Block);
    }
    if typed.targets.is_empty() || typed.targets.len() > MAX_TARGETS {
        let wrong = if typed.targets.is_empty() {
            Wrong::new(codes::REQUIRED)
        } else {
            Wrong::new(codes::OUT_OF_RANGE).with("min", 1).with("max", MAX_TARGETS)
        };
        problems.push(wrong.at(format!("{at}.targets")));
        return None;
    }
    let before = problems.len();
    let mut shares: Vec<Share> = Vec::new();
    for (place, target) in typed.targets.iter().enumerate() {
        let at = format!("{at}.targets.{place}");
        let id = target.connection.parse::<ConnectionId>().ok().filter(|id| known.contains(id));
        let Some(connection) = id else {
            problems.push(Wrong::new(codes::BAD_CHOICE).at(format!("{at}.connection")));
            continue;
        };
        if shares.iter().any(|share| share.connection == connection) {
            problems.push(Wrong::new(money::DUPLICATE_KEY).at(format!("{at}.connection")));
            continue;
        }
        let percent = match kind {
            "split" => kept(number::whole(&target.percent, 1, 100), format!("{at}.percent"), problems),
            _ => Some(0),
        };
        shares.extend(percent.and_then(|p| u32::try_from(p).ok()).map(|percent| Share { connection, percent }));
    }
    if kind == "split" && problems.len() == before && shares.iter().map(|share| share.percent).sum::<u32>() != 100 {
        problems.push(Wrong::new(money::SHARES_NOT_WHOLE).at(format!("{at}.targets")));
    }
    let explore_percent = match kind {
        "learn" => kept(explored(&typed.explore), format!("{at}.explore"), problems),
        _ => None,
    };
    if problems.len() > before {
        return None;
    }
    if kind == "split" {
        return Some(Action::Split { shares });
    }
    let connections = shares.into_iter().map(|share| share.connection).collect();
    Some(match explore_percent {
        Some(explore_percent) => Action::Learn { connections, explore_percent },
        None => Action::Priority { connections },
    })
}

/// The part of payments that looks elsewhere, in percent.
fn explored(typed: &str) -> Result<u32, Wrong> {
    if typed.trim().is_empty() {
        return Ok(EXPLORE_DEFAULT);
    }
    let percent = number::whole(typed, 0, i64::from(EXPLORE_MAX))?;
    Ok(u32::try_from(percent).unwrap_or(EXPLORE_MAX))
}

/// Rules as they would be typed.
#[must_use]
pub fn form_of(rules: &RuleSet, version: i64) -> RoutingForm {
    RoutingForm { version, note: String::new(), rules: rules.rules.iter().map(rule_form).collect() }
}

fn rule_form(rule: &Rule) -> RuleForm {
    let target =
        |connection: &ConnectionId, percent: String| TargetForm { connection: connection.to_string(), percent };
    let (action, targets) = match &rule.then {
        Action::Block => ("block", Vec::new()),
        Action::Priority { connections } => {
            ("priority", connections.iter().map(|id| target(id, String::new())).collect())
        }
        Action::Learn { connections, .. } => {
            ("learn", connections.iter().map(|id| target(id, String::new())).collect())
        }
        Action::Split { shares } => {
            ("split", shares.iter().map(|share| target(&share.connection, share.percent.to_string())).collect())
        }
    };
    let explore = match &rule.then {
        Action::Learn { explore_percent, .. } => explore_percent.to_string(),
        _ => String::new(),
    };
    RuleForm {
        name: rule.name.clone(),
        when: rule.when.iter().map(condition_form).collect(),
        action: action.to_owned(),
        targets,
        fallback: rule.fallback,
        retry_soft: rule.retry_soft,
        explore,
    }
}

fn condition_form(condition: &Condition) -> ConditionForm {
    let (key, value) = match condition {
        Condition::Currency { any } => {
            (String::new(), any.iter().map(|currency| currency.code().to_owned()).collect::<Vec<_>>().join(", "))
        }
        Condition::AmountAtLeast { amount } | Condition::AmountBelow { amount } => {
            (amount.currency.code().to_owned(), amount.plain())
        }
        Condition::Country { any }
        | Condition::Method { any }
        | Condition::Brand { any }
        | Condition::IssuerCountry { any } => (String::new(), any.join(", ")),
        Condition::Customer { returning } => (String::new(), if *returning { "returning" } else { "new" }.to_owned()),
        Condition::Metadata { key, any } => (key.clone(), any.join(", ")),
    };
    ConditionForm { field: condition.field().as_str().to_owned(), key, value }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(n: u64) -> ConnectionId {
        ConnectionId::from_parts(n, [0; 10])
    }

    fn condition(field: &str, key: &str, value: &str) -> ConditionForm {
        ConditionForm { field: field.into(), key: key.into(), value: value.into() }
    }

    fn target(n: u64, percent: &str) -> TargetForm {
        TargetForm { connection: id(n).to_string(), percent: percent.into() }
    }

    fn form(rule: RuleForm) -> RoutingForm {
        RoutingForm { version: 3, note: " why ".into(), rules: vec![rule] }
    }

    fn whole() -> RuleForm {
        RuleForm {
            name: " Large ".into(),
            when: vec![
                condition("currency", "", "eur, JPY،eur"),
                condition("amount_at_least", "EUR", "1,000.50"),
                condition("amount_below", "jpy", "5000"),
                condition("method", "", "card"),
                condition("brand", "", "Visa, amex"),
                condition("issuer_country", "", "se, NO"),
                condition("customer", "", "new"),
                condition("metadata", "shop", "north, south"),
                condition("country", "", "de, AT"),
            ],
            action: "split".into(),
            targets: vec![target(1, "60"), target(2, "40")],
            fallback: true,
            retry_soft: true,
            explore: String::new(),
        }
    }

    #[test]
    fn what_is_typed_reads_back() {
        let known = [id(1), id(2)];
        let (rules, note) = check(&form(whole()), &known).unwrap();
        assert_eq!(note.as_deref(), Some("why"));
        assert_eq!(rules.rules[0].name, "Large");
        assert_eq!(rules.rules[0].when.len(), 9);
        let again = form_of(&rules, 3);
        assert_eq!(again.rules[0].when[1], condition("amount_at_least", "EUR", "1000.50"));
        assert_eq!(check(&again, &known).unwrap().0, rules);
        let json = serde_json::to_string(&rules).unwrap();
        assert_eq!(serde_json::from_str::<RuleSet>(&json).unwrap(), rules);
    }

    #[test]
    fn every_field_says_what_is_wrong_with_it() {
        let broken = |change: &dyn Fn(&mut RuleForm)| {
            let mut rule = whole();
            change(&mut rule);
            let problems = check(&form(rule), &[id(1), id(2)]).unwrap_err();
            problems.into_iter().map(|p| format!("{} {}", p.field, p.code)).collect::<Vec<_>>().join(", ")
        };
        assert_eq!(broken(&|r| r.name = " ".into()), "rules.0.name required");
        assert_eq!(broken(&|r| r.action = "x".into()), "rules.0.action bad_choice");
        assert_eq!(broken(&|r| r.targets.clear()), "rules.0.targets required");
        assert_eq!(broken(&|r| r.targets[0].percent = "61".into()), "rules.0.targets shares_not_whole");
        assert_eq!(broken(&|r| r.targets[0].percent = "0".into()), "rules.0.targets.0.percent out_of_range");
        assert_eq!(broken(&|r| r.targets[1] = target(1, "40")), "rules.0.targets.1.connection duplicate_key");
        assert_eq!(broken(&|r| r.targets[1] = target(7, "40")), "rules.0.targets.1.connection bad_choice");
        assert_eq!(broken(&|r| r.when[0].value = "eur, xxz".into()), "rules.0.when.0.value bad_currency");
        assert_eq!(broken(&|r| r.when[1].key = String::new()), "rules.0.when.1.key required");
        assert_eq!(broken(&|r| r.when[2].value = "0.5".into()), "rules.0.when.2.value too_many_decimals");
        assert_eq!(broken(&|r| r.when[5].value = "Atlantis".into()), "rules.0.when.5.value bad_country");
        assert_eq!(broken(&|r| r.when[6].value = "old".into()), "rules.0.when.6.value bad_choice");
        assert_eq!(broken(&|r| r.when[7].value = " , ".into()), "rules.0.when.7.value required");
        assert_eq!(broken(&|r| r.when[8].value = "DE, Narnia".into()), "rules.0.when.8.value bad_country");
        assert_eq!(broken(&|r| r.when[7].field = "moon".into()), "rules.0.when.7.field bad_choice");
    }

    #[test]
    fn how_much_looks_elsewhere_is_bounded_and_has_a_default() {
        let known = [id(1), id(2)];
        let learn = |explore: &str| RuleForm { action: "learn".into(), explore: explore.into(), ..whole() };
        for (typed, percent) in [("", 5), (" 0 ", 0), ("20", 20)] {
            let (rules, _) = check(&form(learn(typed)), &known).unwrap();
            let connections = known.to_vec();
            assert_eq!(rules.rules[0].then, Action::Learn { connections, explore_percent: percent });
            assert_eq!(check(&form_of(&rules, 3), &known).unwrap().0, rules);
        }
        for wrong in ["21", "-1", "a"] {
            assert_eq!(check(&form(learn(wrong)), &known).unwrap_err()[0].field, "rules.0.explore");
        }
    }

    #[test]
    fn a_block_needs_no_connection() {
        let rule = RuleForm { action: "block".into(), targets: Vec::new(), ..whole() };
        assert_eq!(check(&form(rule), &[]).unwrap().0.rules[0].then, Action::Block);
    }
}
