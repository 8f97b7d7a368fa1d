//! A reason in staff's words: whose visit it is, and until when it lasts.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use domain::book::{By, Entry};
use domain::explain::Reason;
use domain::say;
use domain::schedule::{Away, Off};
use uuid::Uuid;

use super::{Because, Explanation, Told};
use crate::booking::scheduling::{EVERY_DATE, Scheduling};
use crate::{ClinicTx, Result};

/// Of many visits at one time, how many are named.
const MOST_NAMED: usize = 4;

pub async fn tell(tx: &mut ClinicTx, explanation: &Explanation) -> Result<Vec<Told>> {
    let scheduling = Scheduling::current(tx).await?;
    let visits = visits(tx, explanation).await?;
    let words = Words { explanation, scheduling: &scheduling, visits };
    let reasons = explanation.reasons.iter().zip(&explanation.because);
    let told = reasons.map(|((practitioner, reason), because)| Told {
        practitioner: practitioner.clone(),
        reason: *reason,
        detail: format!(
            "{}, {}: {}",
            practitioner.name,
            explanation.label,
            words.sentence(practitioner.id, *reason, because)
        ),
    });
    Ok(told.collect())
}

/// Who or what an entry is, by its session.
type Known = HashMap<Uuid, Vec<String>>;

async fn visits(tx: &mut ClinicTx, explanation: &Explanation) -> Result<Known> {
    let entries = explanation.because.iter().flatten().filter_map(|because| match because {
        Because::Entry { entry, .. } => Some(entry.session),
        Because::Away(_) => None,
    });
    let sessions: Vec<Uuid> = entries.collect();
    if sessions.is_empty() {
        return Ok(Known::new());
    }
    let resources: Vec<Uuid> = explanation
        .because
        .iter()
        .flatten()
        .filter_map(|because| match because {
            Because::Entry { resource, .. } => Some(*resource),
            Because::Away(_) => None,
        })
        .collect();
    let rows = sqlx::query!(
        r#"
        select distinct o.session_id as "session!", c.name || ', ' || t.name as "what!"
        from occupancies o
        join appointments a using (clinic_id, appointment_id)
        join patients c using (clinic_id, patient_id)
        join appointment_types t using (clinic_id, appointment_type_id)
        where o.resource_id = any($1) and o.session_id = any($2)
        union all
        select busy_time_id, note
        from busy_times
        where busy_time_id = any($2) and note is not null
        order by 2
        "#,
        &resources,
        &sessions
    )
    .fetch_all(tx.conn())
    .await?;
    let mut known = Known::new();
    for row in rows {
        known.entry(row.session).or_default().push(row.what);
    }
    Ok(known)
}

struct Words<'a> {
    explanation: &'a Explanation,
    scheduling: &'a Scheduling,
    visits: Known,
}

impl Words<'_> {
    fn sentence(&self, practitioner: Uuid, reason: Reason, because: &[Because]) -> String {
        let away = because.iter().find_map(|because| match because {
            Because::Away(away) => Some(*away),
            Because::Entry { .. } => None,
        });
        if let Some(away) = away {
            return self.away(practitioner, away);
        }
        let mut parts: Vec<String> = Vec::new();
        for because in because {
            if let Because::Entry { resource, entry } = because {
                let what = self.entry(entry);
                parts.push(match (reason, self.scheduling.rooms.get(resource)) {
                    (Reason::Room, Some(room)) => format!("{} has {what}", room.name),
                    _ => what,
                });
            }
        }
        parts.dedup();
        let said = reason.sentence();
        match parts.len() {
            0 if reason == Reason::Room => format!("{said} There is none in use where they work."),
            0 => said.to_owned(),
            n => {
                let more = n.saturating_sub(MOST_NAMED);
                parts.truncate(MOST_NAMED);
                let more = if more > 0 { format!("; and {more} more") } else { String::new() };
                format!("{} {}{more}.", said.trim_end_matches('.').to_owned() + ":", parts.join("; "))
            }
        }
    }

    /// `Ada Lovelace, Haircut, 2:00 PM to 2:45 PM`, or until when it is held.
    fn entry(&self, entry: &Entry) -> String {
        let known = self.visits.get(&entry.session).map(|known| known.join(" and "));
        match entry.by {
            By::Hold { until } => format!("held until {}", self.time(until)),
            By::Visit => format!("{}, {}", known.unwrap_or_else(|| "a visit".to_owned()), self.span(entry)),
            By::Elsewhere => match known {
                Some(note) => format!("{note}, {}", self.span(entry)),
                None => self.span(entry),
            },
        }
    }

    fn span(&self, entry: &Entry) -> String {
        let (from, to) = (entry.visit.start, entry.visit.end);
        let zone = self.explanation.time_zone;
        let is_one_day = from.with_timezone(&zone).date_naive() == to.with_timezone(&zone).date_naive();
        if is_one_day {
            format!("{} to {}", self.time(from), self.time(to))
        } else {
            format!("{} to {}", say::moment(from, zone), say::moment(to, zone))
        }
    }

    fn time(&self, at: DateTime<Utc>) -> String {
        say::time(at, self.explanation.time_zone)
    }

    fn away(&self, practitioner: Uuid, away: Away) -> String {
        let place = self.scheduling.practitioner(practitioner).and_then(|known| known.location_id);
        let place = place.and_then(|id| self.scheduling.locations.get(&id));
        let place = place.map_or("The location", |place| place.name.as_str());
        let until = last_day(away.to);
        match away.off {
            Off::Leave => format!("The practitioner is away until {until}."),
            Off::LocationClosure if (away.from, away.to) == EVERY_DATE => format!("{place} is not in use."),
            Off::LocationClosure => format!("{place} is closed until {until}."),
            Off::Closure => format!("The clinic is closed until {until}."),
        }
    }
}

fn last_day(date: NaiveDate) -> String {
    format!("the end of {}", say::long_day(date))
}
