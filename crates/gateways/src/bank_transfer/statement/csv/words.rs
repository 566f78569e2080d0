//! What banks call their columns, in the languages of Paydeck's merchants: folded, in small letters without marks.

use crate::bank_transfer::text;

/// What a column can hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Date,
    Amount,
    Credit,
    Debit,
    Mark,
    Currency,
    Reference,
    Payer,
    PayerAccount,
    BankRef,
    EndToEnd,
    /// Known, and not needed; keeps a balance from being taken for an amount.
    Other,
}

/// Names with what they hold. The first that is within a heading counts, so longer names stand before shorter ones.
const NAMES: &[(Kind, &[&str])] = &[
    (Kind::EndToEnd, &["end-to-end", "end to end", "endtoend", "kundenreferenz"]),
    (
        Kind::PayerAccount,
        &[
            "counterparty account",
            "payer account",
            "sender account",
            "account number/iban",
            "counterparty iban",
            "kontonummer/iban",
            "gegenkonto",
            "iban zahlungsbeteiligter",
            "iban des auftraggebers",
            "tegenrekening",
            "rekening tegenpartij",
            "compte de la contrepartie",
            "iban contrepartie",
            "motkonto",
            "avsandarkonto",
            "rachunek kontrahenta",
            "rachunek nadawcy",
            "nr rachunku",
            "numer rachunku",
            "so tai khoan doi ung",
            "tai khoan doi ung",
            "บัญชีผู้โอน",
            "บัญชีต้นทาง",
            "شماره حساب",
            "شبا",
            "from iban",
            "iban",
        ],
    ),
    (
        Kind::Other,
        &[
            "balance",
            "saldo",
            "solde",
            "so du",
            "ยอดคงเหลือ",
            "คงเหลือ",
            "مانده",
            "موجودی",
            "valutadatum",
            "value date",
            "account name",
            "account number",
            "umsatztyp",
            "valuta date",
            "wertstellung",
            "data waluty",
            "date de valeur",
            "rentedatum",
            "glaubiger",
            "mandat",
            "creditor id",
            "auftragskonto",
            "clearing",
        ],
    ),
    (
        Kind::BankRef,
        &[
            "transaction id",
            "transaction number",
            "bank reference",
            "reference number",
            "transaktions-id",
            "transaktionsnummer",
            "umsatz-id",
            "bankreferenz",
            "numer transakcji",
            "transactiereferentie",
            "volgnr",
            "verifikationsnummer",
            "ma giao dich",
            "so but toan",
            "so tham chieu",
            "เลขที่อ้างอิง",
            "شماره پیگیری",
            "کد رهگیری",
            "reference de l'operation",
            "numero d'operation",
            "archive id",
        ],
    ),
    (
        Kind::Credit,
        &[
            "credit amount",
            "paid in",
            "money in",
            "deposit",
            "credit",
            "haben",
            "gutschrift",
            "insattning",
            "uznania",
            "wplywy",
            "ghi co",
            "phat sinh co",
            "เงินฝาก",
            "ฝาก",
            "เงินเข้า",
            "bijschrijving",
            "بستانکار",
            "واریز",
        ],
    ),
    (
        Kind::Debit,
        &[
            "debit amount",
            "paid out",
            "money out",
            "withdrawal",
            "debit",
            "soll",
            "belastung",
            "uttag",
            "obciazenia",
            "wydatki",
            "ghi no",
            "phat sinh no",
            "ถอนเงิน",
            "ถอน",
            "เงินออก",
            "afschrijving",
            "بدهکار",
            "برداشت",
        ],
    ),
    (Kind::Mark, &["af bij", "af/bij", "credit/debit", "debit/credit", "s/h", "soll/haben", "dr/cr", "cr/dr", "sens"]),
    (
        Kind::Currency,
        &["currency", "waehrung", "wahrung", "valuta", "waluta", "devise", "munt", "loai tien", "สกุลเงิน", "ارز"],
    ),
    (
        Kind::Date,
        &[
            "booking date",
            "transaction date",
            "posting date",
            "buchungstag",
            "buchungsdatum",
            "bokforingsdag",
            "bokforingsdatum",
            "bokforingsdatum",
            "transaktionsdag",
            "data ksiegowania",
            "data operacji",
            "data transakcji",
            "date de comptabilisation",
            "date operation",
            "boekingsdatum",
            "boekdatum",
            "ngay giao dich",
            "ngay hieu luc",
            "วันที่ทำรายการ",
            "วันที่",
            "تاریخ",
            "datum",
            "date",
            "data",
            "ngay",
        ],
    ),
    (
        Kind::Amount,
        &[
            "amount",
            "value",
            "betrag",
            "umsatz",
            "belopp",
            "kwota",
            "montant",
            "bedrag",
            "so tien",
            "จำนวนเงิน",
            "จำนวน",
            "مبلغ",
        ],
    ),
    (
        Kind::Reference,
        &[
            "remittance",
            "payment reference",
            "verwendungszweck",
            "buchungstext",
            "meddelande",
            "rubrik",
            "tytul",
            "tytulem",
            "opis",
            "libelle",
            "communication",
            "motif",
            "omschrijving",
            "mededelingen",
            "noi dung",
            "dien giai",
            "mo ta",
            "รายละเอียด",
            "หมายเหตุ",
            "بابت",
            "شرح",
            "توضیحات",
            "description",
            "details",
            "memo",
            "narrative",
            "message",
            "reference",
            "referens",
            "referenz",
        ],
    ),
    (
        Kind::Payer,
        &[
            "beneficiary/payer",
            "name zahlungsbeteiligter",
            "auftraggeber",
            "zahlungspflichtige",
            "zahlungsbeteiligter",
            "beguenstigter",
            "begunstigter",
            "counterparty",
            "payer",
            "sender",
            "payee",
            "avsandare",
            "namn",
            "nadawca",
            "kontrahent",
            "dane kontrahenta",
            "contrepartie",
            "emetteur",
            "donneur d'ordre",
            "tegenpartij",
            "naam",
            "nguoi chuyen",
            "ten nguoi",
            "doi tac",
            "ผู้โอน",
            "ชื่อ",
            "واریز کننده",
            "نام",
            "name",
            "nom",
        ],
    ),
];

