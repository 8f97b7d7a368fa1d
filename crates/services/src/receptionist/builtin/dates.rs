//! What a message says about the day.

use chrono::{Datelike, Days as Count, Months, NaiveDate, NaiveDateTime, NaiveTime, Weekday};

use super::holidays;
use super::text::{Word, joined};

mod names;
mod relative;

use self::names::{digits, digits_ordinal, ordinal_at};
pub use self::names::{month, weekday};
use self::relative::{loose, relative, soon};

/// The day or days a patient asks for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Days {
    One(NaiveDate),
    Span(NaiveDate, NaiveDate),
    Soonest,
}

/// The day a message names, and what else was noticed on the way.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Dated {
    pub days: Option<Days>,
    /// "In two hours" is a time as well.
    pub time: Option<NaiveTime>,
    /// Which words were read as a day.
    pub used: Vec<bool>,
    /// "The second" with nothing else: a day of the month or one of a list.
    pub ordinal: Option<u32>,
    /// A weekday that is not the date's.
    pub mismatch: Option<(Weekday, NaiveDate)>,
    /// A date no calendar has, such as 31 February.
    pub impossible: bool,
}

/// Reads the day from the words of a message that arrived at `now`, clinic time.
pub fn read(words: &[Word], now: NaiveDateTime) -> Dated {
    let mut dated = Dated { used: vec![false; words.len()], ..Dated::default() };
    let mentions = mentions(words, now, &mut dated);
    dated.days = settle(words, &mentions, now.date(), &mut dated);
    if dated.days.is_none() && !dated.impossible {
        dated.days = loose(&joined(words), now.date()).or_else(|| holidays::read(words, now).map(Days::One));
    }
    dated
}

/// The one date that `words` are, with its year: a birth date, as it may be long
/// past.
pub fn in_full(words: &[Word]) -> Option<NaiveDate> {
    let text: Vec<&str> =
        words.iter().map(|word| word.text.as_str()).filter(|text| !matches!(*text, "of" | "the")).collect();
    let number = |text: &str| text.parse::<u32>().ok().filter(|_| text.len() <= 4);
    let day = |text: &str| digits_ordinal(text).or_else(|| digits(text));
    let (year, month, day) = match text[..] {
        [one] => {
            let parts: Vec<u32> = one.split(['-', '/', '.']).map(number).collect::<Option<_>>()?;
            match parts[..] {
                [y, m, d] if y > 1000 => (y, m, d),
                [d, m, y] if y > 1000 && (d > 12 || one.contains('.')) => (y, m, d),
                [m, d, y] if y > 1000 => (y, m, d),
                _ => return None,
            }
        }
        [a, b, year] => {
            let (month, day) = month(a).zip(day(b)).or_else(|| month(b).zip(day(a)))?;
            (number(year).filter(|year| *year > 1000)?, month, day)
        }
        _ => return None,
    };
    NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day)
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    /// A date in full: 24 November.
    Date(NaiveDate),
    /// A day by its name, and which week's.
    Weekday(Weekday, Week),
    Span(NaiveDate, NaiveDate),
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Week {
    Coming,
    This,
    Next,
    /// "Tuesday week".
    Following,
}

#[derive(Clone, Copy, Debug)]
struct Mention {
    kind: Kind,
    start: usize,
    end: usize,
}

fn mentions(words: &[Word], now: NaiveDateTime, dated: &mut Dated) -> Vec<Mention> {
    let mut found = Vec::new();
    let mut i = 0;
    while i < words.len() {
        let hit = soon(words, i, now, dated)
            .or_else(|| numeric(words, i, now.date(), dated))
            .or_else(|| nth_weekday(words, i, now.date()))
            .or_else(|| with_month(words, i, now.date(), dated))
            .or_else(|| relative(words, i, now.date()))
            .or_else(|| weekday_at(words, i))
            .or_else(|| day_of_month(words, i, now.date(), dated));
        let Some((kind, length)) = hit else {
            i += 1;
            continue;
        };
        if !negated(words, i) {
            found.push(Mention { kind, start: i, end: i + length });
        }
        dated.used.iter_mut().skip(i).take(length).for_each(|used| *used = true);
        i += length;
    }
    found
}

