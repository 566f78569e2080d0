//! Arithmetic of GF(32), and the check characters.

use super::LENGTH;

/// The characters of a reference, by their value.
pub(super) const ALPHABET: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";

/// The value of a character, in either case.
pub(super) fn symbol(byte: u8) -> Option<u8> {
    let upper = byte.to_ascii_uppercase();
    ALPHABET.iter().position(|c| *c == upper).and_then(|at| u8::try_from(at).ok())
}

/// The element times x, modulo x^5 + x^2 + 1, of which x is a generator: its powers are all 31 elements but nought.
const fn times_x(a: u8) -> u8 {
    let shifted = a << 1;
    if shifted & 32 == 0 { shifted } else { shifted ^ 0b10_0101 }
}

/// An element times a power of x.
fn times_power(a: u8, power: usize) -> u8 {
    (0..power % 31).fold(a, |a, _| times_x(a))
}

/// The sum of the symbols, and the sum of each times x to the power of its place. Both are nought in a reference.
pub(super) fn syndromes(symbols: &[u8; LENGTH]) -> (u8, u8) {
    // After Horner, from the last place: one multiplication by x for each.
    symbols.iter().rev().fold((0, 0), |(sum, weighted), symbol| (sum ^ symbol, times_x(weighted) ^ symbol))
}

/// Fills the last two places so that both sums are nought.
pub(super) fn with_check(mut symbols: [u8; LENGTH]) -> [u8; LENGTH] {
    let (a, b) = (LENGTH - 2, LENGTH - 1);
    symbols[a] = 0;
    symbols[b] = 0;
    let (sum, weighted) = syndromes(&symbols);
    // p + q = sum and p x^a + q x^b = weighted; so q (x^a + x^b) = weighted + sum x^a, and one q of 32 does that.
    let wanted = weighted ^ times_power(sum, a);
    let q = (0..32u8).find(|q| times_power(*q, a) ^ times_power(*q, b) == wanted).unwrap_or(0);
    symbols[b] = q;
    symbols[a] = sum ^ q;
    symbols
}

/// The reference that differs in one place, if one does: the first sum is how much, the second tells where.
pub(super) fn corrected(symbols: &[u8; LENGTH]) -> Option<(usize, [u8; LENGTH])> {
    let (error, weighted) = syndromes(symbols);
    if error == 0 {
        return None;
    }
    let place = (0..LENGTH).find(|place| times_power(error, *place) == weighted)?;
    let mut right = *symbols;
    right[place] ^= error;
    Some((place, right))
}
