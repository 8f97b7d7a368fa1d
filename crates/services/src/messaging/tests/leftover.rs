//! What waits too long is taken up again, and in the end given up before the
//! eyes of staff.

use chrono::{Duration, TimeDelta};
use sqlx::PgPool;

use super::mail::*;
use super::support::*;
use crate::MIGRATOR;
use crate::feed::FeedTasks;
use crate::jobs::{collect, install};
use crate::messaging::inbound::{Inbound, Incoming, leftover};
use crate::messaging::outbox::{Text, queue_again, queue_text};

async fn look_after(desk: &Desk, times: usize) {
    let (inbound, _tasks) = desk.inbound().await;
    for _ in 0..times {
        collect(&inbound).await.unwrap();
    }
}

async fn jobs(pool: &PgPool) -> Vec<(String, bool)> {
    sqlx::query_as("select key, run_at <= now() from graphile_worker._private_jobs where key is not null order by id")
        .fetch_all(pool)
        .await
        .unwrap()
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn what_was_left_behind_goes_back_to_its_queue_as_the_same_job(pool: PgPool) {
    install(&pool).await.unwrap();
    let desk = desk(pool.clone()).await;
    desk.book(TWO_PM).await;
    let before = jobs(&pool).await;
    assert_eq!(before.len(), 2);
    sqlx::query("update graphile_worker._private_jobs set attempts = 25, last_error = 'out of attempts'")
        .execute(&pool)
        .await
        .unwrap();
    desk.world.wait(Duration::minutes(3));
    look_after(&desk, 2).await;
    assert_eq!(desk.text().await.status, "queued", "a look sends nothing by itself");
    let mut waiting = jobs(&pool).await;
    waiting.retain(|(key, _)| before.iter().any(|(known, _)| known == key));
    assert_eq!(waiting, before.into_iter().map(|(key, _)| (key, true)).collect::<Vec<_>>());
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_message_that_nobody_can_send_is_given_up_after_an_hour_of_trying(pool: PgPool) {
    let desk = desk(pool).await;
    desk.book(TWO_PM).await;
    // Nobody worked for a day: that is no reason to give up.
    desk.world.wait(Duration::days(1));
    look_after(&desk, 60).await;
    assert_eq!(desk.fates().await, [fate("confirmation", "queued", None)]);
    look_after(&desk, 1).await;
    assert_eq!(desk.fates().await, [fate("confirmation", "failed", Some("left_behind"))]);
    assert_eq!(desk.tasks().await[0].0, "message_failed");
    let failed = desk.text().await.id;
    let mut tx = desk.world.tx().await;
    sqlx::query("update outbox set address = '[erased]' where outbox_id = $1")
        .bind(failed)
        .execute(tx.conn())
        .await
        .unwrap();
    let refused = queue_again(&mut tx, desk.world.now(), failed).await.unwrap_err();
    assert_eq!(refused.code(), Some(domain::RejectionCode::NotFound), "nobody knows any more whom it was for");
    drop(tx);
    let mut tx = desk.world.tx().await;
    queue_again(&mut tx, desk.world.now(), failed).await.unwrap();
    tx.commit().await.unwrap();
    desk.send_all().await;
    assert_eq!(desk.texts().await[1].status, "sent");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn an_account_that_does_not_open_is_tried_again_and_then_told_to_staff(pool: PgPool) {
    let server = MailServer::start().await;
    let desk = desk_mailing(pool, &server).await;
    desk.give_account('a', "+15550100000").await;
    desk.world.run("update credentials set sealed = sealed || '\\x00'", &[]).await;
    desk.book(TWO_PM).await;
    desk.send_all().await;
    assert_eq!(desk.fates().await, [fate("confirmation", "queued", Some("sealed"))]);
    for _ in 0..8 {
        desk.world.wait(Duration::minutes(20));
        desk.send_all().await;
    }
    assert_eq!(desk.fates().await, [fate("confirmation", "failed", Some("sealed"))]);
    assert_eq!(desk.mail_fates().await, [fate("confirmation", "failed", Some("sealed"))]);
    assert!(desk.tasks().await[0].1.contains("enter it again in the settings"), "{:?}", desk.tasks().await);
    assert_eq!(server.asked(), 0);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn what_cannot_be_read_fails_at_once(pool: PgPool) {
    let desk = desk(pool).await;
    desk.book(TWO_PM).await;
    desk.world.run("update outbox set kind = 'carrier pigeon' where channel = 'sms'", &[]).await;
    desk.send_all().await;
    assert_eq!(desk.fates().await, [fate("carrier pigeon", "failed", Some("broken"))]);
    assert_eq!(desk.tasks().await.len(), 1);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_failure_that_is_about_no_visit_is_a_task_too(pool: PgPool) {
    let twilio = answering(400, serde_json::json!({ "code": 21211, "message": "no such number" })).await;
    let desk = desk_with(pool, &twilio).await;
    let conversation = desk.world.conversation().await;
    for (key, conversation) in [("reply:1", Some(conversation)), ("reply:2", Some(conversation)), ("code:1", None)] {
        let text = Text {
            key: key.into(),
            kind: "reply",
            to: ADA,
            language: domain::language::Language::English,
            body: "Hello".into(),
            patient: None,
            conversation,
            expires_at: None,
        };
        let mut tx = desk.world.tx().await;
        sqlx::query("delete from unreachable").execute(tx.conn()).await.unwrap();
        queue_text(&mut tx, desk.world.now(), &text).await.unwrap();
        tx.commit().await.unwrap();
        desk.send_all().await;
    }
    let open = crate::tasks::list(&mut desk.world.tx().await, None, 10).await.unwrap();
    let about: Vec<_> =
        open.iter().map(|task| (task.kind.as_str(), task.conversation_id, task.asked_by.as_deref())).collect();
    assert_eq!(
        about,
        [("message_failed", Some(conversation), Some(ADA)), ("message_failed", None, Some(ADA))],
        "one for each conversation"
    );
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn staff_who_try_again_are_not_held_to_what_a_provider_once_said(pool: PgPool) {
    let twilio = answering(400, serde_json::json!({ "code": 21614, "message": "not a mobile number" })).await;
    let desk = desk_with(pool, &twilio).await;
    desk.book(TWO_PM).await;
    desk.send_all().await;
    desk.book(THREE_PM).await;
    desk.send_all().await;
    let suppressed = desk.texts().await[1].clone();
    assert_eq!(suppressed.reason.as_deref(), Some("unreachable"));
    let mut tx = desk.world.tx().await;
    queue_again(&mut tx, desk.world.now(), suppressed.id).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(desk.world.count("unreachable").await, 0);
    desk.send_all().await;
    assert_eq!(asked(&twilio).await.len(), 2);
}

/// A text that nobody has answered, and who could.
async fn unanswered(pool: PgPool) -> (Desk, Inbound, FeedTasks) {
    let desk = desk(pool).await;
    let (inbound, tasks) = desk.inbound().await;
    let text = Incoming {
        provider_id: "SM1".into(),
        to: "+15550100000".into(),
        from: ADA.into(),
        body: "Are you open on Monday?".into(),
        media: 0,
        opt_out_type: None,
    };
    desk.world
        .run("insert into unreachable (channel, address, since) values ('sms', '+15551234567', now())", &[])
        .await;
    inbound.take(desk.world.clinic, &text).await.unwrap();
    assert_eq!(desk.world.count("unreachable").await, 0, "whoever writes can be written to");
    desk.world.run("update inbound_texts set state = 'waiting', reply = null", &[]).await;
    desk.world.wait(TimeDelta::minutes(3));
    (desk, inbound, tasks)
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_text_without_an_answer_is_looked_at_again_and_then_given_to_staff(pool: PgPool) {
    install(&pool).await.unwrap();
    let (desk, inbound, _tasks) = unanswered(pool.clone()).await;
    sqlx::query("update graphile_worker._private_jobs set attempts = 25").execute(&pool).await.unwrap();
    collect(&inbound).await.unwrap();
    let ready = jobs(&pool).await;
    assert!(ready.iter().any(|(key, is_ready)| key.starts_with("answer_text:") && *is_ready), "{ready:?}");
    for _ in 0..30 {
        collect(&inbound).await.unwrap();
    }
    let text = leftover::unanswered(&mut desk.world.tx().await, 10).await.unwrap().remove(0);
    assert_eq!((text.patient_number.as_str(), text.body.as_str()), (ADA, "Are you open on Monday?"));
    let (kind, detail) = desk.tasks().await.remove(0);
    assert_eq!((kind.as_str(), detail.contains("Please answer it")), ("message_failed", true));

    let mut tx = desk.world.tx().await;
    leftover::retry(&mut tx, text.id).await.unwrap();
    tx.commit().await.unwrap();
    inbound.catch_up(desk.world.clinic, text.id).await.unwrap();
    assert_eq!(desk.fates().await, [fate("reply", "queued", None)]);
    assert!(leftover::unanswered(&mut desk.world.tx().await, 10).await.unwrap().is_empty());
}
