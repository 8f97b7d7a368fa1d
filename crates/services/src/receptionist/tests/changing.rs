//! Visits that patients see, move and call off with the built-in receptionist.

use domain::appointment::{Appointment, AppointmentStatus};
use domain::chat::Card;
use sqlx::PgPool;

use super::{Talk, talk};
use crate::MIGRATOR;
use crate::booking::{SlotClaim, appointments};
use crate::identity::relating::{self, Relation};
use crate::identity::{self, PatientInput};

/// A chat with a clinic where Ada has a haircut on Tuesday at ten.
async fn with_visit(pool: PgPool) -> (Talk, Appointment) {
    let talk = talk(pool).await;
    let visit = visit(&talk, "2026-11-24T15:00:00Z").await;
    (talk, visit)
}

async fn visit(talk: &Talk, starts_at: &str) -> Appointment {
    let mut tx = talk.world.tx().await;
    let (who, kind): (uuid::Uuid, uuid::Uuid) =
        sqlx::query_as("select practitioner_id, appointment_type_id from offers limit 1")
            .fetch_one(tx.conn())
            .await
            .unwrap();
    drop(tx);
    let starts_at = starts_at.parse().unwrap();
    let claim = SlotClaim { practitioner_id: who.into(), appointment_type_id: kind.into(), starts_at };
    talk.world.book(claim).await.unwrap()
}

