//! Sending one message, once.
//!
//! The row is claimed first and committed, so that a crash leaves a message
//! that may have gone rather than one that goes twice; then the provider is
//! asked, outside of any transaction that changes something; then what it said
//! is written down. The address is locked from before the claim until after
//! that, so that a stop waits for what is on its way and nothing follows it.

mod allowed;
mod behind;
mod bounced;
mod email;
mod leftover;
mod noting;
mod text;

use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use domain::id::{AppointmentId, ClinicId};
use domain::language::Language;
use domain::sms::segments::segments;
use domain::sms::status::SmsStatus;
use domain::template::Kind;
use lettre::Message;
use uuid::Uuid;

use self::allowed::{Unasked, morning};
use self::noting::{fail, look_again, put_off, set_status, settle};
use super::ledger::{self, Way};
use super::outbox::OutboxId;
use super::post::{EmailGateway, Post, SmsGateway};
use super::smtp;
use super::twilio::Attempt;
use super::writing::{self, Written};
use crate::clinics::settings::TwilioAccount;
use crate::clinics::smtp::SmtpAccount;
use crate::{ClinicTx, Error, Result};

pub use allowed::{Reached, next_unasked};
pub use bounced::came_back;
pub use text::heard;

/// How soon after its claim a message has to leave. A stop waits for it so much
/// longer than the provider is waited for.
pub(super) const fn soon(way: Way) -> Duration {
    match way {
        Way::Sms | Way::Voice => Duration::from_millis(500),
        Way::Email => Duration::from_secs(2),
    }
}

/// How long an e-mail waits, in seconds, that finds as many with mail servers
/// as there may be: at least, and how much longer at most.
const MAIL_WAITS: (f64, f64) = (5.0, 10.0);

/// How long after an attempt nobody knows the outcome of it is looked for at
/// the provider: longer than an attempt takes, so that it is over.
const LOOK_AFTER: TimeDelta = TimeDelta::seconds(60);

/// A message about to leave.
#[derive(Debug)]
struct Claimed {
    address: String,
    body: String,
    attempts: i32,
    tried_at: DateTime<Utc>,
    expires_at: Option<DateTime<Utc>>,
    by: By,
}

/// By what it leaves.
#[derive(Debug)]
enum By {
    /// By nothing: the clinic has no account, and staff read it here.
    Nothing,
    Twilio(Box<TwilioAccount>),
    Smtp(Box<SmtpAccount>, Box<Message>),
}

/// What a look at a message in the outbox comes to.
#[derive(Debug)]
enum Next {
    /// Nothing, now or ever.
    Nothing,
    Send(Claimed),
    /// An attempt was made whose outcome nobody knows.
    LookUp(Claimed),
}

struct Row {
    kind: String,
    channel: String,
    address: String,
    language: String,
    patient_id: Option<Uuid>,
    appointment_id: Option<Uuid>,
    about: Option<DateTime<Utc>>,
    subject: Option<String>,
    body: Option<String>,
    status: String,
    provider: Option<String>,
    attempts: i32,
    due_at: DateTime<Utc>,
    expires_at: Option<DateTime<Utc>>,
    tried_at: Option<DateTime<Utc>>,
    account: Option<String>,
    caused_by: Option<String>,
}

impl Row {
    fn way(&self) -> Way {
        way(&self.channel)
    }

    fn kind(&self) -> Option<Kind> {
        Kind::try_from(self.kind.clone()).ok()
    }

    fn language(&self) -> Language {
        Language::of_tag(&self.language).unwrap_or(Language::English)
    }

    fn appointment(&self) -> Option<AppointmentId> {
        self.appointment_id.map(AppointmentId::from)
    }
}

fn way(channel: &str) -> Way {
    if channel == "sms" { Way::Sms } else { Way::Email }
}

impl Post {
    /// Sends a message if it is to be sent now, and otherwise notes why not.
    /// Safe to call at any time and any number of times.
    ///
    /// # Errors
    ///
    /// When the database does not answer; the message is then sent later, or
    /// looked for at the provider.
    pub async fn send(&self, clinic: ClinicId, id: OutboxId) -> Result<()> {
        self.take(clinic, id).await.map(drop)
    }

