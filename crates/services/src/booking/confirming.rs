//! Turning a hold into an appointment.

use chrono::{DateTime, Utc};
use domain::Rejection;
use domain::appointment::Appointment;
use domain::code::ConfirmationCode;
use domain::id::{AppointmentId, ConversationId, HoldId, PatientId};
use serde_json::json;
use uuid::Uuid;

use super::{Channel, Owner, appointments};
use crate::events::{self, Actor, Event, EventKind};
use crate::identity::{self, PatientDetails};
use crate::{ClinicTx, Error, Result, secrets};

/// Who is booking what, and from where.
#[derive(Clone, Debug)]
pub struct Booking {
    pub hold_id: HoldId,
    pub owner: Owner,
    pub patient: PatientDetails,
    pub note: Option<String>,
    pub channel: Channel,
    pub actor: Actor,
    pub conversation_id: Option<ConversationId>,
}

/// An appointment, and whether this call is what made it.
#[derive(Clone, Debug)]
pub struct Confirmed {
    pub appointment: Appointment,
    pub is_new: bool,
}

/// Turns a hold into an appointment.
///
/// Confirming the same hold again returns the same appointment, so a patient
/// who taps twice, or a model that calls the tool twice, books once.
///
/// # Errors
///
/// Rejected with `hold_expired` if the hold has run out, never was, or is
/// somebody else's.
pub async fn confirm(tx: &mut ClinicTx, now: DateTime<Utc>, booking: &Booking) -> Result<Confirmed> {
    // Two confirms of one hold at once: the second waits here and then finds
    // what the first made.
    sqlx::query!("select pg_advisory_xact_lock(hashtextextended($1, 1))", booking.hold_id.to_string())
        .execute(tx.conn())
        .await?;
    if let Some(appointment) = appointments::by_hold(tx, booking.owner, booking.hold_id).await? {
        return Ok(Confirmed { appointment, is_new: false });
    }
    check_hold(tx, now, booking).await?;
    let patient_id = identity::resolve(tx, &booking.patient).await?;
    let appointment_id = insert(tx, now, booking, patient_id).await?;
    take_the_time(tx, booking.hold_id, appointment_id).await?;
    record(tx, now, booking, appointment_id).await?;
    if let Some(conversation_id) = booking.conversation_id {
        identity::link_conversation(tx, conversation_id, patient_id).await?;
    }
    let appointment = appointments::by_id(tx, appointment_id)
        .await?
        .ok_or(Error::Internal("an appointment just made is not there"))?;
    Ok(Confirmed { appointment, is_new: true })
}

async fn check_hold(tx: &mut ClinicTx, now: DateTime<Utc>, booking: &Booking) -> Result<()> {
    let live = sqlx::query_scalar!(
        "select hold_id from holds where hold_id = $1 and owner = $2 and expires_at > $3 for update",
        booking.hold_id.uuid(),
        booking.owner.to_string(),
        now
    )
    .fetch_optional(tx.conn())
    .await?;
    live.map(drop).ok_or_else(|| Rejection::hold_expired().into())
}

async fn insert(
    tx: &mut ClinicTx,
    now: DateTime<Utc>,
    booking: &Booking,
    patient_id: PatientId,
) -> Result<AppointmentId> {
    let appointment_id = AppointmentId::new();
    // Two of 2^40 codes can be the same; then another is drawn.
    for _ in 0..5 {
        let code = ConfirmationCode::from_bits(secrets::random());
        let inserted = sqlx::query!(
            "insert into appointments
                    (appointment_id, practitioner_id, appointment_type_id, patient_id, hold_id, owner,
                     conversation_id, channel, starts_at, ends_at, confirmation_code, note, created_at)
             select $1, practitioner_id, appointment_type_id, $2, hold_id, owner,
                    $3, $4, starts_at, ends_at, $5, $6, $7
             from holds
             where hold_id = $8
             on conflict on constraint appointments_code_unique do nothing",
            appointment_id.uuid(),
            patient_id.uuid(),
            booking.conversation_id.map(ConversationId::uuid),
            booking.channel.as_str(),
            code.as_str(),
            booking.note,
            now,
            booking.hold_id.uuid()
        )
        .execute(tx.conn())
        .await?;
        if inserted.rows_affected() == 1 {
            return Ok(appointment_id);
        }
    }
    Err(Error::Internal("no free confirmation code in five draws"))
}

/// Passes the time from the hold to the appointment, and ends the hold.
async fn take_the_time(tx: &mut ClinicTx, hold_id: HoldId, appointment_id: AppointmentId) -> Result<()> {
    let passed = sqlx::query!(
        "update occupancies set hold_id = null, appointment_id = $2 where hold_id = $1",
        hold_id.uuid(),
        appointment_id.uuid()
    )
    .execute(tx.conn())
    .await?;
    if passed.rows_affected() != 1 {
        return Err(Error::Internal("a live hold occupied no time"));
    }
    sqlx::query!("delete from holds where hold_id = $1", hold_id.uuid()).execute(tx.conn()).await?;
    Ok(())
}

async fn record(tx: &mut ClinicTx, now: DateTime<Utc>, booking: &Booking, appointment_id: AppointmentId) -> Result<()> {
    let event = Event {
        kind: EventKind::BookingCreated,
        appointment_id: Some(appointment_id),
        conversation_id: booking.conversation_id,
        actor: booking.actor,
        actor_id: None::<Uuid>,
        channel: booking.channel.as_str(),
        payload: json!({ "appointment_id": appointment_id }),
    };
    events::record(tx, now, &event).await.map(drop)
}
