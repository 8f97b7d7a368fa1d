//! What speaks against a visit, so finely that one more of a kind is told from
//! what was known.

use std::fmt;

use domain::explain::{self, Reason};
use domain::schedule::{Away, Day, Interval, Off, Whose};
use uuid::Uuid;

use crate::booking::scheduling::Scheduling;

/// One thing that speaks against a visit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ground {
    /// Its practitioner sees nobody here any more.
    Gone,
    /// Its type is no longer offered by anyone.
    Retired,
    /// Its type is no longer offered by its practitioner.
    Unoffered,
    Closed(explain::Ground),
    /// Its practitioner is busy otherwise.
    Busy(Uuid),
    /// So many of its needs, less one, are met by no room.
    Room(usize),
}

/// The time that a visit or a hold takes.
#[derive(Clone, Copy, Debug)]
pub struct Taken {
    pub practitioner: Uuid,
    pub kind: Uuid,
    pub visit: Interval,
}

impl Ground {
    pub const fn reason(&self) -> Reason {
        match self {
            Self::Gone | Self::Retired | Self::Unoffered => Reason::NotOffered,
            Self::Closed(ground) => ground.reason(),
            Self::Busy(_) => Reason::ExternalBusy,
            Self::Room(_) => Reason::Room,
        }
    }
}

/// As it is kept beside a decision: what it means must not change.
impl fmt::Display for Ground {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Gone => f.write_str("practitioner"),
            Self::Retired => f.write_str("type"),
            Self::Unoffered => f.write_str("offer"),
            Self::Closed(explain::Ground::Away(Away { off, from, to })) => {
                let what = match off {
                    Off::Leave => "leave",
                    Off::LocationClosure => "location closed",
                    Off::Closure => "closed",
                };
                write!(f, "{what} {from} {to}")
            }
            Self::Closed(explain::Ground::Exception(whose)) => write!(f, "other hours {}", owner(*whose)),
            Self::Closed(explain::Ground::NoHours) => f.write_str("no hours"),
            Self::Closed(explain::Ground::Break) => f.write_str("break"),
            Self::Closed(explain::Ground::OutsideHours) => f.write_str("outside hours"),
            Self::Closed(explain::Ground::DayOff) => f.write_str("day off"),
            Self::Busy(id) => write!(f, "busy {id}"),
            Self::Room(number) => write!(f, "room {number}"),
        }
    }
}

const fn owner(whose: Whose) -> &'static str {
    match whose {
        Whose::Own => "own",
        Whose::Location => "location",
        Whose::Clinic => "clinic",
    }
}

/// Everything that speaks against what stands in these rooms, while its
/// practitioner is busy with these other things.
pub fn of(scheduling: &Scheduling, taken: &Taken, rooms: &[Uuid], busy: &[Uuid]) -> Vec<Ground> {
    let mut grounds = Vec::new();
    let (kind, practitioner) = (scheduling.kind(taken.kind), scheduling.practitioner(taken.practitioner));
    if !kind.is_some_and(|kind| kind.active) {
        grounds.push(Ground::Retired);
    }
    if let Some(practitioner) = practitioner {
        if !practitioner.active {
            grounds.push(Ground::Gone);
        } else if !practitioner.offers.contains(&taken.kind) {
            grounds.push(Ground::Unoffered);
        }
        let day = Day::of(scheduling.zone, taken.visit.start);
        let schedule = scheduling.schedule_of(practitioner);
        grounds.extend(explain::grounds(&schedule, &day, &taken.visit).into_iter().map(Ground::Closed));
    }
    grounds.extend(busy.iter().copied().map(Ground::Busy));
    if let (Some(kind), Some(practitioner)) = (kind, practitioner) {
        let needs: Vec<Vec<Uuid>> = scheduling
            .rooms_for(kind, practitioner)
            .map(|need| need.into_iter().filter(|room| rooms.contains(room)).collect())
            .collect();
        let met = most_met(&needs, &mut Vec::new());
        grounds.extend((0..needs.len() - met).map(Ground::Room));
    }
    grounds
}

/// How many of these needs can be met at once, each by another room.
fn most_met(needs: &[Vec<Uuid>], used: &mut Vec<Uuid>) -> usize {
    let Some((need, others)) = needs.split_first() else { return 0 };
    let mut most = most_met(others, used);
    for room in need {
        if !used.contains(room) {
            used.push(*room);
            most = most.max(1 + most_met(others, used));
            used.pop();
        }
    }
    most
}
