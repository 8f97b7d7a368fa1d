//! What is free.

use chrono::{DateTime, Datelike, Duration, NaiveDate, Utc};
use chrono_tz::Tz;
use domain::Rejection;
use domain::appointment::{Named, Slot, TypeRef, Why};
use domain::book::Book;
use domain::explain::Desk;
use domain::id::{ConversationId, PatientId, PractitionerId};
use domain::say;
use domain::schedule::{Day, Interval, Schedule, span};
use uuid::Uuid;

use super::scheduling::{Scheduling, dates};
use super::{Channel, Owner, SlotClaim, SlotSigner, books, holding, placing};
use crate::memory::Versions;
use crate::{ClinicTx, Result};

/// The longest run of days one question may cover.
pub const MOST_DAYS: i64 = 62;

/// What a patient would like.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// An id or a slug.
    pub appointment_type: String,
    /// None for any practitioner who offers it.
    pub practitioner: Option<PractitionerId>,
    /// Of any practitioners who are free at a time, whom to choose first: whom
    /// the patient saw last.
    pub usual: Option<PractitionerId>,
    /// Of practitioners who are free at a time all, instead of one.
    pub every_practitioner: bool,
    pub channel: Channel,
    /// Dates in the clinic's zone, both included.
    pub from: NaiveDate,
    pub to: NaiveDate,
    /// The first so many days that have such times; all without.
    pub days: Option<usize>,
    /// Starts no earlier than this minute of the day, and no later.
    pub earliest: Option<u32>,
    pub latest: Option<u32>,
    /// Of more slots than `limit`, keep those closest to this minute.
    pub near: Option<u32>,
    pub limit: usize,
}

impl Wanted {
    /// Any time of a type with anyone, between two dates.
    pub fn of(appointment_type: impl Into<String>, channel: Channel, from: NaiveDate, to: NaiveDate) -> Self {
        Self {
            appointment_type: appointment_type.into(),
            practitioner: None,
            usual: None,
            every_practitioner: false,
            channel,
            from,
            to,
            days: None,
            earliest: None,
            latest: None,
            near: None,
            limit: usize::MAX,
        }
    }
}

/// The answer, earliest first.
#[derive(Clone, Debug)]
pub struct Available {
    pub time_zone: Tz,
    pub slots: Vec<OpenSlot>,
    /// When a hold that was counted runs out, after which more may be free.
    pub good_until: Option<DateTime<Utc>>,
    /// The last date that was looked at.
    pub to: NaiveDate,
}

/// A free time, not yet shown to anybody.
#[derive(Clone, Debug)]
pub struct OpenSlot {
    pub claim: SlotClaim,
    pub ends_at: DateTime<Utc>,
    pub practitioner: Named,
    pub appointment_type: TypeRef,
    /// Why this practitioner, of all who are free then.
    pub why: Why,
}

impl OpenSlot {
    /// The slot as it is shown to `owner`, signed for them alone.
    pub fn shown(
        &self,
        signer: &SlotSigner,
        clinic: domain::id::ClinicId,
        owner: Owner,
        zone: Tz,
        now: DateTime<Utc>,
    ) -> Slot {
        let starts_at = self.claim.starts_at;
        let (time, day) = (say::time(starts_at, zone), say::day(starts_at, zone));
        Slot {
            slot: signer.sign(clinic, owner, &self.claim, now),
            starts_at,
            ends_at: self.ends_at,
            practitioner: self.practitioner.clone(),
            appointment_type: self.appointment_type.clone(),
            verified: true,
            label: format!("{day}, {time} with {}", self.practitioner.name),
            time,
            day,
            local: say::local(starts_at, zone),
            why: self.why,
        }
    }
}

