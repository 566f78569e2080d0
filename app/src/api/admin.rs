//! The operator's pages.

use super::ApiError;
#[cfg(feature = "ssr")]
use super::staff_actor;
#[cfg(feature = "ssr")]
use domain::WindowId;
use domain::views::Page;
use domain::views::account::Viewer;
use domain::views::admin::{
    AdminHome, GatewaysOverview, JobFilter, JobsView, MailRow, MailView, MerchantRow, QueueFilter, QueueRow,
    ReviewView, StaffRow, WindowForm,
};
#[cfg(feature = "ssr")]
use domain::{FieldProblem, Problem, problem::codes};
use domain::{JobId, MailId, MerchantId, UserId};
use leptos::prelude::*;
use leptos::server_fn::codec::Json;

/// Who of the staff is logged in.
#[server(prefix = "/api/admin", input = Json)]
pub async fn admin_viewer() -> Result<Viewer, ApiError> {
    let (svc, staff) = staff_actor().await?;
    Ok(services::accounts::viewer(&svc, &staff.user_id).await?)
}

/// The operator's numbers.
#[server(prefix = "/api/admin", input = Json)]
pub async fn load_admin_home() -> Result<AdminHome, ApiError> {
    let (svc, staff) = staff_actor().await?;
    Ok(services::admin::home(&svc, &staff).await?)
}

/// Applications, oldest first.
#[server(prefix = "/api/admin", input = Json)]
pub async fn admin_queue(filter: QueueFilter) -> Result<Page<QueueRow>, ApiError> {
    let (svc, staff) = staff_actor().await?;
    Ok(services::admin::queue(&svc, &staff, &filter).await?)
}

/// An application, for its reviewer.
#[server(prefix = "/api/admin", input = Json)]
pub async fn admin_review(merchant: String) -> Result<ReviewView, ApiError> {
    let (svc, staff) = staff_actor().await?;
    let merchant: MerchantId = super::server::parse_id(&merchant)?;
    Ok(services::admin::review(&svc, &staff, &merchant).await?)
}

/// Takes an application, or gives it back.
#[server(prefix = "/api/admin")]
pub async fn admin_assign(merchant: MerchantId, take: bool) -> Result<(), ApiError> {
    let (svc, staff) = staff_actor().await?;
    let assignee = take.then(|| staff.user_id.clone());
    Ok(services::admin::assign(&svc, &staff, &merchant, assignee.as_ref()).await?)
}

/// Adds a note that the merchant never sees.
#[server(prefix = "/api/admin")]
pub async fn admin_note(merchant: MerchantId, text: String) -> Result<(), ApiError> {
    let (svc, staff) = staff_actor().await?;
    Ok(services::admin::add_note(&svc, &staff, &merchant, &text).await?)
}

/// Ticks a point of the checklist, or takes the tick back.
#[server(prefix = "/api/admin")]
pub async fn admin_check(merchant: MerchantId, item: String, done: bool) -> Result<(), ApiError> {
    let (svc, staff) = staff_actor().await?;
    Ok(services::admin::set_check(&svc, &staff, &merchant, &item, done).await?)
}

/// Decides: `approve`, `ask` or `deny`. The text is what the merchant reads.
#[server(prefix = "/api/admin")]
pub async fn admin_decide(
    merchant: MerchantId,
    version: i64,
    decision: String,
    #[server(default)] text: String,
) -> Result<(), ApiError> {
    let (svc, staff) = staff_actor().await?;
    match decision.as_str() {
        "approve" => services::admin::approve(&svc, &staff, &merchant, version).await?,
        "deny" => services::admin::deny(&svc, &staff, &merchant, version, &text).await?,
        "ask" => services::admin::ask(&svc, &staff, &merchant, version, &text).await?,
        _ => return Err(Problem::fields(vec![FieldProblem::new("decision", codes::BAD_CHOICE)]).into()),
    }
    Ok(())
}

/// Stops a merchant's live charging.
#[server(prefix = "/api/admin")]
pub async fn admin_suspend(merchant: MerchantId, reason: String) -> Result<(), ApiError> {
    let (svc, staff) = staff_actor().await?;
    Ok(services::admin::suspend(&svc, &staff, &merchant, &reason).await?)
}

/// Lets a suspended merchant charge again.
#[server(prefix = "/api/admin")]
pub async fn admin_reinstate(merchant: MerchantId) -> Result<(), ApiError> {
    let (svc, staff) = staff_actor().await?;
    Ok(services::admin::reinstate(&svc, &staff, &merchant).await?)
}

