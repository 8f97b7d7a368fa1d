//! What becomes of an offer: taken, declined, or over.

use chrono::{DateTime, Utc};
use domain::appointment::Appointment;
use domain::contact::{EmailAddress, PersonName, PhoneNumber};
use domain::id::{AppointmentId, ConversationId, HoldId, MemberId};
use domain::{Rejection, RejectionCode};
use serde_json::json;
use uuid::Uuid;

use super::offering::{self, keeper};
use super::openings;
use crate::booking::{self, Booking, Channel, appointments};
use crate::events::{self, Actor, Event, EventKind};
use crate::identity::PatientDetails;
use crate::{ClinicTx, Error, Result, clinics};

/// How an offer ends without a visit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    Declined,
    Lapsed,
    /// No message about it could be sent.
    Unreached,
    /// Staff took the patient off the list.
    Withdrawn,
}

impl Ending {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Declined => "declined",
            Self::Lapsed => "lapsed",
            Self::Unreached => "unreached",
            Self::Withdrawn => "withdrawn",
        }
    }
}

/// Who an offer's end is the doing of, and where they did it.
#[derive(Clone, Copy, Debug)]
pub(super) struct By {
    actor: Actor,
    member: Option<MemberId>,
    channel: &'static str,
}

impl By {
    const JOB: Self = Self { actor: Actor::Job, member: None, channel: "job" };

    const fn patient(channel: Channel) -> Self {
        Self { actor: Actor::Patient, member: None, channel: channel.as_str() }
    }

    pub(super) const fn member(id: MemberId) -> Self {
        Self { actor: Actor::Member, member: Some(id), channel: "console" }
    }
}

/// What somebody gets who takes an offer.
#[derive(Clone, Debug)]
pub enum Answer {
    Booked(Box<Appointment>),
    /// It is somebody else's, or was not answered in time. What else is free
    /// now of what they wait for.
    Gone {
        next: Option<DateTime<Utc>>,
    },
}

struct Offer {
    entry: Uuid,
    hold: HoldId,
    practitioner: Uuid,
    starts_at: DateTime<Utc>,
    ends_at: DateTime<Utc>,
    state: String,
    expires_at: DateTime<Utc>,
    appointment: Option<Uuid>,
    conversation: Option<ConversationId>,
}

