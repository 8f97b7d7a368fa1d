//! Calls from the first word to the report.

use chrono::Duration;
use domain::chat::Role;
use domain::id::ConversationId;
use serde_json::{Value, json};
use sqlx::PgPool;

use super::*;
use crate::conversations;
use crate::testing::World;

/// A clinic with one kind of visit and one practitioner, and who calls it.
async fn clinic(pool: PgPool) -> World {
    let world = World::new(pool).await;
    world.appointment_type("haircut", 45).await;
    world.practitioner().await;
    world
}

fn request(call: &str, id: &str, tool: Tool, arguments: Value) -> Request {
    Request {
        call: Some(call.into()),
        caller: None,
        id: Some(id.into()),
        tool,
        arguments: Arguments::read(&arguments).unwrap(),
    }
}

async fn ask(world: &World, call: &str, id: &str, tool: Tool, arguments: Value) -> Answer {
    let answer = answer(&world.db, world.now(), world.clinic, &request(call, id, tool, arguments)).await.unwrap();
    assert!(!answer.message.contains('\n') && answer.message.split_whitespace().count() <= 60, "{}", answer.message);
    answer
}

fn ada_at(date: &str, time: &str) -> Value {
    json!({
        "patientName": "Ada Lovelace", "patientPhone": "+1 555 123 4567",
        "birthDate": "1985-12-10", "appointmentDate": date, "appointmentTime": time, "serviceType": "HAIRCUT",
    })
}

fn merged(one: &Value, other: &Value) -> Value {
    let fields = [one, other].into_iter().flat_map(|value| value.as_object().unwrap().clone());
    Value::Object(fields.collect())
}

fn ada() -> Value {
    json!({ "patientName": "ada lovelace", "birthDate": "1985-12-10" })
}

fn ada_on_the_phone() -> Value {
    json!({ "patientName": "ada lovelace", "patientPhone": "(555) 123-4567" })
}

fn code(answer: &Answer) -> Value {
    json!({ "confirmationCode": answer.confirmation_code.as_ref().unwrap().as_str() })
}

async fn texts(world: &World, sql: &'static str) -> Vec<String> {
    sqlx::query_scalar(sql).fetch_all(world.tx().await.conn()).await.unwrap()
}

#[sqlx::test(migrator = "crate::MIGRATOR")]
async fn a_call_books_and_says_when_with_whom_and_the_code(pool: PgPool) {
    let world = clinic(pool).await;
    let booked = ask(&world, "c1", "t1", Tool::Book, ada_at("2026-12-01", "15:00")).await;
    assert!(booked.success, "{}", booked.message);
    let code = domain::spoken::spelled(booked.confirmation_code.as_ref().unwrap());
    assert_eq!(
        booked.message,
        format!("Booked: Haircut with Mia Lin, Tuesday, December first, at 3 PM. Your confirmation code is {code}.")
    );
    assert_eq!(booked.sms_status.as_deref(), Some("failed_but_booked"));
    let rows = texts(
        &world,
        "select concat_ws(' ', a.channel, a.status, a.starts_at at time zone 'UTC', p.name, p.phone, v.channel, e.actor)
         from appointments a join patients p using (patient_id) join conversations v using (conversation_id)
         join events e using (appointment_id)",
    );
    assert_eq!(rows.await, ["voice booked 2026-12-01 20:00:00 Ada Lovelace +15551234567 voice receptionist"]);
}

#[sqlx::test(migrator = "crate::MIGRATOR")]
async fn asking_again_books_once_whatever_it_is_called(pool: PgPool) {
    let world = clinic(pool).await;
    let first = ask(&world, "c1", "t1", Tool::Book, ada_at("2026-12-01", "15:00")).await;
    let by_id = ask(&world, "c1", "t1", Tool::Book, ada_at("2026-12-01", "15:00")).await;
    let otherwise = json!({
        "patient_name": " ada lovelace", "phone": "5551234567", "date": "2026-12-01", "time": "3 PM", "service": "Haircut",
    });
    let by_meaning = ask(&world, "c1", "t2", Tool::Book, otherwise.clone()).await;
    assert_eq!((&by_id, &by_meaning), (&first, &first));
    // The call broke off and she calls again.
    let second_call = ask(&world, "c2", "t1", Tool::Book, otherwise).await;
    assert_eq!(second_call.appointment_id, first.appointment_id);
    assert_eq!(world.count("appointments").await, 1);

    let another = ask(&world, "c1", "t3", Tool::Book, ada_at("2026-12-01", "16:00")).await;
    assert!(another.success && another.appointment_id != first.appointment_id);
    let child = merged(&ada_at("2026-12-02", "15:00"), &json!({ "patientName": "Byron Lovelace" }));
    assert!(ask(&world, "c1", "t4", Tool::Book, child).await.success);
    assert_eq!(world.count("appointments").await, 3);
}

