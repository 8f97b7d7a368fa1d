//! What is tried leaves nothing behind.

use serde_json::Value;
use sqlx::{AssertSqlSafe, PgPool};

use super::{Talk, talk};
use crate::MIGRATOR;
use crate::booking::{SlotClaim, appointments};
use crate::receptionist::Model;
use crate::receptionist::model::{Entry, Step, ToolCall};
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
