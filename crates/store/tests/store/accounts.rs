//! People, teams, tokens, applications, files and mail, on both engines: what each conditional statement lets through.

use domain::states::{ApplicationStatus, MerchantStatus};
use domain::{
    ApplicationId, FileId, Locale, MailId, MerchantId, MerchantRole, MessageId, Timestamp, UserId, time::DAY,
};
use futures::future::join_all;
use store::applications::{self, NewMessage, QueueFilter, SavedAnswers};
use store::files::{self, NewFile};
use store::mail_tokens::{self, NewToken};
use store::mails::{self, NewMail};
use store::merchants::{self, ListFilter, NewMerchant, Settings};
use store::users::{self, NewUser};
use store::{Batch, Db, StoreError, audit, members, settings};
use test_support::for_each_engine;

const NOW: Timestamp = Timestamp(1_795_305_600_000);

/// Runs a unit of one call and gives what it answers.
macro_rules! write {
    ($db:expr, |$tx:ident| $call:expr) => {
        $db.write(&(), |$tx, ()| Box::pin(async move { $call.await })).await
    };
}

fn user_id(n: u8) -> UserId {
    UserId::from_parts(1, [n; 10])
}

fn merchant_id(n: u8) -> MerchantId {
    MerchantId::from_parts(1, [n; 10])
}

async fn add_user(db: &Db, n: u8, key: &str) -> bool {
    let user = NewUser {
        id: user_id(n),
        name: format!("User {n}"),
        email: key.to_owned(),
        email_key: key.to_owned(),
        password_hash: "old".to_owned(),
        email_verified_at: None,
        locale: Locale::Fa,
        staff_role: None,
        created_at: NOW,
    };
    db.write(&user, |tx, user| Box::pin(async move { users::insert(tx, user).await })).await.unwrap()
}

async fn add_merchant(db: &Db, n: u8, name: &str) -> MerchantId {
    let merchant = NewMerchant {
        id: merchant_id(n),
        name: name.to_owned(),
        timezone: "UTC".to_owned(),
        default_currency: "EUR".to_owned(),
        created_at: NOW.plus(i64::from(n)),
    };
    db.write(&merchant, |tx, m| Box::pin(async move { merchants::insert(tx, m).await })).await.unwrap();
    merchant.id
}

for_each_engine!(an_address_is_taken_once, |db| async {
    assert!(add_user(&db, 1, "ann@shop.example").await);
    assert!(!add_user(&db, 2, "ann@shop.example").await);
    let id = user_id(1);
    let mut tx = db.read().await.unwrap();
    let row = users::by_key(&mut tx, "ann@shop.example").await.unwrap().unwrap();
    assert_eq!((row.id.as_str(), row.locale.as_str(), row.last_livemode), (id.as_str(), "fa", false));
    assert_eq!(users::get(&mut tx, &id).await.unwrap(), Some(row));
    drop(tx);
    let id = &id;
    assert!(!write!(db, |tx| users::rehash(tx, &user_id(1), "other", "new")).unwrap());
    assert!(write!(db, |tx| users::rehash(tx, &user_id(1), "old", "new")).unwrap());
    assert!(write!(db, |tx| users::replace_unverified(tx, &user_id(1), "Ann", "x", Locale::En)).unwrap());
    assert!(write!(db, |tx| users::verify(tx, &user_id(1), NOW)).unwrap());
    assert!(!write!(db, |tx| users::verify(tx, &user_id(1), NOW)).unwrap());
    assert!(!write!(db, |tx| users::replace_unverified(tx, &user_id(1), "Eve", "y", Locale::En)).unwrap());
    assert!(!write!(db, |tx| users::set_disabled(tx, &user_id(1), Some(NOW))).unwrap(), "not one of the staff");
    assert!(write!(db, |tx| users::set_last(tx, &user_id(1), &merchant_id(1), true)).unwrap());
    let mut tx = db.read().await.unwrap();
    let row = users::get(&mut tx, id).await.unwrap().unwrap();
    assert_eq!((row.name.as_str(), row.password_hash.as_str(), row.last_livemode), ("Ann", "x", true));
    assert_eq!(users::active_admins(&mut tx).await.unwrap(), 0);
});

