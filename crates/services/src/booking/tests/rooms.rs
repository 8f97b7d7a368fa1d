//! Rooms and machines: one visit in each at a time.

use uuid::Uuid;

use super::*;

const HALF_PAST_TWO: &str = "2026-11-24T19:30:00Z";
const THREE_PM: &str = "2026-11-24T20:00:00Z";
const FOUR_PM: &str = "2026-11-24T21:00:00Z";

/// Two practitioners of an hour's massage, and so many rooms for it.
struct Spa {
    world: World,
    massage: AppointmentTypeId,
    lin: PractitionerId,
    reyes: PractitionerId,
    rooms: Vec<Uuid>,
}

async fn spa(pool: PgPool, rooms: usize) -> Spa {
    let world = World::new(pool).await;
    let massage = world.appointment_type("massage", 60).await;
    let (lin, reyes) = (world.practitioner().await, world.practitioner_called("Noah Reyes").await);
    let mut spa = Spa { world, massage, lin, reyes, rooms: Vec::new() };
    for number in 0..rooms {
        spa.rooms.push(spa.world.room(&format!("Room {number}")).await);
    }
    if !spa.rooms.is_empty() {
        spa.world.need(massage, 1, &spa.rooms).await;
    }
    spa
}

impl Spa {
    fn with_lin(&self, start: &str) -> SlotClaim {
        visit(self.lin, self.massage, start)
    }

    fn with_reyes(&self, start: &str) -> SlotClaim {
        visit(self.reyes, self.massage, start)
    }

