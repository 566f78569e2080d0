//! The forms, and what each of their fields takes.

use super::world::{World, kept};
use super::{Case, Door, Row, Takes};
use crate::support::PASSWORD;

const EMAILS: &[&str] = &[
    "nonsense",
    "a@b",
    "@",
    "ann@@shop.example",
    ".ann@shop.example",
    "ann@shop.example, eve@x.example",
    "ann@shop.example\r\nBcc: x@y.example",
    "ann@shop\u{202e}.example",
];
const URLS: &[&str] = &[
    "harbour-books",
    "http://blueshop.example/",
    "javascript:alert(1)",
    "https://",
    "https://user:pass@blueshop.example/",
    "https://blueshop.example/<script>",
    "//blueshop.example",
];
const IDS: &[&str] = &["", "nonsense", "acct_00000000000000000000000000"];
const VERSIONS: &[&str] = &["abc", "99999999999999999999", "77"];

fn hosted(what: &'static str, page: impl Into<String>, action: impl Into<String>, rows: Vec<Row>) -> Case {
    Case {
        what,
        page: page.into(),
        action: action.into(),
        door: Door::Page,
        rows,
        press: None,
        draft: false,
        shown: Vec::new(),
        holding: None,
    }
}

fn script(
    what: &'static str,
    page: impl Into<String>,
    action: &str,
    (prefix, ids): (&'static str, &'static str),
    rows: Vec<Row>,
) -> Case {
    Case { door: Door::Script { prefix, ids }, ..hosted(what, page, format!("/api/{action}"), rows) }
}

const EMAIL: Row = Row::new("email", "ann#@shop.example", Takes::Only(EMAILS));
const NAME: Row = Row::new("name", "Ann Berg", Takes::Line(120));
const NEW_PASSWORD: Row = Row::new("password", "plum-otter-94-quay", Takes::Password);

/// Sign-up, login, and the links of mails.
pub fn visitors(world: &World) -> Vec<Case> {
    let business = Row::new("business_name", "Blue", Takes::Line(120));
    let known = Row::new("username", "", Takes::Ignored);
    vec![
        hosted("sign up", "/signup", "/signup", vec![NAME, EMAIL, NEW_PASSWORD, business]),
        hosted("ask for a reset", "/reset", "/reset", vec![EMAIL]),
        hosted("set a new password", &world.reset, &world.reset, vec![NEW_PASSWORD]),
        hosted("join a team", &world.invitation, &world.invitation, vec![NAME, known, NEW_PASSWORD]),
        hosted("the first admin", &world.first_admin, &world.first_admin, vec![NAME, EMAIL, NEW_PASSWORD]),
    ]
}

/// Forms of which tests of their own speak ([`super::apart`], [`super::files`]): their fields.
pub fn apart(world: &World) -> Vec<Case> {
    let apart = |name| Row::new(name, "", Takes::Apart);
    let m = &world.merchant;
    vec![
        hosted("log in", "/login?next=/payments", "/login", vec![apart("email"), apart("password"), apart("next")]),
        hosted("confirm an address", "/verify?token=abc", "/verify", vec![apart("token")]),
        hosted("the bank's question", &world.challenge, "/challenge/", vec![apart("answer")]),
        hosted("log out", format!("/m/{m}/test/dashboard"), "/logout", vec![apart("next")]),
        hosted(
            "preferences",
            format!("/m/{m}/test/dashboard"),
            "/preferences",
            vec![apart("locale"), apart("theme"), apart("density"), apart("next")],
        ),
        hosted(
            "a document",
            format!("/onboarding?m={m}&step=documents"),
            "/onboarding/documents/upload",
            vec![apart("m"), apart("purpose"), apart("file")],
        ),
        hosted(
            "a document's end",
            format!("/onboarding?m={m}&step=documents"),
            "/onboarding/documents/remove",
            vec![apart("m"), apart("id")],
        ),
        // It has no fields, and leaves none for the next.
        script(
            "the other sessions' end",
            format!("/m/{m}/test/settings/sessions"),
            "settings/revoke_other_sessions",
            ("", ""),
            Vec::new(),
        ),
        hosted("submit", format!("/onboarding?m={m}&step=review"), "/onboarding/submit", vec![apart("m")]),
        hosted(
            "a logo",
            format!("/m/{m}/test/settings/branding"),
            "/settings/logo",
            vec![apart("merchant"), apart("mode"), apart("logo")],
        ),
        hosted(
            "a statement",
            format!("/m/{m}/test/bank-transfers?view=statements"),
            "/bank-transfers/statements",
            vec![apart("merchant"), apart("mode"), apart("connection"), apart("file")],
        ),
    ]
}

