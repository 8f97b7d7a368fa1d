//! Forgetting a patient, everywhere.
//!
//! Visits stay in the book, because they were there; whose they were is gone,
//! with every word that was said. What remains is that somebody was erased, so
//! that it can be done again after an older copy of the database came back.

use chrono::{DateTime, Utc};
use domain::Rejection;
use domain::id::{ClinicId, MemberId, PatientId};
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use super::merging;
use crate::messaging::ledger::{self, Way};
use crate::{ClinicTx, Db, Result, audit, secrets};

/// What stands where somebody's words stood.
pub const ERASED: &str = "[erased]";

/// An erasure, by ids that mean nothing to anybody any more.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Erasure {
    pub clinic_id: ClinicId,
    pub erasure_id: Uuid,
    pub patient_ids: Vec<Uuid>,
    pub conversation_ids: Vec<Uuid>,
    pub erased_at: DateTime<Utc>,
}

/// Erases a patient, with everyone who was found to be the same.
///
/// # Errors
///
/// Rejected with `not_found` if there is no such patient.
pub async fn erase(tx: &mut ClinicTx, now: DateTime<Utc>, patient: PatientId, by: Option<MemberId>) -> Result<()> {
    let people = merging::same_people(tx, patient).await?;
    if people.is_empty() {
        return Err(Rejection::not_found().into());
    }
    let erasure = Erasure {
        clinic_id: tx.clinic(),
        erasure_id: domain::Id::<Erasure>::new().uuid(),
        patient_ids: people,
        conversation_ids: Vec::new(),
        erased_at: now,
    };
    let conversations = apply(tx, now, &erasure).await?;
    write(tx, &Erasure { conversation_ids: conversations, ..erasure.clone() }, by).await?;
    audit::record(tx, now, "patient_erased", &json!({ "erasure_id": erasure.erasure_id, "member_id": by })).await
}

/// Every erasure of a clinic, the oldest first.
pub async fn list(tx: &mut ClinicTx) -> Result<Vec<Erasure>> {
    let rows = sqlx::query!(
        "select erasure_id, patient_ids, conversation_ids, erased_at from erasures order by erased_at, erasure_id"
    )
    .fetch_all(tx.conn())
    .await?;
    let clinic_id = tx.clinic();
    Ok(rows
        .into_iter()
        .map(|row| Erasure {
            clinic_id,
            erasure_id: row.erasure_id,
            patient_ids: row.patient_ids,
            conversation_ids: row.conversation_ids,
            erased_at: row.erased_at,
        })
        .collect())
}

/// Erases again whom an older copy of the database brought back. Where they are
/// gone already, nothing changes.
pub async fn replay(db: &Db, now: DateTime<Utc>, erasure: &Erasure) -> Result<()> {
    let again = erasure.clone();
    db.transaction(erasure.clinic_id, move |tx| {
        let erasure = again.clone();
        Box::pin(async move {
            apply(tx, now, &erasure).await?;
            write(tx, &erasure, None).await
        })
    })
    .await
}

