//! Who may call what: every route of REST v1.

use http::Method;
use serde_json::json;
use services::testing::World;
use sqlx::PgPool;

use crate::support::{ADMIN_KEY, Answer, TestServer, ask_with, signed, with};

#[derive(Clone, Copy, PartialEq, Eq)]
enum Who {
    Anyone,
    Session,
    SessionOrKey,
    Key,
    Platform,
}

/// Every route, and who may call it. A route that is not in here fails
/// [`no_route_is_missing_from_the_table`].
const ROUTES: &[(Who, &str, &str)] = &[
    (Who::Anyone, "get", "/config"),
    (Who::Anyone, "post", "/auth/session"),
    (Who::Anyone, "post", "/auth/refresh"),
    (Who::Session, "post", "/clinics/{clinic_id}/chat"),
    (Who::Session, "get", "/sessions/{session_id}/messages"),
    (Who::Session, "get", "/sessions/{session_id}/push-events"),
    (Who::SessionOrKey, "get", "/clinics/{clinic_id}/appointment-types"),
    (Who::SessionOrKey, "get", "/clinics/{clinic_id}/practitioners"),
    (Who::SessionOrKey, "get", "/clinics/{clinic_id}/availability"),
    (Who::SessionOrKey, "get", "/clinics/{clinic_id}/availability/explain"),
    (Who::SessionOrKey, "post", "/clinics/{clinic_id}/holds"),
    (Who::SessionOrKey, "delete", "/clinics/{clinic_id}/holds/{hold_id}"),
    (Who::SessionOrKey, "post", "/clinics/{clinic_id}/appointments/confirm"),
    (Who::SessionOrKey, "get", "/clinics/{clinic_id}/appointments/lookup"),
    (Who::SessionOrKey, "post", "/clinics/{clinic_id}/appointments/{id}/reschedule"),
    (Who::SessionOrKey, "post", "/clinics/{clinic_id}/appointments/{id}/cancel"),
    (Who::Platform, "get", "/clinics"),
    (Who::Platform, "post", "/clinics"),
    (Who::Key, "get", "/clinics/{clinic_id}"),
    (Who::Key, "patch", "/clinics/{clinic_id}"),
    (Who::Key, "post", "/clinics/{clinic_id}/appointments/{id}/approve"),
    (Who::Key, "post", "/clinics/{clinic_id}/appointments/{id}/decline"),
    (Who::Key, "get", "/clinics/{clinic_id}/appointments/{id}/events"),
    (Who::Key, "get", "/clinics/{clinic_id}/appointments/{id}/messages"),
    (Who::Key, "post", "/clinics/{clinic_id}/email/bounces"),
    (Who::Key, "get", "/clinics/{clinic_id}/schedule"),
    (Who::Key, "post", "/clinics/{clinic_id}/schedule/preview"),
    (Who::Key, "post", "/clinics/{clinic_id}/schedule/changes"),
    (Who::Key, "get", "/clinics/{clinic_id}/schedule/stranded"),
    (Who::Key, "get", "/clinics/{clinic_id}/tasks"),
    (Who::Key, "post", "/clinics/{clinic_id}/tasks/{task_id}/done"),
];

/// Every route of FHIR's, all of them for keys alone.
const FHIR: [(&str, &str); 23] = [
    ("get", "/metadata"),
    ("get", "/OperationDefinition/{id}"),
    ("get", "/Practitioner"),
    ("post", "/Practitioner/_search"),
    ("get", "/Practitioner/{id}"),
    ("get", "/HealthcareService"),
    ("post", "/HealthcareService/_search"),
    ("get", "/HealthcareService/{id}"),
    ("get", "/Location"),
    ("post", "/Location/_search"),
    ("get", "/Location/{id}"),
    ("get", "/Patient/{id}"),
    ("get", "/Schedule"),
    ("post", "/Schedule/_search"),
    ("get", "/Schedule/{id}"),
    ("get", "/Slot"),
    ("post", "/Slot/_search"),
    ("get", "/Slot/{id}"),
    ("get", "/Appointment"),
    ("post", "/Appointment/_search"),
    ("get", "/Appointment/$find"),
    ("post", "/Appointment/$find"),
    ("get", "/Appointment/{id}"),
];

/// Every route of Vapi's, all of them for a clinic's own secret.
const VAPI: [(&str, &str); 2] = [("post", "/vapi/{clinic_id}/webhook"), ("post", "/api/vapi/tools/{tool}")];

