//! Opening hours minus what is taken, in a zone whose clocks change.
//!
//! The only module that does zone arithmetic. Hours are minutes after local
//! midnight, instants are UTC. A local time that a spring change skips is no
//! time at all; one that an autumn change repeats means the first of the two.

use chrono::{DateTime, Datelike, Duration, LocalResult, NaiveDate, NaiveTime, TimeZone, Utc, Weekday};
use chrono_tz::Tz;

/// A stretch of time, from `start` up to but not including `end`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Interval {
    pub start: DateTime<Utc>,
    pub end: DateTime<Utc>,
}

/// A stretch of a day, in minutes after local midnight, 0 to 1440.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Minutes {
    pub from: i32,
    pub to: i32,
}

/// When someone works: weekly hours, breaks taken out of them, and dates that
/// are different.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Schedule {
    pub weekly: Vec<(Weekday, Minutes)>,
    pub breaks: Vec<(Weekday, Minutes)>,
    /// A date that stands here keeps none of its weekly hours and breaks; no
    /// minutes means closed.
    pub exceptions: Vec<(NaiveDate, Option<Minutes>)>,
}

impl Interval {
    pub fn overlaps(&self, other: &Self) -> bool {
        self.start < other.end && other.start < self.end
    }

    pub fn contains(&self, other: &Self) -> bool {
        self.start <= other.start && other.end <= self.end
    }
}

impl Schedule {
    /// The open stretches of one local date, in order, none touching.
    pub fn open_on(&self, date: NaiveDate) -> Vec<Minutes> {
        let exceptions: Vec<_> = self.exceptions.iter().filter(|(on, _)| *on == date).collect();
        if !exceptions.is_empty() {
            return joined(exceptions.into_iter().filter_map(|(_, hours)| *hours).collect());
        }
        let of_day = |rows: &[(Weekday, Minutes)]| -> Vec<Minutes> {
            rows.iter().filter(|(day, _)| *day == date.weekday()).map(|(_, hours)| *hours).collect()
        };
        of_day(&self.breaks).into_iter().fold(joined(of_day(&self.weekly)), |open, pause| without(&open, pause))
    }

    /// The open stretches of one local date as instants of `zone`.
    pub fn open_intervals(&self, zone: Tz, date: NaiveDate) -> Vec<Interval> {
        self.open_on(date)
            .into_iter()
            .map(|hours| Interval { start: boundary(zone, date, hours.from), end: boundary(zone, date, hours.to) })
            .filter(|interval| interval.start < interval.end)
            .collect()
    }
}

/// How a visit has to fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fit {
    pub length: Duration,
    /// Time kept free around the visit. It may reach outside opening hours.
    pub before: Duration,
    pub after: Duration,
    /// Starts fall on this grid, in minutes after local midnight.
    pub grid: i32,
    pub not_before: DateTime<Utc>,
    pub not_after: DateTime<Utc>,
}

impl Fit {
    /// The visit itself, if it starts at `start`.
    pub fn visit(&self, start: DateTime<Utc>) -> Interval {
        Interval { start, end: start + self.length }
    }

    /// All the time it takes from its practitioner.
    pub fn occupied(&self, start: DateTime<Utc>) -> Interval {
        Interval { start: start - self.before, end: start + self.length + self.after }
    }
}

/// The starts on `date` at which a visit fits into `open` without touching
/// `busy`. `open` and `busy` are sorted by start.
pub fn starts(zone: Tz, date: NaiveDate, open: &[Interval], busy: &[Interval], fit: &Fit) -> Vec<DateTime<Utc>> {
    let mut starts = Vec::new();
    for stretch in open {
        let mut busy = busy.iter().skip_while(|taken| taken.end <= stretch.start - fit.before).peekable();
        for minute in grid_minutes(zone, date, stretch, fit.grid.max(1)) {
            let Some(start) = instant(zone, date, minute) else { continue };
            let allowed = fit.not_before <= start && start <= fit.not_after;
            if !allowed || !stretch.contains(&fit.visit(start)) {
                continue;
            }
            let occupied = fit.occupied(start);
            while busy.next_if(|taken| taken.end <= occupied.start).is_some() {}
            if busy.peek().is_none_or(|taken| !taken.overlaps(&occupied)) {
                starts.push(start);
            }
        }
    }
    starts
}

/// Whether a start on the grid stands at `at`: the same question as
/// [`starts`] asks of every minute, for one.
pub fn is_on_grid(zone: Tz, at: DateTime<Utc>, grid: i32) -> bool {
    let local = at.with_timezone(&zone);
    let date = local.date_naive();
    let minute = (local.naive_local() - date.and_time(NaiveTime::MIN)).num_minutes();
    let minute = i32::try_from(minute).unwrap_or(0);
    // The second of two in an autumn fold has the same minute and is not it.
    minute % grid.max(1) == 0 && instant(zone, date, minute) == Some(at)
}

