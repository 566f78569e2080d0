//! CAMT.053. The fixtures have the shape of the examples in the German DFÜ agreement (annex 3, camt.053.001.02), the Swiss
//! implementation guidelines (001.04) and ISO's schema of 001.13.

use super::*;
use gateways::bank_transfer::statement::StatementError;
use gateways::bank_transfer::{Format, detect, read};

const GERMAN: &str = include_str!("fixtures/german_v02.xml");
const SWISS: &str = include_str!("fixtures/swiss_v04.xml");
const NORDIC: &str = include_str!("fixtures/nordic_v13.xml");

fn file(text: &str) -> Import {
    read(text.as_bytes(), None).unwrap()
}

fn refused(text: &str) -> StatementCode {
    read(text.as_bytes(), None).unwrap_err().code
}

#[test]
fn a_german_statement() {
    let import = file(GERMAN);
    assert_eq!((import.format, import.pending, codes(&import)), (Format::Camt053, 1, vec![]));
    let [statement] = import.statements.as_slice() else { panic!("one statement") };
    assert_eq!(statement.account.as_deref(), Some("DE89370400440532013000"));
    assert_eq!((statement.opening, statement.closing), (Some(money(100_000, "EUR")), Some(money(113_940, "EUR"))));
    assert_eq!(statement.adds_up(), Some(true));
    assert_eq!(amounts(statement), [4_990, 3_050, 6_950, -1_050]);
    let [first, second, third, fourth] = statement.entries.as_slice() else { panic!("four entries") };
    assert_eq!(first.booked_on, (2026, 11, 22));
    assert_eq!(first.bank_ref.as_deref(), Some("2026112200000001"));
    assert_eq!(first.payer_name.as_deref(), Some("Jörg Müller & Söhne"));
    assert_eq!(first.payer_account.as_deref(), Some("DE02120300000000202051"));
    assert_eq!(first.remittance, "Bestellung 1041 e7ua lhhm rush danke");
    assert_eq!((first.end_to_end_id.as_deref(), first.line), (None, 42));
    assert_eq!(second.end_to_end_id.as_deref(), Some("ORDER-1042"));
    assert_eq!(third.structured_reference.as_deref(), Some("RF46BMQQ6YN7YS6M"));
    assert_eq!((third.payer_name.as_deref(), third.remittance.as_str()), (Some("Ben Weber"), "RF46BMQQ6YN7YS6M"));
    assert_eq!(third.bank_ref.as_deref(), Some("2026112200000002"));
    assert_eq!(
        (fourth.payer_name.as_deref(), fourth.payer_account.as_deref()),
        (Some("Papierhaus KG"), Some("0532013000"))
    );
    assert_eq!(fourth.remittance, "Druckerpapier");
}

#[test]
fn a_swiss_batch_with_a_fee_in_it() {
    let import = file(SWISS);
    assert_eq!(codes(&import), []);
    let statement = &import.statements[0];
    assert_eq!(statement.opening, Some(money(-2_000, "CHF")));
    assert_eq!((statement.adds_up(), amounts(statement)), (Some(true), vec![15_000, 12_000, -2_000, -500]));
    assert_eq!(statement.entries[0].remittance, "RF18539007547034 Rechnung 7");
    assert_eq!(statement.entries[1].bank_ref.as_deref(), Some("A2"));
    assert_eq!(statement.entries[3].remittance, "Kontoführung");
}

