//! The business: its names, where customers ask, zone, currency, and where checkout may send customers back.

use super::nav::{BUSINESS, head, section};
use crate::api::portal::LoadZone;
use crate::api::settings::{LoadBusiness, SaveBusiness};
use crate::components::form::ActionForm;
use crate::components::form::{currency_choices, hidden, submit};
use crate::components::success::{Notice, on_success};
use crate::components::time::{PageZone, use_zone};
use crate::components::{Choice, Field, FormCx, Loaded, icon, load};
use crate::i18n::{Key, k, t, use_locale};
use crate::pages::{scope_fields, use_scope, use_viewer};
use crate::wire::Act;
use domain::validate::settings::LATE_SUCCESS;
use domain::validate::timezone::ZONES;
use domain::views::account::BusinessSettings;
use domain::{ProblemKind, Scope};
use leptos::prelude::*;

/// The business's settings.
#[component]
pub fn BusinessPage() -> impl IntoView {
    let (scope, viewer) = (use_scope(), use_viewer());
    let asked = scope.clone();
    let data: Loaded<BusinessSettings> = Loaded::new(move || LoadBusiness { scope: asked.clone() });
    let action = Act::<SaveBusiness>::new();
    let notice = Notice::new(None);
    notice.after(action, t(use_locale(), k::SETTINGS_SAVED));
    let zone = Act::<LoadZone>::new();
    Effect::new(move |_| {
        if let Some(table) = zone.output() {
            PageZone::set(table);
        }
    });
    let here = scope.clone();
    on_success(action, move || {
        // Times are shown in the new zone from now on.
        if action.output().is_some_and(|saved| saved.timezone != use_zone().name()) {
            zone.dispatch(LoadZone { scope: here.clone() });
        }
        data.refetch();
        // The frame shows the business's name.
        viewer.refetch();
    });
    view! {
        {head(BUSINESS)}
        {notice.view()}
        {load(data, move |settings| if settings.may_manage { form(&scope, settings, action) } else { facts(settings) })}
    }
    .into_any()
}

fn form(scope: &Scope, settings: BusinessSettings, action: Act<SaveBusiness>) -> AnyView {
    let locale = use_locale();
    let cx = FormCx::of(action);
    let field = |name: &'static str, label: Key, value: Option<String>| {
        Field::new(name, t(locale, label)).value(value.unwrap_or_default())
    };
    let public = view! {
        {field("name", k::SETTINGS_NAME, Some(settings.name)).help(t(locale, k::SETTINGS_NAME_HELP)).autocomplete("organization").view(&cx)}
        {field("statement_name", k::SETTINGS_STATEMENT, settings.statement_name)
            .help(t(locale, k::SETTINGS_STATEMENT_HELP)).ltr().optional().autocomplete("off").view(&cx)}
    };
    let support = view! {
        {field("support_email", k::SETTINGS_SUPPORT_EMAIL, settings.support_email).kind("email").optional().autocomplete("off").view(&cx)}
        {field("support_url", k::SETTINGS_SUPPORT_URL, settings.support_url)
            .help(t(locale, k::SETTINGS_SUPPORT_URL_HELP)).ltr().inputmode("url").optional().autocomplete("off").view(&cx)}
    };
    let region = view! {
        {field("timezone", k::SETTINGS_TIMEZONE, Some(settings.timezone.clone())).select(&cx, zones(&settings.timezone))}
        {field("default_currency", k::SETTINGS_CURRENCY, Some(settings.default_currency.clone()))
            .help(t(locale, k::SETTINGS_CURRENCY_HELP))
            .select(&cx, currency_choices(&settings.default_currency))}
    };
    let origins = field("return_origins", k::SETTINGS_ORIGINS, Some(settings.return_origins.join("\n")));
    let late = field("late_success", k::SETTINGS_LATE_RULE, Some(settings.late_success.clone()))
        .radios(&cx, LATE_SUCCESS.iter().map(|rule| Choice::new(*rule, late_rule(rule))).collect());
    let fixed = view! { {scope_fields(scope)} {hidden("form[version]", settings.version.to_string())} };
    let origins = origins.help(t(locale, k::SETTINGS_ORIGINS_HELP)).ltr().optional().area(&cx, 4);
    view! {
        <ActionForm action=action class="stack">
            {cx.summary()}
            {reload(cx)}
            {fixed}
            {section(k::SETTINGS_PUBLIC, k::SETTINGS_PUBLIC_NOTE, public.into_any())}
            {section(k::SETTINGS_SUPPORT, k::SETTINGS_SUPPORT_NOTE, support.into_any())}
            {section(k::SETTINGS_REGION, k::SETTINGS_REGION_NOTE, region.into_any())}
            {section(k::SETTINGS_LATE, k::SETTINGS_LATE_NOTE, late)}
            {section(k::SETTINGS_RETURN, k::SETTINGS_RETURN_NOTE, origins)}
            <div class="form-actions">{submit(action.pending(), "btn-primary", t(locale, k::FORM_SAVE))}</div>
        </ActionForm>
    }
    .into_any()
}

