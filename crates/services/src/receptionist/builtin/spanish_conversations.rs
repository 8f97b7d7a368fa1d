//! Whole conversations in Spanish.

use super::chat::{CODE, Chat, TUESDAY};

#[test]
fn a_patient_books_the_time_they_asked_for() {
    let mut chat = Chat::new(TUESDAY);
    let (answer, used) = chat.say("Quisiera una cita para un corte de pelo el martes que viene a las dos de la tarde");
    assert_eq!(answer, "El martes 24 de noviembre a las 2:00 p. m. está libre con Mia Lin. ¿Se lo aparto?");
    assert_eq!(used, ["check_availability"]);

    let (answer, used) = chat.say("sí, por favor");
    assert_eq!(
        answer,
        "Le tengo apartado el martes 24 de noviembre a las 2:00 p. m. para una cita de haircut con Mia Lin (45 min) durante 5 minutos. ¿Qué nombre, correo electrónico y teléfono pongo en la reserva?"
    );
    assert_eq!(used, ["hold_slot"]);

    let (answer, used) = chat.say("Ada López, ada@example.com, +1 555 123 4567");
    assert_eq!(
        answer,
        format!(
            "Le he reservado una cita de haircut con Mia Lin (45 min) el martes 24 de noviembre a las 2:00 p. m., hora de Nueva York. Está a nombre de Ada López, ada@example.com y +15551234567. Su código de confirmación es {CODE}."
        )
    );
    assert_eq!(used, ["confirm_booking"]);

    assert!(chat.say("¿cuál era mi código?").0.contains(CODE));
    assert_eq!(chat.say("gracias").0, "Con mucho gusto.");
}

#[test]
fn a_button_selects_exactly_its_slot_and_changes_no_language() {
    let mut chat = Chat::new(TUESDAY);
    chat.say("un corte el martes");
    let (answer, used) = chat.say("Tue 24 Nov, 3:00 PM with Noah Reyes");
    assert_eq!(used, ["hold_slot"]);
    assert!(answer.starts_with("Le tengo apartado el martes 24 de noviembre a las 3:00 p. m."), "{answer}");
}

#[test]
fn a_patient_picks_in_their_own_words() {
    for (words, holds) in [
        ("la primera", "10:00 a. m."),
        ("la segunda", "1:00 p. m."),
        ("la de las 2", "2:00 p. m."),
        ("2", "2:00 p. m."),
        ("a las 3, por favor", "3:00 p. m."),
        ("la última", "3:00 p. m."),
        ("con noah", "3:00 p. m."),
        ("la opción 2", "1:00 p. m."),
        ("me viene bien a las 10", "10:00 a. m."),
        ("quiero la de la una", "1:00 p. m."),
        ("la más tarde", "2:00 p. m."),
        ("cualquiera", "10:00 a. m."),
        ("a las tres con Noah Reyes", "3:00 p. m."),
        ("el martes a la una", "1:00 p. m."),
        ("mejor a las dos", "2:00 p. m."),
        ("la de las diez", "10:00 a. m."),
        ("la número 4", "3:00 p. m."),
        ("4", "3:00 p. m."),
    ] {
        let mut chat = Chat::new(TUESDAY);
        chat.say("un corte de pelo el martes");
        let (answer, used) = chat.say(words);
        assert_eq!(used, ["hold_slot"], "{words}: {answer}");
        assert!(
            answer.contains(&format!("24 de noviembre a las {holds}"))
                || answer.contains(&format!("24 de noviembre a la {holds}")),
            "{words}: {answer}"
        );
    }
}

