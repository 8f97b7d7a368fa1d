//! What is said about new numbers and addresses.

use domain::language::Language::{self, English, Spanish};

use super::super::changing::wording as asking;
use super::super::say::said;
use super::Question;

const ASKED: [(Question, &str, &str); 3] = [
    (
        Question::What,
        "What is the new phone number or email address?",
        "¿Cuál es el nuevo teléfono o correo electrónico?",
    ),
    (
        Question::Whose,
        "What is the patient's full name, as the clinic has it?",
        "¿Con qué nombre completo está el paciente en la clínica?",
    ),
    (Question::Digits, "What are its six digits?", "¿Cuáles son sus seis cifras?"),
];

/// What a reply asked for, known by its words.
pub fn asked(text: &str) -> Option<Question> {
    let known = ASKED.into_iter().find(|(_, english, spanish)| text.contains(english) || text.contains(spanish));
    known.map(|(question, ..)| question).or_else(|| {
        let again = [English, Spanish].into_iter().any(|language| text.contains(&send_again(language)));
        match (again, asking::asks_for_code(text)) {
            (true, _) => Some(Question::Digits),
            (false, asks) => asks.then_some(Question::Who),
        }
    })
}

pub fn ask(question: Question, language: Language) -> String {
    let known = ASKED.into_iter().find(|(asked, ..)| *asked == question);
    match (known, language) {
        (Some((_, english, _)), English) => english.to_owned(),
        (Some((.., spanish)), Spanish) => spanish.to_owned(),
        (None, _) => asking::ask_for_code(language),
    }
}

/// How somebody says that no code came, or that they want another.
pub fn misses(language: Language) -> &'static [&'static str] {
    match language {
        English => &[
            "didnt get",
            "did not get",
            "havent got",
            "have not got",
            "didnt receive",
            "did not receive",
            "nothing came",
            "no code",
            "again",
            "another code",
            "new code",
            "other way",
            "by email",
            "by text",
            "dont have it",
            "lost that phone",
            "old phone",
        ],
        Spanish => &[
            "no me llego",
            "no llego",
            "no lo recibi",
            "no recibi",
            "no lo tengo",
            "otra vez",
            "otro codigo",
            "otra clave",
            "nuevo codigo",
            "de nuevo",
            "por correo",
            "por mensaje",
        ],
    }
}

/// `to` says as much of the address as its owner knows it by.
pub fn sent(to: &str, language: Language) -> String {
    said!(
        language,
        "To be sure that it is you, I have sent a code to what the clinic has until now: {to}.",
        "Para estar seguros de que es usted, le he enviado una clave a lo que la clínica tiene hasta ahora: {to}.",
    )
}

pub fn not_the_code(language: Language) -> String {
    said!(language, "That is not the code that works.", "Esa no es la clave que funciona.")
}

pub fn send_again(language: Language) -> String {
    said!(language, "Say \"again\" if you need another one.", "Diga «otra vez» si necesita otra.")
}

/// `new` is the number, the address or both.
pub fn changed(new: &str, language: Language) -> String {
    said!(
        language,
        "Thank you. From now on the clinic has {new} for you.",
        "Gracias. A partir de ahora la clínica tiene {new} para usted.",
    )
}

pub fn unchanged(language: Language) -> String {
    said!(language, "All right, everything stays as it is.", "De acuerdo, todo sigue como está.")
}

pub fn left(language: Language) -> String {
    said!(
        language,
        "There is nowhere I could send you a code to. I have left your message for the team.",
        "No hay adónde enviarle una clave. He dejado su mensaje para el equipo.",
    )
}

pub fn stuck(language: Language) -> String {
    said!(
        language,
        "I could not change that. Please ask the clinic.",
        "No pude cambiarlo. Pregunte, por favor, a la clínica.",
    )
}

/// For staff, in the patient's own words.
pub fn for_the_team(text: &str, reach: Option<&String>) -> String {
    let text: String = text.chars().take(1_000).collect();
    let reach = reach.map(String::as_str).unwrap_or_default();
    format!("They want to be reached in a new way: {reach}. {text}")
}
