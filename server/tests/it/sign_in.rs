//! Signing in to the console, and being signed out.

use http::Request;
use services::demo::{BLOOM, OWNER_EMAIL};
use sqlx::PgPool;

use crate::console::call;
use crate::support::{Answer, PASSWORD, TestServer, form, page, with};

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn a_wrong_password_is_refused_like_an_unknown_address(pool: PgPool) {
    let server = TestServer::new(pool).await;
    for (email, password) in [
        (OWNER_EMAIL, "guess"),
        (OWNER_EMAIL, ""),
        ("nobody@example.com", PASSWORD),
        ("", ""),
        ("owner", &"a".repeat(5_000)),
    ] {
        let refused = server.send(form("/fn/sign_in", &[("email", email), ("password", password)])).await;
        assert_eq!(refused.status, 401, "{}", refused.text);
        assert!(refused.text.contains("That email and password do not match."), "{}", refused.text);
        assert!(refused.headers.get("set-cookie").is_none());
    }
    assert_eq!(server.count("sessions").await, 0);
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn a_form_without_javascript_goes_back_to_the_page_that_says_why(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let request = form("/fn/sign_in", &[("email", OWNER_EMAIL), ("password", "guess")]);
    let refused = server.send(with(with(request, "accept", "text/html"), "referer", "/console/sign-in")).await;

    assert_eq!(refused.status, 302, "{}", refused.text);
    let page = server.get(refused.header("location")).await;
    assert!(page.text.contains("That email and password do not match."), "{}", page.text);
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn signing_in_keeps_a_session_nobody_can_read_out_of_the_database(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let signed_in = server.send(credentials()).await;

    let cookie = signed_in.header("set-cookie").to_owned();
    assert!(cookie.starts_with("frontdesk="), "{cookie}");
    for attribute in ["HttpOnly", "SameSite=Lax", "Path=/"] {
        assert!(cookie.contains(attribute), "{attribute} in {cookie}");
    }
    let id = cookie["frontdesk=".len()..].split(';').next().unwrap();
    let number = id.parse::<tower_sessions::session::Id>().unwrap().0.to_string();
    let rows: Vec<(String, Vec<u8>)> =
        sqlx::query_as("select session_id, data from sessions").fetch_all(&server.pool).await.unwrap();
    assert_eq!(rows.len(), 1);
    let stored = format!("{} {}", rows[0].0, String::from_utf8_lossy(&rows[0].1));
    assert!(!stored.contains(id) && !stored.contains(&number), "the cookie can be read from the table: {stored}");
    let stolen = format!("frontdesk={}", rows[0].0);
    assert_eq!(call(&server, "/fn/who_am_i", Some(&stolen), "").await.status, 401);
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn over_tls_the_cookie_stays_on_tls(pool: PgPool) {
    let config = server::config::Config { public_url: "https://desk.example.com".into(), ..crate::support::generous() };
    let server = TestServer::with(pool, config).await;
    let signed_in = server.send(credentials()).await;
    assert!(signed_in.header("set-cookie").contains("Secure"), "{}", signed_in.header("set-cookie"));
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn whoever_signs_in_gets_a_new_session_and_not_one_they_brought(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let brought = "frontdesk=AAAAAAAAAAAAAAAAAAAAAA";
    let first = sign_in(&server).await;
    let again = cookie_of(&server.send(with(credentials(), "cookie", brought)).await);
    assert!(again != brought && again != first);
    assert_eq!(call(&server, "/fn/who_am_i", Some(brought), "").await.status, 401);
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn another_site_cannot_sign_anyone_in_or_out(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let cookie = sign_in(&server).await;
    let on_host = |request: Request<axum::body::Body>| with(request, "host", "desk.example.com");
    for (header, value) in [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("origin", "https://evil.example"),
        ("origin", "null"),
        ("origin", "https://desk.example.com.evil.example"),
    ] {
        let forged = server.send(with(on_host(credentials()), header, value)).await;
        assert_eq!((forged.status, forged.headers.get("set-cookie")), (403, None), "{header}: {value}");
        let forged =
            server.send(with(with(on_host(form("/fn/sign_out", &[])), "cookie", &cookie), header, value)).await;
        assert_eq!(forged.status, 403, "{header}: {value}");
    }
    assert_eq!(call(&server, "/fn/who_am_i", Some(&cookie), "").await.status, 200, "still signed in");
    for (header, value) in [("sec-fetch-site", "same-origin"), ("origin", "https://desk.example.com")] {
        let own = server.send(with(on_host(credentials()), header, value)).await;
        assert!(own.headers.contains_key("set-cookie"), "{header}: {value}: {}", own.text);
    }
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn signing_out_leaves_no_session_behind(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let cookie = sign_in(&server).await;
    assert_eq!(server.count("sessions").await, 1);

    let out = server.send(with(form("/fn/sign_out", &[]), "cookie", &cookie)).await;

    assert!(out.status < 400, "{}", out.text);
    assert_eq!(server.count("sessions").await, 0);
    assert_eq!(call(&server, "/fn/who_am_i", Some(&cookie), "").await.status, 401);
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn a_new_password_ends_every_session_made_under_the_old_one(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let (one, other) = (sign_in(&server).await, sign_in(&server).await);
    let mut tx = server.services.db.clinic(BLOOM).await.unwrap();
    services::members::put_owner(&mut tx, "Rosa Delgado", OWNER_EMAIL, "another password").await.unwrap();
    tx.commit().await.unwrap();

    for cookie in [one, other] {
        assert_eq!(call(&server, "/fn/who_am_i", Some(&cookie), "").await.status, 401);
    }
    assert_eq!(server.send(credentials()).await.status, 401, "the old password is no good either");
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn seeding_the_demonstration_again_ends_no_session(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let cookie = sign_in(&server).await;
    services::demo::seed(&server.services.db, server.services.clock.now(), PASSWORD).await.unwrap();
    assert_eq!(call(&server, "/fn/who_am_i", Some(&cookie), "").await.status, 200);
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn a_sign_in_that_cannot_be_checked_is_said_to_be_our_fault(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let cookie = sign_in(&server).await;
    server.pool.close().await;
    for path in ["/c/bloom", "/console/today"] {
        let page = server.send(page(path, &cookie)).await;
        assert_eq!(page.status, 503, "{path}");
        assert!(page.text.contains("is not answering"), "{path}: {}", page.text);
    }
    let told = call(&server, "/fn/day_view", Some(&cookie), "").await;
    assert_eq!((told.status, told.json["code"].as_str()), (503, Some("unavailable")), "{}", told.text);
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn a_member_who_was_disabled_is_out_at_once(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let cookie = sign_in(&server).await;
    sqlx::query("update members set disabled_at = now()").execute(&server.pool).await.unwrap();
    assert_eq!(call(&server, "/fn/who_am_i", Some(&cookie), "").await.status, 401);
    assert_eq!(server.send(credentials()).await.status, 401);
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn a_session_left_alone_runs_out(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let cookie = sign_in(&server).await;
    sqlx::query("update sessions set expires_at = $1")
        .bind(server.services.clock.now())
        .execute(&server.pool)
        .await
        .unwrap();
    assert_eq!(call(&server, "/fn/who_am_i", Some(&cookie), "").await.status, 401);
    assert_eq!(server.send(page("/console/today", &cookie)).await.status, 302);
}

/// Signs the demonstration's owner in; the cookie.
pub async fn sign_in(server: &TestServer) -> String {
    cookie_of(&server.send(credentials()).await)
}

fn credentials() -> Request<axum::body::Body> {
    form("/fn/sign_in", &[("email", OWNER_EMAIL), ("password", PASSWORD)])
}

fn cookie_of(answer: &Answer) -> String {
    assert!(answer.headers.contains_key("set-cookie"), "{} {}", answer.status, answer.text);
    answer.header("set-cookie").split(';').next().unwrap().to_owned()
}
