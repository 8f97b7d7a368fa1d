//! Dates and times as they are asked with.
//!
//! A date, a month or a minute stands for all the time in it, and a prefix for
//! the time before or after (<https://hl7.org/fhir/R4/search.html#prefix>).
//! What names no zone is meant as the clinic's clocks show it.

use chrono::{DateTime, Duration, Months, NaiveDate, NaiveTime, Timelike, Utc};
use chrono_tz::Tz;
use domain::schedule::{Interval, boundary, span};

use super::outcome::{FhirResult, Outcome};
use super::search::Asked;

/// All the time that was asked for; an end that is not there is open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Window {
    pub from: Option<DateTime<Utc>>,
    /// Not included.
    pub to: Option<DateTime<Utc>>,
}

/// A moment as precisely as it was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    pub time: Interval,
    /// Whether it is a day or longer, not a time of day.
    pub is_date: bool,
}

impl Window {
    /// The time in which every mention of a date parameter holds.
    pub fn read(asked: &Asked, name: &str, zone: Tz) -> FhirResult<Self> {
        asked.all(name).try_fold(Self::default(), |window, value| Ok(window.within(one(name, value, zone)?)))
    }

    fn within(self, other: Self) -> Self {
        let latest = |one: Option<_>, other: Option<_>| one.into_iter().chain(other).max();
        let earliest = |one: Option<_>, other: Option<_>| one.into_iter().chain(other).min();
        Self { from: latest(self.from, other.from), to: earliest(self.to, other.to) }
    }
}

fn one(name: &str, value: &str, zone: Tz) -> FhirResult<Window> {
    let (prefix, text) = match value.get(..2) {
        Some(prefix) if prefix.bytes().all(|byte| byte.is_ascii_lowercase()) => value.split_at(2),
        _ => ("eq", value),
    };
    if ["ne", "sa", "eb", "ap"].contains(&prefix) {
        return Err(Outcome::not_supported(name, "Of the prefixes, eq, ge, gt, le and lt are supported."));
    }
    let Interval { start, end } = moment(text, zone).ok_or_else(|| unreadable(name))?.time;
    Ok(match prefix {
        "eq" => Window { from: Some(start), to: Some(end) },
        "ge" => Window { from: Some(start), to: None },
        "gt" => Window { from: Some(end), to: None },
        "le" => Window { from: None, to: Some(end) },
        "lt" => Window { from: None, to: Some(start) },
        _ => return Err(unreadable(name)),
    })
}

/// What to say of a date that cannot be read.
pub fn unreadable(name: &str) -> Outcome {
    Outcome::value(name, "Please give a date such as 2026-11-24, or a time such as 2026-11-24T14:00:00Z.")
}

/// A year, a month, a date or a time, as
/// <https://hl7.org/fhir/R4/datatypes.html#dateTime> writes them.
pub fn moment(text: &str, zone: Tz) -> Option<Moment> {
    match text.split_once('T') {
        None => Some(Moment { time: days(text, zone)?, is_date: true }),
        Some((date, clock)) => Some(Moment { time: instant(date, clock, zone)?, is_date: false }),
    }
}

fn days(text: &str, zone: Tz) -> Option<Interval> {
    let (first, months) = match text.len() {
        4 => (date(&format!("{text}-01-01"))?, 12),
        7 => (date(&format!("{text}-01"))?, 1),
        _ => return date(text).map(|date| span(zone, date, date)),
    };
    let last = first.checked_add_months(Months::new(months))?.pred_opt()?;
    Some(span(zone, first, last))
}

fn date(text: &str) -> Option<NaiveDate> {
    let plain = text.len() == 10 && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    let date = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().filter(|_| plain)?;
    (date >= NaiveDate::from_ymd_opt(1, 1, 1)?).then_some(date)
}

fn instant(on: &str, clock: &str, zone: Tz) -> Option<Interval> {
    let on = date(on)?;
    let (clock, offset) = match clock.find(['Z', '+', '-', ' ']) {
        None => (clock, None),
        Some(at) => (&clock[..at], Some(offset(&clock[at..])?)),
    };
    let (format, precision) = match clock.len() {
        5 => ("%H:%M", Duration::minutes(1)),
        8 => ("%H:%M:%S", Duration::seconds(1)),
        10.. => ("%H:%M:%S%.f", Duration::microseconds(1)),
        _ => return None,
    };
    let clock = NaiveTime::parse_from_str(clock, format).ok()?;
    let start = match offset {
        Some(offset) => on.and_time(clock).and_utc() - offset,
        None => local(on, clock, zone),
    };
    Some(Interval { start, end: start + precision })
}

