//! What our page has to know to show the SDK's card field.

use super::{APPLICATION_ID, LOCATION_ID};
use crate::{Credentials, Wanted};
use domain::views::checkout::{PayFields, ScriptFields};

/// The card field of the Web Payments SDK. Origins are those of Square's page about content security policy
/// (<https://developer.squareup.com/docs/web-payments/content-security-policy>) and of what its forum adds to it
/// (<https://developer.squareup.com/forums/t/content-security-policy-csp-questions-for-web-payments-sdk/11628>).
///
/// Frames of any https origin: for 3-D Secure the SDK puts the page of the customer's bank into ours, and nobody knows the
/// addresses of all banks (<https://developer.squareup.com/forums/t/csp-issues-when-integrating-with-web-payments-api/22234>).
/// Without them European cards can't be paid with.
pub(super) fn card(credentials: &Credentials, wanted: &Wanted<'_>) -> PayFields {
    let (cdn, api) = if wanted.livemode {
        ("https://web.squarecdn.com", "https://pci-connect.squareup.com")
    } else {
        ("https://sandbox.web.squarecdn.com", "https://pci-connect.squareupsandbox.com")
    };
    let origins = |origins: &[&str]| origins.iter().map(|origin| (*origin).to_owned()).collect::<Vec<_>>();
    let setting = |name: &str| (name.to_owned(), credentials.get(name).unwrap_or_default().to_owned());
    PayFields::Script(ScriptFields {
        script: format!("{cdn}/v1/square.js"),
        scripts: origins(&[cdn]),
        frames: origins(&[cdn, "https:"]),
        connects: origins(&[cdn, api]),
        looks: origins(&[
            cdn,
            "https://square-fonts-production-f.squarecdn.com",
            "https://cash-f.squarecdn.com",
            "https://d1g145x70srn7h.cloudfront.net",
        ]),
        settings: vec![setting(APPLICATION_ID), setting(LOCATION_ID)],
        // A payment link takes money at once.
        has_page: wanted.capture,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_mode_has_its_own_script_and_nothing_secret_is_told() {
        let mut credentials = Credentials::default();
        credentials.set(APPLICATION_ID, "sandbox-sq0idb-1");
        credentials.set(LOCATION_ID, "L88917AVBK2S5");
        credentials.set("access_token", "EAAA-secret");
        credentials.set("webhook_signature_key", "whk-secret");
        for (livemode, script, connect) in [
            (true, "https://web.squarecdn.com/v1/square.js", "https://pci-connect.squareup.com"),
            (false, "https://sandbox.web.squarecdn.com/v1/square.js", "https://pci-connect.squareupsandbox.com"),
        ] {
            let amount = domain::Money::new(1_000, domain::Currency::EUR);
            let wanted = Wanted { method: "card", amount, capture: livemode, livemode };
            let told = card(&credentials, &wanted);
            assert!(!format!("{told:?}").contains("secret"));
            let PayFields::Script(fields) = told else { panic!("no script") };
            assert_eq!((fields.script.as_str(), fields.has_page), (script, livemode));
            assert!(fields.connects.iter().any(|origin| origin == connect));
            assert!(fields.scripts.iter().all(|origin| fields.script.starts_with(origin.as_str())));
            let expected = [("application_id", "sandbox-sq0idb-1"), ("location_id", "L88917AVBK2S5")];
            assert_eq!(fields.settings, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
        }
    }
}
