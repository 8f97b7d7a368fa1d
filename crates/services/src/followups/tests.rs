//! What was promised is written, once, and to nobody who does not want it.

use chrono::Duration;
use domain::id::{ConversationId, MemberId};
use domain::language::Language;
use sqlx::PgPool;

use super::{due, schedule, send, stop};
use crate::booking::Channel;
use crate::jobs::follow_up_all;
use crate::messaging::ledger::{self, Stop, Via, Way};
use crate::messaging::outbox::BOOKING_CONSENT;
use crate::messaging::tests::support::*;
use crate::{MIGRATOR, conversations, events, handover};

/// A chat with Ada, who wants to hear again in two hours.
async fn promised(desk: &Desk) -> ConversationId {
    let conversation = desk.world.conversation().await;
    desk.world
        .run(
            "insert into patients (patient_id, name, phone, email)
             values ($1, 'Ada Lovelace', '+15551234567', 'ada@example.com')",
            &[conversation.uuid()],
        )
        .await;
    desk.world.run("update conversations set patient_id = $1 where conversation_id = $1", &[conversation.uuid()]).await;
    let mut tx = desk.world.tx().await;
    let (now, agreed) = (desk.world.now(), BOOKING_CONSENT);
    ledger::consent(&mut tx, now, Way::Sms, ADA, agreed, "web").await.unwrap();
    schedule(&mut tx, now, conversation, now + Duration::hours(2), "The price of a perm.", 2).await.unwrap();
    tx.commit().await.unwrap();
    conversation
}

async fn said(desk: &Desk, conversation: ConversationId) -> Vec<String> {
    let messages = conversations::latest(&mut desk.world.tx().await, conversation, 10).await.unwrap();
    messages.into_iter().map(|message| message.text).collect()
}

