//! Turning a hold into an appointment, or into a request for one.

use chrono::{DateTime, Utc};
use domain::Rejection;
use domain::appointment::Appointment;
use domain::code::ConfirmationCode;
use domain::contact::{EmailAddress, PhoneNumber};
use domain::id::{AppointmentId, AppointmentTypeId, ConversationId, HoldId, PatientId, PractitionerId};
use domain::schedule::Interval;
use serde_json::json;
use uuid::Uuid;

use super::changing::{self, Changer};
use super::scheduling::Mode;
use super::{Channel, Owner, appointments, holding};
use crate::events::{Actor, EventKind};
use crate::identity::{self, PatientDetails, Resolved};
use crate::tasks::{self, TaskKind};
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

impl Booking {
    /// What is written down of it for a patient.
    pub(super) fn entry(&self, resolved: Resolved) -> Entry {
        // Which program books, where it is one.
        let actor_id = match (self.actor, self.owner) {
            (Actor::Program, Owner::Key(id)) => Some(id),
            _ => None,
        };
        Entry {
            hold_id: self.hold_id,
            owner: self.owner.to_string(),
            patient_id: resolved.patient,
            booked_as: resolved.given_as,
            note: self.note.clone(),
            channel: self.channel.as_str().to_owned(),
            conversation_id: self.conversation_id,
            by: Changer {
                actor: self.actor,
                actor_id,
                channel: self.channel.as_str(),
                conversation_id: self.conversation_id,
            },
        }
    }
}

/// What is written down of a booking.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub hold_id: HoldId,
    /// Whose it is, as text.
    pub owner: String,
    pub patient_id: PatientId,
    /// The details it is booked under.
    pub booked_as: PatientId,
    pub note: Option<String>,
    /// The way it came about.
    pub channel: String,
    pub conversation_id: Option<ConversationId>,
    pub by: Changer,
}

/// An appointment, and whether this call made it.
#[derive(Clone, Debug)]
pub struct Confirmed {
    pub appointment: Appointment,
    pub is_new: bool,
}

/// Turns a hold into an appointment: booked, or pending where staff approve
/// what this channel books.
///
/// Confirming the same hold again returns the same appointment, so a patient
/// who taps twice, or a model that calls the tool twice, books once.
///
/// # Errors
///
/// Rejected with `hold_expired` if the hold has run out, never was, is somebody
/// else's or was confirmed for another patient, and `forbidden` if this channel may not book such a visit.
pub async fn confirm(tx: &mut ClinicTx, now: DateTime<Utc>, booking: &Booking) -> Result<Confirmed> {
    lock_hold(tx, booking.hold_id, &[]).await?;
    if let Some(appointment) = appointments::by_hold(tx, booking.owner, booking.hold_id).await? {
        check_patient(tx, booking, &appointment).await?;
        return Ok(Confirmed { appointment, is_new: false });
    }
    let held = live_hold(tx, now, booking).await?;
    let resolved = identity::resolve(tx, now, &booking.patient, booking.conversation_id).await?;
    let id = insert(tx, now, &booking.entry(resolved), &held, None).await?;
    take_the_time(tx, booking.hold_id, id).await?;
    if let Some(conversation_id) = booking.conversation_id {
        identity::link_conversation(tx, conversation_id, resolved.patient).await?;
    }
    let appointment =
        appointments::by_id(tx, id).await?.ok_or(Error::Internal("an appointment just made is not there"))?;
    Ok(Confirmed { appointment, is_new: true })
}

/// Whether what a hold became is this patient's. In a session there is one; a
/// key books for many, and must not take one's visit for another's.
///
/// # Errors
///
/// Rejected with `hold_expired` if not.
pub(super) async fn check_patient(tx: &mut ClinicTx, booking: &Booking, appointment: &Appointment) -> Result<()> {
    let Owner::Key(_) = booking.owner else { return Ok(()) };
    let wanted = &booking.patient;
    let phone = wanted.phone.as_ref().map(PhoneNumber::as_str);
    let email = wanted.email.as_ref().map(EmailAddress::as_str);
    let is_theirs = appointment.patient.as_ref().is_some_and(|card| {
        let reached_alike =
            (phone.is_some() && card.phone.as_deref() == phone) || (email.is_some() && card.email.as_deref() == email);
        reached_alike && card.name.to_lowercase() == wanted.name.as_str().to_lowercase()
    });
    if is_theirs {
        return Ok(());
    }
    // Or they were found to be somebody who is reached otherwise.
    let found = identity::find(tx, wanted).await?;
    match &appointment.patient {
        Some(card) if found == Some(card.id) => Ok(()),
        _ => Err(Rejection::hold_expired().into()),
    }
}

