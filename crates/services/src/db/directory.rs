//! The few questions that have to be asked before a clinic is known, or for
//! all clinics at once. Runs as the app role, which can read nothing else.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use domain::id::{ClinicId, ConversationId, EventId, MemberId, PatientId};
use serde::Serialize;
use sqlx::PgConnection;
use uuid::Uuid;

use super::stamps::Stamp;
use crate::keys::{self, Scope};
use crate::messaging::listing::Wrong;
use crate::{Db, Result};

/// What a page needs to know of a clinic before it opens its rows.
#[derive(Clone, Debug)]
pub struct Listing {
    pub clinic_id: ClinicId,
    pub slug: String,
    pub allowed_origins: Vec<String>,
}

/// The clinic called `slug`.
pub async fn by_slug(db: &Db, slug: &str) -> Result<Option<Listing>> {
    let mut tx = db.platform().await?;
    let row = sqlx::query!("select clinic_id, slug, allowed_origins from clinics where slug = $1", slug)
        .fetch_optional(&mut *tx)
        .await?;
    tx.commit().await?;
    Ok(row.map(|row| Listing { clinic_id: row.clinic_id.into(), slug: row.slug, allowed_origins: row.allowed_origins }))
}

/// A clinic, by what anyone may know of it.
#[derive(Clone, Debug, Serialize)]
pub struct Known {
    pub id: ClinicId,
    pub slug: String,
    pub name: String,
    pub time_zone: String,
    pub created_at: DateTime<Utc>,
}

/// Up to `limit` clinics by id, after the one with id `after`.
pub async fn list(db: &Db, after: Option<ClinicId>, limit: i64) -> Result<Vec<Known>> {
    let mut tx = db.platform().await?;
    let rows = sqlx::query!(
        "select clinic_id, slug, name, time_zone, created_at
         from clinics
         where $1::uuid is null or clinic_id > $1
         order by clinic_id
         limit $2",
        after.map(ClinicId::uuid),
        limit
    )
    .fetch_all(&mut *tx)
    .await?;
    tx.commit().await?;
    let known = rows.into_iter().map(|row| Known {
        id: row.clinic_id.into(),
        slug: row.slug,
        name: row.name,
        time_zone: row.time_zone,
        created_at: row.created_at,
    });
    Ok(known.collect())
}

/// The stamps of the clinics called `slugs`. One statement, and no transaction
/// around it, because it is asked for with every page.
pub(super) async fn stamps(connection: &mut PgConnection, slugs: &[String]) -> Result<HashMap<String, Stamp>> {
    let rows = sqlx::query!(
        r#"
        select c.slug, c.clinic_id,
               (c.settings_version + (select coalesce(sum(b.version), 0) from books b where b.clinic_id = c.clinic_id))::bigint
                   as "version!"
        from clinics c
        where c.slug = any($1)
        "#,
        slugs
    )
    .fetch_all(connection)
    .await?;
    let stamp = |clinic: Uuid, version| Stamp { clinic: clinic.into(), version };
    Ok(rows.into_iter().map(|row| (row.slug, stamp(row.clinic_id, row.version))).collect())
}

/// Whether the clinic exists.
pub async fn exists(db: &Db, clinic_id: ClinicId) -> Result<bool> {
    let mut tx = db.platform().await?;
    let exists = sqlx::query_scalar!(
        r#"select exists (select from clinics where clinic_id = $1) as "exists!""#,
        clinic_id.uuid()
    )
    .fetch_one(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(exists)
}

/// The clinic whose voice provider sends the secret of this digest.
pub async fn by_voice_key(db: &Db, digest: &[u8]) -> Result<Option<ClinicId>> {
    let mut tx = db.platform().await?;
    let clinic = sqlx::query_scalar!("select clinic_id from voice_keys where digest = $1", digest)
        .fetch_optional(&mut *tx)
        .await?;
    tx.commit().await?;
    Ok(clinic.map(ClinicId::from))
}

/// An API key that was shown, and what it is good for.
#[derive(Clone, Debug)]
pub struct KnownKey {
    pub clinic: ClinicId,
    pub id: Uuid,
    pub scopes: Vec<Scope>,
}

/// The key of this digest, unless it was revoked. That it was used is noted
/// once a minute.
pub async fn by_api_key(db: &Db, now: DateTime<Utc>, digest: &[u8]) -> Result<Option<KnownKey>> {
    let mut tx = db.platform().await?;
    let row = sqlx::query!(
        "select clinic_id, api_key_id, scopes, last_used_at from api_keys where digest = $1 and revoked_at is null",
        digest
    )
    .fetch_optional(&mut *tx)
    .await?;
    let is_noted = |at: Option<DateTime<Utc>>| at.is_some_and(|at| now - at < chrono::Duration::minutes(1));
    if let Some(row) = row.as_ref().filter(|row| !is_noted(row.last_used_at)) {
        // Losing this in a crash loses a minute of a display.
        sqlx::query("set local synchronous_commit = off").execute(&mut *tx).await?;
        sqlx::query!(
            "update api_keys set last_used_at = $3
             where clinic_id = $1 and api_key_id = $2 and revoked_at is null
               and last_used_at is not distinct from $4",
            row.clinic_id,
            row.api_key_id,
            now,
            row.last_used_at
        )
        .execute(&mut *tx)
        .await?;
    }
    tx.commit().await?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some(KnownKey { clinic: row.clinic_id.into(), id: row.api_key_id, scopes: keys::scopes(&row.scopes)? }))
}