/// The application, step by step.
pub fn application(world: &World) -> Vec<Case> {
    let m = &world.merchant;
    let step = |what, name: &str, mut rows: Vec<Row>| {
        rows.extend([
            Row::fixed("m", &["nonsense", "acct_00000000000000000000000000"]),
            Row::fixed("version", VERSIONS),
            Row::new("do", "", Takes::Ignored),
        ]);
        let case = hosted(what, format!("/onboarding?m={m}&step={name}"), format!("/onboarding/{name}"), rows);
        let shown = vec![case.page.clone(), format!("/onboarding?m={m}&step=review")];
        Case { press: Some(("do", "next")), draft: true, shown, ..case }
    };
    let account = |kind, iban: Row, local: [Row; 3]| {
        let holder = Row::new("account_holder", "Blue Shop AB", Takes::Line(200));
        vec![holder, Row::new("account_kind", kind, Takes::Choice), iban, local[0], local[1], local[2]]
    };
    let unread = |name| Row::new(name, "", Takes::Ignored);
    let ibans = &["SE45 5000 0000 0583 9825 7467", "DE89", "XX89 3704 0044 0532 0130 00", "1234567890"];
    let iban = Row::new("iban", "SE45 5000 0000 0583 9825 7466", Takes::Only(ibans));
    let local = [
        Row::new("bank_country", "GB", Takes::Choice),
        Row::new("bank_code", "20-00-00", Takes::Only(&["20-00", "abc", "-1"])),
        Row::new("account_number", "55779911", Takes::Only(&["1", "abc", "-1"])),
    ];
    let no_local = [unread("bank_country"), unread("bank_code"), unread("account_number")];
    vec![
        step("the business", "business", business()),
        step("what is sold", "activity", activity()),
        step("the owners", "owners", owner()),
        step("a bank account", "bank", account("iban", iban, no_local)),
        step("a local account", "bank", account("local", unread("iban"), local)),
        Case {
            shown: vec![format!("/onboarding?m={}&step=review", world.asked)],
            ..hosted(
                "an answer",
                format!("/onboarding?m={}&step=review", world.asked),
                "/onboarding/answer",
                vec![Row::fixed("m", &["nonsense"]), Row::new("text", "The blue one.", Takes::Lines(4_000))],
            )
        },
    ]
}

fn business() -> Vec<Row> {
    vec![
        Row::new("legal_form", "company", Takes::Choice),
        Row::new("legal_name", "Blue Shop AB", Takes::Line(200)),
        Row::new("trading_name", "Blue Shop", Takes::Line(120)),
        Row::new("country", "SE", Takes::Choice),
        Row::new("company_number", "556703-7485", Takes::Only(&["?", "1", "--"])),
        Row::new("tax_number", "SE556703748501", Takes::Only(&["?", "12", "SE556703748401"])),
        Row::new("address_line", "Storgatan 1", Takes::Line(200)),
        Row::new("address_line2", "c/o Berg", Takes::Line(200)).optional(),
        Row::new("postal_code", "111 22", Takes::Only(&["?", "1", "abcde"])),
        Row::new("city", "Stockholm", Takes::Line(120)),
        Row::new("region", "Uppland", Takes::Line(120)).optional(),
        Row::new("phone", "+46 8 123 456 78", Takes::Only(&["call me", "12", "08-123 456 78", "+0000000000"])),
    ]
}

