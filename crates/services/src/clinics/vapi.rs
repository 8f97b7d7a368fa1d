//! How Vapi proves that it calls for a clinic: with a secret in a header, or
//! with a signature over the request.
//!
//! <https://docs.vapi.ai/server-url/server-authentication>

use aws_lc_rs::hmac;
use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_STANDARD_NO_PAD};
use chrono::{DateTime, Duration, Utc};
use domain::FieldError;
use serde::{Deserialize, Serialize};

use crate::secrets::{same, sha256};

/// How far a signed request's time may be from now.
const WINDOW: Duration = Duration::seconds(300);

/// The shortest secret taken, in bytes.
const SHORTEST: usize = 16;

/// How Vapi proves that it is this clinic's.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum VapiAccount {
    Secret(String),
    Hmac(VapiHmac),
}

/// Vapi's settings for signed requests, by its own defaults.
#[derive(Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct VapiHmac {
    pub secret: String,
    pub secret_is_base64: bool,
    /// `sha1`, `sha256` or `sha512`.
    pub algorithm: String,
    pub signature_header: String,
    /// `hex` or `base64`.
    pub signature_encoding: String,
    /// What stands before the signature, such as `sha256=`.
    pub signature_prefix: String,
    /// Without, nothing says how old a request is.
    pub include_timestamp: bool,
    pub timestamp_header: String,
    /// What is signed, of `{body}`, `{timestamp}`, `{method}`, `{url}` and
    /// `{svix-id}`.
    pub payload_format: String,
    pub message_id_header: String,
}

impl Default for VapiHmac {
    fn default() -> Self {
        Self {
            secret: String::new(),
            secret_is_base64: false,
            algorithm: "sha256".into(),
            signature_header: "x-signature".into(),
            signature_encoding: "hex".into(),
            signature_prefix: String::new(),
            include_timestamp: true,
            timestamp_header: "x-timestamp".into(),
            payload_format: "{timestamp}.{body}".into(),
            message_id_header: "svix-id".into(),
        }
    }
}

impl std::fmt::Debug for VapiAccount {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("VapiAccount(…)")
    }
}

impl std::fmt::Debug for VapiHmac {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("VapiHmac(…)")
    }
}

/// A request as far as a signature covers it.
pub struct Signed<'a> {
    /// A header's value, by its name in small letters.
    pub header: &'a dyn Fn(&str) -> Option<&'a str>,
    pub method: &'a str,
    /// As the caller addressed it.
    pub url: &'a str,
    pub body: &'a [u8],
}

impl VapiAccount {
    /// The secret itself.
    pub fn secret(&self) -> &str {
        match self {
            Self::Secret(secret) => secret,
            Self::Hmac(hmac) => &hmac.secret,
        }
    }

    /// What stands for the secret in the directory; a signature names nobody.
    pub fn digest(&self) -> Option<Vec<u8>> {
        match self {
            Self::Secret(secret) => Some(digest(secret)),
            Self::Hmac(_) => None,
        }
    }

    /// What is wrong with these settings.
    pub fn errors(&self) -> Vec<FieldError> {
        match self {
            Self::Secret(secret) => {
                // A header carries no more, and is trimmed on its way.
                let fits = secret.bytes().all(|byte| (b' '..=b'~').contains(&byte)) && secret.trim() == secret;
                let right = fits && (SHORTEST..=200).contains(&secret.len());
                let message = "Please give a secret of 16 to 200 plain characters.";
                (!right).then(|| error("vapi.secret", message)).into_iter().collect()
            }
            Self::Hmac(hmac) => hmac.errors(),
        }
    }
}

/// What stands for a secret in the directory.
pub fn digest(secret: &str) -> Vec<u8> {
    sha256(&[b"frontdesk vapi secret\n", secret.as_bytes()])
}

/// Whether two secrets are the same, in time that says nothing about either.
pub fn same_secret(one: &str, other: &str) -> bool {
    same(&digest(one), &digest(other))
}

