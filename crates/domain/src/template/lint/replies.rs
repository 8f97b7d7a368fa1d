//! The replies that a template offers, and what they would do.

use super::{Context, Finding};
use crate::sms::keywords::{self, Keyword, Line};
use crate::sms::words::words;
use crate::template::{Kind, Piece, Template};

/// What is wrong with the replies on offer, and with what is not on offer.
pub(super) fn findings(template: &Template, context: &Context) -> Vec<Finding> {
    let offers: Vec<Offer> = sentences(template).iter().flat_map(|words| offers(words)).collect();
    let mut findings: Vec<Finding> = Vec::new();
    for finding in offers.iter().filter_map(|offer| offer.finding(context.kind)) {
        if !findings.contains(&finding) {
            findings.push(finding);
        }
    }
    if context.kind.needs_opt_out() && !offers.iter().any(Offer::is_opt_out) {
        findings.push(Finding::OptOutMissing(context.language));
    }
    findings
}

/// A word of a template.
struct Word {
    /// As it is written.
    raw: String,
    /// As a reply of it is read.
    plain: String,
    is_after_slash: bool,
}

/// A keyword that patients are told to send.
struct Offer {
    word: String,
    keyword: Keyword,
    /// What it is said to be for.
    purpose: Vec<String>,
}

const VERBS: &str = "reply replying respond answer text txt send type responda responde responder conteste contesta \
                     contestar escriba escribe envie envia mande manda";

/// Words between such a verb and the reply.
const BETWEEN: &str = "with the word back just simply us only either con la el palabra solo solamente un a";

/// Replies that mean nothing by themselves, but may stand beside one that does.
const PLAIN_REPLIES: &str = "no n y ok okay si";

/// Words between the reply and what it is for.
const BEFORE_PURPOSE: &str = "to 2 for if you want wish would like when para si quiere desea usted";

/// What STOP may be offered for.
const OPTING_OUT: &[&str] = &[
    "opt out",
    "optout",
    "unsubscribe",
    "end",
    "end texts",
    "end messages",
    "stop",
    "stop texts",
    "stop messages",
    "stop receiving",
    "stop getting",
    "get no more",
    "not get",
    "receive no more",
    "no longer get",
    "no longer receive",
    "cancel texts",
    "cancel messages",
    "no more texts",
    "no more messages",
    "darse de baja",
    "darte de baja",
    "baja",
    "no recibir",
    "dejar de recibir",
    "salir",
    "salir de la lista",
    "cancelar mensajes",
    "cancelar los mensajes",
    "cancelar la suscripcion",
];

/// What C and R may be offered for, as beginnings of words.
const CONFIRMING: &[&str] = &["confirm", "keep", "coming", "attend", "accept", "asist", "acept", "manten"];
const CHANGING: &[&str] =
    &["change", "resched", "move", "another", "other", "different", "cambi", "reprogram", "reagend", "mover", "otr"];

impl Offer {
    fn finding(&self, kind: Kind) -> Option<Finding> {
        let is_for = |starts: &[&str]| {
            self.purpose.is_empty()
                || self.purpose.iter().any(|word| starts.iter().any(|start| word.starts_with(start)))
        };
        match self.keyword {
            Keyword::Stop if self.is_opt_out() => None,
            Keyword::Stop if self.is_stop() => Some(Finding::StopForSomethingElse),
            Keyword::Start if kind == Kind::OptOutConfirmation => None,
            Keyword::Stop | Keyword::Start | Keyword::Yes => Some(Finding::ForbiddenReply(self.word.to_uppercase())),
            Keyword::Confirm if !is_for(CONFIRMING) => {
                Some(Finding::ReplyMeansOther(self.word.to_uppercase(), "confirms the visit"))
            }
            Keyword::Reschedule if !is_for(CHANGING) => {
                Some(Finding::ReplyMeansOther(self.word.to_uppercase(), "asks for another time"))
            }
            Keyword::Confirm | Keyword::Reschedule | Keyword::Help | Keyword::Number(_) => None,
        }
    }

    fn is_stop(&self) -> bool {
        self.word.eq_ignore_ascii_case("stop")
    }

    fn is_opt_out(&self) -> bool {
        let purpose = self.purpose.join(" ");
        let says = |phrase: &&str| {
            let rest = purpose.strip_prefix(*phrase);
            // "to end your visit" is not "to end".
            rest.is_some_and(|rest| rest.is_empty() || (rest.starts_with(' ') && phrase.contains(' ')))
        };
        self.is_stop() && OPTING_OUT.iter().any(says)
    }
}

