//! Staff close a time while patients book it, move there or leave it.

use serde_json::{Value, json};

use crate::at_once::at_once;
use crate::caller::{Caller, Place, code};
use crate::desks::{Desks, places};
use crate::http::Answer;

const NO_HOLD: &str = "00000000-0000-4000-8000-000000000000";
const CLOSING: usize = 40;
const LEAVING: usize = 40;

#[test]
fn a_time_closed_while_it_is_booked_is_either_sold_or_closed() {
    let desks = Desks::open("");
    let mut callers = desks.patients(3, &["visit"], 2);
    let times = places(&callers[0], "visit");
    callers.push(desks.staff());
    for (round, place) in times.into_iter().take(CLOSING).enumerate() {
        let answers = at_once(&callers, |n, caller| match n {
            3 => close(caller, place, &json!({})),
            _ => caller.try_to_book("visit", place),
        });
        let sold = answers[..3].iter().filter(|answer| answer.status == 201).count();
        assert_eq!(
            (answers[3].status, sold),
            if sold == 0 { (200, 0) } else { (422, 1) },
            "round {round}: {answers:?}"
        );
        for answer in answers[..3].iter().filter(|answer| answer.status != 201) {
            assert!(["slot_taken", "hold_expired"].contains(&code(answer).as_str()), "round {round}: {answer:?}");
        }
    }
    assert_eq!(callers[3].stranded(), 0);
    // Whose hold the closing ended is told so, and lets go of it.
    callers[..3].iter().for_each(|patient| drop(patient.release(NO_HOLD)));
    desks.close();
}

#[test]
fn a_visit_that_leaves_a_time_while_staff_close_it_waits_for_them_and_they_for_nobody() {
    let desks = Desks::open("");
    let mut callers = desks.patients(1, &["visit"], 3);
    let times = places(&callers[0], "visit");
    callers.push(desks.staff().at(1));
    for (round, free) in times.chunks(2).take(LEAVING).enumerate() {
        let visit = callers[0].book("visit", free[0]).unwrap();
        let plan = json!({ visit.id.clone(): { "action": "keep" } });
        let answers = at_once(&callers, |n, caller| match (n, round % 2) {
            (1, _) => close(caller, free[0], &plan),
            (_, 0) => caller.cancel(&visit),
            _ => caller.reschedule(&visit, "visit", free[1]),
        });
        assert!(answers.iter().all(|answer| answer.status == 200), "round {round}: {answers:?}");
    }
    desks.close();
}

/// The practitioner is busy otherwise at that time.
fn close(staff: &Caller, place: Place, plan: &Value) -> Answer {
    let Place { practitioner, starts_at, ends_at } = place;
    let busy = json!({ "kind": "busy", "practitioner": practitioner, "starts_at": starts_at, "ends_at": ends_at });
    staff.change_schedule(&json!({ "change": busy, "plan": plan }))
}
