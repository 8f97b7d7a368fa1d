//! What a clinic says of itself, and what it does not.

use std::collections::HashSet;

use super::alike::{Form, is_of, named};
use super::patterns::{ABOUT, FEATURES, NO_FEATURES};
use super::reading::{Stance, is_exception, parts, read, told};
use super::things::{CANCELLING, COSTS_NOTHING, FREE, IMPLIED, PARKING};
use super::usual;
use crate::asked::{Answer, Asked};
use crate::truth::{sentences, words};

/// What a clinic says of itself.
#[derive(Clone, Debug, Default)]
pub struct Own {
    said: Vec<Said>,
    /// Words of what it and all that it offers are called, and of where it is.
    names: Vec<Form>,
    /// Words of the names of who works there.
    people: Vec<Form>,
    /// What the patient wrote, and what tools found.
    given: HashSet<String>,
}

/// One part of one sentence of a clinic's.
#[derive(Clone, Debug)]
struct Said {
    words: HashSet<String>,
    forms: Vec<Form>,
    stance: Stance,
    /// Which other parts leave out.
    is_exception: bool,
    sentence: usize,
}

impl Own {
    /// Everything that stands in these texts, beside the names of what it offers
    /// and of who works there.
    pub fn of<'t>(
        texts: impl IntoIterator<Item = &'t str>,
        names: impl IntoIterator<Item = &'t str>,
        people: impl IntoIterator<Item = &'t str>,
    ) -> Self {
        let mut said = Vec::new();
        for (sentence, text) in texts.into_iter().flat_map(sentences).enumerate() {
            let words = read(text);
            for (part, told) in parts(&words).into_iter().zip(told(&words, false)) {
                let is_exception = is_exception(&words[part.clone()]);
                let words: HashSet<String> = words[part].iter().cloned().collect();
                let forms = words.iter().map(|word| Form::of(word)).collect();
                said.push(Said { words, forms, stance: told.stance.unwrap_or(Stance::Either), is_exception, sentence });
            }
        }
        let all = |names: Vec<&str>| names.into_iter().flat_map(words).map(|word| Form::of(&word)).collect();
        let (names, people) = (names.into_iter().collect(), people.into_iter().collect());
        Self { said, names: all(names), people: all(people), given: HashSet::new() }
    }

    /// These words are no news to a patient; that a clinic has what they name
    /// still has to stand in what it says.
    pub fn given<'t>(mut self, texts: impl IntoIterator<Item = &'t str>) -> Self {
        self.given.extend(texts.into_iter().flat_map(words));
        self
    }

    /// Whether `sentence` states something that nothing here says.
    pub fn lacks(&self, sentence: &str) -> bool {
        self.lacks_one(sentence, false)
    }

    /// Whether this does not bear out what a yes or no says of a question.
    pub fn lacks_answer(&self, asked: &Asked, answer: Answer) -> bool {
        // "Sure", to whether something can be done, says nothing of a clinic
        // unless the question does.
        self.lacks_one(&asked.answered(answer), !asked.is_request)
    }

    fn lacks_one(&self, sentence: &str, is_answer: bool) -> bool {
        let words = read(sentence);
        parts(&words).into_iter().zip(told(&words, is_answer)).any(|(part, told)| {
            let part = &words[part];
            let is_said = told.stance != Some(Stance::Either);
            told.stance.filter(|_| is_said).is_some_and(|stance| {
                told.names_things && named(part).any(|thing| !self.bears_thing(thing, part, stance))
                    || stance == Stance::Affirmed && self.lacks_free(part, &words)
                    || self.lacks_words(part, stance, told.is_feature)
            })
        })
    }

    fn bears_thing(&self, thing: &str, part: &[String], stance: Stance) -> bool {
        let implied = IMPLIED.iter().filter(|(named, _)| *named == thing).map(|(_, by)| *by);
        // That Medicare is not taken is not that no insurance is.
        let implied = implied.filter(|_| stance == Stance::Affirmed);
        let ways: Vec<&str> = std::iter::once(thing).chain(implied).collect();
        let is_every = stance == Stance::Affirmed && part.iter().any(|word| EVERY.contains(&&**word));
        self.said.iter().any(|said| {
            let is_named = said.words.iter().any(|word| ways.iter().any(|way| is_of(way, word)));
            let is_every_there = || said.words.iter().any(|word| EVERY.contains(&&**word));
            is_named && said.goes_with(stance, part) && (!is_every || is_every_there()) && said.is_as_exclusive(part)
        })
    }

    /// That parking is there is not that it costs nothing.
    fn lacks_free(&self, part: &[String], sentence: &[String]) -> bool {
        let has = |part: &[String], thing: &str| part.iter().any(|word| is_of(thing, word));
        let is_said = |said: &Said, thing: &str| {
            said.stance != Stance::Denied && said.words.iter().any(|word| is_of(thing, word))
        };
        let is_free = |thing: &str| {
            let mut free = self.said.iter().filter(|said| is_said(said, FREE));
            free.any(|free| self.said.iter().any(|said| said.sentence == free.sentence && is_said(said, thing)))
        };
        has(part, FREE) && has(sentence, PARKING) && !is_free(PARKING)
            || has(part, COSTS_NOTHING) && has(sentence, CANCELLING) && !is_free(CANCELLING)
    }

    /// "We have a sauna" is so where the clinic speaks of a sauna. What only
    /// speaks of the clinic may also have the patient's own words.
    fn lacks_words(&self, part: &[String], stance: Stance, is_feature: bool) -> bool {
        // Of parking it matters what there is, such as a garage.
        let is_thing = |word: &str| named(part).any(|thing| thing != PARKING && is_of(thing, word));
        let is_telling = |word: &&String| !usual::is_usual(word) && !is_thing(word);
        let telling: Vec<(&String, Form)> = part.iter().filter(is_telling).map(|word| (word, Form::of(word))).collect();
        let who = self.named_in(part);
        if is_feature {
            return telling.iter().any(|(_, word)| !self.bears_word(word, &who, part, stance));
        }
        let is_known = |word: &Form| self.said.iter().any(|said| said.has(word));
        if !(!who.is_empty() || ABOUT.occur(part) || telling.iter().any(|(_, word)| is_known(word))) {
            return false;
        }
        let is_no_news = |text: &String, word: &Form| {
            is_name(&self.names, word) || is_name(&self.people, word) || self.given.contains(text)
        };
        let is_counted_otherwise = |number| !self.said.iter().any(|said| said.words.contains(number));
        counted(part).any(is_counted_otherwise)
            || telling.iter().any(|(text, word)| !is_no_news(text, word) && !self.bears_word(word, &who, part, stance))
    }

    /// Whether the clinic says `word`, of those `who` the part is about.
    fn bears_word(&self, word: &Form, who: &[&String], part: &[String], stance: Stance) -> bool {
        // "No", to whether a facial is booked, is not that there are none.
        let is_denied = stance == Stance::Denied && FEATURES.occur(&NO_FEATURES.cover(part));
        let is_named = is_name(&self.people, word) || !is_denied && is_name(&self.names, word);
        // That she speaks Spanish is not that he does.
        let is_of_them = |said: &Said| {
            let mut there = self.said.iter().filter(|one| one.sentence == said.sentence).flat_map(|one| &one.words);
            who.is_empty() || there.any(|word| who.contains(&word) || EVERYBODY.contains(&&**word))
        };
        let is_every = stance == Stance::Affirmed && part.iter().any(|word| EVERY.contains(&&**word));
        let is_every_there = |said: &Said| said.words.iter().any(|word| EVERY.contains(&&**word));
        let is_said = |said: &Said| {
            let is_as_wide = said.is_as_exclusive(part) && (!is_every || is_every_there(said));
            said.goes_with(stance, part) && said.has(word) && is_as_wide && is_of_them(said)
        };
        is_named || self.said.iter().any(is_said)
    }

    /// Names of whoever works there.
    fn named_in<'p>(&self, part: &'p [String]) -> Vec<&'p String> {
        let is_theirs = |word: &&String| !usual::is_usual(word) && is_name(&self.people, &Form::of(word));
        part.iter().filter(is_theirs).collect()
    }
}

