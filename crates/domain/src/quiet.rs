//! Hours of the night in which nobody is written to unasked.
//!
//! 47 CFR 64.1200(c)(1) keeps solicitations from 9 p.m. to 8 a.m. "local time
//! at the called party's location". Most of a clinic's messages are none, but
//! nobody wants them at night either, so the hours hold for everything that the
//! clinic starts.

use chrono::{DateTime, Duration, NaiveTime, Offset, TimeZone, Timelike, Utc};
use chrono_tz::Tz;

/// Quiet hours by the wall clock, from one time of day up to but not including
/// another, over midnight if that is earlier. Equal times mean none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    pub from: NaiveTime,
    pub until: NaiveTime,
}

/// 9 p.m. to 8 a.m., as in 47 CFR 64.1200(c)(1).
impl Default for Window {
    fn default() -> Self {
        let midnight = NaiveTime::MIN;
        Self { from: midnight + Duration::hours(21), until: midnight + Duration::hours(8) }
    }
}

impl Window {
    /// Whether it is quiet at a time of day.
    pub fn contains(self, time: NaiveTime) -> bool {
        if self.from <= self.until {
            (self.from..self.until).contains(&time)
        } else {
            time >= self.from || time < self.until
        }
    }
}

/// The first instant from `at` on at which a patient in `zone` may be written
/// to: `at` itself if it is not quiet there.
///
/// Whether it is quiet is what the wall clock says, so that a clock that is
/// put forward may end the quiet and one that is put back may bring it again.
pub fn next_allowed(at: DateTime<Utc>, zone: Tz, window: Window) -> DateTime<Utc> {
    let mut next = at;
    while window.contains(next.with_timezone(&zone).time()) {
        next = end_of_quiet(next, zone, window);
    }
    next
}

/// The first instant from `at` on that is quiet in none of `zones`, such as
/// the patient's and the clinic's where it is not sure which of them holds.
/// None if the zones leave no such time within a week.
pub fn next_allowed_in_all(at: DateTime<Utc>, zones: &[Tz], window: Window) -> Option<DateTime<Utc>> {
    let mut next = at;
    while next <= at + Duration::weeks(1) {
        let latest = zones.iter().map(|zone| next_allowed(next, *zone, window)).max().unwrap_or(next);
        if latest == next {
            return Some(next);
        }
        next = latest;
    }
    None
}

/// When the wall clock reaches the end of the window, or is changed before it
/// does.
fn end_of_quiet(at: DateTime<Utc>, zone: Tz, window: Window) -> DateTime<Utc> {
    let now = at.with_timezone(&zone).time();
    let wait = window.until - now;
    let wait = if wait > Duration::zero() { wait } else { wait + Duration::days(1) };
    first_change(at, at + wait, zone).unwrap_or(at + wait)
}

