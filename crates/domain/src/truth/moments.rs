//! The days and times a sentence names.

use chrono::{Datelike, Duration, NaiveDate, NaiveTime, Timelike, Weekday};

use super::tokens::Tokens;

/// A day as it was named; everything said about it has to fit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Day(Vec<Part>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Date(NaiveDate),
    /// The coming one; `next` may be the one after.
    Weekday(Weekday, Reach),
    /// Month and day; both ways round where either may be meant.
    MonthDay((u32, u32), (u32, u32)),
    OfMonth(u32),
    Year(i32),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reach {
    Coming,
    Next,
}

impl Day {
    /// The coming `weekday`.
    pub(super) fn coming(weekday: Weekday) -> Self {
        Self(vec![Part::Weekday(weekday, Reach::Coming)])
    }

    pub fn is(&self, date: NaiveDate, today: NaiveDate) -> bool {
        let days = (date - today).num_days();
        let is_alone = self.0.len() == 1;
        self.0.iter().all(|part| match *part {
            Part::Date(day) => day == date,
            Part::Weekday(weekday, reach) => {
                let furthest = match reach {
                    Reach::Coming => 7,
                    Reach::Next => 14,
                };
                date.weekday() == weekday && (!is_alone || (0..=furthest).contains(&days))
            }
            Part::MonthDay(one, other) => [one, other].contains(&(date.month(), date.day())),
            Part::OfMonth(day) => date.day() == day && (0..=31).contains(&days),
            Part::Year(year) => date.year() == year,
        })
    }
}

/// A time of day as it was named: "at 3" may be in the morning, "afternoon" has
/// no hour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Time {
    hour: Option<(u32, u32)>,
    half: Option<Half>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Half {
    Morning,
    Afternoon,
}

impl Time {
    /// That hour and minute of a day of 24 hours.
    pub(super) const fn at(hour: u32, minute: u32) -> Self {
        Self { hour: Some((hour, minute)), half: None }
    }

    pub fn is(&self, time: NaiveTime) -> bool {
        let half = if time.hour() < 12 { Half::Morning } else { Half::Afternoon };
        let is_half = self.half.is_none_or(|named| named == half);
        is_half
            && self.hour.is_none_or(|(hour, minute)| {
                let hours = if hour > 12 || hour == 0 { [hour, hour] } else { [hour % 12, hour % 12 + 12] };
                hours.contains(&time.hour()) && minute == time.minute()
            })
    }
}

/// A day, a time or both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Moment {
    pub(super) day: Option<Day>,
    pub(super) time: Option<Time>,
    /// The word it starts at.
    pub(super) at: usize,
    /// What something was moved away from.
    pub(super) is_left: bool,
}

impl Moment {
    pub(super) fn names_an_hour(&self) -> bool {
        self.time.is_some_and(|time| time.hour.is_some())
    }

    /// Of more than a weekday.
    pub(super) fn is_of_a_date(&self) -> bool {
        let is_weekday = |part: &Part| matches!(part, Part::Weekday(..));
        self.day.as_ref().is_some_and(|Day(parts)| !parts.iter().all(is_weekday))
    }
}

enum Item {
    Day(Vec<Part>),
    Time(Time),
}