for_each_engine!(a_token_is_claimed_by_one, |db| async {
    add_user(&db, 1, "ann@shop.example").await;
    let user = user_id(1);
    let token = NewToken {
        token_hash: "h",
        purpose: "reset",
        user_id: Some(&user),
        email: None,
        created_at: NOW,
        expires_at: NOW.plus(DAY),
    };
    db.write(&token, |tx, t| Box::pin(async move { mail_tokens::insert(tx, t).await })).await.unwrap();
    assert_eq!(write!(db, |tx| mail_tokens::claim(tx, "h", "verify", NOW)).unwrap(), None, "another purpose");
    assert_eq!(write!(db, |tx| mail_tokens::claim(tx, "h", "reset", NOW.plus(DAY))).unwrap(), None, "ended");
    let claims = join_all((0..8).map(|_| async { write!(db, |tx| mail_tokens::claim(tx, "h", "reset", NOW)) })).await;
    let won: Vec<_> = claims.into_iter().filter_map(|c: Result<_, StoreError>| c.unwrap()).collect();
    assert_eq!(won.len(), 1);
    assert_eq!(won[0].user_id.as_deref(), Some(user.as_str()));
    assert_eq!(write!(db, |tx| mail_tokens::delete_expired(tx, NOW.plus(DAY))).unwrap(), 1);
});

for_each_engine!(merchants_move_along_edges_only, |db| async {
    use MerchantStatus as S;
    let id = add_merchant(&db, 1, "Blue 100%_Shop").await;
    add_merchant(&db, 2, "Red Shop").await;
    assert!(!write!(db, |tx| merchants::set_status(tx, &merchant_id(1), S::Active, S::Suspended, None)).unwrap());
    assert!(write!(db, |tx| merchants::set_status(tx, &merchant_id(1), S::Onboarding, S::Active, None)).unwrap());
    assert!(!write!(db, |tx| merchants::set_status(tx, &merchant_id(1), S::Active, S::Onboarding, None)).unwrap());
    assert!(write!(db, |tx| merchants::set_status(tx, &merchant_id(1), S::Active, S::Suspended, Some("Why"))).unwrap());
    let mut tx = db.read().await.unwrap();
    let row = merchants::get(&mut tx, &id).await.unwrap().unwrap();
    assert_eq!((row.status.as_str(), row.status_reason.as_deref(), row.version), ("suspended", Some("Why"), 3));
    let new = Settings {
        name: "B".to_owned(),
        statement_name: None,
        support_email: None,
        support_url: None,
        timezone: "UTC".to_owned(),
        default_currency: "SEK".to_owned(),
        brand_color: None,
        return_origins: "[]".to_owned(),
        late_success: "accept".to_owned(),
    };
    let saved = |version: i64| {
        let (db, new, id) = (&db, &new, &id);
        async move {
            db.write(&(new, id), |tx, (new, id)| {
                Box::pin(async move { merchants::update_settings(tx, id, version, new).await })
            })
            .await
            .unwrap()
        }
    };
    let filter = ListFilter {
        status: None,
        like: Some("%100!%!_s%".to_owned()),
        id: String::new(),
        from: (i64::MAX, String::new()),
        limit: 10,
    };
    assert_eq!(merchants::list(&mut tx, &filter, false).await.unwrap().len(), 1);
    let older = ListFilter { like: None, from: (NOW.millis() + 2, merchant_id(2).to_string()), ..filter };
    assert_eq!(merchants::list(&mut tx, &older, false).await.unwrap()[0].id, id.as_str());
    assert!(merchants::list(&mut tx, &older, true).await.unwrap().is_empty());
    assert_eq!(merchants::home(&mut tx).await.unwrap().suspended_merchants, 1);
    drop(tx);
    assert!(!saved(1).await && saved(3).await && !saved(3).await);
});

for_each_engine!(members_change_by_what_they_are, |db| async {
    use MerchantRole as R;
    add_user(&db, 1, "ann@shop.example").await;
    add_merchant(&db, 1, "Blue").await;
    assert!(write!(db, |tx| members::insert(tx, &merchant_id(1), &user_id(1), R::Owner, NOW)).unwrap());
    assert!(!write!(db, |tx| members::insert(tx, &merchant_id(1), &user_id(1), R::Viewer, NOW)).unwrap());
    assert!(!write!(db, |tx| members::set_role(tx, &merchant_id(1), &user_id(1), R::Admin, R::Viewer)).unwrap());
    assert!(write!(db, |tx| members::set_role(tx, &merchant_id(1), &user_id(1), R::Owner, R::Admin)).unwrap());
    let mut tx = db.read().await.unwrap();
    assert_eq!(members::enter(&mut tx, &merchant_id(1), &user_id(1)).await.unwrap().as_deref(), Some("admin"));
    assert_eq!(members::enter(&mut tx, &merchant_id(2), &user_id(1)).await.unwrap(), None);
    assert_eq!(members::owners(&mut tx, &merchant_id(1)).await.unwrap(), 0);
    assert_eq!(members::of_user(&mut tx, &user_id(1)).await.unwrap()[0].name, "Blue");
    drop(tx);
    assert!(!write!(db, |tx| members::delete(tx, &merchant_id(1), &user_id(1), R::Owner)).unwrap());
    assert!(write!(db, |tx| members::delete(tx, &merchant_id(1), &user_id(1), R::Admin)).unwrap());
});

