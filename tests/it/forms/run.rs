//! Posts each form with each wrong text, and looks at what comes of it.

use super::html::{Document, Form};
use super::world::World;
use super::{Case, Door, MARKUP, Row, Takes, can_show, tables};
use crate::support::{Browser, Page};
use test_support::for_each_engine;

type Pairs = Vec<(String, String)>;

/// A form at work: the page's own values, with what is right in each field over them.
struct Filled<'a> {
    case: &'a Case,
    /// As the page sent it; none when script makes it.
    form: Form,
    good: Pairs,
}

fn short(text: &str) -> String {
    format!("{:?}", text.chars().take(30).collect::<String>())
}

async fn opened(browser: &mut Browser, case: &Case) -> Form {
    let page = browser.get(&case.page).await.expect(200);
    let forms = Document::of(&page.body).forms();
    let found = forms.iter().find(|form| case.is_of(form)).cloned();
    found.unwrap_or_else(|| panic!("{}: no form {:?} on {}: {forms:#?}", case.what, case.action, case.page))
}

async fn filled<'a>(world: &mut World, browser: &mut Browser, case: &'a Case) -> Filled<'a> {
    let form = opened(browser, case).await;
    let mut good = form.untouched();
    let number = world.number();
    for row in &case.rows {
        // What the page writes itself stands there, unless script makes the field.
        if row.takes == Takes::Ignored || matches!(row.takes, Takes::Fixed(_)) && !row.later {
            continue;
        }
        set(&mut good, &case.posted(row), &row.good.replace('#', &number));
    }
    if let Some((name, value)) = case.press {
        set(&mut good, name, value);
    }
    Filled { case, form, good }
}

/// Replaces a field, where it stands or at the end.
fn set(pairs: &mut Pairs, name: &str, value: &str) {
    match pairs.iter_mut().find(|(known, _)| known == name) {
        Some(pair) => value.clone_into(&mut pair.1),
        None => pairs.push((name.to_owned(), value.to_owned())),
    }
}

async fn send(browser: &mut Browser, filled: &Filled<'_>, pairs: &Pairs) -> Page {
    let path = if filled.form.action.is_empty() { &filled.case.page } else { &filled.form.action };
    let pairs: Vec<(&str, &str)> = pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    match filled.case.door {
        Door::Page => browser.post(path, &pairs).await,
        Door::Script { .. } => browser.call(path, &pairs).await,
    }
}

/// Tries every wrong text in every field, then markup in all that are free.
async fn try_all(world: &mut World, case: &Case) {
    let mut browser = world.browser_for(case);
    for row in &case.rows {
        for typed in row.wrong() {
            let mut filled = filled(world, &mut browser, case).await;
            let name = case.posted(row);
            set(&mut filled.good, &name, &typed);
            let before = world.rows(case.draft).await;
            browser.ip = world.address();
            if filled.form.action.contains("change_password") {
                // Tries of one account come back by the minute.
                world.app.t.clock.advance(domain::time::MINUTE);
            }
            let page = send(&mut browser, &filled, &filled.good).await;
            let told = format!("{}: {} = {}", case.what, row.name, short(&typed));
            match case.door {
                Door::Page => said_on_page(&page, &filled, row, &typed, &told),
                Door::Script { .. } => said_to_script(&page, &filled, row, &told),
            }
            world.assert_untouched(&before, case.draft, &told).await;
        }
    }
    taken(world, &mut browser, case).await;
}

/// Markup is text like any other: it is taken, and shown as text.
async fn taken(world: &mut World, browser: &mut Browser, case: &Case) {
    let mut filled = filled(world, browser, case).await;
    let free: Vec<&Row> = case.rows.iter().filter(|row| row.is_free()).collect();
    for row in &free {
        let name = case.posted(row);
        set(&mut filled.good, &name, MARKUP);
    }
    browser.ip = world.address();
    let page = send(browser, &filled, &filled.good).await;
    assert!(
        matches!(page.status.as_u16(), 200 | 303),
        "{}: what is right was refused with {}: {}",
        case.what,
        page.status,
        page.body
    );
    for path in &case.shown {
        let page = browser.get(path).await.expect(200);
        assert!(!page.body.contains("<script>alert"), "{}: markup came through on {path}", case.what);
        let there = page.body.contains("&lt;script&gt;alert") || page.body.contains("&lt;script>alert");
        assert!(there || free.is_empty(), "{}: what was typed is not shown on {path}: {}", case.what, page.body);
    }
}

