//! What a message about a visit says.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use domain::id::AppointmentId;
use domain::language::Language;
use domain::sms::segments::{self, Accents};
use domain::template::lint::MOST_SEGMENTS;
use domain::template::{Kind, MissingValue, Template, Values};
use uuid::Uuid;

use super::ledger::Way;
use super::templates;
use crate::booking::appointments;
use crate::{ClinicTx, Error, Result};

/// A message in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// Of an e-mail.
    pub subject: Option<String>,
    pub body: String,
}

/// Why a message cannot be written.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unwritable {
    #[error("The template does not read: {0}")]
    Unreadable(String),
    #[error("The template needs what is not there: {0}.")]
    Missing(#[from] MissingValue),
}

/// The visit a message is about, as it is now.
#[derive(Clone, Debug)]
pub struct Visit {
    pub starts_at: DateTime<Utc>,
    /// As the patient's own clock shows it, where the visit is.
    pub zone: Tz,
    pub clinic: String,
    pub clinic_phone: Option<String>,
    /// Of the visit's location, or the clinic's.
    pub address: Option<String>,
    pub patient: String,
    pub practitioner: String,
    pub appointment_type: String,
    pub is_sensitive: bool,
    pub code: String,
    /// When the other visits are that were booked together with it.
    pub together: Vec<DateTime<Utc>>,
}

/// Reads a visit for a message about it.
pub async fn visit(tx: &mut ClinicTx, id: AppointmentId) -> Result<Option<Visit>> {
    let row = sqlx::query!(
        r#"select a.starts_at, c.time_zone, c.name as clinic, c.phone, c.address as address, p.name as patient,
                  r.name as practitioner, t.name as appointment_type, t.sensitive, a.confirmation_code, a.series_id
           from appointments a
           join clinics c using (clinic_id)
           join patients p using (clinic_id, patient_id)
           join practitioners r using (clinic_id, practitioner_id)
           join appointment_types t using (clinic_id, appointment_type_id)
           where a.appointment_id = $1"#,
        id.uuid()
    )
    .fetch_optional(tx.conn())
    .await?;
    let Some(row) = row else { return Ok(None) };
    let together = match row.series_id {
        Some(series) => together(tx, series, id).await?,
        None => Vec::new(),
    };
    let place = appointments::place(tx, id).await?;
    Ok(Some(Visit {
        together,
        starts_at: row.starts_at,
        zone: row.time_zone.parse().map_err(|_| Error::Internal("an unknown time zone"))?,
        clinic: row.clinic,
        clinic_phone: row.phone,
        address: place.map(|place| place.to_string()).or(row.address),
        patient: row.patient,
        practitioner: row.practitioner,
        appointment_type: row.appointment_type,
        is_sensitive: row.sensitive,
        code: row.confirmation_code,
    }))
}

async fn together(tx: &mut ClinicTx, series: Uuid, except: AppointmentId) -> Result<Vec<DateTime<Utc>>> {
    let starts = sqlx::query_scalar!(
        "select starts_at from appointments
         where series_id = $1 and appointment_id <> $2 and status = 'booked'
         order by starts_at",
        series,
        except.uuid()
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(starts)
}

/// Writes a message about a visit in the clinic's words, or in ours. What a
/// sensitive visit is for stays unsaid; `link` leads to the visit.
pub async fn about_visit(
    tx: &mut ClinicTx,
    kind: Kind,
    way: Way,
    language: Language,
    visit: &Visit,
    link: &str,
) -> Result<Result<Written, Unwritable>> {
    let template = templates::in_use(tx, kind, way, language).await?;
    let anything = match language {
        Language::English => "your visit",
        Language::Spanish => "su cita",
    };
    let values = Values {
        clinic: Some(&visit.clinic),
        patient: Some(&visit.patient),
        practitioner: Some(&visit.practitioner),
        appointment_type: Some(if visit.is_sensitive { anything } else { &visit.appointment_type }),
        starts_at: Some(visit.starts_at.with_timezone(&visit.zone).naive_local()),
        code: Some(&visit.code),
        link: Some(link),
        phone: visit.clinic_phone.as_deref(),
        address: visit.address.as_deref(),
        until: None,
    };
    let written = write(&template, way, language, &values);
    // Visits that are booked together are confirmed by one message.
    let is_about_all = kind == Kind::Confirmation && !visit.together.is_empty();
    Ok(written.map(|written| if is_about_all { with_the_others(written, way, language, visit) } else { written }))
}

/// Adds how many visits there are and when, of a text as many as it has room
/// for.
fn with_the_others(written: Written, way: Way, language: Language, visit: &Visit) -> Written {
    let others: Vec<_> = visit.together.iter().map(|at| at.with_timezone(&visit.zone).naive_local()).collect();
    let count = others.len() + 1;
    if way != Way::Sms {
        let body = format!("{}\n\n{}", written.body, language.in_all(count, &others));
        return Written { body, ..written };
    }
    let saying = |named: usize| {
        let body = format!("{} {}", written.body, language.in_all(count, &others[..named]));
        segments::fold(&body, accents(language))
    };
    let fits = |body: &String| segments::segments(body).count <= MOST_SEGMENTS;
    let body = (0..=others.len()).rev().map(saying).find(fits).unwrap_or_else(|| saying(0));
    Written { body, ..written }
}

/// Writes a message that is not about a visit in the clinic's words, or in
/// ours where those need what is not there.
pub async fn about_nothing_else(
    tx: &mut ClinicTx,
    kind: Kind,
    way: Way,
    language: Language,
    values: &Values<'_>,
) -> Result<Written> {
    let template = templates::in_use(tx, kind, way, language).await?;
    write(&template, way, language, values)
        .or_else(|_| write(&templates::ours(kind, way, language), way, language, values))
        .map_err(|_| Error::Internal("our own words need what is not there"))
}

/// Fills in a template.
pub fn write(
    template: &templates::InUse,
    way: Way,
    language: Language,
    values: &Values<'_>,
) -> Result<Written, Unwritable> {
    let fill = |text: &str| -> Result<String, Unwritable> {
        let template: Template =
            text.parse().map_err(|error: domain::template::ParseError| Unwritable::Unreadable(error.to_string()))?;
        Ok(template.render(language, values)?)
    };
    let body = fill(&template.body)?;
    let body = if way == Way::Sms { segments::fold(&body, accents(language)) } else { body };
    Ok(Written { subject: template.subject.as_deref().map(fill).transpose()?, body })
}

/// What becomes of accents in a text: a Spanish one with a single á would cost
/// twice as much.
pub const fn accents(language: Language) -> Accents {
    match language {
        Language::English => Accents::Keep,
        Language::Spanish => Accents::DropForGsm7,
    }
}