for_each_engine!(applications_move_along_edges_by_version, |db| async {
    use ApplicationStatus as S;
    add_user(&db, 1, "sam@op.example").await;
    let merchant = add_merchant(&db, 1, "Blue").await;
    let id = ApplicationId::from_parts(1, [1; 10]);
    let begun = |id: ApplicationId| {
        let db = &db;
        async move {
            db.write(&id, |tx, id| Box::pin(async move { applications::insert(tx, &merchant_id(1), id, NOW).await }))
                .await
                .unwrap()
        }
    };
    assert!(begun(id.clone()).await && !begun(ApplicationId::from_parts(1, [2; 10])).await);
    let saved = || SavedAnswers {
        answers: vec![0, 255, 7],
        legal_name: Some("Blue AB".to_owned()),
        country: Some("SE".to_owned()),
        category: None,
    };
    assert!(write!(db, |tx| applications::save(tx, &merchant_id(1), 1, &saved(), NOW)).unwrap());
    assert!(!write!(db, |tx| applications::save(tx, &merchant_id(1), 1, &saved(), NOW)).unwrap());
    assert!(!write!(db, |tx| applications::submit(tx, &merchant_id(1), S::Submitted, 2, NOW)).unwrap());
    let races = join_all(
        (0..6).map(|_| async { write!(db, |tx| applications::submit(tx, &merchant_id(1), S::Draft, 2, NOW)) }),
    )
    .await;
    assert_eq!(races.into_iter().filter(|r: &Result<_, StoreError>| *r.as_ref().unwrap()).count(), 1);
    assert!(!write!(db, |tx| applications::touch_editable(tx, &merchant_id(1), NOW)).unwrap());
    assert!(!write!(db, |tx| applications::save(tx, &merchant_id(1), 3, &saved(), NOW)).unwrap());
    let mut tx = db.read().await.unwrap();
    let filter = QueueFilter { from: (i64::MIN, String::new()), limit: 10, ..QueueFilter::default() };
    let queued = applications::queue(&mut tx, &filter).await.unwrap();
    assert_eq!((queued[0].id.as_str(), queued[0].legal_name.as_deref()), (id.as_str(), Some("Blue AB")));
    let after = QueueFilter { from: (NOW.millis(), id.to_string()), ..filter };
    assert!(applications::queue(&mut tx, &after).await.unwrap().is_empty());
    drop(tx);
    let decide = |to: S, version: i64| {
        let db = &db;
        async move {
            db.write(&(), |tx, ()| {
                Box::pin(async move {
                    applications::decide(tx, &merchant_id(1), (S::Submitted, to), version, &user_id(1), NOW).await
                })
            })
            .await
            .unwrap()
        }
    };
    assert!(!decide(S::Draft, 3).await, "no such edge");
    assert!(!decide(S::Approved, 2).await, "another version");
    assert!(decide(S::Denied, 3).await);
    let note = MessageId::from_parts(1, [1; 10]);
    let add = NewMessage { id: &note, kind: "note", author: &user_id(1), body: "Hm", at: NOW };
    db.write(&(&merchant, &add), |tx, (merchant, add)| {
        Box::pin(async move { applications::add_message(tx, merchant, add).await })
    })
    .await
    .unwrap();
    assert!(write!(db, |tx| applications::check(tx, &merchant_id(1), "bank", &user_id(1), NOW)).unwrap());
    assert!(!write!(db, |tx| applications::check(tx, &merchant_id(1), "bank", &user_id(1), NOW)).unwrap());
    let mut tx = db.read().await.unwrap();
    let row = applications::get(&mut tx, &merchant).await.unwrap().unwrap();
    assert_eq!((row.status.as_str(), row.answers, row.assigned_to.is_some()), ("denied", Some(vec![0, 255, 7]), true));
    assert_eq!(applications::messages(&mut tx, &merchant).await.unwrap()[0].author, "User 1");
    assert_eq!(applications::checks(&mut tx, &merchant).await.unwrap().len(), 1);
});

