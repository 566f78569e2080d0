//! The double-entry ledger: one chart of accounts, journals that sum to zero per currency.
//!
//! Positive amounts are debits, negative ones credits. Journals are made here only, so that an unbalanced one can't be.

use crate::access::named;
use crate::{Currency, Money, MoneyError};
use serde::{Deserialize, Serialize};
use std::str::FromStr;

/// The chart of accounts; each exists per merchant, mode and currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Account {
    /// What gateways hold for the merchant (asset).
    GatewayReceivable,
    /// What gateways charge (expense).
    Fees,
    /// What was given back (contra revenue).
    Refunds,
    /// What is disputed (contra revenue).
    Disputes,
    /// What disputes cost (expense).
    DisputeFees,
    /// On its way to the bank (asset).
    Payouts,
    /// In the merchant's bank account (asset).
    Bank,
    /// What the merchant owes customers (liability).
    CustomerCredit,
    /// Tax collected (liability).
    Tax,
    /// Between two currencies (clearing).
    FxClearing,
    /// Sales (revenue).
    Sales,
}
named!(Account {
    GatewayReceivable = "gateway_receivable",
    Fees = "fees",
    Refunds = "refunds",
    Disputes = "disputes",
    DisputeFees = "dispute_fees",
    Payouts = "payouts",
    Bank = "bank",
    CustomerCredit = "customer_credit",
    Tax = "tax",
    FxClearing = "fx_clearing",
    Sales = "sales",
});

/// Why a journal was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JournalKind {
    /// A capture: receivable against sales, less the fee.
    Payment,
    /// Money given back.
    Refund,
    /// A refund that failed later: the reverse of its journal.
    RefundReversal,
    /// A second charge of a payment that is paid already: owed to the customer.
    Surplus,
    /// Money that was owed to the customer, or more than was captured, given back.
    SurplusRefund,
    /// Such a refund that failed later: the reverse of its journal.
    SurplusRefundReversal,
    /// What came beyond the amount of a bank transfer: owed to the customer.
    TransferSurplus,
    /// What came so, paid back at the merchant's own bank.
    TransferSurplusReturn,
    /// A fee that the gateway told after the capture was booked.
    Fee,
    /// Money that a dispute took.
    Dispute,
    /// Money of a dispute that came back: won, withdrawn or reinstated.
    DisputeReversal,
    /// What a dispute itself costs.
    DisputeFee,
    /// Such a fee that came back.
    DisputeFeeReversal,
}
named!(JournalKind {
    Payment = "payment",
    Refund = "refund",
    RefundReversal = "refund_reversal",
    Surplus = "surplus",
    SurplusRefund = "surplus_refund",
    SurplusRefundReversal = "surplus_refund_reversal",
    TransferSurplus = "transfer_surplus",
    TransferSurplusReturn = "transfer_surplus_return",
    Fee = "fee",
    Dispute = "dispute",
    DisputeReversal = "dispute_reversal",
    DisputeFee = "dispute_fee",
    DisputeFeeReversal = "dispute_fee_reversal",
});

/// One line of a journal: positive debits, negative credits. Never zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// The account.
    pub account: Account,
    /// The amount, signed.
    pub amount: Money,
}

/// A balanced set of entries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Journal {
    kind: JournalKind,
    entries: Vec<Entry>,
}

/// Why entries do not make a journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LedgerError {
    /// Fewer than two entries are left after zero ones are dropped.
    #[error("a journal needs two entries")]
    TooFewEntries,
    /// The entries of a currency don't sum to zero.
    #[error("entries in {0} do not sum to zero")]
    Unbalanced(Currency),
    /// Sums don't fit 64 bits.
    #[error(transparent)]
    Money(#[from] MoneyError),
}

impl Journal {
    /// Makes a journal of entries; zero entries are dropped.
    ///
    /// # Errors
    /// [`LedgerError`] when they don't balance per currency.
    pub fn new(kind: JournalKind, entries: impl IntoIterator<Item = (Account, Money)>) -> Result<Self, LedgerError> {
        let entries: Vec<Entry> = entries
            .into_iter()
            .filter(|(_, m)| m.minor != 0)
            .map(|(account, amount)| Entry { account, amount })
            .collect();
        if entries.len() < 2 {
            return Err(LedgerError::TooFewEntries);
        }
        let mut sums: Vec<Money> = Vec::new();
        for entry in &entries {
            match sums.iter_mut().find(|s| s.currency == entry.amount.currency) {
                Some(sum) => *sum = sum.plus(entry.amount)?,
                None => sums.push(entry.amount),
            }
        }
        match sums.iter().find(|s| s.minor != 0) {
            Some(sum) => Err(LedgerError::Unbalanced(sum.currency)),
            None => Ok(Self { kind, entries }),
        }
    }

    /// A fee that was told after the capture had been booked without it: the gateway owes that much less.
    ///
    /// # Errors
    /// [`LedgerError::TooFewEntries`] for no fee at all.
    pub fn fee(fee: Money) -> Result<Self, LedgerError> {
        Self::new(JournalKind::Fee, [(Account::GatewayReceivable, fee.negated()?), (Account::Fees, fee)])
    }

    /// A captured payment: the gateway owes the gross less its fee.
    ///
    /// # Errors
    /// [`LedgerError`] for amounts out of range.
    pub fn payment(gross: Money, fee: Money) -> Result<Self, LedgerError> {
        let net = gross.minus(fee)?;
        Self::new(
            JournalKind::Payment,
            [(Account::GatewayReceivable, net), (Account::Fees, fee), (Account::Sales, gross.negated()?)],
        )
    }

