//! The sandbox's stand-in for the bank's page.

use super::parts::{money, notice};
use super::status::plain;
use crate::components::icon::icon_of;
use crate::hosted::form::{FormCx, error_summary};
use crate::hosted::{HostedPage, page};
use crate::i18n::{k, t, tf};
use crate::request::RequestInfo;
use domain::Problem;
use domain::views::checkout::ChallengeView;
use leptos::prelude::*;

/// Asks how the bank shall answer.
#[must_use]
pub fn challenge_page(info: &RequestInfo, token: &str, challenge: &ChallengeView, problem: Option<Problem>) -> String {
    let locale = info.locale;
    if !challenge.open {
        return challenge_over(info);
    }
    let amount = challenge.amount.display();
    let last4 = challenge.card_last4.clone().unwrap_or_default();
    let body = tf(
        locale,
        k::CHALLENGE_BODY,
        &[("merchant", &challenge.merchant_name), ("amount", &amount), ("last4", &last4)],
    );
    let error = problem.is_some();
    let content = move || {
        let cx = FormCx::hosted(problem);
        let choice = view! {
            <form method="post" action=format!("/challenge/{token}") class="cluster">
                <button class="btn btn-primary btn-lg" name="answer" value="approve">{t(locale, k::CHALLENGE_APPROVE)}</button>
                <button class="btn btn-lg" name="answer" value="refuse">{t(locale, k::CHALLENGE_REFUSE)}</button>
            </form>
        };
        view! {
            {notice(info, challenge.mode)}
            <main class="status-page status-info" id="main">
                <p class="strong">{icon_of("bank", "icon-md")}" "{t(locale, k::CHALLENGE_BANK)}</p>
                <h1>{t(locale, k::CHALLENGE_TITLE)}</h1>
                <p class="headline-amount">{money(challenge.amount)}</p>
                <p>{body}</p>
                <p class="muted">{t(locale, k::CHALLENGE_NOTE)}</p>
                {error_summary(&cx)}
                {cx.part("answer", t(locale, k::CHALLENGE_TITLE), choice.into_any())}
            </main>
        }
    };
    page(HostedPage { error, has_notice: true, ..HostedPage::new(t(locale, k::CHALLENGE_TITLE), info) }, content)
}

/// A challenge that is answered or too old.
#[must_use]
pub fn challenge_over(info: &RequestInfo) -> String {
    plain(info, k::CHALLENGE_DONE_TITLE, k::CHALLENGE_DONE_BODY)
}
