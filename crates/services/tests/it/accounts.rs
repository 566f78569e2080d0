//! Sign-up, verification, login, passwords, the first admin.

use crate::accounts_support::*;
use domain::problem::accounts as codes;
use domain::time::{DAY, HOUR};
use domain::{MerchantRole, StaffRole, Timestamp};
use futures::future::join_all;
use services::accounts::{self, NewAccount};
use services::login_sessions::{self, SavedSession};
use services::{access, audit};
use test_support::{TestServices, for_each_engine};

for_each_engine!(signing_up_makes_everything_once, |db| async {
    let t = TestServices::new(&db);
    accounts::sign_up(&t, &form("Ann@Shop.Example", "Blue Shop"), &origin()).await.unwrap();
    let made = all_counts(&t).await;
    let some: Vec<_> = made.into_iter().filter(|(_, n)| *n > 0).collect();
    assert_eq!(
        some,
        [
            ("users", 1),
            ("merchants", 1),
            ("members", 1),
            ("mail_tokens", 1),
            ("mails", 1),
            ("audit_entries", 1),
            ("audit_details", 1),
        ]
    );
    // The address is not verified: the right password is not enough, and nothing tells a stranger so.
    let wrong = accounts::log_in(&t, "ann@shop.example", "not the password", &origin()).await;
    assert_eq!(code(wrong), codes::BAD_LOGIN);
    let right = accounts::log_in(&t, "ann@shop.example", PASSWORD, &origin()).await;
    assert_eq!(code(right), codes::EMAIL_UNVERIFIED);
    let link = mailed(&t, "verify_email", "link").await.pop().unwrap();
    assert!(link.starts_with("http://paydeck.test/verify?token="), "{link}");
    let token = token(&t, "verify_email").await;
    assert!(!t.texts("select token_hash from mail_tokens").await.contains(&token), "tokens are stored hashed");
    let user = accounts::verify_email(&t, &token, &origin()).await.unwrap();
    assert_eq!(code(accounts::verify_email(&t, &token, &origin()).await), codes::LINK_ENDED);
    assert_eq!(accounts::log_in(&t, " ANN@shop.example ", PASSWORD, &origin()).await.unwrap(), user);
    let viewer = accounts::viewer(&t, &user).await.unwrap();
    assert_eq!(
        (viewer.name.as_str(), viewer.email.as_str(), viewer.email_verified),
        ("Ann Berg", "Ann@Shop.Example", true)
    );
    assert_eq!((viewer.merchants[0].name.as_str(), viewer.merchants[0].role), ("Blue Shop", MerchantRole::Owner));
    t.assert_sound().await;
});

for_each_engine!(a_bad_sign_up_leaves_nothing, |db| async {
    let t = TestServices::new(&db);
    for (name, email, password, business) in [
        ("", "ann@shop.example", PASSWORD, "Blue Shop"),
        ("Ann\u{202e}", "ann@shop.example", PASSWORD, "Blue Shop"),
        ("Ann", "ann@shop", PASSWORD, "Blue Shop"),
        ("Ann", "ann@shop.example", "short", "Blue Shop"),
        ("Ann", "ann@shop.example", "password1234", "Blue Shop"),
        ("Ann", "ann@shop.example", PASSWORD, ""),
        ("Ann", "ann@shop.example", PASSWORD, &"x".repeat(200)),
        ("Ann", "ann\0@shop.example", PASSWORD, "Blue"),
    ] {
        let form = accounts::SignUp {
            name: name.to_owned(),
            email: email.to_owned(),
            password: password.to_owned(),
            business_name: business.to_owned(),
            locale: domain::Locale::En,
        };
        assert_eq!(fields(accounts::sign_up(&t, &form, &origin()).await).len(), 1, "{form:?}");
    }
    assert!(all_counts(&t).await.iter().all(|(_, n)| *n == 0));
});

for_each_engine!(a_known_address_gets_a_mail_and_nothing_changes, |db| async {
    let t = TestServices::new(&db);
    owner(&t, "ann@shop.example", "Blue Shop").await;
    let (before, hash) = (all_counts(&t).await, t.texts("select password_hash from users").await);
    for _ in 0..8 {
        accounts::sign_up(&t, &form("ANN@shop.example", "Other"), &origin()).await.unwrap();
    }
    let after = all_counts(&t).await;
    let changed: Vec<_> = before.iter().zip(&after).filter(|(b, a)| b != a).map(|(b, a)| (b.0, a.1 - b.1)).collect();
    // A box is not flooded: five within the hour.
    assert_eq!(changed, [("mails", 5)]);
    assert_eq!(mailed(&t, "already_registered", "link").await, ["http://paydeck.test/login"; 5]);
    assert_eq!(t.texts("select password_hash from users").await, hash);
    assert_eq!(t.texts("select name from merchants").await, ["Blue Shop"]);
});

