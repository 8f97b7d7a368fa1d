//! A scenario as it is written.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

/// Friday 20 November 2026 at 10:00 in New York.
pub const NOW: &str = "2026-11-20T15:00:00Z";

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    pub name: String,
    #[serde(default = "usual_now")]
    pub now: String,
    #[serde(default)]
    pub clinic: Clinic,
    /// Visits that are booked before it begins.
    #[serde(default)]
    pub visits: Vec<Visit>,
    /// Times that others hold.
    #[serde(default)]
    pub held: Vec<Place>,
    #[serde(default)]
    pub opted_out: Vec<String>,
    /// The patient's number, where they text.
    pub texts_from: Option<String>,
    pub turns: Vec<Turn>,
    #[serde(default)]
    pub rows: Vec<Rows>,
}

fn usual_now() -> String {
    NOW.to_owned()
}

/// What the clinic is, where it is not the demonstration's.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Clinic {
    /// As `PATCH /api/v1/clinics/{id}` takes them.
    pub settings: Option<Value>,
    /// Days on which it is closed.
    pub closed: Vec<String>,
    /// Statements on its rows; `$1` is its id.
    pub sql: Vec<String>,
}

/// A time, by type and wall clock; with everyone who is free then, unless it
/// says with whom.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    #[serde(default = "haircut")]
    pub kind: String,
    pub at: String,
    pub with: Option<String>,
}

fn haircut() -> String {
    "haircut".to_owned()
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Visit {
    /// What its code is called further down: `{ada}`.
    #[serde(rename = "as")]
    pub called: String,
    #[serde(default = "haircut")]
    pub kind: String,
    pub at: String,
    pub with: Option<String>,
    pub name: String,
    pub phone: Option<String>,
    pub email: Option<String>,
    pub born: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Turn {
    /// Who says it; each is a conversation of their own.
    pub by: String,
    pub patient: Option<String>,
    /// The sender's own id for it.
    pub id: Option<String>,
    /// Said by several at the same moment.
    pub at_once: Vec<Said>,
    /// The server broke off before it answered.
    pub breaks_off: bool,
    /// Minutes that pass before.
    pub after: i64,
    /// A time that somebody else books before.
    pub taken: Vec<Place>,
    /// Statements before it; `$1` is the clinic's id.
    pub sql: Vec<String>,
    pub says: Vec<String>,
    pub never: Vec<String>,
    pub built_in_says: Vec<String>,
    pub model_says: Vec<String>,
    /// The kind of card, or `none`.
    pub card: Option<String>,
    /// Of the answer; English unless it says otherwise.
    pub language: Option<String>,
    pub model: Vec<Step>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Said {
    pub by: String,
    pub patient: String,
    pub id: Option<String>,
}

impl Turn {
    pub fn words(&self) -> String {
        self.patient.as_ref().map_or_else(String::new, |text| format!(" ({text})"))
    }
}

/// What the language model does. A value `${tool.path}` is from the newest
/// result of that tool.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Step {
    /// Says so, which ends the turn.
    pub say: Option<String>,
    pub call: Option<String>,
    /// The call's arguments; a text is sent as it is.
    pub with: Option<Value>,
    /// Looks for times on a day, or on those between two: `haircut 2026-11-24`,
    /// or closest to an hour: `haircut 2026-11-24T14:00`.
    pub look: Option<String>,
    /// Holds the time that was found at this hour.
    pub hold: Option<String>,
    /// Books what is held.
    pub book: Option<BTreeMap<String, String>>,
    /// Looks up by a code.
    pub find: Option<String>,
    /// So many requests before it are answered with 429.
    pub busy: u32,
    /// So many answers before it break off.
    pub cut: u32,
    /// So many requests before it fail with this status.
    pub fails: u32,
    pub status: Option<u16>,
}

impl Step {
    /// As the imitation reads it.
    pub fn scripted(&self) -> Value {
        let mut step = json!({ "busy": self.busy, "cut": self.cut, "fails": self.fails, "status": self.status });
        let call = |name: &str, arguments: Value| json!({ "name": name, "arguments": arguments });
        if let Some(text) = &self.say {
            step["say"] = json!(text);
        } else if let Some(days) = &self.look {
            let mut words = days.split(' ');
            let (kind, from) = (words.next().unwrap(), words.next().unwrap());
            let (from, near) = from.split_once('T').map_or((from, None), |(day, hour)| (day, Some(hour)));
            let to = words.next().unwrap_or(from);
            let asked = json!({ "appointment_type": kind, "from": from, "to": to, "near": near, "limit": 12 });
            step["call"] = call("check_availability", asked);
        } else if let Some(local) = &self.hold {
            let slot = format!("${{check_availability.slots[local={local}].slot}}");
            step["call"] = call("hold_slot", json!({ "slot": slot }));
        } else if let Some(patient) = &self.book {
            let mut arguments = json!(patient);
            arguments["hold_id"] = json!("${hold_slot.hold_id}");
            step["call"] = call("confirm_booking", arguments);
        } else if let Some(code) = &self.find {
            step["call"] = call("lookup_booking", json!({ "confirmation_code": code }));
        } else if let Some(name) = &self.call {
            step["call"] = call(name, self.with.clone().unwrap_or_else(|| json!({})));
        }
        step
    }
}

/// Rows there are in the end.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rows {
    #[serde(rename = "in")]
    pub table: String,
    /// Columns, and `local`: the wall clock at which it starts.
    #[serde(default, rename = "where")]
    pub matching: BTreeMap<String, Value>,
    #[serde(default = "one")]
    pub count: i64,
    /// Where it is only so with one of them: `built_in` or `language_model`.
    pub only: Option<String>,
}

const fn one() -> i64 {
    1
}
