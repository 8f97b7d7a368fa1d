//! Keeping a time for some minutes.

use std::sync::Arc;

use chrono::{DateTime, Duration, Utc};
use domain::appointment::{Hold, Named, TypeRef};
use domain::id::{AppointmentTypeId, HoldId};
use domain::{Rejection, RejectionCode, say};
use uuid::Uuid;

use super::placing::{self, Meant, Moving, Taker};
use super::scheduling::{Mode, Scheduling};
use super::{Channel, Owner, SlotClaim, confirming, expiring};
use crate::{ClinicTx, Result, clinics};

/// Keeps the claimed time for `owner`, for the clinic's hold minutes.
///
/// Holding the same time again returns the same hold, unless it is a key that
/// takes another seat of a group. A chat session keeps one time at a time:
/// choosing another lets go of the first.
///
/// # Errors
///
/// Rejected with `slot_taken` if the time is no longer free, or no longer
/// offered at all, and `forbidden` if this channel may not book such a visit.
pub async fn hold(
    tx: &mut ClinicTx,
    now: DateTime<Utc>,
    owner: Owner,
    channel: Channel,
    claim: &SlotClaim,
) -> Result<Hold> {
    let (scheduling, own) = look(tx, owner, claim).await?;
    let mut resources = Meant::by(&scheduling, claim)?.resources();
    resources.extend(own.iter().flat_map(|held| &held.resources));
    let chooser = matches!(owner, Owner::Session(_)).then_some(owner);
    placing::lock(tx, &resources, Moving::Nothing, chooser).await?;
    // Hours may have changed, and this session may have chosen again, while
    // this waited for its turn.
    let (scheduling, own) = look(tx, owner, claim).await?;
    let meant = Meant::by(&scheduling, claim)?;
    check_mode(meant.kind.modes.of(channel))?;
    // A key that books for many patients wants a seat of a group for each.
    let is_one_for_all = matches!(owner, Owner::Session(_)) || meant.kind.capacity == 1;
    if let Some(held) = own.iter().find(|held| is_one_for_all && held.is(claim) && held.expires_at > now)
        && let Some(hold) = find_hold(tx, now, owner, held.hold_id).await?
    {
        return Ok(hold);
    }
    if matches!(owner, Owner::Session(_)) && !own.is_empty() {
        let run_out: Vec<HoldId> = own.iter().filter(|held| held.expires_at <= now).map(|held| held.hold_id).collect();
        expiring::expire(tx, now, &run_out).await?;
        release_all(tx, owner).await?;
    }
    let placement = placing::find(tx, now, &scheduling, claim, Moving::Nothing).await?;
    let hold_id = HoldId::new();
    let expires_at = now + Duration::minutes(scheduling.hold_minutes.into());
    sqlx::query!(
        "insert into holds
                (hold_id, practitioner_id, appointment_type_id, starts_at, ends_at, owner, created_at, expires_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
        hold_id.uuid(),
        claim.practitioner_id.uuid(),
        claim.appointment_type_id.uuid(),
        placement.visit.start,
        placement.visit.end,
        owner.to_string(),
        now,
        expires_at
    )
    .execute(tx.conn())
    .await?;
    placing::take(tx, Taker::Hold(hold_id), &placement).await?;
    let zone = scheduling.zone;
    Ok(Hold {
        hold_id,
        starts_at: placement.visit.start,
        ends_at: placement.visit.end,
        time_zone: zone.name().to_owned(),
        label: format!("{} with {}", say::moment(placement.visit.start, zone), meant.practitioner.named.name),
        practitioner: meant.practitioner.named.clone(),
        appointment_type: meant.kind.reference.clone(),
        expires_at,
        local: say::local(placement.visit.start, zone),
    })
}

/// Whether a channel may book at all.
///
/// # Errors
///
/// Rejected with `forbidden` if not.
pub(super) fn check_mode(mode: Mode) -> Result<(), Rejection> {
    match mode {
        Mode::Off => Err(Rejection::new(
            RejectionCode::Forbidden,
            "This kind of visit cannot be booked here. Please get in touch with the clinic.",
        )),
        Mode::Request | Mode::Instant => Ok(()),
    }
}

/// A hold of the asker's, whether or not it has run out.
struct Held {
    hold_id: HoldId,
    practitioner_id: Uuid,
    appointment_type_id: Uuid,
    starts_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
    resources: Vec<Uuid>,
}

impl Held {
    fn is(&self, claim: &SlotClaim) -> bool {
        self.practitioner_id == claim.practitioner_id.uuid()
            && self.appointment_type_id == claim.appointment_type_id.uuid()
            && self.starts_at == claim.starts_at
    }
}

/// The clinic's settings, and what the owner holds: a session anything, a key,
/// which holds for many patients, this very time.
async fn look(tx: &mut ClinicTx, owner: Owner, claim: &SlotClaim) -> Result<(Arc<Scheduling>, Vec<Held>)> {
    let rows = sqlx::query!(
        r#"
        select c.settings_version,
               h.hold_id as "hold_id?",
               h.practitioner_id as "practitioner_id?",
               h.appointment_type_id as "appointment_type_id?",
               h.starts_at as "starts_at?",
               h.expires_at as "expires_at?",
               array(select o.resource_id from occupancies o where o.hold_id = h.hold_id) as "resources!"
        from clinics c
        left join holds h
          on h.clinic_id = c.clinic_id and h.owner = $1
         and ($2 or (h.practitioner_id = $3 and h.appointment_type_id = $4 and h.starts_at = $5))
        "#,
        owner.to_string(),
        matches!(owner, Owner::Session(_)),
        claim.practitioner_id.uuid(),
        claim.appointment_type_id.uuid(),
        claim.starts_at
    )
    .fetch_all(tx.conn())
    .await?;
    let version = rows.first().ok_or_else(Rejection::not_found)?.settings_version;
    let held = rows.into_iter().filter_map(|row| {
        Some(Held {
            hold_id: row.hold_id?.into(),
            practitioner_id: row.practitioner_id?,
            appointment_type_id: row.appointment_type_id?,
            starts_at: row.starts_at?,
            expires_at: row.expires_at?,
            resources: row.resources,
        })
    });
    let held = held.collect();
    Ok((Scheduling::at(tx, version).await?, held))
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

/// The time that the owner keeps for a visit of this type at this moment.
pub async fn claim_at(
    tx: &mut ClinicTx,
    now: DateTime<Utc>,
    owner: Owner,
    appointment_type_id: AppointmentTypeId,
    starts_at: DateTime<Utc>,
) -> Result<Option<SlotClaim>> {
    let practitioner = sqlx::query_scalar!(
        "select practitioner_id from holds
         where owner = $1 and appointment_type_id = $2 and starts_at = $3 and expires_at > $4
         order by hold_id
         limit 1",
        owner.to_string(),
        appointment_type_id.uuid(),
        starts_at,
        now
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(practitioner.map(|id| SlotClaim { practitioner_id: id.into(), appointment_type_id, starts_at }))
}

/// Lets go of the owner's hold; false if there was none.
pub async fn release(tx: &mut ClinicTx, owner: Owner, hold_id: HoldId) -> Result<bool> {
    confirming::lock_hold(tx, hold_id, &[]).await?;
    let released =
        sqlx::query!("delete from holds where hold_id = $1 and owner = $2", hold_id.uuid(), owner.to_string())
            .execute(tx.conn())
            .await?;
    Ok(released.rows_affected() > 0)
}

/// Lets go of everything the owner holds.
pub async fn let_go(tx: &mut ClinicTx, owner: Owner) -> Result<()> {
    let held = sqlx::query_scalar!("select hold_id from holds where owner = $1 order by hold_id", owner.to_string())
        .fetch_all(tx.conn())
        .await?;
    for hold_id in held {
        release(tx, owner, hold_id.into()).await?;
    }
    Ok(())
}

async fn release_all(tx: &mut ClinicTx, owner: Owner) -> Result<()> {
    sqlx::query!("delete from holds where owner = $1", owner.to_string()).execute(tx.conn()).await?;
    Ok(())
}
