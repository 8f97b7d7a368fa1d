//! Hours, leave, closures and other calendars, from their rows to what is on
//! offer.

use super::*;

const TUESDAY: &str = "2026-11-24";
const WEDNESDAY: &str = "2026-11-25";

impl Desk {
    /// A practitioner's starts on a day by the wall clock, `09:00-16:15`; in
    /// stretches without a gap.
    async fn day_of(&self, who: PractitionerId, day: &str) -> Vec<String> {
        let date = day.parse().unwrap();
        let wanted = Wanted { practitioner: Some(who), ..Wanted::of("haircut", Channel::Web, date, date) };
        let found = available(&mut self.world.tx().await, self.world.now(), &wanted).await.unwrap();
        let starts: Vec<DateTime<Utc>> = found.slots.iter().map(|slot| slot.claim.starts_at).collect();
        let local = |at: &DateTime<Utc>| at.with_timezone(&chrono_tz::America::New_York).format("%H:%M").to_string();
        starts
            .chunk_by(|one, next| *next - *one == Duration::minutes(15))
            .map(|run| format!("{}-{}", local(&run[0]), local(&run[run.len() - 1])))
            .collect()
    }

    async fn why(&self, who: PractitionerId, start: &str) -> Vec<Reason> {
        self.world.reasons(visit(who, self.haircut, start)).await
    }

    async fn another(&self) -> PractitionerId {
        self.world.practitioner_called("Noah Reyes").await
    }
}

const ALL_DAY: [&str; 1] = ["09:00-16:15"];

