//! What the receptionist says next about the visit: reads it back, asks for
//! what is missing.

use super::answers;
use super::catalogue::does;
use super::draft::{Draft, Note, Turn};
use super::found;
use super::intent::Talk;
use super::say;
use super::slot::Hold;

/// The reply to a message that needs no tool: answers, remarks, and the question
/// that is still open.
pub fn reply(draft: &Draft, turn: &Turn) -> String {
    let answer = answers::answer(draft, turn);
    let remarks = remarks(draft, turn);
    let leaves = turn.heard.talk == Some(Talk::Bye) && draft.hold.is_none();
    let pending = if leaves { String::new() } else { pending(draft, turn) };
    if answer.is_none() && remarks.is_empty() && pending.is_empty() {
        return at_a_loss(draft, turn);
    }
    let unclear = answer.is_none() && remarks.is_empty() && draft.hold.is_none() && !draft.offers.is_empty();
    let unclear = if unclear && !turn.heard.agrees && turn.heard.talk.is_none() { "I did not catch that." } else { "" };
    say::paragraphs(&[answer.unwrap_or_default(), remarks, unclear.into(), pending])
}

/// `opening`, then remarks and the question that is still open.
pub fn join(draft: &Draft, turn: &Turn, opening: &str) -> String {
    say::paragraphs(&[opening.into(), remarks(draft, turn), pending(draft, turn)])
}

/// The question that is still open, or nothing when no visit is wanted.
pub fn pending(draft: &Draft, turn: &Turn) -> String {
    if draft.hold.is_some() {
        return contact(draft, turn);
    }
    if !draft.offers.is_empty() {
        return found::which(draft, turn);
    }
    match (draft.started, draft.offered, draft.days) {
        (false, ..) => String::new(),
        (true, None, _) => which_type(draft),
        (true, Some(n), None) => which_day(draft, n),
        (true, Some(_), Some(_)) => "Which other day would suit you?".into(),
    }
}

/// Reads a hold back in full and asks whom it is for.
pub fn held(draft: &Draft, turn: &Turn) -> String {
    let Some(hold) = &draft.hold else { return pending(draft, turn) };
    let visit = &hold.visit;
    let read_back = format!(
        "I am holding {} for {} with {} ({} min) for {}.",
        say::moment(visit.local, turn.at.date_naive()),
        say::a(&visit.offered),
        visit.practitioner,
        visit.minutes,
        minutes_left(hold, turn)
    );
    say::paragraphs(&[answers::answer(draft, turn).unwrap_or_default(), read_back, contact(draft, turn)])
}

/// Confirms what was booked or asked for: code, time, zone, person and contact.
pub fn booked(draft: &Draft, turn: &Turn) -> String {
    let Some(booked) = draft.booked.last() else { return pending(draft, turn) };
    let visit = &booked.visit;
    let under: Vec<String> =
        [Some(booked.name.clone()), booked.email.clone(), booked.phone.clone()].into_iter().flatten().collect();
    let what = format!(
        "{} with {} ({} min) on {}, {}",
        say::a(&visit.offered),
        visit.practitioner,
        visit.minutes,
        say::moment(visit.local, turn.at.date_naive()),
        say::zone(draft.facts.time_zone),
    );
    let (under, code) = (say::list(&under, "and"), &booked.code);
    if booked.is_request {
        format!(
            "I have asked the clinic for {what}. It is not booked until they approve it. It is under {under}. The code of your request is {code}."
        )
    } else {
        format!("You are booked for {what}. It is under {under}. Your confirmation code is {code}.")
    }
}

/// What the patient should know before the answer: a past date, a stranger's name.
pub fn remarks(draft: &Draft, turn: &Turn) -> String {
    let said: Vec<String> = turn.notes.iter().map(|note| remark(draft, turn, note)).collect();
    say::paragraphs(&said)
}

fn remark(draft: &Draft, turn: &Turn, note: &Note) -> String {
    let facts = draft.facts;
    let today = turn.at.date_naive();
    match note {
        Note::Past(super::dates::Days::One(day)) => format!("{} is in the past.", say::date(*day, today)),
        Note::Past(_) => "That is in the past.".into(),
        Note::PassedToday(time) => format!("{} today has already passed.", say::time(*time)),
        Note::Mismatch => turn
            .heard
            .mismatch
            .map(|(_, date)| format!("{} is a {}.", date.format("%-d %B"), date.format("%A")))
            .unwrap_or_default(),
        Note::ImpossibleDate => "That date is not in the calendar.".into(),
        Note::Stranger(name) => {
            let some: Vec<String> = facts.practitioners.iter().map(|p| p.name.clone()).collect();
            format!("I do not find anyone called {name} here. You can see {}.", say::list(&some, "or"))
        }
        Note::DoesNotDo { practitioner, offered } => does_not_do(draft, *practitioner, *offered),
        Note::OneAtATime(n) => facts
            .appointment_types
            .get(*n)
            .map(|offered| {
                format!("I book one visit at a time, so let us start with the {}.", say::plain(&offered.name))
            })
            .unwrap_or_default(),
        Note::Introduced if turn.heard.talk == Some(Talk::Greeting) && !draft.started => String::new(),
        Note::Introduced => match first_name(draft) {
            Some(first) => format!("Thank you, {first}."),
            None => "Thank you.".into(),
        },
        Note::BadEmail => "That email address looks incomplete.".into(),
        Note::BadPhone => "That phone number looks incomplete.".into(),
        Note::NeedContact => "I need an email address or a phone number to book it.".into(),
        Note::CannotChangeBooked => {
            format!(
                "Your visit is booked. To move it say, for example, \"move it to Thursday at 3\", or say \"cancel it\"; anything else about it the clinic changes for you. {}",
                answers::reach(facts)
            )
        }
        Note::NoSuchChoice => "I am not sure which one you mean.".into(),
        Note::NotAgreed => "Tell me what to change, or say stop.".into(),
        Note::Others => String::new(),
    }
}

