//! Whether things went as the scenario says.

use serde_json::{Value, json};
use sqlx::AssertSqlSafe;

use super::Arm;
use super::clinic::Desk;
use super::patients::Reply;
use super::written::{Rows, Scenario, Turn};

/// What differs from what a turn was to bring.
pub async fn turn(desk: &Desk<'_>, turn: &Turn, arm: Arm, replies: &[Reply]) -> Vec<String> {
    let mut wrong = Vec::new();
    let own = if arm == Arm::BuiltIn { &turn.built_in_says } else { &turn.model_says };
    let all: String = replies.iter().map(|reply| reply.text.as_str()).collect::<Vec<_>>().join("\n");
    for wanted in turn.says.iter().chain(own).map(|text| desk.filled(text)) {
        if !holds(&all, &wanted) {
            wrong.push(format!("the answer lacks “{wanted}”: {all}"));
        }
    }
    for unwanted in turn.never.iter().map(|text| desk.filled(text)) {
        if holds(&all, &unwanted) {
            wrong.push(format!("the answer has “{unwanted}”: {all}"));
        }
    }
    if all.contains("(nothing is written for this)") {
        wrong.push("the model was asked more than the scenario says".to_owned());
    }
    if let Some(kind) = &turn.card {
        let kinds: Vec<&str> =
            replies.iter().flat_map(|reply| &reply.cards).filter_map(|card| card["kind"].as_str()).collect();
        let right = if kind == "none" { kinds.is_empty() } else { kinds.contains(&kind.as_str()) };
        if !right {
            wrong.push(format!("the card is {kinds:?}, not {kind}: {all}"));
        }
    }
    let language = turn.language.as_deref().unwrap_or("en");
    if let Some(other) = spoken(&all).filter(|spoken| *spoken != language) {
        wrong.push(format!("the answer is in {other}, not {language}: {all}"));
    }
    wrong.extend(unknown_codes(desk, &all).await);
    wrong
}

/// Capitals and kinds of space do not matter.
fn holds(text: &str, part: &str) -> bool {
    let plain = |text: &str| text.replace(['\u{a0}', '\u{202f}'], " ").to_lowercase();
    plain(text).contains(&plain(part))
}

const ENGLISH: [&str; 12] = ["the", "you", "your", "is", "for", "what", "would", "have", "and", "we", "are", "at"];
const SPANISH: [&str; 12] = ["el", "la", "su", "es", "para", "qué", "una", "tiene", "y", "los", "está", "con"];

/// The language of a text, as far as its short words show it.
fn spoken(text: &str) -> Option<&'static str> {
    let words: Vec<String> = text
        .split(|letter: char| !letter.is_alphabetic())
        .map(str::to_lowercase)
        .filter(|word| !word.is_empty())
        .collect();
    let count = |known: &[&str]| words.iter().filter(|word| known.contains(&word.as_str())).count();
    match (count(&ENGLISH), count(&SPANISH)) {
        (english, spanish) if english > spanish * 2 && english > 2 => Some("en"),
        (english, spanish) if spanish > english * 2 && spanish > 2 => Some("es"),
        _ => None,
    }
}

/// Confirmation codes that were said and are no visit's.
async fn unknown_codes(desk: &Desk<'_>, text: &str) -> Vec<String> {
    let is_code = |word: &&str| {
        word.len() == 8
            && word.bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase())
            && word.bytes().any(|byte| byte.is_ascii_digit())
            && word.bytes().any(|byte| byte.is_ascii_uppercase())
    };
    let mut unknown = Vec::new();
    for code in text.split(|letter: char| !letter.is_ascii_alphanumeric()).filter(is_code) {
        let known: bool = sqlx::query_scalar(
            "select exists (select from appointments where clinic_id = $1 and confirmation_code = $2)",
        )
        .bind(desk.clinic.uuid())
        .bind(code)
        .fetch_one(&desk.pool)
        .await
        .unwrap();
        if !known && !desk.said.iter().any(|said| said.starts_with("patient") && said.contains(code)) {
            unknown.push(format!("{code} is no visit's code"));
        }
    }
    unknown
}

/// What differs from the rows that were to be there.
pub async fn rows(desk: &Desk<'_>, scenario: &Scenario, arm: Arm) -> Vec<String> {
    let mut wrong = Vec::new();
    let name = if arm == Arm::BuiltIn { "built_in" } else { "language_model" };
    for rows in scenario.rows.iter().filter(|rows| rows.only.as_deref().is_none_or(|only| only == name)) {
        let found = matching(desk, rows).await;
        if i64::try_from(found.len()).unwrap() != rows.count {
            let all =
                matching(desk, &Rows { matching: Default::default(), only: None, count: 0, table: rows.table.clone() })
                    .await;
            wrong.push(format!(
                "{} rows in {} match {}, not {}; there are {}",
                found.len(),
                rows.table,
                json!(rows.matching),
                rows.count,
                json!(all)
            ));
        }
    }
    wrong.extend(unanswered(desk).await);
    wrong
}

/// A clinic's rows that have these values.
async fn matching(desk: &Desk<'_>, rows: &Rows) -> Vec<Value> {
    let statement = format!(
        "select shown
         from clinics c
         cross join lateral (
             select to_jsonb(t) || jsonb_build_object('local', to_char(
                 (to_jsonb(t) ->> 'starts_at')::timestamptz at time zone c.time_zone, 'YYYY-MM-DD\"T\"HH24:MI'))
             from {} t
             where t.clinic_id = c.clinic_id
         ) as of (shown)
         where c.clinic_id = $1 and shown @> $2",
        rows.table
    );
    let wanted: Value = serde_json::from_str(&desk.filled(&json!(rows.matching).to_string())).unwrap();
    sqlx::query_scalar(AssertSqlSafe(statement))
        .bind(desk.clinic.uuid())
        .bind(wanted)
        .fetch_all(&desk.pool)
        .await
        .unwrap_or_else(|error| panic!("{}: {error}", desk.scenario.name))
}

/// Messages that nobody answers, and that are not left to a person.
async fn unanswered(desk: &Desk<'_>) -> Vec<String> {
    let left: Vec<String> = sqlx::query_scalar(
        "select m.text
         from messages m
         where m.clinic_id = $1 and m.role = 'patient' and not m.for_staff
           and not exists (select from messages a where a.clinic_id = m.clinic_id and a.answers = m.message_id)",
    )
    .bind(desk.clinic.uuid())
    .fetch_all(&desk.pool)
    .await
    .unwrap();
    left.into_iter().map(|text| format!("nobody answered “{text}”")).collect()
}
