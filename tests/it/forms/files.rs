//! Files: what they hold decides, whatever their names and types say.

use super::html::Document;
use super::world::World;
use super::{CONTROL, MARKUP, OVERRIDE};
use crate::onboarding::PDF;
use test_support::for_each_engine;

/// Files that are refused: name, content.
fn wrong(most: usize) -> Vec<(&'static str, Vec<u8>)> {
    vec![
        ("empty.pdf", Vec::new()),
        ("page.pdf", b"<html><script>alert(1)</script>".to_vec()),
        ("picture.png", b"<svg onload=\"alert(1)\"/>".to_vec()),
        ("program.pdf", b"MZ\x90\0".to_vec()),
        ("late.pdf", [b"x".as_slice(), PDF].concat()),
        ("large.pdf", [PDF, vec![b'%'; most].as_slice()].concat()),
    ]
}

for_each_engine!(documents, |db| async {
    let world = World::on(db).await;
    let path = "/onboarding/documents/upload";
    let m = world.merchant.to_string();
    let mut owner = world.browser_at("/m/");
    let before = world.rows(false).await;
    for (name, bytes) in wrong(10 * 1024 * 1024) {
        let page = owner.upload(path, &[("m", &m), ("purpose", "bank")], name, &bytes).await.expect(422);
        let document = Document::of(&page.body);
        assert!(document.text_of("file-error").is_some_and(|text| !text.is_empty()), "{name}: {}", page.body);
        let forms = document.forms();
        let form = forms.iter().find(|form| form.action == path).unwrap();
        assert_eq!(form.named("purpose")[0].value, "bank", "{name}: what was chosen is lost");
        assert!(form.named("file")[0].invalid && !page.body.contains("<script>alert"), "{name}");
    }
    for purpose in ["", "nonsense", MARKUP, OVERRIDE, CONTROL, &"x".repeat(100_000)] {
        let page = owner.upload(path, &[("m", &m), ("purpose", purpose)], "a.pdf", PDF).await.expect(422);
        let document = Document::of(&page.body);
        assert!(document.text_of("purpose-error").is_some_and(|text| !text.is_empty()), "{purpose}");
        assert!(!page.body.contains("<script>alert"));
    }
    for other in ["nonsense", "acct_00000000000000000000000000", world.asked.as_str(), CONTROL] {
        owner.upload(path, &[("m", other), ("purpose", "bank")], "a.pdf", PDF).await.expect(404);
    }
    world.assert_untouched(&before, false, "after all").await;
    // A name that fools readers is cleaned, not refused.
    owner.upload(path, &[("m", &m), ("purpose", "bank")], "abc\u{202e}fdp.exe", PDF).await.expect(303);
    let page = owner.get(&format!("/onboarding?m={m}&step=documents")).await.expect(200);
    page.has("abcfdp.pdf").has_not("\u{202e}");
    let id =
        world.app.t.texts("select id from files where purpose = 'bank' and name = 'abcfdp.pdf'").await.pop().unwrap();
    let before = world.rows(false).await;
    for wrong in ["", "nonsense", CONTROL, MARKUP] {
        let page = owner.post("/onboarding/documents/remove", &[("m", &m), ("id", wrong)]).await;
        assert!(page.status.is_client_error() && page.body.contains("<h1"), "{wrong:?}: {}", page.status);
    }
    owner.post("/onboarding/documents/remove", &[("m", world.asked.as_str()), ("id", &id)]).await.expect(404);
    owner.post("/onboarding/submit", &[("m", "nonsense")]).await.expect(404);
    owner.post("/onboarding/submit", &[("m", &m)]).await.expect(422).has("class=\"error-summary\"");
    world.assert_untouched(&before, false, "after all").await;
});

for_each_engine!(a_statement, |db| async {
    let world = World::on(db).await;
    let (m, connection) = (world.merchant.to_string(), world.account.clone());
    let mut owner = world.browser_at("/m/");
    let before = world.rows(false).await;
    for (name, bytes) in
        [("empty.xml", &b""[..]), ("other.xml", &b"<html/>"[..]), ("letter.txt", &b"Dear customer"[..])]
    {
        let texts = [("merchant", m.as_str()), ("mode", "test"), ("connection", connection.as_str())];
        let page = owner.upload_as("file", "/bank-transfers/statements", &texts, name, bytes).await.expect(303);
        let back = page.header("location").to_owned();
        let page = owner.get(&back).await.expect(200);
        let document = Document::of(&page.body);
        assert!(document.text_of("statement-error").is_some_and(|text| !text.is_empty()), "{name}: {back}");
        let forms = document.forms();
        let form = forms.iter().find(|form| form.action == "/bank-transfers/statements").unwrap();
        let field = form.named("file")[0];
        assert!(field.invalid && field.described_by.contains("statement-error"), "{name}");
    }
    for (merchant, mode, connection) in [
        ("nonsense", "test", connection.as_str()),
        (m.as_str(), "neither", connection.as_str()),
        (m.as_str(), "test", "nonsense"),
        (m.as_str(), "test", world.connection.as_str()),
        (world.asked.as_str(), "test", connection.as_str()),
    ] {
        let texts = [("merchant", merchant), ("mode", mode), ("connection", connection)];
        let page = owner.upload_as("file", "/bank-transfers/statements", &texts, "a.csv", b"Date;Amount\n1;2").await;
        assert!(page.status.is_client_error(), "{merchant:?} {mode} {connection}: {}", page.status);
    }
    world.assert_untouched(&before, false, "after all").await;
});

for_each_engine!(a_logo, |db| async {
    let world = World::on(db).await;
    let m = world.merchant.to_string();
    let mut owner = world.browser_at("/m/");
    let before = world.rows(false).await;
    for (name, bytes) in wrong(512 * 1024).into_iter().chain([("paper.png", PDF.to_vec())]) {
        let texts = [("merchant", m.as_str()), ("mode", "test")];
        let page = owner.upload_as("logo", "/settings/logo", &texts, name, &bytes).await.expect(303);
        let back = page.header("location").to_owned();
        let page = owner.get(&back).await.expect(200);
        let document = Document::of(&page.body);
        assert!(document.text_of("logo-error").is_some_and(|text| !text.is_empty()), "{name}: {back}");
        let forms = document.forms();
        let form = forms.iter().find(|form| form.action == "/settings/logo").unwrap();
        let field = form.named("logo")[0];
        assert!(field.invalid && field.described_by.contains("logo-error"), "{name}");
    }
    for (merchant, mode) in
        [("nonsense", "test"), (m.as_str(), "neither"), (CONTROL, "test"), (world.asked.as_str(), "test")]
    {
        let texts = [("merchant", merchant), ("mode", mode)];
        let page = owner.upload_as("logo", "/settings/logo", &texts, "logo.png", b"\x89PNG\r\n\x1a\nrest").await;
        assert!(page.status.is_client_error(), "{merchant:?} {mode}: {}", page.status);
    }
    world.assert_untouched(&before, false, "after all").await;
});
