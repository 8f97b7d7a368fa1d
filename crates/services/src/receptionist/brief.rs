//! What a clinic has its language model told: a draft, and what was published.

use chrono::{DateTime, Utc};
use domain::Rejection;
use domain::id::MemberId;
use serde::Serialize;

use super::settings;
use crate::{ClinicTx, Result};

/// How the receptionist is to speak, by which rules, and how long an answer may
/// be, by channel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Brief {
    pub tone: String,
    pub greeting_rules: String,
    pub rules: String,
    /// None for as long as it takes.
    pub web_characters: Option<i32>,
    pub sms_characters: i32,
    pub voice_sentences: i16,
}

impl Default for Brief {
    /// What holds before anything is published; a draft begins as the same, by
    /// the database's own defaults.
    fn default() -> Self {
        Self {
            tone: String::new(),
            greeting_rules: String::new(),
            rules: String::new(),
            web_characters: None,
            sms_characters: 300,
            voice_sentences: 2,
        }
    }
}

/// A brief as it was published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    pub version: i32,
    pub brief: Brief,
    pub published_at: DateTime<Utc>,
    /// Who of the staff did; none for a program.
    pub published_by: Option<String>,
}

/// How many versions are listed.
const NEWEST: i64 = 50;

/// Publishes the draft as the clinic's next version, which turns that begin from
/// now on go by. The same again is the same version.
pub async fn publish(tx: &mut ClinicTx, now: DateTime<Utc>, by: Option<MemberId>) -> Result<i32> {
    settings::begin(tx).await?;
    // Whoever publishes at the same time waits here, and reads what is newest
    // by then.
    let draft = sqlx::query_as!(
        Brief,
        "select tone, greeting_rules, draft as rules, web_characters, sms_characters, voice_sentences
         from receptionist_settings
         for update"
    )
    .fetch_one(tx.conn())
    .await?;
    let version = match find(tx, None, 1).await?.pop() {
        Some(newest) if newest.brief == draft => return Ok(newest.version),
        Some(newest) => newest.version + 1,
        None => 1,
    };
    sqlx::query!(
        "insert into receptionist_versions
                (version, tone, greeting_rules, rules, web_characters, sms_characters, voice_sentences,
                 published_at, published_by)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        version,
        draft.tone,
        draft.greeting_rules,
        draft.rules,
        draft.web_characters,
        draft.sms_characters,
        draft.voice_sentences,
        now,
        by.map(MemberId::uuid)
    )
    .execute(tx.conn())
    .await?;
    Ok(version)
}

/// What was published, newest first.
pub async fn versions(tx: &mut ClinicTx) -> Result<Vec<Version>> {
    find(tx, None, NEWEST).await
}

/// One version.
///
/// # Errors
///
/// Rejected with `not_found` if there is no such version.
pub async fn version(tx: &mut ClinicTx, version: i32) -> Result<Version> {
    Ok(find(tx, Some(version), 1).await?.pop().ok_or_else(Rejection::not_found)?)
}

async fn find(tx: &mut ClinicTx, version: Option<i32>, most: i64) -> Result<Vec<Version>> {
    let rows = sqlx::query!(
        r#"
        select v.version as "version!", v.tone as "tone!", v.greeting_rules as "greeting_rules!", v.rules as "rules!",
               v.web_characters as "web_characters?",
               v.sms_characters as "sms_characters!",
               v.voice_sentences as "voice_sentences!",
               v.published_at as "published_at!",
               m.name as "published_by?"
        from receptionist_versions v
        left join members m on m.clinic_id = v.clinic_id and m.member_id = v.published_by
        where $1::integer is null or v.version = $1
        order by v.version desc
        limit $2
        "#,
        version,
        most
    )
    .fetch_all(tx.conn())
    .await?;
    let found = rows.into_iter().map(|row| Version {
        version: row.version,
        brief: Brief {
            tone: row.tone,
            greeting_rules: row.greeting_rules,
            rules: row.rules,
            web_characters: row.web_characters,
            sms_characters: row.sms_characters,
            voice_sentences: row.voice_sentences,
        },
        published_at: row.published_at,
        published_by: row.published_by,
    });
    Ok(found.collect())
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
         set tone = v.tone,
             greeting_rules = v.greeting_rules,
             draft = v.rules,
             web_characters = v.web_characters,
             sms_characters = v.sms_characters,
             voice_sentences = v.voice_sentences
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
