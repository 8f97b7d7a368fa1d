//! A patient in a chat with the built-in receptionist, at a clinic that keeps a
//! simple list of free times.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc};
use domain::truth::{self, Act, Fact};
use serde_json::{Value, json};

use super::super::model::{ClinicFacts, Entry, Step, ToolCall};
use super::next;
use super::world::{MIA, NOAH, bloom, now};

/// Of every visit that is booked.
pub const CODE: &str = "K7QX2M9A";

/// Free on Tuesday and the days after it.
pub const TUESDAY: &[&str] = &[
    "2026-11-24T10:00:00",
    "2026-11-24T13:00:00",
    "2026-11-24T14:00:00",
    "2026-11-24T15:00:00 noah",
    "2026-11-25T14:00:00",
    "2026-11-26T09:00:00",
    "2026-11-26T14:00:00 noah",
];

/// A patient in a chat with the built-in receptionist.
pub struct Chat {
    facts: ClinicFacts,
    free: Vec<(NaiveDateTime, bool)>,
    transcript: Vec<Entry>,
    /// What the tools did, for whoever checks what is said about it.
    done: Vec<Fact>,
    at: DateTime<Utc>,
    /// Refusals the tools give before they do anything, first come first served.
    refusals: Vec<(&'static str, &'static str, &'static str)>,
    booked: bool,
    visit: Option<Value>,
    /// Who they are, once a look-up proved it.
    proved: bool,
    /// They read out the code that was sent.
    read_code: bool,
    /// Every call, in order.
    pub calls: Vec<ToolCall>,
}

impl Chat {
    pub fn new(free: &[&str]) -> Self {
        let free = free.iter().map(|time| match time.strip_suffix(" noah") {
            Some(time) => (time.parse().unwrap(), true),
            None => (time.parse().unwrap(), false),
        });
        Self {
            facts: bloom(),
            free: free.collect(),
            transcript: Vec::new(),
            done: Vec::new(),
            at: now(),
            refusals: Vec::new(),
            booked: false,
            visit: None,
            proved: false,
            read_code: false,
            calls: Vec::new(),
        }
    }

    pub fn refusing(mut self, tool: &'static str, code: &'static str, message: &'static str) -> Self {
        self.refusals.push((tool, code, message));
        self
    }

    /// Ada Lovelace, born on 10 December 1985, has a haircut with Mia at `local`.
    pub fn with_visit(mut self, local: &str) -> Self {
        self.visit = Some(self.existing(&format!("{local}|false|haircut")));
        self
    }

    fn existing(&self, token: &str) -> Value {
        let mut visit = self.held(token);
        visit["appointment_id"] = "a1".into();
        visit["status"] = "booked".into();
        visit["confirmation_code"] = CODE.into();
        visit
    }

    fn visits_of(&mut self, arguments: &Value) -> Option<Vec<Value>> {
        let is_theirs = arguments["confirmation_code"] == CODE
            || arguments["name"] == "Ada Lovelace" && arguments["birth_date"] == "1985-12-10";
        let is_given = arguments["confirmation_code"].is_string() || arguments["birth_date"].is_string();
        self.proved |= is_theirs;
        let is_theirs = self.proved;
        (is_given || self.proved).then(|| self.visit.iter().filter(|_| is_theirs).cloned().collect())
    }

    /// What the receptionist answers, and the tools it used on the way.
    pub fn say(&mut self, text: &str) -> (String, Vec<String>) {
        self.at += TimeDelta::seconds(20);
        self.transcript.push(Entry::Patient { text: text.into(), at: self.at });
        let mut used = Vec::new();
        for _ in 0..8 {
            match next(&self.facts, &self.transcript) {
                Step::Say(answer) => {
                    let claims = ["You are booked", "code is K", "Le he reservado", "confirmación es"];
                    let claims = claims.iter().any(|claim| answer.contains(claim));
                    assert!(!claims || self.booked, "said booked without booking: {answer}");
                    assert!(!answer.contains(['!', '¡']) && !answer.contains("  "), "{answer}");
                    self.assert_true(&answer);
                    self.transcript.push(Entry::Receptionist { text: answer.clone() });
                    return (answer, used);
                }
                Step::Call(call) => {
                    used.push(call.name.clone());
                    self.calls.push(call.clone());
                    let output = self.run(&call);
                    self.note(&call, &output);
                    self.transcript.push(Entry::Tool { call, output });
                }
            }
        }
        panic!("no answer to {text}: {used:?}");
    }

