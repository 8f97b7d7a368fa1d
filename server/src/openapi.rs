//! What this API is, for programs (OpenAPI 3.1) and for people.
//!
//! <https://spec.openapis.org/oas/v3.1.0>

mod operations;
mod page;
mod schemas;

use std::sync::LazyLock;

use axum::Json;
use axum::response::Html;
use serde_json::{Map, Value, json};

use crate::access::{Access, ROUTES, Route};
use operations::{Operation, Parameter};

static DOCUMENT: LazyLock<Value> = LazyLock::new(document);

/// `GET /api/openapi.json`.
pub async fn describe() -> Json<&'static Value> {
    Json(&DOCUMENT)
}

/// `GET /api/docs`: the same, to be read. It needs no script and nothing from
/// anywhere else.
pub async fn show() -> Html<String> {
    Html(page::page(&DOCUMENT))
}

fn document() -> Value {
    let mut paths = Map::new();
    // FHIR says of itself what it can do, in its own way.
    for route in ROUTES.iter().filter(|route| !route.path.starts_with("/fhir/")) {
        let path = paths.entry(route.path).or_insert_with(|| json!({}));
        path[route.method] = operation(route);
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Frontdesk",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Book, move and cancel visits, talk to the receptionist, and keep a clinic's records. \
                            Every refusal is application/problem+json (RFC 9457).",
        },
        "paths": paths,
        "components": {
            "securitySchemes": {
                "session": {
                    "type": "http", "scheme": "bearer", "bearerFormat": "JWT",
                    "description": "The token of a chat session, from POST /api/v1/auth/session.",
                },
                "key": {
                    "type": "apiKey", "in": "header", "name": "X-Admin-Key",
                    "description": "A key of the clinic's with the scope that is named, or the platform's. \
                                    Authorization: Bearer admin.<key> is the same.",
                },
                "vapi": { "type": "apiKey", "in": "header", "name": "X-Vapi-Secret" },
            },
            "schemas": schemas::all(),
            "responses": {
                "Problem": {
                    "description": "It was refused; the code says why.",
                    "content": { "application/problem+json": { "schema": { "$ref": "#/components/schemas/Problem" } } },
                },
            },
        },
    })
}

fn operation(route: &Route) -> Value {
    let Operation { query, body, status, answer } = operations::of(route.method, route.path);
    let mut parameters: Vec<Value> = in_path(route.path);
    parameters.extend(query.iter().map(in_query));
    if takes_idempotency_key(route) {
        parameters.push(json!({
            "name": "Idempotency-Key", "in": "header", "required": false,
            "schema": { "type": "string", "minLength": 1, "maxLength": 200 },
            "description": "The same key again gives the same answer, and does nothing twice.",
        }));
    }
    let answered = match answer {
        Some("html") => json!({ "description": "A page.", "content": { "text/html": {} } }),
        Some(schema) => {
            json!({ "description": "Done.", "content": { "application/json": { "schema": reference(schema) } } })
        }
        None => json!({ "description": "Done." }),
    };
    let mut operation = json!({
        "operationId": id(route),
        "summary": route.does,
        "tags": [tag(route.path)],
        "parameters": parameters,
        "responses": { status.to_string(): answered, "default": { "$ref": "#/components/responses/Problem" } },
        "security": security(route.access),
    });
    if let Some(schema) = body {
        operation["requestBody"] =
            json!({ "required": true, "content": { "application/json": { "schema": reference(schema) } } });
    }
    if let Some(who) = who(route.access) {
        operation["description"] = json!(who);
    }
    operation
}

/// `get_clinics_holds`: the method and the words of the path.
fn id(route: &Route) -> String {
    let words = route.path.split('/').map(|part| part.trim_matches(['{', '}']));
    let words = words.filter(|part| !part.is_empty() && !["api", "v1"].contains(part));
    std::iter::once(route.method).chain(words).collect::<Vec<_>>().join("_").replace(['-', '.'], "_")
}

