//! Whose visits a conversation may see and change, and how it proved that.
//!
//! Without proof (level 0) anyone may book and hear what is public. A visit's
//! confirmation code, or a patient's full name and birth date (level 1), opens
//! that visit, or that patient's. Changing contact data takes level 2, which
//! only a one-time code or a member of staff can give. What is not there and
//! what is not theirs get the same answer.

use chrono::{DateTime, Duration, NaiveDate, Utc};
use domain::appointment::Appointment;
use domain::code::ConfirmationCode;
use domain::contact::PersonName;
use domain::id::{AppointmentId, ConversationId, PatientId};
use domain::{Rejection, RejectionCode};
use uuid::Uuid;

use super::merging;
use crate::booking::{Owner, appointments};
use crate::{ClinicTx, Result, secrets};

/// Tries that may fail in one conversation within an hour.
const MOST_FAILURES: i64 = 5;

/// Tries at one person's birth date that may fail within an hour, in however
/// many conversations.
const MOST_FAILURES_BY_NAME: i64 = 20;

const FAILURES_COUNT_FOR: Duration = Duration::hours(1);

/// How much is known of who is asking.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    Channel,
    Visit,
    Contact,
}

impl Level {
    /// As it is stored and as outsiders read it.
    pub const fn number(self) -> i16 {
        match self {
            Self::Channel => 0,
            Self::Visit => 1,
            Self::Contact => 2,
        }
    }
}

/// What came of a try. Commit either: one that failed has been counted.
#[derive(Clone, Debug)]
#[must_use]
pub enum Tried<T> {
    Proven(T),
    Failed(Rejection),
}

/// The answer about a visit that is not there, or not theirs.
pub fn no_such_visit() -> Rejection {
    Rejection::new(
        RejectionCode::NotFound,
        "I cannot find a visit with these details. Please check them, or ask the clinic.",
    )
}

