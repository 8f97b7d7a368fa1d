//! What language models took, and how much they may.

use chrono::{DateTime, Utc};
use domain::id::{ConversationId, MessageId};
use domain::schedule;

use super::settings::Settings;
use crate::{ClinicTx, Result, clinics};

/// What one turn took.
#[derive(Clone, Debug)]
pub struct Used {
    /// The message that was answered, and where; none on trial.
    pub answered: Option<(ConversationId, MessageId)>,
    pub model: String,
    pub prompt: String,
    pub prompt_tokens: i64,
    pub completion_tokens: i64,
    pub cost_micros: i64,
    pub fell_over: Option<&'static str>,
}

/// Whether a conversation may ask a language model: neither it nor the clinic's
/// day, trials included, has used up its tokens. A turn that is under way may go over.
pub async fn may_ask(
    tx: &mut ClinicTx,
    now: DateTime<Utc>,
    conversation: ConversationId,
    settings: &Settings,
) -> Result<bool> {
    let zone = clinics::time_zone(tx).await?;
    let today = now.with_timezone(&zone).date_naive();
    let used = sqlx::query!(
        r#"
        select coalesce(sum(prompt_tokens + completion_tokens) filter (where conversation_id = $1), 0)::bigint as "here!",
               coalesce(sum(prompt_tokens + completion_tokens) filter (where used_at >= $2), 0)::bigint as "today!"
        from model_usage
        where conversation_id = $1 or used_at >= $2
        "#,
        conversation.uuid(),
        schedule::span(zone, today, today).start
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(used.here < settings.tokens_per_conversation && used.today < settings.tokens_per_day)
}

/// Stores what a turn took.
pub async fn record(tx: &mut ClinicTx, now: DateTime<Utc>, used: &Used) -> Result<()> {
    sqlx::query!(
        "insert into model_usage
                (model_usage_id, conversation_id, message_id, model, prompt, prompt_tokens, completion_tokens,
                 cost_micros, fell_over, used_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        domain::Id::<Used>::new().uuid(),
        used.answered.map(|(conversation, _)| conversation.uuid()),
        used.answered.map(|(_, question)| question.uuid()),
        used.model,
        used.prompt,
        used.prompt_tokens,
        used.completion_tokens,
        used.cost_micros,
        used.fell_over,
        now
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