#[sqlx::test(migrator = "crate::MIGRATOR")]
async fn two_at_once_answer_the_same_visit(pool: PgPool) {
    let world = clinic(pool).await;
    // A group has room for both, and by e-mail nobody is known from before.
    world.run("update appointment_types set capacity = 5", &[]).await;
    ask(&world, "c2", "t0", Tool::Check, json!({})).await;
    for (call, ids) in [("c1", ["t1", "t1"]), ("c2", ["t1", "t2"])] {
        let wish = ada_at("2026-12-01", if call == "c1" { "10:00" } else { "14:00" });
        let wish = merged(&wish, &json!({ "patientPhone": null, "patientEmail": "ada@example.com" }));
        let [one, other] = ids.map(|id| request(call, id, Tool::Book, wish.clone()));
        let (one, other) = tokio::join!(
            answer(&world.db, world.now(), world.clinic, &one),
            answer(&world.db, world.now(), world.clinic, &other)
        );
        let (one, other) = (one.unwrap(), other.unwrap());
        assert!(one.success, "{}", one.message);
        assert_eq!(one, other);
    }
    assert_eq!(world.count("appointments").await, 2);
}

#[sqlx::test(migrator = "crate::MIGRATOR")]
async fn asking_again_takes_no_second_seat_of_a_group(pool: PgPool) {
    let world = clinic(pool).await;
    world.run("update appointment_types set capacity = 5", &[]).await;
    let by_email =
        merged(&ada_at("2026-12-01", "15:00"), &json!({ "patientPhone": null, "patientEmail": "ada@example.com" }));
    for wish in [ada_at("2026-12-01", "15:00"), by_email] {
        let first = ask(&world, "c1", "t1", Tool::Book, wish.clone()).await;
        let again = ask(&world, "c1", "t2", Tool::Book, wish).await;
        assert!(first.success, "{}", first.message);
        assert_eq!(again, first);
    }
    ask(&world, "c2", "t1", Tool::Book, ada_at("2026-12-01", "15:00")).await;
    assert_eq!(world.count("appointments").await, 2);
}

#[sqlx::test(migrator = "crate::MIGRATOR")]
async fn of_two_callers_at_once_one_gets_the_time_and_the_other_hears_of_others(pool: PgPool) {
    let world = clinic(pool).await;
    let eve = json!({ "patientName": "Eve", "patientPhone": "+15557654321" });
    let wish = ada_at("2026-12-01", "15:00");
    let (ada, eve) =
        (request("c1", "t1", Tool::Book, wish.clone()), request("c2", "t1", Tool::Book, merged(&wish, &eve)));
    let (ada, eve) = tokio::join!(
        answer(&world.db, world.now(), world.clinic, &ada),
        answer(&world.db, world.now(), world.clinic, &eve)
    );
    let mut both = [ada.unwrap(), eve.unwrap()];
    both.sort_by_key(|answer| answer.success);
    assert!(both[1].success && !both[0].success);
    assert!(both[0].message.contains("is not free. For Haircut these times are free"), "{}", both[0].message);
    assert_eq!(world.count("appointments").await, 1);
}

#[sqlx::test(migrator = "crate::MIGRATOR")]
async fn a_time_that_is_taken_gets_the_nearest_free_ones(pool: PgPool) {
    let world = clinic(pool).await;
    ask(&world, "c1", "t1", Tool::Book, ada_at("2026-12-01", "15:00")).await;
    let eve = json!({ "patientName": "Eve", "patientPhone": "+15557654321" });
    let taken = ask(&world, "c2", "t1", Tool::Book, merged(&ada_at("2026-12-01", "15:00"), &eve)).await;
    assert!(!taken.success && taken.appointment_id.is_none() && taken.sms_status.is_none());
    assert_eq!(
        taken.message,
        "Tuesday, December first, at 3 PM, is not free. \
         For Haircut these times are free: Tuesday, December first, at 2 PM, 2:15 PM or 3:45 PM."
    );
    // Before the clinic opens, and on a day long after its horizon.
    let early = ask(&world, "c2", "t2", Tool::Book, merged(&ada_at("2026-12-01", "04:00"), &eve)).await;
    assert!(early.message.ends_with("Tuesday, December first, at 9 AM, 9:15 AM or 9:30 AM."), "{}", early.message);
    let far = ask(&world, "c2", "t3", Tool::Book, merged(&ada_at("2031-12-01", "15:00"), &eve)).await;
    assert!(
        far.message.contains("December first, 2031, at 3 PM, is not free")
            && far.message.contains("Friday, November twentieth"),
        "{}",
        far.message
    );
    let past = ask(&world, "c2", "t4", Tool::Book, merged(&ada_at("2026-11-19", "15:00"), &eve)).await;
    assert_eq!(past.message, "That time has passed. Today is Friday, November twentieth.");
    assert_eq!((world.count("appointments").await, world.count("holds").await), (1, 0));
}

