//! Days with names of their own, left to duckling, which knows many.

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime, Offset, TimeDelta, TimeZone, Utc};
use duckling::{Context, DimensionKind, DimensionValue, Grain, Lang, Locale, Options, TimePoint, TimeValue};

use super::text::Word;

/// Duckling takes longer over longer text, and a day is named in a few words.
const LONGEST: usize = 160;

/// The day `words` name in a way only duckling knows, such as "the day after
/// Thanksgiving" or "the third Tuesday of December".
pub fn read(words: &[Word], now: NaiveDateTime) -> Option<NaiveDate> {
    let text: Vec<&str> = words.iter().map(|word| word.text.as_str()).collect();
    if !text.iter().any(|word| HINTS.contains(word)) {
        return None;
    }
    let text = text.join(" ");
    if text.len() > LONGEST || !text.is_ascii() {
        return None;
    }
    let shift = SHIFTED.iter().find(|(phrase, ..)| text.contains(phrase));
    match shift {
        Some((phrase, plain, days)) => {
            parse(&text.replace(phrase, plain), now)?.checked_add_signed(TimeDelta::days(*days))
        }
        None => parse(&text, now),
    }
}

// Words duckling can make a day of and the rest of this module cannot.
const HINTS: &[&str] = &[
    "christmas",
    "xmas",
    "thanksgiving",
    "black",
    "easter",
    "halloween",
    "hanukkah",
    "eve",
    "eid",
    "diwali",
    "ramadan",
    "valentines",
    "valentine",
    "labor",
    "memorial",
    "independence",
    "veterans",
    "columbus",
    "juneteenth",
    "mothers",
    "fathers",
    "patricks",
    "boxing",
    "mlk",
    "presidents",
    "years",
];

// Duckling takes the day after Thanksgiving for Thanksgiving, and Christmas Eve
// for Christmas.
const SHIFTED: &[(&str, &str, i64)] = &[
    ("the day after ", "", 1),
    ("day after ", "", 1),
    ("the day before ", "", -1),
    ("day before ", "", -1),
    ("christmas eve", "christmas", -1),
    ("xmas eve", "christmas", -1),
    ("black friday", "thanksgiving", 1),
    ("friday after thanksgiving", "thanksgiving", 1),
];

fn parse(text: &str, now: NaiveDateTime) -> Option<NaiveDate> {
    let reference: DateTime<FixedOffset> = Utc.fix().from_utc_datetime(&now);
    let locale = Locale::new(Lang::EN, None);
    let context = Context::new(reference, locale);
    // A debug build of duckling lets its own panics out.
    let found = std::panic::catch_unwind(|| {
        duckling::parse(text, &locale, &[DimensionKind::Time], &context, &Options::default())
    })
    .ok()?;
    found.into_iter().filter(|entity| entity.body.chars().filter(|c| c.is_alphabetic()).count() >= 4).find_map(
        |entity| match entity.value {
            DimensionValue::Time(TimeValue::Single { value, .. }) => day(&value),
            DimensionValue::Time(TimeValue::Interval { from: Some(from), .. }) => day(&from),
            _ => None,
        },
    )
}

fn day(point: &TimePoint) -> Option<NaiveDate> {
    match point {
        TimePoint::Naive { value, grain: Grain::Day | Grain::Hour | Grain::Minute } => Some(value.date()),
        TimePoint::Instant { value, grain: Grain::Day } => Some(value.date_naive()),
        _ => None,
    }
}