#[test]
fn no_route_is_missing_from_the_table() {
    let listed = ROUTES.iter().map(|(_, method, path)| (*method, *path));
    assert_eq!(declared(include_str!("../../src/api.rs")), listed.map(owned).collect::<Vec<_>>());
    let fhir = declared(include_str!("../../src/fhir.rs"));
    assert_eq!(fhir, FHIR.into_iter().map(owned).collect::<Vec<_>>());
    let vapi = declared(include_str!("../../src/vapi.rs"));
    assert_eq!(vapi, VAPI.into_iter().map(owned).collect::<Vec<_>>());
}

fn owned((method, path): (&str, &str)) -> (String, String) {
    (method.to_owned(), path.to_owned())
}

/// The routes of a source, by method and path.
fn declared(source: &str) -> Vec<(String, String)> {
    source
        .lines()
        .filter_map(|line| line.trim().strip_prefix(".route(\""))
        .flat_map(|route| {
            let (path, methods) = route.split_once("\", ").unwrap();
            ["get", "post", "put", "patch", "delete", "any", "on"]
                .into_iter()
                .filter(|method| methods.starts_with(&format!("{method}(")) || methods.contains(&format!(".{method}(")))
                .map(|method| (method.to_owned(), path.to_owned()))
                .collect::<Vec<_>>()
        })
        .collect()
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn nobody_without_credentials_gets_past_a_door_that_is_not_public(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let visitor = server.session().await;
    for &(who, method, path) in ROUTES {
        let answer = call(&server, method, &filled(path, &visitor.clinic.to_string(), &visitor.id), None, None).await;
        if who == Who::Anyone {
            assert_ne!(answer.status, 401, "{method} {path}");
        } else {
            answer.assert_problem(401, "unauthenticated");
        }
    }
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn no_key_and_no_token_opens_what_is_vapis(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let visitor = server.session().await;
    for (method, path) in VAPI {
        let path = path.replace("{clinic_id}", &visitor.clinic.to_string()).replace("{tool}", "checkAvailability");
        for (token, key) in [(None, None), (Some(visitor.token.as_str()), None), (None, Some(ADMIN_KEY))] {
            call(&server, method, &path, token, key).await.assert_problem(401, "unauthenticated");
        }
    }
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn a_token_of_another_clinic_opens_no_clinics_door(pool: PgPool) {
    let server = TestServer::new(pool.clone()).await;
    let cedar = World::new(pool).await;
    let (visitor, stranger) = (server.session().await, server.session_with(cedar.clinic).await);
    for &(who, method, path) in ROUTES {
        if matches!(who, Who::Anyone | Who::Platform) {
            continue;
        }
        let at = filled(path, &visitor.clinic.to_string(), &visitor.id);
        call(&server, method, &at, Some(&stranger.token), None).await.assert_problem(404, "not_found");
        let own = call(&server, method, &at, Some(&visitor.token), None).await;
        if who == Who::Key {
            own.assert_problem(403, "forbidden");
            continue;
        }
        let there = own.status != 404 || ["{hold_id}", "{id}"].iter().any(|id| path.contains(id));
        assert!(there && own.status != 401, "{method} {path} is there for its own: {}", own.text);
    }
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn somebody_elses_conversation_does_not_exist(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let (visitor, stranger) = (server.session().await, server.session().await);
    visitor.say("What are your opening hours?").await;
    for what in ["messages", "push-events"] {
        let path = format!("/api/v1/sessions/{}/{what}", visitor.id);
        stranger.get(&path).await.assert_problem(404, "not_found");
        assert_eq!(visitor.get(&path).await.status, 200);
    }
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn a_key_opens_the_doors_declared_for_keys_and_a_wrong_one_none(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let visitor = server.session().await;
    let wrong = ADMIN_KEY.replace('3', "4");
    for &(who, method, path) in ROUTES {
        let path = filled(path, &visitor.clinic.to_string(), &visitor.id);
        let (right, wrong) = (
            call(&server, method, &path, None, Some(ADMIN_KEY)).await,
            call(&server, method, &path, None, Some(&wrong)).await,
        );
        match who {
            Who::Anyone => {}
            Who::Session => right.assert_problem(401, "unauthenticated"),
            Who::SessionOrKey | Who::Key | Who::Platform => {
                assert!(![401, 403].contains(&right.status), "{method} {path}: {}", right.text)
            }
        }
        if who != Who::Anyone {
            wrong.assert_problem(401, "unauthenticated");
        }
    }
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn only_a_key_looks_into_the_book_through_fhir(pool: PgPool) {
    let server = TestServer::new(pool.clone()).await;
    let cedar = World::new(pool).await;
    let (visitor, stranger) = (server.session().await, server.session_with(cedar.clinic).await);
    let (wrong, bearer) = (ADMIN_KEY.replace('3', "4"), format!("admin.{ADMIN_KEY}"));
    for (method, path) in FHIR {
        let path = format!("/fhir/r4/{}{path}", visitor.clinic);
        let path = path.replace("{id}", "00000000-0000-4000-a000-000000000009");
        let refused = async |token: Option<&str>, key: Option<&str>, status, code| {
            call(&server, method, &path, token, key).await.assert_outcome(status, code);
        };
        refused(None, None, 401, "login").await;
        refused(None, Some(&wrong), 401, "login").await;
        refused(Some(&visitor.token), Some(&wrong), 401, "login").await;
        refused(Some(&visitor.token), None, 403, "forbidden").await;
        refused(Some(&stranger.token), None, 404, "not-found").await;
        refused(Some("rubbish"), None, 401, "login").await;
        let nowhere = path.replace(&visitor.clinic.to_string(), "00000000-0000-4000-a000-0000000000ff");
        call(&server, method, &nowhere, None, Some(ADMIN_KEY)).await.assert_outcome(404, "not-found");
        for right in [
            call(&server, method, &path, None, Some(ADMIN_KEY)).await,
            call(&server, method, &path, Some(&bearer), None).await,
        ] {
            assert!(![401, 403].contains(&right.status), "{method} {path}: {}", right.text);
        }
    }
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn a_wrong_key_is_not_made_right_by_a_good_token(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let visitor = server.session().await;
    let path = format!("/api/v1/clinics/{}/practitioners", visitor.clinic);
    let both = call(&server, "get", &path, Some(&visitor.token), Some("guess")).await;
    both.assert_problem(401, "unauthenticated");
    let bearer = call(&server, "get", &path, Some(&format!("admin.{ADMIN_KEY}")), None).await;
    assert_eq!(bearer.status, 200, "{}", bearer.text);
    let nowhere = "/api/v1/clinics/00000000-0000-4000-a000-0000000000ff/practitioners";
    call(&server, "get", nowhere, None, Some(ADMIN_KEY)).await.assert_problem(404, "not_found");
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn a_slot_shown_to_a_key_is_held_and_booked_by_it_alone(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let visitor = server.session().await;
    let at = |path: &str| format!("/api/v1/clinics/{}/{path}", visitor.clinic);
    let offered = at("availability?appointment_type=haircut&from=2026-11-24&to=2026-11-24&limit=1");
    let offered = call(&server, "get", &offered, None, Some(ADMIN_KEY)).await;
    let slot = &offered.json["slots"][0];
    visitor.hold(slot).await.assert_problem(422, "invalid");

    let request = ask_with(Method::POST, &at("holds"), json!({ "slot": slot["slot"] }));
    let hold = server.send(with(request, "x-admin-key", ADMIN_KEY)).await;
    assert_eq!(hold.status, 201, "{}", hold.text);
    visitor.confirm(&hold, crate::support::ada()).await.assert_problem(410, "hold_expired");
}

async fn call(server: &TestServer, method: &str, path: &str, token: Option<&str>, key: Option<&str>) -> Answer {
    let method: Method = method.to_uppercase().parse().unwrap();
    let mut request = ask_with(
        method,
        path,
        json!({
            "message": "Hello", "slot": "x", "hold_id": "00000000-0000-4000-a000-000000000009",
            "patient": crate::support::ada(),
        }),
    );
    if let Some(token) = token {
        request = signed(request, token);
    }
    if let Some(key) = key {
        request = with(request, "x-admin-key", key);
    }
    server.send(request).await
}

fn filled(path: &str, clinic: &str, session: &str) -> String {
    let path = path.replace("{clinic_id}", clinic).replace("{session_id}", session);
    let path = ["{hold_id}", "{task_id}", "{id}"]
        .iter()
        .fold(path, |path, id| path.replace(id, "00000000-0000-4000-a000-000000000009"));
    format!("/api/v1{path}?clinic=bloom&appointment_type=haircut&from=2026-11-24&to=2026-11-24")
}