/// What a heading says, and whether it is a name as a whole: such a heading counts before one that contains a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Said {
    pub(super) kind: Kind,
    pub(super) whole: bool,
}

/// What a heading says that its column holds.
pub(super) fn said(heading: &str) -> Option<Said> {
    let folded = text::fold(&text::tidy(heading));
    if folded.is_empty() {
        return None;
    }
    let find = |whole: bool, fits: &dyn Fn(&str) -> bool| {
        NAMES.iter().find(|(_, names)| names.iter().any(|name| fits(name))).map(|(kind, _)| Said { kind: *kind, whole })
    };
    find(true, &|name| name == folded).or_else(|| find(false, &|name| folded.contains(name)))
}

/// Words for the two directions, credit first.
pub(super) const MARKS: &[(&str, &str)] =
    &[("bij", "af"), ("credit", "debit"), ("crdt", "dbit"), ("cr", "dr"), ("c", "d"), ("h", "s"), ("haben", "soll")];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_folded_and_found() {
        for (_, names) in NAMES {
            for name in *names {
                assert_eq!(text::fold(name), *name, "a name that can't be found");
            }
        }
        for (heading, expected) in [
            ("Buchungstag", Kind::Date),
            ("Valutadatum", Kind::Other),
            ("Währung", Kind::Currency),
            ("Verwendungszweck", Kind::Reference),
            ("Beguenstigter/Zahlungspflichtiger", Kind::Payer),
            ("Bokföringsdag", Kind::Date),
            ("Belopp", Kind::Amount),
            ("Kwota operacji", Kind::Amount),
            ("Số tiền", Kind::Amount),
            ("Diễn giải", Kind::Reference),
            ("วันที่ทำรายการ", Kind::Date),
            ("เงินฝาก", Kind::Credit),
            ("Libellé", Kind::Reference),
            ("Tegenrekening", Kind::PayerAccount),
            ("Af Bij", Kind::Mark),
            ("تاریخ", Kind::Date),
            ("مبلغ", Kind::Amount),
            ("Balance", Kind::Other),
            ("Paid in", Kind::Credit),
        ] {
            assert_eq!(said(heading).map(|s| s.kind), Some(expected), "{heading}");
        }
        assert_eq!((said(""), said("xyz")), (None, None));
        assert!(said("Betrag").unwrap().whole && !said("Lastschrift Ursprungsbetrag").unwrap().whole);
    }
}
