//! The application for live mode, step by step. Fields are named as in `views::application::Answers`; owners' as
//! `owners.0.name`, documents' as `documents.registration`.

use super::{
    CATEGORIES, DOCUMENT_PURPOSES, LEGAL_FORMS, Problems, Wrong, bank, country, date, iban, number, phone, tax, text,
    url,
};
use crate::problem::{accounts, codes};
use crate::views::application::{Answers, Document, Owner, Step};
use crate::{FieldProblem, Timestamp};

/// Most owners: at most four hold 25 % or more, and a few may control without holding.
pub const MAX_OWNERS: usize = 8;
/// Longest text of one field that a draft keeps: far above each field's own bound, so that nothing typed is lost.
pub const MAX_DRAFT_FIELD: usize = 10_000;
/// Most owners that a draft keeps.
pub const MAX_DRAFT_OWNERS: usize = 30;

/// What is missing or not acceptable in one step, in the form's order. [`Step::Review`] has no fields of its own.
#[must_use]
pub fn step(answers: &Answers, documents: &[Document], step: Step, today: Timestamp) -> Vec<FieldProblem> {
    let mut problems = Problems::new();
    match step {
        Step::Business => business(answers, &mut problems),
        Step::Activity => activity(answers, &mut problems),
        Step::Owners => owners(answers, today, &mut problems),
        Step::Bank => bank_account(answers, &mut problems),
        Step::Documents => files(answers, documents, &mut problems),
        Step::Review => {}
    }
    problems.into_vec()
}

/// Whether nothing is missing in any step.
#[must_use]
pub fn is_complete(answers: &Answers, documents: &[Document], today: Timestamp) -> bool {
    Step::ALL.iter().all(|s| step(answers, documents, *s, today).is_empty())
}

fn business(a: &Answers, p: &mut Problems) {
    p.take("legal_name", text::required(&a.legal_name, 200));
    p.take("trading_name", text::required(&a.trading_name, 120));
    p.take("legal_form", text::choice(&a.legal_form, LEGAL_FORMS));
    // Sole traders are in no register in many countries.
    if a.legal_form.trim() != "sole_trader" || !a.company_number.trim().is_empty() {
        p.take("company_number", tax::company_number(&a.company_number));
    }
    let code = country::find(a.country.trim()).unwrap_or("");
    p.take("tax_number", tax::required(code, &a.tax_number));
    p.take("address_line", text::required(&a.address_line, 200));
    p.take("address_line2", text::optional(&a.address_line2, 200));
    p.take("city", text::required(&a.city, 120));
    p.take("region", text::optional(&a.region, 120));
    p.take("postal_code", tax::postal_code(code, &a.postal_code));
    p.take("country", country::required(&a.country));
    p.take("phone", phone::required(&a.phone));
}

fn activity(a: &Answers, p: &mut Problems) {
    p.take("website", url::required(&a.website));
    p.take("category", text::choice(&a.category, CATEGORIES));
    p.take("description", text::paragraph(&a.description, 2_000).and_then(described));
    let currency = p.take("volume_currency", number::currency(&a.volume_currency));
    for (field, typed) in [("monthly_volume", &a.monthly_volume), ("average_payment", &a.average_payment)] {
        match currency {
            Some(currency) => drop(p.take(field, number::amount(typed, currency))),
            None if typed.trim().is_empty() => p.add(field, codes::REQUIRED),
            None => {}
        }
    }
}

/// A description that says something.
fn described(text: String) -> Result<String, Wrong> {
    if text.chars().count() < 20 { Err(Wrong::new(codes::TOO_SHORT).with("min", 20)) } else { Ok(text) }
}

fn owners(a: &Answers, today: Timestamp, p: &mut Problems) {
    if a.owners.is_empty() {
        p.add("owners", accounts::OWNER_REQUIRED);
    }
    if a.owners.len() > MAX_OWNERS {
        p.take::<()>("owners", Err(Wrong::new(accounts::TOO_MANY_OWNERS).with("max", MAX_OWNERS)));
    }
    let mut total = 0;
    for (i, owner) in a.owners.iter().take(MAX_DRAFT_OWNERS).enumerate() {
        total += one_owner(i, owner, today, p);
    }
    if total > 100 {
        p.add("owners", accounts::SHARES_OVER);
    }
}

/// Checks an owner and gives their share.
fn one_owner(i: usize, owner: &Owner, today: Timestamp, p: &mut Problems) -> i64 {
    let field = |name: &str| format!("owners.{i}.{name}");
    p.take(field("name"), text::required(&owner.name, 200));
    p.take(field("birth_date"), date::adult(&owner.birth_date, today));
    p.take(field("country"), country::required(&owner.country));
    let share = p.take(field("share"), number::percent(&owner.share));
    p.take(field("role"), text::required(&owner.role, 120));
    share.unwrap_or(0)
}

