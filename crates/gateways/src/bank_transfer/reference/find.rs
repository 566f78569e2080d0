//! Finds references in what people wrote and banks mangled.

use super::field::{corrected, symbol, syndromes};
use super::{LENGTH, Reference};

/// How well a reference was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Strength {
    /// One character is wrong, or two neighbours are swapped: what is in the text is not a reference, and this one is near.
    Near,
    /// All twelve characters.
    Exact,
}

/// A reference that stands in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Found {
    /// The reference.
    pub reference: Reference,
    /// How well it was found.
    pub strength: Strength,
}

/// The most letters and digits of a text that are searched.
const MAX_TEXT: usize = 4_000;

/// Every reference that a text may hold, exact ones first, each once.
///
/// Case, spaces, line breaks and signs between the characters don't count, nor does what stands before and behind. So words
/// that run together can look like a reference: about one place in a thousand does, and one in three is near to one. Whoever calls
/// this looks the references up among those that were given out, of which there are few among 2^50.
#[must_use]
pub fn find(text: &str) -> Vec<Found> {
    let characters: Vec<u8> = text.bytes().filter(u8::is_ascii_alphanumeric).take(MAX_TEXT).collect();
    // Characters outside the alphabet, such as a 0 for a Q, are wrong ones.
    let symbols: Vec<Option<u8>> = characters.iter().map(|c| symbol(*c)).collect();
    let mut found: Vec<Found> = Vec::new();
    let mut seen = std::collections::HashMap::new();
    for window in symbols.windows(LENGTH) {
        for new in in_window(window) {
            let at = *seen.entry(new.reference).or_insert(found.len());
            match found.get_mut(at) {
                Some(known) => known.strength = known.strength.max(new.strength),
                None => found.push(new),
            }
        }
    }
    found.sort_by_key(|f| std::cmp::Reverse(f.strength));
    found
}

fn in_window(window: &[Option<u8>]) -> Vec<Found> {
    let mut symbols = [0u8; LENGTH];
    let mut foreign = None;
    for (at, (place, symbol)) in symbols.iter_mut().zip(window).enumerate() {
        match symbol {
            Some(symbol) => *place = *symbol,
            None if foreign.is_some() => return Vec::new(),
            None => foreign = Some(at),
        }
    }
    let near = |symbols| Found { reference: Reference(symbols), strength: Strength::Near };
    let whole = syndromes(&symbols) == (0, 0);
    match foreign {
        // The place is known: only a correction there counts, and a nought may be right by chance.
        Some(_) if whole => vec![near(symbols)],
        Some(at) => {
            corrected(&symbols).filter(|(place, _)| *place == at).map(|(_, right)| near(right)).into_iter().collect()
        }
        None if whole => vec![Found { reference: Reference(symbols), strength: Strength::Exact }],
        None => {
            let replaced = corrected(&symbols).map(|(_, right)| right);
            let swapped = (1..LENGTH).filter_map(|at| {
                let mut swapped = symbols;
                swapped.swap(at - 1, at);
                (syndromes(&swapped) == (0, 0)).then_some(swapped)
            });
            replaced.into_iter().chain(swapped).map(near).collect()
        }
    }
}
