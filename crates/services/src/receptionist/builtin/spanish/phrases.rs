//! Set phrases for days and times, and the small words around them.

use super::super::text::Word;
use super::{Read, weekday};

/// What the words from here on say, if they begin with a phrase; the longest
/// counts.
pub fn read(words: &[Word]) -> Read {
    let begins = |phrase: &str| {
        let mut at = 0;
        phrase.split(' ').all(|wanted| {
            at += 1;
            words.get(at - 1).is_some_and(|word| word.text == wanted)
        })
    };
    let length = |phrase: &str| phrase.split(' ').count();
    let first = words.first()?;
    let found = PHRASES
        .iter()
        .flat_map(|(english, phrases)| phrases.iter().map(move |phrase| (*english, *phrase)))
        .filter(|(_, phrase)| phrase.starts_with(first.text.as_str()) && begins(phrase))
        .max_by_key(|(_, phrase)| length(phrase));
    if let Some((english, phrase)) = found {
        return Some((english.to_owned(), length(phrase)));
    }
    // "De lunes a viernes", "del 3 al 5".
    let next = words.get(1)?;
    let is_day = weekday(&next.text).is_some() || next.text.chars().all(|c| c.is_ascii_digit());
    let is_joint = first.text == "al" || first.text == "a" && weekday(&next.text).is_some();
    (is_joint && is_day).then(|| ("to".to_owned(), 1))
}

