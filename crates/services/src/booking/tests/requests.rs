//! Times that patients ask for and staff decide about.

use serde_json::Value;

use super::*;

const THREE_PM: &str = "2026-11-24T20:00:00Z";
const FOUR_PM: &str = "2026-11-24T21:00:00Z";

const ASKS: (&str, &str) = ("booking_request", "Asks for this time.");
const ASKS_INSTEAD: (&str, &str) = ("booking_request", "Asks for this time instead of an earlier one.");

/// A desk where staff approve what patients book on the web.
async fn careful_desk(pool: PgPool) -> Desk {
    let desk = desk(pool).await;
    desk.world.run("update appointment_types set web_mode = 'request'", &[]).await;
    desk
}

impl Desk {
    async fn asked_for(&self, start: &str) -> AppointmentId {
        self.world.book(self.claim(start)).await.unwrap().id
    }

    async fn assert_tasks(&self, expected: &[(&str, &str)]) {
        let open = self.world.tasks().await;
        let open: Vec<(&str, &str)> = open.iter().map(|(kind, detail)| (kind.as_str(), detail.as_str())).collect();
        assert_eq!(open, expected);
    }

    async fn last_payload(&self) -> Value {
        let last =
            sqlx::query_scalar("select payload from events where kind <> 'SlotOpened' order by event_id desc limit 1");
        last.fetch_one(self.world.tx().await.conn()).await.unwrap()
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn asking_for_a_time_books_nothing_and_leaves_a_task(pool: PgPool) {
    let desk = careful_desk(pool).await;
    let id = desk.asked_for(TWO_PM).await;
    assert_eq!(desk.world.status(id).await, AppointmentStatus::Pending);
    assert_eq!(desk.world.kinds().await, ["BookingRequested"]);
    desk.assert_tasks(&[ASKS]).await;
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_time_that_was_asked_for_is_taken_until_staff_decide(pool: PgPool) {
    let desk = careful_desk(pool).await;
    desk.asked_for(TWO_PM).await;
    assert!(!desk.world.is_offered(desk.claim(TWO_PM)).await);
    assert_eq!(desk.world.reasons(desk.claim(TWO_PM)).await, [Reason::Taken]);
    assert_eq!(code(desk.world.book(desk.claim(TWO_PM)).await), Some(RejectionCode::SlotTaken));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn asking_twice_is_one_request(pool: PgPool) {
    let desk = careful_desk(pool).await;
    let owner = desk.world.session();
    let hold = desk.world.hold(owner, desk.claim(TWO_PM)).await.unwrap();
    let (first, again) =
        (desk.world.confirm(owner, hold).await.unwrap(), desk.world.confirm(owner, hold).await.unwrap());
    assert_eq!((first.appointment.id, again.is_new), (again.appointment.id, false));
    assert_eq!((desk.count("tasks").await, desk.count("events").await), (1, 1));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn approving_books_what_was_asked_for(pool: PgPool) {
    let desk = careful_desk(pool).await;
    let id = desk.asked_for(TWO_PM).await;

    let approved = desk.world.approve(id).await.unwrap();

    assert_eq!((approved.status, approved.starts_at), (AppointmentStatus::Booked, at(TWO_PM)));
    assert_eq!(desk.world.kinds().await, ["BookingRequested", "BookingCreated"]);
    desk.assert_tasks(&[]).await;
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn approving_twice_approves_once(pool: PgPool) {
    let desk = careful_desk(pool).await;
    let id = desk.asked_for(TWO_PM).await;
    let outcomes = join_all((0..5).map(|_| desk.world.approve(id))).await;
    assert!(outcomes.iter().all(|outcome| outcome.as_ref().unwrap().status == AppointmentStatus::Booked));
    assert_eq!(desk.world.kinds().await, ["BookingRequested", "BookingCreated"]);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn declining_frees_the_time_and_settles_the_task(pool: PgPool) {
    let desk = careful_desk(pool).await;
    let id = desk.asked_for(TWO_PM).await;

    let declined = desk.world.decline(id).await.unwrap();

    assert_eq!(declined.status, AppointmentStatus::Cancelled);
    assert!(desk.world.is_offered(desk.claim(TWO_PM)).await);
    assert_eq!(desk.world.kinds().await, ["BookingRequested", "BookingCancelled", "SlotOpened"]);
    desk.assert_tasks(&[]).await;
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn what_was_decided_is_not_decided_again(pool: PgPool) {
    let desk = careful_desk(pool).await;
    let (declined, approved) = (desk.asked_for(TWO_PM).await, desk.asked_for(THREE_PM).await);
    desk.world.decline(declined).await.unwrap();
    desk.world.approve(approved).await.unwrap();
    assert_eq!(code(desk.world.approve(declined).await), Some(RejectionCode::AlreadyCancelled));
    assert_eq!(code(desk.world.decline(declined).await), Some(RejectionCode::AlreadyCancelled));
    assert_eq!(code(desk.world.decline(approved).await), Some(RejectionCode::Invalid), "it is cancelled instead");
    assert_eq!(code(desk.world.approve(AppointmentId::new()).await), Some(RejectionCode::NotFound));
    assert_eq!(code(desk.world.decline(AppointmentId::new()).await), Some(RejectionCode::NotFound));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn another_clinics_request_is_not_ours_to_decide(pool: PgPool) {
    let desk = careful_desk(pool.clone()).await;
    let cedar = World::new(pool).await;
    let id = desk.asked_for(TWO_PM).await;
    assert_eq!(code(cedar.approve(id).await), Some(RejectionCode::NotFound));
    assert_eq!(code(cedar.decline(id).await), Some(RejectionCode::NotFound));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn of_those_who_decide_at_once_the_first_does(pool: PgPool) {
    let desk = careful_desk(wide(&pool).await).await;
    for round in 0..20 {
        let id = desk.asked_for(TWO_PM).await;
        let (approved, declined) = futures::join!(desk.world.approve(id), desk.world.decline(id));
        match desk.world.status(id).await {
            AppointmentStatus::Booked => {
                assert!(approved.is_ok() && code(declined) == Some(RejectionCode::Invalid), "{round}");
                assert_eq!(desk.count("occupancies").await, 1);
                desk.world.cancel(id, member()).await.unwrap();
            }
            AppointmentStatus::Cancelled => {
                assert!(declined.is_ok() && code(approved) == Some(RejectionCode::AlreadyCancelled), "{round}");
            }
            other => panic!("{round}: {other:?}"),
        }
        assert_eq!(desk.count("occupancies").await, 0);
        desk.assert_tasks(&[]).await;
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_request_taken_back_while_staff_approve_it_takes_no_time(pool: PgPool) {
    let desk = careful_desk(wide(&pool).await).await;
    for round in 0..20 {
        let id = desk.asked_for(TWO_PM).await;
        let (approved, taken_back) = futures::join!(desk.world.approve(id), desk.world.cancel(id, patient()));
        assert!(taken_back.is_ok(), "{round}: {taken_back:?}");
        assert!(approved.is_ok() || code(approved) == Some(RejectionCode::AlreadyCancelled), "{round}");
        assert_eq!(desk.world.status(id).await, AppointmentStatus::Cancelled);
        assert_eq!(desk.count("occupancies").await, 0);
        desk.assert_tasks(&[]).await;
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_patient_takes_a_request_back(pool: PgPool) {
    let desk = careful_desk(pool).await;
    let id = desk.asked_for(TWO_PM).await;
    desk.world.cancel(id, patient()).await.unwrap();
    assert_eq!(desk.world.kinds().await, ["BookingRequested", "BookingCancelled", "SlotOpened"]);
    desk.assert_tasks(&[]).await;
    assert!(desk.world.is_offered(desk.claim(TWO_PM)).await);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn an_approved_visit_that_its_patient_moves_waits_for_approval_again(pool: PgPool) {
    let desk = careful_desk(pool).await;
    let id = desk.asked_for(TWO_PM).await;
    desk.world.approve(id).await.unwrap();

    let moved = desk.world.reschedule(id, desk.claim(THREE_PM), patient()).await.unwrap();

    assert_eq!((moved.appointment.status, moved.appointment.starts_at), (AppointmentStatus::Pending, at(THREE_PM)));
    assert_eq!(desk.last_payload().await["pending"], true);
    desk.assert_tasks(&[ASKS_INSTEAD]).await;
    assert!(desk.world.is_offered(desk.claim(TWO_PM)).await && !desk.world.is_offered(desk.claim(THREE_PM)).await);

    desk.world.approve(id).await.unwrap();
    desk.assert_tasks(&[]).await;
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_request_that_moves_again_and_again_is_one_task(pool: PgPool) {
    let desk = careful_desk(pool).await;
    let id = desk.asked_for(TWO_PM).await;
    desk.world.reschedule(id, desk.claim(THREE_PM), patient()).await.unwrap();
    desk.world.reschedule(id, desk.claim(FOUR_PM), patient()).await.unwrap();
    desk.assert_tasks(&[ASKS_INSTEAD]).await;
    assert_eq!(desk.count("tasks").await, 1);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn moving_to_where_it_is_asks_for_nothing(pool: PgPool) {
    let desk = careful_desk(pool).await;
    let id = desk.asked_for(TWO_PM).await;
    desk.world.approve(id).await.unwrap();
    let moved = desk.world.reschedule(id, desk.claim(TWO_PM), patient()).await.unwrap();
    assert_eq!(moved.appointment.status, AppointmentStatus::Booked);
    assert_eq!(desk.world.kinds().await, ["BookingRequested", "BookingCreated"]);
    desk.assert_tasks(&[]).await;
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_visit_that_staff_move_stays_booked(pool: PgPool) {
    let desk = careful_desk(pool).await;
    let id = desk.asked_for(TWO_PM).await;
    desk.world.approve(id).await.unwrap();
    let moved = desk.world.reschedule(id, desk.claim(THREE_PM), member()).await.unwrap();
    assert_eq!(moved.appointment.status, AppointmentStatus::Booked);
    assert_eq!(desk.last_payload().await["pending"], false);
    desk.assert_tasks(&[]).await;
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_request_that_staff_move_is_still_to_be_decided(pool: PgPool) {
    let desk = careful_desk(pool).await;
    let id = desk.asked_for(TWO_PM).await;
    let moved = desk.world.reschedule(id, desk.claim(THREE_PM), member()).await.unwrap();
    assert_eq!(moved.appointment.status, AppointmentStatus::Pending);
    desk.assert_tasks(&[ASKS]).await;
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_channel_that_books_at_once_does_so_beside_one_that_asks(pool: PgPool) {
    let desk = careful_desk(pool).await;
    let owner = desk.world.session();
    let hold = desk.world.hold(owner, desk.claim(TWO_PM)).await.unwrap();
    let booking = Booking { channel: Channel::Api, ..desk.world.booking(owner, hold) };
    let mut tx = desk.world.tx().await;
    let confirmed = confirm(&mut tx, desk.world.now(), &booking).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(confirmed.appointment.status, AppointmentStatus::Booked);
    desk.assert_tasks(&[]).await;
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_request_was_neither_missed_nor_kept(pool: PgPool) {
    let desk = careful_desk(pool).await;
    let id = desk.asked_for(TWO_PM).await;
    desk.world.wait(Duration::days(5));
    for status in [AppointmentStatus::Arrived, AppointmentStatus::Noshow] {
        let marked = mark(&mut desk.world.tx().await, desk.world.now(), id, status, member()).await;
        assert_eq!(code(marked), Some(RejectionCode::Invalid), "{status:?}");
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn the_chat_that_asked_is_told_what_was_decided(pool: PgPool) {
    let desk = careful_desk(pool).await;
    for (start, decided) in [(TWO_PM, "BookingCreated"), (THREE_PM, "BookingCancelled")] {
        let conversation = desk.world.conversation().await;
        let owner = Owner::Session(conversation);
        let hold = desk.world.hold(owner, desk.claim(start)).await.unwrap();
        let booking = Booking { conversation_id: Some(conversation), ..desk.world.booking(owner, hold) };
        let mut tx = desk.world.tx().await;
        let id = confirm(&mut tx, desk.world.now(), &booking).await.unwrap().appointment.id;
        tx.commit().await.unwrap();

        if decided == "BookingCreated" { desk.world.approve(id).await } else { desk.world.decline(id).await }.unwrap();

        let told = crate::events::after(&mut desk.world.tx().await, conversation, None, 10).await.unwrap();
        let told: Vec<String> = told.into_iter().map(|push| push.kind).collect();
        assert_eq!(told, ["BookingRequested", decided]);
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn what_happened_to_a_request_is_read_in_order_with_who_did_it(pool: PgPool) {
    let desk = careful_desk(pool).await;
    let id = desk.asked_for(TWO_PM).await;
    desk.world.approve(id).await.unwrap();
    desk.world.reschedule(id, desk.claim(THREE_PM), patient()).await.unwrap();
    desk.world.decline(id).await.unwrap();

    let history = crate::events::history(&mut desk.world.tx().await, id).await.unwrap();

    let lines: Vec<_> =
        history.iter().map(|line| (line.kind.as_str(), line.actor.as_str(), line.channel.as_str())).collect();
    assert_eq!(
        lines,
        [
            ("BookingRequested", "patient", "web"),
            ("BookingCreated", "member", "console"),
            ("BookingRescheduled", "patient", "web"),
            ("SlotOpened", "patient", "web"),
            ("BookingCancelled", "member", "console"),
            ("SlotOpened", "member", "console"),
        ]
    );
}
