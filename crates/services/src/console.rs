//! What the console's pages read in one go.

use chrono::{DateTime, NaiveDate, Utc};
use domain::appointment::{AppointmentStatus, Named};
use domain::id::{AppointmentId, PatientId};
use domain::schedule::Minutes;

use crate::booking::scheduling::Scheduling;
use crate::booking::{self, Booked};
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
