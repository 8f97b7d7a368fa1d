//! A message as phrases of plain words, with slips of the thumb put right.

use std::cmp::Ordering;

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

use crate::language::Language;

/// The longest message a patient may send is shorter.
const LONGEST: usize = 6_000;

/// The words between full stops, commas being words of their own.
pub(super) fn phrases(text: &str) -> Vec<Vec<String>> {
    let plain: String = text.chars().take(LONGEST).filter(|letter| !is_inside_words(*letter)).nfkd().collect();
    let mut phrases = vec![Vec::new()];
    let mut word = String::new();
    let mut letters = plain.chars().filter(|letter| !is_combining_mark(*letter)).chain([' ']).peekable();
    while let Some(letter) = letters.next() {
        if letter.is_alphanumeric() {
            word.extend(letter.to_lowercase());
            continue;
        }
        let phrase = phrases.last_mut();
        if let Some(phrase) = phrase.filter(|_| !word.is_empty()) {
            phrase.push(std::mem::take(&mut word));
        }
        match letter {
            // Who is short of breath writes "I can't... breathe".
            '.' if letters.peek() == Some(&'.') => while letters.next_if_eq(&'.').is_some() {},
            '.' | '!' | '?' | '¡' | '¿' | ';' | '\n' => phrases.push(Vec::new()),
            ',' | ':' | '(' | ')' | '—' | '–' => {
                phrases.last_mut().into_iter().for_each(|p| p.push(",".to_owned()))
            }
            _ => {}
        }
    }
    phrases.retain(|phrase| !phrase.is_empty());
    phrases.into_iter().map(joined).collect()
}

/// The language most of its common words are of, if one has more of them.
pub(super) fn language(phrases: &[Vec<String>]) -> Option<Language> {
    let has = |list: &str, word: &String| list.split(' ').any(|one| one == word);
    let count = |list| phrases.iter().flatten().filter(|word| has(list, word)).count();
    match count(ENGLISH).cmp(&count(SPANISH)) {
        Ordering::Greater => Some(Language::English),
        Ordering::Less => Some(Language::Spanish),
        Ordering::Equal => None,
    }
}

const ENGLISH: &str = "the i im is my he she his her of to and in on it its that this have has having for with you an was are help out can cant think right now please call hes shes got";

const SPANISH: &str = "el la los las mi es de que y en un una se le lo su esta estoy tengo creo muy con por para ayuda al del como ya tiene puedo mucho mucha hay";

/// Apostrophes, and what shows nothing: "can’t" and "cant" are one word.
const fn is_inside_words(letter: char) -> bool {
    matches!(
        letter,
        '\'' | '‘' | '’' | 'ʼ' | '`' | '´' | '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}'
    )
}

/// Words as they are meant, with pairs that mean one thing made one.
fn joined(words: Vec<String>) -> Vec<String> {
    let mut joined: Vec<String> = Vec::with_capacity(words.len());
    for word in words {
        let word = meant(&word);
        let one = match (joined.last().map(String::as_str), word.as_str()) {
            (Some("can"), "not") => "cant",
            (Some("do"), "not") => "dont",
            (Some("does"), "not") => "doesnt",
            (Some("is"), "not") => "isnt",
            (Some("will"), "not") => "wont",
            (Some("could"), "not") => "couldnt",
            (Some("any"), "more" | "longer") => "anymore",
            (Some("my"), "self") => "myself",
            (Some("him"), "self") => "himself",
            (Some("her"), "self") => "herself",
            (Some("over"), "dose" | "dosed" | "dosing") => "overdosed",
            (Some("un"), "conscious") => "unconscious",
            (Some("todler" | "new"), "born") => "newborn",
            (Some("epi"), "pen") => "epipen",
            _ => {
                joined.push(word);
                continue;
            }
        };
        joined.pop();
        joined.push(one.to_owned());
    }
    joined
}

fn meant(word: &str) -> String {
    let word = unstretched(word);
    let short = match word.as_str() {
        "cannot" | "cnt" | "caint" | "kant" | "cantt" => "cant",
        "u" | "ya'll" => "you",
        "r" => "are",
        "ur" => "your",
        "gonna" | "gunna" | "gona" => "gonna",
        "wanna" | "wana" => "want",
        "breth" | "breate" | "breath" | "brethe" | "breath e" | "breeth" | "breathin" | "brething" => "breathe",
        "q" | "k" | "ke" => "que",
        "xfavor" | "plz" | "pls" | "plis" => "please",
        "toy" => "estoy",
        "tas" => "estas",
        "puedp" | "pudo" | "pueda" => "puedo",
        "hart" | "haert" => "heart",
        "atack" | "attak" | "atak" | "attck" => "attack",
        "sangr" => "sangre",
        "ambulence" | "ambulans" => "ambulance",
        _ => corrected(&word).unwrap_or(&word),
    };
    short.to_owned()
}

