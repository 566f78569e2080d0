//! What customers see of the business at checkout: its colour and its logo.

use super::business::{read_only, reload};
use super::color::{ink, normal};
use super::nav::{BRANDING, head, section};
use crate::api::settings::{LoadBusiness, RemoveLogo, SaveBrandColor};
use crate::components::form::ActionForm;
use crate::components::form::{hidden, submit};
use crate::components::icon::icon_of;
use crate::components::success::{Notice, on_success};
use crate::components::{FormCx, Loaded, icon, load};
use crate::i18n::{field_text, k, t, tf, use_locale};
use crate::pages::{scope_fields, use_scope};
use crate::wire::Act;
use domain::problem::{accounts, codes};
use domain::views::account::BusinessSettings;
use domain::{FieldProblem, Money, Scope};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

/// What the colour picker shows while there is no colour: the accent.
const NO_COLOR: &str = "#0b5e5a";

/// Colour and logo.
#[component]
pub fn BrandingPage() -> impl IntoView {
    let scope = use_scope();
    let locale = use_locale();
    let asked = scope.clone();
    let data: Loaded<BusinessSettings> = Loaded::new(move || LoadBusiness { scope: asked.clone() });
    let (save, remove) = (Act::<SaveBrandColor>::new(), Act::<RemoveLogo>::new());
    let outcome = use_query_map().with_untracked(|q| q.get("logo"));
    let stored = outcome.as_deref() == Some("stored");
    let wrong = outcome.filter(|_| !stored).map(|code| logo_problem(&code));
    let notice = Notice::new(stored.then(|| t(locale, k::SETTINGS_LOGO_STORED)));
    notice.after(save, t(locale, k::SETTINGS_SAVED));
    notice.after(remove, t(locale, k::SETTINGS_LOGO_REMOVED));
    on_success(save, move || data.refetch());
    on_success(remove, move || data.refetch());
    view! {
        {head(BRANDING)}
        {notice.view()}
        {load(data, move |settings| {
            let color = RwSignal::new(settings.brand_color.clone().unwrap_or_default());
            let look = view! { {color_part(&scope, &settings, color, save)} {preview(color)} };
            let lock = (!settings.may_manage).then(read_only);
            view! {
                {lock}
                <div class="stack">
                    {section(k::SETTINGS_COLOR, k::SETTINGS_COLOR_NOTE, look.into_any())}
                    {section(k::SETTINGS_LOGO, k::SETTINGS_LOGO_NOTE, logo(&scope, &settings, remove, wrong.clone()))}
                </div>
            }
            .into_any()
        })}
    }
    .into_any()
}

fn color_part(
    scope: &Scope,
    settings: &BusinessSettings,
    color: RwSignal<String>,
    action: Act<SaveBrandColor>,
) -> AnyView {
    let locale = use_locale();
    if !settings.may_manage {
        let shown = settings.brand_color.clone().unwrap_or_else(|| t(locale, k::NONE).to_owned());
        return view! { <p><bdi class="mono" dir="ltr">{shown}</bdi></p> }.into_any();
    }
    let cx = FormCx::of(action).with_prefix("").with_ids("color-");
    let fixed = view! { {scope_fields(scope)} {hidden("version", settings.version.to_string())} };
    view! {
        <ActionForm action=action class="form">
            {cx.summary()}
            {reload(cx)}
            {fixed}
            {color_field(cx, color)}
            <div class="form-actions">{submit(action.pending(), "btn-primary", t(locale, k::FORM_SAVE))}</div>
        </ActionForm>
    }
    .into_any()
}

/// The colour as text, and the browser's own picker in step with it.
fn color_field(cx: FormCx, color: RwSignal<String>) -> AnyView {
    let locale = use_locale();
    cx.name_field("brand_color", t(locale, k::SETTINGS_COLOR));
    let error = move || cx.error("brand_color");
    let described = move || {
        if error().is_some() { "color-brand_color-error color-brand_color-help" } else { "color-brand_color-help" }
    };
    let typed = move |event| color.set(event_target_value(&event));
    let picked = move || normal(&color.get()).unwrap_or_else(|| NO_COLOR.to_owned());
    view! {
        <div class="field">
            <label class="field-label" for="color-brand_color">
                {t(locale, k::SETTINGS_COLOR)} " " <span class="field-opt">{t(locale, k::FORM_OPTIONAL)}</span>
            </label>
            <div class="input-group">
                <input
                    class="input mono"
                    id="color-brand_color"
                    name="brand_color"
                    dir="ltr"
                    autocomplete="off"
                    spellcheck="false"
                    value=color.get_untracked()
                    prop:value=move || color.get()
                    on:input=typed
                    aria-describedby=described
                    aria-invalid=move || error().map(|_| "true")
                />
                <input
                    class="input-button"
                    type="color"
                    aria-label=t(locale, k::SETTINGS_COLOR_PICK)
                    value=normal(&color.get_untracked()).unwrap_or_else(|| NO_COLOR.to_owned())
                    prop:value=picked
                    on:input=typed
                />
            </div>
            <p class="field-help" id="color-brand_color-help">{t(locale, k::SETTINGS_COLOR_HELP)}</p>
            {move || error().map(|text| {
                view! { <p class="field-error" id="color-brand_color-error">{icon_of("x-circle", "icon-sm")} " " {text}</p> }
            })}
        </div>
    }
    .into_any()
}

