//! Who said stop, and who said yes.

use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use domain::Rejection;
use domain::id::{MemberId, PatientId};
use serde::Serialize;
use uuid::Uuid;

use super::{sending, smtp};
use crate::{ClinicTx, Result};

/// What a message goes over. An opt-out holds for one of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    Sms,
    Email,
    Voice,
}

impl Way {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sms => "sms",
            Self::Email => "email",
            Self::Voice => "voice",
        }
    }

    fn read(channel: &str) -> Self {
        match channel {
            "sms" => Self::Sms,
            "email" => Self::Email,
            _ => Self::Voice,
        }
    }
}

/// How somebody said it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Via {
    /// One of the words that mean stop, or start.
    Keyword,
    /// The provider keeps a list of its own, and says so.
    Provider,
    /// In words of their own.
    Words,
    /// The provider refused to send because of its list (Twilio's 21610).
    Refused,
    /// The link in a message.
    Link,
    Voice,
    Staff,
}

impl Via {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Keyword => "keyword",
            Self::Provider => "provider",
            Self::Words => "words",
            Self::Refused => "refused",
            Self::Link => "link",
            Self::Voice => "voice",
            Self::Staff => "staff",
        }
    }

    /// Where a consent was given that was said so.
    const fn given_on(self) -> &'static str {
        match self {
            Self::Keyword | Self::Provider | Self::Words | Self::Refused => "sms",
            Self::Link => "web",
            Self::Voice => "voice",
            Self::Staff => "console",
        }
    }
}

/// An opt-out to be written down.
#[derive(Clone, Debug)]
pub struct Stop<'a> {
    pub way: Way,
    /// E.164, or an address in lower case.
    pub address: &'a str,
    pub via: Via,
    pub words: Option<&'a str>,
    pub member: Option<MemberId>,
}

/// One line of the ledger.
#[derive(Clone, Debug, Serialize)]
pub struct OptOut {
    pub id: Uuid,
    pub channel: String,
    pub address: String,
    pub via: String,
    pub words: Option<String>,
    pub created_at: DateTime<Utc>,
    pub ended_at: Option<DateTime<Utc>>,
    pub ended_via: Option<String>,
}

