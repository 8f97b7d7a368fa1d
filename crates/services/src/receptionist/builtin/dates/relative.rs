//! Days by how far they are from today.

use chrono::{Datelike, Days as Count, Months, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Timelike, Weekday};

use super::super::clock::number;
use super::super::text::{Word, says, says_any};
use super::names::{is_tomorrow, weekday};
use super::{Dated, Days, Kind, Week, day_of_month, month_end, numeric, with_month};

/// "In two hours", "in half an hour".
pub fn soon(words: &[Word], i: usize, now: NaiveDateTime, dated: &mut Dated) -> Option<(Kind, usize)> {
    let text = |n: usize| words.get(i + n).map_or("", |word| word.text.as_str());
    if text(0) != "in" {
        return None;
    }
    let (minutes, length) = match (text(1), text(2), text(3)) {
        ("half", "an", "hour") => (30, 4),
        ("an" | "a", "hour", _) => (60, 3),
        (n, "hour" | "hours" | "hrs" | "hr", _) => (60 * number(n)?, 3),
        (n, "minutes" | "mins" | "min", _) => (number(n)?, 3),
        ("a", "couple", "hours") => (120, 4),
        _ => return None,
    };
    let then = now.checked_add_signed(TimeDelta::minutes(i64::from(minutes)))?;
    dated.time = NaiveTime::from_hms_opt(then.hour(), then.minute() / 5 * 5, 0);
    Some((Kind::Date(then.date()), length))
}

/// "Tomorrow", "in two weeks", "next week".
pub fn relative(words: &[Word], i: usize, today: NaiveDate) -> Option<(Kind, usize)> {
    let text = |n: usize| words.get(i + n).map_or("", |word| word.text.as_str());
    let day = |n: u64| today.checked_add_days(Count::new(n));
    let one = |n: u64, length: usize| Some((Kind::Date(day(n)?), length));
    let monday = today.week(Weekday::Mon).first_day();
    let span = |from: u64, to: u64, length: usize| {
        let at = |n| monday.checked_add_days(Count::new(n));
        Some((Kind::Span(at(from)?.max(today), at(to)?.max(today)), length))
    };
    match (text(0), text(1), text(2)) {
        ("the", "day", "after") | ("day", "after", "tomorrow" | "tmrw" | "tmr") | ("overmorrow", ..) => {
            let tomorrow = if text(0) == "the" { text(3) } else { text(2) };
            if is_tomorrow(tomorrow) { one(2, 3 + usize::from(text(0) == "the")) } else { None }
        }
        ("today" | "tonight" | "tonite" | "2day", ..) => one(0, 1),
        ("this", "morning" | "afternoon" | "evening" | "arvo", _) | ("later", "today", _) => {
            one(0, usize::from(text(0) == "later") + 1)
        }
        ("right" | "straight", "now" | "away", _) => one(0, 2),
        ("yesterday", ..) => Some((Kind::Date(today.pred_opt()?), 1)),
        ("last", "week" | "month", _) => Some((Kind::Date(today.checked_sub_days(Count::new(7))?), 2)),
        ("last", name, _) if weekday(name).is_some() => {
            let back = (today.weekday().days_since(weekday(name)?) + 6) % 7 + 1;
            Some((Kind::Date(today.checked_sub_days(Count::new(u64::from(back)))?), 2))
        }
        (word, "week", _) if is_tomorrow(word) => one(8, 2),
        (word, ..) if is_tomorrow(word) => one(1, 1),
        ("a", "week", "from") | ("1", "week", "from") | ("one", "week", "from")
            if matches!(text(3), "today" | "now") =>
        {
            one(7, 4)
        }
        ("a", "week", "from") if is_tomorrow(text(3)) => one(8, 4),
        ("a", "week", "from" | "on") if weekday(text(3)).is_some() => {
            Some((Kind::Weekday(weekday(text(3))?, Week::Following), 4))
        }
        ("in", "a", "week") | ("in", "one" | "1", "week") | ("week", "from", "today" | "now") => one(7, 3),
        ("in", "a", "fortnight") => one(14, 3),
        ("in", "a", "month") => Some((Kind::Date(today.checked_add_months(Months::new(1))?), 3)),
        ("in", "a", "few") if text(3) == "days" => Some((Kind::Span(day(2)?, day(6)?), 4)),
        ("in", "a", "couple") => {
            let of = usize::from(text(3) == "of");
            match text(3 + of) {
                "days" => one(2, 4 + of),
                "weeks" => one(14, 4 + of),
                _ => None,
            }
        }
        ("in", n, "day" | "days") => one(u64::from(number(n)?), 3),
        ("in", n, "week" | "weeks") => one(7 * u64::from(number(n)?), 3),
        ("in", n, "month" | "months") => Some((Kind::Date(today.checked_add_months(Months::new(number(n)?))?), 3)),
        (n, "week" | "weeks" | "wks", "from") if matches!(text(3), "now" | "today") => {
            one(7 * u64::from(number(n)?), 4)
        }
        (n, "day" | "days", "from") if matches!(text(3), "now" | "today") => one(u64::from(number(n)?), 4),
        ("next", "few" | "couple", "days") | ("coming", "days", _) => Some((Kind::Span(today, day(4)?), 3)),
        ("next", "couple", "of") => Some((Kind::Span(today, day(if text(3) == "weeks" { 14 } else { 4 })?), 4)),
        ("next", n, "days") => Some((Kind::Span(today, day(u64::from(number(n)?))?), 3)),
        ("next", n, "weeks") => Some((Kind::Span(today, day(7 * u64::from(number(n)?).min(8))?), 3)),
        ("beginning" | "start", "of", "next") if text(3) == "week" => span(7, 9, 4),
        ("end", "of", "next") if text(3) == "week" => span(10, 12, 4),
        ("end", "of", "the") | ("end", "of", "this") if text(3) == "week" => span(3, 5, 4),
        ("end", "of", "the") | ("end", "of", "this") if text(3) == "month" => {
            let last = month_end(today)?;
            Some((Kind::Span(last.checked_sub_days(Count::new(6))?.max(today), last), 4))
        }
        ("early" | "beginning", "next", "week") => span(7, 9, 3),
        ("late" | "later" | "end", "next", "week") => span(10, 13, 3),
        ("later", "this", "week") => span(u64::from(today.weekday().num_days_from_monday()) + 1, 6, 3),
        ("week", "after", "next") => span(14, 20, 3),
        ("week", "of", _) | ("week", "beginning", _) | ("week", "commencing", _) => {
            let mut spare = Dated::default();
            let (kind, length) = numeric(words, i + 2, today, &mut spare)
                .or_else(|| with_month(words, i + 2, today, &mut spare))
                .or_else(|| day_of_month(words, i + 2, today, &mut spare))?;
            let Kind::Date(date) = kind else { return None };
            let first = date.week(Weekday::Mon).first_day();
            Some((Kind::Span(first.max(today), first.checked_add_days(Count::new(6))?.max(today)), length + 2))
        }
        ("next", "week" | "wk", _) | ("following" | "nxt", "week", _) => span(7, 13, 2),
        ("this" | "that", "week" | "wk", _) => span(0, 6, 2),
        ("next", "weekend", _) => span(12, 13, 2),
        ("this", "weekend", _) | ("the", "weekend", _) => span(5, 6, 2),
        ("weekend" | "weekends", ..) => span(5, 6, 1),
        ("next", "month", _) => {
            let first = month_end(today)?.succ_opt()?;
            Some((Kind::Span(first, month_end(first)?), 2))
        }
        ("this", "month", _) => Some((Kind::Span(today, month_end(today)?), 2)),
        _ => None,
    }
}