    /// Every sentence is one that the truth gate lets out.
    fn assert_true(&self, answer: &str) {
        let today = self.at.with_timezone(&self.facts.time_zone).date_naive();
        for sentence in truth::sentences(answer) {
            let verdict = truth::check(sentence, today, &self.done);
            assert!(verdict.may_be_said(), "{sentence}: {verdict:?} {:?}", self.done);
        }
    }

    fn note(&mut self, call: &ToolCall, output: &Value) {
        let fact = |act, visit: &Value| Fact {
            starts_at: visit["local"].as_str().and_then(|local| format!("{local}:00").parse().ok()),
            code: visit["confirmation_code"].as_str().and_then(|code| code.parse().ok()),
            practitioner: visit["practitioner"]["name"].as_str().map(String::from),
            appointment_type: visit["appointment_type"]["name"].as_str().map(String::from),
            ..Fact::of(act)
        };
        let result = &output["result"];
        match call.name.as_str() {
            "check_availability" => {
                let slots = result["slots"].as_array().map(Vec::as_slice).unwrap_or_default();
                self.done.extend(slots.iter().map(|slot| fact(Act::Offered, slot)));
            }
            "hold_slot" => self.done.push(fact(Act::Held, result)),
            "confirm_booking" => self.done.push(fact(Act::Booked, result)),
            "cancel_booking" => {
                self.done.retain(|fact| fact.act != Act::Booked);
                self.done.push(fact(Act::Cancelled, result));
            }
            "reschedule_booking" => self.done.push(Fact { ..fact(Act::Moved, result) }),
            "lookup_booking" => {
                let visits = result["visits"].as_array().map(Vec::as_slice).unwrap_or_default();
                self.done.extend(visits.iter().map(|visit| fact(Act::Booked, visit)));
            }
            "join_waitlist" if output["outcome"] == "done" => self.done.push(Fact::of(Act::Waitlisted)),
            "send_code" if output["outcome"] == "done" => self.done.push(Fact::of(Act::Sent(truth::Channel::Sms))),
            "create_inquiry" if output["outcome"] == "done" => self.done.push(Fact::of(Act::StaffTold)),
            "schedule_contact_followup" if output["outcome"] == "done" => {
                self.done.push(Fact::of(Act::Sent(truth::Channel::Any)));
            }
            _ => {}
        }
    }

