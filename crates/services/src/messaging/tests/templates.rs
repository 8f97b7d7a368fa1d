//! What messages say.

use domain::id::MemberId;
use domain::language::Language;
use domain::template::Kind;
use sqlx::PgPool;

use super::support::*;
use crate::messaging::ledger::Way;
use crate::messaging::templates::{Own, reset, set};
use crate::{Error, MIGRATOR};

async fn member(desk: &Desk) -> MemberId {
    let id = MemberId::new();
    desk.world
        .run(
            "insert into members (member_id, email, name, role, password_hash)
             values ($1, $1::text || '@example.com', 'Owner', 'owner', '')",
            &[id.uuid()],
        )
        .await;
    id
}

fn own(body: &str) -> Own<'_> {
    Own { kind: Kind::Confirmation, way: Way::Sms, language: Language::English, subject: None, body }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn the_clinics_own_words_are_sent(pool: PgPool) {
    let desk = desk(pool).await;
    let member = member(&desk).await;
    let mut tx = desk.world.tx().await;
    let words = own("{clinic} expects {patient} on {day} at {time}. Reply STOP to opt out.");
    set(&mut tx, desk.world.now(), member, &words).await.unwrap();
    tx.commit().await.unwrap();
    desk.book(TWO_PM).await;
    desk.send_all().await;
    let said = "Cedar Clinic expects Ada Lovelace on Tue 24 Nov at 2:00 PM. Reply STOP to opt out.";
    assert_eq!(desk.text().await.body.as_deref(), Some(said));

    let mut tx = desk.world.tx().await;
    reset(&mut tx, Kind::Confirmation, Way::Sms, Language::English).await.unwrap();
    tx.commit().await.unwrap();
    desk.book(THREE_PM).await;
    desk.send_all().await;
    assert!(desk.texts().await[1].body.as_deref().unwrap().contains("you are booked for"));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn words_that_cannot_be_sent_are_refused_with_all_that_is_wrong(pool: PgPool) {
    let desk = desk(pool).await;
    let member = member(&desk).await;
    let mut tx = desk.world.tx().await;
    let refused = set(&mut tx, desk.world.now(), member, &own("See you {when}!")).await.unwrap_err();
    let Error::Rejected(rejection) = refused else { panic!("{refused}") };
    assert_eq!(rejection.errors[0].field, "body");
    let refused = set(&mut tx, desk.world.now(), member, &own("See you soon.")).await.unwrap_err();
    let Error::Rejected(rejection) = refused else { panic!("{refused}") };
    assert!(rejection.errors.len() >= 2, "{rejection:?}");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn an_e_mail_may_be_long_and_needs_a_subject_that_reads(pool: PgPool) {
    let desk = desk(pool).await;
    let member = member(&desk).await;
    let mut tx = desk.world.tx().await;
    let body = format!("{{clinic}}: {{day}}, {{time}}.\n\n{}", "Please come early. ".repeat(60));
    let with = |subject| Own { kind: Kind::Reminder, way: Way::Email, subject, ..own(&body) };
    for wrong in [None, Some("  "), Some("See you {when}"), Some("{day}: see bit.ly/x")] {
        let refused = set(&mut tx, desk.world.now(), member, &with(wrong)).await.unwrap_err();
        let Error::Rejected(rejection) = refused else { panic!("{refused}") };
        assert_eq!(rejection.errors[0].field, "subject", "{wrong:?}");
    }
    set(&mut tx, desk.world.now(), member, &with(Some("{clinic}: {day}"))).await.unwrap();
    let text = Own { way: Way::Sms, ..with(None) };
    assert!(set(&mut tx, desk.world.now(), member, &text).await.is_err());
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_message_that_cannot_be_written_fails_loudly_and_is_not_sent(pool: PgPool) {
    let twilio = taking().await;
    let desk = desk_with(pool, &twilio).await;
    let member = member(&desk).await;
    let mut tx = desk.world.tx().await;
    // Fine when it was written; the clinic has no number any more.
    let words = own("{clinic}: {day}, {time}. Call {phone}. Reply STOP to opt out.");
    set(&mut tx, desk.world.now(), member, &words).await.unwrap();
    tx.commit().await.unwrap();
    desk.book(TWO_PM).await;
    desk.send_all().await;
    assert_eq!(desk.fates().await, [fate("confirmation", "failed", Some("unwritable"))]);
    let tasks = desk.tasks().await;
    assert_eq!(tasks[0].0, "message_failed");
    assert!(tasks[0].1.contains("{phone}"), "{tasks:?}");
    assert!(asked(&twilio).await.is_empty());
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn what_a_sensitive_visit_is_for_stays_unsaid(pool: PgPool) {
    let desk = desk(pool).await;
    desk.world.run("update appointment_types set sensitive = true", &[]).await;
    desk.world
        .run(
            "insert into templates (kind, channel, language, body, updated_at)
             values ('confirmation', 'sms', 'en', '{clinic}: {type} on {day}, {time}. STOP to opt out.', now())",
            &[],
        )
        .await;
    desk.book(TWO_PM).await;
    desk.send_all().await;
    assert!(desk.text().await.body.unwrap().starts_with("Cedar Clinic: your visit on"));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_patient_is_written_to_in_their_language(pool: PgPool) {
    let desk = desk(pool).await;
    desk.book(TWO_PM).await;
    desk.world.run("update patients set language = 'es'", &[]).await;
    desk.book(THREE_PM).await;
    desk.send_all().await;
    let body = desk.texts().await[1].body.clone().unwrap();
    assert!(body.starts_with("Cedar Clinic: tiene cita el mar 24 nov"), "{body}");
}