/// The first instant after `from`, up to `to`, with another offset from UTC
/// than at `from`.
fn first_change(from: DateTime<Utc>, to: DateTime<Utc>, zone: Tz) -> Option<DateTime<Utc>> {
    let offset = |at: DateTime<Utc>| zone.offset_from_utc_datetime(&at.naive_utc()).fix();
    // Hourly, because a clock may be changed and changed back.
    let hours = (0..=(to - from).num_hours()).map(|hour| from + Duration::hours(hour)).chain([to]);
    let (mut before, mut after) = (from, hours.into_iter().find(|hour| offset(*hour) != offset(from))?);
    before = before.max(after - Duration::hours(1));
    while after - before > Duration::seconds(1) {
        let middle = before + (after - before) / 2;
        if offset(middle) == offset(from) {
            before = middle;
        } else {
            after = middle;
        }
    }
    // Clocks change on whole seconds of UTC, whatever fraction `from` had.
    Some(after.with_nanosecond(0).unwrap_or(after))
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;
    use chrono_tz::{America, Asia, Europe, Pacific, TZ_VARIANTS};
    use proptest::prelude::*;
    use proptest::sample::select;

    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn window(from: (u32, u32), until: (u32, u32)) -> Window {
        let time = |(hour, minute)| NaiveTime::from_hms_opt(hour, minute, 0).unwrap();
        Window { from: time(from), until: time(until) }
    }

    fn next(text: &str, zone: Tz, window: Window) -> String {
        next_allowed(at(text), zone, window).with_timezone(&zone).format("%m-%d %H:%M %z").to_string()
    }

    #[test]
    fn nights_wait_for_eight_and_days_wait_for_nothing() {
        let zone = America::New_York;
        let quiet = Window::default();
        assert_eq!(next("2026-11-24T12:59:59Z", zone, quiet), "11-24 08:00 -0500");
        assert_eq!(next("2026-11-24T13:00:00Z", zone, quiet), "11-24 08:00 -0500");
        assert_eq!(next("2026-11-25T01:59:59Z", zone, quiet), "11-24 20:59 -0500");
        assert_eq!(next("2026-11-25T02:00:00Z", zone, quiet), "11-25 08:00 -0500");
        assert_eq!(next("2026-11-25T05:00:00Z", zone, quiet), "11-25 08:00 -0500");
    }

    #[test]
    fn a_window_within_a_day_and_an_empty_one() {
        let zone = America::New_York;
        assert_eq!(next("2026-11-24T17:30:00Z", zone, window((12, 0), (13, 0))), "11-24 13:00 -0500");
        assert_eq!(next("2026-11-24T18:00:00Z", zone, window((12, 0), (13, 0))), "11-24 13:00 -0500");
        let none = window((9, 0), (9, 0));
        assert_eq!(next("2026-11-24T14:00:00Z", zone, none), "11-24 09:00 -0500");
    }

    #[test]
    fn an_end_that_the_clocks_skip_is_where_they_go_on() {
        // 8 March 2026, New York: 02:00 becomes 03:00.
        assert_eq!(next("2026-03-08T04:00:00Z", America::New_York, window((22, 0), (2, 30))), "03-08 03:00 -0400");
        // Samoa skipped 30 December 2011 altogether.
        assert_eq!(next("2011-12-30T09:00:00Z", Pacific::Apia, Window::default()), "12-31 08:00 +1400");
    }

    #[test]
    fn an_hour_that_comes_twice_is_read_off_the_clock_twice() {
        // 1 November 2026, New York: 02:00 becomes 01:00.
        let quiet = window((22, 0), (1, 30));
        assert_eq!(next("2026-11-01T05:00:00Z", America::New_York, quiet), "11-01 01:30 -0400");
        assert_eq!(next("2026-11-01T06:00:00Z", America::New_York, quiet), "11-01 01:30 -0500", "quiet once more");
        assert_eq!(next("2026-11-01T05:50:00Z", America::New_York, window((1, 45), (8, 0))), "11-01 01:00 -0500");
    }

    #[test]
    fn the_most_restrictive_of_two_zones_holds() {
        let zones = [America::New_York, America::Los_Angeles];
        let allowed = |text| next_allowed_in_all(at(text), &zones, Window::default());
        assert_eq!(allowed("2026-11-24T14:00:00Z"), Some(at("2026-11-24T16:00:00Z")), "eight in Los Angeles");
        assert_eq!(allowed("2026-11-25T02:30:00Z"), Some(at("2026-11-25T16:00:00Z")), "past nine in New York");
        assert_eq!(
            next_allowed_in_all(at("2026-11-25T02:30:00Z"), &[], Window::default()),
            Some(at("2026-11-25T02:30:00Z"))
        );
    }

    #[test]
    fn zones_that_are_never_awake_together_have_no_time() {
        let zones = [Asia::Tokyo, America::New_York];
        assert_eq!(next_allowed_in_all(at("2026-11-24T14:00:00Z"), &zones, window((14, 0), (12, 0))), None);
        assert_eq!(
            next_allowed_in_all(at("2026-11-24T14:00:00Z"), &[Europe::Paris, Asia::Tokyo], Window::default()),
            Some(at("2026-11-25T07:00:00Z")),
        );
    }

    /// The obvious way: second by second would take all day, so minute by
    /// minute of UTC, on which every clock since 1972 changes.
    fn slow(from: DateTime<Utc>, zone: Tz, window: Window) -> DateTime<Utc> {
        let is_quiet = |at: &DateTime<Utc>| window.contains(at.with_timezone(&zone).time());
        if !is_quiet(&from) {
            return from;
        }
        let minute =
            from + Duration::seconds(60 - i64::from(from.second())) - Duration::nanoseconds(from.nanosecond().into());
        (0..3 * 1440).map(|minutes| minute + Duration::minutes(minutes)).find(|at| !is_quiet(at)).unwrap()
    }

    fn times() -> impl Strategy<Value = NaiveTime> {
        (0_u32..24, select(vec![0_u32, 1, 15, 30, 59])).prop_map(|(h, m)| NaiveTime::from_hms_opt(h, m, 0).unwrap())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        #[test]
        fn the_quick_way_and_the_obvious_way_agree(
            zone in select(TZ_VARIANTS.to_vec()),
            second in 63_072_000_i64..2_145_916_800,
            nanosecond in 0_u32..1_000_000_000,
            (from, until) in (times(), times()),
        ) {
            let at = DateTime::from_timestamp(second, nanosecond).unwrap();
            let window = Window { from, until };
            // Liberia kept odd seconds until January 1972, and that is where it starts.
            prop_assert_eq!(next_allowed(at, zone, window), slow(at, zone, window));
        }

        #[test]
        fn what_is_allowed_in_all_zones_is_allowed_in_each(
            zones in proptest::collection::vec(select(TZ_VARIANTS.to_vec()), 0..4),
            second in 63_072_000_i64..2_145_916_800,
            (from, until) in (times(), times()),
        ) {
            let at = DateTime::from_timestamp(second, 0).unwrap();
            let window = Window { from, until };
            if let Some(next) = next_allowed_in_all(at, &zones, window) {
                prop_assert!(next >= at);
                for zone in zones {
                    prop_assert_eq!(next_allowed(next, zone, window), next);
                }
            }
        }
    }

    /// Every zone, every change of its clocks in ten years, from the evening
    /// before.
    #[test]
    fn no_clock_change_opens_the_night() {
        let mut changes = 0;
        let start = NaiveDate::from_ymd_opt(2020, 1, 1).unwrap();
        let midnights: Vec<_> =
            start.iter_days().map(|day| day.and_time(NaiveTime::MIN).and_utc()).take(3_650).collect();
        for zone in TZ_VARIANTS {
            let offset = |at: DateTime<Utc>| zone.offset_from_utc_datetime(&at.naive_utc()).fix();
            for days in midnights.windows(2).filter(|days| offset(days[0]) != offset(days[1])) {
                let change = first_change(days[0], days[1], zone).unwrap();
                changes += 1;
                for hours in (0..24).step_by(5) {
                    let from = change - Duration::hours(hours);
                    let next = next_allowed(from, zone, Window::default());
                    assert_eq!(next, slow(from, zone, Window::default()), "{zone} {from}");
                }
            }
        }
        assert!(changes > 3_000, "{changes}");
    }
}
