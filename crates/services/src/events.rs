//! What happened, written in the transaction that made it happen.

use chrono::{DateTime, Utc};
use domain::Rejection;
use domain::id::{AppointmentId, ConversationId, EventId};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::messaging::outbox;
use crate::waitlist::openings;
use crate::{ClinicTx, Result};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum EventKind {
    /// A patient asks for a time that staff approve.
    BookingRequested,
    /// A visit was booked, or a request for one approved.
    BookingCreated,
    BookingRescheduled,
    BookingCancelled,
    /// The patient says that they will come.
    BookingConfirmed,
    /// The patient is here.
    BookingArrived,
    BookingNoShow,
    /// The patient came, and the visit is over.
    BookingFulfilled,
    /// Staff decided that a visit stays though it no longer fits the hours.
    BookingKept,
    /// Staff asked the patient to choose another time.
    BookingAsked,
    /// A time that was being kept is not any more.
    HoldExpired,
    /// A time that was taken is free again.
    SlotOpened,
    /// A person answers in a conversation from now on.
    HandoverBegan,
    /// The receptionist answers in it again.
    HandoverEnded,
    /// A patient wrote where a person answers.
    MessageLeft,
    /// A patient left a question for the staff.
    InquiryLeft,
    /// The receptionist wrote again, as it had promised to.
    FollowUpSent,
    /// A patient's phone number or e-mail address is another.
    ContactChanged,
    /// A time that came free is kept for somebody who waits for one.
    OfferMade,
    /// They took it.
    OfferTaken,
    /// They did not want it, did not answer in time, or never heard of it.
    OfferEnded,
}

impl EventKind {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::BookingRequested => "BookingRequested",
            Self::BookingCreated => "BookingCreated",
            Self::BookingRescheduled => "BookingRescheduled",
            Self::BookingCancelled => "BookingCancelled",
            Self::BookingConfirmed => "BookingConfirmed",
            Self::BookingArrived => "BookingArrived",
            Self::BookingNoShow => "BookingNoShow",
            Self::BookingFulfilled => "BookingFulfilled",
            Self::BookingKept => "BookingKept",
            Self::BookingAsked => "BookingAsked",
            Self::HoldExpired => "HoldExpired",
            Self::SlotOpened => "SlotOpened",
            Self::HandoverBegan => "HandoverBegan",
            Self::HandoverEnded => "HandoverEnded",
            Self::MessageLeft => "MessageLeft",
            Self::InquiryLeft => "InquiryLeft",
            Self::FollowUpSent => "FollowUpSent",
            Self::ContactChanged => "ContactChanged",
            Self::OfferMade => "OfferMade",
            Self::OfferTaken => "OfferTaken",
            Self::OfferEnded => "OfferEnded",
        }
    }
}

/// Who did it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Actor {
    Patient,
    Member,
    /// The automated receptionist, at a patient's wish.
    Receptionist,
    Job,
    /// A program of the clinic's, with its API key.
    Program,
}

impl Actor {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Patient => "patient",
            Self::Member => "member",
            Self::Receptionist => "receptionist",
            Self::Job => "job",
            Self::Program => "program",
        }
    }
}

/// Records what staff should know of a conversation; its patient is not told.
pub async fn record_for_staff(
    tx: &mut ClinicTx,
    now: DateTime<Utc>,
    kind: EventKind,
    conversation: ConversationId,
    channel: &'static str,
) -> Result<()> {
    let event = Event {
        kind,
        appointment_id: None,
        conversation_id: None,
        actor: Actor::Patient,
        actor_id: None,
        channel,
        payload: json!({ "conversation_id": conversation }),
    };
    record(tx, now, &event).await.map(drop)
}

/// Something to be recorded.
#[derive(Clone, Debug)]
pub struct Event {
    pub kind: EventKind,
    pub appointment_id: Option<AppointmentId>,
    /// Whose open chat is told about it.
    pub conversation_id: Option<ConversationId>,
    pub actor: Actor,
    pub actor_id: Option<Uuid>,
    pub channel: &'static str,
    pub payload: Value,
}

/// A recorded event, as a patient's open chat is told of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Push {
    pub id: EventId,
    pub kind: String,
    pub payload: Value,
    pub created_at: DateTime<Utc>,
}