#[sqlx::test(migrator = "crate::MIGRATOR")]
async fn a_time_the_clocks_skip_is_not_free_and_of_a_repeated_one_it_is_the_first(pool: PgPool) {
    let world = clinic(pool).await;
    world.run("update opening_hours set from_minute = 0, to_minute = 1440", &[]).await;
    world.run("update appointment_types set horizon_days = 730", &[]).await;
    let skipped = ask(&world, "c1", "t1", Tool::Book, ada_at("2027-03-14", "02:30")).await;
    assert!(!skipped.success, "{}", skipped.message);
    assert!(skipped.message.ends_with("at 1:45 AM, 3 AM or 3:15 AM."), "{}", skipped.message);
    let repeated = ask(&world, "c1", "t2", Tool::Book, ada_at("2027-11-07", "01:30")).await;
    assert!(repeated.success, "{}", repeated.message);
    let booked = texts(&world, "select (starts_at at time zone 'UTC')::text from appointments").await;
    assert_eq!(booked, ["2027-11-07 05:30:00"]);
}

#[sqlx::test(migrator = "crate::MIGRATOR")]
async fn what_is_missing_or_wrong_is_asked_for(pool: PgPool) {
    let world = clinic(pool).await;
    world.appointment_type("facial", 30).await;
    let right = ada_at("2026-12-01", "15:00");
    for (wrong, said) in [
        (json!({ "serviceType": "root canal" }), "I can book Facial or Haircut."),
        (json!({ "serviceType": "" }), "Which kind of visit is it?"),
        (json!({ "appointmentDate": "next Tuesday" }), "Please give the date"),
        (json!({ "appointmentDate": null }), "Please give the date"),
        (json!({ "appointmentTime": "afternoon" }), "Please give the time"),
        (json!({ "patientName": "" }), "full name"),
        (json!({ "patientPhone": "12" }), "phone number"),
        (json!({ "patientPhone": null }), "phone number"),
        (json!({ "patientEmail": "nobody" }), "email address"),
        (json!({ "practitionerName": "Nobody" }), "There are Mia Lin."),
    ] {
        let refused = ask(&world, "c1", "t1", Tool::Book, merged(&right, &wrong)).await;
        assert!(!refused.success && refused.message.contains(said), "{wrong}: {}", refused.message);
    }
    assert_eq!((world.count("appointments").await, world.count("patients").await), (0, 0));
    let mended = ask(&world, "c1", "t1", Tool::Book, merged(&right, &json!({ "practitionerName": "mia" }))).await;
    assert!(mended.success, "{}", mended.message);
}

#[sqlx::test(migrator = "crate::MIGRATOR")]
async fn a_time_that_is_held_is_booked_by_its_call_and_by_nobody_else(pool: PgPool) {
    let world = clinic(pool).await;
    let held = ask(&world, "c1", "t1", Tool::Hold, ada_at("2026-12-01", "15:00")).await;
    assert!(
        held.message.starts_with(
            "I am keeping Haircut with Mia Lin, Tuesday, December first, at 3 PM, for 5 minutes. It is not booked yet"
        ),
        "{}",
        held.message
    );
    let eve = json!({ "patientName": "Eve", "patientPhone": "+15557654321" });
    let other = ask(&world, "c2", "t1", Tool::Book, merged(&ada_at("2026-12-01", "15:00"), &eve)).await;
    assert!(!other.success, "{}", other.message);
    // A quarter of an hour later overlaps what this call itself keeps.
    let later = ask(&world, "c1", "t2", Tool::Hold, ada_at("2026-12-01", "15:15")).await;
    assert!(later.success, "{}", later.message);
    let booked = ask(&world, "c1", "t3", Tool::Book, ada_at("2026-12-01", "15:15")).await;
    assert!(booked.success, "{}", booked.message);
    assert_eq!((world.count("appointments").await, world.count("holds").await), (1, 0));
}

#[sqlx::test(migrator = "crate::MIGRATOR")]
async fn a_hold_survives_a_wish_that_cannot_be_met(pool: PgPool) {
    let world = clinic(pool).await;
    ask(&world, "c1", "t1", Tool::Hold, ada_at("2026-12-01", "15:00")).await;
    let refused = ask(&world, "c1", "t2", Tool::Hold, ada_at("2026-12-01", "20:00")).await;
    assert!(!refused.success);
    assert_eq!(world.count("holds").await, 1);
}

