//! Everyone and everything a clinic has, also what is no longer on offer: for
//! systems that keep their own list of it.

use domain::appointment::PatientCard;
use domain::id::PatientId;
use uuid::Uuid;

use crate::{ClinicTx, Result};

/// Who can be, or could once be, booked.
#[derive(Clone, Debug)]
pub struct Practitioner {
    pub id: Uuid,
    pub name: String,
    pub active: bool,
    pub location_id: Option<Uuid>,
    /// Appointment types, whether or not they are still active.
    pub offers: Vec<Uuid>,
}

/// What can be, or could once be, booked.
#[derive(Clone, Debug)]
pub struct AppointmentType {
    pub id: Uuid,
    pub slug: String,
    pub name: String,
    pub description: Option<String>,
    pub minutes: i32,
    /// How many days ahead it can be booked.
    pub horizon_days: i32,
    pub active: bool,
    /// Its name says something about a patient's health.
    pub sensitive: bool,
}

/// Where visits take place.
#[derive(Clone, Debug)]
pub struct Place {
    pub id: Uuid,
    pub name: String,
    pub kind: PlaceKind,
    pub address: Option<String>,
    pub active: bool,
}

/// A location, or a room and the location it is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlaceKind {
    Location,
    Room { location_id: Option<Uuid> },
}

/// All practitioners, by id.
pub async fn practitioners(tx: &mut ClinicTx) -> Result<Vec<Practitioner>> {
    let practitioners = sqlx::query_as!(
        Practitioner,
        r#"
        select p.practitioner_id as id, p.name, p.active, p.location_id,
               array(select o.appointment_type_id
                     from offers o
                     join appointment_types t using (clinic_id, appointment_type_id)
                     where o.practitioner_id = p.practitioner_id
                     order by t.position, t.name, t.appointment_type_id) as "offers!"
        from practitioners p
        order by p.practitioner_id
        "#
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(practitioners)
}

/// All appointment types, by id.
pub async fn appointment_types(tx: &mut ClinicTx) -> Result<Vec<AppointmentType>> {
    let types = sqlx::query_as!(
        AppointmentType,
        "select appointment_type_id as id, slug, name, description, minutes, horizon_days, active, sensitive
         from appointment_types
         order by appointment_type_id"
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(types)
}

/// All locations and rooms, by id. Machines are not places.
pub async fn places(tx: &mut ClinicTx) -> Result<Vec<Place>> {
    let rows = sqlx::query!(
        r#"
        select location_id as "id!", name as "name!", address, active as "active!",
               false as "is_room!", null::uuid as "within"
        from locations
        union all
        select room_id, name, null, active, true, location_id
        from rooms
        where kind = 'room'
        order by 1
        "#
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Place {
            id: row.id,
            name: row.name,
            kind: if row.is_room { PlaceKind::Room { location_id: row.within } } else { PlaceKind::Location },
            address: row.address,
            active: row.active,
        })
        .collect())
}

/// The patient, if it is this clinic's.
pub async fn patient(tx: &mut ClinicTx, id: PatientId) -> Result<Option<PatientCard>> {
    let row = sqlx::query!("select patient_id, name, phone, email from patients where patient_id = $1", id.uuid())
        .fetch_optional(tx.conn())
        .await?;
    Ok(row.map(|row| PatientCard { id: row.patient_id.into(), name: row.name, phone: row.phone, email: row.email }))
}
