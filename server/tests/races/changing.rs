//! Visits that are moved or called off while others want the same.

use crate::at_once::at_once;
use crate::caller::code;
use crate::desks::{Desks, places};

const MOVING_IN: usize = 100;
const CALLING_OFF: usize = 100;
const CHANGING_PLACES: usize = 60;

#[test]
fn a_time_goes_to_whoever_moves_there_or_whoever_books_it_and_never_to_both() {
    let desks = Desks::open("");
    let patients = desks.patients(4, &["visit"], 3);
    for (round, free) in places(&patients[0], "visit").chunks(3).take(MOVING_IN).enumerate() {
        let wanted = free[2];
        // Two have a visit to move there.
        let visits = [0, 1].map(|n| patients[n].book("visit", free[n]).unwrap());
        // Every other time the booking has a hold to begin with, and wins.
        let has_hold = round.is_multiple_of(2).then(|| patients[2].hold("visit", wanted));
        let answers = at_once(&patients, |n, patient| match (n, &has_hold) {
            (0 | 1, _) => patient.reschedule(&visits[n], "visit", wanted),
            (2, Some(hold)) => patient.confirm(hold.json()["hold_id"].as_str().unwrap()),
            _ => patient.try_to_book("visit", wanted),
        });
        let won: Vec<_> = (0..patients.len()).filter(|n| matches!(answers[*n].status, 200 | 201)).collect();
        let lost = answers.iter().filter(|answer| code(answer) == "slot_taken").count();
        assert_eq!((won.len(), lost), (1, patients.len() - 1), "round {round}: {answers:?}");
        assert!(has_hold.is_none() || won == [2], "round {round}: who held it did not get it: {answers:?}");
    }
    desks.close();
}

#[test]
fn a_visit_that_is_called_off_while_it_moves_ends_cancelled_once_and_keeps_no_time() {
    let desks = Desks::open("");
    let patient = desks.patients(1, &["visit"], 3).remove(0);
    for (round, free) in places(&patient, "visit").chunks(3).take(CALLING_OFF).enumerate() {
        let visit = patient.book("visit", free[0]).unwrap();
        let [moved_here, moved_there, cancelled, again] = at_once(&[0, 1, 2, 3], |_, n| match n {
            2 | 3 => patient.at(n % 2).cancel(&visit),
            _ => patient.at(n % 2).reschedule(&visit, "visit", free[1 + n]),
        })
        .try_into()
        .unwrap();
        let mut codes = [&cancelled, &again].map(|answer| (answer.status, code(answer)));
        codes.sort();
        assert_eq!(codes, [(200, String::new()), (409, "already_cancelled".into())], "round {round}");
        for answer in [moved_here, moved_there] {
            assert!(answer.status == 200 || code(&answer) == "already_cancelled", "round {round}: {answer:?}");
        }
    }
    desks.close();
}

#[test]
fn two_visits_that_want_each_others_time_stay_where_they_are() {
    let desks = Desks::open("");
    let patients = desks.patients(2, &["visit"], 2);
    for (round, pair) in places(&patients[0], "visit").chunks(2).take(CHANGING_PLACES).enumerate() {
        let visits: Vec<_> = (0..2).map(|n| patients[n].book("visit", pair[n]).unwrap()).collect();
        let answers = at_once(&patients, |n, patient| patient.reschedule(&visits[n], "visit", pair[1 - n]));
        assert!(answers.iter().all(|answer| code(answer) == "slot_taken"), "round {round}: {answers:?}");
    }
    desks.close();
}
