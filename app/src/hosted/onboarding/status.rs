//! Where the application stands, and what works in that state.

use super::{Wizard, messages, review};
use crate::components::icon::{icon, icon_of};
use crate::i18n::{Key, k, t, use_locale};
use domain::states::{ApplicationStatus, MerchantStatus};
use leptos::prelude::*;

pub(super) fn page(wizard: &Wizard) -> AnyView {
    view! {
        {headline(wizard)}
        {abilities(wizard.merchant_status)}
        {messages::list(wizard)}
        {review::answers(wizard)}
    }
    .into_any()
}

fn headline(wizard: &Wizard) -> AnyView {
    let locale = use_locale();
    let (class, mark, title, body) = match wizard.view.status {
        ApplicationStatus::Draft => {
            ("banner", "edit", k::ONBOARDING_STATUS_DRAFT_TITLE, k::ONBOARDING_STATUS_DRAFT_BODY)
        }
        ApplicationStatus::Submitted => {
            ("banner banner-info", "clock", k::ONBOARDING_STATUS_SUBMITTED_TITLE, k::ONBOARDING_STATUS_SUBMITTED_BODY)
        }
        ApplicationStatus::InReview => {
            ("banner banner-info", "clock", k::ONBOARDING_STATUS_IN_REVIEW_TITLE, k::ONBOARDING_STATUS_IN_REVIEW_BODY)
        }
        ApplicationStatus::MoreInformation => (
            "banner banner-warning",
            "alert-triangle",
            k::ONBOARDING_STATUS_MORE_INFORMATION_TITLE,
            k::ONBOARDING_STATUS_MORE_INFORMATION_BODY,
        ),
        ApplicationStatus::Approved => (
            "banner banner-success",
            "check-circle",
            k::ONBOARDING_STATUS_APPROVED_TITLE,
            k::ONBOARDING_STATUS_APPROVED_BODY,
        ),
        ApplicationStatus::Denied => {
            ("banner banner-danger", "x-circle", k::ONBOARDING_STATUS_DENIED_TITLE, k::ONBOARDING_STATUS_DENIED_BODY)
        }
    };
    let suspended = (wizard.merchant_status == MerchantStatus::Suspended).then(|| {
        view! { <div class="banner banner-danger">{icon("alert-triangle")}<p>{t(locale, k::ONBOARDING_SUSPENDED)}</p></div> }
    });
    let live = (wizard.merchant_status == MerchantStatus::Active).then(|| {
        let href = format!("/m/{}/live/gateways", wizard.view.merchant_id);
        view! { <div><a class="btn btn-primary" href=href>{t(locale, k::ONBOARDING_CONNECT_LIVE)}</a></div> }
    });
    view! {
        <div class=class>{icon(mark)}<div><b>{t(locale, title)}</b><p>{t(locale, body)}</p></div></div>
        {suspended}
        {live}
    }
    .into_any()
}

fn abilities(status: MerchantStatus) -> AnyView {
    let locale = use_locale();
    let works = status.abilities();
    let rows: [(Key, bool); 5] = [
        (k::ONBOARDING_WORKS_TEST, works.test_charges),
        (k::ONBOARDING_WORKS_LIVE, works.live_charges),
        (k::ONBOARDING_WORKS_REFUNDS, works.live_refunds),
        (k::ONBOARDING_WORKS_PAYOUTS, works.payouts),
        (k::ONBOARDING_WORKS_API, works.live_api),
    ];
    let rows: Vec<_> = rows
        .into_iter()
        .map(|(name, yes)| {
            let (class, mark, word) = if yes {
                ("badge badge-success", "check-circle", k::ONBOARDING_WORKS_YES)
            } else {
                ("badge badge-neutral", "minus", k::ONBOARDING_WORKS_NO)
            };
            view! {
                <div><dt>{t(locale, name)}</dt><dd><span class=class>{icon_of(mark, "icon-sm")} " " {t(locale, word)}</span></dd></div>
            }
        })
        .collect();
    view! {
        <section class="card">
            <header class="card-head"><h2>{t(locale, k::ONBOARDING_WORKS_TITLE)}</h2></header>
            <div class="card-body"><dl class="kv">{rows}</dl></div>
        </section>
    }
    .into_any()
}
