//! Reading booked visits.

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use domain::appointment::{Appointment, AppointmentStatus, Named, PatientCard, Place, TypeRef};
use domain::code::ConfirmationCode;
use domain::id::{AppointmentId, HoldId};
use domain::{Rejection, say, schedule};
use uuid::Uuid;

use super::Owner;
use crate::identity::verifying;
use crate::{ClinicTx, Error, Result, clinics};

/// An appointment with what only staff see.
#[derive(Clone, Debug)]
pub struct Booked {
    pub appointment: Appointment,
    pub note: Option<String>,
    pub channel: String,
    /// When the patient said that they will come, at this time.
    pub confirmed_at: Option<DateTime<Utc>>,
}

struct Row {
    appointment_id: Uuid,
    status: String,
    starts_at: DateTime<Utc>,
    ends_at: DateTime<Utc>,
    confirmation_code: String,
    created_at: DateTime<Utc>,
    note: Option<String>,
    channel: String,
    confirmed_at: Option<DateTime<Utc>>,
    practitioner_id: Uuid,
    practitioner: String,
    appointment_type_id: Uuid,
    slug: String,
    appointment_type: String,
    patient_id: Uuid,
    patient: String,
    phone: Option<String>,
    email: Option<String>,
    location_id: Option<Uuid>,
    location: Option<String>,
    address: Option<String>,
}

/// The columns of a [`Row`], and whatever decides which.
macro_rules! appointments_where {
    ($condition:literal $(, $argument:expr)* $(,)?) => {
        sqlx::query_as!(
            Row,
            r#"select a.appointment_id, a.status, a.starts_at, a.ends_at, a.confirmation_code, a.created_at, a.note, a.channel,
                    a.confirmed_at,
                    p.practitioner_id, p.name as practitioner,
                    t.appointment_type_id, t.slug, t.name as appointment_type,
                    c.patient_id, c.name as patient, c.phone, c.email,
                    l.location_id as "location_id?", l.name as "location?", l.address
             from appointments a
             join practitioners p using (clinic_id, practitioner_id)
             join appointment_types t using (clinic_id, appointment_type_id)
             join patients c using (clinic_id, patient_id)
             left join locations l
               on l.clinic_id = a.clinic_id
              and l.location_id = coalesce(p.location_id,
                                           (select r.location_id
                                            from occupancies o
                                            join rooms r using (clinic_id, room_id)
                                            where o.clinic_id = a.clinic_id and o.appointment_id = a.appointment_id
                                              and r.location_id is not null
                                            order by o.room_id
                                            limit 1))
             where "# + $condition,
            $($argument),*
        )
    };
}

/// The appointment, if it is this clinic's.
pub async fn by_id(tx: &mut ClinicTx, id: AppointmentId) -> Result<Option<Appointment>> {
    Ok(with_notes(tx, id).await?.map(|booked| booked.appointment))
}

/// The appointment with what only staff see.
pub async fn with_notes(tx: &mut ClinicTx, id: AppointmentId) -> Result<Option<Booked>> {
    let zone = clinics::time_zone(tx).await?;
    let row = appointments_where!("a.appointment_id = $1", id.uuid()).fetch_optional(tx.conn()).await?;
    row.map(|row| row.into_booked(zone)).transpose()
}

/// Where the visit takes place, if the clinic names its places.
pub async fn place(tx: &mut ClinicTx, id: AppointmentId) -> Result<Option<Place>> {
    Ok(by_id(tx, id).await?.and_then(|appointment| appointment.location).map(|place| *place))
}

/// The appointment that `owner`'s hold became.
pub async fn by_hold(tx: &mut ClinicTx, owner: Owner, hold_id: HoldId) -> Result<Option<Appointment>> {
    let id = sqlx::query_scalar!(
        "select appointment_id from appointments where hold_id = $1 and owner = $2",
        hold_id.uuid(),
        owner.to_string()
    )
    .fetch_optional(tx.conn())
    .await?;
    match id {
        Some(id) => by_id(tx, id.into()).await,
        None => Ok(None),
    }
}

/// Whether `owner` may change the visit: a session what it booked itself or has
/// proved to be theirs, a key anything of its clinic.
///
/// # Errors
///
/// Rejected with `not_found` otherwise.
pub async fn check_owner(tx: &mut ClinicTx, id: AppointmentId, owner: Owner) -> Result<()> {
    if let Owner::Session(conversation) = owner {
        return verifying::check(tx, conversation, id).await;
    }
    let exists = sqlx::query_scalar!(
        r#"select exists (select from appointments where appointment_id = $1) as "exists!""#,
        id.uuid()
    )
    .fetch_one(tx.conn())
    .await?;
    if exists { Ok(()) } else { Err(Rejection::not_found().into()) }
}

