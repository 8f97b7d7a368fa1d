//! What an appointment type asks of its times.

use chrono::{DateTime, Duration, Utc};
use domain::appointment::TypeRef;
use domain::schedule::Fit;
use uuid::Uuid;

use crate::{ClinicTx, Result};

/// An appointment type, as far as finding times for it goes.
#[derive(Clone, Debug)]
pub struct Rules {
    pub reference: TypeRef,
    pub minutes: i32,
    pub grid_minutes: i32,
    pub buffer_before_minutes: i32,
    pub buffer_after_minutes: i32,
    pub notice_minutes: i32,
    pub horizon_days: i32,
}

impl Rules {
    /// How a visit asked for at `now` has to fit.
    pub fn fit(&self, now: DateTime<Utc>) -> Fit {
        let minutes = |minutes: i32| Duration::minutes(minutes.into());
        Fit {
            length: minutes(self.minutes),
            before: minutes(self.buffer_before_minutes),
            after: minutes(self.buffer_after_minutes),
            grid: self.grid_minutes,
            not_before: now + minutes(self.notice_minutes),
            not_after: now + Duration::days(self.horizon_days.into()),
        }
    }
}

/// The active type with this id or slug.
pub async fn find(tx: &mut ClinicTx, id_or_slug: &str) -> Result<Option<Rules>> {
    let row = sqlx::query!(
        "select appointment_type_id, slug, name, minutes, grid_minutes,
                buffer_before_minutes, buffer_after_minutes, notice_minutes, horizon_days
         from appointment_types
         where active and (slug = $1 or appointment_type_id = $2)",
        id_or_slug,
        Uuid::parse_str(id_or_slug).ok()
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(row.map(|row| Rules {
        reference: TypeRef { id: row.appointment_type_id, slug: row.slug, name: row.name },
        minutes: row.minutes,
        grid_minutes: row.grid_minutes,
        buffer_before_minutes: row.buffer_before_minutes,
        buffer_after_minutes: row.buffer_after_minutes,
        notice_minutes: row.notice_minutes,
        horizon_days: row.horizon_days,
    }))
}
