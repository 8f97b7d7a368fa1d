//! The true sentence that is said in place of a false one.

use super::{Act, Channel, Fact};
use crate::language::Language::{self, English, Spanish};

/// What the rows say, for a patient to read.
///
/// The newest visit decides; facts are taken in the order they were committed.
pub fn replacement(facts: &[Fact], language: Language) -> String {
    let visit = facts.iter().rev().find_map(|fact| said(fact, language));
    let offers = || offers(facts, language);
    visit.or_else(offers).unwrap_or_else(|| {
        match language {
            English => "Nothing has been booked or changed so far.",
            Spanish => "Hasta ahora no se ha reservado ni cambiado nada.",
        }
        .to_owned()
    })
}

fn said(fact: &Fact, language: Language) -> Option<String> {
    let visit = visit(fact, language);
    let code = fact.code.as_ref().map(ToString::to_string);
    let code = match (code, language) {
        (Some(code), English) => format!(" The code is {code}."),
        (Some(code), Spanish) => format!(" El código es {code}."),
        (None, _) => String::new(),
    };
    Some(match (fact.act, language) {
        (Act::Booked, English) => format!("This visit is booked: {visit}.{code}"),
        (Act::Booked, Spanish) => format!("Esta cita está reservada: {visit}.{code}"),
        (Act::Moved, English) => format!("The visit was moved and is now: {visit}.{code}"),
        (Act::Moved, Spanish) => format!("La cita se cambió y ahora es: {visit}.{code}"),
        (Act::Cancelled, English) => format!("This visit is cancelled: {visit}."),
        (Act::Cancelled, Spanish) => format!("Esta cita está cancelada: {visit}."),
        (Act::Requested, English) => {
            format!("This visit is requested and not booked until the clinic approves it: {visit}.{code}")
        }
        (Act::Requested, Spanish) => {
            format!("Esta cita está solicitada y no queda reservada hasta que la clínica la apruebe: {visit}.{code}")
        }
        (Act::Held, English) => format!("This time is held for you for a few minutes and is not booked yet: {visit}."),
        (Act::Held, Spanish) => {
            format!("Este horario está apartado para usted por unos minutos y todavía no está reservado: {visit}.")
        }
        (Act::Waitlisted, English) => "You are on the waiting list. Nothing is booked yet.".to_owned(),
        (Act::Waitlisted, Spanish) => "Está en la lista de espera. Todavía no hay nada reservado.".to_owned(),
        (Act::StaffTold, English) => "The clinic's staff have been told.".to_owned(),
        (Act::StaffTold, Spanish) => "El personal de la clínica ya está avisado.".to_owned(),
        (Act::Sent(channel), English) => format!("You have been sent {}.", sent(channel, English)),
        (Act::Sent(channel), Spanish) => format!("Se le ha enviado {}.", sent(channel, Spanish)),
        (Act::ContactChanged, English) => "Your contact details have been changed.".to_owned(),
        (Act::ContactChanged, Spanish) => "Sus datos de contacto quedaron cambiados.".to_owned(),
        (Act::Offered | Act::Done | Act::Named, _) => return None,
    })
}

fn sent(channel: Channel, language: Language) -> &'static str {
    match (channel, language) {
        (Channel::Sms, English) => "a text",
        (Channel::Sms, Spanish) => "un mensaje de texto",
        (Channel::Email, English) => "an email",
        (Channel::Email, Spanish) => "un correo",
        (Channel::Any, English) => "a message",
        (Channel::Any, Spanish) => "un mensaje",
    }
}

/// `haircut with Dr. Mia Lin, Tuesday 24 November 2026, 3:00 PM`
fn visit(fact: &Fact, language: Language) -> String {
    let with = match language {
        English => "with",
        Spanish => "con",
    };
    let who = match (&fact.appointment_type, &fact.practitioner) {
        (Some(what), Some(who)) => Some(format!("{what} {with} {who}")),
        (Some(what), None) => Some(what.clone()),
        (None, Some(who)) => Some(format!("{with} {who}")),
        (None, None) => None,
    };
    let when = fact.starts_at.map(|at| format!("{}, {}", language.date(at.date()), language.time(at.time())));
    let visit = [who, when].into_iter().flatten().collect::<Vec<_>>().join(", ");
    // "3:00 p. m." brings its own full stop.
    visit.trim_end_matches('.').to_owned()
}

fn offers(facts: &[Fact], language: Language) -> Option<String> {
    let times: Vec<String> = facts
        .iter()
        .filter(|fact| fact.act == Act::Offered)
        .filter_map(|fact| fact.starts_at)
        .map(|at| format!("{}, {}", language.day(at.date()), language.time(at.time())))
        .take(3)
        .collect();
    let times = times.join("; ");
    (!times.is_empty()).then(|| match language {
        English => format!("Nothing is booked yet. These times are free: {times}."),
        Spanish => format!("Todavía no hay nada reservado. Estos horarios están libres: {times}."),
    })
}
