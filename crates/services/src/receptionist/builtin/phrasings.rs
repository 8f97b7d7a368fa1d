//! Ways to ask for a visit, and the look for times each must lead to.

use domain::truth;
use serde_json::Value;

use super::super::model::{Entry, Step};
use super::next;
use super::world::{MIA, NOAH, PRIYA, bloom, now};

// The call as a line: type, who, days, and the time of day if there is one.
fn line(arguments: &Value) -> String {
    let text = |key: &str| arguments[key].as_str().unwrap_or_default().to_owned();
    let who = match text("practitioner") {
        who if who == MIA.to_string() => " mia",
        who if who == NOAH.to_string() => " noah",
        who if who == PRIYA.to_string() => " priya",
        _ => "",
    };
    let short = |date: String| date.trim_start_matches("2026-").to_owned();
    let days = if text("from") == text("to") {
        short(text("from"))
    } else {
        format!("{}..{}", short(text("from")), short(text("to")))
    };
    let time = match (text("near"), text("earliest"), text("latest")) {
        (near, ..) if !near.is_empty() => format!(" ~{near}"),
        (_, earliest, latest) if earliest.is_empty() && latest.is_empty() => String::new(),
        (_, earliest, latest) => format!(" {earliest}-{latest}"),
    };
    format!("{}{who} {days}{time}", text("appointment_type"))
}

/// What is done about `message` after what was said `before`.
pub fn heard_after(before: &[(&str, &str)], message: &str) -> String {
    let mut transcript = Vec::new();
    for (patient, receptionist) in before {
        transcript.push(Entry::Patient { text: (*patient).into(), at: now() });
        transcript.push(Entry::Receptionist { text: (*receptionist).into() });
    }
    transcript.push(Entry::Patient { text: message.into(), at: now() });
    match next(&bloom(), &transcript) {
        Step::Call(call) if call.name == "check_availability" => line(&call.arguments),
        Step::Call(call) => format!("{} {}", call.name, call.arguments),
        Step::Say(text) => {
            for sentence in truth::sentences(&text) {
                let verdict = truth::check(sentence, now().date_naive(), &[]);
                assert!(verdict.may_be_said(), "{sentence}: {verdict:?}");
            }
            format!("say: {text}")
        }
    }
}

#[test]
fn a_whole_wish_in_one_message_is_looked_up() {
    let cases = [
        ("I'd like to book a haircut for next Tuesday at 2pm", "haircut 11-24 ~14:00"),
        ("haircut tomorrow", "haircut 11-21"),
        ("can i get a hair cut tmrw at 11", "haircut 11-21 ~11:00"),
        ("massage tomorow afternoon pls", "massage 11-21 12:00-17:00"),
        ("Need a massage asap", "massage 11-20..12-04"),
        ("first available haircut with Dr. Lin", "haircut mia 11-20..12-04"),
        ("w/ mia haircut thurs 3pm", "haircut mia 11-26 ~15:00"),
        ("do you have anything for a facial on friday morning?", "facial 11-27 -11:59"),
        ("hi, i want to see dr anand on monday", "consultation priya 11-23"),
        ("new patient consultation 24 Nov at 9:30", "consultation 11-24 ~09:30"),
        ("deep tissue on 11/24", "massage 11-24"),
        ("book me a hiarcut tuseday", "haircut 11-24"),
        ("haircut between 2 and 4 on wednesday", "haircut 11-25 14:00-16:00"),
        ("a trim this weekend please", "haircut 11-21..11-22"),
        ("massge nxt week after work", "massage 11-23..11-29 17:00-"),
        ("facial in two weeks", "facial 12-04"),
        ("haircut wed arvo", "haircut 11-25 12:00-17:00"),
        ("haircut today at 4", "haircut 11-20 ~16:00"),
        ("My name is April May and I'd like a haircut on Tuesday", "haircut 11-24"),
        ("I may want a haircut, maybe Thursday before noon", "haircut 11-26 -11:59"),
        ("I'm Ada (ada.march4@example.com, +1 212 555 0147), haircut on Dec 3 at noon", "haircut 12-03 ~12:00"),
        ("not a haircut, a massage, on Friday at half past two", "massage 11-27 ~14:30"),
        ("massage with noah or whoever next wednesday", "massage noah 11-25"),
    ];
    for (message, expected) in cases {
        assert_eq!(heard_after(&[], message), expected, "{message}");
    }
}

