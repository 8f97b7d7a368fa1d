//! Changing the schedule under booked visits.

use std::collections::HashMap;

use domain::explain::Reason;
use domain::id::AppointmentId;
use serde_json::json;

use super::*;
use crate::booking::changes::{Changed, Plan, ScheduleChange, change, preview};
use crate::booking::stranding::{Decision, Stranded, undecided};

impl Desk {
    async fn preview(&self, wanted: serde_json::Value) -> Vec<Stranded> {
        let wanted: ScheduleChange = serde_json::from_value(wanted).unwrap();
        preview(&mut self.world.tx().await, self.world.now(), &wanted).await.unwrap()
    }

    async fn change(&self, wanted: serde_json::Value, plan: Plan) -> Result<Changed> {
        let wanted: ScheduleChange = serde_json::from_value(wanted).unwrap();
        let now = self.world.now();
        let changer = Changer::member(domain::id::MemberId::new());
        self.world
            .db
            .transaction(self.world.clinic, move |tx| {
                let (wanted, plan) = (wanted.clone(), plan.clone());
                Box::pin(async move { change(tx, now, &wanted, &plan, changer).await })
            })
            .await
    }

    async fn visit(&self, id: AppointmentId) -> domain::appointment::Appointment {
        super::super::appointments::by_id(&mut self.world.tx().await, id).await.unwrap().unwrap()
    }
}

