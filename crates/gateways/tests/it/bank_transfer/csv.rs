//! Tables, with saved and with proposed mappings. Their shapes follow the exports of German savings banks, of British and
//! of Swedish banks, as public import guides show them (<https://docs.ynab.com>, <https://github.com/siddhantgoel/beancount-dkb>).

use super::*;
use domain::Currency;
use gateways::bank_transfer::statement::{
    AmountColumns, Calendar, CurrencySource, DateColumn, DateOrder, DecimalMark, Guess, Unsure,
};
use gateways::bank_transfer::text::Encoding;
use gateways::bank_transfer::{CsvMapping, Format, detect, guess, read};

const GERMAN: &str = include_str!("fixtures/german.csv");
const ENGLISH: &str = include_str!("fixtures/english.csv");
const SWEDISH: &str = include_str!("fixtures/swedish.tsv");

fn guessed(text: &str) -> Guess {
    guess(text.as_bytes()).unwrap()
}

fn import(text: &str) -> Import {
    read(text.as_bytes(), Some(&guessed(text).mapping)).unwrap()
}

fn column(column: usize, order: DateOrder) -> DateColumn {
    DateColumn { column, order, calendar: Calendar::Gregorian }
}

#[test]
fn a_german_table() {
    let guess = guessed(GERMAN);
    assert_eq!(guess.unsure, []);
    assert_eq!(
        guess.mapping,
        CsvMapping {
            delimiter: ';',
            encoding: Encoding::Utf8,
            header_rows: 3,
            date: column(0, DateOrder::DayMonthYear),
            amount: AmountColumns::Signed { column: 6 },
            decimal: DecimalMark::Comma,
            currency: CurrencySource::Column { column: 7 },
            reference: vec![2, 3],
            payer: Some(4),
            payer_account: Some(5),
            bank_ref: None,
            end_to_end_id: None,
        }
    );
    let import = import(GERMAN);
    assert_eq!(amounts(&import.statements[0]), [124_990, -1_050]);
    let [paid, paper] = import.statements[0].entries.as_slice() else { panic!("two entries") };
    assert_eq!((paid.booked_on, paid.payer_name.as_deref(), paid.line), ((2026, 11, 22), Some("Jörg Müller"), 5));
    assert_eq!(paid.remittance, "GUTSCHRIFT Bestellung 1041 E7UA LHHM RUSH");
    assert_eq!(paper.remittance, "ÜBERWEISUNG Papier; A4 \"weiß\"");
    let told: Vec<_> = import.problems.iter().map(|p| (p.code, p.line, p.field.as_deref())).collect();
    assert_eq!(
        told,
        [
            (StatementCode::BadDate, Some(7), Some("1")),
            (StatementCode::TooManyDecimals, Some(8), Some("7")),
            (StatementCode::ColumnMissing, Some(9), Some("8")),
        ]
    );
}

#[test]
fn the_same_table_in_an_older_encoding() {
    let bytes = latin1(GERMAN);
    let guess = guess(&bytes).unwrap();
    assert_eq!(guess.mapping.encoding, Encoding::Windows1252);
    let import = read(&bytes, Some(&guess.mapping)).unwrap();
    assert_eq!(fingerprints(&import), fingerprints(&super::csv::import(GERMAN)));
    let wrong = CsvMapping { encoding: Encoding::Utf8, ..guess.mapping };
    assert_eq!(read(&bytes, Some(&wrong)).unwrap_err().code, StatementCode::BadEncoding);
}

#[test]
fn an_english_table_with_two_amount_columns() {
    let guess = guessed(ENGLISH);
    assert_eq!(guess.mapping.amount, AmountColumns::Separate { credit: 4, debit: 5 });
    assert_eq!(guess.mapping.currency, CurrencySource::Fixed { currency: "GBP".parse().unwrap() });
    assert_eq!((guess.mapping.payer, guess.mapping.bank_ref, guess.mapping.header_rows), (Some(2), Some(3), 1));
    assert_eq!((guess.unsure, guess.headings[1].as_str(), guess.sample.len()), (vec![], "Description", 6));
    let import = import(ENGLISH);
    assert_eq!(amounts(&import.statements[0]), [150_000, -2_025, 450, 450]);
    assert_eq!(codes(&import), [StatementCode::AmountAmbiguous, StatementCode::AmountMissing]);
    assert_eq!(import.problems.iter().map(|p| p.line).collect::<Vec<_>>(), [Some(4), Some(5)]);
    // Two coffees that are alike in all but the balance.
    let prints = fingerprints(&import);
    assert_ne!(prints[2], prints[3]);
    let shorter = ENGLISH.lines().take(6).collect::<Vec<_>>().join("\n");
    assert_eq!(fingerprints(&super::csv::import(&shorter)), prints[..3]);
}

