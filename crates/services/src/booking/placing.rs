//! Finding a visit's place in the books and taking it.
//!
//! Whoever writes in a book holds its lock until the end of the transaction,
//! so what was found free is free when it is taken; and were it not, the
//! database would refuse.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use domain::Rejection;
use domain::book::{Book, Place, RoomBook};
use domain::explain::{Desk, Reason};
use domain::id::{AppointmentId, HoldId};
use domain::schedule::{Day, Fit, Interval, Schedule};
use uuid::Uuid;

use super::books::{self, Found};
use super::expiring;
use super::scheduling::{AppointmentType, Practitioner, Scheduling};
use super::{Owner, SlotClaim};
use crate::error::OnConstraint;
use crate::{ClinicTx, Result};

/// Where a visit will stand.
#[derive(Clone, Debug)]
pub(super) struct Placement {
    pub visit: Interval,
    occupied: Interval,
    practitioner: Uuid,
    rooms: Vec<Uuid>,
    session: Uuid,
    seat: i32,
    seats: i32,
    overbooked: i16,
    overbooking_cap: i16,
}

/// What a claim means, once checked against the clinic's settings.
#[derive(Debug)]
pub(super) struct Meant<'a> {
    pub kind: &'a AppointmentType,
    pub practitioner: &'a Practitioner,
    rooms: Vec<Vec<Uuid>>,
}

/// Something already in the book, to be moved: its own time is not in its way.
#[derive(Clone, Copy, Debug, Default)]
pub(super) enum Moving {
    #[default]
    Nothing,
    Appointment(AppointmentId),
}

impl<'a> Meant<'a> {
    /// Whoever and whatever the claim names, if they are still offered.
    ///
    /// # Errors
    ///
    /// Rejected with `slot_taken` if not.
    pub fn by(scheduling: &'a Scheduling, claim: &SlotClaim) -> Result<Self> {
        let kind = scheduling.kind(claim.appointment_type_id.uuid()).filter(|kind| kind.active);
        let practitioner =
            scheduling.offering(claim.appointment_type_id.uuid(), Some(claim.practitioner_id.uuid())).next();
        let (Some(kind), Some(practitioner)) = (kind, practitioner) else {
            return Err(Rejection::slot_taken().into());
        };
        Ok(Self { kind, practitioner, rooms: scheduling.rooms_for(kind, practitioner).collect() })
    }

    /// The books that a visit may be written in.
    pub fn resources(&self) -> Vec<Uuid> {
        let rooms: HashSet<Uuid> = self.rooms.iter().flatten().copied().collect();
        std::iter::once(self.practitioner.named.id).chain(rooms).collect()
    }
}

/// Takes the right to write in these books and in those where a visit that
/// moves stands now, and to choose for `chooser`, who may be asking elsewhere
/// too. Also keeps the clinic's settings as they are: whoever changes them
/// waits, and then sees what was booked.
pub(super) async fn lock(tx: &mut ClinicTx, resources: &[Uuid], moving: Moving, chooser: Option<Owner>) -> Result<()> {
    let appointment = match moving {
        Moving::Nothing => None,
        Moving::Appointment(id) => Some(id.uuid()),
    };
    sqlx::query!(
        // Locking null locks nothing.
        "select pg_advisory_xact_lock_shared(hashtextextended(current_clinic_id()::text, 2)),
                pg_advisory_xact_lock(hashtextextended($3, 3)),
                lock_books($1::uuid[] || array(select resource_id from occupancies where appointment_id = $2))",
        resources,
        appointment,
        chooser.map(|owner| owner.to_string())
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Makes a change of the clinic's settings wait for every booking under way,
/// and every later booking wait for it.
pub(crate) async fn lock_settings(tx: &mut ClinicTx) -> Result<()> {
    sqlx::query!("select pg_advisory_xact_lock(hashtextextended(current_clinic_id()::text, 2))")
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// The books around a time, read under their locks; holds in them that ran out
/// are swept on the way, so that booking never waits for a sweep.
pub(super) struct Around {
    found: Vec<Found>,
    books: HashMap<Uuid, Arc<Book>>,
}

impl Around {
    pub async fn read(
        tx: &mut ClinicTx,
        now: DateTime<Utc>,
        resources: &[Uuid],
        time: Interval,
        moving: Moving,
    ) -> Result<Self> {
        let mut found = books::entries(tx, resources, time.start, Some(time.end)).await?;
        let has_run_out = |found: &Found| matches!(found.entry.by, domain::book::By::Hold { until } if until <= now);
        let run_out: Vec<HoldId> =
            found.iter().filter(|found| has_run_out(found)).filter_map(|found| found.hold).collect();
        expiring::expire(tx, now, &run_out).await?;
        found.retain(|found| !has_run_out(found));
        if let Moving::Appointment(id) = moving {
            found.retain(|found| found.appointment != Some(id));
        }
        let books = resources
            .iter()
            .map(|resource| {
                let own = found.iter().filter(|found| found.resource == *resource).map(|found| found.entry);
                (*resource, Arc::new(Book::at(now, own)))
            })
            .collect();
        Ok(Self { found, books })
    }

    /// Where the visit would stand: within working hours and free.
    pub fn place(
        &self,
        scheduling: &Scheduling,
        meant: &Meant<'_>,
        fit: &Fit,
        start: DateTime<Utc>,
    ) -> Option<Placement> {
        let schedule = scheduling.schedule_of(meant.practitioner);
        let day = Day::of(scheduling.zone, start);
        let visit = fit.visit(start);
        if !schedule.open_intervals(&day).iter().any(|stretch| stretch.contains(&visit)) {
            return None;
        }
        let practitioner = meant.practitioner.named.id;
        let (place, rooms) = self.at_desk(&schedule, meant, |desk| desk.place(fit, &day, start))?;
        let (session, overbooked) = match place {
            Place::Own { overbooked } => (domain::Id::<()>::new().uuid(), overbooked),
            Place::Seat { session, overbooked } => (session, overbooked),
        };
        Some(Placement {
            visit,
            occupied: fit.occupied(start),
            practitioner,
            rooms,
            session,
            seat: self.free_seat(practitioner, session),
            seats: meant.kind.capacity,
            overbooked,
            overbooking_cap: fit.extra(&day, day.minute_of(start)).max(overbooked),
        })
    }

    /// Why the visit has no place, or no longer one that would be offered.
    pub fn reasons(&self, scheduling: &Scheduling, meant: &Meant<'_>, fit: &Fit, start: DateTime<Utc>) -> Vec<Reason> {
        let schedule = scheduling.schedule_of(meant.practitioner);
        let day = Day::of(scheduling.zone, start);
        self.at_desk(&schedule, meant, |desk| desk.reasons(fit, &day, start))
    }

    fn at_desk<T>(&self, schedule: &Schedule, meant: &Meant<'_>, ask: impl FnOnce(Desk<'_>) -> T) -> T {
        let empty = Book::default();
        let book = |id: Uuid| self.books.get(&id).map_or(&empty, Arc::as_ref);
        let needs = needs(&meant.rooms, book);
        ask(Desk { schedule, book: book(meant.practitioner.named.id), needs: &needs })
    }

    /// The first seat of a session nobody sits on.
    fn free_seat(&self, practitioner: Uuid, session: Uuid) -> i32 {
        let in_session = |found: &&Found| found.resource == practitioner && found.entry.session == session;
        let taken: HashSet<i32> = self.found.iter().filter(in_session).map(|found| found.seat).collect();
        (1..).find(|seat| !taken.contains(seat)).unwrap_or(1)
    }
}

/// The books of the rooms for each need.
pub(super) fn needs<'a>(rooms: &[Vec<Uuid>], book: impl Fn(Uuid) -> &'a Book) -> Vec<Vec<RoomBook<'a>>> {
    let room = |id: &Uuid| RoomBook { id: *id, book: book(*id) };
    rooms.iter().map(|need| need.iter().map(room).collect()).collect()
}

