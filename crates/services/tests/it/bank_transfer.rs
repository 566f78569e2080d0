//! Bank transfers: from checkout to a statement that has the money, and everything that may be otherwise.

use domain::{
    BankEntryId, ConnectionId, Currency, Mode, Money, StatementId,
    problem::{codes, money},
    states::PaymentStatus,
    time::{DAY, MINUTE},
    views::{
        bank::{BankStatement, DoubtfulEntry, EntryForm},
        checkout::{CheckoutStage, PayForm, TransferTold},
        gateway::ConnectionForm,
        page::PageQuery,
    },
};
use services::{ServiceError, bank_transfers, checkout, connections};
use test_support::{
    TestDb, TestServices,
    builders::{TestMerchant, TestSession, assert_status},
    for_each_engine,
};

/// A merchant with an account.
pub(crate) struct Bank {
    pub(crate) t: TestServices,
    pub(crate) m: TestMerchant,
    pub(crate) connection: ConnectionId,
}

/// A row of a statement: amount, currency, payer, what was written.
pub(crate) type Row<'a> = (&'a str, &'a str, &'a str, &'a str);

async fn account(t: &TestServices, m: &TestMerchant) -> ConnectionId {
    let form = ConnectionForm {
        provider: "bank_transfer".to_owned(),
        name: "Our bank".to_owned(),
        methods: vec!["bank_transfer".to_owned()],
        credentials: vec![
            ("holder".to_owned(), "Blue Bottle Books".to_owned()),
            ("iban".to_owned(), "BE72 0000 0000 1616".to_owned()),
        ],
        ..ConnectionForm::default()
    };
    connections::add(&t.svc, &m.actor, &form).await.unwrap()
}

impl Bank {
    pub(crate) async fn on(db: &TestDb) -> Self {
        let t = TestServices::new(db);
        let m = t.merchant().await;
        Self::of(&t, &m).await
    }

    pub(crate) async fn of(t: &TestServices, m: &TestMerchant) -> Self {
        let connection = account(t, m).await;
        Self { t: t.clone(), m: m.clone(), connection }
    }

    /// A customer who chose to transfer, and what they were told.
    pub(crate) async fn order(&self, minor: i64) -> (TestSession, TransferTold) {
        let session = self.t.session(&self.m, minor, "EUR").await;
        let told = self.choose(&session).await;
        (session, told)
    }

    async fn choose(&self, session: &TestSession) -> TransferTold {
        let form = PayForm { method: "bank_transfer".to_owned(), card: Default::default(), ..self.t.pay_form("") };
        let stage = self.t.try_pay(session, form).await.unwrap();
        assert_eq!(stage, CheckoutStage::Pending { unknown: false, settles_later: true });
        checkout::view(&self.t.svc, &session.token).await.unwrap().transfer.expect("instructions")
    }

    /// A statement of today as CAMT.053.
    fn camt(&self, rows: &[Row<'_>]) -> Vec<u8> {
        let day = self.t.now().date();
        let entries: String = rows
            .iter()
            .map(|(amount, currency, payer, text)| {
                format!(
                    "<Ntry><Amt Ccy=\"{currency}\">{amount}</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts>\
                     <BookgDt><Dt>{day}</Dt></BookgDt><NtryDtls><TxDtls><RltdPties><Dbtr><Nm>{payer}</Nm></Dbtr></RltdPties>\
                     <RmtInf><Ustrd>{text}</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>"
                )
            })
            .collect();
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\
             <Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.02\"><BkToCstmrStmt><Stmt>\
             <Acct><Id><IBAN>BE72000000001616</IBAN></Id></Acct>{entries}</Stmt></BkToCstmrStmt></Document>"
        )
        .into_bytes()
    }

