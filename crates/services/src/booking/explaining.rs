//! Why a time is not offered, for anyone who asks.

mod telling;

use chrono::{DateTime, Datelike, Duration, NaiveDateTime, NaiveTime, Utc};
use chrono_tz::Tz;
use domain::appointment::Named;
use domain::book::{Book, Entry};
use domain::explain::{Desk, Ground, Reason};
use domain::id::PractitionerId;
use domain::schedule::{Away, Day, Fit, Interval};
use domain::{Rejection, say};
use uuid::Uuid;

use super::scheduling::Scheduling;
use super::{Channel, books, holding, placing};
use crate::memory::Versions;
use crate::{ClinicTx, Result};

/// The moment somebody asks about.
#[derive(Clone, Copy, Debug)]
pub enum At {
    Instant(DateTime<Utc>),
    /// On the clinic's wall clock, where a time may not exist.
    Local(NaiveDateTime),
}

/// Whether a time is offered, and if not, what speaks against it with each
/// practitioner who could be meant.
#[derive(Clone, Debug)]
pub struct Explanation {
    pub offered: bool,
    pub reasons: Vec<(Named, Reason)>,
    pub time_zone: Tz,
    /// The moment as people there read it: `Tue 24 Nov, 2:00 PM`.
    pub label: String,
    /// What each reason rests on, without a word on who it is about.
    because: Vec<Vec<Because>>,
}

/// What a reason rests on.
#[derive(Clone, Copy, Debug)]
enum Because {
    Away(Away),
    Entry { resource: Uuid, entry: Entry },
}

/// A reason as staff read it.
#[derive(Clone, Debug)]
pub struct Told {
    pub practitioner: Named,
    pub reason: Reason,
    /// Which visit it is, until when it lasts: a sentence or two.
    pub detail: String,
}

impl Explanation {
    /// The reasons as a patient may know them, each once: what speaks against
    /// the time whoever it is with.
    pub fn for_patients(&self) -> Vec<Reason> {
        let mut safe: Vec<Reason> = self.reasons.iter().map(|(_, reason)| reason.for_patients()).collect();
        safe.sort();
        safe.dedup();
        safe
    }

    /// The reasons as staff read them, with whose visit is in the way. Not for
    /// a patient.
    pub async fn for_staff(&self, tx: &mut ClinicTx) -> Result<Vec<Told>> {
        telling::tell(tx, self).await
    }
}

/// Why a visit of this type cannot start at a moment, with one practitioner or
/// with anyone. There are no reasons if and only if the time is offered.
///
/// # Errors
///
/// Rejected with `not_found` if nobody offers such a visit, `forbidden` if it
/// cannot be booked on this channel, and `invalid` if the moment is in no year
/// a person would write.
pub async fn explain(
    tx: &mut ClinicTx,
    now: DateTime<Utc>,
    appointment_type: &str,
    practitioner: Option<PractitionerId>,
    channel: Channel,
    at: At,
) -> Result<Explanation> {
    check_year(at)?;
    let versions = Versions::read(tx).await?;
    let scheduling = Scheduling::at(tx, versions.settings).await?;
    let zone = scheduling.zone;
    let kind = scheduling.active_type(appointment_type)?;
    holding::check_mode(kind.modes.of(channel))?;
    let practitioners: Vec<_> =
        scheduling.offering(kind.reference.id, practitioner.map(PractitionerId::uuid)).collect();
    if practitioners.is_empty() {
        return Err(Rejection::not_found().into());
    }
    let mut explanation = Explanation {
        offered: false,
        reasons: Vec::new(),
        time_zone: zone,
        label: label(at, zone),
        because: Vec::new(),
    };
    let Some((day, at)) = moment(at, zone) else {
        let gap = practitioners.iter().map(|who| (who.named.clone(), Reason::ZoneGap));
        explanation.reasons.extend(gap);
        explanation.because.resize(explanation.reasons.len(), Vec::new());
        return Ok(explanation);
    };
    let fit = kind.fit(now);
    let rooms: Vec<Vec<Vec<Uuid>>> =
        practitioners.iter().map(|who| scheduling.rooms_for(kind, who).collect()).collect();
    let mut resources: Vec<Uuid> = practitioners.iter().map(|who| who.named.id).collect();
    resources.extend(rooms.iter().flatten().flatten());
    resources.sort();
    resources.dedup();
    let occupied = fit.occupied(at);
    let books =
        books::read(tx, now, &versions, &resources, Interval { start: occupied.start, end: occupied.end }).await?;
    let empty = Book::default();
    let book = |id: Uuid| books.get(&id).map_or(&empty, AsRef::as_ref);
    for (who, rooms) in practitioners.into_iter().zip(&rooms) {
        let schedule = scheduling.schedule_of(who);
        let needs = placing::needs(rooms, book);
        let desk = Desk { schedule: &schedule, book: book(who.named.id), needs: &needs };
        let against = desk.reasons(&fit, &day, at);
        if against.is_empty() {
            return Ok(Explanation { offered: true, reasons: Vec::new(), because: Vec::new(), ..explanation });
        }
        for reason in against {
            explanation.reasons.push((who.named.clone(), reason));
            explanation.because.push(because(&desk, who.named.id, &fit, &day, at, reason));
        }
    }
    Ok(explanation)
}

fn because(desk: &Desk<'_>, who: Uuid, fit: &Fit, day: &Day, at: DateTime<Utc>, reason: Reason) -> Vec<Because> {
    match reason {
        Reason::Leave | Reason::Closed => desk
            .schedule
            .away_on(day.date)
            .into_iter()
            .filter(|away| Ground::Away(*away).reason() == reason)
            .map(Because::Away)
            .collect(),
        Reason::Room => {
            let taken = desk.against_in_rooms(fit, at).into_iter();
            taken.map(|(resource, entry)| Because::Entry { resource, entry }).collect()
        }
        _ => {
            let against = desk.against(fit, day, at).into_iter().filter(|(why, _)| *why == reason);
            against.map(|(_, entry)| Because::Entry { resource: who, entry }).collect()
        }
    }
}

fn check_year(at: At) -> Result<(), Rejection> {
    let year = match at {
        At::Instant(at) => at.year(),
        At::Local(local) => local.year(),
    };
    if (1..=9_999).contains(&year) {
        return Ok(());
    }
    Err(Rejection::invalid("at", "Please ask about a moment of a year from 1 to 9999."))
}

/// The local day and instant; none where the clocks skip it.
fn moment(at: At, zone: Tz) -> Option<(Day, DateTime<Utc>)> {
    match at {
        At::Instant(at) => Some((Day::of(zone, at), at)),
        At::Local(local) => {
            let day = Day::new(zone, local.date());
            let since = local.time() - NaiveTime::MIN;
            let minute = i32::try_from(since.num_minutes()).unwrap_or(0);
            day.instant(minute).map(|at| (day, at + (since - Duration::minutes(minute.into()))))
        }
    }
}

fn label(at: At, zone: Tz) -> String {
    match at {
        At::Instant(at) => say::moment(at, zone),
        At::Local(local) => local.format("%a %-d %b, %-I:%M %p").to_string(),
    }
}
