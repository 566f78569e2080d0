//! The form that makes or edits a payment link.

use crate::api::links::{LinkPage, LoadLink, SaveLink, SetLinkActive};
use crate::components::copy::copy_button_wide;
use crate::components::form::ActionForm;
use crate::components::form::{Choice, Field, FormCx, currency_choices, hidden, submit};
use crate::components::toast::use_toasts;
use crate::components::{Loaded, PageHead, action_problem, icon, load};
use crate::i18n::{k, t, use_locale};
use crate::pages::sessions::capture_choices;
use crate::pages::{page_href, scope_fields, use_scope};
use crate::wire::Act;
use domain::views::checkout::PaymentLink;
use domain::{Money, Scope};
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_navigate, use_params_map};

/// Makes a link.
#[component]
pub fn NewLink() -> impl IntoView {
    page(String::new())
}

/// Edits a link, copies its address, switches it on and off.
#[component]
pub fn EditLink() -> impl IntoView {
    page(use_params_map().with_untracked(|p| p.get("id").unwrap_or_default()))
}

fn page(id: String) -> AnyView {
    let scope = use_scope();
    let (asked, is_new) = (scope.clone(), id.is_empty());
    let data: Loaded<LinkPage> = Loaded::new(move || LoadLink { scope: asked.clone(), id: id.clone() });
    let save = Act::<SaveLink>::new();
    let active = Act::<SetLinkActive>::new();
    let (navigate, toasts, locale) = (use_navigate(), use_toasts(), use_locale());
    let target = scope.clone();
    Effect::new(move |_| {
        let Some(saved) = save.output() else { return };
        toasts.show(t(locale, if is_new { k::LINKS_CREATED } else { k::LINKS_SAVED }));
        if is_new {
            navigate(&page_href(&target, &format!("payment-links/{saved}")), NavigateOptions::default());
        } else {
            data.refetch();
        }
    });
    Effect::new(move |_| {
        if active.core().succeeded() {
            data.refetch();
        }
    });
    let title = if is_new { k::LINKS_NEW_TITLE } else { k::LINKS_EDIT_TITLE };
    let parent = (page_href(&scope, "payment-links"), k::LINKS_TITLE);
    let problem = FormCx::of(active).problem();
    view! {
        <PageHead title=title parent=parent/>
        {move || action_problem(problem.get())}
        {load(data, move |page| {
            view! {
                {page.link.as_ref().map(|link| address_card(&scope, link, active))}
                {form(&scope, &page, save)}
            }
            .into_any()
        })}
    }
    .into_any()
}

/// The address to share, and the switch.
fn address_card(scope: &Scope, link: &PaymentLink, action: Act<SetLinkActive>) -> AnyView {
    let locale = use_locale();
    let (scope, id, active) = (scope.clone(), link.id.clone(), link.active);
    let switch = move |_| {
        action.dispatch(SetLinkActive { scope: scope.clone(), id: id.clone(), active: !active });
    };
    let (label, class) =
        if active { (k::LINKS_DEACTIVATE, "btn btn-sm btn-danger-quiet") } else { (k::LINKS_ACTIVATE, "btn btn-sm") };
    view! {
        <section class="card card-pad stack gap-3" aria-label=t(locale, k::LINKS_ADDRESS)>
            <div class="row between">
                <h2>{t(locale, k::LINKS_ADDRESS)}</h2>
                {super::state(active)}
            </div>
            <div class="secret"><code dir="ltr">{link.url.clone()}</code> {copy_button_wide(link.url.clone())}</div>
            <div class="cluster">
                <a class="btn btn-sm" href=link.url.clone() target="_blank" rel="external noopener">
                    {icon("external")} {t(locale, k::LINKS_OPEN)}
                </a>
                <button type="button" class=class disabled=move || action.pending().get() on:click=switch>{t(locale, label)}</button>
            </div>
        </section>
    }
    .into_any()
}

