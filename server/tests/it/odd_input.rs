//! What no person types: it is refused, and is no fault of the server's.

use serde_json::json;
use sqlx::PgPool;

use crate::support::{TestServer, form};

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn a_nul_anywhere_is_refused_like_any_other_nonsense(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let visitor = server.session().await;
    server.get("/api/v1/config?clinic=bloom%00").await.assert_problem(400, "malformed");
    visitor
        .get("availability?appointment_type=haircut%00&from=2026-11-24&to=2026-11-24")
        .await
        .assert_problem(404, "not_found");
    for path in ["/c/bloom%00", "/c/%00/book", "/embed/%00"] {
        let page = server.get(path).await;
        assert_eq!(page.status, 400, "{path}");
        assert!(page.text.contains("could not be read"), "{path}: {}", page.text);
    }
    let signed_in =
        server.send(form("/fn/sign_in", &[("email", "owner\u{0}@bloom.example"), ("password", "\u{0}")])).await;
    assert_eq!(signed_in.status, 400, "{}", signed_in.text);
    let session = json!({ "clinic_id": visitor.clinic, "email": "a\u{0}@b.example" });
    server.post("/api/v1/auth/session", session).await.assert_problem(422, "invalid");
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn days_no_calendar_reaches_are_invalid_and_break_nothing(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let visitor = server.session().await;
    for (from, to) in [
        ("%2B262142-12-31", "%2B262142-12-31"),
        ("%2B262142-12-01", "%2B262142-12-20"),
        ("-262143-01-01", "-262143-01-02"),
        ("-262143-01-01", "%2B262142-12-31"),
        ("-4800-01-01", "-4800-01-02"),
        ("%2B99999-01-01", "%2B99999-01-02"),
        ("9999-12-31", "9999-12-31"),
        ("0000-01-01", "0000-01-02"),
    ] {
        let answer = visitor.get(&format!("availability?appointment_type=haircut&from={from}&to={to}")).await;
        assert!(
            answer.status == 422 || answer.json["slots"].is_array(),
            "{from} to {to}: {} {}",
            answer.status,
            answer.text.chars().take(300).collect::<String>()
        );
    }
    for day in ["%2B262142-12-31", "%2B262142-12", "-262143-01-01", "9999-12-31", "9999-12", "2026-13", "yesterday"] {
        for query in [format!("month={day}"), format!("day={day}"), format!("type=haircut&month={day}&day={day}")] {
            let page = server.get(&format!("/c/bloom/book?{query}")).await;
            assert!(page.status < 500, "/c/bloom/book?{query}: {}", page.status);
        }
    }
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn a_day_no_calendar_reaches_does_not_break_the_console(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let cookie = crate::sign_in::sign_in(&server).await;
    for day in ["+262142-12-31", "-262143-01-01", "9999-12-31", "0000-01-01"] {
        let request = crate::support::with(form("/fn/day_view", &[("day", day)]), "cookie", &cookie);
        let answer = server.send(request).await;
        assert!(answer.status < 500, "{day}: {} {}", answer.status, answer.text);
    }
}
