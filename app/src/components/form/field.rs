//! Fields: label above, help and problem below.

use super::FormCx;
use crate::i18n::{k, t};
use leptos::prelude::*;
use std::sync::Arc;

/// A field: made with [`Field::new`], described, and ended by one of the methods that make a view.
pub struct Field {
    name: String,
    label: String,
    help: Option<String>,
    value: String,
    kind: &'static str,
    inputmode: Option<&'static str>,
    autocomplete: Option<&'static str>,
    optional: bool,
    ltr: bool,
    affix: Option<String>,
    placeholder: Option<String>,
    maxlength: Option<u32>,
    post_as: Option<String>,
}

impl Field {
    /// A field of a name with a label.
    pub fn new(name: impl Into<String>, label: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            label: label.into(),
            help: None,
            value: String::new(),
            kind: "text",
            inputmode: None,
            autocomplete: None,
            optional: false,
            ltr: false,
            affix: None,
            placeholder: None,
            maxlength: None,
            post_as: None,
        }
    }

    /// The `name` under which it is posted, where that differs from the name that problems use.
    #[must_use]
    pub fn post_as(mut self, name: impl Into<String>) -> Self {
        self.post_as = Some(name.into());
        self
    }

    /// What stands in it.
    #[must_use]
    pub fn value(mut self, value: impl Into<String>) -> Self {
        self.value = value.into();
        self
    }

    /// A sentence below the field.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The `type`: `email`, `password`, `date`, `search`, `url`, `tel` …
    #[must_use]
    pub fn kind(mut self, kind: &'static str) -> Self {
        self.kind = kind;
        self.ltr |= matches!(kind, "email" | "password" | "url" | "tel" | "date" | "datetime-local");
        self
    }

    /// `autocomplete`.
    #[must_use]
    pub fn autocomplete(mut self, token: &'static str) -> Self {
        self.autocomplete = Some(token);
        self
    }

    /// `inputmode`: which keyboard a phone shows.
    #[must_use]
    pub fn inputmode(mut self, mode: &'static str) -> Self {
        self.inputmode = Some(mode);
        self
    }

    /// Whole numbers: the numeric keyboard.
    #[must_use]
    pub fn numeric(mut self) -> Self {
        self.inputmode = Some("numeric");
        self.ltr = true;
        self
    }

    /// Amounts: the decimal keyboard.
    #[must_use]
    pub fn decimal(mut self) -> Self {
        self.inputmode = Some("decimal");
        self.ltr = true;
        self
    }

    /// May stay empty; the label says so.
    #[must_use]
    pub fn optional(mut self) -> Self {
        self.optional = true;
        self
    }

    /// Reads from left to right in every language: codes, numbers, addresses.
    #[must_use]
    pub fn ltr(mut self) -> Self {
        self.ltr = true;
        self
    }

    /// Text before the field, for instance the currency.
    #[must_use]
    pub fn affix(mut self, affix: impl Into<String>) -> Self {
        self.affix = Some(affix.into());
        self
    }

    /// An example of the right form; never the only place where something is said.
    #[must_use]
    pub fn placeholder(mut self, text: impl Into<String>) -> Self {
        self.placeholder = Some(text.into());
        self
    }

    /// The most characters that fit.
    #[must_use]
    pub fn maxlength(mut self, most: u32) -> Self {
        self.maxlength = Some(most);
        self
    }

    /// One line of text.
    pub fn view(self, cx: &FormCx) -> AnyView {
        let (id, name, parts) = self.parts(cx);
        let class = if self.inputmode == Some("decimal") { "input num" } else { "input" };
        let input = view! {
            <input
                class=class
                type=self.kind
                id=id
                name=name
                value=self.value.clone()
                dir=self.ltr.then_some("ltr")
                inputmode=self.inputmode
                autocomplete=self.autocomplete
                placeholder=self.placeholder.clone()
                maxlength=self.maxlength.map(|m| m.to_string())
                aria-describedby=parts.described()
                aria-invalid=parts.invalid()
            />
        };
        let control = match self.affix.clone() {
            Some(affix) => {
                view! { <div class="input-group"><span class="input-affix" dir="ltr">{affix}</span>{input}</div> }
                    .into_any()
            }
            None => input.into_any(),
        };
        self.around(parts, control)
    }

    /// Several lines of text.
    pub fn area(self, cx: &FormCx, rows: u32) -> AnyView {
        let (id, name, parts) = self.parts(cx);
        let control = view! {
            <textarea
                class="textarea"
                id=id
                name=name
                rows=rows.to_string()
                dir=if self.ltr { "ltr" } else { "auto" }
                maxlength=self.maxlength.map(|m| m.to_string())
                aria-describedby=parts.described()
                aria-invalid=parts.invalid()
                inner_html=plain_html(&self.value)
            ></textarea>
        };
        self.around(parts, control.into_any())
    }

    /// A choice of several; the one whose value stands in the field is chosen.
    pub fn select(self, cx: &FormCx, choices: Vec<Choice>) -> AnyView {
        let (id, name, parts) = self.parts(cx);
        let options: Vec<_> = choices
            .into_iter()
            .map(|c| {
                let selected = c.value == self.value;
                view! { <option value=c.value selected=selected>{c.label}</option> }
            })
            .collect();
        let control = view! {
            <select
                class="select"
                id=id
                name=name
                autocomplete=self.autocomplete
                aria-describedby=parts.described()
                aria-invalid=parts.invalid()
            >
                {options}
            </select>
        };
        self.around(parts, control.into_any())
    }

    /// Radio buttons in a group, each with a sentence when it has one.
    pub fn radios(self, cx: &FormCx, choices: Vec<Choice>) -> AnyView {
        let (id, name, parts) = self.parts(cx);
        let items: Vec<_> = choices
            .into_iter()
            .enumerate()
            .map(|(i, c)| {
                // The summary's link leads to the first.
                let id = if i == 0 { id.clone() } else { format!("{id}-{}", c.value) };
                let checked = c.value == self.value;
                view! {
                    <label class="check">
                        <input class="radio" type="radio" id=id name=name.clone() value=c.value checked=checked/>
                        <span>{c.label} {c.help.map(|help| view! { <small>{help}</small> })}</span>
                    </label>
                }
            })
            .collect();
        self.group(parts, "radiogroup", items.into_any())
    }

    /// Check boxes in a group, for a list of values; `chosen` are ticked.
    pub fn checks(self, cx: &FormCx, choices: Vec<Choice>, chosen: &[String]) -> AnyView {
        let (id, name, parts) = self.parts(cx);
        let items: Vec<_> = choices
            .into_iter()
            .enumerate()
            .map(|(i, c)| {
                let id = if i == 0 { id.clone() } else { format!("{id}-{}", c.value) };
                let checked = chosen.contains(&c.value);
                view! {
                    <label class="check">
                        <input
                            class="checkbox"
                            type="checkbox"
                            id=id
                            name=format!("{name}[]")
                            value=c.value
                            checked=checked
                            aria-invalid=parts.invalid()
                        />
                        <span>{c.label} {c.help.map(|help| view! { <small>{help}</small> })}</span>
                    </label>
                }
            })
            .collect();
        self.group(parts, "group", items.into_any())
    }

    /// One check box with the field's label beside it; its value is `on`.
    pub fn check(self, cx: &FormCx, checked: bool) -> AnyView {
        let (id, name, parts) = self.parts(cx);
        let help = self.help.clone().map(|help| view! { <small id=parts.help_id.clone()>{help}</small> });
        view! {
            <div class="field">
                <label class="check">
                    <input
                        class="checkbox"
                        type="checkbox"
                        id=id
                        name=name
                        value="on"
                        checked=checked
                        aria-describedby=parts.described()
                        aria-invalid=parts.invalid()
                    />
                    <span>{self.label.clone()} {help}</span>
                </label>
                {parts.error()}
            </div>
        }
        .into_any()
    }

    fn parts(&self, cx: &FormCx) -> (String, String, Parts) {
        let id = cx.id(&self.name);
        cx.labels.update_value(|all| all.push((id.clone(), self.label.clone())));
        let parts = Parts {
            cx: *cx,
            field: self.name.as_str().into(),
            help_id: format!("{id}-help"),
            error_id: format!("{id}-error"),
            has_help: self.help.is_some(),
        };
        (id, self.post_as.clone().unwrap_or_else(|| cx.name(&self.name)), parts)
    }

    fn label_view(&self, cx: &FormCx) -> AnyView {
        let optional =
            self.optional.then(|| view! { " " <span class="field-opt">{t(cx.locale, k::FORM_OPTIONAL)}</span> });
        view! { {self.label.clone()} {optional} }.into_any()
    }

    fn around(self, parts: Parts, control: AnyView) -> AnyView {
        let label = self.label_view(&parts.cx);
        let help = self.help.map(|help| view! { <p class="field-help" id=parts.help_id.clone()>{help}</p> });
        let id = parts.cx.id(&parts.field);
        view! {
            <div class="field">
                <label class="field-label" for=id>{label}</label>
                {control}
                {help}
                {parts.error()}
            </div>
        }
        .into_any()
    }

    fn group(self, parts: Parts, role: &'static str, items: AnyView) -> AnyView {
        let label = self.label_view(&parts.cx);
        // A group of radio buttons is wrong as a whole; of check boxes each says so itself.
        let invalid = (role == "radiogroup").then(|| parts.invalid());
        let invalid = move || invalid.as_ref().and_then(|invalid| invalid());
        let help = self.help.map(|help| view! { <p class="field-help" id=parts.help_id.clone()>{help}</p> });
        view! {
            <fieldset class="fieldset" role=role aria-describedby=parts.described() aria-invalid=invalid>
                <legend class="field-label">{label}</legend>
                {items}
                {help}
                {parts.error()}
            </fieldset>
        }
        .into_any()
    }
}

