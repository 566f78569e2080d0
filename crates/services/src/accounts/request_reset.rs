//! Sends a link to reset a password.

use super::links::{Mailed, Person};
use crate::{Origin, ServiceError, Services, mail, rows, tokens::Purpose};
use domain::{UserId, validate::email};
use store::{Tx, mail_tokens, users};

/// Sends a link to reset a password, if the address is known; the answer is the same.
///
/// # Errors
/// Field `email`; the database's.
pub async fn request_reset(svc: &Services, address: &str, _origin: &Origin) -> Result<(), ServiceError> {
    let checked = email::required(address).map_err(|wrong| ServiceError::fields(vec![wrong.at("email")]))?;
    let input = (checked.key, Mailed::new(svc, Purpose::Reset));
    svc.db().write(&input, |tx, (key, mailed)| Box::pin(unit(tx, key, mailed))).await
}

async fn unit(tx: &mut Tx, key: &str, mailed: &Mailed) -> Result<(), ServiceError> {
    let user = users::by_key(tx, key).await?.filter(|u| u.disabled_at.is_none());
    let Some(user) = user else {
        // A token that nobody gets: an unknown address costs a durable commit like a known one. The worker deletes it.
        let decoy = mail_tokens::NewToken {
            token_hash: &mailed.token_hash,
            purpose: "nobody",
            user_id: None,
            email: None,
            created_at: mailed.now,
            expires_at: mailed.now.plus(mailed.purpose.lasts()),
        };
        return Ok(mail_tokens::insert(tx, &decoy).await?);
    };
    if mail::is_flooded(tx, &user.email, mailed.template(), mailed.now).await? {
        return Ok(());
    }
    let id: UserId = rows::read(&user.id)?;
    let to = Person { name: &user.name, email: &user.email, locale: rows::locale(&user.locale) };
    Ok(mailed.send(tx, &id, to).await?)
}