impl Talk {
    async fn now(&self, visit: &Appointment) -> Appointment {
        appointments::by_id(&mut self.world.tx().await, visit.id).await.unwrap().unwrap()
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_visit_is_cancelled_by_its_code(pool: PgPool) {
    let (talk, visit) = with_visit(pool).await;
    let (text, _) = talk.say(&format!("cancel my appointment, code {}", visit.confirmation_code)).await;
    assert_eq!(text, "I found your haircut with Mia Lin on Tuesday 24 November at 10:00 AM. Shall I cancel it?");
    assert_eq!(talk.now(&visit).await.status, AppointmentStatus::Booked, "not before it is agreed");

    let (text, _) = talk.say("yes please").await;
    assert!(text.starts_with("Your haircut with Mia Lin on Tuesday 24 November at 10:00 AM is cancelled."), "{text}");
    assert_eq!(talk.now(&visit).await.status, AppointmentStatus::Cancelled);
    let (text, cards) = talk.say("Book me a haircut tomorrow at 3pm").await;
    assert!(matches!(&cards[..], [Card::Slots { .. }]), "then another is booked: {text}");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_visit_is_moved_by_its_code(pool: PgPool) {
    let (talk, visit) = with_visit(pool).await;
    assert!(talk.say("I need to reschedule my appointment").await.0.contains("confirmation code of your visit?"));
    let (text, _) = talk.say(visit.confirmation_code.as_str()).await;
    assert_eq!(
        text,
        "I found your haircut with Mia Lin on Tuesday 24 November at 10:00 AM. Which day and time would you like instead?"
    );
    let (text, _) = talk.say("move it to Friday at 10").await;
    assert_eq!(text, "Friday 27 November at 10:00 AM is free with Mia Lin. Shall I move your haircut there?");
    assert_eq!(talk.now(&visit).await.starts_at, visit.starts_at, "not before it is agreed");

    let (text, cards) = talk.say("yes").await;
    assert!(text.starts_with("Moved: your haircut with Mia Lin on Friday 27 November at 10:00 AM."), "{text}");
    let [Card::Confirmation { appointment, .. }] = &cards[..] else { panic!("{cards:?}") };
    assert!(appointment.patient.is_none(), "a code does not show how to reach whose it is");
    assert_eq!(talk.now(&visit).await.local, "2026-11-27T10:00");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_visit_booked_here_needs_no_code(pool: PgPool) {
    let talk = talk(pool).await;
    talk.say("haircut next tuesday at 2pm please").await;
    talk.say("yes").await;
    let (_, cards) = talk.say("Ada Lovelace, ada@example.com, +1 555 123 4567").await;
    let [Card::Confirmation { appointment, .. }] = &cards[..] else { panic!("{cards:?}") };

    let (text, _) = talk.say("can we move it to Wednesday at 11am").await;
    assert!(text.contains("Wednesday 25 November at 11:00 AM is free"), "{text}");
    talk.say("yes").await;
    assert_eq!(talk.now(appointment).await.local, "2026-11-25T11:00");
    let (text, _) = talk.say("Actually, cancel it").await;
    assert!(text.ends_with("Shall I cancel it?"), "{text}");
    let (text, _) = talk.say("no, leave it").await;
    assert_eq!(text, "All right, your visit stays as it is.");
    assert_eq!(talk.now(appointment).await.status, AppointmentStatus::Booked);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_wrong_code_finds_nothing(pool: PgPool) {
    let (talk, visit) = with_visit(pool).await;
    let (text, _) = talk.say("cancel my appointment, code 0000 0000").await;
    assert_eq!(text, "I cannot find a visit with these details. Please check them, or ask the clinic.");
    let (text, _) = talk.say("yes").await;
    assert!(!text.contains("cancelled"), "{text}");
    assert_eq!(talk.now(&visit).await.status, AppointmentStatus::Booked);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_visit_is_shown_by_its_code(pool: PgPool) {
    let (talk, visit) = with_visit(pool).await;
    let code = visit.confirmation_code.as_str();
    let (text, _) = talk.say(&format!("When is my appointment? {} {}", &code[..4], &code[4..])).await;
    if code.chars().any(|letter| letter.is_ascii_digit()) && code.chars().any(char::is_alphabetic) {
        assert_eq!(text, "Your haircut with Mia Lin on Tuesday 24 November at 10:00 AM is booked.");
    } else {
        assert!(text.contains("confirmation code of your visit?"), "{text}");
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_change_that_comes_too_late_is_left_to_the_clinic(pool: PgPool) {
    let (talk, visit) = with_visit(pool).await;
    talk.world.run("update appointment_types set cutoff_minutes = 10080", &[]).await;
    talk.say(&format!("cancel my appointment, code {}", visit.confirmation_code)).await;
    let (text, _) = talk.say("yes").await;
    assert!(text.contains("We have told the clinic what you wished."), "{text}");
    assert_eq!(talk.count("tasks").await, 1);
    assert_eq!(talk.now(&visit).await.status, AppointmentStatus::Booked);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_parent_moves_and_cancels_a_childs_visit_and_hears_that_it_is_so(pool: PgPool) {
    let (talk, visit) = with_visit(pool).await;
    let child = visit.patient.as_ref().unwrap().id;
    let input = PatientInput { name: "Mary King".into(), phone: Some("+15559876543".into()), email: None };
    let (now, mut tx) = (talk.world.now(), talk.world.tx().await);
    let mary = input.read("US").unwrap().born("1960-12-10".parse().ok(), now.date_naive()).unwrap();
    let parent = identity::resolve(&mut tx, now, &mary, None).await.unwrap().patient;
    relating::relate(&mut tx, now, parent, child, Relation::Parent, None).await.unwrap();
    tx.commit().await.unwrap();

    talk.say("I need to reschedule my child's appointment").await;
    talk.say("I don't have the code").await;
    let (text, _) = talk.say("Mary King, born on 10 December 1960").await;
    assert!(text.contains("Tuesday 24 November at 10:00 AM"), "{text}");
    talk.say("move it to Friday at 10").await;
    let (text, _) = talk.say("yes").await;
    assert!(text.starts_with("Moved: your haircut with Mia Lin on Friday 27 November at 10:00 AM."), "{text}");
    let (text, _) = talk.say("Actually, cancel it").await;
    assert!(text.ends_with("Shall I cancel it?"), "{text}");
    let (text, _) = talk.say("yes").await;
    assert!(text.starts_with("Your haircut with Mia Lin on Friday 27 November at 10:00 AM is cancelled."), "{text}");
    assert_eq!(talk.now(&visit).await.status, AppointmentStatus::Cancelled);
}
