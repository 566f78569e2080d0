//! What is typed to make a session, checked.

use super::{return_url, total};
use crate::links::{capture_method, or_whole};
use domain::{
    CaptureMethod, Currency, FieldProblem, Money,
    money::MAX_AMOUNT,
    problem::{codes, money},
    time::HOUR,
    validate::{Problems, Wrong, email, number, text},
    views::checkout::{LineItem, SessionForm},
};

/// Most lines.
const MAX_LINES: usize = 50;
/// Longest name of a line, in characters.
const MAX_NAME: usize = 120;
/// Most pieces in a line.
const MAX_QUANTITY: i64 = 10_000;
/// Longest reference, in characters.
const MAX_REFERENCE: usize = 200;
/// Most hours that a session lasts: 30 days.
const MAX_HOURS: i64 = 720;
/// Hours when nothing is typed.
const HOURS: i64 = 24;
/// Most pairs of metadata.
const MAX_PAIRS: usize = 50;
/// Longest key, in characters.
const MAX_KEY: usize = 40;
/// Longest value, in characters.
const MAX_VALUE: usize = 500;

/// A form that may be stored.
#[derive(Debug)]
pub(super) struct Checked {
    pub(super) currency: Currency,
    pub(super) items: Vec<LineItem>,
    pub(super) amount: i64,
    pub(super) customer_email: Option<String>,
    pub(super) client_reference: Option<String>,
    pub(super) success_url: Option<String>,
    pub(super) cancel_url: Option<String>,
    /// Milliseconds.
    pub(super) lasts: i64,
    pub(super) capture_method: CaptureMethod,
    /// JSON object of texts.
    pub(super) metadata: String,
}

/// Checks a form; `origins` are those to which the merchant sends customers back. Fields of lines are named
/// `items.<n>.<field>`, those of metadata `metadata.<n>.key` and `.value`, counted from 0.
pub(super) fn check(form: &SessionForm, origins: &[String]) -> Result<Checked, Vec<FieldProblem>> {
    let mut problems = Problems::new();
    let currency = problems.take("currency", number::currency(&form.currency));
    let items = items(form, currency, &mut problems);
    let amount = match (&items, currency) {
        (Some(items), Some(currency)) => {
            let range = || {
                let text = |minor| Money::new(minor, currency).grouped();
                Wrong::new(codes::OUT_OF_RANGE).with("min", text(1)).with("max", text(MAX_AMOUNT))
            };
            problems.take("items", total(items).ok_or_else(range))
        }
        _ => None,
    };
    let email = problems.take("customer_email", email::optional(&form.customer_email));
    let reference = problems.take("client_reference", text::optional(&form.client_reference, MAX_REFERENCE));
    let success_url = problems.take("success_url", return_url(&form.success_url, origins));
    let cancel_url = problems.take("cancel_url", return_url(&form.cancel_url, origins));
    let hours = problems.take("expires_in_hours", or_whole(&form.expires_in_hours, HOURS, 1, MAX_HOURS));
    let capture = problems.take("capture_method", capture_method(&form.capture_method));
    let metadata = metadata(&form.metadata, &mut problems);
    match (currency, items, amount, hours, capture) {
        (Some(currency), Some(items), Some(amount), Some(hours), Some(capture_method)) if problems.is_empty() => {
            Ok(Checked {
                currency,
                items,
                amount,
                customer_email: email.flatten().map(|email| email.address),
                client_reference: reference.flatten(),
                success_url: success_url.flatten(),
                cancel_url: cancel_url.flatten(),
                lasts: hours * HOUR,
                capture_method,
                metadata,
            })
        }
        _ => Err(problems.into_vec()),
    }
}

/// The lines, or none when one of them is wrong. Without a currency amounts can't be read and only the rest is checked.
fn items(form: &SessionForm, currency: Option<Currency>, problems: &mut Problems) -> Option<Vec<LineItem>> {
    if form.items.is_empty() {
        problems.add("items", codes::REQUIRED);
        return None;
    }
    if form.items.len() > MAX_LINES {
        problems.take::<()>("items", Err(Wrong::new(money::TOO_MANY_LINES).with("max", MAX_LINES)));
        return None;
    }
    let mut items = Vec::with_capacity(form.items.len());
    for (n, line) in form.items.iter().enumerate() {
        let name = problems.take(format!("items.{n}.name"), text::required(&line.name, MAX_NAME));
        let quantity = problems.take(format!("items.{n}.quantity"), number::whole(&line.quantity, 1, MAX_QUANTITY));
        let unit = match currency {
            Some(currency) => {
                problems.take(format!("items.{n}.unit_amount"), number::amount(&line.unit_amount, currency))
            }
            None => None,
        };
        if let (Some(name), Some(quantity), Some(unit)) = (name, quantity, unit) {
            items.push(LineItem { name, quantity, unit_amount: unit.minor });
        }
    }
    (items.len() == form.items.len()).then_some(items)
}

