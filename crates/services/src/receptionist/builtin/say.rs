//! How dates, times, prices and lists are written.

use chrono::{Datelike, NaiveDate, NaiveDateTime, NaiveTime, Timelike, Weekday};
use chrono_tz::Tz;

use super::super::model::{ClinicFacts, TypeFacts};

/// `2:00 PM`.
pub fn time(time: NaiveTime) -> String {
    let (afternoon, hour) = time.hour12();
    format!("{hour}:{:02} {}", time.minute(), if afternoon { "PM" } else { "AM" })
}

/// `Tuesday 24 November`, with the year when it is not this one.
pub fn date(date: NaiveDate, today: NaiveDate) -> String {
    let year = if date.year() == today.year() { String::new() } else { format!(" {}", date.year()) };
    format!("{} {}{year}", date.format("%A"), date.format("%-d %B"))
}

/// `Tuesday 24 November at 2:00 PM`.
pub fn moment(local: NaiveDateTime, today: NaiveDate) -> String {
    format!("{} at {}", date(local.date(), today), time(local.time()))
}

/// `Monday 23 to Sunday 29 November`.
pub fn span(from: NaiveDate, to: NaiveDate, today: NaiveDate) -> String {
    if from == to {
        date(from, today)
    } else if from.month() == to.month() && from.year() == to.year() {
        format!("{} to {}", from.format("%A %-d"), date(to, today))
    } else {
        format!("{} to {}", date(from, today), date(to, today))
    }
}

/// `a, b and c`.
pub fn list(items: &[String], joint: &str) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [some @ .., last] => format!("{} {joint} {last}", some.join(", ")),
    }
}

/// `a haircut`, for the middle of a sentence.
pub fn a(name: &str) -> String {
    let name = plain(name);
    let article = if name.starts_with(['a', 'e', 'i', 'o', 'A', 'E', 'I', 'O']) { "an" } else { "a" };
    format!("{article} {name}")
}

/// A type's name in the middle of a sentence; abbreviations keep their capitals.
pub fn plain(name: &str) -> String {
    let keeps = name.chars().skip(1).any(char::is_uppercase);
    if keeps { name.to_owned() } else { name.to_lowercase() }
}

/// `$60`, or nothing when no price is stated.
pub fn price(offered: &TypeFacts) -> Option<String> {
    let minor = offered.price_minor?;
    if minor == 0 {
        return Some("free".into());
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
pub fn offered(offered: &TypeFacts) -> String {
    let price = price(offered).map(|price| format!("{price}, ")).unwrap_or_default();
    format!("{} ({price}{} min)", plain(&offered.name), offered.minutes)
}

/// `New York time`.
pub fn zone(zone: Tz) -> String {
    let city = zone.name().rsplit('/').next().unwrap_or("local").replace('_', " ");
    if city == "UTC" { city } else { format!("{city} time") }
}

/// The clinic's hours on `weekday`: `9:00 AM to 12:30 PM and 1:00 PM to 6:00 PM`.
pub fn hours_on(facts: &ClinicFacts, weekday: Weekday) -> Option<String> {
    let mut rows: Vec<_> = facts.hours.iter().filter(|hours| hours.weekday == weekday).collect();
    rows.sort_by_key(|hours| hours.opens);
    let rows: Vec<String> =
        rows.iter().map(|hours| format!("{} to {}", time(hours.opens), time(hours.closes))).collect();
    (!rows.is_empty()).then(|| list(&rows, "and"))
}

/// `Monday`.
pub fn weekday(day: Weekday) -> &'static str {
    match day {
        Weekday::Mon => "Monday",
        Weekday::Tue => "Tuesday",
        Weekday::Wed => "Wednesday",
        Weekday::Thu => "Thursday",
        Weekday::Fri => "Friday",
        Weekday::Sat => "Saturday",
        Weekday::Sun => "Sunday",
    }
}

/// Whole sentences, one after another.
pub fn paragraphs(sentences: &[String]) -> String {
    let said: Vec<&str> =
        sentences.iter().map(|sentence| sentence.trim()).filter(|sentence| !sentence.is_empty()).collect();
    said.join(" ")
}

/// A message from elsewhere as one sentence: a full stop at its end, and calm.
pub fn sentence(message: &str) -> String {
    let message = message.trim().replace('!', ".");
    if message.ends_with(['.', '?']) { message } else { format!("{message}.") }
}
