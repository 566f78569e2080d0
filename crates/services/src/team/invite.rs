//! Invites to a team, and takes invitations back.

use super::rules;
use crate::{
    MerchantActor, ServiceError, Services,
    accounts::links::absolute,
    audit::{self, Entry},
    mail::{self, MailDraft, Template},
    rows, tokens,
};
use domain::{
    FieldProblem, InvitationId, MailId, MerchantRole, Permission, Problem, ProblemKind, Timestamp,
    problem::{accounts, codes},
    validate::email::{self, Email},
};
use store::invitations::{self, NewInvitation};
use store::{Tx, members, merchants, users};

struct Draft<'a> {
    actor: &'a MerchantActor,
    id: InvitationId,
    to: Email,
    role: MerchantRole,
    token_hash: String,
    link: String,
    mail_id: MailId,
    now: Timestamp,
}

/// Invites an address to the team; `role` as typed. An open invitation to the same address is replaced.
///
/// # Errors
/// Forbidden; fields `email` and `role`; [`codes::RATE_LIMITED`]; the database's.
pub async fn invite(
    svc: &Services,
    actor: &MerchantActor,
    address: &str,
    role: &str,
) -> Result<InvitationId, ServiceError> {
    actor.require(Permission::ManageTeam)?;
    let to = email::required(address);
    let role = rules::role(role);
    let (to, role) = match (to, role) {
        (Ok(to), Ok(role)) => (to, role),
        (Err(wrong), Ok(_)) => return Err(ServiceError::fields(vec![wrong.at("email")])),
        (Ok(_), Err(error)) => return Err(error),
        (Err(wrong), Err(_)) => {
            return Err(ServiceError::fields(vec![wrong.at("email"), FieldProblem::new("role", codes::BAD_CHOICE)]));
        }
    };
    rules::may_manage(actor, &[role])?;
    let token = svc.new_token();
    let draft = Draft {
        actor,
        id: svc.new_id(),
        to,
        role,
        token_hash: tokens::hash(&token),
        link: absolute(svc, &format!("/invitations/{token}")),
        mail_id: svc.new_id(),
        now: svc.now(),
    };
    svc.db().write(&draft, |tx, draft| Box::pin(unit(tx, draft))).await?;
    Ok(draft.id)
}

async fn unit(tx: &mut Tx, draft: &Draft<'_>) -> Result<(), ServiceError> {
    let (actor, merchant) = (draft.actor, &draft.actor.scope.merchant);
    merchants::lock(tx, merchant).await?;
    if members::of_merchant(tx, merchant).await?.iter().any(|m| m.email_key == draft.to.key) {
        return Err(ServiceError::fields(vec![FieldProblem::new("email", accounts::ALREADY_MEMBER)]));
    }
    if mail::is_flooded(tx, &draft.to.address, Template::Invitation, draft.now).await? {
        let problem = Problem::new(ProblemKind::RateLimited, codes::RATE_LIMITED);
        return Err(Problem { retry_after: Some(3_600), ..problem }.into());
    }
    invitations::end_open(tx, merchant, &draft.to.key, draft.now).await?;
    let invitation = NewInvitation {
        merchant_id: merchant,
        id: &draft.id,
        email: &draft.to.address,
        email_key: &draft.to.key,
        role: draft.role,
        token_hash: &draft.token_hash,
        invited_by: &actor.user_id,
        created_at: draft.now,
        expires_at: draft.now.plus(tokens::INVITATION_LASTS),
    };
    invitations::insert(tx, &invitation).await?;
    let business = merchants::get(tx, merchant).await?.ok_or_else(ServiceError::not_found)?;
    let inviter = users::get(tx, &actor.user_id).await?.ok_or_else(ServiceError::not_found)?;
    // In the language of the invited person where that is known, and otherwise in the inviter's.
    let known = users::by_key(tx, &draft.to.key).await?;
    let locale = rows::locale(known.as_ref().map_or(inviter.locale.as_str(), |u| u.locale.as_str()));
    let mail = MailDraft::new(Template::Invitation, &draft.to.address, locale)
        .about(merchant)
        .with("inviter", &inviter.name)
        .with("business", &business.name)
        .with("role", draft.role.as_str())
        .with("link", &draft.link);
    mail::enqueue(tx, &draft.mail_id, draft.now, &mail).await?;
    let entry = Entry::by_member(actor, draft.now, "team.invite")
        .on(&draft.id)
        .with("email", draft.to.address.as_str())
        .with("role", draft.role.as_str());
    Ok(audit::append(tx, &entry).await?)
}

/// Takes an open invitation back.
///
/// # Errors
/// Forbidden; not found; the database's.
pub async fn revoke_invitation(svc: &Services, actor: &MerchantActor, id: &InvitationId) -> Result<(), ServiceError> {
    actor.require(Permission::ManageTeam)?;
    let input = (actor, id, svc.now());
    svc.db()
        .write(&input, |tx, (actor, id, now)| {
            Box::pin(async move {
                let revoked = invitations::revoke(tx, &actor.scope.merchant, id, *now).await?;
                let (email, role) = revoked.ok_or_else(ServiceError::not_found)?;
                rules::may_manage(actor, &[rows::read(&role)?])?;
                let entry = Entry::by_member(actor, *now, "team.revoke_invitation").on(id).with("email", email);
                Ok(audit::append(tx, &entry).await?)
            })
        })
        .await
}
