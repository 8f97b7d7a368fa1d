//! Conversations in Spanish, through the turn and the gate every model takes.

use domain::chat::{Card, Role};
use domain::language::Language;
use sqlx::PgPool;

use super::talk;
use crate::{MIGRATOR, conversations, handover};

#[sqlx::test(migrator = "MIGRATOR")]
async fn free_text_becomes_one_committed_visit(pool: PgPool) {
    let talk = talk(pool).await;
    let (text, cards) =
        talk.say("Quisiera una cita para un corte de pelo el martes que viene a las 2 de la tarde").await;
    assert!(matches!(&cards[..], [Card::Slots { .. }]), "{text}");
    assert_eq!(text, "El martes 24 de noviembre a las 2:00 p. m. está libre con Mia Lin. ¿Se lo aparto?");

    let (text, cards) = talk.say("sí, por favor").await;
    assert!(matches!(&cards[..], [Card::Hold { .. }]), "{text}");
    assert!(text.starts_with("Le tengo apartado el martes 24 de noviembre a las 2:00 p. m."), "{text}");

    let (text, cards) = talk.say("Ada López, ada@example.com, +1 555 123 4567").await;
    let [Card::Confirmation { appointment, .. }] = &cards[..] else { panic!("{text} {cards:?}") };
    assert!(
        text.starts_with("Le he reservado una cita de") && text.contains(appointment.confirmation_code.as_str()),
        "{text}"
    );
    assert_eq!((talk.count("appointments").await, talk.count("holds").await), (1, 0));

    let (text, _) = talk.say("¿podemos pasarla al miércoles a las 11?").await;
    assert!(text.starts_with("El miércoles 25 de noviembre a las 11:00 a. m. está libre con Mia Lin."), "{text}");
    let (text, _) = talk.say("sí").await;
    assert!(text.starts_with("Cambiada: su cita de"), "{text}");
    let (text, _) = talk.say("mejor cancélela").await;
    assert!(text.ends_with("¿La cancelo?"), "{text}");
    let (text, _) = talk.say("sí").await;
    assert!(text.contains("está cancelada."), "{text}");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn what_is_shown_and_pressed_is_in_the_patients_language(pool: PgPool) {
    let talk = talk(pool).await;
    let (text, cards) =
        talk.say("Quisiera una cita para un corte de pelo el martes que viene a las 2 de la tarde").await;
    let [Card::Slots { slots, .. }] = &cards[..] else { panic!("{text} {cards:?}") };
    let two = slots.iter().find(|slot| slot.local == "2026-11-24T14:00").expect("two o'clock is offered");
    assert_eq!(
        (two.day.as_str(), two.time.as_str(), two.label.as_str()),
        ("mar 24 nov", "2:00 p. m.", "mar 24 nov, 2:00 p. m. con Mia Lin")
    );

    let (text, cards) = talk.say(&two.label).await;
    let [Card::Hold { hold }] = &cards[..] else { panic!("{text} {cards:?}") };
    assert_eq!((hold.label.as_str(), hold.local.as_str()), (two.label.as_str(), two.local.as_str()));

    let (text, cards) = talk.say("Ada López, ada@example.com, +1 555 123 4567").await;
    let [Card::Confirmation { appointment, .. }] = &cards[..] else { panic!("{text} {cards:?}") };
    assert_eq!(appointment.label, "mar 24 nov, 2:00 p. m.");
    talk.say("¿podemos pasarla al miércoles a las 11?").await;
    let (text, cards) = talk.say("sí").await;
    let [Card::Confirmation { appointment, .. }] = &cards[..] else { panic!("{text} {cards:?}") };
    assert_eq!(appointment.label, "mié 25 nov, 11:00 a. m.");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn who_takes_over_is_announced_in_the_patients_language(pool: PgPool) {
    let talk = talk(pool).await;
    let notice = handover::notice(Language::Spanish);
    assert_eq!(talk.say("¿Puedo hablar con una persona, por favor?").await.0, notice);
    let waiting = talk.receptionist.reply(talk.line, "¿Hay alguien?", None).await.unwrap();
    assert_eq!((waiting.answer.map(|answer| answer.text), waiting.notice), (None, Some(notice)));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_clinics_first_language_is_spoken_until_the_patient_speaks_another(pool: PgPool) {
    let talk = talk(pool).await;
    talk.world.run("update clinics set languages = '{es,en}'", &[]).await;
    assert!(talk.say("OK").await.0.contains('¿'));
    let (text, _) = talk.say("Where are you, please?").await;
    assert_eq!(Language::spoken_in(&text), Some(Language::English), "{text}");
    let mut tx = talk.world.tx().await;
    assert_eq!(conversations::language(&mut tx, talk.line.conversation).await.unwrap(), Language::English);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn what_no_tool_does_is_left_for_later_or_the_team(pool: PgPool) {
    let talk = talk(pool).await;
    let (text, _) = talk.say("quisiera dejar un mensaje").await;
    assert_eq!(text, "¿Qué debe saber el equipo?");
    let (text, _) = talk.say("que la rampa de la puerta está rota").await;
    assert_eq!(text, "He dejado su mensaje para el equipo.");
    assert_eq!(talk.count("tasks").await, 1);

    let (text, _) = talk.say("avíseme si se libera un corte el martes, póngame en lista de espera").await;
    assert_eq!(text, "¿Con qué nombre, y con qué correo electrónico o teléfono, le apunto?");
    let (text, _) = talk.say("Ada López, ada@example.com").await;
    assert!(text.starts_with("Está en la lista de espera para una cita de"), "{text}");
    assert_eq!(talk.count("waitlist_entries").await, 1);

    let (text, _) = talk.say("escríbame el jueves a las 4 de la tarde").await;
    assert_eq!(text, "De acuerdo, le escribiremos aquí el jueves 26 de noviembre.");
    assert_eq!(talk.count("followups").await, 1);

    let mut tx = talk.world.tx().await;
    let said = conversations::messages(&mut tx, talk.line.conversation, None, 50).await.unwrap();
    assert!(said.iter().filter(|message| message.role == Role::Receptionist).count() >= 5);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn why_a_time_is_not_free_is_explained(pool: PgPool) {
    let talk = talk(pool).await;
    talk.say("un corte el martes").await;
    let (text, _) = talk.say("¿por qué no a las 9 de la noche?").await;
    assert!(
        text.starts_with("El martes 24 de noviembre a las 9:00 p. m. no está libre. Está fuera del horario"),
        "{text}"
    );
}
