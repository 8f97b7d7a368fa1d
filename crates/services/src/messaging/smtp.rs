//! Mail servers (RFC 5321), one message to one person at a time.
//!
//! The conversation is held step by step, because what a broken connection
//! means depends on how far it got: until the message is handed over nothing
//! has left, and after that nobody knows.

use std::net::IpAddr;
use std::time::Duration;

use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{AsyncSmtpConnection, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::{ClientId, Extension, MailParameter};
use lettre::{Address, Message};
use tokio::time::timeout;

use crate::clinics::smtp::{SmtpAccount, SmtpSecurity};

/// How long it may take until the message can be handed over.
const PATIENCE: Duration = Duration::from_secs(8);

/// How long a server may think about a message that it was handed. An opt-out
/// waits for a message on its way, and so does this process when it stops.
const PATIENCE_AT_THE_END: Duration = Duration::from_secs(20);

/// The longest that it takes until it is known what became of a message.
pub const LONGEST: Duration = PATIENCE.saturating_add(PATIENCE_AT_THE_END);

/// How long a server may take to say goodbye.
const PATIENCE_AFTER: Duration = Duration::from_secs(2);

/// Speaks to mail servers. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Smtp {
    hello: ClientId,
    patience: Duration,
}

/// What became of the attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attempt {
    /// The server has it.
    Accepted,
    /// The server will not take it, whenever it is asked.
    Refused { code: Option<u16>, fault: Fault },
    /// It did not get there and may be tried again.
    NotTaken { code: Option<u16> },
    /// Nobody knows: it was handed over, and no answer came.
    Unknown,
}

/// What a refusal is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The patient's address: nothing sent there arrives.
    Address,
    /// The clinic's account or its sender address.
    Account,
    Message,
}

impl Smtp {
    /// `host` is the name or address that this server goes by.
    pub fn new(host: &str) -> Self {
        Self::with_patience(host, PATIENCE)
    }

    /// One that waits no longer than this until it can hand over a message.
    pub(crate) fn with_patience(host: &str, patience: Duration) -> Self {
        let hello = match host.trim_matches(['[', ']']).parse() {
            Ok(IpAddr::V4(address)) => ClientId::Ipv4(address),
            Ok(IpAddr::V6(address)) => ClientId::Ipv6(address),
            Err(_) => ClientId::Domain(host.to_owned()),
        };
        Self { hello, patience }
    }

    /// Sends a message.
    pub async fn send(&self, account: &SmtpAccount, message: &Message) -> Attempt {
        let mut connection = match timeout(self.patience, self.ready(account, message)).await {
            Ok(Ok(connection)) => connection,
            Ok(Err(attempt)) => return attempt,
            Err(_) => return Attempt::NotTaken { code: None },
        };
        let attempt = match timeout(PATIENCE_AT_THE_END, connection.message(&message.formatted())).await {
            Ok(Ok(_)) => Attempt::Accepted,
            Ok(Err(error)) if error.status().is_some() => said(&error, Fault::Message),
            Ok(Err(_)) | Err(_) => Attempt::Unknown,
        };
        // The answer has been given; how it parts does not matter.
        timeout(PATIENCE_AFTER, connection.quit()).await.ok();
        attempt
    }

    /// A server that waits for the message.
    async fn ready(&self, account: &SmtpAccount, message: &Message) -> Result<AsyncSmtpConnection, Attempt> {
        let mut connection = self.connect(account).await?;
        let envelope = message.envelope();
        let mut parameters = Vec::new();
        let is_ascii = |address: &Address| AsRef::<str>::as_ref(address).is_ascii();
        if !envelope.to().iter().chain(envelope.from()).all(is_ascii) {
            if !connection.server_info().supports_feature(Extension::SmtpUtfEight) {
                // Another server may know how to write such an address.
                return Err(Attempt::Refused { code: None, fault: Fault::Message });
            }
            parameters.push(MailParameter::SmtpUtfEight);
        }
        let from = Mail::new(envelope.from().cloned(), parameters);
        connection.command(from).await.map_err(|error| said(&error, Fault::Account))?;
        for to in envelope.to() {
            let fault = |error| said(&error, whose(&error));
            connection.command(Rcpt::new(to.clone(), Vec::new())).await.map_err(fault)?;
        }
        connection.command(Data).await.map_err(|error| said(&error, Fault::Message))?;
        Ok(connection)
    }

