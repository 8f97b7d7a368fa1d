//! One-time codes, which show that whoever asks reads what is sent to an
//! address on file.
//!
//! A code goes to the address the clinic has, and never to one given while
//! asking. It opens that patient's contact data to this conversation (level 2).

use chrono::{DateTime, Duration, Utc};
use domain::contact::PersonName;
use domain::id::{ConversationId, MemberId, PatientId};
use domain::template::{Kind, Values};
use domain::{Rejection, RejectionCode};
use serde::Serialize;
use serde_json::json;
use uuid::Uuid;

use super::verifying::{Level, Proof, Reached, Tried, remember};
use crate::booking::Owner;
use crate::messaging::ledger::{self, Way};
use crate::messaging::outbox::{self, Ready};
use crate::messaging::writing;
use crate::{ClinicTx, Result, audit, clinics, conversations, secrets};

/// How long a code works.
pub const LASTS: Duration = Duration::minutes(10);

/// How often a code may be tried.
const MOST_TRIES: i16 = 5;

/// Codes that go to one address within an hour, whoever asks for them.
const MOST_AN_HOUR: i64 = 3;

/// Asking again so soon is impatience: the code is on its way.
const JUST_NOW: Duration = Duration::seconds(30);

/// A code on its way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CodeSent {
    /// As much of the address as its owner needs to know it by.
    pub sent_to: String,
    pub expires_at: DateTime<Utc>,
}

/// Somebody whom this conversation has shown to be there (level 1).
#[derive(Clone, Debug)]
pub struct Shown {
    pub id: PatientId,
    pub name: String,
    pub phone: Option<String>,
    pub email: Option<String>,
    /// Whether their contact data may be changed from here.
    pub level: Level,
}

impl Shown {
    fn address(&self, way: Way) -> Option<&str> {
        match way {
            Way::Email => self.email.as_deref(),
            Way::Sms | Way::Voice => self.phone.as_deref(),
        }
    }
}

/// Whose visits this conversation has booked or proved, the newest first.
pub async fn shown(tx: &mut ClinicTx, conversation: ConversationId) -> Result<Vec<Shown>> {
    let rows = sqlx::query!(
        r#"
        select p.patient_id, p.name, p.phone, p.email,
               coalesce((select max(v.level) from verifications v
                         where v.conversation_id = $1 and v.patient_id = p.patient_id), 1) as "level!"
        from patients p
        where p.patient_id in (
            select v.patient_id from verifications v where v.conversation_id = $1 and v.patient_id is not null
            union
            select a.patient_id
            from verifications v
            join appointments a using (clinic_id, appointment_id)
            where v.conversation_id = $1
            union
            select a.patient_id from appointments a where a.owner = $2
        )
        order by p.patient_id desc
        limit 20
        "#,
        conversation.uuid(),
        Owner::Session(conversation).to_string()
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Shown {
            id: row.patient_id.into(),
            name: row.name,
            phone: row.phone,
            email: row.email,
            level: if row.level >= 2 { Level::Contact } else { Level::Visit },
        })
        .collect())
}

/// Those of one person: of several, whoever is called so.
///
/// # Errors
///
/// Rejected with `invalid` if nobody is, or it does not say which is meant.
pub fn of_one(mut people: Vec<Shown>, whose: Option<&str>) -> Result<Vec<Shown>, Rejection> {
    if let Some(name) = whose.and_then(|name| PersonName::parse(name).ok()) {
        people.retain(|person| name.sounds_like(&person.name));
    }
    let is_one = people
        .first()
        .is_some_and(|first| people.iter().all(|person| person.name.to_lowercase() == first.name.to_lowercase()));
    if is_one {
        return Ok(people);
    }
    Err(Rejection::invalid("name", "Whose contact details are meant? Please give the full name."))
}

