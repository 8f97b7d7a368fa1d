//! From a free time to a booked one, over REST.

use chrono::Duration;
use futures::future::join_all;
use serde_json::json;
use sqlx::PgPool;

use crate::support::{TestServer, ada};

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn confirming_twice_books_once(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let visitor = server.session().await;
    let hold = visitor.hold(&visitor.free_slot().await).await;
    assert_eq!(hold.status, 201, "{}", hold.text);

    let first = visitor.confirm(&hold, ada()).await;
    let again = visitor.confirm(&hold, ada()).await;

    assert_eq!((first.status, again.status), (201, 200), "{} {}", first.text, again.text);
    assert_eq!(first.json["appointment"], again.json["appointment"]);
    assert_eq!(first.json["confirmation_code"], again.json["confirmation_code"]);
    assert_eq!((server.count("appointments").await, server.count("events").await), (1, 1));
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn twenty_confirms_at_once_book_once(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let visitor = server.session().await;
    let hold = visitor.hold(&visitor.free_slot().await).await;

    let answers = join_all((0..20).map(|_| visitor.confirm(&hold, ada()))).await;

    assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 1);
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 19);
    assert_eq!(server.count("appointments").await, 1);
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn a_held_time_is_offered_to_nobody_and_a_booked_one_neither(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let (visitor, other) = (server.session().await, server.session().await);
    let slot = visitor.free_slot().await;
    assert!(other.same_as(&slot).await.is_some());

    let hold = visitor.hold(&slot).await;
    assert!(other.same_as(&slot).await.is_none());

    visitor.confirm(&hold, ada()).await;
    server.wait(Duration::minutes(30));
    assert!(other.same_as(&slot).await.is_none());
    assert!(visitor.same_as(&slot).await.is_none());
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn whoever_saw_a_time_that_was_booked_since_is_told_it_is_taken(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let (visitor, other) = (server.session().await, server.session().await);
    let slot = visitor.free_slot().await;
    let seen = other.same_as(&slot).await.unwrap();
    let hold = visitor.hold(&slot).await;

    other.hold(&seen).await.assert_problem(409, "slot_taken");
    visitor.confirm(&hold, ada()).await;
    other.hold(&seen).await.assert_problem(409, "slot_taken");
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn of_twenty_who_want_a_time_at_once_one_gets_it(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let visitors = join_all((0..20).map(|_| server.session())).await;
    let wanted = visitors[0].free_slot().await;
    let slots = join_all(visitors.iter().map(|visitor| visitor.same_as(&wanted))).await;

    let tries = visitors.iter().zip(&slots).map(|(visitor, slot)| visitor.hold(slot.as_ref().unwrap()));
    let answers = join_all(tries).await;

    assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 1);
    for refused in answers.iter().filter(|answer| answer.status != 201) {
        refused.assert_problem(409, "slot_taken");
    }
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn letting_go_of_a_hold_frees_its_time(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let visitor = server.session().await;
    let slot = visitor.free_slot().await;
    let hold = visitor.hold(&slot).await;
    let path = format!("holds/{}", hold.text_of("hold_id"));

    let released = visitor.delete(&path).await;

    assert_eq!((released.status, released.text.as_str()), (204, ""));
    visitor.delete(&path).await.assert_problem(404, "not_found");
    visitor.confirm(&hold, ada()).await.assert_problem(410, "hold_expired");
    assert!(visitor.same_as(&slot).await.is_some());
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn a_strangers_hold_is_neither_theirs_to_confirm_nor_to_let_go(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let (visitor, stranger) = (server.session().await, server.session().await);
    let hold = visitor.hold(&visitor.free_slot().await).await;

    stranger.confirm(&hold, ada()).await.assert_problem(410, "hold_expired");
    stranger.delete(&format!("holds/{}", hold.text_of("hold_id"))).await.assert_problem(404, "not_found");

    assert_eq!(visitor.confirm(&hold, ada()).await.status, 201);
    stranger.confirm(&hold, ada()).await.assert_problem(410, "hold_expired");
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn a_hold_that_ran_out_books_nothing_and_keeps_nobody_else_waiting(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let (visitor, other) = (server.session().await, server.session().await);
    let slot = visitor.free_slot().await;
    let hold = visitor.hold(&slot).await;
    server.wait(Duration::minutes(5));

    visitor.confirm(&hold, ada()).await.assert_problem(410, "hold_expired");
    let offered = other.same_as(&slot).await.expect("the time is free again");
    assert_eq!(other.hold(&offered).await.status, 201);
    assert_eq!(server.count("appointments").await, 0);
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn a_time_that_has_come_is_not_offered_any_more(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let visitor = server.session().await;

    let today = visitor.get("availability?appointment_type=haircut&from=2026-11-19&to=2026-11-20").await;

    let starts: Vec<&str> =
        today.json["slots"].as_array().unwrap().iter().map(|slot| slot["starts_at"].as_str().unwrap()).collect();
    assert!(starts.iter().all(|start| *start >= "2026-11-20T15:00:00Z"), "{starts:?}");
    assert_eq!(starts[0], "2026-11-20T15:00:00Z", "the one that begins this very moment can still be had");
    assert_eq!(visitor.hold(&today.json["slots"][0]).await.status, 201);
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn a_practitioner_is_never_booked_twice_at_once_by_visits_of_different_lengths(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let (visitor, other) = (server.session().await, server.session().await);
    let facials = "availability?appointment_type=facial&from=2026-11-24&to=2026-11-24";
    let facial = other.get(facials).await.json["slots"][1].clone();
    let haircuts = visitor.slots().await;
    let overlapping = haircuts
        .iter()
        .find(|slot| slot["practitioner"] == facial["practitioner"] && slot["starts_at"] != facial["starts_at"])
        .expect("a haircut by the same practitioner that starts at another time");
    assert!(overlapping["ends_at"].as_str() > facial["starts_at"].as_str());

    assert_eq!(visitor.hold(overlapping).await.status, 201);
    other.hold(&facial).await.assert_problem(409, "slot_taken");
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn a_note_too_long_to_read_is_refused_and_the_hold_stays(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let visitor = server.session().await;
    let hold = visitor.hold(&visitor.free_slot().await).await;
    let wanted = json!({ "hold_id": hold.json["hold_id"], "patient": ada(), "note": "é".repeat(2_001) });

    let refused = visitor.post("appointments/confirm", wanted).await;

    refused.assert_problem(422, "invalid");
    assert_eq!(refused.wrong_fields(), ["note"]);
    assert_eq!(visitor.confirm(&hold, ada()).await.status, 201);
}
