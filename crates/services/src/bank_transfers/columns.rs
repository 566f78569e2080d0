//! Which column of a table holds what: a proposal, and what a person makes of it.

use super::import::{mapping, waiting_file};
use crate::{MerchantActor, ServiceError, Services};
use domain::{
    Currency, Permission, StatementId,
    problem::codes,
    validate::{Problems, number},
    views::bank::{Columns, MappingForm},
};
use gateways::bank_transfer::statement::{
    AmountColumns, Calendar, CurrencySource, DateColumn, DateOrder, DecimalMark, StatementCode, Unsure,
};
use gateways::bank_transfer::{CsvMapping, guess};

/// Columns that a table may have.
const MAX_COLUMNS: i64 = 200;
/// Rows above the entries at most.
const MAX_HEADER: i64 = 100;

/// What the columns of a file may be, while they are to be said. None: it was read already.
///
/// # Errors
/// Forbidden; not found; the database's.
pub async fn columns(svc: &Services, actor: &MerchantActor, id: &StatementId) -> Result<Option<Columns>, ServiceError> {
    actor.require(Permission::ViewGateways)?;
    let Some((row, bytes)) = waiting_file(svc, &actor.scope, id).await? else { return Ok(None) };
    let guessed = guess(&bytes).map_err(|error| ServiceError::Fault(error.to_string()))?;
    let kept = mapping(svc, &actor.scope, &row.connection_id).await?;
    let unsure = match &kept {
        Some(_) => Vec::new(),
        None => guessed.unsure.iter().map(|part| unsure(*part).to_owned()).collect(),
    };
    let form = form(&kept.unwrap_or(guessed.mapping));
    Ok(Some(Columns { headings: guessed.headings, sample: guessed.sample, unsure, form }))
}

const fn unsure(part: Unsure) -> &'static str {
    match part {
        Unsure::Date => "date",
        Unsure::Amount => "amount",
        Unsure::Decimal => "decimal",
        Unsure::Currency => "currency",
        Unsure::Reference => "reference",
    }
}

/// A mapping as it is typed.
fn form(mapping: &CsvMapping) -> MappingForm {
    let column = |column: Option<usize>| column.map(|n| n.to_string()).unwrap_or_default();
    let mut form = MappingForm {
        header_rows: mapping.header_rows.to_string(),
        date: mapping.date.column.to_string(),
        date_order: match mapping.date.order {
            DateOrder::YearMonthDay => "year_month_day",
            DateOrder::DayMonthYear => "day_month_year",
            DateOrder::MonthDayYear => "month_day_year",
        }
        .to_owned(),
        calendar: match mapping.date.calendar {
            Calendar::Gregorian => "gregorian",
            Calendar::Buddhist => "buddhist",
            Calendar::Persian => "persian",
        }
        .to_owned(),
        decimal: if mapping.decimal == DecimalMark::Comma { "comma" } else { "point" }.to_owned(),
        reference: mapping.reference.iter().map(usize::to_string).collect::<Vec<_>>().join(", "),
        payer: column(mapping.payer),
        payer_account: column(mapping.payer_account),
        bank_ref: column(mapping.bank_ref),
        end_to_end_id: column(mapping.end_to_end_id),
        ..MappingForm::default()
    };
    match &mapping.amount {
        AmountColumns::Signed { column } => form.amount = column.to_string(),
        AmountColumns::Separate { credit, debit } => {
            form.amount = credit.to_string();
            form.debit = debit.to_string();
        }
        AmountColumns::Marked { column, mark, credit, debit } => {
            form.amount = column.to_string();
            form.mark = mark.to_string();
            form.mark_credit.clone_from(credit);
            form.mark_debit.clone_from(debit);
        }
    }
    match mapping.currency {
        CurrencySource::Column { column } => form.currency_column = column.to_string(),
        CurrencySource::Fixed { currency } => form.currency = currency.code().to_owned(),
    }
    form
}

