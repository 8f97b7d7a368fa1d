//! What became of messages, in words.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use domain::say;
use domain::sms::status::fault;
use services::identity::erasing::ERASED;
use services::messaging::listing::{self, Listed, Wrong};

use super::{Figures, MessageLine, State};

/// Which accounts messages leave by.
#[derive(Clone, Copy)]
pub struct Has {
    pub texting: bool,
    pub mail: bool,
}

pub fn states(word: &str) -> Vec<String> {
    let states: &[&str] = match word {
        "waiting" => &["queued", "sending", "unknown"],
        "sent" => &["sent"],
        "delivered" => &["delivered"],
        "failed" => &["undelivered", "failed"],
        "suppressed" => &["suppressed"],
        _ => &[],
    };
    states.iter().map(|state| (*state).to_owned()).collect()
}

pub fn figures(figures: &listing::Figures, has: Has) -> Figures {
    Figures {
        has_account: has.texting,
        has_mail: has.mail,
        left: figures.sent,
        delivered: figures.delivery_rate(),
        waiting: figures.waiting,
        errors: figures.errors.iter().map(|wrong| (error(wrong), wrong.count)).collect(),
    }
}

/// What went wrong, by the provider's number where it gave one.
fn error(wrong: &Wrong) -> String {
    let what = if wrong.channel == "sms" { "text" } else { "e-mail" };
    let sentence = ended(&wrong.channel, wrong.code, wrong.reason.as_deref());
    let sentence = sentence.unwrap_or_else(|| "It did not arrive.".to_owned());
    match wrong.code.filter(|_| wrong.channel == "sms") {
        Some(code) => format!("{what}, {code}: {sentence}"),
        None => format!("{what}: {sentence}"),
    }
}

pub fn line(message: Listed, zone: Tz, now: DateTime<Utc>) -> MessageLine {
    let state = state(&message);
    let why = why(&message, zone, now);
    MessageLine {
        id: message.id.to_string(),
        what: what(&message),
        to: message.patient.map_or(message.address.clone(), |name| format!("{name}, {}", message.address)),
        when: say::moment(message.sent_at.unwrap_or(message.created_at), zone),
        state,
        why,
        subject: message.subject,
        body: message.body,
        visit: message.appointment_id.map(|id| id.to_string()),
        may_retry: match state {
            // Whom it was for is forgotten, and so is what it said.
            _ if message.address == ERASED || message.is_sent_again => false,
            State::Failed => message.reason.as_deref() != Some("opted_out"),
            State::Suppressed => message.reason.as_deref() == Some("unreachable"),
            _ => false,
        },
    }
}

/// `Confirmation, text`.
pub fn what(message: &Listed) -> String {
    format!("{}, {}", kind(&message.kind), if message.channel == "sms" { "text" } else { "e-mail" })
}

pub fn state(message: &Listed) -> State {
    state_of(&message.status, message.provider.as_deref())
}

pub fn state_of(status: &str, provider: Option<&str>) -> State {
    match status {
        "queued" | "sending" => State::Waiting,
        "unknown" => State::Unknown,
        "sent" if provider == Some("local") => State::Kept,
        "sent" => State::Sent,
        "delivered" => State::Delivered,
        "suppressed" => State::Suppressed,
        _ => State::Failed,
    }
}

fn kind(kind: &str) -> &'static str {
    match kind {
        "confirmation" => "Confirmation",
        "change" => "New time",
        "cancellation" => "Cancellation",
        "reminder" => "Reminder",
        "follow_up" => "Follow-up",
        "waitlist_offer" => "Offer",
        "handoff_link" => "Link",
        "one_time_code" => "Code",
        "contact_change" => "Changed details",
        "opt_out_confirmation" => "End of messages",
        _ => "Answer",
    }
}

/// Why it stands as it does, where there is something to say.
pub fn why(message: &Listed, zone: Tz, now: DateTime<Utc>) -> Option<String> {
    let reason = message.reason.as_deref();
    let at = || say::moment(message.due_at, zone);
    if message.status == "queued" && message.due_at > now {
        return Some(match reason {
            Some("quiet") => format!("Waits for the morning: {}.", at()),
            Some("enough") => format!("They had as many messages as your settings allow. Waits until {}.", at()),
            Some("sealed") => format!("The account for sending could not be opened. Is tried again at {}.", at()),
            _ => format!("Is tried at {}.", at()),
        });
    }
    match (message.status.as_str(), message.channel.as_str()) {
        ("unknown", "sms") => Some("Nobody knows yet whether it left. It is looked for at the provider.".to_owned()),
        ("unknown", _) => Some(
            "Nobody knows yet whether it left. A mail server cannot be asked; in a minute it is given up.".to_owned(),
        ),
        _ => {
            let again = message.is_sent_again.then(|| "It was sent again.".to_owned());
            let all: Vec<String> =
                ended(&message.channel, message.error_code, reason).into_iter().chain(again).collect();
            (!all.is_empty()).then(|| all.join(" "))
        }
    }
}

fn ended(channel: &str, code: Option<i32>, reason: Option<&str>) -> Option<String> {
    let is_text = channel == "sms";
    if let Some(code) = code.and_then(|code| u32::try_from(code).ok()).filter(|_| is_text) {
        return Some(fault(code).sentence.to_owned());
    }
    let sentence = match reason? {
        "opted_out" => "They said that they want no messages.",
        "superseded" => "The visit has changed since.",
        "called_off" => "There was nothing to send any more.",
        "expired" => "It would have come too late.",
        "quiet" => "There was no time outside the quiet hours.",
        "enough" => "They had as many messages as your settings allow.",
        "unreachable" => "Nothing reaches this address.",
        "unwritable" => "The wording needs something that is not there. See the task.",
        "sealed" => "The account for sending could not be opened. Please enter it again in the settings.",
        "erased" => "The patient was erased.",
        "broken" => "Something about it cannot be read.",
        "left_behind" => "It could not be sent for an hour.",
        "not_taken" if is_text => "Twilio did not take it.",
        "not_taken" => "The mail server did not take it.",
        "refused" if is_text => "Twilio refused it.",
        "refused" => "The mail server refused it.",
        "unanswered" => "Nobody knows whether it left. It was not sent again.",
        "not_delivered" if is_text => "It did not arrive.",
        "not_delivered" => "It came back: the patient's mail server did not take it.",
        _ => return None,
    };
    // What the mail server said is what whoever runs it asks for first.
    Some(match code {
        Some(code) => format!("{sentence} The mail server said {code}."),
        None => sentence.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn e_mail_is_not_spoken_of_as_a_text() {
        let refused = ended("email", Some(550), Some("refused"));
        assert_eq!(refused.as_deref(), Some("The mail server refused it. The mail server said 550."));
        assert!(ended("sms", Some(30003), Some("not_delivered")).is_some_and(|told| !told.contains("mail")));
        assert_eq!(ended("sms", None, Some("not_taken")).as_deref(), Some("Twilio did not take it."));
        for reason in ["unanswered", "not_taken", "not_delivered"] {
            let told = ended("email", None, Some(reason)).unwrap();
            assert!(!told.contains("provider") && !told.contains("Twilio"), "{told}");
        }
        assert_eq!(ended("email", None, None), None);
    }
}
