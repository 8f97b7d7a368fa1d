//! The checker is worth something: it names whatever is wrong with a book.

use crate::desks::{Desks, places};

/// Has what keeps time do so where and when the one hold does.
const ALL_AT_THE_HOLD: &str = "
    alter table occupancies drop constraint occupancies_no_overlap;
    update occupancies o set during = h.during, practitioner_id = h.practitioner_id
    from occupancies h where h.hold_id is not null";

/// What may befall a book of one visit that was moved, one that was cancelled,
/// and a hold; and the checker's word for it.
const DAMAGE: [(&str, &[&str]); 23] = [
    ("overlap", &[ALL_AT_THE_HOLD]),
    (
        "oversold",
        &[
            ALL_AT_THE_HOLD,
            "update occupancies
             set session_id = clinic_id, seats = 2, seat = case when hold_id is null then 1 else 2 end",
        ],
    ),
    (
        "stray",
        &["insert into occupancies (clinic_id, occupancy_id, practitioner_id, during, appointment_id)
           select clinic_id, gen_random_uuid(), practitioner_id, tstzrange(starts_at, ends_at), appointment_id
           from appointments where status = 'cancelled'"],
    ),
    ("time", &["delete from occupancies where appointment_id is not null"]),
    ("time", &["delete from occupancies where hold_id is not null"]),
    ("time", &["update occupancies set during = tstzrange(lower(during), upper(during) - interval '1 min')"]),
    (
        "time",
        &["update appointments
           set practitioner_id = (select practitioner_id from practitioners order by position desc limit 1)"],
    ),
    ("rooms", &[NEEDS_A_ROOM]),
    ("need", &[NEEDS_A_ROOM, IN_ANOTHER_ROOM]),
    ("twice", &["update appointments set hold_id = (select hold_id from holds) where status = 'cancelled'"]),
    ("events", &["delete from events where kind = 'BookingCreated'"]),
    ("events", &["delete from events where kind = 'BookingCancelled'"]),
    ("event", &["update events set appointment_id = null"]),
    ("hold", &[ENDED_HOLD]),
    ("hold", &[ENDED_HOLD, ENDED_HOLD, "delete from holds"]),
    (
        "hold",
        &[
            ENDED_HOLD,
            "update events e set payload = jsonb_build_object('hold_id', a.hold_id)
             from appointments a where e.kind = 'HoldExpired' and a.status = 'booked'",
        ],
    ),
    (
        "moves",
        &["update events set payload = jsonb_set(payload, '{to,starts_at}', '\"2020-01-01T00:00:00Z\"')
           where kind = 'BookingRescheduled'"],
    ),
    ("elsewhere", &["update appointments set starts_at = starts_at + interval '1 min'"]),
    ("cancelled", &["update appointments set status = 'cancelled', cancelled_at = now()"]),
    ("cancelled", &["update appointments set status = 'booked', cancelled_at = null"]),
    ("lost", &["delete from holds; delete from appointments"]),
    ("untold", &["update appointments set hold_id = gen_random_uuid()"]),
    (
        "choosy",
        &["insert into holds
                  (clinic_id, hold_id, practitioner_id, appointment_type_id, starts_at, ends_at, owner, expires_at)
           select clinic_id, gen_random_uuid(), practitioner_id, appointment_type_id, starts_at, ends_at, owner, expires_at
           from holds"],
    ),
];

/// Says that the one hold ended.
const ENDED_HOLD: &str = "
    insert into events (clinic_id, event_id, kind, actor, channel, payload, created_at)
    select clinic_id, gen_random_uuid(), 'HoldExpired', 'job', 'job', jsonb_build_object('hold_id', hold_id), now()
    from holds";

const NEEDS_A_ROOM: &str = "
    insert into rooms (clinic_id, room_id, name) select clinic_id, clinic_id, 'Room 1' from clinics;
    insert into room_needs (clinic_id, appointment_type_id, need, room_id)
    select clinic_id, appointment_type_id, 1, room_id from rooms join appointment_types using (clinic_id)";

const IN_ANOTHER_ROOM: &str = "
    insert into rooms (clinic_id, room_id, name) select clinic_id, gen_random_uuid(), 'Room 2' from clinics;
    insert into occupancies (clinic_id, occupancy_id, room_id, during, hold_id, appointment_id)
    select o.clinic_id, gen_random_uuid(), r.room_id, o.during, o.hold_id, o.appointment_id
    from occupancies o join rooms r using (clinic_id) where r.name = 'Room 2'";

#[test]
fn whatever_befalls_the_book_the_checker_names() {
    let desks = Desks::open("");
    let patients = desks.patients(3, &["visit"], 1);
    let places = places(&patients[0], "visit");
    let [moved, cancelled] = [0, 1].map(|n| patients[n].book("visit", places[n]).unwrap());
    assert_eq!(patients[0].reschedule(&moved, "visit", places[2]).status, 200);
    assert_eq!(patients[1].cancel(&cancelled).status, 200);
    assert_eq!(patients[2].hold("visit", places[7]).status, 201);
    assert_eq!(desks.violations(), Vec::<String>::new());

    for (name, damage) in DAMAGE {
        let mut book = desks.book();
        book.run("begin");
        damage.iter().for_each(|part| book.run(part));
        let violations = desks.violations_in(&mut book);
        assert!(violations.iter().any(|line| line.split(':').next() == Some(name)), "{name}: {violations:#?}");
    }
    desks.close();
}
