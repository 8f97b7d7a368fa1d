//! Free times, computed as they are asked for, and times that are taken.
//!
//! <https://hl7.org/fhir/R4/slot.html>

use axum::extract::State;
use chrono::{DateTime, Duration, Utc};
use chrono_tz::Tz;
use domain::schedule::Interval;
use serde_json::{Value, json};
use services::booking::SlotClaim;
use services::booking::listing::{self, How, Taken, TakenFilter};
use services::inventory::{AppointmentType, Practitioner};
use services::{ClinicTx, Services, clinics, inventory};
use uuid::Uuid;

use super::bundle::{self, Found};
use super::dates::Window;
use super::free::{self, Free, Wish};
use super::outcome::{FhirResult, Outcome};
use super::page::{Cursor, Page};
use super::resource::{Resource, meta, service_type};
use super::search::{Asked, Param};
use super::slot_id;
use super::system::{Base, System, reference};
use super::values::own_id;
use crate::problem::Path;

pub const PARAMS: &[Param] = &[
    ("schedule", "reference", "Whose time; without it, service-type is needed and only free times are found."),
    ("service-type", "token", "Free times for the appointment type with this id or slug. Taken times have no type."),
    (
        "start",
        "date",
        "When it begins: eq, ge, gt, le, lt. At most 62 days; without it, or without an end, two weeks from then on.",
    ),
    ("status", "token", "free, busy (a visit), busy-tentative (a hold or a request) or busy-unavailable (blocked)."),
];

/// How far ahead a question without an end looks.
const USUAL_DAYS: i64 = 14;

const STATUSES: [&str; 5] = ["free", "busy", "busy-tentative", "busy-unavailable", "entered-in-error"];

/// What a search is for, read from its parameters.
struct Question {
    wish: Wish,
    taken: TakenFilter,
}

/// `GET /Slot`
pub async fn search(system: System, State(services): State<Services>, asked: Asked) -> FhirResult<Resource> {
    let asked = asked.searching(PARAMS)?;
    let page = Page::read(&asked)?;
    let now = services.clock.now();
    let mut tx = services.db.clinic(system.clinic).await?;
    let question = question(&mut tx, &system.base, &asked, now).await?;
    let after = page.after.as_ref();
    let free = free::free(&mut tx, now, &question.wish, after, page.limit()).await?;
    let taken_after = after.map(|after| (after.at, after.id.as_str()));
    let limit = i64::try_from(page.limit()).unwrap_or(i64::MAX);
    let taken = listing::taken(&mut tx, now, &question.taken, taken_after, limit).await?;
    let free = free.iter().map(|free| (free.place(), free_slot(&system.base, free)));
    let taken = taken.iter().map(|taken| (place(taken), taken_slot(taken)));
    let mut slots: Vec<(Cursor, Value)> = free.chain(taken).collect();
    slots.sort_by(|(one, _), (other, _)| one.cmp(other));
    let (slots, next) = page.cut(slots, |(place, _)| place.clone());
    let resources = slots.into_iter().map(|(_, slot)| slot).collect();
    Ok(bundle::searchset(&system.base, "Slot", &asked, Found { resources, total: None, next }))
}

async fn question(tx: &mut ClinicTx, base: &Base, asked: &Asked, now: DateTime<Utc>) -> FhirResult<Question> {
    if !asked.has("schedule") && !asked.has("service-type") {
        return Err(Outcome::required("schedule", "Please say whose time, or give a service-type."));
    }
    let schedules = asked.references(base, "schedule", &["Schedule"])?;
    let schedules: Option<Vec<Uuid>> = schedules.map(|all| all.into_iter().map(|(_, id)| id).collect());
    let statuses = asked.codes_of("status", "http://hl7.org/fhir/slotstatus", &STATUSES)?;
    let is_asked = |status: &str| statuses.as_ref().is_none_or(|all| all.iter().any(|one| one == status));
    let within = within(asked, clinics::time_zone(tx).await?, now)?;
    let types = inventory::appointment_types(tx).await?;
    let wanted = asked.service_types(base, &types)?;
    let how = [How::Visit, How::Tentative, How::Blocked];
    let taken = TakenFilter {
        id: None,
        practitioners: Some(schedules.clone().unwrap_or_default()),
        // A search for a type is not for what has none.
        how: how.into_iter().filter(|how| wanted.is_none() && is_asked(status_of(*how))).collect(),
        from: Some(within.start),
        to: Some(within.end),
    };
    let practitioners = inventory::practitioners(tx).await?;
    let offers = if is_asked("free") { offers(&types, wanted, schedules, &practitioners) } else { Vec::new() };
    Ok(Question { wish: Wish { every_practitioner: true, within, until: None, offers }, taken })
}

