//! Saying that a machine answers.

use std::sync::LazyLock;

use crate::language::Language::{self, English, Spanish};
use crate::pattern::Patterns;
use crate::truth::words;

/// Whether `text` asks who, or what, answers.
pub fn is_asked(text: &str) -> bool {
    ASKED.occur(&words(text))
}

/// Whether `text` says that it is a machine.
pub fn is_said(text: &str) -> bool {
    let words = words(text);
    SAID.occur(&words) && !NOT_ONE.occur(&words)
}

/// Whether `sentence` says that a person answers.
pub fn is_denied(sentence: &str) -> bool {
    let words = words(sentence);
    DENIED.occur(&words) && (NOT_ONE.occur(&words) || !SAID.occur(&words))
}

/// What is said first when somebody asks.
pub const fn sentence(language: Language) -> &'static str {
    match language {
        English => "I am an automated assistant, not a person.",
        Spanish => "Soy un asistente automático, no una persona.",
    }
}

static ASKED: LazyLock<Patterns> = LazyLock::new(|| {
    let patterns = &[
        "are|r ~ you|u ~ ONE",
        "is|am ~ this|that|i ~ ONE",
        "is|am ~ this|i .. talking|speaking|chatting|texting|writing ~ to|with .. ONE",
        "am ~ i ~ talking|speaking|chatting|texting|writing ~ to|with .. ONE",
        "talking|speaking|chatting ~ to|with ~ ONE ~ ?",
        "who|what ~ are|is ~ you|this ~ ?",
        "who|what ~ am ~ i ~ talking|speaking|chatting",
        "is ~ there ~ ONE ~ there|reading|behind|here",
        "eres|es|estoy|hablo|hablando|usted .. UNO",
        "con ~ quien ~ hablo|estoy|tengo",
    ];
    Patterns::new(patterns, list)
});

static SAID: LazyLock<Patterns> = LazyLock::new(|| {
    let patterns = &[
        "im|i|this|youre|chatting|talking ... automated|bot|robot|chatbot|ai|virtual|machine|computer",
        "automated|virtual ~ assistant|receptionist",
        "soy|es|habla .. automatico|automatica|automatizado|automatizada|virtual|robot|bot|maquina",
        "asistente|recepcionista ~ automatico|automatica|automatizado|automatizada|virtual",
    ];
    Patterns::new(patterns, list)
});

static NOT_ONE: LazyLock<Patterns> =
    LazyLock::new(|| Patterns::new(&["not ~ MACHINE", "no ~ soy ~ MACHINE", "isnt|aint ~ MACHINE"], list));

static DENIED: LazyLock<Patterns> = LazyLock::new(|| {
    let patterns = &[
        "i|im|yes|this ~ am|im|is ~ PERSON",
        "im ~ PERSON",
        "im|i|am ~ not ~ MACHINE",
        "yes ~ PERSON ~ here|,|$",
        "youre ~ talking|speaking|chatting ~ to|with ~ PERSON",
        "soy ~ PERSONA",
        "no ~ soy ~ MACHINE",
        "habla|hablando ~ con ~ PERSONA",
    ];
    Patterns::new(patterns, list)
});

fn list(name: &str) -> Option<&'static str> {
    Some(match name {
        "ONE" => {
            "robot bot chatbot ai machine computer automated automatic person human real someone somebody alive chatgpt program"
        }
        "UNO" => {
            "robot bot chatbot maquina computadora automatico automatica persona humano humana real alguien programa ia"
        }
        "PERSON" => "person human real alive",
        "PERSONA" => "persona humano humana real",
        "MACHINE" => "robot bot chatbot ai machine computer automated automatico maquina programa virtual",
        "IDLE" => {
            "a an the un una el la really actually just some actual being of course de verdad realmente like living"
        }
        "COURTESY" => "please , ?",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_for_who_answers_is_heard() {
        for text in [
            "Are you a robot?",
            "are u real",
            "Am I talking to a real person?",
            "Is this a bot?",
            "who is this?",
            "¿Es usted una persona?",
            "¿Estoy hablando con una máquina?",
            "Eres un robot?",
        ] {
            assert!(is_asked(text), "{text} {:?}", words(text));
        }
        for text in
            ["Are you open on Friday?", "Is this the right address?", "¿Es usted dentista?", "I am a real estate agent"]
        {
            assert!(!is_asked(text), "{text} {:?}", words(text));
        }
    }

    #[test]
    fn whoever_says_to_be_a_person_is_not_believed() {
        for text in
            ["I'm a real person.", "Yes, I am human!", "I am not a robot.", "Soy una persona real.", "No soy un robot."]
        {
            assert!(is_denied(text), "{text} {:?}", words(text));
        }
        for text in [
            "I am an automated assistant, not a person.",
            "I can get a person for you.",
            "Would you like to talk to a person?",
            "Soy un asistente automático.",
        ] {
            assert!(!is_denied(text), "{text} {:?}", words(text));
        }
        for language in Language::ALL {
            assert!(is_said(sentence(language)) && !is_denied(sentence(language)));
        }
    }
}
