//! Documents are downloads for those who may, and nothing to others.

use crate::auth::actor;
use crate::onboarding::PDF;
use crate::support::TestApp;

#[tokio::test]
async fn documents_are_downloads_that_can_run_nothing() {
    let app = TestApp::new().await;
    let mut ann = app.member("ann@shop.example").await;
    ann.upload("/onboarding/documents/upload", &[("purpose", "bank")], "letter \"x\".pdf", PDF).await.expect(303);
    let merchant = actor(&app).await.scope.merchant;
    let id = app.t.texts("select id from files").await.pop().unwrap();
    let path = format!("/files/{merchant}/{id}");
    let file = ann.get(&path).await.expect(200);
    assert_eq!(&file.bytes[..], PDF);
    assert_eq!(file.header("content-type"), "application/pdf");
    assert!(file.header("content-disposition").starts_with("attachment; filename=\""));
    assert_eq!(file.header("content-security-policy"), "default-src 'none'; sandbox; frame-ancestors 'none'");
    assert_eq!(file.header("x-content-type-options"), "nosniff");
    assert_eq!(file.header("cache-control"), "no-store");
    app.browser().get(&path).await.expect_redirect(&format!("/login?next={path}"));
    let mut eve = app.member("eve@other.example").await;
    eve.get(&path).await.expect(404);
    eve.get(&format!("/files/{merchant}/nonsense")).await.expect(404);
    let opened = app.t.texts("select action from audit_entries where action like 'document.%' order by seq").await;
    assert!(opened.contains(&"document.upload".to_owned()), "{opened:?}");
}

#[tokio::test]
async fn a_logo_is_served_to_everybody() {
    let app = TestApp::new().await;
    app.member("ann@shop.example").await;
    let actor = actor(&app).await;
    let merchant = actor.scope.merchant.clone();
    app.browser().get(&format!("/logo/{merchant}/1")).await.expect(404);
    let png = b"\x89PNG\r\n\x1a\nrest";
    services::merchants::set_logo(&app.t.svc, &actor, "logo.png", png).await.unwrap();
    let logo = app.browser().get(&format!("/logo/{merchant}/1")).await.expect(200);
    assert_eq!((logo.header("content-type"), &logo.bytes[..]), ("image/png", &png[..]));
    assert!(logo.header("cache-control").contains("immutable"));
}