/// The grid minutes of `date` that could start within `stretch`; a little too
/// many around a clock change, which the caller's checks sort out.
fn grid_minutes(zone: Tz, date: NaiveDate, stretch: &Interval, grid: i32) -> impl Iterator<Item = i32> {
    let minute = |at: DateTime<Utc>| {
        let local = at.with_timezone(&zone).naive_local();
        (local - date.and_time(NaiveTime::MIN)).num_minutes().clamp(0, 1440) as i32
    };
    let (from, to) = (minute(stretch.start), minute(stretch.end));
    // Across an autumn change the wall clock runs backwards, so the whole day
    // is walked when it looks that way.
    let (from, to) =
        if to - from < (stretch.end - stretch.start).num_minutes() as i32 { (0, 1440) } else { (from, to) };
    let first = from.div_euclid(grid) * grid;
    (first..to.min(1440)).step_by(grid as usize)
}

/// A local minute of `date` as an instant; none inside a spring gap, the first
/// of two in an autumn fold.
pub fn instant(zone: Tz, date: NaiveDate, minute: i32) -> Option<DateTime<Utc>> {
    let local = date.and_time(NaiveTime::MIN) + Duration::minutes(minute.into());
    match zone.from_local_datetime(&local) {
        LocalResult::Single(at) => Some(at.to_utc()),
        LocalResult::Ambiguous(first, second) => Some(first.min(second).to_utc()),
        LocalResult::None => None,
    }
}

/// The first instant at or after a local minute: where a door that opens in a
/// spring gap opens.
pub fn boundary(zone: Tz, date: NaiveDate, minute: i32) -> DateTime<Utc> {
    (minute..minute + 26 * 60)
        .find_map(|minute| instant(zone, date, minute))
        .unwrap_or_else(|| Utc.from_utc_datetime(&date.and_time(NaiveTime::MIN)))
}

/// The instants a run of local dates covers, `to` included.
pub fn span(zone: Tz, from: NaiveDate, to: NaiveDate) -> Interval {
    Interval { start: boundary(zone, from, 0), end: boundary(zone, to, 1440) }
}

fn joined(mut hours: Vec<Minutes>) -> Vec<Minutes> {
    hours.retain(|stretch| stretch.from < stretch.to);
    hours.sort();
    let mut joined: Vec<Minutes> = Vec::with_capacity(hours.len());
    for stretch in hours {
        match joined.last_mut() {
            Some(last) if stretch.from <= last.to => last.to = last.to.max(stretch.to),
            _ => joined.push(stretch),
        }
    }
    joined
}

fn without(open: &[Minutes], pause: Minutes) -> Vec<Minutes> {
    open.iter()
        .flat_map(|stretch| {
            [
                Minutes { from: stretch.from, to: stretch.to.min(pause.from) },
                Minutes { from: stretch.from.max(pause.to), to: stretch.to },
            ]
        })
        .filter(|stretch| stretch.from < stretch.to)
        .collect()
}

#[cfg(test)]
mod tests {
    use chrono_tz::{America, Europe, TZ_VARIANTS};
    use proptest::prelude::*;

    use super::*;

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn every_day(from: i32, to: i32) -> Schedule {
        let week = [Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri, Weekday::Sat, Weekday::Sun];
        Schedule { weekly: week.map(|day| (day, Minutes { from, to })).to_vec(), ..Schedule::default() }
    }

    fn fit(minutes: i64, grid: i32) -> Fit {
        Fit {
            length: Duration::minutes(minutes),
            before: Duration::zero(),
            after: Duration::zero(),
            grid,
            not_before: DateTime::<Utc>::MIN_UTC,
            not_after: DateTime::<Utc>::MAX_UTC,
        }
    }

    fn free(schedule: &Schedule, zone: Tz, on: NaiveDate, busy: &[Interval], minutes: i64) -> Vec<DateTime<Utc>> {
        let open = schedule.open_intervals(zone, on);
        starts(zone, on, &open, busy, &fit(minutes, 30))
    }

    #[test]
    fn breaks_and_exceptions_shape_a_day() {
        let mut schedule = every_day(540, 1080);
        schedule.breaks.push((Weekday::Tue, Minutes { from: 750, to: 780 }));
        schedule.exceptions.push((date("2026-11-25"), None));
        schedule.exceptions.push((date("2026-11-26"), Some(Minutes { from: 600, to: 720 })));

        let tuesday = schedule.open_on(date("2026-11-24"));
        assert_eq!(tuesday, [Minutes { from: 540, to: 750 }, Minutes { from: 780, to: 1080 }]);
        assert_eq!(schedule.open_on(date("2026-11-25")), []);
        assert_eq!(schedule.open_on(date("2026-11-26")), [Minutes { from: 600, to: 720 }]);
    }

