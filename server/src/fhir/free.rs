//! Free times, as the booking rules have them.

use chrono::{DateTime, Duration, NaiveDate, Utc};
use domain::RejectionCode;
use domain::schedule::Interval;
use services::booking::availability::OpenSlot;
use services::booking::{self, Channel, Wanted};
use services::inventory::AppointmentType;
use services::{ClinicTx, clinics};
use uuid::Uuid;

use super::outcome::{FhirResult, Outcome};
use super::page::Cursor;
use super::slot_id;

/// The longest time one question may be about.
pub const MOST_DAYS: i64 = 62;

/// Which free times are asked for.
#[derive(Clone, Debug)]
pub struct Wish {
    /// Starts in here.
    pub within: Interval,
    /// Ends by then.
    pub until: Option<DateTime<Utc>>,
    /// Who for what; without a practitioner, whoever offers it.
    pub offers: Vec<(AppointmentType, Option<Uuid>)>,
    /// Of practitioners who are free at once all, not the one to be chosen.
    pub every_practitioner: bool,
}

impl Wish {
    /// Nothing is on offer after this.
    fn horizon(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        let days = self.offers.iter().map(|(kind, _)| kind.horizon_days).max();
        now + Duration::days(days.unwrap_or(0).into())
    }
}

/// A free time and its id.
#[derive(Clone, Debug)]
pub struct Free {
    pub id: String,
    pub slot: OpenSlot,
    pub kind: AppointmentType,
}

impl Free {
    pub fn place(&self) -> Cursor {
        Cursor { at: self.slot.claim.starts_at, id: self.id.clone() }
    }
}

/// Refuses what would take too long to answer.
pub fn check_length(parameter: &str, within: Interval) -> FhirResult<()> {
    // A run of days in which the clocks go back has an hour more.
    if within.end - within.start <= Duration::days(MOST_DAYS) + Duration::hours(1) {
        return Ok(());
    }
    Err(Outcome::too_costly(parameter, format!("Please ask for at most {MOST_DAYS} days.")))
}

/// The first free times after `after`, at least `limit` if there are so many,
/// in order. Looks a week at a time, so that a page costs what it holds.
pub async fn free(
    tx: &mut ClinicTx,
    now: DateTime<Utc>,
    wish: &Wish,
    after: Option<&Cursor>,
    limit: usize,
) -> FhirResult<Vec<Free>> {
    let zone = clinics::time_zone(tx).await?;
    let from = after.map_or(wish.within.start, |after| after.at.max(wish.within.start)).max(now);
    let date = |at: DateTime<Utc>| at.with_timezone(&zone).date_naive();
    let (mut day, last) = (date(from), date((wish.within.end - Duration::microseconds(1)).min(wish.horizon(now))));
    let mut found = Vec::new();
    while from < wish.within.end && day <= last && found.len() < limit {
        let week_end = day.checked_add_days(chrono::Days::new(6)).map_or(last, |end| end.min(last));
        for (kind, practitioner) in &wish.offers {
            found.extend(on_days(tx, now, wish, kind, *practitioner, (day, week_end)).await?);
        }
        found.retain(|free| after.is_none_or(|after| free.place() > *after));
        let Some(next) = week_end.succ_opt() else { break };
        day = next;
    }
    found.sort_by_key(Free::place);
    found.dedup_by(|one, other| one.id == other.id);
    Ok(found)
}

async fn on_days(
    tx: &mut ClinicTx,
    now: DateTime<Utc>,
    wish: &Wish,
    kind: &AppointmentType,
    practitioner: Option<Uuid>,
    (from, to): (NaiveDate, NaiveDate),
) -> FhirResult<Vec<Free>> {
    let wanted = Wanted {
        practitioner: practitioner.map(Into::into),
        every_practitioner: wish.every_practitioner,
        ..Wanted::of(kind.id.to_string(), Channel::Api, from, to)
    };
    let slots = match booking::available(tx, now, &wanted).await {
        Ok(available) => available.slots,
        // What is no longer on offer has no free times.
        Err(error) if matches!(error.code(), Some(RejectionCode::NotFound | RejectionCode::Forbidden)) => Vec::new(),
        Err(error) => return Err(error.into()),
    };
    let fits = |slot: &OpenSlot| {
        let start = slot.claim.starts_at;
        wish.within.start <= start && start < wish.within.end && wish.until.is_none_or(|until| slot.ends_at <= until)
    };
    Ok(slots
        .into_iter()
        .filter(fits)
        .map(|slot| Free { id: slot_id::written(&slot.claim), slot, kind: kind.clone() })
        .collect())
}
