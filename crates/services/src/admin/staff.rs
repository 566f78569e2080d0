//! The operator's staff.

use crate::{
    ServiceError, Services, StaffActor, accounts,
    audit::{self, Entry},
    rows,
};
use domain::{
    ProblemKind, StaffRole, Timestamp, UserId,
    problem::{self, codes},
    validate::{self, Problems},
    views::admin::StaffRow,
};
use store::{Tx, login_sessions, users};

/// The operator's staff, by name.
///
/// # Errors
/// The database's.
pub async fn staff(svc: &Services, actor: &StaffActor) -> Result<Vec<StaffRow>, ServiceError> {
    let mut tx = svc.db().read().await?;
    let mut out = Vec::new();
    for row in users::staff(&mut tx).await? {
        let user_id: UserId = rows::read(&row.id)?;
        out.push(StaffRow {
            is_me: user_id == actor.user_id,
            user_id,
            name: row.name,
            email: row.email,
            role: rows::read(row.staff_role.as_deref().unwrap_or_default())?,
            disabled: row.disabled_at.is_some(),
        });
    }
    Ok(out)
}

/// Makes an account for a colleague, who gets a link to set a password; `role` as typed.
///
/// # Errors
/// Forbidden; fields `name`, `email`, `role`; the database's.
pub async fn create_staff(
    svc: &Services,
    actor: &StaffActor,
    name: &str,
    email: &str,
    role: &str,
) -> Result<UserId, ServiceError> {
    actor.require_operate()?;
    let known: Vec<&str> = StaffRole::ALL.iter().map(|role| role.as_str()).collect();
    let role = match validate::text::choice(role, &known).map(str::parse::<StaffRole>) {
        Ok(Ok(role)) => role,
        wrong => {
            // With what is wrong with the other fields, so that nobody learns it one by one.
            let code = wrong.err().map_or(codes::BAD_CHOICE, |wrong| wrong.code);
            let mut problems = Problems::new();
            problems.take("name", validate::account::person_name(name));
            problems.take("email", validate::email::required(email));
            problems.add("role", code);
            return Err(ServiceError::fields(problems.into_vec()));
        }
    };
    accounts::create_staff(svc, Some(actor), name, email, role, None).await
}

/// Closes or opens a colleague's account. Closing ends their sessions; nobody closes their own.
///
/// # Errors
/// Forbidden; not found; one's own account; the database's.
pub async fn set_staff_disabled(
    svc: &Services,
    actor: &StaffActor,
    user: &UserId,
    disabled: bool,
) -> Result<(), ServiceError> {
    actor.require_operate()?;
    if *user == actor.user_id {
        return Err(ServiceError::new(ProblemKind::Conflict, problem::accounts::NOT_YOURSELF));
    }
    let input = (actor, user, disabled, svc.now());
    svc.db().write(&input, |tx, (actor, user, disabled, now)| Box::pin(unit(tx, actor, user, *disabled, *now))).await
}

async fn unit(
    tx: &mut Tx,
    actor: &StaffActor,
    user: &UserId,
    disabled: bool,
    now: Timestamp,
) -> Result<(), ServiceError> {
    // Two admins who close each other at once wait here; the second one finds that they are closed themselves.
    users::lock_admins(tx).await?;
    let me = users::get(tx, &actor.user_id).await?;
    if me.is_none_or(|me| me.disabled_at.is_some()) {
        return Err(ServiceError::new(ProblemKind::Forbidden, codes::FORBIDDEN));
    }
    if !users::set_disabled(tx, user, disabled.then_some(now)).await? {
        return Err(ServiceError::not_found());
    }
    if disabled {
        login_sessions::delete_all_but(tx, user, None).await?;
    }
    let action = if disabled { "staff.disable" } else { "staff.enable" };
    let entry = Entry::by_operator(actor, now, action).on(user);
    Ok(audit::append(tx, &entry).await?)
}
