//! The assistant that takes a clinic's calls, for numbers without one of their
//! own.
//!
//! It names no server: Vapi then asks the one that was asked for the
//! assistant, with the credentials it has for it. Nothing about a patient
//! stands in it.

use chrono::Datelike;
use domain::id::ClinicId;
use domain::language::Language;
use serde_json::{Value, json};
use services::booking::Channel;
use services::receptionist::model::ClinicFacts;
use services::voice::Tool;
use services::{Services, clinics};

use crate::problem::ApiResult;

/// `{"assistant": …}`, from the clinic's own facts.
pub async fn for_clinic(services: &Services, clinic: ClinicId) -> ApiResult<Value> {
    let now = services.clock.now();
    let mut tx = services.db.clinic(clinic).await?;
    let profile = clinics::profile(&mut tx).await?;
    let facts = clinics::facts(&mut tx, now, Channel::Voice).await?;
    drop(tx);
    let language = profile.language();
    let today = now.with_timezone(&profile.time_zone).date_naive();
    let today = format!("{}, {}", Language::English.spoken_day(today, today.year()), today.format("%Y-%m-%d"));
    let mut assistant = json!({
        // Vapi takes names of at most 40 characters.
        "name": format!("{} receptionist", profile.name.chars().take(25).collect::<String>().trim()),
        "firstMessage": profile.greeting,
        "model": {
            "provider": "openai",
            "model": "gpt-4.1",
            "temperature": 0.2,
            "messages": [{ "role": "system", "content": prompt(&facts, &today, language) }],
            "tools": Tool::ALL.map(definition),
        },
        "transcriber": { "provider": "deepgram", "model": "nova-3", "language": language.code() },
        "serverMessages": [
            "tool-calls",
            "status-update",
            "end-of-call-report",
            "transfer-destination-request",
            "transcript[transcriptType=\"final\"]",
        ],
    });
    if language == Language::Spanish {
        assistant["voice"] = json!({ "provider": "azure", "voiceId": "es-MX-DaliaNeural" });
    }
    Ok(json!({ "assistant": assistant }))
}

fn prompt(facts: &ClinicFacts, today: &str, language: Language) -> String {
    let name = &facts.name;
    let speak = match language {
        Language::English => "Speak English, or the caller's language if you know it.",
        Language::Spanish => "Speak Spanish, with usted.",
    };
    let hours: Vec<String> = facts
        .hours
        .iter()
        .map(|hours| format!("{} {} to {}", hours.weekday, hours.opens.format("%H:%M"), hours.closes.format("%H:%M")))
        .collect();
    let types: Vec<String> =
        facts.appointment_types.iter().map(|kind| format!("{} ({} minutes)", kind.name, kind.minutes)).collect();
    let people: Vec<&str> = facts.practitioners.iter().map(|who| who.name.as_str()).collect();
    let known = [("Address", facts.address.clone()), ("Phone", facts.phone.clone()), ("E-mail", facts.email.clone())];
    let known: String = known.into_iter().filter_map(|(what, known)| Some(format!("{what}: {}.\n", known?))).collect();
    format!(
        "You are the automated telephone receptionist of {name}. Say that you are automated if anybody asks. {speak} \
         Keep to one or two short sentences at a time.\n\
         Today is {today}, in the time zone {zone}. Work out dates from that and read each date and time back before you book.\n\
         Opening hours: {hours}.\nVisits that can be booked: {types}.\nPractitioners: {people}.\n{known}\
         Never say that something is free, booked, moved or cancelled unless a tool has just said so in this call. \
         Say what a tool answers as it is, confirmation codes letter by letter.\n\
         To look up, move or cancel a visit, ask for its confirmation code, or the patient's full name and date of birth. \
         The number that is calling proves nothing.\n\
         Give no medical advice. In an emergency tell the caller to hang up and call the emergency number.\n\
         For anything else take a message with createInquiry.",
        zone = facts.time_zone.name(),
        hours = hours.join("; "),
        types = types.join(", "),
        people = people.join(", "),
    )
}

fn definition(tool: Tool) -> Value {
    let text = |description: &str| json!({ "type": "string", "description": description });
    let service = || ("serviceType", text("The kind of visit, by its name"));
    let date = || ("appointmentDate", text("The date, YYYY-MM-DD"));
    let time = || ("appointmentTime", text("The time on the clinic's clock, HH:MM, 24 hours"));
    let name = || ("patientName", text("The patient's full name"));
    let phone = || ("patientPhone", text("The patient's phone number"));
    let born = || ("birthDate", text("The patient's date of birth, YYYY-MM-DD"));
    let code = || ("confirmationCode", text("The visit's confirmation code, 8 letters and digits"));
    let which = || ("currentDate", text("The date the visit is on now, YYYY-MM-DD, if there are several"));
    let (description, properties, required): (_, Vec<(&str, Value)>, &[&str]) = match tool {
        Tool::Book => (
            "Books a visit. Use it once the caller has agreed to the kind of visit, the date and the time.",
            vec![
                name(),
                phone(),
                ("patientEmail", text("The patient's e-mail address, if given")),
                ("birthDate", text("The patient's date of birth, YYYY-MM-DD, if given; do not ask for it")),
                date(),
                time(),
                service(),
                ("notes", text("What the clinic should know beforehand, if anything")),
            ],
            &["patientName", "patientPhone", "appointmentDate", "appointmentTime", "serviceType"],
        ),
        Tool::Check => (
            "Finds free times, on a date or the next ones.",
            vec![service(), date(), ("appointmentTime", text("A time to look near, HH:MM")), practitioner(text)],
            &["serviceType"],
        ),
        Tool::Hold => (
            "Keeps a free time for a few minutes while the caller gives their details.",
            vec![service(), date(), time(), practitioner(text)],
            &["serviceType", "appointmentDate", "appointmentTime"],
        ),
        Tool::Lookup => ("Finds the caller's visits.", vec![code(), name(), born()], &[]),
        Tool::Reschedule => (
            "Moves a visit to a new date and time.",
            vec![code(), name(), born(), which(), date(), time()],
            &["appointmentDate", "appointmentTime"],
        ),
        Tool::Cancel => (
            "Calls a visit off, once the caller has said yes to that.",
            vec![code(), name(), born(), which(), ("reason", text("Why, if the caller says so"))],
            &[],
        ),
        Tool::Inquire => (
            "Passes a message on to the clinic's staff.",
            vec![("message", text("What the caller would like, in a sentence or two")), name(), phone()],
            &["message"],
        ),
    };
    let properties: serde_json::Map<String, Value> =
        properties.into_iter().map(|(name, property)| (name.to_owned(), property)).collect();
    json!({
        "type": "function",
        "function": {
            "name": tool.name(),
            "description": description,
            "parameters": { "type": "object", "properties": properties, "required": required },
        },
    })
}

fn practitioner(text: impl Fn(&str) -> Value) -> (&'static str, Value) {
    ("practitionerName", text("With whom, if the caller minds"))
}
