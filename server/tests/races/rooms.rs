//! Practitioners who need a room, and not enough rooms.

use std::collections::BTreeMap;

use crate::at_once::at_once;
use crate::caller::{Caller, Place, Visit, code, text};
use crate::desks::{Desks, places};
use crate::http::Answer;

const ROUNDS: usize = 60;

/// One room, which every visit needs.
pub const ONE_ROOM: &str = "
    insert into rooms (clinic_id, room_id, name)
    select clinic_id, '20000000-0000-4000-8000-000000000001', 'Room 1' from clinics;
    insert into room_needs (clinic_id, appointment_type_id, need, room_id)
    select clinic_id, appointment_type_id, 1, room_id from appointment_types join rooms using (clinic_id)";

/// Two, either of which will do.
pub const TWO_ROOMS: &str = "
    insert into rooms (clinic_id, room_id, name)
    select clinic_id, ('20000000-0000-4000-8000-00000000000' || n)::uuid, 'Room ' || n
    from clinics, generate_series(1, 2) n;
    insert into room_needs (clinic_id, appointment_type_id, need, room_id)
    select clinic_id, appointment_type_id, 1, room_id from appointment_types join rooms using (clinic_id)";

/// Two, and two machines: every visit needs one of each.
const ROOMS_AND_MACHINES: &str = "
    insert into rooms (clinic_id, room_id, name, kind)
    select clinic_id, ('20000000-0000-4000-8000-00000000000' || n)::uuid, 'Room ' || n,
           case when n <= 2 then 'room' else 'equipment' end
    from clinics, generate_series(1, 4) n;
    insert into room_needs (clinic_id, appointment_type_id, need, room_id)
    select clinic_id, appointment_type_id, case kind when 'room' then 1 else 2 end, room_id
    from appointment_types join rooms using (clinic_id)";

/// A room and a machine, which visits need in this order and long visits in
/// the other.
const EITHER_WAY_ROUND: &str = "
    insert into rooms (clinic_id, room_id, name)
    select clinic_id, ('20000000-0000-4000-8000-00000000000' || n)::uuid, 'Room ' || n
    from clinics, generate_series(1, 2) n;
    insert into room_needs (clinic_id, appointment_type_id, need, room_id)
    select clinic_id, appointment_type_id,
           case when (slug = 'visit') = (name = 'Room 1') then 1 else 2 end, room_id
    from (select clinic_id, appointment_type_id, slug from appointment_types) t join rooms using (clinic_id)";

#[test]
fn of_two_practitioners_who_need_the_one_room_at_once_one_gets_it() {
    let desks = Desks::open(ONE_ROOM);
    let patients = desks.patients(2, &["visit"], 2);
    for (round, outcomes) in rounds(&patients).enumerate() {
        let lost: Vec<_> = outcomes.iter().filter_map(|outcome| outcome.as_ref().err()).map(code).collect();
        assert_eq!(lost, ["slot_taken"], "round {round}: {outcomes:?}");
    }
    desks.close();
}

#[test]
fn two_rooms_are_enough_for_two() {
    let desks = Desks::open(TWO_ROOMS);
    let patients = desks.patients(2, &["visit"], 2);
    for (round, outcomes) in rounds(&patients).enumerate() {
        assert!(outcomes.iter().all(Result::is_ok), "round {round}: {outcomes:?}");
    }
    desks.close();
}

#[test]
fn two_rooms_are_for_two_of_four() {
    let desks = Desks::open(TWO_ROOMS);
    let patients = desks.patients(4, &["visit"], 4);
    for (round, outcomes) in rounds(&patients).enumerate() {
        let lost: Vec<_> = outcomes.iter().filter_map(|outcome| outcome.as_ref().err()).map(code).collect();
        assert_eq!(lost, ["slot_taken"; 2], "round {round}: {outcomes:?}");
    }
    desks.close();
}

#[test]
fn what_a_hold_kept_is_free_for_others_as_soon_as_it_is_let_go() {
    let desks = Desks::open(ROOMS_AND_MACHINES);
    let patients = desks.patients(4, &["visit"], 3);
    for (round, same_time) in times(&patients[0]).take(ROUNDS).enumerate() {
        // Two places are there, the first patient has one.
        let hold = text(&patients[0].hold("visit", same_time[0]).json()["hold_id"]);
        let outcomes = at_once(&patients, |n, patient| match n {
            0 => Err(patient.release(&hold)),
            _ => patient.book("visit", same_time[n]),
        });
        assert_eq!(outcomes[0].as_ref().map_err(|answer| answer.status).unwrap_err(), 204, "round {round}");
        let sold = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
        assert!(matches!(sold, 1 | 2), "round {round}: {outcomes:?}");
        let lost = outcomes[1..].iter().filter_map(|outcome| outcome.as_ref().err()).map(code);
        assert!(lost.into_iter().all(|code| code == "slot_taken"), "round {round}: {outcomes:?}");
    }
    desks.close();
}

#[test]
fn weekly_visits_in_two_rooms_are_booked_side_by_side() {
    let desks = Desks::open(TWO_ROOMS);
    let patients = desks.patients(2, &["visit"], 2);
    for (round, same_time) in times(&patients[0]).take(ROUNDS).enumerate() {
        let holds = [0, 1].map(|n| text(&patients[n].hold("visit", same_time[n]).json()["hold_id"]));
        let answers = at_once(&patients, |n, patient| patient.confirm_weekly(&holds[n]));
        assert!(answers.iter().all(|answer| answer.status == 201), "round {round}: {answers:?}");
    }
    desks.close();
}

#[test]
fn holds_are_taken_and_let_go_at_once_without_waiting_in_a_circle() {
    let desks = Desks::open(EITHER_WAY_ROUND);
    let patients = desks.patients(6, &["visit", "long"], 3);
    let (visits, longs) = (places(&patients[0], "visit"), places(&patients[0], "long"));
    let hold_of = |answer: &Answer| text(&answer.json()["hold_id"]);
    for round in 0..ROUNDS {
        // All at different times, so that only the books are in anyone's way.
        let held = [0, 1, 2].map(|n| hold_of(&patients[n].hold("visit", visits[12 * (round % 26) + 4 * n + n])));
        let answers = at_once(&patients, |n, patient| match held.get(n) {
            Some(hold) => patient.release(hold),
            None => patient.hold("long", longs[longs.len() - 29 * n]),
        });
        let statuses: Vec<_> = answers.iter().map(|answer| answer.status).collect();
        assert_eq!(statuses, [204, 204, 204, 201, 201, 201], "round {round}: {answers:?}");
        for (patient, answer) in patients.iter().zip(&answers).skip(held.len()) {
            assert_eq!(patient.release(&hold_of(answer)).status, 204, "round {round}");
        }
    }
    desks.close();
}

/// Every patient books the same time, each with a practitioner of their own.
pub fn rounds(patients: &[Caller]) -> impl Iterator<Item = Vec<Result<Visit, Answer>>> {
    times(&patients[0])
        .take(ROUNDS)
        .map(|same_time| at_once(patients, |n, patient| patient.book("visit", same_time[n])))
}

/// Places at the same time, time after time.
fn times(patient: &Caller) -> impl Iterator<Item = Vec<Place>> {
    let mut times: BTreeMap<_, Vec<Place>> = BTreeMap::new();
    for place in places(patient, "visit") {
        times.entry(place.starts_at).or_default().push(place);
    }
    times.into_values()
}
