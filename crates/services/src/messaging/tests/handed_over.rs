//! A person answers by text instead of the receptionist.

use domain::chat::Role;
use domain::id::{ConversationId, MemberId};
use domain::language::Language;
use sqlx::PgPool;

use super::support::*;
use crate::feed::FeedTasks;
use crate::messaging::inbound::{Inbound, Incoming};
use crate::messaging::ledger::{self, Stop, Via, Way};
use crate::{Error, MIGRATOR, conversations, handoff, handover};

struct Thread {
    desk: Desk,
    inbound: Inbound,
    member: MemberId,
    _tasks: FeedTasks,
}

async fn thread(pool: PgPool) -> Thread {
    let desk = desk(pool).await;
    let (inbound, tasks) = desk.inbound().await;
    let member = MemberId::new();
    desk.world
        .run(
            "insert into members (member_id, email, name, role, password_hash)
             values ($1, $1 || '@example.com', 'Rosa', 'front_desk', '')",
            &[member.uuid()],
        )
        .await;
    Thread { desk, inbound, member, _tasks: tasks }
}

impl Thread {
    async fn say(&self, body: &str) -> Option<String> {
        let text = Incoming {
            provider_id: format!("SM{}", domain::Id::<Thread>::new().uuid().simple()),
            to: "+15550100000".into(),
            from: ADA.into(),
            body: body.into(),
            media: 0,
            opt_out_type: None,
        };
        self.inbound.take(self.desk.world.clinic, &text).await.unwrap()
    }

    async fn conversation(&self) -> ConversationId {
        let id: uuid::Uuid = sqlx::query_scalar("select conversation_id from sms_threads")
            .fetch_one(self.desk.world.tx().await.conn())
            .await
            .unwrap();
        id.into()
    }

    async fn reply(&self, text: &str) -> crate::Result<()> {
        let (conversation, now) = (self.conversation().await, self.desk.world.now());
        let mut tx = self.desk.world.tx().await;
        handover::reply(&mut tx, now, conversation, self.member, text).await?;
        tx.commit().await
    }

    async fn bodies(&self) -> Vec<String> {
        self.desk.texts().await.into_iter().filter_map(|text| text.body).collect()
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn staff_answer_by_text_until_they_hand_back(pool: PgPool) {
    let thread = thread(pool).await;
    let said = thread.say("Can I talk to a person please").await.unwrap();
    assert!(said.contains(handover::notice(Language::English)), "{said}");
    assert_eq!(thread.say("Are you open on Monday?").await, None, "the assistant says nothing");
    thread.reply("Rosa here. Yes, from nine.").await.unwrap();
    thread.desk.send_all().await;
    assert_eq!(thread.bodies().await, ["Rosa here. Yes, from nine."]);
    assert_eq!(thread.desk.fates().await, [fate("reply", "sent", None)]);

    let (conversation, now) = (thread.conversation().await, thread.desk.world.now());
    let mut tx = thread.desk.world.tx().await;
    handover::end(&mut tx, now, conversation, thread.member).await.unwrap();
    tx.commit().await.unwrap();
    assert!(thread.say("Are you open on Sunday?").await.unwrap().contains("open"));
    let messages = conversations::latest(&mut thread.desk.world.tx().await, conversation, 20).await.unwrap();
    let roles: Vec<Role> = messages.iter().map(|message| message.role).collect();
    use Role::{Member, Patient, Receptionist};
    assert_eq!(roles, [Patient, Receptionist, Patient, Member, Patient, Receptionist]);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn who_is_taken_over_is_told_and_who_said_stop_is_not_written_to(pool: PgPool) {
    let thread = thread(pool).await;
    thread.say("Are you open on Monday?").await;
    let (conversation, now) = (thread.conversation().await, thread.desk.world.now());
    let mut tx = thread.desk.world.tx().await;
    handover::take_over(&mut tx, now, conversation, thread.member).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(thread.bodies().await, [handover::notice(Language::English)]);
    let mut tx = thread.desk.world.tx().await;
    let stop = Stop { way: Way::Sms, address: ADA, via: Via::Keyword, words: None, member: None };
    ledger::stop(&mut tx, now, &stop).await.unwrap();
    tx.commit().await.unwrap();
    assert!(matches!(thread.reply("Hello?").await, Err(Error::Rejected(_))));
    thread.desk.send_all().await;
    assert_eq!(thread.desk.fates().await, [fate("reply", "suppressed", Some("opted_out"))]);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn an_emergency_by_text_hands_over_and_is_answered_even_where_staff_do(pool: PgPool) {
    let thread = thread(pool).await;
    let said = thread.say("I have crushing chest pain right now").await.unwrap();
    assert!(said.contains("911"), "{said}");
    let tasks = thread.desk.tasks().await;
    assert_eq!((tasks.len(), tasks[0].0.as_str()), (1, "handover"));
    assert_eq!(thread.say("Hello?").await, None);
    assert_eq!(thread.say("I can't breathe").await, None, "it follows as a text");
    let bodies = thread.bodies().await;
    assert_eq!(bodies.len(), 1, "{bodies:?}");
    assert!(bodies[0].contains("911"), "{bodies:?}");
    assert_eq!(thread.desk.tasks().await.len(), 2);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn what_goes_on_in_a_browser_is_answered_there_and_in_texts_again_after_a_text(pool: PgPool) {
    let thread = thread(pool).await;
    thread.say("Are you open on Monday?").await;
    let conversation = thread.conversation().await;
    let mut tx = thread.desk.world.tx().await;
    handoff::offer(&mut tx, &thread.desk.post, conversation, ADA).await.unwrap();
    tx.commit().await.unwrap();
    let link = thread.bodies().await.remove(0);
    let token = link.split("token=").nth(1).unwrap().split_whitespace().next().unwrap();
    handoff::resume(&thread.desk.world.db, thread.desk.world.now(), token).await.unwrap();
    thread.reply("Rosa here, in your browser.").await.unwrap();
    assert_eq!(thread.bodies().await.len(), 1, "only the link");
    let hinted: Option<String> =
        sqlx::query_scalar("select hinted_phone from conversations where conversation_id = $1")
            .bind(conversation.uuid())
            .fetch_one(thread.desk.world.tx().await.conn())
            .await
            .unwrap();
    assert_eq!(hinted.as_deref(), Some(ADA));
    assert_eq!(thread.say("Here I am again").await, None);
    thread.reply("And by text.").await.unwrap();
    assert_eq!(thread.bodies().await.last().map(String::as_str), Some("And by text."));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_link_is_texted_in_the_language_the_conversation_is_held_in(pool: PgPool) {
    let thread = thread(pool).await;
    thread.say("¿Están abiertos el lunes?").await;
    let conversation = thread.conversation().await;
    let mut tx = thread.desk.world.tx().await;
    handoff::offer(&mut tx, &thread.desk.post, conversation, ADA).await.unwrap();
    let language: String = sqlx::query_scalar("select language from outbox where kind = 'handoff_link'")
        .fetch_one(tx.conn())
        .await
        .unwrap();
    assert_eq!(language, "es");
}