fn leave(desk: &Desk, from: &str, to: &str) -> serde_json::Value {
    json!({ "kind": "time_off", "practitioner": desk.lin, "from": from, "to": to })
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_preview_names_whom_a_change_strands_and_changes_nothing(pool: PgPool) {
    let desk = desk(pool).await;
    let id = desk.booked(TWO_PM).await;
    desk.booked("2026-11-30T19:00:00Z").await;

    let stranded = desk.preview(leave(&desk, "2026-11-23", "2026-11-25")).await;

    assert_eq!(stranded.len(), 1);
    assert_eq!((stranded[0].appointment.id, stranded[0].reasons.as_slice()), (id, &[Reason::Leave][..]));
    let first = &stranded[0].suggestions[0];
    assert_eq!(first.claim.starts_at, at("2026-11-26T19:00:00Z"), "the same time on the next day there is one");
    assert!(desk.free("2026-11-24", "2026-11-24").await.len() > 5, "nothing was changed");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn nobody_is_stranded_silently(pool: PgPool) {
    let desk = desk(pool).await;
    let id = desk.booked(TWO_PM).await;

    let refused = desk.change(leave(&desk, "2026-11-23", "2026-11-25"), Plan::new()).await.unwrap_err();

    let crate::Error::Rejected(rejection) = refused else { panic!("{refused:?}") };
    assert_eq!(rejection.code, RejectionCode::Invalid);
    assert_eq!(rejection.errors[0].field, format!("plan.{id}"));
    assert!(!desk.free("2026-11-24", "2026-11-24").await.is_empty(), "all or nothing");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn each_stranded_visit_is_kept_moved_or_asked_about(pool: PgPool) {
    let desk = desk(pool).await;
    let kept = desk.booked(TWO_PM).await;
    let moved = desk.booked("2026-11-24T20:00:00Z").await;
    let asked = desk.booked("2026-11-24T21:00:00Z").await;
    let plan: Plan = HashMap::from([
        (kept, Decision::Keep),
        (moved, Decision::Move { practitioner: desk.lin, starts_at: at("2026-11-27T15:00:00Z") }),
        (asked, Decision::Ask { message: Some("Mia is away.".into()) }),
    ]);

    let changed = desk.change(leave(&desk, "2026-11-23", "2026-11-25"), plan).await.unwrap();

    assert_eq!((changed.kept, changed.moved, changed.asked), (1, 1, 1));
    assert_eq!(desk.visit(kept).await.starts_at, at(TWO_PM));
    assert_eq!(desk.visit(moved).await.starts_at, at("2026-11-27T15:00:00Z"));
    assert!(desk.free("2026-11-24", "2026-11-24").await.is_empty());
    let kinds = desk.kinds().await;
    for kind in ["BookingKept", "BookingRescheduled", "BookingAsked"] {
        assert!(kinds.iter().any(|known| known == kind), "{kind}: {kinds:?}");
    }
    let tasks = crate::tasks::list(&mut desk.world.tx().await, None, 10).await.unwrap();
    assert_eq!(
        tasks.iter().map(|task| (task.kind.as_str(), task.appointment_id)).collect::<Vec<_>>(),
        [("stranded", Some(asked))]
    );
    let left = undecided(&mut desk.world.tx().await, desk.world.now()).await.unwrap();
    assert!(left.is_empty(), "{left:?}");

    // Who was asked may choose again even after the cut-off, which ends the task.
    desk.set_type("cutoff_minutes", 40_000).await;
    let patient = Changer::patient(Channel::Web, None);
    desk.reschedule(asked, "2026-11-27T20:00:00Z", patient).await.unwrap();
    assert!(crate::tasks::list(&mut desk.world.tx().await, None, 10).await.unwrap().is_empty());
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_visit_that_cannot_move_undoes_the_whole_change(pool: PgPool) {
    let desk = desk(pool).await;
    let (id, other) = (desk.booked(TWO_PM).await, desk.booked("2026-11-27T15:00:00Z").await);
    let taken = desk.visit(other).await.starts_at;
    let plan: Plan = HashMap::from([(id, Decision::Move { practitioner: desk.lin, starts_at: taken })]);

    assert_eq!(code(desk.change(leave(&desk, "2026-11-23", "2026-11-25"), plan).await), Some(RejectionCode::SlotTaken));
    assert_eq!(desk.count("time_off").await, 0);
    assert_eq!(desk.visit(id).await.starts_at, at(TWO_PM));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn hours_a_type_and_a_practitioner_can_each_strand(pool: PgPool) {
    let desk = desk(pool).await;
    let id = desk.booked(TWO_PM).await;
    let mornings: Vec<_> =
        (1..=7).map(|weekday| json!({ "weekday": weekday, "from": "08:00", "to": "12:00" })).collect();
    for (wanted, reason) in [
        (json!({ "kind": "hours", "hours": mornings }), Reason::Closed),
        (json!({ "kind": "hours", "practitioner": desk.lin, "hours": mornings }), Reason::Closed),
        (json!({ "kind": "appointment_type", "id": desk.haircut, "fields": { "active": false } }), Reason::NotOffered),
        (json!({ "kind": "practitioner", "id": desk.lin, "fields": { "offers": [] } }), Reason::NotOffered),
        (json!({ "kind": "practitioner", "id": desk.lin, "fields": { "active": false } }), Reason::NotOffered),
        (json!({ "kind": "exception", "date": "2026-11-24" }), Reason::Closed),
        (
            json!({ "kind": "exception", "practitioner": desk.lin, "date": "2026-11-24", "hours": [{ "from": "09:00", "to": "10:00" }] }),
            Reason::Exception,
        ),
        (
            json!({ "kind": "busy", "practitioner": desk.lin, "starts_at": TWO_PM, "ends_at": "2026-11-24T19:10:00Z" }),
            Reason::ExternalBusy,
        ),
    ] {
        let stranded = desk.preview(wanted.clone()).await;
        assert_eq!(stranded.len(), 1, "{wanted}");
        assert_eq!((stranded[0].appointment.id, stranded[0].reasons.as_slice()), (id, &[reason][..]), "{wanted}");
    }
    let longer = json!({ "kind": "appointment_type", "id": desk.haircut, "fields": { "minutes": 60, "buffer_after_minutes": 15 } });
    assert!(desk.preview(longer).await.is_empty(), "a booked visit keeps its length");
}

fn until_noon(weekdays: std::ops::RangeInclusive<u8>) -> Vec<serde_json::Value> {
    weekdays.map(|weekday| json!({ "weekday": weekday, "from": "09:00", "to": "12:00" })).collect()
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_visit_that_was_kept_is_asked_about_again_when_more_speaks_against_it(pool: PgPool) {
    let desk = desk(pool).await;
    let id = desk.booked(TWO_PM).await;
    let keep = || Plan::from([(id, Decision::Keep)]);
    let day = "2026-11-24";
    let room = desk.world.room("Chair 1").await;
    let kept_through = [
        (json!({ "kind": "hours", "hours": until_noon(1..=7) }), vec![Reason::Closed]),
        (leave(&desk, day, day), vec![Reason::Leave, Reason::Closed]),
        (json!({ "kind": "time_off", "from": day, "to": day }), vec![Reason::Leave, Reason::Closed]),
        (
            json!({ "kind": "busy", "practitioner": desk.lin, "starts_at": TWO_PM, "ends_at": "2026-11-24T19:10:00Z" }),
            vec![Reason::Leave, Reason::Closed, Reason::ExternalBusy],
        ),
        (
            json!({ "kind": "busy", "practitioner": desk.lin, "starts_at": "2026-11-24T19:20:00Z", "ends_at": "2026-11-24T19:30:00Z" }),
            vec![Reason::Leave, Reason::Closed, Reason::ExternalBusy],
        ),
        (
            json!({ "kind": "appointment_type", "id": desk.haircut, "fields": { "needs": [[room]] } }),
            vec![Reason::Leave, Reason::Closed, Reason::ExternalBusy, Reason::Room],
        ),
        (
            json!({ "kind": "appointment_type", "id": desk.haircut, "fields": { "active": false } }),
            vec![Reason::NotOffered, Reason::Leave, Reason::Closed, Reason::ExternalBusy, Reason::Room],
        ),
        (
            json!({ "kind": "practitioner", "id": desk.lin, "fields": { "active": false } }),
            vec![Reason::NotOffered, Reason::Leave, Reason::Closed, Reason::ExternalBusy, Reason::Room],
        ),
    ];
    for (wanted, reasons) in kept_through {
        let stranded = desk.preview(wanted.clone()).await;
        assert_eq!(
            stranded.iter().map(|visit| (visit.appointment.id, &visit.reasons)).collect::<Vec<_>>(),
            [(id, &reasons)]
        );
        assert_eq!(code(desk.change(wanted.clone(), Plan::new()).await), Some(RejectionCode::Invalid), "{wanted}");
        assert_eq!(desk.change(wanted.clone(), keep()).await.unwrap().kept, 1, "{wanted}");
        assert!(undecided(&mut desk.world.tx().await, desk.world.now()).await.unwrap().is_empty(), "{wanted}");
    }
    let kept = desk.kinds().await.iter().filter(|kind| *kind == "BookingKept").count();
    assert_eq!(kept, 8);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_visit_that_was_kept_is_not_asked_about_again_for_nothing(pool: PgPool) {
    let desk = desk(pool).await;
    let id = desk.booked(TWO_PM).await;
    desk.change(leave(&desk, "2026-11-24", "2026-11-24"), Plan::from([(id, Decision::Keep)])).await.unwrap();
    for wanted in [
        json!({ "kind": "room", "fields": { "name": "Chair 1" } }),
        json!({ "kind": "time_off", "from": "2026-12-24", "to": "2026-12-26" }),
        json!({ "kind": "practitioner", "id": desk.lin, "fields": { "name": "Mia Lin-Park" } }),
    ] {
        assert_eq!(desk.change(wanted, Plan::new()).await.unwrap().kept, 0);
    }
}

/// Behind everybody's back, as a migration or an outside calendar may.
#[sqlx::test(migrator = "MIGRATOR")]
async fn what_comes_after_a_decision_is_undecided(pool: PgPool) {
    let desk = desk(pool).await;
    let id = desk.booked(TWO_PM).await;
    desk.change(leave(&desk, "2026-11-24", "2026-11-24"), Plan::from([(id, Decision::Keep)])).await.unwrap();
    desk.world.leave(None, "2026-11-24", "2026-11-24").await;
    let left = undecided(&mut desk.world.tx().await, desk.world.now()).await.unwrap();
    assert_eq!(left.iter().map(|visit| visit.appointment.id).collect::<Vec<_>>(), [id]);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn nobody_waits_for_a_preview(pool: PgPool) {
    let desk = desk(wide(&pool).await).await;
    let wanted: ScheduleChange = serde_json::from_value(leave(&desk, "2026-11-23", "2026-11-25")).unwrap();
    let mut looking = desk.world.tx().await;
    preview(&mut looking, desk.world.now(), &wanted).await.unwrap();
    let booking = tokio::time::timeout(std::time::Duration::from_secs(20), desk.world.book(desk.claim(TWO_PM)));
    booking.await.expect("a booking while somebody looks").unwrap();
    drop(looking);
    assert_eq!(
        code(desk.change(leave(&desk, "2026-11-23", "2026-11-25"), Plan::new()).await),
        Some(RejectionCode::Invalid)
    );
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_hold_that_no_longer_fits_cannot_become_a_visit(pool: PgPool) {
    let desk = desk(pool).await;
    let owner = desk.world.session();
    let hold = desk.world.hold(owner, desk.claim(TWO_PM)).await.unwrap();
    let changed = desk.change(leave(&desk, "2026-11-23", "2026-11-25"), Plan::new()).await.unwrap();
    assert_eq!(changed.holds_ended, 1);
    assert_eq!(code(desk.world.confirm(owner, hold).await), Some(RejectionCode::HoldExpired));
    let (kind, actor, payload): (String, String, serde_json::Value) =
        sqlx::query_as("select kind, actor, payload from events")
            .fetch_one(desk.world.tx().await.conn())
            .await
            .unwrap();
    assert_eq!(
        (kind.as_str(), actor.as_str(), &payload["because"]),
        ("HoldExpired", "member", &json!("schedule_changed"))
    );
    let expired_at: DateTime<Utc> = payload["expired_at"].as_str().unwrap().parse().unwrap();
    assert_eq!(expired_at, desk.world.now(), "it ended when the hours changed, not when it would have run out");
}

/// Every time that was given free, from when to when.
async fn opened(desk: &Desk) -> Vec<(String, String)> {
    let sql =
        "select payload ->> 'starts_at', payload ->> 'ends_at' from events where kind = 'SlotOpened' order by event_id";
    sqlx::query_as(sql).fetch_all(desk.world.tx().await.conn()).await.unwrap()
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn time_that_is_no_longer_taken_is_said_to_be_free(pool: PgPool) {
    let desk = desk(pool).await;
    let make = async |wanted: serde_json::Value| desk.change(wanted, Plan::new()).await.unwrap().id;
    let off = make(leave(&desk, "2026-11-24", "2026-11-25")).await;
    let past = make(leave(&desk, "2026-11-10", "2026-11-12")).await;
    let busy = json!({ "kind": "busy", "practitioner": desk.lin, "starts_at": "2026-11-26T15:00:00Z",
                       "ends_at": "2026-11-26T17:00:00Z", "source": "google", "external_id": "1" });
    let busy_id = make(busy.clone()).await;
    make(json!({ "kind": "exception", "date": "2026-11-27" })).await;
    assert!(opened(&desk).await.is_empty());

    make(json!({ "kind": "end_time_off", "id": off })).await;
    make(json!({ "kind": "end_time_off", "id": past })).await;
    make(serde_json::Value::Object(
        [busy.as_object().unwrap().clone(), json!({ "ends_at": "2026-11-26T16:00:00Z" }).as_object().unwrap().clone()]
            .into_iter()
            .flatten()
            .collect(),
    ))
    .await;
    make(json!({ "kind": "end_busy", "id": busy_id })).await;
    make(json!({ "kind": "end_exception", "date": "2026-11-27" })).await;

    let expected = [
        ("2026-11-24T05:00:00Z", "2026-11-26T05:00:00Z"),
        ("2026-11-26T16:00:00Z", "2026-11-26T17:00:00Z"),
        ("2026-11-26T15:00:00Z", "2026-11-26T16:00:00Z"),
        ("2026-11-27T05:00:00Z", "2026-11-28T05:00:00Z"),
    ];
    assert_eq!(opened(&desk).await, expected.map(|(from, to)| (from.to_owned(), to.to_owned())));
}

/// Patients book while the practitioner's leave is entered, over and over: each
/// visit that stands on a day of leave was decided about.
#[sqlx::test(migrator = "MIGRATOR")]
async fn bookings_and_leave_at_once_strand_nobody(pool: PgPool) {
    let world = World::new(wide(&pool).await).await;
    let haircut = world.appointment_type("haircut", 45).await;
    let lin = world.practitioner().await;
    let desk = Desk { world, haircut, lin };
    for round in 0..12 {
        let date = chrono::NaiveDate::from_ymd_opt(2026, 12, 1 + round).unwrap();
        let bookings = (0..8).map(|n| {
            let desk = &desk;
            async move {
                let owner = desk.world.session();
                let hold = desk.world.hold(owner, desk.claim(&format!("{date}T{}:00:00Z", 14 + n))).await?;
                desk.world.confirm(owner, hold).await
            }
        });
        let entering = async {
            loop {
                let wanted = leave(&desk, &date.to_string(), &date.to_string());
                let plan: Plan = desk
                    .preview(wanted.clone())
                    .await
                    .into_iter()
                    .map(|visit| (visit.appointment.id, Decision::Keep))
                    .collect();
                match desk.change(wanted, plan).await {
                    Ok(_) => break,
                    // Somebody booked between the look and the change.
                    Err(error) => assert_eq!(error.code(), Some(RejectionCode::Invalid), "{error:?}"),
                }
            }
        };
        futures::join!(join_all(bookings), entering);
        let left = undecided(&mut desk.world.tx().await, desk.world.now()).await.unwrap();
        assert!(left.is_empty(), "{date}: {left:?}");
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_clinic_is_set_up_from_nothing(pool: PgPool) {
    let world = World::new(pool).await;
    let (haircut, lin) = (AppointmentTypeId::new(), PractitionerId::new());
    let desk = Desk { world, haircut, lin };
    let make = async |wanted: serde_json::Value| desk.change(wanted, Plan::new()).await.unwrap().id.unwrap();
    let room = make(json!({ "kind": "room", "fields": { "name": "Chair 1" } })).await;
    let location =
        make(json!({ "kind": "location", "fields": { "name": "Uptown", "address": "1 High Street" } })).await;
    let kind = make(json!({ "kind": "appointment_type", "fields": {
        "name": "Cut & colour", "minutes": 90, "price_minor": 12_000, "needs": [[room]], "web_mode": "request",
        "overbooking": [{ "weekday": 1, "from": "09:00", "to": "10:00", "extra": 1 }],
    } }))
    .await;
    let who = make(
        json!({ "kind": "practitioner", "fields": { "name": "Noah Reyes", "location": location, "offers": [kind] } }),
    )
    .await;
    desk.change(
        json!({ "kind": "hours", "location": location, "hours": [{ "weekday": 2, "from": "10:00", "to": "12:00" }] }),
        Plan::new(),
    )
    .await
    .unwrap();

    let wanted = Wanted::of("cut-colour", Channel::Web, "2026-11-23".parse().unwrap(), "2026-11-30".parse().unwrap());
    let found = available(&mut desk.world.tx().await, desk.world.now(), &wanted).await.unwrap();
    let starts: Vec<_> = found.slots.iter().map(|slot| slot.claim.starts_at).collect();
    assert_eq!(starts, ["2026-11-24T15:00:00Z", "2026-11-24T15:15:00Z", "2026-11-24T15:30:00Z"].map(at));
    assert_eq!(found.slots[0].practitioner.id, who);

    let catalogue = crate::booking::catalogue::read(&mut desk.world.tx().await, desk.world.now()).await.unwrap();
    let known = &catalogue.appointment_types[0];
    assert_eq!(
        (known.price_minor, known.web_mode.as_str(), known.needs.as_slice()),
        (Some(12_000), "request", &[vec![room]][..])
    );
    assert_eq!(known.overbooking[0].from.to_string(), "09:00");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn nonsense_is_refused_by_the_field(pool: PgPool) {
    let desk = desk(pool).await;
    let nobody = domain::Id::<()>::new().uuid();
    for (wanted, expected) in [
        (json!({ "kind": "hours", "hours": [{ "weekday": 8, "from": "09:00", "to": "10:00" }] }), "hours.0.weekday"),
        (json!({ "kind": "hours", "hours": [{ "weekday": 1, "from": "10:00", "to": "09:00" }] }), "hours.0.to"),
        (json!({ "kind": "time_off", "from": "2026-12-02", "to": "2026-12-01" }), "to"),
        (json!({ "kind": "appointment_type", "fields": { "name": "", "minutes": 30 } }), "name"),
        (json!({ "kind": "appointment_type", "fields": { "name": "Facial" } }), "minutes"),
        (json!({ "kind": "appointment_type", "id": desk.haircut, "fields": { "minutes": 0 } }), "minutes"),
        (json!({ "kind": "appointment_type", "id": desk.haircut, "fields": { "capacity": 0 } }), "capacity"),
        (
            json!({ "kind": "appointment_type", "fields": { "name": "Other", "slug": "haircut", "minutes": 30 } }),
            "slug",
        ),
    ] {
        let Err(crate::Error::Rejected(rejection)) = desk.change(wanted.clone(), Plan::new()).await else {
            panic!("{wanted} was taken")
        };
        assert_eq!(rejection.errors.first().map(|error| error.field.as_str()), Some(expected), "{wanted}");
    }
    for wanted in [
        json!({ "kind": "end_time_off", "id": nobody }),
        json!({ "kind": "time_off", "practitioner": nobody, "from": "2026-12-01", "to": "2026-12-01" }),
        json!({ "kind": "practitioner", "id": nobody, "fields": { "name": "Nobody" } }),
    ] {
        assert_eq!(code(desk.change(wanted.clone(), Plan::new()).await), Some(RejectionCode::NotFound), "{wanted}");
    }
}