#[sqlx::test(migrator = "crate::MIGRATOR")]
async fn free_times_are_offered_few_at_a_time(pool: PgPool) {
    let world = clinic(pool).await;
    let check = async |arguments: Value| ask(&world, "c1", "t1", Tool::Check, arguments).await;
    let haircut = json!({ "serviceType": "haircut" });
    let on_day = check(merged(&haircut, &json!({ "appointmentDate": "2026-12-01" }))).await;
    assert_eq!(
        on_day.message,
        "For Haircut these times are free: Tuesday, December first, at 9 AM, 12:30 PM or 4:15 PM."
    );
    let near = check(merged(&haircut, &json!({ "date": "2026-12-01", "time": "14:00" }))).await;
    assert!(near.message.ends_with("at 1:45 PM, 2 PM or 2:15 PM."), "{}", near.message);
    assert!(check(json!({})).await.message.contains("Friday, November twentieth, at"), "the only kind, from today");
    world.leave(None, "2026-12-01", "2026-12-02").await;
    let closed = check(merged(&haircut, &json!({ "appointmentDate": "2026-12-01" }))).await;
    assert!(!closed.success && closed.message.starts_with("Nothing is free then. For Haircut"), "{}", closed.message);
    assert!(check(merged(&haircut, &json!({ "date": "soon" }))).await.message.starts_with("Please give the date"));
    world.run("delete from opening_hours", &[]).await;
    assert!(check(haircut).await.message.starts_with("I found no free time for Haircut."));
}

#[sqlx::test(migrator = "crate::MIGRATOR")]
async fn a_visit_is_shown_to_whoever_proves_it_and_nobody_else_hears_that_it_exists(pool: PgPool) {
    let world = clinic(pool).await;
    let booked = ask(&world, "c1", "t1", Tool::Book, ada_at("2026-12-01", "15:00")).await;
    let right = [
        code(&booked),
        json!({ "code": booked.confirmation_code.as_ref().unwrap().as_str().to_lowercase().split("").collect::<Vec<_>>().join("-") }),
        ada(),
        merged(&ada(), &json!({ "confirmationCode": "WRONG123" })),
    ];
    for proof in right {
        let found = ask(&world, "c2", "t1", Tool::Lookup, proof.clone()).await;
        assert_eq!(found.message, "Booked: Haircut with Mia Lin, Tuesday, December first, at 3 PM.", "{proof}");
        assert_eq!(found.appointment_id, booked.appointment_id);
    }
    let new_time = json!({ "appointmentDate": "2026-12-02", "appointmentTime": "10:00" });
    let unknown = ask(&world, "c3", "t2", Tool::Lookup, json!({ "code": "ZZZZZZZZ" })).await;
    for (number, proof) in [
        json!({}),
        json!({ "patientPhone": "+15551234567" }),
        json!({ "patientName": "Ada Lovelace" }),
        json!({ "birthDate": "1985-12-10" }),
        json!({ "patientName": "Ada Lovelace", "patientPhone": "+15551234567" }),
        json!({ "patientName": "Ada Lovelace", "birthDate": "1985-12-11", "patientPhone": "+15551234567" }),
        json!({ "patientName": "Ada", "birthDate": "1985-12-10" }),
        json!({ "patientName": "Eve", "birthDate": "1985-12-10", "patientPhone": "+15551234567" }),
        json!({ "patientName": "%", "birthDate": "1985-12-10" }),
    ]
    .into_iter()
    .enumerate()
    {
        for (tool, more) in [(Tool::Lookup, json!({})), (Tool::Cancel, json!({})), (Tool::Reschedule, new_time.clone())]
        {
            let call = format!("wrong {number}");
            let mut asked = request(&call, "t2", tool, merged(&proof, &more));
            // Whoever it is calls from her telephone.
            asked.caller = Some("+15551234567".into());
            let refused = answer(&world.db, world.now(), world.clinic, &asked).await.unwrap();
            assert_eq!(refused, unknown, "{tool:?} {proof}");
        }
    }
    assert_eq!(texts(&world, "select status from appointments").await, ["booked"]);
}

#[sqlx::test(migrator = "crate::MIGRATOR")]
async fn a_visit_is_moved_and_keeps_its_code(pool: PgPool) {
    let world = clinic(pool).await;
    let booked = ask(&world, "c1", "t1", Tool::Book, ada_at("2026-12-01", "15:00")).await;
    let to =
        |date: &str, time: &str| merged(&code(&booked), &json!({ "appointmentDate": date, "appointmentTime": time }));
    // Half of the new time is its own.
    let moved = ask(&world, "c2", "t1", Tool::Reschedule, to("2026-12-01", "15:15")).await;
    assert_eq!(
        moved.message,
        "Moved. It is now Haircut with Mia Lin, Tuesday, December first, at 3:15 PM. The confirmation code stays the same."
    );
    assert_eq!((moved.appointment_id, &moved.confirmation_code), (booked.appointment_id, &booked.confirmation_code));
    let again = ask(&world, "c2", "t2", Tool::Reschedule, to("2026-12-01", "15:15")).await;
    assert_eq!(again, moved);
    assert_eq!(texts(&world, "select kind from events where kind = 'BookingRescheduled'").await.len(), 1);

    let eve = merged(&ada_at("2026-12-01", "10:00"), &json!({ "patientName": "Eve", "patientPhone": "+15557654321" }));
    ask(&world, "c3", "t1", Tool::Book, eve).await;
    let taken = ask(&world, "c2", "t3", Tool::Reschedule, to("2026-12-01", "10:00")).await;
    assert!(
        !taken.success && taken.message.contains("is not free. For Haircut these times are free"),
        "{}",
        taken.message
    );
    let closed = ask(&world, "c2", "t4", Tool::Reschedule, to("2026-12-01", "03:00")).await;
    assert!(!closed.success && closed.message.contains("is not free"), "{}", closed.message);
    let back = ask(&world, "c2", "t5", Tool::Reschedule, to("2026-12-01", "15:00")).await;
    assert!(back.success && back.message.contains("at 3 PM"), "{}", back.message);
    assert_eq!(
        texts(&world, "select (starts_at at time zone 'UTC')::text from appointments where confirmation_code = (select confirmation_code from appointments order by created_at, appointment_id limit 1)").await,
        ["2026-12-01 20:00:00"]
    );
}