// "2026-11-24", "11/24", "11/24/26", "24.11.2026"
fn numeric(words: &[Word], i: usize, today: NaiveDate, dated: &mut Dated) -> Option<(Kind, usize)> {
    let text = &words.get(i)?.text;
    // "2026-11-24T14:00"
    let (text, time) = text.split_once('t').unwrap_or((text, ""));
    let separator = ['-', '/', '.'].into_iter().find(|s| text.contains(*s))?;
    let parts: Vec<u32> =
        text.split(separator).map(|part| part.parse().ok().filter(|_| part.len() <= 4)).collect::<Option<_>>()?;
    let (year, month, day) = match parts[..] {
        [y, m, d] if y > 1000 => (Some(y), m, d),
        [m, d, y] if separator != '.' && m <= 12 => (Some(y), m, d),
        [d, m, y] => (Some(y), m, d),
        [a, b] if separator == '/' => {
            if a > 12 {
                (None, b, a)
            } else {
                (None, a, b)
            }
        }
        // "2.30" is a time and "2-4" a range of them, but "11-24" and "24.11" are dates.
        [a, b] if separator == '-' && (1..=12).contains(&a) && (13..=31).contains(&b) => (None, a, b),
        [a, b] if separator == '.' && (25..=31).contains(&a) && (1..=12).contains(&b) => (None, b, a),
        _ => return None,
    };
    let year = year.map(|y| if y < 100 { 2000 + y } else { y });
    let Some(date) = dated_on(year, month, day, today) else {
        dated.impossible = true;
        return None;
    };
    dated.time = NaiveTime::parse_from_str(time, "%H:%M").ok().or(dated.time);
    Some((Kind::Date(date), 1))
}

// "the third Tuesday of December", "the last Friday of the month"
fn nth_weekday(words: &[Word], i: usize, today: NaiveDate) -> Option<(Kind, usize)> {
    let text = |n: usize| words.get(i + n).map_or("", |word| word.text.as_str());
    let the = usize::from(text(0) == "the");
    let rank = if text(the) == "last" { 5 } else { ordinal_at(words, i + the).map(|(n, _)| n).filter(|n| *n <= 5)? };
    let day = weekday(text(the + 1))?;
    if !matches!(text(the + 2), "of" | "in") {
        return None;
    }
    let (first, length) = match (text(the + 3), text(the + 4)) {
        ("the" | "this", "month") => (today.with_day(1)?, 5),
        ("next", "month") => (month_end(today)?.succ_opt()?, 5),
        (name, _) => {
            let month = month(name)?;
            (NaiveDate::from_ymd_opt(today.year() + i32::from(month < today.month()), month, 1)?, 4)
        }
    };
    let rank = u8::try_from(rank).ok()?;
    let date =
        (1..=rank).rev().find_map(|n| NaiveDate::from_weekday_of_month_opt(first.year(), first.month(), day, n))?;
    Some((Kind::Date(date), the + length))
}

// "Nov 24", "24 November", "the 24th of November 2026", "in December"
fn with_month(words: &[Word], i: usize, today: NaiveDate, dated: &mut Dated) -> Option<(Kind, usize)> {
    let text = |n: usize| words.get(i + n).map_or("", |word| word.text.as_str());
    let the = usize::from(text(0) == "the");
    let (month, day, mut length) = if let Some((day, n)) =
        ordinal_at(words, i + the).or_else(|| digits(text(the)).map(|d| (d, 1)))
    {
        let of = usize::from(text(the + n) == "of");
        (month(text(the + n + of))?, day, the + n + of + 1)
    } else {
        let named = month(text(0))?;
        let the = usize::from(text(1) == "the");
        let Some((day, n)) = ordinal_at(words, i + 1 + the).or_else(|| digits(text(1 + the)).map(|d| (d, 1))) else {
            return whole_month(words, i, named, today);
        };
        // "May 2pm" has no day, "May 2 pm" neither.
        if matches!(text(1 + the + n), "am" | "pm") {
            return None;
        }
        (named, day, 1 + the + n)
    };
    let year =
        Some(text(length)).filter(|y| y.len() == 4).and_then(|y| y.parse().ok()).filter(|y| (2000..2200).contains(y));
    length += usize::from(year.is_some());
    let Some(date) = dated_on(year, month, day, today) else {
        dated.impossible = true;
        return None;
    };
    Some((Kind::Date(date), length))
}

