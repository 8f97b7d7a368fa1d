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