fn activity() -> Vec<Row> {
    vec![
        Row::new("website", "https://blueshop.example", Takes::Only(URLS)),
        Row::new("category", "clothing", Takes::Choice),
        Row::new("description", "Blue clothes for people who like blue.", Takes::Lines(2_000)),
        Row::new("volume_currency", "SEK", Takes::Choice),
        Row::new("monthly_volume", "25000", Takes::Amount),
        Row::new("average_payment", "499", Takes::Amount),
    ]
}

fn owner() -> Vec<Row> {
    let dates = &["31.5.1984", "1980-02-30", "2025-01-01", "1850-01-01", "0000-00-00", "-1", "yesterday"];
    vec![
        Row::new("owners.0.name", "Ann Berg", Takes::Line(200)),
        Row::new("owners.0.birth_date", "1980-02-29", Takes::Only(dates)),
        Row::new("owners.0.country", "SE", Takes::Choice),
        Row::new("owners.0.share", "100", Takes::Whole(0, 100)),
        Row::new("owners.0.role", "CEO", Takes::Line(120)),
    ]
}

/// What customers fill in.
pub fn customers(world: &World) -> Vec<Case> {
    let numbers = &["4242", "4111111111111111", "12a", "-1"];
    let dates = &["13/34", "00/34", "1/2/3", "12/20", "soon"];
    let codes = &["12", "12345", "12a", "-1"];
    vec![
        hosted(
            "a payment link",
            &world.pay,
            &world.pay,
            vec![Row::new("amount", "12.50", Takes::Amount), Row::new("quantity", "2", Takes::Whole(1, 5)).optional()],
        ),
        hosted(
            "bounds of a payment link",
            &world.pay,
            &world.pay,
            vec![
                Row::new("amount", "5", Takes::Only(&["4.99", "100.01", "0.00"])),
                Row::new("quantity", "5", Takes::Whole(1, 5)).optional(),
            ],
        ),
        hosted(
            "checkout",
            &world.checkout,
            &world.checkout,
            vec![
                EMAIL,
                Row::new("name", "Grace Buyer", Takes::Line(120)).optional(),
                Row::new("card_number", "4242424242424242", Takes::Card(numbers)),
                Row::new("card_expiry", "12/34", Takes::Card(dates)),
                Row::new("card_code", "123", Takes::Card(codes)),
                Row::new("save", "", Takes::Ignored),
                Row::new("browser", "", Takes::Ignored),
                Row::fixed("method", &["", "nonsense", "\u{0}"]),
                Row::fixed("form_key", &["", "x", "with/slash", "\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}"]),
            ],
        ),
    ]
}

/// Merchant and mode, as every form of the portal has them.
fn placed(rows: Vec<Row>) -> Vec<Row> {
    let modes = &["", "neither"];
    [vec![Row::fixed("scope[merchant]", IDS), Row::fixed("scope[mode]", modes)], rows].concat()
}

/// `provider` may be chosen once; later it is only told.
fn connection_rows(provider: Row) -> Vec<Row> {
    placed(vec![
        Row::fixed("id", &["nonsense", "gw_00000000000000000000000000"]),
        provider,
        Row::fixed("form[version]", &["abc", "99999999999999999999"]),
        Row::new("name", "Sandbox", Takes::Line(60)),
        Row::fixed("form[credentials][0][0]", &["nonsense"]),
        Row::new("credentials.label", "here", Takes::Line(4_000)).optional().posted("form[credentials][0][1]"),
        Row::new("methods", "card", Takes::Choice).posted("form[methods][]"),
        Row::new("currencies", "EUR, SEK", Takes::Only(&["EUR, XX", "EURO", "eur-sek", "-1"])).optional(),
        Row::new("priority", "3", Takes::Whole(0, 9_999)).optional(),
    ])
}

/// What is no moment, and what is no end of a window that begins on 6 January at 10.
const MOMENTS: &[&str] =
    &["2026-01-06", "tomorrow", "10:00", "2026-02-30T10:00", "2026-01-06T25:00", "2026-01-06T10:60", "-1"];
const ENDS: &[&str] = &["2026-01-07", "2026-01-06T09:59", "2020-01-01T10:00", "2026-03-06T10:00", "2026-01-07T10"];

