//! A patient's own record: what they are called and how they are reached.

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use domain::contact::{EmailAddress, PersonName, PhoneNumber};
use domain::id::PatientId;
use domain::language::Language;
use domain::{FieldError, Rejection};
use serde::{Deserialize, Deserializer, Serialize};

use crate::error::OnConstraint;
use crate::{ClinicTx, Result, clinics};

/// A patient as the clinic knows them.
#[derive(Clone, Serialize)]
pub struct Patient {
    pub id: PatientId,
    pub name: String,
    pub phone: Option<String>,
    pub email: Option<String>,
    pub birth_date: Option<NaiveDate>,
    /// ISO 639; none where the clinic's first will do.
    pub language: Option<String>,
    /// IANA; none where the clinic's will do.
    pub time_zone: Option<String>,
    pub created_at: DateTime<Utc>,
    /// Whom they were found to be.
    pub merged_into: Option<PatientId>,
    pub erased_at: Option<DateTime<Utc>>,
}

impl std::fmt::Debug for Patient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Patient").field("id", &self.id).finish_non_exhaustive()
    }
}

/// What to change; null clears what may be empty.
#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PatientChange {
    pub name: Option<String>,
    #[serde(deserialize_with = "given")]
    pub phone: Option<Option<String>>,
    #[serde(deserialize_with = "given")]
    pub email: Option<Option<String>>,
    #[serde(deserialize_with = "given")]
    pub birth_date: Option<Option<String>>,
    #[serde(deserialize_with = "given")]
    pub language: Option<Option<String>>,
    #[serde(deserialize_with = "given")]
    pub time_zone: Option<Option<String>>,
}

/// Tells a field that is null from one that is left out.
fn given<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<T>>, D::Error> {
    Option::<T>::deserialize(deserializer).map(Some)
}

