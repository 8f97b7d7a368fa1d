//! A conversation that ends in a visit, through the turn every model takes.

mod adversary;
mod alarms;
mod answering;
mod beginning;
mod changing;
mod far;
mod handing_over;
mod language_model;
mod reaching;
mod settings;
mod spanish;
mod spending;
mod truth;
mod trying;

use domain::appointment::AppointmentStatus;
use domain::chat::Card;
use domain::id::MessageId;
use futures::future::join_all;
use sqlx::PgPool;

use super::{Line, Receptionist};
use crate::booking::Owner;
use crate::conversations::Answer;
use crate::feed::FeedTasks;
use crate::testing::World;
use crate::{MIGRATOR, conversations};

struct Talk {
    world: World,
    receptionist: Receptionist,
    line: Line,
    _tasks: FeedTasks,
}

async fn talk(pool: PgPool) -> Talk {
    let world = World::new(pool).await;
    world.appointment_type("haircut", 45).await;
    world.practitioner().await;
    let (receptionist, line, tasks) = world.receptionist().await;
    Talk { world, receptionist, line, _tasks: tasks }
}

impl Talk {
    async fn say(&self, text: &str) -> (String, Vec<Card>) {
        let exchange = self.receptionist.reply(self.line, text, None).await.unwrap();
        let answer = exchange.answer.expect("an answer");
        (answer.text, answer.cards)
    }

    async fn count(&self, table: &'static str) -> i64 {
        self.world.count(table).await
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn free_text_becomes_one_committed_visit(pool: PgPool) {
    let talk = talk(pool).await;
    let (_, cards) = talk.say("I'd like to book a haircut for next Tuesday at 2pm").await;
    let [Card::Slots { slots, .. }] = &cards[..] else { panic!("{cards:?}") };
    let wanted = slots.iter().find(|slot| slot.local == "2026-11-24T14:00").expect("two o'clock is offered");

    let (text, cards) = talk.say(&wanted.label).await;
    assert!(matches!(&cards[..], [Card::Hold { .. }]), "{text}");
    assert!(text.contains("2:00 PM"), "{text}");

    let (text, cards) = talk.say("Ada Lovelace, ada@example.com, +1 555 123 4567").await;
    let [Card::Confirmation { appointment, .. }] = &cards[..] else { panic!("{text} {cards:?}") };
    assert!(text.contains(appointment.confirmation_code.as_str()), "{text}");
    assert_eq!(appointment.patient.as_ref().unwrap().phone.as_deref(), Some("+15551234567"));
    assert_eq!((talk.count("appointments").await, talk.count("holds").await, talk.count("events").await), (1, 0, 1));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn what_staff_have_yet_to_approve_is_not_called_booked(pool: PgPool) {
    let talk = talk(pool).await;
    talk.world.run("update appointment_types set web_mode = 'request'", &[]).await;
    talk.say("I'd like to book a haircut for next Tuesday at 2pm").await;
    talk.say("2pm please").await;

    let (text, cards) = talk.say("Ada Lovelace, ada@example.com, +1 555 123 4567").await;

    let [Card::Confirmation { appointment, .. }] = &cards[..] else { panic!("{text} {cards:?}") };
    assert_eq!(appointment.status, AppointmentStatus::Pending);
    assert!(text.contains(appointment.confirmation_code.as_str()), "{text}");
    assert!(text.contains("It is not booked until they approve it."), "{text}");
    let (text, _) = talk.say("Is it booked?").await;
    assert!(text.starts_with("The clinic decides about your request."), "{text}");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_time_that_went_meanwhile_is_not_claimed(pool: PgPool) {
    let talk = talk(pool).await;
    let (_, cards) = talk.say("haircut next tuesday at 2pm please").await;
    let [Card::Slots { slots, .. }] = &cards[..] else { panic!("{cards:?}") };
    let wanted = slots.iter().find(|slot| slot.local == "2026-11-24T14:00").unwrap();

    let rival = talk.world.session();
    let claim = talk.world.slots.verify(
        talk.world.clinic,
        Owner::Session(talk.line.conversation),
        &wanted.slot,
        talk.world.now(),
    );
    talk.world.hold(rival, claim.unwrap()).await.unwrap();

    let (text, cards) = talk.say(&wanted.label).await;
    let [Card::Slots { slots, .. }] = &cards[..] else { panic!("other times are offered: {text} {cards:?}") };
    assert!(slots.iter().all(|slot| slot.local != "2026-11-24T14:00"));
    assert_eq!(talk.count("appointments").await, 0);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn the_same_message_again_gets_the_same_answer(pool: PgPool) {
    let talk = talk(pool).await;
    let tries = (0..10).map(|_| talk.receptionist.reply(talk.line, "What are your opening hours?", Some("one")));
    let answers: Vec<_> = join_all(tries).await.into_iter().map(|answer| answer.unwrap().answer.unwrap().id).collect();
    assert!(answers.iter().all(|answer| *answer == answers[0]));
    assert_eq!(talk.count("messages").await, 2);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn messages_sent_at_once_are_answered_one_by_one(pool: PgPool) {
    let talk = talk(pool).await;
    let said: Vec<String> = (0..12).map(|n| format!("Hello number {n}")).collect();
    let answers = join_all(said.iter().map(|text| talk.receptionist.reply(talk.line, text, None))).await;
    assert!(answers.iter().all(Result::is_ok), "{answers:?}");
    assert_eq!(talk.count("messages").await, 24);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_turn_that_broke_off_is_finished_later(pool: PgPool) {
    let talk = talk(pool).await;
    // The message is stored, and the process dies.
    talk.receptionist.receive(talk.line, "Where are you?", None).await.unwrap();
    assert_eq!(talk.count("messages").await, 1);

    talk.receptionist.resume(talk.line).await.unwrap();
    talk.receptionist.resume(talk.line).await.unwrap();
    assert_eq!(talk.count("messages").await, 2);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn whoever_read_a_later_message_still_finds_the_answer_after_it(pool: PgPool) {
    let talk = talk(pool).await;
    let question = talk.receptionist.receive(talk.line, "Where are you?", None).await.unwrap();
    // Its words were announced before the patient wrote again.
    let answer = Answer { id: MessageId::new(), question, text: "In Brooklyn.", cards: &[] };
    let later = talk.receptionist.receive(talk.line, "Hello?", None).await.unwrap();

    let (mut tx, now) = (talk.world.tx().await, talk.world.now());
    conversations::answer(&mut tx, now, talk.line.conversation, &answer).await.unwrap();

    let after = conversations::messages(&mut tx, talk.line.conversation, Some(later), 10).await.unwrap();
    assert_eq!(after.iter().map(|message| message.text.as_str()).collect::<Vec<_>>(), ["In Brooklyn."]);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn what_cannot_be_a_message_is_refused_and_not_stored(pool: PgPool) {
    let talk = talk(pool).await;
    for text in ["", " \n ", "\u{0}", &"a".repeat(4_001)] {
        assert!(talk.receptionist.reply(talk.line, text, None).await.is_err());
    }
    let mut tx = talk.world.tx().await;
    assert_eq!(conversations::latest(&mut tx, talk.line.conversation, 10).await.unwrap(), []);
    drop(tx);

    for text in ["🙂", "מה השעות שלכם?", "<script>alert(1)</script>", &"ab ".repeat(1_300)] {
        assert!(talk.receptionist.reply(talk.line, text, None).await.is_ok(), "{text}");
    }
}
