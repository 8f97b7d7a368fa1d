//! How Twilio proves that a request is its own.
//!
//! <https://www.twilio.com/docs/usage/webhooks/webhooks-security>

use aws_lc_rs::{constant_time, digest, hmac};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};

use crate::clinics::settings::TwilioAccount;

/// A request, and what says that it is Twilio's.
#[derive(Clone, Copy, Debug)]
pub struct Signed<'a> {
    /// As Twilio asked for it: with the query's own percent-encoding.
    pub url: &'a str,
    pub body: Body<'a>,
    /// `X-Twilio-Signature`.
    pub signature: &'a str,
    /// `X-Twilio-Webhooks-Signature-Settings`.
    pub settings: Option<&'a str>,
}

/// What came with a request.
#[derive(Clone, Copy, Debug)]
pub enum Body<'a> {
    /// Nothing: a GET has its parameters in the URL.
    None,
    /// Every parameter there is, decoded, known to us or not.
    Form(&'a [(String, String)]),
    /// As received; the URL carries its digest.
    Json(&'a [u8]),
}

/// What a signature is made with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    Sha1,
    Sha256,
}

impl Algorithm {
    const fn hmac(self) -> hmac::Algorithm {
        match self {
            Self::Sha1 => hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
            Self::Sha256 => hmac::HMAC_SHA256,
        }
    }
}

/// Whether the account's owner sent it.
///
/// An account with keys for its webhooks is believed by those keys alone: a
/// request that names none, or a weaker algorithm, does not get around them.
/// Without them its auth token signs, or for a while the one before it.
pub fn is_genuine(account: &TwilioAccount, now: DateTime<Utc>, request: &Signed<'_>) -> bool {
    let Some(settings) = Settings::read(request.settings.unwrap_or_default()) else { return false };
    let secrets: Vec<&str> = match (settings.algorithm, account.keys().is_empty()) {
        (Algorithm::Sha1, true) => {
            let previous = account.previous.as_ref().filter(|previous| now < previous.until);
            let previous = previous.map(|previous| previous.auth_token.as_str());
            std::iter::once(account.auth_token.as_str()).chain(previous).collect()
        }
        (Algorithm::Sha256, false) => {
            let named = account.keys().iter().filter(|key| settings.key == Some(&key.id));
            named.map(|key| key.secret.as_str()).collect()
        }
        _ => return false,
    };
    has_its_body(request) && secrets.into_iter().any(|secret| is_signed(secret, settings.algorithm, request))
}

/// The signature of a request to `url`, as Twilio makes it.
pub fn sign(secret: &str, algorithm: Algorithm, url: &str, body: Body<'_>) -> String {
    let key = hmac::Key::new(algorithm.hmac(), secret.as_bytes());
    STANDARD.encode(hmac::sign(&key, said(url, body).as_bytes()))
}

/// The SHA-256 of a body, as a URL carries it in `bodySHA256`.
pub fn body_digest(body: &[u8]) -> String {
    let digest = digest::digest(&digest::SHA256, body);
    digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn is_signed(secret: &str, algorithm: Algorithm, request: &Signed<'_>) -> bool {
    let Ok(signature) = STANDARD.decode(request.signature) else { return false };
    let key = hmac::Key::new(algorithm.hmac(), secret.as_bytes());
    // Compares in constant time.
    let signs = |url: &String| hmac::verify(&key, said(url, request.body).as_bytes(), &signature).is_ok();
    spellings(request.url).iter().any(signs)
}

/// What is signed: the URL, and after it each parameter's name and value, by
/// name in byte order, of a repeated one each value once.
fn said(url: &str, body: Body<'_>) -> String {
    let Body::Form(parameters) = body else { return url.to_owned() };
    let mut parameters: Vec<(&str, &str)> =
        parameters.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    parameters.sort_unstable();
    parameters.dedup();
    parameters.into_iter().fold(url.to_owned(), |said, (name, value)| said + name + value)
}

/// A URL as Twilio may have written it when it signed: as it is, without its
/// port, and with the standard one.
fn spellings(url: &str) -> Vec<String> {
    let mut spellings = vec![url.to_owned()];
    let Some((scheme, rest)) = url.split_once("://") else { return spellings };
    let (authority, rest) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    // The port comes after the bracket of an address such as [::1].
    let host_end = authority.rfind(']').unwrap_or_default();
    let port = authority[host_end..].find(':').map(|colon| host_end + colon);
    let host = port.map_or(authority, |colon| &authority[..colon]);
    let standard = if scheme.eq_ignore_ascii_case("https") { 443 } else { 80 };
    match port {
        Some(_) => spellings.push(format!("{scheme}://{host}{rest}")),
        None => spellings.push(format!("{scheme}://{host}:{standard}{rest}")),
    }
    spellings
}

/// Of a JSON body, whether it is the one that the URL names.
fn has_its_body(request: &Signed<'_>) -> bool {
    let Body::Json(body) = request.body else { return true };
    let query = request.url.split_once('?').map_or("", |(_, query)| query);
    let mut named = query.split('&').filter_map(|pair| pair.strip_prefix("bodySHA256="));
    match (named.next(), named.next()) {
        (Some(named), None) => {
            constant_time::verify_slices_are_equal(named.as_bytes(), body_digest(body).as_bytes()).is_ok()
        }
        _ => false,
    }
}

/// `key=<id>,algorithm=HMAC_SHA256`.
struct Settings<'a> {
    key: Option<&'a str>,
    algorithm: Algorithm,
}

