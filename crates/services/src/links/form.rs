//! What is typed to make or edit a link, checked.

use crate::sessions::return_url;
use domain::{
    CaptureMethod, Currency, FieldProblem,
    money::MAX_AMOUNT,
    problem::{codes, money},
    validate::{Problems, Wrong, number, text},
    views::checkout::LinkForm,
};
use store::links::LinkContent;

/// Longest title, in characters.
const MAX_TITLE: usize = 120;
/// Longest description, in characters.
const MAX_DESCRIPTION: usize = 1_000;
/// Most pieces for one customer.
const MAX_QUANTITY: i64 = 1_000;
/// Greatest stock.
const MAX_STOCK: i64 = 10_000_000;

/// Amounts of a link.
#[derive(Debug, Default)]
struct Pricing {
    amount: Option<i64>,
    min: Option<i64>,
    max: Option<i64>,
}

/// Checks a form; `origins` are those to which the merchant sends customers back.
pub(super) fn check(form: &LinkForm, origins: &[String]) -> Result<LinkContent, Vec<FieldProblem>> {
    let mut problems = Problems::new();
    let title = problems.take("title", text::required(&form.title, MAX_TITLE));
    let description = problems.take("description", optional_paragraph(&form.description, MAX_DESCRIPTION));
    let currency = problems.take("currency", number::currency(&form.currency));
    let choice = problems.take("pricing", text::choice(&form.pricing, &["fixed", "customer"]));
    let pricing = match (currency, choice) {
        (Some(currency), Some(choice)) => pricing(form, currency, choice, &mut problems),
        _ => Pricing::default(),
    };
    let max_quantity = problems.take("max_quantity", or_whole(&form.max_quantity, 1, 1, MAX_QUANTITY));
    let stock = problems.take("stock", optional_whole(&form.stock, 0, MAX_STOCK));
    let success_url = problems.take("success_url", return_url(&form.success_url, origins));
    let capture = problems.take("capture_method", capture_method(&form.capture_method));
    let greatest = pricing.amount.or(pricing.max).unwrap_or(1);
    if let Some(most) = max_quantity.filter(|most| greatest.checked_mul(*most).is_none_or(|total| total > MAX_AMOUNT)) {
        let allowed = (MAX_AMOUNT / greatest).clamp(1, most);
        let wrong = Wrong::new(codes::OUT_OF_RANGE).with("min", 1).with("max", allowed);
        problems.take::<()>("max_quantity", Err(wrong));
    }
    match (title, description, currency, max_quantity, stock, success_url.zip(capture)) {
        (
            Some(title),
            Some(description),
            Some(currency),
            Some(max_quantity),
            Some(stock),
            Some((success_url, capture)),
        ) if problems.is_empty() => Ok(LinkContent {
            title,
            description,
            currency: currency.code().to_owned(),
            amount: pricing.amount,
            min_amount: pricing.min,
            max_amount: pricing.max,
            max_quantity,
            stock,
            success_url,
            capture_method: capture,
        }),
        _ => Err(problems.into_vec()),
    }
}

fn pricing(form: &LinkForm, currency: Currency, choice: &str, problems: &mut Problems) -> Pricing {
    if choice == "fixed" {
        let amount = problems.take("amount", number::amount(&form.amount, currency));
        return Pricing { amount: amount.map(|money| money.minor), ..Pricing::default() };
    }
    let mut bound = |field: &str, typed: &str| {
        if typed.trim().is_empty() {
            return None;
        }
        problems.take(field, number::amount(typed, currency)).map(|money| money.minor)
    };
    let (min, max) = (bound("min_amount", &form.min_amount), bound("max_amount", &form.max_amount));
    if let (Some(min), Some(max)) = (min, max)
        && min > max
    {
        problems.add("min_amount", money::MIN_ABOVE_MAX);
    }
    Pricing { amount: None, min, max }
}

/// Several lines that may be empty.
fn optional_paragraph(typed: &str, max: usize) -> Result<Option<String>, Wrong> {
    match text::paragraph(typed, max) {
        Ok(text) => Ok(Some(text)),
        Err(wrong) if wrong.code == codes::REQUIRED => Ok(None),
        Err(wrong) => Err(wrong),
    }
}

/// When money is taken; at once when nothing is said.
pub(crate) fn capture_method(typed: &str) -> Result<CaptureMethod, Wrong> {
    match typed.trim() {
        "" => Ok(CaptureMethod::default()),
        name => name.parse().map_err(|()| Wrong::new(codes::BAD_CHOICE)),
    }
}

