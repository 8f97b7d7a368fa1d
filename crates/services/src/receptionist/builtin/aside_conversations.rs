//! Whole conversations about what is no free time, in both languages.

use serde_json::json;

use super::chat::{CODE, Chat, TUESDAY};

#[test]
fn where_nothing_is_free_a_patient_may_wait() {
    let mut chat = Chat::new(&[]);
    let (answer, _) = chat.say("haircut on tuesday afternoon please");
    assert!(answer.ends_with("Would you like to try another day, or join our waiting list?"), "{answer}");
    let (answer, used) = chat.say("yes please");
    assert_eq!(answer, "What name, and which email or phone number, should I put on the waiting list?");
    assert!(used.is_empty());
    let (answer, used) = chat.say("Ada Lovelace, ada@example.com");
    assert_eq!(used, ["join_waitlist"]);
    assert_eq!(
        answer,
        "You are on the waiting list for a haircut. It is for Tuesday 24 November. Nothing is booked yet."
    );
    assert_eq!(
        chat.calls.last().unwrap().arguments,
        json!({
            "appointment_type": "haircut", "practitioner": null, "from": "2026-11-24", "to": "2026-11-24",
            "earliest": "12:00", "latest": "17:00", "name": "Ada Lovelace", "email": "ada@example.com", "phone": null,
        })
    );
    let (_, used) = chat.say("thanks");
    assert!(used.is_empty());

    let mut chat = Chat::new(&[]);
    let (answer, _) = chat.say("un corte el martes por la tarde");
    assert!(answer.ends_with("¿Quiere probar otro día o esperar a que se libere una hora?"), "{answer}");
    let (answer, _) = chat.say("sí, en la lista de espera");
    assert_eq!(answer, "¿Con qué nombre, y con qué correo electrónico o teléfono, le apunto?");
    let (answer, _) = chat.say("Ada López");
    assert_eq!(answer, "Gracias, Ada. ¿Con qué correo electrónico o teléfono le apunto?");
    let (answer, used) = chat.say("212 555 0147");
    assert_eq!(used, ["join_waitlist"]);
    assert_eq!(
        answer,
        "Está en la lista de espera para una cita de haircut. Es para el martes 24 de noviembre. Todavía no hay nada reservado."
    );
}

#[test]
fn whoever_asks_to_be_told_waits_too() {
    let mut chat = Chat::new(TUESDAY);
    let (answer, _) = chat.say("let me know if something opens up with Mia next week if someone cancels");
    assert!(
        answer.ends_with("(30 min) or facial ($80, 50 min)?") || answer.contains("Which would you like"),
        "{answer}"
    );
    assert_eq!(
        chat.say("a haircut").0,
        "What name, and which email or phone number, should I put on the waiting list?"
    );
    let (answer, used) = chat.say("my name is Ada Lovelace, 212 555 0147");
    assert_eq!(used, ["join_waitlist"], "{answer}");
    assert_eq!(
        answer,
        "You are on the waiting list for a haircut with Mia Lin. It is for Monday 23 to Sunday 29 November. Nothing is booked yet."
    );
    let (answer, used) = chat.say("haircut on tuesday at 2 please");
    assert_eq!(used, ["check_availability"], "{answer}");
}

#[test]
fn another_day_is_looked_for_instead_of_waiting() {
    let mut chat = Chat::new(&["2027-01-30T10:00:00"]);
    let (answer, _) = chat.say("haircut on tuesday");
    assert!(answer.ends_with("join our waiting list?"), "{answer}");
    let (_, used) = chat.say("what about 30 January 2027");
    assert_eq!(used, ["check_availability"]);
}

#[test]
fn a_message_is_left_for_the_team() {
    let mut chat = Chat::new(TUESDAY);
    let (answer, used) = chat.say("please tell the doctor that I will bring my old records");
    assert_eq!(used, ["create_inquiry"]);
    assert_eq!(answer, "I have left your message for the team.");
    let (answer, used) = chat.say("can I leave a message?");
    assert!(used.is_empty());
    assert_eq!(answer, "What should the team know?");
    let (answer, used) = chat.say("that the ramp at the door is broken");
    assert_eq!((answer.as_str(), used), ("I have left your message for the team.", vec!["create_inquiry".to_owned()]));
    assert_eq!(chat.calls.last().unwrap().arguments["question"], "that the ramp at the door is broken");

    let mut chat = Chat::new(TUESDAY);
    assert_eq!(chat.say("quisiera dejar un mensaje").0, "¿Qué debe saber el equipo?");
    let (answer, used) = chat.say("que la rampa de la puerta está rota");
    assert_eq!((answer.as_str(), used), ("He dejado su mensaje para el equipo.", vec!["create_inquiry".to_owned()]));
}

