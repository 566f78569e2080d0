//! What the tests about accounts share.

use domain::{MerchantId, MerchantRole, Mode, ProblemKind, Scope, StaffRole, UserId};
use services::accounts::{self, SignUp};
use services::{MerchantActor, Origin, ServiceError, StaffActor, access};
use test_support::TestServices;

pub const PASSWORD: &str = "plum-otter-93-quay";

pub fn origin() -> Origin {
    Origin { ip: Some("192.0.2.7".to_owned()), user_agent: Some("Test".to_owned()), request_id: None }
}

pub fn form(email: &str, business: &str) -> SignUp {
    SignUp {
        name: "Ann Berg".to_owned(),
        email: email.to_owned(),
        password: PASSWORD.to_owned(),
        business_name: business.to_owned(),
        locale: domain::Locale::Fa,
    }
}

/// The code of a refusal.
pub fn code<T: std::fmt::Debug>(result: Result<T, ServiceError>) -> String {
    match result {
        Err(ServiceError::Problem(problem)) => problem.code,
        other => panic!("no refusal: {other:?}"),
    }
}

/// Field and code of each field's refusal.
pub fn fields<T: std::fmt::Debug>(result: Result<T, ServiceError>) -> Vec<(String, String)> {
    match result {
        Err(ServiceError::Problem(problem)) if problem.kind == ProblemKind::Invalid => {
            problem.fields.into_iter().map(|f| (f.field, f.code)).collect()
        }
        other => panic!("no refusal: {other:?}"),
    }
}

/// The value of each mail of a template, the one written last at the end (move the clock between them).
pub async fn mailed(t: &TestServices, template: &str, value: &str) -> Vec<String> {
    let sql = format!("select params from mails where template = '{template}' order by created_at, id");
    let read = |params: String| {
        let params: serde_json::Value = serde_json::from_str(&params).unwrap();
        params[value].as_str().unwrap_or_default().to_owned()
    };
    t.texts(&sql).await.into_iter().map(read).collect()
}

/// The token at the end of the last mailed link of a template.
pub async fn token(t: &TestServices, template: &str) -> String {
    let link = mailed(t, template, "link").await.pop().expect("a mail");
    link.rsplit(['/', '=']).next().unwrap().to_owned()
}

pub async fn count(t: &TestServices, table: &str) -> i64 {
    t.number(&format!("select cast(count(*) as bigint) from {table}")).await
}

/// Counts of every table that accounts write to.
pub async fn all_counts(t: &TestServices) -> Vec<(&'static str, i64)> {
    let mut out = Vec::new();
    for table in [
        "users",
        "merchants",
        "members",
        "mail_tokens",
        "mails",
        "login_sessions",
        "invitations",
        "applications",
        "application_messages",
        "files",
        "file_chunks",
        "audit_entries",
        "audit_details",
    ] {
        out.push((table, count(t, table).await));
    }
    out
}

/// Somebody who signed up and verified the address, at work as owner in test mode.
pub async fn owner(t: &TestServices, email: &str, business: &str) -> MerchantActor {
    accounts::sign_up(t, &form(email, business), &origin()).await.unwrap();
    let user = accounts::verify_email(t, &token(t, "verify_email").await, &origin()).await.unwrap();
    t.clock.advance(1);
    let viewer = accounts::viewer(t, &user).await.unwrap();
    enter(t, &user, &viewer.merchants[0].merchant_id).await.unwrap()
}

pub async fn enter(t: &TestServices, user: &UserId, merchant: &MerchantId) -> Result<MerchantActor, ServiceError> {
    let scope = Scope { merchant: merchant.clone(), mode: Mode::Test };
    access::enter(t, user, &scope, origin()).await
}

/// One of the operator's staff.
pub async fn staff(t: &TestServices, email: &str, role: StaffRole) -> StaffActor {
    let user = accounts::create_staff(t, None, "Sam Ek", email, role, Some(PASSWORD.to_owned())).await.unwrap();
    access::enter_staff(t, &user, origin()).await.unwrap()
}

/// A member of the owner's team in a role.
pub async fn member(t: &TestServices, owner: &MerchantActor, role: MerchantRole) -> MerchantActor {
    let user = t.user().await;
    let (merchant, role) = (&owner.scope.merchant, role.as_str());
    t.sql(&format!(
        "insert into members (merchant_id, user_id, role, created_at) values ('{merchant}', '{user}', '{role}', 5);"
    ))
    .await;
    enter(t, &user, merchant).await.unwrap()
}