fn form(scope: &Scope, page: &LinkPage, action: Act<SaveLink>) -> AnyView {
    let locale = use_locale();
    let cx = FormCx::of(action);
    let link = page.link.as_ref();
    let plain = |money: Option<Money>| money.map(|m| m.plain()).unwrap_or_default();
    let currency = link.map_or_else(|| page.currency.clone(), |l| l.currency.clone());
    let fixed = RwSignal::new(link.is_none_or(|l| l.amount.is_some()));
    let pricing = if fixed.get_untracked() { "fixed" } else { "customer" };
    let choose = move |event: leptos::ev::Event| match event_target_value(&event).as_str() {
        "fixed" => fixed.set(true),
        "customer" => fixed.set(false),
        _ => {}
    };
    let pricings = vec![
        Choice::new("fixed", t(locale, k::LINKS_FIXED)).help(t(locale, k::LINKS_FIXED_HELP)),
        Choice::new("customer", t(locale, k::LINKS_CUSTOMER)).help(t(locale, k::LINKS_CUSTOMER_HELP)),
    ];
    let field = |name: &'static str, label: crate::i18n::Key| Field::new(name, t(locale, label));
    let inside = view! {
            <div class="form">
                {cx.summary()}
                {scope_fields(scope)}
                {hidden("id", link.map(|l| l.id.to_string()).unwrap_or_default())}
                {hidden("form[version]", link.map_or(0, |l| l.version).to_string())}
                {field("title", k::LINKS_FIELD_TITLE).value(link.map(|l| l.title.clone()).unwrap_or_default()).help(t(locale, k::LINKS_FIELD_TITLE_HELP)).view(&cx)}
                {field("description", k::LINKS_FIELD_DESCRIPTION).value(link.and_then(|l| l.description.clone()).unwrap_or_default()).optional().area(&cx, 3)}
                {field("currency", k::LINKS_FIELD_CURRENCY).value(currency.clone()).select(&cx, currency_choices(&currency))}
                <div on:change=choose>{field("pricing", k::LINKS_FIELD_PRICING).value(pricing).radios(&cx, pricings)}</div>
                <div hidden=move || !fixed.get()>
                    {field("amount", k::LINKS_FIELD_AMOUNT).value(plain(link.and_then(|l| l.amount))).decimal().view(&cx)}
                </div>
                <div class="field-row" hidden=move || fixed.get()>
                    {field("min_amount", k::LINKS_FIELD_MIN).value(plain(link.and_then(|l| l.min_amount))).decimal().optional().view(&cx)}
                    {field("max_amount", k::LINKS_FIELD_MAX).value(plain(link.and_then(|l| l.max_amount))).decimal().optional().view(&cx)}
                </div>
                <div class="field-row">
                    {field("max_quantity", k::LINKS_FIELD_QUANTITY).value(link.map_or(1, |l| l.max_quantity).to_string()).help(t(locale, k::LINKS_FIELD_QUANTITY_HELP)).numeric().view(&cx)}
                    {field("stock", k::LINKS_FIELD_STOCK).value(link.and_then(|l| l.stock).map(|s| s.to_string()).unwrap_or_default()).help(t(locale, k::LINKS_FIELD_STOCK_HELP)).optional().numeric().view(&cx)}
                </div>
                {field("success_url", k::LINKS_FIELD_SUCCESS).value(link.and_then(|l| l.success_url.clone()).unwrap_or_default()).help(t(locale, k::LINKS_FIELD_SUCCESS_HELP)).optional().inputmode("url").ltr().view(&cx)}
                {field("capture_method", k::CAPTURE_METHOD_LABEL).value(link.map_or("automatic", |l| l.capture_method.as_str())).radios(&cx, capture_choices())}
                <div class="form-actions">
                    {submit(action.pending(), "btn-primary", t(locale, if link.is_some() { k::FORM_SAVE } else { k::LINKS_CREATE }))}
                    <a class="btn btn-ghost" href=page_href(scope, "payment-links")>{t(locale, k::FORM_CANCEL)}</a>
                </div>
            </div>
    };
    let inside = inside.into_any();
    view! { <ActionForm action=action>{inside}</ActionForm> }.into_any()
}
