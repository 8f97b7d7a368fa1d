//! Answers to what patients ask and say besides booking.

use chrono::{DateTime, NaiveDate, Weekday};
use chrono_tz::Tz;
use domain::language::Language;

use super::super::model::ClinicFacts;
use super::aside;
use super::catalogue::{TypeMention, does};
use super::dates::Days;
use super::draft::{Draft, Turn};
use super::intent::{Talk, Topic};
use super::say::{self, said};

/// The answer to the newest message, apart from the booking.
pub fn answer(draft: &Draft, turn: &Turn) -> Option<String> {
    if let Some(topic) = turn.heard.topic {
        let second = turn.heard.second_topic.filter(|second| *second != topic).map(|second| about(draft, second, turn));
        return Some(say::paragraphs(&[about(draft, topic, turn), second.unwrap_or_default()]));
    }
    turn.heard.talk.and_then(|talk| reply(draft, talk, turn))
}

/// How to reach somebody at the clinic: "Please call us on … or write to …."
pub fn reach(language: Language, facts: &ClinicFacts) -> String {
    match (&facts.phone, &facts.email) {
        (Some(phone), Some(email)) => said!(
            language,
            "Please call us on {phone} or write to {email}.",
            "Puede llamarnos al {phone} o escribirnos a {email}.",
        ),
        (Some(phone), None) => said!(language, "Please call us on {phone}.", "Puede llamarnos al {phone}."),
        (None, Some(email)) => said!(language, "Please write to {email}.", "Puede escribirnos a {email}."),
        (None, None) => said!(language, "Please ask at the front desk.", "Por favor, pregunte en recepción."),
    }
}

/// The appointment types with their prices.
pub fn types(language: Language, facts: &ClinicFacts) -> String {
    let some: Vec<String> = facts.appointment_types.iter().map(|offered| say::offered(language, offered)).collect();
    say::or(language, &some)
}

// The same with articles, for the middle of a sentence.
fn visits(language: Language, facts: &ClinicFacts) -> String {
    let named = |name: &str| match language {
        Language::English => say::a(language, name),
        Language::Spanish => name.to_owned(),
    };
    let some: Vec<String> =
        facts.appointment_types.iter().map(|offered| named(&say::offered(language, offered))).collect();
    say::or(language, &some)
}

fn about(draft: &Draft, topic: Topic, turn: &Turn) -> String {
    let (facts, language) = (draft.facts, draft.language);
    match topic {
        Topic::Hours => hours(language, facts, turn),
        Topic::Address => match &facts.address {
            Some(address) => {
                let address = address.trim_end_matches('.');
                said!(language, "We are at {address}.", "Estamos en {address}.")
            }
            None => say::paragraphs(&[
                said!(language, "I do not have the address here.", "No tengo aquí la dirección."),
                reach(language, facts),
            ]),
        },
        Topic::Types => offered(draft, turn),
        Topic::Practitioners => practitioners(language, facts, turn),
    }
}

fn hours(language: Language, facts: &ClinicFacts, turn: &Turn) -> String {
    let today = turn.at.date_naive();
    match turn.heard.days {
        _ if facts.hours.is_empty() => say::paragraphs(&[
            said!(language, "I do not have the opening hours here.", "No tengo aquí el horario de atención."),
            reach(language, facts),
        ]),
        Some(Days::One(day)) if day >= today => hours_on(language, facts, day, today),
        _ => {
            let until = today.checked_add_days(chrono::Days::new(14)).unwrap_or(today);
            let soon = facts.special_days.iter().map(|special| special.date).filter(|date| *date <= until);
            let special: Vec<String> = soon.map(|date| hours_on(language, facts, date, today)).collect();
            say::paragraphs(&[&[week(language, facts)][..], &special].concat())
        }
    }
}

