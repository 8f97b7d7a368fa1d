//! Somebody may be in danger: no model is asked, and people are told.

use sqlx::PgPool;

use super::{MIGRATOR, talk};
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
