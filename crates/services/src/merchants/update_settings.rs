//! Changes the settings.

use super::settings::shown;
use crate::{
    MerchantActor, ServiceError, Services,
    audit::{self, Entry},
};
use domain::{
    Permission, ProblemKind, Timestamp, problem::codes, validate::settings, views::account::BusinessSettings,
};
use serde_json::json;
use store::merchants::{self, MerchantRow, Settings};
use store::{StoreError, Tx};

/// Changes the settings. `form` is as typed; id, status, logo and rights in it are ignored, `version` must be current.
///
/// # Errors
/// Forbidden; fields; a conflict [`codes::STALE`]; the database's.
pub async fn update_settings(
    svc: &Services,
    actor: &MerchantActor,
    form: &BusinessSettings,
) -> Result<BusinessSettings, ServiceError> {
    actor.require(Permission::ManageSettings)?;
    let checked = settings::check(form).map_err(ServiceError::fields)?;
    let origins =
        serde_json::to_string(&checked.return_origins).map_err(|e| ServiceError::Fault(format!("origins: {e}")))?;
    let new = Settings {
        name: checked.name,
        statement_name: checked.statement_name,
        support_email: checked.support_email,
        support_url: checked.support_url,
        timezone: checked.timezone,
        default_currency: checked.default_currency.code().to_owned(),
        brand_color: checked.brand_color,
        return_origins: origins,
        late_success: checked.late_success,
    };
    let input = (actor, form.version, new, svc.now());
    svc.db().write(&input, |tx, (actor, version, new, now)| Box::pin(unit(tx, actor, *version, new, *now))).await
}

async fn unit(
    tx: &mut Tx,
    actor: &MerchantActor,
    version: i64,
    new: &Settings,
    now: Timestamp,
) -> Result<BusinessSettings, ServiceError> {
    let merchant = &actor.scope.merchant;
    let before = merchants::get(tx, merchant).await?.ok_or_else(ServiceError::not_found)?;
    if !merchants::update_settings(tx, merchant, version, new).await? {
        return Err(ServiceError::new(ProblemKind::Conflict, codes::STALE));
    }
    let after = merchants::get(tx, merchant).await?.ok_or_else(ServiceError::not_found)?;
    append(tx, actor, &before, &after, now).await?;
    shown(after, actor)
}

async fn append(
    tx: &mut Tx,
    actor: &MerchantActor,
    before: &MerchantRow,
    after: &MerchantRow,
    now: Timestamp,
) -> Result<(), StoreError> {
    let told = |row: &MerchantRow| {
        json!({
            "name": row.name, "statement_name": row.statement_name, "support_email": row.support_email,
            "support_url": row.support_url, "timezone": row.timezone, "default_currency": row.default_currency,
            "brand_color": row.brand_color, "return_origins": row.return_origins,
            "late_success": row.late_success,
        })
    };
    let entry = Entry::by_member(actor, now, "settings.update")
        .on(&actor.scope.merchant)
        .with("before", told(before))
        .with("after", told(after));
    audit::append(tx, &entry).await
}
