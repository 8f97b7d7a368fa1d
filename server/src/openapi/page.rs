//! The description as a page.

use std::fmt::Write;

use serde_json::Value;

const STYLE: &str = "
:root { color-scheme: light dark; --line: color-mix(in srgb, currentColor 18%, transparent) }
body { font: 14px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 0 auto; padding: 1rem }
h1 { font-size: 20px } h2 { font-size: 16px; margin-top: 2rem }
details { border: 1px solid var(--line); border-radius: 6px; margin: .5rem 0; padding: .5rem .75rem }
summary { cursor: pointer; overflow-wrap: anywhere }
code, pre { font: 13px/1.45 ui-monospace, monospace } pre { overflow-x: auto }
.method { display: inline-block; min-width: 4.5rem; font-weight: 600 }
table { border-collapse: collapse } td { padding: .15rem 1rem .15rem 0; vertical-align: top }
a { color: inherit }
a:focus-visible, summary:focus-visible { outline: 2px solid; outline-offset: 2px }
";

/// The page.
pub fn page(document: &Value) -> String {
    let mut page = String::with_capacity(64 * 1024);
    let text = |value: &Value| escaped(value.as_str().unwrap_or_default());
    page.push_str("<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Frontdesk API</title>");
    page.push_str("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><link rel=\"icon\" href=\"/favicon.svg\" type=\"image/svg+xml\"><style>");
    page.push_str(STYLE);
    page.push_str("</style></head><body><main><h1>Frontdesk API</h1>");
    let _ = write!(
        page,
        "<p>{}</p><p><a href=\"/api/openapi.json\">OpenAPI 3.1 document</a></p>",
        text(&document["info"]["description"])
    );
    for tag in tags(document) {
        let _ = write!(page, "<section><h2>{}</h2>", escaped(&tag));
        for (path, method, operation) in
            operations(document).filter(|(.., operation)| operation["tags"][0] == tag.as_str())
        {
            one(&mut page, document, path, method, operation);
        }
        page.push_str("</section>");
    }
    page.push_str("<section><h2>Shapes</h2>");
    for (name, schema) in document["components"]["schemas"].as_object().into_iter().flatten() {
        let schema = serde_json::to_string_pretty(schema).unwrap_or_default();
        let name = escaped(name);
        let _ =
            write!(page, "<details id=\"{name}\"><summary>{name}</summary><pre>{}</pre></details>", escaped(&schema));
    }
    page.push_str("</section></main></body></html>");
    page
}

fn operations(document: &Value) -> impl Iterator<Item = (&str, &str, &Value)> {
    let paths = document["paths"].as_object().into_iter().flatten();
    paths.flat_map(|(path, methods)| {
        let methods = methods.as_object().into_iter().flatten();
        methods.map(move |(method, operation)| (path.as_str(), method.as_str(), operation))
    })
}

/// The headings, in the order of the routes.
fn tags(document: &Value) -> Vec<String> {
    let mut tags: Vec<String> = Vec::new();
    for (.., operation) in operations(document) {
        let tag = operation["tags"][0].as_str().unwrap_or_default();
        if tags.iter().all(|known| known != tag) {
            tags.push(tag.to_owned());
        }
    }
    tags
}

fn one(page: &mut String, document: &Value, path: &str, method: &str, operation: &Value) {
    let text = |value: &Value| escaped(value.as_str().unwrap_or_default());
    let _ = write!(
        page,
        "<details><summary><span class=\"method\">{}</span><code>{}</code> {}</summary><p>{}</p>",
        method.to_uppercase(),
        escaped(path),
        text(&operation["summary"]),
        text(&operation["description"]),
    );
    let parameters = operation["parameters"].as_array().map(Vec::as_slice).unwrap_or_default();
    if !parameters.is_empty() {
        page.push_str("<table>");
        for parameter in parameters {
            let needed = if parameter["required"] == true { "needed" } else { "" };
            let _ = write!(
                page,
                "<tr><td><code>{}</code></td><td>{}</td><td>{needed}</td><td>{}</td></tr>",
                text(&parameter["name"]),
                text(&parameter["in"]),
                text(&parameter["description"]),
            );
        }
        page.push_str("</table>");
    }
    shape(page, document, "Takes", &operation["requestBody"]["content"]["application/json"]["schema"]);
    for (status, answer) in operation["responses"].as_object().into_iter().flatten() {
        let what = format!("Answers {status}");
        shape(page, document, &what, &answer["content"]["application/json"]["schema"]);
    }
    page.push_str("</details>");
}

/// A shape that is referred to, with a way to it.
fn shape(page: &mut String, document: &Value, what: &str, schema: &Value) {
    let Some(reference) = schema["$ref"].as_str() else { return };
    let name = reference.rsplit('/').next().unwrap_or_default();
    let known = document.pointer(reference.trim_start_matches('#'));
    let fields = known.and_then(|known| known["properties"].as_object()).into_iter().flatten();
    let fields: Vec<String> = fields.map(|(field, _)| format!("<code>{}</code>", escaped(field))).collect();
    let name = escaped(name);
    let _ = write!(page, "<p>{} <a href=\"#{name}\">{name}</a> {}</p>", escaped(what), fields.join(", "));
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