/// The pay button as customers will see it.
fn preview(color: RwSignal<String>) -> AnyView {
    let locale = use_locale();
    let fill = move || normal(&color.get()).unwrap_or_else(|| "var(--accent)".to_owned());
    let ink = move || normal(&color.get()).map_or("var(--accent-ink)", |color| ink(&color));
    // Isolated: an SVG text has no <bdi>, and amounts read from left to right in every language.
    let amount = format!("\u{2066}{}\u{2069}", Money::new(4_800, domain::Currency::EUR).display());
    let label = tf(locale, k::SETTINGS_PREVIEW_PAY, &[("amount", &amount)]);
    view! {
        <figure class="stack gap-2">
            <figcaption class="muted small">{t(locale, k::SETTINGS_PREVIEW)}</figcaption>
            <svg width="280" height="44" role="img" aria-label=label.clone()>
                <rect width="280" height="44" rx="8" fill=fill></rect>
                <text x="140" y="27" text-anchor="middle" font-size="15" font-weight="600" fill=ink>{label.clone()}</text>
            </svg>
        </figure>
    }
    .into_any()
}

fn logo(scope: &Scope, settings: &BusinessSettings, remove: Act<RemoveLogo>, wrong: Option<FieldProblem>) -> AnyView {
    let locale = use_locale();
    let current = match settings.logo_url.clone() {
        Some(address) => {
            let place = scope_fields(scope);
            let form = settings.may_manage.then(|| {
                view! {
                    <ActionForm action=remove>
                        {place}
                        {submit(remove.pending(), "btn-sm btn-danger-quiet", t(locale, k::SETTINGS_LOGO_REMOVE))}
                    </ActionForm>
                }
            });
            view! { <div class="cluster"><img src=address alt=t(locale, k::SETTINGS_LOGO_CURRENT) height="48"/> {form}</div> }.into_any()
        }
        None => view! { <p class="muted">{t(locale, k::SETTINGS_LOGO_NONE)}</p> }.into_any(),
    };
    view! {
        {FormCx::of(remove).with_ids("logo-").summary()}
        {current}
        {settings.may_manage.then(|| upload(scope, wrong))}
    }
    .into_any()
}

/// A plain form: files are no matter for server functions.
fn upload(scope: &Scope, wrong: Option<FieldProblem>) -> AnyView {
    let locale = use_locale();
    let described = if wrong.is_some() { "logo-error logo-help" } else { "logo-help" };
    let invalid = wrong.is_some().then_some("true");
    if wrong.is_some() {
        Effect::new(|_| crate::components::form::focus_soon("logo".to_owned()));
    }
    let error = wrong.map(|wrong| {
        view! { <p class="field-error" id="logo-error">{icon_of("x-circle", "icon-sm")} " " {field_text(locale, &wrong)}</p> }
    });
    view! {
        <form class="form" method="post" action="/settings/logo" enctype="multipart/form-data">
            {hidden("merchant", scope.merchant.as_str())}
            {hidden("mode", scope.mode.as_str())}
            <div class="field">
                <div class="upload">
                    {icon("upload")}
                    <label for="logo"><b>{t(locale, k::SETTINGS_LOGO_CHOOSE)}</b></label>
                    <span class="muted" id="logo-help">{t(locale, k::SETTINGS_LOGO_HELP)}</span>
                    <input
                        type="file"
                        id="logo"
                        name="logo"
                        accept="image/png,image/jpeg,image/webp"
                        aria-describedby=described
                        aria-invalid=invalid
                    />
                </div>
                {error}
            </div>
            <div class="form-actions"><button type="submit" class="btn">{t(locale, k::SETTINGS_LOGO_UPLOAD)}</button></div>
        </form>
    }
    .into_any()
}

/// What was wrong with a posted logo, of the code that the handler puts into the address.
fn logo_problem(code: &str) -> FieldProblem {
    match code {
        accounts::FILE_EMPTY => FieldProblem::new("logo", accounts::FILE_EMPTY),
        accounts::FILE_TOO_LARGE => FieldProblem::new("logo", accounts::FILE_TOO_LARGE).with("max", "512 KB"),
        accounts::FILE_TYPE => FieldProblem::new("logo", accounts::FILE_TYPE),
        _ => FieldProblem::new("logo", codes::FORM_INVALID),
    }
}
