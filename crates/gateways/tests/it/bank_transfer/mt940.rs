//! MT940. The fixtures have the shape of the German DFÜ agreement (annex 3, chapter 8) and of SWIFT's own examples; account and
//! balance lines as in <https://docs.zuora.com/en/accounts-receivable/cash-application/banking-integrations> and
//! <https://gist.github.com/spoetnik/046c2e9dd4242d2603ad>.

use super::*;
use gateways::bank_transfer::reference::{Strength, find};
use gateways::bank_transfer::{Format, detect, read};

const GERMAN: &str = include_str!("fixtures/german.sta");
const PLAIN: &str = include_str!("fixtures/plain.sta");

fn file(text: &str) -> Import {
    read(text.as_bytes(), None).unwrap()
}

fn exact(text: &str) -> Vec<String> {
    find(text).into_iter().filter(|f| f.strength == Strength::Exact).map(|f| f.reference.plain()).collect()
}

#[test]
fn a_german_bank_with_structured_text() {
    let import = file(GERMAN);
    assert_eq!((import.format, codes(&import)), (Format::Mt940, vec![]));
    let [first, second] = import.statements.as_slice() else { panic!("two statements") };
    assert_eq!(first.account.as_deref(), Some("37040044/0532013000"));
    assert_eq!((first.opening, first.closing), (Some(money(100_000, "EUR")), Some(money(103_940, "EUR"))));
    assert_eq!((first.adds_up(), second.adds_up()), (Some(true), Some(true)));
    assert_eq!((amounts(first), amounts(second)), (vec![4_990, -1_050], vec![2_000, -4_990]));
    let paid = &first.entries[0];
    assert_eq!((paid.booked_on, paid.line), ((2026, 11, 22), 5));
    assert_eq!(paid.bank_ref.as_deref(), Some("B6K22A0001"));
    assert_eq!(paid.payer_name.as_deref(), Some("JÖRG MÜLLER UND SÖHNE HANDELSGESELLSCHAFT"));
    assert_eq!(paid.payer_account.as_deref(), Some("DE02120300000000202051"));
    assert_eq!(
        (paid.remittance.as_str(), paid.end_to_end_id.as_deref()),
        ("Bestellung 1041 E7UA LHHM RUSH danke", None)
    );
    let [with_details, taken_back] = second.entries.as_slice() else { panic!("two entries") };
    // The value date is of December, the entry date of January.
    assert_eq!(with_details.booked_on, (2027, 1, 2));
    assert_eq!(with_details.remittance, "Danke ZUSATZ L3PE 9ECR WQ6L");
    assert_eq!(with_details.end_to_end_id.as_deref(), Some("ORDER-1042"));
    assert_eq!((taken_back.reversal, taken_back.payer_name.as_deref()), (true, Some("JOERG MUELLER")));
    assert!(exact(&taken_back.remittance).contains(&"E7UALHHMRUSH".to_owned()));
}

#[test]
fn a_plain_bank_in_swifts_envelope_with_two_pages() {
    let import = file(PLAIN);
    assert_eq!(codes(&import), []);
    let [first, second] = import.statements.as_slice() else { panic!("two pages") };
    assert_eq!(
        (first.account.as_deref(), second.account.as_deref()),
        (Some("NL68RABO0123456789"), Some("NL68RABO0123456789"))
    );
    assert_eq!((first.adds_up(), second.adds_up()), (Some(true), Some(true)));
    assert_eq!((amounts(first), amounts(second)), (vec![150_000, -2_025], vec![25]));
    let paid = &first.entries[0];
    assert_eq!(paid.bank_ref.as_deref(), Some("8327000090031789"));
    assert_eq!(
        paid.remittance,
        "PAYMENT FROM ACME LTD FOR ORDER 77 REFERENCE BMQQ 6YN7 Y S6M THANK YOU Card transaction"
    );
    assert!(exact(&paid.remittance).contains(&"BMQQ6YN7YS6M".to_owned()));
    assert_eq!(first.entries[1].end_to_end_id.as_deref(), Some("12345"));
    assert_eq!(detect(PLAIN.as_bytes()), Some(Format::Mt940));
}

#[test]
fn letters_of_both_encodings_and_line_ends() {
    let import = file(GERMAN);
    assert_eq!(read(&latin1(GERMAN), None).unwrap(), import);
    assert_eq!(file(&GERMAN.replace('\n', "\r\n")), import);
    assert_eq!(file(&format!("\u{feff}{GERMAN}")), import);
}

#[test]
fn a_bad_line_is_told_and_the_rest_is_taken() {
    for (good, bad, code, line, field) in [
        ("CR49,90N166", "CR49.90N166", StatementCode::BadAmount, 5, ":61:"),
        ("CR49,90N166", "CR49,905N166", StatementCode::TooManyDecimals, 5, ":61:"),
        ("CR49,90N166", "XR49,90N166", StatementCode::BadDirection, 5, ":61:"),
        (":61:2611221122CR", ":61:2613221122CR", StatementCode::BadDate, 5, ":61:"),
        (":60F:C261121EUR1000,00", ":60F:C261121EURO000,00", StatementCode::BadBalance, 4, ":60F:"),
    ] {
        let import = file(&GERMAN.replacen(good, bad, 1));
        let problem = import.problems.iter().find(|p| p.code == code).unwrap_or_else(|| panic!("{bad}"));
        assert_eq!((problem.line, problem.field.as_deref()), (Some(line), Some(field)), "{bad}");
        assert_eq!(amounts(&import.statements[1]), [2_000, -4_990], "{bad}");
        // The text of the entry that was not taken does not slip to another one.
        assert!(import.statements[0].entries.iter().all(|e| !e.remittance.contains("1041")), "{bad}");
    }
    let import = file(&GERMAN.replacen(":60F:C261121EUR1000,00\n", "", 1));
    assert_eq!(codes(&import), [StatementCode::CurrencyMissing, StatementCode::CurrencyMissing]);
    let missing = file(&GERMAN.replacen(":61:2611221122DR10,5N177NONREF\n", "", 1));
    assert_eq!(codes(&missing), [StatementCode::BalanceMismatch]);
}

#[test]
fn overlapping_files_share_their_entries() {
    let second = GERMAN.find("-\n:20:").unwrap() + 2;
    let (all, later) = (fingerprints(&file(GERMAN)), fingerprints(&file(&GERMAN[second..])));
    assert_eq!(all[2..], later);
    // Entries that are alike in everything are still two, in this file and in one that has more.
    let entry = ":61:2611221122CR5,00N166NONREF\n:86:166?00GUTSCHRIFT?20SVWZ+Kaffee?32ANN BERG\n";
    let with = |count: usize| file(&GERMAN.replacen(":62F:", &format!("{}:62F:", entry.repeat(count)), 1));
    let (two, three) = (fingerprints(&with(2)), fingerprints(&with(3)));
    assert_ne!(two[2], two[3]);
    assert_eq!(two[..4], three[..4]);
    assert!(!two.contains(&three[4]));
}
