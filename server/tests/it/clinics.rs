//! Clinics that are not there, and clinics that have only just begun.

use domain::id::ClinicId;
use serde_json::json;
use sqlx::PgPool;

use crate::support::TestServer;

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn a_clinic_that_is_not_there_is_said_not_to_be(pool: PgPool) {
    let server = TestServer::new(pool).await;
    for slug in ["nowhere", "BLOOM", "%2e%2e", "bloom%20", "🙂"] {
        server.get(&format!("/api/v1/config?clinic={}", encoded(slug))).await.assert_problem(404, "not_found");
    }
    server.get("/api/v1/config").await.assert_problem(422, "invalid");
    let nobody = json!({ "clinic_id": ClinicId::new() });
    server.post("/api/v1/auth/session", nobody).await.assert_problem(404, "not_found");
    for path in ["/c/nowhere", "/c/nowhere/book", "/embed/nowhere"] {
        let page = server.get(path).await;
        assert_eq!(page.status, 404, "{path}");
        assert!(page.header("content-type").starts_with("text/html"), "{path}");
        assert!(page.text.contains("There is no clinic at this address."), "{path}: {}", page.text);
        assert!(page.text.contains("check the address"), "{path}: {}", page.text);
    }
    assert_eq!(server.get("/no/such/page").await.status, 404);
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn a_clinic_without_hours_or_offers_answers_sensibly(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let clinic = bare(&server, "America/New_York").await;
    let config = server.get("/api/v1/config?clinic=bare").await;
    assert_eq!((config.status, config.json["name"].as_str()), (200, Some("Bare Clinic")));
    for path in ["/c/bare", "/c/bare/book", "/embed/bare"] {
        let page = server.get(path).await;
        assert_eq!(page.status, 200, "{path}: {}", page.text);
        assert!(page.text.contains("Bare Clinic"), "{path}");
        assert!(page.text.contains("Closed today"), "{path}");
    }

    let visitor = server.session_with(clinic).await;
    for (path, plural) in [("appointment-types", "appointment_types"), ("practitioners", "practitioners")] {
        assert_eq!(visitor.get(path).await.json[plural], json!([]));
    }
    visitor
        .get("availability?appointment_type=haircut&from=2026-11-24&to=2026-11-24")
        .await
        .assert_problem(404, "not_found");
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn the_receptionist_of_a_bare_clinic_promises_nothing(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let clinic = bare(&server, "America/New_York").await;
    for text in [
        "What are your opening hours?",
        "Are you open tomorrow?",
        "I'd like to book a haircut for next Tuesday at 2pm",
        "How much is a massage?",
        "Can I see Mia?",
        "Where are you?",
        "What is your phone number?",
    ] {
        let answer = server.session_with(clinic).await.say(text).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        let reply = answer.json["reply"]["text"].as_str().unwrap();
        assert_eq!(answer.json["reply"]["cards"], json!([]), "{text}: {reply}");
        let invented = ["AM", "PM", "$", "Brooklyn", "booked for"].iter().any(|word| reply.contains(word));
        assert!(!reply.trim().is_empty() && !invented, "{text}: {reply}");
    }
    assert_eq!((server.count("holds").await, server.count("appointments").await), (0, 0));
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn a_type_nobody_offers_has_no_times(pool: PgPool) {
    let server = TestServer::new(pool).await;
    sqlx::query("delete from offers").execute(&server.pool).await.unwrap();
    let visitor = server.session().await;
    assert_eq!(visitor.slots().await, Vec::<serde_json::Value>::new());
    let answer = visitor.say("I'd like to book a haircut for next Tuesday at 2pm").await;
    assert_eq!(answer.json["reply"]["cards"], json!([]), "{}", answer.text);
    assert_eq!(server.get("/c/bloom/book?type=haircut").await.status, 200);
}

async fn bare(server: &TestServer, zone: &str) -> ClinicId {
    let clinic = ClinicId::new();
    sqlx::query(
        "insert into clinics (clinic_id, slug, name, time_zone, greeting) values ($1, 'bare', 'Bare Clinic', $2, 'Hello.')",
    )
    .bind(clinic.uuid())
    .bind(zone)
    .execute(&server.pool)
    .await
    .unwrap();
    clinic
}

fn encoded(text: &str) -> String {
    text.chars().map(|letter| if letter == '🙂' { "%F0%9F%99%82".to_owned() } else { letter.to_string() }).collect()
}
