//! A bare yes or no, which says what the question before it asks.

use crate::truth::{sentences, words};

/// What a sentence says that says no more than yes or no.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    Yes,
    No,
}

/// Whether `sentence` answers a question and says nothing by itself: "Yes, we
/// do.", "Lo siento, no."
pub fn bare(sentence: &str) -> Option<Answer> {
    let words = agreed(words(sentence));
    let has = |list: &[&str]| words.iter().any(|word| list.contains(&&**word));
    let is_bare = words.len() <= LONGEST
        && words.last().is_none_or(|last| last != "?")
        && words.iter().all(|word| [YES, NO, BESIDE].iter().any(|list| list.contains(&&**word)));
    match (has(NO), has(YES)) {
        _ if !is_bare => None,
        (true, _) => Some(Answer::No),
        (false, true) => Some(Answer::Yes),
        (false, false) => None,
    }
}

/// "No problem" is a yes.
fn agreed(mut words: Vec<String>) -> Vec<String> {
    const NOTHING: &[&str] = &["problem", "problema", "trouble", "worries", "nada", "doubt", "duda"];
    for at in 1..words.len() {
        let no = (at.saturating_sub(3)..at).rev().find(|no| matches!(words[*no].as_str(), "no" | "sin"));
        if let Some(no) = no.filter(|_| NOTHING.contains(&&*words[at])) {
            words[no..=at].fill("yes".to_owned());
        }
    }
    words
}

/// A question, as somebody put it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    statement: String,
    /// It asks what is so, and not whether anything may be done.
    pub is_of_what_is: bool,
    /// It asks whoever reads it to do something.
    pub is_request: bool,
}

impl Asked {
    /// The questions in `message`, in order.
    pub fn all(message: &str) -> Vec<Self> {
        sentences(message).into_iter().filter_map(Self::of).collect()
    }

    fn of(sentence: &str) -> Option<Self> {
        let (is_marked, is_ended) = (sentence.trim_end().ends_with('?'), sentence.trim_end().ends_with(['.', '!']));
        // "Hola, ¿aceptan …?" asks from its mark on.
        let asked = sentence.rsplit('¿').next().unwrap_or(sentence);
        let bare = asked.trim_matches(|letter: char| !letter.is_alphanumeric() && letter != '$');
        let mut said: Vec<&str> = bare.split_whitespace().collect();
        let plain = |word: &str| words(word).first().cloned().unwrap_or_default();
        // "Hi, do you …", "Y ¿aceptan …".
        let opener = said.iter().take(MOST_BEFORE).position(|word| OPENERS.contains(&&*plain(word)));
        let is_led = opener.is_some_and(|at| said[..at].iter().all(|word| BEFORE.contains(&&*plain(word))));
        if is_ended || !is_marked && !is_led {
            return None;
        }
        if is_led {
            said.drain(..opener.unwrap_or_default());
        }
        let first = said.first().map(|word| plain(word)).unwrap_or_default();
        let second = said.get(1).map(|word| plain(word)).unwrap_or_default();
        let is_dropped = DROPPED.contains(&&*first);
        let mut did = first == "did";
        let mut told = Vec::new();
        for word in said.into_iter().skip(usize::from(is_dropped)) {
            let known = plain(word);
            let other = if did { PAST.iter().find(|(now, _)| *now == known).map(|(_, past)| *past) } else { None };
            did = did && other.is_none();
            let other = other.or_else(|| TURNED.iter().find(|(mine, _)| *mine == known).map(|(_, yours)| *yours));
            told.push(other.unwrap_or(word));
        }
        // "Can I …" asks what the clinic allows.
        let is_asked_of_us = matches!(second.as_str(), "you" | "someone" | "somebody") || ASKS_US.contains(&&*first);
        let is_request = MAY.contains(&&*first) && is_asked_of_us;
        Some(Self { statement: told.join(" "), is_of_what_is: !MAY.contains(&&*first), is_request })
    }

    /// What whoever answers it with `answer` says.
    pub fn answered(&self, answer: Answer) -> String {
        match answer {
            Answer::Yes => format!("yes {}", self.statement),
            Answer::No => format!("no {}", self.statement),
        }
    }
}

