//! When a sentence says that a clinic is open.
//!
//! A sentence is read in parts, between commas and "and"s. A part without a word
//! of its own on whether it is open goes with the one before it, or else after
//! it: "open Monday to Friday, closed Saturday and Sunday".

use std::ops::Range;
use std::sync::LazyLock;

use chrono::{NaiveDate, Weekday};

use super::claims::{RULES, names_a_visit};
use super::english;
use super::moments::{Day, Moment, Time, moments, weekday};
use super::tokens::Tokens;
use crate::pattern::Patterns;

/// What a sentence says of some days, or of an hour in them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opening {
    pub days: Days,
    /// None of a whole day.
    pub time: Option<Time>,
    pub stance: Stance,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Days {
    /// No day is named.
    Any,
    /// Every one of them, week by week.
    Each(Vec<Weekday>),
    /// The one that is named.
    On(Day),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stance {
    Open,
    /// It opens or closes then, or is open from or until then.
    Bound,
    Closed,
}

/// What `sentence` says of opening hours, where today is `today` on the clinic's
/// clock; nothing if it asks, sets a condition or speaks of a visit.
pub fn openings(sentence: &str, today: NaiveDate) -> Vec<Opening> {
    let mut tokens = Tokens::of(sentence);
    let groups = groups(&tokens.words);
    // "On Saturdays" is every Saturday, so the next one too.
    tokens.words.iter_mut().for_each(|word| *word = one_of(word).to_owned());
    let words = &tokens.words;
    let is_asked = words.last().is_some_and(|last| last == "?") || CONDITIONS.occur(words);
    let (is_of_hours, is_of_days) = (RULES.hours.occur(words), WHOLE_DAYS.occur(words));
    if !(is_of_hours || is_of_days) || names_a_visit(words) || is_asked {
        return Vec::new();
    }
    // Of "9 to 5" both ends are hours at which it opens or closes.
    let moments = moments(&tokens, today, true);
    let parts = parts(words);
    let told: Vec<Option<bool>> =
        parts.iter().map(|part| is_open(&words[part.clone()], is_flipped(words, part))).collect();
    let mut openings = Vec::new();
    for (at, part) in parts.iter().enumerate() {
        let before = told[..=at].iter().rev().flatten().next();
        let after = || told[at..].iter().flatten().next();
        let is_open = before.or_else(after).copied().unwrap_or(true);
        let here = |place: usize| part.contains(&place);
        let timed = moments.iter().filter(|moment| is_of_hours && here(moment.at) && moment.names_an_hour());
        let stance = match (is_open, WITHIN.occur(words)) {
            (false, _) => Stance::Closed,
            (true, true) => Stance::Open,
            (true, false) => Stance::Bound,
        };
        let mut is_timed = false;
        for moment in timed {
            is_timed = true;
            // "Monday to Thursday 9 to 5" is not only of the Thursday.
            let group = groups.iter().rfind(|group| group.at <= moment.at && matches!(group.days, Days::Each(_)));
            let days = match (&moment.day, group) {
                (Some(_), Some(group)) if !moment.is_of_a_date() && group.names(moment) => group.days.clone(),
                (day, _) => day.clone().map_or(Days::Any, Days::On),
            };
            openings.push(Opening { days, time: moment.time, stance });
        }
        if is_timed || !is_of_days {
            continue;
        }
        let stance = if is_open { Stance::Open } else { Stance::Closed };
        let grouped: Vec<&Group> = groups.iter().filter(|group| here(group.at)).collect();
        let whole = |days: Days| Opening { days, time: None, stance };
        // "Thursday 26 November" is that one.
        let dated = |at: usize| moments.iter().find(|moment| moment.at == at && moment.is_of_a_date());
        let day = |at: usize| dated(at).and_then(|moment: &Moment| moment.day.clone());
        openings.extend(grouped.iter().map(|group| match day(group.at) {
            Some(day) if matches!(group.days, Days::On(_)) => whole(Days::On(day)),
            _ => whole(group.days.clone()),
        }));
        if grouped.is_empty() {
            let dated = moments.iter().filter(|moment| here(moment.at) && moment.is_of_a_date());
            let dates = dated.filter_map(|moment: &Moment| moment.day.clone());
            openings.extend(dates.map(|day| whole(Days::On(day))));
        }
        if ALWAYS.occur(&words[part.clone()]) && is_open {
            let midnight = Time::at(0, 0);
            openings.push(Opening { days: Days::Each(EVERY_DAY.to_vec()), time: Some(midnight), stance });
        }
    }
    without_exceptions(openings, &groups, &parts, words)
}

/// "Every day except Sunday" says nothing of Sundays but that it is closed.
fn without_exceptions(
    mut openings: Vec<Opening>,
    groups: &[Group],
    parts: &[Range<usize>],
    words: &[String],
) -> Vec<Opening> {
    let mut flipped = parts.iter().filter(|part| is_flipped(words, part));
    let excepted = groups.iter().filter(|group| flipped.clone().any(|part| part.contains(&group.at)));
    let excepted: Vec<&Group> = excepted.collect();
    if flipped.next().is_some() {
        for opening in &mut openings {
            if let (Days::Each(days), true) = (&mut opening.days, opening.stance != Stance::Closed) {
                days.retain(|day| !excepted.iter().any(|group| group.days.names(*day)));
            }
        }
    }
    openings
}

impl Days {
    fn names(&self, weekday: Weekday) -> bool {
        match self {
            Self::Any => false,
            Self::Each(days) => days.contains(&weekday),
            Self::On(day) => *day == Day::coming(weekday),
        }
    }
}

/// Days named together, and the word they start at.
struct Group {
    at: usize,
    days: Days,
}

impl Group {
    fn names(&self, moment: &Moment) -> bool {
        let is_of = |weekday: &Weekday| moment.day == Some(Day::coming(*weekday));
        matches!(&self.days, Days::Each(days) if days.iter().any(is_of))
    }
}

/// "Sundays", "Monday to Friday", "weekends", "every day"; one weekday alone is
/// the coming one.
fn groups(words: &[String]) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    let mut at = 0;
    while at < words.len() {
        let (group, length) = group(words, at);
        groups.extend(group.map(|days| Group { at, days }));
        at += length;
    }
    groups
}

