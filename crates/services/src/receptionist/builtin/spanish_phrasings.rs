//! Ways to ask for a visit in Spanish, and the look for times each must lead to.

use domain::language::Language;

use super::super::model::{Entry, Step};
use super::next;
use super::phrasings::heard_after;
use super::world::{bloom, now};

#[test]
fn a_whole_wish_in_one_message_is_looked_up() {
    let cases = [
        ("Quisiera reservar un corte de pelo para el próximo martes a las 2 de la tarde", "haircut 11-24 ~14:00"),
        ("un corte mañana", "haircut 11-21"),
        ("¿me puede dar una cita para cortarme el pelo mañana a las 11?", "haircut 11-21 ~11:00"),
        ("masaje mañana por la tarde porfa", "massage 11-21 12:00-17:00"),
        ("Necesito un masaje lo antes posible", "massage 11-20..12-04"),
        ("la primera cita disponible para un corte con la doctora Lin", "haircut mia 11-20..12-04"),
        ("con mia un corte el jueves a las 3 de la tarde", "haircut mia 11-26 ~15:00"),
        ("¿tienen algo para un facial el viernes por la mañana?", "facial 11-27 -11:59"),
        ("hola, quiero ver a la doctora Anand el lunes", "consultation priya 11-23"),
        ("una consulta el 24 de noviembre a las 9:30", "consultation 11-24 ~09:30"),
        ("masaje el 24/11", "massage 11-24"),
        ("quiero agendar un corte para el miercoles", "haircut 11-25"),
        ("necesito turno para un masaje el sábado", "massage 11-21"),
        ("quiero pedir hora para un corte el lunes que viene", "haircut 11-23"),
        ("buenos días, ¿tiene hueco para un masaje el martes por la tarde?", "massage 11-24 12:00-17:00"),
        ("buenas tardes, un facial el jueves", "facial 11-26"),
        ("no un corte, un masaje el martes", "massage 11-24"),
        ("resérveme un corte con Noah el viernes a las 10", "haircut noah 11-27 ~10:00"),
        ("me gustaría una cita de masaje con Noah Reyes mañana al mediodía", "massage noah 11-21 ~12:00"),
        ("¿hay disponibilidad para un corte la próxima semana?", "haircut 11-23..11-29"),
    ];
    let mut misses = Vec::new();
    for (message, expected) in cases {
        let heard = heard_after(&[], message);
        if heard != expected {
            misses.push(format!("{message}: {heard}, not {expected}"));
        }
    }
    assert!(misses.is_empty(), "{}", misses.join("\n"));
}