    /// Whether it had its turn; not if it waits for a mail server to be free.
    async fn take(&self, clinic: ClinicId, id: OutboxId) -> Result<bool> {
        let _turn = self.sending.acquire().await.map_err(|_| Error::Internal("the post is closed"))?;
        let mut guard = self.db.clinic(clinic).await?;
        let Some((way, address)) = addressed(&mut guard, id).await? else { return Ok(true) };
        let _mailing = match way {
            Way::Email => match self.mailing.try_acquire() {
                Ok(turn) => Some(turn),
                Err(_) => {
                    noting::let_others_go_first(&mut guard, id, MAIL_WAITS).await?;
                    return guard.commit().await.map(|()| false);
                }
            },
            Way::Sms | Way::Voice => None,
        };
        ledger::lock(&mut guard, way, &address).await?;
        let mut tx = self.db.clinic(clinic).await?;
        let began = Instant::now();
        let next = match self.claim(&mut tx, id).await {
            Ok(next) => next,
            Err(error) if error.may_pass() => return Err(error),
            // Whoever tries again finds the same.
            Err(error) => {
                drop(tx);
                return self.cannot_send(clinic, id, &error).await.map(|()| true);
            }
        };
        tx.commit().await?;
        match next {
            Next::Nothing => {}
            Next::Send(claimed) => self.attempt(clinic, id, &claimed, began).await?,
            Next::LookUp(claimed) => self.look_up(clinic, id, &claimed).await?,
        }
        guard.commit().await.map(|()| true)
    }

    /// Ends a message that cannot be sent because of something that trying
    /// again does not mend.
    async fn cannot_send(&self, clinic: ClinicId, id: OutboxId, error: &Error) -> Result<()> {
        let source = std::error::Error::source(error).map(ToString::to_string);
        tracing::error!(outbox = %id, %error, source, "a message cannot be sent");
        let sentence = "Something about this message cannot be read, so it was not sent. Please tell the patient \
                        another way.";
        let mut tx = self.db.clinic(clinic).await?;
        fail(&mut tx, self.now(), id, "broken", None, sentence).await?;
        tx.commit().await
    }

    async fn claim(&self, tx: &mut ClinicTx, id: OutboxId) -> Result<Next> {
        let now = self.now();
        let Some(row) = locked(tx, id).await? else { return Ok(Next::Nothing) };
        let status = SmsStatus::try_from(row.status.clone()).map_err(|_| Error::Internal("an unknown status"))?;
        match status {
            SmsStatus::Queued if row.due_at <= now => self.claim_queued(tx, now, id, row).await,
            SmsStatus::Sending | SmsStatus::Unknown => self.claim_lost(tx, now, id, row, status).await,
            _ => Ok(Next::Nothing),
        }
    }

    async fn claim_queued(&self, tx: &mut ClinicTx, now: DateTime<Utc>, id: OutboxId, row: Row) -> Result<Next> {
        if let Some(reason) = allowed::refused(tx, now, &row).await? {
            settle(tx, now, id, SmsStatus::Suppressed, Some(reason), None).await?;
            return Ok(Next::Nothing);
        }
        if row.kind().is_some_and(Kind::needs_opt_out) {
            match allowed::unasked(tx, now, id, &row).await? {
                Unasked::Now => {}
                Unasked::Later(at, reason) => {
                    put_off(tx, id, at, reason).await?;
                    return Ok(Next::Nothing);
                }
                Unasked::Never(reason) => {
                    settle(tx, now, id, SmsStatus::Suppressed, Some(reason), None).await?;
                    return Ok(Next::Nothing);
                }
            }
        } else if let Some(at) = morning(tx, now, &row).await? {
            put_off(tx, id, at, "quiet").await?;
            return Ok(Next::Nothing);
        }
        let Some(words) = self.words(tx, now, id, &row).await? else { return Ok(Next::Nothing) };
        let Some(by) = self.by(tx, now, id, &row, &words).await? else { return Ok(Next::Nothing) };
        let provider = match by {
            By::Twilio(_) => "twilio",
            By::Smtp(..) => "smtp",
            By::Nothing => "local",
        };
        let account = match &by {
            By::Twilio(account) => Some(account.account_sid.as_str()),
            By::Smtp(..) | By::Nothing => None,
        };
        let count = i32::try_from(segments(&words.body).count).unwrap_or(i32::MAX);
        sqlx::query!(
            "update outbox
             set status = 'sending', provider = $2, segments = $3, attempts = attempts + 1, tried_at = $4, account = $5,
                 reason = null
             where outbox_id = $1",
            id,
            provider,
            (row.way() == Way::Sms).then_some(count),
            now,
            account
        )
        .execute(tx.conn())
        .await?;
        Ok(Next::Send(Claimed {
            address: row.address,
            body: words.body,
            attempts: row.attempts + 1,
            tried_at: now,
            expires_at: row.expires_at,
            by,
        }))
    }