    pub(crate) async fn bring(&self, rows: &[Row<'_>]) -> BankStatement {
        let bytes = self.camt(rows);
        let id = bank_transfers::bring(&self.t.svc, &self.m.actor, &self.connection, "today.xml", bytes).await.unwrap();
        self.statement(&id).await
    }

    async fn statement(&self, id: &StatementId) -> BankStatement {
        bank_transfers::statement(&self.t.svc, &self.m.actor, id).await.unwrap().statement
    }

    pub(crate) async fn doubtful(&self) -> Vec<DoubtfulEntry> {
        bank_transfers::doubtful(&self.t.svc, &self.m.actor, &PageQuery::default()).await.unwrap().items
    }

    pub(crate) async fn decide(&self, id: &BankEntryId, form: EntryForm) -> Result<(), ServiceError> {
        bank_transfers::decide(&self.t.svc, &self.m.actor, id, &form).await
    }

    pub(crate) async fn assert_is(&self, session: &TestSession, status: PaymentStatus) {
        assert_status(&self.t.payment_of(session).await, status);
    }
}

pub(crate) fn pays(entry: &DoubtfulEntry, amount: &str) -> EntryForm {
    let transfer = entry.candidates[0].transfer.to_string();
    EntryForm { decision: "pays".to_owned(), transfer, amount: amount.to_owned() }
}

pub(crate) fn nothing() -> EntryForm {
    EntryForm { decision: "nothing".to_owned(), ..EntryForm::default() }
}

/// The first code that an error names.
pub(crate) fn code(error: ServiceError) -> String {
    let problem = error.into_problem();
    problem.fields.first().map_or(problem.code, |field| field.code.clone())
}

for_each_engine!(a_customer_transfers_and_the_statement_has_it, |db| async {
    let b = Bank::on(&db).await;
    let (s, told) = b.order(4_800).await;
    assert_eq!(told.holder, "Blue Bottle Books");
    assert_eq!(told.account, [("iban".to_owned(), "BE72 0000 0000 1616".to_owned())]);
    assert_eq!(told.qr.as_ref().map(|(kind, _)| kind.as_str()), Some("epc"));
    let mails = b.t.texts("select template from mails").await;
    assert_eq!(mails, ["transfer_instructions"]);
    // It waits, however often it is asked about.
    b.t.later(DAY).await;
    b.assert_is(&s, PaymentStatus::Processing).await;
    let seen = b.bring(&[("48.00", "EUR", "A Customer", &told.reference)]).await;
    assert_eq!((seen.entries, seen.matched, seen.doubtful, seen.ignored, seen.known), (1, 1, 0, 0, 0));
    b.assert_is(&s, PaymentStatus::Succeeded).await;
    let row = b.t.payment_of(&s).await;
    assert_eq!((row.captured, row.fee), (4_800, 0));
    assert!(matches!(checkout::view(&b.t.svc, &s.token).await.unwrap().stage, CheckoutStage::Paid { .. }));
    b.t.assert_sound().await;
});

for_each_engine!(the_same_entry_counts_once_whatever_files_have_it, |db| async {
    let b = Bank::on(&db).await;
    let (first, told) = b.order(4_800).await;
    let (second, other) = b.order(4_800).await;
    assert_ne!(told.reference, other.reference);
    let one = ("48.00", "EUR", "A Customer", told.reference.as_str());
    let two = ("48.00", "EUR", "B Customer", other.reference.as_str());
    b.bring(&[one]).await;
    let again = b.bring(&[one]).await;
    assert_eq!((again.entries, again.known, again.matched, again.doubtful), (1, 1, 0, 0));
    // One that overlaps it.
    let more = b.bring(&[one, two]).await;
    assert_eq!((more.entries, more.known, more.matched), (2, 1, 1));
    b.assert_is(&first, PaymentStatus::Succeeded).await;
    b.assert_is(&second, PaymentStatus::Succeeded).await;
    assert!(b.doubtful().await.is_empty());
    b.t.assert_sound().await;
});

for_each_engine!(parts_are_added_up_and_what_is_missing_is_told, |db| async {
    let b = Bank::on(&db).await;
    let (s, told) = b.order(4_800).await;
    let part = b.bring(&[("30.00", "EUR", "A Customer", &told.reference)]).await;
    assert_eq!((part.matched, part.doubtful), (1, 0));
    b.assert_is(&s, PaymentStatus::Processing).await;
    let told = checkout::view(&b.t.svc, &s.token).await.unwrap().transfer.unwrap();
    let eur = |minor| Money::new(minor, Currency::EUR);
    assert_eq!((told.amount, told.received, told.qr), (eur(1_800), eur(3_000), None));
    // What has come in part can't be given up.
    checkout::start_over(&b.t.svc, &s.token).await.unwrap();
    b.assert_is(&s, PaymentStatus::Processing).await;
    let waiting = bank_transfers::waiting(&b.t.svc, &b.m.actor, &PageQuery::default()).await.unwrap().items;
    assert_eq!((waiting.len(), waiting[0].received), (1, eur(3_000)));
    // Two more parts in one file.
    let rows =
        [("10.00", "EUR", "A Customer", told.reference.as_str()), ("8.00", "EUR", "A Customer", &told.reference)];
    b.bring(&rows).await;
    b.assert_is(&s, PaymentStatus::Succeeded).await;
    b.t.assert_sound().await;
});

for_each_engine!(a_part_that_another_file_writes_differently_is_for_a_person, |db| async {
    let b = Bank::on(&db).await;
    let (s, told) = b.order(10_000).await;
    b.bring(&[("50.00", "EUR", "A Customer", &told.reference)]).await;
    // The same booking, as a file of another kind tells it; it would pay the rest.
    let otherwise = format!("/ROC/{}//SVWZ transfer", told.reference);
    let again = b.bring(&[("50.00", "EUR", "A CUSTOMER", &otherwise)]).await;
    assert_eq!((again.known, again.matched, again.doubtful), (0, 0, 1));
    b.assert_is(&s, PaymentStatus::Processing).await;
    let entry = b.doubtful().await.remove(0);
    b.decide(&entry.id, pays(&entry, "50.00")).await.unwrap();
    b.assert_is(&s, PaymentStatus::Succeeded).await;
    b.t.assert_sound().await;
});

// An import that was cut off after its entries were stored.
for_each_engine!(entries_that_nobody_has_looked_at_are_looked_at_by_a_worker, |db| async {
    let b = Bank::on(&db).await;
    let (s, told) = b.order(4_800).await;
    b.bring(&[("48.00", "EUR", "A Customer", &told.reference)]).await;
    let (other, more) = b.order(700).await;
    b.bring(&[("6.00", "EUR", "A Customer", &more.reference)]).await;
    b.t.sql(
        "update bank_entries set status = 'new', transfer_id = null where transfer_id in (
           select id from bank_transfers where amount = 700)",
    )
    .await;
    b.t.sql("update bank_transfers set received = 0 where amount = 700").await;
    b.t.run_due().await;
    assert_eq!(b.t.texts("select status from bank_entries order by status").await, ["matched", "new"]);
    b.t.later(2 * MINUTE).await;
    assert_eq!(b.t.texts("select status from bank_entries").await, ["matched", "matched"]);
    assert_eq!(b.t.number("select received from bank_transfers where amount = 700").await, 600);
    b.assert_is(&s, PaymentStatus::Succeeded).await;
    b.assert_is(&other, PaymentStatus::Processing).await;
    b.t.assert_sound().await;
});

