//! Which language a sentence is in.

use std::cmp::Ordering;

use super::tokens::Tokens;
use crate::language::Language;

/// The language that more of the common words of `text` are of, if one has more
/// of them. Somebody called De La Cruz makes no sentence Spanish.
pub fn language(text: &str) -> Option<Language> {
    let is_name = |word: &str| {
        let mut letters = word.chars();
        letters.next().is_some_and(char::is_uppercase) && letters.next().is_some_and(char::is_lowercase)
    };
    let unnamed: Vec<&str> = text
        .split_whitespace()
        .enumerate()
        .filter(|(at, word)| *at == 0 || !is_name(word))
        .map(|(_, word)| word)
        .collect();
    let words = Tokens::of(&unnamed.join(" ")).words;
    let count = |list: &[&str]| words.iter().filter(|word| list.contains(&word.as_str())).count();
    if text.contains(['¿', '¡']) {
        return Some(Language::Spanish);
    }
    match count(SPANISH).cmp(&count(ENGLISH)) {
        Ordering::Greater => Some(Language::Spanish),
        Ordering::Less => Some(Language::English),
        Ordering::Equal => None,
    }
}

const ENGLISH: &[&str] = &[
    "the", "your", "you", "is", "are", "was", "it", "its", "have", "has", "ive", "im", "for", "with", "at", "on",
    "and", "to", "of", "i", "we", "will", "an", "in", "that", "this", "been", "my", "youre", "booked", "see", "done",
];

const SPANISH: &[&str] = &[
    "el",
    "la",
    "los",
    "las",
    "su",
    "sus",
    "usted",
    "es",
    "esta",
    "esta",
    "fue",
    "ha",
    "he",
    "para",
    "con",
    "de",
    "y",
    "que",
    "en",
    "por",
    "le",
    "lo",
    "se",
    "ya",
    "yes",
    "mi",
    "del",
    "al",
    "un",
    "una",
    "tiene",
    "cita",
    "listo",
    "queda",
    "quedo",
    "quedado",
    "gracias",
    "manana",
    "lunes",
    "martes",
    "miercoles",
    "jueves",
    "viernes",
    "sabado",
    "domingo",
    "nos",
    "vemos",
    "cancelada",
    "confirmada",
    "reservada",
    "agendada",
    "tengo",
    "hay",
    "debe",
    "cada",
    "dos",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_is_in_the_language_of_its_words() {
        for text in [
            "Your visit is booked.",
            "See you Tuesday!",
            "Done.",
            "**Booked**: Tue 24 Nov",
            "It's with Dr. De La Cruz.",
        ] {
            assert_eq!(language(text), Some(Language::English), "{text}");
        }
        for text in [
            "Su cita está confirmada.",
            "Listo, ya quedó agendada.",
            "¡Listo!",
            "Nos vemos el martes.",
            "Moví su cita al viernes a las 10.",
            "Debe tomar dos pastillas cada ocho horas.",
        ] {
            assert_eq!(language(text), Some(Language::Spanish), "{text}");
        }
        assert_eq!(language("Dr. Mia Lin, 3:00"), None);
    }
}
