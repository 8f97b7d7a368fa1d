//! What the clinic promises of a time.

mod changing;
mod channels;
mod choosing;
mod expiry;
mod explaining;
mod groups;
mod locations;
mod memory;
mod overbooking;
mod requests;
mod rooms;
mod schedules;
mod series;
mod stranding;

use chrono::{DateTime, Duration, Utc};
use domain::RejectionCode;
use domain::appointment::{Appointment, AppointmentStatus};
use domain::explain::Reason;
use domain::id::{AppointmentId, AppointmentTypeId, PractitionerId};
use futures::future::join_all;
use sqlx::PgPool;
use sqlx::postgres::PgPoolOptions;

use super::availability::OpenSlot;
use super::*;
use crate::testing::World;
use crate::{MIGRATOR, Result};

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

struct Desk {
    world: World,
    haircut: AppointmentTypeId,
    lin: PractitionerId,
}

/// A clinic with one practitioner and one type of 45 minutes.
async fn desk(pool: PgPool) -> Desk {
    let world = World::new(pool).await;
    let haircut = world.appointment_type("haircut", 45).await;
    let lin = world.practitioner().await;
    Desk { world, haircut, lin }
}

impl Desk {
    fn claim(&self, starts_at: &str) -> SlotClaim {
        SlotClaim { practitioner_id: self.lin, appointment_type_id: self.haircut, starts_at: at(starts_at) }
    }

    async fn free(&self, from: &str, to: &str) -> Vec<DateTime<Utc>> {
        let wanted = Wanted::of("haircut", Channel::Web, from.parse().unwrap(), to.parse().unwrap());
        let found = available(&mut self.world.tx().await, self.world.now(), &wanted).await.unwrap();
        found.slots.into_iter().map(|slot| slot.claim.starts_at).collect()
    }

    async fn count(&self, table: &'static str) -> i64 {
        self.world.count(table).await
    }
}

fn visit(who: PractitionerId, kind: AppointmentTypeId, starts_at: &str) -> SlotClaim {
    SlotClaim { practitioner_id: who, appointment_type_id: kind, starts_at: at(starts_at) }
}

/// The clinic as its patients and staff use it.
impl World {
    /// What is on offer on a day, with anyone.
    async fn offered(&self, kind: &str, day: &str) -> Vec<OpenSlot> {
        let day = day.parse().unwrap();
        let wanted = Wanted::of(kind, Channel::Web, day, day);
        available(&mut self.tx().await, self.now(), &wanted).await.unwrap().slots
    }

    /// Whether a practitioner's time is on offer, which its explanation must
    /// agree with.
    async fn is_offered(&self, claim: SlotClaim) -> bool {
        let (kind, who) = (claim.appointment_type_id.to_string(), claim.practitioner_id);
        let day = claim.starts_at.with_timezone(&chrono_tz::America::New_York).date_naive();
        let wanted = Wanted { practitioner: Some(who), ..Wanted::of(kind, Channel::Web, day, day) };
        let found = available(&mut self.tx().await, self.now(), &wanted).await.unwrap();
        let offered = found.slots.iter().any(|slot| slot.claim == claim);
        assert_eq!(offered, self.reasons(claim).await.is_empty(), "the offer and its explanation agree");
        offered
    }

    /// What speaks against a practitioner's time, as staff read it.
    async fn reasons(&self, claim: SlotClaim) -> Vec<Reason> {
        let (kind, who) = (claim.appointment_type_id.to_string(), Some(claim.practitioner_id));
        let (at, now) = (At::Instant(claim.starts_at), self.now());
        let explained = explain(&mut self.tx().await, now, &kind, who, Channel::Web, at).await.unwrap();
        explained.reasons.into_iter().map(|(_, reason)| reason).collect()
    }

