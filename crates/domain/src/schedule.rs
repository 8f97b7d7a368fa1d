//! Opening hours minus what is taken, in a zone whose clocks change.
//!
//! The only module that does zone arithmetic. Hours are minutes after local
//! midnight, instants are UTC. A local time that a spring change skips is no
//! time at all; one that an autumn change repeats means the first of the two.

use std::sync::Arc;

use chrono::{DateTime, Datelike, Duration, LocalResult, NaiveDate, NaiveTime, TimeZone, Utc, Weekday};
use chrono_tz::Tz;
use uuid::Uuid;

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

/// The hours of one thing: a practitioner, a location, the clinic.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hours {
    pub weekly: Vec<Weekly>,
    /// Taken out of whichever weekly hours hold.
    pub breaks: Vec<Weekly>,
    /// A date that stands here keeps none of its weekly hours and breaks; no
    /// minutes means closed.
    pub exceptions: Vec<(NaiveDate, Option<Minutes>)>,
    /// Runs of dates without work, both ends included.
    pub off: Vec<(NaiveDate, NaiveDate)>,
}

/// A stretch of every such weekday, between two dates if they are given, both
/// included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Weekly {
    pub weekday: Weekday,
    pub hours: Minutes,
    pub from: Option<NaiveDate>,
    pub until: Option<NaiveDate>,
}

/// When a practitioner works: their own hours if they have any on a date, else
/// their location's, else the clinic's. Time off, breaks and closed dates of
/// any of the three hold for them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Schedule {
    pub own: Arc<Hours>,
    pub location: Arc<Hours>,
    pub clinic: Arc<Hours>,
}

/// Why there is no work on a date.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Off {
    /// The practitioner is away.
    Leave,
    /// Their location is closed.
    LocationClosure,
    /// The whole clinic is closed.
    Closure,
}

/// A run of dates without work, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Away {
    pub off: Off,
    pub from: NaiveDate,
    pub to: NaiveDate,
}

/// Whose hours hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Whose {
    Own,
    Location,
    Clinic,
}

impl Interval {
    pub fn overlaps(&self, other: &Self) -> bool {
        self.start < other.end && other.start < self.end
    }

    pub fn contains(&self, other: &Self) -> bool {
        self.start <= other.start && other.end <= self.end
    }
}

impl Weekly {
    /// Every such weekday, without end.
    pub const fn always(weekday: Weekday, hours: Minutes) -> Self {
        Self { weekday, hours, from: None, until: None }
    }

    fn holds(&self, date: NaiveDate) -> bool {
        self.from.is_none_or(|from| from <= date) && self.until.is_none_or(|until| date <= until)
    }

    fn is_on(&self, date: NaiveDate) -> bool {
        self.weekday == date.weekday() && self.holds(date)
    }
}

impl Schedule {
    /// The clinic's own hours, for everyone who has none.
    pub fn of_clinic(clinic: Hours) -> Self {
        Self { clinic: Arc::new(clinic), ..Self::default() }
    }

    /// From what is most their own to what holds for everybody.
    fn layers(&self) -> [&Hours; 3] {
        [&self.own, &self.location, &self.clinic]
    }

    /// Every run of dates off that `date` is in; what is most their own first.
    pub fn away_on(&self, date: NaiveDate) -> Vec<Away> {
        let off = [Off::Leave, Off::LocationClosure, Off::Closure];
        let runs = self.layers().into_iter().zip(off).flat_map(|(hours, off)| {
            let runs = hours.off.iter().map(|(from, to)| (*from, *to));
            // Where a practitioner has no hours on a date, it is not the place
            // that is closed.
            let shut = hours.exceptions.iter().filter(move |(_, open)| open.is_none() && off != Off::Leave);
            runs.chain(shut.map(|(on, _)| (*on, *on))).map(move |(from, to)| Away { off, from, to })
        });
        runs.filter(|away| (away.from..=away.to).contains(&date)).collect()
    }

    fn is_off(&self, date: NaiveDate) -> bool {
        let is_off = |hours: &Hours| hours.off.iter().any(|(from, to)| (*from..=*to).contains(&date));
        let is_shut = |hours: &Hours| hours.exceptions.iter().any(|(on, open)| *on == date && open.is_none());
        is_off(&self.own) || [&self.location, &self.clinic].into_iter().any(|hours| is_off(hours) || is_shut(hours))
    }

