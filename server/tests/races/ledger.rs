//! What clients were told, to be held against the book.

use std::sync::Mutex;

use serde_json::{Value, json};

use crate::http::Answer;

/// Every answer about a hold or a visit, in the order in which they came.
#[derive(Default)]
pub struct Ledger(Mutex<Vec<Value>>);

/// A question, before it is answered.
pub struct Question<'a> {
    pub owner: &'a str,
    /// What is to be done: `hold`, `confirm`, …
    pub asked: &'a str,
    pub hold_id: Option<&'a str>,
    pub appointment_id: Option<&'a str>,
    /// How many answers had come when it was asked.
    pub since: usize,
}

impl Ledger {
    pub fn len(&self) -> usize {
        self.0.lock().unwrap().len()
    }

    /// Notes the answer, for every visit that it is about. The hold or the
    /// visit is the one the question named, or else the answer does.
    pub fn note(&self, question: &Question, answer: &Answer) {
        let told = answer.json();
        let visits = match &told["series"]["appointments"] {
            Value::Array(series) => series.clone(),
            _ => vec![told["appointment"].clone()],
        };
        let mut entries = self.0.lock().unwrap();
        for visit in visits {
            let n = entries.len();
            entries.push(json!({
                "since": question.since,
                "n": n,
                "owner": question.owner,
                "asked": question.asked,
                "status": answer.status,
                "hold_id": question.hold_id.or(told["hold_id"].as_str()),
                "appointment_id": question.appointment_id.or(visit["id"].as_str()),
                "practitioner_id": visit["practitioner"]["id"],
                "starts_at": visit["starts_at"],
            }));
        }
    }

    pub fn entries(&self) -> Value {
        Value::Array(self.0.lock().unwrap().clone())
    }
}
