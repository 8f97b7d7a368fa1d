//! What each tool does for whom.

use std::sync::Arc;

use chrono::{DateTime, Duration, Utc};
use domain::appointment::Appointment;
use domain::id::{AppointmentTypeId, ConversationId, MessageId, PractitionerId};
use domain::language::Language;
use serde_json::{Value, json};
use sqlx::PgPool;

mod levels;
mod proving;

use super::{Bench, definitions, rejected, run};
use crate::booking::{self, Booking, Channel, SlotClaim};
use crate::events::Actor;
use crate::identity::PatientInput;
use crate::receptionist::Line;
use crate::receptionist::model::ToolCall;
use crate::testing::World;
use crate::{Error, MIGRATOR, Result, clinics, conversations};

/// Somebody talking to Cedar's receptionist.
struct Caller<'a> {
    world: &'a World,
    line: Line,
}

struct Desk {
    world: World,
    haircut: AppointmentTypeId,
    mia: PractitionerId,
}

async fn desk(pool: PgPool) -> Desk {
    let world = World::new(pool).await;
    let haircut = world.appointment_type("haircut", 45).await;
    let mia = world.practitioner().await;
    Desk { world, haircut, mia }
}

impl Desk {
    async fn caller(&self) -> Caller<'_> {
        let conversation = self.world.conversation().await;
        Caller { world: &self.world, line: Line { clinic: self.world.clinic, conversation, channel: Channel::Web } }
    }

    /// A visit of somebody's, booked elsewhere.
    async fn visit(&self, at: &str, name: &str, phone: &str, born: Option<&str>) -> Appointment {
        let owner = self.world.session();
        let claim =
            SlotClaim { practitioner_id: self.mia, appointment_type_id: self.haircut, starts_at: at.parse().unwrap() };
        let hold_id = self.world.hold(owner, claim).await.unwrap();
        let input = PatientInput { name: name.into(), phone: Some(phone.into()), email: None };
        let today = self.world.now().date_naive();
        let patient = input.read("US").unwrap().born(born.map(|date| date.parse().unwrap()), today).unwrap();
        let booking = Booking { patient, actor: Actor::Patient, ..self.world.booking(owner, hold_id) };
        let now = self.world.now();
        self.world
            .db
            .transaction(self.world.clinic, move |tx| {
                let booking = booking.clone();
                Box::pin(async move { booking::confirm(tx, now, &booking).await })
            })
            .await
            .unwrap()
            .appointment
    }
}

impl Caller<'_> {
    fn id(&self) -> ConversationId {
        self.line.conversation
    }

    async fn bench(&self) -> Bench {
        let mut tx = self.world.tx().await;
        let now = self.world.now();
        let question = conversations::receive(&mut tx, now, self.id(), "Hello", None, None).await.unwrap().message_id;
        let facts = clinics::facts(&mut tx, now, Channel::Web).await.unwrap();
        tx.commit().await.unwrap();
        self.bench_for(question, facts, now)
    }

    fn bench_for(
        &self,
        question: MessageId,
        facts: Arc<crate::receptionist::model::ClinicFacts>,
        now: DateTime<Utc>,
    ) -> Bench {
        let slots = self.world.slots.clone();
        Bench {
            now,
            line: self.line,
            question,
            slots,
            facts,
            far_days: 30,
            most_followups: 2,
            language: Language::English,
        }
    }

    /// What a tool answers, as the turn runs it.
    async fn call(&self, name: &str, arguments: Value) -> Value {
        let bench = Arc::new(self.bench().await);
        let call = ToolCall { name: name.into(), arguments };
        let done: Result<Value> = self
            .world
            .db
            .transaction(self.world.clinic, move |tx| {
                let (bench, call) = (bench.clone(), call.clone());
                Box::pin(async move { run(tx, &bench, &call).await })
            })
            .await;
        match done {
            Ok(output) => output,
            Err(Error::Rejected(rejection)) => rejected(&rejection),
            Err(error) => panic!("{error:?}"),
        }
    }

    async fn done(&self, name: &str, arguments: Value) -> Value {
        let mut output = self.call(name, arguments).await;
        assert_eq!(output["outcome"], "done", "{output}");
        output["result"].take()
    }

    /// The token of a time shown to this caller.
    async fn slot(&self, local: &str) -> String {
        let day = &local[..10];
        let shown = json!({ "appointment_type": "haircut", "from": day, "to": day, "near": &local[11..], "limit": 12 });
        let found = self.done("check_availability", shown).await;
        let slots = found["slots"].as_array().unwrap();
        let slot = slots.iter().find(|slot| slot["local"] == local).expect("a time on offer");
        slot["slot"].as_str().unwrap().to_owned()
    }
}

