//! A turn that begins with the message it answers.

use domain::chat::Role;
use domain::id::MessageId;
use domain::{Rejection, RejectionCode};
use sqlx::PgPool;

use super::{Line, Talk, talk};
use crate::conversations::{self, Answer, Standing};
use crate::identity::{self, erasing};
use crate::testing::ada;
use crate::voice::{self, Report, Said};
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
    let first = conversations::receive(&mut tx, now, line.conversation, "Hi", None, None).await.unwrap().message_id;
    // As a report of a call was stored once.
    sqlx::query("update conversations set waiting_since = null").execute(tx.conn()).await.unwrap();
    let received = conversations::receive(&mut tx, now, line.conversation, "Hello?", None, Some(turn)).await.unwrap();
    assert!(received.is_new && !received.is_taken);
    let waiting = conversations::unanswered(&mut tx, line.conversation).await.unwrap();
    assert_eq!(waiting, [first, received.message_id]);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn the_last_words_of_a_call_are_not_answered_where_it_goes_on_in_writing(pool: PgPool) {
    let talk = talk(pool).await;
    let said = |role, text: &str| Said { role, text: text.into(), at: None };
    let over = Report {
        call: "c1".into(),
        caller: None,
        ended_reason: None,
        ended_at: None,
        said: vec![said(Role::Receptionist, "Anything else?"), said(Role::Patient, "No. OK, bye.")],
    };
    assert!(voice::report(&talk.world.db, talk.world.now(), talk.world.clinic, &over).await.unwrap());
    let conversation: uuid::Uuid = sqlx::query_scalar("select conversation_id from voice_calls")
        .fetch_one(talk.world.tx().await.conn())
        .await
        .unwrap();
    let talk = Talk { line: Line { conversation: conversation.into(), ..talk.line }, ..talk };

    let (answer, _) = talk.say("Where are you?").await;

    assert_eq!(
        texts(&talk).await,
        [
            (Role::Receptionist, "Anything else?".into()),
            (Role::Patient, "No. OK, bye.".into()),
            (Role::Patient, "Where are you?".into()),
            (Role::Receptionist, answer),
        ]
    );
}

/// Forgets Ada, who has written one message here that is not answered yet.
async fn erased(talk: &Talk) -> MessageId {
    let question = talk.receptionist.receive(talk.line, "Ada Lovelace here. Where are you?", None).await.unwrap();
    let (mut tx, now) = (talk.world.tx().await, talk.world.now());
    let ada = identity::resolve(&mut tx, now, &ada(), None).await.unwrap().patient;
    sqlx::query("update conversations set patient_id = $1").bind(ada.uuid()).execute(tx.conn()).await.unwrap();
    erasing::erase(&mut tx, now, ada, None).await.unwrap();
    tx.commit().await.unwrap();
    question
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn what_somebody_wrote_who_was_erased_is_not_answered_later(pool: PgPool) {
    let talk = talk(pool).await;
    erased(&talk).await;

    talk.receptionist.resume(talk.line).await.unwrap();
    let (answer, _) = talk.say("Hello?").await;

    let left = (Role::Patient, erasing::ERASED.into());
    assert_eq!(texts(&talk).await, [left, (Role::Patient, "Hello?".into()), (Role::Receptionist, answer)]);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn an_answer_that_comes_after_an_erasure_is_not_stored(pool: PgPool) {
    let talk = talk(pool).await;
    let question = erased(&talk).await;

    let late = Answer { id: MessageId::new(), question, text: "In Brooklyn, Ada.", cards: &[] };
    let (mut tx, now) = (talk.world.tx().await, talk.world.now());
    let standing = conversations::answer(&mut tx, now, talk.line.conversation, &late).await.unwrap();
    tx.commit().await.unwrap();

    assert!(matches!(standing, Standing::WithStaff), "{standing:?}");
    assert_eq!(texts(&talk).await, [(Role::Patient, erasing::ERASED.into())]);
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
