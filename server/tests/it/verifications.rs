//! Showing who somebody is over REST, and what it opens.

use serde_json::{Value, json};
use sqlx::PgPool;

use crate::sign_in::sign_in;
use crate::support::{Session, TestServer, form, page, with};

/// The code in the newest message that has one.
async fn code(server: &TestServer) -> String {
    let body: String =
        sqlx::query_scalar("select body from outbox where kind = 'one_time_code' order by outbox_id desc limit 1")
            .fetch_one(&server.pool)
            .await
            .unwrap();
    body.split(|letter: char| !letter.is_ascii_digit()).find(|part| part.len() == 6).expect("six digits").to_owned()
}

async fn levels(server: &TestServer) -> Vec<(i16, String)> {
    sqlx::query_as("select level, method from verifications order by verification_id")
        .fetch_all(&server.pool)
        .await
        .unwrap()
}

fn found(answer: &crate::support::Answer) -> Vec<Value> {
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.json["appointments"].as_array().unwrap().clone()
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn a_code_goes_to_what_is_on_file_and_shows_who_reads_it(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let booked = server.session().await.book().await;
    let other = server.session().await;
    other.post("verifications", json!({ "channel": "sms" })).await.assert_problem(403, "verification_required");
    other.post("verifications", json!({ "channel": "pigeon" })).await.assert_problem(422, "invalid");
    let wrong = json!({ "channel": "sms", "confirmation_code": "00000000" });
    other.post("verifications", wrong).await.assert_problem(404, "not_found");

    let right = json!({ "channel": "email", "confirmation_code": booked["confirmation_code"] });
    let sent = other.post("verifications", right).await;
    assert_eq!(sent.status, 202, "{}", sent.text);
    assert!(!sent.text.contains("ada@example.com"), "{}", sent.text);
    let address: String = sqlx::query_scalar("select address from outbox where kind = 'one_time_code'")
        .fetch_one(&server.pool)
        .await
        .unwrap();
    assert_eq!(address, "ada@example.com");
    let code = code(&server).await;
    let wrong = if code == "000000" { "000001" } else { "000000" };
    other.post("verifications/confirm", json!({ "code": wrong })).await.assert_problem(422, "invalid");
    let nobody = server.session().await;
    nobody.post("verifications/confirm", json!({ "code": code })).await.assert_problem(404, "not_found");
    let proved = other.post("verifications/confirm", json!({ "code": code })).await;
    assert_eq!((proved.status, &proved.json), (200, &json!({ "level": 2 })));
    assert_eq!(levels(&server).await, [(1, "confirmation_code".into()), (2, "one_time_code".into())]);
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn a_code_proves_nobody_who_was_erased_meanwhile(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let booked = server.session().await.book().await;
    let visitor = server.session().await;
    let right = json!({ "channel": "email", "confirmation_code": booked["confirmation_code"] });
    assert_eq!(visitor.post("verifications", right).await.status, 202);
    let code = code(&server).await;
    // The code is still there: whoever takes it came at the same moment.
    server.run("update patients set erased_at = now()").await;
    visitor.post("verifications/confirm", json!({ "code": code })).await.assert_problem(404, "not_found");
    server.run("update patients set erased_at = null").await;
    assert_eq!(visitor.post("verifications/confirm", json!({ "code": code })).await.status, 200);
}

/// What a session sees and changes at the REST door, by what it has shown.
#[sqlx::test(migrator = "services::MIGRATOR")]
async fn a_session_changes_what_it_booked_or_proved_and_nothing_else(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let owner = server.session().await;
    let booked = owner.book().await;
    let id = booked["id"].as_str().unwrap().to_owned();
    let code = booked["confirmation_code"].as_str().unwrap().to_owned();
    let cancel = format!("appointments/{id}/cancel");
    let other = server.session().await;
    let key = server.program(owner.clinic);

    let by_phone = "appointments/lookup?phone=%2B15551234567";
    other.get(by_phone).await.assert_problem(403, "verification_required");
    assert_eq!(found(&owner.get(by_phone).await).len(), 1, "what it booked itself");
    assert_eq!(found(&key.get(by_phone).await).len(), 1);
    other.post(&cancel, json!({})).await.assert_problem(404, "not_found");
    let slot = move_to(&other).await;
    let moving = format!("appointments/{id}/reschedule");
    other.post(&moving, json!({ "slot": slot })).await.assert_problem(404, "not_found");

    assert!(found(&other.get("appointments/lookup?code=00000000").await).is_empty());
    let seen = found(&other.get(&format!("appointments/lookup?code={code}")).await);
    assert_eq!((seen.len(), &seen[0]["id"]), (1, &json!(id)));
    assert!(seen[0]["patient"].is_null(), "how she is reached is not told: {seen:?}");
    assert!(!found(&key.get(&format!("appointments/lookup?code={code}")).await)[0]["patient"].is_null());
    let moved = other.post(&moving, json!({ "slot": slot })).await;
    assert_eq!(moved.status, 200, "{}", moved.text);
    let stranger = server.session().await;
    stranger.post(&cancel, json!({})).await.assert_problem(404, "not_found");
    assert_eq!(other.post(&cancel, json!({})).await.status, 200);
}

async fn move_to(session: &Session<'_>) -> Value {
    session.slots().await.pop().expect("a free time")["slot"].clone()
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn guessing_codes_over_rest_ends_after_five_tries(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let code = server.session().await.book().await["confirmation_code"].as_str().unwrap().to_owned();
    let other = server.session().await;
    for wrong in ["00000001", "00000002", "00000003", "00000004", "00000005"] {
        assert!(found(&other.get(&format!("appointments/lookup?code={wrong}")).await).is_empty());
    }
    other.get(&format!("appointments/lookup?code={code}")).await.assert_problem(429, "rate_limited");
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn staff_vouch_for_who_is_writing(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let (visitor, cookie) = (server.session().await, sign_in(&server).await);
    visitor.book().await;
    let path = format!("/console/conversations/{}", visitor.id);
    visitor.say("Hello").await;
    let shown = server.send(page(&path, &cookie)).await;
    assert!(shown.text.contains("Confirm identity") && !shown.text.contains("Identity confirmed"), "{}", shown.text);
    let patient: uuid::Uuid =
        sqlx::query_scalar("select patient_id from patients").fetch_one(&server.pool).await.unwrap();
    let patient = patient.to_string();
    let vouch = [("id", visitor.id.as_str()), ("patient", patient.as_str())];
    assert!(server.send(form("/fn/vouch_for", &vouch)).await.status >= 300, "nobody has signed in");
    assert!(levels(&server).await.is_empty());
    let vouched = server.send(with(form("/fn/vouch_for", &vouch), "cookie", &cookie)).await;
    assert!(vouched.status < 400, "{}", vouched.text);
    assert_eq!(levels(&server).await, [(2, "member".into())]);
    let shown = server.send(page(&path, &cookie)).await;
    assert!(shown.text.contains("Identity confirmed"), "{}", shown.text);
}
