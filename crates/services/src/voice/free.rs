//! Which time a caller wishes, and what is free.

use chrono::{DateTime, Duration, NaiveDate, NaiveDateTime, NaiveTime, Timelike, Utc};
use domain::id::{AppointmentTypeId, PractitionerId};
use domain::schedule::Day;

use super::acts::refuse;
use super::finding;
use super::wording::Unclear;
use super::{Arguments, Desk, Line, Request, Tool};
use crate::booking::{Channel, Wanted, availability, available};
use crate::{ClinicTx, Result, clinics};

/// How many times are offered at once: more than that nobody remembers.
const MOST: usize = 3;

/// How far around a wish there is a look for others.
const BEFORE: Duration = Duration::days(3);
const AFTER: Duration = Duration::days(14);

/// What kind of visit, and with whom if it matters.
#[derive(Clone, Debug)]
pub(super) struct What {
    pub id: AppointmentTypeId,
    pub name: String,
    pub practitioner: Option<PractitionerId>,
}

/// The kind of visit that the arguments name.
///
/// # Errors
///
/// Rejected, in words for the caller, if there is none such.
pub(super) async fn what(tx: &mut ClinicTx, desk: &Desk, arguments: &Arguments) -> Result<What> {
    let types = clinics::appointment_types(tx, Channel::Voice).await?;
    let asked = arguments.get(&["serviceType", "service", "appointmentType"]);
    let is_meant = |slug: &str, name: &str, id: &str| {
        asked.is_some_and(|asked| [slug, name, id].iter().any(|known| alike(asked, known)))
    };
    let found = match (asked, types.as_slice()) {
        (None, [only]) => Some(only),
        _ => types.iter().find(|kind| is_meant(&kind.slug, &kind.name, &kind.id.to_string())),
    };
    let Some(found) = found else {
        let names: Vec<String> = types.into_iter().map(|kind| kind.name).collect();
        return Err(refuse(desk.words.which_type(&names)));
    };
    let practitioner = match arguments.get(&["practitionerName", "practitioner", "provider"]) {
        Some(name) => Some(practitioner(tx, desk, name).await?),
        None => None,
    };
    Ok(What { id: found.id, name: found.name.clone(), practitioner })
}

async fn practitioner(tx: &mut ClinicTx, desk: &Desk, asked: &str) -> Result<PractitionerId> {
    let known = clinics::practitioners(tx).await?;
    let part = |name: &str| name.split_whitespace().any(|word| alike(word, asked));
    let whole = known.iter().find(|who| alike(&who.name, asked) || who.id.to_string() == asked);
    match whole.or_else(|| known.iter().find(|who| part(&who.name))) {
        Some(who) => Ok(who.id),
        None => {
            let names: Vec<String> = known.into_iter().map(|who| who.name).collect();
            Err(refuse(desk.words.which_practitioner(&names)))
        }
    }
}

