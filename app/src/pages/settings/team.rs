//! The team: who belongs to it, what each may do, and who is invited.

use super::invitations::{InviteForm, invitations};
use super::members::{Chosen, MemberDialogs, table};
use super::nav::{TEAM, head};
use crate::api::settings::{ChangeRole, Invite, LoadTeam, RemoveMember, RevokeInvitation};
use crate::components::success::{Notice, anew, on_success, successes};
use crate::components::{Choice, Loaded, load, quiet};
use crate::i18n::{code_text, k, t, use_locale};
use crate::pages::{may, use_scope, use_viewer};
use crate::wire::Act;
use domain::views::account::Team;
use domain::{Locale, MerchantRole, Permission};
use leptos::prelude::*;

/// The roles that somebody may give, each with what it may do.
pub(super) fn roles(locale: Locale, owners: bool) -> Vec<Choice> {
    MerchantRole::ALL
        .iter()
        .filter(|role| owners || **role != MerchantRole::Owner)
        .map(|role| {
            let help = code_text(locale, "role.merchant_help.", role.as_str());
            Choice::new(role.as_str(), code_text(locale, "role.merchant.", role.as_str())).help(help)
        })
        .collect()
}

/// Members and invitations.
#[component]
pub fn TeamPage() -> impl IntoView {
    let (scope, viewer, locale) = (use_scope(), use_viewer(), use_locale());
    let (invite, revoke) = (Act::<Invite>::new(), Act::<RevokeInvitation>::new());
    let (change, remove) = (Act::<ChangeRole>::new(), Act::<RemoveMember>::new());
    let done = [successes(invite), successes(revoke), successes(change), successes(remove)];
    let asked = scope.clone();
    let data: Loaded<Team> = Loaded::new(move || LoadTeam { scope: asked.clone() }).after(done);
    let notice = Notice::new(None);
    notice.after(invite, t(locale, k::SETTINGS_INVITED));
    notice.after(revoke, t(locale, k::SETTINGS_INVITATION_REVOKED));
    notice.after(change, t(locale, k::SETTINGS_ROLE_CHANGED));
    notice.after(remove, t(locale, k::SETTINGS_MEMBER_REMOVED));
    let chosen = Chosen::new();
    on_success(change, move || {
        chosen.role_open.set(false);
        // One's own role decides what the frame shows.
        viewer.refetch();
    });
    on_success(remove, move || {
        chosen.remove_open.set(false);
        if chosen.member.with_untracked(|m| m.as_ref().is_some_and(|m| m.is_me)) {
            // This business is somebody else's now. The address is ours, so that the browser goes there.
            let _ = window().location().set_href("/");
        }
    });
    let (invited, form_scope) = (successes(invite), scope.clone());
    let lists_scope = scope.clone();
    view! {
        {head(TEAM)}
        {notice.view()}
        {load(data, move |team| {
            view! {
                <div class="stack gap-6">
                    {table(&team, chosen)}
                    {team.may_manage.then(|| invitations(&lists_scope, &team, revoke))}
                </div>
            }
            .into_any()
        })}
        {quiet(viewer, move |viewer| {
            let scope = form_scope.clone();
            let owners = may(&viewer, &scope, Permission::ManageOwners);
            let manages = may(&viewer, &scope, Permission::ManageTeam);
            // Apart from the lists, which are loaded anew after each change, and made anew after each invitation that was
            // sent, so that it is empty; what was typed stays otherwise.
            let form = move || view! { <InviteForm scope=scope.clone() action=invite owners=owners/> }.into_any();
            manages.then(|| anew(invited.into(), form)).into_any()
        })}
        <MemberDialogs scope=scope chosen=chosen change=change remove=remove/>
    }
    .into_any()
}