    /// Whose hours of its own `date` has, if it has any.
    pub fn exception_on(&self, date: NaiveDate) -> Option<Whose> {
        let whose = [Whose::Own, Whose::Location, Whose::Clinic];
        let is_exceptional = |hours: &Hours| hours.exceptions.iter().any(|(on, _)| *on == date);
        self.layers().into_iter().zip(whose).find(|(hours, _)| is_exceptional(hours)).map(|(_, whose)| whose)
    }

    /// The open stretches of one local date, in order, none touching.
    pub fn open_on(&self, date: NaiveDate) -> Vec<Minutes> {
        if self.is_off(date) { Vec::new() } else { self.open_but_for_time_off(date) }
    }

    /// What would be open if nobody were ever away.
    pub fn open_but_for_time_off(&self, date: NaiveDate) -> Vec<Minutes> {
        let breaks = self.layers().into_iter().flat_map(|hours| hours.breaks.iter().filter(|pause| pause.is_on(date)));
        self.open_without_breaks(date, breaks.map(|pause| pause.hours).collect())
    }

    /// What would be open if nobody ever paused or were away.
    pub fn open_but_for_breaks(&self, date: NaiveDate) -> Vec<Minutes> {
        self.open_without_breaks(date, Vec::new())
    }

    fn open_without_breaks(&self, date: NaiveDate, breaks: Vec<Minutes>) -> Vec<Minutes> {
        let exceptions = self.layers().into_iter().find_map(|hours| {
            let of_date: Vec<_> = hours.exceptions.iter().filter(|(on, _)| *on == date).collect();
            (!of_date.is_empty()).then_some(of_date)
        });
        if let Some(exceptions) = exceptions {
            return joined(exceptions.into_iter().filter_map(|(_, hours)| *hours).collect());
        }
        // Whose hours hold is a matter of the date, not of the weekday: who has
        // hours of their own this week does not work the clinic's other days.
        let whose = self.layers().into_iter().find(|hours| hours.weekly.iter().any(|row| row.holds(date)));
        let weekly = whose.into_iter().flat_map(|hours| hours.weekly.iter().filter(|row| row.is_on(date)));
        let open = joined(weekly.map(|row| row.hours).collect());
        breaks.into_iter().fold(open, |open, pause| without(&open, pause))
    }

    /// The open stretches of a day as instants.
    pub fn open_intervals(&self, day: &Day) -> Vec<Interval> {
        day.intervals(self.open_on(day.date))
    }
}

/// A local date, ready for arithmetic. Most days have no clock change and need
/// no look into the zone's history for each of their minutes.
#[derive(Clone, Copy, Debug)]
pub struct Day {
    pub zone: Tz,
    pub date: NaiveDate,
    /// Midnight, if every minute of the day is that long after it.
    plain: Option<DateTime<Utc>>,
}

impl Day {
    pub fn new(zone: Tz, date: NaiveDate) -> Self {
        let midnight = instant(zone, date, 0);
        // Hourly, because a clock may be changed and changed back.
        let is_plain = |midnight: &DateTime<Utc>| {
            (1..=24).all(|hour| instant(zone, date, hour * 60) == Some(*midnight + Duration::hours(hour.into())))
        };
        Self { zone, date, plain: midnight.filter(is_plain) }
    }

    /// The local date on which `at` falls.
    pub fn of(zone: Tz, at: DateTime<Utc>) -> Self {
        Self::new(zone, at.with_timezone(&zone).date_naive())
    }

    /// A minute of this day as an instant; none inside a spring gap, the first
    /// of two in an autumn fold.
    pub fn instant(&self, minute: i32) -> Option<DateTime<Utc>> {
        match self.plain {
            Some(midnight) => Some(midnight + Duration::minutes(minute.into())),
            None => instant(self.zone, self.date, minute),
        }
    }

    /// The first instant at or after a minute of this day.
    pub fn boundary(&self, minute: i32) -> DateTime<Utc> {
        match self.plain {
            Some(midnight) => midnight + Duration::minutes(minute.into()),
            None => boundary(self.zone, self.date, minute),
        }
    }

    /// The wall clock's minute of this day at `at`, below 0 or from 1440 on if
    /// that is another day.
    pub fn minute_of(&self, at: DateTime<Utc>) -> i32 {
        let since = match self.plain {
            Some(midnight) if (midnight..midnight + Duration::hours(24)).contains(&at) => at - midnight,
            _ => at.with_timezone(&self.zone).naive_local() - self.date.and_time(NaiveTime::MIN),
        };
        i32::try_from(since.num_minutes()).unwrap_or(i32::MAX)
    }

