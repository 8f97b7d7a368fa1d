//! Texts that come in.

use std::time::Duration;

use chrono::TimeDelta;
use domain::sms::segments::is_gsm7;
use sqlx::PgPool;
use uuid::Uuid;

use super::support::*;
use crate::MIGRATOR;
use crate::feed::FeedTasks;
use crate::messaging::inbound::answering::parts;
use crate::messaging::inbound::{Inbound, Incoming};
use crate::messaging::ledger::{self, Way};

const CLINIC: &str = "+15550100000";
const TOLL_FREE: &str = "+18005550100";

/// A clinic that takes texts.
struct Line {
    desk: Desk,
    inbound: Inbound,
    _tasks: FeedTasks,
}

async fn line(pool: PgPool) -> Line {
    let desk = desk(pool).await;
    let (inbound, _tasks) = desk.inbound().await;
    Line { desk, inbound, _tasks }
}

fn text(body: &str) -> Incoming {
    Incoming {
        provider_id: format!("SM{}", domain::Id::<Incoming>::new().uuid().simple()),
        to: CLINIC.into(),
        from: ADA.into(),
        body: body.into(),
        media: 0,
        opt_out_type: None,
    }
}

impl Line {
    async fn take(&self, text: &Incoming) -> Option<String> {
        self.inbound.take(self.desk.world.clinic, text).await.unwrap()
    }

    async fn say(&self, body: &str) -> Option<String> {
        self.take(&text(body)).await
    }

    async fn is_stopped(&self) -> bool {
        ledger::is_stopped(&mut self.desk.world.tx().await, Way::Sms, ADA).await.unwrap()
    }

    /// Keeps the receptionist from answering until [`release`](Self::release),
    /// as a model that thinks for long does.
    async fn occupy(&self) {
        self.desk
            .world
            .run("update conversations set turn_id = gen_random_uuid(), turn_expires_at = 'infinity'", &[])
            .await;
    }

    async fn release(&self) {
        self.desk.world.run("update conversations set turn_id = null, turn_expires_at = null", &[]).await;
    }

    async fn replies(&self) -> Vec<String> {
        let texts = self.desk.texts().await;
        texts.into_iter().filter(|text| text.kind == "reply").filter_map(|text| text.body).collect()
    }

