//! How a clinic wants its receptionist to be, and what it may spend.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use domain::Rejection;
use domain::id::MemberId;
use serde::Deserialize;

use crate::{ClinicTx, Result};

/// A clinic's settings, with its published rules.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// None for the server's own.
    pub model: Option<String>,
    /// None for the model's own.
    pub temperature: Option<f32>,
    pub tokens_per_conversation: i64,
    pub tokens_per_day: i64,
    pub tone: String,
    pub greeting_rules: String,
    /// How many days ahead times are looked for; later is for staff.
    pub far_days: u32,
    pub most_followups: i16,
    pub prices: HashMap<String, Price>,
    /// The published version of the clinic's own rules, and their words; 0
    /// and none before there is one.
    pub version: i32,
    pub rules: String,
}

/// What a model takes, in micro-dollars for a thousand tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub struct Price {
    pub prompt: i64,
    pub completion: i64,
}

impl Settings {
    /// What so many tokens cost, in micro-dollars, rounded up; 0 where the
    /// clinic states no price.
    pub fn cost(&self, model: &str, prompt_tokens: i64, completion_tokens: i64) -> i64 {
        let Some(price) = self.prices.get(model) else { return 0 };
        let thousandths = prompt_tokens
            .saturating_mul(price.prompt)
            .saturating_add(completion_tokens.saturating_mul(price.completion));
        thousandths.max(0).saturating_add(999) / 1_000
    }
}

/// The clinic's settings, by the database's own defaults where it set none.
pub async fn read(tx: &mut ClinicTx) -> Result<Settings> {
    let row = match stored(tx).await? {
        Some(row) => row,
        None => {
            sqlx::query!("insert into receptionist_settings default values on conflict do nothing")
                .execute(tx.conn())
                .await?;
            stored(tx).await?.ok_or_else(Rejection::not_found)?
        }
    };
    Ok(Settings {
        model: row.model,
        temperature: row.temperature,
        tokens_per_conversation: row.tokens_per_conversation,
        tokens_per_day: row.tokens_per_day,
        tone: row.tone,
        greeting_rules: row.greeting_rules,
        far_days: u32::try_from(row.far_days).unwrap_or(30),
        most_followups: row.most_followups,
        prices: serde_json::from_value(row.prices).unwrap_or_default(),
        version: row.version,
        rules: row.rules,
    })
}

struct Row {
    model: Option<String>,
    temperature: Option<f32>,
    tokens_per_conversation: i64,
    tokens_per_day: i64,
    tone: String,
    greeting_rules: String,
    far_days: i32,
    most_followups: i16,
    prices: serde_json::Value,
    version: i32,
    rules: String,
}

async fn stored(tx: &mut ClinicTx) -> Result<Option<Row>> {
    let row = sqlx::query_as!(
        Row,
        r#"
        select s.model, s.temperature, s.tokens_per_conversation, s.tokens_per_day, s.tone, s.greeting_rules,
               s.far_days, s.most_followups, s.prices,
               coalesce(v.version, 0) as "version!",
               coalesce(v.rules, '') as "rules!"
        from receptionist_settings s
        left join lateral (select version, rules from receptionist_versions order by version desc limit 1) v on true
        "#
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(row)
}

/// Publishes the draft of the clinic's rules as their next version, which turns
/// that begin from now on go by.
pub async fn publish(tx: &mut ClinicTx, now: DateTime<Utc>, by: Option<MemberId>) -> Result<i32> {
    let version = sqlx::query_scalar!(
        r#"
        with draft as (select draft from receptionist_settings for update)
        insert into receptionist_versions (version, rules, published_at, published_by)
        select coalesce((select max(version) from receptionist_versions), 0) + 1, draft, $1, $2
        from draft
        returning version
        "#,
        now,
        by.map(MemberId::uuid)
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(version)
}
