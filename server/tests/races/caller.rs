//! Somebody at the two desks: a patient's chat session, or staff with a key.

use std::collections::HashMap;
use std::sync::Arc;
use std::thread::sleep;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::desks::{CLINIC, PRACTITIONERS};
use crate::http::{self, Answer};
use crate::ledger::{Ledger, Question};

/// A time with a practitioner.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Place {
    pub practitioner: Uuid,
    pub starts_at: DateTime<Utc>,
    pub ends_at: DateTime<Utc>,
}

impl Place {
    pub fn overlaps(&self, other: &Self) -> bool {
        self.practitioner == other.practitioner && self.starts_at < other.ends_at && other.starts_at < self.ends_at
    }
}

#[derive(Clone, Debug)]
pub struct Visit {
    pub id: String,
    pub status: String,
}

impl Visit {
    /// The visit that an answer is about.
    pub fn told(answer: &Answer) -> Self {
        let visit = &answer.json()["appointment"];
        Self { id: text(&visit["id"]), status: text(&visit["status"]) }
    }
}

#[derive(Clone)]
pub struct Caller {
    ports: [u16; 2],
    server: usize,
    owner: String,
    token: String,
    email: String,
    /// The slots shown, by kind and place.
    slots: Arc<HashMap<(String, Place), String>>,
    idempotency_key: Option<String>,
    insists: bool,
    ledger: Arc<Ledger>,
}

impl Caller {
    /// The `n`th patient's chat session, at one server or the other.
    pub fn patient(ports: [u16; 2], n: usize, ledger: Arc<Ledger>) -> Self {
        let mut patient = Self::at_the_first(ports, ledger);
        patient.server = n % 2;
        patient.email = format!("patient{n}@race.example");
        let session = patient.send("POST", "/api/v1/auth/session", json!({ "clinic_id": CLINIC }));
        assert_eq!(session.status, 201, "{session:?}");
        patient.token = text(&session.json()["token"]);
        patient.owner = format!("session:{}", text(&session.json()["session_id"]));
        patient
    }

    pub fn staff(ports: [u16; 2], key: &str, ledger: Arc<Ledger>) -> Self {
        let mut staff = Self::at_the_first(ports, ledger);
        staff.token = format!("admin.{key}");
        staff.owner = "key".into();
        staff
    }

    fn at_the_first(ports: [u16; 2], ledger: Arc<Ledger>) -> Self {
        Self {
            ports,
            server: 0,
            owner: String::new(),
            token: String::new(),
            email: "staff@race.example".into(),
            slots: Arc::default(),
            idempotency_key: None,
            insists: false,
            ledger,
        }
    }

    /// The same caller at this server.
    pub fn at(&self, server: usize) -> Self {
        Self { server, ..self.clone() }
    }

    /// The same caller, whose next question has this `Idempotency-Key`.
    pub fn with_key(&self, key: &str) -> Self {
        Self { idempotency_key: Some(key.to_owned()), ..self.clone() }
    }

    /// The same caller, who asks again for as long as the answer is 503.
    pub fn insisting(&self) -> Self {
        Self { insists: true, ..self.clone() }
    }

    /// Asks when there is time for this kind of visit, with each practitioner.
    pub fn ask_for_times(&mut self, kind: &str, from: &str, to: &str) {
        for practitioner in PRACTITIONERS {
            let shown = self.times(kind, practitioner, from, to);
            let slots = shown.into_iter().map(|(place, slot)| ((kind.to_owned(), place), slot));
            Arc::make_mut(&mut self.slots).extend(slots);
        }
    }

    /// Whether there is still, or again, time for this kind of visit there.
    pub fn is_offered(&self, kind: &str, place: Place) -> bool {
        let date = place.starts_at.date_naive().to_string();
        let shown = self.times(kind, &place.practitioner.to_string(), &date, &date);
        shown.iter().any(|(other, _)| *other == place)
    }

    fn times(&self, kind: &str, practitioner: &str, from: &str, to: &str) -> Vec<(Place, String)> {
        let question = format!("appointment_type={kind}&practitioner={practitioner}&from={from}&to={to}");
        let answer = self.send("GET", &clinic(&format!("availability?{question}")), Value::Null);
        assert_eq!(answer.status, 200, "{answer:?}");
        let place = |slot: &Value| Place {
            practitioner: text(&slot["practitioner"]["id"]).parse().unwrap(),
            starts_at: text(&slot["starts_at"]).parse().unwrap(),
            ends_at: text(&slot["ends_at"]).parse().unwrap(),
        };
        answer.json()["slots"].as_array().unwrap().iter().map(|slot| (place(slot), text(&slot["slot"]))).collect()
    }

