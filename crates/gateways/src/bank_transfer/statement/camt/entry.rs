//! One `Ntry`: a booking, or a batch of several transfers that were booked as one amount.

use super::tree::Node;
use super::{account_of, credit, money_of};
use crate::bank_transfer::statement::{Direction, StatementCode, StatementEntry, StatementError, told};
use crate::bank_transfer::text;
use domain::validate::date::{self, Date};
use domain::{Currency, Money};

/// What an `Ntry` gave.
pub(super) enum Taken {
    /// Announced, not booked.
    Pending,
    /// Its entries: one, or one for each transfer of a batch; and what is doubtful about them.
    Booked { entries: Vec<StatementEntry>, note: Option<StatementError> },
}

/// What all transfers of an `Ntry` share.
struct Booking<'a> {
    node: &'a Node,
    booked_on: Date,
    amount: Money,
    credit: bool,
    reversal: bool,
}

/// Reads an `Ntry`.
pub(super) fn entries(node: &Node, currency: Option<Currency>) -> Result<Taken, StatementError> {
    let wrong = |code, field: &str| StatementError::of(code, node.line, field);
    // Text in old versions, a code in an element of its own since 001.08.
    match node.text_at(&["Sts", "Cd"]).or_else(|| node.text_at(&["Sts"])) {
        Some("BOOK") => {}
        Some("PDNG" | "INFO" | "FUTR") => return Ok(Taken::Pending),
        _ => return Err(wrong(StatementCode::BadStatus, "Ntry/Sts")),
    }
    let reversal = match node.text_at(&["RvslInd"]) {
        None | Some("false" | "0") => false,
        Some("true" | "1") => true,
        Some(_) => return Err(wrong(StatementCode::BadDirection, "Ntry/RvslInd")),
    };
    let booking = Booking {
        node,
        booked_on: booked_on(node)?,
        amount: money_of(node, currency)?,
        credit: credit(node)?,
        reversal,
    };
    let details: Vec<&Node> = node.all("NtryDtls").flat_map(|details| details.all("TxDtls")).collect();
    match details.as_slice() {
        [] => Ok(one(booking.entry(None))),
        // The amount that was booked counts: that of the transfer may be in another currency or before charges.
        [detail] => Ok(one(booking.entry(Some(detail)))),
        several => Ok(booking.split(several)),
    }
}

fn one(entry: StatementEntry) -> Taken {
    Taken::Booked { entries: vec![entry], note: None }
}

/// The booking date, else the value date: the schema lets a bank leave out either.
fn booked_on(node: &Node) -> Result<Date, StatementError> {
    let text = ["BookgDt", "ValDt"]
        .iter()
        .find_map(|name| node.text_at(&[name, "Dt"]).or_else(|| node.text_at(&[name, "DtTm"])))
        .ok_or_else(|| StatementError::of(StatementCode::DateMissing, node.line, "Ntry/BookgDt"))?;
    let day = text.get(..10).unwrap_or(text);
    date::parse(day).ok_or_else(|| StatementError::of(StatementCode::BadDate, node.line, "Ntry/BookgDt"))
}