    pub fn span(&self) -> Interval {
        Interval { start: self.boundary(0), end: self.boundary(1440) }
    }

    /// Stretches of this day as instants.
    pub fn intervals(&self, open: Vec<Minutes>) -> Vec<Interval> {
        open.into_iter()
            .map(|hours| Interval { start: self.boundary(hours.from), end: self.boundary(hours.to) })
            .filter(|interval| interval.start < interval.end)
            .collect()
    }

    /// The minutes of the grid that could start a visit within `stretch`; a
    /// little too many around a clock change, which the caller's checks sort
    /// out.
    pub fn grid_minutes(&self, stretch: &Interval, grid: i32) -> impl Iterator<Item = i32> + use<> {
        let grid = grid.max(1);
        let minute = |at: DateTime<Utc>| self.minute_of(at).clamp(0, 1440);
        // Across an autumn change the wall clock runs backwards, so the whole
        // day is walked then.
        let (from, to) = match self.plain {
            Some(midnight) if stretch.end == midnight + Duration::hours(24) => (minute(stretch.start), 1440),
            Some(_) => (minute(stretch.start), minute(stretch.end)),
            None => (0, 1440),
        };
        let first = (from + grid - 1).div_euclid(grid) * grid;
        (first..to.min(1440)).step_by(grid as usize)
    }
}

/// How a visit has to fit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fit {
    pub length: Duration,
    /// Time kept free around the visit. It may reach outside opening hours.
    pub before: Duration,
    pub after: Duration,
    /// Starts fall on this grid, in minutes after local midnight.
    pub grid: i32,
    pub not_before: DateTime<Utc>,
    pub not_after: DateTime<Utc>,
    /// Which type of visit it is: patients of the same one may share it.
    pub kind: Uuid,
    /// How many patients one visit is for.
    pub capacity: u32,
    pub overbooking: Vec<Overbooking>,
}

/// Local hours in which more visits are taken than there is time for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Overbooking {
    /// Every day without one.
    pub weekday: Option<Weekday>,
    pub hours: Minutes,
    /// How many more.
    pub extra: i16,
}

impl Fit {
    /// How many visits may be taken over the one that stands at a minute.
    pub fn extra(&self, day: &Day, minute: i32) -> i16 {
        let holds = |rule: &&Overbooking| {
            rule.weekday.is_none_or(|weekday| weekday == day.date.weekday())
                && (rule.hours.from..rule.hours.to).contains(&minute)
        };
        self.overbooking.iter().filter(holds).map(|rule| rule.extra).max().unwrap_or(0)
    }

    /// The visit itself, if it starts at `start`.
    pub fn visit(&self, start: DateTime<Utc>) -> Interval {
        Interval { start, end: start + self.length }
    }

    /// All the time it takes from its practitioner.
    pub fn occupied(&self, start: DateTime<Utc>) -> Interval {
        Interval { start: start - self.before, end: start + self.length + self.after }
    }

    /// The minutes and instants of `day` at which a visit would lie within
    /// `open`, on the grid and neither too soon nor too far ahead.
    pub fn candidates<'a>(
        &'a self,
        day: &'a Day,
        open: &'a [Interval],
    ) -> impl Iterator<Item = (i32, DateTime<Utc>)> + 'a {
        open.iter().flat_map(move |stretch| {
            let minutes = day.grid_minutes(stretch, self.grid);
            let starts = minutes.filter_map(|minute| day.instant(minute).map(|start| (minute, start)));
            starts.filter(move |(_, start)| {
                self.not_before <= *start && *start <= self.not_after && stretch.contains(&self.visit(*start))
            })
        })
    }
}

