//! The console is for those who have signed in.

use leptos::server_fn::axum::server_fn_paths;
use services::testing::World;
use sqlx::PgPool;

use crate::sign_in::sign_in;
use crate::support::{Answer, TestServer, form, page, with};

/// A visit that is not there.
const NOBODYS: &str = "00000000-0000-4000-a000-000000000009";

/// What anyone may call, or whoever has a session token or a visit's link.
const PUBLIC: [&str; 18] = [
    "/fn/book_visit",
    "/fn/cancel_visit",
    "/fn/decline_offer",
    "/fn/hold_time",
    "/fn/move_visit",
    "/fn/open_booking",
    "/fn/open_chat",
    "/fn/open_offer",
    "/fn/open_subscription",
    "/fn/open_visit",
    "/fn/release_time",
    "/fn/send_message",
    "/fn/sign_in",
    "/fn/sign_out",
    "/fn/skip_sign_in",
    "/fn/start_mail",
    "/fn/stop_mail",
    "/fn/take_offer",
];

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn no_server_function_but_the_public_ones_answers_without_a_sign_in(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let private: Vec<&str> = server_fn_paths().map(|(path, _)| path).filter(|path| !PUBLIC.contains(path)).collect();
    assert!(private.len() >= 3, "{private:?}");
    for path in private {
        for cookie in [None, Some("frontdesk=AAAAAAAAAAAAAAAAAAAAAA"), Some("frontdesk=nonsense")] {
            let answer = call(&server, path, cookie, NOBODYS).await;
            assert_eq!(answer.status, 401, "{path} with {cookie:?}: {}", answer.text);
            assert!(answer.text.contains("unauthenticated"), "{path}: {}", answer.text);
        }
    }
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn a_function_called_with_nonsense_says_that_it_could_not_be_read(pool: PgPool) {
    let server = TestServer::new(pool).await;
    for path in ["/fn/appointment_view", "/fn/open_chat", "/fn/sign_in"] {
        let answer = server.send(form(path, &[("nonsense", "x")])).await;
        assert!(answer.status >= 400, "{path}: {}", answer.status);
        assert_eq!(answer.json["code"], "malformed", "{path}: {}", answer.text);
    }
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn a_chat_session_is_no_sign_in(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let visitor = server.session().await;
    let cookies = format!("fd_chat_bloom={}; frontdesk={}", visitor.token, visitor.token);
    assert_eq!(call(&server, "/fn/day_view", Some(&cookies), "").await.status, 401);
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn the_consoles_pages_send_strangers_to_the_sign_in(pool: PgPool) {
    let server = TestServer::new(pool).await;
    for path in ["/console/today", "/console/appointments/00000000-0000-4000-a000-000000000009"] {
        let page = server.send(page(path, "")).await;
        assert_eq!((page.status, page.header("location")), (302, "/console/sign-in"), "{path}");
        assert!(!page.text.contains("Rosa Delgado"));
    }
    assert_eq!(server.get("/console/feed").await.status, 401);
    let cookie = sign_in(&server).await;
    let page = server.send(page("/console/today", &cookie)).await;
    assert!(page.status == 200 && page.text.contains("Rosa Delgado"), "{}", page.text);
    assert!(page.header("cache-control").contains("no-store"));
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn another_clinics_visit_does_not_exist_for_staff(pool: PgPool) {
    let server = TestServer::new(pool.clone()).await;
    let cedar = World::new(pool).await;
    cedar.appointment_type("haircut", 45).await;
    cedar.practitioner().await;
    let theirs = server.session_with(cedar.clinic).await.book().await;
    let own = server.session().await.book().await;
    let cookie = sign_in(&server).await;

    for (visit, status) in [(&own, 200), (&theirs, 404)] {
        let id = visit["id"].as_str().unwrap();
        let answer = call(&server, "/fn/appointment_view", Some(&cookie), id).await;
        assert_eq!(answer.status, status, "{}", answer.text);
        let page = server.send(page(&format!("/console/appointments/{id}"), &cookie)).await;
        assert_eq!(page.text.contains("Ada Lovelace"), status == 200);
    }
    let day = call(&server, "/fn/day_view", Some(&cookie), "2026-11-24").await;
    assert_eq!(day.status, 200, "{}", day.text);
    assert_eq!(day.text.matches("Ada Lovelace").count(), 1, "{}", day.text);
}

/// Calls a server function of the console for this visit or day.
pub async fn call(server: &TestServer, path: &str, cookie: Option<&str>, about: &str) -> Answer {
    let name = if about.len() == "2026-11-24".len() { "day" } else { "id" };
    // What one function does not ask for, it does not read.
    let fields = [("status", "arrived"), ("patient", NOBODYS), (name, about)];
    let request = form(path, &fields[..2 + usize::from(!about.is_empty())]);
    match cookie {
        Some(cookie) => server.send(with(request, "cookie", cookie)).await,
        None => server.send(request).await,
    }
}
