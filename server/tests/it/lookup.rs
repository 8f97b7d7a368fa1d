//! Finding visits over REST: what a session may see, and what it learns.

use serde_json::json;
use sqlx::PgPool;

use crate::support::{TestServer, ada};

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn a_code_opens_its_visit_to_a_session_and_says_nothing_of_the_patient(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let (owner, other) = (server.session().await, server.session().await);
    let visit = owner.book().await;
    let (id, code) = (visit["id"].as_str().unwrap(), visit["confirmation_code"].as_str().unwrap());
    let cancel = format!("appointments/{id}/cancel");
    other.post(&cancel, json!({})).await.assert_problem(404, "not_found");

    let found = other.get(&format!("appointments/lookup?code={}", code.to_lowercase())).await;
    assert_eq!(found.status, 200, "{}", found.text);
    assert_eq!(found.json["appointments"][0]["id"], id);
    assert!(found.json["appointments"][0]["patient"].is_null(), "{}", found.text);
    for personal in ["Ada", "Lovelace", "5551234567", "ada@example.com"] {
        assert!(!found.text.contains(personal), "{personal} in {}", found.text);
    }

    let slot = other.slots().await.pop().unwrap();
    let moved = other.post(&format!("appointments/{id}/reschedule"), json!({ "slot": slot["slot"] })).await;
    assert_eq!(moved.status, 200, "{}", moved.text);
    let cancelled = other.post(&cancel, json!({})).await;
    assert_eq!((cancelled.status, cancelled.json["appointment"]["status"].as_str()), (200, Some("cancelled")));
    for answer in [moved, cancelled] {
        assert!(!answer.text.contains("Lovelace") && !answer.text.contains("555123"), "{}", answer.text);
    }
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn guessing_codes_comes_to_an_end(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let visit = server.session().await.book().await;
    let guesser = server.session().await;
    for guess in ["AAAAAAAA", "BBBBBBBB", "CCCCCCCC", "DDDDDDDD", "EEEEEEEE"] {
        let answer = guesser.get(&format!("appointments/lookup?code={guess}")).await;
        assert_eq!((answer.status, answer.json["appointments"].as_array().unwrap().len()), (200, 0), "{}", answer.text);
    }
    let right = format!("appointments/lookup?code={}", visit["confirmation_code"].as_str().unwrap());
    guesser.get(&right).await.assert_problem(429, "rate_limited");
    assert_eq!(server.count("failed_verifications").await, 5);
    guesser.get("appointments/lookup?code=nonsense!").await.assert_problem(422, "invalid");
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn an_address_shows_a_session_what_it_booked_and_confirms_nothing_else(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let (owner, other) = (server.session().await, server.session().await);
    let visit = owner.book().await;
    let code = visit["confirmation_code"].as_str().unwrap();
    for query in ["email=Ada@Example.com", "phone=%2B15551234567", "phone=(555)%20123-4567"] {
        let own = owner.get(&format!("appointments/lookup?{query}")).await;
        assert_eq!(own.json["appointments"][0]["id"], visit["id"], "{}", own.text);
        let strange = format!("appointments/lookup?{query}");
        other.get(&strange).await.assert_problem(403, "verification_required");
        // Nor does whoever has a code learn how its patient is reached.
        assert_eq!(other.get(&format!("appointments/lookup?code={code}")).await.status, 200);
        other.get(&strange).await.assert_problem(403, "verification_required");
    }
    owner.get("appointments/lookup?email=grace@example.com").await.assert_problem(403, "verification_required");
    owner.get("appointments/lookup?email=nobody").await.assert_problem(422, "invalid");
    owner.get("appointments/lookup").await.assert_problem(422, "invalid");

    let program = server.program(owner.clinic);
    let found = program.get("appointments/lookup?email=ada@example.com").await;
    assert_eq!(found.json["appointments"][0]["patient"]["name"], ada()["name"], "{}", found.text);
}