/// Lets one transaction at a time end a hold, and write in its books and in
/// `others`. Two confirms of one at once: the second waits here and then finds
/// what the first made. A change of the clinic's hours waits too, and then sees
/// the visit instead of the hold.
pub(super) async fn lock_hold(tx: &mut ClinicTx, hold_id: HoldId, others: &[Uuid]) -> Result<()> {
    sqlx::query!(
        "select pg_advisory_xact_lock_shared(hashtextextended(current_clinic_id()::text, 2)),
                pg_advisory_xact_lock(hashtextextended($1::uuid::text, 1)),
                lock_books($2::uuid[] || array(select resource_id from occupancies where hold_id = $1))",
        hold_id.uuid(),
        others
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// What is about to be booked.
#[derive(Clone, Copy, Debug)]
pub(super) struct Held {
    pub practitioner_id: PractitionerId,
    pub appointment_type_id: AppointmentTypeId,
    pub visit: Interval,
    pub mode: Mode,
}

/// The booking's hold, if it may be confirmed now.
pub(super) async fn live_hold(tx: &mut ClinicTx, now: DateTime<Utc>, booking: &Booking) -> Result<Held> {
    let row = sqlx::query!(
        r#"
        select h.practitioner_id, h.appointment_type_id, h.starts_at, h.ends_at,
               case $4 when 'web' then t.web_mode when 'sms' then t.sms_mode
                       when 'voice' then t.voice_mode else t.api_mode end as "mode!"
        from holds h
        join appointment_types t using (clinic_id, appointment_type_id)
        where h.hold_id = $1 and h.owner = $2 and h.expires_at > $3
        for update of h
        "#,
        booking.hold_id.uuid(),
        booking.owner.to_string(),
        now,
        booking.channel.as_str()
    )
    .fetch_optional(tx.conn())
    .await?
    .ok_or_else(Rejection::hold_expired)?;
    let mode = Mode::read(&row.mode);
    holding::check_mode(mode)?;
    Ok(Held {
        practitioner_id: row.practitioner_id.into(),
        appointment_type_id: row.appointment_type_id.into(),
        visit: Interval { start: row.starts_at, end: row.ends_at },
        mode,
    })
}

/// Writes the appointment and what it means: its event and, for a request, the
/// task to decide about it. It takes no time yet.
pub(super) async fn insert(
    tx: &mut ClinicTx,
    now: DateTime<Utc>,
    entry: &Entry,
    held: &Held,
    series: Option<Uuid>,
) -> Result<AppointmentId> {
    let id = AppointmentId::new();
    let is_request = held.mode == Mode::Request;
    // Two of 2^40 codes can be the same; then another is drawn.
    for _ in 0..5 {
        let code = ConfirmationCode::from_bits(secrets::random());
        let inserted = sqlx::query!(
            "insert into appointments
                    (appointment_id, practitioner_id, appointment_type_id, patient_id, hold_id, owner,
                     conversation_id, channel, starts_at, ends_at, confirmation_code, note, created_at, status, series_id,
                     booked_as)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
             on conflict on constraint appointments_code_unique do nothing",
            id.uuid(),
            held.practitioner_id.uuid(),
            held.appointment_type_id.uuid(),
            entry.patient_id.uuid(),
            entry.hold_id.uuid(),
            entry.owner,
            entry.conversation_id.map(ConversationId::uuid),
            entry.channel,
            held.visit.start,
            held.visit.end,
            code.as_str(),
            entry.note,
            now,
            if is_request { "pending" } else { "booked" },
            series,
            entry.booked_as.uuid()
        )
        .execute(tx.conn())
        .await?;
        if inserted.rows_affected() == 1 {
            record(tx, now, entry, held, id).await?;
            if is_request {
                tasks::open(tx, now, TaskKind::BookingRequest, id, "Asks for this time.").await?;
            }
            return Ok(id);
        }
    }
    Err(Error::Internal("no free confirmation code in five draws"))
}

/// Passes the time from the hold to the appointment, and ends the hold.
pub(super) async fn take_the_time(tx: &mut ClinicTx, hold_id: HoldId, appointment_id: AppointmentId) -> Result<()> {
    let passed = sqlx::query!(
        "update occupancies set hold_id = null, appointment_id = $2 where hold_id = $1",
        hold_id.uuid(),
        appointment_id.uuid()
    )
    .execute(tx.conn())
    .await?;
    if passed.rows_affected() == 0 {
        return Err(Error::Internal("a live hold occupied no time"));
    }
    sqlx::query!("delete from holds where hold_id = $1", hold_id.uuid()).execute(tx.conn()).await?;
    Ok(())
}

async fn record(tx: &mut ClinicTx, now: DateTime<Utc>, entry: &Entry, held: &Held, id: AppointmentId) -> Result<()> {
    let is_request = held.mode == Mode::Request;
    let kind = if is_request { EventKind::BookingRequested } else { EventKind::BookingCreated };
    let payload = json!({
        "appointment_id": id,
        "starts_at": held.visit.start,
        "practitioner_id": held.practitioner_id,
    });
    changing::record(tx, now, kind, id, entry.by, payload).await
}
