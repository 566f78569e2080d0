//! Makes accounts for the operator's staff.

use super::links::{Mailed, Person};
use crate::{
    ServiceError, Services, StaffActor,
    audit::{self, Entry, OPERATOR},
    password,
    tokens::Purpose,
};
use domain::{
    FieldProblem, Locale, StaffRole, UserId,
    problem::accounts,
    validate::{self, Problems},
};
use store::users::{self, NewUser};

/// Makes an account for one of the operator's staff. No actor means the command line; without a password a link to set one is
/// mailed.
///
/// # Errors
/// Forbidden; fields `name`, `email`, `password`; the database's.
pub async fn create_staff(
    svc: &Services,
    actor: Option<&StaffActor>,
    name: &str,
    email: &str,
    role: StaffRole,
    password: Option<String>,
) -> Result<UserId, ServiceError> {
    if let Some(actor) = actor {
        actor.require_operate()?;
    }
    let mut problems = Problems::new();
    let person = problems.take("name", validate::account::person_name(name));
    let address = problems.take("email", validate::email::required(email));
    if let Some(typed) = &password {
        problems.take("password", validate::password::check(typed, &[name, email]));
    }
    let (Some(name), Some(address), true) = (person, address, problems.is_empty()) else {
        return Err(ServiceError::fields(problems.into_vec()));
    };
    // Without a password nobody knows the one that is stored.
    let chosen = password.clone().unwrap_or_else(|| svc.new_token());
    let now = svc.now();
    let user = NewUser {
        id: svc.new_id(),
        name,
        email: address.address,
        email_key: address.key,
        password_hash: password::hash(svc, &chosen).await?,
        email_verified_at: Some(now),
        locale: Locale::En,
        staff_role: Some(role),
        created_at: now,
    };
    let entry = match actor {
        Some(actor) => Entry::by_operator(actor, now, "staff.create"),
        None => Entry::by_system(OPERATOR, now, "staff.create"),
    };
    let entry = entry.on(&user.id).with("role", role.as_str());
    let mailed = password.is_none().then(|| Mailed::new(svc, Purpose::Reset));
    let input = (user, entry, mailed);
    svc.db()
        .write(&input, |tx, (user, entry, mailed)| {
            Box::pin(async move {
                if !users::insert(tx, user).await? {
                    return Err(ServiceError::fields(vec![FieldProblem::new("email", accounts::EMAIL_TAKEN)]));
                }
                if let Some(mailed) = mailed {
                    let to = Person { name: &user.name, email: &user.email, locale: user.locale };
                    mailed.send(tx, &user.id, to).await?;
                }
                Ok(audit::append(tx, entry).await?)
            })
        })
        .await?;
    Ok(input.0.id)
}
