//! The settings page.

use crate::{MerchantActor, ServiceError, Services, rows};
use domain::{Permission, views::account::BusinessSettings};
use store::merchants::{self, MerchantRow};

/// The settings page.
///
/// # Errors
/// The database's.
pub async fn settings(svc: &Services, actor: &MerchantActor) -> Result<BusinessSettings, ServiceError> {
    let mut tx = svc.db().read().await?;
    let row = merchants::get(&mut tx, &actor.scope.merchant).await?.ok_or_else(ServiceError::not_found)?;
    shown(row, actor)
}

/// A merchant's settings as its member sees them.
pub(super) fn shown(row: MerchantRow, actor: &MerchantActor) -> Result<BusinessSettings, ServiceError> {
    Ok(BusinessSettings {
        merchant_id: rows::read(&row.id)?,
        logo_url: row.logo_file_id.map(|file| format!("/logo/{}/{file}", row.id)),
        name: row.name,
        statement_name: row.statement_name,
        support_email: row.support_email,
        support_url: row.support_url,
        timezone: row.timezone,
        default_currency: row.default_currency,
        brand_color: row.brand_color,
        return_origins: origins(&row.return_origins),
        late_success: row.late_success,
        status: rows::read(&row.status)?,
        version: row.version,
        may_manage: actor.role.may(Permission::ManageSettings),
    })
}

/// The stored list of origins.
pub(crate) fn origins(json: &str) -> Vec<String> {
    serde_json::from_str(json).unwrap_or_default()
}
