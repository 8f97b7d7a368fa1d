//! Writing a change into the schedule's tables.

use chrono::{DateTime, NaiveDate, Utc};
use domain::{FieldError, Rejection};
use uuid::Uuid;

use super::values::{name, slug};
use super::{
    ClockTime, LocationFields, Open, Overbooked, PractitionerFields, RoomFields, ScheduleChange, TypeFields,
    WeeklyHours,
};
use crate::booking::scheduling::Mode;
use crate::error::OnConstraint;
use crate::{ClinicTx, Error, Result};

/// Writes it; the id of what it made or changed, where that has one.
pub(super) async fn apply(tx: &mut ClinicTx, now: DateTime<Utc>, change: &ScheduleChange) -> Result<Option<Uuid>> {
    let applied = match change {
        ScheduleChange::Hours { practitioner, location, hours } => {
            set_hours(tx, whose(*practitioner, *location)?, hours).await.map(|()| None)
        }
        ScheduleChange::Exception { practitioner, location, date, hours, note } => {
            let whose = whose(*practitioner, *location)?;
            set_exception(tx, whose, *date, hours, note.as_deref()).await.map(|()| None)
        }
        ScheduleChange::EndException { practitioner, location, date } => {
            end_exception(tx, whose(*practitioner, *location)?, *date).await.map(|()| None)
        }
        ScheduleChange::TimeOff { practitioner, location, from, to, note } => {
            let whose = whose(*practitioner, *location)?;
            add_time_off(tx, now, whose, *from, *to, note.as_deref()).await.map(Some)
        }
        ScheduleChange::EndTimeOff { id } => end_time_off(tx, *id).await.map(|()| None),
        ScheduleChange::Busy { practitioner, starts_at, ends_at, source, external_id, note } => {
            let busy = Busy {
                practitioner: *practitioner,
                starts_at: *starts_at,
                ends_at: *ends_at,
                source,
                external_id,
                note,
            };
            add_busy(tx, now, &busy).await.map(Some)
        }
        ScheduleChange::EndBusy { id } => end_busy(tx, *id).await.map(|()| None),
        ScheduleChange::AppointmentType { id, fields } => set_type(tx, *id, fields).await.map(Some),
        ScheduleChange::Practitioner { id, fields } => set_practitioner(tx, *id, fields).await.map(Some),
        ScheduleChange::Room { id, fields } => set_room(tx, *id, fields).await.map(Some),
        ScheduleChange::Location { id, fields } => set_location(tx, *id, fields).await.map(Some),
    };
    applied.map_err(meaning)
}

/// A reference to what is not there, or a number out of its range, refused by
/// the tables themselves.
fn meaning(error: Error) -> Error {
    let Error::Database(sqlx::Error::Database(database)) = &error else { return error };
    match database.code().as_deref() {
        Some("23503") => Rejection::not_found().into(),
        Some("23514") => {
            let what = database.constraint().unwrap_or_default().to_owned();
            let field = what.strip_prefix("appointment_types_").and_then(|rest| rest.strip_suffix("_check"));
            Rejection::invalid(field.unwrap_or("change"), "That is outside what can be set.").into()
        }
        _ => error,
    }
}

#[derive(Clone, Copy)]
struct Whose {
    practitioner: Option<Uuid>,
    location: Option<Uuid>,
}

fn whose(practitioner: Option<Uuid>, location: Option<Uuid>) -> Result<Whose, Rejection> {
    if practitioner.is_some() && location.is_some() {
        return Err(Rejection::invalid("location", "Hours are a practitioner's or a location's, not both."));
    }
    Ok(Whose { practitioner, location })
}

fn stretch(field: String, from: ClockTime, to: ClockTime) -> Option<FieldError> {
    (from >= to).then(|| FieldError { field, message: "The end is not after the beginning.".into() })
}

async fn set_hours(tx: &mut ClinicTx, whose: Whose, hours: &[WeeklyHours]) -> Result<()> {
    let mut errors: Vec<FieldError> = Vec::new();
    for (n, row) in hours.iter().enumerate() {
        errors.extend(stretch(format!("hours.{n}.to"), row.from, row.to));
        if !(1..=7).contains(&row.weekday) {
            errors.push(FieldError { field: format!("hours.{n}.weekday"), message: "Weekdays go from 1 to 7.".into() });
        }
        if row.effective_from.zip(row.effective_until).is_some_and(|(from, until)| from > until) {
            errors.push(FieldError {
                field: format!("hours.{n}.effective_until"),
                message: "The last date is before the first.".into(),
            });
        }
    }
    if hours.len() > 500 {
        errors.push(FieldError { field: "hours".into(), message: "Please give at most 500 stretches.".into() });
    }
    if !errors.is_empty() {
        return Err(Rejection::invalid_fields(errors).into());
    }
    sqlx::query!(
        "delete from opening_hours
         where practitioner_id is not distinct from $1 and location_id is not distinct from $2",
        whose.practitioner,
        whose.location
    )
    .execute(tx.conn())
    .await?;
    for row in hours {
        sqlx::query!(
            "insert into opening_hours
                    (opening_hour_id, practitioner_id, location_id, kind, weekday, from_minute, to_minute,
                     effective_from, effective_until)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            new_id(),
            whose.practitioner,
            whose.location,
            if row.is_break { "break" } else { "open" },
            row.weekday,
            row.from.minutes(),
            row.to.minutes(),
            row.effective_from,
            row.effective_until
        )
        .execute(tx.conn())
        .await?;
    }
    Ok(())
}

