//! The catalogue has what codes need, and reads as it should.

use super::*;
use domain::decline::DeclineCode;
use domain::{Problem, ProblemKind, Timestamp};

#[test]
fn every_problem_has_a_sentence() {
    let missing: Vec<_> =
        domain::problem::all_codes().filter(|code| lookup(&format!("problem.{code}")).is_none()).collect();
    assert!(missing.is_empty(), "app/locales/*/problem*.json lacks problem.<code> for {missing:?}");
}

#[test]
fn every_decline_has_sentences() {
    let missing: Vec<_> = DeclineCode::ALL
        .iter()
        .flat_map(|code| ["customer", "merchant"].map(|who| format!("decline.{who}.{}", code.as_str())))
        .filter(|name| lookup(name).is_none())
        .collect();
    assert!(missing.is_empty(), "app/locales/*/decline.json lacks {missing:?}");
}

#[test]
fn every_state_has_a_word() {
    use domain::ledger::{Account, JournalKind};
    use domain::states::*;
    let mut names: Vec<String> = Vec::new();
    macro_rules! of { ($($area:literal $type:ty),*) => { $(names.extend(<$type>::ALL.iter().map(|s| format!("{}{}", $area, s.as_str())));)* } }
    of!("status.payment." PaymentStatus, "status.attempt." AttemptStatus, "status.refund." RefundStatus,
        "status.session." SessionStatus, "status.connection." ConnectionStatus, "status.merchant." MerchantStatus,
        "status.application." ApplicationStatus, "ledger.account." Account, "ledger.journal." JournalKind,
        "role.merchant." domain::MerchantRole, "role.staff." domain::StaffRole);
    let missing: Vec<_> = names.iter().filter(|name| lookup(name).is_none()).collect();
    assert!(missing.is_empty(), "the catalogue lacks {missing:?}");
}

#[test]
fn names_are_sorted_for_the_search() {
    assert!(NAMES.windows(2).all(|pair| pair[0].0 < pair[1].0));
}

#[test]
fn placeholders_are_filled_and_never_left_open() {
    assert_eq!(fill("{a} of {b}", &[("a", &1), ("b", &"two")]), "1 of two");
    assert_eq!(fill("{missing}!", &[]), "…!");
    let problem = Problem::new(ProblemKind::Invalid, domain::problem::codes::TOO_LONG).with("max", 120);
    for locale in Locale::ALL {
        assert!(problem_text(locale, &problem).contains("120"));
    }
}

#[test]
fn plurals_follow_the_language() {
    assert_eq!(tn(Locale::En, k::TIME_MINUTES_AGO, 1, &[]), "1 minute ago");
    assert_eq!(tn(Locale::En, k::TIME_MINUTES_AGO, 5, &[]), "5 minutes ago");
    assert!(tn(Locale::Fa, k::TIME_MINUTES_AGO, 5, &[]).contains('۵'));
}

#[test]
fn numbers_and_dates() {
    let at = Timestamp(1_795_305_600_000 + 50_580_000);
    assert_eq!(when(Locale::En, at), "22 Nov 2026, 14:03 UTC");
    assert!(when(Locale::Fa, at).contains("نوامبر"));
    let stockholm = domain::ZoneTable::new("Europe/Stockholm", vec![(0, 3_600)]);
    assert_eq!(when_in(Locale::En, &stockholm, at), "22 Nov 2026, 15:03 Europe/Stockholm");
    assert_eq!(when_in(Locale::En, &domain::ZoneTable::utc(), at), "22 Nov 2026, 14:03 UTC");
    let late = at.plus(9 * domain::time::HOUR);
    let a_week_later = at.plus(7 * domain::time::DAY);
    assert_eq!(ago(Locale::En, &stockholm, late, a_week_later), "23 Nov 2026");
    assert_eq!(ago(Locale::En, &stockholm, late, late.plus(3 * domain::time::HOUR)), "3 hours ago");
    assert_eq!(number(Locale::En, -1_234_567), "-1,234,567");
    assert_eq!(permille(Locale::En, 985), "98.5%");
    assert_eq!(date_of_day(Locale::En, "2026-02-03"), "3 Feb");
}
