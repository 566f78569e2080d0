//! The certificate that a webhook is signed with: where it may come from, whom it names, what it proves.
//!
//! <https://developer.paypal.com/api/rest/webhooks/rest/> ("Self verification method"): the header `paypal-cert-url` says where the
//! certificate lies. Whoever sends an event writes that header, so the address must be one of PayPal's, and the certificate one that a
//! public authority gave to PayPal for this purpose.

use super::PayPal;
use crate::{Call, EventRefused, http::Answer};
use domain::{
    Timestamp,
    time::{DAY, SECOND},
};
use rustls_pki_types::{CertificateDer, ServerName, TrustAnchor, UnixTime, pem::PemObject};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use webpki::{EndEntityCert, KeyUsage};

/// Whom live certificates name.
const LIVE_NAME: &str = "messageverificationcerts.paypal.com";
/// Whom the sandbox's name.
const TEST_NAME: &str = "messageverificationcerts.sandbox.paypal.com";
/// Where certificates lie.
const PATH: &str = "/v1/notifications/certs/";
/// The hosts in live mode.
const LIVE_HOSTS: [&str; 2] = ["api.paypal.com", "api-m.paypal.com"];
/// The hosts in test mode.
const TEST_HOSTS: [&str; 2] = ["api.sandbox.paypal.com", "api-m.sandbox.paypal.com"];
/// A chain is read up to this size in bytes.
const LARGEST: usize = 64 * 1024;
/// A chain has no more certificates than this.
const LONGEST: usize = 8;
/// For how long a fetched chain is kept. Whether it is valid is judged at each use.
const KEPT: i64 = DAY;
/// No more chains than this are kept: PayPal uses one at a time.
const MOST: usize = 16;

/// The chains that were fetched, by address.
#[derive(Default)]
pub(super) struct Certificates(Mutex<HashMap<String, Kept>>);

struct Kept {
    chain: Arc<[CertificateDer<'static>]>,
    at: Timestamp,
}

impl Certificates {
    fn get(&self, url: &str, now: Timestamp) -> Option<Arc<[CertificateDer<'static>]>> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // From a clock that was put back, what was fetched later is not known.
        kept.get(url).filter(|kept| (kept.at..kept.at.plus(KEPT)).contains(&now)).map(|kept| kept.chain.clone())
    }

    fn keep(&self, url: &str, chain: Arc<[CertificateDer<'static>]>, now: Timestamp) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= MOST {
            kept.clear();
        }
        kept.insert(url.to_owned(), Kept { chain, at: now });
    }
}

impl PayPal {
    /// Whether a message has this signature, by the certificate at this address.
    ///
    /// # Errors
    /// [`EventRefused::Signature`] when it is not proved, [`EventRefused::NotNow`] when the certificate can't be had.
    pub(super) async fn prove(
        &self,
        call: &Call,
        url: &str,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), EventRefused> {
        let url = self.certificate_address(call.livemode, url).ok_or(EventRefused::Signature)?;
        let chain = match self.certificates.get(&url, call.now) {
            Some(chain) => chain,
            None => self.fetch_chain(&url).await?,
        };
        // A simulator has no certificate that a public authority gave to PayPal, and the operator has chosen where it is: what lies at
        // that very address is believed.
        if self.base.is_none() {
            let names: &[&str] = if call.livemode { &[LIVE_NAME] } else { &[TEST_NAME, LIVE_NAME] };
            proves_paypal(&chain, webpki_roots::TLS_SERVER_ROOTS, names, call.now)?;
        }
        // Kept once it is worth it: what strangers name does not push out what is needed.
        let leaf = chain.first().ok_or(EventRefused::Signature)?;
        let leaf = EndEntityCert::try_from(leaf).map_err(|_| EventRefused::Signature)?;
        let signed = leaf.verify_signature(webpki::ring::RSA_PKCS1_2048_8192_SHA256, message, signature);
        self.certificates.keep(&url, chain.clone(), call.now);
        signed.map_err(|_| EventRefused::Signature)
    }

    /// The address, when certificates may come from there: https at PayPal's API of this mode; with a base of the operator's, that
    /// origin and no other.
    fn certificate_address(&self, livemode: bool, url: &str) -> Option<String> {
        let url = reqwest::Url::parse(url).ok()?;
        let plain = url.username().is_empty() && url.password().is_none() && url.query().is_none();
        if !plain || url.fragment().is_some() || !url.path().starts_with(PATH) {
            return None;
        }
        let fits = match &self.base {
            Some(base) => reqwest::Url::parse(base).ok()?.origin() == url.origin(),
            None => {
                let hosts = if livemode { LIVE_HOSTS } else { TEST_HOSTS };
                url.scheme() == "https" && url.port().is_none() && hosts.contains(&url.host_str()?)
            }
        };
        fits.then(|| url.to_string())
    }

    async fn fetch_chain(&self, url: &str) -> Result<Arc<[CertificateDer<'static>]>, EventRefused> {
        let answer = self.http.send(self.http.request(reqwest::Method::GET, url)).await;
        // A redirect is no certificate: it would lead away from PayPal's own address.
        chain_of(&answer.map_err(|_| EventRefused::NotNow)?).ok_or(EventRefused::NotNow)
    }
}

fn chain_of(answer: &Answer) -> Option<Arc<[CertificateDer<'static>]>> {
    if answer.status != 200 || answer.body.len() > LARGEST {
        return None;
    }
    let chain: Vec<_> = CertificateDer::pem_slice_iter(&answer.body).collect::<Result<_, _>>().ok()?;
    (1..=LONGEST).contains(&chain.len()).then(|| chain.into())
}

/// Whether a chain leads from one of these authorities to a certificate of one of these names, now.
fn proves_paypal(
    chain: &[CertificateDer<'_>],
    authorities: &[TrustAnchor<'_>],
    names: &[&str],
    now: Timestamp,
) -> Result<(), EventRefused> {
    let refused = || EventRefused::Signature;
    let (leaf, others) = chain.split_first().ok_or_else(refused)?;
    let leaf = EndEntityCert::try_from(leaf).map_err(|_| refused())?;
    let seconds = u64::try_from(now.0 / SECOND).map_err(|_| refused())?;
    let now = UnixTime::since_unix_epoch(Duration::from_secs(seconds));
    leaf.verify_for_usage(webpki::ALL_VERIFICATION_ALGS, authorities, others, now, KeyUsage::server_auth(), None, None)
        .map_err(|_| refused())?;
    let is_named = names
        .iter()
        .any(|name| ServerName::try_from(*name).is_ok_and(|name| leaf.verify_is_valid_for_subject_name(&name).is_ok()));
    if is_named { Ok(()) } else { Err(refused()) }
}