/// The free times for what is wanted: hours minus what is taken. For any
/// practitioner, one slot for each start, with whom the patient usually sees,
/// or else who has least booked that day, or else who has been idle longest.
///
/// # Errors
///
/// Rejected with `not_found` if the type is not offered, `forbidden` if not on
/// this channel, `invalid` if the dates are the wrong way round, more than
/// [`MOST_DAYS`] apart or in no year a person would write.
pub async fn available(tx: &mut ClinicTx, now: DateTime<Utc>, wanted: &Wanted) -> Result<Available> {
    check_dates(wanted)?;
    let versions = Versions::read(tx).await?;
    let scheduling = Scheduling::at(tx, versions.settings).await?;
    let zone = scheduling.zone;
    let kind = scheduling.active_type(&wanted.appointment_type)?;
    holding::check_mode(kind.modes.of(wanted.channel))?;
    let fit = kind.fit(now);
    let practitioners: Vec<_> =
        scheduling.offering(kind.reference.id, wanted.practitioner.map(PractitionerId::uuid)).collect();
    let rooms: Vec<Vec<Vec<Uuid>>> =
        practitioners.iter().map(|who| scheduling.rooms_for(kind, who).collect()).collect();
    let mut resources: Vec<Uuid> = practitioners.iter().map(|practitioner| practitioner.named.id).collect();
    resources.extend(rooms.iter().flatten().flatten());
    resources.sort();
    resources.dedup();
    let around = span(zone, wanted.from, wanted.to);
    let around = Interval { start: around.start - fit.before, end: around.end + fit.length + fit.after };
    let books = books::read(tx, now, &versions, &resources, around).await?;

    let empty = Book::default();
    let book = |id: Uuid| books.get(&id).map_or(&empty, AsRef::as_ref);
    let needs: Vec<_> = rooms.iter().map(|rooms| placing::needs(rooms, book)).collect();
    let schedules: Vec<Schedule> = practitioners.iter().map(|who| scheduling.schedule_of(who)).collect();
    let desks: Vec<Desk<'_>> = practitioners
        .iter()
        .zip(&schedules)
        .zip(&needs)
        .map(|((who, schedule), needs)| Desk { schedule, book: book(who.named.id), needs })
        .collect();
    let usual = wanted.usual.and_then(|id| practitioners.iter().position(|who| who.named.id == id.uuid()));

    let mut slots = Vec::new();
    let mut days_found = 0;
    let mut last = wanted.to;
    for date in dates(wanted.from, wanted.to) {
        let day = Day::new(zone, date);
        let mut free: Vec<(DateTime<Utc>, usize)> = Vec::new();
        for (who, desk) in desks.iter().enumerate() {
            let open = desk.schedule.open_intervals(&day);
            let starts = desk.starts(&fit, &day, &open).filter(|(minute, _)| wanted.allows(*minute));
            free.extend(starts.map(|(_, start)| (start, who)));
        }
        free.sort_unstable();
        let mut choice = Choice::new(&desks, &day, usual, wanted.practitioner.is_some());
        let mut offer = |starts_at: DateTime<Utc>, who: usize, why: Why| {
            slots.push(OpenSlot {
                claim: SlotClaim {
                    practitioner_id: practitioners[who].named.id.into(),
                    appointment_type_id: kind.reference.id.into(),
                    starts_at,
                },
                ends_at: starts_at + fit.length,
                practitioner: practitioners[who].named.clone(),
                appointment_type: kind.reference.clone(),
                why,
            });
        };
        for at_once in free.chunk_by(|one, other| one.0 == other.0) {
            if wanted.every_practitioner {
                at_once.iter().for_each(|(start, who)| offer(*start, *who, Why::Asked));
            } else {
                let (who, why) = choice.of(at_once);
                offer(at_once[0].0, who, why);
            }
        }
        days_found += usize::from(!free.is_empty());
        if wanted.days.is_some_and(|days| days_found >= days) || day.span().start > fit.not_after {
            last = date;
            break;
        }
    }
    wanted.keep_best(&mut slots, zone);
    let good_until = books.values().filter_map(|book| book.good_until()).min();
    Ok(Available { time_zone: zone, slots, good_until, to: last })
}

/// Who of several who are free at once, and why.
struct Choice<'a> {
    desks: &'a [Desk<'a>],
    usual: Option<usize>,
    was_asked: bool,
    /// Visits of each practitioner on the day.
    booked: Vec<usize>,
}

