//! Text messages: what Twilio says, at once and later.

use chrono::{DateTime, TimeDelta, Utc};
use domain::id::ClinicId;
use domain::sms::status::{self, Retry, SmsStatus, Suppress};

use super::noting::{self, fail, look_again, set_status, settle, tell_staff};
use super::{By, Claimed, LOOK_AFTER, Row, locked};
use crate::clinics::settings::TwilioAccount;
use crate::messaging::ledger::{Via, Way};
use crate::messaging::outbox::{self, OutboxId};
use crate::messaging::post::Post;
use crate::messaging::twilio::{Attempt, Outgoing, Sent};
use crate::{ClinicTx, Error, Result};

/// How long a message that was not found there has to be missing before it
/// counts as never taken.
const GIVE_UP_LOOKING: TimeDelta = TimeDelta::minutes(3);

impl Post {
    pub(super) async fn text(&self, id: OutboxId, claimed: &Claimed, account: &TwilioAccount) -> Attempt {
        let until = claimed.expires_at.unwrap_or(claimed.tried_at + TimeDelta::hours(10));
        let text = Outgoing {
            to: &claimed.address,
            body: &claimed.body,
            status_callback: &self.links.status_callback(id),
            validity: (until - claimed.tried_at).num_seconds(),
        };
        self.twilio.send(account, text).await
    }

    /// Looks at Twilio for a text that nobody knows about.
    pub(super) async fn look_up(&self, clinic: ClinicId, id: OutboxId, claimed: &Claimed) -> Result<()> {
        let By::Twilio(account) = &claimed.by else {
            let mut tx = self.db.clinic(clinic).await?;
            fail(&mut tx, self.now(), id, "unanswered", None, "Nobody knows whether the text left.").await?;
            return tx.commit().await;
        };
        let mut tx = self.db.clinic(clinic).await?;
        // Two texts can have the same words, and each is its own.
        let others = receipts(&mut tx, id, &claimed.address).await?;
        drop(tx);
        let found = self.find(account, claimed, &others).await;
        let now = self.now();
        let mut tx = self.db.clinic(clinic).await?;
        match found {
            Some(Some(sent)) => {
                let attempt = Attempt::Accepted { sid: sent.sid, status: sent.status };
                record(&mut tx, now, id, claimed, &attempt).await?;
            }
            // It was never taken, so it may be tried again.
            Some(None) if now >= claimed.tried_at + GIVE_UP_LOOKING => {
                record(&mut tx, now, id, claimed, &Attempt::NotTaken).await?;
            }
            _ => look_again(&mut tx, id, now + LOOK_AFTER).await?,
        }
        tx.commit().await
    }

    /// The text among those Twilio has; `Some(None)` if it says that there is
    /// no such text.
    async fn find(&self, account: &TwilioAccount, claimed: &Claimed, others: &[String]) -> Option<Option<Sent>> {
        // Clocks differ a little.
        let since = claimed.tried_at - TimeDelta::seconds(30);
        let is_it = |sent: &Sent| {
            let created = sent.date_created.as_deref().and_then(|at| DateTime::parse_from_rfc2822(at).ok());
            sent.body.as_deref() == Some(&claimed.body)
                && created.is_none_or(|at| at >= since)
                && !others.contains(&sent.sid)
        };
        self.twilio.find(account, &claimed.address, is_it).await
    }
}