/// The moments named, in order. Something `moves` if it may go from one to
/// another; otherwise the second is where the first ends.
pub(super) fn moments(tokens: &Tokens, today: NaiveDate, moves: bool) -> Vec<Moment> {
    let words: Vec<&str> = tokens.words.iter().map(String::as_str).collect();
    let mut moments: Vec<Moment> = Vec::new();
    let mut last: Option<usize> = None;
    let mut last_was_time = false;
    let mut at = 0;
    while at < words.len() {
        let Some((item, length)) = item(tokens, &words, at, today, last_was_time && last == Some(at.saturating_sub(1)))
        else {
            at += 1;
            continue;
        };
        let gap = last.map_or(&[][..], |last| &words[last..at]);
        let joins = last.is_some() && gap.len() <= 10 && !gap.iter().any(|word| SEPARATES.contains(word));
        let touches = last.is_some() && gap.iter().all(|word| TOUCHES.contains(word));
        let is_time = matches!(item, Item::Time(_));
        match (item, moments.last_mut()) {
            (Item::Day(parts), Some(moment)) if touches && moment.time.is_none() => {
                moment.day.get_or_insert(Day(Vec::new())).0.extend(parts);
            }
            // "3 PM on Friday", after "Tuesday at 2 or", is on Friday.
            (Item::Day(parts), Some(moment))
                if touches && last_was_time && (moment.day.is_none() || !gap.contains(&",")) =>
            {
                moment.day = Some(Day(parts));
            }
            (Item::Time(time), Some(moment))
                if time.hour.is_none() && joins && moment.time.is_none_or(|t| t.half.is_none()) =>
            {
                moment.time.get_or_insert_default().half = time.half;
            }
            (Item::Time(time), Some(moment)) if joins && moment.time.is_none_or(|time| time.hour.is_none()) => {
                let half = moment.time.and_then(|time| time.half);
                moment.time = Some(Time { half: time.half.or(half), ..time });
            }
            (Item::Time(time), Some(moment))
                if last_was_time && !moves && gap.len() <= 2 && is_range(gap, &words[..at]) =>
            {
                // "From 3 to 3:45 PM": the afternoon is of both.
                let start = moment.time.get_or_insert_default();
                start.half = start.half.or(time.half);
            }
            (Item::Day(parts), _) => {
                moments.push(Moment { day: Some(Day(parts)), time: None, at, is_left: left(&words[..at], moves) })
            }
            (Item::Time(time), _) => {
                let day = moments.last().and_then(|moment| moment.day.clone());
                moments.push(Moment { day, time: Some(time), at, is_left: left(&words[..at], moves) });
            }
        }
        last_was_time = is_time;
        at += length;
        last = Some(at);
    }
    moments
}

const SEPARATES: &[&str] = &["and", "or", "but", "y", "o", "u", "pero", "to", "al", "hasta", "until", "from", "desde"];

const TOUCHES: &[&str] = &[
    ",", "on", "this", "next", "of", "the", "el", "del", "de", "para", "coming", "este", "proximo", "que", "viene",
    "for", "dia", "es", "in",
];

fn is_range(gap: &[&str], before: &[&str]) -> bool {
    let is_between = before.iter().any(|word| matches!(*word, "between" | "entre"));
    gap.iter().any(|word| match *word {
        "to" | "–" | "until" | "till" | "a" | "hasta" => true,
        "and" | "y" => is_between,
        _ => false,
    })
}

/// Whether these words lead to what something is moved away from.
fn left(before: &[&str], moves: bool) -> bool {
    const PASSED: &[&str] = &["the", "your", "on", "at", "el", "la", "las", "a"];
    match before.iter().rev().filter(|word| !PASSED.contains(word)).take(2).collect::<Vec<_>>()[..] {
        [&"of", &"instead"] | [&"than", &"rather"] | [&"de", &"vez" | &"lugar"] => true,
        [&word, ..] => moves && matches!(word, "from" | "del" | "desde" | "de" | "was"),
        [] => false,
    }
}

/// What a word starts, and how many words it has.
fn item(tokens: &Tokens, words: &[&str], at: usize, today: NaiveDate, follows_time: bool) -> Option<(Item, usize)> {
    if let Some((parts, length)) = day(words, at, today) {
        return Some((Item::Day(parts), length));
    }
    time(tokens, words, at, follows_time).map(|(time, length)| (Item::Time(time), length))
}