#[test]
fn what_has_no_answer_here_may_be_left_for_the_team() {
    let mut chat = Chat::new(TUESDAY);
    let (answer, _) = chat.say("do you take Aetna insurance?");
    assert!(answer.ends_with("Shall I leave your question for the team?"), "{answer}");
    let (answer, used) = chat.say("yes");
    assert_eq!((answer.as_str(), used), ("I have left your message for the team.", vec!["create_inquiry".to_owned()]));
    assert_eq!(chat.calls.last().unwrap().arguments["question"], "do you take Aetna insurance?");

    let mut chat = Chat::new(TUESDAY);
    let (answer, _) = chat.say("¿aceptan tarjeta de crédito?");
    assert!(answer.ends_with("¿Dejo su pregunta para el equipo?"), "{answer}");
    assert_eq!(chat.say("sí, por favor").1, ["create_inquiry"]);
    assert!(chat.say("¿aceptan mi seguro?").0.ends_with("¿Dejo su pregunta para el equipo?"));
    assert!(chat.say("no").1.is_empty());
}

#[test]
fn where_nobody_can_take_over_the_team_reads_of_it() {
    let refused = || Chat::new(TUESDAY).refusing("hand_to_human", "forbidden", "Nobody can take over on this channel.");
    let mut chat = refused();
    let (answer, used) = chat.say("I want to talk to a person");
    assert_eq!(used, ["hand_to_human", "create_inquiry"]);
    assert!(answer.ends_with("I have left your message for the team.") && answer.contains("+12125550100"), "{answer}");
    let (answer, used) = refused().say("quiero hablar con una persona");
    assert_eq!(used, ["hand_to_human", "create_inquiry"]);
    assert!(answer.ends_with("He dejado su mensaje para el equipo."), "{answer}");
}

#[test]
fn a_patient_is_written_to_later() {
    let mut chat = Chat::new(TUESDAY);
    let (answer, used) = chat.say("can you write to me next week?");
    assert_eq!(used, ["schedule_contact_followup"]);
    assert_eq!(answer, "All right, we will write to you here on Monday 23 November.");
    assert_eq!(chat.calls.last().unwrap().arguments["local"], "2026-11-23T09:00");

    let mut chat = Chat::new(TUESDAY);
    assert_eq!(chat.say("escríbame más adelante, por favor").0, "¿Qué día quiere que le escribamos?");
    let (answer, used) = chat.say("el jueves a las 4 de la tarde");
    assert_eq!(used, ["schedule_contact_followup"]);
    assert_eq!(answer, "De acuerdo, le escribiremos aquí el jueves 26 de noviembre.");
    assert_eq!(chat.calls.last().unwrap().arguments["local"], "2026-11-26T16:00");
}

#[test]
fn why_a_time_is_not_to_be_had_is_explained() {
    let mut chat = Chat::new(TUESDAY);
    chat.say("haircut on tuesday");
    let (answer, used) = chat.say("why not 11am?");
    assert_eq!(used, ["explain_time"]);
    assert_eq!(
        answer,
        "Tuesday 24 November at 11:00 AM is not free. That time is taken. Which of these times suits you?"
    );
    assert_eq!(chat.calls.last().unwrap().arguments["local"], "2026-11-24T11:00");
    assert_eq!(chat.say("2pm then").1, ["hold_slot"]);

    let mut chat = Chat::new(TUESDAY);
    assert!(chat.say("avísenme si se cancela algo para el martes").0.starts_with("¿Qué cita desea"));
    assert_eq!(chat.say("un corte").0, "¿Con qué nombre, y con qué correo electrónico o teléfono, le apunto?");

    let mut chat = Chat::new(TUESDAY);
    chat.say("un corte el martes");
    let (answer, used) = chat.say("¿por qué no a las 11?");
    assert_eq!(used, ["explain_time"]);
    assert_eq!(
        answer,
        "El martes 24 de noviembre a las 11:00 a. m. no está libre. Ya está ocupada. ¿Cuál de estas horas le conviene?"
    );
}

#[test]
fn a_date_is_read_back() {
    let mut chat = Chat::new(TUESDAY);
    let (answer, used) = chat.say("what date is next tuesday?");
    assert_eq!((answer.as_str(), used), ("That is Tuesday 24 November.", vec!["resolve_date".to_owned()]));
    let (answer, used) = Chat::new(TUESDAY).say("¿qué fecha es el martes que viene?");
    assert_eq!((answer.as_str(), used), ("Es el martes 24 de noviembre.", vec!["resolve_date".to_owned()]));
}