    /// By what a message leaves; none, and noted as failed, if it cannot.
    async fn by(
        &self,
        tx: &mut ClinicTx,
        now: DateTime<Utc>,
        id: OutboxId,
        row: &Row,
        words: &Written,
    ) -> Result<Option<By>> {
        let account = match row.way() {
            Way::Email => match self.email(tx).await {
                Ok(EmailGateway::Smtp(account)) => account,
                Ok(EmailGateway::Local) => return Ok(Some(By::Nothing)),
                Err(error) => return sealed(tx, now, id, row, error).await.map(|()| None),
            },
            Way::Sms | Way::Voice => match self.sms(tx).await {
                Ok(SmsGateway::Twilio(account)) => return Ok(Some(By::Twilio(account))),
                Ok(SmsGateway::Local) => return Ok(Some(By::Nothing)),
                Err(error) => return sealed(tx, now, id, row, error).await.map(|()| None),
            },
        };
        match email::letter(self, tx, now, id, row, words, &account).await? {
            Ok(message) => Ok(Some(By::Smtp(account, Box::new(message)))),
            Err(unmailable) => {
                tracing::error!(outbox = %id, %unmailable, "an e-mail cannot be made");
                fail(tx, now, id, "unwritable", None, &unmailable.to_string()).await?;
                Ok(None)
            }
        }
    }

    /// A message whose attempt was cut short, here or on the way.
    async fn claim_lost(
        &self,
        tx: &mut ClinicTx,
        now: DateTime<Utc>,
        id: OutboxId,
        row: Row,
        status: SmsStatus,
    ) -> Result<Next> {
        let tried_at = row.tried_at.unwrap_or(now);
        if row.provider.as_deref() == Some("local") {
            // Staff read it here or nowhere: it never left.
            settle(tx, now, id, SmsStatus::Sent, None, None).await?;
            return Ok(Next::Nothing);
        }
        if status == SmsStatus::Sending {
            set_status(tx, id, SmsStatus::Unknown, Some("unanswered"), None).await?;
        }
        if now < tried_at + LOOK_AFTER {
            look_again(tx, id, tried_at + LOOK_AFTER).await?;
            return Ok(Next::Nothing);
        }
        if row.way() == Way::Email {
            email::lost(tx, now, id).await?;
            return Ok(Next::Nothing);
        }
        let by = match self.sms(tx).await {
            // Another account does not have it, which says nothing about it.
            Ok(SmsGateway::Twilio(account))
                if row.account.as_ref().is_some_and(|used| *used != account.account_sid) =>
            {
                By::Nothing
            }
            Ok(SmsGateway::Twilio(account)) => By::Twilio(account),
            Ok(SmsGateway::Local) => By::Nothing,
            Err(error) if error.may_pass() => return Err(error),
            // Nobody can be asked whether it left.
            Err(_) => By::Nothing,
        };
        Ok(Next::LookUp(Claimed {
            address: row.address,
            body: row.body.unwrap_or_default(),
            attempts: row.attempts,
            tried_at,
            expires_at: row.expires_at,
            by,
        }))
    }

