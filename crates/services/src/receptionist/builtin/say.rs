//! How dates, times, prices and lists are written, in either language.

use chrono::{Datelike, NaiveDate, NaiveDateTime, NaiveTime, Timelike, Weekday};
use chrono_tz::Tz;
use domain::language::Language::{self, English, Spanish};

use super::super::model::{Stretch, TypeFacts};

/// A sentence in the language of the conversation, both side by side.
macro_rules! said {
    ($language:expr, $english:literal, $spanish:literal $(,)?) => {
        match $language {
            ::domain::language::Language::English => format!($english),
            ::domain::language::Language::Spanish => format!($spanish),
        }
    };
}

pub(super) use said;

/// `2:00 PM`; `2:00 p. m.`
pub fn time(language: Language, time: NaiveTime) -> String {
    language.time(time)
}

/// `at 2:00 PM`; `a las 2:00 p. m.`
pub fn at(language: Language, time: NaiveTime) -> String {
    format!("{} {}", said!(language, "at", "a"), the_time(language, time))
}

/// With the article Spanish gives it: `2:00 PM`; `las 2:00 p. m.`
pub fn the_time(language: Language, time: NaiveTime) -> String {
    let said = self::time(language, time);
    match language {
        English => said,
        Spanish if time.hour() % 12 == 1 => format!("la {said}"),
        Spanish => format!("las {said}"),
    }
}

/// `Tuesday 24 November`, with the year when it is not this one; `martes 24 de
/// noviembre`.
pub fn date(language: Language, date: NaiveDate, today: NaiveDate) -> String {
    let full = language.date(date);
    let year = date.year();
    let year = said!(language, " {year}", " de {year}");
    if date.year() == today.year() { full.strip_suffix(&year).unwrap_or(&full).to_owned() } else { full }
}

/// A date after a preposition: `Tuesday 24 November`; `el martes 24 de
/// noviembre`.
pub fn the_date(language: Language, date: NaiveDate, today: NaiveDate) -> String {
    let said = self::date(language, date, today);
    said!(language, "{said}", "el {said}")
}

/// When something is: `on Tuesday 24 November`; `el martes 24 de noviembre`.
pub fn on(language: Language, date: NaiveDate, today: NaiveDate) -> String {
    let said = self::date(language, date, today);
    said!(language, "on {said}", "el {said}")
}

/// `Tuesday 24 November at 2:00 PM`; `el martes 24 de noviembre a las 2:00
/// p. m.`
pub fn moment(language: Language, local: NaiveDateTime, today: NaiveDate) -> String {
    format!("{} {}", the_date(language, local.date(), today), at(language, local.time()))
}

/// When something is, to the minute: `on Tuesday 24 November at 2:00 PM`.
pub fn on_moment(language: Language, local: NaiveDateTime, today: NaiveDate) -> String {
    let moment = moment(language, local, today);
    said!(language, "on {moment}", "{moment}")
}

/// `Monday 23 to Sunday 29 November`; `del lunes 23 al domingo 29 de
/// noviembre`.
pub fn span(language: Language, from: NaiveDate, to: NaiveDate, today: NaiveDate) -> String {
    if from == to {
        return the_date(language, from, today);
    }
    let first = if from.month() == to.month() && from.year() == to.year() {
        format!("{} {}", weekday(language, from.weekday()), from.day())
    } else {
        date(language, from, today)
    };
    let last = date(language, to, today);
    said!(language, "{first} to {last}", "del {first} al {last}")
}

/// `a, b and c`; `a, b y c`.
pub fn and(language: Language, items: &[String]) -> String {
    let sounds_like_i =
        |word: &str| word.to_lowercase().starts_with(['i', 'í']) || word.to_lowercase().starts_with("hi");
    match (language, items.last()) {
        (English, _) => list(items, "and"),
        (Spanish, Some(last)) if sounds_like_i(last) => list(items, "e"),
        (Spanish, _) => list(items, "y"),
    }
}

/// `a, b or c`; `a, b o c`.
pub fn or(language: Language, items: &[String]) -> String {
    let sounds_like_o = |word: &str| word.to_lowercase().starts_with(['o', 'ó']) || word.starts_with("8:");
    match (language, items.last()) {
        (English, _) => list(items, "or"),
        (Spanish, Some(last)) if sounds_like_o(last) => list(items, "u"),
        (Spanish, _) => list(items, "o"),
    }
}

