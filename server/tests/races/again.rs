//! The same thing asked twice at once, at both servers.

use std::collections::BTreeSet;

use crate::at_once::at_once;
use crate::caller::{Caller, Visit, code, text};
use crate::desks::{Desks, places};
use crate::http::Answer;

const CONFIRMING: usize = 100;
const KEYED: usize = 60;

#[test]
fn a_time_held_and_confirmed_at_both_servers_at_once_is_one_visit() {
    let desks = Desks::open("");
    let patient = desks.patients(1, &["visit"], 2).remove(0);
    for place in places(&patient, "visit").into_iter().take(CONFIRMING) {
        let held = at_once(&[0, 1, 0, 1], |_, server| patient.at(*server).hold("visit", place));
        let holds: BTreeSet<_> = held.iter().map(|answer| text(&answer.json()["hold_id"])).collect();
        assert!(held.iter().all(|answer| answer.status == 201) && holds.len() == 1, "{held:?}");
        let hold = holds.first().unwrap();
        let answers = at_once(&[0, 1, 0, 1], |_, server| patient.at(*server).confirm(hold));
        let visits: BTreeSet<_> = answers.iter().map(|answer| Visit::told(answer).id).collect();
        let mut statuses: Vec<_> = answers.iter().map(|answer| answer.status).collect();
        statuses.sort_unstable();
        assert_eq!((statuses, visits.len()), (vec![200, 200, 200, 201], 1), "{answers:?}");
    }
    desks.close();
}

#[test]
fn whatever_is_asked_twice_at_once_under_one_key_is_done_once_and_answered_alike() {
    let desks = Desks::open("");
    let patient = desks.patients(1, &["visit"], 2).remove(0);
    for (round, free) in places(&patient, "visit").chunks(2).take(KEYED).enumerate() {
        let key = |asked: &str| format!("{asked}-{round}");
        let twice = |asked: &str, ask: &(dyn Fn(&Caller) -> Answer + Sync)| {
            let answers = at_once(&[0, 1, 0, 1], |_, server| ask(&patient.at(*server).with_key(&key(asked))));
            let told = |answer: &Answer| (answer.status, answer.json());
            let alike = answers.iter().all(|answer| told(answer) == told(&answers[0]));
            assert!(alike && matches!(answers[0].status, 200 | 201), "round {round}: {answers:?}");
            answers.into_iter().next().unwrap()
        };
        let hold = text(&twice("hold", &|patient| patient.hold("visit", free[0])).json()["hold_id"]);
        let visit = Visit::told(&twice("confirm", &|patient| patient.confirm(&hold)));
        twice("reschedule", &|patient| patient.reschedule(&visit, "visit", free[1]));
        twice("cancel", &|patient| patient.cancel(&visit));
        let another = patient.with_key(&key("cancel")).reschedule(&visit, "visit", free[0]);
        assert_eq!(code(&another), "idempotency_conflict", "{another:?}");
    }
    desks.close();
}