/// Moments on the merchant's clocks.
fn maintenance_rows() -> Vec<Row> {
    placed(vec![
        Row::fixed("id", &["nonsense", "gwc_00000000000000000000000000"]),
        Row::new("from", "2026-01-06T10:00", Takes::Only(MOMENTS)),
        Row::new("until", "2026-01-06T12:00", Takes::Only(ENDS)),
    ])
}

fn link_rows(pricing: &'static str) -> Vec<Row> {
    let (fixed, customer) = match pricing {
        "fixed" => (Takes::Amount, Takes::Ignored),
        _ => (Takes::Ignored, Takes::Amount),
    };
    placed(vec![
        Row::fixed("id", &["nonsense", "plink_00000000000000000000000000"]),
        Row::fixed("form[version]", &["abc", "99999999999999999999"]),
        Row::new("title", "Field guide", Takes::Line(120)),
        Row::new("description", "To gulls.", Takes::Lines(1_000)).optional(),
        Row::new("currency", "EUR", Takes::Choice),
        Row::new("pricing", pricing, Takes::Choice),
        Row::new("amount", "12.50", fixed),
        Row::new("min_amount", "1", customer).optional(),
        Row::new("max_amount", "50", customer).optional(),
        Row::new("max_quantity", "3", Takes::Whole(1, 1_000)).optional(),
        Row::new("stock", "30", Takes::Whole(0, 10_000_000)).optional(),
        Row::new("capture_method", "manual", Takes::Choice).optional(),
        Row::new("success_url", "", Takes::Only(URLS)).optional(),
    ])
}

fn session_rows() -> Vec<Row> {
    placed(vec![
        Row::new("currency", "EUR", Takes::Choice),
        Row::new("items.0.name", "Chart", Takes::Line(120)),
        Row::new("items.0.quantity", "1", Takes::Whole(1, 10_000)),
        Row::new("items.0.unit_amount", "9.00", Takes::Amount),
        Row::new("customer_email", "grace#@customers.example", Takes::Only(EMAILS)).optional(),
        Row::new("client_reference", "order #", Takes::Line(200)).optional(),
        Row::new("success_url", "", Takes::Only(URLS)).optional(),
        Row::new("cancel_url", "", Takes::Only(URLS)).optional(),
        Row::new("expires_in_hours", "24", Takes::Whole(1, 720)).optional(),
        Row::new("capture_method", "manual", Takes::Choice).optional(),
        Row::new("metadata.0.key", "order", Takes::Line(40)).posted("form[metadata][0][0]").later(),
        Row::new("metadata.0.value", "7", Takes::Line(500)).optional().posted("form[metadata][0][1]").later(),
    ])
}

fn refund_rows(kind: &'static str) -> Vec<Row> {
    let amount = if kind == "full" { Takes::Ignored } else { Takes::Amount };
    placed(vec![
        Row::fixed("id", &["nonsense", "pi_00000000000000000000000000"]),
        Row::fixed("form[form_key]", &["", "x", "with/slash"]),
        Row::fixed("form[remaining]", &["abc", "99999999999999999999"]),
        Row::new("kind", kind, Takes::Choice),
        Row::new("amount", "1.50", amount),
        Row::new("reason", "duplicate", Takes::Choice),
        Row::new("note", "As agreed.", Takes::Lines(500)).optional(),
    ])
}

fn capture_rows(kind: &'static str) -> Vec<Row> {
    let amount = if kind == "full" { Takes::Ignored } else { Takes::Amount };
    placed(vec![
        Row::fixed("id", &["nonsense", "pi_00000000000000000000000000"]),
        Row::fixed("form[form_key]", &["", "x", "with/slash"]),
        Row::fixed("form[authorized]", &["abc", "99999999999999999999"]),
        Row::new("kind", kind, Takes::Choice),
        Row::new("amount", "1.50", amount),
    ])
}

