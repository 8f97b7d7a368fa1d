//! One message for each thing that happened, sent once.

use chrono::Duration;
use serde_json::json;
use sqlx::PgPool;
use wiremock::matchers::{method, path_regex};
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::support::*;
use crate::MIGRATOR;
use crate::booking::changing::{self, Changer};
use crate::booking::series::{Repeat, Take};
use crate::booking::{Channel, confirm_series};
use crate::messaging::listing::{self, SmsOutlook, sms_outlook};
use crate::messaging::sending::heard;

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_booking_writes_one_confirmation_for_each_way_to_reach_the_patient(pool: PgPool) {
    let desk = desk(pool).await;
    let owner = desk.world.session();
    let hold = desk.world.hold(owner, desk.claim(TWO_PM)).await.unwrap();
    desk.world.confirm(owner, hold).await.unwrap();
    desk.world.confirm(owner, hold).await.unwrap();
    let outbox = desk.outbox().await;
    let ways: Vec<_> = outbox.iter().map(|message| (message.kind.as_str(), message.channel.as_str())).collect();
    assert_eq!(ways, [("confirmation", "sms"), ("confirmation", "email")]);
    assert_eq!(desk.world.count("consents").await, 2);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_booking_that_is_undone_says_nothing(pool: PgPool) {
    let desk = desk(pool).await;
    let owner = desk.world.session();
    let hold = desk.world.hold(owner, desk.claim(TWO_PM)).await.unwrap();
    let mut tx = desk.world.tx().await;
    crate::booking::confirm(&mut tx, desk.world.now(), &desk.world.booking(owner, hold)).await.unwrap();
    drop(tx);
    assert_eq!(desk.world.count("outbox").await, 0);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn without_an_account_the_text_stays_here_in_full(pool: PgPool) {
    let desk = desk(pool).await;
    let id = desk.book(TWO_PM).await;
    desk.send_all().await;
    let text = desk.text().await;
    assert_eq!((text.status.as_str(), text.provider.as_deref()), ("sent", Some("local")));
    let body = text.body.unwrap();
    assert!(body.starts_with("Cedar Clinic: you are booked for Tue 24 Nov, 2:00 PM, with Mia Lin."), "{body}");
    assert!(body.contains("https://desk.example.com/m/"));
    assert_eq!(desk.steps(text.id).await, ["queued", "sending", "sent"]);
    // Nobody's phone has it, and nobody is told otherwise.
    assert_eq!(sms_outlook(&mut desk.world.tx().await, id).await.unwrap(), SmsOutlook::Failed);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_text_leaves_once_however_often_it_is_sent(pool: PgPool) {
    let twilio = taking().await;
    let desk = desk_with(pool, &twilio).await;
    let id = desk.book(TWO_PM).await;
    assert_eq!(sms_outlook(&mut desk.world.tx().await, id).await.unwrap(), SmsOutlook::Queued);
    let text = desk.text().await.id;
    let sends = (0..8).map(|_| desk.post.send(desk.world.clinic, text));
    for sent in futures::future::join_all(sends).await {
        sent.unwrap();
    }
    desk.send_all().await;
    let asked = asked(&twilio).await;
    assert_eq!(asked.len(), 1);
    assert_eq!((field(&asked[0], "To"), field(&asked[0], "From")), (ADA, "+15550100000"));
    assert!(field(&asked[0], "StatusCallback").ends_with(&format!("/twilio/status?outbox={text}")));
    assert_eq!(sms_outlook(&mut desk.world.tx().await, id).await.unwrap(), SmsOutlook::Sent);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_visit_that_has_changed_since_is_not_spoken_of_as_it_was(pool: PgPool) {
    let desk = desk(pool).await;
    let id = desk.book(TWO_PM).await;
    desk.reschedule(id, THREE_PM).await;
    desk.send_all().await;
    assert_eq!(
        desk.fates().await,
        [fate("confirmation", "suppressed", Some("superseded")), fate("change", "sent", None)]
    );
    desk.cancel(id).await;
    desk.send_all().await;
    assert_eq!(desk.fates().await[2], fate("cancellation", "sent", None));
    let bodies: Vec<_> = desk.texts().await.into_iter().filter_map(|text| text.body).collect();
    assert!(bodies[0].contains("is now on Tue 24 Nov, 3:00 PM"), "{bodies:?}");
    assert!(bodies[1].contains("3:00 PM, is cancelled"), "{bodies:?}");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn what_comes_too_late_is_not_sent(pool: PgPool) {
    let desk = desk(pool).await;
    desk.book("2026-11-20T16:00:00Z").await;
    desk.world.wait(Duration::hours(2));
    desk.send_all().await;
    assert_eq!(desk.fates().await, [fate("confirmation", "suppressed", Some("expired"))]);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn callbacks_in_any_order_end_where_the_text_did(pool: PgPool) {
    let twilio = taking().await;
    let desk = desk_with(pool, &twilio).await;
    desk.book(TWO_PM).await;
    let text = desk.text().await.id;
    // Quicker than our own note of its SID, and before anything was sent.
    assert!(!told(&desk, None, "SMearly", "delivered", None).await);
    desk.send(text).await;
    let sid: String = sqlx::query_scalar("select provider_id from outbox where outbox_id = $1")
        .bind(text)
        .fetch_one(desk.world.tx().await.conn())
        .await
        .unwrap();
    for word in ["delivered", "sent", "queued", "undelivered", "teleported"] {
        assert!(told(&desk, Some(text), &sid, word, None).await);
    }
    assert_eq!(desk.steps(text).await, ["queued", "sending", "sent", "delivered"]);
    assert!(!told(&desk, None, "SMother", "delivered", None).await);
}

async fn told(desk: &Desk, outbox: Option<uuid::Uuid>, sid: &str, word: &str, code: Option<u32>) -> bool {
    let mut tx = desk.world.tx().await;
    let known = heard(&mut tx, desk.world.now(), outbox, sid, word, code).await.unwrap();
    tx.commit().await.unwrap();
    known
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_text_that_was_not_delivered_is_tried_once_more_or_told_to_staff(pool: PgPool) {
    let twilio = taking().await;
    let desk = desk_with(pool, &twilio).await;
    desk.book(TWO_PM).await;
    desk.send_all().await;
    let first = desk.text().await.id;
    // 30003: the phone is off.
    assert!(told(&desk, Some(first), &sid_of(&desk, first).await, "undelivered", Some(30003)).await);
    let second = desk.texts().await[1].clone();
    assert_eq!((second.status.as_str(), second.due_at), ("queued", desk.world.now() + Duration::hours(2)));
    assert!(desk.tasks().await.is_empty());
    desk.world.wait(Duration::hours(3));
    desk.send_all().await;
    assert!(told(&desk, Some(second.id), &sid_of(&desk, second.id).await, "undelivered", Some(30003)).await);
    assert_eq!(desk.texts().await.len(), 2);
    assert_eq!(desk.tasks().await[0].0, "message_failed");
}

async fn sid_of(desk: &Desk, id: uuid::Uuid) -> String {
    sqlx::query_scalar("select provider_id from outbox where outbox_id = $1")
        .bind(id)
        .fetch_one(desk.world.tx().await.conn())
        .await
        .unwrap()
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_busy_provider_is_asked_again_with_growing_pauses_and_not_for_ever(pool: PgPool) {
    let twilio = answering(429, json!({ "code": 20429, "message": "Too Many Requests" })).await;
    let desk = desk_with(pool, &twilio).await;
    desk.book(TWO_PM).await;
    let mut pauses = Vec::new();
    for _ in 0..8 {
        let before = desk.world.now();
        desk.send_all().await;
        pauses.push(desk.text().await.due_at - before);
        desk.world.wait(Duration::minutes(20));
    }
    assert!(pauses[..7].windows(2).all(|pair| pair[0] < pair[1]), "{pauses:?}");
    desk.send_all().await;
    assert_eq!(asked(&twilio).await.len(), 8);
    assert_eq!(desk.fates().await, [fate("confirmation", "failed", Some("not_taken"))]);
    assert_eq!(desk.tasks().await[0].0, "message_failed");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_number_that_cannot_get_texts_is_left_alone(pool: PgPool) {
    let twilio = answering(400, json!({ "code": 21614, "message": "not a mobile number" })).await;
    let desk = desk_with(pool, &twilio).await;
    desk.book(TWO_PM).await;
    desk.send_all().await;
    let id = desk.book(THREE_PM).await;
    assert_eq!(sms_outlook(&mut desk.world.tx().await, id).await.unwrap(), SmsOutlook::Failed);
    desk.send_all().await;
    assert_eq!(asked(&twilio).await.len(), 1);
    assert_eq!(
        desk.fates().await,
        [fate("confirmation", "failed", Some("refused")), fate("confirmation", "suppressed", Some("unreachable"))]
    );
}

/// A server that fails after it may have taken the text, and what it then says
/// it has.
async fn failing(taken: bool, desk_number: &str) -> MockServer {
    let server = MockServer::start().await;
    Mock::given(method("POST"))
        .and(path_regex("/Messages.json$"))
        .respond_with(ResponseTemplate::new(500))
        .up_to_n_times(1)
        .mount(&server)
        .await;
    let number = desk_number.to_owned();
    Mock::given(method("GET"))
        .and(path_regex("/Messages.json$"))
        .respond_with(move |_: &wiremock::Request| {
            let known = json!([{ "sid": "SMfound", "status": "delivered", "body": null, "to": number }]);
            ResponseTemplate::new(200).set_body_json(json!({ "messages": if taken { known } else { json!([]) } }))
        })
        .mount(&server)
        .await;
    server
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn what_may_have_left_is_looked_for_and_never_sent_blindly(pool: PgPool) {
    let twilio = failing(false, ADA).await;
    let desk = desk_with(pool, &twilio).await;
    desk.book(TWO_PM).await;
    let text = desk.text().await.id;
    desk.send(text).await;
    assert_eq!(desk.fates().await, [fate("confirmation", "unknown", Some("unanswered"))]);
    for _ in 0..5 {
        desk.send(text).await;
    }
    assert_eq!(asked(&twilio).await.len(), 1, "it was sent blindly");
    // Not there a minute later, which may be too soon, and not there after
    // four: it was never taken.
    desk.world.wait(Duration::seconds(70));
    desk.send(text).await;
    assert_eq!(desk.text().await.status, "unknown");
    desk.world.wait(Duration::minutes(3));
    desk.send(text).await;
    assert_eq!(desk.text().await.status, "queued");
    assert_eq!(asked(&twilio).await.len(), 1);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn what_is_found_at_the_provider_was_sent(pool: PgPool) {
    let server = MockServer::start().await;
    Mock::given(method("POST"))
        .and(path_regex("/Messages.json$"))
        .respond_with(ResponseTemplate::new(500))
        .mount(&server)
        .await;
    let desk = desk_with(pool, &server).await;
    desk.book(TWO_PM).await;
    let text = desk.text().await.id;
    desk.send(text).await;
    let body = desk.text().await.body.unwrap();
    let created = desk.world.now().to_rfc2822();
    let old = (desk.world.now() - Duration::hours(1)).to_rfc2822();
    let known = json!({ "messages": [
        { "sid": "SMold", "status": "delivered", "body": body, "date_created": old },
        { "sid": "SMother", "status": "delivered", "body": "Something else", "date_created": created },
        { "sid": "SMfound", "status": "delivered", "body": body, "date_created": created },
    ] });
    Mock::given(method("GET"))
        .and(path_regex("/Messages.json$"))
        .respond_with(ResponseTemplate::new(200).set_body_json(known))
        .mount(&server)
        .await;
    desk.world.wait(Duration::seconds(70));
    desk.send(text).await;
    assert_eq!(sid_of(&desk, text).await, "SMfound");
    assert_eq!(desk.steps(text).await, ["queued", "sending", "unknown", "delivered"]);
}

/// A visit that is moved away and back says the same twice.
#[sqlx::test(migrator = "MIGRATOR")]
async fn of_two_texts_with_the_same_words_each_is_looked_for_by_itself(pool: PgPool) {
    let server = MockServer::start().await;
    Mock::given(method("POST")).respond_with(ResponseTemplate::new(500)).mount(&server).await;
    let desk = desk_with(pool, &server).await;
    desk.book(TWO_PM).await;
    let first = desk.text().await.id;
    desk.send(first).await;
    let body = desk.text().await.body.unwrap();
    desk.world
        .run(
            "insert into outbox (outbox_id, key, kind, channel, address, language, body, status, provider, provider_id,
                                 due_at, created_at)
             select $1, 'the other', 'reply', channel, address, language, body, 'sent', 'twilio', 'SMother', due_at,
                    created_at
             from outbox where channel = 'sms'",
            &[domain::Id::<Desk>::new().uuid()],
        )
        .await;
    let created = desk.world.now().to_rfc2822();
    let known = |sid: &str| json!({ "sid": sid, "status": "sent", "body": body, "date_created": created });
    let known = json!({ "messages": [known("SMother"), known("SMfirst")] });
    Mock::given(method("GET")).respond_with(ResponseTemplate::new(200).set_body_json(known)).mount(&server).await;
    desk.world.wait(Duration::seconds(70));
    desk.send(first).await;
    assert_eq!(sid_of(&desk, first).await, "SMfirst");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn no_account_but_the_clinics_own_is_ever_used(pool: PgPool) {
    let twilio = taking().await;
    let (one, other) = (desk_with(pool.clone(), &twilio).await, desk_with(pool, &twilio).await);
    other.give_account('b', "+15550199999").await;
    one.book(TWO_PM).await;
    other.book(TWO_PM).await;
    let (first, second) = (one.text().await.id, other.text().await.id);
    // Neither sends what is the other's.
    other.send(first).await;
    one.send(second).await;
    assert_eq!(asked(&twilio).await.len(), 0);
    one.send(first).await;
    other.send(second).await;
    let requests = twilio.received_requests().await.unwrap();
    let paths: Vec<_> = requests.iter().map(|request| request.url.path().to_owned()).collect();
    let path = |letter: &str| format!("/2010-04-01/Accounts/AC{}/Messages.json", letter.repeat(32));
    assert_eq!(paths, [path("a"), path("b")]);
    let froms: Vec<_> = requests.iter().map(|request| field(&fields(&request.body), "From").to_owned()).collect();
    assert_eq!(froms, ["+15550100000", "+15550199999"]);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn what_has_ended_stays_ended_whatever_the_code_says(pool: PgPool) {
    let desk = desk(pool).await;
    desk.book(TWO_PM).await;
    desk.send_all().await;
    let mut tx = desk.world.tx().await;
    let again = sqlx::query("update outbox set status = 'queued'").execute(tx.conn()).await.unwrap_err();
    assert_eq!(again.as_database_error().and_then(|error| error.constraint()), Some("outbox_forward_only"));
}

fn patient() -> Changer {
    Changer::patient(Channel::Web, None)
}

/// Where staff approve what patients book and move, the patient hears of both.
#[sqlx::test(migrator = "MIGRATOR")]
async fn a_move_that_staff_approve_is_told(pool: PgPool) {
    let desk = desk(pool).await;
    let id = desk.book(TWO_PM).await;
    desk.send_all().await;
    desk.world.run("update appointment_types set web_mode = 'request'", &[]).await;
    for (start, says) in [(THREE_PM, "3:00 PM"), ("2026-11-24T21:00:00Z", "4:00 PM")] {
        let told = desk.texts().await.len();
        let (now, claim) = (desk.world.now(), desk.claim(start));
        let moved = desk.world.db.transaction(desk.world.clinic, |tx| {
            Box::pin(async move { changing::reschedule(tx, now, id, &claim, patient()).await.map(drop) })
        });
        moved.await.unwrap();
        desk.send_all().await;
        assert_eq!(desk.texts().await.len(), told, "it is not so yet");
        let approved = desk.world.db.transaction(desk.world.clinic, |tx| {
            Box::pin(async move { changing::approve(tx, now, id, staff()).await.map(drop) })
        });
        approved.await.unwrap();
        desk.send_all().await;
        let last = desk.texts().await.pop().unwrap();
        assert_eq!((last.kind.as_str(), last.status.as_str()), ("change", "sent"));
        assert!(last.body.as_deref().unwrap().contains(says), "{last:?}");
    }
    let kinds: Vec<_> = desk.outbox().await.into_iter().map(|message| (message.kind, message.channel)).collect();
    assert_eq!(kinds.len(), 6, "three each way: {kinds:?}");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_request_that_moves_before_it_is_approved_is_confirmed_once(pool: PgPool) {
    let desk = desk(pool).await;
    desk.world.run("update appointment_types set web_mode = 'request'", &[]).await;
    let id = desk.book(TWO_PM).await;
    let (now, claim) = (desk.world.now(), desk.claim(THREE_PM));
    let decided = desk.world.db.transaction(desk.world.clinic, |tx| {
        Box::pin(async move {
            let _ = changing::reschedule(tx, now, id, &claim, patient()).await?;
            changing::approve(tx, now, id, staff()).await?;
            changing::approve(tx, now, id, staff()).await.map(drop)
        })
    });
    decided.await.unwrap();
    desk.send_all().await;
    assert_eq!(desk.fates().await, [fate("confirmation", "sent", None)]);
    assert!(desk.text().await.body.unwrap().contains("3:00 PM"));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn requests_for_a_series_are_confirmed_as_they_are_approved(pool: PgPool) {
    let desk = desk(pool).await;
    desk.world.run("update appointment_types set web_mode = 'request'", &[]).await;
    let owner = desk.world.session();
    let hold = desk.world.hold(owner, desk.claim(TWO_PM)).await.unwrap();
    let (now, booking) = (desk.world.now(), desk.world.booking(owner, hold));
    let repeat = Repeat { every_weeks: 1, count: 3, take: Take::AllOrNothing };
    let booked = desk.world.db.transaction(desk.world.clinic, move |tx| {
        let booking = booking.clone();
        Box::pin(async move { confirm_series(tx, now, &booking, repeat).await })
    });
    for visit in booked.await.unwrap().appointments.into_iter().take(2) {
        let approved = desk.world.db.transaction(desk.world.clinic, |tx| {
            Box::pin(async move { changing::approve(tx, now, visit.id, staff()).await.map(drop) })
        });
        approved.await.unwrap();
    }
    desk.send_all().await;
    let bodies: Vec<_> = desk.texts().await.into_iter().filter_map(|text| text.body).collect();
    assert_eq!(bodies.len(), 2, "{bodies:?}");
    assert!(bodies[0].contains("24 Nov") && bodies[1].contains("1 Dec"), "{bodies:?}");
}

/// Nobody expects the outbox to fail; a visit is not lost for it.
#[sqlx::test(migrator = "MIGRATOR")]
async fn a_booking_stands_though_its_message_cannot_be_written_down(pool: PgPool) {
    let desk = desk(pool.clone()).await;
    sqlx::raw_sql(
        "create function refuse() returns trigger language plpgsql as $$ begin raise exception 'disk full'; end $$;
         create trigger refuse before insert on outbox for each row execute function refuse();",
    )
    .execute(&pool)
    .await
    .unwrap();
    let id = desk.book(TWO_PM).await;
    assert_eq!((desk.world.count("appointments").await, desk.world.count("outbox").await), (1, 0));
    let outlook = sms_outlook(&mut desk.world.tx().await, id).await.unwrap();
    assert_eq!((outlook, outlook.as_str()), (SmsOutlook::Fault, "error_but_booked"));
    assert_eq!(desk.tasks().await[0].0, "message_failed");
    assert_eq!(desk.world.count("consents").await, 0, "what belongs to the message is undone with it");
    desk.cancel(id).await;
    assert_eq!(desk.tasks().await.len(), 1);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn what_a_patient_was_written_about_a_visit_is_on_record(pool: PgPool) {
    let twilio = taking().await;
    let desk = desk_with(pool, &twilio).await;
    let id = desk.book(TWO_PM).await;
    desk.book("2026-11-25T19:00:00Z").await;
    desk.send_all().await;
    let text = desk.texts().await[0].id;
    assert!(told(&desk, Some(text), &sid_of(&desk, text).await, "delivered", None).await);
    desk.cancel(id).await;
    let log = listing::log(&mut desk.world.tx().await, id).await.unwrap();
    let told: Vec<_> = log
        .iter()
        .map(|logged| {
            let steps: Vec<_> = logged.steps.iter().map(|step| step.status.as_str()).collect();
            (logged.message.kind.as_str(), logged.message.channel.as_str(), steps.join(" "))
        })
        .collect();
    let (sms, email) = (("confirmation", "sms"), ("confirmation", "email"));
    let known = |(kind, channel): (&'static str, &'static str), steps: &str| (kind, channel, steps.to_owned());
    assert!(told.contains(&known(sms, "queued sending sent delivered")), "{told:?}");
    assert!(told.contains(&known(email, "queued sending sent")), "{told:?}");
    assert_eq!(told.iter().filter(|(kind, ..)| *kind == "cancellation").count(), 2, "{told:?}");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_text_about_visits_booked_together_says_how_many_and_when(pool: PgPool) {
    let desk = desk(pool).await;
    let owner = desk.world.session();
    let hold = desk.world.hold(owner, desk.claim(TWO_PM)).await.unwrap();
    let (now, booking) = (desk.world.now(), desk.world.booking(owner, hold));
    for count in [3, 20] {
        let (booking, repeat) = (booking.clone(), Repeat { every_weeks: 1, count, take: Take::AllOrNothing });
        let mut tx = desk.world.tx().await;
        confirm_series(&mut tx, now, &booking, repeat).await.unwrap();
        if count == 3 {
            drop(tx);
            continue;
        }
        tx.commit().await.unwrap();
    }
    desk.send_all().await;
    let text = desk.text().await;
    let body = text.body.unwrap();
    assert!(body.contains("20 visits in all, also Tue 1 Dec, 2:00 PM; Tue 8 Dec, 2:00 PM"), "{body}");
    assert!(body.contains("more."), "{body}");
    assert_eq!(text.segments, Some(3), "{body}");
}

/// Nothing is written down before staff approve it, and then it is.
#[sqlx::test(migrator = "MIGRATOR")]
async fn the_text_about_a_visit_that_staff_must_approve_is_on_its_way_unless_it_cannot_be(pool: PgPool) {
    let desk = desk(pool).await;
    desk.world.run("update appointment_types set web_mode = 'request'", &[]).await;
    let id = desk.book(TWO_PM).await;
    let outlook = async || sms_outlook(&mut desk.world.tx().await, id).await.unwrap();
    assert_eq!(outlook().await, SmsOutlook::Failed, "there is no account");
    desk.give_account('a', "+15550100000").await;
    assert_eq!(outlook().await, SmsOutlook::Queued);
    for (keeps, lets) in [
        (
            "insert into opt_outs (opt_out_id, channel, address, via, created_at)
             values (gen_random_uuid(), 'sms', '+15551234567', 'keyword', now())",
            "delete from opt_outs",
        ),
        (
            "insert into unreachable (channel, address, since) values ('sms', '+15551234567', now())",
            "delete from unreachable",
        ),
        ("insert into messaging_settings (sms) values (false)", "delete from messaging_settings"),
        ("update patients set phone = null", "update patients set phone = '+15551234567'"),
    ] {
        desk.world.run(keeps, &[]).await;
        assert_eq!(outlook().await, SmsOutlook::Failed, "{keeps}");
        desk.world.run(lets, &[]).await;
        assert_eq!(outlook().await, SmsOutlook::Queued, "{lets}");
    }
    desk.cancel(id).await;
    assert_eq!(outlook().await, SmsOutlook::Failed);
}
