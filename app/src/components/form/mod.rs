//! Forms: labels above, help below, a problem beside its field and in a summary that takes focus.
//!
//! The portal's forms are server actions; hosted pages are plain forms. Both use the same fields: a [`FormCx`] tells them what
//! is wrong and how names are written.

mod field;

pub use field::{Choice, Field};

use super::WrongForms;
use crate::api::ApiError;
use crate::i18n::{field_text, k, problem_text, t, use_locale};
use crate::wire::{Act, Core};
use domain::{Locale, Problem};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

/// A form: what is wrong with what was posted, and how its fields are named.
#[derive(Clone, Copy)]
pub struct FormCx {
    problem: Signal<Option<Problem>>,
    prefix: &'static str,
    ids: &'static str,
    locale: Locale,
    /// Ids and labels of the fields made so far, for the summary, which is shown after they are made.
    labels: StoredValue<Vec<(String, String)>>,
}

impl FormCx {
    /// A hosted page's form: names as they are.
    #[must_use]
    pub fn hosted(problem: Option<Problem>) -> Self {
        Self {
            problem: Signal::stored(problem),
            prefix: "",
            ids: "",
            locale: use_locale(),
            labels: StoredValue::default(),
        }
    }

    /// The form of a server function whose DTO is the argument `form`.
    #[must_use]
    pub fn of<S: ServerFn<Error = ApiError>>(action: Act<S>) -> Self {
        let problem = action.core().problem();
        Self { problem, prefix: "form", ids: "", locale: use_locale(), labels: StoredValue::default() }
    }

    /// The same with a prefix before each id, where a page has several forms.
    #[must_use]
    pub const fn with_ids(self, ids: &'static str) -> Self {
        Self { ids, ..self }
    }

    /// The same for an argument of another name than `form`.
    #[must_use]
    pub const fn with_prefix(self, prefix: &'static str) -> Self {
        Self { prefix, ..self }
    }

    /// The same with another view of what is wrong.
    #[must_use]
    pub const fn with_problem(self, problem: Signal<Option<Problem>>) -> Self {
        Self { problem, ..self }
    }

    /// The same for a form in a dialog: what is wrong is told while it is open.
    #[must_use]
    pub fn while_open(self, open: RwSignal<bool>) -> Self {
        let problem = self.problem;
        let problem = Signal::derive(move || if open.get() { problem.get() } else { None });
        Self { problem, ..self }
    }

    /// What is wrong.
    #[must_use]
    pub const fn problem(&self) -> Signal<Option<Problem>> {
        self.problem
    }

    /// The `name` under which a field is posted: `form[amount]`, `form[items][0][name]` for `items.0.name`.
    #[must_use]
    pub fn name(&self, field: &str) -> String {
        if self.prefix.is_empty() {
            return field.to_owned();
        }
        let mut name = String::from(self.prefix);
        for part in field.split('.') {
            name.push('[');
            name.push_str(part);
            name.push(']');
        }
        name
    }

    /// The `id` of a field: its name with what an id can't hold replaced.
    #[must_use]
    pub fn id(&self, field: &str) -> String {
        format!("{}{}", self.ids, field.replace(['[', ']', '.'], "-"))
    }

    /// What is wrong with a field, in words.
    #[must_use]
    pub fn error(&self, field: &str) -> Option<String> {
        let id = self.id(field);
        self.problem.with(|problem| {
            let fields = &problem.as_ref()?.fields;
            fields.iter().find(|f| self.id(&f.field) == id).map(|f| field_text(self.locale, f))
        })
    }

    /// Tells the summary of a field that is not made by [`Field`].
    pub fn name_field(&self, field: &str, label: impl Into<String>) {
        let (id, label) = (self.id(field), label.into());
        self.labels.update_value(|all| all.push((id, label)));
    }

    /// A part of the form that can be wrong as a whole, such as a list of rows: the sentence stands where the part begins, and
    /// the summary leads there.
    pub fn part(&self, field: &'static str, label: impl Into<String>, content: AnyView) -> AnyView {
        let cx = *self;
        let id = cx.id(field);
        cx.labels.update_value(|all| all.push((id.clone(), label.into())));
        let error_id = format!("{id}-error");
        let error = move || {
            let id = error_id.clone();
            cx.error(field).map(|text| {
                view! { <p class="field-error" id=id>{crate::components::icon::icon_of("x-circle", "icon-sm")} " " {text}</p> }
            })
        };
        view! { <div class="stack gap-6" id=id tabindex="-1">{error} {content}</div> }.into_any()
    }