for_each_engine!(signing_up_again_before_verifying_replaces_the_first, |db| async {
    let t = TestServices::new(&db);
    let mut first = form("ann@shop.example", "Squatter");
    first.password = "somebody else's 4711".to_owned();
    accounts::sign_up(&t, &first, &origin()).await.unwrap();
    let old = token(&t, "verify_email").await;
    t.clock.advance(1);
    accounts::sign_up(&t, &form("ann@shop.example", "Blue Shop"), &origin()).await.unwrap();
    assert_eq!(code(accounts::verify_email(&t, &old, &origin()).await), codes::LINK_ENDED);
    let user = accounts::verify_email(&t, &token(&t, "verify_email").await, &origin()).await.unwrap();
    assert_eq!(accounts::log_in(&t, "ann@shop.example", PASSWORD, &origin()).await.unwrap(), user);
    assert_eq!(code(accounts::log_in(&t, "ann@shop.example", &first.password, &origin()).await), codes::BAD_LOGIN);
    assert_eq!(t.texts("select name from merchants").await, ["Blue Shop"]);
    assert_eq!(count(&t, "users").await, 1);
});

for_each_engine!(racing_sign_ups_make_one_account, |db| async {
    let t = TestServices::new(&db);
    let forms: Vec<_> = (0..10).map(|n| form("ann@shop.example", &format!("Shop {n}"))).collect();
    let from = origin();
    for done in join_all(forms.iter().map(|f| accounts::sign_up(&t, f, &from))).await {
        done.unwrap();
    }
    assert_eq!((count(&t, "users").await, count(&t, "merchants").await, count(&t, "members").await), (1, 1, 1));
    assert_eq!(count(&t, "mail_tokens").await, 1);
});

for_each_engine!(links_end, |db| async {
    let t = TestServices::new(&db);
    accounts::sign_up(&t, &form("ann@shop.example", "Blue Shop"), &origin()).await.unwrap();
    let token = token(&t, "verify_email").await;
    t.clock.advance(7 * DAY);
    assert_eq!(code(accounts::verify_email(&t, &token, &origin()).await), codes::LINK_ENDED);
    assert_eq!(code(accounts::verify_email(&t, "", &origin()).await), codes::LINK_ENDED);
    assert_eq!(accounts::delete_expired_tokens(&t).await.unwrap(), 1);
    assert_eq!(count(&t, "mail_tokens").await, 0);
});

async fn session(t: &TestServices, user: &domain::UserId, id: &str) -> SavedSession {
    let saved = SavedSession {
        id_hash: id.to_owned(),
        user_id: Some(user.clone()),
        data: "{}".to_owned(),
        ip: Some("192.0.2.7".to_owned()),
        user_agent: None,
        expires_at: t.now().plus(14 * DAY),
    };
    assert!(login_sessions::create(t, &saved).await.unwrap());
    saved
}

for_each_engine!(a_reset_works_once_and_ends_all_sessions, |db| async {
    let t = TestServices::new(&db);
    let user = owner(&t, "ann@shop.example", "Blue Shop").await.user_id;
    session(&t, &user, "one").await;
    let before = all_counts(&t).await;
    accounts::request_reset(&t, "nobody@shop.example", &origin()).await.unwrap();
    let after = all_counts(&t).await;
    assert_eq!(after.iter().find(|c| c.0 == "mails"), before.iter().find(|c| c.0 == "mails"));
    assert_eq!(fields(accounts::request_reset(&t, "x", &origin()).await)[0].0, "email");
    accounts::request_reset(&t, "Ann@shop.example", &origin()).await.unwrap();
    let token = token(&t, "reset_password").await;
    assert!(accounts::reset_token_is_valid(&t, &token).await.unwrap());
    let weak = accounts::reset_password(&t, &token, "password1234", &origin()).await;
    assert_eq!(fields(weak), [("password".to_owned(), codes::PASSWORD_COMMON.to_owned())]);
    let from = origin();
    let passwords: Vec<String> = (0..6).map(|n| format!("grey heron {n} on a roof")).collect();
    let tries = join_all(passwords.iter().map(|p| accounts::reset_password(&t, &token, p, &from))).await;
    assert_eq!(tries.iter().filter(|r| r.is_ok()).count(), 1, "a token is taken once");
    let winner = tries.iter().position(Result::is_ok).unwrap();
    assert!(accounts::log_in(&t, "ann@shop.example", &passwords[winner], &from).await.is_ok());
    assert_eq!(code(accounts::log_in(&t, "ann@shop.example", PASSWORD, &from).await), codes::BAD_LOGIN);
    assert_eq!(login_sessions::load(&t, "one").await.unwrap(), None);
    assert_eq!(mailed(&t, "password_changed", "name").await, ["Ann Berg"]);
    accounts::request_reset(&t, "ann@shop.example", &from).await.unwrap();
    t.clock.advance(HOUR);
    let late = crate::accounts_support::token(&t, "reset_password").await;
    assert_eq!(code(accounts::reset_password(&t, &late, &passwords[0], &from).await), codes::LINK_ENDED);
});