for_each_engine!(too_much_is_decided_by_a_person_who_types_it, |db| async {
    let b = Bank::on(&db).await;
    let (s, told) = b.order(4_800).await;
    let seen = b.bring(&[("50.00", "EUR", "A Customer", &told.reference)]).await;
    assert_eq!((seen.matched, seen.doubtful), (0, 1));
    b.assert_is(&s, PaymentStatus::Processing).await;
    let entry = b.doubtful().await.remove(0);
    assert!(entry.candidates[0].payable && entry.candidates[0].differs && entry.may_decide);
    assert!(entry.candidates[0].parts.iter().any(|(part, _)| part == "reference_exact"));
    assert_eq!(code(b.decide(&entry.id, pays(&entry, "")).await.unwrap_err()), codes::REQUIRED);
    assert_eq!(code(b.decide(&entry.id, pays(&entry, "48.00")).await.unwrap_err()), money::AMOUNT_NOT_REPEATED);
    b.decide(&entry.id, pays(&entry, "50.00")).await.unwrap();
    b.assert_is(&s, PaymentStatus::Succeeded).await;
    assert_eq!(b.t.payment_of(&s).await.captured, 4_800);
    let head = bank_transfers::head(&b.t.svc, &b.m.actor).await.unwrap();
    assert_eq!(head.overpaid[0].received, Money::new(5_000, Currency::EUR));
    // An entry is decided once.
    assert_eq!(code(b.decide(&entry.id, nothing()).await.unwrap_err()), money::ENTRY_NOT_PAYABLE);
    b.t.assert_sound().await;
});