fn group(words: &[String], at: usize) -> (Option<Days>, usize) {
    use Weekday::{Fri, Mon, Sat, Sun, Thu, Tue, Wed};
    let word = |n: usize| words.get(at + n).map(String::as_str).unwrap_or_default();
    let day = |n: usize| weekday(one_of(word(n)), word(n + 1));
    if let Some(first) = day(0) {
        let joint =
            usize::from(matches!(word(1), "to" | "through" | "thru" | "till" | "until" | "a" | "al" | "hasta" | "–"));
        let joint = joint + usize::from(joint == 1 && matches!(word(2), "el" | "los"));
        if let Some(last) = day(1 + joint) {
            let mut days = vec![first];
            while *days.last().unwrap_or(&last) != last {
                days.push(days.last().unwrap_or(&last).succ());
            }
            return (Some(Days::Each(days)), 2 + joint);
        }
        let is_each = one_of(word(0)) != word(0)
            || at > 0 && matches!(words[at - 1].as_str(), "every" | "each" | "los" | "cada" | "todos");
        let days = if is_each { Days::Each(vec![first]) } else { Days::On(Day::coming(first)) };
        return (Some(days), 1);
    }
    let every = Days::Each(EVERY_DAY.to_vec());
    match (word(0), word(1), word(2)) {
        ("weekend" | "weekends", ..) => (Some(Days::Each(vec![Sat, Sun])), 1),
        ("fin" | "fines", "de", "semana") => (Some(Days::Each(vec![Sat, Sun])), 3),
        ("weekday" | "weekdays", ..) => (Some(Days::Each(vec![Mon, Tue, Wed, Thu, Fri])), 1),
        ("entre", "semana", _) => (Some(Days::Each(vec![Mon, Tue, Wed, Thu, Fri])), 2),
        ("every" | "each" | "cada", "day" | "dia", _)
        | ("all", "week", _)
        | ("seven" | "7" | "siete", "days" | "dias", _) => (Some(every), 2),
        ("todos", "los", "dias") | ("toda", "la", "semana") => (Some(every), 3),
        ("daily" | "diario" | "diariamente" | "24/7", ..) => (Some(every), 1),
        _ => (None, 1),
    }
}

