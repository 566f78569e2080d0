//! Field 86, the information to the account owner: free text, or numbered subfields as German banks write them.

/// What field 86 tells.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Info {
    pub(super) name: String,
    pub(super) account: String,
    pub(super) remittance: String,
    pub(super) end_to_end_id: String,
}

/// Characters of a subfield; one that is full goes on in the next without a space.
const SUBFIELD: usize = 27;

/// Characters of a line of free text.
const LINE: usize = 65;

/// The words that SEPA transfers put before their parts (DFÜ agreement, annex 3, chapter 8.2.4).
const KEYWORDS: [&str; 12] =
    ["EREF+", "KREF+", "MREF+", "BREF+", "RREF+", "CRED+", "DEBT+", "COAM+", "OAMT+", "SVWZ+", "ABWA+", "ABWE+"];

impl Info {
    /// Reads the field's lines.
    pub(super) fn read(lines: &[String]) -> Self {
        let free = || Self { remittance: joined(lines.iter().map(String::as_str), LINE), ..Self::default() };
        // Subfields are broken over lines wherever a line is full, so the lines are put together as they are.
        let text = lines.concat();
        let structured = separator(&text).map(|separator| Self::structured(&text, separator));
        // Text that only looks numbered is kept as it is.
        structured.filter(|info| *info != Self::default()).unwrap_or_else(free)
    }

    fn structured(text: &str, separator: char) -> Self {
        let subfields: Vec<(u8, &str)> = text
            .split(separator)
            .skip(1)
            .filter_map(|part| part.split_at_checked(2))
            .filter_map(|(code, content)| Some((code.parse().ok()?, content)))
            .collect();
        let of = |wanted: &[u8]| {
            let parts = subfields.iter().filter(|(code, _)| wanted.contains(code));
            joined(parts.map(|(_, content)| *content), SUBFIELD)
        };
        let purpose = of(&[20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 60, 61, 62, 63]);
        let parts = keywords(&purpose);
        let part = |keyword: &str| parts.iter().find(|(k, _)| *k == keyword).map(|(_, content)| content.trim());
        let remittance = part("SVWZ+").map_or_else(|| purpose.clone(), str::to_owned);
        Self {
            name: of(&[32, 33]),
            account: of(&[31]),
            end_to_end_id: part("EREF+").unwrap_or_default().to_owned(),
            remittance,
        }
    }
}

/// What separates the subfields: the character behind the three digits of the transaction code, when two digits follow it. Signs
/// that stand between numbers in ordinary text separate nothing.
fn separator(text: &str) -> Option<char> {
    let (code, rest) = text.split_at_checked(3)?;
    let mut chars = rest.chars();
    let separator = chars.next().filter(|c| c.is_ascii_punctuation() && !"-/.,:;()'\"".contains(*c))?;
    let numbered = chars.next()?.is_ascii_digit() && chars.next()?.is_ascii_digit();
    (numbered && code.bytes().all(|b| b.is_ascii_digit())).then_some(separator)
}

/// Puts pieces together: what fills its place goes on in the next, what does not ended with a word.
fn joined<'a>(pieces: impl Iterator<Item = &'a str>, width: usize) -> String {
    let mut out = String::new();
    let mut full = true;
    for piece in pieces {
        if !full {
            out.push(' ');
        }
        out.push_str(piece);
        full = piece.chars().count() >= width;
    }
    out
}

/// The parts behind the keywords, each up to the next keyword.
fn keywords(purpose: &str) -> Vec<(&'static str, &str)> {
    let mut starts: Vec<(usize, &'static str)> =
        KEYWORDS.iter().filter_map(|keyword| purpose.find(keyword).map(|at| (at, *keyword))).collect();
    starts.sort_unstable();
    let ends = starts.iter().skip(1).map(|(at, _)| *at).chain([purpose.len()]);
    starts
        .iter()
        .zip(ends)
        .filter_map(|((at, keyword), end)| purpose.get(at + keyword.len()..end).map(|content| (*keyword, content)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(lines: &[&str]) -> Info {
        Info::read(&lines.iter().map(|l| (*l).to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn structured_text() {
        let info = read(&[
            "166?00GUTSCHRIFT?109249?20EREF+NOTPROVIDED?21SVWZ+Order 17 K7M2 9PQR XW?2234 danke",
            "?30GENODEF1S10?31DE89370400440532013000?32ERIKA MUSTERMANN UND MAX MU?33STERMANN",
        ]);
        assert_eq!(info.name, "ERIKA MUSTERMANN UND MAX MUSTERMANN");
        assert_eq!(info.account, "DE89370400440532013000");
        assert_eq!(info.end_to_end_id, "NOTPROVIDED");
        // 26 characters: the bank dropped the space at the end of a full subfield, or there was none. Either way the
        // reference is found, because spaces don't count in it.
        assert_eq!(info.remittance, "Order 17 K7M2 9PQR XW 34 danke");
    }

    #[test]
    fn free_text_is_kept_as_it_is() {
        assert_eq!(read(&["166 is no code", "second"]).remittance, "166 is no code second");
        assert_eq!(read(&["PAYMENT 12", "FROM ACME"]).remittance, "PAYMENT 12 FROM ACME");
        assert_eq!(read(&["123-45 payment"]).remittance, "123-45 payment");
        assert_eq!(read(&["123?45 payment"]).remittance, "123?45 payment");
        assert_eq!(read(&[]), Info::default());
        assert_eq!(read(&["051?00?20Rent?21May"]).remittance, "Rent May");
    }
}
