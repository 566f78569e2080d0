//! Signs somebody up. The answer is the same whether or not the address is known; a mail goes out either way.

use super::{
    SignUp,
    links::{Mailed, Person, absolute},
};
use crate::{
    Origin, ServiceError, Services,
    audit::{self, Entry},
    mail::{self, MailDraft, Template},
    password, rows,
    tokens::Purpose,
};
use domain::{
    MailId, MerchantId, MerchantRole, Timestamp, UserId,
    validate::account::{self, CheckedSignUp},
};
use store::merchants::{self, NewMerchant};
use store::users::{self, NewUser, UserRow};
use store::{StoreError, Tx, members};

struct Draft {
    user_id: UserId,
    merchant_id: MerchantId,
    checked: CheckedSignUp,
    password_hash: String,
    locale: domain::Locale,
    verification: Mailed,
    notice_id: MailId,
    login_link: String,
    reset_link: String,
    origin: Origin,
    now: Timestamp,
}

/// Signs somebody up. The answer is the same whether or not the address is known; a mail goes out either way.
///
/// Signing up again before the address is verified replaces what the account was made with, and ends the links mailed before:
/// whoever reads the mail gets the account as it was asked for last.
///
/// # Errors
/// Fields that can't be accepted; the database's.
pub async fn sign_up(svc: &Services, form: &SignUp, origin: &Origin) -> Result<(), ServiceError> {
    let checked =
        account::sign_up(&form.name, &form.email, &form.password, &form.business_name).map_err(ServiceError::fields)?;
    // Hashed in any case, so that a known address takes as long.
    let password_hash = password::hash(svc, &form.password).await?;
    let draft = Draft {
        user_id: svc.new_id(),
        merchant_id: svc.new_id(),
        checked,
        password_hash,
        locale: form.locale,
        verification: Mailed::new(svc, Purpose::Verify),
        notice_id: svc.new_id(),
        login_link: absolute(svc, "/login"),
        reset_link: absolute(svc, "/reset"),
        origin: origin.clone(),
        now: svc.now(),
    };
    svc.db().write(&draft, |tx, draft| Box::pin(unit(tx, draft))).await
}

async fn unit(tx: &mut Tx, draft: &Draft) -> Result<(), ServiceError> {
    let user = NewUser {
        id: draft.user_id.clone(),
        name: draft.checked.name.clone(),
        email: draft.checked.email.address.clone(),
        email_key: draft.checked.email.key.clone(),
        password_hash: draft.password_hash.clone(),
        email_verified_at: None,
        locale: draft.locale,
        staff_role: None,
        created_at: draft.now,
    };
    if users::insert(tx, &user).await? {
        return new_account(tx, draft).await;
    }
    let Some(known) = users::by_key(tx, &draft.checked.email.key).await? else { return Ok(()) };
    let replaceable = known.email_verified_at.is_none() && known.staff_role.is_none() && known.disabled_at.is_none();
    if replaceable { again(tx, draft, &known).await } else { Ok(notice(tx, draft, &known).await?) }
}

async fn new_account(tx: &mut Tx, draft: &Draft) -> Result<(), ServiceError> {
    let merchant = NewMerchant {
        id: draft.merchant_id.clone(),
        name: draft.checked.business_name.clone(),
        timezone: "UTC".to_owned(),
        default_currency: "EUR".to_owned(),
        created_at: draft.now,
    };
    merchants::insert(tx, &merchant).await?;
    members::insert(tx, &draft.merchant_id, &draft.user_id, MerchantRole::Owner, draft.now).await?;
    let checked = &draft.checked;
    let to = Person { name: &checked.name, email: &checked.email.address, locale: draft.locale };
    draft.verification.send(tx, &draft.user_id, to).await?;
    let chain = draft.merchant_id.as_str();
    let entry =
        Entry::by_user(chain, &draft.user_id, &draft.origin, draft.now, "merchant.create").on(&draft.merchant_id);
    Ok(audit::append(tx, &entry).await?)
}

/// The address is known and not verified: the newest form counts.
async fn again(tx: &mut Tx, draft: &Draft, known: &UserRow) -> Result<(), ServiceError> {
    if mail::is_flooded(tx, &known.email, Template::VerifyEmail, draft.now).await? {
        return Ok(());
    }
    let user_id: UserId = rows::read(&known.id)?;
    let checked = &draft.checked;
    if !users::replace_unverified(tx, &user_id, &checked.name, &draft.password_hash, draft.locale).await? {
        return Ok(notice(tx, draft, known).await?);
    }
    if let [only] = members::of_user(tx, &user_id).await?.as_slice()
        && only.role == MerchantRole::Owner.as_str()
    {
        merchants::rename_new(tx, &rows::read(&only.merchant_id)?, &checked.business_name).await?;
    }
    let to = Person { name: &checked.name, email: &known.email, locale: draft.locale };
    Ok(draft.verification.send(tx, &user_id, to).await?)
}

/// The address has an account: its owner is told, the one who asked is not.
async fn notice(tx: &mut Tx, draft: &Draft, known: &UserRow) -> Result<(), StoreError> {
    if mail::is_flooded(tx, &known.email, Template::AlreadyRegistered, draft.now).await? {
        return Ok(());
    }
    let mail = MailDraft::new(Template::AlreadyRegistered, &known.email, rows::locale(&known.locale))
        .with("name", &known.name)
        .with("link", &draft.login_link)
        .with("reset_link", &draft.reset_link);
    mail::enqueue(tx, &draft.notice_id, draft.now, &mail).await
}
