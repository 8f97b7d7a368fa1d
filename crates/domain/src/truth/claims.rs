//! What a sentence claims.
//!
//! A sentence is read in parts, between commas and "and"s. Each part has acts
//! and moments; a moment without an act belongs to the act beside it.

use std::ops::Range;
use std::sync::LazyLock;

use chrono::NaiveDate;

use super::moments::{Moment, moments};
use super::tokens::Tokens;
use super::{Act, Channel, Claim, english, spanish};
use crate::pattern::Patterns;

/// What `sentence` says is so, where today is `today` on the clinic's clock.
///
/// Offers, questions, conditions and denials claim nothing, but naming an hour
/// nobody knows of is a claim all the same.
pub fn claims(sentence: &str, today: NaiveDate) -> Vec<Claim> {
    let tokens = Tokens::of(sentence);
    let acts = acts(&tokens);
    let moves =
        acts.iter().any(|act| act.act == Act::Moved) || tokens.words.iter().any(|word| MOVING.contains(&&**word));
    let moments = moments(&tokens, today, moves);
    let parts = parts(&tokens.words);
    let contexts = contexts(&tokens.words, &parts, &acts);

    let mut claims: Vec<Claim> = Vec::new();
    for (part, context) in parts.iter().zip(&contexts) {
        let here: Vec<&Moment> = moments.iter().filter(|moment| part.contains(&moment.at)).collect();
        match context {
            Context::Acts(acts) if here.is_empty() => claims.extend(acts.iter().map(|act| claim(act.act, None, false))),
            Context::Acts(acts) => {
                claims.extend(here.iter().flat_map(|moment| acts.iter().map(|act| acted(*act, moment))))
            }
            Context::Offer => claims.extend(here.iter().map(|moment| claim(Act::Offered, Some(moment), false))),
            Context::Plain => {
                let named = here.iter().filter(|moment| moment.names_an_hour());
                claims.extend(named.map(|moment| claim(Act::Named, Some(moment), false)));
            }
            Context::Nothing => {}
        }
    }
    let practitioner = practitioner(&tokens);
    let code = code(&tokens);
    if claims.is_empty() && code.is_some() {
        claims.push(claim(Act::Named, None, false));
    }
    let asks_for_a_wish = is_question(&tokens.words) && RULES.wishes.occur(&tokens.words);
    let is_of_a_visit = RULES.visits.occur(&tokens.words) && !asks_for_a_wish;
    for claim in &mut claims {
        claim.is_of_a_visit = is_of_a_visit;
        claim.code.clone_from(&code);
        claim.practitioner.clone_from(&practitioner);
    }
    claims
}

fn claim(act: Act, moment: Option<&Moment>, is_left: bool) -> Claim {
    let day = moment.and_then(|moment| moment.day.clone());
    let time = moment.and_then(|moment| moment.time);
    Claim { act, day, time, code: None, practitioner: Vec::new(), is_left, is_of_a_visit: false }
}

fn acted(act: FoundAct, moment: &Moment) -> Claim {
    match act.act {
        // That a text was sent does not make its time true.
        Act::Sent(_) | Act::StaffTold if moment.names_an_hour() => {
            Claim { act: act.act, ..claim(Act::Named, Some(moment), false) }
        }
        // "Your visit on Tuesday was moved" is about the old time.
        Act::Moved => claim(Act::Moved, Some(moment), moment.is_left || moment.at < act.at),
        other => claim(other, Some(moment), moment.is_left),
    }
}

const MOVING: &[&str] = &["move", "moving", "reschedule", "rescheduling", "mover", "cambiar", "reprogramar"];

/// What a part of a sentence is about.
#[derive(Clone)]
enum Context {
    Acts(Vec<FoundAct>),
    Offer,
    /// Nothing in particular, or only acts that are asked about or denied.
    Plain,
    /// Times that are not to be had, and opening hours.
    Nothing,
}

#[derive(Clone, Copy)]
struct FoundAct {
    act: Act,
    at: usize,
}