#[test]
fn every_schema_is_strict() {
    fn check(name: &str, schema: &Value) {
        if let Some(properties) = schema["properties"].as_object() {
            assert_eq!(schema["additionalProperties"], false, "{name}: {schema}");
            let required: Vec<_> = schema["required"].as_array().unwrap().iter().map(|name| name.as_str()).collect();
            assert!(properties.keys().all(|key| required.contains(&Some(key))), "{name}: {schema}");
        }
        for unsupported in ["$ref", "oneOf", "default", "$schema"] {
            assert!(schema.get(unsupported).is_none(), "{name}: {schema}");
        }
        schema.as_object().into_iter().flatten().for_each(|(_, inner)| match inner {
            Value::Object(_) => check(name, inner),
            Value::Array(some) => some.iter().for_each(|inner| check(name, inner)),
            _ => {}
        });
    }
    let all = definitions();
    assert_eq!(all.len(), 16);
    for tool in all {
        assert_eq!(tool.parameters["type"], "object", "{}", tool.name);
        assert!(!tool.description.is_empty(), "{}", tool.name);
        check(tool.name, &tool.parameters);
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn arguments_that_do_not_fit_are_refused_by_name(pool: PgPool) {
    let desk = desk(pool).await;
    let caller = desk.caller().await;
    for (name, arguments, says) in [
        ("book_everything", json!({}), "no such tool"),
        ("hold_slot", json!({}), "slot"),
        ("hold_slot", json!("{\"slot\":"), "do not fit"),
        ("hold_slot", json!({ "slot": "x", "clinic_id": "y" }), "clinic_id"),
        ("clinic_facts", json!({ "topic": "patients" }), "patients"),
        ("cancel_booking", json!({ "appointment_id": "1 or 1=1" }), "do not fit"),
    ] {
        let output = caller.call(name, arguments).await;
        assert_eq!((&output["outcome"], &output["code"]), (&json!("rejected"), &json!("malformed")), "{name}");
        assert!(output["message"].as_str().unwrap().contains(says), "{output}");
    }
}

/// What a caller has proved, and whose visit they then ask for.
#[sqlx::test(migrator = "MIGRATOR")]
async fn nobody_sees_or_changes_a_visit_above_their_level(pool: PgPool) {
    let desk = desk(pool).await;
    let phone = "+15551234567";
    let own = desk.visit("2026-11-24T15:00:00Z", "Ada Lovelace", phone, Some("1985-12-10")).await;
    let second = desk.visit("2026-11-25T15:00:00Z", "Ada Lovelace", phone, Some("1985-12-10")).await;
    // Of the same house and number, and of the same name but unsaid birth date.
    let child = desk.visit("2026-11-26T15:00:00Z", "Annabella Lovelace", phone, Some("2015-05-12")).await;
    let namesake = desk.visit("2026-11-27T15:00:00Z", "Ada Lovelace", phone, None).await;
    let stranger = desk.visit("2026-11-28T15:00:00Z", "Grace Hopper", "+15559876543", Some("1906-12-09")).await;
    let code = |visit: &Appointment| json!({ "confirmation_code": visit.confirmation_code });
    let born = |name: &str, date: &str| json!({ "name": name, "birth_date": date });

    for (proof, sees) in [
        (None, [false; 5]),
        (Some(code(&own)), [true, false, false, false, false]),
        (Some(born("ada lovelace", "1985-12-10")), [true, true, false, false, false]),
        (Some(born("Annabella Lovelace", "2015-05-12")), [false, false, true, false, false]),
        (Some(born("Ada Lovelace", "2015-05-12")), [false; 5]),
        (Some(born("Ada", "1985-12-10")), [false; 5]),
        (Some(json!({ "name": "Ada Lovelace" })), [false; 5]),
        (Some(json!({ "confirmation_code": "00000000" })), [false; 5]),
    ] {
        let caller = desk.caller().await;
        let shown = match &proof {
            Some(proof) => caller.call("lookup_booking", proof.clone()).await.to_string(),
            None => caller.call("lookup_booking", json!({})).await.to_string(),
        };
        for (visit, sees) in [&own, &second, &child, &namesake, &stranger].into_iter().zip(sees) {
            let why = format!("{proof:?} {}", visit.label);
            assert_eq!(shown.contains(&visit.id.to_string()), sees, "{why}");
            assert_eq!(shown.contains(visit.confirmation_code.as_str()), sees, "{why}");
            assert!(!shown.contains(phone) && !shown.contains("Hopper"), "{why}");

            let to = format!("{}T16:15", &visit.local[..10]);
            let slot = caller.slot(&to).await;
            let moved = caller.call("reschedule_booking", json!({ "appointment_id": visit.id, "slot": slot })).await;
            assert_eq!(moved["outcome"] == "done", sees, "{why} {moved}");
            if !sees {
                let unknown = caller
                    .call(
                        "reschedule_booking",
                        json!({ "appointment_id": domain::id::AppointmentId::new(), "slot": slot }),
                    )
                    .await;
                assert_eq!(moved, unknown, "{why}");
                let cancelled = caller.call("cancel_booking", json!({ "appointment_id": visit.id })).await;
                let unknown =
                    caller.call("cancel_booking", json!({ "appointment_id": domain::id::AppointmentId::new() })).await;
                assert_eq!(cancelled, unknown, "{why}");
                assert_eq!(cancelled["code"], "not_found", "{why}");
                assert!(!moved.to_string().contains(visit.confirmation_code.as_str()), "{why}");
            } else {
                let back = caller.slot(&visit.local).await;
                caller.done("reschedule_booking", json!({ "appointment_id": visit.id, "slot": back })).await;
            }
        }
    }
    for visit in [&own, &second, &child, &namesake, &stranger] {
        let mut tx = desk.world.tx().await;
        let now = booking::appointments::by_id(&mut tx, visit.id).await.unwrap().unwrap();
        assert_eq!((now.status, now.starts_at), (visit.status, visit.starts_at));
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_proof_is_worth_nothing_in_another_conversation(pool: PgPool) {
    let desk = desk(pool).await;
    let visit = desk.visit("2026-11-24T15:00:00Z", "Ada Lovelace", "+15551234567", None).await;
    let (ada, other) = (desk.caller().await, desk.caller().await);
    ada.done("lookup_booking", json!({ "confirmation_code": visit.confirmation_code })).await;

    let refused = other.call("cancel_booking", json!({ "appointment_id": visit.id })).await;
    assert_eq!(refused["code"], "not_found");
    ada.done("cancel_booking", json!({ "appointment_id": visit.id })).await;
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_birth_date_written_beside_somebodys_name_opens_nothing_of_theirs(pool: PgPool) {
    let desk = desk(pool).await;
    let phone = "+15551234567";
    // Before Ada comes and after.
    desk.visit("2026-11-23T15:00:00Z", "Ada Lovelace", phone, Some("1999-01-01")).await;
    let hers = desk.visit("2026-11-24T15:00:00Z", "Ada Lovelace", phone, None).await;
    let hers_too = desk.visit("2026-11-25T15:00:00Z", "Ada Lovelace", phone, Some("1985-12-10")).await;
    desk.visit("2026-11-26T15:00:00Z", "Ada Lovelace", phone, Some("1999-01-01")).await;

    let thief = desk.caller().await;
    let seen = thief.done("lookup_booking", json!({ "name": "Ada Lovelace", "birth_date": "1999-01-01" })).await;
    assert_eq!(seen["visits"].as_array().unwrap().len(), 2, "their own two");
    assert!(!seen.to_string().contains(hers.confirmation_code.as_str()));
    assert!(!seen.to_string().contains(hers_too.confirmation_code.as_str()));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn two_people_of_one_name_and_birth_date_are_not_told_apart_by_it(pool: PgPool) {
    let desk = desk(pool).await;
    desk.visit("2026-11-24T15:00:00Z", "Maria Garcia", "+15551234567", Some("1990-01-01")).await;
    desk.visit("2026-11-25T15:00:00Z", "Maria Garcia", "+15559876543", Some("1990-01-01")).await;
    let caller = desk.caller().await;
    let seen = caller.call("lookup_booking", json!({ "name": "Maria Garcia", "birth_date": "1990-01-01" })).await;
    assert_eq!(seen["code"], "not_found");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn guessing_ends_after_five_tries_however_they_fail(pool: PgPool) {
    let desk = desk(pool).await;
    let visit = desk.visit("2026-11-24T15:00:00Z", "Ada Lovelace", "+15551234567", None).await;
    let caller = desk.caller().await;
    let wrong = ["00000001", "00000002", "nonsense", "00000003"];
    for code in wrong {
        assert_eq!(caller.call("lookup_booking", json!({ "confirmation_code": code })).await["code"], "not_found");
    }
    let tried = caller.call("lookup_booking", json!({ "name": "Ada Lovelace", "birth_date": "1985-12-10" })).await;
    assert_eq!(tried["code"], "not_found");

    let right = json!({ "confirmation_code": visit.confirmation_code });
    assert_eq!(caller.call("lookup_booking", right.clone()).await["code"], "rate_limited");
    desk.world.wait(Duration::minutes(61));
    assert_eq!(caller.call("lookup_booking", right).await["outcome"], "done");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn many_conversations_cannot_share_the_guessing_at_one_person(pool: PgPool) {
    let desk = desk(pool).await;
    desk.visit("2026-11-24T15:00:00Z", "Ada Lovelace", "+15551234567", Some("1985-12-10")).await;
    for year in 1960..1980 {
        let caller = desk.caller().await;
        let guess = json!({ "name": "Ada Lovelace", "birth_date": format!("{year}-12-10") });
        assert_eq!(caller.call("lookup_booking", guess).await["code"], "not_found");
    }
    let caller = desk.caller().await;
    let right = json!({ "name": "ADA  LOVELACE", "birth_date": "1985-12-10" });
    assert_eq!(caller.call("lookup_booking", right).await["code"], "rate_limited");
    let other = json!({ "name": "Grace Hopper", "birth_date": "1985-12-10" });
    assert_eq!(caller.call("lookup_booking", other).await["code"], "not_found", "others are not kept out");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn the_same_call_again_does_nothing_twice(pool: PgPool) {
    let desk = desk(pool).await;
    let caller = desk.caller().await;
    let held = caller.done("hold_slot", json!({ "slot": caller.slot("2026-11-24T14:00").await })).await;
    let contact = json!({ "hold_id": held["hold_id"], "name": "Ada Lovelace", "phone": "+1 555 123 4567" });
    let booked = caller.done("confirm_booking", contact.clone()).await;
    assert_eq!(caller.done("confirm_booking", contact).await, booked);

    for (tool, arguments, again, table) in [
        (
            "create_inquiry",
            json!({ "question": "Is there parking?" }),
            json!({ "question": "is there  parking?" }),
            "tasks",
        ),
        (
            "schedule_contact_followup",
            json!({ "local": "2026-11-27T10:00", "about": "The price" }),
            json!({ "local": "2026-11-27T10:00", "about": "the price" }),
            "followups",
        ),
        (
            "join_waitlist",
            json!({ "appointment_type": "haircut", "from": "2026-11-23", "to": "2026-11-27", "name": "Ada Lovelace", "phone": "+15551234567" }),
            json!({ "appointment_type": "haircut", "from": "2026-11-23", "to": "2026-11-27", "name": "Ada Lovelace", "phone": "+15551234567" }),
            "waitlist_entries",
        ),
    ] {
        let first = caller.done(tool, arguments).await;
        assert_eq!(caller.done(tool, again).await, first, "{tool}");
        assert_eq!(desk.world.count(table).await, 1, "{tool}");
    }
    let visit = json!({ "appointment_id": booked["appointment_id"] });
    let cancelled = caller.done("cancel_booking", visit.clone()).await;
    assert_eq!(caller.done("cancel_booking", visit).await, cancelled);
    assert_eq!((desk.world.count("appointments").await, desk.world.count("occupancies").await), (1, 0));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn two_follow_ups_are_the_most_whatever_the_code_allows(pool: PgPool) {
    let desk = desk(pool).await;
    let caller = desk.caller().await;
    for about in ["The price", "The room"] {
        caller.done("schedule_contact_followup", json!({ "local": "2026-11-27T10:00", "about": about })).await;
    }
    let third = json!({ "local": "2026-11-28T10:00", "about": "The weather" });
    assert_eq!(caller.call("schedule_contact_followup", third).await["code"], "forbidden");
    let mut tx = desk.world.tx().await;
    let third = sqlx::query(
        "insert into followups (followup_id, conversation_id, attempt, about, due_at, created_at)
         values (gen_random_uuid(), $1, 3, 'once more', now(), now())",
    )
    .bind(caller.id().uuid())
    .execute(tx.conn())
    .await;
    assert!(third.is_err(), "the database's own rule");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn times_are_looked_up_no_further_than_the_clinic_allows(pool: PgPool) {
    let desk = desk(pool).await;
    let caller = desk.caller().await;
    let look = |from: &str, to: &str| json!({ "appointment_type": "haircut", "from": from, "to": to, "limit": 12 });
    let far = caller.call("check_availability", look("2026-12-21", "2026-12-22")).await;
    assert_eq!(far["code"], "invalid");
    assert!(far["message"].as_str().unwrap().contains("21 December"), "{far}");
    let across = caller.done("check_availability", look("2026-12-20", "2027-01-10")).await;
    let slots = across["slots"].as_array().unwrap();
    assert!(!slots.is_empty() && slots.iter().all(|slot| slot["local"].as_str().unwrap().starts_with("2026-12-20")));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn why_a_time_is_not_offered_says_nothing_of_others(pool: PgPool) {
    let desk = desk(pool).await;
    desk.visit("2026-11-24T19:00:00Z", "Ada Lovelace", "+15551234567", None).await;
    let caller = desk.caller().await;
    let ask = |local: &str| json!({ "appointment_type": "haircut", "local": local });
    let taken = caller.done("explain_time", ask("2026-11-24T14:00")).await;
    assert_eq!(taken["reasons"], json!(["That time is taken."]));
    let closed = caller.done("explain_time", ask("2026-11-24T20:00")).await;
    assert_eq!(closed["reasons"], json!(["That is outside opening hours."]));
    assert_eq!(caller.done("explain_time", ask("2026-11-25T14:00")).await["offered"], true);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn relative_dates_are_resolved_by_the_clinics_clock(pool: PgPool) {
    let desk = desk(pool).await;
    let caller = desk.caller().await;
    let resolved = caller.done("resolve_date", json!({ "words": "next Tuesday at 2" })).await;
    assert_eq!((&resolved["from"], &resolved["at"]), (&json!("2026-11-24"), &json!("14:00")));
    assert_eq!(resolved["in_words"], "Tuesday 24 November at 2:00 PM");
    assert_eq!(caller.call("resolve_date", json!({ "words": "hello there" })).await["code"], "invalid");
}
