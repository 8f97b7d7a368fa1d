//! Opening a session: from which sites, once under a key, and for how long.

use http::Method;
use serde_json::{Value, json};
use server::config::Config;
use services::demo::BLOOM;
use sqlx::PgPool;

use crate::support::{ADMIN_KEY, Answer, TestServer, ask_with, generous, with};

async fn open(server: &TestServer, headers: &[(&'static str, &str)], body: Value) -> Answer {
    let request = ask_with(Method::POST, "/api/v1/auth/session", body);
    server.send(headers.iter().fold(request, |request, (name, value)| with(request, name, value))).await
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn only_pages_of_ours_and_of_the_clinics_sites_open_a_session(pool: PgPool) {
    let server = TestServer::new(pool).await;
    server.run("update clinics set allowed_origins = '{https://bloom.example.com}'").await;
    let wanted = json!({ "clinic_id": BLOOM });
    for origin in ["http://127.0.0.1:3000", "https://bloom.example.com"] {
        assert_eq!(open(&server, &[("origin", origin)], wanted.clone()).await.status, 201, "{origin}");
    }
    let at_home = [("origin", "http://desk.local:8080"), ("host", "desk.local:8080")];
    assert_eq!(open(&server, &at_home, wanted.clone()).await.status, 201, "a page of this server's by another name");
    assert_eq!(open(&server, &[], wanted.clone()).await.status, 201, "a program is no page");
    let sessions = server.count("conversations").await;
    for origin in
        ["https://evil.example.com", "https://bloom.example.com.evil.example", "http://bloom.example.com", "null", ""]
    {
        open(&server, &[("origin", origin)], wanted.clone()).await.assert_problem(403, "origin_not_allowed");
    }
    assert_eq!(server.count("conversations").await, sessions);
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn opening_again_under_a_key_is_the_same_session_to_its_sender_alone(pool: PgPool) {
    let server = TestServer::with(pool, Config { trust_forwarded_for: true, ..generous() }).await;
    let wanted = json!({ "clinic_id": BLOOM, "email": "ada@example.com" });
    let from = async |address: &str, body: &Value| {
        open(&server, &[("idempotency-key", "k"), ("x-forwarded-for", address)], body.clone()).await
    };
    let first = from("203.0.113.1", &wanted).await;
    assert_eq!(first.status, 201, "{}", first.text);
    server.wait(chrono::Duration::minutes(5));
    let again = from("203.0.113.1", &wanted).await;
    assert_eq!((again.status, &again.json, again.header("idempotent-replayed")), (201, &first.json, "true"));
    let token = first.text_of("token");
    let kept: String =
        sqlx::query_scalar("select response::text from idempotency_keys").fetch_one(&server.pool).await.unwrap();
    assert!(!kept.contains(&token), "the token is a secret: {kept}");

    let other = from("203.0.113.2", &wanted).await;
    assert_ne!(other.text_of("session_id"), first.text_of("session_id"), "somebody else's key is another");
    from("203.0.113.1", &json!({ "clinic_id": BLOOM })).await.assert_problem(409, "idempotency_conflict");
    assert_eq!(server.count("conversations").await, 2);
    open(&server, &[], json!({ "clinic_id": BLOOM, "email": "x" })).await.assert_problem(422, "invalid");
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn a_clinic_is_made_once_under_a_key(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let make = async |key: &str, slug: &str| {
        let body = json!({ "name": "Cedar Clinic", "slug": slug, "time_zone": "Europe/Lisbon" });
        let request = with(ask_with(Method::POST, "/api/v1/clinics", body), "x-admin-key", ADMIN_KEY);
        server.send(with(request, "idempotency-key", key)).await
    };
    let made = futures::future::join_all((0..6).map(|_| make("k", "cedar"))).await;
    assert!(made.iter().all(|one| one.status == 201 && one.json == made[0].json), "{:?}", made[0]);
    assert_eq!(made.iter().filter(|one| one.header("idempotent-replayed").is_empty()).count(), 1);
    make("k", "other").await.assert_problem(409, "idempotency_conflict");
    make("k2", "cedar").await.assert_problem(422, "invalid");
    assert_eq!(make("k2", "maple").await.status, 201, "a refused key may be used again");
    assert_eq!(server.count("clinics").await, 3);

    server.run("delete from idempotency_keys").await;
    make("k", "oak").await.assert_problem(409, "idempotency_conflict");
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn cookies_last_as_long_as_their_tokens(pool: PgPool) {
    let server = TestServer::with(pool, Config { session_token_hours: 9, ..generous() }).await;
    let chat = server.get("/c/bloom").await;
    assert!(chat.header("set-cookie").contains("; Max-Age=32400; "), "{}", chat.header("set-cookie"));
}
