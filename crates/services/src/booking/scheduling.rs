//! Everything about a clinic that decides which times it offers, but its book.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use chrono::{DateTime, Duration, NaiveDate, Utc, Weekday};
use chrono_tz::Tz;
use domain::Rejection;
use domain::appointment::{Named, TypeRef};
use domain::schedule::{Fit, Hours, Minutes, Overbooking, Schedule, Weekly};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::Channel;
use crate::{ClinicTx, Error, Result};

/// The time off of a location that is not in use.
pub const EVERY_DATE: (NaiveDate, NaiveDate) = (NaiveDate::MIN, NaiveDate::MAX);

/// Hours, people, types and rooms, as they were at one version.
#[derive(Debug)]
pub struct Scheduling {
    pub(crate) version: i64,
    pub zone: Tz,
    pub country: String,
    pub hold_minutes: i32,
    pub clinic: Arc<Hours>,
    /// In the clinic's own order; those who left too.
    pub practitioners: Vec<Practitioner>,
    pub types: Vec<AppointmentType>,
    pub rooms: HashMap<Uuid, Room>,
    pub locations: HashMap<Uuid, Location>,
}

/// Someone who sees patients.
#[derive(Clone, Debug)]
pub struct Practitioner {
    pub named: Named,
    pub active: bool,
    pub location_id: Option<Uuid>,
    pub hours: Arc<Hours>,
    pub offers: HashSet<Uuid>,
}

/// A place where practitioners work.
#[derive(Clone, Debug)]
pub struct Location {
    pub name: String,
    pub active: bool,
    /// Closed on every date while it is not in use.
    pub hours: Arc<Hours>,
}

/// A room, or a machine.
#[derive(Clone, Debug)]
pub struct Room {
    pub name: String,
    pub active: bool,
    /// Where it is; anywhere without.
    pub location_id: Option<Uuid>,
}

/// What a type of visit asks of its times.
#[derive(Clone, Debug)]
pub struct AppointmentType {
    pub reference: TypeRef,
    pub active: bool,
    pub minutes: i32,
    pub grid_minutes: i32,
    pub buffer_before_minutes: i32,
    pub buffer_after_minutes: i32,
    pub notice_minutes: i32,
    pub horizon_days: i32,
    pub capacity: i32,
    pub sensitive: bool,
    pub modes: Modes,
    /// For each need the rooms that meet it, in the clinic's order.
    pub needs: Vec<Vec<Uuid>>,
    pub overbooking: Vec<Overbooking>,
}

/// How each channel may book a type.
#[derive(Clone, Copy, Debug)]
pub struct Modes {
    pub web: Mode,
    pub sms: Mode,
    pub voice: Mode,
    pub api: Mode,
}

/// How a channel may book a type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    Off,
    /// Staff approve each.
    Request,
    Instant,
}

impl Scheduling {
    /// As this transaction sees it.
    pub(crate) async fn current(tx: &mut ClinicTx) -> Result<Arc<Self>> {
        let version = sqlx::query_scalar!("select settings_version from clinics").fetch_one(tx.conn()).await?;
        Self::at(tx, version).await
    }

    /// At a version just read in this transaction.
    pub(crate) async fn at(tx: &mut ClinicTx, version: i64) -> Result<Arc<Self>> {
        let (memory, clinic) = (tx.memory().clone(), tx.clinic());
        if let Some(known) = memory.scheduling.get(&clinic).filter(|known| known.version == version) {
            return Ok(known);
        }
        // What is read now may be newer than the version read before it, never
        // older; then the next look finds a newer version and reads again.
        let read = Arc::new(Self::read(tx, version).await?);
        memory.scheduling.insert(clinic, read.clone());
        Ok(read)
    }

    async fn read(tx: &mut ClinicTx, version: i64) -> Result<Self> {
        let clinic = sqlx::query!("select time_zone, country, hold_minutes from clinics").fetch_one(tx.conn()).await?;
        let zone = clinic.time_zone.parse().map_err(|_| Error::Internal("a clinic has an unknown time zone"))?;
        let mut hours = read_hours(tx).await?;
        let mut of = |id: Option<Uuid>| hours.remove(&id).unwrap_or_default();
        let clinic_hours = Arc::new(of(None));
        let locations = sqlx::query!("select location_id, name, active from locations").fetch_all(tx.conn()).await?;
        let locations = locations
            .into_iter()
            .map(|row| {
                let mut hours = of(Some(row.location_id));
                if !row.active {
                    hours.off.push(EVERY_DATE);
                }
                (row.location_id, Location { name: row.name, active: row.active, hours: Arc::new(hours) })
            })
            .collect();
        let rows = sqlx::query!(
            r#"
            select p.practitioner_id, p.name, p.active, p.location_id,
                   array(select o.appointment_type_id from offers o where o.practitioner_id = p.practitioner_id) as "offers!"
            from practitioners p
            order by p.position, p.name, p.practitioner_id
            "#
        )
        .fetch_all(tx.conn())
        .await?;
        let practitioners = rows
            .into_iter()
            .map(|row| Practitioner {
                hours: Arc::new(of(Some(row.practitioner_id))),
                named: Named { id: row.practitioner_id, name: row.name },
                active: row.active,
                location_id: row.location_id,
                offers: row.offers.into_iter().collect(),
            })
            .collect();
        Ok(Self {
            version,
            zone,
            country: clinic.country,
            hold_minutes: clinic.hold_minutes,
            clinic: clinic_hours,
            practitioners,
            types: read_types(tx).await?,
            rooms: read_rooms(tx).await?,
            locations,
        })
    }