/// Lets one transaction at a time write to an address, or about it in the
/// ledger, until it ends. A message on its way holds this until the provider
/// has answered, so once an opt-out is committed nothing leaves any more.
pub async fn lock(tx: &mut ClinicTx, way: Way, address: &str) -> Result<()> {
    sqlx::query!(
        "select pg_advisory_xact_lock(hashtextextended(current_clinic_id() || ' ' || $1 || ' ' || $2, 4))",
        way.as_str(),
        address
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// How much later than the longest attempt its outcome may be written down.
const MARGIN: Duration = Duration::from_secs(1);

/// How long a message may be on its way after it was claimed: longer than the
/// provider is waited for.
const fn on_its_way(way: Way) -> Duration {
    if cfg!(test) {
        return Duration::from_secs(1);
    }
    match way {
        Way::Sms | Way::Voice => Duration::from_secs(10),
        Way::Email => smtp::LONGEST.saturating_add(sending::soon(Way::Email)).saturating_add(MARGIN),
    }
}

/// Waits for what is on its way to an address although nobody holds its lock
/// any more: the database dropped the sender's connection, or the sender died.
async fn wait_for_what_left(tx: &mut ClinicTx, way: Way, address: &str) -> Result<()> {
    let (began, longest) = (Instant::now(), on_its_way(way));
    while began.elapsed() < longest {
        let is_leaving = sqlx::query_scalar!(
            r#"select exists (
                   select from outbox o
                   join outbox_steps s using (clinic_id, outbox_id)
                   where o.channel = $1 and o.address = $2 and o.status = 'sending' and s.status = 'sending'
                     and s.happened_at > clock_timestamp() - $3::float8 * interval '1 second'
               ) as "is!""#,
            way.as_str(),
            address,
            longest.as_secs_f64()
        )
        .fetch_one(tx.conn())
        .await?;
        if !is_leaving {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Ok(())
}

/// Writes down that somebody said stop, after what is on its way to them.
/// Returns the opt-out's id if it is new; none if they had said so before.
pub async fn stop(tx: &mut ClinicTx, now: DateTime<Utc>, stop: &Stop<'_>) -> Result<Option<Uuid>> {
    lock(tx, stop.way, stop.address).await?;
    wait_for_what_left(tx, stop.way, stop.address).await?;
    let id = sqlx::query_scalar!(
        "insert into opt_outs (opt_out_id, channel, address, via, words, created_at, created_by)
         values ($1, $2, $3, $4, left($5, 500), $6, $7)
         on conflict (clinic_id, channel, address) where ended_at is null do nothing
         returning opt_out_id",
        domain::Id::<OptOut>::new().uuid(),
        stop.way.as_str(),
        stop.address,
        stop.via.as_str(),
        stop.words,
        now,
        stop.member.map(MemberId::uuid)
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(id)
}

/// The words that somebody agrees to who says start after they said stop.
const RETURN_CONSENT: &str = "start/2026-11";

/// Ends what somebody said, and writes down that they agree to be written to
/// again; false if they had not said stop.
pub async fn start(tx: &mut ClinicTx, now: DateTime<Utc>, way: Way, address: &str, via: Via) -> Result<bool> {
    lock(tx, way, address).await?;
    consent(tx, now, way, address, RETURN_CONSENT, via.given_on()).await?;
    let ended = sqlx::query!(
        "update opt_outs set ended_at = $3, ended_via = $4 where channel = $1 and address = $2 and ended_at is null",
        way.as_str(),
        address,
        now,
        via.as_str()
    )
    .execute(tx.conn())
    .await?;
    Ok(ended.rows_affected() > 0)
}

/// Ends an opt-out that staff were told is over.
///
/// # Errors
///
/// Rejected with `not_found` if there is no such opt-out, or it has ended.
pub async fn end(tx: &mut ClinicTx, now: DateTime<Utc>, id: Uuid) -> Result<()> {
    let ended = sqlx::query!(
        "update opt_outs set ended_at = $2, ended_via = 'staff'
         where opt_out_id = $1 and ended_at is null
         returning channel, address",
        id,
        now
    )
    .fetch_optional(tx.conn())
    .await?
    .ok_or_else(Rejection::not_found)?;
    let way = Way::read(&ended.channel);
    consent(tx, now, way, &ended.address, RETURN_CONSENT, Via::Staff.given_on()).await
}

/// Whether an address said stop.
pub async fn is_stopped(tx: &mut ClinicTx, way: Way, address: &str) -> Result<bool> {
    let stopped = sqlx::query_scalar!(
        r#"select exists (select from opt_outs where channel = $1 and address = $2 and ended_at is null) as "is!""#,
        way.as_str(),
        address
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(stopped)
}

/// Writes down that somebody agreed to be written to, in which words
/// (`text_version`) and on which channel; once for each version, until they
/// take it back.
pub async fn consent(
    tx: &mut ClinicTx,
    now: DateTime<Utc>,
    way: Way,
    address: &str,
    text_version: &str,
    given_on: &str,
) -> Result<()> {
    sqlx::query!(
        "insert into consents (consent_id, channel, address, text_version, given_on, given_at)
         values ($1, $2, $3, $4, $5, $6)
         on conflict (clinic_id, channel, address, text_version) where withdrawn_at is null do nothing",
        domain::Id::<OptOut>::new().uuid(),
        way.as_str(),
        address,
        text_version,
        given_on,
        now
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// What somebody agreed to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Consent {
    pub channel: String,
    pub address: String,
    pub text_version: String,
    pub given_on: String,
    pub given_at: DateTime<Utc>,
    pub withdrawn_at: Option<DateTime<Utc>>,
}

/// What was said about messages to the patient's number and address, each
/// newest first.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Said {
    pub consents: Vec<Consent>,
    pub opt_outs: Vec<OptOut>,
}

/// The most lines of each that [`of_patient`] reads.
const MOST_LINES: i64 = 20;

pub async fn of_patient(tx: &mut ClinicTx, patient: PatientId) -> Result<Said> {
    let consents = sqlx::query_as!(
        Consent,
        "select s.channel, s.address, s.text_version, s.given_on, s.given_at, s.withdrawn_at
         from consents s
         join patients p on s.address in (p.phone, p.email)
         where p.patient_id = $1
         order by s.given_at desc, s.channel desc
         limit $2",
        patient.uuid(),
        MOST_LINES
    )
    .fetch_all(tx.conn())
    .await?;
    let opt_outs = sqlx::query_as!(
        OptOut,
        "select o.opt_out_id as id, o.channel, o.address, o.via, o.words, o.created_at, o.ended_at, o.ended_via
         from opt_outs o
         join patients p on o.address in (p.phone, p.email)
         where p.patient_id = $1
         order by o.opt_out_id desc
         limit $2",
        patient.uuid(),
        MOST_LINES
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(Said { consents, opt_outs })
}

/// The ledger, newest first, from the line after `after` on.
pub async fn list(tx: &mut ClinicTx, after: Option<Uuid>, limit: i64) -> Result<Vec<OptOut>> {
    let rows = sqlx::query_as!(
        OptOut,
        "select opt_out_id as id, channel, address, via, words, created_at, ended_at, ended_via
         from opt_outs
         where $1::uuid is null or opt_out_id < $1
         order by opt_out_id desc
         limit $2",
        after,
        limit
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows)
}
