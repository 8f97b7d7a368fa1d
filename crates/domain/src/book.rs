//! What is taken of a practitioner's or a room's time, and where another
//! visit would stand in it.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::schedule::{Fit, Interval};

/// Something in a book.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The visit and the time kept free around it.
    pub during: Interval,
    pub visit: Interval,
    pub by: By,
    /// Which type of visit it is; none for time spent otherwise.
    pub kind: Option<Uuid>,
    /// Patients who share a visit share its session.
    pub session: Uuid,
    /// 0 in the ordinary book, above it among what is overbooked on purpose.
    pub overbooked: i16,
}

/// What takes a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// An appointment, or a request for one.
    Visit,
    /// Somebody who is choosing it, up to an instant.
    Hold { until: DateTime<Utc> },
    /// Something other than visits: blocked by staff, or in another calendar.
    Elsewhere,
}

/// Where a visit would stand in a practitioner's book.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// A time of its own.
    Own { overbooked: i16 },
    /// A seat in a group's visit.
    Seat { session: Uuid, overbooked: i16 },
}

/// One practitioner's or room's book, as it is at an instant.
#[derive(Clone, Debug, Default)]
pub struct Book {
    /// By start.
    entries: Vec<Entry>,
    /// What is taken in the ordinary book and above it; disjoint, in order.
    lanes: Vec<Vec<Interval>>,
    /// What is taken of every lane.
    elsewhere: Vec<Interval>,
    sessions: Vec<Session>,
    /// The longest entry, which says how far back an overlap may begin.
    longest: chrono::Duration,
    good_until: Option<DateTime<Utc>>,
}

#[derive(Clone, Copy, Debug)]
struct Session {
    start: DateTime<Utc>,
    kind: Uuid,
    id: Uuid,
    during: Interval,
    overbooked: i16,
    taken: u32,
}

impl Book {
    /// The book at `now`: a hold that has run out takes nothing, whether or not
    /// it was swept.
    pub fn at(now: DateTime<Utc>, entries: impl IntoIterator<Item = Entry>) -> Self {
        let mut book = Self::default();
        book.entries
            .extend(entries.into_iter().filter(|entry| !matches!(entry.by, By::Hold { until } if until <= now)));
        book.entries.sort_by_key(|entry| (entry.during, entry.session));
        for entry in &book.entries {
            book.longest = book.longest.max(entry.during.end - entry.during.start);
            if let By::Hold { until } = entry.by {
                book.good_until = Some(book.good_until.map_or(until, |first| first.min(until)));
            }
            match entry.by {
                By::Elsewhere => join(&mut book.elsewhere, entry.during),
                By::Visit | By::Hold { .. } => seat(&mut book.sessions, entry, book.longest),
            }
        }
        let most = book.entries.iter().map(|entry| entry.overbooked).max().unwrap_or(0);
        book.lanes = (0..=most).map(|lane| book.lane(lane)).collect();
        book.sessions.sort_by_key(|session| session.start);
        book
    }

    fn lane(&self, lane: i16) -> Vec<Interval> {
        let mut taken = Vec::new();
        for entry in self.entries.iter().filter(|entry| entry.by == By::Elsewhere || entry.overbooked == lane) {
            join(&mut taken, entry.during);
        }
        taken
    }

    /// When a hold in it runs out first, after which it is another book.
    pub fn good_until(&self) -> Option<DateTime<Utc>> {
        self.good_until
    }

    /// Where a visit at `start` would stand, if there is a place for it; `extra`
    /// is how many may be taken over each other there.
    pub fn place(&self, fit: &Fit, start: DateTime<Utc>, extra: i16) -> Option<Place> {
        let occupied = fit.occupied(start);
        let seat = || {
            self.sessions_at(fit, start).find(|group| group.taken < fit.capacity && group.during.contains(&occupied))
        };
        if fit.capacity > 1
            && let Some(group) = seat()
        {
            return Some(Place::Seat { session: group.id, overbooked: group.overbooked });
        }
        (0..=extra).find(|lane| self.is_free(*lane, &occupied)).map(|overbooked| Place::Own { overbooked })
    }

    /// Whether nothing in the ordinary book touches `time`.
    pub fn is_clear(&self, time: &Interval) -> bool {
        self.is_free(0, time)
    }