/// Checks a claim against the clinic as it is now and finds its place. The
/// token proved that it was on offer a while ago, so notice and horizon are
/// not asked again; hours and books may have changed since.
///
/// # Errors
///
/// Rejected with `slot_taken` if it has no place any more.
pub(super) async fn find(
    tx: &mut ClinicTx,
    now: DateTime<Utc>,
    scheduling: &Scheduling,
    claim: &SlotClaim,
    moving: Moving,
) -> Result<Placement> {
    let meant = Meant::by(scheduling, claim)?;
    let fit = meant.kind.fit(now);
    let around = Around::read(tx, now, &meant.resources(), fit.occupied(claim.starts_at), moving).await?;
    around.place(scheduling, &meant, &fit, claim.starts_at).ok_or_else(|| Rejection::slot_taken().into())
}

/// Who takes a time.
#[derive(Clone, Copy, Debug)]
pub(super) enum Taker {
    Hold(HoldId),
    Appointment(AppointmentId),
}

/// Takes a place in every book it is in.
///
/// # Errors
///
/// Rejected with `slot_taken` if the database refuses.
pub(super) async fn take(tx: &mut ClinicTx, taker: Taker, placement: &Placement) -> Result<()> {
    let (hold, appointment) = match taker {
        Taker::Hold(id) => (Some(id.uuid()), None),
        Taker::Appointment(id) => (None, Some(id.uuid())),
    };
    let ids: Vec<Uuid> = (0..=placement.rooms.len()).map(|_| domain::Id::<()>::new().uuid()).collect();
    let practitioners: Vec<Option<Uuid>> =
        std::iter::once(Some(placement.practitioner)).chain(placement.rooms.iter().map(|_| None)).collect();
    let rooms: Vec<Option<Uuid>> = std::iter::once(None).chain(placement.rooms.iter().copied().map(Some)).collect();
    sqlx::query!(
        r#"
        insert into occupancies
               (occupancy_id, practitioner_id, room_id, during, hold_id, appointment_id, session_id, seat, seats,
                overbooked, overbooking_cap)
        select occupancy_id, practitioner_id, room_id, tstzrange($4, $5), $6, $7, $8, $9, $10,
               case when room_id is null then $11::smallint else 0 end, $12
        from unnest($1::uuid[], $2::uuid[], $3::uuid[]) as t (occupancy_id, practitioner_id, room_id)
        "#,
        &ids,
        &practitioners as &[Option<Uuid>],
        &rooms as &[Option<Uuid>],
        placement.occupied.start,
        placement.occupied.end,
        hold,
        appointment,
        placement.session,
        placement.seat,
        placement.seats,
        placement.overbooked,
        placement.overbooking_cap
    )
    .execute(tx.conn())
    .await
    .on_constraint("occupancies_no_overlap", Rejection::slot_taken)
    .map(drop)
}
