//! What the receptionist says next about the visit: reads it back, asks for
//! what is missing.

use domain::language::Language::{English, Spanish};

use super::answers;
use super::aside;
use super::catalogue::does;
use super::draft::{Draft, Note, Turn};
use super::found;
use super::intent::Talk;
use super::say::{self, said};
use super::slot::Hold;

/// The reply to a message that needs no tool: answers, remarks, and the question
/// that is still open.
pub fn reply(draft: &Draft, turn: &Turn) -> String {
    let answer = answers::answer(draft, turn);
    let remarks = remarks(draft, turn);
    let leaves = turn.heard.talk == Some(Talk::Bye) && draft.hold.is_none();
    let pending = if leaves { String::new() } else { pending(draft, turn) };
    if answer.is_none() && remarks.is_empty() && pending.is_empty() {
        return at_a_loss(draft, turn);
    }
    let unclear = answer.is_none() && remarks.is_empty() && draft.hold.is_none() && !draft.offers.is_empty();
    let unclear = if unclear && !turn.heard.agrees && turn.heard.talk.is_none() {
        said!(draft.language, "I did not catch that.", "No le entendí bien.")
    } else {
        String::new()
    };
    say::paragraphs(&[answer.unwrap_or_default(), remarks, unclear, pending])
}

/// `opening`, then remarks and the question that is still open.
pub fn join(draft: &Draft, turn: &Turn, opening: &str) -> String {
    say::paragraphs(&[opening.into(), remarks(draft, turn), pending(draft, turn)])
}

/// The question that is still open, or nothing when no visit is wanted.
pub fn pending(draft: &Draft, turn: &Turn) -> String {
    if draft.aside.waits && draft.offered.is_some() {
        return aside::who_waits(draft);
    }
    if draft.hold.is_some() {
        return contact(draft, turn);
    }
    if !draft.offers.is_empty() {
        return found::which(draft, turn);
    }
    match (draft.started, draft.offered, draft.days) {
        (false, ..) => String::new(),
        (true, None, _) => which_type(draft),
        (true, Some(n), None) => which_day(draft, n),
        (true, Some(_), Some(_)) => {
            said!(draft.language, "Which other day would suit you?", "¿Qué otro día le conviene?")
        }
    }
}

/// Reads a hold back in full and asks whom it is for.
pub fn held(draft: &Draft, turn: &Turn) -> String {
    let Some(hold) = &draft.hold else { return pending(draft, turn) };
    let (visit, language) = (&hold.visit, draft.language);
    let moment = say::moment(language, visit.local, turn.at.date_naive());
    let (what, who, long) = (say::a(language, &visit.offered), &visit.practitioner, visit.minutes);
    let left = minutes_left(draft, hold, turn);
    let read_back = said!(
        language,
        "I am holding {moment} for {what} with {who} ({long} min) for {left}.",
        "Le tengo apartado {moment} para {what} con {who} ({long} min) durante {left}.",
    );
    say::paragraphs(&[answers::answer(draft, turn).unwrap_or_default(), read_back, contact(draft, turn)])
}

/// Confirms what was booked or asked for: code, time, zone, person and contact.
pub fn booked(draft: &Draft, turn: &Turn) -> String {
    let Some(booked) = draft.booked.last() else { return pending(draft, turn) };
    let (visit, language) = (&booked.visit, draft.language);
    let under: Vec<String> =
        [Some(booked.name.clone()), booked.email.clone(), booked.phone.clone()].into_iter().flatten().collect();
    let (what, who, long) = (say::a(language, &visit.offered), &visit.practitioner, visit.minutes);
    let when = say::on_moment(language, visit.local, turn.at.date_naive());
    let zone = say::zone(language, draft.facts.time_zone);
    let what = said!(
        language,
        "{what} with {who} ({long} min) {when}, {zone}",
        "{what} con {who} ({long} min) {when}, {zone}",
    );
    let (under, code) = (say::and(language, &under), &booked.code);
    if booked.is_request {
        said!(
            language,
            "I have asked the clinic for {what}. It is not booked until they approve it. It is under {under}. The code of your request is {code}.",
            "He pedido a la clínica {what}. No queda reservada hasta que la aprueben. Está a nombre de {under}. El código de su solicitud es {code}.",
        )
    } else {
        said!(
            language,
            "You are booked for {what}. It is under {under}. Your confirmation code is {code}.",
            "Le he reservado {what}. Está a nombre de {under}. Su código de confirmación es {code}.",
        )
    }
}

/// What the patient should know before the answer: a past date, a stranger's name.
pub fn remarks(draft: &Draft, turn: &Turn) -> String {
    let said: Vec<String> = turn.notes.iter().map(|note| remark(draft, turn, note)).collect();
    say::paragraphs(&said)
}

