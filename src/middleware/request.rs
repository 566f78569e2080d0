//! The outermost layer: a request gets its id, its nonce, its address and its language, and is logged when it is answered.

use crate::state::AppState;
use app::RequestInfo;
use axum::extract::{ConnectInfo, MatchedPath, Request, State};
use axum::http::header::{ACCEPT_LANGUAGE, HeaderName, HeaderValue, SET_COOKIE, USER_AGENT};
use axum::http::{HeaderMap, Method};
use axum::middleware::Next;
use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use domain::Locale;
use services::Origin;
use std::net::{IpAddr, SocketAddr};
use tracing::Instrument;

/// The header that names a request to support.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("request-id");

/// The nonce of a request's Content-Security-Policy.
#[derive(Debug, Clone)]
pub struct Nonce(pub String);

impl Nonce {
    /// The nonce that [`begin`] gave a request.
    #[must_use]
    pub fn of(request: &Request) -> String {
        request.extensions().get::<Self>().map(|nonce| nonce.0.clone()).unwrap_or_default()
    }
}

/// Who is at the other end.
#[derive(Debug, Clone)]
pub struct Client {
    /// The address, behind believed proxies.
    pub ip: Option<String>,
}

/// Gives a request what the other layers work with.
pub async fn begin(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    let id = new_id(&state);
    let nonce = new_nonce(&state);
    let ip = client_ip(&request, &state.config.trusted_proxies);
    let headers = request.headers();
    let chosen = chosen_locale(&request);
    let mut info = RequestInfo::anonymous(chosen.unwrap_or_else(|| locale(headers)), state.assets.clone());
    info.theme = cookie(headers, cookies::THEME).and_then(|theme| theme.parse().ok());
    info.density = cookie(headers, cookies::DENSITY).and_then(|density| density.parse().ok());
    info.nonce.clone_from(&nonce);
    info.sandbox_live = state.config.sandbox_live;
    info.origin = Origin { ip: ip.clone(), user_agent: text(headers, &USER_AGENT), request_id: Some(id.clone()) };
    request.extensions_mut().insert(info);
    request.extensions_mut().insert(Nonce(nonce));
    request.extensions_mut().insert(Client { ip });

    let mut response = logged(&state, request, next, &id).await;
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    if let Some(cookie) = chosen.and_then(|locale| cookies::set(cookies::LOCALE, locale.tag(), state.config.is_https()))
    {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    response
}

/// Logs the route's pattern, never the path: paths hold tokens.
#[expect(clippy::disallowed_methods, reason = "measures a duration for the log")]
async fn logged(state: &AppState, request: Request, next: Next, id: &str) -> Response {
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().map_or_else(|| "-".to_owned(), |p| p.as_str().to_owned());
    let span = tracing::info_span!("request", id, %method, %route);
    let started = std::time::Instant::now();
    let response = next.run(request).instrument(span.clone()).await;
    let took = started.elapsed();
    let millis = took.as_millis();
    let status = response.status().as_u16();
    if let Some(metrics) = &state.metrics {
        metrics.request(method.as_str(), &route, status, took);
    }
    span.in_scope(|| {
        if status >= 500 {
            tracing::warn!(status, millis, "answered");
        } else {
            tracing::debug!(status, millis, "answered");
        }
    });
    response
}

fn new_id(state: &AppState) -> String {
    let mut random = [0; 10];
    state.services.entropy().fill(&mut random);
    format!("req_{}", domain::ids::encode(u64::try_from(state.services.now().millis()).unwrap_or(0), random))
}

fn new_nonce(state: &AppState) -> String {
    let mut random = [0; 16];
    state.services.entropy().fill(&mut random);
    STANDARD_NO_PAD.encode(random)
}

/// `?lang=fa` on a page chooses a language.
fn chosen_locale(request: &Request) -> Option<Locale> {
    if request.method() != Method::GET {
        return None;
    }
    let query = request.uri().query()?;
    query.split('&').find_map(|pair| pair.strip_prefix("lang=")).and_then(|tag| tag.parse().ok())
}

fn locale(headers: &HeaderMap) -> Locale {
    cookie(headers, cookies::LOCALE)
        .and_then(|tag| tag.parse().ok())
        .or_else(|| text(headers, &ACCEPT_LANGUAGE).and_then(|header| Locale::negotiate(&header)))
        .unwrap_or_default()
}

fn text(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
}

/// The value of a cookie of ours.
#[must_use]
pub fn cookie<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers
        .get_all(axum::http::header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(known, value)| (known == name).then_some(value))
}