fn contexts(words: &[String], parts: &[Range<usize>], acts: &[FoundAct]) -> Vec<Context> {
    let asks = is_question(words) || is_conditional(words);
    let own: Vec<_> = parts.iter().map(|part| context(&words[part.clone()], part, acts, asks)).collect();
    let mut contexts: Vec<Context> = Vec::with_capacity(parts.len());
    for (at, context) in own.iter().enumerate() {
        let inherited = || {
            let earlier = own[..at].iter().rev().flatten().next();
            let later = own[at + 1..].iter().flatten().next();
            let acts_elsewhere = later.filter(|context| matches!(context, Context::Acts(_)));
            earlier.or(acts_elsewhere).or(later).cloned()
        };
        // An act is claimed where it stands; what inherits it only adds moments.
        contexts.push(context.clone().or_else(inherited).unwrap_or(Context::Plain));
    }
    contexts
}

fn context(words: &[String], part: &Range<usize>, acts: &[FoundAct], asks: bool) -> Option<Context> {
    let mut here: Vec<FoundAct> = acts.iter().filter(|act| part.contains(&act.at)).copied().collect();
    keep_the_more_telling(&mut here);
    if !here.is_empty() {
        return Some(Context::Acts(here));
    }
    let speaks_of_theirs = RULES.subjects.occur(words) && !RULES.open_statements.occur(words);
    if speaks_of_theirs && !asks {
        return Some(Context::Acts(vec![FoundAct { act: Act::Done, at: part.start }]));
    }
    if RULES.unavailable.occur(words) || RULES.hours.occur(words) && !names_a_visit(words) {
        return Some(Context::Nothing);
    }
    RULES.offers.occur(words).then_some(Context::Offer)
}

/// "I've texted you" also reads as "sent", and "asked the clinic for" as "told".
fn keep_the_more_telling(acts: &mut Vec<FoundAct>) {
    let has = |acts: &[FoundAct], wanted: &[Act]| acts.iter().any(|found| wanted.contains(&found.act));
    if acts.iter().any(|found| found.act != Act::Done) {
        acts.retain(|found| found.act != Act::Done);
    }
    // What was changed is a number, and no visit.
    if has(acts, &[Act::ContactChanged]) {
        acts.retain(|found| found.act != Act::Moved);
    }
    if has(acts, &[Act::Requested]) {
        acts.retain(|found| !matches!(found.act, Act::StaffTold | Act::Sent(Channel::Any)));
    }
    if has(acts, &[Act::Sent(Channel::Sms), Act::Sent(Channel::Email), Act::StaffTold]) {
        acts.retain(|found| found.act != Act::Sent(Channel::Any));
    }
}

const VISITS: &[&str] =
    &["slot", "slots", "opening", "openings", "appointment", "appointments", "visit", "cita", "espacio"];

/// "Opening hours" are no opening.
pub(super) fn names_a_visit(words: &[String]) -> bool {
    let is_of_hours = |at: usize| words[at] == "opening" && words.get(at + 1).is_some_and(|next| next == "hours");
    words.iter().enumerate().any(|(at, word)| VISITS.contains(&&**word) && !is_of_hours(at))
}

/// The pieces between commas, "and" and the like.
fn parts(words: &[String]) -> Vec<Range<usize>> {
    const ENDS: &[&str] =
        &[",", "–", "and", "but", "y", "pero", "so", "because", "though", "although", "porque", "asi"];
    let mut parts = Vec::new();
    let mut start = 0;
    for (at, word) in words.iter().enumerate() {
        if ENDS.contains(&&**word) {
            parts.push(start..at);
            start = at + 1;
        }
    }
    parts.push(start..words.len());
    parts.retain(|part| !part.is_empty());
    parts
}

/// The acts that are claimed, in order.
fn acts(tokens: &Tokens) -> Vec<FoundAct> {
    let words = blanked(&tokens.words);
    let mut acts: Vec<FoundAct> = Vec::new();
    for rule in &RULES.acts {
        for place in rule.patterns.places(&words) {
            let is_excused = is_excused(&words, &place)
                || rule.is_promise && (is_conditional(&words) || is_asked(&words, place.start));
            if !is_excused {
                acts.push(FoundAct { act: rule.act, at: place.start });
            }
        }
    }
    acts.sort_by_key(|act| act.at);
    acts.dedup_by_key(|act| (act.at, act.act));
    acts
}