    async fn reschedule(&self, id: AppointmentId, claim: SlotClaim, changer: Changer) -> Result<Rescheduled> {
        let now = self.now();
        let moved = self.db.transaction(self.clinic, move |tx| {
            Box::pin(async move { reschedule(tx, now, id, &claim, changer).await })
        });
        Ok(moved.await?.made()?)
    }

    async fn cancel(&self, id: AppointmentId, changer: Changer) -> Result<Appointment> {
        let now = self.now();
        let cancelled = self.db.transaction(self.clinic, move |tx| {
            Box::pin(async move { cancel(tx, now, id, Some("Away"), changer).await })
        });
        Ok(cancelled.await?.made()?)
    }

    async fn approve(&self, id: AppointmentId) -> Result<Appointment> {
        let now = self.now();
        self.db.transaction(self.clinic, move |tx| Box::pin(async move { approve(tx, now, id, member()).await })).await
    }

    async fn decline(&self, id: AppointmentId) -> Result<Appointment> {
        let now = self.now();
        self.db
            .transaction(self.clinic, move |tx| Box::pin(async move { decline(tx, now, id, None, member()).await }))
            .await
    }

    async fn status(&self, id: AppointmentId) -> AppointmentStatus {
        appointments::by_id(&mut self.tx().await, id).await.unwrap().unwrap().status
    }

    /// The kinds of everything that happened, in order.
    async fn kinds(&self) -> Vec<String> {
        let events = sqlx::query_scalar("select kind from events order by event_id");
        events.fetch_all(self.tx().await.conn()).await.unwrap()
    }

    /// What staff have to look at, and why.
    pub(crate) async fn tasks(&self) -> Vec<(String, String)> {
        let tasks = crate::tasks::list(&mut self.tx().await, None, 100).await.unwrap();
        tasks.into_iter().map(|task| (task.kind, task.detail)).collect()
    }
}

fn patient() -> Changer {
    Changer::patient(Channel::Web, None)
}

fn member() -> Changer {
    Changer::member(domain::id::MemberId::new())
}

fn code<T: std::fmt::Debug>(result: Result<T>) -> Option<RejectionCode> {
    result.err().and_then(|error| error.code())
}

