//! Teams, invitations, settings, logo, mail.

use crate::accounts_support::*;
use domain::problem::{accounts as codes, codes as shared};
use domain::time::{DAY, MINUTE};
use domain::{MerchantRole, Mode, Scope, StaffRole};
use futures::future::join_all;
use services::accounts::{self, NewAccount};
use services::mail::{self, Rendered};
use services::team::{self, Accept};
use services::{access, admin, merchants};
use test_support::{TestServices, for_each_engine};

fn newcomer(name: &str) -> Accept {
    Accept::New(NewAccount {
        name: name.to_owned(),
        email: String::new(),
        password: PASSWORD.to_owned(),
        locale: domain::Locale::En,
    })
}

for_each_engine!(an_invitation_is_accepted_once, |db| async {
    let t = TestServices::new(&db);
    let ann = owner(&t, "ann@shop.example", "Blue Shop").await;
    assert_eq!(
        fields(team::invite(&t, &ann, "x", "boss").await).into_iter().map(|f| f.0).collect::<Vec<_>>(),
        ["email", "role"]
    );
    assert_eq!(fields(team::invite(&t, &ann, "Ann@shop.example", "viewer").await)[0].1, codes::ALREADY_MEMBER);
    team::invite(&t, &ann, "Bo@shop.example", "developer").await.unwrap();
    let old = token(&t, "invitation").await;
    t.clock.advance(1);
    team::invite(&t, &ann, "bo@shop.example", "support").await.unwrap();
    assert_eq!(code(team::invitation(&t, &old).await), codes::LINK_ENDED, "a second invitation replaces the first");
    let token = token(&t, "invitation").await;
    let page = team::invitation(&t, &token).await.unwrap();
    assert_eq!((page.merchant_name.as_str(), page.role, page.has_account), ("Blue Shop", MerchantRole::Support, false));
    assert_eq!(fields(team::accept_invitation(&t, &token, &newcomer(""), &origin()).await)[0].0, "name");
    let (who, from) = ([newcomer("Bo Ek"), newcomer("Bo Ek"), newcomer("Bo Ek")], origin());
    let tries = join_all(who.iter().map(|w| team::accept_invitation(&t, &token, w, &from))).await;
    assert_eq!(tries.iter().filter(|r| r.is_ok()).count(), 1);
    let (bo, merchant) = tries.into_iter().find_map(Result::ok).unwrap();
    assert_eq!(enter(&t, &bo, &merchant).await.unwrap().role, MerchantRole::Support);
    assert_eq!(accounts::log_in(&t, "bo@shop.example", PASSWORD, &origin()).await.unwrap(), bo);
    let page = team::view(&t, &ann).await.unwrap();
    assert_eq!(page.members.iter().map(|m| m.role).collect::<Vec<_>>(), [MerchantRole::Owner, MerchantRole::Support]);
    assert!(page.invitations.is_empty() && page.may_manage_owners);
});

for_each_engine!(an_invitation_is_for_its_own_address, |db| async {
    let t = TestServices::new(&db);
    let ann = owner(&t, "ann@shop.example", "Blue Shop").await;
    let eve = owner(&t, "eve@other.example", "Red Shop").await;
    let bo = owner(&t, "bo@other.example", "Green Shop").await;
    let sam = staff(&t, "sam@op.example", StaffRole::Reviewer).await;
    t.clock.advance(1);
    let id = team::invite(&t, &ann, "bo@other.example", "viewer").await.unwrap();
    let token1 = token(&t, "invitation").await;
    let by_eve = team::accept_invitation(&t, &token1, &Accept::User(eve.user_id), &origin()).await;
    assert_eq!(code(by_eve), codes::INVITATION_OTHER_ADDRESS);
    let anew = team::accept_invitation(&t, &token1, &newcomer("Bo"), &origin()).await;
    assert_eq!(code(anew), codes::INVITATION_LOG_IN);
    team::revoke_invitation(&t, &ann, &id).await.unwrap();
    assert_eq!(code(team::revoke_invitation(&t, &ann, &id).await), shared::NOT_FOUND);
    let by_bo = team::accept_invitation(&t, &token1, &Accept::User(bo.user_id.clone()), &origin()).await;
    assert_eq!(code(by_bo), codes::LINK_ENDED);
    t.clock.advance(1);
    team::invite(&t, &ann, "sam@op.example", "viewer").await.unwrap();
    let token2 = token(&t, "invitation").await;
    let by_staff = team::accept_invitation(&t, &token2, &Accept::User(sam.user_id), &origin()).await;
    assert_eq!(code(by_staff), codes::STAFF_IS_SEPARATE);
    t.clock.advance(1);
    team::invite(&t, &ann, "bo@other.example", "viewer").await.unwrap();
    let token3 = token(&t, "invitation").await;
    t.clock.advance(7 * DAY);
    let late = team::accept_invitation(&t, &token3, &Accept::User(bo.user_id), &origin()).await;
    assert_eq!(code(late), codes::LINK_ENDED);
    assert_eq!(team::view(&t, &ann).await.unwrap().members.len(), 1);
});