fn day(words: &[&str], at: usize, today: NaiveDate) -> Option<(Vec<Part>, usize)> {
    let word = words[at];
    let before = |n: usize| at.checked_sub(n).map_or("", |at| words[at]);
    let after = |n: usize| words.get(at + n).copied().unwrap_or_default();
    let days = |days| today.checked_add_signed(Duration::days(days)).unwrap_or(today);
    match word {
        "today" | "hoy" | "tonight" => return Some((vec![Part::Date(today)], 1)),
        "day" if after(1) == "after" && after(2) == "tomorrow" => return Some((vec![Part::Date(days(2))], 3)),
        "pasado" if after(1) == "manana" => return Some((vec![Part::Date(days(2))], 2)),
        "tomorrow" | "tmrw" | "tmr" => return Some((vec![Part::Date(days(1))], 1)),
        "manana" if !matches!(before(1), "la" | "esta" | "misma") => return Some((vec![Part::Date(days(1))], 1)),
        _ => {}
    }
    // 24 November, Nov 24th, 24 de noviembre de 2026.
    let (numbered, ordinal) = number_of_day(word);
    if let Some(day) = numbered {
        let skip = usize::from(matches!(after(1), "of" | "de")) + 1;
        if let Some(month) = month(after(skip)) {
            let (year, length) = year(words, at + skip + 1);
            return Some((dated(month, day, year), skip + 1 + length));
        }
        if ordinal || matches!(before(1), "dia") || before(1) == "el" && is_end_of_day(after(1)) {
            return Some((vec![Part::OfMonth(day)], 1));
        }
    }
    if let Some(month) = month(word) {
        let skip = usize::from(after(1) == "the") + 1;
        if let (Some(day), _) = number_of_day(after(skip)) {
            let (year, length) = year(words, at + skip + 1);
            return Some((dated(month, day, year), skip + 1 + length));
        }
    }
    if matches!(word, "twenty" | "thirty") {
        let ones = ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth"];
        if let Some(one) = ones.iter().position(|one| *one == after(1)) {
            let tens = if word == "twenty" { 20 } else { 30 };
            return Some((vec![Part::OfMonth(tens + 1 + u32::try_from(one).unwrap_or_default())], 2));
        }
    }
    if let Some(parts) = written(word) {
        return Some((parts, 1));
    }
    let weekday = weekday(word, after(1))?;
    let reach = if matches!(before(1), "next" | "proximo" | "siguiente") || after(1) == "que" && after(2) == "viene" {
        Reach::Next
    } else {
        Reach::Coming
    };
    Some((vec![Part::Weekday(weekday, reach)], 1))
}

fn is_end_of_day(after: &str) -> bool {
    matches!(after, "" | "," | "a" | "at" | "de" | "por" | "con" | "y" | "o" | "?" | "–")
}

fn dated(month: u32, day: u32, year: Option<i32>) -> Vec<Part> {
    let date = Part::MonthDay((month, day), (month, day));
    [Some(date), year.map(Part::Year)].into_iter().flatten().collect()
}

/// The year at this word, and how many words it takes.
fn year(words: &[&str], at: usize) -> (Option<i32>, usize) {
    let word = |at: usize| words.get(at).copied().unwrap_or_default();
    let skip = usize::from(matches!(word(at), "de" | "del" | ","));
    let year = word(at + skip).parse().ok().filter(|year| (2000..2100).contains(year));
    (year, if year.is_some() { skip + 1 } else { 0 })
}

fn number_of_day(word: &str) -> (Option<u32>, bool) {
    let digits = word.trim_end_matches(|letter: char| letter.is_alphabetic());
    let suffix = &word[digits.len()..];
    let day = digits.parse().ok().filter(|day| (1..=31).contains(day));
    let is_ordinal = matches!(suffix, "st" | "nd" | "rd" | "th");
    (day.filter(|_| is_ordinal || suffix.is_empty()), is_ordinal && day.is_some())
}

/// `24/11`, `11/24/2026`, `2026-11-24`, `24.11.2026`.
fn written(word: &str) -> Option<Vec<Part>> {
    let numbers: Vec<u32> = word.split(['/', '-', '.']).map(str::parse).collect::<Result<_, _>>().ok()?;
    let year = |year: u32| i32::try_from(if year < 100 { year + 2000 } else { year }).ok().map(Part::Year);
    match numbers[..] {
        [y, m, d] if y > 1000 => Some(vec![year(y)?, Part::MonthDay((m, d), (m, d))]),
        [a, b, y] if y <= 99 || (2000..2100).contains(&y) => Some(vec![Part::MonthDay((a, b), (b, a)), year(y)?]),
        [a, b] if word.contains('/') => Some(vec![Part::MonthDay((a, b), (b, a))]),
        _ => None,
    }
}

fn month(word: &str) -> Option<u32> {
    const MONTHS: [&[&str]; 12] = [
        &["january", "jan", "enero", "ene"],
        &["february", "feb", "febrero"],
        &["march", "mar", "marzo"],
        &["april", "apr", "abril", "abr"],
        &["may", "mayo"],
        &["june", "jun", "junio"],
        &["july", "jul", "julio"],
        &["august", "aug", "agosto", "ago"],
        &["september", "sep", "sept", "septiembre", "setiembre"],
        &["october", "oct", "octubre"],
        &["november", "nov", "noviembre"],
        &["december", "dec", "diciembre", "dic"],
    ];
    let month = MONTHS.iter().position(|names| names.contains(&word))?;
    u32::try_from(month + 1).ok()
}