async fn look(desk: &Desk) {
    let (inbound, _tasks) = desk.inbound().await;
    follow_up_all(&inbound).await.unwrap();
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn what_was_promised_is_written_once_in_the_chat_and_by_text(pool: PgPool) {
    let desk = desk(pool).await;
    let conversation = promised(&desk).await;
    look(&desk).await;
    assert!(said(&desk, conversation).await.is_empty(), "it is not time yet");

    desk.world.wait(Duration::hours(2));
    tokio::join!(look(&desk), look(&desk));
    look(&desk).await;
    let said = said(&desk, conversation).await;
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(said[0].contains("“The price of a perm.”"), "{said:?}");
    let pushed = events::after(&mut desk.world.tx().await, conversation, None, 10).await.unwrap();
    assert_eq!((pushed.len(), pushed[0].kind.as_str()), (1, "FollowUpSent"));
    desk.send_all().await;
    assert_eq!(desk.fates().await, [fate("follow_up", "sent", None)]);
    let text = desk.text().await.body.unwrap();
    assert!(text.contains("/c/") && text.contains("/book") && text.contains("STOP"), "{text}");
    assert_eq!(desk.outbox().await.len(), 1, "one way is enough");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn nothing_is_written_where_a_person_answers_or_it_was_called_off(pool: PgPool) {
    let desk = desk(pool).await;
    let (taken, stopped) = (promised(&desk).await, desk.world.conversation().await);
    let now = desk.world.now();
    let mut tx = desk.world.tx().await;
    schedule(&mut tx, now, stopped, now + Duration::hours(1), "Anything.", 2).await.unwrap();
    stop(&mut tx, now, stopped).await.unwrap();
    tx.commit().await.unwrap();
    desk.world.wait(Duration::hours(3));
    let id = due(&mut desk.world.tx().await, desk.world.now(), 10).await.unwrap().remove(0);
    // The job has seen it; then staff take over.
    let member = member(&desk).await;
    let mut tx = desk.world.tx().await;
    handover::take_over(&mut tx, desk.world.now(), taken, member).await.unwrap();
    tx.commit().await.unwrap();
    let mut tx = desk.world.tx().await;
    assert_eq!(send(&mut tx, desk.world.now(), &desk.post.links, id).await.unwrap(), None);
    tx.commit().await.unwrap();
    look(&desk).await;
    assert_eq!(said(&desk, taken).await, [handover::notice(Language::English)]);
    assert!(said(&desk, stopped).await.is_empty());
    assert!(desk.outbox().await.is_empty());
}

async fn member(desk: &Desk) -> MemberId {
    let id = MemberId::new();
    desk.world
        .run(
            "insert into members (member_id, email, name, role, password_hash)
             values ($1, $1 || '@example.com', 'Mo', 'front_desk', '')",
            &[id.uuid()],
        )
        .await;
    id
}

/// Handing over, and saying stop, count until the text has left.
#[sqlx::test(migrator = "MIGRATOR")]
async fn a_text_that_waits_for_the_morning_is_called_off_by_a_hand_over_or_a_stop(pool: PgPool) {
    for opts_out in [false, true] {
        let desk = desk(pool.clone()).await;
        let conversation = promised(&desk).await;
        // 22:00 at the clinic.
        desk.world.wait(Duration::hours(12));
        look(&desk).await;
        desk.send_all().await;
        assert_eq!(desk.fates().await, [fate("follow_up", "queued", Some("quiet"))]);
        let (member, now) = (member(&desk).await, desk.world.now());
        let mut tx = desk.world.tx().await;
        if opts_out {
            let stop = Stop { way: Way::Sms, address: ADA, via: Via::Keyword, words: None, member: None };
            ledger::stop(&mut tx, now, &stop).await.unwrap();
        } else {
            handover::take_over(&mut tx, now, conversation, member).await.unwrap();
        }
        tx.commit().await.unwrap();
        desk.world.wait(Duration::hours(12));
        desk.send_all().await;
        let why = if opts_out { "opted_out" } else { "called_off" };
        assert_eq!(desk.fates().await, [fate("follow_up", "suppressed", Some(why))]);
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn who_never_agreed_or_opted_out_is_written_to_in_the_chat_alone(pool: PgPool) {
    let desk = desk(pool).await;
    let conversation = promised(&desk).await;
    let mut tx = desk.world.tx().await;
    let stop = Stop { way: Way::Sms, address: ADA, via: Via::Keyword, words: None, member: None };
    ledger::stop(&mut tx, desk.world.now(), &stop).await.unwrap();
    tx.commit().await.unwrap();
    desk.world.wait(Duration::hours(2));
    look(&desk).await;
    assert_eq!(said(&desk, conversation).await.len(), 1);
    assert!(desk.outbox().await.is_empty(), "to the e-mail address she never agreed");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_promise_that_cannot_be_kept_is_a_persons_to_keep(pool: PgPool) {
    let desk = desk(pool).await;
    let conversation = ConversationId::new();
    let now = desk.world.now();
    let mut tx = desk.world.tx().await;
    conversations::open(&mut tx, conversation, Channel::Voice, now).await.unwrap();
    schedule(&mut tx, now, conversation, now + Duration::hours(1), "The price of a perm.", 2).await.unwrap();
    tx.commit().await.unwrap();
    desk.world.wait(Duration::hours(2));
    look(&desk).await;
    look(&desk).await;
    let tasks = desk.tasks().await;
    assert_eq!((tasks.len(), tasks[0].0.as_str()), (1, "inquiry"));
    assert!(tasks[0].1.contains("The price of a perm."), "{tasks:?}");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn one_that_cannot_be_written_keeps_no_other_waiting(pool: PgPool) {
    let desk = desk(pool.clone()).await;
    let now = desk.world.now();
    let broken = [("for good", "23514"), ("for now", "55000")];
    let (never, later, fine) =
        (desk.world.conversation().await, desk.world.conversation().await, desk.world.conversation().await);
    let mut tx = desk.world.tx().await;
    for (hours, conversation, about) in [(1, never, "for good"), (2, later, "for now"), (3, fine, "The price.")] {
        schedule(&mut tx, now, conversation, now + Duration::hours(hours), about, 2).await.unwrap();
    }
    tx.commit().await.unwrap();
    for (about, code) in broken {
        let name = code.replace("55000", "passes").replace("23514", "stays");
        sqlx::raw_sql(sqlx::AssertSqlSafe(format!(
            "create function {name}() returns trigger language plpgsql as
                 $$ begin raise exception 'broken' using errcode = '{code}'; end $$;
             create trigger {name} before update of sent_at on followups for each row when (old.about = '{about}')
                 execute function {name}();"
        )))
        .execute(&pool)
        .await
        .unwrap();
    }
    desk.world.wait(Duration::hours(4));
    look(&desk).await;
    assert_eq!(said(&desk, fine).await.len(), 1);
    let tasks = desk.tasks().await;
    assert_eq!((tasks.len(), tasks[0].0.as_str()), (1, "inquiry"));
    assert!(tasks[0].1.ends_with("for good"), "{tasks:?}");

    sqlx::raw_sql("drop trigger passes on followups").execute(&pool).await.unwrap();
    look(&desk).await;
    assert_eq!((said(&desk, later).await.len(), said(&desk, never).await.len()), (1, 0));
    assert_eq!(desk.tasks().await.len(), 1);
}
