//! Names and numbers of days and months.

use chrono::Weekday;

use super::super::fuzzy::resembles;
use super::super::text::Word;

/// The weekday `word` names, in full, in short or with a typo.
pub fn weekday(word: &str) -> Option<Weekday> {
    const NAMES: &[(Weekday, &str, &[&str])] = &[
        (Weekday::Mon, "monday", &["mon", "mondays", "mo"]),
        (Weekday::Tue, "tuesday", &["tue", "tues", "tuesdays", "tusday", "teusday"]),
        (Weekday::Wed, "wednesday", &["wed", "weds", "wednesdays", "wensday", "wendsday", "wednes"]),
        (Weekday::Thu, "thursday", &["thu", "thur", "thurs", "thursdays", "thrusday", "thirsday"]),
        (Weekday::Fri, "friday", &["fri", "fridays"]),
        (Weekday::Sat, "saturday", &["sat", "saturdays"]),
        (Weekday::Sun, "sunday", &["sun", "sundays"]),
    ];
    let exact = NAMES.iter().find(|(_, name, short)| *name == word || (short.contains(&word) && word != "mo"));
    let close =
        || NAMES.iter().find(|(_, name, _)| word.chars().count() >= 5 && word != "someday" && resembles(word, name));
    exact.or_else(close).map(|(day, ..)| *day)
}

/// Whether `word` is tomorrow, however it is spelt.
pub fn is_tomorrow(word: &str) -> bool {
    const SHORT: &[&str] = &[
        "tmrw",
        "tmr",
        "tmro",
        "tmw",
        "tomo",
        "2moro",
        "2morrow",
        "2mrw",
        "tomoz",
        "tomorow",
        "tommorow",
        "tommorrow",
        "tomorro",
        "tmoro",
        "tomorrows",
        "morrow",
        "tomm",
        "tmmrw",
        "tmorrow",
    ];
    SHORT.contains(&word) || (word.chars().count() >= 6 && resembles(word, "tomorrow"))
}

/// The month `word` names, from one on.
pub fn month(word: &str) -> Option<u32> {
    const NAMES: &[(&str, &[&str])] = &[
        ("january", &["jan"]),
        ("february", &["feb", "febuary"]),
        ("march", &["mar"]),
        ("april", &["apr"]),
        ("may", &[]),
        ("june", &["jun"]),
        ("july", &["jul"]),
        ("august", &["aug"]),
        ("september", &["sep", "sept"]),
        ("october", &["oct"]),
        ("november", &["nov", "novem"]),
        ("december", &["dec"]),
    ];
    let found = NAMES.iter().position(|(name, short)| {
        *name == word || short.contains(&word) || (word.chars().count() >= 6 && resembles(word, name))
    });
    found.and_then(|n| u32::try_from(n + 1).ok())
}

/// A day of the month in digits.
pub fn digits(text: &str) -> Option<u32> {
    (text.len() <= 2).then(|| text.parse().ok()).flatten().filter(|day| (1..=31).contains(day))
}

/// "24th".
pub fn digits_ordinal(text: &str) -> Option<u32> {
    ["st", "nd", "rd", "th"].iter().find_map(|end| text.strip_suffix(end)).and_then(digits)
}

/// "24th", "twenty fourth", "first": the day and how many words it takes.
pub fn ordinal_at(words: &[Word], i: usize) -> Option<(u32, usize)> {
    const NAMES: &[&str] = &[
        "first",
        "second",
        "third",
        "fourth",
        "fifth",
        "sixth",
        "seventh",
        "eighth",
        "ninth",
        "tenth",
        "eleventh",
        "twelfth",
        "thirteenth",
        "fourteenth",
        "fifteenth",
        "sixteenth",
        "seventeenth",
        "eighteenth",
        "nineteenth",
        "twentieth",
    ];
    let text = |n: usize| words.get(i + n).map_or("", |word| word.text.as_str());
    let named = |text: &str| NAMES.iter().position(|name| *name == text).and_then(|n| u32::try_from(n + 1).ok());
    if let Some(day) = digits_ordinal(text(0)) {
        return Some((day, 1));
    }
    match text(0) {
        "twenty" => named(text(1)).filter(|n| *n < 10).map(|n| (20 + n, 2)),
        "thirty" if text(1) == "first" => Some((31, 2)),
        "thirtieth" => Some((30, 1)),
        name => named(name).map(|n| (n, 1)),
    }
}
