//! Times and dates as a clinic's people read them.

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use chrono_tz::Tz;

use crate::language::Language::English;

/// `2:00 PM`.
pub fn time(at: DateTime<Utc>, zone: Tz) -> String {
    English.time(at.with_timezone(&zone).time())
}

/// `Tue 24 Nov`.
pub fn day(at: DateTime<Utc>, zone: Tz) -> String {
    English.day(at.with_timezone(&zone).date_naive())
}

/// `Tuesday 24 November 2026`.
pub fn long_day(date: NaiveDate) -> String {
    English.date(date)
}

/// `Tuesday 24 November`, with the year only when it is not `this_year`.
pub fn friendly_day(date: NaiveDate, this_year: i32) -> String {
    if date.year() == this_year { date.format("%A %-d %B").to_string() } else { long_day(date) }
}

/// `November 2026`.
pub fn month(date: NaiveDate) -> String {
    date.format("%B %Y").to_string()
}

/// `Tue 24 Nov, 2:00 PM`.
pub fn moment(at: DateTime<Utc>, zone: Tz) -> String {
    format!("{}, {}", day(at, zone), time(at, zone))
}

/// `2026-11-24T14:00`, the wall clock in `zone`.
pub fn local(at: DateTime<Utc>, zone: Tz) -> String {
    at.with_timezone(&zone).format("%Y-%m-%dT%H:%M").to_string()
}

/// A minute of the day, 0 to 1440, as `9:00 AM`; 1440 is midnight.
pub fn minute_of_day(minute: i32) -> String {
    let (hour, minute) = (minute.rem_euclid(1440) / 60, minute.rem_euclid(60));
    let (hour12, half) = (if hour % 12 == 0 { 12 } else { hour % 12 }, if hour < 12 { "AM" } else { "PM" });
    format!("{hour12}:{minute:02} {half}")
}

/// `45 min`, `1 h`, `1 h 30 min`.
pub fn minutes(minutes: i64) -> String {
    match (minutes / 60, minutes % 60) {
        (0, m) => format!("{m} min"),
        (h, 0) => format!("{h} h"),
        (h, m) => format!("{h} h {m} min"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_read_like_a_clinics() {
        let at = "2026-11-24T19:00:00Z".parse().unwrap();
        let zone = chrono_tz::America::New_York;
        assert_eq!(moment(at, zone), "Tue 24 Nov, 2:00 PM");
        assert_eq!(local(at, zone), "2026-11-24T14:00");
        assert_eq!(minute_of_day(0), "12:00 AM");
        assert_eq!(minute_of_day(750), "12:30 PM");
        assert_eq!(minutes(45), "45 min");
        assert_eq!(minutes(90), "1 h 30 min");
    }
}