fn hours_on(language: Language, facts: &ClinicFacts, day: NaiveDate, today: NaiveDate) -> String {
    let date = say::date(language, day, today);
    let name = if day == today {
        said!(language, "Today, {date},", "Hoy, {date},")
    } else {
        said!(language, "On {date}", "El {date}")
    };
    match say::hours(language, &facts.open_on(day)) {
        Some(open) => said!(language, "{name} we are open {open}.", "{name} abrimos {open}."),
        None => said!(language, "{name} we are closed.", "{name} estamos cerrados."),
    }
}

// Days with the same hours are said together.
fn week(language: Language, facts: &ClinicFacts) -> String {
    const DAYS: [Weekday; 7] =
        [Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri, Weekday::Sat, Weekday::Sun];
    let mut groups: Vec<(Vec<Weekday>, String)> = Vec::new();
    let mut closed = Vec::new();
    for day in DAYS {
        match (say::hours(language, &facts.open_each(day)), groups.last_mut()) {
            (None, _) => closed.push(said_weekday(language, day)),
            (Some(open), Some((days, same))) if *same == open && days.last().is_some_and(|last| last.succ() == day) => {
                days.push(day)
            }
            (Some(open), _) => groups.push((vec![day], open)),
        }
    }
    let open: Vec<String> = groups.iter().map(|(days, open)| format!("{} {open}", day_names(language, days))).collect();
    let (open, closed_on) = (open.join(", "), say::and(language, &closed));
    let open = said!(language, "We are open {open}.", "Abrimos {open}.");
    let closed_on = said!(language, "We are closed on {closed_on}.", "Cerramos {closed_on}.");
    if closed.is_empty() { open } else { say::paragraphs(&[open, closed_on]) }
}

fn said_weekday(language: Language, day: Weekday) -> String {
    let name = say::weekday(language, day);
    said!(language, "{name}", "el {name}")
}

fn day_names(language: Language, days: &[Weekday]) -> String {
    match days {
        [first, .., last] => {
            let (first, last) = (say::weekday(language, *first), say::weekday(language, *last));
            said!(language, "{first} to {last}", "de {first} a {last}")
        }
        [only] => said_weekday(language, *only),
        [] => String::new(),
    }
}

fn offered(draft: &Draft, turn: &Turn) -> String {
    let (facts, language) = (draft.facts, draft.language);
    let asked: Vec<usize> = match &turn.heard.offered {
        TypeMention::One(n) => vec![*n],
        TypeMention::Each(some) | TypeMention::OneOf(some) => some.clone(),
        // "How much is it?" is about the visit being booked.
        TypeMention::None => draft.offered.filter(|_| draft.started).into_iter().collect(),
    };
    let told: Vec<String> = asked
        .iter()
        .filter_map(|n| facts.appointment_types.get(*n))
        .map(|offered| {
            let (what, minutes) = (say::capitalised(&say::a(language, &offered.name)), offered.minutes);
            match say::price(language, offered) {
                Some(price) => said!(
                    language,
                    "{what} takes {minutes} min and is {price}.",
                    "{what} dura {minutes} min y cuesta {price}.",
                ),
                None => said!(
                    language,
                    "{what} takes {minutes} min. I have no price for it here.",
                    "{what} dura {minutes} min. No tengo aquí su precio.",
                ),
            }
        })
        .collect();
    if told.is_empty() {
        let visits = visits(language, facts);
        return said!(language, "You can book {visits}.", "Puede reservar: {visits}.");
    }
    told.join(" ")
}