fn bank_account(a: &Answers, p: &mut Problems) {
    p.take("account_holder", text::required(&a.account_holder, 200));
    match p.take("account_kind", text::choice(&a.account_kind, &["iban", "local"])) {
        Some("iban") => drop(p.take("iban", iban::required(&a.iban))),
        Some(_) => {
            let code = p.take("bank_country", country::required(&a.bank_country)).unwrap_or("");
            p.take("bank_code", bank::bank_code(code, &a.bank_code));
            p.take("account_number", bank::account_number(code, &a.account_number));
        }
        None => {}
    }
}

/// Which documents must be there: who applies and whose account it is, always; the register's extract, of whoever is in a
/// register.
#[must_use]
pub fn required_documents(legal_form: &str) -> &'static [&'static str] {
    if legal_form.trim() == "sole_trader" { &["bank", "identity"] } else { &["registration", "bank", "identity"] }
}

fn files(a: &Answers, documents: &[Document], p: &mut Problems) {
    for purpose in required_documents(&a.legal_form) {
        if !documents.iter().any(|d| d.purpose == *purpose) {
            p.add(format!("documents.{purpose}"), accounts::DOCUMENT_REQUIRED);
        }
    }
}

/// A document's purpose.
///
/// # Errors
/// [`codes::REQUIRED`], [`codes::BAD_CHOICE`].
pub fn purpose(typed: &str) -> Result<&'static str, Wrong> {
    text::choice(typed, DOCUMENT_PURPOSES)
}

/// Takes the fields of one step from what was typed; the other steps stay as they are.
#[must_use]
pub fn merged(stored: &Answers, typed: &Answers, step: Step) -> Answers {
    let (mut out, typed) = (stored.clone(), typed.clone());
    match step {
        Step::Business => {
            out.legal_name = typed.legal_name;
            out.trading_name = typed.trading_name;
            out.legal_form = typed.legal_form;
            out.company_number = typed.company_number;
            out.tax_number = typed.tax_number;
            out.address_line = typed.address_line;
            out.address_line2 = typed.address_line2;
            out.city = typed.city;
            out.region = typed.region;
            out.postal_code = typed.postal_code;
            out.country = typed.country;
            out.phone = typed.phone;
        }
        Step::Activity => {
            out.website = typed.website;
            out.category = typed.category;
            out.description = typed.description;
            out.monthly_volume = typed.monthly_volume;
            out.volume_currency = typed.volume_currency;
            out.average_payment = typed.average_payment;
        }
        Step::Owners => out.owners = typed.owners,
        Step::Bank => {
            out.account_holder = typed.account_holder;
            out.account_kind = typed.account_kind;
            out.iban = typed.iban;
            out.account_number = typed.account_number;
            out.bank_code = typed.bank_code;
            out.bank_country = typed.bank_country;
        }
        Step::Documents | Step::Review => {}
    }
    out
}

/// What even a draft does not keep: texts and lists beyond any sense.
#[must_use]
pub fn draft(a: &Answers) -> Vec<FieldProblem> {
    let mut problems = Problems::new();
    let bounded = |typed: &str| {
        if typed.chars().count() > MAX_DRAFT_FIELD {
            Err(Wrong::new(codes::TOO_LONG).with("max", MAX_DRAFT_FIELD))
        } else {
            Ok(())
        }
    };
    for (field, typed) in fields(a) {
        problems.take(field, bounded(typed));
    }
    if a.owners.len() > MAX_DRAFT_OWNERS {
        problems.take::<()>("owners", Err(Wrong::new(accounts::TOO_MANY_OWNERS).with("max", MAX_OWNERS)));
    }
    for (i, o) in a.owners.iter().take(MAX_DRAFT_OWNERS).enumerate() {
        let named = [
            ("name", &o.name),
            ("birth_date", &o.birth_date),
            ("country", &o.country),
            ("share", &o.share),
            ("role", &o.role),
        ];
        for (name, typed) in named {
            problems.take(format!("owners.{i}.{name}"), bounded(typed));
        }
    }
    problems.into_vec()
}