/// Merchants.
#[server(prefix = "/api/admin", input = Json)]
pub async fn admin_merchants(
    q: Option<String>,
    status: Option<String>,
    after: Option<String>,
) -> Result<Page<MerchantRow>, ApiError> {
    let (svc, staff) = staff_actor().await?;
    let filter = services::admin::MerchantFilter { q, status, after, before: None };
    Ok(services::admin::merchants(&svc, &staff, &filter).await?)
}

/// The gateways of the whole installation.
#[server(prefix = "/api/admin", input = Json)]
pub async fn admin_gateways() -> Result<GatewaysOverview, ApiError> {
    let (svc, staff) = staff_actor().await?;
    Ok(services::admin::gateways(&svc, &staff).await?)
}

/// Plans maintenance of a provider.
#[server(prefix = "/api/admin")]
pub async fn admin_plan_maintenance(form: WindowForm) -> Result<(), ApiError> {
    let (svc, staff) = staff_actor().await?;
    services::admin::plan_maintenance(&svc, &staff, &form).await?;
    Ok(())
}

/// Ends maintenance of a provider.
#[server(prefix = "/api/admin")]
pub async fn admin_end_maintenance(id: String) -> Result<(), ApiError> {
    let (svc, staff) = staff_actor().await?;
    let id: WindowId = super::server::parse_id(&id)?;
    Ok(services::admin::end_maintenance(&svc, &staff, &id).await?)
}

/// The operator's staff.
#[server(prefix = "/api/admin", input = Json)]
pub async fn admin_staff() -> Result<Vec<StaffRow>, ApiError> {
    let (svc, staff) = staff_actor().await?;
    Ok(services::admin::staff(&svc, &staff).await?)
}

/// Makes one of the staff, who sets a password by mail.
#[server(prefix = "/api/admin")]
pub async fn admin_create_staff(name: String, email: String, role: String) -> Result<(), ApiError> {
    let (svc, staff) = staff_actor().await?;
    services::admin::create_staff(&svc, &staff, &name, &email, &role).await?;
    Ok(())
}

/// Closes an account of the staff, or opens it again.
#[server(prefix = "/api/admin")]
pub async fn admin_set_staff_disabled(user: UserId, disabled: bool) -> Result<(), ApiError> {
    let (svc, staff) = staff_actor().await?;
    Ok(services::admin::set_staff_disabled(&svc, &staff, &user, disabled).await?)
}

/// Mails, newest first.
#[server(prefix = "/api/admin", input = Json)]
pub async fn admin_mails(after: Option<String>, before: Option<String>) -> Result<Page<MailRow>, ApiError> {
    let (svc, staff) = staff_actor().await?;
    let query = domain::views::page::PageQuery { after, before, limit: None };
    Ok(services::admin::mails(&svc, &staff, &query).await?)
}

/// A mail.
#[server(prefix = "/api/admin", input = Json)]
pub async fn admin_mail(id: String) -> Result<MailView, ApiError> {
    let (svc, staff) = staff_actor().await?;
    let id: MailId = super::server::parse_id(&id)?;
    Ok(services::admin::mail(&svc, &staff, &id).await?)
}

/// Puts a mail that was given up back into the queue.
#[server(prefix = "/api/admin")]
pub async fn admin_retry_mail(id: MailId) -> Result<(), ApiError> {
    let (svc, staff) = staff_actor().await?;
    Ok(services::admin::retry_mail(&svc, &staff, &id).await?)
}

/// Jobs that were laid aside, the latest first.
#[server(prefix = "/api/admin", input = Json)]
pub async fn admin_jobs(filter: JobFilter) -> Result<JobsView, ApiError> {
    let (svc, staff) = staff_actor().await?;
    Ok(services::admin::jobs(&svc, &staff, &filter).await?)
}

/// Tries a job again that was laid aside.
#[server(prefix = "/api/admin", input = Json)]
pub async fn admin_retry_job(id: JobId) -> Result<(), ApiError> {
    let (svc, staff) = staff_actor().await?;
    Ok(services::admin::retry_job(&svc, &staff, &id).await?)
}

/// Tries all jobs of a kind again.
#[server(prefix = "/api/admin", input = Json)]
pub async fn admin_retry_kind(kind: String) -> Result<u64, ApiError> {
    let (svc, staff) = staff_actor().await?;
    Ok(services::admin::retry_kind(&svc, &staff, &kind).await?)
}

/// Gives a job up.
#[server(prefix = "/api/admin")]
pub async fn admin_discard_job(id: JobId, #[server(default)] reason: String) -> Result<(), ApiError> {
    let (svc, staff) = staff_actor().await?;
    Ok(services::admin::discard_job(&svc, &staff, &id, &reason).await?)
}