/// Whose patient it is.
pub async fn clinic_of_patient(db: &Db, patient: PatientId) -> Result<Option<ClinicId>> {
    let mut tx = db.platform().await?;
    let clinic = sqlx::query_scalar!("select clinic_id from patients where patient_id = $1", patient.uuid())
        .fetch_optional(&mut *tx)
        .await?;
    tx.commit().await?;
    Ok(clinic.map(ClinicId::from))
}

/// Clinics with calls that are going on and were last heard of before `before`.
pub async fn with_silent_calls(db: &Db, before: DateTime<Utc>) -> Result<Vec<ClinicId>> {
    let mut tx = db.platform().await?;
    let clinics = sqlx::query_scalar!(
        "select distinct clinic_id from voice_calls where ended_at is null and heard_at <= $1",
        before
    )
    .fetch_all(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(clinics.into_iter().map(ClinicId::from).collect())
}

/// The member who signs in with `email` (lower case), and their clinic.
pub async fn member_by_email(db: &Db, email: &str) -> Result<Option<(ClinicId, MemberId)>> {
    let mut tx = db.platform().await?;
    let row = sqlx::query!("select clinic_id, member_id from members where email = $1", email)
        .fetch_optional(&mut *tx)
        .await?;
    tx.commit().await?;
    Ok(row.map(|row| (row.clinic_id.into(), row.member_id.into())))
}

/// An event that was committed and not yet announced.
#[derive(Clone, Copy, Debug)]
pub struct Unannounced {
    pub clinic_id: ClinicId,
    pub event_id: EventId,
    pub conversation_id: Option<ConversationId>,
}

/// Marks up to `limit` committed events as announced and sends each to
/// everyone who listens on `channel`, as `signals` words it. Two processes
/// never take the same one; a crash before the commit announces it again.
pub async fn announce(
    db: &Db,
    now: DateTime<Utc>,
    limit: i64,
    channel: &str,
    signals: fn(Unannounced) -> Vec<String>,
) -> Result<usize> {
    let mut tx = db.platform().await?;
    // Losing this mark in a crash only announces an event twice, and whoever
    // listens knows events by id; so it need not wait for the disk.
    sqlx::query("set local synchronous_commit = off").execute(&mut *tx).await?;
    let rows = sqlx::query!(
        "update events
         set announced_at = $1
         where (clinic_id, event_id) in (
             select clinic_id, event_id from events
             where announced_at is null
             order by event_id
             limit $2
             for update skip locked
         )
         returning clinic_id, event_id, conversation_id",
        now,
        limit
    )
    .fetch_all(&mut *tx)
    .await?;
    let mut events: Vec<_> = rows
        .into_iter()
        .map(|row| Unannounced {
            clinic_id: row.clinic_id.into(),
            event_id: row.event_id.into(),
            conversation_id: row.conversation_id.map(Into::into),
        })
        .collect();
    events.sort_by_key(|event| event.event_id);
    let signals: Vec<String> = events.iter().copied().flat_map(signals).collect();
    if !signals.is_empty() {
        sqlx::query("select pg_notify($1, signal) from unnest($2::text[]) as signal")
            .bind(channel)
            .bind(&signals)
            .execute(&mut *tx)
            .await?;
    }
    tx.commit().await?;
    Ok(events.len())
}

/// Sends `signals`, in order, to everyone who listens on `channel`; nothing is
/// stored. One statement, and no transaction around it, because every word of
/// an answer goes this way.
pub async fn notify(db: &Db, channel: &str, signals: &[String]) -> Result<()> {
    sqlx::query("select pg_notify($1, signal) from unnest($2::text[]) as signal")
        .bind(channel)
        .bind(signals)
        .execute(db.pool())
        .await?;
    Ok(())
}

/// Chats in which a message has waited for the receptionist for so long, and
/// nobody is at it now.
pub async fn with_unanswered(db: &Db, seconds: f64, limit: i64) -> Result<Vec<(ClinicId, ConversationId)>> {
    let mut tx = db.platform().await?;
    let waiting = sqlx::query!(
        "select clinic_id, conversation_id from conversations
         where waiting_since <= clock_timestamp() - make_interval(secs => $1) and channel = 'web'
           and (turn_expires_at is null or turn_expires_at <= clock_timestamp())
         order by waiting_since
         limit $2",
        seconds,
        limit
    )
    .fetch_all(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(waiting.into_iter().map(|row| (row.clinic_id.into(), row.conversation_id.into())).collect())
}

/// Clinics with holds that ran out before `now`.
pub async fn with_expired_holds(db: &Db, now: DateTime<Utc>) -> Result<Vec<ClinicId>> {
    let mut tx = db.platform().await?;
    let clinics = sqlx::query_scalar!("select distinct clinic_id from holds where expires_at <= $1", now)
        .fetch_all(&mut *tx)
        .await?;
    tx.commit().await?;
    Ok(clinics.into_iter().map(ClinicId::from).collect())
}

/// The clinics with visits that are over and whose patients came.
pub async fn with_ended_visits(db: &Db, now: DateTime<Utc>) -> Result<Vec<ClinicId>> {
    let mut tx = db.platform().await?;
    let clinics = sqlx::query_scalar!(
        "select distinct clinic_id from appointments where status = 'arrived' and ends_at <= $1",
        now
    )
    .fetch_all(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(clinics.into_iter().map(ClinicId::from).collect())
}

/// Whose conversation it is.
pub async fn clinic_of_conversation(db: &Db, conversation: ConversationId) -> Result<Option<ClinicId>> {
    let mut tx = db.platform().await?;
    let clinic =
        sqlx::query_scalar!("select clinic_id from conversations where conversation_id = $1", conversation.uuid())
            .fetch_optional(&mut *tx)
            .await?;
    tx.commit().await?;
    Ok(clinic.map(ClinicId::from))
}

/// Whose link it is to go on with a conversation, by its digest.
pub async fn clinic_of_handoff(db: &Db, digest: &[u8]) -> Result<Option<ClinicId>> {
    let mut tx = db.platform().await?;
    let clinic = sqlx::query_scalar!("select clinic_id from handoffs where digest = $1", digest)
        .fetch_optional(&mut *tx)
        .await?;
    tx.commit().await?;
    Ok(clinic.map(ClinicId::from))
}

/// Every clinic there is.
pub async fn all(db: &Db) -> Result<Vec<ClinicId>> {
    let mut tx = db.platform().await?;
    let clinics = sqlx::query_scalar!("select clinic_id from clinics order by clinic_id").fetch_all(&mut *tx).await?;
    tx.commit().await?;
    Ok(clinics.into_iter().map(ClinicId::from).collect())
}

/// Messages that should have been sent, or looked for, before `before`: the
/// oldest of each clinic, at most so many of one and so many in all.
pub async fn left_behind(db: &Db, before: DateTime<Utc>, most: (i64, i64)) -> Result<Vec<(ClinicId, Uuid)>> {
    let mut tx = db.platform().await?;
    let messages = sqlx::query!(
        r#"select clinic_id as "clinic_id!", outbox_id as "outbox_id!"
           from (select clinic_id, outbox_id, due_at, row_number() over (partition by clinic_id order by due_at) as place
                 from outbox
                 where status = 'queued' and due_at < $1
                    or status in ('sending', 'unknown') and greatest(due_at, tried_at) < $1) late
           where place <= $2
           order by due_at
           limit $3"#,
        before,
        most.0,
        most.1
    )
    .fetch_all(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(messages.into_iter().map(|row| (row.clinic_id.into(), row.outbox_id)).collect())
}

/// Texts that came in before `before` and have no answer: the oldest of each
/// clinic, at most so many of one and so many in all.
pub async fn unanswered(db: &Db, before: DateTime<Utc>, most: (i64, i64)) -> Result<Vec<(ClinicId, Uuid)>> {
    let mut tx = db.platform().await?;
    let texts = sqlx::query!(
        r#"select clinic_id as "clinic_id!", inbound_text_id as "inbound_text_id!"
           from (select clinic_id, inbound_text_id, received_at,
                        row_number() over (partition by clinic_id order by received_at) as place
                 from inbound_texts
                 where state in ('waiting', 'promised') and received_at < $1) late
           where place <= $2
           order by received_at
           limit $3"#,
        before,
        most.0,
        most.1
    )
    .fetch_all(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(texts.into_iter().map(|row| (row.clinic_id.into(), row.inbound_text_id)).collect())
}

/// How messages of all clinics fared.
#[derive(Clone, Debug, Default)]
pub struct Fates {
    /// How many messages of a channel have a status.
    pub statuses: Vec<(String, String, i64)>,
    pub errors: Vec<Wrong>,
    /// Each clinic by itself, or one that loses everything would not show
    /// among many.
    pub clinics: Vec<ClinicFate>,
    /// Clinics that have no texting account.
    pub without_texting: i64,
    /// Clinics that have no mail server of their own.
    pub without_mail: i64,
}

/// How the messages of one clinic fared whose end is known. A mail server says
/// nothing after it has taken a message, so that is the end of an e-mail.
#[derive(Clone, Debug, Default)]
pub struct ClinicFate {
    pub slug: String,
    pub channel: String,
    pub arrived: i64,
    pub lost: i64,
}

/// Counts the messages that were written since `since`, those left out that
/// stay with their clinic.
pub async fn fates(db: &Db, since: DateTime<Utc>) -> Result<Fates> {
    let mut tx = db.platform().await?;
    let statuses = sqlx::query!(
        r#"select channel, status, count(*) as "count!"
           from outbox
           where created_at >= $1 and provider is distinct from 'local'
           group by channel, status
           order by channel, status"#,
        since
    )
    .fetch_all(&mut *tx)
    .await?;
    let errors = sqlx::query_as!(
        Wrong,
        r#"select channel, error_code as code, reason, count(*) as "count!"
           from outbox
           where created_at >= $1 and (error_code is not null or status in ('failed', 'undelivered'))
           group by channel, error_code, reason
           order by count(*) desc, channel, error_code, reason
           limit 50"#,
        since
    )
    .fetch_all(&mut *tx)
    .await?;
    let clinics = sqlx::query_as!(
        ClinicFate,
        r#"select c.slug, o.channel,
                  count(*) filter (where o.status = 'delivered' or o.channel = 'email' and o.status = 'sent') as "arrived!",
                  count(*) filter (where o.status in ('undelivered', 'failed')) as "lost!"
           from outbox o
           join clinics c using (clinic_id)
           where o.created_at >= $1 and o.provider is distinct from 'local'
             and (o.status in ('delivered', 'undelivered', 'failed') or o.channel = 'email' and o.status = 'sent')
           group by c.slug, o.channel
           order by c.slug, o.channel"#,
        since
    )
    .fetch_all(&mut *tx)
    .await?;
    let without = sqlx::query!(
        r#"select count(*) filter (where not exists (select from credentials a where a.clinic_id = c.clinic_id
                                                                                 and a.provider = 'twilio')) as "texting!",
                  count(*) filter (where not exists (select from credentials a where a.clinic_id = c.clinic_id
                                                                                 and a.provider = 'smtp')) as "mail!"
           from clinics c"#
    )
    .fetch_one(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(Fates {
        statuses: statuses.into_iter().map(|row| (row.channel, row.status, row.count)).collect(),
        errors,
        clinics,
        without_texting: without.texting,
        without_mail: without.mail,
    })
}

/// The clinic whose number, or messaging service, is among these; the first
/// one counts.
pub async fn by_sender(db: &Db, senders: &[String]) -> Result<Option<ClinicId>> {
    let mut tx = db.platform().await?;
    let clinic = sqlx::query_scalar!(
        "select clinic_id from sms_senders where sender = any($1) order by array_position($1, sender) limit 1",
        senders
    )
    .fetch_optional(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(clinic.map(ClinicId::from))
}

/// The clinic that a message in the outbox is from.
pub async fn clinic_of_message(db: &Db, message: Uuid) -> Result<Option<ClinicId>> {
    let mut tx = db.platform().await?;
    let clinic = sqlx::query_scalar!("select clinic_id from outbox where outbox_id = $1", message)
        .fetch_optional(&mut *tx)
        .await?;
    tx.commit().await?;
    Ok(clinic.map(ClinicId::from))
}

/// Removes answers that were kept under an Idempotency-Key before `before`.
pub async fn sweep_idempotency_keys(db: &Db, before: DateTime<Utc>) -> Result<u64> {
    let mut tx = db.platform().await?;
    let swept = sqlx::query!("delete from idempotency_keys where created_at < $1", before).execute(&mut *tx).await?;
    tx.commit().await?;
    Ok(swept.rows_affected())
}

/// Clinics whose data key was wrapped by another master key than this.
pub async fn with_data_keys_not_under(db: &Db, master_id: &str) -> Result<Vec<ClinicId>> {
    let mut tx = db.platform().await?;
    let clinics =
        sqlx::query_scalar!("select clinic_id from data_keys where master_id <> $1 order by clinic_id", master_id)
            .fetch_all(&mut *tx)
            .await?;
    tx.commit().await?;
    Ok(clinics.into_iter().map(ClinicId::from).collect())
}

/// The bytes of a signing secret, made once and shared by every process on
/// this database. `fresh` is stored if there is none yet.
pub async fn shared_secret(db: &Db, purpose: &str, fresh: &[u8]) -> Result<Vec<u8>> {
    let mut tx = db.platform().await?;
    sqlx::query!(
        "insert into server_secrets (purpose, secret) values ($1, $2) on conflict (purpose) do nothing",
        purpose,
        fresh
    )
    .execute(&mut *tx)
    .await?;
    let secret = sqlx::query_scalar!("select secret from server_secrets where purpose = $1", purpose)
        .fetch_one(&mut *tx)
        .await?;
    tx.commit().await?;
    Ok(secret)
}

/// A console session's stored state, if it has not run out.
pub async fn load_session(db: &Db, session_id: &str, now: DateTime<Utc>) -> Result<Option<Vec<u8>>> {
    let mut tx = db.platform().await?;
    let data =
        sqlx::query_scalar!("select data from sessions where session_id = $1 and expires_at > $2", session_id, now)
            .fetch_optional(&mut *tx)
            .await?;
    tx.commit().await?;
    Ok(data)
}

/// Stores a new session; false if its id is taken.
pub async fn create_session(db: &Db, session_id: &str, data: &[u8], expires_at: DateTime<Utc>) -> Result<bool> {
    let mut tx = db.platform().await?;
    let made = sqlx::query!(
        "insert into sessions (session_id, data, expires_at) values ($1, $2, $3) on conflict do nothing",
        session_id,
        data,
        expires_at
    )
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(made.rows_affected() == 1)
}

/// Stores a session's state, new or not.
pub async fn save_session(db: &Db, session_id: &str, data: &[u8], expires_at: DateTime<Utc>) -> Result<()> {
    let mut tx = db.platform().await?;
    sqlx::query!(
        "insert into sessions (session_id, data, expires_at) values ($1, $2, $3)
         on conflict (session_id) do update set data = excluded.data, expires_at = excluded.expires_at",
        session_id,
        data,
        expires_at
    )
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(())
}

/// Ends a session.
pub async fn delete_session(db: &Db, session_id: &str) -> Result<()> {
    let mut tx = db.platform().await?;
    sqlx::query!("delete from sessions where session_id = $1", session_id).execute(&mut *tx).await?;
    tx.commit().await?;
    Ok(())
}

/// Removes sessions that ran out before `now`.
pub async fn sweep_sessions(db: &Db, now: DateTime<Utc>) -> Result<u64> {
    let mut tx = db.platform().await?;
    let swept = sqlx::query!("delete from sessions where expires_at <= $1", now).execute(&mut *tx).await?;
    tx.commit().await?;
    Ok(swept.rows_affected())
}
