//! Patients over REST and in the console: changed, merged, spoken for.

use http::Method;
use serde_json::{Value, json};
use services::demo::BLOOM;
use sqlx::PgPool;

use crate::sign_in::sign_in;
use crate::support::{Answer, TestServer, ask, ask_with, form, page, with};

async fn send(server: &TestServer, key: &str, method: Method, path: &str, body: Option<Value>) -> Answer {
    let path = format!("/api/v1/patients/{path}");
    let request = match body {
        Some(body) => ask_with(method, &path, body),
        None => ask(method, &path),
    };
    server.send(with(request, "x-admin-key", key)).await
}

/// Books a visit for somebody; the visit and the patient.
async fn book(server: &TestServer, patient: Value) -> (String, String) {
    let visitor = server.session().await;
    let hold = visitor.hold(&visitor.free_slot().await).await;
    let booked = visitor.confirm(&hold, patient).await;
    assert_eq!(booked.status, 201, "{}", booked.text);
    let visit = &booked.json["appointment"];
    (visit["id"].as_str().unwrap().to_owned(), visit["patient"]["id"].as_str().unwrap().to_owned())
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn a_patient_is_read_and_changed_field_by_field(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let key = server.key(BLOOM, &["patients"]).await;
    let (_, id) = book(&server, crate::support::ada()).await;
    let change = json!({ "phone": "(555) 987-6543", "birth_date": "1985-12-10", "language": "es", "time_zone": "Europe/Lisbon" });
    let changed = send(&server, &key, Method::PATCH, &id, Some(change)).await;
    assert_eq!(changed.status, 200, "{}", changed.text);
    let read = send(&server, &key, Method::GET, &id, None).await;
    for (field, value) in [
        ("id", id.as_str()),
        ("name", "Ada Lovelace"),
        ("phone", "+15559876543"),
        ("email", "ada@example.com"),
        ("birth_date", "1985-12-10"),
        ("language", "es"),
        ("time_zone", "Europe/Lisbon"),
    ] {
        assert_eq!((changed.text_of(field).as_str(), read.text_of(field).as_str()), (value, value), "{field}");
    }
    let wrong =
        json!({ "name": " ", "phone": "12", "email": "x", "birth_date": "soon", "language": "xx", "time_zone": "x" });
    let refused = send(&server, &key, Method::PATCH, &id, Some(wrong)).await;
    refused.assert_problem(422, "invalid");
    assert_eq!(refused.wrong_fields(), ["name", "phone", "email", "birth_date", "language", "time_zone"]);
    let cleared = send(&server, &key, Method::PATCH, &id, Some(json!({ "phone": null, "email": null }))).await;
    assert_eq!(cleared.wrong_fields(), ["phone"]);
    send(&server, &key, Method::PATCH, &id, Some(json!({ "notes": "x" }))).await.assert_problem(422, "invalid");
    send(&server, &key, Method::GET, "nonsense", None).await.assert_problem(404, "not_found");
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn two_records_of_one_person_are_merged_and_parted_by_key_and_in_the_console(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let key = server.key(BLOOM, &["patients"]).await;
    let (visit, into) = book(&server, json!({ "name": "Ada Lovelace", "phone": "+15551234567" })).await;
    let (_, from) = book(&server, crate::support::ada()).await;
    assert_ne!(from, into);
    let read = send(&server, &key, Method::GET, &into, None).await;
    assert_eq!(read.json["alike"], json!([from]), "{}", read.text);

    let merges = format!("{into}/merges");
    let merged = send(&server, &key, Method::POST, &merges, Some(json!({ "from": from }))).await;
    assert_eq!(merged.status, 201, "{}", merged.text);
    send(&server, &key, Method::POST, &merges, Some(json!({ "from": from }))).await.assert_problem(422, "invalid");
    let read = send(&server, &key, Method::GET, &from, None).await;
    assert_eq!(read.text_of("merged_into"), into);

    let cookie = sign_in(&server).await;
    let look = async || server.send(page(&format!("/console/appointments/{visit}"), &cookie)).await.text;
    let act = async |name: &str, fields: &[(&str, &str)]| {
        server.send(with(form(&format!("/fn/{name}"), fields), "cookie", &cookie)).await.status
    };
    assert!(look().await.contains("Also known as"));
    assert_eq!(act("part_patients", &[("merge", &merged.text_of("id"))]).await, 200);
    let parted = look().await;
    assert!(parted.contains("May be the same person") && !parted.contains("Also known as"), "{parted}");
    assert_eq!(act("merge_patients", &[("from", &from), ("into", &into)]).await, 200);
    let merge = send(&server, &key, Method::GET, &into, None).await.json["merges"][0]["id"].clone();
    let undo = format!("{into}/merges/{}", merge.as_str().unwrap());
    assert_eq!(send(&server, &key, Method::DELETE, &undo, None).await.status, 204);
    send(&server, &key, Method::DELETE, &undo, None).await.assert_problem(404, "not_found");
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn a_session_hears_of_a_patient_what_it_said_itself(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let key = server.key(BLOOM, &["patients"]).await;
    let (_, into) = book(&server, json!({ "name": "Ada Lovelace", "email": "secret@example.com" })).await;
    let (_, from) = book(&server, json!({ "name": "Ada Lovelace", "phone": "+15551234567" })).await;
    let merges = format!("{into}/merges");
    assert_eq!(send(&server, &key, Method::POST, &merges, Some(json!({ "from": from }))).await.status, 201);

    let visitor = server.session().await;
    let hold = visitor.hold(&visitor.free_slot().await).await;
    let booked = visitor.confirm(&hold, json!({ "name": "Ada Lovelace", "phone": "+15551234567" })).await;
    let patient = &booked.json["appointment"]["patient"];
    assert_eq!((patient["id"].as_str(), patient["phone"].as_str()), (Some(into.as_str()), Some("+15551234567")));
    assert!(!booked.text.contains("secret@example.com"), "{}", booked.text);
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn somebody_of_the_household_is_let_speak_for_a_patient(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let key = server.key(BLOOM, &["patients"]).await;
    let (_, parent) = book(&server, json!({ "name": "Ada Lovelace", "phone": "+15551234567" })).await;
    let (visit, child) = book(&server, json!({ "name": "Annabella King", "phone": "+15551234567" })).await;
    let cookie = sign_in(&server).await;
    let look = async || server.send(page(&format!("/console/appointments/{visit}"), &cookie)).await.text;
    assert!(look().await.contains("Let somebody of the household see and change these visits"));
    let fields = [("proxy", parent.as_str()), ("patient", &child), ("relation", "parent")];
    let allowed = server.send(with(form("/fn/let_speak", &fields), "cookie", &cookie)).await;
    assert_eq!(allowed.status, 200, "{}", allowed.text);
    assert!(look().await.contains("Ada Lovelace, a parent"));
    let read = send(&server, &key, Method::GET, &child, None).await;
    assert_eq!(read.json["proxies"], json!([{ "id": parent, "name": "Ada Lovelace", "relation": "parent" }]));

    let relation = format!("{child}/relations/{parent}");
    assert_eq!(send(&server, &key, Method::DELETE, &relation, None).await.status, 204);
    send(&server, &key, Method::DELETE, &relation, None).await.assert_problem(404, "not_found");
    let relations = format!("{child}/relations");
    let odd = json!({ "proxy": parent, "relation": "owner" });
    send(&server, &key, Method::POST, &relations, Some(odd)).await.assert_problem(422, "invalid");
    let again = json!({ "proxy": parent, "relation": "guardian" });
    assert_eq!(send(&server, &key, Method::POST, &relations, Some(again)).await.status, 201);
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn whoever_proved_to_be_somebody_is_greeted_by_name_and_nobody_else(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let (_, patient) = book(&server, crate::support::ada()).await;
    let visitor = server.session().await;
    let look = async || server.send(page("/c/bloom", &format!("fd_chat_bloom={}", visitor.token))).await.text;
    assert!(!look().await.contains("Welcome back"));
    sqlx::query(
        "insert into verifications (clinic_id, verification_id, conversation_id, patient_id, level, method, verified_at)
         values ($1, gen_random_uuid(), $2::text::uuid, $3::text::uuid, 1, 'name_and_birth_date', now())",
    )
    .bind(BLOOM.uuid())
    .bind(&visitor.id)
    .bind(&patient)
    .execute(&server.pool)
    .await
    .unwrap();
    let greeted = look().await;
    assert!(greeted.contains("Welcome back, Ada.") && !greeted.contains("Lovelace"), "{greeted}");
    let other = server.session().await;
    let other = server.send(page("/c/bloom", &format!("fd_chat_bloom={}", other.token))).await.text;
    assert!(!other.contains("Welcome back"));
}
