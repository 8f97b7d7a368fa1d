//! Keeping a time for some minutes.

use chrono::{DateTime, Utc};
use domain::appointment::{Hold, Named, TypeRef};
use domain::id::{HoldId, PractitionerId};
use domain::schedule::Interval;
use domain::{Rejection, say};
use uuid::Uuid;

use super::working_hours::WorkingHours;
use super::{Owner, SlotClaim, rules};
use crate::error::OnConstraint;
use crate::{ClinicTx, Error, Result, clinics};

/// Keeps the claimed time for `owner`, for the clinic's hold minutes.
///
/// Holding the same time again returns the same hold. A chat session keeps one
/// time at a time: choosing another lets go of the first.
///
/// # Errors
///
/// Rejected with `slot_taken` if the time is no longer free, or no longer
/// offered at all.
pub async fn hold(tx: &mut ClinicTx, now: DateTime<Utc>, owner: Owner, claim: &SlotClaim) -> Result<Hold> {
    lock_book(tx, claim.practitioner_id).await?;
    if let Some(hold) = held_already(tx, now, owner, claim).await? {
        return find_hold(tx, now, owner, hold).await?.ok_or_else(|| Rejection::slot_taken().into());
    }
    let (time, occupied) = check_still_offered(tx, claim).await?;
    release_expired(tx, now, claim, occupied).await?;
    if let Owner::Session(_) = owner {
        release_all(tx, owner).await?;
    }
    let hold_id = insert(tx, now, owner, claim, time, occupied).await?;
    find_hold(tx, now, owner, hold_id).await?.ok_or(Error::Internal("a hold just made is not there"))
}

