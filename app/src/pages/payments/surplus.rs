//! What came beyond the amount of a bank transfer: owed to the customer, until the merchant says that it was paid back.

use crate::api::bank::MarkSurplusReturned;
use crate::components::confirm::{Question, confirm};
use crate::components::{icon, moment};
use crate::i18n::{k, t, tf, use_locale};
use crate::wire::Act;
use domain::Scope;
use domain::views::payment::TransferSurplus;
use leptos::prelude::*;

/// What stands of it at the page's head, with the button and its dialog. One is marked after the other.
pub fn surpluses(
    scope: &Scope,
    all: &[TransferSurplus],
    action: Act<MarkSurplusReturned>,
    open: RwSignal<bool>,
) -> AnyView {
    if all.is_empty() {
        return ().into_any();
    }
    let next = all.iter().find(|surplus| surplus.may_mark);
    let lines: Vec<_> =
        all.iter().map(|surplus| line(surplus, next.is_some_and(|next| next == surplus), action, open)).collect();
    let dialog = next.map(|next| dialog(scope, next, action, open));
    view! { <ul class="stack gap-2">{lines}</ul> {dialog} }.into_any()
}

fn line(surplus: &TransferSurplus, marks: bool, action: Act<MarkSurplusReturned>, open: RwSignal<bool>) -> AnyView {
    let locale = use_locale();
    let values: &[(&str, &dyn std::fmt::Display)] = &[("amount", &surplus.amount.display())];
    if let Some(at) = surplus.returned_at {
        let by = surplus.returned_by.clone();
        return view! {
            <li class="banner banner-info">
                {icon("check-circle")}
                <div>
                    <p>{tf(locale, k::PAYMENT_SURPLUS_RETURNED, values)}</p>
                    <p class="muted small">{moment(at)} " " <bdi>{by}</bdi></p>
                </div>
            </li>
        }
        .into_any();
    }
    let press = move |_| {
        action.value().set(None);
        open.set(true);
    };
    let button = marks.then(|| {
        view! { <button type="button" class="btn btn-sm" on:click=press>{t(locale, k::PAYMENT_SURPLUS_MARK)}</button> }
    });
    view! {
        <li class="banner banner-warning">
            {icon("alert-triangle")} <div><p>{tf(locale, k::PAYMENT_SURPLUS_OWED, values)}</p></div> {button}
        </li>
    }
    .into_any()
}

/// It restates the amount, which the books owe no more.
fn dialog(scope: &Scope, surplus: &TransferSurplus, action: Act<MarkSurplusReturned>, open: RwSignal<bool>) -> AnyView {
    let locale = use_locale();
    let values: &[(&str, &dyn std::fmt::Display)] = &[("amount", &surplus.amount.display())];
    let question = Question {
        id: "surplus-title",
        title: tf(locale, k::PAYMENT_SURPLUS_TITLE, values),
        text: tf(locale, k::PAYMENT_SURPLUS_TEXT, values),
        label: tf(locale, k::PAYMENT_SURPLUS_SUBMIT, values),
    };
    let (scope, id, minor) = (scope.clone(), surplus.transfer.clone(), surplus.amount.minor);
    confirm(question, open, action.pending(), move || {
        action.dispatch(MarkSurplusReturned { scope: scope.clone(), id: id.clone(), minor });
    })
}
