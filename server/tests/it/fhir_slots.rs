//! Slots: the times that are free, and those that are taken.

use chrono::{DateTime, Duration, Utc};
use http::Method;
use serde_json::{Value, json};
use services::demo::BLOOM;
use sqlx::PgPool;

use crate::fhir::{Looker, each, entries, id_of, link};
use crate::support::{ADMIN_KEY, TestServer, ada, ask, with};

/// A start, an end and a practitioner.
type Time = (String, String, String);

/// What REST offers a key from one day to another, with anyone or with one
/// practitioner.
pub async fn offered(server: &TestServer, kind: &str, whom: Option<&str>, from: &str, to: &str) -> Vec<Time> {
    let whom = whom.map(|id| format!("&practitioner={id}")).unwrap_or_default();
    let path = format!("/api/v1/clinics/{BLOOM}/availability?appointment_type={kind}&from={from}&to={to}{whom}");
    let answer = server.send(with(ask(Method::GET, &path), "x-admin-key", ADMIN_KEY)).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let slots = answer.json["slots"].as_array().unwrap().iter();
    slots.map(|slot| (text(&slot["starts_at"]), text(&slot["ends_at"]), text(&slot["practitioner"]["id"]))).collect()
}

/// What it offers with each of those who offer it.
async fn offered_by_each(server: &TestServer, kind: &str, from: &str, to: &str) -> Vec<Time> {
    let mut all = Vec::new();
    for name in ["Mia Lin", "Noah Reyes"] {
        let whom = id_of(server, "practitioners", name).await;
        all.extend(offered(server, kind, Some(&whom), from, to).await);
    }
    all
}

fn times(slots: &[Value]) -> Vec<Time> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let whose = |slot: &Value| text(&slot["schedule"]["reference"]).replace("Schedule/", "");
    slots.iter().map(|slot| (text(&slot["start"]), text(&slot["end"]), whose(slot))).collect()
}

