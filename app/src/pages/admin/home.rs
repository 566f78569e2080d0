//! The operator's home: what waits.

use crate::api::admin::LoadAdminHome;
use crate::components::{PageHead, load};
use crate::i18n::{Key, k, number, t, use_locale};
use crate::wire::Loaded;
use domain::views::admin::AdminHome;
use leptos::prelude::*;

/// What waits for somebody.
#[component]
pub fn AdminHomePage() -> impl IntoView {
    let home = Loaded::new(|| LoadAdminHome {});
    view! {
        <PageHead title=k::ADMIN_HOME note=k::ADMIN_HOME_NOTE/>
        {load(home, stats)}
    }
    .into_any()
}

fn stats(home: AdminHome) -> AnyView {
    view! {
        <div class="stats">
            {stat("/admin/applications", k::ADMIN_STAT_WAITING, home.waiting)}
            {stat("/admin/applications?assigned=nobody", k::ADMIN_STAT_UNASSIGNED, home.unassigned)}
            {stat("/admin/merchants?status=active", k::ADMIN_STAT_ACTIVE, home.active_merchants)}
            {stat("/admin/merchants?status=suspended", k::ADMIN_STAT_SUSPENDED, home.suspended_merchants)}
            {stat("/admin/mail", k::ADMIN_STAT_FAILED_MAILS, home.failed_mails)}
            {fact(k::ADMIN_STAT_UNKNOWN, home.unknown_payments)}
            {stat("/admin/jobs", k::ADMIN_STAT_DEAD_JOBS, home.dead_jobs)}
        </div>
    }
    .into_any()
}

fn stat(href: &'static str, name: Key, value: i64) -> AnyView {
    let locale = use_locale();
    view! {
        <a class="stat" href=href><span class="stat-label">{t(locale, name)}</span><span class="stat-value">{number(locale, value)}</span></a>
    }
    .into_any()
}

fn fact(name: Key, value: i64) -> AnyView {
    let locale = use_locale();
    view! {
        <div class="stat"><span class="stat-label">{t(locale, name)}</span><span class="stat-value">{number(locale, value)}</span></div>
    }
    .into_any()
}
