//! The clinic's whole schedule, for whoever changes it.

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use uuid::Uuid;

use super::changes::{ClockTime, Overbooked};
use crate::{ClinicTx, Result, clinics};

/// Hours, dates, people, types and rooms, in use or not.
#[derive(Clone, Debug, Serialize)]
pub struct Catalogue {
    pub time_zone: chrono_tz::Tz,
    pub hours: Vec<Hours>,
    pub exceptions: Vec<Exception>,
    pub time_off: Vec<TimeOff>,
    pub busy_times: Vec<BusyTime>,
    pub practitioners: Vec<Practitioner>,
    pub appointment_types: Vec<AppointmentType>,
    pub rooms: Vec<Room>,
    pub locations: Vec<Location>,
}

#[derive(Clone, Debug, Serialize)]
pub struct Hours {
    pub practitioner: Option<Uuid>,
    pub location: Option<Uuid>,
    pub weekday: i32,
    pub from: Option<ClockTime>,
    pub to: Option<ClockTime>,
    pub is_break: bool,
    pub effective_from: Option<NaiveDate>,
    pub effective_until: Option<NaiveDate>,
}

/// A stretch of a date with other hours; closed without times.
#[derive(Clone, Debug, Serialize)]
pub struct Exception {
    pub practitioner: Option<Uuid>,
    pub location: Option<Uuid>,
    pub date: NaiveDate,
    pub from: Option<ClockTime>,
    pub to: Option<ClockTime>,
    pub note: Option<String>,
}

#[derive(Clone, Debug, Serialize)]
pub struct TimeOff {
    pub id: Uuid,
    pub practitioner: Option<Uuid>,
    pub location: Option<Uuid>,
    pub from: NaiveDate,
    pub to: NaiveDate,
    pub note: Option<String>,
}

#[derive(Clone, Debug, Serialize)]
pub struct BusyTime {
    pub id: Uuid,
    pub practitioner: Uuid,
    pub starts_at: DateTime<Utc>,
    pub ends_at: DateTime<Utc>,
    pub source: String,
    pub external_id: Option<String>,
    pub note: Option<String>,
}

#[derive(Clone, Debug, Serialize)]
pub struct Practitioner {
    pub id: Uuid,
    pub name: String,
    pub active: bool,
    pub position: i32,
    pub location: Option<Uuid>,
    pub offers: Vec<Uuid>,
}

#[derive(Clone, Debug, Serialize)]
pub struct AppointmentType {
    pub id: Uuid,
    pub slug: String,
    pub name: String,
    pub description: Option<String>,
    pub active: bool,
    pub position: i32,
    pub minutes: i32,
    pub grid_minutes: i32,
    pub price_minor: Option<i32>,
    pub buffer_before_minutes: i32,
    pub buffer_after_minutes: i32,
    pub notice_minutes: i32,
    pub horizon_days: i32,
    pub cutoff_minutes: i32,
    pub capacity: i32,
    pub sensitive: bool,
    pub web_mode: String,
    pub sms_mode: String,
    pub voice_mode: String,
    pub api_mode: String,
    pub needs: Vec<Vec<Uuid>>,
    pub overbooking: Vec<Overbooked>,
}

#[derive(Clone, Debug, Serialize)]
pub struct Room {
    pub id: Uuid,
    pub name: String,
    pub equipment: bool,
    pub active: bool,
    pub position: i32,
    pub location: Option<Uuid>,
}

#[derive(Clone, Debug, Serialize)]
pub struct Location {
    pub id: Uuid,
    pub name: String,
    pub address: Option<String>,
    pub active: bool,
    pub position: i32,
}

/// Everything that is set, and the dates that are not past.
pub async fn read(tx: &mut ClinicTx, now: DateTime<Utc>) -> Result<Catalogue> {
    let time_zone = clinics::time_zone(tx).await?;
    let today = now.with_timezone(&time_zone).date_naive();
    Ok(Catalogue {
        time_zone,
        hours: hours(tx).await?,
        exceptions: exceptions(tx, today).await?,
        time_off: time_off(tx, today).await?,
        busy_times: busy_times(tx, now).await?,
        practitioners: practitioners(tx).await?,
        appointment_types: appointment_types(tx).await?,
        rooms: rooms(tx).await?,
        locations: locations(tx).await?,
    })
}

async fn hours(tx: &mut ClinicTx) -> Result<Vec<Hours>> {
    let rows = sqlx::query!(
        "select practitioner_id, location_id, kind, weekday, from_minute, to_minute, effective_from, effective_until
         from opening_hours
         order by practitioner_id nulls first, location_id nulls first, weekday, from_minute"
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Hours {
            practitioner: row.practitioner_id,
            location: row.location_id,
            weekday: row.weekday,
            from: ClockTime::from_minutes(row.from_minute),
            to: ClockTime::from_minutes(row.to_minute),
            is_break: row.kind == "break",
            effective_from: row.effective_from,
            effective_until: row.effective_until,
        })
        .collect())
}

