//! What a process remembers is never older than what a query would find.

use uuid::Uuid;

use super::*;

const TUESDAY: &str = "2026-11-24";
const THREE_PM: &str = "2026-11-24T20:00:00Z";

/// A desk as two processes see it, both of which have looked already.
async fn two_processes(pool: PgPool) -> (Desk, World) {
    let desk = desk(pool.clone()).await;
    let other = desk.world.in_another_process(pool);
    desk.world.offered("haircut", TUESDAY).await;
    other.offered("haircut", TUESDAY).await;
    (desk, other)
}

impl World {
    async fn starts(&self) -> Vec<(DateTime<Utc>, Uuid)> {
        let offered = self.offered("haircut", TUESDAY).await;
        offered.iter().map(|slot| (slot.claim.starts_at, slot.practitioner.id)).collect()
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn what_another_process_holds_books_moves_and_cancels_is_seen_at_once(pool: PgPool) {
    let (desk, other) = two_processes(pool).await;
    let (two, three) = (desk.claim(TWO_PM), desk.claim(THREE_PM));
    let owner = other.session();

    let hold = other.hold(owner, two).await.unwrap();
    assert_eq!(desk.world.reasons(two).await, [Reason::Held]);
    let id = other.confirm(owner, hold).await.unwrap().appointment.id;
    assert_eq!(desk.world.reasons(two).await, [Reason::Taken]);
    other.reschedule(id, three, patient()).await.unwrap();
    assert!(desk.world.is_offered(two).await && !desk.world.is_offered(three).await);
    other.cancel(id, patient()).await.unwrap();
    assert!(desk.world.is_offered(three).await);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_hold_that_another_process_lets_go_of_is_seen_at_once(pool: PgPool) {
    let (desk, other) = two_processes(pool).await;
    let owner = other.session();
    let hold = other.hold(owner, desk.claim(TWO_PM)).await.unwrap();
    assert!(!desk.world.is_offered(desk.claim(TWO_PM)).await);
    let mut tx = other.tx().await;
    release(&mut tx, owner, hold).await.unwrap();
    tx.commit().await.unwrap();
    assert!(desk.world.is_offered(desk.claim(TWO_PM)).await);
}

/// Everything that decides what is on offer; each changes Tuesday.
const CHANGES: &[&str] = &[
    "update appointment_types set minutes = 60",
    "update appointment_types set grid_minutes = 30",
    "update appointment_types set buffer_after_minutes = 30",
    "update appointment_types set capacity = 2",
    "update appointment_types set notice_minutes = 6000",
    "update appointment_types set horizon_days = 3",
    "update appointment_types set slug = 'haircut', minutes = 20",
    "update opening_hours set from_minute = 600",
    "delete from opening_hours where weekday = 2",
    "insert into opening_hours (opening_hour_id, kind, weekday, from_minute, to_minute)
     values (gen_random_uuid(), 'break', 2, 720, 780)",
    "insert into date_exceptions (date_exception_id, on_date) values (gen_random_uuid(), '2026-11-24')",
    "insert into time_off (time_off_id, from_date, to_date) values (gen_random_uuid(), '2026-11-24', '2026-11-24')",
    "insert into time_off (time_off_id, practitioner_id, from_date, to_date)
     select gen_random_uuid(), practitioner_id, '2026-11-24', '2026-11-24' from practitioners",
    "insert into busy_times (busy_time_id, practitioner_id, during, source)
     select gen_random_uuid(), practitioner_id, '[2026-11-24 15:00Z, 2026-11-24 16:00Z)', 'console' from practitioners",
    "update practitioners set active = false",
    "delete from offers",
    "update clinics set time_zone = 'America/Chicago'",
    "insert into overbooking (overbooking_id, appointment_type_id, from_minute, to_minute, extra)
     select gen_random_uuid(), appointment_type_id, 0, 1440, 1 from appointment_types",
    "with made as (
         insert into rooms (room_id, name, active) values (gen_random_uuid(), 'Chair', false) returning room_id
     )
     insert into room_needs (appointment_type_id, need, room_id)
     select appointment_type_id, 1, room_id from appointment_types, made",
    "with made as (
         insert into locations (location_id, name) values (gen_random_uuid(), 'Harbour') returning location_id
     ), open as (
         insert into opening_hours (opening_hour_id, kind, location_id, weekday, from_minute, to_minute)
         select gen_random_uuid(), 'open', location_id, 2, 480, 600 from made
     )
     update practitioners set location_id = made.location_id from made",
];

#[sqlx::test(migrator = "MIGRATOR")]
async fn whatever_another_process_changes_is_seen_at_once(pool: PgPool) {
    for change in CHANGES {
        let (desk, other) = two_processes(pool.clone()).await;
        desk.world.book(desk.claim(TWO_PM)).await.unwrap();
        let before = desk.world.starts().await;

        other.run(change, &[]).await;

        let fresh = desk.world.in_another_process(pool.clone()).starts().await;
        assert_ne!(before, fresh, "it changes what is on offer: {change}");
        assert_eq!(desk.world.starts().await, fresh, "{change}");
        assert_eq!(other.starts().await, fresh, "{change}");
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_transaction_sees_its_own_changes_and_leaves_no_trace_when_it_is_rolled_back(pool: PgPool) {
    for change in CHANGES {
        let (desk, other) = two_processes(pool.clone()).await;
        desk.world.book(desk.claim(TWO_PM)).await.unwrap();
        let before = desk.world.starts().await;

        let mut tx = desk.world.tx().await;
        sqlx::query(*change).execute(tx.conn()).await.unwrap();
        let day = TUESDAY.parse().unwrap();
        let wanted = Wanted::of("haircut", Channel::Web, day, day);
        let within = available(&mut tx, desk.world.now(), &wanted).await.unwrap().slots;
        let within: Vec<_> = within.iter().map(|slot| (slot.claim.starts_at, slot.practitioner.id)).collect();
        assert_ne!(within, before, "{change}");
        drop(tx);

        assert_eq!(desk.world.starts().await, before, "{change}");
        assert_eq!(other.starts().await, before, "{change}");
        // The next real change is not mistaken for the one that never was.
        desk.world.run("update opening_hours set to_minute = 960", &[]).await;
        let fresh = desk.world.in_another_process(pool.clone()).starts().await;
        assert_eq!(desk.world.starts().await, fresh, "{change}");
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_booking_that_was_rolled_back_took_no_time(pool: PgPool) {
    let (desk, other) = two_processes(pool).await;
    let mut tx = desk.world.tx().await;
    hold(&mut tx, desk.world.now(), desk.world.session(), Channel::Web, &desk.claim(TWO_PM)).await.unwrap();
    let day = TUESDAY.parse().unwrap();
    let wanted = Wanted::of("haircut", Channel::Web, day, day);
    let within = available(&mut tx, desk.world.now(), &wanted).await.unwrap().slots;
    assert!(within.iter().all(|slot| slot.claim.starts_at != at(TWO_PM)), "its own hold is in its way");
    assert!(other.is_offered(desk.claim(TWO_PM)).await, "and in nobody else's yet");
    drop(tx);
    assert!(desk.world.is_offered(desk.claim(TWO_PM)).await);
    assert!(other.is_offered(desk.claim(TWO_PM)).await);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn the_time_of_a_hold_comes_back_by_the_clock_alone(pool: PgPool) {
    let (desk, other) = two_processes(pool).await;
    let versions = async || -> Vec<i64> {
        let versions = sqlx::query_scalar("select version from books order by resource_id");
        versions.fetch_all(desk.world.tx().await.conn()).await.unwrap()
    };
    let kept = other.session();
    other.hold(kept, desk.claim(TWO_PM)).await.unwrap();
    desk.world.wait(Duration::minutes(2));
    other.hold(other.session(), desk.claim(THREE_PM)).await.unwrap();
    let before = versions().await;
    assert!(!desk.world.is_offered(desk.claim(TWO_PM)).await);

    desk.world.wait(Duration::minutes(3));
    assert!(desk.world.is_offered(desk.claim(TWO_PM)).await && !desk.world.is_offered(desk.claim(THREE_PM)).await);
    desk.world.wait(Duration::minutes(2));
    assert!(desk.world.is_offered(desk.claim(THREE_PM)).await);

    assert_eq!((versions().await, desk.count("holds").await), (before, 2), "nothing was swept");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn days_later_what_is_remembered_still_holds(pool: PgPool) {
    let (desk, other) = two_processes(pool.clone()).await;
    let later = "2026-12-15T19:00:00Z";
    other.book(desk.claim(later)).await.unwrap();
    assert!(!desk.world.is_offered(desk.claim(later)).await);
    desk.world.wait(Duration::days(20));
    assert!(!desk.world.is_offered(desk.claim(later)).await);
    let yesterday = Wanted::of("haircut", Channel::Web, TUESDAY.parse().unwrap(), TUESDAY.parse().unwrap());
    let past = available(&mut desk.world.tx().await, desk.world.now(), &yesterday).await.unwrap();
    assert!(past.slots.is_empty());
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn another_clinics_changes_are_not_ours(pool: PgPool) {
    let (bloom, _) = two_processes(pool.clone()).await;
    let (cedar, _) = two_processes(pool).await;
    let before = bloom.world.starts().await;
    cedar.world.run("delete from opening_hours", &[]).await;
    cedar.world.run("update clinics set hold_minutes = 60", &[]).await;
    assert_eq!(bloom.world.starts().await, before);
    assert!(cedar.world.starts().await.is_empty());
}

/// A number from 0 to `below`, the same in every run.
fn draw(state: &mut u64, below: usize) -> usize {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    usize::try_from(*state >> 33).unwrap() % below
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn whatever_two_processes_do_both_remember_what_a_third_reads_afresh(pool: PgPool) {
    let (desk, other) = two_processes(pool.clone()).await;
    desk.world.practitioner_called("Noah Reyes").await;
    let chair = [desk.world.room("Chair 1").await, desk.world.room("Chair 2").await];
    desk.world.need(desk.haircut, 1, &chair).await;
    let changes = [
        "update appointment_types set capacity = 1 + capacity % 3",
        "update appointment_types set buffer_after_minutes = (buffer_after_minutes + 15) % 60",
        "update rooms set active = not active where name = 'Chair 1'",
        "update opening_hours set from_minute = 540 + (from_minute + 30) % 90",
        "delete from busy_times",
    ];
    let (mut booked, mut state) = (Vec::new(), 20_261_120);
    for step in 0..120 {
        let world = [&desk.world, &other][draw(&mut state, 2)];
        match draw(&mut state, 8) {
            0..3 => {
                let offered = world.offered("haircut", TUESDAY).await;
                if !offered.is_empty() {
                    let claim = offered[draw(&mut state, offered.len())].claim;
                    booked.push(world.book(claim).await.unwrap().id);
                }
            }
            3 if !booked.is_empty() => {
                let id = booked.swap_remove(draw(&mut state, booked.len()));
                world.cancel(id, member()).await.unwrap();
            }
            4 => {
                let offered = world.offered("haircut", TUESDAY).await;
                if !offered.is_empty() {
                    world.hold(world.session(), offered[draw(&mut state, offered.len())].claim).await.unwrap();
                }
            }
            5 => world.wait(Duration::minutes(2)),
            6 => world.busy(desk.lin, "2026-11-24T16:00:00Z", "2026-11-24T16:30:00Z").await,
            _ => world.run(changes[draw(&mut state, changes.len())], &[]).await,
        }
        let fresh = desk.world.in_another_process(pool.clone()).starts().await;
        assert_eq!(desk.world.starts().await, fresh, "step {step}");
        assert_eq!(other.starts().await, fresh, "step {step}");
    }
}
