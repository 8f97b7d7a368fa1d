//! What messages leave by.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use domain::Rejection;
use domain::id::{AppointmentId, ClinicId};
use tokio::sync::Semaphore;

use super::outbox::OutboxId;
use super::twilio::{NotConnected, Twilio};
use crate::clinics::settings::TwilioAccount;
use crate::visit_token::VisitSigner;
use crate::{ClinicTx, Clock, Db, Result, Vault};

/// Everything that sending a message takes. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Post {
    pub db: Db,
    pub clock: Clock,
    vault: Option<Vault>,
    visits: VisitSigner,
    pub(super) twilio: Twilio,
    /// Where patients and providers find this server, without a slash at the
    /// end.
    public_url: String,
    /// A message on its way keeps a connection and asks for another. If every
    /// connection were kept like that, none would ever get its second.
    pub(super) sending: Arc<Semaphore>,
}

/// By what a clinic's texts leave.
#[derive(Clone, Debug)]
pub enum SmsGateway {
    Twilio(Box<TwilioAccount>),
    /// The clinic has no account anywhere: its texts stay in its outbox, where
    /// staff read them.
    Local,
}

impl Post {
    pub fn new(
        db: Db,
        clock: Clock,
        vault: Option<Vault>,
        visits: VisitSigner,
        twilio: Twilio,
        public_url: String,
    ) -> Self {
        let connections = usize::try_from(db.pool().options().get_max_connections()).unwrap_or(usize::MAX);
        let sending = Arc::new(Semaphore::new((connections / 4).max(1)));
        Self { db, clock, vault, visits, twilio, public_url, sending }
    }

    /// The clinic's own gateway; nobody else's account is in reach of its
    /// transaction.
    ///
    /// # Errors
    ///
    /// When its credentials do not open.
    pub async fn sms(&self, tx: &mut ClinicTx) -> Result<SmsGateway> {
        let Some(vault) = &self.vault else { return Ok(SmsGateway::Local) };
        let account = vault.get::<TwilioAccount>(tx, "twilio").await?;
        Ok(account.map_or(SmsGateway::Local, |account| SmsGateway::Twilio(Box::new(account))))
    }

    /// Whether the clinic's account can send, without sending anything.
    ///
    /// # Errors
    ///
    /// Rejected with a sentence for staff that says what is wrong.
    pub async fn check_sms(&self, clinic: ClinicId) -> Result<()> {
        let mut tx = self.db.clinic(clinic).await?;
        let gateway = self.sms(&mut tx).await?;
        drop(tx);
        let SmsGateway::Twilio(account) = gateway else {
            return Err(Rejection::invalid("twilio.account_sid", "There is no Twilio account yet.").into());
        };
        let wrong = |wrong: NotConnected| {
            let field = match wrong {
                NotConnected::Number(_) => "twilio.phone_number",
                NotConnected::Service(_) => "twilio.messaging_service_sid",
                NotConnected::Credentials => "twilio.auth_token",
                _ => "twilio.account_sid",
            };
            Rejection::invalid(field, wrong.to_string())
        };
        Ok(self.twilio.check(&account).await.map_err(wrong)?)
    }

    /// A path of ours as the outside world has it.
    pub fn public(&self, path: &str) -> String {
        format!("{}{path}", self.public_url)
    }

    /// Where a patient sees and changes a visit.
    pub fn link(&self, clinic: ClinicId, appointment: AppointmentId) -> String {
        format!("{}/m/{}", self.public_url, self.visits.sign(clinic, appointment))
    }

    /// Where Twilio tells what became of a text. It names the text, because
    /// Twilio may be quicker than our own note of its SID.
    pub fn status_callback(&self, outbox: OutboxId) -> String {
        format!("{}/twilio/status?outbox={outbox}", self.public_url)
    }

    pub(super) fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }
}