#[test]
fn the_newest_version_with_prefixes_and_a_reversal() {
    let import = file(NORDIC);
    assert_eq!((codes(&import), import.pending, import.statements.len()), (vec![], 1, 2));
    let [paid, taken_back] = import.statements[0].entries.as_slice() else { panic!("two entries") };
    assert_eq!(import.statements[0].account.as_deref(), Some("SE4550000000058398257466"));
    assert_eq!((paid.payer_name.as_deref(), paid.payer_account.as_deref()), (Some("Åsa Lindström"), Some("58056201")));
    assert_eq!((paid.remittance.as_str(), paid.reversal), ("Order <7> T64H98H8CFCP", false));
    assert_eq!((signed(taken_back), taken_back.reversal), (-49_900, true));
    // The transfer that is taken back had the same other side.
    assert_eq!(taken_back.payer_name.as_deref(), Some("Åsa Lindström"));
    let yen = &import.statements[1];
    assert_eq!((yen.account.as_deref(), yen.entries[0].amount), (Some("12345-6"), money(5_000, "JPY")));
    assert_eq!((yen.entries[0].booked_on, yen.adds_up()), ((2026, 11, 22), None));
}

#[test]
fn latin_letters_of_an_older_encoding() {
    let text = GERMAN.replace("UTF-8", "ISO-8859-1");
    let import = read(&latin1(&text), None).unwrap();
    assert_eq!(import, file(GERMAN));
    // UTF-8 is said, and it is not.
    assert_eq!(read(&latin1(GERMAN), None).unwrap_err().code, StatementCode::BadEncoding);
}

#[test]
fn one_bad_entry_costs_itself_only() {
    let amount = "<Amt Ccy=\"EUR\">49.90</Amt>\n        <CdtDbtInd>CRDT</CdtDbtInd>";
    for (good, bad, code) in [
        (amount, amount.replace("49.90", "49.901"), StatementCode::TooManyDecimals),
        (amount, amount.replace("49.90", "-49.90"), StatementCode::BadAmount),
        (amount, amount.replace("49.90", "49,90"), StatementCode::BadAmount),
        (amount, amount.replace("49.90", ""), StatementCode::BadAmount),
        (amount, amount.replace("49.90", "99999999999999999999"), StatementCode::AmountTooLarge),
        (amount, amount.replace(" Ccy=\"EUR\"", ""), StatementCode::CurrencyMissing),
        (amount, amount.replace("EUR", "EURO"), StatementCode::BadCurrency),
        (amount, amount.replace("EUR", "USD"), StatementCode::CurrencyMismatch),
        (amount, amount.replace("CRDT", "CREDIT"), StatementCode::BadDirection),
        (amount, "<CdtDbtInd>CRDT</CdtDbtInd>".into(), StatementCode::AmountMissing),
        ("<Sts>BOOK</Sts>", "<Sts>DONE</Sts>".into(), StatementCode::BadStatus),
        ("<Sts>BOOK</Sts>", String::new(), StatementCode::BadStatus),
        ("<BookgDt><Dt>2026-11-22</Dt>", "<BookgDt><Dt>2026-11-31</Dt>".into(), StatementCode::BadDate),
        ("<Sts>BOOK</Sts>", "<RvslInd>maybe</RvslInd><Sts>BOOK</Sts>".into(), StatementCode::BadDirection),
    ] {
        let text = GERMAN.replacen(good, &bad, 1);
        assert_ne!(text, GERMAN, "{bad}");
        let import = file(&text);
        assert_eq!(amounts(&import.statements[0]), [3_050, 6_950, -1_050], "{bad}");
        // What is missing is seen in the balances too.
        assert!(codes(&import).contains(&code) && codes(&import).contains(&StatementCode::BalanceMismatch), "{bad}");
        let problem = import.problems.iter().find(|p| p.code == code).unwrap();
        assert_eq!(problem.line, Some(30), "{bad}");
    }
}

#[test]
fn a_batch_that_does_not_add_up_stays_one_entry() {
    let import = file(&GERMAN.replace("<Amt Ccy=\"EUR\">30.5</Amt>", "<Amt Ccy=\"EUR\">30.51</Amt>"));
    assert_eq!(codes(&import), [StatementCode::BatchNotSplit]);
    assert_eq!(amounts(&import.statements[0]), [4_990, 10_000, -1_050]);
    assert_eq!(import.statements[0].entries[1].remittance, "L3PE-9ECR-WQ6L RF46BMQQ6YN7YS6M");
    let other = file(&GERMAN.replace("<Amt Ccy=\"EUR\">30.5</Amt>", "<Amt Ccy=\"USD\">30.5</Amt>"));
    assert_eq!(codes(&other), [StatementCode::BatchNotSplit]);
}