/// Pairs as a JSON object; pairs of two empty texts are left out, as forms send them.
fn metadata(pairs: &[(String, String)], problems: &mut Problems) -> String {
    let mut object = serde_json::Map::new();
    if pairs.len() > MAX_PAIRS {
        problems.take::<()>("metadata", Err(Wrong::new(money::TOO_MANY_LINES).with("max", MAX_PAIRS)));
        return String::new();
    }
    for (n, (key, value)) in pairs.iter().enumerate() {
        if key.trim().is_empty() && value.trim().is_empty() {
            continue;
        }
        let key = problems.take(format!("metadata.{n}.key"), text::required(key, MAX_KEY));
        let value = problems.take(format!("metadata.{n}.value"), text::optional(value, MAX_VALUE));
        if let (Some(key), Some(value)) = (key, value) {
            if object.contains_key(&key) {
                problems.add(format!("metadata.{n}.key"), money::DUPLICATE_KEY);
            }
            object.insert(key, value.unwrap_or_default().into());
        }
    }
    serde_json::Value::Object(object).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::views::checkout::SessionItemForm;

    fn line(name: &str, quantity: &str, unit: &str) -> SessionItemForm {
        SessionItemForm { name: name.into(), quantity: quantity.into(), unit_amount: unit.into() }
    }

    fn good() -> SessionForm {
        SessionForm {
            currency: "EUR".into(),
            items: vec![line("Tea", "2", "4.50"), line("Cake", "1", "3")],
            ..SessionForm::default()
        }
    }

    fn problems(form: &SessionForm) -> Vec<String> {
        let found = check(form, &["https://shop.example".into(), "http://localhost:3001".into()]).unwrap_err();
        found.into_iter().map(|p| format!("{}={}", p.field, p.code)).collect()
    }

    #[test]
    fn a_good_form_passes() {
        let checked = check(&good(), &[]).unwrap();
        assert_eq!((checked.amount, checked.lasts, checked.metadata.as_str()), (1_200, 24 * HOUR, "{}"));
        let more = SessionForm {
            metadata: vec![("order".into(), "<7>".into()), (String::new(), " ".into())],
            success_url: "http://localhost:3001/thanks?x=1".into(),
            cancel_url: "https://SHOP.example:443/".into(),
            expires_in_hours: "۱".into(),
            capture_method: "manual".into(),
            customer_email: "ann@example.com".into(),
            ..good()
        };
        let checked = check(&more, &["https://shop.example".into(), "http://localhost:3001".into()]).unwrap();
        assert_eq!((checked.lasts, checked.metadata.as_str()), (HOUR, r#"{"order":"<7>"}"#));
        assert_eq!(checked.capture_method, CaptureMethod::Manual);
    }

    #[test]
    fn every_field_says_what_is_wrong() {
        assert_eq!(problems(&SessionForm::default()), ["currency=required", "items=required"]);
        let blank = SessionForm { items: vec![SessionItemForm::default()], ..good() };
        let expected = ["items.0.name=required", "items.0.quantity=required", "items.0.unit_amount=required"];
        assert_eq!(problems(&blank), expected);
        let long = "x".repeat(3_000);
        for text in [long.as_str(), "\u{202e}abc", "a\u{0}b"] {
            let all = SessionForm {
                currency: text.into(),
                items: vec![line(text, text, text)],
                customer_email: text.into(),
                client_reference: text.into(),
                success_url: text.into(),
                cancel_url: text.into(),
                expires_in_hours: text.into(),
                capture_method: text.into(),
                metadata: vec![(text.into(), text.into())],
                form_key: text.into(),
            };
            let found = problems(&all);
            assert_eq!(found.len(), 11, "{found:?}");
            let amount = SessionForm { items: vec![line("Tea", "1", text)], ..good() };
            assert_eq!(problems(&amount), ["items.0.unit_amount=bad_amount"]);
        }
        let many = SessionForm { items: vec![line("Tea", "1", "1"); 51], ..good() };
        assert_eq!(problems(&many), ["items=too_many_lines"]);
        let dear = SessionForm { items: vec![line("Tea", "10000", "9999999999.99")], ..good() };
        assert_eq!(problems(&dear), ["items=out_of_range"]);
        for url in ["https://evil.example/", "http://shop.example/", "//shop.example", "https://shop.example.evil.se/"]
        {
            assert_eq!(problems(&SessionForm { cancel_url: url.into(), ..good() }).len(), 1, "{url}");
        }
        for hours in ["0", "721", "-1", "1.5"] {
            assert_eq!(problems(&SessionForm { expires_in_hours: hours.into(), ..good() }).len(), 1, "{hours}");
        }
        let twice = vec![("a".to_owned(), "1".to_owned()), ("a".to_owned(), "2".to_owned())];
        assert_eq!(problems(&SessionForm { metadata: twice, ..good() }), ["metadata.1.key=duplicate_key"]);
    }
}
