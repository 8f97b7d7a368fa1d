//! Times that came free, as long as nobody has looked who would take them.

use chrono::{DateTime, Utc};
use domain::say;
use uuid::Uuid;

use crate::{ClinicTx, Result, clinics, tasks};

/// What came free: a stretch of somebody's time, or after a change of hours
/// nobody knows what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Opening {
    pub id: Uuid,
    pub practitioner: Option<Uuid>,
    pub span: Option<(DateTime<Utc>, DateTime<Utc>)>,
}

/// Notes that a stretch of time came free, if anybody waits for any.
pub async fn note(
    tx: &mut ClinicTx,
    now: DateTime<Utc>,
    practitioner: Option<Uuid>,
    span: Option<(DateTime<Utc>, DateTime<Utc>)>,
) -> Result<()> {
    if span.is_some_and(|(_, to)| to <= now) {
        return Ok(());
    }
    sqlx::query!(
        "insert into openings (opening_id, practitioner_id, from_at, to_at, look_at, created_at)
         select $1, $2, $3, $4, $5, $5
         where exists (select from waitlist_entries where closed_at is null)
         on conflict (clinic_id, practitioner_id, from_at, to_at) do update set look_at = excluded.look_at",
        domain::Id::<Opening>::new().uuid(),
        practitioner,
        span.map(|(from, _)| from),
        span.map(|(_, to)| to),
        now
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// The next that is to be looked at.
pub async fn next(tx: &mut ClinicTx, now: DateTime<Utc>) -> Result<Option<Opening>> {
    sqlx::query!("delete from openings where to_at <= $1", now).execute(tx.conn()).await?;
    let row = sqlx::query!(
        "select opening_id, practitioner_id, from_at, to_at from openings
         where look_at <= $1
         order by look_at, opening_id
         limit 1",
        now
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(row.map(|row| Opening {
        id: row.opening_id,
        practitioner: row.practitioner_id,
        span: row.from_at.zip(row.to_at),
    }))
}

/// There is nobody left to offer it to.
pub(super) async fn done(tx: &mut ClinicTx, id: Uuid) -> Result<()> {
    sqlx::query!("delete from openings where opening_id = $1", id).execute(tx.conn()).await?;
    Ok(())
}

/// Has it looked at again later.
pub async fn put_off(tx: &mut ClinicTx, id: Uuid, until: DateTime<Utc>) -> Result<()> {
    sqlx::query!("update openings set look_at = $2 where opening_id = $1", id, until).execute(tx.conn()).await?;
    Ok(())
}

/// Who is named as having asked where nobody in particular waits.
const WAITLIST: &str = "Waitlist";

/// Something keeps it from being offered that trying again does not mend: staff
/// are told.
pub async fn give_up(tx: &mut ClinicTx, now: DateTime<Utc>, opening: Opening) -> Result<()> {
    done(tx, opening.id).await?;
    let what = match opening.span {
        Some((from, _)) => format!("The time that came free at {}", say::moment(from, clinics::time_zone(tx).await?)),
        None => "What came free by a change of hours".to_owned(),
    };
    let detail = format!("{what} could not be offered to those who wait. Please look at the waitlist yourself.");
    tasks::open_about_message(tx, now, None, WAITLIST, &detail).await
}
