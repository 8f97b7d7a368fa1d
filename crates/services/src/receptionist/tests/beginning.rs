//! A turn that begins with the message it answers.

use domain::chat::Role;
use domain::id::MessageId;
use domain::{Rejection, RejectionCode};
use sqlx::PgPool;

use super::{Talk, talk};
use crate::conversations::{self, Answer};
use crate::{Error, MIGRATOR};

async fn texts(talk: &Talk) -> Vec<(Role, String)> {
    let mut tx = talk.world.tx().await;
    let messages = conversations::latest(&mut tx, talk.line.conversation, 10).await.unwrap();
    messages.into_iter().map(|message| (message.role, message.text)).collect()
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_message_is_stored_although_its_turn_cannot_begin(pool: PgPool) {
    let talk = talk(pool.clone()).await;
    // Nobody can read what the receptionist is told.
    sqlx::raw_sql("alter table receptionist_versions rename to elsewhere").execute(&pool).await.unwrap();
    let failed = talk.receptionist.reply(talk.line, "Where are you?", Some("one")).await;
    assert!(matches!(failed, Err(Error::Database(_))), "{failed:?}");
    assert_eq!(texts(&talk).await, [(Role::Patient, "Where are you?".into())]);

    sqlx::raw_sql("alter table elsewhere rename to receptionist_versions").execute(&pool).await.unwrap();
    let answer = talk.receptionist.reply(talk.line, "Where are you?", Some("one")).await.unwrap().answer;
    assert!(answer.is_some());
    assert_eq!(talk.count("messages").await, 2);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn no_turn_begins_before_what_waits_is_answered(pool: PgPool) {
    let talk = talk(pool).await;
    let (line, now, turn) = (talk.line, talk.world.now(), super::super::turns::new_turn());
    let mut tx = talk.world.tx().await;
    conversations::open(&mut tx, line.conversation, line.channel, now).await.unwrap();
    let last =
        conversations::transcribe(&mut tx, line.conversation, Role::Patient, "OK, bye.", None, now).await.unwrap();
    let received = conversations::receive(&mut tx, now, line.conversation, "Hello?", None, Some(turn)).await.unwrap();
    assert!(received.is_new && !received.is_taken);
    let waiting = conversations::unanswered(&mut tx, line.conversation).await.unwrap();
    assert_eq!(waiting, [last, received.message_id]);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_message_that_was_forgotten_is_not_answered(pool: PgPool) {
    let talk = talk(pool).await;
    talk.say("Hello").await;
    let forgotten = Answer { id: MessageId::new(), question: MessageId::new(), text: "In Brooklyn.", cards: &[] };
    let (mut tx, now) = (talk.world.tx().await, talk.world.now());
    let answered = conversations::answer(&mut tx, now, talk.line.conversation, &forgotten).await;
    assert!(
        matches!(&answered, Err(Error::Rejected(Rejection { code: RejectionCode::Unavailable, .. }))),
        "{answered:?}"
    );
    tx.commit().await.unwrap();
    assert_eq!(talk.count("messages").await, 2);
}
