//! Nights in which the clinic's clocks change.

use std::collections::HashSet;

use chrono::{DateTime, Duration, Utc};
use chrono_tz::America::New_York;
use serde_json::Value;
use sqlx::PgPool;

use crate::support::{TestServer, ada};

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn no_visit_starts_in_the_hour_that_spring_skips(pool: PgPool) {
    let server = open_all_night(pool, "2027-03-10T15:00:00Z").await;
    let slots = consultations(&server, "2027-03-13", "2027-03-15").await;

    let skipped = |slot: &&Slot| slot.local.starts_with("2027-03-14T02:");
    assert_eq!(slots.iter().filter(skipped).count(), 0);
    // A start every quarter of an hour, until half an hour before midnight.
    assert_eq!(on(&slots, "2027-03-13"), 24 * 4 - 1);
    assert_eq!(on(&slots, "2027-03-14"), 23 * 4 - 1);
    let after = slots.iter().find(|slot| slot.local == "2027-03-14T03:00").expect("three o'clock comes at once");
    assert_eq!(after.starts_at.to_rfc3339(), "2027-03-14T07:00:00+00:00");
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn the_hour_that_autumn_repeats_is_offered_once(pool: PgPool) {
    for (now, from, fold, to) in [
        ("2026-10-28T15:00:00Z", "2026-10-31", "2026-11-01", "2026-11-02"),
        ("2027-11-03T15:00:00Z", "2027-11-06", "2027-11-07", "2027-11-08"),
    ] {
        let server = open_all_night(pool.clone(), now).await;
        let slots = consultations(&server, from, to).await;

        let repeated: Vec<_> = slots.iter().filter(|slot| slot.local.starts_with(&format!("{fold}T01:"))).collect();
        assert_eq!(repeated.len(), 4, "{repeated:?}");
        assert_eq!(on(&slots, fold), 24 * 4 - 1);
        // The first of the two, still on summer time.
        assert_eq!(repeated[0].starts_at.format("%H:%M").to_string(), "05:00");
    }
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn a_visit_across_a_clock_change_lasts_as_long_as_it_takes_and_is_booked_as_shown(pool: PgPool) {
    let server = open_all_night(pool, "2027-03-10T15:00:00Z").await;
    let visitor = server.session().await;
    let answer = visitor.get("availability?appointment_type=consultation&from=2027-03-14&to=2027-03-14").await;
    let slots = answer.json["slots"].as_array().unwrap();
    let across = slots.iter().find(|slot| slot["local"] == "2027-03-14T01:45").expect("a visit across the gap");
    assert_eq!(across["ends_at"], "2027-03-14T07:15:00Z");

    let hold = visitor.hold(across).await;
    let booked = visitor.confirm(&hold, ada()).await;

    assert_eq!(booked.json["appointment"]["starts_at"], across["starts_at"], "{}", booked.text);
    assert_eq!(booked.json["appointment"]["local"], "2027-03-14T01:45");
    let left = visitor.get("availability?appointment_type=consultation&from=2027-03-14&to=2027-03-14").await;
    let taken = ["2027-03-14T01:30", "2027-03-14T01:45", "2027-03-14T03:00"];
    let still_there =
        left.json["slots"].as_array().unwrap().iter().filter(|slot| taken.iter().any(|time| slot["local"] == *time));
    assert_eq!(still_there.count(), 0);
}

#[derive(Debug)]
struct Slot {
    starts_at: DateTime<Utc>,
    local: String,
}

/// Every consultation on offer; that they make sense holds for any dates.
async fn consultations(server: &TestServer, from: &str, to: &str) -> Vec<Slot> {
    let visitor = server.session().await;
    let path = format!("availability?appointment_type=consultation&from={from}&to={to}");
    let answer = visitor.get(&path).await;
    let slots: Vec<Slot> = answer.json["slots"].as_array().unwrap().iter().map(read).collect();
    assert!(slots.windows(2).all(|pair| pair[0].starts_at < pair[1].starts_at), "every start is later than the last");
    let locals: HashSet<&str> = slots.iter().map(|slot| slot.local.as_str()).collect();
    assert_eq!(locals.len(), slots.len(), "no time reads the same twice");
    slots
}

fn read(slot: &Value) -> Slot {
    let instant = |field: &str| slot[field].as_str().unwrap().parse::<DateTime<Utc>>().unwrap();
    let starts_at = instant("starts_at");
    let local = slot["local"].as_str().unwrap().to_owned();
    assert_eq!(local, starts_at.with_timezone(&New_York).format("%Y-%m-%dT%H:%M").to_string());
    assert_eq!(instant("ends_at") - starts_at, Duration::minutes(30));
    Slot { starts_at, local }
}

fn on(slots: &[Slot], date: &str) -> usize {
    slots.iter().filter(|slot| slot.local.starts_with(date)).count()
}

/// Bloom on another day, open around the clock.
async fn open_all_night(pool: PgPool, now: &str) -> TestServer {
    let server = TestServer::at(pool, now).await;
    sqlx::query("delete from opening_hours").execute(&server.pool).await.unwrap();
    sqlx::query(
        "insert into opening_hours (clinic_id, opening_hour_id, kind, weekday, from_minute, to_minute)
         select $1, gen_random_uuid(), 'open', day, 0, 1440 from generate_series(1, 7) as day",
    )
    .bind(services::demo::BLOOM.uuid())
    .execute(&server.pool)
    .await
    .unwrap();
    server
}
