//! Visits as another system reads them.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use services::demo::BLOOM;
use sqlx::PgPool;

use crate::fhir::{Looker, each, entries, furnish, id_of, link};
use crate::support::{TestServer, ada};

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn a_visit_says_all_that_is_known_of_it(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let desk = Looker::new(&server);
    let visitor = server.session().await;
    let hold = visitor.hold(&visitor.free_slot().await).await;
    let wanted = json!({ "hold_id": hold.json["hold_id"], "patient": ada(), "note": "I am left-handed." });
    let visit = visitor.post("appointments/confirm", wanted).await.json["appointment"].clone();

    let read = desk.get(&format!("Appointment/{}", visit["id"].as_str().unwrap())).await;

    let (practitioner, patient) =
        (visit["practitioner"]["id"].as_str().unwrap(), visit["patient"]["id"].as_str().unwrap());
    assert_eq!(
        read,
        json!({
            "resourceType": "Appointment",
            "id": visit["id"],
            "identifier": [{
                "system": desk.address("NamingSystem/confirmation-code"),
                "value": visit["confirmation_code"],
            }],
            "status": "booked",
            "serviceType": [{
                "coding": [{
                    "system": desk.address("CodeSystem/appointment-type"),
                    "code": visit["appointment_type"]["id"],
                    "display": "Haircut",
                }],
                "text": "Haircut",
            }],
            "start": visit["starts_at"],
            "end": visit["ends_at"],
            "minutesDuration": 45,
            "created": visit["created_at"],
            "comment": "I am left-handed.",
            "participant": [
                {
                    "actor": { "reference": format!("Practitioner/{practitioner}"), "display": visit["practitioner"]["name"] },
                    "status": "accepted",
                },
                {
                    "actor": { "reference": format!("Patient/{patient}"), "display": "Ada Lovelace" },
                    "status": "accepted",
                },
            ],
        })
    );
    assert_eq!(
        desk.get(&format!("Patient/{patient}")).await,
        json!({
            "resourceType": "Patient",
            "id": patient,
            "name": [{ "text": "Ada Lovelace" }],
            "telecom": [
                { "system": "phone", "value": "+15551234567" },
                { "system": "email", "value": "ada@example.com" },
            ],
        })
    );
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn every_status_is_fhirs_own(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let desk = Looker::new(&server);
    let visit = server.session().await.book().await;
    let path = format!("Appointment/{}", visit["id"].as_str().unwrap());
    for status in ["pending", "booked", "arrived", "fulfilled", "cancelled", "noshow"] {
        sqlx::query(
            "update appointments
             set status = $1, cancelled_at = case when $1 = 'cancelled' then now() end, cancel_reason = 'Moved away'",
        )
        .bind(status)
        .execute(&server.pool)
        .await
        .unwrap();
        let read = desk.get(&path).await;
        assert_eq!(read["status"], status);
        let is_off = ["cancelled", "noshow"].contains(&status);
        assert_eq!(read["cancelationReason"]["text"].as_str(), is_off.then_some("Moved away"), "{status}");
        let agreed = if status == "pending" { "needs-action" } else { "accepted" };
        assert_eq!(read["participant"][0]["status"], agreed, "{status}");
        assert_eq!(desk.found(&format!("Appointment?status={status}")).await, std::slice::from_ref(&read));
        let known = "http://hl7.org/fhir/appointmentstatus";
        assert_eq!(desk.found(&format!("Appointment?status={known}%7C{status},proposed")).await, [read]);
    }
    assert_eq!(desk.found("Appointment?status=booked,arrived,waitlist").await, Vec::<Value>::new());
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn a_sensitive_visit_does_not_say_what_it_is_for(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let desk = Looker::new(&server);
    let visit = server.session().await.book().await;
    let path = format!("Appointment/{}", visit["id"].as_str().unwrap());
    assert!(desk.get(&path).await["meta"].is_null());
    sqlx::query("update appointment_types set sensitive = true where slug = 'haircut'")
        .execute(&server.pool)
        .await
        .unwrap();

    let find = "Appointment/$find?start=2026-11-24&end=2026-11-24&service-type=haircut&_count=1";
    let proposed = desk.found(find).await.remove(0);
    for read in [desk.get(&path).await, desk.found("Appointment").await.remove(0), proposed] {
        assert!(!read.to_string().to_lowercase().contains("haircut"), "{read}");
        let label = &read["meta"]["security"][0];
        assert_eq!(label["system"], "http://terminology.hl7.org/CodeSystem/v3-Confidentiality");
        assert_eq!(label["code"], "R");
        assert_eq!(read["serviceType"][0]["coding"][0]["code"], visit["appointment_type"]["id"]);
    }
    assert_eq!(desk.found("Appointment?service-type=haircut").await.len(), 1);
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn a_room_that_a_visit_takes_takes_part(pool: PgPool) {
    let server = TestServer::new(pool).await;
    furnish(&server).await;
    let desk = Looker::new(&server);
    let visit = server.session().await.book().await;
    let (id, room) = (visit["id"].as_str().unwrap(), id_of(&server, "rooms", "Blue room").await);
    for name in ["Blue room", "Blue laser"] {
        sqlx::query(
            "insert into occupancies (clinic_id, occupancy_id, room_id, during, appointment_id)
             select a.clinic_id, gen_random_uuid(), r.room_id, tstzrange(a.starts_at, a.ends_at), a.appointment_id
             from appointments a join rooms r using (clinic_id)
             where r.name = $1",
        )
        .bind(name)
        .execute(&server.pool)
        .await
        .unwrap();
    }

    let read = desk.get(&format!("Appointment/{id}")).await;

    let participants = read["participant"].as_array().unwrap();
    assert_eq!(participants.len(), 3, "a machine is no place");
    let reference = format!("Location/{room}");
    assert_eq!(participants[2]["actor"], json!({ "reference": reference, "display": "Blue room" }));
    assert_eq!(desk.get(&reference).await["name"], "Blue room");
    assert_eq!(desk.found(&format!("Appointment?location={room}")).await, std::slice::from_ref(&read));
    assert_eq!(desk.found(&format!("Appointment?actor={reference}")).await, [read]);
    let whose = visit["practitioner"]["id"].as_str().unwrap();
    let taken = desk.found(&format!("Slot?schedule={whose}&start=2026-11-24&status=busy")).await;
    assert_eq!(taken.len(), 1, "a room's time is not its practitioner's");
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn someone_who_was_erased_has_no_name(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let desk = Looker::new(&server);
    let visit = server.session().await.book().await;
    sqlx::query("update patients set name = '', phone = null, email = null").execute(&server.pool).await.unwrap();
    let patient = visit["patient"]["id"].as_str().unwrap();
    let read = desk.get(&format!("Patient/{patient}")).await;
    assert_eq!(read, json!({ "resourceType": "Patient", "id": patient }));
    let visit = desk.get(&format!("Appointment/{}", visit["id"].as_str().unwrap())).await;
    assert_eq!(visit["participant"][1]["actor"], json!({ "reference": format!("Patient/{patient}") }));
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn visits_are_found_by_what_is_known_of_them(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let desk = Looker::new(&server);
    let visit = server.session().await.book().await;
    fill(&server, "Noah Reyes", "massage", 3, "2026-11-27T14:00:00Z").await;
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let (id, code) = (text(&visit["id"]), text(&visit["confirmation_code"]));
    let (patient, who) = (text(&visit["patient"]["id"]), text(&visit["practitioner"]["id"]));
    let (kind, start) = (text(&visit["appointment_type"]["id"]), text(&visit["starts_at"]));
    let grace = id_of(&server, "patients", "Grace Hopper").await;

    for query in [
        format!("_id={id}"),
        format!("_id={id},00000000-0000-4000-a000-000000000009"),
        format!("patient={patient}"),
        format!("patient=Patient/{patient}"),
        format!("patient:Patient={patient}"),
        format!("patient={}", desk.address(&format!("Patient/{patient}"))),
        format!("actor=Patient/{patient}"),
        format!("actor=Patient/{patient}&actor=Practitioner/{who}"),
        format!("actor={who}&actor:Patient={patient}"),
        format!("practitioner={who}&service-type=haircut"),
        format!("service-type={kind}"),
        "service-type=haircut".into(),
        format!("service-type={}%7C{kind}", desk.address("CodeSystem/appointment-type")),
        format!("identifier={code}"),
        format!("identifier={}", code.to_lowercase()),
        format!("identifier={}%7C{code}", desk.address("NamingSystem/confirmation-code")),
        format!("date={start}"),
        "date=2026-11-24".into(),
        "date=lt2026-11-25".into(),
        "date=ge2026-11-24&date=le2026-11-24".into(),
        format!("status=booked&date=2026-11-24&patient={patient},{grace}"),
    ] {
        let found = desk.found(&format!("Appointment?{query}")).await;
        assert_eq!(each(&found, "id"), [id.as_str()], "{query}");
    }
    for query in [
        format!("_id={id}&_id=00000000-0000-4000-a000-000000000009"),
        format!("actor=Patient/{grace}&actor=Practitioner/{who}&service-type=haircut"),
        format!("patient={patient}&patient={grace}"),
        format!("identifier=http://elsewhere.example%7C{code}"),
        "service-type=http://elsewhere.example%7Chaircut".into(),
        format!("date=gt{start}&date=lt2026-11-25"),
        "date=2026-11-23".into(),
        "date=2026-11-24&status=cancelled".into(),
        "location=00000000-0000-4000-a000-000000000009".into(),
    ] {
        assert_eq!(desk.found(&format!("Appointment?{query}")).await, Vec::<Value>::new(), "{query}");
    }
    assert_eq!(desk.found(&format!("Appointment?patient={grace}")).await.len(), 3);
    assert_eq!(desk.found("Appointment?service-type=haircut,massage").await.len(), 4);
    desk.refused(&format!("Appointment?actor=Patient/{patient},Practitioner/{who}"), 400, "not-supported").await;
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn a_date_is_the_clinics_day_also_when_its_clocks_change(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let desk = Looker::new(&server);
    // Every hour from Saturday evening to Monday morning, New York time.
    fill(&server, "Noah Reyes", "massage", 40, "2026-10-31T23:00:00Z").await;
    let on = async |query: &str| {
        let found = desk.found(&format!("Appointment?_count=200&{query}")).await;
        let starts = each(&found, "start").into_iter().map(str::to_owned).collect::<Vec<_>>();
        (starts.len(), starts.first().cloned().unwrap_or_default(), starts.last().cloned().unwrap_or_default())
    };
    let sunday = (25, "2026-11-01T04:00:00Z".to_owned(), "2026-11-02T04:00:00Z".to_owned());
    assert_eq!(on("date=2026-11-01").await, sunday, "the day has 25 hours");
    assert_eq!(on("date=ge2026-11-01&date=lt2026-11-02").await, sunday);
    assert_eq!(on("date=gt2026-10-31&date=le2026-11-01").await, sunday);
    assert_eq!(on("date=eq2026-11-01").await, sunday);
    assert_eq!(on("date=ge2026-11-01T01:00&date=lt2026-11-01T02:00").await.0, 2, "one o'clock comes twice");
    assert_eq!(on("date=ge2026-11-01T01:00:00-05:00&date=lt2026-11-01T02:00:00-05:00").await.0, 1);
    assert_eq!(on("date=2026-11-01T06:00:00Z").await.0, 1);
    assert_eq!(on("date=2026-11").await.0, 35);
    assert_eq!(on("date=2026").await.0, 40);
    assert_eq!(on("date=ge2026-11-02T01:00:00%2B00:00").await.0, 14);
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn a_long_list_is_read_to_its_end_in_pages(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let desk = Looker::new(&server);
    // Three of each hour, so that pages end between visits of one start.
    for who in ["Noah Reyes", "Mia Lin", "Dr. Priya Anand"] {
        fill(&server, who, "massage", 150, "2026-12-01T00:00:00Z").await;
    }
    let first = desk.get("Appointment?service-type=massage").await;
    assert_eq!((entries(&first).len(), &first["total"]), (50, &json!(450)));
    assert_eq!(link(&first, "self"), Some(desk.address("Appointment?service-type=massage").as_str()));
    let most = desk.get("Appointment?_count=1000").await;
    assert_eq!(entries(&most).len(), 200, "no page is longer");

    for count in [7, 200] {
        let (all, pages) = desk.found_on_all_pages(&format!("Appointment?service-type=massage&_count={count}")).await;
        assert_eq!((all.len(), pages), (450, 450_usize.div_ceil(count)));
        assert_eq!(each(&all, "id").into_iter().collect::<BTreeSet<_>>().len(), 450);
        assert!(each(&all, "start").is_sorted());
    }
    let (day, _) = desk.found_on_all_pages("Appointment?date=2026-12-03&_count=5").await;
    assert_eq!(day.len(), 72);
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn a_visit_booked_behind_the_reader_does_not_shift_the_pages(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let desk = Looker::new(&server);
    fill(&server, "Noah Reyes", "massage", 10, "2026-12-01T00:00:00Z").await;
    let first = desk.get("Appointment?_count=5").await;
    fill(&server, "Mia Lin", "massage", 1, "2026-11-30T00:00:00Z").await;

    let next = link(&first, "next").unwrap().replace(&desk.address(""), "");
    let second = desk.get(&next).await;

    let starts: Vec<String> = [entries(&first), entries(&second)]
        .concat()
        .iter()
        .map(|visit| visit["start"].as_str().unwrap().to_owned())
        .collect();
    let hours: Vec<String> = (0..10).map(|hour| format!("2026-12-01T{hour:02}:00:00Z")).collect();
    assert_eq!(starts, hours);
    assert_eq!((link(&second, "next"), &second["total"]), (None, &Value::Null));
}

/// Books one practitioner for Grace Hopper, an hour each, one after the other.
async fn fill(server: &TestServer, practitioner: &str, kind: &str, visits: i32, from: &str) {
    sqlx::query(
        "insert into patients (clinic_id, patient_id, name, phone)
         values ($1, gen_random_uuid(), 'Grace Hopper', '+15550000001') on conflict do nothing",
    )
    .bind(BLOOM.uuid())
    .execute(&server.pool)
    .await
    .unwrap();
    sqlx::query(
        "insert into appointments (clinic_id, appointment_id, practitioner_id, appointment_type_id, patient_id, hold_id,
                                   owner, channel, starts_at, ends_at, confirmation_code)
         select $1, gen_random_uuid(), p.practitioner_id, t.appointment_type_id, c.patient_id, gen_random_uuid(),
                'key:test', 'api', start, start + interval '1 hour',
                upper(left(translate(md5(p.name || start::text), 'iluo', '0000'), 8))
         from practitioners p
         join appointment_types t on t.clinic_id = p.clinic_id and t.slug = $3
         join patients c on c.clinic_id = p.clinic_id and c.name = 'Grace Hopper'
         cross join generate_series($5::timestamptz, $5::timestamptz + interval '1 hour' * ($4 - 1), '1 hour') start
         where p.clinic_id = $1 and p.name = $2",
    )
    .bind(BLOOM.uuid())
    .bind(practitioner)
    .bind(kind)
    .bind(visits)
    .bind(from.parse::<chrono::DateTime<chrono::Utc>>().unwrap())
    .execute(&server.pool)
    .await
    .unwrap();
}