/// What the provider calls the other messages to an address.
async fn receipts(tx: &mut ClinicTx, id: OutboxId, address: &str) -> Result<Vec<String>> {
    let receipts = sqlx::query_scalar!(
        r#"select provider_id as "receipt!" from outbox
           where address = $2 and outbox_id <> $1 and provider = 'twilio' and provider_id is not null"#,
        id,
        address
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(receipts)
}

/// Writes down what came of an attempt.
pub(super) async fn record(
    tx: &mut ClinicTx,
    now: DateTime<Utc>,
    id: OutboxId,
    claimed: &Claimed,
    attempt: &Attempt,
) -> Result<()> {
    match attempt {
        Attempt::Accepted { sid, status } => {
            // A callback may have been quicker, and may have said more.
            noting::taken(tx, now, id, sid).await?;
            advance(tx, now, id, news(status), None).await
        }
        Attempt::Refused { code } => refuse(tx, now, id, claimed, *code).await,
        Attempt::NotTaken => again(tx, now, id, claimed, "not_taken", None).await,
        Attempt::Unknown => {
            set_status(tx, id, SmsStatus::Unknown, Some("unanswered"), None).await?;
            look_again(tx, id, now + LOOK_AFTER).await
        }
    }
}

/// Twilio refused it.
async fn refuse(tx: &mut ClinicTx, now: DateTime<Utc>, id: OutboxId, claimed: &Claimed, code: u32) -> Result<()> {
    let fault = status::fault(code);
    suppress(tx, now, &claimed.address, code, fault.suppress).await?;
    match fault.retry {
        Retry::Soon | Retry::Later => again(tx, now, id, claimed, "refused", Some(code)).await,
        Retry::Never if fault.suppress == Suppress::OptedOut => {
            settle(tx, now, id, SmsStatus::Failed, Some("opted_out"), Some(code)).await
        }
        Retry::Never => fail(tx, now, id, "refused", Some(code), fault.sentence).await,
    }
}

async fn again(
    tx: &mut ClinicTx,
    now: DateTime<Utc>,
    id: OutboxId,
    claimed: &Claimed,
    reason: &'static str,
    code: Option<u32>,
) -> Result<()> {
    let sentence = "Twilio did not take the text, however often we tried. Please tell the patient another way.";
    noting::again(tx, now, id, claimed.attempts, reason, code, sentence).await
}

/// Keeps an address from being written to again, where the provider says that
/// it must not or cannot be.
async fn suppress(tx: &mut ClinicTx, now: DateTime<Utc>, address: &str, code: u32, how: Suppress) -> Result<()> {
    match how {
        Suppress::No => Ok(()),
        Suppress::OptedOut => {
            sqlx::query!(
                "insert into opt_outs (opt_out_id, channel, address, via, created_at) values ($1, $2, $3, $4, $5)
                 on conflict (clinic_id, channel, address) where ended_at is null do nothing",
                outbox::new_id(),
                Way::Sms.as_str(),
                address,
                Via::Refused.as_str(),
                now
            )
            .execute(tx.conn())
            .await?;
            Ok(())
        }
        Suppress::CannotReceive => {
            sqlx::query!(
                "insert into unreachable (channel, address, error_code, since) values ('sms', $1, $2, $3)
                 on conflict do nothing",
                address,
                i32::try_from(code).ok(),
                now
            )
            .execute(tx.conn())
            .await?;
            Ok(())
        }
    }
}

/// A message that the provider has is sent, whatever else it says of it.
fn news(word: &str) -> SmsStatus {
    SmsStatus::from_twilio(word).map_or(SmsStatus::Sent, |news| SmsStatus::Sent.after(news))
}

/// Takes news of a message that the provider has, however late.
async fn advance(
    tx: &mut ClinicTx,
    now: DateTime<Utc>,
    id: OutboxId,
    news: SmsStatus,
    code: Option<u32>,
) -> Result<()> {
    let Some(row) = locked(tx, id).await? else { return Ok(()) };
    let known = SmsStatus::try_from(row.status.clone()).map_err(|_| Error::Internal("an unknown status"))?;
    let after = known.after(news);
    if after == known {
        return Ok(());
    }
    match after {
        SmsStatus::Undelivered | SmsStatus::Failed => undelivered(tx, now, id, &row, after, code).await,
        SmsStatus::Delivered => settle(tx, now, id, after, None, None).await,
        _ => set_status(tx, id, after, None, code).await,
    }
}

/// The carrier gave up. Where it may be worth another try, that is another
/// message: this one has ended.
async fn undelivered(
    tx: &mut ClinicTx,
    now: DateTime<Utc>,
    id: OutboxId,
    row: &Row,
    status: SmsStatus,
    code: Option<u32>,
) -> Result<()> {
    let fault = status::fault(code.unwrap_or_default());
    settle(tx, now, id, status, Some("not_delivered"), code).await?;
    suppress(tx, now, &row.address, code.unwrap_or_default(), fault.suppress).await?;
    let pause = match fault.retry {
        Retry::Never => None,
        Retry::Soon => Some(TimeDelta::minutes(5)),
        Retry::Later => Some(TimeDelta::hours(2)),
    };
    let tried_again = match pause {
        Some(pause) => once_more(tx, now, id, now + pause).await?,
        None => false,
    };
    if fault.needs_staff || (!tried_again && fault.suppress == Suppress::No) {
        tell_staff(tx, now, id, fault.sentence).await?;
    }
    Ok(())
}

/// Queues the same message a second time; false if this was the second. By then
/// it is not about what the patient did a moment ago.
async fn once_more(tx: &mut ClinicTx, now: DateTime<Utc>, id: OutboxId, due: DateTime<Utc>) -> Result<bool> {
    let queued = sqlx::query!(
        "insert into outbox (outbox_id, key, kind, channel, address, language, patient_id, appointment_id,
                             conversation_id, about, subject, body, due_at, expires_at, created_at, caused_by)
         select $2, key || ':again', kind, channel, address, language, patient_id, appointment_id,
                conversation_id, about, subject, body, $3, expires_at, $4, 'job'
         from outbox
         where outbox_id = $1 and key not like '%:again' and (expires_at is null or expires_at > $3)
         on conflict on constraint outbox_once do nothing",
        id,
        outbox::new_id(),
        due,
        now
    )
    .execute(tx.conn())
    .await?;
    Ok(queued.rows_affected() == 1)
}

/// What Twilio says became of a text, in its own words. False if the clinic has
/// sent no such text.
///
/// # Errors
///
/// When the database does not answer; Twilio asks again then.
pub async fn heard(
    tx: &mut ClinicTx,
    now: DateTime<Utc>,
    outbox: Option<OutboxId>,
    sid: &str,
    word: &str,
    code: Option<u32>,
) -> Result<bool> {
    let id = sqlx::query_scalar!(
        "select outbox_id from outbox
         where (provider = 'twilio' and provider_id = $1) or (outbox_id = $2 and provider = 'twilio' and provider_id is null)
         order by provider_id nulls last
         limit 1",
        sid,
        outbox
    )
    .fetch_optional(tx.conn())
    .await?;
    let Some(id) = id else { return Ok(false) };
    sqlx::query!(
        "update outbox set provider_id = $2, sent_at = coalesce(sent_at, $3) where outbox_id = $1 and provider_id is null",
        id,
        sid,
        now
    )
    .execute(tx.conn())
    .await?;
    advance(tx, now, id, news(word), code).await?;
    Ok(true)
}
