//! Reads the filters of the list of payments, as they stand in its URL. What can't be read is told, never ignored.

use crate::{
    ServiceError,
    paging::{Asked, Side},
    zone::Zone,
};
use domain::{
    Currency, FieldProblem, Money, MoneyError, Timestamp,
    problem::{codes, money},
    states::PaymentStatus,
    validate::{Problems, Wrong, date, email, number, text},
    views::{page::PageQuery, payment::PaymentFilter},
};
use jiff::civil::Date;
use store::payment_lists::{PaymentQuery, Place, StatusIs};

/// Longest reference that a session takes.
const REFERENCE_MAX: usize = 200;

/// What a list shall show, and which page of it.
pub(crate) struct Wanted {
    /// For the store.
    pub(crate) query: PaymentQuery,
    /// The page.
    pub(crate) asked: Asked,
}

/// A field that was filled in, trimmed; forms send the others too, empty.
fn typed(field: &Option<String>) -> Option<&str> {
    field.as_deref().map(str::trim).filter(|text| !text.is_empty())
}

/// Whether days have to be cut, for which the merchant's zone is needed.
pub(crate) fn names_days(filter: &PaymentFilter) -> bool {
    typed(&filter.from).or(typed(&filter.to)).is_some()
}

/// Reads a filter.
///
/// # Errors
/// Every field that can't be read, in the order of the filters.
pub(crate) fn read(filter: &PaymentFilter, zone: &Zone) -> Result<Wanted, ServiceError> {
    let mut wrong = Problems::new();
    let status = typed(&filter.status).and_then(|text| wrong.take("status", status(text)));
    let (from, until) = days(filter, zone, &mut wrong);
    let currency = typed(&filter.currency).and_then(|text| wrong.take("currency", number::currency(text)));
    let (min, max) = amounts(filter, currency, &mut wrong);
    let method = typed(&filter.method).and_then(|text| wrong.take("method", method(text)));
    let last4 = typed(&filter.last4).and_then(|text| wrong.take("last4", last4(text)));
    let email = typed(&filter.email).and_then(|text| wrong.take("email", email::required(text)));
    let reference = typed(&filter.reference).and_then(|t| wrong.take("reference", text::required(t, REFERENCE_MAX)));
    let page = PageQuery { after: filter.after.clone(), before: filter.before.clone(), limit: filter.limit };
    let mut problems = wrong.into_vec();
    let asked = asked(&page, &mut problems)?;
    let Some(asked) = asked.filter(|_| problems.is_empty()) else { return Err(ServiceError::fields(problems)) };
    let email = email.map(|email| email.address);
    let place = place(&asked);
    let query = PaymentQuery { status, from, until, min, max, currency, method, last4, email, reference, place };
    Ok(Wanted { query, asked })
}

