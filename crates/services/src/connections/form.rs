//! What is typed to add or edit a connection, checked.

use domain::{
    Currency, FieldProblem,
    problem::{codes, money},
    validate::{Problems, Wrong, number, text},
    views::gateway::{ConnectionForm, Provider},
};
use gateways::{Credentials, Gateway};

/// Longest name, in characters.
const MAX_NAME: usize = 60;
/// Longest credential, in characters.
const MAX_CREDENTIAL: usize = 4_000;
/// Most currencies that a connection may list.
const MAX_CURRENCIES: usize = 60;
/// Greatest order.
const MAX_PRIORITY: i64 = 9_999;

/// A form that may be stored.
#[derive(Debug)]
pub(super) struct Checked {
    pub(super) name: String,
    /// JSON array.
    pub(super) methods: String,
    /// JSON array.
    pub(super) currencies: String,
    pub(super) priority: i64,
    /// What is stored and what was typed, together.
    pub(super) credentials: Credentials,
    /// Whether something was typed.
    pub(super) credentials_typed: bool,
}

/// Checks a form. `stored` are the credentials that an empty field keeps; `priority` counts when none is typed. Problems of
/// credentials are named `credentials.<field>`.
pub(super) fn check(
    form: &ConnectionForm,
    gateway: &dyn Gateway,
    livemode: bool,
    stored: Credentials,
    priority: i64,
) -> Result<Checked, Vec<FieldProblem>> {
    let provider = gateway.describe();
    let mut problems = Problems::new();
    let name = problems.take("name", text::required(&form.name, MAX_NAME));
    let methods = methods(form, &provider, &mut problems);
    let currencies = currencies(&form.currencies, gateway, &mut problems);
    let priority = if form.priority.trim().is_empty() {
        Some(priority)
    } else {
        problems.take("priority", number::whole(&form.priority, 0, MAX_PRIORITY))
    };
    let (credentials, credentials_typed) = credentials(form, &provider, stored, &mut problems);
    let mut problems = problems.into_vec();
    for mut problem in gateway.check().problems(&credentials, livemode) {
        problem.field = format!("credentials.{}", problem.field);
        if !problems.iter().any(|known| known.field == problem.field) {
            problems.push(problem);
        }
    }
    match (name, priority) {
        (Some(name), Some(priority)) if problems.is_empty() => {
            let methods = json(&methods);
            let currencies = json(&currencies.iter().map(|c| c.code().to_owned()).collect::<Vec<_>>());
            Ok(Checked { name, methods, currencies, priority, credentials, credentials_typed })
        }
        _ => Err(problems),
    }
}

fn json(texts: &[String]) -> String {
    serde_json::Value::from(texts.to_vec()).to_string()
}

/// The chosen methods in the provider's order, each once.
fn methods(form: &ConnectionForm, provider: &Provider, problems: &mut Problems) -> Vec<String> {
    if form.methods.is_empty() {
        problems.add("methods", codes::REQUIRED);
    } else if form.methods.iter().any(|method| !provider.methods.contains(method)) {
        problems.add("methods", codes::BAD_CHOICE);
    }
    provider.methods.iter().filter(|method| form.methods.contains(method)).cloned().collect()
}

/// Codes separated by commas (Persian ones too), semicolons or spaces, each once, in the order typed.
fn currencies(typed: &str, gateway: &dyn Gateway, problems: &mut Problems) -> Vec<Currency> {
    let mut found: Vec<Currency> = Vec::new();
    let separator = |c: char| c.is_whitespace() || matches!(c, ',' | ';' | '،' | '؛');
    for code in typed.split(separator).filter(|code| !code.is_empty()) {
        match code.parse() {
            Ok(currency) if found.contains(&currency) => {}
            Ok(currency) if found.len() < MAX_CURRENCIES => found.push(currency),
            _ => {
                problems.add("currencies", codes::BAD_CURRENCY);
                return Vec::new();
            }
        }
    }
    if let Some(other) = found.iter().find(|currency| gateway.counts(**currency).is_none()) {
        let wrong = Wrong::new(money::CURRENCY_NOT_TAKEN).with("currency", other.code());
        problems.take("currencies", Err::<(), _>(wrong));
    }
    found
}

/// What is stored with what was typed over it; an empty field keeps what is stored.
fn credentials(
    form: &ConnectionForm,
    provider: &Provider,
    mut credentials: Credentials,
    problems: &mut Problems,
) -> (Credentials, bool) {
    let mut typed = false;
    for (field, value) in &form.credentials {
        if !provider.fields.iter().any(|known| known.name == *field) {
            problems.add("credentials", codes::BAD_CHOICE);
            continue;
        }
        let name = format!("credentials.{field}");
        if let Some(Some(value)) = problems.take(name, text::optional(value, MAX_CREDENTIAL)) {
            credentials.set(field.clone(), value);
            typed = true;
        }
    }
    for field in provider.fields.iter().filter(|field| field.required && credentials.get(&field.name).is_none()) {
        problems.add(format!("credentials.{}", field.name), codes::REQUIRED);
    }
    (credentials, typed)
}
