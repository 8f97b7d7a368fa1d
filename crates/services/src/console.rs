//! What the console's pages read in one go.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use domain::appointment::{Appointment, AppointmentStatus, Named};
use domain::id::{AppointmentId, PatientId, PractitionerId};
use domain::schedule::Minutes;
use domain::{Rejection, RejectionCode};
use uuid::Uuid;

use crate::booking::availability::{OpenSlot, Wanted, available};
use crate::booking::scheduling::Scheduling;
use crate::booking::{self, At, Booked, Channel, Explanation};
use crate::{ClinicTx, Error, Result, clinics};

/// One practitioner's day.
#[derive(Clone, Debug)]
pub struct PractitionerDay {
    pub practitioner: Named,
    /// When they work, in local minutes.
    pub open: Vec<Minutes>,
    /// Everything that starts on the day, in order; cancelled visits too.
    pub visits: Vec<Booked>,
}

/// A patient's visit in a list of them.
#[derive(Clone, Debug)]
pub struct VisitLine {
    pub id: AppointmentId,
    pub status: AppointmentStatus,
    pub starts_at: DateTime<Utc>,
    pub practitioner: String,
    pub appointment_type: String,
}

/// One local date by practitioner, in the clinic's own order. Someone who no
/// longer works here is on it only if somebody is booked with them.
pub async fn day(tx: &mut ClinicTx, date: NaiveDate) -> Result<Vec<PractitionerDay>> {
    let visits = booking::day(tx, date).await?;
    let practitioners = working_on(tx, &visits).await?;
    let scheduling = Scheduling::current(tx).await?;
    let open_on = |id| {
        let known = scheduling.practitioner(id).map(|known| scheduling.schedule_of(known));
        known.map(|schedule| schedule.open_on(date)).unwrap_or_default()
    };
    Ok(practitioners
        .into_iter()
        .map(|practitioner| PractitionerDay {
            open: open_on(practitioner.id),
            visits: visits
                .iter()
                .filter(|visit| visit.appointment.practitioner.id == practitioner.id)
                .cloned()
                .collect(),
            practitioner,
        })
        .collect())
}

async fn working_on(tx: &mut ClinicTx, visits: &[Booked]) -> Result<Vec<Named>> {
    let active = clinics::practitioners(tx).await?;
    let mut practitioners: Vec<_> =
        active.into_iter().map(|card| Named { id: card.id.uuid(), name: card.name }).collect();
    for visit in visits {
        let practitioner = &visit.appointment.practitioner;
        if practitioners.iter().all(|known| known.id != practitioner.id) {
            practitioners.push(practitioner.clone());
        }
    }
    Ok(practitioners)
}

/// The patient's visits other than `except`, the latest first, 50 at most.
pub async fn other_visits(tx: &mut ClinicTx, patient: PatientId, except: AppointmentId) -> Result<Vec<VisitLine>> {
    let rows = sqlx::query!(
        "select a.appointment_id, a.status, a.starts_at,
                p.name as practitioner,
                t.name as appointment_type
         from appointments a
         join practitioners p using (clinic_id, practitioner_id)
         join appointment_types t using (clinic_id, appointment_type_id)
         where a.patient_id = $1 and a.appointment_id <> $2
         order by a.starts_at desc, a.appointment_id
         limit 50",
        patient.uuid(),
        except.uuid()
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(VisitLine {
                id: row.appointment_id.into(),
                status: AppointmentStatus::try_from(row.status)
                    .map_err(|_| Error::Internal("an unknown appointment status"))?,
                starts_at: row.starts_at,
                practitioner: row.practitioner,
                appointment_type: row.appointment_type,
            })
        })
        .collect()
}

/// The names behind the ids in a visit's history, where ids are text: members
/// of staff and practitioners, those who left too.
pub async fn names(tx: &mut ClinicTx) -> Result<HashMap<String, String>> {
    let rows = sqlx::query!(
        r#"
        select member_id as "id!", name as "name!" from members
        union all
        select practitioner_id, name from practitioners
        "#
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().map(|row| (row.id.to_string(), row.name)).collect())
}

/// Times that a visit could move to, on a date or the next that has any. Staff
/// are bound by no channel, so the times of any are theirs.
///
/// # Errors
///
/// When the database does not answer.
pub async fn free_times(
    tx: &mut ClinicTx,
    now: DateTime<Utc>,
    visit: &Appointment,
    date: NaiveDate,
    practitioner: Option<PractitionerId>,
) -> Result<Vec<OpenSlot>> {
    for channel in [Channel::Web, Channel::Api, Channel::Voice, Channel::Sms] {
        let kind = visit.appointment_type.id.to_string();
        let until = date + chrono::Duration::days(60);
        let wanted = Wanted { practitioner, days: Some(1), ..Wanted::of(kind, channel, date, until) };
        match available(tx, now, &wanted).await {
            Ok(found) => return Ok(found.slots),
            Err(error) if error.code() == Some(RejectionCode::Forbidden) => {}
            // A type that is no longer offered has no times.
            Err(error) if error.code() == Some(RejectionCode::NotFound) => return Ok(Vec::new()),
            Err(error) => return Err(error),
        }
    }
    Ok(Vec::new())
}

/// Why a visit cannot move to a moment, for staff: bound by no channel, they
/// are told of any that books such visits.
///
/// # Errors
///
/// Rejected with `not_found` if nobody offers such a visit any more, and
/// `invalid` if the moment is in no year a person would write.
pub async fn why_not(
    tx: &mut ClinicTx,
    now: DateTime<Utc>,
    kind: Uuid,
    local: NaiveDateTime,
    practitioner: Option<PractitionerId>,
) -> Result<Explanation> {
    let kind = kind.to_string();
    let mut answer = Err(Rejection::not_found().into());
    for channel in [Channel::Web, Channel::Api, Channel::Voice, Channel::Sms] {
        answer = booking::explain(tx, now, &kind, practitioner, channel, At::Local(local)).await;
        if !matches!(&answer, Err(error) if error.code() == Some(RejectionCode::Forbidden)) {
            break;
        }
    }
    answer
}

/// Who offers a type of visit now.
pub async fn offering(tx: &mut ClinicTx, kind: Uuid) -> Result<Vec<Named>> {
    let scheduling = Scheduling::current(tx).await?;
    Ok(scheduling.offering(kind, None).map(|practitioner| practitioner.named.clone()).collect())
}