/// Which method is charged is written by script when a button is pressed.
fn charge_rows(world: &World) -> Vec<Row> {
    let methods = &["", "nonsense", "pm_00000000000000000000000000"];
    placed(vec![
        Row::fixed("id", &["nonsense", "cus_00000000000000000000000000"]),
        Row::fixed("form[form_key]", &["", "x", "with/slash"]),
        Row::new("form[method]", kept(&world.kept_method), Takes::Fixed(methods)).later(),
        Row::new("amount", "5.00", Takes::Amount),
        Row::new("currency", "EUR", Takes::Choice),
        Row::new("description", "June", Takes::Line(120)),
    ])
}

fn business_rows() -> Vec<Row> {
    let statement = &["HB", "Häfen", "12345", "BLUE*SHOP", "xxxxxxxxxxxxxxxxxxxxxxx"];
    let origins = &["https://shop.example/path", "shop", "http://shop.example", "https://a.example, https://b.example"];
    placed(vec![
        Row::fixed("form[version]", VERSIONS),
        Row::new("name", "Blue Shop", Takes::Line(120)),
        Row::new("statement_name", "BLUE SHOP", Takes::Only(statement)).optional(),
        Row::new("support_email", "help@shop.example", Takes::Only(EMAILS)).optional(),
        Row::new("support_url", "https://shop.example/help", Takes::Only(URLS)).optional(),
        Row::new("timezone", "Europe/Stockholm", Takes::Choice),
        Row::new("default_currency", "SEK", Takes::Choice),
        Row::new("return_origins", "https://shop.example", Takes::Only(origins)).optional(),
        Row::new("late_success", "refund", Takes::Choice).optional(),
    ])
}

/// What is decided is written by script when a button is pressed.
fn decision_rows(world: &World) -> Vec<Row> {
    let ids = &["", "nonsense", "op_00000000000000000000000000"];
    placed(vec![
        Row::new("id", kept(&world.doubt), Takes::Fixed(ids)).later(),
        Row::new("form[decision]", "happened", Takes::Fixed(&["", "nonsense"])).later(),
        Row::new("gateway_ref", "ch_seen", Takes::Line(200)).later(),
    ])
}

/// What an entry pays is written by script when a button is pressed.
fn entry_rows(world: &World) -> Vec<Row> {
    let (id, transfer) = (kept(&world.entry), kept(&world.transfer));
    placed(vec![
        Row::new("id", id, Takes::Fixed(&["", "nonsense", "bse_00000000000000000000000000"])).later(),
        Row::new("form[decision]", "pays", Takes::Fixed(&["", "nonsense"])).later(),
        Row::new("form[transfer]", transfer, Takes::Fixed(&["", "nonsense", "op_00000000000000000000000000"])).later(),
        Row::new("amount", "50.00", Takes::Only(&["48.00", "abc", "-1"])).later(),
    ])
}

/// The columns of the world's table. Words for in and out, and a currency for all rows, count only without columns of their own.
fn column_rows() -> Vec<Row> {
    let column = |name, good| Row::new(name, good, Takes::Choice);
    let unread = |name| Row::new(name, "", Takes::Ignored);
    placed(vec![
        Row::fixed("id", &["", "nonsense", "bst_00000000000000000000000000"]),
        Row::new("header_rows", "1", Takes::Whole(0, 100)),
        column("date", "0"),
        column("date_order", "year_month_day"),
        column("calendar", "gregorian"),
        column("amount", "1"),
        column("debit", "").optional(),
        column("mark", "").optional(),
        unread("mark_credit"),
        unread("mark_debit"),
        column("decimal", "comma"),
        column("currency_column", "2").optional(),
        unread("currency"),
        Row::new("reference", "4", Takes::Only(&["x", "-1"])),
        column("payer", "3").optional(),
        column("payer_account", "").optional(),
        column("bank_ref", "").optional(),
        column("end_to_end_id", "").optional(),
    ])
}

