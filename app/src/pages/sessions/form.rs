//! The form that makes a checkout session.

use super::rows::Rows;
use crate::api::sessions::{CreateSession, DefaultCurrency};
use crate::components::form::ActionForm;
use crate::components::form::{Choice, Field, FormCx, currency_choices, submit};
use crate::components::toast::use_toasts;
use crate::components::{Loaded, PageHead, load};
use crate::i18n::{Key, k, t, use_locale};
use crate::pages::{page_href, scope_fields, use_scope};
use crate::wire::Act;
use domain::Scope;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;

/// Makes a session, then leads to it.
#[component]
pub fn NewSession() -> impl IntoView {
    let scope = use_scope();
    let asked = scope.clone();
    let data: Loaded<String> = Loaded::new(move || DefaultCurrency { scope: asked.clone() });
    let action = Act::<CreateSession>::new();
    let (navigate, toasts, locale) = (use_navigate(), use_toasts(), use_locale());
    let target = scope.clone();
    Effect::new(move |_| {
        let made = action.output().map(|session| session.id.to_string());
        if let Some(id) = made {
            toasts.show(t(locale, k::SESSIONS_CREATED_TOAST));
            navigate(&page_href(&target, &format!("checkout-sessions/{id}")), NavigateOptions::default());
        }
    });
    let parent = (page_href(&scope, "checkout-sessions"), k::SESSIONS_TITLE);
    view! {
        <PageHead title=k::SESSIONS_NEW_TITLE parent=parent/>
        {load(data, move |currency| form(&scope, currency, action))}
    }
}

fn form(scope: &Scope, currency: String, action: Act<CreateSession>) -> AnyView {
    let locale = use_locale();
    let (lines, pairs) = (Rows::new("items", "name", 1), Rows::new("metadata", "key", 0));
    lines.watch(action);
    pairs.watch(action);
    let cx = pairs.rename(lines.rename(FormCx::of(action)));
    let field = |name: &'static str, label: Key| Field::new(name, t(locale, label));
    let items = lines.view(cx, k::SESSIONS_ADD_ITEM, move |at| item(cx, lines, at));
    let metadata = pairs.view(cx, k::SESSIONS_ADD_METADATA, move |at| pair(cx, pairs, at));
    let inside = view! {
            <div class="form">
                {cx.summary()}
                {scope_fields(scope)}
                {field("currency", k::SESSIONS_FIELD_CURRENCY).value(currency.clone()).select(&cx, currency_choices(&currency))}
                <h2>{t(locale, k::SESSIONS_ITEMS)}</h2>
                {cx.part("items", t(locale, k::SESSIONS_ITEMS), items)}
                <h2>{t(locale, k::SESSIONS_MORE)}</h2>
                {field("customer_email", k::SESSIONS_FIELD_EMAIL).help(t(locale, k::SESSIONS_FIELD_EMAIL_HELP)).optional().inputmode("email").ltr().view(&cx)}
                {field("client_reference", k::SESSIONS_FIELD_REFERENCE).help(t(locale, k::SESSIONS_FIELD_REFERENCE_HELP)).optional().view(&cx)}
                {field("success_url", k::SESSIONS_FIELD_SUCCESS).help(t(locale, k::SESSIONS_FIELD_SUCCESS_HELP)).optional().inputmode("url").ltr().view(&cx)}
                {field("cancel_url", k::SESSIONS_FIELD_CANCEL).optional().inputmode("url").ltr().view(&cx)}
                {field("expires_in_hours", k::SESSIONS_FIELD_EXPIRES).value("24").help(t(locale, k::SESSIONS_FIELD_EXPIRES_HELP)).numeric().view(&cx)}
                {field("capture_method", k::CAPTURE_METHOD_LABEL).value("automatic").radios(&cx, capture_choices())}
                <h2>{t(locale, k::SESSIONS_METADATA)}</h2>
                {cx.part("metadata", t(locale, k::SESSIONS_METADATA), metadata)}
                <div class="form-actions">
                    {submit(action.pending(), "btn-primary", t(locale, k::SESSIONS_CREATE))}
                    <a class="btn btn-ghost" href=page_href(scope, "checkout-sessions")>{t(locale, k::FORM_CANCEL)}</a>
                </div>
            </div>
    };
    let inside = inside.into_any();
    view! { <ActionForm action=action>{inside}</ActionForm> }.into_any()
}

/// When money is taken.
pub fn capture_choices() -> Vec<Choice> {
    let locale = use_locale();
    vec![
        Choice::new("automatic", t(locale, k::CAPTURE_METHOD_AUTOMATIC))
            .help(t(locale, k::CAPTURE_METHOD_AUTOMATIC_HELP)),
        Choice::new("manual", t(locale, k::CAPTURE_METHOD_MANUAL)).help(t(locale, k::CAPTURE_METHOD_MANUAL_HELP)),
    ]
}

fn item(cx: FormCx, items: Rows, at: usize) -> AnyView {
    let locale = use_locale();
    let legend = items.counted(at, k::SESSIONS_ITEM_NUMBER);
    view! {
        <fieldset class="fieldset">
            <legend class="field-label">{move || legend.get()}</legend>
            {Field::new(format!("items.{at}.name"), t(locale, k::SESSIONS_ITEM_NAME)).view(&cx)}
            <div class="field-row">
                {Field::new(format!("items.{at}.quantity"), t(locale, k::SESSIONS_ITEM_QUANTITY)).value("1").numeric().view(&cx)}
                {Field::new(format!("items.{at}.unit_amount"), t(locale, k::SESSIONS_ITEM_PRICE)).decimal().view(&cx)}
            </div>
            {items.remove_button(cx, at, k::SESSIONS_REMOVE_ITEM)}
        </fieldset>
    }
    .into_any()
}

fn pair(cx: FormCx, pairs: Rows, at: usize) -> AnyView {
    let locale = use_locale();
    view! {
        <div class="stack gap-2">
            <div class="field-row">
                {Field::new(format!("metadata.{at}.key"), t(locale, k::SESSIONS_METADATA_KEY)).post_as(format!("form[metadata][{at}][0]")).ltr().view(&cx)}
                {Field::new(format!("metadata.{at}.value"), t(locale, k::SESSIONS_METADATA_VALUE)).post_as(format!("form[metadata][{at}][1]")).view(&cx)}
            </div>
            {pairs.remove_button(cx, at, k::SESSIONS_REMOVE_METADATA)}
        </div>
    }
    .into_any()
}
