//! A slot is worth something only to whom it was shown, and only for a while.

use chrono::Duration;
use serde_json::json;
use services::testing::World;
use sqlx::PgPool;

use crate::support::{TestServer, ada};

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn no_slot_with_an_edited_letter_is_held(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let visitor = server.session().await;
    let slot = visitor.free_slot().await["slot"].as_str().unwrap().to_owned();
    for at in [0, 20, 43, 50, 60, 70, slot.len() - 1] {
        let letter = if slot.as_bytes()[at] == b'A' { "Q" } else { "A" };
        let mut edited = slot.clone();
        edited.replace_range(at..=at, letter);
        let refused = visitor.hold(&json!({ "slot": edited })).await;
        refused.assert_problem(422, "invalid");
        assert_eq!(refused.wrong_fields(), ["slot"]);
    }
    for invented in ["", "2026-11-24T14:00:00Z", &slot[1..], &format!("{slot}AAAA"), "🙂"] {
        visitor.hold(&json!({ "slot": invented })).await.assert_problem(422, "invalid");
    }
    assert_eq!(server.count("holds").await, 0);
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn a_slot_shown_to_someone_else_or_elsewhere_is_not_held(pool: PgPool) {
    let server = TestServer::new(pool.clone()).await;
    let cedar = World::new(pool).await;
    cedar.appointment_type("haircut", 45).await;
    cedar.practitioner().await;
    let (visitor, other) = (server.session().await, server.session().await);
    let elsewhere = server.session_with(cedar.clinic).await;

    for slot in [other.free_slot().await, elsewhere.free_slot().await] {
        let refused = visitor.hold(&slot).await;
        refused.assert_problem(422, "invalid");
        assert_eq!(refused.wrong_fields(), ["slot"]);
    }
    assert_eq!(server.count("holds").await, 0);
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn an_offer_runs_out_after_an_hour(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let visitor = server.session().await;
    let slot = visitor.free_slot().await;
    server.wait(Duration::minutes(59));
    assert_eq!(visitor.hold(&slot).await.status, 201);
    server.wait(Duration::minutes(2));
    visitor.hold(&slot).await.assert_problem(410, "hold_expired");
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn a_slot_is_used_up_by_booking_it(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let visitor = server.session().await;
    let slot = visitor.free_slot().await;
    let hold = visitor.hold(&slot).await;
    visitor.confirm(&hold, ada()).await;

    visitor.hold(&slot).await.assert_problem(409, "slot_taken");
    assert_eq!(server.count("occupancies").await, 1);
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn holding_the_same_slot_again_keeps_the_same_hold(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let visitor = server.session().await;
    let slot = visitor.free_slot().await;
    let (first, again) = (visitor.hold(&slot).await, visitor.hold(&slot).await);
    assert_eq!(first.json["hold_id"], again.json["hold_id"], "{}", again.text);
    assert_eq!(server.count("holds").await, 1);
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn a_slot_of_hours_that_changed_since_is_not_held(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let visitor = server.session().await;
    let slot = visitor.free_slot().await;
    sqlx::query("delete from opening_hours where weekday = 2").execute(&server.pool).await.unwrap();

    visitor.hold(&slot).await.assert_problem(409, "slot_taken");
}
