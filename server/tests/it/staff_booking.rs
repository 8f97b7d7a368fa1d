//! What staff book in the console, what they are told about times, and whom a
//! returning patient is offered.

use sqlx::PgPool;

use crate::sign_in::sign_in;
use crate::support::{Answer, TestServer, form, page, with};

async fn send(server: &TestServer, cookie: &str, path: &str, fields: &[(&str, &str)]) -> Answer {
    server.send(with(form(path, fields), "cookie", cookie)).await
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn staff_repeat_a_visit_on_the_dates_that_are_free(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let cookie = sign_in(&server).await;
    let visit = server.session().await.book().await;
    let id = visit["id"].as_str().unwrap();
    let address = format!("/console/appointments/{id}");
    let all = server.send(page(&format!("{address}?repeat=3&every=1"), &cookie)).await;
    assert!(all.text.contains("Book all 2 dates"), "{}", all.text);

    sqlx::query(
        "insert into time_off (clinic_id, time_off_id, practitioner_id, from_date, to_date)
         select clinic_id, gen_random_uuid(), practitioner_id, (starts_at + interval '7 days')::date, (starts_at + interval '7 days')::date
         from appointments",
    )
    .execute(&server.pool)
    .await
    .unwrap();
    let some = server.send(page(&format!("{address}?repeat=3&every=1"), &cookie)).await;
    assert!(
        some.text.contains("Book the one that is free") && some.text.contains("The practitioner is away."),
        "{}",
        some.text
    );
    let wanted = |take| [("id", id), ("count", "3"), ("every", "1"), ("take", take)];
    assert_eq!(send(&server, &cookie, "/fn/repeat_visit", &wanted("all")).await.status, 409);
    assert_eq!(server.count("appointments").await, 1, "all or nothing");

    let booked = send(&server, &cookie, "/fn/repeat_visit", &wanted("free")).await;
    assert!(booked.status < 400, "{} {}", booked.status, booked.text);
    assert_eq!(server.count("appointments").await, 2);
    let skipped = booked.header("location").to_owned();
    assert!(skipped.starts_with(&format!("{address}?skipped=2026-")), "{skipped}");
    let after = server.send(page(&skipped, &cookie)).await;
    assert!(
        after.text.contains("Booked, but for ") && after.text.contains("Booked together with it"),
        "{}",
        after.text
    );
    assert!(!after.text.contains("Repeat weekly"), "it repeats already");
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn staff_ask_why_a_time_is_not_shown_without_scripts(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let cookie = sign_in(&server).await;
    let visit = server.session().await.book().await;
    let (id, local) = (visit["id"].as_str().unwrap(), visit["local"].as_str().unwrap());
    let with = visit["practitioner"]["id"].as_str().unwrap();
    let address = format!("/console/appointments/{id}?why={}&with={with}", local.replace(':', "%3A"));
    let asked = server.send(page(&address, &cookie)).await;
    assert!(asked.text.contains("is not free:"), "{}", asked.text);
    assert!(asked.text.contains("That time is taken: Ada Lovelace"), "{}", asked.text);
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn a_patient_who_was_here_before_is_offered_whom_they_saw(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let session = server.session().await;
    session.book().await;
    let kept = format!("fd_chat_bloom={}", session.token);
    let choosing = "/c/bloom/book?type=haircut&with=choose";
    let known = server.send(page(choosing, &format!("{kept}; fd_patient_bloom=1"))).await;
    assert!(known.text.contains("as last time"), "{}", known.text);
    let unknown = server.send(page(choosing, &kept)).await;
    assert!(!unknown.text.contains("as last time"), "everybody's page says nothing about anybody");
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn a_program_is_not_taken_for_a_patient(pool: PgPool) {
    let server = TestServer::new(pool).await;
    server.session().await.book().await;
    let program = server.program(services::demo::BLOOM);
    let free = program.get("availability?appointment_type=haircut&from=2026-11-25&to=2026-11-25").await;
    let slot = free.json["slots"][0]["slot"].as_str().unwrap().to_owned();
    let hold = program.post("holds", serde_json::json!({ "slot": slot })).await;
    let wanted = serde_json::json!({ "hold_id": hold.json["hold_id"], "patient": crate::support::ada() });
    assert_eq!(program.post("appointments/confirm", wanted).await.status, 201);
    let who: Vec<(String, bool)> = sqlx::query_as(
        "select actor, actor_id is not null from events where kind = 'BookingCreated' order by event_id",
    )
    .fetch_all(&server.pool)
    .await
    .unwrap();
    assert_eq!(who, [("patient".to_owned(), false), ("program".to_owned(), true)]);
}
