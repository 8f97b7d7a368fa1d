//! What keeps the book right, taken away: then the races are lost, and seen to
//! be.

use crate::at_once::at_once;
use crate::desks::{Desks, places};
use crate::rooms;

#[test]
fn without_the_constraint_visits_overlap_and_the_checker_says_so() {
    let desks = Desks::open("alter table occupancies drop constraint occupancies_no_overlap");
    let patients = desks.patients(4, &["visit"], 1);
    let mut sold = 0;
    for place in places(&patients[0], "visit").into_iter().take(10) {
        sold += at_once(&patients, |_, patient| patient.book("visit", place)).iter().filter(|one| one.is_ok()).count();
    }
    let violations = desks.violations();
    assert!(sold > 10, "{sold} of 10 places sold");
    assert!(violations.iter().any(|line| line.starts_with("overlap")), "{violations:#?}");
}

#[test]
fn without_the_lock_somebody_is_refused_though_a_room_is_free() {
    let unlocked = "create or replace function lock_books(resources uuid[]) returns void language sql as ''";
    let desks = Desks::open(rooms::TWO_ROOMS);
    desks.book().run(unlocked);
    let patients = desks.patients(2, &["visit"], 2);
    let refused = rooms::rounds(&patients).filter(|outcomes| outcomes.iter().any(Result::is_err)).count();
    assert!(refused > 0, "every round found two rooms for two");
}
