//! `Appointment/$find`: visits that could be booked.

use serde_json::{Value, json};
use sqlx::PgPool;

use crate::fhir::{Looker, each, entries, id_of};
use crate::fhir_slots::{offered, sorted};
use crate::support::TestServer;

const FHIR: &str = "application/fhir+json";

fn times(proposed: &[Value]) -> Vec<(String, String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let whom = |visit: &Value| text(&visit["participant"][0]["actor"]["reference"]).replace("Practitioner/", "");
    proposed.iter().map(|visit| (text(&visit["start"]), text(&visit["end"]), whom(visit))).collect()
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn what_is_proposed_is_what_is_on_offer(pool: PgPool) {
    let server = TestServer::new(pool).await;
    server.session().await.book().await;
    let desk = Looker::new(&server);
    for kind in ["haircut", "massage", "facial", "consultation"] {
        let find = format!("Appointment/$find?start=2026-11-20&end=2026-12-01&service-type={kind}&_count=60");
        let (proposed, _) = desk.found_on_all_pages(&find).await;
        assert_eq!(sorted(times(&proposed)), sorted(offered(&server, kind, None, "2026-11-20", "2026-12-01").await));
    }
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn a_proposal_leads_to_its_slot_and_holds_nothing(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let desk = Looker::new(&server);
    let find = "Appointment/$find?start=2026-11-24T14:00:00Z&end=2026-11-24T16:00:00Z&service-type=haircut";

    let bundle = desk.get(find).await;

    let proposed = entries(&bundle);
    assert_eq!(bundle["total"], proposed.len());
    for visit in &proposed {
        assert_eq!((&visit["status"], &visit["id"]), (&json!("proposed"), &Value::Null));
        assert_eq!(visit["participant"][0]["status"], "needs-action");
        let slot = desk.get(visit["slot"][0]["reference"].as_str().unwrap()).await;
        assert_eq!((&slot["status"], &slot["start"], &slot["end"]), (&json!("free"), &visit["start"], &visit["end"]));
    }
    assert_eq!(each(&proposed, "start").first(), Some(&"2026-11-24T14:00:00Z"));
    assert_eq!(each(&proposed, "end").last(), Some(&"2026-11-24T16:00:00Z"), "visits end by the end");
    assert_eq!(
        (server.count("holds").await, server.count("appointments").await, server.count("events").await),
        (0, 0, 0)
    );
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn asking_with_a_body_is_asking_the_same(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let desk = Looker::new(&server);
    let mia = id_of(&server, "practitioners", "Mia Lin").await;
    let haircut = id_of(&server, "appointment_types", "Haircut").await;
    let system = desk.address("CodeSystem/appointment-type");
    let find =
        format!("Appointment/$find?start=2026-11-24&end=2026-11-24&service-type=haircut&practitioner={mia}&_count=4");
    let asked = entries(&desk.get(&find).await);
    assert_eq!(asked.len(), 4);

    let (start, end) =
        (json!({ "name": "start", "valueDate": "2026-11-24" }), json!({ "name": "end", "valueDate": "2026-11-24" }));
    let count = json!({ "name": "_count", "valueInteger": 4 });
    for (what, whom) in [
        (
            json!({ "name": "service-type", "valueString": "haircut" }),
            json!({ "name": "practitioner", "valueReference": { "reference": format!("Practitioner/{mia}") } }),
        ),
        (
            json!({ "name": "service-type", "valueCoding": { "system": system, "code": haircut } }),
            json!({ "name": "schedule", "valueReference": { "reference": format!("Schedule/{mia}") } }),
        ),
        (
            json!({ "name": "service-type", "valueCodeableConcept": { "coding": [{ "code": haircut }] } }),
            json!({ "name": "practitioner", "valueString": mia }),
        ),
        (
            json!({ "name": "service-type-reference", "valueReference": { "reference": format!("HealthcareService/{haircut}") } }),
            json!({ "name": "practitioner", "valueUri": format!("Practitioner/{mia}") }),
        ),
    ] {
        let parameters = json!({ "resourceType": "Parameters", "parameter": [start, end, what, whom, count] });
        let answer = desk.post("Appointment/$find", FHIR, parameters.to_string()).await;
        assert_eq!(answer.status, 200, "{parameters}: {}", answer.text);
        assert_eq!(entries(&answer.json), asked, "{parameters}");
    }
    let next = desk.post(
        "Appointment/$find",
        "application/json; charset=utf-8",
        json!({ "resourceType": "Parameters", "parameter": [
            { "name": "start", "valueDateTime": "2026-11-24T09:00:00-05:00" },
            { "name": "end", "valueDateTime": "2026-11-24T17:00:00-05:00" },
            { "name": "service-type", "valueCode": "haircut" }, count] })
        .to_string(),
    );
    let next = crate::fhir::link(&next.await.json, "next").unwrap().replace(&desk.address(""), "");
    assert_eq!(desk.found(&next).await.len(), 4, "the next page is asked for by its address");
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn several_practitioners_may_be_named(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let desk = Looker::new(&server);
    let (mia, noah, priya) = (
        id_of(&server, "practitioners", "Mia Lin").await,
        id_of(&server, "practitioners", "Noah Reyes").await,
        id_of(&server, "practitioners", "Dr. Priya Anand").await,
    );
    let find = "Appointment/$find?start=2026-11-24&end=2026-11-24&service-type=haircut&_count=200";
    let mut each = desk.found(&format!("{find}&practitioner={mia}")).await;
    each.extend(desk.found(&format!("{find}&practitioner={noah}")).await);
    for both in [
        format!("practitioner={mia}&practitioner={noah}"),
        format!("practitioner={mia},{noah},{mia}"),
        format!("schedule=Schedule/{mia}&practitioner=Practitioner/{noah}"),
    ] {
        let found = desk.found(&format!("{find}&{both}")).await;
        assert_eq!(sorted(times(&found)), sorted(times(&each)), "{both}");
    }
    assert_eq!(desk.found(&format!("{find}&practitioner={priya}")).await, Vec::<Value>::new(), "she cuts no hair");
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn a_question_that_makes_no_sense_is_refused(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let desk = Looker::new(&server);
    let kind = "service-type=haircut";
    for (query, status, code) in [
        (String::new(), 400, "required"),
        (format!("start=2026-11-24&{kind}"), 400, "required"),
        (format!("end=2026-11-24&{kind}"), 400, "required"),
        ("start=2026-11-24&end=2026-11-24".into(), 400, "required"),
        (format!("start=2026-11-25&end=2026-11-24&{kind}"), 400, "value"),
        (format!("start=2026-11-24T10:00:00Z&end=2026-11-24T10:00:00Z&{kind}"), 400, "value"),
        (format!("start=ge2026-11-24&end=2026-11-25&{kind}"), 400, "value"),
        (format!("start=2026-11-24&start=2026-11-25&end=2026-11-26&{kind}"), 400, "value"),
        (format!("start=2026-11-24&end=2027-01-25&{kind}"), 400, "too-costly"),
        (format!("start=2026-11-24&end=2026-11-24&{kind}&practitioner=Patient/1"), 400, "value"),
        (format!("start=2026-11-24&end=2026-11-24&{kind},massage"), 400, "value"),
        ("start=2026-11-24&end=2026-11-24&service-type=tattoo".into(), 404, "not-found"),
        (format!("start=2026-11-24&end=2026-11-24&{kind}&practitioner=nobody"), 404, "not-found"),
        (format!("start=2026-11-24&end=2026-11-24&{kind}&_count=0"), 400, "value"),
    ] {
        desk.refused(&format!("Appointment/$find?{query}"), status, code).await;
    }
    let longest = format!("Appointment/$find?start=2026-11-24&end=2027-01-24&{kind}&_count=1");
    assert_eq!(desk.found(&longest).await.len(), 1, "62 days are allowed");
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn a_body_that_is_no_parameters_is_refused(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let desk = Looker::new(&server);
    for (body, code) in [
        ("", "structure"),
        ("{", "structure"),
        ("[]", "structure"),
        ("null", "structure"),
        ("{}", "structure"),
        (r#"{"resourceType":"Appointment"}"#, "structure"),
        (r#"{"resourceType":"Parameters","parameter":{}}"#, "structure"),
        (r#"{"resourceType":"Parameters","parameter":[{"valueDate":"2026-11-24"}]}"#, "structure"),
        (r#"{"resourceType":"Parameters","parameter":[null]}"#, "structure"),
        (r#"{"resourceType":"Parameters","parameter":[{"name":"start"}]}"#, "value"),
        (r#"{"resourceType":"Parameters","parameter":[{"name":"start","valuePeriod":{"start":"2026"}}]}"#, "value"),
        (r#"{"resourceType":"Parameters"}"#, "required"),
        (r#"{"resourceType":"Parameters","parameter":[{"name":"specialty","valueCode":"x"}]}"#, "not-supported"),
    ] {
        let answer = desk.post("Appointment/$find", FHIR, body).await;
        answer.assert_outcome(400, code);
    }
    desk.post("Appointment/$find", "application/xml", "<Parameters/>").await.assert_outcome(415, "not-supported");
    let form = "application/x-www-form-urlencoded";
    desk.post("Appointment/$find", form, "start=2026-11-24").await.assert_outcome(415, "not-supported");
    desk.post("Appointment/$find", FHIR, " ".repeat(300 * 1024)).await.assert_outcome(413, "too-long");
}