/// The page that is asked for, or its problems among the others.
fn asked(page: &PageQuery, problems: &mut Vec<FieldProblem>) -> Result<Option<Asked>, ServiceError> {
    match Asked::of(page) {
        Ok(asked) => Ok(Some(asked)),
        Err(ServiceError::Problem(problem)) if !problem.fields.is_empty() => {
            problems.extend(problem.fields);
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

/// A page's side as the store names it.
pub(crate) fn place(asked: &Asked) -> Place {
    match &asked.side {
        Side::Older(than) => Place::After(than.clone()),
        Side::Newer(than) => Place::Before(than.clone()),
    }
}

fn status(text: &str) -> Result<StatusIs, Wrong> {
    match text {
        "refunded" => Ok(StatusIs::Refunded),
        "partially_refunded" => Ok(StatusIs::PartlyRefunded),
        "failed" => Ok(StatusIs::Failed),
        name => {
            let known = PaymentStatus::ALL.iter().find(|status| status.as_str() == name);
            known.map(|status| StatusIs::State(*status)).ok_or_else(|| Wrong::new(codes::BAD_CHOICE))
        }
    }
}

fn method(text: &str) -> Result<String, Wrong> {
    let sane = text.len() <= 32 && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
    if sane { Ok(text.to_owned()) } else { Err(Wrong::new(codes::BAD_CHOICE)) }
}

fn last4(text: &str) -> Result<String, Wrong> {
    let digits = text::ascii_digits(text);
    match digits.len() {
        _ if !digits.bytes().all(|b| b.is_ascii_digit()) => Err(Wrong::new(codes::BAD_NUMBER)),
        4 => Ok(digits),
        0..4 => Err(Wrong::new(codes::TOO_SHORT).with("min", 4)),
        _ => Err(Wrong::new(codes::TOO_LONG).with("max", 4)),
    }
}

/// The first moment that is wanted and the first that is not any more.
fn days(filter: &PaymentFilter, zone: &Zone, wrong: &mut Problems) -> (Option<Timestamp>, Option<Timestamp>) {
    let from = typed(&filter.from).and_then(|text| wrong.take("from", day(text)));
    let to = typed(&filter.to).and_then(|text| wrong.take("to", day(text)));
    if let (Some(from), Some(to)) = (from, to)
        && from > to
    {
        let range = Wrong::new(codes::OUT_OF_RANGE).with("min", from).with("max", Date::MAX);
        wrong.take("to", Err::<(), _>(range));
    }
    let start = from.and_then(|day| zone.start_of(day));
    // The last day there is has no day after it: no bound is right.
    let end = to.and_then(|day| zone.start_of(day.tomorrow().ok()?));
    (start, end)
}

fn day(text: &str) -> Result<Date, Wrong> {
    let bad = || Wrong::new(codes::BAD_DATE);
    let (year, month, day) = date::parse(text).ok_or_else(bad)?;
    let small = |part: u8| i8::try_from(part).map_err(|_| bad());
    Date::new(i16::try_from(year).map_err(|_| bad())?, small(month)?, small(day)?).map_err(|_| bad())
}

fn amounts(filter: &PaymentFilter, currency: Option<Currency>, wrong: &mut Problems) -> (Option<i64>, Option<i64>) {
    // Without a currency amounts are read with two decimals.
    let currency = currency.unwrap_or(Currency::EUR);
    let min = typed(&filter.min).and_then(|text| wrong.take("min", amount(text, currency)));
    let max = typed(&filter.max).and_then(|text| wrong.take("max", amount(text, currency)));
    if let (Some(min), Some(max)) = (min, max)
        && min > max
    {
        wrong.add("max", money::MIN_ABOVE_MAX);
    }
    (min, max)
}

fn amount(text: &str, currency: Currency) -> Result<i64, Wrong> {
    match Money::parse(text, currency) {
        Ok(money) => Ok(money.minor),
        Err(MoneyError::TooManyDecimals) => Err(Wrong::new(codes::TOO_MANY_DECIMALS)),
        Err(_) => Err(Wrong::new(codes::BAD_AMOUNT)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::ProblemKind;
    use proptest::prelude::*;

    fn filter(set: impl FnOnce(&mut PaymentFilter)) -> PaymentFilter {
        let mut filter = PaymentFilter::default();
        set(&mut filter);
        filter
    }

    fn problems(filter: &PaymentFilter) -> Vec<(String, String)> {
        match read(filter, &Zone::named("UTC")) {
            Ok(_) => Vec::new(),
            Err(ServiceError::Problem(problem)) => {
                assert_eq!(problem.kind, ProblemKind::Invalid);
                problem.fields.into_iter().map(|field| (field.field, field.code)).collect()
            }
            Err(error) => panic!("{error}"),
        }
    }

    #[test]
    fn what_cannot_be_read_is_told_with_its_field() {
        let all = filter(|f| {
            f.status = Some("paid".into());
            f.from = Some("2026-02-30".into());
            f.to = Some("yesterday".into());
            f.currency = Some("XXX".into());
            f.min = Some("much".into());
            f.max = Some("1.005".into());
            f.method = Some("<b>".into());
            f.last4 = Some("42x2".into());
            f.email = Some("nobody".into());
            f.reference = Some("a\u{202e}b".into());
            f.after = Some("x".into());
        });
        let expected = [
            ("status", "bad_choice"),
            ("from", "bad_date"),
            ("to", "bad_date"),
            ("currency", "bad_currency"),
            ("min", "bad_amount"),
            ("max", "too_many_decimals"),
            ("method", "bad_choice"),
            ("last4", "bad_number"),
            ("email", "bad_email"),
            ("reference", "bad_characters"),
            ("after", "bad_choice"),
        ];
        assert_eq!(problems(&all), expected.map(|(field, code)| (field.to_owned(), code.to_owned())));
    }

    #[test]
    fn ends_in_the_wrong_order_are_told() {
        let swapped = filter(|f| {
            (f.from, f.to) = (Some("2026-02-02".into()), Some("2026-02-01".into()));
            (f.min, f.max) = (Some("2".into()), Some("1".into()));
        });
        let expected = [("to", "out_of_range"), ("max", "min_above_max")];
        assert_eq!(problems(&swapped), expected.map(|(field, code)| (field.to_owned(), code.to_owned())));
    }

    #[test]
    fn blank_fields_are_none_and_digits_of_other_scripts_are_read() {
        let blank = || Some(" ".to_owned());
        let none = filter(|f| {
            (f.status, f.from, f.min, f.email, f.last4) = (blank(), blank(), blank(), blank(), blank());
        });
        assert!(!names_days(&none));
        let query = read(&none, &Zone::named("UTC")).unwrap().query;
        assert!(query.status.is_none() && query.from.is_none() && query.min.is_none() && query.email.is_none());
        let persian = filter(|f| {
            (f.from, f.last4, f.max) = (Some("۲۰۲۶-۰۲-۰۱".into()), Some("۴۲۴۲".into()), Some("۱۲٫۵".into()));
            f.currency = Some("kwd".into());
        });
        let query = read(&persian, &Zone::named("UTC")).unwrap().query;
        assert_eq!((query.last4.as_deref(), query.max), (Some("4242"), Some(12_500)));
        assert_eq!(query.from, Timestamp::parse_date("2026-02-01"));
    }

    proptest! {
        #[test]
        fn reading_never_panics(text in "\\PC{0,12}", which in 0usize..10) {
            let text = Some(text);
            let odd = filter(|f| match which {
                0 => f.status = text,
                1 => f.from = text,
                2 => f.to = text,
                3 => f.min = text,
                4 => f.currency = text,
                5 => f.method = text,
                6 => f.last4 = text,
                7 => f.email = text,
                8 => f.reference = text,
                _ => f.after = text,
            });
            let _ = read(&odd, &Zone::named("Asia/Tehran"));
        }
    }
}
