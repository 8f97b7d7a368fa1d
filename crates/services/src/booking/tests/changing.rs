//! Moving a visit and calling it off.

use super::*;

const THREE_PM: &str = "2026-11-24T20:00:00Z";

impl Desk {
    pub(super) async fn booked(&self, start: &str) -> AppointmentId {
        self.world.book(self.claim(start)).await.unwrap().id
    }

    pub(super) async fn reschedule(&self, id: AppointmentId, start: &str, changer: Changer) -> Result<Rescheduled> {
        self.world.reschedule(id, self.claim(start), changer).await
    }

    pub(super) async fn cancel(&self, id: AppointmentId, changer: Changer) -> Result<Appointment> {
        self.world.cancel(id, changer).await
    }

    pub(super) async fn set_type(&self, column: &'static str, value: i32) {
        let mut tx = self.world.tx().await;
        sqlx::query(sqlx::AssertSqlSafe(format!("update appointment_types set {column} = $1")))
            .bind(value)
            .execute(tx.conn())
            .await
            .unwrap();
        tx.commit().await.unwrap();
    }

    pub(super) async fn kinds(&self) -> Vec<String> {
        self.world.kinds().await
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn moving_a_visit_frees_its_old_time_and_keeps_its_code(pool: PgPool) {
    let desk = desk(pool).await;
    let id = desk.booked(TWO_PM).await;
    let code =
        super::super::appointments::by_id(&mut desk.world.tx().await, id).await.unwrap().unwrap().confirmation_code;

    let moved = desk.reschedule(id, THREE_PM, patient()).await.unwrap();

    assert_eq!((moved.appointment.id, moved.appointment.starts_at), (id, at(THREE_PM)));
    assert_eq!((moved.appointment.confirmation_code, moved.replaces.starts_at), (code, at(TWO_PM)));
    let free = desk.free("2026-11-24", "2026-11-24").await;
    assert!(free.contains(&at(TWO_PM)) && !free.contains(&at(THREE_PM)));
    assert_eq!(desk.kinds().await, ["BookingCreated", "BookingRescheduled", "SlotOpened"]);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_visit_that_cannot_move_stays_where_it_is(pool: PgPool) {
    let desk = desk(pool).await;
    let (id, _) = (desk.booked(TWO_PM).await, desk.booked(THREE_PM).await);

    assert_eq!(code(desk.reschedule(id, THREE_PM, patient()).await), Some(RejectionCode::SlotTaken));

    let still = super::super::appointments::by_id(&mut desk.world.tx().await, id).await.unwrap().unwrap();
    assert_eq!(still.starts_at, at(TWO_PM));
    assert!(!desk.free("2026-11-24", "2026-11-24").await.contains(&at(TWO_PM)));
    assert_eq!(desk.count("events").await, 2);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_visit_may_move_into_part_of_its_own_time(pool: PgPool) {
    let desk = desk(pool).await;
    let id = desk.booked(TWO_PM).await;
    let moved = desk.reschedule(id, "2026-11-24T19:15:00Z", patient()).await.unwrap();
    assert_eq!(moved.appointment.starts_at, at("2026-11-24T19:15:00Z"));
    assert_eq!(desk.count("occupancies").await, 1);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn cancelling_frees_the_time_and_happens_once(pool: PgPool) {
    let desk = desk(pool).await;
    let id = desk.booked(TWO_PM).await;

    let cancelled = desk.cancel(id, patient()).await.unwrap();
    assert_eq!(cancelled.status, AppointmentStatus::Cancelled);
    assert!(desk.free("2026-11-24", "2026-11-24").await.contains(&at(TWO_PM)));
    assert_eq!(code(desk.cancel(id, patient()).await), Some(RejectionCode::AlreadyCancelled));
    assert_eq!(code(desk.reschedule(id, THREE_PM, patient()).await), Some(RejectionCode::AlreadyCancelled));
    assert_eq!(desk.kinds().await, ["BookingCreated", "BookingCancelled", "SlotOpened"]);

    desk.booked(TWO_PM).await;
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn after_the_cutoff_only_staff_change_a_visit(pool: PgPool) {
    let desk = desk(pool).await;
    desk.set_type("cutoff_minutes", 24 * 60).await;
    let (id, other) = (desk.booked("2026-11-21T14:00:00Z").await, desk.booked("2026-11-21T15:00:00Z").await);

    assert_eq!(code(desk.cancel(id, patient()).await), Some(RejectionCode::CutoffPassed));
    assert_eq!(code(desk.reschedule(id, TWO_PM, patient()).await), Some(RejectionCode::CutoffPassed));
    assert_eq!(desk.cancel(id, member()).await.unwrap().status, AppointmentStatus::Cancelled);
    assert_eq!(
        code(desk.cancel(other, patient()).await),
        Some(RejectionCode::CutoffPassed),
        "a day to the minute is too late"
    );
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn moving_and_cancelling_at_once_ends_in_one_of_the_two(pool: PgPool) {
    let world = World::new(wide(&pool).await).await;
    let haircut = world.appointment_type("haircut", 45).await;
    let lin = world.practitioner().await;
    let desk = Desk { world, haircut, lin };
    for round in 0..20 {
        let id = desk.booked(TWO_PM).await;
        let (moved, cancelled, again) = futures::join!(
            desk.reschedule(id, THREE_PM, patient()),
            desk.cancel(id, patient()),
            desk.cancel(id, patient()),
        );
        assert!(cancelled.is_ok() != again.is_ok(), "{round}: {cancelled:?} {again:?}");
        assert!(moved.is_ok() || code(moved) == Some(RejectionCode::AlreadyCancelled), "{round}");
        assert_eq!(desk.count("occupancies").await, 0, "{round}: a cancelled visit takes no time");
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn two_visits_cannot_move_to_one_time(pool: PgPool) {
    let world = World::new(wide(&pool).await).await;
    let haircut = world.appointment_type("haircut", 45).await;
    let lin = world.practitioner().await;
    let desk = Desk { world, haircut, lin };
    let mut visits = Vec::new();
    for hour in 14..20 {
        visits.push(desk.booked(&format!("2026-11-25T{hour}:00:00Z")).await);
    }
    let moves = visits.iter().map(|id| desk.reschedule(*id, TWO_PM, patient()));
    let outcomes = join_all(moves).await;
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1);
    assert!(outcomes.into_iter().filter(Result::is_err).all(|outcome| code(outcome) == Some(RejectionCode::SlotTaken)));
    assert_eq!(desk.count("occupancies").await, 6);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn buffers_keep_time_free_around_a_visit(pool: PgPool) {
    let desk = desk(pool).await;
    desk.set_type("buffer_after_minutes", 30).await;
    desk.booked(TWO_PM).await;
    let free = desk.free("2026-11-24", "2026-11-24").await;
    // Until 2:45, and half an hour kept free after it.
    assert!(!free.contains(&at(THREE_PM)));
    assert!(free.contains(&at("2026-11-24T20:15:00Z")));
    // A visit before it needs its own half hour.
    assert!(!free.contains(&at("2026-11-24T18:00:00Z")));
    assert!(free.contains(&at("2026-11-24T17:45:00Z")));
    assert_eq!(code(desk.world.hold(desk.world.session(), desk.claim(THREE_PM)).await), Some(RejectionCode::SlotTaken));
    // The last visit of the day may end when the door closes.
    assert!(free.contains(&at("2026-11-24T21:15:00Z")));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn notice_and_horizon_bound_what_is_offered(pool: PgPool) {
    let desk = desk(pool).await;
    desk.set_type("notice_minutes", 120).await;
    desk.set_type("horizon_days", 3).await;
    let free = desk.free("2026-11-20", "2026-11-30").await;
    assert_eq!(free.first(), Some(&at("2026-11-20T17:00:00Z")));
    assert_eq!(free.last(), Some(&at("2026-11-23T15:00:00Z")));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_visit_is_missed_only_once_it_has_begun(pool: PgPool) {
    let desk = desk(pool).await;
    let id = desk.booked(TWO_PM).await;
    let missed = mark(&mut desk.world.tx().await, desk.world.now(), id, AppointmentStatus::Noshow, member()).await;
    assert_eq!(code(missed), Some(RejectionCode::Invalid));

    desk.world.wait(Duration::days(5));
    let mut tx = desk.world.tx().await;
    let missed = mark(&mut tx, desk.world.now(), id, AppointmentStatus::Noshow, member()).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(missed.status, AppointmentStatus::Noshow);
    assert_eq!(desk.kinds().await, ["BookingCreated", "BookingNoShow"]);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_visit_is_done_when_staff_say_so_or_when_it_is_over_and_the_patient_came(pool: PgPool) {
    let desk = desk(pool).await;
    let (came, missed, said) =
        (desk.booked(TWO_PM).await, desk.booked(THREE_PM).await, desk.booked("2026-11-24T21:00:00Z").await);
    let mark = async |id: AppointmentId, status: AppointmentStatus| {
        let now = desk.world.now();
        let marking = desk.world.db.transaction(desk.world.clinic, move |tx| {
            Box::pin(async move { crate::booking::mark(tx, now, id, status, member()).await })
        });
        marking.await
    };
    let sweep = async || {
        let now = desk.world.now();
        let clinics = crate::db::directory::with_ended_visits(&desk.world.db, now).await.unwrap();
        assert!(clinics.iter().all(|clinic| *clinic == desk.world.clinic));
        let sweeping = desk.world.db.transaction(desk.world.clinic, move |tx| {
            Box::pin(async move { crate::booking::changing::fulfil_ended(tx, now, 50).await })
        });
        (clinics.len(), sweeping.await.unwrap())
    };
    assert_eq!(code(mark(said, AppointmentStatus::Fulfilled).await), Some(RejectionCode::Invalid), "it has not begun");
    mark(came, AppointmentStatus::Arrived).await.unwrap();
    desk.world.wait(at(TWO_PM) - desk.world.now() + Duration::minutes(44));
    assert_eq!(sweep().await, (0, 0), "it is not over yet");
    desk.world.wait(Duration::hours(3));
    assert_eq!(sweep().await, (1, 1));
    assert_eq!(sweep().await, (0, 0));
    mark(said, AppointmentStatus::Fulfilled).await.unwrap();

    assert_eq!(desk.world.status(came).await, AppointmentStatus::Fulfilled);
    assert_eq!(desk.world.status(missed).await, AppointmentStatus::Booked, "nobody said that the patient came");
    assert_eq!(desk.world.status(said).await, AppointmentStatus::Fulfilled);
    let done: Vec<(String, String)> =
        sqlx::query_as("select actor, channel from events where kind = 'BookingFulfilled' order by event_id")
            .fetch_all(desk.world.tx().await.conn())
            .await
            .unwrap();
    let both = [("job", "job"), ("member", "console")];
    assert_eq!(done, both.map(|(actor, channel)| (actor.to_owned(), channel.to_owned())));
}
