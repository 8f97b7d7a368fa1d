//! What messages leave by.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use domain::Rejection;
use domain::id::ClinicId;
use tokio::sync::Semaphore;

use super::links::Links;
use super::smtp::Smtp;
use super::twilio::{NotConnected, Twilio};
use crate::clinics::settings::TwilioAccount;
use crate::clinics::smtp::SmtpAccount;
use crate::{ClinicTx, Clock, Db, Result, Vault};

/// Everything that sending a message takes. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Post {
    pub db: Db,
    pub clock: Clock,
    vault: Option<Vault>,
    pub links: Links,
    pub(super) twilio: Twilio,
    pub(crate) smtp: Smtp,
    /// By which the mail of clinics without an account of their own leaves.
    platform: Option<Arc<SmtpAccount>>,
    /// A message on its way keeps a connection and asks for another. If every
    /// connection were kept like that, none would ever get its second.
    pub(super) sending: Arc<Semaphore>,
    /// Mail servers may think for long. Only so many messages are with them at
    /// once that a text always finds a turn.
    pub(super) mailing: Arc<Semaphore>,
}

/// By what a clinic's texts leave.
#[derive(Clone, Debug)]
pub enum SmsGateway {
    Twilio(Box<TwilioAccount>),
    /// The clinic has no account anywhere: its texts stay in its outbox, where
    /// staff read them.
    Local,
}

/// By what a clinic's e-mail leaves.
#[derive(Clone, Debug)]
pub enum EmailGateway {
    Smtp(Box<SmtpAccount>),
    /// Neither the clinic nor the platform has an account: its e-mail stays in
    /// its outbox, where staff read it.
    Local,
}

impl Post {
    pub fn new(
        db: Db,
        clock: Clock,
        vault: Option<Vault>,
        links: Links,
        twilio: Twilio,
        platform: Option<SmtpAccount>,
    ) -> Self {
        let connections = usize::try_from(db.pool().options().get_max_connections()).unwrap_or(usize::MAX);
        let turns = (connections / 4).max(1);
        let (sending, mailing) = (Arc::new(Semaphore::new(turns)), Arc::new(Semaphore::new((turns / 3).clamp(1, 3))));
        let smtp = Smtp::new(&links.host());
        Self { db, clock, vault, links, twilio, smtp, platform: platform.map(Arc::new), sending, mailing }
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
                NotConnected::ApiKey => "twilio.api_key.sid",
                _ => "twilio.account_sid",
            };
            Rejection::invalid(field, wrong.to_string())
        };
        Ok(self.twilio.check(&account).await.map_err(wrong)?)
    }

    /// The clinic's own gateway, or else the platform's.
    ///
    /// # Errors
    ///
    /// When its credentials do not open.
    pub async fn email(&self, tx: &mut ClinicTx) -> Result<EmailGateway> {
        let own = match &self.vault {
            Some(vault) => vault.get::<SmtpAccount>(tx, "smtp").await?,
            None => None,
        };
        let account = own.or_else(|| self.platform.as_deref().cloned());
        Ok(account.map_or(EmailGateway::Local, |account| EmailGateway::Smtp(Box::new(account))))
    }

    /// Whether clinics without a mail server of their own mail by the
    /// platform's.
    pub fn mails_for_all(&self) -> bool {
        self.platform.is_some()
    }

    pub(super) fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }
}
