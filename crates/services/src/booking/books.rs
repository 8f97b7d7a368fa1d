//! What practitioners and rooms are taken for.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, Duration, Utc};
use domain::book::{Book, By, Entry};
use domain::id::{AppointmentId, HoldId};
use domain::schedule::Interval;
use uuid::Uuid;

use crate::memory::Versions;
use crate::{ClinicTx, Result};

/// A book from an instant on, as it was at a version.
#[derive(Debug)]
pub(crate) struct Kept {
    version: i64,
    from: DateTime<Utc>,
    entries: Vec<Entry>,
    book: Arc<Book>,
}

/// How much of the past is kept: what began yesterday may still be going on.
const PAST: Duration = Duration::days(2);

/// The books of `resources` for times from `span` on, as this transaction sees
/// them.
pub(crate) async fn read(
    tx: &mut ClinicTx,
    now: DateTime<Utc>,
    versions: &Versions,
    resources: &[Uuid],
    span: Interval,
) -> Result<HashMap<Uuid, Arc<Book>>> {
    if span.start < now - PAST {
        return read_past(tx, now, resources, span).await;
    }
    let (memory, clinic) = (tx.memory().clone(), tx.clinic());
    let mut books = HashMap::with_capacity(resources.len());
    let mut missing = Vec::new();
    for resource in resources {
        let kept = memory.books.get(&(clinic, *resource)).filter(|kept| kept.is_good(versions.book(*resource), now));
        match kept {
            Some(kept) if kept.has_run_out(now) => {
                let again = Arc::new(kept.at(now));
                memory.books.insert((clinic, *resource), again.clone());
                books.insert(*resource, again.book.clone());
            }
            Some(kept) => drop(books.insert(*resource, kept.book.clone())),
            None => missing.push(*resource),
        }
    }
    if missing.is_empty() {
        return Ok(books);
    }
    let from = now - PAST;
    let mut entries = by_resource(entries(tx, &missing, from, None).await?);
    for resource in missing {
        let entries = entries.remove(&resource).unwrap_or_default();
        let book = Arc::new(Book::at(now, entries.iter().copied()));
        let kept = Kept { version: versions.book(resource), from, entries, book: book.clone() };
        memory.books.insert((clinic, resource), Arc::new(kept));
        books.insert(resource, book);
    }
    Ok(books)
}

impl Kept {
    fn is_good(&self, version: i64, now: DateTime<Utc>) -> bool {
        self.version == version && self.from <= now - PAST
    }

    fn has_run_out(&self, now: DateTime<Utc>) -> bool {
        self.book.good_until().is_some_and(|until| until <= now)
    }

    fn at(&self, now: DateTime<Utc>) -> Self {
        let book = Arc::new(Book::at(now, self.entries.iter().copied()));
        Self { version: self.version, from: self.from, entries: self.entries.clone(), book }
    }
}

async fn read_past(
    tx: &mut ClinicTx,
    now: DateTime<Utc>,
    resources: &[Uuid],
    span: Interval,
) -> Result<HashMap<Uuid, Arc<Book>>> {
    let mut entries = by_resource(entries(tx, resources, span.start, Some(span.end)).await?);
    Ok(resources
        .iter()
        .map(|resource| (*resource, Arc::new(Book::at(now, entries.remove(resource).unwrap_or_default()))))
        .collect())
}

fn by_resource(found: Vec<Found>) -> HashMap<Uuid, Vec<Entry>> {
    let mut entries: HashMap<Uuid, Vec<Entry>> = HashMap::new();
    for found in found {
        entries.entry(found.resource).or_default().push(found.entry);
    }
    entries
}

/// An entry, whose book it is in and what made it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Found {
    pub resource: Uuid,
    pub entry: Entry,
    pub seat: i32,
    pub hold: Option<HoldId>,
    pub appointment: Option<AppointmentId>,
}

/// What stands in the books of `resources` from `from` on, or up to `to`; holds
/// that have run out too.
pub(crate) async fn entries(
    tx: &mut ClinicTx,
    resources: &[Uuid],
    from: DateTime<Utc>,
    to: Option<DateTime<Utc>>,
) -> Result<Vec<Found>> {
    let rows = sqlx::query!(
        r#"
        select o.resource_id as "resource_id!",
               lower(o.during) as "from!",
               upper(o.during) as "to!",
               coalesce(h.starts_at, a.starts_at) as "starts_at!",
               coalesce(h.ends_at, a.ends_at) as "ends_at!",
               coalesce(h.appointment_type_id, a.appointment_type_id) as "kind?",
               o.session_id as "session_id!", o.seat as "seat!", o.overbooked as "overbooked!",
               o.hold_id, o.appointment_id,
               h.expires_at as "expires_at?"
        from occupancies o
        left join holds h on h.clinic_id = o.clinic_id and h.hold_id = o.hold_id
        left join appointments a on a.clinic_id = o.clinic_id and a.appointment_id = o.appointment_id
        where o.resource_id = any($1) and o.during && tstzrange($2, $3)
        union all
        select b.resource_id, lower(b.during), upper(b.during), lower(b.during), upper(b.during), null,
               b.busy_time_id, 1, 0::smallint, null, null, null
        from busy_times b
        where b.practitioner_id = any($1) and b.during && tstzrange($2, $3)
        "#,
        resources,
        from,
        to
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Found {
            resource: row.resource_id,
            seat: row.seat,
            entry: Entry {
                during: Interval { start: row.from, end: row.to },
                visit: Interval { start: row.starts_at, end: row.ends_at },
                by: match (row.expires_at, row.appointment_id) {
                    (Some(until), _) => By::Hold { until },
                    (None, Some(_)) => By::Visit,
                    (None, None) => By::Elsewhere,
                },
                kind: row.kind,
                session: row.session_id,
                overbooked: row.overbooked,
            },
            hold: row.hold_id.map(Into::into),
            appointment: row.appointment_id.map(Into::into),
        })
        .collect())
}
