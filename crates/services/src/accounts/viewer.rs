//! Who somebody is and where they belong.

use crate::{ServiceError, Services, rows};
use domain::{
    Mode, ProblemKind, UserId,
    problem::codes,
    views::account::{Membership, Viewer},
};
use store::{members, users};

/// Who somebody is and where they belong, for the portal's frame.
///
/// # Errors
/// [`codes::UNAUTHENTICATED`] when the account is gone or closed; the database's.
pub async fn viewer(svc: &Services, user: &UserId) -> Result<Viewer, ServiceError> {
    let mut tx = svc.db().read().await?;
    let row = users::get(&mut tx, user)
        .await?
        .filter(|u| u.disabled_at.is_none())
        .ok_or_else(|| ServiceError::new(ProblemKind::Unauthenticated, codes::UNAUTHENTICATED))?;
    let mut merchants = Vec::new();
    for m in members::of_user(&mut tx, user).await? {
        merchants.push(Membership {
            merchant_id: rows::read(&m.merchant_id)?,
            name: m.name,
            status: rows::read(&m.status)?,
            role: rows::read(&m.role)?,
        });
    }
    // A merchant that was left meanwhile is nowhere to go back to.
    let last = rows::read_some(row.last_merchant_id.as_deref())?
        .filter(|last| merchants.iter().any(|m| m.merchant_id == *last))
        .map(|last| (last, Mode::from_live(row.last_livemode)));
    Ok(Viewer {
        user_id: user.clone(),
        name: row.name,
        email: row.email,
        email_verified: row.email_verified_at.is_some(),
        locale: rows::locale(&row.locale),
        staff_role: rows::read_some(row.staff_role.as_deref())?,
        merchants,
        last,
        sandbox_live: svc.settings().sandbox_live,
    })
}
