//! Accepts an invitation.

use super::{Accept, InvitationPage};
use crate::{
    Origin, ServiceError, Services,
    audit::{self, Entry},
    password, rows, tokens,
};
use domain::{
    MerchantId, MerchantRole, ProblemKind, Timestamp, UserId,
    problem::accounts,
    validate::{self, email::Email},
};
use store::invitations::{self, OpenedInvitation};
use store::users::{self, NewUser, UserRow};
use store::{Tx, members};

fn ended() -> ServiceError {
    ServiceError::new(ProblemKind::Invalid, accounts::LINK_ENDED)
}

/// What the invitation's page shows.
///
/// # Errors
/// [`accounts::LINK_ENDED`]; the database's.
pub async fn invitation(svc: &Services, token: &str) -> Result<InvitationPage, ServiceError> {
    let mut tx = svc.db().read().await?;
    let row = invitations::peek(&mut tx, &tokens::hash(token), svc.now()).await?.ok_or_else(ended)?;
    let has_account = users::by_key(&mut tx, &row.email_key).await?.is_some_and(|u| u.email_verified_at.is_some());
    Ok(InvitationPage { merchant_name: row.merchant_name, role: rows::read(&row.role)?, email: row.email, has_account })
}

/// A person to be, checked and hashed before the unit.
struct Newcomer {
    id: UserId,
    name: String,
    password_hash: String,
    locale: domain::Locale,
}

enum Who<'a> {
    Known(&'a UserId),
    New(Newcomer),
}

/// Joins a team by the token of a mail. Having the token proves the address.
///
/// # Errors
/// Fields `name` and `password`; [`accounts::LINK_ENDED`], [`accounts::INVITATION_OTHER_ADDRESS`],
/// [`accounts::INVITATION_LOG_IN`], [`accounts::ALREADY_MEMBER`], [`accounts::STAFF_IS_SEPARATE`]; the database's.
pub async fn accept_invitation(
    svc: &Services,
    token: &str,
    who: &Accept,
    origin: &Origin,
) -> Result<(UserId, MerchantId), ServiceError> {
    let who = match who {
        Accept::User(id) => Who::Known(id),
        Accept::New(form) => {
            let page = invitation(svc, token).await?;
            let (name, Email { .. }) = validate::account::new_account(&form.name, &page.email, &form.password)
                .map_err(ServiceError::fields)?;
            let password_hash = password::hash(svc, &form.password).await?;
            Who::New(Newcomer { id: svc.new_id(), name, password_hash, locale: form.locale })
        }
    };
    let input = (tokens::hash(token), who, origin, svc.now());
    svc.db().write(&input, |tx, (hash, who, origin, now)| Box::pin(unit(tx, hash, who, origin, *now))).await
}

async fn unit(
    tx: &mut Tx,
    hash: &str,
    who: &Who<'_>,
    origin: &Origin,
    now: Timestamp,
) -> Result<(UserId, MerchantId), ServiceError> {
    let row = invitations::peek(tx, hash, now).await?.ok_or_else(ended)?;
    if !invitations::claim(tx, hash, now).await? {
        return Err(ended());
    }
    let user = match who {
        Who::Known(id) => known(tx, id, &row).await?,
        Who::New(new) => newcomer(tx, new, &row, now).await?,
    };
    users::verify(tx, &user, now).await?;
    let merchant: MerchantId = rows::read(&row.merchant_id)?;
    let role: MerchantRole = rows::read(&row.role)?;
    if !members::insert(tx, &merchant, &user, role, now).await? {
        return Err(ServiceError::new(ProblemKind::Conflict, accounts::ALREADY_MEMBER));
    }
    let entry =
        Entry::by_user(merchant.as_str(), &user, origin, now, "team.join").on(&row.id).with("role", role.as_str());
    audit::append(tx, &entry).await?;
    Ok((user, merchant))
}

fn refuse_staff(user: &UserRow) -> Result<(), ServiceError> {
    if user.disabled_at.is_some() {
        return Err(ended());
    }
    match user.staff_role {
        Some(_) => Err(ServiceError::new(ProblemKind::Conflict, accounts::STAFF_IS_SEPARATE)),
        None => Ok(()),
    }
}

async fn known(tx: &mut Tx, id: &UserId, row: &OpenedInvitation) -> Result<UserId, ServiceError> {
    let user = users::get(tx, id).await?.ok_or_else(ended)?;
    if user.email_key != row.email_key {
        return Err(ServiceError::new(ProblemKind::Forbidden, accounts::INVITATION_OTHER_ADDRESS));
    }
    refuse_staff(&user)?;
    Ok(id.clone())
}

async fn newcomer(tx: &mut Tx, new: &Newcomer, row: &OpenedInvitation, now: Timestamp) -> Result<UserId, ServiceError> {
    let user = NewUser {
        id: new.id.clone(),
        name: new.name.clone(),
        email: row.email.clone(),
        email_key: row.email_key.clone(),
        password_hash: new.password_hash.clone(),
        email_verified_at: Some(now),
        locale: new.locale,
        staff_role: None,
        created_at: now,
    };
    if users::insert(tx, &user).await? {
        return Ok(user.id);
    }
    let existing = users::by_key(tx, &row.email_key).await?.ok_or_else(ended)?;
    refuse_staff(&existing)?;
    let id: UserId = rows::read(&existing.id)?;
    // Nobody has verified that account: the mailed token counts for more than whoever made it.
    if users::replace_unverified(tx, &id, &new.name, &new.password_hash, new.locale).await? {
        return Ok(id);
    }
    Err(ServiceError::new(ProblemKind::Conflict, accounts::INVITATION_LOG_IN))
}