    fn is_free(&self, lane: i16, time: &Interval) -> bool {
        let lane = usize::try_from(lane).ok().and_then(|lane| self.lanes.get(lane)).unwrap_or(&self.elsewhere);
        let next = lane.partition_point(|taken| taken.end <= time.start);
        lane.get(next).is_none_or(|taken| !taken.overlaps(time))
    }

    fn sessions_at(&self, fit: &Fit, start: DateTime<Utc>) -> impl Iterator<Item = &Session> {
        let first = self.sessions.partition_point(|session| session.start < start);
        let (kind, sessions) = (fit.kind, &self.sessions[first..]);
        sessions.iter().take_while(move |session| session.start == start).filter(move |session| session.kind == kind)
    }

    /// Whether this is where a group already meets for all of `time`.
    pub fn hosts(&self, session: Uuid, time: &Interval) -> bool {
        self.touching(time).any(|entry| entry.session == session && entry.during.contains(time))
    }

    /// Whatever touches `time`.
    pub fn touching<'a>(&'a self, time: &'a Interval) -> impl Iterator<Item = &'a Entry> {
        let first = self.entries.partition_point(|entry| entry.during.start + self.longest <= time.start);
        let before_end = self.entries[first..].iter().take_while(|entry| entry.during.start < time.end);
        before_end.filter(|entry| entry.during.overlaps(time))
    }

    /// How many visits begin within `time`; a group's is one.
    pub fn visits_within(&self, time: &Interval) -> usize {
        let first = self.sessions.partition_point(|session| session.start < time.start);
        self.sessions[first..].iter().take_while(|session| session.start < time.end).count()
    }

    /// When the last visit before `start` ends, the time kept free after it
    /// included.
    pub fn idle_since(&self, start: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let next = self.sessions.partition_point(|session| session.start < start);
        self.sessions[..next].iter().rev().take(20).map(|session| session.during.end).max()
    }
}

/// Adds a stretch that begins no earlier than the last.
fn join(taken: &mut Vec<Interval>, time: Interval) {
    match taken.last_mut() {
        Some(last) if time.start <= last.end => last.end = last.end.max(time.end),
        _ => taken.push(time),
    }
}

fn seat(sessions: &mut Vec<Session>, entry: &Entry, longest: chrono::Duration) {
    // Seats of one session overlap, whatever was kept free around each when it
    // was taken; and no entry so far is longer than the longest.
    let near = sessions.iter_mut().rev().take_while(|session| session.during.start + longest > entry.during.start);
    let mut near = near.filter(|session| session.id == entry.session);
    match near.next() {
        Some(session) => {
            session.taken += 1;
            session.during.end = session.during.end.max(entry.during.end);
        }
        None => sessions.push(Session {
            start: entry.visit.start,
            kind: entry.kind.unwrap_or_default(),
            id: entry.session,
            during: entry.during,
            overbooked: entry.overbooked,
            taken: 1,
        }),
    }
}

/// A room by its book.
#[derive(Clone, Copy, Debug)]
pub struct RoomBook<'a> {
    pub id: Uuid,
    pub book: &'a Book,
}

/// A room for each need, each another, all free for `time`; a group stays
/// where it is. None if there is no such choice.
pub fn rooms(needs: &[Vec<RoomBook<'_>>], time: &Interval, place: Place) -> Option<Vec<Uuid>> {
    let mut chosen = Vec::with_capacity(needs.len());
    choose(needs, time, place, &mut chosen).then_some(chosen)
}

fn choose(needs: &[Vec<RoomBook<'_>>], time: &Interval, place: Place, chosen: &mut Vec<Uuid>) -> bool {
    let Some(need) = needs.get(chosen.len()) else { return true };
    let hosts = |room: &&RoomBook<'_>| matches!(place, Place::Seat { session, .. } if room.book.hosts(session, time));
    let own = need.iter().filter(hosts);
    for room in own.chain(need.iter().filter(|room| room.book.is_clear(time))) {
        if chosen.contains(&room.id) {
            continue;
        }
        chosen.push(room.id);
        if choose(needs, time, place, chosen) {
            return true;
        }
        chosen.pop();
    }
    false
}
