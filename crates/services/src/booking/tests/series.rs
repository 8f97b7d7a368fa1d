//! The same visit every week.

use super::*;
use crate::booking::series::{Take, dates_for, repeat_visit};

/// Tuesdays at two in the afternoon.
const NEXT_WEEK: &str = "2026-12-01T19:00:00Z";
const IN_TWO_WEEKS: &str = "2026-12-08T19:00:00Z";

fn weekly(count: i64) -> Repeat {
    Repeat { every_weeks: 1, count, take: Take::AllOrNothing }
}

fn as_many_as_fit(count: i64) -> Repeat {
    Repeat { take: Take::AsManyAsFit, ..weekly(count) }
}

impl World {
    async fn confirm_series(&self, owner: Owner, hold: domain::id::HoldId, repeat: Repeat) -> Result<Series> {
        let (now, booking) = (self.now(), self.booking(owner, hold));
        let booked = self.db.transaction(self.clinic, move |tx| {
            let booking = booking.clone();
            Box::pin(async move { confirm_series(tx, now, &booking, repeat).await })
        });
        booked.await
    }

    async fn book_series(&self, claim: SlotClaim, repeat: Repeat) -> Result<Series> {
        let owner = self.session();
        let hold = self.hold(owner, claim).await?;
        self.confirm_series(owner, hold, repeat).await
    }
}

fn locals(series: &Series) -> Vec<&str> {
    series.appointments.iter().map(|visit| visit.local.as_str()).collect()
}

