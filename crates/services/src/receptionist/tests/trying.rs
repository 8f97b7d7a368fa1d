//! What is tried leaves nothing behind.

use std::time::Duration;

use serde_json::Value;
use sqlx::{AssertSqlSafe, PgPool};
use wiremock::matchers::any;
use wiremock::{Mock, MockServer};

use super::language_model::streamed;
use super::{Talk, language_model, talk};
use crate::MIGRATOR;
use crate::booking::{SlotClaim, appointments};
use crate::receptionist::Model;
use crate::receptionist::brief;
use crate::receptionist::model::{Entry, Step, ToolCall};
use crate::receptionist::settings::{self, Fields};
use crate::receptionist::trial::{Ended, Trial};

/// Every row of every table that has a clinic.
async fn everything(pool: &PgPool) -> Vec<(String, String)> {
    let tables: Vec<String> = sqlx::query_scalar(
        "select table_name::text from information_schema.columns
         where table_schema = 'public' and column_name = 'clinic_id' order by 1",
    )
    .fetch_all(pool)
    .await
    .unwrap();
    let mut all = Vec::with_capacity(tables.len());
    for table in tables {
        let rows =
            AssertSqlSafe(format!("select coalesce(jsonb_agg(to_jsonb(t) order by to_jsonb(t)), '[]') from {table} t"));
        let rows: Value = sqlx::query_scalar(rows).fetch_one(pool).await.unwrap();
        all.push((table, rows.to_string()));
    }
    all
}