const TWO_PM: &str = "2026-11-24T19:00:00Z";

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_time_goes_from_free_to_held_to_booked(pool: PgPool) {
    let desk = desk(pool).await;
    assert!(desk.free("2026-11-24", "2026-11-24").await.contains(&at(TWO_PM)));

    let owner = desk.world.session();
    let hold = desk.world.hold(owner, desk.claim(TWO_PM)).await.unwrap();
    assert!(!desk.free("2026-11-24", "2026-11-24").await.contains(&at(TWO_PM)));

    let confirmed = desk.world.confirm(owner, hold).await.unwrap();
    assert_eq!(confirmed.appointment.starts_at, at(TWO_PM));
    assert_eq!(confirmed.appointment.label, "Tue 24 Nov, 2:00 PM");
    assert!(!desk.free("2026-11-24", "2026-11-24").await.contains(&at(TWO_PM)));
    assert_eq!(
        (desk.count("holds").await, desk.count("appointments").await, desk.count("occupancies").await),
        (0, 1, 1)
    );
    assert_eq!(desk.count("events").await, 1);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn confirming_twice_books_once(pool: PgPool) {
    let desk = desk(pool).await;
    let owner = desk.world.session();
    let hold = desk.world.hold(owner, desk.claim(TWO_PM)).await.unwrap();

    let confirmed = join_all((0..20).map(|_| desk.world.confirm(owner, hold))).await;

    let first = confirmed[0].as_ref().unwrap().appointment.id;
    assert!(confirmed.iter().all(|one| one.as_ref().unwrap().appointment.id == first));
    assert_eq!(confirmed.iter().filter(|one| one.as_ref().unwrap().is_new).count(), 1);
    assert_eq!((desk.count("appointments").await, desk.count("events").await, desk.count("patients").await), (1, 1, 1));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn only_its_owner_confirms_a_hold(pool: PgPool) {
    let desk = desk(pool).await;
    let owner = desk.world.session();
    let hold = desk.world.hold(owner, desk.claim(TWO_PM)).await.unwrap();
    assert_eq!(code(desk.world.confirm(desk.world.session(), hold).await), Some(RejectionCode::HoldExpired));

    desk.world.confirm(owner, hold).await.unwrap();
    assert_eq!(code(desk.world.confirm(desk.world.session(), hold).await), Some(RejectionCode::HoldExpired));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_key_that_confirms_one_hold_for_two_patients_books_for_the_first_alone(pool: PgPool) {
    let desk = desk(pool).await;
    let key = Owner::Key(uuid::Uuid::nil());
    let hold = desk.world.hold(key, desk.claim(TWO_PM)).await.unwrap();
    let first = desk.world.confirm(key, hold).await.unwrap();
    let grace = crate::identity::PatientInput {
        name: "Grace Hopper".into(),
        email: Some("grace@example.com".into()),
        phone: None,
    };
    let for_grace = Booking { patient: grace.read("US").unwrap(), ..desk.world.booking(key, hold) };

    let second = confirm(&mut desk.world.tx().await, desk.world.now(), &for_grace).await;

    assert_eq!(code(second), Some(RejectionCode::HoldExpired), "Grace is not told of Ada's visit");
    assert_eq!(desk.world.confirm(key, hold).await.unwrap().appointment, first.appointment);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn another_clinics_hold_does_not_exist(pool: PgPool) {
    let bloom = desk(pool.clone()).await;
    let cedar = World::new(pool).await;
    let owner = bloom.world.session();
    let hold = bloom.world.hold(owner, bloom.claim(TWO_PM)).await.unwrap();
    assert_eq!(code(cedar.confirm(owner, hold).await), Some(RejectionCode::HoldExpired));
    assert_eq!(code(cedar.hold(owner, bloom.claim("2026-11-24T15:00:00Z")).await), Some(RejectionCode::SlotTaken));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_hold_runs_out_without_anyone_sweeping(pool: PgPool) {
    let desk = desk(pool).await;
    let owner = desk.world.session();
    let hold = desk.world.hold(owner, desk.claim(TWO_PM)).await.unwrap();
    assert_eq!(code(desk.world.hold(desk.world.session(), desk.claim(TWO_PM)).await), Some(RejectionCode::SlotTaken));

    desk.world.wait(Duration::minutes(5));
    assert_eq!(code(desk.world.confirm(owner, hold).await), Some(RejectionCode::HoldExpired));
    assert!(desk.free("2026-11-24", "2026-11-24").await.contains(&at(TWO_PM)));

    // An overlapping start, not the same one, takes the expired hold's place.
    let next = desk.world.session();
    let taken = desk.world.hold(next, desk.claim("2026-11-24T19:15:00Z")).await.unwrap();
    desk.world.confirm(next, taken).await.unwrap();
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_session_keeps_one_time_at_a_time(pool: PgPool) {
    let desk = desk(pool).await;
    let owner = desk.world.session();
    let first = desk.world.hold(owner, desk.claim(TWO_PM)).await.unwrap();
    assert_eq!(desk.world.hold(owner, desk.claim(TWO_PM)).await.unwrap(), first, "the same time is the same hold");

    desk.world.hold(owner, desk.claim("2026-11-24T15:00:00Z")).await.unwrap();
    assert_eq!(desk.count("holds").await, 1);
    assert!(desk.free("2026-11-24", "2026-11-24").await.contains(&at(TWO_PM)));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn hours_that_changed_since_a_slot_was_shown_are_respected(pool: PgPool) {
    let desk = desk(pool).await;
    let mut tx = desk.world.tx().await;
    sqlx::query("insert into date_exceptions (date_exception_id, on_date) values ($1, '2026-11-24')")
        .bind(domain::Id::<()>::new().uuid())
        .execute(tx.conn())
        .await
        .unwrap();
    tx.commit().await.unwrap();
    assert!(desk.free("2026-11-24", "2026-11-24").await.is_empty());
    assert_eq!(code(desk.world.hold(desk.world.session(), desk.claim(TWO_PM)).await), Some(RejectionCode::SlotTaken));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn nothing_is_offered_in_the_past_or_outside_hours(pool: PgPool) {
    let desk = desk(pool).await;
    let today = desk.free("2026-11-20", "2026-11-20").await;
    assert_eq!(today.first(), Some(&at("2026-11-20T15:00:00Z")));
    assert_eq!(today.last(), Some(&at("2026-11-20T21:15:00Z")));
    assert!(desk.free("2026-11-10", "2026-11-12").await.is_empty());
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_question_over_too_many_days_is_refused(pool: PgPool) {
    let desk = desk(pool).await;
    let ask =
        |from: &str, to: &str, kind: &str| Wanted::of(kind, Channel::Web, from.parse().unwrap(), to.parse().unwrap());
    for (from, to, kind, expected) in [
        ("2026-11-24", "2027-01-25", "haircut", RejectionCode::Invalid),
        ("2026-11-24", "2026-11-23", "haircut", RejectionCode::Invalid),
        ("2026-11-24", "2026-11-24", "surgery", RejectionCode::NotFound),
    ] {
        let asked = available(&mut desk.world.tx().await, desk.world.now(), &ask(from, to, kind)).await;
        assert_eq!(code(asked), Some(expected), "{from} {to} {kind}");
    }
}

/// A pool with as many connections as there are patients in a race.
async fn wide(pool: &PgPool) -> PgPool {
    PgPoolOptions::new().max_connections(64).connect_with((*pool.connect_options()).clone()).await.unwrap()
}

/// Two hundred patients at once want a time around two o'clock: the same
/// start, starts that overlap it, and a longer visit. Whoever gets a hold
/// confirms it.
async fn race(pool: &PgPool) -> (Desk, usize, Vec<Option<RejectionCode>>) {
    let world = World::new(wide(pool).await).await;
    let haircut = world.appointment_type("haircut", 45).await;
    let colour = world.appointment_type("colour", 120).await;
    let lin = world.practitioner().await;
    let desk = Desk { world, haircut, lin };
    // Every one of these times contains 2:30 PM.
    let wanted: Vec<SlotClaim> = [
        (haircut, "2026-11-24T19:00:00Z"),
        (haircut, "2026-11-24T19:15:00Z"),
        (haircut, "2026-11-24T19:30:00Z"),
        (colour, "2026-11-24T18:00:00Z"),
        (colour, "2026-11-24T19:00:00Z"),
    ]
    .map(|(kind, start)| SlotClaim { practitioner_id: lin, appointment_type_id: kind, starts_at: at(start) })
    .to_vec();
    let tries = (0..200).map(|n| {
        let (world, claim) = (&desk.world, wanted[n % wanted.len()]);
        async move {
            let owner = world.session();
            let hold = world.hold(owner, claim).await?;
            world.confirm(owner, hold).await
        }
    });
    let outcomes = join_all(tries).await;
    let won = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
    let lost = outcomes.into_iter().filter(Result::is_err).map(code).collect();
    (desk, won, lost)
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn of_two_hundred_at_once_exactly_one_gets_the_time(pool: PgPool) {
    let (desk, won, lost) = race(&pool).await;
    assert_eq!(won, 1);
    assert_eq!(lost.len(), 199);
    for code in lost {
        assert!(matches!(code, Some(RejectionCode::SlotTaken | RejectionCode::HoldExpired)), "{code:?}");
    }
    assert_eq!((desk.count("appointments").await, desk.count("occupancies").await), (1, 1));
    assert_eq!((desk.count("holds").await, desk.count("events").await, desk.count("patients").await), (0, 1, 1));
}

const NO_LOCK: &str = "create or replace function lock_books(resources uuid[]) returns void language sql as 'select'";
const NO_CONSTRAINT: &str = "alter table occupancies drop constraint occupancies_no_overlap";

#[sqlx::test(migrator = "MIGRATOR")]
async fn the_constraint_alone_refuses_the_others(pool: PgPool) {
    sqlx::raw_sql(NO_LOCK).execute(&pool).await.unwrap();
    let (desk, won, _) = race(&pool).await;
    assert_eq!((won, desk.count("occupancies").await), (1, 1));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn the_lock_alone_refuses_the_others(pool: PgPool) {
    sqlx::raw_sql(NO_CONSTRAINT).execute(&pool).await.unwrap();
    let (desk, won, lost) = race(&pool).await;
    assert_eq!((won, desk.count("occupancies").await), (1, 1));
    assert!(lost.iter().all(|code| *code == Some(RejectionCode::SlotTaken)), "nobody meets a fault: {lost:?}");
}

/// Whoever takes a time is slow to, so that others find it free meanwhile.
const SLOW: &str = "create function dawdle() returns trigger language plpgsql as
                        'begin perform pg_sleep(0.2); return new; end';
                    create trigger dawdle before insert on occupancies for each row execute function dawdle()";

#[sqlx::test(migrator = "MIGRATOR")]
async fn without_either_guard_the_race_is_lost(pool: PgPool) {
    for statement in [NO_LOCK, NO_CONSTRAINT, SLOW] {
        sqlx::raw_sql(statement).execute(&pool).await.unwrap();
    }
    let (_, won, _) = race(&pool).await;
    assert!(won > 1, "the two guards are what refuses, and nothing else");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn the_database_refuses_an_overlap_whoever_asks(pool: PgPool) {
    let desk = desk(pool).await;
    for start in [TWO_PM, "2026-11-24T20:00:00Z"] {
        let owner = desk.world.session();
        let hold = desk.world.hold(owner, desk.claim(start)).await.unwrap();
        desk.world.confirm(owner, hold).await.unwrap();
    }
    let mut tx = desk.world.tx().await;
    let refused = sqlx::query(
        "update occupancies set during = tstzrange(lower(during) - interval '16 minutes', upper(during))
         where lower(during) = $1",
    )
    .bind(at("2026-11-24T20:00:00Z"))
    .execute(tx.conn())
    .await
    .unwrap_err();
    let constraint = refused.as_database_error().and_then(|error| error.constraint());
    assert_eq!(constraint, Some("occupancies_no_overlap"));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn the_same_person_booking_twice_is_one_patient(pool: PgPool) {
    let desk = desk(pool).await;
    for start in [TWO_PM, "2026-11-25T19:00:00Z"] {
        let owner = desk.world.session();
        let hold = desk.world.hold(owner, desk.claim(start)).await.unwrap();
        desk.world.confirm(owner, hold).await.unwrap();
    }
    assert_eq!((desk.count("appointments").await, desk.count("patients").await), (2, 1));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_conflict_postgres_broke_off_is_tried_again(pool: PgPool) {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    let world = World::new(pool).await;
    let tries = Arc::new(AtomicUsize::new(0));
    let counting = tries.clone();
    let done = world
        .db
        .transaction(world.clinic, move |tx| {
            let tries = counting.clone();
            Box::pin(async move {
                let code = if tries.fetch_add(1, Ordering::SeqCst).is_multiple_of(2) { "40001" } else { "40P01" };
                if tries.load(Ordering::SeqCst) < 4 {
                    let raise = format!("do $$ begin raise exception 'lost' using errcode = '{code}'; end $$");
                    sqlx::query(sqlx::AssertSqlSafe(raise)).execute(tx.conn()).await?;
                }
                Ok("done")
            })
        })
        .await;
    assert_eq!(done.unwrap(), "done");
    assert_eq!(tries.load(Ordering::SeqCst), 4);
}
