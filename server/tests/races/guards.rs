//! What keeps the book right, taken away: then the races are lost, and seen to
//! be.

use crate::at_once::at_once;
use crate::desks::{Desks, places};
use crate::rooms;

const ROUNDS: usize = 30;

const NO_CONSTRAINT: &str = "alter table occupancies drop constraint occupancies_no_overlap";
const NO_LOCK: &str = "create or replace function lock_books(resources uuid[]) returns void language sql as ''";

/// Whoever writes in a book takes a while over it, so that those who come at
/// once have all read it before one has written.
const SLOWLY: &str = "
    create function pause() returns trigger language plpgsql as
        'begin perform pg_sleep(0.04); return new; end';
    create trigger pause before insert on occupancies for each row execute function pause()";

#[test]
fn without_the_constraint_and_the_lock_visits_overlap_and_the_checker_says_so() {
    let desks = Desks::open(NO_CONSTRAINT);
    desks.book().run(NO_LOCK);
    desks.book().run(SLOWLY);
    let sold = sell(&desks);
    let violations = desks.violations();
    let overlaps = violations.iter().filter(|line| line.starts_with("overlap")).count();
    assert!(sold > ROUNDS && overlaps > 0, "{sold} visits in {ROUNDS} places: {violations:#?}");
}

#[test]
fn without_the_lock_the_constraint_sells_no_time_twice() {
    let desks = Desks::open(NO_LOCK);
    assert_eq!(sell(&desks), ROUNDS);
    assert_eq!(desks.violations(), Vec::<String>::new());
}

#[test]
fn without_the_constraint_the_lock_sells_no_time_twice() {
    let desks = Desks::open(NO_CONSTRAINT);
    desks.book().run(SLOWLY);
    assert_eq!(sell(&desks), ROUNDS);
    desks.close();
}

#[test]
fn without_the_lock_somebody_is_refused_though_a_room_is_free() {
    let desks = Desks::open(rooms::TWO_ROOMS);
    desks.book().run(NO_LOCK);
    desks.book().run(SLOWLY);
    let patients = desks.patients(2, &["visit"], 2);
    let refused = rooms::rounds(&patients).filter(|outcomes| outcomes.iter().any(Result::is_err)).count();
    assert!(refused > 0, "every round found two rooms for two");
}

/// How many visits are sold when four want each of many places.
fn sell(desks: &Desks) -> usize {
    let patients = desks.patients(4, &["visit"], 1);
    let places = places(&patients[0], "visit").into_iter().take(ROUNDS);
    places
        .map(|place| {
            let outcomes = at_once(&patients, |_, patient| patient.book("visit", place));
            outcomes.iter().filter(|outcome| outcome.is_ok()).count()
        })
        .sum()
}
