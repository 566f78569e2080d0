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

#[cfg(test)]
mod tests {
    use super::*;
    use rcgen::{BasicConstraints, CertificateParams, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, date_time_ymd};

    const NOW: Timestamp = Timestamp(1_795_305_600_000);

    struct Authority {
        issuer: Issuer<'static, KeyPair>,
        der: CertificateDer<'static>,
    }

    fn authority(name: &str) -> Authority {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.distinguished_name.push(rcgen::DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let der = params.self_signed(&key).unwrap().der().clone();
        Authority { issuer: Issuer::new(params, key), der }
    }

    /// A certificate of the authority's, for these names, of the years 2026 to `until`.
    fn leaf(by: &Authority, names: &[&str], until: i32, usage: ExtendedKeyUsagePurpose) -> CertificateDer<'static> {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let mut params = CertificateParams::new(names).unwrap();
        params.not_before = date_time_ymd(2026, 1, 1);
        params.not_after = date_time_ymd(until, 1, 1);
        params.extended_key_usages = vec![usage];
        params.signed_by(&KeyPair::generate().unwrap(), &by.issuer).unwrap().der().clone()
    }

    fn proves(chain: &[CertificateDer<'_>], root: &Authority, now: Timestamp) -> bool {
        let anchors = [webpki::anchor_from_trusted_cert(&root.der).unwrap()];
        proves_paypal(chain, &anchors, &[LIVE_NAME], now).is_ok()
    }

    #[test]
    fn only_a_chain_to_paypals_name_proves() {
        let (root, stranger) = (authority("root"), authority("stranger"));
        let server = ExtendedKeyUsagePurpose::ServerAuth;
        let good = leaf(&root, &[LIVE_NAME], 2028, server.clone());
        assert!(proves(std::slice::from_ref(&good), &root, NOW));
        assert!(!proves(&[], &root, NOW));
        assert!(!proves(&[leaf(&stranger, &[LIVE_NAME], 2028, server.clone())], &root, NOW), "another authority");
        assert!(!proves(std::slice::from_ref(&good), &root, Timestamp::from_date(2028, 1, 2).unwrap()), "run out");
        assert!(!proves(std::slice::from_ref(&good), &root, Timestamp::from_date(2025, 12, 31).unwrap()), "not yet");
        let mail = leaf(&root, &[LIVE_NAME], 2028, ExtendedKeyUsagePurpose::EmailProtection);
        assert!(!proves(&[mail], &root, NOW), "another purpose");
        for name in [
            "paypal.com",
            "www.paypal.com",
            "messageverificationcerts.paypal.com.example",
            "xmessageverificationcerts.paypal.com",
            "messageverificationcerts.paypal.example",
            TEST_NAME,
        ] {
            assert!(!proves(&[leaf(&root, &[name], 2028, server.clone())], &root, NOW), "{name}");
        }
        // A stranger's certificate before PayPal's: the first is the one that signs.
        let other = leaf(&stranger, &["example.com"], 2028, server);
        assert!(!proves(&[other, good], &root, NOW));
    }

    #[test]
    fn a_chain_through_an_intermediate_proves() {
        let root = authority("root");
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.distinguished_name.push(rcgen::DnType::CommonName, "between");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let der = params.signed_by(&key, &root.issuer).unwrap().der().clone();
        let between = Authority { issuer: Issuer::new(params, key), der };
        let leaf = leaf(&between, &[LIVE_NAME], 2028, ExtendedKeyUsagePurpose::ServerAuth);
        assert!(proves(&[leaf.clone(), between.der], &root, NOW));
        assert!(!proves(&[leaf], &root, NOW), "the intermediate is missing");
    }

    #[test]
    fn certificates_come_from_paypals_own_address_alone() {
        let at = |base: Option<&str>, livemode, url: &str| {
            let paypal = PayPal::new(crate::http::Http::new().unwrap(), base.map(str::to_owned));
            paypal.certificate_address(livemode, url).is_some()
        };
        for host in LIVE_HOSTS {
            assert!(at(None, true, &format!("https://{host}{PATH}CERT-1")));
            assert!(!at(None, false, &format!("https://{host}{PATH}CERT-1")));
        }
        for host in TEST_HOSTS {
            assert!(at(None, false, &format!("https://{host}{PATH}CERT-1")));
            assert!(!at(None, true, &format!("https://{host}{PATH}CERT-1")));
        }
        for url in [
            "http://api.paypal.com/v1/notifications/certs/CERT-1",
            "https://api.paypal.com:8443/v1/notifications/certs/CERT-1",
            "https://api.paypal.com.example/v1/notifications/certs/CERT-1",
            "https://api.paypal.com@example.com/v1/notifications/certs/CERT-1",
            "https://x@api.paypal.com/v1/notifications/certs/CERT-1",
            "https://example.com/v1/notifications/certs/CERT-1",
            "https://www.paypal.com/v1/notifications/certs/CERT-1",
            "https://api.paypal.com/v1/notifications/certs/../../elsewhere",
            "https://api.paypal.com/elsewhere/v1/notifications/certs/CERT-1",
            "https://api.paypal.com/v1/notifications/certs/CERT-1?x=1",
            "file:///v1/notifications/certs/CERT-1",
            "//api.paypal.com/v1/notifications/certs/CERT-1",
            "",
        ] {
            assert!(!at(None, true, url), "{url}");
        }
        let base = Some("http://127.0.0.1:9000");
        assert!(at(base, true, "http://127.0.0.1:9000/v1/notifications/certs/CERT-1"));
        assert!(at(base, false, "http://127.0.0.1:9000/v1/notifications/certs/CERT-1"));
        assert!(!at(base, true, "http://127.0.0.1:9001/v1/notifications/certs/CERT-1"));
        assert!(!at(base, true, "https://127.0.0.1:9000/v1/notifications/certs/CERT-1"));
        assert!(!at(base, true, "https://api.paypal.com/v1/notifications/certs/CERT-1"));
    }

    #[test]
    fn what_is_no_chain_is_not_read() {
        let answer = |status, body: &[u8]| Answer { status, headers: Vec::new(), body: body.to_vec() };
        let params = CertificateParams::new(vec![LIVE_NAME.to_owned()]).unwrap();
        let pem = params.self_signed(&KeyPair::generate().unwrap()).unwrap().pem();
        assert_eq!(chain_of(&answer(200, pem.as_bytes())).unwrap().len(), 1);
        assert_eq!(chain_of(&answer(200, pem.repeat(3).as_bytes())).unwrap().len(), 3);
        for (status, body) in [
            (404, pem.clone()),
            (302, pem.clone()),
            (200, String::new()),
            (200, "<html></html>".into()),
            (200, pem[..pem.len() / 2].to_owned()),
            (200, pem.repeat(LONGEST + 1)),
            (200, pem.clone() + &" ".repeat(LARGEST)),
        ] {
            assert!(chain_of(&answer(status, body.as_bytes())).is_none(), "{status}");
        }
    }
}