#[test]
fn pieces_come_in_any_order_over_several_messages() {
    let mut chat = Chat::new(TUESDAY);
    assert!(chat.say("hola").0.starts_with("Buenos días. Soy el asistente automático de Bloom Wellness Studio."));
    assert!(chat.say("quiero un corte").0.ends_with("¿Qué día le gustaría venir para una cita de haircut?"));
    assert!(chat.say("el martes").0.starts_with("Esto es lo que hay libre el martes 24 de noviembre: "));
    chat.say("a la una");
    assert_eq!(chat.say("es ada@example.com").0, "¿Qué nombre y teléfono pongo en la reserva?");
    assert_eq!(chat.say("Ada López").0, "Gracias, Ada. ¿Qué teléfono agrego? Si prefiere no darlo, diga «omitir».");
    let (answer, used) = chat.say("omitir");
    assert_eq!(used, ["confirm_booking"]);
    assert!(answer.contains("a nombre de Ada López y ada@example.com."), "{answer}");
}

#[test]
fn no_way_to_reach_the_patient_is_not_enough() {
    let mut chat = Chat::new(TUESDAY);
    chat.say("corte el martes a las 2 de la tarde");
    chat.say("vale");
    chat.say("me llamo José García");
    let (answer, used) = chat.say("no");
    assert!(
        used.is_empty() && answer.starts_with("Para reservarla necesito un correo electrónico o un teléfono."),
        "{answer}"
    );
    assert_eq!(
        chat.say("212 555 0147").0,
        "Gracias, José. ¿Qué correo electrónico agrego? Si prefiere no darlo, diga «omitir»."
    );
    assert!(chat.say("no tengo correo").0.contains("a nombre de José García y +12125550147."));
}

#[test]
fn a_correction_after_a_hold_finds_a_new_time() {
    let mut chat = Chat::new(TUESDAY);
    chat.say("corte el martes a las 2");
    chat.say("sí");
    assert_eq!(
        chat.say("mejor el miércoles").0,
        "El miércoles 25 de noviembre a las 2:00 p. m. está libre con Mia Lin. ¿Se lo aparto?"
    );
    assert_eq!(
        chat.say("no, el jueves").0,
        "El jueves 26 de noviembre a las 2:00 p. m. está libre con Noah Reyes. ¿Se lo aparto?"
    );
    assert!(chat.say("de acuerdo").0.starts_with("Le tengo apartado el jueves 26 de noviembre a las 2:00 p. m."));
    assert!(chat.say("Ada López, ada@example.com").0.contains("¿Qué teléfono agrego?"));
    let (answer, _) = chat.say("en realidad me llamo Ada Ruiz, 212-555-0147");
    assert!(answer.contains("a nombre de Ada Ruiz, ada@example.com y +12125550147."), "{answer}");
}

#[test]
fn a_time_is_corrected_within_the_day() {
    let mut chat = Chat::new(TUESDAY);
    chat.say("corte el martes a las 2");
    chat.say("sí");
    let (answer, used) = chat.say("¿puede ser a las 3?");
    assert_eq!(used, ["hold_slot"]);
    assert!(answer.contains("a las 3:00 p. m. para una cita de haircut con Noah Reyes"), "{answer}");
    assert!(chat.say("mejor la de antes").0.contains("a las 2:00 p. m. para una cita de haircut con Mia Lin"));
    assert!(chat.say("mejor a la una").0.contains("a la 1:00 p. m. para una cita de haircut con Mia Lin"));
    assert!(chat.say("mejor con el doctor Reyes").0.contains("Noah Reyes"));
}

#[test]
fn a_type_is_corrected() {
    let mut chat = Chat::new(TUESDAY);
    chat.say("corte el martes");
    let (answer, used) = chat.say("un corte no, un masaje");
    assert_eq!(used, ["check_availability"]);
    assert!(answer.contains("3:00 p. m. con Noah Reyes"), "{answer}");
}

#[test]
fn starting_over_and_giving_up_hold_nothing() {
    let mut chat = Chat::new(TUESDAY);
    chat.say("corte el martes a las 2");
    chat.say("sí");
    assert!(chat.say("olvídelo").0.contains("no queda nada reservado"));
    chat.say("corte el martes");
    assert!(chat.say("empecemos de nuevo").0.starts_with("Empecemos de nuevo. ¿Qué cita desea: haircut ($60, 45 min)"));
    chat.say("un corte el miércoles");
    let (answer, used) = chat.say("otro día");
    assert!(used.is_empty() && answer.contains("¿Qué día"), "{answer}");
}

