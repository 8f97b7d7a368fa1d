//! Who said stop gets nothing, whatever happens at the same time.

use std::time::Duration;

use domain::language::Language;
use domain::template::Kind;
use serde_json::json;
use sqlx::PgPool;
use wiremock::matchers::method;
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::support::*;
use crate::MIGRATOR;
use crate::messaging::ledger::{self, Stop, Via, Way};
use crate::messaging::outbox::{Text, queue_text};

async fn stop(desk: &Desk) {
    let mut tx = desk.world.tx().await;
    let stop = Stop { way: Way::Sms, address: ADA, via: Via::Keyword, words: Some("STOP"), member: None };
    ledger::stop(&mut tx, desk.world.now(), &stop).await.unwrap();
    tx.commit().await.unwrap();
}

async fn start(desk: &Desk) {
    let mut tx = desk.world.tx().await;
    ledger::start(&mut tx, desk.world.now(), Way::Sms, ADA, Via::Keyword).await.unwrap();
    tx.commit().await.unwrap();
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_stop_silences_what_was_queued_and_a_start_what_comes_after(pool: PgPool) {
    let twilio = taking().await;
    let desk = desk_with(pool, &twilio).await;
    desk.book(TWO_PM).await;
    stop(&desk).await;
    stop(&desk).await;
    desk.send_all().await;
    desk.book(THREE_PM).await;
    desk.send_all().await;
    assert!(asked(&twilio).await.is_empty());
    assert_eq!(desk.fates().await, vec![fate("confirmation", "suppressed", Some("opted_out")); 2]);
    assert_eq!(desk.world.count("opt_outs").await, 1);

    start(&desk).await;
    desk.book("2026-11-24T21:00:00Z").await;
    desk.send_all().await;
    assert_eq!(asked(&twilio).await.len(), 1);
    stop(&desk).await;
    assert_eq!(desk.world.count("opt_outs").await, 2, "what held when is kept");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn another_clinics_stop_is_another_clinics(pool: PgPool) {
    let twilio = taking().await;
    let (one, other) = (desk_with(pool.clone(), &twilio).await, desk_with(pool, &twilio).await);
    stop(&other).await;
    one.book(TWO_PM).await;
    one.send_all().await;
    assert_eq!(asked(&twilio).await.len(), 1);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn the_database_refuses_to_let_a_message_go_to_who_said_stop(pool: PgPool) {
    let desk = desk(pool).await;
    desk.book(TWO_PM).await;
    stop(&desk).await;
    let mut tx = desk.world.tx().await;
    let sending = sqlx::query("update outbox set status = 'sending' where channel = 'sms'").execute(tx.conn()).await;
    let error = sending.unwrap_err();
    assert_eq!(error.as_database_error().and_then(|error| error.constraint()), Some("outbox_opted_out"));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn one_message_says_that_the_stop_was_heard(pool: PgPool) {
    let twilio = taking().await;
    let desk = desk_with(pool, &twilio).await;
    stop(&desk).await;
    let text = Text {
        key: "opt-out:1".into(),
        kind: Kind::OptOutConfirmation.as_str(),
        to: ADA,
        language: Language::English,
        body: "Cedar Clinic: you will get no more texts from us.".into(),
        patient: None,
        conversation: None,
        expires_at: None,
    };
    for _ in 0..2 {
        let mut tx = desk.world.tx().await;
        queue_text(&mut tx, desk.world.now(), &text).await.unwrap();
        tx.commit().await.unwrap();
    }
    desk.send_all().await;
    assert_eq!(asked(&twilio).await.len(), 1);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn what_the_provider_refuses_for_an_opt_out_is_one_here_too(pool: PgPool) {
    let twilio = answering(400, json!({ "code": 21610, "message": "Attempt to send to unsubscribed recipient" })).await;
    let desk = desk_with(pool, &twilio).await;
    desk.book(TWO_PM).await;
    desk.send_all().await;
    assert_eq!(desk.fates().await, [fate("confirmation", "failed", Some("opted_out"))]);
    let mut tx = desk.world.tx().await;
    assert!(ledger::is_stopped(&mut tx, Way::Sms, ADA).await.unwrap());
    assert_eq!(ledger::list(&mut tx, None, 10).await.unwrap()[0].via, "refused");
    drop(tx);
    desk.book(THREE_PM).await;
    desk.send_all().await;
    assert_eq!(asked(&twilio).await.len(), 1);
}

/// A text that is on its way when the stop comes is the last: the stop is
/// written down after it, and nothing follows.
#[sqlx::test(migrator = "MIGRATOR")]
async fn a_stop_waits_for_what_is_on_its_way(pool: PgPool) {
    let twilio = MockServer::start().await;
    let slow = ResponseTemplate::new(201)
        .set_body_json(json!({ "sid": "SM1", "status": "queued" }))
        .set_delay(Duration::from_millis(700));
    Mock::given(method("POST")).respond_with(slow).mount(&twilio).await;
    let desk = desk_with(pool, &twilio).await;
    desk.book(TWO_PM).await;
    desk.book(THREE_PM).await;
    let texts = desk.texts().await;
    let on_its_way = desk.post.send(desk.world.clinic, texts[0].id);
    let stopping = async {
        while asked(&twilio).await.is_empty() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        stop(&desk).await;
        // It is written down now; what was on its way must have arrived.
        let sent = desk.texts().await;
        (sent[0].status.clone(), desk.send(texts[1].id).await).0
    };
    let (sent, when_stopped) = futures::future::join(on_its_way, stopping).await;
    sent.unwrap();
    assert_eq!(when_stopped, "sent", "the stop was committed while a text was on its way");
    assert_eq!(asked(&twilio).await.len(), 1);
    assert_eq!(desk.fates().await[1], fate("confirmation", "suppressed", Some("opted_out")));
}