/// The way on when somebody else has saved meanwhile.
pub(super) fn reload(cx: FormCx) -> AnyView {
    let locale = use_locale();
    let stale = move || cx.problem().with(|p| p.as_ref().is_some_and(|p| p.kind == ProblemKind::Conflict));
    (move || {
        stale().then(|| view! { <p><a class="btn btn-sm" href="" rel="external">{icon("refresh")} {t(locale, k::SETTINGS_RELOAD)}</a></p> })
    })
    .into_any()
}

/// Every zone that is accepted, the current one among them.
fn zones(current: &str) -> Vec<Choice> {
    let unknown = (!ZONES.contains(&current) && !current.is_empty()).then_some(current);
    unknown.into_iter().chain(ZONES.iter().copied()).map(|zone| Choice::new(zone, zone.replace('_', " "))).collect()
}

/// A rule for late money, in words.
fn late_rule(rule: &str) -> &'static str {
    t(use_locale(), if rule == "refund" { k::SETTINGS_LATE_REFUND } else { k::SETTINGS_LATE_ACCEPT })
}

/// The settings, for those who may not change them.
fn facts(settings: BusinessSettings) -> AnyView {
    let locale = use_locale();
    let row = |name: Key, value: Option<String>| {
        let value = match value.filter(|v| !v.is_empty()) {
            Some(value) => view! { <bdi>{value}</bdi> }.into_any(),
            None => view! { <span class="muted">{t(locale, k::NONE)}</span> }.into_any(),
        };
        view! { <div><dt>{t(locale, name)}</dt><dd>{value}</dd></div> }
    };
    view! {
        {read_only()}
        <section class="card card-pad">
            <dl class="kv">
                {row(k::SETTINGS_NAME, Some(settings.name))}
                {row(k::SETTINGS_STATEMENT, settings.statement_name)}
                {row(k::SETTINGS_SUPPORT_EMAIL, settings.support_email)}
                {row(k::SETTINGS_SUPPORT_URL, settings.support_url)}
                {row(k::SETTINGS_TIMEZONE, Some(settings.timezone))}
                {row(k::SETTINGS_CURRENCY, Some(settings.default_currency))}
                {row(k::SETTINGS_LATE_RULE, Some(late_rule(&settings.late_success).to_owned()))}
                {row(k::SETTINGS_ORIGINS, Some(settings.return_origins.join(" ")))}
            </dl>
        </section>
    }
    .into_any()
}

/// Why nothing can be changed here.
pub(super) fn read_only() -> AnyView {
    view! { <p class="banner banner-info">{icon("lock")} <span>{t(use_locale(), k::SETTINGS_READ_ONLY)}</span></p> }
        .into_any()
}