fn remark(draft: &Draft, turn: &Turn, note: &Note) -> String {
    let (facts, language) = (draft.facts, draft.language);
    let today = turn.at.date_naive();
    match note {
        Note::Past(super::dates::Days::One(day)) => {
            let date = say::date(language, *day, today);
            said!(language, "{date} is in the past.", "El {date} es una fecha pasada.")
        }
        Note::Past(_) => said!(language, "That is in the past.", "Es una fecha pasada."),
        Note::PassedToday(time) => {
            let (time, at) = (say::time(language, *time), say::at(language, *time));
            said!(language, "{time} today has already passed.", "Hoy {at} ya no se puede.")
        }
        Note::Mismatch => turn.heard.mismatch.map(|(_, date)| mismatched(draft, date)).unwrap_or_default(),
        Note::ImpossibleDate => {
            said!(language, "That date is not in the calendar.", "Esa fecha no existe.")
        }
        Note::Stranger(name) => {
            let some: Vec<String> = facts.practitioners.iter().map(|p| p.name.clone()).collect();
            let others = say::or(language, &some);
            said!(
                language,
                "I do not find anyone called {name} here. You can see {others}.",
                "Aquí no encuentro a nadie que se llame {name}. Le puede atender {others}.",
            )
        }
        Note::DoesNotDo { practitioner, offered } => does_not_do(draft, *practitioner, *offered),
        Note::OneAtATime(n) => facts
            .appointment_types
            .get(*n)
            .map(|offered| {
                let what = say::plain(&offered.name);
                said!(
                    language,
                    "I book one visit at a time, so let us start with the {what}.",
                    "Reservo una cita a la vez, así que empecemos por {what}.",
                )
            })
            .unwrap_or_default(),
        Note::Introduced if turn.heard.talk == Some(Talk::Greeting) && !draft.started => String::new(),
        Note::Introduced => match first_name(draft) {
            Some(first) => said!(language, "Thank you, {first}.", "Gracias, {first}."),
            None => said!(language, "Thank you.", "Gracias."),
        },
        Note::BadEmail => {
            said!(language, "That email address looks incomplete.", "Ese correo electrónico parece incompleto.")
        }
        Note::BadPhone => said!(language, "That phone number looks incomplete.", "Ese teléfono parece incompleto."),
        Note::NeedContact => said!(
            language,
            "I need an email address or a phone number to book it.",
            "Para reservarla necesito un correo electrónico o un teléfono.",
        ),
        Note::CannotChangeBooked => {
            let reach = answers::reach(language, facts);
            said!(
                language,
                "Your visit is booked. To move it, tell me the new day and time; to call it off, say \"cancel it\"; anything else about it the clinic changes for you. {reach}",
                "Su cita está reservada. Para cambiarla, dígame el nuevo día y la hora; para cancelarla, diga «cancélela»; lo demás lo cambia la clínica. {reach}",
            )
        }
        Note::NoSuchChoice => {
            said!(language, "I am not sure which one you mean.", "No estoy seguro de cuál me dice.")
        }
        Note::NotAgreed => {
            said!(language, "Tell me what to change, or say stop.", "Dígame qué cambio, o diga «dejarlo».")
        }
        Note::Others => String::new(),
    }
}

fn mismatched(draft: &Draft, date: chrono::NaiveDate) -> String {
    let weekday = say::weekday(draft.language, chrono::Datelike::weekday(&date));
    let full = say::date(draft.language, date, date);
    let day = full.strip_prefix(weekday).unwrap_or(&full).trim();
    said!(draft.language, "{day} is a {weekday}.", "El {day} es {weekday}.")
}

fn does_not_do(draft: &Draft, practitioner: usize, offered: usize) -> String {
    let (facts, language) = (draft.facts, draft.language);
    let (Some(practitioner), Some(offered)) =
        (facts.practitioners.get(practitioner), facts.appointment_types.get(offered))
    else {
        return String::new();
    };
    let others: Vec<String> = facts.practitioners.iter().filter(|p| does(p, offered)).map(|p| p.name.clone()).collect();
    let (name, others) = (&practitioner.name, say::or(language, &others));
    let (what, plain) = (say::a(language, &offered.name), say::plain(&offered.name));
    said!(
        language,
        "{name} does not offer {what}; you can see {others}.",
        "{name} no ofrece {plain}; le puede atender {others}.",
    )
}