/// A merchant's forms in the portal.
pub fn portal(world: &World) -> Vec<Case> {
    let at = |rest: &str| format!("/m/{}/test/{rest}", world.merchant);
    let form = ("form", "");
    let showing = |case: Case, pages: &[&str]| Case { shown: pages.iter().map(|page| at(page)).collect(), ..case };
    let gateway = at(&format!("gateways/{}", world.connection));
    let link = at(&format!("payment-links/{}", world.link));
    let payment = at(&format!("payments/{}", world.payment));
    let [part, all] = world.held.each_ref().map(|id| at(&format!("payments/{id}")));
    let member = Row::new("user", kept(&world.colleague), Takes::Fixed(IDS)).later();
    let role = Row::new("role", "viewer", Takes::Choice);
    let (colors, new) = (&["red", "#12345", "#gggggg", "rgb(1,2,3)", "#1234567"], "seven quiet kettles 42");
    let provider = Row::fixed("form[provider]", &["nonsense", ""]);
    let told = Row::new("provider", "", Takes::Ignored);
    let mut cases = vec![
        showing(
            script("a gateway", at("gateways/new"), "gateways/save", form, connection_rows(provider)),
            &["gateways"],
        ),
        showing(script("a gateway again", gateway, "gateways/save", form, connection_rows(told)), &["gateways"]),
        script(
            "a window of maintenance",
            at(&format!("gateways/{}/health", world.connection)),
            "gateways/maintenance/save",
            form,
            maintenance_rows(),
        ),
        showing(
            script("a link", at("payment-links/new"), "payment-links/save", form, link_rows("fixed")),
            &["payment-links"],
        ),
        showing(
            script("a link for any amount", at("payment-links/new"), "payment-links/save", form, link_rows("customer")),
            &["payment-links"],
        ),
        showing(script("a link again", link, "payment-links/save", form, link_rows("fixed")), &["payment-links"]),
        script("a session", at("checkout-sessions/new"), "checkout-sessions/create", form, session_rows()),
        showing(
            script("a part refunded", &payment, "payments/refund", ("form", "refund-"), refund_rows("partial")),
            &["refunds"],
        ),
        script("all refunded", &payment, "payments/refund", ("form", "refund-"), refund_rows("full")),
        showing(
            script(
                "a charge",
                at(&format!("customers/{}", world.customer)),
                "customers/charge",
                ("form", "charge-"),
                charge_rows(world),
            ),
            &["payments"],
        ),
        script("a part captured", &part, "payments/capture", ("form", "capture-"), capture_rows("partial")),
        script("all captured", &all, "payments/capture", ("form", "capture-"), capture_rows("full")),
        script("an entry", at("bank-transfers?view=doubtful"), "bank/decide", ("form", "entry-"), entry_rows(world)),
        script(
            "a table's columns",
            at(&format!("bank-transfers/{}", world.statement)),
            "bank/read",
            form,
            column_rows(),
        ),
        script("an outcome", at("payments/review"), "review/decide", ("form", "review-"), decision_rows(world)),
    ];
    cases.extend([
        showing(
            script("the business", at("settings/business"), "settings/save_business", form, business_rows()),
            &["settings/business", "dashboard"],
        ),
        script(
            "the colour",
            at("settings/branding"),
            "settings/save_brand_color",
            ("", "color-"),
            placed(vec![
                Row::fixed("version", VERSIONS),
                Row::new("brand_color", "0b5e5a", Takes::Only(colors)).optional(),
            ]),
        ),
        script(
            "an invitation",
            at("settings/team"),
            "settings/invite",
            ("", "invite-"),
            placed(vec![Row { good: "vic#@shop.example", ..EMAIL }, role]),
        ),
        script(
            "an invitation's end",
            at("settings/team"),
            "settings/revoke_invitation",
            ("", "revoke-"),
            placed(vec![Row::fixed("id", &["", "nonsense"])]),
        ),
        script(
            "a role",
            at("settings/team"),
            "settings/change_role",
            ("", "role-"),
            placed(vec![role.later(), member]),
        ),
        script("a member's end", at("settings/team"), "settings/remove_member", ("", "remove-"), placed(vec![member])),
        showing(
            script("one's name", at("settings/profile"), "settings/save_name", ("", ""), vec![NAME]),
            &["settings/profile"],
        ),
        script(
            "a session's end",
            at("settings/sessions"),
            "settings/revoke_session",
            ("", "one-"),
            vec![Row::fixed("handle", &["", "nonsense", "\u{0}"])],
        ),
        script("the logo's end", at("settings/branding"), "settings/remove_logo", ("", "logo-"), placed(Vec::new())),
        script(
            "the password",
            at("settings/password"),
            "settings/change_password",
            ("", ""),
            vec![
                Row::new("current", PASSWORD, Takes::Only(&["wrong", "plum-otter-93-quaY"])),
                Row { name: "new", good: new, ..NEW_PASSWORD },
            ],
        ),
    ]);
    cases
}

