//! The quick way, the explanation and the obvious way agree on random clinics.

use chrono::{Datelike, Duration, NaiveDate};
use chrono_tz::{TZ_VARIANTS, Tz};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use uuid::Uuid;

use super::*;
use crate::book::Entry;
use crate::schedule::{Minutes, Overbooking, boundary, instant, oracle};

const KIND: Uuid = Uuid::from_u128(1);

/// A clinic on one day.
#[derive(Debug)]
struct Random {
    zone: Tz,
    on: NaiveDate,
    schedule: Schedule,
    now: DateTime<Utc>,
    book: Vec<Entry>,
    /// Rooms by number, and which of them meet each need.
    rooms: Vec<Vec<Entry>>,
    needs: Vec<Vec<usize>>,
    fit: Fit,
}

fn minutes(minutes: i64) -> Duration {
    Duration::minutes(minutes)
}

/// Start, length, buffers, who, type, session and lane of an entry.
type Taking = (i64, i64, i64, i64, u8, bool, u8, i16);

fn taking() -> impl Strategy<Value = Taking> {
    (0_i64..300, 5_i64..120, 0_i64..30, 0_i64..30, 0_u8..8, any::<bool>(), 0_u8..3, select(vec![0_i16, 0, 0, 1, 2]))
        .prop_map(|(at, long, before, after, by, own, session, lane)| {
            (at * 5, long, before, after, by, own, session, lane)
        })
}

fn entry(midnight: DateTime<Utc>, now: DateTime<Utc>, taking: Taking, n: usize, group: (i64, i64, i64)) -> Entry {
    let (at, mut long, mut before, mut after, by, own, session, overbooked) = taking;
    if session == 0 && own {
        (long, before, after) = group;
    }
    let start = midnight + minutes(at);
    let visit = Interval { start, end: start + minutes(long) };
    let by = match by {
        0 => By::Elsewhere,
        1 => By::Hold { until: now },
        2 => By::Hold { until: now + minutes(3) },
        _ => By::Visit,
    };
    // A few share a session, as the seats of a group do.
    let session = if session == 0 { Uuid::from_u128(1_000 + at as u128) } else { Uuid::from_u128(10_000 + n as u128) };
    Entry {
        during: Interval { start: visit.start - minutes(before), end: visit.end + minutes(after) },
        visit,
        by,
        kind: (by != By::Elsewhere).then_some(if own { KIND } else { Uuid::nil() }),
        session,
        overbooked: if by == By::Elsewhere { 0 } else { overbooked },
    }
}

prop_compose! {
    fn random()(
        zone in select(TZ_VARIANTS.to_vec()),
        (on, schedule) in oracle::date_and_schedule(),
        taken in vec(taking(), 0..8),
        rooms in vec(vec(taking(), 0..4), 3),
        needs in vec(vec(0_usize..3, 1..3), 0..3),
        length in 5_i64..120,
        around in (0_i64..30, 0_i64..30),
        grid in select(vec![5, 15, 20, 30, 60]),
        window in (-600_i64..600, 0_i64..2000),
        capacity in select(vec![1_u32, 1, 2, 3]),
        overbooking in vec((0_i64..3, any::<bool>(), 0_i32..1440, 30_i32..600, 1_i16..3), 0..3),
    ) -> Random {
        let stretch = |from: i32, length: i32| Minutes { from, to: (from + length).min(1440) };
        let midnight = boundary(zone, on, 0);
        let now = midnight + minutes(window.0);
        let entries = |taken: Vec<Taking>| -> Vec<Entry> {
            let seats = |taking: &Taking| if taking.6 == 0 { 1 + taking.1 % 3 } else { 1 };
            let each = |(n, taking): (usize, Taking)| (0..seats(&taking)).map(move |_| entry(midnight, now, taking, n, (length, around.0, around.1)));
            taken.into_iter().enumerate().flat_map(each).collect()
        };
        let book = entries(taken);
        Random {
            zone,
            on,
            schedule,
            now,
            rooms: rooms.into_iter().enumerate().map(|(n, taken)| {
                let mut taken = entries(taken);
                // Groups meet in the first room.
                let is_group = |entry: &&Entry| n == 0 && entry.session.as_u128() < 10_000 && entry.by == By::Visit;
                taken.extend(book.iter().filter(is_group).copied());
                taken.iter_mut().for_each(|entry| entry.overbooked = 0);
                taken
            }).collect(),
            book,
            needs,
            fit: Fit {
                length: minutes(length),
                before: minutes(around.0),
                after: minutes(around.1),
                grid,
                not_before: now,
                not_after: now + minutes(window.1),
                kind: KIND,
                capacity,
                overbooking: overbooking.into_iter().map(|(later, every_day, from, length, extra)| Overbooking {
                    weekday: (!every_day).then(|| (on + Duration::days(later / 2)).weekday()),
                    hours: stretch(from, length),
                    extra,
                }).collect(),
            },
        }
    }
}

