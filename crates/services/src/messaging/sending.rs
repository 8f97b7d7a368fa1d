//! Sending one message, once.
//!
//! The row is claimed first and committed, so that a crash leaves a message
//! that may have gone rather than one that goes twice; then the provider is
//! asked, outside of any transaction that changes something; then what it said
//! is written down. The address is locked from before the claim until after
//! that, so that a stop waits for what is on its way and nothing follows it.

use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use domain::id::{AppointmentId, ClinicId, PatientId};
use domain::language::Language;
use domain::quiet;
use domain::sms::segments::segments;
use domain::sms::status::{self, Retry, SmsStatus, Suppress};
use domain::template::Kind;
use uuid::Uuid;

use super::ledger::{self, Via, Way};
use super::outbox::{self, OutboxId};
use super::post::{Post, SmsGateway};
use super::twilio::{Attempt, Outgoing, Sent};
use super::{settings, writing};
use crate::clinics::settings::TwilioAccount;
use crate::tasks::{self, TaskKind};
use crate::{ClinicTx, Error, Result};

/// How often a message that was not taken is tried in all.
const ATTEMPTS: i32 = 8;

/// How soon after its claim a message has to leave.
const SOON: Duration = Duration::from_millis(500);

/// How long after an attempt nobody knows the outcome of it is looked for at
/// the provider: longer than a request takes, so that the attempt is over.
const LOOK_AFTER: TimeDelta = TimeDelta::seconds(60);

/// How long a message that was not found there has to be missing before it
/// counts as never taken.
const GIVE_UP_LOOKING: TimeDelta = TimeDelta::minutes(3);

