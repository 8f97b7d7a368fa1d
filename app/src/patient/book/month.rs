//! The month a patient chooses a day from, and the free times of that day, as
//! the clinic's book has them.

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, Duration, Months, NaiveDate, Timelike, Utc};
use chrono_tz::Tz;
use domain::appointment::AppointmentTypeCard;
use domain::id::PractitionerId;
use domain::say;
use services::booking::availability::{self, OpenSlot};
use services::booking::{Channel, Wanted};
use services::{ClinicTx, clinics};

use super::{Chosen, DayOption, DayTimes, Month, MonthLink, TimeOption};
use crate::caller::Visitor;

/// How far ahead anyone may look, in days, whatever the type allows.
const FURTHEST: i64 = 365;

/// Free times by day, one for each start.
type FreeDays = BTreeMap<NaiveDate, Vec<OpenSlot>>;

/// Days, the first and the last included.
#[derive(Clone, Copy)]
struct Days {
    first: NaiveDate,
    last: NaiveDate,
}

/// Looks for free times of one type, with one practitioner or anyone.
struct Search<'a> {
    visitor: &'a Visitor,
    kind: &'a AppointmentTypeCard,
    with: Option<PractitionerId>,
    /// Whom to choose of several who are free.
    usual: Option<PractitionerId>,
    zone: Tz,
    now: DateTime<Utc>,
}

/// Reads the month and the day that were asked for; by default the first month
/// with a free time, and the first day of it that has one. What is shown is
/// noted in `chosen`.
pub async fn read(
    tx: &mut ClinicTx,
    visitor: &Visitor,
    kind: &AppointmentTypeCard,
    usual: Option<PractitionerId>,
    chosen: &mut Chosen,
    now: DateTime<Utc>,
) -> services::Result<(Month, Option<DayTimes>)> {
    let zone = clinics::time_zone(tx).await?;
    let today = now.with_timezone(&zone).date_naive();
    let furthest = availability::furthest(tx, now, &kind.slug).await?;
    let open = Days { first: today, last: furthest.min(today + Duration::days(FURTHEST)) };
    let with = chosen.with.as_ref().and_then(|with| with.parse().ok());
    let search = Search { visitor, kind, with, usual, zone, now };

    let day = chosen.day.take().and_then(|day| day.parse().ok()).filter(|day| open.contains(*day));
    let asked = chosen.month.take().and_then(|month| open.month(&month)).or(day.map(first_of));
    let mut shown = asked.unwrap_or(first_of(today));
    let mut free = search.free(tx, open.within(shown)).await?;
    let mut next = None;
    if free.is_empty() {
        next = search.first_after(tx, shown, open).await?;
        if let (None, Some(later)) = (asked, next) {
            (shown, next) = (first_of(later), None);
            free = search.free(tx, open.within(shown)).await?;
        }
    }

    let day = day.filter(|day| first_of(*day) == shown).or(free.keys().next().copied());
    chosen.month = Some(name_of(shown));
    chosen.day = day.map(|day| day.to_string());
    let month = Month {
        label: say::month(shown),
        weeks: weeks(shown, &free, today.year()),
        earlier: link(shown - Months::new(1), open),
        later: link(shown + Months::new(1), open),
        has_free: !free.is_empty(),
        next_free: next.and_then(|day| link(first_of(day), open)),
    };
    let times = day.map(|day| DayTimes {
        label: say::friendly_day(day, today.year()),
        parts: search.parts(free.get(&day).map_or(&[], Vec::as_slice)),
    });
    Ok((month, times))
}

impl Days {
    fn contains(self, day: NaiveDate) -> bool {
        self.first <= day && day <= self.last
    }

    /// The first day of the month called `name`, or of the nearest in reach.
    fn month(self, name: &str) -> Option<NaiveDate> {
        let first: NaiveDate = format!("{name}-01").parse().ok()?;
        Some(first.clamp(first_of(self.first), first_of(self.last)))
    }