for_each_engine!(changing_the_password_keeps_one_session, |db| async {
    let t = TestServices::new(&db);
    let user = owner(&t, "ann@shop.example", "Blue Shop").await.user_id;
    session(&t, &user, "one").await;
    session(&t, &user, "two").await;
    let handle = login_sessions::load(&t, "two").await.unwrap().unwrap().handle;
    let wrong = accounts::change_password(&t, &user, "wrong", "annberg12345", Some(&handle), &origin()).await;
    assert_eq!(fields(wrong).into_iter().map(|f| f.0).collect::<Vec<_>>(), ["current", "new"]);
    assert!(login_sessions::load(&t, "one").await.unwrap().is_some());
    accounts::change_password(&t, &user, PASSWORD, "grey heron on a roof", Some(&handle), &origin()).await.unwrap();
    assert!(login_sessions::load(&t, "one").await.unwrap().is_none());
    assert!(login_sessions::load(&t, "two").await.unwrap().is_some());
    assert!(accounts::log_in(&t, "ann@shop.example", "grey heron on a roof", &origin()).await.is_ok());
});

for_each_engine!(a_revoked_session_is_not_brought_back, |db| async {
    let t = TestServices::new(&db);
    let user = owner(&t, "ann@shop.example", "Blue Shop").await.user_id;
    let stranger = t.user().await;
    let mut one = session(&t, &user, "one").await;
    session(&t, &user, "two").await;
    assert!(!login_sessions::create(&t, &one).await.unwrap(), "an id is given once");
    let listed = login_sessions::list(&t, &user, Some("two")).await.unwrap();
    assert_eq!(listed.iter().map(|s| s.current).filter(|c| *c).count(), 1);
    let handle = listed.iter().find(|s| !s.current).unwrap().handle.clone();
    assert!(login_sessions::revoke(&t, &stranger, &handle, &origin()).await.is_err());
    login_sessions::revoke(&t, &user, &handle, &origin()).await.unwrap();
    one.data = "late".to_owned();
    assert!(!login_sessions::save(&t, &one).await.unwrap());
    assert_eq!(login_sessions::load(&t, "one").await.unwrap(), None);
    session(&t, &user, "three").await;
    assert_eq!(login_sessions::revoke_others(&t, &user, "three", &origin()).await.unwrap(), 1);
    t.clock.advance(6 * 60_000);
    assert!(login_sessions::load(&t, "three").await.unwrap().is_some());
    assert_eq!(login_sessions::list(&t, &user, None).await.unwrap()[0].last_seen_at, t.now());
    t.clock.advance(14 * DAY);
    assert_eq!(login_sessions::load(&t, "three").await.unwrap(), None);
    assert_eq!(login_sessions::delete_expired(&t).await.unwrap(), 1);
});

for_each_engine!(the_first_admin_is_made_once, |db| async {
    let t = TestServices::new(&db);
    let old = accounts::first_admin_token(&t).await.unwrap().unwrap();
    let token = accounts::first_admin_token(&t).await.unwrap().unwrap();
    assert!(!accounts::first_admin_token_is_valid(&t, &old).await.unwrap());
    let account = |email: &str| NewAccount {
        name: "Sam Ek".to_owned(),
        email: email.to_owned(),
        password: PASSWORD.to_owned(),
        locale: domain::Locale::En,
    };
    let (a, b, from) = (account("a@op.example"), account("b@op.example"), origin());
    let tries = join_all([&a, &b].map(|form| accounts::create_first_admin(&t, &token, form, &from))).await;
    assert_eq!(tries.iter().filter(|r| r.is_ok()).count(), 1);
    assert_eq!(count(&t, "users").await, 1);
    assert_eq!(accounts::first_admin_token(&t).await.unwrap(), None);
    let user = tries.into_iter().find_map(Result::ok).unwrap();
    let admin = access::enter_staff(&t, &user, origin()).await.unwrap();
    assert_eq!(admin.role, StaffRole::Admin);
    assert_eq!(accounts::viewer(&t, &user).await.unwrap().staff_role, Some(StaffRole::Admin));
    let auditor = staff(&t, "c@op.example", StaffRole::Auditor).await;
    let denied = accounts::create_staff(&t, Some(&auditor), "X", "x@op.example", StaffRole::Admin, None).await;
    assert_eq!(code(denied), "forbidden");
    accounts::create_staff(&t, Some(&admin), "Lee Oh", "lee@op.example", StaffRole::Reviewer, None).await.unwrap();
    assert_eq!(mailed(&t, "reset_password", "name").await, ["Lee Oh"]);
});