    /// A connection as safe as the account asks for, signed in.
    async fn connect(&self, account: &SmtpAccount) -> Result<AsyncSmtpConnection, Attempt> {
        // Before anybody has signed in, a refusal is of the moment.
        let not_now = |error: Error| Attempt::NotTaken { code: error.status().map(u16::from) };
        let tls = || TlsParameters::new(account.host.clone()).map_err(not_now);
        let at_once = match account.security {
            SmtpSecurity::Tls => Some(tls()?),
            SmtpSecurity::StartTls | SmtpSecurity::None => None,
        };
        let server = (account.host.as_str(), account.port);
        let mut connection =
            AsyncSmtpConnection::connect_tokio1(server, Some(self.patience), &self.hello, at_once, None)
                .await
                .map_err(not_now)?;
        if account.security == SmtpSecurity::StartTls {
            // Fails where the server does not offer it, or somebody between
            // has taken the offer away.
            connection.starttls(tls()?, &self.hello).await.map_err(not_now)?;
        }
        if let (Some(name), Some(password)) = (&account.username, &account.password) {
            let credentials = Credentials::new(name.clone(), password.clone());
            let signed_in = connection.auth(&[Mechanism::Plain, Mechanism::Login], &credentials).await;
            signed_in.map_err(|error| {
                // A server that takes no sign-in at all, or none of ours.
                let is_for_good = error.is_client() && error.status().is_none();
                if is_for_good {
                    Attempt::Refused { code: None, fault: Fault::Account }
                } else {
                    said(&error, Fault::Account)
                }
            })?;
        }
        Ok(connection)
    }
}

/// What an answer means that is not what was hoped for.
fn said(error: &Error, fault: Fault) -> Attempt {
    let code = error.status().map(u16::from);
    if error.is_permanent() { Attempt::Refused { code, fault } } else { Attempt::NotTaken { code } }
}

/// Whom a refusal of the recipient is about. Servers also refuse a recipient
/// because they do not know us, and say so behind the code (RFC 3463): X.1 and
/// X.2 are about the address and its mailbox.
fn whose(error: &Error) -> Fault {
    let code = error.status().map_or(0, u16::from);
    let words = std::error::Error::source(error).map(ToString::to_string).unwrap_or_default();
    let fault = meant(words.split([' ', '\n']).next().unwrap_or_default());
    fault.unwrap_or(if matches!(code, 550 | 551 | 553) { Fault::Address } else { Fault::Message })
}

/// Whom a status such as `5.1.1` (RFC 3463) is about; none if it is none, or
/// may pass.
fn meant(status: &str) -> Option<Fault> {
    let mut numbers = status.split('.');
    let is_for_good = numbers.next() == Some("5");
    match (is_for_good, numbers.next(), numbers.next()) {
        // The mailbox is full, which it may not stay.
        (true, Some("2"), Some("2")) => Some(Fault::Message),
        // The sender's address, although a recipient was asked about.
        (true, Some("1"), Some("7" | "8")) => Some(Fault::Account),
        (true, Some("1" | "2"), Some(_)) => Some(Fault::Address),
        (true, Some(_), Some(_)) => Some(Fault::Account),
        _ => None,
    }
}

/// Whether a status says that nothing sent to the address arrives.
pub fn is_about_the_address(status: &str) -> bool {
    meant(status) == Some(Fault::Address)
}

#[cfg(test)]
mod tests {
    use super::is_about_the_address;

    #[test]
    fn a_status_says_whether_the_address_is_gone() {
        for gone in ["5.1.1", "5.1.10", "5.2.1", "5.2.0"] {
            assert!(is_about_the_address(gone), "{gone}");
        }
        for other in ["5.2.2", "5.1.7", "5.1.8", "5.7.1", "5.4.4", "4.1.1", "5", "5.1", ""] {
            assert!(!is_about_the_address(other), "{other}");
        }
    }
}
