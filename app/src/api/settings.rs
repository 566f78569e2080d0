//! Settings: of a business and its team, and of the person who looks.

use super::ApiError;
#[cfg(feature = "ssr")]
use super::{merchant_actor, request, services, user};
use domain::views::Page;
use domain::views::account::{AuditLine, BusinessSettings, LoginSession, Team};
use domain::{InvitationId, Scope, UserId};
use leptos::prelude::*;
use leptos::server_fn::codec::Json;
use serde::{Deserialize, Serialize};

/// The business's settings, as typed. Fields are named as those of [`BusinessSettings`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct BusinessForm {
    /// Name that customers see.
    pub name: String,
    /// What may stand on the statement.
    pub statement_name: String,
    /// Where customers ask.
    pub support_email: String,
    /// The same, a page.
    pub support_url: String,
    /// IANA name.
    pub timezone: String,
    /// Three letters.
    pub default_currency: String,
    /// Origins, one a line.
    pub return_origins: String,
    /// What becomes of late money; nothing leaves it as it stands.
    pub late_success: String,
    /// The version that the form was made from.
    pub version: i64,
}

/// The business's settings and branding.
#[server(prefix = "/api/settings", input = Json)]
pub async fn load_business(scope: Scope) -> Result<BusinessSettings, ApiError> {
    let (svc, actor) = merchant_actor(&scope).await?;
    Ok(services::merchants::settings(&svc, &actor).await?)
}

/// Changes the business's settings; the branding stays.
#[server(prefix = "/api/settings")]
pub async fn save_business(scope: Scope, form: BusinessForm) -> Result<BusinessSettings, ApiError> {
    let (svc, actor) = merchant_actor(&scope).await?;
    // What the form does not hold is taken as it stands; the version refuses the form when it has changed meanwhile.
    let stored = services::merchants::settings(&svc, &actor).await?;
    let asked = BusinessSettings {
        name: form.name,
        statement_name: Some(form.statement_name),
        support_email: Some(form.support_email),
        support_url: Some(form.support_url),
        timezone: form.timezone,
        default_currency: form.default_currency,
        return_origins: vec![form.return_origins],
        late_success: if form.late_success.is_empty() { stored.late_success.clone() } else { form.late_success },
        version: form.version,
        ..stored
    };
    Ok(services::merchants::update_settings(&svc, &actor, &asked).await?)
}

/// Changes the brand colour; the rest stays.
#[server(prefix = "/api/settings")]
pub async fn save_brand_color(
    scope: Scope,
    #[server(default)] brand_color: String,
    version: i64,
) -> Result<BusinessSettings, ApiError> {
    let (svc, actor) = merchant_actor(&scope).await?;
    let stored = services::merchants::settings(&svc, &actor).await?;
    let asked = BusinessSettings { brand_color: Some(brand_color), version, ..stored };
    Ok(services::merchants::update_settings(&svc, &actor, &asked).await?)
}

/// Removes the logo. (It is stored by a plain form, `POST /settings/logo`.)
#[server(prefix = "/api/settings")]
pub async fn remove_logo(scope: Scope) -> Result<(), ApiError> {
    let (svc, actor) = merchant_actor(&scope).await?;
    Ok(services::merchants::remove_logo(&svc, &actor).await?)
}

/// Members and open invitations.
#[server(prefix = "/api/settings", input = Json)]
pub async fn load_team(scope: Scope) -> Result<Team, ApiError> {
    let (svc, actor) = merchant_actor(&scope).await?;
    Ok(services::team::view(&svc, &actor).await?)
}

/// Invites an address.
#[server(prefix = "/api/settings")]
pub async fn invite(
    scope: Scope,
    #[server(default)] email: String,
    #[server(default)] role: String,
) -> Result<(), ApiError> {
    let (svc, actor) = merchant_actor(&scope).await?;
    services::team::invite(&svc, &actor, &email, &role).await?;
    Ok(())
}

/// Takes an invitation back.
#[server(prefix = "/api/settings")]
pub async fn revoke_invitation(scope: Scope, id: InvitationId) -> Result<(), ApiError> {
    let (svc, actor) = merchant_actor(&scope).await?;
    Ok(services::team::revoke_invitation(&svc, &actor, &id).await?)
}

/// Changes a member's role.
#[server(prefix = "/api/settings")]
pub async fn change_role(scope: Scope, user: UserId, #[server(default)] role: String) -> Result<(), ApiError> {
    let (svc, actor) = merchant_actor(&scope).await?;
    Ok(services::team::change_role(&svc, &actor, &user, &role).await?)
}

/// Removes a member, or leaves.
#[server(prefix = "/api/settings")]
pub async fn remove_member(scope: Scope, user: UserId) -> Result<(), ApiError> {
    let (svc, actor) = merchant_actor(&scope).await?;
    Ok(services::team::remove(&svc, &actor, &user).await?)
}

/// The audit log, newest first.
#[server(prefix = "/api/settings", input = Json)]
pub async fn audit_log(
    scope: Scope,
    after: Option<String>,
    before: Option<String>,
) -> Result<Page<AuditLine>, ApiError> {
    let (svc, actor) = merchant_actor(&scope).await?;
    let query = domain::views::page::PageQuery { after, before, limit: None };
    Ok(services::merchants::audit(&svc, &actor, &query).await?)
}

/// Changes one's own name.
#[server(prefix = "/api/settings")]
pub async fn save_name(#[server(default)] name: String) -> Result<(), ApiError> {
    let (svc, me) = (services()?, user()?);
    Ok(services::accounts::set_name(&svc, &me, &name).await?)
}

/// Changes one's own password; the other sessions end.
#[server(prefix = "/api/settings")]
pub async fn change_password(
    #[server(default)] current: String,
    #[server(default)] new: String,
) -> Result<(), ApiError> {
    let (svc, me, info) = (services()?, user()?, request()?);
    let sessions = services::login_sessions::list(&svc, &me, info.session_hash.as_deref()).await?;
    let keep = sessions.into_iter().find(|s| s.current).map(|s| s.handle);
    Ok(services::accounts::change_password(&svc, &me, &current, &new, keep.as_deref(), &info.origin).await?)
}

/// One's own login sessions, the one used last first.
#[server(prefix = "/api/settings", input = Json)]
pub async fn my_sessions() -> Result<Vec<LoginSession>, ApiError> {
    let (svc, me, info) = (services()?, user()?, request()?);
    Ok(services::login_sessions::list(&svc, &me, info.session_hash.as_deref()).await?)
}

/// Ends one of one's own sessions.
#[server(prefix = "/api/settings")]
pub async fn revoke_session(handle: String) -> Result<(), ApiError> {
    let (svc, me, info) = (services()?, user()?, request()?);
    Ok(services::login_sessions::revoke(&svc, &me, &handle, &info.origin).await?)
}

/// Ends all of one's own sessions but this one.
#[server(prefix = "/api/settings")]
pub async fn revoke_other_sessions() -> Result<(), ApiError> {
    let (svc, me, info) = (services()?, user()?, request()?);
    let this = info.session_hash.unwrap_or_default();
    services::login_sessions::revoke_others(&svc, &me, &this, &info.origin).await?;
    Ok(())
}