/// In words and marks; what is longer says something by itself.
const LONGEST: usize = 12;

/// How many words may lead to a question.
const MOST_BEFORE: usize = 6;

const BEFORE: &[&str] = &[
    "hi", "hello", "hey", "ok", "okay", "and", "so", "but", "also", "wait", "please", "thanks", "great", "hola", "y",
    "pero", "bueno", "entonces", "gracias", "disculpe", "oiga", "sorry", "quick", "question",
];

const OPENERS: &[&str] = &[
    "do", "does", "did", "is", "are", "am", "was", "were", "have", "has", "can", "could", "may", "will", "would",
    "aceptan", "acepta", "toman", "tienen", "hay", "puedo", "pueden", "esta", "estan", "es", "son", "abren", "cierran",
    "atienden", "ofrecen", "hablan", "cubren", "cuentan", "hacen", "permiten", "se", "fue", "am", "soy", "ya", "quedo",
    "tengo",
];

/// What asks and is no part of what is said.
const DROPPED: &[&str] = &["do", "does", "did", "can", "could", "may", "will", "would"];

const MAY: &[&str] = &["can", "could", "may", "will", "would", "puedo", "puede", "pueden", "podria", "podrian"];

const ASKS_US: &[&str] = &["will", "would", "puede", "podria", "podrian"];

/// Who asks is spoken to, and who is asked speaks.
const TURNED: &[(&str, &str)] = &[
    ("i", "you"),
    ("im", "you're"),
    ("ive", "you've"),
    ("am", "are"),
    ("my", "your"),
    ("mine", "yours"),
    ("me", "you"),
    ("you", "we"),
    ("your", "our"),
    ("youre", "we're"),
    ("mi", "su"),
    ("mis", "sus"),
    ("tengo", "tiene"),
    ("estoy", "está"),
    ("puedo", "puede"),
];

const PAST: &[(&str, &str)] = &[
    ("book", "booked"),
    ("reserve", "reserved"),
    ("schedule", "scheduled"),
    ("confirm", "confirmed"),
    ("move", "moved"),
    ("change", "changed"),
    ("reschedule", "rescheduled"),
    ("cancel", "cancelled"),
    ("send", "sent"),
    ("text", "texted"),
    ("email", "emailed"),
    ("tell", "told"),
    ("notify", "notified"),
    ("inform", "informed"),
    ("ask", "asked"),
    ("call", "called"),
    ("hold", "held"),
    ("put", "put"),
    ("get", "got"),
    ("make", "made"),
    ("pass", "passed"),
];

const YES: &[&str] = &[
    "yes",
    "yep",
    "yeah",
    "yup",
    "sure",
    "certainly",
    "absolutely",
    "definitely",
    "indeed",
    "correct",
    "right",
    "exactly",
    "course",
    "totally",
    "affirmative",
    "do",
    "does",
    "did",
    "can",
    "is",
    "are",
    "am",
    "soy",
    "was",
    "were",
    "have",
    "has",
    "thats",
    "its",
    "theyre",
    "youre",
    "theyve",
    "weve",
    "accept",
    "accepted",
    "accepts",
    "take",
    "takes",
    "taken",
    "cover",
    "covers",
    "covered",
    "allowed",
    "included",
    "offer",
    "offers",
    "done",
    "claro",
    "efectivamente",
    "correcto",
    "exacto",
    "exactamente",
    "supuesto",
    "afirmativo",
    "cierto",
    "aceptamos",
    "acepta",
    "aceptan",
    "tomamos",
    "tenemos",
    "hay",
    "puede",
    "es",
    "son",
    "esta",
    "estan",
    "cubre",
    "cubrimos",
    "ofrecemos",
    "asi",
    "incluido",
    "incluida",
    "permitido",
    "permitida",
    "abrimos",
    "estamos",
    "fue",
    "quedo",
    "tiene",
    "habla",
    "hablan",
    "atiende",
    "atienden",
    "atendemos",
    "speak",
    "speaks",
    "see",
    "sees",
    "treat",
    "listo",
    "lista",
    "hecho",
];

