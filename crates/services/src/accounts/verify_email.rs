//! Verifies an address by the token of a mail.

use super::links::{Mailed, Person};
use crate::{
    Origin, ServiceError, Services,
    audit::{self, Entry, OPERATOR},
    mail, rows, tokens,
    tokens::Purpose,
};
use domain::{ProblemKind, UserId, problem::accounts};
use store::{mail_tokens, users};

/// Verifies an address by the token of a mail. Single use; the door may log the person in.
///
/// # Errors
/// [`accounts::LINK_ENDED`]; the database's.
pub async fn verify_email(svc: &Services, token: &str, origin: &Origin) -> Result<UserId, ServiceError> {
    let input = (tokens::hash(token), origin, svc.now());
    svc.db()
        .write(&input, |tx, (hash, origin, now)| {
            Box::pin(async move {
                let ended = || ServiceError::new(ProblemKind::Invalid, accounts::LINK_ENDED);
                let row = mail_tokens::claim(tx, hash, Purpose::Verify.as_str(), *now).await?.ok_or_else(ended)?;
                let user_id: UserId = rows::read(row.user_id.as_deref().unwrap_or_default())?;
                let user = users::get(tx, &user_id).await?.ok_or_else(ended)?;
                if user.disabled_at.is_some() {
                    return Err(ended());
                }
                if users::verify(tx, &user_id, *now).await? {
                    let entry = Entry::by_user(OPERATOR, &user_id, origin, *now, "user.verify_email").on(&user_id);
                    audit::append(tx, &entry).await?;
                }
                Ok(user_id)
            })
        })
        .await
}

/// Sends the verification mail again, unless the address is verified or has had several within the hour.
///
/// # Errors
/// Not found; the database's.
pub async fn resend_verification(svc: &Services, user: &UserId) -> Result<(), ServiceError> {
    let input = (user, Mailed::new(svc, Purpose::Verify));
    svc.db()
        .write(&input, |tx, (user, mailed)| {
            Box::pin(async move {
                let row = users::get(tx, user).await?.ok_or_else(ServiceError::not_found)?;
                let enough = mail::is_flooded(tx, &row.email, mailed.template(), mailed.now).await?;
                if row.email_verified_at.is_none() && !enough {
                    let to = Person { name: &row.name, email: &row.email, locale: rows::locale(&row.locale) };
                    mailed.send(tx, user, to).await?;
                }
                Ok(())
            })
        })
        .await
}
