//! Why a tool refused, in the language of the conversation.

use chrono::NaiveDate;
use domain::language::Language::{self, Spanish};

use super::slot::Refusal;

/// A refusal as one calm sentence or two, with a full stop at the end.
pub fn sentence(language: Language, refusal: &Refusal) -> String {
    if language == Spanish {
        return in_spanish(refusal);
    }
    let message = refusal.message.trim().replace('!', ".");
    if message.ends_with(['.', '?']) { message } else { format!("{message}.") }
}

/// Why a time is not offered, as `explain_time` says it.
pub fn reason(language: Language, reason: &str) -> String {
    let known = REASONS.iter().find(|(english, _)| language == Spanish && *english == reason);
    known.map_or(reason, |(_, spanish)| spanish).to_owned()
}

// What is said of a reason that has no translation of its own goes by its code.
fn in_spanish(refusal: &Refusal) -> String {
    let message = refusal.message.trim();
    let known = KNOWN.iter().find(|(english, _)| *english == message).map(|(_, spanish)| (*spanish).to_owned());
    let said = known.or_else(|| too_far(message)).unwrap_or_else(|| by_code(&refusal.code, message).to_owned());
    let phone = message.split_once("Please call ").map(|(_, phone)| phone.trim_end_matches('.'));
    match phone {
        Some(phone) => format!("{said} Llame, por favor, al {phone}."),
        None => said,
    }
}

fn too_far(message: &str) -> Option<String> {
    let (date, days) = message.strip_suffix(FAR_AHEAD)?.split_once(" is more than ")?;
    let date = Spanish.date(NaiveDate::parse_from_str(date, "%A %-d %B %Y").ok()?);
    Some(format!("El {date} es dentro de más de {days} días. {}", IS_THAT_THE_DAY.1))
}

const FAR_AHEAD: &str = " days ahead. Is that the day you mean?";

/// In English, which is the tool's own, and in Spanish.
pub const IS_THAT_THE_DAY: (&str, &str) = ("Is that the day you mean?", "¿Es ese el día que desea?");

/// Whether a day was refused only until the patient says that they mean it.
pub fn is_far(refusal: &Refusal) -> bool {
    refusal.message.ends_with(FAR_AHEAD)
}

fn by_code(code: &str, message: &str) -> &'static str {
    match code {
        "slot_taken" => "Esa hora ya no está libre.",
        "hold_expired" => "Esa hora ya no está apartada.",
        "cutoff_passed" if message.contains("told the clinic") => {
            "Esta cita ya no se puede cambiar ni cancelar en línea. Hemos avisado a la clínica de lo que desea."
        }
        "cutoff_passed" => "Esta cita ya no se puede cambiar ni cancelar en línea.",
        "already_cancelled" => "Esta cita ya estaba cancelada.",
        "verification_required" => {
            "Para encontrar una cita necesito su código de confirmación, o el nombre completo y la fecha de nacimiento."
        }
        "not_found" => "No encuentro lo que busca.",
        "forbidden" => "Eso no se puede hacer aquí.",
        "rate_limited" => "Ya lo intentó muchas veces. Inténtelo de nuevo más tarde, o pregunte a la clínica.",
        "invalid" if message.contains("phone") => "Ese teléfono no parece correcto. Dígamelo con el código de área.",
        "invalid" if message.contains("mail") => "Ese correo electrónico no parece correcto.",
        "invalid" if message.contains("name") => "Ese nombre no parece correcto.",
        "invalid" => "Eso no es posible así.",
        _ => "Algo no funcionó de nuestro lado. Inténtelo de nuevo en un momento.",
    }
}