fn is_name(names: &[Form], word: &Form) -> bool {
    names.iter().any(|name| name.is_like(word))
}

impl Said {
    fn has(&self, word: &Form) -> bool {
        self.forms.iter().any(|known| known.is_like(word))
    }

    /// "We only treat adults" has to be what the clinic says.
    fn is_as_exclusive(&self, part: &[String]) -> bool {
        let is_only = |word: &String| ONLY.contains(&&**word);
        !part.iter().any(is_only) || self.words.iter().any(is_only)
    }

    /// Whether it bears out a part that puts it as `stance`: that there is no
    /// free parking is not that there is none, nor are guide dogs all dogs.
    fn goes_with(&self, stance: Stance, part: &[String]) -> bool {
        let is_telling = |word: &&String| is_of(FREE, word) || !usual::is_usual(word);
        let is_there = |word: &String| {
            let form = Form::of(word);
            part.iter().any(|other| form.is_like(&Form::of(other)))
        };
        let is_no_narrower = || self.words.iter().filter(is_telling).all(is_there);
        let is_same = self.stance == stance || self.stance == Stance::Either;
        let may_be_narrower = self.stance != Stance::Denied && !self.is_exception;
        is_same && (may_be_narrower || is_no_narrower())
    }
}

/// The numbers of hours, days and the like that a part names.
fn counted(part: &[String]) -> impl Iterator<Item = &String> {
    const UNITS: &[&str] = &[
        "hours", "days", "weeks", "months", "years", "percent", "horas", "dias", "semanas", "meses", "anos", "ciento",
    ];
    let is_number = |word: &str| word.bytes().all(|letter| letter.is_ascii_digit());
    part.windows(2).filter(move |two| is_number(&two[0]) && UNITS.contains(&&*two[1])).map(|two| &two[0])
}

const EVERY: &[&str] = &[
    "all",
    "every",
    "any",
    "everything",
    "anything",
    "todos",
    "todas",
    "cualquier",
    "todo",
    "toda",
    "everyone",
    "everybody",
    "anyone",
    "anybody",
];

/// Whom a clinic speaks of when it speaks of all who work there.
const EVERYBODY: &[&str] =
    &["we", "our", "team", "staff", "everyone", "everybody", "atendemos", "hablamos", "equipo", "personal", "todos"];

const ONLY: &[&str] = &["only", "solely", "exclusively", "solo", "solamente", "unicamente"];
