//! An e-mail that staff send to themselves, to see whether it arrives.

use domain::id::ClinicId;
use domain::language::Language;

use super::letter::Letter;
use super::outbox;
use super::post::{EmailGateway, Post};
use super::smtp::{Attempt, Fault};
use super::writing::Written;
use crate::{Result, clinics};

/// Why it did not leave, in a sentence for staff.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotSent {
    #[error("No mail server is set, so e-mail stays here.")]
    NoServer,
    #[error("Mail cannot be sent to {0}.")]
    Address(String),
    #[error(
        "The mail server could not be reached safely. Please check its name, its port and how the connection is kept \
         private."
    )]
    Unreachable,
    #[error("The mail server does not take mail at the moment (it says {0}). Please try again in a minute.")]
    Busy(u16),
    #[error(
        "The mail server does not accept the user name and password, or the address that mail is from{}.", said(*.0)
    )]
    Account(Option<u16>),
    #[error("The mail server refused the message{}.", said(*.0))]
    Message(Option<u16>),
    #[error("The mail server took the message but did not say so. Please look whether it arrived.")]
    Unanswered,
}

fn said(code: Option<u16>) -> String {
    code.map_or_else(String::new, |code| format!(" (it says {code})"))
}

impl Post {
    /// Sends an e-mail to a member of staff by the server that patients' mail
    /// leaves by, now and without the outbox.
    ///
    /// # Errors
    ///
    /// When the database does not answer. What the mail server says against it
    /// is the inner error.
    pub async fn try_email(&self, clinic: ClinicId, to: &str) -> Result<std::result::Result<(), NotSent>> {
        let mut tx = self.db.clinic(clinic).await?;
        let gateway = self.email(&mut tx).await?;
        let clinic = clinics::profile(&mut tx).await?;
        tx.commit().await?;
        let EmailGateway::Smtp(account) = gateway else { return Ok(Err(NotSent::NoServer)) };
        let letter = Letter {
            id: outbox::new_id(),
            kind: None,
            language: Language::English,
            to,
            words: &Written {
                subject: Some(format!("A test of e-mail from {}", clinic.name)),
                body: "This is how e-mail to your patients looks.\n\nIf you can read it, the mail server works.".into(),
            },
            clinic: &clinic,
            link: None,
            unsubscribe: None,
            calendar: None,
        };
        let Ok(message) = letter.message(self.now(), &account) else {
            return Ok(Err(NotSent::Address(to.to_owned())));
        };
        Ok(match self.smtp.send(&account, &message).await {
            Attempt::Accepted => Ok(()),
            Attempt::Refused { fault: Fault::Address, .. } => Err(NotSent::Address(to.to_owned())),
            Attempt::Refused { fault: Fault::Account, code } => Err(NotSent::Account(code)),
            Attempt::Refused { fault: Fault::Message, code } => Err(NotSent::Message(code)),
            Attempt::NotTaken { code: Some(code) } => Err(NotSent::Busy(code)),
            Attempt::NotTaken { code: None } => Err(NotSent::Unreachable),
            Attempt::Unknown => Err(NotSent::Unanswered),
        })
    }
}