#[sqlx::test(migrator = "crate::MIGRATOR")]
async fn a_visit_is_cancelled_once_and_may_be_booked_again(pool: PgPool) {
    let world = clinic(pool).await;
    let booked = ask(&world, "c1", "t1", Tool::Book, ada_at("2026-12-01", "15:00")).await;
    let cancelled = ask(&world, "c1", "t2", Tool::Cancel, merged(&ada(), &json!({ "reason": "ill" }))).await;
    assert_eq!(cancelled.message, "Cancelled: Haircut with Mia Lin, Tuesday, December first, at 3 PM.");
    for (id, proof) in [("t2", merged(&ada(), &json!({ "reason": "ill" }))), ("t3", ada()), ("t4", code(&booked))] {
        assert_eq!(ask(&world, "c1", id, Tool::Cancel, proof).await, cancelled);
    }
    let elsewhere = ask(&world, "c2", "t1", Tool::Cancel, code(&booked)).await;
    assert_eq!((elsewhere.success, elsewhere.message.as_str()), (false, "That visit was cancelled before."));
    assert_eq!(texts(&world, "select cancel_reason from appointments").await, ["ill"]);

    // The same words mean a new visit now.
    let anew = ask(&world, "c1", "t5", Tool::Book, ada_at("2026-12-01", "15:00")).await;
    assert!(anew.success && anew.appointment_id != booked.appointment_id, "{}", anew.message);
    let off = ask(&world, "c1", "t6", Tool::Cancel, ada()).await;
    assert_eq!(off.appointment_id, anew.appointment_id);
    assert_eq!(texts(&world, "select distinct status from appointments").await, ["cancelled"]);
}

#[sqlx::test(migrator = "crate::MIGRATOR")]
async fn of_several_visits_the_caller_says_which(pool: PgPool) {
    let world = clinic(pool).await;
    for (id, date) in [("t1", "2026-12-01"), ("t2", "2026-12-03")] {
        ask(&world, "c1", id, Tool::Book, ada_at(date, "15:00")).await;
    }
    let unclear = ask(&world, "c2", "t1", Tool::Cancel, ada()).await;
    assert!(!unclear.success && unclear.message.ends_with("Which one is it?"), "{}", unclear.message);
    let odd = ask(&world, "c2", "t2", Tool::Cancel, merged(&ada(), &json!({ "currentDate": "the third" }))).await;
    assert!(!odd.success && odd.message.starts_with("Please give the date"), "{}", odd.message);
    let clear = ask(&world, "c2", "t2", Tool::Cancel, merged(&ada(), &json!({ "currentDate": "2026-12-03" }))).await;
    assert!(clear.success && clear.message.contains("December third"), "{}", clear.message);
}

#[sqlx::test(migrator = "crate::MIGRATOR")]
async fn a_change_that_comes_too_late_is_told_to_staff(pool: PgPool) {
    let world = clinic(pool).await;
    let booked = ask(&world, "c1", "t1", Tool::Book, ada_at("2026-11-21", "10:00")).await;
    world.run("update appointment_types set cutoff_minutes = 2880", &[]).await;
    let late = ask(&world, "c1", "t2", Tool::Cancel, code(&booked)).await;
    assert!(!late.success && late.message.contains("We have told the clinic"), "{}", late.message);
    assert_eq!(texts(&world, "select kind from tasks").await, ["late_change"]);
    assert_eq!(texts(&world, "select status from appointments").await, ["booked"]);
}

#[sqlx::test(migrator = "crate::MIGRATOR")]
async fn what_staff_approve_is_called_a_request(pool: PgPool) {
    let world = clinic(pool).await;
    world.run("update appointment_types set voice_mode = 'request'", &[]).await;
    let asked = ask(&world, "c1", "t1", Tool::Book, ada_at("2026-12-01", "15:00")).await;
    assert!(asked.success && asked.message.contains("The clinic still has to confirm it."), "{}", asked.message);
    assert!(!asked.message.contains("Booked"));
    world.run("update appointment_types set voice_mode = 'off'", &[]).await;
    let off = ask(&world, "c1", "t2", Tool::Book, ada_at("2026-12-02", "15:00")).await;
    assert!(!off.success && off.message.contains("Nothing can be booked by phone"), "{}", off.message);
}

