//! What stands in a line of the waiting list.

use chrono_tz::Tz;
use domain::language::Language::English;
use domain::say;
use services::waitlist::listing::{Offered, Waiting};

use super::WaitLine;

pub fn line(entry: Waiting, zone: Tz) -> WaitLine {
    let is_offered = entry.offers.iter().any(|offer| offer.state == "open");
    let since = say::moment(entry.since, zone);
    WaitLine {
        id: entry.id.to_string(),
        wish: wish(&entry),
        since: match &entry.added_by {
            Some(member) => format!("Added by {member} {since}"),
            None => format!("Waiting since {since}"),
        },
        offers: entry.offers.iter().map(|offer| story(offer, zone)).collect(),
        conversation: entry.conversation.map(|id| id.to_string()),
        patient: entry.patient,
        reach: entry.reach,
        note: entry.note,
        is_offered,
    }
}

fn wish(entry: &Waiting) -> String {
    let with = entry.practitioner.as_deref().map_or("anyone".to_owned(), str::to_owned);
    let (from, to) = (English.day(entry.from), English.day(entry.to));
    let days = if from == to { from } else { format!("{from} to {to}") };
    let minute = |minute: i32| say::minute_of_day(minute.min(1439));
    let hours = if entry.from_minute == 0 && entry.to_minute == 1440 {
        "any time of day".to_owned()
    } else {
        format!("starting {} to {}", minute(entry.from_minute), minute(entry.to_minute))
    };
    format!("{} with {with}, {days}, {hours}", entry.appointment_type)
}

fn story(offer: &Offered, zone: Tz) -> String {
    let what = format!("{} with {}", say::moment(offer.starts_at, zone), offer.practitioner);
    let outcome = match offer.state.as_str() {
        "open" => format!("kept for them until {}{}", say::time(offer.expires_at, zone), told(offer)),
        "taken" => "taken".to_owned(),
        "declined" => "they did not want it".to_owned(),
        "lapsed" => "no answer in time".to_owned(),
        "unreached" => "no message could be sent".to_owned(),
        _ => "taken off the list".to_owned(),
    };
    let why = match (&offer.offered_by, offer.asked_for_them, offer.others) {
        (Some(member), ..) => format!("chosen by {member}"),
        (None, _, 0) => "the only one it suited".to_owned(),
        (None, true, others) => format!("asked for {}; it suited {others} more", offer.practitioner),
        (None, false, others) => format!("waiting longest; it suited {others} more"),
    };
    format!("Offered {}: {what}, {outcome} ({why})", say::moment(offer.offered_at, zone))
}

/// How far the message about an open offer has come.
fn told(offer: &Offered) -> String {
    let Some((channel, status)) = &offer.told else { return String::new() };
    let what = if channel == "sms" { "a text" } else { "an e-mail" };
    match status.as_str() {
        "sent" | "delivered" => format!(", {what} was sent"),
        "queued" | "sending" => format!(", {what} is on its way"),
        "unknown" => format!(", {what} may not have been sent"),
        _ => format!(", {what} could not be sent"),
    }
}