const KNOWN: &[(&str, &str)] = &[
    (
        "I cannot find a visit with these details. Please check them, or ask the clinic.",
        "No encuentro ninguna cita con esos datos. Revíselos, por favor, o pregunte a la clínica.",
    ),
    (
        "That was tried too often. Please try again in an hour, or ask the clinic.",
        "Ya lo intentó muchas veces. Inténtelo de nuevo en una hora, o pregunte a la clínica.",
    ),
    (
        "That time was not offered here. Please choose one of the times shown.",
        "Esa hora no se ofreció aquí. Elija, por favor, una de las que le mostré.",
    ),
    (
        "That offer has run out. Please look at the times again.",
        "Esa oferta ya caducó. Hay que volver a mirar las horas.",
    ),
    ("That time is for another kind of visit.", "Es una hora para otro tipo de cita."),
    (
        "This kind of visit cannot be booked here. Please get in touch with the clinic.",
        "Este tipo de cita no se puede reservar aquí. Comuníquese, por favor, con la clínica.",
    ),
    ("This visit can no longer be changed.", "Esta cita ya no se puede cambiar."),
    (
        "That does not look like a phone number. Please give it with its area code.",
        "Eso no parece un teléfono. Dígamelo, por favor, con el código de área.",
    ),
    ("That does not look like an email address.", "Eso no parece un correo electrónico."),
    ("Please give a phone number or an email address.", "Deme, por favor, un teléfono o un correo electrónico."),
    ("Please check the date of birth.", "Revise, por favor, la fecha de nacimiento."),
    ("Please give a time within the next 90 days.", "Dígame, por favor, un momento dentro de los próximos 90 días."),
    (
        "Please give days from today on, within a year, in order.",
        "Dígame, por favor, días a partir de hoy y dentro de un año.",
    ),
    (
        "We have agreed on as many follow-ups as we may make. You can write to us here at any time.",
        "Ya no podemos programar más mensajes. Puede escribirnos aquí en cualquier momento.",
    ),
    ("The clocks skip that time on that day.", "Ese día los relojes se saltan esa hora."),
    ("The clinic does not offer that.", "La clínica no ofrece eso."),
    ("There is no such kind of visit.", "No existe ese tipo de cita."),
];

const REASONS: &[(&str, &str)] = &[
    ("That is too soon to book.", "Es demasiado pronto para reservarla."),
    ("That is further ahead than can be booked yet.", "Todavía no se puede reservar con tanta anticipación."),
    ("The clocks skip that time on that day.", "Ese día los relojes se saltan esa hora."),
    ("Visits do not start at that minute.", "Las citas no empiezan en ese minuto."),
    ("The practitioner is away.", "Esa persona no está ese día."),
    ("That is outside opening hours.", "Está fuera del horario de atención."),
    ("That day has other hours than usual.", "Ese día hay otro horario."),
    ("That is during a break.", "Cae en una pausa."),
    ("The practitioner is busy otherwise.", "Esa persona está ocupada."),
    ("That time is taken.", "Ya está ocupada."),
    ("That time is being held for somebody.", "Ya está ocupada."),
    ("That time is kept free around a visit.", "Ya está ocupada."),
    ("The group is full.", "El grupo está lleno."),
    ("No room it needs is free.", "Ya está ocupada."),
    ("This kind of visit is no longer offered with them.", "Ese tipo de cita ya no se ofrece con esa persona."),
];

#[cfg(test)]
mod tests {
    use domain::{Rejection, truth};

    use super::*;

    fn refusal(rejection: &Rejection) -> Refusal {
        Refusal { code: rejection.code.as_str().into(), message: rejection.message.to_string() }
    }

    #[test]
    fn a_refusal_is_said_in_spanish() {
        for (rejection, said) in [
            (Rejection::slot_taken(), "Esa hora ya no está libre."),
            (Rejection::hold_expired(), "Esa hora ya no está apartada."),
            (
                Rejection::invalid(
                    "phone",
                    "That does not look like a phone number. Please give it with its area code.",
                ),
                "Eso no parece un teléfono. Dígamelo, por favor, con el código de área.",
            ),
            (
                Rejection::invalid(
                    "from",
                    "Friday 15 January 2027 is more than 30 days ahead. Is that the day you mean?",
                ),
                "El viernes 15 de enero de 2027 es dentro de más de 30 días. ¿Es ese el día que desea?",
            ),
            (Rejection::unavailable(), "Algo no funcionó de nuestro lado. Inténtelo de nuevo en un momento."),
        ] {
            assert_eq!(sentence(Spanish, &refusal(&rejection)), said);
        }
    }

    #[test]
    fn no_refusal_claims_what_did_not_happen() {
        let codes = ["slot_taken", "hold_expired", "cutoff_passed", "verification_required", "not_found", "forbidden"];
        let codes = codes.into_iter().chain(["rate_limited", "invalid", "unavailable"]).map(|code| by_code(code, ""));
        let known = KNOWN.iter().chain(REASONS).map(|(_, spanish)| *spanish);
        let fields = ["phone", "mail", "name"].map(|field| by_code("invalid", field));
        for text in codes.chain(known).chain(fields) {
            for sentence in truth::sentences(text) {
                let verdict = truth::check(sentence, "2026-11-20".parse().unwrap(), &[]);
                assert!(verdict.may_be_said(), "{sentence}: {verdict:?}");
            }
        }
    }

    #[test]
    fn in_english_it_is_the_tools_own() {
        let rejection = Rejection::invalid("name", "No such name!");
        assert_eq!(sentence(Language::English, &refusal(&rejection)), "No such name.");
    }
}
