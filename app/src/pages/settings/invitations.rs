//! Open invitations, and the form that sends one.

use super::team::roles;
use crate::api::settings::{Invite, RevokeInvitation};
use crate::components::form::ActionForm;
use crate::components::form::{hidden, submit};
use crate::components::time::moment_day;
use crate::components::{Field, FormCx, empty, moment};
use crate::i18n::{code_text, k, t, tf, use_locale};
use crate::pages::scope_fields;
use crate::wire::Act;
use domain::Scope;
use domain::views::account::{Invitation, Team};
use leptos::prelude::*;

/// The open invitations.
pub(super) fn invitations(scope: &Scope, team: &Team, revoke: Act<RevokeInvitation>) -> AnyView {
    let locale = use_locale();
    let rows: Vec<AnyView> =
        team.invitations.iter().map(|one| row(scope, one, team.may_manage_owners, revoke)).collect();
    let list = if rows.is_empty() {
        empty("mail", t(locale, k::SETTINGS_NO_INVITATIONS), t(locale, k::SETTINGS_NO_INVITATIONS_TEXT), ().into_any())
    } else {
        view! {
            <div class="table-wrap" role="region" aria-label=t(locale, k::SETTINGS_INVITATIONS) tabindex="0">
                <table class="table">
                    <thead><tr>
                        <th scope="col">{t(locale, k::SETTINGS_COL_EMAIL)}</th>
                        <th scope="col">{t(locale, k::SETTINGS_COL_ROLE)}</th>
                        <th scope="col" class="mid">{t(locale, k::SETTINGS_COL_SENT)}</th>
                        <th scope="col" class="lo">{t(locale, k::SETTINGS_COL_UNTIL)}</th>
                        <th scope="col" class="act"><span class="visually-hidden">{t(locale, k::SETTINGS_COL_ACTIONS)}</span></th>
                    </tr></thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        }
        .into_any()
    };
    view! {
        <section class="stack gap-3">
            <h2>{t(locale, k::SETTINGS_INVITATIONS)}</h2>
            {FormCx::of(revoke).with_ids("revoke-").summary()}
            {list}
        </section>
    }
    .into_any()
}

fn row(scope: &Scope, one: &Invitation, owners: bool, revoke: Act<RevokeInvitation>) -> AnyView {
    let locale = use_locale();
    let label = tf(locale, k::SETTINGS_INVITATION_REVOKE_WHOM, &[("email", &one.email)]);
    let fixed = view! { {scope_fields(scope)} {hidden("id", one.id.as_str())} };
    let form = (owners || one.role != domain::MerchantRole::Owner).then(|| {
        view! {
            <ActionForm action=revoke>
                {fixed}
                <button class="btn btn-sm btn-danger-quiet" aria-label=label>{t(locale, k::SETTINGS_INVITATION_REVOKE)}</button>
            </ActionForm>
        }
    });
    view! {
        <tr>
            <td><bdi dir="ltr">{one.email.clone()}</bdi></td>
            <td>{code_text(locale, "role.merchant.", one.role.as_str())}</td>
            <td class="mid nowrap">{moment(one.created_at)}</td>
            <td class="lo nowrap">{moment_day(one.expires_at)}</td>
            <td class="act">{form}</td>
        </tr>
    }
    .into_any()
}

/// Invites somebody.
#[component]
pub(super) fn InviteForm(
    /// Merchant and mode.
    scope: Scope,
    /// The action.
    action: Act<Invite>,
    /// Whether owners can be invited.
    owners: bool,
) -> impl IntoView {
    let locale = use_locale();
    let cx = FormCx::of(action).with_prefix("").with_ids("invite-");
    view! {
        <section class="card card-pad stack">
            <h2>{t(locale, k::SETTINGS_INVITE_TITLE)}</h2>
            <ActionForm action=action class="form">
                {cx.summary()}
                {scope_fields(&scope)}
                {Field::new("email", t(locale, k::SETTINGS_COL_EMAIL))
                    .kind("email")
                    .help(t(locale, k::SETTINGS_INVITE_HELP))
                    .autocomplete("off")
                    .view(&cx)}
                {Field::new("role", t(locale, k::SETTINGS_COL_ROLE)).value("viewer").radios(&cx, roles(locale, owners))}
                <div class="form-actions">{submit(action.pending(), "btn-primary", t(locale, k::SETTINGS_INVITE))}</div>
            </ActionForm>
        </section>
    }
    .into_any()
}