    #[test]
    fn a_spring_gap_offers_no_slot() {
        let starts = free(&every_day(0, 360), America::New_York, date("2026-03-08"), &[], 30);
        let local: Vec<_> =
            starts.iter().map(|at| at.with_timezone(&America::New_York).format("%H:%M").to_string()).collect();
        assert_eq!(local, ["00:00", "00:30", "01:00", "01:30", "03:00", "03:30", "04:00", "04:30", "05:00", "05:30"]);
    }

    #[test]
    fn an_autumn_fold_offers_the_first_of_two() {
        let starts = free(&every_day(0, 240), America::New_York, date("2026-11-01"), &[], 30);
        assert_eq!(starts.iter().filter(|s| **s == at("2026-11-01T05:00:00Z")).count(), 1);
        assert!(!starts.contains(&at("2026-11-01T06:00:00Z")), "the second 01:00 is not offered");
        assert!(starts.contains(&at("2026-11-01T07:00:00Z")), "02:00 is");
    }

    #[test]
    fn a_taken_time_is_not_offered_and_its_neighbours_are() {
        let taken = [Interval { start: at("2026-11-24T14:00:00Z"), end: at("2026-11-24T14:45:00Z") }];
        let starts = free(&every_day(540, 720), America::New_York, date("2026-11-24"), &taken, 30);
        assert_eq!(
            starts,
            ["2026-11-24T15:00:00Z", "2026-11-24T15:30:00Z", "2026-11-24T16:00:00Z", "2026-11-24T16:30:00Z"].map(at)
        );
    }

    /// The obvious way: try every minute of the day.
    fn slow_starts(schedule: &Schedule, zone: Tz, on: NaiveDate, busy: &[Interval], fit: &Fit) -> Vec<DateTime<Utc>> {
        let open = schedule.open_intervals(zone, on);
        (0..1440)
            .filter(|minute| minute % fit.grid == 0)
            .filter_map(|minute| instant(zone, on, minute))
            .filter(|start| {
                open.iter().any(|stretch| stretch.contains(&fit.visit(*start)))
                    && !busy.iter().any(|taken| taken.overlaps(&fit.occupied(*start)))
                    && (fit.not_before..=fit.not_after).contains(start)
            })
            .collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(400))]

        #[test]
        fn the_quick_way_and_the_obvious_way_agree(
            zone in proptest::sample::select(TZ_VARIANTS.to_vec()),
            day in 0_i64..(5 * 366),
            hours in proptest::collection::vec((0_i32..1440, 1_i32..900), 0..4),
            pause in (0_i32..1440, 0_i32..120),
            taken in proptest::collection::vec((0_i64..1500, 5_i64..180), 0..12),
            length in 5_i64..200,
            around in (0_i64..60, 0_i64..60),
            window in (0_i64..1500, 0_i64..3000),
            grid in proptest::sample::select(vec![5, 10, 15, 20, 30, 45, 60]),
        ) {
            let on = date("2024-01-01") + Duration::days(day);
            let schedule = Schedule {
                weekly: hours.iter()
                    .map(|(from, minutes)| (on.weekday(), Minutes { from: *from, to: (from + minutes).min(1440) }))
                    .collect(),
                breaks: vec![(on.weekday(), Minutes { from: pause.0, to: (pause.0 + pause.1).min(1440) })],
                exceptions: vec![],
            };
            let midnight = boundary(zone, on, 0);
            let mut busy: Vec<_> = taken.iter()
                .map(|(from, minutes)| {
                    let start = midnight + Duration::minutes(*from);
                    Interval { start, end: start + Duration::minutes(*minutes) }
                })
                .collect();
            busy.sort();

            let open = schedule.open_intervals(zone, on);
            let fit = Fit {
                before: Duration::minutes(around.0),
                after: Duration::minutes(around.1),
                not_before: midnight + Duration::minutes(window.0 - 700),
                not_after: midnight + Duration::minutes(window.1),
                ..fit(length, grid)
            };
            let quick = starts(zone, on, &open, &busy, &fit);
            prop_assert!(quick.iter().all(|start| is_on_grid(zone, *start, grid)));
            let mut sorted = quick.clone();
            sorted.sort();
            sorted.dedup();
            let mut slow = slow_starts(&schedule, zone, on, &busy, &fit);
            slow.sort();
            prop_assert_eq!(&sorted, &slow);
            prop_assert_eq!(quick.len(), sorted.len(), "a start is offered once");
        }
    }

    #[test]
    fn a_day_that_never_was_offers_nothing() {
        // Samoa skipped 30 December 2011 altogether.
        let starts = free(&every_day(540, 1080), chrono_tz::Pacific::Apia, date("2011-12-30"), &[], 30);
        assert!(starts.is_empty());
        let lisbon = free(&every_day(540, 600), Europe::Lisbon, date("2026-06-01"), &[], 30);
        assert_eq!(lisbon.len(), 2);
    }
}
