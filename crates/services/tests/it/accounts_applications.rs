//! The application: drafts, documents, submission, decisions, suspension.

use crate::accounts_support::*;
use domain::problem::{accounts as codes, codes as shared};
use domain::states::{ApplicationStatus as S, MerchantStatus};
use domain::views::admin::QueueFilter;
use domain::views::application::{Answers, Owner, Step};
use domain::{MerchantRole, StaffRole};
use futures::future::join_all;
use services::{MerchantActor, StaffActor, admin, applications, audit};
use test_support::{TestServices, for_each_engine};

const PDF: &[u8] = b"%PDF-1.7\nA register's extract about Ann Berg";

fn text(t: &str) -> String {
    t.to_owned()
}

fn answers() -> Answers {
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

/// Fills in everything.
async fn filled(t: &TestServices, ann: &MerchantActor) {
    for step in [Step::Business, Step::Activity, Step::Owners, Step::Bank] {
        let version = applications::view(t, ann).await.unwrap().version;
        applications::save_step(t, ann, step, &answers(), version).await.unwrap();
    }
    for purpose in ["registration", "bank", "identity"] {
        applications::upload(t, ann, purpose, "a.pdf", PDF).await.unwrap();
    }
}

async fn version(t: &TestServices, ann: &MerchantActor) -> i64 {
    applications::view(t, ann).await.unwrap().version
}

async fn chain_is_whole(t: &TestServices, ann: &MerchantActor) {
    let mut tx = t.svc.db().read().await.unwrap();
    assert!(audit::verify(&mut tx, ann.scope.merchant.as_str()).await.unwrap().is_ok());
}

for_each_engine!(a_draft_keeps_what_was_typed, |db| async {
    let t = TestServices::new(&db);
    let ann = owner(&t, "ann@shop.example", "Blue Shop").await;
    let view = applications::view(&t, &ann).await.unwrap();
    assert_eq!((view.status, view.version, view.can_submit), (S::Draft, 1, false));
    // Nonsense is kept as typed, and named.
    let typed = Answers {
        legal_name: text("B\u{202e}lue"),
        country: text("Nowhere"),
        iban: text("not this step"),
        ..Answers::default()
    };
    let view = applications::save_step(&t, &ann, Step::Business, &typed, 1).await.unwrap();
    assert_eq!((view.answers.legal_name.as_str(), view.answers.country.as_str()), ("B\u{202e}lue", "Nowhere"));
    assert_eq!(view.answers.iban, "");
    let business = view.steps.iter().find(|s| s.step == Step::Business).unwrap();
    assert!(
        !business.complete && business.missing.iter().any(|m| m.field == "country" && m.code == codes::BAD_COUNTRY)
    );
    // A tab that is behind writes nothing over it.
    let stale = applications::save_step(&t, &ann, Step::Business, &answers(), 1).await;
    assert_eq!(code(stale), shared::STALE);
    let beyond = Answers { legal_name: "x".repeat(20_000), ..Answers::default() };
    assert_eq!(fields(applications::save_step(&t, &ann, Step::Business, &beyond, 2).await)[0].0, "legal_name");
    assert_eq!(applications::view(&t, &ann).await.unwrap().answers.legal_name, "B\u{202e}lue");
    // Sealed at rest, and nobody else reads it.
    let sealed = applications::save_step(&t, &ann, Step::Bank, &answers(), 2).await.unwrap();
    assert_eq!(sealed.answers.iban, answers().iban);
    let support = member(&t, &ann, MerchantRole::Support).await;
    assert_eq!(code(applications::view(&t, &support).await), shared::FORBIDDEN);
    assert_eq!(count(&t, "applications").await, 1);
    chain_is_whole(&t, &ann).await;
});

for_each_engine!(documents_are_bounded_sniffed_and_sealed, |db| async {
    let t = TestServices::new(&db);
    let ann = owner(&t, "ann@shop.example", "Blue Shop").await;
    let eve = owner(&t, "eve@other.example", "Red Shop").await;
    let before = all_counts(&t).await;
    for (purpose, bytes, field, wrong) in [
        ("identity", &b"MZ\x90\x00"[..], "file", codes::FILE_TYPE),
        ("identity", b"", "file", codes::FILE_EMPTY),
        ("logo", PDF, "purpose", shared::BAD_CHOICE),
        ("identity", &vec![b'%'; 10 * 1024 * 1024 + 1], "file", codes::FILE_TOO_LARGE),
    ] {
        assert_eq!(fields(applications::upload(&t, &ann, purpose, "a.pdf", bytes).await), [(text(field), text(wrong))]);
    }
    assert_eq!(all_counts(&t).await, before);
    let large = [PDF, &vec![7; 600 * 1024]].concat();
    let stored = applications::upload(&t, &ann, "identity", "../Pass\u{202e}port.exe", &large).await.unwrap();
    assert_eq!((stored.name.as_str(), stored.content_type.as_str()), ("Passport.pdf", "application/pdf"));
    let (_, bytes) = applications::document(&t, &ann, &stored.id).await.unwrap();
    assert_eq!(bytes, large);
    assert_eq!(count(&t, "file_chunks").await, 3);
    assert_eq!(code(applications::document(&t, &eve, &stored.id).await), shared::NOT_FOUND);
    assert_eq!(code(applications::remove_document(&t, &eve, &stored.id).await), codes::NOT_EDITABLE);
    applications::view(&t, &eve).await.unwrap();
    assert_eq!(code(applications::remove_document(&t, &eve, &stored.id).await), shared::NOT_FOUND);
    applications::remove_document(&t, &ann, &stored.id).await.unwrap();
    assert_eq!(count(&t, "file_chunks").await, 0);
    assert_eq!(code(applications::document(&t, &ann, &stored.id).await), shared::NOT_FOUND);
    let many = join_all((0..25).map(|_| applications::upload(&t, &ann, "other", "a.pdf", PDF))).await;
    assert_eq!(many.iter().filter(|r| r.is_ok()).count(), 20);
    chain_is_whole(&t, &ann).await;
});

for_each_engine!(only_a_complete_application_is_submitted_and_only_once, |db| async {
    let t = TestServices::new(&db);
    let ann = owner(&t, "ann@shop.example", "Blue Shop").await;
    let refused = applications::submit(&t, &ann).await;
    let missing = fields(refused);
    assert!(missing.iter().any(|f| f.0 == "documents.identity") && missing.iter().any(|f| f.0 == "legal_name"));
    assert_eq!((count(&t, "application_messages").await, version(&t, &ann).await), (0, 1));
    filled(&t, &ann).await;
    assert!(applications::view(&t, &ann).await.unwrap().can_submit);
    let tries = join_all((0..6).map(|_| applications::submit(&t, &ann))).await;
    assert_eq!(tries.iter().filter(|r| r.is_ok()).count(), 1);
    assert_eq!(mailed(&t, "application_submitted", "business").await, ["Blue Shop"]);
    assert_eq!(count(&t, "application_messages").await, 1);
    let view = applications::view(&t, &ann).await.unwrap();
    assert_eq!((view.status, view.submitted_at, view.can_submit), (S::Submitted, Some(t.now()), false));
    // It stands while it is looked at.
    let late = applications::save_step(&t, &ann, Step::Business, &Answers::default(), view.version).await;
    assert_eq!(code(late), codes::NOT_EDITABLE);
    assert_eq!(code(applications::upload(&t, &ann, "other", "a.pdf", PDF).await), codes::NOT_EDITABLE);
    assert_eq!(code(applications::remove_document(&t, &ann, &view.documents[0].id).await), codes::NOT_EDITABLE);
    assert_eq!(code(applications::answer(&t, &ann, "Hello").await), codes::NOT_EDITABLE);
    assert_eq!(applications::view(&t, &ann).await.unwrap().answers, answers());
});

async fn submitted(t: &TestServices) -> (MerchantActor, StaffActor) {
    let ann = owner(t, "ann@shop.example", "Blue Shop").await;
    filled(t, &ann).await;
    applications::submit(t, &ann).await.unwrap();
    let sam = staff(t, "sam@op.example", StaffRole::Reviewer).await;
    t.clock.advance(1);
    (ann, sam)
}

async fn merchant_status(t: &TestServices) -> String {
    t.texts("select status from merchants").await.pop().unwrap()
}

for_each_engine!(approval_opens_live_mode_once, |db| async {
    let t = TestServices::new(&db);
    let (ann, sam) = submitted(&t).await;
    let merchant = ann.scope.merchant.clone();
    assert_eq!(merchant_status(&t).await, MerchantStatus::Onboarding.as_str());
    let seen = version(&t, &ann).await;
    assert_eq!(code(admin::approve(&t, &sam, &merchant, seen - 1).await), shared::STALE);
    let auditor = staff(&t, "aud@op.example", StaffRole::Auditor).await;
    assert_eq!(code(admin::approve(&t, &auditor, &merchant, seen).await), shared::FORBIDDEN);
    assert_eq!(merchant_status(&t).await, "onboarding");
    let (x, y) = futures::join!(
        admin::approve(&t, &sam, &merchant, seen),
        admin::deny(&t, &sam, &merchant, seen, "Not allowed")
    );
    assert!(x.is_ok() != y.is_ok(), "two decisions, one stands");
    if x.is_ok() {
        assert_eq!(merchant_status(&t).await, "active");
        assert_eq!(mailed(&t, "application_approved", "business").await, ["Blue Shop"]);
        assert!(mailed(&t, "application_denied", "business").await.is_empty());
        assert_eq!(t.texts("select country from merchants").await, ["SE"]);
        assert_eq!(code(admin::deny(&t, &sam, &merchant, version(&t, &ann).await, "Late").await), codes::NOT_DECIDABLE);
    } else {
        assert_eq!(merchant_status(&t).await, "onboarding");
        assert!(mailed(&t, "application_approved", "business").await.is_empty());
    }
    chain_is_whole(&t, &ann).await;
});

for_each_engine!(denied_then_answered_and_approved, |db| async {
    let t = TestServices::new(&db);
    let (ann, sam) = submitted(&t).await;
    let merchant = ann.scope.merchant.clone();
    assert_eq!(fields(admin::deny(&t, &sam, &merchant, version(&t, &ann).await, " ").await)[0].0, "text");
    admin::add_note(&t, &sam, &merchant, "Smells odd").await.unwrap();
    admin::set_check(&t, &sam, &merchant, "bank", true).await.unwrap();
    assert_eq!(fields(admin::set_check(&t, &sam, &merchant, "mood", true).await)[0].0, "item");
    t.clock.advance(1);
    admin::ask(&t, &sam, &merchant, version(&t, &ann).await, "Which shop?").await.unwrap();
    assert_eq!(mailed(&t, "application_more_information", "reason").await, ["Which shop?"]);
    t.clock.advance(1);
    applications::answer(&t, &ann, "The blue one").await.unwrap();
    t.clock.advance(1);
    applications::submit(&t, &ann).await.unwrap();
    t.clock.advance(1);
    admin::deny(&t, &sam, &merchant, version(&t, &ann).await, "We don't take blue").await.unwrap();
    let view = applications::view(&t, &ann).await.unwrap();
    assert_eq!(view.status, S::Denied);
    let heard: Vec<_> = view.messages.iter().map(|m| (m.kind.as_str(), m.author.as_deref(), m.body.as_str())).collect();
    assert_eq!(
        heard,
        [
            ("submission", Some("Ann Berg"), ""),
            ("request", None, "Which shop?"),
            ("answer", Some("Ann Berg"), "The blue one"),
            ("submission", Some("Ann Berg"), ""),
            ("decision", None, "We don't take blue"),
        ],
        "reviewers have no names, notes are not there"
    );
    t.clock.advance(1);
    applications::answer(&t, &ann, "It is green now").await.unwrap();
    applications::submit(&t, &ann).await.unwrap();
    let review = admin::review(&t, &sam, &merchant).await.unwrap();
    assert!(review.checklist.iter().all(|c| c.done.is_none()), "what was checked is looked at anew");
    assert!(review.messages.iter().any(|m| m.kind == "note" && m.author.as_deref() == Some("Sam Ek")));
    assert_eq!(review.people, [(text("Ann Berg"), text("ann@shop.example"))]);
    admin::approve(&t, &sam, &merchant, review.application.version).await.unwrap();
    assert_eq!(merchant_status(&t).await, "active");
    let lines = services::merchants::audit(&t, &ann, &Default::default()).await.unwrap();
    let staff_lines: Vec<_> = lines.items.iter().filter(|l| l.actor_kind == "staff").collect();
    assert!(staff_lines.len() >= 5 && staff_lines.iter().all(|l| l.actor.is_none() && l.ip.is_none()));
    chain_is_whole(&t, &ann).await;
});

for_each_engine!(the_queue_shows_who_waits_longest, |db| async {
    let t = TestServices::new(&db);
    let (ann, sam) = submitted(&t).await;
    let lee = staff(&t, "lee@op.example", StaffRole::Reviewer).await;
    let auditor = staff(&t, "aud@op.example", StaffRole::Auditor).await;
    let eve = owner(&t, "eve@other.example", "Red 100%_Shop").await;
    filled(&t, &eve).await;
    applications::submit(&t, &eve).await.unwrap();
    let names = |filter: QueueFilter| {
        let (t, sam) = (&t, &sam);
        async move {
            let page = admin::queue(t, sam, &filter).await.unwrap();
            page.items.into_iter().map(|r| r.merchant_name).collect::<Vec<_>>()
        }
    };
    let by = |f: fn(&mut QueueFilter)| {
        let mut filter = QueueFilter::default();
        f(&mut filter);
        filter
    };
    assert_eq!(names(by(|_| ())).await, ["Blue Shop", "Red 100%_Shop"]);
    assert_eq!(names(by(|f| f.q = Some(text("0%_s")))).await, ["Red 100%_Shop"]);
    assert_eq!(names(by(|f| f.q = Some(text("1%s")))).await, [""; 0]);
    assert_eq!(names(by(|f| f.country = Some(text("se")))).await.len(), 2);
    admin::assign(&t, &sam, &ann.scope.merchant, Some(&sam.user_id)).await.unwrap();
    assert_eq!(names(by(|f| f.assigned = Some(text("me")))).await, ["Blue Shop"]);
    assert_eq!(names(by(|f| f.assigned = Some(text("nobody")))).await, ["Red 100%_Shop"]);
    assert_eq!(names(by(|f| f.status = Some(text("in_review")))).await, ["Blue Shop"]);
    let odd = by(|f| f.status = Some(text("odd")));
    assert_eq!(fields(admin::queue(&t, &sam, &odd).await)[0].0, "status");
    let home = admin::home(&t, &sam).await.unwrap();
    assert_eq!((home.waiting, home.unassigned, home.active_merchants), (2, 1, 0));
    let no = admin::assign(&t, &sam, &ann.scope.merchant, Some(&auditor.user_id)).await;
    assert_eq!(fields(no)[0].0, "assignee");
    admin::assign(&t, &lee, &ann.scope.merchant, Some(&lee.user_id)).await.unwrap();
    admin::assign(&t, &lee, &ann.scope.merchant, None).await.unwrap();
    assert_eq!(names(by(|f| f.assigned = Some(text("nobody")))).await.len(), 2);
    let all = admin::merchants(&t, &sam, &Default::default()).await.unwrap();
    assert_eq!(all.items.iter().map(|m| m.name.as_str()).collect::<Vec<_>>(), ["Red 100%_Shop", "Blue Shop"]);
    let found = admin::MerchantFilter { q: Some(ann.scope.merchant.to_string()), ..Default::default() };
    assert_eq!(admin::merchants(&t, &sam, &found).await.unwrap().items.len(), 1);
});

for_each_engine!(staff_leave_a_trace_when_they_open_a_document, |db| async {
    let t = TestServices::new(&db);
    let (ann, sam) = submitted(&t).await;
    let auditor = staff(&t, "aud@op.example", StaffRole::Auditor).await;
    let id = applications::view(&t, &ann).await.unwrap().documents[0].id.clone();
    let (document, bytes) = admin::document(&t, &sam, &ann.scope.merchant, &id).await.unwrap();
    assert_eq!((document.name.as_str(), bytes.as_slice()), ("a.pdf", PDF));
    assert_eq!(code(admin::document(&t, &auditor, &ann.scope.merchant, &id).await), shared::FORBIDDEN);
    assert_eq!(t.number("select cast(count(*) as bigint) from audit_entries where action = 'document.open'").await, 1);
    chain_is_whole(&t, &ann).await;
});

for_each_engine!(suspension_and_back, |db| async {
    let t = TestServices::new(&db);
    let (ann, sam) = submitted(&t).await;
    let merchant = ann.scope.merchant.clone();
    assert_eq!(code(admin::reinstate(&t, &sam, &merchant).await), codes::MERCHANT_STATE);
    assert_eq!(fields(admin::suspend(&t, &sam, &merchant, "").await)[0].0, "reason");
    admin::suspend(&t, &sam, &merchant, "Chargebacks").await.unwrap();
    assert_eq!(code(admin::suspend(&t, &sam, &merchant, "Again").await), codes::MERCHANT_STATE);
    assert_eq!(code(admin::approve(&t, &sam, &merchant, version(&t, &ann).await).await), codes::MERCHANT_SUSPENDED);
    assert_eq!(
        applications::view(&t, &ann).await.unwrap().status,
        S::Submitted,
        "nothing of the refused approval stays"
    );
    admin::reinstate(&t, &sam, &merchant).await.unwrap();
    assert_eq!(merchant_status(&t).await, "onboarding", "never approved: back to test mode only");
    admin::approve(&t, &sam, &merchant, version(&t, &ann).await).await.unwrap();
    admin::suspend(&t, &sam, &merchant, "Chargebacks").await.unwrap();
    assert_eq!(merchant_status(&t).await, "suspended");
    let review = admin::review(&t, &sam, &merchant).await.unwrap();
    assert_eq!(review.status_reason.as_deref(), Some("Chargebacks"));
    assert_eq!(mailed(&t, "merchant_suspended", "reason").await, ["Chargebacks", "Chargebacks"]);
    admin::reinstate(&t, &sam, &merchant).await.unwrap();
    assert_eq!(merchant_status(&t).await, "active");
    assert_eq!(mailed(&t, "merchant_reinstated", "name").await.len(), 2);
    chain_is_whole(&t, &ann).await;
});