    fn run(&mut self, call: &ToolCall) -> Value {
        if let Some(n) = self.refusals.iter().position(|(tool, ..)| *tool == call.name) {
            let (_, code, message) = self.refusals.remove(n);
            if code == "slot_taken" {
                let token = call.arguments["slot"].as_str().unwrap_or_default().to_owned();
                self.free.retain(|slot| !token.starts_with(&token_of(*slot)));
            }
            return json!({ "outcome": "rejected", "code": code, "message": message });
        }
        let result = match call.name.as_str() {
            "check_availability" if self.is_too_far(&call.arguments) => {
                let day: NaiveDate = call.arguments["from"].as_str().unwrap().parse().unwrap();
                let day = domain::say::long_day(day);
                let message = format!("{day} is more than 90 days ahead. Is that the day you mean?");
                return json!({ "outcome": "rejected", "code": "invalid", "message": message });
            }
            "check_availability" => json!({ "time_zone": "America/New_York", "slots": self.look(&call.arguments) }),
            "hold_slot" => self.held(call.arguments["slot"].as_str().unwrap()),
            "confirm_booking" => {
                self.booked = true;
                let mut visit = self.held(call.arguments["hold_id"].as_str().unwrap());
                visit["confirmation_code"] = CODE.into();
                visit["appointment_id"] = "a1".into();
                visit
            }
            "lookup_booking" => match self.visits_of(&call.arguments) {
                Some(visits) => json!({ "visits": visits }),
                None => {
                    return json!({
                        "outcome": "rejected",
                        "code": "verification_required",
                        "message": "To find a visit I need its confirmation code, or the patient's full name and date of birth.",
                    });
                }
            },
            "send_code" if self.proved || self.booked => {
                json!({ "code_sent_to": "•••• 0147", "works_for_minutes": 10 })
            }
            "change_contact" if self.read_code => json!({ "changed": ["phone"] }),
            "send_code" | "change_contact" => {
                return json!({ "outcome": "rejected", "code": "verification_required", "message": "First I need a code." });
            }
            "confirm_code" if call.arguments["code"] == "123456" => {
                self.read_code = true;
                json!({ "level": 2 })
            }
            "confirm_code" => {
                return json!({ "outcome": "rejected", "code": "invalid", "message": "That code is not right." });
            }
            "cancel_booking" => {
                let mut visit = self.visit.clone().unwrap();
                visit["status"] = "cancelled".into();
                visit
            }
            "reschedule_booking" => self.existing(call.arguments["slot"].as_str().unwrap()),
            "explain_time" => json!({ "offered": false, "reasons": ["That time is taken."] }),
            "resolve_date" => {
                let at = self.at.with_timezone(&self.facts.time_zone);
                let when = super::when(&self.facts, call.arguments["words"].as_str().unwrap(), at).unwrap();
                json!({ "in_words": when.in_words })
            }
            _ => json!({}),
        };
        json!({ "outcome": "done", "result": result })
    }

    // Days after February take a yes.
    fn is_too_far(&self, arguments: &Value) -> bool {
        arguments["from"].as_str().is_some_and(|from| from > "2027-02-28") && arguments["far_confirmed"] != true
    }

    fn look(&self, arguments: &Value) -> Vec<Value> {
        let text = |key: &str| arguments[key].as_str();
        let time = |key: &str| text(key).and_then(|time| NaiveTime::parse_from_str(time, "%H:%M").ok());
        let mut found: Vec<_> = self
            .free
            .iter()
            .copied()
            .filter(|(local, noah)| {
                let date = local.date().to_string();
                let who = if *noah { NOAH } else { MIA };
                let able = *noah || text("appointment_type") != Some("massage");
                able && text("from").unwrap() <= date.as_str()
                    && date.as_str() <= text("to").unwrap()
                    && time("earliest").is_none_or(|earliest| earliest <= local.time())
                    && time("latest").is_none_or(|latest| local.time() <= latest)
                    && text("practitioner").is_none_or(|wanted| wanted == who.to_string())
            })
            .collect();
        found.sort();
        if let Some(near) = time("near") {
            found.sort_by_key(|(local, _)| (local.time() - near).abs());
        }
        found.truncate(6);
        found.into_iter().map(|slot| visit(slot, text("appointment_type").unwrap())).collect()
    }

    fn held(&self, token: &str) -> Value {
        let [local, noah, offered] = token.split('|').collect::<Vec<_>>()[..] else { panic!("not a token: {token}") };
        let mut visit = visit((local.parse().unwrap(), noah == "true"), offered);
        visit["hold_id"] = token.into();
        visit["expires_at"] = (self.at + TimeDelta::minutes(5)).to_rfc3339().into();
        visit
    }
}

fn token_of((local, noah): (NaiveDateTime, bool)) -> String {
    format!("{}|{noah}", local.format("%Y-%m-%dT%H:%M:%S"))
}

fn visit((local, noah): (NaiveDateTime, bool), offered: &str) -> Value {
    let who = if noah { "Noah Reyes" } else { "Mia Lin" };
    let name = bloom().appointment_types.into_iter().find(|known| known.slug == offered).unwrap().name;
    json!({
        "slot": format!("{}|{offered}", token_of((local, noah))),
        "local": local.format("%Y-%m-%dT%H:%M").to_string(),
        "label": format!("{} with {who}", local.format("%a %-d %b, %-I:%M %p")),
        "practitioner": { "id": if noah { NOAH } else { MIA }, "name": who },
        "appointment_type": { "id": "t", "slug": offered, "name": name },
        "minutes": 45,
    })
}
