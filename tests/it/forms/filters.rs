//! Filters: they live in addresses, which anybody may write by hand.

use super::html::Document;
use super::world::World;
use super::{CONTROL, IMAGE, MARKUP, OVERRIDE};
use test_support::for_each_engine;

/// A filter, what is fine in it, and what it can't read.
type Filter = (&'static str, &'static str, &'static [&'static str]);

const PAYMENTS: &[Filter] = &[
    ("status", "succeeded", &["nonsense"]),
    ("from", "2026-01-01", &["yesterday", "2026-02-30", "31.12.2026", "-1"]),
    ("to", "2026-12-31", &["tomorrow", "2026-13-01", "0000-00-00"]),
    ("currency", "EUR", &["XXQ", "EURO", "1"]),
    ("min", "1.00", &["abc", "12,34.56", "-1", "1e400", "1.234567", "99999999999999999999"]),
    ("max", "2.00", &["abc", "12,34.56", "-1", "1e400"]),
    ("method", "card", &["not a method", "CARD"]),
    ("last4", "4242", &["42", "42424", "abcd"]),
    ("email", "ann@shop.example", &["nonsense", "a@b"]),
    ("reference", "order 7", &[]),
];
const CUSTOMERS: &[Filter] = &[("email", "ann@shop.example", &["nonsense", "a@b"])];
const QUEUE: &[Filter] = &[
    ("status", "submitted", &["nonsense"]),
    ("assigned", "me", &["somebody"]),
    ("country", "SE", &["XX", "Sweden", "1"]),
    ("q", "Blue", &[]),
];
const MERCHANTS: &[Filter] = &[("status", "active", &["nonsense"]), ("q", "Blue", &[])];

/// The lists with a form of filters.
fn lists(world: &World) -> [(String, &'static [Filter]); 4] {
    [
        (format!("/m/{}/test/payments", world.merchant), PAYMENTS),
        (format!("/m/{}/test/customers", world.merchant), CUSTOMERS),
        ("/admin/applications".to_owned(), QUEUE),
        ("/admin/merchants".to_owned(), MERCHANTS),
    ]
}

/// The names of a list's filters.
pub fn known(world: &World, action: &str) -> Vec<&'static str> {
    let list = lists(world).into_iter().find(|(path, _)| path == action);
    list.map(|(_, filters)| filters.iter().map(|(name, ..)| *name).collect()).unwrap_or_default()
}

fn address(path: &str, pairs: &[(&str, &str)]) -> String {
    format!("{path}?{}", serde_urlencoded::to_string(pairs).unwrap())
}

for_each_engine!(filters_say_what_they_cannot_read, |db| async {
    let world = World::on(db).await;
    let before = world.rows(false).await;
    for (path, filters) in lists(&world) {
        let mut browser = world.browser_at(&path);
        for (name, good, wrong) in filters {
            browser.get(&address(&path, &[(name, good)])).await.expect(200).has_not("error-summary");
            for typed in wrong.iter().copied().chain([OVERRIDE, MARKUP, IMAGE]) {
                let free = wrong.is_empty() && typed != OVERRIDE;
                let page = browser.get(&address(&path, &[(name, typed)])).await;
                assert!(!page.body.contains("<script>alert"), "{path}: {name} = {typed:?}");
                if free || (*name == "q") {
                    page.expect(200);
                    continue;
                }
                let told = format!("{path}: {name} = {typed:?}");
                assert_eq!(page.status.as_u16(), 422, "{told}: {}", page.body);
                let document = Document::of(&page.body);
                let id = format!("filter-{name}");
                let said = document.text_of(&format!("{id}-error")).unwrap_or_default();
                assert!(!said.is_empty(), "{told}: no message beside the filter");
                let forms = document.forms();
                let form = forms.iter().find(|form| form.method == "get").unwrap_or_else(|| panic!("{told}"));
                let [control] = form.named(name)[..] else { panic!("{told}") };
                assert!(control.invalid && control.described_by.contains(&format!("{id}-error")), "{told}");
                assert!(control.kind == "select" || control.value == typed, "{told}: lost");
            }
            // What no database can hold is no fault of ours.
            for typed in [CONTROL, &"x".repeat(2_000)] {
                let page = browser.get(&address(&path, &[(name, typed)])).await;
                assert!(page.status.as_u16() < 500, "{path}: {name}: {} {}", page.status, page.body);
            }
        }
        for place in ["after", "before"] {
            for typed in ["nonsense", "1~", "x~y", CONTROL, "99999999999999999999~pi_1"] {
                let page = browser.get(&address(&path, &[(place, typed)])).await;
                assert!(page.status.as_u16() < 500, "{path}: {place} = {typed:?}: {}", page.status);
            }
        }
    }
    // Tabs and lists without a form read addresses too.
    let m = world.merchant.to_string();
    let inbox = format!("gateways/{}/events", world.connection);
    let lists =
        ["payments/review", "refunds", "payment-links", "checkout-sessions", "settings/activity", "settings/branding"];
    for path in lists.into_iter().chain([inbox.as_str()]) {
        let typed = [("status", MARKUP), ("status", CONTROL), ("after", CONTROL), ("before", MARKUP), ("logo", MARKUP)];
        for (name, typed) in typed.into_iter().chain([("event", MARKUP), ("event", CONTROL)]) {
            let path = format!("/m/{m}/test/{path}");
            let page = world.browser_at(&path).get(&address(&path, &[(name, typed)])).await;
            assert!(page.status.as_u16() < 500, "{path}: {name} = {typed:?}: {}", page.status);
            assert!(!page.body.contains("<script>alert"), "{path}: {name}");
        }
    }
    world.assert_untouched(&before, false, "after all").await;
});