/// Sends a code to the phone or the address that the clinic has of whoever this
/// conversation has shown to be there; of several, of `whose` name.
///
/// # Errors
///
/// Rejected with `verification_required` if it has shown nobody, `invalid` if
/// it is not clear who is meant, `forbidden` if there is no address to send to,
/// and `rate_limited` after too many codes.
pub async fn send(
    tx: &mut ClinicTx,
    now: DateTime<Utc>,
    conversation: ConversationId,
    way: Way,
    whose: Option<&str>,
) -> Result<CodeSent> {
    let people = shown(tx, conversation).await?;
    if people.is_empty() {
        return Err(who_is_it().into());
    }
    let people = of_one(people, whose)?;
    let reached = people.iter().find_map(|person| Some((person, person.address(way)?)));
    let Some((person, address)) = reached else { return Err(nowhere(way).into()) };
    lock(tx, way, address).await?;
    if ledger::is_stopped(tx, way, address).await? {
        return Err(nowhere(way).into());
    }
    let sent_to = hint(way, address);
    if let Some(expires_at) = just_sent(tx, now, conversation, person.id, way).await? {
        return Ok(CodeSent { sent_to, expires_at });
    }
    check_patience(tx, now, way, address).await?;
    let expires_at = now + LASTS;
    let (id, code) = (domain::Id::<CodeSent>::new().uuid(), draw());
    let sent = Sent { id, patient: person.id, way, address };
    keep(tx, now, conversation, &sent, &digest(id, &code)).await?;
    let clinic = clinics::profile(tx).await?;
    let language = conversations::language(tx, conversation).await?;
    let values =
        Values { clinic: Some(&clinic.name), code: Some(&code), phone: clinic.phone.as_deref(), ..Values::default() };
    let ready = Ready {
        key: format!("one_time_code:{id}"),
        kind: Kind::OneTimeCode,
        way,
        to: address,
        language,
        words: writing::about_nothing_else(tx, Kind::OneTimeCode, way, language, &values).await?,
        patient: Some(person.id),
        conversation: Some(conversation),
        expires_at: Some(expires_at),
    };
    outbox::queue(tx, now, &ready).await?;
    Ok(CodeSent { sent_to, expires_at })
}

/// What is asked for before anything of a patient's is changed.
pub fn who_is_it() -> Rejection {
    Rejection::new(
        RejectionCode::VerificationRequired,
        "First I need the confirmation code of a visit, or the patient's full name and date of birth.",
    )
}

fn nowhere(way: Way) -> Rejection {
    Rejection::new(
        RejectionCode::Forbidden,
        match way {
            Way::Email => "There is no e-mail address on file that a code can go to. The clinic's staff can help.",
            Way::Sms | Way::Voice => {
                "There is no phone number on file that a code can go to. The clinic's staff can help."
            }
        },
    )
}