#[test]
fn a_visit_is_found_by_name_and_birth_date() {
    let mut chat = Chat::new(TUESDAY).with_visit("2026-11-24T10:00:00");
    let (answer, _) = chat.say("I need to cancel my appointment");
    assert!(answer.starts_with("What is the confirmation code of your visit?"), "{answer}");
    let (answer, used) = chat.say("I don't have it");
    assert!(used.is_empty() && answer.starts_with("Then tell me the patient's full name"), "{answer}");
    assert_eq!(chat.say("Ada Lovelace").0, "What is the patient's date of birth, with the year?");
    let (answer, used) = chat.say("10 December 1985");
    assert_eq!(used, ["lookup_booking"]);
    assert_eq!(answer, "I found your haircut with Mia Lin on Tuesday 24 November at 10:00 AM. Shall I cancel it?");
    let (answer, used) = chat.say("yes");
    assert_eq!(used, ["cancel_booking"]);
    assert!(
        answer.starts_with("Your haircut with Mia Lin on Tuesday 24 November at 10:00 AM is cancelled."),
        "{answer}"
    );

    let mut chat = Chat::new(TUESDAY).with_visit("2026-11-24T10:00:00");
    chat.say("quiero cancelar mi cita");
    let (answer, used) = chat.say("Ada Lovelace, nacida el 10 de diciembre de 1985");
    assert_eq!(used, ["lookup_booking"]);
    assert_eq!(
        answer,
        "Encontré su cita de haircut con Mia Lin el martes 24 de noviembre a las 10:00 a. m. ¿La cancelo?"
    );
    let (answer, used) = chat.say("sí, cancélela");
    assert_eq!(used, ["cancel_booking"]);
    assert!(answer.contains("está cancelada. Si desea otra"), "{answer}");
}

#[test]
fn a_visit_is_moved_in_spanish() {
    let mut chat = Chat::new(TUESDAY).with_visit("2026-11-24T10:00:00");
    let (answer, _) = chat.say("necesito cambiar mi cita");
    assert!(answer.starts_with("¿Cuál es el código de confirmación de su cita?"), "{answer}");
    let (answer, _) = chat.say(CODE);
    assert_eq!(
        answer,
        "Encontré su cita de haircut con Mia Lin el martes 24 de noviembre a las 10:00 a. m. ¿Qué día y hora prefiere?"
    );
    let (answer, _) = chat.say("el miércoles a las dos de la tarde");
    assert_eq!(
        answer,
        "El miércoles 25 de noviembre a las 2:00 p. m. está libre con Mia Lin. ¿Cambio su cita de haircut a esa hora?"
    );
    let (answer, used) = chat.say("sí");
    assert_eq!(used, ["reschedule_booking"]);
    assert_eq!(
        answer,
        format!(
            "Cambiada: su cita de haircut con Mia Lin el miércoles 25 de noviembre a las 2:00 p. m. Su código de confirmación sigue siendo {CODE}."
        )
    );
    let (answer, _) = chat.say("mejor cancélela");
    assert!(answer.ends_with("¿La cancelo?"), "{answer}");
    assert_eq!(chat.say("no, déjela así").0, "De acuerdo, su cita no cambia.");
}

#[test]
fn a_visit_is_seen_and_not_found_in_spanish() {
    let mut chat = Chat::new(TUESDAY).with_visit("2026-11-24T10:00:00");
    let (answer, _) = chat.say(&format!("¿a qué hora es mi cita? mi código es {CODE}"));
    assert_eq!(answer, "Su cita de haircut con Mia Lin el martes 24 de noviembre a las 10:00 a. m. está reservada.");
    let mut chat = Chat::new(TUESDAY).refusing(
        "lookup_booking",
        "not_found",
        "I cannot find a visit with these details. Please check them, or ask the clinic.",
    );
    assert_eq!(
        chat.say("cancelar mi cita, código 0000 0000").0,
        "No encuentro ninguna cita con esos datos. Revíselos, por favor, o pregunte a la clínica."
    );
}

#[test]
fn a_day_far_ahead_is_looked_up_once_they_say_that_they_mean_it() {
    let mut chat = Chat::new(&["2027-03-16T10:00:00", "2027-03-17T10:00:00"]).with_visit("2026-11-24T10:00:00");
    let (answer, _) = chat.say("haircut on 16 March 2027");
    assert_eq!(answer, "Tuesday 16 March 2027 is more than 90 days ahead. Is that the day you mean?");
    let (answer, used) = chat.say("yes");
    assert_eq!(used, ["check_availability"]);
    assert!(answer.contains("free on Tuesday 16 March 2027: 10:00 AM with Mia Lin"), "{answer}");

    let mut chat = Chat::new(&["2027-03-16T10:00:00"]).with_visit("2026-11-24T10:00:00");
    let (answer, _) = chat.say("un corte el 16 de marzo de 2027");
    assert_eq!(answer, "El martes 16 de marzo de 2027 es dentro de más de 90 días. ¿Es ese el día que desea?");
    let (answer, used) = chat.say("no");
    assert!(used.is_empty() && answer.starts_with("¿Qué día le gustaría venir"), "{answer}");
    chat.say(&format!("cambiar mi cita, código {CODE}"));
    let (answer, _) = chat.say("al 16 de marzo de 2027 a las 10");
    assert!(answer.ends_with("¿Es ese el día que desea?"), "{answer}");
    let (answer, _) = chat.say("sí");
    assert!(answer.starts_with("El martes 16 de marzo de 2027 a las 10:00 a. m. está libre con Mia Lin."), "{answer}");
}
