//! A mail server, and how to sign in to it.

use std::net::IpAddr;

use domain::FieldError;
use domain::contact::EmailAddress;
use percent_encoding::percent_decode_str;
use serde::{Deserialize, Serialize};

/// An account with a mail server. Written, used, never read back.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SmtpAccount {
    pub host: String,
    pub port: u16,
    #[serde(default)]
    pub security: SmtpSecurity,
    pub username: Option<String>,
    pub password: Option<String>,
    /// Whom its mail is from, and from whom invitations are.
    pub from_address: String,
    /// The clinic's name if it has none.
    pub from_name: Option<String>,
    /// Where answers go, if not to `from_address`.
    pub reply_to: Option<String>,
}

/// What keeps others from reading along. The server's certificate is always
/// checked, and nothing is sent where TLS was asked for and cannot be had.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SmtpSecurity {
    /// TLS after a few words (RFC 3207), mostly on port 587.
    #[default]
    StartTls,
    /// TLS from the start (RFC 8314), mostly on port 465.
    Tls,
    /// Nothing. For a server on the same machine only.
    None,
}

/// Why SMTP_URL or SMTP_FROM cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SmtpUrlError {
    #[error(
        "SMTP_URL must be an address such as smtp://user:password@mail.example.com:587 (STARTTLS) or \
         smtps://user:password@mail.example.com (TLS from the start)."
    )]
    Url,
    #[error("SMTP_FROM must be an address such as desk@example.com or Example Clinics <desk@example.com>.")]
    From,
    #[error("SMTP_URL: {0}")]
    Account(String),
}

impl std::fmt::Debug for SmtpAccount {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SmtpAccount").finish_non_exhaustive()
    }
}

impl SmtpAccount {
    /// The platform's account, for clinics without one of their own: `from` as
    /// in an e-mail, and a URL `smtps://user:password@host:port`, or `smtp://…`
    /// for STARTTLS. A server on the same machine may do without TLS:
    /// `smtp://127.0.0.1:25?security=none`.
    ///
    /// # Errors
    ///
    /// When either does not read as that.
    pub fn from_url(url: &str, from: &str) -> Result<Self, SmtpUrlError> {
        let url = reqwest::Url::parse(url).map_err(|_| SmtpUrlError::Url)?;
        let asked = url.query_pairs().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&");
        let (security, port) = match (url.scheme(), asked.as_str()) {
            ("smtps", "") => (SmtpSecurity::Tls, 465),
            ("smtp", "") => (SmtpSecurity::StartTls, 587),
            ("smtp", "security=none") => (SmtpSecurity::None, 25),
            _ => return Err(SmtpUrlError::Url),
        };
        let plain = |text: &str| percent_decode_str(text).decode_utf8().ok().map(|text| text.into_owned());
        let (from_name, from_address) = named(from);
        from_address.parse::<lettre::Address>().map_err(|_| SmtpUrlError::From)?;
        let account = Self {
            host: url.host_str().ok_or(SmtpUrlError::Url)?.trim_matches(['[', ']']).to_owned(),
            port: url.port().unwrap_or(port),
            security,
            username: plain(url.username()).filter(|name| !name.is_empty()),
            password: url.password().and_then(plain),
            from_address: from_address.to_owned(),
            from_name: from_name.map(str::to_owned),
            reply_to: None,
        };
        match account.faults("").into_iter().next() {
            Some(fault) => Err(SmtpUrlError::Account(fault.message)),
            None => Ok(account),
        }
    }

    /// What is wrong with it, field by field, named after `prefix`.
    pub fn faults(&self, prefix: &str) -> Vec<FieldError> {
        let is_host = !self.host.is_empty()
            && self.host.len() <= 253
            && self.host.bytes().all(|letter| letter.is_ascii_alphanumeric() || b".-:".contains(&letter));
        let is_address = |text: &str| EmailAddress::parse(text).is_ok() && text.parse::<lettre::Address>().is_ok();
        let rules = [
            ("host", is_host, "Please give the mail server's name, such as mail.example.com."),
            ("port", self.port != 0, "Please give the mail server's port, such as 587."),
            (
                "security",
                self.security != SmtpSecurity::None || self.is_on_this_machine(),
                "Only a mail server on the same machine may do without TLS. Please choose STARTTLS or TLS.",
            ),
            (
                "password",
                self.username.is_some() == self.password.is_some(),
                "Please give both a user name and a password, or neither.",
            ),
            ("from_address", is_address(&self.from_address), "Please check the address that mail is from."),
            (
                "from_name",
                self.from_name.as_deref().is_none_or(is_name),
                "Please give a name of at most 120 characters on one line.",
            ),
            (
                "reply_to",
                self.reply_to.as_deref().is_none_or(is_address),
                "Please check the address that answers go to.",
            ),
        ];
        let wrong = rules.into_iter().filter(|(_, holds, _)| !holds);
        wrong
            .map(|(field, _, message)| FieldError { field: format!("{prefix}{field}"), message: message.into() })
            .collect()
    }