    /// What of these days is in the month that begins at `first`.
    fn within(self, first: NaiveDate) -> Self {
        Self { first: self.first.max(first), last: self.last.min(first + Months::new(1) - Duration::days(1)) }
    }
}

impl Search<'_> {
    async fn free(&self, tx: &mut ClinicTx, days: Days) -> services::Result<FreeDays> {
        let mut free = FreeDays::new();
        for slot in self.ask(tx, self.wanted(days)).await? {
            free.entry(slot.claim.starts_at.with_timezone(&self.zone).date_naive()).or_default().push(slot);
        }
        Ok(free)
    }

    /// The first day with a free time after the month that begins at `month`.
    async fn first_after(
        &self,
        tx: &mut ClinicTx,
        month: NaiveDate,
        open: Days,
    ) -> services::Result<Option<NaiveDate>> {
        let later = Days { first: month + Months::new(1), ..open };
        if later.first > later.last {
            return Ok(None);
        }
        let found = self.ask(tx, Wanted { days: Some(1), limit: 1, ..self.wanted(later) }).await?;
        Ok(found.first().map(|slot| slot.claim.starts_at.with_timezone(&self.zone).date_naive()))
    }

    fn wanted(&self, days: Days) -> Wanted {
        let wanted = Wanted::of(&self.kind.slug, Channel::Web, days.first, days.last);
        Wanted { practitioner: self.with, usual: self.usual, ..wanted }
    }

    async fn ask(&self, tx: &mut ClinicTx, wanted: Wanted) -> services::Result<Vec<OpenSlot>> {
        let available = availability::available(tx, self.now, &wanted).await?;
        self.visitor.good_until(available.good_until);
        Ok(available.slots)
    }

    fn parts(&self, slots: &[OpenSlot]) -> Vec<(String, Vec<TimeOption>)> {
        let mut parts: Vec<(String, Vec<TimeOption>)> = Vec::new();
        for slot in slots {
            let part = match slot.claim.starts_at.with_timezone(&self.zone).hour() {
                0..12 => "Morning",
                12..17 => "Afternoon",
                _ => "Evening",
            };
            if parts.last().is_none_or(|(last, _)| last != part) {
                parts.push((part.to_owned(), Vec::new()));
            }
            if let Some((_, times)) = parts.last_mut() {
                times.push(self.offer(slot));
            }
        }
        parts
    }

    fn offer(&self, slot: &OpenSlot) -> TimeOption {
        TimeOption {
            slot: self.visitor.offer(&slot.claim, self.now),
            time: say::time(slot.claim.starts_at, self.zone),
            with: slot.practitioner.name.clone(),
        }
    }
}

/// The month's days in rows of seven from Monday.
fn weeks(month: NaiveDate, free: &FreeDays, this_year: i32) -> Vec<Vec<Option<DayOption>>> {
    let blanks = month.weekday().num_days_from_monday() as usize;
    let days = month.iter_days().take_while(|day| day.month() == month.month()).map(|day| {
        Some(DayOption {
            date: day.to_string(),
            number: day.day(),
            label: say::friendly_day(day, this_year),
            free: free.get(&day).map_or(0, Vec::len),
        })
    });
    let mut cells: Vec<Option<DayOption>> = std::iter::repeat_n(None, blanks).chain(days).collect();
    cells.resize(cells.len().next_multiple_of(7), None);
    cells.chunks(7).map(<[_]>::to_vec).collect()
}

fn first_of(day: NaiveDate) -> NaiveDate {
    day - Duration::days(i64::from(day.day0()))
}

/// `2026-11`.
fn name_of(month: NaiveDate) -> String {
    month.format("%Y-%m").to_string()
}

/// The way to a month, if there is anything to book in it.
fn link(month: NaiveDate, open: Days) -> Option<MonthLink> {
    let in_reach = first_of(open.first) <= month && month <= open.last;
    in_reach.then(|| MonthLink { month: name_of(month), label: say::month(month) })
}
