//! One's own login sessions.

use super::browser::describe;
use super::nav::{SESSIONS, head};
use crate::api::settings::{MySessions, RevokeOtherSessions, RevokeSession};
use crate::components::badge::SUCCESS;
use crate::components::form::ActionForm;
use crate::components::form::{hidden, submit};
use crate::components::success::{Notice, successes};
use crate::components::{FormCx, Loaded, badge, empty, load, moment};
use crate::i18n::{k, t, tf, use_locale};
use crate::wire::Act;
use domain::Locale;
use domain::views::account::LoginSession;
use leptos::prelude::*;

/// The sessions of whoever looks.
#[component]
pub fn SessionsPage() -> impl IntoView {
    let locale = use_locale();
    let (one, others) = (Act::<RevokeSession>::new(), Act::<RevokeOtherSessions>::new());
    let done = [successes(one), successes(others)];
    let data: Loaded<Vec<LoginSession>> = Loaded::new(|| MySessions {}).after(done);
    let notice = Notice::new(None);
    notice.after(one, t(locale, k::SETTINGS_SESSION_ENDED));
    notice.after(others, t(locale, k::SETTINGS_SESSIONS_ENDED));
    view! {
        {head(SESSIONS)}
        {notice.view()}
        {FormCx::of(one).with_ids("one-").summary()}
        {FormCx::of(others).with_ids("others-").summary()}
        {load(data, move |sessions| table(sessions, one, others))}
    }
    .into_any()
}

fn table(sessions: Vec<LoginSession>, one: Act<RevokeSession>, others: Act<RevokeOtherSessions>) -> AnyView {
    let locale = use_locale();
    if sessions.is_empty() {
        return empty(
            "monitor",
            t(locale, k::SETTINGS_NO_SESSIONS),
            t(locale, k::SETTINGS_NO_SESSIONS_TEXT),
            ().into_any(),
        );
    }
    let all = (sessions.len() > 1).then(|| {
        view! {
            <ActionForm action=others>
                {submit(others.pending(), "btn-danger-quiet", t(locale, k::SETTINGS_SESSIONS_END_OTHERS))}
            </ActionForm>
        }
    });
    let rows: Vec<AnyView> = sessions.into_iter().map(|session| row(session, one)).collect();
    view! {
        <div class="table-wrap" role="region" aria-label=t(locale, k::SETTINGS_SESSIONS) tabindex="0">
            <table class="table">
                <thead><tr>
                    <th scope="col">{t(locale, k::SETTINGS_COL_BROWSER)}</th>
                    <th scope="col" class="mid">{t(locale, k::SETTINGS_COL_ADDRESS)}</th>
                    <th scope="col" class="lo">{t(locale, k::SETTINGS_COL_LOGGED_IN)}</th>
                    <th scope="col">{t(locale, k::SETTINGS_COL_LAST_SEEN)}</th>
                    <th scope="col" class="act"><span class="visually-hidden">{t(locale, k::SETTINGS_COL_ACTIONS)}</span></th>
                </tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
        {all}
    }
    .into_any()
}

fn row(session: LoginSession, one: Act<RevokeSession>) -> AnyView {
    let locale = use_locale();
    let name = browser(locale, session.user_agent.as_deref());
    let label = tf(locale, k::SETTINGS_SESSION_END_WHICH, &[("browser", &name)]);
    let act = if session.current {
        badge(SUCCESS, t(locale, k::SETTINGS_SESSION_THIS))
    } else {
        view! {
            <ActionForm action=one>
                {hidden("handle", session.handle)}
                <button class="btn btn-sm btn-danger-quiet" aria-label=label>{t(locale, k::SETTINGS_SESSION_END)}</button>
            </ActionForm>
        }
        .into_any()
    };
    view! {
        <tr>
            <td title=session.user_agent><bdi>{name}</bdi></td>
            <td class="mid"><bdi dir="ltr">{session.ip}</bdi></td>
            <td class="lo nowrap">{moment(session.created_at)}</td>
            <td class="nowrap">{moment(session.last_seen_at)}</td>
            <td class="act">{act}</td>
        </tr>
    }
    .into_any()
}

/// "Firefox on Linux".
fn browser(locale: Locale, agent: Option<&str>) -> String {
    match describe(agent.unwrap_or_default()) {
        (Some(browser), Some(system)) => {
            tf(locale, k::SETTINGS_BROWSER_ON, &[("browser", &browser), ("system", &system)])
        }
        (Some(name), None) | (None, Some(name)) => name.to_owned(),
        (None, None) => t(locale, k::SETTINGS_BROWSER_UNKNOWN).to_owned(),
    }
}
