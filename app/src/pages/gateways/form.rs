//! The form that adds or edits a connection.

use super::tabs::{ConnectionPage, tabs};
use crate::api::ApiError;
use crate::api::gateways::{LoadGateways, SaveConnection};
use crate::components::form::ActionForm;
use crate::components::form::{Choice, Field, FormCx, hidden, submit};
use crate::components::toast::use_toasts;
use crate::components::{Loaded, PageHead, error_block, load};
use crate::i18n::{code_text, k, t, use_locale};
use crate::pages::{page_href, scope_fields, use_scope};
use crate::wire::Act;
use domain::views::gateway::{Connection, CredentialField, GatewaysView, Provider};
use domain::{ProblemKind, Scope, problem::codes};
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_navigate, use_params_map, use_query_map};

/// Adds a connection.
#[component]
pub fn NewGateway() -> impl IntoView {
    page(None)
}

/// Edits a connection.
#[component]
pub fn EditGateway() -> impl IntoView {
    page(Some(use_params_map().with_untracked(|p| p.get("id").unwrap_or_default())))
}

fn page(id: Option<String>) -> AnyView {
    let scope = use_scope();
    let asked = scope.clone();
    let data: Loaded<GatewaysView> = Loaded::new(move || LoadGateways { scope: asked.clone() });
    let action = Act::<SaveConnection>::new();
    let (navigate, toasts, locale) = (use_navigate(), use_toasts(), use_locale());
    let list = page_href(&scope, "gateways");
    let parent = (list.clone(), k::GATEWAYS_TITLE);
    Effect::new(move |_| {
        if action.core().succeeded() {
            toasts.show(t(locale, k::GATEWAYS_SAVED));
            navigate(&list, NavigateOptions::default());
        }
    });
    let above = id.as_deref().map(|id| tabs(&scope, id, ConnectionPage::Settings));
    let title = if id.is_some() { k::GATEWAYS_EDIT_TITLE } else { k::GATEWAYS_NEW_TITLE };
    view! {
        <PageHead title=title parent=parent/>
        {above}
        {load(data, move |view| content(&scope, view, id.as_deref(), action))}
    }
    .into_any()
}

fn content(scope: &Scope, view: GatewaysView, id: Option<&str>, action: Act<SaveConnection>) -> AnyView {
    let refuse = |kind, code| error_block(&ApiError::on_page(kind, code));
    if !view.may_manage {
        return refuse(ProblemKind::Forbidden, codes::FORBIDDEN);
    }
    let connection = id.map(|id| view.connections.into_iter().find(|c| c.id.as_str() == id));
    let connection = match connection {
        Some(None) => return refuse(ProblemKind::NotFound, codes::NOT_FOUND),
        Some(found) => found,
        None => None,
    };
    let wanted =
        connection.as_ref().map(|c| c.provider.clone()).or_else(|| use_query_map().with(|q| q.get("provider")));
    let mut providers = view.providers;
    let at = wanted.and_then(|key| providers.iter().position(|p| p.key == key)).unwrap_or(0);
    if at >= providers.len() {
        return refuse(ProblemKind::NotFound, codes::NOT_FOUND);
    }
    let others = if connection.is_none() { choose_provider(&providers, at) } else { ().into_any() };
    let provider = providers.swap_remove(at);
    view! { {others} {form(scope, &provider, connection.as_ref(), action)} }.into_any()
}

/// Which provider, where there are several: each has fields of its own, so each is a page.
fn choose_provider(providers: &[Provider], at: usize) -> AnyView {
    if providers.len() < 2 {
        return ().into_any();
    }
    let locale = use_locale();
    let tabs: Vec<_> = providers
        .iter()
        .enumerate()
        .map(|(index, provider)| {
            let current = (index == at).then_some("page");
            let name = code_text(locale, "gateway.provider.", &provider.key);
            view! { <a class="tab" href=format!("?provider={}", provider.key) aria-current=current>{name}</a> }
        })
        .collect();
    view! { <nav class="tabs" aria-label=t(locale, k::GATEWAYS_PROVIDER)>{tabs}</nav> }.into_any()
}