fn contact(draft: &Draft, turn: &Turn) -> String {
    let heard = &turn.heard;
    let given = heard.email.is_some() || heard.phone.is_some() || heard.name.is_some() || heard.bare_name == draft.name;
    let thanks = first_name(draft)
        .filter(|_| given && turn.notes.is_empty() && turn.made.is_empty())
        .map(|first| said!(draft.language, "Thank you, {first}.", "Gracias, {first}."))
        .unwrap_or_default();
    let email = draft.email.is_none() && !draft.no_email;
    let phone = draft.phone.is_none() && !draft.no_phone;
    if draft.name.is_some() && !email && !phone {
        let under: Vec<String> = [&draft.name, &draft.email, &draft.phone].into_iter().flatten().cloned().collect();
        let under = say::and(draft.language, &under);
        return said!(draft.language, "Shall I book it under {under}?", "¿La reservo con estos datos: {under}?");
    }
    // What was given already makes the rest optional.
    let optional = draft.name.is_some() && (email != phone) && (draft.email.is_some() || draft.phone.is_some());
    let thanks = if draft.name.is_some() && (optional || email && phone) { thanks } else { String::new() };
    let question = match (draft.language, draft.name.is_none(), email, phone) {
        (English, true, true, true) => "What name, email and phone number should I book it under?",
        (English, true, true, false) => "What name and email should I book it under?",
        (English, true, false, true) => "What name and phone number should I book it under?",
        (English, true, false, false) => "What name should I book it under?",
        (English, false, true, true) => "What email and phone number should I book it under?",
        (English, false, true, false) if optional => "What email should I add? You can say skip.",
        (English, false, true, false) => "What email should I book it under?",
        (English, false, false, _) if optional => "What phone number should I add? You can say skip.",
        (English, false, false, _) => "What phone number should I book it under?",
        (Spanish, true, true, true) => "¿Qué nombre, correo electrónico y teléfono pongo en la reserva?",
        (Spanish, true, true, false) => "¿Qué nombre y correo electrónico pongo en la reserva?",
        (Spanish, true, false, true) => "¿Qué nombre y teléfono pongo en la reserva?",
        (Spanish, true, false, false) => "¿Qué nombre pongo en la reserva?",
        (Spanish, false, true, true) => "¿Qué correo electrónico y teléfono pongo en la reserva?",
        (Spanish, false, true, false) if optional => {
            "¿Qué correo electrónico agrego? Si prefiere no darlo, diga «omitir»."
        }
        (Spanish, false, true, false) => "¿Qué correo electrónico pongo en la reserva?",
        (Spanish, false, false, _) if optional => "¿Qué teléfono agrego? Si prefiere no darlo, diga «omitir».",
        (Spanish, false, false, _) => "¿Qué teléfono pongo en la reserva?",
    };
    say::paragraphs(&[thanks, question.into()])
}

fn first_name<'d>(draft: &'d Draft) -> Option<&'d str> {
    draft.name.as_deref()?.split(' ').next()
}

fn which_type(draft: &Draft) -> String {
    let language = draft.language;
    let some: Vec<String> = draft
        .types_meant
        .iter()
        .filter_map(|n| draft.facts.appointment_types.get(*n))
        .map(|offered| say::offered(language, offered))
        .collect();
    if some.len() > 1 {
        let some = say::or(language, &some);
        return said!(language, "Which would you like: {some}?", "¿Cuál desea: {some}?");
    }
    what_to_book(draft)
}

fn what_to_book(draft: &Draft) -> String {
    let types = answers::types(draft.language, draft.facts);
    said!(draft.language, "What would you like to book: {types}?", "¿Qué cita desea: {types}?")
}

fn which_day(draft: &Draft, offered: usize) -> String {
    let language = draft.language;
    let offered = draft.facts.appointment_types.get(offered);
    let name = offered.map(|offered| say::a(language, &offered.name)).unwrap_or_else(|| said!(language, "it", "ella"));
    let who = found::with_whom(draft);
    said!(
        language,
        "Which day would you like to come in for {name}{who}?",
        "¿Qué día le gustaría venir para {name}{who}?",
    )
}

fn minutes_left(draft: &Draft, hold: &Hold, turn: &Turn) -> String {
    let seconds = hold.expires_at.map(|at| (at - turn.at.to_utc()).num_seconds());
    match seconds.map(|seconds| (seconds + 30) / 60) {
        None => said!(draft.language, "a few minutes", "unos minutos"),
        Some(minutes) if minutes <= 1 => said!(draft.language, "1 minute", "1 minuto"),
        Some(minutes) => said!(draft.language, "{minutes} minutes", "{minutes} minutos"),
    }
}

fn at_a_loss(draft: &Draft, turn: &Turn) -> String {
    let language = draft.language;
    if turn.heard.agrees && !draft.booked.is_empty() {
        return said!(language, "Is there anything else I can do for you?", "¿Le puedo ayudar en algo más?");
    }
    if turn.heard.agrees {
        return what_to_book(draft);
    }
    if turn.heard.declines {
        return said!(
            language,
            "All right. If you would like to book a visit, tell me what and when.",
            "De acuerdo. Si desea una cita, dígame cuál y para cuándo.",
        );
    }
    let can_do = answers::can_do(language, draft.facts);
    said!(
        language,
        "I did not understand that. I am an automated assistant. {can_do}",
        "No le entendí. Soy un asistente automático. {can_do}",
    )
}