impl<'a> Settings<'a> {
    /// None if they ask for something unknown, or for two things.
    fn read(header: &'a str) -> Option<Self> {
        let (mut key, mut algorithm) = (None, None);
        for setting in header.split(',').map(str::trim).filter(|setting| !setting.is_empty()) {
            let (name, value) = setting.split_once('=')?;
            let known = match name.trim() {
                "key" => &mut key,
                "algorithm" => &mut algorithm,
                // Whatever it means, it does not change what is signed.
                _ => continue,
            };
            if known.replace(value.trim()).is_some() {
                return None;
            }
        }
        let algorithm = match algorithm {
            None | Some("HMAC_SHA1") => Algorithm::Sha1,
            Some("HMAC_SHA256") => Algorithm::Sha256,
            Some(_) => return None,
        };
        Some(Self { key, algorithm })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clinics::settings::{PreviousToken, WebhookKey};

    const CLINIC_A: &str = "test_auth_token_clinic_a";

    fn form(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    fn account(auth_token: &str) -> TwilioAccount {
        TwilioAccount {
            account_sid: format!("AC{}", "0".repeat(32)),
            auth_token: auth_token.into(),
            api_key: None,
            phone_number: None,
            messaging_service_sid: None,
            webhook_keys: None,
            previous: None,
        }
    }

    fn now() -> DateTime<Utc> {
        "2026-11-20T15:00:00Z".parse().unwrap()
    }

    fn is_from(account: &TwilioAccount, url: &str, body: Body<'_>, signature: &str, settings: Option<&str>) -> bool {
        is_genuine(account, now(), &Signed { url, body, signature, settings })
    }

    /// Twilio's published one, and its port.
    #[test]
    fn twilios_own_example_is_genuine_with_its_port_and_without() {
        let call = form(&[
            ("CallSid", "CA1234567890ABCDE"),
            ("Caller", "+14158675309"),
            ("Digits", "1234"),
            ("From", "+14158675309"),
            ("To", "+18005551212"),
        ]);
        let (plain, with_port) =
            ("https://mycompany.com/myapp.php?foo=1&bar=2", "https://mycompany.com:443/myapp.php?foo=1&bar=2");
        for (url, signature) in [(plain, "RSOYDt4T1cUTdK1PDd93/VVr8B8="), (with_port, "kvajT1Ptam85bY51eRf/AJRuM3w=")] {
            assert_eq!(sign("12345", Algorithm::Sha1, url, Body::Form(&call)), signature);
            for asked in [plain, with_port] {
                assert!(is_from(&account("12345"), asked, Body::Form(&call), signature, None), "{asked}");
            }
        }
        let other_port = "https://mycompany.com:8443/myapp.php?foo=1&bar=2";
        assert!(is_from(&account("12345"), other_port, Body::Form(&call), "RSOYDt4T1cUTdK1PDd93/VVr8B8=", None));
        assert!(!is_from(&account("12345"), other_port, Body::Form(&call), "kvajT1Ptam85bY51eRf/AJRuM3w=", None));
    }

    #[test]
    fn a_text_is_genuine_by_its_clinics_secrets() {
        let text = form(&[
            ("MessageSid", "SM00000000000000000000000000000001"),
            ("AccountSid", "AC00000000000000000000000000000001"),
            ("From", "+15551230001"),
            ("To", "+15551230002"),
            ("Body", "Hi there ☎ & +1"),
            ("NumMedia", "0"),
        ]);
        let url = "https://clinic-a.example.test/twilio/sms/incoming";
        let with_port = "https://clinic-a.example.test:443/twilio/sms/incoming";
        let body = Body::Form(&text);
        let (plain, port) = ("3SOZLC4XXJ2Da+aw9WXK+iZib2Y=", "m00QOET1AMjUCTqmY7ehQlBnyHc=");
        let sha256 = "H07DP8b89c+lIoRdFD21Xhv6aEtNx5lQOeNrtQRRTTY=";
        assert_eq!(sign(CLINIC_A, Algorithm::Sha1, url, body), plain);
        assert_eq!(sign(CLINIC_A, Algorithm::Sha1, with_port, body), port);
        assert_eq!(sign(CLINIC_A, Algorithm::Sha256, url, body), sha256);

        let by_token = account(CLINIC_A);
        assert!(is_from(&by_token, url, body, plain, None) && is_from(&by_token, url, body, port, None));
        assert!(is_from(&by_token, url, body, plain, Some("key=K1")), "SHA-1 unless it says otherwise");
        let by_key = TwilioAccount {
            webhook_keys: Some(vec![WebhookKey { id: "K1".into(), secret: CLINIC_A.into() }]),
            ..account(CLINIC_A)
        };
        assert!(is_from(&by_key, url, body, sha256, Some("key=K1,algorithm=HMAC_SHA256")));
        assert!(is_from(&by_key, url, body, sha256, Some(" key = K1 , algorithm = HMAC_SHA256 ")));
    }

    #[test]
    fn no_header_gets_around_shared_keys() {
        let url = "https://clinic-a.example.test/t";
        let (sha1, sha256) = [Algorithm::Sha1, Algorithm::Sha256].map(|by| sign(CLINIC_A, by, url, Body::None)).into();
        let by_key = TwilioAccount {
            webhook_keys: Some(vec![WebhookKey { id: "K1".into(), secret: CLINIC_A.into() }]),
            ..account(CLINIC_A)
        };
        for settings in [None, Some(""), Some("key=K1"), Some("key=K1,algorithm=HMAC_SHA1")] {
            assert!(!is_from(&by_key, url, Body::None, &sha1, settings), "{settings:?}");
        }
        for settings in [
            "algorithm=HMAC_SHA256",
            "key=K2,algorithm=HMAC_SHA256",
            "key=K1,algorithm=HMAC_MD5",
            "key=K1,algorithm=",
            "key=K1,key=K1,algorithm=HMAC_SHA256",
            "nonsense",
        ] {
            assert!(!is_from(&by_key, url, Body::None, &sha256, Some(settings)), "{settings}");
        }
        // Nor is a token taken for a key.
        assert!(!is_from(&account(CLINIC_A), url, Body::None, &sha256, Some("key=K1,algorithm=HMAC_SHA256")));
    }

    #[test]
    fn a_repeated_parameter_counts_once_for_each_value() {
        let url = "https://clinic-a.example.test/t";
        let repeated = form(&[("a", "2"), ("a", "1"), ("B", "x"), ("a", "2")]);
        assert_eq!(said(url, Body::Form(&repeated)), format!("{url}Bxa1a2"));
        assert!(is_from(&account(CLINIC_A), url, Body::Form(&repeated), "Di7IsHo9AuRFo3U8JzLoyLfHeeY=", None));
    }

    #[test]
    fn a_json_body_is_the_one_that_the_url_names() {
        let body = br#"{"property": "value", "boolean": true}"#;
        let digest = "0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620";
        assert_eq!(body_digest(body), digest);
        let url = format!("https://clinic-a.example.test/hook?bodySHA256={digest}");
        let signature = "WbNYfKFX84v7QH662fnsJr/BJGw=";
        let clinic = account(CLINIC_A);
        assert!(is_from(&clinic, &url, Body::Json(body), signature, None));
        assert!(!is_from(&clinic, &url, Body::Json(b"{}"), signature, None));
        for url in [
            "https://clinic-a.example.test/hook".to_owned(),
            format!("{url}&bodySHA256={}", body_digest(b"{}")),
            "https://clinic-a.example.test/hook?bodySHA256=".to_owned(),
        ] {
            let signature = sign(CLINIC_A, Algorithm::Sha1, &url, Body::None);
            assert!(!is_from(&clinic, &url, Body::Json(body), &signature, None), "{url}");
        }
    }

    #[test]
    fn a_get_has_its_parameters_in_the_url() {
        let url = "https://clinic-a.example.test/t?Body=caf%C3%A9+%26&To=%2B1555";
        let signature = sign(CLINIC_A, Algorithm::Sha1, url, Body::None);
        assert!(is_from(&account(CLINIC_A), url, Body::None, &signature, None));
        let rewritten = "https://clinic-a.example.test/t?Body=café+%26&To=%2B1555";
        assert!(!is_from(&account(CLINIC_A), rewritten, Body::None, &signature, None));
    }

    #[test]
    fn the_token_before_counts_until_its_time_is_up() {
        let url = "https://clinic-a.example.test/t";
        let signature = sign("the token before this", Algorithm::Sha1, url, Body::None);
        let with = |until: &str| TwilioAccount {
            previous: Some(PreviousToken { auth_token: "the token before this".into(), until: until.parse().unwrap() }),
            ..account(CLINIC_A)
        };
        assert!(is_from(&with("2026-11-20T15:00:01Z"), url, Body::None, &signature, None));
        assert!(!is_from(&with("2026-11-20T15:00:00Z"), url, Body::None, &signature, None));
        assert!(!is_from(&account(CLINIC_A), url, Body::None, &signature, None));
    }

    #[test]
    fn what_is_no_signature_is_none() {
        let url = "https://[::1]/t";
        let genuine = sign(CLINIC_A, Algorithm::Sha1, url, Body::None);
        assert!(is_from(&account(CLINIC_A), "https://[::1]:443/t", Body::None, &genuine, None));
        for signature in ["", "=", "☎", &genuine[1..], &format!("{genuine} "), &genuine.to_lowercase()] {
            assert!(!is_from(&account(CLINIC_A), url, Body::None, signature, None), "{signature}");
        }
    }
}
