//! How a clinic wants its receptionist to be, and what it may spend.

use std::collections::BTreeMap;

use domain::{FieldError, Rejection};
use serde::{Deserialize, Serialize, Serializer};

use super::brief::{self, Brief};
use crate::clinics::settings::given;
use crate::{ClinicTx, Result};

/// A clinic's settings, with what its language model is told.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Settings {
    /// None for the server's own.
    pub model: Option<String>,
    /// None for the model's own.
    pub temperature: Option<f32>,
    pub tokens_per_conversation: i64,
    pub tokens_per_day: i64,
    /// How many days ahead times are looked for; later is for staff.
    pub far_days: u32,
    pub most_followups: i16,
    pub prices: BTreeMap<String, Price>,
    /// What is being written, as it is set.
    #[serde(flatten, with = "Drafted")]
    pub draft: Brief,
    /// 0 before there is one.
    pub version: i32,
    #[serde(flatten, serialize_with = "with_its_rules")]
    pub published: Brief,
}

/// A draft under the names that [`Fields`] set it by.
#[derive(Serialize)]
#[serde(remote = "Brief")]
struct Drafted {
    tone: String,
    greeting_rules: String,
    #[serde(rename = "draft")]
    rules: String,
    web_characters: Option<i32>,
    sms_characters: i32,
    voice_sentences: i16,
}

/// Programs have always found the published rules beside their version.
fn with_its_rules<S: Serializer>(published: &Brief, serializer: S) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    struct Published<'b> {
        rules: &'b str,
        published: &'b Brief,
    }
    Published { rules: &published.rules, published }.serialize(serializer)
}

/// What a model takes, in micro-dollars for a thousand tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
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

/// What may be set; what is left out stays as it is.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Fields {
    /// Null for the server's own.
    #[serde(deserialize_with = "given")]
    pub model: Option<Option<String>>,
    /// Null for the model's own.
    #[serde(deserialize_with = "given")]
    pub temperature: Option<Option<f32>>,
    pub tokens_per_conversation: Option<i64>,
    pub tokens_per_day: Option<i64>,
    pub far_days: Option<i32>,
    pub most_followups: Option<i16>,
    pub prices: Option<BTreeMap<String, Price>>,
    pub tone: Option<String>,
    pub greeting_rules: Option<String>,
    /// The rules.
    pub draft: Option<String>,
    /// Null for as long as it takes.
    #[serde(deserialize_with = "given")]
    pub web_characters: Option<Option<i32>>,
    pub sms_characters: Option<i32>,
    pub voice_sentences: Option<i16>,
    /// Whether the draft is published, once everything else is set: its tone,
    /// greeting, rules and lengths.
    pub publish: bool,
}

/// The most tokens that can be allowed.
const MOST_TOKENS: i64 = 1_000_000_000_000;

/// The highest price, in micro-dollars for a thousand tokens.
const HIGHEST_PRICE: i64 = 1_000_000_000;

/// The most models with a price.
const MOST_PRICES: usize = 50;

impl Fields {
    /// What is wrong with them, each field with `before` in front of its name.
    pub fn errors(&self, before: &str) -> Vec<FieldError> {
        let mut errors = Vec::new();
        let mut refuse = |field: &str, is_right: bool, message: &str| {
            if !is_right {
                errors.push(FieldError { field: format!("{before}{field}"), message: message.into() });
            }
        };
        let within = |text: &Option<String>, most: usize| {
            text.as_deref().is_none_or(|text| brief::kept(text).chars().count() <= most)
        };
        let tokens = |count: Option<i64>| count.is_none_or(|count| (0..=MOST_TOKENS).contains(&count));
        let model = self.model.iter().flatten().all(|name| is_model(name));
        refuse("model", model, "Please give a model's name such as gpt-4o, or nothing.");
        let temperature = self.temperature.flatten();
        refuse(
            "temperature",
            temperature.is_none_or(|degree| (0.0..=2.0).contains(&degree)),
            "Please give a number from 0 to 2, or nothing.",
        );
        let counts = "Please give a number from 0 to 1,000,000,000,000.";
        refuse("tokens_per_conversation", tokens(self.tokens_per_conversation), counts);
        refuse("tokens_per_day", tokens(self.tokens_per_day), counts);
        refuse("tone", within(&self.tone, 500), "Please keep it under 500 characters.");
        refuse("greeting_rules", within(&self.greeting_rules, 2_000), "Please keep it under 2,000 characters.");
        refuse("draft", within(&self.draft, 8_000), "Please keep it under 8,000 characters.");
        refuse(
            "far_days",
            self.far_days.is_none_or(|days| (1..=730).contains(&days)),
            "Please give a number from 1 to 730.",
        );
        refuse(
            "most_followups",
            self.most_followups.is_none_or(|most| (0..=2).contains(&most)),
            "Please give 0, 1 or 2.",
        );
        refuse(
            "web_characters",
            self.web_characters.flatten().is_none_or(|most| (100..=8_000).contains(&most)),
            "Please give a number from 100 to 8,000, or nothing.",
        );
        refuse(
            "sms_characters",
            self.sms_characters.is_none_or(|most| (70..=1_600).contains(&most)),
            "Please give a number from 70 to 1,600.",
        );
        refuse(
            "voice_sentences",
            self.voice_sentences.is_none_or(|most| (1..=6).contains(&most)),
            "Please give a number from 1 to 6.",
        );
        let prices = self.prices.iter().flatten();
        refuse(
            "prices",
            self.prices.iter().all(|prices| prices.len() <= MOST_PRICES),
            "Please give at most 50 prices.",
        );
        for (name, price) in prices {
            let in_range = [price.prompt, price.completion].iter().all(|price| (0..=HIGHEST_PRICE).contains(price));
            refuse(
                &format!("prices.{name}"),
                is_model(name) && in_range,
                "Please give a model's name such as gpt-4o, and what it takes.",
            );
        }
        errors
    }
}