/// The sentences of a template; a field is a word that is no reply.
fn sentences(template: &Template) -> Vec<Vec<Word>> {
    let mut sentences: Vec<Vec<Word>> = vec![Vec::new()];
    for piece in template.pieces() {
        let Piece::Text(text) = piece else {
            add(&mut sentences, "{}", false);
            continue;
        };
        let mut is_after_slash = false;
        for part in text.split_inclusive(|letter: char| !(letter.is_alphanumeric() || "-_'’".contains(letter))) {
            let word = part.trim_end_matches(|letter: char| !(letter.is_alphanumeric() || "-_'’".contains(letter)));
            if !word.is_empty() {
                add(&mut sentences, word, is_after_slash);
            }
            is_after_slash = part.ends_with('/');
            if part.ends_with(['.', '!', '?', '\n', ';']) {
                sentences.push(Vec::new());
            }
        }
    }
    sentences
}

fn add(sentences: &mut [Vec<Word>], raw: &str, is_after_slash: bool) {
    if let Some(sentence) = sentences.last_mut() {
        sentence.push(Word { raw: raw.into(), plain: words(raw).join(" "), is_after_slash });
    }
}

fn offers(words: &[Word]) -> Vec<Offer> {
    let mut offers = Vec::new();
    let mut last_offer = None;
    for at in 0..words.len() {
        let Some((keyword, length)) = keyword(words, at) else {
            if is_after_verb(words, at) && has(PLAIN_REPLIES, &words[at].plain) {
                last_offer = Some(at);
            }
            continue;
        };
        let is_next = last_offer.is_some_and(|last| is_alternative(words, last, at));
        if is_after_verb(words, at) || is_next || stands_out(words, at, length) {
            last_offer = Some(at + length - 1);
            let word = words[at..at + length].iter().map(|word| word.raw.as_str()).collect::<Vec<_>>().join(" ");
            offers.push(Offer { word, keyword, purpose: purpose(words, at + length) });
        }
    }
    offers
}

/// What the word at `at`, or it and the next, would be read as.
fn keyword(words: &[Word], at: usize) -> Option<(Keyword, usize)> {
    let read = |reply: &str| keywords::read(reply, Line::Local);
    // What follows "to" is what a reply is for: "STOP to unsubscribe".
    let before = at.checked_sub(1).map(|before| words[before].plain.as_str());
    if before.is_some_and(|before| has("to 2 para", before)) {
        return None;
    }
    let two = words.get(at + 1).and_then(|next| read(&format!("{} {}", words[at].plain, next.plain)));
    two.filter(|_| words[at].plain.len() > 1).map(|two| (two, 2)).or_else(|| read(&words[at].plain).map(|one| (one, 1)))
}

fn is_after_verb(words: &[Word], at: usize) -> bool {
    let before = words[..at].iter().rev().find(|word| !has(BETWEEN, &word.plain));
    before.is_some_and(|word| has(VERBS, &word.plain))
}

/// "YES or NO", "YES/NO".
fn is_alternative(words: &[Word], last: usize, at: usize) -> bool {
    match at - last {
        1 => words[at].is_after_slash,
        2 => has("or o u and y", &words[at - 1].plain),
        _ => false,
    }
}

/// Whether a keyword is set in capitals, and not only because its neighbours
/// are; a letter alone has to be near a verb.
fn stands_out(words: &[Word], at: usize, length: usize) -> bool {
    let is_loud = |word: &Word| {
        let letters = || word.raw.chars().filter(|letter| letter.is_alphabetic());
        letters().next().is_some() && letters().all(char::is_uppercase)
    };
    if !words[at..at + length].iter().all(is_loud) {
        return false;
    }
    if words[at].raw.chars().count() == 1 {
        return words[..at].iter().any(|word| has(VERBS, &word.plain));
    }
    let neighbours = [at.checked_sub(1), Some(at + length)].into_iter().flatten().filter_map(|at| words.get(at));
    words[at].plain == "stop" || !neighbours.into_iter().any(|word| is_loud(word) && word.raw.len() > 1)
}

/// The words after a reply up to the next one, without "to".
fn purpose(words: &[Word], from: usize) -> Vec<String> {
    let rest = &words[from..];
    let end = (0..rest.len())
        .find(|at| {
            let is_another = keyword(rest, *at).is_some() && stands_out(rest, *at, 1);
            rest[*at].is_after_slash || has("or o u", &rest[*at].plain) || is_another
        })
        .unwrap_or(rest.len());
    let purpose = rest[..end].iter().map(|word| word.plain.clone());
    purpose.skip_while(|word| has(BEFORE_PURPOSE, word)).take(8).collect()
}

fn has(list: &str, word: &str) -> bool {
    list.split_whitespace().any(|one| one == word)
}
