//! Getting no more e-mail, and getting it again, by the link in a message.
//!
//! Whoever holds the link got the message, so it says for which address it is
//! without the address standing in it.

use chrono::{DateTime, Utc};
use domain::id::ClinicId;
use domain::language::Language;

use super::ledger::{self, Stop, Via, Way};
use super::outbox::OutboxId;
use crate::secrets::SigningKey;
use crate::{ClinicTx, Result, link_token};

/// Signs links to end e-mail and knows its own.
#[derive(Clone, Debug)]
pub struct UnsubscribeSigner(SigningKey);

impl UnsubscribeSigner {
    pub fn new(secret: &[u8]) -> Self {
        Self(SigningKey::derive(secret, "unsubscribe"))
    }

    /// The token in the link of this message.
    pub fn sign(&self, clinic: ClinicId, message: OutboxId) -> String {
        link_token::sign(&self.0, clinic, message)
    }

    /// Which message a token came with; none if it was not made here.
    pub fn verify(&self, token: &str) -> Option<(ClinicId, OutboxId)> {
        link_token::verify(&self.0, token)
    }
}

/// How it stands with the address that a message went to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    pub language: Language,
    /// Whether it gets no e-mail.
    pub is_stopped: bool,
}

/// How it stands with the address that a message went to; none if there is no
/// such e-mail.
pub async fn standing(tx: &mut ClinicTx, message: OutboxId) -> Result<Option<Standing>> {
    let Some((address, language)) = written_to(tx, message).await? else { return Ok(None) };
    Ok(Some(Standing { language, is_stopped: ledger::is_stopped(tx, Way::Email, &address).await? }))
}

/// Writes down that whoever got this message wants no more e-mail. Doing it
/// again changes nothing. False if there is no such e-mail.
pub async fn stop(tx: &mut ClinicTx, now: DateTime<Utc>, message: OutboxId) -> Result<bool> {
    let Some((address, _)) = written_to(tx, message).await? else { return Ok(false) };
    let stop = Stop { way: Way::Email, address: &address, via: Via::Link, words: None, member: None };
    ledger::stop(tx, now, &stop).await?;
    Ok(true)
}

/// Ends what [`stop`] wrote down. False if there is no such e-mail.
pub async fn start(tx: &mut ClinicTx, now: DateTime<Utc>, message: OutboxId) -> Result<bool> {
    let Some((address, _)) = written_to(tx, message).await? else { return Ok(false) };
    ledger::start(tx, now, Way::Email, &address, Via::Link).await?;
    Ok(true)
}

async fn written_to(tx: &mut ClinicTx, message: OutboxId) -> Result<Option<(String, Language)>> {
    let row = sqlx::query!("select address, language from outbox where outbox_id = $1 and channel = 'email'", message)
        .fetch_optional(tx.conn())
        .await?;
    Ok(row.map(|row| (row.address, Language::of_tag(&row.language).unwrap_or(Language::English))))
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::visit_token::VisitSigner;

    #[test]
    fn a_link_to_a_visit_ends_no_e_mail() {
        let (clinic, id) = (ClinicId::new(), Uuid::from_u128(7));
        let signer = UnsubscribeSigner::new(b"one secret");
        assert_eq!(signer.verify(&signer.sign(clinic, id)), Some((clinic, id)));
        assert_eq!(signer.verify(&VisitSigner::new(b"one secret").sign(clinic, id.into())), None);
    }
}