/// Whether both are the same, but for capitals and what stands between words.
fn alike(one: &str, other: &str) -> bool {
    let plain = |text: &str| -> String {
        let letters = text.chars().map(|letter| if letter.is_alphanumeric() { letter } else { ' ' });
        let text: String = letters.flat_map(char::to_lowercase).collect();
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    plain(one) == plain(other)
}

/// The local time that the arguments name.
///
/// # Errors
///
/// Rejected, in words for the caller, if it is missing, unreadable or past.
pub(super) fn when(desk: &Desk, arguments: &Arguments) -> Result<NaiveDateTime> {
    let unclear = |what| refuse(desk.words.unclear(what));
    let date = arguments.date(&["appointmentDate", "newDate", "date"]).ok().flatten();
    let time = arguments.time(&["appointmentTime", "newTime", "time"]).ok().flatten();
    let date = date.ok_or_else(|| unclear(Unclear::Date))?;
    let at = date.and_time(time.ok_or_else(|| unclear(Unclear::Time))?);
    let is_past = Day::new(desk.words.zone, date).boundary(minute(at.time())) <= desk.now;
    if is_past { Err(refuse(desk.words.past())) } else { Ok(at) }
}

/// A local time as an instant; none where the clocks skip it.
pub(super) fn instant(desk: &Desk, at: NaiveDateTime) -> Option<DateTime<Utc>> {
    Day::new(desk.words.zone, at.date()).instant(minute(at.time()))
}

fn minute(time: NaiveTime) -> i32 {
    i32::try_from(time.num_seconds_from_midnight() / 60).unwrap_or(0)
}

/// The one free time at a moment.
pub(super) async fn at(
    tx: &mut ClinicTx,
    desk: &Desk,
    what: &What,
    at: NaiveDateTime,
    usual: Option<PractitionerId>,
) -> Result<Option<crate::booking::SlotClaim>> {
    let minute = u32::try_from(minute(at.time())).ok();
    let wanted = Wanted {
        practitioner: what.practitioner,
        usual,
        earliest: minute,
        latest: minute,
        limit: 1,
        ..Wanted::of(what.id.to_string(), Channel::Voice, at.date(), at.date())
    };
    let found = available(tx, desk.now, &wanted).await?;
    Ok(found.slots.first().map(|slot| slot.claim))
}

/// What else is free, when what was wished for is not.
///
/// # Errors
///
/// Rejected if the request names no time.
pub(super) async fn instead(tx: &mut ClinicTx, desk: &Desk, line: &Line, request: &Request) -> Result<String> {
    let arguments = &request.arguments;
    let what = match request.tool {
        Tool::Reschedule => {
            let on = current_date(desk, arguments)?;
            let proven = finding::proven(tx, desk, line, arguments).await?;
            let visit = finding::one_to_come(desk, proven, on).map_err(refuse)?;
            What { id: visit.appointment_type.id.into(), name: visit.appointment_type.name, practitioner: None }
        }
        _ => what(tx, desk, arguments).await?,
    };
    let at = when(desk, arguments)?;
    let words = &desk.words;
    let times = nearest(tx, desk, &what, at).await?;
    let rest = if times.is_empty() { words.nothing_free(&what.name) } else { words.offer(&what.name, &times) };
    Ok(format!("{} {rest}", words.not_free(at)))
}

/// On which day the visit is that is to be moved, if the arguments say so.
///
/// # Errors
///
/// Rejected, in words for the caller, if it cannot be read.
pub(super) fn current_date(desk: &Desk, arguments: &Arguments) -> Result<Option<NaiveDate>> {
    let date = arguments.date(&["currentDate", "currentAppointmentDate", "oldDate"]);
    date.map_err(|_| refuse(desk.words.unclear(Unclear::Date)))
}

/// The free times closest to a moment, in order.
async fn nearest(tx: &mut ClinicTx, desk: &Desk, what: &What, at: NaiveDateTime) -> Result<Vec<DateTime<Utc>>> {
    let wished = Day::new(desk.words.zone, at.date()).boundary(minute(at.time()));
    let from = (at.date() - BEFORE).max(desk.words.today);
    let around = Wanted {
        practitioner: what.practitioner,
        ..Wanted::of(what.id.to_string(), Channel::Voice, from, (at.date() + AFTER).max(from))
    };
    let mut times = starts(tx, desk, &around).await?;
    if times.is_empty() {
        times = next_days(tx, desk, what, 1).await?;
    }
    times.sort_by_key(|time| ((*time - wished).abs(), *time));
    times.truncate(MOST);
    times.sort();
    Ok(times)
}

/// The free times of the first days that have any.
async fn next_days(tx: &mut ClinicTx, desk: &Desk, what: &What, days: usize) -> Result<Vec<DateTime<Utc>>> {
    let kind = what.id.to_string();
    let to = availability::furthest(tx, desk.now, &kind).await?;
    let wanted = Wanted {
        practitioner: what.practitioner,
        days: Some(days),
        ..Wanted::of(kind, Channel::Voice, desk.words.today, to.max(desk.words.today))
    };
    starts(tx, desk, &wanted).await
}

async fn starts(tx: &mut ClinicTx, desk: &Desk, wanted: &Wanted) -> Result<Vec<DateTime<Utc>>> {
    Ok(available(tx, desk.now, wanted).await?.slots.iter().map(|slot| slot.claim.starts_at).collect())
}

/// Some free times on the dates that the arguments name, or on the next that
/// have any; whether they are on those dates.
///
/// # Errors
///
/// Rejected, in words for the caller, if a date or time cannot be read.
pub(super) async fn some(
    tx: &mut ClinicTx,
    desk: &Desk,
    what: &What,
    arguments: &Arguments,
) -> Result<(Vec<DateTime<Utc>>, bool)> {
    let unclear = |what| refuse(desk.words.unclear(what));
    let from = arguments.date(&["appointmentDate", "date", "fromDate", "startDate", "from"]);
    let to = arguments.date(&["toDate", "endDate", "to"]);
    let near = arguments.time(&["appointmentTime", "time", "preferredTime"]).ok().flatten();
    let (Ok(from), Ok(to)) = (from, to) else { return Err(unclear(Unclear::Date)) };
    let Some(from) = from else { return Ok((spread(&next_days(tx, desk, what, 2).await?, desk, near), true)) };
    if to.unwrap_or(from).max(from) < desk.words.today {
        return Err(refuse(desk.words.past()));
    }
    let to = to.unwrap_or(from).clamp(from, from + Duration::days(availability::MOST_DAYS - 1));
    let wanted =
        Wanted { practitioner: what.practitioner, ..Wanted::of(what.id.to_string(), Channel::Voice, from, to) };
    let times = starts(tx, desk, &wanted).await?;
    if !times.is_empty() {
        return Ok((spread(&times, desk, near), true));
    }
    let around = from.and_time(near.unwrap_or(NaiveTime::MIN));
    Ok((nearest(tx, desk, what, around).await?, false))
}

/// A few of many times: the closest to a time of day, or from the first to the
/// last.
fn spread(times: &[DateTime<Utc>], desk: &Desk, near: Option<NaiveTime>) -> Vec<DateTime<Utc>> {
    let mut few: Vec<DateTime<Utc>> = match near {
        _ if times.len() <= MOST => times.to_vec(),
        Some(near) => {
            let mut times = times.to_vec();
            times.sort_by_key(|at| ((desk.words.local(*at).time() - near).abs(), *at));
            times.into_iter().take(MOST).collect()
        }
        None => [0, (times.len() - 1) / 2, times.len() - 1].iter().map(|place| times[*place]).collect(),
    };
    few.sort();
    few
}
