//! The last seats of a group.

use crate::at_once::at_once;
use crate::caller::code;
use crate::desks::{Desks, places};

const ROUNDS: usize = 60;
const SEATS: usize = 3;

#[test]
fn a_group_sells_every_seat_and_not_one_more() {
    let desks = Desks::open("update appointment_types set capacity = 3 where slug = 'visit'");
    let patients = desks.patients(6, &["visit"], 2);
    for (round, place) in places(&patients[0], "visit").into_iter().take(ROUNDS).enumerate() {
        let outcomes = at_once(&patients, |_, patient| patient.book("visit", place));
        let lost: Vec<_> = outcomes.iter().filter_map(|outcome| outcome.as_ref().err()).collect();
        assert_eq!(lost.len(), patients.len() - SEATS, "round {round}: {outcomes:?}");
        assert!(lost.iter().all(|answer| code(answer) == "slot_taken"), "round {round}: {lost:?}");
    }
    desks.close();
}

#[test]
fn the_last_seat_goes_to_one_of_those_who_move_there_or_book_it() {
    let desks = Desks::open("update appointment_types set capacity = 2 where slug = 'visit'");
    let patients = desks.patients(5, &["visit"], 4);
    for (round, free) in places(&patients[0], "visit").chunks(2).take(ROUNDS).enumerate() {
        patients[0].book("visit", free[0]).unwrap();
        let visits = [1, 2].map(|n| patients[n].book("visit", free[1]).unwrap());
        let answers = at_once(&patients[1..], |n, patient| match visits.get(n) {
            Some(visit) => patient.reschedule(visit, "visit", free[0]),
            None => patient.try_to_book("visit", free[0]),
        });
        let lost = answers.iter().filter(|answer| code(answer) == "slot_taken").count();
        assert_eq!(lost, answers.len() - 1, "round {round}: {answers:?}");
    }
    desks.close();
}

#[test]
fn a_seat_given_up_while_others_want_it_is_sold_again_once() {
    let desks = Desks::open("update appointment_types set capacity = 2 where slug = 'visit'");
    let patients = desks.patients(5, &["visit"], 2);
    for (round, place) in places(&patients[0], "visit").into_iter().take(ROUNDS).enumerate() {
        let first = patients[0].book("visit", place).unwrap();
        patients[1].book("visit", place).unwrap();
        let outcomes = at_once(&patients[1..], |n, patient| match n {
            0 => Err(patients[0].cancel(&first)),
            _ => patient.book("visit", place),
        });
        let given_up = outcomes[0].as_ref().map_err(|answer| answer.status).unwrap_err();
        assert_eq!(given_up, 200, "round {round}: {outcomes:?}");
        // Who came before the seat was given up may have been refused; then it
        // is there for whoever comes after, and else for nobody.
        let sold = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
        let after = usize::from(patients[1].book("visit", place).is_ok());
        assert_eq!(sold + after, 1, "round {round}: {sold} in the race, {after} after it: {outcomes:?}");
    }
    desks.close();
}
