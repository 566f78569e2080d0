//! The operator's first admin, made with a one-time link.

use super::NewAccount;
use crate::{
    Origin, ServiceError, Services,
    audit::{self, Entry, OPERATOR},
    password,
    tokens::{self, Purpose},
};
use domain::{FieldProblem, ProblemKind, StaffRole, UserId, problem::accounts, validate};
use store::users::{self, NewUser};
use store::{Tx, mail_tokens};

/// Makes the one-time token with which the first admin is made, if there is none yet; older ones end.
///
/// # Errors
/// The database's.
pub async fn first_admin_token(svc: &Services) -> Result<Option<String>, ServiceError> {
    let token = svc.new_token();
    let input = (tokens::hash(&token), svc.now());
    let made = svc
        .db()
        .write(&input, |tx, (hash, now)| {
            Box::pin(async move {
                if users::active_admins(tx).await? > 0 {
                    return Ok(false);
                }
                mail_tokens::end_of_purpose(tx, Purpose::FirstAdmin.as_str()).await?;
                let token = mail_tokens::NewToken {
                    token_hash: hash,
                    purpose: Purpose::FirstAdmin.as_str(),
                    user_id: None,
                    email: None,
                    created_at: *now,
                    expires_at: now.plus(Purpose::FirstAdmin.lasts()),
                };
                mail_tokens::insert(tx, &token).await?;
                Ok::<_, ServiceError>(true)
            })
        })
        .await?;
    Ok(made.then_some(token))
}

/// Whether a first admin's token would be taken now.
///
/// # Errors
/// The database's.
pub async fn first_admin_token_is_valid(svc: &Services, token: &str) -> Result<bool, ServiceError> {
    let mut tx = svc.db().read().await?;
    let open = mail_tokens::peek(&mut tx, &tokens::hash(token), Purpose::FirstAdmin.as_str(), svc.now()).await?;
    Ok(open.is_some() && users::active_admins(&mut tx).await? == 0)
}

/// Makes the first admin of the operator. Whoever has the token is trusted to know their own address.
///
/// # Errors
/// Fields `name`, `email`, `password`; [`accounts::LINK_ENDED`], [`accounts::FIRST_ADMIN_EXISTS`]; the database's.
pub async fn create_first_admin(
    svc: &Services,
    token: &str,
    form: &NewAccount,
    origin: &Origin,
) -> Result<UserId, ServiceError> {
    if !first_admin_token_is_valid(svc, token).await? {
        return Err(ServiceError::new(ProblemKind::Invalid, accounts::LINK_ENDED));
    }
    let (name, email) =
        validate::account::new_account(&form.name, &form.email, &form.password).map_err(ServiceError::fields)?;
    let now = svc.now();
    let user = NewUser {
        id: svc.new_id(),
        name,
        email: email.address,
        email_key: email.key,
        password_hash: password::hash(svc, &form.password).await?,
        email_verified_at: Some(now),
        locale: form.locale,
        staff_role: Some(StaffRole::Admin),
        created_at: now,
    };
    let input = (tokens::hash(token), user, origin);
    svc.db().write(&input, |tx, (hash, user, origin)| Box::pin(unit(tx, hash, user, origin))).await?;
    Ok(input.1.id)
}

async fn unit(tx: &mut Tx, hash: &str, user: &NewUser, origin: &Origin) -> Result<(), ServiceError> {
    if mail_tokens::claim(tx, hash, Purpose::FirstAdmin.as_str(), user.created_at).await?.is_none() {
        return Err(ServiceError::new(ProblemKind::Invalid, accounts::LINK_ENDED));
    }
    if users::active_admins(tx).await? > 0 {
        return Err(ServiceError::new(ProblemKind::Conflict, accounts::FIRST_ADMIN_EXISTS));
    }
    if !users::insert(tx, user).await? {
        return Err(ServiceError::fields(vec![FieldProblem::new("email", accounts::EMAIL_TAKEN)]));
    }
    let entry = Entry::by_user(OPERATOR, &user.id, origin, user.created_at, "staff.first_admin").on(&user.id);
    Ok(audit::append(tx, &entry).await?)
}
