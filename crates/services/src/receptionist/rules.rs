//! A clinic's own rules for its receptionist: a draft, and what was published.

use chrono::{DateTime, Utc};
use domain::Rejection;
use domain::id::MemberId;

use super::settings;
use crate::{ClinicTx, Result};

/// Rules as they were published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    pub version: i32,
    pub rules: String,
    pub published_at: DateTime<Utc>,
    /// Who of the staff did; none for a program.
    pub published_by: Option<String>,
}

/// How many versions are listed.
const NEWEST: i64 = 50;

/// Publishes the draft of the clinic's rules as their next version, which turns
/// that begin from now on go by. The same words again are the same version.
pub async fn publish(tx: &mut ClinicTx, now: DateTime<Utc>, by: Option<MemberId>) -> Result<i32> {
    settings::begin(tx).await?;
    // Whoever publishes at the same time waits here, and reads what is newest
    // by then.
    let draft = sqlx::query_scalar!("select draft from receptionist_settings for update").fetch_one(tx.conn()).await?;
    let newest = sqlx::query!("select version, rules from receptionist_versions order by version desc limit 1")
        .fetch_optional(tx.conn())
        .await?;
    let version = match newest {
        Some(newest) if newest.rules == draft => return Ok(newest.version),
        Some(newest) => newest.version + 1,
        None => 1,
    };
    sqlx::query!(
        "insert into receptionist_versions (version, rules, published_at, published_by) values ($1, $2, $3, $4)",
        version,
        draft,
        now,
        by.map(MemberId::uuid)
    )
    .execute(tx.conn())
    .await?;
    Ok(version)
}

/// What was published, newest first.
pub async fn versions(tx: &mut ClinicTx) -> Result<Vec<Version>> {
    let versions = sqlx::query_as!(
        Version,
        r#"
        select v.version as "version!", v.rules as "rules!", v.published_at as "published_at!",
               m.name as "published_by?"
        from receptionist_versions v
        left join members m on m.clinic_id = v.clinic_id and m.member_id = v.published_by
        order by v.version desc
        limit $1
        "#,
        NEWEST
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(versions)
}

/// One version.
///
/// # Errors
///
/// Rejected with `not_found` if there is no such version.
pub async fn version(tx: &mut ClinicTx, version: i32) -> Result<Version> {
    let found = sqlx::query_as!(
        Version,
        r#"
        select v.version as "version!", v.rules as "rules!", v.published_at as "published_at!",
               m.name as "published_by?"
        from receptionist_versions v
        left join members m on m.clinic_id = v.clinic_id and m.member_id = v.published_by
        where v.version = $1
        "#,
        version
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(found.ok_or_else(Rejection::not_found)?)
}

/// Makes a version the draft again. What is published stays as it is.
///
/// # Errors
///
/// Rejected with `not_found` if there is no such version.
pub async fn restore(tx: &mut ClinicTx, version: i32) -> Result<()> {
    settings::begin(tx).await?;
    let restored = sqlx::query!(
        "update receptionist_settings s
         set draft = v.rules
         from receptionist_versions v
         where v.clinic_id = s.clinic_id and v.version = $1",
        version
    )
    .execute(tx.conn())
    .await?;
    if restored.rows_affected() == 1 { Ok(()) } else { Err(Rejection::not_found().into()) }
}

/// A text as it is kept: browsers end lines with two characters, and what
/// shows as nothing is left out.
pub(super) fn kept(text: &str) -> String {
    let text: String = text.chars().filter(|letter| !letter.is_control() || *letter == '\n').collect();
    text.trim().to_owned()
}
