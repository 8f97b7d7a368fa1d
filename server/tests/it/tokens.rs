//! What makes a session token good, and what does not.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::Duration;
use http::Method;
use serde_json::{Value, json};
use services::session_token::SessionTokens;
use sqlx::PgPool;

use crate::support::{Answer, Session, TestServer, ask, signed, with};

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn a_token_is_good_for_four_hours(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let visitor = server.session().await;
    server.wait(Duration::hours(4) - Duration::seconds(1));
    assert_eq!(visitor.get("practitioners").await.status, 200);
    server.wait(Duration::seconds(1));
    visitor.get("practitioners").await.assert_problem(401, "unauthenticated");
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn a_good_token_is_refreshed_for_the_same_session(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let visitor = server.session().await;
    let hold = visitor.hold(&visitor.free_slot().await).await;
    server.wait(Duration::hours(3));

    let fresh = server.post("/api/v1/auth/refresh", json!({ "token": visitor.token })).await;

    assert_eq!((fresh.status, fresh.json["expires_at"].as_str()), (200, Some("2026-11-20T22:00:00Z")));
    server.wait(Duration::hours(3));
    let path = format!("/api/v1/clinics/{}/holds/{}", visitor.clinic, hold.text_of("hold_id"));
    let released = server.send(signed(ask(Method::DELETE, &path), &fresh.text_of("token"))).await;
    assert_eq!(released.status, 204, "the fresh token is the old session's: {}", released.text);
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn a_token_that_ran_out_is_not_refreshed(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let visitor = server.session().await;
    server.wait(Duration::hours(4));
    for token in [visitor.token.as_str(), "", "a.b.c", "not a token"] {
        server.post("/api/v1/auth/refresh", json!({ "token": token })).await.assert_problem(401, "unauthenticated");
    }
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn a_token_nobody_signed_is_worth_nothing(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let visitor = server.session().await;
    let [_, claims, signature] = parts(&visitor.token);
    let none = BASE64_URL_SAFE_NO_PAD.encode(r#"{"alg":"none","typ":"JWT"}"#);
    let other_secret = SessionTokens::new(b"another secret, also long enough", Duration::hours(4));
    let elsewhere = other_secret.issue(visitor.clinic, visitor.id.parse().unwrap(), server.services.clock.now());

    for forged in [
        format!("{none}.{claims}."),
        format!("{none}.{claims}.{signature}"),
        edited(&visitor.token, |claims| claims["exp"] = json!(9_999_999_999_i64)),
        edited(&visitor.token, |claims| claims["sid"] = json!("00000000-0000-4000-a000-00000000000f")),
        elsewhere.unwrap().token,
        format!("{}x", visitor.token),
        "…".to_owned(),
    ] {
        knock(&server, &visitor, &format!("Bearer {forged}")).await.assert_problem(401, "unauthenticated");
        server.post("/api/v1/auth/refresh", json!({ "token": forged })).await.assert_problem(401, "unauthenticated");
    }
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn a_token_in_the_wrong_place_is_no_token(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let visitor = server.session().await;
    for value in ["", "Bearer", "Bearer ", &visitor.token, &format!("Basic {}", visitor.token)] {
        knock(&server, &visitor, value).await.assert_problem(401, "unauthenticated");
    }
    let path = format!("/api/v1/clinics/{}/practitioners?token={}", visitor.clinic, visitor.token);
    server.get(&path).await.assert_problem(401, "unauthenticated");
    assert_eq!(knock(&server, &visitor, &format!("bearer {}", visitor.token)).await.status, 200);
}

async fn knock(server: &TestServer, visitor: &Session<'_>, authorization: &str) -> Answer {
    let path = format!("/api/v1/clinics/{}/practitioners", visitor.clinic);
    let mut request = ask(Method::GET, &path);
    match http::HeaderValue::from_str(authorization) {
        Ok(_) => request = with(request, "authorization", authorization),
        Err(_) => {
            let bytes = http::HeaderValue::from_bytes(authorization.as_bytes()).unwrap();
            request.headers_mut().insert("authorization", bytes);
        }
    }
    server.send(request).await
}

fn parts(token: &str) -> [&str; 3] {
    token.split('.').collect::<Vec<_>>().try_into().unwrap()
}

/// The token with other claims under the old signature.
fn edited(token: &str, edit: impl FnOnce(&mut Value)) -> String {
    let [header, claims, signature] = parts(token);
    let mut claims: Value = serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(claims).unwrap()).unwrap();
    edit(&mut claims);
    format!("{header}.{}.{signature}", BASE64_URL_SAFE_NO_PAD.encode(claims.to_string()))
}