#[test]
fn a_slot_that_was_just_taken_leads_to_another() {
    let mut chat = Chat::new(TUESDAY).refusing("hold_slot", "slot_taken", "That time was just taken.");
    chat.say("corte el martes a las 2");
    let (answer, used) = chat.say("sí");
    assert_eq!(used, ["hold_slot", "check_availability"]);
    assert!(
        answer.starts_with(
            "Lo siento, esa hora ya no está libre. El martes 24 de noviembre a las 2:00 p. m. no está libre. Lo más cercano que tengo es "
        ),
        "{answer}"
    );
    assert!(chat.say("a las 3").0.contains("Le tengo apartado el martes 24 de noviembre a las 3:00 p. m."));
}

#[test]
fn a_hold_that_ran_out_is_taken_again() {
    let mut chat = Chat::new(TUESDAY).refusing("confirm_booking", "hold_expired", "The hold has run out.");
    chat.say("corte el martes a las 2");
    chat.say("sí");
    let (answer, used) = chat.say("Ada López, ada@example.com, 212 555 0147");
    assert_eq!(used, ["confirm_booking", "check_availability"]);
    assert_eq!(
        answer,
        "Lo siento, el tiempo apartado se agotó antes de poder reservarlo. El martes 24 de noviembre a las 2:00 p. m. está libre con Mia Lin. ¿Se lo aparto?"
    );
    let (answer, used) = chat.say("sí");
    assert_eq!(used, ["hold_slot", "confirm_booking"]);
    assert!(answer.contains(CODE), "{answer}");
}

#[test]
fn a_refused_address_is_asked_for_again() {
    let mut chat =
        Chat::new(TUESDAY).refusing("confirm_booking", "invalid", "That does not look like an email address.");
    chat.say("corte el martes a las 2");
    chat.say("sí");
    let (answer, _) = chat.say("Ada López, ada@exmaple.con, 212 555 0147");
    assert_eq!(
        answer,
        "Eso no parece un correo electrónico. ¿Qué correo electrónico agrego? Si prefiere no darlo, diga «omitir»."
    );
    assert!(chat.say("ada@example.com").0.contains("ada@example.com"));
}

#[test]
fn a_full_day_and_a_closed_day_are_said_to_be() {
    let mut chat = Chat::new(&["2026-11-26T09:00:00", "2026-11-30T09:00:00"]);
    let (answer, used) = chat.say("un corte el martes");
    assert_eq!(used, ["check_availability", "check_availability"]);
    assert!(answer.starts_with("El martes 24 de noviembre ya está lleno. Las próximas horas libres son el jueves 26 de noviembre a las 9:00 a. m. o el lunes 30 de noviembre a las 9:00 a. m., con Mia Lin."), "{answer}");
    let (answer, used) = chat.say("¿y el domingo?");
    assert_eq!(used, ["check_availability"]);
    assert!(answer.starts_with("Cerramos el domingo 22 de noviembre. Las próximas horas libres son"), "{answer}");
    let (answer, _) = chat.say("el viernes por la mañana");
    assert!(answer.starts_with("No hay nada libre el viernes 27 de noviembre antes de las 12:00 p. m."), "{answer}");
}

