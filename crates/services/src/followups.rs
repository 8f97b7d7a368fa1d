//! Times to write again to whoever asked for it.

use chrono::{DateTime, Duration, Utc};
use domain::id::{ConversationId, MessageId, PatientId};
use domain::language::Language;
use domain::template::{Kind, Values};
use domain::{Rejection, RejectionCode};
use serde_json::json;
use uuid::Uuid;

use crate::booking::Channel;
use crate::error::OnConstraint;
use crate::events::{self, Actor, Event, EventKind};
use crate::messaging::ledger::Way;
use crate::messaging::links::Links;
use crate::messaging::outbox::{self, Ready};
use crate::messaging::writing;
use crate::tasks::{self, TaskKind};
use crate::{ClinicTx, Result, clinics, conversations, handover};

/// How long a follow-up that waits for the morning, or its turn, is of use.
const LASTS: Duration = Duration::days(2);

/// Stores that this conversation is to be written to at `due_at`, no more than
/// `most` times in all. That it is no more than twice is the database's rule.
///
/// # Errors
///
/// Rejected with `invalid` if the time is past or more than 90 days away, and
/// `forbidden` if there have been as many as there may be.
pub async fn schedule(
    tx: &mut ClinicTx,
    now: DateTime<Utc>,
    conversation: ConversationId,
    due_at: DateTime<Utc>,
    about: &str,
    most: i16,
) -> Result<Uuid> {
    if due_at <= now || due_at > now + Duration::days(90) {
        return Err(Rejection::invalid("local", "Please give a time within the next 90 days.").into());
    }
    let id = sqlx::query_scalar!(
        "insert into followups (followup_id, conversation_id, attempt, about, due_at, created_at)
         select $1, $2, coalesce(max(attempt), 0) + 1, $3, $4, $5
         from followups
         where conversation_id = $2
         having coalesce(max(attempt), 0) < $6
         returning followup_id",
        domain::Id::<Uuid>::new().uuid(),
        conversation.uuid(),
        about,
        due_at,
        now,
        i32::from(most)
    )
    .fetch_optional(tx.conn())
    .await
    .on_constraint("followups_once", enough)?;
    id.ok_or_else(|| enough().into())
}

fn enough() -> Rejection {
    Rejection::new(
        RejectionCode::Forbidden,
        "We have agreed on as many follow-ups as we may make. You can write to us here at any time.",
    )
}

/// Calls off what has not been sent, and what waits for the morning.
pub async fn stop(tx: &mut ClinicTx, now: DateTime<Utc>, conversation: ConversationId) -> Result<()> {
    sqlx::query!(
        "update followups set stopped_at = $2
         where conversation_id = $1 and sent_at is null and stopped_at is null",
        conversation.uuid(),
        now
    )
    .execute(tx.conn())
    .await?;
    outbox::call_off(tx, now, Kind::FollowUp, conversation).await
}

/// Calls off one that cannot be sent, and leaves it to the staff.
pub async fn give_up(tx: &mut ClinicTx, now: DateTime<Utc>, id: Uuid) -> Result<()> {
    let stopped = sqlx::query!(
        "update followups set stopped_at = $2
         where followup_id = $1 and sent_at is null and stopped_at is null
         returning conversation_id, about",
        id,
        now
    )
    .fetch_optional(tx.conn())
    .await?;
    let Some(stopped) = stopped else { return Ok(()) };
    let detail =
        format!("We promised to get back to them, and something kept it from being written: {}", stopped.about);
    tasks::open_about(tx, now, TaskKind::Inquiry, stopped.conversation_id.into(), &detail).await
}

/// The follow-ups whose time has come, the oldest first.
pub async fn due(tx: &mut ClinicTx, now: DateTime<Utc>, limit: i64) -> Result<Vec<Uuid>> {
    let ids = sqlx::query_scalar!(
        "select followup_id from followups
         where due_at <= $1 and sent_at is null and stopped_at is null
         order by due_at, followup_id
         limit $2",
        now,
        limit
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(ids)
}

/// A follow-up that was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sent {
    pub conversation: ConversationId,
    /// What was written in the conversation, where its patient reads there.
    pub note: Option<MessageId>,
}

