//! What a receptionist's model is given and what it may answer.
//!
//! One turn is a loop: the model reads the transcript and either says
//! something, which ends the turn, or calls one tool, whose output is appended
//! before it is asked again. The built-in model and a language model go
//! through exactly this loop.

use chrono::{DateTime, Datelike, NaiveDate, NaiveTime, Utc, Weekday};
use chrono_tz::Tz;
use domain::language::Language;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

/// One thing that happened in a conversation, oldest first in a transcript.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Entry {
    /// The number (E.164) that the patient writes or calls from, so that nobody
    /// asks for it. It stands first.
    Caller { phone: String },
    /// What the patient wrote, and when it arrived.
    Patient { text: String, at: DateTime<Utc> },
    /// What the receptionist answered.
    Receptionist { text: String },
    /// What a member of staff wrote in between.
    Member { text: String },
    /// A tool the receptionist used, and what it answered.
    Tool { call: ToolCall, output: Value },
}

/// A tool by name, with the arguments the model chose.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ToolCall {
    pub name: String,
    pub arguments: Value,
}

/// What a model does next.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// Answer the patient; the turn is over.
    Say(String),
    /// Use a tool, then be asked again.
    Call(ToolCall),
}

/// The public facts of a clinic, which any model may repeat to anyone.
#[derive(Clone, Debug, Serialize)]
pub struct ClinicFacts {
    pub name: String,
    /// What the clinic speaks first, until a patient speaks another.
    pub language: Language,
    pub time_zone: Tz,
    pub address: Option<String>,
    pub phone: Option<String>,
    pub email: Option<String>,
    /// The clinic's weekly opening hours in its own zone; a weekday may have
    /// several rows (before and after lunch) or none (closed).
    pub hours: Vec<OpenHours>,
    /// The dates to come on which it keeps other hours, or none, in order.
    pub special_days: Vec<SpecialDay>,
    pub appointment_types: Vec<TypeFacts>,
    pub practitioners: Vec<PractitionerFacts>,
}

#[derive(Clone, Debug, Serialize)]
pub struct OpenHours {
    pub weekday: Weekday,
    pub opens: NaiveTime,
    pub closes: NaiveTime,
}

/// A date whose hours are not its weekday's: a holiday, a closure, a late night.
#[derive(Clone, Debug, Serialize)]
pub struct SpecialDay {
    pub date: NaiveDate,
    /// None where the clinic is closed.
    pub open: Vec<Stretch>,
}

/// From opening to closing, in the clinic's own zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Stretch {
    pub opens: NaiveTime,
    pub closes: NaiveTime,
}

impl ClinicFacts {
    /// When the clinic is open on `date`, in order.
    pub fn open_on(&self, date: NaiveDate) -> Vec<Stretch> {
        match self.special_days.iter().find(|special| special.date == date) {
            Some(special) => special.open.clone(),
            None => self.open_each(date.weekday()),
        }
    }

    /// When the clinic is open on a `weekday` that is like others, in order.
    pub fn open_each(&self, weekday: Weekday) -> Vec<Stretch> {
        let rows = self.hours.iter().filter(|hours| hours.weekday == weekday);
        let mut open: Vec<_> = rows.map(|hours| Stretch { opens: hours.opens, closes: hours.closes }).collect();
        open.sort_by_key(|stretch| stretch.opens);
        open
    }
}

#[derive(Clone, Debug, Serialize)]
pub struct TypeFacts {
    pub id: Uuid,
    pub slug: String,
    pub name: String,
    pub minutes: i32,
    /// In the currency's minor unit; none when the clinic states no price.
    pub price_minor: Option<i32>,
    /// ISO 4217, such as `USD`.
    pub currency: String,
    pub description: Option<String>,
}

#[derive(Clone, Debug, Serialize)]
pub struct PractitionerFacts {
    pub id: Uuid,
    /// As shown to patients, such as `Dr. Mia Lin`.
    pub name: String,
    /// The ids of the appointment types this practitioner offers.
    pub offers: Vec<Uuid>,
}
