//! The fixed answer to an emergency.

use super::{Emergency, Kind};
use crate::language::Language::{English, Spanish};

/// What to answer where the clinic's country is `country` (ISO 3166, two
/// letters).
///
/// It says that staff have been told, so tell them before it is sent. A country
/// without a number here gets a sentence without one: a wrong number is worse.
pub fn answer(emergency: &Emergency, country: Option<&str>) -> String {
    let country = country.unwrap_or_default().to_ascii_uppercase();
    let number = number(&country);
    let line = crisis_line(&country).filter(|_| emergency.kind == Kind::Suicide);
    match emergency.language {
        English => english(emergency.kind, number, line),
        Spanish => spanish(emergency.kind, number, line),
    }
}

fn english(kind: Kind, number: Option<&str>, line: Option<&str>) -> String {
    let call = match number {
        Some(number) => format!("call {number} now"),
        None => "call your local emergency number now".to_owned(),
    };
    let what = match (kind, line) {
        (Kind::Suicide, Some(line)) => format!(
            "I am sorry you are going through this. You do not have to face it alone. If you or someone else may be in danger, please {call}. You can also call {line}, at any time."
        ),
        (Kind::Suicide, None) => format!(
            "I am sorry you are going through this. You do not have to face it alone. Please {call}, or go to the nearest emergency room, and stay with someone you trust."
        ),
        (Kind::Violence, _) => format!("Please get to safety if you can and {call}."),
        _ => format!(
            "This may be an emergency. Please {call}, or go to the nearest emergency room. Do not wait for an answer here."
        ),
    };
    format!(
        "{what} I am an automated assistant and cannot help in an emergency. I have told the clinic's staff about your message, but do not wait for them."
    )
}

fn spanish(kind: Kind, number: Option<&str>, line: Option<&str>) -> String {
    let call = match number {
        Some(number) => format!("llame ahora al {number}"),
        None => "llame ahora al número de emergencias de su país".to_owned(),
    };
    let what = match (kind, line) {
        (Kind::Suicide, Some(line)) => format!(
            "Lamento mucho que esté pasando por esto. No tiene que enfrentarlo a solas. Si usted u otra persona puede estar en peligro, {call}. También puede llamar al {line}, a cualquier hora."
        ),
        (Kind::Suicide, None) => format!(
            "Lamento mucho que esté pasando por esto. No tiene que enfrentarlo a solas. Por favor, {call} o vaya a urgencias, y quédese con alguien de confianza."
        ),
        (Kind::Violence, _) => format!("Póngase a salvo si puede y {call}."),
        _ => format!(
            "Esto puede ser una emergencia. Por favor, {call} o vaya a urgencias. No espere una respuesta aquí."
        ),
    };
    format!(
        "{what} Soy un asistente automático y no puedo ayudar en una emergencia. He avisado de su mensaje al personal de la clínica, pero no espere a que respondan."
    )
}

/// The number for all emergencies; none where police and ambulance have their
/// own.
fn number(country: &str) -> Option<&'static str> {
    Some(match country {
        "US" | "CA" | "MX" | "PR" | "VI" | "GU" | "CR" | "PA" | "EC" | "UY" | "HN" | "DO" | "BZ" | "BS" => "911",
        "GB" | "GG" | "JE" | "IM" | "HK" => "999",
        "AT" | "BE" | "BG" | "CY" | "CZ" | "DE" | "DK" | "EE" | "ES" | "FI" | "FR" | "GR" | "HR" | "HU" | "IE"
        | "IT" | "LT" | "LU" | "LV" | "MT" | "NL" | "PL" | "PT" | "RO" | "SE" | "SI" | "SK" | "IS" | "LI" | "NO"
        | "CH" | "AD" | "MC" | "SM" | "IN" | "TR" => "112",
        "AU" => "000",
        "NZ" => "111",
        "CO" => "123",
        _ => return None,
    })
}

/// A line for people who think of suicide, answered day and night.
fn crisis_line(country: &str) -> Option<&'static str> {
    Some(match country {
        "US" | "CA" | "PR" | "VI" | "GU" => "988",
        "GB" | "IE" => "116 123 (Samaritans)",
        "ES" => "024",
        "AU" => "13 11 14 (Lifeline)",
        "NZ" => "1737",
        _ => return None,
    })
}