/// Words for no day in particular.
pub fn loose(line: &str, today: NaiveDate) -> Option<Days> {
    const SOONEST: &[&str] = &[
        "first available",
        "next available",
        "soonest",
        "earliest",
        "as soon as possible",
        "asap",
        "as soon as you can",
        "as early as possible",
        "first opening",
        "next opening",
        "first slot",
        "next slot",
        "first free",
        "next free",
        "soon as possible",
        "any day",
        "whenever",
        "anytime",
        "any time",
        "im flexible",
        "i am flexible",
        "im easy",
        "no preference on day",
        "doesnt matter when",
        "dont mind when",
        "as soon as",
        "urgently",
        "right away",
        "immediately",
        "the soonest",
        "next appointment",
        "first appointment",
        "quickest",
        "sooner the better",
        "sometime soon",
        "how soon",
        "next one available",
        "what is available",
        "whats available",
        "what do you have available",
        "what times do you have",
        "what do you have",
        "when can i come in",
        "when can you fit me in",
        "when is the next",
        "whens the next",
        "any availability",
        "any openings",
        "anything available",
        "what days",
        "which days",
        "what slots",
        "which slots",
        "time slots do you have",
        "slots do you have",
        "which times",
        "what times are",
        "when do you have",
        "do you have available",
        "when are you free",
        "need it now",
        "i need one now",
    ];
    const WORKDAYS: &[&str] = &["weekday", "weekdays", "a workday", "during the week"];
    let span = |days: u64| today.checked_add_days(Count::new(days)).map(|to| Days::Span(today, to));
    if says_any(line, WORKDAYS) {
        return span(7);
    }
    if says_any(line, &["next few days", "coming days"]) || says(line, "in the next days") {
        return span(4);
    }
    let now = says(line, "now") && says_any(line, &["need", "want"]);
    (now || says_any(line, SOONEST)).then_some(Days::Soonest)
}