/// A whole number, or this one when nothing is typed.
pub(crate) fn or_whole(typed: &str, empty: i64, min: i64, max: i64) -> Result<i64, Wrong> {
    Ok(optional_whole(typed, min, max)?.unwrap_or(empty))
}

fn optional_whole(typed: &str, min: i64, max: i64) -> Result<Option<i64>, Wrong> {
    if typed.trim().is_empty() { Ok(None) } else { number::whole(typed, min, max).map(Some) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn good() -> LinkForm {
        LinkForm {
            title: "Tea".into(),
            currency: "EUR".into(),
            pricing: "fixed".into(),
            amount: "4.50".into(),
            ..LinkForm::default()
        }
    }

    fn problems(form: &LinkForm) -> Vec<String> {
        let found = check(form, &["https://shop.example".to_owned()]).unwrap_err();
        found.into_iter().map(|p| format!("{}={}", p.field, p.code)).collect()
    }

    #[test]
    fn a_good_form_passes() {
        let content = check(&good(), &[]).unwrap();
        assert_eq!((content.amount, content.max_quantity, content.stock), (Some(450), 1, None));
        assert_eq!(content.capture_method, CaptureMethod::Automatic);
        let manual = LinkForm { capture_method: "manual".into(), ..good() };
        assert_eq!(check(&manual, &[]).unwrap().capture_method, CaptureMethod::Manual);
        let customer =
            LinkForm { pricing: "customer".into(), min_amount: "1".into(), max_amount: "10".into(), ..good() };
        let content = check(&customer, &[]).unwrap();
        assert_eq!((content.amount, content.min_amount, content.max_amount), (None, Some(100), Some(1_000)));
        // What fixed pricing does not ask for is not read.
        assert!(check(&LinkForm { min_amount: "x".into(), ..good() }, &[]).is_ok());
        // Markup is text like any other; pages escape it.
        assert_eq!(check(&LinkForm { title: "<b>Tea</b>".into(), ..good() }, &[]).unwrap().title, "<b>Tea</b>");
        let back = LinkForm { success_url: "https://shop.example/thanks".into(), ..good() };
        assert!(check(&back, &["https://shop.example".to_owned()]).unwrap().success_url.is_some());
    }

    #[test]
    fn every_field_says_what_is_wrong() {
        let empty = problems(&LinkForm::default());
        assert_eq!(empty, ["title=required", "currency=required", "pricing=required"]);
        assert_eq!(problems(&LinkForm { amount: String::new(), ..good() }), ["amount=required"]);
        let long = "x".repeat(3_000);
        let all = |text: &str| LinkForm {
            title: text.into(),
            description: text.into(),
            currency: text.into(),
            pricing: text.into(),
            amount: text.into(),
            min_amount: text.into(),
            max_amount: text.into(),
            max_quantity: text.into(),
            stock: text.into(),
            success_url: text.into(),
            capture_method: text.into(),
            version: 0,
        };
        for text in [&long, "\u{202e}abc", "a\u{0}b"] {
            let found = problems(&all(text));
            for field in [
                "title",
                "description",
                "currency",
                "pricing",
                "max_quantity",
                "stock",
                "success_url",
                "capture_method",
            ] {
                assert!(found.iter().any(|p| p.starts_with(field)), "{field} in {found:?}");
            }
        }
        for amount in [&long, "\u{202e}1", "<b>1</b>", "-1", "0", "1.005", "99999999999999999999"] {
            assert_eq!(problems(&LinkForm { amount: amount.into(), ..good() }).len(), 1, "{amount}");
        }
        for url in [
            "http://shop.example/",
            "https://evil.example/",
            "javascript:alert(1)",
            "https://shop.example@evil.example/",
        ] {
            assert_eq!(problems(&LinkForm { success_url: url.into(), ..good() }).len(), 1, "{url}");
        }
        let crossed = LinkForm { pricing: "customer".into(), min_amount: "5".into(), max_amount: "4".into(), ..good() };
        assert_eq!(problems(&crossed), ["min_amount=min_above_max"]);
        let huge = LinkForm { amount: "9999999999.99".into(), max_quantity: "2".into(), ..good() };
        assert_eq!(problems(&huge), ["max_quantity=out_of_range"]);
        assert_eq!(problems(&LinkForm { stock: "-1".into(), ..good() }), ["stock=out_of_range"]);
        assert_eq!(problems(&LinkForm { max_quantity: "0".into(), ..good() }), ["max_quantity=out_of_range"]);
    }
}