    /// The places shown for this kind of visit.
    pub fn shown(&self, kind: &str) -> Vec<Place> {
        self.slots.keys().filter(|(of, _)| of == kind).map(|(_, place)| *place).collect()
    }

    pub fn hold(&self, kind: &str, place: Place) -> Answer {
        self.ask("POST", "hold", "holds", json!({ "slot": self.slot(kind, place) }), None, None)
    }

    /// Lets go of a hold.
    pub fn release(&self, hold_id: &str) -> Answer {
        self.ask("DELETE", "release", &format!("holds/{hold_id}"), Value::Null, Some(hold_id), None)
    }

    pub fn confirm(&self, hold_id: &str) -> Answer {
        self.confirm_as(hold_id, Value::Null)
    }

    /// Confirms a hold as the first of three visits, a week apart.
    pub fn confirm_weekly(&self, hold_id: &str) -> Answer {
        self.confirm_as(hold_id, json!({ "count": 3 }))
    }

    fn confirm_as(&self, hold_id: &str, repeat: Value) -> Answer {
        let patient = json!({ "name": "Ada Lovelace", "email": self.email });
        let wanted = json!({ "hold_id": hold_id, "patient": patient, "repeat": repeat });
        self.ask("POST", "confirm", "appointments/confirm", wanted, Some(hold_id), None)
    }

    /// Holds and confirms.
    ///
    /// # Errors
    ///
    /// The answer that was not a yes.
    pub fn book(&self, kind: &str, place: Place) -> Result<Visit, Answer> {
        let last = self.try_to_book(kind, place);
        if last.json()["appointment"].is_object() { Ok(Visit::told(&last)) } else { Err(last) }
    }

    /// Holds and confirms; the last answer.
    pub fn try_to_book(&self, kind: &str, place: Place) -> Answer {
        let held = self.hold(kind, place);
        match held.status {
            201 => self.confirm(&text(&held.json()["hold_id"])),
            _ => held,
        }
    }

    pub fn reschedule(&self, visit: &Visit, kind: &str, place: Place) -> Answer {
        self.change("reschedule", visit, json!({ "slot": self.slot(kind, place) }))
    }

    pub fn cancel(&self, visit: &Visit) -> Answer {
        self.change("cancel", visit, json!({}))
    }

    pub fn approve(&self, visit: &Visit) -> Answer {
        self.change("approve", visit, json!({}))
    }

    pub fn decline(&self, visit: &Visit) -> Answer {
        self.change("decline", visit, json!({}))
    }

    fn change(&self, asked: &str, visit: &Visit, body: Value) -> Answer {
        self.ask("POST", asked, &format!("appointments/{}/{asked}", visit.id), body, None, Some(&visit.id))
    }

    fn slot(&self, kind: &str, place: Place) -> &str {
        &self.slots[&(kind.to_owned(), place)]
    }

    /// Asks about a hold or a visit, and notes the answer.
    fn ask(
        &self,
        method: &str,
        asked: &str,
        path: &str,
        body: Value,
        hold_id: Option<&str>,
        appointment_id: Option<&str>,
    ) -> Answer {
        let until = Instant::now() + Duration::from_secs(60);
        loop {
            let question = Question { owner: &self.owner, asked, hold_id, appointment_id, since: self.ledger.len() };
            let answer = self.send(method, &clinic(path), body.clone());
            self.ledger.note(&question, &answer);
            if answer.status != 503 || !self.insists || Instant::now() > until {
                return answer;
            }
            sleep(Duration::from_millis(50));
        }
    }

    /// A question is always answered, and refused only in the one form.
    fn send(&self, method: &str, path: &str, body: Value) -> Answer {
        let authorization = format!("Bearer {}", self.token);
        let mut headers = vec![("content-type", "application/json"), ("authorization", authorization.as_str())];
        headers.extend(self.idempotency_key.as_deref().map(|key| ("idempotency-key", key)));
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let answer = http::ask(self.ports[self.server], method, path, &headers, &body);
        let answer = answer.unwrap_or_else(|error| panic!("{method} {path}: {error}"));
        assert!(answer.status < 400 || answer.head.contains("application/problem+json"), "{path}: {answer:?}");
        answer
    }
}

/// Why an answer is a no.
pub fn code(answer: &Answer) -> String {
    text(&answer.json()["code"])
}

pub fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn clinic(path: &str) -> String {
    format!("/api/v1/clinics/{CLINIC}/{path}")
}
