//! More visits than there is time for, on purpose.

use super::*;

const TEN_AM: &str = "2026-11-24T15:00:00Z";
const HALF_PAST_TWO: &str = "2026-11-24T19:30:00Z";
const QUARTER_TO_THREE: &str = "2026-11-24T19:45:00Z";
const THREE_PM: &str = "2026-11-24T20:00:00Z";

/// A desk that takes so many more haircuts between two and three.
async fn busy_desk(pool: PgPool, extra: i16) -> Desk {
    let desk = desk(pool).await;
    desk.world.overbook(desk.haircut, 14 * 60, 15 * 60, extra).await;
    desk
}

impl Desk {
    /// The lanes of the book in which visits stand, by start and lane.
    async fn lanes(&self) -> Vec<i16> {
        sqlx::query_scalar("select overbooked from occupancies order by lower(during), overbooked")
            .fetch_all(self.world.tx().await.conn())
            .await
            .unwrap()
    }

    async fn booked_at(&self, start: &str, visits: usize) -> Vec<AppointmentId> {
        let mut booked = Vec::new();
        for _ in 0..visits {
            booked.push(self.world.book(self.claim(start)).await.unwrap().id);
        }
        booked
    }

    async fn assert_taken(&self, start: &str) {
        assert!(!self.world.is_offered(self.claim(start)).await, "{start}");
        assert_eq!(self.world.reasons(self.claim(start)).await, [Reason::Taken], "{start}");
        assert_eq!(code(self.world.book(self.claim(start)).await), Some(RejectionCode::SlotTaken), "{start}");
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn one_more_visit_is_taken_within_the_window_and_no_third(pool: PgPool) {
    let desk = busy_desk(pool, 1).await;
    desk.booked_at(TWO_PM, 1).await;
    assert!(desk.world.is_offered(desk.claim(TWO_PM)).await);
    desk.booked_at(TWO_PM, 1).await;
    desk.assert_taken(TWO_PM).await;
    assert_eq!(desk.lanes().await, [0, 1], "the ordinary book first");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn outside_the_window_nothing_is_overbooked(pool: PgPool) {
    let desk = busy_desk(pool, 1).await;
    desk.booked_at(TEN_AM, 1).await;
    desk.assert_taken(TEN_AM).await;
    // Until a quarter past three, so that it is in the way of three o'clock.
    desk.booked_at(HALF_PAST_TWO, 1).await;
    assert!(desk.world.is_offered(desk.claim(QUARTER_TO_THREE)).await);
    desk.assert_taken(THREE_PM).await;
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn visits_that_only_overlap_count_towards_the_cap(pool: PgPool) {
    let desk = busy_desk(pool, 1).await;
    desk.booked_at(TWO_PM, 1).await;
    desk.booked_at(HALF_PAST_TWO, 1).await;
    desk.assert_taken("2026-11-24T19:15:00Z").await;
    assert_eq!(desk.lanes().await, [0, 1]);
    assert!(
        desk.world.is_offered(desk.claim(QUARTER_TO_THREE)).await,
        "the ordinary book is free from a quarter to three"
    );
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn whoever_comes_next_gets_the_ordinary_time_that_became_free(pool: PgPool) {
    let desk = busy_desk(pool, 1).await;
    let visits = desk.booked_at(TWO_PM, 2).await;
    desk.world.cancel(visits[0], patient()).await.unwrap();
    assert_eq!(desk.lanes().await, [1]);
    desk.booked_at(TWO_PM, 1).await;
    assert_eq!(desk.lanes().await, [0, 1]);
    desk.assert_taken(TWO_PM).await;
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_lower_cap_turns_nobody_out_and_takes_nobody_more(pool: PgPool) {
    let desk = busy_desk(pool, 2).await;
    let visits = desk.booked_at(TWO_PM, 3).await;

    desk.world.run("update overbooking set extra = 1", &[]).await;

    assert_eq!(desk.lanes().await, [0, 1, 2]);
    desk.assert_taken(TWO_PM).await;
    desk.world.cancel(visits[2], patient()).await.unwrap();
    desk.assert_taken(TWO_PM).await;
    desk.world.cancel(visits[1], patient()).await.unwrap();
    desk.booked_at(TWO_PM, 1).await;
    desk.assert_taken(TWO_PM).await;
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_rule_that_is_gone_overbooks_nothing_any_more(pool: PgPool) {
    let desk = busy_desk(pool, 1).await;
    desk.booked_at(TWO_PM, 1).await;
    desk.world.run("delete from overbooking", &[]).await;
    desk.assert_taken(TWO_PM).await;
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_rule_for_a_weekday_holds_on_that_weekday(pool: PgPool) {
    let desk = busy_desk(pool, 1).await;
    // 24 November is a Tuesday.
    desk.world.run("update overbooking set weekday = 2", &[]).await;
    desk.booked_at(TWO_PM, 2).await;
    desk.booked_at("2026-11-25T19:00:00Z", 1).await;
    desk.assert_taken("2026-11-25T19:00:00Z").await;
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_type_without_a_rule_is_not_put_over_visits_that_have_one(pool: PgPool) {
    let world = World::new(pool).await;
    let (haircut, colour) = (world.appointment_type("haircut", 45).await, world.appointment_type("colour", 120).await);
    let lin = world.practitioner().await;
    world.overbook(haircut, 14 * 60, 15 * 60, 1).await;
    world.book(visit(lin, haircut, TWO_PM)).await.unwrap();
    assert_eq!(world.reasons(visit(lin, colour, TWO_PM)).await, [Reason::Taken]);
    assert_eq!(code(world.book(visit(lin, colour, TWO_PM)).await), Some(RejectionCode::SlotTaken));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn moving_an_extra_visit_away_makes_place_for_another(pool: PgPool) {
    let desk = busy_desk(pool, 1).await;
    let visits = desk.booked_at(TWO_PM, 2).await;
    desk.world.reschedule(visits[1], desk.claim(TEN_AM), patient()).await.unwrap();
    assert_eq!(desk.lanes().await, [0, 0]);
    let back = desk.world.reschedule(visits[1], desk.claim(TWO_PM), patient()).await.unwrap();
    assert_eq!(back.appointment.starts_at, at(TWO_PM));
    desk.assert_taken(TWO_PM).await;
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn time_that_is_blocked_is_overbooked_by_nobody(pool: PgPool) {
    let desk = busy_desk(pool, 2).await;
    desk.world.busy(desk.lin, TWO_PM, HALF_PAST_TWO).await;
    assert_eq!(desk.world.reasons(desk.claim(TWO_PM)).await, [Reason::ExternalBusy]);
    assert_eq!(code(desk.world.book(desk.claim(TWO_PM)).await), Some(RejectionCode::SlotTaken));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn an_extra_visit_needs_a_room_of_its_own(pool: PgPool) {
    let desk = busy_desk(pool, 2).await;
    let rooms = [desk.world.room("Chair 1").await, desk.world.room("Chair 2").await];
    desk.world.need(desk.haircut, 1, &rooms).await;
    desk.booked_at(TWO_PM, 2).await;
    assert_eq!(desk.world.reasons(desk.claim(TWO_PM)).await, [Reason::Room]);
    assert_eq!(code(desk.world.book(desk.claim(TWO_PM)).await), Some(RejectionCode::SlotTaken));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn an_extra_hold_that_ran_out_is_in_nobodys_way(pool: PgPool) {
    let desk = busy_desk(pool, 1).await;
    desk.booked_at(TWO_PM, 1).await;
    desk.world.hold(desk.world.session(), desk.claim(TWO_PM)).await.unwrap();
    assert_eq!(desk.world.reasons(desk.claim(TWO_PM)).await, [Reason::Taken, Reason::Held]);
    desk.world.wait(Duration::minutes(5));
    desk.booked_at(TWO_PM, 1).await;
    assert_eq!(desk.lanes().await, [0, 1]);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn of_twenty_at_once_the_cap_and_one_get_a_time(pool: PgPool) {
    let desk = busy_desk(wide(&pool).await, 2).await;
    let outcomes = join_all((0..20).map(|_| desk.world.book(desk.claim(TWO_PM)))).await;
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 3);
    let lost: Vec<_> = outcomes.into_iter().filter(Result::is_err).map(code).collect();
    assert!(lost.iter().all(|code| *code == Some(RejectionCode::SlotTaken)), "{lost:?}");
    assert_eq!(desk.lanes().await, [0, 1, 2]);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn the_constraint_alone_keeps_to_the_cap(pool: PgPool) {
    sqlx::raw_sql(NO_LOCK).execute(&pool).await.unwrap();
    let desk = busy_desk(wide(&pool).await, 2).await;
    join_all((0..20).map(|_| desk.world.book(desk.claim(TWO_PM)))).await;
    let mut lanes = desk.lanes().await;
    lanes.dedup();
    assert_eq!(lanes, desk.lanes().await, "no lane is taken twice");
    assert!((1..=3).contains(&lanes.len()), "{lanes:?}");
}
