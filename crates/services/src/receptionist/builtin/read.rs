//! From what a patient wrote to what was understood.

use chrono::{DateTime, NaiveDate, Timelike, Weekday};
use chrono_tz::Tz;
use domain::language::Language;

use super::super::model::ClinicFacts;
use super::catalogue::{self, TypeMention, Who};
use super::choice::{self, More, Pick};
use super::clock::{self, Clock, Half, TimeWish};
use super::contact;
use super::dates::{self, Days, weekday};
use super::intent::{self, Talk, Topic};
use super::{spanish, text};

/// Everything one message says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Understood {
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

/// Reads a message that arrived at `at`, knowing what was `asked`. A message
/// that is clearly in another language than the conversation is read in its
/// own.
pub fn read(facts: &ClinicFacts, message: &str, at: DateTime<Tz>, asked: Asked, language: Language) -> Understood {
    let message = text::clean(message);
    let language = Language::spoken_in(&message).unwrap_or(language);
    let contact = contact::take(facts, &message);
    let words = text::words(&contact.rest);
    let line = text::joined(&words);
    let timed = match language {
        Language::English => words.clone(),
        Language::Spanish => spanish::in_english(&words),
    };
    let dated = dates::read(&timed, at.naive_local());
    let contact_only = contact.email.is_some() || contact.phone.is_some();
    let time = clock::read(&timed, &dated.used, !contact_only).or_else(|| dated.time.map(on_the_clock));
    let introduced = contact::introduced(&words, asked.name, language);
    let bare = contact::bare_name(&contact.rest, asked.name || contact_only, language);
    let beside = if contact_only && !asked.name { contact::bare_name(&contact.rest, false, language) } else { None };
    let who = catalogue::practitioner(facts, &words, !asked.name && introduced.is_none(), language);
    let about_someone = matches!(who, Who::One(_)) && text::says_any(&line, lists(language).about_someone);
    let mut topics = intent::topics(&line, language).into_iter().chain(about_someone.then_some(Topic::Practitioners));
    let names_a_weekday = timed.iter().any(|word| weekday(&word.text).is_some());
    Understood {
        talk: intent::talk(&line, language),
        topic: topics.next(),
        second_topic: topics.next(),
        wants_visit: intent::wants_visit(&line, language),
        starts_over: intent::starts_over(&line, language),
        gives_up: intent::gives_up(&line, language),
        offered: catalogue::appointment_type(facts, &words, language),
        who,
        days: dated.days,
        time,
        lone_number: lone_number(&timed),
        ordinal: dated.ordinal,
        mismatch: dated.mismatch,
        impossible_date: dated.impossible,
        pick: choice::pick(&words, language),
        more: choice::more(&words, names_a_weekday, language),
        agrees: choice::agrees(&words, language),
        declines: choice::declines(&words, language),
        asks: message.contains('?') || is_question(&line, language),
        name_is_sure: introduced.is_some() || beside.is_some(),
        name: introduced.or(beside),
        bare_name: bare,
        bad_phone: asked.phone && contact.phone.is_none() && (contact.bad_phone || digits(&contact.rest) >= 5),
        email: contact.email,
        phone: contact.phone,
        bad_email: contact.bad_email,
        no_email: refuses(&line, lists(language).email, language),
        no_phone: refuses(&line, lists(language).phone, language),
        words: words.len(),
    }
}

/// How one language asks, and says what it will not give.
struct Lists {
    questions: &'static [&'static str],
    about_someone: &'static [&'static str],
    email: &'static [&'static str],
    phone: &'static [&'static str],
    refusals: &'static [&'static str],
}

fn lists(language: Language) -> &'static Lists {
    match language {
        Language::English => &ENGLISH,
        Language::Spanish => &SPANISH,
    }
}

const ENGLISH: Lists = Lists {
    questions: &[
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
    ],
    about_someone: &["who is", "whos", "tell me about"],
    email: &["email", "mail"],
    phone: &["phone", "number", "mobile", "cell"],
    refusals: &[
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
    ],
};

const SPANISH: Lists = Lists {
    questions: &[
        "que", "cuando", "donde", "quien", "quienes", "por que", "como", "cual", "cuales", "cuanto", "cuantos",
        "puede", "pueden", "podria", "hay", "tiene", "tienen", "es usted", "a que",
    ],
    about_someone: &["quien es", "hableme de", "cuenteme de"],
    email: &["correo", "correo electronico", "email", "mail"],
    phone: &["telefono", "numero", "celular", "movil"],
    refusals: &[
        "no",
        "sin",
        "no tengo",
        "no tengo un",
        "no uso",
        "no quiero dar mi",
        "no quiero dar el",
        "prefiero no dar mi",
        "prefiero no dar el",
        "omitir el",
        "omita el",
        "no doy mi",
    ],
};

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
fn refuses(line: &str, things: &[&str], language: Language) -> bool {
    let refusals = lists(language).refusals;
    things.iter().any(|thing| refusals.iter().any(|refusal| text::says(line, &format!("{refusal} {thing}"))))
}

fn digits(text: &str) -> usize {
    text.chars().filter(char::is_ascii_digit).count()
}

fn is_question(line: &str, language: Language) -> bool {
    lists(language).questions.iter().any(|start| line.trim_start().starts_with(&format!("{start} ")))
}