/// The words with bars in place of what only sounds like an act, so that
/// places stay the same.
fn blanked(words: &[String]) -> Vec<String> {
    let mut blanked = words.to_vec();
    for place in RULES.harmless.places(words) {
        blanked[place].fill("|".to_owned());
    }
    blanked
}

/// Whether an act is denied, only possible, a condition or asked about, by the
/// words that lead to it.
fn is_excused(words: &[String], place: &Range<usize>) -> bool {
    let after = words.get(place.end).map(String::as_str).unwrap_or_default();
    const WITHIN: &[&str] = &["not", "hasnt", "isnt", "wasnt", "arent", "werent", "havent", "never"];
    let is_denied_within = words[place.clone()].iter().skip(1).any(|word| WITHIN.contains(&word.as_str()));
    if matches!(after, "not" | "never") || is_denied_within {
        return true;
    }
    let mut at = place.start;
    while let Some(before) = at.checked_sub(1) {
        let word = words[before].as_str();
        let next = words[at].as_str();
        match word {
            "no" | "not" if is_empty_denial(next) => return false,
            "will" | "ill" if is_conditional(words) => return true,
            _ if DENIALS.contains(&word) => return true,
            _ if CONDITIONS.contains(&word) => return true,
            _ if POSSIBILITIES.contains(&word) => return true,
            "soon" if before > 0 && words[before - 1] == "as" => return true,
            "to" if matches!(next, "be" | "get") && !is_success(words, before) => return true,
            "vez" if before > 0 && words[before - 1] == "una" => return true,
            "cuanto" if before > 0 && words[before - 1] == "en" => return true,
            "its" | "youre" | "theyre" | "ive" | "weve" | "youve" => {
                let earlier = before.checked_sub(1).map(|at| words[at].as_str()).unwrap_or_default();
                return CONDITIONS.contains(&earlier) || earlier == "soon";
            }
            "¿" => return words.last().is_some_and(|last| last == "?"),
            _ if LEADS.contains(&word) => at = before,
            // "Nothing was booked or changed" denies both.
            "or" | "nor" | "ni" | "o" if before > 0 && ALTERNATIVES.contains(&words[before - 1].as_str()) => {
                at = before - 1
            }
            _ if is_question(words) && WISHES.contains(&word) => at = before,
            _ => break,
        }
    }
    is_question(words) && is_opening(words, at)
}

/// "I was able to get you in" is no mere wish.
fn is_success(words: &[String], to: usize) -> bool {
    to.checked_sub(1).is_some_and(|at| matches!(words[at].as_str(), "able" | "managed" | "happy" | "glad" | "pleased"))
}

/// "No, it is booked" and "not only is it booked" deny nothing.
fn is_empty_denial(next: &str) -> bool {
    matches!(next, "only" | "just" | "your" | "the" | "it" | "its" | "you" | "su" | "tu" | "el" | "solo" | "is")
}

fn is_question(words: &[String]) -> bool {
    words.last().is_some_and(|last| last == "?")
}

/// Whether the words that lead to an act start with a word that asks.
fn is_opening(words: &[String], at: usize) -> bool {
    let starts = at == 0 || matches!(words[at - 1].as_str(), "," | "¿" | "and" | "or" | "y" | "o");
    let before = at.checked_sub(1).map(|at| words[at].as_str()).unwrap_or_default();
    starts && OPENERS.contains(&words[at].as_str()) || OPENERS.contains(&before)
}

/// Whether a promise depends on something.
fn is_conditional(words: &[String]) -> bool {
    words.iter().enumerate().any(|(at, word)| {
        let before = |n: usize| at.checked_sub(n).map(|at| words[at].as_str()).unwrap_or_default();
        let is_politeness =
            matches!(before(1), "know") || matches!(before(1), "avise" | "aviseme" | "digame" | "avisenos");
        match word.as_str() {
            "if" | "once" | "when" | "unless" | "after" | "until" => !is_politeness,
            "soon" => before(1) == "as",
            "si" | "cuando" | "hasta" => !is_politeness,
            "vez" => before(1) == "una",
            "cuanto" => before(1) == "en",
            _ => false,
        }
    })
}