#[test]
fn a_swedish_table_with_tabs() {
    let guess = guessed(SWEDISH);
    assert_eq!((guess.mapping.delimiter, guess.mapping.decimal), ('\t', DecimalMark::Comma));
    assert_eq!((guess.mapping.payer, guess.mapping.reference.as_slice()), (Some(2), [3].as_slice()));
    let mapping = CsvMapping { currency: CurrencySource::Column { column: 5 }, ..guess.mapping };
    let import = read(SWEDISH.as_bytes(), Some(&mapping)).unwrap();
    assert_eq!(amounts(&import.statements[0]), [49_900, -123_450]);
    assert_eq!(import.problems[0].code, StatementCode::BadCurrency);
    assert_eq!((import.problems[0].line, import.problems[0].field.as_deref()), (Some(4), Some("6")));
}

#[test]
fn headings_of_other_languages() {
    let row = |text: &str| {
        let import = import(text);
        assert_eq!(codes(&import), [], "{text}");
        let entry = &import.statements[0].entries[0];
        (entry.booked_on, signed(entry), entry.payer_name.clone().unwrap_or_default(), entry.remittance.clone())
    };
    let expected = |minor: i64, payer: &str, text: &str| ((2026, 11, 22), minor, payer.to_owned(), text.to_owned());
    assert_eq!(
        row("Data operacji;Kwota operacji;Waluta;Nadawca;Tytułem\n22-11-2026;1 250,00;PLN;Łukasz Żak;E7UA\n"),
        expected(125_000, "Łukasz Żak", "E7UA")
    );
    assert_eq!(
        row(
            "Ngày giao dịch,Số tiền,Loại tiền,Người chuyển,Nội dung\n22/11/2026,\"500,000\",VND,NGUYEN VAN A,E7UA\n22/11/2026,\"1,500,000\",VND,B,x\n"
        ),
        expected(500_000, "NGUYEN VAN A", "E7UA")
    );
    assert_eq!(
        row("วันที่,ถอน,ฝาก,ชื่อ,รายละเอียด,ยอดคงเหลือ,สกุลเงิน\n22/11/2569,,\"1,250.00\",สมชาย ใจดี,E7UA,\"2,000.00\",THB\n"),
        expected(125_000, "สมชาย ใจดี", "E7UA")
    );
    assert_eq!(
        row("Date opération;Libellé;Contrepartie;Montant EUR\n22/11/2026;E7UA;Zoé Dupont;12,50\n"),
        expected(1_250, "Zoé Dupont", "E7UA")
    );
    assert_eq!(
        row(
            "Datum,Naam,Tegenrekening,Af Bij,Bedrag (EUR),Mededelingen\n20261122,J. de Vries,NL91ABNA0417164300,Bij,\"12,50\",E7UA\n20261122,K,NL91ABNA0417164300,Af,\"1,00\",x\n"
        ),
        expected(1_250, "J. de Vries", "E7UA")
    );
    assert_eq!(
        row("تاریخ;مبلغ;ارز;واریز کننده;بابت\n۱۴۰۵/۰۹/۰۱;۱٬۲۵۰٫۵۰;EUR;علی رضایی;E7UA\n"),
        expected(125_050, "علی رضایی", "E7UA")
    );
}

/// Banks' own headings, of which several contain the same word.
#[test]
fn headings_that_lead_astray() {
    let sparkasse = guessed(
        "Auftragskonto;Buchungstag;Valutadatum;Buchungstext;Verwendungszweck;Glaeubiger ID;Mandatsreferenz;Kundenreferenz (End-to-End);Lastschrift Ursprungsbetrag;Beguenstigter/Zahlungspflichtiger;Kontonummer/IBAN;BIC (SWIFT-Code);Betrag;Waehrung\n\
         DE89370400440532013000;22.11.26;22.11.26;GUTSCHR;E7UA;;;NOTPROVIDED;;Eva Kunz;DE02120300000000202051;BYLADEM1001;12,50;EUR\n",
    );
    let mapping = sparkasse.mapping;
    assert_eq!((mapping.date.column, mapping.amount), (1, AmountColumns::Signed { column: 12 }));
    assert_eq!((mapping.currency, mapping.reference), (CurrencySource::Column { column: 13 }, vec![3, 4]));
    assert_eq!((mapping.payer, mapping.payer_account, mapping.end_to_end_id), (Some(9), Some(10), Some(7)));
    let dkb = guessed(
        "Buchungsdatum;Wertstellung;Status;Zahlungspflichtige*r;Verwendungszweck;Umsatztyp;IBAN;Betrag (€)\n\
         22.11.26;22.11.26;Gebucht;Eva Kunz;E7UA;Eingang;DE02120300000000202051;1.250\n",
    );
    assert_eq!(dkb.mapping.amount, AmountColumns::Signed { column: 7 });
    assert_eq!(
        (dkb.mapping.currency, dkb.unsure),
        (CurrencySource::Fixed { currency: Currency::EUR }, vec![Unsure::Decimal])
    );
    let natwest = guessed(
        "Date,Type,Description,Value,Balance,Account Name,Account Number\n22/11/2026,BAC,E7UA,12.50,20.00,SHOP,600000-1\n",
    );
    assert_eq!((natwest.mapping.amount, natwest.mapping.payer), (AmountColumns::Signed { column: 3 }, None));
}

