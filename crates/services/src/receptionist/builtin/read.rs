//! From what a patient wrote to what was understood.

use chrono::{DateTime, NaiveDate, Timelike, Weekday};
use chrono_tz::Tz;

use super::super::model::ClinicFacts;
use super::catalogue::{self, TypeMention, Who};
use super::choice::{self, More, Pick};
use super::clock::{self, Clock, Half, TimeWish};
use super::contact;
use super::dates::{self, Days};
use super::intent::{self, Talk, Topic};
use super::text;

/// Everything one message says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Understood {
    pub emergency: bool,
    pub talk: Option<Talk>,
    pub topic: Option<Topic>,
    /// A second question in the same message.
    pub second_topic: Option<Topic>,
    pub wants_visit: bool,
    pub starts_over: bool,
    pub gives_up: bool,
    pub offered: TypeMention,
    pub who: Who,
    pub days: Option<Days>,
    pub time: Option<TimeWish>,
    /// The time is the whole message, as in "2": maybe a place in a list.
    pub lone_number: Option<usize>,
    pub ordinal: Option<u32>,
    pub mismatch: Option<(Weekday, NaiveDate)>,
    pub impossible_date: bool,
    pub pick: Option<Pick>,
    pub more: Option<More>,
    pub agrees: bool,
    pub declines: bool,
    pub asks: bool,
    pub name: Option<String>,
    /// Could be a name if one was asked for.
    pub bare_name: Option<String>,
    /// The name was introduced as one, or came with an address.
    pub name_is_sure: bool,
    pub email: Option<String>,
    pub phone: Option<String>,
    pub bad_email: bool,
    /// Digits too few for a phone number.
    pub bad_phone: bool,
    pub no_email: bool,
    pub no_phone: bool,
    pub words: usize,
}

/// What the receptionist asked last, which decides how a short answer is read.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Asked {
    pub name: bool,
    pub email: bool,
    pub phone: bool,
}

/// Reads a message that arrived at `at`, knowing what was `asked`.
pub fn read(facts: &ClinicFacts, message: &str, at: DateTime<Tz>, asked: Asked) -> Understood {
    let message = text::clean(message);
    let contact = contact::take(facts, &message);
    let words = text::words(&contact.rest);
    let line = text::joined(&words);
    let dated = dates::read(&words, at.naive_local());
    let contact_only = contact.email.is_some() || contact.phone.is_some();
    let time = clock::read(&words, &dated.used, !contact_only).or_else(|| dated.time.map(on_the_clock));
    let introduced = contact::introduced(&words, asked.name);
    let bare = contact::bare_name(&contact.rest, asked.name || contact_only);
    let beside = if contact_only && !asked.name { contact::bare_name(&contact.rest, false) } else { None };
    let who = catalogue::practitioner(facts, &words, !asked.name && introduced.is_none());
    let about_someone = matches!(who, Who::One(_)) && text::says_any(&line, &["who is", "whos", "tell me about"]);
    let mut topics = intent::topics(&line).into_iter().chain(about_someone.then_some(Topic::Practitioners));
    Understood {
        emergency: intent::is_emergency(&line),
        talk: intent::talk(&line),
        topic: topics.next(),
        second_topic: topics.next(),
        wants_visit: intent::wants_visit(&line),
        starts_over: intent::starts_over(&line),
        gives_up: intent::gives_up(&line),
        offered: catalogue::appointment_type(facts, &words),
        who,
        days: dated.days,
        time,
        lone_number: lone_number(&words),
        ordinal: dated.ordinal,
        mismatch: dated.mismatch,
        impossible_date: dated.impossible,
        pick: choice::pick(&words),
        more: choice::more(&words),
        agrees: choice::agrees(&words),
        declines: choice::declines(&words),
        asks: message.contains('?') || is_question(&line),
        name_is_sure: introduced.is_some() || beside.is_some(),
        name: introduced.or(beside),
        bare_name: bare,
        bad_phone: asked.phone && contact.phone.is_none() && (contact.bad_phone || digits(&contact.rest) >= 5),
        email: contact.email,
        phone: contact.phone,
        bad_email: contact.bad_email,
        no_email: refuses(&line, &["email", "mail"]),
        no_phone: refuses(&line, &["phone", "number", "mobile", "cell"]),
        words: words.len(),
    }
}

fn on_the_clock(time: chrono::NaiveTime) -> TimeWish {
    let half = if time.hour() < 12 { Half::Am } else { Half::Pm };
    TimeWish::At(Clock { hour: time.hour(), minute: time.minute(), half: Some(half) })
}

// "2" or "2 please", as a place in a list counted from one.
fn lone_number(words: &[text::Word]) -> Option<usize> {
    let core: Vec<_> =
        words.iter().filter(|word| !matches!(word.text.as_str(), "please" | "ok" | "the" | "yes")).collect();
    match core[..] {
        [word] if word.text.len() <= 5 => clock::number(&word.text).and_then(|n| usize::try_from(n).ok()),
        _ => None,
    }
}

// "No phone", "I don't have an email"
fn refuses(line: &str, things: &[&str]) -> bool {
    const REFUSALS: &[&str] = &[
        "no",
        "dont have a",
        "dont have an",
        "dont have any",
        "dont have",
        "do not have",
        "have no",
        "havent got",
        "without",
        "without a",
        "without an",
        "skip the",
        "dont use",
        "not my",
        "dont want to give my",
        "rather not give my",
        "havent got a",
        "havent got an",
    ];
    things.iter().any(|thing| REFUSALS.iter().any(|refusal| text::says(line, &format!("{refusal} {thing}"))))
}

fn digits(text: &str) -> usize {
    text.chars().filter(char::is_ascii_digit).count()
}

fn is_question(line: &str) -> bool {
    const STARTS: &[&str] = &[
        "what",
        "when",
        "where",
        "who",
        "why",
        "how",
        "do you",
        "can you",
        "is there",
        "are you",
        "whats",
        "could you",
        "which",
    ];
    STARTS.iter().any(|start| line.trim_start().starts_with(&format!("{start} ")))
}