fn parts(words: &[String]) -> Vec<Range<usize>> {
    let ends =
        |word: &String| matches!(word.as_str(), "," | "and" | "but" | "so" | "y" | "pero") || EXCEPT.contains(&&**word);
    let mut parts = Vec::new();
    let mut start = 0;
    for (at, _) in words.iter().enumerate().filter(|(_, word)| ends(word)) {
        parts.push(start..at);
        // "Except Sundays" is of the part it leads.
        start = if EXCEPT.contains(&&*words[at]) { at } else { at + 1 };
    }
    parts.push(start..words.len());
    parts.retain(|part| !part.is_empty());
    parts
}

const EVERY_DAY: [Weekday; 7] =
    [Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri, Weekday::Sat, Weekday::Sun];

const EXCEPT: &[&str] = &["except", "excluding", "apart", "salvo", "excepto", "menos"];

/// Whether what leads a part turns round what was said before it.
fn is_flipped(words: &[String], part: &Range<usize>) -> bool {
    words.get(part.start).is_some_and(|word| EXCEPT.contains(&&**word))
}

/// Whether a part says that it is open, or closed; none where it says neither.
fn is_open(part: &[String], is_flipped: bool) -> Option<bool> {
    const NOT: &[&str] =
        &["not", "no", "never", "isnt", "arent", "dont", "cant", "wont", "doesnt", "nunca", "ni", "neither"];
    const CLOSED: &[&str] = &["closed", "cerrado", "cerrada", "cerrados", "shut"];
    let has = |list: &[&str]| part.iter().any(|word| list.contains(&&**word));
    if is_flipped {
        return Some(false);
    }
    let is_closed = has(CLOSED) || CLOSING_DAYS.occur(part);
    match (has(NOT) || OUTSIDE.occur(part), is_closed) {
        (true, true) => Some(true),
        (true, false) | (false, true) => Some(false),
        // "But on Saturdays, yes."
        (false, false) => (RULES.hours.occur(part) || has(&["yes", "open"])).then_some(true),
    }
}

fn one_of(word: &str) -> &str {
    let one = word.strip_suffix('s').filter(|one| one.ends_with("day") || matches!(*one, "sabado" | "domingo"));
    one.unwrap_or(word)
}

/// Words that make of a day one on which it is open, or closed.
static WHOLE_DAYS: LazyLock<Patterns> = LazyLock::new(|| {
    Patterns::new(
        &[
            "open|opens|opened|closed|close|closes|shut",
            "our|opening|business|office|clinic|clinics hours",
            "hours ~ are",
            "abrimos|abre|abren|abiert+|cerrad+|cerramos|cierra|cierran|atendemos|atienden|horario",
        ],
        english::list,
    )
});

static OUTSIDE: LazyLock<Patterns> =
    LazyLock::new(|| Patterns::new(&["outside|beyond .. hours|times", "fuera .. horario|horarios"], english::list));

/// "We close on Mondays" is no hour.
static CLOSING_DAYS: LazyLock<Patterns> =
    LazyLock::new(|| Patterns::new(&["close|closes ~ CLOSING", "cerramos|cierra|cierran ~ CLOSING"], list));

/// Open at an hour, which may be any between opening and closing.
static WITHIN: LazyLock<Patterns> = LazyLock::new(|| {
    Patterns::new(
        &["is|are|were|be|was|stay|free open ... at|around", "is ~ open", "estamos|esta abiert+ .. a|sobre"],
        english::list,
    )
});

static ALWAYS: LazyLock<Patterns> = LazyLock::new(|| {
    Patterns::new(
        &["24/7", "open|opens|abiert+|abrimos|atendemos ... 24 hours|horas", "around the clock", "siempre abiert+"],
        english::list,
    )
});

static CONDITIONS: LazyLock<Patterns> = LazyLock::new(|| {
    Patterns::new(
        &[
            "if|whether|unless|wonder",
            "NEG ... know|sure|say|tell|information",
            "^ do|does|did|can|could|would|will|shall|should|may",
            "si|quizas",
            "no .. se|sabemos|tengo|puedo .. si|informacion|decir+|que|cuando",
            "ask|asking|asked|preguntar+|pregunt+",
        ],
        english::list,
    )
});

fn list(name: &str) -> Option<&'static str> {
    match name {
        "CLOSING" => Some(
            "monday tuesday wednesday thursday friday saturday sunday weekend weekends holidays lunes martes miercoles \
             jueves viernes sabado domingo fines festivos feriados",
        ),
        "IDLE" => Some("on over at all the every each el los cada todos"),
        _ => None,
    }
}
