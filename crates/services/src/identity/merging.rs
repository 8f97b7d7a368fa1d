//! Finding that two patients are one person, and that they were two after all.
//!
//! Nothing that anybody typed is written over: the row of the one stays, and
//! points to the other, until that is undone.

use chrono::{DateTime, Utc};
use domain::Rejection;
use domain::id::{ConversationId, MemberId, PatientId};
use serde::Serialize;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{ClinicTx, Error, Result};

/// Who says so.
#[derive(Clone, Copy, Debug)]
pub enum By {
    /// The patient, who proved to be the other.
    Proof,
    Member(MemberId),
    Key,
}

impl By {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Proof => "proof",
            Self::Member(_) => "member",
            Self::Key => "key",
        }
    }

    fn member(self) -> Option<Uuid> {
        match self {
            Self::Member(member) => Some(member.uuid()),
            Self::Proof | Self::Key => None,
        }
    }
}

/// That a patient was found to be another.
#[derive(Clone, Debug, Serialize)]
pub struct Merge {
    pub id: Uuid,
    pub from: PatientId,
    pub into: PatientId,
    /// What the one was called, and how to reach them.
    pub name: String,
    pub phone: Option<String>,
    pub email: Option<String>,
    /// `proof`, `member` or `key`.
    pub via: String,
    pub merged_at: DateTime<Utc>,
    pub undone_at: Option<DateTime<Utc>>,
}

/// Whom a patient was found to be, who is not merged away before this
/// transaction ends; none if there is no such patient.
pub async fn root(tx: &mut ClinicTx, patient: PatientId) -> Result<Option<PatientId>> {
    let mut at = patient.uuid();
    // Merges make no circles; this bounds what a mistake could cost.
    for _ in 0..64 {
        let row = sqlx::query!("select merged_into from patients where patient_id = $1 for key share", at)
            .fetch_optional(tx.conn())
            .await?;
        match row {
            None => return Ok(None),
            Some(row) => match row.merged_into {
                None => return Ok(Some(at.into())),
                Some(into) => at = into,
            },
        }
    }
    Err(Error::Internal("merged patients go in a circle"))
}

/// Everyone who is the same person as this patient, themselves included.
pub(crate) async fn same_people(tx: &mut ClinicTx, patient: PatientId) -> Result<Vec<Uuid>> {
    match root(tx, patient).await? {
        Some(root) => under(tx, root).await,
        None => Ok(Vec::new()),
    }
}

