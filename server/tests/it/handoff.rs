//! From the telephone to the browser, by a link that works once.

use chrono::Duration;
use http::Method;
use serde_json::{Value, json};
use services::demo::BLOOM;
use sqlx::PgPool;

use crate::sign_in::sign_in;
use crate::support::{ADMIN_KEY, Answer, TestServer, ask, ask_with, with, with_cedar};

async fn offer(server: &TestServer, wanted: Value) -> Answer {
    server.send(with(ask_with(Method::POST, "/handoff/sms", wanted), "x-admin-key", ADMIN_KEY)).await
}

/// The link in the only text there is.
async fn link(server: &TestServer) -> String {
    let body: String = sqlx::query_scalar("select body from outbox where kind = 'handoff_link'")
        .fetch_one(&server.pool)
        .await
        .unwrap();
    let at = body.find("/handoff/resume").unwrap_or_else(|| panic!("{body}"));
    body[at..].split_whitespace().next().unwrap().to_owned()
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn a_link_goes_on_with_the_conversation_once(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let visitor = server.session().await;
    visitor.say("What are your hours?").await;
    let offered = offer(&server, json!({ "session_id": visitor.id, "phone": "+15551234567" })).await;
    assert_eq!(offered.status, 202, "{}", offered.text);
    let link = link(&server).await;

    let resumed = server.get(&link).await;
    assert_eq!((resumed.status, resumed.header("location")), (303, "/c/bloom"), "{}", resumed.text);
    let cookie = resumed.header("set-cookie").split(';').next().unwrap().to_owned();
    let chat = server.send(with(ask(Method::GET, "/c/bloom"), "cookie", &cookie)).await;
    assert!(chat.text.contains("What are your hours?"), "{}", chat.text);

    let again = server.get(&link).await;
    assert_eq!((again.status, again.header("set-cookie")), (410, ""));
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn a_link_that_is_old_or_made_up_opens_nothing(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let visitor = server.session().await;
    visitor.say("Hello").await;
    offer(&server, json!({ "session_id": visitor.id, "phone": "+15551234567" })).await;
    let link = link(&server).await;
    server.wait(Duration::minutes(31));
    for address in [link.as_str(), "/handoff/resume", "/handoff/resume?token=AAAA", "/handoff/resume?token=%F0%9F"] {
        let answer = server.get(address).await;
        assert!([410, 422, 400].contains(&answer.status), "{address} {}", answer.status);
        assert_eq!(answer.header("set-cookie"), "");
    }
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn of_two_who_open_a_link_at_once_one_goes_on(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let visitor = server.session().await;
    visitor.say("Hello").await;
    offer(&server, json!({ "session_id": visitor.id, "phone": "+15551234567" })).await;
    let link = link(&server).await;
    let answers = futures::future::join_all((0..6).map(|_| server.get(&link))).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 303).count(), 1);
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn only_staff_and_the_key_send_links_and_only_of_what_is_theirs(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let visitor = server.session().await;
    visitor.say("Hello").await;
    let wanted = json!({ "session_id": visitor.id, "phone": "+15551234567" });
    server.post("/handoff/sms", wanted.clone()).await.assert_problem(401, "unauthenticated");
    let cookie = sign_in(&server).await;
    let by_staff = server.send(with(ask_with(Method::POST, "/handoff/sms", wanted.clone()), "cookie", &cookie)).await;
    assert_eq!(by_staff.status, 202, "{}", by_staff.text);

    let nobody = json!({ "session_id": "00000000-0000-4000-a000-000000000009", "phone": "+15551234567" });
    offer(&server, nobody).await.assert_problem(404, "not_found");
    let odd = offer(&server, json!({ "session_id": visitor.id, "phone": "12" })).await;
    odd.assert_problem(422, "invalid");
    assert_eq!(odd.json["errors"][0]["field"], "phone");
    server
        .run(
            "insert into opt_outs (clinic_id, opt_out_id, channel, address, via, created_at)
                select clinic_id, gen_random_uuid(), 'sms', '+15551234567', 'keyword', now() from clinics",
        )
        .await;
    offer(&server, wanted).await.assert_problem(403, "forbidden");
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn a_clinics_own_key_texts_links_to_its_own_conversations_alone(pool: PgPool) {
    let (server, cedar) = with_cedar(pool).await;
    let visitor = server.session().await;
    let wanted = json!({ "session_id": visitor.id, "phone": "+15551234567" });
    let send = async |key: &str| {
        server.send(with(ask_with(Method::POST, "/handoff/sms", wanted.clone()), "x-admin-key", key)).await
    };
    send(&server.key(BLOOM, &["book"]).await).await.assert_problem(403, "forbidden");
    send(&server.key(cedar.clinic, &["patients"]).await).await.assert_problem(404, "not_found");
    send("guess").await.assert_problem(401, "unauthenticated");
    assert_eq!(server.count("outbox").await, 0);
    assert_eq!(send(&server.key(BLOOM, &["patients"]).await).await.status, 202);
}
