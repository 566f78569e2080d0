//! Changes the password of somebody who knows the old one.

use super::reset_password::Change;
use crate::{Origin, ServiceError, Services, password};
use domain::{
    FieldProblem, UserId,
    problem::{accounts, codes},
    validate,
};
use store::users;

/// Changes the password of somebody who knows the old one, and ends the other login sessions. `keep_handle` is the session
/// that stays.
///
/// # Errors
/// Fields `current` and `new`; the database's.
pub async fn change_password(
    svc: &Services,
    user: &UserId,
    current: &str,
    new: &str,
    keep_handle: Option<&str>,
    origin: &Origin,
) -> Result<(), ServiceError> {
    let mut tx = svc.db().read().await?;
    let row = users::get(&mut tx, user).await?.ok_or_else(ServiceError::not_found)?;
    drop(tx);
    let mut problems = Vec::new();
    let too_long = current.chars().count() > validate::password::MAX;
    if current.is_empty() {
        problems.push(FieldProblem::new("current", codes::REQUIRED));
    } else if too_long || !password::verify(svc, current, Some(&row.password_hash)).await? {
        problems.push(FieldProblem::new("current", accounts::WRONG_PASSWORD));
    }
    if let Err(wrong) = validate::password::check(new, &[&row.name, &row.email]) {
        problems.push(wrong.at("new"));
    }
    if !problems.is_empty() {
        return Err(ServiceError::fields(problems));
    }
    let change = Change::new(svc, user.clone(), &row, password::hash(svc, new).await?, keep_handle, origin);
    svc.db()
        .write(&change, |tx, change| {
            Box::pin(async move { change.apply(tx, "user.change_password").await.map_err(ServiceError::from) })
        })
        .await
}
