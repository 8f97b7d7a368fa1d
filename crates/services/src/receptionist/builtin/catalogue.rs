//! Which of the clinic's appointment types and practitioners a message names.

use super::super::model::{ClinicFacts, PractitionerFacts, TypeFacts};
use super::fuzzy::{distance, resembles};
use super::text::{Word, joined, says, says_any};

/// The appointment types a message may mean, by position in the clinic's list.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum TypeMention {
    #[default]
    None,
    One(usize),
    /// One of these; the words fit several.
    OneOf(Vec<usize>),
    /// Each of these, in the order mentioned.
    Each(Vec<usize>),
}

/// Who the patient wants to see.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Who {
    #[default]
    Unsaid,
    Anyone,
    One(usize),
    /// Somebody who is not in the clinic's list.
    Stranger(String),
}

/// The appointment type `words` name, leaving out those they rule out.
pub fn appointment_type(facts: &ClinicFacts, words: &[Word]) -> TypeMention {
    let mut found: Vec<(usize, usize, usize)> = Vec::new();
    for (n, offered) in facts.appointment_types.iter().enumerate() {
        if let Some((at, score)) = mentioned(facts, offered, words) {
            found.push((n, at, score));
        }
    }
    let best = found.iter().map(|(.., score)| *score).max().unwrap_or_default();
    found.retain(|(.., score)| *score == best);
    found.sort_by_key(|(_, at, _)| *at);
    match found[..] {
        [] => TypeMention::None,
        [(n, ..)] => TypeMention::One(n),
        [(_, first, _), .., (_, last, _)] if first == last => {
            TypeMention::OneOf(found.iter().map(|(n, ..)| *n).collect())
        }
        [.., (n, ..)]
            if says_any(
                &joined(words),
                &["actually", "no wait", "i mean", "i meant", "sorry", "make that", "scratch that"],
            ) =>
        {
            TypeMention::One(n)
        }
        _ => TypeMention::Each(found.iter().map(|(n, ..)| *n).collect()),
    }
}

/// The practitioner `words` name. When `bare` is set, a first name alone will do.
pub fn practitioner(facts: &ClinicFacts, words: &[Word], bare: bool) -> Who {
    const ANYONE: &[&str] = &[
        "anyone",
        "anybody",
        "whoever",
        "no preference",
        "doesnt matter who",
        "dont mind who",
        "dont care who",
        "any practitioner",
        "any doctor",
        "any stylist",
        "any therapist",
        "either of them",
        "someone else",
        "somebody else",
        "whichever",
        "who ever",
        "different person",
        "different practitioner",
        "different doctor",
        "anyone else",
        "anyone is fine",
    ];
    let line = joined(words);
    let mut stranger = None;
    for (i, word) in words.iter().enumerate() {
        let Some((at, title)) = introduced(words, i, word, bare) else { continue };
        if ruled_out(words, i) {
            continue;
        }
        match (by_name(facts, words, at), title) {
            (Some(n), _) => return Who::One(n),
            (None, true) => {
                stranger = words
                    .get(at)
                    .filter(|w| w.text.chars().count() > 1 && w.text.chars().all(char::is_alphabetic))
                    .map(|w| w.raw.clone())
            }
            _ => {}
        }
    }
    if let Some(n) = in_full(facts, &line).or_else(|| possessive(facts, words)) {
        return Who::One(n);
    }
    match stranger {
        Some(name) => Who::Stranger(name),
        None if says_any(&line, ANYONE) => Who::Anyone,
        None => Who::Unsaid,
    }
}

/// Whether `practitioner` does `offered`.
pub fn does(practitioner: &PractitionerFacts, offered: &TypeFacts) -> bool {
    practitioner.offers.contains(&offered.id)
}

// Where `offered` is mentioned, and how surely.
fn mentioned(facts: &ClinicFacts, offered: &TypeFacts, words: &[Word]) -> Option<(usize, usize)> {
    let name = split(&offered.name);
    let slug = split(&offered.slug);
    for phrase in [&name, &slug] {
        if let Some(at) = phrase_at(words, phrase) {
            return Some((at, if phrase.len() > 1 { 4 } else { 3 }));
        }
    }
    let own: Vec<&String> = name.iter().chain(&slug).filter(|word| is_telling(word)).collect();
    let at = |fits: &dyn Fn(&str) -> bool| (0..words.len()).find(|i| fits(&words[*i].text) && !ruled_out(words, *i));
    let close = |text: &str| own.iter().any(|word| means(text, word));
    if let Some(i) = at(&close) {
        return Some((i, 3));
    }
    let synonym = |text: &str| own.iter().any(|word| synonyms(word).contains(&text));
    if let Some(i) = at(&synonym) {
        return Some((i, 2));
    }
    let halves = |i: &usize| {
        words.get(i + 1).is_some_and(|next| own.iter().any(|word| **word == format!("{}{}", words[*i].text, next.text)))
    };
    if let Some(i) = (0..words.len()).find(|i| halves(i) && !ruled_out(words, *i)) {
        return Some((i, 3));
    }
    let pair = name.windows(2).find_map(|pair| phrase_at(words, pair)).filter(|_| facts.appointment_types.len() > 1);
    pair.map(|at| (at, 1))
}