#[test]
fn days_and_times_are_understood_however_they_are_said() {
    let cases = [
        ("tuesday", "haircut 11-24"),
        ("tuseday", "haircut 11-24"),
        ("tues", "haircut 11-24"),
        ("wensday at 10", "haircut 11-25 ~10:00"),
        ("thurs", "haircut 11-26"),
        ("this friday", "haircut 11-20"),
        ("friday", "haircut 11-27"),
        ("sat", "haircut 11-21"),
        ("Saturday at 1", "haircut 11-21 ~13:00"),
        ("next tuesday", "haircut 11-24"),
        ("next friday", "haircut 11-27"),
        ("next week tuesday", "haircut 11-24"),
        ("tuesday next week at 10:30", "haircut 11-24 ~10:30"),
        ("tuesday week", "haircut 12-01"),
        ("a week from tuesday", "haircut 12-01"),
        ("today", "haircut 11-20"),
        ("later today", "haircut 11-20"),
        ("this afternoon", "haircut 11-20 12:00-17:00"),
        ("tonight", "haircut 11-20 17:00-"),
        ("tmrw", "haircut 11-21"),
        ("tomorow", "haircut 11-21"),
        ("tomorrow morning", "haircut 11-21 -11:59"),
        ("2moro at 12:30", "haircut 11-21 ~12:30"),
        ("day after tomorrow", "haircut 11-22..12-06"),
        ("the day after tomorrow", "haircut 11-22..12-06"),
        ("in 3 days", "haircut 11-23"),
        ("in two weeks", "haircut 12-04"),
        ("two weeks from now", "haircut 12-04"),
        ("in a fortnight", "haircut 12-04"),
        ("next week", "haircut 11-23..11-29"),
        ("later this week", "haircut 11-21..11-22"),
        ("this weekend", "haircut 11-21..11-22"),
        ("next weekend", "haircut 11-28..11-29"),
        ("early next week", "haircut 11-23..11-25"),
        ("end of next week", "haircut 11-26..11-28"),
        ("the 24th", "haircut 11-24"),
        ("on the 3rd", "haircut 12-03"),
        ("24 Nov", "haircut 11-24"),
        ("24th of november", "haircut 11-24"),
        ("Nov 24", "haircut 11-24"),
        ("November 24th at 2", "haircut 11-24 ~14:00"),
        ("november twenty fourth", "haircut 11-24"),
        ("novmber 24", "haircut 11-24"),
        ("11/24", "haircut 11-24"),
        ("11/24/2026", "haircut 11-24"),
        ("24/11", "haircut 11-24"),
        ("24.11.2026", "haircut 11-24"),
        ("2026-11-24", "haircut 11-24"),
        ("2026-11-24 14:00", "haircut 11-24 ~14:00"),
        ("2026-11-24T14:00", "haircut 11-24 ~14:00"),
        ("Jan 5", "haircut 2027-01-05"),
        ("Tuesday, November 24 at 2 p.m.", "haircut 11-24 ~14:00"),
        ("Tue 24 Nov, 2:00 PM", "haircut 11-24 ~14:00"),
        ("december", "say: "),
        ("in december", "haircut 12-01..12-31"),
        ("early december", "haircut 12-01..12-10"),
        ("week of nov 30", "haircut 11-30..12-06"),
        ("monday or tuesday", "haircut 11-23..11-24"),
        ("mon-wed", "haircut 11-23..11-25"),
        ("between monday and wednesday after 3", "haircut 11-23..11-25 15:00-"),
        ("any time Friday morning", "haircut 11-27 -11:59"),
        ("anything after 3 on monday", "haircut 11-23 15:00-"),
        ("monday before noon", "haircut 11-23 -11:59"),
        ("monday by 11", "haircut 11-23 -11:00"),
        ("tuesday between 2 and 4", "haircut 11-24 14:00-16:00"),
        ("tuesday 2-4pm", "haircut 11-24 14:00-16:00"),
        ("tuesday from 10 to 1", "haircut 11-24 10:00-13:00"),
        ("tuesday half past two", "haircut 11-24 ~14:30"),
        ("tuesday at quarter to three", "haircut 11-24 ~14:45"),
        ("tuesday noon", "haircut 11-24 ~12:00"),
        ("tuesday around 3ish", "haircut 11-24 ~15:00"),
        ("tuesday evening", "haircut 11-24 17:00-"),
        ("tuesday after work", "haircut 11-24 17:00-"),
        ("tuesday after lunch", "haircut 11-24 13:00-15:00"),
        ("tuesday first thing", "haircut 11-24 -10:00"),
        ("tuesday @ 2", "haircut 11-24 ~14:00"),
        ("tuesday at 9", "haircut 11-24 ~09:00"),
        ("tuesday 1430", "haircut 11-24 ~14:30"),
        ("tuesday 2", "haircut 11-24 ~14:00"),
        ("tomorrow 11ish", "haircut 11-21 ~11:00"),
        ("in 2 hours", "haircut 11-20 ~12:00"),
        ("first available", "haircut 11-20..12-04"),
        ("as soon as possible", "haircut 11-20..12-04"),
        ("earliest you have", "haircut 11-20..12-04"),
        ("whenever", "haircut 11-20..12-04"),
        ("any time after 3", "haircut 11-20..12-04 15:00-"),
        ("not tuesday, thursday", "haircut 11-26"),
        ("tuesday, no wait, thursday", "haircut 11-26"),
        ("thursday instead of tuesday", "haircut 11-26"),
        ("with Dr. Reyes on monday", "haircut noah 11-23"),
        ("monday w/ mia", "haircut mia 11-23"),
        ("monday with noa", "haircut noah 11-23"),
        ("the day after thanksgiving", "haircut 11-27"),
        ("christmas eve", "haircut 12-24"),
        ("black friday", "haircut 11-27"),
        ("the last friday of the month", "haircut 11-27"),
        ("new years eve", "haircut 12-31"),
        ("the third tuesday of december", "haircut 12-15"),
    ];
    let mut misses = Vec::new();
    for (message, expected) in cases {
        let heard =
            heard_after(&[("I'd like a haircut", "Which day would you like to come in for a haircut?")], message);
        if expected == "say: " {
            if !heard.starts_with("say: Which day") {
                misses.push(format!("{message}: {heard}"));
            }
        } else if heard != expected {
            misses.push(format!("{message}: {heard}, not {expected}"));
        }
    }
    assert!(misses.is_empty(), "{}", misses.join("\n"));
}

