//! The fields that sites, SDK users and scripts rely on.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use sqlx::PgPool;

use crate::support::{TestServer, ada};

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn the_booking_answers_have_every_field_of_the_contract(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let visitor = server.session().await;
    let available = visitor.get("availability?appointment_type=haircut&from=2026-11-24&to=2026-11-24&limit=3").await;
    has(&available.json, &["clinic_id", "time_zone", "slots", "degraded"]);
    assert_eq!(
        (&available.json["time_zone"], &available.json["degraded"]),
        (&json!("America/New_York"), &json!(false))
    );
    let slots = available.json["slots"].as_array().unwrap();
    assert_eq!(slots.len(), 3);
    for slot in slots {
        has(slot, &["slot", "starts_at", "ends_at", "practitioner", "appointment_type", "verified"]);
        is_whom_and_what(slot);
        assert_eq!(slot["verified"], true);
    }

    let hold = visitor.hold(&slots[0]).await;
    has(
        &hold.json,
        &["hold_id", "starts_at", "ends_at", "time_zone", "practitioner", "appointment_type", "expires_at"],
    );
    is_whom_and_what(&hold.json);
    assert_eq!(hold.json["expires_at"], "2026-11-20T15:05:00Z");

    let confirmed = visitor.confirm(&hold, ada()).await;
    has(&confirmed.json, &["appointment", "confirmation_code", "sms_status"]);
    let appointment = &confirmed.json["appointment"];
    has(
        appointment,
        &[
            "id",
            "status",
            "starts_at",
            "ends_at",
            "time_zone",
            "practitioner",
            "appointment_type",
            "patient",
            "confirmation_code",
            "created_at",
        ],
    );
    is_whom_and_what(appointment);
    assert_eq!(appointment["status"], "booked");
    assert_eq!(appointment["starts_at"], slots[0]["starts_at"]);
    assert_eq!(appointment["confirmation_code"], confirmed.json["confirmation_code"]);
    let code = appointment["confirmation_code"].as_str().unwrap();
    assert!(code.len() == 8 && code.bytes().all(|letter| b"0123456789ABCDEFGHJKMNPQRSTVWXYZ".contains(&letter)));
    assert!(
        ["queued", "sent", "failed_but_booked", "error_but_booked"]
            .contains(&confirmed.json["sms_status"].as_str().unwrap())
    );
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn the_clinic_session_and_chat_answers_have_every_field_of_the_contract(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let config = server.get("/api/v1/config?clinic=bloom").await;
    has(&config.json, &["clinic_id", "name", "slug", "time_zone", "languages", "greeting", "theme", "features"]);
    assert_eq!(config.json["clinic_id"], "00000000-0000-4000-a000-000000000001");

    let session = server.post("/api/v1/auth/session", json!({ "clinic_id": config.json["clinic_id"] })).await;
    has(&session.json, &["token", "session_id", "expires_at"]);
    assert_eq!(session.json["expires_at"], "2026-11-20T19:00:00Z");
    let refreshed = server.post("/api/v1/auth/refresh", json!({ "token": session.json["token"] })).await;
    has(&refreshed.json, &["token", "expires_at"]);

    let visitor = server.session().await;
    let said = visitor.say("What are your opening hours?").await;
    has(&said.json, &["session_id", "message_id", "reply"]);
    has(&said.json["reply"], &["text", "cards"]);
    assert_eq!(said.json["session_id"], visitor.id);
    let messages = visitor.read("messages").await;
    has(&messages.json, &["messages", "next"]);
    for message in messages.json["messages"].as_array().unwrap() {
        has(message, &["id", "role", "text", "cards", "created_at"]);
    }

    visitor.book().await;
    let events = visitor.read("push-events").await;
    has(&events.json, &["events"]);
    has(&events.json["events"][0], &["id", "kind", "payload", "created_at"]);
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn lists_are_by_name_and_say_whether_there_is_more(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let visitor = server.session().await;
    for (path, plural) in [("appointment-types", "appointment_types"), ("practitioners", "practitioners")] {
        let answer = visitor.get(path).await;
        has(&answer.json, &[plural, "next"]);
        assert!(answer.json["next"].is_null());
        let names: Vec<&str> =
            answer.json[plural].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()).collect();
        assert!(names.is_sorted() && names.len() >= 3, "{names:?}");
    }
}

#[track_caller]
fn has(object: &Value, fields: &[&str]) {
    let there: BTreeSet<&str> = object.as_object().unwrap().keys().map(String::as_str).collect();
    let missing: Vec<_> = fields.iter().filter(|field| !there.contains(**field)).collect();
    assert!(missing.is_empty(), "{missing:?} missing in {object}");
    for field in fields {
        if field.ends_with("_at") {
            let instant = object[*field].as_str().unwrap();
            assert!(instant.ends_with('Z') && instant.parse::<chrono::DateTime<chrono::Utc>>().is_ok(), "{instant}");
        }
    }
}

#[track_caller]
fn is_whom_and_what(object: &Value) {
    has(&object["practitioner"], &["id", "name"]);
    has(&object["appointment_type"], &["id", "slug", "name"]);
}