#[sqlx::test(migrator = "crate::MIGRATOR")]
async fn a_question_becomes_one_task(pool: PgPool) {
    let world = clinic(pool).await;
    let question = merged(&ada_on_the_phone(), &json!({ "message": "Do you take\n my insurance?" }));
    for id in ["t1", "t1", "t2"] {
        let told = ask(&world, "c1", id, Tool::Inquire, question.clone()).await;
        assert!(told.success && told.message.starts_with("I have passed that on"), "{}", told.message);
    }
    let open = crate::tasks::list(&mut world.tx().await, None, 10).await.unwrap();
    let [task] = open.as_slice() else { panic!("{open:?}") };
    assert_eq!((task.kind.as_str(), task.detail.as_str()), ("inquiry", "Do you take my insurance?"));
    assert_eq!(task.asked_by.as_deref(), Some("ada lovelace, (555) 123-4567"));
    assert!(task.conversation_id.is_some() && task.appointment_id.is_none());
    assert!(!ask(&world, "c1", "t3", Tool::Inquire, json!({ "message": " " })).await.success);
    ask(&world, "c1", "t4", Tool::Inquire, json!({ "message": "And parking?" })).await;
    assert_eq!(world.count("tasks").await, 2);
}

#[sqlx::test(migrator = "crate::MIGRATOR")]
async fn another_clinics_visits_do_not_exist(pool: PgPool) {
    let (bloom, cedar) = (clinic(pool.clone()).await, clinic(pool).await);
    let booked = ask(&bloom, "c1", "t1", Tool::Book, ada_at("2026-12-01", "15:00")).await;
    for proof in [code(&booked), ada()] {
        for tool in [Tool::Lookup, Tool::Cancel] {
            let refused = ask(&cedar, "c1", "t1", tool, proof.clone()).await;
            assert!(!refused.success && refused.message.starts_with("I could not find"), "{}", refused.message);
        }
    }
    // The same ids of calls and requests are other ones there.
    let theirs = ask(&cedar, "c1", "t1", Tool::Book, ada_at("2026-12-01", "15:00")).await;
    assert!(theirs.success && theirs.appointment_id != booked.appointment_id);
}

#[sqlx::test(migrator = "crate::MIGRATOR")]
async fn a_clinic_that_is_named_wrongly_is_noted(pool: PgPool) {
    let world = clinic(pool).await;
    let named = |id: &str| merged(&ada_at("2026-12-01", "15:00"), &json!({ "organizationId": id }));
    ask(&world, "c1", "t1", Tool::Book, named(&world.clinic.to_string())).await;
    assert_eq!(world.count("audit_entries").await, 0);
    let booked = ask(&world, "c1", "t2", Tool::Book, named("org_other")).await;
    assert!(booked.success);
    let noted = texts(&world, "select kind || ' ' || (detail->>'organization_id') from audit_entries").await;
    assert_eq!(noted, ["voice_organization_mismatch org_other"]);
    let edited = sqlx::query("update audit_entries set kind = 'x'").execute(world.tx().await.conn()).await;
    assert!(edited.unwrap_err().to_string().contains("permission denied"));
}

#[sqlx::test(migrator = "crate::MIGRATOR")]
async fn a_clinic_that_speaks_spanish_answers_in_it(pool: PgPool) {
    let world = clinic(pool).await;
    world.run("update clinics set languages = '{es}'", &[]).await;
    let booked = ask(&world, "c1", "t1", Tool::Book, ada_at("2026-12-01", "15:00")).await;
    assert!(
        booked
            .message
            .starts_with("Reservado: Haircut con Mia Lin, el martes primero de diciembre a las 3 de la tarde."),
        "{}",
        booked.message
    );
    let eve = json!({ "patientName": "Eve", "patientPhone": "+15557654321" });
    let taken = ask(&world, "c2", "t1", Tool::Book, merged(&ada_at("2026-12-01", "15:00"), &eve)).await;
    assert!(taken.message.contains("no está libre. Para Haircut están libres: el martes"), "{}", taken.message);
    assert!(ask(&world, "c2", "t2", Tool::Lookup, json!({})).await.message.starts_with("No encontré"));
}

fn report_of(call: &str) -> Report {
    let said = |role, text: &str| Said { role, text: text.into(), at: None };
    Report {
        call: call.into(),
        caller: Some("+15551234567".into()),
        ended_reason: Some("customer-ended-call".into()),
        ended_at: None,
        said: vec![
            said(Role::Receptionist, "Hello."),
            said(Role::Patient, "A haircut, please."),
            said(Role::Receptionist, "When?"),
            said(Role::Patient, "Bye."),
        ],
    }
}