impl VapiHmac {
    fn errors(&self) -> Vec<FieldError> {
        let is_header = |name: &str| {
            let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
            (1..=100).contains(&name.len()) && name.bytes().all(plain)
        };
        let has = |token: &str| self.payload_format.contains(token);
        let known = ["{body}", "{timestamp}", "{method}", "{url}", "{svix-id}"];
        let rest = known.iter().fold(self.payload_format.clone(), |rest, token| rest.replace(token, ""));
        let secret = self.key_bytes().is_some_and(|secret| (SHORTEST..=1_000).contains(&secret.len()));
        let checks = [
            ("secret", secret, "Please give a secret of at least 16 characters, in base64 if that is set."),
            ("algorithm", self.algorithm().is_some(), "Please choose sha1, sha256 or sha512."),
            (
                "signature_encoding",
                ["hex", "base64"].contains(&self.signature_encoding.as_str()),
                "Please choose hex or base64.",
            ),
            ("signature_header", is_header(&self.signature_header), "Please give the name of a header."),
            ("timestamp_header", is_header(&self.timestamp_header), "Please give the name of a header."),
            ("message_id_header", is_header(&self.message_id_header), "Please give the name of a header."),
            ("signature_prefix", self.signature_prefix.len() <= 50, "Please give at most 50 characters."),
            (
                "payload_format",
                self.payload_format.len() <= 200 && !rest.contains(['{', '}']),
                "Please use only {body}, {timestamp}, {method}, {url} and {svix-id}.",
            ),
            ("payload_format", has("{body}"), "The signature has to cover {body}."),
            (
                "payload_format",
                has("{timestamp}") == self.include_timestamp,
                "The signature has to cover {timestamp} if one is included, and only then.",
            ),
        ];
        let wrong = checks.into_iter().filter(|(_, right, _)| !right);
        wrong.map(|(field, _, message)| error(&format!("vapi.hmac.{field}"), message)).collect()
    }

    /// Whether the request carries this clinic's signature, and lately.
    pub fn is_signed(&self, now: DateTime<Utc>, request: &Signed<'_>) -> bool {
        self.check(now, request).is_some()
    }

    fn check(&self, now: DateTime<Utc>, request: &Signed<'_>) -> Option<()> {
        let timestamp = match self.include_timestamp {
            true => Some((request.header)(&self.timestamp_header.to_lowercase())?),
            false => None,
        };
        if timestamp.is_some_and(|text| !is_recent(text, now)) {
            return None;
        }
        let payload = self.payload(timestamp.unwrap_or_default(), request)?;
        let key = hmac::Key::new(self.algorithm()?, &self.key_bytes()?);
        // Svix sends one signature for each of its keys.
        let signatures = (request.header)(&self.signature_header.to_lowercase())?.split_ascii_whitespace();
        let mut tags = signatures.filter_map(|text| self.tag(text));
        tags.any(|tag| hmac::verify(&key, &payload, &tag).is_ok()).then_some(())
    }

    fn payload(&self, timestamp: &str, request: &Signed<'_>) -> Option<Vec<u8>> {
        let mut payload = Vec::with_capacity(request.body.len() + 200);
        let mut rest = self.payload_format.as_str();
        while let Some((before, after)) = rest.split_once('{') {
            let (token, after) = after.split_once('}')?;
            payload.extend(before.as_bytes());
            payload.extend(match token {
                "body" => request.body,
                "timestamp" => timestamp.as_bytes(),
                "method" => request.method.as_bytes(),
                "url" => request.url.as_bytes(),
                "svix-id" => (request.header)(&self.message_id_header.to_lowercase())?.as_bytes(),
                _ => return None,
            });
            rest = after;
        }
        payload.extend(rest.as_bytes());
        Some(payload)
    }

    fn tag(&self, text: &str) -> Option<Vec<u8>> {
        let text = text.strip_prefix(&self.signature_prefix)?;
        match self.signature_encoding.as_str() {
            "hex" => from_hex(text),
            _ => from_base64(text),
        }
    }

    fn algorithm(&self) -> Option<hmac::Algorithm> {
        match self.algorithm.as_str() {
            "sha1" => Some(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY),
            "sha256" => Some(hmac::HMAC_SHA256),
            "sha512" => Some(hmac::HMAC_SHA512),
            _ => None,
        }
    }

    fn key_bytes(&self) -> Option<Vec<u8>> {
        if self.secret_is_base64 {
            // Svix writes what kind of secret it is before it.
            return from_base64(self.secret.strip_prefix("whsec_").unwrap_or(&self.secret));
        }
        Some(self.secret.as_bytes().to_vec())
    }
}

fn error(field: &str, message: &str) -> FieldError {
    FieldError { field: field.into(), message: message.into() }
}

/// In seconds, or in thousandths of them.
fn is_recent(timestamp: &str, now: DateTime<Utc>) -> bool {
    let Ok(number) = timestamp.parse::<i64>() else { return false };
    let at = if number.abs() > 100_000_000_000 {
        DateTime::from_timestamp_millis(number)
    } else {
        DateTime::from_timestamp(number, 0)
    };
    at.is_some_and(|at| (now - at).abs() <= WINDOW)
}

fn from_base64(text: &str) -> Option<Vec<u8>> {
    BASE64_STANDARD.decode(text).or_else(|_| BASE64_STANDARD_NO_PAD.decode(text)).ok()
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> =
        text.chars().map(|digit| digit.to_digit(16).and_then(|digit| u8::try_from(digit).ok())).collect();
    let digits = digits?;
    (digits.len() % 2 == 0).then(|| digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect())
}

#[cfg(test)]
mod tests;
