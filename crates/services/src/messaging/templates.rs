//! What messages say, in the clinic's words or in ours.

use chrono::{DateTime, Utc};
use domain::id::MemberId;
use domain::language::Language;
use domain::template::lint::{self, Context, Finding, Medium, Report, Types};
use domain::template::{Kind, default_email, default_sms, default_subject};
use domain::{FieldError, Rejection};
use serde::Serialize;

use super::ledger::Way;
use super::writing::accents;
use crate::{ClinicTx, Result};

/// The template that a message is written from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct InUse {
    pub subject: Option<String>,
    pub body: String,
    /// Whether the clinic wrote it.
    pub is_own: bool,
}

/// What a message says if the clinic has not said it in its own words.
pub fn ours(kind: Kind, way: Way, language: Language) -> InUse {
    let subject = (way == Way::Email).then(|| default_subject(kind, language).to_owned());
    let body = if way == Way::Email { default_email(kind, language) } else { default_sms(kind, language) };
    InUse { subject, body: body.to_owned(), is_own: false }
}

/// The template in use.
pub async fn in_use(tx: &mut ClinicTx, kind: Kind, way: Way, language: Language) -> Result<InUse> {
    let own = sqlx::query!(
        "select subject, body from templates where kind = $1 and channel = $2 and language = $3",
        kind.as_str(),
        way.as_str(),
        language.code()
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(own
        .map_or_else(|| ours(kind, way, language), |own| InUse { subject: own.subject, body: own.body, is_own: true }))
}

/// What there is to say about a template before it is used.
pub async fn judge(tx: &mut ClinicTx, kind: Kind, way: Way, language: Language, body: &str) -> Result<Report> {
    Ok(lint::lint(body, &context(tx, kind, way, language).await?))
}

async fn context(tx: &mut ClinicTx, kind: Kind, way: Way, language: Language) -> Result<Context> {
    let sensitive =
        sqlx::query_scalar!(r#"select exists (select from appointment_types where sensitive and active) as "is!""#)
            .fetch_one(tx.conn())
            .await?;
    let types = if sensitive { Types::Sensitive } else { Types::Open };
    let medium = if way == Way::Email { Medium::Email } else { Medium::Text };
    Ok(Context { kind, medium, language, accents: accents(language), types })
}

/// A template of the clinic's.
#[derive(Clone, Debug)]
pub struct Own<'a> {
    pub kind: Kind,
    pub way: Way,
    pub language: Language,
    pub subject: Option<&'a str>,
    pub body: &'a str,
}

/// Puts the clinic's words in place of ours.
///
/// # Errors
///
/// Rejected with `invalid` for what the lint refuses, sentence by sentence.
pub async fn set(tx: &mut ClinicTx, now: DateTime<Utc>, member: MemberId, own: &Own<'_>) -> Result<Report> {
    let context = context(tx, own.kind, own.way, own.language).await?;
    let mut report = lint::lint(own.body, &context);
    let mut errors = refusals("body", &report.findings);
    if own.way == Way::Email {
        let subject = own.subject.unwrap_or_default();
        if (1..=200).contains(&subject.trim().chars().count()) {
            let findings = lint::lint_subject(subject, &context);
            errors.extend(refusals("subject", &findings));
            report.findings.extend(findings);
        } else {
            let message = "Please give a subject of 1 to 200 characters.".to_owned();
            errors.push(FieldError { field: "subject".into(), message });
        }
    }
    if !errors.is_empty() {
        return Err(Rejection::invalid_fields(errors).into());
    }
    sqlx::query!(
        "insert into templates (kind, channel, language, subject, body, updated_at, updated_by)
         values ($1, $2, $3, $4, $5, $6, $7)
         on conflict (clinic_id, kind, channel, language) do update
             set subject = excluded.subject, body = excluded.body, updated_at = excluded.updated_at,
                 updated_by = excluded.updated_by",
        own.kind.as_str(),
        own.way.as_str(),
        own.language.code(),
        own.subject.filter(|_| own.way == Way::Email).map(str::trim),
        own.body,
        now,
        member.uuid()
    )
    .execute(tx.conn())
    .await?;
    Ok(report)
}

fn refusals(field: &str, findings: &[Finding]) -> Vec<FieldError> {
    let refusals = findings.iter().filter(|finding| finding.severity() == lint::Severity::Refusal);
    refusals.map(|finding| FieldError { field: field.into(), message: finding.to_string() }).collect()
}

/// Goes back to our words.
pub async fn reset(tx: &mut ClinicTx, kind: Kind, way: Way, language: Language) -> Result<()> {
    sqlx::query!(
        "delete from templates where kind = $1 and channel = $2 and language = $3",
        kind.as_str(),
        way.as_str(),
        language.code()
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
