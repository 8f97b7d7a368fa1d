//! What the booking page shows, read from the clinic's book.

use chrono::{DateTime, Datelike, Utc};
use domain::id::{HoldId, PractitionerId};
use domain::say;
use services::booking::{self, Channel, appointments};
use services::{ClinicTx, clinics};

use super::{ANYONE, Booking, CHOOSE, Chosen, Kept, Moving, month};
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
        usual: visitor.usual(&mut tx).await?,
        month: None,
        day: None,
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
        choose(&mut tx, visitor, &mut booking, &mut chosen, now).await?;
    } else {
        chosen.with = practitioner(chosen.with.take()).map(|with| with.to_string());
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
    chosen: &mut Chosen,
    now: DateTime<Utc>,
) -> services::Result<()> {
    let kind = match booking.types.as_slice() {
        [only] => Some(only),
        types => types.iter().find(|kind| Some(&kind.slug) == chosen.kind.as_ref()),
    };
    let Some(kind) = kind.cloned() else {
        *chosen = Chosen { visit: chosen.visit.take(), ..Chosen::default() };
        return Ok(());
    };
    chosen.kind = Some(kind.slug.clone());
    booking.practitioners = clinics::practitioners(tx)
        .await?
        .into_iter()
        .filter(|who| who.offers.contains(&kind.id))
        .map(|who| (who.id, who.name))
        .collect();
    // Who moves a visit begins with its practitioner, and says so to see anyone.
    let says_anyone = |with: &str| with == ANYONE && booking.moving.is_some();
    let offers_it = |with: &str| booking.practitioners.iter().any(|(id, _)| id.to_string() == with);
    chosen.with = chosen.with.take().filter(|with| with == CHOOSE || says_anyone(with) || offers_it(with));
    booking.usual = booking.usual.filter(|usual| booking.practitioners.iter().any(|(id, _)| id == usual));
    let (month, day) = month::read(tx, visitor, &kind, booking.usual, chosen, now).await?;
    (booking.month, booking.day) = (Some(month), day);
    Ok(())
}

/// Whom the address or a form names, if it is a practitioner's id at all.
pub fn practitioner(with: Option<String>) -> Option<PractitionerId> {
    with?.parse().ok()
}
