//! Visits for several patients at once.

use super::*;

const QUARTER_PAST_TWO: &str = "2026-11-24T19:15:00Z";
const FOUR_PM: &str = "2026-11-24T21:00:00Z";

/// A class of an hour.
struct Class {
    world: World,
    yoga: AppointmentTypeId,
    lin: PractitionerId,
}

async fn class(pool: PgPool, capacity: usize) -> Class {
    let world = World::new(pool).await;
    let yoga = world.appointment_type("yoga", 60).await;
    let lin = world.practitioner().await;
    let class = Class { world, yoga, lin };
    class.seats(capacity).await;
    class
}

impl Class {
    fn at(&self, start: &str) -> SlotClaim {
        visit(self.lin, self.yoga, start)
    }

    async fn seats(&self, capacity: usize) {
        let capacity = i32::try_from(capacity).unwrap();
        let mut tx = self.world.tx().await;
        sqlx::query("update appointment_types set capacity = $1").bind(capacity).execute(tx.conn()).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// So many patients come at two.
    async fn joined_by(&self, patients: usize) -> Vec<AppointmentId> {
        let mut visits = Vec::new();
        for _ in 0..patients {
            visits.push(self.world.book(self.at(TWO_PM)).await.unwrap().id);
        }
        visits
    }

    /// The taken seats of the practitioner's book, in order.
    async fn taken(&self) -> Vec<i32> {
        sqlx::query_scalar("select seat from occupancies where practitioner_id is not null order by seat")
            .fetch_all(self.world.tx().await.conn())
            .await
            .unwrap()
    }

    async fn sessions(&self) -> i64 {
        sqlx::query_scalar("select count(distinct session_id) from occupancies")
            .fetch_one(self.world.tx().await.conn())
            .await
            .unwrap()
    }

    async fn assert_full(&self) {
        assert!(!self.world.is_offered(self.at(TWO_PM)).await);
        assert_eq!(self.world.reasons(self.at(TWO_PM)).await, [Reason::Capacity]);
        assert_eq!(code(self.world.book(self.at(TWO_PM)).await), Some(RejectionCode::SlotTaken));
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn as_many_patients_as_there_are_seats_share_a_start(pool: PgPool) {
    let class = class(pool, 3).await;
    for _ in 0..3 {
        assert!(class.world.is_offered(class.at(TWO_PM)).await);
        class.joined_by(1).await;
    }
    class.assert_full().await;
    assert_eq!((class.taken().await, class.sessions().await), (vec![1, 2, 3], 1));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_group_is_taken_for_every_other_start_in_its_hour(pool: PgPool) {
    let class = class(pool, 3).await;
    class.joined_by(1).await;
    assert_eq!(class.world.reasons(class.at(QUARTER_PAST_TWO)).await, [Reason::Taken]);
    assert!(!class.world.is_offered(class.at(QUARTER_PAST_TWO)).await);
    assert_eq!(code(class.world.book(class.at(QUARTER_PAST_TWO)).await), Some(RejectionCode::SlotTaken));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_group_is_no_place_for_another_kind_of_visit(pool: PgPool) {
    let world = World::new(pool).await;
    let (yoga, pilates) = (world.appointment_type("yoga", 60).await, world.appointment_type("pilates", 60).await);
    let lin = world.practitioner().await;
    world.run("update appointment_types set capacity = 3", &[]).await;
    world.book(visit(lin, yoga, TWO_PM)).await.unwrap();
    assert_eq!(world.reasons(visit(lin, pilates, TWO_PM)).await, [Reason::Taken]);
    assert_eq!(code(world.book(visit(lin, pilates, TWO_PM)).await), Some(RejectionCode::SlotTaken));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_seat_that_was_cancelled_is_sold_again(pool: PgPool) {
    let class = class(pool, 3).await;
    let visits = class.joined_by(3).await;
    class.world.cancel(visits[1], patient()).await.unwrap();
    assert_eq!(class.taken().await, [1, 3]);

    class.joined_by(1).await;

    assert_eq!(class.taken().await, [1, 2, 3]);
    class.assert_full().await;
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_seat_whose_hold_ran_out_is_sold_again(pool: PgPool) {
    let class = class(pool, 2).await;
    class.joined_by(1).await;
    class.world.hold(class.world.session(), class.at(TWO_PM)).await.unwrap();
    class.assert_full().await;

    class.world.wait(Duration::minutes(5));

    assert!(class.world.is_offered(class.at(TWO_PM)).await);
    class.joined_by(1).await;
    assert_eq!(class.taken().await, [1, 2]);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_visitor_who_chooses_a_group_twice_keeps_one_seat(pool: PgPool) {
    let class = class(pool, 3).await;
    let owner = class.world.session();
    let first = class.world.hold(owner, class.at(TWO_PM)).await.unwrap();
    assert_eq!(class.world.hold(owner, class.at(TWO_PM)).await.unwrap(), first);
    assert_eq!(class.taken().await, [1]);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_group_meets_in_one_room(pool: PgPool) {
    let class = class(pool, 3).await;
    let rooms = [class.world.room("Hall").await, class.world.room("Studio").await];
    class.world.need(class.yoga, 1, &rooms).await;
    let visits = class.joined_by(3).await;
    let used: i64 = sqlx::query_scalar("select count(distinct room_id) from occupancies")
        .fetch_one(class.world.tx().await.conn())
        .await
        .unwrap();
    assert_eq!((used, class.world.count("occupancies").await), (1, 6));

    // Whoever leaves does not take the room along.
    class.world.cancel(visits[0], patient()).await.unwrap();
    let reyes = class.world.practitioner_called("Noah Reyes").await;
    class.world.run("delete from room_needs where room_id = $1", &rooms[1..]).await;
    assert_eq!(class.world.reasons(visit(reyes, class.yoga, TWO_PM)).await, [Reason::Room]);
    class.joined_by(1).await;
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn nobody_is_turned_out_of_a_group_that_becomes_smaller(pool: PgPool) {
    let class = class(pool, 3).await;
    let visits = class.joined_by(3).await;

    class.seats(2).await;
    class.assert_full().await;
    assert_eq!(class.taken().await, [1, 2, 3]);

    class.world.cancel(visits[0], patient()).await.unwrap();
    class.assert_full().await;
    class.world.cancel(visits[1], patient()).await.unwrap();
    class.joined_by(1).await;
    assert_eq!(class.taken().await, [1, 3]);
    class.assert_full().await;
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_group_that_becomes_larger_has_room_for_more(pool: PgPool) {
    let class = class(pool, 2).await;
    class.joined_by(2).await;
    class.seats(4).await;
    class.joined_by(2).await;
    class.assert_full().await;
    assert_eq!((class.taken().await, class.sessions().await), (vec![1, 2, 3, 4], 1));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn moving_into_a_group_takes_a_seat_there_and_frees_the_old_one(pool: PgPool) {
    let class = class(pool, 2).await;
    let visits = class.joined_by(2).await;
    class.world.book(class.at(FOUR_PM)).await.unwrap();

    class.world.reschedule(visits[0], class.at(FOUR_PM), patient()).await.unwrap();

    assert!(class.world.is_offered(class.at(TWO_PM)).await);
    assert_eq!(class.world.reasons(class.at(FOUR_PM)).await, [Reason::Capacity]);
    let refused = class.world.reschedule(visits[1], class.at(FOUR_PM), patient()).await;
    assert_eq!(code(refused), Some(RejectionCode::SlotTaken));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_full_group_is_one_visit_of_its_practitioners_day(pool: PgPool) {
    let class = class(pool, 3).await;
    let reyes = class.world.practitioner_called("Noah Reyes").await;
    class.joined_by(3).await;
    for start in ["2026-11-24T14:00:00Z", FOUR_PM] {
        class.world.book(visit(reyes, class.yoga, start)).await.unwrap();
    }
    let noon = class.world.offered("yoga", "2026-11-24").await;
    let noon = noon.iter().find(|slot| slot.claim.starts_at == at("2026-11-24T17:00:00Z")).unwrap();
    assert_eq!(noon.claim.practitioner_id, class.lin, "one visit of three patients is less than two");
}

/// Twenty patients at once want the one seat that is left.
async fn rush(pool: &PgPool, left: usize) -> (Class, usize, Vec<Option<RejectionCode>>) {
    let class = class(wide(pool).await, 4).await;
    class.joined_by(4 - left).await;
    let outcomes = join_all((0..20).map(|_| class.world.book(class.at(TWO_PM)))).await;
    let won = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
    let lost = outcomes.into_iter().filter(Result::is_err).map(code).collect();
    (class, won, lost)
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn of_twenty_at_once_one_gets_the_last_seat(pool: PgPool) {
    let (class, won, lost) = rush(&pool, 1).await;
    assert_eq!((won, class.taken().await), (1, vec![1, 2, 3, 4]));
    assert!(lost.iter().all(|code| *code == Some(RejectionCode::SlotTaken)), "nobody meets a fault: {lost:?}");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn of_twenty_at_once_four_fill_an_empty_group(pool: PgPool) {
    let (class, won, _) = rush(&pool, 4).await;
    assert_eq!((won, class.taken().await, class.sessions().await), (4, vec![1, 2, 3, 4], 1));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn the_database_alone_sells_no_seat_twice(pool: PgPool) {
    sqlx::raw_sql(NO_LOCK).execute(&pool).await.unwrap();
    let (class, won, _) = rush(&pool, 1).await;
    assert_eq!((won, class.taken().await), (1, vec![1, 2, 3, 4]));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_buffer_that_becomes_shorter_adds_no_seats(pool: PgPool) {
    let class = class(pool, 2).await;
    class.world.run("update appointment_types set buffer_before_minutes = 15, buffer_after_minutes = 15", &[]).await;
    class.joined_by(1).await;
    class.world.run("update appointment_types set buffer_before_minutes = 0, buffer_after_minutes = 0", &[]).await;
    class.joined_by(1).await;
    class.assert_full().await;
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_key_that_books_for_many_gets_a_seat_for_each(pool: PgPool) {
    let class = class(pool, 2).await;
    let key = Owner::Key(uuid::Uuid::nil());
    let (first, second) = (
        class.world.hold(key, class.at(TWO_PM)).await.unwrap(),
        class.world.hold(key, class.at(TWO_PM)).await.unwrap(),
    );
    let visits = [class.world.confirm(key, first).await.unwrap(), class.world.confirm(key, second).await.unwrap()];
    assert_ne!(visits[0].appointment.id, visits[1].appointment.id);
    class.assert_full().await;
}