    /// The message in words; none, and noted as failed, if it cannot be
    /// written.
    async fn words(&self, tx: &mut ClinicTx, now: DateTime<Utc>, id: OutboxId, row: &Row) -> Result<Option<Written>> {
        if let Some(body) = &row.body {
            return Ok(Some(Written { subject: row.subject.clone(), body: body.clone() }));
        }
        let (Some(kind), Some(appointment)) = (row.kind(), row.appointment()) else {
            return Err(Error::Internal("a message about nothing"));
        };
        let visit = writing::visit(tx, appointment).await?.ok_or(Error::Internal("a message about no visit"))?;
        let link = self.links.visit(tx.clinic(), appointment);
        match writing::about_visit(tx, kind, row.way(), row.language(), &visit, &link).await? {
            Ok(written) => {
                sqlx::query!(
                    "update outbox set subject = $2, body = $3 where outbox_id = $1",
                    id,
                    written.subject,
                    written.body
                )
                .execute(tx.conn())
                .await?;
                Ok(Some(written))
            }
            Err(unwritable) => {
                tracing::error!(outbox = %id, %unwritable, "a message cannot be written");
                fail(tx, now, id, "unwritable", None, &unwritable.to_string()).await?;
                Ok(None)
            }
        }
    }

    /// Tries to send a message, and writes down what came of it.
    async fn attempt(&self, clinic: ClinicId, id: OutboxId, claimed: &Claimed, began: Instant) -> Result<()> {
        match &claimed.by {
            By::Nothing => {
                let mut tx = self.db.clinic(clinic).await?;
                noting::taken(&mut tx, self.now(), id, &id.to_string()).await?;
                set_status(&mut tx, id, SmsStatus::Sent, None, None).await?;
                tx.commit().await
            }
            By::Twilio(account) => {
                // A stop waits for a message only so long after its claim.
                let attempt = if began.elapsed() < soon(Way::Sms) {
                    self.text(id, claimed, account).await
                } else {
                    Attempt::NotTaken
                };
                let mut tx = self.db.clinic(clinic).await?;
                text::record(&mut tx, self.now(), id, claimed, &attempt).await?;
                tx.commit().await
            }
            By::Smtp(account, message) => {
                let attempt = if began.elapsed() < soon(Way::Email) {
                    self.smtp.send(account, message).await
                } else {
                    smtp::Attempt::NotTaken { code: None }
                };
                let mut tx = self.db.clinic(clinic).await?;
                email::record(&mut tx, self.now(), id, claimed, message, attempt).await?;
                tx.commit().await
            }
        }
    }
}

/// Tries again later where the clinic's account does not open: the server
/// may have started with the wrong key, and staff may enter the account
/// again.
async fn sealed(tx: &mut ClinicTx, now: DateTime<Utc>, id: OutboxId, row: &Row, error: Error) -> Result<()> {
    if error.may_pass() {
        return Err(error);
    }
    tracing::error!(outbox = %id, %error, "a clinic's account does not open");
    let sentence = "The clinic's account for sending could not be opened. Please enter it again in the settings, \
                    and send the message again.";
    noting::again(tx, now, id, row.attempts + 1, "sealed", None, sentence).await
}

async fn addressed(tx: &mut ClinicTx, id: OutboxId) -> Result<Option<(Way, String)>> {
    let row =
        sqlx::query!("select channel, address from outbox where outbox_id = $1", id).fetch_optional(tx.conn()).await?;
    Ok(row.map(|row| (way(&row.channel), row.address)))
}

async fn locked(tx: &mut ClinicTx, id: OutboxId) -> Result<Option<Row>> {
    let row = sqlx::query_as!(
        Row,
        "select kind, channel, address, language, patient_id, appointment_id, about, subject, body, status, provider,
                attempts, due_at, expires_at, tried_at, account, caused_by
         from outbox
         where outbox_id = $1
         for update",
        id
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(row)
}
