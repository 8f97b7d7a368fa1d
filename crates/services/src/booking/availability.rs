//! What is free.

use std::collections::HashMap;

use chrono::{DateTime, Datelike, NaiveDate, Timelike, Utc};
use chrono_tz::Tz;
use domain::Rejection;
use domain::appointment::{Named, Slot, TypeRef};
use domain::id::PractitionerId;
use domain::say;
use domain::schedule::{Fit, Interval, span, starts};
use uuid::Uuid;

use super::working_hours::WorkingHours;
use super::{Owner, SlotClaim, SlotSigner, rules};
use crate::{ClinicTx, Result, clinics};

/// The longest run of days one question may cover.
pub const MOST_DAYS: i64 = 62;

/// What a patient would like.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// An id or a slug.
    pub appointment_type: String,
    /// None for any practitioner who offers it.
    pub practitioner: Option<PractitionerId>,
    /// Dates in the clinic's zone, both included.
    pub from: NaiveDate,
    pub to: NaiveDate,
    /// Starts no earlier than this minute of the day, and no later.
    pub earliest: Option<u32>,
    pub latest: Option<u32>,
    /// Of more slots than `limit`, keep those closest to this minute.
    pub near: Option<u32>,
    pub limit: usize,
}

/// The answer, earliest first.
#[derive(Clone, Debug)]
pub struct Available {
    pub time_zone: Tz,
    pub slots: Vec<OpenSlot>,
    /// When the first of the holds in the way runs out, which frees its time
    /// though nothing is written.
    pub good_until: Option<DateTime<Utc>>,
}

/// A free time, not yet shown to anybody.
#[derive(Clone, Debug)]
pub struct OpenSlot {
    pub claim: SlotClaim,
    pub ends_at: DateTime<Utc>,
    pub practitioner: Named,
    pub appointment_type: TypeRef,
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
        Slot {
            slot: signer.sign(clinic, owner, &self.claim, now),
            starts_at,
            ends_at: self.ends_at,
            practitioner: self.practitioner.clone(),
            appointment_type: self.appointment_type.clone(),
            verified: true,
            time: say::time(starts_at, zone),
            day: say::day(starts_at, zone),
            local: say::local(starts_at, zone),
            label: format!("{} with {}", say::moment(starts_at, zone), self.practitioner.name),
        }
    }
}

/// The free times for what is wanted: hours minus what is taken. A handful of
/// queries, whatever the number of practitioners or days.
///
/// # Errors
///
/// Rejected with `not_found` if the type is not offered, `invalid` if the
/// dates are the wrong way round, more than [`MOST_DAYS`] apart or in no year
/// a person would write.
pub async fn available(tx: &mut ClinicTx, now: DateTime<Utc>, wanted: &Wanted) -> Result<Available> {
    check_dates(wanted)?;
    let zone = clinics::time_zone(tx).await?;
    let kind = rules::find(tx, &wanted.appointment_type).await?.ok_or_else(Rejection::not_found)?;
    let practitioners = offering(tx, kind.reference.id, wanted.practitioner).await?;
    let ids: Vec<Uuid> = practitioners.iter().map(|named| named.id).collect();
    let hours = WorkingHours::read(tx, &ids, wanted.from, wanted.to).await?;
    let fit = kind.fit(now);
    let (taken, good_until) = taken(tx, now, &ids, around(span(zone, wanted.from, wanted.to), &fit)).await?;

    let mut slots = Vec::new();
    for practitioner in &practitioners {
        let schedule = hours.of(practitioner.id.into());
        let busy = taken.get(&practitioner.id).map_or(&[][..], Vec::as_slice);
        for date in wanted.from.iter_days().take_while(|date| *date <= wanted.to) {
            let open = schedule.open_intervals(zone, date);
            let free = starts(zone, date, &open, busy, &fit);
            slots.extend(free.into_iter().filter(|start| wanted.allows(*start, zone)).map(|starts_at| OpenSlot {
                claim: SlotClaim {
                    practitioner_id: practitioner.id.into(),
                    appointment_type_id: kind.reference.id.into(),
                    starts_at,
                },
                ends_at: starts_at + fit.length,
                practitioner: practitioner.clone(),
                appointment_type: kind.reference.clone(),
            }));
        }
    }
    wanted.keep_best(&mut slots, zone);
    Ok(Available { time_zone: zone, slots, good_until })
}

