//! Answers to what patients ask and say besides booking.

use chrono::{DateTime, Weekday};
use chrono_tz::Tz;

use super::super::model::ClinicFacts;
use super::catalogue::{TypeMention, does};
use super::dates::Days;
use super::draft::{Draft, Turn};
use super::intent::{Talk, Topic};
use super::say;

/// What to say to an emergency, whatever else was said.
pub const EMERGENCY: &str = "If this is an emergency, call your local emergency number now (911 in the US). I am an automated assistant and cannot help with a medical emergency.";

/// The answer to the newest message, apart from the booking.
pub fn answer(draft: &Draft, turn: &Turn) -> Option<String> {
    if let Some(topic) = turn.heard.topic {
        let second = turn.heard.second_topic.filter(|second| *second != topic).map(|second| about(draft, second, turn));
        return Some(say::paragraphs(&[about(draft, topic, turn), second.unwrap_or_default()]));
    }
    turn.heard.talk.and_then(|talk| reply(draft, talk, turn))
}

/// How to reach somebody at the clinic: "Please call us on … or write to …."
pub fn reach(facts: &ClinicFacts) -> String {
    match (&facts.phone, &facts.email) {
        (Some(phone), Some(email)) => format!("Please call us on {phone} or write to {email}."),
        (Some(phone), None) => format!("Please call us on {phone}."),
        (None, Some(email)) => format!("Please write to {email}."),
        (None, None) => "Please ask at the front desk.".into(),
    }
}

/// The appointment types with their prices.
pub fn types(facts: &ClinicFacts) -> String {
    let some: Vec<String> = facts.appointment_types.iter().map(say::offered).collect();
    say::list(&some, "or")
}

// The same with articles, for the middle of a sentence.
fn visits(facts: &ClinicFacts) -> String {
    let some: Vec<String> = facts.appointment_types.iter().map(|offered| say::a(&say::offered(offered))).collect();
    say::list(&some, "or")
}

fn about(draft: &Draft, topic: Topic, turn: &Turn) -> String {
    let facts = draft.facts;
    match topic {
        Topic::Hours => hours(facts, turn),
        Topic::Address => match &facts.address {
            Some(address) => format!("We are at {}.", address.trim_end_matches('.')),
            None => format!("I do not have the address here. {}", reach(facts)),
        },
        Topic::Types => offered(draft, turn),
        Topic::Practitioners => practitioners(facts, turn),
    }
}

fn hours(facts: &ClinicFacts, turn: &Turn) -> String {
    let today = turn.at.date_naive();
    match turn.heard.days {
        _ if facts.hours.is_empty() => format!("I do not have the opening hours here. {}", reach(facts)),
        Some(Days::One(day)) if day >= today => {
            let name = if day == today {
                format!("Today, {},", say::date(day, today))
            } else {
                format!("On {}", say::date(day, today))
            };
            match say::hours_on(facts, chrono::Datelike::weekday(&day)) {
                Some(open) => format!("{name} we are open {open}."),
                None => format!("{name} we are closed."),
            }
        }
        _ => week(facts),
    }
}

// Days with the same hours are said together.
fn week(facts: &ClinicFacts) -> String {
    const DAYS: [Weekday; 7] =
        [Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri, Weekday::Sat, Weekday::Sun];
    let mut groups: Vec<(Vec<Weekday>, String)> = Vec::new();
    let mut closed = Vec::new();
    for day in DAYS {
        match (say::hours_on(facts, day), groups.last_mut()) {
            (None, _) => closed.push(say::weekday(day).to_owned()),
            (Some(open), Some((days, same))) if *same == open && days.last().is_some_and(|last| last.succ() == day) => {
                days.push(day)
            }
            (Some(open), _) => groups.push((vec![day], open)),
        }
    }
    let open: Vec<String> = groups.iter().map(|(days, open)| format!("{} {open}", day_names(days))).collect();
    let closed =
        if closed.is_empty() { String::new() } else { format!(" We are closed on {}.", say::list(&closed, "and")) };
    format!("We are open {}.{closed}", open.join(", "))
}

fn day_names(days: &[Weekday]) -> String {
    match days {
        [first, .., last] => format!("{} to {}", say::weekday(*first), say::weekday(*last)),
        [only] => say::weekday(*only).into(),
        [] => String::new(),
    }
}

fn offered(draft: &Draft, turn: &Turn) -> String {
    let facts = draft.facts;
    let asked: Vec<usize> = match &turn.heard.offered {
        TypeMention::One(n) => vec![*n],
        TypeMention::Each(some) | TypeMention::OneOf(some) => some.clone(),
        // "How much is it?" is about the visit being booked.
        TypeMention::None => draft.offered.filter(|_| draft.started).into_iter().collect(),
    };
    let told: Vec<String> = asked
        .iter()
        .filter_map(|n| facts.appointment_types.get(*n))
        .map(|offered| match say::price(offered) {
            Some(price) => {
                format!("{} takes {} min and is {price}.", capitalised(&say::a(&offered.name)), offered.minutes)
            }
            None => format!(
                "{} takes {} min. I have no price for it here.",
                capitalised(&say::a(&offered.name)),
                offered.minutes
            ),
        })
        .collect();
    if told.is_empty() {
        return format!("You can book {}.", visits(facts));
    }
    told.join(" ")
}