impl Booking<'_> {
    /// One entry for each transfer of a batch, when their amounts add up to what was booked; else the batch as one entry.
    fn split(&self, details: &[&Node]) -> Taken {
        let parts: Option<Vec<StatementEntry>> = details.iter().map(|detail| self.part(detail)).collect();
        let total = parts.as_ref().and_then(|parts| {
            parts.iter().try_fold(Money::zero(self.amount.currency), |sum, part| {
                let added = if (part.direction == Direction::Credit) == self.credit {
                    sum.plus(part.amount)
                } else {
                    sum.minus(part.amount)
                };
                added.ok()
            })
        });
        match parts {
            Some(entries) if total == Some(self.amount) => Taken::Booked { entries, note: None },
            _ => {
                let mut entry = self.entry(None);
                let all: Vec<String> = details.iter().map(|detail| remittance(detail)).collect();
                entry.remittance = text::tidy(&all.join(" "));
                let note = StatementError::of(StatementCode::BatchNotSplit, self.node.line, "NtryDtls");
                Taken::Booked { entries: vec![entry], note: Some(note) }
            }
        }
    }

    /// A transfer of a batch with an amount of its own in the account's currency.
    fn part(&self, detail: &Node) -> Option<StatementEntry> {
        let holder = match detail.at(&["Amt"]) {
            Some(_) => detail,
            // Before 001.03 the amount stands among the details.
            None => detail.at(&["AmtDtls", "TxAmt"])?,
        };
        let amount = money_of(holder, Some(self.amount.currency)).ok()?;
        let credit = if detail.at(&["CdtDbtInd"]).is_some() { credit(detail).ok()? } else { self.credit };
        let booking = Booking { amount, credit, ..*self };
        Some(booking.entry(Some(detail)))
    }

    fn entry(&self, detail: Option<&Node>) -> StatementEntry {
        let bank_ref = detail
            .and_then(|d| d.text_at(&["Refs", "AcctSvcrRef"]))
            .or_else(|| self.node.text_at(&["AcctSvcrRef"]))
            .or_else(|| self.node.text_at(&["NtryRef"]));
        let described = detail.map(remittance).filter(|r| !r.is_empty());
        let remittance = described.or_else(|| self.node.text_at(&["AddtlNtryInf"]).map(text::tidy)).unwrap_or_default();
        let parties = detail.map(|d| Parties::of(d, self.came_from_debtor())).unwrap_or_default();
        StatementEntry {
            fingerprint: String::new(),
            line: detail.map_or(self.node.line, |d| d.line),
            bank_ref: bank_ref.and_then(told),
            booked_on: self.booked_on,
            direction: if self.credit { Direction::Credit } else { Direction::Debit },
            amount: self.amount,
            reversal: self.reversal,
            payer_name: parties.name,
            payer_account: parties.account,
            remittance,
            structured_reference: detail.and_then(structured_reference),
            end_to_end_id: detail.and_then(|d| d.text_at(&["Refs", "EndToEndId"])).and_then(told),
        }
    }

    /// Whether the other side is the debtor of the transfer. A reversal turns the booking round, not the transfer.
    const fn came_from_debtor(&self) -> bool {
        self.credit != self.reversal
    }
}

/// The other side of a transfer.
#[derive(Default)]
struct Parties {
    name: Option<String>,
    account: Option<String>,
}

impl Parties {
    fn of(detail: &Node, debtor: bool) -> Self {
        let Some(parties) = detail.at(&["RltdPties"]) else { return Self::default() };
        let (party, ultimate, number) =
            if debtor { ("Dbtr", "UltmtDbtr", "DbtrAcct") } else { ("Cdtr", "UltmtCdtr", "CdtrAcct") };
        // A party of its own within since 001.08.
        let name_of = |name| parties.text_at(&[name, "Nm"]).or_else(|| parties.text_at(&[name, "Pty", "Nm"]));
        let name = name_of(party).or_else(|| name_of(ultimate)).and_then(text::some_tidy);
        Self { name, account: parties.at(&[number]).and_then(account_of) }
    }
}

/// What the payer wrote, structured references too, so that one search finds all.
fn remittance(detail: &Node) -> String {
    let mut texts = Vec::new();
    if let Some(info) = detail.at(&["RmtInf"]) {
        texts.extend(info.all("Ustrd").map(|ustrd| ustrd.text.trim()));
        for strd in info.all("Strd") {
            texts.extend(strd.text_at(&["CdtrRefInf", "Ref"]));
            strd.texts_within("AddtlRmtInf", &mut texts);
        }
    }
    if texts.iter().all(|t| t.is_empty()) {
        texts.extend(detail.text_at(&["AddtlTxInf"]));
    }
    text::tidy(&texts.join(" "))
}

fn structured_reference(detail: &Node) -> Option<String> {
    let info = detail.at(&["RmtInf"])?;
    info.all("Strd").find_map(|strd| strd.text_at(&["CdtrRefInf", "Ref"])).and_then(text::some_tidy)
}
