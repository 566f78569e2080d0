//! Fields that tell what is typed at once; labels and problems as in every form.

use crate::components::form::{Choice, FormCx};
use crate::components::icon;
use crate::i18n::{Key, t, use_locale};
use leptos::prelude::*;

/// A field's place among problems, and its label.
pub struct At {
    /// As problems name it: `rules.0.name`.
    pub path: String,
    /// Its label.
    pub label: String,
}

impl At {
    /// A field.
    pub fn new(path: String, label: Key) -> Self {
        Self { path, label: t(use_locale(), label).to_owned() }
    }
}

fn around(cx: FormCx, at: &At, control: AnyView) -> AnyView {
    cx.name_field(&at.path, at.label.clone());
    let (path, id) = (at.path.clone(), cx.id(&at.path));
    let error_id = format!("{id}-error");
    let error = move || {
        let id = error_id.clone();
        cx.error(&path).map(|text| view! { <p class="field-error" id=id>{icon("x-circle")} " " {text}</p> })
    };
    view! {
        <div class="field">
            <label class="field-label" for=id>{at.label.clone()}</label>
            {control}
            {error}
        </div>
    }
    .into_any()
}

fn described(
    cx: FormCx,
    path: &str,
) -> (impl Fn() -> Option<&'static str> + 'static, impl Fn() -> Option<String> + 'static) {
    let (one, two, id) = (path.to_owned(), path.to_owned(), format!("{}-error", cx.id(path)));
    (move || cx.error(&one).map(|_| "true"), move || cx.error(&two).map(|_| id.clone()))
}

/// One line of text.
pub fn text(cx: FormCx, at: At, value: String, ltr: bool, on: impl Fn(String) + 'static) -> AnyView {
    let (invalid, describes) = described(cx, &at.path);
    let control = view! {
        <input
            class="input"
            type="text"
            autocomplete="off"
            id=cx.id(&at.path)
            dir=ltr.then_some("ltr")
            value=value
            aria-invalid=invalid
            aria-describedby=describes
            on:input=move |event| on(event_target_value(&event))
        />
    };
    around(cx, &at, control.into_any())
}

/// One of several.
pub fn select(cx: FormCx, at: At, value: &str, choices: Vec<Choice>, on: impl Fn(String) + 'static) -> AnyView {
    let (invalid, describes) = described(cx, &at.path);
    let options: Vec<_> = choices
        .into_iter()
        .map(|choice| {
            let selected = choice.value == value;
            view! { <option value=choice.value selected=selected>{choice.label}</option> }
        })
        .collect();
    let control = view! {
        <select
            class="select"
            id=cx.id(&at.path)
            aria-invalid=invalid
            aria-describedby=describes
            on:change=move |event| on(event_target_value(&event))
        >
            {options}
        </select>
    };
    around(cx, &at, control.into_any())
}

/// Yes or no, with a sentence.
pub fn tick(id: String, label: Key, help: Key, checked: bool, on: impl Fn(bool) + 'static) -> AnyView {
    let locale = use_locale();
    view! {
        <label class="check">
            <input class="checkbox" type="checkbox" id=id checked=checked on:change=move |event| on(event_target_checked(&event))/>
            <span>{t(locale, label)} <small>{t(locale, help)}</small></span>
        </label>
    }
    .into_any()
}

/// A small button with an icon, named for those who don't see it.
pub fn small(name: &'static str, label: String, disabled: bool, on: impl Fn() + 'static) -> AnyView {
    view! {
        <button type="button" class="btn btn-sm btn-ghost btn-icon" title=label.clone() aria-label=label disabled=disabled on:click=move |_| on()>
            {icon(name)}
        </button>
    }
    .into_any()
}

/// A button that adds something.
pub fn add(label: Key, on: impl Fn() + 'static) -> AnyView {
    view! {
        <button type="button" class="btn btn-sm" on:click=move |_| on()>{icon("plus")} {t(use_locale(), label)}</button>
    }
    .into_any()
}
