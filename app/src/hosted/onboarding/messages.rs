//! What reviewers and the merchant wrote to each other.

use super::Wizard;
use crate::hosted::form::{Field, FormCx, error_summary, hidden};
use crate::i18n::{Key, k, t, use_locale, when};
use domain::states::ApplicationStatus;
use domain::views::application::Message;
use leptos::prelude::*;

/// The messages, oldest first; nothing when there are none.
pub(super) fn list(wizard: &Wizard) -> AnyView {
    let locale = use_locale();
    if wizard.view.messages.is_empty() {
        return ().into_any();
    }
    let items: Vec<_> = wizard.view.messages.iter().map(message).collect();
    view! {
        <section class="card" id="messages" aria-labelledby="messages-title">
            <header class="card-head"><h2 id="messages-title">{t(locale, k::ONBOARDING_MESSAGES)}</h2></header>
            <div class="card-body"><ul class="notes">{items}</ul></div>
        </section>
    }
    .into_any()
}

fn message(message: &Message) -> AnyView {
    let locale = use_locale();
    let by = message.author.clone();
    view! {
        <li class="note">
            <div>
                <p>
                    <b>{t(locale, kind(&message.kind))}</b>
                    {by.map(|by| view! { " · " <bdi>{by}</bdi> })}
                    " " <time class="muted small" datetime=message.at.rfc3339()>{when(locale, message.at)}</time>
                </p>
                <p class="prose" dir="auto">{message.body.clone()}</p>
            </div>
        </li>
    }
    .into_any()
}

fn kind(kind: &str) -> Key {
    match kind {
        "request" => k::ONBOARDING_MESSAGE_REQUEST,
        "decision" => k::ONBOARDING_MESSAGE_DECISION,
        "answer" => k::ONBOARDING_MESSAGE_ANSWER,
        _ => k::ONBOARDING_MESSAGE_SUBMISSION,
    }
}

/// A form to answer, when reviewers asked or refused.
pub(super) fn answer(cx: &FormCx, wizard: &Wizard) -> AnyView {
    let locale = use_locale();
    if !matches!(wizard.view.status, ApplicationStatus::MoreInformation | ApplicationStatus::Denied) {
        return ().into_any();
    }
    let field = Field::new("text", t(locale, k::ONBOARDING_ANSWER))
        .value(&wizard.typed)
        .help(t(locale, k::ONBOARDING_ANSWER_HELP));
    view! {
        <form class="form" method="post" action="/onboarding/answer" novalidate>
            {error_summary(cx)}
            {hidden("m", wizard.view.merchant_id.to_string())}
            {field.area(cx, 5)}
            <div class="form-actions"><button type="submit" class="btn">{t(locale, k::ONBOARDING_ANSWER_SEND)}</button></div>
        </form>
    }
    .into_any()
}
