//! Who said stop gets nothing, whatever happens at the same time.

use std::time::Duration;

use domain::language::Language;
use domain::template::Kind;
use serde_json::json;
use sqlx::PgPool;
use wiremock::matchers::method;
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::mail::*;
use super::support::*;
use crate::MIGRATOR;
use crate::identity::merging::{self, By};
use crate::identity::{self, PatientInput};
use crate::messaging::ledger::{self, Stop, Via, Way};
use crate::messaging::outbox::{Text, queue_text};
use crate::messaging::unsubscribing;

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

/// What takes long between the claim and the attempt is not sent: a stop that
/// came meanwhile would no longer wait for it.
#[sqlx::test(migrator = "MIGRATOR")]
async fn a_message_that_leaves_late_does_not_leave(pool: PgPool) {
    let (twilio, server) = (taking().await, MailServer::start().await);
    let desk = desk_with(pool, &twilio).await;
    desk.mail_by(&server.account()).await;
    desk.book(TWO_PM).await;
    for (message, milliseconds) in [(desk.text().await, 700), (desk.emails().await.remove(0), 2_300)] {
        let mut tx = desk.world.tx().await;
        // The claim waits here: a lock stands between it and the clinic's account.
        sqlx::query("reset role").execute(tx.conn()).await.unwrap();
        sqlx::query("lock table credentials in access exclusive mode").execute(tx.conn()).await.unwrap();
        let slow = async {
            tokio::time::sleep(Duration::from_millis(milliseconds)).await;
            tx.commit().await.unwrap();
        };
        futures::future::join(desk.send(message.id), slow).await;
    }
    let later = [fate("confirmation", "queued", Some("not_taken"))];
    assert_eq!((desk.fates().await, desk.mail_fates().await), (later.to_vec(), later.to_vec()));
    assert_eq!((asked(&twilio).await.len(), server.asked()), (0, 0));
}

/// An e-mail that is on its way when its reader wants no more is the last.
#[sqlx::test(migrator = "MIGRATOR")]
async fn an_end_of_e_mail_waits_for_what_is_on_its_way(pool: PgPool) {
    let server = MailServer::start().await;
    let desk = desk_mailing(pool, &server).await;
    desk.book(TWO_PM).await;
    desk.book(THREE_PM).await;
    desk.readdress("slow@example.com").await;
    let mails = desk.emails().await;
    let on_its_way = desk.post.send(desk.world.clinic, mails[0].id);
    let stopping = async {
        while server.asked() == 0 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        let mut tx = desk.world.tx().await;
        assert!(unsubscribing::stop(&mut tx, desk.world.now(), mails[1].id).await.unwrap());
        tx.commit().await.unwrap();
        let status = desk.emails().await[0].status.clone();
        desk.send(mails[1].id).await;
        status
    };
    let (sent, when_stopped) = futures::future::join(on_its_way, stopping).await;
    sent.unwrap();
    assert_eq!(when_stopped, "sent", "the end was committed while a message was on its way");
    assert_eq!((server.got().len(), server.asked()), (1, 1));
    assert_eq!(desk.mail_fates().await[1], fate("confirmation", "suppressed", Some("opted_out")));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_stop_takes_back_what_was_agreed_to_and_a_start_agrees_anew(pool: PgPool) {
    let desk = desk(pool).await;
    let now = desk.world.now();
    let ada = desk.world.db.transaction(desk.world.clinic, |tx| {
        Box::pin(async move { crate::identity::resolve(tx, now, &crate::testing::ada(), None).await })
    });
    let ada = ada.await.unwrap().patient;
    desk.book(TWO_PM).await;
    desk.world.wait(chrono::Duration::hours(1));
    stop(&desk).await;
    desk.world.wait(chrono::Duration::hours(1));
    start(&desk).await;
    let said = ledger::of_patient(&mut desk.world.tx().await, ada).await.unwrap();
    let told: Vec<_> = said
        .consents
        .iter()
        .map(|consent| {
            let (channel, version, on) = (&*consent.channel, &*consent.text_version, &*consent.given_on);
            (channel, version, on, consent.given_at, consent.withdrawn_at)
        })
        .collect();
    let (booked, stopped, began) = (at(crate::testing::NOW), at("2026-11-20T16:00:00Z"), at("2026-11-20T17:00:00Z"));
    assert_eq!(
        told,
        [
            ("sms", "start/2026-11", "sms", began, None),
            ("sms", "booking/2026-11", "web", booked, Some(stopped)),
            ("email", "booking/2026-11", "web", booked, None),
        ]
    );
    assert_eq!((said.opt_outs.len(), said.opt_outs[0].ended_at), (1, Some(began)));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn an_opt_out_holds_for_its_channel_its_address_and_its_clinic(pool: PgPool) {
    let (twilio, server) = (taking().await, MailServer::start().await);
    let desk = desk_with(pool, &twilio).await;
    desk.mail_by(&server.account()).await;
    stop(&desk).await;
    desk.book(TWO_PM).await;
    desk.send_all().await;
    assert_eq!(desk.fates().await, [fate("confirmation", "suppressed", Some("opted_out"))]);
    assert_eq!(desk.mail_fates().await, [fate("confirmation", "sent", None)], "who ends texts still reads e-mail");
    desk.book(THREE_PM).await;
    desk.world.run("update outbox set address = '+15557654321' where channel = 'sms' and status = 'queued'", &[]).await;
    desk.send_all().await;
    let to: Vec<_> = asked(&twilio).await.iter().map(|text| field(text, "To").to_owned()).collect();
    assert_eq!(to, ["+15557654321"]);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_stop_of_whoever_was_merged_away_holds_and_visits_are_told_to_who_is_left(pool: PgPool) {
    const OLD: &str = "+15550000001";
    let twilio = taking().await;
    let desk = desk_with(pool, &twilio).await;
    let mut tx = desk.world.tx().await;
    let old = PatientInput { name: "Ada Lovelace".into(), phone: Some(OLD.into()), email: None };
    let from = identity::resolve(&mut tx, desk.world.now(), &old.read("US").unwrap(), None).await.unwrap().patient;
    tx.commit().await.unwrap();
    let visit = desk.book(TWO_PM).await;
    let into: uuid::Uuid = sqlx::query_scalar("select patient_id from appointments")
        .fetch_one(desk.world.tx().await.conn())
        .await
        .unwrap();
    desk.world.run("update appointments set patient_id = $1", &[from.uuid()]).await;
    desk.world
        .run("update outbox set patient_id = $1, address = '+15550000001' where channel = 'sms'", &[from.uuid()])
        .await;

    let mut tx = desk.world.tx().await;
    let said = Stop { way: Way::Sms, address: OLD, via: Via::Keyword, words: Some("STOP"), member: None };
    ledger::stop(&mut tx, desk.world.now(), &said).await.unwrap();
    merging::merge(&mut tx, desk.world.now(), from, into.into(), By::Key).await.unwrap();
    tx.commit().await.unwrap();
    desk.send_all().await;
    assert!(asked(&twilio).await.is_empty(), "what was queued to the old number is not sent");
    assert_eq!(desk.fates().await, [fate("confirmation", "suppressed", Some("opted_out"))]);

    desk.reschedule(visit, THREE_PM).await;
    desk.send_all().await;
    let texts = desk.texts().await;
    let told: Vec<_> = texts.iter().map(|text| (text.address.as_str(), text.status.as_str())).collect();
    assert_eq!(told, [(OLD, "suppressed"), (ADA, "sent")]);
}
