//! Conversations that a person takes over.

use domain::chat::Role;
use domain::id::MemberId;
use domain::language::Language;
use serde_json::json;
use sqlx::PgPool;

use super::{Talk, talk};
use crate::conversations::{Answer, Standing};
use crate::receptionist::Model;
use crate::receptionist::model::{Entry, Step, ToolCall};
use crate::receptionist::turns::Next;
use crate::testing::World;
use crate::{MIGRATOR, conversations, followups, handover, tasks};

/// Hands over at the word "person", and repeats everything else.
async fn clerk(pool: PgPool) -> (Talk, MemberId) {
    let world = World::new(pool).await;
    let member = MemberId::new();
    world
        .run(
            "insert into members (member_id, email, name, role, password_hash)
             values ($1, $1 || '@cedar.example', 'Rosa', 'front_desk', '')",
            &[member.uuid()],
        )
        .await;
    let model = Model::scripted(|transcript| match transcript.last() {
        Some(Entry::Patient { text, .. }) if text.contains("person") => {
            Step::Call(ToolCall { name: "hand_to_human".into(), arguments: json!({ "summary": "Wants a person." }) })
        }
        Some(Entry::Patient { text, .. }) => Step::Say(format!("You said: {text}")),
        _ => Step::Say("You are booked, and a person is on the way!".into()),
    });
    let (receptionist, line, tasks) = world.receptionist_with(model).await;
    (Talk { world, receptionist, line, _tasks: tasks }, member)
}

impl Talk {
    /// What the patient reads in the end, by whom.
    async fn thread(&self) -> Vec<(Role, String)> {
        let mut tx = self.world.tx().await;
        let messages = conversations::messages(&mut tx, self.line.conversation, None, 100).await.unwrap();
        messages.into_iter().map(|message| (message.role, message.text)).collect()
    }

    async fn unanswered(&self, text: &str) {
        let exchange = self.receptionist.reply(self.line, text, None).await.unwrap();
        assert!(exchange.answer.is_none(), "{:?}", exchange.answer.map(|answer| answer.text));
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn nothing_automated_is_said_until_staff_hand_back(pool: PgPool) {
    let (talk, member) = clerk(pool).await;
    let (now, conversation) = (talk.world.now(), talk.line.conversation);
    assert_eq!(talk.say("Hello").await.0, "You said: Hello");
    let (text, _) = talk.say("Can I talk to a person?").await;
    assert_eq!(text, handover::notice(Language::English), "whatever the model would have said");
    talk.unanswered("Are you there?").await;
    talk.unanswered("A person, please").await;

    let mut tx = talk.world.tx().await;
    let open = tasks::list(&mut tx, None, 10).await.unwrap();
    let open: Vec<_> = open.iter().map(|task| (task.kind.as_str(), task.detail.as_str())).collect();
    assert_eq!(open, [("handover", "Wants a person.")]);
    handover::reply(&mut tx, now, conversation, member, "Rosa here. How can I help?").await.unwrap();
    handover::end(&mut tx, now, conversation, member).await.unwrap();
    handover::end(&mut tx, now, conversation, member).await.unwrap();
    assert!(tasks::list(&mut tx, None, 10).await.unwrap().is_empty());
    tx.commit().await.unwrap();

    assert_eq!(talk.say("Thanks").await.0, "You said: Thanks");
    let thread = talk.thread().await;
    let said: Vec<(Role, &str)> = thread.iter().map(|(role, text)| (*role, text.as_str())).collect();
    assert_eq!(
        said,
        [
            (Role::Patient, "Hello"),
            (Role::Receptionist, "You said: Hello"),
            (Role::Patient, "Can I talk to a person?"),
            (Role::Receptionist, handover::notice(Language::English)),
            (Role::Patient, "Are you there?"),
            (Role::Patient, "A person, please"),
            (Role::Member, "Rosa here. How can I help?"),
            (Role::Patient, "Thanks"),
            (Role::Receptionist, "You said: Thanks"),
        ]
    );
    let kinds: Vec<String> = sqlx::query_scalar("select kind from events order by event_id")
        .fetch_all(talk.world.tx().await.conn())
        .await
        .unwrap();
    assert_eq!(kinds, ["HandoverBegan", "MessageLeft", "MessageLeft", "HandoverEnded"]);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn an_answer_that_was_being_thought_of_is_not_stored_once_staff_took_over(pool: PgPool) {
    let (talk, member) = clerk(pool).await;
    let (now, conversation) = (talk.world.now(), talk.line.conversation);
    let question = talk.receptionist.receive(talk.line, "Hello", None).await.unwrap();
    let mut tx = talk.world.tx().await;
    let Next::Turn(mut turn) = talk.receptionist.begin(&mut tx, talk.line, question).await.unwrap() else { panic!() };
    drop(tx);
    let mut tx = talk.world.tx().await;
    assert!(handover::take_over(&mut tx, now, conversation, member).await.unwrap().is_some());
    assert!(handover::take_over(&mut tx, now, conversation, member).await.unwrap().is_none());
    tx.commit().await.unwrap();

    let call = ToolCall { name: "create_inquiry".into(), arguments: json!({ "question": "Is it open?" }) };
    assert!(talk.receptionist.use_tool(&mut turn, call).await.unwrap().is_none());
    let mut tx = talk.world.tx().await;
    let answer = Answer { id: domain::id::MessageId::new(), question, text: "Too late", cards: &[] };
    let standing = conversations::answer(&mut tx, now, conversation, &answer).await.unwrap();
    assert!(matches!(standing, Standing::WithStaff), "{standing:?}");
    tx.commit().await.unwrap();
    assert!(talk.receptionist.answer(talk.line, question).await.unwrap().is_none());
    talk.receptionist.resume(talk.line).await.unwrap();

    let thread = talk.thread().await;
    assert_eq!(
        thread,
        [(Role::Patient, "Hello".to_owned()), (Role::Receptionist, handover::notice(Language::English).to_owned())]
    );
    assert_eq!(talk.count("tool_calls").await, 0);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn follow_ups_end_where_a_person_begins(pool: PgPool) {
    let (talk, _) = clerk(pool).await;
    let (now, conversation) = (talk.world.now(), talk.line.conversation);
    let mut tx = talk.world.tx().await;
    let due_at = now + chrono::Duration::days(1);
    followups::schedule(&mut tx, now, conversation, due_at, "The price", 2).await.unwrap();
    tx.commit().await.unwrap();

    talk.say("A person, please").await;

    let queued: i64 = sqlx::query_scalar("select count(*) from followups where stopped_at is null and sent_at is null")
        .fetch_one(talk.world.tx().await.conn())
        .await
        .unwrap();
    assert_eq!(queued, 0);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn what_was_written_before_and_after_the_wish_for_a_person_is_left_to_them(pool: PgPool) {
    let (talk, _) = clerk(pool).await;
    talk.receptionist.receive(talk.line, "A person, please", None).await.unwrap();
    talk.receptionist.receive(talk.line, "And quickly", None).await.unwrap();
    talk.receptionist.resume(talk.line).await.unwrap();
    let answers = talk.thread().await.into_iter().filter(|(role, _)| *role == Role::Receptionist).count();
    assert_eq!(answers, 1, "{:?}", talk.thread().await);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn the_built_in_receptionist_hands_over_too(pool: PgPool) {
    let talk = talk(pool).await;
    let (text, _) = talk.say("Can I talk to a person please").await;
    assert_eq!(text, handover::notice(Language::English));
    talk.unanswered("I want a haircut tomorrow").await;
}
