//! Many patients, one practitioner's time.

use crate::at_once::at_once;
use crate::caller::{Caller, Place, code, text};
use crate::desks::{Desks, places};

const ONE_SLOT: usize = 150;
const OVERLAPPING: usize = 120;
const CHOOSING: usize = 60;
const LOOKING: usize = 60;
const RUN_OUT: usize = 60;

#[test]
fn of_many_who_want_one_slot_at_two_servers_exactly_one_gets_it() {
    let desks = Desks::open("");
    let patients = desks.patients(6, &["visit"], 2);
    for (round, place) in places(&patients[0], "visit").into_iter().take(ONE_SLOT).enumerate() {
        let outcomes = at_once(&patients, |_, patient| patient.book("visit", place));
        let lost: Vec<_> = outcomes.iter().filter_map(|outcome| outcome.as_ref().err()).collect();
        assert_eq!(lost.len(), patients.len() - 1, "round {round}: {outcomes:?}");
        assert!(lost.iter().all(|answer| code(answer) == "slot_taken"), "round {round}: {lost:?}");
    }
    desks.close();
}

#[test]
fn visits_of_any_length_that_start_at_any_time_never_overlap_and_nobody_is_refused_a_free_time() {
    let desks = Desks::open("");
    let patients = desks.patients(6, &["short", "long"], 4);
    let windows = windows(&patients[0]);
    for (round, window) in windows.iter().take(OVERLAPPING).enumerate() {
        let wanted: Vec<_> = (0..patients.len()).map(|n| window.choice(round, n)).collect();
        let outcomes = at_once(&wanted, |n, (kind, place)| patients[n].book(kind, *place));
        let (won, lost): (Vec<_>, Vec<_>) = wanted.iter().zip(&outcomes).partition(|(_, outcome)| outcome.is_ok());
        for ((_, place), outcome) in &lost {
            assert_eq!(outcome.as_ref().map_err(code).unwrap_err(), "slot_taken", "round {round}");
            let somebody_has_it = won.iter().any(|((_, other), _)| other.overlaps(place));
            assert!(somebody_has_it, "round {round}: {place:?} is free: {won:?}");
        }
        for (n, ((_, place), _)) in won.iter().enumerate() {
            assert!(won[..n].iter().all(|((_, other), _)| !other.overlaps(place)), "round {round}: {won:?}");
        }
    }
    desks.close();
}

#[test]
fn a_session_that_chooses_two_times_at_once_keeps_one() {
    let desks = Desks::open("");
    let patients = desks.patients(1, &["visit"], 2);
    let places = places(&patients[0], "visit");
    for (round, pair) in places.chunks(2).take(CHOOSING).enumerate() {
        let chosen = [(patients[0].at(0), pair[0]), (patients[0].at(1), pair[1])];
        let answers = at_once(&chosen, |_, (patient, place)| patient.hold("visit", *place));
        assert!(answers.iter().all(|answer| answer.status == 201), "round {round}: {answers:?}");
        let released = answers.iter().map(|answer| patients[0].release(&text(&answer.json()["hold_id"])).status);
        let mut released: Vec<_> = released.collect();
        released.sort_unstable();
        assert_eq!(released, [204, 404], "round {round}: it kept both");
    }
    desks.close();
}

#[test]
fn what_one_server_sold_or_freed_the_other_knows_at_once() {
    let desks = Desks::open("");
    let patients = desks.patients(2, &["visit"], 2);
    let is_offered = |place| [0, 1].map(|server| patients[1].at(server).is_offered("visit", place));
    for (round, place) in places(&patients[0], "visit").into_iter().take(LOOKING).enumerate() {
        // Both look while it is being booked, and may not remember that after.
        let booked = at_once(&[0, 1, 0, 1], |n, server| match n {
            0 => patients[0].book("visit", place).ok(),
            _ => {
                patients[1].at(*server).is_offered("visit", place);
                None
            }
        });
        assert_eq!(is_offered(place), [false; 2], "round {round}");
        let visit = booked[0].as_ref().unwrap();
        at_once(&[0, 1, 0, 1], |n, server| match n {
            0 => patients[0].at(1).cancel(visit).status == 200,
            _ => patients[1].at(*server).is_offered("visit", place),
        });
        assert_eq!(is_offered(place), [true; 2], "round {round}");
    }
    desks.close();
}

#[test]
fn a_time_whose_hold_ran_out_goes_to_one_of_those_who_want_it() {
    let desks = Desks::open("");
    let patients = desks.patients(5, &["visit"], 2);
    for (round, place) in places(&patients[0], "visit").into_iter().take(RUN_OUT).enumerate() {
        let hold = text(&patients[0].hold("visit", place).json()["hold_id"]);
        desks.book().run("update holds set expires_at = now() - interval '1 second'");
        let answers = at_once(&patients, |n, patient| match n {
            0 => patient.confirm(&hold),
            _ => patient.try_to_book("visit", place),
        });
        assert_eq!(code(&answers[0]), "hold_expired", "round {round}: {answers:?}");
        let sold = answers[1..].iter().filter(|answer| answer.status == 201).count();
        let lost = answers[1..].iter().filter(|answer| code(answer) == "slot_taken").count();
        assert_eq!((sold, lost), (1, patients.len() - 2), "round {round}: {answers:?}");
        assert_eq!(patients[0].release(&hold).status, 404, "round {round}");
    }
    desks.close();
}

/// Three hours of one practitioner's day.
struct Window {
    short: Vec<Place>,
    long: Vec<Place>,
}

/// The windows of all practitioners, none of which overlap.
fn windows(patient: &Caller) -> Vec<Window> {
    const HOURS: i64 = 3;
    let (short, long) = (places(patient, "short"), places(patient, "long"));
    let opening = short[0].starts_at;
    let starts = short.iter().filter(|place| (place.starts_at - opening).num_minutes() % (HOURS * 60) == 0);
    let within = |start: &Place, kind: &[Place]| {
        let end = start.starts_at + chrono::Duration::hours(HOURS);
        let inside = |place: &&Place| {
            place.practitioner == start.practitioner && place.starts_at >= start.starts_at && place.ends_at <= end
        };
        kind.iter().filter(inside).copied().collect()
    };
    starts.map(|start| Window { short: within(start, &short), long: within(start, &long) }).collect()
}

impl Window {
    /// What the `n`th patient wants in this round: every third a long visit.
    fn choice(&self, round: usize, n: usize) -> (&'static str, Place) {
        let (kind, of) = if n.is_multiple_of(3) { ("long", &self.long) } else { ("short", &self.short) };
        (kind, of[(round * 5 + n * 3) % of.len()])
    }
}