#[sqlx::test(migrator = "crate::MIGRATOR")]
async fn a_report_is_stored_once_however_it_comes(pool: PgPool) {
    let world = clinic(pool).await;
    ask(&world, "c1", "t1", Tool::Book, ada_at("2026-12-01", "15:00")).await;
    let tell = async |call: &str| report(&world.db, world.now(), world.clinic, &report_of(call)).await.unwrap();
    let (first, second) = tokio::join!(tell("c1"), tell("c1"));
    assert!(first != second, "one of two at once");
    assert!(!tell("c1").await);
    assert!(tell("c2").await, "of a call that nothing was heard of");
    assert_eq!((world.count("messages").await, world.count("conversations").await), (8, 2));

    let id: uuid::Uuid = sqlx::query_scalar("select conversation_id from voice_calls where call_id = 'c1'")
        .fetch_one(world.tx().await.conn())
        .await
        .unwrap();
    let id = ConversationId::from(id);
    let messages = conversations::messages(&mut world.tx().await, id, None, 10).await.unwrap();
    let texts: Vec<_> = messages.iter().map(|message| (message.role, message.text.as_str())).collect();
    assert_eq!(texts[1], (Role::Patient, "A haircut, please."));
    assert_eq!(texts[2], (Role::Receptionist, "When?"));
    let unanswered = conversations::unanswered(&mut world.tx().await, id).await.unwrap();
    assert_eq!(unanswered, [], "nobody answers in writing what was said aloud");
    let asked = conversations::standing(&mut world.tx().await, messages[1].id).await.unwrap();
    assert!(matches!(asked, conversations::Standing::Answered(answer) if answer.text == "When?"));
}

#[sqlx::test(migrator = "crate::MIGRATOR")]
async fn a_calls_end_is_told_late_twice_or_never(pool: PgPool) {
    let world = clinic(pool).await;
    let tell = async |call: &str, status: &str| {
        let told = Progress { call: call.into(), caller: None, status: status.into(), ended_reason: None };
        progress(&world.db, world.now(), world.clinic, &told).await.unwrap();
    };
    let standing = async || {
        texts(&world, "select concat_ws(' ', call_id, status, ended_reason, ended_at is not null, reported_at is not null) from voice_calls order by 1").await
    };
    for status in ["ringing", "in-progress", "ended", "in-progress"] {
        tell("c1", status).await;
    }
    tell("c2", "in-progress").await;
    assert_eq!(standing().await, ["c1 ended t f", "c2 in-progress f f"]);
    assert_eq!(end_silent(&world.db, world.now(), world.clinic).await.unwrap(), 0);
    world.wait(Duration::hours(3));
    let silent = crate::db::directory::with_silent_calls(&world.db, world.now() - SILENCE).await.unwrap();
    assert_eq!(silent, [world.clinic]);
    assert_eq!(end_silent(&world.db, world.now(), world.clinic).await.unwrap(), 1);
    assert_eq!(standing().await, ["c1 ended t f", "c2 ended unreported t f"]);
    assert!(report(&world.db, world.now(), world.clinic, &report_of("c2")).await.unwrap(), "late, and stored");
    assert_eq!(standing().await[1], "c2 ended customer-ended-call t t");
}

#[sqlx::test(migrator = "crate::MIGRATOR")]
async fn odd_ids_are_kept_as_well(pool: PgPool) {
    let world = clinic(pool).await;
    let long = "x".repeat(10_000);
    for (call, id) in [(long.as_str(), long.as_str()), ("a\0b", "c\nd"), ("🙂", "🙂")] {
        let question = json!({ "message": "a question\0 with a hole" });
        for _ in 0..2 {
            assert!(ask(&world, call, id, Tool::Inquire, question.clone()).await.success);
        }
    }
    assert_eq!(world.count("tasks").await, 3);
    let nameless = Request { call: None, id: None, ..request("", "", Tool::Inquire, json!({ "message": "Hello?" })) };
    for _ in 0..2 {
        assert!(answer(&world.db, world.now(), world.clinic, &nameless).await.unwrap().success);
    }
    assert_eq!(world.count("tasks").await, 5);
}

/// Who shares a telephone, and who calls another clinic, hears of their own.
#[sqlx::test(migrator = "crate::MIGRATOR")]
async fn a_proof_opens_one_persons_visits_at_one_clinic(pool: PgPool) {
    let (world, elsewhere) = (clinic(pool.clone()).await, clinic(pool).await);
    let own = ask(&world, "c1", "t1", Tool::Book, ada_at("2026-12-01", "15:00")).await;
    let child = json!({ "patientName": "Annabella Lovelace", "birthDate": "2015-05-12" });
    let theirs = ask(&world, "c1", "t2", Tool::Book, merged(&ada_at("2026-12-02", "15:00"), &child)).await;
    let found = ask(&world, "c2", "t1", Tool::Lookup, child.clone()).await;
    assert_eq!(found.appointment_id, theirs.appointment_id);
    assert!(!found.message.contains("December first"), "{}", found.message);
    assert_eq!(ask(&world, "c3", "t1", Tool::Lookup, ada()).await.appointment_id, own.appointment_id);
    for proof in [ada(), code(&own)] {
        for tool in [Tool::Lookup, Tool::Cancel] {
            let refused = ask(&elsewhere, "c1", "t1", tool, proof.clone()).await;
            assert!(refused.message.starts_with("I could not find that visit."), "{}", refused.message);
        }
    }
    let cancelled = ask(&world, "c2", "t2", Tool::Cancel, child).await;
    assert_eq!(cancelled.appointment_id, theirs.appointment_id, "{}", cancelled.message);
}

