//! PostgreSQL dies in the middle of races, again and again.

use std::thread;
use std::time::Duration;

use crate::at_once::at_once;
use crate::caller::{Caller, Place, Visit, code};
use crate::desks::{Desks, places};

const ROUNDS: usize = 100;
const DEATHS: usize = 10;

#[test]
fn postgres_killed_in_the_middle_loses_no_booking_and_makes_none_twice() {
    let mut desks = Desks::open("");
    let patients: Vec<_> = desks.patients(5, &["visit"], 3).iter().map(Caller::insisting).collect();
    let places = places(&patients[0], "visit");
    for (round, place) in places.chunks(2).take(ROUNDS).enumerate() {
        let postgres = &mut desks.postgres;
        thread::scope(|scope| {
            if round % (ROUNDS / DEATHS) == 5 {
                // Later each time: while times are held, confirmed, changed.
                let delay = Duration::from_millis(9) * u32::try_from(round * DEATHS / ROUNDS).unwrap();
                scope.spawn(move || {
                    thread::sleep(delay);
                    postgres.kill();
                    postgres.restart();
                });
            }
            play(round, &patients, place);
        });
    }
    desks.close();
}

/// All want the first place; who gets it then moves to the other one, or calls
/// it off, or stays.
fn play(round: usize, patients: &[Caller], place: &[Place]) {
    let outcomes = at_once(patients, |_, patient| patient.book("visit", place[0]));
    let lost: Vec<_> = outcomes.iter().filter_map(|outcome| outcome.as_ref().err()).collect();
    assert_eq!(lost.len(), patients.len() - 1, "round {round}: {outcomes:?}");
    assert!(lost.iter().all(|answer| code(answer) == "slot_taken"), "round {round}: {lost:?}");
    for (patient, outcome) in patients.iter().zip(&outcomes) {
        if let Ok(visit) = outcome {
            change(round, patient, visit, place[1]);
        }
    }
}

fn change(round: usize, patient: &Caller, visit: &Visit, other: Place) {
    match round % 3 {
        0 => assert_eq!(patient.reschedule(visit, "visit", other).status, 200),
        1 => {
            // The first try may have been done though nobody could say so.
            let cancelled = patient.cancel(visit);
            assert!(cancelled.status == 200 || code(&cancelled) == "already_cancelled", "{cancelled:?}");
        }
        _ => {}
    }
}