fn skipped(series: &Series) -> Vec<(&str, Vec<&str>)> {
    series
        .skipped
        .iter()
        .map(|skipped| (skipped.local.as_str(), skipped.reasons.iter().map(String::as_str).collect()))
        .collect()
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_series_is_the_same_visit_on_the_same_weekday(pool: PgPool) {
    let desk = desk(pool).await;
    let series = desk.world.book_series(desk.claim(TWO_PM), weekly(3)).await.unwrap();
    assert_eq!(locals(&series), ["2026-11-24T14:00", "2026-12-01T14:00", "2026-12-08T14:00"]);
    assert!(series.is_new && series.skipped.is_empty());
    assert!(series.appointments.iter().all(|visit| visit.status == AppointmentStatus::Booked));
    assert!(series.appointments.iter().all(|visit| visit.patient == series.appointments[0].patient));
    let mut codes: Vec<_> = series.appointments.iter().map(|visit| visit.confirmation_code.to_string()).collect();
    codes.sort();
    codes.dedup();
    assert_eq!(codes.len(), 3, "each visit has a code of its own");
    assert_eq!(desk.world.kinds().await, ["BookingCreated"; 3]);
    assert_eq!((desk.count("holds").await, desk.count("occupancies").await, desk.count("patients").await), (0, 3, 1));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn every_other_week_leaves_the_weeks_between_free(pool: PgPool) {
    let desk = desk(pool).await;
    let every_other = Repeat { every_weeks: 2, ..weekly(3) };
    let series = desk.world.book_series(desk.claim(TWO_PM), every_other).await.unwrap();
    assert_eq!(locals(&series), ["2026-11-24T14:00", "2026-12-08T14:00", "2026-12-22T14:00"]);
    assert!(desk.world.is_offered(desk.claim(NEXT_WEEK)).await);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_series_across_a_clock_change_keeps_its_local_time(pool: PgPool) {
    let desk = desk(pool).await;
    let series = desk.world.book_series(desk.claim("2027-03-09T19:00:00Z"), weekly(3)).await.unwrap();
    assert_eq!(locals(&series), ["2027-03-09T14:00", "2027-03-16T14:00", "2027-03-23T14:00"]);
    assert_eq!(series.appointments[1].starts_at, at("2027-03-16T18:00:00Z"));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_date_on_which_the_clocks_skip_the_time_is_left_out(pool: PgPool) {
    let desk = desk(pool).await;
    desk.world.run("update opening_hours set from_minute = 0, to_minute = 1440", &[]).await;
    let series = desk.world.book_series(desk.claim("2027-03-07T07:30:00Z"), as_many_as_fit(3)).await.unwrap();
    assert_eq!(locals(&series), ["2027-03-07T02:30", "2027-03-21T02:30"]);
    assert_eq!(skipped(&series), [("2027-03-14T02:30", vec!["zone_gap"])]);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn all_or_nothing_names_the_dates_and_books_nothing(pool: PgPool) {
    let desk = desk(pool).await;
    desk.world.book(desk.claim(NEXT_WEEK)).await.unwrap();
    desk.world.leave(None, "2026-12-08", "2026-12-08").await;
    let owner = desk.world.session();
    let hold = desk.world.hold(owner, desk.claim(TWO_PM)).await.unwrap();

    let refused = desk.world.confirm_series(owner, hold, weekly(4)).await.unwrap_err();

    let crate::Error::Rejected(rejection) = refused else { panic!("{refused:?}") };
    assert_eq!(rejection.code, RejectionCode::SlotTaken);
    let dates: Vec<_> = rejection.errors.iter().map(|error| (error.field.as_str(), error.message.as_str())).collect();
    assert_eq!(dates, [("2026-12-01T14:00", "taken"), ("2026-12-08T14:00", "closed")]);
    assert_eq!((desk.count("appointments").await, desk.count("occupancies").await), (1, 2));
    // The hold is still there, for one visit or for those that fit.
    assert_eq!(desk.world.confirm_series(owner, hold, as_many_as_fit(4)).await.unwrap().appointments.len(), 2);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn as_many_as_fit_books_the_rest_and_says_what_was_left_out_and_why(pool: PgPool) {
    let desk = desk(pool).await;
    desk.world.book(desk.claim(NEXT_WEEK)).await.unwrap();
    desk.world.leave(Some(desk.lin), "2026-12-08", "2026-12-10").await;
    desk.world.hold(desk.world.session(), desk.claim("2026-12-15T19:15:00Z")).await.unwrap();

    let series = desk.world.book_series(desk.claim(TWO_PM), as_many_as_fit(5)).await.unwrap();

    assert_eq!(locals(&series), ["2026-11-24T14:00", "2026-12-22T14:00"]);
    let left_out = [
        ("2026-12-01T14:00", vec!["taken"]),
        ("2026-12-08T14:00", vec!["closed"]),
        ("2026-12-15T14:00", vec!["taken"]),
    ];
    assert_eq!(skipped(&series), left_out, "as patients may know it");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_series_ends_at_the_horizon(pool: PgPool) {
    let desk = desk(pool).await;
    desk.world.run("update appointment_types set horizon_days = 14", &[]).await;
    let series = desk.world.book_series(desk.claim(TWO_PM), as_many_as_fit(4)).await.unwrap();
    assert_eq!(locals(&series), ["2026-11-24T14:00", "2026-12-01T14:00"]);
    assert_eq!(skipped(&series), [("2026-12-08T14:00", vec!["horizon"]), ("2026-12-15T14:00", vec!["horizon"])]);
    let again = desk.world.book_series(desk.claim("2026-11-24T20:00:00Z"), weekly(4)).await;
    assert_eq!(code(again), Some(RejectionCode::SlotTaken));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn the_same_hold_again_is_the_same_series(pool: PgPool) {
    let desk = desk(wide(&pool).await).await;
    let owner = desk.world.session();
    let hold = desk.world.hold(owner, desk.claim(TWO_PM)).await.unwrap();

    let tries = join_all((0..10).map(|_| desk.world.confirm_series(owner, hold, weekly(3)))).await;

    let tries: Vec<Series> = tries.into_iter().map(Result::unwrap).collect();
    assert_eq!(tries.iter().filter(|series| series.is_new).count(), 1);
    assert!(tries.iter().all(|series| series.id == tries[0].id && series.appointments == tries[0].appointments));
    assert_eq!((desk.count("appointments").await, desk.count("events").await), (3, 3));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_single_visit_does_not_become_a_series_afterwards(pool: PgPool) {
    let desk = desk(pool).await;
    let owner = desk.world.session();
    let hold = desk.world.hold(owner, desk.claim(TWO_PM)).await.unwrap();
    desk.world.confirm(owner, hold).await.unwrap();
    let refused = desk.world.confirm_series(owner, hold, weekly(3)).await;
    assert_eq!(code(refused), Some(RejectionCode::HoldExpired));
    assert_eq!(desk.count("appointments").await, 1);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_hold_that_ran_out_or_is_somebody_elses_begins_no_series(pool: PgPool) {
    let desk = desk(pool).await;
    let owner = desk.world.session();
    let hold = desk.world.hold(owner, desk.claim(TWO_PM)).await.unwrap();
    let stranger = desk.world.session();
    assert_eq!(code(desk.world.confirm_series(stranger, hold, weekly(2)).await), Some(RejectionCode::HoldExpired));
    desk.world.wait(Duration::minutes(5));
    assert_eq!(code(desk.world.confirm_series(owner, hold, weekly(2)).await), Some(RejectionCode::HoldExpired));
    assert_eq!(desk.count("appointments").await, 0);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_repetition_that_makes_no_sense_is_refused_and_the_hold_stays(pool: PgPool) {
    let desk = desk(pool).await;
    let owner = desk.world.session();
    let hold = desk.world.hold(owner, desk.claim(TWO_PM)).await.unwrap();
    for (every_weeks, count, field) in [
        (1, 1, "repeat.count"),
        (1, 0, "repeat.count"),
        (1, -3, "repeat.count"),
        (1, 53, "repeat.count"),
        (1, i64::MAX, "repeat.count"),
        (0, 2, "repeat.every_weeks"),
        (-1, 2, "repeat.every_weeks"),
        (13, 2, "repeat.every_weeks"),
        (i64::MIN, 2, "repeat.every_weeks"),
    ] {
        let repeat = Repeat { every_weeks, count, take: Take::AsManyAsFit };
        let refused = desk.world.confirm_series(owner, hold, repeat).await.unwrap_err();
        let crate::Error::Rejected(rejection) = refused else { panic!("{refused:?}") };
        assert_eq!((rejection.code, rejection.errors[0].field.as_str()), (RejectionCode::Invalid, field));
    }
    desk.world.confirm(owner, hold).await.unwrap();
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn the_longest_series_ends_years_ahead_and_books_what_the_horizon_allows(pool: PgPool) {
    let desk = desk(pool).await;
    let repeat = Repeat { every_weeks: 12, count: 52, take: Take::AsManyAsFit };
    let series = desk.world.book_series(desk.claim(TWO_PM), repeat).await.unwrap();
    assert_eq!((series.appointments.len(), series.skipped.len()), (5, 47));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn those_who_want_a_date_of_a_series_at_once_get_it_or_do_not(pool: PgPool) {
    let desk = desk(wide(&pool).await).await;
    for round in 0..10 {
        let claim = |week: i64| SlotClaim {
            starts_at: at(TWO_PM) + Duration::weeks(week) + Duration::minutes(45) * round,
            ..desk.claim(TWO_PM)
        };
        // Rounds follow each other through the day, some past its end.
        if !desk.world.is_offered(claim(0)).await {
            break;
        }
        let rivals = join_all((0..12).map(|n| desk.world.book(claim(1 + n % 3))));
        let (series, rivals) = futures::join!(desk.world.book_series(claim(0), as_many_as_fit(4)), rivals);

        let series = series.unwrap();
        let won = rivals.iter().filter(|rival| rival.is_ok()).count();
        assert_eq!(series.appointments.len() + won, 4, "each date went to one of them: {series:?}");
        assert_eq!(series.skipped.len(), won);
        assert!(rivals.into_iter().filter(Result::is_err).all(|lost| code(lost) == Some(RejectionCode::SlotTaken)));
    }
    assert_eq!(desk.count("occupancies").await % 4, 0);
    assert!(desk.count("occupancies").await > 0);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_visit_of_a_series_is_called_off_alone(pool: PgPool) {
    let desk = desk(pool).await;
    let series = desk.world.book_series(desk.claim(TWO_PM), weekly(3)).await.unwrap();
    desk.world.cancel(series.appointments[1].id, patient()).await.unwrap();
    assert!(desk.world.is_offered(desk.claim(NEXT_WEEK)).await);
    assert!(!desk.world.is_offered(desk.claim(IN_TWO_WEEKS)).await);
    let left = appointments::of_series(&mut desk.world.tx().await, series.id).await.unwrap();
    let states: Vec<_> = left.iter().map(|visit| visit.status).collect();
    assert_eq!(states, [AppointmentStatus::Booked, AppointmentStatus::Cancelled, AppointmentStatus::Booked]);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_series_that_staff_approve_is_asked_for_visit_by_visit(pool: PgPool) {
    let desk = desk(pool).await;
    desk.world.run("update appointment_types set web_mode = 'request'", &[]).await;
    let series = desk.world.book_series(desk.claim(TWO_PM), weekly(3)).await.unwrap();
    assert!(series.appointments.iter().all(|visit| visit.status == AppointmentStatus::Pending));
    assert_eq!(desk.world.kinds().await, ["BookingRequested"; 3]);
    assert_eq!(desk.world.tasks().await.len(), 3);
    desk.world.approve(series.appointments[1].id).await.unwrap();
    assert_eq!(desk.world.status(series.appointments[0].id).await, AppointmentStatus::Pending);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_series_in_a_group_takes_a_seat_each_week(pool: PgPool) {
    let desk = desk(pool).await;
    desk.world.run("update appointment_types set capacity = 2", &[]).await;
    desk.world.book(desk.claim(NEXT_WEEK)).await.unwrap();
    desk.world.book_series(desk.claim(TWO_PM), weekly(3)).await.unwrap();
    assert!(!desk.world.is_offered(desk.claim(NEXT_WEEK)).await, "the second of two seats");
    assert!(desk.world.is_offered(desk.claim(IN_TWO_WEEKS)).await);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_series_takes_whichever_room_is_free_each_week(pool: PgPool) {
    let desk = desk(pool).await;
    let reyes = desk.world.practitioner_called("Noah Reyes").await;
    let rooms = [desk.world.room("Chair 1").await, desk.world.room("Chair 2").await];
    desk.world.need(desk.haircut, 1, &rooms).await;
    desk.world.book(visit(reyes, desk.haircut, NEXT_WEEK)).await.unwrap();

    desk.world.book_series(desk.claim(TWO_PM), weekly(3)).await.unwrap();

    let used: Vec<uuid::Uuid> = sqlx::query_scalar(
        "select o.room_id from occupancies o join appointments a using (clinic_id, appointment_id)
         where a.series_id is not null and o.room_id is not null order by a.starts_at",
    )
    .fetch_all(desk.world.tx().await.conn())
    .await
    .unwrap();
    assert_eq!(used, [rooms[0], rooms[1], rooms[0]]);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn series_booked_at_once_in_each_others_rooms_do_not_lock_each_other_out(pool: PgPool) {
    use std::sync::atomic::{AtomicUsize, Ordering};

    let desk = desk(wide(&pool).await).await;
    let reyes = desk.world.practitioner_called("Noah Reyes").await;
    let rooms = [desk.world.room("Chair 1").await, desk.world.room("Chair 2").await];
    desk.world.need(desk.haircut, 1, &rooms).await;
    let tries = AtomicUsize::new(0);
    for round in 0..6 {
        let start = at("2026-11-24T14:00:00Z") + Duration::hours(round);
        let claims =
            [desk.lin, reyes].map(|who| SlotClaim { practitioner_id: who, starts_at: start, ..desk.claim(TWO_PM) });
        let owners = [desk.world.session(), desk.world.session()];
        let mut holds = Vec::new();
        for (owner, claim) in owners.iter().zip(claims) {
            holds.push(desk.world.hold(*owner, claim).await.unwrap());
        }
        let confirming = owners.iter().zip(&holds).map(|(owner, hold)| {
            let (tries, booking, now) = (&tries, desk.world.booking(*owner, *hold), desk.world.now());
            desk.world.db.transaction(desk.world.clinic, move |tx| {
                tries.fetch_add(1, Ordering::SeqCst);
                let booking = booking.clone();
                Box::pin(async move { confirm_series(tx, now, &booking, weekly(3)).await })
            })
        });
        for booked in join_all(confirming).await {
            booked.unwrap();
        }
    }
    assert_eq!(tries.load(Ordering::SeqCst), 12, "none had to be tried again");
}

impl World {
    async fn repeat_visit(&self, id: AppointmentId, repeat: Repeat) -> Result<Series> {
        let now = self.now();
        let repeating = self.db.transaction(self.clinic, move |tx| {
            Box::pin(async move { repeat_visit(tx, now, id, repeat, member()).await })
        });
        repeating.await
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn staff_repeat_a_visit_that_is_booked(pool: PgPool) {
    let desk = desk(pool).await;
    let first = desk.world.book(desk.claim(TWO_PM)).await.unwrap();
    desk.world.book(desk.claim(NEXT_WEEK)).await.unwrap();

    let dates = {
        let mut tx = desk.world.tx().await;
        dates_for(&mut tx, desk.world.now(), first.id, weekly(3)).await.unwrap()
    };
    let dates: Vec<_> = dates.iter().map(|date| (date.local.as_str(), date.reasons.as_slice())).collect();
    assert_eq!(dates, [("2026-12-01T14:00", &[Reason::Taken][..]), ("2026-12-08T14:00", &[])]);

    assert_eq!(code(desk.world.repeat_visit(first.id, weekly(3)).await), Some(RejectionCode::SlotTaken));
    assert_eq!(desk.count("appointments").await, 2, "all or nothing");
    let series = desk.world.repeat_visit(first.id, as_many_as_fit(3)).await.unwrap();

    assert_eq!(locals(&series), ["2026-11-24T14:00", "2026-12-08T14:00"]);
    assert_eq!(skipped(&series), [("2026-12-01T14:00", vec!["taken"])]);
    assert_eq!(series.appointments[0].id, first.id);
    assert_eq!(series.appointments[1].patient, first.patient);
    let booked: Vec<(String, String)> = sqlx::query_as("select actor, channel from events where appointment_id = $1")
        .bind(series.appointments[1].id.uuid())
        .fetch_all(desk.world.tx().await.conn())
        .await
        .unwrap();
    assert_eq!(booked, [("member".to_owned(), "console".to_owned())]);
    let again = desk.world.repeat_visit(first.id, as_many_as_fit(3)).await;
    assert_eq!(code(again), Some(RejectionCode::Invalid), "it is part of a series already");
    assert_eq!(desk.count("appointments").await, 3);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn what_is_not_booked_is_not_repeated(pool: PgPool) {
    let desk = desk(pool).await;
    let visit = desk.world.book(desk.claim(TWO_PM)).await.unwrap();
    for count in [-1, 0, 1, 53] {
        assert_eq!(code(desk.world.repeat_visit(visit.id, as_many_as_fit(count)).await), Some(RejectionCode::Invalid));
    }
    desk.world.cancel(visit.id, patient()).await.unwrap();
    assert!(desk.world.repeat_visit(visit.id, as_many_as_fit(3)).await.is_err());
    assert_eq!(desk.count("appointments").await, 1);
}
