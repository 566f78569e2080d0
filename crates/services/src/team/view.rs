//! The team page.

use crate::{MerchantActor, ServiceError, Services, rows};
use domain::{
    MerchantRole, Permission, Timestamp,
    views::account::{Invitation, Team, TeamMember},
};
use store::{invitations, members};

/// The team page.
///
/// # Errors
/// The database's.
pub async fn view(svc: &Services, actor: &MerchantActor) -> Result<Team, ServiceError> {
    let may_manage = actor.role.may(Permission::ManageTeam);
    let mut tx = svc.db().read().await?;
    let mut team = Vec::new();
    for row in members::of_merchant(&mut tx, &actor.scope.merchant).await? {
        let user_id = rows::read(&row.user_id)?;
        team.push(TeamMember {
            is_me: user_id == actor.user_id,
            user_id,
            name: row.name,
            email: row.email,
            role: rows::read(&row.role)?,
            since: Timestamp(row.created_at),
        });
    }
    team.sort_by_key(|m| MerchantRole::ALL.iter().position(|r| *r == m.role));
    let mut open = Vec::new();
    if may_manage {
        for row in invitations::open(&mut tx, &actor.scope.merchant, svc.now()).await? {
            open.push(Invitation {
                id: rows::read(&row.id)?,
                email: row.email,
                role: rows::read(&row.role)?,
                created_at: Timestamp(row.created_at),
                expires_at: Timestamp(row.expires_at),
            });
        }
    }
    Ok(Team {
        members: team,
        invitations: open,
        may_manage,
        may_manage_owners: actor.role.may(Permission::ManageOwners),
    })
}
