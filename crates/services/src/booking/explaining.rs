//! Why a time is not offered, for anyone who asks.

use chrono::{DateTime, Utc};
use domain::appointment::Named;
use domain::explain::{Occupied, Reason, reasons};
use domain::id::PractitionerId;
use domain::schedule::Interval;
use domain::{Rejection, say};
use uuid::Uuid;

use super::availability::offering;
use super::rules;
use super::working_hours::WorkingHours;
use crate::{ClinicTx, Result, clinics};

/// Whether a time is offered, and if not, what speaks against it with each
/// practitioner who could be meant.
#[derive(Clone, Debug)]
pub struct Explanation {
    pub offered: bool,
    pub reasons: Vec<(Named, Reason)>,
}

impl Explanation {
    /// The reasons as a patient may know them, each once: what speaks against
    /// the time whoever it is with.
    pub fn for_patients(&self) -> Vec<Reason> {
        let mut safe: Vec<Reason> = self.reasons.iter().map(|(_, reason)| reason.for_patients()).collect();
        safe.sort();
        safe.dedup();
        safe
    }
}

/// Why a visit of this type cannot start at `at`, with one practitioner or with
/// anyone. There are no reasons if and only if the time is offered.
///
/// # Errors
///
/// Rejected with `not_found` if nobody offers such a visit.
pub async fn explain(
    tx: &mut ClinicTx,
    now: DateTime<Utc>,
    appointment_type: &str,
    practitioner: Option<PractitionerId>,
    at: DateTime<Utc>,
) -> Result<Explanation> {
    let zone = clinics::time_zone(tx).await?;
    let kind = rules::find(tx, appointment_type).await?.ok_or_else(Rejection::not_found)?;
    let practitioners = offering(tx, kind.reference.id, practitioner).await?;
    if practitioners.is_empty() {
        return Err(Rejection::not_found().into());
    }
    let ids: Vec<Uuid> = practitioners.iter().map(|named| named.id).collect();
    let date = at.with_timezone(&zone).date_naive();
    let hours = WorkingHours::read(tx, &ids, date, date).await?;
    let fit = kind.fit(now);
    let book = book(tx, now, &ids, fit.occupied(at)).await?;
    let mut found = Vec::new();
    for practitioner in practitioners {
        let own: Vec<Occupied> =
            book.iter().filter(|(who, _)| *who == practitioner.id).map(|(_, entry)| *entry).collect();
        let against = reasons(zone, &hours.of(practitioner.id.into()), &own, &fit, at);
        if against.is_empty() {
            return Ok(Explanation { offered: true, reasons: Vec::new() });
        }
        found.extend(against.into_iter().map(|reason| (practitioner.clone(), reason)));
    }
    Ok(Explanation { offered: false, reasons: found })
}

/// A reason as staff read it.
pub fn detail(practitioner: &Named, reason: Reason, at: DateTime<Utc>, zone: chrono_tz::Tz) -> String {
    format!("{}, {}: {}", practitioner.name, say::moment(at, zone), reason.sentence())
}

/// What stands in the practitioners' books around a time. A hold that has run
/// out stands for nothing.
async fn book(
    tx: &mut ClinicTx,
    now: DateTime<Utc>,
    practitioners: &[Uuid],
    around: Interval,
) -> Result<Vec<(Uuid, Occupied)>> {
    let rows = sqlx::query!(
        r#"
        select o.practitioner_id,
               lower(o.during) as "from!",
               upper(o.during) as "to!",
               coalesce(h.starts_at, a.starts_at) as "starts_at!",
               coalesce(h.ends_at, a.ends_at) as "ends_at!",
               o.hold_id is not null as "is_hold!"
        from occupancies o
        left join holds h on h.clinic_id = o.clinic_id and h.hold_id = o.hold_id
        left join appointments a on a.clinic_id = o.clinic_id and a.appointment_id = o.appointment_id
        where o.practitioner_id = any($1)
          and o.during && tstzrange($2, $3)
          and (o.hold_id is null or h.expires_at > $4)
        "#,
        practitioners,
        around.start,
        around.end,
        now
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let entry = Occupied {
                visit: Interval { start: row.starts_at, end: row.ends_at },
                with_buffers: Interval { start: row.from, end: row.to },
                is_hold: row.is_hold,
            };
            (row.practitioner_id, entry)
        })
        .collect())
}
