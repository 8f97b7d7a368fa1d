//! Who waits for what, and what they were offered.

use chrono::{DateTime, NaiveDate, Utc};
use domain::Rejection;
use domain::id::{ConversationId, MemberId};
use domain::language::Language;
use serde_json::json;
use uuid::Uuid;

use super::answering::{self, By, Ending};
use crate::{ClinicTx, Result, audit};

/// Somebody who waits, as staff see it.
#[derive(Clone, Debug)]
pub struct Waiting {
    pub id: Uuid,
    pub patient: String,
    pub reach: String,
    pub appointment_type: String,
    /// None for anyone.
    pub practitioner: Option<String>,
    pub from: NaiveDate,
    pub to: NaiveDate,
    pub from_minute: i32,
    pub to_minute: i32,
    pub note: Option<String>,
    pub conversation: Option<ConversationId>,
    pub since: DateTime<Utc>,
    /// Who of the staff put them on the list; none if they asked themselves.
    pub added_by: Option<String>,
    /// What they were offered, the newest first.
    pub offers: Vec<Offered>,
}

/// An offer, as staff see it.
#[derive(Clone, Debug)]
pub struct Offered {
    pub starts_at: DateTime<Utc>,
    pub practitioner: String,
    pub state: String,
    pub offered_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
    /// Why they were first.
    pub asked_for_them: bool,
    pub others: i32,
    /// Who of the staff chose it; none if it was offered by itself.
    pub offered_by: Option<String>,
    /// How they are told of it, `sms` or `email`, and how far that is.
    pub told: Option<(String, String)>,
}

/// Who waits, whoever has longest first, after `after`.
pub async fn list(tx: &mut ClinicTx, after: Option<Uuid>, limit: i64) -> Result<Vec<Waiting>> {
    let rows = sqlx::query!(
        r#"
        select e.waitlist_entry_id, p.name as patient, concat_ws(', ', p.phone, p.email) as "reach!",
               t.name as appointment_type, r.name as "practitioner?", e.from_date, e.to_date, e.from_minute, e.to_minute,
               e.note, e.conversation_id, e.created_at, m.name as "added_by?"
        from waitlist_entries e
        join patients p using (clinic_id, patient_id)
        join appointment_types t using (clinic_id, appointment_type_id)
        left join practitioners r on r.clinic_id = e.clinic_id and r.practitioner_id = e.practitioner_id
        left join members m on m.clinic_id = e.clinic_id and m.member_id = e.added_by
        where e.closed_at is null
          and ($1::uuid is null
               or (e.created_at, e.waitlist_entry_id)
                  > (select b.created_at, b.waitlist_entry_id from waitlist_entries b where b.waitlist_entry_id = $1))
        order by e.created_at, e.waitlist_entry_id
        limit $2
        "#,
        after,
        limit
    )
    .fetch_all(tx.conn())
    .await?;
    let mut waiting: Vec<Waiting> = rows
        .into_iter()
        .map(|row| Waiting {
            id: row.waitlist_entry_id,
            patient: row.patient,
            reach: row.reach,
            appointment_type: row.appointment_type,
            practitioner: row.practitioner,
            from: row.from_date,
            to: row.to_date,
            from_minute: row.from_minute,
            to_minute: row.to_minute,
            note: row.note,
            conversation: row.conversation_id.map(Into::into),
            since: row.created_at,
            added_by: row.added_by,
            offers: Vec::new(),
        })
        .collect();
    let ids: Vec<Uuid> = waiting.iter().map(|entry| entry.id).collect();
    for (entry, offer) in offered(tx, &ids).await? {
        if let Some(known) = waiting.iter_mut().find(|known| known.id == entry) {
            known.offers.push(offer);
        }
    }
    Ok(waiting)
}

async fn offered(tx: &mut ClinicTx, entries: &[Uuid]) -> Result<Vec<(Uuid, Offered)>> {
    let rows = sqlx::query!(
        r#"select o.waitlist_entry_id, o.starts_at, r.name as practitioner, o.state, o.offered_at, o.expires_at,
                o.asked_for_them, o.others, m.name as "offered_by?", b.channel as "channel?", b.status as "status?"
         from waitlist_offers o
         join practitioners r using (clinic_id, practitioner_id)
         left join members m on m.clinic_id = o.clinic_id and m.member_id = o.offered_by
         left join outbox b on b.clinic_id = o.clinic_id and b.key = 'waitlist_offer:' || o.waitlist_offer_id
         where o.waitlist_entry_id = any($1)
         order by o.offered_at desc, o.waitlist_offer_id desc"#,
        entries
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let offer = Offered {
                starts_at: row.starts_at,
                practitioner: row.practitioner,
                state: row.state,
                offered_at: row.offered_at,
                expires_at: row.expires_at,
                asked_for_them: row.asked_for_them,
                others: row.others,
                offered_by: row.offered_by,
                told: row.channel.zip(row.status),
            };
            (row.waitlist_entry_id, offer)
        })
        .collect())
}

