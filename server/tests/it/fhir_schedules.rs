//! Schedules: whose time can be booked, for what, and how far ahead.

use serde_json::{Value, json};
use sqlx::PgPool;

use crate::fhir::{Looker, each, furnish, id_of};
use crate::support::TestServer;

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn every_practitioner_has_a_schedule(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let desk = Looker::new(&server);
    let mia = id_of(&server, "practitioners", "Mia Lin").await;
    sqlx::query("update appointment_types set horizon_days = 90 where slug = 'haircut'")
        .execute(&server.pool)
        .await
        .unwrap();
    sqlx::query("update appointment_types set horizon_days = 30 where slug = 'facial'")
        .execute(&server.pool)
        .await
        .unwrap();

    let schedule = desk.get(&format!("Schedule/{mia}")).await;

    assert_eq!((&schedule["id"], &schedule["active"]), (&json!(mia), &json!(true)));
    assert_eq!(schedule["actor"], json!([{ "reference": format!("Practitioner/{mia}"), "display": "Mia Lin" }]));
    let offered: Vec<&str> =
        schedule["serviceType"].as_array().unwrap().iter().map(|kind| kind["text"].as_str().unwrap()).collect();
    assert_eq!(offered, ["Haircut", "Facial"]);
    assert_eq!(schedule["planningHorizon"], json!({ "start": "2026-11-20T15:00:00Z", "end": "2027-02-18T15:00:00Z" }));
    assert_eq!(desk.found("Schedule").await.len(), 3);
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn schedules_are_found_by_what_they_say(pool: PgPool) {
    let server = TestServer::new(pool).await;
    furnish(&server).await;
    let desk = Looker::new(&server);
    let (mia, noah) =
        (id_of(&server, "practitioners", "Mia Lin").await, id_of(&server, "practitioners", "Noah Reyes").await);
    let site = id_of(&server, "locations", "Main Street").await;
    sqlx::query("update practitioners set location_id = $1::uuid where name = 'Noah Reyes'")
        .bind(&site)
        .execute(&server.pool)
        .await
        .unwrap();
    let ids = |found: Vec<Value>| {
        let mut ids: Vec<String> = each(&found, "id").into_iter().map(str::to_owned).collect();
        ids.sort();
        ids
    };
    let both = || {
        let mut both = vec![mia.clone(), noah.clone()];
        both.sort();
        both
    };
    for (query, wanted) in [
        (format!("actor=Practitioner/{mia}"), vec![mia.clone()]),
        (format!("actor={mia}"), vec![mia.clone()]),
        (format!("actor:Practitioner={mia}"), vec![mia.clone()]),
        (format!("actor={}", desk.address(&format!("Practitioner/{mia}"))), vec![mia.clone()]),
        (format!("actor=Location/{site}"), vec![noah.clone()]),
        (format!("actor=Practitioner/{mia},Practitioner/{noah}"), both()),
        (format!("actor=Practitioner/{mia}&actor=Practitioner/{noah}"), vec![]),
        (format!("_id={mia},{noah}"), both()),
        ("service-type=haircut".into(), both()),
        ("service-type=haircut&service-type=massage".into(), vec![]),
        ("service-type=massage,facial".into(), both()),
        ("service-type=haircut&date=2027-06-01".into(), both()),
        ("service-type=haircut&date=2028-06-01".into(), vec![]),
        ("service-type=haircut&date=lt2026-11-20".into(), vec![]),
        ("service-type=haircut&date=ge2026-11-20".into(), both()),
        ("service-type=haircut&active=true".into(), both()),
        ("active=false".into(), vec![]),
    ] {
        assert_eq!(ids(desk.found(&format!("Schedule?{query}")).await), wanted, "{query}");
    }
    let place = desk.get(&format!("Schedule/{noah}")).await;
    assert_eq!(place["actor"][1], json!({ "reference": format!("Location/{site}") }));
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn someone_who_left_keeps_a_schedule_that_plans_nothing(pool: PgPool) {
    let server = TestServer::new(pool).await;
    sqlx::query("update practitioners set active = false where name = 'Mia Lin'").execute(&server.pool).await.unwrap();
    let desk = Looker::new(&server);

    let gone = desk.found("Schedule?active=false").await;

    assert_eq!(gone.len(), 1);
    assert_eq!((&gone[0]["active"], &gone[0]["planningHorizon"]), (&json!(false), &Value::Null));
    assert_eq!(desk.found(&format!("Slot?schedule={}", gone[0]["id"].as_str().unwrap())).await, Vec::<Value>::new());
}
