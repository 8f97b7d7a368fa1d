//! Reminders: when they are due, at waking hours, and not too many.

use chrono::Duration;
use sqlx::PgPool;

use super::support::*;
use crate::MIGRATOR;
use crate::messaging::ledger::{self, Stop, Via, Way};
use crate::messaging::reminding::remind;
use crate::messaging::settings::{self, MessagingSettings};

async fn look(desk: &Desk) -> usize {
    let mut tx = desk.world.tx().await;
    let written = remind(&mut tx, desk.world.now(), 100).await.unwrap();
    tx.commit().await.unwrap();
    written
}

async fn set(desk: &Desk, change: impl FnOnce(&mut MessagingSettings)) {
    let mut tx = desk.world.tx().await;
    let mut settings = settings::read(&mut tx).await.unwrap();
    change(&mut settings);
    settings::write(&mut tx, &settings).await.unwrap();
    tx.commit().await.unwrap();
}

/// Kinds and fates of the texts but the confirmation.
async fn reminders(desk: &Desk) -> Vec<(String, String, Option<String>)> {
    desk.fates().await.into_iter().filter(|fate| fate.0 == "reminder").collect()
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn each_rung_of_the_ladder_is_one_reminder(pool: PgPool) {
    let desk = desk(pool).await;
    // It is Friday 10:00; the visit is on Tuesday at 14:00.
    desk.book(TWO_PM).await;
    assert_eq!(look(&desk).await, 0);
    desk.world.wait(Duration::hours(52));
    assert_eq!((look(&desk).await, look(&desk).await), (1, 0));
    desk.send_all().await;
    desk.world.wait(Duration::hours(45));
    assert_eq!((look(&desk).await, look(&desk).await), (1, 0));
    desk.send_all().await;
    assert_eq!(reminders(&desk).await, vec![fate("reminder", "sent", None); 2]);
    let bodies: Vec<_> = desk.texts().await.into_iter().filter_map(|text| text.body).collect();
    assert!(bodies[2].contains("a reminder of your visit on Tue 24 Nov, 2:00 PM"), "{bodies:?}");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn nobody_is_reminded_of_what_they_have_just_been_told(pool: PgPool) {
    let desk = desk(pool).await;
    // Booked for this afternoon: the confirmation says it all.
    desk.book("2026-11-20T17:00:00Z").await;
    assert_eq!(look(&desk).await, 0);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_visit_that_moves_takes_its_reminders_along(pool: PgPool) {
    let desk = desk(pool).await;
    let id = desk.book(TWO_PM).await;
    desk.world.wait(Duration::hours(52));
    look(&desk).await;
    desk.reschedule(id, "2026-11-27T19:00:00Z").await;
    desk.send_all().await;
    assert_eq!(reminders(&desk).await, [fate("reminder", "suppressed", Some("superseded"))]);
    desk.world.wait(Duration::hours(72));
    assert_eq!(look(&desk).await, 1);
    desk.cancel(id).await;
    desk.world.wait(Duration::hours(45));
    assert_eq!(look(&desk).await, 0);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn the_clinics_own_ladder_holds_as_soon_as_it_is_set(pool: PgPool) {
    let desk = desk(pool).await;
    desk.book(TWO_PM).await;
    set(&desk, |settings| settings.reminder_minutes = vec![]).await;
    desk.world.wait(Duration::hours(52));
    assert_eq!(look(&desk).await, 0);
    set(&desk, |settings| settings.reminder_minutes = vec![47 * 60]).await;
    desk.world.wait(Duration::hours(1));
    assert_eq!(look(&desk).await, 1);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn who_gets_no_texts_is_reminded_by_e_mail(pool: PgPool) {
    let desk = desk(pool).await;
    desk.book(TWO_PM).await;
    let mut tx = desk.world.tx().await;
    let stop = Stop { way: Way::Sms, address: ADA, via: Via::Keyword, words: None, member: None };
    ledger::stop(&mut tx, desk.world.now(), &stop).await.unwrap();
    tx.commit().await.unwrap();
    desk.world.wait(Duration::hours(52));
    assert_eq!(look(&desk).await, 1);
    assert_eq!(desk.outbox().await.last().unwrap().channel, "email");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn at_night_a_reminder_waits_for_the_morning(pool: PgPool) {
    let desk = desk(pool).await;
    desk.book("2026-11-24T14:30:00Z").await;
    set(&desk, |settings| settings.reminder_minutes = vec![36 * 60]).await;
    // 21:30 on Sunday in New York.
    desk.world.wait(at("2026-11-23T02:30:00Z") - desk.world.now());
    assert_eq!(look(&desk).await, 1);
    desk.send_all().await;
    let reminder = desk.texts().await.pop().unwrap();
    assert_eq!((reminder.status.as_str(), reminder.due_at), ("queued", at("2026-11-23T13:00:00Z")));
    // The patient lives further west, where it is not day before that is over.
    desk.world.run("update patients set time_zone = 'America/Los_Angeles'", &[]).await;
    desk.world.wait(at("2026-11-23T13:00:00Z") - desk.world.now());
    desk.send_all().await;
    assert_eq!(desk.texts().await.pop().unwrap().due_at, at("2026-11-23T16:00:00Z"));
    desk.world.wait(Duration::hours(3));
    desk.send_all().await;
    assert_eq!(reminders(&desk).await, [fate("reminder", "sent", None)]);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_reminder_that_the_night_leaves_no_time_for_is_not_sent(pool: PgPool) {
    let desk = desk(pool).await;
    desk.book("2026-11-24T14:30:00Z").await;
    set(&desk, |settings| {
        settings.reminder_minutes = vec![8 * 60];
        settings.quiet_until = 10 * 60;
    })
    .await;
    desk.world.wait(at("2026-11-24T06:30:00Z") - desk.world.now());
    look(&desk).await;
    desk.send_all().await;
    assert_eq!(reminders(&desk).await, [fate("reminder", "suppressed", Some("quiet"))]);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_patient_gets_no_more_a_day_than_the_clinic_says(pool: PgPool) {
    let desk = desk(pool).await;
    for start in [TWO_PM, THREE_PM, "2026-11-24T21:00:00Z"] {
        desk.book(start).await;
    }
    desk.world.wait(Duration::hours(54));
    assert_eq!(look(&desk).await, 3);
    desk.send_all().await;
    // The others wait for the next day, when there is room for one more.
    let waits = fate("reminder", "queued", Some("enough"));
    assert_eq!(reminders(&desk).await, [fate("reminder", "sent", None), waits.clone(), waits]);
    let tomorrow = desk.world.now() + Duration::days(1);
    let due: Vec<_> = desk.texts().await.into_iter().filter(|text| text.kind == "reminder").collect();
    assert!(due[1..].iter().all(|text| text.due_at == tomorrow), "{due:?}");
    desk.world.wait(Duration::days(1));
    desk.send_all().await;
    // The day after that is the day of the visit, and too late.
    let sent = fate("reminder", "sent", None);
    assert_eq!(reminders(&desk).await, [sent.clone(), sent, fate("reminder", "suppressed", Some("enough"))]);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_patient_gets_no_more_a_week_than_the_clinic_says_whichever_way_it_comes(pool: PgPool) {
    let desk = desk(pool).await;
    set(&desk, |settings| {
        settings.most_a_day = 10;
        settings.most_a_week = 2;
        settings.reminder_minutes = vec![48 * 60];
    })
    .await;
    for start in [TWO_PM, "2026-11-25T19:00:00Z", "2026-11-26T19:00:00Z"] {
        desk.book(start).await;
    }
    desk.send_all().await;
    for (hours, by_email) in [(53, false), (24, true), (24, false)] {
        desk.world.wait(Duration::hours(hours));
        set(&desk, |settings| settings.sms = !by_email).await;
        assert_eq!(look(&desk).await, 1);
        desk.send_all().await;
    }
    let all = desk.outbox().await;
    let told: Vec<_> = all
        .iter()
        .filter(|message| message.kind == "reminder")
        .map(|message| (message.channel.as_str(), message.status.as_str(), message.reason.as_deref()))
        .collect();
    assert_eq!(told, [("sms", "sent", None), ("email", "sent", None), ("sms", "suppressed", Some("enough"))]);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_clinic_that_wants_no_such_messages_sends_none(pool: PgPool) {
    let desk = desk(pool).await;
    set(&desk, |settings| settings.most_a_day = 0).await;
    desk.book(TWO_PM).await;
    desk.world.wait(Duration::hours(54));
    assert_eq!(look(&desk).await, 1);
    desk.send_all().await;
    assert_eq!(reminders(&desk).await, [fate("reminder", "suppressed", Some("enough"))]);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn settings_that_make_no_sense_are_refused(pool: PgPool) {
    let desk = desk(pool).await;
    for (field, wrong) in [
        ("quiet_from", MessagingSettings { quiet_from: 1440, ..MessagingSettings::default() }),
        ("reminder_minutes", MessagingSettings { reminder_minutes: vec![5], ..MessagingSettings::default() }),
        ("reminder_minutes", MessagingSettings { reminder_minutes: vec![60, 60], ..MessagingSettings::default() }),
        ("offer_minutes", MessagingSettings { offer_minutes: 4, ..MessagingSettings::default() }),
        ("offer_minutes", MessagingSettings { offer_minutes: 1441, ..MessagingSettings::default() }),
        ("most_a_day", MessagingSettings { most_a_day: -1, ..MessagingSettings::default() }),
    ] {
        let error = settings::write(&mut desk.world.tx().await, &wrong).await.unwrap_err();
        let crate::Error::Rejected(rejection) = error else { panic!("{error}") };
        assert_eq!(rejection.errors[0].field, field);
    }
}
