//! An application with all that a reviewer needs.

use crate::{ServiceError, Services, StaffActor, applications::common, rows};
use domain::{
    MerchantId, MerchantRole, Timestamp,
    validate::CHECKLIST,
    views::{
        admin::{CheckItem, ReviewView},
        application::Message,
    },
};
use store::{applications, members, merchants, users};

/// An application with all that a reviewer needs. Not found when the merchant has begun none.
///
/// # Errors
/// Not found; the database's.
pub async fn review(svc: &Services, staff: &StaffActor, merchant: &MerchantId) -> Result<ReviewView, ServiceError> {
    let mut tx = svc.db().read().await?;
    let row = applications::get(&mut tx, merchant).await?.ok_or_else(ServiceError::not_found)?;
    let account = merchants::get(&mut tx, merchant).await?.ok_or_else(ServiceError::not_found)?;
    let application = common::view(svc, &mut tx, &row).await?;
    let messages = applications::messages(&mut tx, merchant)
        .await?
        .into_iter()
        .map(|m| Message { kind: m.kind, author: Some(m.author), body: m.body, at: Timestamp(m.created_at) })
        .collect();
    let checks = applications::checks(&mut tx, merchant).await?;
    let checklist = CHECKLIST
        .iter()
        .map(|item| CheckItem {
            item: (*item).to_owned(),
            done: checks.iter().find(|c| c.0 == *item).map(|c| (c.1.clone(), Timestamp(c.2))),
        })
        .collect();
    let people = members::of_merchant(&mut tx, merchant)
        .await?
        .into_iter()
        .filter(|m| m.role == MerchantRole::Owner.as_str())
        .map(|m| (m.name, m.email))
        .collect();
    let assigned_to = match rows::read_some(row.assigned_to.as_deref())? {
        Some(id) => users::get(&mut tx, &id).await?.map(|u| (id, u.name)),
        None => None,
    };
    Ok(ReviewView {
        id: rows::read(&row.id)?,
        application,
        merchant_status: rows::read(&account.status)?,
        status_reason: account.status_reason,
        assigned_to,
        messages,
        checklist,
        people,
        may_decide: staff.role.may_review(),
    })
}