impl Random {
    /// The obvious way: every minute of the day against every entry.
    fn slow_starts(&self) -> Vec<DateTime<Utc>> {
        let open = oracle::open(&self.schedule, self.zone, self.on);
        let mut starts: Vec<_> = (0..1440)
            .filter(|minute| minute % self.fit.grid == 0)
            .filter_map(|minute| instant(self.zone, self.on, minute).map(|start| (minute, start)))
            .filter(|(_, start)| (self.fit.not_before..=self.fit.not_after).contains(start))
            .filter(|(_, start)| open.iter().any(|stretch| stretch.contains(&self.fit.visit(*start))))
            .filter(|(minute, start)| self.slow_place(*minute, *start))
            .map(|(_, start)| start)
            .collect();
        starts.sort();
        starts
    }

    fn slow_place(&self, minute: i32, start: DateTime<Utc>) -> bool {
        let occupied = self.fit.occupied(start);
        let book: Vec<&Entry> = self.book.iter().filter(|entry| self.is_live(entry)).collect();
        let mut extra = 0;
        for rule in &self.fit.overbooking {
            let is_today = rule.weekday.is_none() || rule.weekday == Some(self.on.weekday());
            if is_today && rule.hours.from <= minute && minute < rule.hours.to && rule.extra > extra {
                extra = rule.extra;
            }
        }
        let is_group =
            |entry: &&&Entry| entry.by != By::Elsewhere && entry.kind == Some(KIND) && entry.visit.start == start;
        if self.fit.capacity > 1 {
            for one in book.iter().filter(is_group) {
                let is_seat = |entry: &&&Entry| entry.by != By::Elsewhere && entry.session == one.session;
                let seats: Vec<_> = book.iter().filter(is_seat).collect();
                let first = seats.iter().min_by_key(|entry| entry.during).unwrap();
                let end = seats.iter().map(|entry| entry.during.end).max().unwrap();
                let group = Interval { start: first.during.start, end };
                if first.visit.start != start || first.kind != Some(KIND) || !group.contains(&occupied) {
                    continue;
                }
                if seats.len() < self.fit.capacity as usize {
                    return self.slow_rooms(&occupied, Some(one.session));
                }
            }
        }
        let lane_is_free = |lane: i16| {
            !book.iter().any(|entry| {
                (entry.overbooked == lane || entry.by == By::Elsewhere) && entry.during.overlaps(&occupied)
            })
        };
        (0..=extra).any(lane_is_free) && self.slow_rooms(&occupied, None)
    }

    /// Every choice of rooms.
    fn slow_rooms(&self, occupied: &Interval, session: Option<Uuid>) -> bool {
        let fits = |room: usize| {
            let live: Vec<_> = self.rooms[room].iter().filter(|entry| self.is_live(entry)).collect();
            !live.iter().any(|entry| entry.during.overlaps(occupied))
                || live.iter().any(|entry| Some(entry.session) == session && entry.during.contains(occupied))
        };
        let choices = self.needs.iter().fold(vec![Vec::new()], |choices: Vec<Vec<usize>>, need| {
            choices.iter().flat_map(|chosen| need.iter().map(|room| [chosen.as_slice(), &[*room]].concat())).collect()
        });
        choices.iter().any(|chosen| {
            let different = chosen.iter().enumerate().all(|(n, room)| !chosen[..n].contains(room));
            different && chosen.iter().all(|room| fits(*room))
        })
    }

    fn is_live(&self, entry: &Entry) -> bool {
        !matches!(entry.by, By::Hold { until } if until <= self.now)
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn a_time_is_offered_if_and_only_if_nothing_speaks_against_it(random in random()) {
        let books: Vec<Book> = random.rooms.iter().map(|entries| Book::at(random.now, entries.iter().copied())).collect();
        let needs: Vec<Vec<RoomBook<'_>>> = random
            .needs
            .iter()
            .map(|need| need.iter().map(|n| RoomBook { id: Uuid::from_u128(*n as u128), book: &books[*n] }).collect())
            .collect();
        let book = Book::at(random.now, random.book.iter().copied());
        let desk = Desk { schedule: &random.schedule, book: &book, needs: &needs };
        let day = Day::new(random.zone, random.on);
        let open = random.schedule.open_intervals(&day);

        let mut offered: Vec<_> = desk.starts(&random.fit, &day, &open).map(|(_, start)| start).collect();
        offered.sort();
        prop_assert_eq!(&offered, &random.slow_starts(), "the quick way and the obvious way");
        let open = oracle::open(&random.schedule, random.zone, random.on);

        let mut at = day.boundary(0);
        while at.with_timezone(&random.zone).date_naive() <= random.on {
            if at.with_timezone(&random.zone).date_naive() == random.on {
                let reasons = desk.reasons(&random.fit, &day, at);
                prop_assert_eq!(reasons.is_empty(), offered.contains(&at), "{} {:?}", at, reasons);
                let visit = random.fit.visit(at);
                let works = open.iter().any(|stretch| stretch.contains(&visit));
                prop_assert_eq!(grounds(&random.schedule, &day, &visit).is_empty(), works, "{}", at);
            }
            at += minutes(5);
        }
    }
}