// "in December", "early December", "mid May"
fn whole_month(words: &[Word], i: usize, month: u32, today: NaiveDate) -> Option<(Kind, usize)> {
    let before = |n: usize| i.checked_sub(n).and_then(|j| words.get(j)).map_or("", |word| word.text.as_str());
    let part = match (before(2), before(1)) {
        (_, "early") | ("beginning" | "start", "of") => (1, 10),
        (_, "mid" | "middle") | ("middle", "of") => (10, 20),
        (_, "late") | ("end", "of") => (20, 31),
        (_, "in" | "during" | "next" | "this") | ("sometime" | "anytime", _) => (1, 31),
        _ => return None,
    };
    let year = today.year() + i32::from(month < today.month());
    let first = NaiveDate::from_ymd_opt(year, month, part.0)?;
    let last = (28..=part.1).rev().chain([part.1]).find_map(|day| NaiveDate::from_ymd_opt(year, month, day))?;
    Some((Kind::Span(first.max(today), last.max(today)), 1))
}

fn weekday_at(words: &[Word], i: usize) -> Option<(Kind, usize)> {
    let text = |n: usize| words.get(i + n).map_or("", |word| word.text.as_str());
    let before = i.checked_sub(1).and_then(|j| words.get(j)).map_or("", |word| word.text.as_str());
    let (week, skip) = match text(0) {
        "next" | "nxt" => (Week::Next, 1),
        "this" | "coming" => (Week::This, 1),
        _ => (Week::Coming, 0),
    };
    let (week, skip) = if skip == 1 && text(1) == "coming" { (Week::Coming, 2) } else { (week, skip) };
    let name = text(skip);
    let day = weekday(name)?;
    if skip == 0 && is_other_word(name, before) {
        return None;
    }
    // "next week Tuesday" is settled with the week it stands by.
    let following = skip == 0
        && (text(1) == "week" && !matches!(text(2), "after" | "of") || text(1) == "after" && text(2) == "next");
    let length = skip + 1 + if following { if text(1) == "week" { 1 } else { 2 } } else { 0 };
    Some((Kind::Weekday(day, if following { Week::Following } else { week }), length))
}

// "I sat down" and "the sun" are not days.
fn is_other_word(name: &str, before: &str) -> bool {
    match name {
        "sat" => {
            matches!(before, "i" | "we" | "have" | "just" | "been" | "he" | "she" | "they" | "ive" | "who" | "was")
        }
        "sun" => matches!(before, "the" | "in" | "of" | "too" | "much" | "hot" | "a"),
        "wed" => matches!(before, "to" | "get" | "got" | "be" | "was" | "getting" | "newly" | "were"),
        "mon" => matches!(before, "cest" | "hey" | "yo" | "ya"),
        _ => false,
    }
}

// "the 24th", "on the 24th", "24th"
fn day_of_month(words: &[Word], i: usize, today: NaiveDate, dated: &mut Dated) -> Option<(Kind, usize)> {
    let text = |n: usize| words.get(i + n).map_or("", |word| word.text.as_str());
    let the = usize::from(text(0) == "the");
    let (day, length) = match digits_ordinal(text(the)) {
        Some(day) => (day, the + 1),
        None if the == 1
            && matches!(i.checked_sub(1).and_then(|j| words.get(j)).map(|w| w.text.as_str()), Some("on" | "for")) =>
        {
            (digits(text(1))?, 2)
        }
        None => return None,
    };
    let next = text(length);
    if matches!(
        next,
        "one" | "option" | "slot" | "time" | "choice" | "visit" | "floor" | "street" | "st" | "avenue" | "ave" | "of"
    ) && next != "of"
    {
        return None;
    }
    let this_month = NaiveDate::from_ymd_opt(today.year(), today.month(), day);
    let Some(date) = this_month.filter(|date| *date >= today).or_else(|| in_coming_months(today, day)) else {
        dated.impossible = true;
        return None;
    };
    dated.ordinal = Some(day);
    Some((Kind::Date(date), length))
}

fn in_coming_months(today: NaiveDate, day: u32) -> Option<NaiveDate> {
    let first = today.with_day(1)?;
    (1..=2).find_map(|n| first.checked_add_months(Months::new(n))?.with_day(day))
}

// Which of the days named is meant.
fn settle(words: &[Word], mentions: &[Mention], today: NaiveDate, dated: &mut Dated) -> Option<Days> {
    let last = mentions.last()?;
    if mentions.len() == 1 {
        return Some(resolved(last.kind, today));
    }
    if let Some(days) = together(mentions, today, dated) {
        return Some(days);
    }
    let first = mentions[mentions.len() - 2];
    let between = words.get(first.end..last.start).unwrap_or_default();
    let linked = between.len() <= 2
        && between
            .iter()
            .any(|w| matches!(w.text.as_str(), "or" | "to" | "and" | "through" | "thru" | "until" | "till"))
        || between.is_empty() && words.get(last.start).is_some_and(|w| w.hyphenated);
    let (from, to) = (resolved(first.kind, today), resolved(last.kind, today));
    if linked && let (Days::One(from), Days::One(to)) = (from, to) {
        let wraps = to < from && matches!(last.kind, Kind::Weekday(..));
        let to = if wraps && between.iter().any(|w| w.text != "or") {
            to.checked_add_days(Count::new(7)).unwrap_or(to)
        } else {
            to
        };
        return Some(if from == to { Days::One(from) } else { Days::Span(from.min(to), from.max(to)) });
    }
    Some(to)
}