/// The clocks of a zone may skip a time, then it is the first after; or show it
/// twice, then it is the first.
fn local(on: NaiveDate, clock: NaiveTime, zone: Tz) -> DateTime<Utc> {
    let minute = i32::try_from(clock.hour() * 60 + clock.minute()).unwrap_or(0);
    let within = Duration::seconds(clock.second().into()) + Duration::nanoseconds(clock.nanosecond().into());
    boundary(zone, on, minute) + within
}

/// `Z`, `+01:00` or `-05:00`. An unescaped plus sign of an address arrives as
/// a space.
fn offset(text: &str) -> Option<Duration> {
    if text == "Z" {
        return Some(Duration::zero());
    }
    let (sign, text) = match text.split_at(1) {
        ("-", text) => (-1, text),
        (_, text) => (1, text),
    };
    let offset = NaiveTime::parse_from_str(text, "%H:%M").ok().filter(|_| text.len() == 5)?;
    (offset.hour() <= 14).then(|| Duration::seconds(i64::from(offset.num_seconds_from_midnight()) * sign))
}

#[cfg(test)]
mod tests {
    use chrono_tz::America::New_York;

    use super::*;

    fn window(values: &[&str]) -> (String, String) {
        let pairs = values.iter().map(|value| ("date".to_owned(), (*value).to_owned())).collect();
        let window = Window::read(&Asked::new(pairs, false), "date", New_York).unwrap();
        let shown = |at: Option<DateTime<Utc>>| {
            at.map_or_else(String::new, |at| at.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true))
        };
        (shown(window.from), shown(window.to))
    }

    #[track_caller]
    fn is(values: &[&str], from: &str, to: &str) {
        assert_eq!(window(values), (from.to_owned(), to.to_owned()), "{values:?}");
    }

    #[test]
    fn a_date_is_a_day_at_the_clinic() {
        is(&["2026-11-24"], "2026-11-24T05:00:00Z", "2026-11-25T05:00:00Z");
        is(&["eq2026-11"], "2026-11-01T04:00:00Z", "2026-12-01T05:00:00Z");
        is(&["2026"], "2026-01-01T05:00:00Z", "2027-01-01T05:00:00Z");
        is(&["ge2026-11-24", "lt2026-11-26"], "2026-11-24T05:00:00Z", "2026-11-26T05:00:00Z");
        is(&["gt2026-11-24", "le2026-11-26"], "2026-11-25T05:00:00Z", "2026-11-27T05:00:00Z");
    }

    #[test]
    fn a_day_on_which_the_clocks_change_is_longer_or_shorter() {
        is(&["2026-11-01"], "2026-11-01T04:00:00Z", "2026-11-02T05:00:00Z");
        is(&["2026-03-08"], "2026-03-08T05:00:00Z", "2026-03-09T04:00:00Z");
        is(&["ge2026-11-01T01:30"], "2026-11-01T05:30:00Z", "");
        is(&["ge2026-03-08T02:30:00"], "2026-03-08T07:00:00Z", "");
    }

    #[test]
    fn a_time_is_as_long_as_it_is_precise() {
        is(&["2026-11-24T14:00:00Z"], "2026-11-24T14:00:00Z", "2026-11-24T14:00:01Z");
        is(&["2026-11-24T14:00Z"], "2026-11-24T14:00:00Z", "2026-11-24T14:01:00Z");
        is(&["gt2026-11-24T14:00:00.5Z"], "2026-11-24T14:00:00.500001Z", "");
        is(&["ge2026-11-24T09:00:00-05:00"], "2026-11-24T14:00:00Z", "");
        is(&["ge2026-11-24T15:00:00+01:00"], "2026-11-24T14:00:00Z", "");
        is(&["ge2026-11-24T15:00:00 01:00"], "2026-11-24T14:00:00Z", "");
        is(&["lt2026-11-24T09:00:00"], "", "2026-11-24T14:00:00Z");
    }

    #[test]
    fn what_is_no_date_is_refused() {
        for text in [
            "",
            "tomorrow",
            "2026-13-01",
            "2026-02-30",
            "26-11-24",
            "0000-01-01",
            "2026-11-24T",
            "2026-11-24T9:00",
            "2026-11-24T25:00:00Z",
            "2026-11-24T09:00:00+99:00",
            "2026-11-24T09:00:00Zulu",
            "+262142-12-31",
            "2026-11-24 09:00",
            "é",
            "2026-1é",
        ] {
            assert_eq!(moment(text, New_York), None, "{text}");
        }
        let refused =
            |value: &str| Window::read(&Asked::new(vec![("date".into(), value.into())], false), "date", New_York);
        for value in ["ne2026-11-24", "sa2026-11-24", "ap2026-11-24", "xx2026-11-24", "ge"] {
            assert!(refused(value).is_err(), "{value}");
        }
        assert_eq!(moment("9999-12-31", New_York).map(|moment| moment.is_date), Some(true));
        assert!(moment("9999", New_York).is_some() && moment("0001-01-01", New_York).is_some());
    }
}
