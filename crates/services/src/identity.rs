//! Who a patient is.

pub mod codes;
pub mod contact;
pub mod erasing;
pub mod merging;
pub mod patients;
pub mod relating;
pub mod searching;
pub mod verifying;

use chrono::{DateTime, NaiveDate, Utc};
use domain::contact::{ContactError, EmailAddress, PersonName, PhoneNumber};
use domain::id::{ConversationId, PatientId};
use domain::{FieldError, Rejection};
use serde::Deserialize;

use crate::{ClinicTx, Error, Result, clinics};

/// A name and how to reach it, as somebody typed it.
#[derive(Clone, Default, Deserialize)]
pub struct PatientInput {
    pub name: String,
    #[serde(default)]
    pub phone: Option<String>,
    #[serde(default)]
    pub email: Option<String>,
}

impl std::fmt::Debug for PatientInput {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PatientInput(…)")
    }
}

/// A name and at least one way to reach it, all of them valid.
#[derive(Clone, Debug)]
pub struct PatientDetails {
    pub name: PersonName,
    pub phone: Option<PhoneNumber>,
    pub email: Option<EmailAddress>,
    pub birth_date: Option<NaiveDate>,
}

impl PatientDetails {
    /// The same person, born on a day they gave.
    ///
    /// # Errors
    ///
    /// Rejected with `invalid` if nobody alive was born then.
    pub fn born(self, date: Option<NaiveDate>, today: NaiveDate) -> Result<Self, Rejection> {
        let earliest = today.checked_sub_months(chrono::Months::new(12 * 125)).unwrap_or(NaiveDate::MIN);
        if date.is_some_and(|date| date > today || date < earliest) {
            return Err(Rejection::invalid("birth_date", "Please check the date of birth."));
        }
        Ok(Self { birth_date: date, ..self })
    }
}

impl PatientInput {
    /// Reads every field, so that all that is wrong is said at once.
    ///
    /// # Errors
    ///
    /// Rejected with `invalid`, naming the fields.
    pub fn read(&self, country: &str) -> Result<PatientDetails, Rejection> {
        let given =
            |text: &Option<String>| text.as_deref().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned);
        let name = PersonName::parse(&self.name);
        let phone = given(&self.phone).map(|text| PhoneNumber::parse(&text, country)).transpose();
        let email = given(&self.email).map(|text| EmailAddress::parse(&text)).transpose();
        match (name, phone, email) {
            (Ok(name), Ok(phone), Ok(email)) if phone.is_some() || email.is_some() => {
                Ok(PatientDetails { name, phone, email, birth_date: None })
            }
            (name, phone, email) => {
                let unreachable = matches!((&phone, &email), (Ok(None), Ok(None)));
                let mut errors: Vec<FieldError> = [
                    field("patient.name", name.err()),
                    field("patient.phone", phone.err()),
                    field("patient.email", email.err()),
                ]
                .into_iter()
                .flatten()
                .collect();
                if unreachable {
                    errors.push(FieldError {
                        field: "patient.phone".into(),
                        message: "Please give a phone number or an email address.".into(),
                    });
                }
                Err(Rejection::invalid_fields(errors))
            }
        }
    }
}

fn field(path: &str, error: Option<ContactError>) -> Option<FieldError> {
    error.map(|error| FieldError { field: path.into(), message: error.to_string() })
}

/// Reads what was typed as this clinic's country writes phone numbers.
///
/// # Errors
///
/// Rejected with `invalid`, naming the fields.
pub async fn read_input(tx: &mut ClinicTx, input: &PatientInput) -> Result<PatientDetails> {
    let country = clinics::profile(tx).await?.country;
    Ok(input.read(&country)?)
}

/// A patient, and the row of the details that were given for them this time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Resolved {
    pub patient: PatientId,
    pub given_as: PatientId,
}

/// The patient with exactly these details, created if there is none, or whom
/// they were found to be. Two callers at once get the same one: a unique index
/// decides. In a conversation that proved to be with somebody, it is them.
pub async fn resolve(
    tx: &mut ClinicTx,
    now: DateTime<Utc>,
    details: &PatientDetails,
    conversation: Option<ConversationId>,
) -> Result<Resolved> {
    let given_as = sqlx::query_scalar!(
        "insert into patients (patient_id, name, phone, email, birth_date, created_at)
         values ($1, $2, $3, $4, $5, $6)
         on conflict (clinic_id, lower(name), email, phone, birth_date) where erased_at is null
         do update set name = excluded.name
         returning patient_id",
        PatientId::new().uuid(),
        details.name.as_str(),
        details.phone.as_ref().map(PhoneNumber::as_str),
        details.email.as_ref().map(EmailAddress::as_str),
        details.birth_date,
        now
    )
    .fetch_one(tx.conn())
    .await?
    .into();
    if let Some(conversation) = conversation {
        merging::merge_proven(tx, now, conversation, given_as).await?;
    }
    let patient = merging::root(tx, given_as).await?.ok_or(Error::Internal("a patient just resolved is not there"))?;
    Ok(Resolved { patient, given_as })
}

/// The patient known by exactly these details.
pub async fn find(tx: &mut ClinicTx, details: &PatientDetails) -> Result<Option<PatientId>> {
    let known = sqlx::query_scalar!(
        "select patient_id from patients
         where lower(name) = lower($1) and email is not distinct from $2 and phone is not distinct from $3
           and birth_date is not distinct from $4 and erased_at is null",
        details.name.as_str(),
        details.email.as_ref().map(EmailAddress::as_str),
        details.phone.as_ref().map(PhoneNumber::as_str),
        details.birth_date
    )
    .fetch_optional(tx.conn())
    .await?;
    match known {
        Some(known) => merging::root(tx, known.into()).await,
        None => Ok(None),
    }
}

/// Notes which language a patient is written to in, if nobody has said so yet:
/// that of the conversation they book in.
pub async fn speaks_as_in(tx: &mut ClinicTx, patient: PatientId, conversation: ConversationId) -> Result<()> {
    sqlx::query!(
        "update patients p set language = v.language
         from conversations v
         where p.patient_id = $1 and v.conversation_id = $2 and p.language is null and v.language is not null",
        patient.uuid(),
        conversation.uuid()
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Notes that this conversation is with this patient.
pub async fn link_conversation(tx: &mut ClinicTx, conversation: ConversationId, patient: PatientId) -> Result<()> {
    sqlx::query!(
        "update conversations set patient_id = $2 where conversation_id = $1",
        conversation.uuid(),
        patient.uuid()
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

#[cfg(test)]
mod tests;
