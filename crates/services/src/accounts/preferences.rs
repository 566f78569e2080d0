//! What somebody sets for themselves.

use crate::{ServiceError, Services};
use domain::{Locale, Scope, UserId, validate::account};
use store::{members, users};

/// Sets the language.
///
/// # Errors
/// The database's.
pub async fn set_locale(svc: &Services, user: &UserId, locale: Locale) -> Result<(), ServiceError> {
    let input = (user, locale);
    svc.db()
        .write(&input, |tx, (user, locale)| {
            Box::pin(async move { Ok(users::set_locale(tx, user, *locale).await.map(drop)?) })
        })
        .await
}

/// Sets the name.
///
/// # Errors
/// Field `name`; the database's.
pub async fn set_name(svc: &Services, user: &UserId, name: &str) -> Result<(), ServiceError> {
    let name = account::person_name(name).map_err(|wrong| ServiceError::fields(vec![wrong.at("name")]))?;
    let input = (user, name);
    svc.db()
        .write(&input, |tx, (user, name)| Box::pin(async move { Ok(users::set_name(tx, user, name).await.map(drop)?) }))
        .await
}

/// Remembers the merchant and mode used last; a merchant that the person does not belong to is ignored.
///
/// # Errors
/// The database's.
pub async fn set_last(svc: &Services, user: &UserId, scope: &Scope) -> Result<(), ServiceError> {
    let mut tx = svc.db().read().await?;
    let known = users::get(&mut tx, user).await?.is_some_and(|row| {
        row.last_merchant_id.as_deref() == Some(scope.merchant.as_str()) && row.last_livemode == scope.mode.is_live()
    });
    // Called with each page: nothing is written when nothing changed.
    if known || members::role(&mut tx, &scope.merchant, user).await?.is_none() {
        return Ok(());
    }
    drop(tx);
    let input = (user, scope);
    svc.db()
        .write(&input, |tx, (user, scope)| {
            Box::pin(
                async move { Ok(users::set_last(tx, user, &scope.merchant, scope.mode.is_live()).await.map(drop)?) },
            )
        })
        .await
}
