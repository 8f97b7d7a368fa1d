//! What a message says about the time of day.

use chrono::{NaiveTime, Timelike, Weekday};

use super::super::model::ClinicFacts;
use super::text::{Word, joined, says, says_any};

mod windows;

use self::windows::{part_of_day, window};

/// The time of day a patient asks for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum TimeWish {
    At(Clock),
    Between {
        from: Option<Clock>,
        to: Option<Clock>,
    },
    /// "Any time": forget what was said before.
    Any,
}

/// A time as said: "2" leaves open whether it is morning.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Clock {
    pub hour: u32,
    pub minute: u32,
    pub half: Option<Half>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Half {
    Am,
    Pm,
}

impl Clock {
    /// The time meant, going by when the clinic is open on `weekday`, or on any
    /// day if none is given yet.
    pub fn resolve(self, facts: &ClinicFacts, weekday: Option<Weekday>) -> NaiveTime {
        let [first, second] = self.both();
        match self.half {
            Some(Half::Am) => first,
            Some(Half::Pm) => second,
            None if first == second => first,
            None => match (is_open(facts, weekday, first), is_open(facts, weekday, second)) {
                (true, false) => first,
                (false, true) => second,
                _ if (7..12).contains(&first.hour()) => first,
                _ => second,
            },
        }
    }

    /// The morning and the afternoon reading, the same when only one is possible.
    pub fn both(self) -> [NaiveTime; 2] {
        let at = |hour| NaiveTime::from_hms_opt(hour % 24, self.minute, 0).unwrap_or_default();
        if self.hour > 12 || self.hour == 0 {
            return [at(self.hour); 2];
        }
        let readings = [at(self.hour % 12), at(self.hour % 12 + 12)];
        match self.half {
            Some(Half::Am) => [readings[0]; 2],
            Some(Half::Pm) => [readings[1]; 2],
            None => readings,
        }
    }

    fn exact(hour: u32, minute: u32) -> Self {
        Self { hour, minute, half: Some(if hour < 12 { Half::Am } else { Half::Pm }) }
    }
}

/// Reads the time of day from words that are not `used` by a date. `lone` says
/// that a bare number may be a time, as in "3 works".
pub fn read(words: &[Word], used: &[bool], lone: bool) -> Option<TimeWish> {
    let line = joined(words);
    let found = clocks(words, used, lone);
    window(words, &found).or_else(|| found_time(&line, words, &found)).or_else(|| part_of_day(&line))
}

/// A number up to fifty-nine, in digits or words.
pub fn number(text: &str) -> Option<u32> {
    const SMALL: &[&str] = &[
        "zero",
        "one",
        "two",
        "three",
        "four",
        "five",
        "six",
        "seven",
        "eight",
        "nine",
        "ten",
        "eleven",
        "twelve",
        "thirteen",
        "fourteen",
        "fifteen",
        "sixteen",
        "seventeen",
        "eighteen",
        "nineteen",
        "twenty",
    ];
    const TENS: &[(&str, u32)] = &[("thirty", 30), ("forty", 40), ("fifty", 50)];
    if text.len() <= 4 && text.chars().all(|c| c.is_ascii_digit()) {
        return text.parse().ok();
    }
    let small = SMALL.iter().position(|word| *word == text).and_then(|n| u32::try_from(n).ok());
    small.or_else(|| TENS.iter().find(|(word, _)| *word == text).map(|(_, n)| *n))
}

// A clock time and which words it took.
#[derive(Clone, Copy, Debug)]
struct Found {
    clock: Clock,
    start: usize,
    end: usize,
    sure: bool,
}

fn clocks(words: &[Word], used: &[bool], lone: bool) -> Vec<Found> {
    let mut found = Vec::new();
    let mut i = 0;
    while i < words.len() {
        let free = !used.get(i).copied().unwrap_or(false);
        match clock_at(words, i).filter(|_| free) {
            Some((clock, length, sure)) => {
                found.push(Found { clock, start: i, end: i + length, sure });
                i += length;
            }
            None => i += 1,
        }
    }
    let ranges: Vec<bool> = (0..found.len()).map(|n| in_range(words, &found, n)).collect();
    let mut ranges = ranges.into_iter();
    found.retain(|one| {
        ranges.next().unwrap_or(false)
            || one.sure
            || led(words, one)
            || beside_date(words, used, one)
            || (lone && stands_alone(words, one))
    });
    found
}