async fn locked(tx: &mut ClinicTx, id: Uuid) -> Result<Option<Offer>> {
    let row = sqlx::query!(
        "select o.waitlist_entry_id, o.hold_id, o.practitioner_id, o.starts_at, o.ends_at, o.state, o.expires_at,
                o.appointment_id, e.conversation_id
         from waitlist_offers o
         join waitlist_entries e using (clinic_id, waitlist_entry_id)
         where o.waitlist_offer_id = $1
         for update of o",
        id
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(row.map(|row| Offer {
        entry: row.waitlist_entry_id,
        hold: row.hold_id.into(),
        practitioner: row.practitioner_id,
        starts_at: row.starts_at,
        ends_at: row.ends_at,
        state: row.state,
        expires_at: row.expires_at,
        appointment: row.appointment_id,
        conversation: row.conversation_id.map(Into::into),
    }))
}

/// Takes an offer. Taking it again is the same visit; one that is over is said
/// to be, with what else there is.
///
/// # Errors
///
/// Rejected with `not_found` if there is no such offer, and `forbidden` if this
/// channel may not book such a visit.
pub async fn take(tx: &mut ClinicTx, now: DateTime<Utc>, id: Uuid, channel: Channel) -> Result<Answer> {
    let offer = locked(tx, id).await?.ok_or_else(Rejection::not_found)?;
    if let Some(appointment) = offer.appointment.map(AppointmentId::from) {
        let taken = appointments::by_id(tx, appointment).await?;
        return Ok(Answer::Booked(Box::new(taken.ok_or(Error::Internal("a visit that was taken is not there"))?)));
    }
    if offer.state != "open" || offer.expires_at <= now {
        return Ok(Answer::Gone { next: next_free(tx, now, offer.entry).await? });
    }
    let booking = Booking {
        hold_id: offer.hold,
        owner: keeper(id),
        patient: whose(tx, offer.entry).await?,
        note: None,
        channel,
        actor: Actor::Patient,
        conversation_id: offer.conversation,
    };
    let confirmed = match booking::confirm(tx, now, &booking).await {
        Ok(confirmed) => confirmed,
        // The hours changed meanwhile, and what was kept with them.
        Err(Error::Rejected(Rejection { code: RejectionCode::HoldExpired, .. })) => {
            return Ok(Answer::Gone { next: next_free(tx, now, offer.entry).await? });
        }
        Err(error) => return Err(error),
    };
    sqlx::query!(
        "update waitlist_offers set state = 'taken', settled_at = $2, appointment_id = $3 where waitlist_offer_id = $1",
        id,
        now,
        confirmed.appointment.id.uuid()
    )
    .execute(tx.conn())
    .await?;
    sqlx::query!("update waitlist_entries set closed_at = $2 where waitlist_entry_id = $1", offer.entry, now)
        .execute(tx.conn())
        .await?;
    record(tx, now, EventKind::OfferTaken, id, "taken", By::patient(channel)).await?;
    Ok(Answer::Booked(Box::new(confirmed.appointment)))
}

/// Lets an offer go, so that the next can have the time. Nothing happens to one
/// that is over; false then.
pub async fn decline(tx: &mut ClinicTx, now: DateTime<Utc>, id: Uuid, channel: Channel) -> Result<bool> {
    end(tx, now, id, Ending::Declined, By::patient(channel)).await
}

/// Ends an open offer, frees its time and has it offered to the next.
pub(super) async fn end(tx: &mut ClinicTx, now: DateTime<Utc>, id: Uuid, ending: Ending, by: By) -> Result<bool> {
    let Some(offer) = locked(tx, id).await?.filter(|offer| offer.state == "open") else { return Ok(false) };
    booking::release(tx, keeper(id), offer.hold).await?;
    sqlx::query!(
        "update waitlist_offers set state = $2, settled_at = $3 where waitlist_offer_id = $1",
        id,
        ending.as_str(),
        now
    )
    .execute(tx.conn())
    .await?;
    sqlx::query!(
        "update outbox set status = 'suppressed', reason = 'called_off', settled_at = $2
         where key = 'waitlist_offer:' || $1::uuid and status = 'queued'",
        id,
        now
    )
    .execute(tx.conn())
    .await?;
    openings::note(tx, now, Some(offer.practitioner), Some((offer.starts_at, offer.ends_at))).await?;
    record(tx, now, EventKind::OfferEnded, id, ending.as_str(), by).await?;
    Ok(true)
}

/// Ends what was not answered in time, and what no message could be sent about,
/// so that the next need not wait for it; how many.
pub async fn end_due(tx: &mut ClinicTx, now: DateTime<Utc>) -> Result<usize> {
    let due = sqlx::query!(
        r#"
        select o.waitlist_offer_id, o.expires_at <= $1 as "is_over!"
        from waitlist_offers o
        where o.state = 'open'
          and (o.expires_at <= $1
               or exists (select from outbox b
                          where b.key = 'waitlist_offer:' || o.waitlist_offer_id
                            and b.status in ('suppressed', 'failed', 'undelivered')))
        order by o.expires_at, o.waitlist_offer_id
        "#,
        now
    )
    .fetch_all(tx.conn())
    .await?;
    for offer in &due {
        let ending = if offer.is_over { Ending::Lapsed } else { Ending::Unreached };
        // One that cannot be ended keeps no other waiting.
        sqlx::query("savepoint ending").execute(tx.conn()).await?;
        match end(tx, now, offer.waitlist_offer_id, ending, By::JOB).await {
            Ok(_) => sqlx::query("release savepoint ending").execute(tx.conn()).await?,
            Err(error) if error.is_transient() => return Err(error),
            Err(error) => {
                let source = std::error::Error::source(&error).map(ToString::to_string);
                tracing::error!(%error, source, offer.id = %offer.waitlist_offer_id, "an offer could not be ended");
                sqlx::query("rollback to savepoint ending").execute(tx.conn()).await?
            }
        };
    }
    sqlx::query!(
        "update waitlist_entries set closed_at = $1 where closed_at is null and to_date < $2",
        now,
        now.with_timezone(&clinics::time_zone(tx).await?).date_naive()
    )
    .execute(tx.conn())
    .await?;
    Ok(due.len())
}

/// The patient of an entry, as they are on file.
async fn whose(tx: &mut ClinicTx, entry: Uuid) -> Result<PatientDetails> {
    let row = sqlx::query!(
        "select p.name, p.phone, p.email, p.birth_date
         from waitlist_entries e join patients p using (clinic_id, patient_id)
         where e.waitlist_entry_id = $1",
        entry
    )
    .fetch_one(tx.conn())
    .await?;
    // What is on file is E.164, which reads alike in every country.
    let (Ok(name), Ok(phone), Ok(email)) = (
        PersonName::parse(&row.name),
        row.phone.map(|phone| PhoneNumber::parse(&phone, "US")).transpose(),
        row.email.map(|email| EmailAddress::parse(&email)).transpose(),
    ) else {
        return Err(Error::Internal("a patient on file does not read"));
    };
    Ok(PatientDetails { name, phone, email, birth_date: row.birth_date })
}

/// The first time that is free now of what an entry waits for.
pub async fn next_free(tx: &mut ClinicTx, now: DateTime<Utc>, entry: Uuid) -> Result<Option<DateTime<Utc>>> {
    let row = sqlx::query!(
        "select appointment_type_id, practitioner_id, from_date, to_date, from_minute, to_minute
         from waitlist_entries where waitlist_entry_id = $1",
        entry
    )
    .fetch_one(tx.conn())
    .await?;
    let today = now.with_timezone(&clinics::time_zone(tx).await?).date_naive();
    let from = row.from_date.max(today);
    if from > row.to_date {
        return Ok(None);
    }
    let wanted = offering::wish(
        row.appointment_type_id.into(),
        row.practitioner_id.map(Into::into),
        from,
        row.to_date,
        row.from_minute,
        row.to_minute,
    );
    Ok(offering::free(tx, now, wanted).await?.first().map(|slot| slot.claim.starts_at))
}

async fn record(
    tx: &mut ClinicTx,
    now: DateTime<Utc>,
    kind: EventKind,
    offer: Uuid,
    state: &str,
    by: By,
) -> Result<()> {
    let event = Event {
        kind,
        appointment_id: None,
        conversation_id: None,
        actor: by.actor,
        actor_id: by.member.map(MemberId::uuid),
        channel: by.channel,
        payload: json!({ "offer_id": offer, "state": state }),
    };
    events::record(tx, now, &event).await.map(drop)
}
