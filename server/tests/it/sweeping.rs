//! What runs out is swept by itself.

use std::sync::Arc;
use std::time::Duration as Pause;

use chrono::Duration;
use serde_json::json;
use server::limits::Limits;
use server::worker;
use sqlx::PgPool;

use crate::support::{TestServer, generous, with_cedar};

/// Runs the worker until `done`.
async fn work_until(server: &TestServer, done: impl AsyncFn() -> bool) {
    let worker = worker::start(server.services.clone(), Arc::new(Limits::new(&generous().rates())));
    for _ in 0..200 {
        if done().await {
            worker.abort();
            return;
        }
        tokio::time::sleep(Pause::from_millis(50)).await;
    }
    panic!("the worker did not sweep");
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn the_worker_ends_holds_of_every_clinic_and_tells_their_chats(pool: PgPool) {
    let (server, cedar) = with_cedar(pool).await;
    let (visitor, elsewhere) = (server.session().await, server.session_with(cedar.clinic).await);
    let (hold, _) =
        (visitor.hold(&visitor.free_slot().await).await, elsewhere.hold(&elsewhere.free_slot().await).await);
    server.wait(Duration::minutes(5));

    work_until(&server, async || server.count("holds").await == 0).await;

    for caller in [&visitor, &elsewhere] {
        let told = caller.read("push-events").await;
        assert_eq!(told.json["events"].as_array().unwrap().len(), 1, "{}", told.text);
        assert_eq!(told.json["events"][0]["kind"], "HoldExpired");
    }
    let told = visitor.read("push-events").await;
    assert_eq!(told.json["events"][0]["payload"]["hold_id"], hold.json["hold_id"]);
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn the_worker_leaves_what_still_lasts(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let (visitor, other) = (server.session().await, server.session().await);
    visitor.post_once("holds", json!({ "slot": visitor.free_slot().await["slot"] }), "old").await;
    server.wait(Duration::hours(24) + Duration::minutes(1));
    let visitor = server.session().await;
    visitor.post_once("holds", json!({ "slot": visitor.free_slot().await["slot"] }), "new").await;
    assert!(other.read("push-events").await.status == 401, "its session has ended as well");

    work_until(&server, async || server.count("idempotency_keys").await == 1).await;

    assert_eq!(server.count("holds").await, 1);
}
