//! Whatever changes, the next booking page shows, also when the change was
//! made by another process, or by nobody.

use chrono::{DateTime, Duration, Utc};
use domain::id::ClinicId;
use serde_json::json;
use sqlx::PgPool;

use crate::remembered::{assert_same, is_remembered, plain};
use crate::support::{TestServer, ada};

const DAY: &str = "/c/bloom/book?type=haircut&day=2026-11-24";

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn a_change_of_the_book_shows_on_the_very_next_page(pool: PgPool) {
    let (server, elsewhere) = (TestServer::new(pool.clone()).await, TestServer::new(pool).await);
    let visitor = elsewhere.session().await;
    let slot = visitor.free_slot().await;
    let theirs = format!("{DAY}&with={}", slot["practitioner"]["id"].as_str().unwrap());
    let shown = || shown_at(&server, &theirs);
    let untouched = shown().await;

    let hold = visitor.hold(&slot).await;
    let held = shown().await;
    assert!(held != untouched, "a hold");
    assert_eq!(visitor.delete(&format!("holds/{}", hold.text_of("hold_id"))).await.status, 204);
    assert!(shown().await == untouched, "a hold let go");

    let hold = visitor.hold(&slot).await;
    let booked = visitor.confirm(&hold, ada()).await;
    assert_eq!(booked.status, 201, "{}", booked.text);
    assert!(shown().await == held, "a booking takes what its hold did");

    let visit = format!("appointments/{}", booked.json["appointment"]["id"].as_str().unwrap());
    let other = visitor.slots().await.into_iter().rfind(|other| other["practitioner"] == slot["practitioner"]).unwrap();
    let moved = visitor.post(&format!("{visit}/reschedule"), json!({ "slot": other["slot"] })).await;
    assert_eq!(moved.status, 200, "{}", moved.text);
    let after = shown().await;
    assert!(after != untouched && after != held, "a visit that moved");
    assert_eq!(visitor.post(&format!("{visit}/cancel"), json!({})).await.status, 200);
    assert!(shown().await == untouched, "a cancellation");
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn a_change_of_the_settings_shows_on_the_very_next_page(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let mut before = shown(&server).await;
    for change in [
        "update clinics set name = 'Rose Wellness Studio'",
        "update clinics set accent = '#7a1fa2'",
        "update clinics set time_zone = 'America/Chicago'",
        "update appointment_types set price_minor = 6500 where slug = 'haircut'",
        "update appointment_types set minutes = 60 where slug = 'haircut'",
        "delete from opening_hours where kind = 'break' and weekday = 2",
        "update opening_hours set to_minute = 1200 where weekday = 2",
        "update appointment_types set notice_minutes = 6000 where slug = 'haircut'",
        "update practitioners set name = 'Mia Chen' where name = 'Mia Lin'",
        "delete from offers where practitioner_id = (select practitioner_id from practitioners where name = 'Mia Chen')",
        "insert into date_exceptions (clinic_id, date_exception_id, on_date)
         select clinic_id, gen_random_uuid(), '2026-11-24' from clinics",
    ] {
        server.run(change).await;
        let after = shown(&server).await;
        assert!(after != before, "{change}");
        before = after;
    }
}

#[sqlx::test(migrator = "services::MIGRATOR")]
#[expect(clippy::disallowed_methods, reason = "a change has to be left half-made")]
async fn what_is_not_committed_does_not_show_and_then_does(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let untouched = shown(&server).await;
    let mut tx = server.pool.begin().await.unwrap();
    sqlx::query("update clinics set name = 'Rose Wellness Studio'").execute(&mut *tx).await.unwrap();
    assert!(shown(&server).await == untouched);
    tx.commit().await.unwrap();
    assert!(shown(&server).await.contains("Rose Wellness Studio"));
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn a_hold_that_runs_out_gives_its_time_back_to_the_second_and_without_a_sweep(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let visitor = server.session().await;
    let slot = visitor.free_slot().await;
    server.wait(Duration::seconds(10));
    let untouched = shown(&server).await;
    let hold = visitor.hold(&slot).await;
    assert_eq!(hold.json["expires_at"], "2026-11-20T15:05:10Z", "{}", hold.text);

    at(&server, "2026-11-20T15:05:05Z");
    let held = shown(&server).await;
    assert!(held != untouched);
    at(&server, "2026-11-20T15:05:09.999999Z");
    assert!(shown(&server).await == held);
    at(&server, "2026-11-20T15:05:10Z");
    assert!(shown(&server).await == untouched);
    assert_eq!(server.count("holds").await, 1, "nobody swept");
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn time_passes_on_a_remembered_page(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let today = "/c/bloom/book?type=haircut&day=2026-11-20";
    for (now, first) in [
        ("2026-11-20T15:00:00Z", ">10:00 AM<"),
        ("2026-11-20T15:00:00.000001Z", ">10:15 AM<"),
        ("2026-11-20T15:14:59.999999Z", ">10:15 AM<"),
        ("2026-11-20T15:15:00Z", ">10:15 AM<"),
        ("2026-11-20T15:15:00.000001Z", ">10:30 AM<"),
    ] {
        at(&server, now);
        let page = server.get(today).await;
        let figures = page.text.split("class=\"figures\"").nth(1).unwrap();
        assert!(figures.starts_with(first), "{now}: {figures:.40}");
    }
    for (now, says) in [
        ("2026-11-20T17:29:59.999999Z", "Open until 12:30 PM"),
        ("2026-11-20T17:30:00Z", "Closed now, opens 1:00 PM"),
        ("2026-11-21T04:59:59.999999Z", "Closed for today"),
        ("2026-11-21T05:00:00Z", "Closed now, opens 10:00 AM"),
    ] {
        at(&server, now);
        assert!(server.get(today).await.text.contains(says), "{now}");
    }
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn a_clinic_that_takes_over_an_address_does_not_take_over_the_page(pool: PgPool) {
    let server = TestServer::new(pool).await;
    for name in ["First Clinic", "Second Clinic"] {
        sqlx::query(
            "insert into clinics (clinic_id, slug, name, time_zone, greeting) values ($1, 'bare', $2, 'UTC', '')",
        )
        .bind(ClinicId::new().uuid())
        .bind(name)
        .execute(&server.pool)
        .await
        .unwrap();
        // As if the second had been there for long.
        server.run("alter table clinics disable trigger settings_changed").await;
        server.run("update clinics set settings_version = 1 where name = 'Second Clinic'").await;
        let page = server.get("/c/bare/book").await;
        assert!(page.text.contains(name), "{}", page.text);
        server.run("delete from clinics where slug = 'bare'").await;
        assert_eq!(server.get("/c/bare/book").await.status, 404);
    }
}

/// The page's own text as it is now, which is what it is when made anew.
async fn shown(server: &TestServer) -> String {
    shown_at(server, DAY).await
}

async fn shown_at(server: &TestServer, address: &str) -> String {
    let (remembered, again) = (server.get(address).await, server.get(address).await);
    assert!(is_remembered(&remembered) && is_remembered(&again));
    let anew = plain(server, &server.get(&format!("{address}&__made=anew")).await, "");
    assert_same(&plain(server, &remembered, ""), &anew, "first");
    assert_same(&plain(server, &again, ""), &anew, "again");
    anew.last().unwrap().clone()
}

fn at(server: &TestServer, now: &str) {
    let now: DateTime<Utc> = now.parse().unwrap();
    server.wait(now - server.services.clock.now());
}