/// A patient, and everyone found to be them.
async fn under(tx: &mut ClinicTx, patient: PatientId) -> Result<Vec<Uuid>> {
    let people = sqlx::query_scalar!(
        r#"
        with recursive same as (
            select patient_id from patients where patient_id = $1
            union
            select p.patient_id from patients p join same s on p.merged_into = s.patient_id
        )
        select patient_id as "id!" from same
        "#,
        patient.uuid()
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(people)
}

/// Merges the details that somebody gave just now into the patient they proved
/// to be in the same conversation: same name, no other birth date, and in common
/// the number or the address that a one-time code proved, or either where staff
/// say who it is.
///
/// What is merely typed merges nobody. Whoever types somebody's name and number
/// beside an address of their own would get the other's messages, before the
/// other comes or after, and a code sent to their own address proves theirs only.
pub async fn merge_proven(
    tx: &mut ClinicTx,
    now: DateTime<Utc>,
    conversation: ConversationId,
    given: PatientId,
) -> Result<PatientId> {
    let known = sqlx::query_scalar!(
        "select k.patient_id
         from patients g
         join patients k on lower(k.name) = lower(g.name) and k.patient_id <> g.patient_id
         where g.patient_id = $1 and g.merged_into is null
           and k.merged_into is null and k.erased_at is null
           and (k.birth_date is null or g.birth_date is null or k.birth_date = g.birth_date)
           and exists (select from verifications v
                       where v.conversation_id = $2 and v.patient_id = k.patient_id and v.level >= 2
                         and case
                                 when v.method = 'member' then k.phone = g.phone or k.email = g.email
                                 when v.channel = 'email' then k.email = g.email and g.email = v.address
                                 when v.channel = 'sms' then k.phone = g.phone and g.phone = v.address
                             end)
         order by k.patient_id
         limit 1",
        given.uuid(),
        conversation.uuid()
    )
    .fetch_optional(tx.conn())
    .await?;
    let Some(known) = known.map(PatientId::from) else { return Ok(given) };
    merge(tx, now, given, known, By::Proof).await?;
    Ok(known)
}

/// Patients who may be the same person: same name, a number or an address in
/// common, and no other birth date.
pub async fn alike(tx: &mut ClinicTx, patient: PatientId) -> Result<Vec<PatientId>> {
    let alike = sqlx::query_scalar!(
        "select distinct k.patient_id
         from patients g
         join patients k on lower(k.name) = lower(g.name) and k.patient_id <> g.patient_id
         where g.patient_id = $1 and g.merged_into is null and g.erased_at is null
           and k.merged_into is null and k.erased_at is null
           and (k.phone = g.phone or k.email = g.email)
           and (k.birth_date is null or g.birth_date is null or k.birth_date = g.birth_date)
         order by k.patient_id
         limit 20",
        patient.uuid()
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(alike.into_iter().map(PatientId::from).collect())
}

/// Notes that `from` and `into` are one person. What was the one's is the
/// other's from now on.
///
/// # Errors
///
/// Rejected with `not_found` if either is not there or was erased, and with
/// `invalid` if either was merged already or they were born on other days.
pub async fn merge(tx: &mut ClinicTx, now: DateTime<Utc>, from: PatientId, into: PatientId, by: By) -> Result<Uuid> {
    check(tx, from, into).await?;
    let moved = point(tx, from, into).await?;
    sqlx::query!("update patients set merged_into = $2 where patient_id = $1", from.uuid(), into.uuid())
        .execute(tx.conn())
        .await?;
    let id = domain::Id::<Merge>::new().uuid();
    sqlx::query!(
        "insert into patient_merges (merge_id, from_id, into_id, via, merged_by, moved, merged_at)
         values ($1, $2, $3, $4, $5, $6, $7)",
        id,
        from.uuid(),
        into.uuid(),
        by.as_str(),
        by.member(),
        moved,
        now
    )
    .execute(tx.conn())
    .await?;
    Ok(id)
}

/// Takes both rows, in one order, so that nobody is booked for, or merged,
/// meanwhile.
async fn check(tx: &mut ClinicTx, from: PatientId, into: PatientId) -> Result<()> {
    let rows = sqlx::query!(
        "select merged_into, birth_date, erased_at
         from patients
         where patient_id = any($1)
         order by patient_id
         for update",
        &[from.uuid(), into.uuid()]
    )
    .fetch_all(tx.conn())
    .await?;
    let [one, other] = rows.as_slice() else {
        let is_same = from == into && !rows.is_empty();
        let same = || Rejection::invalid("from", "That is the same patient.");
        return Err(if is_same { same() } else { Rejection::not_found() }.into());
    };
    if one.erased_at.is_some() || other.erased_at.is_some() {
        return Err(Rejection::not_found().into());
    }
    if one.merged_into.is_some() || other.merged_into.is_some() {
        return Err(Rejection::invalid("from", "One of these was merged already.").into());
    }
    match (one.birth_date, other.birth_date) {
        (Some(one), Some(other)) if one != other => {
            Err(Rejection::invalid("from", "These two were born on different days.").into())
        }
        _ => Ok(()),
    }
}

/// Points what was the one's to the other, and says what that was. Proofs stay:
/// they were of the one.
async fn point(tx: &mut ClinicTx, from: PatientId, into: PatientId) -> Result<Value> {
    sqlx::query!(
        "update appointments set patient_id = $2, booked_as = coalesce(booked_as, patient_id) where patient_id = $1",
        from.uuid(),
        into.uuid()
    )
    .execute(tx.conn())
    .await?;
    let conversations = sqlx::query_scalar!(
        "update conversations set patient_id = $2 where patient_id = $1 returning conversation_id",
        from.uuid(),
        into.uuid()
    )
    .fetch_all(tx.conn())
    .await?;
    // What both wish for is one wish.
    let wishes = sqlx::query_scalar!(
        "update waitlist_entries w set patient_id = $2
         where w.patient_id = $1
           and not exists (
               select from waitlist_entries o
               where o.patient_id = $2 and o.closed_at is null and w.closed_at is null
                 and o.appointment_type_id = w.appointment_type_id
                 and o.practitioner_id is not distinct from w.practitioner_id
                 and (o.from_date, o.to_date, o.from_minute, o.to_minute)
                     = (w.from_date, w.to_date, w.from_minute, w.to_minute))
         returning waitlist_entry_id",
        from.uuid(),
        into.uuid()
    )
    .fetch_all(tx.conn())
    .await?;
    let messages = sqlx::query_scalar!(
        "update outbox set patient_id = $2 where patient_id = $1 returning outbox_id",
        from.uuid(),
        into.uuid()
    )
    .fetch_all(tx.conn())
    .await?;
    let speaks_for = sqlx::query_scalar!(
        "update patient_relations r set proxy_id = $2
         where r.proxy_id = $1 and r.patient_id <> $2
           and not exists (select from patient_relations o where o.proxy_id = $2 and o.patient_id = r.patient_id)
         returning patient_id",
        from.uuid(),
        into.uuid()
    )
    .fetch_all(tx.conn())
    .await?;
    let spoken_for_by = sqlx::query_scalar!(
        "update patient_relations r set patient_id = $2
         where r.patient_id = $1 and r.proxy_id <> $2
           and not exists (select from patient_relations o where o.patient_id = $2 and o.proxy_id = r.proxy_id)
         returning proxy_id",
        from.uuid(),
        into.uuid()
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(json!({
        "conversations": conversations,
        "waitlist_entries": wishes,
        "outbox": messages,
        "speaks_for": speaks_for,
        "spoken_for_by": spoken_for_by,
    }))
}

/// Notes that they were two after all. Each has again what was theirs, and the
/// visits that were booked under their details since.
///
/// # Errors
///
/// Rejected with `not_found` if there is no such merge, it was undone, or they
/// were erased.
pub async fn undo(tx: &mut ClinicTx, now: DateTime<Utc>, merge: Uuid, by: By) -> Result<()> {
    let undone = sqlx::query!(
        "update patient_merges m set undone_at = $2, undone_by = $3
         where m.merge_id = $1 and m.undone_at is null
           and exists (select from patients p where p.patient_id = m.from_id and p.erased_at is null)
         returning from_id, into_id, moved",
        merge,
        now,
        by.member()
    )
    .fetch_optional(tx.conn())
    .await?
    .ok_or_else(Rejection::not_found)?;
    sqlx::query!("update patients set merged_into = null where patient_id = $1", undone.from_id)
        .execute(tx.conn())
        .await?;
    let theirs = under(tx, undone.from_id.into()).await?;
    let with = same_people(tx, undone.into_id.into()).await?;
    sqlx::query!(
        "update appointments set patient_id = $1 where patient_id = any($2) and booked_as = any($3)",
        undone.from_id,
        &with,
        &theirs
    )
    .execute(tx.conn())
    .await?;
    let ids = |table: &str| -> Vec<Uuid> {
        let ids = undone.moved[table].as_array().map(Vec::as_slice).unwrap_or_default();
        ids.iter().filter_map(|id| id.as_str()?.parse().ok()).collect()
    };
    sqlx::query!(
        "update conversations set patient_id = $1 where conversation_id = any($2) and patient_id = any($3)",
        undone.from_id,
        &ids("conversations"),
        &with
    )
    .execute(tx.conn())
    .await?;
    sqlx::query!(
        "update waitlist_entries set patient_id = $1 where waitlist_entry_id = any($2)",
        undone.from_id,
        &ids("waitlist_entries")
    )
    .execute(tx.conn())
    .await?;
    sqlx::query!("update outbox set patient_id = $1 where outbox_id = any($2)", undone.from_id, &ids("outbox"))
        .execute(tx.conn())
        .await?;
    sqlx::query!(
        "update patient_relations set proxy_id = $1 where proxy_id = any($2) and patient_id = any($3)",
        undone.from_id,
        &with,
        &ids("speaks_for")
    )
    .execute(tx.conn())
    .await?;
    sqlx::query!(
        "update patient_relations set patient_id = $1 where patient_id = any($2) and proxy_id = any($3)",
        undone.from_id,
        &with,
        &ids("spoken_for_by")
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Who was found to be this patient, those undone included, the latest first.
pub async fn history(tx: &mut ClinicTx, patient: PatientId) -> Result<Vec<Merge>> {
    let people = under(tx, patient).await?;
    let rows = sqlx::query!(
        "select m.merge_id, m.from_id, m.into_id, m.via, m.merged_at, m.undone_at, p.name, p.phone, p.email
         from patient_merges m
         join patients p on p.clinic_id = m.clinic_id and p.patient_id = m.from_id
         where m.into_id = any($1) and p.erased_at is null
         order by m.merged_at desc, m.merge_id desc
         limit 50",
        &people
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Merge {
            id: row.merge_id,
            from: row.from_id.into(),
            into: row.into_id.into(),
            name: row.name,
            phone: row.phone,
            email: row.email,
            via: row.via,
            merged_at: row.merged_at,
            undone_at: row.undone_at,
        })
        .collect())
}
