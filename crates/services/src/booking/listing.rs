//! The book as other systems read it: visits by whatever is known of them, and
//! the time that is taken.

use chrono::{DateTime, Utc};
use domain::appointment::{Named, TypeRef};
use domain::schedule::Interval;
use uuid::Uuid;

use crate::{ClinicTx, Result};

/// Which visits are asked for. A field without a value asks for any, one with
/// several for any of them.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    pub ids: Option<Vec<Uuid>>,
    /// As the database words them.
    pub statuses: Option<Vec<String>>,
    pub practitioners: Option<Vec<Uuid>>,
    pub patients: Option<Vec<Uuid>>,
    pub rooms: Option<Vec<Uuid>>,
    pub appointment_types: Option<Vec<Uuid>>,
    pub codes: Option<Vec<String>>,
    /// Starts at or after this.
    pub from: Option<DateTime<Utc>>,
    /// Starts before this.
    pub to: Option<DateTime<Utc>>,
}

/// A visit with everything another system may want to know of it.
#[derive(Clone, Debug)]
pub struct Visit {
    pub id: Uuid,
    pub status: String,
    pub starts_at: DateTime<Utc>,
    pub ends_at: DateTime<Utc>,
    pub confirmation_code: String,
    pub note: Option<String>,
    pub cancel_reason: Option<String>,
    pub created_at: DateTime<Utc>,
    pub practitioner: Named,
    pub appointment_type: TypeRef,
    /// The type's name says something about the patient's health.
    pub sensitive: bool,
    pub patient: Named,
    pub rooms: Vec<Named>,
}

struct Row {
    appointment_id: Uuid,
    status: String,
    starts_at: DateTime<Utc>,
    ends_at: DateTime<Utc>,
    confirmation_code: String,
    note: Option<String>,
    cancel_reason: Option<String>,
    created_at: DateTime<Utc>,
    practitioner_id: Uuid,
    practitioner: String,
    appointment_type_id: Uuid,
    slug: String,
    appointment_type: String,
    sensitive: bool,
    patient_id: Uuid,
    patient: String,
    room_ids: Vec<Uuid>,
    room_names: Vec<String>,
}

/// A query over the visits that a [`Filter`] asks for: what it selects, what
/// follows the condition, and more arguments from `$10` on.
macro_rules! visits {
    ($query:ident!($($row:ident,)? $columns:literal), $filter:expr, $rest:literal $(, $argument:expr)* $(,)?) => {
        sqlx::$query!(
            $($row,)?
            $columns
                + "
             where ($1::uuid[] is null or a.appointment_id = any($1))
               and ($2::text[] is null or a.status = any($2))
               and ($3::uuid[] is null or a.practitioner_id = any($3))
               and ($4::uuid[] is null or a.patient_id = any($4))
               and ($5::uuid[] is null
                    or exists (select from occupancies o
                               where o.clinic_id = a.clinic_id and o.appointment_id = a.appointment_id
                                 and o.room_id = any($5)))
               and ($6::uuid[] is null or a.appointment_type_id = any($6))
               and ($7::text[] is null or a.confirmation_code = any($7))
               and a.starts_at >= coalesce($8::timestamptz, '-infinity')
               and a.starts_at < coalesce($9::timestamptz, 'infinity')
               "
                + $rest,
            $filter.ids.as_deref(),
            $filter.statuses.as_deref(),
            $filter.practitioners.as_deref(),
            $filter.patients.as_deref(),
            $filter.rooms.as_deref(),
            $filter.appointment_types.as_deref(),
            $filter.codes.as_deref(),
            $filter.from,
            $filter.to
            $(, $argument)*
        )
    };
}

/// Up to `limit` visits by their start and then their id, those after `after`
/// only.
pub async fn visits(
    tx: &mut ClinicTx,
    filter: &Filter,
    after: Option<(DateTime<Utc>, Uuid)>,
    limit: i64,
) -> Result<Vec<Visit>> {
    plan_for_what_is_asked(tx).await?;
    let (after_start, after_id) = after.unzip();
    let rows = visits!(
        query_as!(
            Row,
            r#"
            select a.appointment_id, a.status, a.starts_at, a.ends_at, a.confirmation_code, a.note, a.cancel_reason,
                   a.created_at,
                   p.practitioner_id, p.name as practitioner,
                   t.appointment_type_id, t.slug, t.name as appointment_type, t.sensitive,
                   c.patient_id, c.name as patient,
                   array(select r.room_id
                         from occupancies o join rooms r using (clinic_id, room_id)
                         where o.appointment_id = a.appointment_id and r.kind = 'room'
                         order by r.position, r.name, r.room_id) as "room_ids!: Vec<Uuid>",
                   array(select r.name
                         from occupancies o join rooms r using (clinic_id, room_id)
                         where o.appointment_id = a.appointment_id and r.kind = 'room'
                         order by r.position, r.name, r.room_id) as "room_names!: Vec<String>"
            from appointments a
            join practitioners p using (clinic_id, practitioner_id)
            join appointment_types t using (clinic_id, appointment_type_id)
            join patients c using (clinic_id, patient_id)
            "#
        ),
        filter,
        "and ($10::timestamptz is null or (a.starts_at, a.appointment_id) > ($10, $11::uuid))
         order by a.starts_at, a.appointment_id
         limit $12",
        after_start,
        after_id,
        limit,
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().map(Row::into_visit).collect())
}

