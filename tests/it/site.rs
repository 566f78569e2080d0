//! Built files: compressed twins, lifetimes, and nothing that is not ours.

use crate::support::TestApp;
use axum::body::Body;
use axum::http::{Request, header};

#[tokio::test]
async fn files_are_served_compressed_and_kept() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, content: &str| {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    };
    write("assets/portal.abc.css", "plain");
    write("assets/portal.abc.css.br", "brotli");
    write("assets/portal.abc.css.gz", "gzip");
    write("robots.txt", "robots");
    write("manifest.json", r#"{"portal.css":"/assets/portal.abc.css","hosted.css":"/assets/hosted.abc.css"}"#);
    write(".build.json", "{}");
    let site = folder.path().display().to_string();
    let app = TestApp::with(&["--site-dir", &site]).await;
    let get = |path: &str, encoding: &str| Request::get(path).header(header::ACCEPT_ENCODING, encoding);
    for (encoding, body) in [("br, gzip", "brotli"), ("gzip", "gzip"), ("identity", "plain")] {
        let page = app.browser().send(get("/assets/portal.abc.css", encoding), Body::empty()).await.expect(200);
        assert_eq!(page.body, body);
        assert_eq!(page.header("cache-control"), "public, max-age=31536000, immutable");
        assert_eq!(page.header("vary"), "accept-encoding");
        assert_eq!(page.header("content-type"), "text/css");
        assert!(page.headers.get("set-cookie").is_none());
    }
    let robots = app.browser().get("/robots.txt").await.expect(200);
    assert_eq!((robots.body.as_str(), robots.header("cache-control")), ("robots", "public, max-age=3600"));
    for path in [
        "/manifest.json",
        "/.build.json",
        "/assets",
        "/assets/",
        "/assets/../manifest.json",
        "/assets/%2e%2e/manifest.json",
    ] {
        app.browser().get(path).await.expect(404);
    }
    app.browser().get("/login").await.has("/assets/hosted.abc.css");
}

#[tokio::test]
async fn the_server_tells_how_it_is() {
    let app = TestApp::new().await;
    app.browser().get("/healthz").await.expect(200).has("ok");
    app.browser().get("/readyz").await.expect(200).has("ready");
}

#[tokio::test]
async fn every_listed_route_is_answered() {
    let app = TestApp::new().await;
    for (method, path) in paydeck::routes::all() {
        let path =
            path.split('/').map(|part| if part.starts_with('{') { "x" } else { part }).collect::<Vec<_>>().join("/");
        let request = Request::builder().method(method).uri(&path).header("sec-fetch-site", "same-origin");
        let page = app.browser().send(request.header(header::ACCEPT, "text/html"), Body::empty()).await;
        assert_ne!(page.status.as_u16(), 405, "{method} {path}");
        assert!(page.status.as_u16() < 500, "{method} {path}: {}", page.body);
    }
}

#[tokio::test]
async fn pages_for_developers_are_served_to_developers_only() {
    let app = TestApp::new().await;
    for (developer, status) in [(true, 200), (false, 404)] {
        let mut state = app.state.clone();
        state.developer = developer;
        let mut browser = app.browser_of(paydeck::build_router(state));
        browser.get("/dev/components").await.expect(status);
    }
}