#[test]
fn what_is_no_day_is_not_read_as_one() {
    let asked = [("I'd like a haircut", "Which day would you like to come in for a haircut?")];
    for message in [
        "may I ask something",
        "I sat down a second ago",
        "one moment",
        "my son's first haircut",
        "hmm",
        "I march to my own drum",
        "asdf qwer",
        "😀😀",
        "مرحبا",
        "my number is 212 555 0147",
        "ada.nov24@example.com",
        "room 12",
        "i have 3 kids",
    ] {
        let heard = heard_after(&asked, message);
        assert!(heard.starts_with("say: "), "{message}: {heard}");
    }
}

#[test]
fn dates_that_cannot_be_are_said_to_be() {
    let asked = [("I'd like a haircut", "Which day would you like to come in for a haircut?")];
    for (message, part) in [
        ("11/16", "Monday 16 November is in the past"),
        ("yesterday", "Thursday 19 November is in the past"),
        ("last tuesday", "Tuesday 17 November is in the past"),
        ("31 february", "not in the calendar"),
        ("2026-13-45", "not in the calendar"),
    ] {
        let heard = heard_after(&asked, message);
        assert!(
            heard.contains(part) && heard.ends_with("Which day would you like to come in for a haircut?"),
            "{message}: {heard}"
        );
    }
}

#[test]
fn questions_and_small_talk_are_answered() {
    for (message, part) in [
        ("hi", "automated assistant of Bloom Wellness Studio"),
        ("are you a robot?", "I am an automated assistant for Bloom Wellness Studio, not a person"),
        ("can I speak to a human", "hand_to_human"),
        ("what's your phone number?", "+12125550100"),
        ("I want to cancel my appointment", "lookup_booking {}"),
        ("I need to reschedule my visit", "lookup_booking {}"),
        ("cancel my appointment, code ABCD1234", "lookup_booking {\"confirmation_code\":\"ABCD1234\"}"),
        ("cancel my booking, my code is abcd-efgh", "lookup_booking {\"confirmation_code\":\"ABCDEFGH\"}"),
        ("when is my appointment? k7q2 x9ab", "lookup_booking {\"confirmation_code\":\"K7Q2X9AB\"}"),
        ("please move my appointment to changing room", "lookup_booking {}"),
        ("do you take insurance?", "insurance"),
        ("can you refill my prescription", "prescriptions"),
        ("should i take ibuprofen for this?", "medical advice"),
        ("you are useless", "sorry"),
        ("thanks", "You are welcome"),
        ("asdfghjkl", "did not understand"),
        ("😀🎉", "did not understand"),
        ("", "did not understand"),
        ("I want to book an appointment", "What would you like to book: haircut ($60, 45 min)"),
        ("with dr. smith please", "anyone called smith"),
        ("massage with mia tomorrow", "massage 11-21"),
    ] {
        let heard = heard_after(&[], message);
        assert!(heard.contains(part), "{message}: {heard}");
        assert!(!heard.contains('!'), "{message}: {heard}");
    }
}

#[test]
fn a_word_that_fits_two_types_is_asked_about() {
    let mut facts = bloom();
    facts.appointment_types[0].name = "Swedish massage".into();
    facts.appointment_types[0].slug = "swedish-massage".into();
    let patient = |text: &str| Entry::Patient { text: text.into(), at: now() };
    let mut transcript = vec![patient("a massage on tuesday please")];
    let Step::Say(text) = next(&facts, &transcript) else { panic!("must ask") };
    assert_eq!(text, "Which would you like: swedish massage ($60, 45 min) or deep tissue massage ($95, 60 min)?");
    transcript.push(Entry::Receptionist { text });
    transcript.push(patient("the swedish one"));
    let Step::Call(call) = next(&facts, &transcript) else { panic!("must look") };
    assert_eq!(call.arguments["appointment_type"], "swedish-massage");
}

#[test]
fn facts_are_looked_up_by_topic() {
    for (message, topic) in [
        ("what are your opening hours?", "hours"),
        ("are you open Saturday?", "hours"),
        ("when do you close today?", "hours"),
        ("where are you located", "address"),
        ("is there parking?", "address"),
        ("how much is a massage?", "types"),
        ("what do you offer?", "types"),
        ("who works there?", "practitioners"),
        ("who does haircuts?", "practitioners"),
    ] {
        let heard = heard_after(&[], message);
        assert_eq!(heard, format!("clinic_facts {{\"topic\":\"{topic}\"}}"), "{message}");
    }
}
