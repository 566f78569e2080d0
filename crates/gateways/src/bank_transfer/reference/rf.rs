//! Creditor references of ISO 11649: `RF`, two check digits of ISO 7064 MOD 97-10, and up to 21 letters and digits.
//! <https://www.iso.org/standard/50649.html>; how to compute them: EPC, "Clarification paper on the ISO 11649 creditor reference"
//! (EPC142-08), <https://www.europeanpaymentscouncil.eu/document-library>.

/// The most characters behind the check digits.
const MAX_BODY: usize = 21;

/// The creditor reference of letters and digits, at most 21 of them.
pub(super) fn with_check(body: &str) -> String {
    let check = 98 - remainder(body.bytes().chain(*b"RF00"));
    format!("RF{check:02}{body}")
}

/// A creditor reference without spaces and in capitals, when its check digits fit.
#[must_use]
pub fn check(text: &str) -> Option<String> {
    let compact: String = text.chars().filter(|c| !c.is_whitespace()).collect::<String>().to_ascii_uppercase();
    let body = compact.strip_prefix("RF")?;
    let (digits, body) = body.split_at_checked(2)?;
    let fits = digits.bytes().all(|b| b.is_ascii_digit())
        && (1..=MAX_BODY).contains(&body.len())
        && body.bytes().all(|b| b.is_ascii_alphanumeric())
        && remainder(body.bytes().chain(*b"RF").chain(digits.bytes())) == 1;
    fits.then_some(compact)
}

/// The remainder by 97, letters read as 10 to 35.
fn remainder(characters: impl Iterator<Item = u8>) -> u32 {
    characters
        .filter_map(|byte| char::from(byte).to_digit(36))
        .fold(0, |rest, value| if value < 10 { (rest * 10 + value) % 97 } else { (rest * 100 + value) % 97 })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of ISO 11649, which public libraries test with as well (odoo `is_valid_structured_reference_iso`).
    #[test]
    fn the_published_example() {
        assert_eq!(check("RF18 5390 0754 7034").as_deref(), Some("RF18539007547034"));
        assert_eq!(check("rf18539007547034").as_deref(), Some("RF18539007547034"));
        assert_eq!(check("RF18000000000539007547034").as_deref(), Some("RF18000000000539007547034"));
        assert_eq!(with_check("539007547034"), "RF18539007547034");
        for bad in ["RF17539007547034", "RF18", "RF", "", "XX18539007547034", "RF18é", "RF18539007547034539007547034"]
        {
            assert_eq!(check(bad), None, "{bad}");
        }
    }
}
