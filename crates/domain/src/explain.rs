//! Why a time is not offered.

use chrono::{DateTime, Utc};

use crate::book::{Book, By, Entry, Place, RoomBook, rooms};
use crate::schedule::{Away, Day, Fit, Interval, Off, Schedule, Whose, is_on_grid};

/// One reason, of possibly several, why a time is not offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// Too soon from now, or past.
    Notice,
    /// Too far ahead.
    Horizon,
    /// The clocks skip that minute on that day.
    ZoneGap,
    /// Visits do not start at this minute.
    Grid,
    /// The practitioner is away.
    Leave,
    /// Outside opening hours, or the visit would not end within them.
    Closed,
    /// On a date with other hours, or none.
    Exception,
    Break,
    /// The practitioner spends it otherwise.
    ExternalBusy,
    /// Somebody is booked.
    Taken,
    /// Somebody is choosing it right now.
    Held,
    /// Time kept free around another visit, or around this one.
    Buffer,
    /// The group is full.
    Capacity,
    /// No room or machine that it needs is free.
    Room,
    /// The practitioner does not see patients for this any more.
    NotOffered,
    /// The practitioner works at another place than the visit was booked at.
    Location,
}

impl Reason {
    /// The reason as it stands in answers.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Notice => "notice",
            Self::Horizon => "horizon",
            Self::ZoneGap => "zone_gap",
            Self::Grid => "grid",
            Self::Leave => "leave",
            Self::Closed => "closed",
            Self::Exception => "exception",
            Self::Break => "break",
            Self::ExternalBusy => "external_busy",
            Self::Taken => "taken",
            Self::Held => "held",
            Self::Buffer => "buffer",
            Self::Capacity => "capacity",
            Self::Room => "room",
            Self::NotOffered => "not_offered",
            Self::Location => "location",
        }
    }

    /// The reason as a patient may know it. Whether somebody has booked a time,
    /// is only looking at it or is away is nobody else's business.
    pub const fn for_patients(self) -> Self {
        match self {
            Self::Held | Self::Buffer | Self::ExternalBusy | Self::Room => Self::Taken,
            Self::Leave | Self::Exception => Self::Closed,
            other => other,
        }
    }

    /// A sentence.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Notice => "That is too soon to book.",
            Self::Horizon => "That is further ahead than can be booked yet.",
            Self::ZoneGap => "The clocks skip that time on that day.",
            Self::Grid => "Visits do not start at that minute.",
            Self::Leave => "The practitioner is away.",
            Self::Closed => "That is outside opening hours.",
            Self::Exception => "That day has other hours than usual.",
            Self::Break => "That is during a break.",
            Self::ExternalBusy => "The practitioner is busy otherwise.",
            Self::Taken => "That time is taken.",
            Self::Held => "That time is being held for somebody.",
            Self::Buffer => "That time is kept free around a visit.",
            Self::Capacity => "The group is full.",
            Self::Room => "No room it needs is free.",
            Self::NotOffered => "This kind of visit is no longer offered with them.",
            Self::Location => "It would be at another place than it was booked at.",
        }
    }
}

/// A practitioner, as far as whether a visit fits goes.
#[derive(Clone, Copy, Debug)]
pub struct Desk<'a> {
    pub schedule: &'a Schedule,
    pub book: &'a Book,
    /// The rooms that would meet each of the type's needs.
    pub needs: &'a [Vec<RoomBook<'a>>],
}