/// Every field with its text, owners aside.
fn fields(a: &Answers) -> [(&'static str, &str); 24] {
    [
        ("legal_name", &a.legal_name),
        ("trading_name", &a.trading_name),
        ("legal_form", &a.legal_form),
        ("company_number", &a.company_number),
        ("tax_number", &a.tax_number),
        ("address_line", &a.address_line),
        ("address_line2", &a.address_line2),
        ("city", &a.city),
        ("region", &a.region),
        ("postal_code", &a.postal_code),
        ("country", &a.country),
        ("phone", &a.phone),
        ("website", &a.website),
        ("category", &a.category),
        ("description", &a.description),
        ("monthly_volume", &a.monthly_volume),
        ("volume_currency", &a.volume_currency),
        ("average_payment", &a.average_payment),
        ("account_holder", &a.account_holder),
        ("account_kind", &a.account_kind),
        ("iban", &a.iban),
        ("account_number", &a.account_number),
        ("bank_code", &a.bank_code),
        ("bank_country", &a.bank_country),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::FileId;
    use proptest::prelude::*;

    fn text(t: &str) -> String {
        t.to_owned()
    }

    fn complete() -> Answers {
        Answers {
            legal_name: text("Blue Shop AB"),
            trading_name: text("Blue Shop"),
            legal_form: text("company"),
            company_number: text("556703-7485"),
            tax_number: text("SE556703748501"),
            address_line: text("Storgatan 1"),
            city: text("Stockholm"),
            postal_code: text("111 22"),
            country: text("SE"),
            phone: text("+46 8 123 456 78"),
            website: text("https://blueshop.example"),
            category: text("clothing"),
            description: text("Blue clothes for people who like blue."),
            monthly_volume: text("25 000"),
            volume_currency: text("SEK"),
            average_payment: text("499"),
            owners: vec![Owner {
                name: text("Ann Berg"),
                birth_date: text("1980-02-29"),
                country: text("SE"),
                share: text("100"),
                role: text("CEO"),
            }],
            account_holder: text("Blue Shop AB"),
            account_kind: text("iban"),
            iban: text("SE45 5000 0000 0583 9825 7466"),
            ..Answers::default()
        }
    }

    fn documents() -> Vec<Document> {
        ["registration", "bank", "identity"]
            .map(|purpose| Document {
                id: FileId::from_parts(1, [0; 10]),
                purpose: text(purpose),
                name: text("a.pdf"),
                content_type: text("application/pdf"),
                size: 10,
                created_at: Timestamp(0),
            })
            .to_vec()
    }

    const TODAY: Timestamp = Timestamp(1_795_305_600_000);

    fn wrong(a: &Answers, s: Step) -> Vec<(String, String)> {
        step(a, &documents(), s, TODAY).into_iter().map(|p| (p.field, p.code)).collect()
    }

    #[test]
    fn a_complete_application_misses_nothing() {
        for s in Step::ALL {
            assert_eq!(wrong(&complete(), *s), [], "{s:?}");
        }
        assert!(is_complete(&complete(), &documents(), TODAY));
        assert!(!is_complete(&complete(), &[], TODAY));
    }

    #[test]
    fn an_empty_one_names_every_field_that_is_needed() {
        let empty = Answers::default();
        let fields = |s| wrong(&empty, s).into_iter().map(|(f, _)| f).collect::<Vec<_>>();
        assert_eq!(
            fields(Step::Business),
            [
                "legal_name",
                "trading_name",
                "legal_form",
                "company_number",
                "tax_number",
                "address_line",
                "city",
                "postal_code",
                "country",
                "phone"
            ]
        );
        assert_eq!(fields(Step::Owners), ["owners"]);
        assert_eq!(fields(Step::Bank), ["account_holder", "account_kind"]);
    }

    #[test]
    fn owners_are_adults_and_hold_no_more_than_all() {
        let mut a = complete();
        let mut second = a.owners[0].clone();
        second.share = text("1");
        second.birth_date = text("2015-01-01");
        a.owners.push(second);
        assert_eq!(
            wrong(&a, Step::Owners),
            [(text("owners.1.birth_date"), text(accounts::TOO_YOUNG)), (text("owners"), text(accounts::SHARES_OVER))]
        );
    }

    #[test]
    fn sole_traders_need_no_register() {
        let a = Answers { legal_form: text("sole_trader"), company_number: String::new(), ..complete() };
        assert_eq!(wrong(&a, Step::Business), []);
        assert_eq!(required_documents("sole_trader"), ["bank", "identity"]);
    }

    #[test]
    fn a_step_brings_its_own_fields_only() {
        let typed = Answers { legal_name: text("Other"), iban: text("X"), owners: vec![], ..Answers::default() };
        let out = merged(&complete(), &typed, Step::Business);
        assert_eq!((out.legal_name.as_str(), out.iban.as_str()), ("Other", "SE45 5000 0000 0583 9825 7466"));
        assert_eq!(out.owners, complete().owners);
        assert_eq!(merged(&complete(), &typed, Step::Bank).iban, "X");
    }

    #[test]
    fn a_draft_keeps_nearly_everything() {
        assert_eq!(draft(&Answers { legal_name: "\u{202e}".repeat(9_999), ..complete() }), []);
        assert_eq!(draft(&Answers { legal_name: "x".repeat(10_001), ..complete() }).len(), 1);
    }

    proptest! {
        #[test]
        fn nothing_panics_on_arbitrary_text(words in prop::collection::vec("\\PC{0,40}", 30)) {
            let mut at = words.iter().cycle().cloned();
            let mut next = || at.next().unwrap_or_default();
            let a = Answers {
                legal_name: next(), trading_name: next(), legal_form: next(), company_number: next(), tax_number: next(),
                address_line: next(), address_line2: next(), city: next(), region: next(), postal_code: next(), country: next(),
                phone: next(), website: next(), category: next(), description: next(), monthly_volume: next(),
                volume_currency: next(), average_payment: next(),
                owners: vec![Owner { name: next(), birth_date: next(), country: next(), share: next(), role: next() }; 3],
                account_holder: next(), account_kind: next(), iban: next(), account_number: next(), bank_code: next(),
                bank_country: next(),
            };
            for form in ["iban", "local", ""] {
                let a = Answers { account_kind: form.to_owned(), ..a.clone() };
                for s in Step::ALL {
                    let _ = step(&a, &[], *s, TODAY);
                }
                let _ = draft(&a);
            }
        }
    }
}
