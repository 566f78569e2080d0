//! A server on a database of its own, and browsers that keep cookies.

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use clap::Parser;
use http_body_util::BodyExt;
use paydeck::config::Options;
use paydeck::state::AppState;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use test_support::{TestDb, TestServices};
use tower::ServiceExt;

pub const URL: &str = "http://paydeck.test";
pub const PASSWORD: &str = "plum-otter-93-quay";

#[derive(Parser)]
struct Line {
    #[command(flatten)]
    options: Options,
}

pub struct TestApp {
    pub t: TestServices,
    pub router: Router,
    pub state: AppState,
    _db: TestDb,
}

impl TestApp {
    pub async fn new() -> Self {
        Self::with(&[]).await
    }

    /// With arguments of `serve`.
    pub async fn with(args: &[&str]) -> Self {
        Self::on(TestDb::sqlite().await, args).await
    }

    /// On a database of the test's choice.
    pub async fn on(db: TestDb, args: &[&str]) -> Self {
        let t = TestServices::new(&db);
        let mut line = vec!["paydeck", "--public-url", URL, "--database-url", db.url(), "--site-dir", "/nonexistent"];
        line.extend(args);
        // The last of two counts.
        let options = Line::try_parse_from(dedup(&line)).unwrap().options;
        let state = AppState::new(t.svc.clone(), options.resolve().unwrap());
        let router = paydeck::build_router(state.clone());
        Self { t, router, state, _db: db }
    }

    pub fn browser(&self) -> Browser {
        Browser {
            router: self.router.clone(),
            cookies: BTreeMap::new(),
            ip: "192.0.2.7".to_owned(),
            headers: HeaderMap::new(),
        }
    }

    /// The link of the last mail of a template, without the server's address.
    pub async fn mailed(&self, template: &str) -> String {
        let sql = format!("select params from mails where template = '{template}' order by created_at, id");
        let params = self.t.texts(&sql).await.pop().expect("a mail");
        let params: serde_json::Value = serde_json::from_str(&params).unwrap();
        params["link"].as_str().expect("a link").strip_prefix(URL).expect("our own address").to_owned()
    }

    pub async fn count(&self, table: &str) -> i64 {
        self.t.number(&format!("select cast(count(*) as bigint) from {table}")).await
    }

    /// A browser of somebody who has signed up and opened the mail's link.
    pub async fn member(&self, email: &str) -> Browser {
        let mut browser = self.browser();
        let form = [("name", "Ann Berg"), ("email", email), ("password", PASSWORD), ("business_name", "Blue Shop")];
        browser.post("/signup", &form).await.expect_redirect("/check-mail?for=signup");
        self.t.clock.advance(1);
        let link = self.mailed("verify_email").await;
        let token = link.split_once("token=").expect("a token").1.to_owned();
        browser.get(&link).await.expect(200);
        browser.post("/verify", &[("token", &token)]).await.expect_redirect("/");
        browser
    }
}

/// Keeps the last value of an option that stands twice.
fn dedup<'a>(line: &[&'a str]) -> Vec<&'a str> {
    let mut out: Vec<&str> = vec![line[0]];
    for pair in line[1..].chunks(2) {
        if let Some(at) = out.iter().position(|known| *known == pair[0] && pair.len() == 2) {
            out.splice(at..at + 2, pair.iter().copied());
        } else {
            out.extend(pair);
        }
    }
    out
}

pub struct Browser {
    router: Router,
    pub cookies: BTreeMap<String, String>,
    pub ip: String,
    /// Sent with every request.
    pub headers: HeaderMap,
}

impl Browser {
    pub async fn get(&mut self, path: &str) -> Page {
        self.send(Request::get(path).header(header::ACCEPT, "text/html"), Body::empty()).await
    }

    pub async fn post(&mut self, path: &str, form: &[(&str, &str)]) -> Page {
        let body = serde_urlencoded::to_string(form).unwrap();
        let request = Request::post(path)
            .header(header::ACCEPT, "text/html")
            .header("sec-fetch-site", "same-origin")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.send(request, Body::from(body)).await
    }

    /// A multipart form of texts and one file.
    pub async fn upload(&mut self, path: &str, texts: &[(&str, &str)], name: &str, bytes: &[u8]) -> Page {
        let mut body = Vec::new();
        for (field, text) in texts {
            let part = format!("--XX\r\ncontent-disposition: form-data; name=\"{field}\"\r\n\r\n{text}\r\n");
            body.extend_from_slice(part.as_bytes());
        }
        let head = format!(
            "--XX\r\ncontent-disposition: form-data; name=\"file\"; filename=\"{name}\"\r\ncontent-type: application/pdf\r\n\r\n"
        );
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(bytes);
        body.extend_from_slice(b"\r\n--XX--\r\n");
        let request = Request::post(path)
            .header(header::ACCEPT, "text/html")
            .header("sec-fetch-site", "same-origin")
            .header(header::CONTENT_TYPE, "multipart/form-data; boundary=XX");
        self.send(request, Body::from(body)).await
    }

    pub async fn send(&mut self, request: axum::http::request::Builder, body: Body) -> Page {
        let mut request = request.body(body).unwrap();
        for (name, value) in &self.headers {
            request.headers_mut().insert(name, value.clone());
        }
        if !self.cookies.is_empty() {
            let all: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            request.headers_mut().insert(header::COOKIE, all.join("; ").parse().unwrap());
        }
        request.extensions_mut().insert(ConnectInfo(SocketAddr::new(self.ip.parse().unwrap(), 1)));
        let path = format!("{} {}", request.method(), request.uri());
        let is_head = request.method() == Method::HEAD;
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        for cookie in parts.headers.get_all(header::SET_COOKIE) {
            let cookie = cookie.to_str().unwrap();
            let (name, rest) = cookie.split_once('=').unwrap();
            let value = rest.split(';').next().unwrap();
            if value.is_empty() || cookie.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        let bytes = if is_head { axum::body::Bytes::new() } else { body.collect().await.unwrap().to_bytes() };
        Page {
            status: parts.status,
            headers: parts.headers,
            body: String::from_utf8_lossy(&bytes).into_owned(),
            bytes,
            path,
        }
    }
}

pub struct Page {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
    pub bytes: axum::body::Bytes,
    path: String,
}

impl Page {
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{}: {}", self.path, self.body);
        self
    }

    #[track_caller]
    pub fn expect_redirect(self, to: &str) -> Self {
        assert_eq!(self.status.as_u16(), 303, "{}: {}", self.path, self.body);
        assert_eq!(self.header("location"), to, "{}", self.path);
        self
    }

    #[track_caller]
    pub fn has(self, text: &str) -> Self {
        assert!(self.body.contains(text), "{}: {text:?} is missing in {}", self.path, self.body);
        self
    }

    #[track_caller]
    pub fn has_not(self, text: &str) -> Self {
        assert!(!self.body.contains(text), "{}: {text:?} stands in {}", self.path, self.body);
        self
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}