async fn write(tx: &mut ClinicTx, erasure: &Erasure, by: Option<MemberId>) -> Result<()> {
    sqlx::query!(
        "insert into erasures (erasure_id, patient_ids, conversation_ids, erased_by, erased_at)
         values ($1, $2, $3, $4, $5)
         on conflict do nothing",
        erasure.erasure_id,
        &erasure.patient_ids,
        &erasure.conversation_ids,
        by.map(MemberId::uuid),
        erasure.erased_at
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Whose everything is erased.
struct Traces {
    people: Vec<Uuid>,
    visits: Vec<Uuid>,
    conversations: Vec<Uuid>,
    /// Numbers and addresses that reach nobody else. What a household shares
    /// stays the others'.
    phones: Vec<String>,
    emails: Vec<String>,
    /// Digests of their names, as failed tries are counted by.
    names: Vec<Vec<u8>>,
}

async fn apply(tx: &mut ClinicTx, now: DateTime<Utc>, erasure: &Erasure) -> Result<Vec<Uuid>> {
    let traces = find(tx, erasure).await?;
    // What is on its way is waited for; what comes after finds no address.
    for (way, addresses) in [(Way::Sms, &traces.phones), (Way::Voice, &traces.phones), (Way::Email, &traces.emails)] {
        for address in addresses {
            ledger::lock(tx, way, address).await?;
        }
    }
    forget_messages_sent(tx, now, &traces).await?;
    forget_what_was_said(tx, now, &traces).await?;
    forget_visits(tx, &traces).await?;
    forget_wishes(tx, now, &traces).await?;
    forget_addresses(tx, &traces).await?;
    forget_answers(tx, &traces).await?;
    forget_proofs(tx, &traces).await?;
    forget_people(tx, now, &traces).await?;
    Ok(traces.conversations)
}

async fn find(tx: &mut ClinicTx, erasure: &Erasure) -> Result<Traces> {
    let people = erasure.patient_ids.clone();
    let visits = sqlx::query_scalar!("select appointment_id from appointments where patient_id = any($1)", &people)
        .fetch_all(tx.conn())
        .await?;
    let known = sqlx::query!("select name, phone, email from patients where patient_id = any($1)", &people)
        .fetch_all(tx.conn())
        .await?;
    let names = known.iter().map(|row| secrets::sha256(&[row.name.to_lowercase().as_bytes()])).collect();
    let alone = sqlx::query!(
        r#"
        with theirs as (
            select p.phone, p.email from patients p where p.patient_id = any($1)
            union
            -- What they had before is known from what was sent to it.
            select case when o.channel = 'sms' then o.address end, case when o.channel = 'email' then o.address end
            from outbox o
            where o.patient_id = any($1) and o.address <> $2
        )
        select array(select distinct t.phone from theirs t
                     where t.phone is not null
                       and not exists (select from patients o
                                       where o.phone = t.phone and o.patient_id <> all($1))) as "phones!: Vec<String>",
               array(select distinct t.email from theirs t
                     where t.email is not null
                       and not exists (select from patients o
                                       where o.email = t.email and o.patient_id <> all($1))) as "emails!: Vec<String>"
        "#,
        &people,
        ERASED
    )
    .fetch_one(tx.conn())
    .await?;
    let conversations = sqlx::query_scalar!(
        r#"
        select c.conversation_id
        from conversations c
        where c.conversation_id = any($5)
           or c.patient_id = any($1) or c.hinted_phone = any($3) or c.hinted_email = any($4)
           or c.conversation_id in (
                  select a.conversation_id from appointments a where a.appointment_id = any($2)
                  union select right(a.owner, 36)::uuid from appointments a
                        where a.appointment_id = any($2) and a.owner like 'session:%'
                  union select v.conversation_id from verifications v
                        where v.patient_id = any($1) or v.appointment_id = any($2)
                  union select w.conversation_id from waitlist_entries w where w.patient_id = any($1)
                  union select o.conversation_id from outbox o
                        where o.patient_id = any($1) or o.address = any($3) or o.address = any($4)
                  union select s.conversation_id from sms_threads s where s.patient_number = any($3)
                  union select t.conversation_id from tasks t
                        where exists (select from unnest($3 || $4) address where strpos(t.asked_by, address) > 0))
        for update of c
        "#,
        &people,
        &visits,
        &alone.phones,
        &alone.emails,
        &erasure.conversation_ids
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(Traces { people, visits, conversations, phones: alone.phones, emails: alone.emails, names })
}

/// What left or was to leave: to whom and what it said.
async fn forget_messages_sent(tx: &mut ClinicTx, now: DateTime<Utc>, traces: &Traces) -> Result<()> {
    // Nothing is on its way, because its address is locked; of a message whose
    // sender died, nobody asks any more.
    sqlx::query!(
        "update outbox
         set status = case when status = 'queued' then 'suppressed' else 'failed' end, reason = 'erased', settled_at = $6
         where status in ('queued', 'sending', 'unknown')
           and (patient_id = any($1) or appointment_id = any($2) or conversation_id = any($3)
                or channel = 'sms' and address = any($4) or channel = 'email' and address = any($5))",
        &traces.people,
        &traces.visits,
        &traces.conversations,
        &traces.phones,
        &traces.emails,
        now
    )
    .execute(tx.conn())
    .await?;
    sqlx::query!(
        "update outbox
         set address = $6, key = 'erased:' || outbox_id, subject = null, body = null, patient_id = null
         where patient_id = any($1) or appointment_id = any($2) or conversation_id = any($3)
            or channel = 'sms' and address = any($4) or channel = 'email' and address = any($5)",
        &traces.people,
        &traces.visits,
        &traces.conversations,
        &traces.phones,
        &traces.emails,
        ERASED
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Every word in their conversations, and what was done on hearing it.
async fn forget_what_was_said(tx: &mut ClinicTx, now: DateTime<Utc>, traces: &Traces) -> Result<()> {
    let theirs = &traces.conversations;
    sqlx::query!(
        "update inbound_texts
         set body = $3, patient_number = $3, reply = null, postscript = null, state = 'answered'
         where patient_number = any($2)
            or message_id in (select message_id from messages where conversation_id = any($1))",
        theirs,
        &traces.phones,
        ERASED
    )
    .execute(tx.conn())
    .await?;
    // What is left of a message gets no answer either.
    sqlx::query!(
        "update messages
         set text = $2, cards = '[]', client_message_id = null, for_staff = for_staff or role = 'patient'
         where conversation_id = any($1)",
        theirs,
        ERASED
    )
    .execute(tx.conn())
    .await?;
    sqlx::query!("update tool_calls set arguments = '{}', output = '{}' where conversation_id = any($1)", theirs)
        .execute(tx.conn())
        .await?;
    sqlx::query!("update handovers set summary = $2 where conversation_id = any($1)", theirs, ERASED)
        .execute(tx.conn())
        .await?;
    sqlx::query!(
        "update voice_acts set answer = '{}', meaning = null
         where call_id in (select call_id from voice_calls where conversation_id = any($1))",
        theirs
    )
    .execute(tx.conn())
    .await?;
    sqlx::query!(
        "update followups
         set about = $3, stopped_at = case when sent_at is null then coalesce(stopped_at, $2) else stopped_at end
         where conversation_id = any($1)",
        theirs,
        now,
        ERASED
    )
    .execute(tx.conn())
    .await?;
    sqlx::query!(
        "delete from sms_threads where conversation_id = any($1) or patient_number = any($2)",
        theirs,
        &traces.phones
    )
    .execute(tx.conn())
    .await?;
    sqlx::query!("delete from handoffs where conversation_id = any($1)", theirs).execute(tx.conn()).await?;
    sqlx::query!(
        "update conversations
         set patient_id = null, hinted_email = null, hinted_phone = null, waiting_since = null
         where conversation_id = any($1)",
        theirs
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// What visits say beside when and what they are.
async fn forget_visits(tx: &mut ClinicTx, traces: &Traces) -> Result<()> {
    sqlx::query!(
        "update appointments
         set note = null, cancel_reason = null, asked_reason = null, owner = 'erased', conversation_id = null
         where appointment_id = any($1)",
        &traces.visits
    )
    .execute(tx.conn())
    .await?;
    // What happened stays, but for what anybody wrote.
    sqlx::query!(
        "update events
         set payload = coalesce((select jsonb_object_agg(key, value) from jsonb_each(payload)
                                 where key in ('appointment_id', 'hold_id', 'practitioner_id', 'appointment_type_id',
                                               'starts_at', 'ends_at', 'expired_at', 'from', 'to', 'pending',
                                               'approved', 'conversation_id')), '{}')
         where (appointment_id = any($1) or conversation_id = any($2)) and jsonb_typeof(payload) = 'object'",
        &traces.visits,
        &traces.conversations
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// What they wanted, and what staff were asked to do about it.
async fn forget_wishes(tx: &mut ClinicTx, now: DateTime<Utc>, traces: &Traces) -> Result<()> {
    sqlx::query!(
        "update tasks t
         set detail = $5, asked_by = case when asked_by is not null then $5 end, done_at = coalesce(done_at, $6)
         where appointment_id = any($1) or conversation_id = any($2)
            or exists (select from unnest($3::text[] || $4::text[]) address
                       where strpos(t.asked_by, address) > 0 or strpos(t.detail, address) > 0)",
        &traces.visits,
        &traces.conversations,
        &traces.phones,
        &traces.emails,
        ERASED,
        now
    )
    .execute(tx.conn())
    .await?;
    sqlx::query!(
        "update waitlist_entries set note = null, closed_at = coalesce(closed_at, $2) where patient_id = any($1)",
        &traces.people,
        now
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// What the ledgers know of their addresses. Whoever said stop is still not
/// written to, should the address be given again.
async fn forget_addresses(tx: &mut ClinicTx, traces: &Traces) -> Result<()> {
    sqlx::query!(
        "update opt_outs
         set address = erased_address(clinic_id, address), words = null
         where channel in ('sms', 'voice') and address = any($1) or channel = 'email' and address = any($2)",
        &traces.phones,
        &traces.emails
    )
    .execute(tx.conn())
    .await?;
    sqlx::query!(
        "delete from consents
         where channel in ('sms', 'voice') and address = any($1) or channel = 'email' and address = any($2)",
        &traces.phones,
        &traces.emails
    )
    .execute(tx.conn())
    .await?;
    sqlx::query!(
        "delete from unreachable where channel = 'sms' and address = any($1) or channel = 'email' and address = any($2)",
        &traces.phones,
        &traces.emails
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Answers kept for whoever asks again.
async fn forget_answers(tx: &mut ClinicTx, traces: &Traces) -> Result<()> {
    sqlx::query!(
        "delete from idempotency_keys k
         where exists (select from unnest($1::uuid[] || $2::uuid[]) id where strpos(k.response::text, id::text) > 0)
            or exists (select from unnest($3::text[] || $4::text[]) address
                       where strpos(k.response::text, address) > 0)
            or exists (select from unnest($5::uuid[]) id where k.owner = 'session:' || id)",
        &traces.people,
        &traces.visits,
        &traces.phones,
        &traces.emails,
        &traces.conversations
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Who proved to be them, or tried.
async fn forget_proofs(tx: &mut ClinicTx, traces: &Traces) -> Result<()> {
    sqlx::query!(
        "delete from verifications
         where patient_id = any($1) or appointment_id = any($2) or conversation_id = any($3)",
        &traces.people,
        &traces.visits,
        &traces.conversations
    )
    .execute(tx.conn())
    .await?;
    sqlx::query!(
        "delete from one_time_codes where patient_id = any($1) or conversation_id = any($2) or address = any($3)",
        &traces.people,
        &traces.conversations,
        &[traces.phones.as_slice(), traces.emails.as_slice()].concat()
    )
    .execute(tx.conn())
    .await?;
    sqlx::query!(
        "delete from failed_verifications where conversation_id = any($1) or name_digest = any($2)",
        &traces.conversations,
        &traces.names
    )
    .execute(tx.conn())
    .await?;
    sqlx::query!("delete from patient_relations where proxy_id = any($1) or patient_id = any($1)", &traces.people)
        .execute(tx.conn())
        .await?;
    Ok(())
}

async fn forget_people(tx: &mut ClinicTx, now: DateTime<Utc>, traces: &Traces) -> Result<()> {
    sqlx::query!(
        "update patients
         set name = 'Erased patient', phone = null, email = null, birth_date = null, language = null, time_zone = null,
             erased_at = coalesce(erased_at, $2)
         where patient_id = any($1)",
        &traces.people,
        now
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