/// How many visits there are.
pub async fn count(tx: &mut ClinicTx, filter: &Filter) -> Result<i64> {
    plan_for_what_is_asked(tx).await?;
    let count = visits!(query_scalar!(r#"select count(*) as "count!" from appointments a"#), filter, "")
        .fetch_one(tx.conn())
        .await?;
    Ok(count)
}

/// Has every question of the transaction planned for what it asks: one plan
/// for all of them would read all visits for each.
async fn plan_for_what_is_asked(tx: &mut ClinicTx) -> Result<()> {
    sqlx::query!("select set_config('plan_cache_mode', 'force_custom_plan', true) as mode")
        .fetch_one(tx.conn())
        .await?;
    Ok(())
}

impl Row {
    fn into_visit(self) -> Visit {
        let rooms = self.room_ids.into_iter().zip(self.room_names);
        Visit {
            id: self.appointment_id,
            status: self.status,
            starts_at: self.starts_at,
            ends_at: self.ends_at,
            confirmation_code: self.confirmation_code,
            note: self.note,
            cancel_reason: self.cancel_reason,
            created_at: self.created_at,
            practitioner: Named { id: self.practitioner_id, name: self.practitioner },
            appointment_type: TypeRef { id: self.appointment_type_id, slug: self.slug, name: self.appointment_type },
            sensitive: self.sensitive,
            patient: Named { id: self.patient_id, name: self.patient },
            rooms: rooms.map(|(id, name)| Named { id, name }).collect(),
        }
    }
}

/// A stretch of a practitioner's time that is spoken for, without a word on who
/// it is for.
#[derive(Clone, Debug)]
pub struct Taken {
    pub id: Uuid,
    pub practitioner_id: Uuid,
    /// With what is kept free around a visit.
    pub during: Interval,
    pub how: How,
    /// Taken over an ordinary visit, on purpose.
    pub overbooked: bool,
}

/// What takes a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    Visit,
    /// A hold, or a request that staff have not decided on.
    Tentative,
    /// Blocked by staff, or busy in another calendar.
    Blocked,
}

impl How {
    const ALL: [Self; 3] = [Self::Visit, Self::Tentative, Self::Blocked];

    const fn as_str(self) -> &'static str {
        match self {
            Self::Visit => "visit",
            Self::Tentative => "tentative",
            Self::Blocked => "blocked",
        }
    }
}

/// Which taken times are asked for. A field without a value asks for any.
#[derive(Clone, Debug, Default)]
pub struct TakenFilter {
    pub id: Option<Uuid>,
    pub practitioners: Option<Vec<Uuid>>,
    pub how: Vec<How>,
    /// Starts at or after this.
    pub from: Option<DateTime<Utc>>,
    /// Starts before this.
    pub to: Option<DateTime<Utc>>,
}

/// Up to `limit` taken times by their start and then their id as text, those
/// after `after` only. A hold that has run out takes nothing, and patients who
/// share a visit take its time once.
pub async fn taken(
    tx: &mut ClinicTx,
    now: DateTime<Utc>,
    filter: &TakenFilter,
    after: Option<(DateTime<Utc>, &str)>,
    limit: i64,
) -> Result<Vec<Taken>> {
    plan_for_what_is_asked(tx).await?;
    let (after_start, after_id) = after.unzip();
    let how: Vec<String> = filter.how.iter().map(|how| how.as_str().to_owned()).collect();
    let rows = sqlx::query!(
        r#"
        with visits as (
            select distinct on (o.practitioner_id, o.session_id)
                   o.occupancy_id as id, o.practitioner_id, o.during,
                   case when o.hold_id is null and a.status <> 'pending' then 'visit' else 'tentative' end as how,
                   o.overbooked > 0 as overbooked
            from occupancies o
            left join holds h on h.clinic_id = o.clinic_id and h.hold_id = o.hold_id
            left join appointments a on a.clinic_id = o.clinic_id and a.appointment_id = o.appointment_id
            where o.practitioner_id is not null
              and ($2::uuid is null or o.occupancy_id = $2)
              and ($3::uuid[] is null or o.resource_id = any($3))
              and (o.hold_id is null or h.expires_at > $1)
              and o.during && tstzrange($4, $5)
            order by o.practitioner_id, o.session_id, o.hold_id is not null, o.seat
        ), taken as (
            select * from visits
            union all
            select busy_time_id, practitioner_id, during, 'blocked', false
            from busy_times
            where ($2::uuid is null or busy_time_id = $2)
              and ($3::uuid[] is null or practitioner_id = any($3))
              and during && tstzrange($4, $5)
        )
        select id as "id!", practitioner_id as "practitioner_id!",
               lower(during) as "starts_at!", upper(during) as "ends_at!",
               how as "how!", overbooked as "overbooked!"
        from taken
        where how = any($6)
          and lower(during) >= coalesce($4, '-infinity')
          and ($7::timestamptz is null or (lower(during), id::text collate "C") > ($7, $8::text))
        order by lower(during), id::text collate "C"
        limit $9
        "#,
        now,
        filter.id,
        filter.practitioners.as_deref(),
        filter.from,
        filter.to,
        &how,
        after_start,
        after_id,
        limit
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Taken {
            id: row.id,
            practitioner_id: row.practitioner_id,
            during: Interval { start: row.starts_at, end: row.ends_at },
            how: How::ALL.into_iter().find(|how| how.as_str() == row.how).unwrap_or(How::Visit),
            overbooked: row.overbooked,
        })
        .collect())
}

/// The taken time with this id, while it is taken.
pub async fn taken_by_id(tx: &mut ClinicTx, now: DateTime<Utc>, id: Uuid) -> Result<Option<Taken>> {
    let filter = TakenFilter { id: Some(id), how: How::ALL.to_vec(), ..TakenFilter::default() };
    Ok(taken(tx, now, &filter, None, 1).await?.pop())
}