impl Desk<'_> {
    /// Where a visit at `start` would stand and in which rooms, if nothing in
    /// the books speaks against it.
    pub fn place(&self, fit: &Fit, day: &Day, start: DateTime<Utc>) -> Option<(Place, Vec<uuid::Uuid>)> {
        let place = self.book.place(fit, start, fit.extra(day, day.minute_of(start)))?;
        let rooms = rooms(self.needs, &fit.occupied(start), place)?;
        Some((place, rooms))
    }

    /// The starts offered on a day, by the wall clock; `open` is when the
    /// practitioner works.
    pub fn starts<'a>(
        &'a self,
        fit: &'a Fit,
        day: &'a Day,
        open: &'a [Interval],
    ) -> impl Iterator<Item = (i32, DateTime<Utc>)> + 'a {
        fit.candidates(day, open).filter(move |(minute, start)| {
            let place = self.book.place(fit, *start, fit.extra(day, *minute));
            place
                .is_some_and(|place| self.needs.is_empty() || rooms(self.needs, &fit.occupied(*start), place).is_some())
        })
    }

    /// Why a visit cannot start at `at`, in the order a person would ask; empty
    /// if and only if [`starts`](Self::starts) offers it.
    pub fn reasons(&self, fit: &Fit, day: &Day, at: DateTime<Utc>) -> Vec<Reason> {
        let mut reasons = Vec::new();
        let mut say = |applies: bool, reason: Reason| {
            if applies && !reasons.contains(&reason) {
                reasons.push(reason);
            }
        };
        say(at < fit.not_before, Reason::Notice);
        say(at > fit.not_after, Reason::Horizon);
        say(!is_on_grid(day, at, fit.grid), Reason::Grid);
        if let Some(reason) = closed(self.schedule, day, &fit.visit(at)) {
            say(true, reason);
        }
        let extra = fit.extra(day, day.minute_of(at));
        let place = self.book.place(fit, at, extra);
        if place.is_none() {
            let mut against: Vec<_> = self.in_the_way(fit, at, extra).collect();
            against.sort();
            against.into_iter().for_each(|reason| say(true, reason));
        }
        let anywhere = place.unwrap_or(Place::Own { overbooked: 0 });
        say(rooms(self.needs, &fit.occupied(at), anywhere).is_none(), Reason::Room);
        reasons
    }

    fn in_the_way(&self, fit: &Fit, at: DateTime<Utc>, extra: i16) -> impl Iterator<Item = Reason> {
        let against: Vec<_> = self.entries_in_the_way(fit, at, extra).into_iter().map(|(reason, _)| reason).collect();
        against.into_iter()
    }

    /// What stands in the practitioner's book where a visit at `at` would, and
    /// the reason that each is; nothing if the visit has a place.
    pub fn against(&self, fit: &Fit, day: &Day, at: DateTime<Utc>) -> Vec<(Reason, Entry)> {
        let extra = fit.extra(day, day.minute_of(at));
        if self.book.place(fit, at, extra).is_some() {
            return Vec::new();
        }
        self.entries_in_the_way(fit, at, extra)
    }

    /// What takes the rooms that a visit at `at` would need, by room.
    pub fn against_in_rooms(&self, fit: &Fit, at: DateTime<Utc>) -> Vec<(uuid::Uuid, Entry)> {
        let occupied = fit.occupied(at);
        let rooms = self.needs.iter().flatten();
        let mut taken = Vec::new();
        for room in rooms {
            taken.extend(room.book.touching(&occupied).map(|entry| (room.id, *entry)));
        }
        taken.sort_by_key(|(room, entry)| (*room, entry.during, entry.session));
        taken.dedup_by_key(|(room, entry)| (*room, entry.session));
        taken
    }

    fn entries_in_the_way(&self, fit: &Fit, at: DateTime<Utc>, extra: i16) -> Vec<(Reason, Entry)> {
        let (visit, occupied) = (fit.visit(at), fit.occupied(at));
        let mut against = Vec::new();
        for entry in self.book.touching(&occupied).filter(|entry| entry.overbooked <= extra) {
            let is_its_group = fit.capacity > 1 && entry.kind == Some(fit.kind) && entry.visit.start == at;
            let reason = match entry.by {
                By::Elsewhere => Reason::ExternalBusy,
                _ if is_its_group => Reason::Capacity,
                _ if !entry.visit.overlaps(&visit) => Reason::Buffer,
                By::Hold { .. } => Reason::Held,
                By::Visit => Reason::Taken,
            };
            against.push((reason, *entry));
        }
        against
    }
}

/// What keeps a practitioner from working for all of a visit. Finer than a
/// [`Reason`], so that another of the same kind is seen to have come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Ground {
    Away(Away),
    /// The date has other hours, and the visit is outside them.
    Exception(Whose),
    /// The practitioner has no hours on the date.
    NoHours,
    Break,
    /// Outside the hours of that weekday.
    OutsideHours,
    /// That weekday has no hours.
    DayOff,
}

impl Ground {
    pub const fn reason(self) -> Reason {
        match self {
            Self::Away(Away { off: Off::Leave, .. }) => Reason::Leave,
            Self::Exception(_) | Self::NoHours => Reason::Exception,
            Self::Break => Reason::Break,
            Self::Away(_) | Self::OutsideHours | Self::DayOff => Reason::Closed,
        }
    }
}

/// Everything for which a practitioner does not work for all of a visit on its
/// day; nothing if they do.
pub fn grounds(schedule: &Schedule, day: &Day, visit: &Interval) -> Vec<Ground> {
    let fits = |open: Vec<_>| day.intervals(open).iter().any(|stretch| stretch.contains(visit));
    let mut grounds: Vec<Ground> = schedule.away_on(day.date).into_iter().map(Ground::Away).collect();
    let open = schedule.open_but_for_time_off(day.date);
    let is_shut = open.is_empty();
    if fits(open) {
        return grounds;
    }
    grounds.push(match schedule.exception_on(day.date) {
        // That the place is closed on the date was said.
        Some(Whose::Location | Whose::Clinic) if is_shut && !grounds.is_empty() => return grounds,
        Some(_) if is_shut => Ground::NoHours,
        Some(whose) => Ground::Exception(whose),
        None if fits(schedule.open_but_for_breaks(day.date)) => Ground::Break,
        None if is_shut => Ground::DayOff,
        None => Ground::OutsideHours,
    });
    grounds
}

/// The first reason why a practitioner does not work for all of a visit on its
/// day; none if they do.
pub fn closed(schedule: &Schedule, day: &Day, visit: &Interval) -> Option<Reason> {
    grounds(schedule, day, visit).first().map(|ground| ground.reason())
}

#[cfg(test)]
mod tests;