async fn set_exception(
    tx: &mut ClinicTx,
    whose: Whose,
    date: NaiveDate,
    hours: &[Open],
    note: Option<&str>,
) -> Result<()> {
    let errors: Vec<_> =
        hours.iter().enumerate().filter_map(|(n, open)| stretch(format!("hours.{n}.to"), open.from, open.to)).collect();
    if !errors.is_empty() {
        return Err(Rejection::invalid_fields(errors).into());
    }
    end_exception(tx, whose, date).await?;
    let closed = [None];
    let stretches: Vec<Option<Open>> = hours.iter().copied().map(Some).collect();
    for open in if stretches.is_empty() { &closed[..] } else { &stretches } {
        sqlx::query!(
            "insert into date_exceptions
                    (date_exception_id, practitioner_id, location_id, on_date, from_minute, to_minute, note)
             values ($1, $2, $3, $4, $5, $6, $7)",
            new_id(),
            whose.practitioner,
            whose.location,
            date,
            open.map(|open| open.from.minutes()),
            open.map(|open| open.to.minutes()),
            note
        )
        .execute(tx.conn())
        .await?;
    }
    Ok(())
}

async fn end_exception(tx: &mut ClinicTx, whose: Whose, date: NaiveDate) -> Result<()> {
    sqlx::query!(
        "delete from date_exceptions
         where practitioner_id is not distinct from $1 and location_id is not distinct from $2 and on_date = $3",
        whose.practitioner,
        whose.location,
        date
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

async fn add_time_off(
    tx: &mut ClinicTx,
    now: DateTime<Utc>,
    whose: Whose,
    from: NaiveDate,
    to: NaiveDate,
    note: Option<&str>,
) -> Result<Uuid> {
    if from > to {
        return Err(Rejection::invalid("to", "The last day is before the first.").into());
    }
    let id = new_id();
    sqlx::query!(
        "insert into time_off (time_off_id, practitioner_id, location_id, from_date, to_date, note, created_at)
         values ($1, $2, $3, $4, $5, $6, $7)",
        id,
        whose.practitioner,
        whose.location,
        from,
        to,
        note,
        now
    )
    .execute(tx.conn())
    .await?;
    Ok(id)
}

async fn end_time_off(tx: &mut ClinicTx, id: Uuid) -> Result<()> {
    let ended = sqlx::query!("delete from time_off where time_off_id = $1", id).execute(tx.conn()).await?;
    found(ended.rows_affected())
}

struct Busy<'a> {
    practitioner: Uuid,
    starts_at: DateTime<Utc>,
    ends_at: DateTime<Utc>,
    source: &'a str,
    external_id: &'a Option<String>,
    note: &'a Option<String>,
}

async fn add_busy(tx: &mut ClinicTx, now: DateTime<Utc>, busy: &Busy<'_>) -> Result<Uuid> {
    if busy.starts_at >= busy.ends_at {
        return Err(Rejection::invalid("ends_at", "The end is not after the beginning.").into());
    }
    if busy.ends_at - busy.starts_at > chrono::Duration::days(62) {
        return Err(Rejection::invalid("ends_at", "Please give leave for so long a time.").into());
    }
    let row = sqlx::query_scalar!(
        "insert into busy_times (busy_time_id, practitioner_id, during, source, external_id, note, created_at)
         values ($1, $2, tstzrange($3, $4), $5, $6, $7, $8)
         on conflict on constraint busy_times_one_per_event
             do update set during = excluded.during, note = excluded.note
         returning busy_time_id",
        new_id(),
        busy.practitioner,
        busy.starts_at,
        busy.ends_at,
        busy.source,
        busy.external_id.as_deref(),
        busy.note.as_deref(),
        now
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(row)
}

async fn end_busy(tx: &mut ClinicTx, id: Uuid) -> Result<()> {
    let ended = sqlx::query!("delete from busy_times where busy_time_id = $1", id).execute(tx.conn()).await?;
    found(ended.rows_affected())
}

async fn set_type(tx: &mut ClinicTx, id: Option<Uuid>, fields: &TypeFields) -> Result<Uuid> {
    let id = match id {
        Some(id) => id,
        None => new_type(tx, fields).await?,
    };
    let given_name = fields.name.as_deref().map(|text| name("name", text)).transpose()?;
    let mode = |mode: Option<Mode>| mode.map(Mode::as_str);
    let set = sqlx::query!(
        "update appointment_types
         set name = coalesce($2, name),
             slug = coalesce($3, slug),
             description = case when $4 then $5 else description end,
             active = coalesce($6, active),
             position = coalesce($7, position),
             minutes = coalesce($8, minutes),
             grid_minutes = coalesce($9, grid_minutes),
             price_minor = case when $10 then $11 else price_minor end,
             buffer_before_minutes = coalesce($12, buffer_before_minutes),
             buffer_after_minutes = coalesce($13, buffer_after_minutes),
             notice_minutes = coalesce($14, notice_minutes),
             horizon_days = coalesce($15, horizon_days),
             cutoff_minutes = coalesce($16, cutoff_minutes),
             capacity = coalesce($17, capacity),
             sensitive = coalesce($18, sensitive),
             web_mode = coalesce($19, web_mode),
             sms_mode = coalesce($20, sms_mode),
             voice_mode = coalesce($21, voice_mode),
             api_mode = coalesce($22, api_mode)
         where appointment_type_id = $1",
        id,
        given_name,
        fields.slug,
        fields.description.is_some(),
        fields.description.clone().flatten(),
        fields.active,
        fields.position,
        fields.minutes,
        fields.grid_minutes,
        fields.price_minor.is_some(),
        fields.price_minor.flatten(),
        fields.buffer_before_minutes,
        fields.buffer_after_minutes,
        fields.notice_minutes,
        fields.horizon_days,
        fields.cutoff_minutes,
        fields.capacity,
        fields.sensitive,
        mode(fields.web_mode),
        mode(fields.sms_mode),
        mode(fields.voice_mode),
        mode(fields.api_mode)
    )
    .execute(tx.conn())
    .await
    .on_constraint("appointment_types_slug_unique", slug_taken)?;
    found(set.rows_affected())?;
    if let Some(needs) = &fields.needs {
        set_needs(tx, id, needs).await?;
    }
    if let Some(overbooking) = &fields.overbooking {
        set_overbooking(tx, id, overbooking).await?;
    }
    Ok(id)
}

fn slug_taken() -> Rejection {
    Rejection::invalid("slug", "Another type has this short name.")
}

async fn new_type(tx: &mut ClinicTx, fields: &TypeFields) -> Result<Uuid> {
    let named = name("name", fields.name.as_deref().unwrap_or_default())?;
    let Some(minutes) = fields.minutes else {
        return Err(Rejection::invalid("minutes", "Please say how long a visit takes.").into());
    };
    let id = new_id();
    sqlx::query!(
        "insert into appointment_types (appointment_type_id, slug, name, minutes, position)
         values ($1, $2, $3, $4, (select coalesce(max(position) + 1, 0) from appointment_types))",
        id,
        fields.slug.clone().unwrap_or_else(|| slug(&named)),
        named,
        minutes
    )
    .execute(tx.conn())
    .await
    .on_constraint("appointment_types_slug_unique", slug_taken)?;
    Ok(id)
}

async fn set_needs(tx: &mut ClinicTx, id: Uuid, needs: &[Vec<Uuid>]) -> Result<()> {
    if needs.len() > 4 || needs.iter().any(Vec::is_empty) {
        return Err(Rejection::invalid("needs", "A visit has at most 4 needs, each met by at least one room.").into());
    }
    sqlx::query!("delete from room_needs where appointment_type_id = $1", id).execute(tx.conn()).await?;
    for (need, rooms) in (1_i16..).zip(needs) {
        sqlx::query!(
            "insert into room_needs (appointment_type_id, need, room_id)
             select $1, $2, room_id from unnest($3::uuid[]) room_id
             on conflict do nothing",
            id,
            need,
            rooms
        )
        .execute(tx.conn())
        .await?;
    }
    Ok(())
}

async fn set_overbooking(tx: &mut ClinicTx, id: Uuid, rules: &[Overbooked]) -> Result<()> {
    let errors: Vec<_> = rules
        .iter()
        .enumerate()
        .filter_map(|(n, rule)| stretch(format!("overbooking.{n}.to"), rule.from, rule.to))
        .collect();
    if !errors.is_empty() {
        return Err(Rejection::invalid_fields(errors).into());
    }
    sqlx::query!("delete from overbooking where appointment_type_id = $1", id).execute(tx.conn()).await?;
    for rule in rules {
        sqlx::query!(
            "insert into overbooking (overbooking_id, appointment_type_id, weekday, from_minute, to_minute, extra)
             values ($1, $2, $3, $4, $5, $6)",
            new_id(),
            id,
            rule.weekday,
            rule.from.minutes(),
            rule.to.minutes(),
            rule.extra
        )
        .execute(tx.conn())
        .await?;
    }
    Ok(())
}

async fn set_practitioner(tx: &mut ClinicTx, id: Option<Uuid>, fields: &PractitionerFields) -> Result<Uuid> {
    let given_name = fields.name.as_deref().map(|text| name("name", text)).transpose()?;
    let id = match id {
        Some(id) => id,
        None => {
            let id = new_id();
            sqlx::query!(
                "insert into practitioners (practitioner_id, name, position)
                 values ($1, $2, (select coalesce(max(position) + 1, 0) from practitioners))",
                id,
                name("name", fields.name.as_deref().unwrap_or_default())?
            )
            .execute(tx.conn())
            .await?;
            id
        }
    };
    let set = sqlx::query!(
        "update practitioners
         set name = coalesce($2, name),
             active = coalesce($3, active),
             position = coalesce($4, position),
             location_id = case when $5 then $6 else location_id end
         where practitioner_id = $1",
        id,
        given_name,
        fields.active,
        fields.position,
        fields.location.is_some(),
        fields.location.flatten()
    )
    .execute(tx.conn())
    .await?;
    found(set.rows_affected())?;
    if let Some(offers) = &fields.offers {
        sqlx::query!("delete from offers where practitioner_id = $1 and appointment_type_id <> all($2)", id, offers)
            .execute(tx.conn())
            .await?;
        sqlx::query!(
            "insert into offers (practitioner_id, appointment_type_id)
             select $1, kind from unnest($2::uuid[]) kind
             on conflict do nothing",
            id,
            offers
        )
        .execute(tx.conn())
        .await?;
    }
    Ok(id)
}

async fn set_room(tx: &mut ClinicTx, id: Option<Uuid>, fields: &RoomFields) -> Result<Uuid> {
    let given_name = fields.name.as_deref().map(|text| name("name", text)).transpose()?;
    let id = match id {
        Some(id) => id,
        None => {
            let id = new_id();
            sqlx::query!(
                "insert into rooms (room_id, name, position)
                 values ($1, $2, (select coalesce(max(position) + 1, 0) from rooms))",
                id,
                name("name", fields.name.as_deref().unwrap_or_default())?
            )
            .execute(tx.conn())
            .await?;
            id
        }
    };
    let set = sqlx::query!(
        "update rooms
         set name = coalesce($2, name),
             kind = coalesce($3, kind),
             active = coalesce($4, active),
             position = coalesce($5, position),
             location_id = case when $6 then $7 else location_id end
         where room_id = $1",
        id,
        given_name,
        fields.equipment.map(|is_equipment| if is_equipment { "equipment" } else { "room" }),
        fields.active,
        fields.position,
        fields.location.is_some(),
        fields.location.flatten()
    )
    .execute(tx.conn())
    .await?;
    found(set.rows_affected())?;
    Ok(id)
}

async fn set_location(tx: &mut ClinicTx, id: Option<Uuid>, fields: &LocationFields) -> Result<Uuid> {
    let given_name = fields.name.as_deref().map(|text| name("name", text)).transpose()?;
    let id = match id {
        Some(id) => id,
        None => {
            let id = new_id();
            sqlx::query!(
                "insert into locations (location_id, name, position)
                 values ($1, $2, (select coalesce(max(position) + 1, 0) from locations))",
                id,
                name("name", fields.name.as_deref().unwrap_or_default())?
            )
            .execute(tx.conn())
            .await?;
            id
        }
    };
    let set = sqlx::query!(
        "update locations
         set name = coalesce($2, name),
             address = case when $3 then $4 else address end,
             active = coalesce($5, active),
             position = coalesce($6, position)
         where location_id = $1",
        id,
        given_name,
        fields.address.is_some(),
        fields.address.clone().flatten(),
        fields.active,
        fields.position
    )
    .execute(tx.conn())
    .await?;
    found(set.rows_affected())?;
    Ok(id)
}

fn found(rows: u64) -> Result<()> {
    if rows == 0 { Err(Rejection::not_found().into()) } else { Ok(()) }
}

fn new_id() -> Uuid {
    domain::Id::<()>::new().uuid()
}
