//! Every field of every form, tried with what nobody should type.
//!
//! One row of a table for each field says what it takes ([`tables`]); from that follow the texts that it must refuse: nothing,
//! too much, the wrong kind, direction overrides and control characters, choices that were not offered. Each is posted as a
//! browser would, with everything else right. Refused means: a message beside that field, tied to it and in the summary; what was
//! typed stands in the form again; not one row of the database has changed. Markup is text like any other where text is free: it
//! is taken, and shown as text. [`cover`] fails when a form has a field that no row speaks of.

mod apart;
mod cover;
mod files;
mod filters;
mod html;
mod run;
mod tables;
mod world;

use html::Control;

/// A right-to-left override, which can show a text as another.
pub const OVERRIDE: &str = "abc\u{202e}moc.live";
pub const CONTROL: &str = "abc\u{0}def";
/// In a field of one line.
pub const TWO_LINES: &str = "abc\ndef";
pub const MARKUP: &str = "\"><script>alert(1)</script>";
pub const IMAGE: &str = "<img src=x onerror=alert(1)>";

/// What a field takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Takes {
    /// One line of any text, of so many characters.
    Line(usize),
    /// Several lines, of so many characters.
    Lines(usize),
    /// Something narrow; all of these and everything general is refused.
    Only(&'static [&'static str]),
    /// A whole number between the two.
    Whole(i64, i64),
    /// An amount of money of a currency with two decimals.
    Amount,
    /// One of those that the page offers.
    Choice,
    /// A new password: never filled in again.
    Password,
    /// A card's field: the same.
    Card(&'static [&'static str]),
    /// What the page wrote itself: another value is refused, without a field to show it at.
    Fixed(&'static [&'static str]),
    /// What is posted here changes nothing (what the browser's password manager needs, which button was pressed).
    Ignored,
    /// A test of its own speaks of it.
    Apart,
}

/// A field.
#[derive(Debug, Clone, Copy)]
pub struct Row {
    /// As problems call it.
    pub name: &'static str,
    /// What is fine. `#` stands for a number that no other form has.
    pub good: &'static str,
    pub takes: Takes,
    /// Whether it may be empty.
    pub optional: bool,
    /// The name under which it is posted, where that is another.
    pub posted: Option<&'static str>,
    /// Script makes the field: the page as the server sends it has none.
    pub later: bool,
}

impl Row {
    pub const fn new(name: &'static str, good: &'static str, takes: Takes) -> Self {
        Self { name, good, takes, optional: false, posted: None, later: false }
    }

    /// What the page itself put there is fine.
    pub const fn fixed(name: &'static str, wrong: &'static [&'static str]) -> Self {
        Self::new(name, "", Takes::Fixed(wrong))
    }

    pub const fn optional(self) -> Self {
        Self { optional: true, ..self }
    }

    pub const fn posted(self, name: &'static str) -> Self {
        Self { posted: Some(name), ..self }
    }

    pub const fn later(self) -> Self {
        Self { later: true, ..self }
    }

    /// Whether free text may stand in it, markup included.
    pub const fn is_free(&self) -> bool {
        matches!(self.takes, Takes::Line(_) | Takes::Lines(_))
    }

    /// What it must refuse.
    pub fn wrong(&self) -> Vec<String> {
        let long = |n: usize| "x".repeat(n);
        let own = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        let mut wrong = match self.takes {
            Takes::Line(max) => [own(&[OVERRIDE, CONTROL, TWO_LINES]), vec![long(max + 1), long(100_000)]].concat(),
            Takes::Lines(max) => [own(&[OVERRIDE, CONTROL]), vec![long(max + 1), long(100_000)]].concat(),
            Takes::Only(texts) | Takes::Card(texts) => [own(texts), general()].concat(),
            Takes::Whole(min, max) => {
                let bounds = [min.saturating_sub(1).to_string(), max.saturating_add(1).to_string()];
                let odd = own(&["abc", "1.5", "1,5", "1e400", "99999999999999999999", "0x10", "NaN", "١x"]);
                [bounds.to_vec(), odd, general()].concat()
            }
            Takes::Amount => {
                let odd = ["abc", "12,34.56", "-1", "0", "1e400", "1.234567", "99999999999999999999", "€5", "1 2x"];
                [own(&odd), general()].concat()
            }
            Takes::Choice => [own(&["nonsense", "NULL"]), general()].concat(),
            Takes::Password => [own(&["short", "passwordpassword"]), vec![long(257), long(100_000)]].concat(),
            Takes::Fixed(texts) => own(texts),
            Takes::Ignored | Takes::Apart => return Vec::new(),
        };
        if !self.optional && !matches!(self.takes, Takes::Fixed(_)) {
            wrong.insert(0, String::new());
            if self.is_free() {
                wrong.insert(1, "  \u{200f} ".to_owned());
            }
        }
        wrong
    }
}

/// What nothing narrow takes.
fn general() -> Vec<String> {
    let mut all: Vec<String> =
        [OVERRIDE, CONTROL, TWO_LINES, MARKUP, IMAGE].iter().map(|text| (*text).to_owned()).collect();
    all.push("x".repeat(100_000));
    all
}

/// Who answers a form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Door {
    /// A page with the form again, with the status 422.
    Page,
    /// The page's script, by a problem as JSON. The fields' names are `prefix[name]`, or plain without a prefix; their ids begin
    /// with `ids`.
    Script { prefix: &'static str, ids: &'static str },
}

/// A form with its fields.
#[derive(Debug, Clone)]
pub struct Case {
    pub what: &'static str,
    /// The page that shows it.
    pub page: String,
    /// How its `action` begins; empty for the page itself.
    pub action: String,
    pub door: Door,
    pub rows: Vec<Row>,
    /// The button that is pressed.
    pub press: Option<(&'static str, &'static str)>,
    /// What is wrong is kept as a draft, and told.
    pub draft: bool,
    /// Where what was taken is shown afterwards.
    pub shown: Vec<String>,
    /// Of several forms with the same action, the one that has this value somewhere.
    pub holding: Option<&'static str>,
}

impl Case {
    /// The name under which a field is posted.
    pub fn posted(&self, row: &Row) -> String {
        if let Some(name) = row.posted {
            return name.to_owned();
        }
        match self.door {
            // What the page writes itself has the whole name in its row.
            Door::Script { prefix, .. } if !prefix.is_empty() && !matches!(row.takes, Takes::Fixed(_)) => {
                row.name.split('.').fold(prefix.to_owned(), |name, part| format!("{name}[{part}]"))
            }
            _ => row.name.to_owned(),
        }
    }

    /// The id of a field.
    pub fn id(&self, row: &Row) -> String {
        let ids = if let Door::Script { ids, .. } = self.door { ids } else { "" };
        format!("{ids}{}", row.name.replace('.', "-"))
    }

    /// Whether this is the form that is meant.
    pub fn is_of(&self, form: &html::Form) -> bool {
        let here = if self.action.is_empty() { form.action.is_empty() } else { form.action.starts_with(&self.action) };
        let holds = |wanted: &str| form.controls.iter().any(|c| c.value == wanted);
        form.method == "post" && here && self.holding.is_none_or(holds)
    }
}

/// Whether a control can show a text that was typed.
fn can_show(control: &Control, typed: &str) -> bool {
    match control.kind.as_str() {
        "select" => control.options.iter().any(|option| option == typed),
        "radio" | "checkbox" => control.value == typed,
        "hidden" => false,
        _ => true,
    }
}
