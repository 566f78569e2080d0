//! Rows of a form that can be added and taken away: lines, pairs.
//!
//! A row keeps its number as long as it lives, so that nothing typed moves when another is taken away: its fields are named by it.
//! The server counts the rows as they were posted; its problems are renamed to the numbers on the page.

use crate::api::ApiError;
use crate::components::form::{FormCx, focus_soon};
use crate::components::icon;
use crate::i18n::{Key, k, t, tf, use_locale};
use crate::wire::Act;
use domain::{FieldProblem, Problem};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

/// Most rows that the form offers; the service has the last word.
const MOST: usize = 50;

/// The rows of one list.
#[derive(Clone, Copy)]
pub(super) struct Rows {
    /// The list's name in the form.
    list: &'static str,
    /// The field of a row that takes the focus.
    first_field: &'static str,
    /// So many stay.
    least: usize,
    /// The rows by their numbers, in order.
    numbers: RwSignal<Vec<usize>>,
    /// The number of the next one.
    next: RwSignal<usize>,
    /// The rows as they were posted last.
    posted: RwSignal<Vec<usize>>,
}

impl Rows {
    /// A list that begins with its least rows.
    pub(super) fn new(list: &'static str, first_field: &'static str, least: usize) -> Self {
        let numbers: Vec<usize> = (0..least).collect();
        Self {
            list,
            first_field,
            least,
            numbers: RwSignal::new(numbers.clone()),
            next: RwSignal::new(least),
            posted: RwSignal::new(numbers),
        }
    }

    /// Remembers the rows of each posting, to understand its answer.
    pub(super) fn watch<S: ServerFn<Error = ApiError>>(self, action: Act<S>) {
        let under_way = StoredValue::new(self.numbers.get_untracked());
        let pending = action.pending();
        Effect::new(move |_| {
            if pending.get() {
                under_way.set_value(self.numbers.get_untracked());
            } else {
                self.posted.set(under_way.get_value());
            }
        });
    }

    /// The problem of the form with this list's fields named by the numbers on the page.
    pub(super) fn rename(self, cx: FormCx) -> FormCx {
        let problem = cx.problem();
        cx.with_problem(Signal::derive(move || {
            renamed(problem.get()?, self.list, &self.posted.get(), &self.numbers.get())
        }))
    }

    fn add(self, cx: FormCx) {
        let number = self.next.get_untracked();
        self.next.set(number + 1);
        self.numbers.update(|numbers| numbers.push(number));
        self.focus(cx, Some(number));
    }

    /// Takes a row away. The focus goes to the row that stands in its place then, or to the last one, or to the button.
    fn remove(self, cx: FormCx, number: usize) {
        let at = self.place(number);
        self.numbers.update(|numbers| numbers.retain(|known| *known != number));
        self.focus(cx, self.numbers.with_untracked(|left| left.get(at).or(left.last()).copied()));
    }

    fn focus(self, cx: FormCx, number: Option<usize>) {
        focus_soon(match number {
            Some(number) => cx.id(&format!("{}.{number}.{}", self.list, self.first_field)),
            None => self.add_id(cx),
        });
    }

    fn add_id(self, cx: FormCx) -> String {
        cx.id(&format!("{}.add", self.list))
    }

    fn place(self, number: usize) -> usize {
        self.numbers.with(|numbers| numbers.iter().position(|known| *known == number).unwrap_or(0))
    }

    /// A text with the row's place among the others, counted from one.
    pub(super) fn counted(self, number: usize, text: Key) -> Signal<String> {
        let locale = use_locale();
        Signal::derive(move || {
            let place = i64::try_from(self.place(number) + 1).unwrap_or(0);
            tf(locale, text, &[("number", &crate::i18n::number(locale, place))])
        })
    }

    /// The rows, and the button that adds one.
    pub(super) fn view(
        self,
        cx: FormCx,
        add: Key,
        row: impl Fn(usize) -> AnyView + Send + Sync + Clone + 'static,
    ) -> AnyView {
        view! {
            <For each=move || self.numbers.get() key=|number| *number children=row/>
            <div>
                <button
                    type="button"
                    class="btn btn-sm"
                    id=self.add_id(cx)
                    disabled=move || self.numbers.with(|numbers| MOST <= numbers.len())
                    on:click=move |_| self.add(cx)
                >
                    {icon("plus")} {t(use_locale(), add)}
                </button>
            </div>
        }
        .into_any()
    }

    /// The button that takes a row away; there is none when the list is at its least.
    pub(super) fn remove_button(self, cx: FormCx, number: usize, label: Key) -> AnyView {
        let label = self.counted(number, label);
        view! {
            <div hidden=move || self.numbers.with(|numbers| numbers.len() <= self.least)>
                <button
                    type="button"
                    class="btn btn-sm btn-ghost"
                    aria-label=move || label.get()
                    on:click=move |_| self.remove(cx, number)
                >
                    {icon("trash")} {t(use_locale(), k::SESSIONS_REMOVE)}
                </button>
            </div>
        }
        .into_any()
    }
}

/// Names a list's fields by the rows' numbers. What was wrong with a row that is gone is gone; a problem of nothing else is none.
fn renamed(mut problem: Problem, list: &str, posted: &[usize], now: &[usize]) -> Option<Problem> {
    let had_fields = !problem.fields.is_empty();
    problem.fields = problem.fields.into_iter().filter_map(|field| renamed_field(field, list, posted, now)).collect();
    (!had_fields || !problem.fields.is_empty()).then_some(problem)
}

fn renamed_field(mut field: FieldProblem, list: &str, posted: &[usize], now: &[usize]) -> Option<FieldProblem> {
    let of_row = field.field.strip_prefix(list).and_then(|rest| rest.strip_prefix('.'));
    let Some((place, name)) = of_row.and_then(|rest| rest.split_once('.')) else { return Some(field) };
    let Ok(place) = place.parse::<usize>() else { return Some(field) };
    let number = posted.get(place).filter(|number| now.contains(number))?;
    field.field = format!("{list}.{number}.{name}");
    Some(field)
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::ProblemKind;

    fn problem(fields: &[&str]) -> Problem {
        let fields = fields.iter().map(|field| FieldProblem::new(*field, "required")).collect();
        Problem { fields, ..Problem::new(ProblemKind::Invalid, domain::problem::codes::FORM_INVALID) }
    }

    fn names(problem: Option<Problem>) -> Option<Vec<String>> {
        problem.map(|problem| problem.fields.into_iter().map(|field| field.field).collect())
    }

    #[test]
    fn problems_follow_their_rows() {
        let found = problem(&["currency", "items.0.name", "items.1.unit_amount", "items", "metadata.1.key"]);
        // Rows 3 and 7 were posted; nothing has changed since.
        let expected = ["currency", "items.3.name", "items.7.unit_amount", "items", "metadata.1.key"];
        assert_eq!(names(renamed(found.clone(), "items", &[3, 7], &[3, 7, 8])).unwrap(), expected);
        // Row 3 is gone.
        let expected = ["currency", "items.7.unit_amount", "items", "metadata.1.key"];
        assert_eq!(names(renamed(found, "items", &[3, 7], &[7])).unwrap(), expected);
    }

    #[test]
    fn a_problem_of_rows_that_are_gone_is_none() {
        assert_eq!(names(renamed(problem(&["items.1.name"]), "items", &[0, 1], &[0])), None);
        assert_eq!(names(renamed(problem(&["items.9.name"]), "items", &[0, 1], &[0])), None);
        // One without fields stays.
        assert_eq!(names(renamed(problem(&[]), "items", &[0], &[0])), Some(Vec::new()));
    }
}