// Clock, length in words, and whether it can be nothing but a time.
fn clock_at(words: &[Word], i: usize) -> Option<(Clock, usize, bool)> {
    let text = |n: usize| words.get(i + n).map_or("", |word| word.text.as_str());
    match text(0) {
        "noon" | "midday" | "noontime" => return Some((Clock::exact(12, 0), 1, true)),
        "midnight" => return Some((Clock::exact(0, 0), 1, true)),
        "half" => {
            let past = usize::from(text(1) == "past") + 1;
            let (clock, length) = hour_at(words, i + past)?;
            return Some((Clock { minute: 30, ..clock }, past + length, true));
        }
        _ => {}
    }
    if let Some(found) = minutes_and_hour(words, i) {
        return Some(found);
    }
    let (clock, length) = hour_at(words, i)?;
    let spoken = number(text(length)).filter(|n| matches!(n, 15 | 30 | 45) && text(0).chars().all(char::is_alphabetic));
    if let (Some(minute), None) = (spoken, clock.half) {
        let half = half_at(words, i + length + 1);
        return Some((
            Clock { minute, half: half.map(|(half, _)| half), ..clock },
            length + 1 + half.map_or(0, |(_, n)| n),
            true,
        ));
    }
    let written = text(0).contains([':', '.']) || text(0).ends_with('h');
    Some((clock, length, clock.half.is_some() || written || length > 1))
}

// "quarter to three", "ten past two", "twenty of four"
fn minutes_and_hour(words: &[Word], i: usize) -> Option<(Clock, usize, bool)> {
    let text = |n: usize| words.get(i + n).map_or("", |word| word.text.as_str());
    let skip = usize::from(text(0) == "a" && text(1) == "quarter");
    let minutes =
        if text(skip) == "quarter" { 15 } else { number(text(skip)).filter(|n| matches!(n, 5 | 10 | 20 | 25))? };
    let after = match text(skip + 1) {
        "past" => true,
        "to" | "til" | "till" | "of" if minutes == 15 || matches!(text(skip + 1), "to" | "til" | "till") => false,
        _ => return None,
    };
    let (clock, length) = hour_at(words, i + skip + 2)?;
    // "10 to 1" is a range of hours, "ten to one" is a time.
    let spelled = text(skip).chars().all(char::is_alphabetic);
    let leads =
        i.checked_sub(1).and_then(|j| words.get(j)).is_some_and(|w| matches!(w.text.as_str(), "from" | "between"));
    if !after && (!spelled || leads) {
        return None;
    }
    let clock = match (after, clock.hour) {
        (true, _) => Clock { minute: minutes, ..clock },
        (false, 1) => Clock { hour: 12, minute: 60 - minutes, ..clock },
        (false, 0) => Clock { hour: 23, minute: 60 - minutes, half: None },
        (false, hour) => Clock { hour: hour - 1, minute: 60 - minutes, ..clock },
    };
    Some((clock, skip + 2 + length, true))
}

// "2", "2pm", "2:30", "14:00", "14h", "1430", "two", with "pm" or "oclock" after it.
fn hour_at(words: &[Word], i: usize) -> Option<(Clock, usize)> {
    let clock = written(&words.get(i)?.text)?;
    let mut length = 1;
    let mut half = clock.half;
    if words.get(i + 1).is_some_and(|word| matches!(word.text.as_str(), "oclock" | "o" | "clock")) {
        length += 1 + usize::from(
            words.get(i + 1).is_some_and(|w| w.text == "o") && words.get(i + 2).is_some_and(|w| w.text == "clock"),
        );
    }
    if let (None, Some((said, more))) = (half, half_at(words, i + length)) {
        half = Some(said);
        length += more;
    }
    let fits = half.is_none() || (1..=12).contains(&clock.hour);
    Some((Clock { half: half.filter(|_| fits), ..clock }, length))
}

fn written(text: &str) -> Option<Clock> {
    let (digits, half) = ["am", "pm", "a", "p", "ish", "h", "hrs"]
        .iter()
        .find_map(|end| {
            text.strip_suffix(end).filter(|rest| rest.ends_with(|c: char| c.is_ascii_digit())).map(|rest| (rest, *end))
        })
        .unwrap_or((text, ""));
    let half = match half {
        "am" | "a" => Some(Half::Am),
        "pm" | "p" => Some(Half::Pm),
        _ => None,
    };
    let (hour, minute) = match digits.split_once([':', '.']) {
        Some((hour, minute)) if minute.len() == 2 => (number(hour)?, minute.parse().ok()?),
        Some(_) => return None,
        None if matches!(digits.len(), 3 | 4) && digits.chars().all(|c| c.is_ascii_digit()) => {
            let both: u32 = digits.parse().ok()?;
            // "2000" is a year or a price sooner than a time.
            if half.is_none() && digits.len() == 4 && !digits.starts_with(['0', '1']) {
                return None;
            }
            (both / 100, both % 100)
        }
        None => (number(digits).filter(|n| *n <= 24)?, 0),
    };
    (hour < 24 && minute < 60).then_some(Clock { hour, minute, half })
}