    /// A refund: what the gateway holds shrinks. Fees are not returned unless the gateway says so.
    ///
    /// # Errors
    /// [`LedgerError`] for amounts out of range.
    pub fn refund(amount: Money) -> Result<Self, LedgerError> {
        Self::new(JournalKind::Refund, [(Account::Refunds, amount), (Account::GatewayReceivable, amount.negated()?)])
    }

    /// Money that no sale stands for is given back: what is owed to the customer shrinks.
    ///
    /// # Errors
    /// [`LedgerError`] for amounts out of range.
    pub fn surplus_refund(amount: Money) -> Result<Self, LedgerError> {
        Self::new(
            JournalKind::SurplusRefund,
            [(Account::CustomerCredit, amount), (Account::GatewayReceivable, amount.negated()?)],
        )
    }

    /// What came beyond the amount of a bank transfer lies where the transfer itself does, and is owed to the customer.
    ///
    /// # Errors
    /// [`LedgerError`] for amounts out of range.
    pub fn transfer_surplus(amount: Money) -> Result<Self, LedgerError> {
        Self::new(
            JournalKind::TransferSurplus,
            [(Account::GatewayReceivable, amount), (Account::CustomerCredit, amount.negated()?)],
        )
    }

    /// What a dispute took or gave back since it was booked last: positive when the gateway holds less, negative when it holds more.
    /// None when nothing changed.
    ///
    /// # Errors
    /// [`LedgerError`] for amounts out of range.
    pub fn dispute(change: Money) -> Result<Option<Self>, LedgerError> {
        Self::moved(change, Account::Disputes, [JournalKind::Dispute, JournalKind::DisputeReversal])
    }

    /// The same for what the dispute itself costs.
    ///
    /// # Errors
    /// [`LedgerError`] for amounts out of range.
    pub fn dispute_fee(change: Money) -> Result<Option<Self>, LedgerError> {
        Self::moved(change, Account::DisputeFees, [JournalKind::DisputeFee, JournalKind::DisputeFeeReversal])
    }

    fn moved(change: Money, account: Account, [taken, back]: [JournalKind; 2]) -> Result<Option<Self>, LedgerError> {
        if change.minor == 0 {
            return Ok(None);
        }
        let kind = if change.minor > 0 { taken } else { back };
        Self::new(kind, [(account, change), (Account::GatewayReceivable, change.negated()?)]).map(Some)
    }

    /// The reverse of this journal, as another kind.
    ///
    /// # Errors
    /// [`LedgerError`] for amounts out of range.
    pub fn reversed(&self, kind: JournalKind) -> Result<Self, LedgerError> {
        let mut entries = Vec::with_capacity(self.entries.len());
        for entry in &self.entries {
            entries.push((entry.account, entry.amount.negated()?));
        }
        Self::new(kind, entries)
    }

    /// Why it is written.
    #[must_use]
    pub const fn kind(&self) -> JournalKind {
        self.kind
    }

    /// Its entries: two or more, none zero, summing to zero per currency.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_journal_sums_to_zero(gross in 1i64..=crate::money::MAX_AMOUNT, fee in 0i64..10_000) {
            let (gross, fee) = (Money::new(gross, Currency::EUR), Money::new(fee, Currency::EUR));
            let journal = Journal::payment(gross, fee).unwrap();
            prop_assert_eq!(journal.entries().iter().map(|e| e.amount.minor).sum::<i64>(), 0);
            let back = journal.reversed(JournalKind::RefundReversal).unwrap();
            prop_assert_eq!(back.reversed(JournalKind::Payment).unwrap(), journal);
        }

        #[test]
        fn what_disputes_take_and_give_back_adds_up(told in prop::collection::vec(0i64..=1_000_000, 1..8)) {
            // Whatever a gateway says one after the other, the entries sum to what it said last.
            let (mut before, mut booked) = (0, 0);
            for taken in &told {
                if let Some(journal) = Journal::dispute(Money::new(taken - before, Currency::EUR)).unwrap() {
                    let on = |account| journal.entries().iter().filter(move |e| e.account == account).map(|e| e.amount.minor);
                    booked += on(Account::Disputes).sum::<i64>();
                    prop_assert_eq!(on(Account::Disputes).sum::<i64>(), -on(Account::GatewayReceivable).sum::<i64>());
                    prop_assert_eq!(journal.kind() == JournalKind::Dispute, *taken > before);
                } else {
                    prop_assert_eq!(*taken, before);
                }
                before = *taken;
            }
            prop_assert_eq!(Some(&booked), told.last());
        }

        #[test]
        fn unbalanced_entries_are_refused(a in 1i64..1_000_000, b in 1i64..1_000_000) {
            prop_assume!(a != b);
            let made = Journal::new(JournalKind::Payment, [
                (Account::Sales, Money::new(-a, Currency::EUR)),
                (Account::GatewayReceivable, Money::new(b, Currency::EUR)),
            ]);
            prop_assert_eq!(made, Err(LedgerError::Unbalanced(Currency::EUR)));
        }
    }

    #[test]
    fn currencies_balance_apart() {
        let made = Journal::new(
            JournalKind::Payment,
            [
                (Account::Sales, Money::new(-5, Currency::EUR)),
                (Account::GatewayReceivable, Money::new(5, Currency::USD)),
            ],
        );
        assert_eq!(made, Err(LedgerError::Unbalanced(Currency::EUR)));
    }
}