#[test]
fn a_question_in_between_does_not_lose_the_thread() {
    let mut chat = Chat::new(TUESDAY);
    chat.say("corte el martes a las 2");
    let (answer, used) = chat.say("¿dónde están?");
    assert_eq!(used, ["clinic_facts"]);
    assert_eq!(
        answer,
        "Estamos en 12 Garden Street, Brooklyn, NY 11201. ¿Le aparto el martes 24 de noviembre a las 2:00 p. m. con Mia Lin?"
    );
    chat.say("sí");
    let (answer, _) = chat.say("¿abren el sábado?");
    assert!(
        answer.starts_with("El sábado 21 de noviembre abrimos de 10:00 a. m. a 2:00 p. m. ¿Qué nombre, correo"),
        "{answer}"
    );
    let (answer, _) = chat.say("¿cuánto cuesta?");
    assert!(answer.contains("$60") && answer.ends_with("pongo en la reserva?"), "{answer}");
    assert!(chat.say("Ada López ada@example.com 2125550147").0.contains(CODE));
}

#[test]
fn a_wish_and_a_question_in_one_message_are_both_answered() {
    let mut chat = Chat::new(TUESDAY);
    let (answer, used) = chat.say("¿cuánto cuesta un corte, y puedo reservar uno el martes a las 2?");
    assert_eq!(used, ["clinic_facts", "check_availability"]);
    assert_eq!(
        answer,
        "Una cita de haircut dura 45 min y cuesta $60. El martes 24 de noviembre a las 2:00 p. m. está libre con Mia Lin. ¿Se lo aparto?"
    );
}

#[test]
fn details_given_early_are_read_back_before_booking() {
    let mut chat = Chat::new(TUESDAY);
    chat.say("Hola, soy Ada López, ada@example.com, 212 555 0147. ¿Un corte el martes a las 2?");
    let (answer, _) = chat.say("sí");
    assert!(answer.ends_with("¿La reservo con estos datos: Ada López, ada@example.com y +12125550147?"), "{answer}");
    assert!(chat.say("sí").0.contains(CODE));
}

#[test]
fn a_booked_visit_is_changed_only_where_that_is_said() {
    let mut chat = Chat::new(TUESDAY);
    chat.say("corte el martes a las 2");
    chat.say("sí");
    chat.say("Ada López, ada@example.com, 212 555 0147");
    for remark in ["mejor el jueves", "en realidad me llamo Ada Ruiz"] {
        let (answer, used) = chat.say(remark);
        assert!(used.is_empty() && answer.contains("lo demás lo cambia la clínica"), "{remark}: {answer}");
    }
    for change in ["¿podemos pasarla a las 3?", "necesito reprogramar"] {
        assert_eq!(chat.say(change).1, ["lookup_booking"], "{change}");
    }
    let (_, used) = chat.say("¿puedo reservar también un masaje el jueves?");
    assert_eq!(used, ["check_availability"]);
}

#[test]
fn other_times_are_found_on_request() {
    let mut chat = Chat::new(TUESDAY);
    chat.say("corte el martes antes de las 2 de la tarde");
    let (answer, _) = chat.say("¿no hay algo más tarde?");
    assert!(answer.contains("2:00 p. m."), "{answer}");
    let (answer, _) = chat.say("¿y algo más temprano?");
    assert!(answer.contains("10:00 a. m.") || answer.contains("1:00 p. m."), "{answer}");
}

#[test]
fn the_language_follows_the_patient() {
    let mut chat = Chat::new(TUESDAY);
    chat.say("haircut on tuesday please");
    let (answer, _) = chat.say("mejor hablamos en español, por favor");
    assert!(answer.contains('¿'), "{answer}");
    let (answer, _) = chat.say("ok, a las 2");
    assert!(answer.starts_with("Le tengo apartado"), "{answer}");
    assert!(Chat::new(TUESDAY).say("Do you speak Spanish?").0.starts_with("Claro, en español."));
    let (answer, _) = chat.say("Could you tell me your address please?");
    assert!(answer.starts_with("We are at"), "{answer}");
}

#[test]
fn a_time_that_is_over_is_said_to_be() {
    let (answer, _) = Chat::new(TUESDAY).say("un corte hoy a las 9 de la mañana");
    assert!(answer.starts_with("Hoy a las 9:00 a. m. ya no se puede."), "{answer}");
}