/// Whether the patient may still move the visit or call it off.
pub async fn may_change(tx: &mut ClinicTx, id: AppointmentId, now: DateTime<Utc>) -> Result<bool> {
    let may = sqlx::query_scalar!(
        r#"
        select a.status in ('booked', 'pending') and a.starts_at > $2
               and (a.asked_at is not null or a.starts_at - make_interval(mins => t.cutoff_minutes) > $2) as "may!"
        from appointments a
        join appointment_types t using (clinic_id, appointment_type_id)
        where a.appointment_id = $1
        "#,
        id.uuid(),
        now
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(may.unwrap_or(false))
}

/// The appointment with this code.
pub async fn by_code(tx: &mut ClinicTx, code: &ConfirmationCode) -> Result<Option<Appointment>> {
    let zone = clinics::time_zone(tx).await?;
    let row = appointments_where!("a.confirmation_code = $1", code.as_str()).fetch_optional(tx.conn()).await?;
    Ok(row.map(|row| row.into_booked(zone)).transpose()?.map(|booked| booked.appointment))
}

/// The visits that were booked together, in order.
pub async fn of_series(tx: &mut ClinicTx, series: Uuid) -> Result<Vec<Appointment>> {
    let zone = clinics::time_zone(tx).await?;
    let rows = appointments_where!("a.series_id = $1 order by a.starts_at, a.appointment_id", series)
        .fetch_all(tx.conn())
        .await?;
    rows.into_iter().map(|row| Ok(row.into_booked(zone)?.appointment)).collect()
}

/// A patient's visits, by the phone number or e-mail address they gave, under
/// whichever of their names, the latest first, 50 at most.
pub async fn by_contact(tx: &mut ClinicTx, phone: Option<&str>, email: Option<&str>) -> Result<Vec<Appointment>> {
    let zone = clinics::time_zone(tx).await?;
    let rows = appointments_where!(
        "c.phone = $1 or c.email = $2
             or exists (select from patients o
                        where o.merged_into = a.patient_id and (o.phone = $1 or o.email = $2))
         order by a.starts_at desc, a.appointment_id limit 50",
        phone,
        email
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter().map(|row| Ok(row.into_booked(zone)?.appointment)).collect()
}

/// Everything that starts on one local date, in order; cancelled visits too.
pub async fn day(tx: &mut ClinicTx, date: NaiveDate) -> Result<Vec<Booked>> {
    let zone = clinics::time_zone(tx).await?;
    let span = schedule::span(zone, date, date);
    let rows = appointments_where!(
        "a.starts_at >= $1 and a.starts_at < $2 order by a.starts_at, p.position, a.appointment_id",
        span.start,
        span.end
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter().map(|row| row.into_booked(zone)).collect()
}

impl Row {
    fn into_booked(self, zone: Tz) -> Result<Booked> {
        let address = self.address.filter(|address| !address.is_empty());
        let place = self.location_id.zip(self.location).map(|(id, name)| Place { id, name, address });
        let location = place.map(Box::new);
        let appointment = Appointment {
            location,
            id: self.appointment_id.into(),
            status: AppointmentStatus::try_from(self.status)
                .map_err(|_| Error::Internal("an unknown appointment status"))?,
            starts_at: self.starts_at,
            ends_at: self.ends_at,
            time_zone: zone.name().to_owned(),
            practitioner: Named { id: self.practitioner_id, name: self.practitioner },
            appointment_type: TypeRef { id: self.appointment_type_id, slug: self.slug, name: self.appointment_type },
            patient: Some(PatientCard {
                id: self.patient_id.into(),
                name: self.patient,
                phone: self.phone,
                email: self.email,
            }),
            confirmation_code: self
                .confirmation_code
                .parse()
                .map_err(|_| Error::Internal("an unreadable confirmation code"))?,
            created_at: self.created_at,
            local: say::local(self.starts_at, zone),
            label: say::moment(self.starts_at, zone),
        };
        Ok(Booked { appointment, note: self.note, channel: self.channel, confirmed_at: self.confirmed_at })
    }
}