/// How much this conversation has proved about a visit.
pub async fn level(tx: &mut ClinicTx, conversation: ConversationId, visit: AppointmentId) -> Result<Level> {
    let level = sqlx::query_scalar!(
        r#"
        select greatest(
                   case when a.owner = $3 then 1 else 0 end,
                   (select max(v.level) from verifications v
                    where v.conversation_id = $1
                      and (v.appointment_id = a.appointment_id or speaks_for(v.patient_id, a.patient_id)))
               ) as "level!"
        from appointments a
        where a.appointment_id = $2
        "#,
        conversation.uuid(),
        visit.uuid(),
        Owner::Session(conversation).to_string()
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(match level {
        Some(2..) => Level::Contact,
        Some(1) => Level::Visit,
        _ => Level::Channel,
    })
}

/// Refuses a visit that this conversation has not proved to be theirs.
///
/// # Errors
///
/// Rejected with `not_found`, whether or not there is such a visit.
pub async fn check(tx: &mut ClinicTx, conversation: ConversationId, visit: AppointmentId) -> Result<()> {
    if level(tx, conversation, visit).await? >= Level::Visit { Ok(()) } else { Err(no_such_visit().into()) }
}

/// The visits to come that this conversation may see, the next first.
pub async fn visits(tx: &mut ClinicTx, conversation: ConversationId, now: DateTime<Utc>) -> Result<Vec<Appointment>> {
    let ids = sqlx::query_scalar!(
        "select a.appointment_id
         from appointments a
         where a.status in ('booked', 'pending') and a.starts_at > $3
           and (a.owner = $2
                or exists (select from verifications v
                           where v.conversation_id = $1
                             and (v.appointment_id = a.appointment_id or speaks_for(v.patient_id, a.patient_id))))
         order by a.starts_at, a.appointment_id
         limit 10",
        conversation.uuid(),
        Owner::Session(conversation).to_string(),
        now
    )
    .fetch_all(tx.conn())
    .await?;
    let mut visits = Vec::with_capacity(ids.len());
    for id in ids {
        visits.extend(appointments::by_id(tx, id.into()).await?);
    }
    Ok(visits)
}

/// All visits, past and cancelled ones too, of the patient of this name and
/// birth date whom this conversation has proved.
pub(crate) async fn visits_of(
    tx: &mut ClinicTx,
    conversation: ConversationId,
    name: &str,
    birth_date: NaiveDate,
) -> Result<Vec<Appointment>> {
    let name = PersonName::parse(name).map(|name| name.as_str().to_lowercase()).unwrap_or_default();
    let ids = sqlx::query_scalar!(
        "select a.appointment_id
         from appointments a
         where exists (select from verifications v
                       where v.conversation_id = $1 and v.patient_id is not null
                         and speaks_for(v.patient_id, a.patient_id))
           and exists (select from patients p
                       where p.patient_id in (a.patient_id, a.booked_as)
                         and lower(p.name) = $2 and p.birth_date = $3)
         order by a.starts_at desc
         limit 50",
        conversation.uuid(),
        name,
        birth_date
    )
    .fetch_all(tx.conn())
    .await?;
    let mut visits = Vec::with_capacity(ids.len());
    for id in ids {
        visits.extend(appointments::by_id(tx, id.into()).await?);
    }
    Ok(visits)
}

/// The visits to come of whoever is reached at this number or address, the next
/// first: those that this conversation booked, and those of whom it has proved
/// to be. A code or a birth date opens visits and says nothing about how
/// somebody is reached, so asking with a guess must not either.
pub async fn reached_at(
    tx: &mut ClinicTx,
    conversation: ConversationId,
    now: DateTime<Utc>,
    phone: Option<&str>,
    email: Option<&str>,
) -> Result<Vec<Appointment>> {
    let ids = sqlx::query_scalar!(
        "select a.appointment_id
         from appointments a
         join patients p using (clinic_id, patient_id)
         where a.status in ('booked', 'pending') and a.starts_at > $3
           and (p.phone = $4 or p.email = $5)
           and (a.owner = $2
                or exists (select from verifications v
                           where v.conversation_id = $1 and v.level >= 2
                             and (v.appointment_id = a.appointment_id or speaks_for(v.patient_id, a.patient_id))))
         order by a.starts_at, a.appointment_id
         limit 10",
        conversation.uuid(),
        Owner::Session(conversation).to_string(),
        now,
        phone,
        email
    )
    .fetch_all(tx.conn())
    .await?;
    let mut visits = Vec::with_capacity(ids.len());
    for id in ids {
        visits.extend(appointments::by_id(tx, id.into()).await?);
    }
    Ok(visits)
}

/// What whoever proved to be somebody in this conversation is called; nobody
/// who only has a visit's code, which says nothing of its patient.
pub async fn greeted_as(tx: &mut ClinicTx, conversation: ConversationId) -> Result<Option<String>> {
    let names = sqlx::query_scalar!(
        "select distinct p.name
         from verifications v
         join patients p using (clinic_id, patient_id)
         where v.conversation_id = $1 and p.erased_at is null
         limit 2",
        conversation.uuid()
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(if let [name] = names.as_slice() { Some(name.clone()) } else { None })
}

/// Opens the visit that has this code.
///
/// # Errors
///
/// Rejected with `rate_limited` after too many tries that failed.
pub async fn by_code(
    tx: &mut ClinicTx,
    now: DateTime<Utc>,
    conversation: ConversationId,
    code: &str,
) -> Result<Tried<Appointment>> {
    check_patience(tx, now, conversation, None).await?;
    let visit = match code.parse::<ConfirmationCode>() {
        Ok(code) => appointments::by_code(tx, &code).await?,
        Err(_) => None,
    };
    let Some(visit) = visit else { return fail(tx, now, conversation, None).await };
    let proof =
        Proof { patient: None, visit: Some(visit.id), method: "confirmation_code", level: Level::Visit, reached: None };
    remember(tx, now, conversation, proof).await?;
    Ok(Tried::Proven(visit))
}

/// Opens the visits of the patient with this full name and birth date.
///
/// # Errors
///
/// Rejected with `rate_limited` after too many tries that failed, here or at
/// this name.
pub async fn by_birth_date(
    tx: &mut ClinicTx,
    now: DateTime<Utc>,
    conversation: ConversationId,
    name: &str,
    birth_date: NaiveDate,
) -> Result<Tried<()>> {
    let name = PersonName::parse(name).map(|name| name.as_str().to_lowercase()).unwrap_or_default();
    let digest = secrets::sha256(&[name.as_bytes()]);
    check_patience(tx, now, conversation, Some(&digest)).await?;
    let patients = born(tx, &name, birth_date).await?;
    if patients.is_empty() {
        return fail(tx, now, conversation, Some(&digest)).await;
    }
    for patient in patients {
        let proof = Proof {
            patient: Some(patient),
            visit: None,
            method: "name_and_birth_date",
            level: Level::Visit,
            reached: None,
        };
        remember(tx, now, conversation, proof).await?;
    }
    Ok(Tried::Proven(()))
}

/// The patient of that name and birth date: several where they gave other
/// contact data each time and nobody found them to be one, none where they may
/// be several people.
async fn born(tx: &mut ClinicTx, name: &str, birth_date: NaiveDate) -> Result<Vec<PatientId>> {
    let rows = sqlx::query!(
        "select patient_id, phone, email from patients where lower(name) = $1 and birth_date = $2 limit 20",
        name,
        birth_date
    )
    .fetch_all(tx.conn())
    .await?;
    let is_one = rows.iter().all(|row| {
        rows.iter().all(|other| {
            (row.phone.is_some() && row.phone == other.phone) || (row.email.is_some() && row.email == other.email)
        })
    });
    let mut patients = Vec::with_capacity(rows.len());
    for row in rows {
        patients.extend(merging::root(tx, row.patient_id.into()).await?);
    }
    patients.sort_unstable();
    patients.dedup();
    Ok(if is_one || patients.len() == 1 { patients } else { Vec::new() })
}

/// Refuses to go on guessing. Tries of one conversation, and at one name, are
/// made one after another, so that none goes uncounted.
async fn check_patience(
    tx: &mut ClinicTx,
    now: DateTime<Utc>,
    conversation: ConversationId,
    name: Option<&[u8]>,
) -> Result<()> {
    sqlx::query!(
        "select pg_advisory_xact_lock(hashtextextended($1::uuid::text, 3)),
                pg_advisory_xact_lock(hashtextextended(current_clinic_id()::text || encode($2::bytea, 'hex'), 3))",
        conversation.uuid(),
        name
    )
    .execute(tx.conn())
    .await?;
    let failed = sqlx::query!(
        r#"
        select count(*) filter (where conversation_id = $1) as "here!",
               count(*) filter (where name_digest = $2) as "of_name!"
        from failed_verifications
        where (conversation_id = $1 or name_digest = $2) and failed_at > $3
        "#,
        conversation.uuid(),
        name,
        now - FAILURES_COUNT_FOR
    )
    .fetch_one(tx.conn())
    .await?;
    if failed.here < MOST_FAILURES && failed.of_name < MOST_FAILURES_BY_NAME {
        return Ok(());
    }
    Err(Rejection::new(
        RejectionCode::RateLimited,
        "That was tried too often. Please try again in an hour, or ask the clinic.",
    )
    .into())
}

async fn fail<T>(
    tx: &mut ClinicTx,
    now: DateTime<Utc>,
    conversation: ConversationId,
    name: Option<&[u8]>,
) -> Result<Tried<T>> {
    sqlx::query!(
        "insert into failed_verifications (failed_verification_id, conversation_id, name_digest, failed_at)
         values ($1, $2, $3, $4)",
        domain::Id::<Level>::new().uuid(),
        conversation.uuid(),
        name,
        now
    )
    .execute(tx.conn())
    .await?;
    Ok(Tried::Failed(no_such_visit()))
}

/// What was proved and how.
pub(super) struct Proof {
    pub patient: Option<PatientId>,
    pub visit: Option<AppointmentId>,
    pub method: &'static str,
    pub level: Level,
    /// Which way a code went, and to what.
    pub reached: Option<Reached>,
}

/// An address that whoever is there has shown to read.
#[derive(Clone, Debug)]
pub(super) struct Reached {
    /// `sms` or `email`.
    pub channel: String,
    pub address: String,
}

pub(super) async fn remember(
    tx: &mut ClinicTx,
    now: DateTime<Utc>,
    conversation: ConversationId,
    proof: Proof,
) -> Result<()> {
    sqlx::query!(
        "insert into verifications
                (verification_id, conversation_id, patient_id, appointment_id, level, method, channel, address,
                 verified_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
         on conflict on constraint verifications_once do nothing",
        domain::Id::<Level>::new().uuid(),
        conversation.uuid(),
        proof.patient.map(PatientId::uuid) as Option<Uuid>,
        proof.visit.map(AppointmentId::uuid) as Option<Uuid>,
        proof.level.number(),
        proof.method,
        proof.reached.as_ref().map(|reached| reached.channel.as_str()),
        proof.reached.as_ref().map(|reached| reached.address.as_str()),
        now
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
