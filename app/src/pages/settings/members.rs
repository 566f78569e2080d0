//! Members: the table, and the dialogs that change a role and remove somebody.

use super::team::roles;
use crate::api::settings::{ChangeRole, RemoveMember};
use crate::components::dialog::{Dialog, cancel_button};
use crate::components::form::ActionForm;
use crate::components::form::{hidden, submit, submit_with};
use crate::components::success::anew;
use crate::components::{Field, FormCx, moment};
use crate::i18n::{code_text, k, t, tf, use_locale};
use crate::pages::scope_fields;
use crate::wire::Act;
use domain::views::account::{Team, TeamMember};
use domain::{MerchantRole, Scope};
use leptos::prelude::*;

/// Whom a dialog is about.
#[derive(Clone, Copy)]
pub(super) struct Chosen {
    /// The member.
    pub member: RwSignal<Option<TeamMember>>,
    /// Whether owners can be made.
    owners: RwSignal<bool>,
    /// How often a dialog was opened: each time its fields are made anew.
    turn: RwSignal<usize>,
    /// The dialog of the role.
    pub role_open: RwSignal<bool>,
    /// The dialog that removes.
    pub remove_open: RwSignal<bool>,
}

impl Chosen {
    pub(super) fn new() -> Self {
        Self {
            member: RwSignal::new(None),
            owners: RwSignal::new(false),
            turn: RwSignal::new(0),
            role_open: RwSignal::new(false),
            remove_open: RwSignal::new(false),
        }
    }
}

/// The members. A team has one at least: whoever looks.
pub(super) fn table(team: &Team, chosen: Chosen) -> AnyView {
    let locale = use_locale();
    let rows: Vec<AnyView> = team.members.iter().map(|member| row(team, member, chosen)).collect();
    view! {
        <section class="stack gap-3">
            <h2>{t(locale, k::SETTINGS_MEMBERS)}</h2>
            <div class="table-wrap" role="region" aria-label=t(locale, k::SETTINGS_MEMBERS) tabindex="0">
                <table class="table">
                    <thead><tr>
                        <th scope="col">{t(locale, k::SETTINGS_COL_NAME)}</th>
                        <th scope="col">{t(locale, k::SETTINGS_COL_ROLE)}</th>
                        <th scope="col" class="mid">{t(locale, k::SETTINGS_COL_SINCE)}</th>
                        <th scope="col" class="act"><span class="visually-hidden">{t(locale, k::SETTINGS_COL_ACTIONS)}</span></th>
                    </tr></thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        </section>
    }
    .into_any()
}

fn row(team: &Team, member: &TeamMember, chosen: Chosen) -> AnyView {
    let locale = use_locale();
    let me = member.is_me.then(|| view! { " " <span class="badge badge-neutral">{t(locale, k::SETTINGS_YOU)}</span> });
    view! {
        <tr>
            <td>
                <bdi>{member.name.clone()}</bdi> {me}
                <span class="sub"><bdi dir="ltr">{member.email.clone()}</bdi></span>
            </td>
            <td>{code_text(locale, "role.merchant.", member.role.as_str())}</td>
            <td class="mid nowrap">{moment(member.since)}</td>
            <td class="act">{actions(team, member, chosen)}</td>
        </tr>
    }
    .into_any()
}

/// What the viewer may do about a member; everybody may leave.
fn actions(team: &Team, member: &TeamMember, chosen: Chosen) -> AnyView {
    let locale = use_locale();
    let manages = team.may_manage && (team.may_manage_owners || member.role != MerchantRole::Owner);
    let owners = team.may_manage_owners;
    let named = [("name", &member.name as &dyn std::fmt::Display)];
    let role = manages.then(|| {
        let member = member.clone();
        let label = tf(locale, k::SETTINGS_ROLE_OF, &named);
        let press = move |_| {
            chosen.member.set(Some(member.clone()));
            chosen.owners.set(owners);
            chosen.turn.update(|n| *n += 1);
            chosen.role_open.set(true);
        };
        view! { <button type="button" class="btn btn-sm" aria-label=label on:click=press>{t(locale, k::SETTINGS_ROLE_CHANGE)}</button> }
    });
    let remove = (manages || member.is_me).then(|| {
        let (word, label) = if member.is_me {
            (k::SETTINGS_LEAVE, t(locale, k::SETTINGS_LEAVE).to_owned())
        } else {
            (k::SETTINGS_REMOVE, tf(locale, k::SETTINGS_REMOVE_WHOM, &named))
        };
        let member = member.clone();
        let press = move |_| {
            chosen.member.set(Some(member.clone()));
            chosen.remove_open.set(true);
        };
        view! { <button type="button" class="btn btn-sm btn-danger-quiet" aria-label=label on:click=press>{t(locale, word)}</button> }
    });
    view! { <span class="row">{role} {remove}</span> }.into_any()
}

