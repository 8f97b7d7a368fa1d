//! Requests that staff decide on, twice or both ways at once.

use crate::at_once::at_once;
use crate::caller::{code, text};
use crate::desks::{Desks, places};
use crate::http::Answer;

const ROUNDS: usize = 80;
const ON_REQUEST: &str = "update appointment_types set web_mode = 'request', api_mode = 'request'";

#[test]
fn a_request_approved_and_declined_at_once_is_decided_once_and_keeps_its_time_until_then() {
    let desks = Desks::open(ON_REQUEST);
    let patients = desks.patients(2, &["visit"], 2);
    let staff = desks.staff();
    for (round, place) in places(&patients[0], "visit").into_iter().take(ROUNDS).enumerate() {
        let visit = patients[0].book("visit", place).unwrap();
        assert_eq!(visit.status, "pending");
        let [approved, again, declined, twice, held] = at_once(&[0, 1, 0, 1, 0], |n, server| match n {
            0 | 1 => staff.at(*server).approve(&visit),
            2 | 3 => staff.at(*server).decline(&visit),
            _ => patients[1].hold("visit", place),
        })
        .try_into()
        .unwrap();
        let told = format!("round {round}: {approved:?} {again:?} {declined:?} {twice:?} {held:?}");
        if approved.status == 200 {
            assert_eq!([&approved, &again].map(status), ["booked", "booked"], "{told}");
            assert!([&declined, &twice].iter().all(|answer| matches!(answer.status, 409 | 422)), "{told}");
            assert_eq!(code(&held), "slot_taken", "{told}");
        } else {
            assert_eq!([&approved, &again].map(code), ["already_cancelled", "already_cancelled"], "{told}");
            assert!([&declined, &twice].iter().any(|answer| status(answer) == "cancelled"), "{told}");
            assert!(held.status == 201 || code(&held) == "slot_taken", "{told}");
        }
    }
    desks.close();
}

#[test]
fn two_approvals_at_once_are_one() {
    let desks = Desks::open(ON_REQUEST);
    let patient = desks.patients(1, &["visit"], 2).remove(0);
    let staff = desks.staff();
    for place in places(&patient, "visit").into_iter().take(ROUNDS / 4) {
        let visit = patient.book("visit", place).unwrap();
        let answers = at_once(&[0, 1, 0, 1], |_, server| staff.at(*server).approve(&visit));
        assert!(answers.iter().all(|answer| status(answer) == "booked"), "{answers:?}");
    }
    desks.close();
}

fn status(answer: &Answer) -> String {
    text(&answer.json()["appointment"]["status"])
}