/// The operator's forms.
pub fn operator(world: &World) -> Vec<Case> {
    let [one, two] = &world.waiting;
    let page = |merchant: &domain::MerchantId| format!("/admin/applications/{merchant}");
    let about = |rows: Vec<Row>| [vec![Row::fixed("merchant", IDS)], rows].concat();
    let decided = |rows: Vec<Row>| {
        let more = [Row::fixed("version", VERSIONS), Row::fixed("decision", &["", "nonsense"])];
        [about(rows), more.to_vec()].concat()
    };
    let reason = Row::new("text", "Which shop?", Takes::Lines(2_000));
    let shows = |case: Case, page: String| Case { shown: vec![page], ..case };
    let staff = vec![NAME, Row { good: "new#@op.example", ..EMAIL }, Row::new("role", "reviewer", Takes::Choice)];
    let boolean = &["", "perhaps"];
    vec![
        script(
            "take an application",
            page(one),
            "admin/admin_assign",
            ("", "assign"),
            about(vec![Row::fixed("take", boolean)]),
        ),
        script(
            "a point of the checklist",
            page(one),
            "admin/admin_check",
            ("", "check"),
            about(vec![Row::fixed("item", &["", "nonsense"]), Row::fixed("done", boolean)]),
        ),
        shows(
            script(
                "a note",
                page(one),
                "admin/admin_note",
                ("", "note"),
                about(vec![Row::new("text", "Looks fine.", Takes::Lines(4_000))]),
            ),
            page(one),
        ),
        shows(
            Case {
                holding: Some("ask"),
                ..script("ask for more", page(one), "admin/admin_decide", ("", "ask"), decided(vec![reason]))
            },
            page(one),
        ),
        shows(
            Case {
                holding: Some("deny"),
                ..script("deny", page(two), "admin/admin_decide", ("", "deny"), decided(vec![reason]))
            },
            page(two),
        ),
        shows(
            script(
                "suspend",
                page(two),
                "admin/admin_suspend",
                ("", "suspend"),
                about(vec![Row::new("reason", "Fraud.", Takes::Lines(2_000))]),
            ),
            page(two),
        ),
        script("reinstate", page(two), "admin/admin_reinstate", ("", "reinstate"), about(Vec::new())),
        shows(script("staff", "/admin/staff", "admin/admin_create_staff", ("", ""), staff), "/admin/staff".to_owned()),
        script(
            "close an account",
            "/admin/staff",
            "admin/admin_set_staff_disabled",
            ("", "disable-"),
            vec![Row::fixed("user", &["", "nonsense"]), Row::fixed("disabled", boolean)],
        ),
        script(
            "maintenance of a provider",
            "/admin/gateways",
            "admin/admin_plan_maintenance",
            ("form", ""),
            vec![
                Row::new("provider", "sandbox", Takes::Choice),
                Row::new("from", "2026-01-06T10:00", Takes::Only(MOMENTS)),
                Row::new("until", "2026-01-06T12:00", Takes::Only(ENDS)),
            ],
        ),
        script(
            "a mail again",
            format!("/admin/mail/{}", world.failed_mail),
            "admin/admin_retry_mail",
            ("", ""),
            vec![Row::fixed("id", &["", "nonsense"])],
        ),
        shows(
            script(
                "a job given up",
                "/admin/jobs",
                "admin/admin_discard_job",
                ("", "discard-"),
                vec![
                    Row::new("id", kept(&world.job), Takes::Fixed(&["", "nonsense"])).later(),
                    Row::new("reason", "It was done by hand.", Takes::Lines(500)).later(),
                ],
            ),
            "/admin/jobs?status=discarded".to_owned(),
        ),
    ]
}