async fn exceptions(tx: &mut ClinicTx, today: NaiveDate) -> Result<Vec<Exception>> {
    let rows = sqlx::query!(
        "select practitioner_id, location_id, on_date, from_minute, to_minute, note
         from date_exceptions
         where on_date >= $1
         order by on_date, from_minute",
        today
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Exception {
            practitioner: row.practitioner_id,
            location: row.location_id,
            date: row.on_date,
            from: row.from_minute.and_then(ClockTime::from_minutes),
            to: row.to_minute.and_then(ClockTime::from_minutes),
            note: row.note,
        })
        .collect())
}

async fn time_off(tx: &mut ClinicTx, today: NaiveDate) -> Result<Vec<TimeOff>> {
    let rows = sqlx::query_as!(
        TimeOff,
        r#"
        select time_off_id as id, practitioner_id as practitioner, location_id as location,
               from_date as "from", to_date as "to", note
        from time_off
        where to_date >= $1
        order by from_date, time_off_id
        "#,
        today
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows)
}

async fn busy_times(tx: &mut ClinicTx, now: DateTime<Utc>) -> Result<Vec<BusyTime>> {
    let rows = sqlx::query_as!(
        BusyTime,
        r#"
        select busy_time_id as id, practitioner_id as practitioner, lower(during) as "starts_at!",
               upper(during) as "ends_at!", source, external_id, note
        from busy_times
        where upper(during) > $1
        order by lower(during), busy_time_id
        limit 1000
        "#,
        now
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows)
}

async fn practitioners(tx: &mut ClinicTx) -> Result<Vec<Practitioner>> {
    let rows = sqlx::query_as!(
        Practitioner,
        r#"
        select p.practitioner_id as id, p.name, p.active, p.position, p.location_id as location,
               array(select o.appointment_type_id from offers o where o.practitioner_id = p.practitioner_id) as "offers!"
        from practitioners p
        order by p.position, p.name, p.practitioner_id
        "#
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows)
}

async fn appointment_types(tx: &mut ClinicTx) -> Result<Vec<AppointmentType>> {
    let needs = sqlx::query!(
        "select appointment_type_id, need, room_id from room_needs order by appointment_type_id, need, room_id"
    )
    .fetch_all(tx.conn())
    .await?;
    let overbooking = sqlx::query!(
        "select appointment_type_id, weekday, from_minute, to_minute, extra
         from overbooking
         order by weekday nulls first, from_minute"
    )
    .fetch_all(tx.conn())
    .await?;
    let rows = sqlx::query!(
        "select appointment_type_id, slug, name, description, active, position, minutes, grid_minutes, price_minor,
                buffer_before_minutes, buffer_after_minutes, notice_minutes, horizon_days, cutoff_minutes, capacity,
                sensitive, web_mode, sms_mode, voice_mode, api_mode
         from appointment_types
         order by position, name, appointment_type_id"
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let id = row.appointment_type_id;
            let own = needs.iter().filter(|need| need.appointment_type_id == id).collect::<Vec<_>>();
            AppointmentType {
                id,
                needs: own
                    .chunk_by(|one, other| one.need == other.need)
                    .map(|need| need.iter().map(|row| row.room_id).collect())
                    .collect(),
                overbooking: overbooking
                    .iter()
                    .filter(|rule| rule.appointment_type_id == id)
                    .filter_map(|rule| {
                        let (from, to) =
                            (ClockTime::from_minutes(rule.from_minute)?, ClockTime::from_minutes(rule.to_minute)?);
                        Some(Overbooked { weekday: rule.weekday, from, to, extra: rule.extra })
                    })
                    .collect(),
                slug: row.slug,
                name: row.name,
                description: row.description,
                active: row.active,
                position: row.position,
                minutes: row.minutes,
                grid_minutes: row.grid_minutes,
                price_minor: row.price_minor,
                buffer_before_minutes: row.buffer_before_minutes,
                buffer_after_minutes: row.buffer_after_minutes,
                notice_minutes: row.notice_minutes,
                horizon_days: row.horizon_days,
                cutoff_minutes: row.cutoff_minutes,
                capacity: row.capacity,
                sensitive: row.sensitive,
                web_mode: row.web_mode,
                sms_mode: row.sms_mode,
                voice_mode: row.voice_mode,
                api_mode: row.api_mode,
            }
        })
        .collect())
}

async fn rooms(tx: &mut ClinicTx) -> Result<Vec<Room>> {
    let rows = sqlx::query_as!(
        Room,
        r#"
        select room_id as id, name, kind = 'equipment' as "equipment!", active, position, location_id as location
        from rooms
        order by position, name, room_id
        "#
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows)
}

async fn locations(tx: &mut ClinicTx) -> Result<Vec<Location>> {
    let rows = sqlx::query_as!(
        Location,
        "select location_id as id, name, address, active, position from locations order by position, name, location_id"
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows)
}