for_each_engine!(the_last_owner_stays, |db| async {
    let t = TestServices::new(&db);
    let ann = owner(&t, "ann@shop.example", "Blue Shop").await;
    assert_eq!(code(team::remove(&t, &ann, &ann.user_id).await), codes::LAST_OWNER);
    assert_eq!(code(team::change_role(&t, &ann, &ann.user_id, "viewer").await), codes::LAST_OWNER);
    let admin = member(&t, &ann, MerchantRole::Admin).await;
    let viewer = member(&t, &ann, MerchantRole::Viewer).await;
    for refused in [
        team::change_role(&t, &admin, &viewer.user_id, "owner").await,
        team::change_role(&t, &admin, &ann.user_id, "viewer").await,
        team::remove(&t, &admin, &ann.user_id).await,
    ] {
        assert_eq!(code(refused), codes::OWNERS_ONLY);
    }
    assert_eq!(code(team::invite(&t, &admin, "x@y.example", "owner").await), codes::OWNERS_ONLY);
    for refused in [
        team::remove(&t, &viewer, &admin.user_id).await,
        team::change_role(&t, &viewer, &viewer.user_id, "admin").await,
    ] {
        assert_eq!(code(refused), shared::FORBIDDEN);
    }
    team::change_role(&t, &ann, &admin.user_id, "owner").await.unwrap();
    let bo = enter(&t, &admin.user_id, &ann.scope.merchant).await.unwrap();
    // Both owners leave at once: one of them stays.
    let (x, y) =
        futures::join!(team::remove(&t, &ann, &ann.user_id), team::change_role(&t, &bo, &bo.user_id, "viewer"));
    assert!(x.is_ok() != y.is_ok(), "{x:?} {y:?}");
    assert_eq!(t.number("select cast(count(*) as bigint) from members where role = 'owner'").await, 1);
    team::remove(&t, &viewer, &viewer.user_id).await.unwrap();
    assert_eq!(code(enter(&t, &viewer.user_id, &ann.scope.merchant).await), shared::NOT_FOUND);
});

for_each_engine!(strangers_find_nothing, |db| async {
    let t = TestServices::new(&db);
    let ann = owner(&t, "ann@shop.example", "Blue Shop").await;
    let eve = owner(&t, "eve@other.example", "Red Shop").await;
    assert_eq!(code(enter(&t, &eve.user_id, &ann.scope.merchant).await), shared::NOT_FOUND);
    assert_eq!(code(access::enter_staff(&t, &eve.user_id, origin()).await), shared::NOT_FOUND);
    let live = Scope { merchant: ann.scope.merchant.clone(), mode: Mode::Live };
    accounts::set_last(&t, &ann.user_id, &live).await.unwrap();
    accounts::set_last(&t, &eve.user_id, &live).await.unwrap();
    let last = |user| async move { accounts::viewer(&t, user).await.unwrap().last };
    assert_eq!(last(&ann.user_id).await, Some((ann.scope.merchant.clone(), Mode::Live)));
});

for_each_engine!(settings_change_by_version, |db| async {
    let t = TestServices::new(&db);
    let ann = owner(&t, "ann@shop.example", "Blue Shop").await;
    let mut form = merchants::settings(&t, &ann).await.unwrap();
    let before = all_counts(&t).await;
    form.name = "Bl\u{202e}ue".to_owned();
    form.brand_color = Some("red".to_owned());
    form.return_origins = vec!["http://shop.example".to_owned()];
    form.timezone = "Mars/Base".to_owned();
    let wrong = fields(merchants::update_settings(&t, &ann, &form).await);
    assert_eq!(
        wrong.into_iter().map(|f| f.0).collect::<Vec<_>>(),
        ["name", "timezone", "brand_color", "return_origins"]
    );
    assert_eq!(all_counts(&t).await, before);
    form.name = "Bluer Shop".to_owned();
    form.brand_color = Some("#ABC".to_owned());
    form.timezone = "Europe/Stockholm".to_owned();
    form.return_origins = vec!["https://Shop.example/".to_owned(), "http://localhost:4000".to_owned()];
    let kept = merchants::update_settings(&t, &ann, &form).await.unwrap();
    assert_eq!((kept.name.as_str(), kept.brand_color.as_deref()), ("Bluer Shop", Some("#aabbcc")));
    assert_eq!(kept.return_origins, ["https://shop.example", "http://localhost:4000"]);
    assert_eq!(code(merchants::update_settings(&t, &ann, &form).await), shared::STALE);
    let dev = member(&t, &ann, MerchantRole::Developer).await;
    assert_eq!(code(merchants::update_settings(&t, &dev, &kept).await), shared::FORBIDDEN);
    let lines = merchants::audit(&t, &ann, &Default::default()).await.unwrap();
    assert_eq!(lines.items[0].action, "settings.update");
    assert_eq!((lines.items[0].actor.as_deref(), lines.items[0].ip.as_deref()), (Some("Ann Berg"), Some("192.0.2.7")));
    assert_eq!(code(merchants::audit(&t, &dev, &Default::default()).await), shared::FORBIDDEN);
});

