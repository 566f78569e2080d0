//! The operator's staff.

use crate::api::admin::{AdminCreateStaff, AdminSetStaffDisabled, AdminStaff};
use crate::components::badge::{ENDED, SUCCESS};
use crate::components::form::ActionForm;
use crate::components::form::submit;
use crate::components::success::successes;
use crate::components::{Choice, Field, FormCx, PageHead, badge, load};
use crate::i18n::{code_text, k, t, use_locale};
use crate::wire::Act;
use crate::wire::Loaded;
use domain::StaffRole;
use domain::views::admin::StaffRow;
use leptos::prelude::*;

/// Who works for the operator.
#[component]
pub fn StaffPage() -> impl IntoView {
    let create = Act::<AdminCreateStaff>::new();
    let disable = Act::<AdminSetStaffDisabled>::new();
    let done = [successes(create), successes(disable)];
    let rows = Loaded::new(|| AdminStaff {}).after(done);
    view! {
        <PageHead title=k::ADMIN_STAFF note=k::ADMIN_STAFF_NOTE/>
        <div class="stack gap-6">
            {FormCx::of(disable).with_ids("disable-").summary()}
            {load(rows, move |rows| table(rows, disable))}
            {form(create)}
        </div>
    }
    .into_any()
}

fn table(rows: Vec<StaffRow>, disable: Act<AdminSetStaffDisabled>) -> AnyView {
    let locale = use_locale();
    let rows: Vec<AnyView> = rows.into_iter().map(|row| person(row, disable)).collect();
    view! {
        <div class="table-wrap" role="region" aria-label=t(locale, k::ADMIN_STAFF) tabindex="0">
            <table class="table">
                <thead><tr>
                    <th scope="col">{t(locale, k::ADMIN_COL_NAME)}</th>
                    <th scope="col">{t(locale, k::ADMIN_COL_ROLE)}</th>
                    <th scope="col">{t(locale, k::ADMIN_COL_STATUS)}</th>
                    <th class="act"><span class="visually-hidden">{t(locale, k::ADMIN_COL_ACTIONS)}</span></th>
                </tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}

fn person(row: StaffRow, disable: Act<AdminSetStaffDisabled>) -> AnyView {
    let locale = use_locale();
    let (tone, word) = if row.disabled { (ENDED, k::ADMIN_STAFF_CLOSED) } else { (SUCCESS, k::ADMIN_STAFF_OPEN) };
    let label = if row.disabled { k::ADMIN_STAFF_REOPEN } else { k::ADMIN_STAFF_CLOSE };
    let toggle = (!row.is_me).then(|| {
        view! {
            <ActionForm action=disable>
                <input type="hidden" name="user" value=row.user_id.to_string()/>
                <input type="hidden" name="disabled" value=(!row.disabled).to_string()/>
                <button class="btn btn-sm">{t(locale, label)}</button>
            </ActionForm>
        }
    });
    view! {
        <tr>
            <td><bdi>{row.name.clone()}</bdi><span class="sub"><bdi dir="ltr">{row.email.clone()}</bdi></span></td>
            <td>{code_text(locale, "role.staff.", row.role.as_str())}</td>
            <td>{badge(tone, t(locale, word))}</td>
            <td class="act">{toggle}</td>
        </tr>
    }
    .into_any()
}

fn form(create: Act<AdminCreateStaff>) -> AnyView {
    let locale = use_locale();
    let cx = FormCx::of(create).with_prefix("");
    let done = move || {
        let made = create.value().with(|v| matches!(v, Some(Ok(_))));
        made.then(|| view! { <p class="banner banner-success" role="status">{t(locale, k::ADMIN_STAFF_INVITED)}</p> })
    };
    let roles = StaffRole::ALL
        .iter()
        .map(|r| {
            let help = code_text(locale, "role.staff_help.", r.as_str());
            Choice::new(r.as_str(), code_text(locale, "role.staff.", r.as_str())).help(help)
        })
        .collect();
    view! {
        <section class="card card-pad stack">
            <h2>{t(locale, k::ADMIN_STAFF_ADD)}</h2>
            {done}
            <ActionForm action=create class="form">
                {cx.summary()}
                {Field::new("name", t(locale, k::ADMIN_COL_NAME)).autocomplete("off").view(&cx)}
                {Field::new("email", t(locale, k::ADMIN_STAFF_EMAIL)).kind("email").autocomplete("off").view(&cx)}
                {Field::new("role", t(locale, k::ADMIN_COL_ROLE)).value("reviewer").radios(&cx, roles)}
                <div class="form-actions">{submit(create.pending(), "btn-primary", t(locale, k::ADMIN_STAFF_ADD))}</div>
            </ActionForm>
        </section>
    }
    .into_any()
}