for_each_engine!(a_closed_staff_account_is_out_at_once, |db| async {
    let t = TestServices::new(&db);
    let admin = staff(&t, "a@op.example", StaffRole::Admin).await;
    let other = staff(&t, "b@op.example", StaffRole::Admin).await;
    session(&t, &other.user_id, "s").await;
    let own = services::admin::set_staff_disabled(&t, &admin, &admin.user_id, true).await;
    assert_eq!(code(own), codes::NOT_YOURSELF);
    // Both close each other at once: one of them stays.
    let (x, y) = (
        services::admin::set_staff_disabled(&t, &admin, &other.user_id, true),
        services::admin::set_staff_disabled(&t, &other, &admin.user_id, true),
    );
    let (x, y) = futures::join!(x, y);
    assert!(x.is_ok() != y.is_ok());
    assert_eq!(t.number("select cast(count(*) as bigint) from users where disabled_at is null").await, 1);
    let closed = if x.is_ok() { &other } else { &admin };
    assert!(access::enter_staff(&t, &closed.user_id, origin()).await.is_err());
    let email = if x.is_ok() { "b@op.example" } else { "a@op.example" };
    assert_eq!(code(accounts::log_in(&t, email, PASSWORD, &origin()).await), codes::BAD_LOGIN);
});

for_each_engine!(the_audit_chain_finds_what_was_done_to_it, |db| async {
    let t = TestServices::new(&db);
    let owner = owner(&t, "ann@shop.example", "Blue Shop").await;
    let chain = owner.scope.merchant.to_string();
    let append = |n: i64| {
        let (owner, t) = (owner.clone(), &t);
        async move {
            let entry = audit::Entry::by_member(&owner, Timestamp(n), "test.event").on("obj").with("n", n);
            t.svc.db().write(&entry, |tx, e| Box::pin(async move { audit::append(tx, e).await })).await.unwrap();
        }
    };
    join_all((0..20).map(append)).await;
    let verify = || async {
        let mut tx = t.svc.db().read().await.unwrap();
        audit::verify(&mut tx, &chain).await.unwrap().map_err(|b| (b.seq, b.what))
    };
    assert_eq!(verify().await, Ok(21));
    // Erasing a person's detail breaks nothing; changing it does.
    t.sql(&format!("delete from audit_details where chain = '{chain}' and seq = 3;")).await;
    assert_eq!(verify().await, Ok(21));
    t.sql(&format!("update audit_details set detail = '{{}}' where chain = '{chain}' and seq = 9;")).await;
    assert_eq!(verify().await, Err((9, "detail")));
    t.sql(&format!("delete from audit_details where chain = '{chain}' and seq = 9;")).await;
    if t.url.starts_with("sqlite:") {
        t.damage("drop trigger audit_no_update; drop trigger audit_no_delete;").await;
    }
    t.damage(&format!("update audit_entries set action = 'other' where chain = '{chain}' and seq = 7;")).await;
    assert_eq!(verify().await, Err((7, "edited")));
    t.damage(&format!("delete from audit_entries where chain = '{chain}' and seq = 5;")).await;
    assert_eq!(verify().await, Err((5, "missing")));
});

for_each_engine!(a_password_is_hashed_again_when_parameters_changed, |db| async {
    let t = TestServices::new(&db);
    let user = owner(&t, "ann@shop.example", "Blue Shop").await.user_id;
    let settings = services::Settings { cheap_hashing: false, ..t.svc.settings().clone() };
    let strong = TestServices::with(&db, settings);
    let hash = || async { t.texts("select password_hash from users").await.pop().unwrap() };
    assert!(hash().await.starts_with("$argon2id$v=19$m=64,"));
    assert_eq!(accounts::log_in(&strong, "ann@shop.example", PASSWORD, &origin()).await.unwrap(), user);
    let new = hash().await;
    assert!(new.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{new}");
    assert_eq!(accounts::log_in(&strong, "ann@shop.example", PASSWORD, &origin()).await.unwrap(), user);
    assert_eq!(hash().await, new);
});