fn practitioners(facts: &ClinicFacts, turn: &Turn) -> String {
    let wanted = match &turn.heard.offered {
        TypeMention::One(n) => facts.appointment_types.get(*n),
        _ => None,
    };
    let told: Vec<String> = facts
        .practitioners
        .iter()
        .filter(|p| wanted.is_none_or(|offered| does(p, offered)))
        .map(|practitioner| {
            let does: Vec<String> = facts
                .appointment_types
                .iter()
                .filter(|offered| does(practitioner, offered))
                .map(|offered| say::plain(&offered.name))
                .collect();
            if wanted.is_some() || does.is_empty() {
                practitioner.name.clone()
            } else {
                format!("{} ({})", practitioner.name, say::list(&does, "and"))
            }
        })
        .collect();
    match wanted {
        _ if told.is_empty() => "I have nobody listed for that here.".into(),
        Some(offered) => format!("For {} you can see {}.", say::a(&offered.name), say::list(&told, "or")),
        None => format!("You can see {}.", say::list(&told, "or")),
    }
}

fn reply(draft: &Draft, talk: Talk, turn: &Turn) -> Option<String> {
    let facts = draft.facts;
    let reach = reach(facts);
    let under_way = draft.started || draft.hold.is_some();
    Some(match talk {
        Talk::Greeting | Talk::HowAreYou if under_way => return None,
        Talk::HowAreYou => format!("I am an automated assistant, so always the same. {}", welcome(facts)),
        Talk::Greeting => format!("{} {}", greeting(turn.at), welcome(facts)),
        Talk::Thanks | Talk::Insult | Talk::Help | Talk::Bye if turn.heard.wants_visit || turn.heard.days.is_some() => {
            return None;
        }
        Talk::Thanks if under_way => return None,
        Talk::Thanks => "You are welcome.".into(),
        Talk::Bye if draft.hold.is_some() => {
            "If you leave now, the time I am holding will be released in a few minutes and nothing will be reserved."
                .into()
        }
        Talk::Bye if under_way => "Goodbye, and take care. Nothing is reserved for you.".into(),
        Talk::Bye => "Goodbye, and take care.".into(),
        Talk::Status if draft.booked.is_empty() || under_way => {
            "Not yet. I will give you a confirmation code once it is done.".into()
        }
        Talk::Status => code(draft, turn),
        Talk::Privacy => "The clinic needs it to know who is coming and to reach you about the visit.".into(),
        Talk::Robot => {
            format!("I am an automated assistant for {}, not a person. I can find you a time and book it.", facts.name)
        }
        Talk::Human => format!("I am an automated assistant and cannot bring a person into this conversation. {reach}"),
        Talk::Contact => reach,
        Talk::Code => code(draft, turn),
        Talk::ChangeExisting => format!(
            "I can move or cancel a visit if you say so, such as \"cancel my appointment\", and give me its confirmation code. {reach}"
        ),
        Talk::Medical => format!(
            "I am an automated assistant and cannot give medical advice. I can book you a visit, or you can ask the clinic. {reach}"
        ),
        Talk::Prescription => format!("I cannot help with prescriptions, results or records in this chat. {reach}"),
        Talk::Insurance => format!("I do not have any information on insurance. {reach}"),
        Talk::Payment => format!("I do not have any information on payment. {reach}"),
        Talk::Help => can_do(facts),
        Talk::Insult => {
            "I am sorry that this is frustrating. I am an automated assistant, and I can find you a time and book it."
                .into()
        }
    })
}

/// What the receptionist can do, for somebody who does not know.
pub fn can_do(facts: &ClinicFacts) -> String {
    format!("I can book {}, and tell you our hours, address, prices and who works here.", visits(facts))
}

fn welcome(facts: &ClinicFacts) -> String {
    format!("This is the automated assistant of {}. What would you like to book, and when?", facts.name)
}

fn greeting(at: DateTime<Tz>) -> &'static str {
    match chrono::Timelike::hour(&at) {
        5..12 => "Good morning.",
        12..17 => "Good afternoon.",
        _ => "Good evening.",
    }
}

fn code(draft: &Draft, turn: &Turn) -> String {
    match draft.booked.last() {
        Some(booked) => format!(
            "{} is {}, for {} with {} on {}, {}.",
            if booked.is_request {
                "The clinic decides about your request. Its code"
            } else {
                "Your confirmation code"
            },
            booked.code,
            say::a(&booked.visit.offered),
            booked.visit.practitioner,
            say::moment(booked.visit.local, turn.at.date_naive()),
            say::zone(draft.facts.time_zone)
        ),
        None => {
            format!("I have not made a booking in this chat, so I have no code to give you. {}", reach(draft.facts))
        }
    }
}

fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}