for_each_engine!(another_currency_pays_nothing_and_can_belong_to_nothing, |db| async {
    let b = Bank::on(&db).await;
    let (s, told) = b.order(4_800).await;
    b.bring(&[("48.00", "SEK", "A Customer", &told.reference)]).await;
    let entry = b.doubtful().await.remove(0);
    assert!(!entry.candidates[0].payable);
    assert_eq!(code(b.decide(&entry.id, pays(&entry, "48.00")).await.unwrap_err()), money::ENTRY_NOT_PAYABLE);
    let strange = EntryForm { transfer: "op_00000000000000000000000000".to_owned(), ..pays(&entry, "48.00") };
    assert_eq!(code(b.decide(&entry.id, strange).await.unwrap_err()), codes::BAD_CHOICE);
    b.decide(&entry.id, nothing()).await.unwrap();
    assert!(b.doubtful().await.is_empty());
    b.assert_is(&s, PaymentStatus::Processing).await;
    b.t.assert_sound().await;
});

for_each_engine!(another_merchants_reference_means_nothing_here, |db| async {
    let b = Bank::on(&db).await;
    let other = b.t.merchant().await;
    account(&b.t, &other).await;
    let session = b.t.session(&other, 4_800, "EUR").await;
    let told = b.choose(&session).await;
    let seen = b.bring(&[("48.00", "EUR", "A Customer", &told.reference)]).await;
    assert_eq!((seen.matched, seen.doubtful, seen.ignored), (0, 0, 1));
    b.assert_is(&session, PaymentStatus::Processing).await;
    // And one merchant's statements, entries and accounts are not another's.
    let bytes = b.camt(&[("1.00", "EUR", "A", "b")]);
    let refused = bank_transfers::bring(&b.t.svc, &other.actor, &b.connection, "x", bytes).await.unwrap_err();
    assert_eq!(code(refused), codes::NOT_FOUND);
    let refused = bank_transfers::statement(&b.t.svc, &other.actor, &seen.id).await.unwrap_err();
    assert_eq!(code(refused), codes::NOT_FOUND);
    b.t.assert_sound().await;
});

for_each_engine!(given_up_and_paid_all_the_same_is_late_money, |db| async {
    let b = Bank::on(&db).await;
    let (s, told) = b.order(4_800).await;
    let stage = checkout::start_over(&b.t.svc, &s.token).await.unwrap();
    assert!(matches!(stage, CheckoutStage::Pay { .. }), "{stage:?}");
    b.assert_is(&s, PaymentStatus::RequiresPaymentMethod).await;
    b.bring(&[("48.00", "EUR", "A Customer", &told.reference)]).await;
    b.assert_is(&s, PaymentStatus::Succeeded).await;
    assert_eq!(b.t.texts("select late_rule from attempts where late_rule is not null").await, ["accept"]);
    b.t.assert_sound().await;
});

for_each_engine!(money_after_the_sessions_end_is_late_money, |db| async {
    let b = Bank::on(&db).await;
    let (s, told) = b.order(4_800).await;
    // A session does not end while its transfer is waited for; the transfer is given up at last.
    b.t.later(20 * DAY).await;
    b.assert_is(&s, PaymentStatus::Processing).await;
    b.t.later(11 * DAY).await;
    b.t.later(DAY).await;
    b.t.later(MINUTE).await;
    b.assert_is(&s, PaymentStatus::Canceled).await;
    b.bring(&[("48.00", "EUR", "A Customer", &told.reference)]).await;
    b.assert_is(&s, PaymentStatus::Succeeded).await;
    assert_eq!(b.t.texts("select late_rule from attempts where late_rule is not null").await, ["accept"]);
    b.t.assert_sound().await;
});

for_each_engine!(two_imports_at_once_book_once, |db| async {
    let b = Bank::on(&db).await;
    let (s, told) = b.order(4_800).await;
    let rows = [("48.00", "EUR", "A Customer", told.reference.as_str())];
    let (one, two) = tokio::join!(b.bring(&rows), b.bring(&rows));
    assert_eq!(one.known + two.known, 1);
    assert_eq!(one.matched + two.matched, 1);
    b.t.run_due().await;
    b.assert_is(&s, PaymentStatus::Succeeded).await;
    assert_eq!(b.t.payment_of(&s).await.captured, 4_800);
    assert_eq!(b.t.texts("select kind from journals").await, ["payment"]);
    b.t.assert_sound().await;
});