    /// The active type with this id or slug.
    ///
    /// # Errors
    ///
    /// Rejected with `not_found` if there is none.
    pub fn active_type(&self, id_or_slug: &str) -> Result<&AppointmentType, Rejection> {
        let id = Uuid::parse_str(id_or_slug).ok();
        let is_meant = |kind: &&AppointmentType| {
            kind.active && (kind.reference.slug == id_or_slug || Some(kind.reference.id) == id)
        };
        self.types.iter().find(is_meant).ok_or_else(Rejection::not_found)
    }

    /// The type with this id, in use or not.
    pub fn kind(&self, id: Uuid) -> Option<&AppointmentType> {
        self.types.iter().find(|kind| kind.reference.id == id)
    }

    /// The practitioner with this id, working here or not.
    pub fn practitioner(&self, id: Uuid) -> Option<&Practitioner> {
        self.practitioners.iter().find(|practitioner| practitioner.named.id == id)
    }

    /// Who offers a type now, in the clinic's order.
    pub fn offering(&self, kind: Uuid, only: Option<Uuid>) -> impl Iterator<Item = &Practitioner> {
        self.practitioners.iter().filter(move |practitioner| {
            practitioner.active
                && practitioner.offers.contains(&kind)
                && only.is_none_or(|id| id == practitioner.named.id)
        })
    }

    /// When a practitioner works.
    pub fn schedule_of(&self, practitioner: &Practitioner) -> Schedule {
        let location = practitioner.location_id.and_then(|id| self.locations.get(&id));
        Schedule {
            own: practitioner.hours.clone(),
            location: location.map(|location| location.hours.clone()).unwrap_or_default(),
            clinic: self.clinic.clone(),
        }
    }

    /// When the clinic itself is open.
    pub fn clinic_schedule(&self) -> Schedule {
        Schedule { clinic: self.clinic.clone(), ..Schedule::default() }
    }

    /// The rooms in use where a practitioner works that meet each of a type's
    /// needs. Who or what belongs to no location is at home in all of them.
    pub fn rooms_for<'a>(
        &'a self,
        kind: &'a AppointmentType,
        practitioner: &'a Practitioner,
    ) -> impl Iterator<Item = Vec<Uuid>> + 'a {
        let serves = |id: &&Uuid| {
            self.rooms.get(*id).is_some_and(|room| {
                let is_near = room.location_id.is_none()
                    || practitioner.location_id.is_none()
                    || room.location_id == practitioner.location_id;
                room.active && is_near && self.is_in_use(room)
            })
        };
        kind.needs.iter().map(move |need| need.iter().filter(serves).copied().collect())
    }

    fn is_in_use(&self, room: &Room) -> bool {
        let location = room.location_id.and_then(|id| self.locations.get(&id));
        location.is_none_or(|location| location.active)
    }

    /// Where a visit with a practitioner takes place: where they work, or where
    /// its rooms are.
    pub fn place_of(&self, practitioner: Uuid, rooms: &[Uuid]) -> Option<Uuid> {
        let of_room = |id: &Uuid| self.rooms.get(id).and_then(|room| room.location_id);
        let of_practitioner = self.practitioner(practitioner).and_then(|practitioner| practitioner.location_id);
        of_practitioner.or_else(|| rooms.iter().find_map(of_room))
    }
}

impl AppointmentType {
    /// How a visit asked for at `now` has to fit.
    pub fn fit(&self, now: DateTime<Utc>) -> Fit {
        let minutes = |minutes: i32| Duration::minutes(minutes.into());
        Fit {
            length: minutes(self.minutes),
            before: minutes(self.buffer_before_minutes),
            after: minutes(self.buffer_after_minutes),
            grid: self.grid_minutes,
            not_before: now + minutes(self.notice_minutes),
            not_after: now + Duration::days(self.horizon_days.into()),
            kind: self.reference.id,
            capacity: u32::try_from(self.capacity).unwrap_or(1),
            overbooking: self.overbooking.clone(),
        }
    }
}

impl Modes {
    pub fn of(&self, channel: Channel) -> Mode {
        match channel {
            Channel::Web => self.web,
            Channel::Sms => self.sms,
            Channel::Voice => self.voice,
            Channel::Api => self.api,
        }
    }
}

impl Mode {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Request => "request",
            Self::Instant => "instant",
        }
    }

    pub(crate) fn read(text: &str) -> Self {
        match text {
            "off" => Self::Off,
            "request" => Self::Request,
            _ => Self::Instant,
        }
    }
}

/// A weekday by its ISO 8601 number, 1 for Monday.
pub fn weekday(number: i32) -> Option<Weekday> {
    u8::try_from(number - 1).ok().and_then(|from_monday| Weekday::try_from(from_monday).ok())
}