/// "heeeelp" is "help"; two of a letter may be how it is spelt.
fn unstretched(word: &str) -> String {
    let letters: Vec<char> = word.chars().collect();
    if word.chars().all(char::is_numeric) || !letters.windows(3).any(|three| three.iter().all(|l| *l == three[0])) {
        return word.to_owned();
    }
    let mut letters = letters;
    letters.dedup();
    letters.into_iter().collect()
}

/// Words that matter enough to be recognised when misspelt.
const KEYWORDS: &[&str] = &[
    "allergic",
    "ambulance",
    "anaphylaxis",
    "asthma",
    "attack",
    "bleeding",
    "breathe",
    "breathing",
    "choking",
    "collapsed",
    "contractions",
    "convulsing",
    "drooping",
    "emergency",
    "fainted",
    "numbness",
    "overdose",
    "overdosed",
    "poisoned",
    "pregnant",
    "reaction",
    "seizure",
    "slurred",
    "stabbed",
    "stroke",
    "suicidal",
    "suicide",
    "swallowed",
    "swelling",
    "swollen",
    "throat",
    "tightness",
    "tongue",
    "unconscious",
    "unresponsive",
    "vomiting",
    "ahogando",
    "ambulancia",
    "anafilaxia",
    "apunalaron",
    "asfixiando",
    "contracciones",
    "convulsion",
    "convulsionando",
    "convulsiones",
    "derrame",
    "desangrando",
    "desmayo",
    "embarazada",
    "emergencia",
    "envenenaron",
    "garganta",
    "hemorragia",
    "inconsciente",
    "infarto",
    "matarme",
    "morirme",
    "pastillas",
    "reaccion",
    "respirar",
    "sangrando",
    "sangre",
    "sobredosis",
    "suicidarme",
];

/// Words that are near a keyword and are no slip.
const OTHERS: &[&str] = &[
    "attach",
    "attacks",
    "bathing",
    "beating",
    "blending",
    "breeding",
    "breaking",
    "breather",
    "breathed",
    "cooking",
    "choosing",
    "checking",
    "contractors",
    "desmaya",
    "emergence",
    "emergent",
    "fainter",
    "joking",
    "matame",
    "poison",
    "prison",
    "reacting",
    "reactions",
    "sangria",
    "selling",
    "smelling",
    "spelling",
    "stoke",
    "stoked",
    "stokes",
    "strike",
    "stroked",
    "strokes",
    "suicides",
    "swallow",
    "swallows",
    "threat",
    "treat",
    "throats",
    "tongues",
    "breathes",
    "sangro",
    "sangra",
    "sangran",
    "sangras",
    "sangrar",
    "sangro",
    "contraction",
    "suicidas",
    "suicida",
    "suicido",
    "suicidio",
    "suicidarse",
    "suicidar",
    "pastilla",
    "reacciona",
    "respira",
    "respiro",
    "emergencias",
    "infartos",
    "derrames",
    "desmaye",
    "desmayos",
    "breathable",
    "faints",
    "tainted",
    "painted",
    "stroller",
    "stabbing",
    "strobe",
    "stone",
    "store",
];

/// The keyword that `word` is a slip of.
fn corrected(word: &str) -> Option<&'static str> {
    if word.len() < 5 || KEYWORDS.contains(&word) || OTHERS.contains(&word) || !word.is_ascii() {
        return None;
    }
    KEYWORDS.iter().copied().find(|keyword| {
        let allowed = if keyword.len() >= 10 { 2 } else { 1 };
        keyword.len().abs_diff(word.len()) <= allowed
            && keyword.as_bytes()[0] == word.as_bytes()[0]
            && slips(word.as_bytes(), keyword.as_bytes()) <= allowed
    })
}

/// Letters to insert, drop, change or swap to make `a` into `b`.
fn slips(a: &[u8], b: &[u8]) -> usize {
    let mut before = vec![0; b.len() + 1];
    let mut above: Vec<usize> = (0..=b.len()).collect();
    for (i, letter) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, other) in b.iter().enumerate() {
            let changed = above[j] + usize::from(letter != other);
            let mut least = changed.min(above[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *letter == b[j - 1] && a[i - 1] == *other {
                least = least.min(before[j - 1] + 1);
            }
            row.push(least);
        }
        before = std::mem::replace(&mut above, row);
    }
    above[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_put_right_and_other_words_left_alone() {
        for (typed, read) in [
            ("I can NOT breeeathe", "i cant breathe"),
            ("cant breth", "cant breathe"),
            ("my thraot", "my throat"),
            ("unconcious", "unconscious"),
            ("inconciente", "inconsciente"),
            ("Treat me, stoked", "treat me , stoked"),
            ("911", "911"),
        ] {
            assert_eq!(phrases(typed).concat().join(" "), read);
        }
    }

    #[test]
    fn a_full_stop_ends_a_phrase_and_three_of_them_do_not() {
        assert_eq!(phrases("I cant... breathe. Help!").len(), 2);
    }
}
