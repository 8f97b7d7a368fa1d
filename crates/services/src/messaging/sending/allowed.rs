//! Whether a message may leave, and when.

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use domain::id::PatientId;
use domain::quiet;
use domain::template::Kind;

use super::Row;
use crate::messaging::outbox::OutboxId;
use crate::messaging::settings::{self, MessagingSettings};
use crate::{ClinicTx, Result};

/// Why a message is not sent at all.
pub(super) async fn refused(tx: &mut ClinicTx, now: DateTime<Utc>, row: &Row) -> Result<Option<&'static str>> {
    if row.expires_at.is_some_and(|at| at <= now) {
        return Ok(Some("expired"));
    }
    let known = sqlx::query!(
        r#"select exists (select from opt_outs where channel = $1 and address = $2 and ended_at is null) as "stopped!",
                  exists (select from unreachable where channel = $1 and address = $2) as "unreachable!",
                  (select a.status from appointments a where a.appointment_id = $3) as status,
                  (select a.starts_at from appointments a where a.appointment_id = $3) as starts_at"#,
        row.channel,
        row.address,
        row.appointment_id
    )
    .fetch_one(tx.conn())
    .await?;
    if known.stopped && row.kind != Kind::OptOutConfirmation.as_str() {
        return Ok(Some("opted_out"));
    }
    if known.unreachable {
        return Ok(Some("unreachable"));
    }
    let Some(about) = row.about else { return Ok(None) };
    // It says when the visit is, and that it is; both must still be so.
    let wanted = if row.kind == Kind::Cancellation.as_str() { "cancelled" } else { "booked" };
    let is_so = known.starts_at == Some(about) && known.status.as_deref() == Some(wanted);
    Ok((!is_so).then_some("superseded"))
}