#[test]
fn days_and_times_are_understood_once_the_visit_is_known() {
    let cases = [
        ("el martes", "haircut 11-24"),
        ("martes a las 2", "haircut 11-24 ~14:00"),
        ("el lunes que viene", "haircut 11-23"),
        ("el próximo lunes", "haircut 11-23"),
        ("el lunes próximo a las 9", "haircut 11-23 ~09:00"),
        ("miercoles a las 10", "haircut 11-25 ~10:00"),
        ("el jueves", "haircut 11-26"),
        ("este viernes", "haircut 11-20"),
        ("el viernes", "haircut 11-27"),
        ("el sabado", "haircut 11-21"),
        ("el sábado a la una", "haircut 11-21 ~13:00"),
        ("el martes de la próxima semana", "haircut 11-24"),
        ("la semana que viene, el martes", "haircut 11-24"),
        ("el martes de la semana que viene a las diez y media", "haircut 11-24 ~10:30"),
        ("hoy", "haircut 11-20"),
        ("hoy mismo", "haircut 11-20"),
        ("esta tarde", "haircut 11-20 12:00-17:00"),
        ("esta noche", "haircut 11-20 17:00-"),
        ("mañana", "haircut 11-21"),
        ("manana", "haircut 11-21"),
        ("mañana por la mañana", "haircut 11-21 -11:59"),
        ("mañana en la mañana", "haircut 11-21 -11:59"),
        ("mañana a las 12:30", "haircut 11-21 ~12:30"),
        ("pasado mañana", "haircut 11-22..12-06"),
        ("dentro de tres días", "haircut 11-23"),
        ("en 3 días", "haircut 11-23"),
        ("dentro de dos semanas", "haircut 12-04"),
        ("en dos semanas", "haircut 12-04"),
        ("en quince días", "haircut 12-04"),
        ("dentro de una semana", "haircut 11-27"),
        ("la semana que viene", "haircut 11-23..11-29"),
        ("la próxima semana", "haircut 11-23..11-29"),
        ("este fin de semana", "haircut 11-21..11-22"),
        ("el próximo fin de semana", "haircut 11-28..11-29"),
        ("a principios de la próxima semana", "haircut 11-23..11-25"),
        ("el 24", "haircut 11-24"),
        ("el día 24", "haircut 11-24"),
        ("el martes 24", "haircut 11-24"),
        ("el 3 de diciembre", "haircut 12-03"),
        ("3 de diciembre", "haircut 12-03"),
        ("el tres de diciembre", "haircut 12-03"),
        ("el primero de diciembre", "haircut 12-01"),
        ("el veinticuatro de noviembre", "haircut 11-24"),
        ("24 de nov", "haircut 11-24"),
        ("24 de noviembre a las 2", "haircut 11-24 ~14:00"),
        ("el martes 24 de noviembre", "haircut 11-24"),
        ("martes, 24 de noviembre, a las 14:00", "haircut 11-24 ~14:00"),
        ("24/11", "haircut 11-24"),
        ("24/11/2026", "haircut 11-24"),
        ("24-11-2026", "haircut 11-24"),
        ("24.11.2026", "haircut 11-24"),
        ("2026-11-24", "haircut 11-24"),
        ("3/12", "haircut 12-03"),
        ("el 5 de enero", "haircut 2027-01-05"),
        ("en diciembre", "haircut 12-01..12-31"),
        ("a principios de diciembre", "haircut 12-01..12-10"),
        ("la semana del 30 de noviembre", "haircut 11-30..12-06"),
        ("el lunes o el martes", "haircut 11-23..11-24"),
        ("de lunes a miércoles", "haircut 11-23..11-25"),
        ("entre el lunes y el miércoles después de las 3", "haircut 11-23..11-25 15:00-"),
        ("del 24 al 26 de noviembre", "haircut 11-24..11-26"),
        ("el viernes por la mañana", "haircut 11-27 -11:59"),
        ("el lunes después de las 3", "haircut 11-23 15:00-"),
        ("el lunes a partir de las tres de la tarde", "haircut 11-23 15:00-"),
        ("el lunes antes del mediodía", "haircut 11-23 -11:59"),
        ("el lunes hasta las 11", "haircut 11-23 -11:00"),
        ("el martes entre las 2 y las 4", "haircut 11-24 14:00-16:00"),
        ("el martes de 2 a 4 de la tarde", "haircut 11-24 14:00-16:00"),
        ("el martes entre las dos y las cuatro de la tarde", "haircut 11-24 14:00-16:00"),
        ("el martes de 10 a 1", "haircut 11-24 10:00-13:00"),
        ("el martes a las dos y media", "haircut 11-24 ~14:30"),
        ("el martes a las tres menos cuarto", "haircut 11-24 ~14:45"),
        ("el martes a un cuarto para las tres", "haircut 11-24 ~14:45"),
        ("el martes a las dos y cuarto", "haircut 11-24 ~14:15"),
        ("el martes a las 10 y 20", "haircut 11-24 ~10:20"),
        ("el martes a mediodía", "haircut 11-24 ~12:00"),
        ("el martes a eso de las 3", "haircut 11-24 ~15:00"),
        ("el martes sobre las tres", "haircut 11-24 ~15:00"),
        ("el martes por la noche", "haircut 11-24 17:00-"),
        ("el martes después del trabajo", "haircut 11-24 17:00-"),
        ("el martes después de comer", "haircut 11-24 13:00-15:00"),
        ("el martes a primera hora", "haircut 11-24 -10:00"),
        ("el martes temprano", "haircut 11-24 -10:00"),
        ("el martes a las 9", "haircut 11-24 ~09:00"),
        ("el martes a las 14:30 horas", "haircut 11-24 ~14:30"),
        ("el martes a las 2pm", "haircut 11-24 ~14:00"),
        ("el martes a las 2 p. m.", "haircut 11-24 ~14:00"),
        ("el martes a las 8 de la mañana", "haircut 11-24 ~08:00"),
        ("mañana como a las 11", "haircut 11-21 ~11:00"),
        ("en dos horas", "haircut 11-20 ~12:00"),
        ("lo antes posible", "haircut 11-20..12-04"),
        ("cuanto antes", "haircut 11-20..12-04"),
        ("lo más pronto que tenga", "haircut 11-20..12-04"),
        ("cualquier día", "haircut 11-20..12-04"),
        ("cuando sea después de las 3", "haircut 11-20..12-04 15:00-"),
        ("la primera hora disponible", "haircut 11-20..12-04"),
        ("¿qué días tienen?", "haircut 11-20..12-04"),
        ("el martes no, el jueves", "haircut 11-26"),
        ("el martes no puedo, mejor el jueves", "haircut 11-26"),
        ("no puedo el martes, el jueves sí", "haircut 11-26"),
        ("el jueves en vez del martes", "haircut 11-26"),
        ("con el doctor Reyes el lunes", "haircut noah 11-23"),
        ("el lunes con mia", "haircut mia 11-23"),
        ("en nochebuena", "haircut 12-24"),
        ("el viernes negro", "haircut 11-27"),
        ("el último viernes del mes", "haircut 11-27"),
        ("en nochevieja", "haircut 12-31"),
        ("el tercer martes de diciembre", "haircut 12-15"),
    ];
    assert!(cases.len() >= 100);
    let asked = [("quiero un corte de pelo", "¿Qué día le gustaría venir para una cita de haircut?")];
    let mut misses = Vec::new();
    for (message, expected) in cases {
        let heard = heard_after(&asked, message);
        if heard != expected {
            misses.push(format!("{message}: {heard}, not {expected}"));
        }
    }
    assert!(misses.is_empty(), "{}", misses.join("\n"));
}