#[sqlx::test(migrator = "crate::MIGRATOR")]
async fn guessing_on_the_phone_ends_after_five_tries(pool: PgPool) {
    let world = clinic(pool).await;
    let booked = ask(&world, "c1", "t1", Tool::Book, ada_at("2026-12-01", "15:00")).await;
    for wrong in ["00000001", "00000002", "00000003", "00000004", "00000005"] {
        assert!(!ask(&world, "c2", "t1", Tool::Lookup, json!({ "code": wrong })).await.success);
    }
    let late = ask(&world, "c2", "t1", Tool::Lookup, code(&booked)).await;
    assert!(!late.success && late.message.contains("too often"), "{}", late.message);
    assert!(ask(&world, "c3", "t1", Tool::Lookup, code(&booked)).await.success);
}

#[sqlx::test(migrator = "crate::MIGRATOR")]
async fn who_books_again_in_another_call_is_not_told_the_code(pool: PgPool) {
    let world = clinic(pool).await;
    let first = ask(&world, "c1", "t1", Tool::Book, ada_at("2026-12-01", "15:00")).await;
    let again = ask(&world, "c2", "t1", Tool::Book, ada_at("2026-12-01", "15:00")).await;
    assert_eq!((again.success, again.appointment_id), (true, first.appointment_id));
    assert!(again.confirmation_code.is_none() && again.message.contains("booked already"), "{}", again.message);
    assert_eq!(world.count("appointments").await, 1);
}

#[sqlx::test(migrator = "crate::MIGRATOR")]
async fn who_says_stop_on_the_phone_gets_no_more_texts_and_calls(pool: PgPool) {
    let world = clinic(pool).await;
    let ledger = async || texts(&world, "select concat_ws(' ', channel, address, via) from opt_outs order by 1").await;
    let mut asked = request("c1", "t1", Tool::Inquire, json!({ "message": "Please stop texting me." }));
    asked.caller = Some("+15551234567".into());
    let told = answer(&world.db, world.now(), world.clinic, &asked).await.unwrap();
    assert!(told.success && told.message.contains("no more texts"), "{}", told.message);
    assert_eq!(ledger().await, ["sms +15551234567 voice", "voice +15551234567 voice"]);
    let mut over = report_of("c2");
    over.caller = Some("+15557654321".into());
    over.said.push(Said { role: Role::Patient, text: "And stop sending me messages.".into(), at: None });
    over.said.push(Said { role: Role::Receptionist, text: "Stop texting me.".into(), at: None });
    report(&world.db, world.now(), world.clinic, &over).await.unwrap();
    assert!(ledger().await.contains(&"sms +15557654321 voice".to_owned()));
    let harmless = request("c3", "t1", Tool::Inquire, json!({ "message": "Is the bus stop near?" }));
    answer(&world.db, world.now(), world.clinic, &harmless).await.unwrap();
    report(&world.db, world.now(), world.clinic, &report_of("c4")).await.unwrap();
    assert_eq!(ledger().await.len(), 4);
}

#[sqlx::test(migrator = "crate::MIGRATOR")]
async fn a_caller_in_danger_is_told_whom_to_call_and_staff_once(pool: PgPool) {
    let world = clinic(pool).await;
    let danger = merged(&ada_at("2026-12-01", "15:00"), &json!({ "notes": "I have crushing chest pain right now" }));
    for id in ["t1", "t2"] {
        let asked = request("c1", id, Tool::Book, danger.clone());
        let told = answer(&world.db, world.now(), world.clinic, &asked).await.unwrap();
        assert!(!told.success && told.message.contains("911") && !told.message.contains('\n'), "{}", told.message);
    }
    assert_eq!((world.count("appointments").await, world.count("tasks").await), (0, 1));

    let says = async |text: &str| {
        let heard = Heard { call: "c2".into(), caller: None, text: text.into() };
        hear(&world.db, world.now(), world.clinic, &heard).await.unwrap()
    };
    assert!(!says("My heart is set on Tuesday.").await);
    assert!(says("I can't breathe.").await);
    assert!(!says("I can't breathe!").await, "they have been told");
    assert_eq!(world.count("tasks").await, 2);
}