#[test]
fn what_hides_or_bursts_is_refused() {
    let head = "<?xml version=\"1.0\"?>";
    let body = "<Document><BkToCstmrStmt><Stmt></Stmt></BkToCstmrStmt></Document>";
    assert!(read(format!("{head}{body}").as_bytes(), None).is_ok());
    assert_eq!(
        refused(&format!("{head}<!DOCTYPE Document [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]>{body}")),
        StatementCode::DoctypeRefused
    );
    assert_eq!(
        refused(&format!("{head}<!DOCTYPE x SYSTEM \"file:///etc/passwd\"><x/>")),
        StatementCode::DoctypeRefused
    );
    let entity = body.replace("</Stmt>", "<Ntry>&lol;</Ntry></Stmt>");
    assert_eq!(refused(&entity), StatementCode::BadXml);
    let deep = body.replace("</Stmt>", &format!("{}{}</Stmt>", "<a>".repeat(5_000), "</a>".repeat(5_000)));
    assert_eq!(refused(&deep), StatementCode::TooDeep);
    let wide = body.replace("</Stmt>", &format!("<Ntry>{}</Ntry></Stmt>", "<a/>".repeat(500_000)));
    assert_eq!(refused(&wide), StatementCode::TooLarge);
    assert_eq!(refused(&body.replace("</Document>", "")), StatementCode::Truncated);
    assert_eq!(refused(&body.replace("</Stmt>", "</Smt>")), StatementCode::BadXml);
    assert_eq!(refused(&body.replace("Stmt></Stmt>", "Rpt></Rpt>")), StatementCode::NotAStatement);
    assert_eq!(refused("<Document><BkToCstmrStmt></BkToCstmrStmt></Document>"), StatementCode::NotAStatement);
    assert_eq!(refused("<Other><BkToCstmrStmt></BkToCstmrStmt></Other>"), StatementCode::NotAStatement);
    assert_eq!(refused("<html><body>Log in</body></html>"), StatementCode::NotAStatement);
    assert_eq!(refused(" \r\n"), StatementCode::Empty);
    let large = vec![b' '; gateways::bank_transfer::statement::MAX_BYTES + 1];
    assert_eq!(read(&large, None), Err(StatementError::file(StatementCode::TooLarge)));
}

#[test]
fn every_entry_has_its_own_lasting_fingerprint() {
    let import = file(NORDIC);
    let prints = fingerprints(&import);
    assert_eq!(prints.iter().collect::<std::collections::HashSet<_>>().len(), 3);
    assert!(prints.iter().all(|p| p.len() == 32 && p.bytes().all(|b| b.is_ascii_hexdigit())));
    // Printed in one line, with other line breaks in the text: the same entries.
    assert_eq!(fingerprints(&file(&NORDIC.replace("\n", " ").replace("Order <7> ", "Order  <7>\t"))), prints);
    assert_ne!(fingerprints(&file(&NORDIC.replace("5000<", "5001<")))[2], prints[2]);
    assert_eq!(detect(NORDIC.as_bytes()), Some(Format::Camt053));
}

#[test]
fn the_same_statement_twice_in_a_file_is_taken_once() {
    let from = SWISS.find("<Stmt>").unwrap();
    let to = SWISS.find("</Stmt>").unwrap() + "</Stmt>".len();
    let twice = SWISS.replacen("</BkToCstmrStmt>", &format!("{}</BkToCstmrStmt>", &SWISS[from..to]), 1);
    let import = file(&twice);
    assert_eq!(codes(&import), [StatementCode::Repeated]);
    assert_eq!(fingerprints(&import), fingerprints(&file(SWISS)));
}