fn does_not_do(draft: &Draft, practitioner: usize, offered: usize) -> String {
    let facts = draft.facts;
    let (Some(practitioner), Some(offered)) =
        (facts.practitioners.get(practitioner), facts.appointment_types.get(offered))
    else {
        return String::new();
    };
    let others: Vec<String> = facts.practitioners.iter().filter(|p| does(p, offered)).map(|p| p.name.clone()).collect();
    format!("{} does not offer {}; you can see {}.", practitioner.name, say::a(&offered.name), say::list(&others, "or"))
}

fn contact(draft: &Draft, turn: &Turn) -> String {
    let heard = &turn.heard;
    let given = heard.email.is_some() || heard.phone.is_some() || heard.name.is_some() || heard.bare_name == draft.name;
    let thanks = first_name(draft)
        .filter(|_| given && turn.notes.is_empty() && turn.made.is_empty())
        .map(|first| format!("Thank you, {first}. "))
        .unwrap_or_default();
    let email = draft.email.is_none() && !draft.no_email;
    let phone = draft.phone.is_none() && !draft.no_phone;
    match (draft.name.is_none(), email, phone) {
        (true, true, true) => "What name, email and phone number should I book it under?".into(),
        (true, true, false) => "What name and email should I book it under?".into(),
        (true, false, true) => "What name and phone number should I book it under?".into(),
        (true, false, false) => "What name should I book it under?".into(),
        (false, true, true) => format!("{thanks}What email and phone number should I book it under?"),
        (false, true, false) if draft.phone.is_none() => "What email should I book it under?".into(),
        (false, false, true) if draft.email.is_none() => "What phone number should I book it under?".into(),
        (false, true, false) => format!("{thanks}What email should I add? You can say skip."),
        (false, false, true) => format!("{thanks}What phone number should I add? You can say skip."),
        (false, false, false) => {
            let under: Vec<String> = [&draft.name, &draft.email, &draft.phone].into_iter().flatten().cloned().collect();
            format!("Shall I book it under {}?", say::list(&under, "and"))
        }
    }
}

fn first_name<'d>(draft: &'d Draft) -> Option<&'d str> {
    draft.name.as_deref()?.split(' ').next()
}

fn which_type(draft: &Draft) -> String {
    let some: Vec<String> =
        draft.types_meant.iter().filter_map(|n| draft.facts.appointment_types.get(*n)).map(say::offered).collect();
    if some.len() > 1 {
        return format!("Which would you like: {}?", say::list(&some, "or"));
    }
    format!("What would you like to book: {}?", answers::types(draft.facts))
}

fn which_day(draft: &Draft, offered: usize) -> String {
    let name =
        draft.facts.appointment_types.get(offered).map(|offered| say::a(&offered.name)).unwrap_or_else(|| "it".into());
    let who = draft
        .who
        .and_then(|n| draft.facts.practitioners.get(n))
        .map(|p| format!(" with {}", p.name))
        .unwrap_or_default();
    format!("Which day would you like to come in for {name}{who}?")
}

fn minutes_left(hold: &Hold, turn: &Turn) -> String {
    let seconds = hold.expires_at.map(|at| (at - turn.at.to_utc()).num_seconds());
    match seconds.map(|seconds| (seconds + 30) / 60) {
        None => "a few minutes".into(),
        Some(minutes) if minutes <= 1 => "1 minute".into(),
        Some(minutes) => format!("{minutes} minutes"),
    }
}

fn at_a_loss(draft: &Draft, turn: &Turn) -> String {
    if turn.heard.agrees && !draft.booked.is_empty() {
        return "Is there anything else I can do for you?".into();
    }
    if turn.heard.agrees {
        return format!("What would you like to book: {}?", answers::types(draft.facts));
    }
    if turn.heard.declines {
        return "All right. If you would like to book a visit, tell me what and when.".into();
    }
    format!("I did not understand that. I am an automated assistant. {}", answers::can_do(draft.facts))
}