for_each_engine!(a_logo_is_a_picture, |db| async {
    let t = TestServices::new(&db);
    let ann = owner(&t, "ann@shop.example", "Blue Shop").await;
    let svg = merchants::set_logo(&t, &ann, "logo.png", b"<svg onload=alert(1)>").await;
    assert_eq!(fields(svg), [("logo".to_owned(), codes::FILE_TYPE.to_owned())]);
    assert_eq!(count(&t, "files").await, 0);
    let png = |n: u8| [b"\x89PNG\r\n\x1a\n".to_vec(), vec![n; 300_000]].concat();
    merchants::set_logo(&t, &ann, "logo.png", &png(1)).await.unwrap();
    merchants::set_logo(&t, &ann, "logo.png", &png(2)).await.unwrap();
    let (kind, bytes) = merchants::logo(&t, &ann.scope.merchant).await.unwrap().unwrap();
    assert_eq!((kind.as_str(), bytes), ("image/png", png(2)));
    assert_eq!(count(&t, "file_chunks").await, 2, "the old one's bytes are gone");
    assert!(merchants::settings(&t, &ann).await.unwrap().logo_url.unwrap().starts_with("/logo/acct_"));
    merchants::remove_logo(&t, &ann).await.unwrap();
    assert_eq!(merchants::logo(&t, &ann.scope.merchant).await.unwrap(), None);
    assert_eq!(count(&t, "file_chunks").await, 0);
});

fn rendered() -> Rendered {
    Rendered { subject: "S".to_owned(), text: "secret link".to_owned(), html: "<p>secret link".to_owned() }
}

for_each_engine!(mail_is_claimed_once_and_secrets_leave_with_it, |db| async {
    let t = TestServices::new(&db);
    let ann = owner(&t, "ann@shop.example", "Blue Shop").await;
    team::invite(&t, &ann, "bo@shop.example", "viewer").await.unwrap();
    let claims = join_all((0..4).map(|_| mail::due(&t, 10))).await;
    let mails: Vec<_> = claims.into_iter().flat_map(Result::unwrap).collect();
    assert_eq!(mails.len(), 2, "each mail goes to one worker");
    let verify = mails.iter().find(|m| m.template == "verify_email").unwrap();
    let invite = mails.iter().find(|m| m.template == "invitation").unwrap();
    assert!(invite.params.contains(&("business".to_owned(), "Blue Shop".to_owned())));
    assert_eq!((verify.locale, verify.attempts), (domain::Locale::Fa, 1));
    mail::delivered(&t, &verify.id, &rendered(), true).await.unwrap();
    mail::failed(&t, &invite.id, "no route\u{0} to host").await.unwrap();
    let stored = t
        .texts("select concat_ws('|', status, subject, body_text, params) from mails where template = 'verify_email'")
        .await;
    assert_eq!(stored, ["sent|S|{}"]);
    assert!(mail::due(&t, 10).await.unwrap().is_empty());
    t.clock.advance(5 * MINUTE);
    let again = mail::due(&t, 10).await.unwrap();
    assert_eq!((again.len(), again[0].attempts), (1, 2));
    mail::delivered(&t, &invite.id, &rendered(), false).await.unwrap();
    t.clock.advance(DAY);
    assert!(mail::due(&t, 10).await.unwrap().is_empty());
    // Kept mail is what the operator without a mail server works with; whoever opens one leaves a trace.
    let boss = staff(&t, "boss@op.example", StaffRole::Admin).await;
    let reviewer = staff(&t, "sam@op.example", StaffRole::Reviewer).await;
    let page = admin::mails(&t, &boss, &Default::default()).await.unwrap();
    assert_eq!(page.items.iter().map(|m| m.status.as_str()).collect::<Vec<_>>(), ["kept", "sent"]);
    assert_eq!(code(admin::mails(&t, &reviewer, &Default::default()).await), shared::FORBIDDEN);
    let open = admin::mail(&t, &boss, &invite.id).await.unwrap();
    assert_eq!(open.body_text.as_deref(), Some("secret link"));
    assert_eq!(t.number("select cast(count(*) as bigint) from audit_entries where action = 'mail.open'").await, 1);
});

for_each_engine!(a_mail_is_given_up_after_a_day, |db| async {
    let t = TestServices::new(&db);
    owner(&t, "ann@shop.example", "Blue Shop").await;
    for _ in 0..60 {
        for mail in mail::due(&t, 10).await.unwrap() {
            mail::failed(&t, &mail.id, "refused").await.unwrap();
        }
        t.clock.advance(60 * MINUTE);
    }
    assert_eq!(t.texts("select status from mails").await, ["failed"]);
    let tries = t.number("select attempts from mails").await;
    assert!((10..40).contains(&tries), "{tries}");
});
