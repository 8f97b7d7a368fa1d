//! A sentence in parts, and how each of them puts what it says.

use std::ops::Range;

use super::patterns::{ABOUT, ASKED, FEATURES, NO_FEATURES, OPEN, STATED};
use crate::truth::words;

/// How something is put.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stance {
    Affirmed,
    Denied,
    /// Left open, or true of some and not of others.
    Either,
}

/// The words of a sentence, with those that mean the same in one way.
pub(super) fn read(sentence: &str) -> Vec<String> {
    // "Seguro" is insurance only where it is somebody's; otherwise it is "sure".
    const LEADS: &[&str] = &[
        "su",
        "sus",
        "el",
        "un",
        "ese",
        "este",
        "tipo",
        "de",
        "del",
        "cualquier",
        "con",
        "por",
        "ningun",
        "aceptan",
        "toman",
    ];
    const COSTS: &[&str] = &["charge", "cost", "fee", "costo", "cargo", "coste"];
    const NOTHING: &[&str] = &["problem", "problema", "trouble", "issue", "worries", "doubt"];
    let mut words = words(sentence);
    for at in 0..words.len() {
        let before = at.checked_sub(1).map(|at| words[at].as_str()).unwrap_or_default();
        match words[at].as_str() {
            "seguro" if !LEADS.contains(&before) => words[at] = "claro".to_owned(),
            "express" if before == "american" => words[at - 1..=at].fill("amex".to_owned()),
            // "Outside our hours" is no place.
            "outside" | "fuera"
                if words[at..].iter().take(5).any(|word| matches!(word.as_str(), "hours" | "horario")) =>
            {
                words[at] = "beyond".to_owned();
            }
            "show" | "shows" if before == "no" => {
                words.splice(at - 1..=at, ["noshow".to_owned(), ",".to_owned()]).for_each(drop)
            }
            word if NOTHING.contains(&word) => {
                let no = (at.saturating_sub(4)..at).rev().find(|no| NOT.contains(&&*words[*no]) || words[*no] == "any");
                if let Some(no) = no {
                    words[no..=at].fill("fine".to_owned());
                    words[no] = "is".to_owned();
                }
            }
            // What is paid with, and not what is looked up.
            "check" | "checks"
                if matches!(before, "a" | "by" | "personal" | "personally" | "with" | "accept" | "take" | "no") =>
            {
                words[at] = "cheque".to_owned();
            }
            // "At no charge", "free of charge", "sin costo", "no tiene costo".
            word if COSTS.contains(&word) => {
                let from = match before {
                    "of" | "no" | "sin" | "without" | "any" => at.checked_sub(1),
                    "ningun" | "a" if at > 1 && matches!(words[at - 2].as_str(), "sin" | "without") => {
                        at.checked_sub(2)
                    }
                    "tiene" => at.checked_sub(2).filter(|no| words[*no] == "no"),
                    _ => None,
                };
                words[from.unwrap_or(at)..=at]
                    .iter_mut()
                    .filter(|_| from.is_some())
                    .for_each(|word| *word = "gratis".to_owned());
            }
            // "Let us know … if" leaves nothing open.
            "know" if at > 1 && words[at - 2] == "let" && matches!(before, "us" | "me") => {
                words[at - 2..=at].fill(",".to_owned());
            }
            // "If you like" sets no condition.
            "like" | "want" | "prefer" | "wish" if before == "you" && at > 1 && words[at - 2] == "if" => {
                words[at - 2..=at].fill(",".to_owned());
            }
            _ => {}
        }
    }
    words
}

/// The pieces between commas, "and"s and "or"s.
pub(super) fn parts(words: &[String]) -> Vec<Range<usize>> {
    const ENDS: &[&str] = &[
        ",", "–", "?", "¿", "and", "but", "or", "nor", "so", "y", "o", "ni", "e", "pero", "except", "salvo", "excepto",
    ];
    let mut parts = Vec::new();
    let mut start = 0;
    for (at, word) in words.iter().enumerate() {
        if ENDS.contains(&&**word) {
            // Which mark it was says whether the part asks, or leaves something out.
            parts.push(start..at + usize::from(word == "?"));
            start = if EXCEPT.contains(&&**word) { at } else { at + 1 };
        }
    }
    parts.push(start..words.len());
    parts.retain(|part| !part.is_empty());
    parts
}

