//! One customer.

use super::charge::charge_dialog;
use super::method::{method_card, name_of};
use crate::api::customers::{ChargeCustomer, CustomerPage, DetachMethod, LoadCustomer};
use crate::components::confirm::{Question, confirm};
use crate::components::form::FormCx;
use crate::components::list::address;
use crate::components::money::id_with_copy;
use crate::components::page::crumbs;
use crate::components::success::on_success;
use crate::components::time::moment_alone;
use crate::components::toast::use_toasts;
use crate::components::{Loaded, action_problem, id, load_page, set_title};
use crate::i18n::{Key, k, t, tf, use_locale};
use crate::pages::{page_href, use_scope};
use crate::wire::Act;
use domain::Scope;
use domain::views::checkout::SavedMethod;
use domain::views::customers::{Customer, CustomerRow};
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_navigate, use_params_map};

/// What can be done here, to which method, and which dialogs are open.
#[derive(Clone, Copy)]
pub(super) struct Acts {
    pub charge: Act<ChargeCustomer>,
    pub detach: Act<DetachMethod>,
    /// The method that the open dialog is about.
    pub chosen: RwSignal<Option<SavedMethod>>,
    /// Counts openings of the charge's dialog: each has fresh fields.
    pub turn: RwSignal<usize>,
    pub charging: RwSignal<bool>,
    pub removing: RwSignal<bool>,
}

impl Acts {
    fn new() -> Self {
        Self {
            charge: Act::new(),
            detach: Act::new(),
            chosen: RwSignal::new(None),
            turn: RwSignal::new(0),
            charging: RwSignal::new(false),
            removing: RwSignal::new(false),
        }
    }

    /// Opens the dialog that charges a method.
    pub(super) fn ask_charge(self, method: &SavedMethod) {
        self.charge.value().set(None);
        self.chosen.set(Some(method.clone()));
        self.turn.update(|n| *n += 1);
        self.charging.set(true);
    }

    /// Opens the dialog that takes a method away.
    pub(super) fn ask_removal(self, method: &SavedMethod) {
        self.detach.value().set(None);
        self.chosen.set(Some(method.clone()));
        self.removing.set(true);
    }
}

/// One customer: who they are, and what is kept for them.
#[component]
pub fn CustomerDetail() -> impl IntoView {
    let scope = use_scope();
    let params = use_params_map();
    let asked = scope.clone();
    let data: Loaded<CustomerPage> = Loaded::new(move || {
        let id = params.with(|p| p.get("id").unwrap_or_default());
        LoadCustomer { scope: asked.clone(), id }
    });
    let acts = Acts::new();
    let (navigate, toasts, locale) = (use_navigate(), use_toasts(), use_locale());
    let target = scope.clone();
    Effect::new(move |_| {
        // What became of it, a decline too, stands on the payment's page.
        if let Some(payment) = acts.charge.output() {
            navigate(&page_href(&target, &format!("payments/{payment}")), NavigateOptions::default());
        }
    });
    on_success(acts.detach, move || {
        acts.removing.set(false);
        toasts.show(t(locale, k::CUSTOMERS_REMOVED));
        data.refetch();
    });
    // A removal has no form of its own to say what is wrong: the page does, as it stands now.
    let problem = FormCx::of(acts.detach).problem();
    Effect::new(move |_| {
        if problem.with(Option::is_some) {
            acts.removing.set(false);
            data.refetch();
        }
    });
    let removal = removal(scope.clone(), acts);
    view! {
        {move || action_problem(problem.get())}
        {load_page(k::CUSTOMERS_TITLE, data, move |page| content(&scope, &page, acts))}
        {removal}
    }
}

fn content(scope: &Scope, page: &CustomerPage, acts: Acts) -> AnyView {
    let locale = use_locale();
    let customer = &page.customer;
    let dialog = (page.may_manage && !customer.methods.is_empty()).then(|| charge_dialog(scope, page, acts));
    view! {
        {head(scope, &customer.row)}
        {dialog}
        <div class="split">
            <section class="stack" aria-labelledby="methods">
                <h2 id="methods">{t(locale, k::CUSTOMERS_METHODS)}</h2>
                {methods(customer, page.may_manage, acts)}
            </section>
            <aside aria-label=t(locale, k::CUSTOMERS_FACTS)>{facts(&customer.row)}</aside>
        </div>
    }
    .into_any()
}

fn head(scope: &Scope, row: &CustomerRow) -> AnyView {
    let payments = address(&page_href(scope, "payments"), &[("email", &row.email)]);
    view! {
        {set_title(row.email.clone())}
        <header class="page-head">
            {crumbs(page_href(scope, "customers"), k::CUSTOMERS_TITLE, id(&row.id))}
            <div class="page-head-row">
                <h1><bdi dir="ltr">{row.email.clone()}</bdi></h1>
                <div class="page-actions">
                    <a class="btn" href=payments>{t(use_locale(), k::CUSTOMERS_PAYMENTS)}</a>
                </div>
            </div>
        </header>
    }
    .into_any()
}

fn methods(customer: &Customer, may_manage: bool, acts: Acts) -> AnyView {
    if customer.methods.is_empty() {
        return view! { <p class="muted">{t(use_locale(), k::CUSTOMERS_NO_METHODS)}</p> }.into_any();
    }
    let cards: Vec<_> = customer.methods.iter().map(|kept| method_card(kept, may_manage, acts)).collect();
    cards.into_any()
}

fn facts(row: &CustomerRow) -> AnyView {
    let locale = use_locale();
    let fact = |label: Key, value: AnyView| view! { <div><dt>{t(locale, label)}</dt><dd>{value}</dd></div> };
    view! {
        <section class="card">
            <header class="card-head"><h2>{t(locale, k::CUSTOMERS_FACTS)}</h2></header>
            <div class="card-body">
                <dl class="kv kv-stack">
                    {fact(k::CUSTOMERS_EMAIL, view! { <bdi dir="ltr">{row.email.clone()}</bdi> }.into_any())}
                    {fact(k::CUSTOMERS_ID, id_with_copy(&row.id))}
                    {fact(k::CUSTOMERS_SINCE, moment_alone(row.created_at))}
                </dl>
            </div>
        </section>
    }
    .into_any()
}

/// The question before a method is taken away.
fn removal(scope: Scope, acts: Acts) -> AnyView {
    let locale = use_locale();
    // Made anew for each method, so that the dialog names it.
    (move || {
        let method = acts.chosen.get()?;
        let question = Question {
            id: "remove-title",
            title: tf(locale, k::CUSTOMERS_REMOVE_TITLE, &[("method", &name_of(&method))]),
            text: t(locale, k::CUSTOMERS_REMOVE_TEXT).to_owned(),
            label: t(locale, k::CUSTOMERS_REMOVE).to_owned(),
        };
        let scope = scope.clone();
        Some(confirm(question, acts.removing, acts.detach.pending(), move || {
            acts.detach.dispatch(DetachMethod { scope: scope.clone(), id: method.id.clone() });
        }))
    })
    .into_any()
}