const PHRASES: &[(&str, &[&str])] = &[
    // Days.
    ("today", &["hoy", "hoy mismo", "el dia de hoy"]),
    ("tomorrow", &["manana", "el dia de manana", "manana mismo"]),
    ("day after tomorrow", &["pasado manana"]),
    ("yesterday", &["ayer"]),
    ("right now", &["ahora mismo", "ahorita", "ahorita mismo", "ya mismo"]),
    ("now", &["ahora"]),
    ("in a week", &["de hoy en ocho"]),
    ("last week", &["la semana pasada"]),
    (
        "next week",
        &[
            "semana que viene",
            "la semana que viene",
            "de la semana que viene",
            "proxima semana",
            "la proxima semana",
            "de la proxima semana",
            "la semana proxima",
            "la siguiente semana",
            "la semana siguiente",
            "la semana entrante",
            "la otra semana",
            "de la otra semana",
            "semana proxima",
        ],
    ),
    (
        "early next week",
        &[
            "a principios de la semana que viene",
            "a principios de la proxima semana",
            "principios de la proxima semana",
            "al principio de la semana que viene",
            "al inicio de la proxima semana",
            "a comienzos de la proxima semana",
        ],
    ),
    (
        "end of next week",
        &[
            "a finales de la semana que viene",
            "a finales de la proxima semana",
            "finales de la proxima semana",
            "al final de la semana que viene",
        ],
    ),
    ("end of this week", &["a finales de esta semana", "a finales de semana", "al final de la semana"]),
    ("this week", &["esta semana", "de esta semana", "esta misma semana"]),
    ("later this week", &["lo que queda de semana", "mas adelante esta semana", "esta semana mas adelante"]),
    (
        "this weekend",
        &["el fin de semana", "este fin de semana", "fin de semana", "los fines de semana", "este finde", "el finde"],
    ),
    (
        "next weekend",
        &["el proximo fin de semana", "proximo fin de semana", "el fin de semana que viene", "fin de semana que viene"],
    ),
    ("week of", &["la semana del", "semana del"]),
    ("next month", &["el mes que viene", "el proximo mes", "proximo mes", "el mes proximo", "el mes entrante"]),
    ("this month", &["este mes", "este mismo mes"]),
    ("end of this month", &["a fin de mes", "a finales de mes", "fin de mes", "finales de mes", "a fines de mes"]),
    ("next few days", &["los proximos dias", "en los proximos dias", "estos dias", "en estos dias", "proximos dias"]),
    ("next 2 weeks", &["las proximas dos semanas", "en las proximas dos semanas", "las proximas 2 semanas"]),
    ("during the week", &["entre semana"]),
    (
        "as soon as possible",
        &[
            "lo antes posible",
            "cuanto antes",
            "lo mas pronto posible",
            "lo mas pronto",
            "lo mas temprano posible",
            "lo antes que",
            "en cuanto pueda",
            "en cuanto puedan",
            "urgente",
            "urgentemente",
            "con urgencia",
            "de inmediato",
            "inmediatamente",
            "cuando sea",
            "cualquier dia",
            "el dia que sea",
            "cuando puedan",
            "cuando pueda",
            "cuando tengan",
            "cuando tenga",
            "primer hueco",
            "primer espacio",
            "primer turno",
            "primera cita",
            "primera disponible",
            "primera hora disponible",
            "primera hora libre",
            "proxima cita disponible",
            "proxima disponible",
            "proximo turno",
            "proximo hueco",
            "lo primero que",
            "cuando tienen",
            "cuando tiene",
            "cuando hay",
            "cuando podria",
            "cuando puedo ir",
            "cuando me pueden",
            "para cuando",
            "que dias tienen",
            "que dias tiene",
            "que dias hay",
            "que horas tienen",
            "que horas tiene",
            "que horas hay",
            "que tienen disponible",
            "que tiene disponible",
            "que tienen libre",
            "que hay disponible",
            "que horarios hay",
            "que horarios tienen disponibles",
            "que horarios tiene disponibles",
            "que citas hay",
            "que citas tienen",
            "algo disponible",
            "alguna disponibilidad",
            "que disponibilidad",
            "soy flexible",
        ],
    ),
    ("not", &["que no sea el", "que no sea"]),
    (
        "cant do",
        &["no puedo el", "no puedo este", "no me va el", "no me viene bien el", "no me sirve el", "no puedo los"],
    ),
    ("instead of", &["en vez de", "en vez del", "en lugar de", "en lugar del"]),
    // Holidays.
    ("christmas", &["navidad", "dia de navidad"]),
    ("christmas eve", &["nochebuena", "noche buena"]),
    ("new years eve", &["nochevieja", "noche vieja", "fin de ano"]),
    ("new years day", &["ano nuevo", "dia de ano nuevo"]),
    ("6 of january", &["dia de reyes"]),
    ("thanksgiving", &["accion de gracias", "dia de accion de gracias", "el dia de accion de gracias"]),
    ("black friday", &["viernes negro"]),
    ("valentines day", &["san valentin"]),
    ("easter", &["pascua"]),
    ("the day after", &["el dia despues de", "el dia siguiente a", "un dia despues de"]),
    ("the day before", &["el dia antes de", "el dia anterior a", "un dia antes de"]),
    // Parts of the day.
    ("good morning", &["buenos dias", "buen dia"]),
    ("good afternoon", &["buenas tardes"]),
    ("good night", &["buenas noches"]),
    (
        "in the morning",
        &["por la manana", "en la manana", "de la manana", "a la manana", "por las mananas", "en las mananas"],
    ),
    ("the morning", &["la manana", "mananas", "las mananas"]),
    ("this morning", &["esta manana", "hoy por la manana", "hoy en la manana"]),
    (
        "in the afternoon",
        &["por la tarde", "en la tarde", "de la tarde", "a la tarde", "por las tardes", "en las tardes"],
    ),
    ("the afternoon", &["la tarde", "las tardes", "la tardecita"]),
    ("this afternoon", &["esta tarde", "hoy por la tarde", "hoy en la tarde"]),
    ("tomorrow afternoon", &["manana tarde", "manana en la tarde", "manana por la tarde"]),
    ("in the evening", &["por la noche", "en la noche", "de la noche", "de noche", "por las noches", "la noche"]),
    ("tonight", &["esta noche", "hoy en la noche", "hoy por la noche"]),
    (
        "first thing",
        &[
            "a primera hora",
            "primera hora de la manana",
            "a primera hora de la manana",
            "primerisima hora",
            "a primera",
        ],
    ),
    (
        "early morning",
        &[
            "temprano",
            "temprano en la manana",
            "temprano por la manana",
            "bien temprano",
            "muy temprano",
            "por la manana temprano",
            "en la manana temprano",
        ],
    ),
    ("tomorrow early morning", &["manana temprano", "manana bien temprano"]),
    ("mid morning", &["a media manana", "media manana"]),
    ("late afternoon", &["a media tarde", "media tarde", "entrada la tarde", "al final de la tarde"]),
    ("end of the day", &["a ultima hora", "ultima hora", "al final del dia", "a ultima hora de la tarde"]),
    ("before work", &["antes del trabajo", "antes de trabajar", "antes de entrar al trabajo"]),
    (
        "after work",
        &[
            "despues del trabajo",
            "despues de trabajar",
            "saliendo del trabajo",
            "al salir del trabajo",
            "cuando salga del trabajo",
        ],
    ),
    ("after school", &["despues de la escuela", "despues del colegio", "despues de clases", "saliendo de la escuela"]),
    ("after lunch", &["despues de comer", "despues de almorzar", "despues del almuerzo", "despues de la comida"]),
    ("before lunch", &["antes de comer", "antes de almorzar", "antes del almuerzo"]),
    ("at lunch", &["a la hora de comer", "a la hora del almuerzo", "a la hora de la comida", "en el almuerzo"]),
    ("noon", &["mediodia", "al mediodia", "a mediodia", "medio dia", "al medio dia", "a medio dia", "del mediodia"]),
    ("midnight", &["medianoche", "a medianoche"]),
    (
        "any time",
        &[
            "a cualquier hora",
            "cualquier hora",
            "cualquier horario",
            "todo el dia",
            "la hora que sea",
            "me da igual la hora",
        ],
    ),
    // Between and around times.
    ("after", &["despues de", "despues del", "pasadas", "mas tarde de", "mas tarde que"]),
    ("from", &["a partir de", "a partir del", "desde"]),
    ("before", &["antes de", "antes del", "mas temprano que", "mas temprano de"]),
    ("until", &["hasta", "hasta el"]),
    ("no later than", &["no mas tarde de", "no despues de", "a mas tardar a", "como muy tarde a", "a mas tardar"]),
    ("not before", &["no antes de", "no antes del"]),
    ("between", &["entre"]),
    ("around", &["alrededor de", "a eso de", "sobre", "hacia", "como a", "mas o menos a", "cerca de", "tipo"]),
    ("or later", &["o mas tarde", "o despues"]),
    ("onwards", &["en adelante"]),
    ("or earlier", &["o antes", "o mas temprano"]),
    ("later", &["mas tarde"]),
    ("earlier", &["mas temprano"]),
    ("and", &["y"]),
    ("or", &["o", "u"]),
    // What says nothing about a time, around a bare number.
    ("please", &["por favor", "porfa", "porfavor", "xfa"]),
    ("prefer", &["mejor", "prefiero", "preferiria"]),
    ("want", &["quiero", "quisiera"]),
    ("yes", &["si"]),
    ("ok", &["vale", "bueno", "perfecto", "bien", "de acuerdo"]),
    ("then", &["entonces", "pues"]),
    ("thanks", &["gracias"]),
    ("with", &["con"]),
    (
        "works",
        &["me va bien", "me viene bien", "me sirve", "me queda bien", "esta bien", "me conviene", "me parece bien"],
    ),
    ("people", &["personas", "persona", "adultos"]),
    ("kids", &["ninos", "ninas", "hijos", "hijas"]),
    ("years", &["anos", "ano"]),
    ("days", &["dias"]),
    ("weeks", &["semanas"]),
    ("hours", &["horas"]),
    ("minutes", &["minutos"]),
    ("times", &["veces"]),
    ("dollars", &["dolares", "pesos", "euros", "soles"]),
];