fn is_model(name: &str) -> bool {
    (1..=100).contains(&name.len()) && name.bytes().all(|letter| letter.is_ascii_graphic())
}

/// Sets what is given.
///
/// # Errors
///
/// Rejected with `invalid`, naming the fields.
pub async fn update(tx: &mut ClinicTx, fields: &Fields) -> Result<()> {
    let errors = fields.errors("");
    if !errors.is_empty() {
        return Err(Rejection::invalid_fields(errors).into());
    }
    begin(tx).await?;
    let prices = match &fields.prices {
        Some(prices) => {
            Some(serde_json::to_value(prices).map_err(|_| crate::Error::Internal("prices did not serialise"))?)
        }
        None => None,
    };
    sqlx::query!(
        "update receptionist_settings
         set model = case when $1 then $2 else model end,
             temperature = case when $3 then $4 else temperature end,
             tokens_per_conversation = coalesce($5, tokens_per_conversation),
             tokens_per_day = coalesce($6, tokens_per_day),
             tone = coalesce($7, tone),
             greeting_rules = coalesce($8, greeting_rules),
             far_days = coalesce($9, far_days),
             most_followups = coalesce($10, most_followups),
             web_characters = case when $11 then $12 else web_characters end,
             sms_characters = coalesce($13, sms_characters),
             voice_sentences = coalesce($14, voice_sentences),
             prices = coalesce($15, prices),
             draft = coalesce($16, draft)",
        fields.model.is_some(),
        fields.model.clone().flatten(),
        fields.temperature.is_some(),
        fields.temperature.flatten(),
        fields.tokens_per_conversation,
        fields.tokens_per_day,
        fields.tone.as_deref().map(brief::kept),
        fields.greeting_rules.as_deref().map(brief::kept),
        fields.far_days,
        fields.most_followups,
        fields.web_characters.is_some(),
        fields.web_characters.flatten(),
        fields.sms_characters,
        fields.voice_sentences,
        prices,
        fields.draft.as_deref().map(brief::kept)
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// The clinic's settings, by the database's own defaults where it set none.
pub async fn read(tx: &mut ClinicTx) -> Result<Settings> {
    let row = match stored(tx).await? {
        Some(row) => row,
        None => {
            begin(tx).await?;
            stored(tx).await?.ok_or_else(Rejection::not_found)?
        }
    };
    let unpublished = Brief::default();
    Ok(Settings {
        model: row.model,
        temperature: row.temperature,
        tokens_per_conversation: row.tokens_per_conversation,
        tokens_per_day: row.tokens_per_day,
        far_days: u32::try_from(row.far_days).unwrap_or(30),
        most_followups: row.most_followups,
        prices: serde_json::from_value(row.prices).unwrap_or_default(),
        draft: Brief {
            tone: row.tone,
            greeting_rules: row.greeting_rules,
            rules: row.draft,
            web_characters: row.web_characters,
            sms_characters: row.sms_characters,
            voice_sentences: row.voice_sentences,
        },
        version: row.version,
        published: Brief {
            tone: row.published_tone.unwrap_or(unpublished.tone),
            greeting_rules: row.published_greeting_rules.unwrap_or(unpublished.greeting_rules),
            rules: row.published_rules.unwrap_or(unpublished.rules),
            web_characters: row.published_web_characters,
            sms_characters: row.published_sms_characters.unwrap_or(unpublished.sms_characters),
            voice_sentences: row.published_voice_sentences.unwrap_or(unpublished.voice_sentences),
        },
    })
}

/// Makes the row that settings stand in, if there is none yet.
pub(super) async fn begin(tx: &mut ClinicTx) -> Result<()> {
    sqlx::query!("insert into receptionist_settings default values on conflict do nothing").execute(tx.conn()).await?;
    Ok(())
}

struct Row {
    model: Option<String>,
    temperature: Option<f32>,
    tokens_per_conversation: i64,
    tokens_per_day: i64,
    far_days: i32,
    most_followups: i16,
    prices: serde_json::Value,
    tone: String,
    greeting_rules: String,
    draft: String,
    web_characters: Option<i32>,
    sms_characters: i32,
    voice_sentences: i16,
    version: i32,
    published_tone: Option<String>,
    published_greeting_rules: Option<String>,
    published_rules: Option<String>,
    published_web_characters: Option<i32>,
    published_sms_characters: Option<i32>,
    published_voice_sentences: Option<i16>,
}

async fn stored(tx: &mut ClinicTx) -> Result<Option<Row>> {
    let row = sqlx::query_as!(
        Row,
        r#"
        select s.model, s.temperature, s.tokens_per_conversation, s.tokens_per_day,
               s.far_days, s.most_followups, s.prices,
               s.tone, s.greeting_rules, s.draft, s.web_characters, s.sms_characters, s.voice_sentences,
               coalesce(v.version, 0) as "version!",
               v.tone as "published_tone?",
               v.greeting_rules as "published_greeting_rules?",
               v.rules as "published_rules?",
               v.web_characters as "published_web_characters?",
               v.sms_characters as "published_sms_characters?",
               v.voice_sentences as "published_voice_sentences?"
        from receptionist_settings s
        left join lateral (select * from receptionist_versions order by version desc limit 1) v on true
        "#
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(row)
}