/// What the parts of a field need of each other.
#[derive(Clone)]
struct Parts {
    cx: FormCx,
    field: Arc<str>,
    help_id: String,
    error_id: String,
    has_help: bool,
}

impl Parts {
    fn described(&self) -> impl Fn() -> Option<String> + Send + Sync + Clone + 'static + use<> {
        let it = self.clone();
        move || match (it.cx.error(&it.field).is_some(), it.has_help) {
            (true, true) => Some(format!("{} {}", it.error_id, it.help_id)),
            (true, false) => Some(it.error_id.clone()),
            (false, true) => Some(it.help_id.clone()),
            (false, false) => None,
        }
    }

    fn invalid(&self) -> impl Fn() -> Option<&'static str> + Send + Sync + Clone + 'static + use<> {
        let it = self.clone();
        move || it.cx.error(&it.field).map(|_| "true")
    }

    fn error(&self) -> AnyView {
        let it = self.clone();
        (move || {
            let id = it.error_id.clone();
            it.cx.error(&it.field).map(|text| {
                view! { <p class="field-error" id=id>{crate::components::icon::icon_of("x-circle", "icon-sm")} " " {text}</p> }
            })
        })
        .into_any()
    }
}

/// Text as the content of a `<textarea>`, where a parser sees no comments: a child with hydration's marks would show them.
fn plain_html(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

/// One of several choices.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// What is posted.
    pub value: String,
    /// What is read.
    pub label: String,
    /// A sentence below it.
    pub help: Option<String>,
}

impl Choice {
    /// A choice without a sentence.
    pub fn new(value: impl Into<String>, label: impl Into<String>) -> Self {
        Self { value: value.into(), label: label.into(), help: None }
    }

    /// Adds a sentence.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}