    async fn history(&self) -> Vec<String> {
        let mut tx = self.desk.world.tx().await;
        sqlx::query_scalar("select kind from events where kind like 'Booking%' order by event_id")
            .fetch_all(tx.conn())
            .await
            .unwrap()
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_text_is_answered_and_the_first_answer_says_who_speaks(pool: PgPool) {
    let line = line(pool).await;
    let first = line.say("What are your opening hours?").await.unwrap();
    assert!(first.starts_with("This is the automated assistant of Cedar Clinic."), "{first}");
    assert!(first.contains("9:00 AM to 5:00 PM"), "{first}");
    let second = line.say("And on Sunday?").await.unwrap();
    assert!(!second.contains("automated assistant of"), "{second}");
    assert_eq!(line.desk.world.count("sms_threads").await, 1);
    assert!(line.desk.texts().await.is_empty(), "what was answered in time is not sent as well");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn the_same_text_again_gets_the_same_answer(pool: PgPool) {
    let line = line(pool).await;
    for body in ["What are your opening hours?", "HELP!", "Stop it now please."] {
        let text = text(body);
        let both = tokio::join!(line.take(&text), line.take(&text));
        assert_eq!(both.0, both.1, "{body}");
        assert_eq!(line.take(&text).await, both.0, "{body}");
    }
    assert_eq!(line.desk.world.count("inbound_texts").await, 3);
    assert_eq!(line.desk.world.count("messages").await, 2);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_whole_visit_is_booked_by_text(pool: PgPool) {
    let line = line(pool).await;
    let offered = line.say("A haircut next Tuesday afternoon please").await.unwrap();
    assert!(offered.contains("Reply with a number:\n1. Tue 24 Nov"), "{offered}");
    let second = offered.lines().find_map(|line| line.strip_prefix("2. ")).unwrap().to_owned();
    let held = line.say("2").await.unwrap();
    assert!(held.contains("I am holding"), "{held}");
    assert!(held.contains("name") && !held.contains("phone") && !held.contains("email"), "{held}");
    let booked = line.say("Ada Lovelace").await.unwrap();
    let booked = if booked.contains("Shall I book") { line.say("yes").await.unwrap() } else { booked };
    assert!(booked.contains("You are booked"), "{booked}");
    assert!(booked.contains(ADA), "{booked}");

    let mut tx = line.desk.world.tx().await;
    let (label, phone): (String, String) = sqlx::query_as(
        "select to_char(a.starts_at at time zone 'America/New_York', 'FMHH12:MI AM'), p.phone
         from appointments a join patients p using (clinic_id, patient_id)",
    )
    .fetch_one(tx.conn())
    .await
    .unwrap();
    assert!(second.contains(&label), "{second} is not at {label}");
    assert_eq!(phone, ADA);
    assert_eq!(line.desk.text().await.kind, "confirmation");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_stop_silences_everything_until_a_start(pool: PgPool) {
    let line = line(pool).await;
    line.desk.book(TWO_PM).await;
    assert_eq!(line.say("STOP").await, None, "Twilio answers it by itself");
    assert!(line.is_stopped().await);
    assert_eq!(line.desk.fates().await, [fate("confirmation", "suppressed", Some("opted_out"))]);
    for body in ["Are you open on Sunday?", "HELP.", "C", "1", "stop", "🙂"] {
        assert_eq!(line.say(body).await, None, "{body}");
    }
    assert_eq!(line.desk.world.count("messages").await, 0, "no model hears of it");

    let back = line.say("start.").await.unwrap();
    assert!(back.contains("Cedar Clinic") && back.contains("STOP"), "{back}");
    assert!(!line.is_stopped().await);
    assert!(line.say("Are you open on Sunday?").await.is_some());
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_stop_that_twilio_does_not_know_is_confirmed_once(pool: PgPool) {
    let line = line(pool).await;
    for body in ["Please stop texting me", "stop all", "STOP ALL!!", "no más mensajes"] {
        assert_eq!(line.say(body).await, None, "{body}");
    }
    assert_eq!(line.desk.fates().await, [fate("opt_out_confirmation", "queued", None)]);
    line.desk.send_all().await;
    assert_eq!(line.desk.fates().await, [fate("opt_out_confirmation", "sent", None)]);
    let mut tx = line.desk.world.tx().await;
    let ledger = ledger::list(&mut tx, None, 10).await.unwrap();
    assert_eq!((ledger.len(), ledger[0].via.as_str()), (1, "words"));
    drop(tx);

    assert_eq!(line.say("START").await, None, "Twilio answers it by itself");
    line.say("Quit!").await;
    line.desk.world.wait(TimeDelta::minutes(6));
    line.desk.send_all().await;
    let late = fate("opt_out_confirmation", "suppressed", Some("expired"));
    assert_eq!(line.desk.fates().await[1], late, "after five minutes it is not sent any more");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn where_twilio_keeps_the_opt_outs_they_are_kept_here_too(pool: PgPool) {
    let line = line(pool).await;
    let typed = |body: &str, kind: &str| Incoming { opt_out_type: Some(kind.into()), ..text(body) };
    assert_eq!(line.take(&typed("basta ya", "STOP")).await, None);
    assert!(line.is_stopped().await);
    assert_eq!(line.take(&typed("info por favor", "HELP")).await, None);
    assert_eq!(line.take(&typed("hola de nuevo", "START")).await, None);
    assert!(!line.is_stopped().await);
    assert_eq!((line.desk.world.count("messages").await, line.desk.texts().await.len()), (0, 0));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn yes_starts_again_on_a_local_line_and_answers_otherwise(pool: PgPool) {
    let line = line(pool).await;
    assert!(line.say("yes").await.is_some(), "to who has not stopped it is an answer");
    line.say("STOP").await;
    let toll_free = Incoming { to: TOLL_FREE.into(), ..text("YES") };
    assert_eq!(line.take(&toll_free).await, None);
    assert!(line.is_stopped().await);
    assert_eq!(line.say("YES").await, None);
    assert!(!line.is_stopped().await);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn help_says_who_this_is_unless_twilio_did(pool: PgPool) {
    let line = line(pool).await;
    line.desk.world.run("update clinics set phone = '+15551230100'", &[]).await;
    assert_eq!(line.say("help").await, None);
    let help = line.say("Help!").await.unwrap();
    assert!(help.contains("Cedar Clinic") && help.contains("(555) 123-0100"), "{help}");
    let toll_free = Incoming { to: TOLL_FREE.into(), ..text("HELP") };
    assert!(line.take(&toll_free).await.is_some(), "on a toll-free number it does not");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn who_sends_nothing_but_cancel_is_asked_what_they_meant(pool: PgPool) {
    let line = line(pool).await;
    line.say("CANCEL").await;
    assert!(line.desk.tasks().await.is_empty(), "there is no visit to be meant");
    line.say("START").await;
    line.desk.book(TWO_PM).await;
    line.say("Cancel").await;
    assert!(line.is_stopped().await);
    let tasks = line.desk.tasks().await;
    assert_eq!((tasks.len(), tasks[0].0.as_str()), (1, "wants_change"));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn c_confirms_the_visit_once(pool: PgPool) {
    let line = line(pool).await;
    assert!(line.say("C").await.unwrap().contains("no visit ahead"));
    let visit = line.desk.book(TWO_PM).await;
    for _ in 0..2 {
        let said = line.say("c").await.unwrap();
        assert!(said.contains("Tue 24 Nov, 2:00 PM") && said.contains("confirmed"), "{said}");
    }
    assert_eq!(line.history().await, ["BookingCreated", "BookingConfirmed"]);
    line.desk.reschedule(visit, THREE_PM).await;
    let mut tx = line.desk.world.tx().await;
    let standing = crate::booking::standing::of(&mut tx, visit).await.unwrap();
    assert!(standing.confirmed_at.is_none(), "another time is not confirmed");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn several_visits_on_one_phone_are_told_apart_by_number(pool: PgPool) {
    let line = line(pool).await;
    let (_, later) = (line.desk.book(TWO_PM).await, line.desk.book(THREE_PM).await);
    let which = line.say("C").await.unwrap();
    assert!(which.contains("1 Ada Tue 24 Nov 2:00 PM, 2 Ada Tue 24 Nov 3:00 PM"), "{which}");
    assert!(line.say("7").await.unwrap().contains("1 Ada Tue 24 Nov"), "it is asked again");
    assert!(line.say("2").await.unwrap().contains("3:00 PM"));
    let mut tx = line.desk.world.tx().await;
    let confirmed: Vec<Uuid> =
        sqlx::query_scalar("select appointment_id from appointments where confirmed_at is not null")
            .fetch_all(tx.conn())
            .await
            .unwrap();
    assert_eq!(confirmed, [later.uuid()]);
    drop(tx);
    assert!(line.say("C").await.unwrap().contains("2:00 PM"), "the other one is left");
    assert!(line.say("2").await.is_some_and(|said| !said.contains("confirmed")), "a number alone means nothing");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_choice_is_about_the_visits_as_they_are(pool: PgPool) {
    let line = line(pool).await;
    let (first, _) = (line.desk.book(TWO_PM).await, line.desk.book(THREE_PM).await);
    line.say("C").await;
    line.desk.cancel(first).await;
    assert!(line.say("1").await.unwrap().contains("changed since"));
    assert!(!line.history().await.contains(&"BookingConfirmed".to_owned()));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn r_tells_staff_and_leads_to_another_time(pool: PgPool) {
    let line = line(pool).await;
    line.desk.book(TWO_PM).await;
    let said = line.say("R").await.unwrap();
    assert!(said.contains("on Tue 24 Nov, 2:00 PM") && said.contains("https://desk.example.com/m/"), "{said}");
    assert_eq!(line.desk.world.count("messages").await, 2, "the receptionist hears of it");
    let tasks = line.desk.tasks().await;
    assert_eq!((tasks.len(), tasks[0].0.as_str()), (1, "wants_change"));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_reminder_says_which_visit_is_meant(pool: PgPool) {
    let line = line(pool).await;
    line.desk.book(TWO_PM).await;
    line.desk.book("2026-12-01T19:00:00Z").await;
    line.desk.world.wait(TimeDelta::hours(53));
    let (now, mut tx) = (line.desk.world.now(), line.desk.world.tx().await);
    assert_eq!(crate::messaging::reminding::remind(&mut tx, now, 10).await.unwrap(), 1);
    tx.commit().await.unwrap();
    line.desk.send_all().await;
    let said = line.say("C").await.unwrap();
    assert!(said.contains("Tue 24 Nov, 2:00 PM"), "{said}");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn of_too_many_texts_one_is_told_so_and_a_stop_still_counts(pool: PgPool) {
    let line = line(pool).await;
    line.desk.world.run("insert into messaging_settings (inbound_an_hour) values (3)", &[]).await;
    for _ in 0..3 {
        assert!(line.say("Are you open?").await.unwrap().contains("open"));
    }
    assert!(line.say("Are you open?").await.unwrap().contains("more texts than we can answer"));
    for _ in 0..3 {
        assert_eq!(line.say("Are you open?").await, None);
    }
    assert_eq!(line.desk.world.count("messages").await, 6);
    line.say("Stop!").await;
    assert!(line.is_stopped().await);
    line.say("START").await;
    line.desk.world.wait(TimeDelta::minutes(61));
    assert!(line.say("Are you open?").await.unwrap().contains("open"));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn pictures_are_acknowledged_in_words(pool: PgPool) {
    let line = line(pool).await;
    let picture = |body: &str| Incoming { media: 1, ..text(body) };
    assert!(line.take(&picture("")).await.unwrap().contains("cannot see pictures"));
    let both = line.take(&picture("Are you open on Monday?")).await.unwrap();
    assert!(both.contains("open") && both.contains("cannot see pictures"), "{both}");
    assert!(line.say(" \n").await.unwrap().contains("without words"));
    assert!(line.say("\u{0}").await.unwrap().contains("write a message"));
    assert!(line.say(&"a".repeat(5_000)).await.unwrap().contains("too long"));
}

/// Waits until something is so.
async fn until(mut so: impl AsyncFnMut() -> bool) {
    for _ in 0..200 {
        if so().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("it did not come about");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn an_answer_that_takes_too_long_follows_as_a_text_once(pool: PgPool) {
    let mut line = line(pool).await;
    line.say("Hello").await;
    line.inbound.patience = Duration::from_millis(100);
    line.occupy().await;
    let text = text("Are you open on Monday?");
    assert_eq!(tokio::join!(line.take(&text), line.take(&text)), (None, None));
    assert_eq!(line.take(&text).await, None, "it follows, whoever asks again");
    assert!(line.replies().await.is_empty());
    line.release().await;
    until(async || !line.replies().await.is_empty()).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(line.take(&text).await, None, "it follows, whoever asks again");
    let replies = line.replies().await;
    assert_eq!(replies.len(), 1, "{replies:?}");
    assert!(replies[0].contains("open"), "{replies:?}");
    line.desk.send_all().await;
    assert_eq!(line.desk.fates().await, [fate("reply", "sent", None)]);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn an_answer_is_not_lost_with_the_process_that_owed_it(pool: PgPool) {
    let mut line = line(pool).await;
    line.say("Hello").await;
    line.inbound.patience = Duration::from_secs(600);
    line.occupy().await;
    let text = text("Are you open on Monday?");
    // The process dies while the provider waits.
    let died = tokio::time::timeout(Duration::from_millis(200), line.take(&text)).await;
    assert!(died.is_err());
    line.release().await;

    let id = inbound_text(&line, &text).await;
    let clinic = line.desk.world.clinic;
    let both = tokio::join!(line.inbound.catch_up(clinic, id), line.inbound.catch_up(clinic, id));
    both.0.unwrap();
    both.1.unwrap();
    line.inbound.catch_up(clinic, id).await.unwrap();
    assert_eq!(line.replies().await.len(), 1);
    assert_eq!(line.take(&text).await, None);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn what_was_answered_in_time_is_not_sent_by_the_job_that_looks_after_it(pool: PgPool) {
    let line = line(pool).await;
    let text = text("Are you open on Monday?");
    let answer = line.take(&text).await;
    let id = inbound_text(&line, &text).await;
    line.inbound.catch_up(line.desk.world.clinic, id).await.unwrap();
    assert!(line.replies().await.is_empty());
    assert_eq!(line.take(&text).await, answer);
}

async fn inbound_text(line: &Line, text: &Incoming) -> Uuid {
    let mut tx = line.desk.world.tx().await;
    sqlx::query_scalar("select inbound_text_id from inbound_texts where provider_id = $1")
        .bind(&text.provider_id)
        .fetch_one(tx.conn())
        .await
        .unwrap()
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn an_answer_that_comes_after_a_stop_is_not_given(pool: PgPool) {
    let mut line = line(pool).await;
    line.say("Hello").await;
    line.inbound.patience = Duration::from_millis(100);
    line.occupy().await;
    assert_eq!(line.say("Are you open on Monday?").await, None);
    line.say("STOP").await;
    line.release().await;
    until(async || {
        let mut tx = line.desk.world.tx().await;
        let queued = "select exists (select from inbound_texts where state = 'queued')";
        sqlx::query_scalar(queued).fetch_one(tx.conn()).await.unwrap()
    })
    .await;
    assert!(line.replies().await.is_empty());
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_clinic_that_speaks_spanish_replies_in_it(pool: PgPool) {
    let line = line(pool).await;
    line.desk.world.run("update clinics set languages = '{es,en}'", &[]).await;
    line.desk.book(TWO_PM).await;
    for (body, said) in [
        ("ayuda", "Responda STOP"),
        ("C", "su cita del mar 24 nov, 2:00 p. m. queda confirmada"),
        ("confirmo", "queda confirmada"),
    ] {
        let reply = line.say(body).await.unwrap();
        assert!(reply.contains(said), "{reply}");
        assert!(is_gsm7(&reply), "{reply}");
    }
    assert_eq!(line.say("no más mensajes").await, None);
    let last = line.desk.texts().await.pop().unwrap();
    assert!(last.body.unwrap().contains("ya no le enviaremos mensajes"));
}

#[test]
fn a_long_answer_becomes_a_few_texts() {
    assert_eq!(parts(""), [""; 0]);
    assert_eq!(parts("Hello"), ["Hello"]);
    let long = "Nine to five. ".repeat(300);
    let texts = parts(&long);
    assert_eq!(texts.len(), 3);
    assert!(texts.iter().all(|text| text.len() <= 1_500 && text.ends_with("five.")));
    assert_eq!(parts(&"🙂".repeat(20_000)).len(), 10);
}
