//! What tells an entry from all others of its account, so that it is taken once, however often it is imported.
//!
//! Banks' own references are not enough: many leave them out, and the parts of a batch share one. So the fingerprint is a hash
//! over everything that was booked, plus a number for entries that are alike in all of it: two customers of the same name who
//! pay the same on one day are two entries, and the same in every file that has both. It is the same for files that overlap, and
//! for files with other line breaks or capitals. It is not the same for another format or another mapping of columns, which
//! tell other things.

use super::{Direction, Statement, StatementEntry};
use crate::bank_transfer::text;
use sha2::{Digest, Sha256};
use std::collections::HashMap;

/// Gives every entry its fingerprint, counting those that are alike over all statements of the file.
pub(super) fn give(statements: &mut [Statement]) {
    let mut alike: HashMap<[u8; 32], u32> = HashMap::new();
    for statement in statements {
        let account = statement.account.clone().unwrap_or_default();
        for entry in &mut statement.entries {
            let content = content(&account, entry);
            let ordinal = alike.entry(content).and_modify(|n| *n += 1).or_insert(0);
            let mut hash = Sha256::new_with_prefix(content);
            hash.update(ordinal.to_be_bytes());
            entry.fingerprint = hex::encode(&hash.finalize()[..16]);
        }
    }
}

fn content(account: &str, entry: &StatementEntry) -> [u8; 32] {
    let (year, month, day) = entry.booked_on;
    let direction = match entry.direction {
        Direction::Credit => "C",
        Direction::Debit => "D",
    };
    let parts = [
        compact(account),
        format!("{year}-{month}-{day}"),
        format!("{direction}{}{}", if entry.reversal { "R" } else { "" }, entry.amount.minor),
        entry.amount.currency.code().to_owned(),
        of(entry.bank_ref.as_ref()),
        of(entry.end_to_end_id.as_ref()),
        of(entry.structured_reference.as_ref()),
        of(entry.payer_account.as_ref()),
        of(entry.payer_name.as_ref()),
        compact(&entry.remittance),
    ];
    let mut hash = Sha256::new();
    for part in parts {
        // The length before each part: no two lists of parts are the same bytes.
        hash.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        hash.update(part);
    }
    hash.finalize().into()
}

fn of(text: Option<&String>) -> String {
    text.map(|t| compact(t)).unwrap_or_default()
}

fn compact(text: &str) -> String {
    text::fold(text).chars().filter(|c| !c.is_whitespace()).collect()
}