pub fn sorted<T: Ord>(mut items: Vec<T>) -> Vec<T> {
    items.sort();
    items
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn free_slots_are_the_times_on_offer(pool: PgPool) {
    let server = TestServer::new(pool).await;
    server.session().await.book().await;
    let desk = Looker::new(&server);

    let (week, pages) =
        desk.found_on_all_pages("Slot?service-type=haircut&start=ge2026-11-21&start=lt2026-12-12&_count=97").await;

    assert!(pages > 3, "{pages}");
    assert!(week.iter().all(|slot| slot["status"] == "free"));
    let wanted = offered_by_each(&server, "haircut", "2026-11-21", "2026-12-11").await;
    assert_eq!(sorted(times(&week)), sorted(wanted));
    assert!(each(&week, "start").is_sorted());

    let usual = desk.found_on_all_pages("Slot?service-type=haircut&_count=200").await.0;
    let two_weeks = offered_by_each(&server, "haircut", "2026-11-20", "2026-12-04").await;
    let two_weeks = two_weeks.into_iter().filter(|(start, ..)| start.as_str() < "2026-12-04T15:00:00Z");
    assert_eq!(sorted(times(&usual)), sorted(two_weeks.collect()));
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn a_schedules_slots_are_its_practitioners_for_all_they_offer(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let desk = Looker::new(&server);
    let mia = id_of(&server, "practitioners", "Mia Lin").await;

    let all = desk.found_on_all_pages(&format!("Slot?schedule=Schedule/{mia}&start=2026-11-24")).await.0;

    let mut wanted = offered(&server, "haircut", Some(&mia), "2026-11-24", "2026-11-24").await;
    wanted.extend(offered(&server, "facial", Some(&mia), "2026-11-24", "2026-11-24").await);
    assert_eq!(sorted(times(&all)), sorted(wanted));
    let facials = desk.found(&format!("Slot?schedule={mia}&service-type=facial&start=2026-11-24")).await;
    assert!(!facials.is_empty() && facials.iter().all(|slot| slot["serviceType"][0]["text"] == "Facial"));
    assert_eq!(
        desk.found(&format!("Slot?schedule={mia}&service-type=massage&start=2026-11-24")).await,
        Vec::<Value>::new(),
        "she offers none"
    );
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn a_search_for_slots_says_whose_and_not_for_too_long(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let desk = Looker::new(&server);
    let missing = desk.refused("Slot?start=2026-11-24", 400, "required").await;
    assert_eq!(missing.json["issue"][0]["location"], json!(["http.schedule"]));
    desk.refused("Slot?schedule=&status=busy", 400, "required").await;
    for start in [
        "start=ge2026-11-20&start=le2027-01-21",
        "start=2027",
        "start=ge2026-11-24T00:00:00Z&start=lt2027-01-25T02:00:00Z",
    ] {
        desk.refused(&format!("Slot?service-type=haircut&{start}"), 400, "too-costly").await;
    }
    for start in ["start=ge2026-11-20&start=lt2027-01-21", "start=ge2026-09-15&start=lt2026-11-16", "start=2026-12"] {
        desk.get(&format!("Slot?service-type=haircut&_count=1&{start}")).await;
    }
    for start in ["start=ge2026-11-25&start=lt2026-11-24", "start=lt2026-11-20", "start=2026-11-19"] {
        assert_eq!(desk.found(&format!("Slot?service-type=haircut&{start}")).await, Vec::<Value>::new(), "{start}");
    }
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn a_free_slot_reads_back_until_it_is_taken(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let desk = Looker::new(&server);
    let visitor = server.session().await;
    let slot = visitor.free_slot().await;
    let search = format!("Slot?service-type=haircut&start={}", slot["starts_at"].as_str().unwrap());
    let whose = |found: Vec<Value>| {
        let schedule = format!("Schedule/{}", slot["practitioner"]["id"].as_str().unwrap());
        found.into_iter().find(|one| one["schedule"]["reference"] == schedule)
    };
    let free = whose(desk.found(&search).await).unwrap();
    let path = format!("Slot/{}", free["id"].as_str().unwrap());
    assert_eq!(desk.get(&path).await, free);
    assert_eq!(whose(desk.found(&search).await), Some(free.clone()), "the same time has the same id");

    visitor.hold(&slot).await;
    let mut taken = free.clone();
    taken["status"] = "busy".into();
    assert_eq!(desk.get(&path).await, taken);
    assert_eq!(whose(desk.found(&search).await), None);

    server.wait(Duration::minutes(6));
    assert_eq!(desk.get(&path).await, free, "the hold ran out");
    server.wait(Duration::days(30));
    assert_eq!(desk.get(&path).await, taken, "nobody can have a time that is over");
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn a_time_that_is_taken_says_how_and_not_for_whom(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let desk = Looker::new(&server);
    let visitor = server.session().await;
    let visit = visitor.book().await;
    let whose = visit["practitioner"]["id"].as_str().unwrap();
    let held = visitor.slots().await.into_iter().find(|slot| slot["practitioner"]["id"] == *whose).unwrap();
    visitor.hold(&held).await;
    block(&server, whose, "2026-11-24T21:00:00Z", "2026-11-24T22:00:00Z").await;

    let search = format!("Slot?schedule={whose}&start=2026-11-24&status=busy,busy-tentative,busy-unavailable");
    let taken = desk.get(&search).await;

    let text = taken.to_string();
    for told in ["Ada", "+1555", "example.com", visit["confirmation_code"].as_str().unwrap(), "private"] {
        assert!(!text.contains(told), "{told} in {text}");
    }
    let slots = entries(&taken);
    assert_eq!(each(&slots, "status"), ["busy", "busy-tentative", "busy-unavailable"]);
    assert_eq!((&slots[0]["start"], &slots[0]["end"]), (&visit["starts_at"], &visit["ends_at"]));
    assert_eq!(slots[1]["start"], held["starts_at"]);
    for slot in &slots {
        assert_eq!(desk.get(&format!("Slot/{}", slot["id"].as_str().unwrap())).await, *slot);
        assert!(slot["serviceType"].is_null());
    }
    assert_eq!(desk.found(&format!("Slot?schedule={whose}&start=2026-11-24&status=busy")).await, slots[..1]);
    let both = desk.found_on_all_pages(&format!("Slot?schedule={whose}&start=2026-11-24&_count=7")).await.0;
    assert_eq!(both.iter().filter(|slot| slot["status"] != "free").cloned().collect::<Vec<_>>(), slots);
    assert!(both.iter().any(|slot| slot["status"] == "free") && each(&both, "start").is_sorted());
    assert_eq!(
        desk.found(&format!("Slot?schedule={whose}&service-type=haircut&start=2026-11-24&status=busy")).await,
        Vec::<Value>::new(),
        "what is taken has no type"
    );

    server.wait(Duration::minutes(6));
    desk.refused(&format!("Slot/{}", slots[1]["id"].as_str().unwrap()), 404, "not-found").await;
    visitor.post(&format!("appointments/{}/cancel", visit["id"].as_str().unwrap()), json!({})).await;
    desk.refused(&format!("Slot/{}", slots[0]["id"].as_str().unwrap()), 404, "not-found").await;
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn a_time_taken_on_purpose_is_overbooked_and_a_request_tentative(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let desk = Looker::new(&server);
    let visit = server.session().await.book().await;
    let whose = visit["practitioner"]["id"].as_str().unwrap();
    let search = format!("Slot?schedule={whose}&start=2026-11-24&status=busy,busy-tentative");
    sqlx::query("update occupancies set overbooking_cap = 1, overbooked = 1").execute(&server.pool).await.unwrap();
    assert_eq!(desk.found(&search).await[0]["overbooked"], true);
    sqlx::query("update appointments set status = 'pending'").execute(&server.pool).await.unwrap();
    assert_eq!(desk.found(&search).await[0]["status"], "busy-tentative");
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn patients_who_share_a_visit_take_its_time_once(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let desk = Looker::new(&server);
    let (one, other) = (server.session().await, server.session().await);
    let visit = one.book().await;
    let second = other.hold(&other.free_slot().await).await;
    other.confirm(&second, ada()).await;
    sqlx::query(
        "update occupancies o
         set session_id = '00000000-0000-7000-8000-000000000001', seats = 2,
             seat = case when o.appointment_id = $1::uuid then 1 else 2 end,
             practitioner_id = a.practitioner_id, during = tstzrange(a.starts_at, a.ends_at)
         from appointments a
         where a.appointment_id = $1::uuid",
    )
    .bind(visit["id"].as_str().unwrap())
    .execute(&server.pool)
    .await
    .unwrap();

    let whose = visit["practitioner"]["id"].as_str().unwrap();
    let taken = desk.found(&format!("Slot?schedule={whose}&start=2026-11-24&status=busy")).await;

    assert_eq!(each(&taken, "start"), [visit["starts_at"].as_str().unwrap()]);
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn the_day_the_clocks_go_back_has_its_slots(pool: PgPool) {
    // New York's clocks went back at 2:00 on 1 November 2026, a Sunday.
    let server = TestServer::at(pool, "2026-10-30T12:00:00Z").await;
    sqlx::query(
        "insert into opening_hours (clinic_id, opening_hour_id, kind, weekday, from_minute, to_minute)
         values ($1, gen_random_uuid(), 'open', 7, 0, 240)",
    )
    .bind(BLOOM.uuid())
    .execute(&server.pool)
    .await
    .unwrap();
    let desk = Looker::new(&server);

    let night = desk.found_on_all_pages("Slot?service-type=haircut&start=2026-11-01").await.0;

    assert_eq!(sorted(times(&night)), sorted(offered_by_each(&server, "haircut", "2026-11-01", "2026-11-01").await));
    let starts = each(&night, "start");
    assert!(starts.contains(&"2026-11-01T05:00:00Z") && !starts.contains(&"2026-11-01T06:00:00Z"), "{starts:?}");
    let as_clocks_show =
        desk.found("Slot?service-type=haircut&start=ge2026-11-01T02:00&start=lt2026-11-01T02:15").await;
    assert_eq!(sorted(each(&as_clocks_show, "start")), ["2026-11-01T07:00:00Z"; 2]);
    for slot in &night {
        assert_eq!(desk.get(&format!("Slot/{}", slot["id"].as_str().unwrap())).await, *slot);
    }
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn pages_of_slots_follow_on_though_the_book_changes(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let desk = Looker::new(&server);
    let first = desk.get("Slot?service-type=haircut&start=2026-11-24&_count=10").await;
    let last: DateTime<Utc> = entries(&first)[9]["start"].as_str().unwrap().parse().unwrap();
    server.session().await.book().await;

    let next = link(&first, "next").unwrap().replace(&desk.address(""), "");
    let second = desk.found(&next).await;

    assert!(second.iter().all(|slot| slot["start"].as_str().unwrap().parse::<DateTime<Utc>>().unwrap() >= last));
    let seen = entries(&first);
    let twice = second.iter().filter(|slot| seen.contains(slot)).count();
    assert_eq!(twice, 0);
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn the_name_of_a_sensitive_type_is_not_in_its_slots(pool: PgPool) {
    let server = TestServer::new(pool).await;
    sqlx::query("update appointment_types set sensitive = true where slug = 'haircut'")
        .execute(&server.pool)
        .await
        .unwrap();
    let desk = Looker::new(&server);
    let slots = desk.get("Slot?service-type=haircut&_count=2").await;
    let id = id_of(&server, "appointment_types", "Haircut").await;
    assert!(!slots["entry"].to_string().to_lowercase().contains("haircut"), "{slots}");
    assert_eq!(entries(&slots)[0]["serviceType"][0]["coding"][0]["code"], id);
    assert_eq!(desk.get(&format!("HealthcareService/{id}")).await["name"], "Haircut");
}

async fn block(server: &TestServer, practitioner: &str, from: &str, to: &str) {
    sqlx::query(
        "insert into busy_times (clinic_id, busy_time_id, practitioner_id, during, source, note)
         values ($1, gen_random_uuid(), $2::uuid, tstzrange($3::timestamptz, $4::timestamptz), 'console', 'private')",
    )
    .bind(BLOOM.uuid())
    .bind(practitioner)
    .bind(from.parse::<DateTime<Utc>>().unwrap())
    .bind(to.parse::<DateTime<Utc>>().unwrap())
    .execute(&server.pool)
    .await
    .unwrap();
}