impl Wanted {
    fn allows(&self, start: DateTime<Utc>, zone: Tz) -> bool {
        let minute = minute_of(start, zone);
        self.earliest.is_none_or(|earliest| minute >= earliest) && self.latest.is_none_or(|latest| minute <= latest)
    }

    fn keep_best(&self, slots: &mut Vec<OpenSlot>, zone: Tz) {
        // Stable, so that practitioners stay in the clinic's own order.
        slots.sort_by_key(|slot| slot.claim.starts_at);
        if let Some(near) = self.near {
            slots.sort_by_key(|slot| (minute_of(slot.claim.starts_at, zone).abs_diff(near), slot.claim.starts_at));
        }
        slots.truncate(self.limit);
        slots.sort_by_key(|slot| slot.claim.starts_at);
    }
}

fn minute_of(at: DateTime<Utc>, zone: Tz) -> u32 {
    let local = at.with_timezone(&zone);
    local.hour() * 60 + local.minute()
}

fn check_dates(wanted: &Wanted) -> Result<(), Rejection> {
    if !(1..=9_999).contains(&wanted.from.year()) || !(1..=9_999).contains(&wanted.to.year()) {
        return Err(Rejection::invalid("from", "Please ask for days of a year from 1 to 9999."));
    }
    let days = (wanted.to - wanted.from).num_days();
    if days < 0 {
        return Err(Rejection::invalid("to", "The last day is before the first."));
    }
    if days >= MOST_DAYS {
        return Err(Rejection::invalid("to", format!("Please ask for at most {MOST_DAYS} days.")));
    }
    Ok(())
}

/// A stretch of time, and what a visit at either end keeps free outside it.
fn around(span: Interval, fit: &Fit) -> Interval {
    Interval { start: span.start - fit.before, end: span.end + fit.length + fit.after }
}

/// Active practitioners who offer the type, in the clinic's order.
pub(super) async fn offering(
    tx: &mut ClinicTx,
    appointment_type: Uuid,
    only: Option<PractitionerId>,
) -> Result<Vec<Named>> {
    let practitioners = sqlx::query_as!(
        Named,
        "select p.practitioner_id as id, p.name
         from practitioners p
         join offers o using (clinic_id, practitioner_id)
         where o.appointment_type_id = $1 and p.active and ($2::uuid is null or p.practitioner_id = $2)
         order by p.position, p.name, p.practitioner_id",
        appointment_type,
        only.map(PractitionerId::uuid)
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(practitioners)
}

/// What is taken of each practitioner's time within `span`, in order, and when
/// the first hold among it runs out. Holds that have run out take nothing,
/// whether or not they were swept.
async fn taken(
    tx: &mut ClinicTx,
    now: DateTime<Utc>,
    practitioners: &[Uuid],
    span: Interval,
) -> Result<(HashMap<Uuid, Vec<Interval>>, Option<DateTime<Utc>>)> {
    let rows = sqlx::query!(
        r#"
        select o.practitioner_id as "practitioner_id!",
               lower(o.during) as "start!",
               upper(o.during) as "end!",
               h.expires_at as "expires_at?"
        from occupancies o
        left join holds h on h.clinic_id = o.clinic_id and h.hold_id = o.hold_id
        where o.practitioner_id = any($1)
          and o.during && tstzrange($2, $3)
          and (o.hold_id is null or h.expires_at > $4)
        order by 2
        "#,
        practitioners,
        span.start,
        span.end,
        now
    )
    .fetch_all(tx.conn())
    .await?;
    let good_until = rows.iter().filter_map(|row| row.expires_at).min();
    let mut taken: HashMap<Uuid, Vec<Interval>> = HashMap::new();
    for row in rows {
        taken.entry(row.practitioner_id).or_default().push(Interval { start: row.start, end: row.end });
    }
    Ok((taken, good_until))
}