/// A form as a mapping of a file. How its letters and columns are written is told by the file itself.
///
/// # Errors
/// What is wrong with which field.
pub(super) fn checked(form: &MappingForm, bytes: &[u8]) -> Result<CsvMapping, ServiceError> {
    let guessed = guess(bytes)
        .map_err(|error| ServiceError::fields(vec![domain::FieldProblem::new("date", error.code.as_str())]))?
        .mapping;
    let mut problems = Problems::new();
    let date = column(&mut problems, "date", &form.date, true);
    let order = choice(&mut problems, "date_order", &form.date_order, &ORDERS);
    let calendar = choice(&mut problems, "calendar", &form.calendar, &CALENDARS);
    let decimal = choice(&mut problems, "decimal", &form.decimal, &DECIMALS);
    let header = problems.take("header_rows", number::whole(&form.header_rows, 0, MAX_HEADER));
    let amount = amount(&mut problems, form);
    let currency = currency(&mut problems, form);
    let parts: Vec<&str> = form.reference.split([',', '،', ' ']).filter(|part| !part.trim().is_empty()).collect();
    let reference: Vec<usize> = parts.iter().map_while(|part| column(&mut problems, "reference", part, true)).collect();
    let payer = column(&mut problems, "payer", &form.payer, false);
    let payer_account = column(&mut problems, "payer_account", &form.payer_account, false);
    let bank_ref = column(&mut problems, "bank_ref", &form.bank_ref, false);
    let end_to_end_id = column(&mut problems, "end_to_end_id", &form.end_to_end_id, false);
    if parts.is_empty() {
        problems.add("reference", codes::REQUIRED);
    }
    let problems = problems.into_vec();
    if !problems.is_empty() {
        return Err(ServiceError::fields(problems));
    }
    let (Some(column), Some(order), Some(calendar), Some(decimal), Some(header), Some(amount), Some(currency)) =
        (date, order, calendar, decimal, header, amount, currency)
    else {
        return Err(ServiceError::fields(vec![domain::FieldProblem::new("date", StatementCode::BadMapping.as_str())]));
    };
    Ok(CsvMapping {
        delimiter: guessed.delimiter,
        encoding: guessed.encoding,
        header_rows: u32::try_from(header).unwrap_or(0),
        date: DateColumn { column, order, calendar },
        amount,
        decimal,
        currency,
        reference,
        payer,
        payer_account,
        bank_ref,
        end_to_end_id,
    })
}

const ORDERS: [(&str, DateOrder); 3] = [
    ("year_month_day", DateOrder::YearMonthDay),
    ("day_month_year", DateOrder::DayMonthYear),
    ("month_day_year", DateOrder::MonthDayYear),
];
const CALENDARS: [(&str, Calendar); 3] =
    [("gregorian", Calendar::Gregorian), ("buddhist", Calendar::Buddhist), ("persian", Calendar::Persian)];
const DECIMALS: [(&str, DecimalMark); 2] = [("point", DecimalMark::Point), ("comma", DecimalMark::Comma)];

fn choice<T: Copy>(problems: &mut Problems, field: &'static str, typed: &str, all: &[(&str, T)]) -> Option<T> {
    let found = all.iter().find(|(name, _)| *name == typed.trim()).map(|(_, value)| *value);
    if found.is_none() {
        problems.add(field, codes::BAD_CHOICE);
    }
    found
}

fn column(problems: &mut Problems, field: &'static str, typed: &str, required: bool) -> Option<usize> {
    if typed.trim().is_empty() {
        if required {
            problems.add(field, codes::REQUIRED);
        }
        return None;
    }
    problems.take(field, number::whole(typed, 0, MAX_COLUMNS)).and_then(|n| usize::try_from(n).ok())
}

fn amount(problems: &mut Problems, form: &MappingForm) -> Option<AmountColumns> {
    let first = column(problems, "amount", &form.amount, true);
    let debit = column(problems, "debit", &form.debit, false);
    let mark = column(problems, "mark", &form.mark, false);
    let first = first?;
    match (debit, mark) {
        (Some(_), Some(_)) => {
            problems.add("mark", codes::BAD_CHOICE);
            None
        }
        (Some(debit), None) => Some(AmountColumns::Separate { credit: first, debit }),
        (None, Some(mark)) => {
            let credit = problems.take("mark_credit", domain::validate::text::required(&form.mark_credit, 40));
            let debit = problems.take("mark_debit", domain::validate::text::required(&form.mark_debit, 40));
            Some(AmountColumns::Marked { column: first, mark, credit: credit?, debit: debit? })
        }
        (None, None) => Some(AmountColumns::Signed { column: first }),
    }
}

fn currency(problems: &mut Problems, form: &MappingForm) -> Option<CurrencySource> {
    if let Some(column) = column(problems, "currency_column", &form.currency_column, false) {
        return Some(CurrencySource::Column { column });
    }
    match form.currency.trim().parse::<Currency>() {
        Ok(currency) => Some(CurrencySource::Fixed { currency }),
        Err(_) => {
            problems.add("currency", codes::BAD_CURRENCY);
            None
        }
    }
}