fn list(items: &[String], joint: &str) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [some @ .., last] => format!("{} {joint} {last}", some.join(", ")),
    }
}

/// `a haircut`, for the middle of a sentence; `una cita de haircut`, whatever
/// the gender of what the clinic called it.
pub fn a(language: Language, name: &str) -> String {
    let name = plain(name);
    let article = if name.starts_with(['a', 'e', 'i', 'o', 'A', 'E', 'I', 'O']) { "an" } else { "a" };
    said!(language, "{article} {name}", "una cita de {name}")
}

/// A type's name in the middle of a sentence; abbreviations keep their capitals.
pub fn plain(name: &str) -> String {
    let keeps = name.chars().skip(1).any(char::is_uppercase);
    if keeps { name.to_owned() } else { name.to_lowercase() }
}

/// `$60`, or nothing when no price is stated.
pub fn price(language: Language, offered: &TypeFacts) -> Option<String> {
    let minor = offered.price_minor?;
    if minor == 0 {
        return Some(said!(language, "free", "gratis"));
    }
    let amount = if minor % 100 == 0 {
        (minor / 100).to_string()
    } else {
        format!("{}.{:02}", minor / 100, (minor % 100).abs())
    };
    Some(match offered.currency.as_str() {
        "USD" => format!("${amount}"),
        "EUR" => format!("€{amount}"),
        "GBP" => format!("£{amount}"),
        other => format!("{amount} {other}"),
    })
}

/// `haircut ($60, 45 min)`.
pub fn offered(language: Language, offered: &TypeFacts) -> String {
    let price = price(language, offered).map(|price| format!("{price}, ")).unwrap_or_default();
    format!("{} ({price}{} min)", plain(&offered.name), offered.minutes)
}

/// `New York time`; `hora de Nueva York`.
pub fn zone(language: Language, zone: Tz) -> String {
    let city = zone.name().rsplit('/').next().unwrap_or("local").replace('_', " ");
    if city == "UTC" {
        return city;
    }
    let in_spanish = match city.as_str() {
        "New York" => "Nueva York",
        "Los Angeles" => "Los Ángeles",
        "Mexico City" => "la Ciudad de México",
        "Bogota" => "Bogotá",
        "Panama" => "Panamá",
        "London" => "Londres",
        other => other,
    };
    said!(language, "{city} time", "hora de {in_spanish}")
}

/// When it is open: `9:00 AM to 12:30 PM and 1:00 PM to 6:00 PM`; `de 9:00 a. m.
/// a 12:30 p. m. y de 1:00 p. m. a 6:00 p. m.`; none where it is closed.
pub fn hours(language: Language, open: &[Stretch]) -> Option<String> {
    let rows: Vec<String> = open
        .iter()
        .map(|hours| {
            let (opens, closes) = (time(language, hours.opens), time(language, hours.closes));
            said!(language, "{opens} to {closes}", "de {opens} a {closes}")
        })
        .collect();
    (!rows.is_empty()).then(|| and(language, &rows))
}

/// `Monday`; `lunes`.
pub const fn weekday(language: Language, day: Weekday) -> &'static str {
    match (language, day) {
        (English, Weekday::Mon) => "Monday",
        (English, Weekday::Tue) => "Tuesday",
        (English, Weekday::Wed) => "Wednesday",
        (English, Weekday::Thu) => "Thursday",
        (English, Weekday::Fri) => "Friday",
        (English, Weekday::Sat) => "Saturday",
        (English, Weekday::Sun) => "Sunday",
        (Spanish, Weekday::Mon) => "lunes",
        (Spanish, Weekday::Tue) => "martes",
        (Spanish, Weekday::Wed) => "miércoles",
        (Spanish, Weekday::Thu) => "jueves",
        (Spanish, Weekday::Fri) => "viernes",
        (Spanish, Weekday::Sat) => "sábado",
        (Spanish, Weekday::Sun) => "domingo",
    }
}

/// A sentence that begins with something from the middle of one.
pub fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// Whole sentences, one after another.
pub fn paragraphs(sentences: &[String]) -> String {
    let said: Vec<&str> =
        sentences.iter().map(|sentence| sentence.trim()).filter(|sentence| !sentence.is_empty()).collect();
    said.join(" ")
}

/// "2:00 p. m." brings its own full stop.
pub fn tidy(text: &str) -> String {
    text.replace(" m..", " m.")
}