/// When a message that nobody asked for may leave.
pub(super) enum Unasked {
    Now,
    /// And why not now.
    Later(DateTime<Utc>, &'static str),
    Never(&'static str),
}

/// Whom a message goes to.
#[derive(Clone, Copy, Debug)]
pub struct Reached<'a> {
    pub channel: &'a str,
    pub address: &'a str,
    pub patient: Option<PatientId>,
}

/// When a message that nobody asked for may leave for somebody, and what keeps
/// it from leaving now: `enough` or `quiet`. No moment if it never may.
pub async fn next_unasked(
    tx: &mut ClinicTx,
    now: DateTime<Utc>,
    id: Option<OutboxId>,
    to: Reached<'_>,
) -> Result<(Option<DateTime<Utc>>, &'static str)> {
    let settings = settings::read(tx).await?;
    let Some(free) = has_room(tx, now, id, to, &settings).await? else { return Ok((None, "enough")) };
    let reason = if free > now { "enough" } else { "quiet" };
    let zones: Vec<Tz> = zones(tx, to.patient).await?;
    match quiet::next_allowed_in_all(free, &zones, settings.quiet()) {
        Some(at) => Ok((Some(at), reason)),
        None => Ok((None, "quiet")),
    }
}

/// When this one may: when the patient has room for it and it is day.
pub(super) async fn unasked(tx: &mut ClinicTx, now: DateTime<Utc>, id: OutboxId, row: &Row) -> Result<Unasked> {
    let to = Reached { channel: &row.channel, address: &row.address, patient: row.patient_id.map(PatientId::from) };
    let (at, reason) = next_unasked(tx, now, Some(id), to).await?;
    let Some(at) = at else { return Ok(Unasked::Never(reason)) };
    if row.expires_at.is_some_and(|expires| at >= expires) {
        return Ok(Unasked::Never(reason));
    }
    Ok(if at > now { Unasked::Later(at, reason) } else { Unasked::Now })
}

/// When a message may leave that somebody else than the patient caused: not at
/// night, what staff changed or what did not arrive the first time. None if it
/// may now, which is also where it would be of no use in the morning. A person
/// for whom staff book at night is with them and waits for it.
pub(super) async fn morning(tx: &mut ClinicTx, now: DateTime<Utc>, row: &Row) -> Result<Option<DateTime<Utc>>> {
    let waits = match (row.caused_by.as_deref(), row.kind()) {
        (Some("job"), _) | (Some("member"), Some(Kind::Change | Kind::Cancellation)) => true,
        (Some("member"), Some(Kind::Confirmation)) => was_asked_for(tx, row).await?,
        _ => false,
    };
    if !waits {
        return Ok(None);
    }
    let settings = settings::read(tx).await?;
    let zones = zones(tx, row.patient_id.map(PatientId::from)).await?;
    let at = quiet::next_allowed_in_all(now, &zones, settings.quiet());
    Ok(at.filter(|at| *at > now && row.expires_at.is_none_or(|expires| *at < expires)))
}

/// Whether staff approved the visit that its patient had asked for before.
async fn was_asked_for(tx: &mut ClinicTx, row: &Row) -> Result<bool> {
    let was = sqlx::query_scalar!(
        r#"select exists (select from events where appointment_id = $1 and kind = 'BookingRequested') as "was!""#,
        row.appointment_id
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(was)
}

/// From when on the patient may get one more message that they did not ask
/// for, whichever way it comes; none if never. Their messages are counted one
/// after another.
async fn has_room(
    tx: &mut ClinicTx,
    now: DateTime<Utc>,
    id: Option<OutboxId>,
    to: Reached<'_>,
    settings: &MessagingSettings,
) -> Result<Option<DateTime<Utc>>> {
    let whose = to.patient.map_or_else(|| to.address.to_owned(), |patient| patient.to_string());
    sqlx::query!("select pg_advisory_xact_lock(hashtextextended(current_clinic_id() || ' ' || $1, 26))", whose)
        .execute(tx.conn())
        .await?;
    let kinds: Vec<String> =
        Kind::ALL.into_iter().filter(|kind| kind.needs_opt_out()).map(|kind| kind.as_str().to_owned()).collect();
    let before = sqlx::query_scalar!(
        r#"with theirs as (
               select outbox_id, kind, status, tried_at from outbox
               where patient_id = $5 and tried_at > $3::timestamptz - interval '7 days'
               union
               select outbox_id, kind, status, tried_at from outbox
               where channel = $1 and address = $2 and ($5::uuid is null or patient_id is null)
                 and tried_at > $3::timestamptz - interval '7 days'
           )
           select tried_at as "at!"
           from theirs
           where kind = any($4) and status in ('sending', 'unknown', 'sent', 'delivered') and outbox_id is distinct from $6
           order by tried_at desc
           limit 30"#,
        to.channel,
        to.address,
        now,
        &kinds,
        to.patient.map(PatientId::uuid),
        id
    )
    .fetch_all(tx.conn())
    .await?;
    let day = room_after(&before, now, settings.most_a_day, TimeDelta::days(1));
    let week = room_after(&before, now, settings.most_a_week, TimeDelta::days(7));
    Ok(day.zip(week).map(|(day, week)| day.max(week)))
}

/// When fewer than `most` of these moments, newest first, lie within `period`.
fn room_after(before: &[DateTime<Utc>], now: DateTime<Utc>, most: i32, period: TimeDelta) -> Option<DateTime<Utc>> {
    let last = usize::try_from(most).ok()?.checked_sub(1)?;
    Some(before.get(last).map_or(now, |at| now.max(*at + period)))
}

/// The patient's own zone and the clinic's: it must be day in both.
async fn zones(tx: &mut ClinicTx, patient: Option<PatientId>) -> Result<Vec<Tz>> {
    let row = sqlx::query!(
        r#"select c.time_zone, (select p.time_zone from patients p where p.patient_id = $1) as "patient"
           from clinics c"#,
        patient.map(PatientId::uuid)
    )
    .fetch_one(tx.conn())
    .await?;
    let zones = [Some(row.time_zone), row.patient];
    Ok(zones.into_iter().flatten().filter_map(|zone| zone.parse().ok()).collect())
}