/// The owner's hold, while it lasts.
pub async fn find_hold(tx: &mut ClinicTx, now: DateTime<Utc>, owner: Owner, hold_id: HoldId) -> Result<Option<Hold>> {
    let zone = clinics::time_zone(tx).await?;
    let row = sqlx::query!(
        "select h.hold_id, h.starts_at, h.ends_at, h.expires_at,
                p.practitioner_id, p.name as practitioner,
                t.appointment_type_id, t.slug, t.name as appointment_type
         from holds h
         join practitioners p using (clinic_id, practitioner_id)
         join appointment_types t using (clinic_id, appointment_type_id)
         where h.hold_id = $1 and h.owner = $2 and h.expires_at > $3",
        hold_id.uuid(),
        owner.to_string(),
        now
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(row.map(|row| Hold {
        hold_id: row.hold_id.into(),
        starts_at: row.starts_at,
        ends_at: row.ends_at,
        time_zone: zone.name().to_owned(),
        label: format!("{} with {}", say::moment(row.starts_at, zone), row.practitioner),
        practitioner: Named { id: row.practitioner_id, name: row.practitioner },
        appointment_type: TypeRef { id: row.appointment_type_id, slug: row.slug, name: row.appointment_type },
        expires_at: row.expires_at,
        local: say::local(row.starts_at, zone),
    }))
}

/// Lets go of the owner's hold; false if there was none.
pub async fn release(tx: &mut ClinicTx, owner: Owner, hold_id: HoldId) -> Result<bool> {
    let released =
        sqlx::query!("delete from holds where hold_id = $1 and owner = $2", hold_id.uuid(), owner.to_string())
            .execute(tx.conn())
            .await?;
    Ok(released.rows_affected() > 0)
}

async fn release_all(tx: &mut ClinicTx, owner: Owner) -> Result<()> {
    sqlx::query!("delete from holds where owner = $1", owner.to_string()).execute(tx.conn()).await?;
    Ok(())
}

/// Removes holds that ran out and still stand in the way of `time`, so that
/// booking never waits for a sweep.
pub async fn release_expired(tx: &mut ClinicTx, now: DateTime<Utc>, claim: &SlotClaim, time: Interval) -> Result<()> {
    sqlx::query!(
        "delete from holds h
         using occupancies o
         where o.clinic_id = h.clinic_id and o.hold_id = h.hold_id
           and o.practitioner_id = $1 and o.during && tstzrange($3, $4) and h.expires_at <= $2",
        claim.practitioner_id.uuid(),
        now,
        time.start,
        time.end
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

async fn held_already(
    tx: &mut ClinicTx,
    now: DateTime<Utc>,
    owner: Owner,
    claim: &SlotClaim,
) -> Result<Option<HoldId>> {
    let hold = sqlx::query_scalar!(
        "select hold_id from holds
         where owner = $1 and practitioner_id = $2 and appointment_type_id = $3 and starts_at = $4 and expires_at > $5",
        owner.to_string(),
        claim.practitioner_id.uuid(),
        claim.appointment_type_id.uuid(),
        claim.starts_at,
        now
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(hold.map(HoldId::from))
}

/// Lets one transaction at a time write in a practitioner's book. Without it,
/// inserts that wait for each other inside the exclusion constraint end in
/// deadlocks, a second each.
pub(super) async fn lock_book(tx: &mut ClinicTx, practitioner: PractitionerId) -> Result<()> {
    sqlx::query!("select pg_advisory_xact_lock(hashtextextended($1, 0))", practitioner.to_string())
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// The claimed visit, and all the time it takes with its buffers. The token
/// proves it was on offer a while ago; hours may have changed since.
pub(super) async fn check_still_offered(tx: &mut ClinicTx, claim: &SlotClaim) -> Result<(Interval, Interval)> {
    let zone = clinics::time_zone(tx).await?;
    let offered = sqlx::query_scalar!(
        "select o.appointment_type_id
         from offers o
         join practitioners p using (clinic_id, practitioner_id)
         where o.practitioner_id = $1 and o.appointment_type_id = $2 and p.active",
        claim.practitioner_id.uuid(),
        claim.appointment_type_id.uuid()
    )
    .fetch_optional(tx.conn())
    .await?;
    let kind = rules::find(tx, &claim.appointment_type_id.to_string()).await?;
    let (Some(_), Some(kind)) = (offered, kind) else { return Err(Rejection::slot_taken().into()) };
    let fit = kind.fit(claim.starts_at);
    let time = fit.visit(claim.starts_at);
    let date = claim.starts_at.with_timezone(&zone).date_naive();
    let hours = WorkingHours::read(tx, &[claim.practitioner_id.uuid()], date, date).await?;
    let open = hours.of(claim.practitioner_id).open_intervals(zone, date);
    if open.iter().any(|stretch| stretch.contains(&time)) {
        Ok((time, fit.occupied(claim.starts_at)))
    } else {
        Err(Rejection::slot_taken().into())
    }
}

async fn insert(
    tx: &mut ClinicTx,
    now: DateTime<Utc>,
    owner: Owner,
    claim: &SlotClaim,
    time: Interval,
    occupied: Interval,
) -> Result<HoldId> {
    let hold_id = HoldId::new();
    sqlx::query!(
        "with held as (
             insert into holds
                    (hold_id, practitioner_id, appointment_type_id, starts_at, ends_at, owner, created_at, expires_at)
             select $1, $2, $3, $4, $5, $6, $7::timestamptz, $7::timestamptz + make_interval(mins => c.hold_minutes)
             from clinics c
             returning hold_id, practitioner_id
         )
         insert into occupancies (occupancy_id, practitioner_id, during, hold_id)
         select $8, practitioner_id, tstzrange($9, $10), hold_id from held",
        hold_id.uuid(),
        claim.practitioner_id.uuid(),
        claim.appointment_type_id.uuid(),
        time.start,
        time.end,
        owner.to_string(),
        now,
        domain::Id::<Uuid>::new().uuid(),
        occupied.start,
        occupied.end
    )
    .execute(tx.conn())
    .await
    .on_constraint("occupancies_no_overlap", Rejection::slot_taken)?;
    Ok(hold_id)
}