/// The address of the client. A proxy's header counts only when the proxy is one of ours; then the last address that is
/// not a proxy of ours, since anything before it may be made up.
fn client_ip(request: &Request, proxies: &[IpAddr]) -> Option<String> {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip().to_canonical())?;
    if !proxies.contains(&peer) {
        return Some(peer.to_string());
    }
    let forwarded = request.headers().get_all("x-forwarded-for").iter().filter_map(|v| v.to_str().ok());
    let hops: Vec<IpAddr> = forwarded.flat_map(|v| v.split(',')).filter_map(|hop| hop.trim().parse().ok()).collect();
    let client = hops.iter().rev().find(|hop| !proxies.contains(hop)).copied().unwrap_or(peer);
    Some(client.to_canonical().to_string())
}

/// Cookies that outlast a visit. Scripts may not read them, links from elsewhere may carry them.
pub mod cookies {
    use axum::http::HeaderValue;

    /// Language.
    pub const LOCALE: &str = "paydeck_lang";
    /// Light or dark.
    pub const THEME: &str = "paydeck_theme";
    /// Density.
    pub const DENSITY: &str = "paydeck_density";
    /// The browser of a customer who had a method kept: random, and worth nothing without the method's customer being here.
    pub const BROWSER: &str = "paydeck_browser";

    /// A header that sets one for a year; an empty value removes it.
    #[must_use]
    pub fn set(name: &str, value: &str, https: bool) -> Option<HeaderValue> {
        let secure = if https { "; Secure" } else { "" };
        let age = if value.is_empty() { 0 } else { 31_536_000 };
        HeaderValue::from_str(&format!("{name}={value}; Path=/; Max-Age={age}; HttpOnly; SameSite=Lax{secure}")).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;

    fn from(peer: &str, forwarded: &str) -> Request {
        let mut request = Request::builder().header("x-forwarded-for", forwarded).body(Body::empty()).unwrap();
        request.extensions_mut().insert(ConnectInfo(SocketAddr::new(peer.parse().unwrap(), 1)));
        request
    }

    #[test]
    fn only_our_own_proxies_are_believed() {
        let ours: Vec<IpAddr> = vec!["10.0.0.1".parse().unwrap(), "10.0.0.2".parse().unwrap()];
        for (peer, forwarded, expected) in [
            ("192.0.2.9", "203.0.113.1", "192.0.2.9"),
            ("10.0.0.1", "203.0.113.1", "203.0.113.1"),
            ("10.0.0.1", "1.1.1.1, 203.0.113.1, 10.0.0.2", "203.0.113.1"),
            ("10.0.0.1", "nonsense", "10.0.0.1"),
            ("::ffff:10.0.0.1", "203.0.113.1", "203.0.113.1"),
        ] {
            assert_eq!(client_ip(&from(peer, forwarded), &ours).as_deref(), Some(expected), "{peer} {forwarded}");
        }
    }

    #[test]
    fn cookies_are_found_by_their_whole_name() {
        let mut headers = HeaderMap::new();
        headers.insert("cookie", "xpaydeck_lang=en; paydeck_lang=fa; paydeck=1".parse().unwrap());
        assert_eq!(cookie(&headers, cookies::LOCALE), Some("fa"));
        assert_eq!(cookie(&headers, cookies::THEME), None);
    }
}
