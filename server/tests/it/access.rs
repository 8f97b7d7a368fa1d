//! Who may call what: every route of REST v1.

use std::collections::HashMap;

use http::Method;
use serde_json::json;
use server::access::Access;
use services::booking::{self, Channel, Owner, SlotClaim};
use services::demo::BLOOM;
use services::identity::merging::{self, By};
use services::identity::relating::{self, Relation};
use services::identity::{self, PatientInput};
use services::keys::Scope;
use services::testing::World;
use sqlx::PgPool;
use uuid::Uuid;

use crate::support::{ADMIN_KEY, Answer, TestServer, ask_with, signed, with};

#[derive(Clone, Copy, PartialEq, Eq)]
enum Who {
    Anyone,
    Session,
    /// A session, or a key with this scope.
    SessionOrKey(&'static str),
    /// A key with this scope.
    Key(&'static str),
    Platform,
}

/// Every route, and who may call it. A route that is not in here fails
/// [`no_route_is_missing_from_the_table`].
const ROUTES: &[(Who, &str, &str)] = &[
    (Who::Anyone, "get", "/config"),
    (Who::Anyone, "post", "/auth/session"),
    (Who::Anyone, "post", "/auth/refresh"),
    (Who::Session, "post", "/clinics/{clinic_id}/chat"),
    (Who::Session, "post", "/clinics/{clinic_id}/verifications"),
    (Who::Session, "post", "/clinics/{clinic_id}/verifications/confirm"),
    (Who::Session, "post", "/sessions/{session_id}/push-events/{event_id}/ack"),
    (Who::SessionOrKey("patients"), "get", "/sessions/{session_id}/messages"),
    (Who::SessionOrKey("patients"), "get", "/sessions/{session_id}/push-events"),
    (Who::SessionOrKey("read"), "get", "/clinics/{clinic_id}/appointment-types"),
    (Who::SessionOrKey("read"), "get", "/clinics/{clinic_id}/practitioners"),
    (Who::SessionOrKey("read"), "get", "/clinics/{clinic_id}/availability"),
    (Who::SessionOrKey("read"), "get", "/clinics/{clinic_id}/availability/explain"),
    (Who::SessionOrKey("book"), "post", "/clinics/{clinic_id}/holds"),
    (Who::SessionOrKey("book"), "delete", "/clinics/{clinic_id}/holds/{hold_id}"),
    (Who::SessionOrKey("book"), "post", "/clinics/{clinic_id}/appointments/confirm"),
    (Who::SessionOrKey("patients"), "get", "/clinics/{clinic_id}/appointments/lookup"),
    (Who::SessionOrKey("book"), "post", "/clinics/{clinic_id}/appointments/{id}/reschedule"),
    (Who::SessionOrKey("book"), "post", "/clinics/{clinic_id}/appointments/{id}/cancel"),
    (Who::Platform, "get", "/clinics"),
    (Who::Platform, "post", "/clinics"),
    (Who::Key("read"), "get", "/clinics/{clinic_id}"),
    (Who::Key("settings"), "patch", "/clinics/{clinic_id}"),
    (Who::Key("keys"), "get", "/clinics/{clinic_id}/keys"),
    (Who::Key("keys"), "post", "/clinics/{clinic_id}/keys"),
    (Who::Key("keys"), "delete", "/clinics/{clinic_id}/keys/{key_id}"),
    (Who::Key("patients"), "get", "/patients/{patient_id}"),
    (Who::Key("patients"), "patch", "/patients/{patient_id}"),
    (Who::Key("patients"), "delete", "/patients/{patient_id}"),
    (Who::Key("patients"), "post", "/patients/{patient_id}/merges"),
    (Who::Key("patients"), "delete", "/patients/{patient_id}/merges/{merge_id}"),
    (Who::Key("patients"), "post", "/patients/{patient_id}/relations"),
    (Who::Key("patients"), "delete", "/patients/{patient_id}/relations/{proxy_id}"),
    (Who::Key("book"), "post", "/clinics/{clinic_id}/appointments/{id}/approve"),
    (Who::Key("book"), "post", "/clinics/{clinic_id}/appointments/{id}/decline"),
    (Who::Key("read"), "get", "/clinics/{clinic_id}/appointments/{id}/events"),
    (Who::Key("patients"), "get", "/clinics/{clinic_id}/appointments/{id}/messages"),
    (Who::Key("patients"), "post", "/clinics/{clinic_id}/email/bounces"),
    (Who::Key("read"), "get", "/clinics/{clinic_id}/schedule"),
    (Who::Key("settings"), "post", "/clinics/{clinic_id}/schedule/preview"),
    (Who::Key("settings"), "post", "/clinics/{clinic_id}/schedule/changes"),
    (Who::Key("patients"), "get", "/clinics/{clinic_id}/schedule/stranded"),
    (Who::Key("patients"), "get", "/clinics/{clinic_id}/tasks"),
    (Who::Key("book"), "post", "/clinics/{clinic_id}/tasks/{task_id}/done"),
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
fn what_the_doors_ask_is_what_stands_here() {
    let known = |method: &str, path: &str| {
        let route = server::access::ROUTES.iter().find(|route| route.method == method && route.path == path);
        route.unwrap_or_else(|| panic!("{method} {path}")).access
    };
    for &(who, method, path) in ROUTES {
        let expected = match who {
            Who::Anyone => Access::Anyone,
            Who::Session => Access::Session,
            Who::SessionOrKey(scope) => Access::SessionOrKey(Scope::of_name(scope).unwrap()),
            Who::Key(scope) => Access::Key(Scope::of_name(scope).unwrap()),
            Who::Platform => Access::Platform,
        };
        assert_eq!(known(method, &format!("/api/v1{path}")), expected, "{method} {path}");
    }
    for (method, path) in FHIR {
        let scope = if names_people(path) { Scope::Patients } else { Scope::Read };
        assert_eq!(known(method, &format!("/fhir/r4/{{clinic_id}}{path}")), Access::Key(scope), "{method} {path}");
    }
    let listed = server::access::ROUTES.iter().filter(|route| route.path.starts_with("/api/v1"));
    assert_eq!(listed.count(), ROUTES.len());
}

#[test]
fn no_route_is_missing_from_the_table() {
    let listed = ROUTES.iter().map(|(_, method, path)| (*method, *path));
    assert_eq!(declared(include_str!("../../src/api.rs")), listed.map(owned).collect::<Vec<_>>());
    let fhir = declared(include_str!("../../src/fhir.rs"));
    assert_eq!(fhir, FHIR.into_iter().map(owned).collect::<Vec<_>>());
    let vapi = declared(include_str!("../../src/vapi.rs"));
    assert_eq!(vapi, VAPI.into_iter().map(owned).collect::<Vec<_>>());
}

/// Whether a resource of FHIR's says who the patients are.
fn names_people(path: &str) -> bool {
    path.starts_with("/Patient") || (path.starts_with("/Appointment") && !path.ends_with("$find"))
}

fn owned((method, path): (&str, &str)) -> (String, String) {
    (method.to_owned(), path.to_owned())
}

/// The routes of a source, by method and path.
pub fn declared(source: &str) -> Vec<(String, String)> {
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
        let strange = call(&server, method, &at, Some(&stranger.token), None).await;
        if path.starts_with("/patients") {
            strange.assert_problem(403, "forbidden");
        } else {
            strange.assert_problem(404, "not_found");
        }
        let own = call(&server, method, &at, Some(&visitor.token), None).await;
        if matches!(who, Who::Key(_)) {
            own.assert_problem(403, "forbidden");
            continue;
        }
        let there =
            own.status != 404 || ["{hold_id}", "{event_id}", "{id}", "/confirm"].iter().any(|id| path.contains(id));
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
async fn a_key_opens_the_doors_of_its_scope_and_no_others(pool: PgPool) {
    let server = TestServer::new(pool.clone()).await;
    let cedar = World::new(pool).await;
    let all = Scope::ALL.map(Scope::as_str);
    let (everything, stranger) = (server.key(BLOOM, &all).await, server.key(cedar.clinic, &all).await);
    let mut keys = HashMap::new();
    for scope in all {
        let rest: Vec<&str> = all.into_iter().filter(|other| *other != scope).collect();
        keys.insert(scope, (server.make_key(BLOOM, &[scope]).await, server.key(BLOOM, &rest).await));
    }
    for &(who, method, path) in ROUTES {
        let scope = match who {
            Who::Anyone => continue,
            Who::SessionOrKey(scope) | Who::Key(scope) => Some(scope),
            Who::Session | Who::Platform => None,
        };
        let (good, rest) = match scope.and_then(|scope| keys.get(scope)) {
            Some((good, rest)) => (Some(good), rest),
            None => (None, &everything),
        };
        let at = there(&server, path, good.map_or(Uuid::nil(), |good| good.api_key.id)).await;
        let ask = async |key: &str| call(&server, method, &at, None, Some(key)).await;

        ask("guess").await.assert_problem(401, "unauthenticated");
        ask(&format!("fdk_{}", "A".repeat(43))).await.assert_problem(401, "unauthenticated");
        let code = |answer: &Answer| answer.json["code"].as_str().unwrap_or_default().to_owned();
        match (who, good) {
            (Who::Session, _) => {
                ask(rest).await.assert_problem(401, "unauthenticated");
                ask(ADMIN_KEY).await.assert_problem(401, "unauthenticated");
            }
            (Who::Platform, _) => {
                ask(rest).await.assert_problem(403, "forbidden");
                assert!(![401, 403, 404].contains(&ask(ADMIN_KEY).await.status), "{method} {path}");
            }
            (_, Some(good)) => {
                ask(rest).await.assert_problem(403, "forbidden");
                ask(&stranger).await.assert_problem(404, "not_found");
                let right = ask(&good.key).await;
                assert!(![401, 403, 404].contains(&right.status), "{method} {path}: {} {}", code(&right), right.text);
                let bearer = call(&server, method, &at, Some(&format!("admin.{}", good.key)), None).await;
                // What was let go of or revoked a moment ago is gone by now.
                assert!(![401, 403].contains(&bearer.status) || path.ends_with("{key_id}"), "{method} {path}");
                let at = there(&server, path, Uuid::nil()).await;
                let platform = call(&server, method, &at, None, Some(ADMIN_KEY)).await;
                assert!(![401, 403, 404].contains(&platform.status), "{method} {path}: {}", platform.text);
            }
            _ => unreachable!(),
        }
    }
}

/// The path to things that are there, and are this key's where that matters.
async fn there(server: &TestServer, path: &str, key: Uuid) -> String {
    let visitor = server.session().await;
    let path = path.replace("{clinic_id}", &visitor.clinic.to_string());
    let mut path = path.replace("{session_id}", &visitor.id);
    if path.contains("{patient_id}") {
        path = with_people(server, &path).await;
    }
    if path.contains("{id}") || path.contains("{task_id}") {
        let visit = visitor.book().await;
        let id = visit["id"].as_str().unwrap();
        let task: String = sqlx::query_scalar(
            "insert into tasks (clinic_id, task_id, kind, appointment_id, detail, created_at)
             values ($1, gen_random_uuid(), 'late_change', $2::text::uuid, 'Wanted to cancel it.', now())
             returning task_id::text",
        )
        .bind(BLOOM.uuid())
        .bind(id)
        .fetch_one(&server.pool)
        .await
        .unwrap();
        path = path.replace("{id}", id).replace("{task_id}", &task);
    }
    if path.contains("{hold_id}") {
        let offered = visitor.free_slot().await;
        let id = |field: &str| offered[field]["id"].as_str().unwrap();
        let claim = SlotClaim {
            practitioner_id: id("practitioner").parse().unwrap(),
            appointment_type_id: id("appointment_type").parse().unwrap(),
            starts_at: offered["starts_at"].as_str().unwrap().parse().unwrap(),
        };
        let (now, owner) = (server.services.clock.now(), Owner::Key(key));
        let mut tx = server.services.db.clinic(BLOOM).await.unwrap();
        let hold = booking::hold(&mut tx, now, owner, Channel::Api, &claim).await.unwrap();
        tx.commit().await.unwrap();
        path = path.replace("{hold_id}", json!(hold)["hold_id"].as_str().unwrap());
    }
    if path.contains("{key_id}") {
        let made = server.make_key(BLOOM, &["read"]).await;
        path = path.replace("{key_id}", &made.api_key.id.to_string());
    }
    format!(
        "/api/v1{path}?clinic=bloom&appointment_type=haircut&from=2026-11-24&to=2026-11-24&at=2026-11-24T14:00:00Z&code=ABCDEFGH"
    )
}

/// The path to a patient, who was found to be another and is spoken for.
async fn with_people(server: &TestServer, path: &str) -> String {
    let now = server.services.clock.now();
    let mut tx = server.services.db.clinic(BLOOM).await.unwrap();
    let mut people = Vec::new();
    for name in ["Ada Lovelace", "Ada Byron", "Ada King"] {
        let email = Some(format!("{}@example.com", domain::Id::<()>::new()));
        let details = PatientInput { name: name.into(), phone: None, email }.read("US").unwrap();
        people.push(identity::resolve(&mut tx, now, &details, None).await.unwrap().patient);
    }
    let merge = merging::merge(&mut tx, now, people[1], people[0], By::Key).await.unwrap();
    relating::relate(&mut tx, now, people[2], people[0], Relation::Parent, None).await.unwrap();
    tx.commit().await.unwrap();
    let path = path.replace("{patient_id}", &people[0].to_string()).replace("{merge_id}", &merge.to_string());
    path.replace("{proxy_id}", &people[2].to_string())
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn a_revoked_key_opens_nothing_from_then_on(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let path = format!("/api/v1/clinics/{BLOOM}/practitioners");
    let made = server.make_key(BLOOM, &["read"]).await;
    assert_eq!(call(&server, "get", &path, None, Some(&made.key)).await.status, 200);
    let revoke = format!("/api/v1/clinics/{BLOOM}/keys/{}", made.api_key.id);
    assert_eq!(call(&server, "delete", &revoke, None, Some(ADMIN_KEY)).await.status, 204);
    call(&server, "get", &path, None, Some(&made.key)).await.assert_problem(401, "unauthenticated");
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn a_key_makes_keys_no_better_than_itself_and_shows_them_once(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let path = format!("/api/v1/clinics/{BLOOM}/keys");
    let boss = server.key(BLOOM, &["keys", "read"]).await;
    let make = async |scopes: serde_json::Value| {
        let request = ask_with(Method::POST, &path, json!({ "name": "Website", "scopes": scopes }));
        server.send(with(request, "x-admin-key", &boss)).await
    };
    make(json!(["read", "patients"])).await.assert_problem(403, "forbidden");
    make(json!(["everything"])).await.assert_problem(422, "invalid");
    let made = make(json!(["read"])).await;
    assert_eq!((made.status, made.header("cache-control")), (201, "no-store"), "{}", made.text);
    let key = made.text_of("key");
    let practitioners = format!("/api/v1/clinics/{BLOOM}/practitioners");
    assert_eq!(call(&server, "get", &practitioners, None, Some(&key)).await.status, 200);
    let listed = call(&server, "get", &path, None, Some(&boss)).await;
    assert!(!listed.text.contains(&key[12..]) && listed.text.contains(&key[..10]), "{}", listed.text);
    assert_eq!(listed.json["keys"][0]["scopes"], json!(["read"]));
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn only_a_key_looks_into_the_book_through_fhir(pool: PgPool) {
    let server = TestServer::new(pool.clone()).await;
    let cedar = World::new(pool).await;
    let (visitor, stranger) = (server.session().await, server.session_with(cedar.clinic).await);
    let (wrong, bearer) = (ADMIN_KEY.replace('3', "4"), format!("admin.{ADMIN_KEY}"));
    let (reading, knowing) = (server.key(BLOOM, &["read"]).await, server.key(BLOOM, &["patients"]).await);
    let elsewhere = server.key(cedar.clinic, &["read", "patients"]).await;
    for (method, path) in FHIR {
        let (good, bad) = if names_people(path) { (&knowing, &reading) } else { (&reading, &knowing) };
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
        refused(None, Some(bad), 403, "forbidden").await;
        refused(None, Some(&elsewhere), 404, "not-found").await;
        let nowhere = path.replace(&visitor.clinic.to_string(), "00000000-0000-4000-a000-0000000000ff");
        call(&server, method, &nowhere, None, Some(ADMIN_KEY)).await.assert_outcome(404, "not-found");
        for right in [
            call(&server, method, &path, None, Some(ADMIN_KEY)).await,
            call(&server, method, &path, Some(&bearer), None).await,
            call(&server, method, &path, None, Some(good)).await,
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
    let somebody = path.split('/').skip_while(|part| *part != "patients").nth(1).map(|id| &id[..36]);
    let all = json!({
        "from": somebody, "proxy": somebody, "relation": "parent",
        "message": "Hello", "slot": "x", "channel": "sms", "code": "000000", "hold_id": "00000000-0000-4000-a000-000000000009",
        "patient": crate::support::ada(),
    });
    // What changes nothing may be sent to anything.
    let wanted = if method == Method::PATCH { json!({}) } else { all };
    let mut request = ask_with(method, path, wanted);
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
    let path = ["{hold_id}", "{task_id}", "{event_id}", "{key_id}", "{patient_id}", "{merge_id}", "{proxy_id}", "{id}"]
        .iter()
        .fold(path, |path, id| path.replace(id, "00000000-0000-4000-a000-000000000009"));
    format!("/api/v1{path}?clinic=bloom&appointment_type=haircut&from=2026-11-24&to=2026-11-24")
}