/// Has requests for codes to one address wait for one another.
async fn lock(tx: &mut ClinicTx, way: Way, address: &str) -> Result<()> {
    sqlx::query!(
        "select pg_advisory_xact_lock(hashtextextended(current_clinic_id() || ' ' || $1 || ' ' || $2, 7))",
        way.as_str(),
        address
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

async fn just_sent(
    tx: &mut ClinicTx,
    now: DateTime<Utc>,
    conversation: ConversationId,
    patient: PatientId,
    way: Way,
) -> Result<Option<DateTime<Utc>>> {
    let expires_at = sqlx::query_scalar!(
        "select expires_at from one_time_codes
         where conversation_id = $1 and patient_id = $2 and channel = $3 and used_at is null and tries < $4
           and expires_at > $5 and created_at > $6
         order by created_at desc
         limit 1",
        conversation.uuid(),
        patient.uuid(),
        way.as_str(),
        MOST_TRIES,
        now,
        now - JUST_NOW
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(expires_at)
}

/// Counted by address, so that neither many conversations nor many patients of
/// one number make it ring.
async fn check_patience(tx: &mut ClinicTx, now: DateTime<Utc>, way: Way, address: &str) -> Result<()> {
    let sent = sqlx::query_scalar!(
        r#"select count(*) as "count!" from outbox
           where channel = $1 and address = $2 and kind = 'one_time_code' and created_at > $3"#,
        way.as_str(),
        address,
        now - Duration::hours(1)
    )
    .fetch_one(tx.conn())
    .await?;
    if sent < MOST_AN_HOUR {
        return Ok(());
    }
    Err(Rejection::new(
        RejectionCode::RateLimited,
        "Several codes were sent already. Please try again in an hour, or ask the clinic.",
    )
    .into())
}

/// A code that goes out, and to whom.
struct Sent<'a> {
    id: Uuid,
    patient: PatientId,
    way: Way,
    address: &'a str,
}

/// A code takes the place of those before it.
async fn keep(
    tx: &mut ClinicTx,
    now: DateTime<Utc>,
    conversation: ConversationId,
    sent: &Sent<'_>,
    digest: &[u8],
) -> Result<()> {
    sqlx::query!(
        "update one_time_codes set expires_at = $2 where conversation_id = $1 and used_at is null and expires_at > $2",
        conversation.uuid(),
        now
    )
    .execute(tx.conn())
    .await?;
    sqlx::query!(
        "insert into one_time_codes
                (one_time_code_id, conversation_id, patient_id, channel, address, digest, created_at, expires_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
        sent.id,
        conversation.uuid(),
        sent.patient.uuid(),
        sent.way.as_str(),
        sent.address,
        digest,
        now,
        now + LASTS
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Six digits, each as likely as any other.
fn draw() -> String {
    loop {
        let drawn = u32::from_le_bytes(secrets::random());
        // The last, shorter million would make low codes likelier.
        if drawn < 4_294_000_000 {
            return format!("{:06}", drawn % 1_000_000);
        }
    }
}

fn digest(id: Uuid, code: &str) -> Vec<u8> {
    secrets::sha256(&[b"one-time code", id.as_bytes(), code.as_bytes()])
}

/// `a number ending in 67`: known to who knows it, and of no use to others.
fn hint(way: Way, address: &str) -> String {
    match way {
        Way::Email => format!("the address that begins with “{}”", address.chars().next().unwrap_or_default()),
        Way::Sms | Way::Voice => {
            let digits: Vec<char> = address.chars().rev().take(2).collect();
            format!("the number ending in {}", digits.into_iter().rev().collect::<String>())
        }
    }
}

/// Takes a code. Commit whatever comes of it: one that is wrong has been
/// counted.
///
/// # Errors
///
/// When the database does not answer.
pub async fn confirm(
    tx: &mut ClinicTx,
    now: DateTime<Utc>,
    conversation: ConversationId,
    code: &str,
) -> Result<Tried<Vec<PatientId>>> {
    conversations::lock(tx, conversation).await?;
    let sent = sqlx::query!(
        "select c.one_time_code_id, c.patient_id, c.channel, c.address, c.digest, c.tries
         from one_time_codes c
         join patients p using (clinic_id, patient_id)
         where c.conversation_id = $1 and c.used_at is null and c.expires_at > $2 and c.tries < $3
           and p.erased_at is null
         order by c.created_at desc
         limit 1
         for update of c",
        conversation.uuid(),
        now,
        MOST_TRIES
    )
    .fetch_optional(tx.conn())
    .await?;
    let Some(sent) = sent else { return Ok(Tried::Failed(no_code())) };
    let typed: String = code.chars().filter(char::is_ascii_digit).collect();
    if !secrets::same(&digest(sent.one_time_code_id, &typed), &sent.digest) {
        sqlx::query!("update one_time_codes set tries = tries + 1 where one_time_code_id = $1", sent.one_time_code_id)
            .execute(tx.conn())
            .await?;
        let is_last = sent.tries + 1 >= MOST_TRIES;
        return Ok(Tried::Failed(if is_last { no_code() } else { wrong() }));
    }
    sqlx::query!("update one_time_codes set used_at = $2 where one_time_code_id = $1", sent.one_time_code_id, now)
        .execute(tx.conn())
        .await?;
    outbox::forget_codes(tx, now, Some(conversation)).await?;
    // A code from before it was kept where they go says nothing of anybody.
    let Some(address) = sent.address else { return Ok(Tried::Failed(no_code())) };
    let reached = Reached { channel: sent.channel, address };
    let patients = same_person(tx, sent.patient_id.into(), &reached).await?;
    if patients.is_empty() {
        return Ok(Tried::Failed(no_code()));
    }
    for patient in &patients {
        let proof = Proof {
            patient: Some(*patient),
            visit: None,
            method: "one_time_code",
            level: Level::Contact,
            reached: Some(reached.clone()),
        };
        remember(tx, now, conversation, proof).await?;
    }
    let detail = json!({ "conversation_id": conversation, "patient_ids": patients, "method": "one_time_code" });
    audit::record(tx, now, "identity_proven", &detail).await?;
    Ok(Tried::Proven(patients))
}

fn wrong() -> Rejection {
    Rejection::invalid("code", "That is not the code. Please look at it once more.")
}

fn no_code() -> Rejection {
    Rejection::new(RejectionCode::NotFound, "There is no code that still works. I can send a new one.")
}

/// A patient's rows that the code proves alike: of one name and birth date, and
/// reached where the code went. None if that is not on file any more.
async fn same_person(tx: &mut ClinicTx, patient: PatientId, reached: &Reached) -> Result<Vec<PatientId>> {
    let ids = sqlx::query_scalar!(
        "select o.patient_id
         from patients p
         join patients o
           on o.clinic_id = p.clinic_id and lower(o.name) = lower(p.name)
          and o.birth_date is not distinct from p.birth_date
          and case $2 when 'email' then o.email else o.phone end = $3
         where p.patient_id = $1 and case $2 when 'email' then p.email else p.phone end = $3
         order by o.patient_id desc",
        patient.uuid(),
        reached.channel,
        reached.address
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(ids.into_iter().map(PatientId::from).collect())
}

/// A member of staff vouches for who writes in a conversation.
///
/// # Errors
///
/// Rejected with `not_found` if there is no such patient or conversation, or
/// the patient was erased.
pub async fn vouch(
    tx: &mut ClinicTx,
    now: DateTime<Utc>,
    conversation: ConversationId,
    patient: PatientId,
    member: MemberId,
) -> Result<()> {
    let is_there = sqlx::query_scalar!(
        r#"select exists (select from patients where patient_id = $1 and erased_at is null)
              and exists (select from conversations where conversation_id = $2) as "is!""#,
        patient.uuid(),
        conversation.uuid()
    )
    .fetch_one(tx.conn())
    .await?;
    if !is_there {
        return Err(Rejection::not_found().into());
    }
    let proof = Proof { patient: Some(patient), visit: None, method: "member", level: Level::Contact, reached: None };
    remember(tx, now, conversation, proof).await?;
    let detail = json!({
        "conversation_id": conversation,
        "patient_ids": [patient],
        "method": "member",
        "member_id": member,
    });
    audit::record(tx, now, "identity_proven", &detail).await
}

/// Whom staff may vouch for in a conversation: whoever it has shown to be
/// there, and those of the number it comes from.
pub async fn may_be(tx: &mut ClinicTx, conversation: ConversationId) -> Result<Vec<Shown>> {
    let mut people = shown(tx, conversation).await?;
    let rows = sqlx::query!(
        "select p.patient_id, p.name, p.phone, p.email
         from conversations c
         join patients p
           on p.clinic_id = c.clinic_id
          and (p.patient_id = c.patient_id or p.phone = c.hinted_phone or p.email = c.hinted_email)
         where c.conversation_id = $1
         order by p.patient_id desc
         limit 20",
        conversation.uuid()
    )
    .fetch_all(tx.conn())
    .await?;
    for row in rows {
        if people.iter().all(|known| known.id.uuid() != row.patient_id) {
            let (name, phone, email) = (row.name, row.phone, row.email);
            people.push(Shown { id: row.patient_id.into(), name, phone, email, level: Level::Channel });
        }
    }
    Ok(people)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_hinted_at_and_not_told() {
        assert_eq!(hint(Way::Sms, "+15551234567"), "the number ending in 67");
        assert_eq!(hint(Way::Email, "ada@example.com"), "the address that begins with “a”");
    }

    #[test]
    fn a_code_is_six_digits() {
        assert!((0..1_000).all(|_| draw().len() == 6 && draw().bytes().all(|digit| digit.is_ascii_digit())));
    }
}