/// One line of an appointment's history.
#[derive(Clone, Debug, Serialize)]
pub struct Happened {
    pub id: Uuid,
    pub kind: String,
    pub actor: String,
    /// Which member of staff, where it was one.
    pub actor_id: Option<Uuid>,
    pub channel: String,
    pub payload: Value,
    pub created_at: DateTime<Utc>,
}

/// Records `event`, and writes down what the patient is told of it by text and
/// e-mail. It is announced after the transaction commits, and never if it does
/// not.
pub async fn record(tx: &mut ClinicTx, now: DateTime<Utc>, event: &Event) -> Result<EventId> {
    if let Some(conversation) = event.conversation_id {
        // Events of a conversation are made one after another, so that their
        // ids are in the order in which they became visible and a client that
        // asks for what came after one misses none.
        sqlx::query!(
            "select conversation_id from conversations where conversation_id = $1 for no key update",
            conversation.uuid()
        )
        .fetch_optional(tx.conn())
        .await?;
    }
    let id = EventId::new();
    sqlx::query!(
        "insert into events
                (event_id, kind, appointment_id, conversation_id, actor, actor_id, channel, payload, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        id.uuid(),
        event.kind.as_str(),
        event.appointment_id.map(AppointmentId::uuid),
        event.conversation_id.map(ConversationId::uuid),
        event.actor.as_str(),
        event.actor_id,
        event.channel,
        event.payload,
        now
    )
    .execute(tx.conn())
    .await?;
    if matches!(event.kind, EventKind::SlotOpened | EventKind::HoldExpired) {
        note_opening(tx, now, &event.payload).await?;
    }
    if let Some(appointment) = event.appointment_id {
        outbox::follow(tx, now, event.kind, id, appointment).await?;
    }
    Ok(id)
}

/// A time that came free is offered to those who wait for one.
async fn note_opening(tx: &mut ClinicTx, now: DateTime<Utc>, payload: &Value) -> Result<()> {
    let moment = |field: &str| payload[field].as_str().and_then(|text| text.parse::<DateTime<Utc>>().ok());
    let practitioner = payload["practitioner_id"].as_str().and_then(|id| id.parse().ok());
    let span = moment("starts_at").zip(moment("ends_at"));
    if span.is_none() || practitioner.is_none() {
        return Ok(());
    }
    openings::note(tx, now, practitioner, span).await
}

/// The events a conversation has not seen yet, in order; all of them without
/// `after`, but for those it acknowledged.
pub async fn after(
    tx: &mut ClinicTx,
    conversation: ConversationId,
    after: Option<EventId>,
    limit: i64,
) -> Result<Vec<Push>> {
    let rows = sqlx::query!(
        "select event_id, kind, payload, created_at
         from events
         where conversation_id = $1 and event_id > $2 and acknowledged_at is null
         order by event_id
         limit $3",
        conversation.uuid(),
        after.map_or(Uuid::nil(), EventId::uuid),
        limit
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Push { id: row.event_id.into(), kind: row.kind, payload: row.payload, created_at: row.created_at })
        .collect())
}

/// Notes that a conversation's chat has shown an event, which it is not told of
/// again. Saying so again changes nothing.
///
/// # Errors
///
/// Rejected with `not_found` if the conversation has no such event.
pub async fn acknowledge(
    tx: &mut ClinicTx,
    now: DateTime<Utc>,
    conversation: ConversationId,
    event: EventId,
) -> Result<()> {
    let acknowledged = sqlx::query!(
        "update events set acknowledged_at = coalesce(acknowledged_at, $3)
         where conversation_id = $1 and event_id = $2",
        conversation.uuid(),
        event.uuid(),
        now
    )
    .execute(tx.conn())
    .await?;
    if acknowledged.rows_affected() == 0 { Err(Rejection::not_found().into()) } else { Ok(()) }
}

/// The newest event of a conversation.
pub async fn newest(tx: &mut ClinicTx, conversation: ConversationId) -> Result<Option<EventId>> {
    let id = sqlx::query_scalar!(
        "select event_id from events where conversation_id = $1 order by event_id desc limit 1",
        conversation.uuid()
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(id.map(EventId::from))
}

/// What happened to an appointment, oldest first.
pub async fn history(tx: &mut ClinicTx, appointment: AppointmentId) -> Result<Vec<Happened>> {
    let rows = sqlx::query_as!(
        Happened,
        "select event_id as id, kind, actor, actor_id, channel, payload, created_at
         from events
         where appointment_id = $1
         order by event_id",
        appointment.uuid()
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows)
}