fn practitioners(language: Language, facts: &ClinicFacts, turn: &Turn) -> String {
    let wanted = match &turn.heard.offered {
        TypeMention::One(n) => facts.appointment_types.get(*n),
        _ => None,
    };
    let told: Vec<String> = facts
        .practitioners
        .iter()
        .filter(|p| wanted.is_none_or(|offered| does(p, offered)))
        .map(|practitioner| {
            let does: Vec<String> = facts
                .appointment_types
                .iter()
                .filter(|offered| does(practitioner, offered))
                .map(|offered| say::plain(&offered.name))
                .collect();
            if wanted.is_some() || does.is_empty() {
                practitioner.name.clone()
            } else {
                format!("{} ({})", practitioner.name, say::and(language, &does))
            }
        })
        .collect();
    let who = say::or(language, &told);
    match wanted {
        _ if told.is_empty() => {
            said!(language, "I have nobody listed for that here.", "No tengo aquí a nadie que haga eso.")
        }
        Some(offered) => {
            let what = say::a(language, &offered.name);
            said!(language, "For {what} you can see {who}.", "Para {what} le puede atender {who}.")
        }
        None => said!(language, "You can see {who}.", "Le puede atender {who}."),
    }
}

fn reply(draft: &Draft, talk: Talk, turn: &Turn) -> Option<String> {
    let (facts, language) = (draft.facts, draft.language);
    let reach = reach(language, facts);
    let under_way = draft.started || draft.hold.is_some();
    let with_reach = |text: String| say::paragraphs(&[text, reach.clone()]);
    let or_the_team = |text: String| {
        let ask = if under_way { String::new() } else { aside::shall_i_leave_it(language) };
        say::paragraphs(&[text, reach.clone(), ask])
    };
    Some(match talk {
        Talk::Greeting | Talk::HowAreYou if under_way => return None,
        Talk::HowAreYou => say::paragraphs(&[
            said!(
                language,
                "I am an automated assistant, so always the same.",
                "Soy un asistente automático, así que siempre igual.",
            ),
            welcome(language, facts),
        ]),
        Talk::Greeting => say::paragraphs(&[greeting(language, turn.at), welcome(language, facts)]),
        Talk::Thanks | Talk::Insult | Talk::Help | Talk::Bye if turn.heard.wants_visit || turn.heard.days.is_some() => {
            return None;
        }
        Talk::Thanks if under_way => return None,
        Talk::Thanks => said!(language, "You are welcome.", "Con mucho gusto."),
        Talk::Bye if draft.hold.is_some() => said!(
            language,
            "If you leave now, the time I am holding will be released in a few minutes and nothing will be reserved.",
            "Si se va ahora, en unos minutos soltaré la hora y no quedará nada reservado.",
        ),
        Talk::Bye if under_way => said!(
            language,
            "Goodbye, and take care. Nothing is reserved for you.",
            "Hasta luego, y cuídese. No tiene nada reservado.",
        ),
        Talk::Bye => said!(language, "Goodbye, and take care.", "Hasta luego, y cuídese."),
        Talk::Status if draft.booked.is_empty() || under_way => said!(
            language,
            "Not yet. I will give you a confirmation code once it is done.",
            "Todavía no. Le daré un código de confirmación cuando lo esté.",
        ),
        Talk::Status => code(draft, turn),
        Talk::Privacy => said!(
            language,
            "The clinic needs it to know who is coming and to reach you about the visit.",
            "La clínica lo necesita para saber quién viene y poder comunicarse con usted sobre la cita.",
        ),
        Talk::Robot => {
            let name = &facts.name;
            said!(
                language,
                "I am an automated assistant for {name}, not a person. I can find you a time and book it.",
                "Soy un asistente automático de {name}, no una persona. Puedo buscarle una hora y reservarla.",
            )
        }
        Talk::Human => with_reach(said!(
            language,
            "I am an automated assistant and cannot bring a person into this conversation.",
            "Soy un asistente automático y no puedo traer a una persona a esta conversación.",
        )),
        Talk::Contact => reach,
        Talk::Code => code(draft, turn),
        Talk::ChangeExisting => with_reach(said!(
            language,
            "I can move or cancel a visit if you say so, such as \"cancel my appointment\", and give me its confirmation code.",
            "Puedo cambiar o cancelar una cita si me lo dice, por ejemplo «cancelar mi cita», y me da su código de confirmación.",
        )),
        Talk::Medical => or_the_team(said!(
            language,
            "I am an automated assistant and cannot give medical advice. I can book you a visit, or you can ask the clinic.",
            "Soy un asistente automático y no puedo dar consejos médicos. Puedo reservarle una cita, o puede preguntar a la clínica.",
        )),
        Talk::Prescription => or_the_team(said!(
            language,
            "I cannot help with prescriptions, results or records in this chat.",
            "En este chat no puedo ayudarle con recetas, resultados ni expedientes.",
        )),
        Talk::Insurance => or_the_team(said!(
            language,
            "I do not have any information on insurance.",
            "No tengo información sobre seguros.",
        )),
        Talk::Payment => or_the_team(said!(
            language,
            "I do not have any information on payment.",
            "No tengo información sobre formas de pago.",
        )),
        Talk::Help => can_do(language, facts),
        Talk::Language if under_way => said!(language, "Of course.", "Claro."),
        Talk::Language => say::paragraphs(&[
            said!(language, "Of course, in English.", "Claro, en español."),
            welcome(language, facts),
        ]),
        Talk::Insult => said!(
            language,
            "I am sorry that this is frustrating. I am an automated assistant, and I can find you a time and book it.",
            "Lamento la molestia. Soy un asistente automático, y puedo buscarle una hora y reservarla.",
        ),
        Talk::Waitlist | Talk::Note | Talk::WriteLater | Talk::WhyNot | Talk::WhichDate | Talk::NewContact => {
            return None;
        }
    })
}

