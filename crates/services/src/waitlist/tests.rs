//! Times that come free reach those who wait, one after another.

mod by_hand;

use chrono::Duration;
use domain::id::PatientId;
use futures::future::join_all;
use sqlx::PgPool;
use uuid::Uuid;

use super::answering::{Answer, take};
use super::{Wish, join, listing};
use crate::booking::{self, Channel};
use crate::identity::{self, PatientInput};
use crate::jobs::offer_all;
use crate::messaging::inbound::Incoming;
use crate::messaging::ledger::{self, Stop, Via, Way};
use crate::messaging::settings::{self, MessagingSettings};
use crate::messaging::tests::support::*;
use crate::{Error, MIGRATOR, Result};

const BEN: &str = "+15550000001";
const CLEO: &str = "+15550000002";

/// Somebody who waits for a haircut on Tuesday between two hours of the day.
async fn waits(desk: &Desk, name: &str, phone: &str, hours: (u32, u32)) -> Uuid {
    let mut tx = desk.world.tx().await;
    let input = PatientInput { name: name.into(), phone: Some(phone.into()), email: None };
    let patient: PatientId =
        identity::resolve(&mut tx, desk.world.now(), &input.read("US").unwrap(), None).await.unwrap().patient;
    let tuesday = "2026-11-24".parse().unwrap();
    let wish = Wish {
        patient,
        conversation: None,
        appointment_type: desk.haircut,
        practitioner: None,
        from: tuesday,
        to: tuesday,
        earliest: Some(hours.0 * 60),
        latest: Some(hours.1 * 60 + 1),
        note: None,
    };
    let now = desk.world.now();
    let id = join(&mut tx, now, now.date_naive(), &wish).await.unwrap();
    tx.commit().await.unwrap();
    desk.world.wait(Duration::seconds(1));
    id
}

async fn look(desk: &Desk) {
    let (inbound, _tasks) = desk.inbound().await;
    offer_all(&inbound).await.unwrap();
    desk.send_all().await;
}

/// To whom it was offered and what came of it, the oldest first.
async fn offers(desk: &Desk) -> Vec<(String, String)> {
    sqlx::query_as(
        "select split_part(p.name, ' ', 1), o.state
         from waitlist_offers o
         join waitlist_entries e using (clinic_id, waitlist_entry_id)
         join patients p using (clinic_id, patient_id)
         order by o.offered_at, o.waitlist_offer_id",
    )
    .fetch_all(desk.world.tx().await.conn())
    .await
    .unwrap()
}

fn offer(name: &str, state: &str) -> (String, String) {
    (name.into(), state.into())
}

async fn newest_offer(desk: &Desk, name: &str) -> Uuid {
    sqlx::query_scalar(
        "select o.waitlist_offer_id
         from waitlist_offers o
         join waitlist_entries e using (clinic_id, waitlist_entry_id)
         join patients p using (clinic_id, patient_id)
         where p.name like $1 || ' %'
         order by o.offered_at desc
         limit 1",
    )
    .bind(name)
    .fetch_one(desk.world.tx().await.conn())
    .await
    .unwrap()
}

async fn says(desk: &Desk, from: &str, body: &str) -> Option<String> {
    let (inbound, _tasks) = desk.inbound().await;
    let text = Incoming {
        provider_id: format!("SM{}", domain::Id::<Desk>::new().uuid().simple()),
        to: "+15550100000".into(),
        from: from.into(),
        body: body.into(),
        media: 0,
        opt_out_type: None,
    };
    inbound.take(desk.world.clinic, &text).await.unwrap()
}

async fn takes(desk: &Desk, offer: Uuid) -> Result<Answer> {
    let now = desk.world.now();
    desk.world
        .db
        .transaction(desk.world.clinic, move |tx| Box::pin(async move { take(tx, now, offer, Channel::Web).await }))
        .await
}