pub(super) fn weekday(word: &str, after: &str) -> Option<Weekday> {
    Some(match word {
        "monday" | "mon" | "lunes" | "lun" => Weekday::Mon,
        "tuesday" | "tue" | "tues" | "martes" => Weekday::Tue,
        "mar" if after.starts_with(|letter: char| letter.is_ascii_digit()) => Weekday::Tue,
        "wednesday" | "wed" | "weds" | "miercoles" | "mie" => Weekday::Wed,
        "thursday" | "thu" | "thur" | "thurs" | "jueves" | "jue" => Weekday::Thu,
        "friday" | "fri" | "viernes" | "vie" => Weekday::Fri,
        "saturday" | "sat" | "sabado" | "sab" => Weekday::Sat,
        "sunday" | "sun" | "domingo" => Weekday::Sun,
        _ => return None,
    })
}

fn time(tokens: &Tokens, words: &[&str], at: usize, follows_time: bool) -> Option<(Time, usize)> {
    let word = words[at];
    let before = |n: usize| at.checked_sub(n).map_or("", |at| words[at]);
    let exact = |hour, minute, half| Time { hour: Some((hour, minute)), half };
    match word {
        "noon" | "midday" | "mediodia" => return Some((exact(12, 0, Some(Half::Afternoon)), 1)),
        "midnight" | "medianoche" => return Some((exact(0, 0, None), 1)),
        _ => {}
    }
    if let Some((minute, length)) = part_of_hour(words, at)
        && let Some(hour) = number(words.get(at + length).copied().unwrap_or_default(), 12)
    {
        let (hour, minute) =
            if minute < 0 { (if hour == 1 { 12 } else { hour - 1 }, minute + 60) } else { (hour, minute) };
        let (half, more) = half(words, at + length + 1);
        return Some((exact(hour, minute.unsigned_abs(), half), length + 1 + more));
    }
    if let Some((hour, minute, half_of)) = clock(word) {
        let (half, more) = half(words, at + 1);
        return Some((exact(hour, minute, half_of.or(half)), 1 + more));
    }
    if let Some(hour) = number(word, 23) {
        let (minute, length) = minutes(words, at + 1);
        let (half, more) = half(words, at + 1 + length);
        let next = words.get(at + 1 + length).copied().unwrap_or_default();
        let is_led = matches!(before(1), "at" | "around" | "about" | "las" | "approximately")
            || before(1) == "la" && word == "una"
            || before(1) == "la" && word == "1";
        let is_listed = follows_list(words, at) && (follows_time || !is_unit(next));
        let is_marked =
            half.is_some() || matches!(next, "oclock" | "ish" | "hrs" | "horas" if next != "horas" || is_led);
        let is_place = tokens.capitals.get(at + 1).copied().unwrap_or_default()
            && !next.is_empty()
            && weekday(next, "").is_none()
            && month(next).is_none();
        if is_marked || (is_led || is_listed) && !is_unit(next) && !is_place {
            let ish = usize::from(matches!(next, "oclock" | "ish"));
            return Some((exact(hour, minute, half), 1 + length + more + ish));
        }
        return None;
    }
    let half = match word {
        "morning" => Half::Morning,
        "manana" if matches!(before(1), "la" | "esta") => Half::Morning,
        "afternoon" | "evening" | "night" | "noche" => Half::Afternoon,
        "tarde" if before(1) != "mas" => Half::Afternoon,
        _ => return None,
    };
    (before(1) != "good").then_some((Time { hour: None, half: Some(half) }, 1))
}

/// After a time and "or": "3, 4:30 or 5".
fn follows_list(words: &[&str], at: usize) -> bool {
    let Some(joint) = at.checked_sub(1) else { return false };
    let Some(earlier) = joint.checked_sub(1).map(|at| words[at]) else { return false };
    matches!(words[joint], "or" | "and" | "," | "o" | "y")
        && (clock(earlier).is_some() || matches!(earlier, "am" | "pm" | "oclock"))
        && words.get(at + 1).is_none_or(|next| matches!(*next, "," | "?" | "on" | "or" | "and" | "am" | "pm"))
}