for_each_engine!(files_are_found_by_their_owner_only, |db| async {
    add_user(&db, 1, "ann@shop.example").await;
    let merchant = add_merchant(&db, 1, "Blue").await;
    let other = add_merchant(&db, 2, "Red").await;
    let file = NewFile {
        id: FileId::from_parts(1, [1; 10]),
        purpose: "bank".to_owned(),
        name: "a.pdf".to_owned(),
        content_type: "application/pdf".to_owned(),
        size: 3,
        sha256: "x".to_owned(),
        sealed: true,
        uploaded_by: user_id(1),
        created_at: NOW,
        chunks: vec![vec![1, 2], vec![0]],
    };
    let id = file.id.to_string();
    db.write(&(&merchant, &file), |tx, (m, f)| Box::pin(async move { files::insert(tx, m, f).await })).await.unwrap();
    let mut tx = db.read().await.unwrap();
    assert_eq!(files::chunks(&mut tx, &merchant, &id).await.unwrap(), [vec![1, 2], vec![0]]);
    assert!(files::chunks(&mut tx, &other, &id).await.unwrap().is_empty());
    assert_eq!(files::get(&mut tx, &other, &id).await.unwrap(), None);
    assert!(files::documents(&mut tx, &merchant).await.unwrap()[0].sealed);
    drop(tx);
    let remove = |merchant: MerchantId| {
        let (db, id) = (&db, &id);
        async move {
            db.write(&(&merchant, id), |tx, (m, id)| Box::pin(async move { files::remove(tx, m, id, NOW).await }))
                .await
                .unwrap()
        }
    };
    assert!(!remove(other).await && remove(merchant.clone()).await && !remove(merchant.clone()).await);
    let mut tx = db.read().await.unwrap();
    assert!(files::documents(&mut tx, &merchant).await.unwrap().is_empty());
    assert!(files::chunks(&mut tx, &merchant, &id).await.unwrap().is_empty());
});

for_each_engine!(mail_settings_and_audit_rows, |db| async {
    for n in 1..=3u8 {
        let id = MailId::from_parts(1, [n; 10]);
        let mail = NewMail {
            id: &id,
            merchant_id: None,
            object_id: None,
            recipient: "ann@shop.example",
            template: "verify_email",
            locale: "en",
            params: "{}",
            created_at: NOW.plus(i64::from(n)),
        };
        let written = db.write(&mail, |tx, mail| {
            let mut batch = Batch::new();
            mails::insert(&mut batch, mail);
            Box::pin(batch.run(tx))
        });
        assert_eq!(written.await.unwrap(), None);
    }
    let claims = join_all(
        (0..4).map(|_| async { write!(db, |tx| mails::claim_due(tx, NOW.plus(9), NOW.plus(DAY), 2)).unwrap().len() }),
    )
    .await;
    assert_eq!(claims.into_iter().sum::<usize>(), 3);
    let failed = write!(db, |tx| mails::fail(tx, &MailId::from_parts(1, [1; 10]), "no", None)).unwrap();
    assert!(failed);
    assert!(!write!(db, |tx| mails::fail(tx, &MailId::from_parts(1, [1; 10]), "no", None)).unwrap());
    let mut tx = db.read().await.unwrap();
    assert_eq!(mails::recent(&mut tx, "ann@shop.example", "verify_email", NOW.plus(1)).await.unwrap(), 2);
    let newest = mails::older(&mut tx, &(i64::MAX, String::new()), 2).await.unwrap();
    assert_eq!(newest.iter().map(|m| m.created_at - NOW.millis()).collect::<Vec<_>>(), [3, 2]);
    let newer = mails::newer(&mut tx, &(NOW.millis() + 1, newest[1].id.clone()), 9).await.unwrap();
    assert_eq!(newer.len(), 2);
    assert_eq!(settings::get(&mut tx, "x").await.unwrap(), None);
    assert_eq!(audit::last(&mut tx, "operator").await.unwrap(), None);
    drop(tx);
    assert!(write!(db, |tx| settings::add(tx, "x", "1", NOW)).unwrap());
    assert!(!write!(db, |tx| settings::add(tx, "x", "2", NOW)).unwrap());
    write!(db, |tx| settings::set(tx, "x", "3", NOW)).unwrap();
    let mut tx = db.read().await.unwrap();
    assert_eq!(settings::get(&mut tx, "x").await.unwrap().as_deref(), Some("3"));
});