for_each_engine!(what_fits_without_a_reference_is_decided_by_a_person, |db| async {
    let b = Bank::on(&db).await;
    let (s, _) = b.order(4_800).await;
    b.bring(&[("48.00", "EUR", "A Customer", "for the book")]).await;
    b.assert_is(&s, PaymentStatus::Processing).await;
    let entry = b.doubtful().await.remove(0);
    assert!(entry.candidates[0].payable && !entry.candidates[0].differs);
    let viewer = b.m.as_role(domain::MerchantRole::Viewer);
    let refused = bank_transfers::decide(&b.t.svc, &viewer.actor, &entry.id, &pays(&entry, "")).await.unwrap_err();
    assert_eq!(code(refused), codes::FORBIDDEN);
    b.decide(&entry.id, pays(&entry, "")).await.unwrap();
    b.assert_is(&s, PaymentStatus::Succeeded).await;
    let audit = b.t.texts("select action from audit_entries where action like 'bank_%' order by action").await;
    assert_eq!(audit, ["bank_entry.decide", "bank_statement.bring", "bank_statement.read"]);
    b.t.assert_sound().await;
});

for_each_engine!(who_may_not_manage_gateways_brings_nothing, |db| async {
    let b = Bank::on(&db).await;
    let viewer = b.m.as_role(domain::MerchantRole::Viewer);
    let bytes = b.camt(&[("1.00", "EUR", "A", "b")]);
    let refused = bank_transfers::bring(&b.t.svc, &viewer.actor, &b.connection, "x", bytes.clone()).await.unwrap_err();
    assert_eq!(code(refused), codes::FORBIDDEN);
    let live = b.m.in_mode(Mode::Live);
    let refused = bank_transfers::bring(&b.t.svc, &live.actor, &b.connection, "x", bytes).await.unwrap_err();
    assert_eq!(code(refused), codes::NOT_FOUND);
    let refused = bank_transfers::bring(&b.t.svc, &b.m.actor, &b.connection, "x", Vec::new()).await.unwrap_err();
    assert_eq!(code(refused), "statement_empty");
});

for_each_engine!(a_tables_columns_are_said_once, |db| async {
    let b = Bank::on(&db).await;
    let (first, told) = b.order(4_800).await;
    let (second, other) = b.order(1_250).await;
    let day = b.t.now().date();
    let table = |amount: &str, reference: &str| {
        format!("Booking date;Amount;Currency;Payer;Reference\n{day};{amount};EUR;A Customer;{reference}\n")
            .into_bytes()
    };
    let bytes = table("48,00", &told.reference);
    let id = bank_transfers::bring(&b.t.svc, &b.m.actor, &b.connection, "may.csv", bytes).await.unwrap();
    let view = bank_transfers::statement(&b.t.svc, &b.m.actor, &id).await.unwrap();
    let form = view.columns.expect("a proposal").form;
    assert!(!view.statement.read);
    let wrong = domain::views::bank::MappingForm { date: String::new(), ..form.clone() };
    let refused = bank_transfers::read_with(&b.t.svc, &b.m.actor, &id, &wrong).await.unwrap_err();
    assert_eq!(code(refused), codes::REQUIRED);
    bank_transfers::read_with(&b.t.svc, &b.m.actor, &id, &form).await.unwrap();
    assert_eq!(b.statement(&id).await.matched, 1);
    b.assert_is(&first, PaymentStatus::Succeeded).await;
    // It is read once.
    let refused = bank_transfers::read_with(&b.t.svc, &b.m.actor, &id, &form).await.unwrap_err();
    assert_eq!(code(refused), codes::NOT_FOUND);
    // The next one of the same shape is read at once.
    let bytes = table("12,50", &other.reference);
    let id = bank_transfers::bring(&b.t.svc, &b.m.actor, &b.connection, "june.csv", bytes).await.unwrap();
    assert_eq!(b.statement(&id).await.matched, 1);
    b.assert_is(&second, PaymentStatus::Succeeded).await;
    b.t.assert_sound().await;
});
