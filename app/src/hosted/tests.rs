//! Documents are whole and safe.

use super::*;
use crate::Assets;
use crate::hosted::form::{FormCx, error_summary, text_field};
use domain::{FieldProblem, Problem, problem::codes};
use std::sync::Arc;

fn info(locale: Locale) -> RequestInfo {
    RequestInfo::anonymous(locale, Arc::new(Assets::empty()))
}

#[test]
fn a_document_names_its_language_and_escapes_its_title() {
    let info = info(Locale::Fa);
    let page_ = HostedPage { error: true, brand_color: Some("#7A1F5C"), ..HostedPage::new("<script>", &info) };
    let html = page(page_, || view! { <main id="main">{"a < b"}</main> });
    assert!(html.starts_with("<!DOCTYPE html><html lang=\"fa\" dir=\"rtl\">"));
    assert!(html.contains("&lt;script&gt;") && html.contains("a &lt; b"));
    assert!(html.contains("--brand:#7a1f5c;--brand-ink:#fff"));
    assert!(!html.contains(" style"));
}

#[test]
fn ink_is_readable_on_every_brand_colour() {
    for (color, ink) in
        [("#ffffff", "#000"), ("#000000", "#fff"), ("#767676", "#000"), ("#0000ff", "#fff"), ("#ffff00", "#000")]
    {
        assert_eq!(brand_pair(color).unwrap().1, ink, "{color}");
    }
    for bad in ["red", "#fff", "#12345g", "", "#ffffff;}"] {
        assert_eq!(brand_pair(bad), None, "{bad}");
    }
}

#[test]
fn fields_tell_what_is_wrong() {
    let problem = Problem::fields(vec![FieldProblem::new("email", codes::BAD_EMAIL)]);
    let html = fragment(&info(Locale::En), || {
        let cx = FormCx::hosted(Some(problem));
        view! { {error_summary(&cx)} {text_field(&cx, "email", "E-mail", "a\"b")} }
    });
    for part in [
        "href=\"#email\"",
        "aria-invalid=\"true\"",
        "aria-describedby=\"email-error\"",
        "id=\"email-error\"",
        "value=\"a&quot;b\"",
    ] {
        assert!(html.contains(part), "{part} is missing in {html}");
    }
}