/// Under which heading it stands.
fn tag(path: &str) -> &'static str {
    const TAGS: [(&str, &str); 12] = [
        ("/vapi", "Telephone"),
        ("/api/vapi", "Telephone"),
        ("/chat", "Conversations"),
        ("/sessions/", "Conversations"),
        ("/auth/", "Conversations"),
        ("/handoff", "Conversations"),
        ("/patients/", "Patients"),
        ("/keys", "Keys"),
        ("/schedule", "Schedule"),
        ("/tasks", "Schedule"),
        ("/appointment", "Visits"),
        ("/holds", "Visits"),
    ];
    let found = TAGS.into_iter().find(|(part, _)| path.contains(part));
    match found {
        Some((_, tag)) => tag,
        None if path.contains("availability") || path.contains("practitioners") => "Visits",
        None => "Clinics",
    }
}

fn in_path(path: &str) -> Vec<Value> {
    let named = path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    named
        .map(|name| {
            let is_id = name.ends_with("id");
            let schema =
                if is_id { json!({ "type": "string", "format": "uuid" }) } else { json!({ "type": "string" }) };
            json!({ "name": name, "in": "path", "required": true, "schema": schema })
        })
        .collect()
}

fn in_query(parameter: &Parameter) -> Value {
    json!({
        "name": parameter.name,
        "in": "query",
        "required": parameter.required,
        "schema": schemas::plain(parameter.kind),
        "description": parameter.means,
    })
}

fn reference(schema: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{schema}") })
}

fn takes_idempotency_key(route: &Route) -> bool {
    let creates = ["/holds", "/confirm", "/reschedule", "/cancel", "/approve", "/decline", "/changes", "/auth/session"];
    route.method == "post" && (creates.iter().any(|end| route.path.ends_with(end)) || route.path == "/api/v1/clinics")
}

fn security(access: Access) -> Value {
    match access {
        Access::Anyone => json!([]),
        Access::Session => json!([{ "session": [] }]),
        Access::SessionOrKey(_) => json!([{ "session": [] }, { "key": [] }]),
        Access::Key(_) | Access::Platform => json!([{ "key": [] }]),
        Access::Vapi => json!([{ "vapi": [] }]),
    }
}

fn who(access: Access) -> Option<String> {
    match access {
        Access::Anyone => None,
        Access::Session => Some("For a chat session.".to_owned()),
        Access::SessionOrKey(scope) => {
            Some(format!("For a chat session, or a key with the scope `{}`.", scope.as_str()))
        }
        Access::Key(scope) => Some(format!("For a key with the scope `{}`.", scope.as_str())),
        Access::Platform => Some("For the platform's key.".to_owned()),
        Access::Vapi => Some("For the clinic's own Vapi.".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn references(value: &Value, found: &mut Vec<String>) {
        match value {
            Value::Object(fields) => fields.iter().for_each(|(name, value)| match (name.as_str(), value) {
                ("$ref", Value::String(to)) => found.push(to.clone()),
                _ => references(value, found),
            }),
            Value::Array(items) => items.iter().for_each(|item| references(item, found)),
            _ => {}
        }
    }

    #[test]
    fn everything_that_is_referred_to_is_there() {
        let mut found = Vec::new();
        references(&DOCUMENT, &mut found);
        assert!(found.len() > 50);
        for reference in found {
            let pointer = reference.strip_prefix('#').unwrap();
            assert!(DOCUMENT.pointer(pointer).is_some(), "{reference}");
        }
    }

    #[test]
    fn operations_are_told_apart_by_their_ids() {
        let mut ids: Vec<String> = ROUTES.iter().filter(|route| !route.path.starts_with("/fhir/")).map(id).collect();
        let all = ids.len();
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), all);
    }

    #[test]
    fn whatever_takes_something_says_what() {
        for (path, methods) in DOCUMENT["paths"].as_object().unwrap() {
            for method in ["post", "patch"] {
                let operation = &methods[method];
                let only_ends = path.ends_with("/done") || path.ends_with("/ack");
                assert!(operation.is_null() || only_ends || !operation["requestBody"].is_null(), "{method} {path}");
            }
            let get = &methods["get"];
            let answer = &get["responses"]["200"]["content"];
            assert!(get.is_null() || !answer.is_null(), "{path}");
        }
    }
}