// "pm", "in the afternoon", "tonight" after a time.
fn half_at(words: &[Word], i: usize) -> Option<(Half, usize)> {
    let text = |n: usize| words.get(i + n).map_or("", |word| word.text.as_str());
    match (text(0), text(1), text(2)) {
        ("am", ..) => Some((Half::Am, 1)),
        ("pm", ..) => Some((Half::Pm, 1)),
        ("in", "the", "morning") => Some((Half::Am, 3)),
        ("in", "the", "afternoon" | "evening" | "arvo") => Some((Half::Pm, 3)),
        ("at", "night", _) => Some((Half::Pm, 2)),
        ("tonight", ..) => Some((Half::Pm, 0)),
        _ => None,
    }
}

// "at 2", "around 2", "make it 2": a word before a bare number that makes it a time.
fn led(words: &[Word], found: &Found) -> bool {
    const LEADS: &[&str] = &[
        "at",
        "around",
        "about",
        "by",
        "after",
        "before",
        "past",
        "until",
        "till",
        "til",
        "between",
        "like",
        "say",
        "near",
        "ish",
        "approximately",
        "roughly",
        "circa",
        "from",
        "since",
        "than",
    ];
    const COUNTED: &[&str] = &[
        "people",
        "persons",
        "person",
        "of",
        "adults",
        "kids",
        "days",
        "day",
        "weeks",
        "week",
        "months",
        "month",
        "years",
        "hours",
        "hour",
        "minutes",
        "min",
        "mins",
        "dollars",
        "bucks",
        "percent",
        "times",
        "appointments",
        "haircuts",
        "others",
    ];
    let next = words.get(found.end).map_or("", |word| word.text.as_str());
    if COUNTED.contains(&next) {
        return false;
    }
    let hour_like = found.clock.minute == 0 || found.clock.hour <= 12;
    let before = found.start.checked_sub(1).and_then(|j| words.get(j)).map_or("", |word| word.text.as_str());
    let before_that = found.start.checked_sub(2).and_then(|j| words.get(j)).map_or("", |word| word.text.as_str());
    let made = matches!(
        (before_that, before),
        ("make", "it")
            | ("can" | "could" | "we" | "you" | "i" | "lets", "do")
            | ("how", "about")
            | ("what", "about")
            | ("move", "to")
            | ("it", "to")
            | ("or", "at")
    );
    let suffixed = words.get(found.start).is_some_and(|word| word.text.ends_with("ish"))
        || matches!(next, "ish" | "instead" | "sharp" | "onwards" | "onward");
    let next2 = words.get(found.end + 1).map_or("", |word| word.text.as_str());
    let bounded =
        matches!((next, next2), ("or" | "and", "later" | "after" | "onwards" | "earlier" | "before" | "beyond"));
    hour_like && (LEADS.contains(&before) || made || suffixed || bounded)
}

// "tuesday 2", "tomorrow 1430"
fn beside_date(words: &[Word], used: &[bool], found: &Found) -> bool {
    let dated = found.start.checked_sub(1).and_then(|j| used.get(j)).copied().unwrap_or(false);
    let last = words
        .get(found.end)
        .is_none_or(|word| matches!(word.text.as_str(), "please" | "pls" | "with" | "for" | "works" | "or"));
    dated && last && found.clock.minute.is_multiple_of(15)
}

// "3 works", "ok 2 please": a number and words that say nothing.
fn stands_alone(words: &[Word], found: &Found) -> bool {
    const FILLERS: &[&str] = &[
        "ok", "okay", "yes", "yeah", "please", "pls", "works", "is", "fine", "good", "great", "perfect", "then",
        "lets", "do", "go", "with", "the", "for", "me", "would", "be", "thanks", "i", "ill", "take", "works",
        "instead", "no", "actually", "sorry", "meant", "mean", "one", "want", "best", "prefer", "id", "sounds", "and",
        "or", "maybe", "could", "can", "we", "you",
    ];
    let all = words.len() <= 7
        && words
            .iter()
            .enumerate()
            .all(|(i, word)| (found.start..found.end).contains(&i) || FILLERS.contains(&word.text.as_str()));
    all && words.get(found.start).is_some_and(|word| word.text != "one" || words.len() == 1)
}

// One of two clocks with "to", "and", "or" or a hyphen between them, where the
// other is surely a time or "between"/"from" leads.
fn in_range(words: &[Word], found: &[Found], n: usize) -> bool {
    let linked = |a: &Found, b: &Found| {
        let leads = a
            .start
            .checked_sub(1)
            .and_then(|j| words.get(j))
            .is_some_and(|w| matches!(w.text.as_str(), "between" | "from"));
        let near = b.start == a.end + 1
            && words
                .get(a.end)
                .is_some_and(|w| matches!(w.text.as_str(), "to" | "and" | "or" | "till" | "until" | "through"));
        let hyphen = b.start == a.end && words.get(b.start).is_some_and(|w| w.hyphenated);
        (near || hyphen) && (leads || a.sure || b.sure || led(words, a))
    };
    let before = n.checked_sub(1).and_then(|m| found.get(m));
    let (one, next) = (&found[n], found.get(n + 1));
    next.is_some_and(|next| linked(one, next)) || before.is_some_and(|before| linked(before, one))
}