fn is_unit(word: &str) -> bool {
    const UNITS: &[&str] = &[
        "min", "mins", "minutes", "minutos", "hours", "hour", "horas", "days", "day", "dias", "weeks", "semanas",
        "people", "percent", "or", "times", "street", "avenue", "road", "st", "ave", "main", "years",
    ];
    UNITS.contains(&word) && word != "or"
}

/// "Half past", "quarter to", "ten past": minutes from the hour that follows.
fn part_of_hour(words: &[&str], at: usize) -> Option<(i32, usize)> {
    let at = |n: usize| words.get(at + n).copied().unwrap_or_default();
    let (minutes, length) = match at(0) {
        "half" => (30, 1),
        "quarter" => (15, 1),
        "a" if at(1) == "quarter" => (15, 2),
        word => (i32::try_from(number(word, 59)?).ok()?, 1 + usize::from(at(1) == "minutes")),
    };
    match at(length) {
        "past" | "after" => Some((minutes, length + 1)),
        "to" | "of" | "before" if minutes != 30 && (at(0) == "quarter" || at(0) == "a") => Some((-minutes, length + 1)),
        _ => None,
    }
}

/// `3:00`, `15.30`, `3pm`, `3:30pm`, `15h`, `3ish`.
fn clock(word: &str) -> Option<(u32, u32, Option<Half>)> {
    let digits = word.trim_end_matches(|letter: char| letter.is_alphabetic());
    let (half, is_marked) = match &word[digits.len()..] {
        "am" | "a" => (Some(Half::Morning), true),
        "pm" | "p" => (Some(Half::Afternoon), true),
        "h" | "hs" | "hrs" | "ish" => (None, true),
        "" => (None, false),
        _ => return None,
    };
    let (hour, minute) = match digits.split_once([':', '.']) {
        // "0.25" is a quarter of something, and no time that anybody writes.
        Some(("0", _)) if digits.starts_with("0.") => return None,
        Some((hour, minute)) if minute.len() == 2 => (hour, minute),
        None if is_marked => (digits, "0"),
        _ => return None,
    };
    let (hour, minute) = (hour.parse().ok()?, minute.parse().ok()?);
    (hour < 24 && minute < 60).then_some((hour, minute, half))
}

/// "Thirty", "forty five", "y media", "menos cuarto" after an hour.
fn minutes(words: &[&str], at: usize) -> (u32, usize) {
    let at = |n: usize| words.get(at + n).copied().unwrap_or_default();
    match (at(0), at(1)) {
        ("thirty", _) => (30, 1),
        ("fifteen", _) => (15, 1),
        ("forty", "five") => (45, 2),
        ("y", "media") => (30, 2),
        ("y", "cuarto" | "quince") => (15, 2),
        ("y", "treinta") => (30, 2),
        ("en", "punto") => (0, 2),
        _ => (0, 0),
    }
}

/// "PM", "in the afternoon", "de la tarde" after a time.
fn half(words: &[&str], at: usize) -> (Option<Half>, usize) {
    let at = |n: usize| words.get(at + n).copied().unwrap_or_default();
    let of = |word: &str| match word {
        "morning" | "manana" | "madrugada" | "am" => Some(Half::Morning),
        "afternoon" | "evening" | "night" | "tarde" | "noche" | "pm" => Some(Half::Afternoon),
        _ => None,
    };
    match (at(0), at(1)) {
        ("am" | "pm", _) => (of(at(0)), 1),
        ("in", "the") | ("de" | "por" | "en", "la") if of(at(2)).is_some() => (of(at(2)), 3),
        ("at", "night") => (of("night"), 2),
        _ => (None, 0),
    }
}

fn number(word: &str, most: u32) -> Option<u32> {
    const WORDS: [&[&str]; 13] = [
        &[],
        &["one", "una"],
        &["two", "dos"],
        &["three", "tres"],
        &["four", "cuatro"],
        &["five", "cinco"],
        &["six", "seis"],
        &["seven", "siete"],
        &["eight", "ocho"],
        &["nine", "nueve"],
        &["ten", "diez"],
        &["eleven", "once"],
        &["twelve", "doce"],
    ];
    let said = WORDS.iter().position(|words| words.contains(&word)).and_then(|number| u32::try_from(number).ok());
    said.or_else(|| word.parse().ok()).filter(|number| *number <= most)
}