/// The dialogs, once for all members: they stay in the page while the table is loaded anew.
#[component]
pub(super) fn MemberDialogs(
    /// Merchant and mode.
    scope: Scope,
    /// Whom they are about.
    chosen: Chosen,
    /// Changes a role.
    change: Act<ChangeRole>,
    /// Removes.
    remove: Act<RemoveMember>,
) -> impl IntoView {
    // A problem belongs to the member for whom the dialog was open.
    Effect::new(move |_| {
        if chosen.role_open.get() {
            change.value().set(None);
        }
        if chosen.remove_open.get() {
            remove.value().set(None);
        }
    });
    view! {
        {role_dialog(&scope, chosen, change)}
        {remove_dialog(&scope, chosen, remove)}
    }
    .into_any()
}

fn role_dialog(scope: &Scope, chosen: Chosen, action: Act<ChangeRole>) -> AnyView {
    let locale = use_locale();
    let (open, place) = (chosen.role_open, scope_fields(scope));
    let cx = FormCx::of(action).with_prefix("").with_ids("role-").while_open(open);
    let fields = move || {
        let member = chosen.member.get_untracked();
        let fields = member.map(|member| {
            view! {
                <p><bdi>{member.name.clone()}</bdi> " " <bdi class="muted" dir="ltr">{member.email.clone()}</bdi></p>
                {hidden("user", member.user_id.as_str())}
                {Field::new("role", t(locale, k::SETTINGS_COL_ROLE))
                    .value(member.role.as_str())
                    .radios(&cx, roles(locale, chosen.owners.get_untracked()))}
            }
        });
        fields.into_any()
    };
    view! {
        <Dialog open=open id="role-title" title=t(locale, k::SETTINGS_ROLE_CHANGE).to_owned()>
            <ActionForm action=action>
                <div class="dialog-body">
                    {cx.summary()}
                    {place}
                    {anew(chosen.turn.into(), fields)}
                </div>
                <footer class="dialog-foot">
                    {cancel_button(open)}
                    {submit(action.pending(), "btn-primary", t(locale, k::FORM_SAVE))}
                </footer>
            </ActionForm>
        </Dialog>
    }
    .into_any()
}

fn remove_dialog(scope: &Scope, chosen: Chosen, action: Act<RemoveMember>) -> AnyView {
    let locale = use_locale();
    let (open, place) = (chosen.remove_open, scope_fields(scope));
    let cx = FormCx::of(action).with_prefix("").with_ids("remove-").while_open(open);
    let is_me = move || chosen.member.with(|m| m.as_ref().is_some_and(|m| m.is_me));
    let sentence = move || {
        chosen.member.get().map(|member| {
            let key = if member.is_me { k::SETTINGS_LEAVE_TEXT } else { k::SETTINGS_REMOVE_TEXT };
            view! { <p>{tf(locale, key, &[("name", &member.name)])}</p> {hidden("user", member.user_id.as_str())} }
        })
    };
    let word = move || t(locale, if is_me() { k::SETTINGS_LEAVE } else { k::SETTINGS_REMOVE }).to_owned();
    view! {
        <Dialog open=open id="remove-title" title=t(locale, k::SETTINGS_REMOVE_TITLE).to_owned()>
            <ActionForm action=action>
                <div class="dialog-body">
                    {cx.summary()}
                    {place}
                    {sentence}
                </div>
                <footer class="dialog-foot">
                    {cancel_button(open)}
                    {submit_with(action.pending(), "btn-danger", Signal::derive(word))}
                </footer>
            </ActionForm>
        </Dialog>
    }
    .into_any()
}
