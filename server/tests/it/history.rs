//! Reading what was said and what happened.

use domain::id::MessageId;
use serde_json::Value;
use sqlx::PgPool;
use uuid::Uuid;

use crate::support::{Session, TestServer};

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn a_long_conversation_is_read_page_by_page_without_loss(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let visitor = server.session().await;
    store(&server, &visitor, 250).await;

    let (mut seen, mut pages, mut query) = (Vec::new(), Vec::new(), "messages".to_owned());
    loop {
        let page = visitor.read(&query).await;
        assert_eq!(page.status, 200, "{}", page.text);
        let messages = page.json["messages"].as_array().unwrap();
        pages.push(messages.len());
        seen.extend(messages.iter().map(|message| message["text"].as_str().unwrap().to_owned()));
        let Some(next) = page.json["next"].as_str() else { break };
        query = format!("messages?after={next}");
    }

    assert_eq!(pages, [100, 100, 50]);
    assert_eq!(seen, (0..250).map(|number| format!("Message {number}")).collect::<Vec<_>>());
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn what_was_said_since_is_all_that_is_read_after_a_message(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let visitor = server.session().await;
    visitor.say("What are your opening hours?").await;
    let before = visitor.read("messages").await;
    let last = before.json["messages"][1]["id"].as_str().unwrap();
    let after = format!("messages?after={last}");
    assert_eq!(visitor.read(&after).await.json["messages"], Value::Array(Vec::new()));

    let answer = visitor.say("Where are you?").await;

    let since = visitor.read(&after).await;
    let texts: Vec<_> = since.json["messages"].as_array().unwrap().iter().map(|message| &message["text"]).collect();
    assert_eq!(texts, ["Where are you?", answer.json["reply"]["text"].as_str().unwrap()]);
    for query in ["messages?after=first", "push-events?after=1"] {
        visitor.read(query).await.assert_problem(422, "invalid");
    }
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn a_booking_is_told_to_the_session_that_made_it_and_to_no_other(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let (visitor, other) = (server.session().await, server.session().await);
    let appointment = visitor.book().await;

    let events = visitor.read("push-events").await;
    let events = events.json["events"].as_array().unwrap();
    assert_eq!(events.len(), 1);
    assert_eq!(events[0]["kind"], "BookingCreated");
    assert_eq!(events[0]["payload"]["appointment_id"], appointment["id"]);
    assert_eq!(other.read("push-events").await.json["events"], Value::Array(Vec::new()));

    let after = format!("push-events?after={}", events[0]["id"].as_str().unwrap());
    assert_eq!(visitor.read(&after).await.json["events"], Value::Array(Vec::new()));
    visitor.book().await;
    assert_eq!(visitor.read(&after).await.json["events"].as_array().unwrap().len(), 1);
}

async fn store(server: &TestServer, visitor: &Session<'_>, count: usize) {
    let ids: Vec<Uuid> = (0..count).map(|_| MessageId::new().uuid()).collect();
    let texts: Vec<String> = (0..count).map(|number| format!("Message {number}")).collect();
    sqlx::query(
        "insert into messages (clinic_id, conversation_id, role, message_id, text, created_at)
         select $1, $2, 'patient', id, text, $5 from unnest($3::uuid[], $4::text[]) as said (id, text)",
    )
    .bind(visitor.clinic.uuid())
    .bind(visitor.id.parse::<Uuid>().unwrap())
    .bind(&ids)
    .bind(&texts)
    .bind(server.services.clock.now())
    .execute(&server.pool)
    .await
    .unwrap();
}