fn found_time(line: &str, words: &[Word], found: &[Found]) -> Option<TimeWish> {
    let alternative =
        matches!(found, [.., a, b] if b.start == a.end + 1 && words.get(a.end).is_some_and(|word| word.text == "or"));
    // "2 or 3" looks near two, and finds three beside it.
    let mut clock = if alternative { found[found.len() - 2].clock } else { found.last()?.clock };
    if clock.half.is_none() && clock.hour <= 12 {
        if says(line, "morning") && !says(line, "good morning") {
            clock.half = Some(Half::Am);
        } else if says_any(line, &["afternoon", "arvo", "evening", "tonight"])
            && !says_any(line, &["good afternoon", "good evening"])
        {
            clock.half = Some(Half::Pm);
        }
    }
    Some(TimeWish::At(clock))
}

fn is_open(facts: &ClinicFacts, weekday: Option<Weekday>, time: NaiveTime) -> bool {
    let on_the_day: Vec<_> =
        facts.hours.iter().filter(|hours| weekday.is_none_or(|day| day == hours.weekday)).collect();
    let hours = if on_the_day.is_empty() { facts.hours.iter().collect() } else { on_the_day };
    // A break between two opening times counts as open: "at 12:45" is not midnight.
    let (opens, closes) = (hours.iter().map(|h| h.opens).min(), hours.iter().map(|h| h.closes).max());
    opens.is_some_and(|opens| opens <= time) && closes.is_some_and(|closes| time < closes)
}

#[cfg(test)]
mod tests {
    use super::super::text::{clean, words};
    use super::super::world::bloom;
    use super::*;

    fn heard(text: &str) -> String {
        let words = words(&clean(text));
        let used = vec![false; words.len()];
        let say = |clock: Clock| clock.resolve(&bloom(), None).format("%H:%M").to_string();
        match read(&words, &used, true) {
            None => "nothing".into(),
            Some(TimeWish::Any) => "any".into(),
            Some(TimeWish::At(clock)) => say(clock),
            Some(TimeWish::Between { from, to }) => {
                format!("{}-{}", from.map(say).unwrap_or_default(), to.map(say).unwrap_or_default())
            }
        }
    }

    #[test]
    fn times_of_day_are_read_as_people_say_them() {
        for (text, time) in [
            ("at 2", "14:00"),
            ("at 9", "09:00"),
            ("2pm", "14:00"),
            ("2 p.m.", "14:00"),
            ("2:30", "14:30"),
            ("14:15", "14:15"),
            ("half past two", "14:30"),
            ("half 3", "15:30"),
            ("quarter to three", "14:45"),
            ("ten past 4", "16:10"),
            ("twenty to 4", "15:40"),
            ("two thirty", "14:30"),
            ("eleven fifteen", "11:15"),
            ("at two o'clock", "14:00"),
            ("noon", "12:00"),
            ("around 3ish", "15:00"),
            ("1430", "14:30"),
            ("2.30pm", "14:30"),
            ("3 works", "15:00"),
            ("can we do 3 instead", "15:00"),
            ("make it 4", "16:00"),
            ("5 in the afternoon", "17:00"),
            ("8 in the morning", "08:00"),
            ("tomorrow morning at 9", "09:00"),
            ("12:30", "12:30"),
            ("3p", "15:00"),
            ("between 2 and 4", "14:00-16:00"),
            ("2-4", "14:00-16:00"),
            ("2 to 4pm", "14:00-16:00"),
            ("from 10 to 1", "10:00-13:00"),
            ("10am-noon", "10:00-12:00"),
            ("anything after 3", "15:00-"),
            ("after 3pm", "15:00-"),
            ("before noon", "-11:59"),
            ("before 11", "-10:59"),
            ("by 4", "-16:00"),
            ("3 or later", "15:00-"),
            ("no later than 4", "-16:00"),
            ("not before 10", "10:00-"),
            ("after around 2", "14:00-"),
            ("any time in the morning", "-11:59"),
            ("wed arvo", "12:00-17:00"),
            ("after work", "17:00-"),
            ("evening", "17:00-"),
            ("first thing", "-10:00"),
            ("good morning", "nothing"),
            ("i have 2 kids", "nothing"),
            ("for 3 people", "nothing"),
            ("one second", "nothing"),
            ("any time", "any"),
            ("good morning, the afternoon please", "12:00-17:00"),
            ("i am 34 years old", "nothing"),
        ] {
            assert_eq!(heard(text), time, "{text}");
        }
    }
}
