//! What language models took of a clinic, and how often the built-in
//! receptionist went on for them.

use chrono::{DateTime, Days, NaiveDate, Utc};
use domain::schedule;

use crate::{ClinicTx, Result, clinics};

/// What turns took together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Spent {
    pub turns: i64,
    pub prompt_tokens: i64,
    pub completion_tokens: i64,
    pub cost_micros: i64,
}

/// What one model took in 30 days.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ByModel {
    pub model: String,
    pub spent: Spent,
}

/// In how many turns of 30 days the built-in receptionist answered although
/// there is a language model, by why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TakenOver {
    pub why: String,
    pub turns: i64,
}

/// Days are the clinic's own, and today is one of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Spending {
    pub today: Spent,
    pub seven_days: Spent,
    pub thirty_days: Spent,
    /// What of the 30 days went to trying drafts.
    pub trials: Spent,
    pub by_model: Vec<ByModel>,
    pub taken_over: Vec<TakenOver>,
}

/// What was spent until now.
pub async fn read(tx: &mut ClinicTx, now: DateTime<Utc>) -> Result<Spending> {
    let zone = clinics::time_zone(tx).await?;
    let today = now.with_timezone(&zone).date_naive();
    let since = |days: u64| {
        let first = today.checked_sub_days(Days::new(days)).unwrap_or(NaiveDate::MIN);
        schedule::span(zone, first, today).start
    };
    let thirty_days = since(29);
    Ok(Spending {
        today: spent(tx, since(0)).await?,
        seven_days: spent(tx, since(6)).await?,
        thirty_days: spent(tx, thirty_days).await?,
        trials: on_trial(tx, thirty_days).await?,
        by_model: by_model(tx, thirty_days).await?,
        taken_over: taken_over(tx, thirty_days).await?,
    })
}

async fn spent(tx: &mut ClinicTx, since: DateTime<Utc>) -> Result<Spent> {
    let spent = sqlx::query_as!(
        Spent,
        r#"
        select count(*) as "turns!",
               coalesce(sum(prompt_tokens), 0)::bigint as "prompt_tokens!",
               coalesce(sum(completion_tokens), 0)::bigint as "completion_tokens!",
               coalesce(sum(cost_micros), 0)::bigint as "cost_micros!"
        from model_usage
        where used_at >= $1
        "#,
        since
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(spent)
}

async fn on_trial(tx: &mut ClinicTx, since: DateTime<Utc>) -> Result<Spent> {
    let spent = sqlx::query_as!(
        Spent,
        r#"
        select count(*) as "turns!",
               coalesce(sum(prompt_tokens), 0)::bigint as "prompt_tokens!",
               coalesce(sum(completion_tokens), 0)::bigint as "completion_tokens!",
               coalesce(sum(cost_micros), 0)::bigint as "cost_micros!"
        from model_usage
        where used_at >= $1 and conversation_id is null
        "#,
        since
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(spent)
}

async fn by_model(tx: &mut ClinicTx, since: DateTime<Utc>) -> Result<Vec<ByModel>> {
    let rows = sqlx::query!(
        r#"
        select model,
               count(*) as "turns!",
               coalesce(sum(prompt_tokens), 0)::bigint as "prompt_tokens!",
               coalesce(sum(completion_tokens), 0)::bigint as "completion_tokens!",
               coalesce(sum(cost_micros), 0)::bigint as "cost_micros!"
        from model_usage
        where used_at >= $1 and prompt_tokens + completion_tokens > 0
        group by model
        order by sum(cost_micros) desc, sum(prompt_tokens + completion_tokens) desc, model
        "#,
        since
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| ByModel {
            model: row.model,
            spent: Spent {
                turns: row.turns,
                prompt_tokens: row.prompt_tokens,
                completion_tokens: row.completion_tokens,
                cost_micros: row.cost_micros,
            },
        })
        .collect())
}

async fn taken_over(tx: &mut ClinicTx, since: DateTime<Utc>) -> Result<Vec<TakenOver>> {
    let reasons = sqlx::query_as!(
        TakenOver,
        r#"
        select fell_over as "why!", count(*) as "turns!"
        from model_usage
        where used_at >= $1 and fell_over is not null
        group by fell_over
        order by count(*) desc, fell_over
        "#,
        since
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(reasons)
}
