//! The HTTP client that real gateways are called with: TLS by the platform-independent roots of `webpki-roots`, no redirects,
//! bounded times and sizes, and failures told apart as [`GatewayFailure`] wants them.

use crate::GatewayFailure;
use std::time::Duration;

/// How long connecting may take. A gateway that can't be reached is known at once, so that another may be asked.
const CONNECT: Duration = Duration::from_secs(3);
/// How long one exchange may take. The caller's own limit may be shorter.
const EXCHANGE: Duration = Duration::from_secs(25);
/// The largest answer that is read, in bytes.
const LARGEST: usize = 4 * 1024 * 1024;

/// The client; cheap to clone, and clones share its connections.
#[derive(Debug, Clone)]
pub struct Http {
    client: reqwest::Client,
}

/// An answer, read to its end.
#[derive(Debug, Clone)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Header names in lower case, with their values, where these are text.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Answer {
    /// The first header of a name in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The body as JSON; none when it is none.
    #[must_use]
    pub fn json(&self) -> Option<serde_json::Value> {
        serde_json::from_slice(&self.body).ok()
    }

    /// Whether the status is 2xx.
    #[must_use]
    pub const fn is_success(&self) -> bool {
        self.status >= 200 && self.status < 300
    }
}

impl Http {
    /// A client.
    ///
    /// # Errors
    /// What the TLS library refuses at the start, which is a fault of this program.
    pub fn new() -> Result<Self, String> {
        let provider = std::sync::Arc::new(rustls::crypto::ring::default_provider());
        let roots = rustls::RootCertStore::from_iter(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
        let tls = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| error.to_string())?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let client = reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .connect_timeout(CONNECT)
            .timeout(EXCHANGE)
            .user_agent(concat!("paydeck/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|error| error.to_string())?;
        Ok(Self { client })
    }

    /// Begins a request.
    pub fn request(&self, method: reqwest::Method, url: &str) -> reqwest::RequestBuilder {
        self.client.request(method, url)
    }

    /// Sends a request and reads the whole answer, whatever its status.
    ///
    /// # Errors
    /// [`GatewayFailure::NotSent`] when no connection was made; [`GatewayFailure::Unknown`] for everything after that.
    pub async fn send(&self, request: reqwest::RequestBuilder) -> Result<Answer, GatewayFailure> {
        // The address is taken off: some gateways put names of charges and customers into it.
        let mut response = request.send().await.map_err(|error| failure(&error.without_url()))?;
        let status = response.status().as_u16();
        let headers = response
            .headers()
            .iter()
            .filter_map(|(name, value)| Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned())))
            .collect();
        let mut body = Vec::new();
        loop {
            let chunk = response.chunk().await;
            match chunk.map_err(|error| GatewayFailure::unknown(error.without_url().to_string()))? {
                Some(chunk) if body.len() + chunk.len() <= LARGEST => body.extend_from_slice(&chunk),
                Some(_) => return Err(GatewayFailure::unknown("the answer is too large")),
                None => return Ok(Answer { status, headers, body }),
            }
        }
    }
}

fn failure(error: &reqwest::Error) -> GatewayFailure {
    let reason = causes(error);
    // Nothing has left before a connection stands, and a request that can't be built never leaves.
    if error.is_connect() || error.is_builder() {
        GatewayFailure::not_sent(reason)
    } else {
        GatewayFailure::unknown(reason)
    }
}

/// An error with what it stems from: "error sending request" alone helps nobody.
fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}