/// Whether a start on the grid stands at `at`: the same question as
/// [`Fit::candidates`] asks of every minute, for one.
pub fn is_on_grid(day: &Day, at: DateTime<Utc>, grid: i32) -> bool {
    let minute = day.minute_of(at);
    // The second of two in an autumn fold has the same minute and is not it.
    minute % grid.max(1) == 0 && day.instant(minute) == Some(at)
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
pub(crate) mod oracle;

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
        Schedule::of_clinic(Hours {
            weekly: week.map(|day| Weekly::always(day, Minutes { from, to })).to_vec(),
            ..Hours::default()
        })
    }

    fn fit(minutes: i64, grid: i32) -> Fit {
        Fit {
            length: Duration::minutes(minutes),
            before: Duration::zero(),
            after: Duration::zero(),
            grid,
            not_before: DateTime::<Utc>::MIN_UTC,
            not_after: DateTime::<Utc>::MAX_UTC,
            kind: Uuid::nil(),
            capacity: 1,
            overbooking: Vec::new(),
        }
    }

    fn free(schedule: &Schedule, zone: Tz, on: NaiveDate, minutes: i64) -> Vec<DateTime<Utc>> {
        let day = Day::new(zone, on);
        let fit = fit(minutes, 30);
        fit.candidates(&day, &schedule.open_intervals(&day)).map(|(_, start)| start).collect()
    }

    #[test]
    fn breaks_and_exceptions_shape_a_day() {
        let mut clinic = (*every_day(540, 1080).clinic).clone();
        clinic.breaks.push(Weekly::always(Weekday::Tue, Minutes { from: 750, to: 780 }));
        clinic.exceptions.push((date("2026-11-25"), None));
        clinic.exceptions.push((date("2026-11-26"), Some(Minutes { from: 600, to: 720 })));
        let schedule = Schedule::of_clinic(clinic);

        let tuesday = schedule.open_on(date("2026-11-24"));
        assert_eq!(tuesday, [Minutes { from: 540, to: 750 }, Minutes { from: 780, to: 1080 }]);
        assert_eq!(schedule.open_on(date("2026-11-25")), []);
        assert_eq!(schedule.open_on(date("2026-11-26")), [Minutes { from: 600, to: 720 }]);
    }

    #[test]
    fn own_hours_come_before_the_locations_and_those_before_the_clinics() {
        let morning = Minutes { from: 480, to: 720 };
        let mut schedule = every_day(540, 1080);
        let hours = |weekday, from: Option<&str>, until: Option<&str>| Hours {
            weekly: vec![Weekly { weekday, hours: morning, from: from.map(date), until: until.map(date) }],
            ..Hours::default()
        };
        schedule.own = Arc::new(hours(Weekday::Tue, Some("2026-12-01"), Some("2026-12-31")));
        assert_eq!(schedule.open_on(date("2026-11-24")), [Minutes { from: 540, to: 1080 }], "not yet in force");
        assert_eq!(schedule.open_on(date("2026-12-01")), [morning]);
        assert_eq!(schedule.open_on(date("2026-12-02")), [], "who has hours of their own keeps to them");
        assert_eq!(schedule.open_on(date("2027-01-05")), [Minutes { from: 540, to: 1080 }], "no longer in force");

        schedule.location = Arc::new(hours(Weekday::Wed, None, None));
        assert_eq!(schedule.open_on(date("2027-01-06")), [morning]);
        assert_eq!(schedule.open_on(date("2026-12-02")), []);
    }

    #[test]
    fn nobody_works_through_leave_or_a_closure() {
        let off = |schedule: &Schedule, on: &str| -> Vec<Off> {
            schedule.away_on(date(on)).into_iter().map(|away| away.off).collect()
        };
        let mut schedule = every_day(540, 1080);
        schedule.own = Arc::new(Hours { off: vec![(date("2026-12-24"), date("2026-12-26"))], ..Hours::default() });
        assert_eq!(off(&schedule, "2026-12-23"), []);
        assert_eq!(off(&schedule, "2026-12-24"), [Off::Leave]);
        assert_eq!(off(&schedule, "2026-12-26"), [Off::Leave]);
        assert_eq!(schedule.open_on(date("2026-12-25")), []);
        schedule.location = Arc::new(Hours { off: vec![(date("2026-12-26"), date("2026-12-31"))], ..Hours::default() });
        assert_eq!(off(&schedule, "2026-12-26"), [Off::Leave, Off::LocationClosure]);
        assert_eq!(off(&schedule, "2026-12-31"), [Off::LocationClosure]);
        assert_eq!(schedule.open_on(date("2026-12-31")), []);
    }

    #[test]
    fn a_spring_gap_offers_no_slot() {
        let starts = free(&every_day(0, 360), America::New_York, date("2026-03-08"), 30);
        let local: Vec<_> =
            starts.iter().map(|at| at.with_timezone(&America::New_York).format("%H:%M").to_string()).collect();
        assert_eq!(local, ["00:00", "00:30", "01:00", "01:30", "03:00", "03:30", "04:00", "04:30", "05:00", "05:30"]);
    }

    #[test]
    fn an_autumn_fold_offers_the_first_of_two() {
        let starts = free(&every_day(0, 240), America::New_York, date("2026-11-01"), 30);
        assert_eq!(starts.iter().filter(|s| **s == at("2026-11-01T05:00:00Z")).count(), 1);
        assert!(!starts.contains(&at("2026-11-01T06:00:00Z")), "the second 01:00 is not offered");
        assert!(starts.contains(&at("2026-11-01T07:00:00Z")), "02:00 is");
    }

    /// The obvious way: try every minute of the day.
    fn slow_candidates(schedule: &Schedule, zone: Tz, on: NaiveDate, fit: &Fit) -> Vec<DateTime<Utc>> {
        let open = oracle::open(schedule, zone, on);
        let mut starts: Vec<_> = (0..1440)
            .filter(|minute| minute % fit.grid == 0)
            .filter_map(|minute| instant(zone, on, minute))
            .filter(|start| {
                open.iter().any(|stretch| stretch.contains(&fit.visit(*start)))
                    && (fit.not_before..=fit.not_after).contains(start)
            })
            .collect();
        starts.sort();
        starts
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1_000))]

        #[test]
        fn the_quick_way_and_the_obvious_way_agree(
            (on, schedule) in oracle::date_and_schedule(),
            zone in proptest::sample::select(TZ_VARIANTS.to_vec()),
            length in 5_i64..200,
            window in (0_i64..1500, 0_i64..3000),
            grid in proptest::sample::select(vec![5, 10, 15, 20, 30, 45, 60]),
        ) {
            let midnight = boundary(zone, on, 0);
            let fit = Fit {
                not_before: midnight + Duration::minutes(window.0 - 700),
                not_after: midnight + Duration::minutes(window.1),
                ..fit(length, grid)
            };
            let day = Day::new(zone, on);
            let open = schedule.open_intervals(&day);
            let quick: Vec<_> = fit.candidates(&day, &open).collect();
            for (minute, start) in &quick {
                prop_assert!(is_on_grid(&day, *start, grid));
                prop_assert_eq!(day.minute_of(*start), *minute);
            }
            let mut sorted: Vec<_> = quick.iter().map(|(_, start)| *start).collect();
            sorted.sort();
            sorted.dedup();
            prop_assert_eq!(quick.len(), sorted.len(), "a start is offered once");
            prop_assert_eq!(sorted, slow_candidates(&schedule, zone, on, &fit));
        }
    }

    /// Every zone, every date of five years: no start in a gap, none twice, and
    /// as many as on any other day but for what the change took.
    #[test]
    fn a_clock_change_only_takes_the_starts_it_skips() {
        let schedule = every_day(0, 1440);
        let (half_hourly, hourly) = (fit(30, 30), fit(60, 60));
        let mut changes = 0;
        for zone in TZ_VARIANTS {
            for on in date("2024-01-01").iter_days().take(5 * 366) {
                let day = Day::new(zone, on);
                let open = schedule.open_intervals(&day);
                if day.plain.is_some() {
                    let starts: Vec<_> = hourly.candidates(&day, &open).collect();
                    assert_eq!(starts.len(), 24, "{zone} {on}");
                    assert_on_the_clock(&[starts[0], starts[12], starts[23]], zone, on);
                    continue;
                }
                changes += 1;
                let mut starts: Vec<_> = half_hourly.candidates(&day, &open).collect();
                assert_on_the_clock(&starts, zone, on);
                starts.sort_by_key(|(_, start)| *start);
                let starts: Vec<_> = starts.into_iter().map(|(_, start)| start).collect();
                assert_eq!(starts, slow_candidates(&schedule, zone, on, &half_hourly), "{zone} {on}");
            }
        }
        assert!(changes > 1_000, "{changes}");
    }

    fn assert_on_the_clock(starts: &[(i32, DateTime<Utc>)], zone: Tz, on: NaiveDate) {
        for (minute, start) in starts {
            let local = start.with_timezone(&zone).naive_local();
            assert_eq!(local, on.and_time(NaiveTime::MIN) + Duration::minutes((*minute).into()), "{zone} {on}");
        }
    }

    #[test]
    fn a_day_that_never_was_offers_nothing() {
        // Samoa skipped 30 December 2011 altogether.
        let starts = free(&every_day(540, 1080), chrono_tz::Pacific::Apia, date("2011-12-30"), 30);
        assert!(starts.is_empty());
        let lisbon = free(&every_day(540, 600), Europe::Lisbon, date("2026-06-01"), 30);
        assert_eq!(lisbon.len(), 2);
    }
}