#[test]
fn what_is_no_day_is_not_read_as_one() {
    let asked = [("quiero un corte de pelo", "¿Qué día le gustaría venir para una cita de haircut?")];
    for message in [
        "¿le puedo preguntar algo?",
        "un momento",
        "es el primer corte de mi hijo",
        "mmm",
        "tengo 3 hijos",
        "mi número es 212 555 0147",
        "soy Julio Domingo",
        "tengo 34 años",
    ] {
        let heard = heard_after(&asked, message);
        assert!(heard.starts_with("say: "), "{message}: {heard}");
    }
}

#[test]
fn dates_that_cannot_be_are_said_to_be() {
    let asked = [("quiero un corte de pelo", "¿Qué día le gustaría venir para una cita de haircut?")];
    for (message, part) in [
        ("16/11", "El lunes 16 de noviembre es una fecha pasada."),
        ("ayer", "El jueves 19 de noviembre es una fecha pasada."),
        ("el martes pasado", "El martes 17 de noviembre es una fecha pasada."),
        ("el 31 de febrero", "Esa fecha no existe."),
        ("el lunes 25 de noviembre", "haircut 11-25"),
    ] {
        let heard = heard_after(&asked, message);
        assert!(heard.contains(part), "{message}: {heard}");
    }
}

#[test]
fn questions_and_small_talk_are_answered() {
    for (message, part) in [
        ("hola", "Soy el asistente automático de Bloom Wellness Studio"),
        ("¿es usted un robot?", "Soy un asistente automático de Bloom Wellness Studio, no una persona"),
        ("¿puedo hablar con una persona?", "hand_to_human"),
        ("¿cuál es su teléfono?", "+12125550100"),
        ("quiero cancelar mi cita", "lookup_booking {}"),
        ("necesito cambiar mi cita", "lookup_booking {}"),
        ("quiero reprogramar mi cita", "lookup_booking {}"),
        ("cancelar mi cita, código ABCD1234", "lookup_booking {\"confirmation_code\":\"ABCD1234\"}"),
        ("anular mi turno, mi código es abcd-efgh", "lookup_booking {\"confirmation_code\":\"ABCDEFGH\"}"),
        ("¿cuándo es mi cita? k7q2 x9ab", "lookup_booking {\"confirmation_code\":\"K7Q2X9AB\"}"),
        ("¿aceptan seguro?", "seguros"),
        ("¿me pueden renovar la receta?", "recetas"),
        ("¿puedo tomar ibuprofeno?", "consejos médicos"),
        ("no sirve para nada", "Lamento"),
        ("gracias", "Con mucho gusto"),
        ("adiós", "Hasta luego"),
        ("quiero una cita", "¿Qué cita desea: haircut ($60, 45 min)"),
        ("con el doctor Pérez, por favor", "se llame Pérez"),
        ("¿cómo pago?", "formas de pago"),
        ("¿para qué necesitan mi teléfono?", "La clínica lo necesita"),
        ("ayuda", "Puedo reservarle una cita"),
    ] {
        let heard = heard_after(&[], message);
        assert!(heard.contains(part), "{message}: {heard}");
        assert!(!heard.contains('!'), "{message}: {heard}");
    }
}

#[test]
fn facts_are_looked_up_by_topic() {
    for (message, topic) in [
        ("¿cuál es su horario?", "hours"),
        ("¿abren el sábado?", "hours"),
        ("¿a qué hora cierran hoy?", "hours"),
        ("¿dónde están?", "address"),
        ("¿cuál es la dirección?", "address"),
        ("¿hay estacionamiento?", "address"),
        ("¿cuánto cuesta un masaje?", "types"),
        ("¿qué servicios ofrecen?", "types"),
        ("¿quién trabaja ahí?", "practitioners"),
        ("¿quién hace cortes?", "practitioners"),
    ] {
        let heard = heard_after(&[], message);
        assert_eq!(heard, format!("clinic_facts {{\"topic\":\"{topic}\"}}"), "{message}");
    }
}

#[test]
fn a_clinic_that_speaks_spanish_begins_in_it() {
    let mut facts = bloom();
    facts.language = Language::Spanish;
    let transcript = [Entry::Patient { text: "2".into(), at: now() }];
    let Step::Say(text) = next(&facts, &transcript) else { panic!("must say something") };
    assert!(text.contains('¿'), "{text}");
}
