//! Mail: rendered from the catalogue, sent by SMTP when there is a server, kept for the operator to read when not.

use crate::config::Config;
use lettre::message::{Mailbox, MultiPart};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Tls, TlsParameters};
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use services::mail::{self, DueMail, Rendered};
use services::{ServiceError, Services};
use std::time::Duration;

/// How long a mail server may take for one mail.
const PATIENCE: Duration = Duration::from_secs(30);

/// Renders and sends.
pub(super) struct Mailer {
    transport: Option<AsyncSmtpTransport<Tokio1Executor>>,
    from: Mailbox,
}

impl Mailer {
    pub(super) fn new(config: &Config) -> Result<Self, String> {
        let from = config.mail_from.parse().map_err(|error| format!("PAYDECK_MAIL_FROM: {error}"))?;
        let transport = config.smtp_url.as_ref().map(|url| transport(url.expose())).transpose()?;
        Ok(Self { transport, from })
    }

    /// Sends what is due; how many it was.
    pub(super) async fn send_due(&self, svc: &Services, limit: i64) -> Result<usize, ServiceError> {
        let due = mail::due(svc, limit).await?;
        let count = due.len();
        for mail in due {
            self.deliver(svc, &mail).await?;
        }
        Ok(count)
    }

    async fn deliver(&self, svc: &Services, due: &DueMail) -> Result<(), ServiceError> {
        let Some(text) = app::mail::render(due.locale, &due.template, &due.params) else {
            tracing::error!(template = due.template, "there is no text for this mail");
            return mail::failed(svc, &due.id, "no such template").await;
        };
        let rendered = Rendered { subject: text.subject, text: text.text, html: text.html };
        let Some(transport) = &self.transport else {
            return mail::delivered(svc, &due.id, &rendered, false).await;
        };
        match self.send(transport, due, &rendered).await {
            Ok(()) => mail::delivered(svc, &due.id, &rendered, true).await,
            Err(error) => {
                tracing::warn!(mail = %due.id, error, "a mail could not be sent");
                mail::failed(svc, &due.id, &error).await
            }
        }
    }

    async fn send(
        &self,
        transport: &AsyncSmtpTransport<Tokio1Executor>,
        due: &DueMail,
        rendered: &Rendered,
    ) -> Result<(), String> {
        let message = Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, due.recipient.parse().map_err(|error| format!("address: {error}"))?))
            .subject(rendered.subject.clone())
            // The id is the same at every try, so that a mail that arrives twice is seen as one.
            .message_id(Some(format!("<{}@{}>", due.id, self.from.email.domain())))
            .multipart(MultiPart::alternative_plain_html(rendered.text.clone(), rendered.html.clone()))
            .map_err(|error| error.to_string())?;
        match tokio::time::timeout(PATIENCE, transport.send(message)).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => Err(error.to_string()),
            Err(_) => Err("the mail server took too long".to_owned()),
        }
    }
}

/// `smtps://user:password@host:465`, `smtp://host:587?tls=required`, `smtp://localhost:1025`.
fn transport(url: &str) -> Result<AsyncSmtpTransport<Tokio1Executor>, String> {
    // lettre's own message may repeat the password.
    let wrong = |what: &str| format!("PAYDECK_SMTP_URL: {what}");
    let uri: http::Uri = url.parse().map_err(|_| wrong("it is no address"))?;
    let authority = uri.authority().ok_or_else(|| wrong("the host is missing"))?;
    let host = authority.host().to_owned();
    let required = uri.query().is_some_and(|query| query.split('&').any(|pair| pair == "tls=required"));
    let builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&host);
    let tls = || TlsParameters::new(host.clone()).map_err(|_| wrong("the host can't be used for TLS"));
    let (builder, port) = match uri.scheme_str() {
        Some("smtps") => (builder.tls(Tls::Wrapper(tls()?)), 465),
        Some("smtp") if required => (builder.tls(Tls::Required(tls()?)), 587),
        Some("smtp") => (builder.tls(Tls::Opportunistic(tls()?)), 587),
        _ => return Err(wrong("it must begin with smtp:// or smtps://")),
    };
    let mut builder = builder.port(authority.port_u16().unwrap_or(port)).timeout(Some(PATIENCE));
    if let Some((user, password)) = authority.as_str().rsplit_once('@').and_then(|(info, _)| info.split_once(':')) {
        let decode = |text: &str| decoded(text).ok_or_else(|| wrong("user or password are not percent-encoded"));
        builder = builder.credentials(Credentials::new(decode(user)?, decode(password)?));
    }
    Ok(builder.build())
}

/// Percent-decoding, by way of the form's decoder; a plus sign stays one.
fn decoded(text: &str) -> Option<String> {
    let pairs: Vec<(String, String)> = serde_urlencoded::from_str(&format!("x={}", text.replace('+', "%2B"))).ok()?;
    match pairs.as_slice() {
        [(_, value)] => Some(value.clone()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn addresses_are_checked_and_not_repeated() {
        for url in
            ["smtps://user:p%40ss@mail.example.com", "smtp://localhost:1025", "smtp://mail.example.com?tls=required"]
        {
            assert!(transport(url).is_ok(), "{url}");
        }
        for url in ["http://hunter2@x", "hunter2", "smtp:", ""] {
            let error = transport(url).unwrap_err();
            assert!(!error.contains("hunter2"), "{error}");
        }
        assert_eq!(decoded("p%40s+s").as_deref(), Some("p@s+s"));
    }
}
