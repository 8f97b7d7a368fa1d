//! The API's description of itself, held against the API.

use http::Method;
use serde_json::{Value, json};
use sqlx::PgPool;

use crate::access::declared;
use crate::support::{ADMIN_KEY, TestServer, ask, with};

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn every_route_is_described(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let answer = server.get("/api/openapi.json").await;
    assert_eq!((answer.status, answer.text_of("openapi").as_str()), (200, "3.1.0"));
    let mut routes: Vec<(String, String)> = declared(include_str!("../../src/api.rs"))
        .into_iter()
        .map(|(method, path)| (method, format!("/api/v1{path}")))
        .collect();
    routes.extend(declared(include_str!("../../src/vapi.rs")));
    routes.extend(
        declared(include_str!("../../src/router.rs"))
            .into_iter()
            .filter(|(method, path)| method != "any" && (path.starts_with("/api/") || path == "/handoff/sms")),
    );
    assert!(routes.len() > 40, "{routes:?}");
    for (method, path) in &routes {
        let operation = &answer.json["paths"][path][method];
        assert!(operation["responses"].is_object(), "{method} {path} is not described");
        let named: Vec<&str> = path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}')).collect();
        let parameters = operation["parameters"].as_array().unwrap();
        for name in named {
            assert!(parameters.iter().any(|one| one["name"] == name && one["in"] == "path"), "{name} of {path}");
        }
    }
    let described: usize =
        answer.json["paths"].as_object().unwrap().values().map(|path| path.as_object().unwrap().len()).sum();
    assert_eq!(described, routes.len(), "and nothing else");
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn the_description_is_a_page_without_scripts_from_anywhere(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let page = server.get("/api/docs").await;
    assert_eq!((page.status, page.header("content-type")), (200, "text/html; charset=utf-8"));
    assert!(page.text.contains("/api/v1/clinics/{clinic_id}/appointments/confirm"));
    assert!(!page.text.contains("<script") && !page.text.contains("https://"), "nothing from elsewhere");
}

/// What a shape says of a value, as far as it goes: fields that are needed are
/// there, and have the type.
fn check(document: &Value, schema: &Value, value: &Value, at: &str) {
    if let Some(reference) = schema["$ref"].as_str() {
        let schema = document.pointer(reference.trim_start_matches('#')).unwrap();
        return check(document, schema, value, at);
    }
    if let Some(any) = schema["anyOf"].as_array() {
        let meant = if value.is_null() { any.last() } else { any.first() };
        return check(document, meant.unwrap(), value, at);
    }
    if let Some(words) = schema["enum"].as_array() {
        assert!(words.contains(value), "{at}: {value}");
    }
    let kinds = match &schema["type"] {
        Value::Array(kinds) => kinds.clone(),
        kind => vec![kind.clone()],
    };
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    assert!(kinds.contains(&json!(kind)), "{at} is {kind} and not {kinds:?}");
    for name in schema["required"].as_array().into_iter().flatten() {
        assert!(value.get(name.as_str().unwrap()).is_some(), "{at}.{name} is missing in {value}");
    }
    for (name, schema) in schema["properties"].as_object().into_iter().flatten() {
        if let Some(value) = value.get(name) {
            check(document, schema, value, &format!("{at}.{name}"));
        }
    }
    for item in value.as_array().into_iter().flatten() {
        check(document, &schema["items"], item, &format!("{at}[]"));
    }
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn answers_are_what_the_description_says(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let document = server.get("/api/openapi.json").await.json;
    let visitor = server.session().await;
    let clinic = format!("/api/v1/clinics/{}", visitor.clinic);
    let held = visitor.hold(&visitor.free_slot().await).await;
    let confirmed = visitor.confirm(&held, crate::support::ada()).await;
    visitor.say("What are your opening hours?").await;
    let visit = &confirmed.json["appointment"];
    let (id, patient) = (visit["id"].as_str().unwrap(), visit["patient"]["id"].as_str().unwrap());
    let meant = |method: &str, path: &str, status: &str| {
        let operation = &document["paths"][path][method];
        operation["responses"][status]["content"]["application/json"]["schema"].clone()
    };
    let at = |path: &str| format!("/api/v1/clinics/{{clinic_id}}{path}");
    check(&document, &meant("post", &at("/holds"), "201"), &held.json, "hold");
    check(&document, &meant("post", &at("/appointments/confirm"), "201"), &confirmed.json, "confirm");
    let problem = visitor.get("availability?appointment_type=x").await;
    check(&document, &json!({ "$ref": "#/components/schemas/Problem" }), &problem.json, "problem");

    let key = async |path: String| {
        let answer = server.send(with(ask(Method::GET, &path), "x-admin-key", ADMIN_KEY)).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text);
        answer.json
    };
    for (described, path) in [
        ("/api/v1/config".to_owned(), "/api/v1/config?clinic=bloom".to_owned()),
        ("/api/v1/clinics".to_owned(), "/api/v1/clinics".to_owned()),
        (at(""), clinic.clone()),
        (at("/appointment-types"), format!("{clinic}/appointment-types")),
        (at("/practitioners"), format!("{clinic}/practitioners")),
        (at("/availability"), format!("{clinic}/availability?appointment_type=haircut&from=2026-11-24&to=2026-11-24")),
        (
            at("/availability/explain"),
            format!("{clinic}/availability/explain?appointment_type=haircut&at=2026-11-24T03:00"),
        ),
        (at("/appointments/lookup"), format!("{clinic}/appointments/lookup?email=ada@example.com")),
        (at("/appointments/{id}/events"), format!("{clinic}/appointments/{id}/events")),
        (at("/keys"), format!("{clinic}/keys")),
        (at("/schedule"), format!("{clinic}/schedule")),
        (at("/schedule/stranded"), format!("{clinic}/schedule/stranded")),
        (at("/tasks"), format!("{clinic}/tasks")),
        ("/api/v1/sessions/{session_id}/messages".to_owned(), format!("/api/v1/sessions/{}/messages", visitor.id)),
        (
            "/api/v1/sessions/{session_id}/push-events".to_owned(),
            format!("/api/v1/sessions/{}/push-events", visitor.id),
        ),
        ("/api/v1/patients/{patient_id}".to_owned(), format!("/api/v1/patients/{patient}")),
    ] {
        check(&document, &meant("get", &described, "200"), &key(path).await, &described);
    }
}
