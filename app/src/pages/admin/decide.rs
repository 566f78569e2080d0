//! Deciding an application, and suspending a merchant: each in a dialog that says what follows.

use crate::api::admin::{AdminDecide, AdminReinstate, AdminSuspend};
use crate::components::dialog::{Dialog, cancel_button};
use crate::components::form::ActionForm;
use crate::components::form::submit;
use crate::components::{Field, FormCx};
use crate::i18n::{Key, k, t, tf, use_locale};
use crate::wire::Act;
use domain::states::MerchantStatus;
use domain::views::admin::ReviewView;
use leptos::prelude::*;

/// The actions of the review page.
#[derive(Clone, Copy)]
pub struct Decisions {
    /// Approve, ask, deny.
    pub decide: Act<AdminDecide>,
    /// Stop live charging.
    pub suspend: Act<AdminSuspend>,
    /// Let it charge again.
    pub reinstate: Act<AdminReinstate>,
}

/// The buttons that fit the state, with their dialogs.
pub fn buttons(view: &ReviewView, actions: Decisions) -> AnyView {
    if !view.may_decide {
        return ().into_any();
    }
    let decide = super::review::waits(view).then(|| {
        view! {
            {decision(view, actions.decide, Kind::Deny)}
            {decision(view, actions.decide, Kind::Ask)}
            {decision(view, actions.decide, Kind::Approve)}
        }
    });
    let account = match view.merchant_status {
        MerchantStatus::Active | MerchantStatus::Onboarding => Some(suspend(view, actions.suspend)),
        MerchantStatus::Suspended => Some(reinstate(view, actions.reinstate)),
        MerchantStatus::Closed => None,
    };
    view! { {account} {decide} }.into_any()
}

#[derive(Clone, Copy)]
enum Kind {
    Approve,
    Ask,
    Deny,
}

impl Kind {
    /// What is posted, the button's class, its word, and what follows.
    const fn parts(self) -> (&'static str, &'static str, Key, Key) {
        match self {
            Self::Approve => ("approve", "btn-primary", k::ADMIN_APPROVE, k::ADMIN_APPROVE_TEXT),
            Self::Ask => ("ask", "", k::ADMIN_ASK, k::ADMIN_ASK_TEXT),
            Self::Deny => ("deny", "btn-danger-quiet", k::ADMIN_DENY, k::ADMIN_DENY_TEXT),
        }
    }
}

fn decision(view: &ReviewView, action: Act<AdminDecide>, kind: Kind) -> AnyView {
    let locale = use_locale();
    let (value, class, word, text) = kind.parts();
    let open = RwSignal::new(false);
    let cx = FormCx::of(action).with_prefix("").with_ids(value).while_open(open);
    let merchant = view.application.merchant_id.to_string();
    let version = view.application.version.to_string();
    let reason = (!matches!(kind, Kind::Approve))
        .then(|| Field::new("text", t(locale, k::ADMIN_REASON)).help(t(locale, k::ADMIN_REASON_HELP)).area(&cx, 5));
    let sentence = tf(locale, text, &[("merchant", &view.application.merchant_name)]);
    let body = view! {
        <ActionForm action=action>
            <div class="dialog-body stack">
                {cx.summary()}
                <p>{sentence}</p>
                <input type="hidden" name="merchant" value=merchant/>
                <input type="hidden" name="version" value=version/>
                <input type="hidden" name="decision" value=value/>
                {reason}
            </div>
            <footer class="dialog-foot">
                {cancel_button(open)}
                {submit(action.pending(), if class.is_empty() { "btn-primary" } else { class }, t(locale, word))}
            </footer>
        </ActionForm>
    };
    view! {
        <button type="button" class=format!("btn {class}") on:click=move |_| open.set(true)>{t(locale, word)}</button>
        <Dialog open=open id=value title=t(locale, word).to_owned()>{body}</Dialog>
    }
    .into_any()
}

fn suspend(view: &ReviewView, action: Act<AdminSuspend>) -> AnyView {
    let locale = use_locale();
    let open = RwSignal::new(false);
    let cx = FormCx::of(action).with_prefix("").with_ids("suspend").while_open(open);
    let merchant = view.application.merchant_id.to_string();
    let sentence = tf(locale, k::ADMIN_SUSPEND_TEXT, &[("merchant", &view.application.merchant_name)]);
    let body = view! {
        <ActionForm action=action>
            <div class="dialog-body stack">
                {cx.summary()}
                <p>{sentence}</p>
                <input type="hidden" name="merchant" value=merchant/>
                {Field::new("reason", t(locale, k::ADMIN_REASON)).help(t(locale, k::ADMIN_REASON_HELP)).area(&cx, 4)}
            </div>
            <footer class="dialog-foot">
                {cancel_button(open)}
                {submit(action.pending(), "btn-danger", t(locale, k::ADMIN_SUSPEND))}
            </footer>
        </ActionForm>
    };
    view! {
        <button type="button" class="btn btn-danger-quiet" on:click=move |_| open.set(true)>{t(locale, k::ADMIN_SUSPEND)}</button>
        <Dialog open=open id="suspend" title=t(locale, k::ADMIN_SUSPEND).to_owned()>{body}</Dialog>
    }
    .into_any()
}

fn reinstate(view: &ReviewView, action: Act<AdminReinstate>) -> AnyView {
    let locale = use_locale();
    let merchant = view.application.merchant_id.to_string();
    view! {
        <ActionForm action=action>
            {FormCx::of(action).with_ids("reinstate").summary()}
            <input type="hidden" name="merchant" value=merchant/>
            {submit(action.pending(), "", t(locale, k::ADMIN_REINSTATE))}
        </ActionForm>
    }
    .into_any()
}
