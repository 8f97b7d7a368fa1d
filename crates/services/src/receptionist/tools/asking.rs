//! What may be asked without changing anything.

use chrono::NaiveDateTime;
use domain::Rejection;
use domain::id::PractitionerId;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use super::{Bench, Outcome};
use crate::booking::{self, At};
use crate::receptionist::builtin;
use crate::{ClinicTx, Result};

#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Topic {
    Hours,
    Address,
    Types,
    Practitioners,
}

/// The clinic's public facts on one topic.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ClinicFactsAbout {
    topic: Topic,
}

pub fn clinic_facts(bench: &Bench, asked: &ClinicFactsAbout) -> Outcome {
    let facts = &bench.facts;
    Outcome::Done(match asked.topic {
        Topic::Hours => json!({
            "time_zone": facts.time_zone,
            "hours": facts.hours,
            "special_days": facts.special_days,
        }),
        Topic::Address => json!({ "address": facts.address, "phone": facts.phone, "email": facts.email }),
        Topic::Types => json!({ "appointment_types": facts.appointment_types }),
        Topic::Practitioners => json!({ "practitioners": facts.practitioners }),
    })
}

/// Why a time is not offered, as far as a patient may know.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExplainTime {
    /// The slug of the appointment type.
    appointment_type: String,
    /// The practitioner's id; null for anyone.
    #[serde(default)]
    #[schemars(with = "Option<Uuid>")]
    practitioner: Option<PractitionerId>,
    /// On the clinic's wall clock, as YYYY-MM-DDTHH:MM.
    local: String,
}

pub async fn explain_time(tx: &mut ClinicTx, bench: &Bench, asked: &ExplainTime) -> Result<Outcome> {
    let local = wall_clock(&asked.local)?;
    let channel = bench.line.channel;
    let explanation =
        booking::explain(tx, bench.now, &asked.appointment_type, asked.practitioner, channel, At::Local(local)).await?;
    let reasons: Vec<&str> = explanation.for_patients().into_iter().map(domain::explain::Reason::sentence).collect();
    Ok(Outcome::Done(json!({ "offered": explanation.offered, "label": explanation.label, "reasons": reasons })))
}

/// A moment on the clinic's wall clock.
pub fn wall_clock(text: &str) -> Result<NaiveDateTime, Rejection> {
    ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]
        .iter()
        .find_map(|form| NaiveDateTime::parse_from_str(text, form).ok())
        .ok_or_else(|| Rejection::invalid("local", "Please give a moment as YYYY-MM-DDTHH:MM."))
}

/// What a patient's words for a day or a time mean, by the clinic's clock. Use
/// it for every relative date, and read its words back.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ResolveDate {
    /// The patient's own words, such as "next Tuesday after 3".
    words: String,
}

pub fn resolve_date(bench: &Bench, asked: &ResolveDate) -> Result<Outcome> {
    let now = bench.now.with_timezone(&bench.facts.time_zone);
    let when = builtin::when(&bench.facts, &asked.words, now).ok_or_else(|| {
        Rejection::invalid("words", "These words name no day or time. Please ask which day is meant.")
    })?;
    let time = |time: Option<chrono::NaiveTime>| time.map(|time| time.format("%H:%M").to_string());
    Ok(Outcome::Done(json!({
        "from": when.from,
        "to": when.to,
        "at": time(when.at),
        "earliest": time(when.earliest),
        "latest": time(when.latest),
        "is_past": when.is_past,
        "in_words": when.in_words,
        "today": bench.today(),
        "time_zone": bench.facts.time_zone,
    })))
}
