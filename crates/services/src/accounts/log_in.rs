//! Checks an address and a password.

use crate::{
    Origin, ServiceError, Services,
    audit::{self, Entry, OPERATOR},
    password, rows,
};
use domain::{
    FieldProblem, ProblemKind, UserId,
    problem::{accounts, codes},
    validate::{email, password::MAX},
};
use store::users::{self, UserRow};

/// Checks an address and a password. An unknown address and a wrong password take the same time and give the same answer.
///
/// # Errors
/// Fields `email` and `password` when they are empty; [`accounts::BAD_LOGIN`]; [`accounts::EMAIL_UNVERIFIED`], after which
/// another mail is on its way; the database's.
pub async fn log_in(svc: &Services, address: &str, secret: &str, origin: &Origin) -> Result<UserId, ServiceError> {
    let empty: Vec<FieldProblem> = [("email", address.trim()), ("password", secret)]
        .into_iter()
        .filter(|(_, typed)| typed.is_empty())
        .map(|(field, _)| FieldProblem::new(field, codes::REQUIRED))
        .collect();
    if !empty.is_empty() {
        return Err(ServiceError::fields(empty));
    }
    let bad = || ServiceError::new(ProblemKind::Invalid, accounts::BAD_LOGIN);
    // Longer than any password may be, whosever the address is.
    if secret.chars().count() > MAX || address.len() > 2 * email::MAX || address.contains('\0') {
        return Err(bad());
    }
    let mut tx = svc.db().read().await?;
    let row = users::by_key(&mut tx, &email::key(address)).await?;
    drop(tx);
    let fits = password::verify(svc, secret, row.as_ref().map(|r| r.password_hash.as_str())).await?;
    let row = row.filter(|r| fits && r.disabled_at.is_none()).ok_or_else(bad)?;
    let user: UserId = rows::read(&row.id)?;
    if row.email_verified_at.is_none() {
        super::resend_verification(svc, &user).await?;
        return Err(ServiceError::new(ProblemKind::Unauthenticated, accounts::EMAIL_UNVERIFIED));
    }
    after(svc, &user, &row, secret, origin).await?;
    Ok(user)
}

/// Brings the hash up to date, and writes the staff's logins to the operator's audit log.
async fn after(
    svc: &Services,
    user: &UserId,
    row: &UserRow,
    secret: &str,
    origin: &Origin,
) -> Result<(), ServiceError> {
    let hash = match password::is_outdated(svc, &row.password_hash) {
        true => Some(password::hash(svc, secret).await?),
        false => None,
    };
    let entry =
        row.staff_role.is_some().then(|| Entry::by_user(OPERATOR, user, origin, svc.now(), "staff.log_in").on(user));
    if hash.is_none() && entry.is_none() {
        return Ok(());
    }
    let input = (user, row, hash, entry);
    svc.db()
        .write(&input, |tx, (user, row, hash, entry)| {
            Box::pin(async move {
                if let Some(hash) = hash {
                    users::rehash(tx, user, &row.password_hash, hash).await?;
                }
                if let Some(entry) = entry {
                    audit::append(tx, entry).await?;
                }
                Ok(())
            })
        })
        .await
}