impl<'a> Choice<'a> {
    fn new(desks: &'a [Desk<'a>], day: &Day, usual: Option<usize>, was_asked: bool) -> Self {
        let span = day.span();
        Self { desks, usual, was_asked, booked: desks.iter().map(|desk| desk.book.visits_within(&span)).collect() }
    }

    fn of(&mut self, free: &[(DateTime<Utc>, usize)]) -> (usize, Why) {
        let (start, first) = free[0];
        if self.was_asked {
            return (first, Why::Asked);
        }
        if let Some(usual) = self.usual.filter(|usual| free.iter().any(|(_, who)| who == usual)) {
            return (usual, Why::Usual);
        }
        if free.len() == 1 {
            return (first, Why::Only);
        }
        let least = free.iter().map(|(_, who)| self.booked[*who]).min().unwrap_or(0);
        let mut least_booked = free.iter().map(|(_, who)| *who).filter(|who| self.booked[*who] == least);
        let best = least_booked.clone().next().unwrap_or(first);
        if least_booked.clone().count() == 1 {
            return (best, Why::LeastBooked);
        }
        // Whoever has not seen anybody yet has been idle longest.
        let idle_since = |who: &usize| self.desks[*who].book.idle_since(start);
        let longest = least_booked.clone().map(|who| idle_since(&who)).min().flatten();
        let is_longest = |who: &usize| idle_since(who) == longest;
        let idle = least_booked.clone().filter(is_longest).count();
        let best = least_booked.find(is_longest).unwrap_or(best);
        let all_alike = idle == free.len();
        (
            best,
            if all_alike {
                Why::First
            } else if idle == 1 || least > 0 {
                Why::LongestIdle
            } else {
                Why::LeastBooked
            },
        )
    }
}

impl Wanted {
    fn allows(&self, minute: i32) -> bool {
        let minute = u32::try_from(minute).unwrap_or(0);
        self.earliest.is_none_or(|earliest| minute >= earliest) && self.latest.is_none_or(|latest| minute <= latest)
    }

    fn keep_best(&self, slots: &mut Vec<OpenSlot>, zone: Tz) {
        if slots.len() > self.limit
            && let Some(near) = self.near
        {
            slots.sort_by_key(|slot| (minute_of(slot.claim.starts_at, zone).abs_diff(near), slot.claim.starts_at));
            slots.truncate(self.limit);
            slots.sort_by_key(|slot| slot.claim.starts_at);
        }
        slots.truncate(self.limit);
    }
}

fn minute_of(at: DateTime<Utc>, zone: Tz) -> u32 {
    let local = at.with_timezone(&zone);
    chrono::Timelike::hour(&local) * 60 + chrono::Timelike::minute(&local)
}

fn check_dates(wanted: &Wanted) -> Result<(), Rejection> {
    if !(1..=9_999).contains(&wanted.from.year()) || !(1..=9_999).contains(&wanted.to.year()) {
        return Err(Rejection::invalid("from", "Please ask for days of a year from 1 to 9999."));
    }
    let days = (wanted.to - wanted.from).num_days();
    if days < 0 {
        return Err(Rejection::invalid("to", "The last day is before the first."));
    }
    // A search for the first few days ends when it has found them.
    let most = if wanted.days.is_some() { 2 * 366 } else { MOST_DAYS };
    if days >= most {
        return Err(Rejection::invalid("to", format!("Please ask for at most {most} days.")));
    }
    Ok(())
}

/// How far ahead a type can be booked, as the last date to look at.
///
/// # Errors
///
/// Rejected with `not_found` if there is no such type.
pub async fn furthest(tx: &mut ClinicTx, now: DateTime<Utc>, appointment_type: &str) -> Result<NaiveDate> {
    let scheduling = Scheduling::current(tx).await?;
    let kind = scheduling.active_type(appointment_type)?;
    let today = now.with_timezone(&scheduling.zone).date_naive();
    Ok(today + Duration::days(kind.horizon_days.into()))
}

/// Whom the patient of a conversation saw last, or is to see.
pub async fn usual_in(tx: &mut ClinicTx, conversation: ConversationId) -> Result<Option<PractitionerId>> {
    let patient =
        sqlx::query_scalar!("select patient_id from conversations where conversation_id = $1", conversation.uuid())
            .fetch_optional(tx.conn())
            .await?;
    match patient.flatten() {
        Some(patient) => usual(tx, patient.into()).await,
        None => Ok(None),
    }
}

/// Whom a patient saw last, or is to see.
pub async fn usual(tx: &mut ClinicTx, patient: PatientId) -> Result<Option<PractitionerId>> {
    let practitioner = sqlx::query_scalar!(
        "select practitioner_id from appointments
         where patient_id = $1 and status <> 'cancelled'
         order by starts_at desc
         limit 1",
        patient.uuid()
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(practitioner.map(Into::into))
}