/// Whether a promise is a question: "¿Le reservo …?", "Shall I book …?".
fn is_asked(words: &[String], at: usize) -> bool {
    let starts_question = |word: &String| word == "¿" || OPENERS.contains(&&**word);
    let part = words[..at].iter().rposition(|word| word == ",").map_or(0, |comma| comma + 1);
    is_question(words)
        && (words[..at].last().is_some_and(|word| word == "¿") || words[part..=at].first().is_some_and(starts_question))
}

const DENIALS: &[&str] = &[
    "not", "no", "nothing", "never", "none", "cant", "couldnt", "dont", "didnt", "hasnt", "havent", "isnt", "wasnt",
    "werent", "arent", "wont", "unable", "cannot", "nobody", "neither", "nor", "without", "failed", "hadnt", "nada",
    "nunca", "ningun", "ninguna", "ninguno", "tampoco", "sin", "nadie", "pude",
];

const CONDITIONS: &[&str] = &[
    "if", "once", "when", "after", "until", "unless", "before", "cuando", "hasta", "antes", "apenas", "whether", "que",
    "para", "til", "till",
];

const POSSIBILITIES: &[&str] =
    &["can", "could", "may", "might", "must", "puede", "pueden", "podria", "puedo", "podemos"];

/// Words that may stand between a denial or a condition and its act.
const LEADS: &[&str] = &[
    "been",
    "yet",
    "be",
    "able",
    "to",
    "has",
    "have",
    "had",
    "was",
    "were",
    "is",
    "are",
    "it",
    "that",
    "this",
    "the",
    "your",
    "an",
    "a",
    "any",
    "anything",
    "appointment",
    "appointments",
    "visit",
    "visits",
    "booking",
    "slot",
    "slots",
    "time",
    "times",
    "text",
    "message",
    "email",
    "actually",
    "really",
    "successfully",
    "still",
    "fully",
    "officially",
    "getting",
    "you",
    "get",
    "my",
    "i",
    "we",
    "they",
    "he",
    "she",
    "so",
    "far",
    "already",
    "their",
    "clinic",
    "staff",
    "of",
    "one",
    "else",
    "request",
    "requests",
    "confirmation",
    "ha",
    "han",
    "he",
    "hemos",
    "sido",
    "esta",
    "este",
    "fue",
    "se",
    "la",
    "lo",
    "le",
    "las",
    "los",
    "su",
    "tu",
    "cita",
    "citas",
    "ningun",
    "un",
    "una",
    "mensaje",
    "el",
    "quede",
    "haya",
    "todavia",
    "aun",
    "ya",
    "ser",
    "estar",
    "estan",
    "nada",
    "hay",
    "haberse",
    "haber",
    "poder",
    "queda",
    "quedo",
];

const ALTERNATIVES: &[&str] = &[
    "booked",
    "held",
    "changed",
    "moved",
    "cancelled",
    "canceled",
    "sent",
    "confirmed",
    "reserved",
    "reservado",
    "cambiado",
    "cancelado",
    "enviado",
    "confirmado",
    "movido",
];

const WISHES: &[&str] = &["like", "want", "need", "prefer", "me", "us", "quiere", "desea", "gustaria", "which", "what"];

const OPENERS: &[&str] = &[
    "do", "does", "did", "is", "are", "was", "were", "have", "has", "had", "shall", "should", "would", "will", "can",
    "could", "may", "want", "which", "what", "when", "where", "who", "how", "puedo", "quiere", "desea", "tiene",
    "prefiere", "cual", "que", "cuando", "esta", "fue", "ha",
];

struct Rule {
    act: Act,
    patterns: Patterns,
    is_promise: bool,
}

pub(super) struct Rules {
    acts: Vec<Rule>,
    offers: Patterns,
    unavailable: Patterns,
    pub(super) hours: Patterns,
    harmless: Patterns,
    /// Words of visits, and of coming to one.
    visits: Patterns,
    wishes: Patterns,
    /// What a statement about a patient's own visit starts with.
    subjects: Patterns,
    /// What it may go on with, and claim nothing.
    open_statements: Patterns,
}