/// Writes again as promised: in the chat, and in a message where the patient
/// can be reached by one and agreed to it. What can be done in neither way is
/// left to the staff. Doing it again does nothing; none if it was called off,
/// or a person answers there.
pub async fn send(tx: &mut ClinicTx, now: DateTime<Utc>, links: &Links, id: Uuid) -> Result<Option<Sent>> {
    let conversation = sqlx::query_scalar!("select conversation_id from followups where followup_id = $1", id)
        .fetch_optional(tx.conn())
        .await?;
    let Some(conversation) = conversation.map(ConversationId::from) else { return Ok(None) };
    // Whoever hands the conversation over or calls this off takes it as well.
    conversations::lock(tx, conversation).await?;
    if handover::is_open(tx, conversation, None).await? {
        stop(tx, now, conversation).await?;
        return Ok(None);
    }
    let about = sqlx::query_scalar!(
        "update followups set sent_at = $2
         where followup_id = $1 and sent_at is null and stopped_at is null and due_at <= $2
         returning about",
        id,
        now
    )
    .fetch_optional(tx.conn())
    .await?;
    let Some(about) = about else { return Ok(None) };
    let language = conversations::language(tx, conversation).await?;
    let note = match conversations::channel(tx, conversation).await? {
        Channel::Web => Some(write_there(tx, now, conversation, language, &about).await?),
        _ => None,
    };
    let reached = reach(tx, conversation).await?;
    match &reached {
        Some(reach) => queue(tx, now, links, id, conversation, reach).await?,
        None if note.is_none() => {
            let detail = format!("We promised to get back to them, and have no number or address we may use: {about}");
            tasks::open_about(tx, now, TaskKind::Inquiry, conversation, &detail).await?;
        }
        None => {}
    }
    Ok(Some(Sent { conversation, note }))
}

async fn write_there(
    tx: &mut ClinicTx,
    now: DateTime<Utc>,
    conversation: ConversationId,
    language: Language,
    about: &str,
) -> Result<MessageId> {
    // The words are quoted: they were written then, and are not news.
    let text = match language {
        Language::English => {
            format!("You asked us to get back to you about this: “{about}” Can I help you with it now?")
        }
        Language::Spanish => format!("Nos pidió que volviéramos a escribirle sobre esto: «{about}» ¿Le ayudo ahora?"),
    };
    let message = conversations::note(tx, now, conversation, &text).await?;
    let event = Event {
        kind: EventKind::FollowUpSent,
        appointment_id: None,
        conversation_id: Some(conversation),
        actor: Actor::Job,
        actor_id: None,
        channel: "job",
        payload: json!({ "message_id": message, "text": text }),
    };
    events::record(tx, now, &event).await?;
    Ok(message)
}

/// How somebody is written to.
struct Reach {
    way: Way,
    address: String,
    language: Language,
    patient: Option<Uuid>,
    name: Option<String>,
}

/// The first way in which the patient can be reached and agreed to be: whoever
/// texted us asked for the answer there.
async fn reach(tx: &mut ClinicTx, conversation: ConversationId) -> Result<Option<Reach>> {
    let row = sqlx::query!(
        r#"
        select w.channel as "channel!", w.address as "address!", p.patient_id as "patient_id?", p.name as "name?",
               coalesce(v.language, p.language, c.languages[1]) as "language!"
        from conversations v
        join clinics c using (clinic_id)
        left join patients p on p.clinic_id = v.clinic_id and p.patient_id = v.patient_id
        left join messaging_settings s on s.clinic_id = v.clinic_id
        cross join lateral (
            values (1, 'sms', case when v.channel = 'sms' then v.hinted_phone else p.phone end, coalesce(s.sms, true)),
                   (2, 'email', p.email, coalesce(s.email, true))
        ) w (preference, channel, address, is_wanted)
        where v.conversation_id = $1 and w.address is not null and w.is_wanted
          and (v.channel = 'sms' and w.channel = 'sms'
               or exists (select from consents n where n.channel = w.channel and n.address = w.address and n.withdrawn_at is null))
          and not exists (select from opt_outs o
                          where o.channel = w.channel and o.address = w.address and o.ended_at is null)
          and not exists (select from unreachable u where u.channel = w.channel and u.address = w.address)
        order by w.preference
        limit 1
        "#,
        conversation.uuid()
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(row.map(|row| Reach {
        way: if row.channel == "sms" { Way::Sms } else { Way::Email },
        address: row.address,
        language: Language::of_tag(&row.language).unwrap_or(Language::English),
        patient: row.patient_id,
        name: row.name,
    }))
}

async fn queue(
    tx: &mut ClinicTx,
    now: DateTime<Utc>,
    links: &Links,
    id: Uuid,
    conversation: ConversationId,
    reach: &Reach,
) -> Result<()> {
    let clinic = clinics::profile(tx).await?;
    let link = links.book(&clinic.slug);
    let values = Values {
        clinic: Some(&clinic.name),
        patient: reach.name.as_deref(),
        link: Some(&link),
        phone: clinic.phone.as_deref(),
        address: clinic.address.as_deref(),
        ..Values::default()
    };
    let ready = Ready {
        key: format!("follow_up:{id}"),
        kind: Kind::FollowUp,
        way: reach.way,
        to: &reach.address,
        language: reach.language,
        words: writing::about_nothing_else(tx, Kind::FollowUp, reach.way, reach.language, &values).await?,
        patient: reach.patient.map(PatientId::from),
        conversation: Some(conversation),
        expires_at: Some(now + LASTS),
    };
    outbox::queue(tx, now, &ready).await.map(drop)
}

#[cfg(test)]
mod tests;
