//! How much anyone may ask for in a minute.

use http::Method;
use serde_json::json;
use server::config::Config;
use services::demo::BLOOM;
use sqlx::PgPool;

use crate::support::{ADMIN_KEY, Answer, TestServer, ask, form, generous, with};

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn too_many_new_sessions_are_told_when_to_come_back(pool: PgPool) {
    let server = TestServer::with(pool, Config { rate_sessions_per_minute: 2, ..generous() }).await;
    let wanted = json!({ "clinic_id": services::demo::BLOOM });
    for _ in 0..2 {
        assert_eq!(server.post("/api/v1/auth/session", wanted.clone()).await.status, 201);
    }
    come_back_later(&server.post("/api/v1/auth/session", wanted).await, 30);
    assert_eq!(server.count("conversations").await, 2);
    assert_eq!(server.get("/api/v1/config?clinic=bloom").await.status, 200, "only new sessions are refused");
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn too_many_messages_are_told_when_to_come_back(pool: PgPool) {
    let server = TestServer::with(pool, Config { rate_messages_per_minute: 1, ..generous() }).await;
    let visitor = server.session().await;
    assert_eq!(visitor.say("Where are you?").await.status, 200);
    come_back_later(&visitor.say("Hello?").await, 60);
    assert_eq!(visitor.read("messages").await.status, 200, "reading goes on");
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn too_many_requests_are_told_when_to_come_back(pool: PgPool) {
    let server = TestServer::with(pool, Config { rate_requests_per_minute: 3, ..generous() }).await;
    for _ in 0..3 {
        assert_eq!(server.get("/api/v1/config?clinic=bloom").await.status, 200);
    }
    come_back_later(&server.get("/api/v1/config?clinic=bloom").await, 20);
    for path in ["/health", "/ready", "/c/bloom"] {
        assert_eq!(server.get(path).await.status, 200, "{path} is not the API");
    }
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn requests_with_a_good_key_are_counted_by_key_and_not_by_address(pool: PgPool) {
    let limits = Config { rate_key_requests_per_minute: 4, rate_requests_per_minute: 2, ..generous() };
    let server = TestServer::with(pool, limits).await;
    let path = format!("/api/v1/clinics/{BLOOM}/practitioners");
    let own = server.key(BLOOM, &["read"]).await;
    for key in [ADMIN_KEY, &own] {
        let call = async || server.send(with(ask(Method::GET, &path), "x-admin-key", key)).await;
        for _ in 0..4 {
            assert_eq!(call().await.status, 200);
        }
        come_back_later(&call().await, 15);
    }
    assert_eq!(server.get("/api/v1/config?clinic=bloom").await.status, 200, "the address asked for nothing yet");
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn guessed_keys_are_counted_by_address_however_many_there_are(pool: PgPool) {
    let server = TestServer::with(pool, Config { rate_requests_per_minute: 3, ..generous() }).await;
    let path = format!("/api/v1/clinics/{BLOOM}/practitioners");
    let own = server.key(BLOOM, &["read"]).await;
    let call = async |key: &str| server.send(with(ask(Method::GET, &path), "x-admin-key", key)).await;
    for guess in ["one", "two", &format!("fdk_{}", "A".repeat(43))] {
        call(guess).await.assert_problem(401, "unauthenticated");
    }
    come_back_later(&call("four").await, 20);
    assert_eq!(call(&own).await.status, 200, "whoever has a key is not kept out by others at the address");
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn an_address_written_by_the_caller_counts_only_behind_a_proxy(pool: PgPool) {
    for (trusts, statuses) in [(false, [200, 429]), (true, [200, 200])] {
        let config = Config { rate_requests_per_minute: 1, trust_forwarded_for: trusts, ..generous() };
        let server = TestServer::with(pool.clone(), config).await;
        for (address, status) in ["203.0.113.1", "203.0.113.2"].into_iter().zip(statuses) {
            let request = ask(Method::GET, "/api/v1/config?clinic=bloom");
            let answer = server.send(with(request, "x-forwarded-for", address)).await;
            assert_eq!(answer.status, status, "trusted: {trusts}, from {address}");
        }
    }
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn guessing_a_password_is_slowed_down_for_one_address(pool: PgPool) {
    let server = TestServer::with(pool, Config { rate_sign_ins_per_minute: 3, ..generous() }).await;
    let guess = || form("/fn/sign_in", &[("email", services::demo::OWNER_EMAIL), ("password", "guess")]);
    for _ in 0..3 {
        assert_eq!(server.send(guess()).await.status, 401);
    }
    assert_eq!(server.send(guess()).await.status, 429);
}

#[track_caller]
fn come_back_later(answer: &Answer, within: u64) {
    answer.assert_problem(429, "rate_limited");
    let seconds = answer.header("retry-after").parse::<u64>().expect("whole seconds");
    assert!((1..=within).contains(&seconds), "{seconds}");
}