/// What the receptionist can do, for somebody who does not know.
pub fn can_do(language: Language, facts: &ClinicFacts) -> String {
    let visits = visits(language, facts);
    said!(
        language,
        "I can book {visits}, and tell you our hours, address, prices and who works here.",
        "Puedo reservarle una cita ({visits}) e informarle de nuestro horario, dirección, precios y quién atiende aquí.",
    )
}

fn welcome(language: Language, facts: &ClinicFacts) -> String {
    let name = &facts.name;
    said!(
        language,
        "This is the automated assistant of {name}. What would you like to book, and when?",
        "Soy el asistente automático de {name}. ¿Qué cita desea y para cuándo?",
    )
}

fn greeting(language: Language, at: DateTime<Tz>) -> String {
    match chrono::Timelike::hour(&at) {
        5..12 => said!(language, "Good morning.", "Buenos días."),
        12..17 => said!(language, "Good afternoon.", "Buenas tardes."),
        17..20 => said!(language, "Good evening.", "Buenas tardes."),
        _ => said!(language, "Good evening.", "Buenas noches."),
    }
}

fn code(draft: &Draft, turn: &Turn) -> String {
    let language = draft.language;
    let Some(booked) = draft.booked.last() else {
        return say::paragraphs(&[
            said!(
                language,
                "I have not made a booking in this chat, so I have no code to give you.",
                "En este chat no he hecho ninguna reserva, así que no tengo ningún código.",
            ),
            reach(language, draft.facts),
        ]);
    };
    let code = &booked.code;
    let what = said_visit(draft, &booked.visit, turn);
    if booked.is_request {
        said!(
            language,
            "The clinic decides about your request. Its code is {code}, for {what}.",
            "La clínica decide sobre su solicitud. Su código es {code}, para {what}.",
        )
    } else {
        said!(
            language,
            "Your confirmation code is {code}, for {what}.",
            "Su código de confirmación es {code}, para {what}.",
        )
    }
}

// "a haircut with Mia Lin on Tuesday 24 November at 2:00 PM, New York time"
fn said_visit(draft: &Draft, visit: &super::slot::Visit, turn: &Turn) -> String {
    let language = draft.language;
    let (what, who) = (say::a(language, &visit.offered), &visit.practitioner);
    let when = say::on_moment(language, visit.local, turn.at.date_naive());
    let zone = say::zone(language, draft.facts.time_zone);
    said!(language, "{what} with {who} {when}, {zone}", "{what} con {who} {when}, {zone}")
}
