//! No input makes the readers panic, and no mutation makes them take what was not booked.

use super::*;
use gateways::bank_transfer::{detect, guess, read};
use proptest::prelude::*;

const FIXTURES: [&[u8]; 8] = [
    include_bytes!("fixtures/german_v02.xml"),
    include_bytes!("fixtures/swiss_v04.xml"),
    include_bytes!("fixtures/nordic_v13.xml"),
    include_bytes!("fixtures/german.sta"),
    include_bytes!("fixtures/plain.sta"),
    include_bytes!("fixtures/german.csv"),
    include_bytes!("fixtures/english.csv"),
    include_bytes!("fixtures/swedish.tsv"),
];

/// Reads in every way there is, and checks what holds for all that is read.
fn all_ways(bytes: &[u8]) {
    let _ = detect(bytes);
    let mapping = guess(bytes).ok().map(|g| g.mapping);
    for mapping in [None, mapping.as_ref()] {
        if let Ok(import) = read(bytes, mapping) {
            let prints = fingerprints(&import);
            assert_eq!(prints.iter().collect::<std::collections::HashSet<_>>().len(), prints.len());
            assert!(import.statements.iter().flat_map(|s| &s.entries).all(|e| e.amount.minor >= 0));
            assert_eq!(read(bytes, mapping).as_ref(), Ok(&import));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn arbitrary_bytes(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        all_ways(&bytes);
    }

    #[test]
    fn arbitrary_text(text in "[:;,\t\n0-9A-Za-z./<>{}?\"-]{0,300}") {
        all_ways(text.as_bytes());
    }

    #[test]
    fn fields_of_messages(fields in prop::collection::vec("(20|25|28C|60F|61|86|62F):[0-9CDRN,/?+A-Z ]{0,60}", 0..20)) {
        let text = fields.iter().fold(":20:X\n:25:Y\n".to_owned(), |text, field| format!("{text}:{field}\n"));
        all_ways(text.as_bytes());
    }

    #[test]
    fn mutated_fixtures(which in 0usize..8, changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6)) {
        let mut bytes = FIXTURES[which].to_vec();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        all_ways(&bytes);
    }

    #[test]
    fn cut_and_doubled_fixtures(which in 0usize..8, from in any::<prop::sample::Index>(), to in any::<prop::sample::Index>()) {
        let bytes = FIXTURES[which];
        let (from, to) = (from.index(bytes.len()), to.index(bytes.len()));
        all_ways(&bytes[..from]);
        all_ways(&bytes[from..]);
        all_ways(&[&bytes[..from], &bytes[to..]].concat());
    }
}

/// A file that was cut anywhere says so, or gives no entry that the whole file does not have.
#[test]
fn a_cut_file_gives_nothing_new() {
    for bytes in &FIXTURES[..5] {
        let whole: std::collections::HashSet<String> =
            read(bytes, None).unwrap().statements.iter().flat_map(|s| &s.entries).map(key).collect();
        // Words at a cut are cut too; amounts and days are not.
        for end in (0..bytes.len()).step_by(7) {
            if let Ok(import) = read(&bytes[..end], None) {
                let xml = bytes.starts_with(b"<");
                assert!(!xml, "cut XML is refused");
                assert!(import.statements.iter().flat_map(|s| &s.entries).all(|e| whole.contains(&key(e))));
            }
        }
    }
}

fn key(entry: &StatementEntry) -> String {
    format!("{:?} {}", entry.booked_on, signed(entry))
}
