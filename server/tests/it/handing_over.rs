//! A patient asks for a person, and one answers.

use domain::language::Language;
use serde_json::Value;
use services::handover;
use services::testing::World;
use sqlx::PgPool;

use crate::sign_in::sign_in;
use crate::support::{Answer, Session, TestServer, form, page, with};

async fn act(server: &TestServer, cookie: &str, path: &str, fields: &[(&str, &str)]) -> Answer {
    server.send(with(form(path, fields), "cookie", cookie)).await
}

/// What the patient's page would show, by whom.
async fn thread(visitor: &Session<'_>) -> Vec<(String, String)> {
    let messages = visitor.read("messages").await.json["messages"].as_array().unwrap().clone();
    let text = |message: &Value, key: &str| message[key].as_str().unwrap().to_owned();
    messages.iter().map(|message| (text(message, "role"), text(message, "text"))).collect()
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn staff_answer_in_the_same_thread_until_they_hand_back(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let (visitor, cookie) = (server.session().await, sign_in(&server).await);
    let told = visitor.say("Can I talk to a person, please?").await;
    assert_eq!(told.json["reply"]["text"], handover::notice(Language::English));
    let waiting = visitor.say("I am in a hurry").await;
    assert_eq!(waiting.json["reply"]["text"], handover::notice(Language::English), "{}", waiting.text);
    assert_eq!(waiting.json["reply"]["cards"], serde_json::json!([]));

    let queue = act(&server, &cookie, "/fn/queue_view", &[("all", "false")]).await;
    let tasks = queue.json["tasks"].as_array().expect("a queue").clone();
    assert_eq!(
        (tasks.len(), &tasks[0]["reason"], &tasks[0]["conversation"]),
        (1, &"Handover".into(), &visitor.id.as_str().into())
    );
    let shown = server.send(page(&format!("/console/conversations/{}", visitor.id), &cookie)).await;
    assert!(shown.status == 200 && shown.text.contains("I am in a hurry"), "{}", shown.text);

    let id = [("id", visitor.id.as_str())];
    let said = act(&server, &cookie, "/fn/reply_as_staff", &[id[0], ("text", "Rosa here.")]).await;
    assert!(said.status < 400, "{}", said.text);
    for _ in 0..2 {
        assert!(act(&server, &cookie, "/fn/hand_back", &id).await.status < 400);
    }
    let answer = visitor.say("Where are you?").await;
    assert!(answer.json["reply"]["text"].as_str().unwrap().contains("214 Willow Street"), "{}", answer.text);

    let thread = thread(&visitor).await;
    let roles: Vec<&str> = thread.iter().map(|(role, _)| role.as_str()).collect();
    assert_eq!(roles, ["patient", "receptionist", "patient", "member", "patient", "receptionist"]);
    assert_eq!(thread[3].1, "Rosa here.");
    let queue = act(&server, &cookie, "/fn/queue_view", &[("all", "false")]).await;
    assert_eq!(queue.json["tasks"].as_array().map(Vec::len), Some(0), "{}", queue.text);
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn staff_take_over_without_being_asked(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let (visitor, cookie) = (server.session().await, sign_in(&server).await);
    visitor.say("Where are you?").await;
    let id = [("id", visitor.id.as_str())];
    for _ in 0..2 {
        assert!(act(&server, &cookie, "/fn/take_over", &id).await.status < 400);
    }
    visitor.say("When are you open?").await;
    let thread = thread(&visitor).await;
    assert_eq!(
        thread[2..],
        [
            ("receptionist".to_owned(), handover::notice(Language::English).to_owned()),
            ("patient".to_owned(), "When are you open?".to_owned()),
        ]
    );
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn another_clinics_conversation_does_not_exist_for_staff(pool: PgPool) {
    let server = TestServer::new(pool.clone()).await;
    let cedar = World::new(pool).await;
    let theirs = server.session_with(cedar.clinic).await;
    theirs.say("Hello").await;
    let cookie = sign_in(&server).await;
    let before = server.count("messages").await;
    for path in ["/fn/conversation_view", "/fn/reply_as_staff", "/fn/take_over", "/fn/hand_back"] {
        let answer = act(&server, &cookie, path, &[("id", &theirs.id), ("text", "Boo")]).await;
        assert_eq!(answer.status, 404, "{path}: {}", answer.text);
    }
    assert_eq!((server.count("messages").await, server.count("handovers").await), (before, 0));
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn whoever_may_only_look_does_not_write(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let visitor = server.session().await;
    visitor.say("Hello").await;
    let cookie = sign_in(&server).await;
    server.run("update members set role = 'viewer'").await;
    for path in ["/fn/reply_as_staff", "/fn/take_over", "/fn/hand_back"] {
        let answer = act(&server, &cookie, path, &[("id", &visitor.id), ("text", "Boo")]).await;
        assert_eq!(answer.status, 403, "{path}: {}", answer.text);
    }
    assert_eq!(act(&server, &cookie, "/fn/conversation_view", &[("id", &visitor.id)]).await.status, 200);
    assert_eq!(server.count("handovers").await, 0);
}