/// The patient with this id.
pub async fn find(tx: &mut ClinicTx, id: PatientId) -> Result<Option<Patient>> {
    let row = sqlx::query!(
        "select patient_id, name, phone, email, birth_date, language, time_zone, created_at, merged_into, erased_at
         from patients
         where patient_id = $1",
        id.uuid()
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(row.map(|row| Patient {
        id: row.patient_id.into(),
        name: row.name,
        phone: row.phone,
        email: row.email,
        birth_date: row.birth_date,
        language: row.language,
        time_zone: row.time_zone,
        created_at: row.created_at,
        merged_into: row.merged_into.map(PatientId::from),
        erased_at: row.erased_at,
    }))
}

/// Changes what is given, and leaves the rest.
///
/// # Errors
///
/// Rejected with `not_found` if there is no such patient or they were erased,
/// and with `invalid`, naming the fields.
pub async fn change(tx: &mut ClinicTx, now: DateTime<Utc>, id: PatientId, change: &PatientChange) -> Result<Patient> {
    let before = find(tx, id).await?.filter(|patient| patient.erased_at.is_none()).ok_or_else(Rejection::not_found)?;
    let profile = clinics::profile(tx).await?;
    let today = now.with_timezone(&profile.time_zone).date_naive();
    let after = read(&before, change, &profile.country, today)?;
    sqlx::query!(
        "update patients
         set name = $2, phone = $3, email = $4, birth_date = $5, language = $6, time_zone = $7
         where patient_id = $1",
        id.uuid(),
        after.name,
        after.phone,
        after.email,
        after.birth_date,
        after.language,
        after.time_zone
    )
    .execute(tx.conn())
    .await
    .on_constraint("patients_same_person", || {
        Rejection::invalid("name", "There is another patient with the same details. Please merge them instead.")
    })?;
    Ok(after)
}

/// Reads every field, so that all that is wrong is said at once.
fn read(before: &Patient, change: &PatientChange, country: &str, today: NaiveDate) -> Result<Patient, Rejection> {
    let mut errors = Errors::default();
    let name = change.name.as_deref().map(PersonName::parse);
    let name = errors.unwrap("name", name.transpose().map(|name| name.map(|name| name.as_str().to_owned())));
    let phone = errors.field("phone", &change.phone, |text| {
        PhoneNumber::parse(text, country).map(|phone| phone.as_str().to_owned()).map_err(|error| error.to_string())
    });
    let email = errors.field("email", &change.email, |text| {
        EmailAddress::parse(text).map(|email| email.as_str().to_owned()).map_err(|error| error.to_string())
    });
    let birth_date = errors.field("birth_date", &change.birth_date, |text| born(text, today));
    let language = errors.field("language", &change.language, |text| {
        let known = Language::of_tag(text).map(|language| language.code().to_owned());
        known.ok_or_else(|| "Please give en or es.".to_owned())
    });
    let time_zone = errors.field("time_zone", &change.time_zone, |text| {
        let known = text.parse::<Tz>().map(|zone| zone.name().to_owned());
        known.map_err(|_| "Please give an IANA time zone such as America/New_York.".to_owned())
    });
    let after = Patient {
        name: name.flatten().unwrap_or_else(|| before.name.clone()),
        phone: phone.unwrap_or_else(|| before.phone.clone()),
        email: email.unwrap_or_else(|| before.email.clone()),
        birth_date: birth_date.unwrap_or(before.birth_date),
        language: language.unwrap_or_else(|| before.language.clone()),
        time_zone: time_zone.unwrap_or_else(|| before.time_zone.clone()),
        ..before.clone()
    };
    if errors.0.is_empty() && after.phone.is_none() && after.email.is_none() {
        errors.add("phone", "Please give a phone number or an email address.".into());
    }
    if errors.0.is_empty() { Ok(after) } else { Err(Rejection::invalid_fields(errors.0)) }
}

fn born(text: &str, today: NaiveDate) -> Result<NaiveDate, String> {
    let earliest = today.checked_sub_months(chrono::Months::new(12 * 125)).unwrap_or(NaiveDate::MIN);
    let date = text.parse::<NaiveDate>().ok().filter(|date| (earliest..=today).contains(date));
    date.ok_or_else(|| "Please check the date of birth.".to_owned())
}

#[derive(Default)]
struct Errors(Vec<FieldError>);

impl Errors {
    fn add(&mut self, field: &str, message: String) {
        self.0.push(FieldError { field: field.into(), message });
    }

    fn unwrap<T, E: ToString>(&mut self, field: &str, read: Result<T, E>) -> Option<T> {
        read.map_err(|error| self.add(field, error.to_string())).ok()
    }

    /// What a field that may be cleared is from now on; none if it stays.
    fn field<T>(
        &mut self,
        name: &str,
        given: &Option<Option<String>>,
        read: impl Fn(&str) -> Result<T, String>,
    ) -> Option<Option<T>> {
        let text = given.as_ref()?.as_deref().map(str::trim).filter(|text| !text.is_empty());
        match text.map(read) {
            None => Some(None),
            Some(read) => self.unwrap(name, read).map(Some),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ada() -> Patient {
        Patient {
            id: PatientId::new(),
            name: "Ada Lovelace".into(),
            phone: Some("+15551234567".into()),
            email: None,
            birth_date: None,
            language: None,
            time_zone: None,
            created_at: DateTime::UNIX_EPOCH,
            merged_into: None,
            erased_at: None,
        }
    }

    fn changed(change: serde_json::Value) -> Result<Patient, Vec<String>> {
        let change: PatientChange = serde_json::from_value(change).unwrap();
        let today = NaiveDate::from_ymd_opt(2026, 11, 20).unwrap();
        read(&ada(), &change, "US", today).map_err(|no| no.errors.into_iter().map(|error| error.field).collect())
    }

    #[test]
    fn what_is_left_out_stays_and_null_clears() {
        let change = serde_json::json!({ "phone": null, "email": "Ada@Example.com", "language": "es", "birth_date": "1985-12-10" });
        let after = changed(change).unwrap();
        assert_eq!(
            (after.name.as_str(), after.phone, after.email.as_deref()),
            ("Ada Lovelace", None, Some("ada@example.com"))
        );
        assert_eq!(
            (after.language.as_deref(), after.birth_date.unwrap().to_string()),
            (Some("es"), "1985-12-10".to_owned())
        );
    }

    #[test]
    fn everything_wrong_is_said_at_once() {
        let all = serde_json::json!({
            "name": "", "phone": "12", "email": "nope", "birth_date": "2027-01-01", "language": "fr", "time_zone": "Mars/Base",
        });
        let fields = changed(all).unwrap_err();
        assert_eq!(fields, ["name", "phone", "email", "birth_date", "language", "time_zone"]);
        assert_eq!(changed(serde_json::json!({ "phone": null })).unwrap_err(), ["phone"], "somebody nobody can reach");
    }
}