fn phrase_at(words: &[Word], phrase: &[String]) -> Option<usize> {
    if phrase.is_empty() || phrase.iter().all(|word| word.len() < 3) {
        return None;
    }
    let same = |some: &[Word]| {
        some.iter().zip(phrase).all(|(word, want)| word.text == *want || word.text.strip_suffix('s') == Some(want))
    };
    (0..words.len().saturating_sub(phrase.len() - 1))
        .find(|i| same(&words[*i..*i + phrase.len()]) && !ruled_out(words, *i))
}

// "massages", "massge", "consult"
fn means(text: &str, word: &str) -> bool {
    let single = text.strip_suffix('s').filter(|single| single.len() > 3).unwrap_or(text);
    let begun = single.chars().count() >= 5 && word.starts_with(single);
    // A message is not a massage.
    !matches!(single, "message") && (begun || resembles(text, word) || resembles(single, word))
}

fn is_telling(word: &str) -> bool {
    const COMMON: &[&str] = &[
        "patient",
        "patients",
        "client",
        "minute",
        "minutes",
        "session",
        "visit",
        "appointment",
        "treatment",
        "with",
        "and",
        "first",
        "full",
        "half",
        "hour",
        "short",
        "long",
        "time",
        "follow",
        "return",
        "returning",
        "initial",
        "standard",
        "basic",
        "deep",
        "tissue",
        "head",
        "body",
        "back",
        "online",
        "video",
        "phone",
        "call",
        "quick",
        "express",
        "family",
        "care",
        "health",
        "service",
        "general",
        "annual",
        "adult",
        "child",
        "kids",
        "mens",
        "womens",
        "existing",
        "from",
        "free",
    ];
    word.chars().count() >= 4 && !COMMON.contains(&word)
}

fn synonyms(word: &str) -> &'static [&'static str] {
    match word {
        "haircut" => &["trim", "hair", "cut", "hairdo", "fade"],
        "massage" => &["massages", "rub", "massaged"],
        "consultation" => &["consult", "checkup", "intake", "assessment"],
        "checkup" => &["consultation", "exam", "examination", "physical"],
        "cleaning" => &["hygiene", "clean", "cleanup"],
        "manicure" => &["nails", "mani"],
        "pedicure" => &["pedi"],
        "physiotherapy" => &["physio"],
        _ => &[],
    }
}

// "not haircut", "instead of a haircut", "no massage, haircut"
fn ruled_out(words: &[Word], i: usize) -> bool {
    let before = |n: usize| i.checked_sub(n).and_then(|j| words.get(j)).map_or("", |word| word.text.as_str());
    let article = usize::from(matches!(before(1), "a" | "an" | "the" | "with" | "dr"));
    let (one, two) = (before(1 + article), before(2 + article));
    matches!(one, "not" | "except")
        || matches!(
            (two, one),
            ("instead", "of")
                | ("rather", "than")
                | ("not", "want")
                | ("dont", "want")
                | ("not", "with")
                | ("other", "than")
        )
}

// Where a name starts after "with", "see" or "Dr.", and whether a title says it is one.
fn introduced(words: &[Word], i: usize, word: &Word, bare: bool) -> Option<(usize, bool)> {
    match word.text.as_str() {
        "dr" | "doctor" | "doc" => Some((i + 1, true)),
        "with" | "see" | "w" | "for" | "is" | "does" | "prefer" | "want" | "rather" | "by" | "have" | "like"
        | "about" | "using" => {
            let next = words.get(i + 1)?;
            (!matches!(next.text.as_str(), "dr" | "doctor" | "doc")).then_some((i + 1, false))
        }
        _ if bare => Some((i, false)),
        _ => None,
    }
}