/// How a part of a sentence puts what it says.
#[derive(Clone, Copy, Debug)]
pub(super) struct Told {
    /// None of what is asked.
    pub(super) stance: Option<Stance>,
    /// The things it names are said to be so.
    pub(super) names_things: bool,
    /// It says that a clinic has or does something.
    pub(super) is_feature: bool,
}

/// How each part of a sentence puts it. One that says no more than a name goes
/// with those before it, or else after it: "Aetna, Cigna and Humana are".
pub(super) fn told(words: &[String], is_answer: bool) -> Vec<Told> {
    let parts: Vec<&[String]> = parts(words).into_iter().map(|part| &words[part]).collect();
    let own: Vec<Option<Told>> = parts.iter().map(|part| own_told(part, is_answer)).collect();
    let turned = |stance| match stance {
        Stance::Affirmed => Stance::Denied,
        Stance::Denied => Stance::Affirmed,
        Stance::Either => Stance::Either,
    };
    let mut all: Vec<Told> = Vec::with_capacity(parts.len());
    for (at, part) in parts.iter().enumerate() {
        let before = all.last().copied();
        // What is long says something by itself.
        let after = own[at..].iter().flatten().next().copied().filter(|_| part.len() <= LONGEST_NAME);
        let nothing = Told { stance: Some(Stance::Affirmed), names_things: false, is_feature: false };
        let inherited = before.or(after).unwrap_or(nothing);
        all.push(match own[at] {
            // "No dogs, except guide dogs" takes the latter.
            _ if is_exception(part) => Told { stance: inherited.stance.map(turned), ..inherited },
            // "We treat adults, not children."
            Some(told) if !told.names_things => {
                Told { is_feature: inherited.is_feature, names_things: is_bare(part) && inherited.names_things, ..told }
            }
            Some(told) => told,
            None => inherited,
        });
    }
    all
}

/// A part without a verb that says anything.
fn is_bare(part: &[String]) -> bool {
    !ABOUT.occur(part)
}

/// None of a part that goes with others.
fn own_told(part: &[String], is_answer: bool) -> Option<Told> {
    let has = |list: &[&str]| part.iter().any(|word| list.contains(&&**word));
    if OPEN.occur(part) {
        return Some(Told { stance: Some(Stance::Either), names_things: true, is_feature: false });
    }
    if !is_answer && (ASKED.occur(part) || part.last().is_some_and(|word| word == "?")) {
        return Some(Told { stance: None, names_things: true, is_feature: false });
    }
    let is_feature = is_answer || FEATURES.occur(&NO_FEATURES.cover(part));
    let names_things = is_feature || STATED.occur(part);
    let stance = if has(NOT) { Stance::Denied } else { Stance::Affirmed };
    (names_things || has(NOT) || ABOUT.occur(part)).then_some(Told { stance: Some(stance), names_things, is_feature })
}

pub(super) fn is_exception(part: &[String]) -> bool {
    part.first().is_some_and(|word| EXCEPT.contains(&&**word))
}

/// In words.
const LONGEST_NAME: usize = 3;

const EXCEPT: &[&str] = &["except", "salvo", "excepto"];

const NOT: &[&str] = &[
    "no", "not", "dont", "doesnt", "cant", "cannot", "isnt", "arent", "wont", "never", "nor", "neither", "unable",
    "without", "none", "nothing", "nobody", "noone", "nadie", "stopped", "excluded", "declined", "refuse", "refused",
    "havent", "ni", "nunca", "tampoco", "sin", "ningun", "ninguna", "ninguno", "nada",
];
