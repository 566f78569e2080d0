//! Entries that a person has set aside, with a button that brings one back.

use super::doubtful::{facts, kind, label};
use super::{place, turns};
use crate::api::bank::{BringEntryBack, ListSetAside};
use crate::components::form::FormCx;
use crate::components::list::pager;
use crate::components::success::on_success;
use crate::components::toast::use_toasts;
use crate::components::{Loaded, action_problem, amount, empty, load, moment};
use crate::i18n::{k, t, use_locale};
use crate::wire::Act;
use domain::Scope;
use domain::views::Page;
use domain::views::bank::SetAsideEntry;
use leptos::prelude::*;

pub(super) fn list(scope: &Scope) -> AnyView {
    let (place, asked, shown) = (place(), scope.clone(), scope.clone());
    let data: Loaded<Page<SetAsideEntry>> =
        Loaded::new(move || ListSetAside { scope: asked.clone(), query: place.get() });
    let act = Act::<BringEntryBack>::new();
    let (locale, toasts) = (use_locale(), use_toasts());
    on_success(act, move || {
        toasts.show(t(locale, k::BANK_BROUGHT_BACK));
        data.refetch();
    });
    let problem = FormCx::of(act).problem();
    view! {
        {move || action_problem(problem.get())}
        {load(data, move |page| content(&shown, page, act))}
    }
    .into_any()
}

fn content(scope: &Scope, page: Page<SetAsideEntry>, act: Act<BringEntryBack>) -> AnyView {
    let locale = use_locale();
    if page.items.is_empty() && page.previous.is_none() {
        return empty("check-circle", t(locale, k::BANK_ASIDE_NONE), t(locale, k::BANK_ASIDE_NONE_TEXT), ().into_any());
    }
    let (previous, next) = turns(scope, "aside", page.previous, page.next);
    let cards: Vec<_> = page.items.into_iter().map(|aside| card(scope, &aside, act)).collect();
    view! { <div class="stack">{cards}</div> {pager(previous, next)} }.into_any()
}

fn card(scope: &Scope, aside: &SetAsideEntry, act: Act<BringEntryBack>) -> AnyView {
    let locale = use_locale();
    let entry = &aside.entry;
    let foot = if entry.may_decide {
        let (scope, id) = (scope.clone(), entry.id.clone());
        let press = move |_| act.dispatch(BringEntryBack { scope: scope.clone(), id: id.clone() });
        let pending = act.pending();
        view! {
            <button type="button" class="btn btn-sm" disabled=move || pending.get() on:click=press>
                {t(locale, k::BANK_BRING_BACK)}
            </button>
        }
        .into_any()
    } else {
        view! { <p class="muted small">{t(locale, k::BANK_NO_RIGHT)}</p> }.into_any()
    };
    view! {
        <section class="card" aria-label=label(entry)>
            <header class="card-head"><h2 class="row">{kind(entry)} " " {amount(entry.amount)}</h2></header>
            <div class="card-body stack">
                <dl class="kv">
                    {facts(entry)}
                    <div><dt>{t(locale, k::BANK_ASIDE_AT)}</dt><dd>{moment(aside.at)}</dd></div>
                </dl>
            </div>
            <footer class="card-foot cluster">{foot}</footer>
        </section>
    }
    .into_any()
}