/// The page again: the message beside the field, and everything that was typed.
#[track_caller]
fn said_on_page(page: &Page, filled: &Filled<'_>, row: &Row, typed: &str, told: &str) {
    let case = filled.case;
    if let Takes::Fixed(_) = row.takes {
        // There is no field to show it at: an error page or a sentence in the summary.
        assert!(page.status.is_client_error(), "{told}: {} {}", page.status, page.body);
        assert!(page.body.contains("<h1") && !page.body.contains("<script>alert"), "{told}: {}", page.body);
        return;
    }
    assert_eq!(page.status.as_u16(), 422, "{told}: {}", page.body);
    assert!(!page.body.contains("<script>alert"), "{told}: markup came through");
    let document = Document::of(&page.body);
    let forms = document.forms();
    let form = forms.iter().find(|form| case.is_of(form)).unwrap_or_else(|| panic!("{told}: the form is gone"));
    let (id, name) = (case.id(row), case.posted(row));
    let controls = form.named(&name);
    assert!(!controls.is_empty(), "{told}: the field is gone");
    let error = document.text_of(&format!("{id}-error")).unwrap_or_default();
    assert!(!error.is_empty() && !error.contains('{'), "{told}: no message beside the field: {error:?}");
    let said = format!("{id}-error");
    assert!(
        controls.iter().all(|c| c.invalid && c.described_by.split(' ').any(|part| part == said)),
        "{told}: the message is not tied to the field: {controls:?}"
    );
    assert!(page.body.contains("class=\"error-summary\""), "{told}: no summary");
    assert!(page.body.contains(&format!("href=\"#{id}\"")), "{told}: no link in the summary");
    kept(form, filled, &name, row, typed, told);
}

/// Everything that was typed stands in the form again; what is secret does not.
#[track_caller]
fn kept(form: &Form, filled: &Filled<'_>, name: &str, row: &Row, typed: &str, told: &str) {
    let secret = |row: &Row| matches!(row.takes, Takes::Password | Takes::Card(_));
    let now = form.untouched();
    let typed_in = |other: &&Row| !matches!(other.takes, Takes::Fixed(_) | Takes::Ignored);
    for other in filled.case.rows.iter().filter(typed_in) {
        let posted = filled.case.posted(other);
        let Some((_, sent)) = filled.good.iter().find(|(known, _)| *known == posted) else { continue };
        let values: Vec<&str> =
            now.iter().filter(|(known, _)| *known == posted).map(|(_, value)| value.as_str()).collect();
        if secret(other) {
            assert!(values.iter().all(|value| value.is_empty()), "{told}: {} was filled in again", other.name);
        } else if form.named(&posted).iter().any(|c| can_show(c, sent)) {
            assert_eq!(values, [sent.as_str()], "{told}: {} was lost", other.name);
        }
    }
    let shows = form.named(name).iter().any(|c| can_show(c, typed));
    assert!(shows || secret(row) || row.takes == Takes::Choice || form.named(name)[0].kind != "text", "{told}");
}

/// A problem as JSON that names the field as the form does.
#[track_caller]
fn said_to_script(page: &Page, filled: &Filled<'_>, row: &Row, told: &str) {
    let case = filled.case;
    assert!(page.status.is_client_error(), "{told}: {} {}", page.status, page.body);
    let problem: serde_json::Value = serde_json::from_str(&page.body).unwrap_or_else(|e| panic!("{told}: {e}"));
    let code = problem["code"].as_str().unwrap_or_default();
    assert!(!code.is_empty(), "{told}: {problem}");
    let fields = problem["fields"].as_array().cloned().unwrap_or_default();
    if let Takes::Fixed(_) = row.takes {
        return;
    }
    assert_eq!(page.status.as_u16(), 422, "{told}: {problem}");
    let named: Vec<&str> = fields.iter().filter_map(|f| f["field"].as_str()).collect();
    assert_eq!(named, [row.name], "{told}: {problem}");
    for field in &fields {
        let code = field["code"].as_str().unwrap_or_default();
        let wrong = domain::FieldProblem { field: String::new(), code: code.to_owned(), params: params(field) };
        for locale in domain::Locale::ALL {
            let said = app::i18n::field_text(locale, &wrong);
            assert!(said != code && !said.contains('{'), "{told}: {code} says {said:?}");
        }
    }
    if !row.later {
        let (id, name) = (case.id(row), case.posted(row));
        let controls = filled.form.named(&name);
        let first = controls.first().unwrap_or_else(|| panic!("{told}: no field {name} in {:?}", filled.form));
        assert_eq!(first.id, id, "{told}: the message would stand at no field");
    }
}

fn params(field: &serde_json::Value) -> Vec<(String, String)> {
    serde_json::from_value(field["params"].clone()).unwrap_or_default()
}

for_each_engine!(people_who_are_not_logged_in_yet, |db| async {
    let mut world = World::before_the_first_admin(db).await;
    for case in tables::visitors(&world) {
        try_all(&mut world, &case).await;
    }
});

for_each_engine!(the_application, |db| async {
    let mut world = World::on(db).await;
    for case in tables::application(&world) {
        try_all(&mut world, &case).await;
    }
});

for_each_engine!(customers, |db| async {
    let mut world = World::on(db).await;
    for case in tables::customers(&world) {
        try_all(&mut world, &case).await;
    }
});

for_each_engine!(a_merchants_portal, |db| async {
    let mut world = World::on(db).await;
    for case in tables::portal(&world) {
        try_all(&mut world, &case).await;
    }
});

for_each_engine!(the_operators_portal, |db| async {
    let mut world = World::on(db).await;
    for case in tables::operator(&world) {
        try_all(&mut world, &case).await;
    }
});