fn by_name(facts: &ClinicFacts, words: &[Word], at: usize) -> Option<usize> {
    let word = words.get(at)?;
    let next = words.get(at + 1);
    let close = |name: &str| {
        name == word.text
            || (same_start(name, &word.text)
                && name.chars().count() >= 3
                && word.text.chars().count() >= 3
                && distance(&word.text, name) <= 1
                && !COMMON_WORDS.contains(&word.text.as_str()))
    };
    let fitting: Vec<usize> = facts
        .practitioners
        .iter()
        .enumerate()
        .filter(|(_, p)| names(p).iter().any(|name| close(name)))
        .map(|(n, _)| n)
        .collect();
    match fitting[..] {
        [n] => Some(n),
        [] => None,
        // Two called Mia: the next word tells them apart, if anything does.
        _ => fitting
            .iter()
            .copied()
            .find(|n| next.is_some_and(|next| names(&facts.practitioners[*n]).contains(&next.text))),
    }
}

const COMMON_WORDS: &[&str] = &[
    "no", "not", "line", "link", "lit", "lid", "lip", "min", "mid", "mix", "air", "main", "mail", "me", "my", "any",
    "may", "man", "him", "list", "like", "in", "hand", "and", "mia's",
];

fn in_full(facts: &ClinicFacts, line: &str) -> Option<usize> {
    facts.practitioners.iter().position(|p| names(p).len() > 1 && says(line, &names(p).join(" ")))
}

// "Mia's next opening"
fn possessive(facts: &ClinicFacts, words: &[Word]) -> Option<usize> {
    let owner = words.iter().find_map(|word| word.raw.strip_suffix("'s"))?.to_lowercase();
    facts.practitioners.iter().position(|p| names(p).contains(&owner))
}

fn names(practitioner: &PractitionerFacts) -> Vec<String> {
    split(&practitioner.name)
        .into_iter()
        .filter(|word| {
            !matches!(word.as_str(), "dr" | "mr" | "mrs" | "ms" | "prof" | "md" | "doctor") && word.len() > 1
        })
        .collect()
}

fn same_start(a: &str, b: &str) -> bool {
    a.chars().next() == b.chars().next()
}

fn split(name: &str) -> Vec<String> {
    super::text::words(&super::text::clean(name)).into_iter().map(|word| word.text).collect()
}

#[cfg(test)]
mod tests {
    use super::super::text::{clean, words};
    use super::super::world::bloom;
    use super::*;

    fn slug(text: &str) -> String {
        let facts = bloom();
        let name = |n: &usize| facts.appointment_types[*n].slug.clone();
        match appointment_type(&facts, &words(&clean(text))) {
            TypeMention::None => "none".into(),
            TypeMention::One(n) => name(&n),
            TypeMention::OneOf(some) => some.iter().map(name).collect::<Vec<_>>().join("|"),
            TypeMention::Each(some) => some.iter().map(name).collect::<Vec<_>>().join("+"),
        }
    }

    #[test]
    fn appointment_types_are_recognised() {
        for (text, expected) in [
            ("a haircut please", "haircut"),
            ("hiarcut", "haircut"),
            ("hair cut", "haircut"),
            ("just a trim", "haircut"),
            ("massge", "massage"),
            ("deep tissue", "massage"),
            ("massages", "massage"),
            ("a consult", "consultation"),
            ("new patient consultation", "consultation"),
            ("i am a new patient", "consultation"),
            ("new patient, want a haircut", "haircut"),
            ("not haircut, massage", "massage"),
            ("massage instead of a haircut", "massage"),
            ("a facial", "facial"),
            ("i got your message", "none"),
            ("hello", "none"),
            ("a haircut and a massage", "haircut+massage"),
            ("haircut, actually a massage", "massage"),
            ("i am a patient", "none"),
        ] {
            assert_eq!(slug(text), expected, "{text}");
        }
    }

    #[test]
    fn practitioners_are_recognised() {
        let facts = bloom();
        for (text, bare, expected) in [
            ("with Dr. Lin", false, Who::One(0)),
            ("w/ mia", false, Who::One(0)),
            ("dr reyes", false, Who::One(1)),
            ("with Dr. Reyes instead", false, Who::One(1)),
            ("with noa", false, Who::One(1)),
            ("Noah Reyes", false, Who::One(1)),
            ("mia", true, Who::One(0)),
            ("mia", false, Who::Unsaid),
            ("with dr annand", false, Who::One(2)),
            ("dr. smith", false, Who::Stranger("smith".into())),
            ("with anyone", false, Who::Anyone),
            ("not with mia", false, Who::Unsaid),
            ("with my son", false, Who::Unsaid),
            ("Mia's next opening", false, Who::One(0)),
            ("whoever is free", false, Who::Anyone),
        ] {
            assert_eq!(practitioner(&facts, &words(&clean(text)), bare), expected, "{text}");
        }
    }
}