/// Everybody's hours, by whose they are; the clinic's under none.
async fn read_hours(tx: &mut ClinicTx) -> Result<HashMap<Option<Uuid>, Hours>> {
    let mut hours: HashMap<Option<Uuid>, Hours> = HashMap::new();
    let weekly = sqlx::query!(
        r#"
        select coalesce(practitioner_id, location_id) as whose, kind, weekday, from_minute, to_minute,
               effective_from, effective_until
        from opening_hours
        order by weekday, from_minute
        "#
    )
    .fetch_all(tx.conn())
    .await?;
    for row in weekly {
        let Some(weekday) = weekday(row.weekday) else { continue };
        let stretch = Weekly {
            weekday,
            hours: Minutes { from: row.from_minute, to: row.to_minute },
            from: row.effective_from,
            until: row.effective_until,
        };
        let own = hours.entry(row.whose).or_default();
        if row.kind == "open" { own.weekly.push(stretch) } else { own.breaks.push(stretch) }
    }
    let exceptions = sqlx::query!(
        "select coalesce(practitioner_id, location_id) as whose, on_date, from_minute, to_minute from date_exceptions"
    )
    .fetch_all(tx.conn())
    .await?;
    for row in exceptions {
        let stretch = row.from_minute.zip(row.to_minute).map(|(from, to)| Minutes { from, to });
        hours.entry(row.whose).or_default().exceptions.push((row.on_date, stretch));
    }
    let off = sqlx::query!("select coalesce(practitioner_id, location_id) as whose, from_date, to_date from time_off")
        .fetch_all(tx.conn())
        .await?;
    for row in off {
        hours.entry(row.whose).or_default().off.push((row.from_date, row.to_date));
    }
    Ok(hours)
}

async fn read_types(tx: &mut ClinicTx) -> Result<Vec<AppointmentType>> {
    let mut needs: HashMap<Uuid, Vec<(i16, Vec<Uuid>)>> = HashMap::new();
    let rows = sqlx::query!(
        "select n.appointment_type_id, n.need, n.room_id
         from room_needs n
         join rooms r using (clinic_id, room_id)
         order by n.appointment_type_id, n.need, r.position, r.name, r.room_id"
    )
    .fetch_all(tx.conn())
    .await?;
    for row in rows {
        let needs = needs.entry(row.appointment_type_id).or_default();
        match needs.last_mut() {
            Some((need, rooms)) if *need == row.need => rooms.push(row.room_id),
            _ => needs.push((row.need, vec![row.room_id])),
        }
    }
    let mut overbooking: HashMap<Uuid, Vec<Overbooking>> = HashMap::new();
    let rows = sqlx::query!("select appointment_type_id, weekday, from_minute, to_minute, extra from overbooking")
        .fetch_all(tx.conn())
        .await?;
    for row in rows {
        overbooking.entry(row.appointment_type_id).or_default().push(Overbooking {
            weekday: row.weekday.and_then(weekday),
            hours: Minutes { from: row.from_minute, to: row.to_minute },
            extra: row.extra,
        });
    }
    let rows = sqlx::query!(
        "select appointment_type_id, slug, name, active, minutes, grid_minutes, buffer_before_minutes,
                buffer_after_minutes, notice_minutes, horizon_days, capacity, sensitive,
                web_mode, sms_mode, voice_mode, api_mode
         from appointment_types
         order by position, name, appointment_type_id"
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| AppointmentType {
            needs: needs
                .remove(&row.appointment_type_id)
                .unwrap_or_default()
                .into_iter()
                .map(|(_, rooms)| rooms)
                .collect(),
            overbooking: overbooking.remove(&row.appointment_type_id).unwrap_or_default(),
            reference: TypeRef { id: row.appointment_type_id, slug: row.slug, name: row.name },
            active: row.active,
            minutes: row.minutes,
            grid_minutes: row.grid_minutes,
            buffer_before_minutes: row.buffer_before_minutes,
            buffer_after_minutes: row.buffer_after_minutes,
            notice_minutes: row.notice_minutes,
            horizon_days: row.horizon_days,
            capacity: row.capacity,
            sensitive: row.sensitive,
            modes: Modes {
                web: Mode::read(&row.web_mode),
                sms: Mode::read(&row.sms_mode),
                voice: Mode::read(&row.voice_mode),
                api: Mode::read(&row.api_mode),
            },
        })
        .collect())
}

async fn read_rooms(tx: &mut ClinicTx) -> Result<HashMap<Uuid, Room>> {
    let rows = sqlx::query!("select room_id, name, active, location_id from rooms").fetch_all(tx.conn()).await?;
    Ok(rows
        .into_iter()
        .map(|row| (row.room_id, Room { name: row.name, active: row.active, location_id: row.location_id }))
        .collect())
}

/// The dates from `from` to `to`, both included.
pub(crate) fn dates(from: NaiveDate, to: NaiveDate) -> impl Iterator<Item = NaiveDate> {
    from.iter_days().take_while(move |date| *date <= to)
}