    fn is_on_this_machine(&self) -> bool {
        let is_loopback = self.host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
        is_loopback || self.host.eq_ignore_ascii_case("localhost")
    }
}

/// A name, if there is one, and an address: `Name <address>`, whether or not
/// the name is in quotation marks.
fn named(from: &str) -> (Option<&str>, &str) {
    let from = from.trim();
    match from.strip_suffix('>').and_then(|from| from.rsplit_once('<')) {
        Some((name, address)) => (Some(name.trim().trim_matches('"')).filter(|name| !name.is_empty()), address.trim()),
        None => (None, from),
    }
}

fn is_name(text: &str) -> bool {
    !text.trim().is_empty() && text.chars().count() <= 120 && !text.chars().any(char::is_control)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account() -> SmtpAccount {
        SmtpAccount::from_url("smtp://desk:p%40ss%2B@mail.example.com", "Bloom, Inc. <desk@example.com>").unwrap()
    }

    #[test]
    fn an_address_of_a_mail_server_says_how_to_reach_it() {
        let account = account();
        assert_eq!(
            (account.host.as_str(), account.port, account.security),
            ("mail.example.com", 587, SmtpSecurity::StartTls)
        );
        assert_eq!((account.username.as_deref(), account.password.as_deref()), (Some("desk"), Some("p@ss+")));
        assert_eq!(
            (account.from_address.as_str(), account.from_name.as_deref()),
            ("desk@example.com", Some("Bloom, Inc."))
        );
        let tls = SmtpAccount::from_url("smtps://mail.example.com", "\"Bloom\" <desk@example.com>").unwrap();
        assert_eq!(tls.from_name.as_deref(), Some("Bloom"));
        assert_eq!((tls.port, tls.security, tls.username), (465, SmtpSecurity::Tls, None));
        let here = SmtpAccount::from_url("smtp://[::1]:2525?security=none", "desk@example.com").unwrap();
        assert_eq!((here.host.as_str(), here.port, here.security), ("::1", 2525, SmtpSecurity::None));
    }

    #[test]
    fn what_cannot_be_an_account_is_refused() {
        for wrong in ["mail.example.com", "http://mail.example.com", "smtp://", "smtp://mail.example.com?tls=off"] {
            assert_eq!(SmtpAccount::from_url(wrong, "desk@example.com"), Err(SmtpUrlError::Url), "{wrong}");
        }
        assert_eq!(SmtpAccount::from_url("smtps://mail.example.com", "desk"), Err(SmtpUrlError::From));
        for (field, wrong) in [
            ("host", SmtpAccount { host: "mail example".into(), ..account() }),
            ("port", SmtpAccount { port: 0, ..account() }),
            ("password", SmtpAccount { password: None, ..account() }),
            ("from_address", SmtpAccount { from_address: "desk@localhost".into(), ..account() }),
            ("from_name", SmtpAccount { from_name: Some("A\r\nBcc: b@example.com".into()), ..account() }),
            ("reply_to", SmtpAccount { reply_to: Some("nobody".into()), ..account() }),
        ] {
            let faults: Vec<_> = wrong.faults("").into_iter().map(|fault| fault.field).collect();
            assert_eq!(faults, [field]);
        }
    }

    #[test]
    fn only_this_machine_is_spoken_to_without_tls() {
        for (host, is_allowed) in [
            ("127.0.0.1", true),
            ("127.9.9.9", true),
            ("::1", true),
            ("localhost", true),
            ("localhost.example.com", false),
            ("10.0.0.1", false),
            ("mail.example.com", false),
        ] {
            let account = SmtpAccount { host: host.into(), security: SmtpSecurity::None, ..account() };
            assert_eq!(account.faults("").is_empty(), is_allowed, "{host}");
        }
    }
}