fn form(scope: &Scope, provider: &Provider, connection: Option<&Connection>, action: Act<SaveConnection>) -> AnyView {
    let locale = use_locale();
    let cx = FormCx::of(action);
    let name = code_text(locale, "gateway.provider.", &provider.key);
    let value = |get: fn(&Connection) -> String| connection.map(get).unwrap_or_default();
    let chosen = connection.map_or_else(|| provider.methods.clone(), |c| c.methods.clone());
    let methods =
        provider.methods.iter().map(|m| Choice::new(m.clone(), code_text(locale, "gateway.method.", m))).collect();
    let has_credentials = connection.is_some_and(|c| c.has_credentials);
    let credentials: Vec<_> = provider
        .fields
        .iter()
        .enumerate()
        .map(|(at, field)| credential(&cx, &provider.key, at, field, has_credentials))
        .collect();
    let label = connection.map_or_else(|| name.clone(), |c| c.name.clone());
    let inside = view! {
            <div class="form">
                {cx.summary()}
                {scope_fields(scope)}
                {hidden("id", value(|c| c.id.to_string()))}
                {hidden("form[provider]", provider.key.clone())}
                {hidden("form[version]", connection.map_or(0, |c| c.version).to_string())}
                <p class="muted">{code_text(locale, "gateway.about.", &provider.key)}</p>
                {Field::new("name", t(locale, k::GATEWAYS_NAME)).value(label).help(t(locale, k::GATEWAYS_NAME_HELP)).view(&cx)}
                {credentials}
                {Field::new("methods", t(locale, k::GATEWAYS_METHODS)).checks(&cx, methods, &chosen)}
                {Field::new("currencies", t(locale, k::GATEWAYS_CURRENCIES))
                    .value(value(|c| c.currencies.join(", ")))
                    .help(t(locale, k::GATEWAYS_CURRENCIES_HELP))
                    .optional()
                    .ltr()
                    .view(&cx)}
                {Field::new("priority", t(locale, k::GATEWAYS_PRIORITY))
                    .value(value(|c| c.priority.to_string()))
                    .help(t(locale, k::GATEWAYS_PRIORITY_HELP))
                    .optional()
                    .numeric()
                    .view(&cx)}
                <div class="form-actions">
                    {submit(action.pending(), "btn-primary", t(locale, k::FORM_SAVE))}
                    <a class="btn btn-ghost" href=page_href(scope, "gateways")>{t(locale, k::FORM_CANCEL)}</a>
                </div>
            </div>
    };
    let inside = inside.into_any();
    view! { <ActionForm action=action>{inside}</ActionForm> }.into_any()
}

/// A credential: posted as a pair of its name and what was typed; what is stored is never shown.
fn credential(cx: &FormCx, provider: &str, at: usize, field: &CredentialField, stored: bool) -> AnyView {
    let locale = use_locale();
    let label = code_text(locale, "gateway.field.", &[provider, ".", &field.name].concat());
    let mut input = Field::new(format!("credentials.{}", field.name), label)
        .post_as(format!("form[credentials][{at}][1]"))
        .autocomplete("off")
        .ltr();
    if field.secret {
        input = input.kind("password").autocomplete("new-password");
    }
    if !field.required {
        input = input.optional();
    }
    let help = code_text(locale, "gateway.help.", &[provider, ".", &field.name].concat());
    let kept = if stored { t(locale, k::GATEWAYS_CREDENTIAL_KEPT) } else { "" };
    input = input.help([&help, kept].join(" ").trim().to_owned());
    view! { {hidden(format!("form[credentials][{at}][0]"), field.name.clone())} {input.view(cx)} }.into_any()
}
