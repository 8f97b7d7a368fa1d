//! Somebody may be in danger: no model is asked, and people are told.

use std::time::Duration;

use domain::id::ConversationId;
use sqlx::PgPool;
use wiremock::MockServer;

use super::{Line, MIGRATOR, Talk, language_model, talk};
use crate::conversations;
use crate::receptionist::Model;

#[sqlx::test(migrator = "MIGRATOR")]
async fn danger_gets_the_number_to_call_before_any_model_reads_it(pool: PgPool) {
    let mut talk = talk(pool).await;
    talk.receptionist.model = Model::scripted(|_| panic!("a model was asked about an emergency"));
    let (text, cards) = talk.say("I have crushing chest pain and my left arm is numb").await;
    assert!(text.contains("911") && text.contains("automated assistant"), "{text}");
    assert!(cards.is_empty());
    let waiting = talk.world.tasks().await;
    assert_eq!(waiting.len(), 1, "{waiting:?}");
    assert!(waiting[0].0 == "handover" && waiting[0].1.contains("crushing chest pain"), "{waiting:?}");
    // From here on a person answers.
    let next = talk.receptionist.reply(talk.line, "hello?", None).await.unwrap();
    assert!(next.answer.is_none());
}

/// A clinic of which nothing can be read that an answer goes by: how its
/// receptionist is, what it was told, what it spent, and what the clinic offers.
async fn unreadable(pool: PgPool) -> Talk {
    let provider = MockServer::start().await;
    let talk = language_model::talk(pool.clone(), &provider, Duration::from_secs(20)).await;
    sqlx::raw_sql(
        "alter table receptionist_settings rename to elsewhere_settings;
         alter table receptionist_versions rename to elsewhere_versions;
         alter table model_usage rename to elsewhere_usage;
         alter table appointment_types rename to elsewhere_types;
         alter table practitioners rename to elsewhere_practitioners;",
    )
    .execute(&pool)
    .await
    .unwrap();
    assert!(talk.receptionist.reply(talk.line, "Where are you?", None).await.is_err());
    Talk { line: Line { conversation: ConversationId::new(), ..talk.line }, ..talk }
}

const DANGER: &str = "My dad collapsed and is not breathing";

#[sqlx::test(migrator = "MIGRATOR")]
async fn danger_is_answered_before_anything_is_read(pool: PgPool) {
    let talk = unreadable(pool).await;
    let (text, _) = talk.say(DANGER).await;
    assert!(text.contains("911"), "{text}");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn danger_in_what_was_stored_elsewhere_is_answered_before_anything_is_read(pool: PgPool) {
    let talk = unreadable(pool).await;
    let (line, now, mut tx) = (talk.line, talk.world.now(), talk.world.tx().await);
    conversations::open(&mut tx, line.conversation, line.channel, now).await.unwrap();
    let question = conversations::receive(&mut tx, now, line.conversation, DANGER, None, None).await.unwrap();
    tx.commit().await.unwrap();
    let answer = talk.receptionist.answer(line, question.message_id).await.unwrap().expect("an answer");
    assert!(answer.text.contains("911"), "{}", answer.text);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn in_spanish_it_is_said_in_spanish(pool: PgPool) {
    let talk = talk(pool).await;
    let (text, _) = talk.say("no puedo respirar, ayúdenme").await;
    assert!(text.contains("911") && text.contains("emergencia"), "{text}");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_person_who_has_the_conversation_is_told_too(pool: PgPool) {
    let talk = talk(pool).await;
    talk.say("I want to talk to a person").await;
    let before = talk.world.tasks().await.len();
    let alarm = talk.receptionist.reply(talk.line, "I just took all of my pills", Some("1")).await.unwrap();
    let again = talk.receptionist.reply(talk.line, "I just took all of my pills", Some("1")).await.unwrap();
    assert!(alarm.notice.is_none() && again.notice.is_none());
    let said = alarm.answer.unwrap();
    assert!(said.text.contains("911"), "{}", said.text);
    assert_eq!(said.id, again.answer.unwrap().id);
    let mut tx = talk.world.tx().await;
    let last = conversations::latest(&mut tx, talk.line.conversation, 1).await.unwrap().remove(0);
    assert!(last.text.contains("911"), "{}", last.text);
    assert_eq!(talk.world.tasks().await.len(), before + 1);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_figure_of_speech_is_none(pool: PgPool) {
    let talk = talk(pool).await;
    let (text, _) = talk.say("My heart is set on a haircut next Tuesday").await;
    assert!(!text.contains("911"), "{text}");
    assert!(talk.world.tasks().await.is_empty());
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn the_same_message_again_raises_one_alarm(pool: PgPool) {
    let talk = talk(pool).await;
    let text = "My dad collapsed and is not breathing";
    let first = talk.receptionist.reply(talk.line, text, Some("1")).await.unwrap();
    let again = talk.receptionist.reply(talk.line, text, Some("1")).await.unwrap();
    assert_eq!(first.answer.unwrap().id, again.answer.unwrap().id);
    assert_eq!(talk.world.tasks().await.len(), 1);
}
