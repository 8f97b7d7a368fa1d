//! Talking to the receptionist over REST.

use futures::future::join_all;
use serde_json::{Value, json};
use sqlx::PgPool;

use crate::support::{Answer, TestServer, generous};

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn what_is_too_long_to_read_is_refused_and_not_stored(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let visitor = server.session().await;
    for text in ["a".repeat(5 * 1024 * 1024), "a".repeat(4_001), "🙂".repeat(4_001)] {
        visitor.say(&text).await.assert_problem(413, "too_large");
    }
    assert_eq!(server.count("messages").await, 0);
    for text in ["a".repeat(4_000), "🙂".repeat(4_000)] {
        assert_eq!(visitor.say(&text).await.status, 200);
    }
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn what_says_nothing_is_refused_and_not_stored(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let visitor = server.session().await;
    for text in ["", " \n\t ", "\u{0}", "\u{7}\u{1b}"] {
        let refused = visitor.say(text).await;
        refused.assert_problem(422, "invalid");
        assert_eq!(refused.wrong_fields(), ["message"]);
    }
    for body in [json!({}), json!({ "message": null }), json!({ "message": 7 }), json!({ "text": "Hello" })] {
        visitor.post("chat", body).await.assert_problem(422, "invalid");
    }
    assert_eq!(server.count("messages").await, 0);
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn the_same_message_again_gets_the_same_answer(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let visitor = server.session().await;
    let say = || visitor.post("chat", json!({ "message": "What are your opening hours?", "client_message_id": "one" }));

    let first = say().await;
    let others = join_all((0..10).map(|_| say())).await;

    for again in others {
        assert_eq!((again.status, &again.json), (200, &first.json), "{}", again.text);
    }
    assert_eq!(server.count("messages").await, 2);
    let other = server.session().await;
    let theirs = other.post("chat", json!({ "message": "Where are you?", "client_message_id": "one" })).await;
    assert_ne!(theirs.json["message_id"], first.json["message_id"], "an id is the session's own");
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn an_id_that_is_none_is_refused(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let visitor = server.session().await;
    let say = async |id: &str| visitor.post("chat", json!({ "message": "Hello", "client_message_id": id })).await;
    for id in ["", &"a".repeat(101)] {
        let refused = say(id).await;
        refused.assert_problem(422, "invalid");
        assert_eq!(refused.wrong_fields(), ["client_message_id"]);
    }
    say("a\u{0}b").await.assert_problem(400, "malformed");
    assert_eq!(server.count("messages").await, 0);
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn fifty_messages_at_once_are_all_answered_in_order(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let visitor = server.session().await;
    let said: Vec<String> = (0..50).map(|number| format!("Hello number {number}")).collect();

    let answers = join_all(said.iter().map(|text| visitor.say(text))).await;

    for answer in &answers {
        assert_eq!(answer.status, 200, "{}", answer.text);
    }
    let in_order: Vec<(i64, i64)> = sqlx::query_as(
        "select rank() over (order by q.message_id), rank() over (order by a.message_id)
         from messages q join messages a on a.answers = q.message_id order by q.message_id",
    )
    .fetch_all(&server.pool)
    .await
    .unwrap();
    assert_eq!(in_order.len(), 50);
    assert!(in_order.iter().all(|(asked, answered)| asked == answered), "{in_order:?}");
    assert_eq!(server.get("/health").await.status, 200);
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn of_too_many_messages_at_once_the_rest_is_told_when_to_come_back(pool: PgPool) {
    let server = TestServer::with(pool, server::config::Config { rate_messages_per_minute: 5, ..generous() }).await;
    let (visitor, other) = (server.session().await, server.session().await);

    let answers: Vec<Answer> = join_all((0..50).map(|_| visitor.say("Where are you?"))).await;

    let (answered, refused): (Vec<_>, Vec<_>) = answers.into_iter().partition(|answer| answer.status == 200);
    assert!((5..=8).contains(&answered.len()), "{}", answered.len());
    for answer in refused {
        answer.assert_problem(429, "rate_limited");
        assert!(answer.header("retry-after").parse::<u32>().is_ok_and(|seconds| (1..=60).contains(&seconds)));
    }
    assert_eq!(server.count("messages").await, 2 * i64::try_from(answered.len()).unwrap());
    assert_eq!(other.say("Where are you?").await.status, 200, "others are not kept waiting");
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn a_visit_can_be_talked_into_being_over_rest(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let visitor = server.session().await;
    let offered = visitor.say("I'd like a haircut next Tuesday at 2pm").await;
    let slots = offered.json["reply"]["cards"][0]["slots"].as_array().expect("times").clone();
    let label = slots[0]["label"].as_str().unwrap();
    let held = visitor.say(label).await;
    assert_eq!(held.json["reply"]["cards"][0]["kind"], "hold", "{}", held.text);
    let booked = visitor.say("Ada Lovelace, ada@example.com, +1 555 123 4567").await;

    let card: &Value = &booked.json["reply"]["cards"][0];
    assert_eq!(card["kind"], "confirmation", "{}", booked.text);
    assert_eq!(card["appointment"]["starts_at"], slots[0]["starts_at"]);
    assert_eq!(server.count("appointments").await, 1);
    let page = server.get(card["manage_url"].as_str().unwrap()).await;
    assert!(page.status == 200 && page.text.contains(card["appointment"]["confirmation_code"].as_str().unwrap()));
}
