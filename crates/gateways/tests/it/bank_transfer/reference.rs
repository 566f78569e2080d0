//! References: what is noticed, and what is found in mangled text.

use gateways::bank_transfer::Reference;
use gateways::bank_transfer::reference::{Found, Strength, find, rf};
use proptest::prelude::*;

const ALPHABET: &str = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ";

fn any_reference() -> impl Strategy<Value = Reference> {
    any::<[u8; 7]>().prop_map(Reference::from_random)
}

fn strength(text: &str, reference: Reference) -> Option<Strength> {
    find(text).into_iter().find(|f| f.reference == reference).map(|f| f.strength)
}

fn changed(reference: Reference, at: usize, by: usize) -> String {
    let mut chars: Vec<char> = reference.plain().chars().collect();
    let value = ALPHABET.find(chars[at]).unwrap();
    chars[at] = ALPHABET.chars().nth((value + by) % 32).unwrap();
    chars.into_iter().collect()
}

#[test]
fn how_people_see_it() {
    let reference = Reference::from_random([0x13, 0x57, 0x9b, 0xdf, 0x24, 0x68, 0xac]);
    assert_eq!(reference.plain(), "E7UALHHMRUSH");
    assert_eq!(reference.to_string(), "E7UA LHHM RUSH");
    assert_eq!(reference.creditor_reference(), "RF79E7UALHHMRUSH");
    assert_eq!("e7ua-lhhm rush".parse(), Ok(reference));
    assert_eq!(serde_json::to_string(&reference).unwrap(), "\"E7UALHHMRUSH\"");
    assert!(serde_json::from_str::<Reference>("\"E7UALHHMRUSX\"").is_err());
    for bad in ["", "E7UA", "E7UALHHMRUSH2", "E7UALHHMRUS0", "E7UALHHMRUSÉ"] {
        assert!(bad.parse::<Reference>().is_err(), "{bad}");
    }
}

#[test]
fn what_banks_make_of_it() {
    let reference: Reference = "E7UALHHMRUSH".parse().unwrap();
    for text in [
        "E7UALHHMRUSH",
        "Bestellung 1041 E7UA LHHM RUSH danke",
        "order1041e7ualhhmrush",
        "E7UA-LHHM-RUSH/2026",
        "Verwendungszweck: E7UA LH\r\nHM RUSH",
        "RF79E7UALHHMRUSH",
        "rf79 e7ua lhhm rush",
        "XX-E7.UA/LH:HM,RU+SH?",
        "SVWZ+E7UA LHHM R USH",
    ] {
        assert_eq!(strength(text, reference), Some(Strength::Exact), "{text}");
    }
    for text in ["E7UA LHHM RU5H", "7EUA LHHM RUSH", "pay E7UA LHHM 0USH now", "order 7 E7UA LHHM RSUH"] {
        assert_eq!(strength(text, reference), Some(Strength::Near), "{text}");
    }
    for text in ["", "E7UA LHHM", "E7UA LHHM RU", "E7UA RUSH LHHM", "7EUA LHHM RUHS", "E7UA LHHM 00SH"] {
        assert_eq!(strength(text, reference), None, "{text}");
    }
}

proptest! {
    #[test]
    fn reads_back_in_every_form(reference in any_reference()) {
        prop_assert_eq!(reference.plain().parse(), Ok(reference));
        prop_assert_eq!(reference.grouped().to_lowercase().parse(), Ok(reference));
        prop_assert_eq!(Reference::from_creditor_reference(&reference.creditor_reference()), Some(reference));
        prop_assert!(reference.plain().chars().all(|c| ALPHABET.contains(c)));
        prop_assert!(!reference.plain().contains(['0', 'O', '1', 'I']));
    }

    #[test]
    fn chance_makes_other_references(bytes in any::<[u8; 7]>(), at in 0usize..50) {
        let mut other = bytes;
        other[6 - at / 8] ^= 1 << (at % 8);
        prop_assert_ne!(Reference::from_random(bytes), Reference::from_random(other));
    }

    #[test]
    fn two_wrong_characters_are_noticed(reference in any_reference(), a in 0usize..12, b in 0usize..12, x in 1usize..32, y in 1usize..32) {
        prop_assert!(changed(reference, a, x).parse::<Reference>().is_err());
        if a != b {
            let value = ALPHABET.find(reference.plain().as_bytes()[b] as char).unwrap();
            let mut twice = changed(reference, a, x).into_bytes();
            twice[b] = ALPHABET.as_bytes()[(value + y) % 32];
            prop_assert!(String::from_utf8(twice).unwrap().parse::<Reference>().is_err());
        }
    }

    #[test]
    fn two_swapped_characters_are_noticed(reference in any_reference(), at in 1usize..12) {
        let mut bytes = reference.plain().into_bytes();
        prop_assume!(bytes[at - 1] != bytes[at]);
        bytes.swap(at - 1, at);
        let swapped = String::from_utf8(bytes).unwrap();
        prop_assert!(swapped.parse::<Reference>().is_err());
        prop_assert_eq!(strength(&swapped, reference), Some(Strength::Near));
    }

    #[test]
    fn one_wrong_character_is_near_and_never_exact(reference in any_reference(), at in 0usize..12, by in 1usize..32, before in "[a-z ]{0,20}", behind in "[a-z ]{0,20}") {
        let text = format!("{before} {} {behind}", changed(reference, at, by));
        prop_assert_eq!(strength(&text, reference), Some(Strength::Near));
    }

    #[test]
    fn found_whatever_stands_between(reference in any_reference(), between in prop::collection::vec("[ \\-./\r\n]{0,3}", 12), before in "\\PC{0,30}", behind in "\\PC{0,30}") {
        let mangled: String = reference.plain().to_lowercase().chars().zip(&between).flat_map(|(c, s)| std::iter::once(c).chain(s.chars())).collect();
        prop_assert_eq!(strength(&format!("{before}{mangled}{behind}"), reference), Some(Strength::Exact));
    }

    #[test]
    fn every_find_is_a_reference_and_exact_ones_come_first(text in "[A-Z0-9 ]{0,80}") {
        let found: Vec<Found> = find(&text);
        for one in &found {
            prop_assert!(one.reference.plain().parse::<Reference>().is_ok());
        }
        prop_assert!(found.is_sorted_by_key(|f| std::cmp::Reverse(f.strength)));
    }

    #[test]
    fn never_panics(text in any::<String>()) {
        let _ = (find(&text), text.parse::<Reference>().is_ok(), rf::check(&text), Reference::from_creditor_reference(&text));
    }
}

/// Every single change of a few references, all of them.
#[test]
fn every_single_wrong_character_is_noticed() {
    for seed in 0u8..20 {
        let reference = Reference::from_random([seed, seed.wrapping_mul(37), 3, 141, 59, seed ^ 0xa5, 26]);
        for at in 0..12 {
            for by in 1..32 {
                assert!(changed(reference, at, by).parse::<Reference>().is_err());
            }
        }
    }
}