pub(super) static RULES: LazyLock<Rules> = LazyLock::new(|| {
    let rules = |acts: &[(Act, &[&'static str])], lists, is_promise| -> Vec<Rule> {
        acts.iter()
            .map(|(act, patterns)| Rule { act: *act, patterns: Patterns::new(patterns, lists), is_promise })
            .collect()
    };
    Rules {
        acts: [
            rules(english::DONE, english::list, false),
            rules(spanish::DONE, spanish::list, false),
            rules(english::PROMISED, english::list, true),
            rules(spanish::PROMISED, spanish::list, true),
        ]
        .into_iter()
        .flatten()
        .collect(),
        offers: both(english::OFFERS, spanish::OFFERS),
        unavailable: both(english::UNAVAILABLE, spanish::UNAVAILABLE),
        hours: both(english::HOURS, spanish::HOURS),
        harmless: both(english::HARMLESS, spanish::HARMLESS),
        visits: both(english::VISITING, spanish::VISITING),
        wishes: both(english::WISHING, spanish::WISHING),
        subjects: both(english::SUBJECTS, spanish::SUBJECTS),
        open_statements: both(english::OPEN_STATEMENTS, spanish::OPEN_STATEMENTS),
    }
});

fn both(one: &[&'static str], other: &[&'static str]) -> Patterns {
    Patterns::new(one, english::list).and(Patterns::new(other, spanish::list))
}

/// The code that is named, whether or not it can be one.
fn code(tokens: &Tokens) -> Option<String> {
    let words = &tokens.words;
    let is_code = |word: &str| {
        word.len() == 8 && word.bytes().all(|b| b.is_ascii_alphanumeric()) && word.bytes().any(|b| b.is_ascii_digit())
    };
    let digits = |word: &str| word.bytes().any(|b| b.is_ascii_digit()) && !word.contains([':', '/', '$']);
    let halves = words.windows(2).enumerate().find(|(_, two)| {
        let fit = |word: &String| word.len() == 4 && word.bytes().all(|b| b.is_ascii_alphanumeric());
        let mixed =
            two.concat().bytes().any(|b| b.is_ascii_digit()) && two.concat().bytes().any(|b| b.is_ascii_alphabetic());
        two.iter().all(fit) && mixed && two.iter().all(|word| digits(word) || is_shouted(tokens, word))
    });
    if let Some((_, two)) = halves {
        return Some(two.concat().to_uppercase());
    }
    let whole = words.iter().find(|word| is_code(word) && word.bytes().any(|b| b.is_ascii_alphabetic()));
    let labelled = || {
        let label = words
            .iter()
            .position(|word| matches!(word.as_str(), "code" | "codigo" | "reference" | "ref" | "folio"))
            .or_else(|| words.windows(2).position(|two| two[0] == "confirmation" && two[1] == "number"))?;
        words[label + 1..]
            .iter()
            .take(5)
            .take_while(|word| *word != "for" && *word != "para")
            .find(|word| digits(word) && word.len() >= 3)
    };
    whole.or_else(labelled).map(|word| word.to_uppercase())
}

fn is_shouted(tokens: &Tokens, word: &str) -> bool {
    tokens.words.iter().zip(&tokens.capitals).any(|(known, capital)| known == word && *capital)
}

/// The name after "with", or after a title.
fn practitioner(tokens: &Tokens) -> Vec<String> {
    let words = &tokens.words;
    let is_title = |word: &str| matches!(word, "dr" | "dra" | "doctor" | "doctora");
    let Some(with) = words.iter().enumerate().position(|(at, word)| {
        matches!(word.as_str(), "with" | "con")
            && words
                .get(at + 1)
                .is_some_and(|next| is_title(next) || tokens.capitals[at + 1] || matches!(next.as_str(), "la" | "el"))
    }) else {
        return Vec::new();
    };
    let rest = (with + 1..words.len())
        .skip_while(|at| is_title(&words[*at]) || matches!(words[*at].as_str(), "la" | "el" | ","));
    rest.take_while(|at| tokens.capitals[*at] && words[*at].len() > 1).map(|at| words[at].clone()).take(3).collect()
}