#[sqlx::test(migrator = "MIGRATOR")]
async fn who_is_on_leave_is_not_offered_and_the_others_are(pool: PgPool) {
    let desk = desk(pool).await;
    let reyes = desk.another().await;
    desk.world.leave(Some(desk.lin), TUESDAY, WEDNESDAY).await;
    for day in [TUESDAY, WEDNESDAY] {
        assert!(desk.day_of(desk.lin, day).await.is_empty(), "both ends of a leave are part of it");
        assert_eq!(desk.day_of(reyes, day).await, ALL_DAY);
    }
    assert_eq!(desk.why(desk.lin, TWO_PM).await, [Reason::Leave]);
    assert_eq!(code(desk.world.book(desk.claim(TWO_PM)).await), Some(RejectionCode::SlotTaken));
    assert_eq!(desk.day_of(desk.lin, "2026-11-23").await, ALL_DAY);
    assert_eq!(desk.day_of(desk.lin, "2026-11-26").await, ALL_DAY);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_closure_holds_for_everybody(pool: PgPool) {
    let desk = desk(pool).await;
    let reyes = desk.another().await;
    desk.world.leave(None, TUESDAY, TUESDAY).await;
    for who in [desk.lin, reyes] {
        assert!(desk.day_of(who, TUESDAY).await.is_empty());
        assert_eq!(desk.why(who, TWO_PM).await, [Reason::Closed]);
        assert_eq!(desk.day_of(who, WEDNESDAY).await, ALL_DAY);
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn who_works_at_a_location_keeps_its_hours_and_closures(pool: PgPool) {
    let desk = desk(pool).await;
    let reyes = desk.another().await;
    let harbour = uuid::Uuid::from_u128(7);
    desk.world.run("insert into locations (location_id, name) values ($1, 'Harbour')", &[harbour]).await;
    desk.world
        .run(
            "insert into opening_hours (opening_hour_id, kind, location_id, weekday, from_minute, to_minute)
             select gen_random_uuid(), 'open', $1, day, 480, 720 from generate_series(1, 5) as day",
            &[harbour],
        )
        .await;
    desk.world
        .run("update practitioners set location_id = $1 where practitioner_id = $2", &[harbour, desk.lin.uuid()])
        .await;
    assert_eq!(desk.day_of(desk.lin, TUESDAY).await, ["08:00-11:15"]);
    assert_eq!(desk.day_of(reyes, TUESDAY).await, ALL_DAY);
    assert_eq!(desk.why(desk.lin, TWO_PM).await, [Reason::Closed]);

    desk.world
        .run(
            "insert into time_off (time_off_id, location_id, from_date, to_date)
             values (gen_random_uuid(), $1, '2026-11-24', '2026-11-24')",
            &[harbour],
        )
        .await;
    assert_eq!(desk.why(desk.lin, "2026-11-24T14:00:00Z").await, [Reason::Closed]);
    assert_eq!(desk.day_of(reyes, TUESDAY).await, ALL_DAY);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn hours_of_ones_own_replace_the_clinics_on_all_days(pool: PgPool) {
    let desk = desk(pool).await;
    desk.world
        .run(
            "insert into opening_hours (opening_hour_id, kind, practitioner_id, weekday, from_minute, to_minute)
             values (gen_random_uuid(), 'open', $1, 2, 600, 720), (gen_random_uuid(), 'open', $1, 2, 780, 840)",
            &[desk.lin.uuid()],
        )
        .await;
    assert_eq!(desk.day_of(desk.lin, TUESDAY).await, ["10:00-11:15", "13:00-13:15"]);
    assert!(desk.day_of(desk.lin, WEDNESDAY).await.is_empty());
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn hours_hold_between_their_dates(pool: PgPool) {
    let desk = desk(pool).await;
    desk.world
        .run(
            "insert into opening_hours
                    (opening_hour_id, kind, practitioner_id, weekday, from_minute, to_minute, effective_from, effective_until)
             values (gen_random_uuid(), 'open', $1, 2, 600, 720, '2026-12-01', '2026-12-08')",
            &[desk.lin.uuid()],
        )
        .await;
    assert_eq!(desk.day_of(desk.lin, TUESDAY).await, ALL_DAY, "not yet");
    assert_eq!(desk.day_of(desk.lin, "2026-12-01").await, ["10:00-11:15"]);
    assert!(desk.day_of(desk.lin, "2026-12-02").await.is_empty(), "a Wednesday in those weeks");
    assert_eq!(desk.day_of(desk.lin, "2026-12-08").await, ["10:00-11:15"]);
    assert_eq!(desk.day_of(desk.lin, "2026-12-15").await, ALL_DAY, "not any more");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_date_with_hours_of_its_own_keeps_none_of_the_weeks(pool: PgPool) {
    let desk = desk(pool).await;
    let reyes = desk.another().await;
    desk.world
        .run(
            "insert into date_exceptions (date_exception_id, practitioner_id, on_date, from_minute, to_minute)
             values (gen_random_uuid(), $1, '2026-11-24', 720, 840)",
            &[desk.lin.uuid()],
        )
        .await;
    assert_eq!(desk.day_of(desk.lin, TUESDAY).await, ["12:00-13:15"]);
    assert_eq!(desk.why(desk.lin, TWO_PM).await, [Reason::Exception]);
    assert_eq!(desk.day_of(reyes, TUESDAY).await, ALL_DAY);
    assert_eq!(desk.day_of(desk.lin, WEDNESDAY).await, ALL_DAY);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_clinic_closed_on_a_date_is_closed_for_who_has_hours_that_day(pool: PgPool) {
    let desk = desk(pool).await;
    desk.world
        .run(
            "insert into date_exceptions (date_exception_id, practitioner_id, on_date, from_minute, to_minute)
             values (gen_random_uuid(), $1, '2026-11-24', 720, 840), (gen_random_uuid(), null, '2026-11-24', null, null)",
            &[desk.lin.uuid()],
        )
        .await;
    assert!(desk.day_of(desk.lin, TUESDAY).await.is_empty());
    assert_eq!(desk.why(desk.lin, TWO_PM).await, [Reason::Closed]);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn breaks_of_the_clinic_and_of_ones_own_both_hold(pool: PgPool) {
    let desk = desk(pool).await;
    let reyes = desk.another().await;
    desk.world
        .run(
            "insert into opening_hours (opening_hour_id, kind, practitioner_id, weekday, from_minute, to_minute)
             values (gen_random_uuid(), 'break', null, 2, 720, 780), (gen_random_uuid(), 'break', $1, 2, 900, 915)",
            &[desk.lin.uuid()],
        )
        .await;
    assert_eq!(desk.day_of(desk.lin, TUESDAY).await, ["09:00-11:15", "13:00-14:15", "15:15-16:15"]);
    assert_eq!(desk.day_of(reyes, TUESDAY).await, ["09:00-11:15", "13:00-16:15"]);
    assert_eq!(desk.why(desk.lin, "2026-11-24T20:00:00Z").await, [Reason::Break]);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn time_spent_otherwise_is_not_offered_and_says_so(pool: PgPool) {
    let desk = desk(pool).await;
    let reyes = desk.another().await;
    desk.world.busy(desk.lin, "2026-11-24T18:10:00Z", "2026-11-24T19:05:00Z").await;
    assert_eq!(desk.day_of(desk.lin, TUESDAY).await, ["09:00-12:15", "14:15-16:15"]);
    assert_eq!(desk.day_of(reyes, TUESDAY).await, ALL_DAY);
    assert_eq!(desk.why(desk.lin, TWO_PM).await, [Reason::ExternalBusy]);
    assert_eq!(code(desk.world.book(desk.claim(TWO_PM)).await), Some(RejectionCode::SlotTaken));

    desk.world.run("update busy_times set during = tstzrange('2026-11-25 14:00Z', '2026-11-25 22:00Z')", &[]).await;
    assert_eq!(desk.day_of(desk.lin, TUESDAY).await, ALL_DAY);
    assert!(desk.day_of(desk.lin, WEDNESDAY).await.is_empty());
    desk.world.run("delete from busy_times", &[]).await;
    assert_eq!(desk.day_of(desk.lin, WEDNESDAY).await, ALL_DAY);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_sabbatical_that_began_long_ago_is_still_going_on(pool: PgPool) {
    let desk = desk(pool).await;
    desk.world.busy(desk.lin, "2026-09-01T00:00:00Z", "2026-11-25T05:00:00Z").await;
    assert!(desk.day_of(desk.lin, TUESDAY).await.is_empty());
    assert_eq!(desk.day_of(desk.lin, WEDNESDAY).await, ALL_DAY);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn blocking_a_booked_time_leaves_the_visit_and_keeps_its_time_when_it_is_cancelled(pool: PgPool) {
    let desk = desk(pool).await;
    let booked = desk.world.book(desk.claim(TWO_PM)).await.unwrap();
    desk.world.busy(desk.lin, TWO_PM, "2026-11-24T20:00:00Z").await;
    assert_eq!(desk.why(desk.lin, TWO_PM).await, [Reason::ExternalBusy, Reason::Taken]);
    assert_eq!(desk.world.status(booked.id).await, AppointmentStatus::Booked);

    desk.world.cancel(booked.id, member()).await.unwrap();
    assert_eq!(desk.why(desk.lin, TWO_PM).await, [Reason::ExternalBusy]);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn who_left_or_stopped_offering_is_not_booked(pool: PgPool) {
    let desk = desk(pool).await;
    let claim = desk.claim(TWO_PM);
    desk.world.run("delete from offers where practitioner_id = $1", &[desk.lin.uuid()]).await;
    assert!(desk.day_of(desk.lin, TUESDAY).await.is_empty());
    assert_eq!(code(desk.world.book(claim).await), Some(RejectionCode::SlotTaken));
    let now = desk.world.now();
    let asked =
        explain(&mut desk.world.tx().await, now, "haircut", Some(desk.lin), Channel::Web, At::Instant(at(TWO_PM)))
            .await;
    assert_eq!(code(asked), Some(RejectionCode::NotFound));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_local_time_that_the_clocks_skip_is_explained_as_such(pool: PgPool) {
    let desk = desk(pool).await;
    let now = desk.world.now();
    let ask = async |local: &str| {
        let at = At::Local(local.parse().unwrap());
        explain(&mut desk.world.tx().await, now, "haircut", None, Channel::Web, at).await.unwrap()
    };
    let skipped = ask("2027-03-14T02:30:00").await;
    assert_eq!(skipped.reasons.iter().map(|(_, reason)| *reason).collect::<Vec<_>>(), [Reason::ZoneGap]);
    assert_eq!(skipped.for_patients(), [Reason::ZoneGap]);
    assert!(ask("2027-03-15T14:00:00").await.offered);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn half_a_minute_past_a_start_is_no_start_by_either_clock(pool: PgPool) {
    let desk = desk(pool).await;
    let now = desk.world.now();
    for at in [At::Instant(at("2026-11-24T19:00:30Z")), At::Local("2026-11-24T14:00:30".parse().unwrap())] {
        let explained = explain(&mut desk.world.tx().await, now, "haircut", None, Channel::Web, at).await.unwrap();
        assert!(!explained.offered, "{at:?}");
        assert_eq!(explained.for_patients(), [Reason::Grid]);
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_moment_of_no_year_a_person_would_write_is_invalid(pool: PgPool) {
    let desk = desk(pool).await;
    let now = desk.world.now();
    for at in [
        At::Instant(DateTime::<Utc>::MAX_UTC),
        At::Instant(DateTime::<Utc>::MIN_UTC),
        At::Instant(at("-4800-01-01T00:00:00Z")),
        At::Local(chrono::NaiveDateTime::MAX),
        At::Local(chrono::NaiveDateTime::MIN),
    ] {
        let asked = explain(&mut desk.world.tx().await, now, "haircut", None, Channel::Web, at).await;
        assert_eq!(code(asked), Some(RejectionCode::Invalid), "{at:?}");
    }
}