#[test]
fn letters_of_windows() {
    // Tytułem, Łukasz in Windows-1250; วันที่, ฝาก, ถอน in Windows-874.
    let polish = b"Data;Kwota;Waluta;Nadawca;Tytu\xb3em\n22-11-2026;12,50;PLN;\xa3ukasz;E7UA\n";
    let guess_of = |bytes: &[u8]| guess(bytes).unwrap().mapping;
    assert_eq!(guess_of(polish).encoding, Encoding::Windows1250);
    let import = read(polish, Some(&guess_of(polish))).unwrap();
    assert_eq!(import.statements[0].entries[0].payer_name.as_deref(), Some("Łukasz"));
    let thai = b"\xc7\xd1\xb9\xb7\xd5\xe8,\xbd\xd2\xa1,\xb6\xcd\xb9\n22/11/2569,12.50,\n23/11/2569,,3.00\n";
    assert_eq!(guess_of(thai).encoding, Encoding::Windows874);
    assert_eq!(amounts(&read(thai, Some(&guess_of(thai))).unwrap().statements[0]), [1_250, -300]);
}

#[test]
fn what_a_table_does_not_tell_is_said() {
    let bare = guessed("x;2026-11-22;12,50\ny;2026-11-23;3,00\n");
    assert_eq!(bare.mapping.header_rows, 0);
    assert_eq!(bare.mapping.date.column, 1);
    assert_eq!(bare.mapping.amount, AmountColumns::Signed { column: 2 });
    assert_eq!(bare.unsure, [Unsure::Amount, Unsure::Currency, Unsure::Reference]);
    // Either order fits, and no amount has decimals.
    let slashes = guessed("Date,Amount (USD),Description\n01/02/2026,12,a\n03/04/2026,13,b\n");
    assert_eq!(slashes.unsure, [Unsure::Date, Unsure::Decimal]);
    let american = guessed("Date,Amount (USD),Description\n01/31/2026,12.00,a\n03/04/2026,13.00,b\n");
    assert_eq!((american.mapping.date, american.unsure), (column(0, DateOrder::MonthDayYear), vec![]));
    assert_eq!(guess(b"").unwrap_err().code, StatementCode::Empty);
    assert_eq!(guess(b"just some words").unwrap_err().code, StatementCode::UnknownFormat);
    assert_eq!(guess(b"a\0b;c\nd\0e;f\n").unwrap_err().code, StatementCode::UnknownFormat);
}

#[test]
fn mappings_are_kept_as_json_and_checked() {
    let mapping = guessed(GERMAN).mapping;
    let json = serde_json::to_string(&mapping).unwrap();
    assert!(json.contains("\"day_month_year\"") && json.contains("\"kind\":\"signed\""), "{json}");
    assert_eq!(serde_json::from_str::<CsvMapping>(&json).unwrap(), mapping);
    for delimiter in ['"', 'é', '\n', 'a'] {
        let bad = CsvMapping { delimiter, ..mapping.clone() };
        assert_eq!(read(GERMAN.as_bytes(), Some(&bad)).unwrap_err().code, StatementCode::BadMapping);
    }
    assert_eq!(read(GERMAN.as_bytes(), None).unwrap_err().code, StatementCode::MappingNeeded);
    assert_eq!(detect(GERMAN.as_bytes()), Some(Format::Csv));
    assert_eq!(detect(b"just some words"), None);
    let far = CsvMapping { payer: Some(usize::MAX), ..mapping.clone() };
    let import = read(GERMAN.as_bytes(), Some(&far)).unwrap();
    assert!(import.statements[0].entries.is_empty() && import.problems.len() == 5);
    // Another column's dates: every row says so, none is dropped.
    let other = CsvMapping { date: column(3, DateOrder::DayMonthYear), ..mapping };
    assert_eq!(read(GERMAN.as_bytes(), Some(&other)).unwrap().problems.len(), 5);
}
