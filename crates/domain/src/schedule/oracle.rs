//! The obvious way to say when somebody works: row by row, minute by minute.
//!
//! Nothing here is shared with the quick way but how a wall clock is read.

use chrono::{Datelike, Duration, NaiveDate, Weekday};
use chrono_tz::Tz;
use proptest::collection::vec;
use proptest::option::{of, weighted};
use proptest::prelude::*;

use super::*;

/// Whether somebody works at a minute of a date.
pub fn works_at(schedule: &Schedule, date: NaiveDate, minute: i32) -> bool {
    let layers = [&schedule.own, &schedule.location, &schedule.clinic];
    for (n, hours) in layers.iter().enumerate() {
        for (from, to) in &hours.off {
            if *from <= date && date <= *to {
                return false;
            }
        }
        // A place that is closed on a date is closed for everybody there.
        if n > 0 && hours.exceptions.contains(&(date, None)) {
            return false;
        }
    }
    let is_within = |hours: &Minutes| hours.from <= minute && minute < hours.to;
    for hours in layers {
        let mut has_exception = false;
        for (on, open) in &hours.exceptions {
            if *on == date {
                has_exception = true;
                if open.as_ref().is_some_and(is_within) {
                    return true;
                }
            }
        }
        if has_exception {
            return false;
        }
    }
    let is_in_force = |row: &Weekly| {
        let has_begun = match row.from {
            Some(from) => from <= date,
            None => true,
        };
        let has_ended = match row.until {
            Some(until) => until < date,
            None => false,
        };
        has_begun && !has_ended
    };
    for hours in layers {
        for pause in &hours.breaks {
            if is_in_force(pause) && pause.weekday == date.weekday() && is_within(&pause.hours) {
                return false;
            }
        }
    }
    for hours in layers {
        let in_force: Vec<&Weekly> = hours.weekly.iter().filter(|row| is_in_force(row)).collect();
        if !in_force.is_empty() {
            return in_force.iter().any(|row| row.weekday == date.weekday() && is_within(&row.hours));
        }
    }
    false
}

/// The longest runs of minutes at which somebody works, as instants.
pub fn open(schedule: &Schedule, zone: Tz, date: NaiveDate) -> Vec<Interval> {
    let mut runs = Vec::new();
    let mut began = None;
    for minute in 0..=1440 {
        let works = minute < 1440 && works_at(schedule, date, minute);
        match (works, began) {
            (true, None) => began = Some(minute),
            (false, Some(from)) => {
                runs.push(Interval { start: boundary(zone, date, from), end: boundary(zone, date, minute) });
                began = None;
            }
            _ => {}
        }
    }
    runs
}

fn stretch() -> impl Strategy<Value = Minutes> {
    (0_i32..1440, 1_i32..900).prop_map(|(from, length)| Minutes { from, to: (from + length).min(1440) })
}

/// A weekday that is mostly the date's own, in force around it or not.
fn weekly(on: NaiveDate) -> impl Strategy<Value = Weekly> {
    let weekday = prop_oneof![4 => Just(on.weekday()), 1 => Just(Weekday::Mon), 1 => Just(on.weekday().succ())];
    let near = || weighted(0.25, -2_i64..3);
    (weekday, stretch(), near(), near()).prop_map(move |(weekday, hours, from, until)| Weekly {
        weekday,
        hours,
        from: from.map(|days| on + Duration::days(days)),
        until: until.map(|days| on + Duration::days(days)),
    })
}

/// Hours that may say something about a date.
fn hours(on: NaiveDate, most: usize) -> impl Strategy<Value = Hours> {
    let pause = weekly(on)
        .prop_map(|row| Weekly { hours: Minutes { to: row.hours.to.min(row.hours.from + 60), ..row.hours }, ..row });
    let exception = (prop_oneof![2 => Just(0_i64), 1 => -1_i64..2], of(stretch()));
    let off = (-4_i64..4, 0_i64..3);
    let days = move |days: i64| on + Duration::days(days);
    (vec(weekly(on), 0..=most), vec(pause, 0..2), weighted(0.15, vec(exception, 1..3)), weighted(0.1, off)).prop_map(
        move |(weekly, breaks, exceptions, off)| Hours {
            weekly,
            breaks,
            exceptions: exceptions.into_iter().flatten().map(|(day, open)| (days(day), open)).collect(),
            off: off.into_iter().map(|(from, length)| (days(from), days(from + length))).collect(),
        },
    )
}

/// A date of five years, and the rows of a practitioner, a location and a
/// clinic around it.
pub fn date_and_schedule() -> impl Strategy<Value = (NaiveDate, Schedule)> {
    (0_i64..(5 * 366)).prop_flat_map(|day| {
        let on = NaiveDate::default() + Duration::days(19_723 + day);
        (hours(on, 2), hours(on, 1), hours(on, 4)).prop_map(move |(own, location, clinic)| {
            (on, Schedule { own: own.into(), location: location.into(), clinic: clinic.into() })
        })
    })
}