/// Who is booked at Tuesday 2 PM.
async fn booked(desk: &Desk) -> Vec<String> {
    sqlx::query_scalar(
        "select split_part(p.name, ' ', 1) from appointments a join patients p using (clinic_id, patient_id)
         where a.status = 'booked' and a.starts_at = '2026-11-24T19:00:00Z'",
    )
    .fetch_all(desk.world.tx().await.conn())
    .await
    .unwrap()
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_time_that_comes_free_is_offered_to_whoever_waited_longest_and_taken_by_text(pool: PgPool) {
    let desk = desk(pool).await;
    let visit = desk.book(TWO_PM).await;
    waits(&desk, "Ben Low", BEN, (14, 14)).await;
    waits(&desk, "Cleo Day", CLEO, (14, 14)).await;
    look(&desk).await;
    assert!(offers(&desk).await.is_empty(), "nothing has come free");

    desk.cancel(visit).await;
    look(&desk).await;
    look(&desk).await;
    assert_eq!(offers(&desk).await, [offer("Ben", "open")], "one at a time");
    let texts = desk.texts().await;
    let text = texts.iter().find(|text| text.kind == "waitlist_offer").unwrap();
    assert_eq!((text.address.as_str(), text.status.as_str()), (BEN, "sent"));
    assert!(text.body.as_ref().unwrap().contains("Tue 24 Nov, 2:00 PM"), "{text:?}");
    let session = desk.world.session();
    assert!(desk.world.hold(session, desk.claim(TWO_PM)).await.is_err(), "it is kept");

    desk.world.wait(Duration::minutes(20));
    let said = says(&desk, BEN, "1").await.unwrap();
    assert!(said.contains("booked on Tue 24 Nov, 2:00 PM"), "{said}");
    assert_eq!(says(&desk, BEN, "1").await.unwrap(), said, "once more is the same visit");
    assert_eq!(booked(&desk).await, ["Ben"]);
    assert_eq!(offers(&desk).await, [offer("Ben", "taken")]);
    desk.world.wait(Duration::minutes(20));
    look(&desk).await;
    assert_eq!(offers(&desk).await.len(), 1);
    let waiting = listing::list(&mut desk.world.tx().await, None, 10).await.unwrap();
    assert_eq!(waiting.iter().map(|entry| entry.patient.as_str()).collect::<Vec<_>>(), ["Cleo Day"]);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn without_an_answer_or_with_a_no_the_next_is_asked(pool: PgPool) {
    let desk = desk(pool).await;
    let visit = desk.book(TWO_PM).await;
    waits(&desk, "Ben Low", BEN, (14, 14)).await;
    waits(&desk, "Cleo Day", CLEO, (14, 14)).await;
    waits(&desk, "Dora Fox", "+15550000003", (14, 14)).await;
    desk.cancel(visit).await;
    look(&desk).await;
    desk.world.wait(Duration::minutes(31));
    look(&desk).await;
    assert_eq!(offers(&desk).await, [offer("Ben", "lapsed"), offer("Cleo", "open")]);
    let said = says(&desk, BEN, "1").await.unwrap();
    assert!(said.contains("that time is gone") && said.contains("nothing else"), "{said}");
    assert!(says(&desk, CLEO, "No.").await.unwrap().contains("somebody else"));
    look(&desk).await;
    assert_eq!(offers(&desk).await, [offer("Ben", "lapsed"), offer("Cleo", "declined"), offer("Dora", "open")]);
    desk.world.wait(Duration::minutes(31));
    look(&desk).await;
    look(&desk).await;
    assert_eq!(offers(&desk).await.len(), 3, "nobody is offered the same time twice");
    assert!(desk.world.hold(desk.world.session(), desk.claim(TWO_PM)).await.is_ok(), "it is anybody's now");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn of_many_acceptances_at_once_one_wins_and_the_others_hear_what_is_so(pool: PgPool) {
    let desk = desk(pool).await;
    let visit = desk.book(TWO_PM).await;
    waits(&desk, "Ben Low", BEN, (14, 15)).await;
    waits(&desk, "Cleo Day", CLEO, (14, 14)).await;
    desk.cancel(visit).await;
    look(&desk).await;
    desk.world.wait(Duration::minutes(31));
    look(&desk).await;
    let (late, first) = (newest_offer(&desk, "Ben").await, newest_offer(&desk, "Cleo").await);
    let all = (0..16).map(|number| takes(&desk, if number % 2 == 0 { late } else { first }));
    let (mut won, mut gone) = (Vec::new(), Vec::new());
    for answer in join_all(all).await {
        match answer.unwrap() {
            Answer::Booked(visit) => won.push(visit.id),
            Answer::Gone { next } => gone.push(next),
        }
    }
    won.dedup();
    assert_eq!((won.len(), gone.len()), (1, 8));
    assert_eq!(booked(&desk).await, ["Cleo"]);
    // What they are told is free is so, or was when they asked.
    let next = gone.iter().flatten().max().copied().expect("there are later times");
    assert!(next > at(TWO_PM), "{gone:?}");
    assert!(desk.world.hold(desk.world.session(), desk.claim(&next.to_rfc3339())).await.is_ok());
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn who_said_stop_is_never_offered_anything(pool: PgPool) {
    let desk = desk(pool).await;
    let visit = desk.book(TWO_PM).await;
    waits(&desk, "Ben Low", BEN, (14, 14)).await;
    waits(&desk, "Cleo Day", CLEO, (14, 14)).await;
    let stop =
        |number: &'static str| Stop { way: Way::Sms, address: number, via: Via::Keyword, words: None, member: None };
    let mut tx = desk.world.tx().await;
    ledger::stop(&mut tx, desk.world.now(), &stop(BEN)).await.unwrap();
    tx.commit().await.unwrap();
    desk.cancel(visit).await;
    // Cleo says stop between the offer and its sending.
    let (inbound, _tasks) = desk.inbound().await;
    offer_all(&inbound).await.unwrap();
    assert_eq!(offers(&desk).await, [offer("Cleo", "open")]);
    let mut tx = desk.world.tx().await;
    ledger::stop(&mut tx, desk.world.now(), &stop(CLEO)).await.unwrap();
    tx.commit().await.unwrap();
    desk.send_all().await;
    look(&desk).await;
    assert_eq!(offers(&desk).await, [offer("Cleo", "unreached")], "the time is not kept for who cannot hear of it");
    let offered: Vec<_> = desk.texts().await.into_iter().filter(|text| text.kind == "waitlist_offer").collect();
    assert!(offered.iter().all(|text| text.status == "suppressed"), "{offered:?}");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn nothing_is_offered_at_night(pool: PgPool) {
    let desk = desk(pool).await;
    let visit = desk.book(TWO_PM).await;
    waits(&desk, "Ben Low", BEN, (14, 14)).await;
    desk.world.wait(Duration::hours(12));
    desk.cancel(visit).await;
    look(&desk).await;
    assert!(offers(&desk).await.is_empty());
    desk.world.wait(Duration::hours(11));
    look(&desk).await;
    assert_eq!(offers(&desk).await, [offer("Ben", "open")]);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_hold_that_ran_out_and_longer_hours_open_times_too(pool: PgPool) {
    let desk = desk(pool).await;
    let session = desk.world.session();
    desk.world.hold(session, desk.claim(TWO_PM)).await.unwrap();
    waits(&desk, "Ben Low", BEN, (14, 14)).await;
    waits(&desk, "Cleo Day", CLEO, (18, 18)).await;
    look(&desk).await;
    assert!(offers(&desk).await.is_empty());
    desk.world.wait(Duration::minutes(6));
    let mut tx = desk.world.tx().await;
    booking::expiring::expire_due(&mut tx, desk.world.now(), 10).await.unwrap();
    tx.commit().await.unwrap();
    look(&desk).await;
    assert_eq!(offers(&desk).await, [offer("Ben", "open")]);

    let longer = serde_json::json!({ "kind": "exception", "practitioner": null, "location": null,
                                     "date": "2026-11-24", "hours": [{ "from": "09:00", "to": "20:00" }], "note": null });
    let (now, longer) = (desk.world.now(), serde_json::from_value(longer).unwrap());
    let mut tx = desk.world.tx().await;
    booking::changes::change(&mut tx, now, &longer, &Default::default(), staff()).await.unwrap();
    tx.commit().await.unwrap();
    look(&desk).await;
    assert_eq!(offers(&desk).await, [offer("Ben", "open"), offer("Cleo", "open")]);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn who_is_taken_off_the_list_makes_room_for_the_next(pool: PgPool) {
    let desk = desk(pool).await;
    let visit = desk.book(TWO_PM).await;
    let ben = waits(&desk, "Ben Low", BEN, (14, 14)).await;
    waits(&desk, "Cleo Day", CLEO, (14, 14)).await;
    desk.cancel(visit).await;
    look(&desk).await;
    let member = domain::id::MemberId::new();
    for _ in 0..2 {
        let mut tx = desk.world.tx().await;
        listing::close(&mut tx, desk.world.now(), ben, member).await.unwrap();
        tx.commit().await.unwrap();
    }
    look(&desk).await;
    assert_eq!(offers(&desk).await, [offer("Ben", "withdrawn"), offer("Cleo", "open")]);
    let late = newest_offer(&desk, "Ben").await;
    assert!(matches!(takes(&desk, late).await, Ok(Answer::Gone { .. })));
    assert!(matches!(takes(&desk, Uuid::from_u128(1)).await, Err(Error::Rejected(_))));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_time_that_cannot_be_offered_keeps_no_other_waiting(pool: PgPool) {
    for (code, is_given_up) in [("23514", true), ("55000", false)] {
        let desk = desk(pool.clone()).await;
        let (two, three) = (desk.book(TWO_PM).await, desk.book(THREE_PM).await);
        waits(&desk, "Ben Low", BEN, (14, 14)).await;
        waits(&desk, "Cleo Day", CLEO, (15, 15)).await;
        sqlx::raw_sql(sqlx::AssertSqlSafe(format!(
            "create or replace function broken() returns trigger language plpgsql as
                 $$ begin raise exception 'broken' using errcode = '{code}'; end $$;
             drop trigger if exists broken on waitlist_offers;
             create trigger broken before insert on waitlist_offers
                 for each row when (new.starts_at = '{TWO_PM}') execute function broken();"
        )))
        .execute(&pool)
        .await
        .unwrap();
        desk.cancel(two).await;
        desk.world.wait(Duration::seconds(1));
        desk.cancel(three).await;
        look(&desk).await;
        assert_eq!(offers(&desk).await, [offer("Cleo", "open")], "{code}");
        let told = desk.tasks().await;
        assert_eq!(
            told.iter().any(|(_, detail)| detail.contains("2:00 PM could not be offered")),
            is_given_up,
            "{told:?}"
        );
        sqlx::raw_sql("drop trigger broken on waitlist_offers").execute(&pool).await.unwrap();
        desk.world.wait(Duration::minutes(6));
        look(&desk).await;
        let ben = offers(&desk).await.contains(&offer("Ben", "open"));
        assert_eq!(ben, !is_given_up, "{code}: what may pass is looked at again");
    }
}

async fn set(desk: &Desk, set: MessagingSettings) {
    let mut tx = desk.world.tx().await;
    settings::write(&mut tx, &set).await.unwrap();
    tx.commit().await.unwrap();
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_time_is_kept_as_long_as_the_clinic_set_and_the_message_says_so(pool: PgPool) {
    // It is ten in the morning on Friday; the visit is on Tuesday.
    for (minutes, until) in [(5, "until 10:05 AM"), (24 * 60, "until Sat 21 Nov, 10:00 AM")] {
        let desk = desk(pool.clone()).await;
        set(&desk, MessagingSettings { offer_minutes: minutes, ..MessagingSettings::default() }).await;
        let visit = desk.book(TWO_PM).await;
        waits(&desk, "Ben Low", BEN, (14, 14)).await;
        desk.cancel(visit).await;
        look(&desk).await;
        let texts = desk.texts().await;
        let text = texts.iter().find(|text| text.kind == "waitlist_offer").unwrap();
        assert!(text.body.as_ref().unwrap().contains(until), "{text:?}");
        desk.world.wait(Duration::minutes(i64::from(minutes) - 1));
        look(&desk).await;
        assert_eq!(offers(&desk).await, [offer("Ben", "open")], "{minutes}");
        desk.world.wait(Duration::minutes(2));
        look(&desk).await;
        assert_eq!(offers(&desk).await, [offer("Ben", "lapsed")], "{minutes}");
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_time_is_never_kept_beyond_its_beginning(pool: PgPool) {
    let desk = desk(pool).await;
    set(&desk, MessagingSettings { offer_minutes: 24 * 60, ..MessagingSettings::default() }).await;
    let visit = desk.book(TWO_PM).await;
    waits(&desk, "Ben Low", BEN, (14, 14)).await;
    desk.world.wait(at(TWO_PM) - desk.world.now() - Duration::hours(3));
    desk.cancel(visit).await;
    look(&desk).await;
    let kept: chrono::DateTime<chrono::Utc> = sqlx::query_scalar("select expires_at from waitlist_offers")
        .fetch_one(desk.world.tx().await.conn())
        .await
        .unwrap();
    assert_eq!(kept, at(TWO_PM));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn where_offers_are_off_patients_wait_and_nothing_is_offered(pool: PgPool) {
    let desk = desk(pool).await;
    set(&desk, MessagingSettings { waitlist_offers: false, ..MessagingSettings::default() }).await;
    let visit = desk.book(TWO_PM).await;
    waits(&desk, "Ben Low", BEN, (14, 14)).await;
    desk.cancel(visit).await;
    look(&desk).await;
    assert!(offers(&desk).await.is_empty());
    assert_eq!(listing::list(&mut desk.world.tx().await, None, 10).await.unwrap().len(), 1);
    set(&desk, MessagingSettings::default()).await;
    look(&desk).await;
    assert_eq!(offers(&desk).await, [offer("Ben", "open")], "what came free meanwhile is offered then");
}
