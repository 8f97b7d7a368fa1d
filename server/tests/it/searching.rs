//! Looking for a time across days, and asking why one is not there.

use domain::id::PractitionerId;
use serde_json::{Value, json};
use services::booking::SlotClaim;
use services::testing::World;
use sqlx::PgPool;

use crate::support::{Answer, TestServer, with_cedar};

/// The days of an answer, each once.
fn days(slots: &[Value]) -> Vec<&str> {
    let mut days: Vec<&str> = slots.iter().map(|slot| &slot["local"].as_str().unwrap()[..10]).collect();
    days.dedup();
    days
}

const MORNINGS: &str = "appointment_type=haircut&days=3&earliest=08:00&latest=12:00";

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn the_next_three_mornings_are_those_on_which_the_clinic_is_open(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let slots = server.session().await.find(MORNINGS).await;
    assert_eq!(days(&slots), ["2026-11-20", "2026-11-21", "2026-11-23"], "not on Sunday");
    let times: Vec<&str> = slots.iter().map(|slot| &slot["local"].as_str().unwrap()[11..]).collect();
    assert!(times.iter().all(|time| ("08:00"..="12:00").contains(time)), "{times:?}");
    assert_eq!((times[0], times.iter().max()), ("10:00", Some(&"12:00")), "a visit may begin at the latest minute");
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn mornings_that_are_full_or_closed_are_skipped(pool: PgPool) {
    let server = TestServer::new(pool).await;
    sqlx::query(
        "insert into busy_times (clinic_id, busy_time_id, practitioner_id, during, source)
         select clinic_id, gen_random_uuid(), practitioner_id, '[2026-11-21 15:00Z, 2026-11-21 17:30Z)', 'console'
         from practitioners",
    )
    .execute(&server.pool)
    .await
    .unwrap();
    sqlx::query(
        "insert into date_exceptions (clinic_id, date_exception_id, on_date)
         select clinic_id, gen_random_uuid(), '2026-11-23' from clinics",
    )
    .execute(&server.pool)
    .await
    .unwrap();
    let slots = server.session().await.find(MORNINGS).await;
    assert_eq!(days(&slots), ["2026-11-20", "2026-11-24", "2026-11-25"]);
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn a_search_ends_at_the_horizon(pool: PgPool) {
    let server = TestServer::new(pool).await;
    sqlx::query("update appointment_types set horizon_days = 3").execute(&server.pool).await.unwrap();
    let visitor = server.session().await;
    assert_eq!(
        days(&visitor.find("appointment_type=haircut&days=10").await),
        ["2026-11-20", "2026-11-21", "2026-11-23"]
    );
    assert!(visitor.find("appointment_type=haircut&days=1&from=2026-12-24").await.is_empty());
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn a_search_that_finds_nothing_looks_at_every_day_and_ends(pool: PgPool) {
    let server = TestServer::new(pool).await;
    sqlx::query("update appointment_types set horizon_days = 730").execute(&server.pool).await.unwrap();
    let slots = server.session().await.find("appointment_type=haircut&days=1&earliest=03:00&latest=04:00").await;
    assert!(slots.is_empty());
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn a_search_begins_where_it_is_told_and_gives_no_more_than_asked(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let visitor = server.session().await;
    let slots = visitor.find("appointment_type=haircut&days=2&from=2026-11-28").await;
    assert_eq!(days(&slots), ["2026-11-28", "2026-11-30"]);
    assert_eq!(visitor.find("appointment_type=haircut&days=2&limit=3").await.len(), 3);
    let until = visitor.find("appointment_type=haircut&days=5&from=2026-11-21&to=2026-11-23").await;
    assert_eq!(days(&until), ["2026-11-21", "2026-11-23"], "and not past its last day");
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn a_question_that_makes_no_sense_is_invalid(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let visitor = server.session().await;
    for (query, field) in [
        ("days=0", "days"),
        ("days=-1", "query"),
        ("days=three", "query"),
        ("days=99999999999999999999999", "query"),
        ("days=3&earliest=8", "earliest"),
        ("days=3&earliest=25:00", "earliest"),
        ("days=3&earliest=", "earliest"),
        ("days=3&latest=12:60", "latest"),
        ("days=3&latest=noon", "latest"),
        ("from=2026-11-24", "to"),
        ("", "to"),
        ("days=3&from=2020-01-01", "to"),
        ("days=3&from=2026-11-24&to=2026-11-23", "to"),
        ("days=3&from=2026-11-31", "query"),
        ("days=3&practitioner=mia", "query"),
    ] {
        let refused = visitor.get(&format!("availability?appointment_type=haircut&{query}")).await;
        refused.assert_problem(422, "invalid");
        assert_eq!(refused.wrong_fields(), [field], "{query}");
    }
    visitor.get("availability?appointment_type=surgery&days=3").await.assert_problem(404, "not_found");
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn days_no_calendar_reaches_break_no_search(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let visitor = server.session().await;
    for from in ["9999-12-31", "%2B262142-12-31", "-262143-01-01", "0001-01-01", "0000-01-01"] {
        let answer = visitor.get(&format!("availability?appointment_type=haircut&days=3&from={from}")).await;
        assert!(answer.status == 422 || answer.json["slots"] == json!([]), "{from}: {} {}", answer.status, answer.text);
    }
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn a_slot_says_why_it_is_with_whom(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let visitor = server.session().await;
    let tuesday = "appointment_type=haircut&from=2026-11-24&to=2026-11-24";
    let first = visitor.free_slot().await;
    assert_eq!((&first["why"], &first["practitioner"]["name"]), (&json!("first"), &json!("Mia Lin")));
    let all = server.get_practitioner(&visitor, "Noah Reyes").await;
    let asked = visitor.find(&format!("{tuesday}&practitioner={all}")).await;
    assert!(asked.iter().all(|slot| slot["why"] == "asked" && slot["practitioner"]["name"] == "Noah Reyes"));

    // Ada sees Noah; from then on this chat offers him first.
    let hold = visitor.hold(&asked[0]).await;
    let booked = visitor.confirm(&hold, crate::support::ada()).await;
    let later = visitor.slots().await;
    assert!(later.iter().any(|slot| slot["why"] == "usual" && slot["practitioner"]["name"] == "Noah Reyes"));
    assert_eq!((&later[0]["why"], &later[0]["practitioner"]["name"]), (&json!("only"), &json!("Mia Lin")));

    let patient = booked.json["appointment"]["patient"]["id"].as_str().unwrap();
    let program = server.program(visitor.clinic);
    let known = program.get(&format!("availability?{tuesday}&patient={patient}")).await;
    assert_eq!(known.json["slots"].as_array().unwrap().last().unwrap()["why"], "usual", "{}", known.text);
    let unknown = server.session().await.find(&format!("{tuesday}&patient={patient}")).await;
    assert_eq!(unknown.last().unwrap()["why"], "least_booked", "a session asks about no patient but its own");
}

impl TestServer {
    /// A practitioner's id, by name.
    async fn get_practitioner(&self, visitor: &crate::support::Session<'_>, name: &str) -> String {
        let all = visitor.get("practitioners").await;
        let all = all.json["practitioners"].as_array().unwrap().clone();
        let found = all.iter().find(|who| who["name"] == name).unwrap_or_else(|| panic!("{name} in {all:?}"));
        found["id"].as_str().unwrap().to_owned()
    }
}

/// A clinic with something of everything in the week from 23 November.
async fn busy_week(pool: PgPool) -> (TestServer, World, PractitionerId) {
    let server = TestServer::new(pool.clone()).await;
    let cedar = World::new(pool).await;
    let haircut = cedar.appointment_type("haircut", 45).await;
    let yoga = cedar.appointment_type("yoga", 60).await;
    let massage = cedar.appointment_type("massage", 60).await;
    let (lin, reyes) = (cedar.practitioner().await, cedar.practitioner_called("Noah Reyes").await);
    let visit = |practitioner_id, appointment_type_id, starts_at: &str| SlotClaim {
        practitioner_id,
        appointment_type_id,
        starts_at: starts_at.parse().unwrap(),
    };
    cedar
        .run(
            "update appointment_types
             set buffer_after_minutes = 15, notice_minutes = 60, horizon_days = 200,
                 capacity = case slug when 'yoga' then 2 else 1 end",
            &[],
        )
        .await;
    cedar
        .run(
            "insert into opening_hours (opening_hour_id, kind, weekday, from_minute, to_minute)
             values (gen_random_uuid(), 'break', 2, 720, 780)",
            &[],
        )
        .await;
    cedar
        .run(
            "insert into date_exceptions (date_exception_id, on_date, from_minute, to_minute)
             values (gen_random_uuid(), '2026-11-27', 720, 840)",
            &[],
        )
        .await;
    cedar.leave(Some(lin), "2026-11-25", "2026-11-25").await;
    cedar.leave(None, "2026-11-26", "2026-11-26").await;
    cedar.busy(lin, "2026-11-24T15:00:00Z", "2026-11-24T15:30:00Z").await;
    let room = cedar.room("Quiet room").await;
    cedar.need(massage, 1, &[room]).await;
    cedar.book(visit(reyes, massage, "2026-11-23T15:00:00Z")).await.unwrap();
    cedar.book(visit(lin, yoga, "2026-11-23T19:00:00Z")).await.unwrap();
    cedar.book(visit(lin, yoga, "2026-11-23T19:00:00Z")).await.unwrap();
    cedar.book(visit(lin, haircut, "2026-11-24T19:00:00Z")).await.unwrap();
    cedar.hold(cedar.session(), visit(lin, haircut, "2026-11-24T20:30:00Z")).await.unwrap();
    (server, cedar, lin)
}

fn codes(answer: &Answer) -> Vec<&str> {
    let reasons = answer.json["reasons"].as_array().unwrap_or_else(|| panic!("{}", answer.text));
    assert_eq!(answer.json["offered"], reasons.is_empty());
    reasons.iter().map(|reason| reason["code"].as_str().unwrap()).collect()
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn each_reason_is_told_to_a_program_by_its_name_and_to_a_patient_without_what_is_not_theirs(pool: PgPool) {
    let (server, cedar, lin) = busy_week(pool).await;
    let (visitor, program) = (server.session_with(cedar.clinic).await, server.program(cedar.clinic));
    for (kind, at, detailed, safe) in [
        ("haircut", "2026-11-20T15:45:00Z", "notice", "notice"),
        ("haircut", "2027-06-24T14:00:00Z", "horizon", "horizon"),
        ("haircut", "2027-03-14T02:30", "zone_gap", "zone_gap"),
        ("haircut", "2026-11-24T14:05", "grid", "grid"),
        ("haircut", "2026-11-25T14:00", "leave", "closed"),
        ("haircut", "2026-11-26T14:00", "closed", "closed"),
        ("haircut", "2026-11-24T08:00", "closed", "closed"),
        ("haircut", "2026-11-27T10:00", "exception", "closed"),
        ("haircut", "2026-11-24T12:00", "break", "break"),
        ("haircut", "2026-11-24T10:00", "external_busy", "taken"),
        ("haircut", "2026-11-24T14:00", "taken", "taken"),
        ("haircut", "2026-11-24T15:30", "held", "taken"),
        ("haircut", "2026-11-24T14:45", "buffer", "taken"),
        ("yoga", "2026-11-23T14:00", "capacity", "capacity"),
        ("massage", "2026-11-23T10:00", "room", "taken"),
    ] {
        let asked = format!("availability/explain?appointment_type={kind}&practitioner={lin}&at={at}");
        let (told, heard) = (program.get(&asked).await, visitor.get(&asked).await);
        assert!(codes(&told).contains(&detailed), "{at}: {}", told.text);
        assert!(codes(&heard).contains(&safe), "{at}: {}", heard.text);
        assert_eq!(codes(&told).len(), codes(&heard).len(), "{at}: {} {}", told.text, heard.text);
        assert_eq!(told.json["time_zone"], "America/New_York");
        assert_eq!(told.json["reasons"][0]["practitioner"]["name"], "Mia Lin");
        assert!(told.json["reasons"][0]["detail"].as_str().unwrap().starts_with("Mia Lin, "), "{}", told.text);
        assert!(!heard.text.contains("Mia"), "{}", heard.text);
        assert!(heard.json["reasons"][0]["practitioner"].is_null());
    }
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn a_patient_hears_no_word_that_only_staff_may(pool: PgPool) {
    let (server, cedar, lin) = busy_week(pool).await;
    let visitor = server.session_with(cedar.clinic).await;
    for minute in (0..24 * 4).map(|quarter| quarter * 15) {
        for day in ["2026-11-23", "2026-11-24", "2026-11-25", "2026-11-26", "2026-11-27"] {
            let at = format!("{day}T{:02}:{:02}", minute / 60, minute % 60);
            let with = if minute % 30 == 0 { format!("&practitioner={lin}") } else { String::new() };
            let heard = visitor.get(&format!("availability/explain?appointment_type=massage&at={at}{with}")).await;
            for secret in ["held", "buffer", "external_busy", "room", "leave", "exception"] {
                assert!(!codes(&heard).contains(&secret), "{at}: {}", heard.text);
            }
        }
    }
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn a_time_that_is_offered_has_no_reasons_by_any_clock(pool: PgPool) {
    let (server, cedar) = with_cedar(pool).await;
    let visitor = server.session_with(cedar.clinic).await;
    for at in [
        "2026-11-24T19:00:00Z",
        "2026-11-24T14:00:00-05:00",
        "2026-11-25T04:00:00%2B09:00",
        "2026-11-24T14:00",
        "2026-11-24T14:00:00",
    ] {
        let told = visitor.get(&format!("availability/explain?appointment_type=haircut&at={at}")).await;
        assert_eq!((told.status, &told.json["offered"]), (200, &json!(true)), "{at}: {}", told.text);
    }
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn what_is_no_moment_is_invalid(pool: PgPool) {
    let (server, cedar) = with_cedar(pool).await;
    let visitor = server.session_with(cedar.clinic).await;
    for at in [
        "",
        "tomorrow",
        "14:00",
        "2026-11-24",
        "2026-02-30T10:00",
        "2026-11-24T25:00",
        "2026-11-24T14:00%00",
        "1764000000",
        "%2B262142-12-31T23:59:59Z",
        "-262143-01-01T00:00:00Z",
        "-4800-01-01T00:00:00Z",
        "0000-01-01T00:00",
        "%2B10000-01-01T00:00",
    ] {
        let refused = visitor.get(&format!("availability/explain?appointment_type=haircut&at={at}")).await;
        refused.assert_problem(422, "invalid");
        assert_eq!(refused.wrong_fields(), ["at"], "{at}");
    }
    visitor.get("availability/explain?appointment_type=haircut").await.assert_problem(422, "invalid");
    let unknown = "availability/explain?appointment_type=surgery&at=2026-11-24T14:00";
    visitor.get(unknown).await.assert_problem(404, "not_found");
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn with_anyone_a_program_hears_about_everyone_and_a_patient_once(pool: PgPool) {
    let (server, cedar, _) = busy_week(pool).await;
    let asked = "availability/explain?appointment_type=haircut&at=2026-11-26T14:00";
    let told = server.program(cedar.clinic).get(asked).await;
    let names: Vec<_> =
        told.json["reasons"].as_array().unwrap().iter().map(|one| &one["practitioner"]["name"]).collect();
    assert_eq!(names, ["Mia Lin", "Noah Reyes"]);
    assert_eq!(codes(&server.session_with(cedar.clinic).await.get(asked).await), ["closed"]);
}
