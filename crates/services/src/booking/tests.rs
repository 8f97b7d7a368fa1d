//! What the clinic promises of a time.

mod changing;
mod explaining;
mod stranding;

use chrono::{DateTime, Duration, Utc};
use domain::RejectionCode;
use domain::id::{AppointmentTypeId, PractitionerId};
use futures::future::join_all;
use sqlx::PgPool;
use sqlx::postgres::PgPoolOptions;

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
        let mut tx = self.world.tx().await;
        sqlx::query_scalar(sqlx::AssertSqlSafe(format!("select count(*) from {table}")))
            .fetch_one(tx.conn())
            .await
            .unwrap()
    }
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

#[sqlx::test(migrator = "MIGRATOR")]
async fn without_either_guard_the_race_is_lost(pool: PgPool) {
    sqlx::raw_sql(NO_LOCK).execute(&pool).await.unwrap();
    sqlx::raw_sql(NO_CONSTRAINT).execute(&pool).await.unwrap();
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
