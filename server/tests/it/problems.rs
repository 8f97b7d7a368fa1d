//! Every way `/api` says no is `application/problem+json`.

use axum::body::Body;
use domain::id::ClinicId;
use http::{Method, Request};
use serde_json::{Value, json};
use sqlx::PgPool;

use crate::support::{Answer, TestServer, ask, ask_with, signed, with};

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn what_cannot_be_read_is_a_problem_of_its_kind(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let json = Some("application/json");
    for (content_type, body, status, code) in [
        (json, "{\"clinic_id\":", 400, "malformed"),
        (json, "", 400, "malformed"),
        (json, "{\"clinic_id\":\"\\ud800\"}", 400, "malformed"),
        (Some("text/plain"), "{}", 415, "unsupported_media_type"),
        (Some("application/x-www-form-urlencoded"), "clinic_id=1", 415, "unsupported_media_type"),
        (None, "{}", 415, "unsupported_media_type"),
        (json, "{}", 422, "invalid"),
        (json, "[]", 422, "invalid"),
        (json, "null", 422, "invalid"),
        (json, "{\"clinic_id\":\"bloom\"}", 422, "invalid"),
        (json, "{\"clinic_id\":7}", 422, "invalid"),
    ] {
        let answer = server.send(raw("/api/v1/auth/session", content_type, body.into())).await;
        answer.assert_problem(status, code);
        assert!(code != "invalid" || !answer.wrong_fields().is_empty(), "{body}");
    }
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn a_body_beyond_the_limit_is_too_large_whether_or_not_it_says_so(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let large = format!("{{\"token\":\"{}\"}}", "a".repeat(300 * 1024));
    let declared = raw("/api/v1/auth/refresh", Some("application/json"), large.clone().into());
    server.send(declared).await.assert_problem(413, "too_large");

    let pieces =
        large.into_bytes().chunks(8_192).map(|piece| Ok::<_, std::io::Error>(piece.to_vec())).collect::<Vec<_>>();
    let streamed = Body::from_stream(futures::stream::iter(pieces));
    server.send(raw("/api/v1/auth/refresh", Some("application/json"), streamed)).await.assert_problem(413, "too_large");
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn an_address_that_is_not_there_is_a_problem_too(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let visitor = server.session().await;
    for path in ["/api/v1/nothing", "/api/v2/config", "/api/", "/api/v1/clinics/not-an-id/holds/1/2"] {
        server.get(path).await.assert_problem(404, "not_found");
    }
    for path in [
        "/api/v1/clinics/not-an-id/practitioners",
        "/api/v1/clinics/%ff/practitioners",
        "/api/v1/sessions/not-an-id/messages",
        "/api/v1/sessions/not-an-id/push-events",
    ] {
        visitor.get(path).await.assert_problem(404, "not_found");
    }
    visitor.delete("holds/not-an-id").await.assert_problem(404, "not_found");
    visitor
        .post("/api/v1/clinics/not-an-id/chat", json!({ "message": "Hello" }))
        .await
        .assert_problem(404, "not_found");
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn a_method_an_address_does_not_take_is_a_problem(pool: PgPool) {
    let server = TestServer::new(pool).await;
    for (method, path) in [
        (Method::POST, "/api/v1/config"),
        (Method::GET, "/api/v1/auth/session"),
        (Method::PUT, "/api/v1/auth/refresh"),
        (Method::PATCH, "/api/v1/clinics/00000000-0000-4000-a000-000000000001/practitioners"),
    ] {
        server.send(ask(method, path)).await.assert_problem(404, "not_found");
    }
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn questions_about_times_that_make_no_sense_are_invalid(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let visitor = server.session().await;
    for query in [
        "",
        "appointment_type=haircut",
        "appointment_type=haircut&from=2026-11-24",
        "appointment_type=haircut&from=tomorrow&to=2026-11-24",
        "appointment_type=haircut&from=2026-02-30&to=2026-03-01",
        "appointment_type=haircut&from=2026-11-25&to=2026-11-24",
        "appointment_type=haircut&from=2026-11-24&to=2027-01-25",
        "appointment_type=haircut&from=2026-11-24&to=2026-11-24&limit=-1",
        "appointment_type=haircut&from=2026-11-24&to=2026-11-24&practitioner=mia",
    ] {
        let answer = visitor.get(&format!("availability?{query}")).await;
        answer.assert_problem(422, "invalid");
        assert!(!answer.wrong_fields().is_empty(), "{query}");
    }
    visitor
        .get("availability?appointment_type=tattoo&from=2026-11-24&to=2026-11-24")
        .await
        .assert_problem(404, "not_found");
    let longest = visitor.get("availability?appointment_type=haircut&from=2026-11-24&to=2027-01-24").await;
    assert_eq!(longest.status, 200, "62 days are allowed: {}", longest.text);
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn a_refusal_says_nothing_back_that_identifies_a_person(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let visitor = server.session().await;
    let hold = visitor.hold(&visitor.free_slot().await).await;
    let patient = json!({ "name": "Ada Lovelace", "phone": "555-0199", "email": "ada at example" });

    let refused: Vec<Answer> = vec![
        visitor.confirm(&hold, patient).await,
        server.post("/api/v1/auth/session", json!({ "clinic_id": visitor.clinic, "email": "ada at example" })).await,
        server.post("/api/v1/auth/session", json!({ "clinic_id": visitor.clinic, "phone": "555-0199" })).await,
        visitor.post("chat", json!({ "message": ["Ada Lovelace"] })).await,
    ];

    for answer in refused {
        answer.assert_problem(422, "invalid");
        // The request's own id may hold any digits.
        let said = answer.text.replace(answer.text_of("request_id").as_str(), "");
        for told in ["Lovelace", "0199", "ada at"] {
            assert!(!said.contains(told), "{said}");
        }
    }
    assert_eq!(server.count("conversations").await, 1);
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn the_request_id_a_caller_gives_comes_back(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let request = with(ask(Method::GET, "/api/v1/config?clinic=nowhere"), "x-request-id", "order-66");

    let answer = server.send(request).await;

    answer.assert_problem(404, "not_found");
    assert_eq!(answer.json["request_id"], "order-66");
    let (one, other) = (server.get("/health").await, server.get("/health").await);
    assert_ne!(one.header("x-request-id"), other.header("x-request-id"));
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn a_clinic_that_does_not_exist_has_no_sessions(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let nobody: Value = json!({ "clinic_id": ClinicId::new() });
    server.send(ask_with(Method::POST, "/api/v1/auth/session", nobody)).await.assert_problem(404, "not_found");
    assert_eq!(server.count("conversations").await, 0);

    // A token may outlive its clinic.
    let visitor = server.session().await;
    let orphan =
        server.services.sessions.issue(ClinicId::new(), visitor.id.parse().unwrap(), server.services.clock.now());
    let orphan = orphan.unwrap();
    let path = format!("/api/v1/clinics/{}/practitioners", orphan.session.clinic);
    let answer = server.send(signed(ask(Method::GET, &path), &orphan.token)).await;
    assert!(answer.status < 500, "{}", answer.text);
}

fn raw(path: &str, content_type: Option<&str>, body: Body) -> Request<Body> {
    let request = Request::builder().method(Method::POST).uri(path);
    let request = content_type.into_iter().fold(request, |request, kind| request.header("content-type", kind));
    request.body(body).unwrap()
}