    /// The summary at the head of the form. It takes the focus when it appears, and the document's title tells of it.
    pub fn summary(&self) -> AnyView {
        let cx = *self;
        WrongForms::count(cx.problem);
        let id = format!("{}errors", cx.ids);
        let target = id.clone();
        Effect::new(move |_| {
            if cx.problem.with(Option::is_some) {
                focus_soon(target.clone());
            }
        });
        (move || cx.problem.get().map(|problem| summary(cx, id.clone(), &problem))).into_any()
    }
}

fn summary(cx: FormCx, id: String, problem: &Problem) -> AnyView {
    let locale = cx.locale;
    let links: Vec<_> = problem
        .fields
        .iter()
        .map(|field| {
            let id = cx.id(&field.field);
            let target = id.clone();
            let go = move |event: leptos::ev::MouseEvent| {
                event.prevent_default();
                focus_soon(target.clone());
            };
            let label =
                cx.labels.with_value(|all| all.iter().find(|(known, _)| *known == id).map(|(_, label)| label.clone()));
            let sentence = field_text(locale, field);
            match label {
                Some(label) => {
                    let text = format!("{label}: {sentence}");
                    view! { <li><a href=format!("#{id}") on:click=go>{text}</a></li> }.into_any()
                }
                // What no field of the page holds has no place to go to.
                None => view! { <li>{sentence}</li> }.into_any(),
            }
        })
        .collect();
    let body = if links.is_empty() {
        view! { <p>{problem_text(locale, problem)}</p> }.into_any()
    } else {
        view! { <ul>{links}</ul> }.into_any()
    };
    let request = problem.request_id.clone().filter(|_| problem.fields.is_empty()).map(|id| {
        view! { <p class="small">{t(locale, k::ERROR_REQUEST)} " " <bdi class="mono" dir="ltr">{id}</bdi></p> }
    });
    view! {
        <div class="error-summary" role="alert" tabindex="-1" id=id autofocus>
            <h2>{t(locale, k::FORM_PROBLEM)}</h2>
            {body}
            {request}
        </div>
    }
    .into_any()
}

/// Moves the focus to an element once the page has changed. Does nothing on the server.
pub fn focus_soon(id: String) {
    request_animation_frame(move || {
        use wasm_bindgen::JsCast;
        let element = document().get_element_by_id(&id);
        if let Some(element) = element.and_then(|e| e.dyn_into::<web_sys::HtmlElement>().ok()) {
            let _ = element.focus();
        }
    });
}

/// The currencies that forms offer, the given one among them.
#[must_use]
pub fn currency_choices(current: &str) -> Vec<Choice> {
    let mut codes: Vec<&str> = domain::currency::COMMON.to_vec();
    if current.len() == 3 && !codes.contains(&current) {
        codes.insert(0, current);
    }
    codes.into_iter().map(|code| Choice::new(code, code)).collect()
}

/// A hidden field.
pub fn hidden(name: impl Into<String>, value: impl Into<String>) -> AnyView {
    view! { <input type="hidden" name=name.into() value=value.into()/> }.into_any()
}

/// The button that sends a server action; while it is under way it says so and takes no second click.
pub fn submit(pending: Signal<bool>, class: &'static str, label: impl Into<String>) -> AnyView {
    submit_with(pending, class, Signal::stored(label.into()))
}

/// The same with a label that changes.
pub fn submit_with(pending: Signal<bool>, class: &'static str, label: Signal<String>) -> AnyView {
    let busy = t(use_locale(), k::FORM_SENDING);
    view! {
        <button
            type="submit"
            class=["btn ", class].concat()
            aria-busy=move || pending.get().then_some("true")
            disabled=move || pending.get()
        >
            {move || if pending.get() { busy.to_owned() } else { label.get() }}
        </button>
    }
    .into_any()
}

/// The form of a server action: the browser posts it without leaving the page.
#[component]
pub fn ActionForm<S>(
    /// What it does.
    action: Act<S>,
    /// Its class.
    #[prop(optional)]
    class: &'static str,
    /// Its fields.
    children: Children,
) -> impl IntoView
where
    S: ServerFn<Error = ApiError>,
{
    action_form(action.core(), class, children())
}

fn action_form(core: Core, class: &'static str, inside: AnyView) -> AnyView {
    let class = (!class.is_empty()).then_some(class);
    view! {
        <form method="post" action=core.path() class=class novalidate on:submit=move |event| core.send_form(&event)>
            {inside}
        </form>
    }
    .into_any()
}