    /// Where a visit takes place.
    async fn rooms_of(&self, visit: &Appointment) -> Vec<Uuid> {
        sqlx::query_scalar(
            "select room_id from occupancies where appointment_id = $1 and room_id is not null order by 1",
        )
        .bind(visit.id.uuid())
        .fetch_all(self.world.tx().await.conn())
        .await
        .unwrap()
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn two_practitioners_share_one_room_one_after_the_other(pool: PgPool) {
    let spa = spa(pool, 1).await;
    spa.world.book(spa.with_lin(TWO_PM)).await.unwrap();

    assert!(!spa.world.is_offered(spa.with_reyes(HALF_PAST_TWO)).await);
    assert_eq!(spa.world.reasons(spa.with_reyes(HALF_PAST_TWO)).await, [Reason::Room]);
    assert_eq!(code(spa.world.book(spa.with_reyes(HALF_PAST_TWO)).await), Some(RejectionCode::SlotTaken));

    assert!(spa.world.is_offered(spa.with_reyes(THREE_PM)).await);
    spa.world.book(spa.with_reyes(THREE_PM)).await.unwrap();
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_patient_is_not_told_that_it_is_the_room(pool: PgPool) {
    let spa = spa(pool, 1).await;
    spa.world.book(spa.with_lin(TWO_PM)).await.unwrap();
    let (now, at) = (spa.world.now(), At::Instant(at(TWO_PM)));
    let explained =
        explain(&mut spa.world.tx().await, now, "massage", Some(spa.reyes), Channel::Web, at).await.unwrap();
    assert_eq!(explained.for_patients(), [Reason::Taken]);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn two_rooms_serve_two_practitioners_at_once(pool: PgPool) {
    let spa = spa(pool, 2).await;
    let first = spa.world.book(spa.with_lin(TWO_PM)).await.unwrap();
    let second = spa.world.book(spa.with_reyes(TWO_PM)).await.unwrap();
    assert_eq!((spa.rooms_of(&first).await, spa.rooms_of(&second).await), (vec![spa.rooms[0]], vec![spa.rooms[1]]));
    assert_eq!(spa.world.count("occupancies").await, 4, "a row for each practitioner and each room");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_visit_may_need_a_room_and_a_machine_at_once(pool: PgPool) {
    let spa = spa(pool, 2).await;
    let laser = spa.world.room("Laser").await;
    spa.world.need(spa.massage, 2, &[laser]).await;

    let first = spa.world.book(spa.with_lin(TWO_PM)).await.unwrap();

    assert_eq!(spa.rooms_of(&first).await, [spa.rooms[0], laser]);
    assert_eq!(spa.world.reasons(spa.with_reyes(TWO_PM)).await, [Reason::Room], "a room is free, the machine is not");
    assert_eq!(code(spa.world.book(spa.with_reyes(TWO_PM)).await), Some(RejectionCode::SlotTaken));
    spa.world.book(spa.with_reyes(THREE_PM)).await.unwrap();
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn two_needs_are_met_by_two_different_rooms(pool: PgPool) {
    let spa = spa(pool, 2).await;
    spa.world.need(spa.massage, 2, &spa.rooms).await;

    let both = spa.world.book(spa.with_lin(TWO_PM)).await.unwrap();

    assert_eq!(spa.rooms_of(&both).await, spa.rooms);
    assert!(!spa.world.is_offered(spa.with_reyes(TWO_PM)).await);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_need_leaves_the_only_room_that_meets_another_to_it(pool: PgPool) {
    let spa = spa(pool, 2).await;
    // The first need is met by either room, the second by the first room alone.
    spa.world.need(spa.massage, 2, &spa.rooms[..1]).await;
    let both = spa.world.book(spa.with_lin(TWO_PM)).await.unwrap();
    assert_eq!(spa.rooms_of(&both).await, spa.rooms);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn types_that_need_the_same_room_keep_out_of_each_others_way(pool: PgPool) {
    let world = World::new(pool).await;
    let (massage, facial) = (world.appointment_type("massage", 60).await, world.appointment_type("facial", 50).await);
    let (lin, reyes) = (world.practitioner().await, world.practitioner_called("Noah Reyes").await);
    let room = world.room("Quiet room").await;
    world.need(massage, 1, &[room]).await;
    world.need(facial, 1, &[room]).await;

    world.book(visit(lin, massage, TWO_PM)).await.unwrap();

    assert_eq!(world.reasons(visit(reyes, facial, HALF_PAST_TWO)).await, [Reason::Room]);
    assert_eq!(code(world.book(visit(reyes, facial, HALF_PAST_TWO)).await), Some(RejectionCode::SlotTaken));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn moving_a_visit_frees_its_room(pool: PgPool) {
    let spa = spa(pool, 1).await;
    let moved = spa.world.book(spa.with_lin(TWO_PM)).await.unwrap();

    spa.world.reschedule(moved.id, spa.with_lin(FOUR_PM), patient()).await.unwrap();

    spa.world.book(spa.with_reyes(TWO_PM)).await.unwrap();
    assert!(!spa.world.is_offered(spa.with_reyes(FOUR_PM)).await);
    assert_eq!(spa.world.count("occupancies").await, 4);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_visit_may_move_within_the_only_room(pool: PgPool) {
    let spa = spa(pool, 1).await;
    let moved = spa.world.book(spa.with_lin(TWO_PM)).await.unwrap();
    spa.world.reschedule(moved.id, spa.with_lin(HALF_PAST_TWO), patient()).await.unwrap();
    spa.world.reschedule(moved.id, spa.with_reyes(HALF_PAST_TWO), patient()).await.unwrap();
    assert_eq!(spa.rooms_of(&moved).await, spa.rooms);
    assert!(spa.world.is_offered(spa.with_lin("2026-11-24T18:30:00Z")).await);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_visit_that_finds_no_room_where_it_would_move_stays(pool: PgPool) {
    let spa = spa(pool, 1).await;
    let staying = spa.world.book(spa.with_lin(TWO_PM)).await.unwrap();
    spa.world.book(spa.with_reyes(FOUR_PM)).await.unwrap();

    let refused = spa.world.reschedule(staying.id, spa.with_lin(FOUR_PM), patient()).await;

    assert_eq!(code(refused), Some(RejectionCode::SlotTaken));
    assert!(!spa.world.is_offered(spa.with_reyes(TWO_PM)).await, "its room is still its own");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn cancelling_a_visit_frees_its_room(pool: PgPool) {
    let spa = spa(pool, 1).await;
    let gone = spa.world.book(spa.with_lin(TWO_PM)).await.unwrap();
    spa.world.cancel(gone.id, patient()).await.unwrap();
    spa.world.book(spa.with_reyes(TWO_PM)).await.unwrap();
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn the_room_of_a_hold_that_ran_out_is_in_nobodys_way(pool: PgPool) {
    let spa = spa(pool, 1).await;
    spa.world.hold(spa.world.session(), spa.with_lin(TWO_PM)).await.unwrap();
    assert!(!spa.world.is_offered(spa.with_reyes(TWO_PM)).await);

    spa.world.wait(Duration::minutes(5));

    assert!(spa.world.is_offered(spa.with_reyes(TWO_PM)).await);
    spa.world.book(spa.with_reyes(TWO_PM)).await.unwrap();
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_room_taken_out_of_use_is_not_chosen(pool: PgPool) {
    let spa = spa(pool, 2).await;
    spa.world.run("update rooms set active = false where room_id = $1", &spa.rooms[..1]).await;

    let only = spa.world.book(spa.with_lin(TWO_PM)).await.unwrap();

    assert_eq!(spa.rooms_of(&only).await, [spa.rooms[1]]);
    assert_eq!(spa.world.reasons(spa.with_reyes(TWO_PM)).await, [Reason::Room]);
    spa.world.run("update rooms set active = false", &[]).await;
    assert_eq!(spa.world.reasons(spa.with_reyes(FOUR_PM)).await, [Reason::Room]);
    assert_eq!(spa.world.offered("massage", "2026-11-25").await.len(), 0);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn buffers_are_kept_in_the_room_too(pool: PgPool) {
    let spa = spa(pool, 1).await;
    spa.world.run("update appointment_types set buffer_after_minutes = 30", &[]).await;
    spa.world.book(spa.with_lin(TWO_PM)).await.unwrap();
    assert_eq!(spa.world.reasons(spa.with_reyes(THREE_PM)).await, [Reason::Room]);
    assert!(spa.world.is_offered(spa.with_reyes("2026-11-24T20:30:00Z")).await);
}

/// Twelve practitioners want two rooms at once.
async fn rush(pool: &PgPool) -> (Spa, usize, Vec<Option<RejectionCode>>) {
    let mut spa = spa(wide(pool).await, 2).await;
    let mut all = vec![spa.lin, spa.reyes];
    for number in 2..12 {
        all.push(spa.world.practitioner_called(&format!("Number {number}")).await);
    }
    spa.rooms.sort();
    let wanted = |who: &PractitionerId, n: usize| visit(*who, spa.massage, [TWO_PM, HALF_PAST_TWO][n % 2]);
    let outcomes = join_all(all.iter().enumerate().map(|(n, who)| spa.world.book(wanted(who, n)))).await;
    let won = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
    let lost = outcomes.into_iter().filter(Result::is_err).map(code).collect();
    (spa, won, lost)
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn of_many_at_once_each_room_is_taken_once(pool: PgPool) {
    let (spa, won, lost) = rush(&pool).await;
    assert_eq!(won, 2);
    assert!(lost.iter().all(|code| *code == Some(RejectionCode::SlotTaken)), "nobody meets a fault: {lost:?}");
    assert_eq!(spa.world.count("occupancies").await, 4);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn the_constraint_alone_keeps_rooms_from_being_taken_twice(pool: PgPool) {
    sqlx::raw_sql(NO_LOCK).execute(&pool).await.unwrap();
    let (_, won, _) = rush(&pool).await;
    assert!((1..=2).contains(&won), "{won}");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn the_lock_alone_keeps_rooms_from_being_taken_twice(pool: PgPool) {
    sqlx::raw_sql(NO_CONSTRAINT).execute(&pool).await.unwrap();
    let (_, won, lost) = rush(&pool).await;
    assert_eq!(won, 2);
    assert!(lost.iter().all(|code| *code == Some(RejectionCode::SlotTaken)), "{lost:?}");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn letting_go_of_a_time_while_others_choose_in_the_same_room_harms_nobody(pool: PgPool) {
    let spa = spa(wide(&pool).await, 1).await;
    let choosing = async |owner: Owner| {
        for _ in 0..60 {
            for claim in [spa.with_lin(TWO_PM), spa.with_reyes(TWO_PM)] {
                spa.world.hold(owner, claim).await.unwrap();
            }
        }
    };
    let letting_go = async |owner: Owner, claim: SlotClaim| {
        for _ in 0..120 {
            let hold = spa.world.hold(owner, claim).await.unwrap();
            let mut tx = spa.world.tx().await;
            assert!(release(&mut tx, owner, hold).await.unwrap());
            tx.commit().await.unwrap();
        }
    };
    let sessions = [spa.world.session(), spa.world.session(), spa.world.session()];
    futures::join!(
        choosing(sessions[0]),
        letting_go(sessions[1], spa.with_lin(FOUR_PM)),
        letting_go(sessions[2], spa.with_reyes("2026-11-24T16:00:00Z")),
    );
}