/// A message about to leave.
#[derive(Debug)]
struct Claimed {
    address: String,
    body: String,
    attempts: i32,
    tried_at: DateTime<Utc>,
    expires_at: Option<DateTime<Utc>>,
    gateway: SmsGateway,
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
    body: Option<String>,
    status: String,
    provider: Option<String>,
    attempts: i32,
    due_at: DateTime<Utc>,
    expires_at: Option<DateTime<Utc>>,
    tried_at: Option<DateTime<Utc>>,
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
        let _turn = self.sending.acquire().await.map_err(|_| Error::Internal("the post is closed"))?;
        let mut guard = self.db.clinic(clinic).await?;
        let Some((way, address)) = addressed(&mut guard, id).await? else { return Ok(()) };
        ledger::lock(&mut guard, way, &address).await?;
        let mut tx = self.db.clinic(clinic).await?;
        let began = Instant::now();
        let next = self.claim(&mut tx, id).await?;
        tx.commit().await?;
        match next {
            Next::Nothing => {}
            Next::Send(claimed) => {
                // A stop waits for a message only so long after its claim.
                let attempt = if began.elapsed() < SOON { self.attempt(id, &claimed).await } else { Attempt::NotTaken };
                let mut tx = self.db.clinic(clinic).await?;
                record(&mut tx, self.now(), id, &claimed, &attempt).await?;
                tx.commit().await?;
            }
            Next::LookUp(claimed) => self.look_up(clinic, id, &claimed).await?,
        }
        guard.commit().await
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
        if let Some(reason) = refused(tx, now, &row).await? {
            settle(tx, now, id, SmsStatus::Suppressed, Some(reason), None).await?;
            return Ok(Next::Nothing);
        }
        let kind = Kind::try_from(row.kind.clone()).ok();
        if kind.is_some_and(Kind::needs_opt_out) {
            match unasked(tx, now, &row).await? {
                Unasked::Now => {}
                Unasked::Later(at) => {
                    put_off(tx, id, at).await?;
                    return Ok(Next::Nothing);
                }
                Unasked::Never(reason) => {
                    settle(tx, now, id, SmsStatus::Suppressed, Some(reason), None).await?;
                    return Ok(Next::Nothing);
                }
            }
        }
        let Some(body) = self.words(tx, now, id, &row, kind).await? else { return Ok(Next::Nothing) };
        let gateway = match row.channel.as_str() {
            "sms" => self.sms(tx).await?,
            _ => SmsGateway::Local,
        };
        let provider = match gateway {
            SmsGateway::Twilio(_) => "twilio",
            SmsGateway::Local => "local",
        };
        let count = i32::try_from(segments(&body).count).unwrap_or(i32::MAX);
        sqlx::query!(
            "update outbox
             set status = 'sending', provider = $2, segments = $3, attempts = attempts + 1, tried_at = $4, reason = null
             where outbox_id = $1",
            id,
            provider,
            (row.channel == "sms").then_some(count),
            now
        )
        .execute(tx.conn())
        .await?;
        Ok(Next::Send(Claimed {
            address: row.address,
            body,
            attempts: row.attempts + 1,
            tried_at: now,
            expires_at: row.expires_at,
            gateway,
        }))
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
        let gateway = self.sms(tx).await?;
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
        Ok(Next::LookUp(Claimed {
            address: row.address,
            body: row.body.unwrap_or_default(),
            attempts: row.attempts,
            tried_at,
            expires_at: row.expires_at,
            gateway,
        }))
    }

    /// The message in words; none, and noted as failed, if it cannot be
    /// written.
    async fn words(
        &self,
        tx: &mut ClinicTx,
        now: DateTime<Utc>,
        id: OutboxId,
        row: &Row,
        kind: Option<Kind>,
    ) -> Result<Option<String>> {
        if let Some(body) = &row.body {
            return Ok(Some(body.clone()));
        }
        let (Some(kind), Some(appointment)) = (kind, row.appointment_id.map(AppointmentId::from)) else {
            return Err(Error::Internal("a message about nothing"));
        };
        let visit = writing::visit(tx, appointment).await?.ok_or(Error::Internal("a message about no visit"))?;
        let language = Language::of_tag(&row.language).unwrap_or(Language::English);
        let way = if row.channel == "sms" { Way::Sms } else { Way::Email };
        let link = self.link(tx.clinic(), appointment);
        match writing::about_visit(tx, kind, way, language, &visit, &link).await? {
            Ok(written) => {
                sqlx::query!(
                    "update outbox set subject = $2, body = $3 where outbox_id = $1",
                    id,
                    written.subject,
                    written.body
                )
                .execute(tx.conn())
                .await?;
                Ok(Some(written.body))
            }
            Err(unwritable) => {
                tracing::error!(outbox = %id, %unwritable, "a message cannot be written");
                fail(tx, now, id, "unwritable", None, &unwritable.to_string()).await?;
                Ok(None)
            }
        }
    }

    async fn attempt(&self, id: OutboxId, claimed: &Claimed) -> Attempt {
        let account = match &claimed.gateway {
            SmsGateway::Local => return Attempt::Accepted { sid: id.to_string(), status: "sent".into() },
            SmsGateway::Twilio(account) => account,
        };
        let until = claimed.expires_at.unwrap_or(claimed.tried_at + TimeDelta::hours(10));
        let text = Outgoing {
            to: &claimed.address,
            body: &claimed.body,
            status_callback: &self.status_callback(id),
            validity: (until - claimed.tried_at).num_seconds(),
        };
        self.twilio.send(account, text).await
    }

    async fn look_up(&self, clinic: ClinicId, id: OutboxId, claimed: &Claimed) -> Result<()> {
        let SmsGateway::Twilio(account) = &claimed.gateway else {
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
        let mut sent = self.twilio.sent_to(account, &claimed.address, since).await?;
        sent.retain(|sent| {
            let created = sent.date_created.as_deref().and_then(|at| DateTime::parse_from_rfc2822(at).ok());
            sent.body.as_deref() == Some(&claimed.body)
                && created.is_none_or(|at| at >= since)
                && !others.contains(&sent.sid)
        });
        Some(sent.into_iter().next())
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

async fn addressed(tx: &mut ClinicTx, id: OutboxId) -> Result<Option<(Way, String)>> {
    let row =
        sqlx::query!("select channel, address from outbox where outbox_id = $1", id).fetch_optional(tx.conn()).await?;
    Ok(row.map(|row| (if row.channel == "sms" { Way::Sms } else { Way::Email }, row.address)))
}

async fn locked(tx: &mut ClinicTx, id: OutboxId) -> Result<Option<Row>> {
    let row = sqlx::query_as!(
        Row,
        "select kind, channel, address, language, patient_id, appointment_id, about, body, status, provider, attempts,
                due_at, expires_at, tried_at
         from outbox
         where outbox_id = $1
         for update",
        id
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(row)
}

/// Why a message is not sent at all.
async fn refused(tx: &mut ClinicTx, now: DateTime<Utc>, row: &Row) -> Result<Option<&'static str>> {
    if row.expires_at.is_some_and(|at| at <= now) {
        return Ok(Some("expired"));
    }
    let known = sqlx::query!(
        r#"select exists (select from opt_outs where channel = $1 and address = $2 and ended_at is null) as "stopped!",
                  exists (select from unreachable where channel = $1 and address = $2) as "unreachable!",
                  (select a.status from appointments a where a.appointment_id = $3) as status,
                  (select a.starts_at from appointments a where a.appointment_id = $3) as starts_at"#,
        row.channel,
        row.address,
        row.appointment_id
    )
    .fetch_one(tx.conn())
    .await?;
    if known.stopped && row.kind != Kind::OptOutConfirmation.as_str() {
        return Ok(Some("opted_out"));
    }
    if known.unreachable {
        return Ok(Some("unreachable"));
    }
    let Some(about) = row.about else { return Ok(None) };
    // It says when the visit is, and that it is; both must still be so.
    let wanted = if row.kind == Kind::Cancellation.as_str() { "cancelled" } else { "booked" };
    let is_so = known.starts_at == Some(about) && known.status.as_deref() == Some(wanted);
    Ok((!is_so).then_some("superseded"))
}

/// When a message that nobody asked for may leave.
enum Unasked {
    Now,
    Later(DateTime<Utc>),
    Never(&'static str),
}

async fn unasked(tx: &mut ClinicTx, now: DateTime<Utc>, row: &Row) -> Result<Unasked> {
    let settings = settings::read(tx).await?;
    let zones: Vec<Tz> = zones(tx, row.patient_id.map(PatientId::from)).await?;
    let Some(at) = quiet::next_allowed_in_all(now, &zones, settings.quiet()) else {
        return Ok(Unasked::Never("quiet"));
    };
    if row.expires_at.is_some_and(|expires| at >= expires) {
        return Ok(Unasked::Never("quiet"));
    }
    if at > now {
        return Ok(Unasked::Later(at));
    }
    let kinds: Vec<String> =
        Kind::ALL.into_iter().filter(|kind| kind.needs_opt_out()).map(|kind| kind.as_str().to_owned()).collect();
    let before = sqlx::query!(
        r#"select count(*) filter (where tried_at > $3::timestamptz - interval '1 day') as "day!", count(*) as "week!"
           from outbox
           where channel = $1 and address = $2 and kind = any($4) and tried_at > $3::timestamptz - interval '7 days'
             and status in ('sending', 'unknown', 'sent', 'delivered')"#,
        row.channel,
        row.address,
        now,
        &kinds
    )
    .fetch_one(tx.conn())
    .await?;
    let is_full = before.day >= settings.most_a_day.into() || before.week >= settings.most_a_week.into();
    Ok(if is_full { Unasked::Never("enough") } else { Unasked::Now })
}

/// The patient's own zone and the clinic's: it must be day in both.
async fn zones(tx: &mut ClinicTx, patient: Option<PatientId>) -> Result<Vec<Tz>> {
    let row = sqlx::query!(
        r#"select c.time_zone, (select p.time_zone from patients p where p.patient_id = $1) as "patient"
           from clinics c"#,
        patient.map(PatientId::uuid)
    )
    .fetch_one(tx.conn())
    .await?;
    let zones = [Some(row.time_zone), row.patient];
    Ok(zones.into_iter().flatten().filter_map(|zone| zone.parse().ok()).collect())
}

/// Writes down what came of an attempt.
async fn record(
    tx: &mut ClinicTx,
    now: DateTime<Utc>,
    id: OutboxId,
    claimed: &Claimed,
    attempt: &Attempt,
) -> Result<()> {
    match attempt {
        Attempt::Accepted { sid, status } => {
            // A callback may have been quicker, and may have said more.
            sqlx::query!(
                "update outbox set provider_id = coalesce(provider_id, $2), sent_at = coalesce(sent_at, $3)
                 where outbox_id = $1",
                id,
                sid,
                now
            )
            .execute(tx.conn())
            .await?;
            advance(tx, now, id, taken(SmsStatus::from_twilio(status)), None).await
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

/// Tries again later: after 5 s, and then twice as long each time, give or take
/// a quarter.
async fn again(
    tx: &mut ClinicTx,
    now: DateTime<Utc>,
    id: OutboxId,
    claimed: &Claimed,
    reason: &'static str,
    code: Option<u32>,
) -> Result<()> {
    if claimed.attempts >= ATTEMPTS {
        let sentence = "Twilio did not take the text, however often we tried. Please tell the patient another way.";
        return fail(tx, now, id, reason, code, sentence).await;
    }
    let exponent = u32::try_from(claimed.attempts - 1).unwrap_or_default();
    let pause = Duration::from_secs(5) * 2_u32.saturating_pow(exponent);
    let quarter = f64::from(u32::from_le_bytes(crate::secrets::random())) / f64::from(u32::MAX) / 2.0 + 0.75;
    let due = now + TimeDelta::from_std(pause.mul_f64(quarter)).unwrap_or(TimeDelta::minutes(10));
    sqlx::query!(
        "update outbox set status = 'queued', reason = $2, error_code = $3, due_at = $4 where outbox_id = $1",
        id,
        reason,
        code.and_then(|code| i32::try_from(code).ok()),
        due
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

async fn put_off(tx: &mut ClinicTx, id: OutboxId, until: DateTime<Utc>) -> Result<()> {
    sqlx::query!("update outbox set due_at = $2, reason = 'quiet' where outbox_id = $1", id, until)
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Has the message looked at again.
async fn look_again(tx: &mut ClinicTx, id: OutboxId, at: DateTime<Utc>) -> Result<()> {
    sqlx::query!(
        "select enqueue('send', json_build_object('clinic_id', clinic_id, 'outbox_id', outbox_id),
                        clinic_id || ':' || (hashtext(address) & 1), $2, 'send:' || outbox_id)
         from outbox
         where outbox_id = $1",
        id,
        at
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(())
}

/// Ends a message without anybody having to do anything.
async fn settle(
    tx: &mut ClinicTx,
    now: DateTime<Utc>,
    id: OutboxId,
    status: SmsStatus,
    reason: Option<&str>,
    code: Option<u32>,
) -> Result<()> {
    set_status(tx, id, status, reason, code).await?;
    sqlx::query!("update outbox set settled_at = $2 where outbox_id = $1", id, now).execute(tx.conn()).await?;
    Ok(())
}

/// Ends a message that did not arrive, and tells staff what to do.
async fn fail(
    tx: &mut ClinicTx,
    now: DateTime<Utc>,
    id: OutboxId,
    reason: &str,
    code: Option<u32>,
    sentence: &str,
) -> Result<()> {
    settle(tx, now, id, SmsStatus::Failed, Some(reason), code).await?;
    tell_staff(tx, now, id, sentence).await
}

async fn tell_staff(tx: &mut ClinicTx, now: DateTime<Utc>, id: OutboxId, sentence: &str) -> Result<()> {
    let about =
        sqlx::query_scalar!("select appointment_id from outbox where outbox_id = $1", id).fetch_one(tx.conn()).await?;
    match about {
        Some(visit) => tasks::open(tx, now, TaskKind::MessageFailed, visit.into(), sentence).await,
        None => Ok(()),
    }
}

async fn set_status(
    tx: &mut ClinicTx,
    id: OutboxId,
    status: SmsStatus,
    reason: Option<&str>,
    code: Option<u32>,
) -> Result<()> {
    sqlx::query!(
        "update outbox set status = $2, reason = $3, error_code = coalesce($4, error_code) where outbox_id = $1",
        id,
        status.as_str(),
        reason,
        code.and_then(|code| i32::try_from(code).ok())
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// A message that the provider has is sent, whatever else it says of it.
fn taken(news: Option<SmsStatus>) -> SmsStatus {
    news.map_or(SmsStatus::Sent, |news| SmsStatus::Sent.after(news))
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

/// Queues the same message a second time; false if this was the second.
async fn once_more(tx: &mut ClinicTx, now: DateTime<Utc>, id: OutboxId, due: DateTime<Utc>) -> Result<bool> {
    let queued = sqlx::query!(
        "insert into outbox (outbox_id, key, kind, channel, address, language, patient_id, appointment_id,
                             conversation_id, about, subject, body, due_at, expires_at, created_at)
         select $2, key || ':again', kind, channel, address, language, patient_id, appointment_id,
                conversation_id, about, subject, body, $3, expires_at, $4
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
    advance(tx, now, id, taken(SmsStatus::from_twilio(word)), code).await?;
    Ok(true)
}