/// Takes somebody off the list. What they were offered is offered to the next.
/// Doing it again changes nothing.
///
/// # Errors
///
/// Rejected with `not_found` if there is no such entry.
pub async fn close(tx: &mut ClinicTx, now: DateTime<Utc>, id: Uuid, by: MemberId) -> Result<()> {
    let is_open = sqlx::query_scalar!(
        r#"select closed_at is null as "is_open!" from waitlist_entries where waitlist_entry_id = $1 for update"#,
        id
    )
    .fetch_optional(tx.conn())
    .await?
    .ok_or_else(Rejection::not_found)?;
    if !is_open {
        return Ok(());
    }
    sqlx::query!("update waitlist_entries set closed_at = $2 where waitlist_entry_id = $1", id, now)
        .execute(tx.conn())
        .await?;
    let open = sqlx::query_scalar!(
        "select waitlist_offer_id from waitlist_offers where waitlist_entry_id = $1 and state = 'open'",
        id
    )
    .fetch_optional(tx.conn())
    .await?;
    if let Some(offer) = open {
        answering::end(tx, now, offer, Ending::Withdrawn, By::member(by)).await?;
    }
    audit::record(tx, now, "waitlist_closed", &json!({ "waitlist_entry_id": id, "member_id": by })).await?;
    tracing::info!(entry = %id, member = %by, "a waitlist entry was closed");
    Ok(())
}

/// An offer as whoever it was made to sees it.
#[derive(Clone, Debug)]
pub struct Made {
    pub starts_at: DateTime<Utc>,
    pub ends_at: DateTime<Utc>,
    pub practitioner: String,
    pub appointment_type: String,
    pub expires_at: DateTime<Utc>,
    pub state: String,
    pub language: Language,
    pub entry: Uuid,
    pub appointment: Option<domain::id::AppointmentId>,
}

/// An offer; none if there is none such.
pub async fn made(tx: &mut ClinicTx, id: Uuid) -> Result<Option<Made>> {
    let row = sqlx::query!(
        r#"select o.starts_at, o.ends_at, r.name as practitioner, t.name as appointment_type, o.expires_at, o.state,
                  coalesce(v.language, p.language, c.languages[1]) as "language!", o.waitlist_entry_id, o.appointment_id
           from waitlist_offers o
           join waitlist_entries e using (clinic_id, waitlist_entry_id)
           join clinics c using (clinic_id)
           join patients p using (clinic_id, patient_id)
           join appointment_types t using (clinic_id, appointment_type_id)
           join practitioners r on r.clinic_id = o.clinic_id and r.practitioner_id = o.practitioner_id
           left join conversations v on v.clinic_id = e.clinic_id and v.conversation_id = e.conversation_id
           where o.waitlist_offer_id = $1"#,
        id
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(row.map(|row| Made {
        starts_at: row.starts_at,
        ends_at: row.ends_at,
        practitioner: row.practitioner,
        appointment_type: row.appointment_type,
        expires_at: row.expires_at,
        state: row.state,
        language: Language::of_tag(&row.language).unwrap_or(Language::English),
        entry: row.waitlist_entry_id,
        appointment: row.appointment_id.map(Into::into),
    }))
}

/// The newest offer that was made to a number by text since a moment, and
/// whether anything was asked or offered there after it.
pub async fn newest_by_text(
    tx: &mut ClinicTx,
    number: &str,
    conversation: ConversationId,
    since: DateTime<Utc>,
) -> Result<Option<(Uuid, bool)>> {
    let row = sqlx::query!(
        r#"select o.waitlist_offer_id,
                  exists (select from messages m
                          where m.conversation_id = $2 and m.role = 'receptionist' and m.created_at > o.offered_at)
                  or exists (select from sms_threads t
                             where t.conversation_id = $2 and t.asked_at > o.offered_at) as "is_old!"
           from waitlist_offers o
           join outbox b on b.clinic_id = o.clinic_id and b.key = 'waitlist_offer:' || o.waitlist_offer_id
           where b.channel = 'sms' and b.address = $1 and o.offered_at > $3
             and b.status in ('sending', 'unknown', 'sent', 'delivered')
           order by o.offered_at desc
           limit 1"#,
        number,
        conversation.uuid(),
        since
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(row.map(|row| (row.waitlist_offer_id, row.is_old)))
}