/// Of those asked for, or of all, what each offers of the types asked for.
fn offers(
    types: &[AppointmentType],
    wanted: Option<Vec<Uuid>>,
    schedules: Option<Vec<Uuid>>,
    practitioners: &[Practitioner],
) -> Vec<(AppointmentType, Option<Uuid>)> {
    let asked = practitioners.iter().filter(|one| schedules.as_ref().is_none_or(|all| all.contains(&one.id)));
    let wanted = |kind: &&AppointmentType| wanted.as_ref().is_none_or(|wanted| wanted.contains(&kind.id));
    asked
        .flat_map(|one| {
            let offered = types.iter().filter(|kind| one.offers.contains(&kind.id)).filter(wanted);
            offered.map(|kind| (kind.clone(), Some(one.id))).collect::<Vec<_>>()
        })
        .collect()
}

fn within(asked: &Asked, zone: Tz, now: DateTime<Utc>) -> FhirResult<Interval> {
    let window = Window::read(asked, "start", zone)?;
    let start = window.from.unwrap_or(now);
    let end = window.to.unwrap_or_else(|| start + Duration::days(USUAL_DAYS));
    let within = Interval { start, end: end.max(start) };
    free::check_length("start", within)?;
    Ok(within)
}

/// `GET /Slot/{id}`
pub async fn read(
    system: System,
    State(services): State<Services>,
    Path((_, id)): Path<(String, String)>,
    asked: Asked,
) -> FhirResult<Resource> {
    asked.reading()?;
    let now = services.clock.now();
    let mut tx = services.db.clinic(system.clinic).await?;
    if let Some(id) = own_id(&id) {
        let taken = listing::taken_by_id(&mut tx, now, id).await?.ok_or_else(Outcome::not_found)?;
        return Ok(Resource(taken_slot(&taken)));
    }
    let claim = slot_id::read(&id).ok_or_else(Outcome::not_found)?;
    Ok(Resource(computed(&mut tx, &system.base, &claim, now).await?))
}

/// The slot while it is free, and as busy once it is not. Nobody's time for
/// nothing that is done here never was a slot.
async fn computed(tx: &mut ClinicTx, base: &Base, claim: &SlotClaim, now: DateTime<Utc>) -> FhirResult<Value> {
    let (practitioner, kind) = (claim.practitioner_id.uuid(), claim.appointment_type_id.uuid());
    let known = inventory::practitioners(tx).await?.iter().any(|one| one.id == practitioner);
    let kind = inventory::appointment_types(tx).await?.into_iter().find(|one| one.id == kind).filter(|_| known);
    let kind = kind.ok_or_else(Outcome::not_found)?;
    let within = Interval { start: claim.starts_at, end: claim.starts_at + Duration::seconds(1) };
    let wish = Wish { every_practitioner: true, within, until: None, offers: vec![(kind.clone(), Some(practitioner))] };
    if let [free, ..] = free::free(tx, now, &wish, None, 1).await?.as_slice() {
        return Ok(free_slot(base, free));
    }
    let end = claim.starts_at + Duration::minutes(kind.minutes.into());
    let within = Interval { start: claim.starts_at, end };
    Ok(of_type(base, &slot_id::written(claim), practitioner, "busy", within, &kind))
}

fn free_slot(base: &Base, free: &Free) -> Value {
    let within = Interval { start: free.slot.claim.starts_at, end: free.slot.ends_at };
    of_type(base, &free.id, free.slot.practitioner.id, "free", within, &free.kind)
}

fn of_type(base: &Base, id: &str, practitioner: Uuid, status: &str, within: Interval, kind: &AppointmentType) -> Value {
    json!({
        "resourceType": "Slot",
        "id": id,
        "meta": meta(kind.sensitive),
        "serviceType": [service_type(base, kind.id, &kind.name, kind.sensitive)],
        "schedule": reference("Schedule", practitioner),
        "status": status,
        "start": within.start,
        "end": within.end,
    })
}

/// Only that the time is taken: nothing about whom it is for.
fn taken_slot(taken: &Taken) -> Value {
    json!({
        "resourceType": "Slot",
        "id": taken.id,
        "schedule": reference("Schedule", taken.practitioner_id),
        "status": status_of(taken.how),
        "start": taken.during.start,
        "end": taken.during.end,
        "overbooked": taken.overbooked.then_some(true),
    })
}

fn place(taken: &Taken) -> Cursor {
    Cursor { at: taken.during.start, id: taken.id.to_string() }
}

/// <https://hl7.org/fhir/R4/valueset-slotstatus.html>
const fn status_of(how: How) -> &'static str {
    match how {
        How::Visit => "busy",
        How::Tentative => "busy-tentative",
        How::Blocked => "busy-unavailable",
    }
}
