//! What clients were told, to be held against the book.

use std::sync::Mutex;

use serde_json::{Value, json};

use crate::http::Answer;

/// Every answer about a hold or a visit, in the order in which they came.
#[derive(Default)]
pub struct Ledger(Mutex<Vec<Value>>);

impl Ledger {
    /// Notes the answer that `owner` got when they `asked`, about the hold or
    /// the visit that their question named, or else the answer does.
    pub fn note(&self, owner: &str, asked: &str, hold_id: Option<&str>, appointment_id: Option<&str>, answer: &Answer) {
        let told = answer.json();
        let visit = &told["appointment"];
        let mut entries = self.0.lock().unwrap();
        let n = entries.len();
        entries.push(json!({
            "n": n,
            "owner": owner,
            "asked": asked,
            "status": answer.status,
            "hold_id": hold_id.or(told["hold_id"].as_str()),
            "appointment_id": appointment_id.or(visit["id"].as_str()),
            "practitioner_id": visit["practitioner"]["id"],
            "starts_at": visit["starts_at"],
        }));
    }

    pub fn entries(&self) -> Value {
        Value::Array(self.0.lock().unwrap().clone())
    }
}
