//! What the booking page shows, read from the clinic's book.

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, Duration, NaiveDate, Utc};
use domain::id::{HoldId, PractitionerId};
use domain::say;
use services::booking::{self, Channel, Wanted, appointments, availability::OpenSlot};
use services::{ClinicTx, clinics};

use super::{Booking, Chosen, DAYS, DayOption, Kept, Moving, TimeOption};
use crate::caller::Visitor;
use crate::patient::clinic::ClinicView;

/// Reads the page for what has been chosen so far.
pub async fn read(visitor: &Visitor, mut chosen: Chosen) -> services::Result<Booking> {
    let now = visitor.services.clock.now();
    let mut tx = visitor.services.db.clinic(visitor.clinic).await?;
    let mut booking = Booking {
        clinic: ClinicView::read(&mut tx, now).await?,
        token: visitor.token.clone(),
        types: clinics::appointment_types(&mut tx, Channel::Web).await?,
        chosen: Chosen::default(),
        practitioners: Vec::new(),
        days: Vec::new(),
        earlier: None,
        later: None,
        times: Vec::new(),
        day_label: None,
        kept: None,
        moving: None,
        notice: None,
    };
    if let Some(visit) = chosen.visit.take() {
        move_from(&mut tx, visitor, &mut booking, &mut chosen, visit, now).await?;
    }
    if let Some(hold) = chosen.hold.take() {
        booking.kept = kept(&mut tx, visitor, &hold, now).await?;
        if booking.kept.is_none() {
            booking.notice = Some("That time is no longer being held. Please choose a time again.".into());
        }
    }
    if booking.kept.is_none() {
        choose(&mut tx, visitor, &mut booking, &chosen, now).await?;
    }
    booking.chosen = chosen;
    Ok(booking)
}

/// Turns the page into one that moves a visit: its type is settled, and its
/// practitioner is who to begin with.
async fn move_from(
    tx: &mut ClinicTx,
    visitor: &Visitor,
    booking: &mut Booking,
    chosen: &mut Chosen,
    visit: String,
    now: DateTime<Utc>,
) -> services::Result<()> {
    let opened = visitor.services.visits.verify(&visit).filter(|(clinic, _)| *clinic == visitor.clinic);
    let appointment = match opened {
        Some((_, id)) if appointments::may_change(tx, id, now).await? => appointments::by_id(tx, id).await?,
        _ => None,
    };
    let Some(appointment) = appointment else {
        booking.notice = Some("That visit can no longer be moved here. You can book another.".into());
        return Ok(());
    };
    booking.types.retain(|kind| kind.id.uuid() == appointment.appointment_type.id);
    booking.moving = Some(Moving {
        label: format!(
            "{} with {}, {}",
            appointment.appointment_type.name, appointment.practitioner.name, appointment.label
        ),
        token: visit.clone(),
    });
    chosen.kind = Some(appointment.appointment_type.slug);
    chosen.with.get_or_insert_with(|| appointment.practitioner.id.to_string());
    chosen.visit = Some(visit);
    Ok(())
}

async fn kept(tx: &mut ClinicTx, visitor: &Visitor, hold: &str, now: DateTime<Utc>) -> services::Result<Option<Kept>> {
    let Ok(hold_id) = hold.parse::<HoldId>() else { return Ok(None) };
    let zone = clinics::time_zone(tx).await?;
    let hold = booking::find_hold(tx, now, visitor.owner(), hold_id).await?;
    Ok(hold.map(|hold| {
        let length = say::minutes((hold.ends_at - hold.starts_at).num_minutes());
        let day = hold.starts_at.with_timezone(&zone).date_naive();
        Kept {
            hold_id,
            what: format!("{}, {length}", hold.appointment_type.name),
            when: format!(
                "{} at {}",
                say::friendly_day(day, now.with_timezone(&zone).year()),
                say::time(hold.starts_at, zone)
            ),
            with: hold.practitioner.name,
            until: say::time(hold.expires_at, zone),
        }
    }))
}

async fn choose(
    tx: &mut ClinicTx,
    visitor: &Visitor,
    booking: &mut Booking,
    chosen: &Chosen,
    now: DateTime<Utc>,
) -> services::Result<()> {
    let Some(kind) = booking.types.iter().find(|kind| Some(&kind.slug) == chosen.kind.as_ref()).cloned() else {
        return Ok(());
    };
    booking.practitioners = clinics::practitioners(tx)
        .await?
        .into_iter()
        .filter(|who| who.offers.contains(&kind.id))
        .map(|who| (who.id, who.name))
        .collect();
    let Some(with) = &chosen.with else { return Ok(()) };
    let zone = clinics::time_zone(tx).await?;
    let today = now.with_timezone(&zone).date_naive();
    let date = |text: &Option<String>| text.as_ref().and_then(|text| text.parse::<NaiveDate>().ok());
    let furthest = today + Duration::days(365);
    let from = date(&chosen.from).or(date(&chosen.day)).unwrap_or(today).clamp(today, furthest);
    let to = from + Duration::days(DAYS - 1);
    let wanted =
        Wanted { practitioner: with.parse::<PractitionerId>().ok(), ..Wanted::of(kind.slug, Channel::Web, from, to) };
    let available = booking::available(tx, now, &wanted).await?;
    let mut by_day: BTreeMap<NaiveDate, Vec<OpenSlot>> = BTreeMap::new();
    for slot in available.slots {
        by_day.entry(slot.claim.starts_at.with_timezone(&zone).date_naive()).or_default().push(slot);
    }
    by_day.values_mut().for_each(|slots| slots.dedup_by_key(|slot| slot.claim.starts_at));
    booking.days = from
        .iter_days()
        .take_while(|day| *day <= to)
        .map(|day| DayOption {
            date: day.to_string(),
            label: day.format("%a %-d %b").to_string(),
            free: by_day.get(&day).map_or(0, Vec::len),
        })
        .collect();
    booking.earlier = (from > today).then(|| (from - Duration::days(DAYS)).max(today).to_string());
    booking.later = (to < furthest).then(|| (to + Duration::days(1)).to_string());
    if let Some(day) = date(&chosen.day) {
        booking.day_label = Some(say::friendly_day(day, today.year()));
        booking.times = by_day
            .get(&day)
            .into_iter()
            .flatten()
            .map(|slot| {
                let shown = slot.shown(&visitor.services.slots, visitor.clinic, visitor.owner(), zone, now);
                TimeOption { slot: shown.slot, time: shown.time, with: shown.practitioner.name }
            })
            .collect();
    }
    Ok(())
}
