//! Requests under an Idempotency-Key are done once, however often they come.

use chrono::Duration;
use futures::future::join_all;
use serde_json::{Value, json};
use services::db::directory;
use sqlx::PgPool;

use crate::support::{Answer, Session, TestServer, ada, with_cedar};

#[track_caller]
fn assert_replayed(first: &Answer, again: &Answer) {
    assert!(first.status < 300, "{}", first.text);
    assert_eq!((first.status, &first.json), (again.status, &again.json));
    assert_eq!((first.header("idempotent-replayed"), again.header("idempotent-replayed")), ("", "true"));
}

fn confirmation(hold: &Answer) -> Value {
    json!({ "hold_id": hold.json["hold_id"], "patient": ada() })
}

/// Where a visit is changed: `reschedule` or `cancel`.
fn at(visit: &Value, what: &str) -> String {
    format!("appointments/{}/{what}", visit["id"].as_str().unwrap())
}

/// Another time than that of the visit.
async fn another_slot(visitor: &Session<'_>) -> Value {
    visitor.slots().await.pop().unwrap()
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn holding_again_under_a_key_is_the_same_answer(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let visitor = server.session().await;
    let body = json!({ "slot": visitor.free_slot().await["slot"] });
    let first = visitor.post_once("holds", body.clone(), "one").await;
    assert_eq!(first.status, 201);
    // Even when the hold is gone: the answer is to what was asked then.
    visitor.delete(&format!("holds/{}", first.text_of("hold_id"))).await;
    assert_replayed(&first, &visitor.post_once("holds", body, "one").await);
    assert_eq!(server.count("holds").await, 0);
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn confirming_again_under_a_key_is_created_again_and_books_once(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let visitor = server.session().await;
    let hold = visitor.hold(&visitor.free_slot().await).await;
    let first = visitor.post_once("appointments/confirm", confirmation(&hold), "two").await;
    assert_eq!(first.status, 201);
    assert_replayed(&first, &visitor.post_once("appointments/confirm", confirmation(&hold), "two").await);
    assert_eq!(visitor.confirm(&hold, ada()).await.status, 200, "without the key it is known by its hold");
    assert_eq!((server.count("appointments").await, server.count("events").await), (1, 1));
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn moving_again_under_a_key_moves_once(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let visitor = server.session().await;
    let visit = visitor.book().await;
    let body = json!({ "slot": another_slot(&visitor).await["slot"] });
    let first = visitor.post_once(&at(&visit, "reschedule"), body.clone(), "k").await;
    // Moved on since, by another request.
    let back = json!({ "slot": visitor.free_slot().await["slot"] });
    assert_eq!(visitor.post(&at(&visit, "reschedule"), back).await.status, 200);

    assert_replayed(&first, &visitor.post_once(&at(&visit, "reschedule"), body, "k").await);

    let moves: i64 = sqlx::query_scalar("select count(*) from events where kind = 'BookingRescheduled'")
        .fetch_one(&server.pool)
        .await
        .unwrap();
    assert_eq!(moves, 2);
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn cancelling_again_under_a_key_is_not_an_error(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let visitor = server.session().await;
    let visit = visitor.book().await;
    let body = json!({ "reason": "Away" });
    let first = visitor.post_once(&at(&visit, "cancel"), body.clone(), "k").await;
    assert_eq!(first.json["appointment"]["status"], "cancelled");
    assert_replayed(&first, &visitor.post_once(&at(&visit, "cancel"), body.clone(), "k").await);
    visitor.post(&at(&visit, "cancel"), body).await.assert_problem(409, "already_cancelled");
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn an_answer_outlives_the_offer_it_was_about(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let visitor = server.session().await;
    let visit = visitor.book().await;
    let (hold, moved) = (visitor.free_slot().await, another_slot(&visitor).await);
    let (hold, moved) = (json!({ "slot": hold["slot"] }), json!({ "slot": moved["slot"] }));
    let held = visitor.post_once("holds", hold.clone(), "h").await;
    let rescheduled = visitor.post_once(&at(&visit, "reschedule"), moved.clone(), "m").await;

    server.wait(Duration::minutes(90));

    assert_replayed(&held, &visitor.post_once("holds", hold.clone(), "h").await);
    assert_replayed(&rescheduled, &visitor.post_once(&at(&visit, "reschedule"), moved, "m").await);
    visitor.post_once("holds", hold, "other").await.assert_problem(410, "hold_expired");
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn one_key_is_for_one_request(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let visitor = server.session().await;
    let (slot, other) = (visitor.free_slot().await, another_slot(&visitor).await);
    let hold = visitor.post_once("holds", json!({ "slot": slot["slot"] }), "k").await;

    let refused = visitor.post_once("holds", json!({ "slot": other["slot"] }), "k").await;
    refused.assert_problem(409, "idempotency_conflict");
    visitor
        .post_once("appointments/confirm", confirmation(&hold), "k")
        .await
        .assert_problem(409, "idempotency_conflict");

    assert_eq!((server.count("holds").await, server.count("appointments").await), (1, 0));
    assert_eq!(visitor.post_once("appointments/confirm", confirmation(&hold), "k2").await.status, 201);
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn the_same_fields_in_another_order_are_the_same_request(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let visitor = server.session().await;
    let hold = visitor.hold(&visitor.free_slot().await).await;
    let first = visitor.post_once("appointments/confirm", confirmation(&hold), "k").await;
    let turned: Value = serde_json::from_str(&format!(
        r#"{{"patient":{{"email":"ada@example.com","phone":"+1 555 123 4567","name":"Ada Lovelace"}},"hold_id":{}}}"#,
        hold.json["hold_id"]
    ))
    .unwrap();
    assert_replayed(&first, &visitor.post_once("appointments/confirm", turned, "k").await);
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn of_many_at_once_under_one_key_one_is_done(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let visitor = server.session().await;
    let slot = json!({ "slot": visitor.free_slot().await["slot"] });
    let holds = join_all((0..8).map(|_| visitor.post_once("holds", slot.clone(), "h"))).await;
    assert_done_once(&holds, 201);

    let confirmed =
        join_all((0..8).map(|_| visitor.post_once("appointments/confirm", confirmation(&holds[0]), "c"))).await;
    assert_done_once(&confirmed, 201);

    let visit = &confirmed[0].json["appointment"];
    let cancel = at(visit, "cancel");
    let cancelled = join_all((0..8).map(|_| visitor.post_once(&cancel, json!({}), "x"))).await;
    assert_done_once(&cancelled, 200);
    assert_eq!((server.count("appointments").await, server.count("events").await), (1, 3));
}

#[track_caller]
fn assert_done_once(answers: &[Answer], status: u16) {
    assert!(answers.iter().all(|answer| answer.status == status), "{:?}", answers[0]);
    assert!(answers.iter().all(|answer| answer.json == answers[0].json));
    assert_eq!(answers.iter().filter(|answer| answer.header("idempotent-replayed").is_empty()).count(), 1);
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn a_refused_request_may_be_tried_again_under_its_key(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let (visitor, rival) = (server.session().await, server.session().await);
    let slot = visitor.free_slot().await;
    let body = json!({ "slot": slot["slot"] });
    let hold = rival.hold(&rival.same_as(&slot).await.unwrap()).await;

    visitor.post_once("holds", body.clone(), "k").await.assert_problem(409, "slot_taken");
    assert_eq!(server.count("idempotency_keys").await, 0);

    rival.delete(&format!("holds/{}", hold.text_of("hold_id"))).await;
    let second = visitor.post_once("holds", body, "k").await;
    assert_eq!((second.status, second.header("idempotent-replayed")), (201, ""), "{}", second.text);
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn what_is_not_a_request_uses_up_no_key(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let visitor = server.session().await;
    visitor.post_once("holds", json!({ "slot": 7 }), "k").await.assert_problem(422, "invalid");
    visitor.post_once("holds", json!([]), "k").await.assert_problem(422, "invalid");
    visitor.post_once("holds", json!({ "slot": "made up" }), "k").await.assert_problem(422, "invalid");
    let body = json!({ "slot": visitor.free_slot().await["slot"] });
    assert_eq!(visitor.post_once("holds", body, "k").await.status, 201);
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn other_callers_keys_are_other_keys(pool: PgPool) {
    let (server, cedar) = with_cedar(pool).await;
    let (visitor, other) = (server.session().await, server.session().await);
    let elsewhere = server.session_with(cedar.clinic).await;
    let mut holds = Vec::new();
    for (caller, nth) in [(&visitor, 0), (&other, 1), (&elsewhere, 2)] {
        let slot = caller.slots().await.swap_remove(nth);
        let held = caller.post_once("holds", json!({ "slot": slot["slot"] }), "1").await;
        assert_eq!((held.status, held.header("idempotent-replayed")), (201, ""), "{}", held.text);
        holds.push(held.text_of("hold_id"));
    }
    holds.sort();
    holds.dedup();
    assert_eq!(holds.len(), 3);

    // A program's keys are kept apart by clinic.
    for clinic in [visitor.clinic, cedar.clinic] {
        let program = server.program(clinic);
        let offered = program.get("availability?appointment_type=haircut&from=2026-11-25&to=2026-11-25").await;
        let body = json!({ "slot": offered.json["slots"][0]["slot"] });
        assert_eq!(program.post_once("holds", body, "1").await.status, 201);
    }
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn a_key_nobody_would_choose_is_refused_before_anything_is_done(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let visitor = server.session().await;
    let slot = visitor.free_slot().await;
    let body = json!({ "slot": slot["slot"] });
    for key in ["", &"k".repeat(201), "schlüssel", "🗝"] {
        let request = crate::support::signed(
            crate::support::ask_with(
                http::Method::POST,
                &format!("/api/v1/clinics/{}/holds", visitor.clinic),
                body.clone(),
            ),
            &visitor.token,
        );
        let mut request = request;
        request.headers_mut().insert("idempotency-key", http::HeaderValue::from_bytes(key.as_bytes()).unwrap());
        let refused = server.send(request).await;
        refused.assert_problem(422, "invalid");
        assert_eq!(refused.wrong_fields(), ["Idempotency-Key"], "{key}");
    }
    assert_eq!((server.count("holds").await, server.count("idempotency_keys").await), (0, 0));
    assert_eq!(visitor.post_once("holds", body, &"k".repeat(200)).await.status, 201);
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn an_answer_is_kept_for_a_day(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let visit = server.session().await.book().await;
    let program = server.program(services::demo::BLOOM);
    let sweep = async || {
        let before = server.services.clock.now() - Duration::hours(24);
        directory::sweep_idempotency_keys(&server.services.db, before).await.unwrap()
    };
    let first = program.post_once(&at(&visit, "cancel"), json!({}), "k").await;

    server.wait(Duration::hours(24));
    assert_eq!(sweep().await, 0);
    assert_replayed(&first, &program.post_once(&at(&visit, "cancel"), json!({}), "k").await);

    server.wait(Duration::seconds(1));
    assert_eq!(sweep().await, 1);
    program.post_once(&at(&visit, "cancel"), json!({}), "k").await.assert_problem(409, "already_cancelled");
}

/// A visitor with a visit this afternoon that can be changed until a quarter
/// past ten, at twenty past ten.
async fn too_late(server: &TestServer) -> (Session<'_>, Value, Value) {
    sqlx::query("update appointment_types set cutoff_minutes = 240").execute(&server.pool).await.unwrap();
    let visitor = server.session().await;
    let hold = visitor.hold(&visitor.slot_at("2026-11-20T19:15:00Z").await).await;
    let visit = visitor.confirm(&hold, ada()).await.json["appointment"].clone();
    let elsewhere = visitor.slot_at("2026-11-24T19:00:00Z").await;
    server.wait(Duration::minutes(20));
    (visitor, visit, json!({ "slot": elsewhere["slot"] }))
}

async fn wishes(server: &TestServer) -> Vec<String> {
    sqlx::query_scalar("select kind || ': ' || detail from tasks where done_at is null order by task_id")
        .fetch_all(&server.pool)
        .await
        .unwrap()
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn a_wish_that_comes_too_late_is_refused_and_becomes_a_task(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let (visitor, visit, elsewhere) = too_late(&server).await;

    let refused = visitor.post(&at(&visit, "reschedule"), elsewhere).await;
    refused.assert_problem(409, "cutoff_passed");
    assert!(refused.text_of("detail").contains("Fri 20 Nov, 10:15 AM"), "{}", refused.text);
    assert!(refused.text_of("detail").contains("Please call"), "{}", refused.text);
    assert_eq!(wishes(&server).await, ["late_change: Wanted to move it to Tue 24 Nov, 2:00 PM."]);

    visitor.post(&at(&visit, "cancel"), json!({ "reason": "Ill" })).await.assert_problem(409, "cutoff_passed");
    assert_eq!(wishes(&server).await, ["late_change: Wanted to cancel it: Ill"], "one task, the newest wish");
    assert_eq!(server.count("tasks").await, 1);
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn a_wish_that_comes_too_late_is_one_task_under_a_key_too(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let (visitor, visit, _) = too_late(&server).await;
    for _ in 0..2 {
        let refused = visitor.post_once(&at(&visit, "cancel"), json!({}), "k").await;
        refused.assert_problem(409, "cutoff_passed");
        assert_eq!(refused.header("idempotent-replayed"), "");
        assert_eq!(wishes(&server).await, ["late_change: Wanted to cancel it."]);
    }
    assert_eq!(server.count("idempotency_keys").await, 0);

    // The clinic gives way; the same request is now done.
    sqlx::query("update appointment_types set cutoff_minutes = 0").execute(&server.pool).await.unwrap();
    assert_eq!(visitor.post_once(&at(&visit, "cancel"), json!({}), "k").await.status, 200);
    assert!(wishes(&server).await.is_empty());
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn late_wishes_at_once_are_one_task(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let (visitor, visit, elsewhere) = too_late(&server).await;
    let answers = join_all((0..8).map(|n| {
        let (visitor, visit, elsewhere) = (&visitor, &visit, elsewhere.clone());
        async move {
            if n % 2 == 0 {
                visitor.post_once(&at(visit, "cancel"), json!({}), "k").await
            } else {
                visitor.post(&at(visit, "reschedule"), elsewhere).await
            }
        }
    }))
    .await;
    for answer in answers {
        answer.assert_problem(409, "cutoff_passed");
    }
    assert_eq!(server.count("tasks").await, 1);
}
