//! Nothing anybody writes, and nothing a tool answers, makes it panic or loop.

use chrono::TimeDelta;
use domain::language::Language;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::super::model::{ClinicFacts, Entry, Step, ToolCall};
use super::next;
use super::world::{bloom, now};

const WORDS: &[&str] = &[
    "haircut",
    "massage",
    "tuesday",
    "2",
    "at",
    "next",
    "week",
    "24th",
    "nov",
    "the",
    "later",
    "one",
    "first",
    "with",
    "mia",
    "dr",
    "reyes",
    "yes",
    "no",
    "not",
    "actually",
    "ada@example.com",
    "+1 212 555 0147",
    "my name is",
    "Ada",
    "between",
    "and",
    "4",
    "half",
    "past",
    "quarter",
    "to",
    "three",
    "in",
    "two",
    "weeks",
    "of",
    "a",
    "2026-11-24",
    "11/24",
    "31",
    "february",
    "skip",
    "where are you",
    "today",
    "tomorrow",
    "after",
    "before",
    "noon",
    "@",
    "'",
    "-",
    "/",
    ":",
    "…",
    "é",
    "😀",
    "م",
    "week of",
    "from",
    "2-4",
    "99999999999999999999",
    "0",
    "12:",
    ":30",
    "am",
    "p.m.",
    "last",
    "anything later",
    "start over",
    "nevermind",
    "christmas eve",
    "corte",
    "masaje",
    "el",
    "la",
    "las",
    "martes",
    "que viene",
    "a las",
    "dos",
    "y media",
    "menos cuarto",
    "de la tarde",
    "mañana",
    "pasado",
    "dentro de",
    "semanas",
    "3 de diciembre",
    "24/11",
    "31/02",
    "sí",
    "no",
    "con",
    "me llamo",
    "soy de",
    "cancelar mi cita",
    "lista de espera",
    "¿",
    "entre",
    "hasta",
    "primera",
];

fn message() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "\\PC{0,60}",
        prop::collection::vec(prop::sample::select(WORDS), 0..9).prop_map(|words| words.join(" ")),
        prop::collection::vec(prop::sample::select(WORDS), 0..6).prop_map(|words| words.concat()),
        Just("Tue 24 Nov, 2:00 PM with Mia Lin".to_owned()),
    ]
}

fn output() -> impl Strategy<Value = Value> {
    let slot = json!({"slot": "s1", "local": "2026-11-24T14:00", "label": "Tue 24 Nov, 2:00 PM with Mia Lin", "practitioner": {"id": "x", "name": "Mia Lin"}, "appointment_type": {"name": "Haircut"}, "minutes": 45});
    prop_oneof![
        Just(
            json!({"outcome": "done", "result": {"slots": [slot.clone(), {"slot": "s2", "local": "2026-11-24T15:00"}]}})
        ),
        Just(json!({"outcome": "done", "result": {"slots": []}})),
        Just(json!({"outcome": "done", "result": {"slots": [{"slot": 5}, null, {"slot": "s", "local": "é"}]}})),
        Just(
            json!({"outcome": "done", "result": {"hold_id": "h1", "expires_at": "soon", "local": "2026-11-24T14:00"}})
        ),
        Just(
            json!({"outcome": "done", "result": {"hold_id": "h1", "confirmation_code": "C", "expires_at": "2026-11-20T15:05:00Z", "local": "2026-11-24T14:00", "practitioner": {"name": "Mia Lin"}, "appointment_type": {"name": "Haircut"}}})
        ),
        Just(json!({"outcome": "rejected", "code": "slot_taken", "message": "Taken."})),
        Just(json!({"outcome": "rejected", "code": "hold_expired", "message": ""})),
        Just(json!({"outcome": "rejected", "code": "invalid", "message": "é"})),
        Just(json!(null)),
        Just(json!({"outcome": "done"})),
        Just(json!([1, "two"])),
    ]
}

fn entry() -> impl Strategy<Value = Entry> {
    let tool =
        prop::sample::select(vec!["check_availability", "hold_slot", "confirm_booking", "clinic_facts", "weather"]);
    prop_oneof![
        (message(), 0i64..400_000)
            .prop_map(|(text, minutes)| Entry::Patient { text, at: now() + TimeDelta::minutes(minutes) }),
        message().prop_map(|text| Entry::Receptionist { text }),
        Just(Entry::Receptionist { text: "What name, email and phone number should I book it under?".into() }),
        Just(Entry::Receptionist {
            text: "¿Qué nombre, correo electrónico y teléfono pongo en la reserva?".into()
        }),
        (tool, output()).prop_map(|(name, output)| Entry::Tool {
            call: ToolCall { name: name.into(), arguments: json!({"slot": "s1"}) },
            output
        }),
    ]
}

/// The clinic as it speaks one language or the other before its patients do.
fn clinic() -> impl Strategy<Value = ClinicFacts> {
    prop::sample::select(Language::ALL.to_vec()).prop_map(|language| ClinicFacts { language, ..bloom() })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn any_transcript_has_a_next_step(facts in clinic(), transcript in prop::collection::vec(entry(), 0..12)) {
        let step = next(&facts, &transcript);
        prop_assert_eq!(step, next(&facts, &transcript));
    }

    #[test]
    fn every_turn_ends_without_repeating_a_call(facts in clinic(), turns in prop::collection::vec((message(), prop::collection::vec(output(), 8)), 1..8)) {
        let mut transcript = Vec::new();
        for (text, outputs) in turns {
            transcript.push(Entry::Patient { text, at: now() });
            let mut made: Vec<ToolCall> = Vec::new();
            for output in outputs {
                match next(&facts, &transcript) {
                    Step::Say(text) => {
                        prop_assert!(!text.trim().is_empty());
                        transcript.push(Entry::Receptionist { text });
                        break;
                    }
                    Step::Call(call) => {
                        prop_assert!(!made.contains(&call) && made.len() < 6, "{:?} then {:?}", made, call);
                        made.push(call.clone());
                        transcript.push(Entry::Tool { call, output });
                    }
                }
            }
            let ended = matches!(transcript.last(), Some(Entry::Receptionist { .. }));
            prop_assert!(ended);
        }
    }
}
