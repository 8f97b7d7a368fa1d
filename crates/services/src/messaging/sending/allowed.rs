//! Whether a message may leave, and when.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use domain::id::PatientId;
use domain::quiet;
use domain::template::Kind;

use super::Row;
use crate::messaging::settings;
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
    Later(DateTime<Utc>),
    Never(&'static str),
}

/// When this one may.
pub(super) async fn unasked(tx: &mut ClinicTx, now: DateTime<Utc>, row: &Row) -> Result<Unasked> {
    let settings = settings::read(tx).await?;
    let zones: Vec<Tz> = zones(tx, row.patient_id.map(PatientId::from)).await?;
    let Some(at) = quiet::next_allowed_in_all(now, &zones, settings.quiet()) else {
        return Ok(Unasked::Never("quiet"));
    };
    if row.expires_at.is_some_and(|expires| at >= expires) {
        return Ok(Unasked::Never("quiet"));
    }
    if at > now {
        return Ok(Unasked::Later(at));
    }
    let kinds: Vec<String> =
        Kind::ALL.into_iter().filter(|kind| kind.needs_opt_out()).map(|kind| kind.as_str().to_owned()).collect();
    let before = sqlx::query!(
        r#"select count(*) filter (where tried_at > $3::timestamptz - interval '1 day') as "day!", count(*) as "week!"
           from outbox
           where channel = $1 and address = $2 and kind = any($4) and tried_at > $3::timestamptz - interval '7 days'
             and status in ('sending', 'unknown', 'sent', 'delivered')"#,
        row.channel,
        row.address,
        now,
        &kinds
    )
    .fetch_one(tx.conn())
    .await?;
    let is_full = before.day >= settings.most_a_day.into() || before.week >= settings.most_a_week.into();
    Ok(if is_full { Unasked::Never("enough") } else { Unasked::Now })
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
