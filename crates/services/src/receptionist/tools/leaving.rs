//! What is left for later, or for a person.

use chrono::NaiveDate;
use domain::id::PractitionerId;
use domain::schedule::Day;
use domain::{Rejection, say};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use super::asking::wall_clock;
use super::{Bench, Outcome, minute};
use crate::events::{self, EventKind};
use crate::handover::{self, Began};
use crate::identity::{self, PatientInput};
use crate::tasks::{self, TaskKind};
use crate::waitlist::{self, Wish};
use crate::{ClinicTx, Result, booking, conversations, followups};

/// Notes that the patient would take a time that comes free. It books nothing
/// and promises nothing.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct JoinWaitlist {
    /// The slug of the appointment type.
    appointment_type: String,
    /// The practitioner's id; null for anyone.
    #[serde(default)]
    #[schemars(with = "Option<Uuid>")]
    practitioner: Option<PractitionerId>,
    /// The first day, in the clinic's zone.
    from: NaiveDate,
    /// The last day.
    to: NaiveDate,
    /// Starts no earlier than this, as HH:MM.
    #[serde(default)]
    earliest: Option<String>,
    /// Starts no later than this, as HH:MM.
    #[serde(default)]
    latest: Option<String>,
    name: String,
    #[serde(default)]
    email: Option<String>,
    #[serde(default)]
    phone: Option<String>,
    #[serde(default)]
    note: Option<String>,
}

pub async fn join_waitlist(tx: &mut ClinicTx, bench: &Bench, asked: JoinWaitlist) -> Result<Outcome> {
    let types = &bench.facts.appointment_types;
    let kind = types
        .iter()
        .find(|kind| kind.slug == asked.appointment_type || kind.id.to_string() == asked.appointment_type)
        .ok_or_else(|| Rejection::invalid("appointment_type", "There is no such kind of visit."))?;
    let (earliest, latest) =
        (minute("earliest", asked.earliest.as_deref())?, minute("latest", asked.latest.as_deref())?);
    let input = PatientInput { name: asked.name, phone: asked.phone, email: asked.email };
    let details = identity::read_input(tx, &input).await?;
    let wish = Wish {
        patient: identity::resolve(tx, bench.now, &details, Some(bench.line.conversation)).await?.patient,
        conversation: Some(bench.line.conversation),
        appointment_type: kind.id.into(),
        practitioner: asked.practitioner,
        from: asked.from,
        to: asked.to,
        earliest,
        latest,
        note: booking::note(asked.note.as_deref())?,
    };
    waitlist::join(tx, bench.now, bench.today(), &wish).await?;
    let (from, to) = (say::long_day(asked.from), say::long_day(asked.to));
    Ok(Outcome::Done(json!({ "waiting_for": kind.name, "from": from, "to": to })))
}

/// Notes that the clinic should write to the patient here again at a time they
/// asked for.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ScheduleContactFollowup {
    /// On the clinic's wall clock, as YYYY-MM-DDTHH:MM.
    local: String,
    /// What to write about, in a sentence.
    about: String,
}

pub async fn schedule_contact_followup(
    tx: &mut ClinicTx,
    bench: &Bench,
    asked: &ScheduleContactFollowup,
) -> Result<Outcome> {
    let local = wall_clock(&asked.local)?;
    let zone = bench.facts.time_zone;
    let minute = chrono::Timelike::hour(&local) * 60 + chrono::Timelike::minute(&local);
    let due_at = Day::new(zone, local.date())
        .instant(i32::try_from(minute).unwrap_or(0))
        .ok_or_else(|| Rejection::invalid("local", "The clocks skip that time on that day."))?;
    let about = needed("about", &asked.about)?;
    followups::schedule(tx, bench.now, bench.line.conversation, due_at, &about, bench.most_followups).await?;
    Ok(Outcome::Done(json!({ "noted_for": say::moment(due_at, zone) })))
}

/// Leaves a question for the clinic's staff, who see it with this conversation.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateInquiry {
    /// What the patient asks or wants, in a sentence or two.
    question: String,
    /// Who asks, if they said.
    #[serde(default)]
    name: Option<String>,
    /// A phone number or an email address, if they gave one.
    #[serde(default)]
    reach: Option<String>,
}

pub async fn create_inquiry(tx: &mut ClinicTx, bench: &Bench, asked: &CreateInquiry) -> Result<Outcome> {
    let mut detail = needed("question", &asked.question)?;
    let who: Vec<String> = [&asked.name, &asked.reach]
        .into_iter()
        .map(|text| booking::note(text.as_deref()))
        .collect::<Result<Vec<_>, _>>()?
        .into_iter()
        .flatten()
        .collect();
    if !who.is_empty() {
        detail = format!("{detail} ({})", who.join(", "));
    }
    let (now, line) = (bench.now, bench.line);
    tasks::open_about(tx, now, TaskKind::Inquiry, line.conversation, &detail).await?;
    events::record_for_staff(tx, now, EventKind::InquiryLeft, line.conversation, line.channel.as_str()).await?;
    Ok(Outcome::Done(json!({ "left_for": "staff" })))
}

/// Hands the conversation to a person: the patient asks for one, or needs what
/// no tool does. Nothing automated is said after it.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HandToHuman {
    /// What it is about, for the staff, in a sentence or two.
    summary: String,
}

pub async fn hand_to_human(tx: &mut ClinicTx, bench: &Bench, asked: &HandToHuman) -> Result<Outcome> {
    let summary = needed("summary", &asked.summary)?;
    let by = Began::Receptionist { asked_in: bench.question };
    handover::begin(tx, bench.now, bench.line.conversation, by, &summary).await?;
    let language = conversations::language(tx, bench.line.conversation).await?;
    Ok(Outcome::Done(json!({ "say": handover::notice(language) })))
}

fn needed(field: &str, text: &str) -> Result<String, Rejection> {
    booking::note(Some(text))?.ok_or_else(|| Rejection::invalid(field, "Please say what it is about."))
}