// A weekday beside a date or a week: "Tuesday 24 November", "next week Tuesday".
fn together(mentions: &[Mention], today: NaiveDate, dated: &mut Dated) -> Option<Days> {
    let [.., a, b] = mentions else { return None };
    let (name, other) = match (a.kind, b.kind) {
        (Kind::Weekday(name, _), other) | (other, Kind::Weekday(name, _)) if !matches!(other, Kind::Weekday(..)) => {
            (name, other)
        }
        _ => return None,
    };
    if b.start > a.end + 2 {
        return None;
    }
    match other {
        Kind::Span(from, _) if from == today || from.weekday() != Weekday::Sat => {
            let date = from.week(Weekday::Mon).days().find_weekday(name)?;
            Some(Days::One(date))
        }
        Kind::Date(date) if b.start <= a.end + 1 => {
            if date.weekday() != name && date > today {
                dated.mismatch = Some((name, date));
            }
            Some(Days::One(date))
        }
        _ => None,
    }
}

trait FindWeekday {
    fn find_weekday(&self, name: Weekday) -> Option<NaiveDate>;
}

impl FindWeekday for std::ops::RangeInclusive<NaiveDate> {
    fn find_weekday(&self, name: Weekday) -> Option<NaiveDate> {
        let ahead = name.days_since(self.start().weekday());
        self.start().checked_add_days(Count::new(u64::from(ahead)))
    }
}

fn resolved(kind: Kind, today: NaiveDate) -> Days {
    match kind {
        Kind::Date(date) => Days::One(date),
        Kind::Span(from, to) => Days::Span(from, to),
        Kind::Weekday(name, week) => Days::One(on_weekday(name, week, today)),
    }
}

// "Friday" said on a Friday is a week away; today would be called today.
fn on_weekday(name: Weekday, week: Week, today: NaiveDate) -> NaiveDate {
    let ahead = u64::from(name.days_since(today.weekday()));
    let coming = if ahead == 0 { 7 } else { ahead };
    let from_monday = u64::from(name.num_days_from_monday());
    let since_monday = u64::from(today.weekday().num_days_from_monday());
    let days = match week {
        Week::Coming => coming,
        Week::This => ahead,
        Week::Next => 7 + from_monday - since_monday,
        Week::Following => coming + 7,
    };
    today.checked_add_days(Count::new(days)).unwrap_or(today)
}

fn negated(words: &[Word], i: usize) -> bool {
    let before = |n: usize| i.checked_sub(n).and_then(|j| words.get(j)).map_or("", |word| word.text.as_str());
    let on = usize::from(matches!(before(1), "on" | "for" | "this" | "next" | "the"));
    let (one, two) = (before(1 + on), before(2 + on));
    matches!(one, "not" | "except" | "besides" | "cant" | "instead") && (one != "instead" || before(on) == "of")
        || matches!(
            (two, one),
            ("instead", "of")
                | ("rather", "than")
                | ("cant", "do" | "make")
                | ("cannot", "do" | "make")
                | ("other", "than")
                | ("dont", "want")
        )
        || (one == "it" && two == "make" && matches!(before(3 + on), "cant" | "cannot"))
}

// Without a year, the coming one; a date some weeks back is a slip, not next year.
fn dated_on(year: Option<u32>, month: u32, day: u32, today: NaiveDate) -> Option<NaiveDate> {
    if let Some(year) = year {
        return NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day);
    }
    let next = || NaiveDate::from_ymd_opt(today.year() + 1, month, day);
    match NaiveDate::from_ymd_opt(today.year(), month, day) {
        Some(date) if (today - date).num_days() > 60 => next(),
        Some(date) => Some(date),
        None => next(),
    }
}

fn month_end(date: NaiveDate) -> Option<NaiveDate> {
    date.with_day(1)?.checked_add_months(Months::new(1))?.pred_opt()
}
