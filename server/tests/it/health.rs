//! Whether the server says it is well, and only when it is.

use sqlx::PgPool;

use crate::support::TestServer;

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn a_server_that_is_well_says_so(pool: PgPool) {
    let server = TestServer::new(pool).await;
    for path in ["/health", "/ready"] {
        let answer = server.get(path).await;
        assert_eq!((answer.status, answer.json["status"].as_str()), (200, Some("ok")), "{path}");
    }
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn a_database_that_lacks_a_migration_is_not_ready_but_the_process_is_alive(pool: PgPool) {
    let server = TestServer::new(pool).await;
    sqlx::query("delete from _sqlx_migrations where version = (select max(version) from _sqlx_migrations)")
        .execute(&server.pool)
        .await
        .unwrap();
    assert_eq!(server.get("/ready").await.status, 503);
    assert_eq!(server.get("/health").await.status, 200);
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn a_database_that_is_gone_makes_problems_and_no_crash(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let visitor = server.session().await;
    server.pool.close().await;

    visitor.get("practitioners").await.assert_problem(503, "unavailable");
    visitor.say("Hello").await.assert_problem(503, "unavailable");
    server.get("/api/v1/config?clinic=bloom").await.assert_problem(503, "unavailable");
    assert_eq!(server.get("/ready").await.status, 503);
    assert_eq!(server.get("/health").await.status, 200);
    for path in ["/c/bloom", "/embed/bloom", "/c/bloom/book"] {
        let page = server.get(path).await;
        assert_eq!(page.status, 503, "{path}");
        assert!(page.text.contains("is not answering"), "{path}: {}", page.text);
    }
}
