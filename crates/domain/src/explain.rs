//! Why a time is not offered.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use crate::schedule::{Fit, Interval, Schedule, is_on_grid};

/// One reason, of possibly several, why a time is not offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// Too soon from now, or past.
    Notice,
    /// Too far ahead.
    Horizon,
    /// Visits do not start at this minute.
    Grid,
    /// Outside opening hours, or the visit would not end within them.
    Closed,
    /// On a date with other hours, or none.
    Exception,
    Break,
    /// Somebody is booked.
    Taken,
    /// Somebody is choosing it right now.
    Held,
    /// Time kept free around another visit, or around this one.
    Buffer,
}

/// Something in a practitioner's book.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Occupied {
    /// The visit itself.
    pub visit: Interval,
    /// The visit and the time kept free around it.
    pub with_buffers: Interval,
    pub is_hold: bool,
}

impl Reason {
    /// The reason as it stands in answers.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Notice => "notice",
            Self::Horizon => "horizon",
            Self::Grid => "grid",
            Self::Closed => "closed",
            Self::Exception => "exception",
            Self::Break => "break",
            Self::Taken => "taken",
            Self::Held => "held",
            Self::Buffer => "buffer",
        }
    }

    /// The reason as a patient may know it. Whether somebody has booked a time
    /// or is only looking at it is nobody else's business.
    pub const fn for_patients(self) -> Self {
        match self {
            Self::Held | Self::Buffer => Self::Taken,
            Self::Exception => Self::Closed,
            other => other,
        }
    }

    /// A sentence.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Notice => "That is too soon to book.",
            Self::Horizon => "That is further ahead than can be booked yet.",
            Self::Grid => "Visits do not start at that minute.",
            Self::Closed => "That is outside opening hours.",
            Self::Exception => "That day has other hours than usual.",
            Self::Break => "That is during a break.",
            Self::Taken => "That time is taken.",
            Self::Held => "That time is being held for somebody.",
            Self::Buffer => "That time is kept free around a visit.",
        }
    }
}

/// Why a visit cannot start at `at`, in the order a person would ask; empty if
/// and only if [`starts`](crate::schedule::starts) offers it.
pub fn reasons(zone: Tz, schedule: &Schedule, book: &[Occupied], fit: &Fit, at: DateTime<Utc>) -> Vec<Reason> {
    let mut reasons = Vec::new();
    let mut say = |applies: bool, reason: Reason| {
        if applies && !reasons.contains(&reason) {
            reasons.push(reason);
        }
    };
    say(at < fit.not_before, Reason::Notice);
    say(at > fit.not_after, Reason::Horizon);
    say(!is_on_grid(zone, at, fit.grid), Reason::Grid);
    if let Some(reason) = closed(zone, schedule, fit, at) {
        say(true, reason);
    }
    let (visit, occupied) = (fit.visit(at), fit.occupied(at));
    for entry in book.iter().filter(|entry| entry.with_buffers.overlaps(&occupied)) {
        say(!entry.visit.overlaps(&visit), Reason::Buffer);
        say(entry.visit.overlaps(&visit) && entry.is_hold, Reason::Held);
        say(entry.visit.overlaps(&visit) && !entry.is_hold, Reason::Taken);
    }
    reasons
}

fn closed(zone: Tz, schedule: &Schedule, fit: &Fit, at: DateTime<Utc>) -> Option<Reason> {
    let date = at.with_timezone(&zone).date_naive();
    let fits = |schedule: &Schedule| {
        schedule.open_intervals(zone, date).iter().any(|stretch| stretch.contains(&fit.visit(at)))
    };
    if fits(schedule) {
        return None;
    }
    if schedule.exceptions.iter().any(|(on, _)| *on == date) {
        return Some(Reason::Exception);
    }
    let without_breaks = Schedule { breaks: Vec::new(), ..schedule.clone() };
    Some(if fits(&without_breaks) { Reason::Break } else { Reason::Closed })
}

#[cfg(test)]
mod tests {
    use chrono::{Datelike, Duration, NaiveDate};
    use chrono_tz::TZ_VARIANTS;
    use proptest::prelude::*;

    use super::*;
    use crate::schedule::{Minutes, boundary, starts};

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(300))]

        #[test]
        fn a_time_is_offered_if_and_only_if_nothing_speaks_against_it(
            zone in proptest::sample::select(TZ_VARIANTS.to_vec()),
            day in 0_i64..(5 * 366),
            hours in proptest::collection::vec((0_i32..1440, 30_i32..900), 0..4),
            pause in (0_i32..1440, 0_i32..120),
            exception in proptest::option::weighted(0.2, proptest::option::of((0_i32..1440, 30_i32..600))),
            taken in proptest::collection::vec((0_i64..1500, 5_i64..120, 0_i64..30, 0_i64..30, any::<bool>()), 0..8),
            length in 5_i64..120,
            around in (0_i64..30, 0_i64..30),
            grid in proptest::sample::select(vec![5, 15, 20, 30, 60]),
            window in (-600_i64..600, 0_i64..2000),
        ) {
            let on = NaiveDate::default() + Duration::days(20_000 + day);
            let stretch = |from: i32, length: i32| Minutes { from, to: (from + length).min(1440) };
            let schedule = Schedule {
                weekly: hours.iter().map(|(from, length)| (on.weekday(), stretch(*from, *length))).collect(),
                breaks: vec![(on.weekday(), stretch(pause.0, pause.1))],
                exceptions: exception.into_iter().map(|hours| (on, hours.map(|(from, length)| stretch(from, length)))).collect(),
            };
            let midnight = boundary(zone, on, 0);
            let minutes = Duration::minutes;
            let mut book: Vec<Occupied> = taken.iter().map(|(from, length, before, after, is_hold)| {
                let start = midnight + minutes(*from);
                let visit = Interval { start, end: start + minutes(*length) };
                let with_buffers = Interval { start: visit.start - minutes(*before), end: visit.end + minutes(*after) };
                Occupied { visit, with_buffers, is_hold: *is_hold }
            }).collect();
            book.sort_by_key(|entry| entry.with_buffers);
            let fit = Fit {
                length: minutes(length),
                before: minutes(around.0),
                after: minutes(around.1),
                grid,
                not_before: midnight + minutes(window.0),
                not_after: midnight + minutes(window.0 + window.1),
            };
            let busy: Vec<Interval> = book.iter().map(|entry| entry.with_buffers).collect();
            let offered = starts(zone, on, &schedule.open_intervals(zone, on), &busy, &fit);

            let mut at = midnight;
            while at.with_timezone(&zone).date_naive() <= on {
                if at.with_timezone(&zone).date_naive() == on {
                    let reasons = reasons(zone, &schedule, &book, &fit, at);
                    prop_assert_eq!(reasons.is_empty(), offered.contains(&at), "{} {:?}", at, reasons);
                }
                at += minutes(5);
            }
        }
    }
}