const NO: &[&str] = &[
    "no", "nope", "not", "dont", "doesnt", "didnt", "isnt", "arent", "cant", "cannot", "wasnt", "werent", "havent",
    "hasnt", "wont", "never", "negative", "neither", "tampoco", "nunca", "ninguno", "ninguna",
];

/// What may stand beside them.
const BESIDE: &[&str] = &[
    ",",
    "we",
    "you",
    "they",
    "it",
    "i",
    "he",
    "she",
    "that",
    "those",
    "these",
    "this",
    "one",
    "ones",
    "both",
    "them",
    "so",
    "of",
    "the",
    "clinic",
    "unfortunately",
    "sorry",
    "afraid",
    "im",
    "happy",
    "glad",
    "to",
    "say",
    "thing",
    "fine",
    "ok",
    "okay",
    "please",
    "already",
    "now",
    "just",
    "been",
    "oh",
    "well",
    "there",
    "here",
    "too",
    "also",
    "all",
    "most",
    "may",
    "thank",
    "thanks",
    "great",
    "news",
    "good",
    "por",
    "lo",
    "los",
    "la",
    "las",
    "se",
    "desde",
    "luego",
    "que",
    "siento",
    "lamentablemente",
    "desafortunadamente",
    "mucho",
    "ambos",
    "ambas",
    "todos",
    "todas",
    "eso",
    "esos",
    "ese",
    "esa",
    "ya",
    "aqui",
    "si",
    "me",
    "temo",
    "desgracia",
    "hago",
    "hacemos",
    "ningun",
    "clinica",
    "usted",
    "muy",
    "bien",
    "gracias",
    "tambien",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bare_answer_is_recognised() {
        for text in [
            "Yes.",
            "Yes, we do!",
            "Sure thing.",
            "That's right.",
            "They are.",
            "Of course.",
            "Sí, claro.",
            "Por supuesto que sí.",
            "No problem!",
            "Sí, no hay problema.",
            "Yes, it is booked already.",
        ] {
            let expected = (text != "Yes, it is booked already.").then_some(Answer::Yes);
            assert_eq!(bare(text), expected, "{text}");
        }
        for text in [
            "No.",
            "Sorry, we don't.",
            "I'm afraid not.",
            "No, unfortunately we do not.",
            "Lo siento, no.",
            "No, no se acepta.",
        ] {
            assert_eq!(bare(text), Some(Answer::No), "{text}");
        }
        for text in ["Thanks!", "Is it?", "You're welcome.", "Great, what is your name?", "Muchas gracias.", ""] {
            assert_eq!(bare(text), None, "{text}");
        }
    }

    #[test]
    fn a_question_is_turned_into_what_an_answer_to_it_says() {
        for (message, statement) in [
            ("Do you take Aetna?", "yes we take Aetna"),
            ("Hi! Is my appointment booked?", "yes Is your appointment booked"),
            ("did you book it", "yes we booked it"),
            ("Am I booked for Tuesday at 3?", "yes are you booked for Tuesday at 3"),
            ("so I'm all set?", "yes so you're all set"),
            ("Are you open on Sundays?", "yes Are we open on Sundays"),
            ("¿Aceptan Sanitas?", "yes Aceptan Sanitas"),
            ("Hola, ¿tengo cita mañana?", "yes tiene cita mañana"),
            ("Can I pay in cash?", "yes you pay in cash"),
        ] {
            let asked = Asked::all(message);
            assert_eq!(asked.last().map(|one| one.answered(Answer::Yes)).as_deref(), Some(statement), "{message}");
        }
        assert!(Asked::all("I'd like a haircut. Is what I said. Thank you!").is_empty());
        let requests = ["Can you book me in?", "Would Tuesday be fine?", "¿Puede cancelar mi cita?"];
        assert!(requests.into_iter().flat_map(Asked::all).all(|asked| !asked.is_of_what_is));
        assert!(Asked::all("Is it booked?").into_iter().all(|asked| asked.is_of_what_is));
    }

    proptest::proptest! {
        #[test]
        fn no_text_breaks_it(text: String) {
            let _ = (bare(&text), Asked::all(&text));
        }
    }
}
