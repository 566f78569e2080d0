//! Join a team.

use super::login::with_next;
use super::{Typed, card, name_field, new_password_field};
use crate::hosted::form::{FormCx, error_summary, hidden, submit_button};
use crate::i18n::{code_text, k, t, tf};
use crate::request::RequestInfo;
use domain::{MerchantRole, Problem};
use leptos::prelude::*;

/// Who looks at the invitation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Visitor {
    /// Nobody with that address has an account: name and password make one.
    New,
    /// An account with that address exists, and nobody is logged in.
    MustLogIn,
    /// The invited person is logged in.
    Invited,
    /// Somebody else is logged in, under this address.
    Other(String),
}

/// The page's state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvitationView {
    /// Whose team.
    pub business: String,
    /// The role offered.
    pub role: MerchantRole,
    /// The invited address.
    pub email: String,
    /// Who looks.
    pub visitor: Visitor,
    /// What was typed.
    pub typed: Typed,
    /// What is wrong.
    pub problem: Option<Problem>,
}

/// The page; its forms go back to the link's own address.
#[must_use]
pub fn invitation(info: &RequestInfo, path: &str, view: InvitationView) -> String {
    let locale = info.locale;
    let error = view.problem.is_some();
    let title = tf(locale, k::AUTH_INVITATION_TITLE, &[("business", &isolated(&view.business))]);
    let action = path.to_owned();
    let body = move || {
        let role = code_text(locale, "role.merchant.", view.role.as_str());
        let intro = tf(locale, k::AUTH_INVITATION_INTRO, &[("role", &role), ("email", &isolated(&view.email))]);
        let cx = FormCx::hosted(view.problem);
        let rest = match view.visitor {
            Visitor::New => view! {
                <form class="form" method="post" action=action novalidate>
                    {error_summary(&cx)}
                    {name_field(&cx, &view.typed.name)}
                    <input type="hidden" name="username" autocomplete="username" value=view.email.clone()/>
                    {new_password_field(&cx, k::AUTH_PASSWORD)}
                    {submit_button(t(locale, k::AUTH_INVITATION_SUBMIT_NEW))}
                </form>
            }
            .into_any(),
            Visitor::MustLogIn => view! {
                <p>{t(locale, k::AUTH_INVITATION_LOG_IN)}</p>
                <a class="btn btn-primary btn-lg btn-block" href=with_next("/login", Some(&action))>
                    {t(locale, k::AUTH_INVITATION_LOG_IN_ACTION)}
                </a>
            }
            .into_any(),
            Visitor::Invited => view! {
                <p class="muted">{tf(locale, k::AUTH_INVITATION_AS, &[("email", &isolated(&view.email))])}</p>
                <form class="form" method="post" action=action>
                    {error_summary(&cx)}
                    {submit_button(t(locale, k::AUTH_INVITATION_SUBMIT))}
                </form>
            }
            .into_any(),
            Visitor::Other(email) => view! {
                <p>{tf(locale, k::AUTH_INVITATION_OTHER, &[("invited", &isolated(&view.email)), ("email", &isolated(&email))])}</p>
                <form class="form" method="post" action="/logout">
                    {hidden("next", action)}
                    {submit_button(t(locale, k::AUTH_LOG_OUT))}
                </form>
            }
            .into_any(),
        };
        view! { <p class="muted">{intro}</p> {rest} }.into_any()
    };
    card(info, &title, error, path, body, super::nothing)
}

/// A name or an address with a direction of its own, inside a sentence of another (Unicode's first-strong isolate).
fn isolated(text: &str) -> String {
    format!("\u{2068}{text}\u{2069}")
}