impl Talk {
    async fn try_out(&self, trial: &mut Trial, text: &str) -> String {
        self.receptionist.try_out(self.line.clinic, trial, text).await.unwrap();
        trial.said().last().unwrap().text.to_owned()
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_whole_booking_changes_no_row(pool: PgPool) {
    let talk = talk(pool.clone()).await;
    let before = everything(&pool).await;
    assert!(before.len() > 30, "{}", before.len());
    let mut trial = Trial::default();
    assert!(talk.try_out(&mut trial, "haircut next tuesday at 2pm please").await.contains("2:00 PM is free"));
    assert!(talk.try_out(&mut trial, "yes").await.starts_with("I am holding Tuesday 24 November at 2:00 PM"));
    let booked = talk.try_out(&mut trial, "Ada Lovelace, ada@example.com, +1 555 123 4567").await;
    assert!(booked.starts_with("You are booked"), "{booked}");
    let tools: Vec<&str> = trial.said().into_iter().flat_map(|said| said.tools).collect();
    assert_eq!(tools, ["check_availability", "hold_slot", "confirm_booking"]);

    assert!(talk.try_out(&mut trial, "can we move it to Wednesday at 11am").await.contains("Shall I move"));
    assert!(talk.try_out(&mut trial, "yes").await.starts_with("Moved:"));
    talk.try_out(&mut trial, "Actually, cancel it").await;
    assert!(talk.try_out(&mut trial, "yes").await.contains("is cancelled"));
    talk.try_out(&mut trial, "Can I talk to a person, please?").await;
    assert_eq!(trial.ended, Some(Ended::HandedOver));

    assert_eq!(everything(&pool).await, before);
    let jobs: i64 = sqlx::query_scalar("select count(*) from graphile_worker.jobs").fetch_one(&pool).await.unwrap_or(0);
    assert_eq!(jobs, 0);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn what_is_free_is_what_is_free(pool: PgPool) {
    let talk = talk(pool).await;
    let (who, kind): (uuid::Uuid, uuid::Uuid) =
        sqlx::query_as("select practitioner_id, appointment_type_id from offers limit 1")
            .fetch_one(talk.world.tx().await.conn())
            .await
            .unwrap();
    let starts_at = "2026-11-24T19:00:00Z".parse().unwrap();
    let claim = SlotClaim { practitioner_id: who.into(), appointment_type_id: kind.into(), starts_at };
    let mut trial = Trial::default();
    assert!(talk.try_out(&mut trial, "haircut next tuesday at 2pm please").await.contains("2:00 PM is free"));
    talk.try_out(&mut trial, "yes").await;
    // A patient is not kept from what is only tried.
    let visit = talk.world.book(claim).await.unwrap();
    let late = talk.try_out(&mut trial, "Ada Lovelace, ada@example.com, +1 555 123 4567").await;
    assert!(!late.contains("You are booked"), "{late}");

    // A real visit can be called off on trial, and stays.
    let mut trial = Trial::default();
    talk.try_out(&mut trial, &format!("cancel my appointment, code {}", visit.confirmation_code)).await;
    let cancelled = talk.try_out(&mut trial, "yes").await;
    assert!(cancelled.contains("is cancelled"), "{cancelled}");
    let kept = appointments::by_id(&mut talk.world.tx().await, visit.id).await.unwrap().unwrap();
    assert_eq!(kept.status, visit.status);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn an_emergency_alarms_nobody(pool: PgPool) {
    let talk = talk(pool.clone()).await;
    let before = everything(&pool).await;
    let mut trial = Trial::default();
    assert!(talk.try_out(&mut trial, "I have crushing chest pain").await.contains("911"));
    assert_eq!(trial.ended, Some(Ended::Emergency));
    assert!(talk.receptionist.try_out(talk.line.clinic, &mut trial, "hello").await.is_err());
    assert_eq!(everything(&pool).await, before);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn what_a_language_model_does_wrong_is_not_kept_either(pool: PgPool) {
    let mut talk = talk(pool.clone()).await;
    talk.receptionist.model = Model::scripted(|transcript| match transcript.last() {
        Some(Entry::Tool { output, .. }) => Step::Say(output["code"].to_string()),
        _ => Step::Call(ToolCall { name: "no_such_tool".into(), arguments: Value::Null }),
    });
    let before = everything(&pool).await;
    let mut trial = Trial::default();
    assert_eq!(talk.try_out(&mut trial, "Hello").await, "\"malformed\"");
    assert_eq!(everything(&pool).await, before);
}

/// A clinic whose language model answers, with what it is asked.
async fn with_language_model(pool: PgPool) -> (Talk, MockServer) {
    let provider = MockServer::start().await;
    Mock::given(any()).respond_with(streamed("Here I am.")).mount(&provider).await;
    (language_model::talk(pool, &provider, Duration::from_secs(20)).await, provider)
}

/// What the language model was told last.
async fn told(provider: &MockServer) -> String {
    let requests = provider.received_requests().await.unwrap();
    let body: Value = requests.last().expect("a request").body_json().unwrap();
    body["messages"][0]["content"].as_str().unwrap().to_owned()
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_trial_goes_by_the_whole_draft_and_patients_by_what_is_published(pool: PgPool) {
    let (talk, provider) = with_language_model(pool).await;
    let brief = |word: &str, characters| Fields {
        tone: Some(format!("{word} tone")),
        greeting_rules: Some(format!("{word} greeting")),
        draft: Some(format!("{word} rules")),
        web_characters: Some(Some(characters)),
        ..Fields::default()
    };
    let mut tx = talk.world.tx().await;
    settings::update(&mut tx, &brief("Published", 400)).await.unwrap();
    brief::publish(&mut tx, talk.world.now(), None).await.unwrap();
    settings::update(&mut tx, &brief("Drafted", 500)).await.unwrap();
    tx.commit().await.unwrap();

    talk.say("Hello").await;
    let live = told(&provider).await;
    talk.try_out(&mut Trial::default(), "Hello").await;
    let tried = told(&provider).await;

    for (told, own, other) in [(live, ("Published", "400"), "Drafted"), (tried, ("Drafted", "500"), "Published")] {
        for part in ["tone", "greeting", "rules"] {
            assert!(told.contains(&format!("{} {part}", own.0)), "{own:?} {part}: {told}");
        }
        assert!(told.contains(&format!("under {} characters", own.1)) && !told.contains(other), "{own:?}: {told}");
    }
    let prompts: Vec<String> = sqlx::query_scalar("select prompt from model_usage order by model_usage_id")
        .fetch_all(talk.world.tx().await.conn())
        .await
        .unwrap();
    assert_eq!(prompts, ["frame 4, clinic 1", "frame 4, draft"]);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn trials_use_up_the_day_and_end_with_it(pool: PgPool) {
    let (talk, provider) = with_language_model(pool).await;
    talk.world.run("insert into receptionist_settings (tokens_per_day) values (1)", &[]).await;
    let (mut trial, mut another) = (Trial::default(), Trial::default());

    assert_eq!(talk.try_out(&mut trial, "Where are you?").await, "Here I am.");
    assert_eq!(trial.fell_over, None);
    let taken: i64 = sqlx::query_scalar(
        "select (prompt_tokens + completion_tokens)::bigint from model_usage where conversation_id is null",
    )
    .fetch_one(talk.world.tx().await.conn())
    .await
    .unwrap();
    assert_eq!(taken, trial.tokens);

    for trial in [&mut trial, &mut another] {
        assert!(talk.try_out(trial, "Where are you?").await.contains("214 Willow Street"), "it is built in");
        assert_eq!(trial.fell_over.as_deref(), Some("spent"));
    }
    assert!(talk.say("Where are you?").await.0.contains("214 Willow Street"), "patients' tokens are the same");
    assert_eq!(provider.received_requests().await.unwrap().len(), 1);
}
